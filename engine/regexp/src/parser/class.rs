//! Character classes without the `v` flag.

use super::escapes::ClassEscape;
use super::{Parser, Result};
use crate::casing;
use crate::charset::CharSet;
use crate::error::Fault;

/// One side of a range, or a member on its own.
enum ClassAtom {
    Char(u32),
    Escape(ClassEscape),
}

impl Parser<'_> {
    // 22.2.2.8 Runtime Semantics: CompileCharacterClass, https://tc39.es/ecma262/#sec-compilecharacterclass
    // 22.2.1 Patterns, NonemptyClassRanges, https://tc39.es/ecma262/#prod-NonemptyClassRanges
    /// Reads `[…]` from its bracket; the set is closed under case and inverted where the text says so.
    pub(super) fn class(&mut self) -> Result<CharSet> {
        self.pos += 1;
        let invert = self.eat('^');
        // Members that still need their case variants, and those that have them: closing the latter again would only cost time.
        let (mut open, mut closed) = (CharSet::new(), CharSet::new());
        while !self.eat(']') {
            let start = self.pos;
            let low = self.class_atom()?;
            if !self.at('-') || self.unit_at(1) == Some(']' as u32) {
                add(&mut open, &mut closed, low);
                continue;
            }
            if self.unit_at(1).is_none() {
                return Err(Fault::new(self.units.len(), "Unterminated character class"));
            }
            self.pos += 1;
            let high = self.class_atom()?;
            match (low, high) {
                (ClassAtom::Char(lo), ClassAtom::Char(hi)) if lo <= hi => open.insert_range(lo, hi),
                (ClassAtom::Char(_), ClassAtom::Char(_)) => return Err(Fault::new(start, "Range out of order in character class")),
                _ if self.unicode => return Err(Fault::new(start, "Invalid character class")),
                // B.1.2.6 CharacterRangeOrUnion: a set on one side makes the hyphen a member.
                (low, high) => {
                    add(&mut open, &mut closed, low);
                    add(&mut open, &mut closed, high);
                    open.insert('-' as u32);
                }
            }
        }
        let mut set = if self.modifiers.ignore_case { casing::case_closure(&open, self.unicode) } else { open };
        set.union_with(&closed);
        Ok(if invert { set.complement() } else { set })
    }

    // 22.2.1 Patterns, ClassAtom, https://tc39.es/ecma262/#prod-ClassAtom
    fn class_atom(&mut self) -> Result<ClassAtom> {
        let start = self.pos;
        let Some(c) = self.next_character(false) else {
            return Err(Fault::new(self.units.len(), "Unterminated character class"));
        };
        if c != '\\' as u32 {
            return Ok(ClassAtom::Char(c));
        }
        if let Some(escape) = self.class_escape("Invalid property name in character class")? {
            return Ok(ClassAtom::Escape(escape));
        }
        // 22.2.1 Patterns, ClassEscape, https://tc39.es/ecma262/#prod-ClassEscape
        match self.peek().and_then(char::from_u32) {
            Some('b') => {
                self.pos += 1;
                return Ok(ClassAtom::Char(8));
            }
            Some('-') if self.unicode => {
                self.pos += 1;
                return Ok(ClassAtom::Char('-' as u32));
            }
            Some('c') if !self.unicode => {
                // B.1.2 ClassEscape :: c ClassControlLetter, with digits and underscore.
                if let Some(control) = self.unit_at(1).and_then(char::from_u32).filter(|c| c.is_ascii_digit() || *c == '_') {
                    self.pos += 2;
                    return Ok(ClassAtom::Char(control as u32 % 32));
                }
            }
            _ => {}
        }
        self.character_escape(start, "Invalid class escape").map(ClassAtom::Char)
    }
}

fn add(open: &mut CharSet, closed: &mut CharSet, atom: ClassAtom) {
    match atom {
        ClassAtom::Char(c) => open.insert(c),
        ClassAtom::Escape(ClassEscape::Closed(set)) => closed.union_with(&set),
        // Properties of strings do not exist without the v flag.
        ClassAtom::Escape(ClassEscape::Open(set) | ClassEscape::Strings(set, _)) => open.union_with(&set),
    }
}
