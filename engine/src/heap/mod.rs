//! The caged heap: allocation, typed access to cells, images, collection.
//!
//! Principal type: [`Heap`]. Loads and stores go through `&Heap`: the cage is plain memory in which no Rust reference points, so there is
//! nothing to borrow. **Nothing here ever collects**; collection is a call of its own, made by the interpreter at safepoints.
//!
//! Invariants: cells are 8-byte aligned; the ranges `FIRST_CELL..bump` can be walked cell by cell; stores mark cards; nothing in the cage
//! is a Rust pointer.

mod cage;
mod checksum;
mod collect;
mod layout;
mod pages;
mod shared;
mod texts;
mod verify;

use std::cell::Cell as StdCell;
use std::sync::Arc;

pub use cage::{CARD_BYTES, Cage, CageError, STACK_BYTES, STACK_START};
pub use checksum::Checksum;
pub use collect::{CollectionStats, FEEDBACK, TRANSITIONS, WEAK_PAIRS, WEAK_TRIPLES};
pub use layout::{BigIntCell, Cell, Environment, Field, Kind, PropertyTable, Raw, Ref, Shape, SymbolCell, Values, object_flag};
pub use pages::{ImageMemory, LARGE_TAIL, Pages, Tail};
pub use shared::SharedMemory;
pub use texts::{Reader, Texts};
pub use verify::HeapError;

use crate::value::Value;

/// Where the roots table begins.
pub const ROOTS_START: u32 = 512;
/// Number of root slots.
pub const ROOT_COUNT: u32 = 96;
/// Where the first cell lies: everything before it is guard, header and roots.
pub const FIRST_CELL: u32 = 2048;
/// How far allocation may run past the memory limit before the instance is stopped for good: natives that allocate between two
/// safepoints live from this.
const SLACK_BYTES: u32 = 64 << 20;
/// The heap never grows into the stack.
const HEAP_END: u32 = STACK_START - (1 << 20);
/// Inline caches are allocated from chunks of this size. What a chunk has left is in every image, so it is no more than a page.
const FEEDBACK_CHUNK: u32 = 4 << 10;
/// Cells from this size on take a hole of their own size, or go past the frontier: bumping through holes is for small ones.
const LARGE_CELL: u32 = 64 << 10;
/// Cells from this size on do not give up the holes that are too small for them.
const MEDIUM_CELL: u32 = 1 << 10;

/// Size of the cache of atoms by string; a power of two.
const KNOWN_ATOMS: usize = 128;

/// A slot of the roots table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Root {
    /// Raw number: advanced by structural changes of prototypes; inline caches on prototypes compare it.
    ShapeEpoch,
    /// Raw number: key of string hashes.
    HashKey,
    /// Raw cell: open-addressed table of atom offsets.
    AtomTable,
    /// Raw number: how many atoms.
    AtomCount,
    /// Raw cell: table of root shapes by (prototype, kind, inline capacity); weak.
    RootShapes,
    /// Raw number: how many root shapes.
    RootShapeCount,
    /// The empty Values cell.
    EmptyValues,
    /// Values: the queue of jobs.
    Jobs,
    /// Raw number: index of the first job in the queue.
    JobsHead,
    /// Values: registry of Symbol.for (pairs key, symbol).
    SymbolRegistry,
    /// Values: every realm.
    Realms,
    /// Values: loaded modules.
    Modules,
    /// Values: objects that stay alive until the end of the job (KeepDuringJob).
    KeptAlive,
    /// Values: WeakRefs, weak maps and finalization registries that the collector looks after.
    WeakCells,
    /// Raw numbers: state of the random generator.
    Random0,
    /// Second half of the random state.
    Random1,
    /// Values: the embedder's own roots (the worker scope's tables).
    Embedder,
    /// Values: handles of the host (callbacks kept by timers and operations), by number.
    Handles,
    /// Values: cached template objects.
    Templates,
    /// Raw number: one-character strings table offset (Raw cell).
    SingleCharacters,
    /// Values: agents' waiters, unhandled rejections.
    Rejections,
    /// Values cell used by the compiler cache of `eval`.
    EvalCache,
    /// Values: waiters of Atomics.wait and waitAsync.
    Waiters,
    /// The symbol `private brand` counter.
    NextId,
    /// Raw number: not 0 once an object used as a prototype may have indexed properties (holes then need a look at prototypes).
    IndexedPrototypes,
}

