//! Deltas: a worker's image as what differs from the base image, which thousands of workers share.
//!
//! An instance that is made from the base has its own cells past the base's last page, and changes few cards before it. So its image is
//! these cards and that tail: some kilobytes where the whole image has hundreds. Which cards are in a delta depends on nothing but the bytes
//! of both images: the same source over the same base gives the same delta.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::format::{self, DELTA_HEADER_BYTES, HEADER_BYTES, Header, ImageKind, check, check_main, read_u32, read_u64};
use super::{Image, ImageError, texts_of_file, texts_part};
use crate::heap::{CARD_BYTES, ImageMemory, LARGE_TAIL, Pages, Tail, Texts};
use crate::native::Natives;

const CARD: usize = CARD_BYTES as usize;
/// Files from this length on are mapped; reading smaller ones is cheaper.
const MAPPED_FROM: u64 = 2 * LARGE_TAIL as u64;

impl DeltaBytes<'_> {
    /// The first bytes, up to where the texts are.
    fn before(&self, texts_at: usize) -> &[u8] {
        match self {
            DeltaBytes::Read(bytes) => &bytes[..texts_at],
            DeltaBytes::Mapped(pages) => pages.bytes(),
        }
    }
}

/// A delta whose checksum and header are right, not yet put over its base.
pub struct Delta<'a> {
    bytes: DeltaBytes<'a>,
    header: Header,
    texts: Arc<Texts>,
}

enum DeltaBytes<'a> {
    Read(Cow<'a, [u8]>),
    Mapped(Pages),
}

impl<'a> Delta<'a> {
    /// Checks the bytes of a delta.
    ///
    /// # Errors
    /// Where it is damaged or of another build.
    pub fn from_bytes(bytes: impl Into<Cow<'a, [u8]>>, natives: &Natives) -> Result<Delta<'a>, ImageError> {
        let bytes = bytes.into();
        let (header, texts) = check(&bytes, ImageKind::Delta, natives)?;
        let texts = Texts::of(texts.into());
        Ok(Delta { bytes: DeltaBytes::Read(bytes), header, texts })
    }

    /// Checks the file of a delta, from its start. A large one is mapped, and its image is to be settled soon: see [`Image::settle`].
    ///
    /// # Errors
    /// Where it cannot be read, or is damaged or of another build.
    pub fn from_file(mut file: File, natives: &Natives) -> Result<Delta<'static>, ImageError> {
        let length = file.metadata()?.len();
        if length < MAPPED_FROM {
            // One byte more than there should be, so that the end is seen by the same call.
            let mut bytes = Vec::with_capacity(length as usize + 1);
            file.read_to_end(&mut bytes)?;
            return Delta::from_bytes(bytes, natives);
        }
        let part = texts_part(&file)?;
        let texts = file.try_clone()?;
        let pages = Pages::of_file(file, part.at)?;
        let header = check_main(pages.bytes(), part, ImageKind::Delta, natives)?;
        Ok(Delta { bytes: DeltaBytes::Mapped(pages), header, texts: texts_of_file(texts, part)? })
    }

    /// Everything before the texts.
    fn bytes(&self) -> &[u8] {
        self.bytes.before(self.header.texts.at)
    }

    /// Checksum of the base over which it was made.
    pub fn base_checksum(&self) -> u64 {
        read_u64(self.bytes(), 56)
    }

    /// Puts it over `base`, whose pages the image shares.
    ///
    /// # Errors
    /// Where it was made over another base.
    pub fn over(self, base: &Arc<Image>) -> Result<Arc<Image>, ImageError> {
        let damaged = |what: &str| Err(ImageError::Damaged(what.to_string()));
        let (header, bytes) = (self.header, self.bytes());
        let (base_length, count) = (read_u32(bytes, 64) as usize, read_u32(bytes, 68));
        if self.base_checksum() != base.checksum || base_length != base.memory.length() {
            return Err(ImageError::Foreign("it was made over another base image".to_string()));
        }
        let tail_length = (header.end as usize).saturating_sub(base_length);
        let tail_at = format::tail_at(count, tail_length);
        if bytes.len() as u64 != tail_at + tail_length as u64 || header.length < base_length as u64 {
            return damaged("its length does not fit its header");
        }
        let (tail_at, count) = (tail_at as usize, count as usize);
        let (numbers, cards) = bytes[DELTA_HEADER_BYTES..tail_at].split_at(count * 4);
        let numbers: Vec<u32> = numbers.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)).collect();
        let cards: Box<[u8]> = cards[..count * CARD].into();
        let tail = match self.bytes {
            DeltaBytes::Mapped(pages) if tail_length >= LARGE_TAIL => Tail::Pages(pages.without_first(tail_at), tail_length),
            bytes => {
                let tail = &bytes.before(header.texts.at)[tail_at..];
                if tail_length < LARGE_TAIL { Tail::Bytes(tail.into()) } else { Tail::Pages(Pages::copy_of(tail)?, tail_length) }
            }
        };
        match ImageMemory::over(&base.memory, &numbers, cards, tail) {
            Some(memory) => Ok(Arc::new(Image {
                memory: Arc::new(memory),
                texts: self.texts,
                end: header.end,
                realm: header.realm,
                checksum: header.checksum,
                base: Some(base.clone()),
                generation: super::next_generation(),
                is_spoiled: AtomicBool::new(false),
            })),
            None => damaged("its cards do not fit its base"),
        }
    }
}

