//! Searching, splitting and replacing in strings.

use super::string::{check_length, clamped, finish, this_string};
use super::substitution;
use crate::context::Context;
use crate::native::{Args, Result};
use crate::object::Object;
use crate::string::atoms::{key, symbol};
use crate::string::{JsString, PropertyKey, StringBuilder, Units};
use crate::value::Value;

// ── finding ──

// 6.1.4.1 StringIndexOf ( string, searchValue, fromIndex ), https://tc39.es/ecma262/#sec-stringindexof
/// First index from `from` on at which `needle` occurs.
pub(crate) fn find(haystack: Units<'_>, needle: Units<'_>, from: usize) -> Option<usize> {
    if from > haystack.len() || needle.len() > haystack.len() - from {
        return None;
    }
    if needle.is_empty() {
        return Some(from);
    }
    let found = match (haystack, needle) {
        (Units::Latin1(haystack), Units::Latin1([unit])) => memchr::memchr(*unit, &haystack[from..]),
        (Units::Latin1(haystack), Units::Latin1(needle)) => find_narrow(&haystack[from..], needle),
        (Units::Utf16(haystack), Units::Utf16(needle)) => find_wide(&haystack[from..], needle),
        (Units::Utf16(haystack), Units::Latin1(needle)) => {
            let needle: Vec<u16> = needle.iter().map(|&unit| u16::from(unit)).collect();
            find_wide(&haystack[from..], &needle)
        }
        (Units::Latin1(haystack), Units::Utf16(needle)) => {
            // Possible only where a wide string holds narrow units.
            let narrow: Option<Vec<u8>> = needle.iter().map(|&unit| u8::try_from(unit).ok()).collect();
            narrow.and_then(|needle| find_narrow(&haystack[from..], &needle))
        }
    };
    found.map(|at| from + at)
}

/// Texts up to this length are looked through for a needle's first unit: to prepare a search takes longer.
const SHORT: usize = 128;

