//! TypedArray constructors, creation by species, %TypedArray%.from and of.

use super::element::ElementType;
use super::view::{
    MAX_BYTES, View, buffer_byte_length, buffer_data, element_type, init_typed_array, is_detached, is_fixed_length, is_immutable,
    set_element,
};
use crate::builtins::array::support::{MAX_SAFE, get_index, has_default_typed_species, length_of, number, require_callable};
use crate::builtins::array_buffer::{detached_error, immutable_error, new_array_buffer};
use crate::builtins::receiver::describe;
use crate::context::Context;
use crate::heap::{Heap, Kind};
use crate::iteration::Flow;
use crate::native::{Args, Result};
use crate::object::Object;
use crate::string::atoms::symbol;
use crate::value::Value;

/// Whether a method writes to the array (immutable buffers refuse that).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

// 23.2.4.4 ValidateTypedArray ( O, order ), https://tc39.es/ecma262/#sec-validatetypedarray
// The parameter accessMode is of https://tc39.es/proposal-immutable-arraybuffer/#sec-validatetypedarray
pub(super) fn validate(cx: &mut Context, value: Value, access: Access, method: &str) -> Result<(Object, View)> {
    let Some(array) = value.as_object().filter(|object| object.is(&cx.heap, Kind::TypedArray)) else {
        return Err(cx.throw_type_error("this is not a typed array."));
    };
    let Some(view) = View::of(&cx.heap, array) else { return Err(detached_error(cx, method)) };
    if access == Access::Write && is_immutable(&cx.heap, view.buffer) {
        return Err(immutable_error(cx, method));
    }
    Ok((array, view))
}

// 23.2.1.1 %TypedArray% ( ), https://tc39.es/ecma262/#sec-%typedarray%
pub(super) fn abstract_constructor(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Err(cx.throw_type_error("Abstract class TypedArray not directly constructable"))
}

