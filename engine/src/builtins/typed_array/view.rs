//! What typed arrays see of their buffers, and the Rust interface to bytes for the rest of the engine and the standard library.
//!
//! Principal types: [`View`], a typed array's window as it is at one moment. JS that runs may detach or resize the buffer, so a view is
//! taken anew after every call that may run JS.
//!
//! Buffers never exceed 2³¹-1 bytes: lengths and offsets in their slots are always int32 values.

use super::element::ElementType;
use crate::builtins::host_memory::is_host_memory;
use crate::context::Context;
use crate::heap::{Heap, Kind, Raw, Ref};
use crate::native::Result;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

/// Largest buffer in bytes.
pub const MAX_BYTES: u64 = i32::MAX as u64;

/// Internal slots of ArrayBuffer and SharedArrayBuffer objects.
pub(crate) mod buffer_slot {
    /// Raw cell with the bytes; undefined when detached.
    pub const DATA: u32 = 0;
    /// Length in bytes.
    pub const BYTE_LENGTH: u32 = 1;
    /// Maximal length in bytes; undefined for buffers of fixed length, null for immutable ones (so that shortcuts for buffers of fixed
    /// length, which look for undefined, leave them alone).
    pub const MAX_BYTE_LENGTH: u32 = 2;
    /// Bits: [`IMMUTABLE`], [`HOST_MEMORY`].
    pub const FLAGS: u32 = 3;
    /// Flag: the contents never change.
    pub const IMMUTABLE: i32 = 1;
    /// Flag: the bytes are the host's; see `host_memory`.
    pub const HOST_MEMORY: i32 = 2;
}

/// Internal slots of typed arrays and DataViews.
pub(crate) mod view_slot {
    /// The buffer object.
    pub const BUFFER: u32 = 0;
    /// First byte in the buffer.
    pub const BYTE_OFFSET: u32 = 1;
    /// Length (typed arrays: elements; DataViews: bytes); undefined when it follows the buffer's.
    pub const LENGTH: u32 = 2;
    /// Number of the element type (typed arrays only).
    pub const TYPE: u32 = 3;
}

/// Whether the object is an ArrayBuffer or a SharedArrayBuffer.
pub fn is_buffer(heap: &Heap, object: Object) -> bool {
    matches!(object.kind(heap), Kind::ArrayBuffer | Kind::SharedArrayBuffer)
}

/// The cell with a buffer's bytes; `None` when detached.
#[inline(always)]
pub fn buffer_data(heap: &Heap, buffer: Object) -> Option<Ref<Raw>> {
    buffer.internal(heap, buffer_slot::DATA).as_cell()
}

/// Current length in bytes; 0 when detached.
#[inline(always)]
pub fn buffer_byte_length(heap: &Heap, buffer: Object) -> u32 {
    buffer.internal(heap, buffer_slot::BYTE_LENGTH).as_int_unchecked() as u32
}

/// 25.1.3.8 IsDetachedBuffer ( arrayBuffer ), https://tc39.es/ecma262/#sec-isdetachedbuffer
#[inline(always)]
pub fn is_detached(heap: &Heap, buffer: Object) -> bool {
    !buffer.internal(heap, buffer_slot::DATA).is_cell()
}

/// 25.1.3.9 IsFixedLengthArrayBuffer ( arrayBuffer ), https://tc39.es/ecma262/#sec-isfixedlengtharraybuffer
pub fn is_fixed_length(heap: &Heap, buffer: Object) -> bool {
    !buffer.internal(heap, buffer_slot::MAX_BYTE_LENGTH).is_int()
}

/// IsImmutableBuffer ( arrayBuffer ), https://tc39.es/proposal-immutable-arraybuffer/#sec-isimmutablebuffer
#[inline(always)]
pub fn is_immutable(heap: &Heap, buffer: Object) -> bool {
    buffer.internal(heap, buffer_slot::FLAGS).as_int().unwrap_or(0) & buffer_slot::IMMUTABLE != 0
}

/// Makes a new ArrayBuffer of fixed length immutable.
pub(crate) fn make_immutable(heap: &Heap, buffer: Object) {
    buffer.set_internal(heap, buffer_slot::FLAGS, Value::int(buffer_slot::IMMUTABLE));
    buffer.set_internal(heap, buffer_slot::MAX_BYTE_LENGTH, Value::NULL);
}

/// A typed array's window as it is now.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The buffer.
    pub buffer: Object,
    /// Element type.
    pub ty: ElementType,
    /// Cage offset of the first element.
    pub at: u32,
    /// Length in elements.
    pub length: u32,
}

