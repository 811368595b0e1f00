//! ArrayBuffer objects. https://tc39.es/ecma262/#sec-arraybuffer-objects
//! and https://tc39.es/proposal-immutable-arraybuffer/
//!
//! A buffer's bytes are one Raw cell; resizable buffers reserve their maximum at once, so that they never move. Bytes between the length
//! and the maximum are always zero. See `typed_array::view` for the slots.

use crate::builtins::array::support::{relative_end, relative_start};
use crate::builtins::host_memory;
use crate::builtins::receiver::{incompatible, require};
use crate::builtins::typed_array::view::{
    self, MAX_BYTES, buffer_byte_length, buffer_data, buffer_slot, is_detached, is_fixed_length, is_immutable,
};
use crate::context::Context;
use crate::heap::{Kind, Raw, Ref};
use crate::native::{Args, Result, Thrown};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::value::Value;

natives! { pub static ARRAY_BUFFER: "ArrayBuffer" / 1 => construct, ArrayBuffer, ArrayBufferPrototype; {
    static method "isView" / 1 => is_view,
    static get @@species => species,
    get "byteLength" => byte_length,
    method "slice" / 2 => slice,
    get "maxByteLength" => max_byte_length,
    get "resizable" => resizable,
    method "resize" / 1 => resize,
    method "transfer" / 0 => transfer,
    method "transferToFixedLength" / 0 => transfer_to_fixed_length,
    get "detached" => detached,
    get "immutable" => immutable,
    method "sliceToImmutable" / 2 => slice_to_immutable,
    method "transferToImmutable" / 0 => transfer_to_immutable,
    tag "ArrayBuffer",
}}

/// The error for an operation on a detached buffer.
#[cold]
pub(crate) fn detached_error(cx: &mut Context, method: &str) -> Thrown {
    cx.throw_type_error(&format!("Cannot perform {method} on a detached ArrayBuffer"))
}

/// The error for a write to an immutable buffer.
#[cold]
pub(crate) fn immutable_error(cx: &mut Context, method: &str) -> Thrown {
    cx.throw_type_error(&format!("Cannot perform {method} on an immutable ArrayBuffer"))
}

/// The receiver as an ArrayBuffer. RequireInternalSlot(O, [[ArrayBufferData]]) and the refusal of shared buffers.
fn this_buffer(cx: &mut Context, this: Value, method: &str) -> Result<Object> {
    require(cx, this, Kind::ArrayBuffer, method)
}

// 6.2.9.1 CreateByteDataBlock ( size ), https://tc39.es/ecma262/#sec-createbytedatablock
pub(crate) fn create_byte_data_block(cx: &mut Context, size: u64) -> Result<Ref<Raw>> {
    check_data_block(cx, size)?;
    Ok(cx.heap.new_raw(size as u32))
}

/// Whether there is room for a data block.
fn check_data_block(cx: &mut Context, size: u64) -> Result<()> {
    if size > MAX_BYTES || size + 16 > cx.heap.memory_limit() {
        return Err(cx.throw_range_error("Array buffer allocation failed"));
    }
    cx.reserve(size)
}

// 25.1.3.1 AllocateArrayBuffer ( constructor, byteLength [ , maxByteLength ] ), https://tc39.es/ecma262/#sec-allocatearraybuffer
// Serves AllocateSharedArrayBuffer too, by `kind`.
pub(crate) fn allocate(cx: &mut Context, constructor: Value, kind: Kind, byte_length: u64, max_byte_length: Option<u64>) -> Result<Object> {
    // 3. If allocatingResizableBuffer is true, then if byteLength > maxByteLength, throw a RangeError exception.
    if max_byte_length.is_some_and(|max| byte_length > max) {
        return Err(cx.throw_range_error("Invalid array buffer max length"));
    }
    // 4. Let obj be ? OrdinaryCreateFromConstructor(constructor, default, slots).
    let default = if kind == Kind::ArrayBuffer { Intrinsic::ArrayBufferPrototype } else { Intrinsic::SharedArrayBufferPrototype };
    let buffer = cx.create_from_constructor(constructor, default, kind)?;
    // 5.-9.
    let data = create_byte_data_block(cx, max_byte_length.unwrap_or(byte_length))?;
    view::init_buffer(&cx.heap, buffer, data, byte_length as u32, max_byte_length.map(|max| max as u32));
    Ok(buffer)
}

/// A new ArrayBuffer of the current realm with `byte_length` zero bytes. RangeError when there is no room.
pub fn new_array_buffer(cx: &mut Context, byte_length: u64) -> Result<Object> {
    let data = create_byte_data_block(cx, byte_length)?;
    Ok(around_data(cx, data, byte_length as u32))
}

