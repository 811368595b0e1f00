//! Collection: exact, non-moving mark and sweep of the instance's part.
//!
//! Cells of the image are never freed. Those on dirty cards are roots, since only they can refer to instance cells. Marks lie in a bitmap
//! of their own, so that a collection writes to no object. The sweep walks the range once and turns runs of dead cells into holes, which
//! allocation bumps through.

use super::{COLLECT_STEP, Heap, Kind, ROOT_COUNT, ROOTS_START, Ref, Root, Values};
use crate::interpreter::inline_cache::ic;
use crate::value::Value;

/// Values cells with this header flag hold (key, value) pairs whose keys are weak.
pub const WEAK_PAIRS: u8 = 1;
/// Values cells with this header flag hold, from index 1 on, (target, held value, token) triples with weak targets and tokens; index 0 is
/// the FinalizationRegistry.
pub const WEAK_TRIPLES: u8 = 2;
/// Raw cells with this header flag are inline caches: the shapes they name are weak.
pub const FEEDBACK: u8 = 1;
/// Raw cells with this header flag are tables of shape transitions: a count, then shapes, which they do not keep alive: names made while
/// a program runs must not pile up as shapes.
pub const TRANSITIONS: u8 = 2;
/// Holes smaller than this are left to the next collection.
pub(super) const SMALLEST_HOLE: u32 = 128;

/// The share of the memory limit that must be free after a collection.
const LIMIT_SHARE: u32 = 32;

/// Longer arrays are visited in pieces of so many bytes.
const RANGE_BYTES: u32 = 64 << 10;

/// What a collection did.
#[derive(Clone, Debug, Default)]
pub struct CollectionStats {
    /// Bytes of live instance cells.
    pub live_bytes: u32,
    /// Bytes made free.
    pub freed_bytes: u32,
    /// FinalizationRegistry objects with targets that died.
    pub dead_registries: Vec<Value>,
}

/// A collection that has begun and may go on in steps. Between the steps nothing may change the heap: the instance is suspended, or between
/// two jobs.
pub(super) struct Collection {
    start: u32,
    end: u32,
    /// One bit per granule of 8 bytes.
    bits: Vec<u64>,
    /// Marked cells whose contents are still to be visited.
    stack: Vec<u32>,
    /// Parts of long arrays that are still to be visited.
    ranges: Vec<(u32, u32)>,
    weak: Vec<u32>,
    weak_refs: Vec<u32>,
    feedback: Vec<u32>,
    /// Shapes with a single transition, and tables of transitions.
    transitions: Vec<u32>,
    /// Present once everything is marked.
    sweep: Option<Sweep>,
}

/// How far the sweep has come.
struct Sweep {
    /// The end of the last live cell.
    cell: u32,
    /// Start of the run of dead cells at the end.
    hole: Option<u32>,
    holes: Vec<(u32, u32)>,
    live: u32,
    freed: u32,
    dead_registries: Vec<Value>,
}

/// Work that a step may still do, in cells visited; 64 bytes of a long one count for another.
struct Budget(u64);

impl Budget {
    fn spend(&mut self, bytes: u32) -> bool {
        self.0 = self.0.saturating_sub(1 + u64::from(bytes / 64));
        self.0 > 0
    }
}

struct Marker<'h> {
    heap: &'h Heap,
    state: &'h mut Collection,
}

/// Offsets of the entries of a feedback cell.
fn feedback_entries(heap: &Heap, cell: u32) -> impl Iterator<Item = u32> + use<> {
    (0..heap.word(cell) / 16).map(move |i| cell + 8 + 16 * i)
}

