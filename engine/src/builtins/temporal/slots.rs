//! Internal slots of Temporal objects.
//!
//! All of them are of [`Kind::Temporal`]: slot 0 is the [`Class`] as an integer, slots 1 to 3 hold what the class needs, as numbers,
//! strings, BigInts and records, so that images can hold them. Methods rebuild the value of `temporal_rs` from them.
//!
//! | class | 1 | 2 | 3 |
//! |---|---|---|---|
//! | Duration | record of ten numbers, years to nanoseconds | | |
//! | Instant | epoch nanoseconds, BigInt | | |
//! | PlainDate, PlainYearMonth, PlainMonthDay | ISO date, packed | | calendar |
//! | PlainTime | | nanoseconds since midnight | |
//! | PlainDateTime | ISO date, packed | nanoseconds since midnight | calendar |
//! | ZonedDateTime | epoch nanoseconds, BigInt | time zone identifier | calendar |
//!
//! A packed date is `(year × 16 + month) × 32 + day`; a calendar is its place in [`CALENDARS`].

use temporal_rs::options::{DisplayCalendar, Overflow};
use temporal_rs::{
    Calendar, Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth, TimeZone, ZonedDateTime,
};

use super::zones::Zones;
use crate::bigint;
use crate::builtins::receiver::incompatible;
use crate::context::{Context, ErrorKind};
use crate::heap::{BigIntCell, Kind, Ref, Values};
use crate::native::{Args, Result, Thrown};
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

/// What a Temporal object is. Messages name the classes as `Debug` does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub enum Class {
    /// Temporal.Duration
    Duration = 0,
    /// Temporal.Instant
    Instant = 1,
    /// Temporal.PlainDate
    PlainDate = 2,
    /// Temporal.PlainTime
    PlainTime = 3,
    /// Temporal.PlainDateTime
    PlainDateTime = 4,
    /// Temporal.PlainYearMonth
    PlainYearMonth = 5,
    /// Temporal.PlainMonthDay
    PlainMonthDay = 6,
    /// Temporal.ZonedDateTime
    ZonedDateTime = 7,
}

/// Identifiers of the calendars. Their order is part of the image format.
pub(super) const CALENDARS: [&str; 16] = [
    "iso8601",
    "buddhist",
    "chinese",
    "coptic",
    "dangi",
    "ethioaa",
    "ethiopic",
    "gregory",
    "hebrew",
    "indian",
    "islamic-civil",
    "islamic-tbla",
    "islamic-umalqura",
    "japanese",
    "persian",
    "roc",
];

/// The time zone database, which is compiled into the binary.
pub(super) fn provider() -> Zones {
    Zones
}

/// Throws an error of `temporal_rs` as the JS error that it stands for.
#[cold]
pub(super) fn throw(cx: &mut Context, error: temporal_rs::TemporalError) -> Thrown {
    let kind = match error.kind() {
        temporal_rs::error::ErrorKind::Type => ErrorKind::TypeError,
        _ => ErrorKind::RangeError,
    };
    let message = error.into_message();
    cx.throw_error(kind, if message.is_empty() { "Invalid Temporal value" } else { message })
}

/// Results of `temporal_rs` as results of natives.
pub(super) trait OrThrow<T> {
    /// The value, or the error thrown.
    fn or_throw(self, cx: &mut Context) -> Result<T>;
}

impl<T> OrThrow<T> for temporal_rs::TemporalResult<T> {
    fn or_throw(self, cx: &mut Context) -> Result<T> {
        self.map_err(|error| throw(cx, error))
    }
}

/// A class of `temporal_rs` whose values live in Temporal objects.
pub(super) trait Stored: Sized {
    /// Number in slot 0.
    const CLASS: Class;
    /// Prototype of new objects.
    const PROTOTYPE: Intrinsic;

    /// Values of slots 1 to 3.
    fn store(&self, cx: &mut Context) -> Result<[Value; 3]>;

    /// The value that slots 1 to 3 stand for. Fails only on damaged images.
    fn load(cx: &mut Context, slots: [Value; 3]) -> Result<Self>;
}

