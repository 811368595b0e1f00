//! Property bags: calendar fields, time fields, calendars and time zones given by scripts.

use temporal_rs::fields::{CalendarFields, YearMonthCalendarFields};
use temporal_rs::options::Overflow;
use temporal_rs::partial::PartialTime;
use temporal_rs::{Calendar, MonthCode, TimeZone, TinyAsciiStr, UtcOffset};

use super::slots::{self, CALENDARS, Class, OrThrow, provider};
use crate::builtins::receiver::describe;
use crate::context::Context;
use crate::conversions::PreferredType;
use crate::native::Result;
use crate::object::Object;
use crate::value::Value;

// ── numbers ──

// 13.40 ToIntegerWithTruncation ( argument ), https://tc39.es/proposal-temporal/#sec-tointegerwithtruncation
/// An integral number; RangeError for NaN and infinities.
pub(super) fn to_integer_with_truncation(cx: &mut Context, value: Value) -> Result<f64> {
    let number = cx.to_number(value)?;
    if !number.is_finite() {
        return Err(cx.throw_range_error("Expected finite integer"));
    }
    // Minus zero is zero.
    Ok(number.trunc() + 0.0)
}

// 13.39 ToPositiveIntegerWithTruncation ( argument ), https://tc39.es/proposal-temporal/#sec-topositiveintegerwithtruncation
fn to_positive_integer_with_truncation(cx: &mut Context, value: Value) -> Result<f64> {
    let integer = to_integer_with_truncation(cx, value)?;
    if integer <= 0.0 {
        return Err(cx.throw_range_error("Expected positive integer"));
    }
    Ok(integer)
}

// 13.41 ToIntegerIfIntegral ( argument ), https://tc39.es/proposal-temporal/#sec-tointegerifintegral
/// An integral number; RangeError for all others.
pub(super) fn to_integer_if_integral(cx: &mut Context, value: Value) -> Result<f64> {
    let number = cx.to_number(value)?;
    if !number.is_finite() || number.trunc() != number {
        return Err(cx.throw_range_error("Expected integral number"));
    }
    Ok(number + 0.0)
}

/// An integral argument of a constructor; `default` when it is undefined.
pub(super) fn integer_argument(cx: &mut Context, value: Value, default: f64) -> Result<f64> {
    if value.is_undefined() { Ok(default) } else { to_integer_with_truncation(cx, value) }
}

/// An integral number of a constructor as a narrower type; RangeError where it does not fit.
pub(super) fn narrow<T: TryFrom<i64>>(cx: &mut Context, number: f64) -> Result<T> {
    // Past i64 the cast saturates, which no narrower type holds.
    T::try_from(number as i64).map_err(|_| cx.throw_range_error("Temporal field out of range"))
}

// ── calendars and time zones ──

// 12.2.1 CanonicalizeCalendar ( id ), https://tc39.es/proposal-temporal/#sec-temporal-canonicalizecalendar
/// The calendar with this identifier, whose case does not matter.
pub(super) fn canonicalize_calendar(cx: &mut Context, identifier: &str) -> Result<Calendar> {
    let lower = identifier.to_ascii_lowercase();
    let canonical = match lower.as_str() {
        "islamicc" => "islamic-civil",
        "ethiopic-amete-alem" => "ethioaa",
        other => other,
    };
    match CALENDARS.iter().position(|&known| known == canonical).and_then(slots::calendar_at) {
        Some(calendar) => Ok(calendar),
        None => Err(cx.throw_range_error(&format!("Invalid calendar specified: {identifier}"))),
    }
}

/// The calendar argument of a constructor: undefined or the identifier itself.
pub(super) fn calendar_argument(cx: &mut Context, value: Value) -> Result<Calendar> {
    if value.is_undefined() {
        return Ok(Calendar::ISO);
    }
    match value.as_string() {
        Some(text) => {
            let text = text.to_text(&cx.heap);
            canonicalize_calendar(cx, &text)
        }
        None => Err(not_a_string(cx, value)),
    }
}

#[cold]
pub(super) fn not_a_string(cx: &mut Context, value: Value) -> crate::native::Thrown {
    let shown = describe(cx, value);
    cx.throw_type_error(&format!("{shown} is not a string"))
}

