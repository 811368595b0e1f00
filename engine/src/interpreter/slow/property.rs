//! Property access that inline caches and plain elements do not answer.

use super::super::calls::{Flow, call_accessor};
use super::super::inline_cache::{
    Entry, Lookup, WAYS, ic, is_cacheable, lookup, lookup_globally, prepare_store, prepare_store_globally, primitive_marker,
};
use super::super::lookup_cache;
use super::super::{frame_code, frame_flag, set_register};
use super::{a, b, c, set_a, settle};
use crate::bytecode::Word;
use crate::context::Context;
use crate::heap::{Kind, Raw, Ref, Values, object_flag};
use crate::native::{Result, Thrown};
use crate::object::Object;
use crate::string::{JsString, PropertyKey, atoms::key};
use crate::value::Value;

/// Property key and cache address of the instruction.
fn site(cx: &Context, word: Word, regs: u32) -> (PropertyKey, u32) {
    let key = frame_code(&cx.heap, regs).key(&cx.heap, u32::from(word.c));
    (key, cx.machine.feedback + 16 * u32::from(word.c))
}

/// Cannot read properties of undefined (reading 'x')
fn nullish_error(cx: &mut Context, value: Value, property: &str, verb: &str) -> Thrown {
    let shown = if value.is_null() { "null" } else { "undefined" };
    let verbs = if verb == "reading" { "read" } else { "set" };
    cx.throw_type_error(&format!("Cannot {verbs} properties of {shown} ({verb} '{property}')"))
}

/// A cached getter for `shape`, if the site has one.
fn cached_getter(cx: &Context, cache: u32, shape: u32) -> Option<Value> {
    let heap = &cx.heap;
    let fits = |entry: Entry| entry.shape == shape && entry.data & 0xFF == ic::GETTER && entry.epoch == heap.shape_epoch();
    let first = Entry::load(heap, cache);
    let entry = if fits(first) {
        first
    } else if first.data & 0xFF == ic::POLYMORPHIC {
        let ways = Ref::<Raw>::from_offset(first.extra);
        (0..WAYS).map(|way| Entry::load(heap, ways.data() + 16 * way)).find(|entry| fits(*entry))?
    } else {
        return None;
    };
    let pair: Value = heap.load(entry.extra);
    pair.as_cell::<Values>().map(|pair| pair.get(heap, 0))
}

/// What the global lookup cache knows of a data property (or its absence).
pub(super) fn known_globally(cx: &Context, receiver: Value, marker: u32, key: PropertyKey) -> Option<Value> {
    let heap = &cx.heap;
    let entry = cx.lookups.find(cx.generation, &cx.pristine, marker, key.bits())?.entry();
    match entry.data & 0xFF & !lookup_cache::WRITABLE {
        ic::OWN => Some(heap.load(receiver.offset() + (entry.data >> 8))),
        ic::OVERFLOW => Some(heap.load(heap.load::<u32>(receiver.offset() + 8) + 16 + 8 * (entry.data >> 8))),
        ic::PROTOTYPE if entry.epoch == heap.shape_epoch() => Some(heap.load(entry.extra)),
        kind if (kind == ic::MISSING || kind & lookup_cache::ABSENT != 0) && entry.epoch == heap.shape_epoch() => Some(Value::UNDEFINED),
        _ => None,
    }
}

/// The getter that the global lookup cache knows for objects of the shape `marker`.
fn getter_known_globally(cx: &Context, marker: u32, key: PropertyKey) -> Option<Value> {
    let entry = cx.lookups.find(cx.generation, &cx.pristine, marker, key.bits())?.entry();
    if entry.data & 0xFF != ic::GETTER || entry.epoch != cx.heap.shape_epoch() {
        return None;
    }
    let pair: Value = cx.heap.load(entry.extra);
    pair.as_cell::<Values>().map(|pair| pair.get(&cx.heap, 0))
}

impl Context {
    /// Whether neither `object` nor its chain has the property `name`, no index, as far as shapes tell: false where that is not known.
    pub(crate) fn lacks_by_shape(&mut self, object: Object, name: PropertyKey) -> bool {
        let marker = object.shape(&self.heap).offset();
        match self.lookups.find(self.generation, &self.pristine, marker, name.bits()).map(|slot| slot.entry()) {
            Some(entry) if entry.data & 0xFF == ic::MISSING && entry.epoch == self.heap.shape_epoch() => true,
            _ => matches!(lookup_globally(self, object, true, marker, name), Lookup::Missing),
        }
    }

