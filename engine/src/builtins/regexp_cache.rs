//! Compiled patterns that a realm has met, by source and flags, so that a literal which is evaluated again is not compiled again.
//!
//! Scripts cannot tell what is in here, so images keep what sample requests compiled: see [`adopt`]. The cache is a Values cell in a free
//! slot of the %RegExp% function, made with its first entry.

use mayfly_regexp::{Compiled, Flags};

use super::regexp_code::Pattern;
use crate::context::Context;
use crate::heap::{Heap, Raw, Ref, Shape, Values};
use crate::native::Result;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::{JsString, Units};
use crate::value::Value;

/// Slot of %RegExp% with the cache.
const SLOT: u32 = 2;
/// Slot of %RegExp% with the shape of match results.
const RESULT_SHAPE_SLOT: u32 = 3;
/// Entries of a set; a pattern's hash says which set it is in. With one place for each, two of a worker's two dozen patterns would share it
/// more often than not, and both be compiled by every request.
const WAYS: u32 = 4;
/// Entries.
const ENTRIES: u32 = 256;
// Values of an entry.
const SOURCE: u32 = 0;
const FLAGS: u32 = 1;
const CODE: u32 = 2;
const NAMES: u32 = 3;
const CAPTURE_COUNT: u32 = 4;
const STRIDE: u32 = 5;

fn constructor(cx: &Context) -> Object {
    cx.intrinsic(Intrinsic::RegExp)
}

fn cache(cx: &Context) -> Option<Ref<Values>> {
    cx.native_slot(constructor(cx).value(), SLOT).as_cell()
}

fn cache_or_new(cx: &Context) -> Ref<Values> {
    cache(cx).unwrap_or_else(|| {
        let cache = cx.heap.new_values(ENTRIES * STRIDE);
        cx.set_native_slot(constructor(cx).value(), SLOT, Value::cell(cache));
        cache
    })
}

fn hash(heap: &Heap, source: JsString, flags: Flags) -> u32 {
    source.hash(heap) ^ flags.bits().wrapping_mul(0x9E37_79B1)
}

/// Where the entries of a hash's set are.
fn places(hash: u32) -> impl Iterator<Item = u32> {
    let first = hash % (ENTRIES / WAYS) * WAYS;
    (first..first + WAYS).map(|entry| entry * STRIDE)
}

/// The entry at `place`: its source, and the pattern.
fn entry(heap: &Heap, cache: Ref<Values>, place: u32) -> Option<(JsString, Pattern)> {
    let field = |field: u32| cache.get(heap, place + field);
    let number = |it: u32| field(it).as_int().unwrap_or(0) as u32;
    let (source, code) = (field(SOURCE).as_string()?, field(CODE).as_cell::<Raw>()?);
    Some((source, Pattern { code, flags: Flags::from_bits(number(FLAGS)), capture_count: number(CAPTURE_COUNT), names: field(NAMES) }))
}

/// The compiled form of `source` with these flags, where it is known.
pub(super) fn find(cx: &Context, source: JsString, flags: Flags) -> Option<Pattern> {
    let (heap, cache) = (&cx.heap, cache(cx)?);
    let flag_bits = Value::int(flags.bits() as i32);
    for place in places(hash(heap, source, flags)) {
        let known = cache.get(heap, place + SOURCE).as_string()?;
        if cache.get(heap, place + FLAGS) == flag_bits && known.equals(source, heap) {
            return entry(heap, cache, place).map(|(_, pattern)| pattern);
        }
    }
    None
}

/// Notes a pattern that has been compiled, in place of another one when the set is full.
pub(super) fn keep(cx: &mut Context, source: JsString, flags: Flags, compiled: &Compiled) -> Result<Pattern> {
    cx.reserve(4 * compiled.code.len() as u64)?;
    let heap = &cx.heap;
    let code = heap.new_raw(4 * compiled.code.len() as u32);
    for (i, word) in compiled.code.iter().enumerate() {
        code.set_word_at(heap, i as u32, *word);
    }
    let mut names = Vec::new();
    for (name, numbers) in &compiled.group_names {
        names.push(heap.intern_units(Units::Utf16(name)).value());
        names.push(Value::from_usize(numbers.len()));
        names.extend(numbers.iter().map(|&number| Value::from(number)));
    }
    let names = if names.is_empty() { Value::UNDEFINED } else { Value::cell(heap.new_values_from(&names)) };
    let pattern = Pattern { code, flags, capture_count: compiled.capture_count, names };
    write(cx, source, &pattern);
    Ok(pattern)
}