// 23.2.2.4 get %TypedArray% [ %Symbol.species% ], https://tc39.es/ecma262/#sec-get-%typedarray%-%symbol.species%
pub(super) fn species(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

/// A buffer of %ArrayBuffer% for `length` elements. AllocateTypedArrayBuffer without the slots,
/// https://tc39.es/ecma262/#sec-allocatetypedarraybuffer
fn new_element_buffer(cx: &mut Context, ty: ElementType, length: u64) -> Result<Object> {
    let bytes = length.saturating_mul(u64::from(ty.size()));
    if bytes > MAX_BYTES {
        return Err(cx.throw_range_error(&format!("Invalid typed array length: {length}")));
    }
    new_array_buffer(cx, bytes)
}

/// A new typed array of the current realm's intrinsic constructor, with `length` zero elements.
pub(super) fn new_typed_array(cx: &mut Context, ty: ElementType, length: u64) -> Result<Object> {
    let buffer = new_element_buffer(cx, ty, length)?;
    let array = cx.new_intrinsic_object(Kind::TypedArray, ty.prototype());
    init_typed_array(&cx.heap, array, ty, buffer, 0, Some(length as u32));
    Ok(array)
}

// 23.2.5.1 TypedArray ( ...args ), https://tc39.es/ecma262/#sec-typedarray
pub(super) fn construct<const TYPE: usize>(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let ty = ElementType::ALL[TYPE];
    // 1. If NewTarget is undefined, throw a TypeError exception.
    if !args.is_construct() {
        return Err(cx.throw_type_error(&format!("Constructor {} requires 'new'", ty.name())));
    }
    let Some(first) = args.at(0).as_object() else {
        // 5., 7. No arguments, or a length.
        let length = if args.at(0).is_undefined() { 0 } else { to_length_argument(cx, args.at(0))? };
        // AllocateTypedArray: the prototype is got before the buffer is made.
        let array = cx.create_from_constructor(args.new_target, ty.prototype(), Kind::TypedArray)?;
        let buffer = new_element_buffer(cx, ty, length)?;
        init_typed_array(&cx.heap, array, ty, buffer, 0, Some(length as u32));
        return Ok(array.value());
    };
    // 6.b. Let O be ? AllocateTypedArray(constructorName, NewTarget, proto).
    let array = cx.create_from_constructor(args.new_target, ty.prototype(), Kind::TypedArray)?;
    match first.kind(&cx.heap) {
        Kind::TypedArray => initialize_from_typed_array(cx, array, ty, first)?,
        Kind::ArrayBuffer | Kind::SharedArrayBuffer => initialize_from_buffer(cx, array, ty, first, args.at(1), args.at(2))?,
        _ => initialize_from_object(cx, array, ty, first)?,
    }
    Ok(array.value())
}

/// ToIndex with V8's message.
fn to_length_argument(cx: &mut Context, value: Value) -> Result<u64> {
    let length = cx.to_integer_or_infinity(value)?;
    if !(0.0..=MAX_SAFE as f64).contains(&length) {
        let text = describe(cx, value);
        return Err(cx.throw_range_error(&format!("Invalid typed array length: {text}")));
    }
    Ok(length as u64)
}

// 23.2.5.1.2 InitializeTypedArrayFromTypedArray ( O, srcArray ), https://tc39.es/ecma262/#sec-initializetypedarrayfromtypedarray
fn initialize_from_typed_array(cx: &mut Context, array: Object, ty: ElementType, source: Object) -> Result<()> {
    // 4.-5. If IsTypedArrayOutOfBounds(srcRecord) is true, throw a TypeError exception.
    let Some(view) = View::of(&cx.heap, source) else { return Err(detached_error(cx, "Construct")) };
    // 6.-11.
    let buffer = new_element_buffer(cx, ty, u64::from(view.length))?;
    if view.ty.is_bigint() != ty.is_bigint() {
        return Err(cx.throw_type_error("Cannot mix BigInt and other types, use explicit conversions"));
    }
    cx.spend_fuel(u64::from(view.length) / 16)?;
    if let Some(data) = buffer_data(&cx.heap, buffer) {
        copy_elements(cx, view, View { buffer, ty, at: data.data(), length: view.length });
    }
    init_typed_array(&cx.heap, array, ty, buffer, 0, Some(view.length));
    Ok(())
}

/// Copies `to.length` elements, converting between types of the same content type, in ascending order. The ranges do not overlap, or the
/// types are the same.
pub(super) fn copy_elements(cx: &Context, from: View, to: View) {
    let heap = &cx.heap;
    if from.ty == to.ty
        || (from.ty.is_integer() && to.ty.is_integer() && from.ty.size() == to.ty.size() && to.ty != ElementType::Uint8Clamped)
    {
        heap.cage().copy_within(from.at, to.at, to.byte_length());
        return;
    }
    if from.ty.is_bigint() {
        for i in 0..to.length {
            to.ty.store(heap, to.element(i), from.ty.load(heap, from.element(i)));
        }
        return;
    }
    // Through a small buffer of numbers, so that the types are told apart once per piece and not once per element.
    let mut numbers = [0.0; 128];
    let mut done = 0;
    while done < to.length {
        let count = (to.length - done).min(numbers.len() as u32);
        let piece = &mut numbers[..count as usize];
        read_numbers(heap, from.ty, from.element(done), piece);
        write_numbers(heap, to.ty, to.element(done), piece);
        done += count;
    }
}

/// Reads elements as numbers.
fn read_numbers(heap: &Heap, ty: ElementType, at: u32, numbers: &mut [f64]) {
    macro_rules! read {
        ($stored:ty, $shift:literal, |$raw:ident| $number:expr) => {
            for (i, number) in numbers.iter_mut().enumerate() {
                let $raw = heap.load::<$stored>(at + ((i as u32) << $shift));
                *number = $number;
            }
        };
    }
    match ty {
        ElementType::Int8 => read!(u8, 0, |raw| f64::from(raw as i8)),
        ElementType::Uint8 | ElementType::Uint8Clamped => read!(u8, 0, |raw| f64::from(raw)),
        ElementType::Int16 => read!(u16, 1, |raw| f64::from(raw as i16)),
        ElementType::Uint16 => read!(u16, 1, |raw| f64::from(raw)),
        ElementType::Int32 => read!(i32, 2, |raw| f64::from(raw)),
        ElementType::Uint32 => read!(u32, 2, |raw| f64::from(raw)),
        ElementType::Float16 => read!(u16, 1, |raw| ElementType::Float16.raw_to_f64(u64::from(raw))),
        ElementType::Float32 => read!(u32, 2, |raw| f64::from(f32::from_bits(raw))),
        ElementType::Float64 => read!(f64, 3, |raw| raw),
        ElementType::BigInt64 | ElementType::BigUint64 => {}
    }
}

/// Writes numbers, converted.
fn write_numbers(heap: &Heap, ty: ElementType, at: u32, numbers: &[f64]) {
    macro_rules! write {
        ($stored:ty, $shift:literal) => {
            for (i, &number) in numbers.iter().enumerate() {
                heap.cage().store_new::<$stored>(at + ((i as u32) << $shift), ty.number_to_raw(number) as $stored);
            }
        };
    }
    heap.cage().mark_cards(at, (numbers.len() as u32) << ty.shift());
    match (ty, ty.shift()) {
        (ElementType::Float64, _) => {
            for (i, &number) in numbers.iter().enumerate() {
                heap.cage().store_new::<f64>(at + ((i as u32) << 3), number);
            }
        }
        (_, 0) => write!(u8, 0),
        (_, 1) => write!(u16, 1),
        (_, 2) => write!(u32, 2),
        _ => write!(u64, 3),
    }
}

// 23.2.5.1.3 InitializeTypedArrayFromArrayBuffer ( O, buffer, byteOffset, length ),
// https://tc39.es/ecma262/#sec-initializetypedarrayfromarraybuffer
pub(super) fn initialize_from_buffer(
    cx: &mut Context,
    array: Object,
    ty: ElementType,
    buffer: Object,
    byte_offset: Value,
    length: Value,
) -> Result<()> {
    let size = u64::from(ty.size());
    // 2.-3.
    let offset = cx.to_index(byte_offset)?;
    if !offset.is_multiple_of(size) {
        return Err(cx.throw_range_error(&format!("start offset of {} should be a multiple of {size}", ty.name())));
    }
    // 5. If length is not undefined, then let newLength be ? ToIndex(length).
    let new_length = if length.is_undefined() { None } else { Some(to_length_argument(cx, length)?) };
    // 6. If IsDetachedBuffer(buffer) is true, throw a TypeError exception.
    if is_detached(&cx.heap, buffer) {
        return Err(detached_error(cx, "Construct"));
    }
    let buffer_length = u64::from(buffer_byte_length(&cx.heap, buffer));
    let length = match new_length {
        // 8. A view that follows the buffer's length.
        None if !is_fixed_length(&cx.heap, buffer) => {
            if offset > buffer_length {
                return Err(cx.throw_range_error(&format!("Start offset {offset} is outside the bounds of the buffer")));
            }
            None
        }
        // 9.a.
        None => {
            if !buffer_length.is_multiple_of(size) {
                return Err(cx.throw_range_error(&format!("byte length of {} should be a multiple of {size}", ty.name())));
            }
            if offset > buffer_length {
                return Err(cx.throw_range_error(&format!("Start offset {offset} is outside the bounds of the buffer")));
            }
            Some((buffer_length - offset) / size)
        }
        // 9.b.
        Some(new_length) => {
            if offset.saturating_add(new_length.saturating_mul(size)) > buffer_length {
                return Err(cx.throw_range_error(&format!("Invalid typed array length: {new_length}")));
            }
            Some(new_length)
        }
    };
    init_typed_array(&cx.heap, array, ty, buffer, offset as u32, length.map(|length| length as u32));
    Ok(())
}

/// Steps 6.b.iv of TypedArray: an iterable or an array-like.
fn initialize_from_object(cx: &mut Context, array: Object, ty: ElementType, source: Object) -> Result<()> {
    if let Some(values) = list_from_iterable(cx, source.value())? {
        return initialize_from_list(cx, array, ty, &values);
    }
    initialize_from_array_like(cx, array, ty, source)
}

/// The values of an iterable: GetMethod(value, %Symbol.iterator%), and unless that is undefined, IteratorToList of its iterator.
fn list_from_iterable(cx: &mut Context, value: Value) -> Result<Option<Vec<Value>>> {
    if cx.has_builtin_array_iteration(value).is_some() {
        let mut values = Vec::new();
        cx.iterate(value, |_, value| {
            values.push(value);
            Ok(Flow::Continue)
        })?;
        return Ok(Some(values));
    }
    match cx.get_method(value, symbol::iterator)? {
        Some(method) => list_from_iterator(cx, value, method).map(Some),
        None => Ok(None),
    }
}

/// IteratorToList(GetIteratorFromMethod(items, method)).
fn list_from_iterator(cx: &mut Context, items: Value, method: Object) -> Result<Vec<Value>> {
    let mut record = cx.get_iterator_from_method(items, method)?;
    let mut values = Vec::new();
    while let Some(value) = cx.iterator_step_value(&mut record)? {
        cx.spend_fuel(1)?;
        if values.len().is_power_of_two() {
            cx.reserve(16 * values.len() as u64)?;
        }
        values.push(value);
    }
    Ok(values)
}

// 23.2.5.1.4 InitializeTypedArrayFromList ( O, values ), https://tc39.es/ecma262/#sec-initializetypedarrayfromlist
fn initialize_from_list(cx: &mut Context, array: Object, ty: ElementType, values: &[Value]) -> Result<()> {
    let buffer = new_element_buffer(cx, ty, values.len() as u64)?;
    init_typed_array(&cx.heap, array, ty, buffer, 0, Some(values.len() as u32));
    for (k, &value) in values.iter().enumerate() {
        cx.spend_fuel(1)?;
        set_element(cx, array, k as u64, value)?;
    }
    Ok(())
}

// 23.2.5.1.5 InitializeTypedArrayFromArrayLike ( O, arrayLike ), https://tc39.es/ecma262/#sec-initializetypedarrayfromarraylike
fn initialize_from_array_like(cx: &mut Context, array: Object, ty: ElementType, source: Object) -> Result<()> {
    let length = length_of(cx, source)?;
    let buffer = new_element_buffer(cx, ty, length)?;
    init_typed_array(&cx.heap, array, ty, buffer, 0, Some(length as u32));
    for k in 0..length {
        cx.spend_fuel(1)?;
        let value = get_index(cx, source, k)?;
        set_element(cx, array, k, value)?;
    }
    Ok(())
}

// 23.2.4.2 TypedArrayCreateFromConstructor ( constructor, args ), https://tc39.es/ecma262/#sec-typedarraycreatefromconstructor
pub(super) fn create_from_constructor(
    cx: &mut Context,
    constructor: Object,
    args: &[Value],
    access: Access,
    method: &str,
) -> Result<Object> {
    // 1.-2.
    let new = cx.construct(constructor, args, constructor)?;
    let (array, view) = validate(cx, new.value(), access, method)?;
    // 4. If args is a single Number, the array must be that long.
    if let [length] = args
        && let Some(length) = length.as_number()
        && f64::from(view.length) < length
    {
        return Err(cx.throw_type_error("Derived TypedArray constructor created an array which was too small"));
    }
    Ok(array)
}

/// SpeciesConstructor(exemplar, defaultConstructor); `None` stands for the intrinsic constructor of the type.
pub(super) fn species_constructor(cx: &mut Context, exemplar: Object, ty: ElementType) -> Result<Option<Object>> {
    // OPTIMIZATION: for an unchanged typed array, SpeciesConstructor only reads properties.
    if has_default_typed_species(cx, exemplar, ty.prototype(), ty.constructor()) {
        return Ok(None);
    }
    let constructor = cx.species_constructor(exemplar, ty.constructor())?;
    Ok(if constructor == cx.intrinsic(ty.constructor()) { None } else { Some(constructor) })
}

// 23.2.4.1 TypedArraySpeciesCreate ( exemplar, args ), https://tc39.es/ecma262/#sec-typedarray-species-create, for a length.
pub(super) fn species_create(cx: &mut Context, exemplar: Object, length: u64, access: Access, method: &str) -> Result<Object> {
    let ty = element_type(&cx.heap, exemplar);
    let Some(constructor) = species_constructor(cx, exemplar, ty)? else {
        // OPTIMIZATION: what the intrinsic constructor does for a length, with itself as new.target.
        return new_typed_array(cx, ty, length);
    };
    let array = create_from_constructor(cx, constructor, &[number(length)], access, method)?;
    check_content_type(cx, ty, array)?;
    Ok(array)
}

/// Step 4 of TypedArraySpeciesCreate: both hold BigInts, or neither.
pub(super) fn check_content_type(cx: &mut Context, ty: ElementType, array: Object) -> Result<()> {
    if element_type(&cx.heap, array).is_bigint() == ty.is_bigint() {
        return Ok(());
    }
    Err(cx.throw_type_error("Content type of the species constructor's result differs"))
}

/// The receiver of the static methods, which must be a constructor.
fn this_constructor(cx: &mut Context, this: Value) -> Result<Object> {
    match this.as_object() {
        Some(object) if object.is_constructor(&cx.heap) => Ok(object),
        _ => {
            let text = describe(cx, this);
            Err(cx.throw_type_error(&format!("{text} is not a constructor")))
        }
    }
}

// 23.2.2.2 %TypedArray%.of ( ...items ), https://tc39.es/ecma262/#sec-%typedarray%.of
pub(super) fn of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let constructor = this_constructor(cx, this)?;
    let length = Value::from_usize(args.len());
    let array = create_from_constructor(cx, constructor, &[length], Access::Write, "%TypedArray%.of")?;
    for (k, &value) in args.as_slice().iter().enumerate() {
        cx.spend_fuel(1)?;
        set_element(cx, array, k as u64, value)?;
    }
    Ok(array.value())
}

