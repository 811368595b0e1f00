//! Binding patterns and assignment targets.

use super::{Expr, Ident, PropertyKey, Span};

/// What a value is bound or assigned to.
#[derive(Clone, Copy, Debug)]
pub enum Pattern<'a> {
    /// A binding identifier, or a variable to assign to.
    Ident(Ident),
    /// `{…}`
    Object(&'a ObjectPattern<'a>),
    /// `[…]`
    Array(&'a ArrayPattern<'a>),
    /// Assignments only: a member expression of any kind (parentheses removed); or a parenthesised identifier, as
    /// [`Expr::Paren`], which gives no name to an anonymous function; or, in sloppy code, a call, which throws a ReferenceError
    /// after it was evaluated.
    Expr(Expr<'a>),
}

impl Pattern<'_> {
    /// Where it is written.
    pub fn span(&self) -> Span {
        match self {
            Pattern::Ident(ident) => ident.span,
            Pattern::Object(node) => node.span,
            Pattern::Array(node) => node.span,
            Pattern::Expr(expr) => expr.span(),
        }
    }

    /// Calls `visit` with every identifier that the pattern binds or assigns to, in order. Nesting is bounded by
    /// [`super::MAX_DEPTH`].
    // 8.2.1 Static Semantics: BoundNames, https://tc39.es/ecma262/#sec-static-semantics-boundnames
    pub fn for_each_name(&self, visit: &mut dyn FnMut(Ident)) {
        match self {
            Pattern::Ident(ident) => visit(*ident),
            Pattern::Expr(_) => {}
            Pattern::Object(node) => {
                node.properties.iter().for_each(|property| property.value.target.for_each_name(visit));
                node.rest.iter().for_each(|rest| rest.for_each_name(visit));
            }
            Pattern::Array(node) => {
                node.elements.iter().flatten().for_each(|element| element.target.for_each_name(visit));
                node.rest.iter().for_each(|rest| rest.for_each_name(visit));
            }
        }
    }
}

/// A pattern with the default that stands in for `undefined`.
#[derive(Clone, Copy, Debug)]
pub struct PatternElement<'a> {
    /// The target.
    pub target: Pattern<'a>,
    /// The default.
    pub default: Option<Expr<'a>>,
    /// The whole.
    pub span: Span,
}

/// An object pattern.
#[derive(Clone, Copy, Debug)]
pub struct ObjectPattern<'a> {
    /// The properties.
    pub properties: &'a [PatternProperty<'a>],
    /// `...rest`
    pub rest: Option<Pattern<'a>>,
    /// The whole.
    pub span: Span,
}

/// A property of an object pattern.
#[derive(Clone, Copy, Debug)]
pub struct PatternProperty<'a> {
    /// The key to read.
    pub key: PropertyKey<'a>,
    /// Where its value goes.
    pub value: PatternElement<'a>,
    /// Whether key and target were written as one.
    pub shorthand: bool,
    /// The whole.
    pub span: Span,
}

/// An array pattern.
#[derive(Clone, Copy, Debug)]
pub struct ArrayPattern<'a> {
    /// The elements; None skips a value.
    pub elements: &'a [Option<PatternElement<'a>>],
    /// `...rest`
    pub rest: Option<Pattern<'a>>,
    /// The whole.
    pub span: Span,
}

const _: () = assert!(size_of::<Pattern<'static>>() <= 24);
