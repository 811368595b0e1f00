//! Property access through inline caches, elements of plain arrays.

use super::simple::code_field;
use super::{frame_handler, get, handler, load, set, slow_handler, store_value};
use crate::heap::Kind;
use crate::interpreter::dispatch::next;
use crate::interpreter::inline_cache::{WAYS, ic as kind};
use crate::interpreter::lookup_cache::{ABSENT, WRITABLE};
use crate::interpreter::slow::{classes, property as slow};
use crate::string::atoms::MAY_BE_INDEX;
use crate::string::{ATOM, FLAT_UNITS, TWO_BYTE};
use crate::value::{Value, tag};

/// Kinds of the global lookup cache that a store may use.
const OWN_WRITABLE: u32 = kind::OWN | WRITABLE;
const OVERFLOW_WRITABLE: u32 = kind::OVERFLOW | WRITABLE;
/// And those that add a property which the chain does not have either.
const ADD_ABSENT: u32 = kind::ADD | ABSENT;
const ADD_OVERFLOW_ABSENT: u32 = kind::ADD_OVERFLOW | ABSENT;

/// Adds the property that a cache of kind `$kind` (without flags) tells of: in an inline slot, or in an overflow slot that exists already.
/// `$slow` where that is not so, or where the object may not be extended or is a prototype: then it keeps its shape, and its flags tell.
macro_rules! add_property {
    ($cx:ident, $base:ident, $object:expr, $kind:expr, $data:expr, $shape:expr, $value:expr, $slow:expr) => {{
        let object = $object;
        if load::<u8>($base, object + 1) & 3 != 0 {
            return $slow;
        }
        if $kind == kind::ADD {
            store_value($cx, $base, object.wrapping_add($data >> 8), $value);
        } else {
            let slots: u32 = load($base, object + 8);
            let index = $data >> 8;
            if slots == 0 || index >= load::<u32>($base, slots + 4) {
                return $slow;
            }
            store_value($cx, $base, slots + 16 + 8 * index, $value);
            (*$cx).heap.store::<u32>(slots + 8, index + 1);
        }
        (*$cx).heap.store::<u32>(object + 4, $shape);
    }};
}

/// Address of the instruction's inline cache.
macro_rules! cache {
    ($pc:ident, $ic:ident) => {
        $ic.add(16 * (*$pc).c as usize).cast::<u32>()
    };
}

/// The entry for objects of `$shape` in the cache at `$entry`: the one that it is, or one of four ways. Goes on to `$slow` without one.
macro_rules! entry_for {
    ($base:ident, $entry:ident, $shape:ident, $slow:expr) => {{
        let mut entry = $entry;
        if *entry != $shape {
            if *entry.add(1) & 0xFF != kind::POLYMORPHIC {
                return $slow;
            }
            entry = $base.add(*entry.add(2) as usize + 8).cast::<u32>().cast_const();
            let last = entry.add(4 * (WAYS as usize - 1));
            while *entry != $shape {
                if entry == last {
                    return $slow;
                }
                entry = entry.add(4);
            }
        }
        entry
    }};
}

handler!(GetField(pc, regs, cx, base, ic) {
    let value = get(regs, (*pc).b);
    let entry = cache!(pc, ic);
    if value.is_object() {
        let object = value.offset();
        let shape: u32 = load(base, object + 4);
        let data = *entry.add(1);
        if shape == *entry {
            if data & 0xFF == kind::OWN {
                let found: Value = load(base, object.wrapping_add(data >> 8));
                set(regs, (*pc).a, found);
                next!(pc, regs, cx, base, ic)
            }
            return get_field_elsewhere(pc, regs, cx, base, ic);
        }
    }
    get_field_other(pc, regs, cx, base, ic)
});

