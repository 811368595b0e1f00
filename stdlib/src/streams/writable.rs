//! WritableStream and WritableStreamDefaultWriter. <https://streams.spec.whatwg.org/#ws-class>

use super::strategy::Strategy;
use super::support::{Slots, rejected_type_error};
use super::writable_controller::{self as controller, UnderlyingSink};
use super::writable_ops::{self as ops, writer};
use crate::webidl::prelude::*;

const RELEASED: &str = "This writable stream writer has been released and cannot be used to monitor the stream's state";

/// `WritableStream`.
#[interface(name = "WritableStream", class = class::WRITABLE_STREAM, large, generics = "<W = any>")]
impl WritableStream {
    // https://streams.spec.whatwg.org/#ws-constructor
    #[constructor(ts = "<W = any>(underlyingSink?: UnderlyingSink<W>, strategy?: QueuingStrategy<W>): WritableStream<W>")]
    fn new(cx: &mut Context, this: Object, sink: Optional<Object>, strategy: Optional<Value>) -> Result<()> {
        let strategy = Strategy::convert(cx, strategy.unwrap_or(Value::UNDEFINED))?;
        let sink = UnderlyingSink::convert(cx, *sink)?;
        let mark = strategy.high_water_mark(cx, 1.0)?;
        controller::set_up_from_underlying_sink(cx, this, &sink, mark, strategy.size)
    }

    // https://streams.spec.whatwg.org/#ws-locked
    #[getter]
    fn locked(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(ops::is_locked(cx, this))
    }

    // https://streams.spec.whatwg.org/#ws-abort
    #[promise_method(ts = "void")]
    fn abort(cx: &mut Context, this: Object, reason: Optional<Value>) -> Result<Object> {
        if ops::is_locked(cx, this) {
            return Ok(rejected_type_error(cx, "Cannot abort a stream that already has a writer"));
        }
        ops::abort(cx, this, reason.unwrap_or(Value::UNDEFINED))
    }

    // https://streams.spec.whatwg.org/#ws-close
    #[promise_method(ts = "void")]
    fn close(cx: &mut Context, this: Object) -> Result<Object> {
        if ops::is_locked(cx, this) {
            return Ok(rejected_type_error(cx, "Cannot close a stream that already has a writer"));
        }
        if ops::close_queued_or_in_flight(cx, this) {
            return Ok(rejected_type_error(cx, "Cannot close an already-closing stream"));
        }
        ops::close(cx, this)
    }

    // https://streams.spec.whatwg.org/#ws-get-writer
    #[method(ts = "WritableStreamDefaultWriter<W>")]
    fn get_writer(cx: &mut Context, this: Object) -> Result<Object> {
        ops::acquire_writer(cx, this)
    }
}

/// `WritableStreamDefaultWriter`.
#[interface(name = "WritableStreamDefaultWriter", class = class::WRITABLE_STREAM_DEFAULT_WRITER, generics = "<W = any>")]
impl WritableStreamDefaultWriter {
    // https://streams.spec.whatwg.org/#default-writer-constructor
    #[constructor(ts = "<W = any>(stream: WritableStream<W>): WritableStreamDefaultWriter<W>")]
    fn new(cx: &mut Context, this: Object, stream: Instance<WritableStream>) -> Result<()> {
        ops::set_up_writer(cx, this, stream.object)
    }

    // https://streams.spec.whatwg.org/#default-writer-closed
    #[promise_getter(ts = "void")]
    fn closed(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, writer::CLOSED_PROMISE))
    }

    // https://streams.spec.whatwg.org/#default-writer-desired-size
    #[getter(ts = "number | null")]
    fn desired_size(cx: &mut Context, this: Object) -> Result<Value> {
        if this.object(cx, writer::STREAM).is_none() {
            return Err(cx.throw_type_error(RELEASED));
        }
        Ok(ops::writer_desired_size(cx, this).map_or(Value::NULL, Value::number))
    }

    // https://streams.spec.whatwg.org/#default-writer-ready
    #[promise_getter(ts = "void")]
    fn ready(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, writer::READY_PROMISE))
    }

    // https://streams.spec.whatwg.org/#default-writer-abort
    #[promise_method(ts = "void")]
    fn abort(cx: &mut Context, this: Object, reason: Optional<Value>) -> Result<Object> {
        match this.object(cx, writer::STREAM) {
            Some(stream) => ops::abort(cx, stream, reason.unwrap_or(Value::UNDEFINED)),
            None => Ok(rejected_type_error(cx, RELEASED)),
        }
    }

    // https://streams.spec.whatwg.org/#default-writer-close
    #[promise_method(ts = "void")]
    fn close(cx: &mut Context, this: Object) -> Result<Object> {
        let Some(stream) = this.object(cx, writer::STREAM) else { return Ok(rejected_type_error(cx, RELEASED)) };
        if ops::close_queued_or_in_flight(cx, stream) {
            return Ok(rejected_type_error(cx, "Cannot close an already-closing stream"));
        }
        ops::close(cx, stream)
    }

    // https://streams.spec.whatwg.org/#default-writer-release-lock
    #[method]
    fn release_lock(cx: &mut Context, this: Object) -> Result<()> {
        ops::writer_release(cx, this);
        Ok(())
    }

    // https://streams.spec.whatwg.org/#default-writer-write
    #[promise_method(ts = "(chunk?: W): Promise<void>")]
    fn write(cx: &mut Context, this: Object, chunk: Optional<Value>) -> Result<Object> {
        ops::writer_write(cx, this, chunk.unwrap_or(Value::UNDEFINED))
    }
}
