//! Subresource integrity. <https://w3c.github.io/webappsec-subresource-integrity/>

use crate::base64::forgiving_decode;
use mayfly_engine::string::Units;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A digest that a body may have.
struct Expected<'a> {
    /// Bits of the algorithm: the more, the stronger.
    strength: u16,
    digest: &'a str,
}

// https://w3c.github.io/webappsec-subresource-integrity/#parse-metadata
fn parse(metadata: &str) -> Vec<Expected<'_>> {
    let mut result = Vec::new();
    for item in metadata.split_ascii_whitespace() {
        // Options follow a question mark; none are defined.
        let expression = item.split('?').next().unwrap_or_default();
        let Some((algorithm, digest)) = expression.split_once('-') else { continue };
        let strength = match algorithm.to_ascii_lowercase().as_str() {
            "sha256" => 256,
            "sha384" => 384,
            "sha512" => 512,
            _ => continue,
        };
        result.push(Expected { strength, digest });
    }
    result
}

// https://w3c.github.io/webappsec-subresource-integrity/#does-response-match-metadatalist
/// Whether a body is what the integrity metadata says. Metadata without any known algorithm says nothing.
pub(super) fn matches(bytes: &[u8], metadata: &str) -> bool {
    let expected = parse(metadata);
    // Get the strongest metadata from set.
    let Some(strongest) = expected.iter().map(|item| item.strength).max() else { return true };
    let actual = match strongest {
        256 => Sha256::digest(bytes).to_vec(),
        384 => Sha384::digest(bytes).to_vec(),
        _ => Sha512::digest(bytes).to_vec(),
    };
    expected.iter().filter(|item| item.strength == strongest).any(|item| {
        // base64url is taken as base64 is.
        let digest = item.digest.replace('-', "+").replace('_', "/");
        forgiving_decode(Units::Latin1(digest.as_bytes())).is_some_and(|digest| digest == actual)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_counts() {
        let right = "sha256-uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=";
        let wrong = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert!(matches(b"hello world", right));
        assert!(!matches(b"hello worlds", right));
        assert!(matches(b"hello world", &format!("{wrong} {right}?option")));
        assert!(!matches(b"hello world", &format!("{right} sha512-AAAA")));
        assert!(matches(b"hello world", "") && matches(b"hello world", "md5-abc what"));
    }
}
