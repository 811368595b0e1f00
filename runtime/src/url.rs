//! The URL of a request, from its target and its Host header.

use http::{HeaderValue, Uri};

/// Room for the URLs of requests.
#[derive(Default)]
pub(crate) struct UrlRoom {
    text: String,
    /// Length of the origin in `text`, where it was made of a Host header; else 0.
    origin: usize,
}

impl UrlRoom {
    const SCHEME: &str = "http://";

    /// Writes the URL of a request: its target where that is absolute, and else with the value of its Host header. `false` where that is
    /// no host.
    pub fn write(&mut self, uri: &Uri, host: Option<&HeaderValue>) -> bool {
        // OPTIMIZATION: most requests are for the host that the last one was for. It needs no second look.
        let known = self.text.as_bytes().get(UrlRoom::SCHEME.len()..self.origin);
        if uri.authority().is_none() && known.is_some() && known == host.map(HeaderValue::as_bytes) {
            self.text.truncate(self.origin);
        } else if !self.write_origin(uri, host) {
            return false;
        }
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        if !target.starts_with('/') {
            self.text.push('/');
        }
        self.text.push_str(target);
        true
    }

    fn write_origin(&mut self, uri: &Uri, host: Option<&HeaderValue>) -> bool {
        self.text.clear();
        self.origin = 0;
        let name = match (uri.authority(), host) {
            (Some(authority), _) => Some(authority.as_str()),
            (None, Some(host)) => host.to_str().ok(),
            (None, None) => Some("localhost"),
        };
        let is_host =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':' | b'[' | b']' | b'%' | 0x80..);
        let Some(name) = name.filter(|name| !name.is_empty() && name.bytes().all(is_host)) else { return false };
        match uri.scheme_str() {
            Some(scheme) => self.text.extend([scheme, "://", name]),
            None => {
                self.text.extend([UrlRoom::SCHEME, name]);
                self.origin = if uri.authority().is_none() && host.is_some() { self.text.len() } else { 0 };
            }
        }
        true
    }

    /// What was written.
    pub fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_requests() {
        let mut room = UrlRoom::default();
        for (target, host, expected) in [
            ("/", Some("a.example"), Some("http://a.example/")),
            ("/long/path?query", Some("a.example"), Some("http://a.example/long/path?query")),
            ("/b", Some("a.example"), Some("http://a.example/b")),
            // Neither a beginning nor a continuation of the last host is that host.
            ("/", Some("a.exampl"), Some("http://a.exampl/")),
            ("/", Some("a.example:80"), Some("http://a.example:80/")),
            ("/", Some("a.example:80/"), None),
            ("/", Some("a.example:80"), Some("http://a.example:80/")),
            ("/", Some(""), None),
            ("/", Some("a b"), None),
            ("/c", None, Some("http://localhost/c")),
            ("/c", Some("localhost"), Some("http://localhost/c")),
            ("/c", Some(""), None),
            // An absolute target counts, and not what the header says.
            ("https://other.example/d", Some("localhost"), Some("https://other.example/d")),
            ("/d", Some("other.example"), Some("http://other.example/d")),
            ("http://other.example", Some("x"), Some("http://other.example/")),
            ("*", Some("other.example"), Some("http://other.example/*")),
        ] {
            let host = host.map(|host| HeaderValue::from_str(host).unwrap());
            let is_written = room.write(&target.parse().unwrap(), host.as_ref());
            assert_eq!(is_written.then(|| room.text()), expected, "{target} {host:?}");
        }
    }
}
