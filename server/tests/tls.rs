//! Requests over TLS, with HTTP/1.1 and HTTP/2. The certificates are for these tests only (`fixtures/`).

#![allow(missing_docs)]

mod support;

use std::convert::Infallible;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use support::{temporary, text};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (version, method, host) = (request.version(), request.method().clone(), request.uri().host().unwrap_or("none").to_string());
    let length = request.into_body().collect().await.map_or(0, |body| body.to_bytes().len());
    Ok(Response::new(Full::new(Bytes::from(format!("{version:?} {method} {host} {length}")))))
}

/// Serves with these protocols to choose from; the port, and a count of connections.
fn serve(protocols: &[&str]) -> (u16, Arc<AtomicUsize>) {
    let certificate = CertificateDer::from_pem_file(format!("{FIXTURES}/localhost.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{FIXTURES}/localhost.key")).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let acceptor = TlsAcceptor::from(Arc::new(config));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                        let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                        let _ = server.serve_connection(TokioIo::new(stream), service_fn(answer)).await;
                    } else {
                        let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await;
                    }
                });
            }
        });
    });
    (port, connections)
}

fn run(source: &str, trusted: bool) -> String {
    let path = temporary("program.mjs", source);
    let mut command = Command::new(env!("CARGO_BIN_EXE_mayfly"));
    if trusted {
        command.env("SSL_CERT_FILE", format!("{FIXTURES}/authority.pem"));
    }
    let output = command.args(["run", path.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn http2_over_one_connection() {
    let (port, connections) = serve(&["h2", "http/1.1"]);
    let source = format!(
        "const o = 'https://localhost:{port}/';
         console.log(await (await fetch(o)).text());
         const stream = () => new ReadableStream({{ count: 0, pull(c) {{ if (this.count++ < 40) c.enqueue(new Uint8Array(10000)); else c.close(); }} }});
         const list = await Promise.all(Array.from({{ length: 10 }}, async () => (await fetch(o, {{ method: 'POST', body: stream(), duplex: 'half' }})).text()));
         console.log([...new Set(list)].join());
         const r = await fetch(o); console.log(r.status, JSON.stringify(r.statusText));"
    );
    assert_eq!(run(&source, true), "HTTP/2.0 GET localhost 0\nHTTP/2.0 POST localhost 400000\n200 \"\"\n");
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[test]
fn http1_where_the_server_knows_no_other() {
    let (port, _) = serve(&["http/1.1"]);
    let source = format!("console.log(await (await fetch('https://localhost:{port}/', {{ method: 'POST', body: 'abc' }})).text())");
    assert_eq!(run(&source, true), "HTTP/1.1 POST none 3\n");
}

#[test]
fn unknown_authorities_and_other_names_are_refused() {
    let (port, _) = serve(&["h2"]);
    let source = |host: &str| format!("console.log(await fetch('https://{host}:{port}/').then(() => 'answered', String))");
    for (host, trusted) in [("localhost", false), ("127.0.0.2", true)] {
        let got = run(&source(host), trusted);
        assert!(got.starts_with("TypeError: fetch failed: ") && !got.contains("answered"), "{got}");
    }
    assert_eq!(run(&source("127.0.0.1"), true), "answered\n");
}
