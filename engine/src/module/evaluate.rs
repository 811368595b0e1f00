//! Evaluation of module graphs. https://tc39.es/ecma262/#sec-moduleevaluation

use super::defer::gather_asynchronous_dependencies;
use super::{
    Field, Module, all_requested, field, has_top_level_await, is_cyclic, list, module_field, number_field, phase, set_field, set_status,
    status, status_of,
};
use crate::builtins::promise;
use crate::context::Context;
use crate::heap::{Root, Values};
use crate::interpreter::{ResumeMode, frame_slot};
use crate::native::{Args, Result};
use crate::object::Object;
use crate::value::Value;

fn evaluation_error(cx: &Context, module: Module) -> Option<Value> {
    Some(field(cx, module, Field::Error)).filter(|error| !error.is_hole())
}

fn is_async_evaluation(cx: &Context, module: Module) -> bool {
    field(cx, module, Field::AsyncEvaluationOrder).is_int()
}

/// IncrementModuleAsyncEvaluationCount ( ), https://tc39.es/ecma262/#sec-IncrementModuleAsyncEvaluationCount
fn next_async_order(cx: &Context) -> Value {
    let count = cx.heap.root_raw(Root::NextId) & i32::MAX as u32;
    cx.heap.set_root_raw(Root::NextId, (count + 1) & i32::MAX as u32);
    Value::int(count as i32)
}

// 16.2.1.6.1.3 Evaluate ( ), https://tc39.es/ecma262/#sec-moduleevaluation
/// `Err` only when the instance is being stopped: errors of modules reject the promise.
pub(super) fn evaluate(cx: &mut Context, module: Module) -> Result<Object> {
    // 3. If module.[[Status]] is either evaluating-async or evaluated, set module to its cycle root.
    let done = matches!(status_of(cx, module), status::EVALUATING_ASYNC | status::EVALUATED);
    let module = module_field(cx, module, Field::CycleRoot).filter(|_| done).unwrap_or(module);
    // 4. If module.[[TopLevelCapability]] is not empty, return its promise.
    if let Some(known) = field(cx, module, Field::Promise).as_object() {
        return Ok(known);
    }
    // 5.-7.
    let mut stack = Vec::new();
    let capability = promise::new_pending(cx);
    set_field(cx, module, Field::Promise, capability.value());
    // 8. Let result be Completion(InnerModuleEvaluation(module, stack, 0)).
    match inner_module_evaluation(cx, module, &mut stack, 0) {
        // 9.
        Err(thrown) => {
            let Some(error) = cx.take_exception() else { return Err(thrown) };
            for member in stack {
                set_status(cx, member, status::EVALUATED);
                set_field(cx, member, Field::Error, error);
            }
            promise::reject(cx, capability, error);
        }
        // 10. Unless it is evaluated asynchronously, resolve.
        Ok(_) if !is_async_evaluation(cx, module) => promise::resolve(cx, capability, Value::UNDEFINED)?,
        Ok(_) => {}
    }
    Ok(capability)
}

/// What a module waits for: deferred requests stand for the asynchronous modules below them.
/// https://tc39.es/proposal-defer-import-eval/#sec-innermoduleevaluation
fn evaluation_list(cx: &mut Context, module: Module) -> Result<Vec<Module>> {
    let mut evaluation_list: Vec<Module> = Vec::new();
    for (required, phase) in all_requested(cx, module) {
        match phase {
            phase::SOURCE => {}
            phase::DEFER => {
                for dependency in gather_asynchronous_dependencies(cx, required)? {
                    if !evaluation_list.contains(&dependency) {
                        evaluation_list.push(dependency);
                    }
                }
            }
            _ if !evaluation_list.contains(&required) => evaluation_list.push(required),
            _ => {}
        }
    }
    Ok(evaluation_list)
}