impl View {
    /// The window of a typed array; `None` when its buffer is detached or it is out of bounds. The caller knows that `array` is a
    /// typed array. 10.4.5.13 TypedArrayLength and 10.4.5.14 IsTypedArrayOutOfBounds,
    /// https://tc39.es/ecma262/#sec-istypedarrayoutofbounds
    #[inline(always)]
    pub fn of(heap: &Heap, array: Object) -> Option<View> {
        let buffer = Object::from_offset(array.internal(heap, view_slot::BUFFER).offset());
        let data = buffer_data(heap, buffer)?;
        let bytes = buffer_byte_length(heap, buffer);
        let offset = array.internal(heap, view_slot::BYTE_OFFSET).as_int_unchecked() as u32;
        let ty = ElementType::from_number(array.internal(heap, view_slot::TYPE).as_int_unchecked());
        let length = match array.internal(heap, view_slot::LENGTH).as_int() {
            Some(length) => {
                let end = u64::from(offset) + (u64::from(length as u32) << ty.shift());
                if end > u64::from(bytes) {
                    return None;
                }
                length as u32
            }
            None if offset > bytes => return None,
            None => (bytes - offset) >> ty.shift(),
        };
        Some(View { buffer, ty, at: data.data() + offset, length })
    }

    /// Cage offset of element `index`.
    #[inline(always)]
    pub fn element(&self, index: u32) -> u32 {
        self.at.wrapping_add(index << self.ty.shift())
    }

    /// The value of element `index`, which is below the length.
    #[inline(always)]
    pub fn get(&self, heap: &Heap, index: u32) -> Value {
        self.ty.raw_to_value(heap, self.ty.load(heap, self.element(index)))
    }

    /// Length in bytes.
    pub fn byte_length(&self) -> u32 {
        self.length << self.ty.shift()
    }
}

/// Element type of a typed array.
pub fn element_type(heap: &Heap, array: Object) -> ElementType {
    ElementType::from_number(array.internal(heap, view_slot::TYPE).as_int_unchecked())
}

/// Length in elements; 0 when out of bounds or detached.
pub fn length_of(heap: &Heap, array: Object) -> u32 {
    View::of(heap, array).map_or(0, |view| view.length)
}

/// Element `index` of `object`, if that is a typed array with such an element. Runs no JS.
#[inline]
pub fn load_element(heap: &Heap, object: Object, index: u32) -> Option<Value> {
    if !object.is(heap, Kind::TypedArray) {
        return None;
    }
    let view = View::of(heap, object)?;
    if index < view.length { Some(view.get(heap, index)) } else { None }
}

/// Stores to element `index` of `object`, if that is a typed array with such an element and the value converts without running JS.
/// `false`: nothing was done, take the slow path.
#[inline]
pub fn store_element(heap: &Heap, object: Object, index: u32, value: Value) -> bool {
    if !object.is(heap, Kind::TypedArray) {
        return false;
    }
    let Some(view) = View::of(heap, object) else { return false };
    if index >= view.length || is_immutable(heap, view.buffer) {
        return false;
    }
    let Some(raw) = view.ty.value_to_raw_fast(heap, value) else { return false };
    view.ty.store(heap, view.element(index), raw);
    true
}

/// 10.4.5.17 TypedArraySetElement ( O, index, value ), https://tc39.es/ecma262/#sec-typedarraysetelement
pub fn set_element(cx: &mut Context, array: Object, index: u64, value: Value) -> Result<()> {
    // 1.-2. Conversion first: it may change the buffer.
    let raw = element_type(&cx.heap, array).value_to_raw(cx, value)?;
    // 3. If IsValidIntegerIndex(O, index) is true, then SetValueInBuffer.
    if let Some(view) = View::of(&cx.heap, array)
        && index < u64::from(view.length)
        && !is_immutable(&cx.heap, view.buffer)
    {
        view.ty.store(&cx.heap, view.element(index as u32), raw);
    }
    Ok(())
}

/// A new ArrayBuffer of the current realm that holds these bytes.
pub fn create_array_buffer(cx: &mut Context, bytes: &[u8]) -> Object {
    let data = cx.heap.new_raw_from(bytes);
    let buffer = cx.new_intrinsic_object(Kind::ArrayBuffer, Intrinsic::ArrayBufferPrototype);
    init_buffer(&cx.heap, buffer, data, bytes.len() as u32, None);
    buffer
}

/// A new Uint8Array of the current realm over a new buffer with these bytes.
pub fn create_uint8_array(cx: &mut Context, bytes: &[u8]) -> Object {
    let buffer = create_array_buffer(cx, bytes);
    let array = cx.new_intrinsic_object(Kind::TypedArray, Intrinsic::Uint8ArrayPrototype);
    init_typed_array(&cx.heap, array, ElementType::Uint8, buffer, 0, Some(bytes.len() as u32));
    array
}

/// Fills the slots of a new buffer object.
pub(crate) fn init_buffer(heap: &Heap, buffer: Object, data: Ref<Raw>, byte_length: u32, max_byte_length: Option<u32>) {
    buffer.set_internal(heap, buffer_slot::DATA, Value::cell(data));
    buffer.set_internal(heap, buffer_slot::BYTE_LENGTH, Value::int(byte_length as i32));
    buffer.set_internal(heap, buffer_slot::MAX_BYTE_LENGTH, max_byte_length.map_or(Value::UNDEFINED, |max| Value::int(max as i32)));
    buffer.set_internal(heap, buffer_slot::FLAGS, Value::ZERO);
}

