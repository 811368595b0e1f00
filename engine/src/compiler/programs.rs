//! Top-level code: scripts, eval code, modules, and the function of `new Function`.

use std::rc::Rc;

use mayfly_syntax::Name;
use mayfly_syntax::ast::{ExportName, Expr, FunctionKind, ImportKind, ImportPhase, JsStr, ModuleRequest, Program, ProgramKind, Stmt};
use mayfly_syntax::scope::{BindingKind, Storage};

use super::state::{CodeKind, Compiler, fixed_text, static_text};
use crate::bytecode::{CellConstant, CodeBlock, CodeFlags, Declarations, ExportEntry, ImportEntry, ModuleRecord, Op, StaticText};

impl<'a> Compiler<'a, '_> {
    /// Compiles a script, eval code or module. The compiler's function state says which.
    pub(super) fn program(&mut self, program: &Program<'a>, name: &str) -> CodeBlock {
        if program.kind == ProgramKind::Function {
            return self.dynamic_function(program);
        }
        let mut module = None;
        self.begin_code();
        match self.f.kind {
            CodeKind::Module => module = Some(Box::new(self.module(program))),
            CodeKind::Script => self.script(program),
            _ => self.eval(program),
        }
        let mut code = self.end_code(None);
        code.name = Some(fixed_text(name));
        code.source_start = program.span.start;
        code.source_end = program.span.end;
        code.flags = CodeFlags { top_level: true, ..code.flags };
        code.module = module;
        code
    }

    fn dynamic_function(&mut self, program: &Program<'a>) -> CodeBlock {
        let function = program.body.iter().find_map(|statement| match statement {
            Stmt::Expr(node) => match node.expr.without_parens() {
                Expr::Function(function) => Some(function),
                _ => None,
            },
            _ => None,
        });
        match function {
            Some(function) => {
                debug_assert_ne!(function.kind, FunctionKind::Arrow);
                self.open_scope(program.scope);
                let code = self.function_code(function, Some(fixed_text("anonymous")), false);
                self.close_scope();
                code
            }
            None => CodeBlock::default(),
        }
    }

    fn declarations(&mut self) -> Declarations {
        let names = &self.tree.top_level;
        let texts = |compiler: &mut Self, names: &[Name]| names.iter().map(|&name| compiler.text(name)).collect();
        Declarations {
            lexical: names.lexical.iter().map(|&(name, is_const)| (self.text(name), is_const)).collect(),
            vars: texts(self, &names.vars),
            functions: texts(self, &names.functions),
            annex_b_functions: texts(self, &names.annex_b_functions),
        }
    }

    fn run_to_completion(&mut self, program: &Program<'a>) {
        let completion = self.alloc();
        self.undefined(completion);
        self.f.completion = Some(completion);
        self.with_disposal_of(program.body, |compiler| compiler.statements(program.body));
        if self.reachable() {
            self.op(Op::Return, completion, 0, 0);
            self.f.e.end_path();
        }
    }

    // 16.1.6 ScriptEvaluation ( scriptRecord ), https://tc39.es/ecma262/#sec-runtime-semantics-scriptevaluation
    fn script(&mut self, program: &Program<'a>) {
        let declarations = self.declarations();
        let is_empty = declarations.lexical.is_empty()
            && declarations.vars.is_empty()
            && declarations.functions.is_empty()
            && declarations.annex_b_functions.is_empty();
        if !is_empty {
            let cell = self.f.e.add_cell(CellConstant::Declarations(Box::new(declarations)));
            self.at(program.span.start);
            self.op(Op::GlobalInstantiate, 0, 0, cell);
        }
        self.open_scope(program.scope);
        self.capture_pseudo_bindings(program.scope);
        let tree = self.tree;
        for &function in &tree.scope(program.scope).functions {
            let Some(ident) = function.name else { continue };
            let mark = self.mark();
            let register = self.alloc();
            self.function_expression(function, None, register);
            let text = self.text(ident.name);
            let constant = self.f.e.string(&text);
            self.at(ident.span.start);
            self.wide(Op::DefineGlobalFunction, register, constant);
            self.release(mark);
        }
        self.run_to_completion(program);
        self.close_scope();
    }

    // 19.2.1.1 PerformEval ( x, strictCaller, direct ), https://tc39.es/ecma262/#sec-performeval
    fn eval(&mut self, program: &Program<'a>) {
        let tree = self.tree;
        if !self.f.strict {
            // 19.2.1.3 EvalDeclarationInstantiation: vars and functions go to the caller's variable environment.
            let declarations = self.declarations();
            let is_empty = declarations.vars.is_empty() && declarations.functions.is_empty() && declarations.annex_b_functions.is_empty();
            if !is_empty {
                let mark = self.mark();
                let env = match self.direct_eval {
                    true => self.closure_env(),
                    false => {
                        let hole = self.alloc();
                        self.op(Op::LoadHole, hole, 0, 0);
                        hole
                    }
                };
                let cell = self.f.e.add_cell(CellConstant::Declarations(Box::new(declarations)));
                self.at(program.span.start);
                self.op(Op::EvalInstantiate, env, 0, cell);
                self.release(mark);
            }
        }
        self.open_scope(program.scope);
        self.capture_pseudo_bindings(program.scope);
        if self.f.strict {
            self.instantiate_functions(program.scope);
        } else {
            for &function in &tree.scope(program.scope).functions {
                let Some(ident) = function.name else { continue };
                let mark = self.mark();
                let register = self.alloc();
                self.function_expression(function, None, register);
                self.at(ident.span.start);
                self.define_eval_var(ident.name, register, false);
                self.release(mark);
            }
        }
        self.run_to_completion(program);
        self.close_scope();
    }

    // 16.2.1.7.3 InitializeEnvironment ( ) and ExecuteModule, https://tc39.es/ecma262/#sec-source-text-module-record-initialize-environment
    /// The engine makes the module environment from [`ModuleRecord::scope`] before it runs any code; LoadEnv gives it.
    fn module(&mut self, program: &Program<'a>) -> ModuleRecord {
        let env = self.closure_env();
        self.open_scope_in(program.scope, env);
        self.capture_pseudo_bindings(program.scope);
        self.instantiate_functions(program.scope);
        self.op(Op::ModuleYield, 0, 0, 0);
        if program.has_top_level_await {
            self.f.is_async = true;
            self.op(Op::AsyncStart, 0, 0, 0);
        }
        self.with_disposal_of(program.body, |compiler| compiler.statements(program.body));
        if self.reachable() {
            self.op(Op::ReturnUndefined, 0, 0, 0);
            self.f.e.end_path();
        }
        let record = self.module_record(program);
        self.close_scope();
        record
    }

    // 16.2.1.7.1 ParseModule ( sourceText, realm, hostDefined ), https://tc39.es/ecma262/#sec-parsemodule
    fn module_record(&mut self, program: &Program<'a>) -> ModuleRecord {
        let tree = self.tree;
        let mut record = ModuleRecord { has_tla: program.has_top_level_await, ..ModuleRecord::default() };
        record.scope = Some(Rc::new(self.scope_info(program.scope, &[], &[])));
        // Local name, request and imported name (none: the namespace) of each import.
        let mut imported: Vec<(Name, u32, Option<StaticText>)> = Vec::new();
        for statement in program.body {
            match statement {
                Stmt::Import(node) => {
                    let request = request(&mut record, &node.request);
                    for specifier in node.specifiers {
                        // `import source x` asks for the module's source, not for a binding of it.
                        let name = match specifier.kind {
                            ImportKind::Namespace => None,
                            ImportKind::Default => Some(fixed_text("default")),
                            ImportKind::Named(name) => Some(self.export_text(name)),
                        };
                        let name = if node.request.phase == ImportPhase::Source { None } else { name };
                        imported.push((specifier.local.name, request, name.clone()));
                        if let Some(Storage::Slot(slot)) = tree.binding(program.scope, specifier.local.name).map(|binding| binding.storage)
                        {
                            record.imports.push(ImportEntry { request, name, slot: slot as u16 });
                        }
                    }
                }
                Stmt::ExportAll(node) => {
                    let request = request(&mut record, &node.from);
                    let entry = match node.exported {
                        Some(name) => ExportEntry::Indirect { name: self.export_text(name), request, import: None },
                        None => ExportEntry::Star { request },
                    };
                    record.exports.push(entry);
                }
                Stmt::ExportNamed(node) => {
                    if let Some(from) = &node.from {
                        let request = request(&mut record, from);
                        for specifier in node.specifiers {
                            let name = self.export_text(specifier.exported);
                            let import = Some(self.export_text(specifier.local));
                            record.exports.push(ExportEntry::Indirect { name, request, import });
                        }
                    }
                }
                _ => {}
            }
        }
        for export in &tree.exports {
            let Some(binding) = tree.scope(program.scope).bindings.get(export.binding as usize) else { continue };
            let name = self.text(export.exported);
            let indirect = imported.iter().find(|entry| binding.kind == BindingKind::Import && entry.0 == binding.name);
            match (indirect, binding.storage) {
                (Some((_, request, import)), _) => {
                    record.exports.push(ExportEntry::Indirect { name, request: *request, import: import.clone() });
                }
                (None, Storage::Slot(slot)) => record.exports.push(ExportEntry::Local { name, slot: slot as u16 }),
                // Exported bindings are captured by definition.
                (None, _) => {}
            }
        }
        record
    }

    fn export_text(&mut self, name: ExportName) -> StaticText {
        self.text(name.name)
    }
}

/// The number of a module request, new or old.
fn request(record: &mut ModuleRecord, request: &ModuleRequest<'_>) -> u32 {
    let text = |text: JsStr<'_>| static_text(text);
    let mut attributes: Vec<(StaticText, StaticText)> =
        request.attributes.iter().map(|attribute| (text(attribute.key), text(attribute.value))).collect();
    attributes.sort_by_key(|attribute| attribute.0.to_string().encode_utf16().collect::<Vec<u16>>());
    let phase = match request.phase {
        ImportPhase::Evaluation => 0,
        ImportPhase::Defer => 1,
        ImportPhase::Source => 2,
    };
    let entry = (text(request.specifier), attributes, phase);
    let index = record.requests.iter().position(|known| *known == entry).unwrap_or_else(|| {
        record.requests.push(entry);
        record.requests.len() - 1
    });
    index as u32
}
