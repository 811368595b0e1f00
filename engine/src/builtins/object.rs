//! Object objects. https://tc39.es/ecma262/#sec-object-objects
//!
//! The constructor's functions are here, %Object.prototype%'s in `object_prototype`.

use std::collections::HashMap;

use super::object_prototype as prototype;
use crate::context::Context;
use crate::heap::{Kind, Ref, Shape};
use crate::iteration::Flow;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::{EnumerableKind, IntegrityLevel, Object, PropertyDescriptor, attribute};
use crate::realm::{Intrinsic, Realm};
use crate::string::PropertyKey;
use crate::string::atoms::key;
use crate::value::Value;

natives! { pub static OBJECT: "Object" / 1 => construct, Object, ObjectPrototype; {
    static method "assign" / 2 => assign,
    static method "create" / 2 => create,
    static method "defineProperties" / 2 => define_properties,
    static method "defineProperty" / 3 => define_property,
    static method "entries" / 1 => entries,
    static method "freeze" / 1 => freeze,
    static method "fromEntries" / 1 => from_entries,
    static method "getOwnPropertyDescriptor" / 2 => get_own_property_descriptor,
    static method "getOwnPropertyDescriptors" / 1 => get_own_property_descriptors,
    static method "getOwnPropertyNames" / 1 => get_own_property_names,
    static method "getOwnPropertySymbols" / 1 => get_own_property_symbols,
    static method "getPrototypeOf" / 1 => get_prototype_of,
    static method "groupBy" / 2 => group_by,
    static method "hasOwn" / 2 => has_own,
    static method "is" / 2 => is,
    static method "isExtensible" / 1 => is_extensible,
    static method "isFrozen" / 1 => is_frozen,
    static method "isSealed" / 1 => is_sealed,
    static method "keys" / 1 => keys,
    static method "preventExtensions" / 1 => prevent_extensions,
    static method "seal" / 1 => seal,
    static method "setPrototypeOf" / 2 => set_prototype_of,
    static method "values" / 1 => values,
    method "__defineGetter__" / 2 => prototype::define_getter,
    method "__defineSetter__" / 2 => prototype::define_setter,
    method "hasOwnProperty" / 1 => prototype::has_own_property,
    method "__lookupGetter__" / 1 => prototype::lookup_getter,
    method "__lookupSetter__" / 1 => prototype::lookup_setter,
    method "isPrototypeOf" / 1 => prototype::is_prototype_of,
    method "propertyIsEnumerable" / 1 => prototype::property_is_enumerable,
    method "toString" / 0 => prototype::to_string,
    method "valueOf" / 0 => prototype::value_of,
    accessor "__proto__" => prototype::get_proto, prototype::set_proto,
    method "toLocaleString" / 0 => prototype::to_locale_string,
}}

/// Notes the member functions that are intrinsics of their own.
pub fn finish(cx: &mut Context, realm: Realm) {
    let prototype = realm.intrinsic(&cx.heap, Intrinsic::ObjectPrototype);
    if let Some(function) = cx.plain_data_property(prototype, key::to_string).and_then(Value::as_object) {
        realm.set_intrinsic(&cx.heap, Intrinsic::ObjectToString, function);
    }
}

// 20.1.1.1 Object ( [ value ] ), https://tc39.es/ecma262/#sec-object-value
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if args.is_construct() && args.new_target != args.callee {
        return Ok(cx.create_from_constructor(args.new_target, Intrinsic::ObjectPrototype, Kind::Object)?.value());
    }
    if args.at(0).is_nullish() {
        return Ok(cx.new_plain_object().value());
    }
    Ok(cx.to_object(args.at(0))?.value())
}

// 20.1.2.1 Object.assign ( target, ...sources ), https://tc39.es/ecma262/#sec-object.assign
fn assign(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let to = cx.to_object(args.at(0))?;
    for &source in args.from(1) {
        if source.is_nullish() {
            continue;
        }
        let from = cx.to_object(source)?;
        match from.shape_to_copy(&cx.heap) {
            Some(shape) => assign_by_shape(cx, to, from, shape)?,
            None => {
                let names = cx.own_keys(from)?;
                assign_names(cx, to, from, names)?;
            }
        }
    }
    Ok(to.value())
}

/// Steps 3.a.iii: assigns those properties of `from` with these names that are there and enumerable.
fn assign_names(cx: &mut Context, to: Object, from: Object, names: Vec<PropertyKey>) -> Result<()> {
    cx.spend_fuel(names.len() as u64)?;
    let observed = matches!(from.kind(&cx.heap), Kind::Proxy | Kind::ModuleNamespace);
    for name in names {
        let value = if observed {
            match cx.get_own_property(from, name)? {
                Some(descriptor) if descriptor.enumerable == Some(true) => cx.get(from, name)?,
                _ => continue,
            }
        } else {
            // OPTIMIZATION: one look-up serves [[GetOwnProperty]] and [[Get]] where no proxy can see the difference.
            match cx.find_own(from, name)? {
                Some(found) if found.has(attribute::ENUMERABLE) => cx.property_value(&found, from.value())?,
                _ => continue,
            }
        };
        cx.set(to, name, value, true)?;
    }
    Ok(())
}

