//! RegExp objects. https://tc39.es/ecma262/#sec-regexp-regular-expression-objects
//!
//! | file | holds |
//! |---|---|
//! | `regexp` | the class table, constructor, `exec`, `test`, flags and source |
//! | `regexp_cache` | compiled patterns by source and flags |
//! | `regexp_code` | compiled code, matching, `lastIndex`, the record of the last match |
//! | `regexp_pristine` | whether a regular expression and its prototype are as the language made them |
//! | `regexp_symbols` | `Symbol.match` and its kin |
//! | `regexp_legacy` | `RegExp.$1` and its kin |

use mayfly_regexp::Flags;

use super::regexp_code::{self as code, Captures, Pattern, as_regexp, flags_of, pattern_of, source_of};
use super::{regexp_cache, regexp_legacy as legacy, regexp_pristine as pristine, regexp_symbols as symbols};
use crate::context::Context;
use crate::heap::{Kind, Ref, Shape};
use crate::native::{Args, Result};
use crate::natives;
use crate::numeric;
use crate::object::{Object, attribute};
use crate::realm::Intrinsic;
use crate::string::atoms::{EMPTY, key};
use crate::string::{JsString, StringBuilder, Units};
use crate::value::Value;

natives! { pub static REGEXP: "RegExp" / 2 => construct, RegExp, RegExpPrototype; {
    static method "escape" / 1 => escape,
    static get @@species => species,
    static accessor "input" => legacy::input, legacy::set_input,
    static accessor "$_" => legacy::input, legacy::set_input,
    static get "lastMatch" => legacy::last_match_text,
    static get "$&" => legacy::last_match_text,
    static get "lastParen" => legacy::last_paren,
    static get "$+" => legacy::last_paren,
    static get "leftContext" => legacy::left_context,
    static get "$`" => legacy::left_context,
    static get "rightContext" => legacy::right_context,
    static get "$'" => legacy::right_context,
    static get "$1" => legacy::paren::<1>,
    static get "$2" => legacy::paren::<2>,
    static get "$3" => legacy::paren::<3>,
    static get "$4" => legacy::paren::<4>,
    static get "$5" => legacy::paren::<5>,
    static get "$6" => legacy::paren::<6>,
    static get "$7" => legacy::paren::<7>,
    static get "$8" => legacy::paren::<8>,
    static get "$9" => legacy::paren::<9>,
    method "exec" / 1 => exec,
    get "dotAll" => dot_all,
    get "flags" => flags,
    get "global" => global,
    get "hasIndices" => has_indices,
    get "ignoreCase" => ignore_case,
    get "multiline" => multiline,
    get "source" => source,
    get "sticky" => sticky,
    get "unicode" => unicode,
    get "unicodeSets" => unicode_sets,
    method "compile" / 2 => compile,
    method "test" / 1 => test,
    method "toString" / 0 => to_string,
    method @@match_ "[Symbol.match]" / 1 => symbols::match_,
    method @@match_all "[Symbol.matchAll]" / 1 => symbols::match_all,
    method @@replace "[Symbol.replace]" / 2 => symbols::replace,
    method @@search "[Symbol.search]" / 1 => symbols::search,
    method @@split "[Symbol.split]" / 2 => symbols::split,
}}

// ── making ──

// 22.2.4.1 RegExp ( pattern, flags ), https://tc39.es/ecma262/#sec-regexp-pattern-flags
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (pattern, flags) = (args.at(0), args.at(1));
    let pattern_is_regexp = cx.is_regexp(pattern)?;
    let mut new_target = args.new_target;
    if !args.is_construct() {
        new_target = args.callee;
        if pattern_is_regexp
            && flags.is_undefined()
            && let Some(object) = pattern.as_object()
            && cx.get(object, key::constructor)? == new_target
        {
            return Ok(pattern);
        }
    }
    let (source, flags) = match (as_regexp(cx, pattern), pattern.as_object()) {
        (Some(regexp), _) => {
            let source = source_of(&cx.heap, regexp).value();
            (source, if flags.is_undefined() { flags_of(&cx.heap, regexp).value() } else { flags })
        }
        (None, Some(object)) if pattern_is_regexp => {
            let source = cx.get(object, key::source)?;
            (source, if flags.is_undefined() { cx.get(object, key::flags)? } else { flags })
        }
        _ => (pattern, flags),
    };
    let prototype = cx.prototype_from_constructor(new_target, Intrinsic::RegExpPrototype)?;
    let legacy = new_target == cx.intrinsic(Intrinsic::RegExp).value();
    let regexp = code::allocate(cx, prototype, legacy);
    initialize(cx, regexp, source, flags)?;
    Ok(regexp.value())
}

