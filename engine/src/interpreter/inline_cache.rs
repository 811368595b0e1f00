//! Inline caches: 16 bytes a site, in the code's feedback.
//!
//! | +0 | +4 | +8 | +12 |
//! |---|---|---|---|
//! | shape of the receiver (or marker of a primitive type) | kind in the low byte, offset or slot above | by kind | epoch |
//!
//! Prototype hits hold the address of the holder's slot; any structural change of any prototype advances the epoch and so invalidates
//! them. A site that sees more shapes gets four ways in a Raw cell; one that sees more still is *megamorphic* and looks up for itself.

use crate::context::Context;
use crate::heap::{Heap, Kind, Raw, Ref, Shape, object_flag};
use crate::object::{Object, Property, attribute};
use crate::realm::Intrinsic;
use crate::string::{PropertyKey, Units};
use crate::value::Value;

/// Kinds of cache entries.
pub(crate) mod ic {
    /// Own property in an inline slot: byte offset from the object.
    pub const OWN: u32 = 0;
    /// Own property in an overflow slot: slot index.
    pub const OVERFLOW: u32 = 1;
    /// Property of a prototype: +8 is the address of its slot.
    pub const PROTOTYPE: u32 = 2;
    /// No such property.
    pub const MISSING: u32 = 3;
    /// Getter on the object or a prototype: +8 is the address of the slot with the accessor pair.
    pub const GETTER: u32 = 4;
    /// Adds a property in an inline slot: +8 is the new shape.
    pub const ADD: u32 = 5;
    /// Adds a property in an overflow slot that exists already.
    pub const ADD_OVERFLOW: u32 = 6;
    /// Four ways: +8 is a Raw cell of entries.
    pub const POLYMORPHIC: u32 = 7;
    /// Too many shapes.
    pub const MEGAMORPHIC: u32 = 8;
}

/// Ways of a polymorphic cache.
pub(super) const WAYS: u32 = 4;

/// An entry's four words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub shape: u32,
    pub data: u32,
    pub extra: u32,
    pub epoch: u32,
}

impl Entry {
    pub fn load(heap: &Heap, at: u32) -> Entry {
        Entry { shape: heap.load(at), data: heap.load(at + 4), extra: heap.load(at + 8), epoch: heap.load(at + 12) }
    }

    pub fn store(self, heap: &Heap, at: u32) {
        heap.store(at, self.shape);
        heap.store(at + 4, self.data);
        heap.store(at + 8, self.extra);
        heap.store(at + 12, self.epoch);
    }
}

/// Puts an entry into the cache at `at`: monomorphic, then four ways, then megamorphic.
#[inline]
pub(super) fn update(heap: &Heap, at: u32, entry: Entry) {
    let now = Entry::load(heap, at);
    match now.data & 0xFF {
        ic::MEGAMORPHIC => {}
        ic::POLYMORPHIC => {
            let ways = Ref::<Raw>::from_offset(now.extra);
            for way in 0..WAYS {
                let slot = ways.data() + 16 * way;
                let known = Entry::load(heap, slot);
                let stale = known.shape == entry.shape || (is_epoch_bound(known.data) && known.epoch != heap.shape_epoch());
                if known.shape == 0 || stale {
                    entry.store(heap, slot);
                    return;
                }
            }
            Entry { shape: 0, data: ic::MEGAMORPHIC, extra: 0, epoch: 0 }.store(heap, at);
        }
        _ if now.shape == 0 || now.shape == entry.shape || (is_epoch_bound(now.data) && now.epoch != heap.shape_epoch()) => {
            entry.store(heap, at)
        }
        _ => {
            let ways = Ref::<Raw>::from_offset(heap.allocate_feedback(8 + 16 * WAYS));
            heap.init_header(ways.offset(), Kind::Raw, crate::heap::FEEDBACK, 0, 16 * WAYS);
            heap.cage().fill(ways.data(), 16 * WAYS, 0);
            now.store(heap, ways.data());
            entry.store(heap, ways.data() + 16);
            Entry { shape: 0, data: ic::POLYMORPHIC, extra: ways.offset(), epoch: 0 }.store(heap, at);
        }
    }
}

pub(super) fn is_epoch_bound(data: u32) -> bool {
    !matches!(data & 0xFF, ic::OWN | ic::OVERFLOW)
}

/// Whether `shape`'s own properties may be cached, and whether the object follows the ordinary rules for `key`.
pub(super) fn is_cacheable(heap: &Heap, object: Object, key: PropertyKey) -> bool {
    if object.shape(heap).is_dictionary(heap) || key.is_index() {
        return false;
    }
    if !object.has_flag(heap, object_flag::EXOTIC) {
        // Arrays keep their `length` elsewhere, and adding a large index changes it.
        return !(object.is(heap, Kind::Array) && (key == crate::string::atoms::key::length || key.is_large_index(heap)));
    }
    match object.kind(heap) {
        Kind::Proxy | Kind::ModuleNamespace => false,
        // Strings and typed arrays are exotic for indices and numeric strings, which begin with a digit, `-`, `I` or `N`.
        _ => {
            key != crate::string::atoms::key::length
                && key.as_atom(heap).is_none_or(|atom| match atom.units(heap) {
                    Units::Latin1([first, ..]) => !matches!(first, b'0'..=b'9' | b'-' | b'I' | b'N'),
                    _ => false,
                })
        }
    }
}

