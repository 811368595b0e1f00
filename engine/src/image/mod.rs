//! Images: an instance's heap as one flat, position-independent byte range with a checked header, or as what differs from another image.
//!
//! The form of the files is in [`format`], that of deltas in [`delta`].

mod delta;
mod format;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

pub use delta::Delta;
pub use format::ImageKind;
use format::{DELTA_HEADER_BYTES, HEADER_BYTES, TextsPart, check, check_main, checksum};

use crate::context::{Context, ContextOptions};
use crate::heap::{CageError, Heap, ImageMemory, Pages, Ref, Texts};
use crate::host::Host;
use crate::interpreter::Machine;
use crate::interpreter::lookup_cache::Pristine;
use crate::native::Natives;
use crate::realm::Realm;
use crate::value::Value;

/// Texts of files up to this length are read at once: then all of a small image is checked before it is accepted.
const FEW_TEXTS: usize = 64 << 10;

/// Why an image was not made or not accepted.
#[derive(Debug)]
pub enum ImageError {
    /// Not an image, or a damaged one.
    Damaged(String),
    /// Made by another build of the engine.
    Foreign(String),
    /// The instance cannot be an image now.
    NotReady(String),
    /// The system refused.
    Io(std::io::Error),
}

impl std::fmt::Display for ImageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ImageError::Damaged(what) => write!(f, "damaged image: {what}"),
            ImageError::Foreign(what) => write!(f, "image of another build: {what}"),
            ImageError::NotReady(what) => write!(f, "no image can be made: {what}"),
            ImageError::Io(error) => write!(f, "image: {error}"),
        }
    }
}
impl std::error::Error for ImageError {}

impl ImageError {
    fn of_file(error: std::io::Error) -> ImageError {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => ImageError::Damaged("it is empty, or was cut while it was read".to_string()),
            _ => ImageError::Io(error),
        }
    }
}

impl From<std::io::Error> for ImageError {
    fn from(error: std::io::Error) -> Self {
        ImageError::Io(error)
    }
}

impl From<CageError> for ImageError {
    fn from(error: CageError) -> Self {
        ImageError::Io(error.0.into())
    }
}

/// A checked image, ready to be mapped by any number of instances.
pub struct Image {
    memory: Arc<ImageMemory>,
    texts: Arc<Texts>,
    end: u32,
    realm: u32,
    checksum: u64,
    /// The image whose pages it shares: whoever looks for it finds it as long as it is in use.
    base: Option<Arc<Image>>,
    /// Under which the lookup caches of all threads know it: no other image of the process has it.
    generation: u64,
    /// Whether its file was found changed after it had been checked.
    is_spoiled: AtomicBool,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image").field("end", &self.end).field("checksum", &self.checksum).finish_non_exhaustive()
    }
}

impl Image {
    /// Bytes of the heap part.
    pub fn length(&self) -> usize {
        self.end as usize
    }

    /// Bytes that are this image's own: all of a whole one, and little of one that shares a base.
    pub fn own_bytes(&self) -> usize {
        self.memory.own_bytes()
    }

    /// The checksum: what a delta knows its base by.
    pub fn checksum(&self) -> u64 {
        self.checksum
    }

    /// Checks an image of either kind as far as that goes without a base.
    ///
    /// # Errors
    /// Where it is no image, or is damaged or of another build.
    pub fn check(bytes: &[u8], natives: &Natives) -> Result<ImageKind, ImageError> {
        let kind = ImageKind::of(bytes).ok_or_else(|| ImageError::Damaged("it does not begin as images do".to_string()))?;
        check(bytes, kind, natives).map(|_| kind)
    }

    /// Checks a whole image and keeps a copy of it.
    ///
    /// # Errors
    /// Where it is damaged or of another build.
    pub fn from_bytes(bytes: &[u8], natives: &Natives) -> Result<Arc<Image>, ImageError> {
        let (header, texts) = check(bytes, ImageKind::Whole, natives)?;
        Ok(Image::whole(Pages::copy_of(&bytes[HEADER_BYTES..header.texts.at])?, header, Texts::of(texts.into())))
    }

    /// Checks the file of a whole image and keeps a copy of it.
    ///
    /// # Errors
    /// Where it cannot be read, or is damaged or of another build.
    pub fn open(path: &Path, natives: &Natives) -> Result<Arc<Image>, ImageError> {
        let file = File::open(path)?;
        let part = texts_part(&file)?;
        let pages = Pages::copy_of_file(&file, part.at).map_err(ImageError::of_file)?;
        let header = check_main(pages.bytes(), part, ImageKind::Whole, natives)?;
        let texts = texts_of_file(file, part)?;
        if texts.bytes().is_none() {
            return Err(ImageError::Damaged("the checksum of its texts does not fit them".to_string()));
        }
        Ok(Image::whole(pages.without_first(HEADER_BYTES), header, texts))
    }

