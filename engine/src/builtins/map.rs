//! Map objects. <https://tc39.es/ecma262/#sec-map-objects>

use super::collection;
use super::receiver::{describe, is_native, not_callable, require};
use crate::context::Context;
use crate::heap::Kind;
use crate::iteration::Flow;
use crate::native::{Args, NativeId, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::value::Value;

natives! { pub static MAP: "Map" / 0 => construct, Map, MapPrototype; {
    static method "groupBy" / 2 => group_by,
    static get @@species => species,
    method "get" / 1 => get,
    method "set" / 2 => set,
    method "has" / 1 => has,
    method "delete" / 1 => delete,
    method "clear" / 0 => clear,
    method "entries" / 0 => super::map_iterator::entries,
    method "forEach" / 1 => for_each,
    method "getOrInsert" / 2 => get_or_insert,
    method "getOrInsertComputed" / 2 => get_or_insert_computed,
    method "keys" / 0 => super::map_iterator::keys,
    get "size" => size,
    method "values" / 0 => super::map_iterator::values,
    tag "Map",
    alias @@iterator => "entries",
}}

// 24.1.1.1 Map ( [ iterable ] ), https://tc39.es/ecma262/#sec-map-iterable
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor Map requires 'new'"));
    }
    let map = cx.create_from_constructor(args.new_target, Intrinsic::MapPrototype, Kind::Map)?;
    collection::init(&cx.heap, map);
    let iterable = args.at(0);
    if iterable.is_nullish() {
        return Ok(map.value());
    }
    let adder = cx.get(map, key::set)?;
    if !cx.is_callable(adder) {
        let adder = describe(cx, adder);
        return Err(cx.throw_type_error(&format!("'{adder}' returned for property 'set' of object '#<Map>' is not a function")));
    }
    add_entries_from_iterable(cx, map, iterable, adder, set)?;
    Ok(map.value())
}

// 24.1.1.2 AddEntriesFromIterable ( target, iterable, adder ), https://tc39.es/ecma262/#sec-add-entries-from-iterable
/// `native` is the built-in method that `adder` usually is.
pub(super) fn add_entries_from_iterable(
    cx: &mut Context,
    target: Object,
    iterable: Value,
    adder: Value,
    native: impl Into<NativeId>,
) -> Result<()> {
    let plain = is_native(cx, adder, native);
    let strong = target.is(&cx.heap, Kind::Map);
    cx.iterate(iterable, |cx, item| {
        let Some(entry) = item.as_object() else {
            let item = describe(cx, item);
            return Err(cx.throw_type_error(&format!("Iterator value {item} is not an entry object")));
        };
        let entry_key = cx.get(entry, crate::string::PropertyKey::index(0))?;
        let value = cx.get(entry, crate::string::PropertyKey::index(1))?;
        if plain && strong {
            // OPTIMIZATION: the unmodified Map.prototype.set does nothing but this.
            collection::insert(cx, target, entry_key, value)?;
        } else {
            cx.call(adder, target.value(), &[entry_key, value])?;
        }
        Ok(Flow::Continue)
    })
}

// 24.1.2.1 Map.groupBy ( items, callback ), https://tc39.es/ecma262/#sec-map.groupby
fn group_by(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (items, callback) = (args.at(0), args.at(1));
    // GroupBy ( items, callback, collection ), https://tc39.es/ecma262/#sec-groupby
    cx.require_object_coercible(items, "Map.groupBy")?;
    if !cx.is_callable(callback) {
        return Err(not_callable(cx, callback));
    }
    let map = cx.new_intrinsic_object(Kind::Map, Intrinsic::MapPrototype);
    collection::init(&cx.heap, map);
    let mut index = 0u64;
    cx.iterate(items, |cx, item| {
        let group = cx.call(callback, Value::UNDEFINED, &[item, Value::number(index as f64)])?;
        index += 1;
        match collection::get(&cx.heap, map, group).and_then(Value::as_object) {
            Some(array) => array.array_push(cx, item)?,
            None => {
                let array = cx.new_array(&[item]);
                collection::insert(cx, map, group, array.value())?;
            }
        }
        Ok(Flow::Continue)
    })?;
    Ok(map.value())
}

