//! The flags of a regular expression.

use crate::error::RegExpError;
use std::fmt;

/// A set of regular expression flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u32);

/// Flag letters in the order in which `RegExp.prototype.flags` lists them.
const LETTERS: [(char, Flags); 8] = [
    ('d', Flags::HAS_INDICES),
    ('g', Flags::GLOBAL),
    ('i', Flags::IGNORE_CASE),
    ('m', Flags::MULTILINE),
    ('s', Flags::DOT_ALL),
    ('u', Flags::UNICODE),
    ('v', Flags::UNICODE_SETS),
    ('y', Flags::STICKY),
];

impl Flags {
    /// `d`: produce indices of captures. No influence on matching.
    pub const HAS_INDICES: Flags = Flags(1);
    /// `g`: the caller continues from `lastIndex`. No influence on matching.
    pub const GLOBAL: Flags = Flags(2);
    /// `i`: compare characters by their canonical case.
    pub const IGNORE_CASE: Flags = Flags(4);
    /// `m`: `^` and `$` match at line terminators too.
    pub const MULTILINE: Flags = Flags(8);
    /// `s`: `.` matches line terminators too.
    pub const DOT_ALL: Flags = Flags(16);
    /// `u`: characters are code points, and the strict grammar.
    pub const UNICODE: Flags = Flags(32);
    /// `v`: like `u`, with set notation in classes.
    pub const UNICODE_SETS: Flags = Flags(64);
    /// `y`: match at `last_index` only.
    pub const STICKY: Flags = Flags(128);

    /// Reads a flags string such as `"gi"`.
    ///
    /// # Errors
    /// Where a letter is unknown or repeated, or `u` and `v` are both there.
    pub fn parse(text: &str) -> Result<Flags, RegExpError> {
        let mut flags = Flags::default();
        for (offset, letter) in text.chars().enumerate() {
            let known = LETTERS.iter().find(|(l, _)| *l == letter).map(|&(_, flag)| flag);
            match known {
                Some(flag) if !flags.contains(flag) => flags = flags | flag,
                _ => return Err(Flags::invalid(text, offset)),
            }
        }
        if flags.contains(Flags::UNICODE) && flags.contains(Flags::UNICODE_SETS) {
            return Err(Flags::invalid(text, 0));
        }
        Ok(flags)
    }

    /// What [`Flags::parse`] makes of these letters, if that is not an error.
    #[inline]
    pub fn from_letters(letters: &[u8]) -> Option<Flags> {
        let mut flags = Flags::default();
        for &letter in letters {
            let flag = match letter {
                b'd' => Flags::HAS_INDICES,
                b'g' => Flags::GLOBAL,
                b'i' => Flags::IGNORE_CASE,
                b'm' => Flags::MULTILINE,
                b's' => Flags::DOT_ALL,
                b'u' => Flags::UNICODE,
                b'v' => Flags::UNICODE_SETS,
                b'y' => Flags::STICKY,
                _ => return None,
            };
            if flags.contains(flag) {
                return None;
            }
            flags = flags | flag;
        }
        if flags.contains(Flags::UNICODE) && flags.contains(Flags::UNICODE_SETS) { None } else { Some(flags) }
    }

    fn invalid(text: &str, offset: usize) -> RegExpError {
        RegExpError { offset, message: format!("Invalid flags supplied to RegExp constructor '{text}'") }
    }

    /// Whether every flag of `other` is in this set.
    #[inline]
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    // 22.2.2.9.2 HasEitherUnicodeFlag ( rer ), https://tc39.es/ecma262/#sec-runtime-semantics-haseitherunicodeflag-abstract-operation
    /// Whether `u` or `v` is set: characters are code points.
    #[inline]
    pub fn has_either_unicode_flag(self) -> bool {
        self.0 & (Flags::UNICODE.0 | Flags::UNICODE_SETS.0) != 0
    }

    /// The set as bits, for storage; the inverse of [`Flags::from_bits`].
    #[inline]
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The set from bits; unknown bits are dropped.
    #[inline]
    pub fn from_bits(bits: u32) -> Flags {
        Flags(bits & 255)
    }
}

impl std::ops::BitOr for Flags {
    type Output = Flags;
    #[inline]
    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (letter, flag) in LETTERS {
            if self.contains(flag) {
                write!(f, "{letter}")?;
            }
        }
        Ok(())
    }
}