// 16.2.1.6.1.3.1 InnerModuleEvaluation ( module, stack, index ), https://tc39.es/ecma262/#sec-innermoduleevaluation
fn inner_module_evaluation(cx: &mut Context, module: Module, stack: &mut Vec<Module>, mut index: i32) -> Result<i32> {
    // 1. Synthetic modules are evaluated when they are made.
    if !is_cyclic(cx, module) {
        return Ok(index);
    }
    match status_of(cx, module) {
        // 2.
        status::EVALUATING_ASYNC | status::EVALUATED => {
            return match evaluation_error(cx, module) {
                None => Ok(index),
                Some(error) => Err(cx.throw(error)),
            };
        }
        // 3.
        status::EVALUATING => return Ok(index),
        // 4. Assert: linked.
        _ => {}
    }
    cx.check_native_stack()?;
    // 5.-10.
    set_status(cx, module, status::EVALUATING);
    let own_index = index;
    set_field(cx, module, Field::DfsIndex, Value::int(own_index));
    set_field(cx, module, Field::DfsAncestorIndex, Value::int(own_index));
    let mut pending = 0;
    set_field(cx, module, Field::PendingAsyncDependencies, Value::ZERO);
    index += 1;
    stack.push(module);
    // 11.
    for required in evaluation_list(cx, module)? {
        index = inner_module_evaluation(cx, required, stack, index)?;
        if !is_cyclic(cx, required) {
            continue;
        }
        let mut required = required;
        if status_of(cx, required) == status::EVALUATING {
            let ancestor = number_field(cx, module, Field::DfsAncestorIndex).min(number_field(cx, required, Field::DfsAncestorIndex));
            set_field(cx, module, Field::DfsAncestorIndex, Value::int(ancestor));
        } else {
            required = module_field(cx, required, Field::CycleRoot).unwrap_or(required);
            if let Some(error) = evaluation_error(cx, required) {
                return Err(cx.throw(error));
            }
        }
        if is_async_evaluation(cx, required) {
            pending += 1;
            let parents = module_field(cx, required, Field::AsyncParentModules).unwrap_or_else(|| cx.heap.new_values(2));
            let parents = parents.push(&cx.heap, Value::cell(module));
            set_field(cx, required, Field::AsyncParentModules, Value::cell(parents));
        }
    }
    set_field(cx, module, Field::PendingAsyncDependencies, Value::int(pending));
    // 12.-13.
    if pending > 0 || has_top_level_await(cx, module) {
        set_field(cx, module, Field::AsyncEvaluationOrder, next_async_order(cx));
        if pending == 0 {
            execute_async_module(cx, module)?;
        }
    } else {
        execute_module(cx, module)?;
    }
    // 14.-16.
    if number_field(cx, module, Field::DfsAncestorIndex) == own_index {
        while let Some(member) = stack.pop() {
            let is_async = !field(cx, member, Field::AsyncEvaluationOrder).is_undefined();
            set_status(cx, member, if is_async { status::EVALUATING_ASYNC } else { status::EVALUATED });
            set_field(cx, member, Field::CycleRoot, Value::cell(module));
            if member == module {
                break;
            }
        }
    }
    Ok(index)
}

fn take_frame(cx: &mut Context, module: Module) -> Option<Object> {
    let frame = field(cx, module, Field::Frame).as_object();
    set_field(cx, module, Field::Frame, Value::UNDEFINED);
    frame
}

// 16.2.1.7.3.2 ExecuteModule ( [ capability ] ), https://tc39.es/ecma262/#sec-source-text-module-record-execute-module
fn execute_module(cx: &mut Context, module: Module) -> Result<()> {
    if let Some(frame) = take_frame(cx, module) {
        cx.resume_frame(frame, Value::UNDEFINED, ResumeMode::Next)?;
    }
    Ok(())
}

// 16.2.1.6.1.3.2 ExecuteAsyncModule ( module ), https://tc39.es/ecma262/#sec-execute-async-module
fn execute_async_module(cx: &mut Context, module: Module) -> Result<()> {
    let Some(frame) = take_frame(cx, module) else { return Ok(()) };
    let capability = promise::new_pending(cx);
    let fulfilled = promise::Reaction::native(async_execution_fulfilled, Value::cell(module));
    let rejected = promise::Reaction::native(async_execution_rejected, Value::cell(module));
    promise::perform_then(cx, capability, fulfilled, rejected, None);
    frame.set_internal(&cx.heap, frame_slot::PROMISE, capability.value());
    cx.resume_frame(frame, Value::UNDEFINED, ResumeMode::Next)?;
    Ok(())
}

