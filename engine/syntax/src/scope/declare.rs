//! The search of one function's statements for declarations, with the early errors about redeclaration.
//!
//! The rules are the early errors of https://tc39.es/ecma262/#sec-block-static-semantics-early-errors and its kin for switch, for, try,
//! functions, scripts and modules, with the relaxations of Annex B.3.2 to B.3.4.

use hashbrown::HashMap;

use super::analyser::Analyser;
use super::{BindingKind, ScopeKind};
use crate::ast::{
    Catch, DefaultExport, ForInit, ForTarget, Function, Ident, ObjectPattern, Pattern, PatternElement, PropertyKey, ScopeId, Span, Stmt,
    VarDecl, VarKind,
};
use crate::error::SyntaxError;
use crate::names::{Name, known};

/// Where statements stand.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The scope around them.
    pub(super) scope: ScopeId,
    /// The top level of a function, script or static block, where functions count as `var`.
    pub(super) functions_are_vars: bool,
    /// Where straight-line execution from a declaration on ends: the end of a case clause.
    pub(super) until: u32,
}

impl Place {
    fn block(scope: ScopeId) -> Place {
        Place { scope, functions_are_vars: false, until: u32::MAX }
    }
}

impl<'a, 'n> Analyser<'a, 'n> {
    /// Declares what the statements of a function body (or program) declare, then decides Annex B.3.3.
    pub(super) fn declare_body(&mut self, body: &'a [Stmt<'a>], scope: ScopeId, functions_are_vars: bool) -> Result<(), SyntaxError> {
        let outer = std::mem::replace(&mut self.declaring_vars_in, scope);
        self.declare_statements(body, Place { scope, functions_are_vars, until: u32::MAX })?;
        let mut candidates = std::mem::take(&mut self.annex_b);
        candidates.sort_by_key(|function| function.span.start);
        for function in candidates {
            self.hoist_block_function(function);
        }
        self.declaring_vars_in = outer;
        Ok(())
    }

    /// Declares what is inside a block-like scope by `declare`, and then looks at what passes out of it.
    fn declare_inside(&mut self, scope: ScopeId, declare: impl FnOnce(&mut Self) -> Result<(), SyntaxError>) -> Result<(), SyntaxError> {
        self.passing.push(HashMap::new());
        declare(self)?;
        let mut passing = self.passing.pop().unwrap_or_default();
        let here = &self.scopes[scope.index()];
        for binding in &here.bindings {
            if passing.is_empty() {
                break;
            }
            if binding.kind == BindingKind::SimpleCatchParam {
                continue;
            }
            let Some(found) = passing.remove(&binding.name) else { continue };
            if let Some(var) = found.var {
                // The second of the two is to blame.
                let lexical = Ident { name: binding.name, span: binding.span };
                return Err(self.redeclared(if var.span.start > lexical.span.start { var } else { lexical }));
            }
        }
        for function in &here.functions {
            if let Some(ident) = function.name.filter(|_| !here.is_strict && is_plain(function)) {
                passing.entry(ident.name).or_default().functions.push(function);
            }
        }
        match self.passing.last_mut() {
            // Now they have reached the function.
            None => self.annex_b.extend(passing.into_values().flat_map(|each| each.functions)),
            // The smaller table goes into the larger, lest deep nesting cost quadratic time.
            Some(outer) => {
                if outer.len() < passing.len() {
                    std::mem::swap(outer, &mut passing);
                }
                for (name, each) in passing {
                    let all = outer.entry(name).or_default();
                    all.functions.extend(each.functions);
                    all.var = match (all.var, each.var) {
                        (Some(a), Some(b)) => Some(if a.span.start < b.span.start { a } else { b }),
                        (a, b) => a.or(b),
                    };
                }
            }
        }
        Ok(())
    }

    fn declare_statements(&mut self, body: &'a [Stmt<'a>], place: Place) -> Result<(), SyntaxError> {
        body.iter().try_for_each(|statement| self.declare_statement(*statement, place))
    }

    fn declare_statement(&mut self, statement: Stmt<'a>, place: Place) -> Result<(), SyntaxError> {
        match statement {
            Stmt::Empty(_)
            | Stmt::Expr(_)
            | Stmt::Return(_)
            | Stmt::Break(..)
            | Stmt::Continue(..)
            | Stmt::Throw(_)
            | Stmt::Debugger(_)
            | Stmt::ExportAll(_) => Ok(()),
            Stmt::Var(node) => self.declare_variables(node, place),
            Stmt::Function(node) => self.declare_function(node, node.name, place),
            Stmt::Class(node) => match node.name {
                Some(name) => self.declare_lexical(name, BindingKind::Class, place, node.span.end),
                None => Ok(()),
            },
            Stmt::Block(node) => {
                self.open(node.scope, ScopeKind::Block, place.scope, node.span.start);
                self.declare_inside(node.scope, |this| this.declare_statements(node.body, Place::block(node.scope)))
            }
            Stmt::If(node) => {
                for branch in node.branches {
                    self.declare_branch(branch.body, branch.scope, place)?;
                }
                match node.otherwise {
                    Some(body) => self.declare_branch(body, node.otherwise_scope, place),
                    None => Ok(()),
                }
            }
            Stmt::For(node) => {
                self.open(node.scope, ScopeKind::For, place.scope, node.span.start);
                self.declare_inside(node.scope, |this| {
                    if let Some(ForInit::Var(declaration)) = node.init {
                        this.declare_variables(declaration, Place::block(node.scope))?;
                    }
                    this.declare_statement(node.body, Place::block(node.scope))
                })
            }
            Stmt::ForIn(node) => self.declare_for(node.target, node.head_scope, node.scope, node.span, node.body, place),
            Stmt::ForOf(node) => self.declare_for(node.target, node.head_scope, node.scope, node.span, node.body, place),
            Stmt::While(node) | Stmt::DoWhile(node) => self.declare_statement(node.body, Place::block(place.scope)),
            Stmt::Try(node) => {
                self.declare_statement(Stmt::Block(node.block), place)?;
                if let Some(handler) = node.handler {
                    self.open(handler.scope, ScopeKind::Catch, place.scope, handler.span.start);
                    self.declare_inside(handler.scope, |this| this.declare_catch(handler))?;
                }
                match node.finalizer {
                    Some(block) => self.declare_statement(Stmt::Block(block), place),
                    None => Ok(()),
                }
            }
            Stmt::Switch(node) => {
                self.open(node.scope, ScopeKind::Switch, place.scope, node.span.start);
                self.declare_inside(node.scope, |this| {
                    let place = Place::block(node.scope);
                    node.cases.iter().try_for_each(|case| this.declare_statements(case.body, Place { until: case.span.end, ..place }))
                })
            }
            Stmt::Labeled(node) => self.declare_statement(node.body, place),
            Stmt::With(node) => {
                self.open(node.scope, ScopeKind::With, place.scope, node.span.start);
                self.declare_inside(node.scope, |this| this.declare_statement(node.body, Place::block(node.scope)))
            }
            Stmt::Import(node) => {
                node.specifiers.iter().try_for_each(|specifier| self.declare_lexical(specifier.local, BindingKind::Import, place, 0))
            }
            Stmt::ExportNamed(node) => {
                if node.from.is_none() {
                    self.pending_exports.extend(node.specifiers.iter().map(|each| (each.exported.name, each.local.name, each.local.span)));
                }
                Ok(())
            }
            Stmt::ExportDecl(node) => {
                self.declare_statement(node.decl, place)?;
                let exports = &mut self.pending_exports;
                match node.decl {
                    Stmt::Var(declaration) => {
                        for declarator in declaration.declarators {
                            each_name(declarator.target, &mut |ident| exports.push((ident.name, ident.name, ident.span)));
                        }
                    }
                    Stmt::Function(Function { name, .. }) => {
                        exports.extend(name.map(|ident| (ident.name, ident.name, ident.span)));
                    }
                    Stmt::Class(class) => exports.extend(class.name.map(|ident| (ident.name, ident.name, ident.span))),
                    _ => {}
                }
                Ok(())
            }
            Stmt::ExportDefault(node) => self.declare_default_export(node.value, node.span, place),
        }
    }

    fn declare_default_export(&mut self, value: DefaultExport<'a>, span: Span, place: Place) -> Result<(), SyntaxError> {
        let anonymous = Ident { name: known::STAR_DEFAULT, span };
        let local = match value {
            DefaultExport::Function(function) => {
                let local = function.name.unwrap_or(anonymous);
                self.declare_function(function, Some(local), place)?;
                local
            }
            DefaultExport::Class(class) => {
                let local = class.name.unwrap_or(anonymous);
                self.declare_lexical(local, BindingKind::Class, place, span.end)?;
                local
            }
            DefaultExport::Expr(_) => {
                self.declare_lexical(anonymous, BindingKind::Let, place, span.end)?;
                anonymous
            }
        };
        self.pending_exports.push((known::DEFAULT, local.name, local.span));
        Ok(())
    }

    /// A branch of `if`: a function declaration there stands as if in a block (Annex B.3.3).
    fn declare_branch(&mut self, body: Stmt<'a>, scope: ScopeId, place: Place) -> Result<(), SyntaxError> {
        if let Stmt::Function(_) = body {
            self.open(scope, ScopeKind::Block, place.scope, body.span().start);
            return self.declare_inside(scope, |this| this.declare_statement(body, Place::block(scope)));
        }
        self.declare_statement(body, Place::block(place.scope))
    }

    fn declare_for(
        &mut self,
        target: ForTarget<'a>,
        head_scope: ScopeId,
        scope: ScopeId,
        span: Span,
        body: Stmt<'a>,
        place: Place,
    ) -> Result<(), SyntaxError> {
        self.open(head_scope, ScopeKind::ForHead, place.scope, span.start);
        self.open(scope, ScopeKind::ForIteration, place.scope, span.start);
        self.declare_inside(scope, |this| {
            if let ForTarget::Var(declaration) = target {
                this.declare_variables(declaration, Place::block(scope))?;
                if declaration.kind != VarKind::Var {
                    let kind = lexical_kind(declaration.kind);
                    for declarator in declaration.declarators {
                        this.declare_pattern(declarator.target, kind, Place::block(head_scope), Some(u32::MAX))?;
                    }
                }
            }
            this.declare_statement(body, Place::block(scope))
        })
    }

    fn declare_catch(&mut self, handler: &'a Catch<'a>) -> Result<(), SyntaxError> {
        match handler.param {
            Some(Pattern::Ident(ident)) => {
                self.bind(handler.scope, ident, BindingKind::SimpleCatchParam);
            }
            Some(pattern) => self.declare_pattern(pattern, BindingKind::CatchParam, Place::block(handler.scope), None)?,
            None => {}
        }
        self.declare_statement(Stmt::Block(handler.body), Place::block(handler.scope))
    }

    fn declare_variables(&mut self, declaration: &'a VarDecl<'a>, place: Place) -> Result<(), SyntaxError> {
        for declarator in declaration.declarators {
            if declaration.kind == VarKind::Var {
                self.declare_var_pattern(declarator.target)?;
            } else {
                // The initialiser runs before any part of the pattern is bound.
                let at = declarator.init.map(|_| declarator.span.end);
                self.declare_pattern(declarator.target, lexical_kind(declaration.kind), place, at)?;
            }
        }
        Ok(())
    }

    fn declare_var_pattern(&mut self, pattern: Pattern<'a>) -> Result<(), SyntaxError> {
        let mut result = Ok(());
        each_name(pattern, &mut |ident| {
            if result.is_ok() {
                result = self.declare_var(ident);
            }
        });
        result
    }

    /// Declares the names of a lexical pattern. `initialised_at` is where the whole pattern is bound if it is known to be late (there
    /// is an initialiser behind it); otherwise names are bound one after the other.
    fn declare_pattern(
        &mut self,
        pattern: Pattern<'a>,
        kind: BindingKind,
        place: Place,
        initialised_at: Option<u32>,
    ) -> Result<(), SyntaxError> {
        match pattern {
            Pattern::Ident(ident) => self.declare_lexical(ident, kind, place, initialised_at.unwrap_or(ident.span.end)),
            Pattern::Object(ObjectPattern { properties, rest, .. }) => {
                for property in *properties {
                    self.declare_element(&property.value, kind, place, initialised_at)?;
                }
                rest.map_or(Ok(()), |rest| self.declare_pattern(rest, kind, place, initialised_at))
            }
            Pattern::Array(array) => {
                for element in array.elements.iter().flatten() {
                    self.declare_element(element, kind, place, initialised_at)?;
                }
                array.rest.map_or(Ok(()), |rest| self.declare_pattern(rest, kind, place, initialised_at))
            }
            Pattern::Expr(_) => Ok(()),
        }
    }

    fn declare_element(
        &mut self,
        element: &PatternElement<'a>,
        kind: BindingKind,
        place: Place,
        initialised_at: Option<u32>,
    ) -> Result<(), SyntaxError> {
        self.declare_pattern(element.target, kind, place, initialised_at.or(element.default.map(|_| element.span.end)))
    }

    /// Parameters: duplicates are one binding (the parser has refused those that are errors). `checked`: there are parameter
    /// expressions, so that an early use throws.
    pub(super) fn declare_parameters(&mut self, function: &'a Function<'a>, checked: bool) {
        let scope = function.params_scope;
        for element in function.params {
            self.declare_parameter(element, scope, checked, None);
        }
        if let Some(rest) = function.rest {
            self.declare_parameter_pattern(rest, scope, checked, None);
        }
    }

    fn declare_parameter(&mut self, element: &PatternElement<'a>, scope: ScopeId, checked: bool, at: Option<u32>) {
        let at = at.or(element.default.map(|_| element.span.end));
        self.declare_parameter_pattern(element.target, scope, checked, at);
    }

    fn declare_parameter_pattern(&mut self, pattern: Pattern<'a>, scope: ScopeId, checked: bool, at: Option<u32>) {
        match pattern {
            Pattern::Ident(ident) => {
                let number = self.lookup(scope, ident.name).unwrap_or_else(|| self.bind(scope, ident, BindingKind::Param));
                if checked {
                    self.binding_mut(scope, number).initialised_at = at.unwrap_or(ident.span.end);
                }
            }
            Pattern::Object(object) => {
                for property in object.properties {
                    self.declare_parameter(&property.value, scope, checked, at);
                }
                if let Some(rest) = object.rest {
                    self.declare_parameter_pattern(rest, scope, checked, at);
                }
            }
            Pattern::Array(array) => {
                for element in array.elements.iter().flatten() {
                    self.declare_parameter(element, scope, checked, at);
                }
                if let Some(rest) = array.rest {
                    self.declare_parameter_pattern(rest, scope, checked, at);
                }
            }
            Pattern::Expr(_) => {}
        }
    }

    /// let, const, using, class, import, pattern in a catch clause.
    fn declare_lexical(&mut self, ident: Ident, kind: BindingKind, place: Place, initialised_at: u32) -> Result<(), SyntaxError> {
        if ident.name == known::LET && matches!(kind, BindingKind::Let | BindingKind::Const | BindingKind::Using) {
            return Err(SyntaxError::new("let is disallowed as a lexically bound name", ident.span));
        }
        if self.lookup(place.scope, ident.name).is_some() || self.clashes_with_lexical(ident, place.scope) {
            return Err(self.redeclared(ident));
        }
        let number = self.bind(place.scope, ident, kind);
        let binding = self.binding_mut(place.scope, number);
        binding.initialised_at = initialised_at;
        binding.initialised_until = place.until;
        Ok(())
    }

    /// What else than a binding of the scope itself forbids a lexical declaration in it: the parameter of the catch clause whose body
    /// this is, a parameter of the function whose separate body this is. (For a `var` inside, see `declare_inside`.)
    fn clashes_with_lexical(&self, ident: Ident, scope: ScopeId) -> bool {
        let here = &self.scopes[scope.index()];
        let Some(parent) = here.parent else { return false };
        match (here.kind, self.scopes[parent.index()].kind) {
            (ScopeKind::Block, ScopeKind::Catch) => self.lookup(parent, ident.name).is_some(),
            (ScopeKind::FunctionBody, _) => self.is_parameter(parent, ident.name),
            _ => false,
        }
    }

    fn is_parameter(&self, params: ScopeId, name: Name) -> bool {
        let binding = self.lookup(params, name).and_then(|number| self.scopes[params.index()].bindings.get(number as usize));
        binding.is_some_and(|binding| binding.kind == BindingKind::Param)
    }

    /// A `var`. Its clashes with the lexical names of blocks that it passes through are found when those end.
    fn declare_var(&mut self, ident: Ident) -> Result<(), SyntaxError> {
        if let Some(passing) = self.passing.last_mut() {
            passing.entry(ident.name).or_default().var.get_or_insert(ident);
        }
        self.declare_in_var_scope(ident, BindingKind::Var)
    }

    /// A `var`, or a function at function level, in the scope that is being declared.
    fn declare_in_var_scope(&mut self, ident: Ident, kind: BindingKind) -> Result<(), SyntaxError> {
        let scope = self.declaring_vars_in;
        let Some(number) = self.lookup(scope, ident.name) else {
            let number = self.bind(scope, ident, kind);
            if self.scopes[scope.index()].kind == ScopeKind::FunctionBody
                && kind == BindingKind::Var
                && self.scopes[scope.index()].parent.is_some_and(|params| self.lookup(params, ident.name).is_some())
            {
                self.binding_mut(scope, number).starts_as_param = true;
            }
            return Ok(());
        };
        let in_module = self.scopes[scope.index()].kind == ScopeKind::Module;
        let binding = self.binding_mut(scope, number);
        match (binding.kind, kind) {
            // A module's functions are lexical declarations.
            (BindingKind::Function, _) if in_module => return Err(self.redeclared(ident)),
            (BindingKind::Var, BindingKind::Function) => {
                binding.kind = BindingKind::Function;
                binding.starts_as_param = false;
            }
            (BindingKind::Param, BindingKind::Function) => binding.assigned = true,
            (BindingKind::Var | BindingKind::Function | BindingKind::Param, _) => {}
            _ => return Err(self.redeclared(ident)),
        }
        Ok(())
    }

    fn declare_function(&mut self, function: &'a Function<'a>, name: Option<Ident>, place: Place) -> Result<(), SyntaxError> {
        let Some(ident) = name else { return Ok(()) };
        if place.functions_are_vars {
            self.declare_in_var_scope(ident, BindingKind::Function)?;
            self.scopes[place.scope.index()].functions.push(function);
            return Ok(());
        }
        // Annex B.3.2.4: in sloppy code, a block may declare a plain function several times.
        let sloppy = !self.scopes[place.scope.index()].is_strict;
        let plain = sloppy && is_plain(function);
        match self.lookup(place.scope, ident.name) {
            Some(number) if plain && self.binding_mut(place.scope, number).plain_function => {}
            Some(_) => return Err(self.redeclared(ident)),
            None if self.clashes_with_lexical(ident, place.scope) => return Err(self.redeclared(ident)),
            None => {
                let number = self.bind(place.scope, ident, BindingKind::Function);
                self.binding_mut(place.scope, number).plain_function = plain;
            }
        }
        self.scopes[place.scope.index()].functions.push(function);
        Ok(())
    }

    // B.3.3.1 Changes to FunctionDeclarationInstantiation, https://tc39.es/ecma262/#sec-web-compat-functiondeclarationinstantiation
    // and its kin for scripts and eval: a function in a block becomes a var too if a `var` in its place would be no error and no
    // parameter has the name.
    // What the blocks around it have to say is known already.
    fn hoist_block_function(&mut self, function: &'a Function<'a>) {
        let Some(ident) = function.name else { return };
        let target = self.declaring_vars_in;
        let at_top = &self.scopes[target.index()];
        if at_top.kind == ScopeKind::FunctionBody && at_top.parent.is_some_and(|params| self.is_parameter(params, ident.name)) {
            return;
        }
        let run_time_decides = matches!(at_top.kind, ScopeKind::Script | ScopeKind::Eval);
        match self.lookup(target, ident.name) {
            Some(number) => {
                let binding = self.binding_mut(target, number);
                if !matches!(binding.kind, BindingKind::Var | BindingKind::Function) {
                    return;
                }
                binding.assigned = true;
            }
            // Whether the name becomes a var is known only when the code runs.
            None if run_time_decides => self.top_level.annex_b_functions.push(ident.name),
            None => {
                let number = self.bind(target, ident, BindingKind::Var);
                self.binding_mut(target, number).assigned = true;
            }
        }
        self.annex_b_hoisted.insert(function.params_scope);
    }

    /// Resolves `export {…}` once all declarations of the module are known.
    // 16.2.1.1 Static Semantics: Early Errors, https://tc39.es/ecma262/#sec-module-semantics-static-semantics-early-errors
    pub(super) fn resolve_exports(&mut self, module: ScopeId) -> Result<(), SyntaxError> {
        for (exported, local, span) in std::mem::take(&mut self.pending_exports) {
            let Some(number) = self.lookup(module, local) else {
                return Err(SyntaxError::new(format!("Export '{}' is not defined in module", self.names.text(local)), span));
            };
            let binding = self.binding_mut(module, number);
            binding.captured = true;
            binding.needs_hole |= binding.initialised_at > 0;
            self.exports.push(super::LocalExport { exported, binding: number, span });
        }
        Ok(())
    }
}

