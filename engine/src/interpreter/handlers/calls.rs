//! Calls and returns.

use super::property::get_field_slow;
use super::simple::code_field;
use super::{Exit, frame_handler, get, handler, load, safepoint, unwind};
use crate::bytecode::{FRAME_HEADER, Op, Word};
use crate::heap::Kind;
use crate::interpreter::dispatch::{dispatch, next, reload, save};
use crate::interpreter::{UNDEFINED_REGISTERS, calls, frame_flag};
use crate::realm::code::{CodeField, code_flag};
use crate::realm::function::closure;
use crate::value::Value;

handler!(Call(pc, regs, cx, base, ic) {
    let window = regs.add((*pc).b as usize);
    let callee = *window.add(2);
    if (*pc).x != 0 {
        *window.add(4) = Value::UNDEFINED;
    }
    // Nothing but the choice is made here: what calling a closure takes of registers, natives need not save.
    if callee.is_object() {
        let kind: u8 = load(base, callee.offset());
        if kind == Kind::NativeFunction as u8 {
            return call_native(pc, regs, cx, base, ic);
        }
        if kind == Kind::Closure as u8 {
            return call_closure(pc, regs, cx, base, ic);
        }
    }
    call_slow(pc, regs, cx, base, ic)
});

/// Pushes the frame of the closure in register 2 of `$window` with the code at `$code` (its first field), and goes there. `$count` arguments
/// are in place; the window is so many registers above the caller's. Whatever stands in the way leads to `$slow`; fuel is spent by then.
macro_rules! enter {
    ($pc:ident, $regs:ident, $cx:ident, $base:ident, $ic:ident, $window:ident, $code:ident, $flags:expr, $slow:expr) => {
        enter!($pc, $regs, $cx, $base, $ic, $window, $code, $flags, u32::from((*$pc).c), u32::from((*$pc).b), $slow)
    };
    ($pc:ident, $regs:ident, $cx:ident, $base:ident, $ic:ident, $window:ident, $code:ident, $flags:expr, $count:expr, $distance:expr, $slow:expr) => {{
        (*$cx).machine.fuel -= 1;
        if (*$cx).machine.fuel < 0 {
            return $slow;
        }
        if load::<u32>($base, $code + 8 * CodeField::Realm as u32) != (*$cx).machine.realm.0.offset() {
            return $slow;
        }
        let registers: u32 = load($base, $code + 8 * CodeField::Registers as u32);
        let end = $window.add(registers as usize);
        if end.byte_offset_from($base) as u64 > u64::from((*$cx).machine.limit) {
            return $slow;
        }
        let link = $pc.byte_offset_from($base) as u64 | ($ic.byte_offset_from($base) as u64) << 32;
        $window.cast::<u64>().write(link);
        let count: u32 = $count;
        $window.cast::<u64>().add(1).write(u64::from(count) | u64::from($distance) << 32 | $flags << 56);
        // Four registers at a time: up to three more may be written, above the window, where the stack is not in use and has room beyond its
        // limit.
        let mut at = $window.add(FRAME_HEADER).add(count.min(load($base, $code + 8 * CodeField::Parameters as u32)) as usize);
        while at < end {
            at.cast::<[Value; 4]>().write(UNDEFINED_REGISTERS);
            at = at.add(4);
        }
        let words: u32 = load($base, $code + 8 * CodeField::Words as u32);
        let feedback: u32 = load($base, $code + 8 * CodeField::Feedback as u32);
        let pc = $base.add(words as usize + 8).cast::<Word>().cast_const();
        let ic = $base.add(feedback as usize + 8).cast_const();
        dispatch!(pc, $window, $cx, $base, ic)
    }};
}

handler!(
    /// A closure.
    call_closure(pc, regs, cx, base, ic) {
        let window = regs.add((*pc).b as usize);
        let code: u32 = load::<u32>(base, (*window.add(2)).offset() + 16) + 16;
        if load::<u32>(base, code + 8 * CodeField::Flags as u32) & (code_flag::CLASS | code_flag::NEEDS_ARGUMENTS) != 0 {
            return call_keeping(pc, regs, cx, base, ic);
        }
        *window.add(3) = Value::UNDEFINED;
        enter!(pc, regs, cx, base, ic, window, code, 0, call_slow(pc, regs, cx, base, ic))
    }
);