// 12.2.8 ToTemporalCalendarIdentifier ( temporalCalendarLike ), https://tc39.es/proposal-temporal/#sec-temporal-totemporalcalendaridentifier
/// The calendar that an object with a calendar, an identifier or an ISO string stands for.
pub(super) fn to_calendar(cx: &mut Context, value: Value) -> Result<Calendar> {
    if let Some(calendar) = slots::calendar_slot(cx, value)? {
        return Ok(calendar);
    }
    let Some(text) = value.as_string() else { return Err(not_a_string(cx, value)) };
    let text = text.to_text(&cx.heap);
    // 13.34 ParseTemporalCalendarString: an ISO string names its calendar; anything else is taken as an identifier.
    if text.bytes().next().is_some_and(|first| first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'T' | b't')) {
        check_annotated_calendar(cx, &text)?;
        return text.parse().or_throw(cx);
    }
    canonicalize_calendar(cx, &text)
}

/// RangeError where the first calendar annotation of an ISO string names no calendar.
///
/// `temporal_rs` takes `islamic` and `islamic-rgsa` for other calendars, which Temporal does not allow; see
/// https://tc39.es/proposal-intl-era-monthcode/#sec-temporal-canonicalizecalendar.
pub(super) fn check_annotated_calendar(cx: &mut Context, text: &str) -> Result<()> {
    for part in text.split('[').skip(1) {
        let annotation = part.strip_prefix('!').unwrap_or(part);
        if let Some(identifier) = annotation.strip_prefix("u-ca=").and_then(|rest| rest.split(']').next()) {
            return canonicalize_calendar(cx, identifier).map(|_| ());
        }
    }
    Ok(())
}

// 12.2.9 GetTemporalCalendarIdentifierWithISODefault ( item ),
// https://tc39.es/proposal-temporal/#sec-temporal-gettemporalcalendarslotvaluewithisodefault
/// The calendar of a property bag.
pub(super) fn calendar_of_bag(cx: &mut Context, item: Object) -> Result<Calendar> {
    if let Some(calendar) = slots::calendar_slot(cx, item.value())? {
        return Ok(calendar);
    }
    let name = cx.key("calendar");
    let calendar = cx.get(item, name)?;
    if calendar.is_undefined() { Ok(Calendar::ISO) } else { to_calendar(cx, calendar) }
}

// 11.1.8 ToTemporalTimeZoneIdentifier ( temporalTimeZoneLike ), https://tc39.es/proposal-temporal/#sec-temporal-totemporaltimezoneidentifier
/// The time zone that a ZonedDateTime, an identifier or an ISO string stands for.
pub(super) fn to_time_zone(cx: &mut Context, value: Value) -> Result<TimeZone> {
    if let Some(zone) = slots::zone_slot(cx, value)? {
        return Ok(zone);
    }
    let Some(text) = value.as_string() else { return Err(not_a_string(cx, value)) };
    let text = text.to_text(&cx.heap);
    TimeZone::try_from_str_with_provider(&text, &provider()).or_throw(cx)
}

// 13.26 IsPartialTemporalObject ( value ), https://tc39.es/proposal-temporal/#sec-temporal-ispartialtemporalobject
/// The object of fields that a `with` method is given; TypeError for what cannot be one.
pub(super) fn partial_object(cx: &mut Context, value: Value) -> Result<Object> {
    let is_other = !matches!(slots::class_of(cx, value), None | Some(Class::Duration | Class::Instant));
    let Some(object) = value.as_object().filter(|_| !is_other) else {
        let shown = describe(cx, value);
        return Err(cx.throw_type_error(&format!("{shown} is not an object of Temporal fields")));
    };
    for name in ["calendar", "timeZone"] {
        let property = cx.key(name);
        if !cx.get(object, property)?.is_undefined() {
            return Err(cx.throw_type_error(&format!("{name} is not allowed here")));
        }
    }
    Ok(object)
}

// ── fields ──

/// Sets of fields to read.
pub(super) mod set {
    /// Year, with era and era year where the calendar has eras.
    pub const YEAR: u32 = 1;
    /// Month and month code.
    pub const MONTH: u32 = 2;
    /// Day.
    pub const DAY: u32 = 4;
    /// Hour to nanosecond.
    pub const TIME: u32 = 8;
    /// UTC offset.
    pub const OFFSET: u32 = 16;
    /// Time zone.
    pub const TIME_ZONE: u32 = 32;
    /// All of a date.
    pub const DATE: u32 = YEAR | MONTH | DAY;
}