    // 7.3.2 Get ( O, P ), https://tc39.es/ecma262/#sec-get
    /// OPTIMIZATION: [`Context::set`], which throws where it fails, for a name, no index, by what the global lookup cache knows of the shape.
    pub fn set_by_shape(&mut self, object: Object, name: PropertyKey, value: Value) -> Result<()> {
        if store_known_globally(self, object, name, value) {
            return Ok(());
        }
        prepare_store_globally(self, object, name);
        self.set(object, name, value, true)
    }

    /// OPTIMIZATION: [`Context::get`] for a name, no index, that a native looks up on many objects of few shapes: by what the global lookup
    /// cache knows of the shape, which is what the lookup would find.
    pub fn get_by_shape(&mut self, object: Object, name: PropertyKey) -> Result<Value> {
        let marker = object.shape(&self.heap).offset();
        if let Some(found) = known_globally(self, object.value(), marker, name) {
            return Ok(found);
        }
        match lookup_globally(self, object, true, marker, name) {
            Lookup::Data(found) => Ok(found),
            Lookup::Missing => Ok(Value::UNDEFINED),
            Lookup::Getter(getter) if getter.is_undefined() => Ok(Value::UNDEFINED),
            Lookup::Getter(getter) => self.call(getter, object.value(), &[]),
            Lookup::Generic => self.get(object, name),
        }
    }
}

/// `GetField`, `GetLength`
#[inline(never)]
pub(in crate::interpreter) fn get_field(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    cx.machine.misses += 1;
    let value = b(cx, word, regs);
    let (key, cache) = site(cx, word, regs);
    let (start, is_receiver, marker) = if let Some(object) = value.as_object() {
        if key == key::length && object.is(&cx.heap, Kind::Array) {
            set_a(cx, word, regs, object.internal(&cx.heap, 0));
            return Ok(Flow::Next);
        }
        (object, true, object.shape(&cx.heap).offset())
    } else if let Some((marker, prototype)) = primitive_marker(value) {
        if let Some(string) = value.as_string()
            && (key == key::length || key.is_index())
        {
            let result = if key == key::length {
                Value::from_usize(string.length(&cx.heap) as usize)
            } else {
                settle(cx, regs);
                cx.get_v(value, key)?
            };
            set_a(cx, word, regs, result);
            return Ok(Flow::Next);
        }
        (cx.intrinsic(prototype), false, marker)
    } else {
        let text = key.to_text(&cx.heap);
        return Err(nullish_error(cx, value, &text, "reading"));
    };
    // The accessor's getter is that of `arguments` too: only here is it known what is read.
    if key == key::caller
        && let Some(caller) = crate::builtins::support::legacy_caller(cx, value)
    {
        set_a(cx, word, regs, caller);
        return Ok(Flow::Next);
    }
    if let Some(getter) = cached_getter(cx, cache, marker) {
        return call_accessor(cx, word, regs, getter, value, &[], 0);
    }
    let found = if cx.heap.load::<u32>(cache + 4) & 0xFF == ic::MEGAMORPHIC {
        if let Some(found) = known_globally(cx, value, marker, key) {
            set_a(cx, word, regs, found);
            return Ok(Flow::Next);
        }
        if let Some(getter) = getter_known_globally(cx, marker, key) {
            return call_accessor(cx, word, regs, getter, value, &[], 0);
        }
        lookup_globally(cx, start, is_receiver, marker, key)
    } else {
        lookup(cx, start, is_receiver, marker, key, cache)
    };
    match found {
        Lookup::Data(found) => set_a(cx, word, regs, found),
        Lookup::Missing => set_a(cx, word, regs, Value::UNDEFINED),
        Lookup::Getter(getter) => return call_accessor(cx, word, regs, getter, value, &[], 0),
        Lookup::Generic => {
            settle(cx, regs);
            let found = cx.get_with_receiver(start, key, value)?;
            set_a(cx, word, regs, found);
        }
    }
    Ok(Flow::Next)
}

