//! The syntax tree.
//!
//! [`Program`] is the root. [`Expr`], [`Stmt`] and [`Pattern`] are two-word enums, copied freely, that point to nodes in the arena.
//! A [`Span`] is a half-open range of byte offsets into the source.
//!
//! What consumers must know:
//! - `a + b + c` is left-deep: `(a + b) + c`. A chain may have 100,000 terms, so walk the left spine of [`Expr::Binary`] and
//!   [`Expr::Logical`] in a loop. Everything else, member and call chains included, nests at most [`MAX_DEPTH`] levels.
//! - `else if` chains, nested labels and comma sequences are flattened into slices.
//! - [`Expr::Paren`] stays in the tree because parentheses matter to name inference of assignment targets; otherwise skip it.
//! - Scope numbers ([`ScopeId`]) are unique within a program and below [`Program::scope_count`]; a parent's number need not be
//!   smaller than its child's (arrow parameters are parsed before they are known to be parameters).

mod expr;
mod function;
mod module;
mod pattern;
mod stmt;

pub use expr::*;
pub use function::*;
pub use module::*;
pub use pattern::*;
pub use stmt::*;

use crate::names::Name;

/// How many levels of expressions, statements, functions and patterns may nest, not counting the left spines of binary and logical
/// chains. A level is one node, or a few that cannot repeat without starting another level (a statement, its expression, a
/// conditional in it, its operators). The parser needs less than 1 MiB of native stack for it in a release build.
pub const MAX_DEPTH: u32 = 1000;

/// A half-open range of byte offsets into the source text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The range from `start` up to, not including, `end`.
    pub const fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    /// From the start of this span to the end of `other`.
    pub const fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end }
    }

    /// The text it covers; empty if it does not fit `source`.
    pub fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

impl std::fmt::Debug for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// The number of a scope, given by the parser in sequence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ScopeId(pub u32);

impl ScopeId {
    /// The number as an index into a side table.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A string value: UTF-8 unless it holds a lone surrogate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum JsStr<'a> {
    /// Well-formed text.
    Utf8(&'a str),
    /// Code units with at least one lone surrogate among them.
    Utf16(&'a [u16]),
}

impl<'a> JsStr<'a> {
    /// The text if it is well-formed Unicode.
    pub fn as_str(self) -> Option<&'a str> {
        match self {
            JsStr::Utf8(text) => Some(text),
            JsStr::Utf16(_) => None,
        }
    }

    /// The UTF-16 code units.
    pub fn to_utf16(self) -> Vec<u16> {
        match self {
            JsStr::Utf8(text) => text.encode_utf16().collect(),
            JsStr::Utf16(units) => units.to_vec(),
        }
    }

    /// Whether it is the empty string.
    pub fn is_empty(self) -> bool {
        matches!(self, JsStr::Utf8(""))
    }
}

/// An identifier where it stands: a reference, a binding or a property name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The interned name, escapes resolved.
    pub name: Name,
    /// Where it is written.
    pub span: Span,
}

/// What kind of source text a program was parsed from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProgramKind {
    /// A script.
    Script,
    /// A module: strict, with `import` and `export` and top-level `await`.
    Module,
    /// The text of a direct or indirect eval: a script with the options that said so.
    Eval,
    /// The function of `new Function(…)` and its kin: the body is one [`Stmt::Expr`] holding one [`Expr::Function`].
    Function,
}

/// A whole script or module.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// Script, module, eval code or dynamic function.
    pub kind: ProgramKind,
    /// Whether the top level is strict mode code.
    pub strict: bool,
    /// The statements.
    pub body: &'a [Stmt<'a>],
    /// The top-level scope.
    pub scope: ScopeId,
    /// One more than the highest scope number.
    pub scope_count: u32,
    /// One more than the highest [`TaggedTemplate::site`].
    pub template_site_count: u32,
    /// Facts about top-level code; arrow functions included.
    pub facts: CodeFacts,
    /// A module whose top level has `await`, `for await` or `await using`.
    pub has_top_level_await: bool,
    /// The whole source.
    pub span: Span,
}

/// What a piece of function, field or top-level code itself mentions. Arrow functions report to the code around them as well as
/// keeping facts of their own; other functions do not report outwards. Field initialisers and static blocks keep their own.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CodeFacts {
    /// `this`, or something that needs it (`super.x`, `super()`).
    pub uses_this: bool,
    /// A reference to `arguments`.
    pub uses_arguments: bool,
    /// `super(…)`.
    pub uses_super_call: bool,
    /// `super.x` or `super[x]`.
    pub uses_super_property: bool,
    /// `new.target`.
    pub uses_new_target: bool,
    /// A call that may be a direct eval, which may in turn mention anything of the above.
    pub has_direct_eval: bool,
    /// `await` in any form, or `yield`, in the code itself (arrow functions do not pass this on).
    pub has_suspension: bool,
}

impl CodeFacts {
    /// Takes over what an arrow function inside mentions.
    pub fn absorb_arrow(&mut self, inner: CodeFacts) {
        self.uses_this |= inner.uses_this;
        self.uses_arguments |= inner.uses_arguments;
        self.uses_super_call |= inner.uses_super_call;
        self.uses_super_property |= inner.uses_super_property;
        self.uses_new_target |= inner.uses_new_target;
        self.has_direct_eval |= inner.has_direct_eval;
    }

    /// Takes over everything, for code that turned out to belong here.
    pub fn absorb(&mut self, inner: CodeFacts) {
        self.absorb_arrow(inner);
        self.has_suspension |= inner.has_suspension;
    }
}
