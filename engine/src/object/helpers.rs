//! Operations on objects built on the internal methods: methods, array-likes, descriptors, integrity, species, instanceof.
//! https://tc39.es/ecma262/#sec-operations-on-objects

use super::{Object, PropertyDescriptor, attribute};
use crate::context::Context;
use crate::heap::{Kind, Ref, Shape, object_flag};
use crate::native::Result;
use crate::realm::Intrinsic;
use crate::string::{PropertyKey, atoms::key, atoms::symbol};
use crate::value::{Type, Value};

/// What EnumerableOwnProperties gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EnumerableKind {
    /// Keys as strings.
    Keys,
    /// Values.
    Values,
    /// Arrays of key and value.
    Entries,
}

/// Argument of SetIntegrityLevel and TestIntegrityLevel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntegrityLevel {
    /// Not extensible, nothing configurable.
    Sealed,
    /// Sealed, and no data property writable.
    Frozen,
}

impl PropertyDescriptor {
    // 6.2.6.6 CompletePropertyDescriptor ( Desc ), https://tc39.es/ecma262/#sec-completepropertydescriptor
    /// With the default for every absent field.
    pub fn completed(&self) -> PropertyDescriptor {
        let mut full = *self;
        if full.is_accessor() {
            full.get.get_or_insert(Value::UNDEFINED);
            full.set.get_or_insert(Value::UNDEFINED);
        } else {
            full.value.get_or_insert(Value::UNDEFINED);
            full.writable.get_or_insert(false);
        }
        full.enumerable.get_or_insert(false);
        full.configurable.get_or_insert(false);
        full
    }
}

impl Context {
    // 7.3.33 SetterThatIgnoresPrototypeProperties ( thisValue, home, p, v ),
    // https://tc39.es/ecma262/#sec-SetterThatIgnoresPrototypeProperties
    /// Step 1, the check for an object, is the caller's.
    pub(crate) fn set_ignoring_prototype(&mut self, object: Object, home: Intrinsic, name: PropertyKey, value: Value) -> Result<()> {
        // 2. If thisValue is home, throw a TypeError exception: as assigning to a non-writable property of home would.
        if object == self.intrinsic(home) {
            let text = name.to_text(&self.heap);
            return Err(self.throw_type_error(&format!("Cannot assign to read only property '{text}' of object '[object Object]'")));
        }
        // 3.-5. An own property is set, another is made.
        if self.get_own_property(object, name)?.is_none() {
            self.create_data_property_or_throw(object, name, value)
        } else {
            self.set(object, name, value, true)
        }
    }

    // 7.3.10 GetMethod ( V, P ), https://tc39.es/ecma262/#sec-getmethod
    /// The method of that name; `None` when it is undefined or null.
    pub fn get_method(&mut self, value: Value, name: PropertyKey) -> Result<Option<Object>> {
        let function = match value.as_object() {
            Some(object) if !name.is_index() => self.get_by_shape(object, name)?,
            _ => self.get_v(value, name)?,
        };
        if function.is_nullish() {
            return Ok(None);
        }
        match function.as_object().filter(|function| function.is_callable(&self.heap)) {
            Some(function) => Ok(Some(function)),
            None => {
                let message = format!(
                    "{} returned for property '{}' of object '{}' is not a function",
                    self.display(function),
                    name.to_text(&self.heap),
                    self.display(value)
                );
                Err(self.throw_type_error(&message))
            }
        }
    }

    // 7.3.20 Invoke ( V, P [ , argumentsList ] ), https://tc39.es/ecma262/#sec-invoke
    /// Calls a method.
    pub fn invoke(&mut self, value: Value, name: PropertyKey, arguments: &[Value]) -> Result<Value> {
        let function = self.get_v(value, name)?;
        if !self.is_callable(function) {
            let message = format!("{}.{} is not a function", self.display(value), name.to_text(&self.heap));
            return Err(self.throw_type_error(&message));
        }
        self.call(function, value, arguments)
    }

