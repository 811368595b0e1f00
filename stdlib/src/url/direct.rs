//! The basic URL parser without a state override, from the input straight to the serialization: <https://url.spec.whatwg.org/#concept-basic-url-parser>
//!
//! OPTIMIZATION: where the standard's machine takes a code point a step and builds a record, this cuts the input at its delimiters and writes
//! each part where it stands in the serialization. A base is a serialization too, of which leading parts are copied. Nobody can observe the
//! difference: serializations without lone parts (an opaque path, a host that is null or not) parse to the record that they were made from.

use super::host;
use super::parser::{Set, encode_text_into, is_double_dot, is_drive_letter, is_normalized_drive_letter, is_single_dot};
use super::record::{Serialized, at, special_port};

/// Parses a URL; `None` is failure.
pub(super) fn parse(input: &str, base: Option<&Serialized>) -> Option<Serialized> {
    // 1.–3. Leading and trailing C0 controls and spaces, and all tabs and newlines, are removed.
    let trimmed = input.trim_matches(|c| c <= ' ');
    let without_newlines: String;
    let text = if trimmed.bytes().any(is_tab_or_newline) {
        without_newlines = trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
        &without_newlines
    } else {
        trimmed
    };
    let mut target = Target { href: String::with_capacity(text.len() + 16), offsets: [0; at::COUNT as usize], scheme: Scheme::Other };
    match scheme_length(text) {
        Some(length) => target.absolute(text, length, base)?,
        None => target.relative_to(text, base?)?,
    }
    Some(Serialized { href: target.href, offsets: target.offsets })
}

fn is_tab_or_newline(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r')
}

/// Scheme start and scheme state: the length of the scheme when the input has one.
fn scheme_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_alphabetic() {
        return None;
    }
    let length = bytes.iter().position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')))?;
    (bytes[length] == b':').then_some(length)
}

/// What the parser asks of a scheme. <https://url.spec.whatwg.org/#special-scheme>
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// A special scheme that is not `file`, and its default port.
    Special(u16),
    File,
    Other,
}

impl Scheme {
    fn of(text: &str) -> Scheme {
        match special_port(text) {
            Some(Some(port)) => Scheme::Special(port),
            Some(None) => Scheme::File,
            None => Scheme::Other,
        }
    }
}

impl Serialized {
    fn offset(&self, which: u32) -> usize {
        self.offsets[which as usize] as usize
    }

    /// The text between two of [`at`]'s offsets.
    pub(super) fn between(&self, from: u32, to: u32) -> &str {
        self.href.get(self.offset(from)..self.offset(to)).unwrap_or_default()
    }

    /// The scheme.
    pub(super) fn scheme(&self) -> &str {
        self.href.get(..self.offset(at::AFTER_SCHEME)).unwrap_or_default()
    }

    /// Whether the host is not null: then it comes after two slashes.
    pub(super) fn has_host(&self) -> bool {
        self.offset(at::BEFORE_USERNAME) == self.offset(at::AFTER_SCHEME) + 3
    }

    /// The path.
    pub(super) fn path(&self) -> &str {
        self.between(at::BEFORE_PATH, at::AFTER_PATH)
    }

    /// Whether the path is opaque: others begin with a slash, or are empty after a host.
    pub(super) fn has_opaque_path(&self) -> bool {
        !self.has_host() && !self.path().starts_with('/')
    }
}

/// The first segment of a path when it is a normalized Windows drive letter, with its slash.
fn leading_drive_letter(path: &str) -> Option<&str> {
    let first = path.get(1..)?.split('/').next()?;
    is_normalized_drive_letter(first).then(|| &path[..1 + first.len()])
}

