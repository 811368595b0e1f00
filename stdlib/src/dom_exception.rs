//! DOMException. <https://webidl.spec.whatwg.org/#idl-DOMException>
//!
//! Instances are Error objects with a record: 1 name, 2 message; of QuotaExceededError too: 3 quota, 4 requested.

use crate::webidl::prelude::*;

const NAME: u32 = 1;
const MESSAGE: u32 = 2;
const QUOTA: u32 = 3;
const REQUESTED: u32 = 4;

/// Legacy codes by name. <https://webidl.spec.whatwg.org/#dfn-error-names-table>
const CODES: &[(&str, u16)] = &[
    ("IndexSizeError", 1),
    ("HierarchyRequestError", 3),
    ("WrongDocumentError", 4),
    ("InvalidCharacterError", 5),
    ("NoModificationAllowedError", 7),
    ("NotFoundError", 8),
    ("NotSupportedError", 9),
    ("InUseAttributeError", 10),
    ("InvalidStateError", 11),
    ("SyntaxError", 12),
    ("InvalidModificationError", 13),
    ("NamespaceError", 14),
    ("InvalidAccessError", 15),
    ("TypeMismatchError", 17),
    ("SecurityError", 18),
    ("NetworkError", 19),
    ("AbortError", 20),
    ("URLMismatchError", 21),
    ("QuotaExceededError", 22),
    ("TimeoutError", 23),
    ("InvalidNodeTypeError", 24),
    ("DataCloneError", 25),
];

/// An error of the web platform, told apart by name.
#[interface(name = "DOMException", class = class::DOM_EXCEPTION, error, parent_prototype = ErrorPrototype)]
impl DomException {
    const INDEX_SIZE_ERR: u16 = 1;
    const DOMSTRING_SIZE_ERR: u16 = 2;
    const HIERARCHY_REQUEST_ERR: u16 = 3;
    const WRONG_DOCUMENT_ERR: u16 = 4;
    const INVALID_CHARACTER_ERR: u16 = 5;
    const NO_DATA_ALLOWED_ERR: u16 = 6;
    const NO_MODIFICATION_ALLOWED_ERR: u16 = 7;
    const NOT_FOUND_ERR: u16 = 8;
    const NOT_SUPPORTED_ERR: u16 = 9;
    const INUSE_ATTRIBUTE_ERR: u16 = 10;
    const INVALID_STATE_ERR: u16 = 11;
    const SYNTAX_ERR: u16 = 12;
    const INVALID_MODIFICATION_ERR: u16 = 13;
    const NAMESPACE_ERR: u16 = 14;
    const INVALID_ACCESS_ERR: u16 = 15;
    const VALIDATION_ERR: u16 = 16;
    const TYPE_MISMATCH_ERR: u16 = 17;
    const SECURITY_ERR: u16 = 18;
    const NETWORK_ERR: u16 = 19;
    const ABORT_ERR: u16 = 20;
    const URL_MISMATCH_ERR: u16 = 21;
    const QUOTA_EXCEEDED_ERR: u16 = 22;
    const TIMEOUT_ERR: u16 = 23;
    const INVALID_NODE_TYPE_ERR: u16 = 24;
    const DATA_CLONE_ERR: u16 = 25;

    // https://webidl.spec.whatwg.org/#dom-domexception-domexception
    #[constructor]
    fn new(cx: &mut Context, this: Object, message: Optional<DOMString>, name: Optional<DOMString>) -> Result<()> {
        let message = message.unwrap_or_default();
        let name = match *name {
            Some(name) => name.0,
            None => cx.heap.new_string("Error"),
        };
        fill(cx, this, name, message.0);
        Ok(())
    }

    // https://webidl.spec.whatwg.org/#dom-domexception-name
    #[getter(ts = "string")]
    fn name(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, NAME))
    }

    // https://webidl.spec.whatwg.org/#dom-domexception-message
    #[getter(ts = "string")]
    fn message(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, MESSAGE))
    }

    // https://webidl.spec.whatwg.org/#dom-domexception-code
    #[getter]
    fn code(cx: &mut Context, this: Object) -> Result<u16> {
        let name = name(cx, this);
        Ok(CODES.iter().find(|(known, _)| *known == name).map_or(0, |&(_, code)| code))
    }
}

/// QuotaExceededErrorOptions
#[derive(Dictionary)]
struct QuotaExceededErrorOptions {
    quota: Optional<f64>,
    requested: Optional<f64>,
}

