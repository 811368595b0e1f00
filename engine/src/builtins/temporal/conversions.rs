//! What methods take for a date, a time, a duration …: Temporal objects, property bags, strings.

use temporal_rs::fields::{DateTimeFields, ZonedDateTimeFields};
use temporal_rs::options::{OffsetDisambiguation, Overflow, RelativeTo};
use temporal_rs::parsed_intermediates::{ParsedDate, ParsedDateTime, ParsedZonedDateTime};
use temporal_rs::partial::{PartialDate, PartialDateTime, PartialYearMonth, PartialZonedDateTime};
use temporal_rs::{Calendar, Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, ZonedDateTime};

use super::fields::{self, Fields, Required, TimeFields, set};
use super::options::Options;
use super::slots::{self, OrThrow, duration_numbers, duration_of_numbers, provider};
use crate::context::Context;
use crate::conversions::PreferredType;
use crate::native::Result;
use crate::object::Object;
use crate::value::Value;

/// The text of an argument that is no object; TypeError where it is no string.
fn iso_text(cx: &mut Context, value: Value) -> Result<String> {
    match value.as_string() {
        Some(text) => {
            let text = text.to_text(&cx.heap);
            fields::check_annotated_calendar(cx, &text)?;
            Ok(text)
        }
        None => Err(fields::not_a_string(cx, value)),
    }
}

fn read_overflow(cx: &mut Context, options: Value) -> Result<Overflow> {
    Options::of(cx, options)?.overflow(cx)
}

// 3.5.3 ToTemporalDate ( item [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal-totemporaldate
pub(super) fn to_date(cx: &mut Context, item: Value, options: Value) -> Result<PlainDate> {
    let Some(object) = item.as_object() else {
        let text = iso_text(cx, item)?;
        let parsed = ParsedDate::from_utf8(text.as_bytes()).or_throw(cx)?;
        read_overflow(cx, options)?;
        return PlainDate::from_parsed(parsed).or_throw(cx);
    };
    if let Some(date) = date_of_object(cx, item)? {
        read_overflow(cx, options)?;
        return Ok(date);
    }
    let calendar = fields::calendar_of_bag(cx, object)?;
    let bag = fields::prepare(cx, &calendar, object, set::DATE, Required::Nothing)?;
    let overflow = read_overflow(cx, options)?;
    PlainDate::from_partial(PartialDate { calendar_fields: bag.calendar_fields(), calendar }, Some(overflow)).or_throw(cx)
}

/// The date of a PlainDate, PlainDateTime or ZonedDateTime.
fn date_of_object(cx: &mut Context, item: Value) -> Result<Option<PlainDate>> {
    if let Some(date) = slots::unwrap::<PlainDate>(cx, item)? {
        return Ok(Some(date));
    }
    if let Some(zoned) = slots::unwrap::<ZonedDateTime>(cx, item)? {
        return Ok(Some(zoned.to_plain_date()));
    }
    Ok(slots::unwrap::<PlainDateTime>(cx, item)?.map(|date_time| date_time.to_plain_date()))
}

// 4.5.5 ToTemporalTime ( item [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal-totemporaltime
pub(super) fn to_time(cx: &mut Context, item: Value, options: Value) -> Result<PlainTime> {
    let Some(object) = item.as_object() else {
        // A calendar in the text means nothing for a time, and may be one that nobody knows.
        let Some(text) = item.as_string() else { return Err(fields::not_a_string(cx, item)) };
        let text = text.to_text(&cx.heap);
        let time = PlainTime::from_utf8(text.as_bytes()).or_throw(cx)?;
        read_overflow(cx, options)?;
        return Ok(time);
    };
    let mut known = slots::unwrap::<PlainTime>(cx, item)?;
    if known.is_none() {
        known = slots::unwrap::<PlainDateTime>(cx, item)?.map(|date_time| date_time.to_plain_time());
    }
    if known.is_none() {
        known = slots::unwrap::<ZonedDateTime>(cx, item)?.map(|zoned| zoned.to_plain_time());
    }
    if let Some(time) = known {
        read_overflow(cx, options)?;
        return Ok(time);
    }
    let bag = TimeFields::read(cx, object)?;
    let overflow = read_overflow(cx, options)?;
    PlainTime::from_partial(bag.partial(overflow), Some(overflow)).or_throw(cx)
}

