//! TextEncoder and TextDecoder. <https://encoding.spec.whatwg.org/#api>
//!
//! Internal slots of a decoder: 1 name of the encoding (atom), 2 flags, 3 bytes of an unfinished character (Raw cell or undefined). A
//! decoder keeps no other state: what `stream` leaves over is decoded again before the next chunk.

use crate::webidl::prelude::*;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use mayfly_engine::builtins::typed_array;
use mayfly_engine::heap::Raw;
use mayfly_engine::string::Units;

const ENCODING: u32 = 1;
const FLAGS: u32 = 2;
const PENDING: u32 = 3;

mod flag {
    pub const FATAL: i32 = 1;
    pub const IGNORE_BOM: i32 = 2;
    /// Output has begun: a byte order mark is a character now.
    pub const STARTED: i32 = 4;
    /// The bytes kept begin with a character that was given out already.
    pub const SKIP_ONE: i32 = 8;
}

/// Fuel per byte coded: about this many bytes in the time of one instruction.
const BYTES_PER_FUEL: u64 = 16;

/// Strings to UTF-8.
#[interface(name = "TextEncoder", class = class::TEXT_ENCODER)]
impl TextEncoder {
    #[constructor]
    fn new(_: &mut Context, _: Object) -> Result<()> {
        Ok(())
    }

    #[getter]
    fn encoding(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("utf-8")
    }

    // https://encoding.spec.whatwg.org/#dom-textencoder-encode
    #[method(ts = "Uint8Array<ArrayBuffer>")]
    fn encode(cx: &mut Context, _this: Object, input: Optional<DOMString>) -> Result<Object> {
        let text = input.unwrap_or_default();
        let length = u64::from(text.0.length(&cx.heap));
        cx.spend_fuel(length / BYTES_PER_FUEL)?;
        cx.reserve(3 * length)?;
        let bytes = encode(text.0.units(&cx.heap));
        Ok(typed_array::create_uint8_array(cx, &bytes))
    }

    // https://encoding.spec.whatwg.org/#dom-textencoder-encodeinto
    #[method(ts = "TextEncoderEncodeIntoResult")]
    fn encode_into(cx: &mut Context, _this: Object, source: DOMString, #[ts("Uint8Array")] destination: Object) -> Result<Object> {
        let place = Place::method("TextEncoder", "encodeInto");
        let view = typed_array::View::of(&cx.heap, destination).filter(|_| destination.is(&cx.heap, Kind::TypedArray));
        let is_bytes = destination.is(&cx.heap, Kind::TypedArray) && view.is_none_or(|view| view.ty == typed_array::ElementType::Uint8);
        if !is_bytes {
            return Err(place.argument(1).wrong_type(cx, "Uint8Array"));
        }
        let room = view.map_or(0, |view| view.length) as usize;
        let units = source.0.units(&cx.heap);
        let mut bytes = Vec::with_capacity(room.min(3 * units.len()));
        let mut read = 0;
        while read < units.len() {
            let (character, length) = scalar_at(units, read);
            if bytes.len() + character.len_utf8() > room {
                break;
            }
            let mut buffer = [0; 4];
            bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            read += length;
        }
        cx.spend_fuel(bytes.len() as u64 / BYTES_PER_FUEL)?;
        typed_array::write_bytes(cx, destination.value(), 0, &bytes);
        let result = cx.new_plain_object();
        for (name, count) in [("read", read), ("written", bytes.len())] {
            let name = cx.key(name);
            cx.create_data_property_or_throw(result, name, Value::from(count))?;
        }
        Ok(result)
    }
}

/// The scalar value at a position (U+FFFD for lone surrogates) and the units it takes.
fn scalar_at(units: Units<'_>, at: usize) -> (char, usize) {
    let (code_point, length) = units.code_point_at(at);
    (char::from_u32(code_point).unwrap_or('\u{FFFD}'), length)
}

/// UTF-8 of a string; lone surrogates become U+FFFD.
pub fn encode(units: Units<'_>) -> Vec<u8> {
    match units {
        Units::Latin1(units) if units.is_ascii() => units.to_vec(),
        Units::Latin1(units) => {
            let mut bytes = Vec::with_capacity(units.len() * 2);
            for &unit in units {
                if unit < 0x80 {
                    bytes.push(unit);
                } else {
                    bytes.extend_from_slice(&[0xC0 | unit >> 6, 0x80 | unit & 0x3F]);
                }
            }
            bytes
        }
        Units::Utf16(units) => String::from_utf16_lossy(units).into_bytes(),
    }
}

