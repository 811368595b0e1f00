//! Scope analysis: which names each scope declares, which of them need a heap environment, and the early errors about them.
//!
//! [`analyse`] runs after parsing and yields a [`ScopeTree`]: one [`Scope`] per [`ScopeId`] of the program, each with its bindings
//! in declaration order. References are not stored; a consumer that walks the tree keeps its own stack of scopes and finds a name by
//! [`ScopeTree::lookup`] from the inside out, or by [`ScopeTree::resolve`] along the parents.
//!
//! Where things are:
//! - **Functions.** Parameters, `arguments`, vars, functions and the body's lexical names all live in [`Function::params_scope`], and
//!   `body_scope` is an empty link in the chain, unless the parameters contain expressions
//!   ([`FunctionFacts::separate_body`]): then the body's names live in `body_scope`. The own name of a function expression lives in
//!   `name_scope`, whose *function* is the function itself: a mention in the function's own code needs no environment, for it is
//!   the callee.
//! - **Class fields and static blocks** have a function scope each; their parent is the class scope.
//! - **Classes.** Inner name and private names live in [`Class::scope`].
//! - **Pseudo bindings** (`this`, `new.target`, home object, active function) exist only where arrow functions or direct eval need
//!   them captured; they are in the scope of the nearest function that is no arrow ([`FunctionFacts`] aside, its `params_scope`; or
//!   the field's, static block's, script's or module's scope). Code of that function itself takes them from its registers.
//! - **for-in/of.** With `let` or `const` the names are declared twice: in `head_scope`, never initialised, and in `scope`.
//!
//! [`Function::params_scope`]: crate::ast::Function::params_scope
//! [`Class::scope`]: crate::ast::Class::scope

mod analyser;
mod declare;
mod expressions;
mod resolve;
mod walk;

use hashbrown::{HashMap, HashSet};

use crate::ast::{Function, Program, ScopeId, Span};
use crate::error::SyntaxError;
use crate::names::{Name, Names};

/// Analyses a program.
///
/// # Errors
/// The early errors about redeclared names and undeclared exports.
pub fn analyse<'a>(program: &Program<'a>, names: &Names, options: ScopeOptions) -> Result<ScopeTree<'a>, SyntaxError> {
    let mut analyser = analyser::Analyser::new(program, names, options);
    analyser.program(program)?;
    analyser.finish(program);
    Ok(ScopeTree {
        scopes: analyser.scopes,
        top: program.scope,
        top_level: analyser.top_level,
        exports: analyser.exports,
        index: analyser.index,
        early_uses: analyser.early_uses,
    })
}

/// How the code of a program relates to what surrounds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Surroundings {
    /// Script, module or `new Function`: free names are global.
    #[default]
    Global,
    /// Indirect eval: free names and sloppy vars are global, `this` is the global object.
    IndirectEval,
    /// Direct eval: free names, `this`, `new.target`, `super` and sloppy vars belong to the caller and are found at run time.
    DirectEval,
}

/// What the scope pass must know beside the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ScopeOptions {
    /// Where the code runs.
    pub surroundings: Surroundings,
}

/// What made a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeKind {
    /// A number that the program does not use.
    Unused,
    /// Top level of a script, or of `new Function`.
    Script,
    /// Top level of a module.
    Module,
    /// Top level of eval code.
    Eval,
    /// Own name of a function expression.
    FunctionName,
    /// Parameters of a function, and everything of the body unless the body is separate.
    Function,
    /// Body of a function.
    FunctionBody,
    /// A class: inner name, private names.
    Class,
    /// The initialiser of a class field (a function).
    Field,
    /// A static initialisation block (a function).
    StaticBlock,
    /// A block, or a function declaration that is the body of an `if`.
    Block,
    /// The head of `for (let …;;)`: copied for each iteration.
    For,
    /// Where the object of for-in/of is evaluated.
    ForHead,
    /// One iteration of for-in/of.
    ForIteration,
    /// The cases of a switch.
    Switch,
    /// The parameter of a catch clause.
    Catch,
    /// The object environment of `with`.
    With,
}

