//! KVNamespace. <https://developers.cloudflare.com/kv/api/read-key-value-pairs/>
//!
//! Internal slot 1 holds the name of the binding.

use super::store::{KeyValueStore, Stored};
use crate::body::consume::{Package, consume_stream};
use crate::body::{self, Body};
use crate::platform::{resources, with_platform};
use crate::streams::support::{Slots, upon};
use crate::streams::{ReadableStream, readable_ops};
use crate::timers;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::{json, promise, typed_array};
use std::sync::Arc;

const BINDING: u32 = 1;

/// Longest key, in bytes of UTF-8.
const KEY_BYTES: usize = 512;
/// Largest value, in bytes.
const VALUE_BYTES: usize = 25 << 20;
/// Longest metadata, in bytes of JSON text.
const METADATA_BYTES: usize = 1024;
/// Most keys in one list.
const LIST_LIMIT: u32 = 1000;

/// What a value is read as.
#[derive(Clone, Copy, PartialEq, Eq, Enumeration)]
#[idl(name = "KVNamespaceValueType")]
enum ValueType {
    Text,
    Json,
    #[idl("arrayBuffer")]
    ArrayBuffer,
    Stream,
}

/// Options of `get`.
#[derive(Dictionary)]
#[idl(name = "KVNamespaceGetOptions")]
struct GetOptions {
    #[idl(name = "type")]
    value_type: Optional<ValueType>,
}

/// Options of `put`.
#[derive(Dictionary)]
#[idl(name = "KVNamespacePutOptions")]
struct PutOptions {
    expiration: Optional<f64>,
    expiration_ttl: Optional<f64>,
    metadata: Optional<Value>,
}

/// Options of `list`.
#[derive(Dictionary)]
#[idl(name = "KVNamespaceListOptions")]
struct ListOptions {
    cursor: Optional<Option<DOMString>>,
    limit: Optional<Option<u32>>,
    prefix: Optional<Option<DOMString>>,
}

/// A value whose bytes are still being read.
struct Draft(Stored);

