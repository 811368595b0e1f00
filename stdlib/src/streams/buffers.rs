//! Array buffers and views as the byte streams handle them.

use mayfly_engine::builtins::typed_array;
use mayfly_engine::context::Context;
use mayfly_engine::heap::{Kind, Raw, Ref};
use mayfly_engine::native::Result;
use mayfly_engine::object::Object;
use mayfly_engine::realm::Intrinsic;
use mayfly_engine::value::Value;

use super::support::Slots;

/// Slots of buffers and views; see the engine's `builtins::typed_array`.
mod slot {
    pub const DATA: u32 = 0;
    pub const BYTE_LENGTH: u32 = 1;
    pub const BUFFER: u32 = 0;
    pub const BYTE_OFFSET: u32 = 1;
    pub const LENGTH: u32 = 2;
    pub const TYPE: u32 = 3;
}

/// Stands for DataView where an element type number is expected.
pub(crate) const DATA_VIEW: i32 = -1;
/// Element type number of Uint8Array.
pub(crate) const UINT8: i32 = 1;

/// Element types by number: prototype and element size.
const ELEMENT_TYPES: [(Intrinsic, u32); 12] = [
    (Intrinsic::Int8ArrayPrototype, 1),
    (Intrinsic::Uint8ArrayPrototype, 1),
    (Intrinsic::Uint8ClampedArrayPrototype, 1),
    (Intrinsic::Int16ArrayPrototype, 2),
    (Intrinsic::Uint16ArrayPrototype, 2),
    (Intrinsic::Int32ArrayPrototype, 4),
    (Intrinsic::Uint32ArrayPrototype, 4),
    (Intrinsic::BigInt64ArrayPrototype, 8),
    (Intrinsic::BigUint64ArrayPrototype, 8),
    (Intrinsic::Float16ArrayPrototype, 2),
    (Intrinsic::Float32ArrayPrototype, 4),
    (Intrinsic::Float64ArrayPrototype, 8),
];

/// A typed array or DataView, taken apart.
#[derive(Clone, Copy)]
pub(crate) struct ViewParts {
    /// [[ViewedArrayBuffer]]
    pub buffer: Object,
    /// [[ByteOffset]]
    pub offset: u32,
    /// [[ByteLength]]; 0 when detached or out of bounds.
    pub length: u32,
    /// Element type number or [`DATA_VIEW`].
    pub ty: i32,
}

impl ViewParts {
    /// Element size in bytes; 1 for DataView.
    pub(crate) fn element_size(&self) -> u32 {
        element_size(self.ty)
    }
}

/// Element size in bytes by element type number.
pub(crate) fn element_size(ty: i32) -> u32 {
    ELEMENT_TYPES.get(ty as usize).map_or(1, |(_, size)| *size)
}

/// Takes an ArrayBufferView apart; `None` for other values.
pub(crate) fn view_parts(cx: &Context, value: Value) -> Option<ViewParts> {
    let view = value.as_object()?;
    let ty = match view.kind(&cx.heap) {
        Kind::TypedArray => view.int(cx, slot::TYPE),
        Kind::DataView => DATA_VIEW,
        _ => return None,
    };
    let buffer = view.object(cx, slot::BUFFER)?;
    let (_, length) = typed_array::byte_range(&cx.heap, value)?;
    Some(ViewParts { buffer, offset: view.int(cx, slot::BYTE_OFFSET) as u32, length, ty })
}

/// The cell with a buffer's bytes; `None` when detached.
pub(crate) fn data(cx: &Context, buffer: Object) -> Option<Ref<Raw>> {
    buffer.at(cx, slot::DATA).as_cell()
}

/// IsDetachedBuffer
pub(crate) fn is_detached(cx: &Context, buffer: Object) -> bool {
    data(cx, buffer).is_none()
}

/// [[ArrayBufferByteLength]]
pub(crate) fn byte_length(cx: &Context, buffer: Object) -> u32 {
    buffer.int(cx, slot::BYTE_LENGTH) as u32
}

