//! The codecs of compression streams, without streams: bytes in, bytes out, a bounded piece at a time.

use brotli::CompressorWriter;
use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use std::io::Write;
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, Encoder as ZstdEncoder, InBuffer, Operation, OutBuffer};

/// Logarithm of the window's size of deflate.
const WINDOW_BITS: u8 = 15;
/// Quality and logarithm of the window's size of brotli: what servers use for replies made on the way.
const BROTLI_QUALITY: u32 = 5;
const BROTLI_WINDOW_BITS: u32 = 22;
/// Bytes that brotli gathers at a time.
const BROTLI_BUFFER: usize = 4096;
/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;
/// Largest window that is accepted from zstd data, as a logarithm: no small input may ask for much memory.
/// <https://www.rfc-editor.org/rfc/rfc9659>
const ZSTD_WINDOW_BITS: u32 = 23;

/// What the bytes look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    /// zlib's format. <https://www.rfc-editor.org/rfc/rfc1950>
    Deflate,
    /// <https://www.rfc-editor.org/rfc/rfc1951>
    DeflateRaw,
    /// <https://www.rfc-editor.org/rfc/rfc1952>
    Gzip,
    /// <https://www.rfc-editor.org/rfc/rfc7932>
    Brotli,
    /// One frame. <https://www.rfc-editor.org/rfc/rfc8878>
    Zstd,
}

/// Why a codec could not go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CodecError {
    /// The data is no such format.
    Damaged,
    /// Something follows the end.
    TrailingData,
    /// The end is missing.
    Truncated,
    /// The system gives no memory for the codec.
    OutOfMemory,
    /// The codec was dropped with its request.
    WithoutResource,
}

impl CodecError {
    /// For the user.
    pub(super) fn message(self) -> &'static str {
        match self {
            CodecError::Damaged => "The compressed data was not valid",
            CodecError::TrailingData => "Junk found after end of compressed data",
            CodecError::Truncated => "Compressed input was truncated",
            CodecError::OutOfMemory => "There is no memory for the stream's compression state",
            CodecError::WithoutResource => "The stream's compression state belongs to a request that has ended",
        }
    }
}

