//! HTTP requests and their redirects. <https://fetch.spec.whatwg.org/#http-fetch>

use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, Uri, Version};
use http_body::Body;
use hyper::body::Incoming;
use mayfly_stdlib::fetch::host::{BodyInit, IncomingResponse, OutgoingRequest, RedirectMode, is_bad_port};
use mayfly_stdlib::url::{self, record::Record};

use super::Net;
use super::client::{self, RequestBody};
use super::connect::proxy_of;
use super::decode;
use super::download::Download;

/// Most redirects that are followed.
const MOST_REDIRECTS: u32 = 20;
/// Bytes of the body of a redirect that are read so that its connection can be used again.
const MOST_DRAINED: usize = 64 << 10;

/// A request while it goes from server to server.
struct Chain {
    url: Record,
    method: Method,
    headers: HeaderMap,
    /// The body, when it can be sent again.
    source: Option<Bytes>,
}

/// Sends a request and follows redirects as it says. `body` is what it sends first.
pub(super) async fn run(net: Rc<Net>, request: OutgoingRequest, body: RequestBody) -> Result<IncomingResponse, String> {
    let source = match &body {
        RequestBody::Full(bytes) => Some(bytes.clone()),
        _ => None,
    };
    let has_body = !matches!(body, RequestBody::Empty);
    let mut chain = Chain {
        url: url::parse(&request.url, None).ok_or("the URL is not valid")?,
        method: Method::from_bytes(request.method.as_bytes()).map_err(|_| "the method cannot be sent")?,
        headers: header_map(&request.headers)?,
        source,
    };
    let mut body = Some(body);
    let mut has_unrepeatable_body = has_body && chain.source.is_none();
    let mut redirects = 0;
    loop {
        let first = body.take().unwrap_or_else(|| chain.source.clone().map_or(RequestBody::Empty, RequestBody::Full));
        let response = client::send(chain.request(first)?).await?;
        let status = response.status().as_u16();
        // https://fetch.spec.whatwg.org/#concept-http-fetch, step 6
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            match request.redirect {
                RedirectMode::Error => return Err("the server redirects, and the request's redirect mode is 'error'".to_string()),
                // Servers want to see status and Location: they are not hidden.
                RedirectMode::Manual => {}
                RedirectMode::Follow => {
                    if let Some(location) = location(&chain.url, response.headers())? {
                        redirects += 1;
                        if redirects > MOST_REDIRECTS {
                            return Err("there are too many redirects".to_string());
                        }
                        chain.redirect(location, status, &mut has_unrepeatable_body)?;
                        net.count()?;
                        drain(response.into_body()).await;
                        continue;
                    }
                }
            }
        }
        return Ok(answer(&net, &chain, response, redirects > 0));
    }
}

fn header_map(list: &[(Vec<u8>, Vec<u8>)]) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::with_capacity(list.len());
    for (name, value) in list {
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) else {
            return Err(format!("the header {} cannot be sent", String::from_utf8_lossy(name)));
        };
        headers.append(name, value);
    }
    Ok(headers)
}

impl Chain {
    /// The request to send now.
    fn request(&self, body: RequestBody) -> Result<Request<RequestBody>, String> {
        let href = self.bare_url().serialize().href;
        let uri: Uri = href.parse().map_err(|error| format!("the URL cannot be requested: {error}"))?;
        let mut headers = self.headers.clone();
        if matches!(body, RequestBody::Empty) && matches!(self.method, Method::POST | Method::PUT) {
            // https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, step 8.6
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(0));
        }
        if self.url.scheme == "http"
            && let Some(proxy) = proxy_of(&uri)
            && let Some(credentials) = proxy.basic_auth()
        {
            headers.insert(header::PROXY_AUTHORIZATION, credentials.clone());
        }
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// The URL without what is not sent.
    fn bare_url(&self) -> Record {
        let mut url = self.url.clone();
        (url.username, url.password, url.fragment) = (String::new(), String::new(), None);
        url
    }

