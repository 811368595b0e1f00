//! What stands behind `\` outside of classes, and the escapes that classes share.

use super::{Parser, Result};
use crate::ast::{Node, RefTarget};
use crate::casing;
use crate::charset::CharSet;
use crate::error::Fault;
use crate::properties::{self, Property};

/// A character class escape.
pub(super) enum ClassEscape {
    /// A set that is already closed under case where that matters.
    Closed(CharSet),
    /// A set that has yet to be closed under case.
    Open(CharSet),
    /// A property of strings.
    Strings(CharSet, Vec<Vec<u32>>),
}

impl Parser<'_> {
    // 22.2.1 Patterns, AtomEscape, https://tc39.es/ecma262/#prod-AtomEscape
    pub(super) fn atom_escape(&mut self) -> Result<Node> {
        let start = self.pos;
        self.pos += 1;
        let Some(c) = self.peek() else {
            return Err(Fault::new(start, "\\ at end of pattern"));
        };
        match char::from_u32(c) {
            Some('1'..='9') => {
                if let Some(node) = self.decimal_escape(start)? {
                    return Ok(node);
                }
            }
            Some('k') if self.unicode || self.census().any_named => return self.named_reference(start),
            _ => {
                if let Some(escape) = self.class_escape("Invalid property name")? {
                    return Ok(self.class_escape_node(escape));
                }
            }
        }
        let c = self.character_escape(start, "Invalid decimal escape")?;
        Ok(self.character(c))
    }

    fn class_escape_node(&self, escape: ClassEscape) -> Node {
        match escape {
            ClassEscape::Closed(set) => Node::Set(set),
            ClassEscape::Open(set) if self.modifiers.ignore_case => Node::Set(casing::case_closure(&set, self.unicode)),
            ClassEscape::Open(set) => Node::Set(set),
            ClassEscape::Strings(set, strings) => self.strings_node(set, strings),
        }
    }

    /// `\1` and so on: a back-reference, or in Annex B where there are fewer groups (B.1.2), nothing, with `pos` at the digit.
    fn decimal_escape(&mut self, start: usize) -> Result<Option<Node>> {
        let digits = self.pos;
        let number = self.decimal().unwrap_or(u64::MAX);
        let groups = self.census().groups;
        if number <= u64::from(groups) {
            self.has_back_refs = true;
            let target = RefTarget::Number(number as u32);
            return Ok(Some(Node::BackRef { target, ignore_case: self.modifiers.ignore_case }));
        }
        if self.unicode {
            return Err(Fault::new(start, "Invalid escape"));
        }
        self.pos = digits;
        Ok(None)
    }

    // 22.2.1 Patterns, AtomEscape :: k GroupName, https://tc39.es/ecma262/#prod-AtomEscape
    fn named_reference(&mut self, start: usize) -> Result<Node> {
        self.pos += 1;
        if !self.eat('<') {
            return Err(Fault::new(start, "Invalid named reference"));
        }
        let name = self.group_name()?;
        let slot = self.name_slot(name);
        self.references.push((start, slot));
        self.has_back_refs = true;
        Ok(Node::BackRef { target: RefTarget::Name(slot), ignore_case: self.modifiers.ignore_case })
    }

    // 22.2.1 Patterns, CharacterClassEscape, https://tc39.es/ecma262/#prod-CharacterClassEscape
    // 22.2.2.9 Runtime Semantics: CompileToCharSet, https://tc39.es/ecma262/#sec-compiletocharset
    /// Reads `d`, `D`, `s`, `S`, `w`, `W`, `p{…}` or `P{…}`, where one of them stands; `bad_property`
    /// is the message for a property that does not exist.
    pub(super) fn class_escape(&mut self, bad_property: &'static str) -> Result<Option<ClassEscape>> {
        let set = match self.peek().and_then(char::from_u32) {
            Some('d') => digits(),
            Some('D') => digits().complement(),
            Some('s') => white_space(),
            Some('S') => white_space().complement(),
            Some('w') => self.word_characters(),
            Some('W') => self.word_characters().complement(),
            Some(c @ ('p' | 'P')) if self.unicode => return self.property_escape(c == 'P', bad_property).map(Some),
            _ => return Ok(None),
        };
        self.pos += 1;
        Ok(Some(ClassEscape::Closed(set)))
    }

    // 22.2.2.9.3 WordCharacters ( rer ), https://tc39.es/ecma262/#sec-wordcharacters
    fn word_characters(&self) -> CharSet {
        let mut set = CharSet::from_ranges([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]);
        if self.unicode && self.modifiers.ignore_case {
            set.insert(0x17F);
            set.insert(0x212A);
        }
        set
    }

    // 22.2.1 Patterns, UnicodePropertyValueExpression, https://tc39.es/ecma262/#prod-UnicodePropertyValueExpression
    fn property_escape(&mut self, negative: bool, reason: &'static str) -> Result<ClassEscape> {
        let start = self.pos;
        let bad = Fault::new(start.saturating_sub(1), reason);
        self.pos += 1;
        if !self.eat('{') {
            return Err(bad);
        }
        let name = self.property_word();
        let property = if self.eat('=') {
            let value = self.property_word();
            properties::with_value(&name, &value).map(Property::Set)
        } else {
            properties::lone(&name, self.unicode_sets)
        };
        if !self.eat('}') {
            return Err(bad);
        }
        match property {
            None => Err(bad),
            Some(Property::Strings(..)) if negative => Err(bad),
            Some(Property::Strings(set, strings)) => Ok(ClassEscape::Strings(set, strings)),
            Some(Property::Set(set)) => {
                // MaybeSimpleCaseFolding comes before the complement under v; under u the complement comes first.
                let set = if self.unicode_sets && self.modifiers.ignore_case { casing::case_closure(&set, true) } else { set };
                Ok(ClassEscape::Open(if negative { set.complement() } else { set }))
            }
        }
    }

    fn property_word(&mut self) -> String {
        let mut word = String::new();
        while let Some(c) = self.peek().and_then(char::from_u32).filter(|c| c.is_ascii_alphanumeric() || *c == '_') {
            word.push(c);
            self.pos += 1;
        }
        word
    }

    // 22.2.1.7 Static Semantics: CharacterValue, https://tc39.es/ecma262/#sec-patterns-static-semantics-character-value
    /// Reads a CharacterEscape behind its `\`; `start` is where that stood, `bad_digit` the message for a digit that does not fit.
    pub(super) fn character_escape(&mut self, start: usize, bad_digit: &'static str) -> Result<u32> {
        let Some(c) = self.next_character(false) else {
            return Err(Fault::new(start, "\\ at end of pattern"));
        };
        let Some(letter) = char::from_u32(c) else { return self.identity_escape(c, start, "Invalid escape") };
        match letter {
            't' => Ok(9),
            'n' => Ok(10),
            'v' => Ok(11),
            'f' => Ok(12),
            'r' => Ok(13),
            'c' => match self.peek().and_then(char::from_u32) {
                Some(control) if control.is_ascii_alphabetic() => {
                    self.pos += 1;
                    Ok(control as u32 % 32)
                }
                _ if self.unicode => Err(Fault::new(start, "Invalid Unicode escape")),
                // B.1.2 ExtendedAtom :: \ [lookahead = c]: the backslash stands for itself, and the c is read again.
                _ => {
                    self.pos -= 1;
                    Ok('\\' as u32)
                }
            },
            '0' if !matches!(self.peek().and_then(char::from_u32), Some('0'..='9')) => Ok(0),
            '0'..='7' if self.unicode => Err(Fault::new(start, bad_digit)),
            '0'..='7' => Ok(self.legacy_octal(letter as u32 - '0' as u32)),
            'x' => match self.hex_digits(2) {
                Some(value) => Ok(value),
                None => self.identity_escape(c, start, "Invalid escape"),
            },
            'u' => match self.unicode_escape(self.unicode) {
                Some(value) => Ok(value),
                None => self.identity_escape(c, start, "Invalid Unicode escape"),
            },
            _ => self.identity_escape(c, start, "Invalid escape"),
        }
    }

    // 22.2.1 Patterns, IdentityEscape, https://tc39.es/ecma262/#prod-IdentityEscape; Annex B SourceCharacterIdentityEscape
    fn identity_escape(&mut self, c: u32, start: usize, invalid: &'static str) -> Result<u32> {
        let syntax = u8::try_from(c).is_ok_and(|b| b"^$\\.*+?()[]{}|/".contains(&b));
        let named = !self.unicode && c == 'k' as u32 && self.census().any_named;
        if named || (self.unicode && !syntax) { Err(Fault::new(start, invalid)) } else { Ok(c) }
    }

    // B.1.2 LegacyOctalEscapeSequence, https://tc39.es/ecma262/#prod-annexB-LegacyOctalEscapeSequence
    fn legacy_octal(&mut self, first: u32) -> u32 {
        let mut value = first;
        let limit = if first <= 3 { 2 } else { 1 };
        for _ in 0..limit {
            match self.peek().and_then(char::from_u32).and_then(|c| c.to_digit(8)) {
                Some(digit) => {
                    value = value * 8 + digit;
                    self.pos += 1;
                }
                None => break,
            }
        }
        value
    }
}

pub(super) fn digits() -> CharSet {
    CharSet::from_ranges([(0x30, 0x39)])
}

/// WhiteSpace and LineTerminator, https://tc39.es/ecma262/#prod-WhiteSpace
pub(super) fn white_space() -> CharSet {
    CharSet::from_ranges([
        (0x9, 0xD),
        (0x20, 0x20),
        (0xA0, 0xA0),
        (0x1680, 0x1680),
        (0x2000, 0x200A),
        (0x2028, 0x2029),
        (0x202F, 0x202F),
        (0x205F, 0x205F),
        (0x3000, 0x3000),
        (0xFEFF, 0xFEFF),
    ])
}
