//! Back-references and word boundaries.

use super::Matcher;
use super::units::Unit;
use crate::casing::canonicalize;
use crate::flags::Flags;
use crate::opcode::header;

impl<U: Unit, const UNICODE: bool> Matcher<'_, U, UNICODE> {
    // 22.2.2.7.2 BackreferenceMatcher ( rer, ns, direction ), https://tc39.es/ecma262/#sec-backreference-matcher
    /// The position behind (or before) another occurrence of what one of `groups` captured; `pos` itself where none took part.
    pub(super) fn back_reference(&mut self, groups: &[u32], pos: usize, back: bool, ignore_case: bool) -> Option<usize> {
        let captured = groups.iter().find_map(|&group| {
            let start = *self.captures.get(2 * group as usize)?;
            let end = *self.captures.get(2 * group as usize + 1)?;
            (start != u32::MAX && end != u32::MAX).then_some((start as usize, end as usize))
        });
        let Some((start, end)) = captured else { return Some(pos) };
        let length = end.checked_sub(start)?;
        self.fuel -= (length >> 3) as i64;
        if !ignore_case && !Self::WIDE {
            let at = if back { pos.checked_sub(length)? } else { pos };
            let here = self.input.get(at..at + length)?;
            let text = self.input.get(start..end)?;
            return (here == text).then_some(if back { at } else { at + length });
        }
        // UTF-16 flags are in the header; Latin-1 input is not compiled for them.
        let unicode = self.code.get(header::FLAGS).is_some_and(|&bits| Flags::from_bits(bits).has_either_unicode_flag());
        let (mut from, mut at) = (if back { end } else { start }, pos);
        while if back { from > start } else { from < end } {
            let ((a, next_from), (b, next_at)) =
                if back { (self.previous(from)?, self.previous(at)?) } else { (self.next(from)?, self.next(at)?) };
            let same = a == b || (ignore_case && canonicalize(a, unicode) == canonicalize(b, unicode));
            if !same {
                return None;
            }
            (from, at) = (next_from, next_at);
        }
        Some(at)
    }

    // 22.2.2.4.1 IsWordChar ( rer, Input, e ), https://tc39.es/ecma262/#sec-runtime-semantics-iswordchar-abstract-operation
    #[inline]
    fn is_word(&self, at: Option<usize>, unicode_ignore_case: bool) -> bool {
        let c: u32 = match at.and_then(|at| self.input.get(at)) {
            Some(&unit) => unit.into(),
            None => return false,
        };
        match u8::try_from(c) {
            Ok(c) => c.is_ascii_alphanumeric() || c == b'_',
            Err(_) => unicode_ignore_case && matches!(c, 0x17F | 0x212A),
        }
    }

    #[inline]
    pub(super) fn at_word_boundary(&self, pos: usize, unicode_ignore_case: bool) -> bool {
        self.is_word(pos.checked_sub(1), unicode_ignore_case) != self.is_word(Some(pos), unicode_ignore_case)
    }

    /// Whether the unit at `at` is a line terminator.
    #[inline]
    pub(super) fn is_line_end(&self, at: usize) -> bool {
        self.input.get(at..at + 1).is_some_and(|unit| U::find_line_end(unit).is_some())
    }
}
