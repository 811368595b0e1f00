//! What stands behind a RegExp object: compiled code, matching, and the record of the last match.
//!
//! Internal slots of RegExp objects: 0 = code (Raw cell), 1 = source, 2 = flags string, 3 = int: flag bits, [`LEGACY`], capture count
//! from bit [`COUNT_SHIFT`] on, 4 = group names (Values cell or undefined), 5 = realm. The property `lastIndex` is slot 0 of every shape.
//!
//! Free slots of the %RegExp% function: 0 = last match (see [`last_match`]), 1 = snapshot of `regexp_pristine`, 2 and 3 = those of
//! `regexp_cache`.

use mayfly_regexp::{Flags, Input, MatchError, Pattern as Source};

use super::regexp_cache;
use crate::context::Context;
use crate::heap::{Heap, Kind, Raw, Ref, Shape, Values};
use crate::native::Result;
use crate::object::{Object, attribute};
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::string::{JsString, Units};
use crate::value::Value;

/// Bit of internal slot 3: [[LegacyFeaturesEnabled]].
const LEGACY: i32 = 1 << 8;
const COUNT_SHIFT: u32 = 9;
/// Matcher steps allowed before the host is asked for more. A match that needs more starts again with twice as many.
const FIRST_BUDGET: i64 = 1 << 20;
/// How many matcher steps cost as much as one unit of interpreter fuel.
const STEPS_PER_FUEL: u64 = 4;
/// Capture position of a group that took no part.
pub(super) const UNMATCHED: u32 = u32::MAX;

/// Start and end of every capture; no allocation for up to nine groups.
pub(super) type Captures = smallvec::SmallVec<[u32; FEW]>;
const FEW: usize = 20;

/// The compiled form of a RegExp object.
#[derive(Clone, Copy)]
pub(super) struct Pattern {
    /// Position-independent words.
    pub code: Ref<Raw>,
    /// Flags it was made with.
    pub flags: Flags,
    /// Number of captures with the whole match.
    pub capture_count: u32,
    /// Group names (Values cell: name, number of groups, their numbers, …), or undefined.
    pub names: Value,
}

impl Pattern {
    pub fn is_global(&self) -> bool {
        self.flags.contains(Flags::GLOBAL)
    }

    pub fn is_sticky(&self) -> bool {
        self.flags.contains(Flags::STICKY)
    }

    pub fn is_unicode(&self) -> bool {
        self.flags.has_either_unicode_flag()
    }

    /// The capture's range in the subject.
    pub fn capture(captures: &[u32], number: u32) -> Option<(u32, u32)> {
        let start = *captures.get(2 * number as usize)?;
        let end = *captures.get(2 * number as usize + 1)?;
        if start == UNMATCHED || end == UNMATCHED { None } else { Some((start, end)) }
    }

    /// Calls `each` with every group name and the number of the group of that name that matched, or the first of them.
    pub fn each_name(&self, heap: &Heap, captures: &[u32], mut each: impl FnMut(JsString, u32)) {
        let Some(names) = self.names.as_cell::<Values>() else { return };
        let mut at = 0;
        while at < names.length(heap) {
            let Some(name) = names.get(heap, at).as_string() else { return };
            let count = names.get(heap, at + 1).as_int().unwrap_or(0) as u32;
            let numbers = || (0..count).map(|i| names.get(heap, at + 2 + i).as_int().unwrap_or(0) as u32);
            let first = numbers().next().unwrap_or(0);
            let matched = numbers().find(|&number| Pattern::capture(captures, number).is_some()).unwrap_or(first);
            each(name, matched);
            at += 2 + count;
        }
    }
}

/// The RegExp object that a value is.
pub(super) fn as_regexp(cx: &Context, value: Value) -> Option<Object> {
    value.as_object().filter(|object| object.is(&cx.heap, Kind::RegExp))
}

/// The compiled form of a RegExp object; `None` before it was initialised.
pub(super) fn pattern_of(heap: &Heap, regexp: Object) -> Option<Pattern> {
    let code = regexp.internal(heap, 0).as_cell::<Raw>()?;
    let bits = regexp.internal(heap, 3).as_int().unwrap_or(0);
    Some(Pattern {
        code,
        flags: Flags::from_bits(bits as u32 & 0xFF),
        capture_count: bits as u32 >> COUNT_SHIFT,
        names: regexp.internal(heap, 4),
    })
}

/// [[OriginalSource]]
pub(super) fn source_of(heap: &Heap, regexp: Object) -> JsString {
    regexp.internal(heap, 1).as_string().unwrap_or(heap.empty_string())
}

