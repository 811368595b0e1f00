//! CryptoKey, and keys as Rust values. <https://w3c.github.io/webcrypto/#cryptokey-interface>
//!
//! Everything about a key lies in the cage: numbers in slots, the material in a Raw cell in a form of the algorithm's choosing, read anew
//! for each operation. So keys survive images and resets, and cloning one copies slots.

use super::algorithm::AlgorithmId as Id;
use super::ec::Curve;
use super::failure::{Failure, Outcome, message};
use super::hash::Hash;
use super::rsa;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::typed_array;
use mayfly_engine::heap::Raw;
use mayfly_engine::string::atoms::key as atom;

/// Slots of CryptoKey objects. All but the caches are immutable.
mod slot {
    /// [[type]] as number.
    pub(super) const TYPE: u32 = 1;
    /// [[extractable]]
    pub(super) const EXTRACTABLE: u32 = 2;
    /// [[algorithm]]: algorithm, hash function + 1, curve + 1, a byte each; [[usages]] as bits above them.
    pub(super) const NUMBERS: u32 = 3;
    /// Length in bits of HMAC keys.
    pub(super) const LENGTH: u32 = 4;
    /// [[handle]]: a Raw cell.
    pub(super) const MATERIAL: u32 = 5;
    /// [[algorithm_cached]]
    pub(super) const ALGORITHM_CACHED: u32 = 6;
    /// [[usages_cached]]
    pub(super) const USAGES_CACHED: u32 = 7;
}

/// KeyType. <https://w3c.github.io/webcrypto/#dfn-KeyType>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enumeration)]
pub(crate) enum KeyType {
    Public,
    Private,
    Secret,
}

/// KeyUsage. <https://w3c.github.io/webcrypto/#dfn-KeyUsage>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enumeration)]
pub(crate) enum KeyUsage {
    Encrypt,
    Decrypt,
    Sign,
    Verify,
    #[idl("deriveKey")]
    DeriveKey,
    #[idl("deriveBits")]
    DeriveBits,
    #[idl("wrapKey")]
    WrapKey,
    #[idl("unwrapKey")]
    UnwrapKey,
}

/// A set of usages. Its order is that of the list of recognized key usage values, which is what "usage intersection" asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Usages(u8);

impl Usages {
    const ORDER: [KeyUsage; 8] = [
        KeyUsage::Encrypt,
        KeyUsage::Decrypt,
        KeyUsage::Sign,
        KeyUsage::Verify,
        KeyUsage::DeriveKey,
        KeyUsage::DeriveBits,
        KeyUsage::WrapKey,
        KeyUsage::UnwrapKey,
    ];
    pub(crate) const NONE: Usages = Usages(0);
    pub(crate) const SIGN: Usages = Usages(1 << KeyUsage::Sign as u8);
    pub(crate) const VERIFY: Usages = Usages(1 << KeyUsage::Verify as u8);
    pub(crate) const ENCRYPT_WRAP: Usages = Usages(1 << KeyUsage::Encrypt as u8 | 1 << KeyUsage::WrapKey as u8);
    pub(crate) const DECRYPT_UNWRAP: Usages = Usages(1 << KeyUsage::Decrypt as u8 | 1 << KeyUsage::UnwrapKey as u8);
    pub(crate) const DERIVE: Usages = Usages(1 << KeyUsage::DeriveKey as u8 | 1 << KeyUsage::DeriveBits as u8);
    pub(crate) const WRAP_UNWRAP: Usages = Usages(1 << KeyUsage::WrapKey as u8 | 1 << KeyUsage::UnwrapKey as u8);

    pub(crate) fn from_list(list: &[KeyUsage]) -> Usages {
        Usages(list.iter().fold(0, |bits, &usage| bits | 1 << usage as u8))
    }

    pub(crate) fn contains(self, usage: KeyUsage) -> bool {
        self.0 & 1 << usage as u8 != 0
    }

    pub(crate) const fn union(self, other: Usages) -> Usages {
        Usages(self.0 | other.0)
    }

    pub(crate) fn intersection(self, other: Usages) -> Usages {
        Usages(self.0 & other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether every entry is among the `allowed`.
    pub(crate) fn within(self, allowed: Usages) -> bool {
        self.0 & !allowed.0 == 0
    }

    /// "If usages contains an entry which is not …, then throw a SyntaxError."
    pub(crate) fn check(self, allowed: Usages) -> Outcome<()> {
        if self.within(allowed) { Ok(()) } else { Err(Failure::Syntax(message::USAGES)) }
    }

    /// Texts in order.
    pub(crate) fn texts(self) -> impl Iterator<Item = &'static str> {
        Usages::ORDER.into_iter().filter(move |&usage| self.contains(usage)).map(KeyUsage::as_str)
    }
}

/// [[algorithm]] without what its material says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct KeyAlgorithm {
    pub(crate) id: Id,
    /// Of RSA and HMAC keys.
    pub(crate) hash: Option<Hash>,
    /// Of ECDSA and ECDH keys.
    pub(crate) curve: Option<Curve>,
    /// Length in bits, of HMAC keys: the last byte may not be used whole.
    pub(crate) length: u32,
}