handler!(
    /// Objects of the one shape that the site knows: hits on prototypes, then overflow slots, then what is missing.
    get_field_elsewhere(pc, regs, cx, base, ic) {
        let entry = cache!(pc, ic);
        let kind = *entry.add(1) & 0xFF;
        if kind == kind::OVERFLOW {
            let slots: u32 = load(base, get(regs, (*pc).b).offset() + 8);
            let found: Value = load(base, slots + 16 + 8 * (*entry.add(1) >> 8));
            set(regs, (*pc).a, found);
            next!(pc, regs, cx, base, ic)
        }
        if *entry.add(3) != (*cx).heap.shape_epoch() {
            return get_field_slow(pc, regs, cx, base, ic);
        }
        if kind == kind::PROTOTYPE {
            let found: Value = load(base, *entry.add(2));
            set(regs, (*pc).a, found);
            next!(pc, regs, cx, base, ic)
        }
        if kind == kind::MISSING {
            set(regs, (*pc).a, Value::UNDEFINED);
            next!(pc, regs, cx, base, ic)
        }
        if kind == kind::GETTER {
            return super::calls::call_getter(pc, regs, cx, base, ic);
        }
        get_field_slow(pc, regs, cx, base, ic)
    }
);

handler!(GetMethod(pc, regs, cx, base, ic) {
    set(regs, (*pc).a + 2, get(regs, (*pc).b));
    GetField(pc, regs, cx, base, ic)
});

handler!(
    /// Primitive values, and sites that know several shapes.
    get_field_other(pc, regs, cx, base, ic) {
        let value = get(regs, (*pc).b);
        let entry = cache!(pc, ic);
        let shape: u32 = match value.tag() {
            tag::OBJECT => load(base, value.offset() + 4),
            tag::STRING => 1,
            tag::INT => 2,
            tag::SYMBOL => 4,
            tag::BIGINT => 5,
            _ if value.is_double() => 2,
            _ if value.is_bool() => 3,
            _ => return get_field_slow(pc, regs, cx, base, ic),
        };
        let entry = entry_for!(base, entry, shape, get_field_megamorphic(pc, regs, cx, base, ic));
        let data = *entry.add(1);
        match data & 0xFF {
            kind::OWN => {
                let found: Value = load(base, value.offset().wrapping_add(data >> 8));
                set(regs, (*pc).a, found);
                next!(pc, regs, cx, base, ic)
            }
            kind::PROTOTYPE if *entry.add(3) == (*cx).heap.shape_epoch() => {
                let found: Value = load(base, *entry.add(2));
                set(regs, (*pc).a, found);
                next!(pc, regs, cx, base, ic)
            }
            kind::OVERFLOW => {
                let slots: u32 = load(base, value.offset() + 8);
                let found: Value = load(base, slots + 16 + 8 * (data >> 8));
                set(regs, (*pc).a, found);
                next!(pc, regs, cx, base, ic)
            }
            kind::MISSING if *entry.add(3) == (*cx).heap.shape_epoch() => {
                set(regs, (*pc).a, Value::UNDEFINED);
                next!(pc, regs, cx, base, ic)
            }
            _ => get_field_slow(pc, regs, cx, base, ic),
        }
    }
);

/// The value of the property of `$object` with the key that has the bits `$key`, by what the global lookup cache knows; goes on to `$slow`
/// where it knows nothing or an accessor.
macro_rules! known_value {
    ($cx:ident, $base:ident, $object:expr, $key:expr, $slow:expr) => {{
        let object = $object;
        let Some(entry) = (*$cx).lookups.find((*$cx).generation, &(*$cx).pristine, load::<u32>($base, object + 4), $key) else {
            return $slow;
        };
        let found: Value = match entry.data() & 0xFF & !WRITABLE {
            kind::OWN => load($base, object.wrapping_add(entry.data() >> 8)),
            kind::OVERFLOW => load($base, load::<u32>($base, object + 8) + 16 + 8 * (entry.data() >> 8)),
            kind::PROTOTYPE if entry.epoch() == (*$cx).heap.shape_epoch() => load($base, entry.extra()),
            kind::MISSING | ADD_ABSENT | ADD_OVERFLOW_ABSENT if entry.epoch() == (*$cx).heap.shape_epoch() => Value::UNDEFINED,
            _ => return $slow,
        };
        found
    }};
}

