//! Unary, binary and short-circuiting operators.

use mayfly_syntax::ast::{Binary, BinaryOp, Expr, Logical, LogicalOp, PrivateIn, Unary, UnaryOp};

use super::emitter::{Label, Reg};
use super::expressions::literal_number;
use super::state::{Compiler, as_int16, as_int32, static_text};
use crate::bytecode::Op;

impl<'a> Compiler<'a, '_> {
    // ── unary ──

    pub(super) fn unary(&mut self, unary: &Unary<'a>, dst: Reg) {
        if let Some(value) = literal_number(Expr::Unary(unary)) {
            self.load_number(dst, value);
            return;
        }
        let mark = self.mark();
        let offset = unary.span.start;
        let op = match unary.op {
            UnaryOp::Neg => Op::Neg,
            UnaryOp::Plus => Op::ToNumber,
            UnaryOp::BitNot => Op::BitNot,
            UnaryOp::Not => {
                self.not(unary, dst);
                self.release(mark);
                return;
            }
            UnaryOp::Typeof => {
                let operand = match unary.operand.without_parens() {
                    Expr::Ident(ident) if self.local_register(ident.name).is_none() => {
                        let register = self.alloc();
                        self.read_name(ident, register, true);
                        register
                    }
                    operand => self.operand(operand),
                };
                self.op(Op::TypeOf, dst, operand, 0);
                self.release(mark);
                return;
            }
            UnaryOp::Void => {
                self.effect(unary.operand);
                self.undefined(dst);
                return;
            }
            UnaryOp::Delete => {
                self.delete(unary.operand, dst, offset);
                self.release(mark);
                return;
            }
        };
        let operand = self.operand(unary.operand);
        self.at(offset);
        self.op(op, dst, operand, 0);
        self.release(mark);
    }

    fn not(&mut self, unary: &Unary<'a>, dst: Reg) {
        let inner = unary.operand.without_parens();
        if let Some(value) = self.constant_truth(inner) {
            self.load_bool(dst, !value);
            return;
        }
        // `!!x`, `!(a && b)`: by jumps, which need no intermediate values.
        if matches!(inner, Expr::Logical(_)) {
            let (is_true, end) = (self.label(), self.label());
            self.condition(inner, true, is_true);
            self.load_bool(dst, true);
            self.jump(end);
            self.bind(is_true);
            self.load_bool(dst, false);
            self.bind(end);
            return;
        }
        let operand = self.operand(inner);
        self.op(Op::Not, dst, operand, 0);
    }

    // ── binary ──

    /// A chain of binary operators, from its leftmost operand rightwards.
    pub(super) fn binary(&mut self, expr: Expr<'a>, dst: Reg) {
        let mut spine: Vec<&'a Binary<'a>> = Vec::new();
        let mut leftmost = expr;
        loop {
            match leftmost {
                Expr::Binary(node) => {
                    spine.push(node);
                    leftmost = node.left;
                }
                // Parentheses around the left operand change nothing.
                Expr::Paren(node) if matches!(node.expr, Expr::Binary(_)) => leftmost = node.expr,
                _ => break,
            }
        }
        let mark = self.mark();
        let mut constant = literal_number(leftmost);
        let mut left = None;
        // Intermediate results go to the destination if that is a temporary.
        let mut accumulator = (u32::from(dst) >= self.f.local_floor).then_some(dst);
        while let Some(node) = spine.pop() {
            let right_constant = literal_number(node.right);
            if let (Some(a), Some(b)) = (constant, right_constant)
                && let Some(value) = fold(node.op, a, b)
            {
                constant = Some(value);
                if spine.is_empty() {
                    self.load_number(dst, value);
                }
                continue;
            }
            let left_value = match (left, constant.take()) {
                (Some(register), _) => register,
                (None, Some(value)) if literal_number(leftmost) != Some(value) || is_commutative(node.op).is_none() => {
                    let register = self.alloc();
                    self.load_number(register, value);
                    register
                }
                (None, constant) => {
                    // `2 * x` as `x * 2`: a number literal can have no side effect.
                    if let (Some(value), Some(op)) = (constant, is_commutative(node.op))
                        && let Some(immediate) = as_int16(value)
                    {
                        let inner = self.mark();
                        let right = self.operand(node.right);
                        let target = if spine.is_empty() { dst } else { *accumulator.get_or_insert_with(|| self.f.e.alloc()) };
                        self.at(node.span.start);
                        self.op(op, target, right, immediate as u16);
                        if spine.is_empty() {
                            self.release(inner);
                        }
                        left = Some(target);
                        continue;
                    }
                    match constant {
                        Some(value) => {
                            let register = self.alloc();
                            self.load_number(register, value);
                            register
                        }
                        None => match accumulator {
                            Some(register) if !matches!(leftmost, Expr::Ident(_) | Expr::This(_)) => {
                                self.expr(leftmost, register);
                                register
                            }
                            _ => self.kept_operand(leftmost, &[node.right]),
                        },
                    }
                }
            };
            let target = if spine.is_empty() { dst } else { *accumulator.get_or_insert_with(|| self.f.e.alloc()) };
            let inner = self.mark();
            self.binary_step(node, left_value, target);
            self.release(inner);
            left = Some(target);
        }
        self.release(mark);
    }

    fn binary_step(&mut self, node: &Binary<'a>, left: Reg, dst: Reg) {
        if let Some(immediate) = literal_number(node.right).and_then(as_int16)
            && let Some(op) = immediate_op(node.op)
        {
            self.at(node.span.start);
            self.op(op, dst, left, immediate as u16);
            return;
        }
        let right = self.operand(node.right);
        self.at(node.span.start);
        self.op(binary_op(node.op), dst, left, right);
    }

    /// `dst = left op right` for values already computed or a literal on the right (compound assignment).
    pub(super) fn binary_with(&mut self, op: BinaryOp, left: Reg, right: Expr<'a>, dst: Reg, offset: u32) {
        let mark = self.mark();
        if let Some(immediate) = literal_number(right).and_then(as_int16)
            && let Some(op) = immediate_op(op)
        {
            self.at(offset);
            self.op(op, dst, left, immediate as u16);
            return;
        }
        let right = self.operand(right);
        self.at(offset);
        self.op(binary_op(op), dst, left, right);
        self.release(mark);
    }

    // ── short circuit ──

    /// `&&`, `||`, `??` for their value.
    pub(super) fn logical(&mut self, expr: Expr<'a>, dst: Reg) {
        let spine = logical_spine(expr);
        let Some(&innermost) = spine.last() else { return };
        // Every left operand's value is the result where its jump is taken. A chain of mixed operators keeps one label for each
        // run of nodes that the same value decides.
        self.expr(innermost.left, dst);
        let mut pending: Vec<(LogicalOp, Label)> = Vec::new();
        for node in spine.iter().rev() {
            // Jumps that were taken for another operator end here, where their value becomes this node's left operand.
            while let Some(&(op, label)) = pending.last() {
                if op == node.op {
                    break;
                }
                pending.pop();
                self.bind(label);
            }
            let label = match pending.last() {
                Some(&(_, label)) => label,
                None => {
                    let label = self.label();
                    pending.push((node.op, label));
                    label
                }
            };
            self.jump_if(short_circuit_jump(node.op), dst, label);
            let mark = self.mark();
            self.expr(node.right, dst);
            self.release(mark);
        }
        for (_, label) in pending {
            self.bind(label);
        }
    }

    /// `&&`, `||`, `??` for the side effects of the last operand.
    pub(super) fn logical_effect(&mut self, expr: Expr<'a>) {
        let Expr::Logical(node) = expr else { return };
        let end = self.label();
        match node.op {
            LogicalOp::And => self.condition(node.left, false, end),
            LogicalOp::Or => self.condition(node.left, true, end),
            LogicalOp::Coalesce => {
                let mark = self.mark();
                let left = self.operand(node.left);
                self.jump_if(Op::JNotNullish, left, end);
                self.release(mark);
            }
        }
        self.effect(node.right);
        self.bind(end);
    }

    /// Jumps to `target` when the truth of `expr` is `when`, else goes on.
    pub(super) fn condition(&mut self, expr: Expr<'a>, when: bool, target: Label) {
        let mark = self.mark();
        match expr {
            Expr::Paren(node) => self.condition(node.expr, when, target),
            Expr::Unary(node) if node.op == UnaryOp::Not => self.condition(node.operand, !when, target),
            Expr::Sequence(node) => {
                if let Some((last, first)) = node.exprs.split_last() {
                    first.iter().for_each(|&expr| self.effect(expr));
                    self.condition(*last, when, target);
                }
            }
            Expr::Logical(node) if node.op != LogicalOp::Coalesce => self.logical_condition(node, when, target),
            Expr::Binary(node) if is_comparison(node.op) => self.comparison(node, when, target),
            Expr::OptionalChain(chain) => {
                // Where the chain stops early, the value is undefined: false.
                let goes_on = self.label();
                self.f.chains.push(if when { goes_on } else { target });
                let value = self.operand(chain.expr);
                self.f.chains.pop();
                self.jump_if(if when { Op::JTrue } else { Op::JFalse }, value, target);
                self.bind(goes_on);
            }
            _ => match self.constant_truth(expr) {
                Some(truth) => {
                    if truth == when {
                        self.jump(target);
                    }
                }
                None => {
                    let value = self.operand(expr);
                    self.jump_if(if when { Op::JTrue } else { Op::JFalse }, value, target);
                }
            },
        }
        self.release(mark);
    }

    fn logical_condition(&mut self, node: &'a Logical<'a>, when: bool, target: Label) {
        // A run of the same operator on the left spine is tested operand by operand.
        let mut operands = vec![node.right];
        let mut left = node.left;
        while let Expr::Logical(inner) = left {
            if inner.op != node.op {
                break;
            }
            operands.push(inner.right);
            left = inner.left;
        }
        operands.push(left);
        operands.reverse();
        // `&&` is decided by the first false operand, `||` by the first true one.
        let deciding = node.op == LogicalOp::Or;
        if deciding == when {
            operands.iter().for_each(|&operand| self.condition(operand, when, target));
            return;
        }
        let decided = self.label();
        if let Some((last, first)) = operands.split_last() {
            first.iter().for_each(|&operand| self.condition(operand, deciding, decided));
            self.condition(*last, when, target);
        }
        self.bind(decided);
    }

    fn comparison(&mut self, node: &'a Binary<'a>, when: bool, target: Label) {
        let offset = node.span.start;
        let (left, right) = (node.left, node.right);
        if matches!(node.op, BinaryOp::Eq | BinaryOp::NotEq | BinaryOp::StrictEq | BinaryOp::StrictNotEq) {
            let when_equal = when == matches!(node.op, BinaryOp::Eq | BinaryOp::StrictEq);
            let is_loose = matches!(node.op, BinaryOp::Eq | BinaryOp::NotEq);
            for (value, other) in [(left, right), (right, left)] {
                let other_is_undefined = self.is_undefined(other);
                if is_loose && (other_is_undefined || matches!(other.without_parens(), Expr::Null(_))) {
                    let register = self.operand(value);
                    self.jump_if(if when_equal { Op::JNullish } else { Op::JNotNullish }, register, target);
                    return;
                }
                if other_is_undefined {
                    let register = self.operand(value);
                    self.jump_if(if when_equal { Op::JUndefined } else { Op::JNotUndefined }, register, target);
                    return;
                }
                if let Some(immediate) = literal_number(other).and_then(as_int16).filter(|_| !is_loose) {
                    let register = self.operand(value);
                    let op = if when_equal { Op::JSEqI } else { Op::JSNeI };
                    self.f.e.jump_short(op, 0, register, immediate as u16, target);
                    return;
                }
            }
            let left = self.kept_operand(left, &[right]);
            let right = self.operand(right);
            self.at(offset);
            let op = match (is_loose, when_equal) {
                (true, true) => Op::JEq,
                (true, false) => Op::JNe,
                (false, true) => Op::JSEq,
                (false, false) => Op::JSNe,
            };
            self.f.e.jump_short(op, 0, left, right, target);
            return;
        }
        if let Some(immediate) = literal_number(right).and_then(as_int16) {
            let register = self.operand(left);
            self.at(offset);
            self.f.e.jump_short(relational_jump(node.op, when).1, 0, register, immediate as u16, target);
            return;
        }
        if let Some(immediate) = literal_number(left).and_then(as_int16) {
            let register = self.operand(right);
            self.at(offset);
            self.f.e.jump_short(relational_jump(mirrored(node.op), when).1, 0, register, immediate as u16, target);
            return;
        }
        let left = self.kept_operand(left, &[right]);
        let right = self.operand(right);
        self.at(offset);
        self.f.e.jump_short(relational_jump(node.op, when).0, 0, left, right, target);
    }

    /// The truth of an expression known without running it.
    pub(super) fn constant_truth(&self, expr: Expr<'a>) -> Option<bool> {
        match expr {
            Expr::Bool(value, _) => Some(value),
            Expr::Null(_) => Some(false),
            Expr::Number(literal) => Some(literal.value != 0.0 && !literal.value.is_nan()),
            Expr::String(literal) => Some(!literal.value.is_empty()),
            Expr::Paren(node) => self.constant_truth(node.expr),
            Expr::Unary(node) if node.op == UnaryOp::Not => self.constant_truth(node.operand).map(|truth| !truth),
            _ if self.is_undefined(expr) => Some(false),
            _ => None,
        }
    }

    // ── private in ──

    // 13.10.1 RelationalExpression : PrivateIdentifier in ShiftExpression, https://tc39.es/ecma262/#sec-relational-operators-runtime-semantics-evaluation
    pub(super) fn private_in(&mut self, node: &PrivateIn<'a>, dst: Reg) {
        let mark = self.mark();
        let object = self.operand(node.object);
        let name = self.private_name(node.name);
        self.at(node.span.start);
        self.op(Op::HasPrivate, dst, name, object);
        self.release(mark);
    }

    /// Compares a switch discriminant with a case: jumps to `target` when strictly equal.
    pub(super) fn case_test(&mut self, discriminant: Reg, test: Expr<'a>, target: Label) {
        let mark = self.mark();
        if let Some(immediate) = literal_number(test).and_then(as_int16) {
            self.f.e.jump_short(Op::JSEqI, 0, discriminant, immediate as u16, target);
        } else if self.is_undefined(test) {
            self.jump_if(Op::JUndefined, discriminant, target);
        } else {
            let value = match test {
                Expr::String(literal) => {
                    let register = self.alloc();
                    self.load_text(register, &static_text(literal.value));
                    register
                }
                _ => self.operand(test),
            };
            self.f.e.jump_short(Op::JSEq, 0, discriminant, value, target);
        }
        self.release(mark);
    }
}

