//! Content codings. <https://www.rfc-editor.org/rfc/rfc9110#name-content-codings>
//!
//! Every step gives at most one buffer of output, however much the input would expand to.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

use super::fields::Fields;

/// Bytes of output per step.
const OUTPUT: usize = 64 << 10;
/// Largest window of zstd over HTTP, as a power of two. <https://www.rfc-editor.org/rfc/rfc9659>
const ZSTD_WINDOW_LOG: u32 = 23;

enum Codec {
    Gzip(Decompress),
    /// Undecided between zlib's format and raw data, which some servers send, until the first byte is here.
    Deflate(Option<Decompress>),
    Brotli(Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>),
    Zstd(ZstdDecoder<'static>),
}

/// One step of a codec.
struct Ran {
    consumed: usize,
    produced: usize,
}

/// One coding of a body.
pub(super) struct Decoder {
    codec: Codec,
    input: Bytes,
    /// Some input has come.
    has_begun: bool,
    /// The data is complete as far as it has come.
    is_complete: bool,
    /// What follows is to be ignored.
    is_over: bool,
}

/// What a decoder gives.
pub(super) enum Decoded {
    /// Output; never none.
    Bytes(Vec<u8>),
    /// It needs more input.
    Hungry,
}

// https://fetch.spec.whatwg.org/#handle-content-codings
/// Decoders for a response's codings, the one to be undone first at the front. None when any coding is unknown.
pub(super) fn decoders(fields: &Fields) -> Vec<Decoder> {
    let mut decoders = Vec::new();
    for coding in fields.members("content-encoding") {
        let codec = match coding.as_str() {
            "gzip" | "x-gzip" => Codec::Gzip(Decompress::new_gzip(15)),
            "deflate" => Codec::Deflate(None),
            "br" => {
                let state = BrotliState::new(StandardAlloc::default(), StandardAlloc::default(), StandardAlloc::default());
                Codec::Brotli(Box::new(state))
            }
            "zstd" => match zstd_decoder() {
                Some(decoder) => Codec::Zstd(decoder),
                None => return Vec::new(),
            },
            "" | "identity" => continue,
            _ => return Vec::new(),
        };
        decoders.push(Decoder { codec, input: Bytes::new(), has_begun: false, is_complete: false, is_over: false });
    }
    decoders.reverse();
    decoders
}

fn zstd_decoder() -> Option<ZstdDecoder<'static>> {
    let mut decoder = ZstdDecoder::new().ok()?;
    decoder.set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG)).ok()?;
    Some(decoder)
}

impl Decoder {
    /// Gives more input. Only when [`Decoded::Hungry`] came.
    pub(super) fn feed(&mut self, input: Bytes) {
        self.has_begun |= !input.is_empty();
        self.input = input;
    }

    /// Whether the input may end here. A body without any byte is no data at all.
    pub(super) fn may_end(&self) -> bool {
        self.is_complete || !self.has_begun
    }

    /// The next output.
    pub(super) fn step(&mut self) -> Result<Decoded, String> {
        loop {
            if self.is_over {
                self.input = Bytes::new();
            }
            let mut output = vec![0; OUTPUT];
            let before = self.input.len();
            let ran = self.run(&mut output)?;
            let _ = self.input.split_to(ran.consumed.min(before));
            if ran.produced > 0 {
                output.truncate(ran.produced);
                return Ok(Decoded::Bytes(output));
            }
            if self.input.is_empty() {
                return Ok(Decoded::Hungry);
            }
            if ran.consumed == 0 && !self.is_over {
                return Err("the encoded body cannot be decoded".to_string());
            }
        }
    }

    fn run(&mut self, output: &mut [u8]) -> Result<Ran, String> {
        let input = self.input.clone();
        match &mut self.codec {
            Codec::Gzip(inflate) => {
                if self.is_complete && !input.is_empty() {
                    // Another member may follow; anything else is ignored, as browsers do.
                    if input[0] != 0x1F {
                        self.is_over = true;
                        return Ok(Ran { consumed: input.len(), produced: 0 });
                    }
                    *inflate = Decompress::new_gzip(15);
                    self.is_complete = false;
                }
                if self.is_complete {
                    return Ok(Ran { consumed: 0, produced: 0 });
                }
                run_inflate(inflate, &input, output, &mut self.is_complete)
            }
            Codec::Deflate(inflate) => {
                let Some(&first) = input.first().filter(|_| inflate.is_none()) else {
                    return match inflate {
                        Some(_) if self.is_complete => {
                            self.is_over = true;
                            Ok(Ran { consumed: input.len(), produced: 0 })
                        }
                        Some(inflate) => run_inflate(inflate, &input, output, &mut self.is_complete),
                        None => Ok(Ran { consumed: 0, produced: 0 }),
                    };
                };
                // https://www.rfc-editor.org/rfc/rfc1950: compression method 8 with a window of at most 32 KiB.
                let is_zlib = first & 0x0F == 8 && first >> 4 <= 7;
                let inflate = inflate.insert(Decompress::new(is_zlib));
                run_inflate(inflate, &input, output, &mut self.is_complete)
            }
            Codec::Brotli(state) => {
                if self.is_complete {
                    self.is_over = true;
                    return Ok(Ran { consumed: input.len(), produced: 0 });
                }
                let (mut available_in, mut consumed) = (input.len(), 0);
                let (mut available_out, mut produced, mut total) = (output.len(), 0, 0);
                let result = BrotliDecompressStream(
                    &mut available_in,
                    &mut consumed,
                    &input,
                    &mut available_out,
                    &mut produced,
                    output,
                    &mut total,
                    state,
                );
                match result {
                    BrotliResult::ResultFailure => Err("the body's brotli data is damaged".to_string()),
                    BrotliResult::ResultSuccess => {
                        self.is_complete = true;
                        Ok(Ran { consumed, produced })
                    }
                    BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => Ok(Ran { consumed, produced }),
                }
            }
            Codec::Zstd(decoder) => {
                let mut source = InBuffer::around(&input);
                let mut target = OutBuffer::around(output);
                let hint = decoder.run(&mut source, &mut target).map_err(|error| format!("the body's zstd data is damaged: {error}"))?;
                let (consumed, produced) = (source.pos(), target.pos());
                if consumed > 0 || produced > 0 {
                    self.is_complete = hint == 0;
                }
                Ok(Ran { consumed, produced })
            }
        }
    }
}