/// OPTIMIZATION: the same with names and values from the shape of `from`, as long as it has that shape: setters may change it, but not
/// what is read of it without its shape showing that.
fn assign_by_shape(cx: &mut Context, to: Object, from: Object, shape: Ref<Shape>) -> Result<()> {
    let count = shape.count(&cx.heap);
    for index in 0..count {
        let (name, property) = shape.property_at(&cx.heap, index);
        if property.attributes & attribute::ENUMERABLE == 0 {
            continue;
        }
        let value = from.slot_value(&cx.heap, property.slot);
        cx.set_by_shape(to, name, value)?;
        if from.shape(&cx.heap) != shape {
            let rest = (index + 1..count).map(|index| shape.property_at(&cx.heap, index).0).collect();
            return assign_names(cx, to, from, rest);
        }
    }
    cx.spend_fuel(u64::from(count))
}

// 20.1.2.2 Object.create ( O, Properties ), https://tc39.es/ecma262/#sec-object.create
fn create(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let parent = args.at(0);
    if !parent.is_object() && !parent.is_null() {
        let shown = cx.display(parent);
        return Err(cx.throw_type_error(&format!("Object prototype may only be an Object or null: {shown}")));
    }
    let object = match parent.as_object() {
        Some(prototype) => cx.heap.new_object_with_prototype(Kind::Object, Some(prototype)),
        None => cx.heap.new_object(Kind::Object, cx.realm().null_object_shape(&cx.heap), 0),
    };
    if !args.at(1).is_undefined() {
        object_define_properties(cx, object, args.at(1))?;
    }
    Ok(object.value())
}

// 20.1.2.3 Object.defineProperties ( O, Properties ), https://tc39.es/ecma262/#sec-object.defineproperties
fn define_properties(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let object = require_object(cx, args.at(0), "Object.defineProperties")?;
    object_define_properties(cx, object, args.at(1))?;
    Ok(object.value())
}

// 20.1.2.3.1 ObjectDefineProperties ( O, Properties ), https://tc39.es/ecma262/#sec-objectdefineproperties
fn object_define_properties(cx: &mut Context, object: Object, properties: Value) -> Result<()> {
    let properties = cx.to_object(properties)?;
    let names = cx.own_keys(properties)?;
    cx.spend_fuel(names.len() as u64)?;
    let mut descriptors: Vec<(PropertyKey, PropertyDescriptor)> = Vec::with_capacity(names.len());
    for name in names {
        if let Some(own) = cx.get_own_property(properties, name)?
            && own.enumerable == Some(true)
        {
            let description = cx.get(properties, name)?;
            descriptors.push((name, cx.to_property_descriptor(description)?));
        }
    }
    for (name, descriptor) in descriptors {
        cx.define_or_throw(object, name, &descriptor)?;
    }
    Ok(())
}

fn require_object(cx: &mut Context, value: Value, what: &str) -> Result<Object> {
    match value.as_object() {
        Some(object) => Ok(object),
        None => Err(cx.throw_type_error(&format!("{what} called on non-object"))),
    }
}

// 20.1.2.4 Object.defineProperty ( O, P, Attributes ), https://tc39.es/ecma262/#sec-object.defineproperty
fn define_property(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let object = require_object(cx, args.at(0), "Object.defineProperty")?;
    let name = cx.to_property_key(args.at(1))?;
    let descriptor = cx.to_property_descriptor(args.at(2))?;
    cx.define_or_throw(object, name, &descriptor)?;
    Ok(object.value())
}

fn enumerable_list(cx: &mut Context, value: Value, kind: EnumerableKind) -> Result<Value> {
    let object = match value.as_object() {
        Some(object) => object,
        None => cx.to_object(value)?,
    };
    if kind == EnumerableKind::Keys
        && let Some(array) = cx.plain_own_keys(object)?
    {
        return Ok(array.value());
    }
    let list = cx.enumerable_own_properties(object, kind)?;
    Ok(cx.new_array(&list).value())
}

// 20.1.2.5 Object.entries ( O ), https://tc39.es/ecma262/#sec-object.entries
fn entries(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    enumerable_list(cx, args.at(0), EnumerableKind::Entries)
}

// 20.1.2.19 Object.keys ( O ), https://tc39.es/ecma262/#sec-object.keys
fn keys(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    enumerable_list(cx, args.at(0), EnumerableKind::Keys)
}

