//! Own properties of objects that are neither proxies nor module namespaces: finding, adding, changing and removing them without running
//! JS. What the specification's ordinary internal methods build on.

use super::{Object, Property, PropertyDescriptor, attribute, typed_elements};
use crate::context::Context;
use crate::heap::{Environment, Heap, Kind, Values, object_flag};
use crate::native::Result;
use crate::string::{JsString, PropertyKey, atoms::key, parse_array_index};
use crate::value::Value;

/// Where an own property is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place {
    /// A slot of the shape.
    Slot(Property),
    /// An element.
    Element(u32),
    /// An element of a mapped arguments object that stands for a parameter.
    Mapped(u32),
    /// An element of a typed array.
    Typed(u32),
    /// `length` of an array.
    ArrayLength,
    /// A character or the length of a string object.
    Character,
}

/// An own property that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OwnProperty {
    /// Its value, or the cell of its accessor pair.
    pub value: Value,
    /// Its attributes.
    pub attributes: u8,
    /// Where it is.
    pub place: Place,
}

impl OwnProperty {
    /// Whether it is an accessor property.
    #[inline(always)]
    pub fn is_accessor(&self) -> bool {
        self.attributes & attribute::ACCESSOR != 0
    }

    /// Whether it has all of these attributes.
    #[inline(always)]
    pub fn has(&self, attributes: u8) -> bool {
        self.attributes & attributes == attributes
    }

    /// The getter: an object or undefined.
    pub fn getter(&self, heap: &Heap) -> Value {
        self.value.as_cell::<Values>().map_or(Value::UNDEFINED, |pair| pair.get(heap, 0))
    }

    /// The setter: an object or undefined.
    pub fn setter(&self, heap: &Heap) -> Value {
        self.value.as_cell::<Values>().map_or(Value::UNDEFINED, |pair| pair.get(heap, 1))
    }

    /// As a complete property descriptor.
    pub fn descriptor(&self, heap: &Heap) -> PropertyDescriptor {
        if self.is_accessor() {
            PropertyDescriptor::accessor(self.getter(heap), self.setter(heap), self.attributes)
        } else {
            PropertyDescriptor::data(self.value, self.attributes)
        }
    }
}

/// The array index that a key which is no index key spells: those from 2³¹ on are kept as atoms.
pub(crate) fn large_array_index(heap: &Heap, key: PropertyKey) -> Option<u32> {
    if key.is_index() || key.is_symbol(heap) {
        return None;
    }
    let atom = JsString::from_offset(key.bits());
    // 2147483648 has ten digits.
    if atom.length(heap) == 10 { parse_array_index(atom.units(heap)) } else { None }
}

/// Any array index that a key spells.
pub(crate) fn array_index(heap: &Heap, key: PropertyKey) -> Option<u32> {
    key.as_index().or_else(|| large_array_index(heap, key))
}

impl Object {
    /// Whether it is a String exotic object.
    pub(crate) fn string_data(self, heap: &Heap) -> Option<JsString> {
        if self.is(heap, Kind::PrimitiveWrapper) { self.internal(heap, 0).as_string() } else { None }
    }

    /// For mapped arguments: environment and slot of the parameter that index `index` stands for.
    pub(crate) fn mapped_parameter(self, heap: &Heap, index: u32) -> Option<(crate::heap::Ref<Environment>, u32)> {
        if !self.is(heap, Kind::Arguments) {
            return None;
        }
        let environment = self.internal(heap, 0).as_cell::<Environment>()?;
        let map = self.internal(heap, 1).as_cell::<Values>()?;
        if index >= map.length(heap) {
            return None;
        }
        let slot = map.get(heap, index).as_int()?;
        Some((environment, slot as u32))
    }

    /// For mapped arguments: makes index `index` an element of its own.
    pub(crate) fn unmap_parameter(self, heap: &Heap, index: u32) {
        if let Some(map) = self.internal(heap, 1).as_cell::<Values>()
            && index < map.length(heap)
        {
            map.set(heap, index, Value::HOLE);
        }
    }
}

