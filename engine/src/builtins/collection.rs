//! The ordered hash table under Map, Set, WeakMap and WeakSet.
//!
//! A collection object has two internal slots:
//!
//! - slot 0: a Values cell of (key, value) pairs in order of insertion. A removed pair has a hole for its key. Pair 0 is a header: its key
//!   is a hole, its value is undefined or, once the table was rebuilt, the cell of the table that took its place.
//! - slot 1: a Raw cell of 32-bit words: how many pairs are live, the first pair that may be live, then a power of two of index slots with
//!   open addressing (0: free, otherwise the number of a pair).
//!
//! Removal leaves a hole. A full table is rebuilt without its holes, and the old one gets a link to the new one. A [`Cursor`] that still
//! stands in the old table finds its place in the new one by counting the live pairs before it: those that were removed before the rebuild
//! are holes there. So tables need not know who iterates over them.
//!
//! In weak collections the pairs cell has the collector's flag for weak pairs. Dead pairs become holes, and the count of live ones is then
//! too high, which only a rebuild corrects; nothing else looks at it.

use crate::context::Context;
use crate::heap::{Heap, Kind, Raw, Ref, Root, Values, WEAK_PAIRS};
use crate::native::Result;
use crate::object::Object;
use crate::value::{Value, tag};

/// Internal slot of the pairs.
const PAIRS: u32 = 0;
/// Internal slot of the index.
const INDEX: u32 = 1;
/// Word of the index: number of live pairs.
const LIVE: u32 = 0;
/// Word of the index: no pair before this one is live.
const FIRST: u32 = 1;
/// Words before the index slots.
const HEADER_WORDS: u32 = 2;
/// Pairs of a new table, without the header pair.
const SMALLEST: u32 = 4;
/// Most pairs of one collection, as V8 has it.
const MOST: u32 = 1 << 24;
/// Number of the first real pair.
const START: u32 = 1;

/// Gives a new collection object its empty table.
pub(crate) fn init(heap: &Heap, object: Object) {
    let weak = matches!(object.kind(heap), Kind::WeakMap | Kind::WeakSet);
    let (pairs, index) = new_table(heap, SMALLEST, weak);
    object.set_internal(heap, PAIRS, Value::cell(pairs));
    object.set_internal(heap, INDEX, Value::cell(index));
}

fn new_table(heap: &Heap, capacity: u32, weak: bool) -> (Ref<Values>, Ref<Raw>) {
    let pairs = heap.new_values(2 * (capacity + START));
    pairs.set_length(heap, 2 * START);
    pairs.set(heap, 1, Value::UNDEFINED);
    if weak {
        heap.set_flags(pairs.offset(), WEAK_PAIRS);
    }
    let index = heap.new_raw(4 * (HEADER_WORDS + 2 * capacity));
    index.set_word_at(heap, FIRST, START);
    (pairs, index)
}

fn pairs(heap: &Heap, object: Object) -> Ref<Values> {
    object.internal(heap, PAIRS).as_cell().unwrap_or(Ref::NULL)
}

fn index(heap: &Heap, object: Object) -> Ref<Raw> {
    object.internal(heap, INDEX).as_cell().unwrap_or(Ref::NULL)
}

#[inline(always)]
fn used(heap: &Heap, pairs: Ref<Values>) -> u32 {
    pairs.length(heap) / 2
}

#[inline(always)]
fn mask(heap: &Heap, index: Ref<Raw>) -> u32 {
    (index.length(heap) / 4 - HEADER_WORDS).wrapping_sub(1)
}

/// CanonicalizeKeyedCollectionKey: -0 becomes 0, and numbers take the one form that equal numbers share.
/// <https://tc39.es/ecma262/#sec-canonicalizekeyedcollectionkey>
#[inline]
pub(crate) fn canonical_key(key: Value) -> Value {
    // Adding zero turns -0 into 0 and leaves every other number as it is.
    if key.is_double() { Value::number(f64::from_bits(key.to_bits()) + 0.0) } else { key }
}

#[inline]
fn mix(bits: u64) -> u32 {
    let product = bits.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (product ^ product >> 32) as u32
}