    /// Checks the file of a whole image and maps it as it is, which takes a twentieth of a millisecond per MB. To be settled soon: see
    /// [`Image::settle`]. Many texts are read and checked when they are first asked for, or then.
    ///
    /// # Errors
    /// Where it cannot be mapped, or is damaged or of another build.
    pub fn from_file(file: File, natives: &Natives) -> Result<Arc<Image>, ImageError> {
        let part = texts_part(&file)?;
        let texts = file.try_clone()?;
        let pages = Pages::of_file(file, part.at).map_err(ImageError::of_file)?;
        let header = check_main(pages.bytes(), part, ImageKind::Whole, natives)?;
        Ok(Image::whole(pages.without_first(HEADER_BYTES), header, texts_of_file(texts, part)?))
    }

    /// Whether nothing of it is in a file that somebody could change or cut.
    pub fn is_settled(&self) -> bool {
        self.memory.is_settled() && self.texts.is_read()
    }

    /// Whether [`Image::settle`] found that its file is no longer what was checked: no instance of it is to run any more.
    pub fn is_spoiled(&self) -> bool {
        self.is_spoiled.load(Ordering::Relaxed)
    }

    /// Copies what is mapped from a file into memory. As long as that is not done, whoever cuts the file ends this process (SIGBUS), and
    /// whoever writes into it changes running instances. Instances that were made before map the copy with the next
    /// [`crate::heap::Heap::refresh`].
    ///
    /// # Errors
    /// Where the system gives no memory, or the file is no longer what it was: then instances may have run what was not checked, and none
    /// is to run any more.
    pub fn settle(&self) -> Result<(), ImageError> {
        if let Some(base) = &self.base {
            base.settle()?;
        }
        let settled = self.memory.own_pages().map_or(Ok(true), |pages| pages.settle(|copy| checksum(copy) == self.checksum));
        let outcome = match settled {
            Ok(true) if self.texts.bytes().is_some() => Ok(()),
            Ok(true) => Err(ImageError::Damaged("its texts do not fit their checksum, or the file was written to".to_string())),
            Ok(false) => Err(ImageError::Damaged("the file was written to while it was in use".to_string())),
            Err(error) => Err(ImageError::of_file(error)),
        };
        if matches!(outcome, Err(ImageError::Damaged(_))) {
            self.is_spoiled.store(true, Ordering::Relaxed);
        }
        outcome
    }

    fn whole(pages: Pages, header: format::Header, texts: Arc<Texts>) -> Arc<Image> {
        Arc::new(Image {
            memory: Arc::new(ImageMemory::whole(pages)),
            texts,
            end: header.end,
            realm: header.realm,
            checksum: header.checksum,
            base: None,
            generation: next_generation(),
            is_spoiled: AtomicBool::new(false),
        })
    }
}

/// Where the texts of a file are.
fn texts_part(file: &File) -> Result<TextsPart, ImageError> {
    let length = file.metadata()?.len();
    let mut start = [0; DELTA_HEADER_BYTES];
    file.read_exact_at(&mut start, 0).map_err(ImageError::of_file)?;
    TextsPart::of(&start, length)
}

/// The texts of a file: few are read and checked now.
fn texts_of_file(file: File, part: TextsPart) -> Result<Arc<Texts>, ImageError> {
    let read = move || {
        let mut bytes = vec![0; part.length];
        file.read_exact_at(&mut bytes, part.at as u64).ok().filter(|()| part.are(&bytes))?;
        Some(bytes.into_boxed_slice())
    };
    if part.length > FEW_TEXTS {
        return Ok(Texts::later(part.length, Box::new(read)));
    }
    read().map(Texts::of).ok_or_else(|| ImageError::Damaged("the checksum of its texts does not fit them".to_string()))
}

/// A generation for an image. Those of contexts count up from 1, these down from the largest number.
fn next_generation() -> u64 {
    static MADE: AtomicU64 = AtomicU64::new(0);
    u64::MAX - MADE.fetch_add(1, Ordering::Relaxed)
}