/// How much memory an instance may use and when it is stopped.
#[derive(Clone, Copy, Debug)]
pub struct HeapLimits {
    /// Bytes of instance heap, over and above the image.
    pub memory_bytes: u32,
}

impl Default for HeapLimits {
    fn default() -> Self {
        HeapLimits { memory_bytes: 128 << 20 }
    }
}

/// Payload with which an allocation unwinds when even the slack is used up; caught where the engine is entered.
pub struct OutOfMemory;

/// One instance's heap.
pub struct Heap {
    cage: Cage,
    /// Next free byte.
    bump: StdCell<u32>,
    /// End of the range in which `bump` may run.
    bump_limit: StdCell<u32>,
    /// First byte that no cell has ever used; allocation goes on here when no hole fits.
    frontier: StdCell<u32>,
    /// Holes that the last collection found, as (start, end), largest last.
    holes: std::cell::RefCell<Vec<(u32, u32)>>,
    /// Bytes in `holes`.
    hole_bytes: StdCell<u64>,
    feedback: StdCell<(u32, u32)>,
    /// A collection that has begun and is not done.
    collection: Option<Box<collect::Collection>>,
    /// Strings that are no atoms themselves, and the atoms with their contents: for strings used as keys again and again. By the string's
    /// offset; forgotten whenever offsets may come to mean something else.
    known_atoms: Box<[StdCell<(u32, u32)>; KNOWN_ATOMS]>,
    /// Whether there is one among them.
    knows_atoms: StdCell<bool>,
    image_end: u32,
    /// Frontier past which the instance is over its limit.
    soft_limit: StdCell<u32>,
    hard_limit: StdCell<u32>,
    /// Bytes after which a collection is asked for.
    collect_at: StdCell<u32>,
    /// Set when the heap wants the interpreter's attention at the next safepoint: collection due or memory limit passed.
    pub(crate) attention: StdCell<bool>,
    /// A collection is due that waits for the end of the job: a native frame forbade it, or much was allocated for buffers.
    pub(crate) postponed: StdCell<bool>,
    /// Bytes that natives reserved for buffers since the last collection, those of chunks weighted.
    reserved: StdCell<u64>,
    /// So many of them make a collection due.
    buffer_step: StdCell<u64>,
    pub(crate) out_of_memory: StdCell<bool>,
    /// Collect at every safepoint, poison freed memory.
    pub stress: StdCell<bool>,
    /// While code is linked: what stands for lone surrogates in its texts; see `crate::realm::surrogates`.
    pub(crate) surrogate_block: StdCell<u32>,
    /// What the image below has beside its heap.
    texts: Option<Arc<Texts>>,
    /// What this heap has beside it: see [`Heap::new_text`].
    own_texts: std::cell::RefCell<Vec<u8>>,
    /// Whether texts of code are kept beside the heap, because it is to become an image.
    pub(crate) keeps_texts: StdCell<bool>,
    limits: HeapLimits,
}

/// First collection after this many bytes.
const COLLECT_STEP: u32 = 16 << 20;
/// Bytes of buffers after which a collection is made between jobs, while little is live.
const BUFFER_STEP: u64 = 6 << 20;
/// A buffer up to this size may be a chunk of a stream.
const CHUNK_BYTES: u64 = 256 << 10;
/// Chunks count for this many times their bytes: they come in numbers and are garbage soon, and few cells are visited to find that out. So
/// a proxy stays small, while a program that makes one large buffer is not interrupted.
const CHUNK_WEIGHT: u64 = 3;
/// A collection is asked for when holes hold less than this: what may be allocated before the next safepoint.
const HOLE_RESERVE: u64 = 3 << 20;
/// Bytes of a hole that are given to bump allocation at once.
const HOLE_PIECE: u32 = 1 << 20;