/// The nodes of a left-deep chain of short-circuiting operators, outermost first.
fn logical_spine<'a>(expr: Expr<'a>) -> Vec<&'a Logical<'a>> {
    let mut spine = Vec::new();
    let mut node = expr;
    while let Expr::Logical(logical) = node {
        spine.push(logical);
        node = logical.left;
    }
    spine
}

/// The jump over the right operand.
pub(super) fn short_circuit_jump(op: LogicalOp) -> Op {
    match op {
        LogicalOp::And => Op::JFalse,
        LogicalOp::Or => Op::JTrue,
        LogicalOp::Coalesce => Op::JNotNullish,
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::{Eq, Gt, GtEq, Lt, LtEq, NotEq, StrictEq, StrictNotEq};
    matches!(op, Eq | NotEq | StrictEq | StrictNotEq | Lt | LtEq | Gt | GtEq)
}

/// `5 < x` is `x > 5`: with a number on one side, the order of conversions cannot be observed.
fn mirrored(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::LtEq => BinaryOp::GtEq,
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::GtEq => BinaryOp::LtEq,
        op => op,
    }
}

/// The jump for a relational operator between registers, and with an immediate.
fn relational_jump(op: BinaryOp, when: bool) -> (Op, Op) {
    match (op, when) {
        (BinaryOp::Lt, true) => (Op::JLt, Op::JLtI),
        (BinaryOp::Lt, false) => (Op::JNLt, Op::JNLtI),
        (BinaryOp::LtEq, true) => (Op::JLe, Op::JLeI),
        (BinaryOp::LtEq, false) => (Op::JNLe, Op::JNLeI),
        (BinaryOp::Gt, true) => (Op::JGt, Op::JGtI),
        (BinaryOp::Gt, false) => (Op::JNGt, Op::JNGtI),
        (_, true) => (Op::JGe, Op::JGeI),
        (_, false) => (Op::JNGe, Op::JNGeI),
    }
}

