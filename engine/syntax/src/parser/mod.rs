//! The parser: recursive descent, one token of lookahead, precedence climbing for binary operators.
//!
//! What is parsed as an expression and turns out to be a pattern (`[a, b] = c`, `(a, b) => c`) is converted in place (`pattern.rs`):
//! nothing is parsed twice, so nesting costs linear time. Errors of which only a pattern would acquit (`{a = 1}`) wait in
//! [`Parser::cover`]. Every recursion passes [`Parser::enter`], so the native stack is bounded whatever the source.

mod api;
mod binary;
mod call;
mod class;
mod expr;
mod for_stmt;
mod function;
mod literal;
mod module;
mod paren;
mod pattern;
mod private;
mod stmt;
mod tokens;

#[cfg(test)]
mod tests;

pub use api::{FunctionParts, ParseOptions, RegExpCheck, function_source, parse_function_parts, parse_module, parse_script};
pub use tokens::dump_tokens;

use crate::ast::{CodeFacts, Expr, Ident, MAX_DEPTH, ScopeId, Span};
use crate::error::{ErrorKind, SyntaxError};
use crate::lexer::{Lexer, T, Token, decode_identifier};
use crate::names::{Name, Names, known};
use bumpalo::Bump;

type Result<T> = std::result::Result<T, Box<SyntaxError>>;

/// What the grammar parameters and early errors depend on, saved and restored around functions.
#[derive(Clone, Copy)]
struct Context {
    strict: bool,
    /// The `[Yield]` parameter: inside a generator.
    is_yield: bool,
    /// The `[Await]` parameter where `await` is an operator: inside an async function or at the top level of a module.
    is_await: bool,
    /// Directly in a static block, where `await` is nothing at all.
    in_static_block: bool,
    /// The `[In]` parameter.
    allow_in: bool,
    allow_return: bool,
    allow_super_call: bool,
    allow_super_property: bool,
    allow_new_target: bool,
    /// `arguments` is an error: field initialisers and static blocks.
    forbid_arguments: bool,
    /// In formal parameters, where `yield` and `await` expressions are errors.
    in_params: bool,
    /// `using` may be declared here.
    allow_using: bool,
    /// At the top level of a module, arrow functions excepted.
    at_module_top: bool,
    /// How many iteration statements enclose this point in the same function.
    loops: u32,
    /// How many switch statements do.
    switches: u32,
    /// Where the labels of the current function start.
    labels_start: u32,
}

struct Label {
    name: Name,
    is_loop: bool,
}

/// An error that stands unless the literal becomes a pattern.
#[derive(Clone, Copy)]
struct CoverError {
    span: Span,
    message: &'static str,
}

struct Parser<'a, 'n, 'o> {
    arena: &'a Bump,
    names: &'n mut Names,
    source: &'a str,
    lexer: Lexer<'a>,
    options: &'o ParseOptions<'o>,
    /// The next token, not consumed.
    token: Token,
    /// End of the last consumed token.
    previous_end: u32,
    context: Context,
    is_module: bool,
    /// What the code of the current function mentions.
    facts: CodeFacts,
    labels: Vec<Label>,
    /// See [`CoverError`].
    cover: Option<CoverError>,
    /// Where the current AssignmentExpression starts: only there can an arrow function start.
    arrow_start: u32,
    /// The first `yield` or `await` expression since someone took this.
    suspension_at: Option<Span>,
    /// The first identifier `await` since someone took this.
    await_name_at: Option<Span>,
    private_scopes: Vec<private::PrivateScope>,
    depth: u32,
    /// An upper bound of the absolute depth of the tree in the current AssignmentExpression.
    high: u32,
    scope_count: u32,
    template_sites: u32,
    has_top_level_await: bool,
    /// The last `\1` or `\8` in a sloppy string, for directives before a `"use strict"`; true for `\8` and `\9`.
    legacy_escape: Option<(Span, bool)>,
    exported: hashbrown::HashMap<Name, Span>,
    statements: Vec<crate::ast::Stmt<'a>>,
}

/// How an identifier is used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Reference,
    Binding,
    Label,
}

impl<'a> Parser<'a, '_, '_> {
    fn new_scope(&mut self) -> ScopeId {
        let id = ScopeId(self.scope_count);
        self.scope_count += 1;
        id
    }

