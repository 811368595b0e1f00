//! JSON Web Keys. <https://w3c.github.io/webcrypto/#JsonWebKey-dictionary>, RFC 7517: <https://www.rfc-editor.org/rfc/rfc7517>,
//! RFC 7518: <https://www.rfc-editor.org/rfc/rfc7518>

use super::failure::{Failure, Outcome};
use super::key::{Key, Usages};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::json;

/// RsaOtherPrimesInfo
#[derive(Clone, Debug, Dictionary)]
#[allow(dead_code, reason = "read because the conversion reads them; keys of more than two primes are not supported")]
pub(crate) struct RsaOtherPrimesInfo {
    d: Optional<USVString>,
    r: Optional<USVString>,
    t: Optional<USVString>,
}

/// JsonWebKey
#[derive(Clone, Debug, Dictionary)]
pub(crate) struct JsonWebKey {
    pub(crate) alg: Optional<USVString>,
    pub(crate) crv: Optional<USVString>,
    pub(crate) d: Optional<USVString>,
    pub(crate) dp: Optional<USVString>,
    pub(crate) dq: Optional<USVString>,
    pub(crate) e: Optional<USVString>,
    pub(crate) ext: Optional<bool>,
    pub(crate) k: Optional<USVString>,
    #[idl(name = "key_ops", ts = "string[]")]
    pub(crate) key_ops: Optional<Vec<USVString>>,
    pub(crate) kty: Optional<USVString>,
    pub(crate) n: Optional<USVString>,
    #[idl(ts = "{ d?: string; r?: string; t?: string }[]")]
    pub(crate) oth: Optional<Vec<RsaOtherPrimesInfo>>,
    pub(crate) p: Optional<USVString>,
    pub(crate) q: Optional<USVString>,
    pub(crate) qi: Optional<USVString>,
    #[idl(name = "use")]
    pub(crate) usage: Optional<USVString>,
    pub(crate) x: Optional<USVString>,
    pub(crate) y: Optional<USVString>,
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64url without padding. <https://www.rfc-editor.org/rfc/rfc7515#section-2>
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(word >> (18 - 6 * i) & 63) as usize]));
        }
    }
    text
}

