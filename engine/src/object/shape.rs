//! Shapes (hidden classes) and their property tables.
//!
//! A shape says which properties an object has, where their slots are, and what its prototype is. Shapes form a transition tree; along a
//! line of descent all shapes share one [`PropertyTable`], of which each sees its first `count` entries. *Dictionary* shapes belong to one
//! object and change in place; inline caches never hold them.
//!
//! Shape cell: `flags:u8 inline_capacity:u16 prototype:u32`, +8 table, +12 count, +16 transitions (0; shape|1; or Raw table), +20 parent,
//! +24 inline start (bytes), +28 key, +32 attributes of the key, +36 owner (code that learns inline capacities), +40 slots used, +44 kind.
//!
//! Property table cell: `capacity:u32`, +8 entries used, +12 index slots, then entries (key, attributes | slot << 8), then the index.

use super::Object;
use crate::heap::{Cell, Heap, Kind, PropertyTable, Raw, Ref, Root, Shape, object_flag};
use crate::string::PropertyKey;
use crate::value::Value;

/// Bytes of a shape cell.
pub const SHAPE_BYTES: u32 = 48;
/// Shape header flag: belongs to one object.
pub const DICTIONARY: u8 = 1;
/// Header flag, once that has been asked: whether some property is enumerable. Never set in dictionary shapes.
const SOME_ENUMERABLE: u8 = 2;
/// Header flag: no property is enumerable.
const LACKS_ENUMERABLE: u8 = 4;
/// Entries up to which tables are searched one by one.
const LINEAR: u32 = 8;
/// An object with more properties than this becomes a dictionary when it gains another by computed key.
pub const DICTIONARY_FROM: u32 = 128;
/// The same for properties added by name.
const DICTIONARY_FROM_NAMED: u32 = 1024;

/// Property attributes, as stored in tables.
pub mod attribute {
    /// [[Writable]]
    pub const WRITABLE: u8 = 1;
    /// [[Enumerable]]
    pub const ENUMERABLE: u8 = 2;
    /// [[Configurable]]
    pub const CONFIGURABLE: u8 = 4;
    /// The slot holds an accessor pair (Values cell: getter, setter).
    pub const ACCESSOR: u8 = 8;
    /// The slot's value is made when first read (function prototypes).
    pub const LAZY: u8 = 16;
    /// Ordinary data property.
    pub const ALL: u8 = WRITABLE | ENUMERABLE | CONFIGURABLE;
    /// Built-in method: writable, configurable.
    pub const METHOD: u8 = WRITABLE | CONFIGURABLE;
    /// Only configurable.
    pub const CONFIG: u8 = CONFIGURABLE;
    /// Constant.
    pub const NONE: u8 = 0;
}

/// A property found in a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// Slot number.
    pub slot: u32,
    /// Attributes; see [`attribute`].
    pub attributes: u8,
    /// Entry in the table.
    pub(crate) entry: u32,
}

impl Ref<Shape> {
    /// Whether it belongs to one object.
    #[inline(always)]
    pub fn is_dictionary(self, heap: &Heap) -> bool {
        heap.flags(self.offset()) & DICTIONARY != 0
    }

    /// Number of inline slots.
    #[inline(always)]
    pub fn inline_capacity(self, heap: &Heap) -> u32 {
        u32::from(heap.aux(self.offset()))
    }

    /// The prototype; null for none.
    #[inline(always)]
    pub fn prototype(self, heap: &Heap) -> Option<Object> {
        let offset = heap.word(self.offset());
        if offset == 0 { None } else { Some(Object::from_offset(offset)) }
    }

    #[inline(always)]
    fn table(self, heap: &Heap) -> Ref<PropertyTable> {
        heap.load(self.offset() + 8)
    }

    /// Number of table entries this shape sees.
    #[inline(always)]
    pub fn count(self, heap: &Heap) -> u32 {
        heap.load(self.offset() + 12)
    }

    /// Byte offset of inline slot 0 in objects of this shape.
    #[inline(always)]
    pub fn inline_start(self, heap: &Heap) -> u32 {
        heap.load(self.offset() + 24)
    }

    /// Slots used.
    #[inline(always)]
    pub fn slots_used(self, heap: &Heap) -> u32 {
        heap.load(self.offset() + 40)
    }

