//! Generators, async functions, async generators: windows saved to the heap and laid again.
//!
//! A suspended window is a record (Values) of its registers from 2 on, kept in the frame object's slot 0 with the pc in slot 4. Windows of
//! running functions overlap their callers' temporaries, so a resumed one is copied back to the stack: a few words, where running in
//! place would cost every call a test.
//!
//! Frame objects are `Kind::Generator` (generators and async functions) and `Kind::AsyncGenerator`. Slots: 0 saved registers, 1 state,
//! 2 function, 3 result promise of async functions, 4 pc of the suspending instruction, 5 register count.

use super::calls::{Flow, pop_frame, window_end};
use super::{Collection, frame_code, frame_flag, frame_info, register, set_register};
use crate::builtins::{async_generator, promise};
use crate::bytecode::{Op, Word};
use crate::context::Context;
use crate::heap::{Kind, Ref, Values};
use crate::native::{Result, Thrown};
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::realm::code::{CodeField, code_flag};
use crate::string::atoms::key;
use crate::value::Value;

/// How a generator is resumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResumeMode {
    /// next(value)
    Next,
    /// throw(value)
    Throw,
    /// return(value)
    Return,
}

/// States of frame objects (slot 1).
pub mod state {
    /// Not started.
    pub const SUSPENDED_START: i32 = 0;
    /// At a yield or await.
    pub const SUSPENDED_YIELD: i32 = 1;
    /// Running.
    pub const EXECUTING: i32 = 2;
    /// Done.
    pub const COMPLETED: i32 = 3;
    /// Async generators: completed, answering queued requests.
    pub const DRAINING_QUEUE: i32 = 4;
}

/// Slots of frame objects.
pub mod frame_slot {
    /// Saved registers.
    pub const REGISTERS: u32 = 0;
    /// State.
    pub const STATE: u32 = 1;
    /// Function.
    pub const FUNCTION: u32 = 2;
    /// Result promise of async functions; queue of async generators.
    pub const PROMISE: u32 = 3;
    /// Byte offset of the suspending instruction in the cage.
    pub const PC: u32 = 4;
    /// Set while an async generator awaits in its body.
    pub const AWAITING: u32 = 5;
}

/// Saves the window at `regs` into `frame`.
fn save_window(cx: &mut Context, frame: Object, regs: u32) {
    let heap = &cx.heap;
    let count = frame_code(heap, regs).raw(heap, CodeField::Registers) - 2;
    let record: Ref<Values> = match frame.internal(heap, frame_slot::REGISTERS).as_cell() {
        Some(record) => record,
        None => {
            let record = heap.new_values(count);
            record.set_length(heap, count);
            frame.set_internal(heap, frame_slot::REGISTERS, Value::cell(record));
            record
        }
    };
    heap.cage().copy_within(regs + 16, record.slot(0), 8 * count);
    frame.set_internal(heap, frame_slot::PC, Value::int(cx.machine.pc as i32));
}

/// Lays the saved window of `frame` at `window` and sets the machine to its suspending instruction.
fn lay_window(cx: &mut Context, frame: Object, window: u32, distance: u32, flags: u64, link: u64) -> Result<()> {
    let Some(record) = frame.internal(&cx.heap, frame_slot::REGISTERS).as_cell::<Values>() else {
        return Err(cx.throw_type_error("generator without a frame"));
    };
    let count = record.capacity(&cx.heap);
    if u64::from(window) + 8 * (u64::from(count) + 2) > u64::from(cx.machine.limit) {
        return Err(cx.throw_range_error("Maximum call stack size exceeded"));
    }
    let mut flags = flags | frame_flag::RESUMED;
    cx.heap.cage().copy_within(record.slot(0), window + 16, 8 * count);
    set_register(&cx.heap, window, 3, frame.value());
    let code = frame_code(&cx.heap, window);
    let realm = code.realm(&cx.heap);
    if realm != cx.machine.realm {
        flags |= frame_flag::FOREIGN;
        cx.machine.realm = realm;
    }
    cx.heap.cage().store_new::<u64>(window, link);
    cx.heap.cage().store_new::<u64>(window + 8, u64::from(distance / 8) << 32 | flags << 56);
    cx.machine.regs = window;
    cx.machine.pc = frame.internal(&cx.heap, frame_slot::PC).offset();
    cx.machine.feedback = code.raw(&cx.heap, CodeField::Feedback) + 8;
    frame.set_internal(&cx.heap, frame_slot::STATE, Value::int(state::EXECUTING));
    Ok(())
}

