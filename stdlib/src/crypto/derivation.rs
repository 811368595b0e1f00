//! HKDF and PBKDF2. RFC 5869: <https://www.rfc-editor.org/rfc/rfc5869>, RFC 8018: <https://www.rfc-editor.org/rfc/rfc8018>

use super::failure::{Failure, Outcome};
use super::hash::{Hash, with_hmac};
use hkdf::GenericHkdf;

/// Most bits that are derived: what comes out must fit into memory.
const MOST_BITS: u32 = 1 << 30;

fn whole_bytes(length: Option<u32>) -> Outcome<usize> {
    match length {
        Some(length) if length.is_multiple_of(8) && length <= MOST_BITS => Ok(length as usize / 8),
        _ => Err(Failure::Operation("The length must be a multiple of 8 bits.")),
    }
}

// HKDF: Derive Bits, https://w3c.github.io/webcrypto/#hkdf-operations-derive-bits
pub(super) fn hkdf(key: &[u8], hash: Hash, salt: &[u8], info: &[u8], length: Option<u32>) -> Outcome<Vec<u8>> {
    let mut bits = vec![0; whole_bytes(length)?];
    let expanded = with_hmac!(hash, M => GenericHkdf::<M>::new(Some(salt), key).expand(info, &mut bits));
    expanded.map_err(|_| Failure::Operation("The length is too large for HKDF."))?;
    Ok(bits)
}

// PBKDF2: Derive Bits, https://w3c.github.io/webcrypto/#pbkdf2-operations-derive-bits
pub(super) fn pbkdf2(key: &[u8], hash: Hash, salt: &[u8], iterations: u32, length: Option<u32>) -> Outcome<Vec<u8>> {
    let mut bits = vec![0; whole_bytes(length)?];
    if iterations == 0 {
        return Err(Failure::Operation("The number of iterations must not be zero."));
    }
    let derived = with_hmac!(hash, M => pbkdf2::pbkdf2::<M>(key, salt, iterations, &mut bits));
    derived.map_err(|_| Failure::Operation("The key derivation failed."))?;
    Ok(bits)
}

/// "A byte sequence containing the first `length` bits of secret"; all of it for null.
pub(super) fn first_bits(mut secret: Vec<u8>, length: Option<u32>) -> Outcome<Vec<u8>> {
    let Some(length) = length else { return Ok(secret) };
    let length = length as usize;
    if 8 * secret.len() < length {
        return Err(Failure::Operation("The length is larger than that of the shared secret."));
    }
    secret.truncate(length.div_ceil(8));
    if !length.is_multiple_of(8)
        && let Some(last) = secret.last_mut()
    {
        *last &= 0xFF << (8 - length % 8);
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hkdf_of_rfc_5869() {
        // A.1
        let info: Vec<u8> = (0xF0..=0xF9).collect();
        let salt: Vec<u8> = (0..=0x0C).collect();
        let okm = hkdf(&[0x0B; 22], Hash::Sha256, &salt, &info, Some(336)).expect("derives");
        assert_eq!(okm[..8], [0x3C, 0xB2, 0x5F, 0x25, 0xFA, 0xAC, 0xD5, 0x7A]);
        assert!(hkdf(&[], Hash::Sha256, &[], &[], Some(255 * 256)).is_ok());
        assert!(hkdf(&[], Hash::Sha256, &[], &[], Some(255 * 256 + 8)).is_err());
        assert!(hkdf(&[], Hash::Sha256, &[], &[], None).is_err() && hkdf(&[], Hash::Sha256, &[], &[], Some(1)).is_err());
    }

    #[test]
    fn pbkdf2_of_rfc_6070() {
        let bits = pbkdf2(b"password", Hash::Sha1, b"salt", 2, Some(160)).expect("derives");
        assert_eq!(bits[..4], [0xEA, 0x6C, 0x01, 0x4D]);
        assert!(pbkdf2(b"", Hash::Sha1, b"", 0, Some(160)).is_err());
        assert_eq!(pbkdf2(b"", Hash::Sha1, b"", 1, Some(0)), Ok(vec![]));
    }

    #[test]
    fn bits_of_secrets() {
        assert_eq!(first_bits(vec![0xFF; 2], Some(11)), Ok(vec![0xFF, 0xE0]));
        assert_eq!(first_bits(vec![0xFF; 2], None), Ok(vec![0xFF; 2]));
        assert_eq!(first_bits(vec![0xFF; 2], Some(0)), Ok(vec![]));
        assert!(first_bits(vec![0xFF; 2], Some(17)).is_err());
    }
}
