//! Tasks: what runs after the current script and its microtasks, one at a time, in the order of queueing.
//! <https://html.spec.whatwg.org/multipage/webappapis.html#queue-a-task>
//!
//! The tasks of an instance are natives with their values in slots, in a list in the cage (embedder root `TASKS`): 0 the place of the first
//! task, then the tasks. The platform knows one timer of no delay while there are any; each time it fires, one task runs.

use crate::timers;
use crate::webidl::prelude::*;
use mayfly_engine::native;
use mayfly_engine::native::{ClassSpec, NativeId, table};

const HEAD: u32 = 0;
const FIRST: u32 = 1;

/// Natives without properties.
pub(crate) static NATIVES: ClassSpec = crate::streams::hidden_natives("tasks", &[table::hidden("", 0, native!(run_next))]);

fn list(cx: &Context) -> Option<Ref<Values>> {
    cx.embedder_root(roots::TASKS).as_cell()
}

/// Queues a task: `task` is called later with these values (at most four) in its slots. Refused while an image is built, as no task would
/// ever run.
pub fn queue(cx: &mut Context, task: impl Into<NativeId>, slots: &[Value]) -> Result<()> {
    let list = match list(cx) {
        Some(list) if list.length(&cx.heap) > FIRST => list,
        known => {
            let runner = cx.new_native(run_next);
            timers::start_task(cx, runner.value())?;
            known.unwrap_or_else(|| cx.heap.new_values_from(&[Value::int(FIRST as i32)]))
        }
    };
    let task = cx.new_native_with_slots(task, slots);
    let list = list.push(&cx.heap, task.value());
    cx.set_embedder_root(roots::TASKS, Value::cell(list));
    Ok(())
}

/// Takes the first task off the list.
fn take(cx: &mut Context) -> Option<Value> {
    let list = list(cx)?;
    let (head, length) = (list.get(&cx.heap, HEAD).as_int().unwrap_or(1) as u32, list.length(&cx.heap));
    if head >= length {
        return None;
    }
    let task = list.get(&cx.heap, head);
    list.set(&cx.heap, head, Value::UNDEFINED);
    let rest = length - head - 1;
    if rest == 0 {
        list.set_length(&cx.heap, FIRST);
        list.set(&cx.heap, HEAD, Value::int(FIRST as i32));
    } else if head >= rest {
        // At least half is free at the front: what is left moves there.
        for i in 0..rest {
            list.set(&cx.heap, FIRST + i, list.get(&cx.heap, head + 1 + i));
            list.set(&cx.heap, head + 1 + i, Value::UNDEFINED);
        }
        list.set_length(&cx.heap, FIRST + rest);
        list.set(&cx.heap, HEAD, Value::int(FIRST as i32));
    } else {
        list.set(&cx.heap, HEAD, Value::int(head as i32 + 1));
    }
    Some(task)
}

/// Handler of the timer: runs one task, after asking for the next turn when there are more.
fn run_next(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    let Some(task) = take(cx) else { return Ok(Value::UNDEFINED) };
    if list(cx).is_some_and(|list| list.length(&cx.heap) > FIRST) {
        let runner = cx.new_native(run_next);
        timers::start_task(cx, runner.value())?;
    }
    cx.call_collecting(task, Value::UNDEFINED, &[])
}
