//! Set algebra: union, intersection and the like. <https://tc39.es/ecma262/#sec-set.prototype.union>
//!
//! The argument may be any set-like object: something with `size`, `has` and `keys`.

use super::collection::{self, Cursor};
use super::receiver::{describe, not_callable, require};
use crate::context::Context;
use crate::heap::Kind;
use crate::iteration::IteratorRecord;
use crate::native::{Args, Result};
use crate::object::Object;
use crate::string::atoms::key;
use crate::value::Value;

/// Set Record. <https://tc39.es/ecma262/#sec-set-records>
struct SetRecord {
    object: Object,
    /// A non-negative integer or infinity.
    size: f64,
    has: Value,
    keys: Value,
}

impl SetRecord {
    // 24.2.1.2 GetSetRecord ( obj ), https://tc39.es/ecma262/#sec-getsetrecord
    fn new(cx: &mut Context, value: Value) -> Result<SetRecord> {
        let Some(object) = value.as_object() else {
            let text = describe(cx, value);
            return Err(cx.throw_type_error(&format!("{text} is not an object")));
        };
        let raw_size = cx.get(object, key::size)?;
        let number = cx.to_number(raw_size)?;
        if number.is_nan() {
            return Err(cx.throw_type_error("The 'size' property must be a number"));
        }
        // ToIntegerOrInfinity
        let size = number.trunc() + 0.0;
        if size < 0.0 {
            return Err(cx.throw_range_error(&format!("'{size}' is an invalid size")));
        }
        let has = cx.get(object, key::has)?;
        if !cx.is_callable(has) {
            return Err(not_callable(cx, has));
        }
        let keys = cx.get(object, key::keys)?;
        if !cx.is_callable(keys) {
            return Err(not_callable(cx, keys));
        }
        Ok(SetRecord { object, size, has, keys })
    }

    // 24.2.1.3 SetDataHas for a Set Record: Call(has), https://tc39.es/ecma262/#sec-set.prototype.intersection
    fn contains(&self, cx: &mut Context, value: Value) -> Result<bool> {
        let answer = cx.call(self.has, self.object.value(), &[value])?;
        Ok(cx.to_boolean(answer))
    }

    // 24.2.1.4 GetIteratorFromMethod of keys without a check for iterables, https://tc39.es/ecma262/#sec-getiteratorfrommethod
    fn keys(&self, cx: &mut Context) -> Result<IteratorRecord> {
        let keys = cx.call(self.keys, self.object.value(), &[])?;
        let Some(iterator) = keys.as_object() else {
            let text = describe(cx, keys);
            return Err(cx.throw_type_error(&format!("{text} is not an object")));
        };
        cx.get_iterator_direct(iterator)
    }
}

/// A new Set, always of %Set% itself, with the values of `source`.
fn copy(cx: &mut Context, source: Object) -> Result<Object> {
    let set = cx.new_set();
    collection::copy_from(cx, set, source)?;
    Ok(set)
}

fn add(cx: &mut Context, set: Object, value: Value) -> Result<()> {
    let value = collection::canonical_key(value);
    if collection::has(&cx.heap, set, value) { Ok(()) } else { collection::insert(cx, set, value, value) }
}

// 24.2.4.16 Set.prototype.union ( other ), https://tc39.es/ecma262/#sec-set.prototype.union
pub(super) fn union(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.union")?;
    let other = SetRecord::new(cx, args.at(0))?;
    let mut keys = other.keys(cx)?;
    let result = copy(cx, set)?;
    while let Some(next) = cx.iterator_step_value(&mut keys)? {
        cx.spend_fuel(1)?;
        add(cx, result, next)?;
    }
    Ok(result.value())
}

// 24.2.4.9 Set.prototype.intersection ( other ), https://tc39.es/ecma262/#sec-set.prototype.intersection
pub(super) fn intersection(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.intersection")?;
    let other = SetRecord::new(cx, args.at(0))?;
    let result = cx.new_set();
    if f64::from(collection::size(&cx.heap, set)) <= other.size {
        let mut cursor = Cursor::new(&cx.heap, set);
        while let Some((value, _)) = cursor.next(&cx.heap) {
            cx.spend_fuel(1)?;
            if other.contains(cx, value)? {
                add(cx, result, value)?;
            }
        }
    } else {
        let mut keys = other.keys(cx)?;
        while let Some(next) = cx.iterator_step_value(&mut keys)? {
            cx.spend_fuel(1)?;
            if collection::has(&cx.heap, set, next) {
                add(cx, result, next)?;
            }
        }
    }
    Ok(result.value())
}

