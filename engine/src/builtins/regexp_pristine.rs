//! Whether regular expressions are as the language made them, so that steps which only look things up may be skipped.
//!
//! The %RegExp% function keeps a snapshot of what was found: shapes of the prototype and the constructor, and for each property that the
//! algorithms read the slot and the value it must hold. A change of a property shows in the slot, any other in a shape.

use super::regexp;
use crate::context::Context;
use crate::heap::{Kind, Ref, Values};
use crate::native::NativeFn;
use crate::object::{Object, attribute};
use crate::realm::Intrinsic;
use crate::string::PropertyKey;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

// Layout of the snapshot: shapes, whether all was as expected, then (slot, expected value) of each property.
const PROTOTYPE_SHAPE: u32 = 0;
const CONSTRUCTOR_SHAPE: u32 = 1;
const VALID: u32 = 2;
const EXEC: u32 = 3;
const CONSTRUCTOR: u32 = 5;
const GETTERS: u32 = 7;

/// The getters that `flags` and the symbol methods reach.
const GETTER_LIST: [(PropertyKey, NativeFn); 9] = [
    (key::flags, regexp::flags),
    (key::dot_all, regexp::dot_all),
    (key::global, regexp::global),
    (key::has_indices, regexp::has_indices),
    (key::ignore_case, regexp::ignore_case),
    (key::multiline, regexp::multiline),
    (key::sticky, regexp::sticky),
    (key::unicode, regexp::unicode),
    (key::unicode_sets, regexp::unicode_sets),
];
const SPECIES: u32 = GETTERS + 2 * GETTER_LIST.len() as u32;
const LENGTH: u32 = SPECIES + 2;

/// Whether `object` is a RegExp object of this realm without own properties but `lastIndex`.
fn is_plain(cx: &Context, object: Object) -> bool {
    if !object.is(&cx.heap, Kind::RegExp) {
        return false;
    }
    let shape = object.shape(&cx.heap);
    shape.count(&cx.heap) == 1 && shape.prototype(&cx.heap) == Some(cx.intrinsic(Intrinsic::RegExpPrototype))
}

/// Whether looking `exec` up on `object`, a RegExp object, finds %RegExp.prototype.exec%.
pub(super) fn exec_is_intrinsic(cx: &Context, object: Object) -> bool {
    is_plain(cx, object)
        && snapshot(cx).is_some_and(|snapshot| {
            let prototype = cx.intrinsic(Intrinsic::RegExpPrototype);
            data_matches(cx, snapshot, EXEC, prototype)
        })
}

/// Whether `exec`, `flags` and the flag getters of `object`, a RegExp object, are the intrinsic ones.
pub(super) fn is_pristine(cx: &Context, object: Object) -> bool {
    is_plain(cx, object) && prototype_is_pristine(cx).is_some()
}

/// The same, and SpeciesConstructor would give %RegExp%.
pub(super) fn is_pristine_with_species(cx: &Context, object: Object) -> bool {
    is_plain(cx, object)
        && prototype_is_pristine(cx).is_some_and(|snapshot| {
            let constructor = cx.intrinsic(Intrinsic::RegExp);
            let prototype = cx.intrinsic(Intrinsic::RegExpPrototype);
            data_matches(cx, snapshot, CONSTRUCTOR, prototype) && getter_matches(cx, snapshot, SPECIES, constructor)
        })
}

fn prototype_is_pristine(cx: &Context) -> Option<Ref<Values>> {
    let snapshot = snapshot(cx)?;
    let prototype = cx.intrinsic(Intrinsic::RegExpPrototype);
    let getters = (0..GETTER_LIST.len() as u32).all(|i| getter_matches(cx, snapshot, GETTERS + 2 * i, prototype));
    (getters && data_matches(cx, snapshot, EXEC, prototype)).then_some(snapshot)
}

fn slot_value(cx: &Context, snapshot: Ref<Values>, entry: u32, holder: Object) -> Value {
    let slot = snapshot.get(&cx.heap, entry).as_int().unwrap_or(0) as u32;
    holder.slot_value(&cx.heap, slot)
}

