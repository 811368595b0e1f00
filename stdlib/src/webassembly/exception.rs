//! Tag and Exception. <https://webassembly.github.io/spec/js-api/#tags>, <https://webassembly.github.io/spec/js-api/#exceptions>

use super::value::{self, ValueType};
use crate::streams::support::Slots;
use crate::webidl::prelude::*;
use mayfly_engine::realm::error;

mod slot {
    /// Of a tag: Values cell of the types of its parameters.
    pub const PARAMETERS: u32 = 1;
    /// Of an exception: its tag.
    pub const TAG: u32 = 1;
    /// Of an exception: Values cell of its values.
    pub const PAYLOAD: u32 = 2;
    /// Of an exception: text of the call stack, or undefined.
    pub const STACK: u32 = 3;
}

/// TagType
#[derive(Dictionary)]
struct TagType {
    #[idl(required)]
    parameters: Vec<ValueType>,
}

/// A kind of exceptions, by the types of what they carry.
#[interface(name = "Tag", namespace = "WebAssembly", class = class::WASM_TAG)]
impl Tag {
    // https://webassembly.github.io/spec/js-api/#dom-tag-tag
    #[constructor]
    fn new(cx: &mut Context, this: Object, #[ts(TagType)] r#type: TagType) -> Result<()> {
        let parameters: Vec<Value> = r#type.parameters.iter().map(|parameter| parameter.to_slot()).collect();
        cx.reserve(8 * parameters.len() as u64)?;
        this.put(cx, slot::PARAMETERS, Value::cell(cx.heap.new_values_from(&parameters)));
        Ok(())
    }
}

// https://webassembly.github.io/spec/js-api/#get-the-javascript-exception-tag
/// The tag of exceptions that are JS values.
pub(super) fn js_tag(cx: &mut Context) -> Object {
    if let Some(tag) = cx.embedder_root(roots::WASM_JS_TAG).as_object() {
        return tag;
    }
    let tag = new_instance::<Tag>(cx);
    tag.put(cx, slot::PARAMETERS, Value::cell(cx.heap.new_values_from(&[ValueType::Externref.to_slot()])));
    cx.set_embedder_root(roots::WASM_JS_TAG, tag.value());
    tag
}

/// The types of a tag's parameters.
fn parameters(cx: &Context, tag: Object) -> Vec<ValueType> {
    let Some(list) = tag.at(cx, slot::PARAMETERS).as_cell::<Values>() else { return Vec::new() };
    (0..list.length(&cx.heap)).map(|index| ValueType::from_slot(list.at(cx, index))).collect()
}

/// ExceptionOptions
#[derive(Dictionary)]
struct ExceptionOptions {
    trace_stack: bool,
}

/// An exception with its values.
#[interface(name = "Exception", namespace = "WebAssembly", class = class::WASM_EXCEPTION)]
impl Exception {
    // https://webassembly.github.io/spec/js-api/#dom-exception-exception
    #[constructor]
    fn new(cx: &mut Context, this: Object, exception_tag: Instance<Tag>, payload: Vec<Value>, options: ExceptionOptions) -> Result<()> {
        let place = Place::member(PlaceKind::Constructor, "Exception", "constructor");
        if cx.embedder_root(roots::WASM_JS_TAG) == exception_tag.value() {
            return Err(place.type_error(cx, "JSTag is for values that JavaScript throws."));
        }
        let types = parameters(cx, exception_tag.object);
        if types.len() != payload.len() {
            let detail = format!("The tag has {} parameters, the payload {} values.", types.len(), payload.len());
            return Err(place.type_error(cx, &detail));
        }
        cx.reserve(8 * payload.len() as u64)?;
        let mut values = Vec::with_capacity(payload.len());
        for (value, ty) in payload.into_iter().zip(types) {
            cx.spend_fuel(1)?;
            values.push(value::convert(cx, value, ty, &place)?);
        }
        this.put(cx, slot::TAG, exception_tag.object);
        this.put(cx, slot::PAYLOAD, Value::cell(cx.heap.new_values_from(&values)));
        if options.trace_stack {
            // An error that nobody sees has captured the frames.
            let prototype = cx.intrinsic(Intrinsic::ErrorPrototype);
            let carrier = error::create(cx, prototype, None);
            let stack = error::stack(cx, carrier);
            this.put(cx, slot::STACK, stack);
        }
        Ok(())
    }

    // https://webassembly.github.io/spec/js-api/#dom-exception-getarg
    #[method]
    fn get_arg(cx: &mut Context, this: Object, exception_tag: Instance<Tag>, index: EnforceRange<u32>) -> Result<Value> {
        let place = Place::method("Exception", "getArg");
        if this.at(cx, slot::TAG) != exception_tag.value() {
            return Err(place.type_error(cx, "The exception has another tag."));
        }
        match this.at(cx, slot::PAYLOAD).as_cell::<Values>() {
            // A v128 cannot be in a payload that a script gave.
            Some(payload) if index.0 < payload.length(&cx.heap) => Ok(payload.at(cx, index.0)),
            _ => Err(cx.throw_range_error(&place.message(&format!("The index {} is out of bounds.", index.0)))),
        }
    }

    // https://webassembly.github.io/spec/js-api/#dom-exception-is
    #[method]
    fn is(cx: &mut Context, this: Object, exception_tag: Instance<Tag>) -> Result<bool> {
        Ok(this.at(cx, slot::TAG) == exception_tag.value())
    }

    // https://webassembly.github.io/spec/js-api/#dom-exception-stack
    #[getter(ts = "string | undefined")]
    fn stack(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::STACK))
    }
}
