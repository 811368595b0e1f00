//! String objects. https://tc39.es/ecma262/#sec-string-objects
//!
//! Searching, splitting and replacing are in `string_search`, case and normal forms in `string_text`, Annex B's HTML methods in
//! `string_html`; this file holds the table and everything else.

use super::{string_html, string_search, string_text};
use crate::context::Context;
use crate::heap::{Kind, object_flag};
use crate::native::{Args, Result};
use crate::natives;
use crate::numeric;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::string::{JsString, MAX_LENGTH, StringBuilder, Units};
use crate::value::Value;

natives! { pub static STRING: "String" / 1 => construct, String, StringPrototype; {
    static method "fromCharCode" / 1 => from_char_code,
    static method "fromCodePoint" / 1 => from_code_point,
    static method "raw" / 1 => raw,
    method "at" / 1 => at,
    method "charAt" / 1 => char_at,
    method "charCodeAt" / 1 => char_code_at,
    method "codePointAt" / 1 => code_point_at,
    method "concat" / 1 => concat,
    method "endsWith" / 1 => string_search::ends_with,
    method "includes" / 1 => string_search::includes,
    method "indexOf" / 1 => string_search::index_of,
    method "isWellFormed" / 0 => is_well_formed,
    method "lastIndexOf" / 1 => string_search::last_index_of,
    method "localeCompare" / 1 => string_text::locale_compare,
    method "match" / 1 => string_search::match_,
    method "matchAll" / 1 => string_search::match_all,
    method "normalize" / 0 => string_text::normalize,
    method "padEnd" / 1 => pad_end,
    method "padStart" / 1 => pad_start,
    method "repeat" / 1 => repeat,
    method "replace" / 2 => string_search::replace,
    method "replaceAll" / 2 => string_search::replace_all,
    method "search" / 1 => string_search::search,
    method "slice" / 2 => slice,
    method "split" / 2 => string_search::split,
    method "startsWith" / 1 => string_search::starts_with,
    method "substring" / 2 => substring,
    method "toLocaleLowerCase" / 0 => string_text::to_locale_lower_case,
    method "toLocaleUpperCase" / 0 => string_text::to_locale_upper_case,
    method "toLowerCase" / 0 => string_text::to_lower_case,
    method "toString" / 0 => to_string,
    method "toUpperCase" / 0 => string_text::to_upper_case,
    method "toWellFormed" / 0 => to_well_formed,
    method "trim" / 0 => trim,
    method "trimEnd" / 0 => trim_end,
    method "trimStart" / 0 => trim_start,
    method "valueOf" / 0 => value_of,
    method @@iterator / 0 => super::string_iterator::iterator,
    method "substr" / 2 => substr,
    alias "trimLeft" => "trimStart",
    alias "trimRight" => "trimEnd",
    method "anchor" / 1 => string_html::anchor,
    method "big" / 0 => string_html::big,
    method "blink" / 0 => string_html::blink,
    method "bold" / 0 => string_html::bold,
    method "fixed" / 0 => string_html::fixed,
    method "fontcolor" / 1 => string_html::fontcolor,
    method "fontsize" / 1 => string_html::fontsize,
    method "italics" / 0 => string_html::italics,
    method "link" / 1 => string_html::link,
    method "small" / 0 => string_html::small,
    method "strike" / 0 => string_html::strike,
    method "sub" / 0 => string_html::sub,
    method "sup" / 0 => string_html::sup,
}}

// ── helpers that the string files share ──

/// RequireObjectCoercible(this value), then ToString: the first two steps of most methods.
#[inline]
pub(super) fn this_string(cx: &mut Context, this: Value, method: &str) -> Result<JsString> {
    if let Some(string) = this.as_string() {
        return Ok(string);
    }
    if this.is_nullish() {
        return Err(cx.throw_type_error(&format!("String.prototype.{method} called on null or undefined")));
    }
    cx.to_string(this)
}