fn run_inflate(inflate: &mut Decompress, input: &[u8], output: &mut [u8], is_complete: &mut bool) -> Result<Ran, String> {
    let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
    match inflate.decompress(input, output, FlushDecompress::None) {
        Ok(Status::StreamEnd) => *is_complete = true,
        Ok(Status::Ok | Status::BufError) => {}
        Err(error) => return Err(format!("the body's compressed data is damaged: {error}")),
    }
    Ok(Ran { consumed: (inflate.total_in() - before_in) as usize, produced: (inflate.total_out() - before_out) as usize })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn decode(coding: &'static str, pieces: &[&[u8]]) -> Result<Vec<u8>, String> {
        let mut fields = Fields::default();
        fields.push(b"content-encoding", coding.as_bytes());
        let mut decoders = decoders(&fields);
        let decoder = decoders.first_mut().expect("a decoder");
        let mut result = Vec::new();
        for piece in pieces {
            decoder.feed(Bytes::copy_from_slice(piece));
            while let Decoded::Bytes(bytes) = decoder.step()? {
                assert!(bytes.len() <= OUTPUT);
                result.extend(bytes);
            }
        }
        if decoder.may_end() { Ok(result) } else { Err("early end".to_string()) }
    }

    fn text() -> Vec<u8> {
        (0..20_000).flat_map(|i: u32| (i / 7).to_string().into_bytes()).collect()
    }

    fn check(coding: &'static str, encoded: &[u8]) {
        assert_eq!(decode(coding, &[encoded]).unwrap(), text(), "{coding}");
        let bytes: Vec<&[u8]> = encoded.chunks(1).collect();
        assert_eq!(decode(coding, &bytes).unwrap(), text(), "{coding}, byte by byte");
        assert!(decode(coding, &[&encoded[..encoded.len() - 9]]).is_err(), "{coding}, cut");
        assert_eq!(decode(coding, &[]).unwrap(), b"", "{coding}, empty");
    }

    #[test]
    fn round_trips() {
        let level = flate2::Compression::default();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
        gzip.write_all(&text()).unwrap();
        check("gzip", &gzip.finish().unwrap());
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), level);
        zlib.write_all(&text()).unwrap();
        check("deflate", &zlib.finish().unwrap());
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), level);
        raw.write_all(&text()).unwrap();
        check("deflate", &raw.finish().unwrap());
        check("zstd", &zstd::stream::encode_all(&text()[..], 3).unwrap());
    }

    #[test]
    fn brotli() {
        // An uncompressed meta-block of five bytes, then the empty last one. <https://www.rfc-editor.org/rfc/rfc7932#section-9>
        let encoded = *b"\x0B\x02\x80hello\x03";
        assert_eq!(decode("br", &[&encoded]).unwrap(), b"hello");
        let bytes: Vec<&[u8]> = encoded.chunks(1).collect();
        assert_eq!(decode("br", &bytes).unwrap(), b"hello");
        assert!(decode("br", &[&encoded[..5]]).is_err());
        assert!(decode("br", &[b"\xFF\xFF\xFF\xFF"]).is_err());
    }

    #[test]
    fn members_and_garbage() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"ab").unwrap();
        let member = gzip.finish().unwrap();
        assert_eq!(decode("gzip", &[&member, &member]).unwrap(), b"abab");
        assert_eq!(decode("gzip", &[&[&member[..], b"\0\0garbage"].concat()]).unwrap(), b"ab");
        assert!(decode("gzip", &[b"not gzip at all"]).is_err());
        assert!(decode("zstd", &[b"not zstd at all"]).is_err());
    }

    #[test]
    fn unknown_codings_are_left_alone() {
        let mut fields = Fields::default();
        assert!(decoders(&fields).is_empty());
        fields.set("content-encoding", b"gzip, compress");
        assert!(decoders(&fields).is_empty());
        fields.set("content-encoding", b"identity, br , GZIP");
        assert_eq!(decoders(&fields).len(), 2);
    }
}
