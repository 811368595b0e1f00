//! Abstract operations of ReadableByteStreamController. <https://streams.spec.whatwg.org/#rbs-controller-abstract-ops>
//!
//! The queue holds three values per entry: buffer, byte offset, byte length. Pull-into descriptors are records ([`pull_into_slot`]).

use mayfly_engine::context::Context;
use mayfly_engine::heap::{Ref, Values};
use mayfly_engine::native::Result;
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

use super::buffers;
use super::readable_controller::{attach, call_pull_if_needed, can_close_or_enqueue, error, new_native, start_job, started, stream_of};
use super::readable_ops::{self as readable, controller as slot, stream};
use super::support::{Slots, caught, fifo, new_platform_object, record, type_error};
use super::{byob, requests, source};
use crate::class;

/// Values of a pull-into descriptor. <https://streams.spec.whatwg.org/#pull-into-descriptor>
pub(super) mod pull_into_slot {
    pub const BUFFER: u32 = 0;
    pub const BUFFER_BYTE_LENGTH: u32 = 1;
    pub const BYTE_OFFSET: u32 = 2;
    pub const BYTE_LENGTH: u32 = 3;
    pub const BYTES_FILLED: u32 = 4;
    pub const MINIMUM_FILL: u32 = 5;
    pub const ELEMENT_SIZE: u32 = 6;
    /// View constructor: element type number.
    pub const VIEW: u32 = 7;
    pub const READER: u32 = 8;
    pub const COUNT: u32 = 9;

    /// Reader types.
    pub const NONE: i32 = 0;
    pub const DEFAULT: i32 = 1;
    pub const BYOB: i32 = 2;
}
use pull_into_slot as field;

type Descriptor = Ref<Values>;

fn unsigned(cx: &Context, descriptor: Descriptor, field: u32) -> u32 {
    descriptor.int(cx, field) as u32
}

fn set_unsigned(cx: &Context, descriptor: Descriptor, field: u32, value: u32) {
    descriptor.put(cx, field, Value::from_usize(value as usize));
}

fn buffer_of(cx: &mut Context, descriptor: Descriptor) -> Result<Object> {
    match descriptor.object(cx, field::BUFFER) {
        Some(buffer) => Ok(buffer),
        None => Err(cx.throw_type_error("The pull-into descriptor has no buffer")),
    }
}

/// The first pull-into descriptor.
pub(super) fn first_pending(cx: &Context, controller: Object) -> Option<Descriptor> {
    fifo::peek(cx, controller, slot::PENDING, 0).as_cell()
}

/// Whether [[pendingPullIntos]] is empty.
fn no_pending(cx: &Context, controller: Object) -> bool {
    fifo::is_empty(cx, controller, slot::PENDING)
}

// CreateReadableByteStream ( startAlgorithm, pullAlgorithm, cancelAlgorithm ),
// https://streams.spec.whatwg.org/#abstract-opdef-createreadablebytestream, with algorithms that are natives.
pub(crate) fn create_stream(cx: &mut Context, kind: i32, state: Value, extra: Value, hwm: f64) -> Object {
    let stream = readable::new_stream(cx);
    let controller = new_native(cx, class::READABLE_BYTE_STREAM_CONTROLLER, kind, state, extra);
    attach(cx, stream, controller, hwm);
    cx.enqueue_job(start_job, &[controller.value()]);
    stream
}

// SetUpReadableByteStreamControllerFromUnderlyingSource,
// https://streams.spec.whatwg.org/#set-up-readable-byte-stream-controller-from-underlying-source
pub(crate) fn set_up_from_underlying_source(cx: &mut Context, stream: Object, underlying: &source::Underlying, hwm: f64) -> Result<()> {
    let controller = new_platform_object(cx, class::READABLE_BYTE_STREAM_CONTROLLER, true);
    underlying.store(cx, controller);
    if let Some(size) = underlying.auto_allocate {
        if size == 0 {
            return Err(cx.throw_type_error("autoAllocateChunkSize must be greater than 0"));
        }
        controller.put(cx, slot::AUTO_ALLOCATE, size as f64);
    }
    attach(cx, stream, controller, hwm);
    let start = underlying.call_start(cx, controller)?;
    started(cx, controller, start)
}

