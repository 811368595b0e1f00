//! Calls that the fast path does not take: natives, bound functions, proxies, spread, constructors, eval; and returns of frames with flags.

use super::{ArgumentSource, frame_code, frame_flag, frame_info, register, set_register};
use crate::bytecode::{FRAME_HEADER, Word};
use crate::context::Context;
use crate::heap::{Environment, Heap, Kind, Ref};
use crate::native::Result;
use crate::object::Object;
use crate::realm::code::{Code, CodeField, code_flag};
use crate::realm::function::closure;
use crate::value::Value;

/// What a slow handler does next.
pub(crate) enum Flow {
    /// The next instruction.
    Next,
    /// The machine's state was changed: go on there.
    Reload,
    /// The entry frame ended: leave `run`.
    Leave,
}

/// End of the window at `regs`: where further windows may go.
pub(super) fn window_end(heap: &Heap, regs: u32) -> u32 {
    regs + 8 * frame_code(heap, regs).raw(heap, CodeField::Registers)
}

/// What links a frame pushed by the saved instruction to its caller.
pub(super) fn link_word(cx: &Context) -> u64 {
    u64::from(cx.machine.pc) | u64::from(cx.machine.feedback) << 32
}

/// A native callee with its arguments in the caller's window. Out of line: its locals would cost the handler its tail call.
#[inline(never)]
pub(super) fn call_native(cx: &mut Context, word: Word, regs: u32) -> Result<Value> {
    let window = regs + 8 * u32::from(word.b);
    let callee = Object::from_offset(register(&cx.heap, window, 2).offset());
    let this = register(&cx.heap, window, 4);
    cx.machine.top = window_end(&cx.heap, regs);
    cx.invoke_native(callee, this, window + 8 * FRAME_HEADER as u32, u32::from(word.c), Value::UNDEFINED)
}

fn not_callable(cx: &mut Context, value: Value, verb: &str) -> crate::native::Thrown {
    let shown = callee_text(cx).unwrap_or_else(|| crate::realm::error::describe(cx, value));
    cx.throw_type_error(&format!("{shown} is not a {verb}"))
}

/// Source text of the callee expression of the saved call, when it is short: `x.y is not a function`.
fn callee_text(cx: &Context) -> Option<String> {
    let heap = &cx.heap;
    let code = frame_code(heap, cx.machine.regs);
    let at = code.position(heap, (cx.machine.pc - code.words(heap)) / 8) as usize;
    heap.read_source(code.source(heap), |text| path_at(text, at)).flatten()
}

/// The path of names in which `at` lies, if there is one.
fn path_at(text: &[u8], at: usize) -> Option<String> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#');
    let is_path = |byte: &u8| is_name(byte) || *byte == b'.';
    if !text.get(at).is_some_and(is_name) {
        return None;
    }
    // `new X()` is where its keyword is.
    if let Some(rest) = text[at..].strip_prefix(b"new").filter(|rest| !rest.first().is_some_and(is_name)) {
        let rest = rest.trim_ascii_start();
        let end = rest.iter().position(|byte| !is_path(byte)).unwrap_or(rest.len());
        return shown_path(&rest[..end]);
    }
    let start = text[..at].iter().rposition(|byte| !is_path(byte)).map_or(0, |before| before + 1);
    let end = text[at..].iter().position(|byte| !is_name(byte)).map_or(text.len(), |length| at + length);
    shown_path(&text[start..end])
}

fn shown_path(path: &[u8]) -> Option<String> {
    let shown = std::str::from_utf8(path).ok()?.trim_matches('.');
    if shown.is_empty() || shown.len() > 80 { None } else { Some(shown.to_string()) }
}

/// `Call` of anything.
pub(super) fn call(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    call_at(cx, word, regs, u32::from(word.b), u32::from(word.c))
}

