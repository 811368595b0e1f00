//! Expressions, patterns, functions and classes as S-expressions.

use super::Dumper;
use super::sexp::{Sexp, atom, bare_list, list};
use crate::ast::{
    Argument, ArrayElement, AssignOp, BinaryOp, Class, ClassElement, Expr, Function, FunctionBody, FunctionKind, ImportPhase, JsStr,
    LogicalOp, Pattern, PatternElement, Property, PropertyKey, Template, UnaryOp,
};

impl Dumper<'_> {
    pub(super) fn expr(&self, expr: Expr<'_>) -> Sexp {
        match expr {
            Expr::Ident(ident) => self.name(ident.name),
            Expr::Null(_) => atom("null"),
            Expr::Bool(value, _) => atom(value.to_string()),
            Expr::Number(node) => atom(node.value.to_string()),
            Expr::String(node) => string(node.value),
            Expr::BigInt(node) => list("bigint", vec![atom(node.radix.to_string()), atom(node.digits)]),
            Expr::RegExp(node) => list("regexp", vec![atom(format!("{:?}", node.pattern)), atom(format!("{:?}", node.flags))]),
            Expr::Template(node) => self.template("template", node, None),
            Expr::TaggedTemplate(node) => self.template("tagged-template", node.quasi, Some(node.tag)),
            Expr::This(_) => atom("this"),
            Expr::Array(node) => list("array", node.elements.iter().map(|element| self.array_element(*element)).collect()),
            Expr::Object(node) => list("object", node.properties.iter().map(|property| self.property(property)).collect()),
            Expr::Function(node) => self.function("function", node),
            Expr::Class(node) => self.class("class", node),
            Expr::Paren(node) => list("paren", vec![self.expr(node.expr)]),
            Expr::Unary(node) => list(unary_op(node.op), vec![self.expr(node.operand)]),
            Expr::Update(node) => {
                let op = if node.increment { "++" } else { "--" };
                let head = if node.prefix { "prefix" } else { "postfix" };
                list(head, vec![atom(op), self.pattern(node.target)])
            }
            Expr::Binary(_) => self.binary_chain(expr),
            Expr::Logical(_) => self.logical_chain(expr),
            Expr::PrivateIn(node) => list("private-in", vec![self.name(node.name.name), self.expr(node.object)]),
            Expr::Assign(node) => {
                let op = match node.op {
                    AssignOp::Assign => "=".to_owned(),
                    AssignOp::Binary(op) => format!("{}=", binary_op(op)),
                    AssignOp::Logical(op) => format!("{}=", logical_op(op)),
                };
                list(&op, vec![self.pattern(node.target), self.expr(node.value)])
            }
            Expr::Conditional(node) => list("?:", vec![self.expr(node.test), self.expr(node.consequent), self.expr(node.alternate)]),
            Expr::Sequence(node) => list("sequence", node.exprs.iter().map(|each| self.expr(*each)).collect()),
            Expr::Member(node) => list(link("member", node.optional), vec![self.expr(node.object), self.name(node.property.name)]),
            Expr::Index(node) => list(link("index", node.optional), vec![self.expr(node.object), self.expr(node.index)]),
            Expr::PrivateMember(node) => {
                list(link("private-member", node.optional), vec![self.expr(node.object), self.name(node.property.name)])
            }
            Expr::SuperMember(node) => list("super-member", vec![self.name(node.property.name)]),
            Expr::SuperIndex(node) => list("super-index", vec![self.expr(node.index)]),
            Expr::SuperCall(node) => list("super-call", self.arguments(node.args)),
            Expr::Call(node) => {
                let head = if node.direct_eval { "direct-eval" } else { link("call", node.optional) };
                let mut items = vec![self.expr(node.callee)];
                items.extend(self.arguments(node.args));
                list(head, items)
            }
            Expr::New(node) => {
                let mut items = vec![self.expr(node.callee)];
                items.extend(self.arguments(node.args));
                list("new", items)
            }
            Expr::OptionalChain(node) => list("optional-chain", vec![self.expr(node.expr)]),
            Expr::NewTarget(_) => atom("new.target"),
            Expr::ImportMeta(_) => atom("import.meta"),
            Expr::ImportCall(node) => {
                let mut items = vec![self.expr(node.specifier)];
                items.extend(node.options.map(|options| self.expr(options)));
                list(import_phase(node.phase), items)
            }
            Expr::Await(node) => list("await", vec![self.expr(node.operand)]),
            Expr::Yield(node) => {
                list(if node.delegate { "yield*" } else { "yield" }, node.operand.iter().map(|operand| self.expr(*operand)).collect())
            }
        }
    }

    /// The left spine of binary operators, flat: first operand, then operator and operand for each link.
    fn binary_chain(&self, mut expr: Expr<'_>) -> Sexp {
        let mut links = Vec::new();
        while let Expr::Binary(node) = expr {
            links.push(self.expr(node.right));
            links.push(atom(binary_op(node.op)));
            expr = node.left;
        }
        links.push(self.expr(expr));
        links.reverse();
        list("binary", links)
    }

    fn logical_chain(&self, mut expr: Expr<'_>) -> Sexp {
        let mut links = Vec::new();
        while let Expr::Logical(node) = expr {
            links.push(self.expr(node.right));
            links.push(atom(logical_op(node.op)));
            expr = node.left;
        }
        links.push(self.expr(expr));
        links.reverse();
        list("logical", links)
    }

    fn template(&self, head: &str, template: &Template<'_>, tag: Option<Expr<'_>>) -> Sexp {
        let mut items: Vec<Sexp> = tag.map(|tag| self.expr(tag)).into_iter().collect();
        for (number, quasi) in template.quasis.iter().enumerate() {
            items.push(match quasi.cooked {
                Some(cooked) => string(cooked),
                None => list("raw", vec![atom(format!("{:?}", quasi.raw))]),
            });
            items.extend(template.exprs.get(number).map(|expr| self.expr(*expr)));
        }
        list(head, items)
    }

    fn array_element(&self, element: ArrayElement<'_>) -> Sexp {
        match element {
            ArrayElement::Hole => atom("hole"),
            ArrayElement::Expr(value) => self.expr(value),
            ArrayElement::Spread(value, _) => list("...", vec![self.expr(value)]),
        }
    }

    fn arguments(&self, arguments: &[Argument<'_>]) -> Vec<Sexp> {
        let one = |argument: &Argument<'_>| match *argument {
            Argument::Expr(value) => self.expr(value),
            Argument::Spread(value, _) => list("...", vec![self.expr(value)]),
        };
        arguments.iter().map(one).collect()
    }

    fn property(&self, property: &Property<'_>) -> Sexp {
        match *property {
            Property::Value { key, value, shorthand, .. } => {
                if shorthand {
                    return list("shorthand", vec![self.expr(value)]);
                }
                list("property", vec![self.key(key), self.expr(value)])
            }
            Property::Proto { value, .. } => list("proto", vec![self.expr(value)]),
            Property::Method { key, function, .. } => list("define", vec![self.key(key), self.function("function", function)]),
            Property::Spread(value, _) => list("...", vec![self.expr(value)]),
            Property::CoverInit(node) => list("cover-init", vec![self.name(node.ident.name), self.expr(node.value)]),
        }
    }

    fn key(&self, key: PropertyKey<'_>) -> Sexp {
        match key {
            PropertyKey::Ident(ident) | PropertyKey::Private(ident) => self.name(ident.name),
            PropertyKey::String(node) => string(node.value),
            PropertyKey::Number(node) => atom(node.value.to_string()),
            PropertyKey::BigInt(node) => list("bigint", vec![atom(node.radix.to_string()), atom(node.digits)]),
            PropertyKey::Computed(expr) => list("computed", vec![self.expr(expr)]),
        }
    }

    pub(super) fn pattern(&self, pattern: Pattern<'_>) -> Sexp {
        match pattern {
            Pattern::Ident(ident) => self.name(ident.name),
            Pattern::Expr(expr) => list("target", vec![self.expr(expr)]),
            Pattern::Object(node) => {
                let mut items = Vec::new();
                for property in node.properties {
                    let value = self.element(&property.value);
                    items.push(if property.shorthand {
                        list("shorthand", vec![value])
                    } else {
                        list("property", vec![self.key(property.key), value])
                    });
                }
                items.extend(node.rest.map(|rest| list("...", vec![self.pattern(rest)])));
                list("object-pattern", items)
            }
            Pattern::Array(node) => {
                let one = |element: &Option<PatternElement<'_>>| element.as_ref().map_or(atom("hole"), |element| self.element(element));
                let mut items: Vec<Sexp> = node.elements.iter().map(one).collect();
                items.extend(node.rest.map(|rest| list("...", vec![self.pattern(rest)])));
                list("array-pattern", items)
            }
        }
    }

    fn element(&self, element: &PatternElement<'_>) -> Sexp {
        match element.default {
            Some(default) => list("default", vec![self.pattern(element.target), self.expr(default)]),
            None => self.pattern(element.target),
        }
    }

    pub(super) fn function(&self, head: &str, function: &Function<'_>) -> Sexp {
        let mut items = Vec::new();
        if function.is_async {
            items.push(atom("async"));
        }
        if function.is_generator {
            items.push(atom("generator"));
        }
        let kind = match function.kind {
            FunctionKind::Normal => None,
            FunctionKind::Arrow => Some("arrow"),
            FunctionKind::Method => Some("method"),
            FunctionKind::Getter => Some("getter"),
            FunctionKind::Setter => Some("setter"),
            FunctionKind::ClassConstructor => Some("constructor"),
            FunctionKind::DerivedConstructor => Some("derived-constructor"),
        };
        items.extend(kind.map(atom));
        if function.has_use_strict {
            items.push(atom("use-strict"));
        }
        items.extend(function.name.map(|name| self.name(name.name)));
        let mut params: Vec<Sexp> = function.params.iter().map(|param| self.element(param)).collect();
        params.extend(function.rest.map(|rest| list("...", vec![self.pattern(rest)])));
        items.push(bare_list(params));
        match function.body {
            FunctionBody::Block(body) => items.extend(self.statements(body)),
            FunctionBody::Expr(value) => items.push(list("=>", vec![self.expr(value)])),
        }
        list(head, items)
    }

    pub(super) fn class(&self, head: &str, class: &Class<'_>) -> Sexp {
        let mut items: Vec<Sexp> = class.name.map(|name| self.name(name.name)).into_iter().collect();
        items.extend(class.heritage.map(|heritage| list("extends", vec![self.expr(heritage)])));
        items.extend(class.constructor.map(|constructor| self.function("function", constructor)));
        for element in class.elements {
            items.push(match element {
                ClassElement::Method(node) => {
                    list(placed("define", node.is_static), vec![self.key(node.key), self.function("function", node.function)])
                }
                ClassElement::Field(node) => {
                    let mut parts = vec![self.key(node.key)];
                    parts.extend(node.value.map(|value| self.expr(value)));
                    list(placed("field", node.is_static), parts)
                }
                ClassElement::StaticBlock(node) => list("static-block", self.statements(node.body)),
            });
        }
        list(head, items)
    }
}

