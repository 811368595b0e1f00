//! %AbstractModuleSource%: the class above the sources of modules.
//! https://tc39.es/proposal-source-phase-imports/#sec-modulesource-objects

use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

natives! { pub static ABSTRACT_MODULE_SOURCE: "AbstractModuleSource" / 0 => construct, AbstractModuleSource, AbstractModuleSourcePrototype, not_global; {
    get @@to_string_tag "[Symbol.toStringTag]" => to_string_tag,
}}

/// Internal slot with [[ModuleSourceClassName]].
const CLASS_NAME: u32 = 0;

// 28.1.1.1 %AbstractModuleSource% ( ), https://tc39.es/proposal-source-phase-imports/#sec-%abstractmodulesource%
fn construct(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Err(cx.throw_type_error("Abstract class AbstractModuleSource cannot be constructed"))
}

// 28.1.3.2 get %AbstractModuleSource%.prototype [ %Symbol.toStringTag% ],
// https://tc39.es/proposal-source-phase-imports/#sec-get-%abstractmodulesource%.prototype.@@tostringtag
fn to_string_tag(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    match this.as_object() {
        Some(object) if object.is(&cx.heap, Kind::ModuleSource) => Ok(object.internal(&cx.heap, CLASS_NAME)),
        _ => Ok(Value::UNDEFINED),
    }
}

/// The source object of a module that the host knows by the name of its class only. Its prototype is one between it and
/// %AbstractModuleSource%.prototype.
pub(crate) fn new_module_source(cx: &mut Context, class_name: &str) -> Object {
    let abstract_prototype = cx.intrinsic(Intrinsic::AbstractModuleSourcePrototype);
    let prototype = cx.heap.new_object_with_prototype(Kind::Object, Some(abstract_prototype));
    let object = cx.heap.new_object_with_prototype(Kind::ModuleSource, Some(prototype));
    let class_name = cx.heap.intern_text(class_name);
    object.set_internal(&cx.heap, CLASS_NAME, class_name.value());
    object
}
