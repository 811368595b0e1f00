//! Iteration over pairs: Headers, URLSearchParams, FormData. <https://webidl.spec.whatwg.org/#es-default-iterator-object>

use super::{form_data, headers};
use crate::streams::support::{Slots, class_of, new_platform_object};
use crate::url::search_params;
use crate::webidl::prelude::*;

/// Kinds of iterators.
pub(crate) const KEYS: i32 = 0;
/// Kind of iterator.
pub(crate) const VALUES: i32 = 1;
/// Kind of iterator.
pub(crate) const ENTRIES: i32 = 2;

const TARGET: u32 = 1;
const KIND: u32 = 2;
const INDEX: u32 = 3;
/// The pairs of a Headers object, sorted, and the version of it that they are of.
const SNAPSHOT: u32 = 4;
const VERSION: u32 = 5;

/// A new iterator over `target`.
pub(crate) fn create(cx: &Context, target: Object, class: u32, kind: i32) -> Object {
    let iterator = new_platform_object(cx, class, false);
    iterator.put(cx, TARGET, target);
    iterator.put(cx, KIND, kind);
    iterator.put(cx, INDEX, 0);
    iterator
}

/// The pair at an index of the target's list as it is now: names and values in turn.
fn pair_at(cx: &mut Context, iterator: Option<Object>, target: Object, index: u32) -> Result<Option<(Value, Value)>> {
    let list = match class_of(cx, target) {
        Some(class::HEADERS) => {
            let version = headers::version(cx, target);
            let known = iterator.filter(|iterator| iterator.at(cx, VERSION) == Value::int(version));
            match known.and_then(|iterator| iterator.at(cx, SNAPSHOT).as_cell()) {
                Some(list) => list,
                None => {
                    let list: Ref<Values> = headers::pairs(cx, target)?;
                    if let Some(iterator) = iterator {
                        iterator.put(cx, SNAPSHOT, Value::cell(list));
                        iterator.put(cx, VERSION, version);
                    }
                    list
                }
            }
        }
        Some(class::FORM_DATA) => form_data::list(cx, target),
        _ => search_params::list(cx, target),
    };
    if 2 * index + 1 < list.length(&cx.heap) { Ok(Some((list.at(cx, 2 * index), list.at(cx, 2 * index + 1)))) } else { Ok(None) }
}

/// All pairs, for inspection.
pub(crate) fn all(cx: &mut Context, target: Object) -> Result<Vec<(JsString, Value)>> {
    let mut pairs = Vec::new();
    while let Some((name, value)) = pair_at(cx, None, target, pairs.len() as u32)? {
        pairs.push((name.as_string().unwrap_or(cx.heap.empty_string()), value));
    }
    Ok(pairs)
}

/// The `next` method. <https://webidl.spec.whatwg.org/#es-iterator-prototype-object>
fn next(cx: &mut Context, iterator: Object) -> Result<Value> {
    let Some(target) = iterator.object(cx, TARGET) else { return Ok(cx.iterator_result(Value::UNDEFINED, true)) };
    let index = iterator.int(cx, INDEX);
    let Some((name, value)) = pair_at(cx, Some(iterator), target, index as u32)? else {
        return Ok(cx.iterator_result(Value::UNDEFINED, true));
    };
    iterator.put(cx, INDEX, index + 1);
    let result = match iterator.int(cx, KIND) {
        KEYS => name,
        VALUES => value,
        _ => cx.new_array(&[name, value]).value(),
    };
    Ok(cx.iterator_result(result, false))
}

/// The `forEach` method. <https://webidl.spec.whatwg.org/#es-forEach>
pub(crate) fn for_each(cx: &mut Context, target: Object, callback: Callback, this: Value) -> Result<()> {
    let mut index = 0;
    while let Some((name, value)) = pair_at(cx, None, target, index)? {
        callback.call(cx, this, &[value, name, target.value()])?;
        index += 1;
    }
    Ok(())
}

/// Iterator of `Headers`.
#[interface(name = "Headers Iterator", class = class::HEADERS_ITERATOR, prototype_only, parent_prototype = IteratorPrototype)]
impl HeadersIterator {
    #[method]
    fn next(cx: &mut Context, this: Object) -> Result<Value> {
        next(cx, this)
    }
}

/// Iterator of `URLSearchParams`.
#[interface(
    name = "URLSearchParams Iterator",
    class = class::URL_SEARCH_PARAMS_ITERATOR,
    prototype_only,
    parent_prototype = IteratorPrototype
)]
impl URLSearchParamsIterator {
    #[method]
    fn next(cx: &mut Context, this: Object) -> Result<Value> {
        next(cx, this)
    }
}

/// Iterator of `FormData`.
#[interface(name = "FormData Iterator", class = class::FORM_DATA_ITERATOR, prototype_only, parent_prototype = IteratorPrototype)]
impl FormDataIterator {
    #[method]
    fn next(cx: &mut Context, this: Object) -> Result<Value> {
        next(cx, this)
    }
}
