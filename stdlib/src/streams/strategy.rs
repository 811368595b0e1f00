//! Queuing strategies. <https://streams.spec.whatwg.org/#qs>

use mayfly_engine::string::atoms::key;

use super::support::Slots;
use crate::webidl::prelude::*;

/// Slot of [[highWaterMark]] of both classes.
const HIGH_WATER_MARK: u32 = 1;

/// QueuingStrategy dictionary. <https://streams.spec.whatwg.org/#dictdef-queuingstrategy>
#[derive(Clone, Copy)]
pub(crate) struct Strategy {
    high_water_mark: Option<f64>,
    /// `size`; undefined when absent.
    pub size: Value,
}

impl Strategy {
    /// Converts the dictionary.
    pub(crate) fn convert(cx: &mut Context, value: Value) -> Result<Strategy> {
        if value.is_nullish() {
            return Ok(Strategy { high_water_mark: None, size: Value::UNDEFINED });
        }
        let Some(object) = value.as_object() else {
            return Err(cx.throw_type_error("The provided value is not of type 'QueuingStrategy'"));
        };
        let mark = cx.get(object, key::high_water_mark)?;
        let high_water_mark = if mark.is_undefined() { None } else { Some(cx.to_number(mark)?) };
        let size = super::source::callback_member(cx, object, "size")?;
        Ok(Strategy { high_water_mark, size })
    }

    // ExtractHighWaterMark ( strategy, defaultHWM ), https://streams.spec.whatwg.org/#validate-and-normalize-high-water-mark
    pub(crate) fn high_water_mark(&self, cx: &mut Context, default: f64) -> Result<f64> {
        match self.high_water_mark {
            None => Ok(default),
            Some(mark) if mark.is_nan() || mark < 0.0 => Err(cx.throw_range_error("Invalid highWaterMark")),
            Some(mark) => Ok(mark),
        }
    }
}

// The algorithm of ExtractSizeAlgorithm ( strategy ), https://streams.spec.whatwg.org/#make-size-algorithm-from-size-function
/// Performs a size algorithm; undefined stands for one that returns 1.
pub(crate) fn chunk_size(cx: &mut Context, algorithm: Value, chunk: Value) -> Result<f64> {
    if algorithm.is_undefined() {
        return Ok(1.0);
    }
    let size = cx.call(algorithm, Value::UNDEFINED, &[chunk])?;
    cx.to_number(size)
}

/// The `highWaterMark` of QueuingStrategyInit, which is required.
fn required_mark(cx: &mut Context, init: Value, class: &str) -> Result<f64> {
    let value = match init.as_object() {
        Some(init) => cx.get(init, key::high_water_mark)?,
        None if init.is_nullish() => Value::UNDEFINED,
        None => return Err(cx.throw_type_error("The provided value is not of type 'QueuingStrategyInit'")),
    };
    if value.is_undefined() {
        return Err(cx.throw_type_error(&format!(
            "Failed to construct '{class}': Failed to read the 'highWaterMark' property from 'QueuingStrategyInit': Required member is undefined."
        )));
    }
    cx.to_number(value)
}

/// `CountQueuingStrategy`.
#[interface(name = "CountQueuingStrategy", class = class::COUNT_QUEUING_STRATEGY)]
impl CountQueuingStrategy {
    // https://streams.spec.whatwg.org/#cqs-constructor
    #[constructor]
    fn new(cx: &mut Context, this: Object, #[ts("{ highWaterMark: number }")] init: Value) -> Result<()> {
        let mark = required_mark(cx, init, "CountQueuingStrategy")?;
        this.put(cx, HIGH_WATER_MARK, mark);
        Ok(())
    }

    // https://streams.spec.whatwg.org/#cqs-high-water-mark
    #[getter(ts = "number")]
    fn high_water_mark(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, HIGH_WATER_MARK))
    }

    // https://streams.spec.whatwg.org/#cqs-size
    #[getter(ts = "(chunk?: any) => number")]
    fn size(cx: &mut Context, _this: Object) -> Result<Value> {
        Ok(size_function(cx, crate::roots::COUNT_SIZE, count_size))
    }
}

/// `ByteLengthQueuingStrategy`.
#[interface(name = "ByteLengthQueuingStrategy", class = class::BYTE_LENGTH_QUEUING_STRATEGY)]
impl ByteLengthQueuingStrategy {
    // https://streams.spec.whatwg.org/#blqs-constructor
    #[constructor]
    fn new(cx: &mut Context, this: Object, #[ts("{ highWaterMark: number }")] init: Value) -> Result<()> {
        let mark = required_mark(cx, init, "ByteLengthQueuingStrategy")?;
        this.put(cx, HIGH_WATER_MARK, mark);
        Ok(())
    }

    // https://streams.spec.whatwg.org/#blqs-high-water-mark
    #[getter(ts = "number")]
    fn high_water_mark(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, HIGH_WATER_MARK))
    }

    // https://streams.spec.whatwg.org/#blqs-size
    #[getter(ts = "(chunk: ArrayBufferView) => number")]
    fn size(cx: &mut Context, _this: Object) -> Result<Value> {
        Ok(size_function(cx, crate::roots::BYTE_LENGTH_SIZE, byte_length_size))
    }
}

/// The one size function of a global, made when first asked for.
fn size_function(cx: &mut Context, root: u32, native: impl Into<mayfly_engine::native::NativeId>) -> Value {
    let known = cx.embedder_root(root);
    if known.is_object() {
        return known;
    }
    let function = cx.new_native(native).value();
    cx.set_embedder_root(root, function);
    function
}

// https://streams.spec.whatwg.org/#count-queuing-strategy-size-function
pub(super) fn count_size(_: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::int(1))
}

// https://streams.spec.whatwg.org/#byte-length-queuing-strategy-size-function
pub(super) fn byte_length_size(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    cx.get_v(args.at(0), key::byte_length)
}
