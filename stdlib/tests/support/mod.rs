//! What the tests of programs share.

use mayfly_stdlib::fetch::host::{BodyInit, IncomingResponse};

/// A network of four resources.
pub fn network() -> Vec<(String, IncomingResponse)> {
    let resource = |url: &str, status: u16, body: &str| {
        let headers = vec![(b"content-type".to_vec(), b"text/plain".to_vec())];
        let body = BodyInit::Bytes(body.as_bytes().to_vec());
        let url = url.to_string();
        (url.clone(), IncomingResponse { status, status_text: Vec::new(), headers, url, redirected: false, body })
    };
    vec![
        resource("http://test/one", 200, "first"),
        resource("http://test/two", 200, "second"),
        resource("http://test/missing", 404, "no"),
        resource("http://test/partial", 206, "par"),
    ]
}