fn call_at(cx: &mut Context, word: Word, regs: u32, base: u32, mut count: u32) -> Result<Flow> {
    let window = regs + 8 * base;
    loop {
        let callee = register(&cx.heap, window, 2);
        let Some(object) = callee.as_object().filter(|object| object.is_callable(&cx.heap)) else {
            return Err(not_callable(cx, callee, "function"));
        };
        let this = register(&cx.heap, window, 4);
        match object.kind(&cx.heap) {
            Kind::Closure => {
                let code = Code::from_value(object.internal(&cx.heap, closure::CODE));
                if code.has(&cx.heap, code_flag::CLASS) {
                    return Err(cx.class_call_error(object));
                }
                let link = link_word(cx);
                cx.enter_closure(object, this, Value::UNDEFINED, ArgumentSource::InPlace(count), window, 8 * base, 0, link)?;
                return Ok(Flow::Reload);
            }
            Kind::NativeFunction => {
                cx.machine.top = window_end(&cx.heap, regs).max(window + 8 * (FRAME_HEADER as u32 + count));
                let result = cx.invoke_native(object, this, window + 8 * FRAME_HEADER as u32, count, Value::UNDEFINED)?;
                set_register(&cx.heap, regs, u32::from(word.a), result);
                return Ok(Flow::Next);
            }
            Kind::BoundFunction => match bind_in_place(cx, regs, window, object, count) {
                Some(bound) => count = bound,
                None => return Err(cx.throw_range_error("Maximum call stack size exceeded")),
            },
            _ => return call_general(cx, word, regs, window, object, count),
        }
    }
}

/// Puts a bound function's target, this and arguments into the window of its call; the result is the number of arguments then. `None`
/// when they would not fit on the stack.
fn bind_in_place(cx: &mut Context, regs: u32, window: u32, function: Object, count: u32) -> Option<u32> {
    let heap = &cx.heap;
    let bound = function.internal(heap, 2).as_cell::<crate::heap::Values>();
    let more = bound.map_or(0, |bound| bound.length(heap));
    let end = u64::from(window) + 8 * (2 * FRAME_HEADER as u64 + u64::from(count) + u64::from(more));
    if end.max(u64::from(window_end(heap, regs))) > u64::from(cx.machine.limit) {
        return None;
    }
    let header = FRAME_HEADER as u32;
    if let Some(bound) = bound {
        for i in (0..count).rev() {
            set_register(heap, window, header + more + i, register(heap, window, header + i));
        }
        for i in 0..more {
            set_register(heap, window, header + i, bound.get(heap, i));
        }
    }
    set_register(heap, window, 2, function.internal(heap, 0));
    set_register(heap, window, 4, function.internal(heap, 1));
    Some(count + more)
}

fn call_general(cx: &mut Context, word: Word, regs: u32, window: u32, object: Object, count: u32) -> Result<Flow> {
    let this = register(&cx.heap, window, 4);
    cx.machine.top = window_end(&cx.heap, regs).max(window + 8 * (FRAME_HEADER as u32 + count));
    let arguments: Vec<Value> = (0..count).map(|i| register(&cx.heap, window, FRAME_HEADER as u32 + i)).collect();
    call_object(cx, word, regs, object, this, arguments)
}

/// Calls any callable object with arguments in a vector, pushing a frame where it comes to a closure.
fn call_object(cx: &mut Context, word: Word, regs: u32, mut callee: Object, mut this: Value, mut arguments: Vec<Value>) -> Result<Flow> {
    loop {
        match callee.kind(&cx.heap) {
            Kind::Closure => return push_call(cx, regs, callee, this, &arguments, 0),
            Kind::BoundFunction => {
                let (target, bound_this, all) = cx.bound_parts(callee, &arguments);
                let Some(target) = target.as_object() else { return Err(not_callable(cx, target, "function")) };
                callee = target;
                this = bound_this;
                arguments = all;
            }
            _ => {
                let result = cx.call(callee.value(), this, &arguments)?;
                set_register(&cx.heap, regs, u32::from(word.a), result);
                return Ok(Flow::Next);
            }
        }
    }
}

/// Pushes a frame for a closure above the caller's window; its result goes to the calling instruction's `a` unless flags say otherwise.
pub(super) fn push_call(cx: &mut Context, regs: u32, callee: Object, this: Value, arguments: &[Value], flags: u64) -> Result<Flow> {
    let code = Code::from_value(callee.internal(&cx.heap, closure::CODE));
    if code.has(&cx.heap, code_flag::CLASS) {
        return Err(cx.class_call_error(callee));
    }
    let window = window_end(&cx.heap, regs);
    let link = link_word(cx);
    cx.enter_closure(callee, this, Value::UNDEFINED, ArgumentSource::Slice(arguments), window, window - regs, flags, link)?;
    Ok(Flow::Reload)
}

