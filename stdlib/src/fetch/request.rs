//! Request. <https://fetch.spec.whatwg.org/#request-class>

use super::headers::{self, Guard};
use super::host::RedirectMode;
use crate::body::extract;
use crate::body::{self, Body};
use crate::streams::signal;
use crate::streams::support::{Slots, new_platform_object, record};
use crate::webidl::prelude::*;
use mayfly_engine::string::Units;
use mayfly_engine::string::atoms::{key, name};

/// Slots; those of the body are in [`crate::body::slot`].
pub(crate) mod slot {
    /// Method.
    pub const METHOD: u32 = 1;
    /// URL.
    pub const URL: u32 = 2;
    /// Packed headers (while [`super::flag::HEADERS_FROM_HOST`] is set), header list, or Headers object.
    pub const HEADERS: u32 = 3;
    /// AbortSignal, made when first asked for.
    pub const SIGNAL: u32 = 7;
    /// Flags.
    pub const FLAGS: u32 = 8;
    /// Record of options, undefined when all have their defaults.
    pub const OPTIONS: u32 = 9;
    /// The blob behind a blob: URL, as it was when the URL was parsed.
    pub const BLOB: u32 = 10;
}

/// Bits of the flags.
pub(crate) mod flag {
    /// The URL is as the host gave it.
    pub const URL_FROM_HOST: i32 = 1;
    /// So are the headers: packed.
    pub const HEADERS_FROM_HOST: i32 = 2;
}

/// Values of the record of options.
pub(super) mod option {
    #![allow(missing_docs)]
    pub const CACHE: u32 = 0;
    pub const CREDENTIALS: u32 = 1;
    pub const INTEGRITY: u32 = 2;
    pub const KEEPALIVE: u32 = 3;
    pub const MODE: u32 = 4;
    pub const REDIRECT: u32 = 5;
    pub const REFERRER: u32 = 6;
    pub const REFERRER_POLICY: u32 = 7;
    pub const COUNT: u32 = 8;

    /// Name, allowed values (any when empty) and default of each.
    pub const ALL: [(&str, &[&str], &str); COUNT as usize] = [
        ("cache", &["default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached"], "default"),
        ("credentials", &["omit", "same-origin", "include"], "same-origin"),
        ("integrity", &[], ""),
        ("keepalive", &[], ""),
        ("mode", &["navigate", "same-origin", "no-cors", "cors"], "cors"),
        ("redirect", &["follow", "error", "manual"], "follow"),
        ("referrer", &[], "about:client"),
        (
            "referrerPolicy",
            &[
                "",
                "no-referrer",
                "no-referrer-when-downgrade",
                "same-origin",
                "origin",
                "strict-origin",
                "origin-when-cross-origin",
                "strict-origin-when-cross-origin",
                "unsafe-url",
            ],
            "",
        ),
    ];
}

const PLACE: Place<'_> = Place::member(PlaceKind::Constructor, "Request", "constructor");

/// Brings the URL that the host gave into its final form.
fn settle_url(cx: &mut Context, this: Object) {
    if !take_flag(cx, this, flag::URL_FROM_HOST) {
        return;
    }
    if let Some(text) = this.at(cx, slot::URL).as_string() {
        // The host vouches that it is absolute; a URL that does not parse stays as it is.
        let given = crate::url::scalar_text(&cx.heap, text);
        if let Some(url) = crate::url::serialized(&given, None)
            && url.href != given
        {
            let url = cx.heap.new_string(&url.href);
            this.put(cx, slot::URL, url);
        }
    }
}

/// The same for headers.
fn settle_headers(cx: &mut Context, this: Object) {
    if take_flag(cx, this, flag::HEADERS_FROM_HOST)
        && let Some(packed) = this.at(cx, slot::HEADERS).as_cell()
    {
        let list = super::host::unpack_headers(cx, packed);
        this.put(cx, slot::HEADERS, Value::cell(list));
    }
}

/// Whether a flag is set, which it is not afterwards.
fn take_flag(cx: &mut Context, this: Object, flag: i32) -> bool {
    let flags = this.int(cx, slot::FLAGS);
    if flags & flag == 0 {
        return false;
    }
    this.put(cx, slot::FLAGS, flags & !flag);
    true
}

/// The header list.
pub(crate) fn header_list(cx: &mut Context, this: Object) -> Ref<Values> {
    settle_headers(cx, this);
    headers::list_of_owner(cx, this, slot::HEADERS)
}

