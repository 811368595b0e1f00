//! Type conversion, and testing and comparison operations.
//! https://tc39.es/ecma262/#sec-type-conversion, https://tc39.es/ecma262/#sec-testing-and-comparison-operations

use std::cmp::Ordering;

use crate::bigint;
use crate::context::Context;
use crate::heap::{BigIntCell, Kind, Ref, object_flag};
use crate::native::Result;
use crate::numeric;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::atoms::{key, name, symbol};
use crate::string::{JsString, PropertyKey};
use crate::value::{Type, Value};

/// Hint of ToPrimitive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PreferredType {
    /// No preference.
    Default,
    /// Number.
    Number,
    /// String.
    String,
}

/// Largest integer n such that n and n - 1 are both exact Numbers: 2⁵³ - 1.
pub const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// ToInt32 of a Number. https://tc39.es/ecma262/#sec-toint32
#[inline(always)]
pub fn number_to_int32(number: f64) -> i32 {
    let int = number as i32;
    if f64::from(int) == number { int } else { number_to_int32_slow(number) }
}

/// By the bits: the integer part modulo 2³².
fn number_to_int32_slow(number: f64) -> i32 {
    let bits = number.to_bits();
    let exponent = ((bits >> 52) & 0x7FF) as i32 - 1075;
    // Below 1, NaN and infinities; or multiples of 2³².
    if !(-53..=31).contains(&exponent) {
        return 0;
    }
    let significand = (bits & ((1 << 52) - 1)) | 1 << 52;
    let magnitude = if exponent < 0 { significand >> -exponent } else { significand << exponent } as u32 as i32;
    if number < 0.0 { magnitude.wrapping_neg() } else { magnitude }
}

/// ToUint8Clamp of a Number. https://tc39.es/ecma262/#sec-touint8clamp
#[inline]
pub fn number_to_uint8_clamp(number: f64) -> u8 {
    // `as` saturates and takes NaN to 0.
    number.round_ties_even() as u8
}

/// ToIntegerOrInfinity of a Number. https://tc39.es/ecma262/#sec-tointegerorinfinity
#[inline]
pub fn number_to_integer_or_infinity(number: f64) -> f64 {
    // Adding zero turns -0 into +0.
    if number.is_nan() { 0.0 } else { number.trunc() + 0.0 }
}

impl Context {
    // 7.1.2 ToBoolean ( argument ), https://tc39.es/ecma262/#sec-toboolean
    /// Truth of a value.
    #[inline]
    pub fn to_boolean(&self, value: Value) -> bool {
        if let Some(boolean) = value.as_bool() {
            return boolean;
        }
        match value.type_of() {
            Type::Undefined | Type::Null | Type::Internal => false,
            Type::Boolean => value == Value::TRUE,
            Type::Number => value.as_number().is_some_and(|number| number != 0.0 && !number.is_nan()),
            Type::String => value.as_string().is_some_and(|text| !text.is_empty(&self.heap)),
            Type::Symbol => true,
            Type::BigInt => value.as_bigint().is_some_and(|number| !number.is_zero(&self.heap)),
            Type::Object => !value.as_object().is_some_and(|object| object.has_flag(&self.heap, object_flag::HTML_DDA)),
        }
    }

    // 7.1.1 ToPrimitive ( input [ , preferredType ] ), https://tc39.es/ecma262/#sec-toprimitive
    /// A primitive value.
    pub fn to_primitive(&mut self, value: Value, preferred: PreferredType) -> Result<Value> {
        let Some(object) = value.as_object() else { return Ok(value) };
        if let Some(method) = self.get_method(value, symbol::to_primitive)? {
            let hint = match preferred {
                PreferredType::Default => name::default,
                PreferredType::Number => name::number,
                PreferredType::String => name::string,
            };
            let result = self.call(method.value(), value, &[hint.value()])?;
            if result.is_object() {
                return Err(self.throw_type_error("Cannot convert object to primitive value"));
            }
            return Ok(result);
        }
        self.ordinary_to_primitive(object, preferred == PreferredType::String)
    }

