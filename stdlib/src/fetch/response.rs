//! Response. <https://fetch.spec.whatwg.org/#response-class>

use super::headers::{self, Guard};
use crate::body::extract::{self, ContentType};
use crate::body::{self, Body};
use crate::streams::support::{Slots, new_platform_object};
use crate::webidl::prelude::*;
use mayfly_engine::string::Units;
use mayfly_engine::string::atoms::{key, name};

/// Slots; those of the body are in [`crate::body::slot`].
pub(crate) mod slot {
    /// Status.
    pub const STATUS: u32 = 1;
    /// Status text.
    pub const STATUS_TEXT: u32 = 2;
    /// Header list or Headers object.
    pub const HEADERS: u32 = 3;
    /// URL, undefined when it has none, or a record of URL and flags.
    pub const URL: u32 = 7;
    /// Flags.
    pub const FLAGS: u32 = 8;
    /// WebSocket that takes the connection over; undefined when there is none.
    pub const WEB_SOCKET: u32 = 9;
}

/// Bits of the flags.
pub(crate) mod flag {
    /// Type "error".
    pub const ERROR: i32 = 1;
    /// Came through `fetch`: type "basic".
    pub const BASIC: i32 = 2;
    /// After redirects.
    pub const REDIRECTED: i32 = 4;
}

fn has_flag(cx: &Context, this: Object, flag: i32) -> bool {
    this.int(cx, slot::FLAGS) & flag != 0
}

/// Whether it is a network error.
pub(crate) fn is_error(cx: &Context, this: Object) -> bool {
    has_flag(cx, this, flag::ERROR)
}

/// The status.
pub(crate) fn status(cx: &Context, this: Object) -> u16 {
    this.int(cx, slot::STATUS) as u16
}

/// ResponseInit. <https://fetch.spec.whatwg.org/#responseinit>
struct Init {
    headers: Value,
    status: u16,
    status_text: Option<JsString>,
    /// Cloudflare's: one end of a WebSocketPair, for status 101.
    web_socket: Option<Object>,
}

impl Init {
    /// Converts and checks; members are read in the order of their names. Status text must be a reason phrase.
    fn convert(cx: &mut Context, init: Value, place: &Place<'_>) -> Result<Init> {
        let mut result = Init { headers: Value::UNDEFINED, status: 200, status_text: None, web_socket: None };
        let Some(object) = init.as_object() else {
            if init.is_nullish() {
                return Ok(result);
            }
            return Err(place.type_error(cx, "The provided value is not of type 'ResponseInit'."));
        };
        result.headers = cx.get_by_shape(object, key::headers)?;
        let status = cx.get_by_shape(object, key::status)?;
        if !status.is_undefined() {
            result.status = u16::from_js(cx, status, place)?;
        }
        let status_text_key = cx.key("statusText");
        let status_text = cx.get_by_shape(object, status_text_key)?;
        if !status_text.is_undefined() {
            result.status_text = Some(reason_phrase(cx, status_text, place)?);
        }
        let web_socket_key = cx.key("webSocket");
        let web_socket = cx.get_by_shape(object, web_socket_key)?;
        if !web_socket.is_nullish() {
            let Some(socket) = instance::<crate::websocket::WebSocket>(cx, web_socket) else {
                return Err(place.type_error(cx, "The 'webSocket' member is not of type 'WebSocket'."));
            };
            if result.status != 101 {
                return Err(place.type_error(cx, "A Response with a WebSocket must have status 101"));
            }
            result.web_socket = Some(socket);
        }
        if !(200..=599).contains(&result.status) && result.web_socket.is_none() {
            let message = place.message(&format!("The status provided ({}) is outside the range [200, 599].", result.status));
            return Err(cx.throw_range_error(&message));
        }
        Ok(result)
    }
}

