//! Scopes at compile time: opening and closing them, their environments, and reading and writing names.
//!
//! A name is looked up through one table from name to innermost binding, which opening and closing scopes keep up to date. A lookup
//! that would pass a `with` or a scope into which eval may put names goes by name at run time.

use std::rc::Rc;

use mayfly_syntax::Name;
use mayfly_syntax::ast::{Ident, ScopeId};
use mayfly_syntax::names::known;
use mayfly_syntax::scope::{Binding, BindingKind, ScopeKind as SyntaxScopeKind, Storage};

use super::emitter::Reg;
use super::state::{Compiler, fixed_text};
use crate::bytecode::{BindingInfo, Op, ScopeInfo, ScopeKind, StaticText};

/// A scope that is open.
pub(super) struct OpenScope {
    pub(super) id: ScopeId,
    /// Its environment and the number of environments from there to the outermost, if it has one.
    pub(super) env: Option<(Reg, u32)>,
    /// Length of the table of bindings before it.
    first_bound: u32,
    is_dynamic: bool,
    /// Registers to give back when it closes.
    mark: u32,
    /// [`FunctionState::local_floor`](super::state::FunctionState::local_floor) around it.
    outer_floor: u32,
    /// The function whose code it is.
    pub(super) function: ScopeId,
}

/// A binding of an open scope.
#[derive(Clone, Copy)]
pub(super) struct Bound {
    name: Name,
    shadowed: u32,
    /// Index of its scope among the open ones.
    open: u32,
    pub(super) storage: BoundStorage,
    pub(super) kind: BindingKind,
    pub(super) needs_hole: bool,
}

/// Where a bound name is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BoundStorage {
    Register(Reg),
    Slot(u16),
    Global,
    Dynamic,
}

/// What assigning to a name does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Writable {
    Yes,
    /// TypeError.
    No,
    /// A function expression's own name in sloppy code.
    Ignored,
}

/// Where a reference leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Resolved {
    /// A register; `check`: it may hold the hole.
    Register { register: Reg, check: bool, writable: Writable },
    /// A slot of the environment `hops` above `env`.
    Slot { env: Reg, hops: u8, slot: u16, check: bool, writable: Writable },
    /// An import cell in a slot.
    Import { env: Reg, hops: u8, slot: u16 },
    /// A global binding, or none at all.
    Global,
    /// Only known at run time, seen from this environment.
    Dynamic { env: Reg },
}

impl Bound {
    /// The number of its scope among the open ones.
    pub(super) fn open_index(&self) -> usize {
        self.open as usize
    }
}

impl Compiler<'_, '_> {
    // ── environments ──

    /// Register of the innermost environment.
    pub(super) fn current_env(&mut self) -> Reg {
        match self.f.envs.last() {
            Some(&register) => register,
            None => self.closure_env(),
        }
    }

    /// Register of the environment around the function.
    pub(super) fn closure_env(&mut self) -> Reg {
        self.f.closure_env_used = true;
        self.f.closure_env
    }

    /// Register and hops that lead to the environment that has `depth` environments from itself to the outermost.
    pub(super) fn env_at(&mut self, depth: u32) -> (Reg, u8) {
        if depth > self.f.base_depth {
            return (self.f.envs[(depth - self.f.base_depth - 1) as usize], 0);
        }
        let hops = self.f.base_depth - depth;
        let closure = self.closure_env();
        match u8::try_from(hops) {
            Ok(hops) => (closure, hops),
            Err(_) => {
                let register = self.alloc();
                self.op(Op::EnvUp, register, closure, hops.min(u32::from(u16::MAX)) as u16);
                (register, 0)
            }
        }
    }

    fn push_env(&mut self, register: Reg) -> u32 {
        self.f.envs.push(register);
        self.env_depth += 1;
        self.env_depth
    }

    // ── opening and closing ──