// 16.2.1.6.1.3.3 GatherAvailableAncestors ( module, execList ), https://tc39.es/ecma262/#sec-gather-available-ancestors
/// The recursion is a list of modules yet to look at: the caller sorts the result anyway.
fn gather_available_ancestors(cx: &Context, module: Module) -> Vec<Module> {
    let mut available: Vec<Module> = Vec::new();
    let mut waiting = vec![module];
    while let Some(module) = waiting.pop() {
        for parent in list(cx, field(cx, module, Field::AsyncParentModules)) {
            let root = module_field(cx, parent, Field::CycleRoot).unwrap_or(parent);
            if available.contains(&parent) || evaluation_error(cx, root).is_some() {
                continue;
            }
            let pending = number_field(cx, parent, Field::PendingAsyncDependencies) - 1;
            set_field(cx, parent, Field::PendingAsyncDependencies, Value::int(pending));
            if pending == 0 {
                available.push(parent);
                if !has_top_level_await(cx, parent) {
                    waiting.push(parent);
                }
            }
        }
    }
    available
}

/// Marks a module as evaluated and resolves its promise.
fn complete(cx: &mut Context, module: Module) -> Result<()> {
    set_field(cx, module, Field::AsyncEvaluationOrder, Value::NULL);
    set_status(cx, module, status::EVALUATED);
    match field(cx, module, Field::Promise).as_object() {
        Some(capability) => promise::resolve(cx, capability, Value::UNDEFINED),
        None => Ok(()),
    }
}

// 16.2.1.6.1.3.4 AsyncModuleExecutionFulfilled ( module ), https://tc39.es/ecma262/#sec-async-module-execution-fulfilled
pub(super) fn async_execution_fulfilled(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(module) = this.as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    // 1. It failed meanwhile.
    if status_of(cx, module) == status::EVALUATED {
        return Ok(Value::UNDEFINED);
    }
    // 2.-7.
    complete(cx, module)?;
    // 8.-11. Ancestors that now can run do so in the order in which they came to wait.
    let mut available = gather_available_ancestors(cx, module);
    available.sort_by_key(|&module| number_field(cx, module, Field::AsyncEvaluationOrder));
    // 12.
    for module in available {
        if status_of(cx, module) == status::EVALUATED {
            continue;
        }
        if has_top_level_await(cx, module) {
            execute_async_module(cx, module)?;
            continue;
        }
        match execute_module(cx, module) {
            Ok(()) => complete(cx, module)?,
            Err(thrown) => {
                let Some(error) = cx.take_exception() else { return Err(thrown) };
                reject_execution(cx, module, error);
            }
        }
    }
    Ok(Value::UNDEFINED)
}

// 16.2.1.6.1.3.5 AsyncModuleExecutionRejected ( module, error ), https://tc39.es/ecma262/#sec-async-module-execution-rejected
pub(super) fn async_execution_rejected(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(module) = this.as_cell::<Values>() {
        reject_execution(cx, module, args.at(0));
    }
    Ok(Value::UNDEFINED)
}

/// The recursion into the parents, of which each fails once, is a list.
fn reject_execution(cx: &mut Context, module: Module, error: Value) {
    let mut waiting = vec![module];
    while let Some(module) = waiting.pop() {
        // 1. It failed already.
        if status_of(cx, module) == status::EVALUATED {
            continue;
        }
        // 2.-7.
        set_field(cx, module, Field::Error, error);
        set_status(cx, module, status::EVALUATED);
        set_field(cx, module, Field::AsyncEvaluationOrder, Value::NULL);
        // 8. If module.[[TopLevelCapability]] is not empty, reject it. 9. Then the parents, in order.
        if let Some(capability) = field(cx, module, Field::Promise).as_object() {
            promise::reject(cx, capability, error);
        }
        waiting.extend(list(cx, field(cx, module, Field::AsyncParentModules)).into_iter().rev());
    }
}
