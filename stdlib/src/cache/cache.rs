//! Cache. <https://w3c.github.io/ServiceWorker/#cache-interface>
//!
//! Internal slots: 1 the number of the resource that is the open cache (undefined until it is first used), 2 whether it is
//! `caches.default`.

use super::convert;
use super::matching::{self, QueryOptions};
use super::store::{Entry, Full, StoredCache, StoredRequest, StoredResponse};
use crate::body::consume::{Package, consume};
use crate::body::{self, Body};
use crate::fetch::{Response, function, response};
use crate::platform::{resources, try_platform, with_platform};
use crate::streams::support::{Slots, caught, record, resolved_undefined, upon};
use crate::webidl::prelude::*;
use crate::{dom_exception, fetch};
use mayfly_engine::builtins::{promise, typed_array};
use mayfly_engine::object::IntegrityLevel;
use std::sync::Arc;

/// Slot of the resource's number.
const RESOURCE: u32 = 1;
/// Slot of the flag of `caches.default`.
const IS_DEFAULT: u32 = 2;

/// A cache that a request has open.
struct OpenCache(Arc<dyn StoredCache>);

/// An entry whose body is still being read.
struct Draft(Option<Entry>);

/// The entries of an `addAll`, `None` while they are not complete.
struct Batch(Vec<Option<Entry>>);

/// CacheQueryOptions
#[derive(Dictionary)]
pub(super) struct CacheQueryOptions {
    ignore_method: bool,
    ignore_search: bool,
    ignore_vary: bool,
}

impl CacheQueryOptions {
    pub(super) fn query(&self) -> QueryOptions {
        QueryOptions { ignore_search: self.ignore_search, ignore_method: self.ignore_method, ignore_vary: self.ignore_vary }
    }
}

/// Requests and their responses.
#[interface(name = "Cache", class = class::CACHE)]
impl Cache {
    // https://w3c.github.io/ServiceWorker/#cache-match
    #[promise_method(ts = "Response | undefined")]
    fn match_(cx: &mut Context, this: Object, #[ts("RequestInfo")] request: Value, options: CacheQueryOptions) -> Result<Value> {
        let request = convert::to_request(cx, request)?;
        let query = convert::stored_request(cx, request);
        let cache = stored(cx, this)?;
        let is_default = this.flag(cx, IS_DEFAULT);
        match first_match(cx, &*cache, &query, options.query(), is_default)? {
            Some(found) => Ok(convert::new_response(cx, &found)?.value()),
            None => Ok(Value::UNDEFINED),
        }
    }

    // https://w3c.github.io/ServiceWorker/#cache-matchall
    #[promise_method(ts = "Response[]")]
    fn match_all(
        cx: &mut Context,
        this: Object,
        #[ts("RequestInfo")] request: Optional<Value>,
        options: CacheQueryOptions,
    ) -> Result<Object> {
        let found = matching_entries(cx, this, *request, &options)?;
        let mut responses = Vec::with_capacity(found.len());
        for entry in found {
            cx.spend_fuel(10)?;
            responses.push(convert::new_response(cx, &entry)?.value());
        }
        frozen(cx, &responses)
    }

    // https://w3c.github.io/ServiceWorker/#cache-add
    #[promise_method(ts = "void")]
    fn add(cx: &mut Context, this: Object, #[ts("RequestInfo")] request: Value) -> Result<Object> {
        add_all(cx, this, &[request], "add")
    }

    // https://w3c.github.io/ServiceWorker/#cache-addAll
    #[promise_method(ts = "void")]
    fn add_all(cx: &mut Context, this: Object, #[ts("Iterable<RequestInfo>")] requests: Vec<Value>) -> Result<Object> {
        add_all(cx, this, &requests, "addAll")
    }

