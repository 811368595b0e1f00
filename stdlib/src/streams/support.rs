//! What the streams are built of: slots of objects and records, queues in the cage, promises, reactions.

use mayfly_engine::builtins::promise::{self, Reaction};
use mayfly_engine::context::{Context, ErrorKind};
use mayfly_engine::heap::{Kind, Ref, Values};
use mayfly_engine::native::{NativeId, Result, Thrown};
use mayfly_engine::object::Object;
use mayfly_engine::realm::Intrinsic;
use mayfly_engine::value::Value;

/// Access to the numbered slots of an object or a record.
pub(crate) trait Slots: Copy {
    /// The value of a slot.
    fn at(self, cx: &Context, slot: u32) -> Value;

    /// Sets a slot.
    fn put(self, cx: &Context, slot: u32, value: impl Into<Value>);

    /// Whether the slot holds `true`; unset slots are false.
    fn flag(self, cx: &Context, slot: u32) -> bool {
        self.at(cx, slot) == Value::TRUE
    }

    /// The number in a slot; unset slots are 0.
    fn number(self, cx: &Context, slot: u32) -> f64 {
        self.at(cx, slot).as_number().unwrap_or(0.0)
    }

    /// The integer in a slot; unset slots are 0.
    fn int(self, cx: &Context, slot: u32) -> i32 {
        self.at(cx, slot).as_int().unwrap_or(0)
    }

    /// The object in a slot.
    fn object(self, cx: &Context, slot: u32) -> Option<Object> {
        self.at(cx, slot).as_object()
    }
}

impl Slots for Object {
    #[inline]
    fn at(self, cx: &Context, slot: u32) -> Value {
        self.internal(&cx.heap, slot)
    }

    #[inline]
    fn put(self, cx: &Context, slot: u32, value: impl Into<Value>) {
        self.set_internal(&cx.heap, slot, value.into());
    }
}

impl Slots for Ref<Values> {
    #[inline]
    fn at(self, cx: &Context, slot: u32) -> Value {
        self.get(&cx.heap, slot)
    }

    #[inline]
    fn put(self, cx: &Context, slot: u32, value: impl Into<Value>) {
        self.set(&cx.heap, slot, value.into());
    }
}

/// A new record of `count` undefined values.
pub(crate) fn record(cx: &Context, count: u32) -> Ref<Values> {
    let record = cx.heap.new_values(count);
    for i in 0..count {
        record.set(&cx.heap, i, Value::UNDEFINED);
    }
    record.set_length(&cx.heap, count);
    record
}

/// A new object of one of the standard library's classes, made without its constructor.
pub(crate) fn new_platform_object(cx: &Context, class: u32, large: bool) -> Object {
    let prototype = cx.realm().try_intrinsic(&cx.heap, Intrinsic::embedder(2 * class));
    let object = cx.heap.new_object_with_prototype(if large { Kind::PlatformLarge } else { Kind::Platform }, prototype);
    object.set_internal(&cx.heap, 0, Value::int(class as i32));
    object
}

/// The class number of a platform object.
pub(crate) fn class_of(cx: &Context, object: Object) -> Option<u32> {
    match object.kind(&cx.heap) {
        Kind::Platform | Kind::PlatformLarge => object.internal(&cx.heap, 0).as_int().map(|class| class as u32),
        _ => None,
    }
}

/// The value as an object of exactly this class.
pub(crate) fn as_class(cx: &Context, value: Value, class: u32) -> Option<Object> {
    value.as_object().filter(|object| class_of(cx, *object) == Some(class))
}

/// Queues of values in the cage: a Values cell in a slot, whose first value is the index of the first item.
pub(crate) mod fifo {
    use super::{Context, Ref, Slots, Value, Values};
    use mayfly_engine::object::Object;

    fn list(cx: &Context, owner: Object, slot: u32) -> Option<Ref<Values>> {
        owner.at(cx, slot).as_cell()
    }

    fn head(cx: &Context, list: Ref<Values>) -> u32 {
        list.int(cx, 0) as u32
    }

    /// Number of items.
    pub(crate) fn len(cx: &Context, owner: Object, slot: u32) -> u32 {
        list(cx, owner, slot).map_or(0, |list| list.length(&cx.heap).saturating_sub(head(cx, list)))
    }

    /// Whether there are no items.
    pub(crate) fn is_empty(cx: &Context, owner: Object, slot: u32) -> bool {
        len(cx, owner, slot) == 0
    }

