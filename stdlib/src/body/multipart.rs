//! multipart/form-data. <https://html.spec.whatwg.org/#multipart-form-data>, <https://www.rfc-editor.org/rfc/rfc7578>

use super::form::MimeType;
use crate::fetch::{blob, form_data};
use crate::platform::with_platform;
use crate::webidl::prelude::*;

/// A part of a form.
pub(crate) struct Part {
    name: String,
    /// File name and content type, for files.
    file: Option<(String, String)>,
    bytes: Vec<u8>,
}

/// Line ends become CRLF.
fn normalize_line_ends(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' => {
                if characters.peek() == Some(&'\n') {
                    characters.next();
                }
                result.push_str("\r\n");
            }
            '\n' => result.push_str("\r\n"),
            c => result.push(c),
        }
    }
    result
}

/// A name within quotes.
fn escape(text: &str) -> String {
    text.replace('\n', "%0A").replace('\r', "%0D").replace('"', "%22")
}

/// Encodes a FormData: bytes and content type.
pub(crate) fn encode(cx: &mut Context, form: Object) -> Result<(Vec<u8>, String)> {
    let mut random = [0; 16];
    with_platform(cx, |platform| platform.fill_random(&mut random))?;
    let boundary = random.iter().fold("----formdata-mayfly-".to_string(), |text, byte| text + &format!("{byte:02x}"));
    let mut bytes = Vec::new();
    for (name, value) in form_data::entries(cx, form) {
        let name = normalize_line_ends(&name.to_text(&cx.heap));
        bytes.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", escape(&name)).as_bytes());
        match value.as_object() {
            Some(file) => {
                let ty = blob::content_type(cx, file).to_text(&cx.heap);
                let ty = if ty.is_empty() { "application/octet-stream" } else { &ty };
                let file_name = blob::file_name(cx, file);
                bytes.extend_from_slice(format!("; filename=\"{}\"\r\nContent-Type: {ty}\r\n\r\n", escape(&file_name)).as_bytes());
                bytes.extend_from_slice(&blob::bytes(cx, file));
            }
            None => {
                let text = value.as_string().map_or_else(String::new, |text| text.to_text(&cx.heap));
                bytes.extend_from_slice(b"\r\n\r\n");
                bytes.extend_from_slice(normalize_line_ends(&text).as_bytes());
            }
        }
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((bytes, format!("multipart/form-data; boundary={boundary}")))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

// https://andreubotella.github.io/multipart-form-data/#multipart-form-data-parser
/// The parts of a body; `None` when it is malformed.
pub(crate) fn parse(bytes: &[u8], boundary: &str) -> Option<Vec<Part>> {
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    // What precedes the first delimiter is no part.
    let mut rest = &bytes[find(bytes, delimiter.as_bytes())?..];
    loop {
        rest = rest.strip_prefix(delimiter.as_bytes())?;
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        rest = rest.strip_prefix(b"\r\n")?;
        let (mut name, mut file_name, mut ty) = (None, None, None);
        loop {
            let end = find(rest, b"\r\n")?;
            let line = String::from_utf8_lossy(&rest[..end]).into_owned();
            rest = &rest[end + 2..];
            if line.is_empty() {
                break;
            }
            let (header, value) = line.split_once(':')?;
            match header.trim().to_ascii_lowercase().as_str() {
                "content-disposition" => {
                    let value = value.trim().strip_prefix("form-data")?;
                    for (parameter, text) in disposition_parameters(value) {
                        match parameter.as_str() {
                            "name" => name = Some(text),
                            "filename" => file_name = Some(text),
                            _ => {}
                        }
                    }
                }
                "content-type" => ty = Some(value.trim().to_string()),
                _ => {}
            }
        }
        let end = find(rest, format!("\r\n{delimiter}").as_bytes())?;
        let file = file_name.map(|file_name| {
            let ty =
                ty.map_or_else(|| "text/plain".to_string(), |ty| MimeType::parse(&ty).map_or_else(String::new, |mime| mime.serialize()));
            (file_name, ty)
        });
        parts.push(Part { name: name?, file, bytes: rest[..end].to_vec() });
        rest = &rest[end + 2..];
    }
}

/// `; name="…"; filename="…"`, with the escapes that forms use.
fn disposition_parameters(text: &str) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(';') {
        let Some((name, value)) = after.split_once('=') else { break };
        let value = value.trim_start();
        let (text, remaining) = match value.strip_prefix('"') {
            Some(quoted) => match quoted.split_once('"') {
                Some((text, remaining)) => (text, remaining),
                None => (quoted, ""),
            },
            None => {
                let end = value.find(';').unwrap_or(value.len());
                (value[..end].trim_end(), &value[end..])
            }
        };
        let text = text.replace("%0A", "\n").replace("%0D", "\r").replace("%22", "\"");
        parameters.push((name.trim().to_ascii_lowercase(), text));
        rest = remaining;
    }
    parameters
}

/// A FormData with these parts.
pub(crate) fn to_form_data(cx: &mut Context, parts: Vec<Part>) -> Result<Object> {
    let form = form_data::create(cx);
    for part in parts {
        let name = cx.heap.new_string(&part.name);
        match part.file {
            Some((file_name, ty)) => {
                let raw = super::new_bytes(cx, &part.bytes)?;
                let ty = cx.heap.new_string(&ty);
                let file_name = cx.heap.new_string(&file_name);
                let file = blob::create_file(cx, raw, ty, file_name)?;
                form_data::append_value(cx, form, name, file.value());
            }
            None => {
                let value = super::decode_utf8(cx, &part.bytes)?;
                form_data::append_text(cx, form, name, value);
            }
        }
    }
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_text_and_files() {
        let body = b"preamble\r\n--B\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n2\r\n--B\r\ncontent-disposition: form-data; name=f; filename=\"x.txt\"\r\nContent-Type: text/HTML;x=y\r\n\r\n\r\n--B--\r\n";
        let parts = parse(body, "B").expect("well-formed");
        assert_eq!(parts.len(), 2);
        assert_eq!((parts[0].name.as_str(), parts[0].bytes.as_slice()), ("a\"b", &b"1\r\n2"[..]));
        assert!(parts[0].file.is_none());
        assert_eq!(parts[1].file, Some(("x.txt".to_string(), "text/html;x=y".to_string())));
        assert!(parts[1].bytes.is_empty());
    }

    #[test]
    fn refuses_what_is_malformed() {
        assert!(parse(b"", "B").is_none());
        assert!(parse(b"--B\r\n\r\nx\r\n--B--", "B").is_none(), "a part without a name");
        assert!(parse(b"--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "B").is_none(), "no end");
        assert!(parse(b"--B--\r\n", "B").is_some_and(|parts| parts.is_empty()));
    }

    #[test]
    fn line_ends() {
        assert_eq!(normalize_line_ends("a\nb\rc\r\nd"), "a\r\nb\r\nc\r\nd");
    }
}
