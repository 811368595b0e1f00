//! SubtleCrypto. <https://w3c.github.io/webcrypto/#subtlecrypto-interface>
//!
//! Each method does what comes before "return promise and perform the remaining steps in parallel", then gives the rest to `job::run`.

use super::algorithm::{AlgorithmIdentifier, Normalized, Operation, normalize, normalize_either, normalize_hash};
use super::failure::{Failure, Outcome, message};
use super::import::{Exported, KeyData, KeyFormat, Wanted};
use super::job::{self, Done};
use super::jwk::JsonWebKey;
use super::key::{self, CryptoKey, Key, KeyUsage, Usages};
use super::operations::{self, cost};
use super::random::{self, Random};
use super::secret::require_usage;
use crate::webidl::prelude::*;
use crate::webidl::{Type, Typed};
use ::subtle::ConstantTimeEq;

/// (BufferSource or JsonWebKey)
enum KeyDataArgument {
    Buffer(BufferSource),
    Jwk(Box<JsonWebKey>),
}

impl Typed for KeyDataArgument {
    fn declared() -> Type {
        Type::Union("", Vec::from([BufferSource::declared(), JsonWebKey::declared()]))
    }
}

impl FromJs for KeyDataArgument {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<KeyDataArgument> {
        if BufferSource::is_one(cx, value) {
            return BufferSource::from_js(cx, value, place).map(KeyDataArgument::Buffer);
        }
        JsonWebKey::from_js(cx, value, place).map(|jwk| KeyDataArgument::Jwk(Box::new(jwk)))
    }
}

