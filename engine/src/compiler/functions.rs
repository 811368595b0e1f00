//! Functions: closures, parameters, and the instantiation of what a body declares.

use mayfly_syntax::ast::{Expr, Function, FunctionBody, FunctionKind, Pattern, PatternElement, ScopeId, Stmt};
use mayfly_syntax::scope::{ArgumentsUse, Binding, BindingKind, ScopeKind, Storage};
use mayfly_syntax::{Name, names::known};

use super::emitter::Reg;
use super::expressions::Key;
use super::state::{CodeKind, Compiler, FunctionState, fixed_text};
use crate::bytecode::{CellConstant, CodeBlock, CodeFlags, FRAME_HEADER, Op, REG_CALLEE, REG_THIS, StaticText};

/// More parameters than this do not fit a window with room for anything else.
const MAX_PARAMETERS: usize = 32_000;

impl<'a> Compiler<'a, '_> {
    /// `dst = function …`, with a name given by what surrounds it if it has none of its own.
    pub(super) fn function_expression(&mut self, function: &'a Function<'a>, name: Option<StaticText>, dst: Reg) {
        if !self.reachable() {
            return;
        }
        let name = match function.name {
            Some(ident) => Some(self.text(ident.name)),
            None => name,
        };
        let code = self.function_code(function, name, false);
        self.closure(code, dst);
    }

    /// `dst = ` closure of `code` over the current environment.
    pub(super) fn closure(&mut self, code: CodeBlock, dst: Reg) {
        let env = self.current_env();
        let cell = self.f.e.add_cell(CellConstant::Code(Box::new(code)));
        self.op(Op::Closure, dst, env, cell);
    }

    /// A method, getter or setter in `dst`, with its name and home object.
    pub(super) fn method(&mut self, function: &'a Function<'a>, key: &Key, home: Reg, dst: Reg) {
        let prefix = match function.kind {
            FunctionKind::Getter => "get ",
            FunctionKind::Setter => "set ",
            _ => "",
        };
        let name = match key {
            Key::Static(text) if prefix.is_empty() => Some(text.clone()),
            Key::Static(StaticText::Utf8(text)) => Some(fixed_text(&format!("{prefix}{text}"))),
            Key::Static(StaticText::Utf16(units)) => Some(StaticText::Utf16(prefix.encode_utf16().chain(units.iter().copied()).collect())),
            Key::Register(_) => None,
        };
        let is_computed = name.is_none();
        let code = self.function_code(function, name, false);
        self.closure(code, dst);
        if let (true, Key::Register(key)) = (is_computed, key) {
            let x = match function.kind {
                FunctionKind::Getter => 1,
                FunctionKind::Setter => 2,
                _ => 0,
            };
            self.opx(Op::SetFunctionName, x, dst, *key, 0);
        }
        if function.facts.uses_super_property || function.facts.has_direct_eval {
            self.op(Op::SetHome, dst, home, 0);
        }
    }

    /// Compiles a function. `has_fields`: the constructor of a base class whose instances have fields or private methods.
    pub(super) fn function_code(&mut self, function: &'a Function<'a>, name: Option<StaticText>, has_fields: bool) -> CodeBlock {
        let parameters = function.params.len();
        if parameters > MAX_PARAMETERS {
            self.too_large = true;
            return CodeBlock::default();
        }
        let mut state = FunctionState::new(CodeKind::Function(function.kind), parameters as u32, function.strict, self.env_depth);
        state.in_field = function.kind == FunctionKind::Arrow && self.f.in_field;
        state.is_async = function.is_async;
        state.is_generator = function.is_generator;
        let outer = std::mem::replace(&mut self.f, state);
        self.function_body(function, has_fields);
        let mut code = self.end_code(Some(outer));
        code.name = name;
        code.length = function.length.min(u32::from(u16::MAX)) as u16;
        code.parameters = parameters as u16;
        code.source_start = function.span.start;
        code.source_end = function.span.end;
        code.flags = CodeFlags {
            arrow: function.kind == FunctionKind::Arrow,
            constructor: match function.kind {
                FunctionKind::Normal => !function.is_async && !function.is_generator,
                FunctionKind::ClassConstructor | FunctionKind::DerivedConstructor => true,
                _ => false,
            },
            class_constructor: matches!(function.kind, FunctionKind::ClassConstructor | FunctionKind::DerivedConstructor),
            derived: function.kind == FunctionKind::DerivedConstructor,
            method: matches!(function.kind, FunctionKind::Method | FunctionKind::Getter | FunctionKind::Setter),
            ..code.flags
        };
        code
    }

    // 10.2.11 FunctionDeclarationInstantiation ( func, argumentsList ), https://tc39.es/ecma262/#sec-functiondeclarationinstantiation
    fn function_body(&mut self, function: &'a Function<'a>, has_fields: bool) {
        let tree = self.tree;
        let facts = tree.function_facts(function.params_scope);
        // Errors of an async function's parameters reject its promise, those of a generator's are thrown to the caller.
        if function.is_async && !function.is_generator {
            self.op(Op::AsyncStart, 0, 0, 0);
        }
        self.begin_code();
        let name_scope = tree.scope(function.name_scope);
        let has_own_name = name_scope.kind == ScopeKind::FunctionName && !name_scope.bindings.is_empty();
        if has_own_name {
            self.open_scope_with(function.name_scope, &[], &|_, _| Some(REG_CALLEE));
            for binding in &name_scope.bindings {
                self.initialise(binding.name, REG_CALLEE, function.span.start);
            }
        }
        let has_this = !matches!(function.kind, FunctionKind::Arrow | FunctionKind::DerivedConstructor);
        if has_this && !function.strict && (function.facts.uses_this || function.facts.has_direct_eval) {
            self.op(Op::CoerceThis, 0, 0, 0);
        }
        if has_fields {
            self.at(function.span.start);
            self.op(Op::RunFieldInitialiser, REG_THIS, REG_CALLEE, 0);
        }

        let in_place = self.parameter_registers(function);
        self.open_scope_with(function.params_scope, &[], &|_, binding: &Binding| {
            let is_param = matches!(binding.kind, BindingKind::Param) && !binding.needs_hole;
            is_param.then(|| in_place.iter().rev().find(|(name, _)| *name == binding.name).map(|&(_, register)| register)).flatten()
        });
        self.capture_pseudo_bindings(function.params_scope);
        self.create_arguments(function, facts.arguments);
        self.bind_parameters(function);

        if facts.separate_body {
            self.open_separate_body(function.body_scope);
        }
        if function.is_generator {
            self.op(Op::CreateGenerator, 0, 0, 0);
        }
        self.instantiate_functions(function.params_scope);
        if facts.separate_body {
            self.instantiate_functions(function.body_scope);
        }
        match function.body {
            FunctionBody::Block(statements) => {
                let in_constructor = self.f.is_derived();
                self.with_disposal_of(statements, |compiler| {
                    for (index, &statement) in statements.iter().enumerate() {
                        compiler.statements(&statements[index..=index]);
                        // Past a plain `super();`, `this` needs no check.
                        if in_constructor
                            && let Stmt::Expr(node) = statement
                            && matches!(node.expr, Expr::SuperCall(_))
                        {
                            compiler.f.this_known = true;
                        }
                    }
                });
            }
            FunctionBody::Expr(expr) => {
                let mark = self.mark();
                let value = self.operand(expr);
                self.return_value(Some(value));
                self.release(mark);
            }
        }
        if self.reachable() {
            self.return_value(None);
        }
        if facts.separate_body {
            self.close_scope();
        }
        self.close_scope();
        if has_own_name {
            self.close_scope();
        }
    }

    /// Names of parameters that are plain identifiers, and the registers in which they arrive.
    fn parameter_registers(&self, function: &Function<'a>) -> Vec<(Name, Reg)> {
        let register = |index: usize| (FRAME_HEADER + index) as Reg;
        function
            .params
            .iter()
            .enumerate()
            .filter_map(|(index, element)| match element.target {
                Pattern::Ident(ident) => Some((ident.name, register(index))),
                _ => None,
            })
            .collect()
    }

    fn create_arguments(&mut self, function: &Function<'a>, arguments: ArgumentsUse) {
        if arguments == ArgumentsUse::None {
            return;
        }
        self.f.needs_arguments = true;
        let mark = self.mark();
        let register = match self.initialiser_register(known::ARGUMENTS, false) {
            Some(register) => register,
            None => self.alloc(),
        };
        match arguments {
            ArgumentsUse::Mapped { live } => {
                self.f.mapped_slots = self.mapped_slots(function, live);
                let env = self.current_env();
                self.op(Op::CreateMappedArguments, register, env, 0);
            }
            _ => self.op(Op::CreateArguments, register, 0, 0),
        }
        self.initialise(known::ARGUMENTS, register, function.span.start);
        self.release(mark);
    }

    /// The slot of each parameter, `u16::MAX` where a later duplicate hides it or nothing can tell.
    fn mapped_slots(&self, function: &Function<'a>, live: bool) -> Vec<u16> {
        let scope = self.tree.scope(function.params_scope);
        let slot = |index: usize, name: Name| {
            let is_hidden = has_parameter(&function.params[index + 1..], name);
            match scope.bindings.iter().find(|binding| binding.name == name).map(|binding| binding.storage) {
                Some(Storage::Slot(slot)) if live && !is_hidden => slot as u16,
                _ => u16::MAX,
            }
        };
        let name_of = |pattern: Pattern<'a>| match pattern {
            Pattern::Ident(ident) => Some(ident.name),
            _ => None,
        };
        function
            .params
            .iter()
            .enumerate()
            .map(|(index, element)| name_of(element.target).map_or(u16::MAX, |name| slot(index, name)))
            .collect()
    }

    // 8.6.2 IteratorBindingInitialization of parameters, https://tc39.es/ecma262/#sec-runtime-semantics-iteratorbindinginitialization
    fn bind_parameters(&mut self, function: &'a Function<'a>) {
        for (index, element) in function.params.iter().enumerate() {
            let register = (FRAME_HEADER + index) as Reg;
            if let Some(default) = element.default {
                let given = self.label();
                self.jump_if(Op::JNotUndefined, register, given);
                let name = match element.target {
                    Pattern::Ident(ident) => Some(self.text(ident.name)),
                    _ => None,
                };
                let mark = self.mark();
                self.named_expr(default, name.as_ref(), register);
                self.release(mark);
                self.bind(given);
            }
            match element.target {
                // Of parameters with the same name, the last one counts.
                Pattern::Ident(ident) if has_parameter(&function.params[index + 1..], ident.name) => {}
                Pattern::Ident(ident) => self.initialise(ident.name, register, ident.span.start),
                pattern => self.bind_pattern(pattern, register),
            }
        }
        if let Some(rest) = function.rest {
            self.f.needs_arguments = true;
            let mark = self.mark();
            let first = function.params.len() as u16;
            let own = match rest {
                Pattern::Ident(ident) => self.initialiser_register(ident.name, true),
                _ => None,
            };
            let register = own.unwrap_or_else(|| self.f.e.alloc());
            self.op(Op::CreateRest, register, 0, first);
            match rest {
                Pattern::Ident(ident) => self.initialise(ident.name, register, ident.span.start),
                pattern => self.bind_pattern(pattern, register),
            }
            self.release(mark);
        }
    }

    /// Opens the body's scope where it is apart from the parameters': vars named like parameters start with their values.
    fn open_separate_body(&mut self, body_scope: ScopeId) {
        let tree = self.tree;
        let mut starts: Vec<(Name, Reg)> = Vec::new();
        for binding in tree.scope(body_scope).bindings.iter().filter(|binding| binding.starts_as_param) {
            let register = self.alloc();
            let resolved = self.resolve(binding.name, None);
            let ident = mayfly_syntax::ast::Ident { name: binding.name, span: binding.span };
            self.read_resolved(resolved, ident, register, false);
            starts.push((binding.name, register));
        }
        let find = |name: Name| starts.iter().find(|(start, _)| *start == name).map(|&(_, register)| register);
        self.open_scope_with(body_scope, &[], &|_, binding: &Binding| if binding.starts_as_param { find(binding.name) } else { None });
        for &(name, register) in &starts {
            self.initialise(name, register, 0);
        }
    }

    /// Creates the functions that a scope declares, on its entry.
    pub(super) fn instantiate_functions(&mut self, scope: ScopeId) {
        let tree = self.tree;
        for &function in &tree.scope(scope).functions {
            // Only `export default function () {}` has no name.
            let (name, text) = match function.name {
                Some(ident) => (ident.name, None),
                None => (known::STAR_DEFAULT, Some(fixed_text("default"))),
            };
            let mark = self.mark();
            let register = match self.initialiser_register(name, true) {
                Some(register) => register,
                None => self.alloc(),
            };
            self.function_expression(function, text, register);
            self.initialise(name, register, function.span.start);
            self.release(mark);
        }
    }
}

/// Whether one of `params` is the plain name `name`.
fn has_parameter(params: &[PatternElement<'_>], name: Name) -> bool {
    params.iter().any(|element| matches!(element.target, Pattern::Ident(ident) if ident.name == name))
}
