//! Array methods that only read: at, includes, indexOf, lastIndexOf, join and the conversions to string.

use super::support::{get_index, get_present, length_of, number, relative_start, settled_length, this_and_length};
use crate::context::Context;
use crate::heap::{Heap, Ref, Values};
use crate::native::{Args, Result};
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::atoms::{EMPTY, key};
use crate::string::{JsString, StringBuilder};
use crate::value::Value;

// 23.1.3.1 Array.prototype.at ( index ), https://tc39.es/ecma262/#sec-array.prototype.at
pub(super) fn at(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let relative = cx.to_integer_or_infinity(args.at(0))?;
    let k = if relative >= 0.0 { relative } else { length as f64 + relative };
    if k < 0.0 || k >= length as f64 {
        return Ok(Value::UNDEFINED);
    }
    get_index(cx, object, k as u64)
}

/// Whether IsStrictlyEqual of `target` and any value can be decided by comparing bits, once int32 and double forms of a number are
/// excluded: everything but Numbers, Strings and BigInts.
fn compares_by_identity(target: Value) -> bool {
    !target.is_number() && !target.is_string() && !target.is_bigint()
}

/// Position of the first element in `from..to` that is one of the values with these bits.
fn find_bits(heap: &Heap, elements: Ref<Values>, from: u32, to: u32, forms: [u64; 3]) -> Option<u32> {
    let is_wanted = |i: u32| {
        let bits: u64 = heap.load(elements.slot(i));
        bits == forms[0] || bits == forms[1] || bits == forms[2]
    };
    // Eight at a time without a branch between them: the compiler makes vectors of that.
    let mut at = from;
    while to - at >= 8 {
        if (at..at + 8).fold(false, |found, i| found | is_wanted(i)) {
            break;
        }
        at += 8;
    }
    (at..to).find(|&i| is_wanted(i))
}

/// Position of the first element in `from..to` of plain elements that is strictly equal; holes never are. Runs no JS.
fn scan_strict(cx: &Context, object: Object, target: Value, from: u32, to: u32) -> Option<u32> {
    let heap: &Heap = &cx.heap;
    let elements = object.elements(heap);
    if compares_by_identity(target) {
        return find_bits(heap, elements, from, to, [target.to_bits(); 3]);
    }
    if let Some(text) = target.as_string() {
        return (from..to)
            .find(|&i| elements.get(heap, i).as_string().is_some_and(|element| element == text || element.equals(text, heap)));
    }
    if let Some(wanted) = target.as_number() {
        if wanted.is_nan() {
            return None;
        }
        // An integer may be kept as one or as a double, and zeros of both signs are equal.
        let forms = if wanted == 0.0 {
            [Value::ZERO, Value::double(0.0), Value::double(-0.0)]
        } else {
            [Value::number(wanted), Value::double(wanted), Value::double(wanted)]
        };
        return find_bits(heap, elements, from, to, forms.map(Value::to_bits));
    }
    (from..to).find(|&i| cx.strict_equals(elements.get(heap, i), target))
}

// 23.1.3.16 Array.prototype.includes ( searchElement [ , fromIndex ] ), https://tc39.es/ecma262/#sec-array.prototype.includes
pub(super) fn includes(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    // 3. If len = 0, return false.
    if length == 0 {
        return Ok(Value::FALSE);
    }
    // 4.-10.
    let from = relative_start(cx, args.at(1), length)?;
    let target = args.at(0);
    // SameValueZero differs from strict equality for NaN, and holes count as undefined: both go the long way.
    let unlike = target.is_undefined() || target.as_number().is_some_and(f64::is_nan);
    if !unlike
        && let Some(packed) = settled_length(&cx.heap, object)
        && u64::from(packed) == length
    {
        // OPTIMIZATION: no element access of a settled array runs JS.
        cx.spend_fuel(length.saturating_sub(from) / 8)?;
        return Ok(Value::bool(scan_strict(cx, object, target, from as u32, packed).is_some()));
    }
    for k in from..length {
        cx.spend_fuel(1)?;
        let element = get_index(cx, object, k)?;
        if cx.same_value_zero(element, target) {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

// 23.1.3.17 Array.prototype.indexOf ( searchElement [ , fromIndex ] ), https://tc39.es/ecma262/#sec-array.prototype.indexof
pub(super) fn index_of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    if length == 0 {
        return Ok(Value::int(-1));
    }
    let from = relative_start(cx, args.at(1), length)?;
    let target = args.at(0);
    if let Some(packed) = settled_length(&cx.heap, object)
        && u64::from(packed) == length
    {
        // OPTIMIZATION: no element access of a settled array runs JS.
        cx.spend_fuel(length.saturating_sub(from) / 8)?;
        return Ok(scan_strict(cx, object, target, from as u32, packed).map_or(Value::int(-1), Value::from));
    }
    for k in from..length {
        cx.spend_fuel(1)?;
        if let Some(element) = get_present(cx, object, k)?
            && cx.strict_equals(element, target)
        {
            return Ok(number(k));
        }
    }
    Ok(Value::int(-1))
}

// 23.1.3.20 Array.prototype.lastIndexOf ( searchElement [ , fromIndex ] ), https://tc39.es/ecma262/#sec-array.prototype.lastindexof
pub(super) fn last_index_of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    if length == 0 {
        return Ok(Value::int(-1));
    }
    // 4. If fromIndex is present, ToIntegerOrInfinity(fromIndex); else len - 1.
    let relative = match args.get(1) {
        Some(from) => cx.to_integer_or_infinity(from)?,
        None => length as f64 - 1.0,
    };
    // 5.-7. `end` is one past the first index looked at.
    let end = if relative >= 0.0 { relative.min(length as f64 - 1.0) + 1.0 } else { length as f64 + relative + 1.0 };
    let target = args.at(0);
    for k in (0..end.max(0.0) as u64).rev() {
        cx.spend_fuel(1)?;
        if let Some(element) = get_present(cx, object, k)?
            && cx.strict_equals(element, target)
        {
            return Ok(number(k));
        }
    }
    Ok(Value::int(-1))
}

/// What `join` does for each element that is neither undefined nor null.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Convert {
    ToString,
    ToLocaleString,
}

