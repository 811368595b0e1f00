//! Statements and declarations.

use super::{Class, ExportAll, ExportDefault, ExportNamed, Expr, Function, Ident, ImportDecl, Pattern, ScopeId, Span};

/// A statement, declaration or module item: a tag and a pointer into the arena.
#[derive(Clone, Copy, Debug)]
pub enum Stmt<'a> {
    /// `;`
    Empty(Span),
    /// An expression.
    Expr(&'a ExprStmt<'a>),
    /// `var`, `let`, `const`, `using`, `await using`
    Var(&'a VarDecl<'a>),
    /// A function declaration.
    Function(&'a Function<'a>),
    /// A class declaration.
    Class(&'a Class<'a>),
    /// `{…}`
    Block(&'a Block<'a>),
    /// `if`, with all its `else if`
    If(&'a If<'a>),
    /// `for (;;)`
    For(&'a For<'a>),
    /// `for (… in …)`
    ForIn(&'a ForIn<'a>),
    /// `for (… of …)`, `for await`
    ForOf(&'a ForOf<'a>),
    /// `while`
    While(&'a While<'a>),
    /// `do … while`
    DoWhile(&'a While<'a>),
    /// `return`
    Return(&'a Return<'a>),
    /// `break`, with its label if it has one
    Break(Option<&'a Ident>, Span),
    /// `continue`, with its label if it has one
    Continue(Option<&'a Ident>, Span),
    /// `throw`
    Throw(&'a Throw<'a>),
    /// `try`
    Try(&'a Try<'a>),
    /// `switch`
    Switch(&'a Switch<'a>),
    /// One or more labels and a statement
    Labeled(&'a Labeled<'a>),
    /// `with`
    With(&'a With<'a>),
    /// `debugger`
    Debugger(Span),
    /// `import …` (modules)
    Import(&'a ImportDecl<'a>),
    /// `export {…}`, `export {…} from` (modules)
    ExportNamed(&'a ExportNamed<'a>),
    /// `export * from`, `export * as x from` (modules)
    ExportAll(&'a ExportAll<'a>),
    /// `export default …` (modules)
    ExportDefault(&'a ExportDefault<'a>),
    /// `export` followed by a Var, Function or Class (modules)
    ExportDecl(&'a ExportDecl<'a>),
}

/// An expression statement.
#[derive(Clone, Copy, Debug)]
pub struct ExprStmt<'a> {
    /// The expression.
    pub expr: Expr<'a>,
    /// Whether it belongs to a directive prologue (`"use strict"` and the like).
    pub directive: bool,
    /// The whole.
    pub span: Span,
}

/// The keyword of a variable declaration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VarKind {
    /// `var`
    Var,
    /// `let`
    Let,
    /// `const`
    Const,
    /// `using`
    Using,
    /// `await using`
    AwaitUsing,
}

/// A variable declaration.
#[derive(Clone, Copy, Debug)]
pub struct VarDecl<'a> {
    /// The keyword.
    pub kind: VarKind,
    /// One or more.
    pub declarators: &'a [Declarator<'a>],
    /// The whole.
    pub span: Span,
}

/// One variable or pattern of a declaration.
#[derive(Clone, Copy, Debug)]
pub struct Declarator<'a> {
    /// What is declared.
    pub target: Pattern<'a>,
    /// The initialiser. In the head of a `for … in` only the sloppy `var x = e` has one.
    pub init: Option<Expr<'a>>,
    /// The whole.
    pub span: Span,
}

/// A block.
#[derive(Clone, Copy, Debug)]
pub struct Block<'a> {
    /// The statements.
    pub body: &'a [Stmt<'a>],
    /// Its scope.
    pub scope: ScopeId,
    /// Braces included.
    pub span: Span,
}

/// `if (a) … else if (b) … else …`
#[derive(Clone, Copy, Debug)]
pub struct If<'a> {
    /// The tested branches in order, at least one.
    pub branches: &'a [IfBranch<'a>],
    /// The last `else`.
    pub otherwise: Option<Stmt<'a>>,
    /// The scope of a function declaration that is itself the last `else` (Annex B).
    pub otherwise_scope: ScopeId,
    /// The whole.
    pub span: Span,
}

/// `if (test) body`
#[derive(Clone, Copy, Debug)]
pub struct IfBranch<'a> {
    /// The condition.
    pub test: Expr<'a>,
    /// What to do.
    pub body: Stmt<'a>,
    /// The scope of a function declaration that is itself the body (Annex B).
    pub scope: ScopeId,
    /// The whole branch.
    pub span: Span,
}

/// `for (init; test; update) body`
#[derive(Clone, Copy, Debug)]
pub struct For<'a> {
    /// The first part.
    pub init: Option<ForInit<'a>>,
    /// The second part.
    pub test: Option<Expr<'a>>,
    /// The third part.
    pub update: Option<Expr<'a>>,
    /// What is repeated.
    pub body: Stmt<'a>,
    /// The scope of `let`, `const` and `using` in the head.
    pub scope: ScopeId,
    /// The whole.
    pub span: Span,
}

/// The first part of a `for (;;)`.
#[derive(Clone, Copy, Debug)]
pub enum ForInit<'a> {
    /// A declaration.
    Var(&'a VarDecl<'a>),
    /// An expression.
    Expr(Expr<'a>),
}

/// What a `for … in` or `for … of` assigns to.
#[derive(Clone, Copy, Debug)]
pub enum ForTarget<'a> {
    /// A declaration with exactly one declarator.
    Var(&'a VarDecl<'a>),
    /// An assignment target.
    Pattern(Pattern<'a>),
}