    /// Opens a scope whose bindings all start fresh: makes its environment, gives registers to its other bindings.
    /// `parameters` tells the register of a binding that has one already.
    pub(super) fn open_scope_with(&mut self, id: ScopeId, extra: &[StaticText], parameters: &dyn Fn(usize, &Binding) -> Option<Reg>) {
        let tree = self.tree;
        let scope = tree.scope(id);
        let mark = self.mark();
        let hidden_privates = scope.kind == SyntaxScopeKind::Class;
        let mut slots = scope.slot_count + extra.len() as u32;
        let mut late = Vec::new();
        if hidden_privates {
            // Field initialisers name private members that no source text may refer to.
            for (index, binding) in scope.bindings.iter().enumerate() {
                if binding.kind == BindingKind::PrivateName && binding.storage == Storage::Register {
                    late.push((index, slots as u16));
                    slots += 1;
                }
            }
        }
        if slots > u32::from(u16::MAX) {
            self.too_large = true;
        }
        let env = if scope.needs_env || slots > 0 {
            let info = self.scope_info(id, extra, &late);
            let parent = self.current_env();
            let register = self.alloc();
            let cell = self.f.e.scope_cell(Rc::new(info));
            self.op(Op::NewEnv, register, parent, cell);
            let depth = self.push_env(register);
            Some((register, depth))
        } else {
            None
        };
        self.enter(id, env, mark, |compiler, index, binding| {
            if let Some(&(_, slot)) = late.iter().find(|late| late.0 == index) {
                return BoundStorage::Slot(slot);
            }
            match binding.storage {
                Storage::Slot(slot) => BoundStorage::Slot(slot as u16),
                Storage::Global => BoundStorage::Global,
                Storage::Dynamic => BoundStorage::Dynamic,
                Storage::Register => match parameters(index, binding) {
                    Some(register) => BoundStorage::Register(register),
                    None => {
                        let register = compiler.alloc();
                        // A call fills its window with undefined, and nothing has run yet that might have used the registers.
                        let is_fresh = scope.kind == SyntaxScopeKind::Function && !compiler.explicit_undefined;
                        if binding.needs_hole {
                            compiler.op(Op::LoadHole, register, 0, 0);
                        } else if binding.kind == BindingKind::Var && !is_fresh {
                            compiler.undefined(register);
                        }
                        BoundStorage::Register(register)
                    }
                },
            }
        });
    }

    /// Opens a scope without special parameters.
    pub(super) fn open_scope(&mut self, id: ScopeId) {
        self.open_scope_with(id, &[], &|_, _| None);
    }

    /// Opens a scope whose environment, if it has one, is already in `register` (a module's).
    pub(super) fn open_scope_in(&mut self, id: ScopeId, register: Reg) {
        let mark = self.mark();
        let depth = self.push_env(register);
        self.enter(id, Some((register, depth)), mark, |compiler, _, binding| match binding.storage {
            Storage::Slot(slot) => BoundStorage::Slot(slot as u16),
            Storage::Global => BoundStorage::Global,
            Storage::Dynamic => BoundStorage::Dynamic,
            Storage::Register => {
                let register = compiler.alloc();
                if binding.needs_hole {
                    compiler.op(Op::LoadHole, register, 0, 0);
                } else if matches!(binding.kind, BindingKind::Var) {
                    compiler.undefined(register);
                }
                BoundStorage::Register(register)
            }
        });
    }

    /// Opens the scope of a `with` statement over the object in `object`.
    pub(super) fn open_with(&mut self, id: ScopeId, object: Reg, offset: u32) {
        let mark = self.mark();
        let parent = self.current_env();
        let register = self.alloc();
        self.at(offset);
        self.op(Op::NewWithEnv, register, parent, object);
        let depth = self.push_env(register);
        self.enter(id, Some((register, depth)), mark, |_, _, _| BoundStorage::Dynamic);
    }

