//! Heads of messages. <https://www.rfc-editor.org/rfc/rfc9112#name-message-format>

use crate::net::fields::{Fields, is_token};

/// Bytes of a response's head.
pub(super) const MOST_HEAD: usize = 256 << 10;

/// A response's head.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::net) struct Head {
    /// Status, three digits.
    pub status: u16,
    /// Minor version of HTTP/1.
    pub minor: u8,
    /// Reason phrase.
    pub reason: Vec<u8>,
    /// Header fields.
    pub fields: Fields,
}

/// What a request's head is made of.
pub(super) struct RequestHead<'a> {
    /// Method.
    pub method: &'a str,
    /// Request target. <https://www.rfc-editor.org/rfc/rfc9112#name-request-target>
    pub target: &'a str,
    /// Value of `Host`.
    pub host: &'a str,
    /// The other fields.
    pub fields: &'a Fields,
    /// Where the body ends, for the recipient.
    pub length: Length,
}

/// How a request tells the length of its body. <https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Length {
    /// It has none, and does not say so.
    Untold,
    /// `Content-Length`.
    Known(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}

impl RequestHead<'_> {
    /// The bytes for the connection.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512);
        let mut line = |parts: &[&[u8]]| {
            parts.iter().for_each(|part| bytes.extend_from_slice(part));
            bytes.extend_from_slice(b"\r\n");
        };
        line(&[self.method.as_bytes(), b" ", self.target.as_bytes(), b" HTTP/1.1"]);
        line(&[b"host: ", self.host.as_bytes()]);
        for (name, value) in self.fields.iter() {
            line(&[name, b": ", value]);
        }
        match self.length {
            Length::Untold => {}
            Length::Known(length) => line(&[b"content-length: ", length.to_string().as_bytes()]),
            Length::Chunked => line(&[b"transfer-encoding: chunked"]),
        }
        line(&[]);
        bytes
    }
}

/// Finds the end of a head in what has come so far, looking at each line once.
#[derive(Default)]
pub(super) struct Search {
    line: usize,
    has_begun: bool,
}

impl Search {
    /// Bytes of the head with the empty line after it, once that has come. `bytes` is what it was before, and what was received since.
    pub(super) fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(length) = bytes[self.line..].iter().position(|&byte| byte == b'\n') {
            let line = &bytes[self.line..self.line + length];
            self.line += length + 1;
            match line {
                // Empty lines before a message mean nothing: some servers send one too many after the last.
                b"" | b"\r" if self.has_begun => return Some(self.line),
                b"" | b"\r" => {}
                _ => self.has_begun = true,
            }
        }
        None
    }

    /// Whether a connection that ends now leaves whole lines of a head behind.
    pub(super) fn has_whole_lines(&self, bytes: &[u8]) -> bool {
        self.has_begun && self.line == bytes.len()
    }
}

/// Reads a head. The empty line at its end may be missing.
///
/// # Errors
/// Where it is not well-formed.
pub(super) fn parse(bytes: &[u8]) -> Result<Head, String> {
    let lines = bytes.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut lines = lines.skip_while(|line| line.is_empty());
    let (minor, status, reason) = status_line(lines.next().unwrap_or_default())?;
    let mut list: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        if line.iter().any(|byte| matches!(byte, 0 | b'\r')) {
            return Err("the response has a header with a NUL or a CR in it".to_string());
        }
        if matches!(line[0], b' ' | b'\t') {
            // https://www.rfc-editor.org/rfc/rfc9112#name-obsolete-line-folding: for a space.
            let Some((_, value)) = list.last_mut() else { return Err("the response's first header is folded".to_string()) };
            value.push(b' ');
            value.extend_from_slice(trimmed(line));
            continue;
        }
        let field = line.iter().position(|&byte| byte == b':').map(|colon| (&line[..colon], &line[colon + 1..]));
        let Some((name, value)) = field.filter(|(name, _)| is_token(name)) else {
            return Err(format!("the response has a malformed header: {}", String::from_utf8_lossy(line)));
        };
        list.push((name.to_ascii_lowercase(), trimmed(value).to_vec()));
    }
    Ok(Head { status, minor, reason, fields: Fields::new(list)? })
}