/// Class of a Temporal object; `None` for everything else.
pub(super) fn class_of(cx: &Context, value: Value) -> Option<Class> {
    let object = value.as_object().filter(|object| object.is(&cx.heap, Kind::Temporal))?;
    Some(match object.internal(&cx.heap, 0).as_int()? {
        0 => Class::Duration,
        1 => Class::Instant,
        2 => Class::PlainDate,
        3 => Class::PlainTime,
        4 => Class::PlainDateTime,
        5 => Class::PlainYearMonth,
        6 => Class::PlainMonthDay,
        7 => Class::ZonedDateTime,
        _ => return None,
    })
}

fn slots(cx: &Context, object: Object) -> [Value; 3] {
    [1, 2, 3].map(|slot| object.internal(&cx.heap, slot))
}

/// The value of an object of class `T`; `None` for everything else.
pub(super) fn unwrap<T: Stored>(cx: &mut Context, value: Value) -> Result<Option<T>> {
    if class_of(cx, value) != Some(T::CLASS) {
        return Ok(None);
    }
    match value.as_object() {
        Some(object) => {
            let slots = slots(cx, object);
            T::load(cx, slots).map(Some)
        }
        None => Ok(None),
    }
}

/// RequireInternalSlot: the value of `this`, or a TypeError of the method with this name.
pub(super) fn require<T: Stored>(cx: &mut Context, this: Value, method: &str) -> Result<T> {
    match unwrap(cx, this)? {
        Some(value) => Ok(value),
        None => Err(incompatible(cx, &format!("Temporal.{:?}.prototype.{method}", T::CLASS), this)),
    }
}

/// The same for the getter of a property.
pub(super) fn require_for_getter<T: Stored>(cx: &mut Context, this: Value, property: &str) -> Result<T> {
    match unwrap(cx, this)? {
        Some(value) => Ok(value),
        None => Err(incompatible(cx, &format!("get Temporal.{:?}.prototype.{property}", T::CLASS), this)),
    }
}

/// TypeError where a constructor is called without `new`.
pub(super) fn require_new<T: Stored>(cx: &mut Context, args: &Args<'_>) -> Result<()> {
    if args.is_construct() { Ok(()) } else { Err(cx.throw_type_error(&format!("Constructor Temporal.{:?} requires 'new'", T::CLASS))) }
}

/// A new object with the class's intrinsic prototype.
pub(super) fn wrap<T: Stored>(cx: &mut Context, value: &T) -> Result<Value> {
    create(cx, value, Value::UNDEFINED)
}

/// A new object for a constructor call (`new_target` undefined: for anything else).
pub(super) fn create<T: Stored>(cx: &mut Context, value: &T, new_target: Value) -> Result<Value> {
    let slots = value.store(cx)?;
    let object = cx.create_from_constructor(new_target, T::PROTOTYPE, Kind::Temporal)?;
    object.set_internal(&cx.heap, 0, Value::int(T::CLASS as i32));
    for (index, slot) in slots.into_iter().enumerate() {
        object.set_internal(&cx.heap, index as u32 + 1, slot);
    }
    Ok(object.value())
}

#[cold]
fn damaged(cx: &mut Context) -> Thrown {
    cx.throw_range_error("Invalid Temporal object")
}

// ── parts ──

/// Year, month and day of the ISO calendar.
pub(super) type IsoDate = (i32, u8, u8);

fn pack_date((year, month, day): IsoDate) -> Value {
    Value::int((year * 16 + i32::from(month)) * 32 + i32::from(day))
}

fn unpack_date(cx: &mut Context, value: Value) -> Result<IsoDate> {
    match value.as_int() {
        Some(packed) => Ok((packed >> 9, (packed >> 5 & 15) as u8, (packed & 31) as u8)),
        None => Err(damaged(cx)),
    }
}

fn pack_time(hour: u8, minute: u8, second: u8, millisecond: u16, microsecond: u16, nanosecond: u16) -> Value {
    let seconds = (u64::from(hour) * 60 + u64::from(minute)) * 60 + u64::from(second);
    let fraction = (u64::from(millisecond) * 1000 + u64::from(microsecond)) * 1000 + u64::from(nanosecond);
    Value::number((seconds * 1_000_000_000 + fraction) as f64)
}