/// `for (target in object) body`
#[derive(Clone, Copy, Debug)]
pub struct ForIn<'a> {
    /// What is assigned.
    pub target: ForTarget<'a>,
    /// What is enumerated; evaluated in [`ForIn::head_scope`].
    pub object: Expr<'a>,
    /// What is repeated.
    pub body: Stmt<'a>,
    /// The scope in which the head's lexical names are in their dead zone while `object` is evaluated.
    pub head_scope: ScopeId,
    /// The scope of each iteration.
    pub scope: ScopeId,
    /// The whole.
    pub span: Span,
}

/// `for (target of iterable) body`
#[derive(Clone, Copy, Debug)]
pub struct ForOf<'a> {
    /// `for await`
    pub is_await: bool,
    /// What is assigned.
    pub target: ForTarget<'a>,
    /// What is iterated; evaluated in [`ForOf::head_scope`].
    pub iterable: Expr<'a>,
    /// What is repeated.
    pub body: Stmt<'a>,
    /// The scope in which the head's lexical names are in their dead zone while `iterable` is evaluated.
    pub head_scope: ScopeId,
    /// The scope of each iteration.
    pub scope: ScopeId,
    /// The whole.
    pub span: Span,
}

/// `while (test) body` or `do body while (test)`
#[derive(Clone, Copy, Debug)]
pub struct While<'a> {
    /// The condition.
    pub test: Expr<'a>,
    /// What is repeated.
    pub body: Stmt<'a>,
    /// The whole.
    pub span: Span,
}

/// `return value`
#[derive(Clone, Copy, Debug)]
pub struct Return<'a> {
    /// The value.
    pub value: Option<Expr<'a>>,
    /// The whole.
    pub span: Span,
}

/// `throw value`
#[derive(Clone, Copy, Debug)]
pub struct Throw<'a> {
    /// The value.
    pub value: Expr<'a>,
    /// The whole.
    pub span: Span,
}

/// `try … catch … finally …`: at least one of the two.
#[derive(Clone, Copy, Debug)]
pub struct Try<'a> {
    /// What is tried.
    pub block: &'a Block<'a>,
    /// `catch`
    pub handler: Option<&'a Catch<'a>>,
    /// `finally`
    pub finalizer: Option<&'a Block<'a>>,
    /// The whole.
    pub span: Span,
}

/// `catch (param) body`
#[derive(Clone, Copy, Debug)]
pub struct Catch<'a> {
    /// What catches the value.
    pub param: Option<Pattern<'a>>,
    /// The body, with a scope of its own.
    pub body: &'a Block<'a>,
    /// The scope of the parameter.
    pub scope: ScopeId,
    /// The whole.
    pub span: Span,
}

/// `switch (discriminant) {…}`
#[derive(Clone, Copy, Debug)]
pub struct Switch<'a> {
    /// What is compared; outside of [`Switch::scope`].
    pub discriminant: Expr<'a>,
    /// The cases, at most one of them the default.
    pub cases: &'a [Case<'a>],
    /// The scope of all cases.
    pub scope: ScopeId,
    /// The whole.
    pub span: Span,
}

/// `case test:` or `default:`
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What is compared to; None for `default`.
    pub test: Option<Expr<'a>>,
    /// The statements.
    pub body: &'a [Stmt<'a>],
    /// The whole.
    pub span: Span,
}

/// `a: b: body`
#[derive(Clone, Copy, Debug)]
pub struct Labeled<'a> {
    /// The labels from the outermost in; at least one.
    pub labels: &'a [Ident],
    /// The statement: never itself Labeled; a function declaration only in sloppy code (Annex B).
    pub body: Stmt<'a>,
    /// The whole.
    pub span: Span,
}

/// `with (object) body`
#[derive(Clone, Copy, Debug)]
pub struct With<'a> {
    /// The object.
    pub object: Expr<'a>,
    /// The body.
    pub body: Stmt<'a>,
    /// The object scope.
    pub scope: ScopeId,
    /// The whole.
    pub span: Span,
}

/// `export` and a declaration
#[derive(Clone, Copy, Debug)]
pub struct ExportDecl<'a> {
    /// A Var, Function or Class.
    pub decl: Stmt<'a>,
    /// The whole.
    pub span: Span,
}

impl Stmt<'_> {
    /// Where it is written.
    pub fn span(&self) -> Span {
        match *self {
            Stmt::Empty(span) | Stmt::Debugger(span) | Stmt::Break(_, span) | Stmt::Continue(_, span) => span,
            Stmt::Expr(node) => node.span,
            Stmt::Var(node) => node.span,
            Stmt::Function(node) => node.span,
            Stmt::Class(node) => node.span,
            Stmt::Block(node) => node.span,
            Stmt::If(node) => node.span,
            Stmt::For(node) => node.span,
            Stmt::ForIn(node) => node.span,
            Stmt::ForOf(node) => node.span,
            Stmt::While(node) | Stmt::DoWhile(node) => node.span,
            Stmt::Return(node) => node.span,
            Stmt::Throw(node) => node.span,
            Stmt::Try(node) => node.span,
            Stmt::Switch(node) => node.span,
            Stmt::Labeled(node) => node.span,
            Stmt::With(node) => node.span,
            Stmt::Import(node) => node.span,
            Stmt::ExportNamed(node) => node.span,
            Stmt::ExportAll(node) => node.span,
            Stmt::ExportDefault(node) => node.span,
            Stmt::ExportDecl(node) => node.span,
        }
    }
}
