//! Expressions: the entry points, literals, templates, arrays and objects.
//!
//! - [`Compiler::expr`] computes into a register the caller chose.
//! - [`Compiler::operand`] computes into whatever register is cheapest; locals are used in place.
//! - [`Compiler::effect`] computes for the side effects only.
//!
//! A local variable may be the destination of an expression only if that expression writes its destination last
//! ([`writes_last`]): otherwise the expression, or a catch clause, could see the variable half-way.

use mayfly_syntax::Name;
use mayfly_syntax::ast::{
    ArrayElement, ArrayLit, AssignOp, Expr, FunctionKind, ObjectLit, Pattern, Property, PropertyKey, Template, TemplateElement, UnaryOp,
};
use mayfly_syntax::names::known;

use super::emitter::Reg;
use super::scopes::BoundStorage;
use super::state::{Compiler, as_int32, fixed_text, static_text};
use crate::bytecode::{Constant, Op, StaticText};

/// Array literals up to this many elements are built from consecutive registers.
const MAX_ELEMENTS_IN_REGISTERS: usize = 32;
/// How many nodes are looked at to find out whether an expression assigns a variable.
const ASSIGNMENT_SEARCH_BUDGET: u32 = 48;

/// A property key, computed or known.
pub(super) enum Key {
    /// A name, for an inline cache.
    Static(StaticText),
    /// A register.
    Register(Reg),
}