// 23.2.2.1 %TypedArray%.from ( source [ , mapper [ , thisArg ] ] ), https://tc39.es/ecma262/#sec-%typedarray%.from
pub(super) fn from(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "%TypedArray%.from";
    // 1.-2.
    let constructor = this_constructor(cx, this)?;
    // 3.-4.
    let mapper = if args.at(1).is_undefined() { None } else { Some(require_callable(cx, args.at(1))?) };
    let (source, this_arg) = (args.at(0), args.at(2));
    // 5.-6. An iterable: its values are collected first.
    if let Some(values) = list_from_iterable(cx, source)? {
        let array = create_from_constructor(cx, constructor, &[Value::from_usize(values.len())], Access::Write, METHOD)?;
        for (k, &value) in values.iter().enumerate() {
            store_mapped(cx, array, k as u64, value, mapper, this_arg)?;
        }
        return Ok(array.value());
    }
    // 7.-13.
    let source = cx.to_object(source)?;
    let length = length_of(cx, source)?;
    let array = create_from_constructor(cx, constructor, &[number(length)], Access::Write, METHOD)?;
    for k in 0..length {
        let value = get_index(cx, source, k)?;
        store_mapped(cx, array, k, value, mapper, this_arg)?;
    }
    Ok(array.value())
}

fn store_mapped(cx: &mut Context, array: Object, k: u64, value: Value, mapper: Option<Value>, this_arg: Value) -> Result<()> {
    cx.spend_fuel(1)?;
    let value = match mapper {
        Some(mapper) => cx.call(mapper, this_arg, &[value, number(k)])?,
        None => value,
    };
    set_element(cx, array, k, value)
}
