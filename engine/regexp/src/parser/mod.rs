//! Pattern text → syntax tree, with all early errors.
//!
//! One recursive-descent parser reads both grammars: the strict one of `u` and `v`, and the one of Annex B that web pages rely on
//! (https://tc39.es/ecma262/#sec-regular-expressions-patterns). Files: this one has disjunctions, terms and quantifiers; `groups` what
//! stands behind `(`; `escapes` what stands behind `\` outside classes; `class` and `class_sets` the two kinds of `[…]`.

mod class;
mod class_sets;
mod escapes;
mod groups;

use crate::ast::{Assertion, Node, Parsed};
use crate::casing;
use crate::charset::CharSet;
use crate::error::Fault;
use crate::flags::Flags;
use groups::NamedGroup;

/// How deep groups and classes may nest: bounds the recursion here and in the compiler.
pub(crate) const MAX_DEPTH: u32 = 500;

/// How many captures a pattern may have.
const MAX_CAPTURES: u32 = 1 << 15;

type Result<T> = std::result::Result<T, Fault>;

// 22.2.3.4 Static Semantics: ParsePattern ( patternText, u, v ), https://tc39.es/ecma262/#sec-parsepattern
/// Parses `units` under `flags`.
pub(crate) fn parse(units: &[u16], flags: Flags) -> Result<Parsed> {
    let mut parser = Parser {
        units,
        pos: 0,
        unicode: flags.has_either_unicode_flag(),
        unicode_sets: flags.contains(Flags::UNICODE_SETS),
        modifiers: Modifiers {
            ignore_case: flags.contains(Flags::IGNORE_CASE),
            multiline: flags.contains(Flags::MULTILINE),
            dot_all: flags.contains(Flags::DOT_ALL),
        },
        depth: 0,
        captures: 1,
        census: None,
        path: Vec::new(),
        disjunctions: 0,
        named_groups: Vec::new(),
        references: Vec::new(),
        has_back_refs: false,
    };
    let root = parser.disjunction()?;
    match parser.peek() {
        None => {}
        Some(_) => return Err(parser.fault("Unmatched ')'")),
    }
    parser.check_references()?;
    Ok(Parsed {
        root,
        capture_count: parser.captures,
        group_names: parser.named_groups.into_iter().map(|g| (g.name, g.places.into_iter().map(|p| p.index).collect())).collect(),
        has_back_refs: parser.has_back_refs,
    })
}

/// The flags that `(?ims-ims:…)` changes.
#[derive(Clone, Copy)]
struct Modifiers {
    ignore_case: bool,
    multiline: bool,
    dot_all: bool,
}

struct Parser<'a> {
    units: &'a [u16],
    pos: usize,
    /// HasEitherUnicodeFlag: `[+UnicodeMode]` in the grammar.
    unicode: bool,
    /// `[+UnicodeSetsMode]` in the grammar.
    unicode_sets: bool,
    modifiers: Modifiers,
    depth: u32,
    /// Captures opened so far, counting capture 0.
    captures: u32,
    /// Found by a scan ahead the first time somebody asks.
    census: Option<groups::Census>,
    /// The disjunctions around the current place, each with the number of the alternative.
    path: Vec<(u32, u32)>,
    disjunctions: u32,
    named_groups: Vec<NamedGroup>,
    /// `\k<name>` seen so far: offset and name, to check at the end.
    references: Vec<(usize, usize)>,
    has_back_refs: bool,
}

