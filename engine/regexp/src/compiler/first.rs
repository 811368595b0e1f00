//! First sets: what the next character can be where a piece of a pattern is to succeed.

use crate::charset::CharSet;

/// A superset of the characters that can come next, precise for Latin-1, one bit for all others and one for the end of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct First {
    /// One bit for each of the characters 0 to 255.
    pub(crate) bits: [u32; 8],
    /// Some character from 256 on.
    pub(crate) high: bool,
    /// The end of the input (behind the last or, in look-behind, before the first character).
    pub(crate) end: bool,
}

impl First {
    pub(crate) const NONE: First = First { bits: [0; 8], high: false, end: false };
    pub(crate) const ALL: First = First { bits: [u32::MAX; 8], high: true, end: true };
    pub(crate) const END: First = First { bits: [0; 8], high: false, end: true };

    pub(crate) fn of_set(set: &CharSet) -> First {
        let mut first = First::NONE;
        for &(lo, hi) in set.ranges() {
            for c in lo..=hi.min(255) {
                first.bits[(c >> 5) as usize & 7] |= 1 << (c & 31);
            }
            first.high |= hi > 255;
        }
        first
    }

    pub(crate) fn of_char(c: u32) -> First {
        let mut first = First::NONE;
        if c < 256 {
            first.bits[(c >> 5) as usize & 7] |= 1 << (c & 31);
        } else {
            first.high = true;
        }
        first
    }

    pub(crate) fn union(mut self, other: &First) -> First {
        self.bits.iter_mut().zip(other.bits).for_each(|(a, b)| *a |= b);
        self.high |= other.high;
        self.end |= other.end;
        self
    }

    pub(crate) fn is_disjoint(&self, other: &First) -> bool {
        self.bits.iter().zip(other.bits).all(|(a, b)| a & b == 0) && !(self.high && other.high) && !(self.end && other.end)
    }

    /// The Latin-1 characters in the set.
    pub(crate) fn latin1(&self) -> impl Iterator<Item = u8> + '_ {
        self.bits.iter().zip((0u8..).step_by(32)).flat_map(|(&word, base)| {
            let mut left = word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (bit < 32).then(|| base + bit as u8)
            })
        })
    }

    pub(crate) fn latin1_len(&self) -> u32 {
        self.bits.iter().map(|w| w.count_ones()).sum()
    }
}
