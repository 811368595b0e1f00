//! Headers. <https://fetch.spec.whatwg.org/#headers-class>
//!
//! A header list is a Values cell of names, in lower case, and values in turn. It lies in the Headers object, or in a Request or Response
//! whose Headers object nobody has asked for.

use super::host::{PackedHeaders, ReplyHeaders, UsualType};
use crate::streams::support::{Slots, new_platform_object};
use crate::webidl::prelude::*;
use mayfly_engine::string::Units;
use mayfly_engine::string::atoms::{name, symbol};
use smallvec::SmallVec;

/// Slot of the header list.
const LIST: u32 = 1;
/// Slot of the guard.
const GUARD: u32 = 2;
/// Slot that counts changes, for iterators.
const VERSION: u32 = 3;

/// Headers guards. <https://fetch.spec.whatwg.org/#concept-headers-guard>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Guard {
    /// "none"
    None,
    /// "request"
    Request,
    /// "response"
    Response,
    /// "immutable"
    Immutable,
}

type List = Ref<Values>;

// ── lists ──

/// An empty list.
pub(crate) fn new_list(cx: &Context) -> List {
    cx.heap.new_values(8)
}

/// Number of values in use: two per header.
fn length(cx: &Context, list: List) -> u32 {
    list.length(&cx.heap)
}

fn string_at(cx: &Context, list: List, index: u32) -> JsString {
    list.at(cx, index).as_string().unwrap_or(cx.heap.empty_string())
}

fn push(cx: &Context, list: List, name: JsString, value: JsString) -> List {
    list.push(&cx.heap, name.value()).push(&cx.heap, value.value())
}

/// Appends a header from the host, whose parts are valid.
pub(crate) fn append_bytes(cx: &Context, list: List, name: &[u8], value: &[u8]) -> List {
    let is_lower = !name.iter().any(u8::is_ascii_uppercase);
    let name = if is_lower { cx.heap.new_latin1(name) } else { cx.heap.new_latin1(&name.to_ascii_lowercase()) };
    push(cx, list, name, cx.heap.new_latin1(value))
}

/// Appends a header whose name is in lower case and whose parts are valid.
pub(crate) fn append_valid(cx: &Context, list: List, name: JsString, value: JsString) -> List {
    push(cx, list, name, value)
}

/// Latin-1 bytes of a string (units above 255 cannot occur in header values).
pub(crate) fn latin1(cx: &Context, text: JsString) -> Vec<u8> {
    match text.units(&cx.heap) {
        Units::Latin1(units) => units.to_vec(),
        Units::Utf16(units) => units.iter().map(|&unit| unit as u8).collect(),
    }
}

/// All headers of a reply.
pub(crate) fn of_reply(cx: &Context, list: List) -> ReplyHeaders {
    // OPTIMIZATION: what a body's type gives by itself is in most replies, and made of strings that are always the same cells.
    if length(cx, list) == 2 && list.at(cx, 0) == name::content_type.value() {
        let value = list.at(cx, 1);
        if value == name::text_plain.value() {
            return UsualType::Text.into();
        }
        if value == name::application_json.value() {
            return UsualType::Json.into();
        }
    }
    to_packed(cx, list).into()
}

/// All headers in one buffer.
fn to_packed(cx: &Context, list: List) -> PackedHeaders {
    let count = length(cx, list);
    let total: u32 = (0..count).map(|i| string_at(cx, list, i).length(&cx.heap)).sum();
    let mut packed = PackedHeaders { bytes: SmallVec::with_capacity(total as usize), ends: SmallVec::with_capacity(count as usize) };
    for i in 0..count {
        match string_at(cx, list, i).units(&cx.heap) {
            Units::Latin1(units) => packed.bytes.extend_from_slice(units),
            Units::Utf16(units) => packed.bytes.extend(units.iter().map(|&unit| unit as u8)),
        }
        packed.ends.push(packed.bytes.len());
    }
    packed
}