impl Image {
    /// A whole image (as [`crate::Context::to_image_bytes`] gives it) as a delta over `base`.
    ///
    /// # Errors
    /// Where `bytes` is no whole image, or it was not made from this base.
    pub fn delta(bytes: &[u8], base: &Image, natives: &Natives) -> Result<Vec<u8>, ImageError> {
        let (header, texts) = check(bytes, ImageKind::Whole, natives)?;
        let heap = &bytes[HEADER_BYTES..header.texts.at];
        let base_length = base.memory.length();
        if !base.memory.is_whole() || heap.len() < base_length {
            return Err(ImageError::NotReady("it was not made from this base".to_string()));
        }
        let numbers: Vec<u32> = (0..base_length / CARD)
            .filter(|card| heap[card * CARD..(card + 1) * CARD] != *base.memory.card(card * CARD))
            .map(|card| card as u32)
            .collect();
        let tail = &heap[base_length..(header.end as usize).max(base_length)];
        let tail_at = format::tail_at(numbers.len() as u32, tail.len()) as usize;
        let mut delta = vec![0; DELTA_HEADER_BYTES];
        delta.reserve_exact(tail_at - DELTA_HEADER_BYTES + tail.len() + texts.len());
        format::write_header(&mut delta, ImageKind::Delta, natives.fingerprint(), header.length, header.end, header.realm);
        delta[56..64].copy_from_slice(&base.checksum.to_le_bytes());
        delta[64..68].copy_from_slice(&(base_length as u32).to_le_bytes());
        delta[68..72].copy_from_slice(&(numbers.len() as u32).to_le_bytes());
        delta.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        for &number in &numbers {
            let start = number as usize * CARD;
            delta.extend_from_slice(&heap[start..start + CARD]);
        }
        delta.resize(tail_at, 0);
        delta.extend_from_slice(tail);
        format::seal(&mut delta, texts);
        Ok(delta)
    }

