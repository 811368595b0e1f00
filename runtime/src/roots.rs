//! Numbers of the embedder's roots that belong to the runtime. They lie side by side, so that a request dirties one card for all.

use mayfly_engine::{Context, Value};
use mayfly_stdlib::roots::RUNTIME_FIRST;

/// The default export with the handlers; undefined where listeners take requests.
pub const EXPORT: u32 = RUNTIME_FIRST;
/// The `env` argument.
pub const ENVIRONMENT: u32 = RUNTIME_FIRST + 1;
/// The `ctx` argument, or the FetchEvent.
pub const EVENT: u32 = RUNTIME_FIRST + 2;
/// What the handler returned, as a promise.
pub const RESULT: u32 = RUNTIME_FIRST + 3;
/// Reader of the reply's body.
pub const READER: u32 = RUNTIME_FIRST + 4;
/// Promise of the next chunk.
pub const CHUNK: u32 = RUNTIME_FIRST + 5;
/// Handler and arguments of the timer that runs.
pub const LAST: u32 = CHUNK;

/// Makes room for all of them, while an image is built.
pub fn reserve(cx: &mut Context) {
    cx.set_embedder_root(LAST, Value::UNDEFINED);
}