    // https://fetch.spec.whatwg.org/#concept-http-redirect-fetch, from step 6
    fn redirect(&mut self, location: Record, status: u16, has_unrepeatable_body: &mut bool) -> Result<(), String> {
        if !matches!(location.scheme.as_str(), "http" | "https") {
            return Err(format!("the server redirects to a URL of scheme '{}'", location.scheme));
        }
        if is_bad_port(&location) {
            return Err(format!("the server redirects to port {}, which is not allowed", location.port.unwrap_or(0)));
        }
        if status != 303 && *has_unrepeatable_body {
            return Err("the server redirects, and the request's body was a stream, which cannot be sent again".to_string());
        }
        let becomes_get = matches!(status, 301 | 302) && self.method == Method::POST
            || status == 303 && self.method != Method::GET && self.method != Method::HEAD;
        if becomes_get {
            self.method = Method::GET;
            self.source = None;
            *has_unrepeatable_body = false;
            // https://fetch.spec.whatwg.org/#request-body-header-name
            for name in [header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::CONTENT_LOCATION, header::CONTENT_TYPE] {
                self.headers.remove(name);
            }
        }
        if self.url.origin() != location.origin() {
            // A cookie that a script set is as secret as an authorization.
            for name in [header::AUTHORIZATION, header::COOKIE, header::PROXY_AUTHORIZATION] {
                self.headers.remove(name);
            }
        }
        self.url = location;
        Ok(())
    }
}

// https://fetch.spec.whatwg.org/#concept-response-location-url
fn location(base: &Record, headers: &HeaderMap) -> Result<Option<Record>, String> {
    let Some(value) = headers.get(header::LOCATION) else { return Ok(None) };
    let text = match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_string(),
        Err(_) => value.as_bytes().iter().map(|&byte| char::from(byte)).collect(),
    };
    let Some(mut location) = url::parse(&text, Some(&base.serialize().href)) else {
        return Err(format!("the server redirects to '{text}', which is not a URL"));
    };
    if location.fragment.is_none() {
        location.fragment.clone_from(&base.fragment);
    }
    Ok(Some(location))
}

/// Reads the little that a redirect has for a body.
async fn drain(mut body: Incoming) {
    let mut read = 0;
    while read <= MOST_DRAINED {
        match std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            Some(Ok(frame)) => read += frame.data_ref().map_or(0, Bytes::len),
            _ => return,
        }
    }
}

/// The response for the worker; its body is received when it is read.
fn answer(net: &Net, chain: &Chain, response: Response<Incoming>, redirected: bool) -> IncomingResponse {
    let (mut parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    let status_text = match parts.extensions.get::<hyper::ext::ReasonPhrase>() {
        Some(reason) => reason.as_bytes().to_vec(),
        // HTTP/2 has none.
        None if parts.version >= Version::HTTP_2 => Vec::new(),
        None => parts.status.canonical_reason().unwrap_or_default().as_bytes().to_vec(),
    };
    // https://fetch.spec.whatwg.org/#concept-main-fetch, step 21: null body statuses, and methods without body
    let is_null = matches!(status, 101 | 103 | 204 | 205 | 304) || chain.method == Method::HEAD || chain.method == Method::CONNECT;
    let body = if is_null {
        BodyInit::None
    } else {
        let decoders = decode::decoders(&parts.headers);
        if !decoders.is_empty() {
            // They describe what was received, not what the worker reads, and would be wrong in a response that it passes on.
            parts.headers.remove(header::CONTENT_ENCODING);
            parts.headers.remove(header::CONTENT_LENGTH);
        }
        if body.is_end_stream() { BodyInit::Bytes(Vec::new()) } else { BodyInit::Host(net.add_download(Download::new(body, decoders))) }
    };
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str().as_bytes().to_vec(), value.as_bytes().to_vec())).collect();
    IncomingResponse { status, status_text, headers, url: chain.url.serialize().href, redirected, body }
}