// 22.2.3.3 RegExpInitialize ( obj, pattern, flags ), https://tc39.es/ecma262/#sec-regexpinitialize
fn initialize(cx: &mut Context, regexp: Object, pattern: Value, flags: Value) -> Result<()> {
    let source = if pattern.is_undefined() { EMPTY } else { cx.to_string(pattern)? };
    let flags = if flags.is_undefined() { EMPTY } else { cx.to_string(flags)? };
    code::set_pattern(cx, regexp, source, flags)?;
    code::set_last_index(cx, regexp, 0)
}

// 22.2.3.1 RegExpCreate ( P, F ), https://tc39.es/ecma262/#sec-regexpcreate
pub(super) fn regexp_create(cx: &mut Context, pattern: Value, flags: Value) -> Result<Object> {
    let prototype = cx.intrinsic(Intrinsic::RegExpPrototype);
    let regexp = code::allocate(cx, prototype, true);
    initialize(cx, regexp, pattern, flags)?;
    Ok(regexp)
}

// 13.2.7.3 Runtime Semantics: Evaluation of RegularExpressionLiteral, https://tc39.es/ecma262/#sec-regular-expression-literals-runtime-semantics-evaluation
/// The object of a regular expression literal. Code is compiled once per source and flags and realm.
///
/// # Errors
/// A SyntaxError for a pattern or flags that are wrong (the parser has refused these already).
pub fn create(cx: &mut Context, pattern: JsString, flags: JsString) -> Result<Object> {
    code::allocate_with_pattern(cx, pattern, flags)
}

// B.2.4.1 RegExp.prototype.compile ( pattern, flags ), https://tc39.es/ecma262/#sec-regexp.prototype.compile
// with https://github.com/tc39/proposal-regexp-legacy-features#regexpprototypecompile--pattern-flags-
fn compile(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let regexp = this_regexp(cx, this, "compile")?;
    if regexp.internal(&cx.heap, 5) != cx.realm().value() || !code::has_legacy_features(&cx.heap, regexp) {
        return Err(cx.throw_type_error("RegExp.prototype.compile called on a RegExp of a subclass or of another realm"));
    }
    let (pattern, flags) = (args.at(0), args.at(1));
    let (pattern, flags) = match as_regexp(cx, pattern) {
        Some(_) if !flags.is_undefined() => {
            return Err(cx.throw_type_error("Invalid flags supplied to RegExp.prototype.compile"));
        }
        Some(other) => (source_of(&cx.heap, other).value(), flags_of(&cx.heap, other).value()),
        None => (pattern, flags),
    };
    initialize(cx, regexp, pattern, flags)?;
    Ok(this)
}

// 22.2.5.1 RegExp.escape ( S ), https://tc39.es/ecma262/#sec-regexp.escape
fn escape(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(string) = args.at(0).as_string() else { return Err(cx.throw_type_error("Argument to RegExp.escape must be a string")) };
    let mut escaped = StringBuilder::new();
    let units = string.units(&cx.heap);
    let mut at = 0;
    while at < units.len() {
        let (code_point, width) = units.code_point_at(at);
        if at == 0 && char::from_u32(code_point).is_some_and(|c| c.is_ascii_alphanumeric()) {
            escaped.push_str(&format!("\\x{code_point:02x}"));
        } else {
            encode_for_escape(&mut escaped, code_point);
        }
        at += width;
    }
    Ok(super::string::finish(cx, escaped)?.value())
}