/// The frame object of a resumed window.
fn frame_object(cx: &Context, regs: u32) -> Object {
    Object::from_offset(register(&cx.heap, regs, 3).offset())
}

/// `CreateGenerator`
pub(super) fn create_generator(cx: &mut Context, _: Word, regs: u32) -> Result<Flow> {
    let function = Object::from_offset(register(&cx.heap, regs, 2).offset());
    let is_async = frame_code(&cx.heap, regs).has(&cx.heap, code_flag::ASYNC);
    let (kind, default) = if is_async {
        (Kind::AsyncGenerator, Intrinsic::AsyncGeneratorPrototype)
    } else {
        (Kind::Generator, Intrinsic::GeneratorPrototype)
    };
    let prototype = cx.get(function, key::prototype)?;
    let prototype = match prototype.as_object() {
        Some(object) => object,
        None => {
            let realm = cx.function_realm(function)?;
            realm.intrinsic(&cx.heap, default)
        }
    };
    let generator = cx.heap.new_object_with_prototype(kind, Some(prototype));
    generator.set_internal(&cx.heap, frame_slot::STATE, Value::int(state::SUSPENDED_START));
    generator.set_internal(&cx.heap, frame_slot::FUNCTION, function.value());
    save_window(cx, generator, regs);
    Ok(pop_frame(cx, generator.value()))
}

/// `ModuleYield`: the module's declarations are instantiated; the frame waits for evaluation.
pub(super) fn module_yield(cx: &mut Context, _: Word, regs: u32) -> Result<Flow> {
    let function = register(&cx.heap, regs, 2);
    let frame = cx.new_intrinsic_object(Kind::Generator, Intrinsic::GeneratorPrototype);
    frame.set_internal(&cx.heap, frame_slot::STATE, Value::int(state::SUSPENDED_START));
    frame.set_internal(&cx.heap, frame_slot::FUNCTION, function);
    save_window(cx, frame, regs);
    Ok(pop_frame(cx, frame.value()))
}

/// `Yield`
pub(super) fn yield_value(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    let value = register(&cx.heap, regs, u32::from(word.b));
    let frame = frame_object(cx, regs);
    save_window(cx, frame, regs);
    frame.set_internal(&cx.heap, frame_slot::STATE, Value::int(state::SUSPENDED_YIELD));
    if frame.is(&cx.heap, Kind::AsyncGenerator) {
        // AsyncGeneratorYield: answer the request at the head of the queue; go on at once when another waits.
        cx.machine.top = window_end(&cx.heap, regs);
        let Some((mode, received)) = async_generator::yield_value(cx, frame, value)? else {
            return Ok(pop_frame(cx, Value::UNDEFINED));
        };
        let is_delegating = word.x & 1 != 0;
        if mode == ResumeMode::Throw && !is_delegating {
            return Err(cx.throw(received));
        }
        let a = u32::from(word.a);
        set_register(&cx.heap, regs, a, received);
        let how = if is_delegating { Value::int(mode as i32) } else { Value::bool(mode == ResumeMode::Return) };
        set_register(&cx.heap, regs, a + 1, how);
        return Ok(Flow::Next);
    }
    let result = if word.x & 1 != 0 { value } else { cx.iterator_result(value, false) };
    Ok(pop_frame(cx, result))
}

/// `Await`
pub(super) fn await_value(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    let value = register(&cx.heap, regs, u32::from(word.b));
    cx.machine.top = window_end(&cx.heap, regs);
    // 27.7.5.3 Await ( value ), https://tc39.es/ecma262/#await
    let awaited = promise::promise_resolve(cx, value)?;
    let info = frame_info(&cx.heap, regs);
    let (frame, result) = if info >> 56 & frame_flag::RESUMED != 0 {
        (frame_object(cx, regs), Value::UNDEFINED)
    } else {
        // First suspension of an async function: make its frame object and promise.
        let frame = cx.new_intrinsic_object(Kind::Generator, Intrinsic::ObjectPrototype);
        let result = promise::new_pending(cx);
        frame.set_internal(&cx.heap, frame_slot::FUNCTION, register(&cx.heap, regs, 2));
        frame.set_internal(&cx.heap, frame_slot::PROMISE, result.value());
        (frame, result.value())
    };
    save_window(cx, frame, regs);
    frame.set_internal(&cx.heap, frame_slot::STATE, Value::int(state::SUSPENDED_YIELD));
    if frame.is(&cx.heap, Kind::AsyncGenerator) {
        frame.set_internal(&cx.heap, frame_slot::AWAITING, Value::TRUE);
    }
    promise::await_promise(cx, awaited, frame);
    Ok(pop_frame(cx, result))
}

