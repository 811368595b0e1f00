//! The JSON object. https://tc39.es/ecma262/#sec-json-object
//!
//! `json_parse` reads text into values, `json_stringify` writes values; this file holds the table, the reviver and raw JSON.

use super::json_parse::{self, Node, Records};
use super::json_stringify;
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::{EnumerableKind, IntegrityLevel, Object, PropertyDescriptor, attribute};
use crate::string::atoms::EMPTY;
use crate::string::{JsString, PropertyKey};
use crate::value::Value;

natives! { pub static JSON: namespace "JSON", Json; {
    static tag "JSON",
    static method "isRawJSON" / 1 => is_raw_json,
    static method "parse" / 2 => parse,
    static method "rawJSON" / 1 => raw_json,
    static method "stringify" / 3 => stringify,
}}

// ── parse ──

// 25.5.1 JSON.parse ( text [ , reviver ] ), https://tc39.es/ecma262/#sec-json.parse
fn parse(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let text = cx.to_string(args.at(0))?;
    let reviver = args.at(1);
    if !cx.is_callable(reviver) {
        return parse_string(cx, text);
    }
    let (value, records) = json_parse::parse(cx, text, true)?;
    let root = cx.new_plain_object();
    let name = PropertyKey::atom(EMPTY);
    root.add_property(&cx.heap, name, value, attribute::ALL);
    let mut revival = Revival { reviver, text, records: records.unwrap_or_default() };
    let record = revival.records.root();
    internalize(cx, &mut revival, root, name, record)
}

/// Parses a JSON text into a value: what `JSON.parse` does without a reviver.
///
/// # Errors
/// A SyntaxError where the text is no JSON.
pub fn parse_string(cx: &mut Context, text: JsString) -> Result<Value> {
    Ok(json_parse::parse(cx, text, false)?.0)
}

/// What InternalizeJSONProperty works with.
struct Revival {
    reviver: Value,
    text: JsString,
    records: Records,
}

// 25.5.1.1 InternalizeJSONProperty ( holder, name, reviver, parseRecord ), https://tc39.es/ecma262/#sec-internalizejsonproperty
fn internalize(cx: &mut Context, revival: &mut Revival, holder: Object, name: PropertyKey, record: Option<u32>) -> Result<Value> {
    cx.check_native_stack()?;
    cx.spend_fuel(1)?;
    let value = cx.get(holder, name)?;
    let context = cx.new_plain_object();
    // Only what is still as it was parsed has a source, and parts whose sources can be told.
    let record = record.filter(|&record| cx.same_value(revival.records.value(record), value));
    if let Some(object) = value.as_object() {
        if cx.is_array(value)? {
            let length = cx.length_of_array_like(object)?;
            for index in 0..length {
                let element = match record.map(|record| revival.records.node(record)) {
                    Some(Node::Array(elements)) => elements.get(index as usize).copied(),
                    _ => None,
                };
                let name = cx.heap.number_key(index);
                internalize_part(cx, revival, object, name, element)?;
            }
        } else {
            for name in cx.enumerable_own_properties(object, EnumerableKind::Keys)? {
                let name = cx.to_property_key(name)?;
                let entry = match record.map(|record| revival.records.node(record)) {
                    // Of entries with the same name the last one is the property's.
                    Some(Node::Object(entries)) => entries.iter().rev().find(|(key, _)| *key == name).map(|(_, entry)| *entry),
                    _ => None,
                };
                internalize_part(cx, revival, object, name, entry)?;
            }
        }
    } else if let Some(Node::Primitive(from, to)) = record.map(|record| revival.records.node(record)) {
        let (from, to) = (*from, *to);
        let source = cx.heap.substring(revival.text, from, to);
        let name = cx.key("source");
        context.add_property(&cx.heap, name, source.value(), attribute::ALL);
    }
    let name = name.to_value(&cx.heap);
    cx.call(revival.reviver, holder.value(), &[name, value, context.value()])
}

/// Revives one property and stores the result, or deletes the property where that is undefined.
fn internalize_part(cx: &mut Context, revival: &mut Revival, object: Object, name: PropertyKey, record: Option<u32>) -> Result<()> {
    let value = internalize(cx, revival, object, name, record)?;
    if value.is_undefined() {
        cx.delete(object, name)?;
    } else {
        cx.create_data_property(object, name, value)?;
    }
    Ok(())
}

// ── raw JSON ──

// 25.5.2 JSON.rawJSON ( text ), https://tc39.es/ecma262/#sec-json.rawjson
fn raw_json(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let text = cx.to_string(args.at(0))?;
    let units = text.units(&cx.heap);
    let outside = |unit: u16| matches!(unit, 0x09 | 0x0A | 0x0D | 0x20);
    if units.is_empty() || outside(units.at(0)) || outside(units.at(units.len() - 1)) {
        return Err(cx.throw_syntax_error("Invalid value for JSON.rawJSON"));
    }
    if matches!(units.at(0), 0x5B | 0x7B) {
        return Err(cx.throw_syntax_error("Invalid value for JSON.rawJSON"));
    }
    parse_string(cx, text)?;
    let object = cx.heap.new_object_with_prototype(Kind::RawJson, None);
    object.set_internal(&cx.heap, 0, text.value());
    let name = cx.key("rawJSON");
    cx.define_or_throw(object, name, &PropertyDescriptor::data(text.value(), attribute::ALL))?;
    cx.set_integrity_level(object, IntegrityLevel::Frozen)?;
    Ok(object.value())
}

// 25.5.3 JSON.isRawJSON ( O ), https://tc39.es/ecma262/#sec-json.israwjson
fn is_raw_json(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(args.at(0).as_object().is_some_and(|object| object.is(&cx.heap, Kind::RawJson))))
}

// ── stringify ──

// 25.5.4 JSON.stringify ( value [ , replacer [ , space ] ] ), https://tc39.es/ecma262/#sec-json.stringify
fn stringify(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let text = json_stringify::stringify(cx, args.at(0), args.at(1), args.at(2))?;
    Ok(text.map_or(Value::UNDEFINED, JsString::value))
}

/// The JSON text of a value, as `JSON.stringify(value)` gives it; `None` where that is undefined.
///
/// # Errors
/// Whatever the value's `toJSON` and getters throw, a TypeError for cycles and BigInts.
pub fn stringify_value(cx: &mut Context, value: Value) -> Result<Option<JsString>> {
    json_stringify::stringify(cx, value, Value::UNDEFINED, Value::UNDEFINED)
}
