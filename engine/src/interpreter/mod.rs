//! The interpreter: frames, entry and exit, calls.
//!
//! Principal types: `Machine` (the state that is not in registers), and the handlers in `handlers` that `dispatch` reaches through the
//! opcode table. JS-to-JS calls push windows on a stack that lies in the cage and never recurse natively; natives that call back enter
//! `run` again.
//!
//! ## Frame header
//! `window[0]` = offset of the calling instruction | the caller's feedback << 32 · `window[1]` = argument count | distance to the caller's
//! window << 32 | flags << 56 · `[2]` callee · `[3]` new.target, or the generator or async frame object · `[4]` this. The two raw words
//! look like doubles to the collector, which scans the stack as values.

mod adopt;
mod arguments;
mod calls;
mod collecting;
mod counting;
mod dispatch;
mod generators;
mod handlers;
pub(crate) mod inline_cache;
pub(crate) mod lookup_cache;
mod slow;
mod unwind;

pub(crate) use arguments::arguments_slice;
pub(crate) use dispatch::decide;
pub use generators::{ResumeMode, frame_slot, state as generator_state};

use crate::bytecode::FRAME_HEADER;
use crate::context::{Context, Termination};
use crate::heap::{Heap, Kind, STACK_BYTES, STACK_START};
use crate::native::{Result, Thrown};
use crate::object::Object;
use crate::realm::Realm;
use crate::realm::code::{Code, CodeField, code_flag};
use crate::realm::function::closure;
use crate::value::Value;

/// Frame flags.
pub(crate) mod frame_flag {
    /// Entered from Rust: return leaves `run`.
    pub const ENTRY: u64 = 1;
    /// [[Construct]].
    pub const CONSTRUCT: u64 = 2;
    /// The result is dropped (setters).
    pub const DISCARD: u64 = 4;
    /// Register 3 holds the generator or async frame object that this window was resumed from.
    pub const RESUMED: u64 = 8;
    /// Async function that has not been suspended yet.
    pub const ASYNC: u64 = 16;
    /// The caller runs in another realm.
    pub const FOREIGN: u64 = 32;
    /// Surplus arguments lie below the window.
    pub const SHIFTED: u64 = 64;
}

/// How `run` ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub(crate) enum Exit {
    /// The entry frame returned; the value is in the machine.
    Returned = 0,
    /// An exception or termination left the entry frame.
    Threw = 1,
    /// The quantum ended and the host wants the core back.
    Suspended = 2,
    /// Loop backend only: go on.
    Continue = 3,
}

/// What a resumable run came to.
#[derive(Debug, PartialEq, Eq)]
pub enum RunState {
    /// Done, with a value.
    Done(Value),
    /// The quantum ended; call [`Context::resume`] to go on.
    Suspended,
}

/// Interpreter state that is not in registers. Offsets are cage offsets.
pub(crate) struct Machine {
    /// Units until the next visit to the safepoint.
    pub fuel: i64,
    /// Realm of the running function.
    pub realm: Realm,
    /// Realm of the instance: what a reset brings back.
    pub realm_at_entry: Realm,
    /// Saved instruction.
    pub pc: u32,
    /// Saved window.
    pub regs: u32,
    /// Saved feedback (first inline cache).
    pub feedback: u32,
    /// Where the next window entered from Rust goes.
    pub top: u32,
    /// Windows must end below this.
    pub limit: u32,
    /// Native frames below which nothing may be collected.
    pub collection_ban: u32,
    /// Nested `run`s.
    pub depth: u32,
    /// Lowest address that native recursion may reach.
    pub native_limit: usize,
    /// Result of the last entry frame that returned.
    pub result: Value,
    /// Set while a top-level run may be suspended.
    pub may_suspend: bool,
    /// Spend this much at once at every safepoint (stress: `--fuel 1`).
    pub quantum: i64,
    /// Property accesses that took the slow path: what a profile calls misses.
    pub misses: u64,
}

