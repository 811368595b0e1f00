//! The symbol methods of regular expressions, and their string iterators.
//!
//! Each follows the specification step by step, and has a second path for regular expressions that are as the language made them: there
//! nothing that the steps look up or call can be observed, so matching runs on ranges of the subject without result arrays.

use super::regexp::{builtin_exec, builtin_match, capture_value, groups_object, incompatible, regexp_exec};
use super::regexp_code::{self as code, Captures, Pattern, pattern_of};
use super::string::{check_length, finish};
use super::string_search::find;
use super::{regexp_pristine as pristine, substitution};
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::string::{JsString, PropertyKey, StringBuilder, Units};
use crate::value::Value;

natives! { pub static REGEXP_STRING_ITERATOR: prototype "RegExp String Iterator", RegExpStringIteratorPrototype, parent IteratorPrototype; {
    method "next" / 0 => iterator_next,
    tag "RegExp String Iterator",
}}

/// The regular expression's code, when the quick path may be taken: pristine, and `lastIndex` is an integer that can be set.
fn quick_pattern(cx: &Context, regexp: Object) -> Option<Pattern> {
    if pristine::is_pristine(cx, regexp) && code::last_index(&cx.heap, regexp).is_int() && code::last_index_is_writable(cx, regexp) {
        pattern_of(&cx.heap, regexp)
    } else {
        None
    }
}

/// ToString(Get(rx, "flags")), as the letters g and u or v.
struct GlobalFlags {
    global: bool,
    unicode: bool,
}

fn read_flags(cx: &mut Context, regexp: Object) -> Result<GlobalFlags> {
    let flags = cx.get(regexp, key::flags)?;
    let flags = cx.to_string(flags)?;
    let units = flags.units(&cx.heap);
    let has = |letter: &[u8]| find(units, Units::Latin1(letter), 0).is_some();
    Ok(GlobalFlags { global: has(b"g"), unicode: has(b"u") || has(b"v") })
}

/// After an empty match of a global regular expression: moves `lastIndex` on.
fn advance_last_index(cx: &mut Context, regexp: Object, string: JsString, unicode: bool) -> Result<()> {
    let index = cx.get(regexp, key::last_index)?;
    let index = cx.to_length(index)?;
    let next = code::advance(&cx.heap, string, index, unicode);
    cx.set(regexp, key::last_index, Value::number(next as f64), true)
}

/// Calls `each` for every match of a global pattern from the start on; then records the last one and sets `lastIndex` to 0.
fn for_each_match(
    cx: &mut Context,
    regexp: Object,
    pattern: &Pattern,
    string: JsString,
    mut each: impl FnMut(&mut Context, &[u32]) -> Result<()>,
) -> Result<()> {
    let length = string.length(&cx.heap);
    // Two take turns: what fails leaves the last match in the other one.
    let mut turns = [Captures::new(), Captures::new()];
    let mut from = 0;
    let [mut captures, mut last] = turns.each_mut();
    while from <= length && code::match_at(cx, pattern, string, from, captures)? {
        cx.spend_fuel(1)?;
        each(cx, captures)?;
        let (start, end) = (captures[0], captures[1]);
        from = if start == end { code::advance(&cx.heap, string, u64::from(end), pattern.is_unicode()) as u32 } else { end };
        (captures, last) = (last, captures);
    }
    regexp.set_slot_value(&cx.heap, 0, Value::ZERO);
    if !last.is_empty() {
        code::last_match::update(cx, regexp, string, last);
    }
    Ok(())
}