impl Marker<'_> {
    fn is_live(&self, offset: u32) -> bool {
        self.state.is_live(offset)
    }

    fn is_live_value(&self, value: Value) -> bool {
        !value.is_reference() || self.is_live(value.offset())
    }

    fn mark(&mut self, offset: u32) {
        if offset < self.state.start || offset >= self.state.end {
            return;
        }
        let granule = ((offset - self.state.start) / 8) as usize;
        let bit = 1 << (granule % 64);
        let word = &mut self.state.bits[granule / 64];
        if *word & bit == 0 {
            *word |= bit;
            self.state.stack.push(offset);
        }
    }

    fn mark_value(&mut self, value: Value) {
        if value.is_reference() {
            self.mark(value.offset());
        }
    }

    fn mark_range(&mut self, from: u32, to: u32) {
        let mut at = from;
        while at < to {
            self.mark_value(self.heap.load(at));
            at += 8;
        }
    }

    fn trace(&mut self, cell: u32) {
        let heap = self.heap;
        match heap.kind(cell) {
            Kind::Free | Kind::FlatString | Kind::BigInt => {}
            Kind::Raw => match heap.flags(cell) {
                FEEDBACK => {
                    self.state.feedback.push(cell);
                    for entry in feedback_entries(heap, cell) {
                        if heap.load::<u32>(entry + 4) & 0xFF == ic::POLYMORPHIC {
                            self.mark(heap.load(entry + 8));
                        }
                    }
                }
                TRANSITIONS => self.state.transitions.push(cell),
                _ => {}
            },
            Kind::Rope => {
                self.mark(heap.load(cell + 12));
                self.mark(heap.load(cell + 16));
            }
            Kind::Slice => self.mark(heap.load(cell + 12)),
            Kind::Symbol => self.mark(heap.load(cell + 8)),
            Kind::Shape => {
                // proto, table, transitions, parent, key; see `crate::object::shape`.
                self.mark(heap.word(cell));
                self.mark(heap.load(cell + 8));
                let transitions: u32 = heap.load(cell + 16);
                if transitions & 1 != 0 {
                    self.state.transitions.push(cell);
                } else {
                    self.mark(transitions);
                }
                self.mark(heap.load(cell + 20));
                let key: u32 = heap.load(cell + 28);
                if key & 1 == 0 {
                    self.mark(key);
                }
                self.mark(heap.load(cell + 36));
            }
            Kind::PropertyTable => {
                let count: u32 = heap.load(cell + 8);
                for i in 0..count {
                    let key: u32 = heap.load(cell + 16 + 8 * i);
                    if key & 1 == 0 {
                        self.mark(key);
                    }
                }
            }
            Kind::Values => match heap.flags(cell) {
                WEAK_PAIRS => self.state.weak.push(cell),
                WEAK_TRIPLES => {
                    self.state.weak.push(cell);
                    let values = Ref::<Values>::from_offset(cell);
                    self.mark_value(values.get(heap, 0));
                    for i in (2..values.length(heap)).step_by(3) {
                        self.mark_value(values.get(heap, i));
                    }
                }
                _ => {
                    let (from, to) = (cell + 16, cell + 16 + 8 * heap.word(cell));
                    if to - from <= RANGE_BYTES { self.mark_range(from, to) } else { self.state.ranges.push((from, to)) }
                }
            },
            Kind::Environment => {
                self.mark(heap.word(cell));
                self.mark(heap.load(cell + 8));
                let count: u32 = heap.load(cell + 12);
                self.mark_range(cell + 16, cell + 16 + 8 * count);
            }
            kind => {
                self.mark(heap.word(cell));
                self.mark(heap.load(cell + 8));
                self.mark(heap.load(cell + 12));
                let mut from = cell + 16;
                if kind == Kind::WeakRef {
                    self.state.weak_refs.push(cell);
                    from += 8;
                }
                self.mark_range(from, cell + heap.cell_size(cell));
            }
        }
    }

    /// Clears inline caches for shapes that died: another shape may come to lie there.
    fn clear_feedback(&self) {
        for &cell in &self.state.feedback {
            for entry in feedback_entries(self.heap, cell) {
                let adds = matches!(self.heap.load::<u32>(entry + 4) & 0xFF, ic::ADD | ic::ADD_OVERFLOW);
                if !self.is_live(self.heap.load(entry)) || adds && !self.is_live(self.heap.load(entry + 8)) {
                    self.heap.store::<u64>(entry, 0);
                    self.heap.store::<u64>(entry + 8, 0);
                }
            }
        }
    }

    /// Takes shapes that died out of the transitions that lead to them.
    fn clear_transitions(&self) {
        for &cell in &self.state.transitions {
            if self.heap.kind(cell) == Kind::Shape {
                let only: u32 = self.heap.load(cell + 16);
                if !self.is_live(only & !1) {
                    self.heap.store::<u32>(cell + 16, 0);
                }
            } else {
                crate::object::shape::retain_transitions(self.heap, Ref::from_offset(cell), |shape| self.is_live(shape));
            }
        }
    }

    /// Visits what is marked; whether that came to its end within the budget.
    fn drain(&mut self, budget: &mut Budget) -> bool {
        loop {
            if let Some(cell) = self.state.stack.pop() {
                self.trace(cell);
                if !budget.spend(self.heap.cell_size(cell).min(RANGE_BYTES)) {
                    return false;
                }
            } else if let Some((from, to)) = self.state.ranges.pop() {
                let middle = to.min(from + RANGE_BYTES);
                if middle < to {
                    self.state.ranges.push((middle, to));
                }
                self.mark_range(from, middle);
                if !budget.spend(middle - from) {
                    return false;
                }
            } else {
                return true;
            }
        }
    }

    /// Marks values of weak pairs whose keys are live, until nothing changes; whether that came to its end within the budget. Starting
    /// again is harmless.
    fn settle_ephemerons(&mut self, budget: &mut Budget) -> bool {
        loop {
            let mut grew = false;
            for i in 0..self.state.weak.len() {
                let cell = self.state.weak[i];
                if self.heap.flags(cell) != WEAK_PAIRS {
                    continue;
                }
                let values = Ref::<Values>::from_offset(cell);
                for pair in 0..values.length(self.heap) / 2 {
                    let key = values.get(self.heap, 2 * pair);
                    let value = values.get(self.heap, 2 * pair + 1);
                    if !key.is_hole() && self.is_live_value(key) && !self.is_live_value(value) {
                        self.mark_value(value);
                        grew = true;
                    }
                }
            }
            if !self.drain(budget) {
                return false;
            }
            if !grew {
                return true;
            }
        }
    }
}