// 24.2.4.5 Set.prototype.difference ( other ), https://tc39.es/ecma262/#sec-set.prototype.difference
pub(super) fn difference(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.difference")?;
    let other = SetRecord::new(cx, args.at(0))?;
    let result = copy(cx, set)?;
    if f64::from(collection::size(&cx.heap, set)) <= other.size {
        let mut cursor = Cursor::new(&cx.heap, result);
        while let Some((value, _)) = cursor.next(&cx.heap) {
            cx.spend_fuel(1)?;
            if other.contains(cx, value)? {
                collection::remove(&cx.heap, result, value);
            }
        }
    } else {
        let mut keys = other.keys(cx)?;
        while let Some(next) = cx.iterator_step_value(&mut keys)? {
            cx.spend_fuel(1)?;
            collection::remove(&cx.heap, result, next);
        }
    }
    Ok(result.value())
}

// 24.2.4.15 Set.prototype.symmetricDifference ( other ), https://tc39.es/ecma262/#sec-set.prototype.symmetricdifference
pub(super) fn symmetric_difference(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.symmetricDifference")?;
    let other = SetRecord::new(cx, args.at(0))?;
    let mut keys = other.keys(cx)?;
    let result = copy(cx, set)?;
    while let Some(next) = cx.iterator_step_value(&mut keys)? {
        cx.spend_fuel(1)?;
        // Whether the receiver has the value is asked now: the iterator may have changed the receiver.
        if collection::has(&cx.heap, set, next) {
            collection::remove(&cx.heap, result, next);
        } else {
            add(cx, result, next)?;
        }
    }
    Ok(result.value())
}

// 24.2.4.11 Set.prototype.isSubsetOf ( other ), https://tc39.es/ecma262/#sec-set.prototype.issubsetof
pub(super) fn is_subset_of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.isSubsetOf")?;
    let other = SetRecord::new(cx, args.at(0))?;
    if f64::from(collection::size(&cx.heap, set)) > other.size {
        return Ok(Value::FALSE);
    }
    let mut cursor = Cursor::new(&cx.heap, set);
    while let Some((value, _)) = cursor.next(&cx.heap) {
        cx.spend_fuel(1)?;
        if !other.contains(cx, value)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

// 24.2.4.12 Set.prototype.isSupersetOf ( other ), https://tc39.es/ecma262/#sec-set.prototype.issupersetof
pub(super) fn is_superset_of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.isSupersetOf")?;
    let other = SetRecord::new(cx, args.at(0))?;
    if f64::from(collection::size(&cx.heap, set)) < other.size {
        return Ok(Value::FALSE);
    }
    let mut keys = other.keys(cx)?;
    while let Some(next) = cx.iterator_step_value(&mut keys)? {
        cx.spend_fuel(1)?;
        if !collection::has(&cx.heap, set, next) {
            return cx.iterator_close(&keys, Ok(Value::FALSE));
        }
    }
    Ok(Value::TRUE)
}

// 24.2.4.10 Set.prototype.isDisjointFrom ( other ), https://tc39.es/ecma262/#sec-set.prototype.isdisjointfrom
pub(super) fn is_disjoint_from(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let set = require(cx, this, Kind::Set, "Set.prototype.isDisjointFrom")?;
    let other = SetRecord::new(cx, args.at(0))?;
    if f64::from(collection::size(&cx.heap, set)) <= other.size {
        let mut cursor = Cursor::new(&cx.heap, set);
        while let Some((value, _)) = cursor.next(&cx.heap) {
            cx.spend_fuel(1)?;
            if other.contains(cx, value)? {
                return Ok(Value::FALSE);
            }
        }
    } else {
        let mut keys = other.keys(cx)?;
        while let Some(next) = cx.iterator_step_value(&mut keys)? {
            cx.spend_fuel(1)?;
            if collection::has(&cx.heap, set, next) {
                return cx.iterator_close(&keys, Ok(Value::FALSE));
            }
        }
    }
    Ok(Value::TRUE)
}