impl<'a> Compiler<'a, '_> {
    // ── entry points ──

    /// `dst = expr`. Unless [`writes_last`], `dst` may be written before the end.
    pub(super) fn expr(&mut self, expr: Expr<'a>, dst: Reg) {
        match expr {
            Expr::Ident(ident) => self.read_name(ident, dst, false),
            Expr::Null(_) => self.op(Op::LoadNull, dst, 0, 0),
            Expr::Bool(value, _) => self.load_bool(dst, value),
            Expr::Number(literal) => self.load_number(dst, literal.value),
            Expr::String(literal) => self.load_text(dst, &static_text(literal.value)),
            Expr::BigInt(literal) => {
                let digits = bigint_text(literal.digits, literal.radix);
                let constant = self.f.e.constant(Constant::BigInt(digits.into()));
                self.wide(Op::LoadConst, dst, constant);
            }
            Expr::RegExp(literal) => {
                let constant = Constant::RegExp { pattern: fixed_text(literal.pattern), flags: literal.flags.into() };
                let constant = self.f.e.constant(constant);
                self.at(literal.span.start);
                self.wide(Op::NewRegExp, dst, constant);
            }
            Expr::Template(template) => self.template(template, dst),
            Expr::TaggedTemplate(node) => self.tagged_template(node, dst),
            Expr::This(span) => self.read_this(dst, span.start),
            Expr::Array(array) => self.array(array, dst),
            Expr::Object(object) => self.object(object, dst),
            Expr::Function(function) => self.function_expression(function, None, dst),
            Expr::Class(class) => self.class(class, None, dst),
            Expr::Paren(paren) => self.expr(paren.expr, dst),
            Expr::Unary(unary) => self.unary(unary, dst),
            Expr::Update(update) => self.update(update, Some(dst)),
            Expr::Binary(_) => self.binary(expr, dst),
            Expr::Logical(_) => self.logical(expr, dst),
            Expr::PrivateIn(node) => self.private_in(node, dst),
            Expr::Assign(assign) => {
                let mark = self.mark();
                let value = self.assign(assign, Some(dst));
                self.mov(dst, value);
                self.release(mark);
            }
            Expr::Conditional(node) => {
                let (otherwise, end) = (self.label(), self.label());
                self.condition(node.test, false, otherwise);
                self.expr(node.consequent, dst);
                self.jump(end);
                self.bind(otherwise);
                self.expr(node.alternate, dst);
                self.bind(end);
            }
            Expr::Sequence(sequence) => {
                if let Some((last, first)) = sequence.exprs.split_last() {
                    for &expr in first {
                        self.effect(expr);
                    }
                    self.expr(*last, dst);
                }
            }
            Expr::Member(_) | Expr::Index(_) | Expr::PrivateMember(_) | Expr::SuperMember(_) | Expr::SuperIndex(_) => {
                self.member(expr, dst)
            }
            Expr::SuperCall(call) => self.super_call(call, dst),
            Expr::Call(call) => self.call(call, dst),
            Expr::New(node) => self.new_expression(node, dst),
            Expr::OptionalChain(chain) => {
                let (nullish, end) = (self.label(), self.label());
                self.f.chains.push(nullish);
                self.expr(chain.expr, dst);
                self.f.chains.pop();
                self.jump(end);
                self.bind(nullish);
                self.undefined(dst);
                self.bind(end);
            }
            Expr::NewTarget(span) => self.read_new_target(dst, span.start),
            Expr::ImportMeta(span) => {
                self.at(span.start);
                self.op(Op::ImportMeta, dst, 0, 0);
            }
            Expr::ImportCall(node) => self.import_call(node, dst),
            Expr::Await(node) => {
                let mark = self.mark();
                let operand = self.operand(node.operand);
                self.at(node.span.start);
                self.op(Op::Await, dst, operand, 0);
                self.release(mark);
            }
            Expr::Yield(node) => self.yield_expression(node, dst),
        }
    }

    /// `expr` in a register of its own choice: a local in place, or a new temporary.
    pub(super) fn operand(&mut self, expr: Expr<'a>) -> Reg {
        match expr {
            Expr::Ident(ident) => {
                if let Some(register) = self.read_in_place(ident) {
                    return register;
                }
            }
            Expr::Paren(paren) => return self.operand(paren.expr),
            Expr::This(span) => return self.this_operand(span.start),
            Expr::Assign(assign) => return self.assign(assign, None),
            _ => {}
        }
        let dst = self.alloc();
        let mark = self.mark();
        self.expr(expr, dst);
        self.release(mark);
        dst
    }

    /// Like [`Self::operand`], but the value survives the evaluation of `later`.
    pub(super) fn kept_operand(&mut self, expr: Expr<'a>, later: &[Expr<'a>]) -> Reg {
        let mark = self.mark();
        let register = self.operand(expr);
        self.keep(register, mark, later)
    }

    /// Copies `register` if it is older than `mark` (a local) and one of `later` may assign to it.
    pub(super) fn keep(&mut self, register: Reg, mark: u32, later: &[Expr<'a>]) -> Reg {
        if self.f.e.is_above(register, mark) || !later.iter().any(|&later| self.may_assign(later, register)) {
            return register;
        }
        let copy = self.alloc();
        self.mov(copy, register);
        copy
    }

    /// Evaluates for the side effects.
    pub(super) fn effect(&mut self, expr: Expr<'a>) {
        let mark = self.mark();
        match expr {
            Expr::Null(_) | Expr::Bool(..) | Expr::Number(_) | Expr::String(_) | Expr::BigInt(_) => {}
            Expr::Function(_) => {}
            Expr::Paren(paren) => self.effect(paren.expr),
            Expr::Update(update) => self.update(update, None),
            Expr::Assign(assign) => {
                self.assign_effect(assign);
            }
            Expr::Sequence(sequence) => sequence.exprs.iter().for_each(|&expr| self.effect(expr)),
            Expr::Unary(unary) if unary.op == UnaryOp::Void => self.effect(unary.operand),
            Expr::Logical(_) => self.logical_effect(expr),
            Expr::Conditional(node) => {
                let (otherwise, end) = (self.label(), self.label());
                self.condition(node.test, false, otherwise);
                self.effect(node.consequent);
                self.jump(end);
                self.bind(otherwise);
                self.effect(node.alternate);
                self.bind(end);
            }
            _ => {
                self.operand(expr);
            }
        }
        self.release(mark);
    }

    /// `local = expr`, where `local` is the register of a variable.
    pub(super) fn expr_to_local(&mut self, expr: Expr<'a>, local: Reg, name: Option<&StaticText>) {
        if writes_last(expr) {
            self.named_expr(expr, name, local);
            return;
        }
        let mark = self.mark();
        let value = self.alloc();
        self.named_expr(expr, name, value);
        self.mov(local, value);
        self.release(mark);
    }

    /// 8.4.5 NamedEvaluation, https://tc39.es/ecma262/#sec-runtime-semantics-namedevaluation
    pub(super) fn named_expr(&mut self, expr: Expr<'a>, name: Option<&StaticText>, dst: Reg) {
        match (expr, name) {
            (Expr::Paren(paren), _) => self.named_expr(paren.expr, name, dst),
            (Expr::Function(function), Some(name)) if function.name.is_none() => {
                self.function_expression(function, Some(name.clone()), dst)
            }
            (Expr::Class(class), Some(name)) if class.name.is_none() => self.class(class, Some(name.clone()), dst),
            _ => self.expr(expr, dst),
        }
    }

    /// Like [`Self::operand`], naming an anonymous function.
    pub(super) fn named_operand(&mut self, expr: Expr<'a>, name: Option<&StaticText>) -> Reg {
        if name.is_none() || !is_anonymous_function(expr) {
            return self.operand(expr);
        }
        let dst = self.alloc();
        let mark = self.mark();
        self.named_expr(expr, name, dst);
        self.release(mark);
        dst
    }

    // ── what an expression may change ──

    /// Whether evaluating `expr` may assign to the local variable in `register`. Says yes when it is too long to tell.
    pub(super) fn may_assign(&self, expr: Expr<'a>, register: Reg) -> bool {
        let mut budget = ASSIGNMENT_SEARCH_BUDGET;
        self.search_assignment(expr, register, &mut budget)
    }

    fn is_local(&self, name: Name, register: Reg) -> bool {
        self.find(name).is_some_and(|bound| bound.storage == BoundStorage::Register(register))
    }

    fn search_assignment(&self, expr: Expr<'a>, register: Reg, budget: &mut u32) -> bool {
        if *budget == 0 {
            return true;
        }
        *budget -= 1;
        let mut any = |expr: Expr<'a>| self.search_assignment(expr, register, budget);
        match expr {
            Expr::Ident(_) | Expr::Null(_) | Expr::Bool(..) | Expr::Number(_) | Expr::String(_) | Expr::BigInt(_) | Expr::RegExp(_) => {
                false
            }
            Expr::This(_) | Expr::Function(_) | Expr::NewTarget(_) | Expr::ImportMeta(_) | Expr::SuperMember(_) => false,
            Expr::Update(update) => match update.target {
                Pattern::Ident(ident) => self.is_local(ident.name, register),
                Pattern::Expr(expr) => match expr.without_parens() {
                    Expr::Ident(ident) => self.is_local(ident.name, register),
                    expr => any(expr),
                },
                _ => true,
            },
            Expr::Assign(assign) => match assign.target {
                Pattern::Ident(ident) => self.is_local(ident.name, register) || any(assign.value),
                Pattern::Expr(expr) => match expr.without_parens() {
                    Expr::Ident(ident) => self.is_local(ident.name, register) || any(assign.value),
                    expr => any(expr) || any(assign.value),
                },
                _ => true,
            },
            Expr::Paren(node) => any(node.expr),
            Expr::Unary(node) => any(node.operand),
            Expr::Binary(node) => any(node.right) || any(node.left),
            Expr::Logical(node) => any(node.right) || any(node.left),
            Expr::PrivateIn(node) => any(node.object),
            Expr::Conditional(node) => any(node.test) || any(node.consequent) || any(node.alternate),
            Expr::Sequence(node) => node.exprs.iter().any(|&expr| any(expr)),
            Expr::Template(node) => node.exprs.iter().any(|&expr| any(expr)),
            Expr::TaggedTemplate(node) => any(node.tag) || node.quasi.exprs.iter().any(|&expr| any(expr)),
            Expr::Array(node) => node.elements.iter().any(|element| match *element {
                ArrayElement::Hole => false,
                ArrayElement::Expr(expr) | ArrayElement::Spread(expr, _) => any(expr),
            }),
            Expr::Object(node) => node.properties.iter().any(|property| match *property {
                Property::Value { key, value, .. } => matches!(key, PropertyKey::Computed(expr) if any(expr)) || any(value),
                Property::Method { key, .. } => matches!(key, PropertyKey::Computed(expr) if any(expr)),
                Property::Proto { value, .. } | Property::Spread(value, _) => any(value),
                Property::CoverInit(_) => true,
            }),
            Expr::Member(node) => any(node.object),
            Expr::Index(node) => any(node.object) || any(node.index),
            Expr::PrivateMember(node) => any(node.object),
            Expr::SuperIndex(node) => any(node.index),
            Expr::SuperCall(node) => node.args.iter().any(|argument| any(argument_expr(argument))),
            Expr::Call(node) => any(node.callee) || node.args.iter().any(|argument| any(argument_expr(argument))),
            Expr::New(node) => any(node.callee) || node.args.iter().any(|argument| any(argument_expr(argument))),
            Expr::OptionalChain(node) => any(node.expr),
            Expr::ImportCall(node) => any(node.specifier) || node.options.is_some_and(any),
            Expr::Await(node) => any(node.operand),
            Expr::Yield(node) => node.operand.is_some_and(any),
            // Computed keys, heritage and static parts may do anything.
            Expr::Class(_) => true,
        }
    }

    // ── templates ──

    fn template(&mut self, template: &Template<'a>, dst: Reg) {
        let quasi = |element: &TemplateElement<'a>| element.cooked.filter(|text| !text.is_empty());
        if template.exprs.is_empty() {
            let text = template.quasis.first().and_then(quasi).map_or_else(|| fixed_text(""), static_text);
            self.load_text(dst, &text);
            return;
        }
        let mark = self.mark();
        // Long templates are joined piece by piece, so that registers suffice.
        let mut first = None;
        let mut count = 0u16;
        for (index, element) in template.quasis.iter().enumerate() {
            if let Some(text) = quasi(element) {
                let register = self.alloc();
                self.load_text(register, &static_text(text));
                first.get_or_insert(register);
                count += 1;
            }
            if let Some(&expr) = template.exprs.get(index) {
                let register = self.alloc();
                first.get_or_insert(register);
                let inner = self.mark();
                let value = self.operand(expr);
                if is_string(expr) {
                    self.mov(register, value);
                } else {
                    self.at(expr.span().start);
                    self.op(Op::ToString, register, value, 0);
                }
                self.release(inner);
                count += 1;
            }
            if let Some(base) = first.filter(|_| count >= 64) {
                self.op(Op::Concat, base, base, count);
                self.release(u32::from(base) + 1);
                count = 1;
            }
        }
        let base = first.unwrap_or(dst);
        if count == 1 {
            self.mov(dst, base);
        } else {
            self.at(template.span.start);
            self.op(Op::Concat, dst, base, count);
        }
        self.release(mark);
    }

    // ── arrays ──

    fn array(&mut self, array: &ArrayLit<'a>, dst: Reg) {
        let elements = array.elements;
        let is_plain = elements.iter().all(|element| matches!(element, ArrayElement::Expr(_)));
        let mark = self.mark();
        if is_plain && elements.len() <= MAX_ELEMENTS_IN_REGISTERS {
            let mut base = dst;
            for (index, element) in elements.iter().enumerate() {
                if let ArrayElement::Expr(expr) = *element {
                    let register = self.alloc();
                    if index == 0 {
                        base = register;
                    }
                    let inner = self.mark();
                    self.expr(expr, register);
                    self.release(inner);
                }
            }
            self.op(Op::NewArrayFrom, dst, base, elements.len() as u16);
            self.release(mark);
            return;
        }
        self.wide(Op::NewArray, dst, elements.len() as i32);
        for element in elements {
            let inner = self.mark();
            match *element {
                ArrayElement::Hole => self.op(Op::ArrayPushHole, dst, 0, 0),
                ArrayElement::Expr(expr) => {
                    let value = self.operand(expr);
                    self.op(Op::ArrayPush, dst, value, 0);
                }
                ArrayElement::Spread(expr, span) => {
                    let value = self.operand(expr);
                    self.at(span.start);
                    self.op(Op::ArraySpread, dst, value, 0);
                }
            }
            self.release(inner);
        }
        self.release(mark);
    }

    // ── objects ──

    fn object(&mut self, object: &ObjectLit<'a>, dst: Reg) {
        let count = object.properties.len().min(usize::from(u16::MAX)) as u16;
        self.op(Op::NewObject, dst, count, 0);
        for property in object.properties {
            let mark = self.mark();
            match *property {
                Property::Value { key, value, span, .. } => {
                    let key_register = self.property_key(key);
                    match key_register {
                        Key::Static(text) => {
                            let value = self.named_operand(value, Some(&text));
                            self.define_field(dst, value, &text, span.start);
                        }
                        Key::Register(key) => {
                            let value = self.computed_named_operand(value, key);
                            self.at(span.start);
                            self.op(Op::DefineElem, dst, key, value);
                        }
                    }
                }
                Property::Proto { value, span } => {
                    let value = self.operand(value);
                    self.at(span.start);
                    self.op(Op::SetProto, dst, value, 0);
                }
                Property::Method { key, function, span } => {
                    let key = self.property_key(key);
                    let method = self.alloc();
                    self.method(function, &key, dst, method);
                    let key = self.key_register(&key);
                    let flags = match function.kind {
                        FunctionKind::Getter => 1,
                        FunctionKind::Setter => 2,
                        _ => 0,
                    };
                    self.at(span.start);
                    // Bit 2: enumerable.
                    self.opx(Op::DefineMethod, flags | 4, dst, key, method);
                }
                Property::Spread(expr, span) => {
                    let value = self.operand(expr);
                    self.at(span.start);
                    self.op(Op::CopyDataProperties, dst, value, dst);
                }
                // The parser leaves none in a finished tree.
                Property::CoverInit(_) => {}
            }
            self.release(mark);
        }
    }

    /// A value whose anonymous function takes its name from the key in a register.
    pub(super) fn computed_named_operand(&mut self, value: Expr<'a>, key: Reg) -> Reg {
        match value.without_parens() {
            Expr::Function(function) if function.name.is_none() => {
                let register = self.operand(value);
                self.op(Op::SetFunctionName, register, key, 0);
                register
            }
            Expr::Class(class) if class.name.is_none() => {
                let register = self.alloc();
                let mark = self.mark();
                self.class_named_by_register(class, key, register);
                self.release(mark);
                register
            }
            _ => self.operand(value),
        }
    }

    /// A property key: known text, or a register that holds a primitive.
    pub(super) fn property_key(&mut self, key: PropertyKey<'a>) -> Key {
        match key {
            PropertyKey::Ident(ident) | PropertyKey::Private(ident) => Key::Static(self.text(ident.name)),
            PropertyKey::String(literal) => match literal.value.as_str() {
                Some(text) if is_array_index(text) => {
                    let register = self.alloc();
                    self.load_text(register, &static_text(literal.value));
                    Key::Register(register)
                }
                _ => Key::Static(static_text(literal.value)),
            },
            PropertyKey::Number(literal) => {
                let register = self.alloc();
                self.load_number(register, literal.value);
                Key::Register(register)
            }
            PropertyKey::BigInt(literal) => {
                let register = self.alloc();
                let digits = bigint_text(literal.digits, literal.radix);
                let constant = self.f.e.constant(Constant::BigInt(digits.into()));
                self.wide(Op::LoadConst, register, constant);
                Key::Register(register)
            }
            PropertyKey::Computed(expr) => {
                let register = self.alloc();
                let mark = self.mark();
                if is_primitive(expr) {
                    self.expr(expr, register);
                } else {
                    let value = self.operand(expr);
                    self.at(expr.span().start);
                    self.op(Op::ToPropertyKey, register, value, value);
                }
                self.release(mark);
                Key::Register(register)
            }
        }
    }

    /// The key in a register.
    pub(super) fn key_register(&mut self, key: &Key) -> Reg {
        match key {
            Key::Register(register) => *register,
            Key::Static(text) => {
                let register = self.alloc();
                self.load_text(register, text);
                register
            }
        }
    }
}

