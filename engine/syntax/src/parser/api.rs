//! Entry points.

use super::{Context, Parser, Result};
use crate::ast::{CodeFacts, Expr, ExprStmt, FunctionKind, Program, ProgramKind, ScopeId, Span, Stmt};
use crate::error::{ErrorKind, SyntaxError};
use crate::lexer::{Lexer, T};
use crate::names::{Name, Names};
use bumpalo::Bump;

/// Checks pattern and flags of a regular expression literal; an error is the message after "Invalid regular expression: ".
pub type RegExpCheck = dyn Fn(&str, &str) -> std::result::Result<(), String>;

/// Where source text comes from, as far as its grammar depends on it.
#[derive(Clone, Copy, Default)]
pub struct ParseOptions<'o> {
    /// Strict from the start (direct eval in strict code). Modules are anyway.
    pub strict: bool,
    /// The text of an eval: [`ProgramKind::Eval`].
    pub eval: bool,
    /// Direct eval in a function that is not an arrow function of the top level.
    pub allow_new_target: bool,
    /// Direct eval in a method.
    pub allow_super_property: bool,
    /// Direct eval in a derived constructor.
    pub allow_super_call: bool,
    /// Direct eval in a field initialiser or static block: `arguments` is an error.
    pub forbid_arguments: bool,
    /// Direct eval in a class: the private names in scope, each with its `#`.
    pub private_names: &'o [Name],
    /// Without one, patterns are not checked.
    pub check_regexp: Option<&'o RegExpCheck>,
}

impl std::fmt::Debug for ParseOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParseOptions")
            .field("strict", &self.strict)
            .field("eval", &self.eval)
            .field("allow_new_target", &self.allow_new_target)
            .field("allow_super_property", &self.allow_super_property)
            .field("allow_super_call", &self.allow_super_call)
            .field("forbid_arguments", &self.forbid_arguments)
            .field("private_names", &self.private_names)
            .field("check_regexp", &self.check_regexp.is_some())
            .finish()
    }
}

impl<'a, 'n, 'o> Parser<'a, 'n, 'o> {
    fn new(arena: &'a Bump, names: &'n mut Names, source: &'a str, options: &'o ParseOptions<'o>, is_module: bool) -> Result<Self> {
        if source.len() > (u32::MAX / 2) as usize {
            let message = "Source text is too long".to_owned();
            return Err(Box::new(SyntaxError { message, span: Span::default(), kind: ErrorKind::TooComplex }));
        }
        let mut lexer = Lexer::new(source, !is_module);
        let token = lexer.next_token();
        Ok(Parser {
            arena,
            names,
            source,
            lexer,
            options,
            token,
            previous_end: 0,
            context: Context {
                strict: is_module || options.strict,
                is_yield: false,
                is_await: is_module,
                in_static_block: false,
                allow_in: true,
                allow_return: false,
                allow_super_call: options.allow_super_call,
                allow_super_property: options.allow_super_property,
                allow_new_target: options.allow_new_target,
                forbid_arguments: options.forbid_arguments,
                in_params: false,
                allow_using: is_module,
                at_module_top: is_module,
                loops: 0,
                switches: 0,
                labels_start: 0,
            },
            is_module,
            facts: CodeFacts::default(),
            labels: Vec::new(),
            cover: None,
            arrow_start: u32::MAX,
            suspension_at: None,
            await_name_at: None,
            private_scopes: Vec::new(),
            depth: 0,
            high: 0,
            scope_count: 0,
            template_sites: 0,
            has_top_level_await: false,
            legacy_escape: None,
            exported: hashbrown::HashMap::new(),
            statements: Vec::new(),
        })
    }

    fn finish(self, kind: ProgramKind, scope: ScopeId, body: &'a [Stmt<'a>]) -> Program<'a> {
        Program {
            kind,
            strict: self.context.strict,
            body,
            scope,
            scope_count: self.scope_count,
            template_site_count: self.template_sites,
            facts: self.facts,
            has_top_level_await: self.has_top_level_await,
            span: Span::new(0, self.source.len() as u32),
        }
    }
}

