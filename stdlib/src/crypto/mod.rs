//! Web Cryptography. <https://w3c.github.io/webcrypto/>
//!
//! A method of [`SubtleCrypto`] normalizes its algorithms and copies its bytes; then the operation itself (`operations`) runs on plain
//! Rust values, on this thread or on another (`job`), and what it results in becomes objects and settles the promise.

mod aes;
mod algorithm;
mod der;
mod derivation;
pub(crate) mod digest_stream;
mod ec;
mod failure;
mod hash;
mod import;
mod job;
mod jwk;
pub(crate) mod key;
mod okp;
mod operations;
mod params;
mod random;
mod rsa;
mod rsa_operations;
mod secret;
mod subtle;

pub use digest_stream::DigestStream;
pub use key::CryptoKey;
pub use subtle::SubtleCrypto;

use crate::dom_exception;
use crate::platform::with_platform;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::typed_array::{self, ElementType, View};

/// Classes that inherit from streams.
pub(crate) const STREAM_CLASSES: &[ClassEntry] = &[DigestStream::ENTRY];

/// Most bytes of one call to getRandomValues.
const RANDOM_QUOTA: u32 = 65536;

/// Randomness, and the way to `subtle`.
#[interface(name = "Crypto", class = class::CRYPTO)]
impl Crypto {
    // https://w3c.github.io/webcrypto/#Crypto-attribute-subtle
    #[getter(ts = "SubtleCrypto")]
    fn subtle(cx: &mut Context, _this: Object) -> Result<Value> {
        Ok(cx.embedder_root(roots::SUBTLE_CRYPTO))
    }

    // https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#constructors
    #[getter(name = "DigestStream", ts = "{ prototype: DigestStream; new(algorithm: AlgorithmIdentifier): DigestStream }")]
    fn digest_stream(cx: &mut Context, _this: Object) -> Result<Object> {
        Ok(cx.intrinsic(Intrinsic::embedder(2 * class::DIGEST_STREAM + 1)))
    }

    // https://w3c.github.io/webcrypto/#Crypto-method-getRandomValues
    #[method(ts = "<T extends ArrayBufferView>(array: T): T")]
    fn get_random_values(cx: &mut Context, _this: Object, array: Object) -> Result<Object> {
        let place = Place::method("Crypto", "getRandomValues");
        if !matches!(array.kind(&cx.heap), Kind::TypedArray | Kind::DataView) {
            return Err(place.argument(0).wrong_type(cx, "ArrayBufferView"));
        }
        let integer = array.is(&cx.heap, Kind::TypedArray)
            && View::of(&cx.heap, array)
                .is_none_or(|view| !matches!(view.ty, ElementType::Float16 | ElementType::Float32 | ElementType::Float64));
        if !integer {
            let message = place.message("The provided ArrayBufferView is not an integer array type.");
            return Err(dom_exception::throw(cx, "TypeMismatchError", &message));
        }
        let length = typed_array::byte_range(&cx.heap, array.value()).map_or(0, |(_, length)| length);
        if length > RANDOM_QUOTA {
            let detail = format!(
                "The ArrayBufferView's byte length ({length}) exceeds the number of bytes of entropy available via this API ({RANDOM_QUOTA})."
            );
            // The exception says neither quota nor requested amount.
            let error = dom_exception::create_quota_exceeded(cx, &place.message(&detail), None, None);
            return Err(cx.throw(error.value()));
        }
        let mut bytes = vec![0; length as usize];
        with_platform(cx, |platform| platform.fill_random(&mut bytes))?;
        typed_array::write_bytes(cx, array.value(), 0, &bytes);
        Ok(array)
    }

    // https://w3c.github.io/webcrypto/#Crypto-method-randomUUID
    #[method(name = "randomUUID", ts = "`${string}-${string}-${string}-${string}-${string}`")]
    fn random_uuid(cx: &mut Context, _this: Object) -> Result<String> {
        let mut bytes = [0; 16];
        with_platform(cx, |platform| platform.fill_random(&mut bytes))?;
        bytes[6] = bytes[6] & 0x0F | 0x40;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        let mut text = String::with_capacity(36);
        for (i, byte) in bytes.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push_str(&format!("{byte:02x}"));
        }
        Ok(text)
    }
}

/// `crypto` of the global object.
#[namespace(global)]
impl CryptoAttribute {
    #[getter(ts = "Crypto")]
    fn crypto(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::CRYPTO))
    }
}

/// Makes the one instance of each class.
pub fn install(cx: &mut Context) {
    let crypto = new_instance::<Crypto>(cx);
    cx.set_embedder_root(roots::CRYPTO, crypto.value());
    let subtle = new_instance::<SubtleCrypto>(cx);
    cx.set_embedder_root(roots::SUBTLE_CRYPTO, subtle.value());
}
