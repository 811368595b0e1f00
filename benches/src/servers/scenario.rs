//! What servers are asked, and what they must answer.

/// A kind of request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Scenario {
    /// A short constant text
    Hello,
    /// A POST of 1 KB of JSON through a router, answered in JSON
    Router,
    /// A reply in 100 pieces of 1 KiB
    Stream,
    /// The SHA-256 of 1 KiB posted
    Sha256,
    /// 55 URLs parsed
    Url,
    /// 1 MiB of UTF-8 decoded
    Decode,
    /// 10,000 objects cloned
    Clone,
}

impl Scenario {
    /// All of them.
    pub const ALL: [Scenario; 7] =
        [Scenario::Hello, Scenario::Router, Scenario::Stream, Scenario::Sha256, Scenario::Url, Scenario::Decode, Scenario::Clone];

    /// Whether it says something of a server without JavaScript: of the others only the work of the worker counts.
    pub fn is_for_servers(self) -> bool {
        !matches!(self, Scenario::Url | Scenario::Decode | Scenario::Clone)
    }

    /// Name in tables and of the worker's file.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Hello => "hello",
            Scenario::Router => "router",
            Scenario::Stream => "stream",
            Scenario::Sha256 => "sha256",
            Scenario::Url => "url",
            Scenario::Decode => "decode",
            Scenario::Clone => "clone",
        }
    }

    /// The scenario of this name.
    pub fn named(name: &str) -> Option<Scenario> {
        Scenario::ALL.into_iter().find(|scenario| scenario.name() == name)
    }

    /// Source of the worker that answers it.
    pub fn worker(self) -> &'static str {
        match self {
            Scenario::Hello => include_str!("../../servers/hello.js"),
            Scenario::Router => include_str!("../../servers/router.js"),
            Scenario::Stream => include_str!("../../servers/stream.js"),
            Scenario::Sha256 => include_str!("../../servers/sha256.js"),
            Scenario::Url => include_str!("../../servers/url.js"),
            Scenario::Decode => include_str!("../../servers/decode.js"),
            Scenario::Clone => include_str!("../../servers/clone.js"),
        }
    }

    /// Method and path.
    pub fn target(self) -> (&'static str, &'static str) {
        match self {
            Scenario::Hello | Scenario::Stream | Scenario::Url | Scenario::Decode | Scenario::Clone => ("GET", "/"),
            Scenario::Router => ("POST", "/users/42/orders?currency=EUR"),
            Scenario::Sha256 => ("POST", "/digest"),
        }
    }

    /// Body of the request.
    pub fn body(self) -> Vec<u8> {
        match self {
            Scenario::Hello | Scenario::Stream | Scenario::Url | Scenario::Decode | Scenario::Clone => Vec::new(),
            Scenario::Router => orders(),
            Scenario::Sha256 => vec![b'x'; 1024],
        }
    }

    /// The request as it goes over a connection.
    pub fn request(self, host: &str) -> Vec<u8> {
        let (method, path) = self.target();
        request(method, path, host, self.body())
    }

    /// A request to build the image of the worker with, as its developer would record one: of the same kind, with other contents. `None`
    /// where GET / does it, which images are built with anyway.
    pub fn sample(self) -> Option<Vec<u8>> {
        match self {
            Scenario::Router => {
                let body = br#"{"items":[{"name":"One","price":1.5,"quantity":0},{"name":"Two","price":7,"quantity":2}],"note":"-"}"#;
                Some(request("POST", "/users/7/orders?currency=USD", "localhost", body.to_vec()))
            }
            Scenario::Sha256 => Some(request("POST", "/digest", "localhost", b"abc".to_vec())),
            _ => None,
        }
    }

    /// Status of the reply.
    pub fn status(self) -> u16 {
        if self == Scenario::Router { 201 } else { 200 }
    }

    /// Body of the reply.
    pub fn reply(self) -> Vec<u8> {
        match self {
            Scenario::Hello => b"Hello, World!".to_vec(),
            Scenario::Router => {
                let names: Vec<String> = (0..ITEMS).filter(|i| i % 4 != 0).map(|i| format!("\"Item number {i}\"")).collect();
                let total: u32 = (0..ITEMS).map(|i| (10 + i) * (i % 4)).sum();
                format!(r#"{{"user":42,"currency":"EUR","total":{total},"accepted":[{}],"note":{NOTE}}}"#, names.join(",")).into_bytes()
            }
            Scenario::Stream => vec![b'x'; 100 * 1024],
            Scenario::Sha256 => {
                use sha2::Digest;
                let digest = sha2::Sha256::digest(self.body());
                digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()
            }
            // What node gives.
            Scenario::Url => b"8190".to_vec(),
            Scenario::Decode => b"940476 32".to_vec(),
            Scenario::Clone => b"10000 12498750 item 9999".to_vec(),
        }
    }
}

fn request(method: &str, path: &str, host: &str, body: Vec<u8>) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: benches\r\naccept: */*\r\n");
    if !body.is_empty() {
        head.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    [head.into_bytes(), body].concat()
}

const ITEMS: u32 = 12;
const NOTE: usize = 300;

/// About 1 KB of JSON.
fn orders() -> Vec<u8> {
    let items: Vec<String> =
        (0..ITEMS).map(|i| format!(r#"{{"name":"Item number {i}","price":{},"quantity":{}}}"#, 10 + i, i % 4)).collect();
    format!(r#"{{"items":[{}],"note":"{}"}}"#, items.join(","), "n".repeat(NOTE)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_what_they_are_called() {
        assert!((900..1100).contains(&Scenario::Router.body().len()));
        assert_eq!(Scenario::Stream.reply().len(), 102_400);
        assert_eq!(Scenario::Sha256.reply().len(), 64);
        assert!(serde_json::from_slice::<serde_json::Value>(&Scenario::Router.reply()).is_ok());
    }
}