// ReadableByteStreamControllerClearPendingPullIntos ( controller ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-clear-pending-pull-intos
pub(super) fn clear_pending(cx: &Context, controller: Object) {
    byob::invalidate(cx, controller);
    fifo::clear(cx, controller, slot::PENDING);
}

// ReadableByteStreamControllerClose ( controller ), https://streams.spec.whatwg.org/#readable-byte-stream-controller-close
pub(crate) fn close(cx: &mut Context, controller: Object) -> Result<()> {
    // 1.-2.
    if !can_close_or_enqueue(cx, controller) {
        return Ok(());
    }
    // 3.
    if controller.number(cx, slot::TOTAL) > 0.0 {
        controller.put(cx, slot::CLOSE_REQUESTED, true);
        return Ok(());
    }
    // 4.
    if let Some(first) = first_pending(cx, controller)
        && !unsigned(cx, first, field::BYTES_FILLED).is_multiple_of(unsigned(cx, first, field::ELEMENT_SIZE).max(1))
    {
        let reason = type_error(cx, "Insufficient bytes to fill elements in the given buffer");
        error(cx, controller, reason)?;
        return Err(cx.throw(reason));
    }
    // 5.-6.
    source::clear(cx, controller);
    readable::close(cx, stream_of(cx, controller))
}

// Close a ReadableStream, https://streams.spec.whatwg.org/#readablestream-close
/// From the side of whoever has the source: a waiting BYOB read ends too.
pub(crate) fn close_stream(cx: &mut Context, controller: Object) -> Result<()> {
    close(cx, controller)?;
    end_pending(cx, controller)
}

/// "If controller.[[pendingPullIntos]] is not empty, perform ! ReadableByteStreamControllerRespond(controller, 0)."
pub(super) fn end_pending(cx: &mut Context, controller: Object) -> Result<()> {
    if no_pending(cx, controller) { Ok(()) } else { respond(cx, controller, 0) }
}

// ReadableByteStreamControllerCommitPullIntoDescriptor ( stream, pullIntoDescriptor ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-commit-pull-into-descriptor
fn commit(cx: &mut Context, stream: Object, descriptor: Descriptor) -> Result<()> {
    let done = readable::state(cx, stream) == stream::CLOSED;
    let view = convert(cx, descriptor)?;
    if descriptor.int(cx, field::READER) == field::DEFAULT {
        readable::fulfill_read_request(cx, stream, view.value(), done)
    } else {
        readable::fulfill_read_into_request(cx, stream, view.value(), done)
    }
}

fn commit_all(cx: &mut Context, stream: Object, descriptors: &[Descriptor]) -> Result<()> {
    for descriptor in descriptors {
        commit(cx, stream, *descriptor)?;
    }
    Ok(())
}

// ReadableByteStreamControllerConvertPullIntoDescriptor ( pullIntoDescriptor ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-convert-pull-into-descriptor
fn convert(cx: &mut Context, descriptor: Descriptor) -> Result<Object> {
    let buffer = buffer_of(cx, descriptor)?;
    let buffer = buffers::transfer(cx, buffer)?;
    let count = unsigned(cx, descriptor, field::BYTES_FILLED) / unsigned(cx, descriptor, field::ELEMENT_SIZE).max(1);
    Ok(buffers::new_view(cx, descriptor.int(cx, field::VIEW), buffer, unsigned(cx, descriptor, field::BYTE_OFFSET), count))
}