    /// Checks a delta and puts it over `base`, whose pages it shares.
    ///
    /// # Errors
    /// Where the delta is damaged, or of another build, or of another base.
    pub fn over(base: &Arc<Image>, delta: &[u8], natives: &Natives) -> Result<Arc<Image>, ImageError> {
        Delta::from_bytes(delta, natives)?.over(base)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::context::{Context, ContextOptions};
    use crate::host::NullHost;

    fn instance(image: &Arc<Image>, natives: &Rc<Natives>) -> Context {
        Context::from_image(image, Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage")
    }

    fn base(hash_key: u32, natives: &Rc<Natives>) -> Arc<Image> {
        let options = ContextOptions { hash_key, ..ContextOptions::default() };
        let context = Context::new(Box::new(NullHost::default()), natives.clone(), options);
        Image::from_bytes(&context.expect("a cage").to_image_bytes().expect("an image"), natives).expect("a good image")
    }

    /// The whole image after `source` ran on an instance of `base`.
    fn built(base: &Arc<Image>, source: &str, natives: &Rc<Natives>) -> Vec<u8> {
        let mut cx = instance(base, natives);
        assert!(cx.evaluate_script(source, "a.js").is_ok());
        cx.to_image_bytes().expect("an image")
    }

    const SOURCE: &str = "globalThis.words = ['ephemera', 'imago'].map(text => text + '!'); globalThis.more = () => words.push('nymph');";

    #[test]
    fn a_delta_over_its_base_is_the_whole_image() {
        let natives = Rc::new(Natives::of_engine());
        let base = base(1, &natives);
        let large = format!("{SOURCE} globalThis.large = [{}];", "{a: 'some text'},".repeat(2000));
        for source in ["", SOURCE, &large] {
            let whole = built(&base, source, &natives);
            let delta = Image::delta(&whole, &base, &natives).expect("a delta");
            assert_eq!(Delta::from_bytes(&delta, &natives).expect("a delta").base_checksum(), base.checksum());
            let image = Image::over(&base, &delta, &natives).expect("a good delta");
            let cx = instance(&image, &natives);
            assert!(cx.heap.cage().slice(0, image.length() as u32) == &whole[HEADER_BYTES..HEADER_BYTES + image.length()]);
            if source == SOURCE {
                assert!(delta.len() * 4 < whole.len(), "{} of {}", delta.len(), whole.len());
            }
        }
    }

    #[test]
    fn resets_bring_back_what_the_delta_says() {
        let natives = Rc::new(Natives::of_engine());
        let base = base(1, &natives);
        let large = format!("{SOURCE} globalThis.large = [{}];", "{a: 'some text'},".repeat(2000));
        for source in [SOURCE, &large] {
            let delta = Image::delta(&built(&base, source, &natives), &base, &natives).expect("a delta");
            let image = Image::over(&base, &delta, &natives).expect("a good delta");
            let mut cx = instance(&image, &natives);
            for _ in 0..3 {
                let source =
                    "more(); words[0] = 'x'; Array.prototype.y = 1; globalThis.large?.fill(0); delete globalThis.Map; words.length";
                let result = cx.evaluate_script(source, "b.js").expect("it runs");
                assert_eq!(result.as_int(), Some(3));
                assert!(cx.verify_reset().is_err());
                assert!(cx.reset() > 1);
                assert_eq!(cx.verify_reset(), Ok(()));
            }
            // Many instances have pages of their own for all of the image.
            let mut many: Vec<Context> = (0..20).map(|_| instance(&image, &natives)).collect();
            for cx in &mut many {
                assert_eq!(cx.verify_reset(), Ok(()));
                assert!(cx.evaluate_script("words[0] = 'x'; globalThis.large?.fill(0); more()", "b.js").is_ok());
                cx.reset();
                assert_eq!(cx.verify_reset(), Ok(()));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let natives = Rc::new(Natives::of_engine());
        let (one, other) = (base(1, &natives), base(2, &natives));
        let whole = built(&one, SOURCE, &natives);
        let delta = Image::delta(&whole, &one, &natives).expect("a delta");
        let refusal = |base: &Arc<Image>, delta: &[u8]| match Image::over(base, delta, &natives) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(refusal(&one, &delta), "");
        assert!(refusal(&other, &delta).contains("another base"));
        assert!(refusal(&one, &whole).contains("MAYFLYDL"));
        assert!(Image::from_bytes(&delta, &natives).is_err());
        let image = Image::over(&one, &delta, &natives).expect("a good delta");
        assert!(refusal(&image, &delta).contains("another base"));
        assert!(Image::delta(&whole, &image, &natives).is_err(), "a delta is no base");
        for length in [0, 7, 8, 87, 88, delta.len() - 1] {
            assert!(refusal(&one, &delta[..length]).contains("damaged"), "cut to {length} bytes");
        }
        for at in (0..delta.len()).step_by(37) {
            let mut bytes = delta.clone();
            bytes[at] ^= 0x10;
            assert_ne!(refusal(&one, &bytes), "", "byte {at}");
        }
        // With a checksum that fits, every field is checked by itself.
        let count = read_u32(&delta, 68);
        assert!(count >= 2);
        let (first, second) = (read_u32(&delta, 88), read_u32(&delta, 92));
        for (at, value, wanted) in [
            (32, 0, "length"),
            (40, read_u32(&delta, 40) - 8, "length"),
            (44, read_u32(&delta, 44) + 4, "realm"),
            (56, 0, "another base"),
            (64, read_u32(&delta, 64) - 4096, "another base"),
            (68, count - 1, "length"),
            (68, u32::MAX, "length"),
            (88, second, "cards"),
            (92, first, "cards"),
            (88 + 4 * (count as usize - 1), one.length() as u32, "cards"),
        ] {
            let mut bytes = delta.clone();
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            format::seal(&mut bytes, &[]);
            assert!(refusal(&one, &bytes).contains(wanted), "{value:#x} at {at}: {}", refusal(&one, &bytes));
        }
    }

    #[test]
    fn the_same_source_gives_the_same_delta() {
        let natives = Rc::new(Natives::of_engine());
        let make = || {
            let base = base(7, &natives);
            Image::delta(&built(&base, SOURCE, &natives), &base, &natives).expect("a delta")
        };
        assert!(make() == make());
    }
}
