//! Functions and values of the global object. https://tc39.es/ecma262/#sec-global-object
//!
//! The table is a namespace whose object is the global object itself.

use super::string::{check_length, finish as finish_string};
use crate::context::{Context, ErrorKind};
use crate::native::{Args, Result, Thrown};
use crate::natives;
use crate::numeric;
use crate::object::attribute;
use crate::realm::{Intrinsic, Realm};
use crate::string::atoms::{key, symbol};
use crate::string::{StringBuilder, Units};
use crate::value::Value;

natives! { pub static GLOBAL_FUNCTIONS: namespace "global", GlobalFunctions, not_global; {
    static constant "Infinity" => f64::INFINITY,
    static constant "NaN" => f64::NAN,
    static method "decodeURI" / 1 => decode_uri,
    static method "decodeURIComponent" / 1 => decode_uri_component,
    static method "encodeURI" / 1 => encode_uri,
    static method "encodeURIComponent" / 1 => encode_uri_component,
    static method "escape" / 1 => escape,
    static method "eval" / 1 => eval,
    static method "isFinite" / 1 => is_finite,
    static method "isNaN" / 1 => is_nan,
    static method "parseFloat" / 1 => parse_float,
    static method "parseInt" / 2 => parse_int,
    static method "unescape" / 1 => unescape,
}}

/// What the tables of this group cannot say: `undefined`, functions that two objects share, attributes out of the ordinary.
pub fn finish(cx: &mut Context, realm: Realm) {
    let heap = &cx.heap;
    let global = realm.global(heap);
    if global.shape(heap).lookup(heap, key::undefined).is_none() {
        global.add_property(heap, key::undefined, Value::UNDEFINED, attribute::NONE);
    }
    // 21.1.2.12 Number.parseFloat and 21.1.2.13 Number.parseInt: the same function objects.
    let number = realm.intrinsic(heap, Intrinsic::Number);
    for (name, intrinsic) in [("parseFloat", Intrinsic::ParseFloat), ("parseInt", Intrinsic::ParseInt)] {
        let name = heap.text_key(name);
        let Some(property) = global.shape(heap).lookup(heap, name) else { continue };
        let function = global.slot_value(heap, property.slot);
        if number.shape(heap).lookup(heap, name).is_none() {
            number.add_property(heap, name, function, attribute::METHOD);
        }
        if let Some(function) = function.as_object() {
            realm.set_intrinsic(heap, intrinsic, function);
        }
    }
    if let Some(property) = global.shape(heap).lookup(heap, heap.text_key("eval"))
        && let Some(eval) = global.slot_value(heap, property.slot).as_object()
    {
        realm.set_intrinsic(heap, Intrinsic::Eval, eval);
    }
    // 21.4.4.45 Date.prototype [ %Symbol.toPrimitive% ] is not writable.
    let date = realm.intrinsic(heap, Intrinsic::DatePrototype);
    if let Some(property) = date.shape(heap).lookup(heap, symbol::to_primitive) {
        date.set_property_attributes(heap, property, attribute::CONFIG);
    }
    let regexp = realm.intrinsic(heap, Intrinsic::RegExpPrototype);
    if let Some(property) = regexp.shape(heap).lookup(heap, key::exec)
        && let Some(exec) = regexp.slot_value(heap, property.slot).as_object()
    {
        realm.set_intrinsic(heap, Intrinsic::RegExpExec, exec);
    }
    super::regexp_pristine::init(cx);
}

// 19.2.1 eval ( x ), https://tc39.es/ecma262/#sec-eval-x
fn eval(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    // PerformEval step 2: what is no string is returned. Direct eval is done by the interpreter.
    let source = args.get(0).unwrap_or(Value::UNDEFINED);
    match source.as_string() {
        Some(text) => cx.indirect_eval(text),
        None => Ok(source),
    }
}

// 19.2.2 isFinite ( number ), https://tc39.es/ecma262/#sec-isfinite-number
fn is_finite(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(cx.to_number(args.at(0))?.is_finite()))
}

// 19.2.3 isNaN ( number ), https://tc39.es/ecma262/#sec-isnan-number
fn is_nan(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(cx.to_number(args.at(0))?.is_nan()))
}

