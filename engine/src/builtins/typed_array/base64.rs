//! Uint8Array to and from base64 and hexadecimal. https://tc39.es/ecma262/#sec-uint8array-objects
//! (before ES2026: https://tc39.es/proposal-arraybuffer-base64/spec/)

use super::construct::new_typed_array;
use super::element::ElementType;
use super::view::{View, element_type, is_immutable};
use crate::builtins::array_buffer::{detached_error, immutable_error};
use crate::builtins::receiver::incompatible;
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::object::Object;
use crate::string::{JsString, Units};
use crate::value::Value;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Which characters stand for 62 and 63.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Alphabet {
    Base64,
    Base64Url,
}

/// What happens to an incomplete last chunk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum LastChunk {
    Loose,
    Strict,
    StopBeforePartial,
}

/// What FromBase64 and FromHex return.
#[derive(Debug, PartialEq)]
struct Decoded {
    /// Code units consumed.
    read: usize,
    bytes: Vec<u8>,
    /// Message of the SyntaxError to throw once the bytes so far are written.
    error: Option<&'static str>,
}

// 23.3.3.1 ValidateUint8Array ( ta ), https://tc39.es/ecma262/#sec-validateuint8array
fn validate(cx: &mut Context, this: Value, method: &str) -> Result<Object> {
    match this.as_object() {
        Some(array) if array.is(&cx.heap, Kind::TypedArray) && element_type(&cx.heap, array) == ElementType::Uint8 => Ok(array),
        _ => Err(incompatible(cx, method, this)),
    }
}

/// GetOptionsObject ( options )
fn options_object(cx: &mut Context, options: Value) -> Result<Option<Object>> {
    match options.as_object() {
        Some(object) => Ok(Some(object)),
        None if options.is_undefined() => Ok(None),
        None => Err(cx.throw_type_error("options must be an object")),
    }
}

/// Get(opts, name), undefined without options.
fn option(cx: &mut Context, options: Option<Object>, name: &str) -> Result<Value> {
    let Some(options) = options else { return Ok(Value::UNDEFINED) };
    let key = cx.key(name);
    cx.get(options, key)
}

fn alphabet_option(cx: &mut Context, options: Option<Object>) -> Result<Alphabet> {
    let value = option(cx, options, "alphabet")?;
    match value.as_string() {
        _ if value.is_undefined() => Ok(Alphabet::Base64),
        Some(text) if text.equals_text("base64", &cx.heap) => Ok(Alphabet::Base64),
        Some(text) if text.equals_text("base64url", &cx.heap) => Ok(Alphabet::Base64Url),
        _ => Err(cx.throw_type_error("expected alphabet to be either \"base64\" or \"base64url\"")),
    }
}

fn last_chunk_option(cx: &mut Context, options: Option<Object>) -> Result<LastChunk> {
    let value = option(cx, options, "lastChunkHandling")?;
    match value.as_string() {
        _ if value.is_undefined() => Ok(LastChunk::Loose),
        Some(text) if text.equals_text("loose", &cx.heap) => Ok(LastChunk::Loose),
        Some(text) if text.equals_text("strict", &cx.heap) => Ok(LastChunk::Strict),
        Some(text) if text.equals_text("stop-before-partial", &cx.heap) => Ok(LastChunk::StopBeforePartial),
        _ => Err(cx.throw_type_error("expected lastChunkHandling to be either \"loose\", \"strict\", or \"stop-before-partial\"")),
    }
}

fn string_argument(cx: &mut Context, value: Value) -> Result<JsString> {
    match value.as_string() {
        Some(text) => Ok(text),
        None => Err(cx.throw_type_error("expected input to be a string")),
    }
}

// 23.3.3.2 GetUint8ArrayBytes ( ta ), https://tc39.es/ecma262/#sec-getuint8arraybytes
fn view_of(cx: &mut Context, array: Object, method: &str) -> Result<View> {
    match View::of(&cx.heap, array) {
        Some(view) => Ok(view),
        None => Err(detached_error(cx, method)),
    }
}