// 22.2.6.8 RegExp.prototype [ %Symbol.match% ] ( string ), https://tc39.es/ecma262/#sec-regexp.prototype-%symbol.match%
pub(super) fn match_(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(regexp) = this.as_object() else { return Err(incompatible(cx, "@@match", this)) };
    let string = cx.to_string(args.at(0))?;
    if let Some(pattern) = quick_pattern(cx, regexp) {
        // OPTIMIZATION: see the head of this file.
        if !pattern.is_global() {
            return builtin_exec(cx, regexp, string);
        }
        let mut matches = smallvec::SmallVec::<[Value; 32]>::new();
        for_each_match(cx, regexp, &pattern, string, |cx, captures| {
            matches.push(cx.heap.substring(string, captures[0], captures[1]).value());
            Ok(())
        })?;
        return Ok(if matches.is_empty() { Value::NULL } else { cx.new_array(&matches).value() });
    }
    let flags = read_flags(cx, regexp)?;
    if !flags.global {
        return regexp_exec(cx, regexp, string);
    }
    cx.set(regexp, key::last_index, Value::ZERO, true)?;
    let mut matches = Vec::new();
    loop {
        cx.spend_fuel(1)?;
        let Some(result) = regexp_exec(cx, regexp, string)?.as_object() else {
            return Ok(if matches.is_empty() { Value::NULL } else { cx.new_array(&matches).value() });
        };
        let matched = cx.get(result, PropertyKey::index(0))?;
        let matched = cx.to_string(matched)?;
        matches.push(matched.value());
        if matched.is_empty(&cx.heap) {
            advance_last_index(cx, regexp, string, flags.unicode)?;
        }
    }
}

// 22.2.6.9 RegExp.prototype [ %Symbol.matchAll% ] ( string ), https://tc39.es/ecma262/#sec-regexp.prototype-%symbol.matchall%
pub(super) fn match_all(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(regexp) = this.as_object() else { return Err(incompatible(cx, "@@matchAll", this)) };
    let string = cx.to_string(args.at(0))?;
    let last_index = code::last_index(&cx.heap, regexp);
    let (matcher, flags) = if pristine::is_pristine_with_species(cx, regexp) && last_index.as_int().is_some_and(|index| index >= 0) {
        // OPTIMIZATION: the steps below would only look up what is the language's own, and make such a regular expression.
        let flags = code::flags_of(&cx.heap, regexp);
        let matcher = super::regexp::create(cx, code::source_of(&cx.heap, regexp), flags)?;
        matcher.set_slot_value(&cx.heap, 0, last_index);
        (matcher, flags)
    } else {
        let constructor = cx.species_constructor(regexp, Intrinsic::RegExp)?;
        let flags = cx.get(regexp, key::flags)?;
        let flags = cx.to_string(flags)?;
        let matcher = cx.construct(constructor, &[this, flags.value()], constructor)?;
        let last_index = cx.get(regexp, key::last_index)?;
        let last_index = cx.to_length(last_index)?;
        cx.set(matcher, key::last_index, Value::number(last_index as f64), true)?;
        (matcher, flags)
    };
    let units = flags.units(&cx.heap);
    let has = |letter: &[u8]| find(units, Units::Latin1(letter), 0).is_some();
    let (global, unicode) = (has(b"g"), has(b"u") || has(b"v"));
    // 22.2.9.1 CreateRegExpStringIterator ( R, S, global, fullUnicode )
    let iterator = cx.new_intrinsic_object(Kind::RegExpStringIterator, Intrinsic::RegExpStringIteratorPrototype);
    iterator.set_internal(&cx.heap, 0, matcher.value());
    iterator.set_internal(&cx.heap, 1, string.value());
    iterator.set_internal(&cx.heap, 2, Value::int(i32::from(global) | i32::from(unicode) << 1));
    iterator.set_internal(&cx.heap, 3, Value::FALSE);
    Ok(iterator.value())
}

// 22.2.9.2.1 %RegExpStringIteratorPrototype%.next ( ), https://tc39.es/ecma262/#sec-%regexpstringiteratorprototype%.next
pub(super) fn iterator_next(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let iterator = this.as_object().filter(|object| object.is(&cx.heap, Kind::RegExpStringIterator));
    let Some(iterator) = iterator else {
        return Err(cx.throw_type_error("next method called on incompatible receiver: not a RegExp String Iterator"));
    };
    let result = iterator_step(cx, iterator)?;
    Ok(cx.iterator_result(result.unwrap_or(Value::UNDEFINED), result.is_none()))
}