// 16.1.5 ParseScript ( sourceText, realm, hostDefined ), https://tc39.es/ecma262/#sec-parse-script
/// Parses a script, or with [`ParseOptions::eval`] the text of an eval.
///
/// # Errors
/// The first early error or syntax error found; redeclarations are not looked for.
pub fn parse_script<'a>(
    arena: &'a Bump,
    names: &mut Names,
    source: &'a str,
    options: &ParseOptions<'_>,
) -> std::result::Result<Program<'a>, SyntaxError> {
    let mut parse = || -> Result<Program<'a>> {
        let mut parser = Parser::new(arena, names, source, options, false)?;
        let scope = parser.new_scope();
        parser.directives_or_body(T::Eof, None).map(|(body, _)| {
            let kind = if options.eval { ProgramKind::Eval } else { ProgramKind::Script };
            parser.finish(kind, scope, body)
        })
    };
    parse().map_err(|error| *error)
}

// 16.2.1.7.1 ParseModule ( sourceText, realm, hostDefined ), https://tc39.es/ecma262/#sec-parsemodule
/// Parses a module.
///
/// # Errors
/// The first early error or syntax error found; redeclarations and exports of undeclared names are not looked for.
pub fn parse_module<'a>(
    arena: &'a Bump,
    names: &mut Names,
    source: &'a str,
    options: &ParseOptions<'_>,
) -> std::result::Result<Program<'a>, SyntaxError> {
    let mut parse = || -> Result<Program<'a>> {
        let mut parser = Parser::new(arena, names, source, options, true)?;
        let scope = parser.new_scope();
        let body = parser.module_body()?;
        Ok(parser.finish(ProgramKind::Module, scope, body))
    };
    parse().map_err(|error| *error)
}

/// The arguments of `new Function(…)` and its kin.
#[derive(Clone, Copy, Debug)]
pub struct FunctionParts<'s> {
    /// AsyncFunction or AsyncGeneratorFunction.
    pub is_async: bool,
    /// GeneratorFunction or AsyncGeneratorFunction.
    pub is_generator: bool,
    /// The parameters, joined by commas.
    pub params: &'s str,
    /// The body.
    pub body: &'s str,
}

/// The source text of a dynamic function: what `toString` gives and [`parse_function_parts`] parses.
// 20.2.1.1.1 CreateDynamicFunction ( constructor, newTarget, kind, parameterArgs, bodyArg ), steps 10 to 14,
// https://tc39.es/ecma262/#sec-createdynamicfunction
pub fn function_source(parts: &FunctionParts<'_>) -> String {
    let prefix = match (parts.is_async, parts.is_generator) {
        (false, false) => "function",
        (false, true) => "function*",
        (true, false) => "async function",
        (true, true) => "async function*",
    };
    format!("{prefix} anonymous({}\n) {{\n{}\n}}", parts.params, parts.body)
}

/// Parses the parameters and the body of a dynamic function each by itself, then `source`, which [`function_source`] made of them.
/// The result is a program whose body is one expression statement holding the function.
///
/// # Errors
/// The first early error or syntax error found, with a span in the part or the source that was being parsed.
// 20.2.1.1.1 CreateDynamicFunction ( constructor, newTarget, kind, parameterArgs, bodyArg ), steps 15 to 26,
// https://tc39.es/ecma262/#sec-createdynamicfunction
pub fn parse_function_parts<'a>(
    arena: &'a Bump,
    names: &mut Names,
    parts: &FunctionParts<'_>,
    source: &'a str,
    options: &ParseOptions<'_>,
) -> std::result::Result<Program<'a>, SyntaxError> {
    let scratch = Bump::new();
    let body = format!("\n{}\n", parts.body);
    let mut parse = || -> Result<()> {
        let mut parser = Parser::new(&scratch, names, parts.params, options, false)?;
        parser.lone_parameters(parts.is_async, parts.is_generator)?;
        let mut parser = Parser::new(&scratch, names, &body, options, false)?;
        parser.lone_body(parts.is_async, parts.is_generator)
    };
    parse().map_err(|error| *error)?;
    let mut parse = || -> Result<Program<'a>> {
        let mut parser = Parser::new(arena, names, source, options, false)?;
        let scope = parser.new_scope();
        let start = parser.start();
        let is_async = parser.eat(T::Async);
        parser.advance();
        let is_generator = parser.eat(T::Star);
        parser.advance();
        let function = parser.function_rest(start, None, FunctionKind::Normal, is_async, is_generator)?;
        if !parser.at(T::Eof) {
            return parser.unexpected();
        }
        let span = function.span;
        let statement = Stmt::Expr(arena.alloc(ExprStmt { expr: Expr::Function(function), directive: false, span }));
        let body = arena.alloc_slice_copy(&[statement]);
        Ok(parser.finish(ProgramKind::Function, scope, body))
    };
    parse().map_err(|error| *error)
}
