//! What the compiler carries through the tree: the function being compiled, the open scopes, and small helpers to emit code.

use std::rc::Rc;

use mayfly_syntax::ast::{FunctionKind, JsStr};
use mayfly_syntax::scope::ScopeTree;
use mayfly_syntax::{Name, Names};

use super::control::Control;
use super::emitter::{Emitter, Label, Reg};
use super::scopes::{Bound, OpenScope};
use crate::bytecode::{CodeBlock, CodeFlags, Op, REG_THIS, StaticText};

/// What sort of code a [`FunctionState`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CodeKind {
    /// A function, arrow, method or constructor.
    Function(FunctionKind),
    /// Field initialisers of instances, or static fields and blocks.
    ClassInitialiser,
    /// Script.
    Script,
    /// Indirect eval.
    IndirectEval,
    /// Direct eval: `this` and its kin belong to the caller.
    DirectEval,
    /// Module.
    Module,
}

/// A function (or top level) whose code is being emitted.
pub(super) struct FunctionState {
    pub(super) e: Emitter,
    pub(super) kind: CodeKind,
    pub(super) is_async: bool,
    pub(super) is_generator: bool,
    pub(super) strict: bool,
    /// Register of the closure environment, valid everywhere in the function.
    pub(super) closure_env: Reg,
    /// Where the closure environment is loaded; taken away when nothing used it.
    pub(super) closure_env_pc: u32,
    pub(super) closure_env_used: bool,
    /// Environments around the function.
    pub(super) base_depth: u32,
    /// Registers of the open environments made in this function, outermost first.
    pub(super) envs: Vec<Reg>,
    /// Registers below belong to variables, statements and parameters; above are temporaries of the expression being compiled.
    pub(super) local_floor: u32,
    /// Statements and regions that a jump out of them must know of.
    pub(super) control: Vec<Control>,
    /// Register of the completion value (scripts and eval).
    pub(super) completion: Option<Reg>,
    /// Labels in front of the statement about to be compiled.
    pub(super) pending_labels: Vec<Name>,
    /// In a derived constructor: `super()` has certainly returned.
    pub(super) this_known: bool,
    /// In a class field's initialiser, arrow functions included.
    pub(super) in_field: bool,
    /// A call must keep surplus arguments.
    pub(super) needs_arguments: bool,
    /// Slots for CreateMappedArguments.
    pub(super) mapped_slots: Vec<u16>,
    /// Register of the list of resources that `using` declarations add to; innermost last.
    pub(super) disposables: Vec<Reg>,
    /// Results of optional chains that stop early go here; innermost last.
    pub(super) chains: Vec<Label>,
}

impl FunctionState {
    pub(super) fn new(kind: CodeKind, parameters: u32, strict: bool, base_depth: u32) -> FunctionState {
        FunctionState {
            e: Emitter::new(parameters),
            kind,
            is_async: false,
            is_generator: false,
            strict,
            closure_env: 0,
            closure_env_pc: 0,
            closure_env_used: false,
            base_depth,
            envs: Vec::new(),
            local_floor: 0,
            control: Vec::new(),
            completion: None,
            pending_labels: Vec::new(),
            this_known: false,
            in_field: false,
            needs_arguments: false,
            mapped_slots: Vec::new(),
            disposables: Vec::new(),
            chains: Vec::new(),
        }
    }

    pub(super) fn is_arrow(&self) -> bool {
        self.kind == CodeKind::Function(FunctionKind::Arrow)
    }

    pub(super) fn is_derived(&self) -> bool {
        self.kind == CodeKind::Function(FunctionKind::DerivedConstructor)
    }

    pub(super) fn is_async_generator(&self) -> bool {
        self.is_async && self.is_generator
    }
}

/// The compiler of one program.
pub(super) struct Compiler<'a, 'c> {
    pub(super) names: &'c Names,
    pub(super) tree: &'c ScopeTree<'a>,
    texts: Vec<Option<StaticText>>,
    /// Open scopes, of all functions.
    pub(super) opens: Vec<OpenScope>,
    /// Bindings of the open scopes.
    pub(super) bound: Vec<Bound>,
    /// By name: one more than the index of its innermost binding in `bound`, or 0.
    pub(super) heads: Vec<u32>,
    /// Indices of open scopes that a static lookup must not pass.
    pub(super) dynamic: Vec<u32>,
    /// How many environments there are from here to the outermost.
    pub(super) env_depth: u32,
    /// The function being compiled.
    pub(super) f: FunctionState,
    /// The program is direct eval code: what is found nowhere belongs to the caller.
    pub(super) direct_eval: bool,
    /// [`Options::explicit_undefined`](super::Options::explicit_undefined)
    pub(super) explicit_undefined: bool,
    /// Some function was too large; everything emitted since is rubbish.
    pub(super) too_large: bool,
}