// ReadableByteStreamControllerEnqueue ( controller, chunk ), https://streams.spec.whatwg.org/#readable-byte-stream-controller-enqueue
/// `chunk` is an ArrayBufferView.
pub(crate) fn enqueue(cx: &mut Context, controller: Object, chunk: Value) -> Result<()> {
    // 1.-2.
    if !can_close_or_enqueue(cx, controller) {
        return Ok(());
    }
    // 3.-7.
    let Some(view) = buffers::view_parts(cx, chunk) else {
        return Err(cx.throw_type_error("The chunk is not an ArrayBufferView"));
    };
    if buffers::is_detached(cx, view.buffer) {
        return Err(cx.throw_type_error("The chunk's buffer is detached"));
    }
    let buffer = buffers::transfer(cx, view.buffer)?;
    let stream = stream_of(cx, controller);
    // 8.
    if let Some(first) = first_pending(cx, controller) {
        let pending_buffer = buffer_of(cx, first)?;
        if buffers::is_detached(cx, pending_buffer) {
            return Err(cx.throw_type_error("The BYOB request's buffer is detached"));
        }
        byob::invalidate(cx, controller);
        let transferred = buffers::transfer(cx, pending_buffer)?;
        first.put(cx, field::BUFFER, transferred);
        if first.int(cx, field::READER) == field::NONE {
            enqueue_detached_pull_into(cx, controller, first)?;
        }
    }
    if readable::default_reader(cx, stream).is_some() {
        // 9.
        process_read_requests(cx, controller, stream)?;
        if readable::read_request_count(cx, stream) == 0 {
            enqueue_chunk(cx, controller, buffer, view.offset, view.length);
        } else {
            if !no_pending(cx, controller) {
                shift_pending(cx, controller);
            }
            let transferred_view = buffers::uint8_view(cx, buffer, view.offset, view.length);
            readable::fulfill_read_request(cx, stream, transferred_view.value(), false)?;
        }
    } else if readable::byob_reader(cx, stream).is_some() {
        // 10.
        enqueue_chunk(cx, controller, buffer, view.offset, view.length);
        let filled = process_pull_intos(cx, controller)?;
        commit_all(cx, stream, &filled)?;
    } else {
        // 11.
        enqueue_chunk(cx, controller, buffer, view.offset, view.length);
    }
    // 12.
    call_pull_if_needed(cx, controller)
}

// ReadableByteStreamControllerEnqueueChunkToQueue ( controller, buffer, byteOffset, byteLength ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-enqueue-chunk-to-queue
fn enqueue_chunk(cx: &Context, controller: Object, buffer: Object, offset: u32, length: u32) {
    for value in [buffer.value(), Value::from_usize(offset as usize), Value::from_usize(length as usize)] {
        fifo::push(cx, controller, slot::QUEUE, value);
    }
    controller.put(cx, slot::TOTAL, controller.number(cx, slot::TOTAL) + f64::from(length));
}

// ReadableByteStreamControllerEnqueueClonedChunkToQueue ( controller, buffer, byteOffset, byteLength ),
// https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollerenqueueclonedchunktoqueue
fn enqueue_cloned(cx: &mut Context, controller: Object, buffer: Object, offset: u32, length: u32) -> Result<()> {
    match buffers::clone_range(cx, buffer, offset, length) {
        Ok(clone) => {
            enqueue_chunk(cx, controller, clone, 0, length);
            Ok(())
        }
        Err(thrown) => {
            let reason = caught(cx, thrown)?;
            error(cx, controller, reason)?;
            Err(cx.throw(reason))
        }
    }
}

// ReadableByteStreamControllerEnqueueDetachedPullIntoToQueue ( controller, pullIntoDescriptor ),
// https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollerenqueuedetachedpullintotoqueue
fn enqueue_detached_pull_into(cx: &mut Context, controller: Object, descriptor: Descriptor) -> Result<()> {
    let filled = unsigned(cx, descriptor, field::BYTES_FILLED);
    if filled > 0 {
        let buffer = buffer_of(cx, descriptor)?;
        enqueue_cloned(cx, controller, buffer, unsigned(cx, descriptor, field::BYTE_OFFSET), filled)?;
    }
    shift_pending(cx, controller);
    Ok(())
}

