//! The essential internal methods, dispatched by the kind of object, and the operations on properties that call them.
//! https://tc39.es/ecma262/#sec-object-internal-methods-and-internal-slots
//!
//! Ordinary objects, arrays, string objects, typed arrays and arguments are handled here and in `own`; what arrays, strings, arguments
//! and namespaces do differently is in `exotic`, proxies are in `proxy`.

use super::own::{OwnProperty, Place};
use super::{Object, PropertyDescriptor, attribute, typed_elements};
use crate::context::Context;
use crate::heap::{Kind, object_flag};
use crate::native::Result;
use crate::string::{PropertyKey, atoms::key};
use crate::value::{Type, Value};

/// How the internal methods of an object are found.
enum Dispatch {
    /// Ordinary rules on own properties as `find_own` sees them.
    Ordinary,
    Proxy,
    Namespace,
    /// A typed array, asked for a canonical numeric key.
    Typed(Option<u32>),
}

impl Context {
    #[inline(always)]
    fn dispatch(&self, object: Object, name: PropertyKey) -> Dispatch {
        if !object.has_flag(&self.heap, object_flag::EXOTIC) {
            return Dispatch::Ordinary;
        }
        self.dispatch_exotic(object, name)
    }

    fn dispatch_exotic(&self, object: Object, name: PropertyKey) -> Dispatch {
        match object.kind(&self.heap) {
            // Private names are properties of the proxy itself.
            Kind::Proxy if !name.is_private(&self.heap) => Dispatch::Proxy,
            Kind::ModuleNamespace if !name.is_symbol(&self.heap) => Dispatch::Namespace,
            Kind::TypedArray => match typed_elements::numeric_key(&self.heap, name) {
                Some(index) => Dispatch::Typed(index),
                None => Dispatch::Ordinary,
            },
            _ => Dispatch::Ordinary,
        }
    }

    /// The prototype as [[GetPrototypeOf]] gives it for all objects but proxies.
    #[inline(always)]
    pub(crate) fn ordinary_prototype(&self, object: Object) -> Option<Object> {
        object.shape(&self.heap).prototype(&self.heap)
    }

    // ── [[Get]] ──

    // 7.3.2 Get ( O, P ), https://tc39.es/ecma262/#sec-get-o-p
    /// Value of a property, inherited ones included.
    #[inline]
    pub fn get(&mut self, object: Object, name: PropertyKey) -> Result<Value> {
        self.get_with_receiver(object, name, object.value())
    }

    // 10.1.8.1 OrdinaryGet ( O, P, Receiver ), https://tc39.es/ecma262/#sec-ordinaryget
    /// [[Get]]. The recursion of the specification along the prototype chain is a loop.
    pub fn get_with_receiver(&mut self, object: Object, name: PropertyKey, receiver: Value) -> Result<Value> {
        let mut current = object;
        loop {
            match self.dispatch(current, name) {
                Dispatch::Ordinary => {
                    if let Some(found) = self.find_own(current, name)? {
                        return self.property_value(&found, receiver);
                    }
                }
                Dispatch::Proxy => return self.proxy_get(current, name, receiver),
                Dispatch::Namespace => return self.namespace_get(current, name),
                Dispatch::Typed(index) => {
                    return Ok(index.and_then(|index| typed_elements::get(&self.heap, current, index)).unwrap_or(Value::UNDEFINED));
                }
            }
            match self.ordinary_prototype(current) {
                Some(prototype) => current = prototype,
                None => return Ok(Value::UNDEFINED),
            }
        }
    }

    /// Value of a property that was found: of a data property, or what the getter returns.
    #[inline]
    pub(crate) fn property_value(&mut self, found: &OwnProperty, receiver: Value) -> Result<Value> {
        if !found.is_accessor() {
            return Ok(found.value);
        }
        let getter = found.getter(&self.heap);
        if getter.is_undefined() { Ok(Value::UNDEFINED) } else { self.call(getter, receiver, &[]) }
    }

