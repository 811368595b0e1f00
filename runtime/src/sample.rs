//! Sample requests that images are warmed with: plain ones by their URL, and recorded ones from files.
//!
//! A file of recorded requests holds one or more, one after the other, as they go over a connection. Lines may end without the carriage
//! return, so that such files can be written by hand, and empty lines may stand between requests.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version, header};

use crate::url::UrlRoom;

/// A request that a worker is tried with while its image is built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sample {
    /// Method.
    pub method: String,
    /// Absolute URL.
    pub url: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; empty where there is none.
    pub body: Vec<u8>,
}

/// What is wrong with recorded requests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SampleError {
    /// Line of the file, from 1 on. Of a body that is too short, that of its Content-Length.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

impl std::fmt::Display for SampleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}
impl std::error::Error for SampleError {}

impl Default for Sample {
    /// The request that images are warmed with unless others are given.
    fn default() -> Sample {
        Sample::get("http://localhost/")
    }
}

impl Sample {
    /// A plain GET request for an absolute URL. (What is none gets `localhost` for its host; whoever sends it will see.)
    pub fn get(url: &str) -> Sample {
        let uri = url.parse::<Uri>().ok();
        let host = uri.as_ref().and_then(Uri::authority).map_or("localhost", |authority| authority.as_str());
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let headers = [(header::HOST, host), (header::USER_AGENT, "mayfly"), (header::ACCEPT, "*/*")];
        let headers = headers.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_str(value).ok()?))).collect();
        Sample { method: "GET".to_string(), url: url.to_string(), headers, body: Vec::new() }
    }

    /// The requests of a file: HTTP/1.1 messages whose bodies are as long as their Content-Length says.
    ///
    /// # Errors
    /// The first thing that is no such message, or a file without any.
    pub fn recorded(file: &[u8]) -> Result<Vec<Sample>, SampleError> {
        let mut lines = Lines { rest: file, number: 0 };
        let mut samples = Vec::new();
        while let Some(line) = lines.next() {
            // RFC 9112, 2.2 (https://www.rfc-editor.org/rfc/rfc9112#section-2.2): an empty line before a request-line is ignored.
            if !line.is_empty() {
                samples.push(message(line, &mut lines)?);
            }
        }
        if samples.is_empty() {
            return Err(SampleError { line: lines.number.max(1), message: "there is no request".to_string() });
        }
        Ok(samples)
    }
}

/// Lines, and what lies between them.
struct Lines<'a> {
    rest: &'a [u8],
    /// Number of the line that was read last.
    number: usize,
}

impl<'a> Lines<'a> {
    /// The next line without its end; `None` at the end of the file.
    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let end = self.rest.iter().position(|&byte| byte == b'\n').unwrap_or(self.rest.len());
        let line = &self.rest[..end];
        self.rest = &self.rest[(end + 1).min(self.rest.len())..];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The next bytes, which need not end where a line does; `None` where there are fewer.
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.number += taken.iter().filter(|&&byte| byte == b'\n').count();
        self.rest = rest;
        Some(taken)
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, SampleError> {
        Err(SampleError { line: self.number, message: message.into() })
    }
}

/// A text for messages.
fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 60;
    let text: String = String::from_utf8_lossy(bytes).chars().take(LONGEST).collect();
    format!("{text:?}")
}

