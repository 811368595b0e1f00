//! Abstract operations of readable streams and their readers. <https://streams.spec.whatwg.org/#rs-all-abstract-ops>

use mayfly_engine::builtins::promise;
use mayfly_engine::context::Context;
use mayfly_engine::native::{Args, Result};
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

use super::requests;
use super::support::{Slots, as_class, class_of, fifo, new_platform_object, react, rejected_type_error, resolved_undefined, type_error};
use super::{byte_controller, default_controller, readable_controller};
use crate::class;

/// Slots of ReadableStream objects.
pub(crate) mod stream {
    /// [[state]]: one of the constants below.
    pub const STATE: u32 = 1;
    /// [[storedError]]
    pub const ERROR: u32 = 2;
    /// [[controller]]
    pub const CONTROLLER: u32 = 3;
    /// [[reader]]
    pub const READER: u32 = 4;
    /// [[disturbed]]
    pub const DISTURBED: u32 = 5;

    /// "readable"
    pub const READABLE: i32 = 0;
    /// "closed"
    pub const CLOSED: i32 = 1;
    /// "errored"
    pub const ERRORED: i32 = 2;
}

/// Slots of readers of both kinds.
pub(crate) mod reader {
    /// [[stream]]
    pub const STREAM: u32 = 1;
    /// [[closedPromise]]
    pub const CLOSED_PROMISE: u32 = 2;
    /// [[readRequests]] or [[readIntoRequests]]
    pub const REQUESTS: u32 = 3;
}

/// Slots that controllers of both kinds have.
pub(crate) mod controller {
    /// [[stream]]
    pub const STREAM: u32 = 1;
    /// [[queue]]
    pub const QUEUE: u32 = 2;
    /// [[queueTotalSize]]
    pub const TOTAL: u32 = 3;
    /// [[started]]
    pub const STARTED: u32 = 4;
    /// [[closeRequested]]
    pub const CLOSE_REQUESTED: u32 = 5;
    /// [[pullAgain]]
    pub const PULL_AGAIN: u32 = 6;
    /// [[pulling]]
    pub const PULLING: u32 = 7;
    /// [[strategyHWM]]
    pub const HWM: u32 = 8;
    /// Which algorithms: a constant of `source::kind`.
    pub const KIND: u32 = 9;
    /// State of the algorithms: the underlying source object, or what the kind says.
    pub const SOURCE: u32 = 10;
    /// `pull` of the underlying source, or more state.
    pub const PULL: u32 = 11;
    /// `cancel` of the underlying source, or more state.
    pub const CANCEL: u32 = 12;
    /// [[strategySizeAlgorithm]]: undefined for an algorithm that returns 1.
    pub const SIZE: u32 = 13;
    /// [[byobRequest]]; undefined for null.
    pub const BYOB_REQUEST: u32 = 14;
    /// [[autoAllocateChunkSize]]
    pub const AUTO_ALLOCATE: u32 = 15;
    /// [[pendingPullIntos]]
    pub const PENDING: u32 = 16;
}

/// [[state]]
pub(crate) fn state(cx: &Context, stream: Object) -> i32 {
    stream.int(cx, stream::STATE)
}

/// The controller. Every stream that is in anybody's hands has one.
pub(crate) fn controller_of(cx: &mut Context, stream: Object) -> Result<Object> {
    match stream.object(cx, stream::CONTROLLER) {
        Some(controller) => Ok(controller),
        None => Err(cx.throw_type_error("The ReadableStream is not set up yet")),
    }
}

/// Whether the controller is a ReadableByteStreamController.
pub(super) fn is_byte_controller(cx: &Context, controller: Object) -> bool {
    class_of(cx, controller) == Some(class::READABLE_BYTE_STREAM_CONTROLLER)
}

/// Whether the stream's controller is a ReadableByteStreamController.
pub(crate) fn is_byte_stream(cx: &Context, stream: Object) -> bool {
    stream.object(cx, stream::CONTROLLER).is_some_and(|controller| is_byte_controller(cx, controller))
}

/// The reader, if it is a ReadableStreamDefaultReader.
pub(crate) fn default_reader(cx: &Context, stream: Object) -> Option<Object> {
    as_class(cx, stream.at(cx, stream::READER), class::READABLE_STREAM_DEFAULT_READER)
}

/// The reader, if it is a ReadableStreamBYOBReader.
pub(crate) fn byob_reader(cx: &Context, stream: Object) -> Option<Object> {
    as_class(cx, stream.at(cx, stream::READER), class::READABLE_STREAM_BYOB_READER)
}

/// A new ReadableStream object. InitializeReadableStream needs nothing more: slots are undefined, states 0.
pub(crate) fn new_stream(cx: &Context) -> Object {
    new_platform_object(cx, class::READABLE_STREAM, false)
}