    // 7.3.18 LengthOfArrayLike ( obj ), https://tc39.es/ecma262/#sec-lengthofarraylike
    /// `length`, converted.
    pub fn length_of_array_like(&mut self, object: Object) -> Result<u64> {
        if object.is(&self.heap, Kind::Array) {
            // OPTIMIZATION: an array's length is an own data property that holds an integer.
            return Ok(u64::from(object.array_length(&self.heap)));
        }
        let length = self.get(object, key::length)?;
        self.to_length(length)
    }

    // 7.3.19 CreateListFromArrayLike ( obj [ , validElementTypes ] ), https://tc39.es/ecma262/#sec-createlistfromarraylike
    /// The elements of an array-like object.
    pub fn create_list_from_array_like(&mut self, value: Value) -> Result<Vec<Value>> {
        let Some(object) = value.as_object() else {
            return Err(self.throw_type_error("CreateListFromArrayLike called on non-object"));
        };
        let length = self.length_of_array_like(object)?;
        // Lists become arguments; more of them than this never fit on the stack, and memory must not run out before that is found.
        if length > MAX_LIST {
            return Err(self.throw_range_error("Invalid array length"));
        }
        self.spend_fuel(length / 8)?;
        let mut list = Vec::with_capacity(length as usize);
        for i in 0..length {
            let index = i as u32;
            let value = match object.dense_element(&self.heap, index) {
                // OPTIMIZATION: dense elements are data properties; typed arrays and mapped arguments are told apart by their flag.
                Some(value) if !object.has_flag(&self.heap, object_flag::EXOTIC) => value,
                _ => self.get(object, PropertyKey::index(index))?,
            };
            list.push(value);
        }
        Ok(list)
    }

    // 13.10.2 InstanceofOperator ( V, target ), https://tc39.es/ecma262/#sec-instanceofoperator
    /// `value instanceof target`
    pub fn instance_of(&mut self, value: Value, target: Value) -> Result<bool> {
        if !target.is_object() {
            return Err(self.throw_type_error("Right-hand side of 'instanceof' is not an object"));
        }
        if let Some(method) = self.get_method(target, symbol::has_instance)? {
            let result = self.call(method.value(), target, &[value])?;
            return Ok(self.to_boolean(result));
        }
        if !self.is_callable(target) {
            return Err(self.throw_type_error("Right-hand side of 'instanceof' is not callable"));
        }
        self.ordinary_has_instance(target, value)
    }

    // 7.3.21 OrdinaryHasInstance ( C, O ), https://tc39.es/ecma262/#sec-ordinaryhasinstance
    /// Whether `object` inherits from `constructor.prototype`.
    pub fn ordinary_has_instance(&mut self, constructor: Value, object: Value) -> Result<bool> {
        let Some(constructor) = constructor.as_object().filter(|function| function.is_callable(&self.heap)) else { return Ok(false) };
        if constructor.is(&self.heap, Kind::BoundFunction) {
            self.check_native_stack()?;
            let target = constructor.internal(&self.heap, 0);
            return self.instance_of(object, target);
        }
        let Some(mut object) = object.as_object() else { return Ok(false) };
        let prototype = self.get(constructor, key::prototype)?;
        let Some(prototype) = prototype.as_object() else {
            let shown = self.display(prototype);
            return Err(self.throw_type_error(&format!("Function has non-object prototype '{shown}' in instanceof check")));
        };
        while let Some(parent) = self.get_prototype_of(object)? {
            if parent == prototype {
                return Ok(true);
            }
            // A proxy may answer with itself for ever.
            self.spend_fuel(1)?;
            object = parent;
        }
        Ok(false)
    }

    // 7.3.22 SpeciesConstructor ( O, defaultConstructor ), https://tc39.es/ecma262/#sec-speciesconstructor
    /// The constructor for objects derived from `object`.
    pub fn species_constructor(&mut self, object: Object, default: Intrinsic) -> Result<Object> {
        let constructor = self.get(object, key::constructor)?;
        if constructor.is_undefined() {
            return Ok(self.intrinsic(default));
        }
        let Some(constructor) = constructor.as_object() else {
            return Err(self.throw_type_error("The .constructor property is not an object"));
        };
        let species = self.get(constructor, symbol::species)?;
        if species.is_nullish() {
            return Ok(self.intrinsic(default));
        }
        match species.as_object().filter(|species| species.is_constructor(&self.heap)) {
            Some(species) => Ok(species),
            None => Err(self.throw_type_error("object.constructor[Symbol.species] is not a constructor")),
        }
    }

