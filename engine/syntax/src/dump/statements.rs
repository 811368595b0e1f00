//! Statements and module items as S-expressions.

use super::Dumper;
use super::expressions::{import_phase, string};
use super::sexp::{Sexp, atom, bare_list, list};
use crate::ast::{
    DefaultExport, ExportName, Expr, ForInit, ForTarget, ImportDecl, ImportKind, ImportPhase, ModuleRequest, Stmt, Switch, Try, VarDecl,
    VarKind,
};

impl Dumper<'_> {
    pub(super) fn statements(&self, body: &[Stmt<'_>]) -> Vec<Sexp> {
        body.iter().map(|statement| self.statement(*statement)).collect()
    }

    /// Nested statements go through here and `compound` only, whose frames are kept small; the rest has a frame of its own.
    fn statement(&self, statement: Stmt<'_>) -> Sexp {
        match statement {
            Stmt::Block(node) => list("block", self.statements(node.body)),
            Stmt::If(_)
            | Stmt::For(_)
            | Stmt::ForIn(_)
            | Stmt::ForOf(_)
            | Stmt::While(_)
            | Stmt::DoWhile(_)
            | Stmt::Try(_)
            | Stmt::Switch(_)
            | Stmt::Labeled(_)
            | Stmt::With(_) => {
                let mut items = Vec::new();
                let head = self.compound(statement, &mut items);
                list(head, items)
            }
            _ => self.simple(statement),
        }
    }

    /// A statement that contains statements: its parts, and what it is called.
    #[inline(never)]
    fn compound(&self, statement: Stmt<'_>, items: &mut Vec<Sexp>) -> &'static str {
        match statement {
            Stmt::If(node) => {
                for branch in node.branches {
                    items.push(bare_list(vec![self.expr(branch.test), self.statement(branch.body)]));
                }
                if let Some(body) = node.otherwise {
                    items.push(list("else", vec![self.statement(body)]));
                }
                "if"
            }
            Stmt::For(node) => {
                items.push(match node.init {
                    Some(ForInit::Var(declaration)) => self.variables(declaration),
                    Some(ForInit::Expr(init)) => self.expr(init),
                    None => atom("_"),
                });
                items.push(self.optional(node.test));
                items.push(self.optional(node.update));
                items.push(self.statement(node.body));
                "for"
            }
            Stmt::ForIn(node) => {
                items.push(self.for_target(node.target));
                items.push(self.expr(node.object));
                items.push(self.statement(node.body));
                "for-in"
            }
            Stmt::ForOf(node) => {
                items.push(self.for_target(node.target));
                items.push(self.expr(node.iterable));
                items.push(self.statement(node.body));
                if node.is_await { "for-await-of" } else { "for-of" }
            }
            Stmt::While(node) => {
                items.push(self.expr(node.test));
                items.push(self.statement(node.body));
                "while"
            }
            Stmt::DoWhile(node) => {
                items.push(self.statement(node.body));
                items.push(self.expr(node.test));
                "do-while"
            }
            Stmt::Try(node) => {
                self.try_statement(node, items);
                "try"
            }
            Stmt::Switch(node) => {
                self.switch(node, items);
                "switch"
            }
            Stmt::Labeled(node) => {
                items.extend(node.labels.iter().map(|label| self.name(label.name)));
                items.push(self.statement(node.body));
                "label"
            }
            Stmt::With(node) => {
                items.push(self.expr(node.object));
                items.push(self.statement(node.body));
                "with"
            }
            other => {
                items.push(self.simple(other));
                "statement"
            }
        }
    }

    fn optional(&self, expr: Option<Expr<'_>>) -> Sexp {
        expr.map_or_else(|| atom("_"), |expr| self.expr(expr))
    }

    #[inline(never)]
    fn switch(&self, node: &Switch<'_>, items: &mut Vec<Sexp>) {
        items.push(self.expr(node.discriminant));
        for case in node.cases {
            let body = self.statements(case.body);
            items.push(match case.test {
                Some(test) => list("case", std::iter::once(self.expr(test)).chain(body).collect()),
                None => list("default", body),
            });
        }
    }

    #[inline(never)]
    fn try_statement(&self, node: &Try<'_>, items: &mut Vec<Sexp>) {
        items.push(list("block", self.statements(node.block.body)));
        if let Some(handler) = node.handler {
            let mut parts: Vec<Sexp> = handler.param.map(|param| self.pattern(param)).into_iter().collect();
            parts.push(list("block", self.statements(handler.body.body)));
            items.push(list("catch", parts));
        }
        if let Some(block) = node.finalizer {
            items.push(list("finally", self.statements(block.body)));
        }
    }

    /// Declarations, module items and statements without statements inside.
    #[inline(never)]
    fn simple(&self, statement: Stmt<'_>) -> Sexp {
        match statement {
            Stmt::Empty(_) => list("empty", vec![]),
            Stmt::Expr(node) => list(if node.directive { "directive" } else { "expr" }, vec![self.expr(node.expr)]),
            Stmt::Var(node) => self.variables(node),
            Stmt::Function(node) => self.function("function-declaration", node),
            Stmt::Class(node) => self.class("class-declaration", node),
            Stmt::Return(node) => list("return", node.value.iter().map(|value| self.expr(*value)).collect()),
            Stmt::Break(label, _) => list("break", label.iter().map(|label| self.name(label.name)).collect()),
            Stmt::Continue(label, _) => list("continue", label.iter().map(|label| self.name(label.name)).collect()),
            Stmt::Throw(node) => list("throw", vec![self.expr(node.value)]),
            Stmt::Debugger(_) => list("debugger", vec![]),
            Stmt::Import(node) => self.import(node),
            Stmt::ExportNamed(node) => {
                let mut items: Vec<Sexp> = node
                    .specifiers
                    .iter()
                    .map(|each| list("as", vec![self.export_name(each.local), self.export_name(each.exported)]))
                    .collect();
                items.extend(node.from.map(|from| self.request(&from)));
                list("export", items)
            }
            Stmt::ExportAll(node) => {
                let mut items: Vec<Sexp> = node.exported.map(|name| self.export_name(name)).into_iter().collect();
                items.push(self.request(&node.from));
                list("export-all", items)
            }
            Stmt::ExportDefault(node) => {
                let value = match node.value {
                    DefaultExport::Function(function) => self.function("function-declaration", function),
                    DefaultExport::Class(class) => self.class("class-declaration", class),
                    DefaultExport::Expr(value) => self.expr(value),
                };
                list("export-default", vec![value])
            }
            Stmt::ExportDecl(node) => list("export", vec![self.simple(node.decl)]),
            Stmt::Block(_)
            | Stmt::If(_)
            | Stmt::For(_)
            | Stmt::ForIn(_)
            | Stmt::ForOf(_)
            | Stmt::While(_)
            | Stmt::DoWhile(_)
            | Stmt::Try(_)
            | Stmt::Switch(_)
            | Stmt::Labeled(_)
            | Stmt::With(_) => self.statement(statement),
        }
    }

    fn variables(&self, declaration: &VarDecl<'_>) -> Sexp {
        let head = match declaration.kind {
            VarKind::Var => "var",
            VarKind::Let => "let",
            VarKind::Const => "const",
            VarKind::Using => "using",
            VarKind::AwaitUsing => "await-using",
        };
        let mut items = Vec::new();
        for declarator in declaration.declarators {
            let target = self.pattern(declarator.target);
            items.push(match declarator.init {
                Some(init) => list("=", vec![target, self.expr(init)]),
                None => target,
            });
        }
        list(head, items)
    }

    fn for_target(&self, target: ForTarget<'_>) -> Sexp {
        match target {
            ForTarget::Var(declaration) => self.variables(declaration),
            ForTarget::Pattern(pattern) => self.pattern(pattern),
        }
    }

    fn import(&self, node: &ImportDecl<'_>) -> Sexp {
        let mut items = Vec::new();
        for specifier in node.specifiers {
            let imported = match specifier.kind {
                ImportKind::Default => atom("default"),
                ImportKind::Namespace => atom("*"),
                ImportKind::Named(name) => self.export_name(name),
            };
            items.push(list("as", vec![imported, self.name(specifier.local.name)]));
        }
        items.push(self.request(&node.request));
        list("import", items)
    }

    fn export_name(&self, name: ExportName) -> Sexp {
        if name.is_string { atom(format!("{:?}", self.names.text(name.name))) } else { self.name(name.name) }
    }

    fn request(&self, request: &ModuleRequest<'_>) -> Sexp {
        let mut items = vec![string(request.specifier)];
        if request.phase != ImportPhase::Evaluation {
            items.push(atom(import_phase(request.phase)));
        }
        for attribute in request.attributes {
            items.push(list("with", vec![string(attribute.key), string(attribute.value)]));
        }
        list("from", items)
    }
}
