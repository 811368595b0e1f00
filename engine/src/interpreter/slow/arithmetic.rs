//! Arithmetic on anything. https://tc39.es/ecma262/#sec-applystringornumericbinaryoperator

use super::{b, c, set_a, settle};
use crate::bigint;
use crate::bytecode::Word;
use crate::context::Context;
use crate::heap::{BigIntCell, Ref};
use crate::native::Result;
use crate::value::Value;

fn as_bigint(value: Value) -> Ref<BigIntCell> {
    Ref::from_offset(value.offset())
}

/// Numbers or BigInts on both sides; TypeError for a mixture.
fn numeric_operands(cx: &mut Context, left: Value, right: Value) -> Result<(Value, Value)> {
    let left = cx.to_numeric(left)?;
    let right = cx.to_numeric(right)?;
    if left.is_bigint() != right.is_bigint() {
        return Err(cx.throw_type_error("Cannot mix BigInt and other types, use explicit conversions"));
    }
    Ok((left, right))
}

fn number(value: Value) -> f64 {
    value.as_number().unwrap_or(f64::NAN)
}

/// ToInt32 of a Number.
pub(in crate::interpreter) fn int32(value: Value) -> i32 {
    match value.as_int() {
        Some(int) => int,
        None => double_to_int32(number(value)),
    }
}

/// ToInt32. https://tc39.es/ecma262/#sec-toint32
pub(crate) fn double_to_int32(number: f64) -> i32 {
    let int = number as i64;
    if int as f64 == number.trunc() && int != i64::MAX {
        return int as i32;
    }
    if !number.is_finite() {
        return 0;
    }
    number.trunc().rem_euclid(4_294_967_296.0) as u32 as i32
}

/// Remainder as JS defines it.
fn remainder(x: f64, y: f64) -> f64 {
    x % y
}

/// Number::exponentiate. https://tc39.es/ecma262/#sec-numeric-types-number-exponentiate
pub(crate) fn power(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (base.abs() == 1.0 && exponent.is_infinite()) {
        return f64::NAN;
    }
    base.powf(exponent)
}

macro_rules! numeric {
    ($name:ident, |$x:ident, $y:ident| $number:expr, $bigint:path) => {
        #[cold]
        #[inline(never)]
        pub(in crate::interpreter) fn $name(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
            settle(cx, regs);
            let result = operate_on(cx, b(cx, word, regs), c(cx, word, regs), |$x, $y| $number, $bigint)?;
            set_a(cx, word, regs, result);
            Ok(())
        }
    };
}

type BigIntOperation = fn(&mut Context, Ref<BigIntCell>, Ref<BigIntCell>) -> Result<Ref<BigIntCell>>;

fn operate_on(cx: &mut Context, left: Value, right: Value, numbers: impl Fn(f64, f64) -> f64, bigints: BigIntOperation) -> Result<Value> {
    let (left, right) = numeric_operands(cx, left, right)?;
    if left.is_bigint() {
        return Ok(bigints(cx, as_bigint(left), as_bigint(right))?.value());
    }
    Ok(Value::number(numbers(number(left), number(right))))
}

numeric!(sub, |x, y| x - y, bigint::sub);
numeric!(mul, |x, y| x * y, bigint::mul);
numeric!(div, |x, y| x / y, bigint::div);
numeric!(rem, |x, y| remainder(x, y), bigint::rem);
numeric!(exp, |x, y| power(x, y), bigint::pow);
numeric!(bit_and, |x, y| f64::from(double_to_int32(x) & double_to_int32(y)), bigint::and);
numeric!(bit_or, |x, y| f64::from(double_to_int32(x) | double_to_int32(y)), bigint::or);
numeric!(bit_xor, |x, y| f64::from(double_to_int32(x) ^ double_to_int32(y)), bigint::xor);
numeric!(shl, |x, y| f64::from(double_to_int32(x).wrapping_shl(double_to_int32(y) as u32)), bigint::shl);
numeric!(shr, |x, y| f64::from(double_to_int32(x).wrapping_shr(double_to_int32(y) as u32)), bigint::shr);
numeric!(ushr, |x, y| f64::from((double_to_int32(x) as u32).wrapping_shr(double_to_int32(y) as u32)), unsigned_shift_error);

// 6.1.6.2.11 BigInt::unsignedRightShift ( x, y ), https://tc39.es/ecma262/#sec-numeric-types-bigint-unsignedRightShift
fn unsigned_shift_error(cx: &mut Context, _: Ref<BigIntCell>, _: Ref<BigIntCell>) -> Result<Ref<BigIntCell>> {
    Err(cx.throw_type_error("BigInts have no unsigned right shift, use >> instead"))
}

/// `Add`
#[inline(never)]
pub(in crate::interpreter) fn add(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let (left, right) = (b(cx, word, regs), c(cx, word, regs));
    let result = add_values(cx, regs, left, right)?;
    set_a(cx, word, regs, result);
    Ok(())
}

fn add_values(cx: &mut Context, regs: u32, left: Value, right: Value) -> Result<Value> {
    if let (Some(left), Some(right)) = (left.as_string(), right.as_string()) {
        return Ok(cx.concat(left, right)?.value());
    }
    settle(cx, regs);
    cx.add(left, right)
}

