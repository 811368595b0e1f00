//! Transferable objects. <https://html.spec.whatwg.org/multipage/structured-data.html#transferable-objects>

use super::port::{self, MessagePort};
use crate::dom_exception;
use crate::streams::{self, cross_realm, readable_ops, writable_ops};
use crate::webidl::prelude::*;
use crate::webidl::{FromIterable, class_of};
use mayfly_engine::builtins::{host_memory, typed_array};
use mayfly_engine::string::atoms::symbol;

/// StructuredSerializeOptions. <https://html.spec.whatwg.org/multipage/web-messaging.html#structuredserializeoptions>
#[derive(Dictionary)]
pub struct StructuredSerializeOptions {
    /// What moves instead of being copied.
    #[idl(ts = "Iterable<Transferable>")]
    pub transfer: Vec<Object>,
}

/// The second argument of `postMessage`: a sequence of objects, or a dictionary with one.
/// <https://webidl.spec.whatwg.org/#dfn-overload-resolution-algorithm>
pub fn argument(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Vec<Object>> {
    if value.is_object()
        && let Some(method) = cx.get_method(value, symbol::iterator)?
    {
        return Vec::from_iterable(cx, value, method, place);
    }
    Ok(StructuredSerializeOptions::from_js(cx, value, place)?.transfer)
}

#[cold]
fn refuse(cx: &mut Context, why: &str) -> Thrown {
    dom_exception::throw(cx, "DataCloneError", why)
}

// https://html.spec.whatwg.org/multipage/structured-data.html#structuredserializewithtransfer, step 2 for one object
/// The object that will take the place of `source`, still empty. DataCloneError when it cannot be transferred.
pub fn allocate(cx: &mut Context, source: Object) -> Result<Object> {
    if source.is(&cx.heap, Kind::ArrayBuffer) && !typed_array::view::is_immutable(&cx.heap, source) {
        return Ok(cx.new_intrinsic_object(Kind::ArrayBuffer, Intrinsic::ArrayBufferPrototype));
    }
    match class_of(cx, source) {
        Some(class::MESSAGE_PORT) => Ok(new_instance::<MessagePort>(cx)),
        Some(class::READABLE_STREAM) => Ok(readable_ops::new_stream(cx)),
        Some(class::WRITABLE_STREAM) => Ok(writable_ops::new_stream(cx)),
        Some(class::TRANSFORM_STREAM) => Ok(new_instance::<streams::TransformStream>(cx)),
        _ => Err(refuse(cx, "Value not transferable")),
    }
}

// The same algorithm, step 5 for one object, with the transfer-receiving steps.
/// Moves `source` into what [`allocate`] made for it.
pub fn move_to(cx: &mut Context, source: Object, target: Object) -> Result<()> {
    if source.is(&cx.heap, Kind::ArrayBuffer) {
        if typed_array::view::is_detached(&cx.heap, source) {
            return Err(refuse(cx, "An ArrayBuffer is detached and could not be cloned."));
        }
        // DetachArrayBuffer throws where there is a detach key.
        if host_memory::is_host_memory(&cx.heap, source) {
            return Err(cx.throw_type_error("An ArrayBuffer that belongs to a WebAssembly.Memory cannot be transferred"));
        }
        for slot in 0..4 {
            target.set_internal(&cx.heap, slot, source.internal(&cx.heap, slot));
        }
        typed_array::detach(cx, source);
        return Ok(());
    }
    match class_of(cx, source) {
        Some(class::MESSAGE_PORT) => {
            if port::is_detached(cx, source) {
                return Err(refuse(cx, "Port is already neutered."));
            }
            port::move_to(cx, source, target);
            Ok(())
        }
        Some(class::READABLE_STREAM) => cross_realm::transfer_readable(cx, source, target),
        Some(class::WRITABLE_STREAM) => cross_realm::transfer_writable(cx, source, target),
        Some(class::TRANSFORM_STREAM) => cross_realm::transfer_transform(cx, source, target),
        _ => Err(refuse(cx, "Value not transferable")),
    }
}
