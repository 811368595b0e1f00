//! Responses as sources. <https://webassembly.github.io/spec/web-api/#streaming-modules>

use super::WebAssembly;
use crate::body::consume::{self, Package};
use crate::fetch::{Response, headers, response};
use crate::streams::support::react;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::promise;

// https://webassembly.github.io/spec/web-api/#compile-a-potential-webassembly-response
/// The promise of what a response, or the promise of one, compiles to: it is rejected, but only for the lack of code if nothing else is
/// wrong. `place` is the function for messages.
pub(super) fn compile(cx: &mut Context, source: Value, place: &str) -> Result<Object> {
    let source = promise::promise_resolve(cx, source)?;
    let place = cx.new_string(place);
    Ok(react(cx, source, Some(WebAssembly::on_response.into()), None, place))
}

/// The steps for a fulfilled source. `place` is a string value.
pub(super) fn on_response(cx: &mut Context, place: Value, source: Value) -> Result<Object> {
    let shown = cx.to_text(place)?;
    let Some(response) = instance::<Response>(cx, source) else {
        return Err(cx.throw_type_error(&format!("{shown}: Argument 0 must be a Response or a promise of one")));
    };
    let list = headers::list_of_owner(cx, response, response::slot::HEADERS);
    let mime_type = headers::get_text(cx, list, "content-type")?.map(|text| text.to_text(&cx.heap)).unwrap_or_default();
    if !mime_type.trim_matches(['\t', ' ']).eq_ignore_ascii_case("application/wasm") {
        let message = format!("{shown}: Incorrect response MIME type. Expected 'application/wasm', got '{mime_type}'.");
        return Err(cx.throw_type_error(&message));
    }
    if response::is_error(cx, response) || !(200..300).contains(&response::status(cx, response)) {
        return Err(cx.throw_type_error(&format!("{shown}: HTTP status code is not ok")));
    }
    let body = consume::consume(cx, response, Package::ArrayBuffer, None)?;
    Ok(react(cx, body, Some(WebAssembly::on_body.into()), None, place))
}
