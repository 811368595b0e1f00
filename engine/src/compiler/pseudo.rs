//! `this`, `new.target`, the home object and the active function: in registers of the function they belong to, in environments where
//! arrow functions or eval code need them.

use mayfly_syntax::Name;
use mayfly_syntax::ast::ScopeId;
use mayfly_syntax::names::known;
use mayfly_syntax::scope::BindingKind;

use super::emitter::Reg;
use super::scopes::Resolved;
use super::state::{CodeKind, Compiler, fixed_text};
use crate::bytecode::{Op, REG_CALLEE, REG_NEW_TARGET, REG_THIS};

impl Compiler<'_, '_> {
    /// The slot of this function's own captured `this`, if it has one.
    pub(super) fn own_this_slot(&mut self) -> Option<(Reg, u8, u16)> {
        if self.f.is_arrow() {
            return None;
        }
        let head = self.heads[known::THIS.index()];
        let bound = *self.bound.get((head as usize).checked_sub(1)?)?;
        let owner = self.opens.get(bound.open_index())?.function;
        if self.opens.last()?.function != owner {
            return None;
        }
        match self.resolve_bound(&bound, false) {
            Resolved::Slot { env, hops, slot, .. } => Some((env, hops, slot)),
            _ => None,
        }
    }

    /// Whether `this` (and `new.target`, home object, active function) is read from an environment rather than from a register.
    fn is_inherited(&self) -> bool {
        self.f.is_arrow() || self.f.kind == CodeKind::DirectEval
    }

    /// Reads a pseudo binding into `dst`. A captured one is found statically even through `with`; in eval code, by name.
    fn read_pseudo(&mut self, name: Name, text: &str, dst: Reg, own: Option<Reg>, offset: u32) {
        let mark = self.mark();
        if !self.is_inherited() {
            match own {
                Some(register) => self.mov(dst, register),
                None => self.op(Op::LoadHome, dst, 0, 0),
            }
            return;
        }
        let head = self.heads[name.index()] as usize;
        match head.checked_sub(1).and_then(|index| self.bound.get(index)).copied() {
            Some(bound) => {
                if let Resolved::Slot { env, hops, slot, .. } = self.resolve_bound(&bound, false) {
                    self.opx(Op::GetSlot, hops, dst, env, slot);
                }
            }
            None if self.direct_eval => {
                let env = self.current_env();
                let ic = self.f.e.ic(&fixed_text(text));
                self.at(offset);
                // Bit 1: a pseudo binding, which objects of `with` do not hide.
                self.opx(Op::GetName, 2, dst, env, ic);
            }
            // Arrow functions at top level of code that nothing captured: the top level's own value.
            None => self.undefined(dst),
        }
        self.release(mark);
    }

    /// Register of `this` after the check that it is there; in place where possible.
    pub(super) fn this_operand(&mut self, offset: u32) -> Reg {
        let in_register = !self.is_inherited() && !self.f.is_derived();
        if in_register {
            return REG_THIS;
        }
        if self.f.is_derived() && self.f.this_known && self.own_this_slot().is_none() {
            return REG_THIS;
        }
        let register = self.alloc();
        self.read_this(register, offset);
        register
    }

    /// `dst = this`
    pub(super) fn read_this(&mut self, dst: Reg, offset: u32) {
        if self.f.is_derived() {
            let mark = self.mark();
            let value = match self.own_this_slot() {
                Some((env, hops, slot)) => {
                    let value = self.alloc();
                    self.opx(Op::GetSlot, hops, value, env, slot);
                    value
                }
                None => REG_THIS,
            };
            if !self.f.this_known {
                self.throw_if_no_this(value, offset);
            }
            self.mov(dst, value);
            self.release(mark);
            return;
        }
        if !self.is_inherited() {
            self.mov(dst, REG_THIS);
            return;
        }
        let head = self.heads[known::THIS.index()] as usize;
        let may_be_hole = head.checked_sub(1).and_then(|index| self.bound.get(index)).is_some_and(|bound| bound.needs_hole);
        if !may_be_hole {
            self.read_pseudo(known::THIS, "this", dst, Some(REG_THIS), offset);
            return;
        }
        let mark = self.mark();
        let value = self.alloc();
        self.read_pseudo(known::THIS, "this", value, Some(REG_THIS), offset);
        self.throw_if_no_this(value, offset);
        self.mov(dst, value);
        self.release(mark);
    }