/// Something exceeded a limit. <https://webidl.spec.whatwg.org/#quotaexceedederror>
#[interface(name = "QuotaExceededError", class = class::QUOTA_EXCEEDED_ERROR, error, parent = DomException)]
impl QuotaExceededError {
    // https://webidl.spec.whatwg.org/#dom-quotaexceedederror-quotaexceedederror
    #[constructor]
    fn new(cx: &mut Context, this: Object, message: Optional<DOMString>, options: QuotaExceededErrorOptions) -> Result<()> {
        let QuotaExceededErrorOptions { quota: Optional(quota), requested: Optional(requested) } = options;
        let place = Place::member(PlaceKind::Constructor, "QuotaExceededError", "constructor");
        for (name, number) in [("quota", quota), ("requested", requested)] {
            if number.is_some_and(|number| number < 0.0) {
                return Err(cx.throw_range_error(&place.message(&format!("The provided value for '{name}' is negative."))));
            }
        }
        if let (Some(quota), Some(requested)) = (quota, requested)
            && requested < quota
        {
            return Err(cx.throw_range_error(&place.message("The requested amount is less than the quota.")));
        }
        let message = message.unwrap_or_default();
        fill_quota(cx, this, message.0, quota, requested);
        Ok(())
    }

    #[getter(ts = "number | null")]
    fn quota(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, QUOTA))
    }

    #[getter(ts = "number | null")]
    fn requested(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, REQUESTED))
    }
}

fn fill_quota(cx: &mut Context, exception: Object, message: JsString, quota: Option<f64>, requested: Option<f64>) {
    let name = cx.heap.intern_text(QuotaExceededError::NAME);
    fill(cx, exception, name, message);
    if let Some(record) = exception.internal(&cx.heap, 1).as_cell::<Values>() {
        record.set(&cx.heap, QUOTA, quota.map_or(Value::NULL, Value::number));
        record.set(&cx.heap, REQUESTED, requested.map_or(Value::NULL, Value::number));
    }
}

/// A new QuotaExceededError.
pub fn create_quota_exceeded(cx: &mut Context, message: &str, quota: Option<f64>, requested: Option<f64>) -> Object {
    let exception = new_instance::<QuotaExceededError>(cx);
    let message = cx.heap.new_string(message);
    fill_quota(cx, exception, message, quota, requested);
    exception
}

/// Quota and requested amount of a QuotaExceededError.
pub fn quota_and_requested(cx: &Context, exception: Object) -> (Option<f64>, Option<f64>) {
    (field(cx, exception, QUOTA).as_number(), field(cx, exception, REQUESTED).as_number())
}

fn field(cx: &Context, exception: Object, index: u32) -> Value {
    exception.internal(&cx.heap, 1).as_cell::<Values>().map_or(Value::UNDEFINED, |record| record.get(&cx.heap, index))
}

fn fill(cx: &mut Context, exception: Object, name: JsString, message: JsString) {
    if let Some(record) = exception.internal(&cx.heap, 1).as_cell::<Values>() {
        record.set(&cx.heap, NAME, name.value());
        record.set(&cx.heap, MESSAGE, message.value());
    }
    // The engine words `stack` from data properties, which `name` and `message` are not here: it is worded now.
    let (name, message) = (name.to_text(&cx.heap), message.to_text(&cx.heap));
    let mut text = if message.is_empty() { name } else { format!("{name}: {message}") };
    text.push_str(&mayfly_engine::realm::error::frames_text(cx, exception));
    let text = cx.new_string(&text);
    mayfly_engine::realm::error::set_stack(cx, exception, text);
}

/// Name of a DOMException.
pub fn name(cx: &Context, exception: Object) -> String {
    field(cx, exception, NAME).as_string().map_or_else(String::new, |name| name.to_text(&cx.heap))
}

/// Message of a DOMException.
pub fn message(cx: &Context, exception: Object) -> String {
    field(cx, exception, MESSAGE).as_string().map_or_else(String::new, |message| message.to_text(&cx.heap))
}

/// A new DOMException. `name` is one of the error names, such as `AbortError`.
pub fn create(cx: &mut Context, name: &str, message: &str) -> Object {
    let exception = new_instance::<DomException>(cx);
    let name = cx.heap.intern_text(name);
    let message = cx.heap.new_string(message);
    fill(cx, exception, name, message);
    exception
}

/// Throws a new DOMException.
#[cold]
pub fn throw(cx: &mut Context, name: &str, message: &str) -> Thrown {
    let exception = create(cx, name, message);
    cx.throw(exception.value())
}
