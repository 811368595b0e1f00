//! Literals: objects, arrays, regular expressions, templates; environments.

use super::super::{frame_code, register};
use super::{a, b, c, set_a, settle};
use crate::bytecode::Word;
use crate::context::Context;
use crate::heap::{Environment, Kind, Ref, Values};
use crate::native::Result;
use crate::realm::Intrinsic;
use crate::realm::code::scope_bits;
use crate::value::Value;

/// `NewEnv`
pub(in crate::interpreter) fn new_env(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let heap = &cx.heap;
    let parent: Ref<Environment> = b(cx, word, regs).as_cell().unwrap_or(Ref::NULL);
    let scope: Ref<Values> = Ref::from_offset(frame_code(heap, regs).cell(heap, u32::from(word.c)).offset());
    let head = scope.get(heap, 0).as_int().unwrap_or(0);
    let count = (scope.length(heap) - 1) / 2;
    let extra = u32::from(head & scope_bits::VAR_SCOPE != 0);
    let environment = heap.new_environment(parent, scope, count + extra, Value::HOLE);
    if head & scope_bits::MIXED != 0 {
        for i in 0..count {
            if scope.get(heap, 1 + count + i).as_int().unwrap_or(0) & scope_bits::TDZ == 0 {
                heap.cage().store_new(environment.slot(i), Value::UNDEFINED);
            }
        }
    }
    if extra != 0 {
        heap.cage().store_new(environment.slot(count), Value::UNDEFINED);
    }
    set_a(cx, word, regs, Value::cell(environment));
    Ok(())
}

/// `CopyEnv`
pub(in crate::interpreter) fn copy_env(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let heap = &cx.heap;
    let from: Ref<Environment> = b(cx, word, regs).as_cell().unwrap_or(Ref::NULL);
    let count = from.count(heap);
    let copy = heap.new_environment(from.parent(heap), from.scope(heap), count, Value::UNDEFINED);
    for i in 0..count {
        heap.cage().store_new(copy.slot(i), from.get(heap, i));
    }
    set_a(cx, word, regs, Value::cell(copy));
    Ok(())
}

/// `NewWithEnv`
pub(in crate::interpreter) fn new_with_env(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let parent: Ref<Environment> = b(cx, word, regs).as_cell().unwrap_or(Ref::NULL);
    let object = cx.to_object(c(cx, word, regs))?;
    let environment = cx.new_with_environment(parent, object);
    set_a(cx, word, regs, Value::cell(environment));
    Ok(())
}

/// `NewObject`
pub(in crate::interpreter) fn new_object(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let object = if word.b <= 4 {
        cx.new_plain_object()
    } else {
        let prototype = cx.intrinsic(Intrinsic::ObjectPrototype);
        let shape = cx.heap.root_shape(Some(prototype), Kind::Object, u32::from(word.b).min(64));
        cx.heap.new_object(Kind::Object, shape, 0)
    };
    set_a(cx, word, regs, object.value());
    Ok(())
}

/// `NewArray`
pub(in crate::interpreter) fn new_array(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let array = cx.new_array(&[]);
    let capacity = (word.bc().max(0) as u32).min(1 << 16);
    if capacity > 0 {
        array.set_elements(&cx.heap, cx.heap.new_values(capacity));
    }
    set_a(cx, word, regs, array.value());
    Ok(())
}

/// `NewArrayFrom`
pub(in crate::interpreter) fn new_array_from(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let array = cx.new_array(&[]);
    let count = u32::from(word.c);
    if count > 0 {
        let elements = cx.heap.new_values(count);
        cx.heap.cage().copy_within(regs + 8 * u32::from(word.b), elements.slot(0), 8 * count);
        elements.set_length(&cx.heap, count);
        array.set_elements(&cx.heap, elements);
        array.set_internal(&cx.heap, 0, Value::int(count as i32));
    }
    set_a(cx, word, regs, array.value());
    Ok(())
}

