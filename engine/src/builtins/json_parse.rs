//! Reading JSON text. https://tc39.es/ecma262/#sec-json.parse
//!
//! One pass over the units with an explicit stack, so that nesting costs no native stack. Objects whose keys come in the same order share
//! a shape that is found by one comparison, and each of their keys is found by comparing it with the one that came there before. With a
//! reviver the parser also keeps [`Records`]: where each primitive's text is.

use crate::context::Context;
use crate::heap::{Heap, Kind, Ref, Shape};
use crate::native::Result;
use crate::object::{Object, attribute};
use crate::realm::Intrinsic;
use crate::string::{JsString, PropertyKey, StringBuilder, Units};
use crate::value::Value;

/// What a parsed value came from.
pub(super) enum Node {
    /// A primitive: range of its text.
    Primitive(u32, u32),
    /// An array: records of its elements.
    Array(Vec<u32>),
    /// An object: keys and records of its entries, in order of the text.
    Object(Vec<(PropertyKey, u32)>),
}

/// JSON Parse Records, by number. A flat list, so that depth costs nothing when it is dropped.
#[derive(Default)]
pub(super) struct Records {
    nodes: Vec<(Value, Node)>,
}

impl Records {
    /// The record of the whole text: the last one made.
    pub fn root(&self) -> Option<u32> {
        self.nodes.len().checked_sub(1).map(|last| last as u32)
    }

    pub fn value(&self, record: u32) -> Value {
        self.nodes[record as usize].0
    }

    pub fn node(&self, record: u32) -> &Node {
        &self.nodes[record as usize].1
    }

    fn add(&mut self, value: Value, node: Node) -> u32 {
        self.nodes.push((value, node));
        self.nodes.len() as u32 - 1
    }
}

/// Why a text is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// A character that no value begins with, or the end.
    Token,
    /// A message of its own about the position.
    At(&'static str),
    /// Not a fault of the text: the values do not fit the memory limit.
    Memory,
}

/// Parses `text`; the records are there if asked for.
pub(super) fn parse(cx: &mut Context, text: JsString, with_records: bool) -> Result<(Value, Option<Records>)> {
    let length = text.length(&cx.heap);
    cx.spend_fuel(1 + u64::from(length) / 16)?;
    cx.reserve(u64::from(length))?;
    let outcome = match text.units(&cx.heap) {
        Units::Latin1(units) => Parser::new(cx, units, with_records).run(),
        Units::Utf16(units) => Parser::new(cx, units, with_records).run(),
    };
    match outcome {
        Ok(parsed) => Ok(parsed),
        Err((Fault::Memory, _)) => Err(cx.terminate(crate::context::Termination::Memory)),
        Err((fault, at)) => {
            let message = message(text.units(&cx.heap), fault, at);
            Err(cx.throw_syntax_error(&message))
        }
    }
}

/// The message for a fault at unit `at`, as V8 words it.
fn message(units: Units<'_>, fault: Fault, at: usize) -> String {
    const CONTEXT: usize = 10;
    let end = at >= units.len();
    let place = || {
        let before = (0..at).map(|i| units.at(i));
        let line = before.clone().filter(|&unit| unit == 0x0A).count() + 1;
        let column = before.rev().take_while(|&unit| unit != 0x0A).count() + 1;
        format!("in JSON at position {at} (line {line} column {column})")
    };
    match fault {
        Fault::At(what) => format!("{what} {}", place()),
        Fault::Memory => "JSON text is too large".to_string(),
        Fault::Token if end => "Unexpected end of JSON input".to_string(),
        Fault::Token => match units.at(at) {
            0x22 => format!("Unexpected string {}", place()),
            0x30..=0x39 | 0x2D => format!("Unexpected number {}", place()),
            _ => {
                let whole = units.to_text();
                if matches!(whole.as_str(), "undefined" | "NaN" | "Infinity" | "[object Object]") {
                    return format!("\"{whole}\" is not valid JSON");
                }
                let token = units.window(at, at + units.code_point_at(at).1).to_text();
                let short = units.len() <= 2 * CONTEXT;
                let from = if short { 0 } else { at.saturating_sub(CONTEXT) };
                let to = if short { units.len() } else { (at + CONTEXT).min(units.len()) };
                let before = if from > 0 { "..." } else { "" };
                let after = if to < units.len() { "..." } else { "" };
                format!("Unexpected token '{token}', {before}\"{}\"{after} is not valid JSON", units.window(from, to).to_text())
            }
        },
    }
}

