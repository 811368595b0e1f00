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
pub mod url;
mod warm;
pub mod webidl;
pub mod websocket;

use mayfly_engine::context::Context;
use mayfly_engine::native::{ClassSpec, Result};
use webidl::Interface;

/// Every class table of the worker scope, parents before children. The order is part of the image format.
pub fn classes() -> Vec<&'static ClassSpec> {
    let core: &[&'static ClassSpec] = &[
        dom_exception::DomException::SPEC,
        dom_exception::QuotaExceededError::SPEC,
        event_target::EventTarget::SPEC,
        global_scope::WorkerGlobalScope::SPEC,
        global_scope::ServiceWorkerGlobalScope::SPEC,
        event::Event::SPEC,
        event::CustomEvent::SPEC,
        event::ErrorEvent::SPEC,
        event::PromiseRejectionEvent::SPEC,
        progress_event::ProgressEvent::SPEC,
        fetch_event::LifetimeReactions::SPEC,
        fetch_event::ExtendableEvent::SPEC,
        fetch_event::FetchEvent::SPEC,
        fetch_event::ScheduledEvent::SPEC,
        fetch_event::ExecutionContext::SPEC,
        abort::AbortController::SPEC,
        abort::AbortSignal::SPEC,
        encoding::TextEncoder::SPEC,
        encoding::TextDecoder::SPEC,
        crypto::Crypto::SPEC,
        crypto::SubtleCrypto::SPEC,
        crypto::CryptoKey::SPEC,
        navigator::WorkerNavigator::SPEC,
        location::WorkerLocation::SPEC,
        console::Console::SPEC,
        timers::TimerFunctions::SPEC,
        global_scope::GlobalScope::SPEC,
        global_scope::GlobalHandlers::SPEC,
        crypto::CryptoAttribute::SPEC,
        navigator::NavigatorAttribute::SPEC,
    ];
    let tasks: &[&'static ClassSpec] = &[&tasks::NATIVES];
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
    warm::warm(cx)
}