impl Context {
    /// This instance's heap as an image. Nothing may be running; queued jobs are kept in the image.
    pub fn to_image_bytes(&mut self) -> Result<Vec<u8>, ImageError> {
        if self.machine.depth > 0 {
            return Err(ImageError::NotReady("code is running".to_string()));
        }
        if self.heap.cage().has_shared() {
            return Err(ImageError::NotReady("it shares memory with other agents".to_string()));
        }
        self.collect_garbage();
        self.heap.seal();
        if let Err(error) = self.heap.verify() {
            return Err(ImageError::NotReady(error.to_string()));
        }
        let Some(texts) = self.heap.all_texts() else {
            return Err(ImageError::Damaged("the texts of the image below do not fit their checksum".to_string()));
        };
        let end = self.heap.used_end();
        let length = (end as usize).next_multiple_of(4096);
        let mut bytes = Vec::with_capacity(HEADER_BYTES + length + texts.len());
        bytes.resize(HEADER_BYTES + length, 0);
        let realm = self.machine.realm.0.offset();
        format::write_header(&mut bytes, ImageKind::Whole, self.natives.fingerprint(), length as u64, end, realm);
        bytes[HEADER_BYTES..HEADER_BYTES + end as usize].copy_from_slice(self.heap.cage().slice(0, end));
        format::seal(&mut bytes, &texts);
        Ok(bytes)
    }

    /// A new context with an empty heap and one realm.
    pub fn new(host: Box<dyn Host>, natives: Rc<Natives>, options: ContextOptions) -> Result<Context, CageError> {
        let heap = Heap::new(None, options.limits)?;
        heap.init_atoms(options.hash_key);
        let empty = heap.new_values(0);
        heap.set_root(crate::heap::Root::EmptyValues, Value::cell(empty));
        let mut cx = Context::with_heap(heap, host, natives, options);
        let realm = cx.create_realm();
        cx.machine.realm = realm;
        cx.machine.realm_at_entry = realm;
        Ok(cx)
    }

    /// An instance restored from an image.
    pub fn from_image(
        image: &Arc<Image>,
        host: Box<dyn Host>,
        natives: Rc<Natives>,
        options: ContextOptions,
    ) -> Result<Context, CageError> {
        let mut heap = Heap::new(Some((image.memory.clone(), image.end)), options.limits)?;
        heap.set_texts(image.texts.clone());
        let mut cx = Context::with_heap(heap, host, natives, options);
        cx.machine.realm = Realm(Ref::from_offset(image.realm));
        cx.machine.realm_at_entry = cx.machine.realm;
        cx.pristine = Pristine { generation: image.generation, end: image.end, epoch: cx.heap.shape_epoch() };
        Ok(cx)
    }

    fn with_heap(heap: Heap, host: Box<dyn Host>, natives: Rc<Natives>, options: ContextOptions) -> Context {
        crate::interpreter::decide(false);
        heap.keeps_texts.set(options.becomes_image);
        let lookups = crate::interpreter::lookup_cache::LookupCache::of_thread();
        Context {
            generation: lookups.next_generation(),
            pristine: Pristine::default(),
            lookups,
            array_iteration: crate::iteration::ArrayIteration::default(),
            array_species: Default::default(),
            regexp_getters: Default::default(),
            promise_steps: Default::default(),
            heap,
            machine: Machine::new(),
            host,
            natives,
            exception: Value::HOLE,
            termination: None,
            options,
            temporaries: Vec::new(),
            cycle_stack: Vec::new(),
            agent: crate::agents::Agent::default(),
            regexp_scratch: mayfly_regexp::Scratch::default(),
            profile: None,
        }
    }

    /// Brings the instance back to its image. Returns the number of dirty cards. The host's own state is the embedder's to reset.
    pub fn reset(&mut self) -> u32 {
        let realm = self.machine.realm_at_entry;
        let quantum = self.machine.quantum;
        let cards = self.heap.reset();
        self.machine = Machine::new();
        self.machine.quantum = quantum;
        self.machine.fuel = self.machine.fuel.min(quantum);
        self.machine.realm = realm;
        self.machine.realm_at_entry = realm;
        self.exception = Value::HOLE;
        self.termination = None;
        self.temporaries.clear();
        self.cycle_stack.clear();
        self.generation = self.lookups.next_generation();
        self.agent.reset();
        cards
    }

    /// Compares the image part with the image, byte for byte: after a reset they must be equal.
    ///
    /// # Errors
    /// The first offset that differs.
    pub fn verify_reset(&self) -> Result<(), String> {
        match self.heap.image_difference() {
            None => Ok(()),
            Some(at) => Err(format!("the instance differs from its image at {at:#x} after a reset")),
        }
    }
}
