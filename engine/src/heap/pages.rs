//! The bytes of images, apart from any instance: pages of a file that many images and instances share, and what an image has over them.
//!
//! An image is *pages*, from its start on, and a *delta*: cards that differ from the pages, and a tail that follows them. A whole image is
//! pages alone. Instances map the pages privately and copy the delta over; a reset takes each dirty card from where it is pristine.
//!
//! Pages are those of an anonymous memory file, or, for a short while, those of the image file itself: mapping it takes no time whatever
//! its size. But a file that is cut would end the process, and one that is written to would change running instances. So whoever maps a
//! file has it copied soon, with [`Pages::settle`]: the copy takes the file's place at the same addresses, and instances that were made
//! before map it when they are next taken ([`ImageMemory::is_settled`]).

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustix::fs::{FallocateFlags, MemfdFlags, fallocate, memfd_create, sendfile};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

use super::cage::{CARD_BYTES, CageError};

const CARD: usize = CARD_BYTES as usize;
const PAGE: usize = 4096;
/// Tails from this size on are pages too, which instances share; smaller ones are not worth a mapping and a file.
pub const LARGE_TAIL: usize = 32 << 10;

/// Instances from which on a worker gets pages of its own for all of its image: what its delta changes is then shared by them.
const MANY_INSTANCES: usize = 8;

/// Bytes of a file, mapped for reading.
pub struct Pages {
    /// What is mapped.
    file: Mutex<Arc<OwnedFd>>,
    /// Whether that is an anonymous memory file, which nobody else knows.
    settled: AtomicBool,
    mapping: *const u8,
    length: usize,
    /// Bytes of the file that come before what this value stands for: an image's header. A multiple of the page size.
    skip: usize,
}

// SAFETY: the mapping is read-only for its whole life and owned by this value.
unsafe impl Send for Pages {}
// SAFETY: as above; shared reads only.
unsafe impl Sync for Pages {}

/// What is mapped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// An anonymous memory file.
    Copy,
    /// A file that others know.
    File,
}

/// An anonymous memory file.
fn memory_file() -> rustix::io::Result<OwnedFd> {
    memfd_create("mayfly-image", MemfdFlags::CLOEXEC)
}

