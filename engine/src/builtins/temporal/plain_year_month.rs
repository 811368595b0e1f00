//! Temporal.PlainYearMonth. https://tc39.es/proposal-temporal/#sec-temporal-plainyearmonth-objects

use temporal_rs::PlainYearMonth;
use temporal_rs::options::DisplayCalendar;

use super::conversions::{to_duration, to_year_month};
use super::duration::order_value;
use super::fields::{self, Required, calendar_argument, integer_argument, narrow, set, to_integer_with_truncation};
use super::options::Options;
use super::slots::{OrThrow, create, require, wrap};
use super::{getters, optional_number, optional_text, small, value_of};
use crate::builtins::receiver::describe;
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static PLAIN_YEAR_MONTH: "PlainYearMonth" / 2 => construct, TemporalPlainYearMonth, TemporalPlainYearMonthPrototype, not_global; {
    static method "from" / 1 => from,
    static method "compare" / 2 => compare,
    get "calendarId" => calendar_id,
    get "era" => era,
    get "eraYear" => era_year,
    get "year" => year,
    get "month" => month,
    get "monthCode" => month_code,
    get "daysInYear" => days_in_year,
    get "daysInMonth" => days_in_month,
    get "monthsInYear" => months_in_year,
    get "inLeapYear" => in_leap_year,
    method "with" / 1 => with,
    method "add" / 1 => add,
    method "subtract" / 1 => subtract,
    method "until" / 1 => until,
    method "since" / 1 => since,
    method "equals" / 1 => equals,
    method "toString" / 0 => to_string,
    method "toLocaleString" / 0 => to_locale_string,
    method "toJSON" / 0 => to_json,
    method "valueOf" / 0 => value_of,
    method "toPlainDate" / 1 => to_plain_date,
    tag "Temporal.PlainYearMonth",
}}

getters! { PlainYearMonth, "Temporal.PlainYearMonth";
    calendar_id "calendarId" => |cx, month| cx.new_string(month.calendar_id());
    era "era" => |cx, month| optional_text(cx, month.era().as_deref());
    era_year "eraYear" => |cx, month| optional_number(month.era_year());
    year "year" => |cx, month| Value::int(month.year());
    month "month" => |cx, month| small(month.month());
    month_code "monthCode" => |cx, month| cx.new_string(month.month_code().as_str());
    days_in_year "daysInYear" => |cx, month| small(month.days_in_year());
    days_in_month "daysInMonth" => |cx, month| small(month.days_in_month());
    months_in_year "monthsInYear" => |cx, month| small(month.months_in_year());
    in_leap_year "inLeapYear" => |cx, month| Value::bool(month.in_leap_year());
}

value_of!("Temporal.PlainYearMonth", "use Temporal.PlainYearMonth.compare for comparison.");

// 9.1.1 Temporal.PlainYearMonth ( isoYear, isoMonth [ , calendar [ , referenceISODay ] ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor Temporal.PlainYearMonth requires 'new'"));
    }
    let year = to_integer_with_truncation(cx, args.at(0))?;
    let month = to_integer_with_truncation(cx, args.at(1))?;
    let calendar = calendar_argument(cx, args.at(2))?;
    let day = integer_argument(cx, args.at(3), 1.0)?;
    let (year, month, day) = (narrow(cx, year)?, narrow(cx, month)?, narrow(cx, day)?);
    let year_month = PlainYearMonth::try_new(year, month, Some(day), calendar).or_throw(cx)?;
    create(cx, &year_month, args.new_target)
}

// 9.2.2 Temporal.PlainYearMonth.from ( item [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.from
fn from(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let year_month = to_year_month(cx, args.at(0), args.at(1))?;
    wrap(cx, &year_month)
}

// 9.2.3 Temporal.PlainYearMonth.compare ( one, two ), https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.compare
fn compare(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let one = to_year_month(cx, args.at(0), Value::UNDEFINED)?;
    let two = to_year_month(cx, args.at(1), Value::UNDEFINED)?;
    Ok(order_value(one.compare_iso(&two)))
}

