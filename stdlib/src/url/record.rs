//! URL records: parts, serialization, origin. <https://url.spec.whatwg.org/#url-representation>

use super::direct;
use std::fmt::Write;

/// A URL record. <https://url.spec.whatwg.org/#concept-url>
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Record {
    /// Scheme, lower case.
    pub scheme: String,
    /// Username, percent-encoded.
    pub username: String,
    /// Password, percent-encoded.
    pub password: String,
    /// Serialized host; `None` for null, empty for the empty host.
    pub host: Option<String>,
    /// Port; `None` for null.
    pub port: Option<u16>,
    /// Path.
    pub path: Path,
    /// Query without its `?`.
    pub query: Option<String>,
    /// Fragment without its `#`.
    pub fragment: Option<String>,
}

/// A URL path. <https://url.spec.whatwg.org/#url-path>
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Path {
    /// A string without structure.
    Opaque(String),
    /// Segments.
    Segments(Vec<String>),
}

impl Default for Path {
    fn default() -> Self {
        Path::Segments(Vec::new())
    }
}

/// A serialization, and where its parts begin and end in it, in bytes (it is ASCII).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Serialized {
    /// The text.
    pub href: String,
    /// Ends of parts, by the constants of [`at`].
    pub offsets: [u32; at::COUNT as usize],
}

/// Indices into [`Serialized::offsets`].
pub mod at {
    /// End of the scheme, where the `:` is.
    pub const AFTER_SCHEME: u32 = 0;
    /// Start of the username.
    pub const BEFORE_USERNAME: u32 = 1;
    /// End of the username.
    pub const AFTER_USERNAME: u32 = 2;
    /// Start of the password.
    pub const BEFORE_PASSWORD: u32 = 3;
    /// End of the password.
    pub const AFTER_PASSWORD: u32 = 4;
    /// Start of the host.
    pub const BEFORE_HOST: u32 = 5;
    /// End of the host.
    pub const AFTER_HOST: u32 = 6;
    /// End of the port.
    pub const AFTER_PORT: u32 = 7;
    /// Start of the path.
    pub const BEFORE_PATH: u32 = 8;
    /// End of the path.
    pub const AFTER_PATH: u32 = 9;
    /// End of the query.
    pub const AFTER_QUERY: u32 = 10;
    /// Number of offsets.
    pub const COUNT: u32 = 11;
}

/// The default port of a special scheme; `Some(None)` for `file`, `None` for schemes that are not special.
/// <https://url.spec.whatwg.org/#special-scheme>
pub(super) fn special_port(scheme: &str) -> Option<Option<u16>> {
    match scheme {
        "http" | "ws" => Some(Some(80)),
        "https" | "wss" => Some(Some(443)),
        "ftp" => Some(Some(21)),
        "file" => Some(None),
        _ => None,
    }
}

impl Serialized {
    /// The record that has this serialization.
    pub fn record(&self) -> Record {
        let text = |from, to| self.between(from, to).to_string();
        let path = self.path();
        let segments = path.strip_prefix('/').map(|path| path.split('/').map(str::to_string).collect());
        let fragment = self.href.get(self.offsets[at::AFTER_QUERY as usize] as usize + 1..);
        Record {
            scheme: self.scheme().to_string(),
            username: text(at::BEFORE_USERNAME, at::AFTER_USERNAME),
            password: text(at::BEFORE_PASSWORD, at::AFTER_PASSWORD),
            host: self.has_host().then(|| text(at::BEFORE_HOST, at::AFTER_HOST)),
            port: self.between(at::AFTER_HOST, at::AFTER_PORT).strip_prefix(':').and_then(|port| port.parse().ok()),
            path: if self.has_opaque_path() { Path::Opaque(path.to_string()) } else { Path::Segments(segments.unwrap_or_default()) },
            query: self.between(at::AFTER_PATH, at::AFTER_QUERY).strip_prefix('?').map(str::to_string),
            fragment: fragment.map(str::to_string),
        }
    }
}

impl Record {
    /// Whether the scheme is special.
    pub fn is_special(&self) -> bool {
        special_port(&self.scheme).is_some()
    }

