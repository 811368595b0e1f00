//! MessageChannel. <https://html.spec.whatwg.org/multipage/web-messaging.html#message-channels>
//!
//! Internal slots: 1 and 2, the ports.

use super::port;
use crate::webidl::prelude::*;

/// Two ports that send to each other.
#[interface(name = "MessageChannel", class = class::MESSAGE_CHANNEL)]
impl MessageChannel {
    // https://html.spec.whatwg.org/multipage/web-messaging.html#dom-messagechannel
    #[constructor]
    fn new(cx: &mut Context, this: Object) -> Result<()> {
        let (first, second) = port::new_pair(cx);
        this.set_internal(&cx.heap, 1, first.value());
        this.set_internal(&cx.heap, 2, second.value());
        Ok(())
    }

    #[getter(name = "port1", ts = "MessagePort")]
    fn port1(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, 1))
    }

    #[getter(name = "port2", ts = "MessagePort")]
    fn port2(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, 2))
    }
}
