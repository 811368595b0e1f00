//! Indexed properties ("elements").
//!
//! An object's elements are a Values cell in one of two forms. *Dense*: value `i` is the element `i`, holes are absent elements, the
//! cell's length is the initialised length, and every element is writable, enumerable and configurable. *Sparse*
//! ([`object_flag::SPARSE_ELEMENTS`]): the cell's length field is 0, the number of entries lies at byte 12, and the values are triples
//! (index, value or accessor cell, attributes) in order of index. An array's `length` is a value of its own (internal slot 0) and may
//! exceed the initialised length.
//!
//! Invariant: whenever an object used as a prototype has indexed properties, the root `IndexedPrototypes` is set; while it is not, a hole
//! reads as undefined.

use super::{Object, attribute};
use crate::context::Context;
use crate::heap::{Heap, Kind, Ref, Root, Shape, Values, object_flag};
use crate::native::Result;
use crate::string::PropertyKey;
use crate::value::Value;

/// An index further than this past twice the initialised length makes elements sparse.
const DENSE_GAP: u32 = 1024;
/// Arrays up to this length keep dense elements wherever they are filled first.
const DENSE_ARRAY_LENGTH: u32 = 4 << 20;
/// Dense elements never exceed this capacity.
const DENSE_LIMIT: u32 = 1 << 28;
/// Flags of arrays that fast paths leave alone.
const UNUSUAL_ARRAY: u8 = object_flag::SPARSE_ELEMENTS
    | object_flag::NON_EXTENSIBLE
    | object_flag::LENGTH_READ_ONLY
    | object_flag::EXOTIC
    | object_flag::PROTOTYPE;
/// Byte offset of the number of entries in a sparse cell.
const SPARSE_COUNT: u32 = 12;

/// An own indexed property.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Element {
    /// The value, or the cell of an accessor pair.
    pub value: Value,
    /// Attributes; see [`attribute`].
    pub attributes: u8,
}

impl Heap {
    /// Whether some object that is used as a prototype may have indexed properties. While none has, holes read as undefined.
    #[inline(always)]
    pub fn has_indexed_prototypes(&self) -> bool {
        self.root_raw(Root::IndexedPrototypes) != 0
    }

    /// Whether no object that is used as a prototype has indexed properties, so that holes read as undefined.
    #[inline(always)]
    pub fn prototypes_lack_elements(&self) -> bool {
        !self.has_indexed_prototypes()
    }

    /// Notes that an object used as a prototype may have indexed properties.
    pub(crate) fn note_indexed_prototype(&self) {
        if !self.has_indexed_prototypes() {
            self.advance_shape_epoch();
            self.set_root_raw(Root::IndexedPrototypes, 1);
        }
    }
}

impl Object {
    /// The elements; null when there are none.
    #[inline(always)]
    pub fn elements(self, heap: &Heap) -> Ref<Values> {
        heap.load(self.offset() + 12)
    }

    /// Replaces the elements. The caller keeps to the form that the object's flags say.
    #[inline(always)]
    pub fn set_elements(self, heap: &Heap, elements: Ref<Values>) {
        heap.store(self.offset() + 12, elements);
    }

    /// Whether its elements are sparse.
    #[inline(always)]
    pub fn has_sparse_elements(self, heap: &Heap) -> bool {
        self.has_flag(heap, object_flag::SPARSE_ELEMENTS)
    }

    /// Initialised length of dense elements (0 when sparse).
    #[inline(always)]
    pub fn dense_length(self, heap: &Heap) -> u32 {
        let elements = self.elements(heap);
        if elements.is_null() { 0 } else { elements.length(heap) }
    }

    /// Own element `index` of dense elements; `None` for holes, past the end, and for sparse elements.
    #[inline(always)]
    pub fn dense_element(self, heap: &Heap, index: u32) -> Option<Value> {
        let elements = self.elements(heap);
        if elements.is_null() || index >= elements.length(heap) {
            return None;
        }
        let value: Value = heap.load(elements.slot(index));
        if value.is_hole() { None } else { Some(value) }
    }