/// All headers as bytes.
pub(crate) fn to_bytes(cx: &Context, list: List) -> Vec<(Vec<u8>, Vec<u8>)> {
    (0..length(cx, list)).step_by(2).map(|i| (latin1(cx, string_at(cx, list, i)), latin1(cx, string_at(cx, list, i + 1)))).collect()
}

/// Index of the first header of this name.
fn find(cx: &Context, list: List, name: JsString) -> Option<u32> {
    (0..length(cx, list)).step_by(2).find(|&i| string_at(cx, list, i).equals(name, &cx.heap))
}

/// Whether there is a header of this lower-case name.
pub(crate) fn contains(cx: &Context, list: List, name: &str) -> bool {
    (0..length(cx, list)).step_by(2).any(|i| string_at(cx, list, i).equals_text(name, &cx.heap))
}

// https://fetch.spec.whatwg.org/#concept-header-list-get
fn combined(cx: &mut Context, list: List, name: JsString) -> Result<Option<JsString>> {
    let mut result: Option<JsString> = None;
    for i in (0..length(cx, list)).step_by(2) {
        if string_at(cx, list, i).equals(name, &cx.heap) {
            let value = string_at(cx, list, i + 1);
            result = Some(match result {
                None => value,
                Some(before) => {
                    let separator = cx.heap.new_latin1(b", ");
                    let before = cx.concat(before, separator)?;
                    cx.concat(before, value)?
                }
            });
        }
    }
    Ok(result)
}

/// The combined value of a header by its lower-case name.
pub(crate) fn get_text(cx: &mut Context, list: List, name: &str) -> Result<Option<JsString>> {
    let name = cx.heap.new_string(name);
    combined(cx, list, name)
}

/// Removes all headers of a name but the one at `keep`.
fn remove(cx: &Context, list: List, name: JsString, keep: Option<u32>) -> bool {
    let count = length(cx, list);
    let mut to = 0;
    for from in (0..count).step_by(2) {
        let header = string_at(cx, list, from);
        if keep != Some(from) && header.equals(name, &cx.heap) {
            continue;
        }
        if to != from {
            list.put(cx, to, list.at(cx, from));
            list.put(cx, to + 1, list.at(cx, from + 1));
        }
        to += 2;
    }
    for i in to..count {
        list.put(cx, i, Value::UNDEFINED);
    }
    list.set_length(&cx.heap, to);
    to != count
}

/// A copy of a list.
pub(crate) fn copy(cx: &Context, list: List) -> List {
    let values: Vec<Value> = (0..length(cx, list)).map(|i| list.at(cx, i)).collect();
    if values.is_empty() { new_list(cx) } else { cx.heap.new_values_from(&values) }
}

// https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine
/// Names and values in order; those of `set-cookie` stay apart.
fn sorted(cx: &mut Context, list: List) -> Result<List> {
    let mut indices: Vec<u32> = (0..length(cx, list)).step_by(2).collect();
    indices.sort_by(|&a, &b| string_at(cx, list, a).compare(string_at(cx, list, b), &cx.heap));
    let mut result = new_list(cx);
    let mut previous: Option<JsString> = None;
    for index in indices {
        let name = string_at(cx, list, index);
        if name.equals_text("set-cookie", &cx.heap) {
            result = push(cx, result, name, string_at(cx, list, index + 1));
        } else if previous.is_none_or(|previous| !previous.equals(name, &cx.heap)) {
            let value = combined(cx, list, name)?.unwrap_or(cx.heap.empty_string());
            result = push(cx, result, name, value);
        }
        previous = Some(name);
    }
    Ok(result)
}

// ── validation ──

