//! Primed images: requests that are part of the top level. What applications prepare at their first request, such as a router that is made
//! from its routes then, is in the image, as it is in those of checkpoints that other systems take of processes that have warmed up.
//!
//! Priming is asked for by whoever builds the image, request by request, for its traces are kept: a worker that counts its requests starts
//! with one. The same rules hold as for the top level (no I/O, no randomness, a clock at 0), and a worker that cannot answer
//! under them is not built. [`crate::warm`] is the other kind of sample: it leaves no trace but in caches.

use mayfly_engine::builtins::promise::{self, PromiseState};
use mayfly_engine::native::Result as Completion;
use mayfly_engine::{Context, RunState, Value};

use crate::image::{BuildError, settled, uncaught};
use crate::instance::RequestHead;
use crate::report::ErrorReport;
use crate::roots;
use crate::sample::Sample;
use crate::scope::{self, BodyInit, BodyParts, Form, HostRead};

/// Lets the worker answer these requests, one after the other.
pub(crate) fn run(cx: &mut Context, samples: &[Sample]) -> Result<(), BuildError> {
    samples.iter().try_for_each(|sample| {
        answer(cx, sample).map_err(|error| BuildError::Unprimed(format!("{} {}", sample.method, sample.url), Box::new(error)))
    })
}

fn answer(cx: &mut Context, sample: &Sample) -> Result<(), BuildError> {
    let form = if cx.embedder_root(roots::EXPORT).is_undefined() { Form::Event } else { Form::Module };
    let body = if sample.body.is_empty() { BodyInit::None } else { BodyInit::Bytes(sample.body.clone()) };
    let has_cookies = sample.headers.contains_key(http::header::COOKIE);
    let head = RequestHead { method: &sample.method, url: &sample.url, headers: &sample.headers, has_cookies };
    let handled = match form {
        Form::Module => call_handler(cx, &head, body),
        Form::Event => dispatch(cx, &head, body),
    };
    handled.map_err(|_| uncaught(cx))?;
    run_jobs(cx)?;
    let reply = match cx.embedder_root(roots::RESULT).as_object().map(|result| promise::state(cx, result)) {
        None => return Err(BuildError::Stopped("No listener for 'fetch' called event.respondWith(…)".to_string())),
        Some((PromiseState::Fulfilled, reply)) => reply,
        Some((PromiseState::Rejected, reason)) => return Err(BuildError::Uncaught(Box::new(ErrorReport::new(cx, reason)))),
        Some((PromiseState::Pending, _)) => return Err(waits("The reply")),
    };
    let status = read(cx, reply)?;
    if scope::has_pending_lifetime(cx, form) {
        return Err(waits("A promise given to waitUntil"));
    }
    if let Some(reason) = scope::lifetime_failure(cx, form) {
        return Err(BuildError::Uncaught(Box::new(ErrorReport::new(cx, reason))));
    }
    if status >= 500 {
        return Err(BuildError::Stopped(format!("The reply has status {status}")));
    }
    scope::forget_request(cx);
    mayfly_stdlib::platform::end_request(cx);
    Ok(())
}

fn waits(what: &str) -> BuildError {
    BuildError::Stopped(format!("{what} waits for something that cannot happen while an image is built"))
}

/// Runs jobs until none is left; errors and rejections that nobody handled are errors here.
fn run_jobs(cx: &mut Context) -> Result<(), BuildError> {
    if cx.enter(|cx| cx.run_jobs()).is_err() {
        return Err(uncaught(cx));
    }
    settled(cx)
}

/// Runs a function to its end. (A call from a native could not collect garbage.)
fn call(cx: &mut Context, function: Value, this: Value, arguments: &[Value]) -> Completion<Value> {
    let mut state = cx.start(function, this, arguments)?;
    loop {
        match state {
            RunState::Done(value) => return Ok(value),
            RunState::Suspended => state = cx.resume()?,
        }
    }
}

/// What a handler returned or responded with, as a promise in its root.
fn keep_result(cx: &mut Context, value: Value) -> Completion<()> {
    let result = cx.enter(|cx| promise::promise_resolve(cx, value))?;
    promise::mark_handled(cx, result);
    cx.set_embedder_root(roots::RESULT, result.value());
    Ok(())
}

fn call_handler(cx: &mut Context, head: &RequestHead<'_>, body: BodyInit) -> Completion<()> {
    let export = cx.embedder_root(roots::EXPORT);
    let (handler, arguments) = cx.enter(|cx| {
        let request = head.object(cx, body)?;
        let handler = cx.get_v(export, mayfly_engine::string::atoms::key::fetch)?;
        let context = scope::new_execution_context(cx);
        Ok((handler, [request.value(), cx.embedder_root(roots::ENVIRONMENT), context]))
    })?;
    let value = call(cx, handler, export, &arguments)?;
    keep_result(cx, value)
}

fn dispatch(cx: &mut Context, head: &RequestHead<'_>, body: BodyInit) -> Completion<()> {
    cx.enter(|cx| {
        let request = head.object(cx, body)?;
        let event = scope::new_fetch_event(cx, request);
        scope::dispatch(cx, event)
    })?;
    match scope::response_promise(cx) {
        Some(response) => keep_result(cx, response.value()),
        None => Ok(()),
    }
}

