//! The cage: one reservation of address space per instance, and every load and store into it.
//!
//! ```text
//! [ card table 8 MiB ][ cage 4 GiB: image · instance heap … stack ][ guard ]
//!                      ^ base
//! ```
//! All accesses are `base + offset` with a 32-bit offset, so that no reference, whatever its value, leaves the reservation: the guard
//! covers the widest access at the highest offset. Memory is reserved without commitment; pages become resident as they are touched.

use std::sync::Arc;

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use super::layout::Field;
use super::pages::ImageMemory;
use super::shared::SharedBlocks;
use crate::value::Value;

/// Bytes covered by one card.
pub const CARD_BYTES: u32 = 512;
const CARD_SHIFT: u32 = 9;
const CAGE_BYTES: usize = 1 << 32;
const CARD_TABLE_BYTES: usize = CAGE_BYTES >> CARD_SHIFT;
/// Covers a whole window or word read that starts at the highest offset.
const GUARD_BYTES: usize = 1 << 21;

/// Where the interpreter's stack lies in the cage.
pub const STACK_START: u32 = 0xFE00_0000;
/// Bytes of the interpreter's stack, a margin for natives included.
pub const STACK_BYTES: u32 = 8 << 20;

/// Why memory could not be had.
#[derive(Debug)]
pub struct CageError(pub rustix::io::Errno);

impl std::fmt::Display for CageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot reserve an instance's memory: {}", self.0)
    }
}
impl std::error::Error for CageError {}

/// One instance's memory.
pub struct Cage {
    base: *mut u8,
    reservation: *mut u8,
    image: Option<Arc<ImageMemory>>,
    /// Whether what is mapped of the image is memory that nobody else knows.
    is_settled: bool,
    pub(super) shared: SharedBlocks,
}

/// Groups of eight cards that are looked at together.
const WIDE: usize = 32;
/// Groups that are looked at together where one of [`WIDE`] is dirty.
const NARROW: usize = 4;

/// Whether exactly `N` groups are all clean. `false` where there are fewer.
#[inline(always)]
fn is_clean<const N: usize>(groups: &[u64]) -> bool {
    // OPTIMIZATION: the length is known, so the loop is a few vector instructions.
    groups.first_chunk::<N>().is_some_and(|groups| groups.iter().fold(0, |all, group| all | group) == 0)
}

impl Cage {
    /// Reserves a cage and puts `image`, if any, at its start.
    pub fn new(image: Option<Arc<ImageMemory>>) -> Result<Cage, CageError> {
        let total = CARD_TABLE_BYTES + CAGE_BYTES + GUARD_BYTES;
        // SAFETY: a fresh anonymous mapping at an address the kernel chooses.
        let reservation = unsafe {
            mmap_anonymous(std::ptr::null_mut(), total, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE | MapFlags::NORESERVE)
                .map_err(CageError)?
        };
        let reservation: *mut u8 = reservation.cast();
        // SAFETY: within the reservation made above.
        let base = unsafe { reservation.add(CARD_TABLE_BYTES) };
        let mut cage = Cage { base, reservation, image, is_settled: true, shared: SharedBlocks::default() };
        cage.place()?;
        Ok(cage)
    }

    /// Puts the image, if any, in its place.
    fn place(&mut self) -> Result<(), CageError> {
        let Some(image) = &self.image else { return Ok(()) };
        // Asked before: what is settled in between is mapped once more.
        self.is_settled = image.is_settled();
        // SAFETY: the start of our own reservation, which is longer than any image. Slices of it live for as long as `self` is borrowed.
        unsafe { image.place(self.base, Arc::strong_count(image)) }
    }

    /// To be called when the image part is as in the image: if what is mapped is a file that others know, and there is a copy by now, maps
    /// the copy.
    ///
    /// # Errors
    /// What the system says; there may be nothing in the image's place then.
    #[inline]
    pub fn refresh(&mut self) -> Result<(), CageError> {
        if self.is_settled || !self.image.as_ref().is_some_and(|image| image.is_settled()) {
            return Ok(());
        }
        self.place()
    }

    /// The image this cage was made from.
    pub fn image(&self) -> Option<&Arc<ImageMemory>> {
        self.image.as_ref()
    }

    /// Start of the cage. Offsets are added to this.
    #[inline(always)]
    pub(crate) fn base(&self) -> *mut u8 {
        self.base
    }

    /// Loads a field.
    #[inline(always)]
    pub fn load<T: Field>(&self, offset: u32) -> T {
        // SAFETY: any 32-bit offset plus 8 bytes lies in the reservation; `T` is valid for every bit pattern.
        unsafe { self.base.add(offset as usize).cast::<T>().read_unaligned() }
    }

    /// Stores a field and marks its card.
    #[inline(always)]
    pub fn store<T: Field>(&self, offset: u32, value: T) {
        self.mark_card(offset);
        // SAFETY: any 32-bit offset plus 8 bytes lies in the reservation; no Rust reference to cage memory is live across a store
        // (slices are only lent for immutable strings and under `&mut`).
        unsafe { self.base.add(offset as usize).cast::<T>().write_unaligned(value) }
    }

