//! Typed arrays as exotic objects: bounds, element reads and writes, canonical numeric keys.
//! <https://tc39.es/ecma262/#sec-typedarray-exotic-objects>
//!
//! What elements are and where they lie is the business of [`crate::builtins::typed_array`].

use super::Object;
use crate::builtins::typed_array::view::{View, is_immutable, view_slot};
use crate::builtins::typed_array::{load_element, set_element};
use crate::context::Context;
use crate::heap::{Heap, Kind};
use crate::native::Result;
use crate::string::{JsString, PropertyKey};
use crate::value::Value;

/// Current length in elements; `None` when the array is out of bounds or its buffer detached.
#[inline]
pub fn length(heap: &Heap, array: Object) -> Option<u32> {
    View::of(heap, array).map(|view| view.length)
}

/// Whether its length follows that of a resizable buffer or the buffer is resizable and not shared (IsTypedArrayFixedLength is false).
/// <https://tc39.es/ecma262/#sec-istypedarrayfixedlength>
pub fn is_fixed_length(heap: &Heap, array: Object) -> bool {
    if array.internal(heap, view_slot::LENGTH).is_undefined() {
        return false;
    }
    let Some(buffer) = array.internal(heap, view_slot::BUFFER).as_object() else { return true };
    crate::builtins::typed_array::view::is_fixed_length(heap, buffer) || buffer.is(heap, Kind::SharedArrayBuffer)
}

// 10.4.5.18 TypedArrayGetElement ( O, index ), https://tc39.es/ecma262/#sec-typedarraygetelement
/// Element `index`; `None` when it is not a valid index.
#[inline]
pub fn get(heap: &Heap, array: Object, index: u32) -> Option<Value> {
    load_element(heap, array, index)
}

impl Context {
    // 10.4.5.19 TypedArraySetElement ( O, index, value ), https://tc39.es/ecma262/#sec-typedarraysetelement
    /// Converts and stores; `None` stands for a numeric key that is no index. False only when the buffer is immutable.
    pub(crate) fn typed_array_set_element(&mut self, array: Object, index: Option<u32>, value: Value) -> Result<bool> {
        // Immutable ArrayBuffer proposal: [[Set]] and [[DefineOwnProperty]] fail before converting.
        if array.internal(&self.heap, view_slot::BUFFER).as_object().is_some_and(|buffer| is_immutable(&self.heap, buffer)) {
            return Ok(false);
        }
        // An index that no array has still converts the value.
        set_element(self, array, index.map_or(u64::MAX, u64::from), value)?;
        Ok(true)
    }
}

// 7.1.21 CanonicalNumericIndexString ( argument ), https://tc39.es/ecma262/#sec-canonicalnumericindexstring
/// Whether a key is a canonical numeric string: `Some(Some(index))` for those that may be valid indices, `Some(None)` for other numbers.
pub(crate) fn numeric_key(heap: &Heap, key: PropertyKey) -> Option<Option<u32>> {
    if let Some(index) = key.as_index() {
        return Some(Some(index));
    }
    if key.is_symbol(heap) {
        return None;
    }
    let atom = JsString::from_offset(key.bits());
    // Only numbers begin like this; names almost never do.
    let first = u8::try_from(atom.unit_at(heap, 0)).unwrap_or(0);
    if !(first.is_ascii_digit() || first == b'-' || first == b'I' || first == b'N') {
        return None;
    }
    if atom.equals_text("-0", heap) {
        return Some(None);
    }
    let number = crate::numeric::units_to_number(atom.units(heap));
    // Integers below 2³¹ would be index keys; no typed array is longer.
    if atom.equals_text(&crate::numeric::number_to_text(number), heap) { Some(None) } else { None }
}
