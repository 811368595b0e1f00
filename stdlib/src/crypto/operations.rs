//! Operations by algorithm: where the methods of SubtleCrypto find what an algorithm's section specifies.
//!
//! Nothing here knows the heap. So everything can run on any thread.

use super::algorithm::{AlgorithmId as Id, Normalized};
use super::failure::{Failure, Outcome, message};
use super::import::{Exported, KeyData, KeyFormat, Wanted};
use super::key::{Key, KeyType};
use super::params::Params;
use super::random::Random;
use super::{aes, derivation, ec, okp, rsa, rsa_operations, secret};
use rand_core::Rng;
use subtle::ConstantTimeEq;

const UNSUPPORTED: Failure = Failure::NotSupported("The algorithm does not support the operation.");

/// A generated key or pair.
#[derive(Debug)]
pub(super) enum Generated {
    Key(Key),
    /// Public and private key.
    Pair(Key, Key),
}

/// The "encrypt" operation.
pub(super) fn encrypt(algorithm: &Normalized, key: &Key, plaintext: &[u8], random: Option<Random>) -> Outcome<Vec<u8>> {
    match (&algorithm.params, random) {
        (Params::RsaOaep { label }, Some(mut random)) => rsa_operations::encrypt_oaep(key, label, plaintext, &mut random),
        (Params::AesCtr { counter, length }, _) => aes::ctr(&key.material, counter, *length, plaintext),
        (Params::AesCbc { iv }, _) => aes::encrypt_cbc(&key.material, iv, plaintext),
        (Params::AesGcm { iv, additional_data, tag_length }, _) => {
            aes::encrypt_gcm(&key.material, iv, additional_data, *tag_length, plaintext)
        }
        (Params::None, _) if algorithm.id == Id::AesKw => aes::wrap_kw(&key.material, plaintext),
        _ => Err(UNSUPPORTED),
    }
}

/// The "decrypt" operation.
pub(super) fn decrypt(algorithm: &Normalized, key: &Key, ciphertext: &[u8], random: Option<Random>) -> Outcome<Vec<u8>> {
    match (&algorithm.params, random) {
        (Params::RsaOaep { label }, Some(mut random)) => rsa_operations::decrypt_oaep(key, label, ciphertext, &mut random),
        (Params::AesCtr { counter, length }, _) => aes::ctr(&key.material, counter, *length, ciphertext),
        (Params::AesCbc { iv }, _) => aes::decrypt_cbc(&key.material, iv, ciphertext),
        (Params::AesGcm { iv, additional_data, tag_length }, _) => {
            aes::decrypt_gcm(&key.material, iv, additional_data, *tag_length, ciphertext)
        }
        (Params::None, _) if algorithm.id == Id::AesKw => aes::unwrap_kw(&key.material, ciphertext),
        _ => Err(UNSUPPORTED),
    }
}

/// Whether "encrypt", "decrypt" or "sign" needs randomness. RSA's private operations do, for blinding.
pub(super) fn needs_random(id: Id) -> bool {
    matches!(id, Id::RsaPkcs1 | Id::RsaPss | Id::RsaOaep)
}

/// The "sign" operation.
pub(super) fn sign(algorithm: &Normalized, key: &Key, message: &[u8], random: Option<Random>) -> Outcome<Vec<u8>> {
    match (algorithm.id, &algorithm.params, random) {
        (Id::RsaPkcs1, _, Some(mut random)) => rsa_operations::sign_pkcs1(key, message, &mut random),
        (_, Params::RsaPss { salt_length }, Some(mut random)) => rsa_operations::sign_pss(key, *salt_length, message, &mut random),
        (Id::Ecdsa, Params::Hash(hash), _) => ec::sign(key, *hash, message),
        (Id::Ed25519, ..) => okp::sign(key, &[], message),
        (Id::Ed448, Params::Context(context), _) => okp::sign(key, context, message),
        (Id::Hmac, ..) => Ok(key.hash()?.hmac(&key.material, message)),
        _ => Err(UNSUPPORTED),
    }
}

/// The "verify" operation.
pub(super) fn verify(algorithm: &Normalized, key: &Key, signature: &[u8], message: &[u8]) -> Outcome<bool> {
    match (algorithm.id, &algorithm.params) {
        (Id::RsaPkcs1, _) => rsa_operations::verify_pkcs1(key, signature, message),
        (_, Params::RsaPss { salt_length }) => rsa_operations::verify_pss(key, *salt_length, signature, message),
        (Id::Ecdsa, Params::Hash(hash)) => ec::verify(key, *hash, signature, message),
        (Id::Ed25519, _) => okp::verify(key, &[], signature, message),
        (Id::Ed448, Params::Context(context)) => okp::verify(key, context, signature, message),
        // The comparison must be performed in constant time.
        (Id::Hmac, _) => Ok(bool::from(key.hash()?.hmac(&key.material, message).ct_eq(signature))),
        _ => Err(UNSUPPORTED),
    }
}

