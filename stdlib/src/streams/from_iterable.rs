//! ReadableStream.from. <https://streams.spec.whatwg.org/#abstract-opdef-readablestreamfromiterable>

use mayfly_engine::builtins::promise;
use mayfly_engine::context::Context;
use mayfly_engine::iteration::IteratorKind;
use mayfly_engine::native::{Args, Result};
use mayfly_engine::object::Object;
use mayfly_engine::string::atoms::key;
use mayfly_engine::value::Value;

use super::default_controller;
use super::readable_ops::controller as slot;
use super::source::kind;
use super::support::{Slots, call_promise, caught, react, resolved_undefined};

// ReadableStreamFromIterable ( asyncIterable )
pub(super) fn create(cx: &mut Context, iterable: Value) -> Result<Object> {
    let record = cx.get_iterator(iterable, IteratorKind::Async)?;
    let iterator = record.iterator.value();
    default_controller::create_stream(cx, kind::ITERATOR, iterator, record.next, Value::UNDEFINED, 0.0, Value::UNDEFINED)
}

/// The pull algorithm.
pub(super) fn pull(cx: &mut Context, controller: Object) -> Result<Object> {
    let promise = call_promise(cx, controller.at(cx, slot::PULL), controller.at(cx, slot::SOURCE), &[])?;
    Ok(react(cx, promise, Some(pulled.into()), None, controller.value()))
}

/// The iterator's next result is there.
pub(super) fn pulled(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(controller) = this.as_object() else { return Ok(Value::UNDEFINED) };
    let Some(result) = args.at(0).as_object() else {
        return Err(cx.throw_type_error("The promise returned by the iterator.next() method must fulfill with an object"));
    };
    let done = cx.get(result, key::done)?;
    if cx.to_boolean(done) {
        default_controller::close(cx, controller)?;
    } else {
        let value = cx.get(result, key::value)?;
        default_controller::enqueue(cx, controller, value)?;
    }
    Ok(Value::UNDEFINED)
}

/// The cancel algorithm: closes the iterator.
pub(super) fn cancel(cx: &mut Context, controller: Object, reason: Value) -> Result<Object> {
    let iterator = controller.at(cx, slot::SOURCE);
    let method = match cx.get_method(iterator, key::return_) {
        Ok(Some(method)) => method.value(),
        Ok(None) => return Ok(resolved_undefined(cx)),
        Err(thrown) => {
            let error = caught(cx, thrown)?;
            return Ok(promise::new_rejected(cx, error));
        }
    };
    let promise = call_promise(cx, method, iterator, &[reason])?;
    Ok(react(cx, promise, Some(returned.into()), None, Value::UNDEFINED))
}

pub(super) fn returned(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if args.at(0).is_object() {
        return Ok(Value::UNDEFINED);
    }
    Err(cx.throw_type_error("The promise returned by the iterator.return() method must fulfill with an object"))
}
