//! Teeing of readable byte streams. <https://streams.spec.whatwg.org/#abstract-opdef-readablebytestreamtee>

use mayfly_engine::context::Context;
use mayfly_engine::heap::{Ref, Values};
use mayfly_engine::native::{Args, Result};
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

use super::readable_ops::{self as ops, reader};
use super::source::kind;
use super::support::{Slots, class_of, nothing, upon};
use super::tee::{BRANCHES, clone_failed, controller, enqueue, fail, field, new_record, resolve_cancel_promise};
use super::{buffers, byob, byte_controller, requests};
use crate::class;

// ReadableByteStreamTee ( stream )
pub(super) fn tee(cx: &mut Context, stream: Object) -> Result<(Object, Object)> {
    let shared = new_record(cx, stream)?;
    let state = Value::cell(shared);
    let branch_1 = byte_controller::create_stream(cx, kind::BYTE_TEE, state, Value::int(1), 0.0);
    let branch_2 = byte_controller::create_stream(cx, kind::BYTE_TEE, state, Value::int(2), 0.0);
    shared.put(cx, field::BRANCH_1, branch_1);
    shared.put(cx, field::BRANCH_2, branch_2);
    forward_reader_error(cx, shared);
    Ok((branch_1, branch_2))
}

/// forwardReaderError, for the present reader.
fn forward_reader_error(cx: &mut Context, shared: Ref<Values>) {
    let Some(reader) = shared.object(cx, field::READER) else { return };
    if let Some(closed) = reader.object(cx, reader::CLOSED_PROMISE) {
        let state = Value::cell(cx.heap.new_values_from(&[Value::cell(shared), reader.value()]));
        upon(cx, closed, nothing, reader_failed, state);
    }
}

pub(super) fn reader_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(pair) = this.as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    let Some(shared) = pair.at(cx, 0).as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    if shared.at(cx, field::READER) != pair.at(cx, 1) {
        return Ok(Value::UNDEFINED);
    }
    fail(cx, shared, args.at(0))
}

/// pull1Algorithm and pull2Algorithm.
pub(super) fn pull(cx: &mut Context, state: Value, second: bool) -> Result<()> {
    let Some(shared) = state.as_cell::<Values>() else { return Ok(()) };
    if shared.flag(cx, field::READING) {
        shared.put(cx, if second { field::READ_AGAIN_2 } else { field::READ_AGAIN }, true);
        return Ok(());
    }
    shared.put(cx, field::READING, true);
    let branch = controller(cx, shared, if second { field::BRANCH_2 } else { field::BRANCH_1 })?;
    match byob::get_request(cx, branch)?.as_object() {
        None => pull_with_default_reader(cx, shared),
        Some(request) => {
            let view = byob::view_of(cx, request);
            pull_with_byob_reader(cx, shared, view, second)
        }
    }
}

fn has_byob_reader(cx: &Context, reader: Object) -> bool {
    class_of(cx, reader) == Some(class::READABLE_STREAM_BYOB_READER)
}

fn pull_with_default_reader(cx: &mut Context, shared: Ref<Values>) -> Result<()> {
    let (Some(mut reader), Some(stream)) = (shared.object(cx, field::READER), shared.object(cx, field::STREAM)) else { return Ok(()) };
    if has_byob_reader(cx, reader) {
        ops::byob_reader_release(cx, reader)?;
        reader = ops::acquire_default_reader(cx, stream)?;
        shared.put(cx, field::READER, reader);
        forward_reader_error(cx, shared);
    }
    let request = requests::new(cx, requests::kind::BYTE_TEE, Value::cell(shared));
    ops::default_reader_read(cx, reader, request)
}