impl Context {
    /// Finds an own property. Not for proxies and module namespaces; for typed arrays, a key that is a canonical numeric string but no
    /// valid index is not found.
    #[inline]
    pub(crate) fn find_own(&mut self, object: Object, name: PropertyKey) -> Result<Option<OwnProperty>> {
        let heap = &self.heap;
        if let Some(index) = name.as_index() {
            if object.has_flag(heap, object_flag::EXOTIC) {
                return Ok(find_exotic_element(heap, object, index));
            }
            return Ok(object.own_element(heap, index).map(|element| OwnProperty {
                value: element.value,
                attributes: element.attributes,
                place: Place::Element(index),
            }));
        }
        if let Some(property) = object.shape(heap).lookup(heap, name) {
            if property.attributes & attribute::LAZY != 0 {
                return Ok(self.find_lazy(object, name));
            }
            let value = object.slot_value(heap, property.slot);
            return Ok(Some(OwnProperty { value, attributes: property.attributes, place: Place::Slot(property) }));
        }
        if name == key::length {
            return Ok(find_length(heap, object));
        }
        Ok(None)
    }

    #[cold]
    fn find_lazy(&mut self, object: Object, name: PropertyKey) -> Option<OwnProperty> {
        crate::realm::function::materialise_lazy(self, object, name);
        let heap = &self.heap;
        object.shape(heap).lookup(heap, name).map(|property| OwnProperty {
            value: object.slot_value(heap, property.slot),
            attributes: property.attributes & !attribute::LAZY,
            place: Place::Slot(property),
        })
    }

    /// Adds an own property that the object does not have. The caller has checked that it may, and takes care of an array's length.
    pub(crate) fn add_own(&mut self, object: Object, name: PropertyKey, value: Value, attributes: u8) -> Result<()> {
        let Some(index) = name.as_index() else {
            let heap = &self.heap;
            let shape = object.shape(heap);
            // The global object has more properties than that from the start, and its slots are cached wherever a global is named.
            if shape.count(heap) >= super::shape::DICTIONARY_FROM && !shape.is_dictionary(heap) && object != self.global() {
                object.make_dictionary(heap);
            }
            object.add_property(heap, name, value, attributes);
            return Ok(());
        };
        object.define_element(&self.heap, index, value, attributes);
        if object.has_sparse_elements(&self.heap) {
            // Entries behind the new one were moved.
            let moved = u64::from(object.sparse_count(&self.heap) / 64);
            return self.spend_fuel(moved);
        }
        Ok(())
    }

    /// Gives an own property that was found another value. Not for `length` of arrays and for typed arrays, whose values are converted.
    pub(crate) fn store_own(&mut self, object: Object, place: Place, value: Value) {
        let heap = &self.heap;
        match place {
            Place::Slot(property) => {
                object.set_slot_value(heap, property.slot, value);
                crate::realm::function::forget_instance_shape(heap, object);
            }
            Place::Element(index) => object.set_own_element(heap, index, value),
            Place::Mapped(index) => {
                if let Some((environment, slot)) = object.mapped_parameter(heap, index) {
                    environment.set(heap, slot, value);
                }
                object.set_own_element(heap, index, value);
            }
            // Only an equal value passes the checks before.
            Place::Character => {}
            Place::Typed(_) | Place::ArrayLength => debug_assert!(false, "stored elsewhere"),
        }
    }

    /// Gives an own property that was found another value and other attributes.
    pub(crate) fn redefine_own(&mut self, object: Object, place: Place, value: Value, attributes: u8) {
        let heap = &self.heap;
        match place {
            Place::Slot(property) => {
                object.set_property_attributes(heap, property, attributes);
                object.set_slot_value(heap, property.slot, value);
                crate::realm::function::forget_instance_shape(heap, object);
            }
            Place::Element(index) | Place::Mapped(index) => object.define_element(heap, index, value, attributes),
            Place::Typed(_) | Place::ArrayLength | Place::Character => debug_assert!(false, "defined elsewhere"),
        }
    }

    /// Removes an own property that was found and is configurable.
    pub(crate) fn remove_own(&mut self, object: Object, place: Place) {
        match place {
            Place::Slot(property) => object.remove_property(&self.heap, property),
            Place::Element(index) => object.remove_element(&self.heap, index),
            Place::Mapped(index) => {
                object.unmap_parameter(&self.heap, index);
                object.remove_element(&self.heap, index);
            }
            Place::Typed(_) | Place::ArrayLength | Place::Character => debug_assert!(false, "not configurable"),
        }
    }

