//! Linking: what export names resolve to, namespaces, environments. https://tc39.es/ecma262/#sec-moduledeclarationlinking

use super::defer::MODULE_SLOT;
use super::{
    Field, Module, all_requested, field, is_cyclic, list, number_field, part, phase, request_phase, requested, set_field, set_status,
    status, status_of,
};
use crate::context::Context;
use crate::heap::{Environment, Kind, Ref, Values, object_flag};
use crate::native::{Result, Thrown};
use crate::object::{Object, attribute};
use crate::realm::code::{Code, scope_bits};
use crate::realm::function::new_closure;
use crate::string::atoms::{name, symbol};
use crate::value::Value;

/// What an export name resolves to.
#[derive(Clone, Copy)]
enum Resolution {
    /// Slot of a module's environment.
    Slot(Module, u32),
    /// Namespace object of a module, deferred or not.
    Namespace(Module, bool),
    /// A synthetic module's value.
    Default(Module),
    /// A module's source.
    Source(Module),
    Ambiguous,
    None,
}

fn same_resolution(a: Resolution, b: Resolution) -> bool {
    match (a, b) {
        (Resolution::Slot(m, s), Resolution::Slot(n, t)) => m == n && s == t,
        (Resolution::Namespace(m, s), Resolution::Namespace(n, t)) => m == n && s == t,
        (Resolution::Default(m), Resolution::Default(n)) | (Resolution::Source(m), Resolution::Source(n)) => m == n,
        _ => false,
    }
}

/// What a request gives that asks for no binding: a namespace or a source.
fn whole_module(cx: &Context, module: Module, request: u32) -> Resolution {
    let target = requested(cx, module, request);
    match request_phase(cx, module, request) {
        phase::SOURCE => Resolution::Source(target),
        phase => Resolution::Namespace(target, phase == phase::DEFER),
    }
}

// 16.2.1.7.2.2 ResolveExport ( exportName [ , resolveSet ] ), https://tc39.es/ecma262/#sec-resolveexport
fn resolve_export(cx: &Context, module: Module, export_name: Value, seen: &mut Vec<(Module, Value)>) -> Resolution {
    if seen.contains(&(module, export_name)) {
        return Resolution::None;
    }
    seen.push((module, export_name));
    if !is_cyclic(cx, module) {
        let is_default = export_name == name::default.value() && !field(cx, module, Field::Default).is_hole();
        return if is_default { Resolution::Default(module) } else { Resolution::None };
    }
    let exports = list(cx, part(cx, module, 2));
    for export in &exports {
        if export.get(&cx.heap, 1) != export_name {
            continue;
        }
        match export.get(&cx.heap, 0).as_int() {
            Some(0) => return Resolution::Slot(module, export.get(&cx.heap, 2).as_int().unwrap_or(0) as u32),
            Some(1) => {
                let request = export.get(&cx.heap, 2).as_int().unwrap_or(0) as u32;
                let imported = export.get(&cx.heap, 3);
                if imported.is_undefined() {
                    return whole_module(cx, module, request);
                }
                return resolve_export(cx, requested(cx, module, request), imported, seen);
            }
            _ => {}
        }
    }
    if export_name == name::default.value() {
        return Resolution::None;
    }
    let mut found = Resolution::None;
    for export in &exports {
        if export.get(&cx.heap, 0).as_int() != Some(2) {
            continue;
        }
        let target = requested(cx, module, export.get(&cx.heap, 2).as_int().unwrap_or(0) as u32);
        match resolve_export(cx, target, export_name, seen) {
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
    if !is_cyclic(cx, module) {
        return if field(cx, module, Field::Default).is_hole() { Vec::new() } else { vec![name::default.value()] };
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
            for exported in exported_names(cx, target, seen) {
                if exported != name::default.value() && !names.contains(&exported) {
                    names.push(exported);
                }
            }
        }
    }
    names
}

/// Binding record (environment or value, slot, name) of a resolution.
fn binding_record(cx: &mut Context, resolution: Resolution, export_name: Value) -> Result<Ref<Values>> {
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
        Resolution::Namespace(module, deferred) => (namespace(cx, module, deferred)?.value(), 0),
        Resolution::Default(module) => (field(cx, module, Field::Default), 0),
        Resolution::Source(module) => (module_source(cx, module)?, 0),
        _ => (Value::UNDEFINED, 0),
    };
    Ok(cx.heap.new_values_from(&[place, Value::int(slot as i32), export_name]))
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
        if bits & (scope_bits::TDZ | scope_bits::IMPORT) == 0 {
            environment.set(&cx.heap, i, Value::UNDEFINED);
        }
    }
    set_field(cx, module, Field::Environment, Value::cell(environment));
    environment
}

// 16.2.1.7.1.? GetModuleSource ( ), https://tc39.es/proposal-source-phase-imports/#sec-source-text-module-record-getmodulesource
pub(super) fn module_source(cx: &mut Context, module: Module) -> Result<Value> {
    let source = field(cx, module, Field::Source);
    if source.is_undefined() {
        let name = field(cx, module, Field::Name).as_string().map_or_else(String::new, |name| name.to_text(&cx.heap));
        return Err(cx.throw_syntax_error(&format!("The module '{name}' has no source phase representation")));
    }
    Ok(source)
}

