//! DataView objects. https://tc39.es/ecma262/#sec-dataview-objects

use crate::builtins::array_buffer::{detached_error, immutable_error};
use crate::builtins::receiver::require;
use crate::builtins::typed_array::ElementType;
use crate::builtins::typed_array::view::{
    buffer_byte_length, data_view_range, is_buffer, is_detached, is_fixed_length, is_immutable, view_slot,
};
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result, Thrown};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

natives! { pub static DATA_VIEW: "DataView" / 1 => construct, DataView, DataViewPrototype; {
    get "buffer" => buffer,
    get "byteLength" => byte_length,
    get "byteOffset" => byte_offset,
    method "getInt8" / 1 => get::<0>,
    method "setInt8" / 2 => set::<0>,
    method "getUint8" / 1 => get::<1>,
    method "setUint8" / 2 => set::<1>,
    method "getInt16" / 1 => get::<3>,
    method "setInt16" / 2 => set::<3>,
    method "getUint16" / 1 => get::<4>,
    method "setUint16" / 2 => set::<4>,
    method "getInt32" / 1 => get::<5>,
    method "setInt32" / 2 => set::<5>,
    method "getUint32" / 1 => get::<6>,
    method "setUint32" / 2 => set::<6>,
    method "getBigInt64" / 1 => get::<7>,
    method "setBigInt64" / 2 => set::<7>,
    method "getBigUint64" / 1 => get::<8>,
    method "setBigUint64" / 2 => set::<8>,
    method "getFloat16" / 1 => get::<9>,
    method "setFloat16" / 2 => set::<9>,
    method "getFloat32" / 1 => get::<10>,
    method "setFloat32" / 2 => set::<10>,
    method "getFloat64" / 1 => get::<11>,
    method "setFloat64" / 2 => set::<11>,
    tag "DataView",
}}

/// RequireInternalSlot(view, [[DataView]]).
fn this_view(cx: &mut Context, this: Value, method: &str) -> Result<Object> {
    require(cx, this, Kind::DataView, method)
}

#[cold]
fn start_outside(cx: &mut Context, offset: u64) -> Thrown {
    cx.throw_range_error(&format!("Start offset {offset} is outside the bounds of the buffer"))
}

// 25.3.2.1 DataView ( buffer [ , byteOffset [ , byteLength ] ] ),
// https://tc39.es/ecma262/#sec-dataview-buffer-byteoffset-bytelength
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    // 1.
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor DataView requires 'new'"));
    }
    // 2.-4.
    let Some(buffer) = args.at(0).as_object().filter(|object| is_buffer(&cx.heap, *object)) else {
        return Err(cx.throw_type_error("First argument to DataView constructor must be an ArrayBuffer"));
    };
    let offset = cx.to_index(args.at(1))?;
    if is_detached(&cx.heap, buffer) {
        return Err(detached_error(cx, "DataView"));
    }
    // 5.-6.
    let buffer_length = u64::from(buffer_byte_length(&cx.heap, buffer));
    if offset > buffer_length {
        return Err(start_outside(cx, offset));
    }
    // 7.-9.
    let given = args.at(2);
    let length = if given.is_undefined() {
        if is_fixed_length(&cx.heap, buffer) { Some(buffer_length - offset) } else { None }
    } else {
        let length = cx.to_index(given)?;
        if offset + length > buffer_length {
            return Err(cx.throw_range_error(&format!("Invalid DataView length {length}")));
        }
        Some(length)
    };
    // 10.-14. Getting the prototype may have detached or shrunk the buffer.
    let view = cx.create_from_constructor(args.new_target, Intrinsic::DataViewPrototype, Kind::DataView)?;
    if is_detached(&cx.heap, buffer) {
        return Err(detached_error(cx, "DataView"));
    }
    let buffer_length = u64::from(buffer_byte_length(&cx.heap, buffer));
    if offset > buffer_length {
        return Err(start_outside(cx, offset));
    }
    if let (false, Some(length)) = (given.is_undefined(), length)
        && offset + length > buffer_length
    {
        return Err(cx.throw_range_error(&format!("Invalid DataView length {length}")));
    }
    // 15.-18.
    view.set_internal(&cx.heap, view_slot::BUFFER, buffer.value());
    view.set_internal(&cx.heap, view_slot::BYTE_OFFSET, Value::int(offset as i32));
    view.set_internal(&cx.heap, view_slot::LENGTH, length.map_or(Value::UNDEFINED, |length| Value::int(length as i32)));
    Ok(view.value())
}