/// A string from UTF-8, malformed sequences replaced, a byte order mark removed. <https://encoding.spec.whatwg.org/#utf-8-decode>
pub fn utf8_decode(cx: &mut Context, bytes: &[u8]) -> JsString {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => cx.heap.new_string(text),
        Err(_) => cx.heap.new_string(&String::from_utf8_lossy(bytes)),
    }
}

/// TextDecoderOptions
#[derive(Dictionary, Default)]
pub(crate) struct TextDecoderOptions {
    pub fatal: bool,
    #[idl(name = "ignoreBOM")]
    pub ignore_bom: bool,
}

/// TextDecodeOptions
#[derive(Dictionary)]
struct TextDecodeOptions {
    stream: bool,
}

/// The encoding with a label; RangeError for unknown labels. `interface` is for the message.
pub(crate) fn encoding_for_label(cx: &mut Context, label: &str, interface: &str) -> Result<&'static Encoding> {
    match Encoding::for_label_no_replacement(label.as_bytes()) {
        Some(encoding) => Ok(encoding),
        None => {
            Err(cx.throw_range_error(&format!("Failed to construct '{interface}': The encoding label provided ('{label}') is invalid.")))
        }
    }
}

/// Prepares the slots of a decoder (a TextDecoder or TextDecoderStream).
pub(crate) fn init_decoder(cx: &mut Context, decoder: Object, encoding: &'static Encoding, options: &TextDecoderOptions) {
    let flags = if options.fatal { flag::FATAL } else { 0 } | if options.ignore_bom { flag::IGNORE_BOM } else { 0 };
    let name = cx.heap.intern_text(&encoding.name().to_ascii_lowercase());
    decoder.set_internal(&cx.heap, ENCODING, name.value());
    decoder.set_internal(&cx.heap, FLAGS, Value::int(flags));
    decoder.set_internal(&cx.heap, PENDING, Value::UNDEFINED);
}

/// Bytes to strings.
#[interface(name = "TextDecoder", class = class::TEXT_DECODER)]
impl TextDecoder {
    // https://encoding.spec.whatwg.org/#dom-textdecoder
    #[constructor]
    fn new(cx: &mut Context, this: Object, label: Optional<USVString>, options: TextDecoderOptions) -> Result<()> {
        let encoding = match &*label {
            Some(label) => encoding_for_label(cx, label, "TextDecoder")?,
            None => UTF_8,
        };
        init_decoder(cx, this, encoding, &options);
        Ok(())
    }

    #[getter(ts = "string")]
    pub(crate) fn encoding(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, ENCODING))
    }

    #[getter]
    pub(crate) fn fatal(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(flags(cx, this) & flag::FATAL != 0)
    }

    #[getter(name = "ignoreBOM")]
    pub(crate) fn ignore_bom(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(flags(cx, this) & flag::IGNORE_BOM != 0)
    }

    // https://encoding.spec.whatwg.org/#dom-textdecoder-decode
    #[method]
    fn decode(cx: &mut Context, this: Object, input: Optional<AllowSharedBufferSource>, options: TextDecodeOptions) -> Result<JsString> {
        if let Some(input) = *input
            && !options.stream
            && let Some(text) = decode_well_formed(cx, this, input)?
        {
            return Ok(text);
        }
        let bytes = match &*input {
            Some(input) => input.bytes(cx),
            None => Vec::new(),
        };
        decode_chunk(cx, this, &bytes, options.stream)
    }
}

/// OPTIMIZATION: all of a well-formed UTF-8 text at once, straight from the buffer to the string; `None` for anything else, also where bytes
/// from before wait, and for memory that another agent may change meanwhile. The outcome is that of [`decode_chunk`].
fn decode_well_formed(cx: &mut Context, decoder: Object, input: AllowSharedBufferSource) -> Result<Option<JsString>> {
    let source = input.0.value();
    let is_alone = typed_array::buffer_of(&cx.heap, source).is_some_and(|buffer| buffer.is(&cx.heap, Kind::ArrayBuffer));
    let bits = flags(cx, decoder);
    let is_fresh = bits & !(flag::FATAL | flag::IGNORE_BOM) == 0 && decoder.internal(&cx.heap, PENDING).is_undefined();
    if !is_alone || !is_fresh || encoding_of(cx, decoder) != UTF_8 {
        return Ok(None);
    }
    let length = typed_array::bytes(&cx.heap, source).map_or(0, |bytes| bytes.len() as u64);
    cx.spend_fuel(length / BYTES_PER_FUEL)?;
    cx.reserve(2 * length)?;
    let bytes = typed_array::bytes(&cx.heap, source).unwrap_or_default();
    let mark = if bits & flag::IGNORE_BOM == 0 { byte_order_mark(UTF_8) } else { b"" };
    let bytes = bytes.strip_prefix(mark).unwrap_or(bytes);
    Ok(simdutf8::basic::from_utf8(bytes).ok().map(|text| cx.heap.new_string(text)))
}