/// Stores `$value` as the property of `$object` with the key that has the bits `$key`, which exists or is added, as the global lookup cache
/// knows how; goes on to `$slow` where it does not.
macro_rules! store_known {
    ($pc:ident, $regs:ident, $cx:ident, $base:ident, $ic:ident, $object:expr, $key:expr, $value:expr, $slow:expr) => {{
        let object = $object;
        let Some(entry) = (*$cx).lookups.find((*$cx).generation, &(*$cx).pristine, load::<u32>($base, object + 4), $key) else {
            return $slow;
        };
        let at = match entry.data() & 0xFF {
            OWN_WRITABLE => object.wrapping_add(entry.data() >> 8),
            OVERFLOW_WRITABLE => load::<u32>($base, object + 8) + 16 + 8 * (entry.data() >> 8),
            _ => {
                let kind = entry.data() & 0xFF & !ABSENT;
                if !matches!(kind, kind::ADD | kind::ADD_OVERFLOW) || entry.epoch() != (*$cx).heap.shape_epoch() {
                    return $slow;
                }
                let value = $value;
                add_property!($cx, $base, object, kind, entry.data(), entry.extra(), value, $slow);
                next!($pc, $regs, $cx, $base, $ic)
            }
        };
        store_value($cx, $base, at, $value);
        next!($pc, $regs, $cx, $base, $ic)
    }};
}

/// Bits of the key that the instruction's `c` names. Sites with a cache have none that are indices.
macro_rules! site_key {
    ($pc:ident, $base:ident, $regs:ident) => {{
        let keys = code_field!($base, $regs, Keys);
        load::<u32>($base, keys + 16 + 8 * u32::from((*$pc).c))
    }};
}

handler!(
    /// Objects at sites that have met more shapes than they have room for.
    get_field_megamorphic(pc, regs, cx, base, ic) {
        let value = get(regs, (*pc).b);
        let entry = cache!(pc, ic);
        if *entry.add(1) & 0xFF != kind::MEGAMORPHIC || !value.is_object() {
            return get_field_slow(pc, regs, cx, base, ic);
        }
        (*cx).machine.misses += 1;
        let key = site_key!(pc, base, regs);
        let found = known_value!(cx, base, value.offset(), key, get_field_slow(pc, regs, cx, base, ic));
        set(regs, (*pc).a, found);
        next!(pc, regs, cx, base, ic)
    }
);

frame_handler!(get_field_slow => slow::get_field);

handler!(GetLength(pc, regs, cx, base, ic) {
    let value = get(regs, (*pc).b);
    if value.is_object() {
        let object = value.offset();
        if load::<u8>(base, object) == Kind::Array as u8 {
            let length: Value = load(base, object + 16);
            set(regs, (*pc).a, length);
            next!(pc, regs, cx, base, ic)
        }
        return GetField(pc, regs, cx, base, ic);
    }
    if value.is_string() {
        let length: i32 = load(base, value.offset() + 8);
        set(regs, (*pc).a, Value::int(length));
        next!(pc, regs, cx, base, ic)
    }
    get_field_slow(pc, regs, cx, base, ic)
});

handler!(SetField(pc, regs, cx, base, ic) {
    let target = get(regs, (*pc).a);
    let entry = cache!(pc, ic);
    if target.is_object() {
        let object = target.offset();
        let shape: u32 = load(base, object + 4);
        let data = *entry.add(1);
        if shape == *entry && data & 0xFF == kind::OWN {
            store_value(cx, base, object.wrapping_add(data >> 8), get(regs, (*pc).b));
            next!(pc, regs, cx, base, ic)
        }
    }
    set_field_add(pc, regs, cx, base, ic)
});

handler!(
    /// Additions, overflow slots, four ways.
    set_field_add(pc, regs, cx, base, ic) {
        let target = get(regs, (*pc).a);
        if !target.is_object() {
            return set_field_slow(pc, regs, cx, base, ic);
        }
        let object = target.offset();
        let shape: u32 = load(base, object + 4);
        let entry = cache!(pc, ic);
        let entry = entry_for!(base, entry, shape, set_field_megamorphic(pc, regs, cx, base, ic));
        let data = *entry.add(1);
        let value = get(regs, (*pc).b);
        match data & 0xFF {
            kind::OWN => store_value(cx, base, object.wrapping_add(data >> 8), value),
            kind::OVERFLOW => {
                let slots: u32 = load(base, object + 8);
                store_value(cx, base, slots + 16 + 8 * (data >> 8), value);
            }
            kind @ (kind::ADD | kind::ADD_OVERFLOW) if *entry.add(3) == (*cx).heap.shape_epoch() => {
                add_property!(cx, base, object, kind, data, *entry.add(2), value, set_field_slow(pc, regs, cx, base, ic));
            }
            _ => return set_field_slow(pc, regs, cx, base, ic),
        }
        next!(pc, regs, cx, base, ic)
    }
);

