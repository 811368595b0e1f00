//! CompressionStream and DecompressionStream. <https://compression.spec.whatwg.org/>
//!
//! What a codec has in its window cannot lie in the cage: it is a resource of the host, made with the first chunk and dropped at the end of
//! the request with all others ([`crate::platform::Resources`]).

use super::codec::{Codec, CodecError, Format};
use super::support::Slots;
use super::transform_ops::{self as ops, kind, stream};
use crate::platform::{resources, with_platform};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::typed_array;

/// The TransformStream.
const TRANSFORM: u32 = 1;
/// Number of the format.
const FORMAT: u32 = 2;
/// Number of the resource, once it exists.
const RESOURCE: u32 = 3;
/// True in a DecompressionStream.
const DECOMPRESSES: u32 = 4;

/// Longest chunk that comes out.
const CHUNK_BYTES: usize = 64 << 10;
/// Bytes of input or output that cost one unit of fuel.
const BYTES_PER_FUEL: u64 = 64;

/// CompressionFormat, with zstd as an extension. <https://compression.spec.whatwg.org/#enumdef-compressionformat>
#[derive(Clone, Copy, PartialEq, Eq, Enumeration)]
enum CompressionFormat {
    Deflate,
    DeflateRaw,
    Gzip,
    Brotli,
    Zstd,
}

impl CompressionFormat {
    fn from_number(number: i32) -> Format {
        match number {
            0 => Format::Deflate,
            1 => Format::DeflateRaw,
            2 => Format::Gzip,
            3 => Format::Brotli,
            _ => Format::Zstd,
        }
    }
}

fn construct(cx: &mut Context, this: Object, format: CompressionFormat, decompresses: bool) -> Result<()> {
    this.put(cx, FORMAT, format as i32);
    this.put(cx, DECOMPRESSES, decompresses);
    let transform = ops::create_native(cx, kind::COMPRESS, this)?;
    this.put(cx, TRANSFORM, transform);
    Ok(())
}

fn side(cx: &mut Context, this: Object, slot: u32) -> Result<Value> {
    match this.object(cx, TRANSFORM) {
        Some(transform) => Ok(transform.at(cx, slot)),
        None => Err(cx.throw_type_error("The stream is not set up yet")),
    }
}

/// `CompressionStream`.
#[interface(name = "CompressionStream", class = class::COMPRESSION_STREAM)]
impl CompressionStream {
    // https://compression.spec.whatwg.org/#dom-compressionstream-compressionstream
    #[constructor]
    fn new(cx: &mut Context, this: Object, format: CompressionFormat) -> Result<()> {
        construct(cx, this, format, false)
    }

    // https://streams.spec.whatwg.org/#dom-generictransformstream-readable
    #[getter(ts = "ReadableStream<Uint8Array<ArrayBuffer>>")]
    fn readable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::READABLE)
    }

    // https://streams.spec.whatwg.org/#dom-generictransformstream-writable
    #[getter(ts = "WritableStream<BufferSource>")]
    fn writable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::WRITABLE)
    }
}

/// `DecompressionStream`.
#[interface(name = "DecompressionStream", class = class::DECOMPRESSION_STREAM)]
impl DecompressionStream {
    // https://compression.spec.whatwg.org/#dom-decompressionstream-decompressionstream
    #[constructor]
    fn new(cx: &mut Context, this: Object, format: CompressionFormat) -> Result<()> {
        construct(cx, this, format, true)
    }

    // https://streams.spec.whatwg.org/#dom-generictransformstream-readable
    #[getter(ts = "ReadableStream<Uint8Array<ArrayBuffer>>")]
    fn readable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::READABLE)
    }

    // https://streams.spec.whatwg.org/#dom-generictransformstream-writable
    #[getter(ts = "WritableStream<BufferSource>")]
    fn writable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::WRITABLE)
    }
}

/// Runs input through the codec and enqueues what comes out.
fn run(cx: &mut Context, controller: Object, state: Object, input: &[u8], finish: bool) -> Result<()> {
    if state.at(cx, RESOURCE).is_undefined() {
        // While an image is built, nothing outside the cage may come to be: the platform says why.
        with_platform(cx, |platform| platform.needs_request("Nothing can be compressed or decompressed"))?;
        let codec = match Codec::new(CompressionFormat::from_number(state.int(cx, FORMAT)), state.flag(cx, DECOMPRESSES)) {
            Ok(codec) => codec,
            Err(error) => return Err(cx.throw_type_error(error.message())),
        };
        let number = resources(cx).map_or(0, |resources| resources.add(Box::new(codec)));
        state.put(cx, RESOURCE, f64::from(number));
    }
    let number = state.number(cx, RESOURCE) as u32;
    let mut rest = input;
    loop {
        cx.spend_fuel(1)?;
        let mut output = Vec::with_capacity(CHUNK_BYTES);
        let outcome = match resources(cx).and_then(|resources| resources.get::<Codec>(number)) {
            Some(codec) => codec.step(rest, finish, &mut output),
            None => Err(CodecError::WithoutResource),
        };
        // What came out before an error is still given on.
        let (taken, more) = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return Err(cx.throw_type_error(error.message())),
        };
        cx.spend_fuel((taken + output.len()) as u64 / BYTES_PER_FUEL)?;
        rest = &rest[taken.min(rest.len())..];
        if !output.is_empty() {
            cx.reserve(output.len() as u64)?;
            let chunk = typed_array::create_uint8_array(cx, &output);
            ops::enqueue(cx, controller, chunk.value())?;
        }
        if !more {
            return Ok(());
        }
    }
}

// https://compression.spec.whatwg.org/#compress-and-enqueue-a-chunk
// https://compression.spec.whatwg.org/#decompress-and-enqueue-a-chunk
pub(super) fn transform(cx: &mut Context, controller: Object, state: Object, chunk: Value) -> Result<()> {
    let name = if state.flag(cx, DECOMPRESSES) { "DecompressionStream" } else { "CompressionStream" };
    let bytes = BufferSource::from_js(cx, chunk, &Place::method(name, "transform"))?.bytes(cx);
    if bytes.is_empty() {
        return Ok(());
    }
    run(cx, controller, state, &bytes, false)
}

// https://compression.spec.whatwg.org/#compress-flush-and-enqueue
// https://compression.spec.whatwg.org/#decompress-flush-and-enqueue
pub(super) fn flush(cx: &mut Context, controller: Object, state: Object) -> Result<()> {
    let outcome = run(cx, controller, state, &[], true);
    let number = state.number(cx, RESOURCE) as u32;
    if let Some(resources) = resources(cx) {
        resources.remove(number);
    }
    outcome
}