/// The URL.
pub(crate) fn url_text(cx: &mut Context, this: Object) -> String {
    settle_url(cx, this);
    this.at(cx, slot::URL).as_string().map_or_else(String::new, |url| url.to_text(&cx.heap))
}

/// The method.
pub(crate) fn method_text(cx: &Context, this: Object) -> String {
    this.at(cx, slot::METHOD).as_string().map_or_else(String::new, |method| method.to_text(&cx.heap))
}

/// The signal, if there is one already.
pub(crate) fn existing_signal(cx: &Context, this: Object) -> Option<Object> {
    this.object(cx, slot::SIGNAL)
}

/// A GET request that the worker scope makes for itself, not seen by any script.
pub(crate) fn create_internal(cx: &mut Context, url: &str, headers: Ref<Values>, cache: &str, signal: Object) -> Object {
    let request = new_platform_object(cx, class::REQUEST, true);
    let method = name::get_method;
    request.put(cx, slot::METHOD, method);
    let url = cx.heap.new_string(url);
    request.put(cx, slot::URL, url);
    request.put(cx, slot::HEADERS, Value::cell(headers));
    request.put(cx, slot::SIGNAL, signal);
    let options = record(cx, option::COUNT);
    let cache = cx.new_string(cache);
    options.put(cx, option::CACHE, cache);
    request.put(cx, slot::OPTIONS, Value::cell(options));
    Body::None.store(cx, request);
    request
}

/// The redirect mode.
pub(crate) fn redirect_mode(cx: &mut Context, this: Object) -> RedirectMode {
    match option_text(cx, this, option::REDIRECT).as_str() {
        "error" => RedirectMode::Error,
        "manual" => RedirectMode::Manual,
        _ => RedirectMode::Follow,
    }
}

/// An option as text.
pub(super) fn option_text(cx: &mut Context, this: Object, which: u32) -> String {
    option_value(cx, this, which).as_string().map_or_else(String::new, |text| text.to_text(&cx.heap))
}

fn option_value(cx: &mut Context, this: Object, which: u32) -> Value {
    let value = this.at(cx, slot::OPTIONS).as_cell::<Values>().map_or(Value::UNDEFINED, |options| options.at(cx, which));
    if value.is_undefined() {
        let (_, _, default) = option::ALL[which as usize];
        return cx.new_string(default);
    }
    value
}

// https://fetch.spec.whatwg.org/#concept-method-normalize
/// Checks and normalizes a method.
fn convert_method(cx: &mut Context, value: Value) -> Result<JsString> {
    let text = cx.to_string(value)?;
    let bytes = match text.units(&cx.heap) {
        Units::Latin1(units) => units.to_vec(),
        Units::Utf16(_) => Vec::new(),
    };
    if bytes.is_empty() || !bytes.iter().all(|&byte| headers::is_token_byte(byte)) {
        let shown = text.to_text(&cx.heap);
        return Err(PLACE.type_error(cx, &format!("'{shown}' is not a valid HTTP method.")));
    }
    let upper = bytes.to_ascii_uppercase();
    match upper.as_slice() {
        b"CONNECT" | b"TRACE" | b"TRACK" => {
            let shown = text.to_text(&cx.heap);
            Err(PLACE.type_error(cx, &format!("'{shown}' HTTP method is unsupported.")))
        }
        b"DELETE" | b"GET" | b"HEAD" | b"OPTIONS" | b"POST" | b"PUT" if upper != bytes => Ok(cx.heap.new_latin1(&upper)),
        _ => Ok(text),
    }
}

/// RequestInit, as far as it has been read. <https://fetch.spec.whatwg.org/#requestinit>
struct Init {
    body: Value,
    headers: Value,
    method: Option<JsString>,
    /// Undefined when absent.
    signal: Value,
    options: Option<Ref<Values>>,
}

impl Init {
    /// Reads the members in the order of their names.
    fn convert(cx: &mut Context, value: Value) -> Result<Init> {
        let mut init = Init { body: Value::UNDEFINED, headers: Value::UNDEFINED, method: None, signal: Value::UNDEFINED, options: None };
        let Some(object) = value.as_object() else {
            if value.is_nullish() {
                return Ok(init);
            }
            return Err(PLACE.type_error(cx, "The provided value is not of type 'RequestInit'."));
        };
        init.body = cx.get(object, key::body)?;
        init.read_options(cx, object, option::CACHE..option::INTEGRITY)?;
        init.read_enumeration(cx, object, "duplex", &["half"])?;
        init.headers = cx.get(object, key::headers)?;
        init.read_options(cx, object, option::INTEGRITY..option::MODE)?;
        let method = cx.get(object, key::method)?;
        if !method.is_undefined() {
            init.method = Some(convert_method(cx, method)?);
        }
        init.read_options(cx, object, option::MODE..option::REDIRECT)?;
        init.read_enumeration(cx, object, "priority", &["high", "low", "auto"])?;
        init.read_options(cx, object, option::REDIRECT..option::COUNT)?;
        init.signal = cx.get(object, key::signal)?;
        let window_key = cx.key("window");
        let window = cx.get(object, window_key)?;
        if !window.is_nullish() {
            return Err(PLACE.type_error(cx, "'window' must be null"));
        }
        Ok(init)
    }