/// A key-value store.
#[interface(name = "KVNamespace", class = class::KV_NAMESPACE, not_global, uses = [ListOptions])]
impl KVNamespace {
    /// <https://developers.cloudflare.com/kv/api/read-key-value-pairs/#get-method>
    #[promise_method(
        ts = "(key: string, type?: 'text' | { type?: 'text' }): Promise<string | null>",
        ts = "<T = unknown>(key: string, type: KVNamespaceGetArgument<'json'>): Promise<T | null>",
        ts = "(key: string, type: KVNamespaceGetArgument<'arrayBuffer'>): Promise<ArrayBuffer | null>",
        ts = "(key: string, type: KVNamespaceGetArgument<'stream'>): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null>"
    )]
    fn get(cx: &mut Context, this: Object, key: USVString, options: Optional<Value>) -> Result<Object> {
        let place = Place::method("KVNamespace", "get");
        let value_type = value_type(cx, *options, &place)?;
        check_key(cx, &key, &place)?;
        let store = store(cx, this)?;
        let found = store.get(&key).map_err(|why| failed(cx, "get", &why))?;
        let value = match found {
            Some(found) => convert(cx, found.bytes, value_type)?,
            None => Value::NULL,
        };
        later(cx, &*store, value)
    }

    /// <https://developers.cloudflare.com/kv/api/read-key-value-pairs/#getwithmetadata-method>
    #[promise_method(
        ts = "<M = unknown>(key: string, type?: 'text' | { type?: 'text' }): Promise<KVNamespaceGetWithMetadataResult<string, M>>",
        ts = "<T = unknown, M = unknown>(key: string, type: KVNamespaceGetArgument<'json'>): \
            Promise<KVNamespaceGetWithMetadataResult<T, M>>",
        ts = "<M = unknown>(key: string, type: KVNamespaceGetArgument<'arrayBuffer'>): \
            Promise<KVNamespaceGetWithMetadataResult<ArrayBuffer, M>>",
        ts = "<M = unknown>(key: string, type: KVNamespaceGetArgument<'stream'>): \
            Promise<KVNamespaceGetWithMetadataResult<ReadableStream<Uint8Array<ArrayBuffer>>, M>>"
    )]
    fn get_with_metadata(cx: &mut Context, this: Object, key: USVString, options: Optional<Value>) -> Result<Object> {
        let place = Place::method("KVNamespace", "getWithMetadata");
        let value_type = value_type(cx, *options, &place)?;
        check_key(cx, &key, &place)?;
        let store = store(cx, this)?;
        let found = store.get(&key).map_err(|why| failed(cx, "getWithMetadata", &why))?;
        let (value, metadata) = match found {
            Some(found) => {
                let metadata = parse_metadata(cx, found.metadata.as_deref())?;
                (convert(cx, found.bytes, value_type)?, metadata)
            }
            None => (Value::NULL, Value::NULL),
        };
        let result = cx.new_plain_object();
        set(cx, result, "value", value)?;
        set(cx, result, "metadata", metadata)?;
        set(cx, result, "cacheStatus", Value::NULL)?;
        later(cx, &*store, result.value())
    }

    /// <https://developers.cloudflare.com/kv/api/write-key-value-pairs/#put-method>
    #[promise_method(ts = "void")]
    fn put(
        cx: &mut Context,
        this: Object,
        key: USVString,
        #[ts("string | BufferSource | ReadableStream")] value: Value,
        options: PutOptions,
    ) -> Result<Object> {
        let place = Place::method("KVNamespace", "put");
        check_key(cx, &key, &place)?;
        let mut draft = Stored { expiration: expiration(cx, &options, &place)?, ..Stored::default() };
        if let Some(metadata) = *options.metadata
            && let Some(text) = json::stringify_value(cx, metadata)?
        {
            let text = text.to_text(&cx.heap);
            if text.len() > METADATA_BYTES {
                return Err(place.type_error(cx, &format!("The metadata is {} bytes long; {METADATA_BYTES} are allowed.", text.len())));
            }
            draft.metadata = Some(text);
        }
        if let Some(stream) = instance::<ReadableStream>(cx, value) {
            if readable_ops::is_locked(cx, stream) || readable_ops::is_disturbed(cx, stream) {
                return Err(place.type_error(cx, "The stream is locked or has been read from."));
            }
            let bytes = consume_stream(cx, stream, Package::Bytes, None)?;
            let number = resources(cx).map_or(0, |resources| resources.add(Box::new(Draft(draft))));
            let promise = promise::new_pending(cx);
            let key = cx.new_string(&key);
            let state = cx.heap.new_values_from(&[promise.value(), this.value(), key, Value::from(number)]);
            upon(cx, bytes, put_read, put_failed, Value::cell(state));
            return Ok(promise);
        }
        draft.bytes = match BufferSource::is_one(cx, value) {
            true => typed_array::bytes_of(cx, value).unwrap_or_default(),
            false => {
                let text = cx.to_string(value)?;
                body::utf8(cx, text)
            }
        };
        let store = write(cx, this, &key, draft)?;
        later(cx, &*store, Value::UNDEFINED)
    }

    /// <https://developers.cloudflare.com/kv/api/delete-key-value-pairs/>
    #[promise_method(ts = "void")]
    fn delete(cx: &mut Context, this: Object, key: USVString) -> Result<Object> {
        check_key(cx, &key, &Place::method("KVNamespace", "delete"))?;
        let store = store(cx, this)?;
        store.delete(&key).map_err(|why| failed(cx, "delete", &why))?;
        later(cx, &*store, Value::UNDEFINED)
    }

    /// <https://developers.cloudflare.com/kv/api/list-keys/>
    #[promise_method(ts = "<M = unknown>(options?: KVNamespaceListOptions): Promise<KVNamespaceListResult<M>>")]
    fn list(cx: &mut Context, this: Object, options: ListOptions) -> Result<Object> {
        let text = |cx: &Context, option: &Optional<Option<DOMString>>| option.iter().flatten().next().map(|text| text.0.to_text(&cx.heap));
        let prefix = text(cx, &options.prefix).unwrap_or_default();
        let cursor = text(cx, &options.cursor).filter(|cursor| !cursor.is_empty());
        let limit = options.limit.flatten().unwrap_or(LIST_LIMIT);
        if limit == 0 || limit > LIST_LIMIT {
            let place = Place::method("KVNamespace", "list");
            return Err(place.type_error(cx, &format!("The limit must be between 1 and {LIST_LIMIT}.")));
        }
        let store = store(cx, this)?;
        // A cursor is the last key given out.
        let page = store.list(&prefix, cursor.as_deref(), limit as usize).map_err(|why| failed(cx, "list", &why))?;
        let mut keys = Vec::with_capacity(page.keys.len());
        for listed in &page.keys {
            cx.spend_fuel(5)?;
            let entry = cx.new_plain_object();
            let name = cx.new_string(&listed.name);
            set(cx, entry, "name", name)?;
            if let Some(expiration) = listed.expiration {
                set(cx, entry, "expiration", Value::number(expiration as f64))?;
            }
            if listed.metadata.is_some() {
                let metadata = parse_metadata(cx, listed.metadata.as_deref())?;
                set(cx, entry, "metadata", metadata)?;
            }
            keys.push(entry.value());
        }
        let result = cx.new_plain_object();
        let keys = cx.new_array(&keys);
        set(cx, result, "keys", keys.value())?;
        set(cx, result, "list_complete", Value::bool(page.is_complete))?;
        if let Some(last) = page.keys.last().filter(|_| !page.is_complete) {
            let cursor = cx.new_string(&last.name);
            set(cx, result, "cursor", cursor)?;
        }
        set(cx, result, "cacheStatus", Value::NULL)?;
        later(cx, &*store, result.value())
    }
}

