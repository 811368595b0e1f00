//! URL and URLSearchParams. <https://url.spec.whatwg.org/>
//!
//! Parsing and serializing are the `url` crate's. A URL object holds its serialization and where the parts end, so that reading a part only
//! cuts a string; a setter parses the serialization again.

pub mod search_params;

use crate::streams::support::{Slots, new_platform_object};
use crate::webidl::prelude::*;
use mayfly_engine::heap::Raw;
use mayfly_engine::native::ClassSpec;
use url::{Position, Url, quirks};

pub use search_params::URLSearchParams;

/// Serialization.
const HREF: u32 = 1;
/// Raw cell of ends of parts, as 32-bit words in the order of [`POSITIONS`].
const OFFSETS: u32 = 2;
/// URLSearchParams object, made when first asked for.
const SEARCH_PARAMS: u32 = 3;

/// The positions that are kept.
const POSITIONS: [Position; 10] = [
    Position::AfterScheme,
    Position::BeforeUsername,
    Position::AfterUsername,
    Position::BeforePassword,
    Position::AfterPassword,
    Position::BeforeHost,
    Position::AfterHost,
    Position::AfterPort,
    Position::AfterPath,
    Position::AfterQuery,
];

/// Indices into [`POSITIONS`].
mod at {
    pub const AFTER_SCHEME: u32 = 0;
    pub const BEFORE_USERNAME: u32 = 1;
    pub const AFTER_USERNAME: u32 = 2;
    pub const BEFORE_PASSWORD: u32 = 3;
    pub const AFTER_PASSWORD: u32 = 4;
    pub const BEFORE_HOST: u32 = 5;
    pub const AFTER_HOST: u32 = 6;
    pub const AFTER_PORT: u32 = 7;
    pub const AFTER_PATH: u32 = 8;
    pub const AFTER_QUERY: u32 = 9;
}

/// The class tables of this folder.
pub const CLASSES: &[&ClassSpec] = &[URL::SPEC, URLSearchParams::SPEC];

/// Basic URL parser with an optional base. <https://url.spec.whatwg.org/#concept-basic-url-parser>
pub(crate) fn parse(text: &str, base: Option<&str>) -> Option<Url> {
    let url = match base {
        None => Url::parse(text).ok()?,
        Some(base) => Url::parse(base).ok()?.join(text).ok()?,
    };
    Some(encode_last_space(url))
}

/// An opaque path's last space before a query or fragment is percent-encoded. <https://url.spec.whatwg.org/#cannot-be-a-base-url-path-state>
fn encode_last_space(url: Url) -> Url {
    if !url.cannot_be_a_base() || !url.path().ends_with(' ') {
        return url;
    }
    let end = url[..Position::AfterPath].len() - 1;
    let text = url.as_str();
    Url::parse(&format!("{}%20{}", &text[..end], &text[end + 1..])).unwrap_or(url)
}

/// The base of relative URLs in fetch: the worker's location, when it has one.
pub(crate) fn base(cx: &Context) -> Option<String> {
    cx.embedder_root(roots::BASE_URL).as_string().map(|text| text.to_text(&cx.heap))
}

/// Sets the base of relative URLs in fetch.
pub fn set_base(cx: &mut Context, base: &str) {
    let text = cx.new_string(base);
    cx.set_embedder_root(roots::BASE_URL, text);
}

/// Makes `this` hold `url`.
fn store(cx: &mut Context, this: Object, url: &Url) {
    let href = cx.heap.new_string(url.as_str());
    this.put(cx, HREF, href);
    let offsets = cx.heap.new_raw(4 * POSITIONS.len() as u32);
    for (index, position) in POSITIONS.iter().enumerate() {
        offsets.set_word_at(&cx.heap, index as u32, url[..*position].len() as u32);
    }
    this.put(cx, OFFSETS, Value::cell(offsets));
}

fn href(cx: &Context, this: Object) -> JsString {
    this.at(cx, HREF).as_string().unwrap_or(cx.heap.empty_string())
}

