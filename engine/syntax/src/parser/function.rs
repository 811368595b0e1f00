//! Functions of every kind: parameters, bodies, directives.

use super::{Context, Label, Parser, Result, Use, is_strict_reserved};
use crate::ast::{CodeFacts, Expr, ExprStmt, Function, FunctionBody, FunctionKind, Ident, Pattern, PatternElement, Span, Stmt};
use crate::lexer::T;
use crate::names::{Name, known};

/// Formal parameters as parsed.
#[derive(Clone, Copy)]
pub(super) struct Params<'a> {
    pub list: &'a [PatternElement<'a>],
    pub rest: Option<Pattern<'a>>,
}

impl Params<'_> {
    // 15.1.3 Static Semantics: IsSimpleParameterList, https://tc39.es/ecma262/#sec-static-semantics-issimpleparameterlist
    fn is_simple(&self) -> bool {
        self.rest.is_none() && self.list.iter().all(|param| param.default.is_none() && matches!(param.target, Pattern::Ident(_)))
    }

    // 15.1.5 Static Semantics: ExpectedArgumentCount, https://tc39.es/ecma262/#sec-static-semantics-expectedargumentcount
    fn expected_argument_count(&self) -> u32 {
        self.list.iter().take_while(|param| param.default.is_none()).count() as u32
    }
}

/// What belongs to a function and is put back when it ends.
pub(super) struct Outer {
    context: Context,
    facts: CodeFacts,
    suspension_at: Option<Span>,
    await_name_at: Option<Span>,
    high: u32,
}

impl<'a> Parser<'a, '_, '_> {
    /// Starts the code of a function, field initialiser or static block in a context of its own.
    pub(super) fn open_code(&mut self, context: Context) -> Outer {
        let labels_start = self.labels.len() as u32;
        let fresh = Context {
            allow_in: true,
            in_params: false,
            in_static_block: false,
            allow_using: true,
            at_module_top: false,
            loops: 0,
            switches: 0,
            labels_start,
            ..context
        };
        Outer {
            context: std::mem::replace(&mut self.context, fresh),
            facts: std::mem::take(&mut self.facts),
            suspension_at: self.suspension_at.take(),
            await_name_at: self.await_name_at.take(),
            high: std::mem::replace(&mut self.high, self.depth),
        }
    }

    /// Ends it and returns what it mentioned.
    pub(super) fn close_code(&mut self, outer: Outer) -> CodeFacts {
        self.context = outer.context;
        self.suspension_at = outer.suspension_at;
        self.await_name_at = outer.await_name_at;
        self.high = self.high.max(outer.high);
        std::mem::replace(&mut self.facts, outer.facts)
    }

    // 15.2 Function Definitions, https://tc39.es/ecma262/#sec-function-definitions
    #[inline(never)]
    pub(super) fn function_expression(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        let is_async = self.eat(T::Async);
        self.advance();
        let is_generator = self.eat(T::Star);
        let mut name = None;
        if self.token.kind != T::LParen {
            // The name is parsed with the [Yield] and [Await] of the function itself.
            let saved = self.context;
            self.context.is_yield = is_generator;
            self.context.is_await = is_async;
            self.context.in_static_block = false;
            name = Some(self.identifier(Use::Binding)?);
            self.context = saved;
        }
        let function = self.function_rest(start, name, FunctionKind::Normal, is_async, is_generator)?;
        Ok(Expr::Function(function))
    }

    /// A function declaration at `function` or `async`. Without a name only after `export default`.
    #[inline(never)]
    pub(super) fn function_declaration(&mut self, needs_name: bool) -> Result<&'a Function<'a>> {
        let start = self.start();
        let is_async = self.eat(T::Async);
        self.advance();
        let is_generator = self.eat(T::Star);
        let name = if needs_name || !self.at(T::LParen) { Some(self.identifier(Use::Binding)?) } else { None };
        self.function_rest(start, name, FunctionKind::Normal, is_async, is_generator)
    }