// 24.1.2.3 get Map [ %Symbol.species% ], https://tc39.es/ecma262/#sec-get-map-%symbol.species%
fn species(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

// 24.1.3.1 Map.prototype.clear ( ), https://tc39.es/ecma262/#sec-map.prototype.clear
fn clear(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.clear")?;
    collection::clear(&cx.heap, map);
    Ok(Value::UNDEFINED)
}

// 24.1.3.3 Map.prototype.delete ( key ), https://tc39.es/ecma262/#sec-map.prototype.delete
fn delete(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.delete")?;
    Ok(Value::bool(collection::remove(&cx.heap, map, args.at(0))))
}

// 24.1.3.5 Map.prototype.forEach ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-map.prototype.foreach
fn for_each(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.forEach")?;
    let callback = args.at(0);
    if !cx.is_callable(callback) {
        return Err(not_callable(cx, callback));
    }
    collection::for_each(cx, map, callback, args.at(1))?;
    Ok(Value::UNDEFINED)
}

// 24.1.3.6 Map.prototype.get ( key ), https://tc39.es/ecma262/#sec-map.prototype.get
fn get(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.get")?;
    Ok(collection::get(&cx.heap, map, args.at(0)).unwrap_or(Value::UNDEFINED))
}

// Map.prototype.getOrInsert ( key, value ), https://tc39.es/proposal-upsert/#sec-map.prototype.getOrInsert
fn get_or_insert(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.getOrInsert")?;
    if let Some(value) = collection::get(&cx.heap, map, args.at(0)) {
        return Ok(value);
    }
    collection::insert(cx, map, args.at(0), args.at(1))?;
    Ok(args.at(1))
}

// Map.prototype.getOrInsertComputed ( key, callback ), https://tc39.es/proposal-upsert/#sec-map.prototype.getOrInsertComputed
fn get_or_insert_computed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.getOrInsertComputed")?;
    let callback = args.at(1);
    if !cx.is_callable(callback) {
        return Err(not_callable(cx, callback));
    }
    let entry_key = collection::canonical_key(args.at(0));
    if let Some(value) = collection::get(&cx.heap, map, entry_key) {
        return Ok(value);
    }
    let value = cx.call(callback, Value::UNDEFINED, &[entry_key])?;
    // The callback may have added the key: insert overwrites that value, as the specification does.
    collection::insert(cx, map, entry_key, value)?;
    Ok(value)
}

// 24.1.3.7 Map.prototype.has ( key ), https://tc39.es/ecma262/#sec-map.prototype.has
fn has(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.has")?;
    Ok(Value::bool(collection::has(&cx.heap, map, args.at(0))))
}

// 24.1.3.9 Map.prototype.set ( key, value ), https://tc39.es/ecma262/#sec-map.prototype.set
fn set(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.set")?;
    collection::insert(cx, map, args.at(0), args.at(1))?;
    Ok(this)
}

// 24.1.3.10 get Map.prototype.size, https://tc39.es/ecma262/#sec-get-map.prototype.size
fn size(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "get Map.prototype.size")?;
    Ok(Value::from(collection::size(&cx.heap, map)))
}

impl Context {
    /// A new empty Map of the current realm.
    pub fn new_map(&mut self) -> Object {
        let map = self.new_intrinsic_object(Kind::Map, Intrinsic::MapPrototype);
        collection::init(&self.heap, map);
        map
    }

    /// Adds a pair to a Map, without running JS.
    pub fn map_insert(&mut self, map: Object, key: Value, value: Value) -> Result<()> {
        collection::insert(self, map, key, value)
    }

    /// A new empty Set of the current realm.
    pub fn new_set(&mut self) -> Object {
        let set = self.new_intrinsic_object(Kind::Set, Intrinsic::SetPrototype);
        collection::init(&self.heap, set);
        set
    }

    /// Adds a value to a Set, without running JS.
    pub fn set_insert(&mut self, set: Object, value: Value) -> Result<()> {
        collection::insert(self, set, value, value)
    }
}