impl Machine {
    pub(crate) fn new() -> Machine {
        Machine {
            fuel: crate::host::FUEL_QUANTUM,
            realm: Realm(crate::heap::Ref::NULL),
            realm_at_entry: Realm(crate::heap::Ref::NULL),
            pc: 0,
            regs: 0,
            feedback: 0,
            top: STACK_START,
            limit: STACK_START + STACK_BYTES - (64 << 10),
            collection_ban: 0,
            depth: 0,
            native_limit: 0,
            result: Value::UNDEFINED,
            may_suspend: false,
            quantum: crate::host::FUEL_QUANTUM,
            misses: 0,
        }
    }
}

/// Native stack that a top-level entry may use.
const NATIVE_STACK_BYTES: usize = 700 << 10;

/// Address of the current native stack frame, near enough.
#[inline(always)]
fn stack_address() -> usize {
    let marker = 0u8;
    std::ptr::from_ref(&marker) as usize
}

/// A register.
#[inline(always)]
pub(crate) fn register(heap: &Heap, regs: u32, index: u32) -> Value {
    heap.load(regs.wrapping_add(8 * index))
}

/// Sets a register. The stack needs no cards.
#[inline(always)]
pub(crate) fn set_register(heap: &Heap, regs: u32, index: u32, value: Value) {
    heap.cage().store_new(regs.wrapping_add(8 * index), value);
}

/// Registers that hold undefined, as many as are written at a time.
pub(crate) const UNDEFINED_REGISTERS: [Value; 4] = [Value::UNDEFINED; 4];

/// Makes the registers `from..to` of a new window undefined, whose end has been compared with the stack's limit.
#[inline(always)]
fn clear_registers(heap: &Heap, window: u32, from: u32, to: u32) {
    let base = heap.cage().base();
    // SAFETY: the window lies on the stack, which lies in the reservation. Four registers are written at a time: up to three more may be,
    // above the window, where the stack is not in use and has room up to its limit and beyond.
    unsafe {
        let mut at = base.add(window as usize).cast::<Value>().add(from as usize);
        let end = base.add(window as usize).cast::<Value>().add(to as usize);
        while at < end {
            at.cast::<[Value; 4]>().write(UNDEFINED_REGISTERS);
            at = at.add(4);
        }
    }
}

/// Copies values to registers from `from` on of a new window with room for them below the stack's limit.
#[inline(always)]
fn copy_to_registers(heap: &Heap, window: u32, from: usize, values: &[Value]) {
    // SAFETY: as for `clear_registers`. Arguments may lie in the cage, but not where a new window goes, or before it in order.
    unsafe {
        let mut at = heap.cage().base().add(window as usize).cast::<Value>().add(from);
        for value in values {
            // Volatile keeps these copies to a value each. Callers have just written the values one by one: two of them read at once would
            // have to wait until both stores have left the processor's store buffer, which costs more than the call around it.
            at.write(std::ptr::from_ref(value).read_volatile());
            at = at.add(1);
        }
    }
}

/// Writes the header of a new window, whose end has been compared with the stack's limit.
#[inline(always)]
fn lay_header(heap: &Heap, window: u32, link: u64, info: u64, callee: Object, new_target: Value, this: Value) {
    // SAFETY: as for `clear_registers`.
    unsafe {
        let at = heap.cage().base().add(window as usize).cast::<Value>();
        at.cast::<u64>().write(link);
        at.cast::<u64>().add(1).write(info);
        at.add(2).write(callee.value());
        at.add(3).write(new_target);
        at.add(4).write(this);
    }
}

/// The frame's info word.
pub(crate) fn frame_info(heap: &Heap, regs: u32) -> u64 {
    heap.load(regs + 8)
}

/// The code of the frame's callee.
pub(crate) fn frame_code(heap: &Heap, regs: u32) -> Code {
    let callee = Object::from_offset(register(heap, regs, 2).offset());
    Code::from_value(callee.internal(heap, closure::CODE))
}