    // https://w3c.github.io/ServiceWorker/#cache-put
    #[promise_method(ts = "void")]
    fn put(cx: &mut Context, this: Object, #[ts("RequestInfo")] request: Value, response: Instance<Response>) -> Result<Object> {
        const PLACE: Place<'_> = Place::method("Cache", "put");
        // 1.-3. The request.
        let request = convert::to_request(cx, request)?;
        let request = convert::stored_request(cx, request);
        check_request(cx, &request, &PLACE)?;
        // 5.-8. The response.
        let stored = convert::stored_response(cx, response.object);
        check_response(cx, &stored, &PLACE)?;
        if body::is_unusable(cx, response.object) {
            return Err(PLACE.type_error(cx, "Response body is already used"));
        }
        let entry = Entry { request, response: stored, stored_ms: now_ms(cx)? };
        // 9.-13. The body is read to its end first.
        if Body::of(cx, response.object).is_none() {
            store(cx, this, vec![Arc::new(entry)])?;
            return Ok(resolved_undefined(cx));
        }
        let bytes = consume(cx, response.object, Package::Bytes, None)?;
        let number = resources(cx).map_or(0, |resources| resources.add(Box::new(Draft(Some(entry)))));
        let promise = promise::new_pending(cx);
        let state = cx.heap.new_values_from(&[promise.value(), this.value(), Value::from(number)]);
        upon(cx, bytes, put_read, put_failed, Value::cell(state));
        Ok(promise)
    }

    // https://w3c.github.io/ServiceWorker/#cache-delete
    #[promise_method]
    fn delete(cx: &mut Context, this: Object, #[ts("RequestInfo")] request: Value, options: CacheQueryOptions) -> Result<bool> {
        let request = convert::to_request(cx, request)?;
        let query = convert::stored_request(cx, request);
        let cache = stored(cx, this)?;
        let mut removed = false;
        let outcome = cache.change(&mut |entries| removed = matching::remove(entries, &query, options.query()));
        outcome.map_err(|full| quota_exceeded(cx, full))?;
        Ok(removed)
    }

    // https://w3c.github.io/ServiceWorker/#cache-keys
    #[promise_method(ts = "Request[]")]
    fn keys(cx: &mut Context, this: Object, #[ts("RequestInfo")] request: Optional<Value>, options: CacheQueryOptions) -> Result<Object> {
        let found = matching_entries(cx, this, *request, &options)?;
        let mut requests = Vec::with_capacity(found.len());
        for entry in found {
            cx.spend_fuel(10)?;
            requests.push(convert::new_request(cx, &entry)?.value());
        }
        frozen(cx, &requests)
    }
}

fn frozen(cx: &mut Context, values: &[Value]) -> Result<Object> {
    let array = cx.new_array(values);
    cx.set_integrity_level(array, IntegrityLevel::Frozen)?;
    Ok(array)
}

fn now_ms(cx: &mut Context) -> Result<f64> {
    with_platform(cx, |platform| platform.now_ms())
}

/// The object of an open cache.
pub(super) fn new_object(cx: &mut Context, cache: Arc<dyn StoredCache>) -> Object {
    let object = new_instance::<Cache>(cx);
    let number = resources(cx).map_or(0, |resources| resources.add(Box::new(OpenCache(cache))));
    object.put(cx, RESOURCE, Value::from(number));
    object
}

/// The object of `caches.default`, which may lie in an image: it is opened when it is used.
pub(super) fn new_default(cx: &mut Context) -> Object {
    let object = new_instance::<Cache>(cx);
    object.put(cx, IS_DEFAULT, true);
    object
}

/// The cache behind an object.
fn stored(cx: &mut Context, object: Object) -> Result<Arc<dyn StoredCache>> {
    if object.flag(cx, IS_DEFAULT) {
        return with_platform(cx, |platform| Ok(platform.caches()?.default_cache()));
    }
    let number = object.number(cx, RESOURCE) as u32;
    match resources(cx).and_then(|resources| resources.get::<OpenCache>(number)) {
        Some(OpenCache(cache)) => Ok(cache.clone()),
        None => Err(cx.throw_type_error("The cache was opened by a request that has ended")),
    }
}

/// The first entry that a request matches; in `caches.default` one that is still good.
pub(super) fn first_match(
    cx: &mut Context,
    cache: &dyn StoredCache,
    query: &StoredRequest,
    options: QueryOptions,
    fresh_only: bool,
) -> Result<Option<Arc<Entry>>> {
    let found = matching::query(&cache.entries(), Some(query), options);
    if !fresh_only {
        return Ok(found.into_iter().next());
    }
    let now = now_ms(cx)?;
    Ok(found.into_iter().find(|entry| matching::is_fresh(entry, now)))
}

