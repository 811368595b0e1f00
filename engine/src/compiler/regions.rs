//! try, catch, finally, and the disposal of `using` declarations.

use mayfly_syntax::ast::{Catch, Pattern, Stmt, Try, VarKind};
use mayfly_syntax::scope::BindingKind;

use super::control::{ControlKind, Exit, Region};
use super::emitter::Reg;
use super::state::Compiler;
use crate::bytecode::Op;

impl<'a> Compiler<'a, '_> {
    // 14.15 The try Statement, https://tc39.es/ecma262/#sec-try-statement
    pub(super) fn try_statement(&mut self, node: &'a Try<'a>) {
        self.reset_completion();
        match node.finalizer {
            None => self.try_catch(node),
            Some(finalizer) => {
                let completion = self.f.completion;
                self.with_finally(
                    |compiler| match node.handler {
                        Some(_) => compiler.try_catch(node),
                        None => compiler.block(node.block),
                    },
                    |compiler, _| {
                        // The value of a finally block that ends normally is forgotten.
                        let saved = completion.map(|register| {
                            let saved = compiler.alloc();
                            compiler.mov(saved, register);
                            compiler.undefined(register);
                            (register, saved)
                        });
                        compiler.block(finalizer);
                        if let Some((register, saved)) = saved {
                            compiler.mov(register, saved);
                        }
                    },
                );
            }
        }
    }

    fn try_catch(&mut self, node: &'a Try<'a>) {
        let Some(handler) = node.handler else { return };
        let end = self.label();
        let exception = self.alloc();
        self.push_control(ControlKind::Catch);
        self.block(node.block);
        if let Some(region) = self.pop_control() {
            self.jump(end);
            self.begin_handler(&region, exception);
            if self.reachable() {
                self.catch_clause(handler, exception);
            }
        }
        self.bind(end);
    }

    fn catch_clause(&mut self, handler: &'a Catch<'a>, exception: Reg) {
        self.reset_completion();
        self.open_scope_with(handler.scope, &[], &|_, binding| (binding.kind == BindingKind::SimpleCatchParam).then_some(exception));
        match handler.param {
            Some(Pattern::Ident(ident)) => self.initialise(ident.name, exception, ident.span.start),
            Some(pattern) => self.bind_pattern(pattern, exception),
            None => {}
        }
        self.block(handler.body);
        self.close_scope();
    }

    /// Compiles `body`, then `last`, which runs however `body` is left and gets the first of three registers: scratch, completion
    /// kind, completion value.
    fn with_finally(&mut self, body: impl FnOnce(&mut Self), last: impl FnOnce(&mut Self, Reg)) {
        let group = self.f.e.alloc_group(3);
        let kind = group + 1;
        let entry = self.label();
        self.push_control(ControlKind::Finally { kind, entry, exits: Vec::new() });
        body(self);
        let Some(region) = self.pop_control() else { return };
        self.wide(Op::LoadInt, kind, 0);
        self.jump(entry);
        self.begin_handler(&region, kind + 1);
        self.wide(Op::LoadInt, kind, 1);
        self.bind(entry);
        last(self, group);
        self.finish_finally(kind, region);
    }

    fn finish_finally(&mut self, kind: Reg, region: Region) {
        let may_throw = region.is_covered();
        let ControlKind::Finally { exits, .. } = region.kind else { return };
        if self.reachable() {
            let exits: Vec<Exit> = exits;
            self.dispatch_completion(kind, &exits, may_throw);
        }
    }

    // ── using ──

    /// Compiles `body`; if `statements` declares resources, they are disposed of behind it.
    pub(super) fn with_disposal_of(&mut self, statements: &[Stmt<'a>], body: impl FnOnce(&mut Self)) {
        let mut uses = false;
        let mut is_async = false;
        for statement in statements {
            let statement = match statement {
                Stmt::ExportDecl(node) => &node.decl,
                statement => statement,
            };
            if let Stmt::Var(declaration) = statement {
                uses |= matches!(declaration.kind, VarKind::Using | VarKind::AwaitUsing);
                is_async |= declaration.kind == VarKind::AwaitUsing;
            }
        }
        if uses { self.with_disposal(is_async, body) } else { body(self) }
    }

    // 7.5.? DisposeResources ( disposeCapability, completion ), https://tc39.es/proposal-explicit-resource-management/#sec-disposeresources
    /// Compiles `body` with a list of resources that is disposed of, last first, however the body is left.
    pub(super) fn with_disposal(&mut self, is_async: bool, body: impl FnOnce(&mut Self)) {
        let list = self.alloc();
        self.op(Op::NewDisposables, list, 0, 0);
        self.with_finally(
            |compiler| {
                compiler.f.disposables.push(list);
                body(compiler);
                compiler.f.disposables.pop();
            },
            |compiler, group| compiler.dispose(list, group, is_async),
        );
    }

    fn dispose(&mut self, list: Reg, group: Reg, is_async: bool) {
        if !self.reachable() {
            return;
        }
        let done = self.label();
        let top = self.f.e.bind_new();
        self.f.e.jump_short(Op::DisposeStep, u8::from(is_async), group, list, done);
        if is_async {
            self.jump_if(Op::JHole, group, top);
            self.push_control(ControlKind::Catch);
            self.op(Op::Await, group, group, 0);
            if let Some(region) = self.pop_control() {
                self.jump(top);
                let mark = self.mark();
                let error = self.alloc();
                self.begin_handler(&region, error);
                self.op(Op::DisposeError, group, error, 0);
                self.release(mark);
            }
        }
        self.jump(top);
        self.bind(done);
    }

    /// Adds a resource to the innermost list.
    pub(super) fn add_disposable(&mut self, kind: VarKind, value: Reg, offset: u32) {
        if let Some(&list) = self.f.disposables.last() {
            self.at(offset);
            self.opx(Op::AddDisposable, u8::from(kind == VarKind::AwaitUsing), list, value, 0);
        }
    }
}
