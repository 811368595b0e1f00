//! Texts beside the heap: what is read of code only for an error, a stack trace, or a function's own text.
//!
//! Source texts, where their lines begin, and which instruction came from where are a quarter of a large image, and next to no request reads
//! them. So those of code that is part of an image are no cells: they follow the heap in the image file, with a checksum of their own, and
//! are read when they are first asked for. Nothing of them is ever written again, so instances share them, and a reset has nothing to do.
//!
//! Code refers to them by number: where an entry begins, which is its length (u32) and its bytes. Code that a running instance makes from
//! strings has all of this in cells, which are collected with it.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{Heap, Raw, Ref};
use crate::value::Value;

/// Reads texts and checks them; `None` where they are not what they were.
pub type Reader = Box<dyn FnOnce() -> Option<Box<[u8]>> + Send>;

/// The texts of an image.
pub struct Texts {
    length: usize,
    bytes: OnceLock<Option<Box<[u8]>>>,
    reader: Mutex<Option<Reader>>,
}

impl Texts {
    /// Texts that have been read and checked.
    pub fn of(bytes: Box<[u8]>) -> Arc<Texts> {
        Arc::new(Texts { length: bytes.len(), bytes: OnceLock::from(Some(bytes)), reader: Mutex::default() })
    }

    /// Texts of so many bytes that are read by whoever asks for them first.
    pub fn later(length: usize, reader: Reader) -> Arc<Texts> {
        Arc::new(Texts { length, bytes: OnceLock::new(), reader: Mutex::new(Some(reader)) })
    }

    /// How many bytes they have.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Whether they have been read, or were found to be damaged.
    pub fn is_read(&self) -> bool {
        self.bytes.get().is_some()
    }

    /// The texts. `None` where they are not what they were when the image was made.
    pub fn bytes(&self) -> Option<&[u8]> {
        let read = || {
            let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner).take()?;
            reader().filter(|bytes| bytes.len() == self.length)
        };
        self.bytes.get_or_init(read).as_deref()
    }
}

/// The entry that begins at `at`.
fn entry(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let (length, rest) = bytes.get(at..)?.split_first_chunk::<4>()?;
    rest.get(..u32::from_le_bytes(*length) as usize)
}

impl Heap {
    /// The texts of the image below.
    pub(crate) fn set_texts(&mut self, texts: Arc<Texts>) {
        self.texts = Some(texts);
    }

    /// Puts bytes beside the heap, if it is to become an image, and else into a cell: a value for [`Heap::read_text`].
    pub fn new_text(&self, bytes: &[u8]) -> Value {
        let before = self.texts.as_ref().map_or(0, |texts| texts.length());
        let mut own = self.own_texts.borrow_mut();
        let place = i32::try_from(before + own.len()).ok().zip(u32::try_from(bytes.len()).ok()).filter(|_| self.keeps_texts.get());
        let Some((at, length)) = place else {
            drop(own);
            let cell = self.new_raw(bytes.len() as u32);
            self.cage().write_bytes(cell.data(), bytes);
            return Value::cell(cell);
        };
        own.extend_from_slice(&length.to_le_bytes());
        own.extend_from_slice(bytes);
        Value::int(at)
    }

    /// Hands out what [`Heap::new_text`] kept. `None` where the value stands for no text, or the image's texts are damaged.
    pub fn read_text<R>(&self, text: Value, read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        if let Some(cell) = text.as_cell::<Raw>() {
            return Some(read(Ref::<Raw>::bytes(cell, self)));
        }
        let at = text.as_int().and_then(|at| usize::try_from(at).ok())?;
        let before = self.texts.as_ref().map_or(0, |texts| texts.length());
        match at.checked_sub(before) {
            Some(at) => entry(&self.own_texts.borrow(), at).map(read),
            None => entry(self.texts.as_ref()?.bytes()?, at).map(read),
        }
    }

    /// All texts that an image of this heap has. `None` where those of the image below are damaged.
    pub(crate) fn all_texts(&self) -> Option<Vec<u8>> {
        let mut all = match &self.texts {
            Some(texts) => texts.bytes()?.to_vec(),
            None => Vec::new(),
        };
        all.extend_from_slice(&self.own_texts.borrow());
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::HeapLimits;

    fn heap(keeps: bool) -> Heap {
        let heap = Heap::new(None, HeapLimits::default()).expect("a cage");
        heap.keeps_texts.set(keeps);
        heap
    }

    #[test]
    fn texts_are_found_beside_the_heap_and_in_cells() {
        for keeps in [true, false] {
            let heap = heap(keeps);
            let texts = ["one", "", "three"].map(|text| heap.new_text(text.as_bytes()));
            let read = |value| heap.read_text(value, |bytes| bytes.to_vec());
            assert_eq!(texts.map(read), [Some(b"one".to_vec()), Some(Vec::new()), Some(b"three".to_vec())]);
            assert_eq!(texts[0].is_int(), keeps);
            assert_eq!(heap.all_texts().expect("texts").len(), if keeps { 3 * 4 + 8 } else { 0 });
            for nothing in [Value::UNDEFINED, Value::int(-1), Value::int(1 << 20), Value::int(18)] {
                assert_eq!(read(nothing), None);
            }
        }
    }

    #[test]
    fn those_of_an_image_come_before_those_of_its_instance() {
        let below = heap(true);
        let (one, two) = (below.new_text(b"one"), below.new_text(b"two"));
        let bytes: Box<[u8]> = below.all_texts().expect("texts").into();
        let later = {
            let bytes = bytes.clone();
            Texts::later(bytes.len(), Box::new(move || Some(bytes)))
        };
        for texts in [Texts::of(bytes.clone()), later] {
            let mut heap = heap(true);
            heap.set_texts(texts.clone());
            let three = heap.new_text(b"three");
            let read = |value| heap.read_text(value, |bytes| bytes.to_vec());
            assert_eq!([one, two, three].map(read), [b"one".to_vec(), b"two".to_vec(), b"three".to_vec()].map(Some));
            assert!(texts.is_read());
            assert_eq!(heap.all_texts().expect("texts").len(), bytes.len() + 4 + 5);
        }
        for reader in [Box::new(|| None) as Reader, Box::new(|| Some(Box::default()))] {
            let texts = Texts::later(bytes.len(), reader);
            assert!(!texts.is_read());
            let mut heap = heap(true);
            heap.set_texts(texts.clone());
            assert_eq!(heap.read_text(one, |bytes| bytes.to_vec()), None);
            assert!(heap.all_texts().is_none() && texts.is_read() && texts.bytes().is_none());
        }
    }
}