/// [[OriginalFlags]]
pub(super) fn flags_of(heap: &Heap, regexp: Object) -> JsString {
    regexp.internal(heap, 2).as_string().unwrap_or(heap.empty_string())
}

/// Whether matches of it update RegExp.$1 and the like.
pub(super) fn has_legacy_features(heap: &Heap, regexp: Object) -> bool {
    regexp.internal(heap, 3).as_int().unwrap_or(0) & LEGACY != 0
}

/// Shape of RegExp objects with this prototype.
pub(crate) fn shape(heap: &Heap, prototype: Object) -> Ref<Shape> {
    heap.root_shape(Some(prototype), Kind::RegExp, 1).transition(heap, key::last_index, attribute::WRITABLE)
}

// 22.2.3.2 RegExpAlloc ( newTarget ), https://tc39.es/ecma262/#sec-regexpalloc
/// A RegExp object that is not initialised yet. `legacy` is [[LegacyFeaturesEnabled]].
pub(super) fn allocate(cx: &Context, prototype: Object, legacy: bool) -> Object {
    let heap = &cx.heap;
    let is_intrinsic = prototype == cx.intrinsic(Intrinsic::RegExpPrototype);
    let shape = if is_intrinsic { cx.realm().regexp_shape(heap) } else { shape(heap, prototype) };
    let regexp = heap.new_object(Kind::RegExp, shape, 0);
    regexp.set_slot_value(heap, 0, Value::ZERO);
    regexp.set_internal(heap, 3, Value::int(if legacy { LEGACY } else { 0 }));
    regexp.set_internal(heap, 5, cx.realm().value());
    regexp
}

/// [`allocate`] with %RegExp.prototype% and legacy features, and [`set_pattern`].
pub(super) fn allocate_with_pattern(cx: &mut Context, source: JsString, flags_text: JsString) -> Result<Object> {
    let flags = parse_flags(cx, flags_text)?;
    let pattern = compile(cx, source, flags)?;
    let realm = cx.realm();
    let slots = [
        Value::cell(pattern.code),
        source.value(),
        flags_text.value(),
        bits_of(&pattern, LEGACY),
        pattern.names,
        realm.value(),
        // lastIndex
        Value::ZERO,
    ];
    Ok(cx.heap.new_object_of(Kind::RegExp, realm.regexp_shape(&cx.heap), slots))
}

/// What internal slot 3 holds.
fn bits_of(pattern: &Pattern, legacy: i32) -> Value {
    Value::int(pattern.flags.bits() as i32 | legacy | (pattern.capture_count << COUNT_SHIFT) as i32)
}

/// The flags of a text; SyntaxError where it is wrong.
#[inline]
fn parse_flags(cx: &mut Context, flags_text: JsString) -> Result<Flags> {
    let units = flags_text.units(&cx.heap);
    let known = match units {
        Units::Latin1(letters) => Flags::from_letters(letters),
        Units::Utf16(_) => None,
    };
    match known.map_or_else(|| Flags::parse(&units.to_text()), Ok) {
        Ok(flags) => Ok(flags),
        Err(error) => Err(cx.throw_syntax_error(&error.message)),
    }
}

/// Gives a RegExp object the code of `source` and `flags`; SyntaxError where they are wrong. Does not touch `lastIndex`.
pub(super) fn set_pattern(cx: &mut Context, regexp: Object, source: JsString, flags_text: JsString) -> Result<()> {
    let flags = parse_flags(cx, flags_text)?;
    let pattern = compile(cx, source, flags)?;
    let heap = &cx.heap;
    let legacy = regexp.internal(heap, 3).as_int().unwrap_or(0) & LEGACY;
    regexp.set_internal(heap, 0, Value::cell(pattern.code));
    regexp.set_internal(heap, 1, source.value());
    regexp.set_internal(heap, 2, flags_text.value());
    regexp.set_internal(heap, 3, bits_of(&pattern, legacy));
    regexp.set_internal(heap, 4, pattern.names);
    Ok(())
}

/// The code of a pattern, from the realm's cache where it is known.
pub(super) fn compile(cx: &mut Context, source: JsString, flags: Flags) -> Result<Pattern> {
    if let Some(known) = regexp_cache::find(cx, source, flags) {
        return Ok(known);
    }
    cx.spend_fuel(16 + u64::from(source.length(&cx.heap)))?;
    let compiled = match source.units(&cx.heap) {
        Units::Latin1(units) => mayfly_regexp::compile(Source::Latin1(units), flags),
        Units::Utf16(units) => mayfly_regexp::compile(Source::Utf16(units), flags),
    };
    match compiled {
        Ok(compiled) => regexp_cache::keep(cx, source, flags, &compiled),
        Err(error) => Err(cx.throw_syntax_error(&error.message)),
    }
}

