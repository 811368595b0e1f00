//! SharedArrayBuffer objects. https://tc39.es/ecma262/#sec-sharedarraybuffer-objects
//!
//! There is one agent, so shared memory is memory that cannot be detached.

use crate::builtins::array::support::{relative_end, relative_start};
use crate::builtins::array_buffer::{allocate, check_slice_target, copy_bytes, max_byte_length_option};
use crate::builtins::host_memory;
use crate::builtins::receiver::{incompatible, require};
use crate::builtins::typed_array::view::{buffer_byte_length, buffer_data, buffer_slot, is_fixed_length};
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

natives! { pub static SHARED_ARRAY_BUFFER: "SharedArrayBuffer" / 1 => construct, SharedArrayBuffer, SharedArrayBufferPrototype; {
    static get @@species => species,
    get "byteLength" => byte_length,
    get "growable" => growable,
    get "maxByteLength" => max_byte_length,
    method "grow" / 1 => grow,
    method "slice" / 2 => slice,
    tag "SharedArrayBuffer",
}}

fn this_buffer(cx: &mut Context, this: Value, method: &str) -> Result<Object> {
    require(cx, this, Kind::SharedArrayBuffer, method)
}

// 25.2.3.1 SharedArrayBuffer ( length [ , options ] ), https://tc39.es/ecma262/#sec-sharedarraybuffer-length
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor SharedArrayBuffer requires 'new'"));
    }
    let byte_length = cx.to_index(args.at(0))?;
    let max = max_byte_length_option(cx, args.at(1))?;
    Ok(allocate(cx, args.new_target, Kind::SharedArrayBuffer, byte_length, max)?.value())
}

// 25.2.4.2 get SharedArrayBuffer [ %Symbol.species% ], https://tc39.es/ecma262/#sec-sharedarraybuffer-%symbol.species%
fn species(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

// 25.2.5.1 get SharedArrayBuffer.prototype.byteLength, https://tc39.es/ecma262/#sec-get-sharedarraybuffer.prototype.bytelength
fn byte_length(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let buffer = this_buffer(cx, this, "SharedArrayBuffer.prototype.byteLength")?;
    Ok(buffer.internal(&cx.heap, buffer_slot::BYTE_LENGTH))
}

// 25.2.5.3 SharedArrayBuffer.prototype.grow ( newLength ), https://tc39.es/ecma262/#sec-sharedarraybuffer.prototype.grow
fn grow(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "SharedArrayBuffer.prototype.grow";
    let buffer = this_buffer(cx, this, METHOD)?;
    let max = match buffer.internal(&cx.heap, buffer_slot::MAX_BYTE_LENGTH).as_int() {
        Some(max) => max as u64,
        None => return Err(incompatible(cx, METHOD, this)),
    };
    // 4. Let newByteLength be ? ToIndex(newLength).
    let new_length = cx.to_index(args.at(0))?;
    // 5. Let hostHandled be ? HostGrowSharedArrayBuffer(O, newByteLength).
    host_memory::check_length(cx, buffer, new_length, METHOD)?;
    // 6.-12. The bytes beyond the length are zero already.
    if new_length > max || new_length < u64::from(buffer_byte_length(&cx.heap, buffer)) {
        return Err(cx.throw_range_error("SharedArrayBuffer.prototype.grow: Invalid length parameter"));
    }
    buffer.set_internal(&cx.heap, buffer_slot::BYTE_LENGTH, Value::int(new_length as i32));
    Ok(Value::UNDEFINED)
}

// 25.2.5.4 get SharedArrayBuffer.prototype.growable, https://tc39.es/ecma262/#sec-sharedarraybuffer.prototype.growable
fn growable(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let buffer = this_buffer(cx, this, "SharedArrayBuffer.prototype.growable")?;
    Ok(Value::bool(!is_fixed_length(&cx.heap, buffer)))
}

// 25.2.5.5 get SharedArrayBuffer.prototype.maxByteLength, https://tc39.es/ecma262/#sec-sharedarraybuffer.prototype.maxbytelength
fn max_byte_length(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let buffer = this_buffer(cx, this, "SharedArrayBuffer.prototype.maxByteLength")?;
    let max = buffer.internal(&cx.heap, buffer_slot::MAX_BYTE_LENGTH);
    Ok(if max.is_undefined() { buffer.internal(&cx.heap, buffer_slot::BYTE_LENGTH) } else { max })
}

// 25.2.5.6 SharedArrayBuffer.prototype.slice ( start, end ), https://tc39.es/ecma262/#sec-sharedarraybuffer.prototype.slice
fn slice(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "SharedArrayBuffer.prototype.slice";
    let buffer = this_buffer(cx, this, METHOD)?;
    let length = u64::from(buffer_byte_length(&cx.heap, buffer));
    let first = relative_start(cx, args.at(0), length)?;
    let last = relative_end(cx, args.at(1), length)?;
    let new_length = last.saturating_sub(first);
    let constructor = cx.species_constructor(buffer, Intrinsic::SharedArrayBuffer)?;
    let new = cx.construct(constructor, &[Value::from_usize(new_length as usize)], constructor)?;
    check_slice_target(cx, new, METHOD, Kind::SharedArrayBuffer)?;
    if buffer_data(&cx.heap, new) == buffer_data(&cx.heap, buffer) {
        return Err(cx.throw_type_error("SharedArrayBuffer subclass returned this from species constructor"));
    }
    if u64::from(buffer_byte_length(&cx.heap, new)) < new_length {
        return Err(cx.throw_type_error("Species constructor returned a too small SharedArrayBuffer"));
    }
    if let Some(from) = buffer_data(&cx.heap, buffer) {
        copy_bytes(cx, buffer, from, new, first, new_length);
    }
    Ok(new.value())
}