    /// Code cell that learns the inline capacity of its instances; 0 when none.
    pub(crate) fn owner(self, heap: &Heap) -> u32 {
        heap.load(self.offset() + 36)
    }

    pub(crate) fn set_owner(self, heap: &Heap, code: u32) {
        heap.store(self.offset() + 36, code);
    }

    /// Whether none of its properties is enumerable.
    pub(crate) fn lacks_enumerable(self, heap: &Heap) -> bool {
        let flags = heap.flags(self.offset());
        if flags & (SOME_ENUMERABLE | LACKS_ENUMERABLE) != 0 {
            return flags & LACKS_ENUMERABLE != 0;
        }
        let mut lacks = true;
        self.for_each(heap, |_, property| lacks &= property.attributes & attribute::ENUMERABLE == 0);
        if flags & DICTIONARY == 0 {
            heap.set_flags(self.offset(), flags | if lacks { LACKS_ENUMERABLE } else { SOME_ENUMERABLE });
        }
        lacks
    }

    /// Finds a property.
    #[inline]
    pub fn lookup(self, heap: &Heap, key: PropertyKey) -> Option<Property> {
        let table = self.table(heap);
        if table.is_null() {
            return None;
        }
        table.find(heap, key, self.count(heap))
    }

    /// Property `index` in order of creation.
    #[inline]
    pub(crate) fn property_at(self, heap: &Heap, index: u32) -> (PropertyKey, Property) {
        self.table(heap).entry(heap, index)
    }

    /// Calls `each` for every property in order of creation.
    pub fn for_each(self, heap: &Heap, mut each: impl FnMut(PropertyKey, Property)) {
        let table = self.table(heap);
        for i in 0..self.count(heap) {
            let (key, property) = table.entry(heap, i);
            if key.bits() != 0 {
                each(key, property);
            }
        }
    }

    /// Every property in order of creation.
    pub fn properties(self, heap: &Heap) -> Vec<(PropertyKey, Property)> {
        let mut all = Vec::with_capacity(self.count(heap) as usize);
        self.for_each(heap, |key, property| all.push((key, property)));
        all
    }

    fn kind_of_objects(self, heap: &Heap) -> Kind {
        Kind::from_u8(heap.load::<u8>(self.offset() + 44))
    }

    /// The shape after adding `key`. The property's slot is this shape's `slots_used`.
    pub fn transition(self, heap: &Heap, key: PropertyKey, attributes: u8) -> Ref<Shape> {
        debug_assert!(!self.is_dictionary(heap));
        if let Some(known) = self.find_transition(heap, key, attributes) {
            return known;
        }
        let count = self.count(heap);
        let slot = self.slots_used(heap);
        let table = self.table(heap).append(heap, count, key, attributes, slot);
        let shape = new_shape(
            heap,
            heap.flags(self.offset()) & DICTIONARY,
            self.inline_capacity(heap),
            heap.word(self.offset()),
            self.kind_of_objects(heap),
        );
        heap.store(shape.offset() + 8, table);
        heap.store(shape.offset() + 12, count + 1);
        heap.store(shape.offset() + 20, self.offset());
        heap.store(shape.offset() + 28, key.bits());
        heap.store(shape.offset() + 32, u32::from(attributes));
        heap.store(shape.offset() + 36, self.owner(heap));
        heap.store(shape.offset() + 40, slot + 1);
        self.add_transition(heap, key, attributes, shape);
        shape
    }

    fn matches(self, heap: &Heap, key: PropertyKey, attributes: u8) -> bool {
        heap.load::<u32>(self.offset() + 28) == key.bits() && heap.load::<u32>(self.offset() + 32) == u32::from(attributes)
    }

    fn find_transition(self, heap: &Heap, key: PropertyKey, attributes: u8) -> Option<Ref<Shape>> {
        let transitions: u32 = heap.load(self.offset() + 16);
        if transitions == 0 {
            return None;
        }
        if transitions & 1 != 0 {
            let only = Ref::<Shape>::from_offset(transitions & !1);
            return only.matches(heap, key, attributes).then_some(only);
        }
        let table = Ref::<Raw>::from_offset(transitions);
        let slots = table.length(heap) / 4 - 1;
        let mut slot = (key.table_hash() ^ u32::from(attributes)) & (slots - 1);
        loop {
            let shape = table.word_at(heap, slot + 1);
            if shape == 0 {
                return None;
            }
            let shape = Ref::<Shape>::from_offset(shape);
            if shape.matches(heap, key, attributes) {
                return Some(shape);
            }
            slot = (slot + 1) & (slots - 1);
        }
    }

