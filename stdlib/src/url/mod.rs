//! URL, URLSearchParams and URLPattern. <https://url.spec.whatwg.org/>
//!
//! A URL object holds its serialization and where the parts end, so that reading a part only cuts a string; a setter parses the
//! serialization again. From text to serialization: `direct`; parts, as setters give them: `parser`; hosts: `host`; records: [`record`].

mod direct;
mod host;
mod parser;
mod pattern;
pub mod record;
pub mod search_params;

use crate::streams::support::{Slots, new_platform_object};
use crate::webidl::prelude::*;
use mayfly_engine::heap::{Heap, Raw};
use mayfly_engine::string::Units;
use parser::{Set, State};
use record::{Path, Record, Serialized, at};
use std::borrow::Cow;

pub use search_params::URLSearchParams;

/// Serialization.
const HREF: u32 = 1;
/// Raw cell of offsets of parts, as 32-bit words in the order of [`record::at`].
const OFFSETS: u32 = 2;
/// URLSearchParams object, made when first asked for.
const SEARCH_PARAMS: u32 = 3;

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] = &[URL::ENTRY, URLSearchParams::ENTRY, pattern::URLPattern::ENTRY];

/// API URL parser: with an optional base, itself parsed first. <https://url.spec.whatwg.org/#api-url-parser>
pub fn parse(text: &str, base: Option<&str>) -> Option<Record> {
    serialized(text, base).map(|url| url.record())
}

/// [`parse`] for those that want the serialization.
pub fn serialized(text: &str, base: Option<&str>) -> Option<Serialized> {
    match base {
        None => direct::parse(text, None),
        Some(base) => direct::parse(text, Some(&direct::parse(base, None)?)),
    }
}

/// The scalar values of a string, borrowed where they are ASCII.
pub(crate) fn scalar_text(heap: &Heap, string: JsString) -> Cow<'_, str> {
    match string.units(heap) {
        Units::Latin1(units) if units.is_ascii() => {
            std::str::from_utf8(units).map_or_else(|_| String::from_utf8_lossy(units), Cow::Borrowed)
        }
        units => Cow::Owned(units.to_text()),
    }
}