impl<'a, 'c> Compiler<'a, 'c> {
    pub(super) fn new(names: &'c Names, tree: &'c ScopeTree<'a>, f: FunctionState) -> Compiler<'a, 'c> {
        let direct_eval = f.kind == CodeKind::DirectEval;
        Compiler {
            names,
            tree,
            texts: vec![None; names.len()],
            opens: Vec::new(),
            bound: Vec::new(),
            heads: vec![0; names.len()],
            dynamic: Vec::new(),
            env_depth: 0,
            f,
            direct_eval,
            explicit_undefined: false,
            too_large: false,
        }
    }

    // ── text ──

    /// The text of a name, shared by all its uses.
    pub(super) fn text(&mut self, name: Name) -> StaticText {
        let slot = &mut self.texts[name.index()];
        slot.get_or_insert_with(|| StaticText::Utf8(Rc::from(self.names.text(name)))).clone()
    }

    /// The text of a private name without its `#`.
    pub(super) fn private_text(&mut self, name: Name) -> StaticText {
        StaticText::Utf8(Rc::from(self.names.text(name).trim_start_matches('#')))
    }

    // ── emitting ──

    pub(super) fn op(&mut self, op: Op, a: u16, b: u16, c: u16) {
        self.f.e.emit(op, 0, a, b, c);
    }

    pub(super) fn opx(&mut self, op: Op, x: u8, a: u16, b: u16, c: u16) {
        self.f.e.emit(op, x, a, b, c);
    }

    pub(super) fn wide(&mut self, op: Op, a: u16, bc: i32) {
        self.f.e.emit_wide(op, 0, a, bc);
    }

    /// The next instruction stands at byte `offset`.
    pub(super) fn at(&mut self, offset: u32) {
        self.f.e.position(offset);
    }

    pub(super) fn mov(&mut self, dst: Reg, src: Reg) {
        self.f.e.mov(dst, src);
    }

    pub(super) fn alloc(&mut self) -> Reg {
        self.f.e.alloc()
    }

    pub(super) fn mark(&self) -> u32 {
        self.f.e.mark()
    }

    pub(super) fn release(&mut self, mark: u32) {
        self.f.e.release(mark);
    }

    pub(super) fn label(&mut self) -> Label {
        self.f.e.label()
    }

    pub(super) fn bind(&mut self, label: Label) {
        self.f.e.bind(label);
    }

    pub(super) fn jump(&mut self, label: Label) {
        self.f.e.jump(label);
    }

    pub(super) fn jump_if(&mut self, op: Op, a: Reg, label: Label) {
        self.f.e.jump_if(op, a, label);
    }

    pub(super) fn reachable(&self) -> bool {
        self.f.e.reachable()
    }

    pub(super) fn undefined(&mut self, dst: Reg) {
        self.op(Op::LoadUndefined, dst, 0, 0);
    }

    pub(super) fn load_bool(&mut self, dst: Reg, value: bool) {
        self.op(if value { Op::LoadTrue } else { Op::LoadFalse }, dst, 0, 0);
    }

    /// `dst = value`, as an int32 immediate where possible; -0 is none.
    pub(super) fn load_number(&mut self, dst: Reg, value: f64) {
        match as_int32(value) {
            Some(int) => self.wide(Op::LoadInt, dst, int),
            None => {
                let constant = self.f.e.number(value);
                self.wide(Op::LoadConst, dst, constant);
            }
        }
    }

    pub(super) fn load_text(&mut self, dst: Reg, text: &StaticText) {
        let constant = self.f.e.string(text);
        self.wide(Op::LoadConst, dst, constant);
    }

    /// Throws `message` as error number `kind` of ThrowError.
    pub(super) fn throw_error(&mut self, kind: u16, message: &str, offset: u32) {
        let constant = self.f.e.string(&StaticText::Utf8(Rc::from(message)));
        self.at(offset);
        self.wide(Op::ThrowError, kind, constant);
        self.f.e.end_path();
    }

    /// Throws `value`.
    pub(super) fn throw(&mut self, value: Reg) {
        self.op(Op::Throw, value, 0, 0);
        self.f.e.end_path();
    }

    /// 0 or 1 for instructions whose x says whether the code is strict.
    pub(super) fn strict_bit(&self) -> u8 {
        u8::from(self.f.strict)
    }

