//! URLSearchParams. <https://url.spec.whatwg.org/#interface-urlsearchparams>

use crate::fetch::pair_iterator;
use crate::streams::support::{Slots, new_platform_object};
use crate::webidl::prelude::*;
use mayfly_engine::string::atoms::symbol;

/// Values cell of names and values in turn.
const LIST: u32 = 1;
/// The URL object.
const URL_OBJECT: u32 = 2;

/// The list: names and values in turn.
pub(crate) fn list(cx: &Context, parameters: Object) -> Ref<Values> {
    parameters.at(cx, LIST).as_cell().unwrap_or_else(|| {
        let list = cx.heap.new_values(8);
        parameters.put(cx, LIST, Value::cell(list));
        list
    })
}

fn string_at(cx: &Context, list: Ref<Values>, index: u32) -> JsString {
    list.at(cx, index).as_string().unwrap_or(cx.heap.empty_string())
}

fn pairs(cx: &Context, parameters: Object) -> Vec<(JsString, JsString)> {
    let list = list(cx, parameters);
    (0..list.length(&cx.heap)).step_by(2).map(|i| (string_at(cx, list, i), string_at(cx, list, i + 1))).collect()
}

fn set_pairs(cx: &Context, parameters: Object, pairs: &[(JsString, JsString)]) {
    let values: Vec<Value> = pairs.iter().flat_map(|(name, value)| [name.value(), value.value()]).collect();
    let list = if values.is_empty() { cx.heap.new_values(8) } else { cx.heap.new_values_from(&values) };
    parameters.put(cx, LIST, Value::cell(list));
}

fn append(cx: &Context, parameters: Object, name: JsString, value: JsString) {
    let list = list(cx, parameters).push(&cx.heap, name.value()).push(&cx.heap, value.value());
    parameters.put(cx, LIST, Value::cell(list));
}

/// application/x-www-form-urlencoded serializer. <https://url.spec.whatwg.org/#concept-urlencoded-serializer>
pub(crate) fn serialize(cx: &Context, parameters: Object) -> String {
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs(cx, parameters) {
        serializer.append_pair(&name.to_text(&cx.heap), &value.to_text(&cx.heap));
    }
    serializer.finish()
}

/// application/x-www-form-urlencoded parser. <https://url.spec.whatwg.org/#concept-urlencoded-string-parser>
fn parse_into(cx: &Context, parameters: Object, text: &str) {
    // 1., 3. For each sequence between "&" that is not empty:
    let sequences = text.bytes().filter(|&byte| byte == b'&').count() as u32 + 1;
    let mut list = cx.heap.new_values((2 * sequences).max(8));
    for sequence in text.split('&').filter(|sequence| !sequence.is_empty()) {
        // 3.2–3.3. The name is what comes before the first "=", the value what comes after it.
        let (name, value) = sequence.split_once('=').unwrap_or((sequence, ""));
        list = list.push(&cx.heap, decode(cx, name).value()).push(&cx.heap, decode(cx, value).value());
    }
    parameters.put(cx, LIST, Value::cell(list));
}

/// Steps 3.4 to 3.5 of the parser: "+" means a space, and percent-encoded bytes are UTF-8.
fn decode(cx: &Context, text: &str) -> JsString {
    if !text.bytes().any(|byte| matches!(byte, b'+' | b'%')) {
        return cx.heap.new_string(text);
    }
    let bytes = super::host::percent_decode(&text.replace('+', " "));
    cx.heap.new_string(&String::from_utf8_lossy(&bytes))
}

/// The object of a URL with this query.
pub(super) fn create_for_url(cx: &Context, url: Object, query: &str) -> Object {
    let parameters = new_platform_object(cx, class::URL_SEARCH_PARAMS, false);
    parse_into(cx, parameters, query);
    parameters.put(cx, URL_OBJECT, url);
    parameters
}

/// The URL's query has changed.
pub(super) fn update_from_url(cx: &Context, parameters: Option<Object>, query: Option<&str>) {
    if let Some(parameters) = parameters {
        parse_into(cx, parameters, query.unwrap_or(""));
    }
}

