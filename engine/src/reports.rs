//! What happens without anyone to catch it: rejections without handler, errors of jobs. Kept in the cage, as only then the collector
//! sees it, until the host takes it between jobs.

use crate::context::Context;
use crate::heap::{Ref, Root, Values};
use crate::host::RejectionEvent;
use crate::object::Object;
use crate::value::Value;

/// Something for the host to report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Report {
    /// A promise was rejected and has no handler yet.
    Rejected(Object),
    /// A promise that was reported as rejected got its handler.
    Handled(Object),
    /// An error of a job.
    Error(Value),
}

const REJECTED: i32 = 0;
const HANDLED: i32 = 1;
const ERROR: i32 = 2;

fn push(cx: &Context, kind: i32, value: Value) {
    let heap = &cx.heap;
    let list = heap.root(Root::Rejections).as_cell::<Values>().unwrap_or_else(|| heap.new_values(8));
    heap.set_root(Root::Rejections, Value::cell(list.push(heap, Value::int(kind)).push(heap, value)));
}

// HostPromiseRejectionTracker ( promise, operation ), https://tc39.es/ecma262/#sec-host-promise-rejection-tracker
pub(crate) fn track_rejection(cx: &mut Context, promise: Object, event: RejectionEvent) {
    if !cx.host().tracks_rejections() {
        return cx.host().promise_rejection(promise, event);
    }
    if event == RejectionEvent::Reject {
        return push(cx, REJECTED, promise.value());
    }
    // A handler before anyone was told: nothing happened.
    let heap = &cx.heap;
    if let Some(list) = heap.root(Root::Rejections).as_cell::<Values>() {
        for at in (0..list.length(heap)).step_by(2) {
            if list.get(heap, at + 1) == promise.value() && list.get(heap, at) == Value::int(REJECTED) {
                list.set(heap, at + 1, Value::HOLE);
                return;
            }
        }
    }
    push(cx, HANDLED, promise.value());
}

/// Reports the error of a job.
pub(crate) fn report_error(cx: &mut Context, error: Value) {
    if cx.host().tracks_rejections() { push(cx, ERROR, error) } else { cx.host().report_error(error) }
}

impl Context {
    /// What is to be reported since the last call, in order, when the host [tracks rejections](crate::host::Host::tracks_rejections).
    /// The values are no roots any more.
    pub fn take_reports(&mut self) -> Vec<Report> {
        let Some(list): Option<Ref<Values>> = self.heap.root(Root::Rejections).as_cell() else { return Vec::new() };
        let mut reports = Vec::new();
        for at in (0..list.length(&self.heap)).step_by(2) {
            let value = list.get(&self.heap, at + 1);
            match (list.get(&self.heap, at).as_int(), value.as_object()) {
                _ if value.is_hole() => {}
                // The host marked it: a promise that a handler returned is the host's to look after, though it was rejected before.
                (Some(REJECTED), Some(promise)) if crate::builtins::promise::is_handled(self, promise) => {}
                (Some(REJECTED), Some(promise)) => reports.push(Report::Rejected(promise)),
                (Some(HANDLED), Some(promise)) => reports.push(Report::Handled(promise)),
                _ => reports.push(Report::Error(value)),
            }
            list.set(&self.heap, at + 1, Value::HOLE);
        }
        list.set_length(&self.heap, 0);
        reports
    }
}