handler!(
    /// Objects at sites that have met more shapes than they have room for: constructors of base classes, mostly.
    set_field_megamorphic(pc, regs, cx, base, ic) {
        if *cache!(pc, ic).add(1) & 0xFF != kind::MEGAMORPHIC {
            return set_field_slow(pc, regs, cx, base, ic);
        }
        (*cx).machine.misses += 1;
        let key = site_key!(pc, base, regs);
        let object = get(regs, (*pc).a).offset();
        store_known!(pc, regs, cx, base, ic, object, key, get(regs, (*pc).b), set_field_slow(pc, regs, cx, base, ic))
    }
);

frame_handler!(set_field_slow => slow::set_field);

handler!(DefineField(pc, regs, cx, base, ic) {
    let object = get(regs, (*pc).a).offset();
    let entry = cache!(pc, ic);
    let shape: u32 = load(base, object + 4);
    let data = *entry.add(1);
    if shape == *entry && data & 0xFF == kind::ADD && load::<u8>(base, object + 1) & 3 == 0 {
        store_value(cx, base, object.wrapping_add(data >> 8), get(regs, (*pc).b));
        (*cx).heap.store::<u32>(object + 4, *entry.add(2));
        next!(pc, regs, cx, base, ic)
    }
    define_field_add(pc, regs, cx, base, ic)
});

handler!(
    /// Additions in an overflow slot that exists already, four ways.
    define_field_add(pc, regs, cx, base, ic) {
        let object = get(regs, (*pc).a).offset();
        let shape: u32 = load(base, object + 4);
        let entry = cache!(pc, ic);
        let entry = entry_for!(base, entry, shape, define_field_slow(pc, regs, cx, base, ic));
        let data = *entry.add(1);
        let kind = data & 0xFF;
        if !matches!(kind, kind::ADD | kind::ADD_OVERFLOW) {
            return define_field_slow(pc, regs, cx, base, ic);
        }
        let value = get(regs, (*pc).b);
        add_property!(cx, base, object, kind, data, *entry.add(2), value, define_field_slow(pc, regs, cx, base, ic));
        next!(pc, regs, cx, base, ic)
    }
);
slow_handler!(define_field_slow => slow::define_field);

handler!(GetElem(pc, regs, cx, base, ic) {
    let target = get(regs, (*pc).b);
    let key = get(regs, (*pc).c);
    if !key.is_int() {
        return get_elem_named(pc, regs, cx, base, ic);
    }
    if target.is_object() {
        let elements: u32 = load(base, target.offset() + 12);
        let index = key.as_int_unchecked() as u32;
        if index < load::<u32>(base, elements + 8) {
            let value: Value = load(base, elements.wrapping_add(16).wrapping_add(index.wrapping_mul(8)));
            if !value.is_hole() {
                set(regs, (*pc).a, value);
                next!(pc, regs, cx, base, ic)
            }
        }
    }
    get_elem_typed(pc, regs, cx, base, ic)
});

/// Address of element `index` of a typed array, when it is in bounds; 0 otherwise. Evaluates to (address, element type).
macro_rules! typed_element {
    ($base:ident, $object:expr, $index:expr, $slow:expr) => {{
        let object = $object;
        if load::<u8>($base, object) != Kind::TypedArray as u8 {
            return $slow;
        }
        let length: Value = load($base, object + 32);
        let offset: Value = load($base, object + 24);
        let kind: Value = load($base, object + 40);
        let buffer = load::<Value>($base, object + 16).offset();
        let bytes: Value = load($base, buffer + 16);
        let byte_length: Value = load($base, buffer + 24);
        let maximum: Value = load($base, buffer + 32);
        let index = $index as u32;
        // Length-tracking views, resizable and detached buffers take the slow path.
        if !length.is_int()
            || index >= length.as_int_unchecked() as u32
            || !bytes.is_cell()
            || !maximum.is_undefined()
            || !byte_length.is_int()
            || !offset.is_int()
        {
            return $slow;
        }
        (bytes.offset() + 8, offset.as_int_unchecked() as u32, kind.as_int_unchecked(), index)
    }};
}