/// Decodes base64url without padding.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    if text.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut word, mut bits) = (0u32, 0);
    for character in text.bytes() {
        let digit = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        word = word << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

impl JsonWebKey {
    /// DataError unless `kty` is this.
    pub(crate) fn require_kty(&self, kty: &str) -> Outcome<()> {
        match &*self.kty {
            Some(own) if own.0 == kty => Ok(()),
            _ => Err(Failure::Data("The JWK \"kty\" member has the wrong value.")),
        }
    }

    /// The checks of `use`, `key_ops` and `ext` that all imports have in common.
    pub(crate) fn check(&self, usage: &str, usages: Usages, extractable: bool) -> Outcome<()> {
        // If usages is non-empty and the use field of jwk is present and is not usage, then throw a DataError.
        if !usages.is_empty() && self.usage.as_ref().is_some_and(|own| own.0 != usage) {
            return Err(Failure::Data("The JWK \"use\" member is not suited to the key usages."));
        }
        // If the key_ops field of jwk is present, and is invalid according to the requirements of JSON Web Key or does not contain all of
        // the specified usages values, then throw a DataError. https://www.rfc-editor.org/rfc/rfc7517#section-4.3
        if let Some(operations) = &*self.key_ops {
            let repeated = operations.iter().enumerate().any(|(at, operation)| operations[..at].contains(operation));
            let covered = usages.texts().all(|text| operations.iter().any(|operation| operation.0 == text));
            if repeated || !covered {
                return Err(Failure::Data("The JWK \"key_ops\" member is not suited to the key usages."));
            }
        }
        // If the ext field of jwk is present and has the value false and extractable is true, then throw a DataError.
        if *self.ext == Some(false) && extractable {
            return Err(Failure::Data("The JWK \"ext\" member says that the key is not extractable."));
        }
        Ok(())
    }
}

/// Bytes of a member that has to be there.
pub(crate) fn bytes(member: &Optional<USVString>) -> Outcome<Vec<u8>> {
    let decoded = member.as_ref().and_then(|text| decode(text));
    decoded.ok_or(Failure::Data("A member of the JWK is missing or is not base64url."))
}

/// A number that has to be there, as bytes without leading zeros ("Base64urlUInt", which allows none).
/// <https://www.rfc-editor.org/rfc/rfc7518#section-2>
pub(crate) fn number(member: &Optional<USVString>) -> Outcome<Vec<u8>> {
    let mut bytes = bytes(member)?;
    if bytes == [0] {
        bytes.clear();
    } else if bytes.first().is_none_or(|&first| first == 0) {
        return Err(Failure::Data("A number in the JWK is not in its shortest form."));
    }
    Ok(bytes)
}

/// Value of a member in an exported key.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Member {
    Text(String),
    Flag(bool),
    List(Vec<&'static str>),
}

/// An exported key. Members stand in the order of their names, as Web IDL's conversion has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Exported(Vec<(&'static str, Member)>);

impl Exported {
    /// `kty`, and what the key says of itself: `key_ops` and `ext`.
    pub(crate) fn new(kty: &str, key: &Key) -> Exported {
        let mut exported = Exported(Vec::new());
        exported.set("kty", Member::Text(kty.to_string()));
        exported.set("key_ops", Member::List(key.usages.texts().collect()));
        exported.set("ext", Member::Flag(key.extractable));
        exported
    }

    fn set(&mut self, name: &'static str, member: Member) {
        let at = self.0.partition_point(|(known, _)| *known < name);
        self.0.insert(at, (name, member));
    }

    /// Adds a text.
    pub(crate) fn text(mut self, name: &'static str, text: &str) -> Exported {
        self.set(name, Member::Text(text.to_string()));
        self
    }

    /// Adds bytes.
    pub(crate) fn bytes(self, name: &'static str, bytes: &[u8]) -> Exported {
        self.text(name, &encode(bytes))
    }

    /// As an object of the heap.
    pub(crate) fn into_object(self, cx: &mut Context) -> Result<Object> {
        let object = cx.new_plain_object();
        for (name, member) in self.0 {
            let value = match member {
                Member::Text(text) => cx.new_string(&text),
                Member::Flag(flag) => Value::bool(flag),
                Member::List(list) => {
                    let values: Vec<Value> = list.into_iter().map(|text| cx.new_string(text)).collect();
                    cx.new_array(&values).value()
                }
            };
            let name = cx.key(name);
            cx.create_data_property_or_throw(object, name, value)?;
        }
        Ok(object)
    }

    /// As JSON, in UTF-8. No text of a key has characters to be escaped.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let mut json = String::from("{");
        for (at, (name, member)) in self.0.iter().enumerate() {
            if at > 0 {
                json.push(',');
            }
            json.push_str(&format!("\"{name}\":"));
            match member {
                Member::Text(text) => json.push_str(&format!("\"{text}\"")),
                Member::Flag(flag) => json.push_str(&flag.to_string()),
                Member::List(list) => {
                    let texts: Vec<String> = list.iter().map(|text| format!("\"{text}\"")).collect();
                    json.push_str(&format!("[{}]", texts.join(",")));
                }
            }
        }
        json.push('}');
        json.into_bytes()
    }
}

// Parse a JWK, https://w3c.github.io/webcrypto/#concept-parse-a-jwk
/// JSON that is none, and values of the wrong types, are DataErrors, as all engines have it.
pub(crate) fn parse(cx: &mut Context, data: &[u8]) -> Result<Outcome<JsonWebKey>> {
    const NONE: Failure = Failure::Data("The wrapped key is not a JSON Web Key.");
    // 1.-3.
    let text = cx.heap.new_string(&String::from_utf8_lossy(data));
    // 4. A new global object has nothing that scripts have put on Object.prototype.
    let parsed = json::parse_string(cx, text).and_then(|value| {
        let Some(object) = value.as_object() else { return Ok(None) };
        cx.set_prototype_of(object, None)?;
        // 5.
        let place = Place::method("SubtleCrypto", "unwrapKey");
        JsonWebKey::from_js(cx, value, &place).map(Some)
    });
    match parsed {
        // 6.
        Ok(Some(key)) if key.kty.is_some() => Ok(Ok(key)),
        Ok(_) => Ok(Err(NONE)),
        Err(thrown) => match cx.take_exception() {
            Some(_) => Ok(Err(NONE)),
            None => Err(thrown),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", &[0xFB, 0xFF, 0xFE, 0]] {
            assert_eq!(decode(&encode(bytes)).as_deref(), Some(bytes));
        }
        assert_eq!(encode(&[0xFB, 0xFF]), "-_8");
        for wrong in ["A", "AA==", "A+AA", "AA A", "ä"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_are_short() {
        let member = |text: &str| Optional(Some(USVString(text.to_string())));
        assert_eq!(number(&member("AQAB")).ok(), Some(vec![1, 0, 1]));
        assert_eq!(number(&member("AA")).ok(), Some(vec![]));
        assert!(number(&member("AAEAAQ")).is_err());
        assert!(number(&member("")).is_err());
        assert!(number(&Optional(None)).is_err());
    }
}
