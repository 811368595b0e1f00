//! Images: an instance's heap as one flat, position-independent byte range with a checked header.
//!
//! | offset | what |
//! |---|---|
//! | 0 | magic `MAYFLYIM` |
//! | 8 | layout version (u32), header length (u32) |
//! | 16 | fingerprint of the native table (u64) |
//! | 24 | fingerprint of the opcode table (u64) |
//! | 32 | length of the heap part (u64) |
//! | 40 | end of the last cell (u32), realm record (u32) |
//! | 48 | checksum of everything after this field and of bytes 0–47 (u64) |
//!
//! The header fills one page; the heap part follows and is mapped as it is.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use crate::bytecode::Op;
use crate::context::{Context, ContextOptions};
use crate::heap::{CageError, Heap, ImageMemory, Ref};
use crate::host::Host;
use crate::interpreter::Machine;
use crate::native::Natives;
use crate::realm::Realm;
use crate::value::Value;

const MAGIC: &[u8; 8] = b"MAYFLYIM";
/// Advanced by every change of cell layouts, intrinsics or well-known atoms.
const LAYOUT_VERSION: u32 = 2;
const HEADER_BYTES: usize = 4096;

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
    end: u32,
    realm: u32,
}

impl Image {
    /// Bytes of the heap part.
    pub fn length(&self) -> usize {
        self.end as usize
    }

    /// Checks `bytes` and keeps them in an anonymous memory file.
    pub fn from_bytes(bytes: &[u8], natives: &Natives) -> Result<Arc<Image>, ImageError> {
        let (end, realm) = check(bytes, natives)?;
        let file = rustix::fs::memfd_create("mayfly-image", rustix::fs::MemfdFlags::CLOEXEC).map_err(std::io::Error::from)?;
        write_all(&file, &bytes[HEADER_BYTES..])?;
        let memory = ImageMemory::map(file, 0, bytes.len() - HEADER_BYTES)?;
        Ok(Arc::new(Image { memory: Arc::new(memory), end, realm }))
    }

    /// Opens and checks an image file; its pages are shared with every process that uses it.
    pub fn open(path: &Path, natives: &Natives) -> Result<Arc<Image>, ImageError> {
        let bytes = std::fs::read(path)?;
        // A file that changes under a mapping would change running instances: keep a private copy.
        Image::from_bytes(&bytes, natives)
    }
}

fn write_all(file: &OwnedFd, mut bytes: &[u8]) -> Result<(), ImageError> {
    while !bytes.is_empty() {
        let written = rustix::io::write(file, bytes).map_err(std::io::Error::from)?;
        bytes = &bytes[written..];
    }
    Ok(())
}

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

fn read_u64(bytes: &[u8], at: usize) -> u64 {
    u64::from(read_u32(bytes, at)) | u64::from(read_u32(bytes, at + 4)) << 32
}

fn opcode_fingerprint() -> u64 {
    let mut hash = Checksum::new();
    for (op, name) in Op::NAMES.iter().enumerate() {
        hash.add(name.as_bytes());
        hash.add(format!("{:?}{}", Op::KINDS[op], Op::DOCS[op]).as_bytes());
    }
    hash.finish()
}

/// A 64-bit checksum over 8-byte words in four lanes; any single changed byte changes it.
struct Checksum {
    lanes: [u64; 4],
    length: u64,
}

impl Checksum {
    fn new() -> Checksum {
        Checksum { lanes: [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x27D4_EB2F_1656_67C5], length: 0 }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        for (i, chunk) in bytes.chunks(8).enumerate() {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let lane = &mut self.lanes[i % 4];
            // Every step is a bijection of the lane for a given word, and of the word for a given lane.
            *lane = (*lane ^ u64::from_le_bytes(word)).wrapping_mul(0x9FB2_1C65_1E98_DF25).rotate_left(31);
        }
    }