    /// Empties the queue.
    pub(crate) fn clear(cx: &Context, owner: Object, slot: u32) {
        owner.put(cx, slot, Value::UNDEFINED);
    }

    /// Appends an item.
    pub(crate) fn push(cx: &Context, owner: Object, slot: u32, value: Value) {
        let heap = &cx.heap;
        let list = list(cx, owner, slot).unwrap_or_else(|| heap.new_values_from(&[Value::int(1)]));
        let (first, length) = (head(cx, list), list.length(heap));
        if length == list.capacity(heap) && first > length / 2 {
            // At least half is free at the front.
            for i in first..length {
                list.set(heap, i - first + 1, list.get(heap, i));
            }
            for i in length - first + 1..length {
                list.set(heap, i, Value::UNDEFINED);
            }
            list.set_length(heap, length - first + 1);
            list.set(heap, 0, Value::int(1));
        }
        let list = list.push(heap, value);
        owner.put(cx, slot, Value::cell(list));
    }

    /// Item `index` from the front; undefined when there are fewer.
    pub(crate) fn peek(cx: &Context, owner: Object, slot: u32, index: u32) -> Value {
        match list(cx, owner, slot) {
            Some(list) if head(cx, list) + index < list.length(&cx.heap) => list.at(cx, head(cx, list) + index),
            _ => Value::UNDEFINED,
        }
    }

    /// Replaces item `index` from the front.
    pub(crate) fn replace(cx: &Context, owner: Object, slot: u32, index: u32, value: Value) {
        if let Some(list) = list(cx, owner, slot)
            && head(cx, list) + index < list.length(&cx.heap)
        {
            list.put(cx, head(cx, list) + index, value);
        }
    }

    /// Takes the first item.
    pub(crate) fn shift(cx: &Context, owner: Object, slot: u32) -> Option<Value> {
        let list = list(cx, owner, slot)?;
        let (first, length) = (head(cx, list), list.length(&cx.heap));
        if first >= length {
            return None;
        }
        let value = list.at(cx, first);
        list.put(cx, first, Value::UNDEFINED);
        if first + 1 == length {
            list.set_length(&cx.heap, 1);
            list.put(cx, 0, Value::int(1));
        } else {
            list.put(cx, 0, Value::int(first as i32 + 1));
        }
        Some(value)
    }

    /// Takes all items.
    pub(crate) fn take_all(cx: &Context, owner: Object, slot: u32) -> Vec<Value> {
        let items = match list(cx, owner, slot) {
            Some(list) => (head(cx, list)..list.length(&cx.heap)).map(|i| list.at(cx, i)).collect(),
            None => Vec::new(),
        };
        clear(cx, owner, slot);
        items
    }
}

// ── errors and promises ──

/// The exception behind a [`Thrown`]; `Err` when the instance is being stopped.
pub(crate) fn caught(cx: &mut Context, thrown: Thrown) -> Result<Value> {
    match cx.take_exception() {
        Some(error) => Ok(error),
        None => Err(thrown),
    }
}

/// A new TypeError as a value.
pub(crate) fn type_error(cx: &mut Context, message: &str) -> Value {
    cx.new_error(ErrorKind::TypeError, message).value()
}

/// A promise rejected with a new TypeError.
pub(crate) fn rejected_type_error(cx: &mut Context, message: &str) -> Object {
    let error = type_error(cx, message);
    promise::new_rejected(cx, error)
}

/// "A promise resolved with undefined", <https://webidl.spec.whatwg.org/#a-promise-resolved-with>
pub(crate) fn resolved_undefined(cx: &mut Context) -> Object {
    promise::new_fulfilled(cx, Value::UNDEFINED)
}

/// "A promise resolved with" any value: always a new promise, so that a promise as value takes its turns in the queue of jobs.
pub(crate) fn resolved_with(cx: &mut Context, value: Value) -> Result<Object> {
    let promise = promise::new_pending(cx);
    promise::resolve(cx, promise, value)?;
    Ok(promise)
}

/// Turns a thrown exception into a rejected promise.
pub(crate) fn or_rejected(cx: &mut Context, result: Result<Object>) -> Result<Object> {
    match result {
        Ok(promise) => Ok(promise),
        Err(thrown) => {
            let error = caught(cx, thrown)?;
            Ok(promise::new_rejected(cx, error))
        }
    }
}