/// `ArrayPush`
pub(in crate::interpreter) fn array_push(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    push(cx, a(cx, word, regs), b(cx, word, regs))
}

/// Appends to an array that a literal is building.
fn push(cx: &mut Context, array: Value, value: Value) -> Result<()> {
    let Some(array) = array.as_object() else { return Ok(()) };
    array.array_push(cx, value)
}

/// `ArrayPushHole`
pub(in crate::interpreter) fn array_push_hole(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    if let Some(array) = a(cx, word, regs).as_object() {
        let length = array.internal(&cx.heap, 0).as_number().unwrap_or(0.0);
        array.set_internal(&cx.heap, 0, Value::number(length + 1.0));
    }
    Ok(())
}

/// `SpreadList`
pub(in crate::interpreter) fn spread_list(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let iterable = b(cx, word, regs);
    // OPTIMIZATION: nothing runs between this and the call, which only reads the list.
    let list = if cx.has_builtin_array_iteration(iterable).is_some_and(|source| source.is_packed_array(cx)) {
        iterable
    } else {
        cx.new_array(&[]).value()
    };
    set_a(cx, word, regs, list);
    if list == iterable { Ok(()) } else { spread(cx, list, iterable, regs) }
}

/// `ArraySpread`
pub(in crate::interpreter) fn array_spread(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    spread(cx, a(cx, word, regs), b(cx, word, regs), regs)
}

/// Appends all that `iterable` yields to an array that a literal is building.
fn spread(cx: &mut Context, array: Value, iterable: Value, regs: u32) -> Result<()> {
    settle(cx, regs);
    if let (Some(array), Some(source)) = (array.as_object(), cx.has_builtin_array_iteration(iterable))
        && source.is_packed_array(cx)
        && array.is_plain_dense_array(cx)
    {
        // OPTIMIZATION: nothing runs between the elements.
        let count = source.array_length(&cx.heap);
        cx.spend_fuel(u64::from(count) / 8)?;
        cx.reserve(8 * u64::from(count))?;
        return array.append_packed(cx, source);
    }
    cx.iterate(iterable, |cx, value| {
        push(cx, array, value)?;
        Ok(crate::iteration::Flow::Continue)
    })
}

/// `NewRegExp`
pub(in crate::interpreter) fn new_regexp(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let record = frame_code(&cx.heap, regs).constant(&cx.heap, word.bc() as u32);
    let record = cx.record(record);
    if let (Some(pattern), Some(flags)) = (record.get(&cx.heap, 0).as_string(), record.get(&cx.heap, 1).as_string()) {
        let object = crate::builtins::regexp::create(cx, pattern, flags)?;
        set_a(cx, word, regs, object.value());
    }
    Ok(())
}

/// `TemplateObject`
pub(in crate::interpreter) fn template_object(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let site = frame_code(&cx.heap, regs).constant(&cx.heap, word.bc() as u32);
    let template = cx.template_object(site)?;
    set_a(cx, word, regs, template.value());
    Ok(())
}

// B.3.1 __proto__ Property Names in Object Initializers, https://tc39.es/ecma262/#sec-__proto__-property-names-in-object-initializers
/// `SetProto`
pub(in crate::interpreter) fn set_proto(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let prototype = b(cx, word, regs);
    if let Some(object) = a(cx, word, regs).as_object()
        && (prototype.is_object() || prototype.is_null())
    {
        cx.set_prototype_of(object, prototype.as_object())?;
    }
    Ok(())
}

/// `CopyDataProperties`
pub(in crate::interpreter) fn copy_data_properties(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let mut excluded = Vec::with_capacity(usize::from(word.x));
    for i in 0..u32::from(word.x) {
        let value = register(&cx.heap, regs, u32::from(word.c) + i);
        excluded.push(cx.to_property_key(value)?);
    }
    let source = b(cx, word, regs);
    match a(cx, word, regs).as_object() {
        Some(target) => cx.copy_data_properties(target, source, &excluded),
        None => Ok(()),
    }
}
