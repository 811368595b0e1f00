//! BigInt objects. https://tc39.es/ecma262/#sec-bigint-objects
//!
//! Arithmetic is in `crate::bigint`.

use crate::bigint;
use crate::context::Context;
use crate::conversions::PreferredType;
use crate::heap::{BigIntCell, Kind, Ref};
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static BIGINT: "BigInt" / 1 => construct, BigInt, BigIntPrototype; {
    static method "asIntN" / 2 => as_int_n,
    static method "asUintN" / 2 => as_uint_n,
    method "toLocaleString" / 0 => to_locale_string,
    method "toString" / 0 => to_string,
    method "valueOf" / 0 => value_of,
    tag "BigInt",
}}

// 21.2.1.1 BigInt ( value ), https://tc39.es/ecma262/#sec-bigint-constructor-number-value
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if args.is_construct() {
        return Err(cx.throw_type_error("BigInt is not a constructor"));
    }
    let primitive = cx.to_primitive(args.at(0), PreferredType::Number)?;
    match primitive.as_number() {
        Some(number) => number_to_bigint(cx, number),
        None => Ok(cx.to_bigint(primitive)?.value()),
    }
}

// 21.2.1.1.1 NumberToBigInt ( number ), https://tc39.es/ecma262/#sec-numbertobigint
fn number_to_bigint(cx: &mut Context, number: f64) -> Result<Value> {
    if !number.is_finite() || number.trunc() != number {
        let shown = crate::numeric::number_to_text(number);
        return Err(cx.throw_range_error(&format!("The number {shown} cannot be converted to a BigInt because it is not an integer")));
    }
    Ok(bigint::from_f64(&cx.heap, number).value())
}

// 21.2.2.1 BigInt.asIntN ( bits, bigint ), https://tc39.es/ecma262/#sec-bigint.asintn
fn as_int_n(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let bits = cx.to_index(args.at(0))?;
    let number = cx.to_bigint(args.at(1))?;
    Ok(bigint::as_int_n(cx, bits, number)?.value())
}

// 21.2.2.2 BigInt.asUintN ( bits, bigint ), https://tc39.es/ecma262/#sec-bigint.asuintn
fn as_uint_n(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let bits = cx.to_index(args.at(0))?;
    let number = cx.to_bigint(args.at(1))?;
    Ok(bigint::as_uint_n(cx, bits, number)?.value())
}

// 21.2.3.4.1 ThisBigIntValue ( value ), https://tc39.es/ecma262/#sec-thisbigintvalue
fn this_bigint(cx: &mut Context, this: Value, method: &str) -> Result<Ref<BigIntCell>> {
    if let Some(number) = this.as_bigint() {
        return Ok(number);
    }
    if let Some(object) = this.as_object()
        && object.is(&cx.heap, Kind::PrimitiveWrapper)
        && let Some(number) = object.internal(&cx.heap, 0).as_bigint()
    {
        return Ok(number);
    }
    Err(cx.throw_type_error(&format!("BigInt.prototype.{method} requires that 'this' be a BigInt")))
}

/// Text of a number; conversion of very long ones costs more than linearly.
fn text(cx: &mut Context, number: Ref<BigIntCell>, radix: u32) -> Result<String> {
    let limbs = u64::from(number.limb_count(&cx.heap));
    cx.spend_fuel(limbs * limbs.isqrt() / 4)?;
    Ok(bigint::to_text(&cx.heap, number, radix))
}

// 21.2.3.2 BigInt.prototype.toLocaleString ( [ reserved1 [ , reserved2 ] ] ), https://tc39.es/ecma262/#sec-bigint.prototype.tolocalestring
fn to_locale_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let number = this_bigint(cx, this, "toLocaleString")?;
    let digits = text(cx, number, 10)?;
    Ok(cx.new_string(&super::number::group_digits(&digits)))
}

// 21.2.3.3 BigInt.prototype.toString ( [ radix ] ), https://tc39.es/ecma262/#sec-bigint.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let number = this_bigint(cx, this, "toString")?;
    let radix = if args.at(0).is_undefined() { 10.0 } else { cx.to_integer_or_infinity(args.at(0))? };
    if !(2.0..=36.0).contains(&radix) {
        return Err(cx.throw_range_error("toString() radix must be between 2 and 36"));
    }
    let digits = text(cx, number, radix as u32)?;
    super::string::check_length(cx, digits.len() as u64)?;
    Ok(cx.new_string(&digits))
}

// 21.2.3.4 BigInt.prototype.valueOf ( ), https://tc39.es/ecma262/#sec-bigint.prototype.valueof
fn value_of(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this_bigint(cx, this, "valueOf")?.value())
}