    /// A member of enumeration type that has no effect here but must be valid.
    fn read_enumeration(&self, cx: &mut Context, object: Object, name: &str, allowed: &[&str]) -> Result<()> {
        let property_key = cx.key(name);
        let value = cx.get(object, property_key)?;
        if value.is_undefined() {
            return Ok(());
        }
        let text = cx.to_text(value)?;
        if allowed.contains(&text.as_str()) {
            return Ok(());
        }
        Err(PLACE.type_error(cx, &format!("The provided value '{text}' is not a valid value of '{name}'.")))
    }

    fn read_options(&mut self, cx: &mut Context, object: Object, range: std::ops::Range<u32>) -> Result<()> {
        for which in range {
            let (name, allowed, _) = option::ALL[which as usize];
            let property_key = cx.key(name);
            let value = cx.get(object, property_key)?;
            if value.is_undefined() {
                continue;
            }
            let value = if which == option::KEEPALIVE {
                Value::bool(cx.to_boolean(value))
            } else {
                let text = cx.to_string(value)?;
                let shown = text.to_text(&cx.heap);
                if !allowed.is_empty() && !allowed.contains(&shown.as_str()) {
                    return Err(PLACE.type_error(cx, &format!("The provided value '{shown}' is not a valid value of '{name}'.")));
                }
                if which == option::MODE && shown == "navigate" {
                    return Err(
                        PLACE.type_error(cx, "Cannot construct a Request with a RequestInit whose mode member is set as 'navigate'.")
                    );
                }
                text.value()
            };
            let options = *self.options.get_or_insert_with(|| record(cx, option::COUNT));
            options.put(cx, which, value);
        }
        Ok(())
    }
}

