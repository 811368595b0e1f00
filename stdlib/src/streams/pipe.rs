//! Piping. <https://streams.spec.whatwg.org/#readable-stream-pipe-to>
//!
//! The state of a pipe is one record. One step follows the other: wait for the writer to be ready, read a chunk, write it in a microtask.

use mayfly_engine::builtins::promise;
use mayfly_engine::context::Context;
use mayfly_engine::heap::{Ref, Values};
use mayfly_engine::native::{Args, Result};
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

use super::readable_ops::{self as readable, reader, stream};
use super::support::{Slots, nothing, record, resolved_undefined, type_error, upon};
use super::writable_ops::{self as writable, writer};
use super::{requests, signal};

/// Option bits.
pub(crate) const PREVENT_CLOSE: i32 = 1;
/// Option bit.
pub(crate) const PREVENT_ABORT: i32 = 2;
/// Option bit.
pub(crate) const PREVENT_CANCEL: i32 = 4;

/// Values of the record.
mod field {
    pub const SOURCE: u32 = 0;
    pub const DEST: u32 = 1;
    pub const READER: u32 = 2;
    pub const WRITER: u32 = 3;
    pub const FLAGS: u32 = 4;
    pub const SHUTTING_DOWN: u32 = 5;
    /// Promise of the last write.
    pub const CURRENT_WRITE: u32 = 6;
    pub const PROMISE: u32 = 7;
    pub const SIGNAL: u32 = 8;
    pub const ALGORITHM: u32 = 9;
    /// A chunk was read and not yet written.
    pub const HAS_CHUNK: u32 = 10;
    pub const CHUNK: u32 = 11;
    /// What shutdown does: a constant of `action`.
    pub const ACTION: u32 = 12;
    pub const HAS_ERROR: u32 = 13;
    pub const ERROR: u32 = 14;
    /// Actions of an abort that are still going on.
    pub const WAITING: u32 = 15;
    pub const COUNT: u32 = 16;
}

/// Actions of "shutdown with an action".
mod action {
    pub const NONE: i32 = 0;
    pub const ABORT_DEST: i32 = 1;
    pub const CANCEL_SOURCE: i32 = 2;
    pub const CLOSE_DEST: i32 = 3;
    pub const ABORTED_BY_SIGNAL: i32 = 4;
}

type Pipe = Ref<Values>;

/// The streams and their reader and writer.
struct Ends {
    source: Object,
    dest: Object,
    reader: Object,
    writer: Object,
}

fn ends(cx: &Context, pipe: Pipe) -> Option<Ends> {
    Some(Ends {
        source: pipe.object(cx, field::SOURCE)?,
        dest: pipe.object(cx, field::DEST)?,
        reader: pipe.object(cx, field::READER)?,
        writer: pipe.object(cx, field::WRITER)?,
    })
}

fn prevents(cx: &Context, pipe: Pipe, flag: i32) -> bool {
    pipe.int(cx, field::FLAGS) & flag != 0
}