/// The next result of a RegExp String Iterator; `None` at the end.
pub(super) fn iterator_step(cx: &mut Context, iterator: Object) -> Result<Option<Value>> {
    let parts = (iterator.internal(&cx.heap, 0).as_object(), iterator.internal(&cx.heap, 1).as_string());
    let (Some(matcher), Some(string)) = parts else { return Ok(None) };
    if iterator.internal(&cx.heap, 3) == Value::TRUE {
        return Ok(None);
    }
    // Errors end the iteration, as they end the generator that the specification describes.
    iterator.set_internal(&cx.heap, 3, Value::TRUE);
    let is_builtin = pristine::exec_is_intrinsic(cx, matcher);
    let Some(result) = regexp_exec(cx, matcher, string)?.as_object() else { return Ok(None) };
    let flags = iterator.internal(&cx.heap, 2).as_int().unwrap_or(0);
    if flags & 1 != 0 {
        // OPTIMIZATION: the first element of a result that was just made is the text of the match.
        let matched = match result.dense_element(&cx.heap, 0).filter(|_| is_builtin) {
            Some(matched) => matched,
            None => cx.get(result, PropertyKey::index(0))?,
        };
        let matched = cx.to_string(matched)?;
        if matched.is_empty(&cx.heap) {
            advance_last_index(cx, matcher, string, flags & 2 != 0)?;
        }
        iterator.set_internal(&cx.heap, 3, Value::FALSE);
    }
    Ok(Some(result.value()))
}

// 22.2.6.12 RegExp.prototype [ %Symbol.search% ] ( string ), https://tc39.es/ecma262/#sec-regexp.prototype-%symbol.search%
pub(super) fn search(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(regexp) = this.as_object() else { return Err(incompatible(cx, "@@search", this)) };
    let string = cx.to_string(args.at(0))?;
    if let Some(pattern) = quick_pattern(cx, regexp) {
        // OPTIMIZATION: lastIndex is 0 during the match and what it was after it.
        let mut captures = Captures::new();
        if !code::match_at(cx, &pattern, string, 0, &mut captures)? {
            return Ok(Value::int(-1));
        }
        code::last_match::update(cx, regexp, string, &captures);
        return Ok(Value::from(captures[0]));
    }
    let previous = cx.get(regexp, key::last_index)?;
    if !cx.same_value(previous, Value::ZERO) {
        cx.set(regexp, key::last_index, Value::ZERO, true)?;
    }
    let result = regexp_exec(cx, regexp, string)?;
    let current = cx.get(regexp, key::last_index)?;
    if !cx.same_value(current, previous) {
        cx.set(regexp, key::last_index, previous, true)?;
    }
    match result.as_object() {
        Some(result) => cx.get(result, key::index),
        None => Ok(Value::int(-1)),
    }
}

// ── replace ──

// 22.2.6.11 RegExp.prototype [ %Symbol.replace% ] ( string, replaceValue ), https://tc39.es/ecma262/#sec-regexp.prototype-%symbol.replace%
pub(super) fn replace(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(regexp) = this.as_object() else { return Err(incompatible(cx, "@@replace", this)) };
    let string = cx.to_string(args.at(0))?;
    let function = cx.is_callable(args.at(1));
    let replacement = if function { args.at(1) } else { cx.to_string(args.at(1))?.value() };
    if let Some(pattern) = quick_pattern(cx, regexp) {
        // OPTIMIZATION: see the head of this file.
        return match replacement.as_string() {
            Some(template) => replace_by_template(cx, regexp, &pattern, string, template),
            None => replace_by_function(cx, regexp, &pattern, string, replacement),
        };
    }
    let flags = read_flags(cx, regexp)?;
    if flags.global {
        cx.set(regexp, key::last_index, Value::ZERO, true)?;
    }
    let mut results = Vec::new();
    while let Some(result) = regexp_exec(cx, regexp, string)?.as_object() {
        cx.spend_fuel(1)?;
        results.push(result);
        if !flags.global {
            break;
        }
        let matched = cx.get(result, PropertyKey::index(0))?;
        if cx.to_string(matched)?.is_empty(&cx.heap) {
            advance_last_index(cx, regexp, string, flags.unicode)?;
        }
    }
    let mut text = StringBuilder::new();
    let mut next_position = 0;
    for result in results {
        let (position, matched, replaced) = replacement_of_result(cx, result, string, replacement)?;
        if position >= next_position {
            text.push_units(string.units(&cx.heap).window(next_position as usize, position as usize));
            text.push_string(&cx.heap, replaced);
            check_length(cx, text.len() as u64)?;
            next_position = position + matched.length(&cx.heap);
        }
    }
    if next_position < string.length(&cx.heap) {
        text.push_units(string.units(&cx.heap).window(next_position as usize, usize::MAX));
    }
    Ok(finish(cx, text)?.value())
}