handler!(
    /// A closure that looks at all its arguments: `arguments`, rest parameters. Surplus ones stay where they are; the window goes above them,
    /// with a copy of those that have a parameter.
    call_keeping(pc, regs, cx, base, ic) {
        let window = regs.add((*pc).b as usize);
        let callee = *window.add(2);
        let code: u32 = load::<u32>(base, callee.offset() + 16) + 16;
        if load::<u32>(base, code + 8 * CodeField::Flags as u32) & code_flag::CLASS != 0 {
            return call_slow(pc, regs, cx, base, ic);
        }
        let count = u32::from((*pc).c);
        let parameters: u32 = load(base, code + 8 * CodeField::Parameters as u32);
        if count <= parameters {
            *window.add(3) = Value::UNDEFINED;
            enter!(pc, regs, cx, base, ic, window, code, 0, call_slow(pc, regs, cx, base, ic))
        }
        let shift = FRAME_HEADER + count as usize;
        let above = window.add(shift);
        // Before anything is written there: room for the header and the parameters at least. What else the frame needs, `enter` looks at.
        if above.add(FRAME_HEADER + parameters as usize).byte_offset_from(base) as u64 > u64::from((*cx).machine.limit) {
            return call_slow(pc, regs, cx, base, ic);
        }
        let mut at = 0;
        while at < parameters as usize {
            *above.add(FRAME_HEADER + at) = *window.add(FRAME_HEADER + at);
            at += 1;
        }
        // What an earlier frame linked itself with is no value.
        window.cast::<[Value; 2]>().write([Value::UNDEFINED; 2]);
        *above.add(2) = callee;
        *above.add(3) = Value::UNDEFINED;
        *above.add(4) = *window.add(4);
        let distance = u32::from((*pc).b) + shift as u32;
        enter!(pc, regs, cx, base, ic, above, code, frame_flag::SHIFTED, count, distance, call_slow(pc, regs, cx, base, ic))
    }
);

handler!(
    /// A getter of the receiver's prototype that the site's cache knows (or another: then it is looked for). It gets a frame of its own.
    call_getter(pc, regs, cx, base, ic) {
        let value = get(regs, (*pc).b);
        let entry = ic.add(16 * (*pc).c as usize).cast::<u32>();
        let pair: Value = load(base, *entry.add(2));
        if !pair.is_cell() {
            return get_field_slow(pc, regs, cx, base, ic);
        }
        let getter: Value = load(base, pair.offset() + 16);
        if !getter.is_object() || load::<u8>(base, getter.offset()) != Kind::Closure as u8 {
            return get_field_slow(pc, regs, cx, base, ic);
        }
        let code: u32 = load::<u32>(base, getter.offset() + 16) + 16;
        if load::<u32>(base, code + 8 * CodeField::Flags as u32) & (code_flag::CLASS | code_flag::NEEDS_ARGUMENTS) != 0 {
            return get_field_slow(pc, regs, cx, base, ic);
        }
        let distance: u32 = code_field!(base, regs, Registers);
        let window = regs.add(distance as usize);
        // Above the window there is room for a header beyond the stack's limit; whether there is for the frame, `enter` looks at.
        *window.add(2) = getter;
        *window.add(3) = Value::UNDEFINED;
        *window.add(4) = value;
        enter!(pc, regs, cx, base, ic, window, code, 0, 0, distance, getter_slow(pc, regs, cx, base, ic))
    }
);

handler!(
    /// Getters at which fuel or stack run out.
    getter_slow(pc, regs, cx, base, ic) {
        if (*cx).machine.fuel < 0 {
            return safepoint(pc, regs, cx, base, ic);
        }
        get_field_slow(pc, regs, cx, base, ic)
    }
);

