//! `for` in all its forms.

use super::{Parser, Result};
use crate::ast::{Expr, For, ForIn, ForInit, ForOf, ForTarget, Pattern, Span, Stmt, VarDecl, VarKind};
use crate::lexer::T;

impl<'a> Parser<'a, '_, '_> {
    // 14.7.4 The for Statement, 14.7.5 The for-in, for-of, and for-await-of Statements,
    // https://tc39.es/ecma262/#sec-for-in-and-for-of-statements
    #[inline(never)]
    pub(super) fn for_statement(&mut self) -> Result<Stmt<'a>> {
        let start = self.start();
        self.advance();
        let is_await = self.at(T::Await) && self.for_await()?;
        self.expect(T::LParen)?;
        let kind = match self.token.kind {
            T::Var => Some(VarKind::Var),
            T::Semicolon if !is_await => return self.for_rest(start, None),
            T::Using => self.using_in_head(),
            T::Let if self.peek().kind == T::In => None,
            _ => self.lexical_kind(),
        };
        match kind {
            Some(kind) => self.for_declaration(start, kind, is_await),
            None => self.for_expression(start, is_await),
        }
    }

    /// Consumes the `await` after `for`.
    fn for_await(&mut self) -> Result<bool> {
        if !self.context.is_await {
            return self.unexpected();
        }
        let span = self.token.span;
        self.facts.has_suspension = true;
        self.suspension_at = self.suspension_at.or(Some(span));
        self.has_top_level_await |= self.context.at_module_top;
        self.advance();
        Ok(true)
    }

    /// `using of` does not start a declaration, unless one is named `of` and has an initialiser.
    fn using_in_head(&self) -> Option<VarKind> {
        let mut lexer = self.lexer.clone();
        let name = lexer.next_token();
        let after = lexer.next_token();
        let is_declaration = name.kind.is_identifier() && !name.newline && (name.kind != T::Of || after.kind == T::Assign);
        is_declaration.then_some(VarKind::Using)
    }

    fn for_declaration(&mut self, start: u32, kind: VarKind, is_await: bool) -> Result<Stmt<'a>> {
        let outer_in = std::mem::replace(&mut self.context.allow_in, false);
        let outer_using = std::mem::replace(&mut self.context.allow_using, true);
        let declaration = self.var_declaration(kind, true)?;
        self.context.allow_in = outer_in;
        self.context.allow_using = outer_using;
        match self.token.kind {
            T::In if !is_await => {
                self.check_head_declaration(declaration, "for-in")?;
                self.for_in_rest(start, ForTarget::Var(declaration))
            }
            T::Of => {
                self.check_head_declaration(declaration, if is_await { "for-await" } else { "for-of" })?;
                self.for_of_rest(start, ForTarget::Var(declaration), is_await)
            }
            T::Semicolon if !is_await => self.for_rest(start, Some(ForInit::Var(declaration))),
            _ => self.unexpected(),
        }
    }

    // 14.7.5.1 Static Semantics: Early Errors, https://tc39.es/ecma262/#sec-for-in-and-for-of-statements-static-semantics-early-errors
    // B.3.5 Initializers in ForIn Statement Heads, https://tc39.es/ecma262/#sec-initializers-in-forin-statement-heads
    fn check_head_declaration(&self, declaration: &VarDecl<'a>, what: &str) -> Result<()> {
        let [declarator] = declaration.declarators else {
            let message = format!("Invalid left-hand side in {what} loop: Must have a single binding.");
            return self.error(message, declaration.span);
        };
        let is_for_in = what == "for-in";
        let admits_initializer =
            is_for_in && !self.context.strict && declaration.kind == VarKind::Var && matches!(declarator.target, Pattern::Ident(_));
        if declarator.init.is_some() && !admits_initializer {
            return self.error(format!("{what} loop variable declaration may not have an initializer."), declaration.span);
        }
        if is_for_in && matches!(declaration.kind, VarKind::Using | VarKind::AwaitUsing) {
            return self.error("Invalid left-hand side in for-in loop: using declarations are for for-of loops", declaration.span);
        }
        Ok(())
    }

    fn for_expression(&mut self, start: u32, is_await: bool) -> Result<Stmt<'a>> {
        let first = self.token;
        let next = self.peek();
        let outer_in = std::mem::replace(&mut self.context.allow_in, false);
        let saved_cover = self.cover.take();
        let mut expr = self.assign_or_pattern(true)?;
        let is_of = self.at(T::Of) && !self.token.escaped;
        if is_of || self.at(T::In) {
            // `for (let of` and `for (async of` are neither.
            if is_of && (first.kind == T::Let || (first.kind == T::Async && next.kind == T::Of && !is_await)) {
                let message = if first.kind == T::Let {
                    "The left-hand side of a for-of loop may not be 'let'."
                } else {
                    "The left-hand side of a for-of loop may not be 'async'."
                };
                return self.error(message, first.span);
            }
            self.cover = saved_cover;
            self.context.allow_in = outer_in;
            let target = ForTarget::Pattern(self.head_target(expr, is_of)?);
            return match self.token.kind {
                T::In if is_await => self.unexpected(),
                T::In => self.for_in_rest(start, target),
                _ => self.for_of_rest(start, target, is_await),
            };
        }
        if is_await {
            return self.unexpected();
        }
        self.raise_cover()?;
        self.cover = saved_cover;
        if self.at(T::Comma) {
            let mut exprs = vec![expr];
            while self.eat(T::Comma) {
                exprs.push(self.assign()?);
            }
            let span = Span::new(first.span.start, self.previous_end);
            expr = Expr::Sequence(self.alloc(crate::ast::Sequence { exprs: self.list(&exprs), span }));
        }
        self.context.allow_in = outer_in;
        match self.token.kind {
            T::In | T::Of if matches!(expr, Expr::Sequence(_)) => self.error("Invalid left-hand side in for-loop", expr.span()),
            _ => self.for_rest(start, Some(ForInit::Expr(expr))),
        }
    }

    fn head_target(&mut self, expr: Expr<'a>, is_of: bool) -> Result<Pattern<'a>> {
        match expr {
            Expr::Object(_) | Expr::Array(_) => self.pattern_from(expr, false),
            _ => self.simple_target(
                expr,
                true,
                if is_of { "Invalid left-hand side in for-loop" } else { "Invalid left-hand side in for-in loop" },
            ),
        }
    }

    fn for_in_rest(&mut self, start: u32, target: ForTarget<'a>) -> Result<Stmt<'a>> {
        self.advance();
        let head_scope = self.new_scope();
        let scope = self.new_scope();
        let object = self.expression_in()?;
        self.expect(T::RParen)?;
        let body = self.loop_body()?;
        Ok(Stmt::ForIn(self.alloc(ForIn { target, object, body, head_scope, scope, span: self.span_from(start) })))
    }

    fn for_of_rest(&mut self, start: u32, target: ForTarget<'a>, is_await: bool) -> Result<Stmt<'a>> {
        self.advance();
        let head_scope = self.new_scope();
        let scope = self.new_scope();
        let iterable = self.assign_in()?;
        self.expect(T::RParen)?;
        let body = self.loop_body()?;
        Ok(Stmt::ForOf(self.alloc(ForOf { is_await, target, iterable, body, head_scope, scope, span: self.span_from(start) })))
    }

    /// From the first semicolon on.
    fn for_rest(&mut self, start: u32, init: Option<ForInit<'a>>) -> Result<Stmt<'a>> {
        self.expect(T::Semicolon)?;
        let scope = self.new_scope();
        let test = if self.at(T::Semicolon) { None } else { Some(self.expression_in()?) };
        self.expect(T::Semicolon)?;
        let update = if self.at(T::RParen) { None } else { Some(self.expression_in()?) };
        self.expect(T::RParen)?;
        let body = self.loop_body()?;
        Ok(Stmt::For(self.alloc(For { init, test, update, body, scope, span: self.span_from(start) })))
    }
}