// 9.3.13 Temporal.PlainYearMonth.prototype.with ( temporalYearMonthLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.with
fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "Temporal.PlainYearMonth.prototype.with")?;
    let bag = fields::partial_object(cx, args.at(0))?;
    let bag = fields::prepare(cx, year_month.calendar(), bag, set::YEAR | set::MONTH, Required::Any)?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let changed = year_month.with(bag.year_month_fields(), Some(overflow)).or_throw(cx)?;
    wrap(cx, &changed)
}

// 9.3.14 Temporal.PlainYearMonth.prototype.add ( temporalDurationLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.add
fn add(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "Temporal.PlainYearMonth.prototype.add")?;
    let duration = to_duration(cx, args.at(0))?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let sum = year_month.add(&duration, overflow).or_throw(cx)?;
    wrap(cx, &sum)
}

// 9.3.15 Temporal.PlainYearMonth.prototype.subtract ( temporalDurationLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.subtract
fn subtract(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "Temporal.PlainYearMonth.prototype.subtract")?;
    let duration = to_duration(cx, args.at(0))?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let difference = year_month.subtract(&duration, overflow).or_throw(cx)?;
    wrap(cx, &difference)
}

// 9.3.16 Temporal.PlainYearMonth.prototype.until ( other [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.until
fn until(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "Temporal.PlainYearMonth.prototype.until")?;
    let other = to_year_month(cx, args.at(0), Value::UNDEFINED)?;
    super::same_calendar(cx, year_month.calendar(), other.calendar())?;
    let settings = Options::of(cx, args.at(1))?.difference(cx)?;
    let duration = year_month.until(&other, settings).or_throw(cx)?;
    wrap(cx, &duration)
}

// 9.3.17 Temporal.PlainYearMonth.prototype.since ( other [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.since
fn since(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "Temporal.PlainYearMonth.prototype.since")?;
    let other = to_year_month(cx, args.at(0), Value::UNDEFINED)?;
    super::same_calendar(cx, year_month.calendar(), other.calendar())?;
    let settings = Options::of(cx, args.at(1))?.difference(cx)?;
    let duration = year_month.since(&other, settings).or_throw(cx)?;
    wrap(cx, &duration)
}

// 9.3.18 Temporal.PlainYearMonth.prototype.equals ( other ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.equals
fn equals(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "Temporal.PlainYearMonth.prototype.equals")?;
    let other = to_year_month(cx, args.at(0), Value::UNDEFINED)?;
    Ok(Value::bool(year_month == other))
}

// 9.3.19 Temporal.PlainYearMonth.prototype.toString ( [ options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "Temporal.PlainYearMonth.prototype.toString")?;
    let show = Options::of(cx, args.at(0))?.calendar_name(cx)?;
    Ok(cx.new_string(&year_month.to_ixdtf_string(show)))
}

// 9.3.20 Temporal.PlainYearMonth.prototype.toLocaleString,
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.tolocalestring
fn to_locale_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "Temporal.PlainYearMonth.prototype.toLocaleString")?;
    Ok(cx.new_string(&year_month.to_ixdtf_string(DisplayCalendar::Auto)))
}

// 9.3.21 Temporal.PlainYearMonth.prototype.toJSON ( ), https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.tojson
fn to_json(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "Temporal.PlainYearMonth.prototype.toJSON")?;
    Ok(cx.new_string(&year_month.to_ixdtf_string(DisplayCalendar::Auto)))
}

// 9.3.23 Temporal.PlainYearMonth.prototype.toPlainDate ( item ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.toplaindate
fn to_plain_date(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "Temporal.PlainYearMonth.prototype.toPlainDate")?;
    let Some(bag) = args.at(0).as_object() else {
        let shown = describe(cx, args.at(0));
        return Err(cx.throw_type_error(&format!("{shown} is not an object")));
    };
    let bag = fields::prepare(cx, year_month.calendar(), bag, set::DAY, Required::Nothing)?;
    let date = year_month.to_plain_date(Some(bag.calendar_fields())).or_throw(cx)?;
    wrap(cx, &date)
}