// 16.2.1.11 GetModuleNamespace ( module ), https://tc39.es/ecma262/#sec-getmodulenamespace
// 10.4.6.12 ModuleNamespaceCreate ( module, exports ), https://tc39.es/ecma262/#sec-modulenamespacecreate
// Both with the phase of https://tc39.es/proposal-defer-import-eval/#sec-getmodulenamespace
pub(super) fn namespace(cx: &mut Context, module: Module, deferred: bool) -> Result<Object> {
    let which = if deferred { Field::DeferredNamespace } else { Field::Namespace };
    if let Some(known) = field(cx, module, which).as_object() {
        return Ok(known);
    }
    let mut names = exported_names(cx, module, &mut Vec::new());
    names.retain(|&name| !matches!(resolve_export(cx, module, name, &mut Vec::new()), Resolution::None | Resolution::Ambiguous));
    if deferred {
        // Asking whether a deferred namespace is a thenable must not evaluate it: it has no such export.
        names.retain(|&export| export != name::then.value());
    }
    names.sort_by(|a, b| match (a.as_string(), b.as_string()) {
        (Some(a), Some(b)) => a.compare(b, &cx.heap),
        _ => std::cmp::Ordering::Equal,
    });
    names.dedup();
    let shape = cx.heap.root_shape(None, Kind::ModuleNamespace, 1);
    let object = cx.heap.new_object(Kind::ModuleNamespace, shape, object_flag::EXOTIC | object_flag::NON_EXTENSIBLE);
    let tag = cx.heap.intern_text(if deferred { "Deferred Module" } else { "Module" });
    object.add_property(&cx.heap, symbol::to_string_tag, tag.value(), attribute::NONE);
    set_field(cx, module, which, object.value());
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
    if deferred {
        object.set_internal(&cx.heap, MODULE_SLOT, Value::cell(module));
    }
    Ok(object)
}

fn missing_export(cx: &mut Context, module: Module, importer: Module, name: Value, ambiguous: bool) -> Thrown {
    let text_of = |module| field(cx, module, Field::Name).as_string().map_or_else(String::new, |name| name.to_text(&cx.heap));
    let (from, importer) = (text_of(module), text_of(importer));
    let name = name.as_string().map_or_else(String::new, |name| name.to_text(&cx.heap));
    if ambiguous {
        return cx.throw_syntax_error(&format!(
            "The requested module '{from}' contains conflicting star exports for name '{name}' (imported by {importer})"
        ));
    }
    cx.throw_syntax_error(&format!("The requested module '{from}' does not provide an export named '{name}' (imported by {importer})"))
}

// 16.2.1.6.1.2 Link ( ), https://tc39.es/ecma262/#sec-moduledeclarationlinking
pub(super) fn link(cx: &mut Context, module: Module) -> Result<()> {
    let mut stack = Vec::new();
    let outcome = inner_module_linking(cx, module, &mut stack, 0);
    if outcome.is_err() {
        for member in stack {
            set_status(cx, member, status::UNLINKED);
        }
    }
    outcome.map(|_| ())
}

// 16.2.1.6.1.2.1 InnerModuleLinking ( module, stack, index ), https://tc39.es/ecma262/#sec-InnerModuleLinking
fn inner_module_linking(cx: &mut Context, module: Module, stack: &mut Vec<Module>, mut index: i32) -> Result<i32> {
    // 1.-2. Synthetic modules have nothing to link.
    if status_of(cx, module) != status::UNLINKED {
        return Ok(index);
    }
    cx.check_native_stack()?;
    // 3.-8.
    set_status(cx, module, status::LINKING);
    let own_index = index;
    set_field(cx, module, Field::DfsIndex, Value::int(own_index));
    set_field(cx, module, Field::DfsAncestorIndex, Value::int(own_index));
    index += 1;
    stack.push(module);
    // 9. Modules asked for their source only are not linked.
    for (required, phase) in all_requested(cx, module) {
        if phase == phase::SOURCE {
            continue;
        }
        index = inner_module_linking(cx, required, stack, index)?;
        if status_of(cx, required) == status::LINKING {
            let ancestor = number_field(cx, module, Field::DfsAncestorIndex).min(number_field(cx, required, Field::DfsAncestorIndex));
            set_field(cx, module, Field::DfsAncestorIndex, Value::int(ancestor));
        }
    }
    // 10.
    initialise_environment(cx, module)?;
    // 11.-13.
    if number_field(cx, module, Field::DfsAncestorIndex) == own_index {
        while let Some(member) = stack.pop() {
            set_status(cx, member, status::LINKED);
            if member == module {
                break;
            }
        }
    }
    Ok(index)
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
                    return Err(missing_export(cx, target, module, imported, false));
                }
                Resolution::Ambiguous => return Err(missing_export(cx, module, module, name, true)),
                _ => {}
            }
        }
    }
    let environment = environment_of(cx, module);
    for import in list(cx, part(cx, module, 1)) {
        let request = import.get(&cx.heap, 0).as_int().unwrap_or(0) as u32;
        let target = requested(cx, module, request);
        let name = import.get(&cx.heap, 1);
        let slot = import.get(&cx.heap, 2).as_int().unwrap_or(0) as u32;
        if name.is_undefined() {
            let value = match request_phase(cx, module, request) {
                phase::SOURCE => module_source(cx, target)?,
                phase => namespace(cx, target, phase == phase::DEFER)?.value(),
            };
            environment.set(&cx.heap, slot, value);
            continue;
        }
        let resolution = resolve_export(cx, target, name, &mut Vec::new());
        match resolution {
            Resolution::None => return Err(missing_export(cx, target, module, name, false)),
            Resolution::Ambiguous => return Err(missing_export(cx, target, module, name, true)),
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
