//! Character classes of the `v` flag: nested classes, strings, intersection and subtraction.

use super::escapes::ClassEscape;
use super::{Parser, Result};
use crate::ast::Node;
use crate::casing;
use crate::charset::CharSet;
use crate::error::Fault;
use std::collections::BTreeSet;

/// Beyond this depth a trie of strings becomes a list: bounds recursion.
const MAX_TRIE_LEVELS: u32 = 48;

/// What a class of the `v` flag matches.
///
/// Where case is ignored both parts are kept closed: `chars` holds all variants of its members, strings hold canonical characters. Set
/// operations on closed parts give what the specification computes on folded ones.
#[derive(Default)]
struct ClassSet {
    chars: CharSet,
    /// Strings of any length but one.
    strings: BTreeSet<Vec<u32>>,
    /// 22.2.1.8 Static Semantics: MayContainStrings, https://tc39.es/ecma262/#sec-static-semantics-maycontainstrings
    may_contain_strings: bool,
}

impl ClassSet {
    fn of_chars(chars: CharSet) -> ClassSet {
        ClassSet { chars, ..ClassSet::default() }
    }

    fn union_with(&mut self, other: ClassSet) {
        self.chars.union_with(&other.chars);
        self.strings.extend(other.strings);
        self.may_contain_strings |= other.may_contain_strings;
    }
}

/// An operand, and the character it is where it is a single one and may begin a range.
struct Operand {
    set: ClassSet,
    character: Option<u32>,
}

