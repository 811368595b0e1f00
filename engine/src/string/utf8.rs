//! From UTF-8 to strings of the heap, a run of units at a time and without a copy in between.

use super::{JsString, atoms};
use crate::heap::Heap;

/// Units that are decoded before they are written: few enough for the stack and the first-level cache.
const RUN_UNITS: usize = 1024;
/// Bytes that are taken at once where all of them are ASCII.
const BLOCK_BYTES: usize = 16;

/// What a string of this UTF-8 will be like.
struct Measure {
    /// Number of UTF-16 code units.
    units: usize,
    /// Whether every code point is below U+0100.
    is_latin1: bool,
}

/// Counts without decoding: every byte that begins a code point makes one unit, and one more where it begins four bytes.
fn measure(text: &str) -> Measure {
    let (mut units, mut highest) = (0, 0);
    // Short enough for the counts to fit into bytes, which lets sixteen and more of them be counted at once.
    for chunk in text.as_bytes().chunks(240) {
        let (mut begins, mut fours, mut most) = (0_u8, 0_u8, 0_u8);
        for &byte in chunk {
            begins += u8::from(byte & 0xC0 != 0x80);
            fours += u8::from(byte >= 0xF0);
            most = most.max(byte);
        }
        units += usize::from(begins) + usize::from(fours);
        highest = highest.max(most);
    }
    // 0xC3 begins the last code points below U+0100.
    Measure { units, is_latin1: highest < 0xC4 }
}

/// A code unit of 8 or 16 bits.
trait Unit: Copy + Default {
    fn from_ascii(byte: u8) -> Self;
    /// Writes a code point that is not ASCII, given as the four bytes that begin with it; how many of them are its own, and the number of
    /// units. There is room for two.
    fn decode(bytes: [u8; 4], target: &mut [Self; 2]) -> (usize, usize);
}

/// The low six bits of a byte that continues a code point.
#[inline(always)]
fn rest_of(byte: u8) -> u32 {
    u32::from(byte & 0x3F)
}

impl Unit for u8 {
    #[inline(always)]
    fn from_ascii(byte: u8) -> u8 {
        byte
    }
    #[inline(always)]
    fn decode([first, second, ..]: [u8; 4], target: &mut [u8; 2]) -> (usize, usize) {
        target[0] = first << 6 | second & 0x3F;
        (2, 1)
    }
}

impl Unit for u16 {
    #[inline(always)]
    fn from_ascii(byte: u8) -> u16 {
        u16::from(byte)
    }
    #[inline(always)]
    fn decode([first, second, third, fourth]: [u8; 4], target: &mut [u16; 2]) -> (usize, usize) {
        let first = u32::from(first);
        if first < 0xE0 {
            target[0] = ((first & 0x1F) << 6 | rest_of(second)) as u16;
            (2, 1)
        } else if first < 0xF0 {
            target[0] = ((first & 0x0F) << 12 | rest_of(second) << 6 | rest_of(third)) as u16;
            (3, 1)
        } else {
            let beyond = ((first & 0x07) << 18 | rest_of(second) << 12 | rest_of(third) << 6 | rest_of(fourth)).wrapping_sub(0x1_0000);
            *target = [0xD800 | (beyond >> 10 & 0x3FF) as u16, 0xDC00 | (beyond & 0x3FF) as u16];
            (4, 2)
        }
    }
}

/// The first eight bytes of a block, and the others. (Shifts of one number of sixteen bytes make slower code.)
#[inline(always)]
fn halves(block: &[u8; BLOCK_BYTES]) -> (u64, u64) {
    let [a, b, c, d, e, f, g, h, rest @ ..] = *block;
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(rest))
}

/// Decodes the beginning of a text; how many bytes were taken, and how many units written. Takes all, or what fills `target` but for less
/// than a block. (As a function of its own it is compiled to code that knows text and target for different memory.)
#[inline(never)]
fn decode_run<U: Unit>(text: &str, target: &mut [U; RUN_UNITS]) -> (usize, usize) {
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    let bytes = text.as_bytes();
    let (mut from, mut to) = (0, 0);
    while let Some(units) = target[to..].first_chunk_mut::<BLOCK_BYTES>() {
        let Some(block) = bytes[from..].first_chunk::<BLOCK_BYTES>() else {
            return decode_end(&text[from..], from, target, to);
        };
        // All of the block is written as if it were ASCII; what comes next writes over the rest.
        for (unit, &byte) in units.iter_mut().zip(block) {
            *unit = U::from_ascii(byte);
        }
        let (low, high) = halves(block);
        let (low, high) = (low & HIGH_BITS, high & HIGH_BITS);
        if low | high == 0 {
            from += BLOCK_BYTES;
            to += BLOCK_BYTES;
            continue;
        }
        let ascii = if low != 0 { low.trailing_zeros() / 8 } else { 8 + high.trailing_zeros() / 8 };
        from += ascii as usize;
        to += ascii as usize;
        // Code points that are not ASCII rarely stand alone: the run of them is taken here.
        while let Some(&four) = bytes[from..].first_chunk::<4>()
            && !four[0].is_ascii()
            && let Some(units) = target[to..].first_chunk_mut::<2>()
        {
            let (taken, written) = U::decode(four, units);
            from += taken;
            to += written;
        }
    }
    (from, to)
}

