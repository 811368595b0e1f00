//! ReadableStreamDefaultReader and ReadableStreamBYOBReader. <https://streams.spec.whatwg.org/#default-reader-class>

use super::buffers;
use super::readable::ReadableStream;
use super::readable_ops::{self as ops, reader as slot};
use super::support::{Slots, rejected_type_error};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::promise;

const RELEASED: &str = "This reader has been released";

/// `ReadableStreamDefaultReader`.
#[interface(name = "ReadableStreamDefaultReader", class = class::READABLE_STREAM_DEFAULT_READER, generics = "<R = any>")]
impl ReadableStreamDefaultReader {
    // https://streams.spec.whatwg.org/#default-reader-constructor
    #[constructor(ts = "<R = any>(stream: ReadableStream<R>): ReadableStreamDefaultReader<R>")]
    fn new(cx: &mut Context, this: Object, stream: Instance<ReadableStream>) -> Result<()> {
        ops::set_up_default_reader(cx, this, stream.object)
    }

    // https://streams.spec.whatwg.org/#default-reader-read
    #[promise_method(ts = "ReadableStreamReadResult<R>")]
    fn read(cx: &mut Context, this: Object) -> Result<Object> {
        if this.object(cx, slot::STREAM).is_none() {
            return Ok(rejected_type_error(cx, RELEASED));
        }
        super::readable::read(cx, this)
    }

    // https://streams.spec.whatwg.org/#default-reader-release-lock
    #[method]
    fn release_lock(cx: &mut Context, this: Object) -> Result<()> {
        if this.object(cx, slot::STREAM).is_none() {
            return Ok(());
        }
        ops::default_reader_release(cx, this)
    }

    // https://streams.spec.whatwg.org/#generic-reader-closed
    #[promise_getter(ts = "void")]
    fn closed(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::CLOSED_PROMISE))
    }

    // https://streams.spec.whatwg.org/#generic-reader-cancel
    #[promise_method(ts = "void")]
    fn cancel(cx: &mut Context, this: Object, reason: Optional<Value>) -> Result<Object> {
        ops::reader_cancel(cx, this, reason.unwrap_or(Value::UNDEFINED))
    }
}

/// ReadableStreamBYOBReaderReadOptions
#[derive(Dictionary)]
#[idl(name = "ReadableStreamBYOBReaderReadOptions")]
struct ReadOptions {
    #[idl(default = EnforceRange(1))]
    min: EnforceRange<u64>,
}

/// `ReadableStreamBYOBReader`.
#[interface(name = "ReadableStreamBYOBReader", class = class::READABLE_STREAM_BYOB_READER, uses = [ReadOptions])]
impl ReadableStreamBYOBReader {
    // https://streams.spec.whatwg.org/#byob-reader-constructor
    #[constructor]
    fn new(cx: &mut Context, this: Object, stream: Instance<ReadableStream>) -> Result<()> {
        ops::set_up_byob_reader(cx, this, stream.object)
    }

    // https://streams.spec.whatwg.org/#byob-reader-read
    #[promise_method(
        ts = "<T extends ArrayBufferView>(view: T, options?: ReadableStreamBYOBReaderReadOptions): Promise<ReadableStreamReadResult<T>>"
    )]
    fn read(cx: &mut Context, this: Object, view: Value, options: ReadOptions) -> Result<Object> {
        const PLACE: Place<'_> = Place::method("ReadableStreamBYOBReader", "read");
        let Some(parts) = buffers::view_parts(cx, view) else {
            return Err(PLACE.type_error(cx, "parameter 1 is not of type 'ArrayBufferView'."));
        };
        // 1.-3.
        if parts.length == 0 {
            return Err(PLACE.type_error(cx, "This readable byte stream reader cannot be used to read into a view of zero length"));
        }
        if buffers::byte_length(cx, parts.buffer) == 0 {
            return Err(
                PLACE.type_error(cx, "This readable byte stream reader cannot be used to read into a view with a zero-length buffer")
            );
        }
        if buffers::is_detached(cx, parts.buffer) {
            return Err(PLACE.type_error(cx, "This readable byte stream reader cannot be used to read into a detached buffer"));
        }
        // 4.-6.
        let min = options.min.0;
        if min == 0 {
            return Err(PLACE.type_error(cx, "The min option must be greater than 0"));
        }
        if min > u64::from(parts.length / parts.element_size()) {
            return Err(cx.throw_range_error("The min option must not be larger than the view"));
        }
        // 7.
        if this.object(cx, slot::STREAM).is_none() {
            return Ok(rejected_type_error(cx, RELEASED));
        }
        // 8.-11.
        let promise = promise::new_pending(cx);
        ops::byob_reader_read(cx, this, view, min as u32, promise.value())?;
        Ok(promise)
    }

    // https://streams.spec.whatwg.org/#byob-reader-release-lock
    #[method]
    fn release_lock(cx: &mut Context, this: Object) -> Result<()> {
        if this.object(cx, slot::STREAM).is_none() {
            return Ok(());
        }
        ops::byob_reader_release(cx, this)
    }

    // https://streams.spec.whatwg.org/#generic-reader-closed
    #[promise_getter(ts = "void")]
    fn closed(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::CLOSED_PROMISE))
    }

    // https://streams.spec.whatwg.org/#generic-reader-cancel
    #[promise_method(ts = "void")]
    fn cancel(cx: &mut Context, this: Object, reason: Optional<Value>) -> Result<Object> {
        ops::reader_cancel(cx, this, reason.unwrap_or(Value::UNDEFINED))
    }
}
