//! Exotic objects: what arrays, arguments, typed arrays and module namespaces do differently.
//! https://tc39.es/ecma262/#sec-built-in-exotic-object-internal-methods-and-slots

use super::own::{Place, array_index, large_array_index};
use super::{Object, PropertyDescriptor, attribute, typed_elements};
use crate::context::Context;
use crate::heap::{Values, object_flag};
use crate::native::Result;
use crate::string::{PropertyKey, atoms::key};
use crate::value::Value;

impl Context {
    // 10.4.2.1 [[DefineOwnProperty]] ( P, Desc ) of arrays, https://tc39.es/ecma262/#sec-array-exotic-objects-defineownproperty-p-desc
    pub(super) fn array_define(&mut self, array: Object, name: PropertyKey, descriptor: &PropertyDescriptor) -> Result<bool> {
        if name == key::length {
            return self.array_set_length(array, descriptor);
        }
        let Some(index) = array_index(&self.heap, name) else { return self.ordinary_define(array, name, descriptor) };
        let beyond = index >= array.array_length(&self.heap);
        if beyond && array.has_flag(&self.heap, object_flag::LENGTH_READ_ONLY) {
            return Ok(false);
        }
        if !self.ordinary_define(array, name, descriptor)? {
            return Ok(false);
        }
        if beyond {
            array.set_array_length_slot(&self.heap, index + 1);
        }
        Ok(true)
    }

    // 10.4.2.4 ArraySetLength ( A, Desc ), https://tc39.es/ecma262/#sec-arraysetlength
    pub(super) fn array_set_length(&mut self, array: Object, descriptor: &PropertyDescriptor) -> Result<bool> {
        let current = |cx: &Context| {
            let read_only = array.has_flag(&cx.heap, object_flag::LENGTH_READ_ONLY);
            PropertyDescriptor::data(array.internal(&cx.heap, 0), if read_only { attribute::NONE } else { attribute::WRITABLE })
        };
        let Some(wanted) = descriptor.value else {
            if !self.is_compatible_descriptor(true, descriptor, Some(&current(self))) {
                return Ok(false);
            }
            if descriptor.writable == Some(false) {
                self.make_length_read_only(array);
            }
            return Ok(true);
        };
        let new_length = self.to_uint32(wanted)?;
        let number = self.to_number(wanted)?;
        if f64::from(new_length) != number {
            return Err(self.throw_range_error("Invalid array length"));
        }
        let descriptor = PropertyDescriptor { value: Some(Value::from_usize(new_length as usize)), ..*descriptor };
        if !self.is_compatible_descriptor(true, &descriptor, Some(&current(self))) {
            return Ok(false);
        }
        let old_length = array.array_length(&self.heap);
        let mut complete = true;
        if new_length < old_length {
            let reached = self.delete_elements_from(array, new_length, old_length)?;
            complete = reached == new_length;
            array.set_array_length_slot(&self.heap, reached);
        } else {
            array.set_array_length_slot(&self.heap, new_length);
        }
        if descriptor.writable == Some(false) {
            self.make_length_read_only(array);
        }
        Ok(complete)
    }

    fn make_length_read_only(&mut self, array: Object) {
        array.add_flags(&self.heap, object_flag::LENGTH_READ_ONLY);
        array.note_structural_change(&self.heap);
    }

    /// Deletes elements from the end down to `new_length`; returns the length at which one that is not configurable stopped it.
    fn delete_elements_from(&mut self, array: Object, new_length: u32, old_length: u32) -> Result<u32> {
        if old_length > PropertyKey::MAX_INDEX {
            // Indices from 2³¹ on are kept as named properties.
            let mut large = Vec::new();
            array.shape(&self.heap).for_each(&self.heap, |name, _| {
                if let Some(index) = large_array_index(&self.heap, name)
                    && index >= new_length
                {
                    large.push((index, name));
                }
            });
            large.sort_by_key(|&(index, _)| std::cmp::Reverse(index));
            for (index, name) in large {
                if !self.delete(array, name)? {
                    return Ok(index + 1);
                }
            }
        }
        Ok(match array.truncate_elements(&self.heap, new_length) {
            Ok(()) => new_length,
            Err(remaining) => remaining,
        })
    }

    // 10.4.4.2 [[DefineOwnProperty]] ( P, Desc ) of arguments, https://tc39.es/ecma262/#sec-arguments-exotic-objects-defineownproperty-p-desc
    pub(super) fn arguments_define(&mut self, object: Object, name: PropertyKey, descriptor: &PropertyDescriptor) -> Result<bool> {
        let found = self.find_own(object, name)?;
        let mapped = match found {
            Some(found) => match found.place {
                Place::Mapped(index) => Some((index, found.value)),
                _ => None,
            },
            None => None,
        };
        let Some((index, current)) = mapped else { return self.ordinary_define(object, name, descriptor) };
        // A mapped element that becomes read-only keeps the parameter's present value.
        let mut applied = *descriptor;
        if descriptor.is_data() && descriptor.value.is_none() && descriptor.writable == Some(false) {
            applied.value = Some(current);
        }
        // The element itself may hold an older value than the parameter: let it be seen as an ordinary property with the present one.
        object.set_own_element(&self.heap, index, current);
        if !self.ordinary_define(object, name, &applied)? {
            return Ok(false);
        }
        if descriptor.is_accessor() {
            object.unmap_parameter(&self.heap, index);
            return Ok(true);
        }
        if let Some(value) = descriptor.value
            && let Some((environment, slot)) = object.mapped_parameter(&self.heap, index)
        {
            environment.set(&self.heap, slot, value);
        }
        if descriptor.writable == Some(false) {
            object.unmap_parameter(&self.heap, index);
        }
        Ok(true)
    }

