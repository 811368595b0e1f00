//! What programs make most: closures, scopes, arrays. As long as allocation is a bump, nothing here calls anything.

use super::simple::code_field;
use super::{get, handler, load, set, slow_handler};
use crate::heap::{Kind, Ref, Values, object_flag};
use crate::interpreter::dispatch::next;
use crate::interpreter::slow;
use crate::object::Object;
use crate::realm::code::{Code, code_flag, scope_bits};
use crate::realm::function;
use crate::value::Value;

/// Code of kinds whose closures have shapes of their own.
const OTHER_SHAPES: u32 = code_flag::GENERATOR | code_flag::ASYNC | code_flag::CLASS;

handler!(Closure(pc, regs, cx, base, ic) {
    let cells = code_field!(base, regs, Cells);
    let code = Code::from_value(load(base, cells + 16 + 8 * u32::from((*pc).c)));
    let heap = &(*cx).heap;
    let flags = code.flags(heap);
    let realm = (*cx).machine.realm;
    if flags & OTHER_SHAPES != 0 || code.realm(heap) != realm {
        return closure_slow(pc, regs, cx, base, ic);
    }
    let at = heap.try_bump(function::CLOSURE_BYTES);
    if at == 0 {
        return closure_slow(pc, regs, cx, base, ic);
    }
    let (shape, object_flags) = if flags & code_flag::CONSTRUCTOR != 0 {
        (realm.constructor_shape(heap), object_flag::CALLABLE | object_flag::CONSTRUCTOR)
    } else {
        (realm.function_shape(heap), object_flag::CALLABLE)
    };
    function::init_closure(heap, at, shape, object_flags, code, get(regs, (*pc).b));
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
    let heap = &(*cx).heap;
    let at = heap.try_bump(16 + 8 * count);
    if at == 0 {
        return new_env_slow(pc, regs, cx, base, ic);
    }
    let parent = get(regs, (*pc).b);
    let parent = if parent.is_cell() { parent.offset() } else { 0 };
    heap.init_header(at, Kind::Environment, 0, 0, parent);
    heap.cage().store_new::<u64>(at + 8, u64::from(scope) | u64::from(count) << 32);
    if head & scope_bits::MIXED == 0 {
        heap.cage().fill_new(at + 16, count, Value::HOLE);
    } else {
        let mut i = 0;
        while i < count {
            let bits: i32 = load(base, scope + 24 + 8 * (count + i));
            let value = if bits & scope_bits::TDZ != 0 { Value::HOLE } else { Value::UNDEFINED };
            heap.cage().store_new(at + 16 + 8 * i, value);
            i += 1;
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

handler!(NewArray(pc, regs, cx, base, ic) {
    let capacity = (*pc).bc() as u32;
    let heap = &(*cx).heap;
    let room = if capacity == 0 { 0 } else { 16 + 8 * capacity };
    let at = if capacity <= MOST_ROOM { heap.try_bump(ARRAY_BYTES + room) } else { 0 };
    if at == 0 {
        return new_array_slow(pc, regs, cx, base, ic);
    }
    let elements = if capacity == 0 { 0 } else { at + ARRAY_BYTES };
    heap.init_header(at, Kind::Array, 0, 0, (*cx).machine.realm.array_shape(heap).offset());
    heap.cage().store_new::<u64>(at + 8, u64::from(elements) << 32);
    heap.cage().store_new(at + 16, Value::ZERO);
    if capacity != 0 {
        heap.init_header(elements, Kind::Values, 0, 0, capacity);
        heap.cage().store_new::<u64>(elements + 8, 0);
        heap.cage().fill_new(elements + 16, capacity, Value::HOLE);
    }
    set(regs, (*pc).a, Object::from_offset(at).value());
    next!(pc, regs, cx, base, ic)
});
slow_handler!(new_array_slow => slow::objects::new_array);

handler!(NewArrayFrom(pc, regs, cx, base, ic) {
    let count = u32::from((*pc).c);
    let heap = &(*cx).heap;
    let room = if count == 0 { 0 } else { 16 + 8 * count };
    let at = heap.try_bump(ARRAY_BYTES + room);
    if at == 0 {
        return new_array_from_slow(pc, regs, cx, base, ic);
    }
    let elements = if count == 0 { 0 } else { at + ARRAY_BYTES };
    heap.init_header(at, Kind::Array, 0, 0, (*cx).machine.realm.array_shape(heap).offset());
    heap.cage().store_new::<u64>(at + 8, u64::from(elements) << 32);
    heap.cage().store_new(at + 16, Value::int(count as i32));
    if count != 0 {
        heap.init_header(elements, Kind::Values, 0, 0, count);
        heap.cage().store_new::<u64>(elements + 8, u64::from(count));
        let first = (*pc).b;
        let mut i = 0;
        while i < (*pc).c {
            heap.cage().store_new(elements + 16 + 8 * u32::from(i), get(regs, first + i));
            i += 1;
        }
    }
    set(regs, (*pc).a, Object::from_offset(at).value());
    next!(pc, regs, cx, base, ic)
});
slow_handler!(new_array_from_slow => slow::objects::new_array_from);