    // 7.1.1.1 OrdinaryToPrimitive ( O, hint ), https://tc39.es/ecma262/#sec-ordinarytoprimitive
    /// What `valueOf` or `toString` gives, `toString` first if `string_first`.
    pub fn ordinary_to_primitive(&mut self, object: Object, string_first: bool) -> Result<Value> {
        let methods = if string_first { [key::to_string, key::value_of] } else { [key::value_of, key::to_string] };
        for method in methods {
            let function = self.get(object, method)?;
            if self.is_callable(function) {
                let result = self.call(function, object.value(), &[])?;
                if !result.is_object() {
                    return Ok(result);
                }
            }
        }
        Err(self.throw_type_error("Cannot convert object to primitive value"))
    }

    // 7.1.4 ToNumber ( argument ), https://tc39.es/ecma262/#sec-tonumber
    /// A Number.
    #[inline]
    pub fn to_number(&mut self, value: Value) -> Result<f64> {
        match value.as_number() {
            Some(number) => Ok(number),
            None => self.to_number_slow(value),
        }
    }

    fn to_number_slow(&mut self, value: Value) -> Result<f64> {
        match value.type_of() {
            Type::Undefined | Type::Internal => Ok(f64::NAN),
            Type::Null => Ok(0.0),
            Type::Boolean => Ok(if value == Value::TRUE { 1.0 } else { 0.0 }),
            Type::Number => Ok(value.as_number().unwrap_or(f64::NAN)),
            Type::String => Ok(value.as_string().map_or(f64::NAN, |text| self.string_to_number(text))),
            Type::Symbol => Err(self.throw_type_error("Cannot convert a Symbol value to a number")),
            Type::BigInt => Err(self.throw_type_error("Cannot convert a BigInt value to a number")),
            Type::Object => {
                let primitive = self.to_primitive(value, PreferredType::Number)?;
                self.to_number_slow(primitive)
            }
        }
    }

    // 7.1.3 ToNumeric ( value ), https://tc39.es/ecma262/#sec-tonumeric
    /// A Number or BigInt.
    #[inline]
    pub fn to_numeric(&mut self, value: Value) -> Result<Value> {
        if value.is_number() {
            return Ok(value);
        }
        let primitive = self.to_primitive(value, PreferredType::Number)?;
        if primitive.is_bigint() {
            return Ok(primitive);
        }
        Ok(Value::number(self.to_number(primitive)?))
    }

    // 7.1.4.1.1 StringToNumber ( str ), https://tc39.es/ecma262/#sec-stringtonumber
    /// The Number that a string spells, or NaN.
    pub fn string_to_number(&self, text: JsString) -> f64 {
        numeric::units_to_number(text.units(&self.heap))
    }

    // 7.1.5 ToIntegerOrInfinity ( argument ), https://tc39.es/ecma262/#sec-tointegerorinfinity
    /// An integer, +∞ or -∞; never -0 or NaN.
    #[inline]
    pub fn to_integer_or_infinity(&mut self, value: Value) -> Result<f64> {
        if let Some(int) = value.as_int() {
            return Ok(f64::from(int));
        }
        Ok(number_to_integer_or_infinity(self.to_number(value)?))
    }

    // 7.1.6 ToInt32 ( argument ), https://tc39.es/ecma262/#sec-toint32
    /// Modulo 2³², signed.
    #[inline]
    pub fn to_int32(&mut self, value: Value) -> Result<i32> {
        match value.as_int() {
            Some(int) => Ok(int),
            None => Ok(number_to_int32(self.to_number(value)?)),
        }
    }

    // 7.1.7 ToUint32 ( argument ), https://tc39.es/ecma262/#sec-touint32
    /// Modulo 2³².
    #[inline]
    pub fn to_uint32(&mut self, value: Value) -> Result<u32> {
        Ok(self.to_int32(value)? as u32)
    }

    // 7.1.8 ToInt16 ( argument ), https://tc39.es/ecma262/#sec-toint16
    /// Modulo 2¹⁶, signed.
    pub fn to_int16(&mut self, value: Value) -> Result<i16> {
        Ok(self.to_int32(value)? as i16)
    }

    // 7.1.9 ToUint16 ( argument ), https://tc39.es/ecma262/#sec-touint16
    /// Modulo 2¹⁶.
    pub fn to_uint16(&mut self, value: Value) -> Result<u16> {
        Ok(self.to_int32(value)? as u16)
    }