/// The expression of an argument.
pub(super) fn argument_expr<'a>(argument: &mayfly_syntax::ast::Argument<'a>) -> Expr<'a> {
    match *argument {
        mayfly_syntax::ast::Argument::Expr(expr) | mayfly_syntax::ast::Argument::Spread(expr, _) => expr,
    }
}

/// Whether [`Compiler::expr`] writes its destination as the last thing it does, reading nothing afterwards.
pub(super) fn writes_last(expr: Expr<'_>) -> bool {
    match expr {
        Expr::Paren(node) => writes_last(node.expr),
        Expr::Sequence(node) => node.exprs.last().is_some_and(|&last| writes_last(last)),
        Expr::Conditional(node) => writes_last(node.consequent) && writes_last(node.alternate),
        Expr::Array(node) => {
            node.elements.len() <= MAX_ELEMENTS_IN_REGISTERS && node.elements.iter().all(|element| matches!(element, ArrayElement::Expr(_)))
        }
        Expr::OptionalChain(node) => writes_last(node.expr),
        Expr::Ident(_)
        | Expr::Null(_)
        | Expr::Bool(..)
        | Expr::Number(_)
        | Expr::String(_)
        | Expr::BigInt(_)
        | Expr::RegExp(_)
        | Expr::Template(_)
        | Expr::Function(_)
        | Expr::Binary(_)
        | Expr::Member(_)
        | Expr::Index(_)
        | Expr::PrivateMember(_)
        | Expr::Call(_)
        | Expr::New(_)
        | Expr::Await(_)
        | Expr::Assign(_)
        | Expr::Update(_)
        | Expr::This(_) => true,
        Expr::Unary(node) => !matches!(node.op, UnaryOp::Delete | UnaryOp::Void),
        _ => false,
    }
}

