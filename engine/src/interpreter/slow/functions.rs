//! Function objects, arguments objects, this.

use super::super::{frame_code, frame_flag, frame_info, register, set_register};
use super::{a, b, c, set_a, settle};
use crate::bytecode::{FRAME_HEADER, Word};
use crate::context::Context;
use crate::heap::{Environment, Kind, Ref, Values, object_flag};
use crate::native::Result;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::realm::code::{Code, CodeField, code_flag};
use crate::realm::function::{self, closure};
use crate::value::Value;

/// `Closure`
pub(in crate::interpreter) fn closure(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let code = Code::from_value(frame_code(&cx.heap, regs).cell(&cx.heap, u32::from(word.c)));
    let function = function::new_closure(cx, code, b(cx, word, regs));
    set_a(cx, word, regs, function.value());
    Ok(())
}

/// `SetHome`
pub(in crate::interpreter) fn set_home(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    if let Some(function) = a(cx, word, regs).as_object() {
        function.set_internal(&cx.heap, closure::HOME, b(cx, word, regs));
    }
    Ok(())
}

/// `SetFunctionName`
pub(in crate::interpreter) fn set_function_name(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let prefix = match word.x {
        1 => "get",
        2 => "set",
        _ => "",
    };
    let key = cx.to_property_key(b(cx, word, regs))?;
    match a(cx, word, regs).as_object() {
        Some(object) => function::set_function_name(cx, object, key, prefix),
        None => Ok(()),
    }
}

/// `CoerceThis`. https://tc39.es/ecma262/#sec-ordinarycallbindthis
pub(in crate::interpreter) fn coerce_this(cx: &mut Context, _: Word, regs: u32) -> Result<()> {
    let this = register(&cx.heap, regs, 4);
    if this.is_object() {
        return Ok(());
    }
    let object = if this.is_nullish() { cx.global() } else { cx.to_object(this)? };
    set_register(&cx.heap, regs, 4, object.value());
    Ok(())
}

/// Offset of the first actual argument of the frame, and their number.
fn actual_arguments(cx: &Context, regs: u32) -> (u32, u32) {
    let info = frame_info(&cx.heap, regs);
    let count = info as u32;
    if info >> 56 & frame_flag::SHIFTED != 0 { (regs - 8 * count, count) } else { (regs + 8 * FRAME_HEADER as u32, count) }
}

/// `CreateRest`
pub(in crate::interpreter) fn create_rest(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let (first, count) = actual_arguments(cx, regs);
    let from = u32::from(word.c);
    let array = cx.new_array(&[]);
    if count > from {
        array.set_elements(&cx.heap, copy_arguments(cx, first, from, count));
        array.set_internal(&cx.heap, 0, Value::int((count - from) as i32));
    }
    set_a(cx, word, regs, array.value());
    Ok(())
}

/// The arguments `from..count` that lie at `first`, as elements.
fn copy_arguments(cx: &Context, first: u32, from: u32, count: u32) -> Ref<Values> {
    let heap = &cx.heap;
    let values = heap.new_values(count - from);
    for i in from..count {
        heap.cage().store_new(values.slot(i - from), register(heap, first, i));
    }
    values.set_length(heap, count - from);
    values
}

/// An arguments object with its three properties; `callee` is the function's, or the pair of accessors that throw.
fn new_arguments_object(cx: &mut Context, count: u32, callee: Option<Value>) -> Object {
    let realm = cx.realm();
    let (shape, callee) = match callee {
        Some(callee) => (realm.arguments_shape(&cx.heap), callee),
        None => (realm.strict_arguments_shape(&cx.heap), realm.thrower_pair(&cx.heap)),
    };
    let object = cx.heap.new_object(Kind::Arguments, shape, 0);
    object.set_slot_value(&cx.heap, 0, Value::from_usize(count as usize));
    object.set_slot_value(&cx.heap, 1, realm.intrinsic(&cx.heap, Intrinsic::ArrayPrototypeValues).value());
    object.set_slot_value(&cx.heap, 2, callee);
    object
}

