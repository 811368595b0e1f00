//! CompressionStream and DecompressionStream. <https://compression.spec.whatwg.org/>
//!
//! What a codec has in its window cannot lie in the cage: it is a resource of the host, made with the first chunk and dropped at the end of
//! the request with all others ([`crate::platform::Resources`]).

use super::support::Slots;
use super::transform_ops::{self as ops, kind, stream};
use crate::platform::{resources, with_platform};
use crate::webidl::prelude::*;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
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
/// Logarithm of the window's size.
const WINDOW_BITS: u8 = 15;
/// Bytes of input or output that cost one unit of fuel.
const BYTES_PER_FUEL: u64 = 64;

/// CompressionFormat. <https://compression.spec.whatwg.org/#enumdef-compressionformat>
#[derive(Clone, Copy, PartialEq, Eq, Enumeration)]
enum CompressionFormat {
    Deflate,
    DeflateRaw,
    Gzip,
}

impl CompressionFormat {
    fn from_number(number: i32) -> CompressionFormat {
        match number {
            0 => CompressionFormat::Deflate,
            1 => CompressionFormat::DeflateRaw,
            _ => CompressionFormat::Gzip,
        }
    }
}

/// A codec at work.
enum Codec {
    Compress(Compress),
    /// With whether the stream has ended.
    Decompress(Decompress, bool),
}

/// Why a codec could not go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum CodecError {
    Damaged,
    TrailingData,
    Truncated,
    WithoutResource,
}

impl CodecError {
    fn message(self) -> &'static str {
        match self {
            CodecError::Damaged => "The compressed data was not valid",
            CodecError::TrailingData => "Junk found after end of compressed data",
            CodecError::Truncated => "Compressed input was truncated",
            CodecError::WithoutResource => "The stream's compression state belongs to a request that has ended",
        }
    }
}

impl Codec {
    fn new(format: CompressionFormat, decompresses: bool) -> Codec {
        match (decompresses, format) {
            (false, CompressionFormat::Gzip) => Codec::Compress(Compress::new_gzip(Compression::default(), WINDOW_BITS)),
            (false, format) => Codec::Compress(Compress::new(Compression::default(), format == CompressionFormat::Deflate)),
            (true, CompressionFormat::Gzip) => Codec::Decompress(Decompress::new_gzip(WINDOW_BITS), false),
            (true, format) => Codec::Decompress(Decompress::new(format == CompressionFormat::Deflate), false),
        }
    }

    /// Takes input until it is used up or `output` is full. The result is how much was taken, and whether there is more to come out.
    fn step(&mut self, input: &[u8], finish: bool, output: &mut Vec<u8>) -> std::result::Result<(usize, bool), CodecError> {
        match self {
            Codec::Compress(compress) => {
                let before = compress.total_in();
                let flush = if finish { FlushCompress::Finish } else { FlushCompress::None };
                let status = compress.compress_vec(input, output, flush).map_err(|_| CodecError::Damaged)?;
                let taken = (compress.total_in() - before) as usize;
                let more = if finish { status != Status::StreamEnd } else { taken < input.len() || output.len() == output.capacity() };
                Ok((taken, more))
            }
            Codec::Decompress(_, true) if !input.is_empty() => Err(CodecError::TrailingData),
            Codec::Decompress(_, true) => Ok((0, false)),
            Codec::Decompress(decompress, ended) => {
                let before = decompress.total_in();
                let status = decompress.decompress_vec(input, output, FlushDecompress::None).map_err(|_| CodecError::Damaged)?;
                let taken = (decompress.total_in() - before) as usize;
                *ended = status == Status::StreamEnd;
                let full = output.len() == output.capacity();
                if finish && !*ended && !full {
                    return Err(CodecError::Truncated);
                }
                Ok((taken, full || taken < input.len()))
            }
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
    #[getter]
    fn readable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::READABLE)
    }

    // https://streams.spec.whatwg.org/#dom-generictransformstream-writable
    #[getter]
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
    #[getter]
    fn readable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::READABLE)
    }

    // https://streams.spec.whatwg.org/#dom-generictransformstream-writable
    #[getter]
    fn writable(cx: &mut Context, this: Object) -> Result<Value> {
        side(cx, this, stream::WRITABLE)
    }
}

/// Runs input through the codec and enqueues what comes out.
fn run(cx: &mut Context, controller: Object, state: Object, input: &[u8], finish: bool) -> Result<()> {
    if state.at(cx, RESOURCE).is_undefined() {
        // While an image is built, nothing outside the cage may come to be: the platform says why.
        with_platform(cx, |platform| platform.monotonic_ms())?;
        let codec = Codec::new(CompressionFormat::from_number(state.int(cx, FORMAT)), state.flag(cx, DECOMPRESSES));
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
    if !BufferSource::is_one(cx, chunk) {
        return Err(cx.throw_type_error("The provided value is not of type '(ArrayBuffer or ArrayBufferView)'"));
    }
    let bytes = typed_array::bytes_of(cx, chunk).unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(codec: &mut Codec, mut input: &[u8], finish: bool) -> std::result::Result<Vec<u8>, CodecError> {
        let mut all = Vec::new();
        loop {
            let mut output = Vec::with_capacity(16);
            let (taken, more) = codec.step(input, finish, &mut output)?;
            input = &input[taken..];
            all.extend(output);
            if !more {
                return Ok(all);
            }
        }
    }

    fn packed(format: CompressionFormat, text: &[u8]) -> Vec<u8> {
        let mut codec = Codec::new(format, false);
        let mut bytes = pass(&mut codec, text, false).expect("compresses");
        bytes.extend(pass(&mut codec, &[], true).expect("ends"));
        bytes
    }

    #[test]
    fn round_trips_in_small_pieces() {
        let text: Vec<u8> = (0..5000u32).flat_map(|n| (n % 61).to_le_bytes()).collect();
        for format in [CompressionFormat::Deflate, CompressionFormat::DeflateRaw, CompressionFormat::Gzip] {
            let bytes = packed(format, &text);
            let mut codec = Codec::new(format, true);
            let mut result = Vec::new();
            for piece in bytes.chunks(7) {
                result.extend(pass(&mut codec, piece, false).expect("valid"));
            }
            result.extend(pass(&mut codec, &[], true).expect("complete"));
            assert_eq!(result, text);
        }
    }

    #[test]
    fn refuses_damage() {
        for format in [CompressionFormat::Deflate, CompressionFormat::DeflateRaw, CompressionFormat::Gzip] {
            let bytes = packed(format, b"expected output");
            let mut codec = Codec::new(format, true);
            assert!(pass(&mut codec, &bytes[..bytes.len() - 1], false).is_ok());
            assert_eq!(pass(&mut codec, &[], true), Err(CodecError::Truncated));
            let mut codec = Codec::new(format, true);
            let mut long = bytes.clone();
            long.push(0);
            assert_eq!(pass(&mut codec, &long, false), Err(CodecError::TrailingData));
            let mut codec = Codec::new(format, true);
            assert_eq!(pass(&mut codec, &[], true), Err(CodecError::Truncated), "no input at all");
        }
        let mut bytes = packed(CompressionFormat::Gzip, b"expected output");
        let at = bytes.len() - 6;
        bytes[at] ^= 1;
        assert_eq!(pass(&mut Codec::new(CompressionFormat::Gzip, true), &bytes, false), Err(CodecError::Damaged), "checksum");
    }
}
