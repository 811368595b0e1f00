//! Temporal.ZonedDateTime. https://tc39.es/proposal-temporal/#sec-temporal-zoneddatetime-objects

use temporal_rs::fields::ZonedDateTimeFields;
use temporal_rs::options::{DisplayCalendar, DisplayOffset, DisplayTimeZone, OffsetDisambiguation, ToStringRoundingOptions};
use temporal_rs::{TimeZone, ZonedDateTime};

use super::conversions::{to_time_or_none, to_zoned, zoned_options};
use super::fields::{self, Required, calendar_argument, not_a_string, set, to_calendar, to_time_zone};
use super::instant::to_epoch;
use super::options::{Options, rounding};
use super::shared::{self, Point, Shared, Sum};
use super::slots::{OrThrow, create, provider, require, require_new, wrap};
use super::{date_getters, getters, time_getters};
use crate::bigint;
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static ZONED_DATE_TIME: "ZonedDateTime" / 2 => construct, TemporalZonedDateTime, TemporalZonedDateTimePrototype, not_global; {
    static method "from" / 1 => shared::from::<ZonedDateTime>,
    static method "compare" / 2 => shared::compare::<ZonedDateTime>,
    get "calendarId" => calendar_id,
    get "timeZoneId" => time_zone_id,
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
    get "epochMilliseconds" => epoch_milliseconds,
    get "epochNanoseconds" => epoch_nanoseconds,
    get "dayOfWeek" => day_of_week,
    get "dayOfYear" => day_of_year,
    get "weekOfYear" => week_of_year,
    get "yearOfWeek" => year_of_week,
    get "hoursInDay" => hours_in_day,
    get "daysInWeek" => days_in_week,
    get "daysInMonth" => days_in_month,
    get "daysInYear" => days_in_year,
    get "monthsInYear" => months_in_year,
    get "inLeapYear" => in_leap_year,
    get "offsetNanoseconds" => offset_nanoseconds,
    get "offset" => offset,
    method "with" / 1 => with,
    method "withPlainTime" / 0 => with_plain_time,
    method "withTimeZone" / 1 => with_time_zone,
    method "withCalendar" / 1 => with_calendar,
    method "add" / 1 => shared::add::<ZonedDateTime>,
    method "subtract" / 1 => shared::subtract::<ZonedDateTime>,
    method "until" / 1 => shared::until::<ZonedDateTime>,
    method "since" / 1 => shared::since::<ZonedDateTime>,
    method "round" / 1 => round,
    method "equals" / 1 => equals,
    method "toString" / 0 => to_string,
    method "toLocaleString" / 0 => shared::to_locale_string::<ZonedDateTime>,
    method "toJSON" / 0 => shared::to_json::<ZonedDateTime>,
    method "valueOf" / 0 => shared::value_of::<ZonedDateTime>,
    method "startOfDay" / 0 => start_of_day,
    method "getTimeZoneTransition" / 1 => get_time_zone_transition,
    method "toInstant" / 0 => to_instant,
    method "toPlainDate" / 0 => to_plain_date,
    method "toPlainTime" / 0 => to_plain_time,
    method "toPlainDateTime" / 0 => to_plain_date_time,
    tag "Temporal.ZonedDateTime",
}}

date_getters!(ZonedDateTime);
time_getters!(ZonedDateTime);
getters! { ZonedDateTime;
    time_zone_id "timeZoneId" => |cx, zoned| {
        let identifier = zoned.time_zone().identifier_with_provider(&provider()).or_throw(cx)?;
        cx.new_string(&identifier)
    };
    epoch_milliseconds "epochMilliseconds" => |cx, zoned| Value::number(zoned.epoch_milliseconds() as f64);
    epoch_nanoseconds "epochNanoseconds" => |cx, zoned| bigint::from_i128(&cx.heap, zoned.epoch_nanoseconds().as_i128()).value();
    hours_in_day "hoursInDay" => |cx, zoned| Value::number(zoned.hours_in_day_with_provider(&provider()).or_throw(cx)?);
    offset_nanoseconds "offsetNanoseconds" => |cx, zoned| Value::number(zoned.offset_nanoseconds() as f64);
    offset "offset" => |cx, zoned| cx.new_string(&zoned.offset());
}

impl Shared for ZonedDateTime {
    const CONVERT: shared::Convert<Self> = to_zoned;
    const TEXT: shared::Text<Self> = |zoned| {
        let options = ToStringRoundingOptions::default();
        let (offset, zone, calendar) = (DisplayOffset::Auto, DisplayTimeZone::Auto, DisplayCalendar::Auto);
        zoned.to_ixdtf_string_with_provider(offset, zone, calendar, options, &provider())
    };
}

impl Sum for ZonedDateTime {
    const ADD: shared::Add<Self> = |zoned, duration, overflow| zoned.add_with_provider(duration, overflow, &provider());
    const CALENDAR: shared::CalendarOf<Self> = |zoned| Some(zoned.calendar());
}

impl Point for ZonedDateTime {
    const COMPARE: shared::Compare<Self> = ZonedDateTime::compare_instant;
    const UNTIL: shared::Difference<Self> = |one, two, settings| one.until_with_provider(two, settings, &provider());
    const SINCE: shared::Difference<Self> = |one, two, settings| one.since_with_provider(two, settings, &provider());
    const YEAR: shared::Year<Self> = |zoned| zoned.to_plain_date_time().iso_year();
}