handler!(get_elem_typed(pc, regs, cx, base, ic) {
    let target = get(regs, (*pc).b);
    let key = get(regs, (*pc).c);
    if !target.is_object() {
        return get_elem_string(pc, regs, cx, base, ic);
    }
    let (data, offset, element, index) = typed_element!(base, target.offset(), key.as_int_unchecked(), get_elem_slow(pc, regs, cx, base, ic));
    let at = data + offset;
    let value = match element {
        0 => Value::int(i32::from(load::<u8>(base, at + index) as i8)),
        1 | 2 => Value::int(i32::from(load::<u8>(base, at + index))),
        3 => Value::int(i32::from(load::<u16>(base, at + 2 * index) as i16)),
        4 => Value::int(i32::from(load::<u16>(base, at + 2 * index))),
        5 => Value::int(load::<i32>(base, at + 4 * index)),
        6 => {
            let number: u32 = load(base, at + 4 * index);
            if number <= i32::MAX as u32 { Value::int(number as i32) } else { Value::double(f64::from(number)) }
        }
        11 => Value::double(load::<f64>(base, at + 8 * index)),
        10 => Value::double(f64::from(f32::from_bits(load::<u32>(base, at + 4 * index)))),
        _ => return get_elem_slow(pc, regs, cx, base, ic),
    };
    set(regs, (*pc).a, value);
    next!(pc, regs, cx, base, ic)
});

handler!(
    /// Named properties by computed key.
    get_elem_named(pc, regs, cx, base, ic) {
        let target = get(regs, (*pc).b);
        let key = get(regs, (*pc).c);
        if !(target.is_object() && key.is_string()) {
            return get_elem_slow(pc, regs, cx, base, ic);
        }
        let atom = key.offset();
        if load::<u8>(base, atom + 1) & ATOM == 0 || load::<u16>(base, atom + 2) == MAY_BE_INDEX {
            return get_elem_slow(pc, regs, cx, base, ic);
        }
        let found = known_value!(cx, base, target.offset(), atom, get_elem_slow(pc, regs, cx, base, ic));
        set(regs, (*pc).a, found);
        next!(pc, regs, cx, base, ic)
    }
);

handler!(
    /// Characters of flat Latin-1 strings. The key is an int.
    get_elem_string(pc, regs, cx, base, ic) {
        let target = get(regs, (*pc).b);
        let key = get(regs, (*pc).c);
        if !target.is_string() {
            return get_elem_slow(pc, regs, cx, base, ic);
        }
        let string = target.offset();
        let index = key.as_int_unchecked() as u32;
        if load::<u8>(base, string) != Kind::FlatString as u8
            || load::<u8>(base, string + 1) & TWO_BYTE != 0
            || index >= load::<u32>(base, string + 8)
        {
            return get_elem_slow(pc, regs, cx, base, ic);
        }
        let unit: u8 = load(base, string.wrapping_add(FLAT_UNITS).wrapping_add(index));
        set(regs, (*pc).a, (*cx).heap.single_character(unit).value());
        next!(pc, regs, cx, base, ic)
    }
);

frame_handler!(get_elem_slow => slow::get_elem);

handler!(SetElem(pc, regs, cx, base, ic) {
    let target = get(regs, (*pc).a);
    let key = get(regs, (*pc).b);
    if target.is_object() && key.is_int() {
        let elements: u32 = load(base, target.offset() + 12);
        let index = key.as_int_unchecked() as u32;
        if index < load::<u32>(base, elements + 8) {
            let at = elements.wrapping_add(16).wrapping_add(index.wrapping_mul(8));
            let old: Value = load(base, at);
            if !old.is_hole() {
                store_value(cx, base, at, get(regs, (*pc).c));
                next!(pc, regs, cx, base, ic)
            }
        }
    }
    set_elem_append(pc, regs, cx, base, ic)
});