/// ToIntegerOrInfinity clamped to 0..=`limit`.
pub(super) fn clamped(cx: &mut Context, value: Value, limit: u32) -> Result<u32> {
    if let Some(int) = value.as_int() {
        return Ok(int.clamp(0, limit as i32) as u32);
    }
    let number = cx.to_integer_or_infinity(value)?;
    Ok(number.clamp(0.0, f64::from(limit)) as u32)
}

/// ToIntegerOrInfinity as an index that counts from the end when negative, clamped to 0..=`length`.
fn relative(cx: &mut Context, value: Value, length: u32) -> Result<u32> {
    let number = match value.as_int() {
        Some(int) => f64::from(int),
        None => cx.to_integer_or_infinity(value)?,
    };
    let from_start = if number < 0.0 { number + f64::from(length) } else { number };
    Ok(from_start.clamp(0.0, f64::from(length)) as u32)
}

/// The string that was built; RangeError when it is too long.
pub(super) fn finish(cx: &mut Context, builder: StringBuilder) -> Result<JsString> {
    check_length(cx, builder.len() as u64)?;
    if builder.len() > 1 << 16 {
        cx.reserve(2 * builder.len() as u64)?;
    }
    Ok(builder.finish(&cx.heap))
}

/// RangeError for lengths past the limit.
pub(super) fn check_length(cx: &mut Context, length: u64) -> Result<()> {
    if length > u64::from(MAX_LENGTH) { Err(cx.throw_range_error("Invalid string length")) } else { Ok(()) }
}

// ── constructor ──

// 22.1.1.1 String ( value ), https://tc39.es/ecma262/#sec-string-constructor-string-value
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let string = match args.get(0) {
        None => cx.heap.empty_string(),
        Some(value) => {
            if let Some(symbol) = value.as_symbol()
                && !args.is_construct()
            {
                // 20.4.3.3.1 SymbolDescriptiveString ( sym )
                let mut text = StringBuilder::new();
                text.push_str("Symbol(");
                if let Some(description) = symbol.description(&cx.heap) {
                    text.push_string(&cx.heap, description);
                }
                text.push_byte(b')');
                return Ok(finish(cx, text)?.value());
            }
            cx.to_string(value)?
        }
    };
    if !args.is_construct() {
        return Ok(string.value());
    }
    let prototype = cx.prototype_from_constructor(args.new_target, Intrinsic::StringPrototype)?;
    Ok(create(cx, string, prototype).value())
}

// 10.4.3.4 StringCreate ( value, prototype ), https://tc39.es/ecma262/#sec-stringcreate
/// A String object. Its `length` and indices are read from internal slot 0 by the object's internal methods.
pub fn create(cx: &Context, string: JsString, prototype: Object) -> Object {
    let object = cx.heap.new_object_with_prototype(Kind::PrimitiveWrapper, Some(prototype));
    object.set_internal(&cx.heap, 0, string.value());
    object.add_flags(&cx.heap, object_flag::EXOTIC);
    object
}

// 22.1.2.1 String.fromCharCode ( ...codeUnits ), https://tc39.es/ecma262/#sec-string.fromcharcode
fn from_char_code(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if args.len() == 1 {
        let unit = cx.to_uint16(args.at(0))?;
        return Ok(cx.heap.single_unit(unit).value());
    }
    let mut text = StringBuilder::new();
    for &value in args.as_slice() {
        text.push_unit(cx.to_uint16(value)?);
    }
    Ok(finish(cx, text)?.value())
}

// 22.1.2.2 String.fromCodePoint ( ...codePoints ), https://tc39.es/ecma262/#sec-string.fromcodepoint
fn from_code_point(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let mut text = StringBuilder::new();
    for &value in args.as_slice() {
        let number = cx.to_number(value)?;
        if number.trunc() != number || !(0.0..=1_114_111.0).contains(&number) {
            let shown = cx.to_string(value)?.to_text(&cx.heap);
            return Err(cx.throw_range_error(&format!("Invalid code point {shown}")));
        }
        text.push_code_point(number as u32);
    }
    Ok(finish(cx, text)?.value())
}

