//! Temporal.PlainDateTime. https://tc39.es/proposal-temporal/#sec-temporal-plaindatetime-objects

use temporal_rs::fields::DateTimeFields;
use temporal_rs::options::{DisplayCalendar, ToStringRoundingOptions};
use temporal_rs::{PlainDate, PlainDateTime};

use super::conversions::{to_date_time, to_duration, to_time_or_none};
use super::duration::order_value;
use super::fields::{
    self, Required, calendar_argument, integer_argument, narrow, set, to_calendar, to_integer_with_truncation, to_time_zone,
};
use super::options::{Options, rounding};
use super::plain_time::time_of_numbers;
use super::slots::{OrThrow, create, provider, require, wrap};
use super::{date_getters, time_getters, value_of};
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static PLAIN_DATE_TIME: "PlainDateTime" / 3 => construct, TemporalPlainDateTime, TemporalPlainDateTimePrototype, not_global; {
    static method "from" / 1 => from,
    static method "compare" / 2 => compare,
    get "calendarId" => calendar_id,
    get "era" => era,
    get "eraYear" => era_year,
    get "year" => year,
    get "month" => month,
    get "monthCode" => month_code,
    get "day" => day,
    get "hour" => hour,
    get "minute" => minute,
    get "second" => second,
    get "millisecond" => millisecond,
    get "microsecond" => microsecond,
    get "nanosecond" => nanosecond,
    get "dayOfWeek" => day_of_week,
    get "dayOfYear" => day_of_year,
    get "weekOfYear" => week_of_year,
    get "yearOfWeek" => year_of_week,
    get "daysInWeek" => days_in_week,
    get "daysInMonth" => days_in_month,
    get "daysInYear" => days_in_year,
    get "monthsInYear" => months_in_year,
    get "inLeapYear" => in_leap_year,
    method "with" / 1 => with,
    method "withPlainTime" / 0 => with_plain_time,
    method "withCalendar" / 1 => with_calendar,
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
    method "toZonedDateTime" / 1 => to_zoned_date_time,
    method "toPlainDate" / 0 => to_plain_date,
    method "toPlainTime" / 0 => to_plain_time,
    tag "Temporal.PlainDateTime",
}}

date_getters!(PlainDateTime, "Temporal.PlainDateTime");
time_getters!(PlainDateTime, "Temporal.PlainDateTime");
value_of!("Temporal.PlainDateTime", "use Temporal.PlainDateTime.compare for comparison.");

// 5.1.1 Temporal.PlainDateTime, https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor Temporal.PlainDateTime requires 'new'"));
    }
    let year = to_integer_with_truncation(cx, args.at(0))?;
    let month = to_integer_with_truncation(cx, args.at(1))?;
    let day = to_integer_with_truncation(cx, args.at(2))?;
    let mut numbers = [0.0; 6];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = integer_argument(cx, args.at(index + 3), 0.0)?;
    }
    let calendar = calendar_argument(cx, args.at(9))?;
    let (year, month, day) = (narrow(cx, year)?, narrow(cx, month)?, narrow(cx, day)?);
    let time = time_of_numbers(cx, numbers)?;
    let date = PlainDate::try_new(year, month, day, calendar).or_throw(cx)?;
    let date_time = date.to_plain_date_time(Some(time)).or_throw(cx)?;
    create(cx, &date_time, args.new_target)
}

// 5.2.2 Temporal.PlainDateTime.from ( item [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.from
fn from(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let date_time = to_date_time(cx, args.at(0), args.at(1))?;
    wrap(cx, &date_time)
}

// 5.2.3 Temporal.PlainDateTime.compare ( one, two ), https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.compare
fn compare(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let one = to_date_time(cx, args.at(0), Value::UNDEFINED)?;
    let two = to_date_time(cx, args.at(1), Value::UNDEFINED)?;
    Ok(order_value(one.compare_iso(&two)))
}

// 5.3.25 Temporal.PlainDateTime.prototype.with ( temporalDateTimeLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.with
fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.with")?;
    let bag = fields::partial_object(cx, args.at(0))?;
    let bag = fields::prepare(cx, date_time.calendar(), bag, set::DATE | set::TIME, Required::Any)?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let fields = DateTimeFields { calendar_fields: bag.calendar_fields(), time: bag.time(overflow) };
    let changed = date_time.with(fields, Some(overflow)).or_throw(cx)?;
    wrap(cx, &changed)
}

