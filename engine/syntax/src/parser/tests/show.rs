//! The tree as S-expressions, short enough to write by hand.

use crate::Names;
use crate::ast::*;

struct Show<'n> {
    names: &'n Names,
    out: String,
}

pub(super) fn program(program: &Program<'_>, names: &Names) -> String {
    let mut show = Show { names, out: String::new() };
    show.statements(program.body);
    show.out
}

impl Show<'_> {
    fn put(&mut self, text: &str) {
        let tight = self.out.is_empty() || self.out.ends_with('(') || text == ")";
        if !tight {
            self.out.push(' ');
        }
        self.out.push_str(text);
    }

    fn node(&mut self, head: &str, inside: impl FnOnce(&mut Self)) {
        self.put("(");
        self.put(head);
        inside(self);
        self.put(")");
    }

    fn name(&mut self, ident: Ident) {
        let names = self.names;
        self.put(names.text(ident.name));
    }

    fn statements(&mut self, list: &[Stmt<'_>]) {
        list.iter().for_each(|statement| self.statement(*statement));
    }

    fn block(&mut self, block: &Block<'_>) {
        self.node("block", |s| s.statements(block.body));
    }

    fn declaration(&mut self, node: &VarDecl<'_>) {
        let head = format!("{:?}", node.kind).to_lowercase();
        self.node(&head, |s| {
            for declarator in node.declarators {
                s.with_default(declarator.target, declarator.init);
            }
        });
    }

    fn with_default(&mut self, target: Pattern<'_>, default: Option<Expr<'_>>) {
        match default {
            Some(value) => self.node("=", |s| {
                s.pattern(target);
                s.expr(value);
            }),
            None => self.pattern(target),
        }
    }

    fn target(&mut self, target: ForTarget<'_>) {
        match target {
            ForTarget::Var(node) => self.declaration(node),
            ForTarget::Pattern(pattern) => self.pattern(pattern),
        }
    }

    fn statement(&mut self, statement: Stmt<'_>) {
        match statement {
            Stmt::Empty(_) => self.put(";"),
            Stmt::Debugger(_) => self.put("debugger"),
            Stmt::Expr(node) if node.directive => self.node("directive", |s| s.expr(node.expr)),
            Stmt::Expr(node) => self.expr(node.expr),
            Stmt::Var(node) => self.declaration(node),
            Stmt::Function(node) => self.node("declare", |s| s.function(node)),
            Stmt::Class(node) => self.node("declare", |s| s.class(node)),
            Stmt::Block(node) => self.block(node),
            Stmt::If(node) => self.node("if", |s| {
                for branch in node.branches {
                    s.expr(branch.test);
                    s.statement(branch.body);
                }
                node.otherwise.iter().for_each(|body| s.node("else", |s| s.statement(*body)));
            }),
            Stmt::For(node) => self.node("for", |s| {
                match node.init {
                    Some(ForInit::Var(declaration)) => s.declaration(declaration),
                    Some(ForInit::Expr(expr)) => s.expr(expr),
                    None => s.put("_"),
                }
                for part in [node.test, node.update] {
                    match part {
                        Some(expr) => s.expr(expr),
                        None => s.put("_"),
                    }
                }
                s.statement(node.body);
            }),
            Stmt::ForIn(node) => self.node("for-in", |s| {
                s.target(node.target);
                s.expr(node.object);
                s.statement(node.body);
            }),
            Stmt::ForOf(node) => self.node(if node.is_await { "for-await" } else { "for-of" }, |s| {
                s.target(node.target);
                s.expr(node.iterable);
                s.statement(node.body);
            }),
            Stmt::While(node) => self.node("while", |s| {
                s.expr(node.test);
                s.statement(node.body);
            }),
            Stmt::DoWhile(node) => self.node("do", |s| {
                s.statement(node.body);
                s.expr(node.test);
            }),
            Stmt::Return(node) => self.node("return", |s| node.value.iter().for_each(|value| s.expr(*value))),
            Stmt::Break(label, _) => self.node("break", |s| label.iter().for_each(|label| s.name(**label))),
            Stmt::Continue(label, _) => self.node("continue", |s| label.iter().for_each(|label| s.name(**label))),
            Stmt::Throw(node) => self.node("throw", |s| s.expr(node.value)),
            Stmt::Try(node) => self.node("try", |s| {
                s.block(node.block);
                if let Some(handler) = node.handler {
                    s.node("catch", |s| {
                        handler.param.iter().for_each(|param| s.pattern(*param));
                        s.block(handler.body);
                    });
                }
                node.finalizer.iter().for_each(|block| s.node("finally", |s| s.block(block)));
            }),
            Stmt::Switch(node) => self.node("switch", |s| {
                s.expr(node.discriminant);
                for case in node.cases {
                    s.node("case", |s| {
                        match case.test {
                            Some(test) => s.expr(test),
                            None => s.put("default"),
                        }
                        s.statements(case.body);
                    });
                }
            }),
            Stmt::Labeled(node) => self.node("label", |s| {
                node.labels.iter().for_each(|label| s.name(*label));
                s.statement(node.body);
            }),
            Stmt::With(node) => self.node("with", |s| {
                s.expr(node.object);
                s.statement(node.body);
            }),
            Stmt::Import(node) => self.node("import", |s| {
                for specifier in node.specifiers {
                    let kind = match specifier.kind {
                        ImportKind::Default => "default".to_owned(),
                        ImportKind::Namespace => "*".to_owned(),
                        ImportKind::Named(name) => s.names.text(name.name).to_owned(),
                    };
                    s.node(&kind, |s| s.name(specifier.local));
                }
                s.request(&node.request);
            }),
            Stmt::ExportNamed(node) => self.node("export", |s| {
                for specifier in node.specifiers {
                    let (local, exported) = (s.names.text(specifier.local.name), s.names.text(specifier.exported.name));
                    let shown = format!("{local}:{exported}");
                    s.put(&shown);
                }
                node.from.iter().for_each(|request| s.request(request));
            }),
            Stmt::ExportAll(node) => self.node("export-all", |s| {
                let names = s.names;
                node.exported.iter().for_each(|name| s.put(names.text(name.name)));
                s.request(&node.from);
            }),
            Stmt::ExportDefault(node) => self.node("export-default", |s| match node.value {
                DefaultExport::Function(function) => s.node("declare", |s| s.function(function)),
                DefaultExport::Class(class) => s.node("declare", |s| s.class(class)),
                DefaultExport::Expr(expr) => s.expr(expr),
            }),
            Stmt::ExportDecl(node) => self.node("export", |s| s.statement(node.decl)),
        }
    }

    fn request(&mut self, request: &ModuleRequest<'_>) {
        let phase = match request.phase {
            ImportPhase::Evaluation => "from",
            ImportPhase::Defer => "defer-from",
            ImportPhase::Source => "source-from",
        };
        self.node(phase, |s| {
            s.string(request.specifier);
            for attribute in request.attributes {
                s.string(attribute.key);
                s.string(attribute.value);
            }
        });
    }

    fn string(&mut self, value: JsStr<'_>) {
        let text = match value {
            JsStr::Utf8(text) => format!("{text:?}"),
            JsStr::Utf16(units) => format!("{units:04x?}"),
        };
        self.put(&text);
    }

    fn params(&mut self, function: &Function<'_>) {
        self.node("params", |s| {
            function.params.iter().for_each(|param| s.with_default(param.target, param.default));
            function.rest.iter().for_each(|rest| s.node("...", |s| s.pattern(*rest)));
        });
    }

    fn function(&mut self, function: &Function<'_>) {
        let mut head = match function.kind {
            FunctionKind::Normal => "function",
            FunctionKind::Arrow => "arrow",
            FunctionKind::Method => "method",
            FunctionKind::Getter => "get",
            FunctionKind::Setter => "set",
            FunctionKind::ClassConstructor => "constructor",
            FunctionKind::DerivedConstructor => "derived",
        }
        .to_owned();
        head = format!("{}{head}{}", if function.is_async { "async-" } else { "" }, if function.is_generator { "*" } else { "" });
        self.node(&head, |s| {
            function.name.iter().for_each(|name| s.name(*name));
            s.params(function);
            match function.body {
                FunctionBody::Block(body) => s.statements(body),
                FunctionBody::Expr(expr) => s.node("=>", |s| s.expr(expr)),
            }
        });
    }

    fn class(&mut self, class: &Class<'_>) {
        self.node("class", |s| {
            class.name.iter().for_each(|name| s.name(*name));
            class.heritage.iter().for_each(|heritage| s.node("extends", |s| s.expr(*heritage)));
            class.constructor.iter().for_each(|function| s.function(function));
            for element in class.elements {
                match element {
                    ClassElement::Method(node) => s.node(if node.is_static { "static-member" } else { "member" }, |s| {
                        s.key(node.key);
                        s.function(node.function);
                    }),
                    ClassElement::Field(node) => s.node(if node.is_static { "static-field" } else { "field" }, |s| {
                        s.key(node.key);
                        node.value.iter().for_each(|value| s.expr(*value));
                    }),
                    ClassElement::StaticBlock(node) => s.node("static", |s| s.statements(node.body)),
                }
            }
        });
    }

    fn key(&mut self, key: PropertyKey<'_>) {
        match key {
            PropertyKey::Ident(ident) | PropertyKey::Private(ident) => self.name(ident),
            PropertyKey::String(literal) => self.string(literal.value),
            PropertyKey::Number(literal) => self.put(&literal.value.to_string()),
            PropertyKey::BigInt(literal) => self.put(&format!("{}n", literal.digits)),
            PropertyKey::Computed(expr) => self.node("computed", |s| s.expr(expr)),
        }
    }

    fn pattern(&mut self, pattern: Pattern<'_>) {
        match pattern {
            Pattern::Ident(ident) => self.name(ident),
            Pattern::Expr(expr) => self.expr(expr),
            Pattern::Object(node) => self.node("{}", |s| {
                for property in node.properties {
                    if property.shorthand {
                        s.with_default(property.value.target, property.value.default);
                    } else {
                        s.node(":", |s| {
                            s.key(property.key);
                            s.with_default(property.value.target, property.value.default);
                        });
                    }
                }
                node.rest.iter().for_each(|rest| s.node("...", |s| s.pattern(*rest)));
            }),
            Pattern::Array(node) => self.node("[]", |s| {
                for element in node.elements {
                    match element {
                        Some(element) => s.with_default(element.target, element.default),
                        None => s.put("_"),
                    }
                }
                node.rest.iter().for_each(|rest| s.node("...", |s| s.pattern(*rest)));
            }),
        }
    }

    fn args(&mut self, args: &[Argument<'_>]) {
        for arg in args {
            match *arg {
                Argument::Expr(expr) => self.expr(expr),
                Argument::Spread(expr, _) => self.node("...", |s| s.expr(expr)),
            }
        }
    }

    fn template(&mut self, node: &Template<'_>) {
        self.node("template", |s| {
            for (index, quasi) in node.quasis.iter().enumerate() {
                match quasi.cooked {
                    Some(value) => s.string(value),
                    None => s.put(&format!("raw:{:?}", quasi.raw)),
                }
                node.exprs.get(index).iter().for_each(|expr| s.expr(**expr));
            }
        });
    }

    fn pair(&mut self, head: &str, left: Expr<'_>, right: Expr<'_>) {
        self.node(head, |s| {
            s.expr(left);
            s.expr(right);
        });
    }

    fn object(&mut self, node: &ObjectLit<'_>) {
        self.node("object", |s| {
            for property in node.properties {
                match *property {
                    Property::Value { value, shorthand: true, .. } => s.expr(value),
                    Property::Value { key, value, .. } => s.node(":", |s| {
                        s.key(key);
                        s.expr(value);
                    }),
                    Property::Proto { value, .. } => s.node("proto", |s| s.expr(value)),
                    Property::Method { key, function, .. } => s.node(":", |s| {
                        s.key(key);
                        s.function(function);
                    }),
                    Property::Spread(expr, _) => s.node("...", |s| s.expr(expr)),
                    Property::CoverInit(_) => s.put("COVER"),
                }
            }
        });
    }

    fn expr(&mut self, expr: Expr<'_>) {
        match expr {
            Expr::Ident(ident) => self.name(ident),
            Expr::Null(_) => self.put("null"),
            Expr::Bool(value, _) => self.put(if value { "true" } else { "false" }),
            Expr::Number(node) => self.put(&node.value.to_string()),
            Expr::String(node) => self.string(node.value),
            Expr::BigInt(node) => self.put(&format!("{}n/{}", node.digits, node.radix)),
            Expr::RegExp(node) => self.put(&format!("/{}/{}", node.pattern, node.flags)),
            Expr::Template(node) => self.template(node),
            Expr::TaggedTemplate(node) => self.node(&format!("tagged{}", node.site), |s| {
                s.expr(node.tag);
                s.template(node.quasi);
            }),
            Expr::This(_) => self.put("this"),
            Expr::Array(node) => self.node("array", |s| {
                for element in node.elements {
                    match *element {
                        ArrayElement::Hole => s.put("_"),
                        ArrayElement::Expr(expr) => s.expr(expr),
                        ArrayElement::Spread(expr, _) => s.node("...", |s| s.expr(expr)),
                    }
                }
            }),
            Expr::Object(node) => self.object(node),
            Expr::Function(node) => self.function(node),
            Expr::Class(node) => self.class(node),
            Expr::Paren(node) => self.node("paren", |s| s.expr(node.expr)),
            Expr::Unary(node) => self.node(&format!("{:?}", node.op), |s| s.expr(node.operand)),
            Expr::Update(node) => {
                let sign = if node.increment { "++" } else { "--" };
                self.node(&if node.prefix { format!("{sign}_") } else { format!("_{sign}") }, |s| s.pattern(node.target));
            }
            Expr::Binary(node) => self.pair(&format!("{:?}", node.op), node.left, node.right),
            Expr::Logical(node) => self.pair(&format!("{:?}", node.op), node.left, node.right),
            Expr::PrivateIn(node) => self.node("private-in", |s| {
                s.name(node.name);
                s.expr(node.object);
            }),
            Expr::Assign(node) => {
                let head = match node.op {
                    AssignOp::Assign => "=".to_owned(),
                    AssignOp::Binary(op) => format!("{op:?}="),
                    AssignOp::Logical(op) => format!("{op:?}="),
                };
                self.node(&head, |s| {
                    s.pattern(node.target);
                    s.expr(node.value);
                });
            }
            Expr::Conditional(node) => self.node("?", |s| {
                s.expr(node.test);
                s.expr(node.consequent);
                s.expr(node.alternate);
            }),
            Expr::Sequence(node) => self.node(",", |s| node.exprs.iter().for_each(|expr| s.expr(*expr))),
            Expr::Member(node) => self.node(if node.optional { "?." } else { "." }, |s| {
                s.expr(node.object);
                s.name(node.property);
            }),
            Expr::Index(node) => self.pair(if node.optional { "?.[]" } else { "[]" }, node.object, node.index),
            Expr::PrivateMember(node) => self.node(if node.optional { "?." } else { "." }, |s| {
                s.expr(node.object);
                s.name(node.property);
            }),
            Expr::SuperMember(node) => self.node("super.", |s| s.name(node.property)),
            Expr::SuperIndex(node) => self.node("super[]", |s| s.expr(node.index)),
            Expr::SuperCall(node) => self.node("super()", |s| s.args(node.args)),
            Expr::Call(node) => {
                let head = match (node.direct_eval, node.optional) {
                    (true, _) => "eval()",
                    (_, true) => "?.()",
                    _ => "()",
                };
                self.node(head, |s| {
                    s.expr(node.callee);
                    s.args(node.args);
                });
            }
            Expr::New(node) => self.node("new", |s| {
                s.expr(node.callee);
                s.args(node.args);
            }),
            Expr::OptionalChain(node) => self.node("chain", |s| s.expr(node.expr)),
            Expr::NewTarget(_) => self.put("new.target"),
            Expr::ImportMeta(_) => self.put("import.meta"),
            Expr::ImportCall(node) => {
                let head = match node.phase {
                    ImportPhase::Evaluation => "import()",
                    ImportPhase::Defer => "import.defer()",
                    ImportPhase::Source => "import.source()",
                };
                self.node(head, |s| {
                    s.expr(node.specifier);
                    node.options.iter().for_each(|options| s.expr(*options));
                });
            }
            Expr::Await(node) => self.node("await", |s| s.expr(node.operand)),
            Expr::Yield(node) => self.node(if node.delegate { "yield*" } else { "yield" }, |s| {
                node.operand.iter().for_each(|operand| s.expr(*operand));
            }),
        }
    }
}
