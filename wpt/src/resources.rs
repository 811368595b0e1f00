//! Files of the suite as a server would give them: type by extension, `.headers` files, `.sub.` substitution, the suite's aliases.

use std::path::{Path, PathBuf};

use crate::substitute::substitute;

/// A file as a reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// Contents.
    pub body: Vec<u8>,
}

/// The file that a path of the suite's server names. Handlers in Python are none.
pub fn file_of(root: &Path, path: &str) -> Option<PathBuf> {
    let path = match path {
        "/resources/WebIDLParser.js" => "/resources/webidl2/lib/webidl2.js",
        other => other,
    };
    let decoded = percent_decode(path);
    let relative = decoded.trim_start_matches('/');
    let escapes = relative.split('/').any(|part| part == "..");
    let file = root.join(relative);
    (!escapes && !relative.ends_with(".py") && file.is_file()).then_some(file)
}

/// `%41` → `A`
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |at: usize| bytes.get(at).and_then(|&digit| char::from(digit).to_digit(16));
        match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            _ => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" | "mjs" => "text/javascript",
        "json" => "application/json",
        "html" | "htm" => "text/html",
        "txt" | "md" | "idl" => "text/plain",
        "css" => "text/css",
        "xml" => "text/xml",
        "xhtml" => "application/xhtml+xml",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "event_stream" => "text/event-stream",
        _ => "application/octet-stream",
    }
}

/// Header lines of a `.headers` file, if there is one.
fn header_file(path: &Path, url: &str) -> Vec<(String, String)> {
    let Ok(bytes) = std::fs::read(path) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_string(), substitute(value.trim(), url)))
        .collect()
}

/// Reads a file for a request to `url`.
///
/// # Errors
/// Where the file cannot be read.
pub fn load(file: &Path, url: &str) -> std::io::Result<Resource> {
    let mut body = std::fs::read(file)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let with_suffix = |suffix: &str| file.with_file_name(format!("{name}{suffix}"));
    if name.contains(".sub.") {
        body = substitute(&String::from_utf8_lossy(&body), url).into_bytes();
    }
    let mut headers = header_file(&file.with_file_name("__dir__.headers"), url);
    for suffix in [".headers", ".sub.headers"] {
        headers.extend(header_file(&with_suffix(suffix), url));
    }
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.insert(0, ("Content-Type".to_string(), content_type(&name).to_string()));
    }
    Ok(Resource { headers, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_headers() {
        let root = std::env::temp_dir().join(format!("wpt-resources-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        std::fs::write(root.join("a.sub.json"), "{{host}}").unwrap();
        std::fs::write(root.join("a.sub.json.headers"), "X-One: 1\nContent-Type: text/x\n").unwrap();
        std::fs::write(root.join("b c.py"), "").unwrap();
        let file = file_of(&root, "/a.sub.json").unwrap();
        let resource = load(&file, "http://web-platform.test:8000/a.sub.json").unwrap();
        assert_eq!(resource.body, b"web-platform.test");
        let header = |name: &str, value: &str| (name.to_string(), value.to_string());
        assert_eq!(resource.headers, [header("X-One", "1"), header("Content-Type", "text/x")]);
        assert_eq!(file_of(&root, "/b%20c.py"), None);
        assert_eq!(file_of(&root, "/../x"), None);
        std::fs::remove_dir_all(&root).unwrap();
    }
}