/// Hour, minute, second, millisecond, microsecond, nanosecond.
fn unpack_time(cx: &mut Context, value: Value) -> Result<(u8, u8, u8, u16, u16, u16)> {
    let Some(time) = value.as_number().filter(|time| (0.0..86_400e9).contains(time)) else { return Err(damaged(cx)) };
    let time = time as u64;
    let part = |unit: u64, modulus: u64| time / unit % modulus;
    Ok((
        part(3_600_000_000_000, 24) as u8,
        part(60_000_000_000, 60) as u8,
        part(1_000_000_000, 60) as u8,
        part(1_000_000, 1000) as u16,
        part(1000, 1000) as u16,
        part(1, 1000) as u16,
    ))
}

pub(super) fn calendar_at(index: usize) -> Option<Calendar> {
    const BY_INDEX: [Calendar; 16] = [
        Calendar::ISO,
        Calendar::BUDDHIST,
        Calendar::CHINESE,
        Calendar::COPTIC,
        Calendar::DANGI,
        Calendar::ETHIOPIAN_AMETE_ALEM,
        Calendar::ETHIOPIAN,
        Calendar::GREGORIAN,
        Calendar::HEBREW,
        Calendar::INDIAN,
        Calendar::HIJRI_TABULAR_FRIDAY,
        Calendar::HIJRI_TABULAR_THURSDAY,
        Calendar::HIJRI_UMM_AL_QURA,
        Calendar::JAPANESE,
        Calendar::PERSIAN,
        Calendar::ROC,
    ];
    BY_INDEX.get(index).cloned()
}

fn pack_calendar(cx: &mut Context, calendar: &Calendar) -> Result<Value> {
    let identifier = calendar.identifier();
    match CALENDARS.iter().position(|&known| known == identifier) {
        Some(index) => Ok(Value::from_usize(index)),
        None => Err(cx.throw_range_error(&format!("Invalid calendar {identifier}"))),
    }
}

fn unpack_calendar(cx: &mut Context, value: Value) -> Result<Calendar> {
    match value.as_int().and_then(|index| calendar_at(index as usize)) {
        Some(calendar) => Ok(calendar),
        None => Err(damaged(cx)),
    }
}

/// The calendar of an object that has one. Nothing observable happens.
pub(super) fn calendar_slot(cx: &mut Context, value: Value) -> Result<Option<Calendar>> {
    use Class::{PlainDate, PlainDateTime, PlainMonthDay, PlainYearMonth, ZonedDateTime};
    match (class_of(cx, value), value.as_object()) {
        (Some(PlainDate | PlainDateTime | PlainMonthDay | PlainYearMonth | ZonedDateTime), Some(object)) => {
            let calendar = object.internal(&cx.heap, 3);
            unpack_calendar(cx, calendar).map(Some)
        }
        _ => Ok(None),
    }
}

/// A BigInt as an `i128`, if it fits.
pub(super) fn bigint_to_i128(cx: &Context, number: Ref<BigIntCell>) -> Option<i128> {
    if number.limb_count(&cx.heap) > 2 {
        return None;
    }
    let magnitude = i128::try_from(u128::from(number.limb(&cx.heap, 1)) << 64 | u128::from(number.limb(&cx.heap, 0))).ok()?;
    Some(if number.is_negative(&cx.heap) { -magnitude } else { magnitude })
}

fn unpack_epoch(cx: &mut Context, value: Value) -> Result<i128> {
    match value.as_bigint().and_then(|number| bigint_to_i128(cx, number)) {
        Some(epoch) => Ok(epoch),
        None => Err(damaged(cx)),
    }
}

/// The ISO date in front of the text that `temporal_rs` writes with the calendar shown; its year-months and month-days tell their reference
/// date in no other way.
fn date_of_text(cx: &mut Context, text: &str) -> Result<IsoDate> {
    let parse = || {
        let date = text.split(['[', 'T']).next()?;
        let (rest, day) = date.rsplit_once('-')?;
        let (year, month) = rest.rsplit_once('-')?;
        Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
    };
    match parse() {
        Some(date) => Ok(date),
        None => Err(damaged(cx)),
    }
}

// ── classes ──

impl Stored for Duration {
    const CLASS: Class = Class::Duration;
    const PROTOTYPE: Intrinsic = Intrinsic::TemporalDurationPrototype;

    fn store(&self, cx: &mut Context) -> Result<[Value; 3]> {
        let record = cx.heap.new_values_from(&duration_numbers(self).map(Value::number));
        Ok([Value::cell(record), Value::UNDEFINED, Value::UNDEFINED])
    }

