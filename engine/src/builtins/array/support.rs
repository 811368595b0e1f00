//! What the array methods share: element access with unobservable shortcuts, lengths, relative indices, species.
//!
//! OPTIMIZATION (everywhere here): an own data property of an ordinary object or Array, when it exists and has the default attributes, is
//! read and written in its elements cell directly. [[Get]], [[HasProperty]] and [[Set]] of such a property run no JS and do not look at the
//! prototype chain, so nobody can tell.

use std::cell::Cell;

use crate::builtins::receiver::not_callable;
use crate::context::Context;
use crate::heap::{Heap, Kind, Ref, Values, object_flag};
use crate::interpreter::Prepared;
use crate::native::Result;
use crate::object::{Object, attribute};
use crate::realm::Intrinsic;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

/// 2⁵³ - 1, the largest length of an array-like.
pub(crate) const MAX_SAFE: u64 = (1 << 53) - 1;

/// Largest number of elements that fast paths handle: indices stay below [`crate::string::PropertyKey::MAX_INDEX`] and cells below the cage's size.
pub(crate) const MAX_DENSE: u32 = 1 << 28;

/// If IsCallable(value) is false, throw a TypeError exception.
#[inline]
pub(crate) fn require_callable(cx: &mut Context, value: Value) -> Result<Value> {
    if value.as_object().is_some_and(|object| object.is_callable(&cx.heap)) { Ok(value) } else { Err(not_callable(cx, value)) }
}

/// Steps "relativeStart … min/max" of slice-like methods: -∞ is 0, negative counts from the end, clamped to 0..=length.
pub(crate) fn relative_start(cx: &mut Context, value: Value, length: u64) -> Result<u64> {
    if let Some(int) = value.as_int() {
        let int = i64::from(int);
        return Ok(if int < 0 { length.saturating_sub(int.unsigned_abs()) } else { (int as u64).min(length) });
    }
    let relative = cx.to_integer_or_infinity(value)?;
    Ok(if relative < 0.0 { (length as f64 + relative).max(0.0) as u64 } else { relative.min(length as f64) as u64 })
}

/// The same for an end, which is the length when undefined.
pub(crate) fn relative_end(cx: &mut Context, value: Value, length: u64) -> Result<u64> {
    if value.is_undefined() { Ok(length) } else { relative_start(cx, value, length) }
}

/// 7.3.18 LengthOfArrayLike ( obj ), https://tc39.es/ecma262/#sec-lengthofarraylike
#[inline]
pub(crate) fn length_of(cx: &mut Context, object: Object) -> Result<u64> {
    // OPTIMIZATION: the length of an Array is an own data property that holds an array length.
    if object.is(&cx.heap, Kind::Array) { Ok(u64::from(object.array_length(&cx.heap))) } else { cx.length_of_array_like(object) }
}

/// ToObject(this) and LengthOfArrayLike, with which nearly every method begins.
#[inline]
pub(crate) fn this_and_length(cx: &mut Context, this: Value) -> Result<(Object, u64)> {
    let object = match this.as_object() {
        Some(object) => object,
        None => cx.to_object(this)?,
    };
    let length = length_of(cx, object)?;
    Ok((object, length))
}

/// Whether elements are in a plain cell: neither a dictionary nor governed by other rules.
#[inline(always)]
pub(crate) fn has_plain_elements(heap: &Heap, object: Object) -> bool {
    object.flags(heap) & (object_flag::EXOTIC | object_flag::SPARSE_ELEMENTS) == 0
}

/// Initialised elements of an object with plain elements.
#[inline(always)]
pub(crate) fn initialised(heap: &Heap, object: Object) -> u32 {
    let elements = object.elements(heap);
    if elements.is_null() { 0 } else { elements.length(heap) }
}

/// The own plain data element `index`, if there is one.
#[inline(always)]
pub(crate) fn own_element(heap: &Heap, object: Object, index: u64) -> Option<Value> {
    if !has_plain_elements(heap, object) {
        return None;
    }
    let elements = object.elements(heap);
    if elements.is_null() || index >= u64::from(elements.length(heap)) {
        return None;
    }
    let value = elements.get(heap, index as u32);
    if value.is_hole() { None } else { Some(value) }
}

