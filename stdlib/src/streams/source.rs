//! Where a readable stream's chunks come from: underlying source objects of JS, and natives.

use mayfly_engine::builtins::promise;
use mayfly_engine::context::Context;
use mayfly_engine::heap::{Ref, Values};
use mayfly_engine::native::Result;
use mayfly_engine::object::Object;
use mayfly_engine::string::atoms::key;
use mayfly_engine::value::Value;

use super::readable_ops::controller as slot;
use super::support::{Slots, call_promise, caught, resolved_undefined, resolved_with};
use super::{byte_tee, cross_realm, from_iterable, identity, tee, transform_ops};
use crate::body::source as body_source;

/// Kinds of sources, in a controller's slot.
pub(crate) mod kind {
    /// The algorithms were cleared, or do nothing.
    pub const NONE: i32 = 0;
    /// An underlying source object: SOURCE is the object, PULL and CANCEL its methods or undefined.
    pub const SCRIPT: i32 = 1;
    /// A branch of a tee: SOURCE is the record, PULL the number of the branch.
    pub const TEE: i32 = 2;
    /// A branch of a byte stream's tee; the same.
    pub const BYTE_TEE: i32 = 3;
    /// The readable side of a transform stream: SOURCE is the TransformStream.
    pub const TRANSFORM: i32 = 4;
    /// An asynchronous iterator: SOURCE is the iterator, PULL its `next`.
    pub const ITERATOR: i32 = 5;
    /// A body that the host receives: SOURCE is its number.
    pub const HOST: i32 = 6;
    /// Bytes, given out as one chunk: SOURCE is a string or a Raw cell.
    pub const BYTES: i32 = 7;
    /// The readable side of an identity transform stream: SOURCE is that.
    pub const IDENTITY: i32 = 8;
    /// A transferred stream: SOURCE is the port to the other half.
    pub const CROSS_REALM: i32 = 20;
}

/// What a pull algorithm returned.
pub(crate) enum Outcome {
    /// A promise resolved with undefined.
    Now,
    /// A promise.
    Later(Object),
}

/// UnderlyingSource dictionary. <https://streams.spec.whatwg.org/#dictdef-underlyingsource>
pub(crate) struct Underlying {
    /// The object itself, or null.
    pub object: Value,
    start: Value,
    pull: Value,
    cancel: Value,
    /// `type` is "bytes".
    pub is_bytes: bool,
    /// `autoAllocateChunkSize`
    pub auto_allocate: Option<u64>,
}

/// A member of a dictionary that is a callback function; undefined when absent.
pub(crate) fn callback_member(cx: &mut Context, object: Object, name: &str) -> Result<Value> {
    let property_key = cx.key(name);
    let value = cx.get(object, property_key)?;
    if value.is_undefined() || cx.is_callable(value) {
        return Ok(value);
    }
    Err(cx.throw_type_error(&format!("The '{name}' member is not a function")))
}

impl Underlying {
    /// Converts an underlying source: `None` for null. Members are read in the order of their names.
    pub(crate) fn convert(cx: &mut Context, source: Option<Object>) -> Result<Underlying> {
        let mut underlying = Underlying {
            object: source.map_or(Value::NULL, Object::value),
            start: Value::UNDEFINED,
            pull: Value::UNDEFINED,
            cancel: Value::UNDEFINED,
            is_bytes: false,
            auto_allocate: None,
        };
        let Some(source) = source else { return Ok(underlying) };
        let property_key = cx.key("autoAllocateChunkSize");
        let size = cx.get(source, property_key)?;
        if !size.is_undefined() {
            underlying.auto_allocate = Some(enforce_range(cx, size, "autoAllocateChunkSize")?);
        }
        underlying.cancel = callback_member(cx, source, "cancel")?;
        underlying.pull = callback_member(cx, source, "pull")?;
        underlying.start = callback_member(cx, source, "start")?;
        let kind = cx.get(source, key::type_)?;
        if !kind.is_undefined() {
            let text = cx.to_text(kind)?;
            if text != "bytes" {
                return Err(cx.throw_type_error(&format!("Invalid type is specified: '{text}'")));
            }
            underlying.is_bytes = true;
        }
        Ok(underlying)
    }

    /// Puts the algorithms into a controller.
    pub(crate) fn store(&self, cx: &Context, controller: Object) {
        controller.put(cx, slot::KIND, kind::SCRIPT);
        controller.put(cx, slot::SOURCE, self.object);
        controller.put(cx, slot::PULL, self.pull);
        controller.put(cx, slot::CANCEL, self.cancel);
    }

    /// Calls `start`, if there is one.
    pub(crate) fn call_start(&self, cx: &mut Context, controller: Object) -> Result<Value> {
        if self.start.is_undefined() {
            return Ok(Value::UNDEFINED);
        }
        cx.call(self.start, self.object, &[controller.value()])
    }
}

