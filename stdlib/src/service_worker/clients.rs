//! Clients: there are none. <https://w3c.github.io/ServiceWorker/#clients-interface>

use crate::dom_exception;
use crate::webidl::prelude::*;

/// ClientType
#[derive(Clone, Copy, Enumeration)]
enum ClientType {
    Window,
    Worker,
    Sharedworker,
    All,
}

/// ClientQueryOptions
#[derive(Dictionary)]
struct ClientQueryOptions {
    #[allow(dead_code)] // converted for its errors; nothing matches either way
    include_uncontrolled: bool,
    #[idl(name = "type")]
    #[allow(dead_code)] // the same
    client_type: Optional<ClientType>,
}

/// The pages that a worker controls.
#[interface(name = "Clients", class = class::CLIENTS)]
impl Clients {
    // https://w3c.github.io/ServiceWorker/#clients-get
    #[promise_method(ts = "undefined")]
    fn get(_: &mut Context, _this: Object, _id: DOMString) -> Result<()> {
        Ok(())
    }

    // https://w3c.github.io/ServiceWorker/#clients-matchall
    #[promise_method(ts = "never[]")]
    fn match_all(cx: &mut Context, _this: Object, _options: ClientQueryOptions) -> Result<Object> {
        let none = cx.new_array(&[]);
        cx.set_integrity_level(none, mayfly_engine::object::IntegrityLevel::Frozen)?;
        Ok(none)
    }

    // https://w3c.github.io/ServiceWorker/#clients-openwindow
    #[promise_method(ts = "null")]
    fn open_window(cx: &mut Context, _this: Object, url: USVString) -> Result<()> {
        let place = Place::method("Clients", "openWindow");
        if crate::url::parse(&url, crate::url::base(cx).as_deref()).is_none() {
            return Err(place.type_error(cx, &format!("'{}' is not a valid URL.", &*url)));
        }
        let message = place.message("Not allowed to open a window.");
        Err(dom_exception::throw(cx, "InvalidAccessError", &message))
    }

    // https://w3c.github.io/ServiceWorker/#clients-claim
    #[promise_method]
    fn claim(_: &mut Context, _this: Object) -> Result<()> {
        Ok(())
    }
}
