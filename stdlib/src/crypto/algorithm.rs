//! Algorithms, the operations they support, and the normalization of algorithm identifiers.
//! <https://w3c.github.io/webcrypto/#algorithm-normalization>

use super::hash::Hash;
use super::key::{CryptoKey, Key};
use super::params::{self, Params};
use crate::dom_exception;
use crate::webidl::prelude::*;
use crate::webidl::{Type, Typed};
use mayfly_engine::string::atoms::key;

/// An algorithm of keys. Hash functions are [`Hash`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum AlgorithmId {
    RsaPkcs1,
    RsaPss,
    RsaOaep,
    Ecdsa,
    Ecdh,
    Ed25519,
    Ed448,
    X25519,
    X448,
    AesCtr,
    AesCbc,
    AesGcm,
    AesKw,
    Hmac,
    Hkdf,
    Pbkdf2,
}

/// An operation that algorithms are registered for. Digests have [`normalize_hash`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operation {
    Encrypt,
    Decrypt,
    Sign,
    Verify,
    GenerateKey,
    DeriveBits,
    ImportKey,
    WrapKey,
    UnwrapKey,
    GetKeyLength,
}

use AlgorithmId as Id;

impl AlgorithmId {
    const ALL: [Id; 16] = [
        Id::RsaPkcs1,
        Id::RsaPss,
        Id::RsaOaep,
        Id::Ecdsa,
        Id::Ecdh,
        Id::Ed25519,
        Id::Ed448,
        Id::X25519,
        Id::X448,
        Id::AesCtr,
        Id::AesCbc,
        Id::AesGcm,
        Id::AesKw,
        Id::Hmac,
        Id::Hkdf,
        Id::Pbkdf2,
    ];

    /// The algorithm of this number.
    pub(crate) fn from_number(number: u8) -> Option<Id> {
        Id::ALL.get(usize::from(number)).copied()
    }

    /// The recognized algorithm name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Id::RsaPkcs1 => "RSASSA-PKCS1-v1_5",
            Id::RsaPss => "RSA-PSS",
            Id::RsaOaep => "RSA-OAEP",
            Id::Ecdsa => "ECDSA",
            Id::Ecdh => "ECDH",
            Id::Ed25519 => "Ed25519",
            Id::Ed448 => "Ed448",
            Id::X25519 => "X25519",
            Id::X448 => "X448",
            Id::AesCtr => "AES-CTR",
            Id::AesCbc => "AES-CBC",
            Id::AesGcm => "AES-GCM",
            Id::AesKw => "AES-KW",
            Id::Hmac => "HMAC",
            Id::Hkdf => "HKDF",
            Id::Pbkdf2 => "PBKDF2",
        }
    }

    /// Whether the algorithm is registered for an operation: the tables "Registration" of each algorithm's section.
    pub(crate) fn supports(self, operation: Operation) -> bool {
        use Operation as Op;
        match operation {
            Op::ImportKey => true,
            Op::Encrypt | Op::Decrypt => matches!(self, Id::RsaOaep | Id::AesCtr | Id::AesCbc | Id::AesGcm),
            Op::Sign | Op::Verify => {
                matches!(self, Id::RsaPkcs1 | Id::RsaPss | Id::Ecdsa | Id::Ed25519 | Id::Ed448 | Id::Hmac)
            }
            Op::GenerateKey => !matches!(self, Id::Hkdf | Id::Pbkdf2),
            Op::DeriveBits => matches!(self, Id::Ecdh | Id::X25519 | Id::X448 | Id::Hkdf | Id::Pbkdf2),
            Op::WrapKey | Op::UnwrapKey => self == Id::AesKw,
            Op::GetKeyLength => {
                matches!(self, Id::AesCtr | Id::AesCbc | Id::AesGcm | Id::AesKw | Id::Hmac | Id::Hkdf | Id::Pbkdf2)
            }
        }
    }

    /// Whether keys can be exported.
    pub(crate) fn exports(self) -> bool {
        !matches!(self, Id::Hkdf | Id::Pbkdf2)
    }
}

/// `AlgorithmIdentifier` and `HashAlgorithmIdentifier`: (object or DOMString).
#[derive(Clone, Debug)]
pub(crate) enum AlgorithmIdentifier {
    Object(Object),
    Name(String),
}

impl Typed for AlgorithmIdentifier {
    fn declared() -> Type {
        Type::Union("AlgorithmIdentifier", super::params::identifiers())
    }
}

impl FromJs for AlgorithmIdentifier {
    fn from_js(cx: &mut Context, value: Value, _: &Place<'_>) -> Result<AlgorithmIdentifier> {
        Ok(match value.as_object() {
            Some(object) => AlgorithmIdentifier::Object(object),
            None => AlgorithmIdentifier::Name(cx.to_text(value)?),
        })
    }
}