// 19.2.4 parseFloat ( string ), https://tc39.es/ecma262/#sec-parsefloat-string
fn parse_float(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    // OPTIMIZATION: an integer's text reads back as the integer.
    if args.at(0).is_int() {
        return Ok(args.at(0));
    }
    let string = cx.to_string(args.at(0))?;
    Ok(Value::number(numeric::parse_float(string.units(&cx.heap))))
}

// 19.2.5 parseInt ( string, radix ), https://tc39.es/ecma262/#sec-parseint-string-radix
fn parse_int(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    // OPTIMIZATION: an integer's decimal text reads back as the integer.
    if args.at(0).is_int() && (args.at(1).is_undefined() || args.at(1) == Value::int(10)) {
        return Ok(args.at(0));
    }
    let string = cx.to_string(args.at(0))?;
    let radix = cx.to_int32(args.at(1))?;
    Ok(Value::number(numeric::parse_int(string.units(&cx.heap), radix)))
}

// ── URI handling ──

const UNRESERVED_MARKS: &[u8] = b"-_.!~*'()";
const RESERVED: &[u8] = b";/?:@&=+$,";
const HEX: &[u8; 16] = b"0123456789ABCDEF";

#[cold]
fn malformed(cx: &mut Context) -> Thrown {
    cx.throw_error(ErrorKind::UriError, "URI malformed")
}

// 19.2.6.5 Encode ( string, extraUnescaped ), https://tc39.es/ecma262/#sec-encode
fn encode(cx: &mut Context, value: Value, extra_unescaped: &[u8]) -> Result<Value> {
    let string = cx.to_string(value)?;
    cx.spend_fuel(u64::from(string.length(&cx.heap)) / 32)?;
    let units = string.units(&cx.heap);
    let unescaped = |byte: u8| byte.is_ascii_alphanumeric() || UNRESERVED_MARKS.contains(&byte) || extra_unescaped.contains(&byte);
    if let Units::Latin1(bytes) = units
        && bytes.iter().all(|&byte| unescaped(byte))
    {
        return Ok(string.value());
    }
    let mut encoded = Vec::with_capacity(units.len() + 16);
    let mut at = 0;
    while at < units.len() {
        let (code_point, width) = units.code_point_at(at);
        at += width;
        match u8::try_from(code_point) {
            Ok(byte) if unescaped(byte) => encoded.push(byte),
            _ => {
                // A lone surrogate is no character.
                let Some(character) = char::from_u32(code_point) else { return Err(malformed(cx)) };
                for &byte in character.encode_utf8(&mut [0; 4]).as_bytes() {
                    encoded.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
                }
            }
        }
    }
    check_length(cx, encoded.len() as u64)?;
    finish_string(cx, StringBuilder::Latin1(encoded)).map(Into::into)
}

/// The byte that `%XX` at `at` stands for.
fn escaped_byte(units: Units<'_>, at: usize) -> Option<u8> {
    if at + 2 >= units.len() || units.at(at) != u16::from(b'%') {
        return None;
    }
    let digit = |index: usize| char::from_u32(u32::from(units.at(index)))?.to_digit(16);
    Some((digit(at + 1)? * 16 + digit(at + 2)?) as u8)
}

// 19.2.6.6 Decode ( string, preserveEscapeSet ), https://tc39.es/ecma262/#sec-decode
fn decode(cx: &mut Context, value: Value, preserved: &[u8]) -> Result<Value> {
    let string = cx.to_string(value)?;
    cx.spend_fuel(u64::from(string.length(&cx.heap)) / 32)?;
    let units = string.units(&cx.heap);
    let Some(first) = super::string_search::find(units, Units::Latin1(b"%"), 0) else { return Ok(string.value()) };
    let mut decoded = StringBuilder::new();
    decoded.push_units(units.window(0, first));
    let mut at = first;
    while at < units.len() {
        let unit = units.at(at);
        if unit != u16::from(b'%') {
            decoded.push_unit(unit);
            at += 1;
            continue;
        }
        let Some(byte) = escaped_byte(units, at) else { return Err(malformed(cx)) };
        let count = match byte.leading_ones() {
            0 => 1,
            ones @ 2..=4 => ones as usize,
            _ => return Err(malformed(cx)),
        };
        let start = at;
        let mut octets = [byte, 0, 0, 0];
        for (i, octet) in octets.iter_mut().enumerate().take(count) {
            match escaped_byte(units, start + 3 * i) {
                Some(byte) => *octet = byte,
                None => return Err(malformed(cx)),
            }
        }
        at += 3 * count;
        // Rust's check is the specification's: no overlong forms, no surrogates, nothing past U+10FFFF.
        let Ok(text) = std::str::from_utf8(&octets[..count]) else { return Err(malformed(cx)) };
        if count == 1 && preserved.contains(&byte) {
            decoded.push_units(units.window(start, at));
        } else {
            decoded.push_str(text);
        }
    }
    finish_string(cx, decoded).map(Into::into)
}

