//! Temporal.PlainDate. https://tc39.es/proposal-temporal/#sec-temporal-plaindate-objects

use temporal_rs::options::DisplayCalendar;
use temporal_rs::{Calendar, PlainDate, TimeZone};

use super::conversions::{to_date, to_time, to_time_or_none};
use super::date_getters;
use super::fields::{self, Required, calendar_argument, narrow, set, to_calendar, to_integer_with_truncation, to_time_zone};
use super::options::Options;
use super::shared::{self, Point, Shared, Sum};
use super::slots::{OrThrow, create, provider, require, require_new, wrap};
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static PLAIN_DATE: "PlainDate" / 3 => construct, TemporalPlainDate, TemporalPlainDatePrototype, not_global; {
    static method "from" / 1 => shared::from::<PlainDate>,
    static method "compare" / 2 => shared::compare::<PlainDate>,
    get "calendarId" => calendar_id,
    get "era" => era,
    get "eraYear" => era_year,
    get "year" => year,
    get "month" => month,
    get "monthCode" => month_code,
    get "day" => day,
    get "dayOfWeek" => day_of_week,
    get "dayOfYear" => day_of_year,
    get "weekOfYear" => week_of_year,
    get "yearOfWeek" => year_of_week,
    get "daysInWeek" => days_in_week,
    get "daysInMonth" => days_in_month,
    get "daysInYear" => days_in_year,
    get "monthsInYear" => months_in_year,
    get "inLeapYear" => in_leap_year,
    method "toPlainYearMonth" / 0 => to_plain_year_month,
    method "toPlainMonthDay" / 0 => to_plain_month_day,
    method "add" / 1 => shared::add::<PlainDate>,
    method "subtract" / 1 => shared::subtract::<PlainDate>,
    method "with" / 1 => with,
    method "withCalendar" / 1 => with_calendar,
    method "until" / 1 => shared::until::<PlainDate>,
    method "since" / 1 => shared::since::<PlainDate>,
    method "equals" / 1 => shared::equals::<PlainDate>,
    method "toPlainDateTime" / 0 => to_plain_date_time,
    method "toZonedDateTime" / 1 => to_zoned_date_time,
    method "toString" / 0 => to_string,
    method "toLocaleString" / 0 => shared::to_locale_string::<PlainDate>,
    method "toJSON" / 0 => shared::to_json::<PlainDate>,
    method "valueOf" / 0 => shared::value_of::<PlainDate>,
    tag "Temporal.PlainDate",
}}

date_getters!(PlainDate);

impl Shared for PlainDate {
    const CONVERT: shared::Convert<Self> = to_date;
    const TEXT: shared::Text<Self> = |date| Ok(date.to_ixdtf_string(DisplayCalendar::Auto));
}

impl Sum for PlainDate {
    const ADD: shared::Add<Self> = PlainDate::add;
    const CALENDAR: shared::CalendarOf<Self> = |date| Some(date.calendar());
}

impl Point for PlainDate {
    const COMPARE: shared::Compare<Self> = PlainDate::compare_iso;
    const UNTIL: shared::Difference<Self> = PlainDate::until;
    const SINCE: shared::Difference<Self> = PlainDate::since;
    const YEAR: shared::Year<Self> = |date| date.with_calendar(Calendar::ISO).year();
}

// 3.1.1 Temporal.PlainDate ( isoYear, isoMonth, isoDay [ , calendar ] ), https://tc39.es/proposal-temporal/#sec-temporal.plaindate
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    require_new::<PlainDate>(cx, args)?;
    let year = to_integer_with_truncation(cx, args.at(0))?;
    let month = to_integer_with_truncation(cx, args.at(1))?;
    let day = to_integer_with_truncation(cx, args.at(2))?;
    let calendar = calendar_argument(cx, args.at(3))?;
    let (year, month, day) = (narrow(cx, year)?, narrow(cx, month)?, narrow(cx, day)?);
    let date = PlainDate::try_new(year, month, day, calendar).or_throw(cx)?;
    create(cx, &date, args.new_target)
}

// 3.3.20 Temporal.PlainDate.prototype.toPlainYearMonth ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.toplainyearmonth
fn to_plain_year_month(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let date: PlainDate = require(cx, this, "toPlainYearMonth")?;
    let year_month = date.to_plain_year_month().or_throw(cx)?;
    wrap(cx, &year_month)
}

// 3.3.21 Temporal.PlainDate.prototype.toPlainMonthDay ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.toplainmonthday
fn to_plain_month_day(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let date: PlainDate = require(cx, this, "toPlainMonthDay")?;
    let month_day = date.to_plain_month_day().or_throw(cx)?;
    wrap(cx, &month_day)
}

// 3.3.24 Temporal.PlainDate.prototype.with ( temporalDateLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.with
fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date: PlainDate = require(cx, this, "with")?;
    let bag = fields::partial_object(cx, args.at(0))?;
    let bag = fields::prepare(cx, date.calendar(), bag, set::DATE, Required::Any)?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let changed = date.with(bag.calendar_fields(), Some(overflow)).or_throw(cx)?;
    wrap(cx, &changed)
}

// 3.3.25 Temporal.PlainDate.prototype.withCalendar ( calendarLike ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.withcalendar
fn with_calendar(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date: PlainDate = require(cx, this, "withCalendar")?;
    let calendar = to_calendar(cx, args.at(0))?;
    wrap(cx, &date.with_calendar(calendar))
}

// 3.3.29 Temporal.PlainDate.prototype.toPlainDateTime ( [ temporalTime ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.toplaindatetime
fn to_plain_date_time(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date: PlainDate = require(cx, this, "toPlainDateTime")?;
    let time = to_time_or_none(cx, args.at(0))?;
    let date_time = date.to_plain_date_time(time).or_throw(cx)?;
    wrap(cx, &date_time)
}

// 3.3.30 Temporal.PlainDate.prototype.toZonedDateTime ( item ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.tozoneddatetime
fn to_zoned_date_time(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date: PlainDate = require(cx, this, "toZonedDateTime")?;
    let (zone, time) = zone_and_time(cx, args.at(0))?;
    let time = if time.is_undefined() { None } else { Some(to_time(cx, time, Value::UNDEFINED)?) };
    let zoned = date.to_zoned_date_time_with_provider(zone, time, &provider()).or_throw(cx)?;
    wrap(cx, &zoned)
}

/// Steps 3 and 4 of toZonedDateTime: a time zone, or a bag of one and a time.
fn zone_and_time(cx: &mut Context, item: Value) -> Result<(TimeZone, Value)> {
    if let Some(bag) = item.as_object() {
        let name = cx.key("timeZone");
        let zone = cx.get(bag, name)?;
        if !zone.is_undefined() {
            let zone = to_time_zone(cx, zone)?;
            let name = cx.key("plainTime");
            return Ok((zone, cx.get(bag, name)?));
        }
    }
    Ok((to_time_zone(cx, item)?, Value::UNDEFINED))
}

// 3.3.31 Temporal.PlainDate.prototype.toString ( [ options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plaindate.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let date: PlainDate = require(cx, this, "toString")?;
    let show = Options::of(cx, args.at(0))?.calendar_name(cx)?;
    Ok(cx.new_string(&date.to_ixdtf_string(show)))
}