/// Appends an element's text. Shared with typed arrays.
pub(crate) fn push_element(cx: &mut Context, text: &mut StringBuilder, element: Value) -> Result<()> {
    if let Some(string) = element.as_string() {
        text.push_string(&cx.heap, string);
    } else if let Some(int) = element.as_int() {
        push_int(text, int);
    } else {
        let string = cx.to_string(element)?;
        text.push_string(&cx.heap, string);
    }
    Ok(())
}

fn push_int(text: &mut StringBuilder, int: i32) {
    let mut digits = [0u8; 11];
    let mut at = digits.len();
    let mut rest = int.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if int < 0 {
        at -= 1;
        digits[at] = b'-';
    }
    text.push_units(crate::string::Units::Latin1(&digits[at..]));
}

/// RangeError when a text is longer than strings may be; the end of the instance when it is longer than the heap would hold.
pub(crate) fn check_length(cx: &mut Context, text: &StringBuilder) -> Result<()> {
    if text.len() > 1 << 20 {
        cx.reserve(text.len() as u64)?;
    }
    if text.len() > crate::string::MAX_LENGTH as usize {
        return Err(cx.throw_range_error("Invalid string length"));
    }
    Ok(())
}

fn join_elements(cx: &mut Context, object: Object, length: u64, separator: JsString, convert: Convert) -> Result<JsString> {
    // As every engine does, an array inside itself contributes nothing (the specification would recurse without end).
    if cx.cycle_stack.contains(&object) {
        return Ok(EMPTY);
    }
    cx.cycle_stack.push(object);
    let joined = join_uncycled(cx, object, length, separator, convert);
    cx.cycle_stack.pop();
    joined
}

fn join_uncycled(cx: &mut Context, object: Object, length: u64, separator: JsString, convert: Convert) -> Result<JsString> {
    let mut text = StringBuilder::new();
    let has_separator = !separator.is_empty(&cx.heap);
    for k in 0..length {
        cx.spend_fuel(1)?;
        if k > 0 && has_separator {
            text.push_string(&cx.heap, separator);
            check_length(cx, &text)?;
        }
        let element = get_index(cx, object, k)?;
        if element.is_nullish() {
            continue;
        }
        let element = if convert == Convert::ToLocaleString { cx.invoke(element, key::to_locale_string, &[])? } else { element };
        if length == 1
            && let Some(string) = element.as_string()
        {
            return Ok(string);
        }
        push_element(cx, &mut text, element)?;
        check_length(cx, &text)?;
    }
    cx.reserve(2 * text.len() as u64)?;
    Ok(text.finish(&cx.heap))
}

// 23.1.3.18 Array.prototype.join ( separator ), https://tc39.es/ecma262/#sec-array.prototype.join
pub(super) fn join(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let separator = if args.at(0).is_undefined() { cx.heap.single_character(b',') } else { cx.to_string(args.at(0))? };
    Ok(join_elements(cx, object, length, separator, Convert::ToString)?.value())
}

// 23.1.3.36 Array.prototype.toString ( ), https://tc39.es/ecma262/#sec-array.prototype.tostring
pub(super) fn to_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let array = cx.to_object(this)?;
    let join = cx.get(array, key::join)?;
    if join.as_object().is_some_and(|join| join.is_callable(&cx.heap)) {
        return cx.call(join, array.value(), &[]);
    }
    let fallback = cx.intrinsic(Intrinsic::ObjectToString).value();
    cx.call(fallback, array.value(), &[])
}

// 23.1.3.32 Array.prototype.toLocaleString ( [ reserved1 [ , reserved2 ] ] ), https://tc39.es/ecma262/#sec-array.prototype.tolocalestring
pub(super) fn to_locale_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(this)?;
    let length = length_of(cx, object)?;
    let separator = cx.heap.single_character(b',');
    Ok(join_elements(cx, object, length, separator, Convert::ToLocaleString)?.value())
}
