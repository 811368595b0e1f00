//! TransformStream and its controller. <https://streams.spec.whatwg.org/#ts-class>

use super::readable_controller;
use super::source::callback_member;
use super::strategy::Strategy;
use super::support::{Slots, new_platform_object};
use super::transform_ops::{self as ops, controller, kind, stream};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::promise;

/// `TransformStream`.
#[interface(name = "TransformStream", class = class::TRANSFORM_STREAM, generics = "<I = any, O = any>")]
impl TransformStream {
    // https://streams.spec.whatwg.org/#ts-constructor
    #[constructor(ts = "<I = any, O = any>(transformer?: Transformer<I, O>, writableStrategy?: QueuingStrategy<I>, readableStrategy?: \
            QueuingStrategy<O>): TransformStream<I, O>")]
    fn new(
        cx: &mut Context,
        this: Object,
        transformer: Optional<Object>,
        writable_strategy: Optional<Value>,
        readable_strategy: Optional<Value>,
    ) -> Result<()> {
        let writable_strategy = Strategy::convert(cx, writable_strategy.unwrap_or(Value::UNDEFINED))?;
        let readable_strategy = Strategy::convert(cx, readable_strategy.unwrap_or(Value::UNDEFINED))?;
        // 1.-4. Members are read in the order of their names.
        let mut functions = [Value::UNDEFINED; 4];
        let mut object = Value::NULL;
        if let Some(transformer) = *transformer {
            object = transformer.value();
            functions[0] = callback_member(cx, transformer, "cancel")?;
            functions[1] = callback_member(cx, transformer, "flush")?;
            let readable_type_key = cx.key("readableType");
            let readable_type = cx.get(transformer, readable_type_key)?;
            functions[2] = callback_member(cx, transformer, "start")?;
            functions[3] = callback_member(cx, transformer, "transform")?;
            let writable_type_key = cx.key("writableType");
            let writable_type = cx.get(transformer, writable_type_key)?;
            if !readable_type.is_undefined() {
                return Err(cx.throw_range_error("Invalid readableType specified"));
            }
            if !writable_type.is_undefined() {
                return Err(cx.throw_range_error("Invalid writableType specified"));
            }
        }
        let [cancel, flush, start, transform] = functions;
        // 5.-8.
        let readable_mark = readable_strategy.high_water_mark(cx, 0.0)?;
        let writable_mark = writable_strategy.high_water_mark(cx, 1.0)?;
        // 9.-10.
        let start_promise = promise::new_pending(cx);
        let marks = [(writable_mark, writable_strategy.size), (readable_mark, readable_strategy.size)];
        ops::initialize(cx, this, start_promise.value(), marks)?;
        // 11.
        let own_controller = new_platform_object(cx, class::TRANSFORM_STREAM_DEFAULT_CONTROLLER, true);
        own_controller.put(cx, controller::KIND, kind::SCRIPT);
        own_controller.put(cx, controller::TRANSFORMER, object);
        own_controller.put(cx, controller::TRANSFORM, transform);
        own_controller.put(cx, controller::FLUSH, flush);
        own_controller.put(cx, controller::CANCEL, cancel);
        own_controller.put(cx, controller::STREAM, this);
        this.put(cx, stream::CONTROLLER, own_controller);
        // 12.-13.
        let result = if start.is_undefined() { Value::UNDEFINED } else { cx.call(start, object, &[own_controller.value()])? };
        promise::resolve(cx, start_promise, result)
    }

    // https://streams.spec.whatwg.org/#ts-readable
    #[getter(ts = "ReadableStream<O>")]
    fn readable(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, stream::READABLE))
    }

    // https://streams.spec.whatwg.org/#ts-writable
    #[getter(ts = "WritableStream<I>")]
    fn writable(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, stream::WRITABLE))
    }
}

/// `TransformStreamDefaultController`.
#[interface(name = "TransformStreamDefaultController", class = class::TRANSFORM_STREAM_DEFAULT_CONTROLLER, large, generics = "<O = any>")]
impl TransformStreamDefaultController {
    // https://streams.spec.whatwg.org/#ts-default-controller-desired-size
    #[getter(ts = "number | null")]
    fn desired_size(cx: &mut Context, this: Object) -> Result<Value> {
        let readable = ops::readable_controller(cx, ops::stream_of(cx, this))?;
        Ok(readable_controller::desired_size(cx, readable).map_or(Value::NULL, Value::number))
    }

    // https://streams.spec.whatwg.org/#ts-default-controller-enqueue
    #[method(ts = "(chunk?: O): void")]
    fn enqueue(cx: &mut Context, this: Object, chunk: Optional<Value>) -> Result<()> {
        ops::enqueue(cx, this, chunk.unwrap_or(Value::UNDEFINED))
    }

    // https://streams.spec.whatwg.org/#ts-default-controller-error
    #[method]
    fn error(cx: &mut Context, this: Object, reason: Optional<Value>) -> Result<()> {
        ops::error(cx, ops::stream_of(cx, this), reason.unwrap_or(Value::UNDEFINED))
    }

    // https://streams.spec.whatwg.org/#ts-default-controller-terminate
    #[method]
    fn terminate(cx: &mut Context, this: Object) -> Result<()> {
        ops::terminate(cx, this)
    }
}
