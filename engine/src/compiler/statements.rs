//! Statements other than loops, switch and try; variable declarations.

use mayfly_syntax::Name;
use mayfly_syntax::ast::{
    Block, Class, DefaultExport, Expr, Function, Ident, If, Labeled, Pattern, Return, ScopeId, Stmt, VarDecl, VarKind, With,
};
use mayfly_syntax::names::known;
use mayfly_syntax::scope::{BindingKind, ScopeKind};

use super::emitter::Reg;
use super::expressions::writes_last;
use super::scopes::{BoundStorage, Resolved};
use super::state::{Compiler, fixed_text};
use crate::bytecode::Op;

impl<'a> Compiler<'a, '_> {
    /// A list of statements; what control cannot reach is left out.
    pub(super) fn statements(&mut self, statements: &'a [Stmt<'a>]) {
        for (index, &statement) in statements.iter().enumerate() {
            if !self.reachable() {
                return;
            }
            // The value of an expression statement is lost when another one follows.
            match (statement, statements.get(index + 1)) {
                (Stmt::Expr(node), Some(Stmt::Expr(_))) => self.effect(node.expr),
                _ => self.statement(statement),
            }
        }
    }

    /// One statement.
    pub(super) fn statement(&mut self, statement: Stmt<'a>) {
        if !self.reachable() {
            return;
        }
        let mark = self.mark();
        match statement {
            Stmt::Empty(_) | Stmt::Import(_) | Stmt::ExportNamed(_) | Stmt::ExportAll(_) => {}
            Stmt::Expr(node) => match self.f.completion {
                Some(register) => self.expr(node.expr, register),
                None => self.effect(node.expr),
            },
            Stmt::Var(declaration) => self.declaration(declaration),
            Stmt::Function(function) => self.function_declaration(function),
            Stmt::Class(class) => self.class_declaration(class),
            Stmt::Block(block) => self.block(block),
            Stmt::If(node) => self.if_statement(node),
            Stmt::For(node) => self.for_statement(node),
            Stmt::ForIn(node) => self.for_in(node),
            Stmt::ForOf(node) => self.for_of(node),
            Stmt::While(node) => self.while_statement(node),
            Stmt::DoWhile(node) => self.do_while(node),
            Stmt::Return(node) => self.return_statement(node),
            Stmt::Break(label, _) => self.break_to(label.map(|label| label.name)),
            Stmt::Continue(label, _) => self.continue_to(label.map(|label| label.name)),
            Stmt::Throw(node) => {
                let value = self.operand(node.value);
                self.at(node.span.start);
                self.throw(value);
            }
            Stmt::Try(node) => self.try_statement(node),
            Stmt::Switch(node) => self.switch(node),
            Stmt::Labeled(node) => self.labeled(node),
            Stmt::With(node) => self.with_statement(node),
            Stmt::Debugger(span) => {
                self.at(span.start);
                self.op(Op::Debugger, 0, 0, 0);
            }
            Stmt::ExportDecl(node) => self.statement(node.decl),
            Stmt::ExportDefault(node) => self.export_default(node.value),
        }
        self.release(mark);
    }

    /// The completion value of a statement that has begun and produced nothing yet: undefined.
    pub(super) fn reset_completion(&mut self) {
        if let Some(register) = self.f.completion {
            self.undefined(register);
        }
    }

    /// `{…}`
    pub(super) fn block(&mut self, block: &Block<'a>) {
        self.open_scope(block.scope);
        self.instantiate_functions(block.scope);
        self.with_disposal_of(block.body, |compiler| compiler.statements(block.body));
        self.close_scope();
    }

    /// The body of an `if`, which may be a function declaration with a scope of its own.
    fn if_body(&mut self, body: Stmt<'a>, scope: ScopeId) {
        if let Stmt::Function(_) = body {
            self.open_scope(scope);
            self.instantiate_functions(scope);
            self.statement(body);
            self.close_scope();
        } else {
            self.statement(body);
        }
    }

    fn if_statement(&mut self, node: &If<'a>) {
        self.reset_completion();
        let end = self.label();
        let has_otherwise = node.otherwise.is_some();
        for (index, branch) in node.branches.iter().enumerate() {
            let is_last = index + 1 == node.branches.len() && !has_otherwise;
            let next = self.label();
            if !self.jump_body(branch.test, branch.body) {
                self.condition(branch.test, false, next);
                self.if_body(branch.body, branch.scope);
                if !is_last {
                    self.jump(end);
                }
            }
            self.bind(next);
        }
        if let Some(otherwise) = node.otherwise {
            self.if_body(otherwise, node.otherwise_scope);
        }
        self.bind(end);
    }

    /// `if (test) break;` as one conditional jump, if nothing must be done on the way out.
    fn jump_body(&mut self, test: Expr<'a>, body: Stmt<'a>) -> bool {
        let target = match body {
            Stmt::Break(label, _) => self.direct_target(label.map(|label| label.name), true),
            Stmt::Continue(label, _) => self.direct_target(label.map(|label| label.name), false),
            Stmt::Block(block) if block.body.len() == 1 => return self.jump_body(test, block.body[0]),
            _ => None,
        };
        match target {
            Some(label) => {
                self.condition(test, true, label);
                true
            }
            None => false,
        }
    }

    // 14.10 The return Statement, https://tc39.es/ecma262/#sec-return-statement
    fn return_statement(&mut self, node: &Return<'a>) {
        let Some(expr) = node.value else {
            self.return_value(None);
            return;
        };
        let mut value = self.operand(expr);
        if self.f.is_async_generator() {
            let awaited = self.alloc();
            self.at(node.span.start);
            self.op(Op::Await, awaited, value, 0);
            value = awaited;
        }
        self.at(node.span.start);
        self.return_value(Some(value));
    }

    // 14.13 Labelled Statements, https://tc39.es/ecma262/#sec-labelled-statements
    fn labeled(&mut self, node: &Labeled<'a>) {
        let labels: Vec<Name> = node.labels.iter().map(|label| label.name).collect();
        self.f.pending_labels = labels;
        match node.body {
            Stmt::For(_) | Stmt::ForIn(_) | Stmt::ForOf(_) | Stmt::While(_) | Stmt::DoWhile(_) | Stmt::Switch(_) => {
                self.statement(node.body)
            }
            body => {
                self.push_target(None, false);
                self.statement(body);
                self.pop_target();
            }
        }
        self.f.pending_labels.clear();
    }

    // 14.11 The with Statement, https://tc39.es/ecma262/#sec-with-statement
    fn with_statement(&mut self, node: &With<'a>) {
        let object = self.operand(node.object);
        self.reset_completion();
        self.open_with(node.scope, object, node.object.span().start);
        self.statement(node.body);
        self.close_scope();
    }

    // ── declarations ──

    /// `var`, `let`, `const`, `using`
    pub(super) fn declaration(&mut self, declaration: &VarDecl<'a>) {
        for declarator in declaration.declarators {
            let mark = self.mark();
            match (declaration.kind, declarator.target, declarator.init) {
                (VarKind::Var, _, None) => {}
                (VarKind::Var, Pattern::Ident(ident), Some(init)) => self.var_initialiser(ident, init),
                (VarKind::Var, pattern, Some(init)) => {
                    let value = self.pattern_value(init);
                    self.assign_pattern(pattern, value);
                }
                (kind @ (VarKind::Using | VarKind::AwaitUsing), Pattern::Ident(ident), Some(init)) => {
                    let name = self.text(ident.name);
                    let value = self.named_operand(init, Some(&name));
                    self.add_disposable(kind, value, declarator.span.start);
                    self.initialise(ident.name, value, ident.span.start);
                }
                (_, Pattern::Ident(ident), init) => self.lexical_initialiser(ident, init),
                (_, pattern, Some(init)) => {
                    // A pattern of new bindings can change what it takes apart only by way of its defaults and keys.
                    let mark = self.mark();
                    let value = self.operand(init);
                    let value = if self.pattern_has_code(pattern) { self.copy_local(value, mark) } else { value };
                    self.bind_pattern(pattern, value);
                }
                (_, _, None) => {}
            }
            self.release(mark);
        }
    }

    /// The value that a pattern takes apart, safe from assignments of the pattern itself.
    fn pattern_value(&mut self, init: Expr<'a>) -> Reg {
        let mark = self.mark();
        let value = self.operand(init);
        self.copy_local(value, mark)
    }

    /// `value`, or a copy of it if it is a local variable, older than `mark`.
    pub(super) fn copy_local(&mut self, value: Reg, mark: u32) -> Reg {
        if self.f.e.is_above(value, mark) {
            return value;
        }
        let copy = self.alloc();
        self.mov(copy, value);
        copy
    }

    /// `var ident = init`
    pub(super) fn var_initialiser(&mut self, ident: Ident, init: Expr<'a>) {
        let name = self.text(ident.name);
        if let Some(register) = self.local_register(ident.name) {
            self.expr_to_local(init, register, Some(&name));
            return;
        }
        let reference = self.name_reference(ident);
        let value = self.named_operand(init, Some(&name));
        self.write_name_reference(&reference, value);
    }

    fn lexical_initialiser(&mut self, ident: Ident, init: Option<Expr<'a>>) {
        let own = self.initialiser_register(ident.name, init.is_none_or(writes_last));
        let value = match (init, own) {
            (Some(init), Some(register)) => {
                let name = self.text(ident.name);
                let mark = self.mark();
                self.named_expr(init, Some(&name), register);
                self.release(mark);
                register
            }
            (Some(init), None) => {
                let name = self.text(ident.name);
                self.named_operand(init, Some(&name))
            }
            (None, own) => {
                let register = own.unwrap_or_else(|| self.f.e.alloc());
                self.undefined(register);
                register
            }
        };
        self.initialise(ident.name, value, ident.span.start);
    }

    fn class_declaration(&mut self, class: &'a Class<'a>) {
        let Some(ident) = class.name else { return };
        let register = match self.initialiser_register(ident.name, true) {
            Some(register) => register,
            None => self.alloc(),
        };
        self.class(class, None, register);
        self.initialise(ident.name, register, class.span.start);
    }

    fn export_default(&mut self, value: DefaultExport<'a>) {
        match value {
            // Instantiated with the module's other functions.
            DefaultExport::Function(_) => {}
            DefaultExport::Class(class) if class.name.is_some() => self.class_declaration(class),
            DefaultExport::Class(class) => {
                let register = self.alloc();
                self.class(class, Some(fixed_text("default")), register);
                self.initialise(known::STAR_DEFAULT, register, class.span.start);
            }
            DefaultExport::Expr(expr) => {
                let value = self.named_operand(expr, Some(&fixed_text("default")));
                self.initialise(known::STAR_DEFAULT, value, expr.span().start);
            }
        }
    }

    /// B.3.2 Block-Level Function Declarations Web Legacy Compatibility Semantics,
    /// https://tc39.es/ecma262/#sec-block-level-function-declarations-web-legacy-compatibility-semantics
    /// A function in a block was made on entry to the block; evaluating its declaration copies it to the var of the same name.
    fn function_declaration(&mut self, function: &'a Function<'a>) {
        let tree = self.tree;
        let Some(ident) = function.name else { return };
        if !tree.function_facts(function.params_scope).annex_b_hoisted {
            return;
        }
        let mut bindings = self.bindings_of(ident.name).into_iter();
        let Some(inner) = bindings.next() else { return };
        let outer = bindings.find(|bound| {
            let open = &self.opens[bound.open_index()];
            matches!(
                tree.scope(open.id).kind,
                ScopeKind::Function
                    | ScopeKind::FunctionBody
                    | ScopeKind::Script
                    | ScopeKind::Eval
                    | ScopeKind::Module
                    | ScopeKind::StaticBlock
            )
        });
        let mark = self.mark();
        let value = self.alloc();
        let resolved = self.resolve_bound(&inner, false);
        self.read_resolved(resolved, ident, value, false);
        match outer {
            // 10.2.11 step 29.a.ii leaves out the names of parameters, to which `arguments` belongs.
            Some(bound) if bound.kind == BindingKind::Arguments => {}
            Some(bound) if bound.storage == BoundStorage::Dynamic => self.define_eval_var(ident.name, value, true),
            Some(bound) => {
                let resolved = match self.resolve_bound(&bound, false) {
                    Resolved::Dynamic { .. } => Resolved::Global,
                    resolved => resolved,
                };
                self.write_resolved(resolved, ident, value, None);
            }
            None => self.define_eval_var(ident.name, value, true),
        }
        self.release(mark);
    }
}