impl KeyAlgorithm {
    /// An algorithm without attributes.
    pub(crate) fn plain(id: Id) -> KeyAlgorithm {
        KeyAlgorithm { id, hash: None, curve: None, length: 0 }
    }
}

/// A key outside the heap.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) algorithm: KeyAlgorithm,
    pub(crate) kind: KeyType,
    pub(crate) extractable: bool,
    pub(crate) usages: Usages,
    /// AES, HMAC, HKDF, PBKDF2: the bytes. RSA: RSAPublicKey or RSAPrivateKey in DER. Elliptic curves: see `ec.rs` and `okp.rs`.
    pub(crate) material: Vec<u8>,
}

impl Key {
    /// The hash function of RSA and HMAC keys.
    pub(crate) fn hash(&self) -> Outcome<Hash> {
        self.algorithm.hash.ok_or(Failure::Operation(message::DAMAGED))
    }

    /// The curve of ECDSA and ECDH keys.
    pub(crate) fn curve(&self) -> Outcome<Curve> {
        self.algorithm.curve.ok_or(Failure::Operation(message::DAMAGED))
    }

    /// InvalidAccessError unless the key is private.
    pub(crate) fn require_private(&self) -> Outcome<()> {
        if self.kind == KeyType::Private { Ok(()) } else { Err(Failure::InvalidAccess(message::NOT_PRIVATE)) }
    }

    /// InvalidAccessError unless the key is public.
    pub(crate) fn require_public(&self) -> Outcome<()> {
        if self.kind == KeyType::Public { Ok(()) } else { Err(Failure::InvalidAccess(message::NOT_PUBLIC)) }
    }
}

/// A new CryptoKey.
pub(crate) fn create(cx: &mut Context, key: &Key) -> Result<Object> {
    let object = new_instance::<CryptoKey>(cx);
    let KeyAlgorithm { id, hash, curve, length } = key.algorithm;
    let numbers = i32::from(id as u8)
        | hash.map_or(0, |hash| i32::from(hash as u8) + 1) << 8
        | curve.map_or(0, |curve| i32::from(curve as u8) + 1) << 16
        | i32::from(key.usages.0) << 20;
    let material = crate::body::new_bytes(cx, &key.material)?;
    let heap = &cx.heap;
    object.set_internal(heap, slot::TYPE, Value::int(key.kind as i32));
    object.set_internal(heap, slot::EXTRACTABLE, Value::bool(key.extractable));
    object.set_internal(heap, slot::NUMBERS, Value::int(numbers));
    object.set_internal(heap, slot::LENGTH, Value::number(f64::from(length)));
    object.set_internal(heap, slot::MATERIAL, Value::cell(material));
    Ok(object)
}

fn kind_of(cx: &Context, object: Object) -> KeyType {
    match object.internal(&cx.heap, slot::TYPE).as_int() {
        Some(0) => KeyType::Public,
        Some(1) => KeyType::Private,
        _ => KeyType::Secret,
    }
}

fn usages_of(cx: &Context, object: Object) -> Usages {
    Usages((object.internal(&cx.heap, slot::NUMBERS).as_int().unwrap_or(0) >> 20 & 0xFF) as u8)
}

/// [[algorithm]] of a CryptoKey.
pub(crate) fn algorithm_of(cx: &mut Context, object: Object) -> Result<KeyAlgorithm> {
    let numbers = object.internal(&cx.heap, slot::NUMBERS).as_int().unwrap_or(-1);
    let byte = |shift: u32| (numbers >> shift & 0xFF) as u8;
    let Some(id) = Id::from_number(byte(0)) else {
        return Err(cx.throw_type_error("The CryptoKey is damaged"));
    };
    let hash = byte(8).checked_sub(1).and_then(Hash::from_number);
    let curve = (byte(16) & 0x0F).checked_sub(1).and_then(Curve::from_number);
    let length = object.internal(&cx.heap, slot::LENGTH).as_number().unwrap_or(0.0) as u32;
    Ok(KeyAlgorithm { id, hash, curve, length })
}

/// A CryptoKey's contents.
pub(crate) fn read(cx: &mut Context, object: Object) -> Result<Key> {
    let algorithm = algorithm_of(cx, object)?;
    let material = object.internal(&cx.heap, slot::MATERIAL).as_cell::<Raw>().map_or_else(Vec::new, |raw| raw.bytes(&cx.heap).to_vec());
    Ok(Key {
        algorithm,
        kind: kind_of(cx, object),
        extractable: object.internal(&cx.heap, slot::EXTRACTABLE) == Value::TRUE,
        usages: usages_of(cx, object),
        material,
    })
}

