//! Memory that several instances see: blocks mapped into the cages of all of them, and atomic accesses.
//!
//! A block is an anonymous memory file whose pages begin with the header of a Raw cell. Mapped into the shared window at the end of a cage,
//! it is a cell like any other: views, element accesses and copies need to know nothing of it. The collector and the image do not reach the
//! window (it lies past every cell), and a reset unmaps it.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous};

use super::cage::{Cage, CageError, STACK_BYTES, STACK_START};
use super::{Kind, Raw, Ref};

/// Where the shared window lies: past the stack and its margin.
const SHARED_START: u32 = STACK_START + STACK_BYTES + (8 << 20);
/// The window ends short of the end of the cage.
const SHARED_END: u32 = u32::MAX - 0xFFFF;
const PAGE_BYTES: u32 = 4096;
const CELL_HEADER_BYTES: u32 = 8;

/// Memory of a shared buffer, apart from any instance.
pub struct SharedMemory {
    file: OwnedFd,
    length: u32,
}

impl SharedMemory {
    /// New memory with these bytes, of which there are less than the window holds.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(bytes: &[u8]) -> Result<Arc<SharedMemory>, CageError> {
        let file = rustix::fs::memfd_create("mayfly-shared", rustix::fs::MemfdFlags::CLOEXEC).map_err(CageError)?;
        let length = u32::try_from(bytes.len()).map_err(|_| CageError(rustix::io::Errno::NOMEM))?;
        let memory = SharedMemory { file, length };
        rustix::fs::ftruncate(&memory.file, u64::from(memory.mapped_bytes())).map_err(CageError)?;
        let mut contents = (Kind::Raw as u64 | u64::from(length) << 32).to_le_bytes().to_vec();
        contents.extend_from_slice(bytes);
        let mut rest = &contents[..];
        while !rest.is_empty() {
            let written = rustix::io::write(&memory.file, rest).map_err(CageError)?;
            rest = &rest[written..];
        }
        Ok(Arc::new(memory))
    }

    /// Length in bytes.
    pub fn length(&self) -> u32 {
        self.length
    }

    fn mapped_bytes(&self) -> u32 {
        (CELL_HEADER_BYTES + self.length).next_multiple_of(PAGE_BYTES)
    }
}

/// The blocks mapped into a cage.
#[derive(Default)]
pub(super) struct SharedBlocks {
    blocks: Vec<(u32, Arc<SharedMemory>)>,
}

impl Cage {
    /// The cell of a block in this cage, mapped there on first use.
    ///
    /// # Errors
    /// The window is full, or the system refuses.
    pub fn map_shared(&mut self, memory: &Arc<SharedMemory>) -> Result<Ref<Raw>, CageError> {
        if let Some(&(at, _)) = self.shared.blocks.iter().find(|(_, known)| Arc::ptr_eq(known, memory)) {
            return Ok(Ref::from_offset(at));
        }
        let at = self.shared.blocks.last().map_or(SHARED_START, |(at, last)| at + last.mapped_bytes());
        let size = memory.mapped_bytes();
        if u64::from(at) + u64::from(size) > u64::from(SHARED_END) {
            return Err(CageError(rustix::io::Errno::NOMEM));
        }
        // SAFETY: whole pages of our own reservation in the shared window, which hold nothing yet. Other instances and threads write to the
        // mapped memory: no Rust reference is ever made to it (slices of buffers are lent for immediate copies only), accesses are
        // raw-pointer loads and stores of plain numbers, and JS that wants order uses the atomic accesses below.
        unsafe {
            mmap(
                self.base().add(at as usize).cast(),
                size as usize,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED | MapFlags::FIXED,
                memory.file.as_fd(),
                0,
            )
            .map_err(CageError)?;
        }
        self.shared.blocks.push((at, memory.clone()));
        Ok(Ref::from_offset(at))
    }

    /// The block behind a cell, if it is a shared one.
    pub fn shared_at(&self, cell: Ref<Raw>) -> Option<&Arc<SharedMemory>> {
        self.shared.blocks.iter().find(|(at, _)| *at == cell.offset()).map(|(_, memory)| memory)
    }

    /// Whether blocks are mapped.
    pub fn has_shared(&self) -> bool {
        !self.shared.blocks.is_empty()
    }

    /// Takes every block out of the window.
    pub fn unmap_shared(&mut self) {
        for (at, memory) in std::mem::take(&mut self.shared.blocks) {
            // SAFETY: the pages mapped above; nothing refers to them once the instance is reset.
            let result = unsafe {
                mmap_anonymous(
                    self.base().add(at as usize).cast(),
                    memory.mapped_bytes() as usize,
                    ProtFlags::READ | ProtFlags::WRITE,
                    MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED,
                )
            };
            debug_assert!(result.is_ok());
        }
    }

    /// Loads an element of `1 << shift` bytes, sequentially consistent; the offset is rounded down to a multiple of its size.
    pub fn atomic_load(&self, offset: u32, shift: u32) -> u64 {
        let at = self.element(offset, shift);
        // SAFETY: aligned, and within the reservation, which outlives the reference.
        unsafe {
            match shift {
                0 => u64::from(AtomicU8::from_ptr(at).load(Ordering::SeqCst)),
                1 => u64::from(AtomicU16::from_ptr(at.cast()).load(Ordering::SeqCst)),
                2 => u64::from(AtomicU32::from_ptr(at.cast()).load(Ordering::SeqCst)),
                _ => AtomicU64::from_ptr(at.cast()).load(Ordering::SeqCst),
            }
        }
    }

    /// Replaces an element by what `operation` makes of it, atomically; gives the old one. Sizes and order as for loads.
    pub fn atomic_update(&self, offset: u32, shift: u32, operation: impl Fn(u64) -> u64) -> u64 {
        self.mark_card(offset);
        let at = self.element(offset, shift);
        const ORDER: Ordering = Ordering::SeqCst;
        // SAFETY: as for loads.
        unsafe {
            match shift {
                0 => u64::from(
                    AtomicU8::from_ptr(at).fetch_update(ORDER, ORDER, |old| Some(operation(u64::from(old)) as u8)).unwrap_or_default(),
                ),
                1 => {
                    let cell = AtomicU16::from_ptr(at.cast());
                    u64::from(cell.fetch_update(ORDER, ORDER, |old| Some(operation(u64::from(old)) as u16)).unwrap_or_default())
                }
                2 => {
                    let cell = AtomicU32::from_ptr(at.cast());
                    u64::from(cell.fetch_update(ORDER, ORDER, |old| Some(operation(u64::from(old)) as u32)).unwrap_or_default())
                }
                _ => AtomicU64::from_ptr(at.cast()).fetch_update(ORDER, ORDER, |old| Some(operation(old))).unwrap_or_default(),
            }
        }
    }

    fn element(&self, offset: u32, shift: u32) -> *mut u8 {
        let aligned = offset & !((1 << shift) - 1);
        // SAFETY: any 32-bit offset lies in the reservation.
        unsafe { self.base().add(aligned as usize) }
    }
}
