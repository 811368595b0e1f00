//! Classes.
//!
//! Instance fields and private methods become one initialiser function, run on every new instance; static fields and blocks become
//! another, run once. Computed field keys and private methods wait for them in slots of the class scope's environment.

use mayfly_syntax::ast::{Class, ClassElement, ClassField, ClassMethod, CodeFacts, Expr, FunctionKind, Ident, PropertyKey, StaticBlock};
use mayfly_syntax::scope::BindingKind;

use super::emitter::Reg;
use super::expressions::Key;
use super::state::{CodeKind, Compiler, FunctionState, fixed_text};
use crate::bytecode::{CellConstant, CodeBlock, CodeFlags, Op, REG_THIS, StaticText};

/// Where a class gets its name.
enum ClassName {
    None,
    Text(StaticText),
    Register(Reg),
}

/// Something that an initialiser function does.
enum Step<'a> {
    /// Adds the private method in a slot of the class environment: 1 method, 2 getter, 3 setter.
    PrivateMethod { name: Ident, slot: u16, kind: u8 },
    /// A field, with the slot of its computed key.
    Field { field: &'a ClassField<'a>, key_slot: Option<u16> },
    /// A static block.
    Block(&'a StaticBlock<'a>),
}

impl<'a> Compiler<'a, '_> {
    /// `dst = class …`
    pub(super) fn class(&mut self, class: &'a Class<'a>, name: Option<StaticText>, dst: Reg) {
        let name = match (class.name, name) {
            (Some(ident), _) => ClassName::Text(self.text(ident.name)),
            (None, Some(text)) => ClassName::Text(text),
            (None, None) => ClassName::None,
        };
        self.class_definition(class, name, dst);
    }

    /// A class without a name of its own that is named by the property key in a register.
    pub(super) fn class_named_by_register(&mut self, class: &'a Class<'a>, key: Reg, dst: Reg) {
        self.class_definition(class, ClassName::Register(key), dst);
    }

    // 15.7.14 Runtime Semantics: ClassDefinitionEvaluation, https://tc39.es/ecma262/#sec-runtime-semantics-classdefinitionevaluation
    fn class_definition(&mut self, class: &'a Class<'a>, name: ClassName, dst: Reg) {
        if !self.reachable() {
            return;
        }
        let tree = self.tree;
        let was_strict = std::mem::replace(&mut self.f.strict, true);
        let mark = self.mark();
        let first_hidden = tree.scope(class.scope).slot_count as u16;
        let (instance_steps, static_steps, hidden) = self.plan_class(class, first_hidden);

        // Steps 2 to 7: the class scope, its private names, the heritage.
        self.open_scope_with(class.scope, &hidden, &|_, _| None);
        for binding in tree.scope(class.scope).bindings.iter().filter(|binding| binding.kind == BindingKind::PrivateName) {
            let inner = self.mark();
            let register = self.alloc();
            let text = self.private_text(binding.name);
            let constant = self.f.e.string(&text);
            self.wide(Op::NewPrivateName, register, constant);
            self.initialise(binding.name, register, class.span.start);
            self.release(inner);
        }
        let heritage = self.alloc();
        match class.heritage {
            Some(expr) => {
                let inner = self.mark();
                self.expr(expr, heritage);
                self.release(inner);
            }
            None => self.op(Op::LoadHole, heritage, 0, 0),
        }

        // Steps 8 to 15: the constructor.
        let constructor = self.f.e.alloc_group(2);
        let prototype = constructor + 1;
        let text = match &name {
            ClassName::Text(text) => Some(text.clone()),
            _ => None,
        };
        let code = self.constructor_code(class, text, !instance_steps.is_empty());
        let cell = self.f.e.add_cell(CellConstant::Code(Box::new(code)));
        let env = self.current_env();
        self.mov(constructor, env);
        self.at(class.heritage.map_or(class.span.start, |heritage| heritage.span().start));
        self.op(Op::NewClass, constructor, heritage, cell);
        if let ClassName::Register(key) = name {
            self.op(Op::SetFunctionName, constructor, key, 0);
        }
        if class.constructor.is_some_and(|function| function.facts.uses_super_property || function.facts.has_direct_eval) {
            self.op(Op::SetHome, constructor, prototype, 0);
        }

        // Steps 24 to 26: methods and computed keys in order.
        let mut hidden_slot = first_hidden;
        let mut static_private: Vec<(Ident, Reg, u8)> = Vec::new();
        for element in class.elements {
            match *element {
                ClassElement::Method(method) => {
                    self.class_method(method, constructor, prototype, &mut hidden_slot, &mut static_private);
                }
                ClassElement::Field(field) => {
                    if let PropertyKey::Computed(_) = field.key {
                        let inner = self.mark();
                        let key = self.property_key(field.key);
                        let key = self.key_register(&key);
                        self.set_hidden(hidden_slot, key);
                        hidden_slot += 1;
                        self.release(inner);
                    }
                }
                ClassElement::StaticBlock(_) => {}
            }
        }

        // Steps 27 and later: the inner name, fields, static elements.
        if let Some(ident) = class.name {
            self.initialise(ident.name, constructor, ident.span.start);
        }
        let class_depth = self.opens.last().and_then(|open| open.env).map_or(0, |env| env.1);
        if !instance_steps.is_empty() {
            let inner = self.mark();
            let function = self.initialiser(&instance_steps, "<instance_members_initializer>", class, class_depth, prototype);
            self.op(Op::SetFieldInitialiser, constructor, function, 0);
            self.release(inner);
        }
        for (ident, method, kind) in static_private {
            let inner = self.mark();
            let name = self.private_name(ident);
            self.at(ident.span.start);
            self.opx(Op::DefinePrivate, kind, constructor, name, method);
            self.release(inner);
        }
        if !static_steps.is_empty() {
            let inner = self.mark();
            let function = self.initialiser(&static_steps, "<static_initializer>", class, class_depth, constructor);
            let base = self.f.e.alloc_group(5);
            self.mov(base + 2, function);
            self.mov(base + 4, constructor);
            self.at(class.span.start);
            self.op(Op::Call, base, base, 0);
            self.release(inner);
        }
        self.close_scope();
        self.mov(dst, constructor);
        self.release(mark);
        self.f.strict = was_strict;
    }

    /// What the initialisers do, and the names of the hidden slots in the order in which the elements fill them.
    fn plan_class(&mut self, class: &Class<'a>, first_hidden: u16) -> (Vec<Step<'a>>, Vec<Step<'a>>, Vec<StaticText>) {
        let (mut methods, mut fields, mut statics, mut hidden) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for element in class.elements {
            let slot = first_hidden.saturating_add(hidden.len().min(usize::from(u16::MAX)) as u16);
            match *element {
                ClassElement::Method(method) => {
                    if let (PropertyKey::Private(name), false) = (method.key, method.is_static) {
                        methods.push(Step::PrivateMethod { name, slot, kind: private_kind(method.function.kind) });
                        hidden.push(fixed_text(&format!("%method{}", hidden.len())));
                    }
                }
                ClassElement::Field(field) => {
                    let key_slot = matches!(field.key, PropertyKey::Computed(_)).then_some(slot);
                    if key_slot.is_some() {
                        hidden.push(fixed_text(&format!("%key{}", hidden.len())));
                    }
                    let step = Step::Field { field, key_slot };
                    if field.is_static { statics.push(step) } else { fields.push(step) }
                }
                ClassElement::StaticBlock(block) => statics.push(Step::Block(block)),
            }
        }
        // Private methods are there before the first field is initialised.
        methods.append(&mut fields);
        (methods, statics, hidden)
    }

    fn set_hidden(&mut self, slot: u16, value: Reg) {
        if let Some((env, _)) = self.opens.last().and_then(|open| open.env) {
            self.op(Op::SetSlot, value, env, slot);
        }
    }

    // 15.7.10 Runtime Semantics: ClassElementEvaluation, https://tc39.es/ecma262/#sec-static-semantics-classelementevaluation
    fn class_method(
        &mut self,
        method: &'a ClassMethod<'a>,
        constructor: Reg,
        prototype: Reg,
        hidden_slot: &mut u16,
        static_private: &mut Vec<(Ident, Reg, u8)>,
    ) {
        let home = if method.is_static { constructor } else { prototype };
        if let PropertyKey::Private(ident) = method.key {
            // A static one stays in its register until the static private methods are added.
            let register = self.alloc();
            let key = Key::Static(self.text(ident.name));
            let inner = self.mark();
            self.method(method.function, &key, home, register);
            self.release(inner);
            if method.is_static {
                static_private.push((ident, register, private_kind(method.function.kind)));
            } else {
                self.set_hidden(*hidden_slot, register);
                *hidden_slot += 1;
            }
            return;
        }
        let mark = self.mark();
        let key = self.property_key(method.key);
        let function = self.alloc();
        self.method(method.function, &key, home, function);
        let key = self.key_register(&key);
        let x = match method.function.kind {
            FunctionKind::Getter => 1,
            FunctionKind::Setter => 2,
            _ => 0,
        };
        self.at(method.span.start);
        self.opx(Op::DefineMethod, x, home, key, function);
        self.release(mark);
    }

    fn constructor_code(&mut self, class: &'a Class<'a>, name: Option<StaticText>, has_fields: bool) -> CodeBlock {
        let is_derived = class.heritage.is_some();
        let mut code = match class.constructor {
            Some(function) => self.function_code(function, name, has_fields && !is_derived),
            None => self.default_constructor(class, name, has_fields),
        };
        // toString of a class gives the class.
        code.source_start = class.span.start;
        code.source_end = class.span.end;
        code
    }

    fn default_constructor(&mut self, class: &'a Class<'a>, name: Option<StaticText>, has_fields: bool) -> CodeBlock {
        let is_derived = class.heritage.is_some();
        let kind = if is_derived { FunctionKind::DerivedConstructor } else { FunctionKind::ClassConstructor };
        let state = FunctionState::new(CodeKind::Function(kind), 0, true, self.env_depth);
        let outer = std::mem::replace(&mut self.f, state);
        self.begin_code();
        if is_derived {
            self.default_super_call(class.span.start);
            self.op(Op::Return, REG_THIS, 0, 0);
            self.f.e.end_path();
        } else if has_fields {
            self.at(class.span.start);
            self.op(Op::RunFieldInitialiser, REG_THIS, crate::bytecode::REG_CALLEE, 0);
        }
        let mut code = self.end_code(Some(outer));
        code.name = name;
        code.flags = CodeFlags { constructor: true, class_constructor: true, derived: is_derived, ..code.flags };
        code
    }

    /// Compiles an initialiser function and creates its closure with `home` as its home object.
    fn initialiser(&mut self, steps: &[Step<'a>], name: &str, class: &'a Class<'a>, class_depth: u32, home: Reg) -> Reg {
        let state = FunctionState::new(CodeKind::ClassInitialiser, 0, true, self.env_depth);
        let outer = std::mem::replace(&mut self.f, state);
        self.begin_code();
        let mut facts = CodeFacts::default();
        for step in steps {
            let mark = self.mark();
            match step {
                Step::PrivateMethod { name, slot, kind } => {
                    let method = self.hidden_value(class_depth, *slot);
                    let private = self.private_name(*name);
                    self.at(name.span.start);
                    self.opx(Op::DefinePrivate, *kind, REG_THIS, private, method);
                }
                Step::Field { field, key_slot } => {
                    facts.absorb(field.facts);
                    self.f.in_field = true;
                    self.field(field, *key_slot, class_depth);
                    self.f.in_field = false;
                }
                Step::Block(block) => {
                    facts.absorb(block.facts);
                    self.open_scope(block.scope);
                    self.capture_pseudo_bindings(block.scope);
                    self.instantiate_functions(block.scope);
                    self.with_disposal_of(block.body, |compiler| compiler.statements(block.body));
                    self.close_scope();
                }
            }
            self.release(mark);
        }
        let mut code = self.end_code(Some(outer));
        code.name = Some(fixed_text(name));
        code.source_start = class.span.start;
        code.source_end = class.span.end;
        code.flags = CodeFlags { class_initialiser: true, method: true, ..code.flags };
        let function = self.alloc();
        self.closure(code, function);
        if facts.uses_super_property || facts.has_direct_eval {
            self.op(Op::SetHome, function, home, 0);
        }
        function
    }

    /// The value of a hidden slot of the class environment.
    fn hidden_value(&mut self, class_depth: u32, slot: u16) -> Reg {
        let register = self.alloc();
        let (env, hops) = self.env_at(class_depth);
        self.opx(Op::GetSlot, hops, register, env, slot);
        register
    }

    // 7.3.33 DefineField ( receiver, fieldRecord ), https://tc39.es/ecma262/#sec-definefield
    fn field(&mut self, field: &'a ClassField<'a>, key_slot: Option<u16>, class_depth: u32) {
        self.open_scope(field.scope);
        self.capture_pseudo_bindings(field.scope);
        let offset = field.span.start;
        match (field.key, key_slot) {
            (PropertyKey::Private(ident), _) => {
                let name = self.text(ident.name);
                let value = self.field_value(field.value, Some(&name));
                let private = self.private_name(ident);
                self.at(offset);
                self.op(Op::DefinePrivate, REG_THIS, private, value);
            }
            (_, Some(slot)) => {
                let key = self.hidden_value(class_depth, slot);
                let value = match field.value {
                    Some(expr) => self.computed_named_operand(expr, key),
                    None => self.field_value(None, None),
                };
                self.at(offset);
                self.op(Op::DefineElem, REG_THIS, key, value);
            }
            (key, None) => match self.property_key(key) {
                Key::Static(text) => {
                    let value = self.field_value(field.value, Some(&text));
                    self.define_field(REG_THIS, value, &text, offset);
                }
                Key::Register(register) => {
                    let value = match field.value {
                        Some(expr) => self.computed_named_operand(expr, register),
                        None => self.field_value(None, None),
                    };
                    self.at(offset);
                    self.op(Op::DefineElem, REG_THIS, register, value);
                }
            },
        }
        self.close_scope();
    }

    fn field_value(&mut self, value: Option<Expr<'a>>, name: Option<&StaticText>) -> Reg {
        match value {
            Some(expr) => self.named_operand(expr, name),
            None => {
                let register = self.alloc();
                self.undefined(register);
                register
            }
        }
    }
}

/// The x of DefinePrivate for a method.
fn private_kind(kind: FunctionKind) -> u8 {
    match kind {
        FunctionKind::Getter => 2,
        FunctionKind::Setter => 3,
        _ => 1,
    }
}
