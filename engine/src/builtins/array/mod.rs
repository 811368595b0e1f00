//! Array objects. https://tc39.es/ecma262/#sec-array-objects
//!
//! | file | methods |
//! |---|---|
//! | `construct` | Array, from, of, isArray |
//! | `from_async` | Array.fromAsync |
//! | `access` | at, includes, indexOf, lastIndexOf, join, toString, toLocaleString |
//! | `callbacks` | every, filter, find…, forEach, map, reduce, reduceRight, some |
//! | `mutate` | copyWithin, fill, pop, push, reverse, shift, splice, unshift |
//! | `copy` | concat, flat, flatMap, slice, toReversed, toSpliced, with |
//! | `sort` | sort, toSorted, and the merge sort that typed arrays share |
//! | `iterator` | entries, keys, values and %ArrayIteratorPrototype% |
//! | `support` | element access, lengths, species |

pub(crate) mod access;
mod callbacks;
mod construct;
mod copy;
mod from_async;
pub(crate) mod iterator;
mod mutate;
pub(crate) mod sort;
pub(crate) mod support;

use crate::context::Context;
use crate::heap::Kind;
use crate::native::Result;
use crate::natives;
use crate::object::attribute;
use crate::realm::Intrinsic;
use crate::string::PropertyKey;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

pub use iterator::ARRAY_ITERATOR;

natives! { pub static ARRAY: "Array" / 1 => construct::construct, Array, ArrayPrototype; {
    static method "isArray" / 1 => construct::is_array,
    static method "from" / 1 => construct::from,
    static method "fromAsync" / 1 => from_async::from_async,
    static method "of" / 0 => construct::of,
    static get @@species => construct::species,
    method "at" / 1 => access::at,
    method "concat" / 1 => copy::concat,
    method "copyWithin" / 2 => mutate::copy_within,
    method "fill" / 1 => mutate::fill,
    method "find" / 1 => callbacks::find,
    method "findIndex" / 1 => callbacks::find_index,
    method "findLast" / 1 => callbacks::find_last,
    method "findLastIndex" / 1 => callbacks::find_last_index,
    method "lastIndexOf" / 1 => access::last_index_of,
    method "pop" / 0 => mutate::pop,
    method "push" / 1 => mutate::push,
    method "reverse" / 0 => mutate::reverse,
    method "shift" / 0 => mutate::shift,
    method "unshift" / 1 => mutate::unshift,
    method "slice" / 2 => copy::slice,
    method "sort" / 1 => sort::sort,
    method "splice" / 2 => mutate::splice,
    method "includes" / 1 => access::includes,
    method "indexOf" / 1 => access::index_of,
    method "join" / 1 => access::join,
    method "keys" / 0 => iterator::keys,
    method "entries" / 0 => iterator::entries,
    method "values" / 0 => iterator::values,
    method "forEach" / 1 => callbacks::for_each,
    method "filter" / 1 => callbacks::filter,
    method "flat" / 0 => copy::flat,
    method "flatMap" / 1 => copy::flat_map,
    method "map" / 1 => callbacks::map,
    method "every" / 1 => callbacks::every,
    method "some" / 1 => callbacks::some,
    method "reduce" / 1 => callbacks::reduce,
    method "reduceRight" / 1 => callbacks::reduce_right,
    method "toReversed" / 0 => copy::to_reversed,
    method "toSorted" / 1 => sort::to_sorted,
    method "toSpliced" / 2 => copy::to_spliced,
    method "with" / 2 => copy::with,
    method "toLocaleString" / 0 => access::to_locale_string,
    method "toString" / 0 => access::to_string,
    alias @@iterator => "values",
    hidden "" / 1 => from_async::on_fulfilled,
    hidden "" / 1 => from_async::on_rejected,
}}

/// Names hidden from `with` statements: methods younger than ES5.
const UNSCOPABLES: [&str; 16] = [
    "at",
    "copyWithin",
    "entries",
    "fill",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flat",
    "flatMap",
    "includes",
    "keys",
    "toReversed",
    "toSorted",
    "toSpliced",
    "values",
];

/// What the tables cannot say: intrinsic functions, `Array.prototype[Symbol.unscopables]`, and `toString` shared with typed arrays.
/// The realm calls it once, when every class table has been made into objects.
pub fn finish_install(cx: &mut Context) -> Result<()> {
    let prototype = cx.intrinsic(Intrinsic::ArrayPrototype);
    let iterator = cx.intrinsic(Intrinsic::ArrayIteratorPrototype);
    let object_prototype = cx.intrinsic(Intrinsic::ObjectPrototype);
    let kept = [
        (object_prototype, key::to_string, Intrinsic::ObjectToString),
        (prototype, key::values, Intrinsic::ArrayPrototypeValues),
        (prototype, key::to_string, Intrinsic::ArrayToString),
        (iterator, key::next, Intrinsic::ArrayIteratorNext),
    ];
    for (object, key, intrinsic) in kept {
        if let Some(function) = cx.get(object, key)?.as_object() {
            cx.realm().set_intrinsic(&cx.heap, intrinsic, function);
        }
    }
    for (constructor, intrinsic) in [(Intrinsic::Array, Intrinsic::ArraySpecies), (Intrinsic::TypedArray, Intrinsic::TypedArraySpecies)] {
        let constructor = cx.intrinsic(constructor);
        if let Some(descriptor) = cx.get_own_property(constructor, symbol::species)?
            && let Some(getter) = descriptor.get.and_then(Value::as_object)
        {
            cx.realm().set_intrinsic(&cx.heap, intrinsic, getter);
        }
    }
    // 23.1.3.41 Array.prototype [ %Symbol.unscopables% ], https://tc39.es/ecma262/#sec-array.prototype-%symbol.unscopables%
    let list = cx.heap.new_object_with_prototype(Kind::Object, None);
    for name in UNSCOPABLES {
        let key = cx.key(name);
        list.add_property(&cx.heap, key, Value::TRUE, attribute::ALL);
    }
    prototype.add_property(&cx.heap, symbol::unscopables, list.value(), attribute::CONFIG);
    // 23.2.3.32 %TypedArray%.prototype.toString ( ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.tostring
    let to_string = cx.intrinsic(Intrinsic::ArrayToString).value();
    let typed = cx.intrinsic(Intrinsic::TypedArrayPrototype);
    define_method(cx, typed, key::to_string, to_string);
    Ok(())
}

fn define_method(cx: &Context, object: crate::object::Object, key: PropertyKey, function: Value) {
    object.add_property(&cx.heap, key, function, attribute::METHOD);
}
