//! AES in its modes. Modes: NIST SP 800-38A <https://doi.org/10.6028/NIST.SP.800-38A>, 38D (GCM) <https://doi.org/10.6028/NIST.SP.800-38D>,
//! RFC 3394 (KW) <https://www.rfc-editor.org/rfc/rfc3394>

use super::failure::{Failure, Outcome, message};
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit, KeyIvInit, StreamCipher};
use aes::{Aes128, Aes192, Aes256, Block};
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use subtle::ConstantTimeEq;

const BLOCK: usize = 16;

/// Evaluates an expression with `$C` standing for AES with keys of the key's length.
macro_rules! with_aes {
    ($key:expr, $C:ident => $body:expr) => {
        match $key.len() {
            16 => {
                type $C = Aes128;
                $body
            }
            24 => {
                type $C = Aes192;
                $body
            }
            32 => {
                type $C = Aes256;
                $body
            }
            _ => Err(Failure::Operation(message::DAMAGED)),
        }
    };
}

const DAMAGED: Failure = Failure::Operation(message::DAMAGED);
const FAILED: Failure = Failure::Operation("The operation failed.");

fn block_of(bytes: &[u8], failure: Failure) -> Outcome<Block> {
    <[u8; BLOCK]>::try_from(bytes).map(Block::from).map_err(|_| failure)
}

const WRONG_IV: Failure = Failure::Operation("The initialization vector must be 16 bytes.");

// AES-CBC: Encrypt, https://w3c.github.io/webcrypto/#aes-cbc-operations-encrypt
pub(crate) fn encrypt_cbc(key: &[u8], iv: &[u8], plaintext: &[u8]) -> Outcome<Vec<u8>> {
    let iv = block_of(iv, WRONG_IV)?;
    with_aes!(key, C => {
        let encryptor = cbc::Encryptor::<C>::new_from_slices(key, &iv).map_err(|_| DAMAGED)?;
        Ok(encryptor.encrypt_padded_vec::<Pkcs7>(plaintext))
    })
}