/// Calls a getter or setter: a frame for closures, a plain call for the rest.
pub(super) fn call_accessor(
    cx: &mut Context,
    word: Word,
    regs: u32,
    function: Value,
    this: Value,
    arguments: &[Value],
    flags: u64,
) -> Result<Flow> {
    let Some(object) = function.as_object() else {
        if flags & frame_flag::DISCARD == 0 {
            set_register(&cx.heap, regs, u32::from(word.a), Value::UNDEFINED);
        }
        return Ok(Flow::Next);
    };
    if object.is(&cx.heap, Kind::Closure) {
        return push_call(cx, regs, object, this, arguments, flags);
    }
    cx.machine.top = window_end(&cx.heap, regs);
    let result = cx.call(function, this, arguments)?;
    if flags & frame_flag::DISCARD == 0 {
        set_register(&cx.heap, regs, u32::from(word.a), result);
    }
    Ok(Flow::Next)
}

/// Arguments held in the array in register base + 5 of a spread call.
fn spread_arguments(cx: &mut Context, regs: u32, base: u32) -> Result<Vec<Value>> {
    let array = register(&cx.heap, regs, base + FRAME_HEADER as u32);
    cx.create_list_from_array_like(array)
}

/// `CallSpread`
pub(super) fn call_spread(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    let base = u32::from(word.b);
    let callee = register(&cx.heap, regs, base + 2);
    let this = register(&cx.heap, regs, base + 4);
    // OPTIMIZATION: a closure's arguments are copied from the list straight into its window.
    if let (Some(array), Some(function)) = (register(&cx.heap, regs, base + FRAME_HEADER as u32).as_object(), callee.as_object())
        && function.is(&cx.heap, Kind::Closure)
        && array.is_packed_array(cx)
    {
        let code = Code::from_value(function.internal(&cx.heap, closure::CODE));
        if code.has(&cx.heap, code_flag::CLASS) {
            return Err(cx.class_call_error(function));
        }
        let window = window_end(&cx.heap, regs);
        let link = link_word(cx);
        let elements = ArgumentSource::Elements(array.elements(&cx.heap), array.array_length(&cx.heap));
        cx.enter_closure(function, this, Value::UNDEFINED, elements, window, window - regs, 0, link)?;
        return Ok(Flow::Reload);
    }
    let arguments = spread_arguments(cx, regs, base)?;
    let Some(object) = callee.as_object().filter(|object| object.is_callable(&cx.heap)) else {
        return Err(not_callable(cx, callee, "function"));
    };
    cx.machine.top = window_end(&cx.heap, regs);
    call_object(cx, word, regs, object, this, arguments)
}

fn construct_at(cx: &mut Context, word: Word, regs: u32, callee: Value, new_target: Value, arguments: Vec<Value>) -> Result<Flow> {
    let (Some(object), Some(target)) = (callee.as_object().filter(|object| object.is_constructor(&cx.heap)), new_target.as_object()) else {
        return Err(not_callable(cx, callee, "constructor"));
    };
    cx.machine.top = window_end(&cx.heap, regs);
    if object.is(&cx.heap, Kind::Closure) {
        let this = cx.constructor_this(object, target)?;
        let window = window_end(&cx.heap, regs);
        let link = link_word(cx);
        cx.enter_closure(object, this, new_target, ArgumentSource::Slice(&arguments), window, window - regs, frame_flag::CONSTRUCT, link)?;
        return Ok(Flow::Reload);
    }
    let result = cx.construct(object, &arguments, target)?;
    set_register(&cx.heap, regs, u32::from(word.a), result.value());
    Ok(Flow::Next)
}

/// `New`
pub(super) fn new(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    construct_in_place(cx, word, regs, false)
}

/// `SuperCall`
pub(super) fn super_call(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    construct_in_place(cx, word, regs, true)
}

