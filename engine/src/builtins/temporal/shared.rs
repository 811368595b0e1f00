//! Methods that classes of Temporal share: what the section of one class says, those of the others say in the same words. Comments give the
//! numbers of all sections and the URL of the first; the others differ from it in the name of the class.
//!
//! What differs from class to class are the constants of [`Shared`], [`Sum`] and [`Point`].

use std::cmp::Ordering;

use temporal_rs::options::{DifferenceSettings, Overflow};
use temporal_rs::{Calendar, Duration, TemporalResult};

use super::conversions::to_duration;
use super::duration::order_value;
use super::effort;
use super::options::Options;
use super::slots::{Class, OrThrow, Stored, require, wrap};
use crate::context::Context;
use crate::native::{Args, Result};
use crate::value::Value;

/// Makes a value from an argument and options, as ToTemporalDate and its like do.
pub(super) type Convert<T> = fn(&mut Context, Value, Value) -> Result<T>;
/// Shows a value as text.
pub(super) type Text<T> = fn(&T) -> TemporalResult<String>;
/// Adds a duration to a value. The option is given where the value has a calendar.
pub(super) type Add<T> = fn(&T, &Duration, Option<Overflow>) -> TemporalResult<T>;
/// The calendar of a value, if it has one.
pub(super) type CalendarOf<T> = fn(&T) -> Option<&Calendar>;
/// Compares two values.
pub(super) type Compare<T> = fn(&T, &T) -> Ordering;
/// Tells how far two values are from each other.
pub(super) type Difference<T> = fn(&T, &T, DifferenceSettings) -> TemporalResult<Duration>;
/// The year of a value.
pub(super) type Year<T> = fn(&T) -> i32;

/// What a class has that can be made from an argument and shown as text: all of them.
pub(super) trait Shared: Stored {
    /// For arguments of this class, and for `from`.
    const CONVERT: Convert<Self>;
    /// The text that toString gives without options.
    const TEXT: Text<Self>;
}

/// What durations can be added to.
pub(super) trait Sum: Shared {
    /// For add and subtract.
    const ADD: Add<Self>;
    /// The calendar that is calculated with.
    const CALENDAR: CalendarOf<Self> = |_| None;
}

/// What comes before or after other values of the class.
pub(super) trait Point: Sum {
    /// The order of two values.
    const COMPARE: Compare<Self>;
    /// For until.
    const UNTIL: Difference<Self>;
    /// For since.
    const SINCE: Difference<Self>;
    /// By which the distance of values with a calendar is guessed.
    const YEAR: Year<Self> = |_| 0;
}

// 3.2.2, 4.2.2, 5.2.2, 6.2.2, 7.2.2, 8.2.2, 9.2.2, 10.2.2 Temporal.PlainDate.from ( item [ , options ] ) and the like,
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.from
pub(super) fn from<T: Shared>(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let value = T::CONVERT(cx, args.at(0), args.at(1))?;
    wrap(cx, &value)
}

// 3.2.3, 4.2.3, 5.2.3, 6.2.3, 8.2.5, 9.2.3 Temporal.PlainDate.compare ( one, two ) and the like,
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.compare
pub(super) fn compare<T: Point>(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let one = T::CONVERT(cx, args.at(0), Value::UNDEFINED)?;
    let two = T::CONVERT(cx, args.at(1), Value::UNDEFINED)?;
    Ok(order_value(T::COMPARE(&one, &two)))
}

// 3.3.22, 4.3.9, 5.3.28, 6.3.35, 7.3.18, 8.3.5, 9.3.14 Temporal.PlainDate.prototype.add ( temporalDurationLike [ , options ] ) and the
// like, https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.add
pub(super) fn add<T: Sum>(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let value: T = require(cx, this, "add")?;
    let duration = to_duration(cx, args.at(0))?;
    sum(cx, &value, &duration, args.at(1))
}

// 3.3.23, 4.3.10, 5.3.29, 6.3.36, 7.3.19, 8.3.6, 9.3.15 Temporal.PlainDate.prototype.subtract ( temporalDurationLike [ , options ] ) and
// the like, https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.subtract
pub(super) fn subtract<T: Sum>(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let value: T = require(cx, this, "subtract")?;
    let duration = to_duration(cx, args.at(0))?;
    sum(cx, &value, &duration.negated(), args.at(1))
}

