//! One-character matchers: which kind serves a set best.

use super::first::First;
use super::tree::{Kind, Tree};
use crate::charset::{CharSet, MAX_CODE_POINT};
use crate::opcode::one;
use crate::parser::line_terminators;

/// A one-character matcher before its operand is in the pool.
pub(super) enum One {
    Any,
    Dot,
    Char(u32),
    NotChar(u32),
    Pair(u32),
    Set(CharSet),
}

impl One {
    /// The matcher for a node that is a `Char` or a `Set`.
    pub(super) fn of(tree: &Tree, unicode: bool) -> Option<One> {
        match &tree.kind {
            // Under u a surrogate must be seen together with its neighbour, as sets do.
            Kind::Char(c) if unicode && ((0xD800..0xE000).contains(c) || *c > 0xFFFF) => Some(One::Set(CharSet::single(*c))),
            Kind::Char(c) => Some(One::Char(*c)),
            Kind::Set(set) => Some(One::of_set(set, unicode)),
            _ => None,
        }
    }

    fn of_set(set: &CharSet, unicode: bool) -> One {
        let surrogate = |c: u32| unicode && ((0xD800..0xE000).contains(&c) || c > 0xFFFF);
        match *set.ranges() {
            [(0, MAX_CODE_POINT)] => One::Any,
            [(0, a), (b, MAX_CODE_POINT)] if a + 2 == b && !surrogate(a + 1) => One::NotChar(a + 1),
            [(a, b), (c, d)] if a == b && c == d && is_pair(a, c) => One::Pair(c),
            _ if *set == line_terminators().complement() => One::Dot,
            _ => One::Set(set.clone()),
        }
    }

    pub(super) fn kind(&self) -> u32 {
        match self {
            One::Any => one::ANY,
            One::Dot => one::DOT,
            One::Char(_) => one::CHAR,
            One::NotChar(_) => one::NOT_CHAR,
            One::Pair(_) => one::PAIR,
            One::Set(_) => one::SET,
        }
    }
}

/// The ASCII letter pair of a set, in lower case.
pub(super) fn letter_pair(set: &CharSet) -> Option<u32> {
    match *set.ranges() {
        [(a, b), (c, d)] if a == b && c == d && is_pair(a, c) => Some(c),
        _ => None,
    }
}

fn is_pair(upper: u32, lower: u32) -> bool {
    lower == upper + 32 && u8::try_from(upper).is_ok_and(|c| c.is_ascii_uppercase())
}

/// The pool form of a set.
pub(super) fn set_words(set: &CharSet) -> Vec<u32> {
    let mut words = First::of_set(set).bits.to_vec();
    let high: Vec<(u32, u32)> = set.ranges().iter().filter(|r| r.1 > 255).map(|&(lo, hi)| (lo.max(256), hi)).collect();
    let wide = high.iter().any(|&(lo, hi)| hi > 0xFFFF || (lo <= 0xDFFF && hi >= 0xD800));
    words.push(high.len() as u32 | if wide { one::WIDE } else { 0 });
    words.extend(high.iter().flat_map(|&(lo, hi)| [lo, hi]));
    words
}

/// The pool form of a follow filter: bits, flags (1 others, 2 end), the only character or `u32::MAX`.
pub(super) fn follow_words(follow: &First) -> Vec<u32> {
    let mut words = follow.bits.to_vec();
    words.push(u32::from(follow.high) | u32::from(follow.end) << 1);
    let only = if follow.latin1_len() == 1 && !follow.high && !follow.end { follow.latin1().next() } else { None };
    words.push(only.map_or(u32::MAX, u32::from));
    words
}