/// Whether no object on the prototype chain has, or may make up, an indexed property.
pub(crate) fn no_inherited_elements(heap: &Heap, object: Object) -> bool {
    if !heap.has_indexed_prototypes() {
        return true;
    }
    let mut next = object.shape(heap).prototype(heap);
    while let Some(prototype) = next {
        if !has_plain_elements(heap, prototype) || initialised(heap, prototype) != 0 || prototype.is(heap, Kind::PrimitiveWrapper) {
            return false;
        }
        next = prototype.shape(heap).prototype(heap);
    }
    true
}

/// Whether it is an Array whose elements may be added, moved and removed in its elements cell: extensible, with writable length and plain
/// elements, and no prototype of others (whose indexed properties inline caches may depend on).
#[inline]
pub(crate) fn is_simple_array(heap: &Heap, object: Object) -> bool {
    const NOT: u8 = object_flag::EXOTIC
        | object_flag::SPARSE_ELEMENTS
        | object_flag::NON_EXTENSIBLE
        | object_flag::LENGTH_READ_ONLY
        | object_flag::PROTOTYPE;
    object.is(heap, Kind::Array) && object.flags(heap) & NOT == 0
}

/// Whether it is a simple array whose elements cell covers its length, with nothing inherited: then any sequence of [[Get]],
/// [[HasProperty]], [[Set]] and [[Delete]] on its indices and length runs no JS, and holes read as undefined. Returns its length.
#[inline]
pub(crate) fn settled_length(heap: &Heap, object: Object) -> Option<u32> {
    if !is_simple_array(heap, object) || !no_inherited_elements(heap, object) {
        return None;
    }
    let length = object.array_length(heap);
    if length > MAX_DENSE || initialised(heap, object) != length { None } else { Some(length) }
}

/// Get(O, ! ToString(𝔽(index))).
#[inline]
pub(crate) fn get_index(cx: &mut Context, object: Object, index: u64) -> Result<Value> {
    if let Some(value) = own_element(&cx.heap, object, index) {
        return Ok(value);
    }
    let key = cx.heap.number_key(index);
    cx.get(object, key)
}

/// HasProperty(O, index), and Get(O, index) if that is true.
#[inline]
pub(crate) fn get_present(cx: &mut Context, object: Object, index: u64) -> Result<Option<Value>> {
    if let Some(value) = own_element(&cx.heap, object, index) {
        return Ok(Some(value));
    }
    let key = cx.heap.number_key(index);
    if cx.has_property(object, key)? { cx.get(object, key).map(Some) } else { Ok(None) }
}

/// Set(O, ! ToString(𝔽(index)), value, true).
#[inline]
pub(crate) fn set_index(cx: &mut Context, object: Object, index: u64, value: Value) -> Result<()> {
    if own_element(&cx.heap, object, index).is_some() {
        object.elements(&cx.heap).set(&cx.heap, index as u32, value);
        return Ok(());
    }
    let key = cx.heap.number_key(index);
    cx.set(object, key, value, true)
}

/// DeletePropertyOrThrow(O, ! ToString(𝔽(index))).
pub(crate) fn delete_index(cx: &mut Context, object: Object, index: u64) -> Result<()> {
    let key = cx.heap.number_key(index);
    cx.delete_or_throw(object, key)
}

/// CreateDataPropertyOrThrow(A, ! ToString(𝔽(index)), value).
#[inline]
pub(crate) fn create_index(cx: &mut Context, object: Object, index: u64, value: Value) -> Result<()> {
    // OPTIMIZATION: defining an own property never looks at the prototype chain; on a simple array it only adds an element.
    if is_simple_array(&cx.heap, object) && index < u64::from(MAX_DENSE) {
        let index = index as u32;
        let elements = object.elements(&cx.heap);
        let used = initialised(&cx.heap, object);
        if index < used {
            elements.set(&cx.heap, index, value);
            return Ok(());
        }
        if index == used {
            // Where there is room: what is longer is no more than that.
            if !elements.is_null() && index < elements.capacity(&cx.heap) {
                cx.heap.store(elements.slot(index), value);
                elements.set_length(&cx.heap, index + 1);
                if index >= object.array_length(&cx.heap) {
                    object.set_internal(&cx.heap, 0, Value::from(index + 1));
                }
                return Ok(());
            }
            let elements = if elements.is_null() { cx.heap.new_values(4) } else { elements };
            let grown = elements.push(&cx.heap, value);
            object.set_elements(&cx.heap, grown);
            if index >= object.array_length(&cx.heap) {
                object.set_internal(&cx.heap, 0, Value::from_usize(index as usize + 1));
            }
            return Ok(());
        }
    }
    let key = cx.heap.number_key(index);
    cx.create_data_property_or_throw(object, key, value)
}

