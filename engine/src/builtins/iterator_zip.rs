//! Iterator.concat, Iterator.zip and Iterator.zipKeyed. <https://tc39.es/proposal-joint-iteration/>,
//! <https://tc39.es/proposal-iterator-sequencing/>
//!
//! The helper of `concat` keeps in slot 4 a record of (iterable, method) pairs, in slot 5 how many were begun, in 6 and 7 the inner
//! iterator. The helper of `zip` keeps in slot 4 a record of (iterator, next, open) triples, in slot 6 a record of padding values and in
//! slot 7 a record of keys (undefined for `zip`); slot 5 is the mode.

use super::iterator::{Primitives, get_iterator_flattenable};
use super::iterator_helpers::{CONCAT, ZIP, close_list, count, create, inner, set_inner};
use super::receiver::describe;
use crate::context::Context;
use crate::heap::{Kind, Ref, Values};
use crate::iteration::{IteratorKind, IteratorRecord};
use crate::native::{Args, Result, Thrown};
use crate::object::Object;
use crate::string::PropertyKey;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

const SOURCES: u32 = 4;
const MODE: u32 = 5;
const PADDING: u32 = 6;
const KEYS: u32 = 7;

/// When a zip ends.
mod mode {
    pub const SHORTEST: i32 = 0;
    pub const LONGEST: i32 = 1;
    pub const STRICT: i32 = 2;
}

fn not_an_object(cx: &mut Context, value: Value) -> Thrown {
    let text = describe(cx, value);
    cx.throw_type_error(&format!("{text} is not an object"))
}

// Iterator.concat ( ...items ), https://tc39.es/proposal-iterator-sequencing/
pub(super) fn concat(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let mut iterables = cx.heap.new_values(2 * args.len() as u32);
    for &item in args.as_slice() {
        if !item.is_object() {
            return Err(not_an_object(cx, item));
        }
        let Some(method) = cx.get_method(item, symbol::iterator)? else {
            let text = describe(cx, item);
            return Err(cx.throw_type_error(&format!("{text} is not iterable")));
        };
        iterables = iterables.push(&cx.heap, item).push(&cx.heap, method.value());
    }
    Ok(create(cx, CONCAT, None, Value::cell(iterables), Value::ZERO).value())
}

/// The next value of a `concat`.
pub(super) fn step_concat(cx: &mut Context, helper: Object) -> Result<Option<Value>> {
    loop {
        cx.spend_fuel(1)?;
        if let Some(mut record) = inner(cx, helper) {
            let value = cx.iterator_step_value(&mut record)?;
            if value.is_some() {
                return Ok(value);
            }
            set_inner(cx, helper, None);
        }
        let iterables = cx.record(helper.internal(&cx.heap, SOURCES));
        let index = 2 * count(cx, helper) as u32;
        if index >= iterables.length(&cx.heap) {
            return Ok(None);
        }
        let (item, method) = (iterables.get(&cx.heap, index), iterables.get(&cx.heap, index + 1));
        let iterator = cx.call(method, item, &[])?;
        let Some(iterator) = iterator.as_object() else { return Err(not_an_object(cx, iterator)) };
        let record = cx.get_iterator_direct(iterator)?;
        set_inner(cx, helper, Some(record));
    }
}

/// Reads `mode` and, for "longest", `padding`.
fn read_options(cx: &mut Context, options: Value) -> Result<(i32, Value)> {
    // GetOptionsObject ( options ), https://tc39.es/proposal-joint-iteration/#sec-getoptionsobject
    let Some(object) = options.as_object() else {
        return if options.is_undefined() { Ok((mode::SHORTEST, Value::UNDEFINED)) } else { Err(not_an_object(cx, options)) };
    };
    let chosen = cx.get(object, key::mode)?;
    let text = chosen.as_string().map(|text| text.to_text(&cx.heap));
    let mode = match text.as_deref() {
        None if chosen.is_undefined() => mode::SHORTEST,
        Some("shortest") => mode::SHORTEST,
        Some("longest") => mode::LONGEST,
        Some("strict") => mode::STRICT,
        _ => {
            let text = describe(cx, chosen);
            return Err(cx.throw_type_error(&format!("{text} is not a valid mode: it must be \"shortest\", \"longest\" or \"strict\"")));
        }
    };
    let mut padding = Value::UNDEFINED;
    if mode == mode::LONGEST {
        let name = cx.key("padding");
        padding = cx.get(object, name)?;
        if !padding.is_undefined() && !padding.is_object() {
            return Err(not_an_object(cx, padding));
        }
    }
    Ok((mode, padding))
}

