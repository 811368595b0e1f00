//! What calendar arithmetic costs.
//!
//! `temporal_rs` counts months and years of lunar calendars one by one and cannot be interrupted, so fuel is spent before it is asked. In
//! the Chinese and Korean calendars the months between two dates cost even the square of the distance: hours for the longest one. These
//! are refused beyond [`MAX_YEARS_IN_MONTHS`] with a RangeError, which is the one deviation from the specification here.

use temporal_rs::options::{DifferenceSettings, RelativeTo, Unit};
use temporal_rs::{Calendar, Duration};

use crate::context::Context;
use crate::native::Result;

/// Fuel for a year of a calendar that is not the ISO calendar, by measurement of the slowest one.
const FUEL_PER_YEAR: f64 = 30.0;
/// Longest distance, in years, that is counted in months of the Chinese and Korean calendars. It takes about a tenth of a second.
const MAX_YEARS_IN_MONTHS: f64 = 4000.0;

/// Spends fuel for arithmetic over so many years.
pub(super) fn spend(cx: &mut Context, calendar: &Calendar, years: f64) -> Result<()> {
    if calendar.is_iso() {
        return Ok(());
    }
    cx.spend_fuel((years.abs().min(600_000.0) * FUEL_PER_YEAR) as u64)
}

/// Spends fuel for adding a duration.
pub(super) fn spend_duration(cx: &mut Context, calendar: &Calendar, duration: &Duration) -> Result<()> {
    spend(cx, calendar, years_of(duration))
}

/// About how many years a duration is long.
fn years_of(duration: &Duration) -> f64 {
    let hours = duration.hours() as f64 + duration.minutes() as f64 / 60.0 + duration.seconds() as f64 / 3600.0;
    let days = duration.weeks() as f64 * 7.0 + duration.days() as f64 + hours / 24.0;
    (duration.years() as f64 + duration.months() as f64 / 12.0 + days / 365.0).abs()
}

/// Spends fuel for counting so many years in a unit.
fn spend_count(cx: &mut Context, calendar: &Calendar, years: f64, unit: Option<Unit>) -> Result<()> {
    spend(cx, calendar, years)?;
    if unit == Some(Unit::Month) && years.abs() > MAX_YEARS_IN_MONTHS && matches!(calendar.identifier(), "chinese" | "dangi") {
        return Err(cx.throw_range_error("Dates are too far apart to count their months"));
    }
    Ok(())
}

/// Spends fuel for a difference of dates that are `years` apart.
pub(super) fn spend_difference(cx: &mut Context, calendar: &Calendar, years: i32, settings: &DifferenceSettings) -> Result<()> {
    let largest = match settings.largest_unit {
        None | Some(Unit::Auto) => settings.smallest_unit,
        given => given,
    };
    spend_count(cx, calendar, f64::from(years), largest)
}

/// Spends fuel for a duration counted in units from a date on. Without a largest unit (undefined or auto) it is the larger one of the
/// smallest unit and the largest that the duration has.
pub(super) fn spend_relative(
    cx: &mut Context,
    duration: &Duration,
    relative: Option<&RelativeTo>,
    largest: Option<Unit>,
    smallest: Option<Unit>,
) -> Result<()> {
    let calendar = match relative {
        Some(RelativeTo::PlainDate(date)) => date.calendar().clone(),
        Some(RelativeTo::ZonedDateTime(zoned)) => zoned.calendar().clone(),
        None => return Ok(()),
    };
    let has_months = duration.months() != 0 || smallest == Some(Unit::Month);
    let unit = match largest {
        None | Some(Unit::Auto) if duration.years() == 0 && has_months => Some(Unit::Month),
        given => given,
    };
    spend_count(cx, &calendar, years_of(duration), unit)
}