fn offset(cx: &Context, this: Object, which: u32) -> u32 {
    this.at(cx, OFFSETS).as_cell::<Raw>().map_or(0, |offsets| offsets.word_at(&cx.heap, which))
}

/// The part of the serialization between two offsets. Serializations are ASCII, so that bytes are units.
fn cut(cx: &mut Context, this: Object, from: u32, to: u32) -> JsString {
    let whole = href(cx, this);
    cx.heap.substring(whole, from, to.max(from))
}

fn between(cx: &mut Context, this: Object, from: u32, to: u32) -> JsString {
    let (from, to) = (offset(cx, this, from), offset(cx, this, to));
    cut(cx, this, from, to)
}

/// A part with its leading delimiter; empty when there is nothing after the delimiter.
fn delimited(cx: &mut Context, this: Object, from: u32, to: u32) -> JsString {
    if to <= from + 1 { cx.heap.empty_string() } else { cut(cx, this, from, to) }
}

/// The URL as the crate's type.
pub(crate) fn url_of(cx: &Context, this: Object) -> Option<Url> {
    Url::parse(&href(cx, this).to_text(&cx.heap)).ok()
}

/// Changes a URL; `change` leaves it as it is when the new value is refused.
fn update<R>(cx: &mut Context, this: Object, change: impl FnOnce(&mut Url) -> R) {
    if let Some(mut url) = url_of(cx, this) {
        // A refused value leaves the URL as it is, which is all that the setters promise.
        let _ = change(&mut url);
        store(cx, this, &url);
    }
}

/// Sets the query from a URLSearchParams object: `None` when it is empty.
pub(super) fn set_query(cx: &mut Context, this: Object, query: Option<&str>) {
    update(cx, this, |url| url.set_query(query));
}

/// `URL`.
#[interface(name = "URL", class = class::URL)]
impl URL {
    // https://url.spec.whatwg.org/#dom-url-url
    #[constructor]
    fn new(cx: &mut Context, this: Object, url: USVString, base: Optional<USVString>) -> Result<()> {
        match parse(&url, base.as_deref()) {
            Some(parsed) => {
                store(cx, this, &parsed);
                Ok(())
            }
            None => Err(cx.throw_type_error(&format!("Invalid URL: '{}'", &*url))),
        }
    }

    // https://url.spec.whatwg.org/#dom-url-parse
    #[static_method]
    fn parse(cx: &mut Context, url: USVString, base: Optional<USVString>) -> Result<Option<Object>> {
        let parsed = parse(&url, base.as_deref());
        Ok(parsed.map(|parsed| {
            let object = new_platform_object(cx, class::URL, false);
            store(cx, object, &parsed);
            object
        }))
    }

    // https://url.spec.whatwg.org/#dom-url-canparse
    #[static_method]
    fn can_parse(_cx: &mut Context, url: USVString, base: Optional<USVString>) -> Result<bool> {
        Ok(parse(&url, base.as_deref()).is_some())
    }

    // https://url.spec.whatwg.org/#dom-url-href
    #[getter]
    fn href(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(href(cx, this))
    }

    // https://url.spec.whatwg.org/#dom-url-href
    #[setter]
    fn set_href(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        match parse(&value, None) {
            Some(parsed) => {
                store(cx, this, &parsed);
                search_params::update_from_url(cx, this.object(cx, SEARCH_PARAMS), parsed.query());
                Ok(())
            }
            None => Err(cx.throw_type_error(&format!("Failed to set the 'href' property on 'URL': Invalid URL: '{}'", &*value))),
        }
    }

    // https://url.spec.whatwg.org/#dom-url-origin
    #[getter]
    fn origin(cx: &mut Context, this: Object) -> Result<String> {
        Ok(url_of(cx, this).map_or_else(String::new, |url| quirks::origin(&url)))
    }

    // https://url.spec.whatwg.org/#dom-url-protocol
    #[getter]
    fn protocol(cx: &mut Context, this: Object) -> Result<JsString> {
        let end = offset(cx, this, at::AFTER_SCHEME);
        Ok(cut(cx, this, 0, end + 1))
    }