/// Where arguments of a call come from.
pub(crate) enum ArgumentSource<'a> {
    /// Already in place: `count` arguments from `window + 5`.
    InPlace(u32),
    /// Copied from a slice.
    Slice(&'a [Value]),
    /// Copied from so many first values of a packed array's elements.
    Elements(crate::heap::Ref<crate::heap::Values>, u32),
}

impl Context {
    /// Lays a window for closure `callee` at `window` and sets the machine to its first instruction. `flags` are frame flags; the caller has
    /// set nothing but the arguments (when in place). `distance` is from the caller's window, in bytes.
    pub(crate) fn enter_closure(
        &mut self,
        callee: Object,
        this: Value,
        new_target: Value,
        arguments: ArgumentSource<'_>,
        mut window: u32,
        mut distance: u32,
        mut flags: u64,
        link: u64,
    ) -> Result<()> {
        let heap = &self.heap;
        let code = Code::from_value(callee.internal(heap, closure::CODE));
        let registers = code.raw(heap, CodeField::Registers);
        let parameters = code.raw(heap, CodeField::Parameters);
        let count = match &arguments {
            ArgumentSource::InPlace(count) => *count,
            ArgumentSource::Slice(values) => values.len() as u32,
            ArgumentSource::Elements(_, count) => *count,
        };
        let needed = 8 * (u64::from(registers) + u64::from(count) + 2 * FRAME_HEADER as u64);
        if u64::from(window) + needed > u64::from(self.machine.limit) {
            return Err(self.throw_range_error("Maximum call stack size exceeded"));
        }
        let heap = &self.heap;
        match arguments {
            ArgumentSource::InPlace(_) => {}
            ArgumentSource::Slice(values) => copy_to_registers(heap, window, FRAME_HEADER, values),
            ArgumentSource::Elements(values, count) => {
                for i in 0..count {
                    set_register(heap, window, FRAME_HEADER as u32 + i, values.get(heap, i));
                }
            }
        }
        if count > parameters && code.has(heap, code_flag::NEEDS_ARGUMENTS) {
            // Keep all arguments where they are; the window goes above them, with a copy of the parameters.
            for i in 0..FRAME_HEADER as u32 {
                set_register(heap, window, i, Value::UNDEFINED);
            }
            let shift = 8 * (FRAME_HEADER as u32 + count);
            let above = window + shift;
            for i in 0..parameters {
                let value = register(heap, window, FRAME_HEADER as u32 + i);
                set_register(heap, above, FRAME_HEADER as u32 + i, value);
            }
            window = above;
            distance += shift;
            flags |= frame_flag::SHIFTED;
        }
        let first = FRAME_HEADER as u32 + count.min(parameters);
        clear_registers(heap, window, first, registers);
        let realm = code.realm(heap);
        if realm != self.machine.realm {
            flags |= frame_flag::FOREIGN;
            self.machine.realm = realm;
        }
        let heap = &self.heap;
        let info = u64::from(count) | u64::from(distance / 8) << 32 | flags << 56;
        lay_header(heap, window, link, info, callee, new_target, this);
        self.machine.pc = code.words(heap);
        self.machine.regs = window;
        self.machine.feedback = code.raw(heap, CodeField::Feedback) + 8;
        Ok(())
    }

    /// Runs from the machine's state until the entry frame ends.
    fn run(&mut self) -> Exit {
        self.machine.depth += 1;
        if self.profile.is_some() {
            self.note_entry();
        }
        let exit = dispatch::run(self);
        if self.profile.is_some() {
            self.note_exit();
        }
        self.machine.depth -= 1;
        exit
    }

