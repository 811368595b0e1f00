//! Error objects and stack traces.
//!
//! An error captures its frames when it is made, as (function, pc) pairs; the text that `Error.prototype.stack` gives is made when first
//! read. Internal slots: 0 frames, 1 free (DOMException's record), 2 the text once it is made.

use super::Intrinsic;
use super::code::Code;
use super::function::{closure, display_name};
use crate::context::Context;
use crate::heap::{Heap, Kind, Ref, Values};
use crate::object::{Object, attribute};
use crate::string::{JsString, atoms::key};
use crate::value::Value;

/// Most frames that an error captures, whatever `Error.stackTraceLimit` says.
const MOST_FRAMES: usize = 200;

/// Internal slot with the text of `stack`.
const STACK_TEXT: u32 = 2;

/// A new error object with captured frames and `message`.
pub fn create(cx: &mut Context, prototype: Object, message: Option<JsString>) -> Object {
    let shape = cx.heap.root_shape(Some(prototype), Kind::Error, 3);
    let error = cx.heap.new_object(Kind::Error, shape, 0);
    if let Some(message) = message {
        error.add_property(&cx.heap, key::message, message.value(), attribute::METHOD);
    }
    capture(cx, error);
    error
}

/// `Error.stackTraceLimit` as V8 reads it: a number, else nothing is captured.
fn stack_trace_limit(cx: &Context) -> usize {
    let Some(constructor) = cx.realm().try_intrinsic(&cx.heap, Intrinsic::Error) else { return 0 };
    match cx.plain_data_property(constructor, key::stack_trace_limit).and_then(Value::as_number) {
        Some(limit) => (limit as usize).min(MOST_FRAMES),
        None => 0,
    }
}

/// Captures the running frames into an Error object.
pub fn capture(cx: &mut Context, error: Object) {
    let frames = cx.stack_frames(stack_trace_limit(cx));
    keep_frames(cx, error, &frames);
}

/// Captures the frames that called `function` into an Error object; none when it is not running.
pub fn capture_callers(cx: &mut Context, error: Object, function: Value) {
    let frames = cx.stack_frames(MOST_FRAMES);
    let below = frames.iter().position(|&(running, _)| running == function).map_or(&[][..], |at| &frames[at + 1..]);
    let limit = stack_trace_limit(cx).min(below.len());
    keep_frames(cx, error, &below[..limit]);
}

fn keep_frames(cx: &mut Context, error: Object, frames: &[(Value, u32)]) {
    let values: Vec<Value> = frames.iter().flat_map(|&(function, pc)| [function, Value::int(pc as i32)]).collect();
    let record = cx.heap.new_values_from(&values);
    error.set_internal(&cx.heap, 0, Value::cell(record));
}

/// Where a frame is: file, line, column (both from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FramePosition {
    /// Function name, if it has one.
    pub function: Option<String>,
    /// Name of the source.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in UTF-16 units, from 1.
    pub column: u32,
    /// The source line itself.
    pub source_line: String,
}

/// Line, column and text at a byte position of a source record.
pub fn position_in(heap: &Heap, source: Ref<Values>, at: u32) -> (u32, u32, String) {
    let Some((number, start)) = heap.line_of_source(source, at) else { return (1, 1, String::new()) };
    let read = |text: &[u8]| {
        let rest = text.get(start as usize..).unwrap_or_default();
        let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let before = &rest[..((at - start) as usize).min(rest.len())];
        (number + 1, String::from_utf8_lossy(before).encode_utf16().count() as u32 + 1, String::from_utf8_lossy(line).into_owned())
    };
    heap.read_source(source, read).unwrap_or((1, 1, String::new()))
}

/// The frames an error captured.
pub fn frames(cx: &Context, error: Object) -> Vec<FramePosition> {
    let heap = &cx.heap;
    if !error.is(heap, Kind::Error) {
        return Vec::new();
    }
    let Some(record) = error.internal(heap, 0).as_cell::<Values>() else { return Vec::new() };
    let frame = |i| (record.get(heap, 2 * i), record.get(heap, 2 * i + 1).as_int().unwrap_or(0) as u32);
    positions(heap, &(0..record.length(heap) / 2).map(frame).collect::<Vec<_>>())
}

