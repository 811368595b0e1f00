//! Code units of the two string representations.

use memchr::{memchr, memchr2, memchr3, memrchr};

/// A code unit.
pub(super) trait Unit: Copy + Into<u32> + PartialEq {
    /// Whether two units can stand for one character.
    const HAS_SURROGATES: bool;
    /// The unit for a character, where there is one.
    fn of(c: u32) -> Option<Self>;
    /// Index of the first unit equal to `c`.
    fn find(units: &[Self], c: u32) -> Option<usize>;
    /// Index of the last unit equal to `c`.
    fn find_last(units: &[Self], c: u32) -> Option<usize>;
    /// Index of the first unit equal to one of the first `count` of `any` (1 to 3), for Latin-1 members.
    fn find_any(units: &[Self], any: [u32; 3], count: u32) -> Option<usize>;
    /// Index of the first line terminator.
    fn find_line_end(units: &[Self]) -> Option<usize>;
    /// Whether `units` equal text packed 4 to a word.
    fn equal_packed(units: &[Self], words: &[u32]) -> bool;
}

#[inline(always)]
fn pack(chunk: &[u8]) -> u32 {
    match chunk {
        [a, b, c, d] => u32::from_le_bytes([*a, *b, *c, *d]),
        _ => chunk.iter().rev().fold(0, |word, &b| word << 8 | u32::from(b)),
    }
}

/// Below this length a plain loop beats the call.
const SHORT: usize = 12;

impl Unit for u8 {
    const HAS_SURROGATES: bool = false;

    fn of(c: u32) -> Option<u8> {
        u8::try_from(c).ok()
    }

    #[inline]
    fn find(units: &[u8], c: u32) -> Option<usize> {
        let c = u8::try_from(c).ok()?;
        let near = units.len().min(SHORT);
        let (head, tail) = units.split_at(near);
        match head.iter().position(|&u| u == c) {
            None if !tail.is_empty() => memchr(c, tail).map(|i| i + near),
            found => found,
        }
    }

    fn find_last(units: &[u8], c: u32) -> Option<usize> {
        memrchr(u8::try_from(c).ok()?, units)
    }

    #[inline]
    fn find_any(units: &[u8], any: [u32; 3], count: u32) -> Option<usize> {
        let [a, b, c] = any.map(|c| c as u8);
        match count {
            1 => memchr(a, units),
            2 => memchr2(a, b, units),
            _ => memchr3(a, b, c, units),
        }
    }

    #[inline]
    fn find_line_end(units: &[u8]) -> Option<usize> {
        let near = units.len().min(SHORT);
        let (head, tail) = units.split_at(near);
        match head.iter().position(|&u| u == b'\n' || u == b'\r') {
            None if !tail.is_empty() => memchr2(b'\n', b'\r', tail).map(|i| i + near),
            found => found,
        }
    }

    #[inline(always)]
    fn equal_packed(units: &[u8], words: &[u32]) -> bool {
        units.chunks(4).zip(words).all(|(chunk, &word)| pack(chunk) == word)
    }
}

/// The first index where `test` holds, looking at blocks so that the compiler can use vectors.
#[inline(always)]
fn find_block(units: &[u16], test: impl Fn(u16) -> bool) -> Option<usize> {
    let mut base = 0;
    let mut blocks = units.chunks_exact(16);
    for block in &mut blocks {
        if block.iter().fold(false, |any, &u| any | test(u)) {
            break;
        }
        base += 16;
    }
    units.get(base..)?.iter().position(|&u| test(u)).map(|i| base + i)
}

impl Unit for u16 {
    const HAS_SURROGATES: bool = true;

    fn of(c: u32) -> Option<u16> {
        u16::try_from(c).ok()
    }

    #[inline]
    fn find(units: &[u16], c: u32) -> Option<usize> {
        let c = u16::try_from(c).ok()?;
        find_block(units, |u| u == c)
    }

    fn find_last(units: &[u16], c: u32) -> Option<usize> {
        let c = u16::try_from(c).ok()?;
        units.iter().rposition(|&u| u == c)
    }

    fn find_any(units: &[u16], any: [u32; 3], count: u32) -> Option<usize> {
        let [a, b, c] = any.map(|c| c as u16);
        match count {
            1 => find_block(units, |u| u == a),
            2 => find_block(units, |u| u == a || u == b),
            _ => find_block(units, |u| u == a || u == b || u == c),
        }
    }

    #[inline]
    fn find_line_end(units: &[u16]) -> Option<usize> {
        find_block(units, |u| u == 0xA || u == 0xD || u & 0xFFFE == 0x2028)
    }

    #[inline(always)]
    fn equal_packed(units: &[u16], words: &[u32]) -> bool {
        units.chunks(4).zip(words).all(|(chunk, &word)| chunk.iter().rev().fold(0u64, |all, &u| all << 16 | u64::from(u)) == spread(word))
    }
}

/// Four bytes as four 16-bit units.
#[inline(always)]
fn spread(word: u32) -> u64 {
    let word = u64::from(word);
    word & 0xFF | (word & 0xFF00) << 8 | (word & 0xFF_0000) << 16 | (word & 0xFF00_0000) << 24
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_search_finds_what_a_plain_loop_finds() {
        for length in 0..70 {
            for at in 0..length {
                let mut units = vec![7u16; length];
                units[at] = 300;
                assert_eq!(u16::find(&units, 300), Some(at));
                assert_eq!(u16::find_last(&units, 300), Some(at));
                assert_eq!(u16::find(&units, 301), None);
                let bytes: Vec<u8> = units.iter().map(|&u| u as u8).collect();
                assert_eq!(u8::find(&bytes, 300 & 255), Some(at));
                assert_eq!(u8::find(&bytes, 300), None);
            }
        }
    }

    #[test]
    fn packed_text_compares_alike_in_both_widths() {
        let text = b"hello\xE9!";
        let words: Vec<u32> = text.chunks(4).map(pack).collect();
        let mut wide: Vec<u16> = text.iter().map(|&b| u16::from(b)).collect();
        assert!(u8::equal_packed(text, &words));
        assert!(u16::equal_packed(&wide, &words));
        wide[1] |= 0x100;
        assert!(!u16::equal_packed(&wide, &words));
        assert!(!u8::equal_packed(b"hellp\xE9!", &words));
    }
}