    fn enter(
        &mut self,
        id: ScopeId,
        env: Option<(Reg, u32)>,
        mark: u32,
        mut place: impl FnMut(&mut Self, usize, &Binding) -> BoundStorage,
    ) {
        let tree = self.tree;
        let scope = tree.scope(id);
        let open = self.opens.len() as u32;
        let is_dynamic = scope.is_dynamic || scope.kind == SyntaxScopeKind::With;
        let first_bound = self.bound.len() as u32;
        self.opens.push(OpenScope { id, env, first_bound, is_dynamic, mark, outer_floor: self.f.local_floor, function: scope.function });
        if is_dynamic {
            self.dynamic.push(open);
        }
        for (index, binding) in scope.bindings.iter().enumerate() {
            let storage = place(self, index, binding);
            let head = &mut self.heads[binding.name.index()];
            let shadowed = std::mem::replace(head, self.bound.len() as u32 + 1);
            // A captured `this` of a derived constructor is the hole until super() returns.
            let needs_hole = binding.needs_hole || (binding.kind == BindingKind::This && self.f.is_derived());
            self.bound.push(Bound { name: binding.name, shadowed, open, storage, kind: binding.kind, needs_hole });
        }
        self.f.local_floor = self.mark();
    }

    /// Closes the innermost scope.
    pub(super) fn close_scope(&mut self) {
        let Some(scope) = self.opens.pop() else { return };
        while self.bound.len() > scope.first_bound as usize {
            if let Some(bound) = self.bound.pop() {
                self.heads[bound.name.index()] = bound.shadowed;
            }
        }
        if scope.is_dynamic {
            self.dynamic.pop();
        }
        if scope.env.is_some() {
            self.f.envs.pop();
            self.env_depth -= 1;
        }
        self.release(scope.mark);
        self.f.local_floor = scope.outer_floor;
    }

    /// Whether the register is the topmost one and a temporary: then what computes its value may use it, and those above, freely.
    pub(super) fn is_top_temporary(&self, register: Reg) -> bool {
        u32::from(register) >= self.f.local_floor && u32::from(register) + 1 == self.mark()
    }

    /// `CopyEnv` for the innermost scope, if it has an environment: the bindings of the next iteration.
    pub(super) fn copy_env(&mut self) {
        if let Some((register, _)) = self.opens.last().and_then(|scope| scope.env) {
            self.op(Op::CopyEnv, register, register, 0);
        }
    }

    /// The description of a scope's environment. `extra` names compiler-made slots behind the source's.
    pub(super) fn scope_info(&mut self, id: ScopeId, extra: &[StaticText], late: &[(usize, u16)]) -> ScopeInfo {
        let tree = self.tree;
        let scope = tree.scope(id);
        let mut bindings = Vec::with_capacity(scope.slot_count as usize + extra.len());
        for binding in &scope.bindings {
            if let Storage::Slot(_) = binding.storage {
                bindings.push(self.binding_info(binding, id));
            }
        }
        for name in extra {
            bindings.push(BindingInfo {
                name: name.clone(),
                is_const: false,
                is_silent_const: false,
                has_tdz: false,
                is_lexical: true,
                is_import: false,
                is_simple_catch: false,
            });
        }
        for &(index, _) in late {
            bindings.push(self.binding_info(&scope.bindings[index], id));
        }
        let kind = match scope.kind {
            SyntaxScopeKind::Module => ScopeKind::Module,
            SyntaxScopeKind::Eval => ScopeKind::Eval,
            SyntaxScopeKind::Class => ScopeKind::Class,
            SyntaxScopeKind::Catch => ScopeKind::Catch,
            SyntaxScopeKind::Function
            | SyntaxScopeKind::FunctionBody
            | SyntaxScopeKind::FunctionName
            | SyntaxScopeKind::Field
            | SyntaxScopeKind::StaticBlock
            | SyntaxScopeKind::Script => ScopeKind::Function,
            _ => ScopeKind::Block,
        };
        ScopeInfo { kind, bindings, is_var_scope: scope.is_dynamic }
    }