impl Parser<'_> {
    fn fault(&self, reason: &'static str) -> Fault {
        Fault::new(self.pos, reason)
    }

    /// The code unit `ahead` places on, not combining surrogates.
    fn unit_at(&self, ahead: usize) -> Option<u32> {
        self.units.get(self.pos + ahead).map(|&u| u32::from(u))
    }

    fn peek(&self) -> Option<u32> {
        self.unit_at(0)
    }

    fn at(&self, c: char) -> bool {
        self.peek() == Some(c as u32)
    }

    fn at_text(&self, text: &str) -> bool {
        text.bytes().enumerate().all(|(i, b)| self.unit_at(i) == Some(u32::from(b)))
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.at(c);
        self.pos += usize::from(found);
        found
    }

    fn eat_text(&mut self, text: &str) -> bool {
        let found = self.at_text(text);
        self.pos += if found { text.len() } else { 0 };
        found
    }

    /// Reads one source character: a code point under `u` and `v` (or where `pairs`), otherwise a code unit.
    fn next_character(&mut self, pairs: bool) -> Option<u32> {
        let first = self.peek()?;
        self.pos += 1;
        if (self.unicode || pairs)
            && (0xD800..0xDC00).contains(&first)
            && let Some(second) = self.peek().filter(|s| (0xDC00..0xE000).contains(s))
        {
            self.pos += 1;
            return Some(combine(first, second));
        }
        Some(first)
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Fault::too_large(self.pos)) } else { Ok(()) }
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    // 22.2.1 Patterns, Disjunction, https://tc39.es/ecma262/#prod-Disjunction
    fn disjunction(&mut self) -> Result<Node> {
        self.enter()?;
        self.disjunctions += 1;
        self.path.push((self.disjunctions, 0));
        let first = self.alternative()?;
        let node = if self.at('|') {
            let mut arms = vec![first];
            while self.eat('|') {
                if let Some(place) = self.path.last_mut() {
                    place.1 += 1;
                }
                arms.push(self.alternative()?);
            }
            Node::Alt(arms)
        } else {
            first
        };
        self.path.pop();
        self.leave();
        Ok(node)
    }

    // 22.2.1 Patterns, Alternative, https://tc39.es/ecma262/#prod-Alternative
    fn alternative(&mut self) -> Result<Node> {
        let mut terms = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' as u32 || c == ')' as u32 {
                break;
            }
            terms.push(self.term(c)?);
        }
        Ok(match terms.len() {
            0 => Node::Empty,
            1 => terms.swap_remove(0),
            _ => Node::Seq(terms),
        })
    }

    // 22.2.1 Patterns, Term, https://tc39.es/ecma262/#prod-Term; with B.1.2 the assertion that may be quantified
    fn term(&mut self, c: u32) -> Result<Node> {
        let first_capture = self.captures;
        let mut quantifiable = true;
        let c = u8::try_from(c).unwrap_or(0);
        let node = match c {
            b'^' => {
                self.pos += 1;
                return Ok(Node::Assert(if self.modifiers.multiline { Assertion::StartOfLine } else { Assertion::Start }));
            }
            b'$' => {
                self.pos += 1;
                return Ok(Node::Assert(if self.modifiers.multiline { Assertion::EndOfLine } else { Assertion::End }));
            }
            b'\\' if self.at_text("\\b") || self.at_text("\\B") => {
                let negative = self.at_text("\\B");
                self.pos += 2;
                let unicode_ignore_case = self.unicode && self.modifiers.ignore_case;
                return Ok(Node::Assert(Assertion::WordBoundary { negative, unicode_ignore_case }));
            }
            b'(' => {
                let (node, may_be_quantified) = self.group()?;
                quantifiable = may_be_quantified;
                node
            }
            b'.' => {
                self.pos += 1;
                Node::Set(if self.modifiers.dot_all { CharSet::all() } else { line_terminators().complement() })
            }
            b'[' if self.unicode_sets => self.class_with_sets()?,
            b'[' => Node::Set(self.class()?),
            b'\\' => self.atom_escape()?,
            b'*' | b'+' | b'?' => return Err(self.fault("Nothing to repeat")),
            // Annex B: ExtendedAtom :: InvalidBracedQuantifier is an error, any other brace a character.
            b'{' if self.at_braced_bounds() => return Err(self.fault("Nothing to repeat")),
            b'{' | b'}' | b']' if self.unicode => return Err(self.fault("Lone quantifier brackets")),
            _ => {
                let c = self.next_character(false).unwrap_or(0);
                self.character(c)
            }
        };
        if quantifiable { self.quantified(node, first_capture) } else { Ok(node) }
    }

    /// The node that matches `c` under the current modifiers.
    fn character(&self, c: u32) -> Node {
        if !self.modifiers.ignore_case {
            return Node::Char(c);
        }
        let variants = casing::case_variants(c, self.unicode);
        if variants.as_single() == Some(c) { Node::Char(c) } else { Node::Set(variants) }
    }

    // 22.2.1 Patterns, Quantifier, https://tc39.es/ecma262/#prod-Quantifier
    fn quantified(&mut self, node: Node, first_capture: u32) -> Result<Node> {
        let start = self.pos;
        let (min, max) = match self.peek().and_then(|c| u8::try_from(c).ok()) {
            Some(b'*') => (0, u32::MAX),
            Some(b'+') => (1, u32::MAX),
            Some(b'?') => (0, 1),
            Some(b'{') => match self.braced_quantifier()? {
                Some(bounds) => bounds,
                None if self.unicode => return Err(self.fault("Incomplete quantifier")),
                None => return Ok(node),
            },
            _ => return Ok(node),
        };
        if self.pos == start {
            self.pos += 1;
        }
        let greedy = !self.eat('?');
        Ok(Node::Repeat { body: Box::new(node), min, max, greedy, captures: (first_capture, self.captures) })
    }

    /// Reads `{n}`, `{n,}` or `{n,m}`; nothing is consumed where it is none of them. Numbers too great for `u32` count as infinite.
    fn braced_quantifier(&mut self) -> Result<Option<(u32, u32)>> {
        let start = self.pos;
        self.pos += 1;
        let bounds = self.braced_bounds();
        match bounds {
            Some((min, max)) if min > max => Err(Fault::new(start, "numbers out of order in {} quantifier")),
            Some((min, max)) => Ok(Some((min.min(u64::from(u32::MAX) - 1) as u32, max.min(u64::from(u32::MAX)) as u32))),
            None => {
                self.pos = start;
                Ok(None)
            }
        }
    }

    /// Whether a braced quantifier stands here, even one with its numbers out of order.
    fn at_braced_bounds(&mut self) -> bool {
        let start = self.pos;
        self.pos += 1;
        let found = self.braced_bounds().is_some();
        self.pos = start;
        found
    }

    fn braced_bounds(&mut self) -> Option<(u64, u64)> {
        let min = self.decimal()?;
        let max = if !self.eat(',') {
            min
        } else if self.at('}') {
            u64::MAX
        } else {
            self.decimal()?
        };
        self.eat('}').then_some((min, max))
    }

    /// Reads decimal digits, at least one; saturates.
    fn decimal(&mut self) -> Option<u64> {
        let mut value: Option<u64> = None;
        while let Some(digit) = self.peek().and_then(char::from_u32).and_then(|c| c.to_digit(10)) {
            value = Some(value.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(digit)));
            self.pos += 1;
        }
        value
    }
}

fn combine(lead: u32, trail: u32) -> u32 {
    0x10000 + ((lead - 0xD800) << 10) + (trail - 0xDC00)
}

/// LineTerminator, https://tc39.es/ecma262/#prod-LineTerminator
pub(crate) fn line_terminators() -> CharSet {
    CharSet::from_ranges([(0xA, 0xA), (0xD, 0xD), (0x2028, 0x2029)])
}
