//! The compiler's tree: nodes in matching order, with what the emitter wants to know about each.

use super::first::First;
use crate::ast::Assertion;
use crate::charset::CharSet;

/// A node and its summary.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) kind: Kind,
    /// Least length of a match, in code units; saturates.
    pub(crate) min: u32,
    /// Greatest length of a match, in code units; `u32::MAX` is unbounded.
    pub(crate) max: u32,
    /// What can come next where this node succeeds; holds for the node and what follows it together unless `transparent`.
    pub(crate) first: First,
    /// Whether what follows this node must be added to `first`.
    pub(crate) transparent: bool,
    /// Captures inside, including this node.
    pub(crate) has_captures: bool,
    pub(crate) has_back_refs: bool,
    /// Estimate of the code size, in words.
    pub(crate) size: u32,
    /// Nesting below this node.
    pub(crate) depth: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Empty,
    Char(u32),
    Set(CharSet),
    Seq(Vec<Tree>),
    Alt(Vec<Tree>),
    Capture(u32, Box<Tree>),
    BackRef { groups: Vec<u32>, ignore_case: bool },
    Assert(Assertion),
    Look { behind: bool, negative: bool, body: Box<Tree> },
    Repeat { body: Box<Tree>, min: u32, max: u32, greedy: bool, captures: (u32, u32) },
}

impl Tree {
    pub(crate) fn new(kind: Kind, unicode: bool) -> Tree {
        let mut tree = Tree {
            kind,
            min: 0,
            max: 0,
            first: First::NONE,
            transparent: true,
            has_captures: false,
            has_back_refs: false,
            size: 1,
            depth: 0,
        };
        tree.summarise(unicode);
        tree
    }

    pub(crate) fn empty() -> Tree {
        Tree::new(Kind::Empty, false)
    }

    fn summarise(&mut self, unicode: bool) {
        let wide = |c: u32| 1 + u32::from(unicode && c > 0xFFFF);
        match &self.kind {
            Kind::Empty => self.size = 0,
            Kind::Char(c) => {
                (self.min, self.max) = (wide(*c), wide(*c));
                self.first = First::of_char(*c);
                self.transparent = false;
            }
            Kind::Set(set) => {
                self.min = set.ranges().first().map_or(1, |r| wide(r.0));
                self.max = set.ranges().last().map_or(1, |r| wide(r.1));
                self.first = First::of_set(set);
                self.transparent = false;
                self.size = 2;
            }
            Kind::Seq(items) => {
                self.size = 0;
                for item in items {
                    self.min = self.min.saturating_add(item.min);
                    self.max = self.max.saturating_add(item.max);
                    if self.transparent {
                        self.first = self.first.union(&item.first);
                        self.transparent = item.transparent;
                    }
                    self.size = self.size.saturating_add(item.size);
                    self.depth = self.depth.max(item.depth + 1);
                    self.has_captures |= item.has_captures;
                    self.has_back_refs |= item.has_back_refs;
                }
            }
            Kind::Alt(arms) => {
                self.min = u32::MAX;
                self.transparent = false;
                for arm in arms {
                    self.min = self.min.min(arm.min);
                    self.max = self.max.max(arm.max);
                    self.first = self.first.union(&arm.first);
                    self.transparent |= arm.transparent;
                    self.size = self.size.saturating_add(arm.size).saturating_add(5);
                    self.depth = self.depth.max(arm.depth + 1);
                    self.has_captures |= arm.has_captures;
                    self.has_back_refs |= arm.has_back_refs;
                }
            }
            Kind::Capture(_, body) => {
                (self.min, self.max, self.first, self.transparent) = (body.min, body.max, body.first, body.transparent);
                self.size = body.size.saturating_add(2);
                self.depth = body.depth + 1;
                self.has_captures = true;
                self.has_back_refs = body.has_back_refs;
            }
            Kind::BackRef { groups, .. } => {
                self.max = u32::MAX;
                self.first = First::ALL;
                self.has_back_refs = true;
                self.size = 2 + groups.len() as u32;
            }
            Kind::Assert(assertion) => match assertion {
                Assertion::End => {
                    self.first = First::END;
                    self.transparent = false;
                }
                Assertion::EndOfLine => {
                    self.first = First::of_char(0xA).union(&First::of_char(0xD)).union(&First { high: true, ..First::END });
                    self.transparent = false;
                }
                Assertion::Start | Assertion::StartOfLine | Assertion::WordBoundary { .. } => {}
            },
            Kind::Look { behind, negative, body } => {
                if !behind && !negative && !body.transparent {
                    self.first = body.first;
                    self.transparent = false;
                }
                self.size = body.size.saturating_add(5);
                self.depth = body.depth + 1;
                self.has_captures = body.has_captures;
                self.has_back_refs = body.has_back_refs;
            }
            Kind::Repeat { body, min, max, .. } => {
                self.min = body.min.saturating_mul(*min);
                self.max = if body.max == 0 { 0 } else { body.max.saturating_mul(*max) };
                self.first = body.first;
                self.depth = body.depth + 1;
                self.transparent = body.transparent || *min == 0;
                self.has_captures = body.has_captures;
                self.has_back_refs = body.has_back_refs;
                self.size = match body.kind {
                    Kind::Char(_) | Kind::Set(_) => 6,
                    _ => body.size.saturating_add(12),
                };
            }
        }
    }

    /// What can come next where this node and then something starting with `follow` succeeds.
    pub(crate) fn first_before(&self, follow: &First) -> First {
        if self.transparent { self.first.union(follow) } else { self.first }
    }

    /// The set of characters of a node that matches exactly one.
    pub(crate) fn as_one(&self) -> Option<CharSet> {
        match &self.kind {
            Kind::Char(c) => Some(CharSet::single(*c)),
            Kind::Set(set) => Some(set.clone()),
            _ => None,
        }
    }

    pub(crate) fn is_one(&self) -> bool {
        matches!(self.kind, Kind::Char(_) | Kind::Set(_))
    }
}