impl Heap {
    /// An empty heap, or one restored from `image` whose cells end at `image_end`.
    pub fn new(image: Option<(Arc<ImageMemory>, u32)>, limits: HeapLimits) -> Result<Heap, CageError> {
        let (memory, image_end) = match image {
            Some((memory, end)) => (Some(memory), end),
            None => (None, 0),
        };
        let heap = Heap {
            cage: Cage::new(memory)?,
            bump: StdCell::new(0),
            bump_limit: StdCell::new(0),
            frontier: StdCell::new(0),
            holes: std::cell::RefCell::default(),
            hole_bytes: StdCell::new(0),
            feedback: StdCell::new((0, 0)),
            collection: None,
            known_atoms: Box::new([const { StdCell::new((0, 0)) }; KNOWN_ATOMS]),
            knows_atoms: StdCell::new(false),
            image_end,
            soft_limit: StdCell::new(0),
            hard_limit: StdCell::new(0),
            collect_at: StdCell::new(0),
            attention: StdCell::new(false),
            postponed: StdCell::new(false),
            reserved: StdCell::new(0),
            buffer_step: StdCell::new(BUFFER_STEP),
            out_of_memory: StdCell::new(false),
            stress: StdCell::new(false),
            surrogate_block: StdCell::new(0),
            texts: None,
            own_texts: std::cell::RefCell::default(),
            keeps_texts: StdCell::new(false),
            limits,
        };
        heap.reset_pointers();
        Ok(heap)
    }

    fn reset_pointers(&self) {
        let start = if self.image_end == 0 { FIRST_CELL } else { self.image_end.next_multiple_of(4096) };
        let soft = (u64::from(start) + u64::from(self.limits.memory_bytes)).min(u64::from(HEAP_END - SLACK_BYTES)) as u32;
        self.frontier.set(start);
        self.bump.set(start);
        self.soft_limit.set(soft);
        self.hard_limit.set(soft + SLACK_BYTES);
        self.collect_at.set(start.saturating_add(COLLECT_STEP).min(soft));
        self.bump_limit.set(self.collect_at.get());
        self.holes.borrow_mut().clear();
        self.hole_bytes.set(0);
        self.feedback.set((0, 0));
        self.attention.set(false);
        self.collection_is_done(0);
        self.out_of_memory.set(false);
    }

    /// Nothing is due. What is live will be visited again by the next collection, so buffers may take half as much before it.
    fn collection_is_done(&self, live_bytes: u64) {
        self.postponed.set(false);
        self.reserved.set(0);
        self.buffer_step.set(BUFFER_STEP.max(live_bytes / 2));
    }

    /// A native is about to allocate this much for a buffer. Streams of buffers are garbage soon: they are collected between jobs long before
    /// the heap has grown by what it may.
    pub(crate) fn note_reserved(&self, bytes: u64) {
        let weight = if bytes <= CHUNK_BYTES { CHUNK_WEIGHT } else { 1 };
        let reserved = self.reserved.get().saturating_add(bytes.saturating_mul(weight));
        self.reserved.set(reserved);
        if reserved >= self.buffer_step.get() {
            self.postponed.set(true);
        }
    }

    /// Brings the instance back to its image. Returns the number of dirty cards copied.
    pub fn reset(&mut self) -> u32 {
        let cards = self.cage.restore_dirty_cards(self.image_end);
        self.collection = None;
        self.forget_known_atoms();
        self.cage.unmap_shared();
        if self.stress.get() {
            let start = self.image_end.next_multiple_of(4096);
            let used = self.used_end().saturating_sub(start);
            self.cage.fill(start, used, 0xDB);
        }
        self.reset_pointers();
        cards
    }

    /// The atom that [`Heap::note_known_atom`] noted for the string at `string`.
    pub(crate) fn known_atom(&self, string: u32) -> Option<u32> {
        let (known, atom) = self.known_atoms[(string >> 3) as usize % KNOWN_ATOMS].get();
        (known == string && string != 0).then_some(atom)
    }

    pub(crate) fn note_known_atom(&self, string: u32, atom: u32) {
        self.knows_atoms.set(true);
        self.known_atoms[(string >> 3) as usize % KNOWN_ATOMS].set((string, atom));
    }

    pub(super) fn forget_known_atoms(&self) {
        // OPTIMIZATION: a kilobyte that most requests leave alone.
        if self.knows_atoms.replace(false) {
            self.known_atoms.iter().for_each(|known| known.set((0, 0)));
        }
    }

