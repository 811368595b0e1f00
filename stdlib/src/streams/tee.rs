//! Teeing of readable streams. <https://streams.spec.whatwg.org/#abstract-opdef-readablestreamtee>

use mayfly_engine::builtins::promise;
use mayfly_engine::context::Context;
use mayfly_engine::heap::{Ref, Values};
use mayfly_engine::native::{Args, Result, Thrown};
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

use super::readable_ops::{self as ops, reader};
use super::source::kind;
use super::support::{Slots, caught, nothing, record, resolve_slot, upon};
use super::{byte_controller, byte_tee, default_controller, readable_controller, requests};

/// Values of the record that both branches share.
pub(super) mod field {
    pub const STREAM: u32 = 0;
    pub const READER: u32 = 1;
    pub const READING: u32 = 2;
    /// For byte streams: of branch 1.
    pub const READ_AGAIN: u32 = 3;
    pub const CANCELED_1: u32 = 4;
    pub const CANCELED_2: u32 = 5;
    pub const REASON_1: u32 = 6;
    pub const REASON_2: u32 = 7;
    pub const BRANCH_1: u32 = 8;
    pub const BRANCH_2: u32 = 9;
    pub const CANCEL_PROMISE: u32 = 10;
    /// Only byte streams: of branch 2.
    pub const READ_AGAIN_2: u32 = 11;
    pub const CLONE: u32 = 12;
    pub const COUNT: u32 = 13;
}

/// Both branches, each with the field that says whether it was cancelled.
pub(super) const BRANCHES: [(u32, u32); 2] = [(field::BRANCH_1, field::CANCELED_1), (field::BRANCH_2, field::CANCELED_2)];

// ReadableStreamTee ( stream, cloneForBranch2 ), https://streams.spec.whatwg.org/#readable-stream-tee
pub(crate) fn tee(cx: &mut Context, stream: Object, clone: bool) -> Result<(Object, Object)> {
    if ops::is_byte_stream(cx, stream) {
        return byte_tee::tee(cx, stream);
    }
    // ReadableStreamDefaultTee ( stream, cloneForBranch2 ), https://streams.spec.whatwg.org/#abstract-opdef-readablestreamdefaulttee
    let shared = new_record(cx, stream)?;
    shared.put(cx, field::CLONE, clone);
    let state = Value::cell(shared);
    let branch_1 = default_controller::create_stream(cx, kind::TEE, state, Value::int(1), Value::UNDEFINED, 1.0, Value::UNDEFINED)?;
    let branch_2 = default_controller::create_stream(cx, kind::TEE, state, Value::int(2), Value::UNDEFINED, 1.0, Value::UNDEFINED)?;
    shared.put(cx, field::BRANCH_1, branch_1);
    shared.put(cx, field::BRANCH_2, branch_2);
    if let Some(closed) = shared.object(cx, field::READER).and_then(|reader| reader.object(cx, reader::CLOSED_PROMISE)) {
        upon(cx, closed, nothing, reader_failed, state);
    }
    Ok((branch_1, branch_2))
}

/// The record at the beginning of a tee, with a reader of the stream.
pub(super) fn new_record(cx: &mut Context, stream: Object) -> Result<Ref<Values>> {
    let reader = ops::acquire_default_reader(cx, stream)?;
    let shared = record(cx, field::COUNT);
    shared.put(cx, field::STREAM, stream);
    shared.put(cx, field::READER, reader);
    let promise = promise::new_pending(cx);
    shared.put(cx, field::CANCEL_PROMISE, promise);
    Ok(shared)
}

/// A branch's controller.
pub(super) fn controller(cx: &mut Context, shared: Ref<Values>, branch: u32) -> Result<Object> {
    match shared.object(cx, branch) {
        Some(branch) => ops::controller_of(cx, branch),
        None => Err(cx.throw_type_error("The stream's tee is not set up yet")),
    }
}

/// The pull algorithm.
pub(super) fn pull(cx: &mut Context, state: Value) -> Result<()> {
    let Some(shared) = state.as_cell::<Values>() else { return Ok(()) };
    if shared.flag(cx, field::READING) {
        shared.put(cx, field::READ_AGAIN, true);
        return Ok(());
    }
    shared.put(cx, field::READING, true);
    let request = requests::new(cx, requests::kind::TEE, state);
    match shared.object(cx, field::READER) {
        Some(reader) => ops::default_reader_read(cx, reader, request),
        None => Ok(()),
    }
}

/// Chunk steps of the read request: they wait for a microtask.
pub(super) fn chunk(cx: &mut Context, state: Value, chunk: Value) -> Result<()> {
    cx.enqueue_job(chunk_job, &[state, chunk]);
    Ok(())
}

