//! Parameters of algorithms: the dictionaries that normalization converts to.

use super::algorithm::{AlgorithmId as Id, AlgorithmIdentifier, Operation, key_member, normalize_hash};
use super::ec::Curve;
use super::hash::Hash;
use super::key::{CryptoKey, Key};
use crate::webidl::declaration;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::typed_array::{self, ElementType};

/// A normalized algorithm's members but `name`.
#[derive(Clone, Debug)]
pub(crate) enum Params {
    None,
    /// RsaHashedKeyGenParams
    RsaKeyGen {
        modulus_length: u32,
        public_exponent: Vec<u8>,
        hash: Hash,
    },
    /// RsaHashedImportParams, EcdsaParams
    Hash(Hash),
    /// RsaPssParams
    RsaPss {
        salt_length: u32,
    },
    /// RsaOaepParams
    RsaOaep {
        label: Vec<u8>,
    },
    /// EcKeyGenParams, EcKeyImportParams; `None` when there is no such curve.
    Curve(Option<Curve>),
    /// EcdhKeyDeriveParams
    Public(Box<Key>),
    /// Ed448Params
    Context(Vec<u8>),
    /// AesCtrParams
    AesCtr {
        counter: Vec<u8>,
        length: u8,
    },
    /// AesKeyGenParams, AesDerivedKeyParams
    Length(u16),
    /// AesCbcParams
    AesCbc {
        iv: Vec<u8>,
    },
    /// AesGcmParams
    AesGcm {
        iv: Vec<u8>,
        additional_data: Vec<u8>,
        tag_length: Option<u8>,
    },
    /// HmacKeyGenParams, HmacImportParams
    Hmac {
        hash: Hash,
        length: Option<u32>,
    },
    /// HkdfParams
    Hkdf {
        hash: Hash,
        salt: Vec<u8>,
        info: Vec<u8>,
    },
    /// Pbkdf2Params
    Pbkdf2 {
        salt: Vec<u8>,
        iterations: u32,
        hash: Hash,
    },
}

/// Which dictionary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    RsaHashedKeyGen,
    Hash,
    RsaPss,
    RsaOaep,
    EcKey,
    EcdhKeyDerive,
    Ed448,
    AesCtr,
    AesKey,
    AesCbc,
    AesGcm,
    Hmac,
    Hkdf,
    Pbkdf2,
}

/// The dictionary of an operation that the algorithm supports; `None` for the plain `Algorithm`.
pub(crate) fn dictionary(operation: Operation, id: Id) -> Option<Type> {
    use Operation as Op;
    Some(match (operation, id) {
        (Op::GenerateKey, Id::RsaPkcs1 | Id::RsaPss | Id::RsaOaep) => Type::RsaHashedKeyGen,
        (Op::ImportKey, Id::RsaPkcs1 | Id::RsaPss | Id::RsaOaep) => Type::Hash,
        (Op::Sign | Op::Verify, Id::RsaPss) => Type::RsaPss,
        (Op::Encrypt | Op::Decrypt, Id::RsaOaep) => Type::RsaOaep,
        (Op::GenerateKey | Op::ImportKey, Id::Ecdsa | Id::Ecdh) => Type::EcKey,
        (Op::Sign | Op::Verify, Id::Ecdsa) => Type::Hash,
        (Op::DeriveBits, Id::Ecdh | Id::X25519 | Id::X448) => Type::EcdhKeyDerive,
        (Op::Sign | Op::Verify, Id::Ed448) => Type::Ed448,
        (Op::GenerateKey | Op::GetKeyLength, Id::AesCtr | Id::AesCbc | Id::AesGcm | Id::AesKw) => Type::AesKey,
        (Op::Encrypt | Op::Decrypt, Id::AesCtr) => Type::AesCtr,
        (Op::Encrypt | Op::Decrypt, Id::AesCbc) => Type::AesCbc,
        (Op::Encrypt | Op::Decrypt, Id::AesGcm) => Type::AesGcm,
        (Op::GenerateKey | Op::ImportKey | Op::GetKeyLength, Id::Hmac) => Type::Hmac,
        (Op::DeriveBits, Id::Hkdf) => Type::Hkdf,
        (Op::DeriveBits, Id::Pbkdf2) => Type::Pbkdf2,
        _ => return None,
    })
}