    // 7.1.10 ToInt8 ( argument ), https://tc39.es/ecma262/#sec-toint8
    /// Modulo 2⁸, signed.
    pub fn to_int8(&mut self, value: Value) -> Result<i8> {
        Ok(self.to_int32(value)? as i8)
    }

    // 7.1.11 ToUint8 ( argument ), https://tc39.es/ecma262/#sec-touint8
    /// Modulo 2⁸.
    pub fn to_uint8(&mut self, value: Value) -> Result<u8> {
        Ok(self.to_int32(value)? as u8)
    }

    // 7.1.12 ToUint8Clamp ( argument ), https://tc39.es/ecma262/#sec-touint8clamp
    /// Clamped to 0 … 255, ties to even.
    pub fn to_uint8_clamp(&mut self, value: Value) -> Result<u8> {
        Ok(number_to_uint8_clamp(self.to_number(value)?))
    }

    // 7.1.20 ToLength ( argument ), https://tc39.es/ecma262/#sec-tolength
    /// Clamped to 0 … 2⁵³ - 1.
    pub fn to_length(&mut self, value: Value) -> Result<u64> {
        let length = self.to_integer_or_infinity(value)?;
        Ok(length.clamp(0.0, MAX_SAFE_INTEGER) as u64)
    }

    // 7.1.22 ToIndex ( value ), https://tc39.es/ecma262/#sec-toindex
    /// An integer in 0 … 2⁵³ - 1, or a RangeError.
    pub fn to_index(&mut self, value: Value) -> Result<u64> {
        let integer = self.to_integer_or_infinity(value)?;
        if !(0.0..=MAX_SAFE_INTEGER).contains(&integer) {
            let shown = self.display(value);
            return Err(self.throw_range_error(&format!("Invalid value {shown}: not an index")));
        }
        Ok(integer as u64)
    }

    /// A position relative to a length, as `slice` and its like take it: negative counts from the end; clamped to 0 … `length`.
    pub fn relative_index(&mut self, value: Value, length: u64) -> Result<u64> {
        let relative = self.to_integer_or_infinity(value)?;
        let limit = length as f64;
        let position = if relative < 0.0 { (limit + relative).max(0.0) } else { relative.min(limit) };
        Ok(position as u64)
    }

    // 7.1.17 ToString ( argument ), https://tc39.es/ecma262/#sec-tostring
    /// A string.
    #[inline]
    pub fn to_string(&mut self, value: Value) -> Result<JsString> {
        match value.as_string() {
            Some(text) => Ok(text),
            None => self.to_string_slow(value),
        }
    }

    fn to_string_slow(&mut self, value: Value) -> Result<JsString> {
        Ok(match value.type_of() {
            Type::Undefined | Type::Internal => name::undefined,
            Type::Null => name::null,
            Type::Boolean if value == Value::TRUE => name::true_,
            Type::Boolean => name::false_,
            Type::Number => match value.as_int() {
                Some(int) => self.int_to_string(int),
                None => self.number_to_string(value.as_number().unwrap_or(f64::NAN)),
            },
            Type::String => value.as_string().unwrap_or(name::empty),
            Type::Symbol => return Err(self.throw_type_error("Cannot convert a Symbol value to a string")),
            Type::BigInt => {
                let text = value.as_bigint().map_or_else(String::new, |number| bigint::to_text(&self.heap, number, 10));
                self.heap.new_string(&text)
            }
            Type::Object => {
                let primitive = self.to_primitive(value, PreferredType::String)?;
                return self.to_string_slow(primitive);
            }
        })
    }

    /// ToString, as Rust text; lone surrogates become U+FFFD.
    pub fn to_text(&mut self, value: Value) -> Result<String> {
        let text = self.to_string(value)?;
        Ok(text.to_text(&self.heap))
    }

    // 6.1.6.1.20 Number::toString ( x, radix ), https://tc39.es/ecma262/#sec-numeric-types-number-tostring
    /// A Number in decimal.
    pub fn number_to_string(&self, number: f64) -> JsString {
        let int = number as i32;
        if f64::from(int) == number {
            return self.int_to_string(int);
        }
        self.heap.new_latin1(numeric::number_to_text(number).as_bytes())
    }