    /// [[Call]]. https://tc39.es/ecma262/#sec-call
    pub fn call(&mut self, function: Value, this: Value, arguments: &[Value]) -> Result<Value> {
        let Some(callee) = function.as_object().filter(|object| object.is_callable(&self.heap)) else {
            let shown = crate::realm::error::describe(self, function);
            return Err(self.throw_type_error(&format!("{shown} is not a function")));
        };
        self.check_native_stack()?;
        match callee.kind(&self.heap) {
            Kind::Closure => self.call_closure(callee, this, arguments, Value::UNDEFINED, 0, Collection::Banned),
            Kind::NativeFunction => self.call_native_with(callee, this, arguments, Value::UNDEFINED),
            Kind::BoundFunction => {
                // 10.4.1.1 [[Call]] ( thisArgument, argumentsList ), https://tc39.es/ecma262/#sec-bound-function-exotic-objects-call-thisargument-argumentslist
                let (target, this, arguments) = self.bound_parts(callee, arguments);
                self.call(target, this, &arguments)
            }
            Kind::Proxy => self.proxy_call(callee, this, arguments),
            _ => Err(self.throw_type_error("object is not a function")),
        }
    }

    /// How many leading arguments of a call `function` can tell from absent ones: whoever calls it need not make those behind them.
    /// `u32::MAX` where that is not known.
    pub fn visible_arguments(&self, function: Value) -> u32 {
        let Some(callee) = function.as_object().filter(|object| object.is(&self.heap, Kind::Closure)) else { return u32::MAX };
        let code = Code::from_value(callee.internal(&self.heap, closure::CODE));
        if code.has(&self.heap, code_flag::NEEDS_ARGUMENTS) { u32::MAX } else { code.raw(&self.heap, CodeField::Parameters) }
    }

    /// [[Call]] by a native that loops over a callback: lifts the ban on collection while a closure runs. All that the caller and the
    /// natives and Rust code above it need afterwards must be reachable otherwise: from its own arguments, which lie on the stack, or from
    /// `temporaries`. A native called by Rust code (rather than by an instruction) runs under a ban of its own, which stays.
    #[inline]
    pub fn call_collecting(&mut self, function: Value, this: Value, arguments: &[Value]) -> Result<Value> {
        match function.as_object() {
            Some(callee) if callee.is(&self.heap, Kind::Closure) => {
                if let Some(saved) = self.enter_plain_closure(callee, this, arguments) {
                    let result = self.run_nested_with(Collection::Allowed);
                    self.restore(saved);
                    return result;
                }
                self.check_native_stack()?;
                self.call_closure(callee, this, arguments, Value::UNDEFINED, 0, Collection::Allowed)
            }
            _ => self.call(function, this, arguments),
        }
    }

    /// OPTIMIZATION: [`Context::enter_closure`] for a call by a native of a closure of the running realm that keeps no surplus arguments.
    /// `None` where anything else is the case or a stack runs out; then nothing has changed.
    #[inline(always)]
    fn enter_plain_closure(&mut self, callee: Object, this: Value, arguments: &[Value]) -> Option<Saved> {
        let heap = &self.heap;
        let code = Code::from_value(callee.internal(heap, closure::CODE));
        let registers = code.raw(heap, CodeField::Registers);
        let parameters = code.raw(heap, CodeField::Parameters) as usize;
        let window = self.machine.top;
        let end = u64::from(window) + 8 * (u64::from(registers) + arguments.len() as u64);
        if code.flags(heap) & (code_flag::CLASS | code_flag::NEEDS_ARGUMENTS) != 0
            || code.realm(heap) != self.machine.realm
            || end > u64::from(self.machine.limit)
            || stack_address() < self.machine.native_limit
        {
            return None;
        }
        let saved = self.save();
        // Arguments without a parameter are overwritten or lie above the window, where nothing is yet.
        copy_to_registers(heap, window, FRAME_HEADER, arguments);
        clear_registers(heap, window, (FRAME_HEADER + arguments.len().min(parameters)) as u32, registers);
        lay_header(heap, window, 0, arguments.len() as u64 | frame_flag::ENTRY << 56, callee, Value::UNDEFINED, this);
        self.machine.pc = code.words(heap);
        self.machine.regs = window;
        self.machine.feedback = code.raw(heap, CodeField::Feedback) + 8;
        Some(saved)
    }