// 22.2.5.1.1 EncodeForRegExpEscape ( cp ), https://tc39.es/ecma262/#sec-encodeforregexpescape
fn encode_for_escape(escaped: &mut StringBuilder, code_point: u32) {
    let is_lone_surrogate = (0xD800..0xE000).contains(&code_point);
    let is_space = u16::try_from(code_point).is_ok_and(numeric::is_space);
    match char::from_u32(code_point) {
        Some(c) if "^$\\.*+?()[]{}|/".contains(c) => {
            escaped.push_byte(b'\\');
            escaped.push_code_point(code_point);
        }
        Some('\t') => escaped.push_str("\\t"),
        Some('\n') => escaped.push_str("\\n"),
        Some('\x0B') => escaped.push_str("\\v"),
        Some('\x0C') => escaped.push_str("\\f"),
        Some('\r') => escaped.push_str("\\r"),
        Some(c) if ",-=<>#&!%:;@~'`\"".contains(c) => escaped.push_str(&format!("\\x{code_point:02x}")),
        _ if is_space && code_point < 256 => escaped.push_str(&format!("\\x{code_point:02x}")),
        _ if is_space || is_lone_surrogate => escaped.push_str(&format!("\\u{code_point:04x}")),
        _ => escaped.push_code_point(code_point),
    }
}

