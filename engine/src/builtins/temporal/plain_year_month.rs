//! Temporal.PlainYearMonth. https://tc39.es/proposal-temporal/#sec-temporal-plainyearmonth-objects

use temporal_rs::PlainYearMonth;
use temporal_rs::options::{DisplayCalendar, Overflow};

use super::conversions::to_year_month;
use super::fields::{self, Required, calendar_argument, integer_argument, narrow, set, to_integer_with_truncation};
use super::options::Options;
use super::shared::{self, Point, Shared, Sum};
use super::slots::{OrThrow, create, require, require_new, wrap};
use super::year_month_getters;
use crate::builtins::receiver::describe;
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static PLAIN_YEAR_MONTH: "PlainYearMonth" / 2 => construct, TemporalPlainYearMonth, TemporalPlainYearMonthPrototype, not_global; {
    static method "from" / 1 => shared::from::<PlainYearMonth>,
    static method "compare" / 2 => shared::compare::<PlainYearMonth>,
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
    method "add" / 1 => shared::add::<PlainYearMonth>,
    method "subtract" / 1 => shared::subtract::<PlainYearMonth>,
    method "until" / 1 => shared::until::<PlainYearMonth>,
    method "since" / 1 => shared::since::<PlainYearMonth>,
    method "equals" / 1 => shared::equals::<PlainYearMonth>,
    method "toString" / 0 => to_string,
    method "toLocaleString" / 0 => shared::to_locale_string::<PlainYearMonth>,
    method "toJSON" / 0 => shared::to_json::<PlainYearMonth>,
    method "valueOf" / 0 => shared::value_of::<PlainYearMonth>,
    method "toPlainDate" / 1 => to_plain_date,
    tag "Temporal.PlainYearMonth",
}}

year_month_getters!(PlainYearMonth);

impl Shared for PlainYearMonth {
    const CONVERT: shared::Convert<Self> = to_year_month;
    const TEXT: shared::Text<Self> = |year_month| Ok(year_month.to_ixdtf_string(DisplayCalendar::Auto));
}

impl Sum for PlainYearMonth {
    const ADD: shared::Add<Self> = |year_month, duration, overflow| year_month.add(duration, overflow.unwrap_or(Overflow::Constrain));
    const CALENDAR: shared::CalendarOf<Self> = |year_month| Some(year_month.calendar());
}

impl Point for PlainYearMonth {
    const COMPARE: shared::Compare<Self> = PlainYearMonth::compare_iso;
    const UNTIL: shared::Difference<Self> = PlainYearMonth::until;
    const SINCE: shared::Difference<Self> = PlainYearMonth::since;
    const YEAR: shared::Year<Self> = PlainYearMonth::year;
}

// 9.1.1 Temporal.PlainYearMonth ( isoYear, isoMonth [ , calendar [ , referenceISODay ] ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    require_new::<PlainYearMonth>(cx, args)?;
    let year = to_integer_with_truncation(cx, args.at(0))?;
    let month = to_integer_with_truncation(cx, args.at(1))?;
    let calendar = calendar_argument(cx, args.at(2))?;
    let day = integer_argument(cx, args.at(3), 1.0)?;
    let (year, month, day) = (narrow(cx, year)?, narrow(cx, month)?, narrow(cx, day)?);
    let year_month = PlainYearMonth::try_new(year, month, Some(day), calendar).or_throw(cx)?;
    create(cx, &year_month, args.new_target)
}

// 9.3.13 Temporal.PlainYearMonth.prototype.with ( temporalYearMonthLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.with
fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "with")?;
    let bag = fields::partial_object(cx, args.at(0))?;
    let bag = fields::prepare(cx, year_month.calendar(), bag, set::YEAR | set::MONTH, Required::Any)?;
    let overflow = Options::of(cx, args.at(1))?.overflow(cx)?;
    let changed = year_month.with(bag.year_month_fields(), Some(overflow)).or_throw(cx)?;
    wrap(cx, &changed)
}

// 9.3.19 Temporal.PlainYearMonth.prototype.toString ( [ options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "toString")?;
    let show = Options::of(cx, args.at(0))?.calendar_name(cx)?;
    Ok(cx.new_string(&year_month.to_ixdtf_string(show)))
}

// 9.3.23 Temporal.PlainYearMonth.prototype.toPlainDate ( item ),
// https://tc39.es/proposal-temporal/#sec-temporal.plainyearmonth.prototype.toplaindate
fn to_plain_date(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let year_month: PlainYearMonth = require(cx, this, "toPlainDate")?;
    let Some(bag) = args.at(0).as_object() else {
        let shown = describe(cx, args.at(0));
        return Err(cx.throw_type_error(&format!("{shown} is not an object")));
    };
    let bag = fields::prepare(cx, year_month.calendar(), bag, set::DAY, Required::Nothing)?;
    let date = year_month.to_plain_date(Some(bag.calendar_fields())).or_throw(cx)?;
    wrap(cx, &date)
}