    fn add_transition(self, heap: &Heap, key: PropertyKey, attributes: u8, shape: Ref<Shape>) {
        let transitions: u32 = heap.load(self.offset() + 16);
        if transitions == 0 {
            heap.store(self.offset() + 16, shape.offset() | 1);
            return;
        }
        let mut table = if transitions & 1 != 0 {
            let table = new_transition_table(heap, 8);
            insert_transition(heap, table, Ref::from_offset(transitions & !1));
            table
        } else {
            Ref::<Raw>::from_offset(transitions)
        };
        let slots = table.length(heap) / 4 - 1;
        if table.word_at(heap, 0) * 2 >= slots {
            let grown = new_transition_table(heap, slots * 2);
            for i in 0..slots {
                let known = table.word_at(heap, i + 1);
                if known != 0 {
                    insert_transition(heap, grown, Ref::from_offset(known));
                }
            }
            table = grown;
        }
        let _ = (key, attributes);
        insert_transition(heap, table, shape);
        heap.store(self.offset() + 16, table.offset());
    }
}

/// Transition tables are Raw: the count, then open-addressed shapes.
fn new_transition_table(heap: &Heap, slots: u32) -> Ref<Raw> {
    let table = heap.new_raw(4 * (slots + 1));
    heap.set_flags(table.offset(), crate::heap::TRANSITIONS);
    table
}

fn insert_transition(heap: &Heap, table: Ref<Raw>, shape: Ref<Shape>) {
    let slots = table.length(heap) / 4 - 1;
    let key = PropertyKey::from_bits(heap.load(shape.offset() + 28));
    let attributes: u32 = heap.load(shape.offset() + 32);
    let mut slot = (key.table_hash() ^ attributes) & (slots - 1);
    while table.word_at(heap, slot + 1) != 0 {
        slot = (slot + 1) & (slots - 1);
    }
    table.set_word_at(heap, slot + 1, shape.offset());
    table.set_word_at(heap, 0, table.word_at(heap, 0) + 1);
}

/// Keeps the shapes of a table that `is_live` says so of. Only the collector takes shapes away.
pub(crate) fn retain_transitions(heap: &Heap, table: Ref<Raw>, is_live: impl Fn(u32) -> bool) {
    let words = table.length(heap) / 4;
    let all: Vec<u32> = (1..words).map(|i| table.word_at(heap, i)).filter(|&shape| shape != 0).collect();
    if all.iter().all(|&shape| is_live(shape)) {
        return;
    }
    heap.cage().fill(table.data(), 4 * words, 0);
    for shape in all.into_iter().filter(|&shape| is_live(shape)) {
        insert_transition(heap, table, Ref::from_offset(shape));
    }
}

fn new_shape(heap: &Heap, flags: u8, inline_capacity: u32, prototype: u32, kind: Kind) -> Ref<Shape> {
    let at = heap.allocate(SHAPE_BYTES);
    heap.init_header(at, Kind::Shape, flags, inline_capacity as u16, prototype);
    for word in 1..SHAPE_BYTES / 8 {
        heap.cage().store_new::<u64>(at + 8 * word, 0);
    }
    heap.cage().store_new::<u32>(at + 24, 16 + 8 * kind.internal_slots());
    heap.cage().store_new::<u32>(at + 44, kind as u32);
    Ref::from_offset(at)
}

impl Ref<PropertyTable> {
    fn capacity(self, heap: &Heap) -> u32 {
        heap.word(self.offset())
    }

    fn used(self, heap: &Heap) -> u32 {
        heap.load(self.offset() + 8)
    }

    fn index_slots(self, heap: &Heap) -> u32 {
        heap.load(self.offset() + 12)
    }

    #[inline(always)]
    fn entry_offset(self, entry: u32) -> u32 {
        self.offset().wrapping_add(16).wrapping_add(entry.wrapping_mul(8))
    }

    #[inline(always)]
    fn entry(self, heap: &Heap, entry: u32) -> (PropertyKey, Property) {
        let at = self.entry_offset(entry);
        let meta: u32 = heap.load(at + 4);
        (PropertyKey::from_bits(heap.load(at)), Property { slot: meta >> 8, attributes: meta as u8, entry })
    }

