//! Modules: loading, linking, evaluation, namespaces, import(), import.meta. https://tc39.es/ecma262/#sec-modules
//!
//! A module record is a Values cell; loaded ones are listed in the heap's roots. Modules load synchronously through the host, so a whole
//! graph is there before anything runs. Evaluation is in post-order; a module with top-level await is waited for before the next one
//! starts (siblings are not interleaved).

use crate::builtins::promise;
use crate::compiler::compile_module;
use crate::context::Context;
use crate::evaluate::{compile_options, file_syntax_error};
use crate::heap::{Environment, Kind, Ref, Root, Values, object_flag};
use crate::host::ModuleSource;
use crate::interpreter::ResumeMode;
use crate::native::{Args, Result, Thrown};
use crate::natives;
use crate::object::{Object, attribute};
use crate::realm::code::{Code, CodeField, link};
use crate::realm::function::new_closure;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

/// Fields of a module record.
#[derive(Clone, Copy)]
#[repr(u32)]
enum Field {
    Code,
    Environment,
    Namespace,
    /// 0 loading, 1 loaded, 2 linking, 3 linked, 4 evaluating, 5 evaluated, 6 failed.
    Status,
    /// Frame that waits for evaluation.
    Frame,
    /// Values: loaded modules by request.
    Requested,
    Name,
    Error,
    Meta,
    /// Type attribute: "", "json", "text", "bytes".
    Type,
    /// Value of a synthetic module's default export.
    Default,
    /// Promise of the evaluation.
    Promise,
    Count,
}

mod status {
    pub const LOADING: i32 = 0;
    pub const LOADED: i32 = 1;
    pub const LINKED: i32 = 3;
    pub const EVALUATING: i32 = 4;
    pub const EVALUATED: i32 = 5;
    pub const FAILED: i32 = 6;
}

type Module = Ref<Values>;

natives! { pub static MODULE_SUPPORT: namespace "%modules%", GlobalFunctions, not_global; {
    hidden "" / 1 => evaluation_continues,
    hidden "" / 1 => evaluation_fails,
    hidden "" / 1 => give_namespace,
}}

/// What evaluating a module gives.
#[derive(Clone, Copy, Debug)]
pub struct ModuleEvaluation {
    /// The module's namespace object.
    pub namespace: Object,
    /// Settles when evaluation, top-level await included, is done.
    pub promise: Object,
}

fn field(cx: &Context, module: Module, field: Field) -> Value {
    module.get(&cx.heap, field as u32)
}

fn set_field(cx: &Context, module: Module, field: Field, value: Value) {
    module.set(&cx.heap, field as u32, value);
}

fn status_of(cx: &Context, module: Module) -> i32 {
    field(cx, module, Field::Status).as_int().unwrap_or(status::FAILED)
}

fn set_status(cx: &Context, module: Module, status: i32) {
    set_field(cx, module, Field::Status, Value::int(status));
}

fn modules(cx: &Context) -> Vec<Module> {
    let Some(list) = cx.heap.root(Root::Modules).as_cell::<Values>() else { return Vec::new() };
    (0..list.length(&cx.heap)).map(|i| cx.record(list.get(&cx.heap, i))).collect()
}

fn find(cx: &Context, name: &str, kind: &str) -> Option<Module> {
    modules(cx).into_iter().find(|&module| {
        field(cx, module, Field::Name).as_string().is_some_and(|known| known.equals_text(name, &cx.heap))
            && field(cx, module, Field::Type).as_string().is_some_and(|known| known.equals_text(kind, &cx.heap))
    })
}

fn new_record(cx: &mut Context, name: &str, kind: &str) -> Module {
    let module = cx.heap.new_values(Field::Count as u32);
    module.set_length(&cx.heap, Field::Count as u32);
    for i in 0..Field::Count as u32 {
        module.set(&cx.heap, i, Value::UNDEFINED);
    }
    set_status(cx, module, status::LOADING);
    set_field(cx, module, Field::Name, cx.heap.intern_text(name).value());
    set_field(cx, module, Field::Type, cx.heap.intern_text(kind).value());
    let list = cx.heap.root(Root::Modules).as_cell::<Values>().unwrap_or_else(|| cx.heap.new_values(8));
    let list = list.push(&cx.heap, Value::cell(module));
    cx.heap.set_root(Root::Modules, Value::cell(list));
    module
}

