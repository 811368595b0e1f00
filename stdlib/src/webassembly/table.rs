//! Table. <https://webassembly.github.io/spec/js-api/#tables>

use super::descriptor::{Limits, TableDescriptor, TableKind};
use super::value::{self, AddressType, ValueType};
use crate::streams::support::Slots;
use crate::webidl::prelude::*;

mod slot {
    /// Values cell of elements.
    pub const ELEMENTS: u32 = 1;
    /// Most elements, or undefined.
    pub const MAXIMUM: u32 = 2;
    /// Type of elements.
    pub const TYPE: u32 = 3;
    /// Whether indices are 64 bits long.
    pub const IS_64: u32 = 4;
}

/// Most elements of a table. <https://webassembly.github.io/spec/js-api/#limits>
const MOST_ELEMENTS: u64 = 10_000_000;

/// A list of references.
#[interface(name = "Table", namespace = "WebAssembly", class = class::WASM_TABLE)]
impl Table {
    // https://webassembly.github.io/spec/js-api/#dom-table-table
    #[constructor]
    fn new(cx: &mut Context, this: Object, descriptor: TableDescriptor, value: Optional<Value>) -> Result<()> {
        let place = Place::member(PlaceKind::Constructor, "Table", "constructor");
        let TableDescriptor { limits: Limits { address, initial, maximum }, element } = descriptor;
        let ty = match element {
            TableKind::Externref => ValueType::Externref,
            TableKind::Anyfunc => ValueType::Anyfunc,
        };
        // If type is not valid, throw a RangeError exception.
        if maximum.is_some_and(|maximum| initial > maximum) {
            return Err(cx.throw_range_error(&place.message("The initial size exceeds the maximum.")));
        }
        let value = value::given_or_default(cx, value, ty, &place.argument(1))?;
        // Let (store, tableaddr) be table_alloc(store, type, ref). If allocation fails, throw a RangeError exception.
        let elements = filled(cx, None, initial, value, &place)?;
        this.put(cx, slot::ELEMENTS, Value::cell(elements));
        this.put(cx, slot::MAXIMUM, maximum.map_or(Value::UNDEFINED, |maximum| Value::number(maximum as f64)));
        this.put(cx, slot::TYPE, ty.to_slot());
        this.put(cx, slot::IS_64, address == AddressType::I64);
        Ok(())
    }

    // https://webassembly.github.io/spec/js-api/#dom-table-grow
    #[method(ts = "(delta: number | bigint, value?: any): number | bigint")]
    fn grow(cx: &mut Context, this: Object, delta: Value, value: Optional<Value>) -> Result<Value> {
        let place = Place::method("Table", "grow");
        // Let initialSize be table_size(store, tableaddr). Converting the arguments may make the table longer.
        let initial_size = length(cx, this);
        let address = address_type(cx, this);
        let delta = address.convert(cx, delta, &place.argument(0))?;
        let value = value::given_or_default(cx, value, element_type(cx, this), &place.argument(1))?;
        let most = this.at(cx, slot::MAXIMUM).as_number().map_or(u64::MAX, |maximum| maximum as u64);
        let Some(new) = u64::from(length(cx, this)).checked_add(delta).filter(|&new| new <= most) else {
            return Err(cx.throw_range_error(&place.message("Maximum table size exceeded.")));
        };
        let elements = filled(cx, elements(cx, this), new, value, &place)?;
        this.put(cx, slot::ELEMENTS, Value::cell(elements));
        Ok(address.to_value(cx, u64::from(initial_size)))
    }

    // https://webassembly.github.io/spec/js-api/#dom-table-get
    #[method(ts = "(index: number | bigint): any")]
    fn get(cx: &mut Context, this: Object, index: Value) -> Result<Value> {
        let place = Place::method("Table", "get");
        let index = address_type(cx, this).convert(cx, index, &place.argument(0))?;
        let (elements, index) = element(cx, this, index, &place)?;
        Ok(elements.get(&cx.heap, index))
    }

    // https://webassembly.github.io/spec/js-api/#dom-table-set
    #[method(ts = "(index: number | bigint, value?: any): void")]
    fn set(cx: &mut Context, this: Object, index: Value, value: Optional<Value>) -> Result<()> {
        let place = Place::method("Table", "set");
        let index = address_type(cx, this).convert(cx, index, &place.argument(0))?;
        let value = value::given_or_default(cx, value, element_type(cx, this), &place.argument(1))?;
        let (elements, index) = element(cx, this, index, &place)?;
        elements.set(&cx.heap, index, value);
        Ok(())
    }

    // https://webassembly.github.io/spec/js-api/#dom-table-length
    #[getter(ts = "number | bigint")]
    fn length(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(address_type(cx, this).to_value(cx, u64::from(length(cx, this))))
    }
}

fn address_type(cx: &Context, this: Object) -> AddressType {
    if this.flag(cx, slot::IS_64) { AddressType::I64 } else { AddressType::I32 }
}

fn element_type(cx: &Context, this: Object) -> ValueType {
    ValueType::from_slot(this.at(cx, slot::TYPE))
}

fn elements(cx: &Context, this: Object) -> Option<Ref<Values>> {
    this.at(cx, slot::ELEMENTS).as_cell()
}

fn length(cx: &Context, this: Object) -> u32 {
    elements(cx, this).map_or(0, |elements| elements.length(&cx.heap))
}

/// Where an element is; RangeError when there is none of this index.
fn element(cx: &mut Context, this: Object, index: u64, place: &Place<'_>) -> Result<(Ref<Values>, u32)> {
    match elements(cx, this) {
        Some(elements) if index < u64::from(elements.length(&cx.heap)) => Ok((elements, index as u32)),
        _ => Err(cx.throw_range_error(&place.message(&format!("The index {index} is out of bounds.")))),
    }
}

/// Elements with so many more at the end that there are `length`. RangeError when there is no room.
fn filled(cx: &mut Context, before: Option<Ref<Values>>, length: u64, value: Value, place: &Place<'_>) -> Result<Ref<Values>> {
    let size = length.saturating_mul(8).saturating_add(16);
    if length > MOST_ELEMENTS || size > cx.heap.memory_limit() {
        return Err(cx.throw_range_error(&place.message("Table allocation failed.")));
    }
    cx.reserve(size)?;
    cx.spend_fuel(length / 8)?;
    // Within MOST_ELEMENTS.
    let length = length as u32;
    let elements = cx.heap.new_values(length);
    elements.set_length(&cx.heap, length);
    let kept = before.map_or(0, |before| before.length(&cx.heap).min(length));
    for index in 0..length {
        let element = match before {
            Some(before) if index < kept => before.get(&cx.heap, index),
            _ => value,
        };
        elements.set(&cx.heap, index, element);
    }
    Ok(elements)
}
