//! Date objects. https://tc39.es/ecma262/#sec-date-objects
//!
//! Internal slot 0 is the time value. Calendar arithmetic, parsing and formatting are in `crate::calendar`; clock and local time come from
//! the host.

use crate::calendar::{self, Fields, Parsed};
use crate::context::Context;
use crate::conversions::PreferredType;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::value::Value;

natives! { pub static DATE: "Date" / 7 => construct, Date, DatePrototype; {
    static method "now" / 0 => now,
    static method "parse" / 1 => parse,
    static method "UTC" / 7 => utc,
    method "getDate" / 0 => get_date,
    method "getDay" / 0 => get_day,
    method "getFullYear" / 0 => get_full_year,
    method "getHours" / 0 => get_hours,
    method "getMilliseconds" / 0 => get_milliseconds,
    method "getMinutes" / 0 => get_minutes,
    method "getMonth" / 0 => get_month,
    method "getSeconds" / 0 => get_seconds,
    method "getTime" / 0 => get_time,
    method "getTimezoneOffset" / 0 => get_timezone_offset,
    method "getUTCDate" / 0 => get_utc_date,
    method "getUTCDay" / 0 => get_utc_day,
    method "getUTCFullYear" / 0 => get_utc_full_year,
    method "getUTCHours" / 0 => get_utc_hours,
    method "getUTCMilliseconds" / 0 => get_utc_milliseconds,
    method "getUTCMinutes" / 0 => get_utc_minutes,
    method "getUTCMonth" / 0 => get_utc_month,
    method "getUTCSeconds" / 0 => get_utc_seconds,
    method "getYear" / 0 => get_year,
    method "setDate" / 1 => set_date,
    method "setFullYear" / 3 => set_full_year,
    method "setHours" / 4 => set_hours,
    method "setMilliseconds" / 1 => set_milliseconds,
    method "setMinutes" / 3 => set_minutes,
    method "setMonth" / 2 => set_month,
    method "setSeconds" / 2 => set_seconds,
    method "setTime" / 1 => set_time,
    method "setUTCDate" / 1 => set_utc_date,
    method "setUTCFullYear" / 3 => set_utc_full_year,
    method "setUTCHours" / 4 => set_utc_hours,
    method "setUTCMilliseconds" / 1 => set_utc_milliseconds,
    method "setUTCMinutes" / 3 => set_utc_minutes,
    method "setUTCMonth" / 2 => set_utc_month,
    method "setUTCSeconds" / 2 => set_utc_seconds,
    method "setYear" / 1 => set_year,
    method "toDateString" / 0 => to_date_string,
    method "toISOString" / 0 => to_iso_string,
    method "toJSON" / 1 => to_json,
    method "toLocaleDateString" / 0 => to_locale_date_string,
    method "toLocaleString" / 0 => to_locale_string,
    method "toLocaleTimeString" / 0 => to_locale_time_string,
    method "toString" / 0 => to_string,
    method "toTemporalInstant" / 0 => to_temporal_instant,
    method "toTimeString" / 0 => to_time_string,
    method "toUTCString" / 0 => to_utc_string,
    alias "toGMTString" => "toUTCString",
    method "valueOf" / 0 => value_of,
    method @@to_primitive "[Symbol.toPrimitive]" / 1 => to_primitive,
}}

// ── time ──

/// The current time, as the host gives it.
fn current_time(cx: &mut Context) -> Result<f64> {
    crate::clock::now_ms(cx).map(f64::floor)
}

/// Minutes east of UTC at a UTC time.
fn offset_minutes(cx: &mut Context, time: f64) -> f64 {
    cx.host().local_offset_minutes(time)
}

// 21.4.1.25 LocalTime ( t ), https://tc39.es/ecma262/#sec-localtime
fn local_time(cx: &mut Context, time: f64) -> f64 {
    time + offset_minutes(cx, time) * 60_000.0
}

