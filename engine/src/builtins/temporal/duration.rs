//! Temporal.Duration. https://tc39.es/proposal-temporal/#sec-temporal-duration-objects

use std::cmp::Ordering;

use temporal_rs::options::{RoundingOptions, ToStringRoundingOptions, Unit};
use temporal_rs::{Duration, Sign};

use super::conversions::{duration_of_bag, relative_to, to_duration};
use super::effort;
use super::fields::to_integer_if_integral;
use super::getters;
use super::options::{Options, unit_of_text};
use super::shared::{self, Shared, Sum};
use super::slots::{OrThrow, create, duration_numbers, duration_of_numbers, provider, require, require_new, wrap};
use crate::builtins::receiver::describe;
use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static DURATION: "Duration" / 0 => construct, TemporalDuration, TemporalDurationPrototype, not_global; {
    static method "from" / 1 => shared::from::<Duration>,
    static method "compare" / 2 => compare,
    get "years" => years,
    get "months" => months,
    get "weeks" => weeks,
    get "days" => days,
    get "hours" => hours,
    get "minutes" => minutes,
    get "seconds" => seconds,
    get "milliseconds" => milliseconds,
    get "microseconds" => microseconds,
    get "nanoseconds" => nanoseconds,
    get "sign" => sign,
    get "blank" => blank,
    method "with" / 1 => with,
    method "negated" / 0 => negated,
    method "abs" / 0 => abs,
    method "add" / 1 => shared::add::<Duration>,
    method "subtract" / 1 => shared::subtract::<Duration>,
    method "round" / 1 => round,
    method "total" / 1 => total,
    method "toString" / 0 => to_string,
    method "toJSON" / 0 => shared::to_json::<Duration>,
    method "toLocaleString" / 0 => shared::to_locale_string::<Duration>,
    method "valueOf" / 0 => shared::value_of::<Duration>,
    tag "Temporal.Duration",
}}

getters! { Duration;
    years "years" => |cx, duration| Value::number(duration_numbers(&duration)[0]);
    months "months" => |cx, duration| Value::number(duration_numbers(&duration)[1]);
    weeks "weeks" => |cx, duration| Value::number(duration_numbers(&duration)[2]);
    days "days" => |cx, duration| Value::number(duration_numbers(&duration)[3]);
    hours "hours" => |cx, duration| Value::number(duration_numbers(&duration)[4]);
    minutes "minutes" => |cx, duration| Value::number(duration_numbers(&duration)[5]);
    seconds "seconds" => |cx, duration| Value::number(duration_numbers(&duration)[6]);
    milliseconds "milliseconds" => |cx, duration| Value::number(duration_numbers(&duration)[7]);
    microseconds "microseconds" => |cx, duration| Value::number(duration_numbers(&duration)[8]);
    nanoseconds "nanoseconds" => |cx, duration| Value::number(duration_numbers(&duration)[9]);
    sign "sign" => |cx, duration| Value::int(match duration.sign() {
        Sign::Positive => 1,
        Sign::Zero => 0,
        Sign::Negative => -1,
    });
    blank "blank" => |cx, duration| Value::bool(duration.is_zero());
}

impl Shared for Duration {
    const CONVERT: shared::Convert<Self> = |cx, item, _| to_duration(cx, item);
    const TEXT: shared::Text<Self> = |duration| duration.as_temporal_string(ToStringRoundingOptions::default());
}

impl Sum for Duration {
    const ADD: shared::Add<Self> = |one, two, _| one.add(two);
}

// 7.1.1 Temporal.Duration, https://tc39.es/proposal-temporal/#sec-temporal.duration
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    require_new::<Duration>(cx, args)?;
    let mut numbers = [0.0; 10];
    for (index, number) in numbers.iter_mut().enumerate() {
        if !args.at(index).is_undefined() {
            *number = to_integer_if_integral(cx, args.at(index))?;
        }
    }
    let duration = duration_of_numbers(cx, numbers)?;
    create(cx, &duration, args.new_target)
}

// 7.2.3 Temporal.Duration.compare ( one, two [ , options ] ), https://tc39.es/proposal-temporal/#sec-temporal.duration.compare
fn compare(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let one = to_duration(cx, args.at(0))?;
    let two = to_duration(cx, args.at(1))?;
    let options = Options::of(cx, args.at(2))?;
    let relative = relative_to(cx, options)?;
    for duration in [&one, &two] {
        effort::spend_relative(cx, duration, relative.as_ref(), Some(Unit::Day), None)?;
    }
    let order = one.compare_with_provider(&two, relative, &provider()).or_throw(cx)?;
    Ok(order_value(order))
}