    /// A new accessor pair, as kept in slots.
    pub(crate) fn new_accessor_pair(&self, getter: Value, setter: Value) -> Value {
        Value::cell(self.heap.new_values_from(&[getter, setter]))
    }

    /// Own keys in the order of OrdinaryOwnPropertyKeys, strings of string objects and indices of typed arrays included.
    pub(crate) fn own_keys_unobserved(&self, object: Object) -> Vec<PropertyKey> {
        let heap = &self.heap;
        let mut keys: Vec<PropertyKey> = Vec::new();
        let mut has_length = false;
        match object.kind(heap) {
            Kind::Array => has_length = true,
            Kind::PrimitiveWrapper => {
                if let Some(text) = object.string_data(heap) {
                    keys.extend((0..text.length(heap)).map(PropertyKey::index));
                    has_length = true;
                }
            }
            Kind::TypedArray => {
                let length = typed_elements::length(heap, object).unwrap_or(0);
                keys.extend((0..length.min(PropertyKey::MAX_INDEX)).map(PropertyKey::index));
            }
            _ => {}
        }
        let mut indices = object.element_indices(heap);
        if object.is(heap, Kind::Arguments)
            && let Some(map) = object.internal(heap, 1).as_cell::<Values>()
        {
            // Mapped elements live in the environment; their places among the elements are holes, or hold their attributes.
            indices.extend((0..map.length(heap)).filter(|&index| object.mapped_parameter(heap, index).is_some()));
            indices.sort_unstable();
            indices.dedup();
        }
        keys.extend(indices.into_iter().map(PropertyKey::index));
        let first_string = keys.len();
        if has_length {
            keys.push(key::length);
        }
        let mut symbols = Vec::new();
        let mut large = Vec::new();
        object.shape(heap).for_each(heap, |name, _| {
            if name.is_symbol(heap) {
                if !name.is_private(heap) {
                    symbols.push(name);
                }
            } else if let Some(index) = large_array_index(heap, name) {
                large.push((index, name));
            } else {
                keys.push(name);
            }
        });
        if !large.is_empty() {
            large.sort_by_key(|&(index, _)| index);
            keys.splice(first_string..first_string, large.into_iter().map(|(_, name)| name));
        }
        keys.append(&mut symbols);
        keys
    }
}

fn find_exotic_element(heap: &Heap, object: Object, index: u32) -> Option<OwnProperty> {
    match object.kind(heap) {
        Kind::TypedArray => {
            let value = typed_elements::get(heap, object, index)?;
            return Some(OwnProperty { value, attributes: attribute::ALL, place: Place::Typed(index) });
        }
        Kind::PrimitiveWrapper => {
            if let Some(text) = object.string_data(heap)
                && index < text.length(heap)
            {
                let value = heap.single_unit(text.unit_at(heap, index)).value();
                return Some(OwnProperty { value, attributes: attribute::ENUMERABLE, place: Place::Character });
            }
        }
        Kind::Arguments => {
            if let Some((environment, slot)) = object.mapped_parameter(heap, index) {
                let attributes = object.own_element(heap, index).map_or(attribute::ALL, |element| element.attributes);
                return Some(OwnProperty { value: environment.get(heap, slot), attributes, place: Place::Mapped(index) });
            }
        }
        _ => {}
    }
    let element = object.own_element(heap, index)?;
    Some(OwnProperty { value: element.value, attributes: element.attributes, place: Place::Element(index) })
}

fn find_length(heap: &Heap, object: Object) -> Option<OwnProperty> {
    if object.is(heap, Kind::Array) {
        let read_only = object.has_flag(heap, object_flag::LENGTH_READ_ONLY);
        let attributes = if read_only { attribute::NONE } else { attribute::WRITABLE };
        return Some(OwnProperty { value: object.internal(heap, 0), attributes, place: Place::ArrayLength });
    }
    let text = object.string_data(heap)?;
    let value = Value::from_usize(text.length(heap) as usize);
    Some(OwnProperty { value, attributes: attribute::NONE, place: Place::Character })
}
