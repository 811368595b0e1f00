//! Errors of compilation and of matching.

use crate::flags::Flags;
use std::fmt;

/// Why a pattern or its flags were refused; becomes a JavaScript SyntaxError.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegExpError {
    /// Where in the pattern, in UTF-16 code units from its start.
    pub offset: usize,
    /// The complete message, for example `Invalid regular expression: /(/: Unterminated group`.
    pub message: String,
}

impl fmt::Display for RegExpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RegExpError {}

/// Why a match was given up without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchError {
    /// The fuel counter fell below zero.
    OutOfFuel,
    /// The backtrack stack reached the limit of its `Scratch`.
    OutOfMemory,
    /// The code was not made by this version of the compiler, or was damaged since, or `captures` is too short for it.
    BadCode,
}

impl fmt::Display for MatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MatchError::OutOfFuel => "regular expression ran out of fuel",
            MatchError::OutOfMemory => "regular expression backtrack stack is full",
            MatchError::BadCode => "regular expression code is damaged",
        })
    }
}

impl std::error::Error for MatchError {}

/// An error inside the crate, before it knows the pattern's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) offset: usize,
    pub(crate) reason: &'static str,
}

impl Fault {
    pub(crate) fn new(offset: usize, reason: &'static str) -> Fault {
        Fault { offset, reason }
    }

    /// The pattern needs more nesting, captures or code than the limits allow.
    pub(crate) fn too_large(offset: usize) -> Fault {
        Fault { offset, reason: "Regular expression too large" }
    }

    pub(crate) fn for_pattern(self, units: &[u16], flags: Flags) -> RegExpError {
        let text = String::from_utf16_lossy(units);
        RegExpError { offset: self.offset, message: format!("Invalid regular expression: /{text}/{flags}: {}", self.reason) }
    }
}