    fn load(cx: &mut Context, slots: [Value; 3]) -> Result<Duration> {
        let Some(record) = slots[0].as_cell::<Values>() else { return Err(damaged(cx)) };
        let mut numbers = [0.0; 10];
        for (index, number) in numbers.iter_mut().enumerate() {
            *number = record.get(&cx.heap, index as u32).as_number().unwrap_or(0.0);
        }
        duration_of_numbers(cx, numbers)
    }
}

/// The fields of a duration, years to nanoseconds.
pub(super) fn duration_numbers(duration: &Duration) -> [f64; 10] {
    [
        duration.years() as f64,
        duration.months() as f64,
        duration.weeks() as f64,
        duration.days() as f64,
        duration.hours() as f64,
        duration.minutes() as f64,
        duration.seconds() as f64,
        duration.milliseconds() as f64,
        duration.microseconds() as f64,
        duration.nanoseconds() as f64,
    ]
}

// 7.5.19 CreateTemporalDuration, https://tc39.es/proposal-temporal/#sec-temporal-createtemporalduration
/// A duration of integral numbers, years to nanoseconds; RangeError where no duration has these.
pub(super) fn duration_of_numbers(cx: &mut Context, numbers: [f64; 10]) -> Result<Duration> {
    // What lies outside of these types is outside of the limits of durations.
    if numbers[..8].iter().any(|number| number.abs() >= 9.2e18) || numbers[8..].iter().any(|number| number.abs() >= 1e38) {
        return Err(cx.throw_range_error("Duration field out of range"));
    }
    let [years, months, weeks, days, hours, minutes, seconds, milliseconds, microseconds, nanoseconds] = numbers;
    Duration::new(
        years as i64,
        months as i64,
        weeks as i64,
        days as i64,
        hours as i64,
        minutes as i64,
        seconds as i64,
        milliseconds as i64,
        microseconds as i128,
        nanoseconds as i128,
    )
    .or_throw(cx)
}

impl Stored for Instant {
    const CLASS: Class = Class::Instant;
    const PROTOTYPE: Intrinsic = Intrinsic::TemporalInstantPrototype;

    fn store(&self, cx: &mut Context) -> Result<[Value; 3]> {
        Ok([bigint::from_i128(&cx.heap, self.as_i128()).value(), Value::UNDEFINED, Value::UNDEFINED])
    }

    fn load(cx: &mut Context, slots: [Value; 3]) -> Result<Instant> {
        let epoch = unpack_epoch(cx, slots[0])?;
        Instant::try_new(epoch).or_throw(cx)
    }
}

impl Stored for PlainDate {
    const CLASS: Class = Class::PlainDate;
    const PROTOTYPE: Intrinsic = Intrinsic::TemporalPlainDatePrototype;

    fn store(&self, cx: &mut Context) -> Result<[Value; 3]> {
        let iso = self.with_calendar(Calendar::ISO);
        Ok([pack_date((iso.year(), iso.month(), iso.day())), Value::UNDEFINED, pack_calendar(cx, self.calendar())?])
    }

    fn load(cx: &mut Context, slots: [Value; 3]) -> Result<PlainDate> {
        let (year, month, day) = unpack_date(cx, slots[0])?;
        let calendar = unpack_calendar(cx, slots[2])?;
        PlainDate::try_new(year, month, day, calendar).or_throw(cx)
    }
}

impl Stored for PlainTime {
    const CLASS: Class = Class::PlainTime;
    const PROTOTYPE: Intrinsic = Intrinsic::TemporalPlainTimePrototype;

    fn store(&self, _: &mut Context) -> Result<[Value; 3]> {
        let time = pack_time(self.hour(), self.minute(), self.second(), self.millisecond(), self.microsecond(), self.nanosecond());
        Ok([Value::UNDEFINED, time, Value::UNDEFINED])
    }

    fn load(cx: &mut Context, slots: [Value; 3]) -> Result<PlainTime> {
        let (hour, minute, second, millisecond, microsecond, nanosecond) = unpack_time(cx, slots[1])?;
        PlainTime::try_new(hour, minute, second, millisecond, microsecond, nanosecond).or_throw(cx)
    }
}

impl Stored for PlainDateTime {
    const CLASS: Class = Class::PlainDateTime;
    const PROTOTYPE: Intrinsic = Intrinsic::TemporalPlainDateTimePrototype;