/// The operator with an immediate on the right.
fn immediate_op(op: BinaryOp) -> Option<Op> {
    Some(match op {
        BinaryOp::Add => Op::AddI,
        BinaryOp::Sub => Op::SubI,
        BinaryOp::Mul => Op::MulI,
        BinaryOp::BitAnd => Op::BitAndI,
        BinaryOp::BitOr => Op::BitOrI,
        BinaryOp::Shl => Op::ShlI,
        BinaryOp::Shr => Op::ShrI,
        BinaryOp::UShr => Op::UShrI,
        _ => return None,
    })
}

/// The operator with an immediate for operators that do not care which side a number literal is on. Addition does: strings.
fn is_commutative(op: BinaryOp) -> Option<Op> {
    match op {
        BinaryOp::Mul => Some(Op::MulI),
        BinaryOp::BitAnd => Some(Op::BitAndI),
        BinaryOp::BitOr => Some(Op::BitOrI),
        _ => None,
    }
}

/// The instruction of an operator.
pub(super) fn binary_op(op: BinaryOp) -> Op {
    match op {
        BinaryOp::Add => Op::Add,
        BinaryOp::Sub => Op::Sub,
        BinaryOp::Mul => Op::Mul,
        BinaryOp::Div => Op::Div,
        BinaryOp::Rem => Op::Mod,
        BinaryOp::Exp => Op::Exp,
        BinaryOp::Shl => Op::Shl,
        BinaryOp::Shr => Op::Shr,
        BinaryOp::UShr => Op::UShr,
        BinaryOp::BitAnd => Op::BitAnd,
        BinaryOp::BitOr => Op::BitOr,
        BinaryOp::BitXor => Op::BitXor,
        BinaryOp::Eq => Op::Eq,
        BinaryOp::NotEq => Op::Ne,
        BinaryOp::StrictEq => Op::SEq,
        BinaryOp::StrictNotEq => Op::SNe,
        BinaryOp::Lt => Op::Lt,
        BinaryOp::LtEq => Op::Le,
        BinaryOp::Gt => Op::Gt,
        BinaryOp::GtEq => Op::Ge,
        BinaryOp::In => Op::In,
        BinaryOp::Instanceof => Op::InstanceOf,
    }
}

/// The value of an operator on two numbers, where it is a number and every engine agrees on its bits.
fn fold(op: BinaryOp, a: f64, b: f64) -> Option<f64> {
    let ints = || Some((as_int32(a)?, as_int32(b)?));
    Some(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::BitAnd => ints().map(|(a, b)| f64::from(a & b))?,
        BinaryOp::BitOr => ints().map(|(a, b)| f64::from(a | b))?,
        BinaryOp::BitXor => ints().map(|(a, b)| f64::from(a ^ b))?,
        BinaryOp::Shl => ints().map(|(a, b)| f64::from(a.wrapping_shl(b as u32 & 31)))?,
        BinaryOp::Shr => ints().map(|(a, b)| f64::from(a.wrapping_shr(b as u32 & 31)))?,
        BinaryOp::UShr => ints().map(|(a, b)| f64::from((a as u32).wrapping_shr(b as u32 & 31)))?,
        _ => return None,
    })
}
