//! Loading: module records out of the host's sources, a graph at a time.

use super::{
    Field, Module, all_requested, field, find, list, new_record, part, phase, request_phase, set_field, set_status, status, status_of,
};
use crate::builtins::module_source::new_module_source;
use crate::compiler::compile_module;
use crate::context::Context;
use crate::evaluate::{compile_options, file_syntax_error};
use crate::host::ModuleSource;
use crate::native::Result;
use crate::realm::code::link;
use crate::value::Value;

// 16.2.1.7.1 ParseModule ( sourceText, realm, hostDefined ), https://tc39.es/ecma262/#sec-parsemodule
pub(super) fn parse_module(cx: &mut Context, source: &str, name: &str) -> Result<Module> {
    let block = match compile_module(source, name, &compile_options()) {
        Ok(block) => block,
        Err(error) => return Err(file_syntax_error(cx, &error, source, name)),
    };
    let module = new_record(cx, name, "");
    let record = cx.heap.new_source(name, source);
    let realm = cx.realm();
    let code = link(cx, &block, realm, record)?;
    set_field(cx, module, Field::Code, code.value());
    Ok(module)
}

// 16.2.1.6.1.1 LoadRequestedModules ( [ hostDefined ] ), https://tc39.es/ecma262/#sec-LoadRequestedModules
/// Modules of a graph that could not be loaded whole stay new, so that another attempt asks the host again.
pub(super) fn load_requested_modules(cx: &mut Context, module: Module) -> Result<()> {
    let mut visited = Vec::new();
    let outcome = inner_module_loading(cx, module, &mut visited);
    let status = if outcome.is_ok() { status::UNLINKED } else { status::NEW };
    for module in visited {
        set_status(cx, module, status);
    }
    outcome
}

// 16.2.1.6.1.1.1 InnerModuleLoading ( state, module ), https://tc39.es/ecma262/#sec-InnerModuleLoading
fn inner_module_loading(cx: &mut Context, module: Module, visited: &mut Vec<Module>) -> Result<()> {
    if status_of(cx, module) != status::NEW {
        return Ok(());
    }
    cx.check_native_stack()?;
    set_status(cx, module, status::LOADING);
    visited.push(module);
    let referrer = field(cx, module, Field::Name).as_string().map_or_else(String::new, |name| name.to_text(&cx.heap));
    let mut loaded = Vec::new();
    for (index, request) in list(cx, part(cx, module, 0)).into_iter().enumerate() {
        let text = |at| request.get(&cx.heap, at).as_string().map_or_else(String::new, |text| text.to_text(&cx.heap));
        let attributes: Vec<(String, String)> = (2..request.length(&cx.heap)).step_by(2).map(|at| (text(at), text(at + 1))).collect();
        let specifier = text(0);
        let target = host_load(cx, &specifier, &referrer, &attributes)?;
        loaded.push(Value::cell(target));
        // A module that is only asked for its source is not loaded any further.
        if request_phase(cx, module, index as u32) != phase::SOURCE {
            inner_module_loading(cx, target, visited)?;
        }
    }
    let loaded = cx.heap.new_values_from(&loaded);
    set_field(cx, module, Field::Requested, Value::cell(loaded));
    debug_assert!(all_requested(cx, module).len() == list(cx, part(cx, module, 0)).len());
    Ok(())
}

// 16.2.1.10 HostLoadImportedModule ( referrer, moduleRequest, hostDefined, payload ),
// https://tc39.es/ecma262/#sec-HostLoadImportedModule
/// The module itself; what it requests is not loaded.
pub(super) fn host_load(cx: &mut Context, specifier: &str, referrer: &str, attributes: &[(String, String)]) -> Result<Module> {
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
            None => parse_module(cx, &text, &name),
        },
        ModuleSource::Json { text, name } => synthetic(cx, &name, kind, |cx| {
            let text = cx.heap.new_string(&text);
            let json = cx.intrinsic(crate::realm::Intrinsic::Json).value();
            cx.invoke(json, crate::string::PropertyKey::atom(cx.heap.intern_text("parse")), &[text.value()])
        }),
        ModuleSource::Text { text, name } => synthetic(cx, &name, kind, |cx| Ok(cx.new_string(&text))),
        ModuleSource::Bytes { bytes, name } => synthetic(cx, &name, kind, |cx| {
            let array = crate::builtins::typed_array::create_uint8_array(cx, &bytes).value();
            // https://tc39.es/proposal-import-bytes/#sec-create-bytes-module: the buffer is immutable.
            if let Some(buffer) = crate::builtins::typed_array::buffer_of(&cx.heap, array) {
                crate::builtins::typed_array::view::make_immutable(&cx.heap, buffer);
            }
            Ok(array)
        }),
        ModuleSource::Opaque { class_name, name } => {
            if let Some(module) = find(cx, &name, "source") {
                return Ok(module);
            }
            let object = new_module_source(cx, &class_name);
            let module = synthetic_record(cx, &name, "source");
            set_field(cx, module, Field::Source, object.value());
            Ok(module)
        }
    }
}

fn synthetic_record(cx: &mut Context, name: &str, kind: &str) -> Module {
    let module = new_record(cx, name, kind);
    set_field(cx, module, Field::Requested, Value::cell(cx.heap.new_values(0)));
    set_status(cx, module, status::EVALUATED);
    module
}

/// A module whose only export is `default`.
fn synthetic(cx: &mut Context, name: &str, kind: &str, make: impl FnOnce(&mut Context) -> Result<Value>) -> Result<Module> {
    if let Some(module) = find(cx, name, kind) {
        return Ok(module);
    }
    let value = make(cx)?;
    let module = synthetic_record(cx, name, kind);
    set_field(cx, module, Field::Default, value);
    Ok(module)
}
