//! Memory. <https://webassembly.github.io/spec/js-api/#memories>, and shared ones by <https://webassembly.github.io/threads/js-api/#memories>
//!
//! A memory is its buffer: an ordinary heap buffer that scripts cannot detach (see the engine's `host_memory`), so images hold it like any
//! other. Shared memory gets a block of its maximum at once, since old buffers go on showing it after it has grown.

use super::descriptor::{Limits, MemoryDescriptor};
use super::value::AddressType;
use crate::streams::support::Slots;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::host_memory::{self, BufferKind, PAGE_BYTES};
use mayfly_engine::builtins::typed_array::view::is_fixed_length;
use mayfly_engine::heap::Raw;

mod slot {
    /// [[BufferObject]]
    pub const BUFFER: u32 = 1;
    /// Most pages, or undefined.
    pub const MAXIMUM: u32 = 2;
    /// Whether addresses are 64 bits long.
    pub const IS_64: u32 = 3;
    /// Whether the memory is shared.
    pub const IS_SHARED: u32 = 4;
    /// Of shared memory: the growable buffer, once there was one. Scripts can make it longer whether or not it is the current buffer, so
    /// there is only one, and its length is the memory's.
    pub const GROWABLE: u32 = 5;
}

/// A block of bytes that grows by pages of 64 KiB.
#[interface(name = "Memory", namespace = "WebAssembly", class = class::WASM_MEMORY)]
impl Memory {
    // https://webassembly.github.io/spec/js-api/#dom-memory-memory
    #[constructor]
    fn new(cx: &mut Context, this: Object, descriptor: MemoryDescriptor) -> Result<()> {
        let place = Place::member(PlaceKind::Constructor, "Memory", "constructor");
        let MemoryDescriptor { limits: Limits { address, initial, maximum }, is_shared } = descriptor;
        if is_shared && maximum.is_none() {
            return Err(place.type_error(cx, "Shared memory must have a maximum."));
        }
        // If memtype is not valid, throw a RangeError exception.
        let most = most_pages(address);
        if initial > maximum.unwrap_or(most) || initial.max(maximum.unwrap_or(0)) > most {
            return Err(cx.throw_range_error(&place.message("The initial size exceeds the maximum, or either what a memory can have.")));
        }
        // Let (store, memaddr) be mem_alloc(store, memtype). If allocation fails, throw a RangeError exception.
        let capacity = if is_shared { maximum.unwrap_or(initial) } else { initial };
        let block = host_memory::new_block(cx, bytes(capacity))?;
        // The block is not shorter, so this fits.
        let length = bytes(initial) as u32;
        let buffer = host_memory::new_buffer(cx, block, length, BufferKind { is_shared, is_resizable: false })?;
        this.put(cx, slot::BUFFER, buffer);
        this.put(cx, slot::MAXIMUM, maximum.map_or(Value::UNDEFINED, |maximum| Value::number(maximum as f64)));
        this.put(cx, slot::IS_64, address == AddressType::I64);
        this.put(cx, slot::IS_SHARED, is_shared);
        Ok(())
    }

    // https://webassembly.github.io/spec/js-api/#dom-memory-grow
    #[method(ts = "(delta: number | bigint): number | bigint")]
    fn grow(cx: &mut Context, this: Object, delta: Value) -> Result<Value> {
        let address = address_type(cx, this);
        let delta = address.convert(cx, delta, &Place::method("Memory", "grow").argument(0))?;
        let before = pages(cx, this);
        grow_buffer(cx, this, delta)?;
        Ok(address.to_value(cx, before))
    }

    // https://webassembly.github.io/spec/js-api/#dom-memory-tofixedlengthbuffer
    #[method(ts = "(): ArrayBuffer | SharedArrayBuffer")]
    fn to_fixed_length_buffer(cx: &mut Context, this: Object) -> Result<Object> {
        let (buffer, block) = current(cx, this)?;
        if is_fixed_length(&cx.heap, buffer) {
            return Ok(buffer);
        }
        let length = host_memory::byte_length(&cx.heap, buffer);
        replace(cx, this, buffer, block, length, false)
    }

    // https://webassembly.github.io/spec/js-api/#dom-memory-toresizablebuffer
    #[method(ts = "(): ArrayBuffer | SharedArrayBuffer")]
    fn to_resizable_buffer(cx: &mut Context, this: Object) -> Result<Object> {
        let Some(maximum) = this.at(cx, slot::MAXIMUM).as_number() else {
            return Err(Place::method("Memory", "toResizableBuffer").type_error(cx, "The memory has no maximum."));
        };
        let (buffer, block) = current(cx, this)?;
        if !is_fixed_length(&cx.heap, buffer) {
            return Ok(buffer);
        }
        let length = host_memory::byte_length(&cx.heap, buffer);
        // A resizable buffer never moves: its block has the maximum's length.
        let block = with_capacity(cx, block, length, bytes(maximum as u64))?;
        replace(cx, this, buffer, block, length, true)
    }