    fn find(self, heap: &Heap, key: PropertyKey, count: u32) -> Option<Property> {
        let slots = self.index_slots(heap);
        if slots == 0 {
            for i in 0..count {
                if heap.load::<u32>(self.entry_offset(i)) == key.bits() {
                    return Some(self.entry(heap, i).1);
                }
            }
            return None;
        }
        let index = self.entry_offset(self.capacity(heap));
        let mut slot = key.table_hash() & (slots - 1);
        loop {
            let entry: u32 = heap.load(index + 4 * slot);
            if entry == 0 {
                return None;
            }
            if heap.load::<u32>(self.entry_offset(entry - 1)) == key.bits() {
                return if entry <= count { Some(self.entry(heap, entry - 1).1) } else { None };
            }
            slot = (slot + 1) & (slots - 1);
        }
    }

    fn add_to_index(self, heap: &Heap, entry: u32, key: PropertyKey) {
        let slots = self.index_slots(heap);
        if slots == 0 {
            return;
        }
        let index = self.entry_offset(self.capacity(heap));
        let mut slot = key.table_hash() & (slots - 1);
        while heap.load::<u32>(index + 4 * slot) != 0 {
            slot = (slot + 1) & (slots - 1);
        }
        heap.store(index + 4 * slot, entry + 1);
    }

    fn write_entry(self, heap: &Heap, entry: u32, key: PropertyKey, attributes: u8, slot: u32) {
        heap.store(self.entry_offset(entry), key.bits());
        heap.store(self.entry_offset(entry) + 4, u32::from(attributes) | slot << 8);
    }

    /// Appends an entry after the first `count`: in place when this table's last entry is the caller's last, else in a copy.
    fn append(self, heap: &Heap, count: u32, key: PropertyKey, attributes: u8, slot: u32) -> Ref<PropertyTable> {
        let in_place = !self.is_null() && self.used(heap) == count && count < self.capacity(heap);
        let table = if in_place {
            self
        } else {
            let capacity = if self.is_null() { 4 } else { (count + 1).max(count * 2) };
            self.copy(heap, count, capacity)
        };
        table.write_entry(heap, count, key, attributes, slot);
        heap.store(table.offset() + 8, count + 1);
        table.add_to_index(heap, count, key);
        table
    }

    fn copy(self, heap: &Heap, count: u32, capacity: u32) -> Ref<PropertyTable> {
        let table = new_table(heap, capacity);
        for i in 0..count {
            let (key, property) = self.entry(heap, i);
            table.write_entry(heap, i, key, property.attributes, property.slot);
            if key.bits() != 0 {
                table.add_to_index(heap, i, key);
            }
        }
        heap.store(table.offset() + 8, count);
        table
    }
}

fn new_table(heap: &Heap, capacity: u32) -> Ref<PropertyTable> {
    // Two index slots a 8-byte pair: an even number keeps the cell a multiple of 8.
    let index = if capacity > LINEAR { (capacity * 2).next_power_of_two() } else { 0 };
    let bytes = 16 + 8 * capacity + 4 * index;
    let at = heap.allocate(bytes);
    heap.init_header(at, Kind::PropertyTable, 0, 0, capacity);
    heap.cage().store_new::<u32>(at + 8, 0);
    heap.cage().store_new::<u32>(at + 12, index);
    heap.cage().fill(at + 16, bytes - 16, 0);
    Ref::from_offset(at)
}

impl Heap {
    /// The shape of objects of `kind` without properties, with this prototype and number of inline slots. Marks the prototype as one.
    pub fn root_shape(&self, prototype: Option<Object>, kind: Kind, inline_capacity: u32) -> Ref<Shape> {
        let offset = prototype.map_or(0, Object::offset);
        let meta = inline_capacity | (kind as u32) << 16;
        let table = Ref::<Raw>::from_offset(self.root_raw(Root::RootShapes));
        if !table.is_null() {
            let slots = table.length(self) / 4;
            let mut slot = root_hash(offset, meta) & (slots - 1);
            loop {
                let shape = table.word_at(self, slot);
                if shape == 0 {
                    break;
                }
                if self.word(shape) == offset && self.root_meta(shape) == meta {
                    return Ref::from_offset(shape);
                }
                slot = (slot + 1) & (slots - 1);
            }
        }
        if let Some(prototype) = prototype {
            prototype.mark_as_prototype(self);
        }
        let shape = new_shape(self, 0, inline_capacity, offset, kind);
        self.add_root_shape(shape);
        shape
    }

