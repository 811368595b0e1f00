//! Options bags, read in the order that the specification prescribes.
//! https://tc39.es/proposal-temporal/#sec-temporal-abstract-ops

use std::str::FromStr;

use temporal_rs::options::{
    DifferenceSettings, Disambiguation, DisplayCalendar, DisplayOffset, DisplayTimeZone, OffsetDisambiguation, Overflow, RoundingIncrement,
    RoundingMode, RoundingOptions, ToStringRoundingOptions, Unit,
};
use temporal_rs::parsers::Precision;
use temporal_rs::provider::TransitionDirection;

use super::slots::OrThrow;
use crate::builtins::receiver::describe;
use crate::context::Context;
use crate::native::Result;
use crate::object::Object;
use crate::value::Value;

/// An options object; without one every option is undefined.
#[derive(Clone, Copy)]
pub(super) struct Options(Option<Object>);

impl Options {
    // 13.16 GetOptionsObject ( options ), https://tc39.es/proposal-temporal/#sec-getoptionsobject
    /// The options that an argument stands for.
    pub(super) fn of(cx: &mut Context, value: Value) -> Result<Options> {
        if value.is_undefined() {
            return Ok(Options(None));
        }
        match value.as_object() {
            Some(object) => Ok(Options(Some(object))),
            None => {
                let shown = describe(cx, value);
                Err(cx.throw_type_error(&format!("{shown} is not an object")))
            }
        }
    }

    /// The raw value of an option.
    pub(super) fn get(self, cx: &mut Context, name: &str) -> Result<Value> {
        match self.0 {
            Some(object) => {
                let name = cx.key(name);
                cx.get(object, name)
            }
            None => Ok(Value::UNDEFINED),
        }
    }

    // 13.17 GetOption ( options, property, type, values, default ), https://tc39.es/proposal-temporal/#sec-getoption
    /// A string option of the few that `T` knows; `None` when undefined.
    pub(super) fn choice<T: FromStr>(self, cx: &mut Context, name: &str) -> Result<Option<T>> {
        let value = self.get(cx, name)?;
        if value.is_undefined() {
            return Ok(None);
        }
        let text = cx.to_text(value)?;
        match T::from_str(&text) {
            Ok(choice) => Ok(Some(choice)),
            Err(_) => Err(cx.throw_range_error(&format!("Value {text} out of range for Temporal options property {name}"))),
        }
    }

    // 13.6 GetTemporalOverflowOption, https://tc39.es/proposal-temporal/#sec-temporal-gettemporaloverflowoption
    pub(super) fn overflow(self, cx: &mut Context) -> Result<Overflow> {
        Ok(self.choice(cx, "overflow")?.unwrap_or(Overflow::Constrain))
    }

    // 13.7 GetTemporalDisambiguationOption, https://tc39.es/proposal-temporal/#sec-temporal-gettemporaldisambiguationoption
    pub(super) fn disambiguation(self, cx: &mut Context) -> Result<Disambiguation> {
        Ok(self.choice(cx, "disambiguation")?.unwrap_or(Disambiguation::Compatible))
    }

    // 13.9 GetTemporalOffsetOption, https://tc39.es/proposal-temporal/#sec-temporal-gettemporaloffsetoption
    pub(super) fn offset(self, cx: &mut Context, fallback: OffsetDisambiguation) -> Result<OffsetDisambiguation> {
        Ok(self.choice(cx, "offset")?.unwrap_or(fallback))
    }

    // 13.10 GetTemporalShowCalendarNameOption, https://tc39.es/proposal-temporal/#sec-temporal-gettemporalshowcalendarnameoption
    pub(super) fn calendar_name(self, cx: &mut Context) -> Result<DisplayCalendar> {
        Ok(self.choice(cx, "calendarName")?.unwrap_or(DisplayCalendar::Auto))
    }

    // 13.11 GetTemporalShowTimeZoneNameOption, https://tc39.es/proposal-temporal/#sec-temporal-gettemporalshowtimezonenameoption
    pub(super) fn time_zone_name(self, cx: &mut Context) -> Result<DisplayTimeZone> {
        Ok(self.choice(cx, "timeZoneName")?.unwrap_or(DisplayTimeZone::Auto))
    }

    // 13.12 GetTemporalShowOffsetOption, https://tc39.es/proposal-temporal/#sec-temporal-gettemporalshowoffsetoption
    pub(super) fn show_offset(self, cx: &mut Context) -> Result<DisplayOffset> {
        Ok(self.choice(cx, "offset")?.unwrap_or(DisplayOffset::Auto))
    }

