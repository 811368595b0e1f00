//! DigestStream: a writable stream whose result is the digest of what was written.
//! <https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#constructors>
//!
//! The digest so far is a resource of the host; it is made by the first write or the end.

use super::algorithm::{AlgorithmIdentifier, normalize_hash};
use super::hash::{Hash, Hasher};
use crate::platform::{resources, with_platform};
use crate::streams::WritableStream;
use crate::streams::support::{Slots, rejected_type_error, resolved_undefined};
use crate::streams::writable_controller::{self as controller, kind};
use crate::webidl::prelude::*;
use mayfly_engine::bigint;
use mayfly_engine::builtins::{promise, typed_array};

/// Slots beyond those of WritableStream.
mod slot {
    /// The promise of the digest.
    pub(super) const DIGEST: u32 = 16;
    /// Number of the hash function.
    pub(super) const HASH: u32 = 17;
    /// Number of the resource, undefined while there is none.
    pub(super) const RESOURCE: u32 = 18;
    /// Bytes written.
    pub(super) const WRITTEN: u32 = 19;
}

/// Bytes that are hashed in the time of one unit of fuel.
const BYTES_PER_FUEL: u64 = 4;

/// `crypto.DigestStream`.
#[interface(
    name = "DigestStream",
    class = class::DIGEST_STREAM,
    parent = WritableStream,
    large,
    not_global,
    extends = "WritableStream<BufferSource>",
)]
impl DigestStream {
    #[constructor]
    fn new(cx: &mut Context, this: Object, algorithm: AlgorithmIdentifier) -> Result<()> {
        let place = Place::member(PlaceKind::Constructor, "DigestStream", "constructor");
        let hash = normalize_hash(cx, &algorithm, &place)?;
        let digest = promise::new_pending(cx);
        // An aborted stream is no unhandled rejection when nobody asked for the digest.
        promise::mark_handled(cx, digest);
        this.put(cx, slot::DIGEST, digest);
        this.put(cx, slot::HASH, i32::from(hash as u8));
        this.put(cx, slot::WRITTEN, 0.0);
        controller::set_up_native(cx, this, kind::DIGEST, this, Value::UNDEFINED, 1.0, Value::UNDEFINED)
    }

    #[promise_getter(ts = "ArrayBuffer")]
    fn digest(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::DIGEST))
    }

    #[getter(ts = "number | bigint")]
    fn bytes_written(cx: &mut Context, this: Object) -> Result<Value> {
        let written = this.number(cx, slot::WRITTEN) as u64;
        Ok(bigint::from_u64(&cx.heap, written).value())
    }
}

/// Runs `action` on the digest so far.
fn with_hasher<T>(cx: &mut Context, stream: Object, action: impl FnOnce(&mut Hasher) -> T) -> Result<Option<T>> {
    if stream.at(cx, slot::RESOURCE).is_undefined() {
        // While an image is built, nothing outside the cage may come to be: the platform says why.
        with_platform(cx, |platform| platform.needs_request("A DigestStream cannot be written to"))?;
        let hash = Hash::from_number(stream.int(cx, slot::HASH) as u8).unwrap_or(Hash::Sha256);
        let number = resources(cx).map_or(0, |resources| resources.add(Box::new(Hasher::new(hash))));
        stream.put(cx, slot::RESOURCE, f64::from(number));
    }
    let number = stream.number(cx, slot::RESOURCE) as u32;
    Ok(resources(cx).and_then(|resources| resources.get::<Hasher>(number)).map(action))
}

fn drop_hasher(cx: &mut Context, stream: Object) {
    let number = stream.number(cx, slot::RESOURCE) as u32;
    if let Some(resources) = resources(cx) {
        resources.remove(number);
    }
}

fn reject_digest(cx: &mut Context, stream: Object, reason: Value) {
    if let Some(digest) = stream.object(cx, slot::DIGEST) {
        promise::reject(cx, digest, reason);
    }
}

/// The write algorithm: bytes, and text as UTF-8.
pub(crate) fn write(cx: &mut Context, stream: Object, chunk: Value) -> Result<Object> {
    let bytes = match chunk.as_string() {
        Some(text) => Some(crate::body::utf8(cx, text)),
        None => typed_array::bytes_of(cx, chunk),
    };
    let Some(bytes) = bytes else {
        let promise = rejected_type_error(
            cx,
            "DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.",
        );
        let (_, reason) = promise::state(cx, promise);
        reject_digest(cx, stream, reason);
        drop_hasher(cx, stream);
        return Ok(promise);
    };
    cx.spend_fuel(bytes.len() as u64 / BYTES_PER_FUEL)?;
    with_hasher(cx, stream, |hasher| hasher.update(&bytes))?;
    let written = stream.number(cx, slot::WRITTEN) + bytes.len() as f64;
    stream.put(cx, slot::WRITTEN, written);
    Ok(resolved_undefined(cx))
}

/// The close algorithm.
pub(crate) fn close(cx: &mut Context, stream: Object) -> Result<Object> {
    let bytes = with_hasher(cx, stream, Hasher::finish)?;
    drop_hasher(cx, stream);
    if let (Some(digest), Some(bytes)) = (stream.object(cx, slot::DIGEST), bytes) {
        let buffer = typed_array::create_array_buffer(cx, &bytes);
        promise::resolve(cx, digest, buffer.value())?;
    }
    Ok(resolved_undefined(cx))
}

/// The abort algorithm.
pub(crate) fn abort(cx: &mut Context, stream: Object, reason: Value) -> Result<Object> {
    reject_digest(cx, stream, reason);
    drop_hasher(cx, stream);
    Ok(resolved_undefined(cx))
}
