//! Hash functions by name, and the HMACs on them.

use digest::{Digest, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use sha3::{Sha3_256, Sha3_384, Sha3_512};

/// A hash function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
    Sha3_256,
    Sha3_384,
    Sha3_512,
}

/// Evaluates an expression with `$D` standing for the hash function's type.
macro_rules! with_hash {
    ($hash:expr, $D:ident => $body:expr) => {{
        use $crate::crypto::hash::Hash;
        match $hash {
            Hash::Sha1 => {
                type $D = sha1::Sha1;
                $body
            }
            Hash::Sha256 => {
                type $D = sha2::Sha256;
                $body
            }
            Hash::Sha384 => {
                type $D = sha2::Sha384;
                $body
            }
            Hash::Sha512 => {
                type $D = sha2::Sha512;
                $body
            }
            Hash::Sha3_256 => {
                type $D = sha3::Sha3_256;
                $body
            }
            Hash::Sha3_384 => {
                type $D = sha3::Sha3_384;
                $body
            }
            Hash::Sha3_512 => {
                type $D = sha3::Sha3_512;
                $body
            }
        }
    }};
}
pub(crate) use with_hash;

/// Evaluates an expression with `$M` standing for the type of the HMAC on the hash function.
macro_rules! with_hmac {
    ($hash:expr, $M:ident => $body:expr) => {{
        use $crate::crypto::hash::Hash;
        match $hash {
            Hash::Sha1 => {
                type $M = hmac::Hmac<sha1::Sha1>;
                $body
            }
            Hash::Sha256 => {
                type $M = hmac::Hmac<sha2::Sha256>;
                $body
            }
            Hash::Sha384 => {
                type $M = hmac::Hmac<sha2::Sha384>;
                $body
            }
            Hash::Sha512 => {
                type $M = hmac::Hmac<sha2::Sha512>;
                $body
            }
            Hash::Sha3_256 => {
                type $M = hmac::SimpleHmac<sha3::Sha3_256>;
                $body
            }
            Hash::Sha3_384 => {
                type $M = hmac::SimpleHmac<sha3::Sha3_384>;
                $body
            }
            Hash::Sha3_512 => {
                type $M = hmac::SimpleHmac<sha3::Sha3_512>;
                $body
            }
        }
    }};
}
pub(crate) use with_hmac;

impl Hash {
    /// All of them, by their numbers.
    const ALL: [Hash; 7] = [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512, Hash::Sha3_256, Hash::Sha3_384, Hash::Sha3_512];

    /// The function of this number.
    pub(crate) fn from_number(number: u8) -> Option<Hash> {
        Hash::ALL.get(usize::from(number)).copied()
    }

    /// The recognized algorithm name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Hash::Sha1 => "SHA-1",
            Hash::Sha256 => "SHA-256",
            Hash::Sha384 => "SHA-384",
            Hash::Sha512 => "SHA-512",
            Hash::Sha3_256 => "SHA3-256",
            Hash::Sha3_384 => "SHA3-384",
            Hash::Sha3_512 => "SHA3-512",
        }
    }

    /// The function with this name, whatever its case.
    pub(crate) fn from_name(name: &str) -> Option<Hash> {
        Hash::ALL.into_iter().find(|hash| hash.name().eq_ignore_ascii_case(name))
    }

    /// Length of a block in bits, which is the default length of HMAC keys.
    pub(crate) fn block_bits(self) -> u32 {
        match self {
            Hash::Sha1 | Hash::Sha256 => 512,
            Hash::Sha384 | Hash::Sha512 => 1024,
            Hash::Sha3_256 => 1088,
            Hash::Sha3_384 => 832,
            Hash::Sha3_512 => 576,
        }
    }

    /// Length of a digest in bytes.
    pub(crate) fn output_bytes(self) -> usize {
        match self {
            Hash::Sha1 => 20,
            Hash::Sha256 | Hash::Sha3_256 => 32,
            Hash::Sha384 | Hash::Sha3_384 => 48,
            Hash::Sha512 | Hash::Sha3_512 => 64,
        }
    }

    /// Digits of the function in `alg` members of JSON Web Keys, as in `RS256`; none for functions that JWA does not know.
    pub(crate) fn jwk_digits(self) -> Option<&'static str> {
        match self {
            Hash::Sha1 => Some("1"),
            Hash::Sha256 => Some("256"),
            Hash::Sha384 => Some("384"),
            Hash::Sha512 => Some("512"),
            Hash::Sha3_256 | Hash::Sha3_384 | Hash::Sha3_512 => None,
        }
    }

    /// The digest of bytes.
    pub(crate) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        with_hash!(self, D => D::digest(bytes).to_vec())
    }

    /// The message authentication code of bytes under a key of any length.
    pub(crate) fn hmac(self, key: &[u8], bytes: &[u8]) -> Vec<u8> {
        // Any length of key is allowed: an error cannot come.
        with_hmac!(self, M => M::new_from_slice(key).map_or_else(|_| Vec::new(), |mac| mac.chain_update(bytes).finalize().into_bytes().to_vec()))
    }
}

