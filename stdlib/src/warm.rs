//! What requests would otherwise make first thing, made once for the base image.
//!
//! The shape of a class's instances is made with its first instance, and marks the prototype as one. When that happens while an image is
//! built, no request does it, and none dirties the cards where shapes and prototypes lie. Scripts cannot tell the difference: shapes are
//! not visible, and the objects made here are garbage when the image is written.

use crate::class;
use crate::fetch::host::{BodyInit, new_request};
use crate::fetch_event::{create_execution_context, create_fetch_event};
use crate::streams::support::new_platform_object;
use mayfly_engine::context::Context;
use mayfly_engine::heap::Kind;
use mayfly_engine::native::Result;
use mayfly_engine::realm::Intrinsic;

/// Classes whose instances requests make by themselves or through the commonest APIs.
const SMALL: &[u32] = &[
    class::HEADERS,
    class::HEADERS_ITERATOR,
    class::URL,
    class::URL_SEARCH_PARAMS,
    class::TEXT_ENCODER,
    class::TEXT_DECODER,
    class::ABORT_CONTROLLER,
    class::ABORT_SIGNAL,
    class::BLOB,
    class::FORM_DATA,
    class::READABLE_STREAM,
    class::READABLE_STREAM_DEFAULT_CONTROLLER,
    class::READABLE_STREAM_DEFAULT_READER,
    class::TRANSFORM_STREAM,
    class::TRANSFORM_STREAM_DEFAULT_CONTROLLER,
    class::WRITABLE_STREAM_DEFAULT_CONTROLLER,
    class::WRITABLE_STREAM_DEFAULT_WRITER,
];
const LARGE: &[u32] = &[class::RESPONSE, class::WRITABLE_STREAM, class::READABLE_BYTE_STREAM_CONTROLLER];

/// Makes the shapes of what requests make.
///
/// # Errors
/// Where memory ends.
pub(crate) fn warm(cx: &mut Context) -> Result<()> {
    let request = new_request(cx, "GET", "http://localhost/", &[], BodyInit::None)?;
    create_fetch_event(cx, request);
    create_execution_context(cx);
    for &class in SMALL {
        new_platform_object(cx, class, false);
    }
    for &class in LARGE {
        new_platform_object(cx, class, true);
    }
    cx.new_plain_object();
    cx.new_array(&[]);
    cx.new_intrinsic_object(Kind::Promise, Intrinsic::PromisePrototype);
    Ok(())
}
