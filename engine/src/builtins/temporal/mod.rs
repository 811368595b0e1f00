//! Temporal. https://tc39.es/proposal-temporal/
//!
//! Objects, arguments, options and their order of evaluation are here; the arithmetic of calendars, time zones and durations is in the
//! `temporal_rs` crate, with a time zone database that is compiled into the binary. Method tables are one file per class.

mod conversions;
mod duration;
mod effort;
mod fields;
mod instant;
mod now;
mod options;
mod plain_date;
mod plain_date_time;
mod plain_month_day;
mod plain_time;
mod plain_year_month;
mod posix_rule;
mod shared;
mod slots;
mod tzif;
mod zoned_date_time;
mod zones;

pub use duration::DURATION;
pub use instant::INSTANT;
pub(crate) use instant::instant_of_milliseconds;
pub use now::NOW;
pub use plain_date::PLAIN_DATE;
pub use plain_date_time::PLAIN_DATE_TIME;
pub use plain_month_day::PLAIN_MONTH_DAY;
pub use plain_time::PLAIN_TIME;
pub use plain_year_month::PLAIN_YEAR_MONTH;
pub use zoned_date_time::ZONED_DATE_TIME;

use crate::context::Context;
use crate::natives;
use crate::object::attribute;
use crate::realm::{Intrinsic, Realm};

natives! { pub static TEMPORAL: namespace "Temporal", Temporal; {
    tag "Temporal",
}}

/// Properties of the Temporal object: its classes and `Now`.
pub(super) fn finish(cx: &mut Context, realm: Realm) {
    let temporal = realm.intrinsic(&cx.heap, Intrinsic::Temporal);
    for (name, intrinsic) in [
        ("Instant", Intrinsic::TemporalInstant),
        ("PlainDateTime", Intrinsic::TemporalPlainDateTime),
        ("PlainDate", Intrinsic::TemporalPlainDate),
        ("PlainTime", Intrinsic::TemporalPlainTime),
        ("PlainYearMonth", Intrinsic::TemporalPlainYearMonth),
        ("PlainMonthDay", Intrinsic::TemporalPlainMonthDay),
        ("Duration", Intrinsic::TemporalDuration),
        ("ZonedDateTime", Intrinsic::TemporalZonedDateTime),
        ("Now", Intrinsic::TemporalNow),
    ] {
        let value = realm.intrinsic(&cx.heap, intrinsic).value();
        temporal.add_property(&cx.heap, cx.key(name), value, attribute::METHOD);
    }
}

/// Getters of a class: `getters! { PlainDate; year "year" => |cx, date| …; }`
macro_rules! getters {
    ($class:ty; $($name:ident $text:literal => |$cx:ident, $value:ident| $body:expr;)*) => {
        $(
            #[doc = concat!("get Temporal.", stringify!($class), ".prototype.", $text)]
            fn $name($cx: &mut $crate::context::Context, this: $crate::value::Value, _: &$crate::native::Args<'_>)
                -> $crate::native::Result<$crate::value::Value> {
                let $value: $class = $crate::builtins::temporal::slots::require_for_getter($cx, this, $text)?;
                Ok($body)
            }
        )*
    };
}

/// Getters of the calendar's view of a year and a month.
macro_rules! year_month_getters {
    ($class:ty) => {
        $crate::builtins::temporal::getters! { $class;
            calendar_id "calendarId" => |cx, date| cx.new_string(date.calendar().identifier());
            era "era" => |cx, date| $crate::builtins::temporal::optional_text(cx, date.era().as_deref());
            era_year "eraYear" => |cx, date| $crate::builtins::temporal::optional_number(date.era_year());
            year "year" => |cx, date| $crate::value::Value::int(date.year());
            month "month" => |cx, date| $crate::builtins::temporal::small(date.month());
            month_code "monthCode" => |cx, date| cx.new_string(date.month_code().as_str());
            days_in_month "daysInMonth" => |cx, date| $crate::builtins::temporal::small(date.days_in_month());
            days_in_year "daysInYear" => |cx, date| $crate::builtins::temporal::small(date.days_in_year());
            months_in_year "monthsInYear" => |cx, date| $crate::builtins::temporal::small(date.months_in_year());
            in_leap_year "inLeapYear" => |cx, date| $crate::value::Value::bool(date.in_leap_year());
        }
    };
}

/// Getters of the calendar's view of a date.
macro_rules! date_getters {
    ($class:ty) => {
        $crate::builtins::temporal::year_month_getters!($class);
        $crate::builtins::temporal::getters! { $class;
            day "day" => |cx, date| $crate::builtins::temporal::small(date.day());
            day_of_week "dayOfWeek" => |cx, date| $crate::builtins::temporal::small(date.day_of_week());
            day_of_year "dayOfYear" => |cx, date| $crate::builtins::temporal::small(date.day_of_year());
            week_of_year "weekOfYear" => |cx, date| $crate::builtins::temporal::optional_number(date.week_of_year());
            year_of_week "yearOfWeek" => |cx, date| $crate::builtins::temporal::optional_number(date.year_of_week());
            days_in_week "daysInWeek" => |cx, date| $crate::builtins::temporal::small(date.days_in_week());
        }
    };
}

/// Getters of a time of day.
macro_rules! time_getters {
    ($class:ty) => {
        $crate::builtins::temporal::getters! { $class;
            hour "hour" => |cx, time| $crate::builtins::temporal::small(time.hour());
            minute "minute" => |cx, time| $crate::builtins::temporal::small(time.minute());
            second "second" => |cx, time| $crate::builtins::temporal::small(time.second());
            millisecond "millisecond" => |cx, time| $crate::builtins::temporal::small(time.millisecond());
            microsecond "microsecond" => |cx, time| $crate::builtins::temporal::small(time.microsecond());
            nanosecond "nanosecond" => |cx, time| $crate::builtins::temporal::small(time.nanosecond());
        }
    };
}

use date_getters;
use getters;
use time_getters;
use year_month_getters;

/// The value of an optional text.
fn optional_text(cx: &Context, text: Option<&str>) -> crate::value::Value {
    text.map_or(crate::value::Value::UNDEFINED, |text| cx.new_string(text))
}

/// The value of an optional number.
fn optional_number(number: Option<impl Into<f64>>) -> crate::value::Value {
    number.map_or(crate::value::Value::UNDEFINED, |number| crate::value::Value::number(number.into()))
}

/// The value of a small integer.
fn small(number: impl Into<i32>) -> crate::value::Value {
    crate::value::Value::int(number.into())
}
