//! Iteration. An iterator record is three registers: iterator, next method, done flag.
//!
//! OPTIMIZATION: iterating a plain array with the unmodified array iterator makes no iterator object: the record holds the array, a hole,
//! and the next index. Nobody can observe it: the iterator is not reachable from JS, and the methods it would call were read when the
//! record was made, as the specification says. (`return` is absent from %ArrayIteratorPrototype%, which is checked when closing.)

use super::super::calls::Flow;
use super::super::{frame_code, register, set_register};
use super::{a, b, c, set_a, settle};
use crate::builtins::disposables::{self, DisposeStep};
use crate::bytecode::Word;
use crate::context::Context;
use crate::heap::{Kind, Ref, Values};
use crate::interpreter::ResumeMode;
use crate::iteration::{IteratorKind, IteratorRecord};
use crate::native::Result;
use crate::object::{Object, attribute};
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::value::Value;

/// `GetIterator`
#[inline(never)]
pub(in crate::interpreter) fn get_iterator(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let iterable = b(cx, word, regs);
    let base = u32::from(word.a);
    if word.x == 0 && cx.has_builtin_array_iteration(iterable).is_some() {
        set_register(&cx.heap, regs, base, iterable);
        set_register(&cx.heap, regs, base + 1, Value::HOLE);
        set_register(&cx.heap, regs, base + 2, Value::ZERO);
        return Ok(());
    }
    let kind = if word.x & 1 != 0 { IteratorKind::Async } else { IteratorKind::Sync };
    let record = cx.get_iterator(iterable, kind)?;
    set_register(&cx.heap, regs, base, record.iterator.value());
    set_register(&cx.heap, regs, base + 1, record.next);
    set_register(&cx.heap, regs, base + 2, Value::FALSE);
    Ok(())
}

/// Next value of the array form; `None` when exhausted.
#[inline]
fn next_of_array(cx: &mut Context, regs: u32, base: u32) -> Result<Option<Value>> {
    let Some(array) = register(&cx.heap, regs, base).as_object() else { return Ok(None) };
    let Some(index) = register(&cx.heap, regs, base + 2).as_int() else { return Ok(None) };
    let length = array.internal(&cx.heap, 0).as_number().unwrap_or(0.0);
    if f64::from(index) >= length {
        set_register(&cx.heap, regs, base + 2, Value::TRUE);
        return Ok(None);
    }
    set_register(&cx.heap, regs, base + 2, Value::int(index + 1));
    if let Some(value) = array.dense_element(&cx.heap, index as u32) {
        return Ok(Some(value));
    }
    match cx.get(array, crate::string::PropertyKey::index(index as u32)) {
        Ok(value) => Ok(Some(value)),
        Err(thrown) => {
            set_register(&cx.heap, regs, base + 2, Value::TRUE);
            Err(thrown)
        }
    }
}

fn is_array_form(cx: &Context, regs: u32, base: u32) -> bool {
    register(&cx.heap, regs, base + 1).is_hole()
}

/// One step by an instruction that needs nothing but its registers afterwards: unlike in [`step`], the body of a generator may collect.
#[inline]
fn step_collecting(cx: &mut Context, regs: u32, base: u32) -> Result<Option<Value>> {
    let generator = register(&cx.heap, regs, base).as_object().filter(|iterator| iterator.is(&cx.heap, Kind::Generator));
    let Some(generator) = generator.filter(|_| register(&cx.heap, regs, base + 2) != Value::TRUE) else { return step(cx, regs, base) };
    let built_in = cx.plain_data_property(cx.intrinsic(Intrinsic::GeneratorPrototype), key::next);
    if built_in != Some(register(&cx.heap, regs, base + 1)) {
        return step(cx, regs, base);
    }
    let result = cx.resume_generator_collecting(generator, Value::UNDEFINED, ResumeMode::Next).and_then(|result| {
        // What `yield*` passes on may be any value.
        let Some(result) = result.as_object() else { return Err(cx.throw_type_error("Iterator result is not an object")) };
        if cx.iterator_complete(result)? { Ok(None) } else { cx.iterator_value(result).map(Some) }
    });
    if !matches!(result, Ok(Some(_))) {
        set_register(&cx.heap, regs, base + 2, Value::TRUE);
    }
    result
}