    /// OPTIMIZATION: makes ready for calls of `function` that one native makes one after the other, with so many arguments at most. `None` where
    /// [`Context::call_collecting`] must look at every call: what is no closure of the running realm, or keeps surplus arguments, or would
    /// not fit on a stack.
    pub(crate) fn prepare_calls(&self, function: Value, arguments: usize) -> Option<Prepared> {
        let heap = &self.heap;
        let callee = function.as_object().filter(|callee| callee.is(heap, Kind::Closure))?;
        let code = Code::from_value(callee.internal(heap, closure::CODE));
        let registers = code.raw(heap, CodeField::Registers);
        let end = u64::from(self.machine.top) + 8 * (u64::from(registers) + arguments as u64);
        if code.flags(heap) & (code_flag::CLASS | code_flag::NEEDS_ARGUMENTS) != 0
            || code.realm(heap) != self.machine.realm
            || end > u64::from(self.machine.limit)
            || stack_address() < self.machine.native_limit
            || self.machine.depth == 0
        {
            return None;
        }
        Some(Prepared {
            callee,
            words: code.words(heap),
            feedback: code.raw(heap, CodeField::Feedback) + 8,
            registers,
            parameters: code.raw(heap, CodeField::Parameters),
            saved: self.save(),
        })
    }

    /// One of the calls that `prepared` was made for, by the native that made it, which has everything rooted as for
    /// [`Context::call_collecting`]. Code, realm and stacks are what they were: natives leave the machine as they found it.
    #[inline(always)]
    pub(crate) fn call_prepared<const N: usize>(&mut self, prepared: &Prepared, this: Value, arguments: [Value; N]) -> Result<Value> {
        let heap = &self.heap;
        let window = prepared.saved.top;
        debug_assert_eq!(self.machine.top, window);
        // SAFETY: as for `clear_registers`; room was looked at when this was prepared.
        unsafe {
            let at = heap.cage().base().add(window as usize).cast::<Value>().add(FRAME_HEADER);
            // From registers, each by itself: an array in memory would be read two values at a time, see `copy_to_registers`.
            macro_rules! lay {
                ($($i:literal)*) => { $(if $i < N { at.add($i).write(arguments[$i]); })* };
            }
            const { assert!(N <= 4) };
            lay!(0 1 2 3);
        }
        clear_registers(heap, window, FRAME_HEADER as u32 + prepared.parameters.min(N as u32), prepared.registers);
        lay_header(heap, window, 0, N as u64 | frame_flag::ENTRY << 56, prepared.callee, Value::UNDEFINED, this);
        self.machine.pc = prepared.words;
        self.machine.regs = window;
        self.machine.feedback = prepared.feedback;
        // Nothing is suspended in here: that takes a run with no other below it.
        let exit = self.run();
        self.restore(prepared.saved);
        if self.heap.attention.get() && self.machine.collection_ban == 0 {
            self.machine.fuel = self.machine.fuel.min(0);
        }
        match exit {
            Exit::Returned => Ok(self.machine.result),
            _ => Err(Thrown(())),
        }
    }

    /// [[Construct]]. https://tc39.es/ecma262/#sec-construct
    pub fn construct(&mut self, function: Object, arguments: &[Value], new_target: Object) -> Result<Object> {
        if !function.is_constructor(&self.heap) {
            let shown = crate::realm::error::describe(self, function.value());
            return Err(self.throw_type_error(&format!("{shown} is not a constructor")));
        }
        self.check_native_stack()?;
        let result = match function.kind(&self.heap) {
            Kind::Closure => {
                let this = self.constructor_this(function, new_target)?;
                self.call_closure(function, this, arguments, new_target.value(), frame_flag::CONSTRUCT, Collection::Banned)?
            }
            Kind::NativeFunction => self.call_native_with(function, Value::UNDEFINED, arguments, new_target.value())?,
            Kind::BoundFunction => {
                let (target, _, arguments) = self.bound_parts(function, arguments);
                let Some(target) = target.as_object() else { return Err(self.throw_type_error("not a constructor")) };
                let new_target = if new_target == function { target } else { new_target };
                return self.construct(target, &arguments, new_target);
            }
            Kind::Proxy => return self.proxy_construct(function, arguments, new_target),
            _ => return Err(self.throw_type_error("not a constructor")),
        };
        match result.as_object() {
            Some(object) => Ok(object),
            None => Err(self.throw_type_error("Constructors may only return object or undefined")),
        }
    }