/// The same for the last few code points of a text, less than a block, of which the bytes before `from` and the units before `to` are done.
fn decode_end<U: Unit>(text: &str, mut from: usize, target: &mut [U; RUN_UNITS], mut to: usize) -> (usize, usize) {
    for code_point in text.chars() {
        let Some(units) = target[to..].first_chunk_mut::<2>() else { break };
        let mut four = [0; 4];
        let length = code_point.encode_utf8(&mut four).len();
        let mut written = 1;
        if length == 1 {
            units[0] = U::from_ascii(four[0]);
        } else {
            (_, written) = U::decode(four, units);
        }
        from += length;
        to += written;
    }
    (from, to)
}

impl Heap {
    /// A string of this text.
    pub fn new_string(&self, text: &str) -> JsString {
        if text.is_ascii() {
            return self.new_latin1(text.as_bytes());
        }
        let Measure { units, is_latin1 } = measure(text);
        if is_latin1 && units == 1 {
            return text.chars().next().map_or(atoms::EMPTY, |character| self.single_character(character as u8));
        }
        let string = self.new_flat(units as u32, !is_latin1);
        let at = string.offset() + super::FLAT_UNITS;
        if is_latin1 {
            fill::<u8>(text, |written, run| self.cage().write_bytes(at + written, run));
        } else {
            fill::<u16>(text, |written, run| self.cage().write_u16(at + 2 * written, run));
        }
        string
    }
}

/// Decodes a text run by run; `write` gets the number of units before each run.
fn fill<U: Unit>(text: &str, mut write: impl FnMut(u32, &[U])) {
    let mut run = [U::default(); RUN_UNITS];
    let (mut rest, mut written) = (text, 0);
    while !rest.is_empty() {
        let (taken, units) = decode_run(rest, &mut run);
        write(written, &run[..units]);
        written += units as u32;
        rest = &rest[taken..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded<U: Unit>(text: &str) -> Vec<U> {
        let mut units = Vec::new();
        fill::<U>(text, |written, run| {
            assert_eq!(written as usize, units.len());
            units.extend_from_slice(run);
        });
        units
    }

    fn check(text: &str) {
        let expected: Vec<u16> = text.encode_utf16().collect();
        let measured = measure(text);
        assert_eq!(measured.units, expected.len(), "{text:?}");
        assert_eq!(measured.is_latin1, expected.iter().all(|&unit| unit < 256), "{text:?}");
        assert_eq!(decoded::<u16>(text), expected, "{text:?}");
        if measured.is_latin1 {
            assert!(decoded::<u8>(text).iter().map(|&unit| u16::from(unit)).eq(expected), "{text:?}");
        }
    }

    #[test]
    fn code_points_of_every_length_at_every_place() {
        for character in
            ["a", "\u{7F}", "\u{80}", "\u{FF}", "\u{100}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}", "\u{1F98A}\u{E9}"]
        {
            for before in 0..40 {
                for after in [0, 1, 7, 8, 15, 16, 17] {
                    check(&format!("{}{character}{}", "x".repeat(before), "y".repeat(after)));
                }
            }
        }
        check("");
    }

    #[test]
    fn runs_end_at_every_place() {
        for before in RUN_UNITS - 40..RUN_UNITS + 4 {
            for character in ["\u{E9}", "\u{20AC}", "\u{1F98A}"] {
                check(&format!("{}{}", "x".repeat(before), character.repeat(40)));
                check(&format!("{}{}", character, "x".repeat(before)));
            }
        }
        check(&"\u{E9}".repeat(5000));
        check(&"\u{1F98A}".repeat(3000));
        check(&"a\u{4E16}\u{754C} b\u{F6}c".repeat(999));
    }
}