/// -1, 0 or 1.
pub(super) fn order_value(order: Ordering) -> Value {
    Value::int(order as i32)
}

// 7.3.15 Temporal.Duration.prototype.with ( temporalDurationLike ), https://tc39.es/proposal-temporal/#sec-temporal.duration.prototype.with
fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let duration: Duration = require(cx, this, "with")?;
    let Some(bag) = args.at(0).as_object() else {
        let shown = describe(cx, args.at(0));
        return Err(cx.throw_type_error(&format!("{shown} is not an object")));
    };
    let changed = duration_of_bag(cx, bag, &duration)?;
    wrap(cx, &changed)
}

// 7.3.16 Temporal.Duration.prototype.negated ( ), https://tc39.es/proposal-temporal/#sec-temporal.duration.prototype.negated
fn negated(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let duration: Duration = require(cx, this, "negated")?;
    wrap(cx, &duration.negated())
}

// 7.3.17 Temporal.Duration.prototype.abs ( ), https://tc39.es/proposal-temporal/#sec-temporal.duration.prototype.abs
fn abs(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let duration: Duration = require(cx, this, "abs")?;
    wrap(cx, &duration.abs())
}

// 7.3.20 Temporal.Duration.prototype.round ( roundTo ), https://tc39.es/proposal-temporal/#sec-temporal.duration.prototype.round
fn round(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let duration: Duration = require(cx, this, "round")?;
    let round_to = args.at(0);
    let mut options = RoundingOptions::default();
    options.largest_unit = None;
    let mut relative = None;
    if round_to.is_undefined() {
        return Err(cx.throw_type_error("Must specify a roundTo parameter."));
    }
    if let Some(text) = round_to.as_string() {
        let text = text.to_text(&cx.heap);
        options.smallest_unit = Some(unit_of_text(cx, &text, "smallestUnit")?);
    } else {
        let bag = Options::of(cx, round_to)?;
        options.largest_unit = bag.unit(cx, "largestUnit")?;
        relative = relative_to(cx, bag)?;
        options.increment = Some(bag.rounding_increment(cx)?);
        options.rounding_mode = bag.rounding_mode(cx)?;
        options.smallest_unit = bag.unit(cx, "smallestUnit")?;
    }
    effort::spend_relative(cx, &duration, relative.as_ref(), options.largest_unit, options.smallest_unit)?;
    let rounded = duration.round_with_provider(options, relative, &provider()).or_throw(cx)?;
    wrap(cx, &rounded)
}

// 7.3.21 Temporal.Duration.prototype.total ( totalOf ), https://tc39.es/proposal-temporal/#sec-temporal.duration.prototype.total
fn total(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let duration: Duration = require(cx, this, "total")?;
    let total_of = args.at(0);
    if total_of.is_undefined() {
        return Err(cx.throw_type_error("Must specify a totalOf parameter"));
    }
    let (unit, relative) = if let Some(text) = total_of.as_string() {
        let text = text.to_text(&cx.heap);
        (Some(unit_of_text(cx, &text, "unit")?), None)
    } else {
        let bag = Options::of(cx, total_of)?;
        let relative = relative_to(cx, bag)?;
        (bag.unit(cx, "unit")?, relative)
    };
    let Some(unit) = unit.filter(|&unit| unit != Unit::Auto) else {
        return Err(cx.throw_range_error("unit is required"));
    };
    effort::spend_relative(cx, &duration, relative.as_ref(), Some(unit), None)?;
    let total = duration.total_with_provider(unit, relative, &provider()).or_throw(cx)?;
    Ok(Value::number(total.as_inner()))
}

// 7.3.22 Temporal.Duration.prototype.toString ( [ options ] ), https://tc39.es/proposal-temporal/#sec-temporal.duration.prototype.tostring
fn to_string(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let duration: Duration = require(cx, this, "toString")?;
    let options = Options::of(cx, args.at(0))?.to_string_rounding(cx)?;
    let text = duration.as_temporal_string(options).or_throw(cx)?;
    Ok(cx.new_string(&text))
}
