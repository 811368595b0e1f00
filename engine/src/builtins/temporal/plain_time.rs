//! Temporal.PlainTime. https://tc39.es/proposal-temporal/#sec-temporal-plaintime-objects

use temporal_rs::PlainTime;
use temporal_rs::options::ToStringRoundingOptions;

use super::conversions::{to_duration, to_time};
use super::duration::order_value;
use super::fields::{TimeFields, integer_argument, narrow, partial_object};
use super::options::{Options, rounding};
use super::slots::{OrThrow, create, require, wrap};
use super::{time_getters, value_of};
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static PLAIN_TIME: "PlainTime" / 0 => construct, TemporalPlainTime, TemporalPlainTimePrototype, not_global; {
    static method "from" / 1 => from,
    static method "compare" / 2 => compare,
    get "hour" => hour,
    get "minute" => minute,
    get "second" => second,
    get "millisecond" => millisecond,
    get "microsecond" => microsecond,
    get "nanosecond" => nanosecond,
    method "add" / 1 => add,
    method "subtract" / 1 => subtract,
    method "with" / 1 => with,
    method "until" / 1 => until,
    method "since" / 1 => since,
    method "round" / 1 => round,
    method "equals" / 1 => equals,
    method "toString" / 0 => to_string,
    method "toLocaleString" / 0 => to_locale_string,
    method "toJSON" / 0 => to_json,
    method "valueOf" / 0 => value_of,
    tag "Temporal.PlainTime",
}}

time_getters!(PlainTime, "Temporal.PlainTime");
value_of!("Temporal.PlainTime", "use Temporal.PlainTime.compare for comparison.");

/// Six numbers, hour to nanosecond, as a time; RangeError where no time has these.
pub(super) fn time_of_numbers(cx: &mut Context, numbers: [f64; 6]) -> Result<PlainTime> {
    let [hour, minute, second, millisecond, microsecond, nanosecond] = numbers;
    let (hour, minute, second) = (narrow(cx, hour)?, narrow(cx, minute)?, narrow(cx, second)?);
    let (millisecond, microsecond, nanosecond) = (narrow(cx, millisecond)?, narrow(cx, microsecond)?, narrow(cx, nanosecond)?);
    PlainTime::try_new(hour, minute, second, millisecond, microsecond, nanosecond).or_throw(cx)
}

// 4.1.1 Temporal.PlainTime, https://tc39.es/proposal-temporal/#sec-temporal.plaintime
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor Temporal.PlainTime requires 'new'"));
    }
    let mut numbers = [0.0; 6];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = integer_argument(cx, args.at(index), 0.0)?;
    }
    let time = time_of_numbers(cx, numbers)?;
    create(cx, &time, args.new_target)
}

// 4.2.2 Temporal.PlainTime.from ( item [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal.plaintime.from
fn from(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let time = to_time(cx, args.at(0), args.at(1))?;
    wrap(cx, &time)
}

// 4.2.3 Temporal.PlainTime.compare ( one, two ), https://tc39.es/proposal-temporal/#sec-temporal.plaintime.compare
fn compare(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let one = to_time(cx, args.at(0), Value::UNDEFINED)?;
    let two = to_time(cx, args.at(1), Value::UNDEFINED)?;
    Ok(order_value(one.cmp(&two)))
}

// 4.3.9 Temporal.PlainTime.prototype.add ( temporalDurationLike ), https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.add
fn add(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "Temporal.PlainTime.prototype.add")?;
    let duration = to_duration(cx, args.at(0))?;
    let sum = time.add(&duration).or_throw(cx)?;
    wrap(cx, &sum)
}

// 4.3.10 Temporal.PlainTime.prototype.subtract ( temporalDurationLike ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.subtract
fn subtract(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "Temporal.PlainTime.prototype.subtract")?;
    let duration = to_duration(cx, args.at(0))?;
    let difference = time.subtract(&duration).or_throw(cx)?;
    wrap(cx, &difference)
}

// 4.3.11 Temporal.PlainTime.prototype.with ( temporalTimeLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.with
fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "Temporal.PlainTime.prototype.with")?;
    let bag = partial_object(cx, args.at(0))?;
    let bag = TimeFields::read(cx, bag)?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let changed = time.with(bag.partial(overflow), Some(overflow)).or_throw(cx)?;
    wrap(cx, &changed)
}

// 4.3.12 Temporal.PlainTime.prototype.until ( other [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.until
fn until(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "Temporal.PlainTime.prototype.until")?;
    let other = to_time(cx, args.at(0), Value::UNDEFINED)?;
    let settings = Options::of(cx, args.at(1))?.difference(cx)?;
    let duration = time.until(&other, settings).or_throw(cx)?;
    wrap(cx, &duration)
}

// 4.3.13 Temporal.PlainTime.prototype.since ( other [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.since
fn since(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "Temporal.PlainTime.prototype.since")?;
    let other = to_time(cx, args.at(0), Value::UNDEFINED)?;
    let settings = Options::of(cx, args.at(1))?.difference(cx)?;
    let duration = time.since(&other, settings).or_throw(cx)?;
    wrap(cx, &duration)
}

// 4.3.14 Temporal.PlainTime.prototype.round ( roundTo ), https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.round
fn round(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "Temporal.PlainTime.prototype.round")?;
    let options = rounding(cx, args.at(0))?;
    let rounded = time.round(options).or_throw(cx)?;
    wrap(cx, &rounded)
}

// 4.3.15 Temporal.PlainTime.prototype.equals ( other ), https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.equals
fn equals(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "Temporal.PlainTime.prototype.equals")?;
    let other = to_time(cx, args.at(0), Value::UNDEFINED)?;
    Ok(Value::bool(time == other))
}

// 4.3.16 Temporal.PlainTime.prototype.toString ( [ options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "Temporal.PlainTime.prototype.toString")?;
    let options = Options::of(cx, args.at(0))?.to_string_rounding(cx)?;
    let text = time.to_ixdtf_string(options).or_throw(cx)?;
    Ok(cx.new_string(&text))
}

// 4.3.17 Temporal.PlainTime.prototype.toLocaleString, https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.tolocalestring
fn to_locale_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "Temporal.PlainTime.prototype.toLocaleString")?;
    default_text(cx, &time)
}

// 4.3.18 Temporal.PlainTime.prototype.toJSON ( ), https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.tojson
fn to_json(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "Temporal.PlainTime.prototype.toJSON")?;
    default_text(cx, &time)
}

fn default_text(cx: &mut Context, time: &PlainTime) -> Result<Value> {
    let text = time.to_ixdtf_string(ToStringRoundingOptions::default()).or_throw(cx)?;
    Ok(cx.new_string(&text))
}