/// IfAbruptCloseIterators ( value, iteratorRecords ), https://tc39.es/proposal-joint-iteration/#sec-ifabruptcloseiterators
fn or_close<T>(cx: &mut Context, outcome: Result<T>, records: &[IteratorRecord]) -> Result<T> {
    match outcome {
        Ok(value) => Ok(value),
        Err(thrown) => {
            close_list(cx, records, Err(thrown))?;
            // Closing with a throw completion always throws.
            Err(cx.throw(Value::UNDEFINED))
        }
    }
}

// Iterator.zip ( iterables [ , options ] ), https://tc39.es/proposal-joint-iteration/#sec-iterator.zip
pub(super) fn zip(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let iterables = args.at(0);
    if !iterables.is_object() {
        return Err(not_an_object(cx, iterables));
    }
    let (mode, padding_option) = read_options(cx, args.at(1))?;
    let mut records: Vec<IteratorRecord> = Vec::new();
    let mut input = cx.get_iterator(iterables, IteratorKind::Sync)?;
    loop {
        cx.spend_fuel(1)?;
        let next = cx.iterator_step_value(&mut input);
        let Some(next) = or_close(cx, next, &records)? else { break };
        match get_iterator_flattenable(cx, next, Primitives::Reject) {
            Ok(record) => records.push(record),
            Err(thrown) => {
                let mut all = vec![input];
                all.extend_from_slice(&records);
                return or_close(cx, Err(thrown), &all);
            }
        }
    }
    let mut padding = vec![Value::UNDEFINED; records.len()];
    if !padding_option.is_undefined() {
        let opened = cx.get_iterator(padding_option, IteratorKind::Sync);
        let mut source = or_close(cx, opened, &records)?;
        let mut using = true;
        for place in &mut padding {
            let next = cx.iterator_step_value(&mut source);
            match or_close(cx, next, &records)? {
                Some(value) => *place = value,
                None => {
                    using = false;
                    break;
                }
            }
        }
        if using {
            let closed = cx.iterator_close(&source, Ok(()));
            or_close(cx, closed, &records)?;
        }
    }
    Ok(new_zip(cx, mode, &records, &padding, None))
}

// Iterator.zipKeyed ( iterables [ , options ] ), https://tc39.es/proposal-joint-iteration/#sec-iterator.zipkeyed
pub(super) fn zip_keyed(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(iterables) = args.at(0).as_object() else { return Err(not_an_object(cx, args.at(0))) };
    let (mode, padding_option) = read_options(cx, args.at(1))?;
    let mut records: Vec<IteratorRecord> = Vec::new();
    let mut keys: Vec<PropertyKey> = Vec::new();
    for property in cx.own_keys(iterables)? {
        cx.spend_fuel(1)?;
        let descriptor = cx.get_own_property(iterables, property);
        let descriptor = or_close(cx, descriptor, &records)?;
        if descriptor.is_none_or(|descriptor| descriptor.enumerable != Some(true)) {
            continue;
        }
        let value = cx.get(iterables, property);
        let value = or_close(cx, value, &records)?;
        if !value.is_undefined() {
            let record = get_iterator_flattenable(cx, value, Primitives::Reject);
            let record = or_close(cx, record, &records)?;
            keys.push(property);
            records.push(record);
        }
    }
    let mut padding = vec![Value::UNDEFINED; records.len()];
    if let Some(source) = padding_option.as_object() {
        for (place, property) in padding.iter_mut().zip(&keys) {
            let value = cx.get(source, *property);
            *place = or_close(cx, value, &records)?;
        }
    }
    Ok(new_zip(cx, mode, &records, &padding, Some(&keys)))
}

fn new_zip(cx: &mut Context, mode: i32, records: &[IteratorRecord], padding: &[Value], keys: Option<&[PropertyKey]>) -> Value {
    let sources: Vec<Value> = records.iter().flat_map(|record| [record.iterator.value(), record.next, Value::TRUE]).collect();
    let sources = cx.heap.new_values_from(&sources);
    let helper = create(cx, ZIP, None, Value::cell(sources), Value::int(mode));
    let heap = &cx.heap;
    helper.set_internal(heap, PADDING, Value::cell(heap.new_values_from(padding)));
    if let Some(keys) = keys {
        let keys: Vec<Value> = keys.iter().map(|key| key.to_value(heap)).collect();
        helper.set_internal(heap, KEYS, Value::cell(heap.new_values_from(&keys)));
    }
    helper.value()
}

