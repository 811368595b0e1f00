//! The context: one instance's engine state, and the interface through which everything else talks to the engine.

use std::rc::Rc;

use crate::heap::{Heap, HeapLimits, Kind, Ref, Root, Values};
use crate::host::Host;
use crate::interpreter::Machine;
use crate::native::{NativeId, Natives, Result, Thrown};
use crate::object::Object;
use crate::realm::{Intrinsic, IntrinsicId, Realm};
use crate::string::{JsString, PropertyKey};
use crate::value::Value;

/// Why an instance was stopped. JS cannot catch this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Termination {
    /// CPU budget used up.
    Cpu,
    /// Memory limit passed.
    Memory,
    /// The host asked for it (wall-clock limit, shutdown, client gone).
    Host,
}

impl std::fmt::Display for Termination {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Termination::Cpu => "CPU limit exceeded",
            Termination::Memory => "memory limit exceeded",
            Termination::Host => "stopped by the host",
        })
    }
}

/// The kinds of native errors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// Error
    Error,
    /// EvalError
    EvalError,
    /// RangeError
    RangeError,
    /// ReferenceError
    ReferenceError,
    /// SyntaxError
    SyntaxError,
    /// TypeError
    TypeError,
    /// URIError
    UriError,
}

impl ErrorKind {
    /// Intrinsic prototype.
    pub fn prototype(self) -> Intrinsic {
        match self {
            ErrorKind::Error => Intrinsic::ErrorPrototype,
            ErrorKind::EvalError => Intrinsic::EvalErrorPrototype,
            ErrorKind::RangeError => Intrinsic::RangeErrorPrototype,
            ErrorKind::ReferenceError => Intrinsic::ReferenceErrorPrototype,
            ErrorKind::SyntaxError => Intrinsic::SyntaxErrorPrototype,
            ErrorKind::TypeError => Intrinsic::TypeErrorPrototype,
            ErrorKind::UriError => Intrinsic::UriErrorPrototype,
        }
    }
}

/// Options of a new context.
#[derive(Clone, Copy, Debug)]
pub struct ContextOptions {
    /// Memory limit.
    pub limits: HeapLimits,
    /// Key of string hashes (only used when the heap is built anew).
    pub hash_key: u32,
    /// Whether eval and new Function work.
    pub allow_eval: bool,
    /// Whether it is made to become an image: then texts of its scripts and modules are kept beside the heap (see [`crate::heap::Texts`]).
    pub becomes_image: bool,
}

impl Default for ContextOptions {
    fn default() -> Self {
        ContextOptions { limits: HeapLimits::default(), hash_key: 0x6d61_7966, allow_eval: true, becomes_image: false }
    }
}

/// One instance's engine state.
pub struct Context {
    /// The heap.
    pub heap: Heap,
    /// Interpreter state.
    pub(crate) machine: Machine,
    /// The embedder.
    pub(crate) host: Box<dyn Host>,
    /// Every native function.
    pub(crate) natives: Rc<Natives>,
    /// The pending exception; the hole when none is.
    pub(crate) exception: Value,
    /// Set when the instance is being stopped.
    pub(crate) termination: Option<Termination>,
    pub(crate) options: ContextOptions,
    /// Values that Rust code keeps alive across calls into JS; see [`Context::push_temporary`].
    pub(crate) temporaries: Vec<Value>,
    /// Objects that JSON.stringify, join and the like are in the middle of (cycle checks).
    pub cycle_stack: Vec<Object>,
    /// What this instance is as one of several agents.
    pub(crate) agent: crate::agents::Agent,
    /// Reusable state of the regular-expression matcher.
    pub regexp_scratch: mayfly_regexp::Scratch,
    /// What (shape, key) pairs mean, and the generation under which this context's entries stand.
    pub(crate) lookups: Rc<crate::interpreter::lookup_cache::LookupCache>,
    pub(crate) generation: u64,
    pub(crate) pristine: crate::interpreter::lookup_cache::Pristine,
    /// Where the methods lie that decide whether arrays iterate as built in.
    pub(crate) array_iteration: crate::iteration::ArrayIteration,
    /// Where SpeciesConstructor looks, for Arrays.
    pub(crate) array_species: crate::builtins::array::support::ArraySpecies,
    /// Where the steps of regular expressions look for what they must call.
    pub(crate) regexp_getters: crate::builtins::regexp_pristine::Getters,
    /// What is known of the steps of promises.
    pub(crate) promise_steps: crate::builtins::promise::Known,
    /// What is noted while a profile is made.
    pub(crate) profile: Option<Box<crate::profile::Recorder>>,
}

