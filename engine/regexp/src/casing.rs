//! Case-insensitive comparison: canonical characters and the classes of characters that share one.
//!
//! Two relations exist, as the specification has it: simple case folding under `u` and `v`, and a one-to-one upper-casing of code units
//! without. Each becomes a table of its non-trivial classes outside ASCII, computed once when a pattern first needs it.

use crate::charset::CharSet;
use icu_casemap::CaseMapper;
use std::sync::OnceLock;

/// The non-trivial equivalence classes of one relation.
struct CaseTable {
    /// Every character of a class with more than one member, with its canonical character; sorted by character.
    canonical: Vec<(u32, u32)>,
    /// The same pairs, sorted by canonical character.
    by_canonical: Vec<(u32, u32)>,
}

impl CaseTable {
    fn build(last: u32, canonicalize: impl Fn(u32) -> u32) -> CaseTable {
        let mut by_canonical: Vec<(u32, u32)> = Vec::new();
        for c in 0..=last {
            let target = canonicalize(c);
            if target != c {
                by_canonical.push((target, c));
            }
        }
        by_canonical.sort_unstable();
        let mut heads: Vec<u32> = by_canonical.iter().map(|p| p.0).collect();
        heads.dedup();
        by_canonical.extend(heads.into_iter().map(|head| (head, head)));
        by_canonical.sort_unstable();
        let mut canonical: Vec<(u32, u32)> = by_canonical.iter().map(|&(head, c)| (c, head)).collect();
        canonical.sort_unstable();
        CaseTable { canonical, by_canonical }
    }

    fn canonicalize(&self, c: u32) -> u32 {
        match self.canonical.binary_search_by_key(&c, |p| p.0) {
            Ok(at) => self.canonical.get(at).map_or(c, |p| p.1),
            Err(_) => c,
        }
    }

    fn members(&self, canonical: u32) -> impl Iterator<Item = u32> + '_ {
        let start = self.by_canonical.partition_point(|p| p.0 < canonical);
        self.by_canonical[start..].iter().take_while(move |p| p.0 == canonical).map(|p| p.1)
    }
}

/// Both tables end before this; nothing above has case (checked by a test).
const LAST_CASED: u32 = 0x1_FFFF;

fn table(unicode: bool) -> &'static CaseTable {
    static UNICODE: OnceLock<CaseTable> = OnceLock::new();
    static UNITS: OnceLock<CaseTable> = OnceLock::new();
    if unicode {
        UNICODE.get_or_init(|| CaseTable::build(LAST_CASED, simple_fold))
    } else {
        UNITS.get_or_init(|| CaseTable::build(0xFFFF, upper_case_unit))
    }
}

fn simple_fold(c: u32) -> u32 {
    char::from_u32(c).map_or(c, |c| CaseMapper::new().simple_fold(c) as u32)
}

/// Steps 3 to 9 of Canonicalize, without `u` and `v`.
fn upper_case_unit(unit: u32) -> u32 {
    let Some(c) = char::from_u32(unit) else { return unit };
    if c.is_ascii() {
        return u32::from(c.to_ascii_uppercase());
    }
    // The full mapping decides: where it has more than one code unit the character stands for itself.
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(only), None) if !only.is_ascii() && only as u32 <= 0xFFFF => only as u32,
        _ => unit,
    }
}

// 22.2.2.7.3 Canonicalize ( rer, ch ), https://tc39.es/ecma262/#sec-runtime-semantics-canonicalize-ch
/// The canonical character of `c` where case is ignored; `unicode` is HasEitherUnicodeFlag.
pub(crate) fn canonicalize(c: u32, unicode: bool) -> u32 {
    if c < 128 {
        let c = c as u8;
        return u32::from(if unicode { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() });
    }
    table(unicode).canonicalize(c)
}

/// All characters whose canonical character is that of `c`.
pub(crate) fn case_variants(c: u32, unicode: bool) -> CharSet {
    if c < 128 {
        return ascii_closure(&CharSet::single(c), unicode);
    }
    let table = table(unicode);
    let mut set = CharSet::from_ranges(table.members(table.canonicalize(c)).map(|m| (m, m)));
    set.insert(c);
    set
}

