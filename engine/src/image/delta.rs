//! Deltas: a worker's image as what differs from the base image, which thousands of workers share.
//!
//! An instance that is made from the base has its own cells past the base's last page, and changes few cards before it. So its image is
//! these cards and that tail: some kilobytes where the whole image has hundreds. Which cards are in a delta depends on nothing but the bytes
//! of both images: the same source over the same base gives the same delta.

use std::sync::Arc;

use super::format::{self, DELTA_HEADER_BYTES, HEADER_BYTES, ImageKind, check, read_u32, read_u64};
use super::{Image, ImageError};
use crate::heap::{CARD_BYTES, ImageMemory};
use crate::native::Natives;

const CARD: usize = CARD_BYTES as usize;

impl Image {
    /// A whole image (as [`crate::Context::to_image_bytes`] gives it) as a delta over `base`.
    ///
    /// # Errors
    /// Where `bytes` is no whole image, or it was not made from this base.
    pub fn delta(bytes: &[u8], base: &Image, natives: &Natives) -> Result<Vec<u8>, ImageError> {
        let header = check(bytes, ImageKind::Whole, natives)?;
        let heap = &bytes[HEADER_BYTES..];
        let base_length = base.memory.length();
        if !base.memory.is_whole() || heap.len() < base_length {
            return Err(ImageError::NotReady("it was not made from this base".to_string()));
        }
        let numbers: Vec<u32> = (0..base_length / CARD)
            .filter(|card| heap[card * CARD..(card + 1) * CARD] != *base.memory.card(card * CARD))
            .map(|card| card as u32)
            .collect();
        let tail = &heap[base_length..(header.end as usize).max(base_length)];
        let mut delta = vec![0; DELTA_HEADER_BYTES];
        delta.reserve_exact(numbers.len() * (4 + CARD) + tail.len());
        format::write_header(&mut delta, ImageKind::Delta, natives.fingerprint(), header.length, header.end, header.realm);
        delta[56..64].copy_from_slice(&base.checksum.to_le_bytes());
        delta[64..68].copy_from_slice(&(base_length as u32).to_le_bytes());
        delta[68..72].copy_from_slice(&(numbers.len() as u32).to_le_bytes());
        delta.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        for &number in &numbers {
            let start = number as usize * CARD;
            delta.extend_from_slice(&heap[start..start + CARD]);
        }
        delta.extend_from_slice(tail);
        format::seal(&mut delta);
        Ok(delta)
    }

    /// Checks a delta and puts it over `base`, whose pages it shares.
    ///
    /// # Errors
    /// Where the delta is damaged, or of another build, or of another base.
    pub fn over(base: &Arc<Image>, delta: &[u8], natives: &Natives) -> Result<Arc<Image>, ImageError> {
        let damaged = |what: &str| Err(ImageError::Damaged(what.to_string()));
        let header = check(delta, ImageKind::Delta, natives)?;
        let (base_length, count) = (read_u32(delta, 64) as usize, read_u32(delta, 68) as usize);
        if read_u64(delta, 56) != base.checksum || base_length != base.memory.length() {
            return Err(ImageError::Foreign("it was made over another base image".to_string()));
        }
        let rest = &delta[DELTA_HEADER_BYTES..];
        let tail_length = (header.end as usize).saturating_sub(base_length);
        let wanted = count as u64 * (4 + CARD as u64) + tail_length as u64;
        if rest.len() as u64 != wanted || header.length < base_length as u64 {
            return damaged("its length does not fit its header");
        }
        let (numbers, rest) = rest.split_at(count * 4);
        let (cards, tail) = rest.split_at(count * CARD);
        let numbers: Vec<u32> = numbers.as_chunks::<4>().0.iter().map(|number| u32::from_le_bytes(*number)).collect();
        match ImageMemory::over(&base.memory, &numbers, cards, tail)? {
            Some(memory) => Ok(Arc::new(Image {
                memory: Arc::new(memory),
                end: header.end,
                realm: header.realm,
                checksum: header.checksum,
                _base: Some(base.clone()),
            })),
            None => damaged("its cards do not fit its base"),
        }
    }

    /// Checksum of the base over which a delta was made, if `delta` is one. It says nothing of whether the delta is good.
    pub fn base_of(delta: &[u8]) -> Option<u64> {
        (ImageKind::of(delta) == Some(ImageKind::Delta) && delta.len() >= DELTA_HEADER_BYTES).then(|| read_u64(delta, 56))
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
        let natives = Rc::new(Natives::new(&[]));
        let base = base(1, &natives);
        let large = format!("{SOURCE} globalThis.large = [{}];", "{a: 'some text'},".repeat(2000));
        for source in ["", SOURCE, &large] {
            let whole = built(&base, source, &natives);
            let delta = Image::delta(&whole, &base, &natives).expect("a delta");
            assert_eq!(Image::base_of(&delta), Some(base.checksum()));
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
        let natives = Rc::new(Natives::new(&[]));
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
        let natives = Rc::new(Natives::new(&[]));
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
        for length in [0, 7, 8, 71, 72, delta.len() - 1] {
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
        let (first, second) = (read_u32(&delta, 72), read_u32(&delta, 76));
        for (at, value, wanted) in [
            (32, 0, "length"),
            (40, read_u32(&delta, 40) - 8, "length"),
            (44, read_u32(&delta, 44) + 4, "realm"),
            (56, 0, "another base"),
            (64, read_u32(&delta, 64) - 4096, "another base"),
            (68, count - 1, "length"),
            (68, u32::MAX, "length"),
            (72, second, "cards"),
            (76, first, "cards"),
            (72 + 4 * (count as usize - 1), one.length() as u32, "cards"),
        ] {
            let mut bytes = delta.clone();
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            format::seal(&mut bytes);
            assert!(refusal(&one, &bytes).contains(wanted), "{value:#x} at {at}: {}", refusal(&one, &bytes));
        }
    }

    #[test]
    fn the_same_source_gives_the_same_delta() {
        let natives = Rc::new(Natives::new(&[]));
        let make = || {
            let base = base(7, &natives);
            Image::delta(&built(&base, SOURCE, &natives), &base, &natives).expect("a delta")
        };
        assert!(make() == make());
    }
}