// IsReadableStreamLocked ( stream ), https://streams.spec.whatwg.org/#is-readable-stream-locked
pub(crate) fn is_locked(cx: &Context, stream: Object) -> bool {
    !stream.at(cx, stream::READER).is_undefined()
}

/// [[storedError]] of a stream that is errored.
pub(crate) fn stored_error(cx: &Context, of: Object) -> Option<Value> {
    (state(cx, of) == stream::ERRORED).then(|| of.at(cx, stream::ERROR))
}

/// Whether the stream was read from or cancelled.
pub(crate) fn is_disturbed(cx: &Context, stream: Object) -> bool {
    stream.flag(cx, stream::DISTURBED)
}

// AcquireReadableStreamDefaultReader ( stream ), https://streams.spec.whatwg.org/#acquire-readable-stream-reader
pub(crate) fn acquire_default_reader(cx: &mut Context, stream: Object) -> Result<Object> {
    let reader = new_platform_object(cx, class::READABLE_STREAM_DEFAULT_READER, false);
    set_up_default_reader(cx, reader, stream)?;
    Ok(reader)
}

// AcquireReadableStreamBYOBReader ( stream ), https://streams.spec.whatwg.org/#acquire-readable-stream-byob-reader
pub(crate) fn acquire_byob_reader(cx: &mut Context, stream: Object) -> Result<Object> {
    let reader = new_platform_object(cx, class::READABLE_STREAM_BYOB_READER, false);
    set_up_byob_reader(cx, reader, stream)?;
    Ok(reader)
}

// SetUpReadableStreamDefaultReader ( reader, stream ), https://streams.spec.whatwg.org/#set-up-readable-stream-default-reader
pub(crate) fn set_up_default_reader(cx: &mut Context, reader: Object, stream: Object) -> Result<()> {
    if is_locked(cx, stream) {
        return Err(cx.throw_type_error("This ReadableStream is already locked to a reader"));
    }
    generic_initialize(cx, reader, stream);
    Ok(())
}

// SetUpReadableStreamBYOBReader ( reader, stream ), https://streams.spec.whatwg.org/#set-up-readable-stream-byob-reader
pub(crate) fn set_up_byob_reader(cx: &mut Context, reader: Object, stream: Object) -> Result<()> {
    if is_locked(cx, stream) {
        return Err(cx.throw_type_error("This ReadableStream is already locked to a reader"));
    }
    if !is_byte_stream(cx, stream) {
        return Err(cx.throw_type_error("Cannot use a BYOB reader with a stream that is no byte stream"));
    }
    generic_initialize(cx, reader, stream);
    Ok(())
}

// ReadableStreamReaderGenericInitialize ( reader, stream ),
// https://streams.spec.whatwg.org/#readable-stream-reader-generic-initialize
fn generic_initialize(cx: &mut Context, reader: Object, stream: Object) {
    reader.put(cx, reader::STREAM, stream);
    stream.put(cx, stream::READER, reader);
    let promise = match state(cx, stream) {
        stream::READABLE => promise::new_pending(cx),
        stream::CLOSED => resolved_undefined(cx),
        _ => rejected_and_handled(cx, stream.at(cx, stream::ERROR)),
    };
    reader.put(cx, reader::CLOSED_PROMISE, promise);
}

/// A rejected promise whose rejection is not reported.
pub(crate) fn rejected_and_handled(cx: &mut Context, reason: Value) -> Object {
    let promise = promise::new_pending(cx);
    promise::mark_handled(cx, promise);
    promise::reject(cx, promise, reason);
    promise
}

/// Rejects a promise without its rejection being reported.
pub(crate) fn reject_handled(cx: &mut Context, promise: Object, reason: Value) {
    promise::mark_handled(cx, promise);
    promise::reject(cx, promise, reason);
}

// ReadableStreamReaderGenericRelease ( reader ), https://streams.spec.whatwg.org/#readable-stream-reader-generic-release
fn generic_release(cx: &mut Context, reader: Object) -> Result<()> {
    // 1.-3.
    let Some(stream) = reader.object(cx, reader::STREAM) else { return Ok(()) };
    // 4.-6.
    let error = type_error(cx, "Reader was released and can no longer be used to monitor the stream's closedness");
    match reader.object(cx, reader::CLOSED_PROMISE) {
        Some(promise) if state(cx, stream) == stream::READABLE => reject_handled(cx, promise, error),
        _ => {
            let promise = rejected_and_handled(cx, error);
            reader.put(cx, reader::CLOSED_PROMISE, promise);
        }
    }
    // 7. Perform ! stream.[[controller]].[[ReleaseSteps]]().
    if is_byte_stream(cx, stream) {
        byte_controller::release_steps(cx, stream);
    }
    // 8.-9.
    stream.put(cx, stream::READER, Value::UNDEFINED);
    reader.put(cx, reader::STREAM, Value::UNDEFINED);
    Ok(())
}