    fn store(&self, cx: &mut Context) -> Result<[Value; 3]> {
        let date = pack_date((self.iso_year(), self.iso_month(), self.iso_day()));
        let time = pack_time(self.hour(), self.minute(), self.second(), self.millisecond(), self.microsecond(), self.nanosecond());
        Ok([date, time, pack_calendar(cx, self.calendar())?])
    }

    fn load(cx: &mut Context, slots: [Value; 3]) -> Result<PlainDateTime> {
        let (year, month, day) = unpack_date(cx, slots[0])?;
        let (hour, minute, second, millisecond, microsecond, nanosecond) = unpack_time(cx, slots[1])?;
        let calendar = unpack_calendar(cx, slots[2])?;
        PlainDateTime::try_new(year, month, day, hour, minute, second, millisecond, microsecond, nanosecond, calendar).or_throw(cx)
    }
}

impl Stored for PlainYearMonth {
    const CLASS: Class = Class::PlainYearMonth;
    const PROTOTYPE: Intrinsic = Intrinsic::TemporalPlainYearMonthPrototype;

    fn store(&self, cx: &mut Context) -> Result<[Value; 3]> {
        let date = date_of_text(cx, &self.to_ixdtf_string(DisplayCalendar::Always))?;
        Ok([pack_date(date), Value::UNDEFINED, pack_calendar(cx, self.calendar())?])
    }

    fn load(cx: &mut Context, slots: [Value; 3]) -> Result<PlainYearMonth> {
        let (year, month, day) = unpack_date(cx, slots[0])?;
        let calendar = unpack_calendar(cx, slots[2])?;
        PlainYearMonth::try_new(year, month, Some(day), calendar).or_throw(cx)
    }
}

impl Stored for PlainMonthDay {
    const CLASS: Class = Class::PlainMonthDay;
    const PROTOTYPE: Intrinsic = Intrinsic::TemporalPlainMonthDayPrototype;

    fn store(&self, cx: &mut Context) -> Result<[Value; 3]> {
        let date = date_of_text(cx, &self.to_ixdtf_string(DisplayCalendar::Always))?;
        Ok([pack_date(date), Value::UNDEFINED, pack_calendar(cx, self.calendar())?])
    }

    fn load(cx: &mut Context, slots: [Value; 3]) -> Result<PlainMonthDay> {
        let (year, month, day) = unpack_date(cx, slots[0])?;
        let calendar = unpack_calendar(cx, slots[2])?;
        PlainMonthDay::new_with_overflow(month, day, calendar, Overflow::Reject, Some(year)).or_throw(cx)
    }
}

impl Stored for ZonedDateTime {
    const CLASS: Class = Class::ZonedDateTime;
    const PROTOTYPE: Intrinsic = Intrinsic::TemporalZonedDateTimePrototype;

    fn store(&self, cx: &mut Context) -> Result<[Value; 3]> {
        let zone = self.time_zone().identifier_with_provider(&provider()).or_throw(cx)?;
        let epoch = bigint::from_i128(&cx.heap, self.epoch_nanoseconds().as_i128()).value();
        Ok([epoch, cx.new_string(&zone), pack_calendar(cx, self.calendar())?])
    }

    fn load(cx: &mut Context, slots: [Value; 3]) -> Result<ZonedDateTime> {
        let epoch = unpack_epoch(cx, slots[0])?;
        let zone = zone_of_slot(cx, slots[1])?;
        let calendar = unpack_calendar(cx, slots[2])?;
        ZonedDateTime::try_new_with_provider(epoch, zone, calendar, &provider()).or_throw(cx)
    }
}

fn zone_of_slot(cx: &mut Context, slot: Value) -> Result<TimeZone> {
    let Some(text) = slot.as_string().map(|text| text.to_text(&cx.heap)) else { return Err(damaged(cx)) };
    TimeZone::try_from_identifier_str_with_provider(&text, &provider()).or_throw(cx)
}

/// The time zone of a ZonedDateTime object; `None` for everything else. Nothing observable happens.
pub(super) fn zone_slot(cx: &mut Context, value: Value) -> Result<Option<TimeZone>> {
    match (class_of(cx, value), value.as_object()) {
        (Some(Class::ZonedDateTime), Some(object)) => {
            let slot = object.internal(&cx.heap, 2);
            zone_of_slot(cx, slot).map(Some)
        }
        _ => Ok(None),
    }
}
