//! The opcode table: the one place that names every instruction.
//!
//! `for_each_op!` passes the whole table to a macro; the `Op` enum, operand kinds, the disassembler, the verifier and both dispatch
//! backends derive from it, so a missing handler is a compile error.
//!
//! ## Instruction word
//! 64 bits, little endian: `op:u8 x:u8 a:u16 b:u16 c:u16`. `x` is a small immediate ("flags"). Where an operand is written `bc: …`,
//! the 32 bits of `b` and `c` are one immediate (`b` is the low half).
//!
//! ## Operand kinds
//! `W` register written · `R` register read · `M` register read and written · `Base` first register of a group (see the op) ·
//! `I16` signed immediate · `N` unsigned count · `Slot` environment slot · `Ic` inline-cache index (its key names the property) ·
//! `Cell` index into the cell pool (nested code, scope infos) · `J16` / `J32` signed jump offset in words, relative to the *next* word ·
//! `I32` signed immediate · `K` index into the constant pool · `None`.
//!
//! ## Register window
//! `0` link, `1` info (both raw words, not values) · `2` callee · `3` new.target · `4` this · `5…` parameters, then locals and temporaries.
//! A call's window starts at its `base`: the caller puts the callee in `base+2`, this in `base+4`, arguments from `base+5`.

