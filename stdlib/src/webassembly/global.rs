//! Global. <https://webassembly.github.io/spec/js-api/#globals>

use super::value::{self, ValueType};
use crate::streams::support::Slots;
use crate::webidl::prelude::*;

mod slot {
    /// Type of the value.
    pub const TYPE: u32 = 1;
    /// Whether it can be set.
    pub const IS_MUTABLE: u32 = 2;
    /// The value.
    pub const VALUE: u32 = 3;
}

/// GlobalDescriptor
#[derive(Dictionary)]
struct GlobalDescriptor {
    mutable: bool,
    #[idl(required)]
    value: ValueType,
}

/// A variable of a type.
#[interface(name = "Global", namespace = "WebAssembly", class = class::WASM_GLOBAL)]
impl Global {
    // https://webassembly.github.io/spec/js-api/#dom-global-global
    #[constructor]
    fn new(cx: &mut Context, this: Object, descriptor: GlobalDescriptor, v: Optional<Value>) -> Result<()> {
        let place = Place::member(PlaceKind::Constructor, "Global", "constructor");
        let ty = descriptor.value;
        if ty == ValueType::V128 {
            return Err(place.type_error(cx, "a v128 has no value in JavaScript"));
        }
        let value = value::given_or_default(cx, v, ty, &place.argument(1))?;
        this.put(cx, slot::TYPE, ty.to_slot());
        this.put(cx, slot::IS_MUTABLE, descriptor.mutable);
        this.put(cx, slot::VALUE, value);
        Ok(())
    }

    // https://webassembly.github.io/spec/js-api/#dom-global-valueof
    #[method]
    fn value_of(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::VALUE))
    }

    // https://webassembly.github.io/spec/js-api/#dom-global-value
    #[getter(ts = "any")]
    fn value(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::VALUE))
    }

    #[setter]
    fn set_value(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        let place = Place::member(PlaceKind::Setter, "Global", "value");
        if !this.flag(cx, slot::IS_MUTABLE) {
            return Err(place.type_error(cx, "Can't set the value of an immutable global."));
        }
        let value = value::convert(cx, value, ValueType::from_slot(this.at(cx, slot::TYPE)), &place)?;
        this.put(cx, slot::VALUE, value);
        Ok(())
    }
}
