//! The state of the pass, and how scopes, frames and bindings come and go.
//!
//! Each function is treated in two steps: first its statements (not its expressions) are searched for declarations
//! (`declare.rs`), then everything is walked and names are looked up (`walk.rs`, `resolve.rs`). Which binding a name means at the
//! moment is kept by number of the name in `heads`, so that a look-up takes one step however deep the scopes.

use hashbrown::{HashMap, HashSet};

use super::{Binding, BindingKind, FunctionFacts, LocalExport, Scope, ScopeKind, ScopeOptions, Storage, Surroundings, TopLevelNames};
use crate::ast::{Function, FunctionKind, Ident, Program, ProgramKind, ScopeId, Span};
use crate::error::SyntaxError;
use crate::names::{Name, Names, known};

/// A binding that can be seen from here.
#[derive(Clone, Copy)]
pub(super) struct Visible {
    pub(super) scope: ScopeId,
    pub(super) binding: u32,
    name: Name,
    /// What it hides: an entry of `heads`.
    hidden: u32,
}

/// What kind of code a frame is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeKind {
    Program,
    Function(FunctionKind),
    Field,
    StaticBlock,
}

/// A function (or field, static block, program) that the walk is in.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    /// [`Scope::function`] of its scopes.
    pub(super) owner: ScopeId,
    /// The owner of the nearest frame that has a `this`.
    pub(super) this_owner: ScopeId,
    /// What kind of code that nearest frame is.
    pub(super) this_kind: CodeKind,
    /// Where `var` of sloppy direct eval goes.
    pub(super) var_scope: ScopeId,
    /// Function declarations: where the scope starts that instantiates them.
    pub(super) hoist_start: Option<u32>,
}

/// Declarations of one name in a block that concern the scopes around the block.
#[derive(Default)]
pub(super) struct Passing<'a> {
    /// The first `var`.
    pub(super) var: Option<Ident>,
    /// Functions that would be vars too (Annex B.3.3).
    pub(super) functions: Vec<&'a Function<'a>>,
}

/// Undoes [`Analyser::enter`].
pub(super) struct Entered {
    visible: usize,
    scope: ScopeId,
}

pub(super) struct Analyser<'a, 'n> {
    pub(super) names: &'n Names,
    pub(super) options: ScopeOptions,
    pub(super) program_kind: ProgramKind,
    pub(super) scopes: Vec<Scope<'a>>,
    pub(super) index: HashMap<(ScopeId, Name), u32>,
    pub(super) early_uses: HashSet<u32>,
    /// For each block around the declarations being read: what declarations inside it pass through it to the function.
    pub(super) passing: Vec<HashMap<Name, Passing<'a>>>,
    /// By name: one more than the index in `visible`, 0 for names that nothing binds.
    heads: Vec<u32>,
    visible: Vec<Visible>,
    pub(super) frames: Vec<Frame>,
    /// The scope that the walk is in.
    pub(super) scope: ScopeId,
    /// Where the function that is being searched for declarations puts its `var`s.
    pub(super) declaring_vars_in: ScopeId,
    /// Annex B.3.3 candidates of that function that no block around them forbids.
    pub(super) annex_b: Vec<&'a Function<'a>>,
    /// Functions among those whose var is to be assigned, by `params_scope`.
    pub(super) annex_b_hoisted: HashSet<ScopeId>,
    /// Owners whose `arguments` is mentioned.
    pub(super) used_arguments: HashSet<ScopeId>,
    /// Owners whose `arguments` object may be seen by other code.
    pub(super) escaping_arguments: HashSet<ScopeId>,
    /// Classes whose heritage or computed keys the walk is in.
    pub(super) class_heads: Vec<ScopeId>,
    pub(super) top_level: TopLevelNames,
    pub(super) exports: Vec<LocalExport>,
    /// exported, local, span: resolved when all declarations are known.
    pub(super) pending_exports: Vec<(Name, Name, Span)>,
}

impl<'a, 'n> Analyser<'a, 'n> {
    pub(super) fn new(program: &Program<'a>, names: &'n Names, options: ScopeOptions) -> Analyser<'a, 'n> {
        let unused = Scope {
            kind: ScopeKind::Unused,
            parent: None,
            function: program.scope,
            is_strict: program.strict,
            contains_direct_eval: false,
            is_dynamic: false,
            inside_with: false,
            needs_env: false,
            slot_count: 0,
            bindings: Vec::new(),
            functions: Vec::new(),
            function_facts: None,
            function_depth: 0,
            with_depth: 0,
            start: 0,
        };
        Analyser {
            names,
            options,
            program_kind: program.kind,
            scopes: vec![unused; program.scope_count as usize],
            index: HashMap::new(),
            early_uses: HashSet::new(),
            passing: Vec::new(),
            heads: vec![0; names.len()],
            visible: Vec::new(),
            frames: Vec::new(),
            scope: program.scope,
            declaring_vars_in: program.scope,
            annex_b: Vec::new(),
            annex_b_hoisted: HashSet::new(),
            used_arguments: HashSet::new(),
            escaping_arguments: HashSet::new(),
            class_heads: Vec::new(),
            top_level: TopLevelNames::default(),
            exports: Vec::new(),
            pending_exports: Vec::new(),
        }
    }

