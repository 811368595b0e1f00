//! The syntax tree the parser makes.
//!
//! Flags and modifiers are already applied: a character under `i` is the set of its case variants, `.` is a set, `^` says whether it is
//! multiline. So nothing after the parser asks for `i`, `m` or `s` again, except for back-references, which carry their own `i`.

use crate::charset::CharSet;

/// One node of a pattern, in the order of its text.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// Matches the empty string.
    Empty,
    /// One character: a code point under `u` or `v`, otherwise a code unit.
    Char(u32),
    /// Any one character of a set.
    Set(CharSet),
    Seq(Vec<Node>),
    Alt(Vec<Node>),
    /// A capture group by its number, from 1.
    Capture(u32, Box<Node>),
    BackRef {
        target: RefTarget,
        ignore_case: bool,
    },
    Assert(Assertion),
    Look {
        behind: bool,
        negative: bool,
        body: Box<Node>,
    },
    Repeat {
        body: Box<Node>,
        min: u32,
        /// `u32::MAX` is infinity.
        max: u32,
        greedy: bool,
        /// The captures inside `body`: first number and one past the last.
        captures: (u32, u32),
    },
}

/// What a back-reference refers to.
#[derive(Clone, Debug)]
pub(crate) enum RefTarget {
    Number(u32),
    /// Index into [`Parsed::group_names`]. Several groups may bear the name, of which at most one takes part in a match.
    Name(usize),
}

/// Conditions on a position that consume nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assertion {
    Start,
    StartOfLine,
    End,
    EndOfLine,
    WordBoundary { negative: bool, unicode_ignore_case: bool },
}

/// A parsed pattern.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) root: Node,
    /// Including capture 0.
    pub(crate) capture_count: u32,
    pub(crate) group_names: Vec<(Vec<u16>, Vec<u32>)>,
    pub(crate) has_back_refs: bool,
}