/// Hash of a canonical key.
fn hash(heap: &Heap, key: Value) -> u32 {
    if let Some(string) = key.as_string() {
        return string.hash(heap);
    }
    let seed = u64::from(heap.root_raw(Root::HashKey));
    if key.is_bigint() {
        let at = key.offset();
        let mut state = seed ^ u64::from(heap.flags(at));
        for limb in 0..heap.word(at) {
            state = u64::from(mix(state ^ heap.load::<u64>(at + 8 + 8 * limb))) | state << 32;
        }
        return mix(state);
    }
    mix(key.to_bits() ^ seed << 7)
}

/// SameValueZero of two canonical keys.
#[inline]
fn equal(heap: &Heap, a: Value, b: Value) -> bool {
    if a == b {
        return true;
    }
    if a.tag() != b.tag() {
        return false;
    }
    match a.tag() {
        tag::STRING => match (a.as_string(), b.as_string()) {
            (Some(a), Some(b)) => a.equals(b, heap),
            _ => false,
        },
        tag::BIGINT => {
            let (a, b) = (a.offset(), b.offset());
            let limbs = heap.word(a);
            limbs == heap.word(b)
                && heap.flags(a) == heap.flags(b)
                && (0..limbs).all(|limb| heap.load::<u64>(a + 8 + 8 * limb) == heap.load::<u64>(b + 8 + 8 * limb))
        }
        _ => false,
    }
}

/// Number of the pair with this canonical key.
fn find(heap: &Heap, object: Object, key: Value) -> Option<u32> {
    let (pairs, index) = (pairs(heap, object), index(heap, object));
    let mask = mask(heap, index);
    let mut slot = hash(heap, key) & mask;
    loop {
        let pair = index.word_at(heap, HEADER_WORDS + slot);
        if pair == 0 {
            return None;
        }
        if equal(heap, pairs.get(heap, 2 * pair), key) {
            return Some(pair);
        }
        slot = (slot + 1) & mask;
    }
}

/// Whether the collection has this key.
pub(crate) fn has(heap: &Heap, object: Object, key: Value) -> bool {
    find(heap, object, canonical_key(key)).is_some()
}

/// The value stored for this key.
pub(crate) fn get(heap: &Heap, object: Object, key: Value) -> Option<Value> {
    find(heap, object, canonical_key(key)).map(|pair| pairs(heap, object).get(heap, 2 * pair + 1))
}

/// Number of pairs of a strong collection.
pub(crate) fn size(heap: &Heap, object: Object) -> u32 {
    index(heap, object).word_at(heap, LIVE)
}

/// Adds a pair, or gives a known key a new value. Throws a RangeError when the collection is full.
pub(crate) fn insert(cx: &mut Context, object: Object, key: Value, value: Value) -> Result<()> {
    let key = canonical_key(key);
    if let Some(pair) = find(&cx.heap, object, key) {
        pairs(&cx.heap, object).set(&cx.heap, 2 * pair + 1, value);
        return Ok(());
    }
    let table = pairs(&cx.heap, object);
    if table.length(&cx.heap) + 2 > table.capacity(&cx.heap) {
        make_room(cx, object)?;
    }
    let heap = &cx.heap;
    let (pairs, index) = (pairs(heap, object), index(heap, object));
    let pair = used(heap, pairs);
    pairs.set_length(heap, 2 * pair + 2);
    pairs.set(heap, 2 * pair, key);
    pairs.set(heap, 2 * pair + 1, value);
    index.set_word_at(heap, LIVE, index.word_at(heap, LIVE) + 1);
    link(heap, index, hash(heap, key), pair);
    Ok(())
}

/// Enters a pair into the index, which has a free slot.
fn link(heap: &Heap, index: Ref<Raw>, hash: u32, pair: u32) {
    let mask = mask(heap, index);
    let mut slot = hash & mask;
    while index.word_at(heap, HEADER_WORDS + slot) != 0 {
        slot = (slot + 1) & mask;
    }
    index.set_word_at(heap, HEADER_WORDS + slot, pair);
}