    /// The shapes without properties, in the order of their table.
    pub(crate) fn root_shapes(&self) -> impl Iterator<Item = Ref<Shape>> {
        let table = Ref::<Raw>::from_offset(self.root_raw(Root::RootShapes));
        let slots = if table.is_null() { 0 } else { table.length(self) / 4 };
        (0..slots).map(move |slot| table.word_at(self, slot)).filter(|&shape| shape != 0).map(Ref::from_offset)
    }

    fn root_meta(&self, shape: u32) -> u32 {
        u32::from(self.aux(shape)) | self.load::<u32>(shape + 44) << 16
    }

    fn add_root_shape(&self, shape: Ref<Shape>) {
        let mut table = Ref::<Raw>::from_offset(self.root_raw(Root::RootShapes));
        let count = self.root_raw(Root::RootShapeCount);
        let slots = if table.is_null() { 0 } else { table.length(self) / 4 };
        if (count + 1) * 2 > slots {
            let grown_slots = (slots * 2).max(64);
            let grown = self.new_raw(4 * grown_slots);
            for i in 0..slots {
                let known = table.word_at(self, i);
                if known != 0 {
                    self.insert_root_shape(grown, known);
                }
            }
            table = grown;
            self.set_root(Root::RootShapes, Value::cell(table));
        }
        self.insert_root_shape(table, shape.offset());
        self.set_root_raw(Root::RootShapeCount, count + 1);
    }

    /// Keeps the root shapes that `is_live` says so of: the table does not keep them alive, nor so their prototypes.
    pub(crate) fn retain_root_shapes(&self, is_live: impl Fn(u32) -> bool) {
        let table = Ref::<Raw>::from_offset(self.root_raw(Root::RootShapes));
        if table.is_null() {
            return;
        }
        let slots = table.length(self) / 4;
        let all: Vec<u32> = (0..slots).map(|i| table.word_at(self, i)).filter(|&shape| shape != 0).collect();
        if all.iter().all(|&shape| is_live(shape)) {
            return;
        }
        self.cage().fill(table.data(), 4 * slots, 0);
        let mut count = 0;
        for shape in all.into_iter().filter(|&shape| is_live(shape)) {
            self.insert_root_shape(table, shape);
            count += 1;
        }
        self.set_root_raw(Root::RootShapeCount, count);
    }

    fn insert_root_shape(&self, table: Ref<Raw>, shape: u32) {
        let slots = table.length(self) / 4;
        let mut slot = root_hash(self.word(shape), self.root_meta(shape)) & (slots - 1);
        while table.word_at(self, slot) != 0 {
            slot = (slot + 1) & (slots - 1);
        }
        table.set_word_at(self, slot, shape);
    }
}

fn root_hash(prototype: u32, meta: u32) -> u32 {
    let product = ((prototype >> 3) ^ meta.rotate_left(11)).wrapping_mul(0x9E37_79B1);
    product ^ product >> 15
}

impl Object {
    /// Adds a property that the object does not have. The caller has checked that it may.
    pub fn add_property(self, heap: &Heap, key: PropertyKey, value: Value, attributes: u8) {
        let mut shape = self.shape(heap);
        if !shape.is_dictionary(heap) && shape.count(heap) >= DICTIONARY_FROM_NAMED {
            self.make_dictionary(heap);
            shape = self.shape(heap);
        }
        let slot = shape.slots_used(heap);
        if shape.is_dictionary(heap) {
            self.store_new_slot(heap, shape, slot, value);
            let count = shape.count(heap);
            let table = shape.table(heap).append(heap, count, key, attributes, slot);
            heap.store(shape.offset() + 8, table);
            heap.store(shape.offset() + 12, count + 1);
            heap.store(shape.offset() + 40, slot + 1);
        } else {
            let next = shape.transition(heap, key, attributes);
            self.store_new_slot(heap, shape, slot, value);
            self.set_shape(heap, next);
        }
        self.note_structural_change(heap);
    }