// https://w3c.github.io/webcrypto/#cryptokey-interface-clone
/// Serialization and deserialization in one: nothing is shared that could change.
pub(crate) fn clone(cx: &mut Context, source: Object) -> Object {
    let clone = new_instance::<CryptoKey>(cx);
    for slot in slot::TYPE..=slot::MATERIAL {
        clone.set_internal(&cx.heap, slot, source.internal(&cx.heap, slot));
    }
    clone
}

/// The algorithm as an object: the dictionaries KeyAlgorithm, RsaHashedKeyAlgorithm, EcKeyAlgorithm, AesKeyAlgorithm, HmacKeyAlgorithm,
/// whose members come in the order of Web IDL's conversion.
fn algorithm_object(cx: &mut Context, object: Object) -> Result<Object> {
    let Key { algorithm, material, .. } = read(cx, object)?;
    let result = cx.new_plain_object();
    let set = |cx: &mut Context, name: &str, value: Value| {
        let name = cx.key(name);
        cx.create_data_property_or_throw(result, name, value)
    };
    let name = cx.new_string(algorithm.id.name());
    set(cx, "name", name)?;
    let hash = match algorithm.hash {
        Some(hash) => {
            let object = cx.new_plain_object();
            let name = cx.new_string(hash.name());
            cx.create_data_property_or_throw(object, atom::name, name)?;
            object.value()
        }
        None => Value::UNDEFINED,
    };
    match algorithm.id {
        Id::RsaPkcs1 | Id::RsaPss | Id::RsaOaep => {
            let (bits, exponent) = rsa::modulus_length_and_exponent(&material);
            set(cx, "modulusLength", Value::number(f64::from(bits)))?;
            let exponent = typed_array::create_uint8_array(cx, &exponent);
            set(cx, "publicExponent", exponent.value())?;
            set(cx, "hash", hash)?;
        }
        Id::Ecdsa | Id::Ecdh => {
            let curve = cx.new_string(algorithm.curve.map_or("", Curve::name));
            set(cx, "namedCurve", curve)?;
        }
        Id::AesCtr | Id::AesCbc | Id::AesGcm | Id::AesKw => set(cx, "length", Value::from_usize(8 * material.len()))?,
        Id::Hmac => {
            set(cx, "hash", hash)?;
            set(cx, "length", Value::number(f64::from(algorithm.length)))?;
        }
        Id::Ed25519 | Id::Ed448 | Id::X25519 | Id::X448 | Id::Hkdf | Id::Pbkdf2 => {}
    }
    Ok(result)
}

/// A key.
#[interface(name = "CryptoKey", class = class::CRYPTO_KEY, uses = [KeyType])]
impl CryptoKey {
    // https://w3c.github.io/webcrypto/#dom-cryptokey-type
    #[getter(name = "type", ts = "KeyType")]
    fn kind(cx: &mut Context, this: Object) -> Result<&'static str> {
        Ok(kind_of(cx, this).as_str())
    }

    // https://w3c.github.io/webcrypto/#dom-cryptokey-extractable
    #[getter(ts = "boolean")]
    fn extractable(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, slot::EXTRACTABLE))
    }

    // https://w3c.github.io/webcrypto/#dom-cryptokey-algorithm
    #[getter(ts = "KeyAlgorithm")]
    fn algorithm(cx: &mut Context, this: Object) -> Result<Value> {
        let cached = this.internal(&cx.heap, slot::ALGORITHM_CACHED);
        if cached.is_object() {
            return Ok(cached);
        }
        let object = algorithm_object(cx, this)?;
        this.set_internal(&cx.heap, slot::ALGORITHM_CACHED, object.value());
        Ok(object.value())
    }

    // https://w3c.github.io/webcrypto/#dom-cryptokey-usages
    #[getter(ts = "KeyUsage[]")]
    fn usages(cx: &mut Context, this: Object) -> Result<Value> {
        let cached = this.internal(&cx.heap, slot::USAGES_CACHED);
        if cached.is_object() {
            return Ok(cached);
        }
        let texts: Vec<Value> = usages_of(cx, this).texts().map(|text| cx.new_string(text)).collect();
        let array = cx.new_array(&texts);
        this.set_internal(&cx.heap, slot::USAGES_CACHED, array.value());
        Ok(array.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usages_are_a_set_in_order() {
        let usages = Usages::from_list(&[KeyUsage::Verify, KeyUsage::Sign, KeyUsage::Verify]);
        assert_eq!(usages.texts().collect::<Vec<_>>(), ["sign", "verify"]);
        assert_eq!(usages.intersection(Usages::SIGN), Usages::SIGN);
        assert!(usages.check(Usages::SIGN).is_err());
        assert!(Usages::NONE.check(Usages::SIGN).is_ok());
    }
}