// https://url.spec.whatwg.org/#concept-urlsearchparams-update
fn update(cx: &mut Context, parameters: Object) {
    let Some(url) = parameters.object(cx, URL_OBJECT) else { return };
    let query = serialize(cx, parameters);
    super::set_query(cx, url, if query.is_empty() { None } else { Some(&query) });
}

/// A USVString that stays in the heap where it can.
fn scalar_string(cx: &mut Context, value: Value) -> Result<JsString> {
    let text = cx.to_string(value)?;
    if text.is_two_byte(&cx.heap) {
        let scalar = text.to_text(&cx.heap);
        return Ok(cx.heap.new_string(&scalar));
    }
    Ok(text)
}

/// The first position of a name.
fn find(cx: &Context, pairs: &[(JsString, JsString)], name: JsString) -> Option<usize> {
    pairs.iter().position(|(known, _)| known.equals(name, &cx.heap))
}

/// `URLSearchParams`.
#[interface(name = "URLSearchParams", class = class::URL_SEARCH_PARAMS, iterator_of = "entries")]
impl URLSearchParams {
    // https://url.spec.whatwg.org/#dom-urlsearchparams-urlsearchparams
    #[constructor]
    fn new(
        cx: &mut Context,
        this: Object,
        #[ts("Iterable<readonly [string, string]> | Record<string, string> | string | URLSearchParams")] init: Optional<Value>,
    ) -> Result<()> {
        const PLACE: Place<'_> = Place::member(PlaceKind::Constructor, "URLSearchParams", "constructor");
        let Some(init) = *init else { return Ok(()) };
        let Some(object) = init.as_object() else {
            let text = cx.to_text(init)?;
            parse_into(cx, this, text.strip_prefix('?').unwrap_or(&text));
            return Ok(());
        };
        if let Some(method) = cx.get_method(init, symbol::iterator)? {
            let sequence: Vec<Value> = crate::webidl::FromIterable::from_iterable(cx, init, method, &PLACE)?;
            for pair in sequence {
                let pair: Vec<Value> = FromJs::from_js(cx, pair, &PLACE)?;
                let mut strings = Vec::with_capacity(2);
                for part in &pair {
                    strings.push(scalar_string(cx, *part)?);
                }
                let [name, value] = strings.as_slice() else {
                    return Err(PLACE.type_error(cx, "Sequence initializer must only contain pair elements"));
                };
                append(cx, this, *name, *value);
            }
            return Ok(());
        }
        for key in cx.own_keys(object)? {
            let enumerable = cx.get_own_property(object, key)?.is_some_and(|property| property.enumerable == Some(true));
            if !enumerable {
                continue;
            }
            let name = scalar_string(cx, key.to_value(&cx.heap))?;
            let value = cx.get(object, key)?;
            let value = scalar_string(cx, value)?;
            // Names that differ only in lone surrogates are the same: the last value counts.
            let mut pairs = pairs(cx, this);
            match find(cx, &pairs, name) {
                Some(at) => {
                    pairs[at].1 = value;
                    set_pairs(cx, this, &pairs);
                }
                None => append(cx, this, name, value),
            }
        }
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-urlsearchparams-size
    #[getter]
    fn size(cx: &mut Context, this: Object) -> Result<u32> {
        Ok(list(cx, this).length(&cx.heap) / 2)
    }

    // https://url.spec.whatwg.org/#dom-urlsearchparams-append
    #[method]
    fn append(cx: &mut Context, this: Object, #[ts("string")] name: Value, #[ts("string")] value: Value) -> Result<()> {
        let name = scalar_string(cx, name)?;
        let value = scalar_string(cx, value)?;
        append(cx, this, name, value);
        update(cx, this);
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-urlsearchparams-delete
    #[method]
    fn delete(cx: &mut Context, this: Object, #[ts("string")] name: Value, #[ts("string")] value: Optional<DOMString>) -> Result<()> {
        let name = scalar_string(cx, name)?;
        let mut pairs = pairs(cx, this);
        pairs.retain(|(known, content)| !(known.equals(name, &cx.heap) && value.is_none_or(|value| content.equals(value.0, &cx.heap))));
        set_pairs(cx, this, &pairs);
        update(cx, this);
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-urlsearchparams-get
    #[method]
    fn get(cx: &mut Context, this: Object, #[ts("string")] name: Value) -> Result<Option<JsString>> {
        let name = scalar_string(cx, name)?;
        let pairs = pairs(cx, this);
        Ok(find(cx, &pairs, name).map(|at| pairs[at].1))
    }

    // https://url.spec.whatwg.org/#dom-urlsearchparams-getall
    #[method]
    fn get_all(cx: &mut Context, this: Object, #[ts("string")] name: Value) -> Result<Vec<JsString>> {
        let name = scalar_string(cx, name)?;
        Ok(pairs(cx, this).into_iter().filter(|(known, _)| known.equals(name, &cx.heap)).map(|(_, value)| value).collect())
    }

    // https://url.spec.whatwg.org/#dom-urlsearchparams-has
    #[method]
    fn has(cx: &mut Context, this: Object, #[ts("string")] name: Value, #[ts("string")] value: Optional<DOMString>) -> Result<bool> {
        let name = scalar_string(cx, name)?;
        Ok(pairs(cx, this)
            .iter()
            .any(|(known, content)| known.equals(name, &cx.heap) && value.is_none_or(|value| content.equals(value.0, &cx.heap))))
    }

    // https://url.spec.whatwg.org/#dom-urlsearchparams-set
    #[method]
    fn set(cx: &mut Context, this: Object, #[ts("string")] name: Value, #[ts("string")] value: Value) -> Result<()> {
        let name = scalar_string(cx, name)?;
        let value = scalar_string(cx, value)?;
        let mut pairs = pairs(cx, this);
        match find(cx, &pairs, name) {
            Some(first) => {
                pairs[first].1 = value;
                let mut index = 0;
                pairs.retain(|(known, _)| {
                    index += 1;
                    index - 1 == first || !known.equals(name, &cx.heap)
                });
            }
            None => pairs.push((name, value)),
        }
        set_pairs(cx, this, &pairs);
        update(cx, this);
        Ok(())
    }

    // https://url.spec.whatwg.org/#dom-urlsearchparams-sort
    #[method]
    fn sort(cx: &mut Context, this: Object) -> Result<()> {
        let mut pairs = pairs(cx, this);
        pairs.sort_by(|(a, _), (b, _)| a.compare(*b, &cx.heap));
        set_pairs(cx, this, &pairs);
        update(cx, this);
        Ok(())
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "(callback: (value: string, key: string, parent: URLSearchParams) => void, thisArg?: any): void")]
    fn for_each(cx: &mut Context, this: Object, callback: Callback, this_argument: Optional<Value>) -> Result<()> {
        pair_iterator::for_each(cx, this, callback, this_argument.unwrap_or(Value::UNDEFINED))
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "IteratorObject<[string, string], undefined, unknown>")]
    fn entries(cx: &mut Context, this: Object) -> Result<Object> {
        Ok(pair_iterator::create(cx, this, class::URL_SEARCH_PARAMS_ITERATOR, pair_iterator::ENTRIES))
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "IteratorObject<string, undefined, unknown>")]
    fn keys(cx: &mut Context, this: Object) -> Result<Object> {
        Ok(pair_iterator::create(cx, this, class::URL_SEARCH_PARAMS_ITERATOR, pair_iterator::KEYS))
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "IteratorObject<string, undefined, unknown>")]
    fn values(cx: &mut Context, this: Object) -> Result<Object> {
        Ok(pair_iterator::create(cx, this, class::URL_SEARCH_PARAMS_ITERATOR, pair_iterator::VALUES))
    }

    // https://url.spec.whatwg.org/#urlsearchparams-stringification-behavior
    #[method]
    fn to_string(cx: &mut Context, this: Object) -> Result<String> {
        Ok(serialize(cx, this))
    }
}