    fn binding_info(&mut self, binding: &Binding, scope: ScopeId) -> BindingInfo {
        let name = match binding.kind {
            BindingKind::This => fixed_text("this"),
            BindingKind::NewTarget => fixed_text("new.target"),
            BindingKind::HomeObject => fixed_text("%home"),
            BindingKind::ActiveFunction => fixed_text("%function"),
            _ => self.text(binding.name),
        };
        let is_silent_const = binding.kind == BindingKind::FunctionName && !self.tree.scope(scope).is_strict;
        BindingInfo {
            name,
            is_const: binding.kind.is_const() || binding.kind == BindingKind::FunctionName,
            is_silent_const,
            has_tdz: binding.kind.is_let_like() || binding.needs_hole || (binding.kind == BindingKind::This && self.f.is_derived()),
            is_lexical: binding.is_lexical,
            is_import: binding.kind == BindingKind::Import,
            is_simple_catch: binding.kind == BindingKind::SimpleCatchParam,
        }
    }

    // ── resolving ──

    /// The innermost binding of `name`, if a static lookup may go there.
    pub(super) fn find(&self, name: Name) -> Option<Bound> {
        let head = self.heads.get(name.index()).copied().unwrap_or(0);
        let bound = *self.bound.get((head as usize).checked_sub(1)?)?;
        match self.dynamic.last() {
            Some(&barrier) if barrier > bound.open => None,
            _ => Some(bound),
        }
    }

    /// The open bindings of `name` from the innermost out, whatever lies between.
    pub(super) fn bindings_of(&self, name: Name) -> Vec<Bound> {
        let mut bindings = Vec::new();
        let mut head = self.heads.get(name.index()).copied().unwrap_or(0);
        while let Some(bound) = (head as usize).checked_sub(1).and_then(|index| self.bound.get(index)) {
            bindings.push(*bound);
            head = bound.shadowed;
        }
        bindings
    }

    /// Gives a function to a var of eval code, in the variable environment that the eval adds to.
    /// With `is_assignment`, only assigns (B.3.2) to the var that instantiation made, if it made one.
    pub(super) fn define_eval_var(&mut self, name: Name, value: Reg, is_assignment: bool) {
        let mark = self.mark();
        let env = if self.direct_eval {
            self.outermost_env()
        } else {
            let hole = self.alloc();
            self.op(Op::LoadHole, hole, 0, 0);
            hole
        };
        let text = self.text(name);
        let ic = self.f.e.ic(&text);
        self.opx(Op::DefineEvalVar, u8::from(is_assignment), value, env, ic);
        self.release(mark);
    }

    /// The environment around the eval code itself.
    fn outermost_env(&mut self) -> Reg {
        let (env, hops) = self.env_at(0);
        if hops == 0 {
            return env;
        }
        let register = self.alloc();
        self.op(Op::EnvUp, register, env, u16::from(hops));
        register
    }

    fn writable(&self, bound: &Bound) -> Writable {
        if bound.kind.is_const() {
            Writable::No
        } else if bound.kind == BindingKind::FunctionName {
            if self.f.strict { Writable::No } else { Writable::Ignored }
        } else {
            Writable::Yes
        }
    }

    /// Where `name` leads from here. `start` is the offset of the identifier, or None for one that the compiler made up, which is
    /// never too early.
    pub(super) fn resolve(&mut self, name: Name, start: Option<u32>) -> Resolved {
        match self.find(name) {
            Some(bound) => {
                let check = bound.needs_hole && start.is_some_and(|start| self.tree.may_be_uninitialised(start));
                self.resolve_bound(&bound, check)
            }
            None if self.dynamic.is_empty() && !self.direct_eval => Resolved::Global,
            None => Resolved::Dynamic { env: self.current_env() },
        }
    }