    fn alloc<N>(&self, node: N) -> &'a N {
        self.arena.alloc(node)
    }

    fn list<N: Copy>(&self, nodes: &[N]) -> &'a [N] {
        self.arena.alloc_slice_copy(nodes)
    }

    // Tokens.

    fn advance(&mut self) {
        self.previous_end = self.token.span.end;
        self.token = self.lexer.next_token();
    }

    /// Starts again at `offset` after a token that the lexer could not tell.
    fn resume_at(&mut self, offset: u32) {
        self.previous_end = offset;
        self.token = self.lexer.next_token();
    }

    fn peek(&self) -> Token {
        self.lexer.clone().next_token()
    }

    fn at(&self, kind: T) -> bool {
        self.token.kind == kind
    }

    fn eat(&mut self, kind: T) -> bool {
        let found = self.token.kind == kind;
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, kind: T) -> Result<()> {
        if self.eat(kind) { Ok(()) } else { self.unexpected() }
    }

    fn start(&self) -> u32 {
        self.token.span.start
    }

    /// From `start` to the end of the last consumed token.
    fn span_from(&self, start: u32) -> Span {
        Span::new(start, self.previous_end)
    }

    // 12.10 Automatic Semicolon Insertion, https://tc39.es/ecma262/#sec-automatic-semicolon-insertion
    fn semicolon(&mut self) -> Result<()> {
        match self.token.kind {
            T::Semicolon => {
                self.advance();
                Ok(())
            }
            T::RBrace | T::Eof => Ok(()),
            _ if self.token.newline => Ok(()),
            _ => self.unexpected(),
        }
    }

    // Errors.

    #[cold]
    fn error<R>(&self, message: impl Into<String>, span: Span) -> Result<R> {
        Err(Box::new(SyntaxError::new(message, span)))
    }

    #[cold]
    fn too_complex<R>(&self) -> Result<R> {
        let message = "Maximum nesting depth of source text exceeded".to_owned();
        Err(Box::new(SyntaxError { message, span: self.token.span, kind: ErrorKind::TooComplex }))
    }

    #[cold]
    fn unexpected<R>(&self) -> Result<R> {
        self.unexpected_token(self.token)
    }

    #[cold]
    fn unexpected_token<R>(&self, token: Token) -> Result<R> {
        let text = token.span.text(self.source);
        let message = match token.kind {
            T::Eof => "Unexpected end of input".to_owned(),
            T::Error => token.error.message().to_owned(),
            T::Number | T::BigInt => "Unexpected number".to_owned(),
            T::String => "Unexpected string".to_owned(),
            T::Backtick => "Unexpected template string".to_owned(),
            T::EscapedKeyword => "Keyword must not contain escaped characters".to_owned(),
            T::Enum => "Unexpected reserved word".to_owned(),
            T::Await if self.is_await_reserved() => "Unexpected reserved word".to_owned(),
            T::Let | T::Static | T::StrictReserved | T::Yield if self.context.strict => "Unexpected strict mode reserved word".to_owned(),
            kind if kind.is_identifier() || kind == T::PrivateName => format!("Unexpected identifier '{text}'"),
            _ => format!("Unexpected token '{text}'"),
        };
        self.error(message, token.span)
    }

    // Depth.

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        self.high = self.high.max(self.depth);
        if self.depth > MAX_DEPTH { self.too_complex() } else { Ok(()) }
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Whatever was parsed since `high` was set is now one level deeper.
    fn deepen(&mut self) -> Result<()> {
        self.high += 1;
        if self.high > MAX_DEPTH { self.too_complex() } else { Ok(()) }
    }

    // Names.

    /// The name of a word token (keywords included) or of a private name (with its `#`).
    fn name_of(&mut self, token: Token) -> Name {
        let text = token.span.text(self.source);
        if token.escaped { self.names.intern(&decode_identifier(text)) } else { self.names.intern(text) }
    }

    fn is_await_reserved(&self) -> bool {
        self.is_module || self.context.is_await || self.context.in_static_block
    }

    /// Consumes an identifier name, reserved or not.
    fn identifier_name(&mut self) -> Result<Ident> {
        if !self.token.kind.is_word() {
            return self.unexpected();
        }
        let ident = Ident { name: self.name_of(self.token), span: self.token.span };
        self.advance();
        Ok(ident)
    }

    // 13.1.1 Static Semantics: Early Errors (identifiers), https://tc39.es/ecma262/#sec-identifiers-static-semantics-early-errors
    /// Consumes an identifier that is not reserved here.
    fn identifier(&mut self, usage: Use) -> Result<Ident> {
        let token = self.token;
        if !token.kind.is_identifier() {
            return self.unexpected();
        }
        let ident = Ident { name: self.name_of(token), span: token.span };
        if token.kind != T::Ident || token.escaped {
            self.check_contextual(token, ident)?;
        }
        if (ident.name == known::ARGUMENTS || ident.name == known::EVAL) && usage != Use::Label {
            self.check_eval_or_arguments(ident, usage)?;
        }
        self.advance();
        Ok(ident)
    }

    fn check_contextual(&mut self, token: Token, ident: Ident) -> Result<()> {
        match ident.name {
            known::YIELD if self.context.is_yield || self.context.strict => self.unexpected_token(Token { kind: T::Yield, ..token }),
            known::AWAIT => {
                if self.is_await_reserved() {
                    return self.unexpected_token(Token { kind: T::Await, ..token });
                }
                self.await_name_at = self.await_name_at.or(Some(ident.span));
                Ok(())
            }
            name if self.context.strict && is_strict_reserved(name) => self.error("Unexpected strict mode reserved word", ident.span),
            _ => Ok(()),
        }
    }

    fn check_eval_or_arguments(&mut self, ident: Ident, usage: Use) -> Result<()> {
        match usage {
            Use::Binding if self.context.strict => self.error("Unexpected eval or arguments in strict mode", ident.span),
            Use::Reference if ident.name == known::ARGUMENTS => {
                if self.context.forbid_arguments {
                    return self.error("'arguments' is not allowed in class field initializer or static initialization block", ident.span);
                }
                self.facts.uses_arguments = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether the token is exactly the contextual keyword `text`, without escapes.
    fn is_plain_word(&self, token: Token, text: &str) -> bool {
        token.kind == T::Ident && !token.escaped && token.span.text(self.source) == text
    }

    /// Whether an expression is an arrow function, which cannot be an operand.
    fn is_arrow(expr: Expr<'a>) -> bool {
        matches!(expr, Expr::Function(function) if function.kind == crate::ast::FunctionKind::Arrow)
    }
}

/// Names reserved in strict code only.
fn is_strict_reserved(name: Name) -> bool {
    matches!(
        name,
        known::LET
            | known::STATIC
            | known::YIELD
            | known::IMPLEMENTS
            | known::INTERFACE
            | known::PACKAGE
            | known::PRIVATE
            | known::PROTECTED
            | known::PUBLIC
    )
}
