//! Buffers over memory that belongs to the host, as that of WebAssembly.Memory does: made here, and never by scripts.
//! https://webassembly.github.io/spec/js-api/#memories
//!
//! Such a buffer has a detach key, which is a flag here because there is one host: scripts cannot detach it, only [`detach`] can. Where its
//! length can change, it grows by whole pages. Several shared buffers may lie over one block.

use super::typed_array::view::{self, buffer_byte_length, buffer_data, buffer_slot};
use crate::context::Context;
use crate::heap::{Heap, Kind, Raw, Ref};
use crate::native::Result;
use crate::object::{IntegrityLevel, Object};
use crate::realm::Intrinsic;
use crate::value::Value;

/// Bytes of a page: https://webassembly.github.io/spec/core/exec/runtime.html#page-size
pub const PAGE_BYTES: u32 = 65536;

/// What kind of buffer shows a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BufferKind {
    /// A SharedArrayBuffer, else an ArrayBuffer.
    pub is_shared: bool,
    /// Whether scripts can make it longer, up to the block's end.
    pub is_resizable: bool,
}

/// A zeroed block of `bytes`. RangeError when there is no room.
pub fn new_block(cx: &mut Context, bytes: u64) -> Result<Ref<Raw>> {
    super::array_buffer::create_byte_data_block(cx, bytes)
}

/// A new buffer over the first `byte_length` bytes of a block; the bytes behind them are zero. Shared buffers are frozen:
/// https://webassembly.github.io/threads/js-api/#create-a-fixed-length-memory-buffer
pub fn new_buffer(cx: &mut Context, block: Ref<Raw>, byte_length: u32, kind: BufferKind) -> Result<Object> {
    let byte_length = byte_length.min(block.length(&cx.heap));
    let (object_kind, prototype) = match kind.is_shared {
        true => (Kind::SharedArrayBuffer, Intrinsic::SharedArrayBufferPrototype),
        false => (Kind::ArrayBuffer, Intrinsic::ArrayBufferPrototype),
    };
    let buffer = cx.new_intrinsic_object(object_kind, prototype);
    view::init_buffer(&cx.heap, buffer, block, byte_length, kind.is_resizable.then(|| block.length(&cx.heap)));
    buffer.set_internal(&cx.heap, buffer_slot::FLAGS, Value::int(buffer_slot::HOST_MEMORY));
    if kind.is_shared {
        cx.set_integrity_level(buffer, IntegrityLevel::Frozen)?;
    }
    Ok(buffer)
}

/// Whether a buffer lies over the host's memory.
pub fn is_host_memory(heap: &Heap, buffer: Object) -> bool {
    buffer.internal(heap, buffer_slot::FLAGS).as_int().unwrap_or(0) & buffer_slot::HOST_MEMORY != 0
}

/// The block of a buffer; `None` when detached.
pub fn block_of(heap: &Heap, buffer: Object) -> Option<Ref<Raw>> {
    buffer_data(heap, buffer)
}

/// Length of a buffer in bytes; 0 when detached.
pub fn byte_length(heap: &Heap, buffer: Object) -> u32 {
    buffer_byte_length(heap, buffer)
}

/// Makes a resizable buffer longer, to at most its block's length.
pub fn set_byte_length(heap: &Heap, buffer: Object, byte_length: u32) {
    if let Some(block) = buffer_data(heap, buffer) {
        buffer.set_internal(heap, buffer_slot::BYTE_LENGTH, Value::int(byte_length.min(block.length(heap)) as i32));
    }
}

/// DetachArrayBuffer with the host's key, https://tc39.es/ecma262/#sec-detacharraybuffer
pub fn detach(heap: &Heap, buffer: Object) {
    buffer.set_internal(heap, buffer_slot::DATA, Value::UNDEFINED);
    buffer.set_internal(heap, buffer_slot::BYTE_LENGTH, Value::ZERO);
}

/// Copies the first `count` bytes of a block to the start of another.
pub fn copy(heap: &Heap, from: Ref<Raw>, to: Ref<Raw>, count: u32) {
    let count = count.min(from.length(heap)).min(to.length(heap));
    heap.cage().copy_within(from.data(), to.data(), count);
}

// 25.1.3.8 HostResizeArrayBuffer ( buffer, newByteLength ), https://tc39.es/ecma262/#sec-hostresizearraybuffer
// 25.2.2.5 HostGrowSharedArrayBuffer ( buffer, newByteLength ), https://tc39.es/ecma262/#sec-hostgrowsharedarraybuffer
// as https://webassembly.github.io/spec/js-api/#HostResizeArrayBuffer defines them
/// Whether a buffer may get this length, which is no more than its maximum. How it gets it is the same for all buffers.
pub(crate) fn check_length(cx: &mut Context, buffer: Object, new_length: u64, method: &str) -> Result<()> {
    let old_length = u64::from(buffer_byte_length(&cx.heap, buffer));
    if is_host_memory(&cx.heap, buffer) && (new_length < old_length || !(new_length - old_length).is_multiple_of(u64::from(PAGE_BYTES))) {
        return Err(cx.throw_range_error(&format!("{method}: memory grows by whole pages of {PAGE_BYTES} bytes")));
    }
    Ok(())
}