// 4.5.7 ToTimeRecordOrMidnight ( item ), https://tc39.es/proposal-temporal/#sec-temporal-totimerecordormidnight
pub(super) fn to_time_or_none(cx: &mut Context, item: Value) -> Result<Option<PlainTime>> {
    if item.is_undefined() { Ok(None) } else { to_time(cx, item, Value::UNDEFINED).map(Some) }
}

// 5.5.6 ToTemporalDateTime ( item [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal-totemporaldatetime
pub(super) fn to_date_time(cx: &mut Context, item: Value, options: Value) -> Result<PlainDateTime> {
    let Some(object) = item.as_object() else {
        let text = iso_text(cx, item)?;
        let parsed = ParsedDateTime::from_utf8(text.as_bytes()).or_throw(cx)?;
        read_overflow(cx, options)?;
        return PlainDateTime::from_parsed(parsed).or_throw(cx);
    };
    if let Some(date_time) = slots::unwrap::<PlainDateTime>(cx, item)? {
        read_overflow(cx, options)?;
        return Ok(date_time);
    }
    if let Some(zoned) = slots::unwrap::<ZonedDateTime>(cx, item)? {
        read_overflow(cx, options)?;
        return Ok(zoned.to_plain_date_time());
    }
    if let Some(date) = slots::unwrap::<PlainDate>(cx, item)? {
        read_overflow(cx, options)?;
        return date.to_plain_date_time(None).or_throw(cx);
    }
    let calendar = fields::calendar_of_bag(cx, object)?;
    let bag = fields::prepare(cx, &calendar, object, set::DATE | set::TIME, Required::Nothing)?;
    let overflow = read_overflow(cx, options)?;
    date_time_of_fields(cx, calendar, &bag, overflow)
}

// 5.5.5 InterpretTemporalDateTimeFields, https://tc39.es/proposal-temporal/#sec-temporal-interprettemporaldatetimefields
fn date_time_of_fields(cx: &mut Context, calendar: Calendar, bag: &Fields, overflow: Overflow) -> Result<PlainDateTime> {
    let fields = DateTimeFields { calendar_fields: bag.calendar_fields(), time: bag.time(overflow) };
    PlainDateTime::from_partial(PartialDateTime { fields, calendar }, Some(overflow)).or_throw(cx)
}

// 9.5.2 ToTemporalYearMonth ( item [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal-totemporalyearmonth
pub(super) fn to_year_month(cx: &mut Context, item: Value, options: Value) -> Result<PlainYearMonth> {
    let Some(object) = item.as_object() else {
        let text = iso_text(cx, item)?;
        let parsed = ParsedDate::year_month_from_utf8(text.as_bytes()).or_throw(cx)?;
        read_overflow(cx, options)?;
        return PlainYearMonth::from_parsed(parsed).or_throw(cx);
    };
    if let Some(year_month) = slots::unwrap::<PlainYearMonth>(cx, item)? {
        read_overflow(cx, options)?;
        return Ok(year_month);
    }
    let calendar = fields::calendar_of_bag(cx, object)?;
    let bag = fields::prepare(cx, &calendar, object, set::YEAR | set::MONTH, Required::Nothing)?;
    let overflow = read_overflow(cx, options)?;
    let partial = PartialYearMonth { calendar_fields: bag.year_month_fields(), calendar };
    PlainYearMonth::from_partial(partial, Some(overflow)).or_throw(cx)
}