/// Copies the first bytes of a file, in the kernel.
fn copy_file(from: impl AsFd, length: usize) -> std::io::Result<OwnedFd> {
    let file = memory_file()?;
    let mut at = 0_u64;
    while (at as usize) < length {
        let rest = length - at as usize;
        if sendfile(&file, from.as_fd(), Some(&mut at), rest)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(file)
}

impl Pages {
    /// A copy of `bytes`, filled up with zeroes to whole pages.
    ///
    /// # Errors
    /// What the system says.
    pub fn copy_of(bytes: &[u8]) -> Result<Pages, CageError> {
        let file = memory_file().map_err(CageError)?;
        let length = bytes.len().next_multiple_of(PAGE);
        rustix::fs::ftruncate(&file, length as u64).map_err(CageError)?;
        let mut rest = bytes;
        while !rest.is_empty() {
            let written = rustix::io::write(&file, rest).map_err(CageError)?;
            rest = &rest[written..];
        }
        Pages::map(file, length, Kept::Copy, false)
    }

    /// A copy of the first `length` bytes of a file, not 0, made by the kernel.
    ///
    /// # Errors
    /// What the system says; `UnexpectedEof` where the file is shorter.
    pub fn copy_of_file(file: &File, length: usize) -> std::io::Result<Pages> {
        Ok(Pages::map(copy_file(file, length)?, length, Kept::Copy, true).map_err(|error| error.0)?)
    }

    /// The first `length` bytes, not 0, of a file itself, which has as many. To be settled soon: see above.
    ///
    /// # Errors
    /// What the system says.
    pub fn of_file(file: File, length: usize) -> std::io::Result<Pages> {
        Ok(Pages::map(file.into(), length, Kept::File, true).map_err(|error| error.0)?)
    }

    /// With `is_read`, all of it is read at once, to be checked: then one call maps all pages, instead of a fault every few.
    fn map(file: OwnedFd, length: usize, kept: Kept, is_read: bool) -> Result<Pages, CageError> {
        let flags = if is_read { MapFlags::PRIVATE | MapFlags::POPULATE } else { MapFlags::PRIVATE };
        // SAFETY: a fresh private read-only mapping at an address the kernel chooses.
        let mapping = unsafe { mmap(std::ptr::null_mut(), length, ProtFlags::READ, flags, file.as_fd(), 0).map_err(CageError)? };
        let settled = AtomicBool::new(kept == Kept::Copy);
        Ok(Pages { file: Mutex::new(Arc::new(file)), settled, mapping: mapping.cast(), length, skip: 0 })
    }

    /// The same without its first bytes, a multiple of the page size.
    pub fn without_first(mut self, bytes: usize) -> Pages {
        debug_assert!(bytes.is_multiple_of(PAGE));
        self.skip = (self.skip + bytes).min(self.length);
        self
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping covers `length` bytes and lives as long as `self`.
        unsafe { &std::slice::from_raw_parts(self.mapping, self.length)[self.skip..] }
    }

    /// Whether no file that others know is mapped.
    pub fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }

    fn file(&self) -> Arc<OwnedFd> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a copy of the file in its place, if all of it is `accepted`. Whether it was.
    ///
    /// # Errors
    /// What the system says; `UnexpectedEof` where the file was cut.
    pub fn settle(&self, accepted: impl FnOnce(&[u8]) -> bool) -> std::io::Result<bool> {
        if self.is_settled() {
            return Ok(true);
        }
        let copy = Pages::map(copy_file(&*self.file(), self.length)?, self.length, Kept::Copy, true).map_err(|error| error.0)?;
        if !accepted(copy.bytes()) {
            return Ok(false);
        }
        let file = copy.file();
        if self.skip > 0 {
            // Nobody reads that any more. It is only memory: what cannot be given back stays.
            let _ = fallocate(&*file, FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE, 0, self.skip as u64);
        }
        let mut current = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let flags = MapFlags::PRIVATE | MapFlags::FIXED;
        // SAFETY: it takes the place of our own mapping of the same length. Whoever reads meanwhile sees one or the other, and past
        // `skip`, before which nobody reads, these have the same bytes.
        unsafe { mmap(self.mapping.cast_mut().cast(), self.length, ProtFlags::READ, flags, file.as_fd(), 0)? };
        *current = file;
        self.settled.store(true, Ordering::Release);
        Ok(true)
    }

    /// Maps the pages privately over others.
    ///
    /// # Safety
    /// `at` begins a range of the caller's own pages, as long as [`Pages::bytes`], to which nothing refers.
    pub(super) unsafe fn map_over(&self, at: *mut u8) -> Result<(), CageError> {
        let (length, protection) = (self.length - self.skip, ProtFlags::READ | ProtFlags::WRITE);
        if length == 0 {
            return Ok(());
        }
        let file = self.file();
        // SAFETY: as the caller promises.
        unsafe { mmap(at.cast(), length, protection, MapFlags::PRIVATE | MapFlags::FIXED, file.as_fd(), self.skip as u64) }
            .map(|_| ())
            .map_err(CageError)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and no slice of it outlives `self`.
        let result = unsafe { munmap(self.mapping.cast_mut().cast(), self.length) };
        debug_assert!(result.is_ok());
    }
}

/// What follows the shared pages.
pub enum Tail {
    /// Copied into each instance.
    Bytes(Box<[u8]>),
    /// Mapped by each instance. The number of bytes that count.
    Pages(Pages, usize),
}

impl Tail {
    fn bytes(&self) -> &[u8] {
        match self {
            Tail::Bytes(bytes) => bytes,
            Tail::Pages(pages, length) => &pages.bytes()[..*length],
        }
    }
}

/// The pristine bytes of an image.
pub struct ImageMemory {
    pages: Arc<Pages>,
    /// By card of the pages: 0 where the card is the pages', else one more than its place in `cards`. Empty without a delta.
    places: Box<[u16]>,
    cards: Box<[u8]>,
    tail: Tail,
    /// All of an image with a delta, once it has many instances.
    all: OnceLock<Pages>,
}

impl ImageMemory {
    /// Pages alone.
    pub fn whole(pages: Pages) -> ImageMemory {
        let tail = Tail::Bytes(Box::default());
        ImageMemory { pages: Arc::new(pages), places: Box::default(), cards: Box::default(), tail, all: OnceLock::new() }
    }