/// `SetField`
#[inline(never)]
pub(in crate::interpreter) fn set_field(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    cx.machine.misses += 1;
    let target = a(cx, word, regs);
    let value = b(cx, word, regs);
    let (key, cache) = site(cx, word, regs);
    let Some(object) = target.as_object() else {
        if target.is_nullish() {
            let text = key.to_text(&cx.heap);
            return Err(nullish_error(cx, target, &text, "setting"));
        }
        settle(cx, regs);
        cx.set_v(target, key, value, word.x & 1 != 0)?;
        return Ok(Flow::Next);
    };
    // A setter on the chain gets a frame of its own.
    if is_cacheable(&cx.heap, object, key)
        && let Some(setter) = find_setter(cx, object, key)
        && setter.as_object().is_some_and(|setter| setter.is(&cx.heap, Kind::Closure))
    {
        return call_accessor(cx, word, regs, setter, target, &[value], frame_flag::DISCARD);
    }
    if cx.heap.load::<u32>(cache + 4) & 0xFF == ic::MEGAMORPHIC {
        prepare_store_globally(cx, object, key);
    } else {
        prepare_store(cx, object, key, cache, false);
    }
    settle(cx, regs);
    cx.set_v(target, key, value, word.x & 1 != 0)?;
    Ok(Flow::Next)
}

/// The setter that an ordinary assignment would call.
fn find_setter(cx: &Context, object: Object, key: PropertyKey) -> Option<Value> {
    let heap = &cx.heap;
    let mut current = Some(object);
    while let Some(holder) = current {
        if matches!(holder.kind(heap), Kind::Proxy | Kind::ModuleNamespace | Kind::TypedArray) {
            return None;
        }
        if let Some(property) = holder.shape(heap).lookup(heap, key) {
            if property.attributes & crate::object::attribute::ACCESSOR == 0 {
                return None;
            }
            return holder.slot_value(heap, property.slot).as_cell::<Values>().map(|pair| pair.get(heap, 1));
        }
        current = holder.shape(heap).prototype(heap);
    }
    None
}

/// `DefineField`
pub(in crate::interpreter) fn define_field(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    cx.machine.misses += 1;
    let (key, cache) = site(cx, word, regs);
    let Some(object) = a(cx, word, regs).as_object() else { return Ok(()) };
    let value = b(cx, word, regs);
    prepare_store(cx, object, key, cache, true);
    settle(cx, regs);
    cx.create_data_property_or_throw(object, key, value)
}

/// OPTIMIZATION: the atom for the string in register `number` that is used as the name of a property, which is put there in its place. A
/// string with the same units is the same value; the next use of the register finds it as it is.
fn atom_in_register(cx: &Context, regs: u32, number: u16, string: JsString) -> Option<PropertyKey> {
    let key = cx.heap.string_key(string);
    if key.is_index() {
        return None;
    }
    if !string.is_atom(&cx.heap) {
        set_register(&cx.heap, regs, u32::from(number), key.to_value(&cx.heap));
    }
    Some(key)
}

/// Stores to a property of which the global lookup cache knows how; whether it did.
fn store_known_globally(cx: &Context, object: Object, key: PropertyKey, value: Value) -> bool {
    const OWN: u32 = ic::OWN | lookup_cache::WRITABLE;
    const OVERFLOW: u32 = ic::OVERFLOW | lookup_cache::WRITABLE;
    let heap = &cx.heap;
    let Some(slot) = cx.lookups.find(cx.generation, &cx.pristine, object.shape(heap).offset(), key.bits()) else { return false };
    let Entry { data, extra, epoch, .. } = slot.entry();
    let overflow = || heap.load::<u32>(object.offset() + 8);
    match data & 0xFF & !lookup_cache::ABSENT {
        OWN => heap.store(object.offset() + (data >> 8), value),
        OVERFLOW => heap.store(overflow() + 16 + 8 * (data >> 8), value),
        kind @ (ic::ADD | ic::ADD_OVERFLOW) if epoch == heap.shape_epoch() => {
            if object.flags(heap) & (object_flag::NON_EXTENSIBLE | object_flag::PROTOTYPE) != 0 {
                return false;
            }
            if kind == ic::ADD {
                heap.store(object.offset() + (data >> 8), value);
            } else {
                let (slots, index) = (overflow(), data >> 8);
                if slots == 0 || index >= heap.load::<u32>(slots + 4) {
                    return false;
                }
                heap.store(slots + 16 + 8 * index, value);
                heap.store::<u32>(slots + 8, index + 1);
            }
            heap.store::<u32>(object.offset() + 4, extra);
        }
        _ => return false,
    }
    true
}

