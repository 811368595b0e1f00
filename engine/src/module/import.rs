//! import() and import.meta.

use super::defer::gather_asynchronous_dependencies;
use super::load::{host_load, load_requested_modules};
use super::{Field, Module, evaluate, field, link, modules, phase, set_field};
use crate::builtins::promise;
use crate::context::Context;
use crate::heap::{Kind, Values};
use crate::native::{Args, Result};
use crate::object::Object;
use crate::realm::code::Code;
use crate::string::atoms::key;
use crate::value::Value;

/// An imported module is evaluated: import() gives its namespace.
pub(super) fn give_namespace(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

// 13.3.10.2 EvaluateImportCall ( specifierExpression [ , optionsExpression ] ), https://tc39.es/ecma262/#sec-evaluate-import-call
pub(crate) fn import_call(cx: &mut Context, code: Code, specifier: Value, options: Value, phase: u8) -> Result<Object> {
    let result = promise::new_pending(cx);
    let outcome = (|cx: &mut Context| {
        let specifier = cx.to_text(specifier)?;
        let attributes = import_attributes(cx, options)?;
        let referrer = code.referrer(&cx.heap);
        let module = host_load(cx, &specifier, &referrer, &attributes)?;
        continue_dynamic_import(cx, result, module, phase)
    })(cx);
    match outcome {
        Ok(()) => {}
        Err(thrown) => match cx.take_exception() {
            Some(error) => promise::reject(cx, result, error),
            None => return Err(thrown),
        },
    }
    Ok(result)
}

// 13.3.10.4 ContinueDynamicImport ( payload, moduleCompletion ), https://tc39.es/ecma262/#sec-ContinueDynamicImport
// with the phases of https://tc39.es/proposal-source-phase-imports/ and https://tc39.es/proposal-defer-import-eval/
fn continue_dynamic_import(cx: &mut Context, result: Object, module: Module, phase: u8) -> Result<()> {
    if phase == phase::SOURCE {
        let source = link::module_source(cx, module)?;
        return promise::resolve(cx, result, source);
    }
    // 6. Let loadPromise be module.LoadRequestedModules(). It is settled; what follows is a reaction to it, so that evaluation never starts
    // in the middle of another.
    load_requested_modules(cx, module)?;
    let phase = Value::int(i32::from(phase));
    cx.enqueue_job(link_and_evaluate, &[Value::cell(module), result.value(), phase]);
    Ok(())
}

/// The linkAndEvaluate closure of ContinueDynamicImport, as a job: module, promise, phase.
pub(super) fn link_and_evaluate(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (Some(module), Some(result)) = (args.at(0).as_cell::<Values>(), args.at(1).as_object()) else { return Ok(Value::UNDEFINED) };
    let phase = args.at(2).as_int().unwrap_or(0) as u8;
    // Evaluation may collect, and nothing else need hold the promise.
    let kept = cx.push_temporary(result.value());
    let outcome = evaluate_imported(cx, result, module, phase);
    cx.pop_temporaries(kept);
    if let Err(thrown) = outcome {
        let Some(error) = cx.take_exception() else { return Err(thrown) };
        promise::reject(cx, result, error);
    }
    Ok(Value::UNDEFINED)
}

fn evaluate_imported(cx: &mut Context, result: Object, module: Module, phase: u8) -> Result<()> {
    link::link(cx, module)?;
    if phase == phase::DEFER {
        return import_deferred(cx, result, module);
    }
    let evaluation = evaluate::evaluate(cx, module)?;
    let namespace = link::namespace(cx, module, false)?;
    let fulfilled = promise::Reaction::native(give_namespace, namespace.value());
    promise::perform_then(cx, evaluation, fulfilled, promise::Reaction::Pass, Some(result));
    Ok(())
}

/// The asynchronous modules below a deferred one are evaluated, then the promise is given the deferred namespace.
fn import_deferred(cx: &mut Context, result: Object, module: Module) -> Result<()> {
    let dependencies = gather_asynchronous_dependencies(cx, module)?;
    let namespace = link::namespace(cx, module, true)?;
    let mut evaluations = Vec::with_capacity(dependencies.len());
    for dependency in dependencies {
        evaluations.push(evaluate::evaluate(cx, dependency)?);
    }
    if evaluations.is_empty() {
        return promise::resolve(cx, result, namespace.value());
    }
    let record = [Value::int(evaluations.len() as i32), result.value(), namespace.value()];
    let waiting = Value::cell(cx.heap.new_values_from(&record));
    for evaluation in evaluations {
        let fulfilled = promise::Reaction::native(dependency_evaluated, waiting);
        let rejected = promise::Reaction::native(dependency_failed, waiting);
        promise::perform_then(cx, evaluation, fulfilled, rejected, None);
    }
    Ok(())
}

/// One of the modules that a deferred import waits for is evaluated.
pub(super) fn dependency_evaluated(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(waiting) = this.as_cell::<Values>() {
        let remaining = waiting.get(&cx.heap, 0).as_int().unwrap_or(0) - 1;
        waiting.set(&cx.heap, 0, Value::int(remaining));
        if remaining == 0
            && let Some(result) = waiting.get(&cx.heap, 1).as_object()
        {
            promise::resolve(cx, result, waiting.get(&cx.heap, 2))?;
        }
    }
    Ok(Value::UNDEFINED)
}

/// One of the modules that a deferred import waits for failed: the first failure decides.
pub(super) fn dependency_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(waiting) = this.as_cell::<Values>()
        && let Some(result) = waiting.get(&cx.heap, 1).as_object()
        && promise::state(cx, result).0 == promise::PromiseState::Pending
    {
        promise::reject(cx, result, args.at(0));
    }
    Ok(Value::UNDEFINED)
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
    let name = code.source_name(&cx.heap);
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