fn data_matches(cx: &Context, snapshot: Ref<Values>, entry: u32, holder: Object) -> bool {
    slot_value(cx, snapshot, entry, holder) == snapshot.get(&cx.heap, entry + 1)
}

fn getter_matches(cx: &Context, snapshot: Ref<Values>, entry: u32, holder: Object) -> bool {
    let pair = cx.record(slot_value(cx, snapshot, entry, holder));
    !pair.is_null() && pair.get(&cx.heap, 0) == snapshot.get(&cx.heap, entry + 1)
}

/// The snapshot for the present shapes; `None` when something was not as expected when it was taken.
fn snapshot(cx: &Context) -> Option<Ref<Values>> {
    let constructor = cx.intrinsic(Intrinsic::RegExp);
    let prototype_shape = Value::cell(cx.intrinsic(Intrinsic::RegExpPrototype).shape(&cx.heap));
    let constructor_shape = Value::cell(constructor.shape(&cx.heap));
    let known = cx.native_slot(constructor.value(), 1).as_cell::<Values>().filter(|known| {
        known.get(&cx.heap, PROTOTYPE_SHAPE) == prototype_shape && known.get(&cx.heap, CONSTRUCTOR_SHAPE) == constructor_shape
    });
    let snapshot = known.unwrap_or_else(|| {
        let snapshot = cx.heap.new_values(LENGTH);
        snapshot.set_length(&cx.heap, LENGTH);
        let valid = take(cx, snapshot).is_some();
        snapshot.set(&cx.heap, PROTOTYPE_SHAPE, prototype_shape);
        snapshot.set(&cx.heap, CONSTRUCTOR_SHAPE, constructor_shape);
        snapshot.set(&cx.heap, VALID, Value::bool(valid));
        cx.set_native_slot(constructor.value(), 1, Value::cell(snapshot));
        snapshot
    });
    (snapshot.get(&cx.heap, VALID) == Value::TRUE).then_some(snapshot)
}

/// Fills a snapshot; `None` where a property is not what the language defines.
fn take(cx: &Context, snapshot: Ref<Values>) -> Option<()> {
    let heap = &cx.heap;
    let constructor = cx.intrinsic(Intrinsic::RegExp);
    let prototype = cx.intrinsic(Intrinsic::RegExpPrototype);
    let data = |name: PropertyKey, entry: u32| {
        let property = prototype.shape(heap).lookup(heap, name)?;
        if property.attributes & (attribute::ACCESSOR | attribute::LAZY) != 0 {
            return None;
        }
        let value = prototype.slot_value(heap, property.slot);
        snapshot.set(heap, entry, Value::from(property.slot));
        snapshot.set(heap, entry + 1, value);
        Some(value)
    };
    let getter = |holder: Object, name: PropertyKey, function: NativeFn, entry: u32| {
        let property = holder.shape(heap).lookup(heap, name)?;
        if property.attributes & attribute::ACCESSOR == 0 {
            return None;
        }
        let getter = holder.slot_value(heap, property.slot).as_cell::<Values>()?.get(heap, 0);
        snapshot.set(heap, entry, Value::from(property.slot));
        snapshot.set(heap, entry + 1, getter);
        is_native(cx, getter, function).then_some(())
    };
    let exec = data(key::exec, EXEC)?;
    if !is_native(cx, exec, regexp::exec) || data(key::constructor, CONSTRUCTOR)? != constructor.value() {
        return None;
    }
    for (i, (name, function)) in GETTER_LIST.into_iter().enumerate() {
        getter(prototype, name, function, GETTERS + 2 * i as u32)?;
    }
    getter(constructor, symbol::species, regexp::species, SPECIES)
}

/// Whether a value is the function object of a native.
fn is_native(cx: &Context, value: Value, function: NativeFn) -> bool {
    let Some(object) = value.as_object().filter(|object| object.is(&cx.heap, Kind::NativeFunction)) else { return false };
    let index = object.internal(&cx.heap, 0).as_int();
    index.is_some() && index == cx.natives().index_of(function).map(|index| index as i32)
}