    /// Stores to a slot that is one past those in use, growing the overflow array.
    fn store_new_slot(self, heap: &Heap, shape: Ref<Shape>, slot: u32, value: Value) {
        let inline = shape.inline_capacity(heap);
        if slot < inline {
            heap.store(self.offset() + shape.inline_start(heap) + 8 * slot, value);
            return;
        }
        let index = slot - inline;
        let slots = self.slots(heap);
        let slots = if slots.is_null() {
            learn_inline_capacity(heap, shape);
            heap.new_values(4)
        } else {
            slots
        };
        let slots = if index >= slots.capacity(heap) { slots.grown(heap, (index + 1).max(index * 2)) } else { slots };
        slots.set(heap, index, value);
        if slots.length(heap) <= index {
            slots.set_length(heap, index + 1);
        }
        self.set_slots(heap, slots);
    }

    /// Value of slot `slot`.
    #[inline(always)]
    pub fn slot_value(self, heap: &Heap, slot: u32) -> Value {
        heap.load(self.slot_address(heap, slot))
    }

    /// Sets slot `slot`, which is in use.
    #[inline(always)]
    pub fn set_slot_value(self, heap: &Heap, slot: u32, value: Value) {
        heap.store(self.slot_address(heap, slot), value);
    }

    /// Cage offset of slot `slot`.
    #[inline(always)]
    pub(crate) fn slot_address(self, heap: &Heap, slot: u32) -> u32 {
        let shape = self.shape(heap);
        let inline = shape.inline_capacity(heap);
        if slot < inline { self.offset() + shape.inline_start(heap) + 8 * slot } else { self.slots(heap).slot(slot - inline) }
    }

    /// Gives the object a shape of its own.
    pub fn make_dictionary(self, heap: &Heap) {
        let old = self.shape(heap);
        if old.is_dictionary(heap) {
            return;
        }
        let prototype = heap.word(old.offset());
        let shape = new_shape(heap, DICTIONARY, old.inline_capacity(heap), prototype, old.kind_of_objects(heap));
        let count = old.count(heap);
        let table =
            if old.table(heap).is_null() { new_table(heap, 4) } else { old.table(heap).copy(heap, count, (count + 4).max(count * 2)) };
        heap.store(shape.offset() + 8, table);
        heap.store(shape.offset() + 12, count);
        heap.store(shape.offset() + 40, old.slots_used(heap));
        self.set_shape(heap, shape);
        self.note_structural_change(heap);
    }

    /// Removes an own property found in the shape.
    pub fn remove_property(self, heap: &Heap, property: Property) {
        self.make_dictionary(heap);
        let shape = self.shape(heap);
        let table = shape.table(heap);
        self.set_slot_value(heap, property.slot, Value::UNDEFINED);
        table.write_entry(heap, property.entry, PropertyKey::from_bits(0), 0, 0);
        // Removing the last one repeatedly (a stack of properties) must not grow the table for ever.
        let live = {
            let mut live = 0;
            shape.for_each(heap, |_, _| live += 1);
            live
        };
        if shape.count(heap) > 32 && live * 2 < shape.count(heap) {
            self.compact_dictionary(heap);
        }
        self.note_structural_change(heap);
    }

    fn compact_dictionary(self, heap: &Heap) {
        let shape = self.shape(heap);
        let live: Vec<(PropertyKey, u8, Value)> = shape
            .properties(heap)
            .into_iter()
            .map(|(key, property)| (key, property.attributes, self.slot_value(heap, property.slot)))
            .collect();
        let table = new_table(heap, (live.len() as u32 + 4).max(live.len() as u32 * 2));
        heap.store(shape.offset() + 40, live.len() as u32);
        for (i, (key, attributes, value)) in live.iter().enumerate() {
            let i = i as u32;
            table.write_entry(heap, i, *key, *attributes, i);
            heap.store(table.offset() + 8, i + 1);
            table.add_to_index(heap, i, *key);
            self.set_slot_value(heap, i, *value);
        }
        heap.store(shape.offset() + 8, table);
        heap.store(shape.offset() + 12, live.len() as u32);
    }