/// The "derive bits" operation; `None` as length stands for null.
pub(super) fn derive_bits(algorithm: &Normalized, key: &Key, length: Option<u32>) -> Outcome<Vec<u8>> {
    match &algorithm.params {
        // ECDH: Derive Bits, https://w3c.github.io/webcrypto/#ecdh-operations-derive-bits and likewise X25519, X448
        Params::Public(public) => {
            // 1.
            key.require_private()?;
            // 3.
            public.require_public()?;
            // 4.
            if public.algorithm.id != key.algorithm.id {
                return Err(Failure::InvalidAccess("The public key is for another algorithm."));
            }
            // 5.-8.
            let secret = if algorithm.id == Id::Ecdh { ec::shared_secret(key, public)? } else { okp::shared_secret(key, public)? };
            derivation::first_bits(secret, length)
        }
        Params::Hkdf { hash, salt, info } => derivation::hkdf(&key.material, *hash, salt, info, length),
        Params::Pbkdf2 { salt, iterations, hash } => derivation::pbkdf2(&key.material, *hash, salt, *iterations, length),
        _ => Err(UNSUPPORTED),
    }
}

/// The steps of "generate key" that check parameters, and those that need no time.
pub(super) fn check_generation(algorithm: &Normalized, wanted: Wanted) -> Outcome<()> {
    let id = algorithm.id;
    match &algorithm.params {
        Params::RsaKeyGen { modulus_length, public_exponent, .. } => {
            rsa::check_generation(id, *modulus_length, public_exponent, wanted.usages)
        }
        Params::Curve(curve) => ec::check_generation(id, *curve, wanted.usages).map(|_| ()),
        Params::Length(length) => secret::aes_key_length(id, *length, wanted.usages).map(|_| ()),
        Params::Hmac { hash, length } => secret::hmac_key_length(*hash, *length, wanted.usages).map(|_| ()),
        Params::None => okp::check_generation(id, wanted.usages),
        _ => Err(UNSUPPORTED),
    }
}

/// Most bits of a generated HMAC key: it has to fit into memory.
const MOST_HMAC_BITS: u32 = 1 << 27;

/// The "generate key" operation, and steps 9 of generateKey: a secret or private key needs usages.
/// <https://w3c.github.io/webcrypto/#SubtleCrypto-method-generateKey>
pub(super) fn generate_key(algorithm: &Normalized, wanted: Wanted, random: &mut Random) -> Outcome<Generated> {
    check_generation(algorithm, wanted)?;
    let id = algorithm.id;
    let mut bytes = |length: usize| {
        let mut bytes = vec![0; length];
        random.fill_bytes(&mut bytes);
        bytes
    };
    let key = match &algorithm.params {
        Params::Length(length) => {
            let length = secret::aes_key_length(id, *length, wanted.usages)?;
            secret::aes_key(id, wanted, bytes(length))
        }
        Params::Hmac { hash, length } => {
            let length = secret::hmac_key_length(*hash, *length, wanted.usages)?;
            if length > MOST_HMAC_BITS {
                return Err(Failure::Operation("The key is too long."));
            }
            secret::hmac_key(*hash, length, wanted, bytes(length.div_ceil(8) as usize))
        }
        pair => {
            // OPTIMIZATION: that the private key would have no usages is known before it is made.
            let (public, private) = match pair {
                Params::RsaKeyGen { modulus_length, public_exponent, hash } => {
                    if wanted.usages.intersection(rsa::usages(id, KeyType::Private)).is_empty() {
                        return Err(Failure::Syntax(message::EMPTY_USAGES));
                    }
                    rsa::generate(id, *modulus_length, public_exponent, *hash, wanted, random)?
                }
                Params::Curve(curve) => {
                    let curve = ec::check_generation(id, *curve, wanted.usages)?;
                    ec::generate(id, curve, wanted, random)?
                }
                _ => okp::generate(id, wanted, random)?,
            };
            if private.usages.is_empty() {
                return Err(Failure::Syntax(message::EMPTY_USAGES));
            }
            return Ok(Generated::Pair(public, private));
        }
    };
    if key.usages.is_empty() { Err(Failure::Syntax(message::EMPTY_USAGES)) } else { Ok(Generated::Key(key)) }
}

