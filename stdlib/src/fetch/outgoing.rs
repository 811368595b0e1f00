//! What `fetch` makes of a Request before the host sends it: its headers, its referrer, and what is refused without asking the network.
//!
//! A server has no origin of its own, so nothing here knows CORS, cookies or an HTTP cache: requests go where they are told to, and
//! responses are of type "basic", as in the other server runtimes.

use super::host::{OutgoingBody, OutgoingRequest};
use super::{headers, request};
use crate::url::record::Record;
use crate::webidl::prelude::*;

/// Product in the `User-Agent` header, and `navigator.userAgent`.
const USER_AGENT: &str = "Mayfly";

/// Headers that describe the connection or the length of the body, which are the host's business, and the host's name, which the URL tells.
/// A worker that passes on a request that it received passes them too.
fn is_of_the_connection(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 10] = [
        b"host",
        b"content-length",
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"transfer-encoding",
        b"upgrade",
        b"te",
        b"trailer",
        b"expect",
    ];
    NAMES.contains(&name)
}

// https://fetch.spec.whatwg.org/#concept-main-fetch and https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch
/// The request for the host, whose URL has a scheme of HTTP; or why it is refused.
pub(super) fn prepare(cx: &mut Context, object: Object, url: &Record, body: OutgoingBody) -> std::result::Result<OutgoingRequest, String> {
    // "If should fetching request be blocked due to a bad port returns blocked"
    if is_bad_port(url) {
        return Err(format!("port {} is not allowed", url.port.unwrap_or(0)));
    }
    let method = request::method_text(cx, object);
    let cache = request::option_text(cx, object, request::option::CACHE);
    if cache == "only-if-cached" {
        return Err("there is no cache that could answer an 'only-if-cached' request".to_string());
    }
    if request::option_text(cx, object, request::option::MODE) == "same-origin"
        && let Some(base) = crate::url::base(cx).and_then(|base| crate::url::parse(&base, None))
        && base.origin() != url.origin()
    {
        return Err("the URL is of another origin, and the request's mode is 'same-origin'".to_string());
    }
    let list = request::header_list(cx, object);
    let mut list = headers::to_bytes(cx, list);
    list.retain(|(name, _)| !is_of_the_connection(name));
    let has = |list: &[(Vec<u8>, Vec<u8>)], wanted: &str| list.iter().any(|(name, _)| name == wanted.as_bytes());
    let set = |list: &mut Vec<(Vec<u8>, Vec<u8>)>, name: &str, value: &str| {
        if !has(list, name) {
            list.push((name.as_bytes().to_vec(), value.as_bytes().to_vec()));
        }
    };
    // Fetch method: `Accept` and `Accept-Language`.
    set(&mut list, "accept", "*/*");
    set(&mut list, "accept-language", "*");
    // HTTP-network-or-cache fetch, 8.11: the referrer.
    if let Some(referrer) = referrer(cx, object, url) {
        set(&mut list, "referer", &referrer);
    }
    // 8.15: `User-Agent`.
    set(&mut list, "user-agent", USER_AGENT);
    // 8.17-8.18: what the cache mode wants of caches on the way.
    match cache.as_str() {
        "no-cache" => set(&mut list, "cache-control", "max-age=0"),
        "no-store" | "reload" => {
            set(&mut list, "pragma", "no-cache");
            set(&mut list, "cache-control", "no-cache");
        }
        _ => {}
    }
    // 8.19: a part of a compressed body cannot be decoded.
    let codings = if has(&list, "range") { "identity" } else { "gzip, deflate, br, zstd" };
    set(&mut list, "accept-encoding", codings);
    let credentials = url.includes_credentials().then(|| basic_credentials(url));
    if let Some(credentials) = credentials {
        set(&mut list, "authorization", &credentials);
    }
    let mut bare = url.clone();
    bare.fragment = None;
    Ok(OutgoingRequest { method, url: bare.serialize().href, headers: list, body, redirect: request::redirect_mode(cx, object) })
}

/// Value of an `Authorization` header from the credentials of a URL. <https://www.rfc-editor.org/rfc/rfc7617#section-2>
pub(crate) fn basic_credentials(url: &Record) -> String {
    let decode = super::data_url::percent_decode;
    let pair = [decode(&url.username).as_slice(), b":", &decode(&url.password)].concat();
    format!("Basic {}", crate::base64::encode(&pair))
}

// https://fetch.spec.whatwg.org/#block-bad-port
/// Whether the port of an HTTP URL belongs to another protocol, whose server might take a request for commands.
pub fn is_bad_port(url: &Record) -> bool {
    const BAD: [u16; 83] = [
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113,
        115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563,
        587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669,
        6679, 6697, 10080,
    ];
    url.port.is_some_and(|port| BAD.contains(&port))
}

// https://w3c.github.io/webappsec-referrer-policy/#determine-requests-referrer
/// The value of `Referer`: a URL that the script named, or the worker's own ("client"), if it has one.
fn referrer(cx: &mut Context, object: Object, url: &Record) -> Option<String> {
    let source = request::option_text(cx, object, request::option::REFERRER);
    let source = match source.as_str() {
        "" => return None,
        "about:client" => crate::url::base(cx)?,
        _ => source,
    };
    let source = crate::url::parse(&source, None)?;
    // Strip url for use as a referrer.
    if !matches!(source.scheme.as_str(), "http" | "https") {
        return None;
    }
    let mut whole = source.clone();
    (whole.username, whole.password, whole.fragment) = (String::new(), String::new(), None);
    let origin_only = format!("{}/", source.origin());
    let mut whole = whole.serialize().href;
    if whole.len() > 4096 {
        whole.clone_from(&origin_only);
    }
    let same_origin = source.origin() == url.origin();
    let downgrade = source.scheme == "https" && url.scheme != "https";
    let policy = request::option_text(cx, object, request::option::REFERRER_POLICY);
    match policy.as_str() {
        "no-referrer" => None,
        "origin" => Some(origin_only),
        "unsafe-url" => Some(whole),
        "strict-origin" => (!downgrade).then_some(origin_only),
        "same-origin" => same_origin.then_some(whole),
        "origin-when-cross-origin" => Some(if same_origin { whole } else { origin_only }),
        "no-referrer-when-downgrade" => (!downgrade).then_some(whole),
        // The default is "strict-origin-when-cross-origin".
        _ if same_origin => Some(whole),
        _ => (!downgrade).then_some(origin_only),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(url: &str) -> Record {
        crate::url::parse(url, None).unwrap()
    }

    #[test]
    fn bad_ports() {
        assert!(is_bad_port(&record("http://h:25/")) && is_bad_port(&record("ws://h:10080/")));
        assert!(!is_bad_port(&record("http://h:8080/")) && !is_bad_port(&record("http://h/")) && !is_bad_port(&record("https://h:443/")));
    }

    #[test]
    fn credentials() {
        // The example of RFC 7617.
        assert_eq!(basic_credentials(&record("http://Aladdin:open%20sesame@h/")), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }
}