// 22.1.2.4 String.raw ( template, ...substitutions ), https://tc39.es/ecma262/#sec-string.raw
fn raw(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let cooked = cx.to_object(args.at(0))?;
    let literals = cx.get(cooked, key::raw)?;
    let literals = cx.to_object(literals)?;
    let count = cx.length_of_array_like(literals)?;
    let mut text = StringBuilder::new();
    for index in 0..count {
        cx.spend_fuel(1)?;
        let name = cx.heap.number_key(index);
        let literal = cx.get(literals, name)?;
        let literal = cx.to_string(literal)?;
        text.push_string(&cx.heap, literal);
        if index + 1 < count
            && let Some(&substitution) = args.as_slice().get(index as usize + 1)
        {
            let substitution = cx.to_string(substitution)?;
            text.push_string(&cx.heap, substitution);
        }
        check_length(cx, text.len() as u64)?;
    }
    Ok(finish(cx, text)?.value())
}

// ── characters ──

// 22.1.3.1 String.prototype.at ( index ), https://tc39.es/ecma262/#sec-string.prototype.at
fn at(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "at")?;
    let length = string.length(&cx.heap);
    let relative = cx.to_integer_or_infinity(args.at(0))?;
    let index = if relative < 0.0 { relative + f64::from(length) } else { relative };
    if index < 0.0 || index >= f64::from(length) {
        return Ok(Value::UNDEFINED);
    }
    let unit = string.unit_at(&cx.heap, index as u32);
    Ok(cx.heap.single_unit(unit).value())
}

/// Position argument as an index into the string, if it is within.
#[inline]
fn position(cx: &mut Context, string: JsString, value: Value) -> Result<Option<u32>> {
    let length = string.length(&cx.heap);
    if let Some(int) = value.as_int() {
        return Ok(if int >= 0 && (int as u32) < length { Some(int as u32) } else { None });
    }
    let number = cx.to_integer_or_infinity(value)?;
    Ok(if number >= 0.0 && number < f64::from(length) { Some(number as u32) } else { None })
}

// 22.1.3.2 String.prototype.charAt ( pos ), https://tc39.es/ecma262/#sec-string.prototype.charat
fn char_at(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "charAt")?;
    Ok(match position(cx, string, args.at(0))? {
        None => cx.heap.empty_string().value(),
        Some(index) => {
            let unit = string.unit_at(&cx.heap, index);
            cx.heap.single_unit(unit).value()
        }
    })
}

// 22.1.3.3 String.prototype.charCodeAt ( pos ), https://tc39.es/ecma262/#sec-string.prototype.charcodeat
fn char_code_at(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "charCodeAt")?;
    Ok(match position(cx, string, args.at(0))? {
        None => Value::NAN,
        Some(index) => Value::int(i32::from(string.unit_at(&cx.heap, index))),
    })
}

// 22.1.3.4 String.prototype.codePointAt ( pos ), https://tc39.es/ecma262/#sec-string.prototype.codepointat
fn code_point_at(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "codePointAt")?;
    Ok(match position(cx, string, args.at(0))? {
        None => Value::UNDEFINED,
        Some(index) => Value::int(string.units(&cx.heap).code_point_at(index as usize).0 as i32),
    })
}

// 22.1.3.5 String.prototype.concat ( ...args ), https://tc39.es/ecma262/#sec-string.prototype.concat
fn concat(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let mut string = this_string(cx, this, "concat")?;
    for &value in args.as_slice() {
        let next = cx.to_string(value)?;
        string = cx.concat(string, next)?;
    }
    Ok(string.value())
}

/// Index of the first lone surrogate.
fn lone_surrogate(units: Units<'_>) -> Option<usize> {
    let Units::Utf16(wide) = units else { return None };
    let mut i = 0;
    while i < wide.len() {
        match wide[i] {
            0xD800..0xDC00 if wide.get(i + 1).is_some_and(|next| (0xDC00..0xE000).contains(next)) => i += 2,
            0xD800..0xE000 => return Some(i),
            _ => i += 1,
        }
    }
    None
}