/// A namespace under the name of its binding.
pub fn create(cx: &mut Context, binding: &str) -> Object {
    let namespace = new_instance::<KVNamespace>(cx);
    let binding = cx.new_string(binding);
    namespace.put(cx, BINDING, binding);
    namespace
}

fn set(cx: &mut Context, object: Object, name: &str, value: Value) -> Result<()> {
    let name = cx.key(name);
    cx.create_data_property_or_throw(object, name, value)
}

fn store(cx: &mut Context, this: Object) -> Result<Arc<dyn KeyValueStore>> {
    let binding = this.at(cx, BINDING).as_string().map_or_else(String::new, |name| name.to_text(&cx.heap));
    with_platform(cx, |platform| platform.key_values(&binding))
}

#[cold]
fn failed(cx: &mut Context, method: &str, why: &str) -> Thrown {
    cx.throw_error(mayfly_engine::ErrorKind::Error, &format!("KV {} failed: {why}", method.to_uppercase()))
}

fn check_key(cx: &mut Context, key: &str, place: &Place<'_>) -> Result<()> {
    let wrong = match key {
        "" => "Key name cannot be empty.".to_string(),
        "." | ".." => format!("\"{key}\" is not allowed as a key name."),
        _ if key.len() > KEY_BYTES => format!("UTF-8 encoded length of {} exceeds key length limit of {KEY_BYTES}.", key.len()),
        _ => return Ok(()),
    };
    Err(place.type_error(cx, &wrong))
}

/// The type, given as a string or in a dictionary.
fn value_type(cx: &mut Context, options: Option<Value>, place: &Place<'_>) -> Result<ValueType> {
    let chosen = match options {
        Some(value) if value.is_string() => Some(ValueType::from_js(cx, value, place)?),
        Some(value) => *GetOptions::from_js(cx, value, place)?.value_type,
        None => None,
    };
    Ok(chosen.unwrap_or(ValueType::Text))
}