// 10.5.1 ToTemporalMonthDay ( item [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal-totemporalmonthday
pub(super) fn to_month_day(cx: &mut Context, item: Value, options: Value) -> Result<PlainMonthDay> {
    let Some(object) = item.as_object() else {
        let text = iso_text(cx, item)?;
        let parsed = ParsedDate::month_day_from_utf8(text.as_bytes()).or_throw(cx)?;
        read_overflow(cx, options)?;
        return PlainMonthDay::from_parsed(parsed).or_throw(cx);
    };
    if let Some(month_day) = slots::unwrap::<PlainMonthDay>(cx, item)? {
        read_overflow(cx, options)?;
        return Ok(month_day);
    }
    let calendar = fields::calendar_of_bag(cx, object)?;
    let bag = fields::prepare(cx, &calendar, object, set::DATE, Required::Nothing)?;
    let overflow = read_overflow(cx, options)?;
    PlainMonthDay::from_partial(PartialDate { calendar_fields: bag.calendar_fields(), calendar }, Some(overflow)).or_throw(cx)
}

// 6.5.2 ToTemporalZonedDateTime ( item [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal-totemporalzoneddatetime
pub(super) fn to_zoned(cx: &mut Context, item: Value, options: Value) -> Result<ZonedDateTime> {
    let Some(object) = item.as_object() else {
        let text = iso_text(cx, item)?;
        let parsed = ParsedZonedDateTime::from_utf8_with_provider(text.as_bytes(), &provider()).or_throw(cx)?;
        let (disambiguation, offset, _) = zoned_options(cx, options, OffsetDisambiguation::Reject)?;
        return ZonedDateTime::from_parsed_with_provider(parsed, disambiguation, offset, &provider()).or_throw(cx);
    };
    if let Some(zoned) = slots::unwrap::<ZonedDateTime>(cx, item)? {
        zoned_options(cx, options, OffsetDisambiguation::Reject)?;
        return Ok(zoned);
    }
    let calendar = fields::calendar_of_bag(cx, object)?;
    let wanted = set::DATE | set::TIME | set::OFFSET | set::TIME_ZONE;
    let bag = fields::prepare(cx, &calendar, object, wanted, Required::TimeZone)?;
    let (disambiguation, offset, overflow) = zoned_options(cx, options, OffsetDisambiguation::Reject)?;
    let partial = partial_zoned(calendar, &bag, overflow);
    ZonedDateTime::from_partial_with_provider(partial, Some(overflow), Some(disambiguation), Some(offset), &provider()).or_throw(cx)
}

fn partial_zoned(calendar: Calendar, bag: &Fields, overflow: Overflow) -> PartialZonedDateTime {
    let fields = ZonedDateTimeFields { calendar_fields: bag.calendar_fields(), time: bag.time(overflow), offset: bag.offset };
    PartialZonedDateTime { fields, timezone: bag.time_zone, calendar }
}

/// `disambiguation`, `offset` and `overflow`.
pub(super) fn zoned_options(
    cx: &mut Context,
    options: Value,
    offset_default: OffsetDisambiguation,
) -> Result<(temporal_rs::options::Disambiguation, OffsetDisambiguation, Overflow)> {
    let options = Options::of(cx, options)?;
    Ok((options.disambiguation(cx)?, options.offset(cx, offset_default)?, options.overflow(cx)?))
}

// 8.5.3 ToTemporalInstant ( item ), https://tc39.es/proposal-temporal/#sec-temporal-totemporalinstant
pub(super) fn to_instant(cx: &mut Context, item: Value) -> Result<Instant> {
    if let Some(instant) = slots::unwrap::<Instant>(cx, item)? {
        return Ok(instant);
    }
    if let Some(zoned) = slots::unwrap::<ZonedDateTime>(cx, item)? {
        return Ok(zoned.to_instant());
    }
    let primitive = if item.is_object() { cx.to_primitive(item, PreferredType::String)? } else { item };
    let Some(text) = primitive.as_string() else { return Err(fields::not_a_string(cx, primitive)) };
    let text = text.to_text(&cx.heap);
    Instant::from_utf8(text.as_bytes()).or_throw(cx)
}

