//! Built-ins: one file per specification object, each with its class table.

pub(crate) mod async_generator;
pub(crate) mod async_iterator;
pub mod collection;
pub(crate) mod disposable_stack;
pub(crate) mod disposables;
pub(crate) mod finalization;
pub(crate) mod generator;
pub(crate) mod iterator;
pub(crate) mod iterator_helpers;
pub(crate) mod iterator_zip;
pub(crate) mod map;
pub(crate) mod map_iterator;
pub mod promise;
pub(crate) mod promise_combinators;
pub(crate) mod receiver;
pub(crate) mod set;
pub(crate) mod set_methods;
pub(crate) mod weak;
pub mod weak_ref;
pub mod support;

use crate::context::Context;
use crate::native::ClassSpec;
use crate::realm::Realm;

/// Every class table, parents before children. Order is part of the image format.
pub static CLASSES: &[&ClassSpec] = &[
    &support::SUPPORT,
    &iterator::ITERATOR,
    &iterator::WRAP_FOR_VALID_ITERATOR,
    &iterator_helpers::ITERATOR_HELPER,
    &async_iterator::ASYNC_ITERATOR,
    &async_iterator::ASYNC_FROM_SYNC_ITERATOR,
    &generator::GENERATOR_FUNCTION,
    &generator::ASYNC_GENERATOR_FUNCTION,
    &generator::ASYNC_FUNCTION,
    &generator::GENERATOR,
    &async_generator::ASYNC_GENERATOR,
    &map::MAP,
    &map_iterator::MAP_ITERATOR,
    &set::SET,
    &map_iterator::SET_ITERATOR,
    &weak::WEAK_MAP,
    &weak::WEAK_SET,
    &weak_ref::WEAK_REF,
    &finalization::FINALIZATION_REGISTRY,
    &promise::PROMISE,
    &disposable_stack::DISPOSABLE_STACK,
    &disposable_stack::ASYNC_DISPOSABLE_STACK,
];

/// Steps after all tables are installed: intrinsics that are members of classes, properties that tables cannot say.
pub fn finish_realm(cx: &mut Context, realm: Realm) {
    generator::finish_install(cx, realm);
}