enum Kind {
    Compress(Compress),
    Decompress(Decompress),
    /// `None` at the end.
    CompressBrotli(Option<Box<CompressorWriter<Vec<u8>>>>),
    DecompressBrotli(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
    CompressZstd(ZstdEncoder<'static>),
    DecompressZstd(ZstdDecoder<'static>),
}

/// A codec at work.
pub(super) struct Codec {
    kind: Kind,
    /// The end of the compressed data was read.
    ended: bool,
}

/// How a step went: bytes of input taken, whether there is more to come out.
type Step = (usize, bool);

impl Codec {
    /// A codec at its beginning.
    pub(super) fn new(format: Format, decompresses: bool) -> Result<Codec, CodecError> {
        let no_memory = |_| CodecError::OutOfMemory;
        let kind = match (decompresses, format) {
            (false, Format::Gzip) => Kind::Compress(Compress::new_gzip(Compression::default(), WINDOW_BITS)),
            (false, Format::Deflate | Format::DeflateRaw) => {
                Kind::Compress(Compress::new(Compression::default(), format == Format::Deflate))
            }
            (true, Format::Gzip) => Kind::Decompress(Decompress::new_gzip(WINDOW_BITS)),
            (true, Format::Deflate | Format::DeflateRaw) => Kind::Decompress(Decompress::new(format == Format::Deflate)),
            (false, Format::Brotli) => {
                let writer = CompressorWriter::new(Vec::new(), BROTLI_BUFFER, BROTLI_QUALITY, BROTLI_WINDOW_BITS);
                Kind::CompressBrotli(Some(Box::new(writer)))
            }
            (true, Format::Brotli) => {
                let state = BrotliState::new(StandardAlloc::default(), StandardAlloc::default(), StandardAlloc::default());
                Kind::DecompressBrotli(Box::new(state))
            }
            (false, Format::Zstd) => Kind::CompressZstd(ZstdEncoder::new(ZSTD_LEVEL).map_err(no_memory)?),
            (true, Format::Zstd) => {
                let mut decoder = ZstdDecoder::new().map_err(no_memory)?;
                decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_BITS)).map_err(no_memory)?;
                Kind::DecompressZstd(decoder)
            }
        };
        Ok(Codec { kind, ended: false })
    }

    /// Takes input until it is used up or the empty `output` is full to its capacity (which a compressor of brotli alone may pass, by less
    /// than the input's length). What came out before an error counts.
    pub(super) fn step(&mut self, input: &[u8], finish: bool, output: &mut Vec<u8>) -> Result<Step, CodecError> {
        let decompresses = matches!(self.kind, Kind::Decompress(_) | Kind::DecompressBrotli(_) | Kind::DecompressZstd(_));
        if decompresses && self.ended {
            return if input.is_empty() { Ok((0, false)) } else { Err(CodecError::TrailingData) };
        }
        let room = output.capacity();
        let taken = match &mut self.kind {
            Kind::Compress(compress) => return step_compress(compress, input, finish, output),
            Kind::CompressBrotli(writer) => return step_compress_brotli(writer, input, finish, output),
            Kind::CompressZstd(encoder) => return step_compress_zstd(encoder, input, finish, output),
            Kind::Decompress(decompress) => {
                let before = decompress.total_in();
                let status = decompress.decompress_vec(input, output, FlushDecompress::None).map_err(|_| CodecError::Damaged)?;
                self.ended = status == Status::StreamEnd;
                (decompress.total_in() - before) as usize
            }
            Kind::DecompressBrotli(state) => {
                let (mut available_in, mut taken, mut written, mut total) = (input.len(), 0, 0, 0);
                let mut available_out = room;
                output.resize(room, 0);
                let result = BrotliDecompressStream(
                    &mut available_in,
                    &mut taken,
                    input,
                    &mut available_out,
                    &mut written,
                    output,
                    &mut total,
                    state,
                );
                output.truncate(written);
                match result {
                    BrotliResult::ResultSuccess => self.ended = true,
                    BrotliResult::ResultFailure => return Err(CodecError::Damaged),
                    BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
                }
                taken
            }
            Kind::DecompressZstd(decoder) => {
                let mut source = InBuffer::around(input);
                let mut target = OutBuffer::around(output);
                let hint = decoder.run(&mut source, &mut target).map_err(|_| CodecError::Damaged)?;
                // Where nothing went in or out, no frame can have ended.
                self.ended = hint == 0 && (source.pos() > 0 || target.pos() > 0);
                source.pos()
            }
        };
        let is_full = output.len() == room;
        if finish && !self.ended && !is_full {
            return Err(CodecError::Truncated);
        }
        Ok((taken, is_full || taken < input.len()))
    }
}

fn step_compress(compress: &mut Compress, input: &[u8], finish: bool, output: &mut Vec<u8>) -> Result<Step, CodecError> {
    let before = compress.total_in();
    let flush = if finish { FlushCompress::Finish } else { FlushCompress::None };
    let status = compress.compress_vec(input, output, flush).map_err(|_| CodecError::Damaged)?;
    let taken = (compress.total_in() - before) as usize;
    let more = if finish { status != Status::StreamEnd } else { taken < input.len() || output.len() == output.capacity() };
    Ok((taken, more))
}

fn step_compress_brotli(
    writer: &mut Option<Box<CompressorWriter<Vec<u8>>>>,
    input: &[u8],
    finish: bool,
    output: &mut Vec<u8>,
) -> Result<Step, CodecError> {
    let Some(open) = writer else { return Ok((0, false)) };
    // As much as there is room for, so that steps stay short.
    let taken = input.len().min(output.capacity().max(1));
    open.write_all(&input[..taken]).map_err(|_| CodecError::Damaged)?;
    output.append(open.get_mut());
    let more = taken < input.len();
    if finish
        && !more
        && let Some(open) = writer.take()
    {
        output.append(&mut open.into_inner());
    }
    Ok((taken, more))
}

fn step_compress_zstd(encoder: &mut ZstdEncoder<'static>, input: &[u8], finish: bool, output: &mut Vec<u8>) -> Result<Step, CodecError> {
    let mut target = OutBuffer::around(output);
    let mut taken = 0;
    // While the end is being written, `run` would begin another frame.
    if !input.is_empty() {
        let mut source = InBuffer::around(input);
        encoder.run(&mut source, &mut target).map_err(|_| CodecError::Damaged)?;
        taken = source.pos();
    }
    let rest = taken < input.len();
    if finish && !rest {
        let left = encoder.finish(&mut target, true).map_err(|_| CodecError::Damaged)?;
        return Ok((taken, left > 0));
    }
    let is_full = target.pos() == target.capacity();
    Ok((taken, rest || is_full && taken > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMATS: [Format; 5] = [Format::Deflate, Format::DeflateRaw, Format::Gzip, Format::Brotli, Format::Zstd];

    fn codec(format: Format, decompresses: bool) -> Codec {
        Codec::new(format, decompresses).expect("a codec")
    }

    fn pass(codec: &mut Codec, mut input: &[u8], finish: bool) -> Result<Vec<u8>, CodecError> {
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

    fn packed(format: Format, text: &[u8]) -> Vec<u8> {
        let mut codec = codec(format, false);
        let mut bytes = pass(&mut codec, text, false).expect("compresses");
        bytes.extend(pass(&mut codec, &[], true).expect("ends"));
        bytes
    }

    #[test]
    fn round_trips_in_small_pieces() {
        let text: Vec<u8> = (0..5000u32).flat_map(|n| (n % 61).to_le_bytes()).collect();
        for format in FORMATS {
            for text in [&text[..], b"", b"x"] {
                let bytes = packed(format, text);
                let mut codec = codec(format, true);
                let mut result = Vec::new();
                for piece in bytes.chunks(7) {
                    result.extend(pass(&mut codec, piece, false).expect("valid"));
                }
                result.extend(pass(&mut codec, &[], true).expect("complete"));
                assert_eq!(result, text, "{format:?}");
            }
            assert!(packed(format, &text).len() < text.len() / 4, "{format:?} compresses");
        }
    }

    #[test]
    fn refuses_damage() {
        for format in FORMATS {
            let bytes = packed(format, b"expected output");
            let mut short = codec(format, true);
            assert!(pass(&mut short, &bytes[..bytes.len() - 1], false).is_ok(), "{format:?}");
            assert_eq!(pass(&mut short, &[], true), Err(CodecError::Truncated), "{format:?}");
            let mut long = bytes.clone();
            long.push(0);
            assert_eq!(pass(&mut codec(format, true), &long, false), Err(CodecError::TrailingData), "{format:?}");
            assert_eq!(pass(&mut codec(format, true), &[], true), Err(CodecError::Truncated), "{format:?}: no input at all");
        }
        let mut bytes = packed(Format::Gzip, b"expected output");
        let at = bytes.len() - 6;
        bytes[at] ^= 1;
        assert_eq!(pass(&mut codec(Format::Gzip, true), &bytes, false), Err(CodecError::Damaged), "checksum");
        assert_eq!(pass(&mut codec(Format::Zstd, true), b"this is no zstd frame", false), Err(CodecError::Damaged));
        // A frame header that asks for a window of 128 MiB.
        let huge = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x88, 0x01, 0x00, 0x00];
        assert_eq!(pass(&mut codec(Format::Zstd, true), &huge, false), Err(CodecError::Damaged));
    }
}