fn find_narrow(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    if haystack.len() > SHORT {
        return memchr::memmem::find(haystack, needle);
    }
    let Some((first, rest)) = needle.split_first() else { return Some(0) };
    let last_start = haystack.len().checked_sub(needle.len())?;
    let mut at = 0;
    while at <= last_start {
        at += memchr::memchr(*first, &haystack[at..=last_start])?;
        // The units one by one: for so few of them a call takes longer.
        if haystack[at + 1..].iter().zip(rest).all(|(unit, wanted)| unit == wanted) {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// A search string prepared for many searches.
enum Needle {
    Byte(u8),
    /// For a text that is as short itself.
    Short(smallvec::SmallVec<[u8; 16]>),
    Narrow(Box<memchr::memmem::Finder<'static>>),
    Wide(Vec<u16>),
}

impl Needle {
    /// For searches in a text of this length.
    fn new(units: Units<'_>, length: usize) -> Needle {
        match units {
            Units::Latin1([unit]) => Needle::Byte(*unit),
            Units::Latin1(units) if length <= SHORT => Needle::Short(units.into()),
            Units::Latin1(units) => Needle::Narrow(Box::new(memchr::memmem::Finder::new(units).into_owned())),
            Units::Utf16(units) => Needle::Wide(units.to_vec()),
        }
    }

    /// As [`find`].
    fn find(&self, haystack: Units<'_>, from: usize) -> Option<usize> {
        match (self, haystack) {
            (Needle::Byte(unit), Units::Latin1(haystack)) => memchr::memchr(*unit, haystack.get(from..)?).map(|at| from + at),
            (Needle::Narrow(finder), Units::Latin1(haystack)) => finder.find(haystack.get(from..)?).map(|at| from + at),
            (Needle::Byte(unit), haystack) => find(haystack, Units::Latin1(&[*unit]), from),
            (Needle::Short(units), haystack) => find(haystack, Units::Latin1(units), from),
            (Needle::Narrow(finder), haystack) => find(haystack, Units::Latin1(finder.needle()), from),
            (Needle::Wide(units), haystack) => find(haystack, Units::Utf16(units), from),
        }
    }
}

fn find_wide(haystack: &[u16], needle: &[u16]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let last_start = haystack.len().checked_sub(needle.len())?;
    let mut at = 0;
    while at <= last_start {
        at += haystack[at..=last_start].iter().position(|unit| unit == first)?;
        if haystack[at + 1..].starts_with(rest) {
            return Some(at);
        }
        at += 1;
    }
    None
}

// 6.1.4.2 StringLastIndexOf ( string, searchValue, fromIndex ), https://tc39.es/ecma262/#sec-stringlastindexof
fn find_last(haystack: Units<'_>, needle: Units<'_>, from: usize) -> Option<usize> {
    if needle.len() > haystack.len() {
        return None;
    }
    let last = from.min(haystack.len() - needle.len());
    if let (Units::Latin1(haystack), Units::Latin1(needle)) = (haystack, needle) {
        return memchr::memmem::rfind(&haystack[..last + needle.len()], needle);
    }
    (0..=last).rev().find(|&at| matches_at(haystack, needle, at))
}

fn matches_at(haystack: Units<'_>, needle: Units<'_>, at: usize) -> bool {
    if at > haystack.len() || needle.len() > haystack.len() - at {
        return false;
    }
    match (haystack, needle) {
        (Units::Latin1(haystack), Units::Latin1(needle)) => haystack[at..].starts_with(needle),
        (Units::Utf16(haystack), Units::Utf16(needle)) => haystack[at..].starts_with(needle),
        _ => (0..needle.len()).all(|i| haystack.at(at + i) == needle.at(i)),
    }
}

/// ToString of a search argument that must not be a regular expression.
fn search_string(cx: &mut Context, value: Value, method: &str) -> Result<JsString> {
    if value.is_object() && cx.is_regexp(value)? {
        return Err(cx.throw_type_error(&format!("First argument to String.prototype.{method} must not be a regular expression")));
    }
    cx.to_string(value)
}

/// Fuel for looking through a string: searches run at many units per nanosecond.
fn pay_for_search(cx: &mut Context, string: JsString) -> Result<()> {
    let length = string.length(&cx.heap);
    if length > 1024 { cx.spend_fuel(u64::from(length) / 256) } else { Ok(()) }
}

// 22.1.3.7 String.prototype.endsWith ( searchString [ , endPosition ] ), https://tc39.es/ecma262/#sec-string.prototype.endswith
pub(super) fn ends_with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "endsWith")?;
    let search = search_string(cx, args.at(0), "endsWith")?;
    let length = string.length(&cx.heap);
    let end = if args.at(1).is_undefined() { length } else { clamped(cx, args.at(1), length)? };
    let Some(start) = end.checked_sub(search.length(&cx.heap)) else { return Ok(Value::FALSE) };
    Ok(Value::bool(matches_at(string.units(&cx.heap), search.units(&cx.heap), start as usize)))
}

// 22.1.3.24 String.prototype.startsWith ( searchString [ , position ] ), https://tc39.es/ecma262/#sec-string.prototype.startswith
pub(super) fn starts_with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "startsWith")?;
    let search = search_string(cx, args.at(0), "startsWith")?;
    let start = clamped(cx, args.at(1), string.length(&cx.heap))?;
    Ok(Value::bool(matches_at(string.units(&cx.heap), search.units(&cx.heap), start as usize)))
}

// 22.1.3.8 String.prototype.includes ( searchString [ , position ] ), https://tc39.es/ecma262/#sec-string.prototype.includes
pub(super) fn includes(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "includes")?;
    let search = search_string(cx, args.at(0), "includes")?;
    let start = clamped(cx, args.at(1), string.length(&cx.heap))?;
    pay_for_search(cx, string)?;
    Ok(Value::bool(find(string.units(&cx.heap), search.units(&cx.heap), start as usize).is_some()))
}

// 22.1.3.9 String.prototype.indexOf ( searchString [ , position ] ), https://tc39.es/ecma262/#sec-string.prototype.indexof
pub(super) fn index_of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "indexOf")?;
    let search = cx.to_string(args.at(0))?;
    let start = clamped(cx, args.at(1), string.length(&cx.heap))?;
    pay_for_search(cx, string)?;
    let found = find(string.units(&cx.heap), search.units(&cx.heap), start as usize);
    Ok(found.map_or(Value::int(-1), Value::from_usize))
}