/// Fills a Request from the arguments of its constructor or of `fetch`. <https://fetch.spec.whatwg.org/#dom-request>
pub(crate) fn initialize(cx: &mut Context, this: Object, input: Value, init: Value) -> Result<()> {
    // The input converts before the dictionary: an object to a Request or a string.
    let source = instance::<Request>(cx, input);
    let text = match source {
        Some(_) => String::new(),
        None => cx.to_text(input)?,
    };
    let init = Init::convert(cx, init)?;
    let (url, mut method, mut list, mut signal) = match source {
        // 6. Input is a Request.
        Some(source) => {
            let list = header_list(cx, source);
            let list = headers::copy(cx, list);
            this.put(cx, slot::OPTIONS, source.at(cx, slot::OPTIONS));
            this.put(cx, slot::BLOB, source.at(cx, slot::BLOB));
            (source.at(cx, slot::URL), source.at(cx, slot::METHOD).as_string(), list, source.at(cx, slot::SIGNAL))
        }
        // 5. Input is a string.
        None => {
            let base = crate::url::base(cx);
            let Some(url) = crate::url::parse(&text, base.as_deref()) else {
                return Err(PLACE.type_error(cx, &format!("Failed to parse URL from {text}")));
            };
            if url.includes_credentials() {
                return Err(PLACE.type_error(cx, &format!("Request cannot be constructed from a URL that includes credentials: {text}")));
            }
            let href = url.serialize().href;
            if url.scheme == "blob"
                && let Some(blob) = super::blob_url::resolve(cx, href.split('#').next().unwrap_or_default())
            {
                this.put(cx, slot::BLOB, blob);
            }
            let url = cx.heap.new_string(&href);
            (url.value(), None, headers::new_list(cx), Value::UNDEFINED)
        }
    };
    if let Some(options) = init.options {
        // What is given replaces what the input had.
        if let Some(old) = this.at(cx, slot::OPTIONS).as_cell::<Values>() {
            for which in 0..option::COUNT {
                if options.at(cx, which).is_undefined() {
                    options.put(cx, which, old.at(cx, which));
                }
            }
        }
        this.put(cx, slot::OPTIONS, Value::cell(options));
        check_options(cx, this)?;
    }
    // 25. Method.
    if init.method.is_some() {
        method = init.method;
    }
    let method = method.unwrap_or(name::get_method);
    // 26.-30. Signal.
    if !init.signal.is_undefined() {
        signal = init.signal;
        if !signal.is_null() && signal::as_signal(cx, signal).is_none() {
            return Err(
                PLACE.type_error(cx, "Failed to read the 'signal' property from 'RequestInit': Failed to convert value to 'AbortSignal'.")
            );
        }
    }
    if let Some(signal) = signal.as_object() {
        let dependent = crate::abort::create_dependent_signal(cx, &[signal]);
        this.put(cx, slot::SIGNAL, dependent);
    }
    this.put(cx, slot::URL, url);
    this.put(cx, slot::METHOD, method);
    // 32. Mode.
    if option_value(cx, this, option::MODE).as_string().is_some_and(|mode| mode.equals_text("no-cors", &cx.heap))
        && !["GET", "HEAD", "POST"].iter().any(|simple| method.equals_text(simple, &cx.heap))
    {
        let shown = method.to_text(&cx.heap);
        return Err(PLACE.type_error(cx, &format!("'{shown}' is unsupported in no-cors mode.")));
    }
    // 33. Headers.
    if !init.headers.is_undefined() {
        list = headers::fill(cx, headers::new_list(cx), init.headers, &PLACE)?;
    }
    // 34.-42. Body.
    let is_bodyless = method.equals_text("GET", &cx.heap) || method.equals_text("HEAD", &cx.heap);
    let has_input_body = source.is_some_and(|source| !Body::of(cx, source).is_none());
    if (!init.body.is_nullish() || has_input_body) && is_bodyless {
        return Err(PLACE.type_error(cx, "Request with GET/HEAD method cannot have body."));
    }
    if !init.body.is_nullish() {
        if is_instance(cx, init.body, class::READABLE_STREAM) && option_value(cx, this, option::KEEPALIVE) == Value::TRUE {
            return Err(PLACE.type_error(cx, "Request with keepalive cannot have a ReadableStream body."));
        }
        let extracted = extract::extract(cx, init.body)?;
        extracted.body.store(cx, this);
        if let Some(content_type) = extracted.content_type
            && !headers::contains(cx, list, "content-type")
        {
            let value = content_type.to_string(cx);
            list = headers::append_valid(cx, list, name::content_type, value);
        }
    } else if let Some(source) = source
        && has_input_body
    {
        if body::is_unusable(cx, source) {
            return Err(PLACE.type_error(cx, "Cannot construct a Request with a Request object that has already been used."));
        }
        let taken = body::take(cx, source)?;
        taken.store(cx, this);
    }
    this.put(cx, slot::HEADERS, Value::cell(list));
    Ok(())
}

/// What options must not be together, and the form of the referrer.
fn check_options(cx: &mut Context, this: Object) -> Result<()> {
    let is = |cx: &mut Context, which: u32, text: &str| {
        option_value(cx, this, which).as_string().is_some_and(|value| value.equals_text(text, &cx.heap))
    };
    if is(cx, option::CACHE, "only-if-cached") && !is(cx, option::MODE, "same-origin") {
        return Err(PLACE.type_error(cx, "'only-if-cached' can be set only with 'same-origin' mode"));
    }
    let referrer = option_value(cx, this, option::REFERRER).as_string().map_or_else(String::new, |text| text.to_text(&cx.heap));
    if referrer.is_empty() || referrer == "about:client" {
        return Ok(());
    }
    let base = crate::url::base(cx);
    match crate::url::parse(&referrer, base.as_deref()) {
        Some(url) => {
            let text = cx.new_string(&url.serialize().href);
            if let Some(options) = this.at(cx, slot::OPTIONS).as_cell::<Values>() {
                options.put(cx, option::REFERRER, text);
            }
            Ok(())
        }
        None => Err(PLACE.type_error(cx, &format!("Referrer '{referrer}' is not a valid URL."))),
    }
}

/// `Request`.
#[interface(name = "Request", class = class::REQUEST, large, includes = body::mixin::Body)]
impl Request {
    /// Headers that say what the body is.
    fn body_headers(cx: &mut Context, this: Object) -> Ref<Values> {
        header_list(cx, this)
    }

    // https://fetch.spec.whatwg.org/#dom-request
    #[constructor]
    fn new(cx: &mut Context, this: Object, #[ts("RequestInfo")] input: Value, #[ts("RequestInit")] init: Optional<Value>) -> Result<()> {
        initialize(cx, this, input, init.unwrap_or(Value::UNDEFINED))
    }