    /// Target, this and arguments of a bound function's call.
    pub(crate) fn bound_parts(&mut self, function: Object, arguments: &[Value]) -> (Value, Value, Vec<Value>) {
        let mut all = Vec::with_capacity(arguments.len() + 4);
        if let Some(bound) = function.internal(&self.heap, 2).as_cell::<crate::heap::Values>() {
            for i in 0..bound.length(&self.heap) {
                all.push(bound.get(&self.heap, i));
            }
        }
        all.extend_from_slice(arguments);
        (function.internal(&self.heap, 0), function.internal(&self.heap, 1), all)
    }

    /// `this` for [[Construct]] of a closure: a new object, or the hole in derived constructors.
    pub(crate) fn constructor_this(&mut self, function: Object, new_target: Object) -> Result<Value> {
        let code = Code::from_value(function.internal(&self.heap, closure::CODE));
        if code.has(&self.heap, code_flag::DERIVED) {
            return Ok(Value::HOLE);
        }
        if new_target.is(&self.heap, Kind::Closure)
            && let Some(shape) = crate::realm::function::instance_shape(self, new_target)
        {
            return Ok(self.heap.new_object(Kind::Object, shape, 0).value());
        }
        Ok(self.create_from_constructor(new_target.value(), crate::realm::Intrinsic::ObjectPrototype, Kind::Object)?.value())
    }

    pub(crate) fn check_native_stack(&mut self) -> Result<()> {
        if stack_address() < self.machine.native_limit {
            return Err(self.throw_range_error("Maximum call stack size exceeded"));
        }
        Ok(())
    }

    /// Runs a closure to its end in a nested `run`.
    fn call_closure(
        &mut self,
        callee: Object,
        this: Value,
        arguments: &[Value],
        new_target: Value,
        flags: u64,
        collection: Collection,
    ) -> Result<Value> {
        let code = Code::from_value(callee.internal(&self.heap, closure::CODE));
        if new_target.is_undefined() && code.has(&self.heap, code_flag::CLASS) {
            return Err(self.class_call_error(callee));
        }
        let saved = self.save();
        let window = self.machine.top;
        let result =
            match self.enter_closure(callee, this, new_target, ArgumentSource::Slice(arguments), window, 0, flags | frame_flag::ENTRY, 0) {
                Ok(()) => self.run_nested_with(collection),
                Err(thrown) => Err(thrown),
            };
        self.restore(saved);
        result
    }

    /// Runs the frame just entered; nothing below it may be collected meanwhile.
    pub(crate) fn run_nested(&mut self) -> Result<Value> {
        self.run_nested_with(Collection::Banned)
    }

    #[inline]
    fn run_nested_with(&mut self, collection: Collection) -> Result<Value> {
        let suspendable = std::mem::replace(&mut self.machine.may_suspend, false);
        let ban = u32::from(collection == Collection::Banned);
        self.machine.collection_ban += ban;
        let exit = self.run();
        self.machine.collection_ban -= ban;
        self.machine.may_suspend = suspendable;
        // A collection that was due below the ban is made at the next safepoint, however regularly fuel runs out below bans only.
        if self.machine.collection_ban == 0 && self.heap.attention.get() {
            self.machine.fuel = self.machine.fuel.min(0);
        }
        match exit {
            Exit::Returned => Ok(self.machine.result),
            _ => Err(Thrown(())),
        }
    }

    pub(crate) fn class_call_error(&mut self, callee: Object) -> Thrown {
        let name = crate::realm::function::display_name(&self.heap, callee).unwrap_or_default();
        // The error is made in the callee's realm.
        let realm = Code::from_value(callee.internal(&self.heap, closure::CODE)).realm(&self.heap);
        self.with_realm(realm, |cx| cx.throw_type_error(&format!("Class constructor {name} cannot be invoked without 'new'")))
    }

