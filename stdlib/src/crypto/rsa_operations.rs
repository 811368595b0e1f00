//! Signatures and encryption with RSA. RFC 8017: <https://www.rfc-editor.org/rfc/rfc8017>

use super::failure::{Failure, Outcome};
use super::hash::with_hash;
use super::key::Key;
use super::random::Random;
use super::rsa::{read_private, read_public};
use rsa::traits::PublicKeyParts;
use rsa::{Oaep, Pkcs1v15Sign, Pss};

const FAILED: Failure = Failure::Operation("The operation failed.");

// RSASSA-PKCS1-v1_5: Sign, https://w3c.github.io/webcrypto/#rsassa-pkcs1-operations-sign
pub(super) fn sign_pkcs1(key: &Key, message: &[u8], random: &mut Random) -> Outcome<Vec<u8>> {
    key.require_private()?;
    let hash = key.hash()?;
    let private = read_private(&key.material)?;
    let padding = with_hash!(hash, D => Pkcs1v15Sign::new::<D>());
    private.sign_with_rng(random, padding, &hash.digest(message)).map_err(|_| FAILED)
}

// RSASSA-PKCS1-v1_5: Verify, https://w3c.github.io/webcrypto/#rsassa-pkcs1-operations-verify
pub(super) fn verify_pkcs1(key: &Key, signature: &[u8], message: &[u8]) -> Outcome<bool> {
    key.require_public()?;
    let hash = key.hash()?;
    let public = read_public(&key.material)?;
    let padding = with_hash!(hash, D => Pkcs1v15Sign::new::<D>());
    Ok(public.verify(padding, &hash.digest(message), signature).is_ok())
}

/// The length of a salt, if the modulus has room for it. <https://www.rfc-editor.org/rfc/rfc8017#section-9.1.1>
fn salt_bytes(modulus: &impl PublicKeyParts, hash_bytes: usize, salt_length: u32) -> Option<usize> {
    let salt = usize::try_from(salt_length).ok()?;
    // emLen = ceil((modBits − 1) / 8)
    let room = (modulus.n().bits() as usize).saturating_sub(1).div_ceil(8).checked_sub(hash_bytes + 2)?;
    (salt <= room).then_some(salt)
}

// RSA-PSS: Sign, https://w3c.github.io/webcrypto/#rsa-pss-operations-sign
pub(super) fn sign_pss(key: &Key, salt_length: u32, message: &[u8], random: &mut Random) -> Outcome<Vec<u8>> {
    key.require_private()?;
    let hash = key.hash()?;
    let private = read_private(&key.material)?;
    let salt = salt_bytes(&private, hash.output_bytes(), salt_length).ok_or(Failure::Operation("The salt is too long for the key."))?;
    let digest = hash.digest(message);
    with_hash!(hash, D => private.sign_with_rng(random, Pss::<D>::new_blinded_with_salt(salt), &digest)).map_err(|_| FAILED)
}

// RSA-PSS: Verify, https://w3c.github.io/webcrypto/#rsa-pss-operations-verify
pub(super) fn verify_pss(key: &Key, salt_length: u32, signature: &[u8], message: &[u8]) -> Outcome<bool> {
    key.require_public()?;
    let hash = key.hash()?;
    let public = read_public(&key.material)?;
    let Some(salt) = salt_bytes(&public, hash.output_bytes(), salt_length) else { return Ok(false) };
    let digest = hash.digest(message);
    Ok(with_hash!(hash, D => public.verify(Pss::<D>::new_with_salt(salt), &digest, signature)).is_ok())
}

// RSA-OAEP: Encrypt, https://w3c.github.io/webcrypto/#rsa-oaep-operations-encrypt
pub(super) fn encrypt_oaep(key: &Key, label: &[u8], plaintext: &[u8], random: &mut Random) -> Outcome<Vec<u8>> {
    key.require_public()?;
    let hash = key.hash()?;
    let public = read_public(&key.material)?;
    with_hash!(hash, D => public.encrypt(random, Oaep::<D>::new_with_label(label), plaintext)).map_err(|_| FAILED)
}

// RSA-OAEP: Decrypt, https://w3c.github.io/webcrypto/#rsa-oaep-operations-decrypt
pub(super) fn decrypt_oaep(key: &Key, label: &[u8], ciphertext: &[u8], random: &mut Random) -> Outcome<Vec<u8>> {
    key.require_private()?;
    let hash = key.hash()?;
    let private = read_private(&key.material)?;
    with_hash!(hash, D => private.decrypt_blinded(random, Oaep::<D>::new_with_label(label), ciphertext)).map_err(|_| FAILED)
}