// 21.4.1.26 UTC ( t ), https://tc39.es/ecma262/#sec-utc-t
fn utc_time(cx: &mut Context, local: f64) -> f64 {
    calendar::local_to_utc(local, |time| cx.host().local_offset_minutes(time))
}

/// The Date object that `this` must be, with its time value.
#[inline]
fn this_date(cx: &mut Context, this: Value) -> Result<(Object, f64)> {
    match this.as_object().filter(|object| object.is(&cx.heap, Kind::Date)) {
        Some(date) => Ok((date, time_of(cx, date))),
        None => Err(cx.throw_type_error("this is not a Date object.")),
    }
}

fn time_of(cx: &Context, date: Object) -> f64 {
    date.internal(&cx.heap, 0).as_number().unwrap_or(f64::NAN)
}

fn set_time_value(cx: &Context, date: Object, time: f64) -> Value {
    let value = Value::number(calendar::time_clip(time));
    date.set_internal(&cx.heap, 0, value);
    value
}

// ── constructor ──

// 21.4.2.1 Date ( ...values ), https://tc39.es/ecma262/#sec-date
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        let now = current_time(cx)?;
        let text = date_and_time(cx, now);
        return Ok(cx.new_string(&text));
    }
    let time = match args.len() {
        0 => current_time(cx)?,
        1 => {
            let value = args.at(0);
            let given = match value.as_object().filter(|object| object.is(&cx.heap, Kind::Date)) {
                Some(date) => time_of(cx, date),
                None => {
                    let primitive = cx.to_primitive(value, PreferredType::Default)?;
                    match primitive.as_string() {
                        Some(text) => parse_text(cx, &text.to_text(&cx.heap)),
                        None => cx.to_number(primitive)?,
                    }
                }
            };
            calendar::time_clip(given)
        }
        _ => {
            let local = components(cx, args)?;
            let time = utc_time(cx, local);
            calendar::time_clip(time)
        }
    };
    let date = cx.create_from_constructor(args.new_target, Intrinsic::DatePrototype, Kind::Date)?;
    date.set_internal(&cx.heap, 0, Value::number(time));
    Ok(date.value())
}

/// Year to milliseconds from the arguments, as a time value without time zone.
fn components(cx: &mut Context, args: &Args<'_>) -> Result<f64> {
    let mut parts = [f64::NAN, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    for (part, &value) in parts.iter_mut().zip(args.as_slice()) {
        *part = cx.to_number(value)?;
    }
    let [year, month, day, hour, minute, second, millisecond] = parts;
    let date = calendar::make_day(calendar::make_full_year(year), month, day);
    Ok(calendar::make_date(date, calendar::make_time(hour, minute, second, millisecond)))
}

fn parse_text(cx: &mut Context, text: &str) -> f64 {
    match calendar::parse(text) {
        Some(Parsed::Utc(time)) => calendar::time_clip(time),
        Some(Parsed::Local(local)) => {
            let time = utc_time(cx, local);
            calendar::time_clip(time)
        }
        None => f64::NAN,
    }
}

// 21.4.3.1 Date.now ( ), https://tc39.es/ecma262/#sec-date.now
fn now(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::number(current_time(cx)?))
}

// 21.4.3.2 Date.parse ( string ), https://tc39.es/ecma262/#sec-date.parse
fn parse(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let text = cx.to_text(args.at(0))?;
    Ok(Value::number(parse_text(cx, &text)))
}

// 21.4.3.4 Date.UTC ( year [ , month [ , date [ , hours [ , minutes [ , seconds [ , ms ] ] ] ] ] ] ), https://tc39.es/ecma262/#sec-date.utc
fn utc(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let time = components(cx, args)?;
    Ok(Value::number(calendar::time_clip(time)))
}

// ── getters ──

fn get_field(cx: &mut Context, this: Value, local: bool, field: impl Fn(Fields) -> i64) -> Result<Value> {
    let (_, time) = this_date(cx, this)?;
    if time.is_nan() {
        return Ok(Value::NAN);
    }
    let time = if local { local_time(cx, time) } else { time };
    Ok(Value::number(field(Fields::of(time)) as f64))
}