// 6.1.1 Temporal.ZonedDateTime ( epochNanoseconds, timeZone [ , calendar ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    require_new::<ZonedDateTime>(cx, args)?;
    let epoch = to_epoch(cx, args.at(0))?;
    let Some(zone) = args.at(1).as_string() else { return Err(not_a_string(cx, args.at(1))) };
    let zone = zone.to_text(&cx.heap);
    let zone = TimeZone::try_from_identifier_str_with_provider(&zone, &provider()).or_throw(cx)?;
    let calendar = calendar_argument(cx, args.at(2))?;
    let zoned = ZonedDateTime::try_new_with_provider(epoch, zone, calendar, &provider()).or_throw(cx)?;
    create(cx, &zoned, args.new_target)
}

// 6.3.31 Temporal.ZonedDateTime.prototype.with ( temporalZonedDateTimeLike [ , options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.with
fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "with")?;
    let bag = fields::partial_object(cx, args.at(0))?;
    let bag = fields::prepare(cx, zoned.calendar(), bag, set::DATE | set::TIME | set::OFFSET, Required::Any)?;
    let (disambiguation, offset, overflow) = zoned_options(cx, args.at(1), OffsetDisambiguation::Prefer)?;
    let fields = ZonedDateTimeFields { calendar_fields: bag.calendar_fields(), time: bag.time(overflow), offset: bag.offset };
    let changed = zoned.with_with_provider(fields, Some(disambiguation), Some(offset), Some(overflow), &provider()).or_throw(cx)?;
    wrap(cx, &changed)
}

// 6.3.32 Temporal.ZonedDateTime.prototype.withPlainTime ( [ plainTimeLike ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.withplaintime
fn with_plain_time(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "withPlainTime")?;
    let time = to_time_or_none(cx, args.at(0))?;
    let changed = zoned.with_plain_time_and_provider(time, &provider()).or_throw(cx)?;
    wrap(cx, &changed)
}

// 6.3.33 Temporal.ZonedDateTime.prototype.withTimeZone ( timeZoneLike ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.withtimezone
fn with_time_zone(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "withTimeZone")?;
    let zone = to_time_zone(cx, args.at(0))?;
    let changed = zoned.with_time_zone_with_provider(zone, &provider()).or_throw(cx)?;
    wrap(cx, &changed)
}

// 6.3.34 Temporal.ZonedDateTime.prototype.withCalendar ( calendarLike ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.withcalendar
fn with_calendar(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "withCalendar")?;
    let calendar = to_calendar(cx, args.at(0))?;
    wrap(cx, &zoned.with_calendar(calendar))
}

// 6.3.39 Temporal.ZonedDateTime.prototype.round ( roundTo ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.round
fn round(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "round")?;
    let options = rounding(cx, args.at(0))?;
    let rounded = zoned.round_with_provider(options, &provider()).or_throw(cx)?;
    wrap(cx, &rounded)
}

// 6.3.40 Temporal.ZonedDateTime.prototype.equals ( other ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.equals
fn equals(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "equals")?;
    let other = to_zoned(cx, args.at(0), Value::UNDEFINED)?;
    Ok(Value::bool(zoned.equals_with_provider(&other, &provider()).or_throw(cx)?))
}

// 6.3.41 Temporal.ZonedDateTime.prototype.toString ( [ options ] ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "toString")?;
    let bag = Options::of(cx, args.at(0))?;
    let calendar = bag.calendar_name(cx)?;
    let precision = bag.fractional_digits(cx)?;
    let offset = bag.show_offset(cx)?;
    let rounding_mode = bag.rounding_mode(cx)?;
    let smallest_unit = bag.unit(cx, "smallestUnit")?;
    let zone = bag.time_zone_name(cx)?;
    let options = ToStringRoundingOptions { precision, smallest_unit, rounding_mode };
    let text = zoned.to_ixdtf_string_with_provider(offset, zone, calendar, options, &provider()).or_throw(cx)?;
    Ok(cx.new_string(&text))
}

// 6.3.45 Temporal.ZonedDateTime.prototype.startOfDay ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.startofday
fn start_of_day(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "startOfDay")?;
    let start = zoned.start_of_day_with_provider(&provider()).or_throw(cx)?;
    wrap(cx, &start)
}

// 6.3.46 Temporal.ZonedDateTime.prototype.getTimeZoneTransition ( directionParam ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.gettimezonetransition
fn get_time_zone_transition(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "getTimeZoneTransition")?;
    let given = args.at(0);
    if given.is_undefined() {
        return Err(cx.throw_type_error("Must specify a direction"));
    }
    let direction = match given.as_string() {
        Some(text) => {
            let text = text.to_text(&cx.heap);
            match text.parse() {
                Ok(direction) => direction,
                Err(_) => return Err(cx.throw_range_error(&format!("Value {text} out of range for Temporal options property direction"))),
            }
        }
        None => Options::of(cx, given)?.direction(cx)?,
    };
    match zoned.get_time_zone_transition_with_provider(direction, &provider()).or_throw(cx)? {
        Some(transition) => wrap(cx, &transition),
        None => Ok(Value::NULL),
    }
}

// 6.3.47 Temporal.ZonedDateTime.prototype.toInstant ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.toinstant
fn to_instant(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "toInstant")?;
    wrap(cx, &zoned.to_instant())
}

// 6.3.48 Temporal.ZonedDateTime.prototype.toPlainDate ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.toplaindate
fn to_plain_date(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "toPlainDate")?;
    wrap(cx, &zoned.to_plain_date())
}

// 6.3.49 Temporal.ZonedDateTime.prototype.toPlainTime ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.toplaintime
fn to_plain_time(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "toPlainTime")?;
    wrap(cx, &zoned.to_plain_time())
}

// 6.3.50 Temporal.ZonedDateTime.prototype.toPlainDateTime ( ),
// https://tc39.es/proposal-temporal/#sec-temporal.zoneddatetime.prototype.toplaindatetime
fn to_plain_date_time(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let zoned: ZonedDateTime = require(cx, this, "toPlainDateTime")?;
    wrap(cx, &zoned.to_plain_date_time())
}
