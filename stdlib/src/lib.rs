//! The worker global scope in Rust, against the engine and the [`platform::Platform`] trait: no sockets, no executor.
//!
//! [`NATIVES`] is the table for `Natives::new`; [`install`] finishes a new context's global object. All state that JS can
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
use mayfly_engine::native::Result;
use webidl::ClassEntry;

mayfly_engine::native_table! {
    /// The natives of the engine and of every class of the worker scope, parents before children. The order is part of the image format.
    pub static NATIVES = &{
        let mut specs = [ENTRIES[0].spec; ENTRIES.len()];
        let mut index = 0;
        while index < ENTRIES.len() {
            specs[index] = ENTRIES[index].spec;
            index += 1;
        }
        specs
    };
}

const CORE: &[ClassEntry] = &[
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

const LISTS: &[&[ClassEntry]] = &[
    CORE,
    performance::CLASSES,
    streams::CLASSES,
    crypto::STREAM_CLASSES,
    url::CLASSES,
    fetch::CLASSES,
    &[ClassEntry::hidden(&tasks::NATIVES)],
    messaging::CLASSES,
    cache::CLASSES,
    service_worker::CLASSES,
    scheduler::CLASSES,
    kv::CLASSES,
    websocket::CLASSES,
    event_source::CLASSES,
    cookie_store::CLASSES,
    webassembly::CLASSES,
];

/// Every class. Only the compiler reads it: what it names would reach the binary as pages of pointers.
const ENTRIES: [ClassEntry; count()] = {
    let mut entries = [CORE[0]; count()];
    let (mut at, mut list) = (0, 0);
    while list < LISTS.len() {
        let (here, _) = entries.split_at_mut(at).1.split_at_mut(LISTS[list].len());
        here.copy_from_slice(LISTS[list]);
        at += LISTS[list].len();
        list += 1;
    }
    entries
};

const fn count() -> usize {
    let (mut count, mut list) = (0, 0);
    while list < LISTS.len() {
        count += LISTS[list].len();
        list += 1;
    }
    count
}

/// Finishes the global object of a new context whose natives are [`NATIVES`].
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