impl Parser<'_> {
    // 22.2.2.7 Runtime Semantics: CompileAtom, Atom :: CharacterClass, https://tc39.es/ecma262/#sec-compileatom
    pub(super) fn class_with_sets(&mut self) -> Result<Node> {
        let set = self.nested_class()?;
        Ok(self.strings_node(set.chars, set.strings.into_iter().collect()))
    }

    /// Longer strings before shorter ones, single characters in their place, the empty string last.
    pub(super) fn strings_node(&self, chars: CharSet, mut strings: Vec<Vec<u32>>) -> Node {
        if strings.is_empty() {
            return Node::Set(chars);
        }
        strings.sort_unstable();
        strings.dedup();
        let empty = strings.first().is_some_and(Vec::is_empty);
        let long = &strings[usize::from(empty)..];
        let mut arms = Vec::new();
        if !long.is_empty() {
            arms.push(self.trie(long, 0, 0));
        }
        if !chars.is_empty() {
            arms.push(Node::Set(chars));
        }
        if empty {
            arms.push(Node::Empty);
        }
        Node::Alt(arms)
    }

    /// A choice between sorted strings that agree before `from`.
    ///
    /// Where several strings match at one place each is a prefix of the next longer one, so a trie that tries to go on before it ends tries
    /// them in the order of descending length.
    fn trie(&self, strings: &[Vec<u32>], from: usize, level: u32) -> Node {
        let (Some(first), Some(last)) = (strings.first(), strings.last()) else { return Node::Empty };
        let common = first[from..].iter().zip(&last[from..]).take_while(|(a, b)| a == b).count();
        let mut nodes: Vec<Node> = first[from..from + common].iter().map(|&c| self.character(c)).collect();
        let at = from + common;
        if strings.len() > 1 && level < MAX_TRIE_LEVELS {
            // The first in order may end here.
            let ends = first.len() == at;
            let rest = &strings[usize::from(ends)..];
            let mut arms: Vec<Node> = rest.chunk_by(|a, b| a.get(at) == b.get(at)).map(|group| self.trie(group, at, level + 1)).collect();
            if ends {
                arms.push(Node::Empty);
            }
            nodes.push(Node::Alt(arms));
        } else if strings.len() > 1 {
            let mut rests: Vec<&[u32]> = strings.iter().map(|s| &s[at..]).collect();
            rests.sort_by_key(|rest| std::cmp::Reverse(rest.len()));
            let arm = |rest: &&[u32]| Node::Seq(rest.iter().map(|&c| self.character(c)).collect());
            nodes.push(Node::Alt(rests.iter().map(arm).collect()));
        }
        Node::Seq(nodes)
    }

    /// Reads `[…]` from its bracket.
    fn nested_class(&mut self) -> Result<ClassSet> {
        self.enter()?;
        let start = self.pos;
        self.pos += 1;
        let invert = self.eat('^');
        let mut set = self.class_contents()?;
        if invert {
            if set.may_contain_strings {
                return Err(Fault::new(start, "Negated character class may contain strings"));
            }
            set = ClassSet::of_chars(set.chars.complement());
        }
        self.leave();
        Ok(set)
    }

    // 22.2.1 Patterns, ClassSetExpression (ClassUnion, ClassIntersection, ClassSubtraction), https://tc39.es/ecma262/#prod-ClassUnion
    fn class_contents(&mut self) -> Result<ClassSet> {
        if self.eat(']') {
            return Ok(ClassSet::default());
        }
        let first = self.class_operand()?;
        if self.at_text("--") || self.at_text("&&") {
            return self.class_operation(first.set);
        }
        let mut union = ClassSet::default();
        let mut operand = first;
        loop {
            match operand.character {
                Some(low) if self.at('-') && !self.at_text("--") => {
                    self.pos += 1;
                    let at = self.pos;
                    let Some(high) = self.class_operand()?.character else {
                        return Err(Fault::new(at, "Invalid character class"));
                    };
                    if low > high {
                        return Err(Fault::new(at, "Range out of order in character class"));
                    }
                    union.chars.union_with(&self.closed(CharSet::from_ranges([(low, high)])));
                }
                _ => union.union_with(operand.set),
            }
            if self.eat(']') {
                return Ok(union);
            }
            if self.at_text("--") || self.at_text("&&") {
                return Err(self.fault("Invalid set operation in character class"));
            }
            operand = self.class_operand()?;
        }
    }

    /// Intersection or subtraction, from behind the first operand to the closing bracket. The two may not be mixed.
    fn class_operation(&mut self, first: ClassSet) -> Result<ClassSet> {
        let operator = if self.at('&') { "&&" } else { "--" };
        let mut set = first;
        while !self.eat(']') {
            if !self.eat_text(operator) || (operator == "&&" && self.at('&')) {
                let ended = self.peek().is_none();
                return Err(self.fault(if ended { "Unterminated character class" } else { "Invalid set operation in character class" }));
            }
            let operand = self.class_operand()?.set;
            if operator == "&&" {
                set.chars = set.chars.intersect(&operand.chars);
                set.strings.retain(|s| operand.strings.contains(s));
                set.may_contain_strings &= operand.may_contain_strings;
            } else {
                set.chars = set.chars.subtract(&operand.chars);
                set.strings.retain(|s| !operand.strings.contains(s));
            }
        }
        Ok(set)
    }

    // 22.2.1 Patterns, ClassSetOperand, https://tc39.es/ecma262/#prod-ClassSetOperand
    fn class_operand(&mut self) -> Result<Operand> {
        if self.at('[') {
            return Ok(Operand { set: self.nested_class()?, character: None });
        }
        if self.at_text("\\q{") {
            self.pos += 3;
            return Ok(Operand { set: self.string_disjunction()?, character: None });
        }
        if self.at('\\') {
            self.pos += 1;
            let escape = self.class_escape("Invalid property name in character class")?;
            let set = match escape {
                Some(ClassEscape::Closed(set)) => ClassSet::of_chars(set),
                Some(ClassEscape::Open(set)) => ClassSet::of_chars(self.closed(set)),
                Some(ClassEscape::Strings(chars, strings)) => ClassSet {
                    chars: self.closed(chars),
                    strings: strings.into_iter().map(|s| self.folded(s)).collect(),
                    may_contain_strings: true,
                },
                None => {
                    self.pos -= 1;
                    return self.class_character_operand();
                }
            };
            return Ok(Operand { set, character: None });
        }
        self.class_character_operand()
    }

    fn class_character_operand(&mut self) -> Result<Operand> {
        let c = self.class_character()?;
        Ok(Operand { set: ClassSet::of_chars(self.closed(CharSet::single(c))), character: Some(c) })
    }

    // 22.2.1 Patterns, ClassSetCharacter, https://tc39.es/ecma262/#prod-ClassSetCharacter
    fn class_character(&mut self) -> Result<u32> {
        let start = self.pos;
        let Some(c) = self.peek() else {
            return Err(self.fault("Unterminated character class"));
        };
        let letter = u8::try_from(c).unwrap_or(0);
        if letter == b'\\' {
            self.pos += 1;
            let next = self.peek().and_then(|c| u8::try_from(c).ok()).unwrap_or(0);
            return match next {
                b'b' => {
                    self.pos += 1;
                    Ok(8)
                }
                // 22.2.1 Patterns, ClassSetReservedPunctuator, https://tc39.es/ecma262/#prod-ClassSetReservedPunctuator
                b'&' | b'-' | b'!' | b'#' | b'%' | b',' | b':' | b';' | b'<' | b'=' | b'>' | b'@' | b'`' | b'~' => {
                    self.pos += 1;
                    Ok(u32::from(next))
                }
                _ => self.character_escape(start, "Invalid class escape"),
            };
        }
        if b"()[]{}/-|".contains(&letter) {
            return Err(self.fault("Invalid character in character class"));
        }
        // 22.2.1 Patterns, ClassSetReservedDoublePunctuator, https://tc39.es/ecma262/#prod-ClassSetReservedDoublePunctuator
        if b"&!#$%*+,.:;<=>?@^`~".contains(&letter) && self.unit_at(1) == Some(c) {
            return Err(self.fault("Invalid set operation in character class"));
        }
        Ok(self.next_character(false).unwrap_or(c))
    }

    // 22.2.1 Patterns, ClassStringDisjunction, https://tc39.es/ecma262/#prod-ClassStringDisjunction
    fn string_disjunction(&mut self) -> Result<ClassSet> {
        let mut set = ClassSet::default();
        let mut string = Vec::new();
        loop {
            let end = self.at('}');
            if !end && !self.at('|') {
                string.push(self.class_character()?);
                continue;
            }
            self.pos += 1;
            let string = std::mem::take(&mut string);
            match string[..] {
                [c] => set.chars.union_with(&self.closed(CharSet::single(c))),
                _ => {
                    set.may_contain_strings = true;
                    set.strings.insert(self.folded(string));
                }
            }
            if end {
                return Ok(set);
            }
        }
    }

    // 22.2.2.9.5 MaybeSimpleCaseFolding ( rer, A ), https://tc39.es/ecma262/#sec-maybesimplecasefolding
    fn closed(&self, set: CharSet) -> CharSet {
        if self.modifiers.ignore_case { casing::case_closure(&set, true) } else { set }
    }

    fn folded(&self, string: Vec<u32>) -> Vec<u32> {
        if !self.modifiers.ignore_case {
            return string;
        }
        string.into_iter().map(|c| casing::canonicalize(c, true)).collect()
    }
}
