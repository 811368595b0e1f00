//! FormData. <https://xhr.spec.whatwg.org/#interface-formdata>

use super::blob::{self, Blob};
use super::pair_iterator;
use crate::streams::support::{Slots, new_platform_object};
use crate::webidl::prelude::*;

/// Values cell of names and values in turn.
const LIST: u32 = 1;

/// A new, empty FormData.
pub(crate) fn create(cx: &Context) -> Object {
    new_platform_object(cx, class::FORM_DATA, false)
}

/// The entry list: names and values in turn.
pub(crate) fn list(cx: &Context, form: Object) -> Ref<Values> {
    form.at(cx, LIST).as_cell().unwrap_or_else(|| {
        let list = cx.heap.new_values(8);
        form.put(cx, LIST, Value::cell(list));
        list
    })
}

/// Names and values.
pub(crate) fn entries(cx: &Context, form: Object) -> Vec<(JsString, Value)> {
    let list = list(cx, form);
    (0..list.length(&cx.heap)).step_by(2).filter_map(|i| list.at(cx, i).as_string().map(|name| (name, list.at(cx, i + 1)))).collect()
}

fn set_entries(cx: &Context, form: Object, entries: &[(JsString, Value)]) {
    let values: Vec<Value> = entries.iter().flat_map(|(name, value)| [name.value(), *value]).collect();
    let list = if values.is_empty() { cx.heap.new_values(8) } else { cx.heap.new_values_from(&values) };
    form.put(cx, LIST, Value::cell(list));
}

/// Appends an entry that is a string or a File.
pub(crate) fn append_value(cx: &Context, form: Object, name: JsString, value: Value) {
    let list = list(cx, form).push(&cx.heap, name.value()).push(&cx.heap, value);
    form.put(cx, LIST, Value::cell(list));
}

/// Appends a string.
pub(crate) fn append_text(cx: &Context, form: Object, name: JsString, value: JsString) {
    append_value(cx, form, name, value.value());
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

// https://xhr.spec.whatwg.org/#create-an-entry
fn convert_value(cx: &mut Context, value: Value, file_name: Option<Value>, place: &Place<'_>) -> Result<Value> {
    if let Some(blob) = instance::<Blob>(cx, value) {
        let file_name = match file_name {
            Some(file_name) => Some(scalar_string(cx, file_name)?),
            None => None,
        };
        return Ok(blob::as_file(cx, blob, file_name)?.value());
    }
    if file_name.is_some() {
        return Err(place.type_error(cx, "parameter 2 is not of type 'Blob'."));
    }
    Ok(scalar_string(cx, value)?.value())
}

/// `FormData`.
#[interface(name = "FormData", class = class::FORM_DATA, iterator_of = "entries")]
impl FormData {
    // https://xhr.spec.whatwg.org/#dom-formdata
    #[constructor(ts = "(): FormData")]
    fn new(cx: &mut Context, this: Object, form: Optional<Value>) -> Result<()> {
        let _ = this;
        if form.is_some() {
            // There are no form elements here.
            let place = Place::member(PlaceKind::Constructor, "FormData", "constructor");
            return Err(place.type_error(cx, "parameter 1 is not of type 'HTMLFormElement'."));
        }
        Ok(())
    }

    // https://xhr.spec.whatwg.org/#dom-formdata-append
    #[method(ts = "(name: string, value: string): void", ts = "(name: string, value: Blob, filename?: string): void")]
    fn append(cx: &mut Context, this: Object, name: Value, value: Value, file_name: Optional<Value>) -> Result<()> {
        let name = scalar_string(cx, name)?;
        let value = convert_value(cx, value, *file_name, &Place::method("FormData", "append"))?;
        append_value(cx, this, name, value);
        Ok(())
    }

    // https://xhr.spec.whatwg.org/#dom-formdata-delete
    #[method]
    fn delete(cx: &mut Context, this: Object, #[ts("string")] name: Value) -> Result<()> {
        let name = scalar_string(cx, name)?;
        let mut entries = entries(cx, this);
        entries.retain(|(known, _)| !known.equals(name, &cx.heap));
        set_entries(cx, this, &entries);
        Ok(())
    }

    // https://xhr.spec.whatwg.org/#dom-formdata-get
    #[method(ts = "FormDataEntryValue | null")]
    fn get(cx: &mut Context, this: Object, #[ts("string")] name: Value) -> Result<Value> {
        let name = scalar_string(cx, name)?;
        Ok(entries(cx, this).into_iter().find(|(known, _)| known.equals(name, &cx.heap)).map_or(Value::NULL, |(_, value)| value))
    }

    // https://xhr.spec.whatwg.org/#dom-formdata-getall
    #[method(ts = "FormDataEntryValue[]")]
    fn get_all(cx: &mut Context, this: Object, #[ts("string")] name: Value) -> Result<Vec<Value>> {
        let name = scalar_string(cx, name)?;
        Ok(entries(cx, this).into_iter().filter(|(known, _)| known.equals(name, &cx.heap)).map(|(_, value)| value).collect())
    }

    // https://xhr.spec.whatwg.org/#dom-formdata-has
    #[method]
    fn has(cx: &mut Context, this: Object, #[ts("string")] name: Value) -> Result<bool> {
        let name = scalar_string(cx, name)?;
        Ok(entries(cx, this).iter().any(|(known, _)| known.equals(name, &cx.heap)))
    }

    // https://xhr.spec.whatwg.org/#dom-formdata-set
    #[method(ts = "(name: string, value: string): void", ts = "(name: string, value: Blob, filename?: string): void")]
    fn set(cx: &mut Context, this: Object, name: Value, value: Value, file_name: Optional<Value>) -> Result<()> {
        let name = scalar_string(cx, name)?;
        let value = convert_value(cx, value, *file_name, &Place::method("FormData", "set"))?;
        let mut entries = entries(cx, this);
        match entries.iter().position(|(known, _)| known.equals(name, &cx.heap)) {
            Some(first) => {
                entries[first].1 = value;
                let mut index = 0;
                entries.retain(|(known, _)| {
                    index += 1;
                    index - 1 == first || !known.equals(name, &cx.heap)
                });
            }
            None => entries.push((name, value)),
        }
        set_entries(cx, this, &entries);
        Ok(())
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "(callback: (value: FormDataEntryValue, key: string, parent: FormData) => void, thisArg?: any): void")]
    fn for_each(cx: &mut Context, this: Object, callback: Callback, this_argument: Optional<Value>) -> Result<()> {
        pair_iterator::for_each(cx, this, callback, this_argument.unwrap_or(Value::UNDEFINED))
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "IteratorObject<[string, FormDataEntryValue], undefined, unknown>")]
    fn entries(cx: &mut Context, this: Object) -> Result<Object> {
        Ok(pair_iterator::create(cx, this, class::FORM_DATA_ITERATOR, pair_iterator::ENTRIES))
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "IteratorObject<string, undefined, unknown>")]
    fn keys(cx: &mut Context, this: Object) -> Result<Object> {
        Ok(pair_iterator::create(cx, this, class::FORM_DATA_ITERATOR, pair_iterator::KEYS))
    }

    // https://webidl.spec.whatwg.org/#js-iterable
    #[method(ts = "IteratorObject<FormDataEntryValue, undefined, unknown>")]
    fn values(cx: &mut Context, this: Object) -> Result<Object> {
        Ok(pair_iterator::create(cx, this, class::FORM_DATA_ITERATOR, pair_iterator::VALUES))
    }
}