/// 𝔽(number) of an index or length.
#[inline(always)]
pub(crate) fn number(number: u64) -> Value {
    Value::from_usize(number as usize)
}

/// 10.4.2.2 ArrayCreate ( length ), https://tc39.es/ecma262/#sec-arraycreate
pub(crate) fn array_create(cx: &mut Context, length: u64) -> Result<Object> {
    if length > u64::from(u32::MAX) {
        return Err(cx.throw_range_error("Invalid array length"));
    }
    Ok(cx.new_array_of_length(length as u32))
}

/// Whether an object has no own properties with names and this prototype.
fn is_bare(heap: &Heap, object: Object, prototype: Object) -> bool {
    let shape = object.shape(heap);
    shape.prototype(heap) == Some(prototype) && shape.count(heap) == 0
}

/// Value of an own data property with a name, if it is one.
fn own_data(heap: &Heap, object: Object, key: crate::string::PropertyKey) -> Option<Value> {
    let property = object.shape(heap).lookup(heap, key)?;
    let plain = property.attributes & (attribute::ACCESSOR | attribute::LAZY) == 0;
    if plain { Some(object.slot_value(heap, property.slot)) } else { None }
}

/// Whether `constructor[Symbol.species]` is an own accessor with this getter.
fn has_species_getter(heap: &Heap, constructor: Object, getter: Object) -> bool {
    constructor
        .shape(heap)
        .lookup(heap, symbol::species)
        .filter(|property| property.attributes & attribute::ACCESSOR != 0)
        .and_then(|property| constructor.slot_value(heap, property.slot).as_cell::<Values>())
        .is_some_and(|pair| pair.get(heap, 0) == getter.value())
}

/// Where a realm keeps what SpeciesConstructor reads of its Arrays. Holds for a generation of the context and as long as both objects have
/// these shapes: what else may change are the values at the two places. Each field is a cell of its own, to be looked at without a copy.
#[derive(Default)]
pub(crate) struct ArraySpecies {
    generation: Cell<u64>,
    prototype: Cell<u32>,
    prototype_shape: Cell<u32>,
    constructor_shape: Cell<u32>,
    /// Address of %Array.prototype%'s `constructor`.
    constructor_at: Cell<u32>,
    /// Address of %Array%'s accessor for `Symbol.species`.
    species_at: Cell<u32>,
}

impl ArraySpecies {
    /// Whether the values at the known places are the ones that the realm was made with.
    #[inline]
    fn holds(&self, cx: &Context, constructor: Object) -> bool {
        let heap = &cx.heap;
        let pair: Value = heap.load(self.species_at.get());
        let getter: Value = heap.load(Ref::<Values>::from_offset(pair.offset()).slot(0));
        pair.is_cell()
            && getter == cx.intrinsic(Intrinsic::ArraySpecies).value()
            && heap.load::<Value>(self.constructor_at.get()) == constructor.value()
    }
}

/// Whether the species constructor of an Array is %Array% of the current realm by reading properties that run no JS.
#[inline]
fn has_default_species(cx: &Context, array: Object) -> bool {
    let heap = &cx.heap;
    // An array as literals make it: of this realm, without properties with names.
    if array.shape(heap) != cx.realm().array_shape(heap) {
        return has_default_species_by_lookup(cx, array);
    }
    let (prototype, constructor) = (cx.intrinsic(Intrinsic::ArrayPrototype), cx.intrinsic(Intrinsic::Array));
    let known = &cx.array_species;
    if known.generation.get() != cx.generation
        || known.prototype.get() != prototype.offset()
        || known.prototype_shape.get() != prototype.shape(heap).offset()
        || known.constructor_shape.get() != constructor.shape(heap).offset()
    {
        return has_default_species_by_lookup(cx, array);
    }
    known.holds(cx, constructor)
}

