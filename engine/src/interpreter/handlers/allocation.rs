//! What programs make most: closures, scopes, arrays. As long as allocation is a bump, nothing here calls anything.

use super::simple::code_field;
use super::{get, handler, header, load, new_cell, set, slow_handler};
use crate::heap::{Kind, Ref, Values, object_flag};
use crate::interpreter::dispatch::next;
use crate::interpreter::slow;
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
