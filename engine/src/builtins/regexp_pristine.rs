//! Whether regular expressions are as the language made them, so that steps which only look things up may be skipped.
//!
//! The %RegExp% function keeps a snapshot: for each property that the algorithms read the function that it held when the realm was made, and
//! the slot where it is, found anew when the shapes of prototype or constructor have changed. A change of a value shows in the slot, any
//! other in a shape.

use std::cell::Cell;

use crate::context::Context;
use crate::heap::{Kind, Ref, Values};
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
const GETTER_LIST: [PropertyKey; 9] = [
    key::flags,
    key::dot_all,
    key::global,
    key::has_indices,
    key::ignore_case,
    key::multiline,
    key::sticky,
    key::unicode,
    key::unicode_sets,
];
const SPECIES: u32 = GETTERS + 2 * GETTER_LIST.len() as u32;
const LENGTH: u32 = SPECIES + 2;

/// Whether `object` is a RegExp object of this realm without own properties but `lastIndex`.
fn is_plain(cx: &Context, object: Object) -> bool {
    let shape = object.shape(&cx.heap);
    // The shape that they are made with.
    if shape == cx.realm().regexp_shape(&cx.heap) {
        return true;
    }
    if !object.is(&cx.heap, Kind::RegExp) {
        return false;
    }
    shape.count(&cx.heap) == 1 && shape.prototype(&cx.heap) == Some(cx.intrinsic(Intrinsic::RegExpPrototype))
}

/// Whether looking `exec` up on `object`, a RegExp object, finds %RegExp.prototype.exec%.
pub(super) fn exec_is_intrinsic(cx: &Context, object: Object) -> bool {
    is_plain(cx, object) && is_known(cx) && exec_matches(cx)
}

/// Whether `exec`, `flags` and the flag getters of `object`, a RegExp object, are the intrinsic ones.
pub(super) fn is_pristine(cx: &Context, object: Object) -> bool {
    is_plain(cx, object) && prototype_is_pristine(cx)
}

/// The same, and SpeciesConstructor would give %RegExp%, and that would run nothing to find out whether it is given a regular expression.
pub(super) fn is_pristine_with_species(cx: &Context, object: Object) -> bool {
    is_plain(cx, object)
        && prototype_is_pristine(cx)
        && snapshot(cx).is_some_and(|snapshot| {
            let constructor = cx.intrinsic(Intrinsic::RegExp);
            let prototype = cx.intrinsic(Intrinsic::RegExpPrototype);
            data_matches(cx, snapshot, CONSTRUCTOR, prototype)
                && getter_matches(cx, snapshot, SPECIES, constructor)
                && cx.plain_data_property(prototype, symbol::match_).is_some()
        })
}

/// Where `exec` and the accessors in [`GETTER_LIST`] are, and what was there when the realm was made. Holds for a generation of the context, a
/// realm, and the shapes of its prototype and constructor: what else may change are the values at these addresses and in the pairs. Each
/// field is a cell of its own: this is looked at before every use of a regular expression, and not to be copied for that.
#[derive(Default)]
pub(crate) struct Getters {
    generation: Cell<u64>,
    realm: Cell<u32>,
    prototype_shape: Cell<u32>,
    constructor_shape: Cell<u32>,
    /// Address of the slot of `exec`.
    exec_at: Cell<u32>,
    exec: Cell<u64>,
    /// Address of the accessor pair's slot, offset of the getter.
    each: [Cell<(u32, u32)>; GETTER_LIST.len()],
}

/// Whether the addresses are known, or can be found.
#[inline]
fn is_known(cx: &Context) -> bool {
    let (heap, known) = (&cx.heap, &cx.regexp_getters);
    let is_known = cx.is_current(known.generation.get())
        && known.realm.get() == cx.realm().0.offset()
        && known.prototype_shape.get() == cx.intrinsic(Intrinsic::RegExpPrototype).shape(heap).offset()
        && known.constructor_shape.get() == cx.intrinsic(Intrinsic::RegExp).shape(heap).offset();
    is_known || find_addresses(cx).is_some()
}

#[cold]
#[inline(never)]
fn find_addresses(cx: &Context) -> Option<()> {
    let (heap, known) = (&cx.heap, &cx.regexp_getters);
    let snapshot = snapshot(cx)?;
    let prototype = cx.intrinsic(Intrinsic::RegExpPrototype);
    let place = |entry: u32| (prototype.slot_address(heap, slot_number(cx, snapshot, entry)), snapshot.get(heap, entry + 1));
    for (i, getter) in known.each.iter().enumerate() {
        let (at, function) = place(GETTERS + 2 * i as u32);
        getter.set((at, function.offset()));
    }
    let (at, exec) = place(EXEC);
    known.exec_at.set(at);
    known.exec.set(exec.to_bits());
    let mut offsets = vec![at, exec.offset(), prototype.shape(heap).offset(), cx.intrinsic(Intrinsic::RegExp).shape(heap).offset()];
    offsets.push(cx.realm().0.offset());
    offsets.extend(known.each.iter().flat_map(|getter| [getter.get().0, getter.get().1]));
    known.generation.set(cx.generation_of(&offsets));
    known.realm.set(cx.realm().0.offset());
    known.prototype_shape.set(prototype.shape(heap).offset());
    known.constructor_shape.set(cx.intrinsic(Intrinsic::RegExp).shape(heap).offset());
    Some(())
}