// ReadableByteStreamControllerFillPullIntoDescriptorFromQueue ( controller, pullIntoDescriptor ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-fill-pull-into-descriptor-from-queue
fn fill_from_queue(cx: &mut Context, controller: Object, descriptor: Descriptor) -> Result<bool> {
    let filled = unsigned(cx, descriptor, field::BYTES_FILLED);
    // 1.-3.
    let total = controller.number(cx, slot::TOTAL) as u32;
    let max_bytes = total.min(unsigned(cx, descriptor, field::BYTE_LENGTH) - filled);
    let max_filled = filled + max_bytes;
    let mut remaining = max_bytes;
    // 7.-9.
    let aligned = max_filled - max_filled % unsigned(cx, descriptor, field::ELEMENT_SIZE).max(1);
    let ready = aligned >= unsigned(cx, descriptor, field::MINIMUM_FILL);
    if ready {
        remaining = aligned - filled;
    }
    // 10.-11.
    let target = buffer_of(cx, descriptor)?;
    while remaining > 0 {
        let Some(entry_buffer) = fifo::peek(cx, controller, slot::QUEUE, 0).as_object() else { break };
        let entry = |index| fifo::peek(cx, controller, slot::QUEUE, index).as_int().unwrap_or(0) as u32;
        let (offset, length) = (entry(1), entry(2));
        let count = remaining.min(length);
        let start = unsigned(cx, descriptor, field::BYTE_OFFSET) + unsigned(cx, descriptor, field::BYTES_FILLED);
        buffers::copy(cx, target, start, entry_buffer, offset, count);
        if count == length {
            drop_entry(cx, controller);
        } else {
            fifo::replace(cx, controller, slot::QUEUE, 1, Value::from_usize((offset + count) as usize));
            fifo::replace(cx, controller, slot::QUEUE, 2, Value::from_usize((length - count) as usize));
        }
        controller.put(cx, slot::TOTAL, controller.number(cx, slot::TOTAL) - f64::from(count));
        // ReadableByteStreamControllerFillHeadPullIntoDescriptor
        set_unsigned(cx, descriptor, field::BYTES_FILLED, unsigned(cx, descriptor, field::BYTES_FILLED) + count);
        remaining -= count;
    }
    Ok(ready)
}

/// Removes the first entry of the queue.
fn drop_entry(cx: &Context, controller: Object) {
    for _ in 0..3 {
        fifo::shift(cx, controller, slot::QUEUE);
    }
}

// ReadableByteStreamControllerFillReadRequestFromQueue ( controller, readRequest ),
// https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollerfillreadrequestfromqueue
fn fill_read_request(cx: &mut Context, controller: Object, request: Value) -> Result<()> {
    let buffer = fifo::shift(cx, controller, slot::QUEUE).and_then(Value::as_object);
    let offset = fifo::shift(cx, controller, slot::QUEUE).and_then(Value::as_int).unwrap_or(0) as u32;
    let length = fifo::shift(cx, controller, slot::QUEUE).and_then(Value::as_int).unwrap_or(0) as u32;
    let Some(buffer) = buffer else { return Ok(()) };
    controller.put(cx, slot::TOTAL, controller.number(cx, slot::TOTAL) - f64::from(length));
    handle_queue_drain(cx, controller)?;
    let view = buffers::uint8_view(cx, buffer, offset, length);
    requests::chunk(cx, request, view.value())
}

// ReadableByteStreamControllerHandleQueueDrain ( controller ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-handle-queue-drain
fn handle_queue_drain(cx: &mut Context, controller: Object) -> Result<()> {
    if controller.number(cx, slot::TOTAL) == 0.0 && controller.flag(cx, slot::CLOSE_REQUESTED) {
        source::clear(cx, controller);
        return readable::close(cx, stream_of(cx, controller));
    }
    call_pull_if_needed(cx, controller)
}

