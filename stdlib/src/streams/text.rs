//! TextEncoderStream and TextDecoderStream. <https://encoding.spec.whatwg.org/#interface-textencoderstream>

use super::support::{Slots, type_error};
use super::transform_ops::{self as ops, kind, stream};
use crate::encoding::{self, TextDecoder, TextDecoderOptions};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::typed_array;
use mayfly_engine::string::Units;

/// The TransformStream.
const TRANSFORM: u32 = 1;
/// Encoder: a high surrogate that waits for its partner, as an integer. Decoder: the TextDecoder.
const STATE: u32 = 2;

fn side(cx: &mut Context, this: Object, slot: u32) -> Result<Value> {
    match this.object(cx, TRANSFORM) {
        Some(transform) => Ok(transform.at(cx, slot)),
        None => Err(cx.throw_type_error("The stream is not set up yet")),
    }
}

/// `TextEncoderStream`.
#[interface(name = "TextEncoderStream", class = class::TEXT_ENCODER_STREAM)]
impl TextEncoderStream {
    // https://encoding.spec.whatwg.org/#dom-textencoderstream
    #[constructor]
    fn new(cx: &mut Context, this: Object) -> Result<()> {
        let transform = ops::create_native(cx, kind::TEXT_ENCODE, this)?;
        this.put(cx, TRANSFORM, transform);
        Ok(())
    }

    // https://encoding.spec.whatwg.org/#dom-textencoder-encoding
    #[getter]
    fn encoding(_cx: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("utf-8")
    }

    // https://streams.spec.whatwg.org/#dom-generictransformstream-readable
    #[getter(ts = "ReadableStream<Uint8Array<ArrayBuffer>>")]
    fn readable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::READABLE)
    }

    // https://streams.spec.whatwg.org/#dom-generictransformstream-writable
    #[getter(ts = "WritableStream<string>")]
    fn writable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::WRITABLE)
    }
}

// Encode and enqueue a chunk, https://encoding.spec.whatwg.org/#encode-and-enqueue-a-chunk
pub(super) fn encode(cx: &mut Context, controller: Object, state: Object, chunk: Value) -> Result<()> {
    let text = cx.to_string(chunk)?;
    cx.reserve(3 * u64::from(text.length(&cx.heap)))?;
    let mut waiting = state.at(cx, STATE).as_int().map(|unit| unit as u16);
    let mut bytes = Vec::new();
    match text.units(&cx.heap) {
        Units::Latin1(units) => {
            if waiting.take().is_some() && !units.is_empty() {
                bytes.extend_from_slice("\u{FFFD}".as_bytes());
            } else if units.is_empty() {
                waiting = state.at(cx, STATE).as_int().map(|unit| unit as u16);
            }
            bytes.extend(units.iter().map(|&unit| char::from(unit)).collect::<String>().into_bytes());
        }
        Units::Utf16(units) => {
            let mut all: Vec<u16> = waiting.take().into_iter().collect();
            all.extend_from_slice(units);
            if let Some(&last @ 0xD800..=0xDBFF) = all.last() {
                waiting = Some(last);
                all.pop();
            }
            bytes.extend(String::from_utf16_lossy(&all).into_bytes());
        }
    }
    state.put(cx, STATE, waiting.map_or(Value::UNDEFINED, |unit| Value::int(i32::from(unit))));
    if bytes.is_empty() {
        return Ok(());
    }
    let chunk = typed_array::create_uint8_array(cx, &bytes);
    ops::enqueue(cx, controller, chunk.value())
}

// Encode and flush, https://encoding.spec.whatwg.org/#encode-and-flush
pub(super) fn flush_encoder(cx: &mut Context, controller: Object, state: Object) -> Result<()> {
    if state.at(cx, STATE).is_undefined() {
        return Ok(());
    }
    let chunk = typed_array::create_uint8_array(cx, "\u{FFFD}".as_bytes());
    ops::enqueue(cx, controller, chunk.value())
}

/// `TextDecoderStream`.
#[interface(name = "TextDecoderStream", class = class::TEXT_DECODER_STREAM)]
impl TextDecoderStream {
    // https://encoding.spec.whatwg.org/#dom-textdecoderstream
    #[constructor]
    fn new(cx: &mut Context, this: Object, label: Optional<USVString>, options: TextDecoderOptions) -> Result<()> {
        let label = label.as_ref().map_or("utf-8", |label| label);
        let encoding = encoding::encoding_for_label(cx, label, "TextDecoderStream")?;
        let decoder = new_instance::<TextDecoder>(cx);
        encoding::init_decoder(cx, decoder, encoding, &options);
        this.put(cx, STATE, decoder);
        let transform = ops::create_native(cx, kind::TEXT_DECODE, this)?;
        this.put(cx, TRANSFORM, transform);
        Ok(())
    }

    // https://encoding.spec.whatwg.org/#dom-textdecoder-encoding
    #[getter(ts = "string")]
    fn encoding(cx: &mut Context, this: Object) -> Result<Value> {
        let decoder = decoder(cx, this)?;
        TextDecoder::encoding(cx, decoder)
    }

    // https://encoding.spec.whatwg.org/#dom-textdecoder-fatal
    #[getter]
    fn fatal(cx: &mut Context, this: Object) -> Result<bool> {
        let decoder = decoder(cx, this)?;
        TextDecoder::fatal(cx, decoder)
    }

    // https://encoding.spec.whatwg.org/#dom-textdecoder-ignorebom
    #[getter(name = "ignoreBOM")]
    fn ignore_bom(cx: &mut Context, this: Object) -> Result<bool> {
        let decoder = decoder(cx, this)?;
        TextDecoder::ignore_bom(cx, decoder)
    }

    // https://streams.spec.whatwg.org/#dom-generictransformstream-readable
    #[getter(ts = "ReadableStream<string>")]
    fn readable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::READABLE)
    }

    // https://streams.spec.whatwg.org/#dom-generictransformstream-writable
    #[getter(ts = "WritableStream<BufferSource>")]
    fn writable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::WRITABLE)
    }
}

/// The TextDecoder inside.
fn decoder(cx: &mut Context, this: Object) -> Result<Object> {
    match this.object(cx, STATE) {
        Some(decoder) => Ok(decoder),
        None => Err(cx.throw_type_error("The stream is not set up yet")),
    }
}

// Decode and enqueue a chunk, https://encoding.spec.whatwg.org/#decode-and-enqueue-a-chunk
pub(super) fn decode(cx: &mut Context, controller: Object, state: Object, chunk: Value) -> Result<()> {
    let Some(bytes) = typed_array::bytes_of(cx, chunk) else {
        let error = type_error(cx, "The chunk is not a BufferSource");
        return Err(cx.throw(error));
    };
    let decoder = decoder(cx, state)?;
    let text = encoding::decode_chunk(cx, decoder, &bytes, true)?;
    if text.is_empty(&cx.heap) {
        return Ok(());
    }
    ops::enqueue(cx, controller, text.value())
}

// Flush and enqueue, https://encoding.spec.whatwg.org/#flush-and-enqueue
pub(super) fn flush_decoder(cx: &mut Context, controller: Object, state: Object) -> Result<()> {
    let decoder = decoder(cx, state)?;
    let text = encoding::decode_chunk(cx, decoder, &[], false)?;
    if text.is_empty(&cx.heap) {
        return Ok(());
    }
    ops::enqueue(cx, controller, text.value())
}