/// Takes a module that could not be loaded out of the list, so that another attempt starts anew.
fn forget(cx: &Context, module: Module) {
    if let Some(list) = cx.heap.root(Root::Modules).as_cell::<Values>() {
        let kept: Vec<Value> =
            (0..list.length(&cx.heap)).map(|i| list.get(&cx.heap, i)).filter(|value| *value != Value::cell(module)).collect();
        let fresh = cx.heap.new_values_from(&kept);
        cx.heap.set_root(Root::Modules, Value::cell(fresh));
    }
}

/// Compiles a JavaScript module and loads what it asks for.
fn load_source(cx: &mut Context, source: &str, name: &str) -> Result<Module> {
    let block = match compile_module(source, name, &compile_options()) {
        Ok(block) => block,
        Err(error) => return Err(file_syntax_error(cx, &error, source, name)),
    };
    let module = new_record(cx, name, "");
    let record = cx.heap.new_source(name, source);
    let realm = cx.realm();
    let code = link(cx, &block, realm, record)?;
    set_field(cx, module, Field::Code, code.value());
    let requests = block.module.as_ref().map_or(&[][..], |module| &module.requests);
    let mut loaded = Vec::new();
    for (specifier, attributes, _) in requests {
        let attributes: Vec<(String, String)> = attributes.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        match load_request(cx, &specifier.to_string(), name, &attributes) {
            Ok(module) => loaded.push(Value::cell(module)),
            Err(thrown) => {
                forget(cx, module);
                return Err(thrown);
            }
        }
    }
    let loaded = cx.heap.new_values_from(&loaded);
    set_field(cx, module, Field::Requested, Value::cell(loaded));
    set_status(cx, module, status::LOADED);
    Ok(module)
}

/// HostLoadImportedModule.
fn load_request(cx: &mut Context, specifier: &str, referrer: &str, attributes: &[(String, String)]) -> Result<Module> {
    cx.check_native_stack()?;
    if let Some((unknown, _)) = attributes.iter().find(|(key, _)| key != "type") {
        return Err(cx.throw_syntax_error(&format!("Import attribute '{unknown}' is not supported")));
    }
    let kind = attributes.first().map_or("", |(_, value)| value.as_str());
    let source = match cx.host.load_module(specifier, referrer, attributes) {
        Ok(source) => source,
        Err(message) => return Err(cx.throw_type_error(&message)),
    };
    match source {
        ModuleSource::JavaScript { text, name } => match find(cx, &name, "") {
            Some(module) => Ok(module),
            None => load_source(cx, &text, &name),
        },
        ModuleSource::Json { text, name } => synthetic(cx, &name, kind, |cx| {
            let text = cx.heap.new_string(&text);
            let json = cx.intrinsic(crate::realm::Intrinsic::Json).value();
            cx.invoke(json, crate::string::PropertyKey::atom(cx.heap.intern_text("parse")), &[text.value()])
        }),
        ModuleSource::Text { text, name } => synthetic(cx, &name, kind, |cx| Ok(cx.new_string(&text))),
        ModuleSource::Bytes { bytes, name } => {
            synthetic(cx, &name, kind, |cx| Ok(crate::builtins::typed_array::create_uint8_array(cx, &bytes).value()))
        }
    }
}

/// A module whose only export is `default`.
fn synthetic(cx: &mut Context, name: &str, kind: &str, make: impl FnOnce(&mut Context) -> Result<Value>) -> Result<Module> {
    if let Some(module) = find(cx, name, kind) {
        return Ok(module);
    }
    let value = make(cx)?;
    let module = new_record(cx, name, kind);
    set_field(cx, module, Field::Default, value);
    set_field(cx, module, Field::Requested, Value::cell(cx.heap.new_values(0)));
    set_status(cx, module, status::EVALUATED);
    Ok(module)
}

/// Part of a linked module record: 0 requests, 1 imports, 2 exports, 3 scope, 4 has top-level await.
fn part(cx: &Context, module: Module, index: u32) -> Value {
    let code = field(cx, module, Field::Code);
    if !code.is_cell() {
        return Value::UNDEFINED;
    }
    let record = Code::from_value(code).field(&cx.heap, CodeField::Module);
    cx.record(record).get(&cx.heap, index)
}