// 5.3.26 Temporal.PlainDateTime.prototype.withPlainTime ( [ plainTimeLike ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.withplaintime
fn with_plain_time(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.withPlainTime")?;
    let time = to_time_or_none(cx, args.at(0))?;
    let changed = date_time.with_time(time).or_throw(cx)?;
    wrap(cx, &changed)
}

// 5.3.27 Temporal.PlainDateTime.prototype.withCalendar ( calendarLike ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.withcalendar
fn with_calendar(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.withCalendar")?;
    let calendar = to_calendar(cx, args.at(0))?;
    wrap(cx, &date_time.with_calendar(calendar))
}

// 5.3.28 Temporal.PlainDateTime.prototype.add ( temporalDurationLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.add
fn add(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.add")?;
    let duration = to_duration(cx, args.at(0))?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let sum = date_time.add(&duration, Some(overflow)).or_throw(cx)?;
    wrap(cx, &sum)
}

// 5.3.29 Temporal.PlainDateTime.prototype.subtract ( temporalDurationLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.subtract
fn subtract(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.subtract")?;
    let duration = to_duration(cx, args.at(0))?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let difference = date_time.subtract(&duration, Some(overflow)).or_throw(cx)?;
    wrap(cx, &difference)
}

// 5.3.30 Temporal.PlainDateTime.prototype.until ( other [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.until
fn until(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.until")?;
    let other = to_date_time(cx, args.at(0), Value::UNDEFINED)?;
    super::same_calendar(cx, date_time.calendar(), other.calendar())?;
    let settings = Options::of(cx, args.at(1))?.difference(cx)?;
    let duration = date_time.until(&other, settings).or_throw(cx)?;
    wrap(cx, &duration)
}

// 5.3.31 Temporal.PlainDateTime.prototype.since ( other [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.since
fn since(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.since")?;
    let other = to_date_time(cx, args.at(0), Value::UNDEFINED)?;
    super::same_calendar(cx, date_time.calendar(), other.calendar())?;
    let settings = Options::of(cx, args.at(1))?.difference(cx)?;
    let duration = date_time.since(&other, settings).or_throw(cx)?;
    wrap(cx, &duration)
}

// 5.3.32 Temporal.PlainDateTime.prototype.round ( roundTo ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.round
fn round(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.round")?;
    let options = rounding(cx, args.at(0))?;
    let rounded = date_time.round(options).or_throw(cx)?;
    wrap(cx, &rounded)
}

// 5.3.33 Temporal.PlainDateTime.prototype.equals ( other ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.equals
fn equals(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.equals")?;
    let other = to_date_time(cx, args.at(0), Value::UNDEFINED)?;
    Ok(Value::bool(date_time == other))
}

// 5.3.34 Temporal.PlainDateTime.prototype.toString ( [ options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.toString")?;
    let bag = Options::of(cx, args.at(0))?;
    let show = bag.calendar_name(cx)?;
    let options = bag.to_string_rounding(cx)?;
    let text = date_time.to_ixdtf_string(options, show).or_throw(cx)?;
    Ok(cx.new_string(&text))
}

// 5.3.35 Temporal.PlainDateTime.prototype.toLocaleString,
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.tolocalestring
fn to_locale_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.toLocaleString")?;
    default_text(cx, &date_time)
}

// 5.3.36 Temporal.PlainDateTime.prototype.toJSON ( ), https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.tojson
fn to_json(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.toJSON")?;
    default_text(cx, &date_time)
}

fn default_text(cx: &mut Context, date_time: &PlainDateTime) -> Result<Value> {
    let text = date_time.to_ixdtf_string(ToStringRoundingOptions::default(), DisplayCalendar::Auto).or_throw(cx)?;
    Ok(cx.new_string(&text))
}

// 5.3.38 Temporal.PlainDateTime.prototype.toZonedDateTime ( temporalTimeZoneLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.tozoneddatetime
fn to_zoned_date_time(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.toZonedDateTime")?;
    let zone = to_time_zone(cx, args.at(0))?;
    let disambiguation = Options::of(cx, args.at(1))?.disambiguation(cx)?;
    let zoned = date_time.to_zoned_date_time_with_provider(zone, disambiguation, &provider()).or_throw(cx)?;
    wrap(cx, &zoned)
}

// 5.3.39 Temporal.PlainDateTime.prototype.toPlainDate ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.toplaindate
fn to_plain_date(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.toPlainDate")?;
    wrap(cx, &date_time.to_plain_date())
}

// 5.3.40 Temporal.PlainDateTime.prototype.toPlainTime ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.toplaintime
fn to_plain_time(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "Temporal.PlainDateTime.prototype.toPlainTime")?;
    wrap(cx, &date_time.to_plain_time())
}
