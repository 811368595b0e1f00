//! Between entries and Request and Response objects.

use super::store::{Entry, StoredRequest, StoredResponse};
use crate::body::{self, Body};
use crate::fetch::headers::{self, Guard};
use crate::fetch::{Request, Response, request, response};
use crate::streams::support::Slots;
use crate::webidl::prelude::*;

/// RequestInfo: a Request, or what its constructor makes of a URL.
pub fn to_request(cx: &mut Context, value: Value) -> Result<Object> {
    if let Some(object) = instance::<Request>(cx, value) {
        return Ok(object);
    }
    let object = new_instance::<Request>(cx);
    request::initialize(cx, object, value, Value::UNDEFINED)?;
    Ok(object)
}

/// The stored form of a request.
pub fn stored_request(cx: &mut Context, object: Object) -> StoredRequest {
    let list = request::header_list(cx, object);
    StoredRequest { method: request::method_text(cx, object), url: request::url_text(cx, object), headers: headers::to_bytes(cx, list) }
}

/// The stored form of a response, without its body: that is `None` for a null body, and empty for one that is still to be read.
pub fn stored_response(cx: &mut Context, object: Object) -> StoredResponse {
    let text = |slot: u32| object.at(cx, slot).as_string();
    let list = headers::list_of_owner(cx, object, response::slot::HEADERS);
    StoredResponse {
        status: response::status(cx, object),
        status_text: text(response::slot::STATUS_TEXT).map_or_else(Vec::new, |text| headers::latin1(cx, text)),
        headers: headers::to_bytes(cx, list),
        url: text(response::slot::URL).map_or_else(String::new, |text| text.to_text(&cx.heap)),
        flags: object.int(cx, response::slot::FLAGS),
        body: if Body::of(cx, object).is_none() { None } else { Some(Vec::new()) },
    }
}

/// The Request object of an entry.
pub fn new_request(cx: &mut Context, entry: &Entry) -> Result<Object> {
    let object = new_instance::<Request>(cx);
    let url = cx.new_string(&entry.request.url);
    request::initialize(cx, object, url, Value::UNDEFINED)?;
    let mut list = headers::new_list(cx);
    for (name, value) in &entry.request.headers {
        list = headers::append_bytes(cx, list, name, value);
    }
    object.put(cx, request::slot::HEADERS, Value::cell(list));
    Ok(object)
}

/// The Response object of an entry; its headers are immutable.
pub fn new_response(cx: &mut Context, entry: &Entry) -> Result<Object> {
    let stored = &entry.response;
    let object = new_instance::<Response>(cx);
    object.put(cx, response::slot::STATUS, i32::from(stored.status));
    let status_text = cx.heap.new_latin1(&stored.status_text);
    object.put(cx, response::slot::STATUS_TEXT, status_text);
    let mut list = headers::new_list(cx);
    for (name, value) in &stored.headers {
        list = headers::append_bytes(cx, list, name, value);
    }
    let own = headers::new_object(cx, list, Guard::Immutable);
    object.put(cx, response::slot::HEADERS, own);
    if !stored.url.is_empty() {
        let url = cx.heap.new_string(&stored.url);
        object.put(cx, response::slot::URL, url);
    }
    object.put(cx, response::slot::FLAGS, stored.flags);
    let body = match &stored.body {
        Some(bytes) => Body::Bytes(body::new_bytes(cx, bytes)?),
        None => Body::None,
    };
    body.store(cx, object);
    Ok(object)
}