    // https://fetch.spec.whatwg.org/#dom-request-method
    #[getter(ts = "string")]
    fn method(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::METHOD))
    }

    // https://fetch.spec.whatwg.org/#dom-request-url
    #[getter(ts = "string")]
    fn url(cx: &mut Context, this: Object) -> Result<Value> {
        settle_url(cx, this);
        Ok(this.at(cx, slot::URL))
    }

    // https://fetch.spec.whatwg.org/#dom-request-headers
    #[getter(ts = "Headers")]
    fn headers(cx: &mut Context, this: Object) -> Result<Object> {
        settle_headers(cx, this);
        Ok(headers::object_of_owner(cx, this, slot::HEADERS, Guard::Request))
    }

    // https://fetch.spec.whatwg.org/#dom-request-destination
    #[getter]
    fn destination(_cx: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("")
    }

    // https://fetch.spec.whatwg.org/#dom-request-referrer
    #[getter(ts = "string")]
    fn referrer(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(option_value(cx, this, option::REFERRER))
    }

    // https://fetch.spec.whatwg.org/#dom-request-referrerpolicy
    #[getter(ts = "ReferrerPolicy")]
    fn referrer_policy(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(option_value(cx, this, option::REFERRER_POLICY))
    }

    // https://fetch.spec.whatwg.org/#dom-request-mode
    #[getter(ts = "RequestMode")]
    fn mode(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(option_value(cx, this, option::MODE))
    }

    // https://fetch.spec.whatwg.org/#dom-request-credentials
    #[getter(ts = "RequestCredentials")]
    fn credentials(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(option_value(cx, this, option::CREDENTIALS))
    }

    // https://fetch.spec.whatwg.org/#dom-request-cache
    #[getter(ts = "RequestCache")]
    fn cache(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(option_value(cx, this, option::CACHE))
    }

    // https://fetch.spec.whatwg.org/#dom-request-redirect
    #[getter(ts = "RequestRedirect")]
    fn redirect(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(option_value(cx, this, option::REDIRECT))
    }

    // https://fetch.spec.whatwg.org/#dom-request-integrity
    #[getter(ts = "string")]
    fn integrity(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(option_value(cx, this, option::INTEGRITY))
    }

    // https://fetch.spec.whatwg.org/#dom-request-keepalive
    #[getter]
    fn keepalive(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(option_value(cx, this, option::KEEPALIVE) == Value::TRUE)
    }

    // https://fetch.spec.whatwg.org/#dom-request-isreloadnavigation
    #[getter]
    fn is_reload_navigation(_cx: &mut Context, _this: Object) -> Result<bool> {
        Ok(false)
    }

    // https://fetch.spec.whatwg.org/#dom-request-ishistorynavigation
    #[getter]
    fn is_history_navigation(_cx: &mut Context, _this: Object) -> Result<bool> {
        Ok(false)
    }

    // https://fetch.spec.whatwg.org/#dom-request-signal
    #[getter(ts = "AbortSignal")]
    fn signal(cx: &mut Context, this: Object) -> Result<Object> {
        if let Some(signal) = this.object(cx, slot::SIGNAL) {
            return Ok(signal);
        }
        let signal = signal::new(cx, None)?;
        this.put(cx, slot::SIGNAL, signal);
        Ok(signal)
    }

    // https://fetch.spec.whatwg.org/#dom-request-duplex
    #[getter(ts = "'half'")]
    fn duplex(_cx: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("half")
    }

    // https://fetch.spec.whatwg.org/#dom-request-clone
    #[method(ts = "Request")]
    fn clone(cx: &mut Context, this: Object) -> Result<Object> {
        if body::is_unusable(cx, this) {
            return Err(Place::method("Request", "clone").type_error(cx, "Request body is already used"));
        }
        settle_url(cx, this);
        settle_headers(cx, this);
        let copy = new_platform_object(cx, class::REQUEST, true);
        for at in [slot::METHOD, slot::URL, slot::FLAGS, slot::OPTIONS, slot::BLOB] {
            copy.put(cx, at, this.at(cx, at));
        }
        let list = headers::copy(cx, headers::list_of_owner(cx, this, slot::HEADERS));
        copy.put(cx, slot::HEADERS, Value::cell(list));
        let own = Request::signal(cx, this)?;
        let dependent = crate::abort::create_dependent_signal(cx, &[own]);
        copy.put(cx, slot::SIGNAL, dependent);
        body::clone(cx, this, copy)?;
        Ok(copy)
    }
}