/// `AsyncStart`: from here on errors become rejections.
pub(super) fn async_start(cx: &mut Context, _: Word, regs: u32) -> Result<()> {
    let info = frame_info(&cx.heap, regs);
    cx.heap.cage().store_new::<u64>(regs + 8, info | frame_flag::ASYNC << 56);
    Ok(())
}

/// A resumed window returns: what its resumer gets.
pub(super) fn finish_resumed(cx: &mut Context, regs: u32, value: Value) -> Result<Value> {
    let frame = frame_object(cx, regs);
    frame.set_internal(&cx.heap, frame_slot::STATE, Value::int(state::COMPLETED));
    frame.set_internal(&cx.heap, frame_slot::REGISTERS, Value::UNDEFINED);
    if frame.is(&cx.heap, Kind::AsyncGenerator) {
        async_generator::complete(cx, frame, Ok(value))?;
        return Ok(Value::UNDEFINED);
    }
    match frame.internal(&cx.heap, frame_slot::PROMISE).as_object() {
        Some(result) => {
            promise::resolve(cx, result, value)?;
            Ok(Value::UNDEFINED)
        }
        None if frame_code(&cx.heap, regs).has(&cx.heap, code_flag::GENERATOR) => Ok(cx.iterator_result(value, true)),
        // A module without top-level await.
        None => Ok(value),
    }
}

/// An exception leaves an async or generator window. `None`: it goes on to the resumer (generators). Otherwise the frame is popped.
pub(super) fn throw_out(cx: &mut Context, regs: u32, flags: u64) -> Option<Flow> {
    if flags & frame_flag::RESUMED != 0 {
        let frame = frame_object(cx, regs);
        frame.set_internal(&cx.heap, frame_slot::STATE, Value::int(state::COMPLETED));
        frame.set_internal(&cx.heap, frame_slot::REGISTERS, Value::UNDEFINED);
        if frame.is(&cx.heap, Kind::AsyncGenerator) {
            let reason = cx.take_exception()?;
            return match async_generator::complete(cx, frame, Err(reason)) {
                Ok(()) => Some(pop_frame(cx, Value::UNDEFINED)),
                Err(_) => None,
            };
        }
        let result = frame.internal(&cx.heap, frame_slot::PROMISE).as_object()?;
        let reason = cx.take_exception()?;
        promise::reject(cx, result, reason);
        return Some(pop_frame(cx, Value::UNDEFINED));
    }
    let reason = cx.take_exception()?;
    let result = promise::new_pending(cx);
    promise::reject(cx, result, reason);
    Some(pop_frame(cx, result.value()))
}

/// The entry frame was an async one whose exception became a rejection: `run` is left normally.
pub(super) fn leave_after_rejection(cx: &mut Context) -> bool {
    // `unwind` can only say "go on" or "threw": go on at an instruction that leaves with the machine's result.
    cx.machine.pc = cx.leave_instruction();
    true
}

impl Context {
    /// Offset of a `Return`-like instruction for leaving an entry frame: see `leave_after_rejection`.
    fn leave_instruction(&self) -> u32 {
        // The frame header's link word of an entry frame is free: put the instruction there.
        let regs = self.machine.regs;
        let result = self.machine.result;
        set_register(&self.heap, regs, 4, result);
        let word = Word::new(Op::Return, 0, 4, 0, 0);
        self.heap.cage().store_new::<u64>(regs, word.to_bits());
        self.heap.cage().store_new::<u64>(regs + 8, frame_flag::ENTRY << 56);
        regs
    }

