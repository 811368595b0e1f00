//! Binary, unary and update operators.

use super::{Parser, Result};
use crate::ast::{Await, Binary, BinaryOp, Expr, Logical, LogicalOp, PrivateIn, Span, Unary, UnaryOp, Update};
use crate::lexer::T;

/// How tight a binary operator binds; 0 if the token is none.
fn precedence(kind: T) -> u8 {
    match kind {
        T::Coalesce => 1,
        T::OrOr => 2,
        T::AndAnd => 3,
        T::Or => 4,
        T::Xor => 5,
        T::And => 6,
        T::Eq | T::NotEq | T::StrictEq | T::StrictNotEq => 7,
        T::Lt | T::LtEq | T::Gt | T::GtEq | T::In | T::Instanceof => RELATIONAL,
        T::Shl | T::Shr | T::UShr => 9,
        T::Plus | T::Minus => 10,
        T::Star | T::Slash | T::Percent => 11,
        T::StarStar => 12,
        _ => 0,
    }
}

const RELATIONAL: u8 = 8;

enum Operator {
    Binary(BinaryOp),
    Logical(LogicalOp),
}

fn operator(kind: T) -> Operator {
    Operator::Binary(match kind {
        T::Coalesce => return Operator::Logical(LogicalOp::Coalesce),
        T::OrOr => return Operator::Logical(LogicalOp::Or),
        T::AndAnd => return Operator::Logical(LogicalOp::And),
        T::Or => BinaryOp::BitOr,
        T::Xor => BinaryOp::BitXor,
        T::And => BinaryOp::BitAnd,
        T::Eq => BinaryOp::Eq,
        T::NotEq => BinaryOp::NotEq,
        T::StrictEq => BinaryOp::StrictEq,
        T::StrictNotEq => BinaryOp::StrictNotEq,
        T::Lt => BinaryOp::Lt,
        T::LtEq => BinaryOp::LtEq,
        T::Gt => BinaryOp::Gt,
        T::GtEq => BinaryOp::GtEq,
        T::In => BinaryOp::In,
        T::Instanceof => BinaryOp::Instanceof,
        T::Shl => BinaryOp::Shl,
        T::Shr => BinaryOp::Shr,
        T::UShr => BinaryOp::UShr,
        T::Plus => BinaryOp::Add,
        T::Minus => BinaryOp::Sub,
        T::Star => BinaryOp::Mul,
        T::Slash => BinaryOp::Div,
        T::Percent => BinaryOp::Rem,
        _ => BinaryOp::Exp,
    })
}