/// Bytes of header names. <https://www.rfc-editor.org/rfc/rfc9110#name-tokens>
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// A header name, checked and in lower case.
fn name(cx: &mut Context, place: &Place<'_>, value: Value) -> Result<JsString> {
    let string = cx.to_string(value)?;
    let Units::Latin1(units) = string.units(&cx.heap) else {
        // Every unit above 255 fails as a ByteString; a two-byte string may hold none of them.
        let units = string.units(&cx.heap).to_vec();
        if units.iter().any(|&unit| unit > 255) {
            return Err(place.type_error(cx, "String contains non ISO-8859-1 code point."));
        }
        let narrow: Vec<u8> = units.iter().map(|&unit| unit as u8).collect();
        let narrow = cx.heap.new_latin1(&narrow);
        return name(cx, place, narrow.value());
    };
    if units.is_empty() || !units.iter().all(|&unit| is_token_byte(unit)) {
        let text = string.to_text(&cx.heap);
        return Err(place.type_error(cx, &format!("Invalid header name: '{text}'")));
    }
    if units.iter().any(u8::is_ascii_uppercase) {
        let lower = units.to_ascii_lowercase();
        return Ok(cx.heap.new_latin1(&lower));
    }
    Ok(string)
}

/// A header value: normalized and checked.
fn value(cx: &mut Context, place: &Place<'_>, value: Value) -> Result<JsString> {
    let string = cx.to_string(value)?;
    let bytes = match string.units(&cx.heap) {
        // OPTIMIZATION: without whitespace or a control character anywhere, normalizing it changes nothing.
        Units::Latin1(units) if !units.iter().any(|&byte| byte < 0x20) && !matches!(units, [b' ', ..] | [.., b' ']) => return Ok(string),
        Units::Latin1(units) => units.to_vec(),
        Units::Utf16(units) => match units.iter().map(|&unit| u8::try_from(unit)).collect::<std::result::Result<Vec<u8>, _>>() {
            Ok(units) => units,
            Err(_) => return Err(place.type_error(cx, "String contains non ISO-8859-1 code point.")),
        },
    };
    let is_whitespace = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let start = bytes.iter().position(|byte| !is_whitespace(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !is_whitespace(byte)).map_or(start, |at| at + 1);
    let normalized = &bytes[start..end];
    if normalized.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
        return Err(place.type_error(cx, "Invalid header value: it has a line feed, carriage return or NUL."));
    }
    if normalized.len() == bytes.len() { Ok(string) } else { Ok(cx.heap.new_latin1(normalized)) }
}

// ── objects ──

/// A Headers object over a list.
pub(crate) fn new_object(cx: &Context, list: List, guard: Guard) -> Object {
    let object = new_platform_object(cx, class::HEADERS, false);
    object.put(cx, LIST, Value::cell(list));
    object.put(cx, GUARD, guard as i32);
    object
}

/// The list of a Headers object.
pub(crate) fn list_of(cx: &Context, object: Object) -> List {
    object.at(cx, LIST).as_cell().unwrap_or_else(|| new_list(cx))
}

/// The list behind a slot of a Request or Response: a list, or a Headers object.
pub(crate) fn list_of_owner(cx: &Context, owner: Object, slot: u32) -> List {
    match owner.object(cx, slot) {
        Some(object) => list_of(cx, object),
        None => owner.at(cx, slot).as_cell().unwrap_or_else(|| new_list(cx)),
    }
}

/// The Headers object of such a slot, made now if it was not before.
pub(crate) fn object_of_owner(cx: &Context, owner: Object, slot: u32, guard: Guard) -> Object {
    owner.object(cx, slot).unwrap_or_else(|| {
        let object = new_object(cx, list_of_owner(cx, owner, slot), guard);
        owner.put(cx, slot, object);
        object
    })
}

/// Whether the guard is "immutable".
pub(crate) fn is_immutable(cx: &Context, object: Object) -> bool {
    object.int(cx, GUARD) == Guard::Immutable as i32
}

fn set_list(cx: &Context, object: Object, list: List) {
    object.put(cx, LIST, Value::cell(list));
    object.put(cx, VERSION, object.int(cx, VERSION).wrapping_add(1));
}

