//! The walk over statements: scopes are entered and left, functions and classes set up.

use super::analyser::{Analyser, CodeKind, Frame};
use super::declare::{element_contains_expression, pattern_contains_expression};
use super::{ArgumentsUse, BindingKind, ScopeKind, Surroundings};
use crate::ast::{
    Block, Catch, Class, ClassElement, DefaultExport, Expr, ForInit, ForTarget, Function, FunctionBody, FunctionKind, Ident, Pattern,
    PatternElement, Program, ProgramKind, PropertyKey, ScopeId, Span, StaticBlock, Stmt, Switch, VarDecl, VarKind,
};
use crate::error::SyntaxError;
use crate::names::known;

type Walked = Result<(), SyntaxError>;

impl<'a, 'n> Analyser<'a, 'n> {
    /// The whole program.
    pub(super) fn program(&mut self, program: &Program<'a>) -> Walked {
        let top = program.scope;
        let kind = match program.kind {
            ProgramKind::Module => ScopeKind::Module,
            ProgramKind::Eval => ScopeKind::Eval,
            ProgramKind::Script | ProgramKind::Function => match self.options.surroundings {
                Surroundings::Global => ScopeKind::Script,
                Surroundings::IndirectEval | Surroundings::DirectEval => ScopeKind::Eval,
            },
        };
        let scope = &mut self.scopes[top.index()];
        scope.kind = kind;
        scope.function = top;
        self.frames.push(Frame { owner: top, this_owner: top, this_kind: CodeKind::Program, var_scope: top, hoist_start: None });
        self.declare_body(program.body, top, kind != ScopeKind::Module)?;
        self.resolve_exports(top)?;
        let entered = self.enter(top);
        self.statements(program.body)?;
        self.leave(entered);
        Ok(())
    }