#[cold]
#[inline(never)]
fn make_room(cx: &mut Context, object: Object) -> Result<()> {
    let table = pairs(&cx.heap, object);
    let live = (START..used(&cx.heap, table)).filter(|pair| !table.get(&cx.heap, 2 * pair).is_hole()).count() as u32;
    // Room for half as many again: a table that is half holes keeps its size, any other doubles.
    let capacity = (live + live / 2 + 1).next_power_of_two().max(SMALLEST);
    if live >= MOST {
        let name = if matches!(object.kind(&cx.heap), Kind::Map | Kind::WeakMap) { "Map" } else { "Set" };
        return Err(cx.throw_range_error(&format!("{name} maximum size exceeded")));
    }
    let weak = matches!(object.kind(&cx.heap), Kind::WeakMap | Kind::WeakSet);
    if weak && capacity <= table.capacity(&cx.heap) / 2 - START {
        compact(&cx.heap, object);
        return Ok(());
    }
    if capacity > 1024 {
        cx.reserve(24 * u64::from(capacity))?;
    }
    rebuild(&cx.heap, object, capacity);
    Ok(())
}

/// Moves the live pairs of a weak collection together in their table: nobody walks it, and what the collector took away needs no new one.
fn compact(heap: &Heap, object: Object) {
    let (pairs, index) = (pairs(heap, object), index(heap, object));
    heap.cage().fill(index.data(), index.length(heap), 0);
    let mut count = START;
    for pair in START..used(heap, pairs) {
        let (key, value) = (pairs.get(heap, 2 * pair), pairs.get(heap, 2 * pair + 1));
        if !key.is_hole() {
            pairs.set(heap, 2 * count, key);
            pairs.set(heap, 2 * count + 1, value);
            link(heap, index, hash(heap, key), count);
            count += 1;
        }
    }
    for slot in 2 * count..pairs.length(heap) {
        pairs.set(heap, slot, Value::HOLE);
    }
    pairs.set_length(heap, 2 * count);
    index.set_word_at(heap, LIVE, count - START);
    index.set_word_at(heap, FIRST, START);
}

/// Moves the live pairs to a new table with room for `capacity` pairs.
fn rebuild(heap: &Heap, object: Object, capacity: u32) {
    let old = pairs(heap, object);
    let weak = matches!(object.kind(heap), Kind::WeakMap | Kind::WeakSet);
    let (new, index) = new_table(heap, capacity, weak);
    let mut count = START;
    for pair in START..used(heap, old) {
        let key = old.get(heap, 2 * pair);
        if key.is_hole() {
            continue;
        }
        new.set(heap, 2 * count, key);
        new.set(heap, 2 * count + 1, old.get(heap, 2 * pair + 1));
        link(heap, index, hash(heap, key), count);
        count += 1;
    }
    new.set_length(heap, 2 * count);
    index.set_word_at(heap, LIVE, count - START);
    object.set_internal(heap, PAIRS, Value::cell(new));
    object.set_internal(heap, INDEX, Value::cell(index));
    if !weak {
        old.set(heap, 1, Value::cell(new));
    }
}

/// Removes a key; whether it was there.
pub(crate) fn remove(heap: &Heap, object: Object, key: Value) -> bool {
    let Some(pair) = find(heap, object, canonical_key(key)) else { return false };
    let (pairs, index) = (pairs(heap, object), index(heap, object));
    pairs.set(heap, 2 * pair, Value::HOLE);
    pairs.set(heap, 2 * pair + 1, Value::UNDEFINED);
    let live = index.word_at(heap, LIVE) - 1;
    index.set_word_at(heap, LIVE, live);
    let used = used(heap, pairs);
    // Queues and caches remove from the front: walks begin behind the holes there.
    if pair == index.word_at(heap, FIRST) {
        let mut first = pair + 1;
        while first < used && pairs.get(heap, 2 * first).is_hole() {
            first += 1;
        }
        index.set_word_at(heap, FIRST, first);
    }
    let capacity = pairs.capacity(heap) / 2 - START;
    if capacity > 32 && live * 8 < capacity && !matches!(object.kind(heap), Kind::WeakMap | Kind::WeakSet) {
        rebuild(heap, object, (2 * (live + 1)).next_power_of_two().max(SMALLEST));
    }
    true
}

