//! Moves, constants, environments.

use super::{get, handler, load, set, slow_handler, store_value, wide};
use crate::interpreter::dispatch::next;
use crate::interpreter::slow;
use crate::value::Value;

handler!(Nop(pc, regs, cx, base, ic) { next!(pc, regs, cx, base, ic) });

handler!(Move(pc, regs, cx, base, ic) {
    set(regs, (*pc).a, get(regs, (*pc).b));
    next!(pc, regs, cx, base, ic)
});

handler!(LoadInt(pc, regs, cx, base, ic) {
    set(regs, (*pc).a, Value::int(wide(pc)));
    next!(pc, regs, cx, base, ic)
});

/// Raw offset of a field of the running code.
macro_rules! code_field {
    ($base:ident, $regs:ident, $field:ident) => {{
        let callee = get($regs, 2).offset();
        let code: u32 = load($base, callee + 16);
        let cell: u32 = load($base, code + 16 + 8 * $crate::realm::code::CodeField::$field as u32);
        cell
    }};
}
pub(super) use code_field;

handler!(LoadConst(pc, regs, cx, base, ic) {
    let constants = code_field!(base, regs, Constants);
    let value: Value = load(base, constants.wrapping_add(16).wrapping_add((wide(pc) as u32).wrapping_mul(8)));
    set(regs, (*pc).a, value);
    next!(pc, regs, cx, base, ic)
});

macro_rules! load_value {
    ($($name:ident = $value:expr;)*) => {
        $(handler!($name(pc, regs, cx, base, ic) {
            set(regs, (*pc).a, $value);
            next!(pc, regs, cx, base, ic)
        });)*
    };
}
load_value! {
    LoadUndefined = Value::UNDEFINED;
    LoadNull = Value::NULL;
    LoadTrue = Value::TRUE;
    LoadFalse = Value::FALSE;
    LoadHole = Value::HOLE;
}

handler!(LoadEnv(pc, regs, cx, base, ic) {
    let callee = get(regs, 2).offset();
    let environment: Value = load(base, callee + 24);
    set(regs, (*pc).a, environment);
    next!(pc, regs, cx, base, ic)
});

handler!(LoadHome(pc, regs, cx, base, ic) {
    let callee = get(regs, 2).offset();
    let home: Value = load(base, callee + 32);
    set(regs, (*pc).a, home);
    next!(pc, regs, cx, base, ic)
});

/// Walks `x` hops up from the environment in register b.
macro_rules! environment {
    ($pc:ident, $regs:ident, $base:ident) => {{
        let mut environment = get($regs, (*$pc).b).offset();
        let mut hops = (*$pc).x;
        if hops != 0 {
            environment = load($base, environment + 4);
            // Most are the running function's or its parent's.
            if hops != 1 {
                while hops != 1 {
                    environment = load($base, environment + 4);
                    hops -= 1;
                }
            }
        }
        environment
    }};
}

handler!(EnvUp(pc, regs, cx, base, ic) {
    let mut environment = get(regs, (*pc).b).offset();
    let mut hops = (*pc).c;
    while hops != 0 {
        environment = load(base, environment + 4);
        hops -= 1;
    }
    set(regs, (*pc).a, Value::cell(crate::heap::Ref::<crate::heap::Environment>::from_offset(environment)));
    next!(pc, regs, cx, base, ic)
});

handler!(GetSlot(pc, regs, cx, base, ic) {
    let environment = environment!(pc, regs, base);
    let value: Value = load(base, environment + 16 + 8 * u32::from((*pc).c));
    set(regs, (*pc).a, value);
    next!(pc, regs, cx, base, ic)
});

handler!(GetSlotChecked(pc, regs, cx, base, ic) {
    let environment = environment!(pc, regs, base);
    let value: Value = load(base, environment + 16 + 8 * u32::from((*pc).c));
    if value.is_hole() {
        return slot_is_hole(pc, regs, cx, base, ic);
    }
    set(regs, (*pc).a, value);
    next!(pc, regs, cx, base, ic)
});

slow_handler!(slot_is_hole => slow::names::slot_is_hole);

handler!(SetSlot(pc, regs, cx, base, ic) {
    let environment = environment!(pc, regs, base);
    store_value(cx, base, environment + 16 + 8 * u32::from((*pc).c), get(regs, (*pc).a));
    next!(pc, regs, cx, base, ic)
});

handler!(SetSlotChecked(pc, regs, cx, base, ic) {
    let environment = environment!(pc, regs, base);
    let at = environment + 16 + 8 * u32::from((*pc).c);
    let old: Value = load(base, at);
    if old.is_hole() {
        return slot_is_hole(pc, regs, cx, base, ic);
    }
    store_value(cx, base, at, get(regs, (*pc).a));
    next!(pc, regs, cx, base, ic)
});

handler!(ThrowIfHole(pc, regs, cx, base, ic) {
    if get(regs, (*pc).a).is_hole() {
        return throw_hole(pc, regs, cx, base, ic);
    }
    next!(pc, regs, cx, base, ic)
});

slow_handler!(throw_hole => slow::names::throw_hole);