fn convert(cx: &mut Context, bytes: Vec<u8>, value_type: ValueType) -> Result<Value> {
    cx.reserve(2 * bytes.len() as u64)?;
    Ok(match value_type {
        ValueType::Text => body::decode_utf8(cx, &bytes)?.value(),
        ValueType::Json => {
            let text = body::decode_utf8(cx, &bytes)?;
            json::parse_string(cx, text)?
        }
        ValueType::ArrayBuffer => typed_array::create_array_buffer(cx, &bytes).value(),
        ValueType::Stream => {
            let bytes = body::new_bytes(cx, &bytes)?;
            body::source::to_stream(cx, Body::Bytes(bytes)).value()
        }
    })
}

fn parse_metadata(cx: &mut Context, text: Option<&str>) -> Result<Value> {
    let Some(text) = text else { return Ok(Value::NULL) };
    let text = cx.heap.new_string(text);
    json::parse_string(cx, text)
}

fn expiration(cx: &mut Context, options: &PutOptions, place: &Place<'_>) -> Result<Option<u64>> {
    let now = with_platform(cx, |platform| platform.now_ms())? / 1000.0;
    let at = match (*options.expiration, *options.expiration_ttl) {
        (_, Some(seconds)) => now + seconds,
        (Some(at), None) => at,
        (None, None) => return Ok(None),
    };
    if at <= now {
        return Err(place.type_error(cx, "The expiration must lie in the future."));
    }
    Ok(Some(at as u64))
}

fn write(cx: &mut Context, this: Object, key: &str, value: Stored) -> Result<Arc<dyn KeyValueStore>> {
    if value.bytes.len() > VALUE_BYTES {
        let place = Place::method("KVNamespace", "put");
        return Err(place.type_error(cx, &format!("The value is {} bytes long; {VALUE_BYTES} are allowed.", value.bytes.len())));
    }
    let store = store(cx, this)?;
    store.put(key, value).map_err(|why| failed(cx, "put", &why))?;
    Ok(store)
}

/// A promise of a value, fulfilled when the store's delay is over.
fn later(cx: &mut Context, store: &dyn KeyValueStore, value: Value) -> Result<Object> {
    let delay = store.delay_ms();
    let promise = promise::new_pending(cx);
    if delay > 0.0 {
        let task = cx.new_native_with_slots(answer, &[promise.value(), value]);
        timers::start(cx, task.value(), delay, false, &[])?;
    } else {
        promise::resolve(cx, promise, value)?;
    }
    Ok(promise)
}

pub(super) fn answer(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(promise) = cx.native_slot(args.callee, 0).as_object() {
        let value = cx.native_slot(args.callee, 1);
        promise::resolve(cx, promise, value)?;
    }
    Ok(Value::UNDEFINED)
}

fn take_draft(cx: &mut Context, state: Ref<Values>) -> Option<Stored> {
    let number = state.number(cx, 3) as u32;
    let resources = resources(cx)?;
    let draft = resources.get::<Draft>(number).map(|draft| std::mem::take(&mut draft.0));
    resources.remove(number);
    draft
}

/// The stream of a `put` has been read.
pub(super) fn put_read(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(state) = this.as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    let (Some(promise), Some(namespace)) = (state.object(cx, 0), state.object(cx, 1)) else { return Ok(Value::UNDEFINED) };
    let key = state.at(cx, 2).as_string().map_or_else(String::new, |key| key.to_text(&cx.heap));
    let bytes = typed_array::bytes_of(cx, args.at(0)).unwrap_or_default();
    let Some(draft) = take_draft(cx, state) else { return Ok(Value::UNDEFINED) };
    match write(cx, namespace, &key, Stored { bytes, ..draft }) {
        Ok(_) => promise::resolve(cx, promise, Value::UNDEFINED)?,
        Err(thrown) => {
            let error = crate::streams::support::caught(cx, thrown)?;
            promise::reject(cx, promise, error);
        }
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn put_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(state) = this.as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    take_draft(cx, state);
    if let Some(promise) = state.object(cx, 0) {
        promise::reject(cx, promise, args.at(0));
    }
    Ok(Value::UNDEFINED)
}