/// A new ArrayBuffer of the current realm with a copy of `byte_length` bytes of the cage, from `from` on. RangeError when there is no room.
pub(crate) fn copied_array_buffer(cx: &mut Context, from: u32, byte_length: u32) -> Result<Object> {
    check_data_block(cx, u64::from(byte_length))?;
    let data = cx.heap.new_raw_copy(from, byte_length);
    Ok(around_data(cx, data, byte_length))
}

fn around_data(cx: &Context, data: Ref<Raw>, byte_length: u32) -> Object {
    let buffer = cx.new_intrinsic_object(Kind::ArrayBuffer, Intrinsic::ArrayBufferPrototype);
    view::init_buffer(&cx.heap, buffer, data, byte_length, None);
    buffer
}

// 25.1.3.7 GetArrayBufferMaxByteLengthOption ( options ), https://tc39.es/ecma262/#sec-getarraybuffermaxbytelengthoption
pub(crate) fn max_byte_length_option(cx: &mut Context, options: Value) -> Result<Option<u64>> {
    let Some(options) = options.as_object() else { return Ok(None) };
    let max = cx.get(options, key::max_byte_length)?;
    if max.is_undefined() { Ok(None) } else { cx.to_index(max).map(Some) }
}

// 25.1.4.1 ArrayBuffer ( length [ , options ] ), https://tc39.es/ecma262/#sec-arraybuffer-length
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor ArrayBuffer requires 'new'"));
    }
    let byte_length = cx.to_index(args.at(0))?;
    let max = max_byte_length_option(cx, args.at(1))?;
    Ok(allocate(cx, args.new_target, Kind::ArrayBuffer, byte_length, max)?.value())
}

// 25.1.5.1 ArrayBuffer.isView ( arg ), https://tc39.es/ecma262/#sec-arraybuffer.isview
fn is_view(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(args.at(0).as_object().is_some_and(|object| matches!(object.kind(&cx.heap), Kind::TypedArray | Kind::DataView))))
}