/// The "import key" operation, and step 10 of importKey: a secret or private key needs usages.
/// <https://w3c.github.io/webcrypto/#SubtleCrypto-method-importKey>
pub(super) fn import_key(algorithm: &Normalized, data: KeyData, wanted: Wanted) -> Outcome<Key> {
    let id = algorithm.id;
    let key = match (&algorithm.params, id) {
        (Params::Hash(hash), Id::RsaPkcs1 | Id::RsaPss | Id::RsaOaep) => rsa::import(id, *hash, data, wanted),
        (Params::Curve(curve), _) => ec::import(id, *curve, data, wanted),
        (Params::Hmac { hash, length }, _) => secret::import_hmac(*hash, *length, data, wanted),
        (_, Id::Ed25519 | Id::Ed448 | Id::X25519 | Id::X448) => okp::import(id, data, wanted),
        (_, Id::AesCtr | Id::AesCbc | Id::AesGcm | Id::AesKw) => secret::import_aes(id, data, wanted),
        (_, Id::Hkdf | Id::Pbkdf2) => secret::import_derivation(id, data, wanted),
        _ => Err(UNSUPPORTED),
    }?;
    if key.kind != KeyType::Public && key.usages.is_empty() {
        return Err(Failure::Syntax(message::EMPTY_USAGES));
    }
    Ok(key)
}

/// Steps 6 to 8 of exportKey, and 11 to 13 of wrapKey. <https://w3c.github.io/webcrypto/#SubtleCrypto-method-exportKey>
pub(super) fn export_key(format: KeyFormat, key: Key) -> Outcome<Exported> {
    let id = key.algorithm.id;
    if !id.exports() {
        return Err(UNSUPPORTED);
    }
    if !key.extractable {
        return Err(Failure::InvalidAccess("The key is not extractable."));
    }
    match id {
        Id::RsaPkcs1 | Id::RsaPss | Id::RsaOaep => rsa::export(format, &key),
        Id::Ecdsa | Id::Ecdh => ec::export(format, &key),
        Id::Ed25519 | Id::Ed448 | Id::X25519 | Id::X448 => okp::export(format, &key),
        Id::Hmac => secret::export_hmac(format, key),
        _ => secret::export_aes(format, key),
    }
}

/// The "get key length" operation; `None` for null.
pub(super) fn key_length(algorithm: &Normalized) -> Outcome<Option<u32>> {
    match &algorithm.params {
        Params::Length(length) => secret::aes_derived_length(*length).map(Some),
        Params::Hmac { hash, length } => secret::hmac_derived_length(*hash, *length).map(Some),
        _ => Ok(None),
    }
}

/// Roughly what an operation costs, in nanoseconds.
pub(super) mod cost {
    use super::super::hash::Hash;
    use super::{Id, Key, Normalized, Params};

    /// Digests, ciphers, authentication codes of so many bytes.
    pub(in super::super) fn bytes(length: usize) -> u64 {
        2_000 + 2 * length as u64
    }

    fn rsa_private(key: &Key) -> u64 {
        // A private key in DER is about 4.6 times as long as its modulus; the time grows with the cube.
        let kibibits = key.material.len() as u64 * 8 * 10 / 46 / 1024;
        400_000 * kibibits.max(1).pow(3)
    }

    /// Signatures, verifications, encryption and decryption.
    pub(in super::super) fn operation(key: &Key, length: usize) -> u64 {
        let asymmetric = match key.algorithm.id {
            Id::RsaPkcs1 | Id::RsaPss | Id::RsaOaep => rsa_private(key),
            Id::Ecdsa | Id::Ecdh => 500_000,
            Id::Ed448 | Id::X448 => 500_000,
            Id::Ed25519 | Id::X25519 => 50_000,
            _ => 0,
        };
        asymmetric + bytes(length)
    }

    /// Derivations.
    pub(in super::super) fn derivation(algorithm: &Normalized, key: &Key, length: Option<u32>) -> u64 {
        match &algorithm.params {
            Params::Pbkdf2 { iterations, hash, .. } => {
                let blocks = u64::from(length.unwrap_or(0)).div_ceil(8 * hash.output_bytes() as u64).max(1);
                let each = if matches!(hash, Hash::Sha1 | Hash::Sha256) { 300 } else { 700 };
                u64::from(*iterations).saturating_mul(blocks).saturating_mul(each)
            }
            _ => operation(key, length.unwrap_or(0) as usize / 8),
        }
    }

    /// Generation.
    pub(in super::super) fn generation(algorithm: &Normalized) -> u64 {
        match &algorithm.params {
            Params::RsaKeyGen { .. } => 1_000_000_000,
            Params::Curve(_) => 500_000,
            _ => 200_000,
        }
    }

    /// Import.
    pub(in super::super) fn import(algorithm: &Normalized, length: usize) -> u64 {
        match algorithm.id {
            // Checks of a private key.
            Id::RsaPkcs1 | Id::RsaPss | Id::RsaOaep => 1_000 * length as u64,
            Id::Ecdsa | Id::Ecdh | Id::Ed448 | Id::X448 => 500_000,
            _ => bytes(length),
        }
    }
}