/// Fills the slots of a new typed array.
pub(crate) fn init_typed_array(heap: &Heap, array: Object, ty: ElementType, buffer: Object, byte_offset: u32, length: Option<u32>) {
    array.set_internal(heap, view_slot::BUFFER, buffer.value());
    array.set_internal(heap, view_slot::BYTE_OFFSET, Value::int(byte_offset as i32));
    array.set_internal(heap, view_slot::LENGTH, length.map_or(Value::UNDEFINED, |length| Value::int(length as i32)));
    array.set_internal(heap, view_slot::TYPE, Value::int(ty as i32));
}

/// Where the bytes of a buffer source lie: cage offset and length in bytes. `None` for values that are no ArrayBuffer, SharedArrayBuffer,
/// typed array or DataView; detached and out-of-bounds ones have no bytes. (Web IDL's BufferSource.)
pub fn byte_range(heap: &Heap, value: Value) -> Option<(u32, u32)> {
    let object = value.as_object()?;
    match object.kind(heap) {
        Kind::ArrayBuffer | Kind::SharedArrayBuffer => {
            Some(buffer_data(heap, object).map_or((0, 0), |data| (data.data(), buffer_byte_length(heap, object))))
        }
        Kind::TypedArray => Some(View::of(heap, object).map_or((0, 0), |view| (view.at, view.byte_length()))),
        Kind::DataView => Some(data_view_range(heap, object).unwrap_or((0, 0))),
        _ => None,
    }
}

/// Window of a DataView: cage offset and length in bytes; `None` when detached or out of bounds.
/// 25.3.1.4 IsViewOutOfBounds, https://tc39.es/ecma262/#sec-isviewoutofbounds
#[inline]
pub(crate) fn data_view_range(heap: &Heap, view: Object) -> Option<(u32, u32)> {
    let buffer = Object::from_offset(view.internal(heap, view_slot::BUFFER).offset());
    let data = buffer_data(heap, buffer)?;
    let bytes = buffer_byte_length(heap, buffer);
    let offset = view.internal(heap, view_slot::BYTE_OFFSET).as_int_unchecked() as u32;
    if offset > bytes {
        return None;
    }
    let length = match view.internal(heap, view_slot::LENGTH).as_int() {
        Some(length) if length as u32 > bytes - offset => return None,
        Some(length) => length as u32,
        None => bytes - offset,
    };
    Some((data.data() + offset, length))
}

/// The bytes of a buffer source, lent: nothing may store to the heap meanwhile. `None` for other values.
pub fn bytes(heap: &Heap, value: Value) -> Option<&[u8]> {
    byte_range(heap, value).map(|(at, length)| heap.cage().slice(at, length))
}

/// A copy of the bytes of a buffer source. `None` for other values.
pub fn bytes_of(cx: &Context, value: Value) -> Option<Vec<u8>> {
    bytes(&cx.heap, value).map(<[u8]>::to_vec)
}

/// Writes bytes into a buffer source from byte `offset` on. `false` when the value is no buffer source, is immutable, or has no room.
pub fn write_bytes(cx: &mut Context, value: Value, offset: u32, source: &[u8]) -> bool {
    let Some((at, length)) = byte_range(&cx.heap, value) else { return false };
    let fits = u64::from(offset) + source.len() as u64 <= u64::from(length);
    if !fits || buffer_of(&cx.heap, value).is_some_and(|buffer| is_immutable(&cx.heap, buffer)) {
        return false;
    }
    cx.heap.cage().write_bytes(at + offset, source);
    true
}

/// The buffer under a buffer source.
pub fn buffer_of(heap: &Heap, value: Value) -> Option<Object> {
    let object = value.as_object()?;
    match object.kind(heap) {
        Kind::ArrayBuffer | Kind::SharedArrayBuffer => Some(object),
        Kind::TypedArray | Kind::DataView => object.internal(heap, view_slot::BUFFER).as_object(),
        _ => None,
    }
}

/// 25.1.3.5 DetachArrayBuffer ( arrayBuffer ), https://tc39.es/ecma262/#sec-detacharraybuffer: the buffer loses its bytes.
/// `false` when it cannot be detached (no ArrayBuffer, shared, immutable, or with a detach key).
pub fn detach(cx: &mut Context, buffer: Object) -> bool {
    if !buffer.is(&cx.heap, Kind::ArrayBuffer) || is_immutable(&cx.heap, buffer) || is_host_memory(&cx.heap, buffer) {
        return false;
    }
    buffer.set_internal(&cx.heap, buffer_slot::DATA, Value::UNDEFINED);
    buffer.set_internal(&cx.heap, buffer_slot::BYTE_LENGTH, Value::ZERO);
    true
}