// 25.1.5.3 get ArrayBuffer [ %Symbol.species% ], https://tc39.es/ecma262/#sec-get-arraybuffer-%symbol.species%
fn species(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

// 25.1.6.1 get ArrayBuffer.prototype.byteLength, https://tc39.es/ecma262/#sec-get-arraybuffer.prototype.bytelength
fn byte_length(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let buffer = this_buffer(cx, this, "ArrayBuffer.prototype.byteLength")?;
    Ok(buffer.internal(&cx.heap, buffer_slot::BYTE_LENGTH))
}

// 25.1.6.3 get ArrayBuffer.prototype.detached, https://tc39.es/ecma262/#sec-get-arraybuffer.prototype.detached
fn detached(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let buffer = this_buffer(cx, this, "ArrayBuffer.prototype.detached")?;
    Ok(Value::bool(is_detached(&cx.heap, buffer)))
}

// get ArrayBuffer.prototype.immutable, https://tc39.es/proposal-immutable-arraybuffer/#sec-get-arraybuffer.prototype.immutable
fn immutable(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let buffer = this_buffer(cx, this, "ArrayBuffer.prototype.immutable")?;
    Ok(Value::bool(is_immutable(&cx.heap, buffer)))
}

// 25.1.6.4 get ArrayBuffer.prototype.maxByteLength, https://tc39.es/ecma262/#sec-get-arraybuffer.prototype.maxbytelength
fn max_byte_length(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let buffer = this_buffer(cx, this, "ArrayBuffer.prototype.maxByteLength")?;
    if is_detached(&cx.heap, buffer) {
        return Ok(Value::ZERO);
    }
    let max = buffer.internal(&cx.heap, buffer_slot::MAX_BYTE_LENGTH);
    Ok(if max.is_int() { max } else { buffer.internal(&cx.heap, buffer_slot::BYTE_LENGTH) })
}

// 25.1.6.5 get ArrayBuffer.prototype.resizable, https://tc39.es/ecma262/#sec-get-arraybuffer.prototype.resizable
fn resizable(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let buffer = this_buffer(cx, this, "ArrayBuffer.prototype.resizable")?;
    Ok(Value::bool(!is_fixed_length(&cx.heap, buffer)))
}

// 25.1.6.6 ArrayBuffer.prototype.resize ( newLength ), https://tc39.es/ecma262/#sec-arraybuffer.prototype.resize
fn resize(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "ArrayBuffer.prototype.resize";
    let buffer = this_buffer(cx, this, METHOD)?;
    if is_fixed_length(&cx.heap, buffer) {
        return Err(incompatible(cx, METHOD, this));
    }
    // 4. Let newByteLength be ? ToIndex(newLength).
    let new_length = cx.to_index(args.at(0))?;
    // 5. If IsDetachedBuffer(O) is true, throw a TypeError exception.
    let Some(data) = buffer_data(&cx.heap, buffer) else { return Err(detached_error(cx, METHOD)) };
    // 6. If newByteLength > O.[[ArrayBufferMaxByteLength]], throw a RangeError exception.
    if new_length > u64::from(data.length(&cx.heap)) {
        return Err(cx.throw_range_error("ArrayBuffer.prototype.resize: Invalid length parameter"));
    }
    // 7. Let hostHandled be ? HostResizeArrayBuffer(O, newByteLength).
    host_memory::check_length(cx, buffer, new_length, METHOD)?;
    let (old, new) = (buffer_byte_length(&cx.heap, buffer), new_length as u32);
    // 9.-13. The new block: growth shows bytes that are zero already, so what is cut off now must become zero.
    if new < old {
        cx.heap.cage().fill(data.data() + new, old - new, 0);
    }
    buffer.set_internal(&cx.heap, buffer_slot::BYTE_LENGTH, Value::int(new as i32));
    Ok(Value::UNDEFINED)
}

// 25.1.6.7 ArrayBuffer.prototype.slice ( start, end ), https://tc39.es/ecma262/#sec-arraybuffer.prototype.slice
fn slice(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "ArrayBuffer.prototype.slice";
    // 1.-4.
    let buffer = this_buffer(cx, this, METHOD)?;
    if is_detached(&cx.heap, buffer) {
        return Err(detached_error(cx, METHOD));
    }
    // 5.-13.
    let length = u64::from(buffer_byte_length(&cx.heap, buffer));
    let first = relative_start(cx, args.at(0), length)?;
    let last = relative_end(cx, args.at(1), length)?;
    let new_length = last.saturating_sub(first);
    // 14. Let ctor be ? SpeciesConstructor(O, %ArrayBuffer%). 15. Let new be ? Construct(ctor, « 𝔽(newLen) »).
    let constructor = cx.species_constructor(buffer, Intrinsic::ArrayBuffer)?;
    let new = if constructor == cx.intrinsic(Intrinsic::ArrayBuffer) {
        // OPTIMIZATION: %ArrayBuffer% with itself as new.target only reads its own, unchangeable `prototype` property.
        new_array_buffer(cx, new_length)?
    } else {
        let new = cx.construct(constructor, &[Value::from_usize(new_length as usize)], constructor)?;
        // 16.-20.
        check_slice_target(cx, new, METHOD, Kind::ArrayBuffer)?;
        if is_detached(&cx.heap, new) {
            return Err(detached_error(cx, METHOD));
        }
        if is_immutable(&cx.heap, new) {
            return Err(immutable_error(cx, METHOD));
        }
        if new == buffer {
            return Err(cx.throw_type_error("ArrayBuffer subclass returned this from species constructor"));
        }
        if u64::from(buffer_byte_length(&cx.heap, new)) < new_length {
            return Err(cx.throw_type_error("Species constructor returned a too small ArrayBuffer"));
        }
        new
    };
    // 21.-22. If IsDetachedBuffer(O) is true, throw a TypeError exception.
    let Some(from) = buffer_data(&cx.heap, buffer) else { return Err(detached_error(cx, METHOD)) };
    // 25.-28.
    copy_bytes(cx, buffer, from, new, first, new_length);
    Ok(new.value())
}

/// Step of both `slice` methods: the constructed object must be a buffer of the right kind.
pub(crate) fn check_slice_target(cx: &mut Context, new: Object, method: &str, kind: Kind) -> Result<()> {
    if new.is(&cx.heap, kind) { Ok(()) } else { Err(incompatible(cx, method, new.value())) }
}

/// Copies up to `count` bytes from `first` on, as many as the source still has, to the start of `to`.
pub(crate) fn copy_bytes(cx: &Context, buffer: Object, from: Ref<Raw>, to: Object, first: u64, count: u64) {
    let current = u64::from(buffer_byte_length(&cx.heap, buffer));
    if let Some(target) = buffer_data(&cx.heap, to)
        && first < current
    {
        let count = count.min(current - first) as u32;
        cx.heap.cage().copy_within(from.data() + first as u32, target.data(), count);
    }
}

// ArrayBuffer.prototype.sliceToImmutable ( start, end ),
// https://tc39.es/proposal-immutable-arraybuffer/#sec-arraybuffer.prototype.slicetoimmutable
fn slice_to_immutable(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "ArrayBuffer.prototype.sliceToImmutable";
    let buffer = this_buffer(cx, this, METHOD)?;
    if is_detached(&cx.heap, buffer) {
        return Err(detached_error(cx, METHOD));
    }
    let length = u64::from(buffer_byte_length(&cx.heap, buffer));
    let first = relative_start(cx, args.at(0), length)?;
    let last = relative_end(cx, args.at(1), length)?;
    let new_length = last.saturating_sub(first);
    // Converting the arguments may have detached or shrunk the buffer.
    let Some(from) = buffer_data(&cx.heap, buffer) else { return Err(detached_error(cx, METHOD)) };
    if u64::from(buffer_byte_length(&cx.heap, buffer)) < last {
        return Err(cx.throw_range_error("ArrayBuffer.prototype.sliceToImmutable: the buffer has shrunk"));
    }
    let new = new_array_buffer(cx, new_length)?;
    copy_bytes(cx, buffer, from, new, first, new_length);
    view::make_immutable(&cx.heap, new);
    Ok(new.value())
}

/// What becomes of resizability in a transfer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Preserve {
    Resizability,
    FixedLength,
    Immutable,
}

