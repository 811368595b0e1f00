//! Base64 for `atob` and `btoa`. <https://infra.spec.whatwg.org/#forgiving-base64-decode>

use mayfly_engine::string::Units;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Value of each character; 64 for white space, 255 for others.
const VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut i = 0;
    while i < 64 {
        values[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    values[b' ' as usize] = 64;
    values[b'\t' as usize] = 64;
    values[b'\n' as usize] = 64;
    values[0x0C] = 64;
    values[b'\r' as usize] = 64;
    values
};

/// Encodes bytes, with padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            u32::from(chunk[0]) << 16 | u32::from(chunk.get(1).copied().unwrap_or(0)) << 8 | u32::from(chunk.get(2).copied().unwrap_or(0));
        for i in 0..4 {
            if i <= chunk.len() {
                text.push(ALPHABET[(word >> (18 - 6 * i) & 63) as usize] as char);
            } else {
                text.push('=');
            }
        }
    }
    text
}

// https://infra.spec.whatwg.org/#forgiving-base64-decode
/// Decodes; white space is ignored and padding may be missing. `None` on failure.
pub fn forgiving_decode(units: Units<'_>) -> Option<Vec<u8>> {
    let mut digits = Vec::with_capacity(units.len());
    let mut padding = 0;
    for i in 0..units.len() {
        let unit = u8::try_from(units.at(i)).ok()?;
        match VALUES[unit as usize] {
            64 => {}
            _ if unit == b'=' => padding += 1,
            255 => return None,
            _ if padding > 0 => return None,
            value => digits.push(value),
        }
    }
    // Padding counts only when it completes a group of four.
    if padding > 2 || (padding > 0 && !(digits.len() + padding).is_multiple_of(4)) || digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let word = (0..4).fold(0, |word, i| word << 6 | u32::from(group.get(i).copied().unwrap_or(0)));
        bytes.extend_from_slice(&word.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Option<Vec<u8>> {
        forgiving_decode(Units::Latin1(text.as_bytes()))
    }

    #[test]
    fn round_trips() {
        for length in 0..40 {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 37 + 11) as u8).collect();
            assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
        assert_eq!(encode(b"f"), "Zg==");
        assert_eq!(encode(b"fo"), "Zm8=");
        assert_eq!(encode(b"foo"), "Zm9v");
        assert_eq!(encode(b""), "");
    }

    #[test]
    fn forgiveness_has_limits() {
        assert_eq!(decode(" Z g\t=\n=\r"), Some(b"f".to_vec()));
        assert_eq!(decode("Zg"), Some(b"f".to_vec()));
        assert_eq!(decode("Zh=="), Some(b"f".to_vec()));
        assert_eq!(decode("Zg="), None);
        assert_eq!(decode("Z"), None);
        assert_eq!(decode("Zg==="), None);
        assert_eq!(decode("Zg==Zg=="), None);
        assert_eq!(decode("Zm9v="), None);
        assert_eq!(decode("===="), None);
        assert_eq!(decode("="), None);
        assert_eq!(decode("Zm9v\u{b}"), None);
        assert_eq!(forgiving_decode(Units::Utf16(&[0x100])), None);
    }
}
