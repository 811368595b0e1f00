//! Temporal.PlainDateTime. https://tc39.es/proposal-temporal/#sec-temporal-plaindatetime-objects

use temporal_rs::fields::DateTimeFields;
use temporal_rs::options::{DisplayCalendar, ToStringRoundingOptions};
use temporal_rs::{PlainDate, PlainDateTime};

use super::conversions::{to_date_time, to_time_or_none};
use super::fields::{
    self, Required, calendar_argument, integer_argument, narrow, set, to_calendar, to_integer_with_truncation, to_time_zone,
};
use super::options::{Options, rounding};
use super::plain_time::time_of_numbers;
use super::shared::{self, Point, Shared, Sum};
use super::slots::{OrThrow, create, provider, require, require_new, wrap};
use super::{date_getters, time_getters};
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static PLAIN_DATE_TIME: "PlainDateTime" / 3 => construct, TemporalPlainDateTime, TemporalPlainDateTimePrototype, not_global; {
    static method "from" / 1 => shared::from::<PlainDateTime>,
    static method "compare" / 2 => shared::compare::<PlainDateTime>,
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
    method "add" / 1 => shared::add::<PlainDateTime>,
    method "subtract" / 1 => shared::subtract::<PlainDateTime>,
    method "until" / 1 => shared::until::<PlainDateTime>,
    method "since" / 1 => shared::since::<PlainDateTime>,
    method "round" / 1 => round,
    method "equals" / 1 => shared::equals::<PlainDateTime>,
    method "toString" / 0 => to_string,
    method "toLocaleString" / 0 => shared::to_locale_string::<PlainDateTime>,
    method "toJSON" / 0 => shared::to_json::<PlainDateTime>,
    method "valueOf" / 0 => shared::value_of::<PlainDateTime>,
    method "toZonedDateTime" / 1 => to_zoned_date_time,
    method "toPlainDate" / 0 => to_plain_date,
    method "toPlainTime" / 0 => to_plain_time,
    tag "Temporal.PlainDateTime",
}}

date_getters!(PlainDateTime);
time_getters!(PlainDateTime);

impl Shared for PlainDateTime {
    const CONVERT: shared::Convert<Self> = to_date_time;
    const TEXT: shared::Text<Self> = |date_time| date_time.to_ixdtf_string(ToStringRoundingOptions::default(), DisplayCalendar::Auto);
}

impl Sum for PlainDateTime {
    const ADD: shared::Add<Self> = PlainDateTime::add;
    const CALENDAR: shared::CalendarOf<Self> = |date_time| Some(date_time.calendar());
}

impl Point for PlainDateTime {
    const COMPARE: shared::Compare<Self> = PlainDateTime::compare_iso;
    const UNTIL: shared::Difference<Self> = PlainDateTime::until;
    const SINCE: shared::Difference<Self> = PlainDateTime::since;
    const YEAR: shared::Year<Self> = PlainDateTime::iso_year;
}

// 5.1.1 Temporal.PlainDateTime, https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    require_new::<PlainDateTime>(cx, args)?;
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

// 5.3.25 Temporal.PlainDateTime.prototype.with ( temporalDateTimeLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.with
fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "with")?;
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
    let date_time: PlainDateTime = require(cx, this, "withPlainTime")?;
    let time = to_time_or_none(cx, args.at(0))?;
    let changed = date_time.with_time(time).or_throw(cx)?;
    wrap(cx, &changed)
}

// 5.3.27 Temporal.PlainDateTime.prototype.withCalendar ( calendarLike ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.withcalendar
fn with_calendar(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "withCalendar")?;
    let calendar = to_calendar(cx, args.at(0))?;
    wrap(cx, &date_time.with_calendar(calendar))
}

// 5.3.32 Temporal.PlainDateTime.prototype.round ( roundTo ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.round
fn round(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "round")?;
    let options = rounding(cx, args.at(0))?;
    let rounded = date_time.round(options).or_throw(cx)?;
    wrap(cx, &rounded)
}

// 5.3.34 Temporal.PlainDateTime.prototype.toString ( [ options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "toString")?;
    let bag = Options::of(cx, args.at(0))?;
    let show = bag.calendar_name(cx)?;
    let options = bag.to_string_rounding(cx)?;
    let text = date_time.to_ixdtf_string(options, show).or_throw(cx)?;
    Ok(cx.new_string(&text))
}

// 5.3.38 Temporal.PlainDateTime.prototype.toZonedDateTime ( temporalTimeZoneLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.tozoneddatetime
fn to_zoned_date_time(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "toZonedDateTime")?;
    let zone = to_time_zone(cx, args.at(0))?;
    let disambiguation = Options::of(cx, args.at(1))?.disambiguation(cx)?;
    let zoned = date_time.to_zoned_date_time_with_provider(zone, disambiguation, &provider()).or_throw(cx)?;
    wrap(cx, &zoned)
}

// 5.3.39 Temporal.PlainDateTime.prototype.toPlainDate ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.toplaindate
fn to_plain_date(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "toPlainDate")?;
    wrap(cx, &date_time.to_plain_date())
}

// 5.3.40 Temporal.PlainDateTime.prototype.toPlainTime ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindatetime.prototype.toplaintime
fn to_plain_time(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let date_time: PlainDateTime = require(cx, this, "toPlainTime")?;
    wrap(cx, &date_time.to_plain_time())
}