fn place(method: &'static str) -> Place<'static> {
    Place::method("SubtleCrypto", method)
}

/// A copy of the bytes held by a buffer source, which is charged to the instance.
fn copy(cx: &mut Context, data: BufferSource) -> Result<Vec<u8>> {
    let bytes = data.bytes(cx);
    cx.reserve(bytes.len() as u64)?;
    Ok(bytes)
}

fn random_for(cx: &mut Context, algorithm: &Normalized) -> Result<Option<Random>> {
    if operations::needs_random(algorithm.id) { random::generator(cx).map(Some) } else { Ok(None) }
}

/// "If the name member of normalizedAlgorithm is not equal to the name attribute of the [[algorithm]] internal slot of key then throw an
/// InvalidAccessError", and the same for a usage that the key does not have.
fn check(algorithm: &Normalized, key: &Key, usage: KeyUsage) -> Outcome<()> {
    if algorithm.id != key.algorithm.id {
        return Err(Failure::InvalidAccess("The key is not of the requested algorithm."));
    }
    require_usage(key, usage)
}

/// Bytes from bytes with a key: the "encrypt", "decrypt" or "sign" operation.
type Transform = fn(&Normalized, &Key, &[u8], Option<Random>) -> Outcome<Vec<u8>>;

/// The methods encrypt, decrypt and sign, which the standard words alike. They are named like the usage that they ask for.
fn transform(
    cx: &mut Context,
    (operation, usage, perform): (Operation, KeyUsage, Transform),
    algorithm: &AlgorithmIdentifier,
    key: Instance<CryptoKey>,
    data: BufferSource,
) -> Result<Object> {
    let algorithm = normalize(cx, operation, algorithm, &place(usage.as_str()))?;
    let data = copy(cx, data)?;
    let key = key::read(cx, key.object)?;
    let random = random_for(cx, &algorithm)?;
    job::run(cx, cost::operation(&key, data.len()), move || {
        check(&algorithm, &key, usage)?;
        perform(&algorithm, &key, &data, random).map(Done::Bytes)
    })
}

/// Cryptographic operations.
#[interface(name = "SubtleCrypto", class = class::SUBTLE_CRYPTO, uses = [JsonWebKey, KeyFormat, KeyUsage])]
impl SubtleCrypto {
    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-encrypt
    #[promise_method(ts = "ArrayBuffer")]
    fn encrypt(
        cx: &mut Context,
        _this: Object,
        algorithm: AlgorithmIdentifier,
        key: Instance<CryptoKey>,
        data: BufferSource,
    ) -> Result<Object> {
        transform(cx, (Operation::Encrypt, KeyUsage::Encrypt, operations::encrypt), &algorithm, key, data)
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-decrypt
    #[promise_method(ts = "ArrayBuffer")]
    fn decrypt(
        cx: &mut Context,
        _this: Object,
        algorithm: AlgorithmIdentifier,
        key: Instance<CryptoKey>,
        data: BufferSource,
    ) -> Result<Object> {
        transform(cx, (Operation::Decrypt, KeyUsage::Decrypt, operations::decrypt), &algorithm, key, data)
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-sign
    #[promise_method(ts = "ArrayBuffer")]
    fn sign(
        cx: &mut Context,
        _this: Object,
        algorithm: AlgorithmIdentifier,
        key: Instance<CryptoKey>,
        data: BufferSource,
    ) -> Result<Object> {
        transform(cx, (Operation::Sign, KeyUsage::Sign, operations::sign), &algorithm, key, data)
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-verify
    #[promise_method(ts = "boolean")]
    fn verify(
        cx: &mut Context,
        _this: Object,
        algorithm: AlgorithmIdentifier,
        key: Instance<CryptoKey>,
        signature: BufferSource,
        data: BufferSource,
    ) -> Result<Object> {
        let algorithm = normalize(cx, Operation::Verify, &algorithm, &place("verify"))?;
        let signature = copy(cx, signature)?;
        let data = copy(cx, data)?;
        let key = key::read(cx, key.object)?;
        job::run(cx, cost::operation(&key, data.len()), move || {
            check(&algorithm, &key, KeyUsage::Verify)?;
            operations::verify(&algorithm, &key, &signature, &data).map(Done::Flag)
        })
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-digest
    #[promise_method(ts = "ArrayBuffer")]
    fn digest(cx: &mut Context, _this: Object, algorithm: AlgorithmIdentifier, data: BufferSource) -> Result<Object> {
        let hash = normalize_hash(cx, &algorithm, &place("digest"))?;
        let data = copy(cx, data)?;
        job::run(cx, cost::bytes(data.len()), move || Ok(Done::Bytes(hash.digest(&data))))
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-generateKey
    #[promise_method(
        ts = "(algorithm: KeyPairAlgorithmName | { name: KeyPairAlgorithmName } | RsaHashedKeyGenParams | EcKeyParams, extractable: \
            boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKeyPair>",
        ts = "(algorithm: AesKeyParams | HmacParams, extractable: boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKey>",
        ts = "(algorithm: AlgorithmIdentifier, extractable: boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKey | CryptoKeyPair>"
    )]
    fn generate_key(
        cx: &mut Context,
        _this: Object,
        algorithm: AlgorithmIdentifier,
        extractable: bool,
        key_usages: Vec<KeyUsage>,
    ) -> Result<Object> {
        let algorithm = normalize(cx, Operation::GenerateKey, &algorithm, &place("generateKey"))?;
        let wanted = Wanted { extractable, usages: Usages::from_list(&key_usages) };
        // OPTIMIZATION: what fails for its parameters fails before randomness is asked for and another thread is troubled.
        if let Err(failure) = operations::check_generation(&algorithm, wanted) {
            return Ok(job::rejected(cx, failure));
        }
        if wanted.usages.is_empty() {
            return Ok(job::rejected(cx, Failure::Syntax(message::EMPTY_USAGES)));
        }
        let mut random = random::generator(cx)?;
        job::run(cx, cost::generation(&algorithm), move || {
            operations::generate_key(&algorithm, wanted, &mut random).map(|generated| Done::Generated(Box::new(generated)))
        })
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-deriveKey
    #[promise_method(ts = "CryptoKey")]
    fn derive_key(
        cx: &mut Context,
        _this: Object,
        algorithm: AlgorithmIdentifier,
        base_key: Instance<CryptoKey>,
        derived_key_type: AlgorithmIdentifier,
        extractable: bool,
        key_usages: Vec<KeyUsage>,
    ) -> Result<Object> {
        let place = place("deriveKey");
        let algorithm = normalize(cx, Operation::DeriveBits, &algorithm, &place)?;
        let import = normalize(cx, Operation::ImportKey, &derived_key_type, &place)?;
        let length = normalize(cx, Operation::GetKeyLength, &derived_key_type, &place)?;
        let key = key::read(cx, base_key.object)?;
        let wanted = Wanted { extractable, usages: Usages::from_list(&key_usages) };
        let bits = operations::key_length(&length);
        job::run(cx, cost::derivation(&algorithm, &key, bits.unwrap_or_default()), move || {
            check(&algorithm, &key, KeyUsage::DeriveKey)?;
            let secret = operations::derive_bits(&algorithm, &key, bits?)?;
            operations::import_key(&import, KeyData::Raw(secret), wanted).map(Done::Key)
        })
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-deriveBits
    #[promise_method(ts = "ArrayBuffer")]
    fn derive_bits(
        cx: &mut Context,
        _this: Object,
        algorithm: AlgorithmIdentifier,
        base_key: Instance<CryptoKey>,
        length: Optional<Option<u32>>,
    ) -> Result<Object> {
        let length = length.flatten();
        let algorithm = normalize(cx, Operation::DeriveBits, &algorithm, &place("deriveBits"))?;
        let key = key::read(cx, base_key.object)?;
        job::run(cx, cost::derivation(&algorithm, &key, length), move || {
            check(&algorithm, &key, KeyUsage::DeriveBits)?;
            operations::derive_bits(&algorithm, &key, length).map(Done::Bytes)
        })
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-importKey
    #[promise_method(
        ts = "(format: 'jwk', keyData: JsonWebKey, algorithm: AlgorithmIdentifier, extractable: boolean, keyUsages: \
            Iterable<KeyUsage>): Promise<CryptoKey>",
        ts = "(format: Exclude<KeyFormat, 'jwk'>, keyData: BufferSource, algorithm: AlgorithmIdentifier, extractable: boolean, \
            keyUsages: Iterable<KeyUsage>): Promise<CryptoKey>",
        ts = "(format: KeyFormat, keyData: BufferSource | JsonWebKey, algorithm: AlgorithmIdentifier, extractable: boolean, \
            keyUsages: Iterable<KeyUsage>): Promise<CryptoKey>"
    )]
    fn import_key(
        cx: &mut Context,
        _this: Object,
        format: KeyFormat,
        key_data: KeyDataArgument,
        algorithm: AlgorithmIdentifier,
        extractable: bool,
        key_usages: Vec<KeyUsage>,
    ) -> Result<Object> {
        let place = place("importKey");
        let algorithm = normalize(cx, Operation::ImportKey, &algorithm, &place)?;
        let data = match (format, key_data) {
            (KeyFormat::Jwk, KeyDataArgument::Jwk(jwk)) => KeyData::Jwk(jwk),
            (KeyFormat::Jwk, KeyDataArgument::Buffer(_)) => return Err(place.type_error(cx, "Key data must be an object for JWK import.")),
            (_, KeyDataArgument::Jwk(_)) => {
                return Err(place.type_error(cx, "Key data must be a BufferSource for non-JWK formats."));
            }
            (_, KeyDataArgument::Buffer(data)) => {
                let bytes = copy(cx, data)?;
                match KeyData::from_bytes(format, bytes) {
                    Ok(data) => data,
                    Err(failure) => return Ok(job::rejected(cx, failure)),
                }
            }
        };
        let wanted = Wanted { extractable, usages: Usages::from_list(&key_usages) };
        let length = match &data {
            KeyData::Raw(bytes) | KeyData::Spki(bytes) | KeyData::Pkcs8(bytes) => bytes.len(),
            KeyData::Jwk(jwk) => jwk.n.as_ref().map_or(0, |n| n.len() * if jwk.d.is_some() { 3 } else { 1 }),
        };
        job::run(cx, cost::import(&algorithm, length), move || operations::import_key(&algorithm, data, wanted).map(Done::Key))
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-exportKey
    #[promise_method(
        ts = "(format: 'jwk', key: CryptoKey): Promise<JsonWebKey>",
        ts = "(format: Exclude<KeyFormat, 'jwk'>, key: CryptoKey): Promise<ArrayBuffer>",
        ts = "(format: KeyFormat, key: CryptoKey): Promise<ArrayBuffer | JsonWebKey>"
    )]
    fn export_key(cx: &mut Context, _this: Object, format: KeyFormat, key: Instance<CryptoKey>) -> Result<Object> {
        let key = key::read(cx, key.object)?;
        job::run(cx, cost::bytes(key.material.len()), move || operations::export_key(format, key).map(Done::Exported))
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-wrapKey
    #[promise_method(ts = "ArrayBuffer")]
    fn wrap_key(
        cx: &mut Context,
        _this: Object,
        format: KeyFormat,
        key: Instance<CryptoKey>,
        wrapping_key: Instance<CryptoKey>,
        wrap_algorithm: AlgorithmIdentifier,
    ) -> Result<Object> {
        let algorithm = normalize_either(cx, [Operation::WrapKey, Operation::Encrypt], &wrap_algorithm, &place("wrapKey"))?;
        let key = key::read(cx, key.object)?;
        let wrapping_key = key::read(cx, wrapping_key.object)?;
        let random = random_for(cx, &algorithm)?;
        job::run(cx, cost::operation(&wrapping_key, key.material.len()), move || {
            check(&algorithm, &wrapping_key, KeyUsage::WrapKey)?;
            let bytes = match operations::export_key(format, key)? {
                Exported::Bytes(bytes) => bytes,
                Exported::Jwk(exported) => exported.to_json(),
            };
            operations::encrypt(&algorithm, &wrapping_key, &bytes, random).map(Done::Bytes)
        })
    }

    // https://w3c.github.io/webcrypto/#SubtleCrypto-method-unwrapKey
    #[promise_method(ts = "CryptoKey")]
    fn unwrap_key(
        cx: &mut Context,
        _this: Object,
        format: KeyFormat,
        wrapped_key: BufferSource,
        unwrapping_key: Instance<CryptoKey>,
        unwrap_algorithm: AlgorithmIdentifier,
        unwrapped_key_algorithm: AlgorithmIdentifier,
        extractable: bool,
        key_usages: Vec<KeyUsage>,
    ) -> Result<Object> {
        let place = place("unwrapKey");
        let algorithm = normalize_either(cx, [Operation::UnwrapKey, Operation::Decrypt], &unwrap_algorithm, &place)?;
        let key_algorithm = normalize(cx, Operation::ImportKey, &unwrapped_key_algorithm, &place)?;
        let wrapped_key = copy(cx, wrapped_key)?;
        let unwrapping_key = key::read(cx, unwrapping_key.object)?;
        let random = random_for(cx, &algorithm)?;
        let wanted = Wanted { extractable, usages: Usages::from_list(&key_usages) };
        let cost = cost::operation(&unwrapping_key, wrapped_key.len()) + cost::import(&key_algorithm, wrapped_key.len());
        job::run(cx, cost, move || {
            check(&algorithm, &unwrapping_key, KeyUsage::UnwrapKey)?;
            let bytes = operations::decrypt(&algorithm, &unwrapping_key, &wrapped_key, random)?;
            if format == KeyFormat::Jwk {
                // JSON is parsed and converted in the heap.
                return Ok(Done::Jwk(bytes, Box::new(key_algorithm), wanted));
            }
            let data = KeyData::from_bytes(format, bytes)?;
            operations::import_key(&key_algorithm, data, wanted).map(Done::Key)
        })
    }

    // https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#timingsafeequal
    /// Compares in a time that depends only on the lengths, which have to be equal.
    #[method]
    fn timing_safe_equal(cx: &mut Context, _this: Object, a: BufferSource, b: BufferSource) -> Result<bool> {
        let (a, b) = (copy(cx, a)?, copy(cx, b)?);
        if a.len() != b.len() {
            return Err(cx.throw_type_error("Input buffers must have the same byte length."));
        }
        cx.spend_fuel(a.len() as u64 / 4)?;
        Ok(bool::from(a.ct_eq(&b)))
    }
}
