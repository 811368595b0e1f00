//! Web Cryptography: random values and digests. <https://w3c.github.io/webcrypto/>

use crate::dom_exception;
use crate::platform::with_platform;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::typed_array::{self, ElementType, View};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Most bytes of one call to getRandomValues.
const RANDOM_QUOTA: u32 = 65536;

/// Randomness, and the way to `subtle`.
#[interface(name = "Crypto", class = class::CRYPTO)]
impl Crypto {
    // https://w3c.github.io/webcrypto/#Crypto-attribute-subtle
    #[getter]
    fn subtle(cx: &mut Context, _this: Object) -> Result<Value> {
        Ok(cx.embedder_root(roots::SUBTLE_CRYPTO))
    }

    // https://w3c.github.io/webcrypto/#Crypto-method-getRandomValues
    #[method]
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
            let error =
                dom_exception::create_quota_exceeded(cx, &place.message(&detail), Some(f64::from(RANDOM_QUOTA)), Some(f64::from(length)));
            return Err(cx.throw(error.value()));
        }
        let mut bytes = vec![0; length as usize];
        with_platform(cx, |platform| platform.fill_random(&mut bytes))?;
        typed_array::write_bytes(cx, array.value(), 0, &bytes);
        Ok(array)
    }

    // https://w3c.github.io/webcrypto/#Crypto-method-randomUUID
    #[method(name = "randomUUID")]
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

/// Name of an AlgorithmIdentifier: a string, or an object with `name`. <https://w3c.github.io/webcrypto/#algorithm-normalization-normalize-an-algorithm>
fn algorithm_name(cx: &mut Context, algorithm: Value, place: &Place<'_>) -> Result<String> {
    match algorithm.as_object() {
        Some(object) => {
            let name = cx.get(object, mayfly_engine::string::atoms::key::name)?;
            if name.is_undefined() {
                return Err(place.type_error(cx, "Algorithm: name: Missing or not a string"));
            }
            cx.to_text(name)
        }
        None => cx.to_text(algorithm),
    }
}

/// Cryptographic operations.
#[interface(name = "SubtleCrypto", class = class::SUBTLE_CRYPTO)]
impl SubtleCrypto {
    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-digest
    #[promise_method]
    fn digest(cx: &mut Context, _this: Object, algorithm: Value, data: BufferSource) -> Result<Object> {
        let place = Place::method("SubtleCrypto", "digest");
        let name = algorithm_name(cx, algorithm, &place)?;
        let bytes = typed_array::bytes(&cx.heap, data.value()).unwrap_or(&[]);
        let digest = match name.to_ascii_uppercase().as_str() {
            "SHA-1" => Sha1::digest(bytes).to_vec(),
            "SHA-256" => Sha256::digest(bytes).to_vec(),
            "SHA-384" => Sha384::digest(bytes).to_vec(),
            "SHA-512" => Sha512::digest(bytes).to_vec(),
            _ => {
                let message = place.message("Algorithm: Unrecognized name");
                return Err(dom_exception::throw(cx, "NotSupportedError", &message));
            }
        };
        // Hashing costs about as much as this many steps of the interpreter.
        let length = typed_array::byte_range(&cx.heap, data.value()).map_or(0, |(_, length)| length);
        cx.spend_fuel(u64::from(length) / 16)?;
        Ok(typed_array::create_array_buffer(cx, &digest))
    }
}

/// `crypto` of the global object.
#[namespace(global)]
impl CryptoAttribute {
    #[getter]
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