// 23.3.2.1 Uint8Array.prototype.toBase64 ( [ options ] ), https://tc39.es/ecma262/#sec-uint8array.prototype.tobase64
pub(super) fn to_base64(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "Uint8Array.prototype.toBase64";
    let array = validate(cx, this, METHOD)?;
    let options = options_object(cx, args.at(0))?;
    let alphabet = alphabet_option(cx, options)?;
    let omit_padding = option(cx, options, "omitPadding")?;
    let omit_padding = cx.to_boolean(omit_padding);
    let view = view_of(cx, array, METHOD)?;
    cx.spend_fuel(u64::from(view.length) / 16)?;
    cx.reserve(2 * u64::from(view.length))?;
    let text = encode_base64(cx.heap.cage().slice(view.at, view.length), alphabet, omit_padding);
    new_text(cx, &text)
}

fn new_text(cx: &mut Context, text: &[u8]) -> Result<Value> {
    if text.len() > crate::string::MAX_LENGTH as usize {
        return Err(cx.throw_range_error("Invalid string length"));
    }
    Ok(cx.heap.new_latin1(text).value())
}

fn encode_base64(bytes: &[u8], alphabet: Alphabet, omit_padding: bool) -> Vec<u8> {
    let digits = if alphabet == Alphabet::Base64 { STANDARD } else { URL_SAFE };
    let mut text = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            if i <= chunk.len() {
                text.push(digits[(bits >> (18 - 6 * i) & 63) as usize]);
            } else if !omit_padding {
                text.push(b'=');
            }
        }
    }
    text
}

// 23.3.2.3 Uint8Array.prototype.toHex ( ), https://tc39.es/ecma262/#sec-uint8array.prototype.tohex
pub(super) fn to_hex(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "Uint8Array.prototype.toHex";
    let array = validate(cx, this, METHOD)?;
    let view = view_of(cx, array, METHOD)?;
    cx.spend_fuel(u64::from(view.length) / 16)?;
    cx.reserve(2 * u64::from(view.length))?;
    let bytes = cx.heap.cage().slice(view.at, view.length);
    let text: Vec<u8> = bytes.iter().flat_map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]).collect();
    new_text(cx, &text)
}

/// A new Uint8Array with the decoded bytes, or the SyntaxError.
fn finish_new(cx: &mut Context, decoded: Decoded) -> Result<Value> {
    if let Some(message) = decoded.error {
        return Err(cx.throw_syntax_error(message));
    }
    let array = new_typed_array(cx, ElementType::Uint8, decoded.bytes.len() as u64)?;
    if let Some(view) = View::of(&cx.heap, array) {
        cx.heap.cage().write_bytes(view.at, &decoded.bytes);
    }
    Ok(array.value())
}

/// Writes the decoded bytes, then throws the SyntaxError or returns `{ read, written }`. SetUint8ArrayBytes,
/// https://tc39.es/ecma262/#sec-setuint8arraybytes
fn finish_set(cx: &mut Context, view: View, decoded: Decoded) -> Result<Value> {
    cx.heap.cage().write_bytes(view.at, &decoded.bytes[..decoded.bytes.len().min(view.length as usize)]);
    if let Some(message) = decoded.error {
        return Err(cx.throw_syntax_error(message));
    }
    let result = cx.new_plain_object();
    let (read, written) = (cx.key("read"), cx.key("written"));
    cx.create_data_property_or_throw(result, read, Value::from_usize(decoded.read))?;
    cx.create_data_property_or_throw(result, written, Value::from_usize(decoded.bytes.len()))?;
    Ok(result.value())
}

// 23.3.1.1 Uint8Array.fromBase64 ( string [ , options ] ), https://tc39.es/ecma262/#sec-uint8array.frombase64
pub(super) fn from_base64(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let text = string_argument(cx, args.at(0))?;
    let options = options_object(cx, args.at(1))?;
    let alphabet = alphabet_option(cx, options)?;
    let last_chunk = last_chunk_option(cx, options)?;
    cx.spend_fuel(u64::from(text.length(&cx.heap)) / 16)?;
    let decoded = decode_base64(text.units(&cx.heap), alphabet, last_chunk, usize::MAX);
    finish_new(cx, decoded)
}

