//! Temporal.PlainMonthDay. https://tc39.es/proposal-temporal/#sec-temporal-plainmonthday-objects

use temporal_rs::PlainMonthDay;
use temporal_rs::options::{DisplayCalendar, Overflow};

use super::conversions::to_month_day;
use super::fields::{self, Required, calendar_argument, integer_argument, narrow, set, to_integer_with_truncation};
use super::options::Options;
use super::shared::{self, Shared};
use super::slots::{OrThrow, create, require, require_new, wrap};
use super::{getters, small};
use crate::builtins::receiver::describe;
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static PLAIN_MONTH_DAY: "PlainMonthDay" / 2 => construct, TemporalPlainMonthDay, TemporalPlainMonthDayPrototype, not_global; {
    static method "from" / 1 => shared::from::<PlainMonthDay>,
    get "calendarId" => calendar_id,
    get "monthCode" => month_code,
    get "day" => day,
    method "with" / 1 => with,
    method "equals" / 1 => shared::equals::<PlainMonthDay>,
    method "toString" / 0 => to_string,
    method "toLocaleString" / 0 => shared::to_locale_string::<PlainMonthDay>,
    method "toJSON" / 0 => shared::to_json::<PlainMonthDay>,
    method "valueOf" / 0 => shared::value_of::<PlainMonthDay>,
    method "toPlainDate" / 1 => to_plain_date,
    tag "Temporal.PlainMonthDay",
}}

getters! { PlainMonthDay;
    calendar_id "calendarId" => |cx, month_day| cx.new_string(month_day.calendar_id());
    month_code "monthCode" => |cx, month_day| cx.new_string(month_day.month_code().as_str());
    day "day" => |cx, month_day| small(month_day.day());
}

impl Shared for PlainMonthDay {
    const CONVERT: shared::Convert<Self> = to_month_day;
    const TEXT: shared::Text<Self> = |month_day| Ok(month_day.to_ixdtf_string(DisplayCalendar::Auto));
}

// 10.1.1 Temporal.PlainMonthDay ( isoMonth, isoDay [ , calendar [ , referenceISOYear ] ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainmonthday
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    require_new::<PlainMonthDay>(cx, args)?;
    let month = to_integer_with_truncation(cx, args.at(0))?;
    let day = to_integer_with_truncation(cx, args.at(1))?;
    let calendar = calendar_argument(cx, args.at(2))?;
    let year = integer_argument(cx, args.at(3), 1972.0)?;
    let (year, month, day) = (narrow(cx, year)?, narrow(cx, month)?, narrow(cx, day)?);
    let month_day = PlainMonthDay::new_with_overflow(month, day, calendar, Overflow::Reject, Some(year)).or_throw(cx)?;
    create(cx, &month_day, args.new_target)
}

// 10.3.6 Temporal.PlainMonthDay.prototype.with ( temporalMonthDayLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainmonthday.prototype.with
fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let month_day: PlainMonthDay = require(cx, this, "with")?;
    let bag = fields::partial_object(cx, args.at(0))?;
    let bag = fields::prepare(cx, month_day.calendar(), bag, set::DATE, Required::Any)?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let changed = month_day.with(bag.calendar_fields(), Some(overflow)).or_throw(cx)?;
    wrap(cx, &changed)
}

// 10.3.8 Temporal.PlainMonthDay.prototype.toString ( [ options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainmonthday.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let month_day: PlainMonthDay = require(cx, this, "toString")?;
    let show = Options::of(cx, args.at(0))?.calendar_name(cx)?;
    Ok(cx.new_string(&month_day.to_ixdtf_string(show)))
}

// 10.3.12 Temporal.PlainMonthDay.prototype.toPlainDate ( item ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainmonthday.prototype.toplaindate
fn to_plain_date(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let month_day: PlainMonthDay = require(cx, this, "toPlainDate")?;
    let Some(bag) = args.at(0).as_object() else {
        let shown = describe(cx, args.at(0));
        return Err(cx.throw_type_error(&format!("{shown} is not an object")));
    };
    let bag = fields::prepare(cx, month_day.calendar(), bag, set::YEAR, Required::Nothing)?;
    let date = month_day.to_plain_date(Some(bag.calendar_fields())).or_throw(cx)?;
    wrap(cx, &date)
}