// 21.4.4.2 Date.prototype.getDate ( ), https://tc39.es/ecma262/#sec-date.prototype.getdate
fn get_date(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, true, |fields| fields.day)
}

// 21.4.4.3 Date.prototype.getDay ( ), https://tc39.es/ecma262/#sec-date.prototype.getday
fn get_day(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, true, |fields| fields.weekday)
}

// 21.4.4.4 Date.prototype.getFullYear ( ), https://tc39.es/ecma262/#sec-date.prototype.getfullyear
fn get_full_year(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, true, |fields| fields.year)
}

// 21.4.4.5 Date.prototype.getHours ( ), https://tc39.es/ecma262/#sec-date.prototype.gethours
fn get_hours(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, true, |fields| fields.hour)
}

// 21.4.4.6 Date.prototype.getMilliseconds ( ), https://tc39.es/ecma262/#sec-date.prototype.getmilliseconds
fn get_milliseconds(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, true, |fields| fields.millisecond)
}

// 21.4.4.7 Date.prototype.getMinutes ( ), https://tc39.es/ecma262/#sec-date.prototype.getminutes
fn get_minutes(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, true, |fields| fields.minute)
}

// 21.4.4.8 Date.prototype.getMonth ( ), https://tc39.es/ecma262/#sec-date.prototype.getmonth
fn get_month(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, true, |fields| fields.month)
}

// 21.4.4.9 Date.prototype.getSeconds ( ), https://tc39.es/ecma262/#sec-date.prototype.getseconds
fn get_seconds(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, true, |fields| fields.second)
}

// 21.4.4.10 Date.prototype.getTime ( ), https://tc39.es/ecma262/#sec-date.prototype.gettime
fn get_time(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::number(this_date(cx, this)?.1))
}

// 21.4.4.11 Date.prototype.getTimezoneOffset ( ), https://tc39.es/ecma262/#sec-date.prototype.gettimezoneoffset
fn get_timezone_offset(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (_, time) = this_date(cx, this)?;
    if time.is_nan() {
        return Ok(Value::NAN);
    }
    // West is positive here; 0 - 0 keeps the zero positive.
    Ok(Value::number(0.0 - offset_minutes(cx, time)))
}

// 21.4.4.12 Date.prototype.getUTCDate ( ), https://tc39.es/ecma262/#sec-date.prototype.getutcdate
fn get_utc_date(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, false, |fields| fields.day)
}

// 21.4.4.13 Date.prototype.getUTCDay ( ), https://tc39.es/ecma262/#sec-date.prototype.getutcday
fn get_utc_day(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, false, |fields| fields.weekday)
}

// 21.4.4.14 Date.prototype.getUTCFullYear ( ), https://tc39.es/ecma262/#sec-date.prototype.getutcfullyear
fn get_utc_full_year(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, false, |fields| fields.year)
}

// 21.4.4.15 Date.prototype.getUTCHours ( ), https://tc39.es/ecma262/#sec-date.prototype.getutchours
fn get_utc_hours(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, false, |fields| fields.hour)
}

// 21.4.4.16 Date.prototype.getUTCMilliseconds ( ), https://tc39.es/ecma262/#sec-date.prototype.getutcmilliseconds
fn get_utc_milliseconds(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, false, |fields| fields.millisecond)
}

// 21.4.4.17 Date.prototype.getUTCMinutes ( ), https://tc39.es/ecma262/#sec-date.prototype.getutcminutes
fn get_utc_minutes(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, false, |fields| fields.minute)
}

// 21.4.4.18 Date.prototype.getUTCMonth ( ), https://tc39.es/ecma262/#sec-date.prototype.getutcmonth
fn get_utc_month(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, false, |fields| fields.month)
}

