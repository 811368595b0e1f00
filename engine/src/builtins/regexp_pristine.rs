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

/// Whether a value is a function object of a native. Natives with the same code may have been merged into one by the compiler, which
/// does not matter here: they do the same.
fn is_native(cx: &Context, value: Value, function: NativeFn) -> bool {
    let Some(object) = value.as_object().filter(|object| object.is(&cx.heap, Kind::NativeFunction)) else { return false };
    let index = object.internal(&cx.heap, 0).as_int().unwrap_or(-1) as u32;
    cx.natives().entry(index).is_some_and(|entry| std::ptr::fn_addr_eq(entry.function, function))
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::context::ContextOptions;
    use crate::host::NullHost;
    use crate::native::Natives;

    /// What the checks say of a regular expression after `preparation` has run with it as `r`.
    fn checks(preparation: &str) -> [bool; 3] {
        let mut cx = Context::new(Box::new(NullHost::default()), Rc::new(Natives::new(&[])), ContextOptions::default()).expect("a context");
        let source = format!("var r = /a/; {preparation}; r");
        let value = cx.evaluate_script(&source, "test.js").expect("no exception");
        let regexp = value.as_object().expect("a regular expression");
        [exec_is_intrinsic(&cx, regexp), is_pristine(&cx, regexp), is_pristine_with_species(&cx, regexp)]
    }

    #[test]
    fn quick_paths_are_taken_when_nothing_was_changed() {
        assert_eq!(checks(""), [true; 3]);
        assert_eq!(checks("r.lastIndex = {}"), [true; 3]);
        assert_eq!(checks("RegExp.prototype.more = 1"), [true; 3]);
    }

    #[test]
    fn changes_are_noticed() {
        assert_eq!(checks("r.exec = 1"), [false; 3]);
        assert_eq!(checks("r.more = 1"), [false; 3]);
        assert_eq!(checks("RegExp.prototype.exec = function () {}"), [false; 3]);
        assert_eq!(checks("Object.setPrototypeOf(r, { __proto__: RegExp.prototype })"), [false; 3]);
        assert_eq!(checks("r = new (class extends RegExp {})('a')"), [false; 3]);
        // Also after the snapshot was taken.
        assert_eq!(checks("r.test(''); RegExp.prototype.exec = function () {}"), [false; 3]);
        for flag in ["flags", "global", "unicode", "unicodeSets", "sticky", "hasIndices", "dotAll", "multiline", "ignoreCase"] {
            let change = format!("'a'.replace(r, ''); Object.defineProperty(RegExp.prototype, '{flag}', {{ get() {{ return '' }} }})");
            assert_eq!(checks(&change), [true, false, false], "{flag}");
        }
        assert_eq!(checks("r.test(''); RegExp.prototype.constructor = Object"), [true, true, false]);
        assert_eq!(checks("''.split(r); Object.defineProperty(RegExp, Symbol.species, { get() {} })"), [true, true, false]);
    }
}