    pub(super) fn resolve_bound(&mut self, bound: &Bound, check: bool) -> Resolved {
        let writable = self.writable(bound);
        match bound.storage {
            BoundStorage::Register(register) => Resolved::Register { register, check, writable },
            BoundStorage::Slot(slot) => {
                let Some((_, depth)) = self.opens[bound.open as usize].env else {
                    // The scope pass gives slots only to scopes that need an environment.
                    return Resolved::Dynamic { env: self.current_env() };
                };
                let (env, hops) = self.env_at(depth);
                if bound.kind == BindingKind::Import {
                    Resolved::Import { env, hops, slot }
                } else {
                    Resolved::Slot { env, hops, slot, check, writable }
                }
            }
            BoundStorage::Global => Resolved::Global,
            BoundStorage::Dynamic => Resolved::Dynamic { env: self.current_env() },
        }
    }

    /// The register of a name that is a local variable here and now.
    pub(super) fn local_register(&mut self, name: Name) -> Option<Reg> {
        match self.find(name)?.storage {
            BoundStorage::Register(register) => Some(register),
            _ => None,
        }
    }

    // ── reading ──

    /// The register of a local variable, checked for the hole where needed; None if `ident` is no local.
    pub(super) fn read_in_place(&mut self, ident: Ident) -> Option<Reg> {
        self.local_register(ident.name)?;
        match self.resolve(ident.name, Some(ident.span.start)) {
            Resolved::Register { register, check, .. } => {
                if check {
                    self.throw_if_hole(register, ident);
                }
                Some(register)
            }
            _ => None,
        }
    }

    fn throw_if_hole(&mut self, register: Reg, ident: Ident) {
        let text = self.text(ident.name);
        let constant = self.f.e.string(&text);
        self.at(ident.span.start);
        self.wide(Op::ThrowIfHole, register, constant);
    }

    /// `dst = name`; `typeof_operand`: an unresolvable name is undefined.
    pub(super) fn read_name(&mut self, ident: Ident, dst: Reg, typeof_operand: bool) {
        let mark = self.mark();
        let resolved = self.resolve(ident.name, Some(ident.span.start));
        self.read_resolved(resolved, ident, dst, typeof_operand);
        self.release(mark);
    }

    pub(super) fn read_resolved(&mut self, resolved: Resolved, ident: Ident, dst: Reg, typeof_operand: bool) {
        match resolved {
            Resolved::Register { register, check, .. } => {
                if check {
                    self.throw_if_hole(register, ident);
                }
                self.mov(dst, register);
            }
            Resolved::Slot { env, hops, slot, check, .. } => {
                if check {
                    let text = self.text(ident.name);
                    self.at(ident.span.start);
                    self.f.e.slot_name(text);
                }
                self.opx(if check { Op::GetSlotChecked } else { Op::GetSlot }, hops, dst, env, slot);
            }
            Resolved::Import { env, hops, slot } => {
                let text = self.text(ident.name);
                self.at(ident.span.start);
                self.f.e.slot_name(text);
                self.opx(Op::GetImport, hops, dst, env, slot);
            }
            Resolved::Global if ident.name == known::UNDEFINED => self.undefined(dst),
            Resolved::Global => {
                let text = self.text(ident.name);
                let ic = self.f.e.ic(&text);
                self.at(ident.span.start);
                self.opx(Op::GetGlobal, u8::from(typeof_operand), dst, 0, ic);
            }
            Resolved::Dynamic { env } => {
                let text = self.text(ident.name);
                let ic = self.f.e.ic(&text);
                self.at(ident.span.start);
                self.opx(Op::GetName, u8::from(typeof_operand), dst, env, ic);
            }
        }
    }

    // ── writing ──

