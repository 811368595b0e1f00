//! From JS values to Web IDL types. <https://webidl.spec.whatwg.org/#js-type-mapping>

use super::place::Place;
use mayfly_engine::context::Context;
use mayfly_engine::native::{Args, Result, Thrown};
use mayfly_engine::object::Object;
use mayfly_engine::string::{JsString, Units};
use mayfly_engine::value::Value;
use std::ops::Deref;

/// A type that JS values convert to.
pub trait FromJs: Sized {
    /// Whether an argument of this type must be passed.
    const REQUIRED: bool = true;

    /// Converts a value, or throws with a message that says where.
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Self>;

    /// Converts argument `index`.
    #[inline]
    fn from_args(cx: &mut Context, args: &Args<'_>, index: usize, place: &Place<'_>) -> Result<Self> {
        Self::from_js(cx, args.at(index), &place.argument(index))
    }
}

/// Number of arguments that must be passed: up to the last required one.
pub const fn count_required(required: &[bool]) -> usize {
    let mut count = required.len();
    while count > 0 && !required[count - 1] {
        count -= 1;
    }
    count
}

// ── any, object, undefined ──

/// `any`: an argument that may be left out too, like every `optional any`, is an [`super::Optional`] of this.
impl FromJs for Value {
    fn from_js(_: &mut Context, value: Value, _: &Place<'_>) -> Result<Value> {
        Ok(value)
    }
}

impl FromJs for Object {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Object> {
        match value.as_object() {
            Some(object) => Ok(object),
            None => Err(place.wrong_type(cx, "object")),
        }
    }
}

impl FromJs for bool {
    fn from_js(cx: &mut Context, value: Value, _: &Place<'_>) -> Result<bool> {
        Ok(cx.to_boolean(value))
    }
}

// ── numbers ──

/// An integer type with the three conversions of Web IDL. <https://webidl.spec.whatwg.org/#abstract-opdef-converttoint>
pub trait Integer: Sized + Copy {
    /// Name in Web IDL.
    const NAME: &'static str;
    /// Bounds for [Clamp] and [EnforceRange].
    const BOUNDS: (f64, f64);
    /// From a number, modulo the type's size.
    fn wrap(number: f64) -> Self;
    /// From an integral number within the bounds.
    fn exact(number: f64) -> Self;
}

/// The number's integral part modulo 2⁶⁴.
fn modulo_64(number: f64) -> u64 {
    if !number.is_finite() {
        return 0;
    }
    let number = number.trunc();
    if number.abs() < 9_223_372_036_854_775_808.0 {
        return number as i64 as u64;
    }
    // Exact: both are powers of two times integers of 53 bits.
    let rest = number % 18_446_744_073_709_551_616.0;
    if rest < 0.0 { (-rest as u64).wrapping_neg() } else { rest as u64 }
}

macro_rules! integers {
    ($($type:ty, $name:literal, $low:expr, $high:expr;)*) => { $(
        impl Integer for $type {
            const NAME: &'static str = $name;
            const BOUNDS: (f64, f64) = ($low, $high);
            fn wrap(number: f64) -> $type {
                modulo_64(number) as $type
            }
            fn exact(number: f64) -> $type {
                number as $type
            }
        }

        impl FromJs for $type {
            fn from_js(cx: &mut Context, value: Value, _: &Place<'_>) -> Result<$type> {
                Ok(<$type>::wrap(cx.to_number(value)?))
            }
        }
    )* };
}

const SAFE: f64 = 9_007_199_254_740_991.0;

integers! {
    i8, "byte", -128.0, 127.0;
    u8, "octet", 0.0, 255.0;
    i16, "short", -32768.0, 32767.0;
    u16, "unsigned short", 0.0, 65535.0;
    i32, "long", -2_147_483_648.0, 2_147_483_647.0;
    u32, "unsigned long", 0.0, 4_294_967_295.0;
    i64, "long long", -SAFE, SAFE;
    u64, "unsigned long long", 0.0, SAFE;
}

/// `[Clamp]`
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clamp<T>(pub T);

impl<T: Integer> FromJs for Clamp<T> {
    fn from_js(cx: &mut Context, value: Value, _: &Place<'_>) -> Result<Clamp<T>> {
        let number = cx.to_number(value)?;
        let number = if number.is_nan() { 0.0 } else { number.clamp(T::BOUNDS.0, T::BOUNDS.1).round_ties_even() };
        Ok(Clamp(T::exact(number)))
    }
}

/// `[EnforceRange]`
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EnforceRange<T>(pub T);

impl<T: Integer> FromJs for EnforceRange<T> {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<EnforceRange<T>> {
        let number = cx.to_number(value)?;
        if !number.is_finite() {
            return Err(place.type_error(cx, &format!("Value is not of type '{}'.", T::NAME)));
        }
        let number = number.trunc();
        if number < T::BOUNDS.0 || number > T::BOUNDS.1 {
            return Err(place.type_error(cx, &format!("Value is outside the '{}' value range.", T::NAME)));
        }
        Ok(EnforceRange(T::exact(number)))
    }
}