    /// Overwrites a dense element that exists ([`Object::dense_element`] gave a value). Returns false when it does not.
    #[inline(always)]
    pub fn set_dense_element(self, heap: &Heap, index: u32, value: Value) -> bool {
        if self.dense_element(heap, index).is_none() {
            return false;
        }
        heap.store(self.elements(heap).slot(index), value);
        true
    }

    /// An array's length (meaningless for other kinds).
    #[inline(always)]
    pub fn array_length(self, heap: &Heap) -> u32 {
        let length = self.internal(heap, 0);
        if length.is_int() { length.as_int_unchecked() as u32 } else { length.as_number().unwrap_or(0.0) as u32 }
    }

    /// Sets an array's length without looking at its elements: the caller has made sure that none lie beyond.
    #[inline(always)]
    pub fn set_array_length_slot(self, heap: &Heap, length: u32) {
        self.set_internal(heap, 0, Value::from_usize(length as usize));
    }

    /// Sets the length of a plain dense array, dropping elements beyond it.
    pub fn set_array_length(self, heap: &Heap, length: u32) {
        self.truncate_dense(heap, length);
        self.set_array_length_slot(heap, length);
    }

    /// Whether it is an array that fast paths may treat as a list of `array_length` values in dense elements: an Array with dense
    /// elements, extensible, with writable length. An index without a [`Object::dense_element`] is a hole, which reads as undefined only
    /// while [`Heap::has_indexed_prototypes`] is false; this returns false otherwise.
    #[inline(always)]
    pub fn is_plain_dense_array(self, cx: &Context) -> bool {
        self.is(&cx.heap, Kind::Array) && self.flags(&cx.heap) & UNUSUAL_ARRAY == 0 && !cx.heap.has_indexed_prototypes()
    }

    /// Whether it is a plain dense array without holes: its `array_length` elements are all there.
    pub fn is_packed_array(self, cx: &Context) -> bool {
        if !self.is_plain_dense_array(cx) || self.array_length(&cx.heap) > self.dense_length(&cx.heap) {
            return false;
        }
        let elements = self.elements(&cx.heap);
        (0..self.array_length(&cx.heap)).all(|index| !cx.heap.load::<Value>(elements.slot(index)).is_hole())
    }

    /// Whether all enumerable own keys are in its shape: no elements, nothing exotic.
    pub(crate) fn has_only_shape_keys(self, heap: &Heap) -> bool {
        matches!(self.kind(heap), Kind::Object | Kind::Array | Kind::Closure | Kind::NativeFunction | Kind::Error | Kind::Map | Kind::Set)
            && !self.has_flag(heap, object_flag::EXOTIC)
            && !self.has_sparse_elements(heap)
            && self.dense_length(heap) == 0
    }

    /// Its shape, when that alone gives the enumerable own string keys, and in the order of OrdinaryOwnPropertyKeys: names that spell large
    /// array indices would come first.
    pub(crate) fn own_names_in_order(self, heap: &Heap) -> Option<Ref<Shape>> {
        let shape = self.shape(heap);
        if shape.is_dictionary(heap) || !self.has_only_shape_keys(heap) {
            return None;
        }
        let mut in_order = true;
        shape.for_each(heap, |name, _| in_order &= !name.is_large_index(heap));
        in_order.then_some(shape)
    }

    /// OPTIMIZATION: its shape, when what copying its enumerable own properties copies are data properties in the order of that shape: no
    /// accessor runs, and symbols do not come after names.
    pub(crate) fn shape_to_copy(self, heap: &Heap) -> Option<Ref<Shape>> {
        let shape = self.own_names_in_order(heap)?;
        let mut is_plain = true;
        shape.for_each(heap, |name, property| {
            is_plain &= property.attributes & attribute::ENUMERABLE == 0
                || property.attributes & (attribute::ACCESSOR | attribute::LAZY) == 0 && !name.is_symbol(heap);
        });
        is_plain.then_some(shape)
    }