    // 7.3.23 EnumerableOwnProperties ( O, kind ), https://tc39.es/ecma262/#sec-enumerableownproperties
    /// Keys, values or entries of own enumerable properties with string keys.
    pub fn enumerable_own_properties(&mut self, object: Object, kind: EnumerableKind) -> Result<Vec<Value>> {
        if let Some(list) = self.plain_own_properties(object, kind) {
            self.spend_fuel(list.len() as u64)?;
            return Ok(list);
        }
        let names = self.own_keys(object)?;
        self.spend_fuel(names.len() as u64)?;
        let observed = matches!(object.kind(&self.heap), Kind::Proxy | Kind::ModuleNamespace);
        let mut list = Vec::with_capacity(names.len());
        for name in names {
            if name.is_symbol(&self.heap) {
                continue;
            }
            let value = if observed {
                match self.get_own_property(object, name)? {
                    Some(descriptor) if descriptor.enumerable == Some(true) => None,
                    _ => continue,
                }
            } else {
                // OPTIMIZATION: no JS runs when a property that is no proxy's is looked up, and a data property need not be looked up again.
                match self.find_own(object, name)? {
                    Some(found) if !found.has(attribute::ENUMERABLE) => continue,
                    Some(found) if found.is_accessor() => None,
                    Some(found) => Some(found.value),
                    None => continue,
                }
            };
            if kind == EnumerableKind::Keys {
                list.push(name.to_value(&self.heap));
                continue;
            }
            let value = match value {
                Some(value) => value,
                None => self.get(object, name)?,
            };
            if kind == EnumerableKind::Values {
                list.push(value);
            } else {
                let name = name.to_value(&self.heap);
                list.push(self.new_array(&[name, value]).value());
            }
        }
        Ok(list)
    }

    /// OPTIMIZATION: an Array of the enumerable own string keys, where the shape alone gives them.
    pub(crate) fn plain_own_keys(&mut self, object: Object) -> Result<Option<Object>> {
        let heap = &self.heap;
        let shape = object.shape(heap);
        let most = shape.count(heap);
        if most == 0 && !shape.is_dictionary(heap) && object.has_only_shape_keys(heap) {
            return Ok(Some(self.new_array(&[])));
        }
        let Some(shape) = object.own_names_in_order(heap) else { return Ok(None) };
        let array = self.new_array(&[]);
        if most > 0 {
            let keys = heap.new_values(most);
            let mut count = 0;
            shape.for_each(heap, |name, property| {
                if property.attributes & attribute::ENUMERABLE != 0 && !name.is_symbol(heap) {
                    heap.store(keys.slot(count), name.to_value(heap));
                    count += 1;
                }
            });
            keys.set_length(heap, count);
            array.set_elements(heap, keys);
            array.set_internal(heap, 0, Value::from(count));
        }
        self.spend_fuel(u64::from(most))?;
        Ok(Some(array))
    }

    /// OPTIMIZATION: the same for objects whose enumerable properties are data properties in a shape of their own order, read from there.
    fn plain_own_properties(&mut self, object: Object, kind: EnumerableKind) -> Option<Vec<Value>> {
        let heap = &self.heap;
        let shape = object.own_names_in_order(heap)?;
        let mut list = Vec::with_capacity(shape.count(heap) as usize * if kind == EnumerableKind::Entries { 2 } else { 1 });
        let mut has_accessors = false;
        shape.for_each(heap, |name, property| {
            if property.attributes & attribute::ENUMERABLE == 0 || name.is_symbol(heap) {
                return;
            }
            has_accessors |= property.attributes & (attribute::ACCESSOR | attribute::LAZY) != 0;
            if kind != EnumerableKind::Values {
                list.push(name.to_value(heap));
            }
            if kind != EnumerableKind::Keys {
                list.push(object.slot_value(heap, property.slot));
            }
        });
        if has_accessors && kind != EnumerableKind::Keys {
            return None;
        }
        if kind == EnumerableKind::Entries {
            return Some(list.chunks_exact(2).map(|pair| self.new_array(pair).value()).collect());
        }
        Some(list)
    }