fn construct_in_place(cx: &mut Context, word: Word, regs: u32, is_super: bool) -> Result<Flow> {
    let window = regs + 8 * u32::from(word.b);
    let callee = register(&cx.heap, window, 2);
    let new_target = if is_super { register(&cx.heap, window, 3) } else { callee };
    let Some(object) = callee.as_object().filter(|object| object.is_constructor(&cx.heap)) else {
        if is_super {
            let shown = crate::realm::error::describe(cx, callee);
            return Err(cx.throw_type_error(&format!("Super constructor {shown} of anonymous class is not a constructor")));
        }
        return Err(not_callable(cx, callee, "constructor"));
    };
    let count = u32::from(word.c);
    cx.machine.top = window_end(&cx.heap, regs).max(window + 8 * (FRAME_HEADER as u32 + count));
    match object.kind(&cx.heap) {
        Kind::Closure => {
            let target = new_target.as_object().unwrap_or(object);
            let this = cx.constructor_this(object, target)?;
            let link = link_word(cx);
            cx.enter_closure(
                object,
                this,
                new_target,
                ArgumentSource::InPlace(count),
                window,
                8 * u32::from(word.b),
                frame_flag::CONSTRUCT,
                link,
            )?;
            Ok(Flow::Reload)
        }
        Kind::NativeFunction => {
            let result = cx.invoke_native(object, Value::UNDEFINED, window + 8 * FRAME_HEADER as u32, count, new_target)?;
            set_register(&cx.heap, regs, u32::from(word.a), result);
            Ok(Flow::Next)
        }
        _ => {
            let arguments: Vec<Value> = (0..count).map(|i| register(&cx.heap, window, FRAME_HEADER as u32 + i)).collect();
            construct_at(cx, word, regs, callee, new_target, arguments)
        }
    }
}

/// `NewSpread`
pub(super) fn new_spread(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    let base = u32::from(word.b);
    let callee = register(&cx.heap, regs, base + 2);
    construct_spread(cx, word, regs, callee, callee)
}

/// [[Construct]] with the arguments in the list of a spread call.
fn construct_spread(cx: &mut Context, word: Word, regs: u32, callee: Value, new_target: Value) -> Result<Flow> {
    let base = u32::from(word.b);
    // OPTIMIZATION: as for `CallSpread`. The `prototype` of a new.target that is a closure is data, so nothing runs before the list is read.
    if let (Some(array), Some(function), Some(target)) =
        (register(&cx.heap, regs, base + FRAME_HEADER as u32).as_object(), callee.as_object(), new_target.as_object())
        && function.is(&cx.heap, Kind::Closure)
        && function.is_constructor(&cx.heap)
        && target.is(&cx.heap, Kind::Closure)
        && array.is_packed_array(cx)
    {
        cx.machine.top = window_end(&cx.heap, regs);
        let this = cx.constructor_this(function, target)?;
        let window = window_end(&cx.heap, regs);
        let link = link_word(cx);
        let elements = ArgumentSource::Elements(array.elements(&cx.heap), array.array_length(&cx.heap));
        cx.enter_closure(function, this, new_target, elements, window, window - regs, frame_flag::CONSTRUCT, link)?;
        return Ok(Flow::Reload);
    }
    let arguments = spread_arguments(cx, regs, base)?;
    construct_at(cx, word, regs, callee, new_target, arguments)
}

/// `SuperCallSpread`
pub(super) fn super_call_spread(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    let base = u32::from(word.b);
    let callee = register(&cx.heap, regs, base + 2);
    let new_target = register(&cx.heap, regs, base + 3);
    construct_spread(cx, word, regs, callee, new_target)
}

fn is_eval(cx: &Context, callee: Value) -> bool {
    cx.realm().try_intrinsic(&cx.heap, crate::realm::Intrinsic::Eval).is_some_and(|eval| eval.value() == callee)
}

/// `CallEval`
pub(super) fn call_eval(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    let window = regs + 8 * u32::from(word.b);
    if !is_eval(cx, register(&cx.heap, window, 2)) {
        return call(cx, word, regs);
    }
    let source = if word.c == 0 { Value::UNDEFINED } else { register(&cx.heap, window, FRAME_HEADER as u32) };
    direct_eval(cx, word, regs, source)
}