/// `BigInteger`: a Uint8Array with a number, big-endian.
struct BigInteger(Vec<u8>);

impl declaration::Typed for BigInteger {
    fn declared() -> declaration::Type {
        declaration::Type::Text("Uint8Array")
    }
}

impl FromJs for BigInteger {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<BigInteger> {
        let is_uint8_array = value.as_object().is_some_and(|object| {
            object.is(&cx.heap, Kind::TypedArray) && typed_array::view::element_type(&cx.heap, object) == ElementType::Uint8
        });
        if !is_uint8_array {
            return Err(place.wrong_type(cx, "Uint8Array"));
        }
        Ok(BigInteger(BufferSource::from_js(cx, value, place)?.bytes(cx)))
    }
}

#[derive(Dictionary)]
struct Algorithm {
    #[idl(required)]
    #[allow(dead_code, reason = "read because the conversion reads it; the recognized name is known already")]
    name: DOMString,
}

#[derive(Dictionary)]
struct RsaKeyGenParams {
    #[idl(parent)]
    #[allow(dead_code, reason = "the dictionary's part that is known already")]
    base: Algorithm,
    #[idl(required)]
    modulus_length: EnforceRange<u32>,
    #[idl(required)]
    public_exponent: BigInteger,
}

#[derive(Dictionary)]
struct RsaHashedKeyGenParams {
    #[idl(parent)]
    base: RsaKeyGenParams,
    #[idl(required, ts = "HashAlgorithmIdentifier")]
    hash: AlgorithmIdentifier,
}

/// What `AlgorithmIdentifier` may be.
pub(crate) fn identifiers() -> Vec<declaration::Type> {
    use declaration::Typed as _;
    Vec::from([
        declaration::Type::Text("string"),
        Algorithm::declared(),
        RsaHashedKeyGenParams::declared(),
        HashParams::declared(),
        RsaPssParams::declared(),
        RsaOaepParams::declared(),
        EcKeyParams::declared(),
        EcdhKeyDeriveParams::declared(),
        Ed448Params::declared(),
        AesCtrParams::declared(),
        AesKeyParams::declared(),
        AesCbcParams::declared(),
        AesGcmParams::declared(),
        HmacParams::declared(),
        HkdfParams::declared(),
        Pbkdf2Params::declared(),
    ])
}