    /// An integer in decimal.
    pub fn int_to_string(&self, int: i32) -> JsString {
        // In a register, the first digit in the lowest byte: bytes that were stored one by one could not be copied in larger pieces at once.
        let mut digits = 0u128;
        let mut length = 0;
        let mut rest = int.unsigned_abs();
        // Of a number below 100; 103/1024 is close enough to a tenth for those.
        let two_digits = |pair: u32| {
            let tens = (pair * 103) >> 10;
            u128::from(0x3030 + (tens | ((pair - 10 * tens) << 8)))
        };
        while rest >= 100 {
            digits = digits << 16 | two_digits(rest % 100);
            length += 2;
            rest /= 100;
        }
        if rest >= 10 {
            digits = digits << 16 | two_digits(rest);
            length += 2;
        } else {
            digits = digits << 8 | u128::from(b'0' + rest as u8);
            length += 1;
        }
        if int < 0 {
            digits = digits << 8 | u128::from(b'-');
            length += 1;
        }
        self.heap.new_latin1(&digits.to_le_bytes()[..length])
    }

    // 7.1.18 ToObject ( argument ), https://tc39.es/ecma262/#sec-toobject
    /// An object; TypeError for undefined and null.
    pub fn to_object(&mut self, value: Value) -> Result<Object> {
        if let Some(object) = value.as_object() {
            return Ok(object);
        }
        let prototype = match value.type_of() {
            Type::String => Intrinsic::StringPrototype,
            Type::Number => Intrinsic::NumberPrototype,
            Type::Boolean => Intrinsic::BooleanPrototype,
            Type::Symbol => Intrinsic::SymbolPrototype,
            Type::BigInt => Intrinsic::BigIntPrototype,
            Type::Undefined | Type::Null | Type::Object | Type::Internal => {
                return Err(self.throw_type_error("Cannot convert undefined or null to object"));
            }
        };
        let prototype = self.intrinsic(prototype);
        Ok(self.new_wrapper(value, prototype))
    }

    /// A wrapper object for a primitive. StringCreate for strings: https://tc39.es/ecma262/#sec-stringcreate
    pub fn new_wrapper(&mut self, primitive: Value, prototype: Object) -> Object {
        let wrapper = self.heap.new_object_with_prototype(Kind::PrimitiveWrapper, Some(prototype));
        wrapper.set_internal(&self.heap, 0, primitive);
        if primitive.is_string() {
            wrapper.add_flags(&self.heap, object_flag::EXOTIC);
        }
        wrapper
    }

    // 7.1.19 ToPropertyKey ( argument ), https://tc39.es/ecma262/#sec-topropertykey
    /// A property key.
    #[inline]
    pub fn to_property_key(&mut self, value: Value) -> Result<PropertyKey> {
        if let Some(int) = value.as_int()
            && int >= 0
        {
            return Ok(PropertyKey::index(int as u32));
        }
        if let Some(text) = value.as_string() {
            return Ok(self.heap.string_key(text));
        }
        self.to_property_key_slow(value)
    }

    fn to_property_key_slow(&mut self, value: Value) -> Result<PropertyKey> {
        let primitive = self.to_primitive(value, PreferredType::String)?;
        if let Some(symbol) = primitive.as_symbol() {
            return Ok(PropertyKey::symbol(symbol));
        }
        let text = self.to_string(primitive)?;
        Ok(self.heap.string_key(text))
    }

    // 7.1.13 ToBigInt ( argument ), https://tc39.es/ecma262/#sec-tobigint
    /// A BigInt.
    pub fn to_bigint(&mut self, value: Value) -> Result<Ref<BigIntCell>> {
        let primitive = self.to_primitive(value, PreferredType::Number)?;
        match primitive.type_of() {
            Type::Boolean => Ok(bigint::from_i64(&self.heap, i64::from(primitive == Value::TRUE))),
            Type::String => {
                let text = primitive.as_string().unwrap_or(name::empty);
                match bigint::from_units(&self.heap, text.units(&self.heap)) {
                    Some(number) => Ok(number),
                    None => {
                        let shown = text.to_text(&self.heap);
                        Err(self.throw_syntax_error(&format!("Cannot convert {shown} to a BigInt")))
                    }
                }
            }
            _ => match primitive.as_bigint() {
                Some(number) => Ok(number),
                None => {
                    let shown = self.display(primitive);
                    Err(self.throw_type_error(&format!("Cannot convert {shown} to a BigInt")))
                }
            },
        }
    }

