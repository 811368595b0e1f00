//! Tests of whole images.

use std::rc::Rc;

use super::format::{LAYOUT_VERSION, read_u32, read_u64, seal};
use super::*;
use crate::host::NullHost;

fn check(bytes: &[u8], natives: &Natives) -> Result<format::Header, ImageError> {
    super::check(bytes, ImageKind::Whole, natives).map(|(header, _)| header)
}

fn image() -> (Vec<u8>, Rc<Natives>) {
    let natives = Rc::new(Natives::of_engine());
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
        seal(&mut bytes, &[]);
        let error = check(&bytes, &natives).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(wanted), "{value:#x} at {at}: {error:?}");
    }
    for length in [0, 1, 7, 55, 56, 4095, 4096, good.len() - 1] {
        assert!(check(&good[..length], &natives).is_err(), "cut to {length} bytes");
    }
}