// 25.3.4.1 get DataView.prototype.buffer, https://tc39.es/ecma262/#sec-get-dataview.prototype.buffer
fn buffer(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let view = this_view(cx, this, "DataView.prototype.buffer")?;
    Ok(view.internal(&cx.heap, view_slot::BUFFER))
}

/// The window, or the TypeError of views that are out of bounds.
fn range(cx: &mut Context, view: Object, method: &str) -> Result<(u32, u32)> {
    match data_view_range(&cx.heap, view) {
        Some(range) => Ok(range),
        None => Err(detached_error(cx, method)),
    }
}

// 25.3.4.2 get DataView.prototype.byteLength, https://tc39.es/ecma262/#sec-get-dataview.prototype.bytelength
fn byte_length(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "DataView.prototype.byteLength";
    let view = this_view(cx, this, METHOD)?;
    let (_, length) = range(cx, view, METHOD)?;
    Ok(Value::from(length))
}

// 25.3.4.3 get DataView.prototype.byteOffset, https://tc39.es/ecma262/#sec-get-dataview.prototype.byteoffset
fn byte_offset(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "DataView.prototype.byteOffset";
    let view = this_view(cx, this, METHOD)?;
    range(cx, view, METHOD)?;
    Ok(view.internal(&cx.heap, view_slot::BYTE_OFFSET))
}

/// Cage offset of an element at `index` of a view. Steps of GetViewValue and SetViewValue that check bounds.
fn address(cx: &mut Context, view: Object, index: u64, ty: ElementType, method: &str) -> Result<u32> {
    let (at, length) = range(cx, view, method)?;
    if index + u64::from(ty.size()) > u64::from(length) {
        return Err(cx.throw_range_error("Offset is outside the bounds of the DataView"));
    }
    Ok(at + index as u32)
}

/// Reverses the bytes of a raw element of a type.
fn swap(ty: ElementType, raw: u64) -> u64 {
    raw.swap_bytes() >> (64 - 8 * ty.size())
}

// 25.3.1.5 GetViewValue ( view, requestIndex, isLittleEndian, type ), https://tc39.es/ecma262/#sec-getviewvalue
fn get<const TYPE: usize>(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let ty = ElementType::ALL[TYPE];
    // 1.-2.
    let view = this_view(cx, this, "DataView.prototype.get")?;
    // 3.-4.
    let index = cx.to_index(args.at(0))?;
    let little_endian = cx.to_boolean(args.at(1));
    // 5.-14.
    let at = address(cx, view, index, ty, "DataView.prototype.get")?;
    let raw = ty.load(&cx.heap, at);
    Ok(ty.raw_to_value(&cx.heap, if little_endian { raw } else { swap(ty, raw) }))
}

// 25.3.1.6 SetViewValue ( view, requestIndex, isLittleEndian, type, value ), https://tc39.es/ecma262/#sec-setviewvalue
fn set<const TYPE: usize>(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let ty = ElementType::ALL[TYPE];
    const METHOD: &str = "DataView.prototype.set";
    // 1.-2., and https://tc39.es/proposal-immutable-arraybuffer/#sec-setviewvalue
    let view = this_view(cx, this, METHOD)?;
    if view.internal(&cx.heap, view_slot::BUFFER).as_object().is_some_and(|buffer| is_immutable(&cx.heap, buffer)) {
        return Err(immutable_error(cx, METHOD));
    }
    // 3.-6.
    let index = cx.to_index(args.at(0))?;
    let raw = ty.value_to_raw(cx, args.at(1))?;
    let little_endian = cx.to_boolean(args.at(2));
    // 7.-15.
    let at = address(cx, view, index, ty, METHOD)?;
    let mask = if ty.size() == 8 { u64::MAX } else { (1 << (8 * ty.size())) - 1 };
    ty.store(&cx.heap, at, if little_endian { raw } else { swap(ty, raw & mask) });
    Ok(Value::UNDEFINED)
}
