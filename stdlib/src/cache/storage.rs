//! CacheStorage. <https://w3c.github.io/ServiceWorker/#cachestorage-interface>

use super::cache::{self, CacheQueryOptions};
use super::convert;
use super::store::CacheStore;
use crate::platform::with_platform;
use crate::webidl::prelude::*;
use mayfly_engine::string::Units;
use std::sync::Arc;

/// The platform's caches; Error while there are none (as while an image is built).
fn store(cx: &mut Context) -> Result<Arc<dyn CacheStore>> {
    with_platform(cx, |platform| platform.caches())
}

fn units(cx: &Context, name: JsString) -> Vec<u16> {
    match name.units(&cx.heap) {
        Units::Latin1(units) => units.iter().map(|&unit| u16::from(unit)).collect(),
        Units::Utf16(units) => units.to_vec(),
    }
}

/// MultiCacheQueryOptions
#[derive(Dictionary)]
struct MultiCacheQueryOptions {
    #[idl(parent)]
    base: CacheQueryOptions,
    cache_name: Optional<DOMString>,
}

/// Caches by name.
#[interface(name = "CacheStorage", class = class::CACHE_STORAGE)]
impl CacheStorage {
    // https://w3c.github.io/ServiceWorker/#cache-storage-match
    #[promise_method(ts = "Response | undefined")]
    fn match_(cx: &mut Context, _this: Object, #[ts("RequestInfo")] request: Value, options: MultiCacheQueryOptions) -> Result<Value> {
        let query_options = options.base.query();
        let request = convert::to_request(cx, request)?;
        let query = convert::stored_request(cx, request);
        let store = store(cx)?;
        let names = match &*options.cache_name {
            Some(name) => vec![units(cx, name.0)],
            None => store.names(),
        };
        for name in names {
            let Some(cache) = store.find(&name) else { continue };
            if let Some(found) = cache::first_match(cx, &*cache, &query, query_options, false)? {
                return Ok(convert::new_response(cx, &found)?.value());
            }
        }
        Ok(Value::UNDEFINED)
    }

    // https://w3c.github.io/ServiceWorker/#cache-storage-has
    #[promise_method]
    fn has(cx: &mut Context, _this: Object, cache_name: DOMString) -> Result<bool> {
        let name = units(cx, cache_name.0);
        Ok(store(cx)?.find(&name).is_some())
    }

    // https://w3c.github.io/ServiceWorker/#cache-storage-open
    #[promise_method(ts = "Cache")]
    fn open(cx: &mut Context, _this: Object, cache_name: DOMString) -> Result<Object> {
        let name = units(cx, cache_name.0);
        let cache = store(cx)?.open(&name);
        Ok(cache::new_object(cx, cache))
    }

    // https://w3c.github.io/ServiceWorker/#cache-storage-delete
    #[promise_method]
    fn delete(cx: &mut Context, _this: Object, cache_name: DOMString) -> Result<bool> {
        let name = units(cx, cache_name.0);
        Ok(store(cx)?.remove(&name))
    }

    // https://w3c.github.io/ServiceWorker/#cache-storage-keys
    #[promise_method(ts = "string[]")]
    fn keys(cx: &mut Context, _this: Object) -> Result<Vec<Value>> {
        let names = store(cx)?.names();
        Ok(names.iter().map(|name| cx.heap.new_utf16(name).value()).collect())
    }

    /// The cache without a name, shared by all requests to the worker, which keeps what a shared HTTP cache may keep.
    /// <https://developers.cloudflare.com/workers/runtime-apis/cache/#accessing-cache>
    #[getter(ts = "Cache")]
    fn default(cx: &mut Context, _this: Object) -> Result<Object> {
        if let Some(known) = cx.embedder_root(roots::DEFAULT_CACHE).as_object() {
            return Ok(known);
        }
        let cache = cache::new_default(cx);
        cx.set_embedder_root(roots::DEFAULT_CACHE, cache.value());
        Ok(cache)
    }
}

/// `caches` of the global object.
#[namespace(global)]
impl CachesAttribute {
    // https://w3c.github.io/ServiceWorker/#global-caches-attribute
    #[getter(ts = "CacheStorage")]
    fn caches(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::CACHES))
    }
}

/// Makes the one instance.
pub fn install(cx: &mut Context) {
    let caches = new_instance::<CacheStorage>(cx);
    cx.set_embedder_root(roots::CACHES, caches.value());
}