impl Collection {
    fn is_live(&self, offset: u32) -> bool {
        if offset < self.start || offset >= self.end {
            return true;
        }
        let granule = ((offset - self.start) / 8) as usize;
        self.bits[granule / 64] & 1 << (granule % 64) != 0
    }
}

impl Heap {
    /// Size in bytes of the cell at `cell`, a multiple of 8.
    pub fn cell_size(&self, cell: u32) -> u32 {
        let size = match self.kind(cell) {
            Kind::Free => self.word(cell),
            Kind::FlatString => {
                let length: u32 = self.load(cell + 8);
                let bytes = if self.flags(cell) & crate::string::TWO_BYTE != 0 { length.saturating_mul(2) } else { length };
                16 + bytes
            }
            Kind::Rope | Kind::Slice | Kind::Symbol => 24,
            Kind::BigInt => 8 + 8 * self.word(cell),
            Kind::Shape => crate::object::shape::SHAPE_BYTES,
            Kind::PropertyTable => {
                let index: u32 = self.load(cell + 12);
                16 + 8 * self.word(cell) + 4 * index
            }
            Kind::Values => 16 + 8 * self.word(cell),
            Kind::Environment => 16 + 8 * self.load::<u32>(cell + 12),
            Kind::Raw => 8 + self.word(cell),
            kind => 16 + 8 * (kind.internal_slots() + u32::from(self.aux(cell))),
        };
        size.next_multiple_of(8).max(8)
    }