// 22.1.3.11 String.prototype.isWellFormed ( ), https://tc39.es/ecma262/#sec-string.prototype.iswellformed
fn is_well_formed(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "isWellFormed")?;
    Ok(Value::bool(lone_surrogate(string.units(&cx.heap)).is_none()))
}

// 22.1.3.31 String.prototype.toWellFormed ( ), https://tc39.es/ecma262/#sec-string.prototype.towellformed
fn to_well_formed(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "toWellFormed")?;
    if lone_surrogate(string.units(&cx.heap)).is_none() {
        return Ok(string.value());
    }
    let mut units = string.units(&cx.heap).to_vec();
    let mut from = 0;
    while let Some(at) = lone_surrogate(Units::Utf16(&units[from..])) {
        units[from + at] = 0xFFFD;
        from += at + 1;
    }
    Ok(cx.heap.new_utf16(&units).value())
}

// ── parts ──

// 22.1.3.22 String.prototype.slice ( start, end ), https://tc39.es/ecma262/#sec-string.prototype.slice
fn slice(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "slice")?;
    let length = string.length(&cx.heap);
    let from = relative(cx, args.at(0), length)?;
    let to = if args.at(1).is_undefined() { length } else { relative(cx, args.at(1), length)? };
    Ok(cx.heap.substring(string, from, to.max(from)).value())
}

// 22.1.3.25 String.prototype.substring ( start, end ), https://tc39.es/ecma262/#sec-string.prototype.substring
fn substring(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "substring")?;
    let length = string.length(&cx.heap);
    let start = clamped(cx, args.at(0), length)?;
    let end = if args.at(1).is_undefined() { length } else { clamped(cx, args.at(1), length)? };
    Ok(cx.heap.substring(string, start.min(end), start.max(end)).value())
}

// B.2.2.1 String.prototype.substr ( start, length ), https://tc39.es/ecma262/#sec-string.prototype.substr
fn substr(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "substr")?;
    let size = string.length(&cx.heap);
    let start = relative(cx, args.at(0), size)?;
    let count = if args.at(1).is_undefined() { size } else { clamped(cx, args.at(1), size)? };
    let end = (start + count).min(size);
    Ok(cx.heap.substring(string, start, end).value())
}

/// The part of the string that `cut` leaves, without copying where nothing is cut.
fn trimmed(cx: &mut Context, this: Value, method: &str, start: bool, end: bool) -> Result<Value> {
    let string = this_string(cx, this, method)?;
    let units = string.units(&cx.heap);
    let without_start = if start { numeric::trim_start(units) } else { units };
    let from = units.len() - without_start.len();
    let rest = if end { numeric::trim_end(without_start) } else { without_start };
    let (from, to) = (from as u32, (from + rest.len()) as u32);
    Ok(cx.heap.substring(string, from, to).value())
}

// 22.1.3.32 String.prototype.trim ( ), https://tc39.es/ecma262/#sec-string.prototype.trim
fn trim(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    trimmed(cx, this, "trim", true, true)
}

// 22.1.3.33 String.prototype.trimEnd ( ), https://tc39.es/ecma262/#sec-string.prototype.trimend
fn trim_end(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    trimmed(cx, this, "trimEnd", false, true)
}

// 22.1.3.34 String.prototype.trimStart ( ), https://tc39.es/ecma262/#sec-string.prototype.trimstart
fn trim_start(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    trimmed(cx, this, "trimStart", true, false)
}

// ── longer strings ──