/// Well-formed text as Rust writes it, else its code units.
pub(super) fn string(value: JsStr<'_>) -> Sexp {
    match value {
        JsStr::Utf8(text) => atom(format!("{text:?}")),
        JsStr::Utf16(units) => list("utf16", units.iter().map(|unit| atom(format!("{unit:04x}"))).collect()),
    }
}

fn link(head: &'static str, optional: bool) -> &'static str {
    match (head, optional) {
        ("member", true) => "?.member",
        ("index", true) => "?.index",
        ("private-member", true) => "?.private-member",
        ("call", true) => "?.call",
        _ => head,
    }
}

fn placed(head: &'static str, is_static: bool) -> &'static str {
    match (head, is_static) {
        ("define", true) => "static-define",
        ("field", true) => "static-field",
        _ => head,
    }
}

/// The keyword of an import in this phase.
pub(super) fn import_phase(phase: ImportPhase) -> &'static str {
    match phase {
        ImportPhase::Evaluation => "import",
        ImportPhase::Defer => "import-defer",
        ImportPhase::Source => "import-source",
    }
}

fn unary_op(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "neg",
        UnaryOp::Plus => "plus",
        UnaryOp::Not => "not",
        UnaryOp::BitNot => "bit-not",
        UnaryOp::Typeof => "typeof",
        UnaryOp::Void => "void",
        UnaryOp::Delete => "delete",
    }
}

fn logical_op(op: LogicalOp) -> &'static str {
    match op {
        LogicalOp::And => "&&",
        LogicalOp::Or => "||",
        LogicalOp::Coalesce => "??",
    }
}

fn binary_op(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::Exp => "**",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
        BinaryOp::UShr => ">>>",
        BinaryOp::BitAnd => "&",
        BinaryOp::BitOr => "|",
        BinaryOp::BitXor => "^",
        BinaryOp::Eq => "==",
        BinaryOp::NotEq => "!=",
        BinaryOp::StrictEq => "===",
        BinaryOp::StrictNotEq => "!==",
        BinaryOp::Lt => "<",
        BinaryOp::LtEq => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::GtEq => ">=",
        BinaryOp::In => "in",
        BinaryOp::Instanceof => "instanceof",
    }
}
