//! Connections to other servers: name resolution, proxies, TLS.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::socks;
use crate::body::BoxError;

/// Most bytes of a proxy's answer to CONNECT.
const MOST_PROXY_ANSWER: usize = 8 << 10;

/// A byte stream in both directions.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection, plain or encrypted.
pub(super) struct Stream {
    io: Box<dyn Duplex>,
    /// HTTP/2 was agreed on.
    is_http2: bool,
    /// It leads to a proxy that takes requests with whole URLs.
    is_proxied: bool,
    /// TLS is spoken with the server.
    is_encrypted: bool,
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        match Pin::new(&mut self.io).poll_read(cx, buffer) {
            // Many servers close without TLS's closing message. That is the end of the stream, as browsers see it: bodies that say how long
            // they are tell themselves when they were cut off.
            Poll::Ready(Err(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            outcome => outcome,
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[std::io::IoSlice<'_>]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl Stream {
    /// Whether HTTP/2 was agreed on.
    pub(super) fn is_http2(&self) -> bool {
        self.is_http2
    }

    /// Whether it leads to a proxy that takes requests with whole URLs.
    pub(super) fn is_proxied(&self) -> bool {
        self.is_proxied
    }

    /// Whether TLS is spoken with the server.
    pub(super) fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }
}

/// The proxies that the environment names (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), read once.
fn proxies() -> &'static Matcher {
    static PROXIES: OnceLock<Matcher> = OnceLock::new();
    PROXIES.get_or_init(Matcher::from_env)
}

/// The proxy for a URL of HTTP.
pub(super) fn proxy_of(uri: &Uri) -> Option<Intercept> {
    proxies().intercept(uri)
}

/// Settings of TLS, with the system's certificates; made when first needed, as reading them takes milliseconds.
fn tls(http2: bool) -> Result<Arc<ClientConfig>, BoxError> {
    static SETTINGS: OnceLock<Result<[Arc<ClientConfig>; 2], String>> = OnceLock::new();
    let settings = SETTINGS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added == 0 {
            return Err("the system has no certificates of authorities (SSL_CERT_FILE can name a file with some)".to_string());
        }
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut plain = builder.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
        plain.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut both = plain.clone();
        both.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok([Arc::new(plain), Arc::new(both)])
    });
    match settings {
        Ok(settings) => Ok(settings[usize::from(http2)].clone()),
        Err(why) => Err(why.clone().into()),
    }
}

fn host_and_port(uri: &Uri) -> Result<(&str, u16), BoxError> {
    let host = uri.host().ok_or("the URL has no host")?;
    let default = match uri.scheme_str() {
        Some("https" | "wss") => 443,
        Some("socks5" | "socks5h") => 1080,
        _ => 80,
    };
    Ok((host.trim_start_matches('[').trim_end_matches(']'), uri.port_u16().unwrap_or(default)))
}

/// Addresses for names, from the environment variable `MAYFLY_RESOLVE`: `name=address,…`. Of a name and the names below it; the first entry
/// counts, and one without an address says that there is no such host. Read once.
fn overrides() -> &'static [(String, Option<IpAddr>)] {
    static OVERRIDES: OnceLock<Vec<(String, Option<IpAddr>)>> = OnceLock::new();
    OVERRIDES.get_or_init(|| parse_overrides(&std::env::var("MAYFLY_RESOLVE").unwrap_or_default()))
}

fn parse_overrides(text: &str) -> Vec<(String, Option<IpAddr>)> {
    let entries = text.split(',').filter_map(|entry| entry.split_once('='));
    entries.map(|(name, address)| (name.trim().to_ascii_lowercase(), address.trim().parse().ok())).collect()
}

/// The entry that is about a host.
fn override_of<'a>(overrides: &'a [(String, Option<IpAddr>)], host: &str) -> Option<&'a Option<IpAddr>> {
    let is_about = |name: &str| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    overrides.iter().find(|(name, _)| is_about(name)).map(|(_, address)| address)
}

/// The address of a host, for proxies that are given addresses.
async fn resolve(host: &str, port: u16) -> Result<IpAddr, BoxError> {
    let found = match override_of(overrides(), host) {
        Some(address) => *address,
        None => tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| format!("cannot resolve {host}: {error}"))?
            .next()
            .map(|address| address.ip()),
    };
    found.ok_or_else(|| format!("cannot resolve {host}: there is no such host").into())
}