    // 10.4.5.4 [[DefineOwnProperty]] ( P, Desc ) of typed arrays, https://tc39.es/ecma262/#sec-typedarray-defineownproperty
    pub(super) fn typed_array_define(&mut self, array: Object, index: Option<u32>, descriptor: &PropertyDescriptor) -> Result<bool> {
        let valid = index.is_some_and(|index| typed_elements::length(&self.heap, array).is_some_and(|length| index < length));
        if !valid
            || descriptor.configurable == Some(false)
            || descriptor.enumerable == Some(false)
            || descriptor.is_accessor()
            || descriptor.writable == Some(false)
        {
            return Ok(false);
        }
        match descriptor.value {
            Some(value) => self.typed_array_set_element(array, index, value),
            None => Ok(true),
        }
    }

    // ── module namespaces, https://tc39.es/ecma262/#sec-module-namespace-exotic-objects ──

    /// Number of the export that a string key names.
    fn namespace_export(&self, namespace: Object, name: PropertyKey) -> Option<u32> {
        let heap = &self.heap;
        let names = namespace.internal(heap, 0).as_cell::<Values>()?;
        let wanted = name.to_value(heap).as_string()?;
        let (mut low, mut high) = (0, names.length(heap));
        while low < high {
            let middle = low + (high - low) / 2;
            match names.get(heap, middle).as_string()?.compare(wanted, heap) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Evaluates the module of a deferred namespace that is asked for a property; `then` is never one of its exports.
    /// https://tc39.es/proposal-defer-import-eval/#sec-IsSymbolLikeNamespaceKey
    fn expose_exports(&mut self, namespace: Object, name: PropertyKey) -> Result<()> {
        if name == key::then { Ok(()) } else { self.evaluate_deferred(namespace) }
    }

    // 10.4.6.7 [[HasProperty]] ( P ), https://tc39.es/ecma262/#sec-module-namespace-exotic-objects-hasproperty-p
    pub(super) fn namespace_has(&mut self, namespace: Object, name: PropertyKey) -> Result<bool> {
        self.expose_exports(namespace, name)?;
        Ok(self.namespace_export(namespace, name).is_some())
    }

    // 10.4.6.8 [[Get]] ( P, Receiver ), https://tc39.es/ecma262/#sec-module-namespace-exotic-objects-get-p-receiver
    pub(super) fn namespace_get(&mut self, namespace: Object, name: PropertyKey) -> Result<Value> {
        self.expose_exports(namespace, name)?;
        let Some(export) = self.namespace_export(namespace, name) else { return Ok(Value::UNDEFINED) };
        let cell = self.record(namespace.internal(&self.heap, 1)).get(&self.heap, export);
        self.read_import(cell)
    }

    // 10.4.6.5 [[GetOwnProperty]] ( P ), https://tc39.es/ecma262/#sec-module-namespace-exotic-objects-getownproperty-p
    pub(super) fn namespace_get_own_property(&mut self, namespace: Object, name: PropertyKey) -> Result<Option<PropertyDescriptor>> {
        self.expose_exports(namespace, name)?;
        if self.namespace_export(namespace, name).is_none() {
            return Ok(None);
        }
        let value = self.namespace_get(namespace, name)?;
        Ok(Some(PropertyDescriptor::data(value, attribute::WRITABLE | attribute::ENUMERABLE)))
    }

    // 10.4.6.6 [[DefineOwnProperty]] ( P, Desc ), https://tc39.es/ecma262/#sec-module-namespace-exotic-objects-defineownproperty-p-desc
    pub(super) fn namespace_define(&mut self, namespace: Object, name: PropertyKey, descriptor: &PropertyDescriptor) -> Result<bool> {
        let Some(current) = self.namespace_get_own_property(namespace, name)? else { return Ok(false) };
        if descriptor.configurable == Some(true)
            || descriptor.enumerable == Some(false)
            || descriptor.is_accessor()
            || descriptor.writable == Some(false)
        {
            return Ok(false);
        }
        Ok(descriptor.value.is_none_or(|value| self.same_value(value, current.value.unwrap_or(Value::UNDEFINED))))
    }

    // 10.4.6.11 [[OwnPropertyKeys]] ( ), https://tc39.es/ecma262/#sec-module-namespace-exotic-objects-ownpropertykeys
    pub(super) fn namespace_own_keys(&mut self, namespace: Object) -> Result<Vec<PropertyKey>> {
        self.evaluate_deferred(namespace)?;
        let heap = &self.heap;
        let mut keys = Vec::new();
        if let Some(names) = namespace.internal(heap, 0).as_cell::<Values>() {
            for i in 0..names.length(heap) {
                if let Some(name) = names.get(heap, i).as_string() {
                    keys.push(heap.string_key(name));
                }
            }
        }
        keys.extend(self.own_keys_unobserved(namespace));
        Ok(keys)
    }
}
