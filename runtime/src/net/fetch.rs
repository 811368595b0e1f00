//! HTTP requests and their redirects. <https://fetch.spec.whatwg.org/#http-fetch>

use std::rc::Rc;

use bytes::Bytes;
use mayfly_stdlib::fetch::host::{BodyInit, IncomingResponse, OutgoingRequest, RedirectMode, is_bad_port};
use mayfly_stdlib::url::{self, record::Record};

use super::Net;
use super::client::{self, Answer, Outgoing, RequestBody, ResponseBody};
use super::decode;
use super::download::Download;
use super::fields::Fields;

/// Most redirects that are followed.
const MOST_REDIRECTS: u32 = 20;
/// Bytes of the body of a redirect that are read so that its connection can be used again.
const MOST_DRAINED: usize = 64 << 10;

/// A request while it goes from server to server.
struct Chain {
    url: Record,
    method: String,
    fields: Fields,
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
        method: request.method.clone(),
        fields: Fields::new(request.headers.clone())?,
        source,
    };
    let mut body = Some(body);
    let mut has_unrepeatable_body = has_body && chain.source.is_none();
    let mut redirects = 0;
    loop {
        let first = body.take().unwrap_or_else(|| chain.source.clone().map_or(RequestBody::Empty, RequestBody::Full));
        let mut response = chain.send(first, false).await?;
        // https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, step 16: the server may not be responsible for what was asked
        // of it because the connection was made for another name.
        if response.head.status == 421 && !has_unrepeatable_body {
            let again = chain.source.clone().map_or(RequestBody::Empty, RequestBody::Full);
            response = chain.send(again, true).await?;
        }
        let status = response.head.status;
        // https://fetch.spec.whatwg.org/#concept-http-fetch, step 6
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            match request.redirect {
                RedirectMode::Error => return Err("the server redirects, and the request's redirect mode is 'error'".to_string()),
                // Servers want to see status and Location: they are not hidden.
                RedirectMode::Manual => {}
                RedirectMode::Follow => {
                    if let Some(location) = location(&chain.url, &response.head.fields)? {
                        redirects += 1;
                        if redirects > MOST_REDIRECTS {
                            return Err("there are too many redirects".to_string());
                        }
                        chain.redirect(location, status, &mut has_unrepeatable_body)?;
                        net.count()?;
                        drain(response.body).await;
                        continue;
                    }
                }
            }
        }
        return Ok(answer(&net, &chain, response, redirects > 0));
    }
}

impl Chain {
    /// Sends the request as it is now.
    async fn send(&self, body: RequestBody, is_fresh: bool) -> Result<Answer, String> {
        let href = self.bare_url().serialize().href;
        let mut fields = self.fields.clone();
        if matches!(body, RequestBody::Empty) && matches!(self.method.as_str(), "POST" | "PUT") {
            // https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch, step 8.6
            fields.set("content-length", b"0");
        }
        client::send(Outgoing { method: &self.method, url: &href, fields: &fields, body, is_fresh }).await
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
        let becomes_get =
            matches!(status, 301 | 302) && self.method == "POST" || status == 303 && !matches!(self.method.as_str(), "GET" | "HEAD");
        if becomes_get {
            self.method = "GET".to_string();
            self.source = None;
            *has_unrepeatable_body = false;
            // https://fetch.spec.whatwg.org/#request-body-header-name
            for name in ["content-encoding", "content-language", "content-location", "content-type"] {
                self.fields.remove(name);
            }
        }
        if self.url.origin() != location.origin() {
            // A cookie that a script set is as secret as an authorization.
            for name in ["authorization", "cookie", "proxy-authorization"] {
                self.fields.remove(name);
            }
        }
        self.url = location;
        Ok(())
    }
}

// https://fetch.spec.whatwg.org/#concept-response-location-url
fn location(base: &Record, fields: &Fields) -> Result<Option<Record>, String> {
    let Some(value) = fields.get("location") else { return Ok(None) };
    // As browsers do: bytes beyond ASCII stay what they are, whether they are UTF-8 or not.
    let text: String =
        value.iter().map(|&byte| if byte.is_ascii() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    let Some(mut location) = url::parse(&text, Some(&base.serialize().href)) else {
        return Err(format!("the server redirects to '{text}', which is not a URL"));
    };
    if location.fragment.is_none() {
        location.fragment.clone_from(&base.fragment);
    }
    Ok(Some(location))
}

/// Reads the little that a redirect has for a body.
async fn drain(mut body: ResponseBody) {
    let mut read = 0;
    while read <= MOST_DRAINED {
        match std::future::poll_fn(|cx| body.poll_piece(cx)).await {
            Ok(Some(bytes)) => read += bytes.len(),
            _ => return,
        }
    }
}

/// The response for the worker; its body is received when it is read.
fn answer(net: &Net, chain: &Chain, response: Answer, redirected: bool) -> IncomingResponse {
    let Answer { mut head, body } = response;
    // https://fetch.spec.whatwg.org/#concept-main-fetch, step 21: null body statuses, and methods without body
    let is_null = matches!(head.status, 101 | 103 | 204 | 205 | 304) || chain.method == "HEAD" || chain.method == "CONNECT";
    let body = if is_null {
        BodyInit::None
    } else {
        let decoders = decode::decoders(&head.fields);
        if !decoders.is_empty() {
            // They describe what was received, not what the worker reads, and would be wrong in a response that it passes on.
            head.fields.remove("content-encoding");
            head.fields.remove("content-length");
        }
        match body {
            ResponseBody::Whole(bytes) if bytes.is_empty() || decoders.is_empty() => BodyInit::Bytes(bytes.into()),
            body => BodyInit::Host(net.add_download(Download::new(body, decoders))),
        }
    };
    let url = chain.url.serialize().href;
    IncomingResponse { status: head.status, status_text: head.reason, headers: head.fields.into_list(), url, redirected, body }
}