// 23.3.2.4 Uint8Array.prototype.setFromBase64 ( string [ , options ] ),
// https://tc39.es/ecma262/#sec-uint8array.prototype.setfrombase64
pub(super) fn set_from_base64(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "Uint8Array.prototype.setFromBase64";
    let array = validate_target(cx, this, METHOD)?;
    let text = string_argument(cx, args.at(0))?;
    let options = options_object(cx, args.at(1))?;
    let alphabet = alphabet_option(cx, options)?;
    let last_chunk = last_chunk_option(cx, options)?;
    let view = view_of(cx, array, METHOD)?;
    cx.spend_fuel(u64::from(text.length(&cx.heap)) / 16)?;
    let decoded = decode_base64(text.units(&cx.heap), alphabet, last_chunk, view.length as usize);
    finish_set(cx, view, decoded)
}

/// ValidateUint8Array of an array that is about to be written to.
fn validate_target(cx: &mut Context, this: Value, method: &str) -> Result<Object> {
    let array = validate(cx, this, method)?;
    if super::view::buffer_of(&cx.heap, array.value()).is_some_and(|buffer| is_immutable(&cx.heap, buffer)) {
        return Err(immutable_error(cx, method));
    }
    Ok(array)
}

// 23.3.1.2 Uint8Array.fromHex ( string ), https://tc39.es/ecma262/#sec-uint8array.fromhex
pub(super) fn from_hex(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let text = string_argument(cx, args.at(0))?;
    cx.spend_fuel(u64::from(text.length(&cx.heap)) / 16)?;
    let decoded = decode_hex(text.units(&cx.heap), usize::MAX);
    finish_new(cx, decoded)
}

// 23.3.2.5 Uint8Array.prototype.setFromHex ( string ), https://tc39.es/ecma262/#sec-uint8array.prototype.setfromhex
pub(super) fn set_from_hex(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "Uint8Array.prototype.setFromHex";
    let array = validate_target(cx, this, METHOD)?;
    let text = string_argument(cx, args.at(0))?;
    let view = view_of(cx, array, METHOD)?;
    cx.spend_fuel(u64::from(text.length(&cx.heap)) / 16)?;
    let decoded = decode_hex(text.units(&cx.heap), view.length as usize);
    finish_set(cx, view, decoded)
}

// 23.3.3.7 FromHex ( string [ , maxLength ] ), https://tc39.es/ecma262/#sec-fromhex
fn decode_hex(units: Units<'_>, max: usize) -> Decoded {
    let mut bytes = Vec::with_capacity((units.len() / 2).min(max));
    if !units.len().is_multiple_of(2) {
        return Decoded { read: 0, bytes, error: Some("string should be an even number of characters") };
    }
    let digit = |at: usize| u8::try_from(units.at(at)).ok().and_then(|unit| (unit as char).to_digit(16)).map(|digit| digit as u8);
    let mut read = 0;
    while read < units.len() && bytes.len() < max {
        let (Some(high), Some(low)) = (digit(read), digit(read + 1)) else {
            return Decoded { read, bytes, error: Some("string should only contain hex characters") };
        };
        bytes.push(high << 4 | low);
        read += 2;
    }
    Decoded { read, bytes, error: None }
}

/// SkipAsciiWhitespace ( string, index ), https://tc39.es/ecma262/#sec-skipasciiwhitespace
fn skip_whitespace(units: Units<'_>, mut index: usize) -> usize {
    while index < units.len() && matches!(units.at(index), 0x09 | 0x0A | 0x0C | 0x0D | 0x20) {
        index += 1;
    }
    index
}

/// Value of a base64 digit.
fn digit_value(unit: u16, alphabet: Alphabet) -> Option<u32> {
    let unit = u8::try_from(unit).ok()?;
    Some(u32::from(match (unit, alphabet) {
        (b'A'..=b'Z', _) => unit - b'A',
        (b'a'..=b'z', _) => unit - b'a' + 26,
        (b'0'..=b'9', _) => unit - b'0' + 52,
        (b'+', Alphabet::Base64) | (b'-', Alphabet::Base64Url) => 62,
        (b'/', Alphabet::Base64) | (b'_', Alphabet::Base64Url) => 63,
        _ => return None,
    }))
}