// 21.4.4.19 Date.prototype.getUTCSeconds ( ), https://tc39.es/ecma262/#sec-date.prototype.getutcseconds
fn get_utc_seconds(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, false, |fields| fields.second)
}

// B.2.3.1 Date.prototype.getYear ( ), https://tc39.es/ecma262/#sec-date.prototype.getyear
fn get_year(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    get_field(cx, this, true, |fields| fields.year - 1900)
}

// ── setters ──

/// First part that a setter takes; the parts that may follow are the next ones.
#[derive(Clone, Copy, PartialEq)]
#[repr(usize)]
enum Part {
    Year = 0,
    Month = 1,
    Day = 2,
    Hour = 3,
    Minute = 4,
    Second = 5,
    Millisecond = 6,
}

/// The common course of the setters: the present parts, some of them replaced by up to `most` arguments.
fn set_parts(cx: &mut Context, this: Value, args: &Args<'_>, local: bool, first: Part, most: usize) -> Result<Value> {
    let (date, time) = this_date(cx, this)?;
    // Arguments are converted even where the date is invalid. The first counts as given.
    let mut given = [0.0; 4];
    let count = args.len().clamp(1, most);
    for (i, part) in given.iter_mut().enumerate().take(count) {
        *part = cx.to_number(args.at(i))?;
    }
    let time = if time.is_nan() {
        // An invalid date stays invalid, but a year makes it valid again.
        if first != Part::Year {
            return Ok(Value::NAN);
        }
        0.0
    } else if local {
        local_time(cx, time)
    } else {
        time
    };
    let fields = Fields::of(time);
    let mut parts =
        [fields.year, fields.month, fields.day, fields.hour, fields.minute, fields.second, fields.millisecond].map(|part| part as f64);
    parts[first as usize..first as usize + count].copy_from_slice(&given[..count]);
    let [year, month, day, hour, minute, second, millisecond] = parts;
    let changed = calendar::make_date(calendar::make_day(year, month, day), calendar::make_time(hour, minute, second, millisecond));
    let changed = if local { utc_time(cx, changed) } else { changed };
    Ok(set_time_value(cx, date, changed))
}

// 21.4.4.20 Date.prototype.setDate ( date ), https://tc39.es/ecma262/#sec-date.prototype.setdate
fn set_date(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, true, Part::Day, 1)
}

// 21.4.4.21 Date.prototype.setFullYear ( year [ , month [ , date ] ] ), https://tc39.es/ecma262/#sec-date.prototype.setfullyear
fn set_full_year(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, true, Part::Year, 3)
}

// 21.4.4.22 Date.prototype.setHours ( hour [ , min [ , sec [ , ms ] ] ] ), https://tc39.es/ecma262/#sec-date.prototype.sethours
fn set_hours(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, true, Part::Hour, 4)
}

// 21.4.4.23 Date.prototype.setMilliseconds ( ms ), https://tc39.es/ecma262/#sec-date.prototype.setmilliseconds
fn set_milliseconds(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, true, Part::Millisecond, 1)
}

// 21.4.4.24 Date.prototype.setMinutes ( min [ , sec [ , ms ] ] ), https://tc39.es/ecma262/#sec-date.prototype.setminutes
fn set_minutes(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, true, Part::Minute, 3)
}

// 21.4.4.25 Date.prototype.setMonth ( month [ , date ] ), https://tc39.es/ecma262/#sec-date.prototype.setmonth
fn set_month(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, true, Part::Month, 2)
}

// 21.4.4.26 Date.prototype.setSeconds ( sec [ , ms ] ), https://tc39.es/ecma262/#sec-date.prototype.setseconds
fn set_seconds(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, true, Part::Second, 2)
}

// 21.4.4.27 Date.prototype.setTime ( time ), https://tc39.es/ecma262/#sec-date.prototype.settime
fn set_time(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (date, _) = this_date(cx, this)?;
    let time = cx.to_number(args.at(0))?;
    Ok(set_time_value(cx, date, time))
}

