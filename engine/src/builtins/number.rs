//! Number objects. https://tc39.es/ecma262/#sec-number-objects
//!
//! `Number.parseInt` and `Number.parseFloat` are the global functions; `global_functions::finish` puts them here.

use crate::bigint;
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::numeric;
use crate::realm::Intrinsic;
use crate::value::Value;

const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

natives! { pub static NUMBER: "Number" / 1 => construct, Number, NumberPrototype; {
    static method "isFinite" / 1 => is_finite,
    static method "isInteger" / 1 => is_integer,
    static method "isNaN" / 1 => is_nan,
    static method "isSafeInteger" / 1 => is_safe_integer,
    static constant "EPSILON" => f64::EPSILON,
    static constant "MAX_SAFE_INTEGER" => MAX_SAFE_INTEGER,
    static constant "MAX_VALUE" => f64::MAX,
    static constant "MIN_SAFE_INTEGER" => -MAX_SAFE_INTEGER,
    static constant "MIN_VALUE" => 5e-324,
    static constant "NaN" => f64::NAN,
    static constant "NEGATIVE_INFINITY" => f64::NEG_INFINITY,
    static constant "POSITIVE_INFINITY" => f64::INFINITY,
    method "toExponential" / 1 => to_exponential,
    method "toFixed" / 1 => to_fixed,
    method "toLocaleString" / 0 => to_locale_string,
    method "toPrecision" / 1 => to_precision,
    method "toString" / 1 => to_string,
    method "valueOf" / 0 => value_of,
}}

// 21.1.1.1 Number ( value ), https://tc39.es/ecma262/#sec-number-constructor-number-value
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let number = match args.get(0) {
        None => Value::ZERO,
        Some(value) => {
            let primitive = cx.to_numeric(value)?;
            match primitive.as_bigint() {
                Some(big) => Value::number(bigint::to_f64(&cx.heap, big)),
                None => primitive,
            }
        }
    };
    if !args.is_construct() {
        return Ok(number);
    }
    let object = cx.create_from_constructor(args.new_target, Intrinsic::NumberPrototype, Kind::PrimitiveWrapper)?;
    object.set_internal(&cx.heap, 0, number);
    Ok(object.value())
}

// 21.1.2.2 Number.isFinite ( number ), https://tc39.es/ecma262/#sec-number.isfinite
fn is_finite(_: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(args.at(0).as_number().is_some_and(f64::is_finite)))
}

/// IsIntegralNumber. https://tc39.es/ecma262/#sec-isintegralnumber
fn is_integral(value: Value) -> bool {
    value.as_number().is_some_and(|number| number.is_finite() && number.trunc() == number)
}

// 21.1.2.3 Number.isInteger ( number ), https://tc39.es/ecma262/#sec-number.isinteger
fn is_integer(_: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(is_integral(args.at(0))))
}

// 21.1.2.4 Number.isNaN ( number ), https://tc39.es/ecma262/#sec-number.isnan
fn is_nan(_: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(args.at(0).as_number().is_some_and(f64::is_nan)))
}

// 21.1.2.5 Number.isSafeInteger ( number ), https://tc39.es/ecma262/#sec-number.issafeinteger
fn is_safe_integer(_: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let value = args.at(0);
    Ok(Value::bool(is_integral(value) && value.as_number().is_some_and(|number| number.abs() <= MAX_SAFE_INTEGER)))
}

// 21.1.3.7.1 ThisNumberValue ( value ), https://tc39.es/ecma262/#sec-thisnumbervalue
fn this_number(cx: &mut Context, this: Value, method: &str) -> Result<f64> {
    if let Some(number) = this.as_number() {
        return Ok(number);
    }
    if let Some(object) = this.as_object()
        && object.is(&cx.heap, Kind::PrimitiveWrapper)
        && let Some(number) = object.internal(&cx.heap, 0).as_number()
    {
        return Ok(number);
    }
    Err(cx.throw_type_error(&format!("Number.prototype.{method} requires that 'this' be a Number")))
}

// 21.1.3.2 Number.prototype.toExponential ( fractionDigits ), https://tc39.es/ecma262/#sec-number.prototype.toexponential
fn to_exponential(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let number = this_number(cx, this, "toExponential")?;
    let digits = cx.to_integer_or_infinity(args.at(0))?;
    if !number.is_finite() {
        return Ok(cx.number_to_string(number).value());
    }
    if !(0.0..=100.0).contains(&digits) {
        return Err(cx.throw_range_error("toExponential() argument must be between 0 and 100"));
    }
    let digits = if args.at(0).is_undefined() { None } else { Some(digits as usize) };
    Ok(cx.new_string(&numeric::to_exponential(number, digits)))
}

// 21.1.3.3 Number.prototype.toFixed ( fractionDigits ), https://tc39.es/ecma262/#sec-number.prototype.tofixed
fn to_fixed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let number = this_number(cx, this, "toFixed")?;
    let digits = cx.to_integer_or_infinity(args.at(0))?;
    if !(0.0..=100.0).contains(&digits) {
        return Err(cx.throw_range_error("toFixed() digits argument must be between 0 and 100"));
    }
    Ok(cx.new_string(&numeric::to_fixed(number, digits as usize)))
}

// 21.1.3.4 Number.prototype.toLocaleString ( [ reserved1 [ , reserved2 ] ] ), https://tc39.es/ecma262/#sec-number.prototype.tolocalestring
/// Groups of three digits and at most three places, as V8 writes numbers by default. ECMA-402 is absent, so arguments mean nothing.
fn to_locale_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let number = this_number(cx, this, "toLocaleString")?;
    if !number.is_finite() {
        let text = if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "∞"
        } else {
            "-∞"
        };
        return Ok(cx.new_string(text));
    }
    // Integers too large for toFixed's notation are written out by the formatter.
    let text = if number.abs() >= 1e21 { format!("{number:.0}") } else { numeric::to_fixed(number, 3) };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut grouped = group_digits(whole);
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    Ok(cx.new_string(&grouped))
}

/// Digits with commas between groups of three.
pub(super) fn group_digits(whole: &str) -> String {
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    let mut grouped = sign.to_string();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

// 21.1.3.5 Number.prototype.toPrecision ( precision ), https://tc39.es/ecma262/#sec-number.prototype.toprecision
fn to_precision(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let number = this_number(cx, this, "toPrecision")?;
    if args.at(0).is_undefined() {
        return Ok(cx.number_to_string(number).value());
    }
    let precision = cx.to_integer_or_infinity(args.at(0))?;
    if !number.is_finite() {
        return Ok(cx.number_to_string(number).value());
    }
    if !(1.0..=100.0).contains(&precision) {
        return Err(cx.throw_range_error("toPrecision() argument must be between 1 and 100"));
    }
    Ok(cx.new_string(&numeric::to_precision(number, precision as usize)))
}

// 21.1.3.6 Number.prototype.toString ( [ radix ] ), https://tc39.es/ecma262/#sec-number.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let number = this_number(cx, this, "toString")?;
    let radix = if args.at(0).is_undefined() { 10.0 } else { cx.to_integer_or_infinity(args.at(0))? };
    if !(2.0..=36.0).contains(&radix) {
        return Err(cx.throw_range_error("toString() radix must be between 2 and 36"));
    }
    if radix == 10.0 {
        return Ok(cx.number_to_string(number).value());
    }
    Ok(cx.new_string(&numeric::number_to_radix(number, radix as u32)))
}

// 21.1.3.7 Number.prototype.valueOf ( ), https://tc39.es/ecma262/#sec-number.prototype.valueof
fn value_of(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::number(this_number(cx, this, "valueOf")?))
}