/// What must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Required {
    /// One field at least.
    Any,
    /// Nothing.
    Nothing,
    /// The time zone.
    TimeZone,
}

/// A calendar fields record: numbers as given, converted but in no way limited.
#[derive(Default)]
pub(super) struct Fields {
    era: Option<String>,
    era_year: Option<f64>,
    year: Option<f64>,
    month: Option<f64>,
    month_code: Option<MonthCode>,
    day: Option<f64>,
    hour: Option<f64>,
    minute: Option<f64>,
    second: Option<f64>,
    millisecond: Option<f64>,
    microsecond: Option<f64>,
    nanosecond: Option<f64>,
    /// UTC offset.
    pub(super) offset: Option<UtcOffset>,
    /// Time zone.
    pub(super) time_zone: Option<TimeZone>,
}

/// Whether property bags of this calendar have eras.
fn has_eras(calendar: &Calendar) -> bool {
    !matches!(calendar.identifier(), "iso8601" | "chinese" | "dangi")
}

// 12.2.3 PrepareCalendarFields, https://tc39.es/proposal-temporal/#sec-temporal-preparecalendarfields
/// Reads the fields of `set` from a bag, in alphabetical order.
pub(super) fn prepare(cx: &mut Context, calendar: &Calendar, bag: Object, wanted: u32, required: Required) -> Result<Fields> {
    let mut fields = Fields::default();
    let mut any = false;
    let eras = wanted & set::YEAR != 0 && has_eras(calendar);
    let mut read = |cx: &mut Context, name: &str, is_wanted: bool| -> Result<Option<Value>> {
        if !is_wanted {
            return Ok(None);
        }
        let name = cx.key(name);
        let value = cx.get(bag, name)?;
        any |= !value.is_undefined();
        Ok(Some(value).filter(|value| !value.is_undefined()))
    };
    let (time, month) = (wanted & set::TIME != 0, wanted & set::MONTH != 0);
    if let Some(value) = read(cx, "day", wanted & set::DAY != 0)? {
        fields.day = Some(to_positive_integer_with_truncation(cx, value)?);
    }
    if let Some(value) = read(cx, "era", eras)? {
        fields.era = Some(cx.to_text(value)?);
    }
    if let Some(value) = read(cx, "eraYear", eras)? {
        fields.era_year = Some(to_integer_with_truncation(cx, value)?);
    }
    if let Some(value) = read(cx, "hour", time)? {
        fields.hour = Some(to_integer_with_truncation(cx, value)?);
    }
    if let Some(value) = read(cx, "microsecond", time)? {
        fields.microsecond = Some(to_integer_with_truncation(cx, value)?);
    }
    if let Some(value) = read(cx, "millisecond", time)? {
        fields.millisecond = Some(to_integer_with_truncation(cx, value)?);
    }
    if let Some(value) = read(cx, "minute", time)? {
        fields.minute = Some(to_integer_with_truncation(cx, value)?);
    }
    if let Some(value) = read(cx, "month", month)? {
        fields.month = Some(to_positive_integer_with_truncation(cx, value)?);
    }
    if let Some(value) = read(cx, "monthCode", month)? {
        fields.month_code = Some(to_month_code(cx, value)?);
    }
    if let Some(value) = read(cx, "nanosecond", time)? {
        fields.nanosecond = Some(to_integer_with_truncation(cx, value)?);
    }
    if let Some(value) = read(cx, "offset", wanted & set::OFFSET != 0)? {
        fields.offset = Some(to_offset(cx, value)?);
    }
    if let Some(value) = read(cx, "second", time)? {
        fields.second = Some(to_integer_with_truncation(cx, value)?);
    }
    if let Some(value) = read(cx, "timeZone", wanted & set::TIME_ZONE != 0)? {
        fields.time_zone = Some(to_time_zone(cx, value)?);
    } else if required == Required::TimeZone {
        return Err(cx.throw_type_error("timeZone is required"));
    }
    if let Some(value) = read(cx, "year", wanted & set::YEAR != 0)? {
        fields.year = Some(to_integer_with_truncation(cx, value)?);
    }
    if required == Required::Any && !any {
        return Err(cx.throw_type_error("No Temporal fields given"));
    }
    Ok(fields)
}

/// A string that is given as such or that an object becomes; TypeError for other primitives.
fn require_string(cx: &mut Context, value: Value) -> Result<String> {
    let primitive = cx.to_primitive(value, PreferredType::String)?;
    match primitive.as_string() {
        Some(text) => Ok(text.to_text(&cx.heap)),
        None => Err(not_a_string(cx, primitive)),
    }
}

