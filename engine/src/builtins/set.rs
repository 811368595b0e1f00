//! Set objects. <https://tc39.es/ecma262/#sec-set-objects>. The methods of set algebra are in `set_methods`.

use super::collection;
use super::receiver::{describe, is_native, not_callable, require};
use super::set_methods;
use crate::context::Context;
use crate::heap::Kind;
use crate::iteration::Flow;
use crate::native::{Args, Result};
use crate::natives;
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::value::Value;

natives! { pub static SET: "Set" / 0 => construct, Set, SetPrototype; {
    static get @@species => species,
    method "has" / 1 => has,
    method "add" / 1 => add,
    method "delete" / 1 => delete,
    method "clear" / 0 => clear,
    method "entries" / 0 => super::map_iterator::set_entries,
    method "forEach" / 1 => for_each,
    get "size" => size,
    method "values" / 0 => super::map_iterator::set_values,
    alias "keys" => "values",
    alias @@iterator => "values",
    tag "Set",
    method "union" / 1 => set_methods::union,
    method "intersection" / 1 => set_methods::intersection,
    method "difference" / 1 => set_methods::difference,
    method "symmetricDifference" / 1 => set_methods::symmetric_difference,
    method "isSubsetOf" / 1 => set_methods::is_subset_of,
    method "isSupersetOf" / 1 => set_methods::is_superset_of,
    method "isDisjointFrom" / 1 => set_methods::is_disjoint_from,
}}

// 24.2.2.1 Set ( [ iterable ] ), https://tc39.es/ecma262/#sec-set-iterable
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor Set requires 'new'"));
    }
    let set = cx.create_from_constructor(args.new_target, Intrinsic::SetPrototype, Kind::Set)?;
    collection::init(&cx.heap, set);
    let iterable = args.at(0);
    if iterable.is_nullish() {
        return Ok(set.value());
    }
    let adder = cx.get(set, key::add)?;
    if !cx.is_callable(adder) {
        let adder = describe(cx, adder);
        return Err(cx.throw_type_error(&format!("'{adder}' returned for property 'add' of object '#<Set>' is not a function")));
    }
    let plain = is_native(cx, adder, add);
    cx.iterate(iterable, |cx, item| {
        if plain {
            // OPTIMIZATION: the unmodified Set.prototype.add does nothing but this.
            insert(cx, set, item)?;
        } else {
            cx.call(adder, set.value(), &[item])?;
        }
        Ok(Flow::Continue)
    })?;
    Ok(set.value())
}

/// Adds a value; the pair holds it in its canonical form twice, so that iterators of values and of keys agree.
fn insert(cx: &mut Context, set: crate::object::Object, value: Value) -> Result<()> {
    let value = collection::canonical_key(value);
    if collection::has(&cx.heap, set, value) { Ok(()) } else { collection::insert(cx, set, value, value) }
}

// 24.2.3.2 get Set [ %Symbol.species% ], https://tc39.es/ecma262/#sec-get-set-%symbol.species%
fn species(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

// 24.2.4.1 Set.prototype.add ( value ), https://tc39.es/ecma262/#sec-set.prototype.add
fn add(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.add")?;
    insert(cx, set, args.at(0))?;
    Ok(this)
}

// 24.2.4.2 Set.prototype.clear ( ), https://tc39.es/ecma262/#sec-set.prototype.clear
fn clear(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.clear")?;
    collection::clear(&cx.heap, set);
    Ok(Value::UNDEFINED)
}

// 24.2.4.4 Set.prototype.delete ( value ), https://tc39.es/ecma262/#sec-set.prototype.delete
fn delete(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.delete")?;
    Ok(Value::bool(collection::remove(&cx.heap, set, args.at(0))))
}

// 24.2.4.7 Set.prototype.forEach ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-set.prototype.foreach
fn for_each(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.forEach")?;
    let callback = args.at(0);
    if !cx.is_callable(callback) {
        return Err(not_callable(cx, callback));
    }
    collection::for_each(cx, set, callback, args.at(1))?;
    Ok(Value::UNDEFINED)
}

// 24.2.4.8 Set.prototype.has ( value ), https://tc39.es/ecma262/#sec-set.prototype.has
fn has(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.has")?;
    Ok(Value::bool(collection::has(&cx.heap, set, args.at(0))))
}

// 24.2.4.14 get Set.prototype.size, https://tc39.es/ecma262/#sec-get-set.prototype.size
fn size(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "get Set.prototype.size")?;
    Ok(Value::from(collection::size(&cx.heap, set)))
}