// 10.4.4.6 CreateUnmappedArgumentsObject ( argumentsList ), https://tc39.es/ecma262/#sec-createunmappedargumentsobject
/// `CreateArguments`
pub(in crate::interpreter) fn create_arguments(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let (first, count) = actual_arguments(cx, regs);
    let code = frame_code(&cx.heap, regs);
    let throws = code.has(&cx.heap, code_flag::STRICT) || !has_simple_callee(cx, code);
    let callee = (!throws).then(|| register(&cx.heap, regs, 2));
    let object = new_arguments_object(cx, count, callee);
    if count > 0 {
        object.set_elements(&cx.heap, copy_arguments(cx, first, 0, count));
    }
    set_a(cx, word, regs, object.value());
    Ok(())
}

/// Whether an arguments object without live mapping is still one of a sloppy function with simple parameters: the compiler leaves a slot
/// table (of holes) in such functions' code.
fn has_simple_callee(cx: &Context, code: Code) -> bool {
    let mapped = cx.record(code.field(&cx.heap, CodeField::MappedSlots));
    mapped.exists() && mapped.length(&cx.heap) > 0
}

// 10.4.4.7 CreateMappedArgumentsObject ( func, formals, argumentsList, env ), https://tc39.es/ecma262/#sec-createmappedargumentsobject
/// `CreateMappedArguments`
pub(in crate::interpreter) fn create_mapped_arguments(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let (first, count) = actual_arguments(cx, regs);
    let object = new_arguments_object(cx, count, Some(register(&cx.heap, regs, 2)));
    let environment = b(cx, word, regs);
    let slots = cx.record(frame_code(&cx.heap, regs).field(&cx.heap, CodeField::MappedSlots));
    let mapped = slots.length(&cx.heap).min(count);
    let elements = copy_arguments(cx, first, 0, count);
    // Mapped elements live in the environment: their places here stay holes.
    let map = cx.heap.new_values(mapped);
    map.set_length(&cx.heap, mapped);
    let mut any = false;
    for i in 0..mapped {
        let slot = slots.get(&cx.heap, i);
        map.set(&cx.heap, i, slot);
        if !slot.is_hole() {
            elements.set(&cx.heap, i, Value::HOLE);
            any = true;
        }
    }
    if count > 0 {
        object.set_elements(&cx.heap, elements);
    }
    if any && environment.as_cell::<Environment>().is_some() {
        object.set_internal(&cx.heap, 0, environment);
        object.set_internal(&cx.heap, 1, Value::cell(map));
        object.add_flags(&cx.heap, object_flag::EXOTIC);
    }
    set_a(cx, word, regs, object.value());
    Ok(())
}

/// `GetSuperConstructor`
pub(in crate::interpreter) fn get_super_constructor(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let parent = match b(cx, word, regs).as_object() {
        Some(function) => cx.get_prototype_of(function)?.map_or(Value::NULL, Object::value),
        None => Value::UNDEFINED,
    };
    set_a(cx, word, regs, parent);
    Ok(())
}

/// `ImportMeta`
pub(in crate::interpreter) fn import_meta(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let code = frame_code(&cx.heap, regs);
    let meta = crate::module::import_meta(cx, code)?;
    set_a(cx, word, regs, meta.value());
    Ok(())
}

/// `ImportCall`
pub(in crate::interpreter) fn import_call(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let code = frame_code(&cx.heap, regs);
    let (specifier, options) = (b(cx, word, regs), c(cx, word, regs));
    let promise = crate::module::import_call(cx, code, specifier, options, word.x)?;
    set_a(cx, word, regs, promise.value());
    Ok(())
}

/// `Debugger`
pub(in crate::interpreter) fn debugger(_: &mut Context, _: Word, _: u32) -> Result<()> {
    Ok(())
}