async fn connect_tcp(uri: &Uri) -> Result<TcpStream, BoxError> {
    let (host, port) = host_and_port(uri)?;
    let stream = match override_of(overrides(), host) {
        Some(Some(address)) => TcpStream::connect((*address, port)).await,
        Some(None) => Err(std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such host")),
        None => TcpStream::connect((host, port)).await,
    };
    let stream = stream.map_err(|error| format!("cannot connect to {host}:{port}: {error}"))?;
    // Requests are written whole.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// Encrypts a stream; whether HTTP/2 was agreed on.
async fn encrypt(io: Box<dyn Duplex>, host: &str, http2: bool) -> Result<(Box<dyn Duplex>, bool), BoxError> {
    let name = ServerName::try_from(host.to_string()).map_err(|_| format!("'{host}' is no name for a certificate"))?;
    let stream = TlsConnector::from(tls(http2)?).connect(name, io).await.map_err(|error| format!("TLS with {host} failed: {error}"))?;
    let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok((Box::new(stream), is_http2))
}

// https://www.rfc-editor.org/rfc/rfc9110#name-connect
/// Has a proxy connect to a server.
async fn tunnel(io: &mut Box<dyn Duplex>, proxy: &Intercept, host: &str, port: u16) -> Result<(), BoxError> {
    let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut head = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n").into_bytes();
    if let Some(credentials) = proxy.basic_auth() {
        head.extend_from_slice(b"Proxy-Authorization: ");
        head.extend_from_slice(credentials.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    io.write_all(&head).await?;
    io.flush().await?;
    // Byte by byte, so that nothing of what follows is taken.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= MOST_PROXY_ANSWER {
            return Err("the proxy's answer is too long".into());
        }
        answer.push(io.read_u8().await.map_err(|error| format!("the proxy broke off: {error}"))?);
    }
    let line = String::from_utf8_lossy(answer.split(|&byte| byte == b'\r').next().unwrap_or_default()).into_owned();
    let is_done = line.starts_with("HTTP/1.") && line.split(' ').nth(1).is_some_and(|status| status.len() == 3 && status.starts_with('2'));
    if is_done { Ok(()) } else { Err(format!("the proxy refused to connect to {authority}: {line}").into()) }
}

/// Connects to the server of a URL whose scheme is `http`, `https`, `ws` or `wss`. `http2` offers HTTP/2; with `direct` no proxy sees what is
/// sent: it only passes bytes on.
pub(super) async fn dial(uri: &Uri, http2: bool, direct: bool) -> Result<Stream, BoxError> {
    let (host, port) = host_and_port(uri)?;
    let encrypted = matches!(uri.scheme_str(), Some("https" | "wss"));
    // Proxies are chosen by the schemes of HTTP.
    let scheme = if encrypted { "https" } else { "http" };
    let authority = uri.authority().ok_or("the URL has no host")?.clone();
    let target = Uri::builder().scheme(scheme).authority(authority).path_and_query("/").build()?;
    let Some(proxy) = proxy_of(&target) else {
        let io = Box::new(connect_tcp(uri).await?);
        if !encrypted {
            return Ok(Stream { io, is_http2: false, is_proxied: false, is_encrypted: false });
        }
        let (io, is_http2) = encrypt(io, host, http2).await?;
        return Ok(Stream { io, is_http2, is_proxied: false, is_encrypted: true });
    };
    let is_socks = matches!(proxy.uri().scheme_str(), Some("socks5" | "socks5h"));
    let mut io: Box<dyn Duplex> = match proxy.uri().scheme_str() {
        Some(scheme @ ("socks5" | "socks5h")) => {
            // As curl has it, the `h` says who resolves names: the proxy.
            let destination = match (host.parse(), scheme) {
                (Ok(address), _) => socks::Destination::Address(address),
                (Err(_), "socks5h") => socks::Destination::Name(host),
                (Err(_), _) => socks::Destination::Address(resolve(host, port).await?),
            };
            let mut io = connect_tcp(proxy.uri()).await?;
            socks::connect(&mut io, proxy.raw_auth(), destination, port).await?;
            Box::new(io)
        }
        Some("http") => Box::new(connect_tcp(proxy.uri()).await?),
        Some("https") => {
            let (proxy_host, _) = host_and_port(proxy.uri())?;
            encrypt(Box::new(connect_tcp(proxy.uri()).await?), proxy_host, false).await?.0
        }
        scheme => return Err(format!("proxies of the kind '{}' are not supported", scheme.unwrap_or("")).into()),
    };
    if !encrypted && !direct && !is_socks {
        return Ok(Stream { io, is_http2: false, is_proxied: true, is_encrypted: false });
    }
    if !is_socks {
        tunnel(&mut io, &proxy, host, port).await?;
    }
    if !encrypted {
        return Ok(Stream { io, is_http2: false, is_proxied: false, is_encrypted: false });
    }
    let (io, is_http2) = encrypt(io, host, http2).await?;
    Ok(Stream { io, is_http2, is_proxied: false, is_encrypted: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_of_names() {
        let known = parse_overrides("no.a.test=,a.test=127.0.0.1,B.test = ::1");
        let of = |host: &str| override_of(&known, host).copied();
        assert_eq!(of("a.test"), Some(Some("127.0.0.1".parse().expect("an address"))));
        assert_eq!(of("www.a.test"), of("a.test"));
        assert_eq!((of("no.a.test"), of("x.no.a.test")), (Some(None), Some(None)));
        assert_eq!(of("b.test"), Some(Some("::1".parse().expect("an address"))));
        assert_eq!((of("aa.test"), of("test"), of("")), (None, None, None));
        assert!(parse_overrides("").is_empty());
    }
}