/// One step of any record; sets the done flag when exhausted or when it throws.
#[inline]
fn step(cx: &mut Context, regs: u32, base: u32) -> Result<Option<Value>> {
    if register(&cx.heap, regs, base + 2) == Value::TRUE {
        return Ok(None);
    }
    if is_array_form(cx, regs, base) {
        return next_of_array(cx, regs, base);
    }
    let Some(iterator) = register(&cx.heap, regs, base).as_object() else { return Ok(None) };
    let mut record = IteratorRecord { iterator, next: register(&cx.heap, regs, base + 1), done: false };
    let result = cx.iterator_step_value(&mut record);
    if !matches!(result, Ok(Some(_))) {
        set_register(&cx.heap, regs, base + 2, Value::TRUE);
    }
    result
}

/// `IterNext`
#[inline(never)]
pub(in crate::interpreter) fn iter_next(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    settle(cx, regs);
    match step_collecting(cx, regs, u32::from(word.b))? {
        Some(value) => {
            set_a(cx, word, regs, value);
            Ok(Flow::Next)
        }
        None => Ok(jump(cx, word.c)),
    }
}

/// Goes on `offset` words after the next instruction.
fn jump(cx: &mut Context, offset: u16) -> Flow {
    let offset = 8 * (i32::from(offset as i16) + 1);
    cx.machine.pc = cx.machine.pc.wrapping_add_signed(offset);
    Flow::Reload
}

/// `IterStep`
pub(in crate::interpreter) fn iter_step(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let value = step_collecting(cx, regs, u32::from(word.b))?.unwrap_or(Value::UNDEFINED);
    set_a(cx, word, regs, value);
    Ok(())
}

/// `IterRest`
pub(in crate::interpreter) fn iter_rest(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let mut values = Vec::new();
    while let Some(value) = step(cx, regs, u32::from(word.b))? {
        values.push(value);
        cx.spend_fuel(1)?;
        if values.len() % 4096 == 0 {
            cx.reserve(8 * values.len() as u64)?;
        }
    }
    let array = cx.new_array(&values);
    set_a(cx, word, regs, array.value());
    Ok(())
}

/// `IterClose`
pub(in crate::interpreter) fn iter_close(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let base = u32::from(word.a);
    let flag = register(&cx.heap, regs, base + 2);
    if flag == Value::TRUE {
        return Ok(());
    }
    set_register(&cx.heap, regs, base + 2, Value::TRUE);
    let iterator = if is_array_form(cx, regs, base) {
        let prototype = cx.intrinsic(Intrinsic::ArrayIteratorPrototype);
        if cx.knows_array_iteration() || !cx.has_property(prototype, key::return_)? {
            return Ok(());
        }
        // Somebody gave array iterators a `return`: make the iterator that it is to see.
        let Some(array) = register(&cx.heap, regs, base).as_object() else { return Ok(()) };
        let values = cx.intrinsic(Intrinsic::ArrayPrototypeValues).value();
        match cx.call(values, array.value(), &[])?.as_object() {
            Some(iterator) => iterator,
            None => return Ok(()),
        }
    } else {
        match register(&cx.heap, regs, base).as_object() {
            Some(iterator) => iterator,
            None => return Ok(()),
        }
    };
    let record = IteratorRecord { iterator, next: Value::UNDEFINED, done: false };
    if word.x & 1 != 0 {
        // A throw completion: the pending value is in a register, errors of return() are dropped.
        let closed = cx.iterator_close(&record, Ok(()));
        if closed.is_err() && cx.take_exception().is_none() {
            return closed;
        }
        return Ok(());
    }
    cx.iterator_close(&record, Ok(()))
}

/// `IterCallNext`
pub(in crate::interpreter) fn iter_call_next(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let base = u32::from(word.b);
    let (iterator, next) = (register(&cx.heap, regs, base), register(&cx.heap, regs, base + 1));
    let argument = c(cx, word, regs);
    let arguments: &[Value] = if word.x & 1 != 0 { &[] } else { &[argument] };
    let result = cx.call(next, iterator, arguments)?;
    set_a(cx, word, regs, result);
    Ok(())
}