    /// Gives back the pages that the last requests touched beyond the image.
    pub fn trim(&mut self) {
        let start = self.image_end.next_multiple_of(4096);
        self.cage.discard(start, HEAP_END - start);
        self.cage.discard(STACK_START, STACK_BYTES);
    }

    /// To be called between resets: puts the image in its place anew, if what was mapped was a file and there is a copy by now.
    ///
    /// # Errors
    /// What the system says; the instance is of no further use then.
    #[inline]
    pub fn refresh(&mut self) -> Result<(), CageError> {
        self.cage.refresh()
    }

    /// Whether the instance's image part equals the image, byte for byte. For `--verify-reset`.
    pub fn image_difference(&self) -> Option<u32> {
        let image = self.cage.image()?;
        let end = (self.image_end as usize).min(image.length());
        for start in (0..end).step_by(CARD_BYTES as usize) {
            let source = image.card(start);
            let source = &source[..source.len().min(end - start)];
            let mine = self.cage.slice(start as u32, source.len() as u32);
            if mine != source {
                return source.iter().zip(mine).position(|(a, b)| a != b).map(|at| (start + at) as u32);
            }
        }
        None
    }

    /// Changes the memory limit.
    pub fn set_limits(&mut self, limits: HeapLimits) {
        self.limits = limits;
        let start = if self.image_end == 0 { FIRST_CELL } else { self.image_end.next_multiple_of(4096) };
        let soft = (u64::from(start) + u64::from(limits.memory_bytes)).min(u64::from(HEAP_END - SLACK_BYTES)) as u32;
        self.soft_limit.set(soft);
        self.hard_limit.set(soft + SLACK_BYTES);
        if self.bump_limit.get() > soft && self.bump.get() < soft && self.bump.get() >= self.frontier.get() {
            self.bump_limit.set(soft);
        }
        self.collect_at.set(self.collect_at.get().min(soft));
    }

    /// The cage.
    #[inline(always)]
    pub fn cage(&self) -> &Cage {
        &self.cage
    }

    /// The cage, for mutable slices.
    #[inline(always)]
    pub fn cage_mut(&mut self) -> &mut Cage {
        &mut self.cage
    }

    /// End of the image part (0 without an image).
    pub fn image_end(&self) -> u32 {
        self.image_end
    }

    /// End of the memory that cells use.
    pub fn used_end(&self) -> u32 {
        self.frontier.get().max(self.bump.get())
    }

    /// Next free byte, and the end of the range that it runs in; for profiles, which tell from them what was allocated.
    pub(crate) fn bump_range(&self) -> (u32, u32) {
        (self.bump.get(), self.bump_limit.get())
    }

    /// Whether allocation goes on past everything that was ever used, and not in a hole.
    pub(crate) fn is_at_frontier(&self) -> bool {
        self.bump.get() >= self.frontier.get()
    }

    /// Bytes of instance memory in use or waiting to be collected.
    pub fn used_bytes(&self) -> u32 {
        self.used_end() - if self.image_end == 0 { FIRST_CELL } else { self.image_end.next_multiple_of(4096) }
    }

    /// The memory limit, in bytes.
    pub fn memory_limit(&self) -> u64 {
        u64::from(self.limits.memory_bytes)
    }

    /// Whether an allocation of `bytes` would stay within the memory limit. Natives ask before large ones.
    pub fn has_room(&self, bytes: u64) -> bool {
        u64::from(self.used_end()).saturating_sub(self.hole_bytes.get()) + bytes <= u64::from(self.soft_limit.get())
    }

    /// Whether `bytes` more are allocated without using up the slack. Much of what is in use may be garbage: the next safepoint decides.
    pub(crate) fn has_slack(&self, bytes: u64) -> bool {
        u64::from(self.used_end()) + bytes + u64::from(SLACK_BYTES / 8) <= u64::from(self.hard_limit.get())
    }

    /// Whether at least half of the slack past the memory limit is left.
    pub(crate) fn has_half_slack(&self) -> bool {
        u64::from(self.used_end()) + u64::from(SLACK_BYTES / 2) <= u64::from(self.hard_limit.get())
    }

