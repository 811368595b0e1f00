//! Imports and exports.

use super::{Class, Expr, Function, Ident, ImportPhase, JsStr, Span};
use crate::names::Name;

/// A name as seen from outside a module: an identifier name or a well-formed string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExportName {
    /// The interned text.
    pub name: Name,
    /// Whether it was written as a string literal.
    pub is_string: bool,
    /// Where it is written.
    pub span: Span,
}

/// What a static import or re-export asks the host for.
#[derive(Clone, Copy, Debug)]
pub struct ModuleRequest<'a> {
    /// The specifier.
    pub specifier: JsStr<'a>,
    /// `with { key: "value" }`
    pub attributes: &'a [ImportAttribute<'a>],
    /// `import defer`, `import source` or plain.
    pub phase: ImportPhase,
    /// The specifier's literal.
    pub span: Span,
}

/// One import attribute.
#[derive(Clone, Copy, Debug)]
pub struct ImportAttribute<'a> {
    /// The key, unique in its list.
    pub key: JsStr<'a>,
    /// The value.
    pub value: JsStr<'a>,
    /// The whole.
    pub span: Span,
}

/// An import declaration.
#[derive(Clone, Copy, Debug)]
pub struct ImportDecl<'a> {
    /// The bindings; none for `import "x"`.
    pub specifiers: &'a [ImportSpecifier],
    /// The module.
    pub request: ModuleRequest<'a>,
    /// The whole.
    pub span: Span,
}

/// One imported binding.
#[derive(Clone, Copy, Debug)]
pub struct ImportSpecifier {
    /// What is imported.
    pub kind: ImportKind,
    /// The local binding.
    pub local: Ident,
    /// The whole.
    pub span: Span,
}

/// What an import binding stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImportKind {
    /// `import local from`
    Default,
    /// `import * as local from`, `import source local from` being told apart by the phase
    Namespace,
    /// `import { name as local } from`
    Named(ExportName),
}

/// `export { a as b }` or `export { a as b } from "x"`
#[derive(Clone, Copy, Debug)]
pub struct ExportNamed<'a> {
    /// The names.
    pub specifiers: &'a [ExportSpecifier],
    /// The module for a re-export.
    pub from: Option<ModuleRequest<'a>>,
    /// The whole.
    pub span: Span,
}

/// `local as exported`
#[derive(Clone, Copy, Debug)]
pub struct ExportSpecifier {
    /// A local identifier, or a name of the other module in a re-export.
    pub local: ExportName,
    /// The name seen from outside.
    pub exported: ExportName,
    /// The whole.
    pub span: Span,
}

/// `export * from "x"` or `export * as name from "x"`
#[derive(Clone, Copy, Debug)]
pub struct ExportAll<'a> {
    /// The name of the namespace.
    pub exported: Option<ExportName>,
    /// The module.
    pub from: ModuleRequest<'a>,
    /// The whole.
    pub span: Span,
}

/// `export default …`
#[derive(Clone, Copy, Debug)]
pub struct ExportDefault<'a> {
    /// What is exported.
    pub value: DefaultExport<'a>,
    /// The whole.
    pub span: Span,
}

/// What `export default` exports. Without a name, the local binding is `*default*` and the value's name is `default`.
#[derive(Clone, Copy, Debug)]
pub enum DefaultExport<'a> {
    /// A hoisted function declaration, with or without a name.
    Function(&'a Function<'a>),
    /// A class declaration, with or without a name.
    Class(&'a Class<'a>),
    /// An expression.
    Expr(Expr<'a>),
}