    // 7.3.14 SetIntegrityLevel ( O, level ), https://tc39.es/ecma262/#sec-setintegritylevel
    /// Seals or freezes; false when the object refuses to become non-extensible.
    pub fn set_integrity_level(&mut self, object: Object, level: IntegrityLevel) -> Result<bool> {
        if !self.prevent_extensions(object)? {
            return Ok(false);
        }
        if !object.has_flag(&self.heap, object_flag::EXOTIC) {
            // OPTIMIZATION: no JS runs while own properties of an object that is not exotic are redefined, and what is asked for is never
            // refused, so all can be changed at once. Properties not made yet (LAZY) are made later with the attributes set here.
            self.seal_unobserved(object, level);
            return self.spend_fuel(u64::from(object.shape(&self.heap).count(&self.heap) + object.sparse_count(&self.heap))).map(|()| true);
        }
        let names = self.own_keys(object)?;
        self.spend_fuel(names.len() as u64)?;
        for name in names {
            let mut descriptor = PropertyDescriptor { configurable: Some(false), ..PropertyDescriptor::default() };
            if level == IntegrityLevel::Frozen {
                let Some(current) = self.get_own_property(object, name)? else { continue };
                if !current.is_accessor() {
                    descriptor.writable = Some(false);
                }
            }
            self.define_or_throw(object, name, &descriptor)?;
        }
        Ok(true)
    }

    fn seal_unobserved(&mut self, object: Object, level: IntegrityLevel) {
        let heap = &self.heap;
        let cleared = match level {
            IntegrityLevel::Sealed => attribute::CONFIGURABLE,
            IntegrityLevel::Frozen => attribute::CONFIGURABLE | attribute::WRITABLE,
        };
        object.change_attributes(heap, |name, attributes| if name.is_private(heap) { attributes } else { attributes & !cleared });
        object.change_element_attributes(heap, |attributes| attributes & !cleared);
        if level == IntegrityLevel::Frozen && object.is(heap, Kind::Array) {
            object.add_flags(heap, object_flag::LENGTH_READ_ONLY);
        }
    }

