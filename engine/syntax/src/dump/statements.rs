//! Statements and module items as S-expressions.

use super::Dumper;
use super::expressions::{import_phase, string};
use super::sexp::{Sexp, atom, bare_list, list};
use crate::ast::{
    DefaultExport, ExportName, Expr, ForInit, ForTarget, ImportDecl, ImportKind, ImportPhase, ModuleRequest, Stmt, Try, VarDecl, VarKind,
};

impl Dumper<'_> {
    pub(super) fn statements(&self, body: &[Stmt<'_>]) -> Vec<Sexp> {
        body.iter().map(|statement| self.statement(*statement)).collect()
    }

    fn statement(&self, statement: Stmt<'_>) -> Sexp {
        match statement {
            Stmt::Empty(_) => list("empty", vec![]),
            Stmt::Expr(node) => list(if node.directive { "directive" } else { "expr" }, vec![self.expr(node.expr)]),
            Stmt::Var(node) => self.variables(node),
            Stmt::Function(node) => self.function("function-declaration", node),
            Stmt::Class(node) => self.class("class-declaration", node),
            Stmt::Block(node) => list("block", self.statements(node.body)),
            Stmt::If(node) => {
                let mut items = Vec::new();
                for branch in node.branches {
                    items.push(bare_list(vec![self.expr(branch.test), self.statement(branch.body)]));
                }
                items.extend(node.otherwise.map(|body| list("else", vec![self.statement(body)])));
                list("if", items)
            }
            Stmt::For(node) => {
                let init = node.init.map(|init| match init {
                    ForInit::Var(declaration) => self.variables(declaration),
                    ForInit::Expr(init) => self.expr(init),
                });
                let part = |expr: Option<Expr<'_>>| expr.map_or(atom("_"), |expr| self.expr(expr));
                list("for", vec![init.unwrap_or_else(|| atom("_")), part(node.test), part(node.update), self.statement(node.body)])
            }
            Stmt::ForIn(node) => list("for-in", vec![self.for_target(node.target), self.expr(node.object), self.statement(node.body)]),
            Stmt::ForOf(node) => list(
                if node.is_await { "for-await-of" } else { "for-of" },
                vec![self.for_target(node.target), self.expr(node.iterable), self.statement(node.body)],
            ),
            Stmt::While(node) => list("while", vec![self.expr(node.test), self.statement(node.body)]),
            Stmt::DoWhile(node) => list("do-while", vec![self.statement(node.body), self.expr(node.test)]),
            Stmt::Return(node) => list("return", node.value.iter().map(|value| self.expr(*value)).collect()),
            Stmt::Break(label, _) => list("break", label.iter().map(|label| self.name(label.name)).collect()),
            Stmt::Continue(label, _) => list("continue", label.iter().map(|label| self.name(label.name)).collect()),
            Stmt::Throw(node) => list("throw", vec![self.expr(node.value)]),
            Stmt::Try(node) => self.try_statement(node),
            Stmt::Switch(node) => {
                let mut items = vec![self.expr(node.discriminant)];
                for case in node.cases {
                    let body = self.statements(case.body);
                    items.push(match case.test {
                        Some(test) => list("case", std::iter::once(self.expr(test)).chain(body).collect()),
                        None => list("default", body),
                    });
                }
                list("switch", items)
            }
            Stmt::Labeled(node) => {
                let mut items: Vec<Sexp> = node.labels.iter().map(|label| self.name(label.name)).collect();
                items.push(self.statement(node.body));
                list("label", items)
            }
            Stmt::With(node) => list("with", vec![self.expr(node.object), self.statement(node.body)]),
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
            Stmt::ExportDecl(node) => list("export", vec![self.statement(node.decl)]),
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

    fn try_statement(&self, node: &Try<'_>) -> Sexp {
        let mut items = vec![list("block", self.statements(node.block.body))];
        if let Some(handler) = node.handler {
            let mut parts: Vec<Sexp> = handler.param.map(|param| self.pattern(param)).into_iter().collect();
            parts.push(list("block", self.statements(handler.body.body)));
            items.push(list("catch", parts));
        }
        items.extend(node.finalizer.map(|block| list("finally", self.statements(block.body))));
        list("try", items)
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
