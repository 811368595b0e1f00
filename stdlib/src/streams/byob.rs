//! ReadableByteStreamController and ReadableStreamBYOBRequest. <https://streams.spec.whatwg.org/#rbs-controller-class>

use super::byte_controller::{self as ops, pull_into_slot as field};
use super::readable_ops::controller as slot;
use super::support::{Slots, new_platform_object};
use super::{buffers, readable_controller};
use crate::webidl::prelude::*;

/// Slots of ReadableStreamBYOBRequest.
mod request {
    /// [[controller]]
    pub const CONTROLLER: u32 = 1;
    /// [[view]]; undefined for null.
    pub const VIEW: u32 = 2;
}

/// `ReadableByteStreamController`.
#[interface(name = "ReadableByteStreamController", class = class::READABLE_BYTE_STREAM_CONTROLLER, large)]
impl ReadableByteStreamController {
    // https://streams.spec.whatwg.org/#rbs-controller-byob-request
    #[getter(ts = "ReadableStreamBYOBRequest | null")]
    fn byob_request(cx: &mut Context, this: Object) -> Result<Value> {
        get_request(cx, this)
    }

    // https://streams.spec.whatwg.org/#rbs-controller-desired-size
    #[getter(ts = "number | null")]
    fn desired_size(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(readable_controller::desired_size(cx, this).map_or(Value::NULL, Value::number))
    }

    // https://streams.spec.whatwg.org/#rbs-controller-close
    #[method]
    fn close(cx: &mut Context, this: Object) -> Result<()> {
        require_open(cx, this, "close")?;
        ops::close(cx, this)
    }

    // https://streams.spec.whatwg.org/#rbs-controller-enqueue
    #[method]
    fn enqueue(cx: &mut Context, this: Object, #[ts("ArrayBufferView")] chunk: Value) -> Result<()> {
        let Some(view) = buffers::view_parts(cx, chunk) else {
            return Err(cx.throw_type_error(
                "Failed to execute 'enqueue' on 'ReadableByteStreamController': parameter 1 is not of type 'ArrayBufferView'.",
            ));
        };
        if view.length == 0 {
            return Err(cx.throw_type_error("Cannot enqueue a chunk of zero length"));
        }
        if buffers::byte_length(cx, view.buffer) == 0 {
            return Err(cx.throw_type_error("Cannot enqueue a chunk whose buffer is of zero length"));
        }
        require_open(cx, this, "enqueue")?;
        ops::enqueue(cx, this, chunk)
    }

    // https://streams.spec.whatwg.org/#rbs-controller-error
    #[method]
    fn error(cx: &mut Context, this: Object, e: Optional<Value>) -> Result<()> {
        readable_controller::error(cx, this, e.unwrap_or(Value::UNDEFINED))
    }
}

fn require_open(cx: &mut Context, controller: Object, what: &str) -> Result<()> {
    if !readable_controller::can_close_or_enqueue(cx, controller) {
        return Err(cx.throw_type_error(&format!("The stream is not in a state that permits {what}")));
    }
    Ok(())
}

// ReadableByteStreamControllerGetBYOBRequest ( controller ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-get-byob-request
pub(super) fn get_request(cx: &mut Context, controller: Object) -> Result<Value> {
    if let Some(request) = controller.object(cx, slot::BYOB_REQUEST) {
        return Ok(request.value());
    }
    let Some(first) = ops::first_pending(cx, controller) else { return Ok(Value::NULL) };
    let Some(buffer) = first.object(cx, field::BUFFER) else { return Ok(Value::NULL) };
    let filled = first.int(cx, field::BYTES_FILLED) as u32;
    let offset = first.int(cx, field::BYTE_OFFSET) as u32 + filled;
    let view = buffers::uint8_view(cx, buffer, offset, (first.int(cx, field::BYTE_LENGTH) as u32).saturating_sub(filled));
    let request = new_platform_object(cx, class::READABLE_STREAM_BYOB_REQUEST, false);
    request.put(cx, request::CONTROLLER, controller);
    request.put(cx, request::VIEW, view);
    controller.put(cx, slot::BYOB_REQUEST, request);
    Ok(request.value())
}

/// [[view]] of a BYOB request.
pub(super) fn view_of(cx: &Context, request: Object) -> Value {
    request.at(cx, request::VIEW)
}

// ReadableByteStreamControllerInvalidateBYOBRequest ( controller ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-invalidate-byob-request
pub(super) fn invalidate(cx: &Context, controller: Object) {
    if let Some(request) = controller.object(cx, slot::BYOB_REQUEST) {
        request.put(cx, request::CONTROLLER, Value::UNDEFINED);
        request.put(cx, request::VIEW, Value::UNDEFINED);
        controller.put(cx, slot::BYOB_REQUEST, Value::UNDEFINED);
    }
}

/// `ReadableStreamBYOBRequest`.
#[interface(name = "ReadableStreamBYOBRequest", class = class::READABLE_STREAM_BYOB_REQUEST)]
impl ReadableStreamBYOBRequest {
    // https://streams.spec.whatwg.org/#rs-byob-request-view
    #[getter(ts = "Uint8Array<ArrayBuffer> | null")]
    fn view(cx: &mut Context, this: Object) -> Result<Value> {
        let view = this.at(cx, request::VIEW);
        Ok(if view.is_undefined() { Value::NULL } else { view })
    }

    // https://streams.spec.whatwg.org/#rs-byob-request-respond
    #[method]
    fn respond(cx: &mut Context, this: Object, #[ts("number")] bytes_written: Value) -> Result<()> {
        let written = super::source::enforce_range(cx, bytes_written, "bytesWritten")?;
        let Some(controller) = this.object(cx, request::CONTROLLER) else {
            return Err(cx.throw_type_error("This BYOB request has been invalidated"));
        };
        let view = this.at(cx, request::VIEW);
        if buffers::view_parts(cx, view).is_none_or(|view| buffers::is_detached(cx, view.buffer)) {
            return Err(cx.throw_type_error("The BYOB request's buffer has been detached and so cannot be used as a response"));
        }
        ops::respond(cx, controller, written)
    }

    // https://streams.spec.whatwg.org/#rs-byob-request-respond-with-new-view
    #[method]
    fn respond_with_new_view(cx: &mut Context, this: Object, #[ts("ArrayBufferView")] view: Value) -> Result<()> {
        let Some(parts) = buffers::view_parts(cx, view) else {
            return Err(cx.throw_type_error(
                "Failed to execute 'respondWithNewView' on 'ReadableStreamBYOBRequest': parameter 1 is not of type 'ArrayBufferView'.",
            ));
        };
        let Some(controller) = this.object(cx, request::CONTROLLER) else {
            return Err(cx.throw_type_error("This BYOB request has been invalidated"));
        };
        if buffers::is_detached(cx, parts.buffer) {
            return Err(cx.throw_type_error("The given view's buffer has been detached and so cannot be used as a response"));
        }
        ops::respond_with_new_view(cx, controller, view)
    }
}