/// Matches from code unit `from` on (at it only, with the sticky flag). `captures` receives start and end of every capture.
pub(super) fn match_at(cx: &mut Context, pattern: &Pattern, string: JsString, from: u32, captures: &mut Captures) -> Result<bool> {
    let count = 2 * pattern.capture_count as usize;
    if captures.len() != count {
        *captures = if count <= FEW { Captures::from_buf_and_len([UNMATCHED; FEW], count) } else { Captures::from_elem(UNMATCHED, count) };
    }
    let mut from = from as usize;
    if pattern.is_unicode() && from > 0 {
        // An index inside a surrogate pair stands for the pair's code point.
        let units = string.units(&cx.heap);
        if (0xDC00..0xE000).contains(&units.at(from)) && units.code_point_at(from - 1).1 == 2 {
            from -= 1;
        }
    }
    let mut fuel = FIRST_BUDGET;
    let outcome = match_once(cx, pattern, string, from, captures, &mut fuel);
    cx.spend_fuel((FIRST_BUDGET - fuel.max(0)) as u64 / STEPS_PER_FUEL)?;
    match outcome {
        Ok(found) => Ok(found),
        Err(error) => match_again(cx, pattern, string, from, captures, error),
    }
}

/// One try with so much fuel.
#[inline(always)]
fn match_once(
    cx: &mut Context,
    pattern: &Pattern,
    string: JsString,
    from: usize,
    captures: &mut [u32],
    fuel: &mut i64,
) -> std::result::Result<bool, MatchError> {
    let Context { heap, regexp_scratch, .. } = cx;
    let heap: &Heap = heap;
    let code = heap.cage().slice_u32(pattern.code.data(), pattern.code.length(heap) / 4);
    let input = match string.units(heap) {
        Units::Latin1(units) => Input::Latin1(units),
        Units::Utf16(units) => Input::Utf16(units),
    };
    mayfly_regexp::exec(code, input, from, captures, regexp_scratch, fuel)
}

/// After a try that came to no end: more of them, each with twice the budget, as long as the host refuels.
#[cold]
#[inline(never)]
fn match_again(
    cx: &mut Context,
    pattern: &Pattern,
    string: JsString,
    from: usize,
    captures: &mut [u32],
    mut error: MatchError,
) -> Result<bool> {
    let mut budget = FIRST_BUDGET;
    loop {
        match error {
            MatchError::OutOfFuel => budget = budget.saturating_mul(2),
            // As V8 reports a full backtrack stack.
            MatchError::OutOfMemory => return Err(cx.throw_range_error("Maximum call stack size exceeded")),
            MatchError::BadCode => return Err(cx.throw_error(crate::context::ErrorKind::Error, &error.to_string())),
        }
        let mut fuel = budget;
        let outcome = match_once(cx, pattern, string, from, captures, &mut fuel);
        cx.spend_fuel((budget - fuel.max(0)) as u64 / STEPS_PER_FUEL)?;
        match outcome {
            Ok(found) => return Ok(found),
            Err(again) => error = again,
        }
    }
}

// ── lastIndex ──

/// Get(R, "lastIndex") without the lookup: slot 0 always holds it.
#[inline]
pub(super) fn last_index(heap: &Heap, regexp: Object) -> Value {
    regexp.slot_value(heap, 0)
}

/// Whether `lastIndex` is writable.
#[inline]
pub(super) fn last_index_is_writable(cx: &Context, regexp: Object) -> bool {
    let heap = &cx.heap;
    // The shape that regular expressions are made with has it so.
    regexp.shape(heap) == cx.realm().regexp_shape(heap) || last_index_is_writable_by_lookup(heap, regexp)
}

#[inline(never)]
fn last_index_is_writable_by_lookup(heap: &Heap, regexp: Object) -> bool {
    regexp.shape(heap).lookup(heap, key::last_index).is_some_and(|property| property.attributes & attribute::WRITABLE != 0)
}

/// Set(R, "lastIndex", index, true) on a RegExp object.
pub(super) fn set_last_index(cx: &mut Context, regexp: Object, index: u32) -> Result<()> {
    if last_index_is_writable(cx, regexp) {
        regexp.set_slot_value(&cx.heap, 0, Value::from(index));
        return Ok(());
    }
    cx.set(regexp, key::last_index, Value::from(index), true)
}