    /// Appends all elements of a packed array to a plain dense array that the caller made.
    pub fn append_packed(self, cx: &mut Context, source: Object) -> Result<()> {
        let heap = &cx.heap;
        let (length, count) = (self.array_length(heap), source.array_length(heap));
        let from = source.elements(heap);
        if count == 0 || length != self.dense_length(heap) || length > DENSE_LIMIT - count.min(DENSE_LIMIT) {
            for i in 0..count {
                let value = cx.heap.load(from.slot(i));
                self.array_push(cx, value)?;
            }
            return Ok(());
        }
        let old = self.elements(heap);
        if length == 0 {
            // What a literal has room for besides this stays free behind it.
            let spare = if old.is_null() { 0 } else { old.capacity(heap).saturating_sub(1) };
            let to = heap.new_values(count.saturating_add(spare).min(DENSE_LIMIT));
            heap.cage().copy_within(from.slot(0), to.slot(0), 8 * count);
            to.set_length(heap, count);
            self.set_elements(heap, to);
        } else {
            self.reserve_elements(heap, length + count);
            let to = self.elements(heap);
            for i in 0..count {
                heap.store(to.slot(length + i), heap.load::<Value>(from.slot(i)));
            }
            to.set_length(heap, length + count);
        }
        self.set_array_length_slot(heap, length + count);
        Ok(())
    }

    /// Appends to an array that the caller made: `array[array.length] = value`, without looking at prototypes. TypeError when the array
    /// has been frozen meanwhile, RangeError when it is full.
    pub fn array_push(self, cx: &mut Context, value: Value) -> Result<()> {
        let heap = &cx.heap;
        let length = self.array_length(heap);
        let elements = self.elements(heap);
        if self.flags(heap) & UNUSUAL_ARRAY != 0 || length > PropertyKey::MAX_INDEX {
            if length == u32::MAX {
                return Err(cx.throw_range_error("Invalid array length"));
            }
            return cx.create_data_property_or_throw(self, heap.number_key(u64::from(length)), value);
        }
        if !elements.is_null() && elements.length(heap) == length && length < elements.capacity(heap) {
            heap.store(elements.slot(length), value);
            elements.set_length(heap, length + 1);
        } else {
            self.define_element(heap, length, value, attribute::ALL);
        }
        self.set_array_length_slot(heap, length + 1);
        Ok(())
    }

    /// Own element `index` in whatever form.
    #[inline]
    pub fn own_element(self, heap: &Heap, index: u32) -> Option<Element> {
        if self.has_sparse_elements(heap) {
            return match self.find_sparse(heap, index) {
                Ok(entry) => Some(self.sparse_entry(heap, entry).1),
                Err(_) => None,
            };
        }
        self.dense_element(heap, index).map(|value| Element { value, attributes: attribute::ALL })
    }

    /// Overwrites the value of an own element that exists, in whatever form.
    pub fn set_own_element(self, heap: &Heap, index: u32, value: Value) {
        if !self.has_sparse_elements(heap) {
            self.set_dense_element(heap, index, value);
        } else if let Ok(entry) = self.find_sparse(heap, index) {
            self.elements(heap).set(heap, 3 * entry + 1, value);
        }
    }

    /// Adds or replaces element `index`. Does not touch an array's length.
    pub fn define_element(self, heap: &Heap, index: u32, value: Value, attributes: u8) {
        if self.has_flag(heap, object_flag::PROTOTYPE) {
            heap.note_indexed_prototype();
        }
        if !self.has_sparse_elements(heap) {
            if attributes == attribute::ALL && self.make_room(heap, index) {
                let elements = self.elements(heap);
                heap.store(elements.slot(index), value);
                if elements.length(heap) <= index {
                    elements.set_length(heap, index + 1);
                }
                return;
            }
            self.make_elements_sparse(heap);
        }
        self.define_sparse(heap, index, value, attributes);
    }