/// Invokes a callback function whose return type is a promise: what it throws becomes a rejection.
/// <https://webidl.spec.whatwg.org/#invoke-a-callback-function>
pub(crate) fn call_promise(cx: &mut Context, function: Value, this: Value, arguments: &[Value]) -> Result<Object> {
    match cx.call(function, this, arguments) {
        Ok(value) => resolved_with(cx, value),
        Err(thrown) => {
            let error = caught(cx, thrown)?;
            Ok(promise::new_rejected(cx, error))
        }
    }
}

/// "Upon fulfillment" and "upon rejection": natives called with `state` as this value.
pub(crate) fn upon(cx: &mut Context, promise: Object, fulfilled: impl Into<NativeId>, rejected: impl Into<NativeId>, state: Value) {
    promise::perform_then(cx, promise, Reaction::native(fulfilled, state), Reaction::native(rejected, state), None);
}

/// What follows on the result of a controller's start algorithm: "a promise resolved with startResult" and the steps upon it, with the
/// controller as this value. `job` does what `fulfilled` does, for its argument.
pub(crate) fn upon_start(
    cx: &mut Context,
    start: Value,
    job: impl Into<NativeId>,
    fulfilled: impl Into<NativeId>,
    rejected: impl Into<NativeId>,
    controller: Object,
) -> Result<()> {
    if !start.is_object() {
        // OPTIMIZATION: nobody sees the promise; the steps run in the same order.
        cx.enqueue_job(job, &[controller.value()]);
        return Ok(());
    }
    let promise = resolved_with(cx, start)?;
    upon(cx, promise, fulfilled, rejected, controller.value());
    Ok(())
}

/// "The result of reacting to" a promise: natives called with `state` as this value settle the returned promise.
pub(crate) fn react(cx: &mut Context, promise: Object, fulfilled: Option<NativeId>, rejected: Option<NativeId>, state: Value) -> Object {
    let result = promise::new_pending(cx);
    let reaction = |function: Option<NativeId>| function.map_or(Reaction::Pass, |function| Reaction::native(function, state));
    promise::perform_then(cx, promise, reaction(fulfilled), reaction(rejected), Some(result));
    result
}

/// Resolves a promise held in a slot, if there is one.
pub(crate) fn resolve_slot(cx: &mut Context, promise: Option<Object>) -> Result<()> {
    match promise {
        Some(promise) => promise::resolve(cx, promise, Value::UNDEFINED),
        None => Ok(()),
    }
}

/// A native that does nothing, for reactions.
pub(crate) fn nothing(_: &mut Context, _: Value, _: &mayfly_engine::native::Args<'_>) -> Result<Value> {
    Ok(Value::UNDEFINED)
}

// ── queues with sizes ──

// 8.1 EnqueueValueWithSize ( container, value, size ), https://streams.spec.whatwg.org/#enqueue-value-with-size
/// Items are pairs of value and size in the queue of slot `queue`; `total` is the slot of [[queueTotalSize]].
pub(crate) fn enqueue_value_with_size(cx: &mut Context, container: Object, queue: u32, total: u32, value: Value, size: f64) -> Result<()> {
    if size.is_nan() || size < 0.0 || size.is_infinite() {
        return Err(
            cx.throw_range_error("The return value of a queuing strategy's size function must be a finite, non-NaN, non-negative number")
        );
    }
    fifo::push(cx, container, queue, value);
    fifo::push(cx, container, queue, Value::number(size));
    container.put(cx, total, container.number(cx, total) + size);
    Ok(())
}

// 8.1 DequeueValue ( container ), https://streams.spec.whatwg.org/#dequeue-value
pub(crate) fn dequeue_value(cx: &Context, container: Object, queue: u32, total: u32) -> Value {
    let value = fifo::shift(cx, container, queue).unwrap_or(Value::UNDEFINED);
    let size = fifo::shift(cx, container, queue).and_then(Value::as_number).unwrap_or(0.0);
    // Rounding errors may make it negative.
    container.put(cx, total, (container.number(cx, total) - size).max(0.0));
    value
}

// 8.1 ResetQueue ( container ), https://streams.spec.whatwg.org/#reset-queue
pub(crate) fn reset_queue(cx: &Context, container: Object, queue: u32, total: u32) {
    fifo::clear(cx, container, queue);
    container.put(cx, total, Value::ZERO);
}
