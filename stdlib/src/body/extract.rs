//! From JS values to bodies. <https://fetch.spec.whatwg.org/#bodyinit-unions>

use super::Body;
use crate::streams::readable_ops as streams;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::typed_array;
use mayfly_engine::string::atoms::name;

/// A body and the type it suggests for `Content-Type`.
pub(crate) struct Extracted {
    /// The body.
    pub body: Body,
    /// The type, when there is one.
    pub content_type: Option<ContentType>,
}

/// Types that bodies suggest.
pub(crate) enum ContentType {
    /// Of strings.
    Text,
    /// Of URLSearchParams.
    UrlEncoded,
    /// Any other, as for a Blob.
    Other(JsString),
}

impl ContentType {
    /// As a header value.
    pub(crate) fn to_string(&self, cx: &Context) -> JsString {
        match self {
            ContentType::Text => name::text_plain,
            ContentType::UrlEncoded => cx.heap.new_latin1(b"application/x-www-form-urlencoded;charset=UTF-8"),
            ContentType::Other(text) => *text,
        }
    }
}

// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
/// Extracts a body from a value that is neither null nor undefined.
pub(crate) fn extract(cx: &mut Context, value: Value) -> Result<Extracted> {
    if let Some(text) = value.as_string() {
        return Ok(Extracted { body: Body::Text(text), content_type: Some(ContentType::Text) });
    }
    if let Some(stream) = instance::<crate::streams::ReadableStream>(cx, value) {
        if streams::is_disturbed(cx, stream) || streams::is_locked(cx, stream) {
            return Err(cx.throw_type_error("Response body object should not be disturbed or locked"));
        }
        return Ok(Extracted { body: Body::Stream(stream), content_type: None });
    }
    if let Some(blob) = instance::<crate::fetch::Blob>(cx, value) {
        let bytes = crate::fetch::blob::bytes(cx, blob);
        let body = Body::Bytes(super::new_bytes(cx, &bytes)?);
        let ty = crate::fetch::blob::content_type(cx, blob);
        return Ok(Extracted { body, content_type: (!ty.is_empty(&cx.heap)).then_some(ContentType::Other(ty)) });
    }
    if BufferSource::is_one(cx, value) {
        let bytes = typed_array::bytes_of(cx, value).unwrap_or_default();
        return Ok(Extracted { body: Body::Bytes(super::new_bytes(cx, &bytes)?), content_type: None });
    }
    if let Some(parameters) = instance::<crate::url::URLSearchParams>(cx, value) {
        let text = crate::url::search_params::serialize(cx, parameters);
        let text = cx.heap.new_string(&text);
        return Ok(Extracted { body: Body::Text(text), content_type: Some(ContentType::UrlEncoded) });
    }
    if let Some(form) = instance::<crate::fetch::FormData>(cx, value) {
        let (bytes, ty) = super::multipart::encode(cx, form)?;
        let body = Body::Bytes(super::new_bytes(cx, &bytes)?);
        let ty = cx.heap.new_string(&ty);
        return Ok(Extracted { body, content_type: Some(ContentType::Other(ty)) });
    }
    let text = cx.to_string(value)?;
    Ok(Extracted { body: Body::Text(text), content_type: Some(ContentType::Text) })
}