fn source(cx: &Context, sources: Ref<Values>, index: u32) -> Option<IteratorRecord> {
    let iterator = sources.get(&cx.heap, 3 * index).as_object()?;
    Some(IteratorRecord { iterator, next: sources.get(&cx.heap, 3 * index + 1), done: false })
}

fn is_open(cx: &Context, sources: Ref<Values>, index: u32) -> bool {
    sources.get(&cx.heap, 3 * index + 2) == Value::TRUE
}

fn set_closed(cx: &Context, sources: Ref<Values>, index: u32) {
    sources.set(&cx.heap, 3 * index + 2, Value::FALSE);
}

/// Closes every iterator of a zip that is still open.
pub(super) fn close_all(cx: &mut Context, helper: Object, completion: Result<()>) -> Result<()> {
    let sources = cx.record(helper.internal(&cx.heap, SOURCES));
    let open: Vec<IteratorRecord> =
        (0..sources.length(&cx.heap) / 3).filter(|&i| is_open(cx, sources, i)).filter_map(|i| source(cx, sources, i)).collect();
    close_list(cx, &open, completion)
}

// IteratorZip ( iters, mode, padding, finishResults ), https://tc39.es/proposal-joint-iteration/#sec-IteratorZip
pub(super) fn step_zip(cx: &mut Context, helper: Object) -> Result<Option<Value>> {
    let sources = cx.record(helper.internal(&cx.heap, SOURCES));
    let padding = cx.record(helper.internal(&cx.heap, PADDING));
    let mode = helper.internal(&cx.heap, MODE).as_int().unwrap_or(mode::SHORTEST);
    let count = sources.length(&cx.heap) / 3;
    if count == 0 {
        return Ok(None);
    }
    let mut results = Vec::with_capacity(count as usize);
    for i in 0..count {
        cx.spend_fuel(1)?;
        let Some(mut record) = source(cx, sources, i).filter(|_| is_open(cx, sources, i)) else {
            results.push(padding.get(&cx.heap, i));
            continue;
        };
        match cx.iterator_step_value(&mut record) {
            Ok(Some(value)) => results.push(value),
            Err(thrown) => {
                set_closed(cx, sources, i);
                return close_all(cx, helper, Err(thrown)).map(|()| None);
            }
            Ok(None) => {
                set_closed(cx, sources, i);
                match mode {
                    mode::SHORTEST => return close_all(cx, helper, Ok(())).map(|()| None),
                    mode::STRICT => return end_strict(cx, helper, sources, i).map(|()| None),
                    _ => {
                        if (0..count).all(|k| !is_open(cx, sources, k)) {
                            return Ok(None);
                        }
                        results.push(padding.get(&cx.heap, i));
                    }
                }
            }
        }
    }
    match helper.internal(&cx.heap, KEYS).as_cell::<Values>() {
        None => Ok(Some(cx.new_array(&results).value())),
        Some(keys) => {
            let object = cx.heap.new_object_with_prototype(Kind::Object, None);
            for (i, result) in results.iter().enumerate() {
                let property = cx.to_property_key(keys.get(&cx.heap, i as u32))?;
                cx.create_data_property_or_throw(object, property, *result)?;
            }
            Ok(Some(object.value()))
        }
    }
}

/// Iterator `ended` of a strict zip is exhausted: so must be all others.
fn end_strict(cx: &mut Context, helper: Object, sources: Ref<Values>, ended: u32) -> Result<()> {
    if ended == 0 {
        let count = sources.length(&cx.heap) / 3;
        let mut all_done = true;
        for k in 1..count {
            let Some(mut record) = source(cx, sources, k) else { continue };
            match cx.iterator_step(&mut record) {
                Ok(None) => set_closed(cx, sources, k),
                Ok(Some(_)) => {
                    all_done = false;
                    break;
                }
                Err(thrown) => {
                    set_closed(cx, sources, k);
                    return close_all(cx, helper, Err(thrown));
                }
            }
        }
        if all_done {
            return Ok(());
        }
    }
    let thrown = cx.throw_type_error("Iterators passed to Iterator.zip with mode \"strict\" have different lengths");
    close_all(cx, helper, Err(thrown))
}