/// Whether %RegExp.prototype%.exec holds what it held when the realm was made, once its address is known.
#[inline]
fn exec_matches(cx: &Context) -> bool {
    cx.heap.load::<u64>(cx.regexp_getters.exec_at.get()) == cx.regexp_getters.exec.get()
}

fn prototype_is_pristine(cx: &Context) -> bool {
    let heap = &cx.heap;
    is_known(cx)
        && exec_matches(cx)
        && cx.regexp_getters.each.iter().all(|known| {
            let (at, getter) = known.get();
            let pair: Value = heap.load(at);
            let function: Value = heap.load(Ref::<Values>::from_offset(pair.offset()).slot(0));
            pair.is_cell() && function == Object::from_offset(getter).value()
        })
}

fn slot_number(cx: &Context, snapshot: Ref<Values>, entry: u32) -> u32 {
    snapshot.get(&cx.heap, entry).as_int().unwrap_or(0) as u32
}

fn slot_value(cx: &Context, snapshot: Ref<Values>, entry: u32, holder: Object) -> Value {
    holder.slot_value(&cx.heap, slot_number(cx, snapshot, entry))
}

fn data_matches(cx: &Context, snapshot: Ref<Values>, entry: u32, holder: Object) -> bool {
    slot_value(cx, snapshot, entry, holder) == snapshot.get(&cx.heap, entry + 1)
}

fn getter_matches(cx: &Context, snapshot: Ref<Values>, entry: u32, holder: Object) -> bool {
    let pair = cx.record(slot_value(cx, snapshot, entry, holder));
    !pair.is_null() && pair.get(&cx.heap, 0) == snapshot.get(&cx.heap, entry + 1)
}

/// The snapshot, with slots for the present shapes; `None` when a property is missing or of another kind.
fn snapshot(cx: &Context) -> Option<Ref<Values>> {
    let heap = &cx.heap;
    let constructor = cx.intrinsic(Intrinsic::RegExp);
    let snapshot = cx.native_slot(constructor.value(), 1).as_cell::<Values>()?;
    let prototype_shape = Value::cell(cx.intrinsic(Intrinsic::RegExpPrototype).shape(heap));
    let constructor_shape = Value::cell(constructor.shape(heap));
    if snapshot.get(heap, PROTOTYPE_SHAPE) != prototype_shape || snapshot.get(heap, CONSTRUCTOR_SHAPE) != constructor_shape {
        let valid = for_each_property(cx, |holder, name, is_getter, entry| locate(cx, snapshot, holder, name, is_getter, entry).is_some());
        snapshot.set(heap, PROTOTYPE_SHAPE, prototype_shape);
        snapshot.set(heap, CONSTRUCTOR_SHAPE, constructor_shape);
        snapshot.set(heap, VALID, Value::bool(valid));
    }
    (snapshot.get(heap, VALID) == Value::TRUE).then_some(snapshot)
}

/// Looks the slots up now, so that an image has them.
pub(super) fn refresh(cx: &Context) {
    snapshot(cx);
}

/// The cell of the snapshot.
pub(super) fn snapshot_cell(cx: &Context) -> Option<u32> {
    cx.native_slot(cx.intrinsic(Intrinsic::RegExp).value(), 1).as_cell::<Values>().map(Ref::offset)
}

/// Calls `each` with holder, name, whether it is an accessor, and place in the snapshot of every property, until it answers false.
fn for_each_property(cx: &Context, mut each: impl FnMut(Object, PropertyKey, bool, u32) -> bool) -> bool {
    let constructor = cx.intrinsic(Intrinsic::RegExp);
    let prototype = cx.intrinsic(Intrinsic::RegExpPrototype);
    each(prototype, key::exec, false, EXEC)
        && each(prototype, key::constructor, false, CONSTRUCTOR)
        && GETTER_LIST.iter().enumerate().all(|(i, &name)| each(prototype, name, true, GETTERS + 2 * i as u32))
        && each(constructor, symbol::species, true, SPECIES)
}

/// Notes the slot of a property and returns its value (of an accessor: its getter).
fn locate(cx: &Context, snapshot: Ref<Values>, holder: Object, name: PropertyKey, is_getter: bool, entry: u32) -> Option<Value> {
    let heap = &cx.heap;
    let property = holder.shape(heap).lookup(heap, name)?;
    if property.attributes & attribute::LAZY != 0 || (property.attributes & attribute::ACCESSOR != 0) != is_getter {
        return None;
    }
    snapshot.set(heap, entry, Value::from(property.slot));
    let value = holder.slot_value(heap, property.slot);
    if is_getter { Some(value.as_cell::<Values>()?.get(heap, 0)) } else { Some(value) }
}

/// Takes the snapshot in a realm that has just been made.
pub(super) fn init(cx: &Context) {
    let snapshot = cx.heap.new_values(LENGTH);
    snapshot.set_length(&cx.heap, LENGTH);
    let complete = for_each_property(cx, |holder, name, is_getter, entry| match locate(cx, snapshot, holder, name, is_getter, entry) {
        Some(value) => {
            snapshot.set(&cx.heap, entry + 1, value);
            true
        }
        None => false,
    });
    debug_assert!(complete, "the RegExp table has all of these");
    cx.set_native_slot(cx.intrinsic(Intrinsic::RegExp).value(), 1, Value::cell(snapshot));
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
        let mut cx =
            Context::new(Box::new(NullHost::default()), Rc::new(Natives::of_engine()), ContextOptions::default()).expect("a context");
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
        assert_eq!(checks("''.split(r); Object.defineProperty(RegExp.prototype, Symbol.match, { get() {} })"), [true, true, false]);
    }
}
