//! Jumps. A taken backward jump spends fuel; when there is none left the safepoint runs and the jump is tried again.

use super::comparison::{identity_decides, strings_decide};
use super::{get, handler, load, safepoint, unwind, wide};
use crate::interpreter::dispatch::{dispatch, next, save};
use crate::interpreter::slow::comparison as slow;
use crate::value::{Value, tag};

/// Takes a jump of `$offset` words.
macro_rules! jump {
    ($pc:ident, $regs:ident, $cx:ident, $base:ident, $ic:ident, $offset:expr) => {{
        let offset = $offset as isize;
        if offset < 0 {
            (*$cx).machine.fuel -= 1;
            if (*$cx).machine.fuel < 0 {
                return safepoint($pc, $regs, $cx, $base, $ic);
            }
        }
        dispatch!($pc.offset(offset + 1), $regs, $cx, $base, $ic)
    }};
}

handler!(Jmp(pc, regs, cx, base, ic) { jump!(pc, regs, cx, base, ic, wide(pc)) });

macro_rules! test_jump {
    ($name:ident, |$value:ident| $taken:expr) => {
        handler!($name(pc, regs, cx, base, ic) {
            let $value = get(regs, (*pc).a);
            if $taken {
                jump!(pc, regs, cx, base, ic, wide(pc))
            }
            next!(pc, regs, cx, base, ic)
        });
    };
}
test_jump!(JNullish, |value| value.is_nullish());
test_jump!(JNotNullish, |value| !value.is_nullish());
test_jump!(JUndefined, |value| value.is_undefined());
test_jump!(JNotUndefined, |value| !value.is_undefined());
test_jump!(JHole, |value| value.is_hole());

