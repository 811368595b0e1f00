//! Single characters: testing one, and scanning over many.

use super::Matcher;
use super::units::Unit;
use crate::opcode::one;

/// What a loop instruction says about its character.
#[derive(Clone, Copy)]
pub(super) struct One {
    pub(super) kind: u32,
    pub(super) operand: u32,
}

fn is_line_terminator(c: u32) -> bool {
    matches!(c, 0xA | 0xD | 0x2028 | 0x2029)
}

impl<U: Unit, const UNICODE: bool> Matcher<'_, U, UNICODE> {
    /// Whether the set at `set` in the pool has `c`.
    #[inline(always)]
    pub(super) fn in_set(&self, set: usize, c: u32) -> bool {
        if c < 256 {
            return self.code.get(set + (c >> 5) as usize).is_some_and(|word| word >> (c & 31) & 1 == 1);
        }
        self.in_ranges(set, c)
    }

    fn in_ranges(&self, set: usize, c: u32) -> bool {
        let count = self.code.get(set + 8).map_or(0, |&w| (w & !one::WIDE) as usize);
        let Some(ranges) = self.code.get(set + 9..).and_then(|rest| rest.get(..2 * count)) else { return false };
        let (pairs, _) = ranges.as_chunks::<2>();
        if let [[lo, hi]] = pairs {
            return *lo <= c && c <= *hi;
        }
        let at = pairs.partition_point(|pair| pair[1] < c);
        pairs.get(at).is_some_and(|pair| pair[0] <= c)
    }

    #[inline(always)]
    pub(super) fn one_matches(&self, one: One, c: u32) -> bool {
        match one.kind {
            one::ANY => true,
            one::DOT => !is_line_terminator(c),
            one::CHAR => c == one.operand,
            one::NOT_CHAR => c != one.operand,
            one::PAIR => c | 0x20 == one.operand,
            _ => self.in_set(one.operand as usize, c),
        }
    }

    /// How many characters from `from` on match, up to `max`: the position behind them and their number.
    pub(super) fn scan(&mut self, one: One, from: usize, max: u32) -> (usize, u32) {
        let input = self.input;
        let Some(rest) = input.get(from..) else { return (from, 0) };
        if Self::WIDE && self.needs_code_points(one, max) {
            return self.scan_code_points(one, from, max);
        }
        let rest = rest.get(..max as usize).unwrap_or(rest);
        let stop = match one.kind {
            one::ANY => None,
            one::DOT => U::find_line_end(rest),
            one::CHAR => rest.iter().position(|&u| u.into() != one.operand),
            one::NOT_CHAR => U::find(rest, one.operand),
            one::PAIR => rest.iter().position(|&u| u.into() | 0x20 != one.operand),
            _ => self.scan_set(one.operand as usize, rest),
        };
        let count = stop.unwrap_or(rest.len());
        self.fuel -= (count >> 4) as i64;
        (from + count, count as u32)
    }

    /// Whether scanning unit by unit would go wrong. Kinds that take every surrogate may take the halves of a pair one after the other,
    /// as long as nobody counts; sets without surrogates stop at either half.
    fn needs_code_points(&self, one: One, max: u32) -> bool {
        match one.kind {
            one::ANY | one::DOT | one::NOT_CHAR => max != u32::MAX,
            one::CHAR | one::PAIR => false,
            _ => self.code.get(one.operand as usize + 8).is_some_and(|w| w & one::WIDE != 0),
        }
    }

    #[inline(always)]
    fn scan_set(&self, set: usize, rest: &[U]) -> Option<usize> {
        let bits: [u32; 8] = *self.code.get(set..).and_then(|words| words.first_chunk::<8>())?;
        rest.iter().position(|&u| {
            let c: u32 = u.into();
            let member = if c < 256 { bits[(c >> 5) as usize & 7] >> (c & 31) & 1 == 1 } else { self.in_ranges(set, c) };
            !member
        })
    }

    fn scan_code_points(&mut self, one: One, from: usize, max: u32) -> (usize, u32) {
        let (mut pos, mut count) = (from, 0);
        while count < max {
            match self.next(pos) {
                Some((c, after)) if self.one_matches(one, c) => pos = after,
                _ => break,
            }
            count += 1;
        }
        self.fuel -= i64::from(count >> 4);
        (pos, count)
    }

    /// As `scan`, backwards.
    pub(super) fn scan_back(&mut self, one: One, from: usize, max: u32) -> (usize, u32) {
        let (mut pos, mut count) = (from, 0);
        while count < max {
            match self.previous(pos) {
                Some((c, before)) if self.one_matches(one, c) => pos = before,
                _ => break,
            }
            count += 1;
        }
        self.fuel -= i64::from(count >> 4);
        (pos, count)
    }

    /// The position `count` characters on from `pos`.
    pub(super) fn advance(&self, mut pos: usize, count: u32, back: bool) -> usize {
        if !Self::WIDE {
            return if back { pos.saturating_sub(count as usize) } else { pos + count as usize };
        }
        for _ in 0..count {
            match if back { self.previous(pos) } else { self.next(pos) } {
                Some((_, to)) => pos = to,
                None => break,
            }
        }
        pos
    }

    /// Whether a member of the follow filter at `follow` comes next at `pos`. Filter 0 lets everything pass.
    #[inline(always)]
    pub(super) fn follows(&self, follow: usize, pos: usize, back: bool) -> bool {
        if follow == 0 {
            return true;
        }
        let next = if back { pos.checked_sub(1).and_then(|at| self.input.get(at)) } else { self.input.get(pos) };
        let flag = |bit: u32| self.code.get(follow + 8).is_some_and(|flags| flags >> bit & 1 == 1);
        match next.map(|&u| u.into()) {
            None => flag(1),
            Some(c) if c < 256 => self.code.get(follow + (c >> 5) as usize).is_some_and(|word| word >> (c & 31) & 1 == 1),
            Some(_) => flag(0),
        }
    }

    /// The last position from `from` down to `least` that is between characters and has a member of `follow` next.
    pub(super) fn give_back(&mut self, from: usize, least: usize, follow: usize) -> Option<usize> {
        if follow == 0 {
            return Some(if self.splits_pair(from) { from - 1 } else { from });
        }
        let only = self.code.get(follow + 9).copied().unwrap_or(u32::MAX);
        let input = self.input;
        let found = if only != u32::MAX {
            // A Latin-1 character: never the second half of a pair.
            let reach = input.get(least..(from + 1).min(input.len())).unwrap_or(&[]);
            U::find_last(reach, only).map(|i| least + i)
        } else {
            (least..=from).rev().find(|&pos| self.follows(follow, pos, false) && !self.splits_pair(pos))
        };
        self.fuel -= ((from - found.unwrap_or(least).min(from)) >> 4) as i64;
        found
    }
}