// 20.1.2.24 Object.values ( O ), https://tc39.es/ecma262/#sec-object.values
fn values(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    enumerable_list(cx, args.at(0), EnumerableKind::Values)
}

fn set_integrity(cx: &mut Context, value: Value, level: IntegrityLevel, verb: &str) -> Result<Value> {
    let Some(object) = value.as_object() else { return Ok(value) };
    if !cx.set_integrity_level(object, level)? {
        return Err(refusal(cx, object, verb));
    }
    Ok(value)
}

fn refusal(cx: &mut Context, object: Object, verb: &str) -> crate::native::Thrown {
    if object.is(&cx.heap, Kind::Proxy) {
        return cx.throw_type_error("'preventExtensions' on proxy: trap returned falsish");
    }
    let shown = cx.display(object.value());
    cx.throw_type_error(&format!("Cannot {verb} {shown}"))
}

// 20.1.2.6 Object.freeze ( O ), https://tc39.es/ecma262/#sec-object.freeze
fn freeze(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    set_integrity(cx, args.at(0), IntegrityLevel::Frozen, "freeze")
}

// 20.1.2.22 Object.seal ( O ), https://tc39.es/ecma262/#sec-object.seal
fn seal(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    set_integrity(cx, args.at(0), IntegrityLevel::Sealed, "seal")
}

// 20.1.2.20 Object.preventExtensions ( O ), https://tc39.es/ecma262/#sec-object.preventextensions
fn prevent_extensions(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(object) = args.at(0).as_object() else { return Ok(args.at(0)) };
    if !cx.prevent_extensions(object)? {
        return Err(refusal(cx, object, "prevent extensions of"));
    }
    Ok(object.value())
}

// 20.1.2.7 Object.fromEntries ( iterable ), https://tc39.es/ecma262/#sec-object.fromentries
fn from_entries(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if args.at(0).is_nullish() {
        let name = cx.nullish_name(args.at(0));
        return Err(cx.throw_type_error(&format!("{name} is not iterable")));
    }
    let object = cx.new_plain_object();
    // 24.1.1.2 AddEntriesFromIterable, https://tc39.es/ecma262/#sec-add-entries-from-iterable
    cx.iterate(args.at(0), |cx, item| {
        let Some(entry) = item.as_object() else {
            let shown = cx.display(item);
            return Err(cx.throw_type_error(&format!("Iterator value {shown} is not an entry object")));
        };
        let name = cx.get(entry, PropertyKey::index(0))?;
        let value = cx.get(entry, PropertyKey::index(1))?;
        let name = cx.to_property_key(name)?;
        cx.create_data_property_or_throw(object, name, value)?;
        Ok(Flow::Continue)
    })?;
    Ok(object.value())
}

// 20.1.2.8 Object.getOwnPropertyDescriptor ( O, P ), https://tc39.es/ecma262/#sec-object.getownpropertydescriptor
fn get_own_property_descriptor(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(args.at(0))?;
    let name = cx.to_property_key(args.at(1))?;
    let descriptor = cx.get_own_property(object, name)?;
    Ok(cx.from_property_descriptor(descriptor.as_ref()))
}

// 20.1.2.9 Object.getOwnPropertyDescriptors ( O ), https://tc39.es/ecma262/#sec-object.getownpropertydescriptors
fn get_own_property_descriptors(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(args.at(0))?;
    let names = cx.own_keys(object)?;
    cx.spend_fuel(names.len() as u64)?;
    let descriptors = cx.new_plain_object();
    for name in names {
        if let Some(descriptor) = cx.get_own_property(object, name)? {
            let description = cx.from_property_descriptor(Some(&descriptor));
            cx.create_data_property_or_throw(descriptors, name, description)?;
        }
    }
    Ok(descriptors.value())
}

// 20.1.2.11.1 GetOwnPropertyKeys ( O, type ), https://tc39.es/ecma262/#sec-getownpropertykeys
fn own_keys_of_type(cx: &mut Context, value: Value, symbols: bool) -> Result<Value> {
    let object = cx.to_object(value)?;
    let names = cx.own_keys(object)?;
    cx.spend_fuel(names.len() as u64)?;
    let list: Vec<Value> =
        names.into_iter().filter(|name| name.is_symbol(&cx.heap) == symbols).map(|name| name.to_value(&cx.heap)).collect();
    Ok(cx.new_array(&list).value())
}

// 20.1.2.10 Object.getOwnPropertyNames ( O ), https://tc39.es/ecma262/#sec-object.getownpropertynames
fn get_own_property_names(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    own_keys_of_type(cx, args.at(0), false)
}

// 20.1.2.11 Object.getOwnPropertySymbols ( O ), https://tc39.es/ecma262/#sec-object.getownpropertysymbols
fn get_own_property_symbols(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    own_keys_of_type(cx, args.at(0), true)
}