    pub(crate) fn save(&self) -> Saved {
        let machine = &self.machine;
        Saved { pc: machine.pc, regs: machine.regs, feedback: machine.feedback, top: machine.top, realm: machine.realm }
    }

    pub(crate) fn restore(&mut self, saved: Saved) {
        self.machine.pc = saved.pc;
        self.machine.regs = saved.regs;
        self.machine.feedback = saved.feedback;
        self.machine.top = saved.top;
        self.machine.realm = saved.realm;
    }

    /// Calls a native function object with arguments in a slice.
    fn call_native_with(&mut self, callee: Object, this: Value, arguments: &[Value], new_target: Value) -> Result<Value> {
        // Copied to the stack, so that arguments stay where the collector finds them.
        let top = self.machine.top;
        let end = u64::from(top) + 8 * (arguments.len() as u64 + FRAME_HEADER as u64);
        if end > u64::from(self.machine.limit) {
            return Err(self.throw_range_error("Maximum call stack size exceeded"));
        }
        copy_to_registers(&self.heap, top, 0, arguments);
        self.machine.top = end as u32;
        clear_registers(&self.heap, top, arguments.len() as u32, (arguments.len() + FRAME_HEADER) as u32);
        // Whoever called may hold references that the collector does not see.
        self.machine.collection_ban += 1;
        let result = self.invoke_native(callee, this, top, arguments.len() as u32, new_target);
        self.machine.collection_ban -= 1;
        self.machine.top = top;
        result
    }

    /// Invokes a native whose arguments lie on the stack at `first`. `machine.top` is above them.
    #[inline]
    pub(crate) fn invoke_native(&mut self, callee: Object, this: Value, first: u32, count: u32, new_target: Value) -> Result<Value> {
        let index = callee.internal(&self.heap, 0).as_int_unchecked() as u32;
        let Some(function) = self.natives.function(index) else { return Err(self.throw_type_error("unknown native function")) };
        let realm = Realm::from_value(callee.internal(&self.heap, 1));
        let previous = std::mem::replace(&mut self.machine.realm, realm);
        let arguments = arguments::on_stack(&self.heap, first, count, new_target, callee.value());
        let result = function(self, this, &arguments);
        self.machine.realm = previous;
        // Few calls of natives that allocate much must lead to a safepoint, and with it to a collection, as many small allocations do.
        if self.heap.attention.get() {
            self.machine.fuel = self.machine.fuel.min(0);
        }
        result
    }

