//! Numbers of the embedder's roots that belong to the runtime. They lie side by side, so that a request dirties one card for all.

use mayfly_engine::Context;
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
/// Where reading of the reply's body stands.
pub const CHUNK: u32 = RUNTIME_FIRST + 5;
/// Source maps of the modules, as a record of texts (see [`crate::source_map`]).
pub const SOURCE_MAPS: u32 = RUNTIME_FIRST + 6;
/// The last of them.
const LAST: u32 = SOURCE_MAPS;

/// Makes room for all of them, while an image is built.
pub fn reserve(cx: &mut Context) {
    let last = cx.embedder_root(LAST);
    cx.set_embedder_root(LAST, last);
}