/// A code unit of either width.
trait Unit: Copy + Into<u16> + PartialEq + 'static {
    /// Number of units up to the first one that a string literal does not contain as it is: quote, backslash, control character.
    fn plain_run(units: &[Self]) -> usize;
    fn wrap(units: &[Self]) -> Units<'_>;
}

impl Unit for u8 {
    fn plain_run(units: &[u8]) -> usize {
        const ONES: u64 = 0x0101_0101_0101_0101;
        const HIGHS: u64 = 0x8080_8080_8080_8080;
        let mut at = 0;
        // Eight at a time: the high bit of a lane shows where a lane is below a bound or equal to a byte.
        while let Some(chunk) = units.get(at..at + 8) {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(chunk);
            let word = u64::from_le_bytes(bytes);
            let zero_lanes = |lanes: u64| lanes.wrapping_sub(ONES) & !lanes & HIGHS;
            let found =
                zero_lanes(word ^ (ONES * 0x22)) | zero_lanes(word ^ (ONES * 0x5C)) | (word.wrapping_sub(ONES * 0x20) & !word & HIGHS);
            if found != 0 {
                // A borrow can set bits only above a true hit, so the lowest one counts.
                return at + found.trailing_zeros() as usize / 8;
            }
            at += 8;
        }
        at + units[at..].iter().take_while(|&&unit| unit >= 0x20 && unit != b'"' && unit != b'\\').count()
    }

    fn wrap(units: &[u8]) -> Units<'_> {
        Units::Latin1(units)
    }
}

impl Unit for u16 {
    fn plain_run(units: &[u16]) -> usize {
        units.iter().take_while(|&&unit| unit >= 0x20 && unit != 0x22 && unit != 0x5C).count()
    }

    fn wrap(units: &[u16]) -> Units<'_> {
        Units::Utf16(units)
    }
}

/// An array or object that is being read. `values` and `keys` are where its parts begin on the parser's stacks.
enum Frame {
    Array { values: usize },
    Object { values: usize, keys: usize },
}

/// A shape that objects with these keys have.
struct KnownShape {
    keys: Vec<PropertyKey>,
    shape: Ref<Shape>,
}

/// Number of remembered shapes.
const KNOWN_SHAPES: usize = 16;

/// A property name that was read before: where its text is, and its key.
#[derive(Clone, Copy)]
struct KnownName {
    start: u32,
    length: u32,
    key: PropertyKey,
}

/// Number of remembered names.
const KNOWN_NAMES: usize = 32;
/// Room that short texts need no more than.
const USUAL_DEPTH: usize = 8;
const USUAL_VALUES: usize = 32;

/// Objects with more properties than this get no shape shared with others.
const SHARED_SHAPE_LIMIT: usize = 64;

struct Parser<'h, U> {
    cx: &'h Context,
    heap: &'h Heap,
    units: &'h [U],
    at: usize,
    frames: Vec<Frame>,
    values: Vec<Value>,
    keys: Vec<PropertyKey>,
    /// Records, and for each value on the stack its record.
    records: Option<(Records, Vec<u32>)>,
    known: Vec<Option<KnownShape>>,
    /// What followed a name when it was read last.
    followers: [Option<KnownName>; KNOWN_NAMES],
    object_prototype: Object,
}

type Step<T> = std::result::Result<T, Fault>;