handler!(
    /// Appends to a plain array within its capacity.
    set_elem_append(pc, regs, cx, base, ic) {
        let target = get(regs, (*pc).a);
        let key = get(regs, (*pc).b);
        if !(target.is_object() && key.is_int()) {
            return set_elem_named(pc, regs, cx, base, ic);
        }
        let object = target.offset();
        // A plain extensible array without flags, no prototype with elements.
        if load::<u16>(base, object) != Kind::Array as u16 || !(*cx).heap.prototypes_lack_elements() {
            return set_elem_typed(pc, regs, cx, base, ic);
        }
        let elements: u32 = load(base, object + 12);
        let index = key.as_int_unchecked() as u32;
        let length: Value = load(base, object + 16);
        if elements == 0 || length != Value::int(index as i32) || index != load::<u32>(base, elements + 8) || index >= load::<u32>(base, elements + 4) {
            return set_elem_slow(pc, regs, cx, base, ic);
        }
        store_value(cx, base, elements + 16 + 8 * index, get(regs, (*pc).c));
        (*cx).heap.store::<u32>(elements + 8, index + 1);
        store_value(cx, base, object + 16, Value::int(index as i32 + 1));
        next!(pc, regs, cx, base, ic)
    }
);

handler!(set_elem_typed(pc, regs, cx, base, ic) {
    let target = get(regs, (*pc).a);
    let value = get(regs, (*pc).c);
    let (data, offset, element, index) = typed_element!(base, target.offset(), get(regs, (*pc).b).as_int_unchecked(), set_elem_slow(pc, regs, cx, base, ic));
    let at = data + offset;
    if value.is_int() {
        let number = value.as_int_unchecked();
        match element {
            0 | 1 => (*cx).heap.store::<u8>(at + index, number as u8),
            2 => (*cx).heap.store::<u8>(at + index, number.clamp(0, 255) as u8),
            3 | 4 => (*cx).heap.store::<u16>(at + 2 * index, number as u16),
            5 | 6 => (*cx).heap.store::<u32>(at + 4 * index, number as u32),
            11 => (*cx).heap.store::<f64>(at + 8 * index, f64::from(number)),
            10 => (*cx).heap.store::<u32>(at + 4 * index, (number as f32).to_bits()),
            _ => return set_elem_slow(pc, regs, cx, base, ic),
        }
        next!(pc, regs, cx, base, ic)
    }
    if value.is_double() {
        let number = f64::from_bits(value.to_bits());
        match element {
            11 => (*cx).heap.store::<f64>(at + 8 * index, number),
            10 => (*cx).heap.store::<u32>(at + 4 * index, (number as f32).to_bits()),
            _ => return set_elem_slow(pc, regs, cx, base, ic),
        }
        next!(pc, regs, cx, base, ic)
    }
    set_elem_slow(pc, regs, cx, base, ic)
});

handler!(
    /// Named properties by computed key, existing ones and new ones.
    set_elem_named(pc, regs, cx, base, ic) {
        let target = get(regs, (*pc).a);
        let key = get(regs, (*pc).b);
        if !(target.is_object() && key.is_string()) {
            return set_elem_slow(pc, regs, cx, base, ic);
        }
        let atom = key.offset();
        if load::<u8>(base, atom + 1) & ATOM == 0 || load::<u16>(base, atom + 2) == MAY_BE_INDEX {
            return set_elem_slow(pc, regs, cx, base, ic);
        }
        store_known!(pc, regs, cx, base, ic, target.offset(), atom, get(regs, (*pc).c), set_elem_slow(pc, regs, cx, base, ic))
    }
);

slow_handler!(set_elem_slow => slow::set_elem);

handler!(GetGlobal(pc, regs, cx, base, ic) {
    let entry = cache!(pc, ic);
    // +4 epoch, +8 address of the slot, +12 the object: the global object or the one that holds lexical bindings.
    let shape: u32 = load(base, *entry.add(3) + 4);
    if *entry != 0 && shape == *entry && *entry.add(1) == (*cx).heap.shape_epoch() {
        let value: Value = load(base, *entry.add(2));
        if !value.is_hole() {
            set(regs, (*pc).a, value);
            next!(pc, regs, cx, base, ic)
        }
    }
    get_global_slow(pc, regs, cx, base, ic)
});
frame_handler!(get_global_slow => crate::interpreter::slow::names::get_global);

