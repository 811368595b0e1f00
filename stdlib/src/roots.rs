//! Numbers of the embedder's roots: values that belong to the worker scope as a whole.

/// Listeners of the global object (see `event_target`).
pub const GLOBAL_LISTENERS: u32 = 0;
/// Accessor pair of `isTrusted`, shared by all events.
pub const IS_TRUSTED: u32 = 1;
/// The `crypto` object.
pub const CRYPTO: u32 = 2;
/// The `crypto.subtle` object.
pub const SUBTLE_CRYPTO: u32 = 3;
/// The `performance` object.
pub const PERFORMANCE: u32 = 4;
/// The `navigator` object.
pub const NAVIGATOR: u32 = 5;
/// The event being dispatched at the global object (`self.event` is not exposed, but `reportError` must not recurse).
pub const REPORTING: u32 = 6;
/// Counters, labels and timers of `console`.
pub const CONSOLE: u32 = 7;
/// Timers that wait: a record of (id, callback, arguments, repeat).
pub const TIMERS: u32 = 8;
/// Promises rejected without a handler since the last checkpoint.
pub const REJECTIONS: u32 = 9;
/// The `location` object.
pub const LOCATION: u32 = 10;
/// Entries of the performance timeline.
pub const PERFORMANCE_ENTRIES: u32 = 11;
/// Registered performance observers.
pub const PERFORMANCE_OBSERVERS: u32 = 12;
/// Whether the observers' task is queued.
pub const PERFORMANCE_TASK: u32 = 13;
/// `PerformanceObserver.supportedEntryTypes`.
pub const SUPPORTED_ENTRY_TYPES: u32 = 14;
/// The last number that was given to a performance entry.
pub const PERFORMANCE_LAST_ID: u32 = 15;
/// `performance.timeOrigin`, once it was read.
pub const TIME_ORIGIN: u32 = 16;
/// First root of streams, URL and fetch classes.
pub const FETCH_FIRST: u32 = 32;
/// `size` function of CountQueuingStrategy.
pub const COUNT_SIZE: u32 = FETCH_FIRST;
/// `size` function of ByteLengthQueuingStrategy.
pub const BYTE_LENGTH_SIZE: u32 = FETCH_FIRST + 1;
/// Base of relative URLs in fetch.
pub const BASE_URL: u32 = FETCH_FIRST + 2;
/// URLs made by `URL.createObjectURL`, and their blobs.
pub const BLOB_URLS: u32 = FETCH_FIRST + 3;
/// First root of messaging, caches and the service worker's scope.
pub const SCOPE_FIRST: u32 = 44;
/// Tasks that wait (see `tasks`).
pub const TASKS: u32 = SCOPE_FIRST;
/// Open BroadcastChannels.
pub const BROADCAST_CHANNELS: u32 = SCOPE_FIRST + 1;
/// The `caches` object.
pub const CACHES: u32 = SCOPE_FIRST + 2;
/// `caches.default`.
pub const DEFAULT_CACHE: u32 = SCOPE_FIRST + 3;
/// The `registration` object.
pub const REGISTRATION: u32 = SCOPE_FIRST + 4;
/// The `serviceWorker` object.
pub const SERVICE_WORKER: u32 = SCOPE_FIRST + 5;
/// The `clients` object.
pub const CLIENTS: u32 = SCOPE_FIRST + 6;
/// The `scheduler` object.
pub const SCHEDULER: u32 = SCOPE_FIRST + 7;
/// The `cookieStore` object.
pub const COOKIE_STORE: u32 = SCOPE_FIRST + 8;
/// `navigator.languages`, frozen.
pub const LANGUAGES: u32 = SCOPE_FIRST + 9;
/// The request whose cookies `cookieStore` holds.
pub const COOKIE_REQUEST: u32 = SCOPE_FIRST + 10;
/// `WebAssembly.JSTag`, once it was read.
pub const WASM_JS_TAG: u32 = SCOPE_FIRST + 11;
/// First root of the runtime.
pub const RUNTIME_FIRST: u32 = 64;