fn write(cx: &Context, source: JsString, pattern: &Pattern) {
    let heap = &cx.heap;
    let (cache, hash) = (cache_or_new(cx), hash(heap, source, pattern.flags));
    let free = places(hash).find(|&place| entry(heap, cache, place).is_none());
    let place = free.or_else(|| places(hash).nth((hash / ENTRIES % WAYS) as usize)).unwrap_or(0);
    let set = |field: u32, value: Value| cache.set(heap, place + field, value);
    set(SOURCE, source.value());
    set(FLAGS, Value::int(pattern.flags.bits() as i32));
    set(CODE, Value::cell(pattern.code));
    set(NAMES, pattern.names);
    set(CAPTURE_COUNT, Value::from(pattern.capture_count));
}

/// Shape of match results, once [`set_result_shape`] has been told.
#[inline]
pub(super) fn result_shape(cx: &Context) -> Option<Ref<Shape>> {
    cx.native_slot(constructor(cx).value(), RESULT_SHAPE_SLOT).as_cell()
}

/// Notes the shape of match results.
pub(super) fn set_result_shape(cx: &Context, shape: Ref<Shape>) {
    cx.set_native_slot(constructor(cx).value(), RESULT_SHAPE_SLOT, Value::cell(shape));
}

/// Copies to `cx` what `warm`, an instance of an image of `cx`, has compiled beyond that; how many patterns that were.
pub(crate) fn adopt(cx: &Context, warm: &Context) -> usize {
    let (from, to) = (&warm.heap, &cx.heap);
    let mut adopted = 0;
    if let Some(cache) = cache(warm) {
        for place in (0..ENTRIES).map(|index| index * STRIDE) {
            let Some((source, pattern)) = entry(from, cache, place) else { continue };
            let source = to.intern_units(source.units(from));
            if find(cx, source, pattern.flags).is_some() {
                continue;
            }
            let code = to.new_raw_from(from.cage().slice(pattern.code.data(), from.word(pattern.code.offset())));
            let names = match pattern.names.as_cell::<Values>() {
                Some(names) => {
                    let name = |index| {
                        let it: Value = names.get(from, index);
                        it.as_string().map_or(it, |name| to.intern_units(name.units(from)).value())
                    };
                    Value::cell(to.new_values_from(&(0..names.length(from)).map(name).collect::<Vec<_>>()))
                }
                None => pattern.names,
            };
            write(cx, source, &Pattern { code, names, ..pattern });
            adopted += 1;
        }
    }
    if result_shape(warm).is_some() && result_shape(cx).is_none() {
        super::regexp::result_shape(cx);
        adopted += 1;
    }
    if adopted > 0 {
        super::regexp_pristine::refresh(cx);
    }
    adopted
}

/// Where [`adopt`] may have left traces.
pub(crate) struct Traces {
    /// Cells that it may have changed.
    pub changed: Vec<u32>,
    /// Cells that it may have made.
    pub made: Vec<u32>,
    /// Addresses of the slots of %RegExp% that it may have set.
    pub slots: [u32; 2],
}

/// Those of a context.
pub(crate) fn traces(cx: &Context) -> Traces {
    let heap = &cx.heap;
    let cache = cache(cx);
    let mut made: Vec<u32> = cache.map(Ref::offset).into_iter().collect();
    for (_, pattern) in cache.into_iter().flat_map(|cache| (0..ENTRIES).filter_map(move |index| entry(heap, cache, index * STRIDE))) {
        made.push(pattern.code.offset());
        made.extend(pattern.names.as_cell::<Values>().map(Ref::offset));
    }
    let changed = cache.map(Ref::offset).into_iter().chain(super::regexp_pristine::snapshot_cell(cx)).collect();
    let slots = [SLOT, RESULT_SHAPE_SLOT].map(|slot| constructor(cx).internal_address(2 + slot));
    Traces { changed, made, slots }
}