impl<'a> Parser<'a, '_, '_> {
    // 13.6 to 13.13, https://tc39.es/ecma262/#sec-exp-operator and following
    /// Operators that bind tighter than `minimum`, and their operands.
    pub(super) fn binary(&mut self, minimum: u8) -> Result<Expr<'a>> {
        let start = self.start();
        let left = if self.at(T::PrivateName) { self.private_in(minimum)? } else { self.unary()? };
        // The common case is that there is no operator.
        if precedence(self.token.kind) <= minimum || Self::is_arrow(left) { Ok(left) } else { self.binary_rest(start, left, minimum) }
    }

    fn binary_rest(&mut self, start: u32, mut left: Expr<'a>, minimum: u8) -> Result<Expr<'a>> {
        self.deepen()?;
        loop {
            let kind = self.token.kind;
            let binds = precedence(kind);
            if binds <= minimum || (kind == T::In && !self.context.allow_in) {
                return Ok(left);
            }
            if kind == T::StarStar && matches!(left, Expr::Unary(_) | Expr::Await(_)) {
                let message = "Unary operator used immediately before exponentiation expression. \
                               Parenthesis must be used to disambiguate operator precedence";
                return self.error(message, left.span());
            }
            self.advance();
            self.enter()?;
            // The operands lie side by side: their depths do not add up.
            let left_high = std::mem::replace(&mut self.high, self.depth);
            let right = self.binary(if kind == T::StarStar { binds - 1 } else { binds })?;
            self.high = self.high.max(left_high);
            self.leave();
            left = self.join(kind, left, right, self.span_from(start))?;
        }
    }

    fn join(&mut self, kind: T, left: Expr<'a>, right: Expr<'a>, span: Span) -> Result<Expr<'a>> {
        match operator(kind) {
            Operator::Binary(op) => Ok(Expr::Binary(self.alloc(Binary { op, left, right, span }))),
            Operator::Logical(op) => {
                // 13.13: `??` does not mix with `&&` and `||` unless parenthesised. The later operator is the culprit.
                for (side, culprit) in [(right, None), (left, Some(op))] {
                    if let Expr::Logical(node) = side
                        && (node.op == LogicalOp::Coalesce) != (op == LogicalOp::Coalesce)
                    {
                        let text = match culprit.unwrap_or(node.op) {
                            LogicalOp::Coalesce => "??",
                            LogicalOp::Or => "||",
                            LogicalOp::And => "&&",
                        };
                        return self.error(format!("Unexpected token '{text}'"), span);
                    }
                }
                Ok(Expr::Logical(self.alloc(Logical { op, left, right, span })))
            }
        }
    }

    // 13.10 Relational Operators (PrivateIdentifier in ShiftExpression), https://tc39.es/ecma262/#prod-RelationalExpression
    #[inline(never)]
    fn private_in(&mut self, minimum: u8) -> Result<Expr<'a>> {
        let start = self.start();
        if self.peek().kind != T::In || !self.context.allow_in || minimum >= RELATIONAL {
            return self.unexpected();
        }
        let name = self.private_reference()?;
        self.advance();
        self.enter()?;
        let object = self.binary(RELATIONAL)?;
        self.leave();
        Ok(Expr::PrivateIn(self.alloc(PrivateIn { name, object, span: self.span_from(start) })))
    }

    // 13.5 Unary Operators, https://tc39.es/ecma262/#sec-unary-operators
    pub(super) fn unary(&mut self) -> Result<Expr<'a>> {
        let op = match self.token.kind {
            T::Minus => UnaryOp::Neg,
            T::Plus => UnaryOp::Plus,
            T::Bang => UnaryOp::Not,
            T::Tilde => UnaryOp::BitNot,
            T::Typeof => UnaryOp::Typeof,
            T::Void => UnaryOp::Void,
            T::Delete => UnaryOp::Delete,
            T::PlusPlus | T::MinusMinus => return self.prefix_update(),
            T::Await if self.context.is_await => return self.await_expression(),
            _ => return self.postfix(),
        };
        self.unary_rest(op)
    }

    #[inline(never)]
    fn unary_rest(&mut self, op: UnaryOp) -> Result<Expr<'a>> {
        let start = self.start();
        self.enter()?;
        self.advance();
        let operand = self.unary()?;
        self.leave();
        let span = self.span_from(start);
        if op == UnaryOp::Delete {
            self.check_delete(operand, span)?;
        }
        Ok(Expr::Unary(self.alloc(Unary { op, operand, span })))
    }

    // 13.5.1.1 Static Semantics: Early Errors, https://tc39.es/ecma262/#sec-delete-operator-static-semantics-early-errors
    fn check_delete(&self, operand: Expr<'a>, span: Span) -> Result<()> {
        let mut target = operand.without_parens();
        if let Expr::OptionalChain(chain) = target {
            target = chain.expr;
        }
        match target {
            Expr::Ident(_) if self.context.strict => self.error("Delete of an unqualified identifier in strict mode.", span),
            Expr::PrivateMember(_) => self.error("Private fields can not be deleted", span),
            _ => Ok(()),
        }
    }

    #[inline(never)]
    fn prefix_update(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        let increment = self.at(T::PlusPlus);
        self.enter()?;
        self.advance();
        let operand = self.unary()?;
        self.leave();
        let target = self.simple_target(operand, true, "Invalid left-hand side expression in prefix operation")?;
        Ok(Expr::Update(self.alloc(Update { increment, prefix: true, target, span: self.span_from(start) })))
    }

    // 13.4 Update Expressions, https://tc39.es/ecma262/#sec-update-expressions
    fn postfix(&mut self) -> Result<Expr<'a>> {
        let start = self.start();
        let operand = self.left_hand_side()?;
        if matches!(self.token.kind, T::PlusPlus | T::MinusMinus) && !self.token.newline && !Self::is_arrow(operand) {
            return self.postfix_update(start, operand);
        }
        Ok(operand)
    }

    #[inline(never)]
    fn postfix_update(&mut self, start: u32, operand: Expr<'a>) -> Result<Expr<'a>> {
        let increment = self.at(T::PlusPlus);
        let target = self.simple_target(operand, true, "Invalid left-hand side expression in postfix operation")?;
        self.advance();
        self.deepen()?;
        Ok(Expr::Update(self.alloc(Update { increment, prefix: false, target, span: self.span_from(start) })))
    }

    // 15.8 Async Function Definitions (AwaitExpression), https://tc39.es/ecma262/#prod-AwaitExpression
    #[inline(never)]
    fn await_expression(&mut self) -> Result<Expr<'a>> {
        let span = self.token.span;
        if self.context.in_params {
            return self.error("Illegal await-expression in formal parameters of async function", span);
        }
        self.suspension_at = self.suspension_at.or(Some(span));
        self.facts.has_suspension = true;
        self.has_top_level_await |= self.context.at_module_top;
        self.enter()?;
        self.advance();
        let operand = self.unary()?;
        self.leave();
        Ok(Expr::Await(self.alloc(Await { operand, span: self.span_from(span.start) })))
    }
}