/// What `matchAll` and `keys` have in common.
fn matching_entries(cx: &mut Context, this: Object, request: Option<Value>, options: &CacheQueryOptions) -> Result<Vec<Arc<Entry>>> {
    let query = match request {
        Some(request) => {
            let request = convert::to_request(cx, request)?;
            Some(convert::stored_request(cx, request))
        }
        None => None,
    };
    let mut found = matching::query(&stored(cx, this)?.entries(), query.as_ref(), options.query());
    if this.flag(cx, IS_DEFAULT) {
        let now = now_ms(cx)?;
        found.retain(|entry| matching::is_fresh(entry, now));
    }
    Ok(found)
}

fn check_request(cx: &mut Context, request: &StoredRequest, place: &Place<'_>) -> Result<()> {
    if !request.url.starts_with("http:") && !request.url.starts_with("https:") {
        let scheme = request.url.split(':').next().unwrap_or_default().to_string();
        return Err(place.type_error(cx, &format!("Request scheme '{scheme}' is unsupported")));
    }
    if request.method != "GET" {
        return Err(place.type_error(cx, &format!("Request method '{}' is unsupported", request.method)));
    }
    Ok(())
}

fn check_response(cx: &mut Context, response: &StoredResponse, place: &Place<'_>) -> Result<()> {
    if response.status == 206 {
        return Err(place.type_error(cx, "Partial response (status code 206) is unsupported"));
    }
    if matching::varies_on_everything(response) {
        return Err(place.type_error(cx, "Vary header contains *"));
    }
    Ok(())
}

/// Bytes that all caches may hold together, as an error tells it.
fn quota_exceeded(cx: &mut Context, full: Full) -> Thrown {
    let (quota, requested) = (full.quota as f64, full.requested as f64);
    let error = dom_exception::create_quota_exceeded(cx, "Quota exceeded.", Some(quota), Some(requested));
    cx.throw(error.value())
}

/// Puts entries into the cache behind an object. `caches.default` leaves out what a shared cache may not keep, and what is too large.
fn store(cx: &mut Context, object: Object, entries: Vec<Arc<Entry>>) -> Result<()> {
    let cache = stored(cx, object)?;
    let is_default = object.flag(cx, IS_DEFAULT);
    let mut entries = entries;
    if is_default {
        let now = now_ms(cx)?;
        entries.retain(|entry| matching::is_storable(&entry.response));
        // What is no longer good makes room first.
        let outcome = cache.change(&mut |known| {
            known.retain(|entry| matching::is_fresh(entry, now));
            matching::put(known, &entries);
        });
        if outcome.is_err()
            && let Some(platform) = try_platform(cx)
        {
            platform.log(crate::platform::LogLevel::Warn, "caches.default: a response is too large to be kept");
        }
        return Ok(());
    }
    let outcome = cache.change(&mut |known| matching::put(known, &entries));
    outcome.map_err(|full| quota_exceeded(cx, full))
}

// ── put ──

/// Values of the record of a put in progress: promise, Cache object, number of the draft.
mod draft {
    pub const PROMISE: u32 = 0;
    pub const CACHE: u32 = 1;
    pub const NUMBER: u32 = 2;
}

/// Settles a promise with what became of a step that has no value.
fn settle(cx: &mut Context, promise: Object, outcome: Result<()>) -> Result<()> {
    match outcome {
        Ok(()) => promise::resolve(cx, promise, Value::UNDEFINED),
        Err(thrown) => {
            let error = caught(cx, thrown)?;
            promise::reject(cx, promise, error);
            Ok(())
        }
    }
}

pub(super) fn put_read(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(state) = this.as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    let bytes = typed_array::bytes_of(cx, args.at(0)).unwrap_or_default();
    let number = state.number(cx, draft::NUMBER) as u32;
    let entry = resources(cx).and_then(|resources| resources.get::<Draft>(number)).and_then(|draft| draft.0.take());
    if let Some(resources) = resources(cx) {
        resources.remove(number);
    }
    let (Some(promise), Some(cache)) = (state.object(cx, draft::PROMISE), state.object(cx, draft::CACHE)) else {
        return Ok(Value::UNDEFINED);
    };
    let outcome = match entry {
        Some(mut entry) => {
            entry.response.body = Some(bytes);
            store(cx, cache, vec![Arc::new(entry)])
        }
        None => Err(cx.throw_type_error("The response belongs to a request that has ended")),
    };
    settle(cx, promise, outcome)?;
    Ok(Value::UNDEFINED)
}