// AES-CBC: Decrypt, https://w3c.github.io/webcrypto/#aes-cbc-operations-decrypt
pub(crate) fn decrypt_cbc(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Outcome<Vec<u8>> {
    let iv = block_of(iv, WRONG_IV)?;
    if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(BLOCK) {
        return Err(FAILED);
    }
    with_aes!(key, C => {
        let decryptor = cbc::Decryptor::<C>::new_from_slices(key, &iv).map_err(|_| DAMAGED)?;
        decryptor.decrypt_padded_vec::<Pkcs7>(ciphertext).map_err(|_| FAILED)
    })
}

/// Key stream of counter mode with a counter of 128 bits, on whole messages.
fn apply_ctr<C: BlockCipherEncrypt<BlockSize = aes::cipher::consts::U16> + KeyInit>(
    key: &[u8],
    counter: u128,
    bytes: &mut [u8],
) -> Outcome<()> {
    let cipher = C::new_from_slice(key).map_err(|_| DAMAGED)?;
    let core = ctr::CtrCore::<C, ctr::flavors::Ctr128BE>::inner_iv_init(cipher, &Block::from(counter.to_be_bytes()));
    aes::cipher::StreamCipherCoreWrapper::from_core(core).try_apply_keystream(bytes).map_err(|_| FAILED)
}

// AES-CTR: Encrypt and Decrypt, https://w3c.github.io/webcrypto/#aes-ctr-operations-encrypt
/// The counter is the last `length` bits of the block; when it wraps, the rest of the block stays.
pub(crate) fn ctr(key: &[u8], counter: &[u8], length: u8, message: &[u8]) -> Outcome<Vec<u8>> {
    // 1.
    let block = block_of(counter, Failure::Operation("The counter must be 16 bytes."))?;
    // 2.
    if length == 0 || length > 128 {
        return Err(Failure::Operation("The counter's length must be between 1 and 128 bits."));
    }
    // 3.
    let start = u128::from_be_bytes(block.into());
    let mask = if length == 128 { u128::MAX } else { (1 << length) - 1 };
    let blocks = message.len().div_ceil(BLOCK) as u128;
    // The counter must not come back to where it started.
    if blocks > 0 && blocks - 1 > mask {
        return Err(Failure::Operation("The message is too long for the counter."));
    }
    let until_wrap = (mask - (start & mask)).saturating_add(1);
    let mut bytes = message.to_vec();
    let first = usize::try_from(until_wrap.min(blocks)).map_or(bytes.len(), |blocks| blocks.saturating_mul(BLOCK).min(bytes.len()));
    let (before, after) = bytes.split_at_mut(first);
    with_aes!(key, C => {
        apply_ctr::<C>(key, start, before)?;
        apply_ctr::<C>(key, start & !mask, after)
    })?;
    Ok(bytes)
}

/// GHASH of additional data and ciphertext, or of an initialization vector. <https://doi.org/10.6028/NIST.SP.800-38D> 6.4, 7.1
fn ghash(subkey: &Block, additional_data: &[u8], data: &[u8]) -> Block {
    let mut hash = GHash::new(subkey);
    hash.update_padded(additional_data);
    hash.update_padded(data);
    let mut lengths = Block::default();
    lengths[..8].copy_from_slice(&(8 * additional_data.len() as u64).to_be_bytes());
    lengths[8..].copy_from_slice(&(8 * data.len() as u64).to_be_bytes());
    hash.update(&[lengths]);
    hash.finalize()
}

/// GCM with a key and an initialization vector.
struct Gcm<C> {
    cipher: C,
    subkey: Block,
    /// J0
    first: Block,
}

impl<C: BlockCipherEncrypt<BlockSize = aes::cipher::consts::U16> + KeyInit> Gcm<C> {
    /// Steps 1 and 2 of GCM-AE. Vectors of any length are allowed.
    fn new(key: &[u8], iv: &[u8]) -> Outcome<Gcm<C>> {
        let cipher = C::new_from_slice(key).map_err(|_| DAMAGED)?;
        let mut subkey = Block::default();
        cipher.encrypt_block(&mut subkey);
        let first = if iv.len() == 12 {
            let mut block = Block::default();
            block[..12].copy_from_slice(iv);
            block[15] = 1;
            block
        } else {
            ghash(&subkey, &[], iv)
        };
        Ok(Gcm { cipher, subkey, first })
    }

    /// The tag: GHASH, encrypted with the first counter block.
    fn tag(&self, additional_data: &[u8], ciphertext: &[u8]) -> Block {
        let mut tag = self.first;
        self.cipher.encrypt_block(&mut tag);
        let hash = ghash(&self.subkey, additional_data, ciphertext);
        for (byte, other) in tag.iter_mut().zip(hash) {
            *byte ^= other;
        }
        tag
    }

    /// GCTR from the second counter block on; the counter has 32 bits.
    fn apply(self, bytes: &mut [u8]) -> Outcome<()> {
        let mut block = self.first;
        let counter = u32::from_be_bytes([block[12], block[13], block[14], block[15]]).wrapping_add(1);
        block[12..].copy_from_slice(&counter.to_be_bytes());
        let core = ctr::CtrCore::<C, ctr::flavors::Ctr32BE>::inner_iv_init(self.cipher, &block);
        aes::cipher::StreamCipherCoreWrapper::from_core(core).try_apply_keystream(bytes).map_err(|_| FAILED)
    }
}

fn tag_bytes(tag_length: Option<u8>) -> Outcome<usize> {
    match tag_length.unwrap_or(128) {
        length @ (32 | 64 | 96 | 104 | 112 | 120 | 128) => Ok(usize::from(length) / 8),
        _ => Err(Failure::Operation("The tag's length must be 32, 64, 96, 104, 112, 120 or 128 bits.")),
    }
}

// AES-GCM: Encrypt, https://w3c.github.io/webcrypto/#aes-gcm-operations-encrypt
pub(crate) fn encrypt_gcm(key: &[u8], iv: &[u8], additional_data: &[u8], tag_length: Option<u8>, plaintext: &[u8]) -> Outcome<Vec<u8>> {
    let tag_bytes = tag_bytes(tag_length)?;
    if iv.is_empty() {
        return Err(Failure::Operation("The initialization vector must not be empty."));
    }
    with_aes!(key, C => {
        let gcm = Gcm::<C>::new(key, iv)?;
        let (first, subkey) = (gcm.first, gcm.subkey);
        let mut bytes = Vec::with_capacity(plaintext.len() + tag_bytes);
        bytes.extend_from_slice(plaintext);
        gcm.apply(&mut bytes)?;
        let cipher = C::new_from_slice(key).map_err(|_| DAMAGED)?;
        let tag = Gcm { cipher, subkey, first }.tag(additional_data, &bytes);
        bytes.extend_from_slice(&tag[..tag_bytes]);
        Ok(bytes)
    })
}

// AES-GCM: Decrypt, https://w3c.github.io/webcrypto/#aes-gcm-operations-decrypt
pub(crate) fn decrypt_gcm(key: &[u8], iv: &[u8], additional_data: &[u8], tag_length: Option<u8>, ciphertext: &[u8]) -> Outcome<Vec<u8>> {
    let tag_bytes = tag_bytes(tag_length)?;
    let Some((ciphertext, tag)) = ciphertext.len().checked_sub(tag_bytes).map(|at| ciphertext.split_at(at)) else {
        return Err(Failure::Operation("The provided data is too small."));
    };
    if iv.is_empty() {
        return Err(Failure::Operation("The initialization vector must not be empty."));
    }
    with_aes!(key, C => {
        let gcm = Gcm::<C>::new(key, iv)?;
        if !bool::from(gcm.tag(additional_data, ciphertext)[..tag_bytes].ct_eq(tag)) {
            return Err(FAILED);
        }
        let mut bytes = ciphertext.to_vec();
        gcm.apply(&mut bytes)?;
        Ok(bytes)
    })
}

// AES-KW: Wrap Key, https://w3c.github.io/webcrypto/#aes-kw-operations-wrap-key
/// RFC 3394 wraps at least two blocks of 64 bits.
pub(crate) fn wrap_kw(key: &[u8], plaintext: &[u8]) -> Outcome<Vec<u8>> {
    if !plaintext.len().is_multiple_of(8) || plaintext.len() < 16 {
        return Err(Failure::Operation("The length of the wrapped data must be a multiple of 8 bytes, and at least 16."));
    }
    with_aes!(key, C => {
        let mut bytes = vec![0; plaintext.len() + 8];
        let kw = aes_kw::AesKw::<C>::new_from_slice(key).map_err(|_| DAMAGED)?;
        kw.wrap_key(plaintext, &mut bytes).map_err(|_| FAILED)?;
        Ok(bytes)
    })
}

// AES-KW: Unwrap Key, https://w3c.github.io/webcrypto/#aes-kw-operations-unwrap-key
pub(crate) fn unwrap_kw(key: &[u8], ciphertext: &[u8]) -> Outcome<Vec<u8>> {
    if !ciphertext.len().is_multiple_of(8) || ciphertext.len() < 24 {
        return Err(FAILED);
    }
    with_aes!(key, C => {
        let mut bytes = vec![0; ciphertext.len() - 8];
        let kw = aes_kw::AesKw::<C>::new_from_slice(key).map_err(|_| DAMAGED)?;
        kw.unwrap_key(ciphertext, &mut bytes).map_err(|_| FAILED)?;
        Ok(bytes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    #[test]
    fn gcm_test_cases() {
        // Cases 4, 5 and 6 of the GCM specification: vectors of 12, 8 and 60 bytes.
        let key = hex("feffe9928665731c6d6a8f9467308308");
        let plaintext =
            hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
        let data = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        for (iv, tag) in [
            ("cafebabefacedbaddecaf888", "5bc94fbc3221a5db94fae95ae7121a47"),
            ("cafebabefacedbad", "3612d2e79e3b0785561be14aaca2fccb"),
            (
                "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b",
                "619cc5aefffe0bfa462af43c1699d050",
            ),
        ] {
            let iv = hex(iv);
            let ciphertext = encrypt_gcm(&key, &iv, &data, None, &plaintext).expect("encrypts");
            assert_eq!(ciphertext[plaintext.len()..], hex(tag));
            assert_eq!(decrypt_gcm(&key, &iv, &data, None, &ciphertext).expect("decrypts"), plaintext);
            let mut damaged = ciphertext.clone();
            damaged[0] ^= 1;
            assert!(decrypt_gcm(&key, &iv, &data, None, &damaged).is_err());
            assert!(decrypt_gcm(&key, &iv, &data[1..], None, &ciphertext).is_err());
            let short = encrypt_gcm(&key, &iv, &data, Some(32), &plaintext).expect("encrypts");
            assert_eq!(short, ciphertext[..plaintext.len() + 4]);
        }
        assert!(encrypt_gcm(&key, &[], &[], None, &plaintext).is_err());
        assert!(encrypt_gcm(&key, &[0; 12], &[], Some(33), &plaintext).is_err());
        assert!(decrypt_gcm(&key, &[0; 12], &[], None, &[0; 15]).is_err());
    }

    #[test]
    fn counters_wrap_within_their_bits() {
        let key = [7; 16];
        let mut counter = [0xAB; 16];
        counter[15] = 0xFF;
        let message = [0; 48];
        let whole = ctr(&key, &counter, 8, &message).expect("three blocks");
        for (at, low) in [(0, 0xFF), (1, 0), (2, 1)] {
            let mut block = counter;
            block[15] = low;
            assert_eq!(whole[16 * at..16 * at + 16], ctr(&key, &block, 128, &message[..16]).expect("one block"), "{at}");
        }
        assert_eq!(ctr(&key, &counter, 1, &message[..33]), Err(Failure::Operation("The message is too long for the counter.")));
        assert!(ctr(&key, &counter, 1, &message[..32]).is_ok());
        assert!(ctr(&key, &counter, 0, &message).is_err() && ctr(&key, &counter, 129, &message).is_err());
        assert_eq!(ctr(&key, &counter, 64, &[]), Ok(vec![]));
    }

    #[test]
    fn key_wrap_of_rfc_3394() {
        // 4.1
        let key = hex("000102030405060708090A0B0C0D0E0F");
        let data = hex("00112233445566778899AABBCCDDEEFF");
        let wrapped = wrap_kw(&key, &data).expect("wraps");
        assert_eq!(wrapped, hex("1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"));
        assert_eq!(unwrap_kw(&key, &wrapped), Ok(data.clone()));
        let mut damaged = wrapped.clone();
        damaged[23] ^= 1;
        assert!(unwrap_kw(&key, &damaged).is_err());
        for length in [0, 8, 17] {
            assert!(wrap_kw(&key, &vec![0; length]).is_err() && unwrap_kw(&key, &vec![0; length]).is_err(), "{length}");
        }
    }

    #[test]
    fn cbc_padding() {
        let (key, iv) = ([1; 32], [2; 16]);
        for length in [0, 1, 15, 16, 17] {
            let message = vec![3; length];
            let ciphertext = encrypt_cbc(&key, &iv, &message).expect("encrypts");
            assert_eq!(ciphertext.len(), length / 16 * 16 + 16);
            assert_eq!(decrypt_cbc(&key, &iv, &ciphertext), Ok(message));
        }
        assert!(encrypt_cbc(&key, &iv[1..], &[]).is_err());
        assert!(
            decrypt_cbc(&key, &iv, &[]).is_err() && decrypt_cbc(&key, &iv, &[0; 17]).is_err() && decrypt_cbc(&key, &iv, &[0; 16]).is_err()
        );
    }
}