/// Names of the fields of durations in alphabetical order, with their places in the order of size.
const DURATION_FIELDS: [(&str, usize); 10] = [
    ("days", 3),
    ("hours", 4),
    ("microseconds", 8),
    ("milliseconds", 7),
    ("minutes", 5),
    ("months", 1),
    ("nanoseconds", 9),
    ("seconds", 6),
    ("weeks", 2),
    ("years", 0),
];

// 7.5.18 ToTemporalPartialDurationRecord, https://tc39.es/proposal-temporal/#sec-temporal-totemporalpartialdurationrecord
/// A duration whose fields in the bag replace those of `base`.
pub(super) fn duration_of_bag(cx: &mut Context, bag: Object, base: &Duration) -> Result<Duration> {
    let mut numbers = duration_numbers(base);
    let mut any = false;
    for (name, index) in DURATION_FIELDS {
        let name = cx.key(name);
        let value = cx.get(bag, name)?;
        if !value.is_undefined() {
            any = true;
            numbers[index] = fields::to_integer_if_integral(cx, value)?;
        }
    }
    if !any {
        return Err(cx.throw_type_error("No Temporal duration fields given"));
    }
    duration_of_numbers(cx, numbers)
}

// 7.5.12 ToTemporalDuration ( item ), https://tc39.es/proposal-temporal/#sec-temporal-totemporalduration
pub(super) fn to_duration(cx: &mut Context, item: Value) -> Result<Duration> {
    if let Some(duration) = slots::unwrap::<Duration>(cx, item)? {
        return Ok(duration);
    }
    match item.as_object() {
        Some(bag) => duration_of_bag(cx, bag, &Duration::default()),
        None => match item.as_string() {
            Some(text) => {
                let text = text.to_text(&cx.heap);
                Duration::from_utf8(text.as_bytes()).or_throw(cx)
            }
            None => Err(fields::not_a_string(cx, item)),
        },
    }
}

// 13.19 GetTemporalRelativeToOption ( options ), https://tc39.es/proposal-temporal/#sec-temporal-gettemporalrelativetooption
pub(super) fn relative_to(cx: &mut Context, options: Options) -> Result<Option<RelativeTo>> {
    let value = options.get(cx, "relativeTo")?;
    if value.is_undefined() {
        return Ok(None);
    }
    let Some(object) = value.as_object() else {
        let text = iso_text(cx, value)?;
        return RelativeTo::try_from_str_with_provider(&text, &provider()).or_throw(cx).map(Some);
    };
    if let Some(zoned) = slots::unwrap::<ZonedDateTime>(cx, value)? {
        return Ok(Some(zoned.into()));
    }
    if let Some(date) = date_of_object(cx, value)? {
        return Ok(Some(date.into()));
    }
    let calendar = fields::calendar_of_bag(cx, object)?;
    let wanted = set::DATE | set::TIME | set::OFFSET | set::TIME_ZONE;
    let bag = fields::prepare(cx, &calendar, object, wanted, Required::Nothing)?;
    if bag.time_zone.is_none() {
        // Only the date is used, so it alone must be within limits; constraining the time cannot fail.
        let partial = PartialDate { calendar_fields: bag.calendar_fields(), calendar };
        let date = PlainDate::from_partial(partial, Some(Overflow::Constrain)).or_throw(cx)?;
        return Ok(Some(date.into()));
    }
    let partial = partial_zoned(calendar, &bag, Overflow::Constrain);
    let zoned = ZonedDateTime::from_partial_with_provider(partial, None, None, None, &provider()).or_throw(cx)?;
    Ok(Some(zoned.into()))
}
