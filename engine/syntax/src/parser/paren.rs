//! Parenthesised expressions, arrow functions and calls of `async`, which start alike.

use super::{CoverError, Parser, Result, Use};
use crate::ast::{Argument, Call, CodeFacts, Expr, FunctionKind, Ident, Paren, Pattern, Sequence, Span};
use crate::lexer::T;

/// What is put aside while something is parsed that may turn out to be arrow parameters.
struct Aside {
    facts: CodeFacts,
    suspension_at: Option<Span>,
    await_name_at: Option<Span>,
    cover: Option<CoverError>,
    allow_in: bool,
}

impl<'a> Parser<'a, '_, '_> {
    fn put_aside(&mut self) -> Aside {
        Aside {
            facts: std::mem::take(&mut self.facts),
            suspension_at: self.suspension_at.take(),
            await_name_at: self.await_name_at.take(),
            cover: self.cover.take(),
            allow_in: std::mem::replace(&mut self.context.allow_in, true),
        }
    }

    /// It was an expression: what it mentions is mentioned by the code around it.
    fn merge_aside(&mut self, aside: Aside) -> Result<()> {
        self.raise_cover()?;
        self.facts.absorb(aside.facts);
        self.suspension_at = aside.suspension_at.or(self.suspension_at);
        self.await_name_at = aside.await_name_at.or(self.await_name_at);
        self.cover = aside.cover;
        self.context.allow_in = aside.allow_in;
        Ok(())
    }

    // 13.2.1.1, 13.2.9 The Grouping Operator, https://tc39.es/ecma262/#sec-grouping-operator
    #[inline(never)]
    pub(super) fn parenthesized(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        let can_be_arrow = self.arrow_start == start;
        let aside = self.put_aside();
        self.advance();
        let mut first = None;
        let mut more = Vec::new();
        let mut rest = None;
        while !self.at(T::RParen) {
            if self.at(T::Ellipsis) && can_be_arrow {
                rest = Some(self.rest_element()?);
                break;
            }
            let expr = self.assign_or_pattern(true)?;
            if first.is_none() {
                first = Some(expr);
            } else {
                more.push(expr);
            }
            if !self.eat(T::Comma) {
                break;
            }
        }
        // A trailing comma or nothing at all is for arrow functions only.
        let has_trailing_comma = self.source.as_bytes().get(self.previous_end as usize - 1) == Some(&b',');
        let must_be_arrow = first.is_none() || rest.is_some() || has_trailing_comma;
        if must_be_arrow && !(can_be_arrow && self.at(T::RParen) && self.peek().kind == T::Arrow) {
            return self.unexpected();
        }
        self.expect(T::RParen)?;
        let Some(first) = first.filter(|_| !(can_be_arrow && self.at(T::Arrow))) else {
            return self.arrow_from_cover(start, first, &more, rest, aside, false);
        };
        let inner = if more.is_empty() { first } else { self.sequence_of(first, &more) };
        self.merge_aside(aside)?;
        Ok(Expr::Paren(self.alloc(Paren { expr: inner, span: self.span_from(start) })))
    }

