//! AbortSignals as the streams and fetch use them.

use crate::abort::{self, AbortSignal};
use crate::webidl::{instance, new_instance};
use mayfly_engine::context::Context;
use mayfly_engine::native::{NativeId, Result};
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

/// The value as an AbortSignal.
pub(crate) fn as_signal(cx: &Context, value: Value) -> Option<Object> {
    instance::<AbortSignal>(cx, value)
}

/// A signal that is aborted with this reason already, or not at all (`None`).
pub(crate) fn new(cx: &mut Context, aborted: Option<Value>) -> Result<Object> {
    let signal = new_instance::<AbortSignal>(cx);
    if let Some(reason) = aborted {
        abort::signal_abort(cx, signal, reason)?;
    }
    Ok(signal)
}

/// The reason, if the signal is aborted.
pub(crate) fn aborted(cx: &Context, signal: Object) -> Option<Value> {
    abort::is_aborted(cx, signal).then(|| abort::reason(cx, signal))
}

/// Has a native called, with `state` in its slot 0, when the signal is aborted. The function object serves [`remove`].
pub(crate) fn add(cx: &mut Context, signal: Object, native: impl Into<NativeId>, state: Value) -> Object {
    let algorithm = cx.new_native_with_slots(native, &[state]);
    abort::add_algorithm(cx, signal, algorithm);
    algorithm
}

/// Takes back what [`add`] did.
pub(crate) fn remove(cx: &mut Context, signal: Object, algorithm: Object) {
    abort::remove_algorithm(cx, signal, algorithm);
}