// ReadableByteStreamControllerProcessPullIntoDescriptorsUsingQueue ( controller ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-process-pull-into-descriptors-using-queue
fn process_pull_intos(cx: &mut Context, controller: Object) -> Result<Vec<Descriptor>> {
    let mut filled = Vec::new();
    while let Some(descriptor) = first_pending(cx, controller) {
        if controller.number(cx, slot::TOTAL) == 0.0 {
            break;
        }
        if fill_from_queue(cx, controller, descriptor)? {
            shift_pending(cx, controller);
            filled.push(descriptor);
        }
    }
    Ok(filled)
}

// ReadableByteStreamControllerProcessReadRequestsUsingQueue ( controller ),
// https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontrollerprocessreadrequestsusingqueue
fn process_read_requests(cx: &mut Context, controller: Object, stream: Object) -> Result<()> {
    let Some(reader) = readable::default_reader(cx, stream) else { return Ok(()) };
    while !fifo::is_empty(cx, reader, readable::reader::REQUESTS) {
        if controller.number(cx, slot::TOTAL) == 0.0 {
            return Ok(());
        }
        if let Some(request) = fifo::shift(cx, reader, readable::reader::REQUESTS) {
            fill_read_request(cx, controller, request)?;
        }
    }
    Ok(())
}

// ReadableByteStreamControllerPullInto ( controller, view, min, readIntoRequest ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-pull-into
pub(super) fn pull_into(cx: &mut Context, controller: Object, view: Value, min: u32, request: Value) -> Result<()> {
    let stream = stream_of(cx, controller);
    // 2.-10.
    let Some(view) = buffers::view_parts(cx, view) else {
        let reason = type_error(cx, "The view is not an ArrayBufferView");
        return requests::into_error(cx, request, reason);
    };
    let element_size = view.element_size();
    let buffer = match buffers::transfer(cx, view.buffer) {
        Ok(buffer) => buffer,
        Err(thrown) => {
            let reason = caught(cx, thrown)?;
            return requests::into_error(cx, request, reason);
        }
    };
    let length = buffers::byte_length(cx, buffer);
    // 12.
    let descriptor = new_descriptor(
        cx,
        buffer,
        [length, view.offset, view.length, min.saturating_mul(element_size), element_size],
        view.ty,
        field::BYOB,
    );
    // 13.
    if !no_pending(cx, controller) {
        fifo::push(cx, controller, slot::PENDING, Value::cell(descriptor));
        readable::add_request(cx, stream, request);
        return Ok(());
    }
    // 14.
    if readable::state(cx, stream) == stream::CLOSED {
        let empty = buffers::new_view(cx, view.ty, buffer, view.offset, 0);
        return requests::into_close(cx, request, empty.value());
    }
    // 15.
    if controller.number(cx, slot::TOTAL) > 0.0 {
        if fill_from_queue(cx, controller, descriptor)? {
            let filled = convert(cx, descriptor)?;
            handle_queue_drain(cx, controller)?;
            return requests::into_chunk(cx, request, filled.value());
        }
        if controller.flag(cx, slot::CLOSE_REQUESTED) {
            let reason = type_error(cx, "Insufficient bytes to fill elements in the given buffer");
            error(cx, controller, reason)?;
            return requests::into_error(cx, request, reason);
        }
    }
    // 16.-18.
    fifo::push(cx, controller, slot::PENDING, Value::cell(descriptor));
    readable::add_request(cx, stream, request);
    call_pull_if_needed(cx, controller)
}

/// `numbers`: buffer byte length, byte offset, byte length, minimum fill, element size.
fn new_descriptor(cx: &Context, buffer: Object, numbers: [u32; 5], view: i32, reader: i32) -> Descriptor {
    let descriptor = record(cx, field::COUNT);
    descriptor.put(cx, field::BUFFER, buffer);
    let [buffer_byte_length, byte_offset, byte_length, minimum_fill, element_size] = numbers;
    set_unsigned(cx, descriptor, field::BUFFER_BYTE_LENGTH, buffer_byte_length);
    set_unsigned(cx, descriptor, field::BYTE_OFFSET, byte_offset);
    set_unsigned(cx, descriptor, field::BYTE_LENGTH, byte_length);
    set_unsigned(cx, descriptor, field::BYTES_FILLED, 0);
    set_unsigned(cx, descriptor, field::MINIMUM_FILL, minimum_fill);
    set_unsigned(cx, descriptor, field::ELEMENT_SIZE, element_size);
    descriptor.put(cx, field::VIEW, view);
    descriptor.put(cx, field::READER, reader);
    descriptor
}