    /// Stores a field of a cell that was just allocated in the instance's part, where no card is needed.
    #[inline(always)]
    pub fn store_new<T: Field>(&self, offset: u32, value: T) {
        // SAFETY: as for `store`.
        unsafe { self.base.add(offset as usize).cast::<T>().write_unaligned(value) }
    }

    /// Stores the same value `count` times from `offset` on, in a cell that was just allocated in the instance's part.
    #[inline(always)]
    pub fn fill_new(&self, offset: u32, count: u32, value: Value) {
        let count = Cage::clamp(offset, count.saturating_mul(8)) / 8;
        for i in 0..count {
            // SAFETY: as for `store`; clamped to the reservation.
            unsafe { self.base.add(offset as usize).cast::<Value>().add(i).write_unaligned(value) }
        }
    }

    /// Marks the card that covers `offset`.
    #[inline(always)]
    pub fn mark_card(&self, offset: u32) {
        // SAFETY: the card table lies directly below the base and has a byte for every card of the cage.
        unsafe { self.base.sub(CARD_TABLE_BYTES).add((offset >> CARD_SHIFT) as usize).write(1) }
    }

    /// Marks every card of a range.
    pub fn mark_cards(&self, offset: u32, length: u32) {
        if length == 0 {
            return;
        }
        let last = offset.saturating_add(length - 1) >> CARD_SHIFT;
        for card in offset >> CARD_SHIFT..=last {
            self.mark_card(card << CARD_SHIFT);
        }
    }

    /// Bytes of the cage. The caller keeps to ranges that are not stored to while the slice lives.
    #[inline(always)]
    pub fn slice(&self, offset: u32, length: u32) -> &[u8] {
        let length = Cage::clamp(offset, length);
        // SAFETY: clamped to the reservation. Lent only for immutable cells (strings, BigInts, code) or short copies.
        unsafe { std::slice::from_raw_parts(self.base.add(offset as usize), length) }
    }

    /// 16-bit units of the cage; an odd offset is rounded down.
    #[inline(always)]
    pub fn slice_u16(&self, offset: u32, units: u32) -> &[u16] {
        let length = Cage::clamp(offset & !1, units.saturating_mul(2)) / 2;
        // SAFETY: clamped to the reservation and aligned; lent as for `slice`.
        unsafe { std::slice::from_raw_parts(self.base.add((offset & !1) as usize).cast(), length) }
    }

    /// 32-bit words of the cage; the offset is rounded down to a multiple of 4.
    #[inline(always)]
    pub fn slice_u32(&self, offset: u32, words: u32) -> &[u32] {
        let length = Cage::clamp(offset & !3, words.saturating_mul(4)) / 4;
        // SAFETY: clamped to the reservation and aligned; lent as for `slice`.
        unsafe { std::slice::from_raw_parts(self.base.add((offset & !3) as usize).cast(), length) }
    }

    /// Mutable bytes of the cage; marks their cards.
    #[inline(always)]
    pub fn slice_mut(&mut self, offset: u32, length: u32) -> &mut [u8] {
        let length = Cage::clamp(offset, length);
        self.mark_cards(offset, length as u32);
        // SAFETY: clamped to the reservation; `&mut self` keeps every other slice away.
        unsafe { std::slice::from_raw_parts_mut(self.base.add(offset as usize), length) }
    }

    /// Copies bytes in; marks their cards.
    #[inline]
    pub fn write_bytes(&self, offset: u32, bytes: &[u8]) {
        // Short ones by loads and stores that overlap: a copy of a length that is not known would be a call.
        let length = bytes.len() as u32;
        match bytes.len() {
            0..4 => {
                for (at, &byte) in (0..).zip(bytes) {
                    self.store::<u8>(offset.wrapping_add(at), byte);
                }
            }
            4..8 => {
                if let (Some(&first), Some(&last)) = (bytes.first_chunk(), bytes.last_chunk()) {
                    let (first, last) = (u32::from_ne_bytes(first), u32::from_ne_bytes(last));
                    self.store(offset, first);
                    self.store(offset.wrapping_add(length - 4), last);
                }
            }
            8..=16 => {
                if let (Some(&first), Some(&last)) = (bytes.first_chunk(), bytes.last_chunk()) {
                    let (first, last) = (u64::from_ne_bytes(first), u64::from_ne_bytes(last));
                    self.store(offset, first);
                    self.store(offset.wrapping_add(length - 8), last);
                }
            }
            _ => self.write_many(offset, bytes),
        }
    }