/// DecodeFinalBase64Chunk ( chunk, throwOnExtraBits ), https://tc39.es/ecma262/#sec-decodefinalbase64chunk: a chunk of 2 or 3 digits.
/// False when bits are left over and must not be.
fn decode_final(chunk: u32, length: u32, bytes: &mut Vec<u8>, refuse_extra_bits: bool) -> bool {
    let bits = chunk << (6 * (4 - length));
    let extra = if length == 2 { bits & 0xFFFF } else { bits & 0xFF };
    if refuse_extra_bits && extra != 0 {
        return false;
    }
    bytes.push((bits >> 16) as u8);
    if length == 3 {
        bytes.push((bits >> 8) as u8);
    }
    true
}

// 23.3.3.6 FromBase64 ( string, alphabet, lastChunkHandling [ , maxLength ] ), https://tc39.es/ecma262/#sec-frombase64
fn decode_base64(units: Units<'_>, alphabet: Alphabet, last_chunk: LastChunk, max: usize) -> Decoded {
    const INVALID: &str = "Found a character that cannot be part of a valid base64 string.";
    const PARTIAL: &str = "The base64 input terminates with a single character, excluding padding (=).";
    const MISSING: &str = "The base64 input is missing padding (=).";
    const EXTRA: &str = "The base64 input has non-zero bits in its last character.";
    let length = units.len();
    let mut bytes = Vec::with_capacity((length / 4 * 3 + 3).min(max));
    // 3. If maxLength = 0, nothing is read.
    if max == 0 {
        return Decoded { read: 0, bytes, error: None };
    }
    let (mut read, mut index) = (0, 0);
    let (mut chunk, mut chunk_length) = (0u32, 0u32);
    loop {
        // 10.a. Whitespace may be anywhere.
        index = skip_whitespace(units, index);
        // 10.b. The end.
        if index == length {
            if chunk_length > 0 {
                match last_chunk {
                    LastChunk::StopBeforePartial => return Decoded { read, bytes, error: None },
                    LastChunk::Strict => return Decoded { read, bytes, error: Some(MISSING) },
                    LastChunk::Loose if chunk_length == 1 => return Decoded { read, bytes, error: Some(PARTIAL) },
                    LastChunk::Loose => decode_final(chunk, chunk_length, &mut bytes, false),
                };
            }
            return Decoded { read: length, bytes, error: None };
        }
        let unit = units.at(index);
        index += 1;
        // 10.e. Padding.
        if unit == u16::from(b'=') {
            if chunk_length < 2 {
                return Decoded { read, bytes, error: Some(INVALID) };
            }
            index = skip_whitespace(units, index);
            if chunk_length == 2 {
                if index == length {
                    let error = if last_chunk == LastChunk::StopBeforePartial { None } else { Some(MISSING) };
                    return Decoded { read, bytes, error };
                }
                if units.at(index) == u16::from(b'=') {
                    index = skip_whitespace(units, index + 1);
                }
            }
            if index < length {
                return Decoded { read, bytes, error: Some(INVALID) };
            }
            if !decode_final(chunk, chunk_length, &mut bytes, last_chunk == LastChunk::Strict) {
                return Decoded { read, bytes, error: Some(EXTRA) };
            }
            return Decoded { read: length, bytes, error: None };
        }
        // 10.f.-g.
        let Some(digit) = digit_value(unit, alphabet) else {
            return Decoded { read, bytes, error: Some(INVALID) };
        };
        // 10.h.-i. A chunk that would not fit is not begun.
        let remaining = max - bytes.len();
        if (remaining == 1 && chunk_length == 2) || (remaining == 2 && chunk_length == 3) {
            return Decoded { read, bytes, error: None };
        }
        // 10.j.-l.
        chunk = chunk << 6 | digit;
        chunk_length += 1;
        if chunk_length == 4 {
            bytes.extend_from_slice(&[(chunk >> 16) as u8, (chunk >> 8) as u8, chunk as u8]);
            (chunk, chunk_length) = (0, 0);
            read = index;
            if bytes.len() == max {
                return Decoded { read, bytes, error: None };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str, last_chunk: LastChunk, max: usize) -> Decoded {
        decode_base64(Units::Latin1(text.as_bytes()), Alphabet::Base64, last_chunk, max)
    }

    #[test]
    fn encoding_and_decoding_are_inverse_for_every_length() {
        for length in 0..40 {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 83 + 7) as u8).collect();
            for (alphabet, omit) in [(Alphabet::Base64, false), (Alphabet::Base64Url, false), (Alphabet::Base64Url, true)] {
                let text = encode_base64(&bytes, alphabet, omit);
                let strict = if omit { LastChunk::Loose } else { LastChunk::Strict };
                let decoded = decode_base64(Units::Latin1(&text), alphabet, strict, usize::MAX);
                assert_eq!(decoded, Decoded { read: text.len(), bytes: bytes.clone(), error: None });
            }
        }
        assert_eq!(encode_base64(b"\xfb\xff", Alphabet::Base64, false), b"+/8=");
        assert_eq!(encode_base64(b"\xfb\xff", Alphabet::Base64Url, true), b"-_8");
    }

    #[test]
    fn last_chunks() {
        let bytes = |decoded: Decoded| (decoded.bytes, decoded.read, decoded.error.is_some());
        assert_eq!(bytes(decode("ZXhhZg", LastChunk::Loose, 99)), (b"exaf".to_vec(), 6, false));
        assert_eq!(bytes(decode("ZXhhZg", LastChunk::Strict, 99)), (b"exa".to_vec(), 4, true));
        assert_eq!(bytes(decode("ZXhhZg", LastChunk::StopBeforePartial, 99)), (b"exa".to_vec(), 4, false));
        assert_eq!(bytes(decode("ZXhhZ", LastChunk::Loose, 99)), (b"exa".to_vec(), 4, true));
        assert_eq!(bytes(decode("ZXhhZh==", LastChunk::Loose, 99)), (b"exaf".to_vec(), 8, false));
        assert_eq!(bytes(decode("ZXhhZh==", LastChunk::Strict, 99)), (b"exa".to_vec(), 4, true));
        assert_eq!(bytes(decode("ZXhhZg=", LastChunk::StopBeforePartial, 99)), (b"exa".to_vec(), 4, false));
        assert_eq!(bytes(decode(" Z X\th\nh Z g = = ", LastChunk::Strict, 99)), (b"exaf".to_vec(), 17, false));
        assert_eq!(bytes(decode("ZXhhZg===", LastChunk::Loose, 99)), (b"exa".to_vec(), 4, true));
        assert_eq!(bytes(decode("ZX-_", LastChunk::Loose, 99)), (Vec::new(), 0, true));
    }

    #[test]
    fn a_limit_stops_before_the_chunk_that_does_not_fit() {
        let bytes = |decoded: Decoded| (decoded.bytes, decoded.read, decoded.error.is_some());
        assert_eq!(bytes(decode("Zm9vYmFy", LastChunk::Loose, 5)), (b"foo".to_vec(), 4, false));
        assert_eq!(bytes(decode("Zm9vYmE=", LastChunk::Loose, 5)), (b"fooba".to_vec(), 8, false));
        assert_eq!(bytes(decode("Zm9vYmFy$$", LastChunk::Loose, 6)), (b"foobar".to_vec(), 8, false));
        assert_eq!(bytes(decode("$", LastChunk::Loose, 0)), (Vec::new(), 0, false));
    }

    #[test]
    fn hexadecimal() {
        let hex = |text: &str, max| decode_hex(Units::Latin1(text.as_bytes()), max);
        assert_eq!(hex("00fFa0", 9), Decoded { read: 6, bytes: vec![0, 255, 160], error: None });
        assert_eq!(hex("00fFa0", 2), Decoded { read: 4, bytes: vec![0, 255], error: None });
        assert!(hex("0", 9).error.is_some());
        assert_eq!(hex("00zz", 9).bytes, vec![0]);
        assert!(hex("00zz", 9).error.is_some());
        assert!(hex("00zz", 1).error.is_none());
    }
}