fn require_mutable(cx: &mut Context, object: Object, place: &Place<'_>) -> Result<()> {
    if is_immutable(cx, object) {
        return Err(place.type_error(cx, "Headers are immutable"));
    }
    Ok(())
}

// https://fetch.spec.whatwg.org/#concept-headers-fill
/// Appends what a HeadersInit holds to a list. No guard here refuses or drops a header: none are forbidden outside browsers.
pub(crate) fn fill(cx: &mut Context, mut list: List, init: Value, place: &Place<'_>) -> Result<List> {
    let Some(object) = init.as_object() else {
        return Err(
            place.type_error(cx, "The provided value is not of type '(record<ByteString, ByteString> or sequence<sequence<ByteString>>)'.")
        );
    };
    let is_headers = is_instance(cx, init, class::HEADERS);
    let method = cx.get_method(init, symbol::iterator)?;
    if is_headers && method.is_some_and(|method| is_own_entries(cx, method)) {
        // OPTIMIZATION: the unmodified iteration of a Headers object gives exactly its sorted list.
        let source = list_of(cx, object);
        // One header is in order.
        let source = if length(cx, source) <= 2 { source } else { sorted(cx, source)? };
        for i in (0..length(cx, source)).step_by(2) {
            list = push(cx, list, string_at(cx, source, i), string_at(cx, source, i + 1));
        }
        return Ok(list);
    }
    if let Some(method) = method {
        let pairs: Vec<Value> = crate::webidl::FromIterable::from_iterable(cx, init, method, place)?;
        for pair in pairs {
            let pair: Vec<Value> = FromJs::from_js(cx, pair, place)?;
            let [pair_name, pair_value] = pair.as_slice() else {
                return Err(place.type_error(cx, "Invalid value: a header must be a pair of name and value"));
            };
            let header = (name(cx, place, *pair_name)?, value(cx, place, *pair_value)?);
            list = push(cx, list, header.0, header.1);
        }
        return Ok(list);
    }
    for property in cx.own_keys(object)? {
        let enumerable = cx.get_own_property(object, property)?.is_some_and(|descriptor| descriptor.enumerable == Some(true));
        if enumerable {
            let key = property.to_value(&cx.heap);
            let header_name = name(cx, place, key)?;
            let header_value = cx.get(object, property)?;
            let header_value = value(cx, place, header_value)?;
            list = push(cx, list, header_name, header_value);
        }
    }
    Ok(list)
}

/// Whether a function is the built-in `Headers.prototype.entries`.
fn is_own_entries(cx: &Context, method: Object) -> bool {
    let own = cx.natives().index_of(Headers::__idl_entries.into());
    method.is(&cx.heap, Kind::NativeFunction) && method.at(cx, 0) == Value::int(own as i32)
}

/// `Headers`.
#[interface(name = "Headers", class = class::HEADERS, iterator_of = "entries")]
impl Headers {
    // https://fetch.spec.whatwg.org/#dom-headers
    #[constructor]
    fn new(cx: &mut Context, this: Object, #[ts("HeadersInit")] init: Optional<Value>) -> Result<()> {
        this.put(cx, GUARD, Guard::None as i32);
        let mut list = new_list(cx);
        if let Some(init) = *init {
            list = fill(cx, list, init, &Place::member(PlaceKind::Constructor, "Headers", "constructor"))?;
        }
        set_list(cx, this, list);
        Ok(())
    }

    // https://fetch.spec.whatwg.org/#dom-headers-append
    #[method]
    fn append(cx: &mut Context, this: Object, #[ts("string")] header: Value, #[ts("string")] content: Value) -> Result<()> {
        const PLACE: Place<'_> = Place::method("Headers", "append");
        let header = name(cx, &PLACE, header)?;
        let content = value(cx, &PLACE, content)?;
        require_mutable(cx, this, &PLACE)?;
        let list = push(cx, list_of(cx, this), header, content);
        set_list(cx, this, list);
        Ok(())
    }