/// Removes everything.
pub(crate) fn clear(heap: &Heap, object: Object) {
    let old = pairs(heap, object);
    // Holes tell cursors in the old table to begin at the start of the new one.
    for pair in START..used(heap, old) {
        old.set(heap, 2 * pair, Value::HOLE);
        old.set(heap, 2 * pair + 1, Value::UNDEFINED);
    }
    rebuild(heap, object, SMALLEST);
}

/// Gives `object`, an empty collection, the pairs of `source`.
pub(crate) fn copy_from(cx: &mut Context, object: Object, source: Object) -> Result<()> {
    let capacity = (size(&cx.heap, source) + 1).next_power_of_two().max(SMALLEST);
    cx.reserve(24 * u64::from(capacity))?;
    let heap = &cx.heap;
    object.set_internal(heap, PAIRS, source.internal(heap, PAIRS));
    let kept = source.internal(heap, PAIRS).as_cell::<Values>().map(|table| (table, table.get(heap, 1)));
    rebuild(heap, object, capacity);
    // The source's table was not replaced by ours.
    if let Some((table, next)) = kept {
        table.set(heap, 1, next);
    }
    Ok(())
}

/// A place in a collection that survives changes to it. Keep [`Cursor::table`] and [`Cursor::position`] to go on later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor {
    table: Ref<Values>,
    position: u32,
}

impl Cursor {
    /// At the first pair.
    pub(crate) fn new(heap: &Heap, object: Object) -> Cursor {
        Cursor { table: pairs(heap, object), position: index(heap, object).word_at(heap, FIRST) }
    }

    /// From stored values.
    pub(crate) fn from_values(table: Value, position: Value) -> Cursor {
        Cursor { table: table.as_cell().unwrap_or(Ref::NULL), position: position.as_int().unwrap_or(0) as u32 }
    }

    /// The table as a value to store.
    pub(crate) fn table(self) -> Value {
        Value::cell(self.table)
    }

    /// The position as a value to store.
    pub(crate) fn position(self) -> Value {
        Value::int(self.position as i32)
    }

    /// The next live pair.
    #[inline]
    pub(crate) fn next(&mut self, heap: &Heap) -> Option<(Value, Value)> {
        while let Some(next) = self.table.get(heap, 1).as_cell::<Values>() {
            self.follow(heap, next);
        }
        let used = used(heap, self.table);
        while self.position < used {
            let pair = self.position;
            self.position += 1;
            let key = self.table.get(heap, 2 * pair);
            if !key.is_hole() {
                return Some((key, self.table.get(heap, 2 * pair + 1)));
            }
        }
        None
    }

    #[cold]
    fn follow(&mut self, heap: &Heap, next: Ref<Values>) {
        let live = (START..self.position).filter(|pair| !self.table.get(heap, 2 * pair).is_hole()).count();
        *self = Cursor { table: next, position: START + live as u32 };
    }
}

/// Map.prototype.forEach and Set.prototype.forEach: calls `callback(value, key, collection)` for every pair, also for those added meanwhile.
/// The collector may run below the callback.
pub(super) fn for_each(cx: &mut Context, object: Object, callback: Value, this: Value) -> Result<()> {
    let mut cursor = Cursor::new(&cx.heap, object);
    let kept = cx.push_temporary(object.value());
    // The table that the cursor stands in may have been replaced: nothing else keeps it then.
    let table = cx.push_temporary(cursor.table());
    let mut outcome = Ok(());
    let prepared = cx.prepare_calls(callback, 3);
    while let Some((key, value)) = cursor.next(&cx.heap) {
        cx.temporaries[table] = cursor.table();
        let arguments = [value, key, object.value()];
        outcome = cx.spend_fuel(1).and_then(|()| match &prepared {
            Some(prepared) => cx.call_prepared(prepared, this, arguments).map(|_| ()),
            None => cx.call_collecting(callback, this, &arguments).map(|_| ()),
        });
        if outcome.is_err() {
            break;
        }
    }
    cx.pop_temporaries(kept);
    outcome
}