/// What declared a binding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BindingKind {
    /// `var`, or the var of an Annex B function in a block.
    Var,
    /// A function declaration, at function level or in a block.
    Function,
    /// `let`, and `*default*` of `export default expression`.
    Let,
    /// `const`
    Const,
    /// `using` and `await using`
    Using,
    /// A class declaration, seen from outside.
    Class,
    /// A class's name, seen from inside the class; not assignable.
    ClassName,
    /// A parameter.
    Param,
    /// `catch (name)`: a `var` of the same name is allowed.
    SimpleCatchParam,
    /// A name in `catch ({pattern})`.
    CatchParam,
    /// An import: an import cell.
    Import,
    /// A function expression's own name; assigning throws in strict code and does nothing in sloppy code.
    FunctionName,
    /// A private name; [`Binding::name`] includes the `#`.
    PrivateName,
    /// The `arguments` object.
    Arguments,
    /// `this`, captured ([`known::THIS`](crate::names::known::THIS)).
    This,
    /// `new.target`, captured ([`known::NEW_TARGET`](crate::names::known::NEW_TARGET)).
    NewTarget,
    /// The home object for `super.x`, captured ([`known::HOME_OBJECT`](crate::names::known::HOME_OBJECT)).
    HomeObject,
    /// The active function for `super()`, captured ([`known::ACTIVE_FUNCTION`](crate::names::known::ACTIVE_FUNCTION)).
    ActiveFunction,
}

impl BindingKind {
    /// Whether the binding starts uninitialised, so that an early use throws. Of parameters this holds only if there are parameter
    /// expressions; see [`Binding::needs_hole`].
    pub fn is_let_like(self) -> bool {
        matches!(self, BindingKind::Let | BindingKind::Const | BindingKind::Using | BindingKind::Class | BindingKind::ClassName)
    }

    /// Whether assignment throws a TypeError.
    pub fn is_const(self) -> bool {
        matches!(self, BindingKind::Const | BindingKind::Using | BindingKind::ClassName | BindingKind::Import)
    }

    /// `this`, `new.target`, home object, active function.
    pub fn is_pseudo(self) -> bool {
        matches!(self, BindingKind::This | BindingKind::NewTarget | BindingKind::HomeObject | BindingKind::ActiveFunction)
    }
}

/// Where a binding lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    /// In a register of the function that owns the scope.
    Register,
    /// In this slot of the scope's environment.
    Slot(u32),
    /// In the global environment: GetGlobal and SetGlobal.
    Global,
    /// In the caller's variable environment (vars and functions of sloppy direct eval): found by name.
    Dynamic,
}

/// One name of a scope.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// The name; of pseudo bindings, a known name that no source text can mention.
    pub name: Name,
    /// What declared it (the strongest declaration if there are several: parameter, function, var).
    pub kind: BindingKind,
    /// Referenced from another function, through a `with`, from a place that direct eval can see, or exported.
    pub captured: bool,
    /// Written to after its initialisation, or possibly so. An initialiser of `var` counts as a write.
    pub assigned: bool,
    /// A reference may run before the initialisation: the binding must start as the hole. If false, no use needs a check. If true,
    /// [`ScopeTree::may_be_uninitialised`] tells the uses that do.
    pub needs_hole: bool,
    /// A `var` of a separate body that starts with the value of the parameter (or `arguments`) of the same name.
    pub starts_as_param: bool,
    /// Where it lives.
    pub storage: Storage,
    /// For run-time checks of direct eval: a sloppy `var` of this name in eval code is a SyntaxError.
    pub is_lexical: bool,
    /// The declaring identifier.
    pub span: Span,
    /// Offset from which straight-line code sees it initialised.
    pub(crate) initialised_at: u32,
    /// Offset up to which that holds (the end of the case clause in a switch).
    pub(crate) initialised_until: u32,
    /// A sloppy plain function in a block: may be declared again.
    pub(crate) plain_function: bool,
}

/// What becomes of `arguments`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ArgumentsUse {
    /// No arguments object is needed.
    #[default]
    None,
    /// CreateArguments: strict code or parameters that are not simple.
    Unmapped,
    /// CreateMappedArguments.
    Mapped {
        /// Whether anything can tell that elements and parameters are linked. If so, all parameters are captured. If not, no
        /// parameter need be mapped: it is never assigned and the object never leaves the function.
        live: bool,
    },
}

/// Facts about a function, in [`Scope::function_facts`] of its `params_scope`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FunctionFacts {
    /// A default or computed key among the parameters: parameters are checked for early use.
    pub has_parameter_expressions: bool,
    /// The body's names live in `body_scope`; else that scope is empty.
    pub separate_body: bool,
    /// Whether `arguments` must be created.
    pub arguments: ArgumentsUse,
    /// Annex B.3.3: a function declaration in a block that, when evaluated, also assigns the var of the same name.
    pub annex_b_hoisted: bool,
    /// A declaration (hoisted) rather than an expression, method or arrow.
    pub is_declaration: bool,
}