    /// Initialises a binding (`let x = …`, parameters, functions): no check, constants too.
    pub(super) fn initialise(&mut self, name: Name, value: Reg, offset: u32) {
        let mark = self.mark();
        // Lexical and parameter bindings live in scopes of their own, so nothing dynamic lies between.
        let head = self.heads.get(name.index()).copied().unwrap_or(0);
        if let Some(bound) = (head as usize).checked_sub(1).and_then(|index| self.bound.get(index)).copied() {
            match self.resolve_bound(&bound, false) {
                Resolved::Register { register, .. } => self.mov(register, value),
                Resolved::Slot { env, hops, slot, .. } | Resolved::Import { env, hops, slot } => {
                    self.opx(Op::SetSlot, hops, value, env, slot);
                }
                Resolved::Global => {
                    let text = self.text(name);
                    let constant = self.f.e.string(&text);
                    self.at(offset);
                    self.wide(Op::InitGlobalLexical, value, constant);
                }
                Resolved::Dynamic { .. } => {}
            }
        }
        self.release(mark);
    }

    /// The register of a binding about to be initialised, if its value may be computed right there. `at_once`: whoever computes it
    /// writes it once, as the last thing; then a binding that someone may look at too early will do as well.
    pub(super) fn initialiser_register(&mut self, name: Name, at_once: bool) -> Option<Reg> {
        let head = self.heads.get(name.index()).copied().unwrap_or(0);
        let bound = self.bound.get((head as usize).checked_sub(1)?)?;
        match bound.storage {
            BoundStorage::Register(register) if at_once || !bound.needs_hole => Some(register),
            _ => None,
        }
    }

    /// Assigns to a name that was resolved before: PutValue. `base` is the reference base of a dynamic one.
    pub(super) fn write_resolved(&mut self, resolved: Resolved, ident: Ident, value: Reg, base: Option<Reg>) {
        match resolved {
            Resolved::Register { register, check, writable } => {
                if check {
                    self.throw_if_hole(register, ident);
                }
                match writable {
                    Writable::Yes => self.mov(register, value),
                    Writable::No => self.throw_const_assign(ident),
                    Writable::Ignored => {}
                }
            }
            Resolved::Slot { env, hops, slot, check, writable } => match writable {
                Writable::Yes => {
                    if check {
                        let text = self.text(ident.name);
                        self.at(ident.span.start);
                        self.f.e.slot_name(text);
                    }
                    self.opx(if check { Op::SetSlotChecked } else { Op::SetSlot }, hops, value, env, slot);
                }
                Writable::No => {
                    if check {
                        let mark = self.mark();
                        let scratch = self.alloc();
                        self.read_resolved(resolved, ident, scratch, false);
                        self.release(mark);
                    }
                    self.throw_const_assign(ident);
                }
                Writable::Ignored => {}
            },
            Resolved::Import { .. } => self.throw_const_assign(ident),
            Resolved::Global => {
                let text = self.text(ident.name);
                let ic = self.f.e.ic(&text);
                let strict = self.strict_bit();
                self.at(ident.span.start);
                self.opx(Op::SetGlobal, strict, value, 0, ic);
            }
            Resolved::Dynamic { env } => {
                let text = self.text(ident.name);
                let ic = self.f.e.ic(&text);
                let strict = self.strict_bit();
                let mark = self.mark();
                let base = base.unwrap_or_else(|| {
                    let base = self.alloc();
                    self.at(ident.span.start);
                    self.op(Op::ResolveName, base, env, ic);
                    base
                });
                self.at(ident.span.start);
                self.opx(Op::SetResolved, strict, value, base, ic);
                self.release(mark);
            }
        }
    }

    /// Assigns to a name.
    pub(super) fn write_name(&mut self, ident: Ident, value: Reg) {
        let mark = self.mark();
        let resolved = self.resolve(ident.name, Some(ident.span.start));
        self.write_resolved(resolved, ident, value, None);
        self.release(mark);
    }

    pub(super) fn throw_const_assign(&mut self, ident: Ident) {
        let text = self.text(ident.name);
        let constant = self.f.e.string(&text);
        self.at(ident.span.start);
        self.wide(Op::ThrowConstAssign, 0, constant);
        self.f.e.end_path();
    }
}
