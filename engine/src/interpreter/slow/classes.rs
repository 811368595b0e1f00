//! Classes: constructors, private elements, methods.

use super::super::calls::{Flow, push_call};
use super::super::inline_cache::{add_entry, data_entry};
use super::super::lookup_cache::WRITABLE;
use super::super::{frame_code, frame_flag, set_register};
use super::{a, b, c, set_a, settle};
use crate::bytecode::Word;
use crate::context::Context;
use crate::heap::{SymbolCell, Values, object_flag};
use crate::native::{Result, Thrown};
use crate::object::{Object, Property, PropertyDescriptor, attribute};
use crate::realm::code::Code;
use crate::realm::function::{self, closure};
use crate::string::PropertyKey;
use crate::value::Value;

/// `NewClass`
pub(in crate::interpreter) fn new_class(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let environment = a(cx, word, regs);
    let parent = b(cx, word, regs);
    let code = Code::from_value(frame_code(&cx.heap, regs).cell(&cx.heap, u32::from(word.c)));
    let (constructor, prototype) = function::new_class(cx, code, environment, parent)?;
    set_a(cx, word, regs, constructor.value());
    set_register(&cx.heap, regs, u32::from(word.a) + 1, prototype.value());
    Ok(())
}

/// `SetFieldInitialiser`
pub(in crate::interpreter) fn set_field_initialiser(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    if let Some(constructor) = a(cx, word, regs).as_object() {
        constructor.set_internal(&cx.heap, closure::FIELDS, b(cx, word, regs));
    }
    Ok(())
}

/// `RunFieldInitialiser`
pub(in crate::interpreter) fn run_field_initialiser(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    let Some(constructor) = b(cx, word, regs).as_object() else { return Ok(Flow::Next) };
    let Some(initialiser) = constructor.internal(&cx.heap, closure::FIELDS).as_object() else { return Ok(Flow::Next) };
    let this = a(cx, word, regs);
    push_call(cx, regs, initialiser, this, &[], frame_flag::DISCARD)
}

/// `NewPrivateName`
pub(in crate::interpreter) fn new_private_name(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let description = frame_code(&cx.heap, regs).constant(&cx.heap, word.bc() as u32).as_string();
    let symbol = cx.heap.new_symbol(description, true);
    set_a(cx, word, regs, symbol.value());
    Ok(())
}

fn private_key(value: Value) -> PropertyKey {
    PropertyKey::symbol(crate::heap::Ref::<SymbolCell>::from_offset(value.offset()))
}

/// An object that may hold private elements: proxies do too, on their own cell.
fn brand_error(cx: &mut Context, key: PropertyKey, verb: &str) -> Thrown {
    let name = key.to_text(&cx.heap);
    let preposition = if verb == "write" { "to an" } else { "from an" };
    cx.throw_type_error(&format!("Cannot {verb} private member {name} {preposition} object whose class did not declare it"))
}

// 7.3.31 PrivateGet ( O, P ), https://tc39.es/ecma262/#sec-privateget
/// `GetPrivate`
pub(in crate::interpreter) fn get_private(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let key = private_key(c(cx, word, regs));
    let target = b(cx, word, regs);
    let Some(object) = target.as_object() else { return Err(brand_error(cx, key, "read")) };
    let Some(property) = object.shape(&cx.heap).lookup(&cx.heap, key) else { return Err(brand_error(cx, key, "read")) };
    let value = object.slot_value(&cx.heap, property.slot);
    let value = if property.attributes & attribute::ACCESSOR != 0 {
        let getter = value.as_cell::<Values>().map_or(Value::UNDEFINED, |pair| pair.get(&cx.heap, 0));
        if !getter.is_object() {
            let name = key.to_text(&cx.heap);
            return Err(cx.throw_type_error(&format!("'{name}' was defined without a getter")));
        }
        settle(cx, regs);
        cx.call(getter, target, &[])?
    } else {
        note(cx, object, key, property);
        value
    };
    set_a(cx, word, regs, value);
    Ok(())
}

// 7.3.32 PrivateSet ( O, P, value ), https://tc39.es/ecma262/#sec-privateset
/// `SetPrivate`
pub(in crate::interpreter) fn set_private(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let key = private_key(b(cx, word, regs));
    let target = a(cx, word, regs);
    let value = c(cx, word, regs);
    let Some(object) = target.as_object() else { return Err(brand_error(cx, key, "write")) };
    let Some(property) = object.shape(&cx.heap).lookup(&cx.heap, key) else { return Err(brand_error(cx, key, "write")) };
    if property.attributes & attribute::ACCESSOR != 0 {
        let setter = object.slot_value(&cx.heap, property.slot).as_cell::<Values>().map_or(Value::UNDEFINED, |pair| pair.get(&cx.heap, 1));
        if !setter.is_object() {
            let name = key.to_text(&cx.heap);
            return Err(cx.throw_type_error(&format!("'{name}' was defined without a setter")));
        }
        settle(cx, regs);
        cx.call(setter, target, &[value])?;
        return Ok(());
    }
    if property.attributes & attribute::WRITABLE == 0 {
        let name = key.to_text(&cx.heap);
        return Err(cx.throw_type_error(&format!("Private method '{name}' is not writable")));
    }
    note(cx, object, key, property);
    object.set_slot_value(&cx.heap, property.slot, value);
    Ok(())
}

