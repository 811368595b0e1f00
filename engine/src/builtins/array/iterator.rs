//! Array iterators. https://tc39.es/ecma262/#sec-array-iterator-objects
//!
//! Internal slots: 0 the iterated object (undefined once exhausted), 1 next index, 2 kind as an integer.

use super::support::{get_index, length_of, number};
use crate::builtins::receiver::require;
use crate::builtins::typed_array::view::View;
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

natives! { pub static ARRAY_ITERATOR: prototype "Array Iterator", ArrayIteratorPrototype, parent IteratorPrototype; {
    method "next" / 0 => next,
    tag "Array Iterator",
}}

/// Internal slots of Array Iterators.
pub(crate) mod slot {
    /// The iterated object; undefined once exhausted.
    pub const OBJECT: u32 = 0;
    /// The next index.
    pub const INDEX: u32 = 1;
    /// [`super::IterationKind`] as an integer.
    pub const KIND: u32 = 2;
}

/// What an Array Iterator yields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub(crate) enum IterationKind {
    /// Indices.
    Keys = 0,
    /// Elements.
    Values = 1,
    /// [index, element] arrays.
    Entries = 2,
}

// 23.1.5.1 CreateArrayIterator ( array, kind ), https://tc39.es/ecma262/#sec-createarrayiterator
pub(crate) fn create(cx: &mut Context, array: Object, kind: IterationKind) -> Object {
    let iterator = cx.new_intrinsic_object(Kind::ArrayIterator, Intrinsic::ArrayIteratorPrototype);
    iterator.set_internal(&cx.heap, slot::OBJECT, array.value());
    iterator.set_internal(&cx.heap, slot::INDEX, Value::ZERO);
    iterator.set_internal(&cx.heap, slot::KIND, Value::int(kind as i32));
    iterator
}

// 23.1.3.19 Array.prototype.keys ( ), https://tc39.es/ecma262/#sec-array.prototype.keys
pub(super) fn keys(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(this)?;
    Ok(create(cx, object, IterationKind::Keys).value())
}

// 23.1.3.38 Array.prototype.values ( ), https://tc39.es/ecma262/#sec-array.prototype.values
pub(super) fn values(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(this)?;
    Ok(create(cx, object, IterationKind::Values).value())
}

// 23.1.3.5 Array.prototype.entries ( ), https://tc39.es/ecma262/#sec-array.prototype.entries
pub(super) fn entries(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(this)?;
    Ok(create(cx, object, IterationKind::Entries).value())
}

/// One step of the closure of CreateArrayIterator: the next value, or `None` at the end.
pub(crate) fn step(cx: &mut Context, iterator: Object) -> Result<Option<Value>> {
    let Some(array) = iterator.internal(&cx.heap, slot::OBJECT).as_object() else { return Ok(None) };
    let index = iterator.internal(&cx.heap, slot::INDEX).as_number().unwrap_or(0.0) as u64;
    // 1.b.i. A typed array out of bounds is an error; ii. LengthOfArrayLike otherwise. A throw ends the iterator, as it ends a generator.
    let length = if array.is(&cx.heap, Kind::TypedArray) {
        match View::of(&cx.heap, array) {
            Some(view) => Ok(u64::from(view.length)),
            None => Err(cx.throw_type_error("Cannot perform %ArrayIteratorPrototype%.next on a detached ArrayBuffer")),
        }
    } else {
        length_of(cx, array)
    };
    let result = length.and_then(|length| {
        if index >= length {
            return Ok(None);
        }
        iterator.set_internal(&cx.heap, slot::INDEX, number(index + 1));
        let kind = iterator.internal(&cx.heap, slot::KIND).as_int_unchecked();
        if kind == IterationKind::Keys as i32 {
            return Ok(Some(number(index)));
        }
        let element = get_index(cx, array, index)?;
        Ok(Some(if kind == IterationKind::Values as i32 { element } else { cx.new_array(&[number(index), element]).value() }))
    });
    if !matches!(result, Ok(Some(_))) {
        iterator.set_internal(&cx.heap, slot::OBJECT, Value::UNDEFINED);
    }
    result
}

// 23.1.5.2.1 %ArrayIteratorPrototype%.next ( ), https://tc39.es/ecma262/#sec-%arrayiteratorprototype%.next
pub(crate) fn next(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let iterator = require(cx, this, Kind::ArrayIterator, "Array Iterator.prototype.next")?;
    let value = step(cx, iterator)?;
    Ok(cx.iterator_result(value.unwrap_or(Value::UNDEFINED), value.is_none()))
}