    #[inline(never)]
    fn sequence_of(&mut self, first: Expr<'a>, more: &[Expr<'a>]) -> Expr<'a> {
        let exprs: Vec<_> = std::iter::once(first).chain(more.iter().copied()).collect();
        let span = self.span_from(first.span().start);
        Expr::Sequence(self.alloc(Sequence { exprs: self.list(&exprs), span }))
    }

    /// `...pattern` at the end of parameters.
    fn rest_element(&mut self) -> Result<Pattern<'a>> {
        self.advance();
        let target = self.binding_target()?;
        match self.token.kind {
            T::RParen => Ok(target),
            T::Comma => self.error("Rest parameter must be last formal parameter", self.token.span),
            T::Assign => self.error("Rest parameter may not have a default initializer", self.token.span),
            _ => self.unexpected(),
        }
    }

    // 15.3.1 Static Semantics: Early Errors (ArrowFunction), https://tc39.es/ecma262/#sec-arrow-function-definitions-static-semantics-early-errors
    // 15.9.1 Static Semantics: Early Errors (AsyncArrowFunction), https://tc39.es/ecma262/#sec-async-arrow-function-definitions-static-semantics-early-errors
    #[inline(never)]
    fn arrow_from_cover(
        &mut self,
        start: u32,
        first: Option<Expr<'a>>,
        more: &[Expr<'a>],
        rest: Option<Pattern<'a>>,
        aside: Aside,
        is_async: bool,
    ) -> Result<Expr<'a>> {
        if self.token.newline {
            return self.unexpected();
        }
        if let Some(span) = self.suspension_at {
            let message = if span.text(self.source).starts_with('y') {
                "Yield expression not allowed in formal parameter"
            } else {
                "Illegal await-expression in formal parameters of async function"
            };
            return self.error(message, span);
        }
        if let Some(span) = self.await_name_at.filter(|_| is_async) {
            return self.error("Unexpected reserved word", span);
        }
        let mut params = Vec::with_capacity(first.is_some() as usize + more.len());
        for &expr in first.iter().chain(more) {
            params.push(self.element_from(expr, true)?);
        }
        let params_facts = std::mem::replace(&mut self.facts, aside.facts);
        self.suspension_at = aside.suspension_at;
        self.await_name_at = aside.await_name_at.or(self.await_name_at);
        self.cover = aside.cover;
        self.context.allow_in = aside.allow_in;
        self.arrow_rest(start, &params, rest, params_facts, is_async)
    }

    /// An expression that starts with `async`.
    #[inline(never)]
    pub(super) fn async_primary(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        let can_be_arrow = self.arrow_start == start;
        let next = self.peek();
        if next.kind == T::Function && !next.newline {
            return self.function_expression();
        }
        let ident = self.identifier(Use::Reference)?;
        if self.token.newline || !can_be_arrow {
            return Ok(Expr::Ident(ident));
        }
        match self.token.kind {
            T::Arrow => self.arrow_from_identifier(start, ident, false),
            T::LParen => self.async_call_or_arrow(start, ident),
            // `for await (async of …)`; anywhere else the `of` is in the way.
            T::Of if self.peek().kind != T::Arrow => Ok(Expr::Ident(ident)),
            kind if kind.is_identifier() => {
                // The parameter of an async arrow function is parsed with [+Await].
                let saved_await = std::mem::replace(&mut self.context.is_await, true);
                let param = self.identifier(Use::Binding)?;
                self.context.is_await = saved_await;
                if !self.at(T::Arrow) || self.token.newline {
                    return self.unexpected();
                }
                self.arrow_from_identifier(start, param, true)
            }
            _ => Ok(Expr::Ident(ident)),
        }
    }

    #[inline(never)]
    fn async_call_or_arrow(&mut self, start: u32, callee: Ident) -> Result<Expr<'a>> {
        let aside = self.put_aside();
        self.advance();
        let mut args = Vec::new();
        let mut spread_comma = None;
        let mut rest_error = None;
        while !self.at(T::RParen) {
            let arg_start = self.start();
            if self.eat(T::Ellipsis) {
                let value = self.assign_or_pattern(true)?;
                args.push(Argument::Spread(value, self.span_from(arg_start)));
                spread_comma = self.at(T::Comma).then_some(self.token.span);
            } else {
                if let Some(span) = spread_comma.take() {
                    rest_error = Some(span);
                }
                args.push(Argument::Expr(self.assign_or_pattern(true)?));
            }
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.close_arguments()?;
        if !self.at(T::Arrow) {
            self.merge_aside(aside)?;
            let args = self.list(&args);
            let call = Call { callee: Expr::Ident(callee), args, optional: false, direct_eval: false, span: self.span_from(start) };
            return Ok(Expr::Call(self.alloc(call)));
        }
        if let Some(span) = rest_error.or(spread_comma) {
            return self.error("Rest parameter must be last formal parameter", span);
        }
        let mut rest = None;
        let mut exprs = Vec::with_capacity(args.len());
        for (index, arg) in args.iter().enumerate() {
            match *arg {
                Argument::Expr(expr) => exprs.push(expr),
                Argument::Spread(_, span) if index + 1 < args.len() => {
                    return self.error("Rest parameter must be last formal parameter", span);
                }
                Argument::Spread(expr, _) => rest = Some(self.pattern_from(expr, true)?),
            }
        }
        let first = exprs.first().copied();
        let more = exprs.get(1..).unwrap_or(&[]);
        self.arrow_from_cover(start, first, more, rest, aside, true)
    }

    pub(super) fn arrow_from_identifier(&mut self, start: u32, param: Ident, is_async: bool) -> Result<Expr<'a>> {
        let element = self.element_from(Expr::Ident(param), true)?;
        self.arrow_rest(start, &[element], None, CodeFacts::default(), is_async)
    }

    /// For [`FunctionKind::Arrow`] alone: nothing else propagates its facts.
    pub(super) fn absorb_facts(&mut self, kind: FunctionKind, inner: CodeFacts) {
        if kind == FunctionKind::Arrow {
            self.facts.absorb_arrow(inner);
        }
    }
}