/// One scope.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// What made it.
    pub kind: ScopeKind,
    /// The scope around it.
    pub parent: Option<ScopeId>,
    /// The function whose code this is: its `params_scope`, or the scope of a field, static block or program.
    pub function: ScopeId,
    /// Strict mode code.
    pub is_strict: bool,
    /// Direct eval in this scope or anywhere inside: all bindings are captured and keep their names.
    pub contains_direct_eval: bool,
    /// A variable scope in whose own code there is a sloppy direct eval: names may be added at run time. Lookups that pass it (and
    /// did not find the name in it) must go by name, as they must through a [`ScopeKind::With`].
    pub is_dynamic: bool,
    /// Inside a `with` statement, of whatever function.
    pub inside_with: bool,
    /// An environment must be made: there are captured bindings or the scope is dynamic. (`with` scopes: always.)
    pub needs_env: bool,
    /// Slots of the environment, taken by captured bindings in order.
    pub slot_count: u32,
    /// The bindings in declaration order.
    pub bindings: Vec<Binding>,
    /// Function declarations to instantiate on entry: the last of each name, in order of those.
    pub functions: Vec<&'a Function<'a>>,
    /// Facts about the function if this is a `params_scope`.
    pub function_facts: Option<FunctionFacts>,
    pub(crate) function_depth: u32,
    pub(crate) with_depth: u32,
    pub(crate) start: u32,
}

/// Names for GlobalDeclarationInstantiation and EvalDeclarationInstantiation.
#[derive(Clone, Debug, Default)]
pub struct TopLevelNames {
    /// let, const, class, using of a script: name and whether constant.
    pub lexical: Vec<(Name, bool)>,
    /// var names, without those of functions.
    pub vars: Vec<Name>,
    /// Function names in the order of [`Scope::functions`] of the top-level scope.
    pub functions: Vec<Name>,
    /// Annex B.3.3 candidates that are not vars or functions anyway, each once.
    pub annex_b_functions: Vec<Name>,
}

/// A local export: `exported` is the binding number `binding` of the module scope. If that is an import other than a namespace, the
/// export is indirect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LocalExport {
    /// The name seen from outside.
    pub exported: Name,
    /// Index into the bindings of the module scope.
    pub binding: u32,
    /// Where the local name is written.
    pub span: Span,
}

/// The result of the pass.
#[derive(Clone, Debug)]
pub struct ScopeTree<'a> {
    /// Scopes by [`ScopeId`].
    pub scopes: Vec<Scope<'a>>,
    /// The top-level scope.
    pub top: ScopeId,
    /// What script or sloppy eval code declares at run time (empty for modules and strict eval, whose names are all local).
    pub top_level: TopLevelNames,
    /// Local exports of a module, in source order; re-exports with `from` are not among them.
    pub exports: Vec<LocalExport>,
    pub(crate) index: HashMap<(ScopeId, Name), u32>,
    pub(crate) early_uses: HashSet<u32>,
}

impl<'a> ScopeTree<'a> {
    /// The scope with this number.
    pub fn scope(&self, id: ScopeId) -> &Scope<'a> {
        &self.scopes[id.index()]
    }

    /// The number of the binding of `name` in this scope itself.
    pub fn lookup(&self, scope: ScopeId, name: Name) -> Option<u32> {
        self.index.get(&(scope, name)).copied()
    }

    /// The binding of a name in this scope itself.
    pub fn binding(&self, scope: ScopeId, name: Name) -> Option<&Binding> {
        self.scope(scope).bindings.get(self.lookup(scope, name)? as usize)
    }

    /// The innermost scope from `from` outwards that binds `name`, and the binding. `with` and dynamic scopes on the way are passed.
    pub fn resolve(&self, from: ScopeId, name: Name) -> Option<(ScopeId, &Binding)> {
        let mut scope = Some(from);
        while let Some(id) = scope {
            if let Some(binding) = self.binding(id, name) {
                return Some((id, binding));
            }
            scope = self.scope(id).parent;
        }
        None
    }

    /// Whether the reference whose identifier starts at this offset may run before its binding is initialised.
    pub fn may_be_uninitialised(&self, identifier_start: u32) -> bool {
        self.early_uses.contains(&identifier_start)
    }

    /// Facts about the function with this `params_scope`; the default if there is none.
    pub fn function_facts(&self, params_scope: ScopeId) -> FunctionFacts {
        self.scope(params_scope).function_facts.unwrap_or_default()
    }
}
