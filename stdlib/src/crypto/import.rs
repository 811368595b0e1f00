//! What is imported, and what is exported.

use super::failure::{Failure, Outcome, message};
use super::jwk::{Exported as ExportedJwk, JsonWebKey};
use super::key::Usages;
use crate::webidl::prelude::*;

/// KeyFormat. <https://w3c.github.io/webcrypto/#dfn-KeyFormat>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enumeration)]
pub(crate) enum KeyFormat {
    Raw,
    Spki,
    Pkcs8,
    Jwk,
}

/// Key data, in its format.
#[derive(Clone, Debug)]
pub(crate) enum KeyData {
    Raw(Vec<u8>),
    Spki(Vec<u8>),
    Pkcs8(Vec<u8>),
    Jwk(Box<JsonWebKey>),
}

impl KeyData {
    /// Bytes in a format that is not `jwk`.
    pub(crate) fn from_bytes(format: KeyFormat, bytes: Vec<u8>) -> Outcome<KeyData> {
        match format {
            KeyFormat::Raw => Ok(KeyData::Raw(bytes)),
            KeyFormat::Spki => Ok(KeyData::Spki(bytes)),
            KeyFormat::Pkcs8 => Ok(KeyData::Pkcs8(bytes)),
            KeyFormat::Jwk => Err(Failure::Type(message::NO_JWK)),
        }
    }
}

/// What all imports are given besides data and algorithm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) extractable: bool,
    pub(crate) usages: Usages,
}

/// An exported key.
#[derive(Debug)]
pub(crate) enum Exported {
    Bytes(Vec<u8>),
    Jwk(ExportedJwk),
}
