//! Bodies as FormData. <https://fetch.spec.whatwg.org/#dom-body-formdata>

use super::multipart;
use crate::fetch::form_data;
use crate::webidl::prelude::*;

/// A MIME type's essence and parameters, lower case where case does not matter. <https://mimesniff.spec.whatwg.org/#parse-a-mime-type>
pub(crate) struct MimeType {
    /// `type/subtype`
    pub essence: String,
    /// Parameters in order; the first of each name counts.
    pub parameters: Vec<(String, String)>,
}

impl MimeType {
    /// Parses a header value; `None` when it is no MIME type.
    pub(crate) fn parse(text: &str) -> Option<MimeType> {
        let is_token = |text: &str| !text.is_empty() && text.bytes().all(crate::fetch::headers::is_token_byte);
        let mut rest = text.trim_matches(|c| matches!(c, ' ' | '\t' | '\r' | '\n'));
        let end = rest.find(';').unwrap_or(rest.len());
        let (ty, subtype) = rest[..end].trim_end_matches([' ', '\t', '\r', '\n']).split_once('/')?;
        if !is_token(ty) || !is_token(subtype) {
            return None;
        }
        let mut mime = MimeType { essence: format!("{ty}/{subtype}").to_ascii_lowercase(), parameters: Vec::new() };
        rest = &rest[end..];
        while let Some(after) = rest.strip_prefix(';') {
            let after = after.trim_start_matches([' ', '\t', '\r', '\n']);
            let name_end = after.find([';', '=']).unwrap_or(after.len());
            let name = after[..name_end].to_ascii_lowercase();
            rest = &after[name_end..];
            let Some(value_text) = rest.strip_prefix('=') else { continue };
            let value;
            if let Some(quoted) = value_text.strip_prefix('"') {
                let mut text = String::new();
                let mut escaped = false;
                let mut length = quoted.len();
                for (at, c) in quoted.char_indices() {
                    if escaped {
                        text.push(c);
                        escaped = false;
                    } else if c == '\\' {
                        escaped = true;
                    } else if c == '"' {
                        length = at + 1;
                        break;
                    } else {
                        text.push(c);
                    }
                }
                // A backslash at the very end stands for itself.
                if escaped {
                    text.push('\\');
                }
                value = text;
                rest = &quoted[length..];
                rest = &rest[rest.find(';').unwrap_or(rest.len())..];
            } else {
                let value_end = value_text.find(';').unwrap_or(value_text.len());
                value = value_text[..value_end].trim_end_matches([' ', '\t', '\r', '\n']).to_string();
                rest = &value_text[value_end..];
                if value.is_empty() {
                    continue;
                }
            }
            // HTTP quoted-string token code points.
            let is_value = value.chars().all(|c| matches!(c, '\t' | ' '..='~' | '\u{80}'..='\u{FF}'));
            if is_token(&name) && is_value && !mime.parameters.iter().any(|(known, _)| *known == name) {
                mime.parameters.push((name, value));
            }
        }
        Some(mime)
    }

    /// A parameter by its lower-case name.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Serialized. <https://mimesniff.spec.whatwg.org/#serialize-a-mime-type>
    pub(crate) fn serialize(&self) -> String {
        let mut text = self.essence.clone();
        for (name, value) in &self.parameters {
            text.push(';');
            text.push_str(name);
            text.push('=');
            if !value.is_empty() && value.bytes().all(crate::fetch::headers::is_token_byte) {
                text.push_str(value);
            } else {
                text.push('"');
                for c in value.chars() {
                    if matches!(c, '"' | '\\') {
                        text.push('\\');
                    }
                    text.push(c);
                }
                text.push('"');
            }
        }
        text
    }
}

/// A FormData from a body of one of the two types that have one.
pub(crate) fn parse_body(cx: &mut Context, bytes: &[u8], mime_type: Option<JsString>) -> Result<Object> {
    let mime = mime_type.and_then(|text| MimeType::parse(&text.to_text(&cx.heap)));
    match mime {
        Some(mime) if mime.essence == "multipart/form-data" => {
            let entries = mime.parameter("boundary").and_then(|boundary| multipart::parse(bytes, boundary));
            match entries {
                Some(entries) => multipart::to_form_data(cx, entries),
                None => Err(cx.throw_type_error("Could not parse content as FormData.")),
            }
        }
        Some(mime) if mime.essence == "application/x-www-form-urlencoded" => {
            let form = form_data::create(cx);
            for (name, value) in form_urlencoded::parse(bytes) {
                let (name, value) = (cx.heap.new_string(&name), cx.heap.new_string(&value));
                form_data::append_text(cx, form, name, value);
            }
            Ok(form)
        }
        _ => Err(cx.throw_type_error("Could not parse content as FormData.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mime_types() {
        let mime = MimeType::parse(" Multipart/Form-Data; Boundary=\"a b\\\"c\"; charset=x; charset=y ").expect("a MIME type");
        assert_eq!(mime.essence, "multipart/form-data");
        assert_eq!(mime.parameter("boundary"), Some("a b\"c"));
        assert_eq!(mime.parameter("charset"), Some("x"));
        assert_eq!(mime.serialize(), "multipart/form-data;boundary=\"a b\\\"c\";charset=x");
        assert!(MimeType::parse("text").is_none());
        assert!(MimeType::parse("te xt/plain").is_none());
        assert_eq!(MimeType::parse("text/html;charset=").expect("a MIME type").parameters, vec![]);
        let serialized = |text: &str| MimeType::parse(text).expect("a MIME type").serialize();
        assert_eq!(serialized("text/html;charset=\u{b}gbk"), "text/html");
        assert_eq!(serialized("x/x;x=\u{ff};y=\u{100}"), "x/x;x=\"\u{ff}\"");
        assert_eq!(serialized("x/x;test=\"\\"), "x/x;test=\"\\\\\"");
    }
}
