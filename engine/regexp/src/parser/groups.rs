//! What stands behind `(`: captures and their names, look-around, modifiers.

use super::{MAX_CAPTURES, Modifiers, Parser, Result, combine};
use crate::ast::Node;
use crate::error::Fault;
use crate::properties::{is_identifier_part, is_identifier_start};

/// What a scan over the whole pattern finds out before parsing reaches the end.
#[derive(Clone, Copy)]
pub(super) struct Census {
    /// Capture groups in the pattern, named or not.
    pub(super) groups: u32,
    /// Whether one of them has a name: `[+NamedCaptureGroups]`.
    pub(super) any_named: bool,
}

/// A group name and the groups that bear it.
pub(super) struct NamedGroup {
    pub(super) name: Vec<u16>,
    /// Empty while only `\k` has mentioned the name.
    pub(super) places: Vec<NamedPlace>,
}

pub(super) struct NamedPlace {
    pub(super) index: u32,
    path: Vec<(u32, u32)>,
}

impl Parser<'_> {
    /// Parses a group; the answer says whether it may be quantified.
    pub(super) fn group(&mut self) -> Result<(Node, bool)> {
        let open = self.pos;
        self.pos += 1;
        if !self.eat('?') {
            let index = self.next_capture(open)?;
            return Ok((self.capture_body(index)?, true));
        }
        match self.peek().and_then(char::from_u32) {
            Some(':') => {
                self.pos += 1;
                Ok((self.group_body()?, true))
            }
            Some(c @ ('=' | '!')) => {
                self.pos += 1;
                let body = Box::new(self.group_body()?);
                // Annex B: QuantifiableAssertion.
                Ok((Node::Look { behind: false, negative: c == '!', body }, !self.unicode))
            }
            Some('<') if matches!(self.unit_at(1).and_then(char::from_u32), Some('=' | '!')) => {
                let negative = self.unit_at(1) == Some('!' as u32);
                self.pos += 2;
                let body = Box::new(self.group_body()?);
                Ok((Node::Look { behind: true, negative, body }, false))
            }
            Some('<') => {
                self.pos += 1;
                let index = self.next_capture(open)?;
                self.group_name_of(index)?;
                Ok((self.capture_body(index)?, true))
            }
            Some('i' | 'm' | 's' | '-') => Ok((self.modified_group()?, true)),
            _ => Err(Fault::new(open, "Invalid group")),
        }
    }

    fn next_capture(&mut self, open: usize) -> Result<u32> {
        let index = self.captures;
        if index >= MAX_CAPTURES {
            return Err(Fault::new(open, "Too many captures"));
        }
        self.captures += 1;
        Ok(index)
    }

    fn capture_body(&mut self, index: u32) -> Result<Node> {
        let body = self.group_body()?;
        Ok(Node::Capture(index, Box::new(body)))
    }

    /// The disjunction of a group and its closing parenthesis.
    fn group_body(&mut self) -> Result<Node> {
        let modifiers = self.modifiers;
        let body = self.disjunction()?;
        self.modifiers = modifiers;
        if !self.eat(')') {
            return Err(self.fault("Unterminated group"));
        }
        Ok(body)
    }

    // 22.2.1 Patterns, Atom :: ( ? RegularExpressionModifiers - RegularExpressionModifiers : Disjunction ), https://tc39.es/ecma262/#prod-Atom
    fn modified_group(&mut self) -> Result<Node> {
        let outer = self.modifiers;
        let mut changed = outer;
        let mut seen = Vec::new();
        let mut removing = false;
        loop {
            let c = self.peek().and_then(char::from_u32);
            let Some(c) = c else { return Err(self.fault("Invalid group")) };
            match c {
                'i' | 'm' | 's' => {
                    if seen.contains(&c) {
                        return Err(self.fault("Repeated flag in flag group"));
                    }
                    seen.push(c);
                    update_modifiers(&mut changed, c, !removing);
                }
                '-' if removing => return Err(self.fault("Multiple dashes in flag group")),
                '-' => removing = true,
                ':' if seen.is_empty() => return Err(self.fault("Invalid flag group")),
                ':' => break,
                _ => return Err(self.fault("Invalid group")),
            }
            self.pos += 1;
        }
        self.pos += 1;
        self.modifiers = changed;
        let body = self.group_body();
        self.modifiers = outer;
        body
    }

    /// Reads the rest of `<name>` behind its `<`, and gives it to group `index`.
    fn group_name_of(&mut self, index: u32) -> Result<()> {
        let start = self.pos;
        let name = self.group_name()?;
        let place = NamedPlace { index, path: self.path.clone() };
        let slot = self.name_slot(name);
        let Some(group) = self.named_groups.get_mut(slot) else { return Ok(()) };
        if group.places.iter().any(|other| might_both_participate(&other.path, &place.path)) {
            return Err(Fault::new(start, "Duplicate capture group name"));
        }
        group.places.push(place);
        Ok(())
    }

    /// The index of `name` in the list of names, where it is entered if it is new.
    pub(super) fn name_slot(&mut self, name: Vec<u16>) -> usize {
        if let Some(at) = self.named_groups.iter().position(|g| g.name == name) {
            return at;
        }
        self.named_groups.push(NamedGroup { name, places: Vec::new() });
        self.named_groups.len() - 1
    }

    // 22.2.1.11 Static Semantics: RegExpIdentifierCodePoints, https://tc39.es/ecma262/#sec-regexpidentifiercodepoints
    /// Reads a name and its `>`.
    pub(super) fn group_name(&mut self) -> Result<Vec<u16>> {
        let mut name = Vec::new();
        loop {
            let at = self.pos;
            if !name.is_empty() && self.eat('>') {
                return Ok(name);
            }
            let bad_name = Fault::new(at, "Invalid capture group name");
            let mut c = self.next_character(true).ok_or(bad_name)?;
            if c == '\\' as u32 {
                let escape = self.eat('u').then(|| self.unicode_escape(true)).flatten();
                c = escape.ok_or(Fault::new(at, "Invalid Unicode escape"))?;
            }
            let fits = if name.is_empty() { is_identifier_start(c) } else { is_identifier_part(c) };
            if !fits {
                return Err(bad_name);
            }
            match char::from_u32(c) {
                Some(c) => name.extend_from_slice(c.encode_utf16(&mut [0; 2])),
                None => return Err(bad_name),
            }
        }
    }

    /// 22.2.1.1: every `\k<name>` must name a group.
    pub(super) fn check_references(&mut self) -> Result<()> {
        for &(offset, slot) in &self.references {
            if self.named_groups.get(slot).is_none_or(|g| g.places.is_empty()) {
                return Err(Fault::new(offset, "Invalid named capture referenced"));
            }
        }
        Ok(())
    }

    // 22.2.1.2 Static Semantics: CountLeftCapturingParensWithin ( node ), https://tc39.es/ecma262/#sec-countleftcapturingparenswithin
    /// Counts the groups of the whole pattern without parsing it.
    pub(super) fn census(&mut self) -> Census {
        if let Some(census) = self.census {
            return census;
        }
        let mut census = Census { groups: 0, any_named: false };
        let mut class_depth = 0u32;
        let mut i = 0;
        let unit = |i: usize| self.units.get(i).and_then(|&u| u8::try_from(u).ok()).unwrap_or(0);
        while i < self.units.len() {
            match unit(i) {
                b'\\' => i += 1,
                b'[' if class_depth == 0 || self.unicode_sets => class_depth += 1,
                b']' => class_depth = class_depth.saturating_sub(1),
                b'(' if class_depth == 0 => {
                    let named = unit(i + 1) == b'?' && unit(i + 2) == b'<' && !matches!(unit(i + 3), b'=' | b'!');
                    census.any_named |= named;
                    census.groups += u32::from(named || unit(i + 1) != b'?');
                }
                _ => {}
            }
            i += 1;
        }
        self.census = Some(census);
        census
    }

    /// Reads what follows `\u`: `XXXX`, a surrogate pair of two escapes where `pairs`, or `{X…}` where `pairs`.
    pub(super) fn unicode_escape(&mut self, pairs: bool) -> Option<u32> {
        let start = self.pos;
        if pairs && self.eat('{') {
            let value = self.braced_hex();
            if value.is_none() {
                self.pos = start;
            }
            return value;
        }
        let first = self.hex_digits(4)?;
        if pairs && (0xD800..0xDC00).contains(&first) && self.at_text("\\u") {
            let before = self.pos;
            self.pos += 2;
            match self.hex_digits(4) {
                Some(second) if (0xDC00..0xE000).contains(&second) => return Some(combine(first, second)),
                _ => self.pos = before,
            }
        }
        Some(first)
    }

    fn braced_hex(&mut self) -> Option<u32> {
        let mut value: Option<u32> = None;
        while let Some(digit) = self.peek().and_then(char::from_u32).and_then(|c| c.to_digit(16)) {
            let next = value.unwrap_or(0) * 16 + digit;
            if next > 0x10_FFFF {
                return None;
            }
            value = Some(next);
            self.pos += 1;
        }
        if self.eat('}') { value } else { None }
    }

    /// Reads exactly `count` hexadecimal digits, or nothing.
    pub(super) fn hex_digits(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for i in 0..count {
            value = value * 16 + self.unit_at(i).and_then(char::from_u32)?.to_digit(16)?;
        }
        self.pos += count;
        Some(value)
    }
}

// 22.2.2.7.4 UpdateModifiers ( rer, add, remove ), https://tc39.es/ecma262/#sec-updatemodifiers
fn update_modifiers(modifiers: &mut Modifiers, letter: char, value: bool) {
    match letter {
        'i' => modifiers.ignore_case = value,
        'm' => modifiers.multiline = value,
        _ => modifiers.dot_all = value,
    }
}

// 22.2.1.4 Static Semantics: MightBothParticipate ( x, y ), https://tc39.es/ecma262/#sec-mightbothparticipate
/// Whether two places can both take part in a match: not if some disjunction holds them in different alternatives.
fn might_both_participate(a: &[(u32, u32)], b: &[(u32, u32)]) -> bool {
    !a.iter().zip(b).any(|(x, y)| x.0 == y.0 && x.1 != y.1)
}