/// What a lookup found, and whether and how it may be cached.
pub(super) enum Lookup {
    /// Data: its value.
    Data(Value),
    /// Accessor: the getter (or undefined).
    Getter(Value),
    /// Nothing on the whole chain.
    Missing,
    /// Ask the ordinary internal methods.
    Generic,
}

/// Looks `key` up from `start` as property of objects of the shape (or primitive type) `marker`, filling the cache at `cache` where
/// possible.
pub(super) fn lookup(cx: &mut Context, start: Object, is_receiver: bool, marker: u32, key: PropertyKey, cache: u32) -> Lookup {
    let (found, entry) = find(cx, start, is_receiver, marker, key);
    if let Some(entry) = entry {
        update(&cx.heap, cache, entry);
    }
    found
}

/// The same through the global lookup cache, for sites without a cache of their own and for megamorphic ones.
pub(super) fn lookup_globally(cx: &mut Context, start: Object, is_receiver: bool, marker: u32, key: PropertyKey) -> Lookup {
    let (found, entry) = find(cx, start, is_receiver, marker, key);
    if let Some(mut entry) = entry {
        if matches!(entry.data & 0xFF, ic::OWN | ic::OVERFLOW)
            && let Some(property) = start.shape(&cx.heap).lookup(&cx.heap, key)
            && property.attributes & attribute::WRITABLE != 0
            && !(key == crate::string::atoms::key::prototype && start.is(&cx.heap, Kind::Closure))
        {
            entry.data |= super::lookup_cache::WRITABLE;
        }
        cx.lookups.put(cx.generation, &cx.pristine, key.bits(), entry);
    }
    found
}

/// Looks `key` up; with what was found comes the entry by which a cache may know it. Inlined, so that what it gives stays in registers: from
/// memory, the entry's words would be read two at a time right after they were written one at a time, which stalls.
#[inline(always)]
fn find(cx: &Context, start: Object, is_receiver: bool, marker: u32, key: PropertyKey) -> (Lookup, Option<Entry>) {
    let heap = &cx.heap;
    let mut holder = start;
    let mut is_own = is_receiver;
    loop {
        if !is_cacheable_holder(heap, holder, key, is_own) {
            return (Lookup::Generic, None);
        }
        let shape = holder.shape(heap);
        if let Some(property) = shape.lookup(heap, key) {
            if property.attributes & attribute::LAZY != 0 {
                return (Lookup::Generic, None);
            }
            let value = holder.slot_value(heap, property.slot);
            let cached = !(is_own && shape.is_dictionary(heap));
            if property.attributes & attribute::ACCESSOR != 0 {
                // An accessor pair of an instance lies at another address in each: only those of prototypes are cached.
                let entry = (!is_own).then(|| Entry {
                    shape: marker,
                    data: ic::GETTER,
                    extra: holder.slot_address(heap, property.slot),
                    epoch: heap.shape_epoch(),
                });
                let getter = value.as_cell::<crate::heap::Values>().map_or(Value::UNDEFINED, |pair| pair.get(heap, 0));
                return (Lookup::Getter(getter), entry);
            }
            let entry = if cached { data_entry(heap, holder, shape, property, is_own, marker) } else { None };
            return (Lookup::Data(value), entry);
        }
        let receiver_is_dictionary = is_own && shape.is_dictionary(heap);
        if receiver_is_dictionary {
            return (Lookup::Generic, None);
        }
        match shape.prototype(heap) {
            Some(next) => {
                holder = next;
                is_own = false;
            }
            None => {
                let entry = Entry { shape: marker, data: ic::MISSING, extra: 0, epoch: heap.shape_epoch() };
                return (Lookup::Missing, Some(entry));
            }
        }
    }
}

fn is_cacheable_holder(heap: &Heap, holder: Object, key: PropertyKey, is_own: bool) -> bool {
    if is_own {
        return is_cacheable(heap, holder, key);
    }
    if key.is_index() {
        return false;
    }
    if holder.has_flag(heap, object_flag::EXOTIC) || holder.is(heap, Kind::Array) {
        return match holder.kind(heap) {
            Kind::Proxy | Kind::ModuleNamespace => false,
            _ => key != crate::string::atoms::key::length && (holder.is(heap, Kind::Array) || is_cacheable_exotic(heap, key)),
        };
    }
    true
}

fn is_cacheable_exotic(heap: &Heap, key: PropertyKey) -> bool {
    key.as_atom(heap).is_none_or(|atom| match atom.units(heap) {
        Units::Latin1([first, ..]) => !matches!(first, b'0'..=b'9' | b'-' | b'I' | b'N'),
        _ => false,
    })
}