/// Without the whitespace around it. <https://www.rfc-editor.org/rfc/rfc9110#name-whitespace>
fn trimmed(value: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !is_blank(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    &value[start..end]
}

// https://www.rfc-editor.org/rfc/rfc9112#name-status-line
/// Minor version, status and reason phrase.
fn status_line(line: &[u8]) -> Result<(u8, u16, Vec<u8>), String> {
    let malformed =
        || format!("the response does not begin with a status line of HTTP/1: {}", String::from_utf8_lossy(&line[..line.len().min(80)]));
    let rest = line.strip_prefix(b"HTTP/1.").ok_or_else(malformed)?;
    let (&minor, rest) = rest.split_first().ok_or_else(malformed)?;
    let blanks = rest.iter().take_while(|&&byte| byte == b' ').count();
    let (status, reason) = rest[blanks..].split_at_checked(3).ok_or_else(malformed)?;
    // Some servers leave the reason out, and the space before it.
    let has_form =
        minor.is_ascii_digit() && blanks > 0 && status.iter().all(u8::is_ascii_digit) && matches!(reason.first(), None | Some(b' '));
    if !has_form || status[0] == b'0' || reason.contains(&0) || reason.contains(&b'\r') {
        return Err(malformed());
    }
    let status = status.iter().fold(0, |number, digit| 10 * number + u16::from(digit - b'0'));
    Ok((minor - b'0', status, reason.strip_prefix(b" ").unwrap_or(reason).to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_heads() {
        for (text, end) in [
            ("HTTP/1.1 200 OK\r\n\r\n", Some(19)),
            ("\r\n\nHTTP/1.1 200 OK\na: b\n\nbody\n\n", Some(25)),
            ("HTTP/1.1 200 OK\r\na: b\r\n", None),
            ("\r\n\r\n", None),
            ("", None),
        ] {
            assert_eq!(Search::default().end(text.as_bytes()), end, "{text:?}");
            // The same byte by byte.
            let mut search = Search::default();
            let found = (0..=text.len()).find_map(|length| search.end(&text.as_bytes()[..length]));
            assert_eq!(found, end, "{text:?}");
        }
        let mut search = Search::default();
        search.end(b"HTTP/1.1 200 OK\na: b\n");
        assert!(search.has_whole_lines(b"HTTP/1.1 200 OK\na: b\n"));
        assert!(!search.has_whole_lines(b"HTTP/1.1 200 OK\na: b\nc"));
        assert!(!Search::default().has_whole_lines(b""));
    }

    #[test]
    fn heads() {
        let head = parse(b"\r\nHTTP/1.0  404 Not  Found\r\nA:\x01 \t\r\na : b\r\n\r\n");
        assert!(head.is_err(), "a space before the colon");
        let head = parse(b"\r\nHTTP/1.0  404 Not  Found\nA:\t\x01x \t\r\nb:\r\nC: 1\n  2\n\t3\r\n\r\n").unwrap();
        assert_eq!((head.status, head.minor, &*head.reason), (404, 0, &b"Not  Found"[..]));
        let fields: Vec<_> = head.fields.iter().collect();
        assert_eq!(fields, [(&b"a"[..], &b"\x01x"[..]), (b"b", b""), (b"c", b"1 2 3")]);
        assert_eq!(parse(b"HTTP/1.1 200").unwrap().reason, b"");
        assert_eq!(parse(b"HTTP/1.1 299 ").unwrap().status, 299);
        for bad in [
            "",
            "HTTP/1.1 20\r\n",
            "HTTP/1.1 2000\r\n",
            "HTTP/2.0 200 OK\r\n",
            "HTTP/1.1\t200 OK\r\n",
            "HTTP/1.1200 OK\r\n",
            "HTTP/1.1 099 x\r\n",
            "ICY 200 OK\r\n",
            "HTTP/1.1 200 OK\r\n a: b\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n",
            "HTTP/1.1 200 OK\r\n: x\r\n",
            "HTTP/1.1 200 OK\r\na: \0\r\n",
            "HTTP/1.1 200 OK\r\na: b\rc\r\n",
            "HTTP/1.1 200 a\rb\r\n",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn requests() {
        let fields = Fields::new(vec![(b"a".to_vec(), b"\xe9 b".to_vec())]).unwrap();
        let head = |length| RequestHead { method: "PUT", target: "/p?q", host: "h:81", fields: &fields, length }.write();
        assert_eq!(head(Length::Untold), b"PUT /p?q HTTP/1.1\r\nhost: h:81\r\na: \xe9 b\r\n\r\n");
        assert!(head(Length::Known(12)).ends_with(b"\r\ncontent-length: 12\r\n\r\n"));
        assert!(head(Length::Chunked).ends_with(b"\r\ntransfer-encoding: chunked\r\n\r\n"));
    }
}
