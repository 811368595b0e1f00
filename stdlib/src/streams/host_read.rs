//! Reading for the host: one read request that serves for every chunk, with no promise and no result object in between.
//! <https://fetch.spec.whatwg.org/#incrementally-read-loop>
//!
//! While the platform has room, the next chunk is asked for as soon as one has come; when it has none, or a stream begins, the host asks.
//!
//! Bytes go to [`crate::platform::Platform::reply_chunk`] at the moment when the stream gives the chunk: what is written to its buffer
//! afterwards is not seen.

use super::support::{Slots, caught, type_error};
use super::{buffers, readable_ops, requests};
use crate::platform::with_platform_and_heap;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::typed_array;

/// Values of the record, which is the read request itself.
mod field {
    /// The kind of read request.
    pub const KIND: u32 = 0;
    pub const STATUS: u32 = 1;
    /// Why the stream failed.
    pub const REASON: u32 = 2;
    pub const READER: u32 = 3;
    /// The stream is being asked for a chunk: one that comes meanwhile does not ask for the next itself.
    pub const ASKING: u32 = 4;
    /// The platform has room for another chunk.
    pub const HAS_ROOM: u32 = 5;
    pub const COUNT: u32 = 6;
}

/// Fuel that a chunk costs which is there already.
const CHUNK_FUEL: u64 = 4;

mod status {
    pub const IDLE: i32 = 0;
    pub const PENDING: i32 = 1;
    pub const CLOSED: i32 = 2;
    pub const FAILED: i32 = 3;
}

/// Where reading stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HostRead {
    /// Nothing is asked for: every chunk that was has been handed over.
    Idle,
    /// A chunk is asked for and has not come.
    Pending,
    /// The stream has ended.
    Closed,
    /// It failed, or gave what is no Uint8Array.
    Failed(Value),
}

/// A record for reading one stream.
pub fn new_host_read(cx: &Context) -> Value {
    let read = super::support::record(cx, field::COUNT);
    read.put(cx, field::KIND, requests::kind::HOST);
    read.put(cx, field::STATUS, status::IDLE);
    Value::cell(read)
}

/// Asks a reader for the next chunk, and for those after it as long as they are there and the platform has room.
///
/// # Errors
/// Where code of the worker throws that has no promise to reject.
pub fn host_read(cx: &mut Context, reader: Object, read: Value) -> Result<()> {
    let Some(record) = read.as_cell::<Values>() else { return Ok(()) };
    record.put(cx, field::READER, reader);
    record.put(cx, field::ASKING, true);
    let outcome = ask(cx, reader, record);
    record.put(cx, field::ASKING, false);
    outcome
}

/// A loop, because streams of chunks that are there already would else go deeper with each.
fn ask(cx: &mut Context, reader: Object, record: Ref<Values>) -> Result<()> {
    loop {
        record.put(cx, field::STATUS, status::PENDING);
        readable_ops::default_reader_read(cx, reader, Value::cell(record))?;
        if record.int(cx, field::STATUS) != status::IDLE || !record.flag(cx, field::HAS_ROOM) {
            return Ok(());
        }
        cx.spend_fuel(CHUNK_FUEL)?;
    }
}

/// Where reading stands. What is no record of a read counts as idle.
pub fn host_read_state(cx: &Context, read: Value) -> HostRead {
    let Some(read) = read.as_cell::<Values>() else { return HostRead::Idle };
    match read.int(cx, field::STATUS) {
        status::PENDING => HostRead::Pending,
        status::CLOSED => HostRead::Closed,
        status::FAILED => HostRead::Failed(read.at(cx, field::REASON)),
        _ => HostRead::Idle,
    }
}

/// Chunk steps.
pub(super) fn chunk(cx: &mut Context, read: Ref<Values>, chunk: Value) -> Result<()> {
    if buffers::view_parts(cx, chunk).is_none_or(|view| view.ty != buffers::UINT8) {
        let reason = type_error(cx, "A Response body's stream must give Uint8Array chunks");
        return error(cx, read, reason);
    }
    read.put(cx, field::STATUS, status::IDLE);
    let has_room = with_platform_and_heap(cx, |platform, heap| platform.reply_chunk(typed_array::bytes(heap, chunk).unwrap_or_default()));
    let has_room = has_room == Some(true);
    read.put(cx, field::HAS_ROOM, has_room);
    if !has_room || read.flag(cx, field::ASKING) {
        return Ok(());
    }
    // The stream had no chunk when it was asked, and gives one now: it has no other, so that this goes no deeper.
    let Some(reader) = read.object(cx, field::READER) else { return Ok(()) };
    if let Err(thrown) = host_read(cx, reader, Value::cell(read)) {
        let reason = caught(cx, thrown)?;
        error(cx, read, reason)?;
    }
    Ok(())
}

/// Close steps.
pub(super) fn close(cx: &mut Context, read: Ref<Values>) -> Result<()> {
    read.put(cx, field::STATUS, status::CLOSED);
    Ok(())
}

/// Error steps.
pub(super) fn error(cx: &mut Context, read: Ref<Values>, reason: Value) -> Result<()> {
    read.put(cx, field::STATUS, status::FAILED);
    read.put(cx, field::REASON, reason);
    Ok(())
}