/// `IterGetMethod`
pub(in crate::interpreter) fn iter_get_method(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let iterator = b(cx, word, regs);
    let method_key = frame_code(&cx.heap, regs).key(&cx.heap, u32::from(word.c));
    let method = cx.get_method(iterator, method_key)?.map_or(Value::UNDEFINED, Object::value);
    set_a(cx, word, regs, method);
    Ok(())
}

/// `ThrowIfNotObject`
pub(in crate::interpreter) fn throw_if_not_object(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let value = a(cx, word, regs);
    if value.is_object() {
        return Ok(());
    }
    let shown = crate::realm::error::describe(cx, value);
    if word.x == 0 {
        Err(cx.throw_type_error(&format!("Iterator result {shown} is not an object")))
    } else {
        Err(cx.throw_type_error(&format!("{shown} is not an object")))
    }
}

/// `RequireObjectCoercible`
pub(in crate::interpreter) fn require_object_coercible(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let value = a(cx, word, regs);
    if !value.is_nullish() {
        return Ok(());
    }
    let shown = if value.is_null() { "null" } else { "undefined" };
    Err(cx.throw_type_error(&format!("Cannot destructure '{shown}' as it is {shown}.")))
}

/// Where keys begin in an enumerator's record.
const FIRST_KEY: u32 = 3;

/// Whether the enumerable string keys that `for in` visits are those in the object's own shape: no elements, nothing exotic, and nothing
/// enumerable on its prototypes.
fn has_only_own_keys(cx: &Context, object: Object) -> bool {
    let heap = &cx.heap;
    let Some(shape) = object.own_names_in_order(heap) else { return false };
    let mut current = shape.prototype(heap);
    while let Some(holder) = current {
        if !holder.has_only_shape_keys(heap) || !holder.shape(heap).lacks_enumerable(heap) {
            return false;
        }
        current = holder.shape(heap).prototype(heap);
    }
    true
}

// 14.7.5.9 EnumerateObjectProperties ( O ), https://tc39.es/ecma262/#sec-enumerate-object-properties
/// `ForInStart`. The enumerator is a record: object, index of the next key, the object's shape when all keys are its own (else undefined),
/// keys….
pub(in crate::interpreter) fn for_in_start(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let value = b(cx, word, regs);
    if let Some(object) = value.as_object()
        && has_only_own_keys(cx, object)
    {
        // OPTIMIZATION: the keys are those of the shape. As long as the object keeps it, none of them has been deleted.
        let shape = object.shape(&cx.heap);
        let record = cx.heap.new_values(FIRST_KEY + shape.count(&cx.heap));
        record.set_length(&cx.heap, FIRST_KEY);
        record.set(&cx.heap, 0, value);
        record.set(&cx.heap, 1, Value::int(FIRST_KEY as i32));
        record.set(&cx.heap, 2, Value::cell(shape));
        let mut length = FIRST_KEY;
        shape.for_each(&cx.heap, |property_key, property| {
            if property.attributes & attribute::ENUMERABLE != 0 && !property_key.is_symbol(&cx.heap) {
                cx.heap.store(record.slot(length), property_key.to_value(&cx.heap));
                length += 1;
            }
        });
        record.set_length(&cx.heap, length);
        cx.spend_fuel(u64::from(length) / 4)?;
        set_a(cx, word, regs, Value::cell(record));
        return Ok(());
    }
    let mut list = vec![Value::UNDEFINED, Value::int(FIRST_KEY as i32), Value::UNDEFINED];
    if !value.is_nullish() {
        let object = cx.to_object(value)?;
        list[0] = object.value();
        let mut seen = std::collections::HashSet::new();
        let mut current = Some(object);
        while let Some(holder) = current {
            for property_key in cx.own_keys(holder)? {
                if property_key.is_symbol(&cx.heap) || !seen.insert(property_key) {
                    continue;
                }
                if holder != object || cx_is_exotic(cx, holder) || !is_plainly_enumerable(cx, holder, property_key) {
                    let Some(descriptor) = cx.get_own_property(holder, property_key)? else {
                        seen.remove(&property_key);
                        continue;
                    };
                    if descriptor.enumerable != Some(true) {
                        continue;
                    }
                }
                let text = property_key.to_value(&cx.heap);
                list.push(text);
                cx.spend_fuel(1)?;
            }
            current = cx.get_prototype_of(holder)?;
        }
    }
    let record = cx.heap.new_values_from(&list);
    set_a(cx, word, regs, Value::cell(record));
    Ok(())
}