fn list(cx: &Context, value: Value) -> Vec<Ref<Values>> {
    let Some(list) = value.as_cell::<Values>() else { return Vec::new() };
    (0..list.length(&cx.heap)).map(|i| cx.record(list.get(&cx.heap, i))).collect()
}

fn requested(cx: &Context, module: Module, index: u32) -> Module {
    let list = cx.record(field(cx, module, Field::Requested));
    cx.record(list.get(&cx.heap, index))
}

fn all_requested(cx: &Context, module: Module) -> Vec<Module> {
    list(cx, field(cx, module, Field::Requested))
}

/// What an export name resolves to.
#[derive(Clone, Copy)]
enum Resolution {
    /// Slot of a module's environment.
    Slot(Module, u32),
    /// Namespace object of a module.
    Namespace(Module),
    /// A synthetic module's value.
    Default(Module),
    Ambiguous,
    None,
}

fn same_resolution(a: Resolution, b: Resolution) -> bool {
    match (a, b) {
        (Resolution::Slot(m, s), Resolution::Slot(n, t)) => m == n && s == t,
        (Resolution::Namespace(m), Resolution::Namespace(n)) | (Resolution::Default(m), Resolution::Default(n)) => m == n,
        _ => false,
    }
}

// 16.2.1.7.2.2 ResolveExport ( exportName [ , resolveSet ] ), https://tc39.es/ecma262/#sec-resolveexport
fn resolve_export(cx: &Context, module: Module, name: Value, seen: &mut Vec<(Module, Value)>) -> Resolution {
    if seen.contains(&(module, name)) {
        return Resolution::None;
    }
    seen.push((module, name));
    if !field(cx, module, Field::Code).is_cell() {
        let is_default = name.as_string().is_some_and(|name| name == crate::string::atoms::name::default);
        return if is_default { Resolution::Default(module) } else { Resolution::None };
    }
    let exports = list(cx, part(cx, module, 2));
    for export in &exports {
        if export.get(&cx.heap, 1) != name {
            continue;
        }
        match export.get(&cx.heap, 0).as_int() {
            Some(0) => return Resolution::Slot(module, export.get(&cx.heap, 2).as_int().unwrap_or(0) as u32),
            Some(1) => {
                let target = requested(cx, module, export.get(&cx.heap, 2).as_int().unwrap_or(0) as u32);
                let imported = export.get(&cx.heap, 3);
                return if imported.is_undefined() { Resolution::Namespace(target) } else { resolve_export(cx, target, imported, seen) };
            }
            _ => {}
        }
    }
    if name.as_string().is_some_and(|name| name == crate::string::atoms::name::default) {
        return Resolution::None;
    }
    let mut found = Resolution::None;
    for export in &exports {
        if export.get(&cx.heap, 0).as_int() != Some(2) {
            continue;
        }
        let target = requested(cx, module, export.get(&cx.heap, 2).as_int().unwrap_or(0) as u32);
        match resolve_export(cx, target, name, seen) {
            Resolution::Ambiguous => return Resolution::Ambiguous,
            Resolution::None => {}
            resolution => match found {
                Resolution::None => found = resolution,
                known if same_resolution(known, resolution) => {}
                _ => return Resolution::Ambiguous,
            },
        }
    }
    found
}

