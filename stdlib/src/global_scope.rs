//! The global object: its interfaces, `self`, event handlers, microtasks, base64, `structuredClone`, `reportError`.
//! <https://html.spec.whatwg.org/multipage/workers.html#the-workerglobalscope-common-interface>

use crate::base64;
use crate::event_target::{self, EventTarget};
use crate::messaging::transfer::StructuredSerializeOptions;
use crate::report;
use crate::structured_clone;
use crate::webidl::prelude::*;

/// WorkerGlobalScope
#[interface(name = "WorkerGlobalScope", class = class::WORKER_GLOBAL_SCOPE, global_object, parent = EventTarget)]
impl WorkerGlobalScope {}

/// ServiceWorkerGlobalScope: what the global object is an instance of.
#[interface(
    name = "ServiceWorkerGlobalScope",
    class = class::SERVICE_WORKER_GLOBAL_SCOPE,
    global_object,
    parent = WorkerGlobalScope,
    events = "error: ErrorEvent, unhandledrejection: PromiseRejectionEvent, rejectionhandled: PromiseRejectionEvent, languagechange: \
        Event, offline: Event, online: Event, fetch: FetchEvent, scheduled: ScheduledEvent, install: ExtendableEvent, activate: \
        ExtendableEvent, message: ExtendableMessageEvent, messageerror: MessageEvent",
)]
impl ServiceWorkerGlobalScope {}

/// Members of the global object itself.
#[namespace(global, uses = [StructuredSerializeOptions])]
impl GlobalScope {
    // https://html.spec.whatwg.org/multipage/workers.html#dom-workerglobalscope-self
    #[getter(name = "self", replaceable, ts = "ServiceWorkerGlobalScope & typeof globalThis")]
    fn self_(cx: &mut Context) -> Result<Object> {
        Ok(cx.global())
    }

    // https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#microtask-queuing
    #[method(ts = "(callback: () => void): void")]
    fn queue_microtask(cx: &mut Context, callback: Callback) -> Result<()> {
        cx.enqueue_job(GlobalScope::run_microtask, &[callback.value()]);
        Ok(())
    }

    #[hidden]
    fn run_microtask(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
        match cx.call_collecting(args.at(0), Value::UNDEFINED, &[]) {
            Ok(_) => {}
            Err(thrown) => match cx.take_exception() {
                Some(exception) => report::report_exception(cx, exception)?,
                None => return Err(thrown),
            },
        }
        Ok(Value::UNDEFINED)
    }

    // https://html.spec.whatwg.org/multipage/webappapis.html#dom-reporterror
    #[method]
    fn report_error(cx: &mut Context, error: Value) -> Result<()> {
        let here = report::current_position(cx);
        report::report_exception_at(cx, error, here)
    }

    // https://html.spec.whatwg.org/multipage/webappapis.html#dom-atob
    #[method]
    fn atob(cx: &mut Context, data: DOMString) -> Result<JsString> {
        match base64::forgiving_decode(data.0.units(&cx.heap)) {
            Some(bytes) => {
                cx.reserve(bytes.len() as u64)?;
                Ok(cx.heap.new_latin1(&bytes))
            }
            None => {
                let message = Place::method("WorkerGlobalScope", "atob").message("The string to be decoded is not correctly encoded.");
                Err(crate::dom_exception::throw(cx, "InvalidCharacterError", &message))
            }
        }
    }

    // https://html.spec.whatwg.org/multipage/webappapis.html#dom-btoa
    #[method]
    fn btoa(cx: &mut Context, data: DOMString) -> Result<JsString> {
        use mayfly_engine::string::Units;
        let bytes: Option<Vec<u8>> = match data.0.units(&cx.heap) {
            Units::Latin1(units) => Some(units.to_vec()),
            Units::Utf16(units) => units.iter().map(|&unit| u8::try_from(unit).ok()).collect(),
        };
        let Some(bytes) = bytes else {
            let detail = "The string to be encoded contains characters outside of the Latin1 range.";
            let message = Place::method("WorkerGlobalScope", "btoa").message(detail);
            return Err(crate::dom_exception::throw(cx, "InvalidCharacterError", &message));
        };
        let encoded = base64::encode(&bytes);
        cx.reserve(encoded.len() as u64)?;
        Ok(cx.heap.new_latin1(encoded.as_bytes()))
    }

    // https://html.spec.whatwg.org/multipage/structured-data.html#dom-structuredclone
    #[method(ts = "<T = any>(value: T, options?: StructuredSerializeOptions): T")]
    fn structured_clone(cx: &mut Context, value: Value, options: StructuredSerializeOptions) -> Result<Value> {
        structured_clone::clone(cx, value, &options.transfer)
    }
}

macro_rules! handlers {
    ($($get:ident, $set:ident, $text:literal;)*) => {
        /// Event handler attributes of the global object.
        #[namespace(global)]
        impl GlobalHandlers {
            $(
                #[getter(name = $text)]
                fn $get(cx: &mut Context) -> Result<Value> {
                    let global = cx.global();
                    Ok(event_target::handler(cx, global, &$text[2..]))
                }

                #[setter(name = $text)]
                fn $set(cx: &mut Context, value: Value) -> Result<()> {
                    let global = cx.global();
                    event_target::set_handler(cx, global, &$text[2..], value);
                    Ok(())
                }
            )*
        }
    };
}

handlers! {
    onerror, set_onerror, "onerror";
    onunhandledrejection, set_onunhandledrejection, "onunhandledrejection";
    onrejectionhandled, set_onrejectionhandled, "onrejectionhandled";
    onlanguagechange, set_onlanguagechange, "onlanguagechange";
    onoffline, set_onoffline, "onoffline";
    ononline, set_ononline, "ononline";
    onfetch, set_onfetch, "onfetch";
    onscheduled, set_onscheduled, "onscheduled";
    oninstall, set_oninstall, "oninstall";
    onactivate, set_onactivate, "onactivate";
    onmessage, set_onmessage, "onmessage";
    onmessageerror, set_onmessageerror, "onmessageerror";
}

/// Gives the global object its prototype.
pub fn install(cx: &mut Context) -> Result<()> {
    let global = cx.global();
    let prototype = cx.intrinsic(Intrinsic::embedder(2 * class::SERVICE_WORKER_GLOBAL_SCOPE));
    cx.set_prototype_of(global, Some(prototype))?;
    Ok(())
}