    /// The function that the walk is in. There is always one: the program's frame stays.
    pub(super) fn frame(&self) -> Frame {
        self.frames[self.frames.len() - 1]
    }

    /// Sets up a scope inside `parent` that belongs to the same function.
    pub(super) fn open(&mut self, id: ScopeId, kind: ScopeKind, parent: ScopeId, start: u32) {
        let outer = &self.scopes[parent.index()];
        let (function, depth, strict, with_depth) = (outer.function, outer.function_depth, outer.is_strict, outer.with_depth);
        let scope = &mut self.scopes[id.index()];
        scope.kind = kind;
        scope.parent = Some(parent);
        scope.function = function;
        scope.function_depth = depth;
        scope.is_strict = strict;
        scope.with_depth = with_depth + u32::from(kind == ScopeKind::With);
        scope.inside_with = scope.with_depth > 0;
        scope.start = start;
    }

    /// The same for a scope of a new function `owner`.
    pub(super) fn open_function(&mut self, id: ScopeId, kind: ScopeKind, parent: ScopeId, owner: ScopeId, strict: bool, start: u32) {
        self.open(id, kind, parent, start);
        let depth = self.frames.len() as u32;
        let scope = &mut self.scopes[id.index()];
        scope.function = owner;
        scope.function_depth = depth;
        scope.is_strict = strict;
    }

    /// Makes a scope current and its bindings visible.
    pub(super) fn enter(&mut self, id: ScopeId) -> Entered {
        let entered = Entered { visible: self.visible.len(), scope: self.scope };
        self.scope = id;
        self.reveal(id, 0);
        entered
    }

    /// Makes the bindings of a scope from number `first` on visible.
    pub(super) fn reveal(&mut self, id: ScopeId, first: usize) {
        for (number, binding) in self.scopes[id.index()].bindings.iter().enumerate().skip(first) {
            let head = &mut self.heads[binding.name.index()];
            self.visible.push(Visible { scope: id, binding: number as u32, name: binding.name, hidden: *head });
            *head = self.visible.len() as u32;
        }
    }

    /// Goes back to where [`Analyser::enter`] was.
    pub(super) fn leave(&mut self, entered: Entered) {
        while self.visible.len() > entered.visible {
            if let Some(last) = self.visible.pop() {
                self.heads[last.name.index()] = last.hidden;
            }
        }
        self.scope = entered.scope;
    }

    /// The binding that a name means here.
    pub(super) fn find(&self, name: Name) -> Option<Visible> {
        let head = self.heads[name.index()];
        if head == 0 { None } else { Some(self.visible[head as usize - 1]) }
    }

    /// The number of a name's binding in one scope.
    pub(super) fn lookup(&self, scope: ScopeId, name: Name) -> Option<u32> {
        self.index.get(&(scope, name)).copied()
    }

    pub(super) fn binding_mut(&mut self, scope: ScopeId, number: u32) -> &mut Binding {
        &mut self.scopes[scope.index()].bindings[number as usize]
    }

    /// Adds a binding that is not there yet.
    pub(super) fn bind(&mut self, scope: ScopeId, ident: Ident, kind: BindingKind) -> u32 {
        let block_function = kind == BindingKind::Function && scope != self.declaring_vars_in;
        let is_lexical = block_function
            || kind.is_let_like()
            || matches!(kind, BindingKind::Import | BindingKind::CatchParam | BindingKind::SimpleCatchParam);
        let bindings = &mut self.scopes[scope.index()].bindings;
        let number = bindings.len() as u32;
        bindings.push(Binding {
            name: ident.name,
            kind,
            // Imports are cells, which live in slots.
            captured: kind == BindingKind::Import,
            assigned: false,
            needs_hole: false,
            starts_as_param: false,
            storage: Storage::Register,
            is_lexical,
            span: ident.span,
            initialised_at: 0,
            initialised_until: u32::MAX,
            plain_function: false,
        });
        self.index.insert((scope, ident.name), number);
        number
    }