    // 7.3.15 TestIntegrityLevel ( O, level ), https://tc39.es/ecma262/#sec-testintegritylevel
    /// Whether the object is sealed or frozen.
    pub fn test_integrity_level(&mut self, object: Object, level: IntegrityLevel) -> Result<bool> {
        if self.is_extensible(object)? {
            return Ok(false);
        }
        let names = self.own_keys(object)?;
        self.spend_fuel(names.len() as u64)?;
        for name in names {
            let Some(current) = self.get_own_property(object, name)? else { continue };
            if current.configurable == Some(true)
                || (level == IntegrityLevel::Frozen && current.is_data() && current.writable == Some(true))
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    // 6.2.6.5 ToPropertyDescriptor ( Obj ), https://tc39.es/ecma262/#sec-topropertydescriptor
    /// Descriptor that an object describes.
    pub fn to_property_descriptor(&mut self, value: Value) -> Result<PropertyDescriptor> {
        let Some(object) = value.as_object() else {
            let shown = self.display(value);
            return Err(self.throw_type_error(&format!("Property description must be an object: {shown}")));
        };
        let mut descriptor = PropertyDescriptor::default();
        if let Some(value) = self.get_if_present(object, key::enumerable)? {
            descriptor.enumerable = Some(self.to_boolean(value));
        }
        if let Some(value) = self.get_if_present(object, key::configurable)? {
            descriptor.configurable = Some(self.to_boolean(value));
        }
        if let Some(value) = self.get_if_present(object, key::value)? {
            descriptor.value = Some(value);
        }
        if let Some(value) = self.get_if_present(object, key::writable)? {
            descriptor.writable = Some(self.to_boolean(value));
        }
        if let Some(getter) = self.get_if_present(object, key::get)? {
            if !getter.is_undefined() && !self.is_callable(getter) {
                let shown = self.display(getter);
                return Err(self.throw_type_error(&format!("Getter must be a function: {shown}")));
            }
            descriptor.get = Some(getter);
        }
        if let Some(setter) = self.get_if_present(object, key::set)? {
            if !setter.is_undefined() && !self.is_callable(setter) {
                let shown = self.display(setter);
                return Err(self.throw_type_error(&format!("Setter must be a function: {shown}")));
            }
            descriptor.set = Some(setter);
        }
        if descriptor.is_accessor() && descriptor.is_data() {
            return Err(
                self.throw_type_error("Invalid property descriptor. Cannot both specify accessors and a value or writable attribute")
            );
        }
        Ok(descriptor)
    }

    /// HasProperty, then Get.
    fn get_if_present(&mut self, object: Object, name: PropertyKey) -> Result<Option<Value>> {
        if self.has_property(object, name)? { Ok(Some(self.get(object, name)?)) } else { Ok(None) }
    }

    // 6.2.6.4 FromPropertyDescriptor ( Desc ), https://tc39.es/ecma262/#sec-frompropertydescriptor
    /// Object that describes a descriptor; undefined for `None`.
    pub fn from_property_descriptor(&mut self, descriptor: Option<&PropertyDescriptor>) -> Value {
        let Some(descriptor) = descriptor else { return Value::UNDEFINED };
        let object = self.new_plain_object();
        let fields = [
            (key::value, descriptor.value),
            (key::writable, descriptor.writable.map(Value::bool)),
            (key::get, descriptor.get),
            (key::set, descriptor.set),
            (key::enumerable, descriptor.enumerable.map(Value::bool)),
            (key::configurable, descriptor.configurable.map(Value::bool)),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                object.add_property(&self.heap, name, value, attribute::ALL);
            }
        }
        object.value()
    }

    // 7.3.25 CopyDataProperties ( target, source, excludedItems ), https://tc39.es/ecma262/#sec-copydataproperties
    /// Copies own enumerable properties to a fresh ordinary object, except those named.
    pub fn copy_data_properties(&mut self, target: Object, source: Value, excluded: &[PropertyKey]) -> Result<()> {
        if source.is_nullish() {
            return Ok(());
        }
        let source = self.to_object(source)?;
        if let Some(shape) = source.shape_to_copy(&self.heap)
            && target.is(&self.heap, Kind::Object)
            && target.flags(&self.heap) == 0
            && target != source
        {
            return self.copy_plain_properties(target, source, shape, excluded);
        }
        let names = self.own_keys(source)?;
        self.spend_fuel(names.len() as u64)?;
        let observed = matches!(source.kind(&self.heap), Kind::Proxy | Kind::ModuleNamespace);
        for name in names {
            if excluded.contains(&name) {
                continue;
            }
            let value = if observed {
                match self.get_own_property(source, name)? {
                    Some(descriptor) if descriptor.enumerable == Some(true) => self.get(source, name)?,
                    _ => continue,
                }
            } else {
                // OPTIMIZATION: as in `enumerable_own_properties`.
                match self.find_own(source, name)? {
                    Some(found) if found.has(attribute::ENUMERABLE) => self.property_value(&found, source.value())?,
                    _ => continue,
                }
            };
            self.create_data_property_or_throw(target, name, value)?;
        }
        Ok(())
    }

    /// The same from an object whose properties are read from `shape`, to an ordinary one that is no prototype: nothing is looked up, and
    /// nothing runs.
    fn copy_plain_properties(&mut self, target: Object, source: Object, shape: Ref<Shape>, excluded: &[PropertyKey]) -> Result<()> {
        let heap = &self.heap;
        let count = shape.count(heap);
        let own = target.shape(heap);
        let mut all_plain = excluded.is_empty() && own.count(heap) == 0 && !own.is_dictionary(heap) && target.slots(heap).is_null();
        all_plain &= source.is(heap, Kind::Object) && source.flags(heap) == 0;
        all_plain &= own.prototype(heap) == shape.prototype(heap) && own.inline_capacity(heap) == shape.inline_capacity(heap);
        if all_plain {
            shape.for_each(heap, |_, property| all_plain &= property.attributes == attribute::ALL);
        }
        if all_plain {
            // OPTIMIZATION: an empty object that would go through the same shapes is given the last of them.
            let used = shape.slots_used(heap);
            for slot in 0..used.min(shape.inline_capacity(heap)) {
                heap.store(target.slot_address(heap, slot), source.slot_value(heap, slot));
            }
            let more = source.slots(heap);
            if !more.is_null() && used > shape.inline_capacity(heap) {
                target.set_slots(heap, more.grown(heap, 0));
            }
            target.set_shape(heap, shape);
            return self.spend_fuel(u64::from(count));
        }
        for index in 0..count {
            let heap = &self.heap;
            let (name, property) = shape.property_at(heap, index);
            if property.attributes & attribute::ENUMERABLE == 0 || excluded.contains(&name) {
                continue;
            }
            let value = source.slot_value(heap, property.slot);
            match target.shape(heap).lookup(heap, name) {
                None => self.add_own(target, name, value, attribute::ALL)?,
                Some(known) if known.attributes == attribute::ALL => target.set_slot_value(heap, known.slot, value),
                Some(_) => self.create_data_property_or_throw(target, name, value)?,
            }
        }
        self.spend_fuel(u64::from(count))
    }

    /// A value as messages show it. Runs no JS.
    pub fn display(&self, value: Value) -> String {
        let heap = &self.heap;
        match value.type_of() {
            Type::Undefined => "undefined".to_string(),
            Type::Null => "null".to_string(),
            Type::Boolean => (value == Value::TRUE).to_string(),
            Type::Number => crate::numeric::number_to_text(value.as_number().unwrap_or(f64::NAN)),
            Type::String => value.as_string().map_or_else(String::new, |text| text.to_text(heap)),
            Type::Symbol => {
                let description =
                    value.as_symbol().and_then(|symbol| symbol.description(heap)).map_or_else(String::new, |text| text.to_text(heap));
                format!("Symbol({description})")
            }
            Type::BigInt => value.as_bigint().map_or_else(String::new, |bigint| crate::bigint::to_text(heap, bigint, 10)),
            Type::Object => value.as_object().map_or_else(String::new, |object| self.display_object(object)),
            Type::Internal => "internal".to_string(),
        }
    }

    /// `#<Constructor>`, or what `Object.prototype.toString` would say of arrays and functions.
    fn display_object(&self, object: Object) -> String {
        let heap = &self.heap;
        if object.is(heap, Kind::Array) {
            return "[object Array]".to_string();
        }
        if object.is(heap, Kind::RegExp) {
            return "[object RegExp]".to_string();
        }
        if object.is_callable(heap) {
            let name =
                self.plain_data_property(object, key::name).and_then(Value::as_string).map_or_else(String::new, |name| name.to_text(heap));
            return if name.is_empty() { "function".to_string() } else { format!("function {name}") };
        }
        let mut holder = Some(object);
        while let Some(current) = holder {
            if current.is(heap, Kind::Proxy) {
                break;
            }
            if let Some(constructor) = self.plain_data_property(current, key::constructor).and_then(Value::as_object)
                && let Some(name) = self.plain_data_property(constructor, key::name).and_then(Value::as_string)
                && !name.is_empty(heap)
            {
                return format!("#<{}>", name.to_text(heap));
            }
            holder = self.ordinary_prototype(current);
        }
        "#<Object>".to_string()
    }

    /// An own named data property, looked up without running anything.
    pub(crate) fn plain_data_property(&self, object: Object, name: PropertyKey) -> Option<Value> {
        let property = object.shape(&self.heap).lookup(&self.heap, name)?;
        if property.attributes & (attribute::ACCESSOR | attribute::LAZY) != 0 {
            return None;
        }
        Some(object.slot_value(&self.heap, property.slot))
    }
}

/// Longest list made from an array-like object.
const MAX_LIST: u64 = 1 << 23;