// ReadableStreamDefaultReaderRelease ( reader ), https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaultreaderrelease
pub(crate) fn default_reader_release(cx: &mut Context, reader: Object) -> Result<()> {
    generic_release(cx, reader)?;
    let error = type_error(cx, "Releasing the reader's lock on the stream");
    error_read_requests(cx, reader, error)
}

// ReadableStreamBYOBReaderRelease ( reader ), https://streams.spec.whatwg.org/#abstract-opdef-readablestreambyobreaderrelease
pub(crate) fn byob_reader_release(cx: &mut Context, reader: Object) -> Result<()> {
    generic_release(cx, reader)?;
    let error = type_error(cx, "Releasing the reader's lock on the stream");
    error_read_into_requests(cx, reader, error)
}

// ReadableStreamDefaultReaderErrorReadRequests ( reader, e ),
// https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaultreadererrorreadrequests
fn error_read_requests(cx: &mut Context, reader: Object, error: Value) -> Result<()> {
    for request in fifo::take_all(cx, reader, reader::REQUESTS) {
        requests::error(cx, request, error)?;
    }
    Ok(())
}

// ReadableStreamBYOBReaderErrorReadIntoRequests ( reader, e ),
// https://streams.spec.whatwg.org/#abstract-opdef-readablestreambyobreadererrorreadintorequests
fn error_read_into_requests(cx: &mut Context, reader: Object, error: Value) -> Result<()> {
    for request in fifo::take_all(cx, reader, reader::REQUESTS) {
        requests::into_error(cx, request, error)?;
    }
    Ok(())
}

// ReadableStreamCancel ( stream, reason ), https://streams.spec.whatwg.org/#readable-stream-cancel
pub(crate) fn cancel(cx: &mut Context, stream: Object, reason: Value) -> Result<Object> {
    // 1.-3.
    stream.put(cx, stream::DISTURBED, true);
    match state(cx, stream) {
        stream::CLOSED => return Ok(resolved_undefined(cx)),
        stream::ERRORED => {
            let error = stream.at(cx, stream::ERROR);
            return Ok(promise::new_rejected(cx, error));
        }
        _ => {}
    }
    // 4. Perform ! ReadableStreamClose(stream).
    close(cx, stream)?;
    // 5.-6.
    if let Some(reader) = byob_reader(cx, stream) {
        for request in fifo::take_all(cx, reader, reader::REQUESTS) {
            requests::into_close(cx, request, Value::UNDEFINED)?;
        }
    }
    // 7. Let sourceCancelPromise be ! stream.[[controller]].[[CancelSteps]](reason).
    let controller = controller_of(cx, stream)?;
    let promise = readable_controller::cancel_steps(cx, controller, reason)?;
    // 8. Return the result of reacting to sourceCancelPromise with a fulfillment step that returns undefined.
    Ok(react(cx, promise, Some(return_undefined.into()), None, Value::UNDEFINED))
}

/// Fulfillment step that returns undefined.
pub(super) fn return_undefined(_: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::UNDEFINED)
}

// ReadableStreamClose ( stream ), https://streams.spec.whatwg.org/#readable-stream-close
pub(crate) fn close(cx: &mut Context, stream: Object) -> Result<()> {
    stream.put(cx, stream::STATE, stream::CLOSED);
    let Some(reader) = stream.object(cx, stream::READER) else { return Ok(()) };
    if let Some(promise) = reader.object(cx, reader::CLOSED_PROMISE) {
        promise::resolve(cx, promise, Value::UNDEFINED)?;
    }
    if class_of(cx, reader) == Some(class::READABLE_STREAM_DEFAULT_READER) {
        for request in fifo::take_all(cx, reader, reader::REQUESTS) {
            requests::close(cx, request)?;
        }
    }
    Ok(())
}

// ReadableStreamError ( stream, e ), https://streams.spec.whatwg.org/#readable-stream-error
pub(crate) fn error(cx: &mut Context, stream: Object, error: Value) -> Result<()> {
    stream.put(cx, stream::STATE, stream::ERRORED);
    stream.put(cx, stream::ERROR, error);
    let Some(reader) = stream.object(cx, stream::READER) else { return Ok(()) };
    if let Some(promise) = reader.object(cx, reader::CLOSED_PROMISE) {
        reject_handled(cx, promise, error);
    }
    if class_of(cx, reader) == Some(class::READABLE_STREAM_DEFAULT_READER) {
        error_read_requests(cx, reader, error)
    } else {
        error_read_into_requests(cx, reader, error)
    }
}