    /// Parameters and body, from the opening parenthesis.
    #[inline(never)]
    pub(super) fn function_rest(
        &mut self,
        start: u32,
        name: Option<Ident>,
        kind: FunctionKind,
        is_async: bool,
        is_generator: bool,
    ) -> Result<&'a Function<'a>> {
        self.enter()?;
        let is_method = kind != FunctionKind::Normal;
        let outer = self.open_code(Context {
            is_yield: is_generator,
            is_await: is_async,
            allow_return: true,
            allow_super_call: kind == FunctionKind::DerivedConstructor,
            allow_super_property: is_method,
            allow_new_target: true,
            forbid_arguments: false,
            ..self.context
        });
        let params_start = self.start();
        self.context.in_params = true;
        self.expect(T::LParen)?;
        let params = self.formal_parameters(T::RParen)?;
        self.expect(T::RParen)?;
        self.check_accessor(kind, &params, params_start)?;
        self.context.in_params = false;
        let function = self.function_body(start, name, kind, params, is_method)?;
        let facts = self.close_code(outer);
        self.absorb_facts(kind, facts);
        self.leave();
        Ok(function)
    }

    fn check_accessor(&self, kind: FunctionKind, params: &Params<'a>, start: u32) -> Result<()> {
        match kind {
            FunctionKind::Getter if !params.list.is_empty() || params.rest.is_some() => {
                self.error("Getter must not have any formal parameters.", self.span_from(start))
            }
            FunctionKind::Setter if params.rest.is_some() => {
                self.error("Setter function argument must not be a rest parameter", self.span_from(start))
            }
            FunctionKind::Setter if params.list.len() != 1 => {
                self.error("Setter must have exactly one formal parameter.", self.span_from(start))
            }
            _ => Ok(()),
        }
    }

