//! Messages: MessageEvent, MessageChannel, MessagePort, BroadcastChannel, and what can be transferred in a message.
//! <https://html.spec.whatwg.org/multipage/web-messaging.html>
//!
//! | file | contents |
//! |---|---|
//! | `event` | MessageEvent |
//! | `channel`, `port` | channels of two ports |
//! | `broadcast` | channels of any number of listeners, within an instance |
//! | `transfer` | what may stand in a transfer list, and how it moves |
//!
//! Sender and receiver share a realm, so a message is serialized and deserialized in one walk when it is sent; receiving is a task.

mod broadcast;
mod channel;
pub(crate) mod event;
pub(crate) mod port;
pub(crate) mod transfer;

use crate::webidl::ClassEntry;
use mayfly_engine::native;
use mayfly_engine::native::{ClassSpec, table};

pub use broadcast::BroadcastChannel;
pub use channel::MessageChannel;
pub use event::MessageEvent;
pub use port::MessagePort;

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] =
    &[MessageEvent::ENTRY, MessagePort::ENTRY, MessageChannel::ENTRY, BroadcastChannel::ENTRY, ClassEntry::hidden(&TASKS)];

/// Tasks of messaging.
static TASKS: ClassSpec = crate::streams::hidden_natives(
    "messaging",
    &[
        table::hidden("", 0, native!(port::deliver)),
        table::hidden("", 0, native!(port::fire_close)),
        table::hidden("", 0, native!(broadcast::deliver)),
    ],
);