#[inline(never)]
fn has_default_species_by_lookup(cx: &Context, array: Object) -> bool {
    let heap = &cx.heap;
    let (prototype, constructor) = (cx.intrinsic(Intrinsic::ArrayPrototype), cx.intrinsic(Intrinsic::Array));
    if !array.is(heap, Kind::Array) || !is_bare(heap, array, prototype) {
        return false;
    }
    let is_default = own_data(heap, prototype, key::constructor) == Some(constructor.value())
        && has_species_getter(heap, constructor, cx.intrinsic(Intrinsic::ArraySpecies));
    let address = |holder: Object, name| holder.shape(heap).lookup(heap, name).map(|property| holder.slot_address(heap, property.slot));
    if let (true, Some(constructor_at), Some(species_at)) =
        (is_default, address(prototype, key::constructor), address(constructor, symbol::species))
    {
        let known = &cx.array_species;
        known.generation.set(cx.generation);
        known.prototype.set(prototype.offset());
        known.prototype_shape.set(prototype.shape(heap).offset());
        known.constructor_shape.set(constructor.shape(heap).offset());
        known.constructor_at.set(constructor_at);
        known.species_at.set(species_at);
    }
    is_default
}

/// The same for a typed array and the intrinsic constructor of its type.
pub(crate) fn has_default_typed_species(cx: &Context, array: Object, prototype: Intrinsic, constructor: Intrinsic) -> bool {
    let heap = &cx.heap;
    let (prototype, constructor) = (cx.intrinsic(prototype), cx.intrinsic(constructor));
    let parent = cx.intrinsic(Intrinsic::TypedArray);
    is_bare(heap, array, prototype)
        && own_data(heap, prototype, key::constructor) == Some(constructor.value())
        && constructor.shape(heap).lookup(heap, symbol::species).is_none()
        && constructor.shape(heap).prototype(heap) == Some(parent)
        && has_species_getter(heap, parent, cx.intrinsic(Intrinsic::TypedArraySpecies))
}

/// 10.4.2.3 ArraySpeciesCreate ( originalArray, length ), https://tc39.es/ecma262/#sec-arrayspeciescreate
pub(crate) fn species_create(cx: &mut Context, original: Object, length: u64) -> Result<Object> {
    match species_constructor(cx, original)? {
        Some(constructor) => cx.construct(constructor, &[number(length)], constructor),
        None => array_create(cx, length),
    }
}

/// Steps 1-7 of ArraySpeciesCreate: the constructor to use; `None` stands for %Array% of the current realm.
#[inline]
pub(crate) fn species_constructor(cx: &mut Context, original: Object) -> Result<Option<Object>> {
    // OPTIMIZATION: for an unchanged Array, the steps only read properties, and the getter of Symbol.species returns %Array%.
    if has_default_species(cx, original) { Ok(None) } else { find_species_constructor(cx, original) }
}

#[inline(never)]
fn find_species_constructor(cx: &mut Context, original: Object) -> Result<Option<Object>> {
    // 1.-2. Let isArray be ? IsArray(originalArray).
    if !original.is(&cx.heap, Kind::Array) && !cx.is_array(original.value())? {
        return Ok(None);
    }
    // 3. Let C be ? Get(originalArray, "constructor").
    let mut constructor = cx.get(original, key::constructor)?;
    let array = cx.intrinsic(Intrinsic::Array);
    // 4. If IsConstructor(C) is true, then: an Array constructor of another realm counts as undefined.
    if let Some(object) = constructor.as_object()
        && object != array
        && object.is_constructor(&cx.heap)
    {
        let realm = cx.function_realm(object)?;
        if realm != cx.realm() && realm.intrinsic(&cx.heap, Intrinsic::Array) == object {
            constructor = Value::UNDEFINED;
        }
    }
    // 5. If C is an Object, then set C to ? Get(C, %Symbol.species%), null counts as undefined.
    if let Some(object) = constructor.as_object() {
        constructor = cx.get(object, symbol::species)?;
        if constructor.is_null() {
            constructor = Value::UNDEFINED;
        }
    }
    // 6. If C is undefined, return ? ArrayCreate(length).
    if constructor.is_undefined() || constructor == array.value() {
        // OPTIMIZATION: constructing %Array% with one length argument and itself as new.target is ArrayCreate.
        return Ok(None);
    }
    // 7. If IsConstructor(C) is false, throw a TypeError exception.
    match constructor.as_object() {
        Some(object) if object.is_constructor(&cx.heap) => Ok(Some(object)),
        _ => Err(cx.throw_type_error("object.constructor[Symbol.species] is not a constructor")),
    }
}

