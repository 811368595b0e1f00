//! ReadableStream. <https://streams.spec.whatwg.org/#rs-class>

use super::readable_ops as ops;
use super::source::Underlying;
use super::strategy::Strategy;
use super::support::{or_rejected, rejected_type_error};
use super::{async_iterator, byte_controller, default_controller, from_iterable, pipe, signal, tee};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::promise;

/// ReadableStreamGetReaderOptions
#[derive(Dictionary)]
#[idl(name = "ReadableStreamGetReaderOptions")]
struct GetReaderOptions {
    mode: Optional<ReaderMode>,
}

/// ReadableStreamReaderMode
#[derive(Clone, Copy, Enumeration)]
#[idl(name = "ReadableStreamReaderMode")]
enum ReaderMode {
    Byob,
}

/// ReadableStreamIteratorOptions
#[derive(Dictionary)]
#[idl(name = "ReadableStreamIteratorOptions")]
struct IteratorOptions {
    prevent_cancel: bool,
}

/// StreamPipeOptions
#[derive(Dictionary)]
#[idl(name = "StreamPipeOptions")]
struct PipeOptions {
    prevent_abort: bool,
    prevent_cancel: bool,
    prevent_close: bool,
    #[idl(ts = "AbortSignal")]
    signal: Optional<Value>,
}

impl PipeOptions {
    /// The signal, once it is known to be one.
    fn signal(&self, cx: &mut Context, place: Place<'_>) -> Result<Option<Object>> {
        match *self.signal {
            None => Ok(None),
            Some(value) => match signal::as_signal(cx, value) {
                Some(signal) => Ok(Some(signal)),
                None => Err(place.type_error(
                    cx,
                    "Failed to read the 'signal' property from 'StreamPipeOptions': Failed to convert value to 'AbortSignal'.",
                )),
            },
        }
    }

    fn flags(&self) -> i32 {
        let bit = |set: bool, bit: i32| if set { bit } else { 0 };
        bit(self.prevent_close, pipe::PREVENT_CLOSE)
            | bit(self.prevent_abort, pipe::PREVENT_ABORT)
            | bit(self.prevent_cancel, pipe::PREVENT_CANCEL)
    }
}