    /// Makes dense elements large enough for `index`; false when they should become sparse instead.
    fn make_room(self, heap: &Heap, index: u32) -> bool {
        let elements = self.elements(heap);
        let (length, capacity) = if elements.is_null() { (0, 0) } else { (elements.length(heap), elements.capacity(heap)) };
        if index < capacity {
            return true;
        }
        let wanted = if index <= length.saturating_mul(2).saturating_add(DENSE_GAP) {
            (index + 1).max(capacity.saturating_add(capacity / 2)).max(4)
        } else if self.is(heap, Kind::Array) && index < self.array_length(heap) && self.array_length(heap) <= DENSE_ARRAY_LENGTH {
            self.array_length(heap)
        } else {
            return false;
        };
        if wanted > DENSE_LIMIT || (wanted > 1 << 16 && index > length && !heap.has_room(8 * u64::from(wanted))) {
            return false;
        }
        let grown = if elements.is_null() { heap.new_values(wanted) } else { elements.grown(heap, wanted) };
        self.set_elements(heap, grown);
        true
    }

    /// Makes sure that dense elements have room for `capacity` values; for natives that are about to append many.
    pub fn reserve_elements(self, heap: &Heap, capacity: u32) {
        if self.has_sparse_elements(heap) {
            return;
        }
        let elements = self.elements(heap);
        if elements.is_null() {
            if capacity > 0 {
                self.set_elements(heap, heap.new_values(capacity.min(DENSE_LIMIT)));
            }
        } else if elements.capacity(heap) < capacity {
            self.set_elements(heap, elements.grown(heap, capacity.min(DENSE_LIMIT)));
        }
    }

    /// Removes element `index` if it exists.
    pub fn remove_element(self, heap: &Heap, index: u32) {
        let elements = self.elements(heap);
        if elements.is_null() {
            return;
        }
        if self.has_sparse_elements(heap) {
            if let Ok(entry) = self.find_sparse(heap, index) {
                let count = self.sparse_count(heap);
                heap.cage().copy_within(elements.slot(3 * (entry + 1)), elements.slot(3 * entry), 24 * (count - entry - 1));
                for value in 3 * (count - 1)..3 * count {
                    elements.set(heap, value, Value::HOLE);
                }
                self.set_sparse_count(heap, count - 1);
            }
            return;
        }
        let length = elements.length(heap);
        if index >= length {
            return;
        }
        heap.store(elements.slot(index), Value::HOLE);
        if index + 1 == length {
            elements.set_length(heap, index);
        }
    }

    /// Drops dense elements from `length` on, so that their values can be collected.
    pub fn truncate_dense(self, heap: &Heap, length: u32) {
        let elements = self.elements(heap);
        if elements.is_null() || elements.length(heap) <= length {
            return;
        }
        if length == 0 {
            self.set_elements(heap, Ref::NULL);
            return;
        }
        for index in length..elements.length(heap) {
            heap.store(elements.slot(index), Value::HOLE);
        }
        elements.set_length(heap, length);
    }

    /// Deletes elements from the end down to `length`. Stops at one that is not configurable and returns the length that remains then.
    pub(crate) fn truncate_elements(self, heap: &Heap, length: u32) -> std::result::Result<(), u32> {
        if !self.has_sparse_elements(heap) {
            self.truncate_dense(heap, length);
            return Ok(());
        }
        let elements = self.elements(heap);
        let mut count = self.sparse_count(heap);
        let mut outcome = Ok(());
        while count > 0 {
            let (index, element) = self.sparse_entry(heap, count - 1);
            if index < length {
                break;
            }
            if element.attributes & attribute::CONFIGURABLE == 0 {
                outcome = Err(index + 1);
                break;
            }
            count -= 1;
            for value in 3 * count..3 * count + 3 {
                elements.set(heap, value, Value::HOLE);
            }
        }
        self.set_sparse_count(heap, count);
        outcome
    }