fn flags(cx: &Context, decoder: Object) -> i32 {
    decoder.internal(&cx.heap, FLAGS).as_int().unwrap_or(0)
}

fn encoding_of(cx: &Context, decoder: Object) -> &'static Encoding {
    let Some(name) = decoder.internal(&cx.heap, ENCODING).as_string().filter(|name| !name.equals_text("utf-8", &cx.heap)) else {
        return UTF_8;
    };
    let name = name.to_text(&cx.heap);
    Encoding::for_label(name.as_bytes()).unwrap_or(UTF_8)
}

/// The byte order mark that a decoder of this encoding removes.
fn byte_order_mark(encoding: &'static Encoding) -> &'static [u8] {
    if encoding == UTF_8 {
        b"\xEF\xBB\xBF"
    } else if encoding == UTF_16LE {
        b"\xFF\xFE"
    } else if encoding == UTF_16BE {
        b"\xFE\xFF"
    } else {
        b""
    }
}

/// Decodes the next bytes of a decoder's stream; without `stream` they are the last. TypeError for malformed input of a fatal decoder.
pub(crate) fn decode_chunk(cx: &mut Context, decoder: Object, chunk: &[u8], stream: bool) -> Result<JsString> {
    cx.spend_fuel(chunk.len() as u64 / BYTES_PER_FUEL)?;
    cx.reserve(2 * chunk.len() as u64)?;
    let encoding = encoding_of(cx, decoder);
    let bits = flags(cx, decoder);
    let pending = decoder.internal(&cx.heap, PENDING).as_cell::<Raw>();
    let joined;
    let mut bytes = match pending {
        Some(pending) => {
            joined = [pending.bytes(&cx.heap), chunk].concat();
            &joined[..]
        }
        None => chunk,
    };
    decoder.set_internal(&cx.heap, PENDING, Value::UNDEFINED);
    let mark = if bits & (flag::STARTED | flag::IGNORE_BOM) == 0 { byte_order_mark(encoding) } else { b"" };
    if stream && bytes.len() < mark.len() && mark.starts_with(bytes) {
        keep(cx, decoder, bytes);
        return Ok(cx.heap.empty_string());
    }
    bytes = bytes.strip_prefix(mark).unwrap_or(bytes);
    let complete = if stream { bytes.len() - unfinished(encoding, bytes) } else { bytes.len() };
    let (complete, rest) = bytes.split_at(complete);
    let text = decode_whole(cx, encoding, complete, bits & flag::FATAL != 0);
    let bits = bits & (flag::FATAL | flag::IGNORE_BOM | flag::SKIP_ONE);
    match text {
        Ok(mut text) => {
            if bits & flag::SKIP_ONE != 0 {
                text = cx.heap.substring(text, 1, text.length(&cx.heap));
            }
            let (mode, skip) = if encoding == encoding_rs::ISO_2022_JP && stream { replay(complete) } else { (Vec::new(), false) };
            let next = bits & !flag::SKIP_ONE | if stream { flag::STARTED } else { 0 } | if skip { flag::SKIP_ONE } else { 0 };
            decoder.set_internal(&cx.heap, FLAGS, Value::int(next));
            let rest = [&mode, rest].concat();
            keep(cx, decoder, &rest);
            Ok(text)
        }
        Err(thrown) => {
            decoder.set_internal(&cx.heap, FLAGS, Value::int(bits & !flag::SKIP_ONE));
            Err(thrown)
        }
    }
}

fn keep(cx: &mut Context, decoder: Object, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let raw = cx.heap.new_raw(bytes.len() as u32);
    raw.bytes_mut(&mut cx.heap).copy_from_slice(bytes);
    decoder.set_internal(&cx.heap, PENDING, Value::cell(raw));
}

fn decode_whole(cx: &mut Context, encoding: &'static Encoding, bytes: &[u8], fatal: bool) -> Result<JsString> {
    if encoding == UTF_8
        && let Ok(text) = simdutf8::basic::from_utf8(bytes)
    {
        return Ok(cx.heap.new_string(text));
    }
    let text = if fatal {
        encoding.decode_without_bom_handling_and_without_replacement(bytes)
    } else {
        Some(encoding.decode_without_bom_handling(bytes).0)
    };
    match text {
        Some(text) => Ok(cx.heap.new_string(&text)),
        None => Err(cx.throw_type_error("The encoded data was not valid.")),
    }
}

/// How many bytes at the end begin a character that more bytes may complete.
fn unfinished(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    if encoding.is_single_byte() {
        return 0;
    }
    if encoding == UTF_8 {
        return unfinished_utf8(bytes);
    }
    if encoding == UTF_16LE || encoding == UTF_16BE {
        let odd = bytes.len() % 2;
        let whole = &bytes[..bytes.len() - odd];
        let high = match whole {
            [.., first, second] => {
                if encoding == UTF_16LE {
                    *second
                } else {
                    *first
                }
            }
            _ => 0,
        };
        return odd + if (0xD8..0xDC).contains(&high) { 2 } else { 0 };
    }
    // Legacy encodings: the fewest bytes without which the rest, decoded as a whole, gives what a decoder that waits for more gives.
    let waiting = decode_some(encoding, bytes, false);
    (0..=bytes.len().min(3)).find(|count| decode_some(encoding, &bytes[..bytes.len() - count], true) == waiting).unwrap_or(0)
}

fn decode_some(encoding: &'static Encoding, bytes: &[u8], last: bool) -> String {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len()));
    // The capacity is what the decoder asked for, so one call takes all.
    let _ = decoder.decode_to_string(bytes, &mut text, last);
    text
}

fn unfinished_utf8(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let byte = bytes[bytes.len() - back];
        if byte & 0xC0 == 0x80 {
            continue;
        }
        let needed = match byte {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return 0,
        };
        if needed <= back {
            return 0;
        }
        // A second byte that cannot follow makes the sequence malformed already.
        let second_fits = back < 2 || {
            let second = bytes[bytes.len() - back + 1];
            match byte {
                0xE0 => (0xA0..=0xBF).contains(&second),
                0xED => (0x80..=0x9F).contains(&second),
                0xF0 => (0x90..=0xBF).contains(&second),
                0xF4 => (0x80..=0x8F).contains(&second),
                _ => true,
            }
        };
        return if second_fits { back } else { 0 };
    }
    0
}