    #[inline(never)]
    fn write_many(&self, offset: u32, bytes: &[u8]) {
        let length = Cage::clamp(offset, u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.mark_cards(offset, length as u32);
        // SAFETY: clamped to the reservation; `copy` allows overlap with a source that lies in the cage.
        unsafe { std::ptr::copy(bytes.as_ptr(), self.base.add(offset as usize), length) }
    }

    /// Copies 16-bit units in; marks their cards. An odd offset is rounded down.
    pub fn write_u16(&self, offset: u32, units: &[u16]) {
        let offset = offset & !1;
        let bytes = u32::try_from(2 * units.len()).unwrap_or(u32::MAX - 1);
        let length = Cage::clamp(offset, bytes) / 2;
        self.mark_cards(offset, 2 * length as u32);
        // SAFETY: clamped to the reservation and aligned; `copy` allows overlap with a source that lies in the cage.
        unsafe { std::ptr::copy(units.as_ptr(), self.base.add(offset as usize).cast::<u16>(), length) }
    }

    /// Moves bytes within the cage; marks the target's cards.
    pub fn copy_within(&self, from: u32, to: u32, length: u32) {
        let length = Cage::clamp(from, length).min(Cage::clamp(to, length));
        self.mark_cards(to, length as u32);
        // SAFETY: both ranges are clamped to the reservation; `copy` allows overlap.
        unsafe { std::ptr::copy(self.base.add(from as usize), self.base.add(to as usize), length) }
    }

    /// Fills a range with one byte; marks its cards.
    pub fn fill(&self, offset: u32, length: u32, byte: u8) {
        let length = Cage::clamp(offset, length);
        self.mark_cards(offset, length as u32);
        // SAFETY: clamped to the reservation.
        unsafe { std::ptr::write_bytes(self.base.add(offset as usize), byte, length) }
    }

    #[inline(always)]
    fn clamp(offset: u32, length: u32) -> usize {
        (length as usize).min(CAGE_BYTES + GUARD_BYTES - offset as usize)
    }

    /// Copies back every dirty card below `limit` from the image and clears it. Returns how many there were.
    pub fn restore_dirty_cards(&mut self, limit: u32) -> u32 {
        let Some(image) = &self.image else { return 0 };
        let limit = (limit as usize).min(image.length());
        let cards = limit.div_ceil(CARD_BYTES as usize);
        let mut restored = 0;
        // SAFETY: the card table has a byte for every card of the cage; `cards` is within it. It is read as 8-byte groups, the table's
        // start being page-aligned; the group past the last card still lies in the table.
        let table = unsafe { std::slice::from_raw_parts_mut(self.base.sub(CARD_TABLE_BYTES).cast::<u64>(), cards.div_ceil(8)) };
        let mut restore = |group_index: usize, group: &mut u64| {
            let mut bits = std::mem::take(group);
            while bits != 0 {
                let byte = bits.trailing_zeros() / 8;
                bits &= !(0xFF << (byte * 8));
                let start = (group_index * 8 + byte as usize) * CARD_BYTES as usize;
                if start >= limit {
                    continue;
                }
                let source = image.card(start);
                // SAFETY: the card lies in the image's part of the cage.
                unsafe { std::ptr::copy_nonoverlapping(source.as_ptr(), self.base.add(start), source.len()) };
                restored += 1;
            }
        };
        // Most of the table is clean: it is read in strides of 256 cards, and of 32 where one is dirty.
        for (wide_index, wide) in table.chunks_mut(WIDE).enumerate() {
            if is_clean::<WIDE>(wide) {
                continue;
            }
            for (narrow_index, narrow) in wide.chunks_mut(NARROW).enumerate() {
                if is_clean::<NARROW>(narrow) {
                    continue;
                }
                let first = wide_index * WIDE + narrow_index * NARROW;
                for (index, group) in narrow.iter_mut().enumerate() {
                    if *group != 0 {
                        restore(first + index, group);
                    }
                }
            }
        }
        restored
    }

    /// Numbers of the dirty cards below `limit`.
    pub fn dirty_cards(&self, limit: u32) -> Vec<u32> {
        (0..limit.div_ceil(CARD_BYTES))
            .filter(|&card| {
                // SAFETY: within the card table.
                unsafe { self.base.sub(CARD_TABLE_BYTES).add(card as usize).read() != 0 }
            })
            .collect()
    }

    /// Clears the marks of every card below `limit`.
    pub fn clear_cards(&mut self, limit: u32) {
        // SAFETY: within the card table.
        unsafe { std::ptr::write_bytes(self.base.sub(CARD_TABLE_BYTES), 0, limit.div_ceil(CARD_BYTES) as usize) }
    }

    /// Gives the pages of a range back to the system; they read as zeroes afterwards.
    pub fn discard(&mut self, offset: u32, length: u32) {
        let start = (offset as usize).next_multiple_of(4096);
        let end = (offset as usize + length as usize) & !4095;
        if start < end {
            // SAFETY: whole pages of our own reservation in which no cell lives any more.
            let result = unsafe { rustix::mm::madvise(self.base.add(start).cast(), end - start, rustix::mm::Advice::LinuxDontNeed) };
            debug_assert!(result.is_ok());
        }
    }
}

impl Drop for Cage {
    fn drop(&mut self) {
        // SAFETY: the reservation is ours; references into it cannot outlive `self`.
        let result = unsafe { munmap(self.reservation.cast(), CARD_TABLE_BYTES + CAGE_BYTES + GUARD_BYTES) };
        debug_assert!(result.is_ok());
    }
}