impl Context {
    // ── exceptions ──

    /// Throws a value.
    pub fn throw(&mut self, value: Value) -> Thrown {
        self.exception = value;
        Thrown(())
    }

    /// Throws a new error of `kind`.
    #[cold]
    pub fn throw_error(&mut self, kind: ErrorKind, message: &str) -> Thrown {
        let error = self.new_error(kind, message);
        self.throw(error.value())
    }

    /// Throws a TypeError.
    #[cold]
    pub fn throw_type_error(&mut self, message: &str) -> Thrown {
        self.throw_error(ErrorKind::TypeError, message)
    }

    /// Throws a RangeError.
    #[cold]
    pub fn throw_range_error(&mut self, message: &str) -> Thrown {
        self.throw_error(ErrorKind::RangeError, message)
    }

    /// Throws a ReferenceError.
    #[cold]
    pub fn throw_reference_error(&mut self, message: &str) -> Thrown {
        self.throw_error(ErrorKind::ReferenceError, message)
    }

    /// Throws a SyntaxError.
    #[cold]
    pub fn throw_syntax_error(&mut self, message: &str) -> Thrown {
        self.throw_error(ErrorKind::SyntaxError, message)
    }

    /// Takes the pending exception after a [`Thrown`]. `None` when the instance is being terminated: the caller must then pass the
    /// [`Thrown`] on without running more JS.
    pub fn take_exception(&mut self) -> Option<Value> {
        if self.termination.is_some() {
            return None;
        }
        let value = std::mem::replace(&mut self.exception, Value::HOLE);
        Some(if value.is_hole() { Value::UNDEFINED } else { value })
    }

    /// Stops the instance.
    pub fn terminate(&mut self, why: Termination) -> Thrown {
        self.termination.get_or_insert(why);
        Thrown(())
    }

    /// Why the instance was stopped, if it was.
    pub fn termination(&self) -> Option<Termination> {
        self.termination
    }

    /// A new error object with a stack trace of the running frames.
    pub fn new_error(&mut self, kind: ErrorKind, message: &str) -> Object {
        let prototype = self.intrinsic(kind.prototype());
        let message = self.heap.new_string(message);
        crate::realm::error::create(self, prototype, Some(message))
    }

    // ── realm ──

    /// The current realm: of the running function.
    #[inline(always)]
    pub fn realm(&self) -> Realm {
        self.machine.realm
    }

    /// Runs `body` with another realm as the current one.
    pub fn with_realm<T>(&mut self, realm: Realm, body: impl FnOnce(&mut Context) -> T) -> T {
        let previous = std::mem::replace(&mut self.machine.realm, realm);
        let result = body(self);
        self.machine.realm = previous;
        result
    }

    /// An intrinsic of the current realm.
    #[inline(always)]
    pub fn intrinsic(&self, which: impl Into<IntrinsicId>) -> Object {
        self.machine.realm.intrinsic(&self.heap, which)
    }

    /// The global object of the current realm.
    pub fn global(&self) -> Object {
        self.machine.realm.global(&self.heap)
    }

    /// Whether `eval` and `new Function` are allowed.
    pub fn eval_allowed(&self) -> bool {
        self.options.allow_eval
    }

    /// The embedder's host, and the heap beside it: for handing over bytes without a copy.
    pub fn host_and_heap(&mut self) -> (&mut dyn Host, &Heap) {
        (&mut *self.host, &self.heap)
    }

    /// The embedder.
    pub fn host(&mut self) -> &mut dyn Host {
        &mut *self.host
    }

    /// The table of natives.
    pub fn natives(&self) -> &Rc<Natives> {
        &self.natives
    }

    // ── objects ──

    /// A new ordinary object with %Object.prototype%.
    pub fn new_plain_object(&self) -> Object {
        let shape = self.machine.realm.object_shape(&self.heap);
        self.heap.new_object(Kind::Object, shape, 0)
    }