// 19.2.6.1 decodeURI ( encodedURI ), https://tc39.es/ecma262/#sec-decodeuri-encodeduri
fn decode_uri(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    decode(cx, args.at(0), b";/?:@&=+$,#")
}

// 19.2.6.2 decodeURIComponent ( encodedURIComponent ), https://tc39.es/ecma262/#sec-decodeuricomponent-encodeduricomponent
fn decode_uri_component(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    decode(cx, args.at(0), b"")
}

// 19.2.6.3 encodeURI ( uri ), https://tc39.es/ecma262/#sec-encodeuri-uri
fn encode_uri(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let mut extra = RESERVED.to_vec();
    extra.push(b'#');
    encode(cx, args.at(0), &extra)
}

// 19.2.6.4 encodeURIComponent ( uriComponent ), https://tc39.es/ecma262/#sec-encodeuricomponent-uricomponent
fn encode_uri_component(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    encode(cx, args.at(0), b"")
}

// ── Annex B ──

// B.2.1.1 escape ( string ), https://tc39.es/ecma262/#sec-escape-string
fn escape(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let string = cx.to_string(args.at(0))?;
    cx.spend_fuel(u64::from(string.length(&cx.heap)) / 32)?;
    let units = string.units(&cx.heap);
    let mut escaped = Vec::with_capacity(units.len());
    for i in 0..units.len() {
        let unit = units.at(i);
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii_alphanumeric() || b"@*_+-./".contains(&byte) => escaped.push(byte),
            Ok(byte) => escaped.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            Err(_) => escaped.extend_from_slice(format!("%u{unit:04X}").as_bytes()),
        }
    }
    finish_string(cx, StringBuilder::Latin1(escaped)).map(Into::into)
}

// B.2.1.2 unescape ( string ), https://tc39.es/ecma262/#sec-unescape-string
fn unescape(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let string = cx.to_string(args.at(0))?;
    cx.spend_fuel(u64::from(string.length(&cx.heap)) / 32)?;
    let units = string.units(&cx.heap);
    let mut text = StringBuilder::new();
    let mut at = 0;
    let digits = |from: usize, count: usize| {
        if from + count > units.len() {
            return None;
        }
        (from..from + count).try_fold(0, |number, i| Some(number * 16 + char::from_u32(u32::from(units.at(i)))?.to_digit(16)?))
    };
    while at < units.len() {
        if units.at(at) == u16::from(b'%') {
            if units.at(at + 1) == u16::from(b'u')
                && let Some(unit) = digits(at + 2, 4)
            {
                text.push_unit(unit as u16);
                at += 6;
                continue;
            }
            if let Some(unit) = digits(at + 1, 2) {
                text.push_unit(unit as u16);
                at += 3;
                continue;
            }
        }
        text.push_unit(units.at(at));
        at += 1;
    }
    finish_string(cx, text).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_bytes() {
        let units = Units::Latin1(b"%41%4g%fF%");
        assert_eq!(escaped_byte(units, 0), Some(0x41));
        assert_eq!(escaped_byte(units, 3), None);
        assert_eq!(escaped_byte(units, 6), Some(0xFF));
        assert_eq!(escaped_byte(units, 9), None);
        assert_eq!(escaped_byte(Units::Latin1(b"%4"), 0), None);
    }
}