// ReadableByteStreamControllerRespond ( controller, bytesWritten ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond
pub(super) fn respond(cx: &mut Context, controller: Object, written: u64) -> Result<()> {
    let Some(first) = first_pending(cx, controller) else {
        return Err(cx.throw_type_error("There is no pending BYOB request"));
    };
    // 4.-5.
    if readable::state(cx, stream_of(cx, controller)) == stream::CLOSED {
        if written != 0 {
            return Err(cx.throw_type_error("bytesWritten must be 0 when calling respond() on a closed stream"));
        }
    } else {
        if written == 0 {
            return Err(cx.throw_type_error("bytesWritten must be greater than 0 when calling respond() on a readable stream"));
        }
        if u64::from(unsigned(cx, first, field::BYTES_FILLED)) + written > u64::from(unsigned(cx, first, field::BYTE_LENGTH)) {
            return Err(cx.throw_range_error("bytesWritten out of range"));
        }
    }
    // 6.-7.
    let buffer = buffer_of(cx, first)?;
    let buffer = buffers::transfer(cx, buffer)?;
    first.put(cx, field::BUFFER, buffer);
    respond_internal(cx, controller, written as u32)
}

// ReadableByteStreamControllerRespondInternal ( controller, bytesWritten ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond-internal
fn respond_internal(cx: &mut Context, controller: Object, written: u32) -> Result<()> {
    let Some(first) = first_pending(cx, controller) else { return Ok(()) };
    byob::invalidate(cx, controller);
    if readable::state(cx, stream_of(cx, controller)) == stream::CLOSED {
        respond_in_closed_state(cx, controller, first)?;
    } else {
        respond_in_readable_state(cx, controller, written, first)?;
    }
    call_pull_if_needed(cx, controller)
}

// ReadableByteStreamControllerRespondInClosedState ( controller, firstDescriptor ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond-in-closed-state
fn respond_in_closed_state(cx: &mut Context, controller: Object, first: Descriptor) -> Result<()> {
    if first.int(cx, field::READER) == field::NONE {
        shift_pending(cx, controller);
    }
    let stream = stream_of(cx, controller);
    let mut filled = Vec::new();
    for _ in 0..readable::read_into_request_count(cx, stream) {
        filled.extend(shift_pending(cx, controller));
    }
    commit_all(cx, stream, &filled)
}

// ReadableByteStreamControllerRespondInReadableState ( controller, bytesWritten, pullIntoDescriptor ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond-in-readable-state
fn respond_in_readable_state(cx: &mut Context, controller: Object, written: u32, descriptor: Descriptor) -> Result<()> {
    let stream = stream_of(cx, controller);
    // 2.
    let bytes_filled = unsigned(cx, descriptor, field::BYTES_FILLED) + written;
    set_unsigned(cx, descriptor, field::BYTES_FILLED, bytes_filled);
    // 3.
    if descriptor.int(cx, field::READER) == field::NONE {
        enqueue_detached_pull_into(cx, controller, descriptor)?;
        let filled = process_pull_intos(cx, controller)?;
        return commit_all(cx, stream, &filled);
    }
    // 4.
    if bytes_filled < unsigned(cx, descriptor, field::MINIMUM_FILL) {
        return Ok(());
    }
    // 5.-8.
    shift_pending(cx, controller);
    let remainder = bytes_filled % unsigned(cx, descriptor, field::ELEMENT_SIZE).max(1);
    if remainder > 0 {
        let end = unsigned(cx, descriptor, field::BYTE_OFFSET) + bytes_filled;
        let buffer = buffer_of(cx, descriptor)?;
        enqueue_cloned(cx, controller, buffer, end - remainder, remainder)?;
    }
    set_unsigned(cx, descriptor, field::BYTES_FILLED, bytes_filled - remainder);
    // 9.-11.
    let filled = process_pull_intos(cx, controller)?;
    commit(cx, stream, descriptor)?;
    commit_all(cx, stream, &filled)
}