/// A digest that is fed piece by piece.
pub(crate) enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
    Sha3_256(Sha3_256),
    Sha3_384(Sha3_384),
    Sha3_512(Sha3_512),
}

macro_rules! each_hasher {
    ($hasher:expr, $inner:ident => $body:expr) => {
        match $hasher {
            Hasher::Sha1($inner) => $body,
            Hasher::Sha256($inner) => $body,
            Hasher::Sha384($inner) => $body,
            Hasher::Sha512($inner) => $body,
            Hasher::Sha3_256($inner) => $body,
            Hasher::Sha3_384($inner) => $body,
            Hasher::Sha3_512($inner) => $body,
        }
    };
}

impl Hasher {
    /// One without input.
    pub(crate) fn new(hash: Hash) -> Hasher {
        match hash {
            Hash::Sha1 => Hasher::Sha1(Sha1::new()),
            Hash::Sha256 => Hasher::Sha256(Sha256::new()),
            Hash::Sha384 => Hasher::Sha384(Sha384::new()),
            Hash::Sha512 => Hasher::Sha512(Sha512::new()),
            Hash::Sha3_256 => Hasher::Sha3_256(Sha3_256::new()),
            Hash::Sha3_384 => Hasher::Sha3_384(Sha3_384::new()),
            Hash::Sha3_512 => Hasher::Sha3_512(Sha3_512::new()),
        }
    }

    /// Adds input.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        each_hasher!(self, hasher => hasher.update(bytes));
    }

    /// The digest of all input; the hasher is as new afterwards.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        each_hasher!(self, hasher => hasher.finalize_reset().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_of_abc() {
        assert_eq!(hex(&Hash::Sha1.digest(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hex(&Hash::Sha256.digest(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(&Hash::Sha3_256.digest(b"abc")), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
        for hash in Hash::ALL {
            let mut hasher = Hasher::new(hash);
            hasher.update(b"a");
            hasher.update(b"");
            hasher.update(b"bc");
            assert_eq!(hasher.finish(), hash.digest(b"abc"), "{}", hash.name());
            assert_eq!(hash.digest(b"").len(), hash.output_bytes(), "{}", hash.name());
            assert_eq!(Hash::from_name(&hash.name().to_lowercase()), Some(hash));
            assert_eq!(Hash::from_number(hash as u8), Some(hash));
        }
        assert_eq!(Hash::from_name("SHA-224"), None);
        assert_eq!(Hash::from_number(7), None);
    }

    #[test]
    fn hmac_of_rfc_4231() {
        // Case 2, and case 6: a key longer than a block. https://www.rfc-editor.org/rfc/rfc4231
        assert_eq!(
            hex(&Hash::Sha256.hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&Hash::Sha256.hmac(&[0xAA; 131], b"Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