    // https://fetch.spec.whatwg.org/#dom-headers-delete
    #[method]
    fn delete(cx: &mut Context, this: Object, #[ts("string")] header: Value) -> Result<()> {
        const PLACE: Place<'_> = Place::method("Headers", "delete");
        let header = name(cx, &PLACE, header)?;
        require_mutable(cx, this, &PLACE)?;
        let list = list_of(cx, this);
        remove(cx, list, header, None);
        set_list(cx, this, list);
        Ok(())
    }

    // https://fetch.spec.whatwg.org/#dom-headers-get
    #[method]
    fn get(cx: &mut Context, this: Object, #[ts("string")] header: Value) -> Result<Option<JsString>> {
        let header = name(cx, &Place::method("Headers", "get"), header)?;
        let list = list_of(cx, this);
        combined(cx, list, header)
    }

    // https://fetch.spec.whatwg.org/#dom-headers-getsetcookie
    #[method]
    fn get_set_cookie(cx: &mut Context, this: Object) -> Result<Vec<JsString>> {
        let list = list_of(cx, this);
        let cookies = (0..length(cx, list)).step_by(2).filter(|&i| string_at(cx, list, i).equals_text("set-cookie", &cx.heap));
        Ok(cookies.map(|i| string_at(cx, list, i + 1)).collect())
    }

    // https://fetch.spec.whatwg.org/#dom-headers-has
    #[method]
    fn has(cx: &mut Context, this: Object, #[ts("string")] header: Value) -> Result<bool> {
        let header = name(cx, &Place::method("Headers", "has"), header)?;
        Ok(find(cx, list_of(cx, this), header).is_some())
    }

    // https://fetch.spec.whatwg.org/#dom-headers-set
    #[method]
    fn set(cx: &mut Context, this: Object, #[ts("string")] header: Value, #[ts("string")] content: Value) -> Result<()> {
        const PLACE: Place<'_> = Place::method("Headers", "set");
        let header = name(cx, &PLACE, header)?;
        let content = value(cx, &PLACE, content)?;
        require_mutable(cx, this, &PLACE)?;
        let mut list = list_of(cx, this);
        match find(cx, list, header) {
            Some(at) => {
                list.put(cx, at + 1, content);
                remove(cx, list, header, Some(at));
            }
            None => list = push(cx, list, header, content),
        }
        set_list(cx, this, list);
        Ok(())
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "(callback: (value: string, key: string, parent: Headers) => void, thisArg?: any): void")]
    fn for_each(cx: &mut Context, this: Object, callback: Callback, this_argument: Optional<Value>) -> Result<()> {
        super::pair_iterator::for_each(cx, this, callback, this_argument.unwrap_or(Value::UNDEFINED))
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "IteratorObject<[string, string], undefined, unknown>")]
    fn entries(cx: &mut Context, this: Object) -> Result<Object> {
        Ok(super::pair_iterator::create(cx, this, class::HEADERS_ITERATOR, super::pair_iterator::ENTRIES))
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "IteratorObject<string, undefined, unknown>")]
    fn keys(cx: &mut Context, this: Object) -> Result<Object> {
        Ok(super::pair_iterator::create(cx, this, class::HEADERS_ITERATOR, super::pair_iterator::KEYS))
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "IteratorObject<string, undefined, unknown>")]
    fn values(cx: &mut Context, this: Object) -> Result<Object> {
        Ok(super::pair_iterator::create(cx, this, class::HEADERS_ITERATOR, super::pair_iterator::VALUES))
    }
}

/// The pairs to iterate over, and the number of changes so far.
pub(super) fn pairs(cx: &mut Context, object: Object) -> Result<List> {
    let list = list_of(cx, object);
    sorted(cx, list)
}

/// The number of changes so far.
pub(super) fn version(cx: &Context, object: Object) -> i32 {
    object.int(cx, VERSION)
}