impl AlgorithmIdentifier {
    /// The `name` member of the dictionary Algorithm.
    fn name(&self, cx: &mut Context, place: &Place<'_>) -> Result<String> {
        match self {
            AlgorithmIdentifier::Name(name) => Ok(name.clone()),
            AlgorithmIdentifier::Object(object) => {
                let name = cx.get(*object, key::name)?;
                if name.is_undefined() {
                    return Err(place.type_error(cx, "Algorithm: name: Missing or not a string"));
                }
                cx.to_text(name)
            }
        }
    }

    /// The object from which the algorithm's own dictionary is read.
    fn object(&self, cx: &mut Context) -> Result<Object> {
        match self {
            AlgorithmIdentifier::Object(object) => Ok(*object),
            AlgorithmIdentifier::Name(name) => {
                // A new dictionary has no members that scripts could have put on Object.prototype.
                let object = cx.heap.new_object_with_prototype(Kind::Object, None);
                let name = cx.new_string(name);
                cx.create_data_property_or_throw(object, key::name, name)?;
                Ok(object)
            }
        }
    }
}

/// A normalized algorithm: its recognized name and its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Normalized {
    pub(crate) id: AlgorithmId,
    pub(crate) params: Params,
}

/// NotSupportedError of normalization.
#[cold]
fn unrecognized(cx: &mut Context, place: &Place<'_>) -> Thrown {
    let message = place.message("Algorithm: Unrecognized name");
    dom_exception::throw(cx, "NotSupportedError", &message)
}

// 18.4.4 Normalizing an algorithm, https://w3c.github.io/webcrypto/#algorithm-normalization-normalize-an-algorithm
pub(crate) fn normalize(cx: &mut Context, operation: Operation, algorithm: &AlgorithmIdentifier, place: &Place<'_>) -> Result<Normalized> {
    match try_normalize(cx, operation, algorithm, place)? {
        Some(normalized) => Ok(normalized),
        None => Err(unrecognized(cx, place)),
    }
}

/// The same; `None` stands for NotSupportedError at step 5.
fn try_normalize(cx: &mut Context, operation: Operation, algorithm: &AlgorithmIdentifier, place: &Place<'_>) -> Result<Option<Normalized>> {
    // 1.-4.
    let name = algorithm.name(cx, place)?;
    // 5.
    let registered = |id: &AlgorithmId| id.supports(operation) && id.name().eq_ignore_ascii_case(&name);
    let Some(id) = AlgorithmId::ALL.into_iter().find(registered) else { return Ok(None) };
    // 6.-10.
    let params = match params::dictionary(operation, id) {
        // OPTIMIZATION: of a name alone nothing can be read.
        None if matches!(algorithm, AlgorithmIdentifier::Name(_)) => Params::None,
        None => {
            // The dictionary Algorithm is read once more.
            algorithm.name(cx, place)?;
            Params::None
        }
        Some(dictionary) => {
            let object = algorithm.object(cx)?;
            params::read(cx, dictionary, object, place)?
        }
    };
    Ok(Some(Normalized { id, params }))
}

/// Steps 2 to 4 of wrapKey and unwrapKey: for their own operation, or else for encrypt and decrypt.
/// <https://w3c.github.io/webcrypto/#SubtleCrypto-method-wrapKey>
pub(crate) fn normalize_either(
    cx: &mut Context,
    operations: [Operation; 2],
    algorithm: &AlgorithmIdentifier,
    place: &Place<'_>,
) -> Result<Normalized> {
    match try_normalize(cx, operations[0], algorithm, place) {
        Ok(Some(normalized)) => return Ok(normalized),
        Ok(None) => {}
        Err(thrown) => {
            if cx.take_exception().is_none() {
                return Err(thrown);
            }
        }
    }
    normalize(cx, operations[1], algorithm, place)
}

/// Normalization for the operation "digest".
pub(crate) fn normalize_hash(cx: &mut Context, algorithm: &AlgorithmIdentifier, place: &Place<'_>) -> Result<Hash> {
    let name = algorithm.name(cx, place)?;
    let Some(hash) = Hash::from_name(&name) else { return Err(unrecognized(cx, place)) };
    if let AlgorithmIdentifier::Object(_) = algorithm {
        algorithm.name(cx, place)?;
    }
    Ok(hash)
}

/// The key that a `CryptoKey` member of a dictionary stands for.
pub(crate) fn key_member(cx: &mut Context, member: Instance<CryptoKey>) -> Result<Key> {
    super::key::read(cx, member.object)
}