/// Step 14 of @@replace for one result object: position, matched text, and what replaces it.
fn replacement_of_result(cx: &mut Context, result: Object, string: JsString, replacement: Value) -> Result<(u32, JsString, JsString)> {
    let length = cx.length_of_array_like(result)?;
    let matched = cx.get(result, PropertyKey::index(0))?;
    let matched = cx.to_string(matched)?;
    let position = cx.get(result, key::index)?;
    let position = cx.to_integer_or_infinity(position)?.clamp(0.0, f64::from(string.length(&cx.heap))) as u32;
    let mut captures = Vec::new();
    for number in 1..length {
        cx.spend_fuel(1)?;
        let name = cx.heap.number_key(number);
        let capture = cx.get(result, name)?;
        captures.push(if capture.is_undefined() { capture } else { cx.to_string(capture)?.value() });
    }
    let groups = cx.get(result, key::groups)?;
    let Some(template) = replacement.as_string() else {
        let mut arguments = vec![matched.value()];
        arguments.append(&mut captures);
        arguments.push(Value::from(position));
        arguments.push(string.value());
        if !groups.is_undefined() {
            arguments.push(groups);
        }
        let replaced = cx.call(replacement, Value::UNDEFINED, &arguments)?;
        return Ok((position, matched, cx.to_string(replaced)?));
    };
    let groups = if groups.is_undefined() { None } else { Some(cx.to_object(groups)?) };
    let pieces = substitution::parse(template.units(&cx.heap), captures.len() as u32, groups.is_some());
    let mut text = StringBuilder::new();
    let end = (position + matched.length(&cx.heap)).min(string.length(&cx.heap));
    for piece in pieces {
        let value = match piece {
            substitution::Piece::Match => matched.value(),
            substitution::Piece::Capture(number) => captures[number as usize - 1],
            substitution::Piece::Named(from, to) => {
                let name = cx.heap.substring(template, from, to);
                let name = cx.heap.string_key(name);
                match groups {
                    Some(groups) => {
                        let value = cx.get(groups, name)?;
                        if value.is_undefined() { value } else { cx.to_string(value)?.value() }
                    }
                    None => Value::UNDEFINED,
                }
            }
            other => {
                substitution::append(cx, &mut text, &[other], template, string, (position, end), |_| None, |_, _, _| None)?;
                Value::UNDEFINED
            }
        };
        if let Some(value) = value.as_string() {
            text.push_string(&cx.heap, value);
        }
        check_length(cx, text.len() as u64)?;
    }
    Ok((position, matched, finish(cx, text)?))
}

/// Quick path of @@replace for a template string.
fn replace_by_template(cx: &mut Context, regexp: Object, pattern: &Pattern, string: JsString, template: JsString) -> Result<Value> {
    let named = !pattern.names.is_undefined();
    let pieces = substitution::parse(template.units(&cx.heap), pattern.capture_count - 1, named);
    let mut text = StringBuilder::new();
    let mut next_position = 0;
    let mut replace_one = |cx: &mut Context, captures: &[u32]| {
        if next_position == 0 && text.is_empty() {
            text = StringBuilder::with_room_of(string.units(&cx.heap));
        }
        text.push_units(string.units(&cx.heap).window(next_position as usize, captures[0] as usize));
        next_position = captures[1];
        let matched = (captures[0], captures[1]);
        let capture = |number: u32| Pattern::capture(captures, number);
        substitution::append(cx, &mut text, &pieces, template, string, matched, capture, |heap, from, to| {
            let name = heap.substring(template, from, to);
            let mut range = None;
            pattern.each_name(heap, captures, |known, number| {
                if known.equals(name, heap) {
                    range = Pattern::capture(captures, number);
                }
            });
            range
        })
    };
    if pattern.is_global() {
        for_each_match(cx, regexp, pattern, string, replace_one)?;
    } else {
        let mut captures = Captures::new();
        if builtin_match(cx, regexp, string, &mut captures)?.is_none() {
            return Ok(string.value());
        }
        replace_one(cx, &captures)?;
    }
    if text.is_empty() && next_position == 0 {
        return Ok(string.value());
    }
    text.push_units(string.units(&cx.heap).window(next_position as usize, usize::MAX));
    Ok(finish(cx, text)?.value())
}

