//! The mixin Body: what Request and Response have in common. <https://fetch.spec.whatwg.org/#body-mixin>

use super::consume::{self, Package};
use crate::webidl::mixin;
use crate::webidl::prelude::*;

/// Reads a body into a package. Only blobs and forms ask the headers what the body is.
pub(crate) fn package(
    cx: &mut Context,
    owner: Object,
    headers: fn(&mut Context, Object) -> Ref<Values>,
    package: Package,
) -> Result<Object> {
    let mime_type = match package {
        Package::Blob | Package::FormData => {
            let list = headers(cx, owner);
            crate::fetch::response::mime_type(cx, list)?
        }
        _ => None,
    };
    consume::consume(cx, owner, package, mime_type)
}

#[mixin]
impl Body {
    // https://fetch.spec.whatwg.org/#dom-body-body
    #[getter(ts = "ReadableStream<Uint8Array<ArrayBuffer>> | null")]
    fn body(cx: &mut Context, this: Object) -> Result<Value> {
        crate::body::stream(cx, this)
    }

    // https://fetch.spec.whatwg.org/#dom-body-bodyused
    #[getter]
    fn body_used(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(crate::body::is_used(cx, this))
    }

    // https://fetch.spec.whatwg.org/#dom-body-arraybuffer
    #[promise_method(ts = "ArrayBuffer")]
    fn array_buffer(cx: &mut Context, this: Object) -> Result<Object> {
        crate::body::mixin::package(cx, this, Self::body_headers, crate::body::consume::Package::ArrayBuffer)
    }

    // https://fetch.spec.whatwg.org/#dom-body-blob
    #[promise_method(ts = "Blob")]
    fn blob(cx: &mut Context, this: Object) -> Result<Object> {
        crate::body::mixin::package(cx, this, Self::body_headers, crate::body::consume::Package::Blob)
    }

    // https://fetch.spec.whatwg.org/#dom-body-bytes
    #[promise_method(ts = "Uint8Array<ArrayBuffer>")]
    fn bytes(cx: &mut Context, this: Object) -> Result<Object> {
        crate::body::mixin::package(cx, this, Self::body_headers, crate::body::consume::Package::Bytes)
    }

    // https://fetch.spec.whatwg.org/#dom-body-formdata
    #[promise_method(ts = "FormData")]
    fn form_data(cx: &mut Context, this: Object) -> Result<Object> {
        crate::body::mixin::package(cx, this, Self::body_headers, crate::body::consume::Package::FormData)
    }

    // https://fetch.spec.whatwg.org/#dom-body-json
    #[promise_method(ts = "any")]
    fn json(cx: &mut Context, this: Object) -> Result<Object> {
        crate::body::mixin::package(cx, this, Self::body_headers, crate::body::consume::Package::Json)
    }

    // https://fetch.spec.whatwg.org/#dom-body-text
    #[promise_method(ts = "string")]
    fn text(cx: &mut Context, this: Object) -> Result<Object> {
        crate::body::mixin::package(cx, this, Self::body_headers, crate::body::consume::Package::Text)
    }
}