fn parse_strings(cx: &Context, url: DOMString, base: Optional<DOMString>) -> Option<Serialized> {
    let url = scalar_text(&cx.heap, url.0);
    let base = base.map(|base| scalar_text(&cx.heap, base.0));
    serialized(&url, base.as_deref())
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
fn store(cx: &Context, this: Object, url: &Serialized) {
    let href = cx.heap.new_string(&url.href);
    this.put(cx, HREF, href);
    let offsets = cx.heap.new_raw(4 * at::COUNT);
    for (index, offset) in url.offsets.iter().enumerate() {
        offsets.set_word_at(&cx.heap, index as u32, *offset);
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

/// The URL record behind a URL object.
pub(crate) fn record_of(cx: &Context, this: Object) -> Option<Record> {
    parse(&scalar_text(&cx.heap, href(cx, this)), None)
}

/// Changes a URL; `change` leaves it as it is when the new value is refused.
fn update(cx: &mut Context, this: Object, change: impl FnOnce(&mut Record)) {
    if let Some(mut url) = record_of(cx, this) {
        change(&mut url);
        store(cx, this, &url.serialize());
    }
}

/// Sets the query from a URLSearchParams object: `None` when it is empty.
pub(super) fn set_query(cx: &mut Context, this: Object, query: Option<&str>) {
    update(cx, this, |url| url.query = query.map(str::to_string));
}

/// `URL`.
#[interface(name = "URL", class = class::URL)]
impl URL {
    // https://url.spec.whatwg.org/#dom-url-url
    #[constructor]
    fn new(
        cx: &mut Context,
        this: Object,
        #[ts("string | URL")] url: DOMString,
        #[ts("string | URL")] base: Optional<DOMString>,
    ) -> Result<()> {
        match parse_strings(cx, url, base) {
            Some(parsed) => {
                store(cx, this, &parsed);
                Ok(())
            }
            None => {
                let text = url.to_text(cx);
                Err(cx.throw_type_error(&format!("Invalid URL: '{text}'")))
            }
        }
    }

    // https://url.spec.whatwg.org/#dom-url-parse
    #[static_method(ts = "URL | null")]
    fn parse(
        cx: &mut Context,
        #[ts("string | URL")] url: DOMString,
        #[ts("string | URL")] base: Optional<DOMString>,
    ) -> Result<Option<Object>> {
        let parsed = parse_strings(cx, url, base);
        Ok(parsed.map(|parsed| {
            let object = new_platform_object(cx, class::URL, false);
            store(cx, object, &parsed);
            object
        }))
    }

    // https://w3c.github.io/FileAPI/#dfn-createObjectURL
    #[static_method(name = "createObjectURL")]
    fn create_object_url(cx: &mut Context, blob: Instance<crate::fetch::Blob>) -> Result<String> {
        crate::fetch::blob_url::create(cx, blob.object)
    }

    // https://w3c.github.io/FileAPI/#dfn-revokeObjectURL
    #[static_method(name = "revokeObjectURL")]
    fn revoke_object_url(cx: &mut Context, url: USVString) -> Result<()> {
        crate::fetch::blob_url::revoke(cx, &url);
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-canparse
    #[static_method]
    fn can_parse(cx: &mut Context, #[ts("string | URL")] url: DOMString, #[ts("string | URL")] base: Optional<DOMString>) -> Result<bool> {
        Ok(parse_strings(cx, url, base).is_some())
    }

    // https://url.spec.whatwg.org/#dom-url-href
    #[getter]
    fn href(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(href(cx, this))
    }

    // https://url.spec.whatwg.org/#dom-url-href
    #[setter]
    fn set_href(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        match serialized(&value, None) {
            Some(parsed) => {
                store(cx, this, &parsed);
                let query = parsed.between(at::AFTER_PATH, at::AFTER_QUERY);
                search_params::update_from_url(cx, this.object(cx, SEARCH_PARAMS), query.get(1..));
                Ok(())
            }
            None => Err(cx.throw_type_error(&format!("Failed to set the 'href' property on 'URL': Invalid URL: '{}'", &*value))),
        }
    }

    // https://url.spec.whatwg.org/#dom-url-origin
    #[getter]
    fn origin(cx: &mut Context, this: Object) -> Result<String> {
        Ok(record_of(cx, this).map_or_else(String::new, |url| url.origin()))
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
        update(cx, this, |url| {
            parser::parse_with_override(&format!("{}:", &*value), url, State::SchemeStart);
        });
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
        update(cx, this, |url| {
            if !url.cannot_have_credentials_or_port() {
                url.username = parser::encode(&value, Set::Userinfo);
            }
        });
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
        update(cx, this, |url| {
            if !url.cannot_have_credentials_or_port() {
                url.password = parser::encode(&value, Set::Userinfo);
            }
        });
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
        update(cx, this, |url| {
            if !url.has_opaque_path() {
                parser::parse_with_override(&value, url, State::Host);
            }
        });
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
        update(cx, this, |url| {
            if !url.has_opaque_path() {
                parser::parse_with_override(&value, url, State::Hostname);
            }
        });
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
        update(cx, this, |url| {
            if url.cannot_have_credentials_or_port() {
                return;
            }
            if value.is_empty() {
                url.port = None;
            } else {
                parser::parse_with_override(&value, url, State::Port);
            }
        });
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-pathname
    #[getter]
    fn pathname(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(between(cx, this, at::BEFORE_PATH, at::AFTER_PATH))
    }

    // https://url.spec.whatwg.org/#dom-url-pathname
    #[setter]
    fn set_pathname(cx: &mut Context, this: Object, value: USVString) -> Result<()> {
        update(cx, this, |url| {
            if !url.has_opaque_path() {
                url.path = Path::default();
                parser::parse_with_override(&value, url, State::PathStart);
            }
        });
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
        update(cx, this, |url| {
            if value.is_empty() {
                url.query = None;
                return;
            }
            url.query = Some(String::new());
            parser::parse_with_override(value.strip_prefix('?').unwrap_or(&value), url, State::Query);
        });
        let query = record_of(cx, this).and_then(|url| url.query);
        search_params::update_from_url(cx, this.object(cx, SEARCH_PARAMS), query.as_deref());
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-url-searchparams
    #[getter(ts = "URLSearchParams")]
    fn search_params(cx: &mut Context, this: Object) -> Result<Object> {
        if let Some(parameters) = this.object(cx, SEARCH_PARAMS) {
            return Ok(parameters);
        }
        let (from, to) = (offset(cx, this, at::AFTER_PATH) as usize, offset(cx, this, at::AFTER_QUERY) as usize);
        let text = scalar_text(&cx.heap, href(cx, this));
        let parameters = search_params::create_for_url(cx, this, text.get(from + 1..to).unwrap_or_default());
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
        update(cx, this, |url| {
            if value.is_empty() {
                url.fragment = None;
                return;
            }
            url.fragment = Some(String::new());
            parser::parse_with_override(value.strip_prefix('#').unwrap_or(&value), url, State::Fragment);
        });
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