// 16.2.1.7.2.1 GetExportedNames ( [ exportStarSet ] ), https://tc39.es/ecma262/#sec-getexportednames
fn exported_names(cx: &Context, module: Module, seen: &mut Vec<Module>) -> Vec<Value> {
    if seen.contains(&module) {
        return Vec::new();
    }
    seen.push(module);
    if !field(cx, module, Field::Code).is_cell() {
        return vec![crate::string::atoms::name::default.value()];
    }
    let mut names = Vec::new();
    let exports = list(cx, part(cx, module, 2));
    for export in &exports {
        if export.get(&cx.heap, 0).as_int() != Some(2) {
            names.push(export.get(&cx.heap, 1));
        }
    }
    for export in &exports {
        if export.get(&cx.heap, 0).as_int() == Some(2) {
            let target = requested(cx, module, export.get(&cx.heap, 2).as_int().unwrap_or(0) as u32);
            for name in exported_names(cx, target, seen) {
                if name != crate::string::atoms::name::default.value() && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    names
}

/// Binding record (environment or value, slot, name) of a resolution.
fn binding_record(cx: &mut Context, resolution: Resolution, name: Value) -> Result<Ref<Values>> {
    let (place, slot) = match resolution {
        Resolution::Slot(module, slot) => {
            let environment = environment_of(cx, module);
            // An import exported again refers to the original binding.
            let held = environment.get(&cx.heap, slot);
            if let Some(record) = held.as_cell::<Values>()
                && is_import_slot(cx, module, slot)
            {
                return Ok(record);
            }
            (Value::cell(environment), slot)
        }
        Resolution::Namespace(module) => (namespace(cx, module)?.value(), 0),
        Resolution::Default(module) => (field(cx, module, Field::Default), 0),
        _ => (Value::UNDEFINED, 0),
    };
    Ok(cx.heap.new_values_from(&[place, Value::int(slot as i32), name]))
}

fn is_import_slot(cx: &Context, module: Module, slot: u32) -> bool {
    list(cx, part(cx, module, 1)).iter().any(|import| import.get(&cx.heap, 2).as_int() == Some(slot as i32))
}

/// The module's environment, made on first use.
fn environment_of(cx: &mut Context, module: Module) -> Ref<Environment> {
    if let Some(environment) = field(cx, module, Field::Environment).as_cell() {
        return environment;
    }
    let scope = cx.record(part(cx, module, 3));
    let count = if scope.is_null() { 0 } else { (scope.length(&cx.heap).saturating_sub(1)) / 2 };
    let environment = cx.heap.new_environment(Ref::NULL, scope, count, Value::HOLE);
    for i in 0..count {
        let bits = scope.get(&cx.heap, 1 + count + i).as_int().unwrap_or(0);
        if bits & (crate::realm::code::scope_bits::TDZ | crate::realm::code::scope_bits::IMPORT) == 0 {
            environment.set(&cx.heap, i, Value::UNDEFINED);
        }
    }
    set_field(cx, module, Field::Environment, Value::cell(environment));
    environment
}

// 10.4.6.12 ModuleNamespaceCreate ( module, exports ), https://tc39.es/ecma262/#sec-modulenamespacecreate
fn namespace(cx: &mut Context, module: Module) -> Result<Object> {
    if let Some(known) = field(cx, module, Field::Namespace).as_object() {
        return Ok(known);
    }
    let mut names = exported_names(cx, module, &mut Vec::new());
    names.retain(|&name| !matches!(resolve_export(cx, module, name, &mut Vec::new()), Resolution::None | Resolution::Ambiguous));
    names.sort_by(|a, b| match (a.as_string(), b.as_string()) {
        (Some(a), Some(b)) => a.compare(b, &cx.heap),
        _ => std::cmp::Ordering::Equal,
    });
    names.dedup();
    let shape = cx.heap.root_shape(None, Kind::ModuleNamespace, 1);
    let object = cx.heap.new_object(Kind::ModuleNamespace, shape, object_flag::EXOTIC | object_flag::NON_EXTENSIBLE);
    let tag = cx.heap.intern_text("Module");
    object.add_property(&cx.heap, symbol::to_string_tag, tag.value(), attribute::NONE);
    set_field(cx, module, Field::Namespace, object.value());
    let mut bindings = Vec::new();
    for &name in &names {
        let resolution = resolve_export(cx, module, name, &mut Vec::new());
        let record = binding_record(cx, resolution, name)?;
        bindings.push(Value::cell(record));
    }
    let names = cx.heap.new_values_from(&names);
    let bindings = cx.heap.new_values_from(&bindings);
    object.set_internal(&cx.heap, 0, Value::cell(names));
    object.set_internal(&cx.heap, 1, Value::cell(bindings));
    Ok(object)
}

fn missing_export(cx: &mut Context, module: Module, name: Value, ambiguous: bool) -> Thrown {
    let from = field(cx, module, Field::Name).as_string().map_or_else(String::new, |name| name.to_text(&cx.heap));
    let name = name.as_string().map_or_else(String::new, |name| name.to_text(&cx.heap));
    if ambiguous {
        return cx.throw_syntax_error(&format!("The requested module '{from}' contains conflicting star exports for name '{name}'"));
    }
    cx.throw_syntax_error(&format!("The requested module '{from}' does not provide an export named '{name}'"))
}

/// Links a module and everything it requests: imports bound, functions instantiated. https://tc39.es/ecma262/#sec-moduledeclarationlinking
fn link_graph(cx: &mut Context, module: Module, order: &mut Vec<Module>) -> Result<()> {
    if order.contains(&module) {
        return Ok(());
    }
    cx.check_native_stack()?;
    order.push(module);
    for target in all_requested(cx, module) {
        link_graph(cx, target, order)?;
    }
    if status_of(cx, module) != status::LOADED {
        return Ok(());
    }
    initialise_environment(cx, module)?;
    set_status(cx, module, status::LINKED);
    Ok(())
}

// 16.2.1.7.3.1 InitializeEnvironment ( ), https://tc39.es/ecma262/#sec-source-text-module-record-initialize-environment
fn initialise_environment(cx: &mut Context, module: Module) -> Result<()> {
    for export in list(cx, part(cx, module, 2)) {
        if export.get(&cx.heap, 0).as_int() == Some(1) {
            let name = export.get(&cx.heap, 1);
            match resolve_export(cx, module, name, &mut Vec::new()) {
                Resolution::None => {
                    let target = requested(cx, module, export.get(&cx.heap, 2).as_int().unwrap_or(0) as u32);
                    let imported = export.get(&cx.heap, 3);
                    return Err(missing_export(cx, target, imported, false));
                }
                Resolution::Ambiguous => return Err(missing_export(cx, module, name, true)),
                _ => {}
            }
        }
    }
    let environment = environment_of(cx, module);
    for import in list(cx, part(cx, module, 1)) {
        let target = requested(cx, module, import.get(&cx.heap, 0).as_int().unwrap_or(0) as u32);
        let name = import.get(&cx.heap, 1);
        let slot = import.get(&cx.heap, 2).as_int().unwrap_or(0) as u32;
        if name.is_undefined() {
            let object = namespace(cx, target)?;
            environment.set(&cx.heap, slot, object.value());
            continue;
        }
        let resolution = resolve_export(cx, target, name, &mut Vec::new());
        match resolution {
            Resolution::None => return Err(missing_export(cx, target, name, false)),
            Resolution::Ambiguous => return Err(missing_export(cx, target, name, true)),
            _ => {}
        }
        let record = binding_record(cx, resolution, name)?;
        environment.set(&cx.heap, slot, Value::cell(record));
    }
    let code = Code::from_value(field(cx, module, Field::Code));
    let function = new_closure(cx, code, Value::cell(environment));
    let frame = cx.call(function.value(), Value::UNDEFINED, &[])?;
    set_field(cx, module, Field::Frame, frame);
    Ok(())
}

/// Modules in the order of evaluation.
fn evaluation_order(cx: &mut Context, module: Module, seen: &mut Vec<Module>, order: &mut Vec<Module>) -> Result<()> {
    if seen.contains(&module) {
        return Ok(());
    }
    cx.check_native_stack()?;
    seen.push(module);
    for target in all_requested(cx, module) {
        evaluation_order(cx, target, seen, order)?;
    }
    if matches!(status_of(cx, module), status::LINKED | status::EVALUATING | status::FAILED) {
        order.push(module);
    }
    Ok(())
}

/// Evaluates a linked module and its requests; the promise settles when all are done.
fn evaluate(cx: &mut Context, module: Module) -> Result<Object> {
    if let Some(known) = field(cx, module, Field::Promise).as_object() {
        return Ok(known);
    }
    let result = promise::new_pending(cx);
    set_field(cx, module, Field::Promise, result.value());
    let mut order = Vec::new();
    evaluation_order(cx, module, &mut Vec::new(), &mut order)?;
    let values: Vec<Value> = order.into_iter().map(Value::cell).collect();
    let queue = cx.heap.new_values_from(&values);
    // Garbage may be collected while the modules run: there need not be a native below.
    let kept = cx.push_temporary(Value::cell(queue));
    let outcome = evaluate_from(cx, queue, 0, result);
    cx.pop_temporaries(kept);
    outcome?;
    Ok(result)
}

/// Evaluates the modules of `queue` from `index` on, until one has to be waited for.
fn evaluate_from(cx: &mut Context, queue: Ref<Values>, mut index: u32, result: Object) -> Result<()> {
    while index < queue.length(&cx.heap) {
        let module = cx.record(queue.get(&cx.heap, index));
        index += 1;
        match status_of(cx, module) {
            status::FAILED => {
                promise::reject(cx, result, field(cx, module, Field::Error));
                return Ok(());
            }
            status::EVALUATING => {
                // Another evaluation is waiting for it.
                if let Some(pending) = field(cx, module, Field::Promise).as_object()
                    && pending != result
                {
                    wait(cx, pending, queue, index, result);
                    return Ok(());
                }
                continue;
            }
            status::LINKED => {}
            _ => continue,
        }
        set_status(cx, module, status::EVALUATING);
        let Some(frame) = field(cx, module, Field::Frame).as_object() else { continue };
        set_field(cx, module, Field::Frame, Value::UNDEFINED);
        if part(cx, module, 4) == Value::TRUE {
            let done = promise::new_pending(cx);
            frame.set_internal(&cx.heap, crate::interpreter::frame_slot::PROMISE, done.value());
            // A frame that ends at once keeps its promise no longer.
            let kept = cx.push_temporary(done.value());
            let outcome = cx.resume_frame(frame, Value::UNDEFINED, ResumeMode::Next);
            cx.pop_temporaries(kept);
            outcome?;
            wait(cx, done, queue, index, result);
            return Ok(());
        }
        match cx.resume_frame(frame, Value::UNDEFINED, ResumeMode::Next) {
            Ok(_) => set_status(cx, module, status::EVALUATED),
            Err(thrown) => {
                let Some(error) = cx.take_exception() else { return Err(thrown) };
                set_status(cx, module, status::FAILED);
                set_field(cx, module, Field::Error, error);
                promise::reject(cx, result, error);
                return Ok(());
            }
        }
    }
    promise::resolve(cx, result, Value::UNDEFINED)
}

/// Goes on with the queue when `pending` is settled.
fn wait(cx: &mut Context, pending: Object, queue: Ref<Values>, index: u32, result: Object) {
    let waiting = Value::cell(cx.heap.new_values_from(&[Value::cell(queue), Value::int(index as i32), result.value()]));
    let next = promise::Reaction::Native(evaluation_continues, waiting);
    let fail = promise::Reaction::Native(evaluation_fails, waiting);
    promise::perform_then(cx, pending, next, fail, None);
}

fn waiting_parts(cx: &Context, waiting: Value) -> Option<(Ref<Values>, u32, Object)> {
    let record = waiting.as_cell::<Values>()?;
    let queue = record.get(&cx.heap, 0).as_cell()?;
    let index = record.get(&cx.heap, 1).as_int()?;
    Some((queue, index as u32, record.get(&cx.heap, 2).as_object()?))
}

/// A module that was waited for is evaluated.
fn evaluation_continues(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some((queue, index, result)) = waiting_parts(cx, this) {
        let module = cx.record(queue.get(&cx.heap, index - 1));
        set_status(cx, module, status::EVALUATED);
        evaluate_from(cx, queue, index, result)?;
    }
    Ok(Value::UNDEFINED)
}

/// A module that was waited for failed.
fn evaluation_fails(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some((queue, index, result)) = waiting_parts(cx, this) {
        let module = cx.record(queue.get(&cx.heap, index - 1));
        set_status(cx, module, status::FAILED);
        set_field(cx, module, Field::Error, args.at(0));
        promise::reject(cx, result, args.at(0));
    }
    Ok(Value::UNDEFINED)
}

impl Context {
    /// Loads, links and starts evaluating a module given as text. Jobs must be run for top-level await to go on.
    pub fn evaluate_module(&mut self, source: &str, name: &str) -> Result<ModuleEvaluation> {
        self.enter(|cx| {
            let module = match find(cx, name, "") {
                Some(known) => known,
                None => load_source(cx, source, name)?,
            };
            run_module(cx, module)
        })
    }
}

fn run_module(cx: &mut Context, module: Module) -> Result<ModuleEvaluation> {
    link_graph(cx, module, &mut Vec::new())?;
    let promise = evaluate(cx, module)?;
    let namespace = namespace(cx, module)?;
    Ok(ModuleEvaluation { namespace, promise })
}

/// Name of the source that code belongs to.
fn referrer(cx: &Context, code: Code) -> String {
    code.source_name(&cx.heap)
}

/// An imported module is evaluated: import() gives its namespace.
fn give_namespace(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

// 13.3.10.2 EvaluateImportCall ( specifierExpression [ , optionsExpression ] ), https://tc39.es/ecma262/#sec-evaluate-import-call
pub(crate) fn import_call(cx: &mut Context, code: Code, specifier: Value, options: Value, phase: u8) -> Result<Object> {
    let result = promise::new_pending(cx);
    let outcome = (|cx: &mut Context| {
        let specifier = cx.to_text(specifier)?;
        let attributes = import_attributes(cx, options)?;
        if phase == 2 {
            return Err(cx.throw_syntax_error("Source phase import is not available for this module"));
        }
        let referrer = referrer(cx, code);
        let module = load_request(cx, &specifier, &referrer, &attributes)?;
        run_module(cx, module)
    })(cx);
    match outcome {
        Ok(evaluation) => {
            let fulfilled = promise::Reaction::Native(give_namespace, evaluation.namespace.value());
            promise::perform_then(cx, evaluation.promise, fulfilled, promise::Reaction::Pass, Some(result));
        }
        Err(thrown) => match cx.take_exception() {
            Some(error) => promise::reject(cx, result, error),
            None => return Err(thrown),
        },
    }
    Ok(result)
}

/// The `with` attributes of import()'s options.
fn import_attributes(cx: &mut Context, options: Value) -> Result<Vec<(String, String)>> {
    if options.is_undefined() {
        return Ok(Vec::new());
    }
    let Some(options) = options.as_object() else {
        return Err(cx.throw_type_error("The second argument of import() must be an object"));
    };
    let with = cx.get(options, key::with)?;
    if with.is_undefined() {
        return Ok(Vec::new());
    }
    let Some(with) = with.as_object() else {
        return Err(cx.throw_type_error("The 'with' option of import() must be an object"));
    };
    let mut attributes = Vec::new();
    for property_key in cx.own_keys(with)? {
        if property_key.is_symbol(&cx.heap) {
            continue;
        }
        let Some(descriptor) = cx.get_own_property(with, property_key)? else { continue };
        if descriptor.enumerable != Some(true) {
            continue;
        }
        let value = cx.get(with, property_key)?;
        let Some(value) = value.as_string() else {
            return Err(cx.throw_type_error("Import attribute value must be a string"));
        };
        attributes.push((property_key.to_text(&cx.heap), value.to_text(&cx.heap)));
    }
    attributes.sort();
    Ok(attributes)
}

// 13.3.12.1 import.meta, https://tc39.es/ecma262/#sec-meta-properties-runtime-semantics-evaluation
pub(crate) fn import_meta(cx: &mut Context, code: Code) -> Result<Object> {
    let source = code.source(&cx.heap);
    let owner = modules(cx).into_iter().find(|&module| {
        let code = field(cx, module, Field::Code);
        code.is_cell() && Code::from_value(code).source(&cx.heap) == source
    });
    let Some(module) = owner else { return Err(cx.throw_syntax_error("Cannot use 'import.meta' outside a module")) };
    if let Some(known) = field(cx, module, Field::Meta).as_object() {
        return Ok(known);
    }
    let meta = cx.heap.new_object_with_prototype(Kind::Object, None);
    set_field(cx, module, Field::Meta, meta.value());
    let name = referrer(cx, code);
    let url = cx.host().module_url(&name);
    let url = cx.heap.new_string(&url);
    cx.define_import_meta(meta, url)?;
    Ok(meta)
}

impl Context {
    fn define_import_meta(&mut self, meta: Object, url: crate::string::JsString) -> Result<()> {
        self.create_data_property_or_throw(meta, key::url, url.value())
    }
}