    // 15.1 Parameter Lists, https://tc39.es/ecma262/#sec-parameter-lists
    /// Parameters up to, not including, `end`.
    fn formal_parameters(&mut self, end: T) -> Result<Params<'a>> {
        let mut list = Vec::new();
        let mut rest = None;
        while !self.at(end) {
            if self.eat(T::Ellipsis) {
                rest = Some(self.binding_target()?);
                match self.token.kind {
                    T::Comma => return self.error("Rest parameter must be last formal parameter", self.token.span),
                    T::Assign => return self.error("Rest parameter may not have a default initializer", self.token.span),
                    _ => break,
                }
            }
            list.push(self.binding_element()?);
            if !self.eat(T::Comma) {
                break;
            }
        }
        if !self.at(end) {
            return match self.token.kind {
                T::Eof | T::Error => self.unexpected(),
                _ => self.error("missing ) after formal parameters", self.token.span),
            };
        }
        Ok(Params { list: self.list(&list), rest })
    }

    /// The braced body of a function whose code is open, and the function.
    fn function_body(
        &mut self,
        start: u32,
        name: Option<Ident>,
        kind: FunctionKind,
        params: Params<'a>,
        unique_params: bool,
    ) -> Result<&'a Function<'a>> {
        let params_facts = self.facts;
        let body_start = self.start();
        let outer_strict = self.context.strict;
        let scopes = (self.new_scope(), self.new_scope(), self.new_scope());
        self.expect(T::LBrace)?;
        let (body, has_use_strict) = self.directives_or_body(T::RBrace, Some(&params))?;
        self.expect(T::RBrace)?;
        let becomes_strict = self.context.strict && !outer_strict;
        self.check_params(&params, unique_params, becomes_strict)?;
        if let Some(name) = name.filter(|_| becomes_strict) {
            self.check_strict_binding(name)?;
        }
        Ok(self.alloc(Function {
            kind,
            is_async: self.context.is_await,
            is_generator: self.context.is_yield,
            strict: self.context.strict,
            has_use_strict,
            has_simple_params: params.is_simple(),
            length: params.expected_argument_count(),
            name,
            params: params.list,
            rest: params.rest,
            body: FunctionBody::Block(body),
            facts: self.facts,
            params_facts,
            name_scope: scopes.0,
            params_scope: scopes.1,
            body_scope: scopes.2,
            span: self.span_from(start),
            body_span: self.span_from(body_start),
        }))
    }

    // 15.3 Arrow Function Definitions, https://tc39.es/ecma262/#sec-arrow-function-definitions
    // 15.9 Async Arrow Function Definitions, https://tc39.es/ecma262/#sec-async-arrow-function-definitions
    /// An arrow function from its arrow on.
    #[inline(never)]
    pub(super) fn arrow_rest(
        &mut self,
        start: u32,
        params: &[PatternElement<'a>],
        rest: Option<Pattern<'a>>,
        params_facts: CodeFacts,
        is_async: bool,
    ) -> Result<Expr<'a>> {
        self.enter()?;
        let params = Params { list: self.list(params), rest };
        let allow_in = self.context.allow_in;
        let outer = self.open_code(Context { is_yield: false, is_await: is_async, allow_return: true, ..self.context });
        self.facts = params_facts;
        self.expect(T::Arrow)?;
        let function = if self.at(T::LBrace) {
            self.function_body(start, None, FunctionKind::Arrow, params, true)?
        } else {
            self.context.allow_in = allow_in;
            self.arrow_expression_body(start, params)?
        };
        let facts = self.close_code(outer);
        self.absorb_facts(FunctionKind::Arrow, facts);
        self.leave();
        Ok(Expr::Function(function))
    }

    #[inline(never)]
    fn arrow_expression_body(&mut self, start: u32, params: Params<'a>) -> Result<&'a Function<'a>> {
        let params_facts = self.facts;
        let scopes = (self.new_scope(), self.new_scope(), self.new_scope());
        self.check_params(&params, true, false)?;
        let body = self.assign()?;
        Ok(self.alloc(Function {
            kind: FunctionKind::Arrow,
            is_async: self.context.is_await,
            is_generator: false,
            strict: self.context.strict,
            has_use_strict: false,
            has_simple_params: params.is_simple(),
            length: params.expected_argument_count(),
            name: None,
            params: params.list,
            rest: params.rest,
            body: FunctionBody::Expr(body),
            facts: self.facts,
            params_facts,
            name_scope: scopes.0,
            params_scope: scopes.1,
            body_scope: scopes.2,
            span: self.span_from(start),
            body_span: body.span(),
        }))
    }

    // 15.2.1 Static Semantics: Early Errors, https://tc39.es/ecma262/#sec-function-definitions-static-semantics-early-errors
    fn check_params(&mut self, params: &Params<'a>, unique: bool, becomes_strict: bool) -> Result<()> {
        let mut names: Vec<Ident> = Vec::with_capacity(params.list.len());
        let mut collect = |ident| names.push(ident);
        params.list.iter().for_each(|param| param.target.for_each_name(&mut collect));
        params.rest.iter().for_each(|rest| rest.for_each_name(&mut collect));
        if becomes_strict {
            names.iter().try_for_each(|&ident| self.check_strict_binding(ident))?;
        }
        if (unique || self.context.strict || !params.is_simple())
            && let Some(ident) = first_duplicate(&names)
        {
            return self.error("Duplicate parameter name not allowed in this context", ident.span);
        }
        Ok(())
    }

    /// A binding parsed as sloppy code that a `"use strict"` further on made strict.
    fn check_strict_binding(&self, ident: Ident) -> Result<()> {
        match ident.name {
            known::EVAL | known::ARGUMENTS => self.error("Unexpected eval or arguments in strict mode", ident.span),
            name if is_strict_reserved(name) => self.error("Unexpected strict mode reserved word", ident.span),
            _ => Ok(()),
        }
    }

    // 11.2.1 Directive Prologues and the Use Strict Directive, https://tc39.es/ecma262/#sec-directive-prologues-and-the-use-strict-directive
    /// Directives and statements up to, not including, `end`; whether `"use strict"` is among the directives.
    pub(super) fn directives_or_body(&mut self, end: T, params: Option<&Params<'a>>) -> Result<(&'a [Stmt<'a>], bool)> {
        let mark = self.statements.len();
        let mut has_use_strict = false;
        self.legacy_escape = None;
        while self.at(T::String) {
            let span = self.token.span;
            let statement = self.statement_list_item()?;
            let Stmt::Expr(node) = statement else { return self.unexpected() };
            if !matches!(node.expr, Expr::String(literal) if literal.span == span) {
                self.statements.push(statement);
                break;
            }
            if matches!(span.text(self.source), "\"use strict\"" | "'use strict'") {
                if params.is_some_and(|params| !params.is_simple()) {
                    return self.error("Illegal 'use strict' directive in function with non-simple parameter list", span);
                }
                self.context.strict = true;
                has_use_strict = true;
            }
            if let Some((span, is_eight)) = self.legacy_escape.filter(|_| self.context.strict) {
                self.check_legacy_escape(span, is_eight)?;
            }
            let directive = Stmt::Expr(self.alloc(ExprStmt { directive: true, ..*node }));
            self.statements.push(directive);
        }
        while !self.at(end) {
            let statement = self.statement_list_item()?;
            self.statements.push(statement);
        }
        Ok((self.take_statements(mark), has_use_strict))
    }

    /// The statements since `mark`, into the arena.
    pub(super) fn take_statements(&mut self, mark: usize) -> &'a [Stmt<'a>] {
        let list = self.arena.alloc_slice_copy(&self.statements[mark..]);
        self.statements.truncate(mark);
        list
    }

    // 12.9.4.1 Static Semantics: Early Errors, https://tc39.es/ecma262/#sec-string-literals-early-errors
    pub(super) fn check_legacy_escape(&mut self, span: Span, is_eight: bool) -> Result<()> {
        if !self.context.strict {
            self.legacy_escape = Some((span, is_eight));
            return Ok(());
        }
        let message =
            if is_eight { "\\8 and \\9 are not allowed in strict mode." } else { "Octal escape sequences are not allowed in strict mode." };
        self.error(message, span)
    }

    pub(super) fn label_names(&self) -> &[Label] {
        &self.labels[self.context.labels_start as usize..]
    }

    /// The whole source as the parameters of a dynamic function.
    pub(super) fn lone_parameters(&mut self, is_async: bool, is_generator: bool) -> Result<()> {
        self.open_dynamic(is_async, is_generator);
        self.context.in_params = true;
        self.formal_parameters(T::Eof).map(|_| ())
    }

    /// The whole source as the body of a dynamic function.
    pub(super) fn lone_body(&mut self, is_async: bool, is_generator: bool) -> Result<()> {
        self.open_dynamic(is_async, is_generator);
        self.directives_or_body(T::Eof, None).map(|_| ())
    }

    fn open_dynamic(&mut self, is_async: bool, is_generator: bool) {
        let context = Context { is_yield: is_generator, is_await: is_async, allow_return: true, allow_new_target: true, ..self.context };
        self.open_code(context);
    }
}

/// The first name that came before.
pub(super) fn first_duplicate(names: &[Ident]) -> Option<Ident> {
    /// Beyond that a set is faster than comparing all with all.
    const FEW: usize = 12;
    if names.len() <= FEW {
        let is_repeated = |&(index, ident): &(usize, &Ident)| names[..index].iter().any(|other| other.name == ident.name);
        return names.iter().enumerate().find(is_repeated).map(|(_, ident)| *ident);
    }
    let mut seen: hashbrown::HashSet<Name> = hashbrown::HashSet::with_capacity(names.len());
    names.iter().find(|ident| !seen.insert(ident.name)).copied()
}
