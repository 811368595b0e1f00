//! Temporal.Instant. https://tc39.es/proposal-temporal/#sec-temporal-instant-objects

use temporal_rs::Instant;
use temporal_rs::options::ToStringRoundingOptions;

use super::conversions::{to_duration, to_instant};
use super::duration::order_value;
use super::fields::to_time_zone;
use super::options::{Options, rounding};
use super::slots::{OrThrow, bigint_to_i128, create, provider, require, wrap};
use super::{getters, value_of};
use crate::bigint;
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static INSTANT: "Instant" / 1 => construct, TemporalInstant, TemporalInstantPrototype, not_global; {
    static method "from" / 1 => from,
    static method "fromEpochMilliseconds" / 1 => from_epoch_milliseconds,
    static method "fromEpochNanoseconds" / 1 => from_epoch_nanoseconds,
    static method "compare" / 2 => compare,
    get "epochMilliseconds" => epoch_milliseconds,
    get "epochNanoseconds" => epoch_nanoseconds,
    method "add" / 1 => add,
    method "subtract" / 1 => subtract,
    method "until" / 1 => until,
    method "since" / 1 => since,
    method "round" / 1 => round,
    method "equals" / 1 => equals,
    method "toString" / 0 => to_string,
    method "toLocaleString" / 0 => to_locale_string,
    method "toJSON" / 0 => to_json,
    method "valueOf" / 0 => value_of,
    method "toZonedDateTimeISO" / 1 => to_zoned_date_time_iso,
    tag "Temporal.Instant",
}}

getters! { Instant, "Temporal.Instant";
    epoch_milliseconds "epochMilliseconds" => |cx, instant| Value::number(instant.epoch_milliseconds() as f64);
    epoch_nanoseconds "epochNanoseconds" => |cx, instant| bigint::from_i128(&cx.heap, instant.as_i128()).value();
}

value_of!("Temporal.Instant", "use Temporal.Instant.compare for comparison.");

/// Epoch nanoseconds that an argument stands for; RangeError where no instant has these.
pub(super) fn to_epoch(cx: &mut Context, value: Value) -> Result<i128> {
    let number = cx.to_bigint(value)?;
    match bigint_to_i128(cx, number) {
        Some(epoch) => {
            Instant::try_new(epoch).or_throw(cx)?;
            Ok(epoch)
        }
        None => Err(cx.throw_range_error("Instant nanoseconds are not within a valid epoch range.")),
    }
}

// 8.1.1 Temporal.Instant ( epochNanoseconds ), https://tc39.es/proposal-temporal/#sec-temporal.instant
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor Temporal.Instant requires 'new'"));
    }
    let epoch = to_epoch(cx, args.at(0))?;
    let instant = Instant::try_new(epoch).or_throw(cx)?;
    create(cx, &instant, args.new_target)
}

// 8.2.2 Temporal.Instant.from ( item ), https://tc39.es/proposal-temporal/#sec-temporal.instant.from
fn from(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let instant = to_instant(cx, args.at(0))?;
    wrap(cx, &instant)
}

// 8.2.3 Temporal.Instant.fromEpochMilliseconds ( epochMilliseconds ),
// https://tc39.es/proposal-temporal/#sec-temporal.instant.fromepochmilliseconds
fn from_epoch_milliseconds(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let number = cx.to_number(args.at(0))?;
    instant_of_milliseconds(cx, number)
}

/// A new Temporal.Instant of a time value; RangeError where it is not integral or out of range.
pub(crate) fn instant_of_milliseconds(cx: &mut Context, number: f64) -> Result<Value> {
    if !number.is_finite() || number.trunc() != number {
        return Err(cx.throw_range_error("Invalid time value"));
    }
    // Past i64 the cast saturates, which is out of range as well.
    let instant = Instant::from_epoch_milliseconds(number as i64).or_throw(cx)?;
    wrap(cx, &instant)
}

// 8.2.4 Temporal.Instant.fromEpochNanoseconds ( epochNanoseconds ),
// https://tc39.es/proposal-temporal/#sec-temporal.instant.fromepochnanoseconds
fn from_epoch_nanoseconds(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let epoch = to_epoch(cx, args.at(0))?;
    let instant = Instant::try_new(epoch).or_throw(cx)?;
    wrap(cx, &instant)
}

