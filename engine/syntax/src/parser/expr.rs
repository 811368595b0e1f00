//! Expressions down to the conditional operator, and assignments.

use super::{CoverError, Parser, Result};
use crate::ast::{Assign, AssignOp, BinaryOp, Conditional, Expr, LogicalOp, Sequence, Yield};
use crate::lexer::T;

impl<'a> Parser<'a, '_, '_> {
    // 13.16 Comma Operator, https://tc39.es/ecma262/#sec-comma-operator
    pub(super) fn expression(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        let first = self.assign()?;
        if self.at(T::Comma) { self.sequence(start, first) } else { Ok(first) }
    }

    #[inline(never)]
    fn sequence(&mut self, start: u32, first: Expr<'a>) -> Result<Expr<'a>> {
        let mut exprs = vec![first];
        while self.eat(T::Comma) {
            exprs.push(self.assign()?);
        }
        Ok(Expr::Sequence(self.alloc(Sequence { exprs: self.list(&exprs), span: self.span_from(start) })))
    }

    /// An expression with the `[In]` parameter.
    pub(super) fn expression_in(&mut self) -> Result<Expr<'a>> {
        let saved = std::mem::replace(&mut self.context.allow_in, true);
        let result = self.expression()?;
        self.context.allow_in = saved;
        Ok(result)
    }

    /// An AssignmentExpression with the `[In]` parameter.
    pub(super) fn assign_in(&mut self) -> Result<Expr<'a>> {
        let saved = std::mem::replace(&mut self.context.allow_in, true);
        let result = self.assign()?;
        self.context.allow_in = saved;
        Ok(result)
    }

    /// An AssignmentExpression that cannot become a pattern.
    pub(super) fn assign(&mut self) -> Result<Expr<'a>> {
        self.assign_or_pattern(false)
    }

    // 13.15 Assignment Operators, https://tc39.es/ecma262/#sec-assignment-operators
    /// An AssignmentExpression. With `cover`, an object or array literal that is valid only as a pattern leaves its error in
    /// [`Parser::cover`] for the caller to raise or forget.
    pub(super) fn assign_or_pattern(&mut self, cover: bool) -> Result<Expr<'a>> {
        self.enter()?;
        let saved_high = std::mem::replace(&mut self.high, self.depth);
        let saved_cover = self.cover.take();
        let start = self.start();
        self.arrow_start = start;
        let mut expr = if self.at(T::Yield) && self.context.is_yield { self.yield_expression()? } else { self.conditional()? };
        if self.token.kind.is_assign() && !Self::is_arrow(expr) {
            expr = self.assignment(start, expr)?;
        }
        if self.cover.is_some() && !(cover && matches!(expr, Expr::Object(_) | Expr::Array(_))) {
            self.raise_cover()?;
        }
        self.cover = saved_cover.or(self.cover);
        self.high = self.high.max(saved_high);
        self.leave();
        Ok(expr)
    }

    /// Reports the pending error if there is one.
    pub(super) fn raise_cover(&mut self) -> Result<()> {
        match self.cover.take() {
            Some(CoverError { span, message }) => self.error(message, span),
            None => Ok(()),
        }
    }

    #[inline(never)]
    fn assignment(&mut self, start: u32, left: Expr<'a>) -> Result<Expr<'a>> {
        let op = assign_op(self.token.kind);
        let target = match left {
            Expr::Yield(_) => return self.unexpected(),
            Expr::Object(_) | Expr::Array(_) if op == AssignOp::Assign => {
                self.cover = None;
                self.pattern_from(left, false)?
            }
            _ => {
                let web_compat = !matches!(op, AssignOp::Logical(_));
                self.simple_target(left, web_compat, "Invalid left-hand side in assignment")?
            }
        };
        self.advance();
        let value = self.assign()?;
        Ok(Expr::Assign(self.alloc(Assign { op, target, value, span: self.span_from(start) })))
    }

    // 13.14 Conditional Operator ( ? : ), https://tc39.es/ecma262/#sec-conditional-operator
    #[inline(always)]
    fn conditional(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        let test = self.binary(0)?;
        if self.at(T::Question) && !Self::is_arrow(test) { self.conditional_rest(start, test) } else { Ok(test) }
    }

    #[inline(never)]
    fn conditional_rest(&mut self, start: u32, test: Expr<'a>) -> Result<Expr<'a>> {
        self.advance();
        let consequent = self.assign_in()?;
        self.expect(T::Colon)?;
        let alternate = self.assign()?;
        self.deepen()?;
        Ok(Expr::Conditional(self.alloc(Conditional { test, consequent, alternate, span: self.span_from(start) })))
    }

    // 15.5 Generator Function Definitions (YieldExpression), https://tc39.es/ecma262/#prod-YieldExpression
    #[inline(never)]
    fn yield_expression(&mut self) -> Result<Expr<'a>> {
        let span = self.token.span;
        if self.context.in_params {
            return self.error("Yield expression not allowed in formal parameter", span);
        }
        self.suspension_at = self.suspension_at.or(Some(span));
        self.facts.has_suspension = true;
        self.advance();
        let delegate = !self.token.newline && self.eat(T::Star);
        let ends = self.token.newline
            || matches!(
                self.token.kind,
                T::RParen | T::RBracket | T::RBrace | T::Comma | T::Semicolon | T::Colon | T::Eof | T::In | T::Question
            );
        let operand = if delegate || !ends { Some(self.assign()?) } else { None };
        Ok(Expr::Yield(self.alloc(Yield { operand, delegate, span: self.span_from(span.start) })))
    }
}

fn assign_op(kind: T) -> AssignOp {
    match kind {
        T::PlusAssign => AssignOp::Binary(BinaryOp::Add),
        T::MinusAssign => AssignOp::Binary(BinaryOp::Sub),
        T::StarAssign => AssignOp::Binary(BinaryOp::Mul),
        T::SlashAssign => AssignOp::Binary(BinaryOp::Div),
        T::PercentAssign => AssignOp::Binary(BinaryOp::Rem),
        T::StarStarAssign => AssignOp::Binary(BinaryOp::Exp),
        T::ShlAssign => AssignOp::Binary(BinaryOp::Shl),
        T::ShrAssign => AssignOp::Binary(BinaryOp::Shr),
        T::UShrAssign => AssignOp::Binary(BinaryOp::UShr),
        T::AndAssign => AssignOp::Binary(BinaryOp::BitAnd),
        T::OrAssign => AssignOp::Binary(BinaryOp::BitOr),
        T::XorAssign => AssignOp::Binary(BinaryOp::BitXor),
        T::AndAndAssign => AssignOp::Logical(LogicalOp::And),
        T::OrOrAssign => AssignOp::Logical(LogicalOp::Or),
        T::CoalesceAssign => AssignOp::Logical(LogicalOp::Coalesce),
        _ => AssignOp::Assign,
    }
}