/// Quick path of @@replace for a function. All matches are found before it is called, as the specification has it.
fn replace_by_function(cx: &mut Context, regexp: Object, pattern: &Pattern, string: JsString, function: Value) -> Result<Value> {
    // A few short matches take no memory of the host.
    let mut ranges = smallvec::SmallVec::<[u32; 32]>::new();
    if pattern.is_global() {
        for_each_match(cx, regexp, pattern, string, |cx, captures| {
            ranges.extend_from_slice(captures);
            // Ranges lie outside the heap; bound them by what the heap may hold.
            if ranges.len() % (1 << 20) < captures.len() { cx.reserve(4 * ranges.len() as u64) } else { Ok(()) }
        })?;
    } else {
        let mut captures = Captures::new();
        if builtin_match(cx, regexp, string, &mut captures)?.is_some() {
            ranges.extend_from_slice(&captures);
        }
    }
    if ranges.is_empty() {
        return Ok(string.value());
    }
    let mut text = StringBuilder::with_room_of(string.units(&cx.heap));
    let mut next_position = 0;
    let mut arguments = smallvec::SmallVec::<[Value; 8]>::new();
    for captures in ranges.chunks_exact(2 * pattern.capture_count as usize) {
        arguments.clear();
        arguments.extend((0..pattern.capture_count).map(|number| capture_value(cx, string, captures, number)));
        arguments.push(Value::from(captures[0]));
        arguments.push(string.value());
        let groups = groups_object(cx, pattern, captures, |number| arguments[number as usize]);
        if !groups.is_undefined() {
            arguments.push(groups);
        }
        let replaced = cx.call(function, Value::UNDEFINED, &arguments)?;
        let replaced = cx.to_string(replaced)?;
        text.push_units(string.units(&cx.heap).window(next_position as usize, captures[0] as usize));
        text.push_string(&cx.heap, replaced);
        check_length(cx, text.len() as u64)?;
        next_position = captures[1];
    }
    text.push_units(string.units(&cx.heap).window(next_position as usize, usize::MAX));
    Ok(finish(cx, text)?.value())
}

// ── split ──

