//! Numbers of the platform classes: their place among the embedder's intrinsics (prototype at 2n, constructor at 2n + 1), and internal
//! slot 0 of their instances.
//!
//! A class is named after its parent, so that a brand check can walk up the list.

macro_rules! classes {
    ($($name:ident $(: $parent:ident)?,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u32)]
        enum Number { $($name,)* COUNT }

        $(#[doc = concat!("Number of the class `", stringify!($name), "`.")] pub const $name: u32 = Number::$name as u32;)*

        /// Number of classes.
        pub const COUNT: u32 = Number::COUNT as u32;

        const NONE: u32 = u32::MAX;

        /// Parent of each class.
        const PARENTS: [u32; COUNT as usize] = [$(classes!(@parent $($parent)?),)*];
    };
    (@parent) => { NONE };
    (@parent $parent:ident) => { $parent };
}

classes! {
    // Core of the worker scope.
    DOM_EXCEPTION,
    QUOTA_EXCEEDED_ERROR: DOM_EXCEPTION,
    EVENT_TARGET,
    WORKER_GLOBAL_SCOPE: EVENT_TARGET,
    SERVICE_WORKER_GLOBAL_SCOPE: WORKER_GLOBAL_SCOPE,
    EVENT,
    CUSTOM_EVENT: EVENT,
    ERROR_EVENT: EVENT,
    MESSAGE_EVENT: EVENT,
    PROMISE_REJECTION_EVENT: EVENT,
    PROGRESS_EVENT: EVENT,
    CLOSE_EVENT: EVENT,
    EXTENDABLE_EVENT: EVENT,
    FETCH_EVENT: EXTENDABLE_EVENT,
    SCHEDULED_EVENT: EXTENDABLE_EVENT,
    ABORT_CONTROLLER,
    ABORT_SIGNAL: EVENT_TARGET,
    TEXT_ENCODER,
    TEXT_DECODER,
    CRYPTO,
    SUBTLE_CRYPTO,
    CRYPTO_KEY,
    PERFORMANCE: EVENT_TARGET,
    PERFORMANCE_ENTRY,
    PERFORMANCE_MARK: PERFORMANCE_ENTRY,
    PERFORMANCE_MEASURE: PERFORMANCE_ENTRY,
    PERFORMANCE_OBSERVER,
    PERFORMANCE_OBSERVER_ENTRY_LIST,
    NAVIGATOR,
    WORKER_LOCATION,
    CONSOLE,
    EXECUTION_CONTEXT,
    // Streams.
    READABLE_STREAM,
    READABLE_STREAM_DEFAULT_READER,
    READABLE_STREAM_BYOB_READER,
    READABLE_STREAM_DEFAULT_CONTROLLER,
    READABLE_BYTE_STREAM_CONTROLLER,
    READABLE_STREAM_BYOB_REQUEST,
    READABLE_STREAM_ASYNC_ITERATOR,
    WRITABLE_STREAM,
    WRITABLE_STREAM_DEFAULT_WRITER,
    DIGEST_STREAM: WRITABLE_STREAM,
    WRITABLE_STREAM_DEFAULT_CONTROLLER,
    TRANSFORM_STREAM,
    TRANSFORM_STREAM_DEFAULT_CONTROLLER,
    IDENTITY_TRANSFORM_STREAM: TRANSFORM_STREAM,
    FIXED_LENGTH_STREAM: IDENTITY_TRANSFORM_STREAM,
    COUNT_QUEUING_STRATEGY,
    BYTE_LENGTH_QUEUING_STRATEGY,
    TEXT_ENCODER_STREAM,
    TEXT_DECODER_STREAM,
    COMPRESSION_STREAM,
    DECOMPRESSION_STREAM,
    // URL.
    URL,
    URL_SEARCH_PARAMS,
    URL_SEARCH_PARAMS_ITERATOR,
    URL_PATTERN,
    // Fetch.
    HEADERS,
    HEADERS_ITERATOR,
    REQUEST,
    RESPONSE,
    BLOB,
    FILE: BLOB,
    FILE_LIST,
    FILE_READER: EVENT_TARGET,
    FORM_DATA,
    FORM_DATA_ITERATOR,
    // Connections.
    WEB_SOCKET: EVENT_TARGET,
    WEB_SOCKET_PAIR,
    EVENT_SOURCE: EVENT_TARGET,
    // Messaging.
    MESSAGE_CHANNEL,
    MESSAGE_PORT: EVENT_TARGET,
    BROADCAST_CHANNEL: EVENT_TARGET,
    // The service worker's scope.
    SERVICE_WORKER: EVENT_TARGET,
    SERVICE_WORKER_REGISTRATION: EVENT_TARGET,
    NAVIGATION_PRELOAD_MANAGER,
    CLIENTS,
    EXTENDABLE_MESSAGE_EVENT: EXTENDABLE_EVENT,
    CACHE_STORAGE,
    CACHE,
    COOKIE_STORE: EVENT_TARGET,
    SCHEDULER,
    KV_NAMESPACE,
    // WebAssembly.
    WEB_ASSEMBLY,
    WASM_COMPILE_ERROR,
    WASM_LINK_ERROR,
    WASM_RUNTIME_ERROR,
    WASM_MODULE,
    WASM_INSTANCE,
    WASM_MEMORY,
    WASM_TABLE,
    WASM_GLOBAL,
    WASM_TAG,
    WASM_EXCEPTION,
    // Hidden natives of modules that have no class of their own.
    CORE_REACTIONS,
    STREAM_REACTIONS,
    FETCH_REACTIONS,
    SPARE_REACTIONS,
}

/// Whether class `number` is `wanted` or inherits from it.
pub fn derives(mut number: u32, wanted: u32) -> bool {
    while number != wanted {
        match PARENTS.get(number as usize) {
            Some(&parent) => number = parent,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inheritance() {
        assert!(derives(FETCH_EVENT, EVENT));
        assert!(derives(FETCH_EVENT, FETCH_EVENT));
        assert!(!derives(EVENT, FETCH_EVENT));
        assert!(!derives(HEADERS, EVENT));
        assert!(!derives(u32::MAX - 1, EVENT));
        const { assert!(COUNT <= mayfly_engine::realm::EMBEDDER_CLASSES) };
    }
}