    // 7.2.1 RequireObjectCoercible ( argument ), https://tc39.es/ecma262/#sec-requireobjectcoercible
    /// TypeError for undefined and null; `what` names the method for the message, as `String.prototype.trim`.
    pub fn require_object_coercible(&mut self, value: Value, what: &str) -> Result<()> {
        if value.is_nullish() {
            return Err(self.throw_type_error(&format!("{what} called on null or undefined")));
        }
        Ok(())
    }

    // 7.2.2 IsArray ( argument ), https://tc39.es/ecma262/#sec-isarray
    /// Whether it is an array, or a proxy for one; TypeError for a revoked proxy.
    pub fn is_array(&mut self, value: Value) -> Result<bool> {
        let Some(mut object) = value.as_object() else { return Ok(false) };
        while object.is(&self.heap, Kind::Proxy) {
            object = self.proxy_parts(object, "IsArray")?.0;
        }
        Ok(object.is(&self.heap, Kind::Array))
    }

    // 7.2.3 IsCallable ( argument ), https://tc39.es/ecma262/#sec-iscallable
    /// Whether it has [[Call]].
    #[inline]
    pub fn is_callable(&self, value: Value) -> bool {
        value.as_object().is_some_and(|object| object.is_callable(&self.heap))
    }

    // 7.2.4 IsConstructor ( argument ), https://tc39.es/ecma262/#sec-isconstructor
    /// Whether it has [[Construct]].
    #[inline]
    pub fn is_constructor(&self, value: Value) -> bool {
        value.as_object().is_some_and(|object| object.is_constructor(&self.heap))
    }

    // 7.2.6 IsRegExp ( argument ), https://tc39.es/ecma262/#sec-isregexp
    /// Whether it is to be treated as a regular expression.
    pub fn is_regexp(&mut self, value: Value) -> Result<bool> {
        let Some(object) = value.as_object() else { return Ok(false) };
        let matcher = self.get(object, symbol::match_)?;
        if !matcher.is_undefined() {
            return Ok(self.to_boolean(matcher));
        }
        Ok(object.is(&self.heap, Kind::RegExp))
    }