/// `ReadableStream`.
#[interface(
    name = "ReadableStream",
    class = class::READABLE_STREAM,
    async_iterator_of = "values",
    generics = "<R = any>",
    uses = [PipeOptions, GetReaderOptions],
)]
impl ReadableStream {
    // https://streams.spec.whatwg.org/#rs-constructor
    #[constructor(
        ts = "(underlyingSource: UnderlyingByteSource, strategy?: { highWaterMark?: number }): ReadableStream<Uint8Array<ArrayBuffer>>",
        ts = "<R = any>(underlyingSource: UnderlyingDefaultSource<R>, strategy?: QueuingStrategy<R>): ReadableStream<R>",
        ts = "<R = any>(underlyingSource?: UnderlyingSource<R>, strategy?: QueuingStrategy<R>): ReadableStream<R>"
    )]
    fn new(cx: &mut Context, this: Object, source: Optional<Object>, strategy: Optional<Value>) -> Result<()> {
        let strategy = Strategy::convert(cx, strategy.unwrap_or(Value::UNDEFINED))?;
        let underlying = Underlying::convert(cx, *source)?;
        if underlying.is_bytes {
            if !strategy.size.is_undefined() {
                return Err(cx.throw_range_error("The strategy for a byte stream cannot have a size function"));
            }
            let mark = strategy.high_water_mark(cx, 0.0)?;
            return byte_controller::set_up_from_underlying_source(cx, this, &underlying, mark);
        }
        let mark = strategy.high_water_mark(cx, 1.0)?;
        default_controller::set_up_from_underlying_source(cx, this, &underlying, mark, strategy.size)
    }

    // https://streams.spec.whatwg.org/#rs-from
    #[static_method(ts = "<R>(asyncIterable: AsyncIterable<R> | Iterable<R | PromiseLike<R>>): ReadableStream<R>")]
    fn from(cx: &mut Context, async_iterable: Value) -> Result<Object> {
        from_iterable::create(cx, async_iterable)
    }

    // https://streams.spec.whatwg.org/#rs-locked
    #[getter]
    fn locked(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(ops::is_locked(cx, this))
    }

    // https://streams.spec.whatwg.org/#rs-cancel
    #[promise_method(ts = "void")]
    fn cancel(cx: &mut Context, this: Object, reason: Optional<Value>) -> Result<Object> {
        if ops::is_locked(cx, this) {
            return Ok(rejected_type_error(cx, "Cannot cancel a locked stream"));
        }
        ops::cancel(cx, this, reason.unwrap_or(Value::UNDEFINED))
    }

    // https://streams.spec.whatwg.org/#rs-get-reader
    #[method(
        ts = "(options: { mode: 'byob' }): ReadableStreamBYOBReader",
        ts = "(): ReadableStreamDefaultReader<R>",
        ts = "(options?: ReadableStreamGetReaderOptions): ReadableStreamReader<R>"
    )]
    fn get_reader(cx: &mut Context, this: Object, options: GetReaderOptions) -> Result<Object> {
        match *options.mode {
            None => ops::acquire_default_reader(cx, this),
            Some(ReaderMode::Byob) => ops::acquire_byob_reader(cx, this),
        }
    }

    // https://streams.spec.whatwg.org/#rs-pipe-through
    #[method(ts = "<T>(transform: ReadableWritablePair<T, R>, options?: StreamPipeOptions): ReadableStream<T>")]
    fn pipe_through(cx: &mut Context, this: Object, transform: Value, options: Optional<Value>) -> Result<Value> {
        const PLACE: Place<'_> = Place::method("ReadableStream", "pipeThrough");
        let Some(pair) = transform.as_object() else {
            return Err(PLACE.type_error(cx, "parameter 1 is not of type 'ReadableWritablePair'."));
        };
        let readable_key = cx.key("readable");
        let readable = cx.get(pair, readable_key)?;
        if !is_instance(cx, readable, class::READABLE_STREAM) {
            return Err(PLACE.type_error(cx, "parameter 1's 'readable' property is not a ReadableStream."));
        }
        let writable_key = cx.key("writable");
        let writable = cx.get(pair, writable_key)?;
        let Some(destination) = instance::<super::writable::WritableStream>(cx, writable) else {
            return Err(PLACE.type_error(cx, "parameter 1's 'writable' property is not a WritableStream."));
        };
        let options = PipeOptions::from_js(cx, options.unwrap_or(Value::UNDEFINED), &PLACE.argument(1))?;
        let signal = options.signal(cx, PLACE)?;
        if ops::is_locked(cx, this) {
            return Err(PLACE.type_error(cx, "Cannot pipe a locked stream"));
        }
        if super::writable_ops::is_locked(cx, destination) {
            return Err(PLACE.type_error(cx, "parameter 1's 'writable' is locked"));
        }
        let promise = pipe::pipe_to(cx, this, destination, options.flags(), signal)?;
        promise::mark_handled(cx, promise);
        Ok(readable)
    }

    // https://streams.spec.whatwg.org/#rs-pipe-to
    #[promise_method(ts = "(destination: WritableStream<R>, options?: StreamPipeOptions): Promise<void>")]
    fn pipe_to(
        cx: &mut Context,
        this: Object,
        destination: Instance<super::writable::WritableStream>,
        options: PipeOptions,
    ) -> Result<Object> {
        let signal = options.signal(cx, Place::method("ReadableStream", "pipeTo"))?;
        if ops::is_locked(cx, this) {
            return Ok(rejected_type_error(cx, "Cannot pipe a locked stream"));
        }
        if super::writable_ops::is_locked(cx, destination.object) {
            return Ok(rejected_type_error(cx, "Cannot pipe to a locked stream"));
        }
        pipe::pipe_to(cx, this, destination.object, options.flags(), signal)
    }

    // https://streams.spec.whatwg.org/#rs-tee
    #[method(ts = "[ReadableStream<R>, ReadableStream<R>]")]
    fn tee(cx: &mut Context, this: Object) -> Result<Vec<Object>> {
        let (first, second) = tee::tee(cx, this, false)?;
        Ok(vec![first, second])
    }

    // https://streams.spec.whatwg.org/#rs-asynciterator
    #[method(length = 0, ts = "AsyncIteratorObject<R, undefined, unknown>")]
    fn values(cx: &mut Context, this: Object, options: IteratorOptions) -> Result<Object> {
        async_iterator::create(cx, this, options.prevent_cancel)
    }
}

/// A reader's promise for the next chunk, for the host: `{ value, done }`.
pub(crate) fn read(cx: &mut Context, reader: Object) -> Result<Object> {
    let promise = promise::new_pending(cx);
    let outcome = ops::default_reader_read(cx, reader, promise.value()).map(|()| promise);
    or_rejected(cx, outcome)
}