/// Neither async nor generator: Annex B is about no others.
fn is_plain(function: &Function<'_>) -> bool {
    !function.is_async && !function.is_generator
}

fn lexical_kind(kind: VarKind) -> BindingKind {
    match kind {
        VarKind::Var | VarKind::Let => BindingKind::Let,
        VarKind::Const => BindingKind::Const,
        VarKind::Using | VarKind::AwaitUsing => BindingKind::Using,
    }
}

/// Calls `visit` for every name that a binding pattern binds, in order.
fn each_name<'a>(pattern: Pattern<'a>, visit: &mut dyn FnMut(Ident)) {
    match pattern {
        Pattern::Ident(ident) => visit(ident),
        Pattern::Object(object) => {
            for property in object.properties {
                each_name(property.value.target, visit);
            }
            if let Some(rest) = object.rest {
                each_name(rest, visit);
            }
        }
        Pattern::Array(array) => {
            for element in array.elements.iter().flatten() {
                each_name(element.target, visit);
            }
            if let Some(rest) = array.rest {
                each_name(rest, visit);
            }
        }
        Pattern::Expr(_) => {}
    }
}

// 15.1.2 Static Semantics: ContainsExpression, https://tc39.es/ecma262/#sec-static-semantics-containsexpression
pub(super) fn pattern_contains_expression(pattern: Pattern<'_>) -> bool {
    match pattern {
        Pattern::Ident(_) => false,
        Pattern::Object(object) => {
            object
                .properties
                .iter()
                .any(|property| matches!(property.key, PropertyKey::Computed(_)) || element_contains_expression(&property.value))
                || object.rest.is_some_and(pattern_contains_expression)
        }
        Pattern::Array(array) => {
            array.elements.iter().flatten().any(element_contains_expression) || array.rest.is_some_and(pattern_contains_expression)
        }
        Pattern::Expr(_) => true,
    }
}

pub(super) fn element_contains_expression(element: &PatternElement<'_>) -> bool {
    element.default.is_some() || pattern_contains_expression(element.target)
}