    // 7.2.9 SameValue ( x, y ), https://tc39.es/ecma262/#sec-samevalue
    /// Equality that tells -0 from +0 and finds NaN equal to itself.
    pub fn same_value(&self, a: Value, b: Value) -> bool {
        match (a.as_number(), b.as_number()) {
            (Some(a), Some(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            _ => self.same_value_non_number(a, b),
        }
    }

    // 7.2.10 SameValueZero ( x, y ), https://tc39.es/ecma262/#sec-samevaluezero
    /// Equality that finds NaN equal to itself.
    pub fn same_value_zero(&self, a: Value, b: Value) -> bool {
        match (a.as_number(), b.as_number()) {
            (Some(a), Some(b)) => a == b || (a.is_nan() && b.is_nan()),
            _ => self.same_value_non_number(a, b),
        }
    }

    // 7.2.15 IsStrictlyEqual ( x, y ), https://tc39.es/ecma262/#sec-isstrictlyequal
    /// `a === b`
    pub fn strict_equals(&self, a: Value, b: Value) -> bool {
        match (a.as_number(), b.as_number()) {
            (Some(a), Some(b)) => a == b,
            _ => self.same_value_non_number(a, b),
        }
    }

    // 7.2.11 SameValueNonNumber ( x, y ), https://tc39.es/ecma262/#sec-samevaluenonnumber (also for values of different types)
    fn same_value_non_number(&self, a: Value, b: Value) -> bool {
        if a == b {
            return true;
        }
        if let (Some(a), Some(b)) = (a.as_string(), b.as_string()) {
            return a.equals(b, &self.heap);
        }
        if let (Some(a), Some(b)) = (a.as_bigint(), b.as_bigint()) {
            return bigint::equals(&self.heap, a, b);
        }
        false
    }

    // 7.2.14 IsLooselyEqual ( x, y ), https://tc39.es/ecma262/#sec-islooselyequal
    /// `a == b`
    pub fn loose_equals(&mut self, a: Value, b: Value) -> Result<bool> {
        let (mut a, mut b) = (a, b);
        loop {
            let (left, right) = (a.type_of(), b.type_of());
            if left == right {
                return Ok(self.strict_equals(a, b));
            }
            let is_dda =
                |cx: &Context, value: Value| value.as_object().is_some_and(|object| object.has_flag(&cx.heap, object_flag::HTML_DDA));
            match (left, right) {
                (Type::Undefined, Type::Null) | (Type::Null, Type::Undefined) => return Ok(true),
                (Type::Undefined | Type::Null, _) => return Ok(is_dda(self, b)),
                (_, Type::Undefined | Type::Null) => return Ok(is_dda(self, a)),
                (Type::Number, Type::String) => b = Value::number(self.to_number(b)?),
                (Type::String, Type::Number) => a = Value::number(self.to_number(a)?),
                (Type::BigInt, Type::String) | (Type::String, Type::BigInt) => {
                    let (number, text) = if left == Type::BigInt { (a, b) } else { (b, a) };
                    let text = text.as_string().unwrap_or(name::empty);
                    let parsed = bigint::from_units(&self.heap, text.units(&self.heap));
                    return Ok(match (number.as_bigint(), parsed) {
                        (Some(number), Some(parsed)) => bigint::equals(&self.heap, number, parsed),
                        _ => false,
                    });
                }
                (Type::Boolean, _) => a = Value::int(i32::from(a == Value::TRUE)),
                (_, Type::Boolean) => b = Value::int(i32::from(b == Value::TRUE)),
                (Type::Object, _) => a = self.to_primitive(a, PreferredType::Default)?,
                (_, Type::Object) => b = self.to_primitive(b, PreferredType::Default)?,
                (Type::BigInt, Type::Number) | (Type::Number, Type::BigInt) => {
                    let (bigint, number) = if left == Type::BigInt { (a, b) } else { (b, a) };
                    return Ok(match (bigint.as_bigint(), number.as_number()) {
                        (Some(bigint), Some(number)) => bigint::compare_f64(&self.heap, bigint, number) == Some(Ordering::Equal),
                        _ => false,
                    });
                }
                _ => return Ok(false),
            }
        }
    }

    // 7.2.13 IsLessThan ( x, y, LeftFirst ), https://tc39.es/ecma262/#sec-islessthan
    /// Whether `a < b`; `None` when one of them is NaN (or a string that is no BigInt). `left_first` says which is converted first.
    pub fn less_than(&mut self, a: Value, b: Value, left_first: bool) -> Result<Option<bool>> {
        if let (Some(a), Some(b)) = (a.as_number(), b.as_number()) {
            return Ok(a.partial_cmp(&b).map(|order| order == Ordering::Less));
        }
        let (a, b) = if left_first {
            let a = self.to_primitive(a, PreferredType::Number)?;
            (a, self.to_primitive(b, PreferredType::Number)?)
        } else {
            let b = self.to_primitive(b, PreferredType::Number)?;
            (self.to_primitive(a, PreferredType::Number)?, b)
        };
        if let (Some(a), Some(b)) = (a.as_string(), b.as_string()) {
            return Ok(Some(a.compare(b, &self.heap) == Ordering::Less));
        }
        if let (Some(number), Some(text)) = (a.as_bigint(), b.as_string()) {
            let parsed = bigint::from_units(&self.heap, text.units(&self.heap));
            return Ok(parsed.map(|parsed| bigint::compare(&self.heap, number, parsed) == Ordering::Less));
        }
        if let (Some(text), Some(number)) = (a.as_string(), b.as_bigint()) {
            let parsed = bigint::from_units(&self.heap, text.units(&self.heap));
            return Ok(parsed.map(|parsed| bigint::compare(&self.heap, parsed, number) == Ordering::Less));
        }
        // Primitives: the order of conversion is observable only by which of two symbols throws, and both throw the same.
        let a = self.to_numeric(a)?;
        let b = self.to_numeric(b)?;
        let order = match (a.as_bigint(), b.as_bigint()) {
            (Some(a), Some(b)) => Some(bigint::compare(&self.heap, a, b)),
            (Some(a), None) => bigint::compare_f64(&self.heap, a, b.as_number().unwrap_or(f64::NAN)),
            (None, Some(b)) => bigint::compare_f64(&self.heap, b, a.as_number().unwrap_or(f64::NAN)).map(Ordering::reverse),
            (None, None) => a.as_number().unwrap_or(f64::NAN).partial_cmp(&b.as_number().unwrap_or(f64::NAN)),
        };
        Ok(order.map(|order| order == Ordering::Less))
    }

    // 13.15.3 ApplyStringOrNumericBinaryOperator ( lval, opText, rval ) for `+`,
    // https://tc39.es/ecma262/#sec-applystringornumericbinaryoperator
    /// `a + b`
    pub fn add(&mut self, a: Value, b: Value) -> Result<Value> {
        if let (Some(a), Some(b)) = (a.as_number(), b.as_number()) {
            return Ok(Value::number(a + b));
        }
        let a = self.to_primitive(a, PreferredType::Default)?;
        let b = self.to_primitive(b, PreferredType::Default)?;
        if a.is_string() || b.is_string() {
            let a = self.to_string(a)?;
            let b = self.to_string(b)?;
            return Ok(self.concat(a, b)?.value());
        }
        let a = self.to_numeric(a)?;
        let b = self.to_numeric(b)?;
        match (a.as_bigint(), b.as_bigint()) {
            (Some(a), Some(b)) => Ok(bigint::add(self, a, b)?.value()),
            (None, None) => Ok(Value::number(a.as_number().unwrap_or(f64::NAN) + b.as_number().unwrap_or(f64::NAN))),
            _ => Err(self.throw_type_error("Cannot mix BigInt and other types, use explicit conversions")),
        }
    }

    // 13.5.3 The typeof Operator, https://tc39.es/ecma262/#sec-typeof-operator
    /// `typeof value`
    pub fn type_of(&self, value: Value) -> JsString {
        match value.type_of() {
            Type::Undefined | Type::Internal => name::undefined,
            Type::Null => name::object,
            Type::Boolean => name::boolean,
            Type::Number => name::number,
            Type::String => name::string,
            Type::Symbol => name::symbol_,
            Type::BigInt => name::bigint,
            Type::Object => match value.as_object() {
                Some(object) if object.has_flag(&self.heap, object_flag::HTML_DDA) => name::undefined,
                Some(object) if object.is_callable(&self.heap) => name::function,
                _ => name::object,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ToInt32 as the specification words it: truncate, modulo 2³², then into the signed range.
    fn reference_int32(number: f64) -> i32 {
        if !number.is_finite() {
            return 0;
        }
        let modulo = number.trunc().rem_euclid(4_294_967_296.0);
        (if modulo >= 2_147_483_648.0 { modulo - 4_294_967_296.0 } else { modulo }) as i32
    }

    #[test]
    fn to_int32_agrees_with_the_specification() {
        let mut numbers = vec![0.0, -0.0, 0.5, -0.5, 1.9, -1.9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE];
        for exponent in 0..=1023 {
            let power = 2f64.powi(exponent);
            numbers.extend([power, power - 1.0, power + 1.0, power * 1.5, power * 1.999_999, power / 3.0]);
        }
        for number in numbers {
            assert_eq!(number_to_int32(number), reference_int32(number), "{number}");
            assert_eq!(number_to_int32(-number), reference_int32(-number), "-{number}");
        }
    }

    #[test]
    fn clamping_rounds_ties_to_even() {
        let expected =
            [(0.5, 0), (1.5, 2), (2.5, 2), (254.5, 254), (255.5, 255), (-0.5, 0), (-9.0, 0), (1e9, 255), (f64::NAN, 0), (0.500_001, 1)];
        for (number, byte) in expected {
            assert_eq!(number_to_uint8_clamp(number), byte, "{number}");
        }
    }

    #[test]
    fn integers_never_are_minus_zero() {
        for number in [-0.0, -0.9, f64::NAN] {
            assert_eq!(number_to_integer_or_infinity(number).to_bits(), 0, "{number}");
        }
        assert_eq!(number_to_integer_or_infinity(-1.9), -1.0);
        assert_eq!(number_to_integer_or_infinity(f64::INFINITY), f64::INFINITY);
    }
}
