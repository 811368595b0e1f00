//! Property access: `a.b`, `a[b]`, `a.#b`, `super.b`, and `delete`.

use mayfly_syntax::ast::{Expr, Ident};

use super::emitter::Reg;
use super::state::Compiler;
use super::state::static_text;
use crate::bytecode::{Op, StaticText};

/// A property reference whose object and key have been evaluated.
#[derive(Clone)]
pub(super) enum PropertyReference {
    /// `object.key`
    Field { object: Reg, key: StaticText },
    /// `object[key]`
    Element { object: Reg, key: Reg },
    /// `object.#name`
    Private { object: Reg, name: Reg },
    /// `super[key]`: receiver, then a free register for the value; prototype of the home object; key.
    Super { receiver: Reg, base: Reg, key: Reg },
}

impl<'a> Compiler<'a, '_> {
    /// `dst = ` a property access of any kind.
    pub(super) fn member(&mut self, expr: Expr<'a>, dst: Reg) {
        let mark = self.mark();
        if let Some((reference, offset)) = self.property_reference(expr, &[]) {
            self.get_property(&reference, dst, offset);
        }
        self.release(mark);
    }

    /// Evaluates object and key of a property access, to be kept while `later` is evaluated. Also gives the offset that errors
    /// about the property mention. None for what is no property access.
    pub(super) fn property_reference(&mut self, expr: Expr<'a>, later: &[Expr<'a>]) -> Option<(PropertyReference, u32)> {
        match expr {
            Expr::Paren(node) => self.property_reference(node.expr, later),
            Expr::Member(node) => {
                let object = self.link_object(node.object, node.optional, later);
                let key = self.text(node.property.name);
                Some((PropertyReference::Field { object, key }, node.property.span.start))
            }
            Expr::Index(node) => {
                if let Expr::String(literal) = node.index
                    && literal.value.as_str().is_none_or(|text| !super::expressions::is_array_index(text))
                {
                    let object = self.link_object(node.object, node.optional, later);
                    return Some((PropertyReference::Field { object, key: static_text(literal.value) }, literal.span.start));
                }
                let mut evaluated_later = vec![node.index];
                evaluated_later.extend_from_slice(later);
                let object = self.link_object(node.object, node.optional, &evaluated_later);
                let key = self.kept_operand(node.index, later);
                Some((PropertyReference::Element { object, key }, node.index.span().start))
            }
            Expr::PrivateMember(node) => {
                let object = self.link_object(node.object, node.optional, later);
                let name = self.private_name(node.property);
                Some((PropertyReference::Private { object, name }, node.property.span.start))
            }
            // 13.3.7.3 MakeSuperPropertyReference, https://tc39.es/ecma262/#sec-makesuperpropertyreference
            Expr::SuperMember(node) => {
                let receiver = self.f.e.alloc_group(2);
                self.read_this(receiver, node.span.start);
                let base = self.super_base(node.span.start);
                let key = self.alloc();
                let text = self.text(node.property.name);
                self.load_text(key, &text);
                Some((PropertyReference::Super { receiver, base, key }, node.property.span.start))
            }
            Expr::SuperIndex(node) => {
                let receiver = self.f.e.alloc_group(2);
                self.read_this(receiver, node.span.start);
                let key = self.kept_operand(node.index, later);
                let base = self.super_base(node.span.start);
                Some((PropertyReference::Super { receiver, base, key }, node.index.span().start))
            }
            _ => None,
        }
    }

    /// The object of a link of a member chain; `?.` leaves the chain when it is nullish.
    fn link_object(&mut self, object: Expr<'a>, optional: bool, later: &[Expr<'a>]) -> Reg {
        let register = self.kept_operand(object, later);
        if optional && let Some(&nullish) = self.f.chains.last() {
            self.jump_if(Op::JNullish, register, nullish);
        }
        register
    }

    fn super_base(&mut self, offset: u32) -> Reg {
        let base = self.alloc();
        self.read_home(base, offset);
        self.at(offset);
        self.op(Op::GetSuperBase, base, base, 0);
        base
    }

    /// The private name that `#ident` stands for here.
    pub(super) fn private_name(&mut self, ident: Ident) -> Reg {
        if let Some(register) = self.local_register(ident.name) {
            return register;
        }
        let register = self.alloc();
        let mark = self.mark();
        // Private names are found statically through `with`; in eval code, by name.
        let bound = (self.heads[ident.name.index()] as usize).checked_sub(1).and_then(|index| self.bound.get(index)).copied();
        match bound {
            Some(bound) => {
                let resolved = self.resolve_bound(&bound, false);
                self.read_resolved(resolved, ident, register, false);
            }
            None => {
                let env = self.current_env();
                let text = self.text(ident.name);
                let ic = self.f.e.ic(&text);
                self.at(ident.span.start);
                self.opx(Op::GetName, 2, register, env, ic);
            }
        }
        self.release(mark);
        register
    }

    /// `dst = reference`
    pub(super) fn get_property(&mut self, reference: &PropertyReference, dst: Reg, offset: u32) {
        match reference {
            PropertyReference::Field { object, key } => self.get_field(dst, *object, key, offset),
            PropertyReference::Element { object, key } => {
                self.at(offset);
                self.op(Op::GetElem, dst, *object, *key);
            }
            PropertyReference::Private { object, name } => {
                self.at(offset);
                self.op(Op::GetPrivate, dst, *object, *name);
            }
            PropertyReference::Super { receiver, base, key } => {
                let mark = self.mark();
                let result = self.alloc();
                self.mov(result, *receiver);
                self.at(offset);
                self.op(Op::GetWithReceiver, result, *base, *key);
                self.mov(dst, result);
                self.release(mark);
            }
        }
    }

    /// `reference = value`
    pub(super) fn set_property(&mut self, reference: &PropertyReference, value: Reg, offset: u32) {
        let strict = self.strict_bit();
        match reference {
            PropertyReference::Field { object, key } => self.set_field(*object, value, key, offset),
            PropertyReference::Element { object, key } => {
                self.at(offset);
                self.opx(Op::SetElem, strict, *object, *key, value);
            }
            PropertyReference::Private { object, name } => {
                self.at(offset);
                self.op(Op::SetPrivate, *object, *name, value);
            }
            PropertyReference::Super { receiver, base, key } => {
                self.mov(*receiver + 1, value);
                self.at(offset);
                self.opx(Op::SetWithReceiver, strict, *receiver, *base, *key);
            }
        }
    }

    /// Converts a computed key that is read and then written, so that it is converted once.
    pub(super) fn fix_key(&mut self, reference: PropertyReference, key_is_primitive: bool, offset: u32) -> PropertyReference {
        match reference {
            PropertyReference::Element { object, key } if !key_is_primitive => {
                let fixed = self.alloc();
                self.at(offset);
                self.opx(Op::ToPropertyKey, 1, fixed, key, object);
                PropertyReference::Element { object, key: fixed }
            }
            PropertyReference::Super { receiver, base, key } if !key_is_primitive => {
                let fixed = self.alloc();
                self.at(offset);
                self.op(Op::ToPropertyKey, fixed, key, key);
                PropertyReference::Super { receiver, base, key: fixed }
            }
            reference => reference,
        }
    }

    // 13.5.1.2 Runtime Semantics: Evaluation of `delete`, https://tc39.es/ecma262/#sec-delete-operator-runtime-semantics-evaluation
    pub(super) fn delete(&mut self, operand: Expr<'a>, dst: Reg, offset: u32) {
        let strict = self.strict_bit();
        match operand {
            Expr::Paren(node) => self.delete(node.expr, dst, offset),
            Expr::OptionalChain(chain) => {
                let (nullish, end) = (self.label(), self.label());
                self.f.chains.push(nullish);
                self.delete(chain.expr, dst, offset);
                self.f.chains.pop();
                self.jump(end);
                self.bind(nullish);
                self.load_bool(dst, true);
                self.bind(end);
            }
            Expr::Member(_) | Expr::Index(_) => {
                if let Some((reference, offset)) = self.property_reference(operand, &[]) {
                    match reference {
                        PropertyReference::Field { object, key } => {
                            let ic = self.f.e.ic(&key);
                            self.at(offset);
                            self.opx(Op::DeleteField, strict, dst, object, ic);
                        }
                        PropertyReference::Element { object, key } => {
                            self.at(offset);
                            self.opx(Op::DeleteElem, strict, dst, object, key);
                        }
                        _ => {}
                    }
                }
            }
            Expr::SuperMember(_) | Expr::SuperIndex(_) => {
                // The reference is made first: `this` must be there, the key is evaluated (but not converted).
                match operand {
                    Expr::SuperIndex(node) => {
                        let this = self.alloc();
                        self.read_this(this, offset);
                        self.effect(node.index);
                    }
                    _ => {
                        let this = self.alloc();
                        self.read_this(this, offset);
                    }
                }
                self.throw_error(1, "Unsupported reference to 'super'", offset);
                self.load_bool(dst, true);
            }
            Expr::Ident(ident) => {
                let resolved = self.resolve(ident.name, None);
                match resolved {
                    super::scopes::Resolved::Dynamic { env } => {
                        let text = self.text(ident.name);
                        let ic = self.f.e.ic(&text);
                        self.at(offset);
                        self.op(Op::DeleteName, dst, env, ic);
                    }
                    super::scopes::Resolved::Global => {
                        let env = self.closure_env();
                        let text = self.text(ident.name);
                        let ic = self.f.e.ic(&text);
                        self.at(offset);
                        self.op(Op::DeleteName, dst, env, ic);
                    }
                    // Declarative bindings of code that is no eval code cannot be deleted.
                    _ => self.load_bool(dst, false),
                }
            }
            _ => {
                self.effect(operand);
                self.load_bool(dst, true);
            }
        }
    }
}