macro_rules! dictionaries {
    ($($name:ident { $($(#[$attribute:meta])* $member:ident: $type:ty,)* })*) => { $(
        #[derive(Dictionary)]
        struct $name {
            #[idl(parent)]
            #[allow(dead_code, reason = "the dictionary's part that is known already")]
            base: Algorithm,
            $($(#[$attribute])* $member: $type,)*
        }
    )* };
}

dictionaries! {
    HashParams { #[idl(required, ts = "HashAlgorithmIdentifier")] hash: AlgorithmIdentifier, }
    RsaPssParams { #[idl(required)] salt_length: EnforceRange<u32>, }
    RsaOaepParams { label: Optional<BufferSource>, }
    EcKeyParams { #[idl(required)] named_curve: DOMString, }
    EcdhKeyDeriveParams { #[idl(required)] public: Instance<CryptoKey>, }
    Ed448Params { context: Optional<BufferSource>, }
    AesCtrParams { #[idl(required)] counter: BufferSource, #[idl(required)] length: EnforceRange<u8>, }
    AesKeyParams { #[idl(required)] length: EnforceRange<u16>, }
    AesCbcParams { #[idl(required)] iv: BufferSource, }
    AesGcmParams { #[idl(required)] iv: BufferSource, additional_data: Optional<BufferSource>, tag_length: Optional<EnforceRange<u8>>, }
    HmacParams { #[idl(required, ts = "HashAlgorithmIdentifier")] hash: AlgorithmIdentifier, length: Optional<EnforceRange<u32>>, }
    HkdfParams {
        #[idl(required, ts = "HashAlgorithmIdentifier")] hash: AlgorithmIdentifier,
        #[idl(required)] salt: BufferSource,
        #[idl(required)] info: BufferSource,
    }
    Pbkdf2Params {
        #[idl(required)] salt: BufferSource,
        #[idl(required)] iterations: EnforceRange<u32>,
        #[idl(required, ts = "HashAlgorithmIdentifier")] hash: AlgorithmIdentifier,
    }
}

fn bytes(cx: &Context, member: &Optional<BufferSource>) -> Vec<u8> {
    member.map_or_else(Vec::new, |source| source.bytes(cx))
}

/// Steps 6 to 10 of normalization: conversion to the dictionary, then copies of buffers and normalization of hash functions, member by
/// member in the order of the dictionary's declaration.
pub(crate) fn read(cx: &mut Context, dictionary: Type, object: Object, place: &Place<'_>) -> Result<Params> {
    let value = object.value();
    Ok(match dictionary {
        Type::RsaHashedKeyGen => {
            let RsaHashedKeyGenParams { base, hash } = RsaHashedKeyGenParams::from_js(cx, value, place)?;
            let hash = normalize_hash(cx, &hash, place)?;
            Params::RsaKeyGen { modulus_length: base.modulus_length.0, public_exponent: base.public_exponent.0, hash }
        }
        Type::Hash => {
            let HashParams { hash, .. } = HashParams::from_js(cx, value, place)?;
            Params::Hash(normalize_hash(cx, &hash, place)?)
        }
        Type::RsaPss => {
            let RsaPssParams { salt_length, .. } = RsaPssParams::from_js(cx, value, place)?;
            Params::RsaPss { salt_length: salt_length.0 }
        }
        Type::RsaOaep => {
            let RsaOaepParams { label, .. } = RsaOaepParams::from_js(cx, value, place)?;
            Params::RsaOaep { label: bytes(cx, &label) }
        }
        Type::EcKey => {
            let EcKeyParams { named_curve, .. } = EcKeyParams::from_js(cx, value, place)?;
            Params::Curve(Curve::from_name(&named_curve.to_text(cx)))
        }
        Type::EcdhKeyDerive => {
            let EcdhKeyDeriveParams { public, .. } = EcdhKeyDeriveParams::from_js(cx, value, place)?;
            Params::Public(Box::new(key_member(cx, public)?))
        }
        Type::Ed448 => {
            let Ed448Params { context, .. } = Ed448Params::from_js(cx, value, place)?;
            Params::Context(bytes(cx, &context))
        }
        Type::AesCtr => {
            let AesCtrParams { counter, length, .. } = AesCtrParams::from_js(cx, value, place)?;
            Params::AesCtr { counter: counter.bytes(cx), length: length.0 }
        }
        Type::AesKey => {
            let AesKeyParams { length, .. } = AesKeyParams::from_js(cx, value, place)?;
            Params::Length(length.0)
        }
        Type::AesCbc => {
            let AesCbcParams { iv, .. } = AesCbcParams::from_js(cx, value, place)?;
            Params::AesCbc { iv: iv.bytes(cx) }
        }
        Type::AesGcm => {
            let AesGcmParams { iv, additional_data, tag_length, .. } = AesGcmParams::from_js(cx, value, place)?;
            let tag_length = tag_length.map(|length| length.0);
            Params::AesGcm { iv: iv.bytes(cx), additional_data: bytes(cx, &additional_data), tag_length }
        }
        Type::Hmac => {
            let HmacParams { hash, length, .. } = HmacParams::from_js(cx, value, place)?;
            let hash = normalize_hash(cx, &hash, place)?;
            Params::Hmac { hash, length: length.map(|length| length.0) }
        }
        Type::Hkdf => {
            let HkdfParams { hash, salt, info, .. } = HkdfParams::from_js(cx, value, place)?;
            let hash = normalize_hash(cx, &hash, place)?;
            Params::Hkdf { hash, salt: salt.bytes(cx), info: info.bytes(cx) }
        }
        Type::Pbkdf2 => {
            let Pbkdf2Params { salt, iterations, hash, .. } = Pbkdf2Params::from_js(cx, value, place)?;
            let salt = salt.bytes(cx);
            Params::Pbkdf2 { salt, iterations: iterations.0, hash: normalize_hash(cx, &hash, place)? }
        }
    })
}