    pub(super) fn statements(&mut self, body: &'a [Stmt<'a>]) -> Walked {
        body.iter().try_for_each(|statement| self.statement(*statement))
    }

    fn statement(&mut self, statement: Stmt<'a>) -> Walked {
        match statement {
            Stmt::Empty(_)
            | Stmt::Break(..)
            | Stmt::Continue(..)
            | Stmt::Debugger(_)
            | Stmt::Import(_)
            | Stmt::ExportNamed(_)
            | Stmt::ExportAll(_) => Ok(()),
            Stmt::Expr(node) => self.expression(node.expr),
            Stmt::Var(node) => self.variables(node),
            Stmt::Function(node) => self.function(node, true),
            Stmt::Class(node) => self.class(node),
            Stmt::Block(node) => self.block(node),
            Stmt::If(node) => {
                for branch in node.branches {
                    self.expression(branch.test)?;
                    self.branch(branch.body, branch.scope)?;
                }
                node.otherwise.map_or(Ok(()), |body| self.branch(body, node.otherwise_scope))
            }
            Stmt::For(node) => {
                let entered = self.enter(node.scope);
                match node.init {
                    Some(ForInit::Var(declaration)) => self.variables(declaration)?,
                    Some(ForInit::Expr(init)) => self.expression(init)?,
                    None => {}
                }
                self.optional(node.test)?;
                self.optional(node.update)?;
                self.statement(node.body)?;
                self.leave(entered);
                Ok(())
            }
            Stmt::ForIn(node) => self.for_each(node.target, node.object, node.head_scope, node.scope, node.body),
            Stmt::ForOf(node) => self.for_each(node.target, node.iterable, node.head_scope, node.scope, node.body),
            Stmt::While(node) | Stmt::DoWhile(node) => {
                self.expression(node.test)?;
                self.statement(node.body)
            }
            Stmt::Return(node) => self.optional(node.value),
            Stmt::Throw(node) => self.expression(node.value),
            Stmt::Try(node) => {
                self.block(node.block)?;
                if let Some(handler) = node.handler {
                    self.catch(handler)?;
                }
                node.finalizer.map_or(Ok(()), |block| self.block(block))
            }
            Stmt::Switch(node) => self.switch(node),
            Stmt::Labeled(node) => self.statement(node.body),
            Stmt::With(node) => {
                self.expression(node.object)?;
                let entered = self.enter(node.scope);
                self.statement(node.body)?;
                self.leave(entered);
                Ok(())
            }
            Stmt::ExportDefault(node) => match node.value {
                DefaultExport::Function(function) => self.function(function, true),
                DefaultExport::Class(class) => self.class(class),
                DefaultExport::Expr(value) => self.expression(value),
            },
            Stmt::ExportDecl(node) => self.statement(node.decl),
        }
    }

    fn block(&mut self, block: &'a Block<'a>) -> Walked {
        let entered = self.enter(block.scope);
        self.statements(block.body)?;
        self.leave(entered);
        Ok(())
    }

    fn branch(&mut self, body: Stmt<'a>, scope: ScopeId) -> Walked {
        if let Stmt::Function(function) = body {
            let entered = self.enter(scope);
            self.function(function, true)?;
            self.leave(entered);
            return Ok(());
        }
        self.statement(body)
    }

    fn catch(&mut self, handler: &'a Catch<'a>) -> Walked {
        let entered = self.enter(handler.scope);
        if let Some(pattern) = handler.param {
            self.binding_pattern(pattern)?;
        }
        self.block(handler.body)?;
        self.leave(entered);
        Ok(())
    }

    fn switch(&mut self, switch: &'a Switch<'a>) -> Walked {
        self.expression(switch.discriminant)?;
        let entered = self.enter(switch.scope);
        for case in switch.cases {
            self.optional(case.test)?;
            self.statements(case.body)?;
        }
        self.leave(entered);
        Ok(())
    }

    fn for_each(&mut self, target: ForTarget<'a>, object: Expr<'a>, head: ScopeId, scope: ScopeId, body: Stmt<'a>) -> Walked {
        // The initialiser of Annex B.3.5 `for (var x = e in o)` runs first.
        if let ForTarget::Var(declaration) = target {
            for declarator in declaration.declarators {
                self.optional(declarator.init)?;
            }
        }
        let entered = self.enter(head);
        self.expression(object)?;
        self.leave(entered);
        let entered = self.enter(scope);
        match target {
            ForTarget::Var(declaration) => {
                for declarator in declaration.declarators {
                    if declaration.kind == VarKind::Var {
                        self.assignment_pattern(declarator.target)?;
                    } else {
                        self.binding_pattern(declarator.target)?;
                    }
                }
            }
            ForTarget::Pattern(pattern) => self.assignment_pattern(pattern)?,
        }
        self.statement(body)?;
        self.leave(entered);
        Ok(())
    }

    fn variables(&mut self, declaration: &'a VarDecl<'a>) -> Walked {
        for declarator in declaration.declarators {
            if declaration.kind != VarKind::Var {
                self.binding_pattern(declarator.target)?;
            } else if declarator.init.is_some() {
                self.assignment_pattern(declarator.target)?;
            }
            self.optional(declarator.init)?;
        }
        Ok(())
    }

    /// A pattern whose names are being initialised: only defaults and computed keys mention anything.
    pub(super) fn binding_pattern(&mut self, pattern: Pattern<'a>) -> Walked {
        self.pattern(pattern, false)
    }

    /// A pattern whose targets are assigned to.
    pub(super) fn assignment_pattern(&mut self, pattern: Pattern<'a>) -> Walked {
        self.pattern(pattern, true)
    }

    fn pattern(&mut self, pattern: Pattern<'a>, assigns: bool) -> Walked {
        match pattern {
            Pattern::Ident(ident) => {
                if assigns {
                    self.reference(ident, true);
                }
                Ok(())
            }
            Pattern::Expr(target) => self.assignment_target(target),
            Pattern::Object(object) => {
                for property in object.properties {
                    self.key(property.key)?;
                    self.element(&property.value, assigns)?;
                }
                object.rest.map_or(Ok(()), |rest| self.pattern(rest, assigns))
            }
            Pattern::Array(array) => {
                for element in array.elements.iter().flatten() {
                    self.element(element, assigns)?;
                }
                array.rest.map_or(Ok(()), |rest| self.pattern(rest, assigns))
            }
        }
    }

    fn element(&mut self, element: &PatternElement<'a>, assigns: bool) -> Walked {
        self.pattern(element.target, assigns)?;
        self.optional(element.default)
    }

    /// A target that is no pattern and no bare identifier.
    fn assignment_target(&mut self, target: Expr<'a>) -> Walked {
        match target.without_parens() {
            Expr::Ident(ident) => {
                self.reference(ident, true);
                Ok(())
            }
            Expr::Member(member) => self.expression(member.object),
            inner => self.expression(inner),
        }
    }

    pub(super) fn key(&mut self, key: PropertyKey<'a>) -> Walked {
        match key {
            PropertyKey::Computed(expr) => self.expression(expr),
            PropertyKey::Ident(_) | PropertyKey::String(_) | PropertyKey::Number(_) | PropertyKey::BigInt(_) => Ok(()),
            PropertyKey::Private(ident) => {
                self.private_reference(ident);
                Ok(())
            }
        }
    }

    /// A function of any kind. Declarations are hoisted to the current scope.
    pub(super) fn function(&mut self, function: &'a Function<'a>, is_declaration: bool) -> Walked {
        let outer = self.scope;
        let dynamic_function = self.program_kind == ProgramKind::Function && self.frames.len() == 1;
        let params = function.params_scope;
        let has_expressions =
            function.params.iter().any(element_contains_expression) || function.rest.is_some_and(pattern_contains_expression);
        let separate = has_expressions && function.body_scope != params;
        let (strict, start) = (function.strict, function.span.start);
        self.open_function(function.name_scope, ScopeKind::FunctionName, outer, params, strict, start);
        self.open_function(params, ScopeKind::Function, function.name_scope, params, strict, start);
        if function.body_scope != params {
            self.open_function(function.body_scope, ScopeKind::FunctionBody, params, params, strict, function.body_span.start);
        }
        if !is_declaration
            && !dynamic_function
            && function.kind == FunctionKind::Normal
            && let Some(name) = function.name
        {
            self.bind(function.name_scope, name, BindingKind::FunctionName);
        }
        let hoist_start = is_declaration.then(|| self.scopes[outer.index()].start);
        let (this_owner, this_kind) = match function.kind {
            FunctionKind::Arrow => (self.frame().this_owner, self.frame().this_kind),
            kind => (params, CodeKind::Function(kind)),
        };
        self.frames.push(Frame { owner: params, this_owner, this_kind, var_scope: params, hoist_start });
        let annex_b_hoisted = self.annex_b_hoisted.contains(&params);
        let facts = self.facts_mut(params);
        facts.has_parameter_expressions = has_expressions;
        facts.separate_body = separate;
        facts.is_declaration = is_declaration;
        facts.annex_b_hoisted = annex_b_hoisted;

        self.declare_parameters(function, has_expressions);
        let body_scope = if separate { function.body_scope } else { params };
        if function.kind != FunctionKind::Arrow && separate {
            self.bind_arguments(params, function.span);
        }
        if let FunctionBody::Block(body) = function.body {
            self.declare_body(body, body_scope, true)?;
        }
        if function.kind != FunctionKind::Arrow && !separate {
            self.bind_arguments(params, function.span);
        }
        let named = self.enter(function.name_scope);
        let entered = self.enter(params);
        for element in function.params {
            self.element(element, false)?;
        }
        if let Some(rest) = function.rest {
            self.binding_pattern(rest)?;
        }
        let in_body = separate.then(|| self.enter_separate_body(function.body_scope, params));
        match function.body {
            FunctionBody::Block(body) => self.statements(body)?,
            FunctionBody::Expr(value) => self.expression(value)?,
        }
        if let Some(body) = in_body {
            self.leave(body);
        }
        self.leave(entered);
        self.leave(named);
        self.frames.pop();
        if function.kind != FunctionKind::Arrow {
            self.settle_arguments(params, !strict && function.has_simple_params);
        }
        Ok(())
    }

    /// From the parameters into a separate body.
    fn enter_separate_body(&mut self, body: ScopeId, params: ScopeId) -> super::analyser::Entered {
        let last = self.frames.len() - 1;
        self.frames[last].var_scope = body;
        // `var arguments` in the body starts with the arguments object, other vars with the parameter of the name.
        let starts_as_arguments = |number: u32| self.scopes[body.index()].bindings[number as usize].starts_as_param;
        if self.lookup(body, known::ARGUMENTS).is_some_and(starts_as_arguments)
            && let Some(number) = self.lookup(params, known::ARGUMENTS)
            && self.binding_mut(params, number).kind == BindingKind::Arguments
        {
            self.used_arguments.insert(params);
            self.escaping_arguments.insert(params);
        }
        self.enter(body)
    }

    /// Gives a function its `arguments`, to be taken away again if nothing mentions it.
    // 10.2.11 FunctionDeclarationInstantiation steps 15 to 18, https://tc39.es/ecma262/#sec-functiondeclarationinstantiation
    fn bind_arguments(&mut self, params: ScopeId, span: Span) {
        match self.lookup(params, known::ARGUMENTS) {
            None => {
                let span = Span::new(span.start, span.start);
                self.bind(params, Ident { name: known::ARGUMENTS, span }, BindingKind::Arguments);
            }
            Some(number) => {
                let binding = self.binding_mut(params, number);
                if binding.kind == BindingKind::Var {
                    binding.kind = BindingKind::Arguments;
                    self.used_arguments.insert(params);
                    self.escaping_arguments.insert(params);
                }
            }
        }
    }

    /// After the walk over a function: is the arguments object needed, and must it be linked to the parameters?
    fn settle_arguments(&mut self, params: ScopeId, mapped: bool) {
        let Some(number) = self.lookup(params, known::ARGUMENTS) else { return };
        let scope = &mut self.scopes[params.index()];
        if scope.bindings[number as usize].kind != BindingKind::Arguments {
            return;
        }
        if !self.used_arguments.contains(&params) {
            scope.bindings.remove(number as usize);
            self.index.remove(&(params, known::ARGUMENTS));
            for later in number as usize..scope.bindings.len() {
                self.index.insert((params, scope.bindings[later].name), later as u32);
            }
            return;
        }
        let is_parameter = |kind: BindingKind| kind == BindingKind::Param;
        let any_parameter = scope.bindings.iter().any(|binding| is_parameter(binding.kind));
        let any_assigned = scope.bindings.iter().any(|binding| is_parameter(binding.kind) && binding.assigned);
        // OPTIMIZATION: without assignments to parameters, the link shows only when an element is written to; nobody can do that to an
        // object of which only the length is read and the elements are spread.
        let live = any_parameter && (any_assigned || scope.contains_direct_eval || self.escaping_arguments.contains(&params));
        if mapped && live {
            scope.bindings.iter_mut().filter(|binding| is_parameter(binding.kind)).for_each(|binding| binding.captured = true);
        }
        self.facts_mut(params).arguments = if mapped { ArgumentsUse::Mapped { live } } else { ArgumentsUse::Unmapped };
    }

    /// A class declaration or expression.
    pub(super) fn class(&mut self, class: &'a Class<'a>) -> Walked {
        let scope = class.scope;
        self.open(scope, ScopeKind::Class, self.scope, class.span.start);
        self.scopes[scope.index()].is_strict = true;
        if let Some(name) = class.name {
            self.bind(scope, name, BindingKind::ClassName);
        }
        let public = self.scopes[scope.index()].bindings.len();
        let entered = self.enter(scope);
        // The heritage sees the private names of classes further out only.
        self.class_heads.push(scope);
        self.optional(class.heritage)?;
        self.class_heads.pop();
        for element in class.elements {
            let (key, is_static_method) = match element {
                ClassElement::Method(method) => (method.key, method.is_static),
                ClassElement::Field(field) => (field.key, false),
                ClassElement::StaticBlock(_) => continue,
            };
            if let PropertyKey::Private(ident) = key {
                let number = match self.lookup(scope, ident.name) {
                    Some(number) => number,
                    None => self.bind(scope, ident, BindingKind::PrivateName),
                };
                // Fields and the methods of instances are added by functions of their own.
                self.binding_mut(scope, number).captured |= !is_static_method;
            }
        }
        self.reveal(scope, public);
        if let Some(constructor) = class.constructor {
            self.function(constructor, false)?;
        }
        for element in class.elements {
            match element {
                ClassElement::Method(method) => {
                    self.class_key(scope, method.key)?;
                    self.function(method.function, false)?;
                }
                ClassElement::Field(field) => {
                    self.class_key(scope, field.key)?;
                    let start = field.span.start;
                    self.open_function(field.scope, ScopeKind::Field, scope, field.scope, true, start);
                    self.push_class_frame(field.scope, CodeKind::Field);
                    let inside = self.enter(field.scope);
                    self.optional(field.value)?;
                    self.leave(inside);
                    self.frames.pop();
                }
                ClassElement::StaticBlock(block) => self.static_block(block, scope)?,
            }
        }
        self.leave(entered);
        Ok(())
    }

    fn static_block(&mut self, block: &'a StaticBlock<'a>, class: ScopeId) -> Walked {
        let scope = block.scope;
        self.open_function(scope, ScopeKind::StaticBlock, class, scope, true, block.span.start);
        self.push_class_frame(scope, CodeKind::StaticBlock);
        self.declare_body(block.body, scope, true)?;
        self.bind_arguments(scope, block.span);
        let entered = self.enter(scope);
        self.statements(block.body)?;
        self.leave(entered);
        self.frames.pop();
        self.settle_arguments(scope, false);
        Ok(())
    }

    fn push_class_frame(&mut self, owner: ScopeId, this_kind: CodeKind) {
        self.frames.push(Frame { owner, this_owner: owner, this_kind, var_scope: owner, hoist_start: None });
    }

    /// A key of a class element: evaluated before the class's own name is initialised.
    fn class_key(&mut self, class: ScopeId, key: PropertyKey<'a>) -> Walked {
        if let PropertyKey::Computed(expr) = key {
            self.class_heads.push(class);
            self.expression(expr)?;
            self.class_heads.pop();
        }
        Ok(())
    }
}