// https://url.spec.whatwg.org/#start-with-a-windows-drive-letter
fn starts_with_drive_letter(text: &str) -> bool {
    match text.as_bytes() {
        [letter, b':' | b'|'] => letter.is_ascii_alphabetic(),
        [letter, b':' | b'|', b'/' | b'\\' | b'?' | b'#', ..] => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

/// The text after a leading slash, or backslash.
fn strip_slash(text: &str) -> Option<&str> {
    text.strip_prefix(['/', '\\'])
}

/// Whether the segments of a path, without its first slash, are their own serialization: nothing to encode, no dots, no backslashes.
fn is_plain(path: &str) -> bool {
    let mut after_slash = true;
    for &byte in path.as_bytes() {
        // Encoded dots begin with a percent sign, others with a dot.
        if Set::Path.contains(byte) || byte == b'\\' || (after_slash && matches!(byte, b'.' | b'%')) {
            return false;
        }
        after_slash = byte == b'/';
    }
    true
}

/// The serialization that is being written.
struct Target {
    href: String,
    offsets: [u32; at::COUNT as usize],
    scheme: Scheme,
}

impl Target {
    fn mark(&mut self, which: u32) {
        self.offsets[which as usize] = self.href.len() as u32;
    }

    fn is_special(&self) -> bool {
        self.scheme != Scheme::Other
    }

    /// Takes everything of the base before one of its offsets.
    fn copy(&mut self, base: &Serialized, up_to: u32) {
        self.href.clear();
        self.href.push_str(base.href.get(..base.offset(up_to)).unwrap_or_default());
        self.offsets = base.offsets;
    }

    /// The `:` after a scheme, and what follows.
    fn absolute(&mut self, text: &str, scheme_length: usize, base: Option<&Serialized>) -> Option<()> {
        let (scheme, rest) = text.split_at(scheme_length);
        self.href.push_str(scheme);
        self.href.make_ascii_lowercase();
        self.mark(at::AFTER_SCHEME);
        self.scheme = Scheme::of(&self.href);
        let base = base.filter(|base| base.scheme() == self.href);
        self.href.push(':');
        let rest = &rest[1..];
        match (self.scheme, base) {
            (Scheme::File, base) => self.file(rest, base),
            // Special relative or authority state.
            (Scheme::Special(_), Some(base)) if !rest.starts_with("//") => self.relative(rest, base),
            // Special authority slashes state, special authority ignore slashes state.
            (Scheme::Special(_), _) => self.authority(rest.trim_start_matches(['/', '\\'])),
            (Scheme::Other, _) => match rest.strip_prefix('/') {
                // Path or authority state.
                Some(rest) => match rest.strip_prefix('/') {
                    Some(rest) => self.authority(rest),
                    None => {
                        self.no_host();
                        self.path_and_tail(rest)
                    }
                },
                None => {
                    self.no_host();
                    self.opaque_path(rest)
                }
            },
        }
    }

    /// No scheme state.
    fn relative_to(&mut self, text: &str, base: &Serialized) -> Option<()> {
        if base.has_opaque_path() {
            if !text.starts_with('#') {
                return None;
            }
            self.copy(base, at::AFTER_QUERY);
            return self.fragment(text);
        }
        self.scheme = Scheme::of(base.scheme());
        if self.scheme == Scheme::File { self.file(text, Some(base)) } else { self.relative(text, base) }
    }

    /// Relative state, relative slash state.
    fn relative(&mut self, text: &str, base: &Serialized) -> Option<()> {
        let is_special = self.is_special();
        let strip = |text| if is_special { strip_slash(text) } else { text.strip_prefix('/') };
        let Some(after_slash) = strip(text) else { return self.after_base(text, base, true) };
        if let Some(authority) = strip(after_slash) {
            self.copy(base, at::AFTER_SCHEME);
            self.href.push(':');
            return self.authority(if is_special { authority.trim_start_matches(['/', '\\']) } else { authority });
        }
        self.copy(base, at::AFTER_PORT);
        self.mark(at::BEFORE_PATH);
        self.path_and_tail(after_slash)
    }

    /// The end of the relative and file states: the base's parts, and from some part on the input's.
    fn after_base(&mut self, text: &str, base: &Serialized, takes_path: bool) -> Option<()> {
        match text.as_bytes().first() {
            None | Some(b'#') => {
                self.copy(base, at::AFTER_QUERY);
                self.fragment(text)
            }
            Some(b'?') => {
                self.copy(base, at::AFTER_PATH);
                self.query(text)
            }
            Some(_) => {
                self.copy(base, at::AFTER_PORT);
                self.mark(at::BEFORE_PATH);
                if takes_path {
                    self.href.push_str(base.path());
                    self.shorten_path();
                }
                self.path_and_tail(text)
            }
        }
    }

    /// The host is null.
    fn no_host(&mut self) {
        for which in at::BEFORE_USERNAME..=at::BEFORE_PATH {
            self.mark(which);
        }
    }

    /// Authority state and host state: what comes after two slashes.
    fn authority(&mut self, text: &str) -> Option<()> {
        let is_special = self.is_special();
        let ends = |byte: &u8| matches!(byte, b'/' | b'?' | b'#') || (is_special && *byte == b'\\');
        let end = text.as_bytes().iter().position(ends).unwrap_or(text.len());
        let (authority, rest) = text.split_at(end);
        self.href.push_str("//");
        self.mark(at::BEFORE_USERNAME);
        let host_and_port = match authority.rsplit_once('@') {
            Some((_, "")) => return None,
            Some((credentials, host)) => {
                self.credentials(credentials);
                host
            }
            None => {
                self.offsets[at::AFTER_USERNAME as usize..=at::AFTER_PASSWORD as usize].fill(self.href.len() as u32);
                authority
            }
        };
        self.mark(at::BEFORE_HOST);
        self.host_and_port(host_and_port)?;
        self.mark(at::AFTER_PORT);
        self.mark(at::BEFORE_PATH);
        self.path_start(rest)
    }

    fn credentials(&mut self, text: &str) {
        let (username, password) = text.split_once(':').unwrap_or((text, ""));
        encode_text_into(&mut self.href, username, Set::Userinfo);
        self.mark(at::AFTER_USERNAME);
        if !password.is_empty() {
            self.href.push(':');
        }
        self.mark(at::BEFORE_PASSWORD);
        encode_text_into(&mut self.href, password, Set::Userinfo);
        self.mark(at::AFTER_PASSWORD);
        if !username.is_empty() || !password.is_empty() {
            self.href.push('@');
        }
    }

    /// Host state and port state.
    fn host_and_port(&mut self, text: &str) -> Option<()> {
        let mut inside_brackets = false;
        let colon = text.bytes().position(|byte| {
            match byte {
                b'[' => inside_brackets = true,
                b']' => inside_brackets = false,
                _ => {}
            }
            byte == b':' && !inside_brackets
        });
        let (host, port) = colon.map_or((text, ""), |colon| (&text[..colon], &text[colon + 1..]));
        if host.is_empty() && (colon.is_some() || self.is_special()) {
            return None;
        }
        let is_opaque = !self.is_special();
        host::parse_into(&mut self.href, host, is_opaque)?;
        self.mark(at::AFTER_HOST);
        if port.is_empty() {
            return Some(());
        }
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = port.trim_start_matches('0');
        let port = if digits.is_empty() { 0 } else { digits.parse::<u16>().ok()? };
        if self.scheme != Scheme::Special(port) {
            self.href.push(':');
            push_number(&mut self.href, port);
        }
        Some(())
    }

    /// File state and file slash state: what comes after `file:`, or a reference against a base with that scheme.
    fn file(&mut self, text: &str, base: Option<&Serialized>) -> Option<()> {
        let after_slash = strip_slash(text);
        if let (None, Some(base)) = (after_slash, base) {
            return self.after_base(text, base, !starts_with_drive_letter(text));
        }
        if let Some(text) = after_slash.and_then(strip_slash) {
            return self.file_host(text);
        }
        match base {
            None => self.file_without_host(),
            Some(base) => {
                self.copy(base, at::AFTER_PORT);
                self.mark(at::BEFORE_PATH);
                let drive = leading_drive_letter(base.path()).filter(|_| !starts_with_drive_letter(after_slash.unwrap_or_default()));
                self.href.push_str(drive.unwrap_or_default());
            }
        }
        self.path_and_tail(after_slash.unwrap_or(text))
    }

    /// `file://`, an empty host and the start of the path.
    fn file_without_host(&mut self) {
        self.href.clear();
        self.href.push_str("file");
        self.mark(at::AFTER_SCHEME);
        self.href.push_str("://");
        self.no_host();
    }

    /// File host state.
    fn file_host(&mut self, text: &str) -> Option<()> {
        self.file_without_host();
        let end = text.find(['/', '\\', '?', '#']).unwrap_or(text.len());
        let (host, rest) = text.split_at(end);
        if is_drive_letter(host) {
            return self.path_and_tail(text);
        }
        if !host.is_empty() {
            host::parse_into(&mut self.href, host, false)?;
            let start = self.offsets[at::BEFORE_HOST as usize] as usize;
            if self.href.get(start..) == Some("localhost") {
                self.href.truncate(start);
            }
            for which in [at::AFTER_HOST, at::AFTER_PORT, at::BEFORE_PATH] {
                self.mark(which);
            }
        }
        self.path_start(rest)
    }

    /// Path start state.
    fn path_start(&mut self, text: &str) -> Option<()> {
        if self.is_special() {
            return self.path_and_tail(strip_slash(text).unwrap_or(text));
        }
        match text.strip_prefix('/') {
            Some(text) => self.path_and_tail(text),
            None => {
                self.mark(at::AFTER_PATH);
                self.query(text)
            }
        }
    }

    /// Path state: segments, the first of which begins with the text.
    fn path_and_tail(&mut self, text: &str) -> Option<()> {
        let (path, rest) = text.split_at(text.bytes().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(text.len()));
        if self.scheme != Scheme::File && is_plain(path) {
            self.href.push('/');
            self.href.push_str(path);
        } else {
            let is_special = self.is_special();
            let mut segments = path.split(|c| c == '/' || (is_special && c == '\\')).peekable();
            while let Some(segment) = segments.next() {
                self.segment(segment, segments.peek().is_none());
            }
        }
        self.protect_path();
        self.mark(at::AFTER_PATH);
        self.query(rest)
    }

    fn path_begins_at(&self) -> usize {
        self.offsets[at::BEFORE_PATH as usize] as usize
    }

    /// The end of a segment in the path state. What is compared here is the same before and after percent-encoding.
    fn segment(&mut self, segment: &str, is_last: bool) {
        let is_double_dot = is_double_dot(segment);
        if is_double_dot {
            self.shorten_path();
        }
        if is_double_dot || is_single_dot(segment) {
            if is_last {
                self.href.push('/');
            }
            return;
        }
        let is_first = self.href.len() == self.path_begins_at();
        self.href.push('/');
        if self.scheme == Scheme::File && is_first && is_drive_letter(segment) {
            self.href.push_str(&segment[..1]);
            self.href.push(':');
        } else {
            encode_text_into(&mut self.href, segment, Set::Path);
        }
    }

    // https://url.spec.whatwg.org/#shorten-a-urls-path
    fn shorten_path(&mut self) {
        let start = self.path_begins_at();
        let path = self.href.get(start..).unwrap_or_default();
        if self.scheme == Scheme::File && leading_drive_letter(path) == Some(path) {
            return;
        }
        if let Some(slash) = path.rfind('/') {
            self.href.truncate(start + slash);
        }
    }

    /// Step 3 of the URL serializer: without a host, a path that begins with an empty segment would be taken for one.
    fn protect_path(&mut self) {
        let start = self.path_begins_at();
        let has_host = self.offsets[at::BEFORE_USERNAME as usize] == self.offsets[at::AFTER_SCHEME as usize] + 3;
        if !has_host && self.href.get(start..).is_some_and(|path| path.starts_with("//")) {
            self.href.insert_str(start, "/.");
            self.offsets[at::BEFORE_PATH as usize] += 2;
        }
    }

    /// Opaque path state.
    fn opaque_path(&mut self, text: &str) -> Option<()> {
        let (path, rest) = text.split_at(text.find(['?', '#']).unwrap_or(text.len()));
        // A space at the end, before a query or fragment, is encoded.
        match path.strip_suffix(' ').filter(|_| !rest.is_empty()) {
            Some(path) => {
                encode_text_into(&mut self.href, path, Set::C0Control);
                self.href.push_str("%20");
            }
            None => encode_text_into(&mut self.href, path, Set::C0Control),
        }
        self.mark(at::AFTER_PATH);
        self.query(rest)
    }

    /// Query state, for a rest that is empty or begins with `?` or `#`.
    fn query(&mut self, text: &str) -> Option<()> {
        let rest = match text.strip_prefix('?') {
            Some(text) => {
                let (query, rest) = text.split_at(text.bytes().position(|byte| byte == b'#').unwrap_or(text.len()));
                self.href.push('?');
                let set = if self.is_special() { Set::SpecialQuery } else { Set::Query };
                encode_text_into(&mut self.href, query, set);
                rest
            }
            None => text,
        };
        self.mark(at::AFTER_QUERY);
        self.fragment(rest)
    }

    /// Fragment state, for a rest that is empty or begins with `#`.
    fn fragment(&mut self, text: &str) -> Option<()> {
        if let Some(fragment) = text.strip_prefix('#') {
            self.href.push('#');
            encode_text_into(&mut self.href, fragment, Set::Fragment);
        }
        Some(())
    }
}

/// Appends a port in decimal.
fn push_number(target: &mut String, number: u16) {
    use std::fmt::Write;
    // Writing to a String cannot fail.
    let _ = write!(target, "{number}");
}

#[cfg(test)]
mod tests {
    use super::super::parser;
    use super::*;

    fn check(input: &str, base: Option<&str>) {
        let by_states = match base {
            None => parser::parse_by_states(input, None),
            Some(base) => parser::parse_by_states(base, None).and_then(|base| parser::parse_by_states(input, Some(&base))),
        };
        let directly = match base {
            None => parse(input, None),
            Some(base) => parse(base, None).and_then(|base| parse(input, Some(&base))),
        };
        let expected = by_states.as_ref().map(|url| url.serialize());
        assert_eq!(directly, expected, "{input:?} against {base:?}");
        assert_eq!(directly.map(|url| url.record()), by_states, "{input:?} against {base:?}");
    }

    #[test]
    fn agrees_with_the_states() {
        let schemes = ["", "http:", "HTTPS:", "ws:", "file:", "a+b:", "mailto:", "1:", "http"];
        let slashes = ["", "/", "//", "///", "\\", "/\\", "\\\\", "////"];
        let authorities = [
            "",
            "h",
            "EX.am",
            "u@h",
            "u:p@h",
            ":@h",
            ":p@h",
            "u:@h",
            "@",
            "u@",
            "a@b@c",
            "a:b@c:d@e:8",
            "h:80",
            "h:443",
            "h:",
            ":80",
            "h:65536",
            "h:007",
            "h:8x",
            "[::1]:9",
            "[::1",
            "1.2",
            "b\u{FC}",
            "xn--a",
            "c:",
            "C|",
            "localhost",
            "%41",
            "a b",
            "h?",
            "u;=@h",
            "h#",
        ];
        let paths = [
            "",
            "/",
            "/a",
            "/a/../b",
            "/./",
            "/..",
            "/.",
            "/%2e%2E/x",
            "/a//b",
            "//x",
            "/..//x",
            "/C|/a/../..",
            "/C:",
            "/a b\u{E9}{}",
            "\\a\\..\\b",
            "/a.b/.c",
            "/?",
            "/..?q",
            "/'\"`^|",
            "/\t.\n.",
            "/d:/../e",
            "/a/b/..",
            "/ ",
        ];
        let tails = ["", "?", "#", "?a b'\"\u{E9}#<`>", "?a?b", "#a#b", " ", " ?x", "  #"];
        let bases = [
            None,
            Some("http://u:p@host:8/a/b?q#f"),
            Some("file:///C:/a/b?q"),
            Some("file://h/x"),
            Some("foo:/a/b"),
            Some("foo://h"),
            Some("foo:/.//p/q"),
            Some("mailto:x y?z#f"),
            Some("ws://w"),
            Some("file:///d:"),
        ];
        for scheme in schemes {
            for slash in slashes {
                for authority in authorities {
                    for path in paths {
                        // Tails do not depend on what stands before the path.
                        let tails = if authority.len() < 2 { &tails[..] } else { &tails[..2] };
                        for tail in tails {
                            let input = format!("{scheme}{slash}{authority}{path}{tail}");
                            for base in bases {
                                check(&input, base);
                            }
                        }
                    }
                }
            }
        }
    }
}