// 20.1.2.12 Object.getPrototypeOf ( O ), https://tc39.es/ecma262/#sec-object.getprototypeof
fn get_prototype_of(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(args.at(0))?;
    Ok(cx.get_prototype_of(object)?.map_or(Value::NULL, Object::value))
}

// 20.1.2.13 Object.groupBy ( items, callback ), https://tc39.es/ecma262/#sec-object.groupby
fn group_by(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    // 7.3.35 GroupBy ( items, callback, keyCoercion ), https://tc39.es/ecma262/#sec-groupby
    let (items, callback) = (args.at(0), args.at(1));
    if items.is_nullish() {
        return Err(cx.throw_not_iterable(items));
    }
    if !cx.is_callable(callback) {
        let shown = cx.display(callback);
        return Err(cx.throw_type_error(&format!("{shown} is not a function")));
    }
    let mut groups: Vec<(PropertyKey, Vec<Value>)> = Vec::new();
    let mut numbers: HashMap<PropertyKey, usize> = HashMap::new();
    let mut k = 0usize;
    cx.iterate(items, |cx, value| {
        let group = cx.call(callback, Value::UNDEFINED, &[value, Value::from_usize(k)])?;
        let group = cx.to_property_key(group)?;
        let number = *numbers.entry(group).or_insert_with(|| {
            groups.push((group, Vec::new()));
            groups.len() - 1
        });
        groups[number].1.push(value);
        k += 1;
        Ok(Flow::Continue)
    })?;
    let object = cx.heap.new_object_with_prototype(Kind::Object, None);
    for (name, members) in groups {
        let members = cx.new_array(&members);
        cx.create_data_property_or_throw(object, name, members.value())?;
    }
    Ok(object.value())
}

// 20.1.2.14 Object.hasOwn ( O, P ), https://tc39.es/ecma262/#sec-object.hasown
fn has_own(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(args.at(0))?;
    let name = cx.to_property_key(args.at(1))?;
    Ok(Value::bool(cx.has_own_property(object, name)?))
}

// 20.1.2.15 Object.is ( value1, value2 ), https://tc39.es/ecma262/#sec-object.is
fn is(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(cx.same_value(args.at(0), args.at(1))))
}

// 20.1.2.16 Object.isExtensible ( O ), https://tc39.es/ecma262/#sec-object.isextensible
fn is_extensible(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    match args.at(0).as_object() {
        Some(object) => Ok(Value::bool(cx.is_extensible(object)?)),
        None => Ok(Value::FALSE),
    }
}

// 20.1.2.17 Object.isFrozen ( O ), https://tc39.es/ecma262/#sec-object.isfrozen
fn is_frozen(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    match args.at(0).as_object() {
        Some(object) => Ok(Value::bool(cx.test_integrity_level(object, IntegrityLevel::Frozen)?)),
        None => Ok(Value::TRUE),
    }
}

// 20.1.2.18 Object.isSealed ( O ), https://tc39.es/ecma262/#sec-object.issealed
fn is_sealed(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    match args.at(0).as_object() {
        Some(object) => Ok(Value::bool(cx.test_integrity_level(object, IntegrityLevel::Sealed)?)),
        None => Ok(Value::TRUE),
    }
}

// 20.1.2.23 Object.setPrototypeOf ( O, proto ), https://tc39.es/ecma262/#sec-object.setprototypeof
fn set_prototype_of(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    cx.require_object_coercible(args.at(0), "Object.setPrototypeOf")?;
    let parent = args.at(1);
    if !parent.is_object() && !parent.is_null() {
        let shown = cx.display(parent);
        return Err(cx.throw_type_error(&format!("Object prototype may only be an Object or null: {shown}")));
    }
    let Some(object) = args.at(0).as_object() else { return Ok(args.at(0)) };
    if !cx.set_prototype_of(object, parent.as_object())? {
        return Err(set_prototype_failure(cx, object));
    }
    Ok(object.value())
}

/// TypeError of a [[SetPrototypeOf]] that was refused. Finds out why without running JS.
pub(super) fn set_prototype_failure(cx: &mut Context, object: Object) -> crate::native::Thrown {
    if object.is(&cx.heap, Kind::Proxy) {
        return cx.throw_type_error("'setPrototypeOf' on proxy: trap returned falsish for property 'undefined'");
    }
    if object == cx.intrinsic(Intrinsic::ObjectPrototype) {
        return cx.throw_type_error("Immutable prototype object 'Object.prototype' cannot have their prototype set");
    }
    let extensible = !object.has_flag(&cx.heap, crate::heap::object_flag::NON_EXTENSIBLE) && !object.is(&cx.heap, Kind::ModuleNamespace);
    if extensible {
        return cx.throw_type_error("Cyclic __proto__ value");
    }
    let shown = cx.display(object.value());
    cx.throw_type_error(&format!("{shown} is not extensible"))
}
