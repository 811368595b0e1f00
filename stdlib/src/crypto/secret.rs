//! Keys that are bytes: AES, HMAC, HKDF and PBKDF2.

use super::algorithm::AlgorithmId as Id;
use super::failure::{Failure, Outcome, message};
use super::hash::Hash;
use super::import::{Exported, KeyData, KeyFormat, Wanted};
use super::jwk;
use super::key::{Key, KeyAlgorithm, KeyType, KeyUsage, Usages};

const AES_USAGES: Usages = Usages::ENCRYPT_WRAP.union(Usages::DECRYPT_UNWRAP);
const HMAC_USAGES: Usages = Usages::SIGN.union(Usages::VERIFY);

fn aes_usages(id: Id) -> Usages {
    if id == Id::AesKw { Usages::WRAP_UNWRAP } else { AES_USAGES }
}

fn secret(algorithm: KeyAlgorithm, wanted: Wanted, material: Vec<u8>) -> Key {
    Key { algorithm, kind: KeyType::Secret, extractable: wanted.extractable, usages: wanted.usages, material }
}

/// Suffix of `alg` in JSON Web Keys, as in `A128CBC`.
fn aes_suffix(id: Id) -> &'static str {
    match id {
        Id::AesCtr => "CTR",
        Id::AesCbc => "CBC",
        Id::AesGcm => "GCM",
        _ => "KW",
    }
}

// AES: Generate Key, https://w3c.github.io/webcrypto/#aes-ctr-operations-generate-key and likewise for the other modes
pub(crate) fn aes_key_length(id: Id, length: u16, usages: Usages) -> Outcome<usize> {
    usages.check(aes_usages(id))?;
    match length {
        128 | 192 | 256 => Ok(usize::from(length) / 8),
        _ => Err(Failure::Operation("AES key length must be 128, 192 or 256 bits.")),
    }
}

/// The key that generation makes of random bytes.
pub(crate) fn aes_key(id: Id, wanted: Wanted, material: Vec<u8>) -> Key {
    secret(KeyAlgorithm::plain(id), wanted, material)
}

// AES: Import Key, https://w3c.github.io/webcrypto/#aes-ctr-operations-import-key and likewise for the other modes
pub(crate) fn import_aes(id: Id, data: KeyData, wanted: Wanted) -> Outcome<Key> {
    // 1.
    wanted.usages.check(aes_usages(id))?;
    const LENGTH: Failure = Failure::Data("AES key data must be 128, 192 or 256 bits.");
    // 2.
    let data = match data {
        KeyData::Raw(data) => data,
        KeyData::Jwk(jwk) => {
            jwk.require_kty("oct")?;
            let data = jwk::bytes(&jwk.k)?;
            let bits = 8 * data.len();
            if !matches!(bits, 128 | 192 | 256) {
                return Err(LENGTH);
            }
            if jwk.alg.as_ref().is_some_and(|alg| alg.0 != format!("A{bits}{}", aes_suffix(id))) {
                return Err(Failure::Data("The JWK \"alg\" member is not suited to the algorithm."));
            }
            jwk.check("enc", wanted.usages, wanted.extractable)?;
            data
        }
        KeyData::Spki(_) | KeyData::Pkcs8(_) => return Err(Failure::NotSupported(message::FORMAT)),
    };
    if !matches!(data.len(), 16 | 24 | 32) {
        return Err(LENGTH);
    }
    // 3.-9.
    Ok(aes_key(id, wanted, data))
}

// AES: Export Key, https://w3c.github.io/webcrypto/#aes-ctr-operations-export-key and likewise for the other modes
pub(crate) fn export_aes(format: KeyFormat, key: Key) -> Outcome<Exported> {
    match format {
        KeyFormat::Raw => Ok(Exported::Bytes(key.material)),
        KeyFormat::Jwk => {
            let alg = format!("A{}{}", 8 * key.material.len(), aes_suffix(key.algorithm.id));
            Ok(Exported::Jwk(jwk::Exported::new("oct", &key).bytes("k", &key.material).text("alg", &alg)))
        }
        KeyFormat::Spki | KeyFormat::Pkcs8 => Err(Failure::NotSupported(message::FORMAT)),
    }
}

// AES: Get key length, https://w3c.github.io/webcrypto/#aes-ctr-operations-get-key-length and likewise for the other modes
pub(crate) fn aes_derived_length(length: u16) -> Outcome<u32> {
    match length {
        128 | 192 | 256 => Ok(u32::from(length)),
        _ => Err(Failure::Operation("AES key length must be 128, 192 or 256 bits.")),
    }
}

// HMAC: Generate Key, steps 1 and 2, https://w3c.github.io/webcrypto/#hmac-operations-generate-key
/// The length in bits.
pub(crate) fn hmac_key_length(hash: Hash, length: Option<u32>, usages: Usages) -> Outcome<u32> {
    // 1.
    usages.check(HMAC_USAGES)?;
    // 2.
    match length {
        None => Ok(hash.block_bits()),
        Some(0) => Err(Failure::Operation("HMAC key length must not be zero.")),
        Some(length) => Ok(length),
    }
}