pub(super) fn put_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(state) = this.as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    let number = state.number(cx, draft::NUMBER) as u32;
    if let Some(resources) = resources(cx) {
        resources.remove(number);
    }
    if let Some(promise) = state.object(cx, draft::PROMISE) {
        promise::reject(cx, promise, args.at(0));
    }
    Ok(Value::UNDEFINED)
}

// ── addAll ──

/// Values of the record of an addAll in progress.
mod batch {
    pub const PROMISE: u32 = 0;
    pub const CACHE: u32 = 1;
    /// Number of the resource with the entries.
    pub const NUMBER: u32 = 2;
    /// Responses that are not complete.
    pub const MISSING: u32 = 3;
    /// The promise is settled.
    pub const DONE: u32 = 4;
    /// The signal that all requests follow.
    pub const SIGNAL: u32 = 5;
    pub const COUNT: u32 = 6;
}

// https://w3c.github.io/ServiceWorker/#cache-addAll
fn add_all(cx: &mut Context, this: Object, requests: &[Value], method: &'static str) -> Result<Object> {
    let place = Place::method("Cache", method);
    // 3.-5. All requests are checked before any is sent.
    let mut objects = Vec::with_capacity(requests.len());
    let mut entries = Vec::with_capacity(requests.len());
    for request in requests {
        cx.spend_fuel(10)?;
        let object = new_instance::<fetch::Request>(cx);
        fetch::request::initialize(cx, object, *request, Value::UNDEFINED)?;
        let stored = convert::stored_request(cx, object);
        check_request(cx, &stored, &place)?;
        objects.push(object);
        entries.push(stored);
    }
    stored(cx, this)?;
    let promise = promise::new_pending(cx);
    let state = record(cx, batch::COUNT);
    state.put(cx, batch::PROMISE, promise);
    state.put(cx, batch::CACHE, this);
    state.put(cx, batch::MISSING, objects.len() as i32);
    let stored_ms = now_ms(cx)?;
    let placeholder = |request: StoredRequest| {
        let response = StoredResponse { status: 0, status_text: Vec::new(), headers: Vec::new(), url: String::new(), flags: 0, body: None };
        Some(Entry { request, response, stored_ms })
    };
    let drafts = Batch(entries.into_iter().map(placeholder).collect());
    let number = resources(cx).map_or(0, |resources| resources.add(Box::new(drafts)));
    state.put(cx, batch::NUMBER, Value::from(number));
    if objects.is_empty() {
        finish_batch(cx, state)?;
        return Ok(promise);
    }
    // The requests also end when one of them fails.
    let own = crate::abort::new_signal(cx);
    state.put(cx, batch::SIGNAL, own);
    for (index, object) in objects.into_iter().enumerate() {
        let signals: Vec<Object> = fetch::request::existing_signal(cx, object).into_iter().chain([own]).collect();
        let both = crate::abort::create_dependent_signal(cx, &signals);
        object.put(cx, fetch::request::slot::SIGNAL, both);
        let response = function::start(cx, object)?;
        let part = cx.heap.new_values_from(&[Value::cell(state), Value::int(index as i32), Value::UNDEFINED]);
        upon(cx, response, fetched, fetch_failed, Value::cell(part));
    }
    Ok(promise)
}

/// The record of the batch behind the record of one of its requests.
fn batch_of(cx: &Context, part: Value) -> Option<(Ref<Values>, usize)> {
    let part = part.as_cell::<Values>()?;
    Some((part.at(cx, 0).as_cell()?, part.int(cx, 1) as usize))
}

