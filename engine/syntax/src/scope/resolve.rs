//! What a mention of a name, of `this` and its kin, and of direct eval means for the bindings.

use super::analyser::{Analyser, CodeKind, Visible};
use super::{BindingKind, ScopeKind};
use crate::ast::{FunctionKind, Ident, Span};
use crate::names::known;

impl<'a, 'n> Analyser<'a, 'n> {
    /// A mention of a variable; `write`: an assignment to it.
    pub(super) fn reference(&mut self, ident: Ident, write: bool) {
        self.reference_to(ident, write, true);
    }

    /// `arguments` where only its length is read or its elements are spread: nothing else sees the object. Any other name as usual.
    pub(super) fn harmless_reference(&mut self, ident: Ident) {
        self.reference_to(ident, false, false);
    }

    fn reference_to(&mut self, ident: Ident, write: bool, escapes: bool) {
        let Some(found) = self.find(ident.name) else { return };
        let scope = &self.scopes[found.scope.index()];
        let owner = scope.function;
        let through_with = self.scopes[self.scope.index()].with_depth > scope.with_depth;
        let crosses = owner != self.frame().owner || through_with;
        let early = self.may_run_early(found, ident.span.start);
        if early {
            self.early_uses.insert(ident.span.start);
        }
        let binding = self.binding_mut(found.scope, found.binding);
        binding.captured |= crosses;
        binding.assigned |= write;
        binding.needs_hole |= early;
        if binding.kind == BindingKind::Arguments {
            self.used_arguments.insert(owner);
            if escapes || write {
                self.escaping_arguments.insert(owner);
            }
        }
    }

    /// Whether the mention may run before the binding is initialised.
    ///
    /// Code runs in the order in which it is written as far as one instance of a scope is concerned, so a mention behind the
    /// declaration is safe; so is a closure made behind it. A function declaration may be called as soon as the scope that declares it
    /// is entered, whatever it mentions. In a switch, execution may begin behind the declaration, at the next case.
    fn may_run_early(&self, found: Visible, position: u32) -> bool {
        let scope = &self.scopes[found.scope.index()];
        let binding = &scope.bindings[found.binding as usize];
        if binding.kind == BindingKind::ClassName {
            return self.class_heads.contains(&found.scope);
        }
        if binding.initialised_at == 0 {
            return false;
        }
        let inner_frames = self.frames.get(scope.function_depth as usize + 1..).unwrap_or(&[]);
        let first_run = inner_frames.iter().find_map(|frame| frame.hoist_start).map_or(position, |start| start.min(position));
        first_run < binding.initialised_at || first_run >= binding.initialised_until
    }

    /// A mention of a private name.
    pub(super) fn private_reference(&mut self, ident: Ident) {
        self.reference(ident, false);
    }

    /// A mention of `this` or its kin: an arrow function captures it from the function around.
    pub(super) fn capture(&mut self, kinds: &[BindingKind]) {
        let frame = self.frame();
        if frame.this_owner != frame.owner {
            for kind in kinds {
                self.bind_pseudo(frame.this_owner, *kind);
            }
        }
    }

    /// A direct eval here: it may mention whatever is visible, and declare vars if the code is sloppy.
    pub(super) fn direct_eval(&mut self, span: Span) {
        let mut scope = Some(self.scope);
        while let Some(id) = scope.filter(|id| !self.scopes[id.index()].contains_direct_eval) {
            self.scopes[id.index()].contains_direct_eval = true;
            scope = self.scopes[id.index()].parent;
        }
        let frame = self.frame();
        let var_scope = &mut self.scopes[frame.var_scope.index()];
        if matches!(var_scope.kind, ScopeKind::Function | ScopeKind::FunctionBody) && !self.scopes[self.scope.index()].is_strict {
            self.scopes[frame.var_scope.index()].is_dynamic = true;
        }
        let (new_target, home, active) = match frame.this_kind {
            CodeKind::Program => (false, false, false),
            CodeKind::Field | CodeKind::StaticBlock => (true, true, false),
            CodeKind::Function(kind) => {
                (true, !matches!(kind, FunctionKind::Normal | FunctionKind::Arrow), kind == FunctionKind::DerivedConstructor)
            }
        };
        for (wanted, kind) in [
            (true, BindingKind::This),
            (new_target, BindingKind::NewTarget),
            (home, BindingKind::HomeObject),
            (active, BindingKind::ActiveFunction),
        ] {
            if wanted {
                self.bind_pseudo(frame.this_owner, kind);
            }
        }
        // Eval code in a field initialiser may not mention arguments.
        if frame.this_kind != CodeKind::Field {
            self.reference(Ident { name: known::ARGUMENTS, span }, true);
        }
    }
}
