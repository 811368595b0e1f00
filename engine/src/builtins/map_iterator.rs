//! Iterators of maps and sets. <https://tc39.es/ecma262/#sec-map-iterator-objects>
//!
//! Internal slots: 0 the table in which the cursor stands (undefined once exhausted), 1 its position, 2 what it yields.

use super::collection::Cursor;
use super::receiver::require;
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

natives! { pub static MAP_ITERATOR: prototype "Map Iterator", MapIteratorPrototype, parent IteratorPrototype; {
    method "next" / 0 => map_next,
    tag "Map Iterator",
}}

natives! { pub static SET_ITERATOR: prototype "Set Iterator", SetIteratorPrototype, parent IteratorPrototype; {
    method "next" / 0 => set_next,
    tag "Set Iterator",
}}

const TABLE: u32 = 0;
const POSITION: u32 = 1;
const YIELDS: u32 = 2;

/// What an iterator yields.
const KEYS: i32 = 0;
const VALUES: i32 = 1;
const ENTRIES: i32 = 2;

// 24.1.5.1 CreateMapIterator ( map, kind ), https://tc39.es/ecma262/#sec-createmapiterator
fn create(cx: &mut Context, kind: Kind, prototype: Intrinsic, collection: Object, yields: i32) -> Value {
    let iterator = cx.new_intrinsic_object(kind, prototype);
    let cursor = Cursor::new(&cx.heap, collection);
    iterator.set_internal(&cx.heap, TABLE, cursor.table());
    iterator.set_internal(&cx.heap, POSITION, cursor.position());
    iterator.set_internal(&cx.heap, YIELDS, Value::int(yields));
    iterator.value()
}

// 24.1.3.4 Map.prototype.entries ( ), https://tc39.es/ecma262/#sec-map.prototype.entries
pub(super) fn entries(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.entries")?;
    Ok(create(cx, Kind::MapIterator, Intrinsic::MapIteratorPrototype, map, ENTRIES))
}

// 24.1.3.8 Map.prototype.keys ( ), https://tc39.es/ecma262/#sec-map.prototype.keys
pub(super) fn keys(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.keys")?;
    Ok(create(cx, Kind::MapIterator, Intrinsic::MapIteratorPrototype, map, KEYS))
}

// 24.1.3.11 Map.prototype.values ( ), https://tc39.es/ecma262/#sec-map.prototype.values
pub(super) fn values(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let map = require(cx, this, Kind::Map, "Map.prototype.values")?;
    Ok(create(cx, Kind::MapIterator, Intrinsic::MapIteratorPrototype, map, VALUES))
}

// 24.2.4.6 Set.prototype.entries ( ), https://tc39.es/ecma262/#sec-set.prototype.entries
pub(super) fn set_entries(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.entries")?;
    Ok(create(cx, Kind::SetIterator, Intrinsic::SetIteratorPrototype, set, ENTRIES))
}

// 24.2.4.17 Set.prototype.values ( ), https://tc39.es/ecma262/#sec-set.prototype.values
pub(super) fn set_values(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.values")?;
    Ok(create(cx, Kind::SetIterator, Intrinsic::SetIteratorPrototype, set, VALUES))
}

/// The next value of a map or set iterator; `None` when it is exhausted. For loops that know the iterator's `next` to be unmodified.
#[inline]
pub(crate) fn step(cx: &Context, iterator: Object) -> Option<Value> {
    let heap = &cx.heap;
    let table = iterator.internal(heap, TABLE);
    if table.is_undefined() {
        return None;
    }
    let mut cursor = Cursor::from_values(table, iterator.internal(heap, POSITION));
    let Some((key, value)) = cursor.next(heap) else {
        iterator.set_internal(heap, TABLE, Value::UNDEFINED);
        return None;
    };
    if cursor.table() != table {
        iterator.set_internal(heap, TABLE, cursor.table());
    }
    iterator.set_internal(heap, POSITION, cursor.position());
    Some(match iterator.internal(heap, YIELDS).as_int() {
        Some(KEYS) => key,
        Some(VALUES) => value,
        _ => cx.new_array(&[key, value]).value(),
    })
}

// 24.1.5.2.1 %MapIteratorPrototype%.next ( ), https://tc39.es/ecma262/#sec-%mapiteratorprototype%.next
pub(crate) fn map_next(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let iterator = require(cx, this, Kind::MapIterator, "Map Iterator.prototype.next")?;
    let value = step(cx, iterator);
    Ok(cx.iterator_result(value.unwrap_or(Value::UNDEFINED), value.is_none()))
}

// 24.2.6.2.1 %SetIteratorPrototype%.next ( ), https://tc39.es/ecma262/#sec-%setiteratorprototype%.next
pub(crate) fn set_next(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let iterator = require(cx, this, Kind::SetIterator, "Set Iterator.prototype.next")?;
    let value = step(cx, iterator);
    Ok(cx.iterator_result(value.unwrap_or(Value::UNDEFINED), value.is_none()))
}