    /// A new object of `kind` with an intrinsic prototype of the current realm.
    pub fn new_intrinsic_object(&self, kind: Kind, prototype: impl Into<IntrinsicId>) -> Object {
        self.heap.new_object_with_prototype(kind, Some(self.intrinsic(prototype)))
    }

    /// OrdinaryCreateFromConstructor. https://tc39.es/ecma262/#sec-ordinarycreatefromconstructor
    pub fn create_from_constructor(&mut self, new_target: Value, default: impl Into<IntrinsicId>, kind: Kind) -> Result<Object> {
        let prototype = self.prototype_from_constructor(new_target, default)?;
        Ok(self.heap.new_object_with_prototype(kind, Some(prototype)))
    }

    /// GetPrototypeFromConstructor. https://tc39.es/ecma262/#sec-getprototypefromconstructor
    pub fn prototype_from_constructor(&mut self, new_target: Value, default: impl Into<IntrinsicId>) -> Result<Object> {
        let default = default.into();
        let Some(constructor) = new_target.as_object() else { return Ok(self.intrinsic(default)) };
        let prototype = self.get(constructor, crate::string::atoms::key::prototype)?;
        if let Some(prototype) = prototype.as_object() {
            return Ok(prototype);
        }
        let realm = self.function_realm(constructor)?;
        Ok(realm.intrinsic(&self.heap, default))
    }

    /// A new array with these elements.
    pub fn new_array(&self, elements: &[Value]) -> Object {
        let heap = &self.heap;
        let values = if elements.is_empty() { Ref::NULL } else { heap.new_values_from(elements) };
        let at = heap.allocate(16 + 8 * Kind::Array.internal_slots());
        heap.init_header(at, Kind::Array, 0, 0, self.machine.realm.array_shape(heap).offset());
        heap.cage().store_new::<u64>(at + 8, u64::from(values.offset()) << 32);
        heap.cage().store_new(at + 16, Value::from_usize(elements.len()));
        Object::from_offset(at)
    }

    /// A new array of `length` holes.
    pub fn new_array_of_length(&self, length: u32) -> Object {
        let array = self.new_array(&[]);
        self.heap.cage().store_new(array.internal_address(0), Value::from_usize(length as usize));
        array
    }

    /// A new function object for a native of the table (`hidden` members serve this).
    pub fn new_native(&mut self, function: impl Into<NativeId>) -> Object {
        let index = self.natives.index_of(function.into());
        crate::realm::function::new_native(self, index, None, None)
    }

    /// The same, with values that the function finds in its slots ([`Context::native_slot`]). At most 4.
    pub fn new_native_with_slots(&mut self, function: impl Into<NativeId>, slots: &[Value]) -> Object {
        let object = self.new_native(function);
        for (i, value) in slots.iter().take(4).enumerate() {
            object.set_internal(&self.heap, 2 + i as u32, *value);
        }
        object
    }

    /// Slot of a native function object (in a native: of `args.callee`).
    pub fn native_slot(&self, callee: Value, index: u32) -> Value {
        callee.as_object().map_or(Value::UNDEFINED, |object| object.internal(&self.heap, 2 + index))
    }

    /// Sets a slot of a native function object.
    pub fn set_native_slot(&self, callee: Value, index: u32, value: Value) {
        if let Some(object) = callee.as_object() {
            object.set_internal(&self.heap, 2 + index, value);
        }
    }

    // ── strings ──

    /// A new string value.
    pub fn new_string(&self, text: &str) -> Value {
        self.heap.new_string(text).value()
    }

    /// Concatenation; RangeError when the result would be too long.
    pub fn concat(&mut self, left: JsString, right: JsString) -> Result<JsString> {
        match self.heap.concat(left, right) {
            Some(string) => Ok(string),
            None => Err(self.throw_range_error("Invalid string length")),
        }
    }

    /// Checks that `bytes` more may be allocated: natives call this before large allocations, and stop the instance when not.
    pub fn reserve(&mut self, bytes: u64) -> Result<()> {
        self.heap.note_reserved(bytes);
        if self.heap.has_room(bytes) || self.heap.has_slack(bytes) { Ok(()) } else { Err(self.terminate(Termination::Memory)) }
    }

    /// Spends fuel in a native that loops for long; throws (uncatchably) when the budget is used up.
    #[inline]
    pub fn spend_fuel(&mut self, amount: u64) -> Result<()> {
        self.machine.fuel -= amount as i64;
        if self.machine.fuel < 0 { self.fuel_used_up_in_native() } else { Ok(()) }
    }