/// Notes where objects of this shape have a private field or method, for the next access.
fn note(cx: &Context, object: Object, key: PropertyKey, property: Property) {
    let shape = object.shape(&cx.heap);
    if shape.is_dictionary(&cx.heap) {
        return;
    }
    if let Some(mut entry) = data_entry(&cx.heap, object, shape, property, true, shape.offset()) {
        if property.attributes & attribute::WRITABLE != 0 {
            entry.data |= WRITABLE;
        }
        cx.lookups.put(cx.generation, &cx.pristine, key.bits(), entry);
    }
}

// 7.3.29 PrivateFieldAdd, 7.3.30 PrivateMethodOrAccessorAdd, https://tc39.es/ecma262/#sec-privatefieldadd
/// `DefinePrivate`
pub(in crate::interpreter) fn define_private(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let key = private_key(b(cx, word, regs));
    let value = c(cx, word, regs);
    let Some(object) = a(cx, word, regs).as_object() else { return Ok(()) };
    let known = object.shape(&cx.heap).lookup(&cx.heap, key);
    if known.is_none() && !object.is(&cx.heap, crate::heap::Kind::Proxy) && !cx.is_extensible(object)? {
        let name = key.to_text(&cx.heap);
        return Err(cx.throw_type_error(&format!("Cannot define private member {name} on a non-extensible object")));
    }
    if word.x >= 2 {
        let side = u32::from(word.x) - 2;
        if let Some(property) = known {
            // The other half of an accessor; the same half twice is a second initialisation.
            if let Some(pair) = object.slot_value(&cx.heap, property.slot).as_cell::<Values>()
                && pair.get(&cx.heap, side).is_undefined()
            {
                pair.set(&cx.heap, side, value);
                return Ok(());
            }
            return Err(twice(cx));
        }
        let halves = if side == 0 { [value, Value::UNDEFINED] } else { [Value::UNDEFINED, value] };
        let pair = cx.heap.new_values_from(&halves);
        object.add_property(&cx.heap, key, Value::cell(pair), attribute::ACCESSOR);
        return Ok(());
    }
    if known.is_some() {
        return Err(twice(cx));
    }
    let shape = object.shape(&cx.heap);
    object.add_property(&cx.heap, key, value, if word.x == 0 { attribute::WRITABLE } else { attribute::NONE });
    let next = object.shape(&cx.heap);
    let is_special = object.flags(&cx.heap) & (object_flag::NON_EXTENSIBLE | object_flag::PROTOTYPE) != 0;
    if !is_special && !shape.is_dictionary(&cx.heap) && !next.is_dictionary(&cx.heap) {
        cx.lookups.put(cx.generation, &cx.pristine, key.bits(), add_entry(&cx.heap, shape, next));
    }
    Ok(())
}

fn twice(cx: &mut Context) -> Thrown {
    cx.throw_type_error("Cannot initialize private elements twice on the same object")
}

/// `HasPrivate`
pub(in crate::interpreter) fn has_private(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let key = private_key(b(cx, word, regs));
    let Some(object) = c(cx, word, regs).as_object() else {
        let name = key.to_text(&cx.heap);
        let shown = crate::realm::error::describe(cx, c(cx, word, regs));
        return Err(cx.throw_type_error(&format!("Cannot use 'in' operator to search for '{name}' in {shown}")));
    };
    let found = object.shape(&cx.heap).lookup(&cx.heap, key).is_some();
    set_a(cx, word, regs, Value::bool(found));
    Ok(())
}

// 15.4.5 MethodDefinitionEvaluation, https://tc39.es/ecma262/#sec-runtime-semantics-methoddefinitionevaluation
/// `DefineMethod`
pub(in crate::interpreter) fn define_method(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let key = cx.to_property_key(b(cx, word, regs))?;
    let method = c(cx, word, regs);
    let Some(object): Option<Object> = a(cx, word, regs).as_object() else { return Ok(()) };
    let enumerable = word.x & 4 != 0;
    let descriptor = match word.x & 3 {
        0 => PropertyDescriptor::data(method, if enumerable { attribute::ALL } else { attribute::METHOD }),
        side => PropertyDescriptor {
            get: (side == 1).then_some(method),
            set: (side == 2).then_some(method),
            enumerable: Some(enumerable),
            configurable: Some(true),
            ..PropertyDescriptor::default()
        },
    };
    cx.define_or_throw(object, key, &descriptor)
}