// 21.4.4.28 Date.prototype.setUTCDate ( date ), https://tc39.es/ecma262/#sec-date.prototype.setutcdate
fn set_utc_date(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, false, Part::Day, 1)
}

// 21.4.4.29 Date.prototype.setUTCFullYear ( year [ , month [ , date ] ] ), https://tc39.es/ecma262/#sec-date.prototype.setutcfullyear
fn set_utc_full_year(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, false, Part::Year, 3)
}

// 21.4.4.30 Date.prototype.setUTCHours ( hour [ , min [ , sec [ , ms ] ] ] ), https://tc39.es/ecma262/#sec-date.prototype.setutchours
fn set_utc_hours(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, false, Part::Hour, 4)
}

// 21.4.4.31 Date.prototype.setUTCMilliseconds ( ms ), https://tc39.es/ecma262/#sec-date.prototype.setutcmilliseconds
fn set_utc_milliseconds(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, false, Part::Millisecond, 1)
}

// 21.4.4.32 Date.prototype.setUTCMinutes ( min [ , sec [ , ms ] ] ), https://tc39.es/ecma262/#sec-date.prototype.setutcminutes
fn set_utc_minutes(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, false, Part::Minute, 3)
}

// 21.4.4.33 Date.prototype.setUTCMonth ( month [ , date ] ), https://tc39.es/ecma262/#sec-date.prototype.setutcmonth
fn set_utc_month(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, false, Part::Month, 2)
}

// 21.4.4.34 Date.prototype.setUTCSeconds ( sec [ , ms ] ), https://tc39.es/ecma262/#sec-date.prototype.setutcseconds
fn set_utc_seconds(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_parts(cx, this, args, false, Part::Second, 2)
}

// B.2.3.2 Date.prototype.setYear ( year ), https://tc39.es/ecma262/#sec-date.prototype.setyear
fn set_year(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (date, time) = this_date(cx, this)?;
    let year = calendar::make_full_year(cx.to_number(args.at(0))?);
    let local = if time.is_nan() { 0.0 } else { local_time(cx, time) };
    let fields = Fields::of(local);
    let day = calendar::make_day(year, fields.month as f64, fields.day as f64);
    let changed = calendar::make_date(day, local.rem_euclid(calendar::DAY_MS));
    let changed = utc_time(cx, changed);
    Ok(set_time_value(cx, date, changed))
}

// ── text ──

// 21.4.4.41.4 ToDateString ( tv ), https://tc39.es/ecma262/#sec-todatestring
fn date_and_time(cx: &mut Context, time: f64) -> String {
    if time.is_nan() {
        return "Invalid Date".to_string();
    }
    let offset = offset_minutes(cx, time);
    let local = time + offset * 60_000.0;
    format!("{} {}", calendar::date_text(local), calendar::time_text(local, offset))
}

/// Text of a local time value and its offset; `Invalid Date` for NaN.
fn local_text(cx: &mut Context, this: Value, format: impl Fn(f64, f64) -> String) -> Result<Value> {
    let (_, time) = this_date(cx, this)?;
    if time.is_nan() {
        return Ok(cx.new_string("Invalid Date"));
    }
    let offset = offset_minutes(cx, time);
    Ok(cx.new_string(&format(time + offset * 60_000.0, offset)))
}

// 21.4.4.35 Date.prototype.toDateString ( ), https://tc39.es/ecma262/#sec-date.prototype.todatestring
fn to_date_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    local_text(cx, this, |local, _| calendar::date_text(local))
}

// 21.4.4.36 Date.prototype.toISOString ( ), https://tc39.es/ecma262/#sec-date.prototype.toisostring
fn to_iso_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (_, time) = this_date(cx, this)?;
    if time.is_nan() {
        return Err(cx.throw_range_error("Invalid time value"));
    }
    Ok(cx.new_string(&calendar::iso_text(time)))
}