macro_rules! truth_jump {
    ($name:ident, $slow:ident, $when:expr) => {
        handler!($name(pc, regs, cx, base, ic) {
            let value = get(regs, (*pc).a);
            if value.is_bool() {
                if (value == Value::TRUE) == $when {
                    jump!(pc, regs, cx, base, ic, wide(pc))
                }
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        handler!($slow(pc, regs, cx, base, ic) {
            if (*cx).to_boolean(get(regs, (*pc).a)) == $when {
                jump!(pc, regs, cx, base, ic, wide(pc))
            }
            next!(pc, regs, cx, base, ic)
        });
    };
}
truth_jump!(JTrue, j_true_slow, true);
truth_jump!(JFalse, j_false_slow, false);

/// A slow comparison of two values that jumps on its result.
macro_rules! compare_slow {
    ($slow:ident, $function:path, $negate:literal, |$regs:ident, $word:ident| $left:expr, $right:expr) => {
        handler!($slow(pc, regs, cx, base, ic) {
            save!(pc, regs, cx, base, ic);
            let ($regs, $word) = (regs, *pc);
            match $function(&mut *cx, $left, $right) {
                Ok(result) if result != $negate => jump!(pc, regs, cx, base, ic, (*pc).c as i16),
                Ok(_) => next!(pc, regs, cx, base, ic),
                Err(_) => unwind(pc, regs, cx, base, ic),
            }
        });
    };
}

/// A relational comparison of registers: int, double, slow.
macro_rules! relation_jump {
    ($name:ident, $slow:ident, |$x:ident, $y:ident| $taken:expr, $function:path, $negate:literal) => {
        handler!($name(pc, regs, cx, base, ic) {
            let left = get(regs, (*pc).a);
            let right = get(regs, (*pc).b);
            if (left.to_bits() & right.to_bits()) >> 48 == tag::INT {
                let ($x, $y) = (left.as_int_unchecked(), right.as_int_unchecked());
                if $taken {
                    jump!(pc, regs, cx, base, ic, (*pc).c as i16)
                }
                next!(pc, regs, cx, base, ic)
            }
            if left.is_number() && right.is_number() {
                let $x = if left.is_int() { f64::from(left.as_int_unchecked()) } else { f64::from_bits(left.to_bits()) };
                let $y = if right.is_int() { f64::from(right.as_int_unchecked()) } else { f64::from_bits(right.to_bits()) };
                if $taken {
                    jump!(pc, regs, cx, base, ic, (*pc).c as i16)
                }
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        compare_slow!($slow, $function, $negate, |regs, word| get(regs, word.a), get(regs, word.b));
    };
}
// `!(x < y)` is not `x >= y` where NaN may be.
#[allow(clippy::neg_cmp_op_on_partial_ord, clippy::nonminimal_bool)]
mod relations {
    use super::*;
    relation_jump!(JLt, j_lt_slow, |x, y| x < y, slow::less, false);
    relation_jump!(JNLt, j_nlt_slow, |x, y| !(x < y), slow::less, true);
    relation_jump!(JLe, j_le_slow, |x, y| x <= y, slow::less_equal, false);
    relation_jump!(JNLe, j_nle_slow, |x, y| !(x <= y), slow::less_equal, true);
    relation_jump!(JGt, j_gt_slow, |x, y| x > y, slow::greater, false);
    relation_jump!(JNGt, j_ngt_slow, |x, y| !(x > y), slow::greater, true);
    relation_jump!(JGe, j_ge_slow, |x, y| x >= y, slow::greater_equal, false);
    relation_jump!(JNGe, j_nge_slow, |x, y| !(x >= y), slow::greater_equal, true);

    /// A relational comparison with an immediate.
    macro_rules! immediate_jump {
        ($name:ident, $slow:ident, |$x:ident, $y:ident| $taken:expr, $function:path, $negate:literal) => {
            handler!($name(pc, regs, cx, base, ic) {
                let left = get(regs, (*pc).a);
                if left.is_int() {
                    let ($x, $y) = (left.as_int_unchecked(), i32::from((*pc).b as i16));
                    if $taken {
                        jump!(pc, regs, cx, base, ic, (*pc).c as i16)
                    }
                    next!(pc, regs, cx, base, ic)
                }
                if left.is_double() {
                    let ($x, $y) = (f64::from_bits(left.to_bits()), f64::from((*pc).b as i16));
                    if $taken {
                        jump!(pc, regs, cx, base, ic, (*pc).c as i16)
                    }
                    next!(pc, regs, cx, base, ic)
                }
                $slow(pc, regs, cx, base, ic)
            });
            compare_slow!($slow, $function, $negate, |regs, word| get(regs, word.a), Value::int(i32::from(word.b as i16)));
        };
    }
    immediate_jump!(JLtI, j_lt_i_slow, |x, y| x < y, slow::less, false);
    immediate_jump!(JNLtI, j_nlt_i_slow, |x, y| !(x < y), slow::less, true);
    immediate_jump!(JLeI, j_le_i_slow, |x, y| x <= y, slow::less_equal, false);
    immediate_jump!(JNLeI, j_nle_i_slow, |x, y| !(x <= y), slow::less_equal, true);
    immediate_jump!(JGtI, j_gt_i_slow, |x, y| x > y, slow::greater, false);
    immediate_jump!(JNGtI, j_ngt_i_slow, |x, y| !(x > y), slow::greater, true);
    immediate_jump!(JGeI, j_ge_i_slow, |x, y| x >= y, slow::greater_equal, false);
    immediate_jump!(JNGeI, j_nge_i_slow, |x, y| !(x >= y), slow::greater_equal, true);
}
pub(in crate::interpreter) use relations::*;

macro_rules! strict_jump {
    ($name:ident, $slow:ident, $generic:ident, $op:tt, $negate:literal) => {
        handler!($name(pc, regs, cx, base, ic) {
            let left = get(regs, (*pc).a);
            let right = get(regs, (*pc).b);
            if identity_decides(left, right) {
                if left.to_bits() $op right.to_bits() {
                    jump!(pc, regs, cx, base, ic, (*pc).c as i16)
                }
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        handler!($slow(pc, regs, cx, base, ic) {
            if let Some(same) = strings_decide(base, get(regs, (*pc).a), get(regs, (*pc).b)) {
                if same != $negate {
                    jump!(pc, regs, cx, base, ic, (*pc).c as i16)
                }
                next!(pc, regs, cx, base, ic)
            }
            $generic(pc, regs, cx, base, ic)
        });
        compare_slow!($generic, slow::strictly_equal, $negate, |regs, word| get(regs, word.a), get(regs, word.b));
    };
}
strict_jump!(JSEq, j_seq_strings, j_seq_slow, ==, false);
strict_jump!(JSNe, j_sne_strings, j_sne_slow, !=, true);

macro_rules! strict_immediate {
    ($name:ident, $slow:ident, $op:tt, $negate:literal) => {
        handler!($name(pc, regs, cx, base, ic) {
            let left = get(regs, (*pc).a);
            if left.is_int() {
                if left.as_int_unchecked() $op i32::from((*pc).b as i16) {
                    jump!(pc, regs, cx, base, ic, (*pc).c as i16)
                }
                next!(pc, regs, cx, base, ic)
            }
            $slow(pc, regs, cx, base, ic)
        });
        compare_slow!($slow, slow::strictly_equal, $negate, |regs, word| get(regs, word.a), Value::int(i32::from(word.b as i16)));
    };
}
strict_immediate!(JSEqI, j_seq_i_slow, ==, false);
strict_immediate!(JSNeI, j_sne_i_slow, !=, true);

compare_slow!(JEq, slow::loosely_equal, false, |regs, word| get(regs, word.a), get(regs, word.b));
compare_slow!(JNe, slow::loosely_equal, true, |regs, word| get(regs, word.a), get(regs, word.b));

handler!(SwitchInt(pc, regs, cx, base, ic) {
    let value = get(regs, (*pc).a);
    let constants = super::simple::code_field!(base, regs, Constants);
    let table: u32 = load(base, constants.wrapping_add(16).wrapping_add((wide(pc) as u32).wrapping_mul(8)));
    let entries = load::<u32>(base, table + 4) / 4 - 1;
    let low: i32 = load(base, table + 8);
    let number = if value.is_int() {
        i64::from(value.as_int_unchecked())
    } else if value.is_double() {
        let number = f64::from_bits(value.to_bits());
        if number as i64 as f64 == number { number as i64 } else { i64::MIN }
    } else {
        i64::MIN
    };
    let index = number.wrapping_sub(i64::from(low)) as u64;
    if index < u64::from(entries) {
        let offset: i32 = load(base, table + 12 + 4 * index as u32);
        dispatch!(pc.offset(offset as isize + 1), regs, cx, base, ic)
    }
    next!(pc, regs, cx, base, ic)
});