    /// Allocates `size` bytes, a multiple of 8. Infallible: past the memory limit it draws on a slack and asks for the instance's
    /// termination; past the slack it unwinds with [`OutOfMemory`].
    #[inline(always)]
    pub fn allocate(&self, size: u32) -> u32 {
        debug_assert!(size.is_multiple_of(8));
        let at = self.bump.get();
        let end = u64::from(at) + u64::from(size);
        if end <= u64::from(self.bump_limit.get()) {
            self.bump.set(end as u32);
            return at;
        }
        self.allocate_slow(size)
    }

    /// [`Heap::allocate`] where that takes no more than a bump; else 0.
    #[inline(always)]
    pub(crate) fn try_bump(&self, size: u32) -> u32 {
        let at = self.bump.get();
        if u64::from(at) + u64::from(size) > u64::from(self.bump_limit.get()) {
            return 0;
        }
        self.bump.set(at + size);
        at
    }

    #[cold]
    #[inline(never)]
    fn allocate_slow(&self, size: u32) -> u32 {
        let in_hole = self.bump.get() < self.frontier.get() || !self.holes.borrow().is_empty();
        if in_hole {
            // A large cell takes the smallest hole that it fits in, or goes past the frontier; the hole in use stays in use.
            let largest = self.holes.borrow().last().map_or(0, |&(start, end)| end - start);
            if size >= LARGE_CELL && largest >= size {
                return self.allocate_in_best_hole(size);
            }
            if size >= LARGE_CELL || (size >= MEDIUM_CELL && largest != 0 && largest < size) {
                let at = self.frontier.get();
                let end = self.check_limits(at, size);
                self.frontier.set(end);
                return at;
            }
            // Leave the rest of a hole walkable.
            self.fill_free(self.bump.get(), self.bump_limit.get());
            let hole = self.holes.borrow_mut().pop();
            if let Some((start, end)) = hole.filter(|&(start, end)| end - start >= size) {
                // Large holes are used in pieces, so that it is noticed in time when holes run low, and large cells still find room.
                let piece = end.min(start.saturating_add(HOLE_PIECE));
                self.note_hole_used(piece - start);
                self.return_hole(piece, end);
                self.bump.set(start + size);
                self.bump_limit.set(piece);
                return start;
            }
            // Only small holes are left, or none.
            self.holes.borrow_mut().clear();
            self.hole_bytes.set(0);
        } else {
            self.frontier.set(self.bump.get());
        }
        let at = self.frontier.get();
        let end = self.check_limits(at, size);
        let next = if end < self.collect_at.get() {
            self.collect_at.get()
        } else if end < self.soft_limit.get() {
            self.soft_limit.get()
        } else {
            self.hard_limit.get()
        };
        self.bump.set(end);
        self.bump_limit.set(next.max(end));
        // `frontier` is the start of the range that `bump` runs in.
        at
    }

    /// End of a cell of `size` bytes at `at`, past the frontier. Raises the flags for what it passes; unwinds when even the slack is used
    /// up.
    fn check_limits(&self, at: u32, size: u32) -> u32 {
        let end = u64::from(at) + u64::from(size);
        if end > u64::from(self.hard_limit.get()) {
            self.out_of_memory.set(true);
            std::panic::resume_unwind(Box::new(OutOfMemory));
        }
        if end > u64::from(self.soft_limit.get()) {
            self.out_of_memory.set(true);
            self.attention.set(true);
        }
        if end > u64::from(self.collect_at.get()) {
            self.attention.set(true);
        }
        end as u32
    }

    /// The smallest hole that has room, of which there is one; what remains of it is a hole again.
    fn allocate_in_best_hole(&self, size: u32) -> u32 {
        let mut holes = self.holes.borrow_mut();
        let best = holes.partition_point(|&(start, end)| end - start < size);
        let (at, end) = holes.remove(best);
        drop(holes);
        self.note_hole_used(size);
        self.return_hole(at + size, end);
        at
    }

    /// Puts what remains of a hole back in its place by size.
    fn return_hole(&self, start: u32, end: u32) {
        self.fill_free(start, end);
        if end - start >= collect::SMALLEST_HOLE {
            let mut holes = self.holes.borrow_mut();
            let place = holes.partition_point(|&(other_start, other_end)| other_end - other_start < end - start);
            holes.insert(place, (start, end));
        }
    }