/// A response is there: its head is checked, then its body is read.
pub(super) fn fetched(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some((state, index)) = batch_of(cx, this) else { return Ok(Value::UNDEFINED) };
    let Some(response) = instance::<Response>(cx, args.at(0)).filter(|_| !state.flag(cx, batch::DONE)) else {
        return Ok(Value::UNDEFINED);
    };
    const PLACE: Place<'_> = Place::method("Cache", "addAll");
    let stored = convert::stored_response(cx, response);
    let is_ok = !response::is_error(cx, response) && (200..300).contains(&stored.status);
    let checked = if is_ok { check_response(cx, &stored, &PLACE) } else { Err(PLACE.type_error(cx, "Request failed")) };
    if let Err(thrown) = checked {
        let error = caught(cx, thrown)?;
        fail_batch(cx, state, error)?;
        return Ok(Value::UNDEFINED);
    }
    let has_body = stored.body.is_some();
    let number = state.number(cx, batch::NUMBER) as u32;
    if let Some(Batch(entries)) = resources(cx).and_then(|resources| resources.get::<Batch>(number))
        && let Some(Some(entry)) = entries.get_mut(index)
    {
        entry.response = stored;
    }
    if !has_body {
        one_complete(cx, state)?;
        return Ok(Value::UNDEFINED);
    }
    let bytes = consume(cx, response, Package::Bytes, None)?;
    upon(cx, bytes, fetched_body, fetch_failed, this);
    Ok(Value::UNDEFINED)
}

pub(super) fn fetched_body(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some((state, index)) = batch_of(cx, this) else { return Ok(Value::UNDEFINED) };
    if state.flag(cx, batch::DONE) {
        return Ok(Value::UNDEFINED);
    }
    let bytes = typed_array::bytes_of(cx, args.at(0)).unwrap_or_default();
    let number = state.number(cx, batch::NUMBER) as u32;
    if let Some(Batch(entries)) = resources(cx).and_then(|resources| resources.get::<Batch>(number))
        && let Some(Some(entry)) = entries.get_mut(index)
    {
        entry.response.body = Some(bytes);
    }
    one_complete(cx, state)?;
    Ok(Value::UNDEFINED)
}

pub(super) fn fetch_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some((state, _)) = batch_of(cx, this) {
        fail_batch(cx, state, args.at(0))?;
    }
    Ok(Value::UNDEFINED)
}

fn take_batch(cx: &mut Context, state: Ref<Values>) -> Vec<Arc<Entry>> {
    let number = state.number(cx, batch::NUMBER) as u32;
    let Some(resources) = resources(cx) else { return Vec::new() };
    let entries = resources.get::<Batch>(number).map(|batch| std::mem::take(&mut batch.0)).unwrap_or_default();
    resources.remove(number);
    entries.into_iter().flatten().map(Arc::new).collect()
}

fn one_complete(cx: &mut Context, state: Ref<Values>) -> Result<()> {
    let missing = state.int(cx, batch::MISSING) - 1;
    state.put(cx, batch::MISSING, missing);
    if missing == 0 { finish_batch(cx, state) } else { Ok(()) }
}

/// All responses are complete: they go into the cache together.
fn finish_batch(cx: &mut Context, state: Ref<Values>) -> Result<()> {
    state.put(cx, batch::DONE, true);
    let entries = take_batch(cx, state);
    let (Some(promise), Some(cache)) = (state.object(cx, batch::PROMISE), state.object(cx, batch::CACHE)) else { return Ok(()) };
    let outcome = if matching::has_duplicates(&entries) {
        let message = Place::method("Cache", "addAll").message("duplicate requests");
        Err(dom_exception::throw(cx, "InvalidStateError", &message))
    } else {
        store(cx, cache, entries)
    };
    settle(cx, promise, outcome)
}

fn fail_batch(cx: &mut Context, state: Ref<Values>, reason: Value) -> Result<()> {
    if state.flag(cx, batch::DONE) {
        return Ok(());
    }
    state.put(cx, batch::DONE, true);
    take_batch(cx, state);
    if let Some(promise) = state.object(cx, batch::PROMISE) {
        promise::reject(cx, promise, reason);
    }
    match state.object(cx, batch::SIGNAL) {
        Some(signal) => crate::abort::signal_abort(cx, signal, Value::UNDEFINED),
        None => Ok(()),
    }
}