/// Parses a message from its request-line on.
///
/// RFC 9112, 2.2 Message Parsing: <https://www.rfc-editor.org/rfc/rfc9112#section-2.2>
fn message(line: &[u8], lines: &mut Lines<'_>) -> Result<Sample, SampleError> {
    let first = lines.number;
    let mut request = request_line(line, lines)?;
    // 3. Read each header field line into a hash table by field name until the empty line.
    let mut length: Option<(usize, usize)> = None;
    loop {
        let Some(line) = lines.next() else {
            return lines.error(format!("the file ends within the headers of the request of line {first}: an empty line ends them"));
        };
        if line.is_empty() {
            break;
        }
        let (name, value) = header_line(line, lines)?;
        if name == header::CONTENT_LENGTH {
            // 6.3: a list of equal numbers would be valid; no client sends one.
            let number =
                value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).and_then(|text| text.parse().ok());
            match (number, length) {
                (None, _) => return lines.error(format!("{} is no length", shown(value.as_bytes()))),
                (Some(_), Some(_)) => return lines.error("a second Content-Length"),
                (Some(number), None) => length = Some((number, lines.number)),
            }
        } else if name == header::TRANSFER_ENCODING {
            return lines.error("recorded bodies have a Content-Length, not a Transfer-Encoding");
        } else if name == header::HOST && request.headers().contains_key(header::HOST) {
            return lines.error("a second Host");
        }
        request.headers_mut().append(name, value);
    }
    let at_first = |message: &str| Err(SampleError { line: first, message: message.to_string() });
    // 3.2: a request of HTTP/1.1 has a Host.
    if request.version() == Version::HTTP_11 && !request.headers().contains_key(header::HOST) {
        return at_first("this request has no Host");
    }
    let mut url = UrlRoom::default();
    if !url.write(request.uri(), request.headers().get(header::HOST)) {
        return at_first("its Host is no host");
    }
    // 6.3: without Transfer-Encoding, the body of a request is as long as Content-Length says; without that, there is none.
    let body = match length {
        None => Vec::new(),
        Some((length, line)) => match lines.take(length) {
            Some(body) => body.to_vec(),
            None => return Err(SampleError { line, message: format!("the body has {} bytes of {length}", lines.rest.len()) }),
        },
    };
    Ok(Sample { method: request.method().to_string(), url: url.text().to_string(), headers: std::mem::take(request.headers_mut()), body })
}

/// RFC 9112, 3 Request Line: <https://www.rfc-editor.org/rfc/rfc9112#section-3>
fn request_line(line: &[u8], lines: &Lines<'_>) -> Result<Request<()>, SampleError> {
    let parts: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
    let [method, target, version] = parts[..] else {
        return lines.error(format!("{} is no request line, as GET / HTTP/1.1 is", shown(line)));
    };
    let Ok(method) = Method::from_bytes(method) else { return lines.error(format!("{} is no method", shown(method))) };
    // 3.2: of the four forms, workers see the origin form and the absolute form.
    let uri = Uri::try_from(target).ok().filter(|uri| target.starts_with(b"/") || uri.scheme().is_some());
    let Some(uri) = uri else { return lines.error(format!("{} is neither a path nor an absolute URL", shown(target))) };
    let version = match version {
        b"HTTP/1.1" => Version::HTTP_11,
        b"HTTP/1.0" => Version::HTTP_10,
        _ => return lines.error(format!("{} is not HTTP/1.1", shown(version))),
    };
    let mut request = Request::new(());
    (*request.method_mut(), *request.uri_mut(), *request.version_mut()) = (method, uri, version);
    Ok(request)
}