/// An HMAC key of the first `length` bits of the data.
pub(crate) fn hmac_key(hash: Hash, length: u32, wanted: Wanted, mut data: Vec<u8>) -> Key {
    if !length.is_multiple_of(8)
        && let Some(last) = data.last_mut()
    {
        *last &= 0xFF << (8 - length % 8);
    }
    secret(KeyAlgorithm { id: Id::Hmac, hash: Some(hash), curve: None, length }, wanted, data)
}

// HMAC: Import Key, https://w3c.github.io/webcrypto/#hmac-operations-import-key
pub(crate) fn import_hmac(hash: Hash, length: Option<u32>, data: KeyData, wanted: Wanted) -> Outcome<Key> {
    // 2.
    wanted.usages.check(HMAC_USAGES)?;
    // 4.
    let data = match data {
        KeyData::Raw(data) => data,
        KeyData::Jwk(jwk) => {
            jwk.require_kty("oct")?;
            let data = jwk::bytes(&jwk.k)?;
            let alg = hash.jwk_digits().map(|digits| format!("HS{digits}"));
            if jwk.alg.as_ref().is_some_and(|own| Some(&own.0) != alg.as_ref()) {
                return Err(Failure::Data("The JWK \"alg\" member is not suited to the algorithm."));
            }
            jwk.check("sig", wanted.usages, wanted.extractable)?;
            data
        }
        KeyData::Spki(_) | KeyData::Pkcs8(_) => return Err(Failure::NotSupported(message::FORMAT)),
    };
    // 5.-7.
    let bits = u32::try_from(8 * data.len()).map_err(|_| Failure::Data("HMAC key data is too long."))?;
    let length = match length {
        _ if bits == 0 => return Err(Failure::Data("HMAC key data must not be empty.")),
        Some(length) if length > bits || length <= bits - 8 => {
            return Err(Failure::Data("HMAC key data does not have the given length."));
        }
        Some(length) => length,
        None => bits,
    };
    // 8.-15.
    Ok(hmac_key(hash, length, wanted, data))
}

// HMAC: Export Key, https://w3c.github.io/webcrypto/#hmac-operations-export-key
pub(crate) fn export_hmac(format: KeyFormat, key: Key) -> Outcome<Exported> {
    match format {
        KeyFormat::Raw => Ok(Exported::Bytes(key.material)),
        KeyFormat::Jwk => {
            let mut exported = jwk::Exported::new("oct", &key).bytes("k", &key.material);
            if let Some(digits) = key.hash()?.jwk_digits() {
                exported = exported.text("alg", &format!("HS{digits}"));
            }
            Ok(Exported::Jwk(exported))
        }
        KeyFormat::Spki | KeyFormat::Pkcs8 => Err(Failure::NotSupported(message::FORMAT)),
    }
}

// HMAC: Get key length, https://w3c.github.io/webcrypto/#hmac-operations-get-key-length
pub(crate) fn hmac_derived_length(hash: Hash, length: Option<u32>) -> Outcome<u32> {
    match length {
        None => Ok(hash.block_bits()),
        Some(0) => Err(Failure::Type("HMAC key length must not be zero.")),
        Some(length) => Ok(length),
    }
}

// HKDF and PBKDF2: Import key, https://w3c.github.io/webcrypto/#hkdf-operations-import-key,
// https://w3c.github.io/webcrypto/#pbkdf2-operations-import-key
pub(crate) fn import_derivation(id: Id, data: KeyData, wanted: Wanted) -> Outcome<Key> {
    let KeyData::Raw(data) = data else { return Err(Failure::NotSupported(message::FORMAT)) };
    wanted.usages.check(Usages::DERIVE)?;
    if wanted.extractable {
        return Err(Failure::Syntax("Keys of this algorithm cannot be extractable."));
    }
    Ok(secret(KeyAlgorithm::plain(id), wanted, data))
}

/// Whether a key has a usage, or else InvalidAccessError.
pub(crate) fn require_usage(key: &Key, usage: KeyUsage) -> Outcome<()> {
    if key.usages.contains(usage) { Ok(()) } else { Err(Failure::InvalidAccess("The key's usages do not permit the requested operation.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted = Wanted { extractable: true, usages: Usages::SIGN };

    #[test]
    fn hmac_keys_of_odd_lengths() {
        let data = || KeyData::Raw(vec![0xFF; 2]);
        let key = import_hmac(Hash::Sha256, Some(11), data(), WANTED).expect("valid");
        assert_eq!((key.material, key.algorithm.length), (vec![0xFF, 0xE0], 11));
        for wrong in [17, 8, 0] {
            assert!(matches!(import_hmac(Hash::Sha256, Some(wrong), data(), WANTED), Err(Failure::Data(_))), "{wrong}");
        }
        assert!(matches!(import_hmac(Hash::Sha256, None, KeyData::Raw(vec![]), WANTED), Err(Failure::Data(_))));
    }

    #[test]
    fn usages_come_first() {
        assert!(matches!(aes_key_length(Id::AesCbc, 64, Usages::SIGN), Err(Failure::Syntax(_))));
        assert!(matches!(aes_key_length(Id::AesKw, 128, Usages::ENCRYPT_WRAP), Err(Failure::Syntax(_))));
        assert!(matches!(aes_key_length(Id::AesCbc, 64, Usages::ENCRYPT_WRAP), Err(Failure::Operation(_))));
    }
}