    /// Indices of all elements, ascending.
    pub fn element_indices(self, heap: &Heap) -> Vec<u32> {
        let elements = self.elements(heap);
        if elements.is_null() {
            return Vec::new();
        }
        if self.has_sparse_elements(heap) {
            return (0..self.sparse_count(heap)).map(|entry| self.sparse_entry(heap, entry).0).collect();
        }
        (0..elements.length(heap)).filter(|&index| !heap.load::<Value>(elements.slot(index)).is_hole()).collect()
    }

    /// Whether it has, or may come to have without notice, indexed properties: what matters of an object that becomes a prototype.
    pub(crate) fn may_have_indexed_properties(self, heap: &Heap) -> bool {
        if self.has_flag(heap, object_flag::EXOTIC) {
            // %String.prototype% wraps the empty string.
            return !(self.is(heap, Kind::PrimitiveWrapper) && self.internal(heap, 0).as_string().is_some_and(|text| text.is_empty(heap)));
        }
        self.has_elements(heap)
    }

    /// Whether it has any element.
    pub(crate) fn has_elements(self, heap: &Heap) -> bool {
        let elements = self.elements(heap);
        !elements.is_null() && (elements.length(heap) > 0 || (self.has_sparse_elements(heap) && self.sparse_count(heap) > 0))
    }

    /// Changes the attributes of all elements, which become sparse.
    pub(crate) fn change_element_attributes(self, heap: &Heap, change: impl Fn(u8) -> u8) {
        if !self.has_elements(heap) {
            return;
        }
        self.make_elements_sparse(heap);
        for entry in 0..self.sparse_count(heap) {
            let (_, element) = self.sparse_entry(heap, entry);
            self.elements(heap).set(heap, 3 * entry + 2, Value::int(i32::from(change(element.attributes))));
        }
        // All were holes.
        self.set_sparse_count(heap, self.sparse_count(heap));
    }

    /// Turns dense elements into sparse ones.
    pub(crate) fn make_elements_sparse(self, heap: &Heap) {
        if self.has_sparse_elements(heap) {
            return;
        }
        let indices = self.element_indices(heap);
        let count = indices.len() as u32;
        let sparse = heap.new_values(3 * (count + 2));
        for (entry, &index) in indices.iter().enumerate() {
            let value = self.dense_element(heap, index).unwrap_or(Value::UNDEFINED);
            write_entry(heap, sparse, entry as u32, index, value, attribute::ALL);
        }
        heap.store::<u32>(sparse.offset() + SPARSE_COUNT, count);
        self.set_elements(heap, sparse);
        self.add_flags(heap, object_flag::SPARSE_ELEMENTS);
    }

    /// Turns sparse elements that have become numerous into dense ones, if their attributes allow it.
    fn try_make_dense(self, heap: &Heap) {
        let count = self.sparse_count(heap);
        let (last, _) = self.sparse_entry(heap, count - 1);
        if last >= count.saturating_mul(4).saturating_add(DENSE_GAP) || last >= DENSE_LIMIT {
            return;
        }
        let entries: Vec<(u32, Element)> = (0..count).map(|entry| self.sparse_entry(heap, entry)).collect();
        if entries.iter().any(|(_, element)| element.attributes != attribute::ALL) {
            return;
        }
        let dense = heap.new_values(last + 1 + last / 4);
        for (index, element) in entries {
            dense.set(heap, index, element.value);
        }
        dense.set_length(heap, last + 1);
        self.set_elements(heap, dense);
        self.remove_flags(heap, object_flag::SPARSE_ELEMENTS);
    }

    /// Number of sparse entries.
    pub(crate) fn sparse_count(self, heap: &Heap) -> u32 {
        let elements = self.elements(heap);
        if elements.is_null() { 0 } else { heap.load(elements.offset() + SPARSE_COUNT) }
    }