    /// Changes the attributes of an own property found in the shape.
    pub fn set_property_attributes(self, heap: &Heap, property: Property, attributes: u8) {
        if property.attributes == attributes {
            return;
        }
        let shape = self.shape(heap);
        if shape.is_dictionary(heap) {
            let table = shape.table(heap);
            let (key, _) = table.entry(heap, property.entry);
            table.write_entry(heap, property.entry, key, attributes, property.slot);
            self.note_structural_change(heap);
            return;
        }
        // Walk a new line of descent from the root, so that objects treated alike share shapes.
        let entries = shape.properties(heap);
        let root = heap.root_shape(shape.prototype(heap), shape.kind_of_objects(heap), shape.inline_capacity(heap));
        if entries.len() as u32 > DICTIONARY_FROM || entries.iter().enumerate().any(|(i, (_, known))| known.slot != i as u32) {
            self.make_dictionary(heap);
            let shape = self.shape(heap);
            let (key, _) = shape.table(heap).entry(heap, property.entry);
            shape.table(heap).write_entry(heap, property.entry, key, attributes, property.slot);
        } else {
            let mut next = root;
            for (key, known) in entries {
                next = next.transition(heap, key, if known.entry == property.entry { attributes } else { known.attributes });
            }
            self.set_shape(heap, next);
        }
        self.note_structural_change(heap);
    }

    /// Changes the attributes of all properties at once: one walk through the transition tree instead of one per property.
    pub fn change_attributes(self, heap: &Heap, change: impl Fn(PropertyKey, u8) -> u8) {
        let shape = self.shape(heap);
        let entries = shape.properties(heap);
        if entries.iter().all(|&(key, known)| change(key, known.attributes) == known.attributes) {
            return;
        }
        let plain = !shape.is_dictionary(heap)
            && entries.len() as u32 <= DICTIONARY_FROM
            && entries.iter().enumerate().all(|(i, (_, known))| known.slot == i as u32);
        if plain {
            let mut next = heap.root_shape(shape.prototype(heap), shape.kind_of_objects(heap), shape.inline_capacity(heap));
            for (key, known) in entries {
                next = next.transition(heap, key, change(key, known.attributes));
            }
            self.set_shape(heap, next);
        } else {
            self.make_dictionary(heap);
            let table = self.shape(heap).table(heap);
            for (key, known) in entries {
                table.write_entry(heap, known.entry, key, change(key, known.attributes), known.slot);
            }
        }
        self.note_structural_change(heap);
    }

    /// Gives the object another prototype. The caller has checked that it may.
    pub fn replace_prototype(self, heap: &Heap, prototype: Option<Object>) {
        let shape = self.shape(heap);
        if shape.prototype(heap) == prototype {
            return;
        }
        if let Some(prototype) = prototype {
            prototype.mark_as_prototype(heap);
        }
        let entries = shape.properties(heap);
        let plain = !shape.is_dictionary(heap)
            && entries.len() as u32 <= DICTIONARY_FROM_NAMED
            && entries.iter().enumerate().all(|(i, (_, known))| known.slot == i as u32);
        if plain {
            let mut next = heap.root_shape(prototype, shape.kind_of_objects(heap), shape.inline_capacity(heap));
            for (key, known) in entries {
                next = next.transition(heap, key, known.attributes);
            }
            self.set_shape(heap, next);
        } else {
            self.make_dictionary(heap);
            let shape = self.shape(heap);
            heap.store::<u32>(shape.offset() + 4, prototype.map_or(0, Object::offset));
        }
        self.note_structural_change(heap);
    }

    /// Marks the object as used as a prototype, which makes structural changes to it advance the epoch.
    pub fn mark_as_prototype(self, heap: &Heap) {
        let flags = heap.flags(self.offset());
        if flags & object_flag::PROTOTYPE == 0 {
            heap.set_flags(self.offset(), flags | object_flag::PROTOTYPE);
            if self.may_have_indexed_properties(heap) {
                heap.note_indexed_prototype();
            }
        }
    }

    /// Advances the epoch when prototype inline caches may depend on this object.
    #[inline(always)]
    pub(crate) fn note_structural_change(self, heap: &Heap) {
        if heap.flags(self.offset()) & object_flag::PROTOTYPE != 0 {
            heap.advance_shape_epoch();
        }
    }
}

/// Tells the code whose instances overflow their inline slots to make them larger next time.
fn learn_inline_capacity(heap: &Heap, shape: Ref<Shape>) {
    let owner = shape.owner(heap);
    if owner != 0 {
        crate::realm::code::note_instance_overflow(heap, owner, shape.inline_capacity(heap));
    }
}

const _: () = assert!(std::mem::size_of::<Ref<Shape>>() == 4);

impl<T: Cell> Ref<T> {
    /// Whether it is not null.
    pub fn exists(self) -> bool {
        !self.is_null()
    }
}