/// `GetElem`
#[inline(never)]
pub(in crate::interpreter) fn get_elem(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    cx.machine.misses += 1;
    let target = b(cx, word, regs);
    let mut index = c(cx, word, regs);
    if let (Some(object), Some(string)) = (target.as_object(), index.as_string())
        && let Some(key) = atom_in_register(cx, regs, word.c, string)
    {
        let shape = object.shape(&cx.heap).offset();
        if let Some(found) = known_globally(cx, target, shape, key) {
            set_a(cx, word, regs, found);
            return Ok(Flow::Next);
        }
        index = c(cx, word, regs);
    }
    if let (Some(string), Some(at)) = (target.as_string(), index.as_int())
        && (at as u32) < string.length(&cx.heap)
        && at >= 0
    {
        let unit = string.unit_at(&cx.heap, at as u32);
        set_a(cx, word, regs, cx.heap.single_unit(unit).value());
        return Ok(Flow::Next);
    }
    if target.is_nullish() {
        let text = crate::realm::error::describe(cx, index);
        return Err(nullish_error(cx, target, text.trim_matches('"'), "reading"));
    }
    // OPTIMIZATION: what a plain array does not have, nothing on its chain has.
    if let (Some(array), Some(at)) = (target.as_object(), index.as_int())
        && at >= 0
        && array.is_plain_dense_array(cx)
        && array.dense_element(&cx.heap, at as u32).is_none()
    {
        set_a(cx, word, regs, Value::UNDEFINED);
        return Ok(Flow::Next);
    }
    settle(cx, regs);
    let key = key_of(cx, index)?;
    if let Some(object) = target.as_object()
        && !key.is_index()
    {
        // A data property found in the shape needs no more.
        if object.shape(&cx.heap).is_dictionary(&cx.heap) {
            if !object.has_flag(&cx.heap, object_flag::EXOTIC)
                && let Some(property) = object.shape(&cx.heap).lookup(&cx.heap, key)
                && property.attributes & (crate::object::attribute::ACCESSOR | crate::object::attribute::LAZY) == 0
            {
                set_a(cx, word, regs, object.slot_value(&cx.heap, property.slot));
                return Ok(Flow::Next);
            }
        } else {
            let shape = object.shape(&cx.heap).offset();
            match lookup_globally(cx, object, true, shape, key) {
                Lookup::Data(found) => {
                    set_a(cx, word, regs, found);
                    return Ok(Flow::Next);
                }
                Lookup::Missing => {
                    set_a(cx, word, regs, Value::UNDEFINED);
                    return Ok(Flow::Next);
                }
                Lookup::Getter(getter) => return call_accessor(cx, word, regs, getter, target, &[], 0),
                Lookup::Generic => {}
            }
        }
    }
    let found = cx.get_v(target, key)?;
    set_a(cx, word, regs, found);
    Ok(Flow::Next)
}

/// ToPropertyKey with short ways for ints and atoms.
fn key_of(cx: &mut Context, value: Value) -> Result<PropertyKey> {
    match value.as_int() {
        Some(index) if index >= 0 => Ok(PropertyKey::index(index as u32)),
        _ => match value.as_string() {
            Some(string) => Ok(cx.heap.string_key(string)),
            None => cx.to_property_key(value),
        },
    }
}

/// `SetElem`
#[inline(never)]
pub(in crate::interpreter) fn set_elem(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    cx.machine.misses += 1;
    let target = a(cx, word, regs);
    let mut index = b(cx, word, regs);
    let value = c(cx, word, regs);
    if let (Some(object), Some(string)) = (target.as_object(), index.as_string())
        && let Some(key) = atom_in_register(cx, regs, word.b, string)
    {
        if store_known_globally(cx, object, key, value) {
            return Ok(());
        }
        index = b(cx, word, regs);
    }
    if target.is_nullish() {
        let text = crate::realm::error::describe(cx, index);
        return Err(nullish_error(cx, target, text.trim_matches('"'), "setting"));
    }
    settle(cx, regs);
    // OPTIMIZATION: the element after an array's last one, where it needs more room.
    if let (Some(array), Some(at)) = (target.as_object(), index.as_int())
        && array.is_plain_dense_array(cx)
        && array.array_length(&cx.heap) == at as u32
        && array.dense_length(&cx.heap) == at as u32
    {
        return array.array_push(cx, value);
    }
    let key = key_of(cx, index)?;
    if let Some(object) = target.as_object()
        && !key.is_index()
    {
        // The next store to such an object finds it in the cache.
        prepare_store_globally(cx, object, key);
    }
    cx.set_v(target, key, value, word.x & 1 != 0)
}