pub(super) fn data_entry(heap: &Heap, holder: Object, shape: Ref<Shape>, property: Property, is_own: bool, marker: u32) -> Option<Entry> {
    if !is_own {
        return Some(Entry {
            shape: marker,
            data: ic::PROTOTYPE,
            extra: holder.slot_address(heap, property.slot),
            epoch: heap.shape_epoch(),
        });
    }
    let inline = shape.inline_capacity(heap);
    if property.slot < inline {
        return Some(Entry { shape: marker, data: ic::OWN | (shape.inline_start(heap) + 8 * property.slot) << 8, extra: 0, epoch: 0 });
    }
    let index = property.slot - inline;
    if index < 1 << 24 { Some(Entry { shape: marker, data: ic::OVERFLOW | index << 8, extra: 0, epoch: 0 }) } else { None }
}

/// Shape number under which caches know primitives.
#[inline(always)]
pub(super) fn primitive_marker(value: Value) -> Option<(u32, Intrinsic)> {
    if value.is_string() {
        Some((1, Intrinsic::StringPrototype))
    } else if value.is_number() {
        Some((2, Intrinsic::NumberPrototype))
    } else if value.is_bool() {
        Some((3, Intrinsic::BooleanPrototype))
    } else if value.is_symbol() {
        Some((4, Intrinsic::SymbolPrototype))
    } else if value.is_bigint() {
        Some((5, Intrinsic::BigIntPrototype))
    } else {
        None
    }
}

/// Caches an assignment that is about to change an existing own data property, or to add one. Called before the assignment.
pub(super) fn prepare_store(cx: &mut Context, object: Object, key: PropertyKey, cache: u32, define: bool) {
    if let Some((entry, _)) = store_entry(cx, object, key, define) {
        update(&cx.heap, cache, entry);
    }
}

/// Tells the global lookup cache of such an assignment, for sites whose key varies.
pub(super) fn prepare_store_globally(cx: &Context, object: Object, key: PropertyKey) {
    if let Some((mut entry, is_absent)) = store_entry(cx, object, key, false) {
        let is_addition = matches!(entry.data & 0xFF, ic::ADD | ic::ADD_OVERFLOW);
        entry.data |= match (is_addition, is_absent) {
            (false, _) => super::lookup_cache::WRITABLE,
            (true, true) => super::lookup_cache::ABSENT,
            (true, false) => 0,
        };
        cx.lookups.put(cx.generation, &cx.pristine, key.bits(), entry);
    }
}

/// How an assignment that is about to be made may be cached, if it may, and whether neither object nor chain has the property.
fn store_entry(cx: &Context, object: Object, key: PropertyKey, define: bool) -> Option<(Entry, bool)> {
    let heap = &cx.heap;
    // A store to a constructor's `prototype` makes it forget the shape of its instances.
    if !is_cacheable(heap, object, key) || (key == crate::string::atoms::key::prototype && object.is(heap, Kind::Closure)) {
        return None;
    }
    let shape = object.shape(heap);
    if let Some(property) = shape.lookup(heap, key) {
        let plain = property.attributes & (attribute::WRITABLE | attribute::ACCESSOR | attribute::LAZY) == attribute::WRITABLE
            && (!define || property.attributes == attribute::ALL);
        let entry = if plain { data_entry(heap, object, shape, property, true, shape.offset()) } else { None };
        return Some((entry?, false));
    }
    if object.has_flag(heap, object_flag::NON_EXTENSIBLE) || object.has_flag(heap, object_flag::PROTOTYPE) {
        return None;
    }
    let mut is_absent = true;
    if !define {
        // Nothing on the chain may intercept: no setter, no read-only property, no exotic object.
        let mut current = shape.prototype(heap);
        while let Some(holder) = current {
            if holder.has_flag(heap, object_flag::EXOTIC) {
                if !holder.is(heap, Kind::PrimitiveWrapper) {
                    return None;
                }
                is_absent = false;
            }
            if let Some(property) = holder.shape(heap).lookup(heap, key) {
                if property.attributes & attribute::WRITABLE == 0 || property.attributes & (attribute::ACCESSOR | attribute::LAZY) != 0 {
                    return None;
                }
                is_absent = false;
            }
            if holder.is(heap, Kind::Array) && key == crate::string::atoms::key::length {
                return None;
            }
            current = holder.shape(heap).prototype(heap);
        }
    }
    if shape.count(heap) >= crate::object::shape::DICTIONARY_FROM {
        return None;
    }
    let next = shape.transition(heap, key, attribute::ALL);
    Some((add_entry(heap, shape, next), is_absent))
}

/// The entry for adding the property by which `next` differs from `shape`.
pub(super) fn add_entry(heap: &Heap, shape: Ref<Shape>, next: Ref<Shape>) -> Entry {
    let slot = shape.slots_used(heap);
    let inline = shape.inline_capacity(heap);
    let data = if slot < inline { ic::ADD | (shape.inline_start(heap) + 8 * slot) << 8 } else { ic::ADD_OVERFLOW | (slot - inline) << 8 };
    Entry { shape: shape.offset(), data, extra: next.offset(), epoch: heap.shape_epoch() }
}
