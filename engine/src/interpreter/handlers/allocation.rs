//! What programs make most: closures, scopes, arrays. As long as allocation is a bump, nothing here calls anything.

use super::simple::code_field;
use super::{get, handler, header, load, new_cell, set, slow_handler, store_value};
use crate::bytecode::FRAME_HEADER;
use crate::heap::{Kind, Ref, Values, object_flag};
use crate::interpreter::dispatch::next;
use crate::interpreter::{frame_flag, slow};
use crate::object::Object;
use crate::realm::Realm;
use crate::realm::code::{CodeField, code_flag, scope_bits};
use crate::realm::function::{self, closure};
use crate::value::Value;

/// Code of kinds whose closures have shapes of their own.
const OTHER_SHAPES: u32 = code_flag::GENERATOR | code_flag::ASYNC | code_flag::CLASS;

/// Writes a value to all words from `$at` to `$end`.
macro_rules! fill {
    ($at:ident, $end:ident, $value:expr) => {
        while $at != $end {
            $at.write($value);
            $at = $at.add(1);
        }
    };
}

handler!(Closure(pc, regs, cx, base, ic) {
    let cells = code_field!(base, regs, Cells);
    let code: u32 = load(base, cells + 16 + 8 * u32::from((*pc).c));
    let fields = base.add(code as usize + 16).cast::<u64>();
    let flags = *fields.add(CodeField::Flags as usize) as u32;
    let realm = (*cx).machine.realm.0.offset();
    if flags & OTHER_SHAPES != 0 || *fields.add(CodeField::Realm as usize) as u32 != realm {
        return closure_slow(pc, regs, cx, base, ic);
    }
    let at = (*cx).heap.try_bump(function::CLOSURE_BYTES);
    if at == 0 {
        return closure_slow(pc, regs, cx, base, ic);
    }
    const CALLABLE: u64 = header(Kind::Closure, object_flag::CALLABLE, function::INLINE_SLOTS as u16, 0);
    const CONSTRUCTOR: u64 = header(Kind::Closure, object_flag::CALLABLE | object_flag::CONSTRUCTOR, function::INLINE_SLOTS as u16, 0);
    let (shape, head) = if flags & code_flag::CONSTRUCTOR != 0 {
        (Realm::CONSTRUCTOR_SHAPE, CONSTRUCTOR)
    } else {
        (Realm::FUNCTION_SHAPE, CALLABLE)
    };
    // What `function::init_closure` does, with the cell's address in a register.
    let cell = new_cell(base, at);
    cell.write(head | u64::from(load::<u32>(base, realm + shape)) << 32);
    cell.add(1).write(0);
    let internals = cell.add(2).cast::<Value>();
    internals.add(closure::CODE as usize).write(Value::cell(Ref::<Values>::from_offset(code)));
    internals.add(closure::ENVIRONMENT as usize).write(get(regs, (*pc).b));
    internals.add(closure::HOME as usize).write(Value::UNDEFINED);
    internals.add(closure::FIELDS as usize).write(Value::UNDEFINED);
    internals.add(closure::INSTANCE_SHAPE as usize).write(Value::UNDEFINED);
    let slots = cell.add(2 + Kind::Closure.internal_slots() as usize);
    slots.write(*fields.add(CodeField::Length as usize));
    slots.add(1).write(*fields.add(CodeField::Name as usize));
    slots.add(2).cast::<Value>().write(Value::UNDEFINED);
    set(regs, (*pc).a, Object::from_offset(at).value());
    next!(pc, regs, cx, base, ic)
});
slow_handler!(closure_slow => slow::functions::closure);

handler!(NewEnv(pc, regs, cx, base, ic) {
    let cells = code_field!(base, regs, Cells);
    let scope: u32 = load(base, cells + 16 + 8 * u32::from((*pc).c));
    let head: i32 = load(base, scope + 16);
    let count = (load::<u32>(base, scope + 8) - 1) / 2;
    if head & scope_bits::VAR_SCOPE != 0 {
        return new_env_slow(pc, regs, cx, base, ic);
    }
    let at = (*cx).heap.try_bump(16 + 8 * count);
    if at == 0 {
        return new_env_slow(pc, regs, cx, base, ic);
    }
    let cell = new_cell(base, at);
    let parent = get(regs, (*pc).b);
    let parent = if parent.is_cell() { parent.offset() } else { 0 };
    cell.write(header(Kind::Environment, 0, 0, parent));
    cell.add(1).write(u64::from(scope) | u64::from(count) << 32);
    let mut slot = cell.add(2).cast::<Value>();
    let end = slot.add(count as usize);
    if head & scope_bits::MIXED == 0 {
        fill!(slot, end, Value::HOLE);
    } else {
        let mut bits = base.add(scope as usize + 24).cast::<u64>().add(count as usize);
        while slot != end {
            slot.write(if *bits as i32 & scope_bits::TDZ != 0 { Value::HOLE } else { Value::UNDEFINED });
            slot = slot.add(1);
            bits = bits.add(1);
        }
    }
    set(regs, (*pc).a, Value::cell(Ref::<Values>::from_offset(at)));
    next!(pc, regs, cx, base, ic)
});
slow_handler!(new_env_slow => slow::objects::new_env);

/// Largest array literal that is made here.
const MOST_ROOM: u32 = 64;
/// Bytes of an Array object.
const ARRAY_BYTES: u32 = 16 + 8 * Kind::Array.internal_slots();