// ReadableStreamAddReadRequest and ReadableStreamAddReadIntoRequest ( stream, readRequest ),
// https://streams.spec.whatwg.org/#readable-stream-add-read-request
pub(crate) fn add_request(cx: &Context, stream: Object, request: Value) {
    if let Some(reader) = stream.object(cx, stream::READER) {
        fifo::push(cx, reader, reader::REQUESTS, request);
    }
}

// ReadableStreamGetNumReadRequests ( stream ), https://streams.spec.whatwg.org/#readable-stream-get-num-read-requests
/// 0 when there is no default reader.
pub(crate) fn read_request_count(cx: &Context, stream: Object) -> u32 {
    default_reader(cx, stream).map_or(0, |reader| fifo::len(cx, reader, reader::REQUESTS))
}

// ReadableStreamGetNumReadIntoRequests ( stream ), https://streams.spec.whatwg.org/#readable-stream-get-num-read-into-requests
/// 0 when there is no BYOB reader.
pub(crate) fn read_into_request_count(cx: &Context, stream: Object) -> u32 {
    byob_reader(cx, stream).map_or(0, |reader| fifo::len(cx, reader, reader::REQUESTS))
}

// ReadableStreamFulfillReadRequest ( stream, chunk, done ), https://streams.spec.whatwg.org/#readable-stream-fulfill-read-request
pub(crate) fn fulfill_read_request(cx: &mut Context, stream: Object, chunk: Value, done: bool) -> Result<()> {
    match default_reader(cx, stream).and_then(|reader| fifo::shift(cx, reader, reader::REQUESTS)) {
        Some(request) if done => requests::close(cx, request),
        Some(request) => requests::chunk(cx, request, chunk),
        None => Ok(()),
    }
}

// ReadableStreamFulfillReadIntoRequest ( stream, chunk, done ),
// https://streams.spec.whatwg.org/#readable-stream-fulfill-read-into-request
pub(crate) fn fulfill_read_into_request(cx: &mut Context, stream: Object, chunk: Value, done: bool) -> Result<()> {
    match byob_reader(cx, stream).and_then(|reader| fifo::shift(cx, reader, reader::REQUESTS)) {
        Some(request) if done => requests::into_close(cx, request, chunk),
        Some(request) => requests::into_chunk(cx, request, chunk),
        None => Ok(()),
    }
}

// ReadableStreamDefaultReaderRead ( reader, readRequest ), https://streams.spec.whatwg.org/#readable-stream-default-reader-read
pub(crate) fn default_reader_read(cx: &mut Context, reader: Object, request: Value) -> Result<()> {
    let Some(stream) = reader.object(cx, reader::STREAM) else {
        let error = type_error(cx, "This reader has been released");
        return requests::error(cx, request, error);
    };
    stream.put(cx, stream::DISTURBED, true);
    match state(cx, stream) {
        stream::CLOSED => requests::close(cx, request),
        stream::ERRORED => requests::error(cx, request, stream.at(cx, stream::ERROR)),
        _ => {
            let controller = controller_of(cx, stream)?;
            if is_byte_controller(cx, controller) {
                byte_controller::pull_steps(cx, controller, stream, request)
            } else {
                default_controller::pull_steps(cx, controller, stream, request)
            }
        }
    }
}

// ReadableStreamBYOBReaderRead ( reader, view, min, readIntoRequest ),
// https://streams.spec.whatwg.org/#readable-stream-byob-reader-read
pub(crate) fn byob_reader_read(cx: &mut Context, reader: Object, view: Value, min: u32, request: Value) -> Result<()> {
    let Some(stream) = reader.object(cx, reader::STREAM) else {
        let error = type_error(cx, "This reader has been released");
        return requests::into_error(cx, request, error);
    };
    stream.put(cx, stream::DISTURBED, true);
    if state(cx, stream) == stream::ERRORED {
        return requests::into_error(cx, request, stream.at(cx, stream::ERROR));
    }
    let controller = controller_of(cx, stream)?;
    byte_controller::pull_into(cx, controller, view, min, request)
}

// ReadableStreamReaderGenericCancel ( reader, reason ), https://streams.spec.whatwg.org/#readable-stream-reader-generic-cancel
pub(crate) fn reader_cancel(cx: &mut Context, reader: Object, reason: Value) -> Result<Object> {
    match reader.object(cx, reader::STREAM) {
        Some(stream) => cancel(cx, stream, reason),
        None => Ok(rejected_type_error(cx, "This reader has been released")),
    }
}
