//! ECMAScript regular expressions on position-independent code.
//!
//! A pattern goes through four rooms, each of which knows only the one before it:
//!
//! | room | from → to |
//! |---|---|
//! | [`parser`](self) | pattern text → syntax tree, flags and modifiers already applied |
//! | `compiler::lower` | syntax tree → [`compiler`](self) tree in matching order, with first sets and lengths |
//! | `compiler::emit` | that tree → flat code, a `Vec<u32>` without any address in it |
//! | `matcher` | code + input → captures, by backtracking with an explicit stack and fuel |
//!
//! The principal types are [`Compiled`] (what [`compile`] makes) and [`Scratch`] (what [`exec`] works in).
//!
//! Invariants:
//! - code is data: every operand is an index into the code itself, so it may be copied, stored in a heap or an image, and run there;
//! - the matcher never panics and never reads outside its slices, whatever the code says: damaged code is [`MatchError::BadCode`];
//! - nothing recurses on the length of the input; recursion on the nesting of the pattern is limited (`MAX_DEPTH`);
//! - no global state except tables computed from Unicode data: case classes and property sets, the same for everybody.
//!
//! Deliberately absent: a JIT, a DFA (back-references and fuel make one engine with one cost model simpler), locale-specific casing.
#![forbid(unsafe_code)]

mod ast;
mod casing;
mod charset;
mod compiler;
mod emoji;
mod error;
mod flags;
mod matcher;
mod opcode;
#[cfg(any(test, feature = "oracle"))]
pub mod oracle;
mod parser;
mod properties;

pub use compiler::dump;
pub use error::{MatchError, RegExpError};
pub use flags::Flags;
pub use matcher::{Scratch, exec};

/// The text of a pattern, in either of the two string representations of the engine.
#[derive(Clone, Copy, Debug)]
pub enum Pattern<'a> {
    /// One byte per code unit, code points 0 to 255.
    Latin1(&'a [u8]),
    /// UTF-16 code units, possibly with lone surrogates.
    Utf16(&'a [u16]),
}

/// The text to match, in either of the two string representations of the engine.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// One byte per code unit, code points 0 to 255.
    Latin1(&'a [u8]),
    /// UTF-16 code units, possibly with lone surrogates.
    Utf16(&'a [u16]),
}

/// A compiled regular expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// Self-describing, position-independent code for [`exec`].
    pub code: Vec<u32>,
    /// Group names in order of first appearance, each with the numbers (from 1) of all groups that bear it.
    pub group_names: Vec<(Vec<u16>, Vec<u32>)>,
    /// Number of captures, including capture 0, the whole match.
    pub capture_count: u32,
}

impl Compiled {
    /// The flags the pattern was compiled with.
    pub fn flags(&self) -> Flags {
        Flags::from_bits(self.code.get(opcode::header::FLAGS).copied().unwrap_or(0))
    }
}

// 22.2.2.2 Runtime Semantics: CompilePattern, https://tc39.es/ecma262/#sec-compilepattern
/// Compiles `pattern` under `flags`.
///
/// # Errors
/// A [`RegExpError`] where the pattern is not in the grammar (an early error, section 22.2.1.1) or exceeds the limits on nesting, number of
/// captures or code size.
pub fn compile(pattern: Pattern<'_>, flags: Flags) -> Result<Compiled, RegExpError> {
    let units: Vec<u16> = match pattern {
        Pattern::Latin1(bytes) => bytes.iter().map(|&b| u16::from(b)).collect(),
        Pattern::Utf16(units) => units.to_vec(),
    };
    let parsed = parser::parse(&units, flags).map_err(|e| e.for_pattern(&units, flags))?;
    compiler::compile(parsed, flags).map_err(|e| e.for_pattern(&units, flags))
}

// 22.2.1.1 Static Semantics: Early Errors, https://tc39.es/ecma262/#sec-patterns-static-semantics-early-errors
/// Checks the early errors of a regular expression literal, without compiling it.
///
/// # Errors
/// A [`RegExpError`] for the first early error in `flags`, then in `pattern`.
pub fn validate(pattern: &str, flags: &str) -> Result<(), RegExpError> {
    let Ok(flags) = Flags::parse(flags) else {
        return Err(RegExpError { offset: 0, message: "Invalid regular expression flags".into() });
    };
    let units: Vec<u16> = pattern.encode_utf16().collect();
    parser::parse(&units, flags).map(drop).map_err(|e| e.for_pattern(&units, flags))
}