/// RFC 9112, 5 Field Syntax: <https://www.rfc-editor.org/rfc/rfc9112#section-5>
fn header_line(line: &[u8], lines: &Lines<'_>) -> Result<(HeaderName, HeaderValue), SampleError> {
    let no_header = || lines.error(format!("{} is no header", shown(line)));
    let Some(colon) = line.iter().position(|&byte| byte == b':') else { return no_header() };
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    match (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
        (Ok(name), Ok(value)) => Ok((name, value)),
        _ => no_header(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_one_after_the_other() {
        let file =
            b"\nPOST /orders?a=%20b HTTP/1.1\r\nHost: shop.example:8080\r\nContent-Type: application/json\r\ncontent-length: 8\r\n\r\n\
            {\n \"a\":1GET http://other.example/x HTTP/1.1\nHost: shop.example\nX-Empty:\nX-Raw: \xfc \n\n\r\nHEAD / HTTP/1.0\n\n\n";
        // The body ends within what looks like a line.
        let samples = Sample::recorded(file).unwrap();
        let [post, get, head] = &samples[..] else { panic!("{samples:?}") };
        assert_eq!((&*post.method, &*post.url), ("POST", "http://shop.example:8080/orders?a=%20b"));
        assert_eq!(post.body, b"{\n \"a\":1");
        assert_eq!(post.headers["content-type"], "application/json");
        assert_eq!((&*get.method, &*get.url, get.body.len()), ("GET", "http://other.example/x", 0));
        assert_eq!((get.headers["x-empty"].as_bytes(), get.headers["x-raw"].as_bytes()), (&b""[..], &b"\xFC"[..]));
        assert_eq!((&*head.method, &*head.url, head.headers.len()), ("HEAD", "http://localhost/", 0));
    }

    #[test]
    fn a_body_may_hold_anything_and_end_the_file() {
        let file = b"PUT /a HTTP/1.1\nhost: x\ncontent-length: 14\n\nGET / HTTP/1.1";
        let samples = Sample::recorded(file).unwrap();
        assert_eq!(samples.len(), 1);
        assert_eq!(samples[0].body, b"GET / HTTP/1.1");
        assert_eq!(Sample::recorded(b"PUT /a HTTP/1.1\nhost: x\ncontent-length: 0\n\n").unwrap()[0].body, b"");
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (file, line, message) in [
            ("", 1, "no request"),
            ("\n\r\n", 2, "no request"),
            ("GET /\n\n", 1, "no request line"),
            ("GET  / HTTP/1.1\n\n", 1, "no request line"),
            ("\nG@T / HTTP/1.1\n\n", 2, "no method"),
            ("GET * HTTP/1.1\nHost: x\n\n", 1, "neither a path"),
            ("CONNECT x:1 HTTP/1.1\nHost: x\n\n", 1, "neither a path"),
            ("GET / HTTP/2\nHost: x\n\n", 1, "not HTTP/1.1"),
            ("GET / HTTP/1.1\nHost: x\nno header\n\n", 3, "no header"),
            ("GET / HTTP/1.1\nHost: x\na b: c\n\n", 3, "no header"),
            ("GET / HTTP/1.1\nHost: x\n folded: c\n\n", 3, "no header"),
            ("GET / HTTP/1.1\nHost: x\na: \u{1}\n\n", 3, "no header"),
            ("GET / HTTP/1.1\n\n", 1, "no Host"),
            ("GET / HTTP/1.1\nHost: a/b\n\n", 1, "no host"),
            ("GET / HTTP/1.1\nHost: a\nHost: b\n\n", 3, "second Host"),
            ("GET / HTTP/1.1\nHost: a", 2, "the request of line 1"),
            ("GET / HTTP/1.1\nHost: a\n", 2, "the request of line 1"),
            ("POST / HTTP/1.1\nHost: a\nContent-Length: -1\n\n", 3, "no length"),
            ("POST / HTTP/1.1\nHost: a\nContent-Length:\n\n", 3, "no length"),
            ("POST / HTTP/1.1\nHost: a\nContent-Length: 99999999999999999999999\n\n", 3, "no length"),
            ("POST / HTTP/1.1\nHost: a\nContent-Length: 18446744073709551615\n\n", 3, "0 bytes of"),
            ("POST / HTTP/1.1\nHost: a\nContent-Length: 3\n\nab", 3, "2 bytes of 3"),
            ("POST / HTTP/1.1\nHost: a\nContent-Length: 3\nContent-Length: 3\n\nabc", 4, "second Content-Length"),
            ("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0\n\n", 3, "Transfer-Encoding"),
            ("POST / HTTP/1.1\nHost: a\nContent-Length: 3\n\na\nb\nX\n", 7, "no request line"),
        ] {
            let error = Sample::recorded(file.as_bytes()).expect_err(file);
            assert!(error.line == line && error.message.contains(message), "{file:?}: {error}");
        }
    }
}