// 22.2.7.3 AdvanceStringIndex ( S, index, unicode ), https://tc39.es/ecma262/#sec-advancestringindex
/// The index after the code unit, or the code point, at `index`.
pub(super) fn advance(heap: &Heap, string: JsString, index: u64, unicode: bool) -> u64 {
    if !unicode || index + 1 >= u64::from(string.length(heap)) {
        return index + 1;
    }
    index + string.units(heap).code_point_at(index as usize).1 as u64
}

// ── the last match ──

/// Layout of the record behind RegExp.$1 and the like: 0 = subject (the hole: invalidated), 1 = value of RegExp.input, 2 = how many
/// captures are noted (at most ten), then their starts and ends, then those of the last capture.
pub(super) mod last_match {
    use super::*;

    const SUBJECT: u32 = 0;
    const INPUT: u32 = 1;
    const COUNT: u32 = 2;
    const RANGES: u32 = 3;
    /// Number of the range that holds the last capture.
    pub const LAST_PAREN: u32 = 10;
    const LENGTH: u32 = RANGES + 2 * (LAST_PAREN + 1);

    #[inline]
    fn record(cx: &Context) -> Ref<Values> {
        let constructor = cx.intrinsic(Intrinsic::RegExp).value();
        match cx.native_slot(constructor, 0).as_cell::<Values>() {
            Some(record) => record,
            None => new_record(cx, constructor),
        }
    }

    #[cold]
    fn new_record(cx: &Context, constructor: Value) -> Ref<Values> {
        let record = cx.heap.new_values(LENGTH);
        let empty = cx.heap.empty_string().value();
        record.set(&cx.heap, SUBJECT, empty);
        record.set(&cx.heap, INPUT, empty);
        for i in COUNT..LENGTH {
            record.set(&cx.heap, i, Value::ZERO);
        }
        record.set_length(&cx.heap, LENGTH);
        cx.set_native_slot(constructor, 0, Value::cell(record));
        record
    }

    // UpdateLegacyRegExpStaticProperties and InvalidateLegacyRegExpStaticProperties,
    // https://github.com/tc39/proposal-regexp-legacy-features#updatelegacyregexpstaticproperties--c-s-startindex-endindex-capturedvalues-
    /// Notes a successful match of `regexp`.
    pub fn update(cx: &Context, regexp: Object, string: JsString, captures: &[u32]) {
        let heap = &cx.heap;
        let record = record(cx);
        if !has_legacy_features(heap, regexp) || regexp.internal(heap, 5) != cx.realm().value() {
            record.set(heap, SUBJECT, Value::HOLE);
            record.set(heap, INPUT, Value::HOLE);
            return;
        }
        record.set(heap, SUBJECT, string.value());
        record.set(heap, INPUT, string.value());
        let count = captures.len() as u32 / 2;
        let noted = count.min(LAST_PAREN);
        record.set(heap, COUNT, Value::int(noted as i32));
        let note = |number: u32, capture: u32| {
            let (start, end) = Pattern::capture(captures, capture).unwrap_or((0, 0));
            record.set(heap, RANGES + 2 * number, Value::int(start as i32));
            record.set(heap, RANGES + 2 * number + 1, Value::int(end as i32));
        };
        for number in 0..noted {
            note(number, number);
        }
        if count > 1 {
            note(LAST_PAREN, count - 1);
        }
    }

    /// The subject and the range of capture `number`, empty where there is none; `None` when invalidated.
    pub fn range(cx: &Context, number: u32) -> Option<(JsString, u32, u32)> {
        let record = record(cx);
        let at = |index: u32| record.get(&cx.heap, index).as_int().unwrap_or(0) as u32;
        let subject = record.get(&cx.heap, SUBJECT).as_string()?;
        let is_noted = if number == LAST_PAREN { at(COUNT) > 1 } else { number < at(COUNT) };
        Some(if is_noted { (subject, at(RANGES + 2 * number), at(RANGES + 2 * number + 1)) } else { (subject, 0, 0) })
    }

    /// RegExp.input; `None` when invalidated.
    pub fn input(cx: &Context) -> Option<JsString> {
        record(cx).get(&cx.heap, INPUT).as_string()
    }

    /// Sets RegExp.input.
    pub fn set_input(cx: &Context, input: JsString) {
        record(cx).set(&cx.heap, INPUT, input.value());
    }
}