/// A new Array with a range of an Array's plain elements, holes included; past the initialised ones all are holes.
pub(crate) fn copy_range(cx: &mut Context, object: Object, from: u32, to: u32) -> Result<Object> {
    let count = to - from;
    cx.spend_fuel(u64::from(count) / 16)?;
    cx.reserve(8 * u64::from(count))?;
    let result = cx.new_array_of_length(count);
    let heap = &cx.heap;
    let used = initialised(heap, object).clamp(from, to) - from;
    if used > 0 {
        let values = heap.new_values(used);
        heap.cage().copy_within(object.elements(heap).slot(from), values.slot(0), 8 * used);
        values.set_length(heap, used);
        result.set_elements(heap, values);
    }
    Ok(result)
}

/// Makes `length` the length of a simple array whose elements end there or later, and drops the rest.
pub(crate) fn truncate(heap: &Heap, array: Object, length: u32) {
    let elements = array.elements(heap);
    if !elements.is_null() {
        let used = elements.length(heap);
        for i in length..used {
            elements.set(heap, i, Value::HOLE);
        }
        if length < used {
            elements.set_length(heap, length);
        }
    }
    array.set_internal(heap, 0, Value::from_usize(length as usize));
}

/// Makes room for `count` elements in a simple array that has none yet, up to a bound, so that filling it does not copy.
pub(crate) fn reserve_elements(cx: &mut Context, array: Object, count: u64) -> Result<()> {
    const BOUND: u64 = 1 << 16;
    if count > 4 && is_simple_array(&cx.heap, array) && array.elements(&cx.heap).is_null() {
        let count = count.min(BOUND);
        cx.reserve(8 * count)?;
        array.set_elements(&cx.heap, cx.heap.new_values(count as u32));
    }
    Ok(())
}

/// The callback of a looping method, with what must stay alive while it runs: calls of it allow collection.
#[derive(Clone, Copy)]
pub(crate) struct Callback {
    function: Value,
    this: Value,
    prepared: Option<Prepared>,
}

impl Callback {
    /// If IsCallable(function) is false, throw a TypeError exception. For the native that calls this, and for no other that it calls.
    #[inline]
    pub(crate) fn new(cx: &mut Context, function: Value, this: Value) -> Result<Callback> {
        let function = require_callable(cx, function)?;
        Ok(Callback { function, this, prepared: cx.prepare_calls(function, MOST_ARGUMENTS) })
    }

    /// Runs a loop that keeps these values alive, besides the callback itself and the last element that it was called with.
    #[inline]
    pub(crate) fn rooted<T>(&self, cx: &mut Context, keep: &[Value], body: impl FnOnce(&mut Context) -> Result<T>) -> Result<T> {
        let base = cx.temporaries.len();
        cx.temporaries.extend_from_slice(keep);
        cx.temporaries.extend_from_slice(&[self.function, self.this, Value::UNDEFINED]);
        let result = body(cx);
        cx.pop_temporaries(base);
        result
    }

    /// Call(callback, thisArg, arguments), within [`Callback::rooted`].
    #[inline(always)]
    fn invoke<const N: usize>(&self, cx: &mut Context, this: Value, arguments: [Value; N]) -> Result<Value> {
        const { assert!(N <= MOST_ARGUMENTS) };
        match &self.prepared {
            Some(prepared) => cx.call_prepared(prepared, this, arguments),
            None => cx.call_collecting(self.function, this, &arguments),
        }
    }

    /// Call(callback, thisArg, « element, 𝔽(index), object »), within [`Callback::rooted`].
    #[inline(always)]
    pub(crate) fn call(&self, cx: &mut Context, element: Value, index: u64, object: Object) -> Result<Value> {
        cx.spend_fuel(1)?;
        if let Some(last) = cx.temporaries.last_mut() {
            *last = element;
        }
        self.invoke(cx, self.this, [element, number(index), object.value()])
    }

    /// Call(callback, undefined, « accumulator, element, 𝔽(index), object »), within [`Callback::rooted`].
    #[inline(always)]
    pub(crate) fn fold(&self, cx: &mut Context, accumulator: Value, element: Value, index: u64, object: Object) -> Result<Value> {
        cx.spend_fuel(1)?;
        self.invoke(cx, Value::UNDEFINED, [accumulator, element, number(index), object.value()])
    }

    /// Call(callback, thisArg, « value, 𝔽(index) »), within [`Callback::rooted`].
    #[inline(always)]
    pub(crate) fn map(&self, cx: &mut Context, value: Value, index: u64) -> Result<Value> {
        self.invoke(cx, self.this, [value, number(index)])
    }
}

/// Arguments of the callbacks with the most of them.
const MOST_ARGUMENTS: usize = 4;