// 21.4.4.37 Date.prototype.toJSON ( key ), https://tc39.es/ecma262/#sec-date.prototype.tojson
fn to_json(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(this)?;
    let primitive = cx.to_primitive(object.value(), PreferredType::Number)?;
    if primitive.as_number().is_some_and(|number| !number.is_finite()) {
        return Ok(Value::NULL);
    }
    let name = cx.key("toISOString");
    cx.invoke(object.value(), name, &[])
}

// 21.4.4.38 Date.prototype.toLocaleDateString ( [ reserved1 [ , reserved2 ] ] ), https://tc39.es/ecma262/#sec-date.prototype.tolocaledatestring
fn to_locale_date_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    local_text(cx, this, |local, _| calendar::locale_date_text(local))
}

// 21.4.4.39 Date.prototype.toLocaleString ( [ reserved1 [ , reserved2 ] ] ), https://tc39.es/ecma262/#sec-date.prototype.tolocalestring
fn to_locale_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    local_text(cx, this, |local, _| format!("{}, {}", calendar::locale_date_text(local), calendar::locale_time_text(local)))
}

// 21.4.4.40 Date.prototype.toLocaleTimeString ( [ reserved1 [ , reserved2 ] ] ), https://tc39.es/ecma262/#sec-date.prototype.tolocaletimestring
fn to_locale_time_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    local_text(cx, this, |local, _| calendar::locale_time_text(local))
}

// 21.4.4.41 Date.prototype.toString ( ), https://tc39.es/ecma262/#sec-date.prototype.tostring
fn to_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (_, time) = this_date(cx, this)?;
    let text = date_and_time(cx, time);
    Ok(cx.new_string(&text))
}

// 21.4.4.42 Date.prototype.toTimeString ( ), https://tc39.es/ecma262/#sec-date.prototype.totimestring
fn to_time_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    local_text(cx, this, calendar::time_text)
}

// 21.4.4.43 Date.prototype.toUTCString ( ), https://tc39.es/ecma262/#sec-date.prototype.toutcstring
fn to_utc_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (_, time) = this_date(cx, this)?;
    let text = if time.is_nan() { "Invalid Date".to_string() } else { calendar::utc_text(time) };
    Ok(cx.new_string(&text))
}

// 21.4.4.44 Date.prototype.valueOf ( ), https://tc39.es/ecma262/#sec-date.prototype.valueof
fn value_of(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::number(this_date(cx, this)?.1))
}

// 21.4.4.45 Date.prototype [ %Symbol.toPrimitive% ] ( hint ), https://tc39.es/ecma262/#sec-date.prototype-%symbol.toprimitive%
fn to_primitive(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(object) = this.as_object() else {
        return Err(cx.throw_type_error("Date.prototype[Symbol.toPrimitive] called on non-object"));
    };
    let hint = match args.at(0).as_string() {
        Some(hint) => hint.to_text(&cx.heap),
        None => String::new(),
    };
    let order = match hint.as_str() {
        "string" | "default" => [key::to_string, key::value_of],
        "number" => [key::value_of, key::to_string],
        _ => {
            let shown = cx.display(args.at(0));
            return Err(cx.throw_type_error(&format!("Invalid hint: {shown}")));
        }
    };
    // 7.1.1.1 OrdinaryToPrimitive ( O, hint ), https://tc39.es/ecma262/#sec-ordinarytoprimitive
    for name in order {
        let method = cx.get(object, name)?;
        if cx.is_callable(method) {
            let result = cx.call(method, this, &[])?;
            if !result.is_object() {
                return Ok(result);
            }
        }
    }
    Err(cx.throw_type_error("Cannot convert object to primitive value"))
}

// 21.4.4.46 Date.prototype.toTemporalInstant ( ), https://tc39.es/proposal-temporal/#sec-date.prototype.totemporalinstant
fn to_temporal_instant(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (_, time) = this_date(cx, this)?;
    super::temporal::instant_of_milliseconds(cx, time)
}
