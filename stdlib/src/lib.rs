//! The worker global scope in Rust, against the engine and the [`platform::Platform`] trait: no sockets, no executor.
//!
//! [`classes`] lists the class tables for `Natives::new`; [`install`] finishes a new context's global object. All state that JS can
//! reach is in the cage; host resources are numbers.
#![forbid(unsafe_code)]

pub mod abort;
pub mod base64;
pub mod blocking;
pub mod body;
pub mod cache;
pub mod class;
pub mod console;
pub mod cookie_store;
pub mod crypto;
pub mod dom_exception;
pub mod encoding;
pub mod event;
pub mod event_source;
pub mod event_target;
pub mod fake;
pub mod fetch;
pub mod fetch_event;
pub mod global_scope;
pub mod inspect;
pub mod kv;
pub mod location;
pub mod messaging;
pub mod navigator;
pub mod performance;
pub mod platform;
pub mod progress_event;
pub mod report;
pub mod roots;
pub mod scheduler;
pub mod service_worker;
pub mod streams;
pub mod structured_clone;
pub mod tasks;
pub mod timers;
pub mod typescript;
pub mod url;
mod warm;
pub mod webassembly;
pub mod webidl;
pub mod websocket;

use mayfly_engine::context::Context;
use mayfly_engine::native::{ClassSpec, Result};
use webidl::ClassEntry;

/// Every class table of the worker scope, parents before children. The order is part of the image format.
pub fn classes() -> Vec<&'static ClassSpec> {
    entries().iter().map(|entry| entry.spec).collect()
}

fn entries() -> Vec<ClassEntry> {
    let core: &[ClassEntry] = &[
        dom_exception::DomException::ENTRY,
        dom_exception::QuotaExceededError::ENTRY,
        event_target::EventTarget::ENTRY,
        global_scope::WorkerGlobalScope::ENTRY,
        global_scope::ServiceWorkerGlobalScope::ENTRY,
        event::Event::ENTRY,
        event::CustomEvent::ENTRY,
        event::ErrorEvent::ENTRY,
        event::PromiseRejectionEvent::ENTRY,
        progress_event::ProgressEvent::ENTRY,
        fetch_event::LifetimeReactions::ENTRY,
        fetch_event::ExtendableEvent::ENTRY,
        fetch_event::FetchEvent::ENTRY,
        fetch_event::ScheduledEvent::ENTRY,
        fetch_event::ExecutionContext::ENTRY,
        abort::AbortController::ENTRY,
        abort::AbortSignal::ENTRY,
        encoding::TextEncoder::ENTRY,
        encoding::TextDecoder::ENTRY,
        crypto::Crypto::ENTRY,
        crypto::SubtleCrypto::ENTRY,
        crypto::CryptoKey::ENTRY,
        navigator::WorkerNavigator::ENTRY,
        location::WorkerLocation::ENTRY,
        console::Console::ENTRY,
        timers::TimerFunctions::ENTRY,
        global_scope::GlobalScope::ENTRY,
        global_scope::GlobalHandlers::ENTRY,
        crypto::CryptoAttribute::ENTRY,
        navigator::NavigatorAttribute::ENTRY,
    ];
    let tasks: &[ClassEntry] = &[ClassEntry::hidden(&tasks::NATIVES)];
    [
        core,
        performance::CLASSES,
        streams::CLASSES,
        crypto::STREAM_CLASSES,
        url::CLASSES,
        fetch::CLASSES,
        tasks,
        messaging::CLASSES,
        cache::CLASSES,
    ]
    .into_iter()
    .chain([service_worker::CLASSES, scheduler::CLASSES, kv::CLASSES, websocket::CLASSES, event_source::CLASSES, cookie_store::CLASSES])
    .chain([webassembly::CLASSES])
    .flatten()
    .copied()
    .collect()
}

/// Finishes the global object of a new context whose natives hold [`classes`].
pub fn install(cx: &mut Context) -> Result<()> {
    global_scope::install(cx)?;
    event::install(cx);
    console::install(cx)?;
    crypto::install(cx);
    performance::install(cx);
    navigator::install(cx)?;
    cache::install(cx);
    service_worker::install(cx);
    scheduler::install(cx);
    cookie_store::install(cx);
    webassembly::install(cx);
    warm::warm(cx)
}
