//! Functions and classes.

use super::{CodeFacts, Expr, Ident, Pattern, PatternElement, PropertyKey, ScopeId, Span, Stmt};

/// How a function came about, which decides `this`, `super`, `new.target`, `prototype` and constructability.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FunctionKind {
    /// A function declaration or function expression.
    Normal,
    /// An arrow function.
    Arrow,
    /// A method of an object literal or class.
    Method,
    /// `get x() {}`
    Getter,
    /// `set x(v) {}`
    Setter,
    /// The constructor of a class without heritage.
    ClassConstructor,
    /// The constructor of a class with heritage.
    DerivedConstructor,
}

/// A function of any kind.
#[derive(Clone, Copy, Debug)]
pub struct Function<'a> {
    /// How it came about.
    pub kind: FunctionKind,
    /// `async`
    pub is_async: bool,
    /// `function*`
    pub is_generator: bool,
    /// Whether its code is strict.
    pub strict: bool,
    /// Whether its body has its own `"use strict"`.
    pub has_use_strict: bool,
    /// Whether all parameters are plain identifiers.
    pub has_simple_params: bool,
    /// Its `length`: the parameters before the first default or rest.
    pub length: u32,
    /// Its own name: of a declaration, or of a named function expression (then bound in [`Function::name_scope`]).
    pub name: Option<Ident>,
    /// The parameters, without the rest parameter.
    pub params: &'a [PatternElement<'a>],
    /// `...rest`
    pub rest: Option<Pattern<'a>>,
    /// The body.
    pub body: FunctionBody<'a>,
    /// What it mentions, in parameters and body.
    pub facts: CodeFacts,
    /// What its parameters alone mention.
    pub params_facts: CodeFacts,
    /// The scope that holds the name of a named function expression.
    pub name_scope: ScopeId,
    /// The scope of the parameters.
    pub params_scope: ScopeId,
    /// The scope of the body: apart from [`Function::params_scope`] if the parameters are not simple.
    pub body_scope: ScopeId,
    /// The source text that `toString` gives.
    pub span: Span,
    /// The body, braces included.
    pub body_span: Span,
}

/// The body of a function.
#[derive(Clone, Copy, Debug)]
pub enum FunctionBody<'a> {
    /// `{…}`
    Block(&'a [Stmt<'a>]),
    /// `=> expression`
    Expr(Expr<'a>),
}

/// A class declaration or expression.
#[derive(Clone, Copy, Debug)]
pub struct Class<'a> {
    /// Its own name, bound inside in [`Class::scope`] and, for a declaration, outside too.
    pub name: Option<Ident>,
    /// `extends` expression, evaluated in [`Class::scope`].
    pub heritage: Option<Expr<'a>>,
    /// The constructor if one is written.
    pub constructor: Option<&'a Function<'a>>,
    /// Everything but the constructor, in order.
    pub elements: &'a [ClassElement<'a>],
    /// The class scope: inner name and private names.
    pub scope: ScopeId,
    /// The source text that `toString` gives.
    pub span: Span,
}

/// A member of a class.
#[derive(Clone, Copy, Debug)]
pub enum ClassElement<'a> {
    /// A method, getter or setter.
    Method(&'a ClassMethod<'a>),
    /// A field.
    Field(&'a ClassField<'a>),
    /// `static {…}`
    StaticBlock(&'a StaticBlock<'a>),
}

/// A method, getter or setter of a class.
#[derive(Clone, Copy, Debug)]
pub struct ClassMethod<'a> {
    /// The key.
    pub key: PropertyKey<'a>,
    /// Whether it belongs to the class itself.
    pub is_static: bool,
    /// The function, whose kind says method, getter or setter.
    pub function: &'a Function<'a>,
    /// The whole.
    pub span: Span,
}

/// A field of a class. The initialiser runs as a method of its own.
#[derive(Clone, Copy, Debug)]
pub struct ClassField<'a> {
    /// The key.
    pub key: PropertyKey<'a>,
    /// Whether it belongs to the class itself.
    pub is_static: bool,
    /// The initialiser.
    pub value: Option<Expr<'a>>,
    /// The scope of the initialiser, a function scope.
    pub scope: ScopeId,
    /// What the initialiser mentions.
    pub facts: CodeFacts,
    /// The whole.
    pub span: Span,
}

/// A static initialisation block. It runs as a method of its own.
#[derive(Clone, Copy, Debug)]
pub struct StaticBlock<'a> {
    /// The statements.
    pub body: &'a [Stmt<'a>],
    /// The scope, a function scope for `var` and lexical declarations alike.
    pub scope: ScopeId,
    /// What it mentions.
    pub facts: CodeFacts,
    /// The whole.
    pub span: Span,
}