    /// Sets the number of sparse entries. Elements of which none are left become dense: code that appends to dense elements looks only at
    /// lengths, and those of an empty sparse cell would look right.
    fn set_sparse_count(self, heap: &Heap, count: u32) {
        if count == 0 {
            self.set_elements(heap, Ref::NULL);
            self.remove_flags(heap, object_flag::SPARSE_ELEMENTS);
        } else {
            heap.store::<u32>(self.elements(heap).offset() + SPARSE_COUNT, count);
        }
    }

    fn sparse_entry(self, heap: &Heap, entry: u32) -> (u32, Element) {
        let elements = self.elements(heap);
        let index = elements.get(heap, 3 * entry).as_int_unchecked() as u32;
        let attributes = elements.get(heap, 3 * entry + 2).as_int_unchecked() as u8;
        (index, Element { value: elements.get(heap, 3 * entry + 1), attributes })
    }

    /// Entry of an index, or where it would go.
    fn find_sparse(self, heap: &Heap, index: u32) -> std::result::Result<u32, u32> {
        let elements = self.elements(heap);
        let (mut low, mut high) = (0, self.sparse_count(heap));
        while low < high {
            let middle = low + (high - low) / 2;
            let known = elements.get(heap, 3 * middle).as_int_unchecked() as u32;
            match known.cmp(&index) {
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }

    fn define_sparse(self, heap: &Heap, index: u32, value: Value, attributes: u8) {
        let entry = match self.find_sparse(heap, index) {
            Ok(entry) => {
                write_entry(heap, self.elements(heap), entry, index, value, attributes);
                return;
            }
            Err(entry) => entry,
        };
        let count = self.sparse_count(heap);
        let mut elements = self.elements(heap);
        if elements.is_null() || 3 * (count + 1) > elements.capacity(heap) {
            let grown = heap.new_values(3 * (count + count / 2 + 4));
            if !elements.is_null() {
                heap.cage().copy_within(elements.slot(0), grown.slot(0), 24 * count);
            }
            self.set_elements(heap, grown);
            elements = grown;
        }
        heap.cage().copy_within(elements.slot(3 * entry), elements.slot(3 * (entry + 1)), 24 * (count - entry));
        write_entry(heap, elements, entry, index, value, attributes);
        heap.store::<u32>(elements.offset() + SPARSE_COUNT, count + 1);
        if count + 1 >= 64 && (count + 1).is_power_of_two() {
            self.try_make_dense(heap);
        }
    }
}

fn write_entry(heap: &Heap, elements: Ref<Values>, entry: u32, index: u32, value: Value, attributes: u8) {
    debug_assert!(index <= PropertyKey::MAX_INDEX);
    elements.set(heap, 3 * entry, Value::int(index as i32));
    elements.set(heap, 3 * entry + 1, value);
    elements.set(heap, 3 * entry + 2, Value::int(i32::from(attributes)));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::heap::HeapLimits;

    fn heap() -> Heap {
        let heap = Heap::new(None, HeapLimits::default()).expect("address space for a cage");
        heap.init_atoms(7);
        heap
    }

    fn array(heap: &Heap) -> Object {
        let array = heap.new_object_with_prototype(Kind::Array, None);
        array.set_array_length_slot(heap, 0);
        array
    }

    /// Numbers that look random, the same in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: u32) -> u32 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 33) % u64::from(limit)) as u32
        }
    }

    fn check(heap: &Heap, object: Object, model: &BTreeMap<u32, (i32, u8)>) {
        let keys: Vec<u32> = model.keys().copied().collect();
        assert_eq!(object.element_indices(heap), keys);
        for (&index, &(value, attributes)) in model {
            assert_eq!(object.own_element(heap, index), Some(Element { value: Value::int(value), attributes }), "element {index}");
        }
    }