/// 8.4.4 IsAnonymousFunctionDefinition, https://tc39.es/ecma262/#sec-isanonymousfunctiondefinition
pub(super) fn is_anonymous_function(expr: Expr<'_>) -> bool {
    match expr.without_parens() {
        Expr::Function(function) => function.name.is_none(),
        Expr::Class(class) => class.name.is_none(),
        _ => false,
    }
}

/// Whether the value is certainly a string.
pub(super) fn is_string(expr: Expr<'_>) -> bool {
    match expr {
        Expr::String(_) | Expr::Template(_) => true,
        Expr::Paren(node) => is_string(node.expr),
        Expr::Unary(node) => node.op == UnaryOp::Typeof,
        _ => false,
    }
}

/// Whether the value is certainly no object.
pub(super) fn is_primitive(expr: Expr<'_>) -> bool {
    match expr {
        Expr::Null(_) | Expr::Bool(..) | Expr::Number(_) | Expr::String(_) | Expr::BigInt(_) | Expr::Template(_) => true,
        Expr::Paren(node) => is_primitive(node.expr),
        Expr::Unary(_) | Expr::Binary(_) | Expr::Update(_) | Expr::PrivateIn(_) => true,
        Expr::Assign(node) => matches!(node.op, AssignOp::Binary(_)),
        _ => false,
    }
}