fn cx_is_exotic(cx: &Context, object: Object) -> bool {
    object.has_flag(&cx.heap, crate::heap::object_flag::EXOTIC)
}

fn is_plainly_enumerable(cx: &Context, object: Object, property_key: crate::string::PropertyKey) -> bool {
    object.shape(&cx.heap).lookup(&cx.heap, property_key).is_some_and(|property| property.attributes & attribute::ENUMERABLE != 0)
}

/// `ForInNext`
pub(in crate::interpreter) fn for_in_next(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    settle(cx, regs);
    let record: Ref<Values> = cx.record(b(cx, word, regs));
    loop {
        let index = record.get(&cx.heap, 1).as_int().unwrap_or(0) as u32;
        if index >= record.length(&cx.heap) {
            return Ok(jump(cx, word.c));
        }
        record.set(&cx.heap, 1, Value::int(index as i32 + 1));
        let text = record.get(&cx.heap, index);
        let Some(object) = record.get(&cx.heap, 0).as_object() else { return Ok(jump(cx, word.c)) };
        if record.get(&cx.heap, 2) == Value::cell(object.shape(&cx.heap)) {
            set_a(cx, word, regs, text);
            return Ok(Flow::Next);
        }
        // A key that was deleted meanwhile is not visited.
        let property_key = cx.to_property_key(text)?;
        let still_there = is_plainly_enumerable(cx, object, property_key) || still_visible(cx, object, property_key)?;
        if still_there {
            set_a(cx, word, regs, text);
            return Ok(Flow::Next);
        }
    }
}

fn still_visible(cx: &mut Context, object: Object, property_key: crate::string::PropertyKey) -> Result<bool> {
    let mut current = Some(object);
    while let Some(holder) = current {
        if holder.is(&cx.heap, Kind::Proxy) {
            return Ok(true);
        }
        if cx.has_own_property(holder, property_key)? {
            return Ok(true);
        }
        current = cx.get_prototype_of(holder)?;
    }
    Ok(false)
}

/// `NewDisposables`
pub(in crate::interpreter) fn new_disposables(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let list = disposables::new_list(cx);
    set_a(cx, word, regs, list);
    Ok(())
}

/// `AddDisposable`
pub(in crate::interpreter) fn add_disposable(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let (list, value) = (a(cx, word, regs), b(cx, word, regs));
    disposables::add(cx, list, value, word.x & 1 != 0)
}

/// The thrown value of the completion in registers base + 1 and base + 2, if it is a throw.
fn completion(cx: &Context, regs: u32, base: u32) -> Option<Value> {
    (register(&cx.heap, regs, base + 1) == Value::int(1)).then(|| register(&cx.heap, regs, base + 2))
}

fn set_completion(cx: &Context, regs: u32, base: u32, thrown: Option<Value>) {
    if let Some(value) = thrown {
        set_register(&cx.heap, regs, base + 1, Value::int(1));
        set_register(&cx.heap, regs, base + 2, value);
    }
}

/// `DisposeStep`
pub(in crate::interpreter) fn dispose_step(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    settle(cx, regs);
    let list = b(cx, word, regs);
    let base = u32::from(word.a);
    let mut thrown = completion(cx, regs, base);
    let step = disposables::dispose_step(cx, list, &mut thrown)?;
    set_completion(cx, regs, base, thrown);
    match step {
        DisposeStep::Empty => Ok(jump(cx, word.c)),
        DisposeStep::Next => {
            set_a(cx, word, regs, Value::HOLE);
            Ok(Flow::Next)
        }
        DisposeStep::Await(value) => {
            set_a(cx, word, regs, value);
            Ok(Flow::Next)
        }
    }
}

/// `DisposeError`
pub(in crate::interpreter) fn dispose_error(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let error = b(cx, word, regs);
    let base = u32::from(word.a);
    let mut thrown = completion(cx, regs, base);
    disposables::combine_error(cx, error, &mut thrown);
    set_completion(cx, regs, base, thrown);
    Ok(())
}