/// What brings a new ISO-2022-JP decoder into the state in which these bytes leave one: the last escape sequence, and the character after
/// it, as two escape sequences in a row are an error; whether there is such a character, which must not be given out twice.
fn replay(bytes: &[u8]) -> (Vec<u8>, bool) {
    let sequences: [&[u8]; 5] = [b"\x1B(B", b"\x1B(J", b"\x1B(I", b"\x1B$@", b"\x1B$B"];
    let Some(at) = bytes.windows(3).rposition(|window| sequences.contains(&window)) else { return (Vec::new(), false) };
    let (escape, after) = bytes[at..].split_at(3);
    let width = if escape[1] == b'$' { 2 } else { 1 };
    if let Some(character) = after.get(after.len().wrapping_sub(width)..) {
        let replayed = [escape, character].concat();
        if decode_some(encoding_rs::ISO_2022_JP, &replayed, true).encode_utf16().count() == 1 {
            return (replayed, true);
        }
    }
    (escape.to_vec(), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_sequences() {
        assert_eq!(unfinished(UTF_8, b"a"), 0);
        assert_eq!(unfinished(UTF_8, b"a\xE2"), 1);
        assert_eq!(unfinished(UTF_8, b"a\xE2\x82"), 2);
        assert_eq!(unfinished(UTF_8, b"a\xE2\x82\xAC"), 0);
        assert_eq!(unfinished(UTF_8, b"\xF0\x9F\x98"), 3);
        assert_eq!(unfinished(UTF_8, b"\xE0\x80"), 0);
        assert_eq!(unfinished(UTF_8, b"\xC0"), 0);
        assert_eq!(unfinished(UTF_8, b"\x80"), 0);
        assert_eq!(unfinished(UTF_16LE, b"a\0b"), 1);
        assert_eq!(unfinished(UTF_16LE, b"\x3D\xD8"), 2);
        assert_eq!(unfinished(UTF_16LE, b"\x3D\xD8\x00"), 3);
        assert_eq!(unfinished(UTF_16BE, b"\xD8\x3D"), 2);
        assert_eq!(unfinished(encoding_rs::SHIFT_JIS, b"a\x82"), 1);
        assert_eq!(unfinished(encoding_rs::SHIFT_JIS, b"a\x82\xA0"), 0);
        assert_eq!(unfinished(encoding_rs::GB18030, b"\x81\x30\x81"), 3);
        assert_eq!(unfinished(encoding_rs::WINDOWS_1251, b"\xFF"), 0);
    }

    #[test]
    fn modes() {
        assert_eq!(replay(b"a\x1B$B$\""), (b"\x1B$B$\"".to_vec(), true));
        assert_eq!(replay(b"a\x1B$B"), (b"\x1B$B".to_vec(), false));
        assert_eq!(replay(b"\x1B$B$\"\x1B(Bx"), (b"\x1B(Bx".to_vec(), true));
        assert_eq!(replay(b"abc"), (Vec::new(), false));
        assert_eq!(replay(b""), (Vec::new(), false));
    }
}