// 22.1.3.10 String.prototype.lastIndexOf ( searchString [ , position ] ), https://tc39.es/ecma262/#sec-string.prototype.lastindexof
pub(super) fn last_index_of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let string = this_string(cx, this, "lastIndexOf")?;
    let search = cx.to_string(args.at(0))?;
    let number = cx.to_number(args.at(1))?;
    let length = string.length(&cx.heap);
    let start = if number.is_nan() { length } else { number.trunc().clamp(0.0, f64::from(length)) as u32 };
    pay_for_search(cx, string)?;
    let found = find_last(string.units(&cx.heap), search.units(&cx.heap), start as usize);
    Ok(found.map_or(Value::int(-1), Value::from_usize))
}

// ── methods that regular expressions take over ──

/// RequireObjectCoercible(this value), for methods that convert it later.
fn require_this(cx: &mut Context, this: Value, method: &str) -> Result<()> {
    if this.is_nullish() { Err(cx.throw_type_error(&format!("String.prototype.{method} called on null or undefined"))) } else { Ok(()) }
}

/// The method by which an object pattern does the work itself.
fn pattern_method(cx: &mut Context, pattern: Value, name: PropertyKey) -> Result<Option<Object>> {
    if pattern.is_object() { cx.get_method(pattern, name) } else { Ok(None) }
}

/// RegExpCreate, then the symbol's method on the new regular expression.
fn by_regexp(cx: &mut Context, this: Value, pattern: Value, flags: &str, name: PropertyKey) -> Result<Value> {
    let string = cx.to_string(this)?;
    let flags = if flags.is_empty() { Value::UNDEFINED } else { cx.new_string(flags) };
    let regexp = super::regexp::regexp_create(cx, pattern, flags)?;
    cx.invoke(regexp.value(), name, &[string.value()])
}

// 22.1.3.13 String.prototype.match ( regexp ), https://tc39.es/ecma262/#sec-string.prototype.match
pub(super) fn match_(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    require_this(cx, this, "match")?;
    if let Some(method) = pattern_method(cx, args.at(0), symbol::match_)? {
        return cx.call(method.value(), args.at(0), &[this]);
    }
    by_regexp(cx, this, args.at(0), "", symbol::match_)
}

// 22.1.3.14 String.prototype.matchAll ( regexp ), https://tc39.es/ecma262/#sec-string.prototype.matchall
pub(super) fn match_all(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    require_this(cx, this, "matchAll")?;
    let pattern = args.at(0);
    require_global(cx, pattern, "String.prototype.matchAll called with a non-global RegExp argument")?;
    if let Some(method) = pattern_method(cx, pattern, symbol::match_all)? {
        return cx.call(method.value(), pattern, &[this]);
    }
    by_regexp(cx, this, pattern, "g", symbol::match_all)
}

/// TypeError for a regular expression without the g flag.
fn require_global(cx: &mut Context, pattern: Value, message: &str) -> Result<()> {
    let Some(object) = pattern.as_object() else { return Ok(()) };
    if !cx.is_regexp(pattern)? {
        return Ok(());
    }
    let flags = cx.get(object, key::flags)?;
    cx.require_object_coercible(flags, "flags")?;
    let flags = cx.to_string(flags)?;
    if find(flags.units(&cx.heap), Units::Latin1(b"g"), 0).is_none() {
        return Err(cx.throw_type_error(message));
    }
    Ok(())
}

// 22.1.3.21 String.prototype.search ( regexp ), https://tc39.es/ecma262/#sec-string.prototype.search
pub(super) fn search(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    require_this(cx, this, "search")?;
    if let Some(method) = pattern_method(cx, args.at(0), symbol::search)? {
        return cx.call(method.value(), args.at(0), &[this]);
    }
    by_regexp(cx, this, args.at(0), "", symbol::search)
}

/// What replaces a match of a string pattern.
enum Replacement {
    Function(Value),
    /// A template without references.
    Text(JsString),
    Template(JsString, substitution::Pieces),
}

