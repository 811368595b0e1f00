//! String iterators. https://tc39.es/ecma262/#sec-string-iterator-objects
//!
//! Internal slots: 0 = the string, undefined at the end; 1 = position in code units.

use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

natives! { pub static STRING_ITERATOR: prototype "String Iterator", StringIteratorPrototype, parent IteratorPrototype; {
    method "next" / 0 => next,
    tag "String Iterator",
}}

// 22.1.3.36 String.prototype [ %Symbol.iterator% ] ( ), https://tc39.es/ecma262/#sec-string.prototype-%symbol.iterator%
pub(super) fn iterator(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let string = super::string::this_string(cx, this, "[Symbol.iterator]")?;
    let iterator = cx.new_intrinsic_object(Kind::StringIterator, Intrinsic::StringIteratorPrototype);
    iterator.set_internal(&cx.heap, 0, string.value());
    iterator.set_internal(&cx.heap, 1, Value::ZERO);
    Ok(iterator.value())
}

// 22.1.5.1.1 %StringIteratorPrototype%.next ( ), https://tc39.es/ecma262/#sec-%stringiteratorprototype%.next
pub(super) fn next(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(iterator) = this.as_object().filter(|object| object.is(&cx.heap, Kind::StringIterator)) else {
        return Err(cx.throw_type_error("next method called on incompatible receiver: not a String Iterator"));
    };
    let character = step(cx, iterator);
    Ok(cx.iterator_result(character.unwrap_or(Value::UNDEFINED), character.is_none()))
}

/// The next character of an iterator of strings; `None` at the end.
pub(super) fn step(cx: &Context, iterator: Object) -> Option<Value> {
    let string = iterator.internal(&cx.heap, 0).as_string()?;
    let position = iterator.internal(&cx.heap, 1).as_int().unwrap_or(0) as u32;
    if position >= string.length(&cx.heap) {
        iterator.set_internal(&cx.heap, 0, Value::UNDEFINED);
        return None;
    }
    let (code_point, units) = string.units(&cx.heap).code_point_at(position as usize);
    iterator.set_internal(&cx.heap, 1, Value::int((position + units as u32) as i32));
    Some(cx.heap.code_point_string(code_point).value())
}