    fn note_hole_used(&self, bytes: u32) {
        self.hole_bytes.set(self.hole_bytes.get().saturating_sub(u64::from(bytes)));
        // The holes run low and the frontier must not move: time to collect.
        if self.hole_bytes.get() < HOLE_RESERVE && self.collect_at.get() <= self.frontier.get() {
            self.attention.set(true);
        }
    }

    /// Makes the whole range walkable: the rest of the current hole becomes a Free cell.
    pub(crate) fn seal(&self) {
        // Between the image and the first page of the instance's own part.
        self.fill_free(self.image_end, self.image_end.next_multiple_of(4096));
        if self.fill_rest_of_hole() {
            self.bump.set(self.frontier.get());
            self.bump_limit.set(self.frontier.get());
        }
    }

    /// What is left of the hole that is allocated from has no header yet: makes it a Free cell. Whether there is such a hole.
    fn fill_rest_of_hole(&self) -> bool {
        let is_in_hole = self.bump.get() < self.frontier.get();
        if is_in_hole {
            self.fill_free(self.bump.get(), self.bump_limit.get());
        }
        is_in_hole
    }

    /// Makes `start..end` a Free cell.
    pub(crate) fn fill_free(&self, start: u32, end: u32) {
        if end > start {
            self.cage.store::<u32>(start, Kind::Free as u32);
            self.cage.store::<u32>(start + 4, end - start);
        }
    }

    /// Allocates in the feedback part: inline caches lie together, apart from objects, so that the cards they dirty are few.
    pub fn allocate_feedback(&self, size: u32) -> u32 {
        let (at, end) = self.feedback.get();
        if at + size <= end {
            self.feedback.set((at + size, end));
            self.fill_free(at + size, end);
            return at;
        }
        if size >= FEEDBACK_CHUNK / 2 {
            return self.allocate(size);
        }
        let chunk = self.allocate(FEEDBACK_CHUNK);
        self.feedback.set((chunk + size, chunk + FEEDBACK_CHUNK));
        self.fill_free(chunk + size, chunk + FEEDBACK_CHUNK);
        chunk
    }

    /// Writes a header.
    #[inline(always)]
    pub fn init_header(&self, at: u32, kind: Kind, flags: u8, aux: u16, word: u32) {
        self.cage.store_new::<u64>(at, kind as u64 | u64::from(flags) << 8 | u64::from(aux) << 16 | u64::from(word) << 32);
    }

    /// Kind of the cell at `offset`.
    #[inline(always)]
    pub fn kind(&self, offset: u32) -> Kind {
        Kind::from_u8(self.load::<u8>(offset))
    }

    /// Header flags of the cell at `offset`.
    #[inline(always)]
    pub fn flags(&self, offset: u32) -> u8 {
        self.load::<u8>(offset + 1)
    }

    /// Sets header flags.
    #[inline(always)]
    pub fn set_flags(&self, offset: u32, flags: u8) {
        self.store::<u8>(offset + 1, flags);
    }

    /// Header's 16-bit field.
    #[inline(always)]
    pub fn aux(&self, offset: u32) -> u16 {
        self.load::<u16>(offset + 2)
    }

    /// Header's 32-bit field.
    #[inline(always)]
    pub fn word(&self, offset: u32) -> u32 {
        self.load::<u32>(offset + 4)
    }

    /// Loads a field.
    #[inline(always)]
    pub fn load<T: Field>(&self, offset: u32) -> T {
        self.cage.load(offset)
    }

    /// Stores a field, with the barrier.
    #[inline(always)]
    pub fn store<T: Field>(&self, offset: u32, value: T) {
        self.cage.store(offset, value);
    }

    /// A value of the roots table.
    #[inline(always)]
    pub fn root(&self, root: Root) -> Value {
        self.load(ROOTS_START + 8 * root as u32)
    }

    /// Sets a root.
    #[inline(always)]
    pub fn set_root(&self, root: Root, value: Value) {
        self.store(ROOTS_START + 8 * root as u32, value);
    }

    /// A raw number of the roots table.
    #[inline(always)]
    pub fn root_raw(&self, root: Root) -> u32 {
        self.load(ROOTS_START + 8 * root as u32)
    }

    /// Sets a raw number of the roots table (the low half of an integer value, so that the collector passes over it).
    #[inline(always)]
    pub fn set_root_raw(&self, root: Root, number: u32) {
        self.set_root(root, Value::int(number as i32));
    }