fn replacement(cx: &mut Context, value: Value) -> Result<Replacement> {
    if cx.is_callable(value) {
        return Ok(Replacement::Function(value));
    }
    let template = cx.to_string(value)?;
    if find(template.units(&cx.heap), Units::Latin1(b"$"), 0).is_none() {
        return Ok(Replacement::Text(template));
    }
    let pieces = substitution::parse(template.units(&cx.heap), 0, false);
    Ok(Replacement::Template(template, pieces))
}

/// Appends what replaces the match at `at`.
fn append_replacement(
    cx: &mut Context,
    result: &mut StringBuilder,
    replacement: &Replacement,
    string: JsString,
    search: JsString,
    at: usize,
) -> Result<()> {
    match replacement {
        Replacement::Function(function) => {
            let value = cx.call(*function, Value::UNDEFINED, &[search.value(), Value::from_usize(at), string.value()])?;
            let text = cx.to_string(value)?;
            result.push_string(&cx.heap, text);
        }
        Replacement::Text(text) => result.push_string(&cx.heap, *text),
        Replacement::Template(template, pieces) => {
            let matched = (at as u32, at as u32 + search.length(&cx.heap));
            substitution::append(cx, result, pieces, *template, string, matched, |_| None, |_, _, _| None)?;
        }
    }
    check_length(cx, result.len() as u64)
}

// 22.1.3.19 String.prototype.replace ( searchValue, replaceValue ), https://tc39.es/ecma262/#sec-string.prototype.replace
pub(super) fn replace(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    require_this(cx, this, "replace")?;
    if let Some(method) = pattern_method(cx, args.at(0), symbol::replace)? {
        return cx.call(method.value(), args.at(0), &[this, args.at(1)]);
    }
    let string = cx.to_string(this)?;
    let search = cx.to_string(args.at(0))?;
    let replacement = replacement(cx, args.at(1))?;
    pay_for_search(cx, string)?;
    let Some(at) = find(string.units(&cx.heap), search.units(&cx.heap), 0) else { return Ok(string.value()) };
    let middle = match replacement {
        Replacement::Text(text) => text,
        _ => {
            let mut middle = StringBuilder::new();
            append_replacement(cx, &mut middle, &replacement, string, search, at)?;
            finish(cx, middle)?
        }
    };
    // Joined as ropes: what surrounds the match is not copied here.
    let end = at as u32 + search.length(&cx.heap);
    let before = cx.heap.substring(string, 0, at as u32);
    let after = cx.heap.substring(string, end, string.length(&cx.heap));
    let start = cx.concat(before, middle)?;
    Ok(cx.concat(start, after)?.value())
}

// 22.1.3.20 String.prototype.replaceAll ( searchValue, replaceValue ), https://tc39.es/ecma262/#sec-string.prototype.replaceall
pub(super) fn replace_all(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    require_this(cx, this, "replaceAll")?;
    require_global(cx, args.at(0), "replaceAll must be called with a global RegExp")?;
    if let Some(method) = pattern_method(cx, args.at(0), symbol::replace)? {
        return cx.call(method.value(), args.at(0), &[this, args.at(1)]);
    }
    let string = cx.to_string(this)?;
    let search = cx.to_string(args.at(0))?;
    let replacement = replacement(cx, args.at(1))?;
    pay_for_search(cx, string)?;
    let search_length = search.length(&cx.heap) as usize;
    let advance = search_length.max(1);
    let needle = Needle::new(search.units(&cx.heap), string.length(&cx.heap) as usize);
    let mut position = needle.find(string.units(&cx.heap), 0);
    if position.is_none() {
        return Ok(string.value());
    }
    let mut result = StringBuilder::new();
    let mut end_of_last = 0;
    // OPTIMIZATION: positions are found one by one rather than all beforehand; the strings cannot change.
    while let Some(at) = position {
        cx.spend_fuel(1)?;
        result.push_units(string.units(&cx.heap).window(end_of_last, at));
        append_replacement(cx, &mut result, &replacement, string, search, at)?;
        end_of_last = at + search_length;
        position = needle.find(string.units(&cx.heap), at + advance);
    }
    result.push_units(string.units(&cx.heap).window(end_of_last, usize::MAX));
    Ok(finish(cx, result)?.value())
}