    /// Adds a pseudo binding to the function that has a `this`, unless it is there or the caller of direct eval has it.
    pub(super) fn bind_pseudo(&mut self, owner: ScopeId, kind: BindingKind) {
        let is_top = match self.scopes[owner.index()].kind {
            ScopeKind::Eval if self.options.surroundings == Surroundings::DirectEval => return,
            ScopeKind::Eval | ScopeKind::Script | ScopeKind::Module => true,
            _ => false,
        };
        let name = match kind {
            BindingKind::This => known::THIS,
            BindingKind::NewTarget => known::NEW_TARGET,
            BindingKind::HomeObject => known::HOME_OBJECT,
            _ => known::ACTIVE_FUNCTION,
        };
        if (is_top && kind != BindingKind::This) || self.lookup(owner, name).is_some() {
            return;
        }
        let start = self.scopes[owner.index()].start;
        let number = self.bind(owner, Ident { name, span: Span::new(start, start) }, kind);
        self.binding_mut(owner, number).captured = true;
    }

    /// V8's words for any clash of declarations.
    pub(super) fn redeclared(&self, ident: Ident) -> SyntaxError {
        SyntaxError::new(format!("Identifier '{}' has already been declared", self.names.text(ident.name)), ident.span)
    }

    /// Facts of a function that is being analysed, made if need be.
    pub(super) fn facts_mut(&mut self, params_scope: ScopeId) -> &mut FunctionFacts {
        self.scopes[params_scope.index()].function_facts.get_or_insert_default()
    }

    /// After the walk: what follows from direct eval, where bindings live, and the lists for run-time instantiation.
    pub(super) fn finish(&mut self, program: &Program<'a>) {
        for scope in &mut self.scopes {
            if scope.functions.len() > 1 {
                keep_last_of_each_name(&mut scope.functions);
            }
            let top = match scope.kind {
                ScopeKind::Script => Some(Storage::Global),
                ScopeKind::Eval if program.strict => None,
                ScopeKind::Eval if self.options.surroundings == Surroundings::DirectEval => Some(Storage::Dynamic),
                ScopeKind::Eval => Some(Storage::Global),
                _ => None,
            };
            let separate = scope.function_facts.is_some_and(|facts| facts.separate_body);
            let mut slots = 0;
            for binding in &mut scope.bindings {
                if scope.contains_direct_eval {
                    binding.captured = true;
                    binding.assigned |= !binding.kind.is_pseudo();
                    binding.needs_hole |= binding.initialised_at > 0 || binding.kind == BindingKind::ClassName;
                }
                // With parameter expressions, eval among the parameters has its variables outside of the parameters' environment and
                // must not meet one of the same name.
                if separate && scope.is_dynamic {
                    binding.is_lexical = true;
                }
                let in_outer_world = match scope.kind {
                    ScopeKind::Script => !binding.kind.is_pseudo(),
                    _ => matches!(binding.kind, BindingKind::Var | BindingKind::Function),
                };
                binding.storage = match top {
                    Some(storage) if in_outer_world => storage,
                    _ if binding.captured => {
                        slots += 1;
                        Storage::Slot(slots - 1)
                    }
                    _ => Storage::Register,
                };
            }
            scope.slot_count = slots;
            scope.needs_env = slots > 0 || scope.is_dynamic || scope.kind == ScopeKind::With;
        }
        let scope = &self.scopes[program.scope.index()];
        let has_outer_vars = match scope.kind {
            ScopeKind::Script => true,
            ScopeKind::Eval => !program.strict,
            _ => false,
        };
        if !has_outer_vars {
            return;
        }
        for binding in &scope.bindings {
            match binding.kind {
                _ if binding.storage == Storage::Register || matches!(binding.storage, Storage::Slot(_)) => {}
                BindingKind::Let | BindingKind::Class => self.top_level.lexical.push((binding.name, false)),
                BindingKind::Const | BindingKind::Using => self.top_level.lexical.push((binding.name, true)),
                BindingKind::Var => self.top_level.vars.push(binding.name),
                _ => {}
            }
        }
        let mut seen = HashSet::new();
        self.top_level.annex_b_functions.retain(|name| seen.insert(*name));
        self.top_level.functions.extend(scope.functions.iter().filter_map(|function| function.name).map(|ident| ident.name));
    }
}

/// Of several functions with one name the last counts, at its own place.
fn keep_last_of_each_name(functions: &mut Vec<&Function<'_>>) {
    let mut seen = HashSet::new();
    functions.reverse();
    functions.retain(|function| seen.insert(function.name.map(|ident| ident.name)));
    functions.reverse();
}
