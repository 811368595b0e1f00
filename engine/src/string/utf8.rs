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
    /// Writes a code point that is not ASCII; the number of units.
    fn encode(code_point: char, target: &mut [Self]) -> usize;
}

impl Unit for u8 {
    #[inline(always)]
    fn from_ascii(byte: u8) -> u8 {
        byte
    }
    #[inline(always)]
    fn encode(code_point: char, target: &mut [u8]) -> usize {
        target[0] = code_point as u8;
        1
    }
}

impl Unit for u16 {
    #[inline(always)]
    fn from_ascii(byte: u8) -> u16 {
        u16::from(byte)
    }
    #[inline(always)]
    fn encode(code_point: char, target: &mut [u16]) -> usize {
        code_point.encode_utf16(target).len()
    }
}

/// Writes units of 8 bytes, of which the first `ascii` are ASCII; the others are written over by what comes next.
#[inline(always)]
fn copy_eight<U: Unit>(target: &mut [U], bytes: &[u8; 8]) {
    for (unit, &byte) in target[..8].iter_mut().zip(bytes) {
        *unit = U::from_ascii(byte);
    }
}

/// Decodes the beginning of a text; how many bytes were taken, and how many units written. Takes all, or what fills `target` but for less
/// than a block.
fn decode_run<U: Unit>(text: &str, target: &mut [U; RUN_UNITS]) -> (usize, usize) {
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    let bytes = text.as_bytes();
    let (mut from, mut to) = (0, 0);
    while to + BLOCK_BYTES <= RUN_UNITS {
        let rest = &bytes[from..];
        if let Some(block) = rest.first_chunk::<BLOCK_BYTES>()
            && block.is_ascii()
        {
            for (unit, &byte) in target[to..to + BLOCK_BYTES].iter_mut().zip(block) {
                *unit = U::from_ascii(byte);
            }
            from += BLOCK_BYTES;
            to += BLOCK_BYTES;
            continue;
        }
        let ascii = match rest.first_chunk::<8>() {
            Some(eight) => {
                copy_eight(&mut target[to..], eight);
                (u64::from_le_bytes(*eight) & HIGH_BITS).trailing_zeros() as usize / 8
            }
            None => {
                let ascii = rest.iter().take_while(|byte| byte.is_ascii()).count();
                for (unit, &byte) in target[to..].iter_mut().zip(&rest[..ascii]) {
                    *unit = U::from_ascii(byte);
                }
                ascii
            }
        };
        from += ascii;
        to += ascii;
        // Code points that are not ASCII rarely stand alone: the run of them is taken here. Each needs room for two units.
        let mut rest = text[from..].chars();
        let mut taken = 0;
        while to + 2 <= RUN_UNITS
            && let Some(code_point) = rest.next()
            && !code_point.is_ascii()
        {
            to += U::encode(code_point, &mut target[to..]);
            taken += code_point.len_utf8();
        }
        from += taken;
        if from == bytes.len() {
            break;
        }
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
