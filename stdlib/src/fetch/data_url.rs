//! data: URLs. <https://fetch.spec.whatwg.org/#data-url-processor>

use crate::base64::forgiving_decode;
use crate::body::form::MimeType;
use mayfly_engine::string::Units;

/// The MIME type, serialized, and the body of a `data:` URL without its fragment; `None` is failure.
pub(crate) fn process(url: &str) -> Option<(String, Vec<u8>)> {
    let (mime_type, body) = url.strip_prefix("data:")?.split_once(',')?;
    let mut mime_type = mime_type.trim_matches([' ', '\t', '\n', '\r', '\u{C}']);
    let mut body = percent_decode(body);
    if let Some(before) = strip_base64(mime_type) {
        body = forgiving_decode(Units::Latin1(&body))?;
        mime_type = before;
    }
    let mime_type = if mime_type.starts_with(';') { format!("text/plain{mime_type}") } else { mime_type.to_string() };
    let serialized = MimeType::parse(&mime_type).map_or_else(|| "text/plain;charset=US-ASCII".to_string(), |mime| mime.serialize());
    Some((serialized, body))
}

/// What precedes `;`, any spaces and `base64` at the end.
fn strip_base64(mime_type: &str) -> Option<&str> {
    let split = mime_type.len().checked_sub("base64".len())?;
    let (before, word) = mime_type.split_at_checked(split)?;
    if !word.eq_ignore_ascii_case("base64") {
        return None;
    }
    before.trim_end_matches(' ').strip_suffix(';')
}

// https://url.spec.whatwg.org/#string-percent-decode
/// String percent-decode.
pub(super) fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut result = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%'
            && let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2))
        {
            result.push((high * 16 + low) as u8);
            at += 3;
        } else {
            result.push(byte);
            at += 1;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let is = |url: &str, mime: &str, body: &[u8]| assert_eq!(process(url), Some((mime.to_string(), body.to_vec())), "{url}");
        is("data:,X%20Y", "text/plain;charset=US-ASCII", b"X Y");
        is("data:;charset=utf-8,x", "text/plain;charset=utf-8", b"x");
        is("data:text/html;BASE64,aGk", "text/html", b"hi");
        is("data:text/html; base64 ,aGk=", "text/html", b"hi");
        is("data:base64,aGk=", "text/plain;charset=US-ASCII", b"aGk=");
        is("data:unknown,%4", "text/plain;charset=US-ASCII", b"%4");
        assert_eq!(process("data:text/html"), None);
        assert_eq!(process("data:;base64,a"), None);
    }
}