    fn throw_if_no_this(&mut self, register: Reg, offset: u32) {
        let constant = self.f.e.string(&fixed_text("this"));
        self.at(offset);
        self.f.e.emit_wide(Op::ThrowIfHole, 1, register, constant);
    }

    /// `dst = new.target`
    pub(super) fn read_new_target(&mut self, dst: Reg, offset: u32) {
        if (self.f.is_async || self.f.is_generator) && !self.f.is_arrow() {
            // Such functions are no constructors, and once suspended their register holds something else.
            self.undefined(dst);
            return;
        }
        self.read_pseudo(known::NEW_TARGET, "new.target", dst, Some(REG_NEW_TARGET), offset);
    }

    /// `dst` = the home object
    pub(super) fn read_home(&mut self, dst: Reg, offset: u32) {
        self.read_pseudo(known::HOME_OBJECT, "%home", dst, None, offset);
    }

    /// `dst` = the active function of the constructor that `super()` belongs to
    pub(super) fn read_active_function(&mut self, dst: Reg, offset: u32) {
        self.read_pseudo(known::ACTIVE_FUNCTION, "%function", dst, Some(REG_CALLEE), offset);
    }

    /// 9.1.1.3.1 BindThisValue ( V ), https://tc39.es/ecma262/#sec-bindthisvalue
    pub(super) fn bind_this(&mut self, value: Reg, offset: u32) {
        let mark = self.mark();
        let current = self.alloc();
        let unbound = self.label();
        if self.f.is_derived() {
            let slot = self.own_this_slot();
            match slot {
                Some((env, hops, slot)) => self.opx(Op::GetSlot, hops, current, env, slot),
                None => self.mov(current, REG_THIS),
            }
            self.jump_if(Op::JHole, current, unbound);
            self.throw_error(1, "Super constructor may only be called once", offset);
            self.bind(unbound);
            self.mov(REG_THIS, value);
            if let Some((env, hops, slot)) = slot {
                self.opx(Op::SetSlot, hops, value, env, slot);
            }
        } else {
            let head = self.heads[known::THIS.index()] as usize;
            match head.checked_sub(1).and_then(|index| self.bound.get(index)).copied() {
                Some(bound) => {
                    if let Resolved::Slot { env, hops, slot, .. } = self.resolve_bound(&bound, false) {
                        self.opx(Op::GetSlot, hops, current, env, slot);
                        self.jump_if(Op::JHole, current, unbound);
                        self.throw_error(1, "Super constructor may only be called once", offset);
                        self.bind(unbound);
                        self.opx(Op::SetSlot, hops, value, env, slot);
                    }
                }
                None => {
                    let env = self.current_env();
                    let ic = self.f.e.ic(&fixed_text("this"));
                    self.at(offset);
                    // Bit 1: the pseudo binding; it is initialised, and a ReferenceError thrown if it was before.
                    self.opx(Op::ResolveName, 2, current, env, ic);
                    self.at(offset);
                    self.opx(Op::SetResolved, 2, value, current, ic);
                }
            }
        }
        self.release(mark);
    }

    /// Puts `this`, `new.target`, home object and active function into the environment of their scope, where captured.
    pub(super) fn capture_pseudo_bindings(&mut self, scope: ScopeId) {
        let tree = self.tree;
        for binding in tree.scope(scope).bindings.iter().filter(|binding| binding.kind.is_pseudo()) {
            let mark = self.mark();
            let value = match binding.kind {
                BindingKind::This if self.f.is_derived() => continue,
                BindingKind::This => REG_THIS,
                BindingKind::NewTarget => REG_NEW_TARGET,
                BindingKind::ActiveFunction => REG_CALLEE,
                _ => {
                    let register = self.alloc();
                    self.op(Op::LoadHome, register, 0, 0);
                    register
                }
            };
            self.initialise(binding.name, value, 0);
            self.release(mark);
        }
    }
}