    /// Begins a collection; [`Heap::go_on_collecting`] does the work. `roots` and the value ranges in `stack` are everything that the host
    /// and the interpreter hold. One that had begun before starts anew.
    pub fn begin_collection(&mut self, roots: &[Value], stack: &[(u32, u32)]) {
        let start = if self.image_end == 0 { super::FIRST_CELL } else { self.image_end.next_multiple_of(4096) };
        let end = self.used_end();
        self.forget_known_atoms();
        self.fill_rest_of_hole();
        // Should anything be allocated before the end, which is a mistake, then it lies past what is swept.
        self.holes.borrow_mut().clear();
        self.hole_bytes.set(0);
        self.frontier.set(end);
        self.bump.set(end);
        self.bump_limit.set(end);
        let granules = ((end - start) / 8) as usize;
        let mut state = Box::new(Collection {
            start,
            end,
            bits: vec![0; granules / 64 + 1],
            stack: Vec::new(),
            ranges: Vec::new(),
            weak: Vec::new(),
            weak_refs: Vec::new(),
            feedback: Vec::new(),
            transitions: Vec::new(),
            sweep: None,
        });
        let mut marker = Marker { heap: self, state: &mut state };
        for i in 0..ROOT_COUNT {
            if i != Root::AtomTable as u32 {
                marker.mark_value(self.load(ROOTS_START + 8 * i));
            }
        }
        for &value in roots {
            marker.mark_value(value);
        }
        for &(from, to) in stack {
            marker.mark_range(from, to);
        }
        self.mark_dirty_image(&mut marker);
        // Rust code knows well-known names and one-character strings by their offsets: without an image below, nothing else keeps them.
        for atom in crate::string::atoms::fixed_cells(self) {
            marker.mark(atom);
        }
        // The table of atoms is kept, its entries are weak.
        let atoms = self.root(Root::AtomTable);
        marker.mark_value(atoms);
        self.collection = Some(state);
    }

    /// Whether a collection has begun and is not done.
    #[inline(always)]
    pub fn is_collecting(&self) -> bool {
        self.collection.is_some()
    }

    /// Goes on with a collection for about `work` cells. `None`: it is not done yet, and until it is, nothing may change the heap.
    pub fn go_on_collecting(&mut self, work: u64) -> Option<CollectionStats> {
        let mut budget = Budget(work);
        let mut state = self.collection.take()?;
        if state.sweep.is_none() {
            let mut marker = Marker { heap: self, state: &mut state };
            if !(marker.drain(&mut budget) && marker.settle_ephemerons(&mut budget)) {
                self.collection = Some(state);
                return None;
            }
            let dead_registries = self.clear_weak(&mut marker);
            marker.clear_feedback();
            marker.clear_transitions();
            self.retain_root_shapes(|shape| marker.is_live(shape));
            self.sweep_atoms(&marker);
            state.sweep = Some(Sweep { cell: state.start, hole: None, holes: Vec::new(), live: 0, freed: 0, dead_registries });
        }
        if !self.sweep(&mut state, &mut budget) {
            self.collection = Some(state);
            return None;
        }
        let Sweep { hole, mut holes, live: live_bytes, freed: freed_bytes, dead_registries, .. } = state.sweep.take()?;
        debug_assert_eq!(self.used_end(), state.end, "something was allocated while a collection was suspended");
        // Dead cells at the end are none of the holes: the frontier goes there.
        let end = if self.used_end() == state.end { hole.unwrap_or(state.end) } else { self.used_end() };
        if self.stress.get() {
            self.cage.fill(end, state.end.saturating_sub(end), 0xDB);
        }
        holes.sort_unstable_by_key(|&(from, to)| to - from);
        // Until the next collection, as much may be allocated as is live: first in the holes, the rest past the frontier.
        let hole_bytes: u64 = holes.iter().map(|&(from, to)| u64::from(to - from)).sum();
        let budget = u64::from(COLLECT_STEP.max(live_bytes));
        let growth = budget.saturating_sub(hole_bytes) as u32;
        *self.holes.borrow_mut() = holes;
        self.hole_bytes.set(hole_bytes);
        self.frontier.set(end);
        self.bump.set(end);
        self.bump_limit.set(end);
        self.feedback.set((0, 0));
        self.collect_at.set(end.saturating_add(growth).min(self.soft_limit.get().max(end)));
        self.attention.set(false);
        self.collection_is_done(u64::from(live_bytes));
        // Close to the limit, collections would follow each other and free next to nothing.
        let most = self.limits.memory_bytes - self.limits.memory_bytes / LIMIT_SHARE;
        self.out_of_memory.set(live_bytes > most);
        Some(CollectionStats { live_bytes, freed_bytes, dead_registries })
    }