    /// The pages of `base`, which is a whole image, with other cards (their numbers and, one after the other, their bytes) and a tail.
    /// `None` where these do not fit.
    pub fn over(base: &ImageMemory, numbers: &[u32], cards: Box<[u8]>, tail: Tail) -> Option<ImageMemory> {
        let base_cards = base.pages.bytes().len() / CARD;
        let is_right = base.is_whole()
            && numbers.len() < usize::from(u16::MAX)
            && cards.len() == numbers.len() * CARD
            && numbers.is_sorted_by(|a, b| a < b)
            && numbers.last().is_none_or(|&last| (last as usize) < base_cards);
        if !is_right {
            return None;
        }
        let mut places = vec![0; if numbers.is_empty() { 0 } else { base_cards }];
        for (place, &number) in numbers.iter().enumerate() {
            places[number as usize] = place as u16 + 1;
        }
        Some(ImageMemory { pages: base.pages.clone(), places: places.into(), cards, tail, all: OnceLock::new() })
    }

    /// Whether all of it is in memory that nobody else knows: see [`Pages::settle`].
    #[inline]
    pub fn is_settled(&self) -> bool {
        self.pages.is_settled() && self.own_pages().is_none_or(Pages::is_settled)
    }

    /// The pages that are this image's own: all of a whole image, the tail of one over a base when it is large.
    pub fn own_pages(&self) -> Option<&Pages> {
        match &self.tail {
            Tail::Pages(pages, _) => Some(pages),
            Tail::Bytes(_) if self.is_whole() => Some(&self.pages),
            Tail::Bytes(_) => None,
        }
    }

    /// Whether it is pages alone.
    pub fn is_whole(&self) -> bool {
        self.places.is_empty() && self.tail.bytes().is_empty()
    }

    /// Length in bytes.
    pub fn length(&self) -> usize {
        self.pages.bytes().len() + self.tail.bytes().len()
    }

    /// Bytes that are this image's own.
    pub fn own_bytes(&self) -> usize {
        if self.is_whole() { self.pages.bytes().len() } else { 2 * self.places.len() + self.cards.len() + self.tail.bytes().len() }
    }

    /// The pristine bytes of the card that begins at `start`; fewer at the end of the image, none past it.
    #[inline(always)]
    pub fn card(&self, start: usize) -> &[u8] {
        let pages = self.pages.bytes();
        let place = self.places.get(start / CARD).copied().unwrap_or(0);
        let (from, bytes) = if start >= pages.len() {
            (start - pages.len(), self.tail.bytes())
        } else if place == 0 {
            (start, pages)
        } else {
            ((usize::from(place) - 1) * CARD, &*self.cards)
        };
        &bytes[from.min(bytes.len())..(from + CARD).min(bytes.len())]
    }

    /// Pages of all of the image. Made by the first who asks for them.
    fn all(&self) -> Result<&Pages, CageError> {
        if let Some(all) = self.all.get() {
            return Ok(all);
        }
        let mut bytes = Vec::with_capacity(self.length());
        (0..self.length()).step_by(CARD).for_each(|start| bytes.extend_from_slice(self.card(start)));
        let pages = Pages::copy_of(&bytes)?;
        Ok(self.all.get_or_init(|| pages))
    }

    /// Puts the image at the start of a cage, as there are `instances` of it already.
    ///
    /// # Safety
    /// `base` begins a range of the caller's own pages, longer than the image, to which nothing refers.
    pub(super) unsafe fn place(&self, base: *mut u8, instances: usize) -> Result<(), CageError> {
        if instances >= MANY_INSTANCES && !self.is_whole() {
            let all = self.all()?;
            // SAFETY: the range is longer, and nothing else lies in the image's last page.
            return unsafe { all.map_over(base) };
        }
        let end = self.pages.bytes().len();
        // SAFETY: the range begins with as many pages.
        unsafe { self.pages.map_over(base)? };
        for (card, &place) in self.places.iter().enumerate() {
            if place != 0 {
                let bytes = self.card(card * CARD);
                // SAFETY: a card of the pages that were just mapped.
                unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), base.add(card * CARD), bytes.len()) };
            }
        }
        match &self.tail {
            // SAFETY: the range goes on as far as the image does.
            Tail::Bytes(bytes) => unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), base.add(end), bytes.len()) },
            // SAFETY: as above, and nothing else lies in the image's last page.
            Tail::Pages(pages, _) => unsafe { pages.map_over(base.add(end))? },
        }
        Ok(())
    }
}
