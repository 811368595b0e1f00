//! Comparisons that leave a boolean.

use super::{get, handler, load, set, slow_handler};
use crate::heap::object_flag;
use crate::interpreter::dispatch::next;
use crate::interpreter::slow::comparison as slow;
use crate::string::ATOM;
use crate::string::atoms::name;
use crate::value::{Value, tag};

macro_rules! relation {
    ($name:ident, $slow:ident, $op:tt, $function:path) => {
        handler!($name(pc, regs, cx, base, ic) {
            let x = get(regs, (*pc).b);
            let y = get(regs, (*pc).c);
            if (x.to_bits() & y.to_bits()) >> 48 == tag::INT {
                set(regs, (*pc).a, Value::bool(x.as_int_unchecked() $op y.as_int_unchecked()));
                next!(pc, regs, cx, base, ic)
            }
            if x.is_number() && y.is_number() {
                let x = if x.is_int() { f64::from(x.as_int_unchecked()) } else { f64::from_bits(x.to_bits()) };
                let y = if y.is_int() { f64::from(y.as_int_unchecked()) } else { f64::from_bits(y.to_bits()) };
                set(regs, (*pc).a, Value::bool(x $op y));
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        slow_handler!($slow => $function);
    };
}
relation!(Lt, lt_slow, <, slow::lt);
relation!(Le, le_slow, <=, slow::le);
relation!(Gt, gt_slow, >, slow::gt);
relation!(Ge, ge_slow, >=, slow::ge);

/// Whether two values with these bits are certainly equal or certainly not by identity alone: ints, objects, specials.
#[inline(always)]
pub(super) fn identity_decides(x: Value, y: Value) -> bool {
    let plain = |value: Value| value.is_int() || value.is_object() || value.tag() == tag::SPECIAL;
    plain(x) && plain(y)
}

/// Whether two strings are the same, or a string and something else, where that takes no look at their units.
///
/// # Safety
/// The handlers' contract.
#[inline(always)]
pub(super) unsafe fn strings_decide(base: *mut u8, x: Value, y: Value) -> Option<bool> {
    if !x.is_string() || !y.is_string() {
        return if x.is_string() || y.is_string() { Some(false) } else { None };
    }
    if x.to_bits() == y.to_bits() {
        return Some(true);
    }
    // SAFETY: the contract; strings have flags at +1 and their length at +8.
    unsafe {
        let (x, y) = (x.offset(), y.offset());
        let are_atoms = load::<u8>(base, x + 1) & load::<u8>(base, y + 1) & ATOM != 0;
        if are_atoms || load::<u32>(base, x + 8) != load::<u32>(base, y + 8) { Some(false) } else { None }
    }
}

macro_rules! strict {
    ($name:ident, $slow:ident, $generic:ident, $op:tt, $function:path) => {
        handler!($name(pc, regs, cx, base, ic) {
            let x = get(regs, (*pc).b);
            let y = get(regs, (*pc).c);
            if identity_decides(x, y) {
                set(regs, (*pc).a, Value::bool(x.to_bits() $op y.to_bits()));
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        handler!($slow(pc, regs, cx, base, ic) {
            if let Some(same) = strings_decide(base, get(regs, (*pc).b), get(regs, (*pc).c)) {
                set(regs, (*pc).a, Value::bool(same $op true));
                next!(pc, regs, cx, base, ic)
            }
            $generic(pc, regs, cx, base, ic)
        });
        slow_handler!($generic => $function);
    };
}
strict!(SEq, seq_strings, seq_slow, ==, slow::seq);
strict!(SNe, sne_strings, sne_slow, !=, slow::sne);
slow_handler!(Eq => slow::eq);
slow_handler!(Ne => slow::ne);
slow_handler!(InstanceOf => slow::instance_of);
slow_handler!(In => slow::in_operator);

handler!(TypeOf(pc, regs, cx, base, ic) {
    let value = get(regs, (*pc).b);
    let text = match value.tag() {
        tag::OBJECT => {
            let flags: u8 = load(base, value.offset() + 1);
            if flags & object_flag::HTML_DDA != 0 {
                return type_of_slow(pc, regs, cx, base, ic);
            }
            if flags & object_flag::CALLABLE != 0 { name::function } else { name::object }
        }
        tag::STRING => name::string,
        tag::INT => name::number,
        tag::SPECIAL if value.is_undefined() => name::undefined,
        tag::SPECIAL if value.is_bool() => name::boolean,
        _ if value.is_double() => name::number,
        _ => return type_of_slow(pc, regs, cx, base, ic),
    };
    set(regs, (*pc).a, text.value());
    next!(pc, regs, cx, base, ic)
});
slow_handler!(type_of_slow => slow::type_of);