// ReadableStreamPipeTo ( source, dest, preventClose, preventAbort, preventCancel [ , signal ] )
pub(crate) fn pipe_to(cx: &mut Context, source: Object, dest: Object, flags: i32, signal: Option<Object>) -> Result<Object> {
    let reader = readable::acquire_default_reader(cx, source)?;
    let writer = writable::acquire_writer(cx, dest)?;
    source.put(cx, stream::DISTURBED, true);
    let promise = promise::new_pending(cx);
    let pipe = record(cx, field::COUNT);
    pipe.put(cx, field::SOURCE, source);
    pipe.put(cx, field::DEST, dest);
    pipe.put(cx, field::READER, reader);
    pipe.put(cx, field::WRITER, writer);
    pipe.put(cx, field::FLAGS, flags);
    pipe.put(cx, field::PROMISE, promise);
    if let Some(signal) = signal {
        pipe.put(cx, field::SIGNAL, signal);
        if let Some(reason) = signal::aborted(cx, signal) {
            shutdown(cx, pipe, action::ABORTED_BY_SIGNAL, Some(reason))?;
            return Ok(promise);
        }
        let algorithm = signal::add(cx, signal, signal_aborted, Value::cell(pipe));
        pipe.put(cx, field::ALGORITHM, algorithm);
    }
    // States that hold already, in the order of the conditions.
    if readable::state(cx, source) == stream::ERRORED {
        source_errored(cx, pipe, source.at(cx, stream::ERROR))?;
    }
    if writable::state(cx, dest) == writable::stream::ERRORED {
        dest_errored(cx, pipe, dest.at(cx, writable::stream::ERROR))?;
    }
    if readable::state(cx, source) == stream::CLOSED {
        source_closed(cx, pipe)?;
    }
    if writable::close_queued_or_in_flight(cx, dest) || writable::state(cx, dest) == writable::stream::CLOSED {
        let error = type_error(cx, "The destination writable stream closed before all data could be piped to it");
        let what = if flags & PREVENT_CANCEL == 0 { action::CANCEL_SOURCE } else { action::NONE };
        shutdown(cx, pipe, what, Some(error))?;
    }
    // States that may come about.
    let state = Value::cell(pipe);
    if let Some(closed) = reader.object(cx, reader::CLOSED_PROMISE) {
        upon(cx, closed, on_source_closed, on_source_errored, state);
    }
    if let Some(closed) = writer.object(cx, writer::CLOSED_PROMISE) {
        upon(cx, closed, nothing, on_dest_errored, state);
    }
    step(cx, pipe)?;
    Ok(promise)
}

/// Reads the next chunk as soon as the writer wants it.
fn step(cx: &mut Context, pipe: Pipe) -> Result<()> {
    if pipe.flag(cx, field::SHUTTING_DOWN) {
        return Ok(());
    }
    let Some(ends) = ends(cx, pipe) else { return Ok(()) };
    match writable::writer_desired_size(cx, ends.writer) {
        // Errored or erroring: the writer's [[closedPromise]] tells.
        None => Ok(()),
        Some(size) if size <= 0.0 => {
            if let Some(ready) = ends.writer.object(cx, writer::READY_PROMISE) {
                upon(cx, ready, on_ready, nothing, Value::cell(pipe));
            }
            Ok(())
        }
        Some(_) => {
            let request = requests::new(cx, requests::kind::PIPE, Value::cell(pipe));
            readable::default_reader_read(cx, ends.reader, request)
        }
    }
}

pub(super) fn on_ready(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(pipe) = this.as_cell::<Values>() {
        step(cx, pipe)?;
    }
    Ok(Value::UNDEFINED)
}

/// Chunk steps of the read request. `enqueue` of the source must not call `write` of the sink: a microtask writes.
pub(super) fn chunk(cx: &mut Context, state: Value, chunk: Value) -> Result<()> {
    if let Some(pipe) = state.as_cell::<Values>() {
        pipe.put(cx, field::HAS_CHUNK, true);
        pipe.put(cx, field::CHUNK, chunk);
        cx.enqueue_job(write_job, &[state]);
    }
    Ok(())
}

pub(super) fn write_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(pipe) = args.at(0).as_cell::<Values>()
        && write_pending(cx, pipe)?
    {
        step(cx, pipe)?;
    }
    Ok(Value::UNDEFINED)
}

/// Writes the chunk that was read; whether there was one.
fn write_pending(cx: &mut Context, pipe: Pipe) -> Result<bool> {
    if !pipe.flag(cx, field::HAS_CHUNK) {
        return Ok(false);
    }
    let chunk = pipe.at(cx, field::CHUNK);
    pipe.put(cx, field::HAS_CHUNK, false);
    pipe.put(cx, field::CHUNK, Value::UNDEFINED);
    if let Some(writer) = pipe.object(cx, field::WRITER) {
        let promise = writable::writer_write(cx, writer, chunk)?;
        promise::mark_handled(cx, promise);
        pipe.put(cx, field::CURRENT_WRITE, promise);
    }
    Ok(true)
}

