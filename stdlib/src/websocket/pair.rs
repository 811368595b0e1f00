//! WebSocketPair: two ends of a WebSocket in one worker. <https://developers.cloudflare.com/workers/runtime-apis/websockets/>
//!
//! What one end sends waits in the queue of the other until that is accepted, or goes to the network when the other end was given to a
//! Response with status 101.

use super::host::{SocketEvent, SocketMessage};
use super::{ABNORMAL, OPEN, WebSocket, binary_type, deliver_event, slot};
use crate::body;
use crate::streams::support::{Slots, fifo};
use crate::tasks;
use crate::webidl::prelude::*;
use mayfly_engine::heap::Raw;
use mayfly_engine::object::attribute;

/// Two WebSockets that are connected with each other, as properties `0` and `1`.
#[interface(name = "WebSocketPair", class = class::WEB_SOCKET_PAIR)]
impl WebSocketPair {
    #[constructor(ts = "(): WebSocketPair & { 0: WebSocket; 1: WebSocket }")]
    fn new(cx: &mut Context, this: Object) -> Result<()> {
        let ends = [new_end(cx), new_end(cx)];
        for (index, end) in ends.into_iter().enumerate() {
            end.put(cx, slot::PEER, ends[1 - index]);
            cx.define_or_throw(this, PropertyKey::index(index as u32), &PropertyDescriptor::data(end.value(), attribute::ALL))?;
        }
        Ok(())
    }
}

fn new_end(cx: &mut Context) -> Object {
    let end = new_instance::<WebSocket>(cx);
    end.put(cx, slot::STATE, OPEN);
    end.put(cx, slot::BINARY_TYPE, binary_type::ARRAY_BUFFER);
    end.put(cx, slot::BUFFERED, 0.0);
    end
}

/// Puts a message into the queue of an end.
pub(super) fn queue_message(cx: &mut Context, end: Object, message: &SocketMessage) -> Result<()> {
    let item = match message {
        SocketMessage::Text(text) => cx.new_string(text),
        SocketMessage::Binary(bytes) => Value::cell(body::new_bytes(cx, bytes)?),
    };
    push(cx, end, item)
}

/// Puts the end of the connection into the queue of an end.
pub(super) fn queue_close(cx: &mut Context, end: Object, code: u16, reason: &str) -> Result<()> {
    // An array tells it from messages.
    let parts = [Value::int(i32::from(code)), cx.new_string(reason)];
    let item = cx.new_array(&parts).value();
    push(cx, end, item)
}

fn push(cx: &mut Context, end: Object, item: Value) -> Result<()> {
    fifo::push(cx, end, slot::QUEUE, item);
    if end.flag(cx, slot::ACCEPTED) { schedule(cx, end) } else { Ok(()) }
}

/// Has the queue delivered by a task.
pub(super) fn schedule(cx: &mut Context, end: Object) -> Result<()> {
    if !end.flag(cx, slot::SCHEDULED) {
        end.put(cx, slot::SCHEDULED, true);
        tasks::queue(cx, flush_task, &[end.value()])?;
    }
    Ok(())
}

/// An item of a queue.
pub(super) fn queued(cx: &mut Context, item: Value) -> Option<SocketEvent> {
    if let Some(text) = item.as_string() {
        return Some(SocketEvent::Message(SocketMessage::Text(text.to_text(&cx.heap))));
    }
    if let Some(array) = item.as_object() {
        let code = array.dense_element(&cx.heap, 0).and_then(Value::as_int).map_or(ABNORMAL, |code| code as u16);
        let reason = array.dense_element(&cx.heap, 1).and_then(Value::as_string).map_or_else(String::new, |text| text.to_text(&cx.heap));
        return Some(SocketEvent::Closed { failed: false, code, reason, was_clean: true });
    }
    let bytes = item.as_cell::<Raw>()?.bytes(&cx.heap).to_vec();
    Some(SocketEvent::Message(SocketMessage::Binary(bytes)))
}

/// Delivers what waits in a queue.
pub(super) fn flush_task(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(end) = cx.native_slot(args.callee, 0).as_object() else { return Ok(Value::UNDEFINED) };
    end.put(cx, slot::SCHEDULED, false);
    while let Some(item) = fifo::shift(cx, end, slot::QUEUE) {
        let Some(event) = queued(cx, item) else { continue };
        deliver_event(cx, end, event)?;
    }
    Ok(Value::UNDEFINED)
}