fn require_object(cx: &mut Context, value: Value) -> Result<Object> {
    if value.is_nullish() {
        let shown = crate::realm::error::describe(cx, value);
        return Err(cx.throw_type_error(&format!("Cannot convert {shown} to object")));
    }
    cx.to_object(value)
}

fn delete(cx: &mut Context, word: Word, regs: u32, target: Value, key: PropertyKey) -> Result<()> {
    let object = require_object(cx, target)?;
    let deleted = cx.delete(object, key)?;
    if !deleted && word.x & 1 != 0 {
        let text = key.to_text(&cx.heap);
        let shown = crate::realm::error::describe(cx, target);
        return Err(cx.throw_type_error(&format!("Cannot delete property '{text}' of {shown}")));
    }
    set_a(cx, word, regs, Value::bool(deleted));
    Ok(())
}

/// `DeleteField`
pub(in crate::interpreter) fn delete_field(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let (key, _) = site(cx, word, regs);
    delete(cx, word, regs, b(cx, word, regs), key)
}

/// `DeleteElem`
pub(in crate::interpreter) fn delete_elem(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let target = b(cx, word, regs);
    if target.is_nullish() {
        require_object(cx, target)?;
    }
    let key = cx.to_property_key(c(cx, word, regs))?;
    delete(cx, word, regs, target, key)
}

/// `GetSuperBase`
pub(in crate::interpreter) fn get_super_base(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let base = match b(cx, word, regs).as_object() {
        // OPTIMIZATION: what a method is defined in is an object made for it, with an ordinary [[GetPrototypeOf]].
        Some(home) if home.is(&cx.heap, Kind::Object) => home.shape(&cx.heap).prototype(&cx.heap).map_or(Value::NULL, Object::value),
        Some(home) => cx.get_prototype_of(home)?.map_or(Value::NULL, Object::value),
        None => Value::UNDEFINED,
    };
    set_a(cx, word, regs, base);
    Ok(())
}

/// `GetWithReceiver`
pub(in crate::interpreter) fn get_with_receiver(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let base = b(cx, word, regs);
    let receiver = a(cx, word, regs);
    let key = key_of(cx, c(cx, word, regs))?;
    let Some(object) = base.as_object() else {
        let text = key.to_text(&cx.heap);
        return Err(nullish_error(cx, base, &text, "reading"));
    };
    // OPTIMIZATION: data properties, by what the global lookup cache knows of the shape; the receiver plays no part in them.
    if !key.is_index() {
        let shape = object.shape(&cx.heap).offset();
        if let Some(found) = known_globally(cx, base, shape, key) {
            set_a(cx, word, regs, found);
            return Ok(());
        }
        if let Lookup::Data(found) = lookup_globally(cx, object, true, shape, key) {
            set_a(cx, word, regs, found);
            return Ok(());
        }
    }
    let value = cx.get_with_receiver(object, key, receiver)?;
    set_a(cx, word, regs, value);
    Ok(())
}

/// `SetWithReceiver`
pub(in crate::interpreter) fn set_with_receiver(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let base = b(cx, word, regs);
    let receiver = a(cx, word, regs);
    let value = super::super::register(&cx.heap, regs, u32::from(word.a) + 1);
    let key = cx.to_property_key(c(cx, word, regs))?;
    let Some(object) = base.as_object() else {
        let text = key.to_text(&cx.heap);
        return Err(nullish_error(cx, base, &text, "setting"));
    };
    let done = cx.set_with_receiver(object, key, value, receiver)?;
    if !done && word.x & 1 != 0 {
        let text = key.to_text(&cx.heap);
        return Err(cx.throw_type_error(&format!("Cannot assign to read only property '{text}' of object")));
    }
    Ok(())
}

/// `DefineElem`
pub(in crate::interpreter) fn define_elem(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let Some(object) = a(cx, word, regs).as_object() else { return Ok(()) };
    let key = key_of(cx, b(cx, word, regs))?;
    let value = c(cx, word, regs);
    cx.create_data_property_or_throw(object, key, value)
}