handler!(
    /// A native function. It leaves the machine as it was saved: so nothing has to outlive the call here but the context.
    call_native(pc, regs, cx, base, ic) {
        save!(pc, regs, cx, base, ic);
        let result = calls::call_native(&mut *cx, *pc, regs.byte_offset_from(base) as u32);
        let base = (*cx).heap.cage().base();
        let pc = base.add((*cx).machine.pc as usize).cast::<Word>().cast_const();
        let regs = base.add((*cx).machine.regs as usize).cast::<Value>();
        let ic = base.add((*cx).machine.feedback as usize).cast_const();
        match result {
            Ok(value) => {
                *regs.add((*pc).a as usize) = value;
                next!(pc, regs, cx, base, ic)
            }
            Err(_) => unwind(pc, regs, cx, base, ic),
        }
    }
);

handler!(
    /// Everything else that can be called, and calls at which fuel or stack run out.
    call_slow(pc, regs, cx, base, ic) {
        if (*cx).machine.fuel < 0 {
            return safepoint(pc, regs, cx, base, ic);
        }
        call_general(pc, regs, cx, base, ic)
    }
);
frame_handler!(call_general => calls::call);
frame_handler!(CallSpread => calls::call_spread);
frame_handler!(CallEval => calls::call_eval);
frame_handler!(CallEvalSpread => calls::call_eval_spread);
frame_handler!(NewSpread => calls::new_spread);

handler!(New(pc, regs, cx, base, ic) {
    let window = regs.add((*pc).b as usize);
    *window.add(3) = *window.add(2);
    SuperCall(pc, regs, cx, base, ic)
});

handler!(
    /// [[Construct]] of closures with the new.target that lies in the window: an instance for base constructors, the hole for derived ones.
    SuperCall(pc, regs, cx, base, ic) {
        let window = regs.add((*pc).b as usize);
        let callee = *window.add(2);
        let new_target = *window.add(3);
        if !callee.is_object() || !new_target.is_object() || load::<u8>(base, callee.offset()) != Kind::Closure as u8 {
            return construct_slow(pc, regs, cx, base, ic);
        }
        let code: u32 = load::<u32>(base, callee.offset() + 16) + 16;
        let flags: u32 = load(base, code + 8 * CodeField::Flags as u32);
        if flags & (code_flag::CONSTRUCTOR | code_flag::DERIVED | code_flag::NEEDS_ARGUMENTS) == code_flag::CONSTRUCTOR | code_flag::DERIVED {
            *window.add(4) = Value::HOLE;
            return construct_enter(pc, regs, cx, base, ic);
        }
        if flags & (code_flag::CONSTRUCTOR | code_flag::NEEDS_ARGUMENTS) != code_flag::CONSTRUCTOR
            || load::<u8>(base, new_target.offset()) != Kind::Closure as u8
        {
            return construct_slow(pc, regs, cx, base, ic);
        }
        let cached: Value = load(base, new_target.offset() + 16 + 8 * closure::INSTANCE_SHAPE);
        if !cached.is_cell() {
            return construct_slow(pc, regs, cx, base, ic);
        }
        let shape = cached.offset();
        let inline = u32::from(load::<u16>(base, shape + 2));
        let code: u32 = load::<u32>(base, new_target.offset() + 16) + 16;
        if inline != load::<u32>(base, code + 8 * CodeField::InlineHint as u32) {
            return construct_slow(pc, regs, cx, base, ic);
        }
        let object = (*cx).heap.try_new_plain_object(shape, inline);
        if object == 0 {
            return construct_slow(pc, regs, cx, base, ic);
        }
        *window.add(4) = crate::object::Object::from_offset(object).value();
        construct_enter(pc, regs, cx, base, ic)
    }
);

handler!(
    /// Enters the closure of a constructor call whose `this` is in place. It keeps no surplus arguments.
    construct_enter(pc, regs, cx, base, ic) {
        let window = regs.add((*pc).b as usize);
        let code: u32 = load::<u32>(base, (*window.add(2)).offset() + 16) + 16;
        enter!(pc, regs, cx, base, ic, window, code, frame_flag::CONSTRUCT, construct_slow(pc, regs, cx, base, ic))
    }
);