fn pull_with_byob_reader(cx: &mut Context, shared: Ref<Values>, view: Value, second: bool) -> Result<()> {
    let (Some(mut reader), Some(stream)) = (shared.object(cx, field::READER), shared.object(cx, field::STREAM)) else { return Ok(()) };
    if !has_byob_reader(cx, reader) {
        ops::default_reader_release(cx, reader)?;
        reader = ops::acquire_byob_reader(cx, stream)?;
        shared.put(cx, field::READER, reader);
        forward_reader_error(cx, shared);
    }
    let kind = if second { requests::kind::BYTE_TEE_INTO_2 } else { requests::kind::BYTE_TEE_INTO_1 };
    let request = requests::new(cx, kind, Value::cell(shared));
    ops::byob_reader_read(cx, reader, view, 1, request)
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
    shared.put(cx, field::READ_AGAIN_2, Value::FALSE);
    let mut chunks = [chunk, chunk];
    if !shared.flag(cx, field::CANCELED_1) && !shared.flag(cx, field::CANCELED_2) {
        match buffers::clone_as_uint8_array(cx, chunk) {
            Ok(clone) => chunks[1] = clone.value(),
            Err(thrown) => return clone_failed(cx, shared, thrown),
        }
    }
    enqueue(cx, shared, chunks)?;
    read_again(cx, shared)
}

/// The end of chunk steps.
fn read_again(cx: &mut Context, shared: Ref<Values>) -> Result<Value> {
    shared.put(cx, field::READING, Value::FALSE);
    if shared.flag(cx, field::READ_AGAIN) {
        pull(cx, Value::cell(shared), false)?;
    } else if shared.flag(cx, field::READ_AGAIN_2) {
        pull(cx, Value::cell(shared), true)?;
    }
    Ok(Value::UNDEFINED)
}

/// Chunk steps of the read-into request: they wait for a microtask.
pub(super) fn into_chunk(cx: &mut Context, state: Value, chunk: Value, second: bool) -> Result<()> {
    cx.enqueue_job(into_chunk_job, &[state, chunk, Value::bool(second)]);
    Ok(())
}

pub(super) fn into_chunk_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (chunk, second) = (args.at(1), args.at(2) == Value::TRUE);
    let Some(shared) = args.at(0).as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    shared.put(cx, field::READ_AGAIN, Value::FALSE);
    shared.put(cx, field::READ_AGAIN_2, Value::FALSE);
    let (byob_branch, other_branch) = branches(second);
    let byob_canceled = shared.flag(cx, byob_branch.1);
    let byob_controller = controller(cx, shared, byob_branch.0)?;
    if !shared.flag(cx, other_branch.1) {
        let clone = match buffers::clone_as_uint8_array(cx, chunk) {
            Ok(clone) => clone,
            Err(thrown) => return clone_failed(cx, shared, thrown),
        };
        if !byob_canceled {
            byte_controller::respond_with_new_view(cx, byob_controller, chunk)?;
        }
        let other = controller(cx, shared, other_branch.0)?;
        byte_controller::enqueue(cx, other, clone.value())?;
    } else if !byob_canceled {
        byte_controller::respond_with_new_view(cx, byob_controller, chunk)?;
    }
    read_again(cx, shared)
}

/// The branch that has the BYOB request, and the other.
fn branches(second: bool) -> ((u32, u32), (u32, u32)) {
    if second { (BRANCHES[1], BRANCHES[0]) } else { (BRANCHES[0], BRANCHES[1]) }
}

/// Close steps of the read-into request; `chunk` may be undefined.
pub(super) fn into_close(cx: &mut Context, shared: Ref<Values>, chunk: Value, second: bool) -> Result<()> {
    shared.put(cx, field::READING, Value::FALSE);
    let (byob_branch, other_branch) = branches(second);
    let (byob_canceled, other_canceled) = (shared.flag(cx, byob_branch.1), shared.flag(cx, other_branch.1));
    let byob_controller = controller(cx, shared, byob_branch.0)?;
    let other_controller = controller(cx, shared, other_branch.0)?;
    if !byob_canceled {
        byte_controller::close(cx, byob_controller)?;
    }
    if !other_canceled {
        byte_controller::close(cx, other_controller)?;
    }
    if !chunk.is_undefined() {
        if !byob_canceled {
            byte_controller::respond_with_new_view(cx, byob_controller, chunk)?;
        }
        if !other_canceled {
            byte_controller::end_pending(cx, other_controller)?;
        }
    }
    resolve_cancel_promise(cx, shared)
}