/// Calls `$m!` with the whole table: `Name (a: Kind, b: Kind, c: Kind) "doc";` or `Name (a: Kind, bc: Kind) "doc";`.
#[macro_export]
macro_rules! for_each_op {
    ($m:ident) => {
        $m! {
            // ── moves and constants ──
            Nop (a: None, b: None, c: None) "does nothing";
            Move (a: W, b: R, c: None) "a = b";
            LoadInt (a: W, bc: I32) "a = int32 immediate";
            LoadConst (a: W, bc: K) "a = constant (number, string, bigint)";
            LoadUndefined (a: W, b: None, c: None) "a = undefined";
            LoadNull (a: W, b: None, c: None) "a = null";
            LoadTrue (a: W, b: None, c: None) "a = true";
            LoadFalse (a: W, b: None, c: None) "a = false";
            LoadHole (a: W, b: None, c: None) "a = the hole (uninitialised binding, absent superclass)";

            // ── environments (heap scopes); environments are values held in registers ──
            LoadEnv (a: W, b: None, c: None) "a = the callee's closure environment";
            NewEnv (a: W, b: R, c: Cell) "a = new environment with parent b and scope info c; slots start as holes, or undefined where the info says so";
            CopyEnv (a: W, b: R, c: None) "a = copy of environment b with the same parent (per-iteration bindings)";
            NewWithEnv (a: W, b: R, c: R) "a = object environment with parent b over ToObject(c), for `with`";
            EnvUp (a: W, b: R, c: N) "a = the environment c hops above b";
            GetSlot (a: W, b: R, c: Slot) "a = slot c of the environment x hops above b";
            GetSlotChecked (a: W, b: R, c: Slot) "the same; ReferenceError when it is the hole";
            SetSlot (a: R, b: R, c: Slot) "slot c of the environment x hops above b = a";
            SetSlotChecked (a: R, b: R, c: Slot) "the same; ReferenceError when the slot holds the hole";
            GetImport (a: W, b: R, c: Slot) "a = the binding that the import cell in slot c (x hops above b) refers to; ReferenceError when uninitialised";
            ThrowIfHole (a: R, bc: K) "ReferenceError naming constant bc (a string) when a is the hole; x=1: `this` before super()";
            ThrowError (a: N, bc: K) "throws error a (0 TypeError, 1 ReferenceError, 2 SyntaxError, 3 RangeError) with message constant bc";
            ThrowConstAssign (a: None, bc: K) "TypeError: Assignment to constant variable named by constant bc";

            // ── globals and dynamic names ──
            GlobalInstantiate (a: None, b: None, c: Cell) "GlobalDeclarationInstantiation with the declarations cell c; functions are defined by DefineGlobalFunction afterwards";
            EvalInstantiate (a: R, b: None, c: Cell) "EvalDeclarationInstantiation for sloppy eval called in environment a: its variable environment is the nearest var scope up from a, or global (always when a is the hole)";
            DefineGlobalFunction (a: R, bc: K) "CreateGlobalFunctionBinding of name constant bc; x=1 when deletable (eval)";
            DefineEvalVar (a: R, b: R, c: Ic) "in the variable environment seen from b (as in EvalInstantiate): binding key c = function a (CreateGlobalFunctionBinding or SetMutableBinding); x=1: B.3.2 assignment, only to a var that GlobalInstantiate or EvalInstantiate made";
            InitGlobalLexical (a: R, bc: K) "initialises the global lexical binding named by constant bc";
            GetGlobal (a: W, b: None, c: Ic) "a = global binding key c; ReferenceError when absent unless x=1 (typeof)";
            SetGlobal (a: R, b: None, c: Ic) "global binding key c = a; x=1 strict";
            GetName (a: W, b: R, c: Ic) "a = binding named key c resolved dynamically from environment b; x=1 typeof; x=2 pseudo binding or private name, not hidden by object environments";
            GetNameForCall (a: Base, b: R, c: Ic) "a = function named key c, a+2 = this value (with-object or undefined)";
            ResolveName (a: W, b: R, c: Ic) "a = reference base of name key c seen from environment b (an environment, object or undefined); x=2 as in GetName";
            GetResolved (a: W, b: R, c: Ic) "a = value of name key c at reference base b; x=1 strict";
            SetResolved (a: R, b: R, c: Ic) "name key c at reference base b = a; x=1 strict; x=2 BindThisValue: ReferenceError when `this` is initialised already";
            DeleteName (a: W, b: R, c: Ic) "a = delete name key c seen from environment b";

            // ── properties ──
            GetField (a: W, b: R, c: Ic) "a = b[key c]";
            GetMethod (a: Base, b: R, c: Ic) "a = b[key c], a+2 = b: callee and this of a method call";
            SetField (a: R, b: R, c: Ic) "a[key c] = b; x=1 strict";
            GetLength (a: W, b: R, c: Ic) "a = b.length";
            GetElem (a: W, b: R, c: R) "a = b[c]";
            SetElem (a: R, b: R, c: R) "a[b] = c; x=1 strict";
            DeleteField (a: W, b: R, c: Ic) "a = delete b[key c]; x=1 strict";
            DeleteElem (a: W, b: R, c: R) "a = delete b[c]; x=1 strict";
            LoadHome (a: W, b: None, c: None) "a = home object of the callee (register 2), undefined when it has none";
            GetSuperBase (a: W, b: R, c: None) "a = prototype of the home object b";
            GetWithReceiver (a: M, b: R, c: R) "a = b[c] with receiver a (super.x)";
            SetWithReceiver (a: Base, b: R, c: R) "b[c] = a+1 with receiver a (super.x = v); x=1 strict";
            GetPrivate (a: W, b: R, c: R) "a = b.#c, c holds the private name";
            SetPrivate (a: R, b: R, c: R) "a.#b = c";
            DefinePrivate (a: R, b: R, c: R) "adds private element b to object a: x=0 field, 1 method, 2 getter, 3 setter";
            HasPrivate (a: W, b: R, c: R) "a = #b in c (b holds the private name); TypeError when c is no object";
            NewPrivateName (a: W, bc: K) "a = fresh private name described by string constant bc (without #)";
            DefineField (a: R, b: R, c: Ic) "CreateDataPropertyOrThrow(a, key c, b)";
            DefineElem (a: R, b: R, c: R) "CreateDataPropertyOrThrow(a, ToPropertyKey(b), c)";
            DefineMethod (a: R, b: R, c: R) "defines function c under key b on a: x bits 0-1: 0 method, 1 getter, 2 setter; bit 2: enumerable";
            SetHome (a: R, b: R, c: None) "home object of function a = b";
            SetFunctionName (a: R, b: R, c: None) "SetFunctionName(a, key b); x: 0 plain, 1 get, 2 set";
            SetProto (a: R, b: R, c: None) "__proto__: b in an object literal a";
            CopyDataProperties (a: R, b: R, c: Base) "copies own enumerable properties of b to a, but for the x keys in registers c…";
            NewObject (a: W, b: N, c: None) "a = {} with room for b properties";
            NewArray (a: W, bc: I32) "a = [] with capacity bc";
            NewArrayFrom (a: W, b: Base, c: N) "a = [b, b+1, … b+c-1]";
            ArrayPush (a: R, b: R, c: None) "appends b to array a (literal with spread)";
            ArrayPushHole (a: R, b: None, c: None) "appends a hole to array a";
            SpreadList (a: W, b: R, c: None) "a = array of what iterable b yields, for a call to read at once: b itself where that is a plain array";
            ArraySpread (a: R, b: R, c: None) "appends everything that iterable b yields to array a";
            NewRegExp (a: W, bc: K) "a = new RegExp object from the regexp constant bc";
            TemplateObject (a: W, bc: K) "a = the template object of this site (cached per realm), constant bc";

            // ── calls and functions ──
            Call (a: W, b: Base, c: N) "a = call b+2 with this b+4 and c arguments from b+5; x=1: this is undefined, whatever b+4 holds";
            CallSpread (a: W, b: Base, c: None) "the same with the arguments in array b+5";
            CallEval (a: W, b: Base, c: N) "as Call, but a direct eval in environment b+0 when the callee is %eval%; x bit 0: strict caller, bit 1: in a field initialiser, where `arguments` is an error";
            CallEvalSpread (a: W, b: Base, c: None) "the same with the arguments in array b+5";
            New (a: W, b: Base, c: N) "a = new b+2 (c arguments from b+5)";
            NewSpread (a: W, b: Base, c: None) "the same with the arguments in array b+5";
            GetSuperConstructor (a: W, b: R, c: None) "a = [[GetPrototypeOf]] of active function b";
            SuperCall (a: W, b: Base, c: N) "a = Construct(b+2, c arguments from b+5, newTarget b+3); TypeError when b+2 is no constructor";
            SuperCallSpread (a: W, b: Base, c: None) "the same with the arguments in array b+5";
            Return (a: R, b: None, c: None) "returns a (in generators: completes; in async functions: resolves)";
            ReturnUndefined (a: None, b: None, c: None) "returns undefined";
            Closure (a: W, b: R, c: Cell) "a = function object from code cell c closed over environment b";
            NewClass (a: Base, b: R, c: Cell) "in: a = environment, b = superclass or the hole; out: a = constructor from code cell c, a+1 = its prototype object";
            SetFieldInitialiser (a: R, b: R, c: None) "class constructor a runs function b on each new instance";
            RunFieldInitialiser (a: R, b: R, c: None) "runs the field initialiser of constructor b, if any, with this = a";
            CoerceThis (a: None, b: None, c: None) "sloppy this: undefined/null become the global object, primitives are boxed (register 4)";
            CreateArguments (a: W, b: None, c: None) "a = unmapped arguments object";
            CreateMappedArguments (a: W, b: R, c: None) "a = arguments object mapped to the parameter slots of environment b (code's parameter slot table)";
            CreateRest (a: W, b: None, c: N) "a = array of the arguments from index c on";

            // ── arithmetic and comparison ──
            Add (a: W, b: R, c: R) "a = b + c";
            Sub (a: W, b: R, c: R) "a = b - c";
            Mul (a: W, b: R, c: R) "a = b * c";
            Div (a: W, b: R, c: R) "a = b / c";
            Mod (a: W, b: R, c: R) "a = b % c";
            Exp (a: W, b: R, c: R) "a = b ** c";
            BitAnd (a: W, b: R, c: R) "a = b & c";
            BitOr (a: W, b: R, c: R) "a = b | c";
            BitXor (a: W, b: R, c: R) "a = b ^ c";
            Shl (a: W, b: R, c: R) "a = b << c";
            Shr (a: W, b: R, c: R) "a = b >> c";
            UShr (a: W, b: R, c: R) "a = b >>> c";
            AddI (a: W, b: R, c: I16) "a = b + immediate";
            SubI (a: W, b: R, c: I16) "a = b - immediate";
            MulI (a: W, b: R, c: I16) "a = b * immediate";
            BitAndI (a: W, b: R, c: I16) "a = b & immediate";
            BitOrI (a: W, b: R, c: I16) "a = b | immediate";
            ShlI (a: W, b: R, c: I16) "a = b << immediate";
            ShrI (a: W, b: R, c: I16) "a = b >> immediate";
            UShrI (a: W, b: R, c: I16) "a = b >>> immediate";
            Neg (a: W, b: R, c: None) "a = -b";
            BitNot (a: W, b: R, c: None) "a = ~b";
            Not (a: W, b: R, c: None) "a = !b";
            ToNumber (a: W, b: R, c: None) "a = ToNumber(b) (unary plus)";
            ToNumeric (a: W, b: R, c: None) "a = ToNumeric(b) (postfix ++ and --)";
            Inc (a: W, b: R, c: None) "a = ToNumeric(b) + 1";
            Dec (a: W, b: R, c: None) "a = ToNumeric(b) - 1";
            TypeOf (a: W, b: R, c: None) "a = typeof b";
            ToPropertyKey (a: W, b: R, c: R) "a = b when it is a primitive (whoever takes a key converts numbers itself), else ToPropertyKey(b); x=1: TypeError first when c is undefined or null (o[k] += v)";
            ToString (a: W, b: R, c: None) "a = ToString(b)";
            Concat (a: W, b: Base, c: N) "a = concatenation of c strings from b";
            Eq (a: W, b: R, c: R) "a = b == c";
            Ne (a: W, b: R, c: R) "a = b != c";
            SEq (a: W, b: R, c: R) "a = b === c";
            SNe (a: W, b: R, c: R) "a = b !== c";
            Lt (a: W, b: R, c: R) "a = b < c";
            Le (a: W, b: R, c: R) "a = b <= c";
            Gt (a: W, b: R, c: R) "a = b > c";
            Ge (a: W, b: R, c: R) "a = b >= c";
            InstanceOf (a: W, b: R, c: R) "a = b instanceof c";
            In (a: W, b: R, c: R) "a = b in c";

            // ── jumps; a taken backward jump spends fuel and is a safepoint ──
            Jmp (a: None, bc: J32) "jump";
            JTrue (a: R, bc: J32) "jump when ToBoolean(a)";
            JFalse (a: R, bc: J32) "jump when not ToBoolean(a)";
            JNullish (a: R, bc: J32) "jump when a is undefined or null";
            JNotNullish (a: R, bc: J32) "jump when a is neither undefined nor null";
            JUndefined (a: R, bc: J32) "jump when a is undefined";
            JNotUndefined (a: R, bc: J32) "jump when a is not undefined";
            JHole (a: R, bc: J32) "jump when a is the hole";
            JLt (a: R, b: R, c: J16) "jump when a < b";
            JNLt (a: R, b: R, c: J16) "jump when not (a < b)";
            JLe (a: R, b: R, c: J16) "jump when a <= b";
            JNLe (a: R, b: R, c: J16) "jump when not (a <= b)";
            JGt (a: R, b: R, c: J16) "jump when a > b";
            JNGt (a: R, b: R, c: J16) "jump when not (a > b)";
            JGe (a: R, b: R, c: J16) "jump when a >= b";
            JNGe (a: R, b: R, c: J16) "jump when not (a >= b)";
            JEq (a: R, b: R, c: J16) "jump when a == b";
            JNe (a: R, b: R, c: J16) "jump when a != b";
            JSEq (a: R, b: R, c: J16) "jump when a === b";
            JSNe (a: R, b: R, c: J16) "jump when a !== b";
            JLtI (a: R, b: I16, c: J16) "jump when a < immediate";
            JNLtI (a: R, b: I16, c: J16) "jump when not (a < immediate)";
            JLeI (a: R, b: I16, c: J16) "jump when a <= immediate";
            JNLeI (a: R, b: I16, c: J16) "jump when not (a <= immediate)";
            JGtI (a: R, b: I16, c: J16) "jump when a > immediate";
            JNGtI (a: R, b: I16, c: J16) "jump when not (a > immediate)";
            JGeI (a: R, b: I16, c: J16) "jump when a >= immediate";
            JNGeI (a: R, b: I16, c: J16) "jump when not (a >= immediate)";
            JSEqI (a: R, b: I16, c: J16) "jump when a === immediate";
            JSNeI (a: R, b: I16, c: J16) "jump when a !== immediate";
            SwitchInt (a: R, bc: K) "jumps through the jump-table constant bc when a is a number equal to an integer in its range (a double 3.0 is 3, -0 is 0); falls through otherwise";

            // ── iteration; an iterator record is three registers: iterator, next method, done flag (true once exhausted or thrown) ──
            GetIterator (a: Base, b: R, c: None) "a… = GetIterator(b, sync); x=1: async; x=2: sync, and the iterator is a real object with a next method (yield*)";
            IterNext (a: W, b: Base, c: J16) "steps the record b: a = value, or jump when done (sync only)";
            IterStep (a: W, b: Base, c: None) "destructuring step: a = value or undefined; sets the done flag when exhausted or when it throws";
            IterRest (a: W, b: Base, c: None) "a = array of everything the record b still yields";
            IterClose (a: Base, b: None, c: None) "IteratorClose of record a: x=0 normal completion, x=1 throw completion (errors swallowed); nothing when the done flag is set";
            IterCallNext (a: W, b: Base, c: R) "a = Call(next of record b, iterator, c) (yield*); x=1: without the argument (for await)";
            IterGetMethod (a: W, b: Base, c: Ic) "a = GetMethod(iterator of record b, key c) (return/throw), undefined when absent";
            ThrowIfNotObject (a: R, b: None, c: None) "TypeError when a is not an object: x=0 iterator result, x=1 other";
            ForInStart (a: W, b: R, c: None) "a = property enumerator of ToObject(b); empty for undefined and null";
            ForInNext (a: W, b: R, c: J16) "a = next key of enumerator b, or jump when there is none";
            RequireObjectCoercible (a: R, b: None, c: None) "TypeError when a is undefined or null (destructuring)";

            // ── exceptions, generators, async ──
            Throw (a: R, b: None, c: None) "throws a";
            CreateGenerator (a: None, b: None, c: None) "in (async) generators, after parameters are bound: saves this frame in a new generator object and returns that";
            Yield (a: Base, b: R, c: None) "yields b; on resumption a = received value, a+1 = true when resumed by return(); a throw() is thrown here. x=1 (yield*): b is a result object already (in async generators a value to be wrapped as usual), throw() is not thrown and a+1 = 0 next, 1 throw, 2 return";
            Await (a: W, b: R, c: None) "suspends until promise b settles: a = value, or throws";
            AsyncStart (a: None, b: None, c: None) "async functions and modules with top-level await: creates the result promise; later uncaught errors reject it";
            ModuleYield (a: None, b: None, c: None) "end of a module's declaration instantiation: suspends until evaluation";

            // ── modules ──
            ImportCall (a: W, b: R, c: R) "a = import(b, options c); x: 0 evaluation, 1 defer, 2 source";
            ImportMeta (a: W, b: None, c: None) "a = import.meta";

            // ── explicit resource management ──
            NewDisposables (a: W, b: None, c: None) "a = empty list of disposable resources";
            AddDisposable (a: R, b: R, c: None) "AddDisposableResource(a, b); x=0 sync, 1 async";
            DisposeStep (a: Base, b: R, c: J16) "disposes one resource of list b: a = value to await, or the hole when there is nothing to await; errors are combined into completion a+1 (kind int: 0 normal, 1 throw, other kinds left alone) and a+2 (value); jump when the list is empty";
            DisposeError (a: Base, b: R, c: None) "combines error b (of an awaited disposal) into the completion a+1, a+2 as DisposeStep does";

            Debugger (a: None, b: None, c: None) "debugger statement";
        }
    };
}