/// `count` units of `filler`, repeated from its start.
fn fill(cx: &mut Context, filler: JsString, count: u64) -> Result<JsString> {
    check_length(cx, count)?;
    let length = filler.length(&cx.heap);
    if count == 0 || length == 0 {
        return Ok(cx.heap.empty_string());
    }
    if count == 1 {
        let unit = filler.unit_at(&cx.heap, 0);
        return Ok(cx.heap.single_unit(unit));
    }
    let two_byte = filler.is_two_byte(&cx.heap);
    let width: u32 = if two_byte { 2 } else { 1 };
    if count > 4096 {
        cx.reserve(count * u64::from(width))?;
        cx.spend_fuel(count / 256)?;
    }
    let heap = &cx.heap;
    let count = count as u32;
    let result = heap.new_flat(count, two_byte);
    let first = length.min(count);
    result.write_units(heap, 0, filler.units(heap).window(0, first as usize));
    // Copy what is there, doubling.
    let data = result.offset() + 16;
    let mut done = first;
    while done < count {
        let next = done.min(count - done);
        heap.cage().copy_within(data, data + done * width, next * width);
        done += next;
    }
    Ok(result)
}

// 22.1.3.18 String.prototype.repeat ( count ), https://tc39.es/ecma262/#sec-string.prototype.repeat
fn repeat(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "repeat")?;
    let count = cx.to_integer_or_infinity(args.at(0))?;
    if count < 0.0 || count.is_infinite() {
        let shown = cx.to_string(args.at(0))?.to_text(&cx.heap);
        return Err(cx.throw_range_error(&format!("Invalid count value: {shown}")));
    }
    if count == 1.0 {
        return Ok(string.value());
    }
    let total = f64::from(string.length(&cx.heap)) * count;
    Ok(fill(cx, string, total as u64)?.value())
}

// 22.1.3.17.1 StringPaddingBuiltinsImpl ( O, maxLength, fillString, placement ), https://tc39.es/ecma262/#sec-stringpaddingbuiltinsimpl
fn pad(cx: &mut Context, this: Value, args: &Args<'_>, method: &str, at_start: bool) -> Result<Value> {
    let string = this_string(cx, this, method)?;
    let wanted = cx.to_length(args.at(0))?;
    let length = u64::from(string.length(&cx.heap));
    if wanted <= length {
        return Ok(string.value());
    }
    let filler = if args.at(1).is_undefined() { cx.heap.single_character(b' ') } else { cx.to_string(args.at(1))? };
    if filler.is_empty(&cx.heap) {
        return Ok(string.value());
    }
    check_length(cx, wanted)?;
    let padding = fill(cx, filler, wanted - length)?;
    let (left, right) = if at_start { (padding, string) } else { (string, padding) };
    Ok(cx.concat(left, right)?.value())
}

// 22.1.3.16 String.prototype.padEnd ( maxLength [ , fillString ] ), https://tc39.es/ecma262/#sec-string.prototype.padend
fn pad_end(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    pad(cx, this, args, "padEnd", false)
}

// 22.1.3.17 String.prototype.padStart ( maxLength [ , fillString ] ), https://tc39.es/ecma262/#sec-string.prototype.padstart
fn pad_start(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    pad(cx, this, args, "padStart", true)
}

// ── value ──

// 22.1.3.35.1 ThisStringValue ( value ), https://tc39.es/ecma262/#sec-thisstringvalue
fn this_string_value(cx: &mut Context, this: Value, method: &str) -> Result<Value> {
    if this.is_string() {
        return Ok(this);
    }
    if let Some(object) = this.as_object()
        && object.is(&cx.heap, Kind::PrimitiveWrapper)
    {
        let value = object.internal(&cx.heap, 0);
        if value.is_string() {
            return Ok(value);
        }
    }
    Err(cx.throw_type_error(&format!("String.prototype.{method} requires that 'this' be a String")))
}

// 22.1.3.29 String.prototype.toString ( ), https://tc39.es/ecma262/#sec-string.prototype.tostring
fn to_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    this_string_value(cx, this, "toString")
}

// 22.1.3.35 String.prototype.valueOf ( ), https://tc39.es/ecma262/#sec-string.prototype.valueof
fn value_of(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    this_string_value(cx, this, "valueOf")
}
