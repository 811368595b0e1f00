//! Assignment, compound and logical assignment, `++` and `--`.

use mayfly_syntax::ast::{Assign, AssignOp, Expr, Ident, Pattern, Update};

use super::emitter::Reg;
use super::expressions::is_primitive;
use super::members::PropertyReference;
use super::operators::short_circuit_jump;
use super::scopes::{Resolved, Writable};
use super::state::Compiler;
use crate::bytecode::Op;

/// A name whose reference was made before the value was computed.
pub(super) struct NameReference {
    pub(super) ident: Ident,
    pub(super) resolved: Resolved,
    /// Reference base of a dynamic name.
    base: Option<Reg>,
}

/// A target whose reference has been evaluated.
pub(super) enum Reference {
    Name(NameReference),
    Property(PropertyReference, u32),
    /// A call in sloppy code: evaluated, then a ReferenceError.
    Invalid,
}

impl<'a> Compiler<'a, '_> {
    /// The identifier of a target that is one, and whether it names an anonymous function.
    fn target_ident(target: Pattern<'a>) -> Option<(Ident, bool)> {
        match target {
            Pattern::Ident(ident) => Some((ident, true)),
            Pattern::Expr(expr) => match expr.without_parens() {
                Expr::Ident(ident) => Some((ident, false)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Resolves a name for a later write; only a dynamic one needs code.
    pub(super) fn name_reference(&mut self, ident: Ident) -> NameReference {
        let resolved = self.resolve(ident.name, Some(ident.span.start));
        let base = match resolved {
            Resolved::Dynamic { env } => return self.resolve_at_run_time(ident, env),
            _ => None,
        };
        NameReference { ident, resolved, base }
    }

    fn resolve_at_run_time(&mut self, ident: Ident, env: Reg) -> NameReference {
        let base = self.alloc();
        let text = self.text(ident.name);
        let ic = self.f.e.ic(&text);
        self.at(ident.span.start);
        self.op(Op::ResolveName, base, env, ic);
        NameReference { ident, resolved: Resolved::Dynamic { env }, base: Some(base) }
    }

    pub(super) fn read_name_reference(&mut self, reference: &NameReference, dst: Reg) {
        match (reference.resolved, reference.base) {
            (Resolved::Dynamic { .. }, Some(base)) => {
                let text = self.text(reference.ident.name);
                let ic = self.f.e.ic(&text);
                self.at(reference.ident.span.start);
                let strict = self.strict_bit();
                self.opx(Op::GetResolved, strict, dst, base, ic);
            }
            (resolved, _) => self.read_resolved(resolved, reference.ident, dst, false),
        }
    }

    pub(super) fn write_name_reference(&mut self, reference: &NameReference, value: Reg) {
        self.write_resolved(reference.resolved, reference.ident, value, reference.base);
    }

    /// Evaluates a target that is no pattern, as far as it can be before the value is there.
    pub(super) fn reference(&mut self, target: Pattern<'a>, later: &[Expr<'a>]) -> Reference {
        if let Some((ident, _)) = Self::target_ident(target) {
            return Reference::Name(self.name_reference(ident));
        }
        let Pattern::Expr(expr) = target else { return Reference::Invalid };
        match self.property_reference(expr, later) {
            Some((reference, offset)) => Reference::Property(reference, offset),
            None => {
                self.effect(expr);
                self.throw_error(1, "Invalid left-hand side in assignment", expr.span().start);
                Reference::Invalid
            }
        }
    }

    /// PutValue to a reference made by [`Self::reference`].
    pub(super) fn write_reference(&mut self, reference: &Reference, value: Reg) {
        match reference {
            Reference::Name(name) => self.write_name_reference(name, value),
            Reference::Property(property, offset) => self.set_property(property, value, *offset),
            Reference::Invalid => {}
        }
    }

    /// The local register that plain assignment to `ident` writes without any check.
    fn plain_local(&mut self, ident: Ident) -> Option<Reg> {
        match self.resolve_static(ident) {
            Some(Resolved::Register { register, check: false, writable: Writable::Yes }) => Some(register),
            _ => None,
        }
    }

    fn resolve_static(&mut self, ident: Ident) -> Option<Resolved> {
        self.local_register(ident.name)?;
        Some(self.resolve(ident.name, Some(ident.span.start)))
    }

    /// An assignment whose value nobody wants.
    pub(super) fn assign_effect(&mut self, assign: &Assign<'a>) {
        let mark = self.mark();
        if assign.op == AssignOp::Assign
            && let Some((ident, names)) = Self::target_ident(assign.target)
            && let Some(local) = self.plain_local(ident)
        {
            let name = names.then(|| self.text(ident.name));
            self.expr_to_local(assign.value, local, name.as_ref());
        } else {
            self.assign(assign, None);
        }
        self.release(mark);
    }

    // 13.15.2 Runtime Semantics: Evaluation, https://tc39.es/ecma262/#sec-assignment-operators-runtime-semantics-evaluation
    /// The register that holds the assignment's value: a local in place, `scratch` or a temporary. Writes `scratch`, if given, only
    /// as the last thing.
    pub(super) fn assign(&mut self, assign: &Assign<'a>, scratch: Option<Reg>) -> Reg {
        match assign.op {
            AssignOp::Assign => self.plain_assign(assign),
            AssignOp::Binary(op) => {
                let offset = assign.span.start;
                if let Some((ident, _)) = Self::target_ident(assign.target)
                    && let Some(local) = self.plain_local(ident)
                {
                    // The old value is read before the right side is evaluated.
                    let left = if self.may_assign(assign.value, local) {
                        let copy = self.alloc();
                        self.mov(copy, local);
                        copy
                    } else {
                        local
                    };
                    self.binary_with(op, left, assign.value, local, offset);
                    return local;
                }
                let result = self.alloc();
                match self.reference(assign.target, &[assign.value]) {
                    Reference::Name(name) => {
                        let old = self.alloc();
                        self.read_name_reference(&name, old);
                        self.binary_with(op, old, assign.value, result, offset);
                        self.write_name_reference(&name, result);
                    }
                    Reference::Property(property, at) => {
                        let property = self.fix_key(property, key_is_primitive(assign.target), at);
                        let old = self.alloc();
                        self.get_property(&property, old, at);
                        self.binary_with(op, old, assign.value, result, offset);
                        self.set_property(&property, result, at);
                    }
                    Reference::Invalid => self.undefined(result),
                }
                result
            }
            AssignOp::Logical(op) => {
                let end = self.label();
                let result = self.alloc();
                let name = match Self::target_ident(assign.target) {
                    Some((ident, true)) => Some(self.text(ident.name)),
                    _ => None,
                };
                let jump = short_circuit_jump(op);
                match self.reference(assign.target, &[assign.value]) {
                    Reference::Name(reference) => {
                        self.read_name_reference(&reference, result);
                        self.jump_if(jump, result, end);
                        self.named_expr(assign.value, name.as_ref(), result);
                        self.write_name_reference(&reference, result);
                    }
                    Reference::Property(property, at) => {
                        let property = self.fix_key(property, key_is_primitive(assign.target), at);
                        self.get_property(&property, result, at);
                        self.jump_if(jump, result, end);
                        self.named_expr(assign.value, name.as_ref(), result);
                        self.set_property(&property, result, at);
                    }
                    Reference::Invalid => self.undefined(result),
                }
                self.bind(end);
                if let Some(scratch) = scratch {
                    self.mov(scratch, result);
                    return scratch;
                }
                result
            }
        }
    }

    fn plain_assign(&mut self, assign: &Assign<'a>) -> Reg {
        if let Some((ident, names)) = Self::target_ident(assign.target) {
            let name = names.then(|| self.text(ident.name));
            if let Some(local) = self.plain_local(ident) {
                self.expr_to_local(assign.value, local, name.as_ref());
                return local;
            }
            let mut reference = self.name_reference(ident);
            if self.f.strict && reference.resolved == Resolved::Global && self.find(ident.name).is_none() && !is_inert(assign.value) {
                // Whether a global exists counts before the right side, which might create it.
                let env = self.closure_env();
                reference = self.resolve_at_run_time(ident, env);
            }
            let value = self.named_operand(assign.value, name.as_ref());
            self.write_name_reference(&reference, value);
            return value;
        }
        match assign.target {
            Pattern::Object(_) | Pattern::Array(_) => {
                let mark = self.mark();
                // The pattern may assign to the very variable it takes apart.
                let value = self.operand(assign.value);
                let value = self.copy_local(value, mark);
                self.assign_pattern(assign.target, value);
                value
            }
            _ => {
                let reference = self.reference(assign.target, &[assign.value]);
                let value = self.operand(assign.value);
                self.write_reference(&reference, value);
                value
            }
        }
    }

    // 13.4 Update Expressions, https://tc39.es/ecma262/#sec-update-expressions
    /// `++` and `--`; without `dst` only for the effect.
    pub(super) fn update(&mut self, update: &Update<'a>, dst: Option<Reg>) {
        let mark = self.mark();
        let offset = update.span.start;
        let op = if update.increment { Op::Inc } else { Op::Dec };
        let wants_old = dst.is_some() && !update.prefix;
        if let Some((ident, _)) = Self::target_ident(update.target)
            && let Some(local) = self.plain_local(ident)
        {
            match dst {
                Some(dst) if wants_old => {
                    let old = if dst == local { self.alloc() } else { dst };
                    self.at(offset);
                    self.op(Op::ToNumeric, old, local, 0);
                    self.at(offset);
                    self.op(op, local, old, 0);
                    self.mov(dst, old);
                }
                _ => {
                    self.at(offset);
                    self.op(op, local, local, 0);
                    if let Some(dst) = dst {
                        self.mov(dst, local);
                    }
                }
            }
            self.release(mark);
            return;
        }
        let old = self.alloc();
        let new = self.alloc();
        match self.reference(update.target, &[]) {
            Reference::Name(name) => {
                self.read_name_reference(&name, old);
                self.step(op, old, new, wants_old, offset);
                self.write_name_reference(&name, new);
            }
            Reference::Property(property, at) => {
                let property = self.fix_key(property, key_is_primitive(update.target), at);
                self.get_property(&property, old, at);
                self.step(op, old, new, wants_old, offset);
                self.set_property(&property, new, at);
            }
            Reference::Invalid => {
                self.undefined(old);
                self.undefined(new);
            }
        }
        if let Some(dst) = dst {
            self.mov(dst, if wants_old { old } else { new });
        }
        self.release(mark);
    }

    fn step(&mut self, op: Op, old: Reg, new: Reg, wants_old: bool, offset: u32) {
        if wants_old {
            self.at(offset);
            self.op(Op::ToNumeric, old, old, 0);
        }
        self.at(offset);
        self.op(op, new, old, 0);
    }
}

/// Whether the computed key of a target is certainly a primitive.
fn key_is_primitive(target: Pattern<'_>) -> bool {
    match target {
        Pattern::Expr(expr) => match expr.without_parens() {
            Expr::Index(node) => is_primitive(node.index),
            Expr::SuperIndex(node) => is_primitive(node.index),
            _ => true,
        },
        _ => true,
    }
}

/// Whether evaluating the expression runs no code that could make a global.
fn is_inert(expr: Expr<'_>) -> bool {
    match expr {
        Expr::Ident(_) | Expr::Null(_) | Expr::Bool(..) | Expr::Number(_) | Expr::String(_) | Expr::This(_) | Expr::Function(_) => true,
        Expr::Paren(node) => is_inert(node.expr),
        _ => false,
    }
}
