//! Temporal.Now. https://tc39.es/proposal-temporal/#sec-temporal-now-object
//!
//! The clock and the time zone are the host's.

use temporal_rs::{Instant, TimeZone, ZonedDateTime};

use super::fields::to_time_zone;
use super::slots::{OrThrow, provider, wrap};
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static NOW: namespace "Now", TemporalNow, not_global; {
    static method "timeZoneId" / 0 => time_zone_id,
    static method "instant" / 0 => instant,
    static method "plainDateTimeISO" / 0 => plain_date_time_iso,
    static method "zonedDateTimeISO" / 0 => zoned_date_time_iso,
    static method "plainDateISO" / 0 => plain_date_iso,
    static method "plainTimeISO" / 0 => plain_time_iso,
    tag "Temporal.Now",
}}

// 2.3.4 SystemUTCEpochNanoseconds ( ), https://tc39.es/proposal-temporal/#sec-temporal-systemutcepochnanoseconds
fn current_instant(cx: &mut Context) -> Result<Instant> {
    let milliseconds = crate::clock::now_ms(cx)?;
    // Whole milliseconds are exact; what is below is as precise as the clock.
    let whole = milliseconds.floor();
    let below = ((milliseconds - whole) * 1e6) as i128;
    Instant::try_new(whole as i128 * 1_000_000 + below).or_throw(cx)
}

// SystemTimeZoneIdentifier ( ), https://tc39.es/ecma262/#sec-systemtimezoneidentifier
fn system_time_zone(cx: &mut Context) -> Result<TimeZone> {
    let identifier = cx.host().time_zone_id();
    TimeZone::try_from_identifier_str_with_provider(&identifier, &provider()).or_throw(cx)
}

// 2.3.3 SystemDateTime ( temporalTimeZoneLike ), https://tc39.es/proposal-temporal/#sec-temporal-systemdatetime
fn current_zoned(cx: &mut Context, zone: Value) -> Result<ZonedDateTime> {
    let zone = if zone.is_undefined() { system_time_zone(cx)? } else { to_time_zone(cx, zone)? };
    let instant = current_instant(cx)?;
    instant.to_zoned_date_time_iso_with_provider(zone, &provider()).or_throw(cx)
}

// 2.2.1 Temporal.Now.timeZoneId ( ), https://tc39.es/proposal-temporal/#sec-temporal.now.timezoneid
fn time_zone_id(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    let zone = system_time_zone(cx)?;
    let identifier = zone.identifier_with_provider(&provider()).or_throw(cx)?;
    Ok(cx.new_string(&identifier))
}

// 2.2.2 Temporal.Now.instant ( ), https://tc39.es/proposal-temporal/#sec-temporal.now.instant
fn instant(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    let instant = current_instant(cx)?;
    wrap(cx, &instant)
}

// 2.2.3 Temporal.Now.plainDateTimeISO ( [ temporalTimeZoneLike ] ), https://tc39.es/proposal-temporal/#sec-temporal.now.plaindatetimeiso
fn plain_date_time_iso(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let zoned = current_zoned(cx, args.at(0))?;
    wrap(cx, &zoned.to_plain_date_time())
}

// 2.2.4 Temporal.Now.zonedDateTimeISO ( [ temporalTimeZoneLike ] ), https://tc39.es/proposal-temporal/#sec-temporal.now.zoneddatetimeiso
fn zoned_date_time_iso(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let zoned = current_zoned(cx, args.at(0))?;
    wrap(cx, &zoned)
}

// 2.2.5 Temporal.Now.plainDateISO ( [ temporalTimeZoneLike ] ), https://tc39.es/proposal-temporal/#sec-temporal.now.plaindateiso
fn plain_date_iso(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let zoned = current_zoned(cx, args.at(0))?;
    wrap(cx, &zoned.to_plain_date())
}

// 2.2.6 Temporal.Now.plainTimeISO ( [ temporalTimeZoneLike ] ), https://tc39.es/proposal-temporal/#sec-temporal.now.plaintimeiso
fn plain_time_iso(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let zoned = current_zoned(cx, args.at(0))?;
    wrap(cx, &zoned.to_plain_time())
}