// 22.2.6.14 RegExp.prototype [ %Symbol.split% ] ( string, limit ), https://tc39.es/ecma262/#sec-regexp.prototype-%symbol.split%
pub(super) fn split(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(regexp) = this.as_object() else { return Err(incompatible(cx, "@@split", this)) };
    let string = cx.to_string(args.at(0))?;
    // A limit that is an object could change the regular expression when it is converted.
    if !args.at(1).is_object()
        && pristine::is_pristine_with_species(cx, regexp)
        && let Some(pattern) = pattern_of(&cx.heap, regexp)
    {
        let limit = if args.at(1).is_undefined() { u32::MAX } else { cx.to_uint32(args.at(1))? };
        return quick_split(cx, regexp, &pattern, string, limit);
    }
    let constructor = cx.species_constructor(regexp, Intrinsic::RegExp)?;
    let flags = cx.get(regexp, key::flags)?;
    let flags = cx.to_string(flags)?;
    let units = flags.units(&cx.heap);
    let has = |letter: &[u8]| find(units, Units::Latin1(letter), 0).is_some();
    let (unicode, sticky) = (has(b"u") || has(b"v"), has(b"y"));
    let new_flags = if sticky { flags } else { cx.concat(flags, cx.heap.single_character(b'y'))? };
    let splitter = cx.construct(constructor, &[this, new_flags.value()], constructor)?;
    let limit = if args.at(1).is_undefined() { u32::MAX } else { cx.to_uint32(args.at(1))? };
    if limit == 0 {
        return Ok(cx.new_array(&[]).value());
    }
    let size = string.length(&cx.heap);
    if size == 0 {
        let result = regexp_exec(cx, splitter, string)?;
        return Ok(if result.is_null() { cx.new_array(&[string.value()]) } else { cx.new_array(&[]) }.value());
    }
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at < size {
        cx.spend_fuel(1)?;
        cx.set(splitter, key::last_index, Value::from(at), true)?;
        let Some(result) = regexp_exec(cx, splitter, string)?.as_object() else {
            at = code::advance(&cx.heap, string, u64::from(at), unicode) as u32;
            continue;
        };
        let end = cx.get(splitter, key::last_index)?;
        let end = cx.to_length(end)?.min(u64::from(size)) as u32;
        if end == from {
            at = code::advance(&cx.heap, string, u64::from(at), unicode) as u32;
            continue;
        }
        parts.push(cx.heap.substring(string, from, at).value());
        if parts.len() as u64 == u64::from(limit) {
            return Ok(cx.new_array(&parts).value());
        }
        from = end;
        let count = cx.length_of_array_like(result)?;
        for number in 1..count.max(1) {
            cx.spend_fuel(1)?;
            let name = cx.heap.number_key(number);
            parts.push(cx.get(result, name)?);
            if parts.len() as u64 == u64::from(limit) {
                return Ok(cx.new_array(&parts).value());
            }
        }
        at = from;
    }
    parts.push(cx.heap.substring(string, from, size).value());
    Ok(cx.new_array(&parts).value())
}

/// OPTIMIZATION: searches for the next separator instead of trying the sticky splitter at every index, which comes to the same: the
/// splitter is a fresh object that no one else sees, and the first index at which it matches is where a search finds the match.
fn quick_split(cx: &mut Context, regexp: Object, pattern: &Pattern, string: JsString, limit: u32) -> Result<Value> {
    if limit == 0 {
        return Ok(cx.new_array(&[]).value());
    }
    let searching;
    let pattern = if pattern.is_sticky() {
        let flags = mayfly_regexp::Flags::from_bits(pattern.flags.bits() & !mayfly_regexp::Flags::STICKY.bits());
        searching = code::compile(cx, code::source_of(&cx.heap, regexp), flags)?;
        &searching
    } else {
        pattern
    };
    let size = string.length(&cx.heap);
    let mut captures = Captures::new();
    if size == 0 {
        let found = code::match_at(cx, pattern, string, 0, &mut captures)?;
        if found {
            code::last_match::update(cx, regexp, string, &captures);
        }
        return Ok(if found { cx.new_array(&[]) } else { cx.new_array(&[string.value()]) }.value());
    }
    let mut parts = Vec::new();
    let mut last = Captures::new();
    let (mut from, mut at) = (0, 0);
    while at < size && code::match_at(cx, pattern, string, at, &mut captures)? {
        cx.spend_fuel(1)?;
        let (start, end) = (captures[0], captures[1]);
        if start >= size {
            break;
        }
        last.clone_from(&captures);
        if end == from {
            at = code::advance(&cx.heap, string, u64::from(start.max(at)), pattern.is_unicode()) as u32;
            continue;
        }
        parts.push(cx.heap.substring(string, from, start).value());
        if parts.len() as u64 == u64::from(limit) {
            code::last_match::update(cx, regexp, string, &last);
            return Ok(cx.new_array(&parts).value());
        }
        from = end;
        for number in 1..pattern.capture_count {
            parts.push(capture_value(cx, string, &captures, number));
            if parts.len() as u64 == u64::from(limit) {
                code::last_match::update(cx, regexp, string, &last);
                return Ok(cx.new_array(&parts).value());
            }
        }
        at = from;
        // An empty match past the last separator: the next search starts behind it, not at it again.
        if start == end {
            at = code::advance(&cx.heap, string, u64::from(end), pattern.is_unicode()) as u32;
        }
    }
    if !last.is_empty() {
        code::last_match::update(cx, regexp, string, &last);
    }
    parts.push(cx.heap.substring(string, from, size).value());
    Ok(cx.new_array(&parts).value())
}
