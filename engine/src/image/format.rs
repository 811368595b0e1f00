//! The header of image files, and their checksums.
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
//! | 72 | length of the texts (u64), their checksum (u64) |
//!
//! The header of a whole image fills one page; the heap part follows and is mapped as it is. That of a delta is followed by the numbers of
//! the cards that differ from the base (u32 each, ascending), these cards, and the bytes from the end of the base to the last cell's end:
//! the tail. Large tails begin at a page ([`tail_at`]) and are mapped as they are too.
//!
//! The texts (see [`crate::heap::Texts`]) are the end of every file. They have a checksum of their own, so that they need not be read before
//! somebody asks for them; the first checksum is that of everything before them.

use super::ImageError;
use crate::bytecode::Op;
use crate::heap::{CARD_BYTES, Checksum, LARGE_TAIL};
use crate::native::Natives;

const WHOLE: &[u8; 8] = b"MAYFLYIM";
const DELTA: &[u8; 8] = b"MAYFLYDL";
/// Advanced by every change of cell layouts, intrinsics, well-known atoms, or of the files' form.
pub(super) const LAYOUT_VERSION: u32 = 6;
/// Bytes before the heap part of a whole image.
pub(super) const HEADER_BYTES: usize = 4096;
/// Bytes before the card numbers of a delta.
pub(super) const DELTA_HEADER_BYTES: usize = 88;

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
    pub texts: TextsPart,
}

/// Where the texts of a file are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TextsPart {
    /// Bytes before them: what the first checksum is of.
    pub at: usize,
    pub length: usize,
    pub checksum: u64,
}

impl TextsPart {
    /// What the beginning of a file of `length` bytes says, unchecked.
    pub fn of(start: &[u8], length: u64) -> Result<TextsPart, ImageError> {
        if start.len() < DELTA_HEADER_BYTES {
            return Err(ImageError::Damaged("shorter than a header".to_string()));
        }
        let (texts, checksum) = (read_u64(start, 72), read_u64(start, 80));
        let before = length.checked_sub(texts).and_then(|at| Some((usize::try_from(at).ok()?, usize::try_from(texts).ok()?)));
        match before {
            Some((at, length)) if at >= DELTA_HEADER_BYTES => Ok(TextsPart { at, length, checksum }),
            _ => Err(ImageError::Damaged("its length does not fit its header".to_string())),
        }
    }

    /// Whether these are the texts.
    pub fn are(&self, texts: &[u8]) -> bool {
        let mut hash = Checksum::default();
        hash.add(texts);
        texts.len() == self.length && hash.finish() == self.checksum
    }
}

pub(super) fn read_u32(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

pub(super) fn read_u64(bytes: &[u8], at: usize) -> u64 {
    u64::from(read_u32(bytes, at)) | u64::from(read_u32(bytes, at + 4)) << 32
}

/// The checksum of an image without its texts.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = Checksum::default();
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

/// Writes the checksums, when everything but the texts is written, and appends these.
pub(super) fn seal(bytes: &mut Vec<u8>, texts: &[u8]) {
    let mut hash = Checksum::default();
    hash.add(texts);
    bytes[72..80].copy_from_slice(&(texts.len() as u64).to_le_bytes());
    bytes[80..88].copy_from_slice(&hash.finish().to_le_bytes());
    let sum = checksum(bytes);
    bytes[48..56].copy_from_slice(&sum.to_le_bytes());
    bytes.extend_from_slice(texts);
}

/// Checks an image of this kind with its texts.
pub(super) fn check<'a>(bytes: &'a [u8], kind: ImageKind, natives: &Natives) -> Result<(Header, &'a [u8]), ImageError> {
    check_magic(bytes, kind)?;
    let part = TextsPart::of(bytes, bytes.len() as u64)?;
    let (main, texts) = bytes.split_at(part.at);
    let header = check_main(main, part, kind, natives)?;
    if part.are(texts) { Ok((header, texts)) } else { Err(ImageError::Damaged("the checksum of its texts does not fit them".to_string())) }
}

fn check_magic(bytes: &[u8], kind: ImageKind) -> Result<(), ImageError> {
    if bytes.len() < kind.header_bytes() {
        return Err(ImageError::Damaged("shorter than a header".to_string()));
    }
    if &bytes[..8] != kind.magic() {
        return Err(ImageError::Damaged(match kind {
            ImageKind::Whole => "it does not begin with MAYFLYIM".to_string(),
            ImageKind::Delta => "it does not begin with MAYFLYDL".to_string(),
        }));
    }
    Ok(())
}

/// Checks what comes before the texts of an image: all of it against its checksum, its header against this build.
pub(super) fn check_main(bytes: &[u8], texts: TextsPart, kind: ImageKind, natives: &Natives) -> Result<Header, ImageError> {
    check_magic(bytes, kind)?;
    let damaged = |what: &str| Err(ImageError::Damaged(what.to_string()));
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
    Ok(Header { length, end, realm, checksum: sum, texts })
}
