//! The header of image files, and the checksum over all of them.
//!
//! | offset | what |
//! |---|---|
//! | 0 | magic: `MAYFLYIM` of whole images, `MAYFLYDL` of deltas |
//! | 8 | layout version (u32), header length (u32) |
//! | 16 | fingerprint of the native table (u64) |
//! | 24 | fingerprint of the opcode table (u64) |
//! | 32 | length of the heap part (u64), that of the base included |
//! | 40 | end of the last cell (u32), realm record (u32) |
//! | 48 | checksum of everything after this field and of bytes 0–47 (u64) |
//! | 56 | deltas only: checksum of the base (u64) |
//! | 64 | deltas only: length of the base's heap part (u32), number of cards (u32) |
//!
//! The header of a whole image fills one page; the heap part follows and is mapped as it is. That of a delta is followed by the numbers of
//! the cards that differ from the base (u32 each, ascending), these cards, and the bytes from the end of the base to the last cell's end:
//! the tail. Large tails begin at a page ([`tail_at`]) and are mapped as they are too.

use super::ImageError;
use crate::bytecode::Op;
use crate::heap::{CARD_BYTES, LARGE_TAIL};
use crate::native::Natives;

const WHOLE: &[u8; 8] = b"MAYFLYIM";
const DELTA: &[u8; 8] = b"MAYFLYDL";
/// Advanced by every change of cell layouts, intrinsics, well-known atoms, or of the files' form.
pub(super) const LAYOUT_VERSION: u32 = 5;
/// Bytes before the heap part of a whole image.
pub(super) const HEADER_BYTES: usize = 4096;
/// Bytes before the card numbers of a delta.
pub(super) const DELTA_HEADER_BYTES: usize = 72;

/// Where the tail of a delta with so many cards begins in the file.
pub(super) fn tail_at(cards: u32, tail_length: usize) -> u64 {
    let end = DELTA_HEADER_BYTES as u64 + u64::from(cards) * (4 + u64::from(CARD_BYTES));
    if tail_length < LARGE_TAIL { end } else { end.next_multiple_of(4096) }
}

/// What an image file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImageKind {
    /// All of an instance's heap.
    Whole,
    /// What differs from another image.
    Delta,
}

impl ImageKind {
    /// What a file that begins so is, or `None` if it is no image at all.
    pub fn of(bytes: &[u8]) -> Option<ImageKind> {
        match bytes.first_chunk::<8>()? {
            WHOLE => Some(ImageKind::Whole),
            DELTA => Some(ImageKind::Delta),
            _ => None,
        }
    }

    fn magic(self) -> &'static [u8; 8] {
        match self {
            ImageKind::Whole => WHOLE,
            ImageKind::Delta => DELTA,
        }
    }

    pub(super) fn header_bytes(self) -> usize {
        match self {
            ImageKind::Whole => HEADER_BYTES,
            ImageKind::Delta => DELTA_HEADER_BYTES,
        }
    }
}

/// The checked header of an image file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub length: u64,
    pub end: u32,
    pub realm: u32,
    pub checksum: u64,
}

pub(super) fn read_u32(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

pub(super) fn read_u64(bytes: &[u8], at: usize) -> u64 {
    u64::from(read_u32(bytes, at)) | u64::from(read_u32(bytes, at + 4)) << 32
}

const LANES: usize = 8;

/// A 64-bit checksum over 8-byte words in eight lanes; any single changed byte changes it. Eight multiplications are under way at a time:
/// it is as fast as memory is read, some 25 GB/s.
struct Checksum {
    lanes: [u64; LANES],
    length: u64,
}

// Every step is a bijection of the lane for a given word, and of the word for a given lane.
#[inline(always)]
fn mix(lane: u64, word: u64) -> u64 {
    (lane ^ word).wrapping_mul(0x9FB2_1C65_1E98_DF25).rotate_left(31)
}

impl Checksum {
    fn new() -> Checksum {
        Checksum { lanes: std::array::from_fn(|i| 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(2 * i as u64 + 1)), length: 0 }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let mut lanes = self.lanes;
        let (rows, rest) = bytes.as_chunks::<{ 8 * LANES }>();
        let mut add_row = |row: &[u8; 8 * LANES]| {
            let (words, _) = row.as_chunks::<8>();
            for (lane, word) in lanes.iter_mut().zip(words) {
                *lane = mix(*lane, u64::from_le_bytes(*word));
            }
        };
        // OPTIMIZATION: in four places at once. Memory is fetched ahead within a page; at the beginning of each page of one place, others
        // are there.
        let (a, others) = rows.split_at(rows.len() / 4);
        let (b, others) = others.split_at(a.len());
        let (c, d) = others.split_at(a.len());
        for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
            add_row(a);
            add_row(b);
            add_row(c);
            add_row(d);
        }
        d[a.len()..].iter().for_each(add_row);
        for (lane, chunk) in lanes.iter_mut().zip(rest.chunks(8)) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            *lane = mix(*lane, u64::from_le_bytes(word));
        }
        self.lanes = lanes;
    }

    fn finish(self) -> u64 {
        let mut hash = self.length;
        for lane in self.lanes {
            hash = (hash ^ lane).wrapping_mul(0x9FB2_1C65_1E98_DF25);
            hash ^= hash >> 29;
        }
        hash
    }
}

pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = Checksum::new();
    hash.add(&bytes[..48]);
    hash.add(&bytes[56..]);
    hash.finish()
}

/// Writes the fields that all images have, except for the checksum.
pub(super) fn write_header(bytes: &mut [u8], kind: ImageKind, natives: u64, length: u64, end: u32, realm: u32) {
    bytes[..8].copy_from_slice(kind.magic());
    bytes[8..12].copy_from_slice(&LAYOUT_VERSION.to_le_bytes());
    bytes[12..16].copy_from_slice(&(kind.header_bytes() as u32).to_le_bytes());
    bytes[16..24].copy_from_slice(&natives.to_le_bytes());
    bytes[24..32].copy_from_slice(&Op::FINGERPRINT.to_le_bytes());
    bytes[32..40].copy_from_slice(&length.to_le_bytes());
    bytes[40..44].copy_from_slice(&end.to_le_bytes());
    bytes[44..48].copy_from_slice(&realm.to_le_bytes());
}

/// Writes the checksum, when everything else is written.
pub(super) fn seal(bytes: &mut [u8]) {
    let sum = checksum(bytes);
    bytes[48..56].copy_from_slice(&sum.to_le_bytes());
}

/// Checks an image of this kind: all of it against its checksum, its header against this build.
pub(super) fn check(bytes: &[u8], kind: ImageKind, natives: &Natives) -> Result<Header, ImageError> {
    let damaged = |what: &str| Err(ImageError::Damaged(what.to_string()));
    if bytes.len() < kind.header_bytes() {
        return damaged("shorter than a header");
    }
    if &bytes[..8] != kind.magic() {
        return damaged(match kind {
            ImageKind::Whole => "it does not begin with MAYFLYIM",
            ImageKind::Delta => "it does not begin with MAYFLYDL",
        });
    }
    let sum = read_u64(bytes, 48);
    if sum != checksum(bytes) {
        return damaged("its checksum does not fit its contents");
    }
    if read_u32(bytes, 8) != LAYOUT_VERSION || read_u32(bytes, 12) as usize != kind.header_bytes() {
        return Err(ImageError::Foreign(format!("layout version {} where this build has {LAYOUT_VERSION}", read_u32(bytes, 8))));
    }
    if read_u64(bytes, 16) != natives.fingerprint() {
        return Err(ImageError::Foreign("its native functions are not this build's".to_string()));
    }
    if read_u64(bytes, 24) != Op::FINGERPRINT {
        return Err(ImageError::Foreign("its opcodes are not this build's".to_string()));
    }
    let (length, end, realm) = (read_u64(bytes, 32), read_u32(bytes, 40), read_u32(bytes, 44));
    let is_all_there = kind == ImageKind::Delta || length == (bytes.len() - HEADER_BYTES) as u64;
    if !is_all_there || !length.is_multiple_of(4096) || u64::from(end) > length {
        return damaged("its length does not fit its header");
    }
    if realm < crate::heap::FIRST_CELL || realm >= end || !realm.is_multiple_of(8) {
        return damaged("its realm is not in its heap");
    }
    Ok(Header { length, end, realm, checksum: sum })
}