// 3.5.14 AddDurationToDate, https://tc39.es/proposal-temporal/#sec-temporal-adddurationtodate and its like for other classes
fn sum<T: Sum>(cx: &mut Context, value: &T, duration: &Duration, options: Value) -> Result<Value> {
    let mut overflow = None;
    if let Some(calendar) = T::CALENDAR(value) {
        overflow = Some(Options::of(cx, options)?.overflow(cx)?);
        effort::spend_duration(cx, calendar, duration)?;
    }
    let sum = T::ADD(value, duration, overflow).or_throw(cx)?;
    wrap(cx, &sum)
}

// 3.3.26, 4.3.12, 5.3.30, 6.3.37, 8.3.7, 9.3.16 Temporal.PlainDate.prototype.until ( other [ , options ] ) and the like,
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.until
pub(super) fn until<T: Point>(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let value: T = require(cx, this, "until")?;
    difference(cx, &value, args, T::UNTIL)
}

// 3.3.27, 4.3.13, 5.3.31, 6.3.38, 8.3.8, 9.3.17 Temporal.PlainDate.prototype.since ( other [ , options ] ) and the like,
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.since
pub(super) fn since<T: Point>(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let value: T = require(cx, this, "since")?;
    difference(cx, &value, args, T::SINCE)
}

// DifferenceTemporalPlainDate, https://tc39.es/proposal-temporal/#sec-temporal-differencetemporalplaindate and its like for other
// classes
fn difference<T: Point>(cx: &mut Context, value: &T, args: &Args<'_>, operation: Difference<T>) -> Result<Value> {
    let other = T::CONVERT(cx, args.at(0), Value::UNDEFINED)?;
    let calendars = T::CALENDAR(value).zip(T::CALENDAR(&other));
    if let Some((one, two)) = calendars
        && one.identifier() != two.identifier()
    {
        return Err(cx.throw_range_error(&format!("Calendars {} and {} are not the same", one.identifier(), two.identifier())));
    }
    let settings = Options::of(cx, args.at(1))?.difference(cx)?;
    if let Some((calendar, _)) = calendars {
        effort::spend_difference(cx, calendar, T::YEAR(&other) - T::YEAR(value), &settings)?;
    }
    let duration = operation(value, &other, settings).or_throw(cx)?;
    wrap(cx, &duration)
}

// 3.3.28, 4.3.15, 5.3.32, 8.3.10, 9.3.18, 10.3.7 Temporal.PlainDate.prototype.equals ( other ) and the like,
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.equals
pub(super) fn equals<T: Shared + PartialEq>(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let value: T = require(cx, this, "equals")?;
    let other = T::CONVERT(cx, args.at(0), Value::UNDEFINED)?;
    Ok(Value::bool(value == other))
}

// 3.3.32, 4.3.17, 5.3.35, 6.3.42, 7.3.24, 8.3.12, 9.3.20, 10.3.9 Temporal.PlainDate.prototype.toLocaleString and the like,
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.tolocalestring
pub(super) fn to_locale_string<T: Shared>(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let value: T = require(cx, this, "toLocaleString")?;
    let text = T::TEXT(&value).or_throw(cx)?;
    Ok(cx.new_string(&text))
}

// 3.3.33, 4.3.18, 5.3.36, 6.3.43, 7.3.23, 8.3.13, 9.3.21, 10.3.10 Temporal.PlainDate.prototype.toJSON ( ) and the like,
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.tojson
pub(super) fn to_json<T: Shared>(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let value: T = require(cx, this, "toJSON")?;
    let text = T::TEXT(&value).or_throw(cx)?;
    Ok(cx.new_string(&text))
}

// 3.3.34, 4.3.19, 5.3.37, 6.3.44, 7.3.25, 8.3.14, 9.3.22, 10.3.11 Temporal.PlainDate.prototype.valueOf ( ) and the like,
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.valueof
pub(super) fn value_of<T: Stored>(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    // There is no order of days that have no year.
    let compared = if T::CLASS == Class::PlainMonthDay { Class::PlainDate } else { T::CLASS };
    let message = format!("Do not use Temporal.{:?}.prototype.valueOf; use Temporal.{compared:?}.compare for comparison.", T::CLASS);
    Err(cx.throw_type_error(&message))
}