// 22.2.5.3 get RegExp [ %Symbol.species% ], https://tc39.es/ecma262/#sec-get-regexp-%symbol.species%
fn species(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

// ── matching ──

/// The RegExp object that `this` must be.
fn this_regexp(cx: &mut Context, this: Value, method: &str) -> Result<Object> {
    match as_regexp(cx, this) {
        Some(regexp) => Ok(regexp),
        None => Err(cx.throw_type_error(&format!("Receiver is not a RegExp in RegExp.prototype.{method}"))),
    }
}

// 22.2.7.2 RegExpBuiltinExec ( R, S ), https://tc39.es/ecma262/#sec-regexpbuiltinexec (all but the result array)
/// Matches as lastIndex and flags say, and updates lastIndex.
pub(super) fn builtin_match(cx: &mut Context, regexp: Object, string: JsString, captures: &mut Captures) -> Result<Option<Pattern>> {
    let last_index = code::last_index(&cx.heap, regexp);
    let last_index = match last_index.as_int() {
        Some(int) => int.max(0) as u64,
        None => cx.to_length(last_index)?,
    };
    // ToLength may have run code that compiled the object anew: read the rest now.
    let Some(pattern) = pattern_of(&cx.heap, regexp) else {
        return Err(cx.throw_type_error("RegExp object was not initialized"));
    };
    let moves = pattern.is_global() || pattern.is_sticky();
    let from = if moves { last_index } else { 0 };
    let found = from <= u64::from(string.length(&cx.heap)) && code::match_at(cx, &pattern, string, from as u32, captures)?;
    if !found {
        if moves {
            code::set_last_index(cx, regexp, 0)?;
        }
        return Ok(None);
    }
    if moves {
        code::set_last_index(cx, regexp, captures[1])?;
    }
    code::last_match::update(cx, regexp, string, captures);
    Ok(Some(pattern))
}

/// RegExpBuiltinExec with its result: an array or null.
pub(super) fn builtin_exec(cx: &mut Context, regexp: Object, string: JsString) -> Result<Value> {
    let mut captures = Captures::new();
    match builtin_match(cx, regexp, string, &mut captures)? {
        Some(pattern) => Ok(match_result(cx, &pattern, string, &captures).value()),
        None => Ok(Value::NULL),
    }
}

/// Text of a capture, or undefined.
pub(super) fn capture_value(cx: &Context, string: JsString, captures: &[u32], number: u32) -> Value {
    match Pattern::capture(captures, number) {
        Some((start, end)) => cx.heap.substring(string, start, end).value(),
        None => Value::UNDEFINED,
    }
}

/// The object of named groups, with `value` of each group's number; undefined where the pattern names none.
pub(super) fn groups_object(cx: &Context, pattern: &Pattern, captures: &[u32], value: impl Fn(u32) -> Value) -> Value {
    if pattern.names.is_undefined() {
        return Value::UNDEFINED;
    }
    let groups = cx.heap.new_object_with_prototype(Kind::Object, None);
    pattern.each_name(&cx.heap, captures, |name, number| {
        let name = cx.heap.string_key(name);
        match name.as_index() {
            // Names are identifiers, so never indices.
            Some(_) => {}
            None => groups.add_property(&cx.heap, name, value(number), attribute::ALL),
        }
    });
    groups.value()
}

/// Shape of match results: an array with index, input and groups. Made once per realm.
pub(super) fn result_shape(cx: &Context) -> Ref<Shape> {
    if let Some(shape) = regexp_cache::result_shape(cx) {
        return shape;
    }
    let heap = &cx.heap;
    let shape = heap
        .root_shape(Some(cx.intrinsic(Intrinsic::ArrayPrototype)), Kind::Array, 4)
        .transition(heap, key::index, attribute::ALL)
        .transition(heap, key::input, attribute::ALL)
        .transition(heap, key::groups, attribute::ALL);
    regexp_cache::set_result_shape(cx, shape);
    shape
}

// 22.2.7.2 RegExpBuiltinExec ( R, S ), steps 20 to 35: the array of a match
pub(super) fn match_result(cx: &Context, pattern: &Pattern, string: JsString, captures: &[u32]) -> Object {
    let heap = &cx.heap;
    let texts = heap.new_values(pattern.capture_count);
    texts.set_length(heap, pattern.capture_count);
    for number in 0..pattern.capture_count {
        texts.set(heap, number, capture_value(cx, string, captures, number));
    }
    let result = heap.new_object(Kind::Array, result_shape(cx), 0);
    result.set_internal(heap, 0, Value::from(pattern.capture_count));
    result.set_elements(heap, texts);
    result.set_slot_value(heap, 0, Value::from(captures[0]));
    result.set_slot_value(heap, 1, string.value());
    result.set_slot_value(heap, 2, groups_object(cx, pattern, captures, |number| texts.get(heap, number)));
    if pattern.flags.contains(Flags::HAS_INDICES) {
        // 22.2.7.8 MakeMatchIndicesIndexPairArray ( S, indices, groupNames, hasGroups )
        let pairs: Vec<Value> = (0..pattern.capture_count)
            .map(|number| match Pattern::capture(captures, number) {
                Some((start, end)) => cx.new_array(&[Value::from(start), Value::from(end)]).value(),
                None => Value::UNDEFINED,
            })
            .collect();
        let indices = cx.new_array(&pairs);
        let groups = groups_object(cx, pattern, captures, |number| pairs.get(number as usize).copied().unwrap_or(Value::UNDEFINED));
        indices.add_property(heap, key::groups, groups, attribute::ALL);
        result.add_property(heap, key::indices, indices.value(), attribute::ALL);
    }
    result
}

// 22.2.7.1 RegExpExec ( R, S ), https://tc39.es/ecma262/#sec-regexpexec
/// Calls the object's `exec`, or does what it would do.
pub(super) fn regexp_exec(cx: &mut Context, object: Object, string: JsString) -> Result<Value> {
    // OPTIMIZATION: where lookup would find %RegExp.prototype.exec%, calling it does exactly this.
    if pristine::exec_is_intrinsic(cx, object) {
        return builtin_exec(cx, object, string);
    }
    let exec = cx.get(object, key::exec)?;
    if cx.is_callable(exec) {
        let result = cx.call(exec, object.value(), &[string.value()])?;
        if result.is_object() || result.is_null() {
            return Ok(result);
        }
        return Err(cx.throw_type_error("object null is not a function"));
    }
    let regexp = this_regexp(cx, object.value(), "exec")?;
    builtin_exec(cx, regexp, string)
}

// 22.2.6.2 RegExp.prototype.exec ( string ), https://tc39.es/ecma262/#sec-regexp.prototype.exec
fn exec(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let regexp = this_regexp(cx, this, "exec")?;
    let string = cx.to_string(args.at(0))?;
    builtin_exec(cx, regexp, string)
}

// 22.2.6.16 RegExp.prototype.test ( S ), https://tc39.es/ecma262/#sec-regexp.prototype.test
fn test(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(object) = this.as_object() else { return Err(incompatible(cx, "test", this)) };
    let string = cx.to_string(args.at(0))?;
    // OPTIMIZATION: the array that exec would make is not seen by anyone.
    if pristine::exec_is_intrinsic(cx, object) {
        let mut captures = Captures::new();
        return Ok(Value::bool(builtin_match(cx, object, string, &mut captures)?.is_some()));
    }
    let result = regexp_exec(cx, object, string)?;
    Ok(Value::bool(!result.is_null()))
}

/// TypeError for a receiver that is no object.
#[cold]
pub(super) fn incompatible(cx: &mut Context, method: &str, this: Value) -> crate::native::Thrown {
    let shown = match this.is_symbol() {
        true => "Symbol()".to_string(),
        false => cx.to_text(this).unwrap_or_default(),
    };
    cx.throw_type_error(&format!("Method RegExp.prototype.{method} called on incompatible receiver {shown}"))
}

// ── source and flags ──

// 22.2.6.4.1 RegExpHasFlag ( R, codeUnit ), https://tc39.es/ecma262/#sec-regexphasflag
fn has_flag(cx: &mut Context, this: Value, name: &str, flag: Flags) -> Result<Value> {
    if let Some(regexp) = as_regexp(cx, this) {
        let has = pattern_of(&cx.heap, regexp).is_some_and(|pattern| pattern.flags.contains(flag));
        return Ok(Value::bool(has));
    }
    if this == cx.intrinsic(Intrinsic::RegExpPrototype).value() {
        return Ok(Value::UNDEFINED);
    }
    Err(cx.throw_type_error(&format!("RegExp.prototype.{name} getter called on non-RegExp object")))
}

// 22.2.6.3 get RegExp.prototype.dotAll, https://tc39.es/ecma262/#sec-get-regexp.prototype.dotAll
fn dot_all(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    has_flag(cx, this, "dotAll", Flags::DOT_ALL)
}

// 22.2.6.5 get RegExp.prototype.global, https://tc39.es/ecma262/#sec-get-regexp.prototype.global
fn global(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    has_flag(cx, this, "global", Flags::GLOBAL)
}

// 22.2.6.6 get RegExp.prototype.hasIndices, https://tc39.es/ecma262/#sec-get-regexp.prototype.hasIndices
fn has_indices(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    has_flag(cx, this, "hasIndices", Flags::HAS_INDICES)
}

// 22.2.6.7 get RegExp.prototype.ignoreCase, https://tc39.es/ecma262/#sec-get-regexp.prototype.ignorecase
fn ignore_case(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    has_flag(cx, this, "ignoreCase", Flags::IGNORE_CASE)
}

// 22.2.6.10 get RegExp.prototype.multiline, https://tc39.es/ecma262/#sec-get-regexp.prototype.multiline
fn multiline(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    has_flag(cx, this, "multiline", Flags::MULTILINE)
}

// 22.2.6.15 get RegExp.prototype.sticky, https://tc39.es/ecma262/#sec-get-regexp.prototype.sticky
fn sticky(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    has_flag(cx, this, "sticky", Flags::STICKY)
}

// 22.2.6.18 get RegExp.prototype.unicode, https://tc39.es/ecma262/#sec-get-regexp.prototype.unicode
fn unicode(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    has_flag(cx, this, "unicode", Flags::UNICODE)
}

// 22.2.6.19 get RegExp.prototype.unicodeSets, https://tc39.es/ecma262/#sec-get-regexp.prototype.unicodesets
fn unicode_sets(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    has_flag(cx, this, "unicodeSets", Flags::UNICODE_SETS)
}

// 22.2.6.4 get RegExp.prototype.flags, https://tc39.es/ecma262/#sec-get-regexp.prototype.flags
fn flags(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(object) = this.as_object() else {
        return Err(cx.throw_type_error("RegExp.prototype.flags getter called on non-object"));
    };
    // OPTIMIZATION: the getters that would be called are the intrinsic ones, which look at the same bits.
    if pristine::is_pristine(cx, object)
        && let Some(pattern) = pattern_of(&cx.heap, object)
    {
        return Ok(cx.new_string(&pattern.flags.to_string()));
    }
    let mut text = String::new();
    let names = [
        (key::has_indices, 'd'),
        (key::global, 'g'),
        (key::ignore_case, 'i'),
        (key::multiline, 'm'),
        (key::dot_all, 's'),
        (key::unicode, 'u'),
        (key::unicode_sets, 'v'),
        (key::sticky, 'y'),
    ];
    for (name, letter) in names {
        let value = cx.get(object, name)?;
        if cx.to_boolean(value) {
            text.push(letter);
        }
    }
    Ok(cx.new_string(&text))
}

// 22.2.6.13 get RegExp.prototype.source, https://tc39.es/ecma262/#sec-get-regexp.prototype.source
fn source(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    match as_regexp(cx, this) {
        Some(regexp) => {
            let source = source_of(&cx.heap, regexp);
            let escaped = escape_pattern(source.units(&cx.heap));
            match escaped {
                None => Ok(source.value()),
                Some(text) => Ok(super::string::finish(cx, text)?.value()),
            }
        }
        None if this == cx.intrinsic(Intrinsic::RegExpPrototype).value() => Ok(cx.new_string("(?:)")),
        None => Err(cx.throw_type_error("RegExp.prototype.source getter called on non-RegExp object")),
    }
}

// 22.2.6.13.1 EscapeRegExpPattern ( P, F ), https://tc39.es/ecma262/#sec-escaperegexppattern
/// The pattern as it may stand between slashes; `None` where it may as it is.
fn escape_pattern(units: Units<'_>) -> Option<StringBuilder> {
    if units.is_empty() {
        let mut text = StringBuilder::new();
        text.push_str("(?:)");
        return Some(text);
    }
    let needs_work = |unit: u16| matches!(unit, 0x2F | 0x0A | 0x0D | 0x2028 | 0x2029);
    if !(0..units.len()).any(|i| needs_work(units.at(i))) {
        return None;
    }
    let mut text = StringBuilder::new();
    let (mut in_class, mut escaped) = (false, false);
    for i in 0..units.len() {
        let unit = units.at(i);
        let replacement = match unit {
            0x2F if !in_class && !escaped => Some("\\/"),
            0x0A => Some("\\n"),
            0x0D => Some("\\r"),
            0x2028 => Some("\\u2028"),
            0x2029 => Some("\\u2029"),
            _ => None,
        };
        match replacement {
            // A backslash that is there already serves.
            Some(replacement) if escaped => text.push_str(&replacement[1..]),
            Some(replacement) => text.push_str(replacement),
            None => text.push_unit(unit),
        }
        match unit {
            0x5B if !escaped => in_class = true,
            0x5D if !escaped => in_class = false,
            _ => {}
        }
        escaped = unit == 0x5C && !escaped;
    }
    Some(text)
}

// 22.2.6.17 RegExp.prototype.toString ( ), https://tc39.es/ecma262/#sec-regexp.prototype.tostring
fn to_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(object) = this.as_object() else { return Err(incompatible(cx, "toString", this)) };
    let pattern = cx.get(object, key::source)?;
    let pattern = cx.to_string(pattern)?;
    let flags = cx.get(object, key::flags)?;
    let flags = cx.to_string(flags)?;
    let mut text = StringBuilder::new();
    text.push_byte(b'/');
    text.push_string(&cx.heap, pattern);
    text.push_byte(b'/');
    text.push_string(&cx.heap, flags);
    Ok(super::string::finish(cx, text)?.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(pattern: &str) -> Option<String> {
        escape_pattern(Units::Latin1(pattern.as_bytes())).map(|text| text.units().to_text())
    }

    #[test]
    fn source_text() {
        assert_eq!(escaped("a.b"), None);
        assert_eq!(escaped(""), Some("(?:)".into()));
        assert_eq!(escaped("a/b"), Some("a\\/b".into()));
        assert_eq!(escaped("[/]/"), Some("[/]\\/".into()));
        assert_eq!(escaped("\\/"), Some("\\/".into()));
        assert_eq!(escaped("\n"), Some("\\n".into()));
        assert_eq!(escaped("\\\n"), Some("\\n".into()));
        assert_eq!(escaped("\\[/"), Some("\\[\\/".into()));
    }

    #[test]
    fn escaping() {
        let escape = |text: &str| {
            let mut result = StringBuilder::new();
            text.chars().for_each(|c| encode_for_escape(&mut result, c as u32));
            result.units().to_text()
        };
        assert_eq!(escape("a.b"), "a\\.b");
        assert_eq!(escape("\t \u{A0}\u{FEFF}-"), "\\t\\x20\\xa0\\ufeff\\x2d");
        assert_eq!(escape("_é😀"), "_é😀");
    }
}