    // 7.3.3 GetV ( V, P ), https://tc39.es/ecma262/#sec-getv
    /// Value of a property of any value, without making a wrapper object.
    pub fn get_v(&mut self, value: Value, name: PropertyKey) -> Result<Value> {
        if let Some(object) = value.as_object() {
            return self.get_with_receiver(object, name, value);
        }
        if let Some(text) = value.as_string() {
            if name == key::length {
                return Ok(Value::from_usize(text.length(&self.heap) as usize));
            }
            if let Some(index) = name.as_index()
                && index < text.length(&self.heap)
            {
                return Ok(self.heap.single_unit(text.unit_at(&self.heap, index)).value());
            }
        }
        let Some(prototype) = self.primitive_prototype(value) else {
            let message = format!("Cannot read properties of {} (reading '{}')", self.nullish_name(value), name.to_text(&self.heap));
            return Err(self.throw_type_error(&message));
        };
        self.get_with_receiver(prototype, name, value)
    }

    pub(crate) fn nullish_name(&self, value: Value) -> &'static str {
        if value.is_null() { "null" } else { "undefined" }
    }

    /// Prototype that ToObject of a primitive would have; `None` for undefined and null.
    pub(crate) fn primitive_prototype(&self, value: Value) -> Option<Object> {
        use crate::realm::Intrinsic;
        let which = match value.type_of() {
            Type::String => Intrinsic::StringPrototype,
            Type::Number => Intrinsic::NumberPrototype,
            Type::Boolean => Intrinsic::BooleanPrototype,
            Type::Symbol => Intrinsic::SymbolPrototype,
            Type::BigInt => Intrinsic::BigIntPrototype,
            Type::Object => return value.as_object().and_then(|object| self.ordinary_prototype(object)),
            Type::Undefined | Type::Null | Type::Internal => return None,
        };
        Some(self.intrinsic(which))
    }

    // ── [[Set]] ──

    // 7.3.4 Set ( O, P, V, Throw ), https://tc39.es/ecma262/#sec-set-o-p-v-throw
    /// Sets a property; a failure throws a TypeError when `throw` is set and is ignored otherwise.
    pub fn set(&mut self, object: Object, name: PropertyKey, value: Value, throw: bool) -> Result<()> {
        if !self.set_with_receiver(object, name, value, object.value())? && throw {
            return Err(self.throw_assignment_failure(object.value(), name));
        }
        Ok(())
    }

    /// Assignment `base[name] = value` for any base (PutValue on a property reference).
    pub fn set_v(&mut self, base: Value, name: PropertyKey, value: Value, strict: bool) -> Result<()> {
        if let Some(object) = base.as_object() {
            return self.set(object, name, value, strict);
        }
        let Some(prototype) = self.primitive_prototype(base) else {
            let message = format!("Cannot set properties of {} (setting '{}')", self.nullish_name(base), name.to_text(&self.heap));
            return Err(self.throw_type_error(&message));
        };
        // The own properties of a String wrapper, which would be the first object asked, are not writable.
        let own_character = base
            .as_string()
            .is_some_and(|text| name == key::length || name.as_index().is_some_and(|index| index < text.length(&self.heap)));
        if !own_character && self.set_with_receiver(prototype, name, value, base)? {
            return Ok(());
        }
        if strict { Err(self.throw_assignment_failure(base, name)) } else { Ok(()) }
    }

    // 10.1.9.2 OrdinarySetWithOwnDescriptor ( O, P, V, Receiver, ownDesc ), https://tc39.es/ecma262/#sec-ordinarysetwithowndescriptor
    /// [[Set]]. The recursion of the specification along the prototype chain is a loop.
    pub fn set_with_receiver(&mut self, object: Object, name: PropertyKey, value: Value, receiver: Value) -> Result<bool> {
        let mut current = object;
        loop {
            match self.dispatch(current, name) {
                Dispatch::Ordinary => {
                    if let Some(found) = self.find_own(current, name)? {
                        return self.set_found(current, name, found, value, receiver);
                    }
                }
                Dispatch::Proxy => return self.proxy_set(current, name, value, receiver),
                Dispatch::Namespace => return Ok(false),
                // 10.4.5.6 [[Set]] of typed arrays, https://tc39.es/ecma262/#sec-typedarray-set
                Dispatch::Typed(index) => {
                    if receiver == current.value() {
                        return self.typed_array_set_element(current, index, value);
                    }
                    let valid = index.is_some_and(|index| typed_elements::length(&self.heap, current).is_some_and(|length| index < length));
                    return if valid { self.set_on_receiver(receiver, name, value) } else { Ok(true) };
                }
            }
            match self.ordinary_prototype(current) {
                Some(prototype) => current = prototype,
                None => return self.set_on_receiver(receiver, name, value),
            }
        }
    }

    /// [[Set]] where the property was found on `holder`.
    fn set_found(&mut self, holder: Object, name: PropertyKey, found: OwnProperty, value: Value, receiver: Value) -> Result<bool> {
        if found.is_accessor() {
            let setter = found.setter(&self.heap);
            if setter.is_undefined() {
                return Ok(false);
            }
            self.call(setter, receiver, &[value])?;
            return Ok(true);
        }
        if !found.has(attribute::WRITABLE) {
            return Ok(false);
        }
        if receiver == holder.value() {
            // OPTIMIZATION: the receiver's own property is the one just found; [[DefineOwnProperty]] with only a value on a writable
            // data property changes the value and nothing else.
            if found.place == Place::ArrayLength {
                return self.array_set_length(holder, &PropertyDescriptor { value: Some(value), ..PropertyDescriptor::default() });
            }
            self.store_own(holder, found.place, value);
            return Ok(true);
        }
        self.set_on_receiver(receiver, name, value)
    }

    /// The last part of OrdinarySetWithOwnDescriptor: changes or creates a data property of the receiver.
    fn set_on_receiver(&mut self, receiver: Value, name: PropertyKey, value: Value) -> Result<bool> {
        let Some(object) = receiver.as_object() else { return Ok(false) };
        let only_value = PropertyDescriptor { value: Some(value), ..PropertyDescriptor::default() };
        if let Dispatch::Ordinary = self.dispatch(object, name) {
            if let Some(found) = self.find_own(object, name)? {
                if found.is_accessor() || !found.has(attribute::WRITABLE) {
                    return Ok(false);
                }
                if found.place == Place::ArrayLength {
                    return self.array_set_length(object, &only_value);
                }
                self.store_own(object, found.place, value);
                return Ok(true);
            }
            return self.create_absent(object, name, value);
        }
        match self.get_own_property(object, name)? {
            Some(existing) => {
                if existing.is_accessor() || existing.writable != Some(true) {
                    return Ok(false);
                }
                self.define_own_property(object, name, &only_value)
            }
            None => self.create_data_property(object, name, value),
        }
    }

    /// CreateDataProperty of a property that an object with ordinary dispatch does not have.
    fn create_absent(&mut self, object: Object, name: PropertyKey, value: Value) -> Result<bool> {
        let flags = object.flags(&self.heap);
        if flags & object_flag::NON_EXTENSIBLE != 0 {
            return Ok(false);
        }
        if object.is(&self.heap, Kind::Array)
            && let Some(index) = super::own::array_index(&self.heap, name)
            && index >= object.array_length(&self.heap)
        {
            if flags & object_flag::LENGTH_READ_ONLY != 0 {
                return Ok(false);
            }
            self.add_own(object, name, value, attribute::ALL)?;
            object.set_array_length_slot(&self.heap, index + 1);
            return Ok(true);
        }
        self.add_own(object, name, value, attribute::ALL)?;
        Ok(true)
    }

    /// TypeError of an assignment that [[Set]] refused.
    #[cold]
    pub(crate) fn throw_assignment_failure(&mut self, base: Value, name: PropertyKey) -> crate::native::Thrown {
        let text = name.to_text(&self.heap);
        let Some(object) = base.as_object() else {
            let message = format!("Cannot create property '{text}' on {}", self.display(base));
            return self.throw_type_error(&message);
        };
        if object.is(&self.heap, Kind::Proxy) {
            return self.throw_type_error(&format!("'set' on proxy: trap returned falsish for property '{text}'"));
        }
        let shown = self.display(base);
        let mut current = Some(object);
        while let Some(holder) = current {
            if !matches!(self.dispatch(holder, name), Dispatch::Ordinary) {
                break;
            }
            match self.find_own(holder, name) {
                Ok(Some(found)) if found.is_accessor() => {
                    return self.throw_type_error(&format!("Cannot set property {text} of {shown} which has only a getter"));
                }
                Ok(Some(found)) if !found.has(attribute::WRITABLE) => {
                    return self.throw_type_error(&format!("Cannot assign to read only property '{text}' of object '{shown}'"));
                }
                Ok(_) => current = self.ordinary_prototype(holder),
                Err(thrown) => return thrown,
            }
        }
        if object.has_flag(&self.heap, object_flag::NON_EXTENSIBLE) {
            return self.throw_type_error(&format!("Cannot add property {text}, object is not extensible"));
        }
        self.throw_type_error(&format!("Cannot assign to read only property '{text}' of object '{shown}'"))
    }

    // ── [[HasProperty]] ──

    // 7.3.11 HasProperty ( O, P ), https://tc39.es/ecma262/#sec-hasproperty
    /// [[HasProperty]], as a loop along the prototype chain.
    pub fn has_property(&mut self, object: Object, name: PropertyKey) -> Result<bool> {
        let mut current = object;
        loop {
            match self.dispatch(current, name) {
                Dispatch::Ordinary => {
                    if self.find_own(current, name)?.is_some() {
                        return Ok(true);
                    }
                }
                Dispatch::Proxy => return self.proxy_has(current, name),
                Dispatch::Namespace => return self.namespace_has(current, name),
                Dispatch::Typed(index) => {
                    return Ok(index.is_some_and(|index| typed_elements::length(&self.heap, current).is_some_and(|length| index < length)));
                }
            }
            match self.ordinary_prototype(current) {
                Some(prototype) => current = prototype,
                None => return Ok(false),
            }
        }
    }

    // 7.3.12 HasOwnProperty ( O, P ), https://tc39.es/ecma262/#sec-hasownproperty
    /// Whether there is an own property.
    pub fn has_own_property(&mut self, object: Object, name: PropertyKey) -> Result<bool> {
        match self.dispatch(object, name) {
            Dispatch::Ordinary => Ok(self.find_own(object, name)?.is_some()),
            _ => Ok(self.get_own_property(object, name)?.is_some()),
        }
    }

    // ── [[Delete]] ──

    // 10.1.10.1 OrdinaryDelete ( O, P ), https://tc39.es/ecma262/#sec-ordinarydelete
    /// [[Delete]]: whether the property is gone.
    pub fn delete(&mut self, object: Object, name: PropertyKey) -> Result<bool> {
        match self.dispatch(object, name) {
            Dispatch::Ordinary => match self.find_own(object, name)? {
                None => Ok(true),
                Some(found) if !found.has(attribute::CONFIGURABLE) => Ok(false),
                Some(found) => {
                    self.remove_own(object, found.place);
                    Ok(true)
                }
            },
            Dispatch::Proxy => self.proxy_delete(object, name),
            Dispatch::Namespace => Ok(!self.namespace_has(object, name)?),
            Dispatch::Typed(index) => {
                Ok(index.is_none_or(|index| typed_elements::length(&self.heap, object).is_none_or(|length| index >= length)))
            }
        }
    }

    // 7.3.9 DeletePropertyOrThrow ( O, P ), https://tc39.es/ecma262/#sec-deletepropertyorthrow
    /// [[Delete]]; TypeError when the property stays.
    pub fn delete_or_throw(&mut self, object: Object, name: PropertyKey) -> Result<()> {
        if self.delete(object, name)? {
            return Ok(());
        }
        let message = if object.is(&self.heap, Kind::Proxy) {
            format!("'deleteProperty' on proxy: trap returned falsish for property '{}'", name.to_text(&self.heap))
        } else {
            format!("Cannot delete property '{}' of {}", name.to_text(&self.heap), self.display(object.value()))
        };
        Err(self.throw_type_error(&message))
    }

    // ── [[GetOwnProperty]], [[DefineOwnProperty]] ──

    // 10.1.5.1 OrdinaryGetOwnProperty ( O, P ), https://tc39.es/ecma262/#sec-ordinarygetownproperty
    /// [[GetOwnProperty]].
    pub fn get_own_property(&mut self, object: Object, name: PropertyKey) -> Result<Option<PropertyDescriptor>> {
        match self.dispatch(object, name) {
            Dispatch::Ordinary | Dispatch::Typed(Some(_)) => Ok(self.find_own(object, name)?.map(|found| found.descriptor(&self.heap))),
            Dispatch::Proxy => self.proxy_get_own_property(object, name),
            Dispatch::Namespace => self.namespace_get_own_property(object, name),
            Dispatch::Typed(None) => Ok(None),
        }
    }

    /// [[DefineOwnProperty]].
    pub fn define_own_property(&mut self, object: Object, name: PropertyKey, descriptor: &PropertyDescriptor) -> Result<bool> {
        match self.dispatch(object, name) {
            Dispatch::Ordinary => match object.kind(&self.heap) {
                Kind::Array => self.array_define(object, name, descriptor),
                Kind::Arguments => self.arguments_define(object, name, descriptor),
                // 10.4.3.2 [[DefineOwnProperty]] of String exotic objects: characters are found by `find_own` like other own
                // properties, and as they are neither writable nor configurable nothing is ever stored.
                _ => self.ordinary_define(object, name, descriptor),
            },
            Dispatch::Proxy => self.proxy_define(object, name, descriptor),
            Dispatch::Namespace => self.namespace_define(object, name, descriptor),
            Dispatch::Typed(index) => self.typed_array_define(object, index, descriptor),
        }
    }

    // 10.1.6.1 OrdinaryDefineOwnProperty ( O, P, Desc ), https://tc39.es/ecma262/#sec-ordinarydefineownproperty
    pub(crate) fn ordinary_define(&mut self, object: Object, name: PropertyKey, descriptor: &PropertyDescriptor) -> Result<bool> {
        let found = self.find_own(object, name)?;
        let extensible = !object.has_flag(&self.heap, object_flag::NON_EXTENSIBLE);
        let current = found.map(|found| found.descriptor(&self.heap));
        if !self.is_compatible_descriptor(extensible, descriptor, current.as_ref()) {
            return Ok(false);
        }
        self.apply_descriptor(object, name, descriptor, found)?;
        Ok(true)
    }

    // 10.1.6.3 ValidateAndApplyPropertyDescriptor, https://tc39.es/ecma262/#sec-validateandapplypropertydescriptor, the validating part:
    // IsCompatiblePropertyDescriptor
    pub(crate) fn is_compatible_descriptor(
        &self,
        extensible: bool,
        descriptor: &PropertyDescriptor,
        current: Option<&PropertyDescriptor>,
    ) -> bool {
        let Some(current) = current else { return extensible };
        if current.configurable != Some(false) {
            return true;
        }
        if descriptor.configurable == Some(true) {
            return false;
        }
        if descriptor.enumerable.is_some() && descriptor.enumerable != current.enumerable {
            return false;
        }
        if !descriptor.is_generic() && descriptor.is_accessor() != current.is_accessor() {
            return false;
        }
        let same = |new: Option<Value>, old: Option<Value>| new.is_none_or(|new| self.same_value(new, old.unwrap_or(Value::UNDEFINED)));
        if current.is_accessor() {
            return same(descriptor.get, current.get) && same(descriptor.set, current.set);
        }
        if current.writable == Some(false) {
            return descriptor.writable != Some(true) && same(descriptor.value, current.value);
        }
        true
    }

    /// The applying part of ValidateAndApplyPropertyDescriptor.
    pub(crate) fn apply_descriptor(
        &mut self,
        object: Object,
        name: PropertyKey,
        descriptor: &PropertyDescriptor,
        found: Option<OwnProperty>,
    ) -> Result<()> {
        let Some(found) = found else {
            let value = if descriptor.is_accessor() {
                self.new_accessor_pair(descriptor.get.unwrap_or(Value::UNDEFINED), descriptor.set.unwrap_or(Value::UNDEFINED))
            } else {
                descriptor.value.unwrap_or(Value::UNDEFINED)
            };
            return self.add_own(object, name, value, descriptor.attributes());
        };
        let mut attributes = found.attributes;
        let mut change = |bit: u8, wanted: Option<bool>| match wanted {
            Some(true) => attributes |= bit,
            Some(false) => attributes &= !bit,
            None => {}
        };
        change(attribute::CONFIGURABLE, descriptor.configurable);
        change(attribute::ENUMERABLE, descriptor.enumerable);
        let value = if descriptor.is_accessor() {
            let (getter, setter) = if found.is_accessor() {
                (found.getter(&self.heap), found.setter(&self.heap))
            } else {
                (Value::UNDEFINED, Value::UNDEFINED)
            };
            attributes = attributes & !attribute::WRITABLE | attribute::ACCESSOR;
            self.new_accessor_pair(descriptor.get.unwrap_or(getter), descriptor.set.unwrap_or(setter))
        } else if descriptor.is_data() {
            if found.is_accessor() {
                attributes &= !(attribute::ACCESSOR | attribute::WRITABLE);
            }
            match descriptor.writable {
                Some(true) => attributes |= attribute::WRITABLE,
                Some(false) => attributes &= !attribute::WRITABLE,
                None => {}
            }
            let old = if found.is_accessor() { Value::UNDEFINED } else { found.value };
            descriptor.value.unwrap_or(old)
        } else {
            found.value
        };
        if attributes != found.attributes {
            self.redefine_own(object, found.place, value, attributes);
        } else if value != found.value {
            self.store_own(object, found.place, value);
        }
        Ok(())
    }

    // 7.3.8 DefinePropertyOrThrow ( O, P, desc ), https://tc39.es/ecma262/#sec-definepropertyorthrow
    /// [[DefineOwnProperty]]; TypeError when refused.
    pub fn define_or_throw(&mut self, object: Object, name: PropertyKey, descriptor: &PropertyDescriptor) -> Result<()> {
        if self.define_own_property(object, name, descriptor)? {
            return Ok(());
        }
        Err(self.throw_define_failure(object, name))
    }

    #[cold]
    fn throw_define_failure(&mut self, object: Object, name: PropertyKey) -> crate::native::Thrown {
        let text = name.to_text(&self.heap);
        if object.is(&self.heap, Kind::Proxy) {
            return self.throw_type_error(&format!("'defineProperty' on proxy: trap returned falsish for property '{text}'"));
        }
        let exists = matches!(self.dispatch(object, name), Dispatch::Ordinary) && matches!(self.find_own(object, name), Ok(Some(_)));
        if !exists && object.has_flag(&self.heap, object_flag::NON_EXTENSIBLE) {
            return self.throw_type_error(&format!("Cannot define property {text}, object is not extensible"));
        }
        self.throw_type_error(&format!("Cannot redefine property: {text}"))
    }

    // 7.3.5 CreateDataProperty ( O, P, V ), https://tc39.es/ecma262/#sec-createdataproperty
    /// Creates or replaces a data property; false when refused.
    pub fn create_data_property(&mut self, object: Object, name: PropertyKey, value: Value) -> Result<bool> {
        if let Dispatch::Ordinary = self.dispatch(object, name)
            && self.find_own(object, name)?.is_none()
        {
            return self.create_absent(object, name, value);
        }
        self.define_own_property(object, name, &PropertyDescriptor::data(value, attribute::ALL))
    }

    // 7.3.7 CreateDataPropertyOrThrow ( O, P, V ), https://tc39.es/ecma262/#sec-createdatapropertyorthrow
    /// Creates or replaces a data property; TypeError when refused.
    pub fn create_data_property_or_throw(&mut self, object: Object, name: PropertyKey, value: Value) -> Result<()> {
        if self.create_data_property(object, name, value)? {
            return Ok(());
        }
        Err(self.throw_define_failure(object, name))
    }

    // ── [[OwnPropertyKeys]] ──

    // 10.1.11.1 OrdinaryOwnPropertyKeys ( O ), https://tc39.es/ecma262/#sec-ordinaryownpropertykeys
    /// [[OwnPropertyKeys]]: indices ascending, strings and symbols in order of creation.
    pub fn own_keys(&mut self, object: Object) -> Result<Vec<PropertyKey>> {
        match object.kind(&self.heap) {
            Kind::Proxy => self.proxy_own_keys(object),
            Kind::ModuleNamespace => self.namespace_own_keys(object),
            _ => Ok(self.own_keys_unobserved(object)),
        }
    }

    // ── prototypes and extensibility ──

    /// [[GetPrototypeOf]].
    pub fn get_prototype_of(&mut self, object: Object) -> Result<Option<Object>> {
        if object.is(&self.heap, Kind::Proxy) {
            return self.proxy_get_prototype_of(object);
        }
        Ok(self.ordinary_prototype(object))
    }

    // 10.1.2.1 OrdinarySetPrototypeOf ( O, V ), https://tc39.es/ecma262/#sec-ordinarysetprototypeof
    /// [[SetPrototypeOf]].
    pub fn set_prototype_of(&mut self, object: Object, prototype: Option<Object>) -> Result<bool> {
        if object.is(&self.heap, Kind::Proxy) {
            return self.proxy_set_prototype_of(object, prototype);
        }
        let current = self.ordinary_prototype(object);
        if prototype == current {
            return Ok(true);
        }
        // Namespaces and %Object.prototype% keep theirs: SetImmutablePrototype.
        if object.is(&self.heap, Kind::ModuleNamespace)
            || object.has_flag(&self.heap, object_flag::NON_EXTENSIBLE)
            || self.has_immutable_prototype(object)
            || self.is_on_embedded_global_chain(object)
        {
            return Ok(false);
        }
        let mut ancestor = prototype;
        while let Some(known) = ancestor {
            if known == object {
                return Ok(false);
            }
            if known.is(&self.heap, Kind::Proxy) {
                break;
            }
            ancestor = self.ordinary_prototype(known);
        }
        object.replace_prototype(&self.heap, prototype);
        Ok(true)
    }

    /// Whether it is some realm's %Object.prototype%, an immutable prototype exotic object.
    fn has_immutable_prototype(&self, object: Object) -> bool {
        use crate::heap::{Root, Values};
        use crate::realm::{Intrinsic, Realm};
        if !object.is(&self.heap, Kind::Object) || self.ordinary_prototype(object).is_some() {
            return false;
        }
        if self.intrinsic(Intrinsic::ObjectPrototype) == object {
            return true;
        }
        let Some(realms) = self.heap.root(Root::Realms).as_cell::<Values>() else { return false };
        (0..realms.length(&self.heap)).any(|i| {
            let realm = realms.get(&self.heap, i);
            realm.is_cell() && Realm::from_value(realm).try_intrinsic(&self.heap, Intrinsic::ObjectPrototype) == Some(object)
        })
    }

    /// Whether it is the global object, or on its prototype chain, of an embedder that gave the global object interfaces.
    /// https://webidl.spec.whatwg.org/#Global and https://webidl.spec.whatwg.org/#interface-prototype-object
    fn is_on_embedded_global_chain(&self, object: Object) -> bool {
        let global = self.global();
        if self.ordinary_prototype(global) == Some(self.intrinsic(crate::realm::Intrinsic::ObjectPrototype)) {
            return false;
        }
        let mut link = self.ordinary_prototype(global).map(|_| global);
        while let Some(known) = link {
            if known == object {
                return true;
            }
            link = self.ordinary_prototype(known);
        }
        false
    }

    /// [[IsExtensible]].
    pub fn is_extensible(&mut self, object: Object) -> Result<bool> {
        match object.kind(&self.heap) {
            Kind::Proxy => self.proxy_is_extensible(object),
            Kind::ModuleNamespace => Ok(false),
            _ => Ok(!object.has_flag(&self.heap, object_flag::NON_EXTENSIBLE)),
        }
    }

    /// [[PreventExtensions]].
    pub fn prevent_extensions(&mut self, object: Object) -> Result<bool> {
        match object.kind(&self.heap) {
            Kind::Proxy => return self.proxy_prevent_extensions(object),
            // 10.4.5.2 [[PreventExtensions]] of typed arrays, https://tc39.es/ecma262/#sec-typedarray-preventextensions
            Kind::TypedArray if !typed_elements::is_fixed_length(&self.heap, object) => return Ok(false),
            _ => {}
        }
        object.add_flags(&self.heap, object_flag::NON_EXTENSIBLE);
        object.note_structural_change(&self.heap);
        Ok(true)
    }
}