// 8.3 TransferArrayBuffer ( O ), https://streams.spec.whatwg.org/#transfer-array-buffer
pub(crate) fn transfer(cx: &mut Context, buffer: Object) -> Result<Object> {
    let Some(bytes) = data(cx, buffer) else {
        return Err(cx.throw_type_error("Cannot transfer a detached ArrayBuffer"));
    };
    let length = byte_length(cx, buffer);
    if !typed_array::detach(cx, buffer) {
        return Err(cx.throw_type_error("This ArrayBuffer cannot be transferred"));
    }
    let new = cx.new_intrinsic_object(Kind::ArrayBuffer, Intrinsic::ArrayBufferPrototype);
    new.put(cx, slot::DATA, Value::cell(bytes));
    new.put(cx, slot::BYTE_LENGTH, Value::int(length as i32));
    // Slot 2 stays undefined: a buffer of fixed length.
    new.put(cx, 3, Value::ZERO);
    Ok(new)
}

/// Construct(view constructor, « buffer, offset, count »): `count` in elements.
pub(crate) fn new_view(cx: &Context, ty: i32, buffer: Object, offset: u32, count: u32) -> Object {
    let view = match ELEMENT_TYPES.get(ty as usize) {
        Some((prototype, _)) => cx.new_intrinsic_object(Kind::TypedArray, *prototype),
        None => cx.new_intrinsic_object(Kind::DataView, Intrinsic::DataViewPrototype),
    };
    view.put(cx, slot::BUFFER, buffer);
    view.put(cx, slot::BYTE_OFFSET, Value::int(offset as i32));
    view.put(cx, slot::LENGTH, Value::int(count as i32));
    if ty >= 0 {
        view.put(cx, slot::TYPE, Value::int(ty));
    }
    view
}

/// A Uint8Array over a range of a buffer.
pub(crate) fn uint8_view(cx: &Context, buffer: Object, offset: u32, length: u32) -> Object {
    new_view(cx, UINT8, buffer, offset, length)
}

/// A new zeroed buffer; RangeError when there is no room.
pub(crate) fn new_buffer(cx: &mut Context, length: u64) -> Result<Object> {
    if length > i32::MAX as u64 || !cx.heap.has_room(length + 64) {
        return Err(cx.throw_range_error("Array buffer allocation failed"));
    }
    let bytes = cx.heap.new_raw(length as u32);
    let buffer = cx.new_intrinsic_object(Kind::ArrayBuffer, Intrinsic::ArrayBufferPrototype);
    buffer.put(cx, slot::DATA, Value::cell(bytes));
    buffer.put(cx, slot::BYTE_LENGTH, Value::int(length as i32));
    buffer.put(cx, 3, Value::ZERO);
    Ok(buffer)
}

/// CloneArrayBuffer: a new buffer with a copy of a range. https://tc39.es/ecma262/#sec-clonearraybuffer
pub(crate) fn clone_range(cx: &mut Context, buffer: Object, offset: u32, length: u32) -> Result<Object> {
    let new = new_buffer(cx, u64::from(length))?;
    copy(cx, new, 0, buffer, offset, length);
    Ok(new)
}

/// CopyDataBlockBytes, within bounds: what would lie outside is not copied.
pub(crate) fn copy(cx: &mut Context, to: Object, to_offset: u32, from: Object, from_offset: u32, length: u32) {
    let (Some(source), Some(target)) = (data(cx, from), data(cx, to)) else { return };
    let fits = |offset: u32, cell: Ref<Raw>| u64::from(offset) + u64::from(length) <= u64::from(cell.length(&cx.heap));
    if fits(from_offset, source) && fits(to_offset, target) {
        cx.heap.cage().copy_within(source.data() + from_offset, target.data() + to_offset, length);
    }
}

// 8.3 CloneAsUint8Array ( O ), https://streams.spec.whatwg.org/#abstract-opdef-cloneasuint8array
pub(crate) fn clone_as_uint8_array(cx: &mut Context, view: Value) -> Result<Object> {
    let Some(parts) = view_parts(cx, view) else {
        return Err(cx.throw_type_error("The chunk is not an ArrayBufferView"));
    };
    let buffer = clone_range(cx, parts.buffer, parts.offset, parts.length)?;
    Ok(uint8_view(cx, buffer, 0, parts.length))
}