/// Whether a key is an array index in canonical form, which an inline cache would not take.
pub(super) fn is_array_index(text: &str) -> bool {
    let digits = text.as_bytes();
    !digits.is_empty()
        && digits.len() <= 10
        && digits.iter().all(u8::is_ascii_digit)
        && (digits[0] != b'0' || digits.len() == 1)
        && text.parse::<u64>().is_ok_and(|index| index <= u64::from(u32::MAX))
}

/// The digits with the prefix that tells their radix.
pub(super) fn bigint_text(digits: &str, radix: u32) -> String {
    let prefix = match radix {
        2 => "0b",
        8 => "0o",
        16 => "0x",
        _ => "",
    };
    format!("{prefix}{digits}")
}

/// The value of a numeric literal, with any sign and parentheses.
pub(super) fn literal_number(expr: Expr<'_>) -> Option<f64> {
    match expr {
        Expr::Number(literal) => Some(literal.value),
        Expr::Paren(node) => literal_number(node.expr),
        Expr::Unary(node) => match node.op {
            UnaryOp::Neg => literal_number(node.operand).map(|value| -value),
            UnaryOp::Plus => literal_number(node.operand),
            UnaryOp::BitNot => literal_number(node.operand).and_then(as_int32).map(|value| f64::from(!value)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the expression is a constant undefined: `void 0` and the like; `undefined` itself is looked up by the caller.
pub(super) fn is_void_literal(expr: Expr<'_>) -> bool {
    match expr {
        Expr::Paren(node) => is_void_literal(node.expr),
        Expr::Unary(node) => node.op == UnaryOp::Void && literal_number(node.operand).is_some(),
        _ => false,
    }
}

impl<'a> Compiler<'a, '_> {
    /// Whether the expression is `undefined` for certain.
    pub(super) fn is_undefined(&self, expr: Expr<'a>) -> bool {
        match expr {
            Expr::Ident(ident) => {
                ident.name == known::UNDEFINED && self.find(ident.name).is_none() && self.dynamic.is_empty() && !self.direct_eval
            }
            expr => is_void_literal(expr),
        }
    }
}
