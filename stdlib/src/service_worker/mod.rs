//! What a service worker finds around itself: registration, clients, `skipWaiting`, messages. <https://w3c.github.io/ServiceWorker/>
//!
//! Here a worker is installed and active before its first request, no page is a client, and there is nothing to wait for: what a browser
//! decides over time is decided already.

mod clients;
mod import_scripts;
mod message_event;
mod registration;

use crate::webidl::prelude::*;
use mayfly_engine::builtins::promise;
use mayfly_engine::native;
use mayfly_engine::native::{ClassSpec, table};

pub use clients::Clients;
pub use message_event::ExtendableMessageEvent;
pub use registration::{NavigationPreloadManager, ServiceWorker, ServiceWorkerRegistration};

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] = &[
    ServiceWorker::ENTRY,
    NavigationPreloadManager::ENTRY,
    ServiceWorkerRegistration::ENTRY,
    Clients::ENTRY,
    ExtendableMessageEvent::ENTRY,
    ServiceWorkerScope::ENTRY,
    import_scripts::ImportScripts::ENTRY,
    ClassEntry::hidden(&TASKS),
];

/// Tasks of this folder.
static TASKS: ClassSpec = crate::streams::hidden_natives("service worker tasks", &[table::hidden("", 0, native!(message_event::deliver))]);

/// Members of ServiceWorkerGlobalScope.
#[namespace(global)]
impl ServiceWorkerScope {
    // https://w3c.github.io/ServiceWorker/#service-worker-global-scope-registration
    #[getter(ts = "ServiceWorkerRegistration")]
    fn registration(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::REGISTRATION))
    }

    // https://w3c.github.io/ServiceWorker/#service-worker-global-scope-serviceworker
    #[getter(ts = "ServiceWorker")]
    fn service_worker(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::SERVICE_WORKER))
    }

    // https://w3c.github.io/ServiceWorker/#service-worker-global-scope-clients
    #[getter(ts = "Clients")]
    fn clients(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::CLIENTS))
    }

    // https://w3c.github.io/ServiceWorker/#service-worker-global-scope-skipwaiting
    #[promise_method(ts = "void")]
    fn skip_waiting(cx: &mut Context) -> Result<Object> {
        Ok(promise::new_fulfilled(cx, Value::UNDEFINED))
    }
}

/// Makes the instances of which there is one.
pub fn install(cx: &mut Context) {
    let worker = new_instance::<ServiceWorker>(cx);
    cx.set_embedder_root(roots::SERVICE_WORKER, worker.value());
    let registration = registration::create(cx, worker);
    cx.set_embedder_root(roots::REGISTRATION, registration.value());
    let clients = new_instance::<Clients>(cx);
    cx.set_embedder_root(roots::CLIENTS, clients.value());
}