/// Lays an Array of length 0 with room for elements at `$at`; evaluates to the elements' cell.
macro_rules! lay_array {
    ($cx:ident, $base:ident, $at:ident, $length:expr, $capacity:expr, $used:expr) => {{
        let realm = (*$cx).machine.realm.0.offset();
        let cell = new_cell($base, $at);
        cell.write(header(Kind::Array, 0, 0, load::<u32>($base, realm + Realm::ARRAY_SHAPE)));
        cell.add(2).cast::<Value>().write($length);
        let elements = cell.add(ARRAY_BYTES as usize / 8);
        if $capacity == 0 {
            cell.add(1).write(0);
        } else {
            cell.add(1).write(u64::from($at + ARRAY_BYTES) << 32);
            elements.write(header(Kind::Values, 0, 0, $capacity));
            elements.add(1).write(u64::from($used));
        }
        elements.add(2).cast::<Value>()
    }};
}

handler!(NewArray(pc, regs, cx, base, ic) {
    let capacity = (*pc).bc() as u32;
    let room = if capacity == 0 { 0 } else { 16 + 8 * capacity };
    let at = if capacity <= MOST_ROOM { (*cx).heap.try_bump(ARRAY_BYTES + room) } else { 0 };
    if at == 0 {
        return new_array_slow(pc, regs, cx, base, ic);
    }
    let mut element = lay_array!(cx, base, at, Value::ZERO, capacity, 0u32);
    let end = element.add(capacity as usize);
    fill!(element, end, Value::HOLE);
    set(regs, (*pc).a, Object::from_offset(at).value());
    next!(pc, regs, cx, base, ic)
});
slow_handler!(new_array_slow => slow::objects::new_array);

handler!(NewArrayFrom(pc, regs, cx, base, ic) {
    let count = u32::from((*pc).c);
    let room = if count == 0 { 0 } else { 16 + 8 * count };
    let at = (*cx).heap.try_bump(ARRAY_BYTES + room);
    if at == 0 {
        return new_array_from_slow(pc, regs, cx, base, ic);
    }
    let mut element = lay_array!(cx, base, at, Value::int(count as i32), count, count);
    let end = element.add(count as usize);
    let mut from = regs.add((*pc).b as usize);
    while element != end {
        element.write(*from);
        element = element.add(1);
        from = from.add(1);
    }
    set(regs, (*pc).a, Object::from_offset(at).value());
    next!(pc, regs, cx, base, ic)
});
slow_handler!(new_array_from_slow => slow::objects::new_array_from);

handler!(CreateRest(pc, regs, cx, base, ic) {
    let info = regs.cast::<u64>().add(1).read();
    let count = info as u32;
    let from = u32::from((*pc).c);
    let used = count.saturating_sub(from);
    let room = if used == 0 { 0 } else { 16 + 8 * used };
    let at = if used <= MOST_ROOM { (*cx).heap.try_bump(ARRAY_BYTES + room) } else { 0 };
    if at == 0 {
        return create_rest_slow(pc, regs, cx, base, ic);
    }
    let first = if info >> 56 & frame_flag::SHIFTED != 0 { regs.sub(count as usize) } else { regs.add(FRAME_HEADER) };
    let mut element = lay_array!(cx, base, at, Value::int(used as i32), used, used);
    let end = element.add(used as usize);
    let mut value = first.add(from as usize);
    while element != end {
        element.write(*value);
        element = element.add(1);
        value = value.add(1);
    }
    set(regs, (*pc).a, Object::from_offset(at).value());
    next!(pc, regs, cx, base, ic)
});
slow_handler!(create_rest_slow => slow::functions::create_rest);

handler!(
    /// Appends to the array of a literal within its capacity.
    ArrayPush(pc, regs, cx, base, ic) {
        let object = get(regs, (*pc).a).offset();
        let elements: u32 = load(base, object + 12);
        let length: Value = load(base, object + 16);
        if load::<u16>(base, object) != Kind::Array as u16 || elements == 0 || !length.is_int() {
            return array_push_slow(pc, regs, cx, base, ic);
        }
        let index = length.as_int_unchecked() as u32;
        if index != load::<u32>(base, elements + 8) || index >= load::<u32>(base, elements + 4) {
            return array_push_slow(pc, regs, cx, base, ic);
        }
        store_value(cx, base, elements + 16 + 8 * index, get(regs, (*pc).b));
        (*cx).heap.store::<u32>(elements + 8, index + 1);
        store_value(cx, base, object + 16, Value::int(index as i32 + 1));
        next!(pc, regs, cx, base, ic)
    }
);
slow_handler!(array_push_slow => slow::objects::array_push);

/// Inline slots of an object of the shape of `{}`.
const PLAIN_SLOTS: u16 = 4;

handler!(NewObject(pc, regs, cx, base, ic) {
    let at = if (*pc).b <= PLAIN_SLOTS { (*cx).heap.try_bump(16 + 8 * u32::from(PLAIN_SLOTS)) } else { 0 };
    if at == 0 {
        return new_object_slow(pc, regs, cx, base, ic);
    }
    let realm = (*cx).machine.realm.0.offset();
    let cell = new_cell(base, at);
    cell.write(header(Kind::Object, 0, PLAIN_SLOTS, load::<u32>(base, realm + Realm::OBJECT_SHAPE)));
    cell.add(1).write(0);
    cell.add(2).cast::<[Value; PLAIN_SLOTS as usize]>().write([Value::UNDEFINED; PLAIN_SLOTS as usize]);
    set(regs, (*pc).a, Object::from_offset(at).value());
    next!(pc, regs, cx, base, ic)
});
slow_handler!(new_object_slow => slow::objects::new_object);