    /// GeneratorResume / GeneratorResumeAbrupt, for callers whose values the collector sees all of: instructions, and natives as far as
    /// [`Context::call_collecting`] would be allowed to them. https://tc39.es/ecma262/#sec-generatorresume
    pub fn resume_generator_collecting(&mut self, generator: Object, value: Value, mode: ResumeMode) -> Result<Value> {
        match generator.internal(&self.heap, frame_slot::STATE).as_int() {
            Some(state::EXECUTING) => return Err(self.throw_type_error("Generator is already running")),
            Some(state::SUSPENDED_START) if mode != ResumeMode::Next => {
                generator.set_internal(&self.heap, frame_slot::STATE, Value::int(state::COMPLETED));
                return self.completed_generator(value, mode);
            }
            Some(state::COMPLETED) => return self.completed_generator(value, mode),
            _ => {}
        }
        self.check_native_stack()?;
        let saved = self.save();
        let result = match self.lay_resumed(generator, value, mode, frame_flag::ENTRY) {
            Ok(()) => self.run_nested_with(Collection::Allowed),
            Err(thrown) => Err(thrown),
        };
        self.restore(saved);
        result
    }

    fn completed_generator(&mut self, value: Value, mode: ResumeMode) -> Result<Value> {
        match mode {
            ResumeMode::Next => Ok(self.iterator_result(Value::UNDEFINED, true)),
            ResumeMode::Return => Ok(self.iterator_result(value, true)),
            ResumeMode::Throw => Err(self.throw(value)),
        }
    }

    /// Lays a window at the machine's top and prepares it for going on after its suspending instruction.
    fn lay_resumed(&mut self, frame: Object, value: Value, mode: ResumeMode, flags: u64) -> Result<()> {
        let window = self.machine.top;
        lay_window(self, frame, window, 0, flags, 0)?;
        let word = Word::from_bits(self.heap.load(self.machine.pc));
        let a = u32::from(word.a);
        match Op::from_u8(word.op) {
            Some(Op::Yield) => {
                if word.x & 1 != 0 {
                    set_register(&self.heap, window, a, value);
                    set_register(&self.heap, window, a + 1, Value::int(mode as i32));
                } else {
                    if mode == ResumeMode::Throw {
                        return self.throw_at_resumption(value);
                    }
                    set_register(&self.heap, window, a, value);
                    set_register(&self.heap, window, a + 1, Value::bool(mode == ResumeMode::Return));
                }
            }
            Some(Op::Await) => {
                if mode == ResumeMode::Throw {
                    return self.throw_at_resumption(value);
                }
                set_register(&self.heap, window, a, value);
            }
            _ => {}
        }
        self.machine.pc += 8;
        Ok(())
    }

    /// Throws in the window just laid: goes on at its handler, or leaves it.
    fn throw_at_resumption(&mut self, value: Value) -> Result<()> {
        self.exception = value;
        if super::unwind::unwind(self) { Ok(()) } else { Err(Thrown(())) }
    }

    /// Resumes an async function, async generator or module after an await. Errors inside become rejections; an error here is termination.
    pub fn resume_async(&mut self, frame: Object, value: Value, is_throw: bool) -> Result<()> {
        if frame.is(&self.heap, Kind::AsyncGenerator) {
            frame.set_internal(&self.heap, frame_slot::AWAITING, Value::FALSE);
        }
        self.resume_frame(frame, value, if is_throw { ResumeMode::Throw } else { ResumeMode::Next }).map(|_| ())
    }

    /// Lays the window of a frame that awaits, ready to run: for jobs that may be suspended.
    pub(crate) fn lay_awaiting(&mut self, frame: Object, value: Value, mode: ResumeMode) -> Result<()> {
        if frame.is(&self.heap, Kind::AsyncGenerator) {
            frame.set_internal(&self.heap, frame_slot::AWAITING, Value::FALSE);
        }
        self.lay_resumed(frame, value, mode, frame_flag::ENTRY)
    }

    /// Resumes a frame from the job loop or from Rust; a collection may run when no native lies below.
    pub(crate) fn resume_frame(&mut self, frame: Object, value: Value, mode: ResumeMode) -> Result<Value> {
        self.check_native_stack()?;
        let saved = self.save();
        let result = match self.lay_resumed(frame, value, mode, frame_flag::ENTRY) {
            Ok(()) if self.machine.depth == 0 => match self.run() {
                super::Exit::Returned => Ok(self.machine.result),
                _ => Err(Thrown(())),
            },
            Ok(()) => self.run_nested(),
            Err(thrown) => Err(thrown),
        };
        self.restore(saved);
        result
    }
}