// ReadableByteStreamControllerRespondWithNewView ( controller, view ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-respond-with-new-view
pub(super) fn respond_with_new_view(cx: &mut Context, controller: Object, view: Value) -> Result<()> {
    let (Some(first), Some(view)) = (first_pending(cx, controller), buffers::view_parts(cx, view)) else {
        return Err(cx.throw_type_error("There is no pending BYOB request"));
    };
    // 5.-6.
    if readable::state(cx, stream_of(cx, controller)) == stream::CLOSED {
        if view.length != 0 {
            return Err(cx.throw_type_error("The view's length must be 0 when calling respondWithNewView() on a closed stream"));
        }
    } else if view.length == 0 {
        return Err(cx.throw_type_error("The view's length must be greater than 0 when calling respondWithNewView() on a readable stream"));
    }
    // 7.-9.
    let filled = unsigned(cx, first, field::BYTES_FILLED);
    if unsigned(cx, first, field::BYTE_OFFSET) + filled != view.offset {
        return Err(cx.throw_range_error("The region specified by view does not match byobRequest"));
    }
    if unsigned(cx, first, field::BUFFER_BYTE_LENGTH) != buffers::byte_length(cx, view.buffer) {
        return Err(cx.throw_range_error("The buffer of view has different capacity than byobRequest"));
    }
    if filled + view.length > unsigned(cx, first, field::BYTE_LENGTH) {
        return Err(cx.throw_range_error("The region specified by view is larger than byobRequest"));
    }
    // 10.-12.
    let buffer = buffers::transfer(cx, view.buffer)?;
    first.put(cx, field::BUFFER, buffer);
    respond_internal(cx, controller, view.length)
}

// ReadableByteStreamControllerShiftPendingPullInto ( controller ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-shift-pending-pull-into
fn shift_pending(cx: &Context, controller: Object) -> Option<Descriptor> {
    fifo::shift(cx, controller, slot::PENDING).and_then(Value::as_cell)
}

// [[PullSteps]]( readRequest ), https://streams.spec.whatwg.org/#rbs-controller-private-pull
pub(crate) fn pull_steps(cx: &mut Context, controller: Object, stream: Object, request: Value) -> Result<()> {
    // 3.
    if controller.number(cx, slot::TOTAL) > 0.0 {
        return fill_read_request(cx, controller, request);
    }
    // 4.-5.
    if let Some(size) = controller.at(cx, slot::AUTO_ALLOCATE).as_number() {
        let buffer = match buffers::new_buffer(cx, size as u64) {
            Ok(buffer) => buffer,
            Err(thrown) => {
                let reason = caught(cx, thrown)?;
                return requests::error(cx, request, reason);
            }
        };
        let size = size as u32;
        let descriptor = new_descriptor(cx, buffer, [size, 0, size, 1, 1], buffers::UINT8, field::DEFAULT);
        fifo::push(cx, controller, slot::PENDING, Value::cell(descriptor));
    }
    // 6.-7.
    readable::add_request(cx, stream, request);
    call_pull_if_needed(cx, controller)
}

// [[ReleaseSteps]](), https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamcontroller-releasesteps
pub(crate) fn release_steps(cx: &mut Context, stream: Object) {
    let Some(controller) = stream.object(cx, stream::CONTROLLER) else { return };
    if let Some(first) = first_pending(cx, controller) {
        first.put(cx, field::READER, field::NONE);
        fifo::clear(cx, controller, slot::PENDING);
        fifo::push(cx, controller, slot::PENDING, Value::cell(first));
    }
}