handler!(SetGlobal(pc, regs, cx, base, ic) {
    // As for GetGlobal; only writable slots are cached.
    let entry = cache!(pc, ic);
    let shape: u32 = load(base, *entry.add(3) + 4);
    if *entry != 0 && shape == *entry && *entry.add(1) == (*cx).heap.shape_epoch() {
        let old: Value = load(base, *entry.add(2));
        if !old.is_hole() {
            store_value(cx, base, *entry.add(2), get(regs, (*pc).a));
            next!(pc, regs, cx, base, ic)
        }
    }
    set_global_slow(pc, regs, cx, base, ic)
});
slow_handler!(set_global_slow => crate::interpreter::slow::names::set_global);

handler!(
    /// Private fields and methods, by what the slow path noted of (shape, name) pairs.
    GetPrivate(pc, regs, cx, base, ic) {
        let target = get(regs, (*pc).b);
        let name = get(regs, (*pc).c).offset();
        if !target.is_object() {
            return get_private_slow(pc, regs, cx, base, ic);
        }
        let object = target.offset();
        let Some(entry) = (*cx).lookups.find((*cx).generation, &(*cx).pristine, load::<u32>(base, object + 4), name) else {
            return get_private_slow(pc, regs, cx, base, ic);
        };
        let found: Value = match entry.data() & 0xFF & !WRITABLE {
            kind::OWN => load(base, object.wrapping_add(entry.data() >> 8)),
            kind::OVERFLOW => load(base, load::<u32>(base, object + 8) + 16 + 8 * (entry.data() >> 8)),
            _ => return get_private_slow(pc, regs, cx, base, ic),
        };
        set(regs, (*pc).a, found);
        next!(pc, regs, cx, base, ic)
    }
);
slow_handler!(get_private_slow => classes::get_private);

handler!(
    /// Private fields that the object has.
    SetPrivate(pc, regs, cx, base, ic) {
        let target = get(regs, (*pc).a);
        let name = get(regs, (*pc).b).offset();
        if !target.is_object() {
            return set_private_slow(pc, regs, cx, base, ic);
        }
        let object = target.offset();
        let Some(entry) = (*cx).lookups.find((*cx).generation, &(*cx).pristine, load::<u32>(base, object + 4), name) else {
            return set_private_slow(pc, regs, cx, base, ic);
        };
        let at = match entry.data() & 0xFF {
            OWN_WRITABLE => object.wrapping_add(entry.data() >> 8),
            OVERFLOW_WRITABLE => load::<u32>(base, object + 8) + 16 + 8 * (entry.data() >> 8),
            _ => return set_private_slow(pc, regs, cx, base, ic),
        };
        store_value(cx, base, at, get(regs, (*pc).c));
        next!(pc, regs, cx, base, ic)
    }
);
slow_handler!(set_private_slow => classes::set_private);

handler!(
    /// Private fields and methods that objects of this shape were given before.
    DefinePrivate(pc, regs, cx, base, ic) {
        let target = get(regs, (*pc).a);
        let name = get(regs, (*pc).b).offset();
        if !target.is_object() || (*pc).x > 1 {
            return define_private_slow(pc, regs, cx, base, ic);
        }
        let object = target.offset();
        let Some(entry) = (*cx).lookups.find((*cx).generation, &(*cx).pristine, load::<u32>(base, object + 4), name) else {
            return define_private_slow(pc, regs, cx, base, ic);
        };
        let kind = entry.data() & 0xFF;
        if !matches!(kind, kind::ADD | kind::ADD_OVERFLOW) {
            return define_private_slow(pc, regs, cx, base, ic);
        }
        let value = get(regs, (*pc).c);
        add_property!(cx, base, object, kind, entry.data(), entry.extra(), value, define_private_slow(pc, regs, cx, base, ic));
        next!(pc, regs, cx, base, ic)
    }
);
slow_handler!(define_private_slow => classes::define_private);