pub(super) fn chunk_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (state, chunk) = (args.at(0), args.at(1));
    let Some(shared) = state.as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    shared.put(cx, field::READ_AGAIN, Value::FALSE);
    let mut chunk_2 = chunk;
    if !shared.flag(cx, field::CANCELED_2) && shared.flag(cx, field::CLONE) {
        match crate::structured_clone::clone(cx, chunk, &[]) {
            Ok(clone) => chunk_2 = clone,
            Err(thrown) => return clone_failed(cx, shared, thrown),
        }
    }
    enqueue(cx, shared, [chunk, chunk_2])?;
    shared.put(cx, field::READING, Value::FALSE);
    if shared.flag(cx, field::READ_AGAIN) {
        pull(cx, state)?;
    }
    Ok(Value::UNDEFINED)
}

/// A chunk could not be cloned: both branches fail, and the source is cancelled.
pub(super) fn clone_failed(cx: &mut Context, shared: Ref<Values>, thrown: Thrown) -> Result<Value> {
    let error = caught(cx, thrown)?;
    error_both(cx, shared, error)?;
    cancel_source(cx, shared, error).map(|()| Value::UNDEFINED)
}

/// Gives each branch that is not cancelled its chunk.
pub(super) fn enqueue(cx: &mut Context, shared: Ref<Values>, chunks: [Value; 2]) -> Result<()> {
    for ((branch, canceled), chunk) in BRANCHES.into_iter().zip(chunks) {
        if !shared.flag(cx, canceled) {
            let controller = controller(cx, shared, branch)?;
            readable_controller::enqueue(cx, controller, chunk)?;
        }
    }
    Ok(())
}

/// Resolves the cancel promise with the source's cancellation.
fn cancel_source(cx: &mut Context, shared: Ref<Values>, reason: Value) -> Result<()> {
    let (Some(stream), Some(promise)) = (shared.object(cx, field::STREAM), shared.object(cx, field::CANCEL_PROMISE)) else { return Ok(()) };
    let result = ops::cancel(cx, stream, reason)?;
    promise::resolve(cx, promise, result.value())
}

/// Close steps of the read request, for both kinds of tee: only byte streams have pull-into descriptors.
pub(super) fn close(cx: &mut Context, shared: Ref<Values>) -> Result<()> {
    shared.put(cx, field::READING, Value::FALSE);
    for (branch, canceled) in BRANCHES {
        if !shared.flag(cx, canceled) {
            let controller = controller(cx, shared, branch)?;
            readable_controller::close(cx, controller)?;
        }
    }
    for (branch, _) in BRANCHES {
        let controller = controller(cx, shared, branch)?;
        byte_controller::end_pending(cx, controller)?;
    }
    resolve_cancel_promise(cx, shared)
}

/// Resolves the cancel promise unless both branches were cancelled.
pub(super) fn resolve_cancel_promise(cx: &mut Context, shared: Ref<Values>) -> Result<()> {
    if shared.flag(cx, field::CANCELED_1) && shared.flag(cx, field::CANCELED_2) {
        return Ok(());
    }
    resolve_slot(cx, shared.object(cx, field::CANCEL_PROMISE))
}

/// Error steps of all read requests of tees.
pub(super) fn failed(cx: &mut Context, shared: Ref<Values>) {
    shared.put(cx, field::READING, Value::FALSE);
}

/// The reader's [[closedPromise]] was rejected.
pub(super) fn reader_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(shared) = this.as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    fail(cx, shared, args.at(0))
}

/// What follows when the reader's [[closedPromise]] is rejected.
pub(super) fn fail(cx: &mut Context, shared: Ref<Values>, error: Value) -> Result<Value> {
    error_both(cx, shared, error)?;
    resolve_cancel_promise(cx, shared)?;
    Ok(Value::UNDEFINED)
}

fn error_both(cx: &mut Context, shared: Ref<Values>, error: Value) -> Result<()> {
    for (branch, _) in BRANCHES {
        let controller = controller(cx, shared, branch)?;
        readable_controller::error(cx, controller, error)?;
    }
    Ok(())
}

/// The cancel algorithm of both kinds of tee.
pub(super) fn cancel_branch(cx: &mut Context, shared: Ref<Values>, reason: Value, second: bool) -> Result<Object> {
    let (canceled, own_reason, other) = if second {
        (field::CANCELED_2, field::REASON_2, field::CANCELED_1)
    } else {
        (field::CANCELED_1, field::REASON_1, field::CANCELED_2)
    };
    shared.put(cx, canceled, true);
    shared.put(cx, own_reason, reason);
    if shared.flag(cx, other) {
        let composite = cx.new_array(&[shared.at(cx, field::REASON_1), shared.at(cx, field::REASON_2)]);
        cancel_source(cx, shared, composite.value())?;
    }
    match shared.object(cx, field::CANCEL_PROMISE) {
        Some(promise) => Ok(promise),
        None => Ok(super::support::resolved_undefined(cx)),
    }
}