    /// `dst = object[key]`, by inline cache while there are any left.
    pub(super) fn get_field(&mut self, dst: Reg, object: Reg, key: &StaticText, offset: u32) {
        match self.f.e.try_ic(key) {
            Some(ic) => {
                self.at(offset);
                let op = if matches!(key, StaticText::Utf8(text) if &**text == "length") { Op::GetLength } else { Op::GetField };
                self.op(op, dst, object, ic);
            }
            None => {
                let mark = self.mark();
                let name = self.alloc();
                self.load_text(name, key);
                self.at(offset);
                self.op(Op::GetElem, dst, object, name);
                self.release(mark);
            }
        }
    }

    /// `object[key] = value`
    pub(super) fn set_field(&mut self, object: Reg, value: Reg, key: &StaticText, offset: u32) {
        let strict = self.strict_bit();
        match self.f.e.try_ic(key) {
            Some(ic) => {
                self.at(offset);
                self.opx(Op::SetField, strict, object, value, ic);
            }
            None => {
                let mark = self.mark();
                let name = self.alloc();
                self.load_text(name, key);
                self.at(offset);
                self.opx(Op::SetElem, strict, object, name, value);
                self.release(mark);
            }
        }
    }

    /// CreateDataPropertyOrThrow(object, key, value)
    pub(super) fn define_field(&mut self, object: Reg, value: Reg, key: &StaticText, offset: u32) {
        match self.f.e.try_ic(key) {
            Some(ic) => {
                self.at(offset);
                self.op(Op::DefineField, object, value, ic);
            }
            None => {
                let mark = self.mark();
                let name = self.alloc();
                self.load_text(name, key);
                self.at(offset);
                self.op(Op::DefineElem, object, name, value);
                self.release(mark);
            }
        }
    }

    // ── functions ──

    /// Starts a function: AsyncStart if its parameters must be covered by the promise, then the closure environment.
    pub(super) fn begin_code(&mut self) {
        self.f.closure_env = self.alloc();
        let register = self.f.closure_env;
        self.f.closure_env_pc = self.f.e.emit(Op::LoadEnv, 0, register, 0, 0);
        self.f.e.here();
    }

    /// Ends the current function: puts `outer` back in its place and returns the finished code.
    pub(super) fn end_code(&mut self, outer: Option<FunctionState>) -> CodeBlock {
        if self.reachable() {
            self.return_undefined();
        }
        let kind = self.f.kind;
        let parameters_base = FunctionState::new(kind, 0, false, 0);
        let mut f = std::mem::replace(&mut self.f, outer.unwrap_or(parameters_base));
        if !f.closure_env_used {
            f.e.remove(f.closure_env_pc);
            f.e.remove_register(f.closure_env);
        }
        let emitted = f.e.finish();
        self.too_large |= emitted.too_large;
        CodeBlock {
            words: emitted.words,
            constants: emitted.constants,
            cells: emitted.cells,
            ic_keys: emitted.ic_keys,
            handlers: emitted.handlers,
            positions: emitted.positions,
            slot_names: emitted.slot_names,
            registers: emitted.registers,
            mapped_slots: f.mapped_slots,
            flags: CodeFlags {
                strict: f.strict,
                generator: f.is_generator,
                is_async: f.is_async,
                needs_arguments: f.needs_arguments,
                ..CodeFlags::default()
            },
            ..CodeBlock::default()
        }
    }

    fn return_undefined(&mut self) {
        if self.f.is_derived() {
            self.reload_this();
        }
        self.op(Op::ReturnUndefined, 0, 0, 0);
        self.f.e.end_path();
    }

    /// In a derived constructor whose `this` lives in a slot: brings register 4 up to date, where the end of [[Construct]] looks.
    pub(super) fn reload_this(&mut self) {
        if let Some((env, hops, slot)) = self.own_this_slot() {
            self.opx(Op::GetSlot, hops, REG_THIS, env, slot);
        }
    }
}

/// The int32 that equals `value`, if there is one; -0 is none.
pub(super) fn as_int32(value: f64) -> Option<i32> {
    let int = value as i32;
    (f64::from(int) == value && (int != 0 || value.is_sign_positive())).then_some(int)
}

/// The 16-bit immediate that equals `value`, if there is one.
pub(super) fn as_int16(value: f64) -> Option<i16> {
    as_int32(value).and_then(|int| i16::try_from(int).ok())
}

/// A string of the tree as the code block wants it.
pub(super) fn static_text(text: JsStr<'_>) -> StaticText {
    match text {
        JsStr::Utf8(text) => StaticText::Utf8(Rc::from(text)),
        JsStr::Utf16(units) => StaticText::Utf16(Rc::from(units)),
    }
}

/// Text known at compile time of the engine.
pub(super) fn fixed_text(text: &str) -> StaticText {
    StaticText::Utf8(Rc::from(text))
}