impl<'h, U: Unit> Parser<'h, U> {
    fn new(cx: &'h Context, units: &'h [U], with_records: bool) -> Parser<'h, U> {
        Parser {
            cx,
            heap: &cx.heap,
            units,
            at: 0,
            frames: Vec::with_capacity(USUAL_DEPTH),
            values: Vec::with_capacity(USUAL_VALUES),
            keys: Vec::with_capacity(USUAL_VALUES),
            records: with_records.then(Default::default),
            known: Vec::new(),
            followers: [None; KNOWN_NAMES],
            object_prototype: cx.intrinsic(Intrinsic::ObjectPrototype),
        }
    }

    fn run(mut self) -> std::result::Result<(Value, Option<Records>), (Fault, usize)> {
        match self.text() {
            Ok(value) => Ok((value, self.records.map(|(records, _)| records))),
            Err(fault) => Err((fault, self.at)),
        }
    }

    /// The unit at the current position; 0 at the end, which no rule takes for anything.
    #[inline(always)]
    fn peek(&self) -> u16 {
        self.units.get(self.at).map_or(0, |&unit| unit.into())
    }

    #[inline(always)]
    fn skip_space(&mut self) {
        while matches!(self.peek(), 0x20 | 0x0A | 0x0D | 0x09) {
            self.at += 1;
        }
    }

    fn text(&mut self) -> Step<Value> {
        loop {
            // A value, or the opening of an array or object that goes on with its first part.
            self.skip_space();
            let start = self.at;
            let mut value = match self.peek() {
                0x22 => {
                    self.at += 1;
                    self.string()?.value()
                }
                0x7B => {
                    self.at += 1;
                    self.skip_space();
                    match self.peek() {
                        0x7D => {
                            self.at += 1;
                            self.note_composite(self.cx.new_plain_object().value(), Node::Object(Vec::new()))
                        }
                        0x22 => {
                            self.frames.push(Frame::Object { values: self.values.len(), keys: self.keys.len() });
                            self.property_name(true)?;
                            continue;
                        }
                        _ => return Err(Fault::At("Expected property name or '}'")),
                    }
                }
                0x5B => {
                    self.at += 1;
                    self.skip_space();
                    if self.peek() == 0x5D {
                        self.at += 1;
                        self.note_composite(self.cx.new_array(&[]).value(), Node::Array(Vec::new()))
                    } else {
                        self.frames.push(Frame::Array { values: self.values.len() });
                        continue;
                    }
                }
                0x2D | 0x30..=0x39 => self.number()?,
                0x74 => self.word("true", Value::TRUE)?,
                0x66 => self.word("false", Value::FALSE)?,
                0x6E => self.word("null", Value::NULL)?,
                _ => return Err(Fault::Token),
            };
            if !value.is_object()
                && let Some((records, pending)) = &mut self.records
            {
                pending.push(records.add(value, Node::Primitive(start as u32, self.at as u32)));
            }
            // The value may end arrays and objects.
            loop {
                self.skip_space();
                match self.frames.last() {
                    None if self.at < self.units.len() => return Err(Fault::At("Unexpected non-whitespace character after JSON")),
                    None => return Ok(value),
                    Some(&Frame::Array { values }) => {
                        self.values.push(value);
                        self.check_room()?;
                        match self.peek() {
                            0x2C => {
                                self.at += 1;
                                break;
                            }
                            0x5D => {
                                self.at += 1;
                                self.frames.pop();
                                value = self.finish_array(values);
                            }
                            _ => return Err(Fault::At("Expected ',' or ']' after array element")),
                        }
                    }
                    Some(&Frame::Object { values, keys }) => {
                        self.values.push(value);
                        self.check_room()?;
                        match self.peek() {
                            0x2C => {
                                self.at += 1;
                                self.skip_space();
                                if self.peek() != 0x22 {
                                    return Err(Fault::At("Expected double-quoted property name"));
                                }
                                self.property_name(false)?;
                                break;
                            }
                            0x7D => {
                                self.at += 1;
                                self.frames.pop();
                                value = self.finish_object(values, keys);
                            }
                            _ => return Err(Fault::At("Expected ',' or '}' after property value")),
                        }
                    }
                }
            }
        }
    }

    /// Values wait outside the heap until their array is complete: bound them by what the heap may hold.
    #[inline(always)]
    fn check_room(&self) -> Step<()> {
        if self.values.len().is_multiple_of(1 << 16) && !self.heap.has_room(8 * self.values.len() as u64) {
            Err(Fault::Memory)
        } else {
            Ok(())
        }
    }

    fn note_composite(&mut self, value: Value, node: Node) -> Value {
        if let Some((records, pending)) = &mut self.records {
            pending.push(records.add(value, node));
        }
        value
    }

    fn word(&mut self, word: &str, value: Value) -> Step<Value> {
        for byte in word.bytes() {
            if self.peek() != u16::from(byte) {
                return Err(Fault::Token);
            }
            self.at += 1;
        }
        Ok(value)
    }

    // ── numbers ──

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), 0x30..=0x39) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Step<Value> {
        let start = self.at;
        let negative = self.peek() == 0x2D;
        if negative {
            self.at += 1;
        }
        let first = self.at;
        let leading_zero = self.peek() == 0x30;
        let whole = self.digits();
        if whole == 0 {
            return Err(Fault::At("No number after minus sign"));
        }
        if leading_zero && whole > 1 {
            self.at = first + 1;
            return Err(Fault::Token);
        }
        if whole <= 9 && !matches!(self.peek(), 0x2E | 0x45 | 0x65) {
            let number = self.units[first..self.at].iter().fold(0, |number, &digit| number * 10 + i32::from(digit.into() - 0x30));
            return Ok(match negative {
                false => Value::int(number),
                true if number == 0 => Value::double(-0.0),
                true => Value::int(-number),
            });
        }
        if self.peek() == 0x2E {
            self.at += 1;
            if self.digits() == 0 {
                return Err(Fault::At("Unterminated fractional number"));
            }
        }
        if matches!(self.peek(), 0x45 | 0x65) {
            self.at += 1;
            if matches!(self.peek(), 0x2B | 0x2D) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(Fault::At("Exponent part is missing a number"));
            }
        }
        let text: Vec<u8> = self.units[start..self.at].iter().map(|&unit| unit.into() as u8).collect();
        // What was scanned is within the grammar of Rust's correctly rounding parser.
        let number: f64 = std::str::from_utf8(&text).ok().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
        Ok(Value::number(number))
    }

    // ── strings ──

    /// The rest of a string literal whose quote has been read.
    fn string(&mut self) -> Step<JsString> {
        let start = self.at;
        self.at += U::plain_run(&self.units[start..]);
        if self.peek() == 0x22 {
            self.at += 1;
            return Ok(self.heap.new_units(U::wrap(&self.units[start..self.at - 1])));
        }
        let text = self.string_with_escapes(start)?;
        Ok(text.finish(self.heap))
    }

    /// A property name and its colon. `first` of its object.
    fn property_name(&mut self, first: bool) -> Step<()> {
        self.at += 1;
        let start = self.at;
        // What comes after a name, or first in the object that is its value, is mostly what came there before.
        let before = self.keys.last().map_or(0, |key| key.bits()) ^ u32::from(first) << 31;
        let entry = (before.wrapping_mul(0x9E37_79B1) >> 27) as usize % KNOWN_NAMES;
        let known = self.followers[entry].filter(|known| {
            let (from, length) = (known.start as usize, known.length as usize);
            let text = self.units.get(start..start + length + 1);
            text.is_some_and(|text| text[length].into() == 0x22 && text[..length] == self.units[from..from + length])
        });
        if let Some(known) = known {
            self.at += known.length as usize + 1;
            self.keys.push(known.key);
        } else {
            let (length, key) = self.unknown_name(start)?;
            if let Some(length) = length {
                self.followers[entry] = Some(KnownName { start: start as u32, length: length as u32, key });
            }
            self.keys.push(key);
        }
        if self.peek() != 0x3A {
            self.skip_space();
            if self.peek() != 0x3A {
                return Err(Fault::At("Expected ':' after property name"));
            }
        }
        self.at += 1;
        Ok(())
    }

    /// The name that begins at `start`; its length if it is there without escapes.
    fn unknown_name(&mut self, start: usize) -> Step<(Option<usize>, PropertyKey)> {
        self.at += U::plain_run(&self.units[start..]);
        if self.peek() == 0x22 {
            let length = self.at - start;
            self.at += 1;
            let atom = self.heap.intern_units(U::wrap(&self.units[start..start + length]));
            return Ok((Some(length), self.heap.string_key(atom)));
        }
        let text = self.string_with_escapes(start)?;
        Ok((None, self.heap.string_key(self.heap.intern_units(text.units()))))
    }

    /// The contents of a string literal that begins at `start` and is plain up to the current position.
    fn string_with_escapes(&mut self, start: usize) -> Step<StringBuilder> {
        let mut text = StringBuilder::new();
        text.push_units(U::wrap(&self.units[start..self.at]));
        loop {
            if self.at >= self.units.len() {
                return Err(Fault::At("Unterminated string"));
            }
            match self.peek() {
                0x22 => {
                    self.at += 1;
                    return Ok(text);
                }
                0x5C => {
                    self.at += 1;
                    self.escape(&mut text)?;
                }
                _ => return Err(Fault::At("Bad control character in string literal")),
            }
            let run = U::plain_run(&self.units[self.at..]);
            text.push_units(U::wrap(&self.units[self.at..self.at + run]));
            self.at += run;
        }
    }

    fn escape(&mut self, text: &mut StringBuilder) -> Step<()> {
        if self.at >= self.units.len() {
            return Err(Fault::Token);
        }
        let unit = match self.peek() {
            0x22 => 0x22,
            0x5C => 0x5C,
            0x2F => 0x2F,
            0x62 => 0x08,
            0x66 => 0x0C,
            0x6E => 0x0A,
            0x72 => 0x0D,
            0x74 => 0x09,
            0x75 => {
                let mut unit: u16 = 0;
                for _ in 0..4 {
                    self.at += 1;
                    match char::from_u32(u32::from(self.peek())).and_then(|digit| digit.to_digit(16)) {
                        Some(digit) => unit = unit << 4 | digit as u16,
                        None if self.at >= self.units.len() => return Err(Fault::At("Unterminated string")),
                        None => return Err(Fault::At("Bad Unicode escape")),
                    }
                }
                unit
            }
            _ => return Err(Fault::At("Bad escaped character")),
        };
        self.at += 1;
        text.push_unit(unit);
        Ok(())
    }

    // ── arrays and objects ──

    /// Records of the last `count` values.
    fn take_records(&mut self, count: usize) -> Vec<u32> {
        match &mut self.records {
            Some((_, pending)) => pending.split_off(pending.len().saturating_sub(count)),
            None => Vec::new(),
        }
    }

    fn finish_array(&mut self, values: usize) -> Value {
        let array = self.cx.new_array(&self.values[values..]).value();
        if self.records.is_some() {
            let elements = self.take_records(self.values.len() - values);
            self.note_composite(array, Node::Array(elements));
        }
        self.values.truncate(values);
        array
    }

    fn finish_object(&mut self, values: usize, keys: usize) -> Value {
        let object = self.build_object(values, keys).value();
        if self.records.is_some() {
            let entries = self.take_records(self.values.len() - values);
            let entries = self.keys[keys..].iter().copied().zip(entries).collect();
            self.note_composite(object, Node::Object(entries));
        }
        self.values.truncate(values);
        self.keys.truncate(keys);
        object
    }

    fn build_object(&mut self, values: usize, keys: usize) -> Object {
        let (keys, values) = (&self.keys[keys..], &self.values[values..]);
        let heap = self.heap;
        let entry = keys.iter().fold(keys.len() as u32, |hash, key| hash.rotate_left(5) ^ key.bits()).wrapping_mul(0x9E37_79B1) >> 28;
        if let Some(Some(known)) = self.known.get(entry as usize)
            && known.keys == keys
        {
            let object = heap.new_object(Kind::Object, known.shape, 0);
            for (slot, &value) in values.iter().enumerate() {
                object.set_slot_value(heap, slot as u32, value);
            }
            return object;
        }
        let count = keys.len().min(SHARED_SHAPE_LIMIT) as u32;
        let object = heap.new_object(Kind::Object, heap.root_shape(Some(self.object_prototype), Kind::Object, count), 0);
        if keys.len() > SHARED_SHAPE_LIMIT {
            object.make_dictionary(heap);
        }
        let mut regular = keys.len() <= SHARED_SHAPE_LIMIT;
        for (&key, &value) in keys.iter().zip(values) {
            if let Some(index) = key.as_index() {
                object.define_element(heap, index, value, attribute::ALL);
                regular = false;
            } else if let Some(property) = object.shape(heap).lookup(heap, key) {
                // The last of several entries with one name counts.
                object.set_slot_value(heap, property.slot, value);
                regular = false;
            } else {
                object.add_property(heap, key, value, attribute::ALL);
            }
        }
        if regular && !object.shape(heap).is_dictionary(heap) {
            if self.known.is_empty() {
                self.known.resize_with(KNOWN_SHAPES, || None);
            }
            self.known[entry as usize] = Some(KnownShape { keys: keys.to_vec(), shape: object.shape(heap) });
        }
        object
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_runs() {
        for (text, run) in [
            ("", 0),
            ("abc\"", 3),
            ("abcdefgh\"", 8),
            ("abcdefghijkl\\", 12),
            ("ab\x1Fdefghi", 2),
            ("abcdefg\n", 7),
            ("!#[]\x7F\u{20}xx", 8),
        ] {
            assert_eq!(u8::plain_run(text.as_bytes()), run, "{text:?}");
            let wide: Vec<u16> = text.encode_utf16().collect();
            assert_eq!(u16::plain_run(&wide), run, "{text:?}");
        }
        // High units are plain, also beside special ones.
        assert_eq!(u8::plain_run(&[0xFF, 0x80, 0xA2, 0xDC, 0x9F, 0xA0, 0xC3, 0x22]), 7);
        assert_eq!(u8::plain_run(&[0xFF; 20]), 20);
        for at in 0..16 {
            for special in [0x00, 0x1F, 0x22, 0x5C] {
                let mut units = [0x21; 16];
                units[at] = special;
                assert_eq!(u8::plain_run(&units), at);
            }
        }
    }

    #[test]
    fn messages() {
        let text = |units: &str, fault, at| message(Units::Latin1(units.as_bytes()), fault, at);
        assert_eq!(text("abc", Fault::Token, 0), "Unexpected token 'a', \"abc\" is not valid JSON");
        assert_eq!(text("", Fault::Token, 0), "Unexpected end of JSON input");
        assert_eq!(
            text("[1,2,3,4,5,6,7,8,9,10,abc,11,12,13]", Fault::Token, 22),
            "Unexpected token 'a', ...\",7,8,9,10,abc,11,12,\"... is not valid JSON"
        );
        assert_eq!(text("[1,2,3,4,5,6,7,8,9,10,11,a", Fault::Token, 25), "Unexpected token 'a', ...\"8,9,10,11,a\" is not valid JSON");
        assert_eq!(
            text("{\n 1}", Fault::At("Expected property name or '}'"), 3),
            "Expected property name or '}' in JSON at position 3 (line 2 column 2)"
        );
        assert_eq!(text("undefined", Fault::Token, 0), "\"undefined\" is not valid JSON");
    }
}