/// `[EnforceRange] unsigned long long`. <https://webidl.spec.whatwg.org/#js-integer-types>
pub(crate) fn enforce_range(cx: &mut Context, value: Value, what: &str) -> Result<u64> {
    let number = cx.to_number(value)?;
    let integer = number.trunc();
    if !number.is_finite() || !(0.0..=9_007_199_254_740_991.0).contains(&integer) {
        return Err(cx.throw_type_error(&format!("The value of '{what}' is outside of the range of an unsigned long long")));
    }
    Ok(integer as u64)
}

/// Performs [[pullAlgorithm]].
pub(crate) fn pull(cx: &mut Context, controller: Object) -> Result<Outcome> {
    let source = controller.at(cx, slot::SOURCE);
    match controller.int(cx, slot::KIND) {
        kind::SCRIPT => {
            let pull = controller.at(cx, slot::PULL);
            if pull.is_undefined() {
                return Ok(Outcome::Now);
            }
            // OPTIMIZATION: a promise resolved with anything but an object is fulfilled, and its reaction is a job enqueued now. Nobody sees it.
            match cx.call(pull, source, &[controller.value()]) {
                Ok(value) if value.is_object() => resolved_with(cx, value).map(Outcome::Later),
                Ok(_) => Ok(Outcome::Now),
                Err(thrown) => {
                    let error = caught(cx, thrown)?;
                    Ok(Outcome::Later(promise::new_rejected(cx, error)))
                }
            }
        }
        kind::TEE => tee::pull(cx, source).map(|()| Outcome::Now),
        kind::BYTE_TEE => {
            let second = controller.int(cx, slot::PULL) == 2;
            byte_tee::pull(cx, source, second).map(|()| Outcome::Now)
        }
        kind::TRANSFORM => match source.as_object() {
            Some(transform) => transform_ops::source_pull(cx, transform).map(Outcome::Later),
            None => Ok(Outcome::Now),
        },
        kind::ITERATOR => from_iterable::pull(cx, controller).map(Outcome::Later),
        kind::HOST => body_source::pull_host(cx, controller),
        kind::BYTES => body_source::pull_bytes(cx, controller).map(|()| Outcome::Now),
        kind::IDENTITY => match source.as_object() {
            Some(pair) => identity::pull(cx, pair, controller),
            None => Ok(Outcome::Now),
        },
        kind::CROSS_REALM => match source.as_object() {
            Some(port) => cross_realm::pull(cx, port).map(|()| Outcome::Now),
            None => Ok(Outcome::Now),
        },
        _ => Ok(Outcome::Now),
    }
}

/// Performs [[cancelAlgorithm]].
pub(crate) fn cancel(cx: &mut Context, controller: Object, reason: Value) -> Result<Object> {
    let source = controller.at(cx, slot::SOURCE);
    let record = source.as_cell::<Values>().unwrap_or(Ref::NULL);
    match controller.int(cx, slot::KIND) {
        kind::SCRIPT => {
            let cancel = controller.at(cx, slot::CANCEL);
            if cancel.is_undefined() {
                return Ok(resolved_undefined(cx));
            }
            call_promise(cx, cancel, source, &[reason])
        }
        kind::TEE | kind::BYTE_TEE => {
            let second = controller.int(cx, slot::PULL) == 2;
            tee::cancel_branch(cx, record, reason, second)
        }
        kind::TRANSFORM => match source.as_object() {
            Some(transform) => transform_ops::source_cancel(cx, transform, reason),
            None => Ok(resolved_undefined(cx)),
        },
        kind::ITERATOR => from_iterable::cancel(cx, controller, reason),
        kind::IDENTITY => {
            if let Some(pair) = source.as_object() {
                identity::cancel(cx, pair, reason)?;
            }
            Ok(resolved_undefined(cx))
        }
        kind::CROSS_REALM => match source.as_object() {
            Some(port) => cross_realm::cancel(cx, port, reason),
            None => Ok(resolved_undefined(cx)),
        },
        kind::HOST => {
            body_source::cancel_host(cx, source);
            Ok(resolved_undefined(cx))
        }
        _ => Ok(resolved_undefined(cx)),
    }
}

// ReadableStreamDefaultControllerClearAlgorithms ( controller ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-clear-algorithms
// ReadableByteStreamControllerClearAlgorithms ( controller ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-clear-algorithms
/// Whatever the algorithms keep alive may go. Byte streams have no size algorithm.
pub(crate) fn clear(cx: &Context, controller: Object) {
    controller.put(cx, slot::KIND, kind::NONE);
    for at in [slot::SOURCE, slot::PULL, slot::CANCEL, slot::SIZE] {
        controller.put(cx, at, Value::UNDEFINED);
    }
}