// ── conditions ──

pub(super) fn on_source_closed(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(pipe) = this.as_cell::<Values>() {
        source_closed(cx, pipe)?;
    }
    Ok(Value::UNDEFINED)
}

/// Closing must be propagated forward.
fn source_closed(cx: &mut Context, pipe: Pipe) -> Result<()> {
    let what = if prevents(cx, pipe, PREVENT_CLOSE) { action::NONE } else { action::CLOSE_DEST };
    shutdown(cx, pipe, what, None)
}

pub(super) fn on_source_errored(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(pipe) = this.as_cell::<Values>() {
        source_errored(cx, pipe, args.at(0))?;
    }
    Ok(Value::UNDEFINED)
}

/// Errors must be propagated forward.
fn source_errored(cx: &mut Context, pipe: Pipe, error: Value) -> Result<()> {
    let what = if prevents(cx, pipe, PREVENT_ABORT) { action::NONE } else { action::ABORT_DEST };
    shutdown(cx, pipe, what, Some(error))
}

pub(super) fn on_dest_errored(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(pipe) = this.as_cell::<Values>() {
        dest_errored(cx, pipe, args.at(0))?;
    }
    Ok(Value::UNDEFINED)
}

/// Errors must be propagated backward.
fn dest_errored(cx: &mut Context, pipe: Pipe, error: Value) -> Result<()> {
    let what = if prevents(cx, pipe, PREVENT_CANCEL) { action::NONE } else { action::CANCEL_SOURCE };
    shutdown(cx, pipe, what, Some(error))
}

/// The abort algorithm; the pipe is in the function's slot.
pub(super) fn signal_aborted(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(pipe) = cx.native_slot(args.callee, 0).as_cell::<Values>()
        && let Some(signal) = pipe.object(cx, field::SIGNAL)
    {
        let reason = signal::aborted(cx, signal).unwrap_or(Value::UNDEFINED);
        shutdown(cx, pipe, action::ABORTED_BY_SIGNAL, Some(reason))?;
    }
    Ok(Value::UNDEFINED)
}

// ── shutdown ──

/// "Shutdown", with or without an action.
fn shutdown(cx: &mut Context, pipe: Pipe, what: i32, error: Option<Value>) -> Result<()> {
    if pipe.flag(cx, field::SHUTTING_DOWN) {
        return Ok(());
    }
    pipe.put(cx, field::SHUTTING_DOWN, true);
    pipe.put(cx, field::ACTION, what);
    pipe.put(cx, field::HAS_ERROR, error.is_some());
    pipe.put(cx, field::ERROR, error.unwrap_or(Value::UNDEFINED));
    let Some(ends) = ends(cx, pipe) else { return Ok(()) };
    if writable::state(cx, ends.dest) == writable::stream::WRITABLE && !writable::close_queued_or_in_flight(cx, ends.dest) {
        write_pending(cx, pipe)?;
        wait_for_write(cx, pipe);
        return Ok(());
    }
    perform_action(cx, pipe)
}

/// Goes on once the last write has settled.
fn wait_for_write(cx: &mut Context, pipe: Pipe) {
    match pipe.object(cx, field::CURRENT_WRITE) {
        None => cx.enqueue_job(action_job, &[Value::cell(pipe)]),
        Some(write) => {
            let state = Value::cell(cx.heap.new_values_from(&[Value::cell(pipe), write.value()]));
            upon(cx, write, on_written, on_written, state);
        }
    }
}