/// Where frames are: functions and numbers of their instructions.
pub(crate) fn positions(heap: &Heap, captured: &[(Value, u32)]) -> Vec<FramePosition> {
    let mut frames = Vec::new();
    for &(function, pc) in captured {
        let Some(function) = function.as_object() else { continue };
        if function.is(heap, Kind::Closure) {
            let code = Code::from_value(function.internal(heap, closure::CODE));
            let (line, column, source_line) = position_in(heap, code.source(heap), code.position(heap, pc));
            frames.push(FramePosition { function: display_name(heap, function), file: code.source_name(heap), line, column, source_line });
        } else {
            frames.push(FramePosition {
                function: display_name(heap, function),
                file: "native".to_string(),
                line: 0,
                column: 0,
                source_line: String::new(),
            });
        }
    }
    frames
}

/// The stack trace of an error, as V8 words it: the error's string, then a line per frame. The first reading decides the text.
pub fn stack(cx: &mut Context, error: Object) -> Value {
    let known = error.internal(&cx.heap, STACK_TEXT);
    if known.is_string() {
        return known;
    }
    let text = header(cx, error) + &frames_text(cx, error);
    let text = cx.new_string(&text);
    set_stack(cx, error, text);
    text
}

/// Decides what [`stack`] gives: a string value.
pub fn set_stack(cx: &Context, error: Object, text: Value) {
    error.set_internal(&cx.heap, STACK_TEXT, text);
}

/// The lines of `stack` for the frames an error captured, each after a line feed.
pub fn frames_text(cx: &Context, error: Object) -> String {
    let mut text = String::new();
    for frame in frames(cx, error) {
        let place = if frame.line == 0 { frame.file.clone() } else { format!("{}:{}:{}", frame.file, frame.line, frame.column) };
        match frame.function {
            Some(name) => text.push_str(&format!("\n    at {name} ({place})")),
            None => text.push_str(&format!("\n    at {place}")),
        }
    }
    text
}

/// `name: message` from data properties alone, so that nothing observable runs.
pub fn header(cx: &Context, error: Object) -> String {
    let read = |wanted| {
        let mut object = Some(error);
        while let Some(current) = object {
            if let Some(property) = current.shape(&cx.heap).lookup(&cx.heap, wanted) {
                if property.attributes & (attribute::ACCESSOR | attribute::LAZY) != 0 {
                    return None;
                }
                return current.slot_value(&cx.heap, property.slot).as_string().map(|text| text.to_text(&cx.heap));
            }
            object = current.shape(&cx.heap).prototype(&cx.heap);
        }
        None
    };
    let name = read(key::name).unwrap_or_else(|| "Error".to_string());
    let message = read(key::message).unwrap_or_default();
    match (name.is_empty(), message.is_empty()) {
        (_, true) => name,
        (true, _) => message,
        _ => format!("{name}: {message}"),
    }
}

/// A short description of a value for messages, as V8 words them: strings quoted, functions by name, objects by class.
pub fn describe(cx: &Context, value: Value) -> String {
    let heap = &cx.heap;
    if let Some(text) = value.as_string() {
        return format!("\"{}\"", text.to_text(heap));
    }
    if let Some(symbol) = value.as_symbol() {
        return crate::string::PropertyKey::symbol(symbol).to_text(heap);
    }
    match value.as_object() {
        Some(object) if object.is_callable(heap) => match display_name(heap, object) {
            Some(name) => format!("function {name}"),
            None => "function".to_string(),
        },
        Some(object) if object.is(heap, Kind::Array) => "[object Array]".to_string(),
        Some(object) => format!("#<{}>", class_name(heap, object)),
        None if value.is_bigint() => "a BigInt".to_string(),
        None => match value.as_number() {
            Some(number) => crate::numeric::number_to_text(number),
            None => format!("{value:?}"),
        },
    }
}

/// Name of the constructor on the prototype chain, read without running anything.
fn class_name(heap: &Heap, object: Object) -> String {
    let mut current = Some(object);
    while let Some(object) = current {
        if let Some(property) = object.shape(heap).lookup(heap, key::constructor)
            && property.attributes & (attribute::ACCESSOR | attribute::LAZY) == 0
            && let Some(constructor) = object.slot_value(heap, property.slot).as_object()
            && let Some(name) = display_name(heap, constructor)
        {
            return name;
        }
        current = object.shape(heap).prototype(heap);
    }
    "Object".to_string()
}
