//! WeakMap and WeakSet objects. <https://tc39.es/ecma262/#sec-weakmap-objects>, <https://tc39.es/ecma262/#sec-weakset-objects>

use super::collection;
use super::map::add_entries_from_iterable;
use super::receiver::{describe, is_native, not_callable, require};
use crate::context::Context;
use crate::heap::Kind;
use crate::iteration::Flow;
use crate::native::{Args, Result};
use crate::natives;
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::value::Value;

natives! { pub static WEAK_MAP: "WeakMap" / 0 => construct_map, WeakMap, WeakMapPrototype; {
    method "delete" / 1 => map_delete,
    method "get" / 1 => map_get,
    method "set" / 2 => map_set,
    method "has" / 1 => map_has,
    method "getOrInsert" / 2 => map_get_or_insert,
    method "getOrInsertComputed" / 2 => map_get_or_insert_computed,
    tag "WeakMap",
}}

natives! { pub static WEAK_SET: "WeakSet" / 0 => construct_set, WeakSet, WeakSetPrototype; {
    method "delete" / 1 => set_delete,
    method "has" / 1 => set_has,
    method "add" / 1 => set_add,
    tag "WeakSet",
}}

// 9.14 CanBeHeldWeakly ( v ), https://tc39.es/ecma262/#sec-canbeheldweakly
pub(crate) fn can_be_held_weakly(cx: &Context, value: Value) -> bool {
    match value.as_symbol() {
        Some(symbol) => !symbol.is_registered(&cx.heap),
        None => value.is_object(),
    }
}

// 24.3.1.1 WeakMap ( [ iterable ] ), https://tc39.es/ecma262/#sec-weakmap-iterable
fn construct_map(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor WeakMap requires 'new'"));
    }
    let map = cx.create_from_constructor(args.new_target, Intrinsic::WeakMapPrototype, Kind::WeakMap)?;
    collection::init(&cx.heap, map);
    let iterable = args.at(0);
    if iterable.is_nullish() {
        return Ok(map.value());
    }
    let adder = cx.get(map, key::set)?;
    if !cx.is_callable(adder) {
        let adder = describe(cx, adder);
        return Err(cx.throw_type_error(&format!("'{adder}' returned for property 'set' of object '#<WeakMap>' is not a function")));
    }
    add_entries_from_iterable(cx, map, iterable, adder, map_set)?;
    Ok(map.value())
}

fn require_key(cx: &mut Context, value: Value) -> Result<()> {
    if can_be_held_weakly(cx, value) {
        return Ok(());
    }
    let text = describe(cx, value);
    Err(cx.throw_type_error(&format!("Invalid value used as weak map key: {text}")))
}

// 24.3.3.2 WeakMap.prototype.delete ( key ), https://tc39.es/ecma262/#sec-weakmap.prototype.delete
fn map_delete(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::WeakMap, "WeakMap.prototype.delete")?;
    Ok(Value::bool(can_be_held_weakly(cx, args.at(0)) && collection::remove(&cx.heap, map, args.at(0))))
}

// 24.3.3.3 WeakMap.prototype.get ( key ), https://tc39.es/ecma262/#sec-weakmap.prototype.get
fn map_get(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::WeakMap, "WeakMap.prototype.get")?;
    if !can_be_held_weakly(cx, args.at(0)) {
        return Ok(Value::UNDEFINED);
    }
    Ok(collection::get(&cx.heap, map, args.at(0)).unwrap_or(Value::UNDEFINED))
}

// 24.3.3.4 WeakMap.prototype.has ( key ), https://tc39.es/ecma262/#sec-weakmap.prototype.has
fn map_has(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::WeakMap, "WeakMap.prototype.has")?;
    Ok(Value::bool(can_be_held_weakly(cx, args.at(0)) && collection::has(&cx.heap, map, args.at(0))))
}