// 25.1.3.2 ArrayBufferCopyAndDetach ( arrayBuffer, newLength, preserveResizability ),
// https://tc39.es/ecma262/#sec-arraybuffercopyanddetach
fn copy_and_detach(cx: &mut Context, this: Value, new_length: Value, preserve: Preserve, method: &str) -> Result<Value> {
    // 1.-2.
    let buffer = this_buffer(cx, this, method)?;
    // 3. If newLength is undefined, then let newByteLength be arrayBuffer.[[ArrayBufferByteLength]]. 4. Else, ? ToIndex(newLength).
    let new_length = if new_length.is_undefined() { u64::from(buffer_byte_length(&cx.heap, buffer)) } else { cx.to_index(new_length)? };
    // 5. If IsDetachedBuffer(arrayBuffer) is true, throw a TypeError exception.
    let Some(data) = buffer_data(&cx.heap, buffer) else { return Err(detached_error(cx, method)) };
    if is_immutable(&cx.heap, buffer) {
        return Err(immutable_error(cx, method));
    }
    // 8. If arrayBuffer.[[ArrayBufferDetachKey]] is not undefined, throw a TypeError exception.
    if host_memory::is_host_memory(&cx.heap, buffer) {
        return Err(cx.throw_type_error(&format!("Cannot perform {method} on an ArrayBuffer that belongs to a WebAssembly.Memory")));
    }
    // 6.-7. Kept resizable only if it is.
    let max = if preserve == Preserve::Resizability && !is_fixed_length(&cx.heap, buffer) { Some(data.length(&cx.heap)) } else { None };
    if max.is_some_and(|max| new_length > u64::from(max)) {
        return Err(cx.throw_range_error("Invalid array buffer max length"));
    }
    let old_length = buffer_byte_length(&cx.heap, buffer);
    let same_block = new_length == u64::from(data.length(&cx.heap)) || max.is_some();
    let new = if same_block {
        // OPTIMIZATION: the old buffer lets go of its block right away, so the new one takes it over instead of a copy.
        let new = cx.new_intrinsic_object(Kind::ArrayBuffer, Intrinsic::ArrayBufferPrototype);
        let new_length = new_length as u32;
        if new_length < old_length {
            cx.heap.cage().fill(data.data() + new_length, old_length - new_length, 0);
        }
        view::init_buffer(&cx.heap, new, data, new_length, max);
        new
    } else {
        // 9.-12.
        let new = new_array_buffer(cx, new_length)?;
        copy_bytes(cx, buffer, data, new, 0, new_length);
        new
    };
    // 13. Perform ! DetachArrayBuffer(arrayBuffer).
    view::detach(cx, buffer);
    if preserve == Preserve::Immutable {
        view::make_immutable(&cx.heap, new);
    }
    Ok(new.value())
}

// 25.1.6.8 ArrayBuffer.prototype.transfer ( [ newLength ] ), https://tc39.es/ecma262/#sec-arraybuffer.prototype.transfer
fn transfer(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    copy_and_detach(cx, this, args.at(0), Preserve::Resizability, "ArrayBuffer.prototype.transfer")
}

// 25.1.6.9 ArrayBuffer.prototype.transferToFixedLength ( [ newLength ] ),
// https://tc39.es/ecma262/#sec-arraybuffer.prototype.transfertofixedlength
fn transfer_to_fixed_length(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    copy_and_detach(cx, this, args.at(0), Preserve::FixedLength, "ArrayBuffer.prototype.transferToFixedLength")
}

// ArrayBuffer.prototype.transferToImmutable ( [ newLength ] ),
// https://tc39.es/proposal-immutable-arraybuffer/#sec-arraybuffer.prototype.transfertoimmutable
fn transfer_to_immutable(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    copy_and_detach(cx, this, args.at(0), Preserve::Immutable, "ArrayBuffer.prototype.transferToImmutable")
}
