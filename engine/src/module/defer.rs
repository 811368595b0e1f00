//! Deferred evaluation: `import defer * as ns`. https://tc39.es/proposal-defer-import-eval/

use super::{Field, Module, all_requested, evaluate, field, has_top_level_await, is_cyclic, module_field, phase, status, status_of};
use crate::builtins::promise::{self, PromiseState};
use crate::context::Context;
use crate::heap::{Kind, Values};
use crate::native::Result;
use crate::object::Object;
use crate::value::Value;

/// Internal slot of a deferred namespace: its module, until that is evaluated.
pub(super) const MODULE_SLOT: u32 = 2;

// IsModuleSCCEvaluated ( module ), https://tc39.es/proposal-defer-import-eval/#sec-IsModuleSCCEvaluated
fn is_component_evaluated(cx: &Context, module: Module) -> bool {
    let root = module_field(cx, module, Field::CycleRoot).unwrap_or(module);
    status_of(cx, root) == status::EVALUATED
}

// GatherAsynchronousTransitiveDependencies ( module [ , seen ] ),
// https://tc39.es/proposal-defer-import-eval/#sec-GatherAsynchronousTransitiveDependencies
pub(super) fn gather_asynchronous_dependencies(cx: &mut Context, module: Module) -> Result<Vec<Module>> {
    let mut found = Vec::new();
    gather(cx, module, &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn gather(cx: &mut Context, module: Module, seen: &mut Vec<Module>, found: &mut Vec<Module>) -> Result<()> {
    if seen.contains(&module) {
        return Ok(());
    }
    seen.push(module);
    if !is_cyclic(cx, module) || status_of(cx, module) == status::EVALUATING || is_component_evaluated(cx, module) {
        return Ok(());
    }
    if has_top_level_await(cx, module) {
        if !found.contains(&module) {
            found.push(module);
        }
        return Ok(());
    }
    cx.check_native_stack()?;
    for (required, phase) in all_requested(cx, module) {
        if phase != phase::SOURCE {
            gather(cx, required, seen, found)?;
        }
    }
    Ok(())
}

// ReadyForSyncExecution ( module [ , seen ] ), https://tc39.es/proposal-defer-import-eval/#sec-ReadyForSyncExecution
fn ready_for_sync_execution(cx: &mut Context, module: Module, seen: &mut Vec<Module>) -> Result<bool> {
    if !is_cyclic(cx, module) || seen.contains(&module) {
        return Ok(true);
    }
    seen.push(module);
    if is_component_evaluated(cx, module) {
        return Ok(true);
    }
    if matches!(status_of(cx, module), status::EVALUATING | status::EVALUATING_ASYNC) || has_top_level_await(cx, module) {
        return Ok(false);
    }
    cx.check_native_stack()?;
    for (required, phase) in all_requested(cx, module) {
        if phase != phase::SOURCE && !ready_for_sync_execution(cx, required, seen)? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Context {
    // GetModuleExportsList ( O ), https://tc39.es/proposal-defer-import-eval/#sec-GetModuleExportsList
    /// Before a deferred namespace shows its exports, its module is evaluated. Other namespaces are left alone.
    pub(crate) fn evaluate_deferred(&mut self, namespace: Object) -> Result<()> {
        debug_assert!(namespace.is(&self.heap, Kind::ModuleNamespace));
        let Some(module) = namespace.internal(&self.heap, MODULE_SLOT).as_cell::<Values>() else { return Ok(()) };
        if !ready_for_sync_execution(self, module, &mut Vec::new())? {
            let name = field(self, module, Field::Name).as_string().map_or_else(String::new, |name| name.to_text(&self.heap));
            return Err(self.throw_type_error(&format!("The deferred module '{name}' cannot be evaluated synchronously now")));
        }
        self.evaluate_module_sync(module)?;
        namespace.set_internal(&self.heap, MODULE_SLOT, Value::UNDEFINED);
        Ok(())
    }

    // EvaluateModuleSync ( module ), https://tc39.es/proposal-defer-import-eval/#sec-EvaluateModuleSync
    fn evaluate_module_sync(&mut self, module: Module) -> Result<()> {
        let evaluation = evaluate::evaluate(self, module)?;
        match promise::state(self, evaluation) {
            (PromiseState::Rejected, error) => {
                // HostPromiseRejectionTracker(promise, "handle"), as adding reactions does.
                let settled = promise::Reaction::native(super::import::give_namespace, Value::UNDEFINED);
                promise::perform_then(self, evaluation, settled, settled, None);
                Err(self.throw(error))
            }
            _ => Ok(()),
        }
    }
}