/// `double`
impl FromJs for f64 {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<f64> {
        let number = cx.to_number(value)?;
        if number.is_finite() { Ok(number) } else { Err(place.type_error(cx, "The provided double value is non-finite.")) }
    }
}

/// `unrestricted double`
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Unrestricted(pub f64);

impl FromJs for Unrestricted {
    fn from_js(cx: &mut Context, value: Value, _: &Place<'_>) -> Result<Unrestricted> {
        Ok(Unrestricted(cx.to_number(value)?))
    }
}

// ── strings ──

/// `DOMString`: a string of the heap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DOMString(pub JsString);

impl DOMString {
    /// As Rust text; lone surrogates become U+FFFD.
    pub fn to_text(self, cx: &Context) -> String {
        self.0.to_text(&cx.heap)
    }

    /// As a value.
    pub fn value(self) -> Value {
        self.0.value()
    }
}

impl Default for DOMString {
    /// The empty string.
    fn default() -> Self {
        DOMString(mayfly_engine::string::atoms::EMPTY)
    }
}

impl FromJs for DOMString {
    #[inline]
    fn from_js(cx: &mut Context, value: Value, _: &Place<'_>) -> Result<DOMString> {
        Ok(DOMString(cx.to_string(value)?))
    }
}

/// `USVString`: scalar values only, which is what a Rust string holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct USVString(pub String);

impl Deref for USVString {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl FromJs for USVString {
    fn from_js(cx: &mut Context, value: Value, _: &Place<'_>) -> Result<USVString> {
        Ok(USVString(cx.to_text(value)?))
    }
}

/// `ByteString`: one byte per code unit.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ByteString(pub Vec<u8>);

impl Deref for ByteString {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl FromJs for ByteString {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<ByteString> {
        let string = cx.to_string(value)?;
        let bytes = match string.units(&cx.heap) {
            Units::Latin1(units) => Some(units.to_vec()),
            Units::Utf16(units) => units.iter().map(|&unit| u8::try_from(unit).ok()).collect(),
        };
        match bytes {
            Some(bytes) => Ok(ByteString(bytes)),
            None => Err(place.type_error(cx, "String contains non ISO-8859-1 code point.")),
        }
    }
}

// ── dictionaries and enumerations (for the derives) ──

/// The object that a dictionary is read from; `None` for undefined and null. <https://webidl.spec.whatwg.org/#es-dictionary>
pub fn dictionary_object(cx: &mut Context, value: Value, dictionary: &str, place: &Place<'_>) -> Result<Option<Object>> {
    match value.as_object() {
        Some(object) => Ok(Some(object)),
        None if value.is_nullish() => Ok(None),
        None => Err(place.type_error(cx, &format!("The provided value is not of type '{dictionary}'."))),
    }
}

/// TypeError of an absent required member of a dictionary.
#[cold]
pub fn missing_member(cx: &mut Context, place: &Place<'_>, _dictionary: &str, _name: &str) -> Thrown {
    place.type_error(cx, "Required member is undefined.")
}

/// TypeError of an enumeration's wrong value.
#[cold]
pub fn invalid_enumeration_value(cx: &mut Context, place: &Place<'_>, enumeration: &str, text: &str) -> Thrown {
    place.type_error(cx, &format!("The provided value '{text}' is not a valid enum value of type {enumeration}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_arguments_end_at_the_last_required_one() {
        assert_eq!(count_required(&[]), 0);
        assert_eq!(count_required(&[true, false]), 1);
        assert_eq!(count_required(&[true, true]), 2);
        assert_eq!(count_required(&[false, true, false]), 2);
    }

    #[test]
    fn integers_wrap() {
        assert_eq!(u8::wrap(256.7), 0);
        assert_eq!(u8::wrap(-1.0), 255);
        assert_eq!(i8::wrap(255.0), -1);
        assert_eq!(u16::wrap(65536.0 + 3.0), 3);
        assert_eq!(i32::wrap(4_294_967_295.0), -1);
        assert_eq!(u32::wrap(-4_294_967_296.0 * 3.0 - 1.0), u32::MAX);
        assert_eq!(u64::wrap(f64::INFINITY), 0);
        assert_eq!(u64::wrap(f64::NAN), 0);
        assert_eq!(u64::wrap(18_446_744_073_709_551_616.0 * 2.0 + 8192.0), 8192);
        assert_eq!(i64::wrap(-9_223_372_036_854_775_808.0), i64::MIN);
        assert_eq!(i64::wrap(9_223_372_036_854_775_808.0), i64::MIN);
    }
}