    /// The epoch that prototype inline caches compare.
    #[inline(always)]
    pub fn shape_epoch(&self) -> u32 {
        self.root_raw(Root::ShapeEpoch)
    }

    /// Invalidates every prototype inline cache.
    pub fn advance_shape_epoch(&self) {
        self.set_root_raw(Root::ShapeEpoch, self.shape_epoch().wrapping_add(1));
    }

    // ── Values cells ──

    /// A new array of `capacity` values, all holes, of length 0.
    pub fn new_values(&self, capacity: u32) -> Ref<Values> {
        let at = self.allocate(16 + 8 * capacity);
        self.init_header(at, Kind::Values, 0, 0, capacity);
        self.cage.store_new::<u64>(at + 8, 0);
        for i in 0..capacity {
            self.cage.store_new(at + 16 + 8 * i, Value::HOLE);
        }
        Ref::from_offset(at)
    }

    /// A new array with these values.
    pub fn new_values_from(&self, values: &[Value]) -> Ref<Values> {
        let at = self.allocate(16 + 8 * values.len() as u32);
        self.init_header(at, Kind::Values, 0, 0, values.len() as u32);
        self.cage.store_new::<u64>(at + 8, values.len() as u64);
        for (i, value) in values.iter().enumerate() {
            self.cage.store_new(at + 16 + 8 * i as u32, *value);
        }
        Ref::from_offset(at)
    }

    // ── Raw cells ──

    /// A new Raw cell of `length` bytes, zeroed.
    pub fn new_raw(&self, length: u32) -> Ref<Raw> {
        let at = self.allocate(8 + length.next_multiple_of(8));
        self.init_header(at, Kind::Raw, 0, 0, length);
        self.cage.fill(at + 8, length.next_multiple_of(8), 0);
        Ref::from_offset(at)
    }

    /// A new Raw cell of `length` bytes for the caller to write at once. Only what fills its last word is zeroed.
    fn new_raw_to_fill(&self, length: u32) -> Ref<Raw> {
        let padded = length.next_multiple_of(8);
        let at = self.allocate(8 + padded);
        self.init_header(at, Kind::Raw, 0, 0, length);
        if padded > length {
            self.cage.fill(at + padded, 8, 0);
        }
        Ref::from_offset(at)
    }

    /// A new Raw cell with a copy of `length` bytes of the cage, from `from` on.
    pub fn new_raw_copy(&self, from: u32, length: u32) -> Ref<Raw> {
        let raw = self.new_raw_to_fill(length);
        self.cage.copy_within(from, raw.data(), length);
        raw
    }

    /// A new Raw cell with these bytes.
    pub fn new_raw_from(&self, bytes: &[u8]) -> Ref<Raw> {
        let raw = self.new_raw_to_fill(bytes.len() as u32);
        self.cage.write_bytes(raw.data(), bytes);
        raw
    }
}

impl Ref<Values> {
    /// Capacity in values.
    #[inline(always)]
    pub fn capacity(self, heap: &Heap) -> u32 {
        heap.word(self.offset())
    }

    /// Values in use.
    #[inline(always)]
    pub fn length(self, heap: &Heap) -> u32 {
        heap.load(self.offset() + 8)
    }

    /// Sets the number of values in use; the caller keeps it within the capacity.
    #[inline(always)]
    pub fn set_length(self, heap: &Heap, length: u32) {
        heap.store(self.offset() + 8, length);
    }

    /// Value `index`; undefined past the capacity.
    #[inline(always)]
    pub fn get(self, heap: &Heap, index: u32) -> Value {
        if index >= self.capacity(heap) {
            return Value::UNDEFINED;
        }
        heap.load(self.slot(index))
    }

    /// Sets value `index`; out of range is ignored (a logic error, caught in debug builds).
    #[inline(always)]
    pub fn set(self, heap: &Heap, index: u32, value: Value) {
        debug_assert!(index < self.capacity(heap));
        if index < self.capacity(heap) {
            heap.store(self.slot(index), value);
        }
    }

    /// Offset of value `index`.
    #[inline(always)]
    pub(crate) fn slot(self, index: u32) -> u32 {
        self.offset().wrapping_add(16).wrapping_add(index.wrapping_mul(8))
    }