/// Reads the reply to its end, as a connection would; its status.
fn read(cx: &mut Context, reply: Value) -> Result<u16, BuildError> {
    let parts = cx.enter(|cx| {
        let parts = scope::response_parts(cx, reply)?;
        if let BodyParts::Stream(stream, _) = parts.body {
            let reader = scope::acquire_reader(cx, stream)?;
            cx.set_embedder_root(roots::READER, reader.value());
            cx.set_embedder_root(roots::CHUNK, scope::new_host_read(cx));
        }
        Ok(parts)
    });
    let parts = parts.map_err(|_| uncaught(cx))?;
    while let Some(reader) = cx.embedder_root(roots::READER).as_object() {
        let chunk = cx.embedder_root(roots::CHUNK);
        match scope::host_read_state(cx, chunk) {
            HostRead::Idle => cx.enter(|cx| scope::host_read(cx, reader, chunk)).map_err(|_| uncaught(cx))?,
            HostRead::Pending => return Err(waits("The reply's body")),
            HostRead::Closed => break,
            HostRead::Failed(reason) => return Err(BuildError::Uncaught(Box::new(ErrorReport::new(cx, reason)))),
        }
        run_jobs(cx)?;
    }
    Ok(parts.status)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::image::{BuildOptions, build_image};
    use crate::worker::{Worker, WorkerOptions};

    /// An image primed with plain requests. (Once more with a collection at every safepoint, which must not fail either.)
    fn prime(source: &str, urls: &[&str]) -> Result<Vec<u8>, BuildError> {
        let primes: Vec<Sample> = urls.iter().map(|url| Sample::get(url)).collect();
        let options = BuildOptions { hash_key: Some(7), primes, ..BuildOptions::default() };
        let image = build_image(source, "worker.mjs", &options)?;
        build_image(source, "worker.mjs", &BuildOptions { gc_stress: true, ..options })?;
        Ok(image)
    }

    fn refusal(source: &str) -> String {
        let error = prime(source, &["https://shop.example/"]).expect_err("it cannot be primed");
        assert!(matches!(&error, BuildError::Unprimed(request, _) if request == "GET https://shop.example/"), "{error:?}");
        error.to_string()
    }

    fn reply(image: &[u8]) -> String {
        let worker = Worker::from_image_bytes(image, "worker", WorkerOptions::default()).expect("a good image");
        let dispatcher = crate::Dispatcher::new(worker);
        let request = http::Request::get("/").header("host", "localhost").body(http_body_util::Full::new(bytes::Bytes::new()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let local = tokio::task::LocalSet::new();
        let body = local.block_on(&runtime, async move {
            let response = Rc::clone(&dispatcher).respond(request.expect("a request")).await;
            http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes()
        });
        String::from_utf8(body.to_vec()).expect("a text")
    }

    #[test]
    fn both_forms_keep_what_they_prepared() {
        let module = "
            let seen = [];
            export default { async fetch(request, env, ctx) {
                await null;
                seen.push(request.headers.get('host'));
                ctx.waitUntil((async () => { await null; seen.push('later') })());
                return new Response(seen.join());
            } }";
        let event = "
            let seen = [];
            addEventListener('fetch', (event) => {
                seen.push(event.request.headers.get('host'));
                event.waitUntil((async () => { await null; seen.push('later') })());
                event.respondWith(new Response(seen.join()));
            })";
        for source in [module, event] {
            let image = prime(source, &["http://one/", "http://two:81/"]).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(reply(&image), "one,later,two:81,later,localhost");
        }
    }

    #[test]
    fn streams_are_read_to_their_end() {
        let source = "
            let pulled = 0;
            const stream = () => new ReadableStream({ pull(controller) {
                if (++pulled % 4 === 0) controller.close(); else controller.enqueue(new TextEncoder().encode(pulled));
            } }, { highWaterMark: 0 });
            export default { fetch: () => new Response(stream()) }";
        assert_eq!(reply(&prime(source, &["http://localhost/"]).expect("it can be primed")), "567");
    }

    #[test]
    fn what_cannot_be_answered_is_told() {
        let handler = |body: &str| format!("export default {{ async fetch(request, env, ctx) {{ {body} }} }}");
        for (body, message) in [
            ("throw new RangeError('no')", "RangeError: no"),
            ("await new Promise(() => {})", "The reply waits"),
            ("return await fetch('http://localhost/')", "fetch"),
            ("return 1", "did not return a Response"),
            ("return new Response('', { status: 503 })", "status 503"),
            ("ctx.waitUntil(new Promise(() => {})); return new Response()", "given to waitUntil waits"),
            ("Promise.reject(new Error('late')); return new Response()", "late"),
            ("return new Response(new ReadableStream())", "The reply's body waits"),
            ("return new Response(new ReadableStream({ pull() { throw new Error('torn') } }))", "torn"),
        ] {
            let told = refusal(&handler(body));
            assert!(told.contains(message), "{body}: {told}");
        }
        assert!(refusal("addEventListener('fetch', () => {})").contains("respondWith"));
    }
}