/// `CallEvalSpread`
pub(super) fn call_eval_spread(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    let window = regs + 8 * u32::from(word.b);
    if !is_eval(cx, register(&cx.heap, window, 2)) {
        return call_spread(cx, word, regs);
    }
    let arguments = spread_arguments(cx, regs, u32::from(word.b))?;
    let source = arguments.first().copied().unwrap_or(Value::UNDEFINED);
    direct_eval(cx, word, regs, source)
}

// 19.2.1.1 PerformEval ( x, strictCaller, direct ), https://tc39.es/ecma262/#sec-performeval
fn direct_eval(cx: &mut Context, word: Word, regs: u32, source: Value) -> Result<Flow> {
    let environment: Ref<Environment> = register(&cx.heap, regs, u32::from(word.b)).as_cell().unwrap_or(Ref::NULL);
    cx.machine.top = window_end(&cx.heap, regs);
    let Some(text) = source.as_string() else {
        set_register(&cx.heap, regs, u32::from(word.a), source);
        return Ok(Flow::Next);
    };
    let caller = Object::from_offset(register(&cx.heap, regs, 2).offset());
    let this = register(&cx.heap, regs, 4);
    let function = crate::evaluate::direct_eval_function(cx, text, environment, caller, word.x)?;
    push_call(cx, regs, function, this, &[], 0)
}

/// Ends the frame at the machine's window, which has flags, with the value of the `Return` instruction.
pub(super) fn return_from(cx: &mut Context, word: Word) -> Result<Flow> {
    let regs = cx.machine.regs;
    let value = if word.op == crate::bytecode::Op::Return as u8 { register(&cx.heap, regs, u32::from(word.a)) } else { Value::UNDEFINED };
    let info = frame_info(&cx.heap, regs);
    let flags = info >> 56;
    let mut value = value;
    if flags & frame_flag::CONSTRUCT != 0 && !value.is_object() {
        let code = frame_code(&cx.heap, regs);
        if code.has(&cx.heap, code_flag::DERIVED) {
            if !value.is_undefined() {
                leave_realm(cx, regs, info);
                return Err(cx.throw_type_error("Derived constructors may only return object or undefined"));
            }
            value = register(&cx.heap, regs, 4);
            if value.is_hole() {
                leave_realm(cx, regs, info);
                return Err(cx.throw_reference_error(super::slow::names::THIS_BEFORE_SUPER));
            }
        } else {
            value = register(&cx.heap, regs, 4);
        }
    }
    if flags & frame_flag::RESUMED != 0 {
        value = super::generators::finish_resumed(cx, regs, value)?;
    } else if flags & frame_flag::ASYNC != 0 {
        let promise = crate::builtins::promise::new_pending(cx);
        crate::builtins::promise::resolve(cx, promise, value)?;
        value = promise.value();
    }
    Ok(pop_frame(cx, value))
}

/// Errors of [[Construct]] after the body belong to the caller's realm. (Unwinding restores whatever realm goes on.)
fn leave_realm(cx: &mut Context, regs: u32, info: u64) {
    if info >> 56 & frame_flag::FOREIGN != 0 && info >> 56 & frame_flag::ENTRY == 0 {
        let caller = regs - 8 * ((info >> 32 & 0xFF_FFFF) as u32);
        cx.machine.realm = frame_code(&cx.heap, caller).realm(&cx.heap);
    }
}

/// Leaves the frame at the machine's window and delivers its result.
pub(super) fn pop_frame(cx: &mut Context, value: Value) -> Flow {
    let regs = cx.machine.regs;
    let info = frame_info(&cx.heap, regs);
    let flags = info >> 56;
    if flags & frame_flag::ENTRY != 0 {
        cx.machine.result = value;
        return Flow::Leave;
    }
    let caller = regs - 8 * ((info >> 32 & 0xFF_FFFF) as u32);
    let link: u64 = cx.heap.load(regs);
    let pc = link as u32;
    if flags & frame_flag::FOREIGN != 0 {
        cx.machine.realm = frame_code(&cx.heap, caller).realm(&cx.heap);
    }
    if flags & frame_flag::DISCARD == 0 {
        let word = Word::from_bits(cx.heap.load(pc));
        set_register(&cx.heap, caller, u32::from(word.a), value);
    }
    cx.machine.pc = pc + 8;
    cx.machine.regs = caller;
    cx.machine.feedback = (link >> 32) as u32;
    Flow::Reload
}