    /// Top-level entry: sets the native stack's limit, catches memory exhaustion, and gives the outermost call its fuel.
    pub fn enter<T>(&mut self, body: impl FnOnce(&mut Context) -> Result<T>) -> Result<T> {
        if self.machine.depth > 0 {
            return body(self);
        }
        self.machine.native_limit = stack_address().saturating_sub(NATIVE_STACK_BYTES);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| body(self)));
        match result {
            Ok(result) => result,
            Err(payload) if payload.is::<crate::heap::OutOfMemory>() => {
                self.machine.depth = 0;
                self.machine.collection_ban = 0;
                self.machine.top = STACK_START;
                Err(self.terminate(Termination::Memory))
            }
            Err(payload) => std::panic::resume_unwind(payload),
        }
    }

    /// Calls a function from the host, with no native frame below: the collector may run.
    pub fn call_top(&mut self, function: Value, this: Value, arguments: &[Value]) -> Result<Value> {
        self.enter(|cx| {
            let Some(callee) = function.as_object().filter(|object| object.is(&cx.heap, Kind::Closure)) else {
                return cx.call(function, this, arguments);
            };
            cx.call_closure_collecting(callee, this, arguments)
        })
    }

    fn call_closure_collecting(&mut self, callee: Object, this: Value, arguments: &[Value]) -> Result<Value> {
        let code = Code::from_value(callee.internal(&self.heap, closure::CODE));
        if code.has(&self.heap, code_flag::CLASS) {
            return Err(self.class_call_error(callee));
        }
        let saved = self.save();
        let window = self.machine.top;
        let entered = self.enter_closure(callee, this, Value::UNDEFINED, ArgumentSource::Slice(arguments), window, 0, frame_flag::ENTRY, 0);
        let result = match entered {
            Ok(()) => match self.run() {
                Exit::Returned => Ok(self.machine.result),
                _ => Err(Thrown(())),
            },
            Err(thrown) => Err(thrown),
        };
        self.restore(saved);
        result
    }

    /// Starts a call that may be suspended at the end of a quantum: only from the host, with nothing else running.
    pub fn start(&mut self, function: Value, this: Value, arguments: &[Value]) -> Result<RunState> {
        debug_assert_eq!(self.machine.depth, 0);
        match function.as_object().filter(|object| object.is(&self.heap, Kind::Closure)) {
            Some(callee) => self.enter(|cx| {
                let code = Code::from_value(callee.internal(&cx.heap, closure::CODE));
                if code.has(&cx.heap, code_flag::CLASS) {
                    return Err(cx.class_call_error(callee));
                }
                cx.machine.top = STACK_START;
                cx.enter_closure(callee, this, Value::UNDEFINED, ArgumentSource::Slice(arguments), STACK_START, 0, frame_flag::ENTRY, 0)?;
                cx.run_suspendable()
            }),
            None => self.call_top(function, this, arguments).map(RunState::Done),
        }
    }

    /// Goes on with a suspended run.
    pub fn resume(&mut self) -> Result<RunState> {
        self.enter(Context::run_suspendable)
    }

    pub(crate) fn run_suspendable(&mut self) -> Result<RunState> {
        if !self.go_on_collecting()? {
            return Ok(RunState::Suspended);
        }
        self.machine.may_suspend = true;
        let exit = self.run();
        self.machine.may_suspend = false;
        if !matches!(exit, Exit::Suspended) {
            // Nothing is left on the stack. What the registers held may be collected between jobs, and must not be found there after that.
            self.machine.top = STACK_START;
        }
        match exit {
            Exit::Returned => Ok(RunState::Done(self.machine.result)),
            Exit::Suspended => Ok(RunState::Suspended),
            _ => Err(Thrown(())),
        }
    }

    /// Functions and pcs (word indices) of the running frames, innermost first.
    pub(crate) fn stack_frames(&self, most: usize) -> Vec<(Value, u32)> {
        self.stack_frames_from(self.machine.regs, self.machine.pc, most)
    }

    /// The same from a window and an instruction in it on.
    pub(crate) fn stack_frames_from(&self, mut regs: u32, mut pc: u32, most: usize) -> Vec<(Value, u32)> {
        let mut frames = Vec::new();
        let heap = &self.heap;
        while regs >= STACK_START && frames.len() < most {
            let callee = register(heap, regs, 2);
            let Some(function) = callee.as_object().filter(|object| object.is(heap, Kind::Closure)) else { break };
            let code = Code::from_value(function.internal(heap, closure::CODE));
            frames.push((callee, pc.wrapping_sub(code.words(heap)) / 8));
            let info = frame_info(heap, regs);
            if info >> 56 & frame_flag::ENTRY != 0 {
                break;
            }
            pc = heap.load::<u32>(regs);
            regs -= 8 * ((info >> 32 & 0xFF_FFFF) as u32);
        }
        frames
    }
}

/// Whether a nested run may collect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Collection {
    Allowed,
    Banned,
}

/// What calls of one closure by one native have in common: see [`Context::prepare_calls`].
#[derive(Clone, Copy)]
pub(crate) struct Prepared {
    callee: Object,
    words: u32,
    feedback: u32,
    registers: u32,
    parameters: u32,
    saved: Saved,
}

/// Machine state around a nested run.
#[derive(Clone, Copy)]
pub(crate) struct Saved {
    pc: u32,
    regs: u32,
    feedback: u32,
    top: u32,
    realm: Realm,
}
