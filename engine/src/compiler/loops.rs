//! Loops. The condition stands at the bottom, so that an iteration costs one taken jump.

use mayfly_syntax::ast::{Expr, For, ForIn, ForInit, ForOf, ForTarget, Pattern, ScopeId, Stmt, VarDecl, VarKind, While};
use mayfly_syntax::scope::Storage;

use super::control::ControlKind;
use super::emitter::{Label, Reg};
use super::state::{Compiler, fixed_text};
use crate::bytecode::Op;

impl<'a> Compiler<'a, '_> {
    pub(super) fn while_statement(&mut self, node: &While<'a>) {
        self.reset_completion();
        let continue_label = self.label();
        self.push_target(Some(continue_label), true);
        match self.constant_truth(node.test) {
            Some(false) => {}
            Some(true) => {
                let top = self.f.e.bind_new();
                self.statement(node.body);
                self.bind(continue_label);
                self.jump(top);
            }
            None => {
                // The test is jumped to once.
                self.jump(continue_label);
                let top = self.enter_loop();
                self.statement(node.body);
                self.bind(continue_label);
                self.condition(node.test, true, top);
            }
        }
        self.pop_target();
    }

    /// The head of a loop whose test at the bottom has already been jumped to.
    fn enter_loop(&mut self) -> Label {
        self.f.e.begin_path();
        self.f.e.bind_new()
    }

    pub(super) fn do_while(&mut self, node: &While<'a>) {
        self.reset_completion();
        let continue_label = self.label();
        self.push_target(Some(continue_label), true);
        let top = self.f.e.bind_new();
        self.statement(node.body);
        self.bind(continue_label);
        self.condition(node.test, true, top);
        self.pop_target();
    }

    // 14.7.4 The for Statement, https://tc39.es/ecma262/#sec-for-statement
    pub(super) fn for_statement(&mut self, node: &For<'a>) {
        let labels = std::mem::take(&mut self.f.pending_labels);
        self.open_scope(node.scope);
        let declaration = match node.init {
            Some(ForInit::Var(declaration)) => Some(declaration),
            _ => None,
        };
        match declaration {
            Some(VarDecl { kind: kind @ (VarKind::Using | VarKind::AwaitUsing), .. }) => {
                let is_async = *kind == VarKind::AwaitUsing;
                self.with_disposal(is_async, |compiler| compiler.for_parts(node, labels));
            }
            _ => self.for_parts(node, labels),
        }
        self.close_scope();
    }

    fn for_parts(&mut self, node: &For<'a>, labels: Vec<mayfly_syntax::Name>) {
        let mut copies = false;
        // Whether something in the initialisers may have captured the first environment.
        let mut captures_early = false;
        match node.init {
            Some(ForInit::Var(declaration)) => {
                self.declaration(declaration);
                // Constants need no copies: nobody can tell.
                copies = declaration.kind == VarKind::Let;
                captures_early = declaration.declarators.iter().any(|declarator| {
                    !matches!(declarator.target, Pattern::Ident(_)) || declarator.init.is_some_and(|init| !is_closure_free(init))
                });
            }
            Some(ForInit::Expr(expr)) => self.effect(expr),
            None => {}
        }
        self.reset_completion();
        let for_scope = self.opens.len();
        if copies && captures_early {
            self.copy_env();
        }
        let continue_label = self.label();
        self.f.pending_labels = labels;
        self.push_target(Some(continue_label), true);
        let truth = node.test.map_or(Some(true), |test| self.constant_truth(test));
        let test_label = self.label();
        if truth != Some(false) {
            let top = match truth {
                None => {
                    self.jump(test_label);
                    self.enter_loop()
                }
                _ => self.f.e.bind_new(),
            };
            self.statement(node.body);
            self.bind(continue_label);
            debug_assert_eq!(for_scope, self.opens.len());
            if copies {
                self.copy_env();
            }
            if let Some(update) = node.update {
                self.effect(update);
            }
            self.bind(test_label);
            match (truth, node.test) {
                (None, Some(test)) => self.condition(test, true, top),
                _ => self.jump(top),
            }
        }
        self.pop_target();
    }

    /// Evaluates the object of for-in/of in the scope where the head's names are in their dead zone.
    fn loop_head(&mut self, head_scope: ScopeId, evaluate: impl FnOnce(&mut Self) -> Reg) -> Reg {
        // The value outlives the scope, so its register comes first.
        let register = self.alloc();
        self.open_scope(head_scope);
        let mark = self.mark();
        let value = evaluate(self);
        self.mov(register, value);
        self.release(mark);
        self.close_scope();
        register
    }

    /// Whether the scope has nothing that could be seen early or from elsewhere.
    fn is_bare(&self, scope: ScopeId) -> bool {
        let scope = self.tree.scope(scope);
        !scope.needs_env && scope.bindings.iter().all(|binding| !binding.needs_hole && binding.storage == Storage::Register)
    }

    /// Opens the scope of an iteration and binds or assigns `value`, then runs the body.
    fn iteration(&mut self, scope: ScopeId, target: ForTarget<'a>, value: Reg, body: Stmt<'a>) {
        let own = match target {
            ForTarget::Var(VarDecl { kind: VarKind::Let | VarKind::Const, declarators, .. }) => {
                match declarators.first().map(|first| first.target) {
                    Some(Pattern::Ident(ident)) if self.is_bare(scope) => Some(ident.name),
                    _ => None,
                }
            }
            _ => None,
        };
        self.open_scope_with(scope, &[], &|_, binding| (own == Some(binding.name)).then_some(value));
        match target {
            ForTarget::Var(declaration) => {
                let Some(declarator) = declaration.declarators.first() else { return };
                match (declaration.kind, declarator.target) {
                    (VarKind::Var, Pattern::Ident(ident)) => self.write_name(ident, value),
                    (VarKind::Var, pattern) => self.assign_pattern(pattern, value),
                    (kind @ (VarKind::Using | VarKind::AwaitUsing), Pattern::Ident(ident)) => {
                        self.with_disposal(kind == VarKind::AwaitUsing, |compiler| {
                            compiler.add_disposable(kind, value, declarator.span.start);
                            compiler.initialise(ident.name, value, ident.span.start);
                            compiler.statement(body);
                        });
                        self.close_scope();
                        return;
                    }
                    (_, Pattern::Ident(ident)) => self.initialise(ident.name, value, ident.span.start),
                    (_, pattern) => self.bind_pattern(pattern, value),
                }
            }
            ForTarget::Pattern(pattern @ (Pattern::Object(_) | Pattern::Array(_))) => self.assign_pattern(pattern, value),
            ForTarget::Pattern(pattern) => {
                let mark = self.mark();
                let reference = self.reference(pattern, &[]);
                self.write_reference(&reference, value);
                self.release(mark);
            }
        }
        self.statement(body);
        self.close_scope();
    }

    // 14.7.5 The for-in, for-of, and for-await-of Statements, https://tc39.es/ecma262/#sec-for-in-and-for-of-statements
    pub(super) fn for_in(&mut self, node: &ForIn<'a>) {
        let labels = std::mem::take(&mut self.f.pending_labels);
        // B.3.5: `for (var x = e in o)`
        if let ForTarget::Var(VarDecl { kind: VarKind::Var, declarators: [declarator], .. }) = node.target
            && let (Pattern::Ident(ident), Some(init)) = (declarator.target, declarator.init)
        {
            let mark = self.mark();
            self.var_initialiser(ident, init);
            self.release(mark);
        }
        let object = self.loop_head(node.head_scope, |compiler| compiler.operand(node.object));
        let enumerator = object;
        self.at(node.object.span().start);
        self.op(Op::ForInStart, enumerator, object, 0);
        self.reset_completion();
        let key = self.alloc();
        let exit = self.label();
        let top = self.f.e.bind_new();
        self.f.pending_labels = labels;
        self.push_target(Some(top), true);
        self.at(node.object.span().start);
        self.f.e.jump_short(Op::ForInNext, 0, key, enumerator, exit);
        self.iteration(node.scope, node.target, key, node.body);
        self.jump(top);
        self.bind(exit);
        self.pop_target();
    }

    pub(super) fn for_of(&mut self, node: &ForOf<'a>) {
        let labels = std::mem::take(&mut self.f.pending_labels);
        let offset = node.iterable.span().start;
        let iterable = self.loop_head(node.head_scope, |compiler| compiler.operand(node.iterable));
        let record = self.f.e.alloc_group(3);
        self.at(offset);
        self.opx(Op::GetIterator, u8::from(node.is_await), record, iterable, 0);
        self.reset_completion();
        let value = iterable;
        let (exit, continue_label) = (self.label(), self.label());
        self.f.pending_labels = labels.clone();
        self.push_target(None, true);
        let top = self.f.e.bind_new();
        if node.is_await {
            self.await_next(record, value, exit, offset);
        } else {
            self.at(offset);
            self.f.e.jump_short(Op::IterNext, 0, value, record, exit);
        }
        self.push_control(ControlKind::Iterator { record, is_async: node.is_await });
        self.push_continue_target(labels, continue_label);
        self.iteration(node.scope, node.target, value, node.body);
        self.pop_target();
        let region = self.pop_control();
        self.bind(continue_label);
        self.jump(top);
        if let Some(region) = region {
            self.close_on_throw(&region, record, node.is_await);
        }
        self.bind(exit);
        self.pop_target();
    }

    /// The handler of a region that iterates: closes the iterator and throws on. Falls through to nowhere.
    pub(super) fn close_on_throw(&mut self, region: &super::control::Region, record: Reg, is_async: bool) {
        let mark = self.mark();
        let exception = self.alloc();
        self.begin_handler(region, exception);
        if is_async {
            self.async_iterator_close_quietly(record);
        } else {
            self.opx(Op::IterClose, 1, record, 0, 0);
        }
        self.throw(exception);
        self.release(mark);
    }

    /// One step of for await: `value = ` the next value, or jump to `exit`.
    fn await_next(&mut self, record: Reg, value: Reg, exit: Label, offset: u32) {
        let mark = self.mark();
        let result = self.alloc();
        let done = self.alloc();
        self.at(offset);
        // x=1: called without arguments.
        self.opx(Op::IterCallNext, 1, result, record, record);
        self.at(offset);
        self.op(Op::Await, result, result, 0);
        self.at(offset);
        self.op(Op::ThrowIfNotObject, result, 0, 0);
        self.get_field(done, result, &fixed_text("done"), offset);
        self.jump_if(Op::JTrue, done, exit);
        self.get_field(value, result, &fixed_text("value"), offset);
        self.release(mark);
    }
}

/// Whether evaluating the expression surely makes no closure over the scope around it.
fn is_closure_free(expr: Expr<'_>) -> bool {
    match expr {
        Expr::Ident(_) | Expr::Null(_) | Expr::Bool(..) | Expr::Number(_) | Expr::String(_) | Expr::This(_) => true,
        Expr::Paren(node) => is_closure_free(node.expr),
        Expr::Unary(node) => is_closure_free(node.operand),
        Expr::Member(node) => is_closure_free(node.object),
        Expr::Index(node) => is_closure_free(node.object) && is_closure_free(node.index),
        Expr::Array(node) => node.elements.is_empty(),
        Expr::Binary(node) => is_closure_free(node.right) && !matches!(node.left, Expr::Binary(_)) && is_closure_free(node.left),
        Expr::Call(node) => {
            !node.direct_eval
                && is_closure_free(node.callee)
                && node.args.iter().all(|argument| is_closure_free(super::expressions::argument_expr(argument)))
        }
        _ => false,
    }
}