    #[test]
    fn behaves_like_a_map_whatever_its_form() {
        for seed in 0..40 {
            let heap = heap();
            let object = array(&heap);
            let mut numbers = Numbers(seed);
            let mut model: BTreeMap<u32, (i32, u8)> = BTreeMap::new();
            // Some runs stay dense, some jump far, some change attributes.
            let (spread, odd_attributes) = [(50, false), (5_000, false), (PropertyKey::MAX_INDEX, false), (300, true)][seed as usize % 4];
            for step in 0..400 {
                let index = numbers.below(spread);
                match numbers.below(10) {
                    0..=5 => {
                        let attributes = if odd_attributes && numbers.below(8) == 0 { attribute::ENUMERABLE } else { attribute::ALL };
                        object.define_element(&heap, index, Value::int(step), attributes);
                        model.insert(index, (step, attributes));
                    }
                    6 | 7 => {
                        object.remove_element(&heap, index);
                        model.remove(&index);
                    }
                    8 => {
                        object.set_own_element(&heap, index, Value::int(-step));
                        if let Some(entry) = model.get_mut(&index) {
                            entry.0 = -step;
                        }
                    }
                    _ if numbers.below(4) == 0 => {
                        let result = object.truncate_elements(&heap, index);
                        let stop = model.range(index..).rev().find(|(_, entry)| entry.1 & attribute::CONFIGURABLE == 0).map(|(&at, _)| at);
                        assert_eq!(result, stop.map_or(Ok(()), |at| Err(at + 1)));
                        let from = stop.map_or(index, |at| at + 1);
                        model.retain(|&at, _| at < from);
                    }
                    _ => assert_eq!(object.own_element(&heap, index).is_some(), model.contains_key(&index)),
                }
            }
            check(&heap, object, &model);
        }
    }

    #[test]
    fn a_far_index_makes_elements_sparse_and_filling_makes_them_dense_again() {
        let heap = heap();
        let object = array(&heap);
        object.define_element(&heap, 3_000_000, Value::int(1), attribute::ALL);
        assert!(object.has_sparse_elements(&heap));
        assert_eq!(object.dense_length(&heap), 0);
        object.remove_element(&heap, 3_000_000);
        assert!(!object.has_sparse_elements(&heap), "no element is left to be sparse");
        object.define_element(&heap, 2_000, Value::int(1), attribute::ALL);
        assert!(object.has_sparse_elements(&heap));
        for index in 0..600 {
            object.define_element(&heap, index, Value::int(2), attribute::ALL);
        }
        assert!(!object.has_sparse_elements(&heap));
        assert_eq!(object.dense_element(&heap, 2_000), Some(Value::int(1)));
        assert_eq!(object.dense_element(&heap, 1_999), None);
    }

    #[test]
    fn an_array_of_known_length_may_be_filled_from_the_end() {
        let heap = heap();
        let object = array(&heap);
        object.set_array_length_slot(&heap, 100_000);
        object.define_element(&heap, 99_999, Value::int(5), attribute::ALL);
        assert!(!object.has_sparse_elements(&heap));
        assert_eq!(object.element_indices(&heap), [99_999]);
    }

    #[test]
    fn elements_of_prototypes_are_noted() {
        let heap = heap();
        let parent = heap.new_object_with_prototype(Kind::Object, None);
        let child = heap.new_object_with_prototype(Kind::Object, Some(parent));
        child.define_element(&heap, 0, Value::int(1), attribute::ALL);
        assert!(!heap.has_indexed_prototypes());
        let epoch = heap.shape_epoch();
        let _ = heap.new_object_with_prototype(Kind::Object, Some(child));
        assert!(heap.has_indexed_prototypes(), "an object with elements became a prototype");
        assert_ne!(heap.shape_epoch(), epoch);
    }

    #[test]
    fn elements_added_to_a_prototype_are_noted() {
        let heap = heap();
        let parent = heap.new_object_with_prototype(Kind::Object, None);
        let _ = heap.new_object_with_prototype(Kind::Object, Some(parent));
        assert!(!heap.has_indexed_prototypes());
        parent.define_element(&heap, 7, Value::int(1), attribute::ALL);
        assert!(heap.has_indexed_prototypes());
    }
}
