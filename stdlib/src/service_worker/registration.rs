//! ServiceWorkerRegistration, ServiceWorker, NavigationPreloadManager. <https://w3c.github.io/ServiceWorker/#serviceworkerregistration-interface>
//!
//! Internal slots; 1 belongs to EventTarget. Of a registration: 2 its active worker, 3 its NavigationPreloadManager.

use super::message_event;
use crate::event_target::{self, EventTarget};
use crate::messaging::transfer;
use crate::streams::support::Slots;
use crate::url;
use crate::webidl::prelude::*;

const ACTIVE: u32 = 2;
const PRELOAD: u32 = 3;

/// A worker's script and state.
#[interface(
    name = "ServiceWorker",
    class = class::SERVICE_WORKER,
    parent = EventTarget,
    events = "statechange: Event, error: ErrorEvent",
)]
impl ServiceWorker {
    // https://w3c.github.io/ServiceWorker/#service-worker-url
    /// The worker's location; empty when it has none.
    #[getter(name = "scriptURL")]
    fn script_url(cx: &mut Context, _this: Object) -> Result<String> {
        Ok(url::base(cx).unwrap_or_default())
    }

    // https://w3c.github.io/ServiceWorker/#dom-serviceworker-state
    #[getter(ts = "ServiceWorkerState")]
    fn state(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("activated")
    }

    // https://w3c.github.io/ServiceWorker/#service-worker-postmessage
    #[method(
        length = 1,
        ts = "(message: any, transfer: Iterable<Transferable>): void",
        ts = "(message: any, options?: StructuredSerializeOptions): void"
    )]
    fn post_message(cx: &mut Context, _this: Object, message: Value, options: Optional<Value>) -> Result<()> {
        let place = Place::method("ServiceWorker", "postMessage");
        let transfer = transfer::argument(cx, options.unwrap_or(Value::UNDEFINED), &place.argument(1))?;
        message_event::post(cx, message, &transfer)
    }

    // https://w3c.github.io/ServiceWorker/#dom-serviceworker-onstatechange
    #[getter(name = "onstatechange")]
    fn onstatechange(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "statechange"))
    }

    #[setter(name = "onstatechange")]
    fn set_onstatechange(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "statechange", value);
        Ok(())
    }

    // https://html.spec.whatwg.org/multipage/workers.html#handler-abstractworker-onerror
    #[getter(name = "onerror")]
    fn onerror(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "error"))
    }

    #[setter(name = "onerror")]
    fn set_onerror(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "error", value);
        Ok(())
    }
}

/// Navigation preload, which nothing here asks for. <https://w3c.github.io/ServiceWorker/#navigation-preload-manager>
#[interface(name = "NavigationPreloadManager", class = class::NAVIGATION_PRELOAD_MANAGER)]
impl NavigationPreloadManager {
    // https://w3c.github.io/ServiceWorker/#navigation-preload-manager-enable
    #[promise_method]
    fn enable(_: &mut Context, _this: Object) -> Result<()> {
        Ok(())
    }

    // https://w3c.github.io/ServiceWorker/#navigation-preload-manager-disable
    #[promise_method]
    fn disable(_: &mut Context, _this: Object) -> Result<()> {
        Ok(())
    }

    // https://w3c.github.io/ServiceWorker/#navigation-preload-manager-setheadervalue
    #[promise_method]
    fn set_header_value(_: &mut Context, _this: Object, _value: ByteString) -> Result<()> {
        Ok(())
    }

    // https://w3c.github.io/ServiceWorker/#navigation-preload-manager-getstate
    #[promise_method(ts = "NavigationPreloadState")]
    fn get_state(cx: &mut Context, _this: Object) -> Result<Object> {
        let state = cx.new_plain_object();
        let (enabled, header) = (cx.key("enabled"), cx.key("headerValue"));
        cx.create_data_property_or_throw(state, enabled, Value::FALSE)?;
        let value = cx.new_string("true");
        cx.create_data_property_or_throw(state, header, value)?;
        Ok(state)
    }
}

/// The worker as its host knows it.
#[interface(
    name = "ServiceWorkerRegistration",
    class = class::SERVICE_WORKER_REGISTRATION,
    parent = EventTarget,
    events = "updatefound: Event",
)]
impl ServiceWorkerRegistration {
    // https://w3c.github.io/ServiceWorker/#navigator-service-worker-installing
    #[getter(ts = "ServiceWorker | null")]
    fn installing(_: &mut Context, _this: Object) -> Result<Option<Value>> {
        Ok(None)
    }

    // https://w3c.github.io/ServiceWorker/#navigator-service-worker-waiting
    #[getter(ts = "ServiceWorker | null")]
    fn waiting(_: &mut Context, _this: Object) -> Result<Option<Value>> {
        Ok(None)
    }

    // https://w3c.github.io/ServiceWorker/#navigator-service-worker-active
    #[getter(ts = "ServiceWorker | null")]
    fn active(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, ACTIVE))
    }

    // https://w3c.github.io/ServiceWorker/#service-worker-registration-navigationpreload
    #[getter(ts = "NavigationPreloadManager")]
    fn navigation_preload(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, PRELOAD))
    }

    // https://w3c.github.io/ServiceWorker/#service-worker-registration-scope
    /// The folder of the worker's location, as for a registration without a scope; empty when it has none.
    #[getter]
    fn scope(cx: &mut Context, _this: Object) -> Result<String> {
        let folder = url::base(cx).and_then(|base| url::parse("./", Some(&base)));
        Ok(folder.map_or_else(String::new, |url| url.serialize().href))
    }

    // https://w3c.github.io/ServiceWorker/#service-worker-registration-updateviacache
    #[getter(name = "updateViaCache", ts = "'imports' | 'all' | 'none'")]
    fn update_via_cache(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("imports")
    }

    // https://w3c.github.io/ServiceWorker/#service-worker-registration-update
    #[promise_method(ts = "ServiceWorkerRegistration")]
    fn update(_: &mut Context, this: Object) -> Result<Object> {
        Ok(this)
    }

    // https://w3c.github.io/ServiceWorker/#navigator-service-worker-unregister
    /// A worker cannot end its own service.
    #[promise_method]
    fn unregister(_: &mut Context, _this: Object) -> Result<bool> {
        Ok(false)
    }

    // https://w3c.github.io/ServiceWorker/#dom-serviceworkerregistration-onupdatefound
    #[getter(name = "onupdatefound")]
    fn onupdatefound(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "updatefound"))
    }

    #[setter(name = "onupdatefound")]
    fn set_onupdatefound(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "updatefound", value);
        Ok(())
    }
}

/// The registration of a worker.
pub(super) fn create(cx: &mut Context, worker: Object) -> Object {
    let registration = new_instance::<ServiceWorkerRegistration>(cx);
    registration.put(cx, ACTIVE, worker);
    let preload = new_instance::<NavigationPreloadManager>(cx);
    registration.put(cx, PRELOAD, preload);
    registration
}
