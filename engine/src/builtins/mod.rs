//! Built-ins: one file per specification object, each with its class table.

pub mod array;
mod array_buffer;
pub mod async_generator;
pub(crate) mod async_iterator;
mod atomics;
mod bigint;
mod boolean;
pub mod collection;
mod data_view;
mod date;
mod disposable_stack;
pub(crate) mod disposables;
pub mod error;
pub(crate) mod finalization;
pub mod function;
mod generator;
mod global_functions;
pub mod host_memory;
mod iterator;
pub(crate) mod iterator_helpers;
mod iterator_zip;
pub mod json;
mod json_parse;
mod json_stringify;

pub mod map;
mod map_iterator;
mod math;
pub(crate) mod module_source;
mod number;
mod object;
mod object_prototype;
pub mod promise;
mod promise_combinators;
mod proxy;
pub(crate) mod receiver;
mod reflect;
pub mod regexp;
pub(crate) mod regexp_cache;
pub(crate) mod regexp_code;
mod regexp_legacy;
pub(crate) mod regexp_pristine;
mod regexp_symbols;
mod set;
mod set_methods;
mod shared_array_buffer;
mod string;
mod string_html;
mod string_iterator;
mod string_search;
mod string_text;
mod substitution;
pub mod support;
mod symbol;
pub mod temporal;
pub mod typed_array;
mod weak;
pub mod weak_ref;

use crate::context::Context;
use crate::native::ClassSpec;
use crate::realm::{Intrinsic, Realm};

/// Every class table, parents before children. Order is part of the image format.
pub static CLASSES: &[&ClassSpec] = &[
    &support::SUPPORT,
    &support::EVAL_FUNCTION,
    &crate::module::MODULE_SUPPORT,
    &module_source::ABSTRACT_MODULE_SOURCE,
    &object::OBJECT,
    &function::FUNCTION,
    &error::ERROR,
    &error::EVAL_ERROR,
    &error::RANGE_ERROR,
    &error::REFERENCE_ERROR,
    &error::SYNTAX_ERROR,
    &error::TYPE_ERROR,
    &error::URI_ERROR,
    &error::AGGREGATE_ERROR,
    &error::SUPPRESSED_ERROR,
    &boolean::BOOLEAN,
    &symbol::SYMBOL,
    &number::NUMBER,
    &bigint::BIGINT,
    &math::MATH,
    &date::DATE,
    &json::JSON,
    &string::STRING,
    &iterator::ITERATOR,
    &iterator::WRAP_FOR_VALID_ITERATOR,
    &iterator_helpers::ITERATOR_HELPER,
    &async_iterator::ASYNC_ITERATOR,
    &async_iterator::ASYNC_FROM_SYNC_ITERATOR,
    &string_iterator::STRING_ITERATOR,
    &regexp::REGEXP,
    &regexp_symbols::REGEXP_STRING_ITERATOR,
    &array::ARRAY,
    &array::iterator::ARRAY_ITERATOR,
    &map::MAP,
    &set::SET,
    &map_iterator::MAP_ITERATOR,
    &map_iterator::SET_ITERATOR,
    &weak::WEAK_MAP,
    &weak::WEAK_SET,
    &weak_ref::WEAK_REF,
    &finalization::FINALIZATION_REGISTRY,
    &array_buffer::ARRAY_BUFFER,
    &shared_array_buffer::SHARED_ARRAY_BUFFER,
    &typed_array::TYPED_ARRAY,
    &typed_array::INT8_ARRAY,
    &typed_array::UINT8_ARRAY,
    &typed_array::UINT8_CLAMPED_ARRAY,
    &typed_array::INT16_ARRAY,
    &typed_array::UINT16_ARRAY,
    &typed_array::INT32_ARRAY,
    &typed_array::UINT32_ARRAY,
    &typed_array::BIGINT64_ARRAY,
    &typed_array::BIGUINT64_ARRAY,
    &typed_array::FLOAT16_ARRAY,
    &typed_array::FLOAT32_ARRAY,
    &typed_array::FLOAT64_ARRAY,
    &data_view::DATA_VIEW,
    &atomics::ATOMICS,
    &promise::PROMISE,
    &function::GENERATOR_FUNCTION,
    &function::ASYNC_FUNCTION,
    &function::ASYNC_GENERATOR_FUNCTION,
    &generator::GENERATOR,
    &async_generator::ASYNC_GENERATOR,
    &reflect::REFLECT,
    &proxy::PROXY,
    &disposable_stack::DISPOSABLE_STACK,
    &disposable_stack::ASYNC_DISPOSABLE_STACK,
    &temporal::TEMPORAL,
    &temporal::DURATION,
    &temporal::INSTANT,
    &temporal::PLAIN_DATE,
    &temporal::PLAIN_TIME,
    &temporal::PLAIN_DATE_TIME,
    &temporal::PLAIN_YEAR_MONTH,
    &temporal::PLAIN_MONTH_DAY,
    &temporal::ZONED_DATE_TIME,
    &temporal::NOW,
    &global_functions::GLOBAL_FUNCTIONS,
];

/// Steps after all tables are installed: intrinsics that are members of classes, properties that tables cannot say.
pub fn finish_realm(cx: &mut Context, realm: Realm) {
    object::finish(cx, realm);
    support::finish(cx, realm);
    function::finish(cx, realm);
    error::finish(cx, realm);
    symbol::finish(cx, realm);
    global_functions::finish(cx, realm);
    temporal::finish(cx, realm);
    // Members that other built-ins call whatever scripts do to the prototypes.
    for (prototype, name, intrinsic) in [
        (Intrinsic::MapPrototype, crate::string::atoms::key::set, Intrinsic::MapPrototypeSet),
        (Intrinsic::SetPrototype, crate::string::atoms::key::add, Intrinsic::SetPrototypeAdd),
    ] {
        let prototype = realm.intrinsic(&cx.heap, prototype);
        if let Some(property) = prototype.shape(&cx.heap).lookup(&cx.heap, name)
            && let Some(function) = prototype.slot_value(&cx.heap, property.slot).as_object()
        {
            realm.set_intrinsic(&cx.heap, intrinsic, function);
        }
    }
    let finished = array::finish_install(cx);
    debug_assert!(finished.is_ok(), "the array classes are complete");
}