    /// Whether the path is opaque. <https://url.spec.whatwg.org/#url-opaque-path>
    pub fn has_opaque_path(&self) -> bool {
        matches!(self.path, Path::Opaque(_))
    }

    /// <https://url.spec.whatwg.org/#include-credentials>
    pub fn includes_credentials(&self) -> bool {
        !self.username.is_empty() || !self.password.is_empty()
    }

    /// <https://url.spec.whatwg.org/#cannot-have-a-username-password-port>
    pub fn cannot_have_credentials_or_port(&self) -> bool {
        self.host.as_deref().unwrap_or_default().is_empty() || self.scheme == "file"
    }

    // https://url.spec.whatwg.org/#shorten-a-urls-path
    pub(super) fn shorten_path(&mut self) {
        let is_file = self.scheme == "file";
        if let Path::Segments(segments) = &mut self.path {
            if is_file && segments.len() == 1 && super::parser::is_normalized_drive_letter(&segments[0]) {
                return;
            }
            segments.pop();
        }
    }

    /// <https://url.spec.whatwg.org/#url-path-serializer>
    pub fn path_text(&self) -> String {
        match &self.path {
            Path::Opaque(text) => text.clone(),
            Path::Segments(segments) => segments.iter().flat_map(|segment| ["/", segment]).collect(),
        }
    }

    /// <https://url.spec.whatwg.org/#concept-url-serializer>
    pub fn serialize(&self) -> Serialized {
        let mut href = String::with_capacity(64);
        let mut offsets = [0; at::COUNT as usize];
        let mut mark = |which: u32, href: &String| offsets[which as usize] = href.len() as u32;
        href.push_str(&self.scheme);
        mark(at::AFTER_SCHEME, &href);
        href.push(':');
        if self.host.is_some() {
            href.push_str("//");
        }
        mark(at::BEFORE_USERNAME, &href);
        href.push_str(&self.username);
        mark(at::AFTER_USERNAME, &href);
        if !self.password.is_empty() {
            href.push(':');
        }
        mark(at::BEFORE_PASSWORD, &href);
        href.push_str(&self.password);
        mark(at::AFTER_PASSWORD, &href);
        if self.includes_credentials() {
            href.push('@');
        }
        mark(at::BEFORE_HOST, &href);
        href.push_str(self.host.as_deref().unwrap_or_default());
        mark(at::AFTER_HOST, &href);
        if let Some(port) = self.port {
            href.push(':');
            // Writing to a String cannot fail.
            let _ = write!(href, "{port}");
        }
        mark(at::AFTER_PORT, &href);
        if let (None, Path::Segments(segments)) = (&self.host, &self.path)
            && segments.len() > 1
            && segments[0].is_empty()
        {
            href.push_str("/.");
        }
        mark(at::BEFORE_PATH, &href);
        match &self.path {
            Path::Opaque(text) => href.push_str(text),
            Path::Segments(segments) => segments.iter().for_each(|segment| href.extend(["/", segment])),
        }
        mark(at::AFTER_PATH, &href);
        if let Some(query) = &self.query {
            href.push('?');
            href.push_str(query);
        }
        mark(at::AFTER_QUERY, &href);
        if let Some(fragment) = &self.fragment {
            href.push('#');
            href.push_str(fragment);
        }
        Serialized { href, offsets }
    }

    /// Serialization of the origin; `null` for opaque origins. <https://url.spec.whatwg.org/#concept-url-origin>
    pub fn origin(&self) -> String {
        match self.scheme.as_str() {
            "blob" => match direct::parse(&self.path_text(), None).map(|inner| inner.record()) {
                Some(inner) if matches!(inner.scheme.as_str(), "http" | "https") => inner.origin(),
                _ => "null".to_string(),
            },
            "ftp" | "http" | "https" | "ws" | "wss" => {
                let host = self.host.as_deref().unwrap_or_default();
                match self.port {
                    Some(port) => format!("{}://{host}:{port}", self.scheme),
                    None => format!("{}://{host}", self.scheme),
                }
            }
            _ => "null".to_string(),
        }
    }
}
