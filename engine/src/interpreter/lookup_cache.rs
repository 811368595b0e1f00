//! The global lookup cache: what a (shape, key) pair means, for sites whose key or shape varies.
//!
//! One per thread, shared by its contexts. Entries are told apart by the *generation* of the context that made them, which changes whenever
//! cage offsets may come to mean something else: with a collection, with a reset. Entries have the form of inline caches', with
//! [`WRITABLE`] in the kind's byte where an own property may be stored to.

use super::inline_cache::Entry;
use std::cell::Cell;
use std::rc::Rc;

/// Number of entries, a power of two.
const ENTRIES: usize = 512;

/// Bit of an entry's kind: an own data property that is writable.
pub(super) const WRITABLE: u32 = 0x80;

#[derive(Clone, Copy)]
struct Slot {
    generation: u64,
    key: u32,
    entry: Entry,
}

const EMPTY: Slot = Slot { generation: 0, key: 0, entry: Entry { shape: 0, data: 0, extra: 0, epoch: 0 } };

/// See the module.
pub(crate) struct LookupCache {
    slots: Box<[Cell<Slot>; ENTRIES]>,
    generations: Cell<u64>,
}

thread_local! {
    static CACHE: Rc<LookupCache> =
        Rc::new(LookupCache { slots: Box::new([const { Cell::new(EMPTY) }; ENTRIES]), generations: Cell::new(0) });
}

impl LookupCache {
    /// This thread's.
    pub(crate) fn of_thread() -> Rc<LookupCache> {
        CACHE.with(Rc::clone)
    }

    /// A generation that no entry has.
    pub(crate) fn next_generation(&self) -> u64 {
        self.generations.set(self.generations.get() + 1);
        self.generations.get()
    }

    #[inline(always)]
    fn slot(&self, shape: u32, key: u32) -> &Cell<Slot> {
        &self.slots[((shape >> 3) ^ (key >> 3) ^ (key >> 9)) as usize % ENTRIES]
    }

    /// The entry for objects of the shape at `shape` and the key with these bits.
    #[inline(always)]
    pub(super) fn find(&self, generation: u64, shape: u32, key: u32) -> Option<Entry> {
        let slot = self.slot(shape, key).get();
        if slot.entry.shape == shape && slot.key == key && slot.generation == generation { Some(slot.entry) } else { None }
    }

    /// Puts an entry in, in place of what is there.
    pub(super) fn put(&self, generation: u64, key: u32, entry: Entry) {
        self.slot(entry.shape, key).set(Slot { generation, key, entry });
    }
}