    // ── what is remembered of the heap ──

    /// The generation under which something may be remembered that names these offsets of the cage: the image's own, when all of them lie in
    /// the image and no prototype has changed since, so that it holds after a reset as well.
    pub(crate) fn generation_of(&self, offsets: &[u32]) -> u64 {
        let is_in_image = self.pristine.generation != 0
            && self.heap.shape_epoch() == self.pristine.epoch
            && offsets.iter().all(|&offset| offset < self.pristine.end);
        if is_in_image { self.pristine.generation } else { self.generation }
    }

    /// Whether what is remembered under `generation` still holds. 0 stands for nothing.
    #[inline(always)]
    pub(crate) fn is_current(&self, generation: u64) -> bool {
        generation != 0 && (generation == self.generation || generation == self.pristine.generation)
    }

    // ── roots ──

    /// Keeps a value alive until [`Context::pop_temporaries`]. Needed only by natives that lift the ban on collection below them.
    pub fn push_temporary(&mut self, value: Value) -> usize {
        self.temporaries.push(value);
        self.temporaries.len() - 1
    }

    /// Drops temporaries from `length` on.
    pub fn pop_temporaries(&mut self, length: usize) {
        self.temporaries.truncate(length);
    }

    /// Keeps a value alive for the host; the handle is valid until [`Context::release`] or reset.
    pub fn retain(&mut self, value: Value) -> Handle {
        let list = self.heap.root(Root::Handles).as_cell::<Values>().unwrap_or_else(|| self.heap.new_values(8));
        for i in 0..list.length(&self.heap) {
            if list.get(&self.heap, i).is_hole() {
                list.set(&self.heap, i, value);
                return Handle(i);
            }
        }
        let index = list.length(&self.heap);
        let list = list.push(&self.heap, value);
        self.heap.set_root(Root::Handles, Value::cell(list));
        Handle(index)
    }

    /// The value of a handle.
    pub fn handle_value(&self, handle: Handle) -> Value {
        let value = self.heap.root(Root::Handles).as_cell::<Values>().map_or(Value::UNDEFINED, |list| list.get(&self.heap, handle.0));
        if value.is_hole() { Value::UNDEFINED } else { value }
    }

    /// Gives a handle up.
    pub fn release(&mut self, handle: Handle) -> Value {
        let value = self.handle_value(handle);
        if let Some(list) = self.heap.root(Root::Handles).as_cell::<Values>()
            && handle.0 < list.length(&self.heap)
        {
            list.set(&self.heap, handle.0, Value::HOLE);
        }
        value
    }

    /// A value of the embedder's roots table; undefined when never set.
    pub fn embedder_root(&self, index: u32) -> Value {
        let value = self.heap.root(Root::Embedder).as_cell::<Values>().map_or(Value::UNDEFINED, |list| list.get(&self.heap, index));
        if value.is_hole() { Value::UNDEFINED } else { value }
    }

    /// Sets a value of the embedder's roots table.
    pub fn set_embedder_root(&mut self, index: u32, value: Value) {
        let list = match self.heap.root(Root::Embedder).as_cell::<Values>() {
            // OPTIMIZATION: the table stays where it is, so the card of the roots stays clean.
            Some(list) if index < list.capacity(&self.heap) => return list.set(&self.heap, index, value),
            Some(list) => list.grown(&self.heap, (index + 1).max(list.capacity(&self.heap) * 2)),
            None => self.heap.new_values((index + 1).max(16)),
        };
        list.set(&self.heap, index, value);
        self.heap.set_root(Root::Embedder, Value::cell(list));
    }

    /// The property key of a text.
    pub fn key(&self, text: &str) -> PropertyKey {
        self.heap.text_key(text)
    }

    /// A record cell from a value that the caller knows to be one.
    pub(crate) fn record(&self, value: Value) -> Ref<Values> {
        value.as_cell().unwrap_or(Ref::NULL)
    }
}

/// A value that the host keeps alive.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Handle(pub(crate) u32);

impl Handle {
    /// As a number (for tables of the host).
    pub fn number(self) -> u32 {
        self.0
    }

    /// From [`Handle::number`].
    pub fn from_number(number: u32) -> Handle {
        Handle(number)
    }
}
