//! Temporal.Instant. https://tc39.es/proposal-temporal/#sec-temporal-instant-objects

use temporal_rs::Instant;
use temporal_rs::options::ToStringRoundingOptions;

use super::conversions::to_instant;
use super::fields::to_time_zone;
use super::getters;
use super::options::{Options, rounding};
use super::shared::{self, Point, Shared, Sum};
use super::slots::{OrThrow, bigint_to_i128, create, provider, require, require_new, wrap};
use crate::bigint;
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static INSTANT: "Instant" / 1 => construct, TemporalInstant, TemporalInstantPrototype, not_global; {
    static method "from" / 1 => shared::from::<Instant>,
    static method "fromEpochMilliseconds" / 1 => from_epoch_milliseconds,
    static method "fromEpochNanoseconds" / 1 => from_epoch_nanoseconds,
    static method "compare" / 2 => shared::compare::<Instant>,
    get "epochMilliseconds" => epoch_milliseconds,
    get "epochNanoseconds" => epoch_nanoseconds,
    method "add" / 1 => shared::add::<Instant>,
    method "subtract" / 1 => shared::subtract::<Instant>,
    method "until" / 1 => shared::until::<Instant>,
    method "since" / 1 => shared::since::<Instant>,
    method "round" / 1 => round,
    method "equals" / 1 => shared::equals::<Instant>,
    method "toString" / 0 => to_string,
    method "toLocaleString" / 0 => shared::to_locale_string::<Instant>,
    method "toJSON" / 0 => shared::to_json::<Instant>,
    method "valueOf" / 0 => shared::value_of::<Instant>,
    method "toZonedDateTimeISO" / 1 => to_zoned_date_time_iso,
    tag "Temporal.Instant",
}}

getters! { Instant;
    epoch_milliseconds "epochMilliseconds" => |cx, instant| Value::number(instant.epoch_milliseconds() as f64);
    epoch_nanoseconds "epochNanoseconds" => |cx, instant| bigint::from_i128(&cx.heap, instant.as_i128()).value();
}

impl Shared for Instant {
    const CONVERT: shared::Convert<Self> = |cx, item, _| to_instant(cx, item);
    const TEXT: shared::Text<Self> = |instant| instant.to_ixdtf_string_with_provider(None, ToStringRoundingOptions::default(), &provider());
}

impl Sum for Instant {
    const ADD: shared::Add<Self> = |instant, duration, _| instant.add(duration);
}

impl Point for Instant {
    const COMPARE: shared::Compare<Self> = Instant::cmp;
    const UNTIL: shared::Difference<Self> = Instant::until;
    const SINCE: shared::Difference<Self> = Instant::since;
}

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
    require_new::<Instant>(cx, args)?;
    let epoch = to_epoch(cx, args.at(0))?;
    let instant = Instant::try_new(epoch).or_throw(cx)?;
    create(cx, &instant, args.new_target)
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

// 8.3.9 Temporal.Instant.prototype.round ( roundTo ), https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.round
fn round(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "round")?;
    let options = rounding(cx, args.at(0))?;
    let rounded = instant.round(options).or_throw(cx)?;
    wrap(cx, &rounded)
}

// 8.3.11 Temporal.Instant.prototype.toString ( [ options ] ), https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "toString")?;
    let bag = Options::of(cx, args.at(0))?;
    let options = bag.to_string_rounding(cx)?;
    let zone = bag.get(cx, "timeZone")?;
    let zone = if zone.is_undefined() { None } else { Some(to_time_zone(cx, zone)?) };
    let text = instant.to_ixdtf_string_with_provider(zone, options, &provider()).or_throw(cx)?;
    Ok(cx.new_string(&text))
}

// 8.3.15 Temporal.Instant.prototype.toZonedDateTimeISO ( timeZone ),
// https://tc39.es/proposal-temporal/#sec-temporal.instant.prototype.tozoneddatetimeiso
fn to_zoned_date_time_iso(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let instant: Instant = require(cx, this, "toZonedDateTimeISO")?;
    let zone = to_time_zone(cx, args.at(0))?;
    let zoned = instant.to_zoned_date_time_iso_with_provider(zone, &provider()).or_throw(cx)?;
    wrap(cx, &zoned)
}