// 8.2.5 Temporal.Instant.compare ( one, two ), https://tc39.es/proposal-temporal/#sec-temporal.instant.compare
fn compare(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let one = to_instant(cx, args.at(0))?;
    let two = to_instant(cx, args.at(1))?;
    Ok(order_value(one.cmp(&two)))
}

// 8.3.5 Temporal.Instant.prototype.add ( temporalDurationLike ), https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.add
fn add(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "Temporal.Instant.prototype.add")?;
    let duration = to_duration(cx, args.at(0))?;
    let sum = instant.add(&duration).or_throw(cx)?;
    wrap(cx, &sum)
}

// 8.3.6 Temporal.Instant.prototype.subtract ( temporalDurationLike ),
// https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.subtract
fn subtract(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "Temporal.Instant.prototype.subtract")?;
    let duration = to_duration(cx, args.at(0))?;
    let difference = instant.subtract(&duration).or_throw(cx)?;
    wrap(cx, &difference)
}

// 8.3.7 Temporal.Instant.prototype.until ( other [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.until
fn until(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "Temporal.Instant.prototype.until")?;
    let other = to_instant(cx, args.at(0))?;
    let settings = Options::of(cx, args.at(1))?.difference(cx)?;
    let duration = instant.until(&other, settings).or_throw(cx)?;
    wrap(cx, &duration)
}

// 8.3.8 Temporal.Instant.prototype.since ( other [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.since
fn since(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "Temporal.Instant.prototype.since")?;
    let other = to_instant(cx, args.at(0))?;
    let settings = Options::of(cx, args.at(1))?.difference(cx)?;
    let duration = instant.since(&other, settings).or_throw(cx)?;
    wrap(cx, &duration)
}

// 8.3.9 Temporal.Instant.prototype.round ( roundTo ), https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.round
fn round(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "Temporal.Instant.prototype.round")?;
    let options = rounding(cx, args.at(0))?;
    let rounded = instant.round(options).or_throw(cx)?;
    wrap(cx, &rounded)
}

// 8.3.10 Temporal.Instant.prototype.equals ( other ), https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.equals
fn equals(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "Temporal.Instant.prototype.equals")?;
    let other = to_instant(cx, args.at(0))?;
    Ok(Value::bool(instant == other))
}

// 8.3.11 Temporal.Instant.prototype.toString ( [ options ] ), https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "Temporal.Instant.prototype.toString")?;
    let bag = Options::of(cx, args.at(0))?;
    let options = bag.to_string_rounding(cx)?;
    let zone = bag.get(cx, "timeZone")?;
    let zone = if zone.is_undefined() { None } else { Some(to_time_zone(cx, zone)?) };
    let text = instant.to_ixdtf_string_with_provider(zone, options, &provider()).or_throw(cx)?;
    Ok(cx.new_string(&text))
}

// 8.3.12 Temporal.Instant.prototype.toLocaleString, https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.tolocalestring
fn to_locale_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "Temporal.Instant.prototype.toLocaleString")?;
    default_text(cx, &instant)
}

// 8.3.13 Temporal.Instant.prototype.toJSON ( ), https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.tojson
fn to_json(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "Temporal.Instant.prototype.toJSON")?;
    default_text(cx, &instant)
}

fn default_text(cx: &mut Context, instant: &Instant) -> Result<Value> {
    let text = instant.to_ixdtf_string_with_provider(None, ToStringRoundingOptions::default(), &provider()).or_throw(cx)?;
    Ok(cx.new_string(&text))
}

// 8.3.15 Temporal.Instant.prototype.toZonedDateTimeISO ( timeZone ),
// https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.tozoneddatetimeiso
fn to_zoned_date_time_iso(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "Temporal.Instant.prototype.toZonedDateTimeISO")?;
    let zone = to_time_zone(cx, args.at(0))?;
    let zoned = instant.to_zoned_date_time_iso_with_provider(zone, &provider()).or_throw(cx)?;
    wrap(cx, &zoned)
}