    fn mark_dirty_image(&self, marker: &mut Marker<'_>) {
        if self.image_end == 0 {
            return;
        }
        let mut dirty = self.cage.dirty_cards(self.image_end).into_iter().peekable();
        let mut cell = super::FIRST_CELL;
        while cell < self.image_end {
            let size = self.cell_size(cell);
            let first = cell / super::CARD_BYTES;
            let last = (cell + size - 1) / super::CARD_BYTES;
            while dirty.peek().is_some_and(|&card| card < first) {
                dirty.next();
            }
            match dirty.peek() {
                None => break,
                Some(&card) if card <= last => marker.trace(cell),
                Some(_) => {}
            }
            cell += size;
        }
    }

    /// Clears weak pairs, triples and WeakRefs whose targets died.
    fn clear_weak(&self, marker: &mut Marker<'_>) -> Vec<Value> {
        let mut dead_registries = Vec::new();
        for &cell in &marker.state.weak {
            let values = Ref::<Values>::from_offset(cell);
            let length = values.length(self);
            if self.flags(cell) == WEAK_PAIRS {
                for pair in 0..length / 2 {
                    if !marker.is_live_value(values.get(self, 2 * pair)) {
                        values.set(self, 2 * pair, Value::HOLE);
                        values.set(self, 2 * pair + 1, Value::HOLE);
                    }
                }
            } else {
                let mut died = false;
                for i in (1..length).step_by(3) {
                    let target = values.get(self, i);
                    if !target.is_hole() && !target.is_undefined() && !marker.is_live_value(target) {
                        // A hole in the target's place: ready for cleanup.
                        values.set(self, i, Value::HOLE);
                        died = true;
                    }
                    if !marker.is_live_value(values.get(self, i + 2)) {
                        values.set(self, i + 2, Value::UNDEFINED);
                    }
                }
                if died {
                    dead_registries.push(values.get(self, 0));
                }
            }
        }
        for &cell in &marker.state.weak_refs {
            if !marker.is_live_value(self.load(cell + 16)) {
                self.store(cell + 16, Value::UNDEFINED);
            }
        }
        dead_registries
    }

    fn sweep_atoms(&self, marker: &Marker<'_>) {
        let Some(table) = self.root(Root::AtomTable).as_cell::<super::Raw>() else { return };
        let slots = table.length(self) / 4;
        for i in 0..slots {
            let atom = table.word_at(self, i);
            if atom > 1 && !marker.is_live(atom) {
                // Tombstones still count as used slots, so that probes stay short; rehashing drops them.
                table.set_word_at(self, i, 1);
            }
        }
    }

    /// Turns dead cells into holes; whether that came to its end within the budget. Goes from one marked cell to the next by the bitmap: what
    /// is dead in between is not looked at, so that garbage costs next to nothing.
    fn sweep(&self, state: &mut Collection, budget: &mut Budget) -> bool {
        let (start, end) = (state.start, state.end);
        let Collection { bits, sweep: Some(sweep), .. } = state else { return true };
        while sweep.cell < end {
            let from = sweep.cell;
            let live = next_bit(bits, ((from - start) / 8) as usize).map_or(end, |granule| end.min(start + 8 * granule as u32));
            sweep.freed += live - from;
            if live == end {
                if from < end {
                    sweep.hole = Some(from);
                }
                sweep.cell = end;
                break;
            }
            if from < live {
                self.close_hole(from, live, &mut sweep.holes);
            }
            let size = self.cell_size(live).min(end - live);
            sweep.live += size;
            sweep.cell = live + size;
            if !budget.spend(0) {
                return false;
            }
        }
        true
    }

    fn close_hole(&self, from: u32, to: u32, holes: &mut Vec<(u32, u32)>) {
        if self.stress.get() {
            self.cage.fill(from, to - from, 0xDB);
        }
        self.fill_free(from, to);
        if to - from >= SMALLEST_HOLE {
            holes.push((from, to));
        }
    }
}

/// The first bit that is set, from number `from` on.
fn next_bit(bits: &[u64], from: usize) -> Option<usize> {
    let mut word = from / 64;
    let mut rest = bits.get(word)? & !0 << (from % 64);
    while rest == 0 {
        word += 1;
        rest = *bits.get(word)?;
    }
    Some(64 * word + rest.trailing_zeros() as usize)
}