    /// A copy with more capacity.
    pub fn grown(self, heap: &Heap, capacity: u32) -> Ref<Values> {
        let old = self.capacity(heap);
        let capacity = capacity.max(old);
        let at = heap.allocate(16 + 8 * capacity);
        heap.init_header(at, Kind::Values, heap.flags(self.offset()), heap.aux(self.offset()), capacity);
        heap.cage.store_new::<u64>(at + 8, u64::from(self.length(heap)));
        heap.cage.copy_within(self.offset() + 16, at + 16, 8 * old);
        for i in old..capacity {
            heap.cage.store_new(at + 16 + 8 * i, Value::HOLE);
        }
        Ref::from_offset(at)
    }

    /// Appends, growing as needed; returns the array to use from now on.
    pub fn push(self, heap: &Heap, value: Value) -> Ref<Values> {
        let length = self.length(heap);
        let target = if length >= self.capacity(heap) { self.grown(heap, (length + 1).max(length + length / 2).max(4)) } else { self };
        heap.store(target.slot(length), value);
        target.set_length(heap, length + 1);
        target
    }
}

impl Ref<Raw> {
    /// Length in bytes.
    #[inline(always)]
    pub fn length(self, heap: &Heap) -> u32 {
        heap.word(self.offset())
    }

    /// Offset of the first byte.
    #[inline(always)]
    pub fn data(self) -> u32 {
        self.offset() + 8
    }

    /// The bytes. Do not hold across anything that may store to them.
    pub fn bytes(self, heap: &Heap) -> &[u8] {
        heap.cage.slice(self.data(), self.length(heap))
    }

    /// The bytes, for writing; marks all their cards.
    pub fn bytes_mut(self, heap: &mut Heap) -> &mut [u8] {
        let length = self.length(heap);
        heap.cage.slice_mut(self.data(), length)
    }

    /// 32-bit word `index`.
    #[inline(always)]
    pub fn word_at(self, heap: &Heap, index: u32) -> u32 {
        heap.load(self.data().wrapping_add(index.wrapping_mul(4)))
    }

    /// Sets 32-bit word `index`.
    #[inline(always)]
    pub fn set_word_at(self, heap: &Heap, index: u32, word: u32) {
        heap.store(self.data().wrapping_add(index.wrapping_mul(4)), word);
    }
}

impl Ref<Environment> {
    /// The enclosing environment; null at the outermost.
    #[inline(always)]
    pub fn parent(self, heap: &Heap) -> Ref<Environment> {
        Ref::from_offset(heap.word(self.offset()))
    }

    /// Scope info (a record value of linked code), or with-object marker; see `crate::realm::scope`.
    #[inline(always)]
    pub fn scope(self, heap: &Heap) -> Ref<Values> {
        Ref::from_offset(heap.load(self.offset() + 8))
    }

    /// Number of slots.
    #[inline(always)]
    pub fn count(self, heap: &Heap) -> u32 {
        heap.load(self.offset() + 12)
    }

    /// Offset of slot `index`.
    #[inline(always)]
    pub(crate) fn slot(self, index: u32) -> u32 {
        self.offset().wrapping_add(16).wrapping_add(index.wrapping_mul(8))
    }

    /// Value of slot `index`.
    #[inline(always)]
    pub fn get(self, heap: &Heap, index: u32) -> Value {
        heap.load(self.slot(index))
    }

    /// Sets slot `index`.
    #[inline(always)]
    pub fn set(self, heap: &Heap, index: u32, value: Value) {
        heap.store(self.slot(index), value);
    }
}

impl Heap {
    /// A new environment; every slot is `fill`.
    pub fn new_environment(&self, parent: Ref<Environment>, scope: Ref<Values>, count: u32, fill: Value) -> Ref<Environment> {
        let at = self.allocate(16 + 8 * count);
        self.init_header(at, Kind::Environment, 0, 0, parent.offset());
        self.cage.store_new::<u32>(at + 8, scope.offset());
        self.cage.store_new::<u32>(at + 12, count);
        for i in 0..count {
            self.cage.store_new(at + 16 + 8 * i, fill);
        }
        Ref::from_offset(at)
    }
}