/// All characters whose canonical character is that of a member of `set`.
pub(crate) fn case_closure(set: &CharSet, unicode: bool) -> CharSet {
    match set.ranges().last() {
        None => return CharSet::new(),
        Some(&(_, hi)) if hi < 128 => return ascii_closure(set, unicode),
        _ => {}
    }
    let table = table(unicode);
    let mut added: Vec<(u32, u32)> = set.ranges().to_vec();
    let mut ranges = set.ranges().iter().peekable();
    for &(c, canonical) in &table.canonical {
        while ranges.next_if(|r| r.1 < c).is_some() {}
        match ranges.peek() {
            None => break,
            Some(r) if r.0 <= c => added.extend(table.members(canonical).map(|m| (m, m))),
            Some(_) => {}
        }
    }
    CharSet::from_ranges(added)
}

/// The closure of a set of ASCII characters, which needs no table.
fn ascii_closure(set: &CharSet, unicode: bool) -> CharSet {
    let mut out = set.clone();
    for c in set.iter().filter(|&c| c < 128) {
        let letter = c as u8;
        if letter.is_ascii_alphabetic() {
            out.insert(u32::from(letter ^ 0x20));
            match letter.to_ascii_lowercase() {
                // KELVIN SIGN and LATIN SMALL LETTER LONG S fold into ASCII; without `u` step 8 keeps them out.
                b'k' if unicode => out.insert(0x212A),
                b's' if unicode => out.insert(0x17F),
                _ => {}
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_above_the_table_has_case() {
        for c in LAST_CASED + 1..=0x10_FFFF {
            assert_eq!(simple_fold(c), c);
        }
    }

    #[test]
    fn ascii_shortcuts_agree_with_the_tables() {
        for unicode in [false, true] {
            for c in 0..128 {
                assert_eq!(canonicalize(c, unicode), table(unicode).canonicalize(c));
                let members: CharSet =
                    CharSet::from_ranges(table(unicode).members(canonicalize(c, unicode)).map(|m| (m, m)).chain([(c, c)]));
                assert_eq!(case_variants(c, unicode), members);
            }
        }
    }

    #[test]
    fn corners_of_the_two_relations() {
        // ß has a two-letter upper case, so it stands for itself without `u`; with `u` it folds with capital ẞ.
        assert_eq!(canonicalize(0xDF, false), 0xDF);
        assert!(case_variants(0xDF, true).contains(0x1E9E));
        assert!(!case_variants(0xDF, false).contains(0x1E9E));
        // ſ upper-cases to S, an ASCII letter, which does not count without `u`.
        assert_eq!(canonicalize(0x17F, false), 0x17F);
        assert_eq!(canonicalize(0x17F, true), u32::from('s'));
        // µ and μ meet in Μ.
        assert_eq!(canonicalize(0xB5, false), 0x39C);
        assert_eq!(case_variants(0xB5, false), CharSet::from_ranges([(0xB5, 0xB5), (0x39C, 0x39C), (0x3BC, 0x3BC)]));
        // Dotless and dotted i keep apart in both.
        assert_eq!(case_variants(0x131, true), CharSet::single(0x131));
        assert_eq!(canonicalize(0x130, true), 0x130);
        assert_eq!(canonicalize(0x10400, true), 0x10428);
        assert_eq!(canonicalize(0x10400, false), 0x10400);
    }

    #[test]
    fn closure_is_the_union_of_variants() {
        let set = CharSet::from_ranges([(0x41, 0x43), (0xE0, 0x3A9), (0x1E00, 0x1EFF)]);
        for unicode in [false, true] {
            let mut expected = CharSet::new();
            for c in set.iter() {
                expected.union_with(&case_variants(c, unicode));
            }
            assert_eq!(case_closure(&set, unicode), expected);
        }
    }
}
