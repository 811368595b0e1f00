//! Arithmetic: int, then double, then slow.

use super::{get, handler, set, slow_handler};
use crate::interpreter::dispatch::next;
use crate::interpreter::slow::arithmetic as slow;
use crate::value::{Value, tag};

/// Both operands as doubles, if both are numbers.
macro_rules! both_doubles {
    ($x:ident, $y:ident) => {{
        let x = if $x.is_int() { f64::from($x.as_int_unchecked()) } else { f64::from_bits($x.to_bits()) };
        let y = if $y.is_int() { f64::from($y.as_int_unchecked()) } else { f64::from_bits($y.to_bits()) };
        (x, y)
    }};
}

#[inline(always)]
fn both_ints(x: Value, y: Value) -> bool {
    (x.to_bits() & y.to_bits()) >> 48 == tag::INT
}

macro_rules! arithmetic_op {
    ($name:ident, $doubles:ident, $slow:ident, $checked:ident, $op:tt, $function:path) => {
        handler!($name(pc, regs, cx, base, ic) {
            let x = get(regs, (*pc).b);
            let y = get(regs, (*pc).c);
            if both_ints(x, y) && let Some(result) = x.as_int_unchecked().$checked(y.as_int_unchecked()) {
                set(regs, (*pc).a, Value::int(result));
                next!(pc, regs, cx, base, ic)
            }
            $doubles(pc, regs, cx, base, ic)
        });
        handler!($doubles(pc, regs, cx, base, ic) {
            let x = get(regs, (*pc).b);
            let y = get(regs, (*pc).c);
            if x.is_number() && y.is_number() {
                let (x, y) = both_doubles!(x, y);
                set(regs, (*pc).a, Value::double(x $op y));
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        slow_handler!($slow => $function);
    };
}

arithmetic_op!(Add, add_doubles, add_slow, checked_add, +, slow::add);
arithmetic_op!(Sub, sub_doubles, sub_slow, checked_sub, -, slow::sub);

/// Product of two ints where it is an int and no negative zero.
#[inline(always)]
fn mul_ints(x: i32, y: i32) -> Option<i32> {
    x.checked_mul(y).filter(|&product| product != 0 || (x | y) >= 0)
}

handler!(Mul(pc, regs, cx, base, ic) {
    let x = get(regs, (*pc).b);
    let y = get(regs, (*pc).c);
    if both_ints(x, y) && let Some(result) = mul_ints(x.as_int_unchecked(), y.as_int_unchecked()) {
        set(regs, (*pc).a, Value::int(result));
        next!(pc, regs, cx, base, ic)
    }
    mul_doubles(pc, regs, cx, base, ic)
});
handler!(mul_doubles(pc, regs, cx, base, ic) {
    let x = get(regs, (*pc).b);
    let y = get(regs, (*pc).c);
    if x.is_number() && y.is_number() {
        let (x, y) = both_doubles!(x, y);
        set(regs, (*pc).a, Value::double(x * y));
        next!(pc, regs, cx, base, ic)
    }
    mul_slow(pc, regs, cx, base, ic)
});
slow_handler!(mul_slow => slow::mul);

handler!(Div(pc, regs, cx, base, ic) {
    let x = get(regs, (*pc).b);
    let y = get(regs, (*pc).c);
    if x.is_number() && y.is_number() {
        let (x, y) = both_doubles!(x, y);
        set(regs, (*pc).a, Value::number(x / y));
        next!(pc, regs, cx, base, ic)
    }
    div_slow(pc, regs, cx, base, ic)
});
slow_handler!(div_slow => slow::div);

handler!(Mod(pc, regs, cx, base, ic) {
    let x = get(regs, (*pc).b);
    let y = get(regs, (*pc).c);
    if both_ints(x, y) {
        let (x, y) = (x.as_int_unchecked(), y.as_int_unchecked());
        if x >= 0 && y > 0 {
            set(regs, (*pc).a, Value::int(((x as u32) % (y as u32)) as i32));
            next!(pc, regs, cx, base, ic)
        }
    }
    mod_slow(pc, regs, cx, base, ic)
});
slow_handler!(mod_slow => slow::rem);
slow_handler!(Exp => slow::exp);

macro_rules! bit_op {
    ($name:ident, $slow:ident, |$x:ident, $y:ident| $result:expr, $function:path) => {
        handler!($name(pc, regs, cx, base, ic) {
            let a = get(regs, (*pc).b);
            let b = get(regs, (*pc).c);
            if both_ints(a, b) {
                let ($x, $y) = (a.as_int_unchecked(), b.as_int_unchecked());
                set(regs, (*pc).a, $result);
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        slow_handler!($slow => $function);
    };
}

#[inline(always)]
fn unsigned(number: u32) -> Value {
    if number <= i32::MAX as u32 { Value::int(number as i32) } else { Value::double(f64::from(number)) }
}

bit_op!(BitAnd, bit_and_slow, |x, y| Value::int(x & y), slow::bit_and);
bit_op!(BitOr, bit_or_slow, |x, y| Value::int(x | y), slow::bit_or);
bit_op!(BitXor, bit_xor_slow, |x, y| Value::int(x ^ y), slow::bit_xor);
bit_op!(Shl, shl_slow, |x, y| Value::int(x.wrapping_shl(y as u32)), slow::shl);
bit_op!(Shr, shr_slow, |x, y| Value::int(x.wrapping_shr(y as u32)), slow::shr);
bit_op!(UShr, ushr_slow, |x, y| unsigned((x as u32).wrapping_shr(y as u32)), slow::ushr);

macro_rules! arithmetic_immediate {
    ($name:ident, $slow:ident, $checked:ident, $op:tt, $function:path) => {
        handler!($name(pc, regs, cx, base, ic) {
            let x = get(regs, (*pc).b);
            let y = i32::from((*pc).c as i16);
            if x.is_int() && let Some(result) = x.as_int_unchecked().$checked(y) {
                set(regs, (*pc).a, Value::int(result));
                next!(pc, regs, cx, base, ic)
            }
            if x.is_double() {
                set(regs, (*pc).a, Value::double(f64::from_bits(x.to_bits()) $op f64::from(y)));
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        slow_handler!($slow => $function);
    };
}

arithmetic_immediate!(AddI, add_i_slow, checked_add, +, slow::add_i);
arithmetic_immediate!(SubI, sub_i_slow, checked_sub, -, slow::sub_i);

handler!(MulI(pc, regs, cx, base, ic) {
    let x = get(regs, (*pc).b);
    let y = i32::from((*pc).c as i16);
    if x.is_int() && let Some(result) = mul_ints(x.as_int_unchecked(), y) {
        set(regs, (*pc).a, Value::int(result));
        next!(pc, regs, cx, base, ic)
    }
    if x.is_double() {
        set(regs, (*pc).a, Value::double(f64::from_bits(x.to_bits()) * f64::from(y)));
        next!(pc, regs, cx, base, ic)
    }
    mul_i_slow(pc, regs, cx, base, ic)
});
slow_handler!(mul_i_slow => slow::mul_i);

macro_rules! bit_immediate {
    ($name:ident, $slow:ident, |$x:ident, $y:ident| $result:expr, $function:path) => {
        handler!($name(pc, regs, cx, base, ic) {
            let a = get(regs, (*pc).b);
            if a.is_int() {
                let $x = a.as_int_unchecked();
                let $y = i32::from((*pc).c as i16);
                set(regs, (*pc).a, $result);
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        slow_handler!($slow => $function);
    };
}

bit_immediate!(BitAndI, bit_and_i_slow, |x, y| Value::int(x & y), slow::bit_and_i);
bit_immediate!(BitOrI, bit_or_i_slow, |x, y| Value::int(x | y), slow::bit_or_i);
bit_immediate!(ShlI, shl_i_slow, |x, y| Value::int(x.wrapping_shl(y as u32)), slow::shl_i);
bit_immediate!(ShrI, shr_i_slow, |x, y| Value::int(x.wrapping_shr(y as u32)), slow::shr_i);
bit_immediate!(UShrI, ushr_i_slow, |x, y| unsigned((x as u32).wrapping_shr(y as u32)), slow::ushr_i);

handler!(Neg(pc, regs, cx, base, ic) {
    let x = get(regs, (*pc).b);
    if x.is_int() {
        let number = x.as_int_unchecked();
        if number != 0 && number != i32::MIN {
            set(regs, (*pc).a, Value::int(-number));
            next!(pc, regs, cx, base, ic)
        }
    }
    if x.is_double() {
        set(regs, (*pc).a, Value::double(-f64::from_bits(x.to_bits())));
        next!(pc, regs, cx, base, ic)
    }
    neg_slow(pc, regs, cx, base, ic)
});
slow_handler!(neg_slow => slow::neg);

handler!(BitNot(pc, regs, cx, base, ic) {
    let x = get(regs, (*pc).b);
    if x.is_int() {
        set(regs, (*pc).a, Value::int(!x.as_int_unchecked()));
        next!(pc, regs, cx, base, ic)
    }
    bit_not_slow(pc, regs, cx, base, ic)
});
slow_handler!(bit_not_slow => slow::bit_not);

handler!(Not(pc, regs, cx, base, ic) {
    let x = get(regs, (*pc).b);
    if x.is_bool() {
        set(regs, (*pc).a, Value(x.0 ^ 1));
        next!(pc, regs, cx, base, ic)
    }
    not_slow(pc, regs, cx, base, ic)
});
slow_handler!(not_slow => slow::not);

macro_rules! numeric_step {
    ($name:ident, $slow:ident, $checked:ident, $op:tt, $function:path) => {
        handler!($name(pc, regs, cx, base, ic) {
            let x = get(regs, (*pc).b);
            if x.is_int() && let Some(result) = x.as_int_unchecked().$checked(1) {
                set(regs, (*pc).a, Value::int(result));
                next!(pc, regs, cx, base, ic)
            }
            if x.is_double() {
                set(regs, (*pc).a, Value::double(f64::from_bits(x.to_bits()) $op 1.0));
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        slow_handler!($slow => $function);
    };
}
numeric_step!(Inc, inc_slow, checked_add, +, slow::inc);
numeric_step!(Dec, dec_slow, checked_sub, -, slow::dec);

macro_rules! identity_for_numbers {
    ($name:ident, $slow:ident, $function:path) => {
        handler!($name(pc, regs, cx, base, ic) {
            let x = get(regs, (*pc).b);
            if x.is_number() {
                set(regs, (*pc).a, x);
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        slow_handler!($slow => $function);
    };
}
identity_for_numbers!(ToNumber, to_number_slow, slow::to_number);
identity_for_numbers!(ToNumeric, to_numeric_slow, slow::to_numeric);

handler!(ToString(pc, regs, cx, base, ic) {
    let x = get(regs, (*pc).b);
    if x.is_string() {
        set(regs, (*pc).a, x);
        next!(pc, regs, cx, base, ic)
    }
    to_string_slow(pc, regs, cx, base, ic)
});
slow_handler!(to_string_slow => slow::to_string);