// 22.1.3.23 String.prototype.split ( separator, limit ), https://tc39.es/ecma262/#sec-string.prototype.split
pub(super) fn split(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    require_this(cx, this, "split")?;
    let separator = args.at(0);
    if let Some(method) = pattern_method(cx, separator, symbol::split)? {
        return cx.call(method.value(), separator, &[this, args.at(1)]);
    }
    let string = cx.to_string(this)?;
    let limit = if args.at(1).is_undefined() { u32::MAX } else { cx.to_uint32(args.at(1))? };
    let search = cx.to_string(separator)?;
    if limit == 0 {
        return Ok(cx.new_array(&[]).value());
    }
    if separator.is_undefined() {
        return Ok(cx.new_array(&[string.value()]).value());
    }
    let length = string.length(&cx.heap);
    let search_length = search.length(&cx.heap);
    let mut parts = smallvec::SmallVec::<[Value; 32]>::new();
    if search_length == 0 {
        let count = length.min(limit);
        cx.spend_fuel(u64::from(count))?;
        cx.reserve(8 * u64::from(count))?;
        parts.reserve(count as usize);
        for i in 0..count {
            let unit = string.unit_at(&cx.heap, i);
            parts.push(cx.heap.single_unit(unit).value());
        }
        return Ok(cx.new_array(&parts).value());
    }
    pay_for_search(cx, string)?;
    let needle = Needle::new(search.units(&cx.heap), string.length(&cx.heap) as usize);
    let mut from = 0;
    while let Some(at) = needle.find(string.units(&cx.heap), from as usize) {
        parts.push(cx.heap.substring(string, from, at as u32).value());
        if parts.len() as u32 >= limit {
            return Ok(cx.new_array(&parts).value());
        }
        from = at as u32 + search_length;
        if parts.len().is_multiple_of(1024) {
            cx.spend_fuel(1024)?;
        }
    }
    parts.push(cx.heap.substring(string, from, length).value());
    cx.spend_fuel(parts.len() as u64 % 1024)?;
    Ok(cx.new_array(&parts).value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding() {
        let wide: Vec<u16> = "aaab\u{3b1}aab".encode_utf16().collect();
        let haystack = Units::Utf16(&wide);
        assert_eq!(find(haystack, Units::Latin1(b"aab"), 0), Some(1));
        assert_eq!(find(haystack, Units::Latin1(b"aab"), 2), Some(5));
        assert_eq!(find(haystack, Units::Latin1(b"aab"), 6), None);
        assert_eq!(find(haystack, Units::Latin1(b""), 8), Some(8));
        assert_eq!(find(haystack, Units::Latin1(b""), 9), None);
        assert_eq!(find(Units::Latin1(b"abcabc"), Units::Utf16(&[0x62, 0x63]), 2), Some(4));
        assert_eq!(find(Units::Latin1(b"abc"), Units::Utf16(&[0x3b1]), 0), None);
        assert_eq!(find_last(haystack, Units::Latin1(b"aab"), 4), Some(1));
        assert_eq!(find_last(haystack, Units::Latin1(b"aab"), 99), Some(5));
        assert_eq!(find_last(Units::Latin1(b"abab"), Units::Latin1(b"ab"), 1), Some(0));
        assert_eq!(find_last(Units::Latin1(b"abab"), Units::Latin1(b""), 9), Some(4));
        assert!(!matches_at(haystack, Units::Latin1(b"b"), 99));
    }

    #[test]
    fn short_and_long_texts_are_searched_alike() {
        // Texts of few different units, so that needles begin to match at many places.
        let mut state = 1u32;
        let mut unit = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"ab\xE9"[(state >> 24) as usize % 3]
        };
        for length in 0..2 * SHORT {
            let text: Vec<u8> = (0..length).map(|_| unit()).collect();
            for needle_length in [1, 2, 3, 5, 9] {
                let needle: Vec<u8> = (0..needle_length).map(|_| unit()).collect();
                let expected = text.windows(needle_length).position(|window| window == needle);
                assert_eq!(find(Units::Latin1(&text), Units::Latin1(&needle), 0), expected, "{text:?} {needle:?}");
                assert_eq!(Needle::new(Units::Latin1(&needle), length).find(Units::Latin1(&text), 0), expected, "{text:?} {needle:?}");
            }
        }
    }
}