macro_rules! immediate {
    ($name:ident, |$x:ident, $y:ident| $number:expr, $bigint:path) => {
        #[cold]
        #[inline(never)]
        pub(in crate::interpreter) fn $name(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
            settle(cx, regs);
            let right = Value::int(i32::from(word.c as i16));
            let result = operate_on(cx, b(cx, word, regs), right, |$x, $y| $number, $bigint)?;
            set_a(cx, word, regs, result);
            Ok(())
        }
    };
}

immediate!(sub_i, |x, y| x - y, bigint::sub);
immediate!(mul_i, |x, y| x * y, bigint::mul);
immediate!(bit_and_i, |x, y| f64::from(double_to_int32(x) & double_to_int32(y)), bigint::and);
immediate!(bit_or_i, |x, y| f64::from(double_to_int32(x) | double_to_int32(y)), bigint::or);
immediate!(shl_i, |x, y| f64::from(double_to_int32(x).wrapping_shl(double_to_int32(y) as u32)), bigint::shl);
immediate!(shr_i, |x, y| f64::from(double_to_int32(x).wrapping_shr(double_to_int32(y) as u32)), bigint::shr);
immediate!(ushr_i, |x, y| f64::from((double_to_int32(x) as u32).wrapping_shr(double_to_int32(y) as u32)), unsigned_shift_error);

/// `AddI`
#[inline(never)]
pub(in crate::interpreter) fn add_i(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let result = add_values(cx, regs, b(cx, word, regs), Value::int(i32::from(word.c as i16)))?;
    set_a(cx, word, regs, result);
    Ok(())
}

/// `Neg`
pub(in crate::interpreter) fn neg(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let value = cx.to_numeric(b(cx, word, regs))?;
    let result = if value.is_bigint() { bigint::neg(cx, as_bigint(value))?.value() } else { Value::number(-number(value)) };
    set_a(cx, word, regs, result);
    Ok(())
}

/// `BitNot`
pub(in crate::interpreter) fn bit_not(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let value = cx.to_numeric(b(cx, word, regs))?;
    let result = if value.is_bigint() { bigint::not(cx, as_bigint(value))?.value() } else { Value::int(!int32(value)) };
    set_a(cx, word, regs, result);
    Ok(())
}

/// `Not`
pub(in crate::interpreter) fn not(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let truth = cx.to_boolean(b(cx, word, regs));
    set_a(cx, word, regs, Value::bool(!truth));
    Ok(())
}

fn step(cx: &mut Context, word: Word, regs: u32, by: i32) -> Result<()> {
    settle(cx, regs);
    let value = cx.to_numeric(b(cx, word, regs))?;
    let result = if value.is_bigint() {
        let one = bigint::from_i64(&cx.heap, i64::from(by));
        bigint::add(cx, as_bigint(value), one)?.value()
    } else {
        Value::number(number(value) + f64::from(by))
    };
    set_a(cx, word, regs, result);
    Ok(())
}

/// `Inc`
pub(in crate::interpreter) fn inc(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    step(cx, word, regs, 1)
}

/// `Dec`
pub(in crate::interpreter) fn dec(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    step(cx, word, regs, -1)
}

/// `ToNumber`
pub(in crate::interpreter) fn to_number(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let number = cx.to_number(b(cx, word, regs))?;
    set_a(cx, word, regs, Value::number(number));
    Ok(())
}

/// `ToNumeric`
pub(in crate::interpreter) fn to_numeric(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let value = cx.to_numeric(b(cx, word, regs))?;
    set_a(cx, word, regs, value);
    Ok(())
}

/// `ToString`
pub(in crate::interpreter) fn to_string(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let text = cx.to_string(b(cx, word, regs))?;
    set_a(cx, word, regs, text.value());
    Ok(())
}

/// `ToPropertyKey`
pub(in crate::interpreter) fn to_property_key(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let value = b(cx, word, regs);
    if word.x & 1 != 0 && c(cx, word, regs).is_nullish() {
        let object = crate::realm::error::describe(cx, c(cx, word, regs));
        return Err(cx.throw_type_error(&format!("Cannot read properties of {object}")));
    }
    let result = if value.is_object() {
        let key = cx.to_property_key(value)?;
        key.to_value(&cx.heap)
    } else {
        value
    };
    set_a(cx, word, regs, result);
    Ok(())
}

/// `Concat`
pub(in crate::interpreter) fn concat(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let heap = &cx.heap;
    let pieces = (0..u32::from(word.c)).filter_map(|i| super::super::register(heap, regs, u32::from(word.b) + i).as_string());
    if let Some(result) = heap.concat_short(pieces) {
        set_a(cx, word, regs, result.value());
        return Ok(());
    }
    let mut result = cx.heap.empty_string();
    for i in 0..u32::from(word.c) {
        if let Some(piece) = super::super::register(&cx.heap, regs, u32::from(word.b) + i).as_string() {
            result = cx.concat(result, piece)?;
        }
    }
    set_a(cx, word, regs, result.value());
    Ok(())
}