/// A ByteString that matches reason-phrase: tab, space, visible characters and bytes from 0x80 on.
fn reason_phrase(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<JsString> {
    let text = cx.to_string(value)?;
    let is_valid = |unit: u16| unit == 9 || (0x20..=0x7E).contains(&unit) || (0x80..=0xFF).contains(&unit);
    let valid = match text.units(&cx.heap) {
        Units::Latin1(units) => units.iter().all(|&unit| is_valid(u16::from(unit))),
        Units::Utf16(units) => units.iter().all(|&unit| is_valid(unit)),
    };
    if valid { Ok(text) } else { Err(place.type_error(cx, "Invalid statusText")) }
}

/// Whether a response of this status has no body. <https://fetch.spec.whatwg.org/#null-body-status>
fn is_null_body_status(status: u16) -> bool {
    matches!(status, 101 | 103 | 204 | 205 | 304)
}

// https://fetch.spec.whatwg.org/#initialize-a-response
fn initialize(cx: &mut Context, this: Object, init: &Init, body: Option<(Body, Option<ContentType>)>, place: &Place<'_>) -> Result<()> {
    this.put(cx, slot::STATUS, i32::from(init.status));
    if let Some(socket) = init.web_socket {
        this.put(cx, slot::WEB_SOCKET, socket);
    }
    this.put(cx, slot::STATUS_TEXT, init.status_text.unwrap_or(cx.heap.empty_string()));
    let mut list = headers::new_list(cx);
    if !init.headers.is_undefined() {
        list = headers::fill(cx, list, init.headers, place)?;
    }
    if let Some((body, content_type)) = body {
        if is_null_body_status(init.status) {
            return Err(place.type_error(cx, "Response with null body status cannot have body"));
        }
        body.store(cx, this);
        if let Some(content_type) = content_type
            && !headers::contains(cx, list, "content-type")
        {
            let value = content_type.to_string(cx);
            list = headers::append_valid(cx, list, name::content_type, value);
        }
    }
    this.put(cx, slot::HEADERS, Value::cell(list));
    Ok(())
}

/// The MIME type of a header list, as text for a Blob and for choosing a form's parser.
pub(crate) fn mime_type(cx: &mut Context, list: Ref<Values>) -> Result<Option<JsString>> {
    let Some(text) = headers::get_text(cx, list, "content-type")? else { return Ok(None) };
    let serialized = body::form::MimeType::parse(&text.to_text(&cx.heap)).map(|mime| mime.serialize());
    Ok(serialized.map(|text| cx.heap.new_string(&text)))
}

/// `Response`.
#[interface(name = "Response", class = class::RESPONSE, large, includes = body::mixin::Body)]
impl Response {
    /// Headers that say what the body is.
    fn body_headers(cx: &mut Context, this: Object) -> Ref<Values> {
        headers::list_of_owner(cx, this, slot::HEADERS)
    }

    // https://fetch.spec.whatwg.org/#dom-response
    #[constructor]
    fn new(
        cx: &mut Context,
        this: Object,
        #[ts("BodyInit | null")] body: Optional<Value>,
        #[ts("ResponseInit")] init: Optional<Value>,
    ) -> Result<()> {
        const PLACE: Place<'_> = Place::member(PlaceKind::Constructor, "Response", "constructor");
        let body = body.unwrap_or(Value::UNDEFINED);
        let body = if body.is_nullish() {
            None
        } else {
            let extracted = extract::extract(cx, body)?;
            Some((extracted.body, extracted.content_type))
        };
        let init = Init::convert(cx, init.unwrap_or(Value::UNDEFINED), &PLACE)?;
        initialize(cx, this, &init, body, &PLACE)
    }

    // https://fetch.spec.whatwg.org/#dom-response-error
    #[static_method(ts = "Response")]
    fn error(cx: &mut Context) -> Result<Object> {
        let response = new_platform_object(cx, class::RESPONSE, true);
        response.put(cx, slot::STATUS, 0);
        response.put(cx, slot::STATUS_TEXT, cx.heap.empty_string());
        response.put(cx, slot::FLAGS, flag::ERROR);
        let headers = headers::new_object(cx, headers::new_list(cx), Guard::Immutable);
        response.put(cx, slot::HEADERS, headers);
        Ok(response)
    }

    // https://fetch.spec.whatwg.org/#dom-response-redirect
    #[static_method(ts = "Response")]
    fn redirect(cx: &mut Context, #[ts("string | URL")] url: USVString, status: Optional<u16>) -> Result<Object> {
        let Some(url) = crate::url::parse(&url, crate::url::base(cx).as_deref()) else {
            return Err(Place::method("Response", "redirect").type_error(cx, "Invalid URL"));
        };
        let status = status.unwrap_or(302);
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Err(cx.throw_range_error("Failed to execute 'redirect' on 'Response': Invalid status code"));
        }
        let response = new_platform_object(cx, class::RESPONSE, true);
        response.put(cx, slot::STATUS, i32::from(status));
        response.put(cx, slot::STATUS_TEXT, cx.heap.empty_string());
        let location = cx.heap.new_string(&url.serialize().href);
        let list = headers::append_valid(cx, headers::new_list(cx), cx.heap.new_latin1(b"location"), location);
        let headers = headers::new_object(cx, list, Guard::Immutable);
        response.put(cx, slot::HEADERS, headers);
        Ok(response)
    }

    // https://fetch.spec.whatwg.org/#dom-response-json
    #[static_method(name = "json", ts = "Response")]
    fn json_static(cx: &mut Context, data: Value, #[ts("ResponseInit")] init: Optional<Value>) -> Result<Object> {
        const PLACE: Place<'_> = Place::method("Response", "json");
        // Serialize a JavaScript value to JSON bytes, https://infra.spec.whatwg.org/#serialize-a-javascript-value-to-json-bytes
        let text = mayfly_engine::builtins::json::stringify_value(cx, data)?;
        let Some(text) = text else {
            return Err(PLACE.type_error(cx, "The data is not JSON serializable"));
        };
        let init = Init::convert(cx, init.unwrap_or(Value::UNDEFINED), &PLACE)?;
        let response = new_platform_object(cx, class::RESPONSE, true);
        let content_type = ContentType::Other(name::application_json);
        initialize(cx, response, &init, Some((Body::Text(text), Some(content_type))), &PLACE)?;
        Ok(response)
    }

    // https://fetch.spec.whatwg.org/#dom-response-type
    #[getter(name = "type", ts = "ResponseType")]
    fn type_(cx: &mut Context, this: Object) -> Result<&'static str> {
        Ok(match this.int(cx, slot::FLAGS) {
            flags if flags & flag::ERROR != 0 => "error",
            flags if flags & flag::BASIC != 0 => "basic",
            _ => "default",
        })
    }

    // https://fetch.spec.whatwg.org/#dom-response-url
    #[getter]
    fn url(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(this.at(cx, slot::URL).as_string().unwrap_or(cx.heap.empty_string()))
    }

    // https://fetch.spec.whatwg.org/#dom-response-redirected
    #[getter]
    fn redirected(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(has_flag(cx, this, flag::REDIRECTED))
    }

    // https://fetch.spec.whatwg.org/#dom-response-status
    #[getter]
    fn status(cx: &mut Context, this: Object) -> Result<u16> {
        Ok(status(cx, this))
    }

    // https://fetch.spec.whatwg.org/#dom-response-ok
    #[getter]
    fn ok(cx: &mut Context, this: Object) -> Result<bool> {
        Ok((200..300).contains(&status(cx, this)))
    }

    // https://fetch.spec.whatwg.org/#dom-response-statustext
    #[getter(ts = "string")]
    fn status_text(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::STATUS_TEXT))
    }

    // https://fetch.spec.whatwg.org/#dom-response-headers
    #[getter(ts = "Headers")]
    fn headers(cx: &mut Context, this: Object) -> Result<Object> {
        Ok(headers::object_of_owner(cx, this, slot::HEADERS, Guard::Response))
    }

    /// Cloudflare's: the WebSocket of a response that switches protocols; null when there is none.
    #[getter(ts = "WebSocket | null")]
    fn web_socket(cx: &mut Context, this: Object) -> Result<Option<Object>> {
        Ok(this.object(cx, slot::WEB_SOCKET))
    }

    // https://fetch.spec.whatwg.org/#dom-response-clone
    #[method(ts = "Response")]
    fn clone(cx: &mut Context, this: Object) -> Result<Object> {
        if body::is_unusable(cx, this) {
            return Err(Place::method("Response", "clone").type_error(cx, "Response body is already used"));
        }
        let copy = new_platform_object(cx, class::RESPONSE, true);
        for at in [slot::STATUS, slot::STATUS_TEXT, slot::URL, slot::FLAGS] {
            copy.put(cx, at, this.at(cx, at));
        }
        let list = headers::copy(cx, headers::list_of_owner(cx, this, slot::HEADERS));
        let immutable = this.object(cx, slot::HEADERS).is_some_and(|own| headers::is_immutable(cx, own));
        if immutable {
            let own = headers::new_object(cx, list, Guard::Immutable);
            copy.put(cx, slot::HEADERS, own);
        } else {
            copy.put(cx, slot::HEADERS, Value::cell(list));
        }
        body::clone(cx, this, copy)?;
        Ok(copy)
    }
}