    fn finish(self) -> u64 {
        let mut hash = self.length;
        for lane in self.lanes {
            hash = (hash ^ lane).wrapping_mul(0x9FB2_1C65_1E98_DF25);
            hash ^= hash >> 29;
        }
        hash
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut hash = Checksum::new();
    hash.add(&bytes[..48]);
    hash.add(&bytes[56..]);
    hash.finish()
}

/// Checks an image; its end of cells and realm.
fn check(bytes: &[u8], natives: &Natives) -> Result<(u32, u32), ImageError> {
    let damaged = |what: &str| Err(ImageError::Damaged(what.to_string()));
    if bytes.len() < HEADER_BYTES {
        return damaged("shorter than a header");
    }
    if &bytes[..8] != MAGIC {
        return damaged("it does not begin with MAYFLYIM");
    }
    if read_u64(bytes, 48) != checksum(bytes) {
        return damaged("its checksum does not fit its contents");
    }
    if read_u32(bytes, 8) != LAYOUT_VERSION || read_u32(bytes, 12) as usize != HEADER_BYTES {
        return Err(ImageError::Foreign(format!("layout version {} where this build has {LAYOUT_VERSION}", read_u32(bytes, 8))));
    }
    if read_u64(bytes, 16) != natives.fingerprint() {
        return Err(ImageError::Foreign("its native functions are not this build's".to_string()));
    }
    if read_u64(bytes, 24) != opcode_fingerprint() {
        return Err(ImageError::Foreign("its opcodes are not this build's".to_string()));
    }
    let length = read_u64(bytes, 32);
    let end = read_u32(bytes, 40);
    if length != (bytes.len() - HEADER_BYTES) as u64 || !length.is_multiple_of(4096) || u64::from(end) > length {
        return damaged("its length does not fit its header");
    }
    let realm = read_u32(bytes, 44);
    if realm < crate::heap::FIRST_CELL || realm >= end || !realm.is_multiple_of(8) {
        return damaged("its realm is not in its heap");
    }
    Ok((end, realm))
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
        let end = self.heap.used_end();
        let length = (end as usize).next_multiple_of(4096);
        let mut bytes = vec![0; HEADER_BYTES + length];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&LAYOUT_VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&(HEADER_BYTES as u32).to_le_bytes());
        bytes[16..24].copy_from_slice(&self.natives.fingerprint().to_le_bytes());
        bytes[24..32].copy_from_slice(&opcode_fingerprint().to_le_bytes());
        bytes[32..40].copy_from_slice(&(length as u64).to_le_bytes());
        bytes[40..44].copy_from_slice(&end.to_le_bytes());
        bytes[44..48].copy_from_slice(&self.machine.realm.0.offset().to_le_bytes());
        bytes[HEADER_BYTES..HEADER_BYTES + end as usize].copy_from_slice(self.heap.cage().slice(0, end));
        let sum = checksum(&bytes);
        bytes[48..56].copy_from_slice(&sum.to_le_bytes());
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
        let heap = Heap::new(Some((image.memory.clone(), image.end)), options.limits)?;
        let mut cx = Context::with_heap(heap, host, natives, options);
        cx.machine.realm = Realm(Ref::from_offset(image.realm));
        cx.machine.realm_at_entry = cx.machine.realm;
        Ok(cx)
    }

    fn with_heap(heap: Heap, host: Box<dyn Host>, natives: Rc<Natives>, options: ContextOptions) -> Context {
        crate::interpreter::decide(false);
        let lookups = crate::interpreter::lookup_cache::LookupCache::of_thread();
        Context {
            generation: lookups.next_generation(),
            lookups,
            array_iteration: crate::iteration::ArrayIteration::default(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::NullHost;

    fn image() -> (Vec<u8>, Rc<Natives>) {
        let natives = Rc::new(Natives::new(&[]));
        let context = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default());
        let bytes = context.expect("a cage").to_image_bytes().expect("an image");
        (bytes, natives)
    }

    /// Every field of the header is checked by itself too, for files whose checksum fits.
    #[test]
    fn fields_of_the_header() {
        let (good, natives) = image();
        assert!(check(&good, &natives).is_ok());
        let end = u64::from(read_u32(&good, 40));
        let length = read_u64(&good, 32);
        for (at, width, value, wanted) in [
            (0, 8, 0, "does not begin with MAYFLYIM"),
            (8, 4, u64::from(LAYOUT_VERSION) + 1, "layout version"),
            (12, 4, 8192, "layout version"),
            (16, 8, 0, "native functions"),
            (24, 8, 0, "opcodes"),
            (32, 8, length + 4096, "length does not fit"),
            (32, 8, u64::MAX, "length does not fit"),
            (40, 4, length + 8, "length does not fit"),
            (44, 4, end, "realm"),
            (44, 4, 0, "realm"),
            (44, 4, u64::from(read_u32(&good, 44)) + 4, "realm"),
        ] {
            let mut bytes = good.clone();
            bytes[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            let sum = checksum(&bytes);
            bytes[48..56].copy_from_slice(&sum.to_le_bytes());
            let error = check(&bytes, &natives).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(wanted), "{value:#x} at {at}: {error:?}");
        }
        for length in [0, 1, 7, 55, 56, 4095, 4096, good.len() - 1] {
            assert!(check(&good[..length], &natives).is_err(), "cut to {length} bytes");
        }
    }
}
