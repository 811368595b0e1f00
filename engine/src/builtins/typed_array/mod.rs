//! TypedArray objects. https://tc39.es/ecma262/#sec-typedarray-objects
//!
//! | file | contents |
//! |---|---|
//! | `element` | element types, conversion between values and raw elements |
//! | `view` | [`View`], and the Rust interface to the bytes of buffers and views |
//! | `construct` | the constructors, species, from, of |
//! | `access` | getters and methods that only read |
//! | `callbacks` | methods that call a function for each element |
//! | `mutate` | copyWithin, fill, reverse, set, sort |
//! | `copy` | slice, subarray, toReversed, toSorted, with |
//! | `base64` | Uint8Array to and from base64 and hexadecimal |

mod access;
mod base64;
mod callbacks;
mod construct;
mod copy;
pub(crate) mod element;
mod mutate;
pub mod view;

use crate::natives;

pub use element::ElementType;
pub use view::{
    View, buffer_of, byte_range, bytes, bytes_of, create_array_buffer, create_uint8_array, detach, load_element, set_element,
    store_element, write_bytes,
};

natives! { pub static TYPED_ARRAY: "TypedArray" / 0 => construct::abstract_constructor, TypedArray, TypedArrayPrototype, not_global; {
    static method "of" / 0 => construct::of,
    static method "from" / 1 => construct::from,
    static get @@species => construct::species,
    get "buffer" => access::buffer,
    get "byteLength" => access::byte_length,
    get "byteOffset" => access::byte_offset,
    get "length" => access::length,
    method "entries" / 0 => access::entries,
    method "keys" / 0 => access::keys,
    method "values" / 0 => access::values,
    method "at" / 1 => access::at,
    method "copyWithin" / 2 => mutate::copy_within,
    method "every" / 1 => callbacks::every,
    method "fill" / 1 => mutate::fill,
    method "filter" / 1 => callbacks::filter,
    method "find" / 1 => callbacks::find,
    method "findIndex" / 1 => callbacks::find_index,
    method "findLast" / 1 => callbacks::find_last,
    method "findLastIndex" / 1 => callbacks::find_last_index,
    method "forEach" / 1 => callbacks::for_each,
    method "includes" / 1 => access::includes,
    method "indexOf" / 1 => access::index_of,
    method "join" / 1 => access::join,
    method "lastIndexOf" / 1 => access::last_index_of,
    method "map" / 1 => callbacks::map,
    method "reverse" / 0 => mutate::reverse,
    method "reduce" / 1 => callbacks::reduce,
    method "reduceRight" / 1 => callbacks::reduce_right,
    method "set" / 1 => mutate::set,
    method "slice" / 2 => copy::slice,
    method "some" / 1 => callbacks::some,
    method "sort" / 1 => mutate::sort,
    method "subarray" / 2 => copy::subarray,
    method "toReversed" / 0 => copy::to_reversed,
    method "toSorted" / 1 => copy::to_sorted,
    method "with" / 2 => copy::with,
    method "toLocaleString" / 0 => access::to_locale_string,
    alias @@iterator => "values",
    get @@to_string_tag "[Symbol.toStringTag]" => access::to_string_tag,
}}

macro_rules! concrete {
    ($($id:ident $name:literal $number:literal $bytes:literal $ctor:ident $proto:ident { $($extra:tt)* })*) => {$(
        natives! { pub static $id: $name / 3 => construct::construct::<$number>, $ctor, $proto, parent TypedArrayPrototype, TypedArray; {
            static constant "BYTES_PER_ELEMENT" => $bytes,
            constant "BYTES_PER_ELEMENT" => $bytes,
            $($extra)*
        }}
    )*};
}

concrete! {
    INT8_ARRAY "Int8Array" 0 1.0 Int8Array Int8ArrayPrototype {}
    UINT8_ARRAY "Uint8Array" 1 1.0 Uint8Array Uint8ArrayPrototype {
        static method "fromBase64" / 1 => base64::from_base64,
        static method "fromHex" / 1 => base64::from_hex,
        method "setFromBase64" / 1 => base64::set_from_base64,
        method "setFromHex" / 1 => base64::set_from_hex,
        method "toBase64" / 0 => base64::to_base64,
        method "toHex" / 0 => base64::to_hex,
    }
    UINT8_CLAMPED_ARRAY "Uint8ClampedArray" 2 1.0 Uint8ClampedArray Uint8ClampedArrayPrototype {}
    INT16_ARRAY "Int16Array" 3 2.0 Int16Array Int16ArrayPrototype {}
    UINT16_ARRAY "Uint16Array" 4 2.0 Uint16Array Uint16ArrayPrototype {}
    INT32_ARRAY "Int32Array" 5 4.0 Int32Array Int32ArrayPrototype {}
    UINT32_ARRAY "Uint32Array" 6 4.0 Uint32Array Uint32ArrayPrototype {}
    BIGINT64_ARRAY "BigInt64Array" 7 8.0 BigInt64Array BigInt64ArrayPrototype {}
    BIGUINT64_ARRAY "BigUint64Array" 8 8.0 BigUint64Array BigUint64ArrayPrototype {}
    FLOAT16_ARRAY "Float16Array" 9 2.0 Float16Array Float16ArrayPrototype {}
    FLOAT32_ARRAY "Float32Array" 10 4.0 Float32Array Float32ArrayPrototype {}
    FLOAT64_ARRAY "Float64Array" 11 8.0 Float64Array Float64ArrayPrototype {}
}