    // 13.13 GetDirectionOption, https://tc39.es/proposal-temporal/#sec-temporal-getdirectionoption
    pub(super) fn direction(self, cx: &mut Context) -> Result<TransitionDirection> {
        match self.choice(cx, "direction")? {
            Some(direction) => Ok(direction),
            None => Err(cx.throw_range_error("direction is required")),
        }
    }

    // 13.8 GetRoundingModeOption, https://tc39.es/proposal-temporal/#sec-temporal-getroundingmodeoption
    pub(super) fn rounding_mode(self, cx: &mut Context) -> Result<Option<RoundingMode>> {
        self.choice(cx, "roundingMode")
    }

    // 13.14 GetRoundingIncrementOption, https://tc39.es/proposal-temporal/#sec-temporal-getroundingincrementoption
    pub(super) fn rounding_increment(self, cx: &mut Context) -> Result<RoundingIncrement> {
        let value = self.get(cx, "roundingIncrement")?;
        if value.is_undefined() {
            return Ok(RoundingIncrement::ONE);
        }
        let number = cx.to_number(value)?;
        RoundingIncrement::try_from(number).or_throw(cx)
    }

    // 13.18 GetTemporalUnitValuedOption, https://tc39.es/proposal-temporal/#sec-temporal-gettemporalunitvaluedoption
    pub(super) fn unit(self, cx: &mut Context, name: &str) -> Result<Option<Unit>> {
        self.choice(cx, name)
    }

    // 13.15 GetTemporalFractionalSecondDigitsOption,
    // https://tc39.es/proposal-temporal/#sec-temporal-gettemporalfractionalseconddigitsoption
    pub(super) fn fractional_digits(self, cx: &mut Context) -> Result<Precision> {
        let value = self.get(cx, "fractionalSecondDigits")?;
        if value.is_undefined() {
            return Ok(Precision::Auto);
        }
        let Some(number) = value.as_number() else {
            let text = cx.to_text(value)?;
            if text == "auto" {
                return Ok(Precision::Auto);
            }
            return Err(cx.throw_range_error(&format!("Value {text} out of range for Temporal options property fractionalSecondDigits")));
        };
        let digits = number.floor();
        if (0.0..=9.0).contains(&digits) {
            return Ok(Precision::Digit(digits as u8));
        }
        Err(cx.throw_range_error("fractionalSecondDigits value is out of range."))
    }

    // 13.43 GetDifferenceSettings, https://tc39.es/proposal-temporal/#sec-temporal-getdifferencesettings
    /// Reads the options; what they may be is checked where they are used.
    pub(super) fn difference(self, cx: &mut Context) -> Result<DifferenceSettings> {
        let mut settings = DifferenceSettings::default();
        settings.largest_unit = self.unit(cx, "largestUnit")?;
        settings.increment = Some(self.rounding_increment(cx)?);
        settings.rounding_mode = self.rounding_mode(cx)?;
        settings.smallest_unit = self.unit(cx, "smallestUnit")?;
        Ok(settings)
    }

    /// `fractionalSecondDigits`, `roundingMode` and `smallestUnit` of toString.
    pub(super) fn to_string_rounding(self, cx: &mut Context) -> Result<ToStringRoundingOptions> {
        let precision = self.fractional_digits(cx)?;
        let rounding_mode = self.rounding_mode(cx)?;
        let smallest_unit = self.unit(cx, "smallestUnit")?;
        Ok(ToStringRoundingOptions { precision, smallest_unit, rounding_mode })
    }
}

/// The argument of `round`: an options object, or a string that stands for `smallestUnit`.
pub(super) fn rounding(cx: &mut Context, round_to: Value) -> Result<RoundingOptions> {
    let mut options = RoundingOptions::default();
    options.largest_unit = None;
    if round_to.is_undefined() {
        return Err(cx.throw_type_error("Must specify a roundTo parameter."));
    }
    if let Some(text) = round_to.as_string() {
        let text = text.to_text(&cx.heap);
        options.smallest_unit = Some(unit_of_text(cx, &text, "smallestUnit")?);
        return Ok(options);
    }
    let bag = Options::of(cx, round_to)?;
    options.increment = Some(bag.rounding_increment(cx)?);
    options.rounding_mode = bag.rounding_mode(cx)?;
    options.smallest_unit = bag.unit(cx, "smallestUnit")?;
    if options.smallest_unit.is_none() {
        return Err(cx.throw_range_error("smallestUnit is required"));
    }
    Ok(options)
}

/// A unit given as a string in place of options.
pub(super) fn unit_of_text(cx: &mut Context, text: &str, name: &str) -> Result<Unit> {
    match Unit::from_str(text) {
        Ok(unit) => Ok(unit),
        Err(_) => Err(cx.throw_range_error(&format!("Value {text} out of range for Temporal options property {name}"))),
    }
}