    // https://url.spec.whatwg.org/#dom-url-protocol
    #[setter]
    fn set_protocol(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        update(cx, this, |url| quirks::set_protocol(url, &value));
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-username
    #[getter]
    fn username(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(between(cx, this, at::BEFORE_USERNAME, at::AFTER_USERNAME))
    }

    // https://url.spec.whatwg.org/#dom-url-username
    #[setter]
    fn set_username(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        update(cx, this, |url| quirks::set_username(url, &value));
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-password
    #[getter]
    fn password(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(between(cx, this, at::BEFORE_PASSWORD, at::AFTER_PASSWORD))
    }

    // https://url.spec.whatwg.org/#dom-url-password
    #[setter]
    fn set_password(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        update(cx, this, |url| quirks::set_password(url, &value));
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-host
    #[getter]
    fn host(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(between(cx, this, at::BEFORE_HOST, at::AFTER_PORT))
    }

    // https://url.spec.whatwg.org/#dom-url-host
    #[setter]
    fn set_host(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        update(cx, this, |url| quirks::set_host(url, &value));
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-hostname
    #[getter]
    fn hostname(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(between(cx, this, at::BEFORE_HOST, at::AFTER_HOST))
    }

    // https://url.spec.whatwg.org/#dom-url-hostname
    #[setter]
    fn set_hostname(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        update(cx, this, |url| quirks::set_hostname(url, &value));
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-port
    #[getter]
    fn port(cx: &mut Context, this: Object) -> Result<JsString> {
        let (from, to) = (offset(cx, this, at::AFTER_HOST), offset(cx, this, at::AFTER_PORT));
        Ok(if to > from { cut(cx, this, from + 1, to) } else { cx.heap.empty_string() })
    }

    // https://url.spec.whatwg.org/#dom-url-port
    #[setter]
    fn set_port(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        update(cx, this, |url| quirks::set_port(url, &value));
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-pathname
    #[getter]
    fn pathname(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(between(cx, this, at::AFTER_PORT, at::AFTER_PATH))
    }

    // https://url.spec.whatwg.org/#dom-url-pathname
    #[setter]
    fn set_pathname(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        update(cx, this, |url| quirks::set_pathname(url, &value));
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-search
    #[getter]
    fn search(cx: &mut Context, this: Object) -> Result<JsString> {
        let (from, to) = (offset(cx, this, at::AFTER_PATH), offset(cx, this, at::AFTER_QUERY));
        Ok(delimited(cx, this, from, to))
    }

    // https://url.spec.whatwg.org/#dom-url-search
    #[setter]
    fn set_search(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        update(cx, this, |url| quirks::set_search(url, &value));
        let query = url_of(cx, this).and_then(|url| url.query().map(str::to_string));
        search_params::update_from_url(cx, this.object(cx, SEARCH_PARAMS), query.as_deref());
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-searchparams
    #[getter]
    fn search_params(cx: &mut Context, this: Object) -> Result<Object> {
        if let Some(parameters) = this.object(cx, SEARCH_PARAMS) {
            return Ok(parameters);
        }
        let query = URL::search(cx, this)?.to_text(&cx.heap);
        let parameters = search_params::create_for_url(cx, this, query.strip_prefix('?').unwrap_or(""));
        this.put(cx, SEARCH_PARAMS, parameters);
        Ok(parameters)
    }

    // https://url.spec.whatwg.org/#dom-url-hash
    #[getter]
    fn hash(cx: &mut Context, this: Object) -> Result<JsString> {
        let (from, to) = (offset(cx, this, at::AFTER_QUERY), href(cx, this).length(&cx.heap));
        Ok(delimited(cx, this, from, to))
    }

    // https://url.spec.whatwg.org/#dom-url-hash
    #[setter]
    fn set_hash(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        update(cx, this, |url| quirks::set_hash(url, &value));
        Ok(())
    }

    // https://url.spec.whatwg.org/#url-stringification-behavior
    #[method]
    fn to_string(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(href(cx, this))
    }

    // https://url.spec.whatwg.org/#dom-url-tojson
    #[method(name = "toJSON")]
    fn to_json(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(href(cx, this))
    }
}
