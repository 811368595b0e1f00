//! Temporal.PlainTime. https://tc39.es/proposal-temporal/#sec-temporal-plaintime-objects

use temporal_rs::PlainTime;
use temporal_rs::options::ToStringRoundingOptions;

use super::conversions::to_time;
use super::fields::{TimeFields, integer_argument, narrow, partial_object};
use super::options::{Options, rounding};
use super::shared::{self, Point, Shared, Sum};
use super::slots::{OrThrow, create, require, require_new, wrap};
use super::time_getters;
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static PLAIN_TIME: "PlainTime" / 0 => construct, TemporalPlainTime, TemporalPlainTimePrototype, not_global; {
    static method "from" / 1 => shared::from::<PlainTime>,
    static method "compare" / 2 => shared::compare::<PlainTime>,
    get "hour" => hour,
    get "minute" => minute,
    get "second" => second,
    get "millisecond" => millisecond,
    get "microsecond" => microsecond,
    get "nanosecond" => nanosecond,
    method "add" / 1 => shared::add::<PlainTime>,
    method "subtract" / 1 => shared::subtract::<PlainTime>,
    method "with" / 1 => with,
    method "until" / 1 => shared::until::<PlainTime>,
    method "since" / 1 => shared::since::<PlainTime>,
    method "round" / 1 => round,
    method "equals" / 1 => shared::equals::<PlainTime>,
    method "toString" / 0 => to_string,
    method "toLocaleString" / 0 => shared::to_locale_string::<PlainTime>,
    method "toJSON" / 0 => shared::to_json::<PlainTime>,
    method "valueOf" / 0 => shared::value_of::<PlainTime>,
    tag "Temporal.PlainTime",
}}

time_getters!(PlainTime);

impl Shared for PlainTime {
    const CONVERT: shared::Convert<Self> = to_time;
    const TEXT: shared::Text<Self> = |time| time.to_ixdtf_string(ToStringRoundingOptions::default());
}

impl Sum for PlainTime {
    const ADD: shared::Add<Self> = |time, duration, _| time.add(duration);
}

impl Point for PlainTime {
    const COMPARE: shared::Compare<Self> = PlainTime::cmp;
    const UNTIL: shared::Difference<Self> = PlainTime::until;
    const SINCE: shared::Difference<Self> = PlainTime::since;
}

/// Six numbers, hour to nanosecond, as a time; RangeError where no time has these.
pub(super) fn time_of_numbers(cx: &mut Context, numbers: [f64; 6]) -> Result<PlainTime> {
    let [hour, minute, second, millisecond, microsecond, nanosecond] = numbers;
    let (hour, minute, second) = (narrow(cx, hour)?, narrow(cx, minute)?, narrow(cx, second)?);
    let (millisecond, microsecond, nanosecond) = (narrow(cx, millisecond)?, narrow(cx, microsecond)?, narrow(cx, nanosecond)?);
    PlainTime::try_new(hour, minute, second, millisecond, microsecond, nanosecond).or_throw(cx)
}

// 4.1.1 Temporal.PlainTime, https://tc39.es/proposal-temporal/#sec-temporal.plaintime
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    require_new::<PlainTime>(cx, args)?;
    let mut numbers = [0.0; 6];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = integer_argument(cx, args.at(index), 0.0)?;
    }
    let time = time_of_numbers(cx, numbers)?;
    create(cx, &time, args.new_target)
}

// 4.3.11 Temporal.PlainTime.prototype.with ( temporalTimeLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.with
fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "with")?;
    let bag = partial_object(cx, args.at(0))?;
    let bag = TimeFields::read(cx, bag)?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let changed = time.with(bag.partial(overflow), Some(overflow)).or_throw(cx)?;
    wrap(cx, &changed)
}

// 4.3.14 Temporal.PlainTime.prototype.round ( roundTo ), https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.round
fn round(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "round")?;
    let options = rounding(cx, args.at(0))?;
    let rounded = time.round(options).or_throw(cx)?;
    wrap(cx, &rounded)
}

// 4.3.16 Temporal.PlainTime.prototype.toString ( [ options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaintime.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let time: PlainTime = require(cx, this, "toString")?;
    let options = Options::of(cx, args.at(0))?.to_string_rounding(cx)?;
    let text = time.to_ixdtf_string(options).or_throw(cx)?;
    Ok(cx.new_string(&text))
}