pub(super) fn on_written(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(pair) = this.as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    let Some(pipe) = pair.at(cx, 0).as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    if pipe.at(cx, field::CURRENT_WRITE) == pair.at(cx, 1) {
        perform_action(cx, pipe)?;
    } else {
        wait_for_write(cx, pipe);
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn action_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(pipe) = args.at(0).as_cell::<Values>() {
        perform_action(cx, pipe)?;
    }
    Ok(Value::UNDEFINED)
}

/// Performs the action, then finalizes.
fn perform_action(cx: &mut Context, pipe: Pipe) -> Result<()> {
    let Some(ends) = ends(cx, pipe) else { return Ok(()) };
    let error = pipe.at(cx, field::ERROR);
    let promise = match pipe.int(cx, field::ACTION) {
        action::ABORT_DEST => writable::abort(cx, ends.dest, error)?,
        action::CANCEL_SOURCE => readable::cancel(cx, ends.source, error)?,
        action::CLOSE_DEST => writable::writer_close_with_error_propagation(cx, ends.writer)?,
        action::ABORTED_BY_SIGNAL => return abort_both(cx, pipe, &ends, error),
        _ => {
            let error = pipe.flag(cx, field::HAS_ERROR).then_some(error);
            return finalize(cx, pipe, error);
        }
    };
    upon(cx, promise, on_action_done, on_action_failed, Value::cell(pipe));
    Ok(())
}

/// The actions of the abort algorithm: both run, all are waited for.
fn abort_both(cx: &mut Context, pipe: Pipe, ends: &Ends, error: Value) -> Result<()> {
    let mut promises = Vec::new();
    if !prevents(cx, pipe, PREVENT_ABORT) {
        let writable = writable::state(cx, ends.dest) == writable::stream::WRITABLE;
        promises.push(if writable { writable::abort(cx, ends.dest, error)? } else { resolved_undefined(cx) });
    }
    if !prevents(cx, pipe, PREVENT_CANCEL) {
        let readable = readable::state(cx, ends.source) == stream::READABLE;
        promises.push(if readable { readable::cancel(cx, ends.source, error)? } else { resolved_undefined(cx) });
    }
    if promises.is_empty() {
        promises.push(resolved_undefined(cx));
    }
    pipe.put(cx, field::WAITING, Value::from_usize(promises.len()));
    for promise in promises {
        upon(cx, promise, on_one_done, on_action_failed, Value::cell(pipe));
    }
    Ok(())
}

pub(super) fn on_one_done(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(pipe) = this.as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    let waiting = pipe.int(cx, field::WAITING) - 1;
    pipe.put(cx, field::WAITING, waiting);
    if waiting == 0 { on_action_done(cx, this, args) } else { Ok(Value::UNDEFINED) }
}

pub(super) fn on_action_done(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(pipe) = this.as_cell::<Values>() {
        let error = pipe.flag(cx, field::HAS_ERROR).then(|| pipe.at(cx, field::ERROR));
        finalize(cx, pipe, error)?;
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn on_action_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(pipe) = this.as_cell::<Values>() {
        finalize(cx, pipe, Some(args.at(0)))?;
    }
    Ok(Value::UNDEFINED)
}

/// "Finalize"
fn finalize(cx: &mut Context, pipe: Pipe, error: Option<Value>) -> Result<()> {
    let Some(ends) = ends(cx, pipe) else { return Ok(()) };
    // A second of two failed actions comes too late.
    if ends.writer.object(cx, writer::STREAM).is_none() {
        return Ok(());
    }
    writable::writer_release(cx, ends.writer);
    readable::default_reader_release(cx, ends.reader)?;
    if let (Some(signal), Some(algorithm)) = (pipe.object(cx, field::SIGNAL), pipe.object(cx, field::ALGORITHM)) {
        signal::remove(cx, signal, algorithm);
    }
    match (pipe.object(cx, field::PROMISE), error) {
        (Some(promise), Some(error)) => promise::reject(cx, promise, error),
        (Some(promise), None) => promise::resolve(cx, promise, Value::UNDEFINED)?,
        (None, _) => {}
    }
    Ok(())
}