// 24.3.3.5 WeakMap.prototype.set ( key, value ), https://tc39.es/ecma262/#sec-weakmap.prototype.set
fn map_set(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::WeakMap, "WeakMap.prototype.set")?;
    require_key(cx, args.at(0))?;
    collection::insert(cx, map, args.at(0), args.at(1))?;
    Ok(this)
}

// WeakMap.prototype.getOrInsert ( key, value ), https://tc39.es/proposal-upsert/#sec-weakmap.prototype.getOrInsert
fn map_get_or_insert(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::WeakMap, "WeakMap.prototype.getOrInsert")?;
    require_key(cx, args.at(0))?;
    if let Some(value) = collection::get(&cx.heap, map, args.at(0)) {
        return Ok(value);
    }
    collection::insert(cx, map, args.at(0), args.at(1))?;
    Ok(args.at(1))
}

// WeakMap.prototype.getOrInsertComputed ( key, callback ), https://tc39.es/proposal-upsert/#sec-weakmap.prototype.getOrInsertComputed
fn map_get_or_insert_computed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::WeakMap, "WeakMap.prototype.getOrInsertComputed")?;
    require_key(cx, args.at(0))?;
    if !cx.is_callable(args.at(1)) {
        return Err(not_callable(cx, args.at(1)));
    }
    if let Some(value) = collection::get(&cx.heap, map, args.at(0)) {
        return Ok(value);
    }
    let value = cx.call(args.at(1), Value::UNDEFINED, &[args.at(0)])?;
    collection::insert(cx, map, args.at(0), value)?;
    Ok(value)
}

// 24.4.1.1 WeakSet ( [ iterable ] ), https://tc39.es/ecma262/#sec-weakset-iterable
fn construct_set(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor WeakSet requires 'new'"));
    }
    let set = cx.create_from_constructor(args.new_target, Intrinsic::WeakSetPrototype, Kind::WeakSet)?;
    collection::init(&cx.heap, set);
    let iterable = args.at(0);
    if iterable.is_nullish() {
        return Ok(set.value());
    }
    let adder = cx.get(set, key::add)?;
    if !cx.is_callable(adder) {
        let adder = describe(cx, adder);
        return Err(cx.throw_type_error(&format!("'{adder}' returned for property 'add' of object '#<WeakSet>' is not a function")));
    }
    let plain = is_native(cx, adder, set_add);
    cx.iterate(iterable, |cx, item| {
        if plain {
            // OPTIMIZATION: the unmodified WeakSet.prototype.add does nothing but this.
            add(cx, set, item)?;
        } else {
            cx.call(adder, set.value(), &[item])?;
        }
        Ok(Flow::Continue)
    })?;
    Ok(set.value())
}

fn add(cx: &mut Context, set: crate::object::Object, value: Value) -> Result<()> {
    if !can_be_held_weakly(cx, value) {
        let text = describe(cx, value);
        return Err(cx.throw_type_error(&format!("Invalid value used in weak set: {text}")));
    }
    collection::insert(cx, set, value, Value::TRUE)
}

// 24.4.3.1 WeakSet.prototype.add ( value ), https://tc39.es/ecma262/#sec-weakset.prototype.add
fn set_add(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::WeakSet, "WeakSet.prototype.add")?;
    add(cx, set, args.at(0))?;
    Ok(this)
}

// 24.4.3.3 WeakSet.prototype.delete ( value ), https://tc39.es/ecma262/#sec-weakset.prototype.delete
fn set_delete(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::WeakSet, "WeakSet.prototype.delete")?;
    Ok(Value::bool(can_be_held_weakly(cx, args.at(0)) && collection::remove(&cx.heap, set, args.at(0))))
}

// 24.4.3.4 WeakSet.prototype.has ( value ), https://tc39.es/ecma262/#sec-weakset.prototype.has
fn set_has(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::WeakSet, "WeakSet.prototype.has")?;
    Ok(Value::bool(can_be_held_weakly(cx, args.at(0)) && collection::has(&cx.heap, set, args.at(0))))
}