handler!(
    /// Constructor calls of everything else, and those at which fuel or stack run out.
    construct_slow(pc, regs, cx, base, ic) {
        if (*cx).machine.fuel < 0 {
            return safepoint(pc, regs, cx, base, ic);
        }
        if (*pc).op == Op::New as u8 { new_slow(pc, regs, cx, base, ic) } else { super_call_slow(pc, regs, cx, base, ic) }
    }
);
frame_handler!(new_slow => calls::new);
frame_handler!(super_call_slow => calls::super_call);
frame_handler!(SuperCallSpread => calls::super_call_spread);

/// Returns `$value` from the frame at `$regs`.
macro_rules! return_value {
    ($pc:ident, $regs:ident, $cx:ident, $base:ident, $ic:ident, $value:expr) => {{
        let info = $regs.cast::<u64>().add(1).read();
        if info >> 56 != 0 {
            return return_flagged($pc, $regs, $cx, $base, $ic);
        }
        let link = $regs.cast::<u64>().read();
        let value = $value;
        let caller = $regs.sub((info >> 32) as usize);
        let pc = $base.add(link as u32 as usize).cast::<Word>().cast_const();
        let ic = $base.add((link >> 32) as usize).cast_const();
        *caller.add((*pc).a as usize) = value;
        dispatch!(pc.add(1), caller, $cx, $base, ic)
    }};
}

handler!(Return(pc, regs, cx, base, ic) { return_value!(pc, regs, cx, base, ic, get(regs, (*pc).a)) });
handler!(ReturnUndefined(pc, regs, cx, base, ic) { return_value!(pc, regs, cx, base, ic, Value::UNDEFINED) });

handler!(
    /// Frames with a flag: calls by natives, constructors, functions that keep surplus arguments.
    return_flagged(pc, regs, cx, base, ic) {
        let info = regs.cast::<u64>().add(1).read();
        let mut value = if (*pc).op == Op::Return as u8 { get(regs, (*pc).a) } else { Value::UNDEFINED };
        if info >> 56 == frame_flag::ENTRY {
            (*cx).machine.result = value;
            return Exit::Returned;
        }
        if info >> 56 != frame_flag::CONSTRUCT && info >> 56 != frame_flag::SHIFTED {
            return return_slow(pc, regs, cx, base, ic);
        }
        if info >> 56 == frame_flag::CONSTRUCT && !value.is_object() {
            // What is neither an object nor undefined is an error in derived constructors, and so is a `this` that is still the hole.
            let this = *regs.add(4);
            if !value.is_undefined() || this.is_hole() {
                return return_slow(pc, regs, cx, base, ic);
            }
            value = this;
        }
        let link = regs.cast::<u64>().read();
        let caller = regs.sub((info >> 32 & 0xFF_FFFF) as usize);
        let pc = base.add(link as u32 as usize).cast::<Word>().cast_const();
        let ic = base.add((link >> 32) as usize).cast_const();
        *caller.add((*pc).a as usize) = value;
        dispatch!(pc.add(1), caller, cx, base, ic)
    }
);

handler!(
    /// Frames with other flags or several: generators, setters, other realms.
    return_slow(pc, regs, cx, base, ic) {
        save!(pc, regs, cx, base, ic);
        match calls::return_from(&mut *cx, *pc) {
            Ok(calls::Flow::Leave) => Exit::Returned,
            Ok(_) => reload!(cx, base),
            Err(_) => unwind(pc, regs, cx, base, ic),
        }
    }
);

frame_handler!(Yield => crate::interpreter::generators::yield_value);
frame_handler!(Await => crate::interpreter::generators::await_value);
frame_handler!(CreateGenerator => crate::interpreter::generators::create_generator);
frame_handler!(ModuleYield => crate::interpreter::generators::module_yield);