    // https://webassembly.github.io/spec/js-api/#dom-memory-buffer
    #[getter(ts = "ArrayBuffer | SharedArrayBuffer")]
    fn buffer(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::BUFFER))
    }
}

// https://webassembly.github.io/spec/js-api/#limits
fn most_pages(address: AddressType) -> u64 {
    match address {
        AddressType::I32 => 65_536,
        AddressType::I64 => (1 << 37) - 1,
    }
}

/// Length of pages, of which there are at most 2³⁷.
fn bytes(pages: u64) -> u64 {
    pages * u64::from(PAGE_BYTES)
}

fn address_type(cx: &Context, this: Object) -> AddressType {
    if this.flag(cx, slot::IS_64) { AddressType::I64 } else { AddressType::I32 }
}

/// The buffer and the block under it.
fn current(cx: &mut Context, this: Object) -> Result<(Object, Ref<Raw>)> {
    let buffer = this.object(cx, slot::BUFFER);
    match buffer.and_then(|buffer| host_memory::block_of(&cx.heap, buffer).map(|block| (buffer, block))) {
        Some((buffer, block)) => Ok((buffer, block)),
        // Only a constructor that has not run yet leaves this.
        None => Err(cx.throw_type_error("The memory has no buffer")),
    }
}

// mem_size, https://webassembly.github.io/spec/core/appendix/embedding.html#embed-mem-size
fn pages(cx: &Context, this: Object) -> u64 {
    let buffer = this.object(cx, slot::GROWABLE).or_else(|| this.object(cx, slot::BUFFER));
    buffer.map_or(0, |buffer| u64::from(host_memory::byte_length(&cx.heap, buffer) / PAGE_BYTES))
}

/// The block itself, or a longer copy.
fn with_capacity(cx: &mut Context, block: Ref<Raw>, length: u32, capacity: u64) -> Result<Ref<Raw>> {
    if u64::from(block.length(&cx.heap)) >= capacity {
        return Ok(block);
    }
    let longer = host_memory::new_block(cx, capacity)?;
    host_memory::copy(&cx.heap, block, longer, length);
    Ok(longer)
}

/// Makes a new buffer the memory's; one that is not shared is detached.
fn replace(cx: &mut Context, this: Object, old: Object, block: Ref<Raw>, length: u32, is_resizable: bool) -> Result<Object> {
    let is_shared = this.flag(cx, slot::IS_SHARED);
    let known = if is_shared && is_resizable { this.object(cx, slot::GROWABLE) } else { None };
    let buffer = match known {
        Some(growable) => growable,
        None => host_memory::new_buffer(cx, block, length, BufferKind { is_shared, is_resizable })?,
    };
    if is_shared && is_resizable {
        this.put(cx, slot::GROWABLE, buffer);
    }
    if !is_shared {
        host_memory::detach(&cx.heap, old);
    }
    this.put(cx, slot::BUFFER, buffer);
    Ok(buffer)
}

// Grow the memory buffer, https://webassembly.github.io/spec/js-api/#grow-the-memory-buffer
// Refresh the memory buffer, https://webassembly.github.io/spec/js-api/#refresh-the-memory-buffer
fn grow_buffer(cx: &mut Context, this: Object, delta: u64) -> Result<()> {
    let most = most_pages(address_type(cx, this));
    let most = this.at(cx, slot::MAXIMUM).as_number().map_or(most, |maximum| (maximum as u64).min(most));
    // Let store be mem_grow(store, memaddr, delta). If store is error, throw a RangeError exception.
    let Some(new) = pages(cx, this).checked_add(delta).filter(|&new| new <= most) else {
        return Err(cx.throw_range_error(&Place::method("Memory", "grow").message("Maximum memory size exceeded.")));
    };
    let (buffer, block) = current(cx, this)?;
    let length = host_memory::byte_length(&cx.heap, buffer);
    let block = with_capacity(cx, block, length, bytes(new))?;
    // The block is not shorter, so this fits.
    let new_length = bytes(new) as u32;
    if let Some(growable) = this.object(cx, slot::GROWABLE) {
        host_memory::set_byte_length(&cx.heap, growable, new_length);
    }
    if is_fixed_length(&cx.heap, buffer) {
        replace(cx, this, buffer, block, new_length, false)?;
    } else {
        host_memory::set_byte_length(&cx.heap, buffer, new_length);
    }
    Ok(())
}