// 12.2.4 ToMonthCode ( argument ), https://tc39.es/proposal-temporal/#sec-temporal-tomonthcode
fn to_month_code(cx: &mut Context, value: Value) -> Result<MonthCode> {
    let text = require_string(cx, value)?;
    let code = MonthCode::try_from_utf8(text.as_bytes()).or_throw(cx)?;
    if text == "M00" {
        return Err(cx.throw_range_error("Invalid month code M00"));
    }
    Ok(code)
}

// 13.42 ToOffsetString ( argument ), https://tc39.es/proposal-temporal/#sec-temporal-tooffsetstring
fn to_offset(cx: &mut Context, value: Value) -> Result<UtcOffset> {
    let text = require_string(cx, value)?;
    UtcOffset::from_utf8(text.as_bytes()).or_throw(cx)
}

/// A year within what arithmetic can bear; years past the limits stay past them.
fn year(number: f64) -> i32 {
    number as i32
}

/// A month or day, at least 1; what is past the type is past every calendar too.
fn small(number: f64) -> u8 {
    number as u8
}

impl Fields {
    /// The date part. Eras that cannot be are made one that no calendar knows, so that missing fields are told first.
    pub(super) fn calendar_fields(&self) -> CalendarFields {
        let era = self.era.as_ref().map(|era| {
            let given = TinyAsciiStr::<19>::try_from_utf8(era.as_bytes());
            given.unwrap_or(TinyAsciiStr::from_utf8_lossy(b"unknown", b'?'))
        });
        CalendarFields {
            year: self.year.map(year),
            month: self.month.map(small),
            month_code: self.month_code,
            day: self.day.map(small),
            era,
            era_year: self.era_year.map(year),
        }
    }

    /// The year and month part.
    pub(super) fn year_month_fields(&self) -> YearMonthCalendarFields {
        YearMonthCalendarFields::from(self.calendar_fields())
    }

    /// The time part. Numbers out of range are limited, or made such that `temporal_rs` rejects them.
    pub(super) fn time(&self, overflow: Overflow) -> PartialTime {
        time_of_numbers([self.hour, self.minute, self.second, self.millisecond, self.microsecond, self.nanosecond], overflow)
    }
}

fn time_of_numbers(numbers: [Option<f64>; 6], overflow: Overflow) -> PartialTime {
    let limit = |number: Option<f64>, most: f64| {
        number.map(|number| match overflow {
            Overflow::Reject if !(0.0..=most).contains(&number) => u16::MAX,
            _ => number.clamp(0.0, most) as u16,
        })
    };
    let short = |number: Option<f64>, most: f64| limit(number, most).map(|number| u8::try_from(number).unwrap_or(u8::MAX));
    let [hour, minute, second, millisecond, microsecond, nanosecond] = numbers;
    PartialTime {
        hour: short(hour, 23.0),
        minute: short(minute, 59.0),
        second: short(second, 59.0),
        millisecond: limit(millisecond, 999.0),
        microsecond: limit(microsecond, 999.0),
        nanosecond: limit(nanosecond, 999.0),
    }
}

/// Time fields read from a bag.
pub(super) struct TimeFields([Option<f64>; 6]);

impl TimeFields {
    // 4.5.6 ToTemporalTimeRecord, https://tc39.es/proposal-temporal/#sec-temporal-totemporaltimerecord
    /// Reads the fields in alphabetical order; TypeError where there is none.
    pub(super) fn read(cx: &mut Context, bag: Object) -> Result<TimeFields> {
        let mut numbers = [None; 6];
        for (name, index) in [("hour", 0), ("microsecond", 4), ("millisecond", 3), ("minute", 1), ("nanosecond", 5), ("second", 2)] {
            let name = cx.key(name);
            let value = cx.get(bag, name)?;
            if !value.is_undefined() {
                numbers[index] = Some(to_integer_with_truncation(cx, value)?);
            }
        }
        if numbers.iter().all(Option::is_none) {
            return Err(cx.throw_type_error("No Temporal time fields given"));
        }
        Ok(TimeFields(numbers))
    }

    /// As `temporal_rs` takes them.
    pub(super) fn partial(&self, overflow: Overflow) -> PartialTime {
        time_of_numbers(self.0, overflow)
    }
}
