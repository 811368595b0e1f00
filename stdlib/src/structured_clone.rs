//! structuredClone. <https://html.spec.whatwg.org/multipage/structured-data.html>
//!
//! Serialisation and deserialisation are one walk, as both happen in one realm: each source object gets its clone when it is first met,
//! and is filled from an explicit stack, so that depth costs no native stack. Nothing is transferred before the walk has succeeded.

use crate::crypto;
use crate::dom_exception;
use crate::fetch::{Blob, File};
use crate::messaging::transfer;
use crate::webidl::class_of;
use crate::webidl::prelude::*;
use hashbrown::HashMap;
use mayfly_engine::builtins::typed_array;
use mayfly_engine::object::EnumerableKind;
use mayfly_engine::string::atoms::key;
use mayfly_engine::value::Type;

/// Prototypes of typed arrays by element type.
const TYPED_ARRAY_PROTOTYPES: [Intrinsic; 12] = [
    Intrinsic::Int8ArrayPrototype,
    Intrinsic::Uint8ArrayPrototype,
    Intrinsic::Uint8ClampedArrayPrototype,
    Intrinsic::Int16ArrayPrototype,
    Intrinsic::Uint16ArrayPrototype,
    Intrinsic::Int32ArrayPrototype,
    Intrinsic::Uint32ArrayPrototype,
    Intrinsic::BigInt64ArrayPrototype,
    Intrinsic::BigUint64ArrayPrototype,
    Intrinsic::Float16ArrayPrototype,
    Intrinsic::Float32ArrayPrototype,
    Intrinsic::Float64ArrayPrototype,
];

/// Names of errors that keep their class.
const ERROR_PROTOTYPES: [(&str, Intrinsic); 7] = [
    ("Error", Intrinsic::ErrorPrototype),
    ("EvalError", Intrinsic::EvalErrorPrototype),
    ("RangeError", Intrinsic::RangeErrorPrototype),
    ("ReferenceError", Intrinsic::ReferenceErrorPrototype),
    ("SyntaxError", Intrinsic::SyntaxErrorPrototype),
    ("TypeError", Intrinsic::TypeErrorPrototype),
    ("URIError", Intrinsic::UriErrorPrototype),
];

/// What remains to be copied into a clone, last first.
enum Rest {
    /// Own enumerable string keys.
    Properties(Vec<PropertyKey>),
    /// Entries of a Map: key, value, key, value…
    Entries(Vec<Value>),
    /// Values of a Set.
    Values(Vec<Value>),
    /// Hidden data property of an error.
    Hidden(PropertyKey, Value),
}

struct Frame {
    source: Object,
    clone: Object,
    rest: Rest,
    /// Key of a Map entry whose value comes next.
    entry_key: Option<Value>,
}

struct Cloner {
    memory: HashMap<Object, Object>,
    frames: Vec<Frame>,
}

#[cold]
fn refuse(cx: &mut Context, what: &str) -> Thrown {
    dom_exception::throw(cx, "DataCloneError", &format!("{what} could not be cloned."))
}

// https://html.spec.whatwg.org/multipage/structured-data.html#dom-structuredclone
/// Clones a value; the objects in `transfer` move to the clone.
pub fn clone(cx: &mut Context, value: Value, transfer: &[Object]) -> Result<Value> {
    with_transfer(cx, value, transfer).map(|(clone, _)| clone)
}

// https://html.spec.whatwg.org/multipage/structured-data.html#structuredserializewithtransfer
// https://html.spec.whatwg.org/multipage/structured-data.html#structureddeserializewithtransfer
/// The same, with the objects that came of those in `transfer`.
pub fn with_transfer(cx: &mut Context, value: Value, transfer: &[Object]) -> Result<(Value, Vec<Object>)> {
    let mut cloner = Cloner { memory: HashMap::new(), frames: Vec::new() };
    let mut transferred = Vec::with_capacity(transfer.len());
    for source in transfer {
        let target = transfer::allocate(cx, *source)?;
        if cloner.memory.insert(*source, target).is_some() {
            let what = if source.is(&cx.heap, Kind::ArrayBuffer) { "ArrayBuffer" } else { "An object" };
            return Err(dom_exception::throw(cx, "DataCloneError", &format!("{what} occurs in the transfer list more than once")));
        }
        transferred.push(target);
    }
    let result = cloner.start(cx, value)?;
    cloner.run(cx)?;
    for (source, target) in transfer.iter().zip(&transferred) {
        transfer::move_to(cx, *source, *target)?;
    }
    Ok((result, transferred))
}

impl Cloner {
    // https://html.spec.whatwg.org/multipage/structured-data.html#structuredserializeinternal
    /// The clone of a value; what is inside an object is copied later.
    fn start(&mut self, cx: &mut Context, value: Value) -> Result<Value> {
        let Some(source) = value.as_object() else {
            if value.type_of() == Type::Symbol {
                let shown = cx.display(value);
                return Err(refuse(cx, &shown));
            }
            return Ok(value);
        };
        if let Some(known) = self.memory.get(&source) {
            return Ok(known.value());
        }
        cx.spend_fuel(1)?;
        let (clone, rest) = self.allocate(cx, source)?;
        self.memory.insert(source, clone);
        if let Some(rest) = rest {
            self.frames.push(Frame { source, clone, rest, entry_key: None });
        }
        Ok(clone.value())
    }

    fn allocate(&mut self, cx: &mut Context, source: Object) -> Result<(Object, Option<Rest>)> {
        let kind = source.kind(&cx.heap);
        if source.is_callable(&cx.heap) {
            let text = mayfly_engine::realm::function::source_text(cx, source).map_or_else(String::new, |text| text.to_text(&cx.heap));
            return Err(refuse(cx, &text));
        }
        Ok(match kind {
            Kind::Object | Kind::Arguments => {
                let clone = cx.new_plain_object();
                (clone, Some(Rest::Properties(own_names(cx, source)?)))
            }
            Kind::Array => {
                let clone = cx.new_array_of_length(source.array_length(&cx.heap));
                (clone, Some(Rest::Properties(own_names(cx, source)?)))
            }
            Kind::PrimitiveWrapper => {
                let value = source.internal(&cx.heap, 0);
                if value.is_symbol() {
                    return Err(refuse(cx, "Object(Symbol)"));
                }
                (cx.to_object(value)?, None)
            }
            Kind::Date => {
                let time = source.internal(&cx.heap, 0);
                let constructor = cx.intrinsic(Intrinsic::Date);
                (cx.construct(constructor, &[time], constructor)?, None)
            }
            Kind::RegExp => {
                let (pattern, flags) = (source.internal(&cx.heap, 1), source.internal(&cx.heap, 2));
                let constructor = cx.intrinsic(Intrinsic::RegExp);
                (cx.construct(constructor, &[pattern, flags], constructor)?, None)
            }
            Kind::Map | Kind::Set => {
                let constructor = cx.intrinsic(if kind == Kind::Map { Intrinsic::Map } else { Intrinsic::Set });
                let clone = cx.construct(constructor, &[], constructor)?;
                let pairs = live_pairs(cx, source);
                let rest = if kind == Kind::Map {
                    Rest::Entries(pairs.into_iter().rev().flat_map(|(name, value)| [value, name]).collect())
                } else {
                    Rest::Values(pairs.into_iter().rev().map(|(name, _)| name).collect())
                };
                (clone, Some(rest))
            }
            Kind::Error => return self.allocate_error(cx, source),
            Kind::ArrayBuffer => (clone_buffer(cx, source)?, None),
            Kind::SharedArrayBuffer => {
                // Shared memory stays shared: another object over the same bytes.
                let clone = cx.new_intrinsic_object(kind, Intrinsic::SharedArrayBufferPrototype);
                for slot in 0..4 {
                    clone.set_internal(&cx.heap, slot, source.internal(&cx.heap, slot));
                }
                (clone, None)
            }
            Kind::TypedArray | Kind::DataView => (self.clone_view(cx, source, kind)?, None),
            Kind::Platform if matches!(class_of(cx, source), Some(class::BLOB | class::FILE)) => (clone_blob(cx, source), None),
            Kind::Platform if class_of(cx, source) == Some(class::CRYPTO_KEY) => (crypto::key::clone(cx, source), None),
            _ => {
                let shown = cx.display(source.value());
                return Err(refuse(cx, &shown));
            }
        })
    }

    fn allocate_error(&mut self, cx: &mut Context, source: Object) -> Result<(Object, Option<Rest>)> {
        if class_of(cx, source) == Some(class::QUOTA_EXCEEDED_ERROR) {
            let message = dom_exception::message(cx, source);
            let (quota, requested) = dom_exception::quota_and_requested(cx, source);
            let clone = dom_exception::create_quota_exceeded(cx, &message, quota, requested);
            copy_stack(cx, source, clone)?;
            return Ok((clone, None));
        }
        if class_of(cx, source) == Some(class::DOM_EXCEPTION) {
            let (name, message) = (dom_exception::name(cx, source), dom_exception::message(cx, source));
            let clone = dom_exception::create(cx, &name, &message);
            copy_stack(cx, source, clone)?;
            return Ok((clone, None));
        }
        let name = cx.get(source, key::name)?;
        let name = if name.is_undefined() { "Error".to_string() } else { cx.to_text(name)? };
        let prototype =
            ERROR_PROTOTYPES.iter().find(|(known, _)| *known == name).map_or(Intrinsic::ErrorPrototype, |&(_, prototype)| prototype);
        let message = cx.get_own_property(source, key::message)?.and_then(|property| property.value);
        let message = match message {
            Some(message) => Some(cx.to_string(message)?),
            None => None,
        };
        let prototype = cx.intrinsic(prototype);
        let clone = mayfly_engine::realm::error::create(cx, prototype, message);
        copy_stack(cx, source, clone)?;
        let cause = cx.get_own_property(source, key::cause)?.and_then(|property| property.value);
        Ok((clone, cause.map(|cause| Rest::Hidden(key::cause, cause))))
    }

    fn clone_view(&mut self, cx: &mut Context, source: Object, kind: Kind) -> Result<Object> {
        let in_bounds = match kind {
            Kind::TypedArray => typed_array::View::of(&cx.heap, source).is_some(),
            _ => !is_out_of_bounds(cx, source),
        };
        let buffer = typed_array::buffer_of(&cx.heap, source.value());
        let detached = buffer.is_none_or(|buffer| typed_array::view::is_detached(&cx.heap, buffer));
        let Some(buffer) = buffer.filter(|_| in_bounds && !detached) else {
            return Err(dom_exception::throw(cx, "DataCloneError", "An ArrayBuffer is detached and could not be cloned."));
        };
        let buffer = self.start(cx, buffer.value())?;
        let prototype = if kind == Kind::TypedArray {
            let number = source.internal(&cx.heap, 3).as_int().unwrap_or(1) as usize;
            TYPED_ARRAY_PROTOTYPES.get(number).copied().unwrap_or(Intrinsic::Uint8ArrayPrototype)
        } else {
            Intrinsic::DataViewPrototype
        };
        let clone = cx.new_intrinsic_object(kind, prototype);
        clone.set_internal(&cx.heap, 0, buffer);
        for slot in 1..4 {
            clone.set_internal(&cx.heap, slot, source.internal(&cx.heap, slot));
        }
        Ok(clone)
    }

    /// Copies what is inside the objects met so far, depth first.
    fn run(&mut self, cx: &mut Context) -> Result<()> {
        while let Some(frame) = self.frames.last_mut() {
            let (source, clone) = (frame.source, frame.clone);
            match &mut frame.rest {
                Rest::Properties(names) => {
                    let Some(name) = names.pop() else {
                        self.frames.pop();
                        continue;
                    };
                    // A getter before this one may have removed the property.
                    if cx.has_own_property(source, name)? {
                        let value = cx.get(source, name)?;
                        let value = self.start(cx, value)?;
                        cx.create_data_property_or_throw(clone, name, value)?;
                    }
                }
                Rest::Entries(values) => {
                    let Some(value) = values.pop() else {
                        self.frames.pop();
                        continue;
                    };
                    match frame.entry_key.take() {
                        None => {
                            let at = self.frames.len() - 1;
                            let name = self.start(cx, value)?;
                            self.frames[at].entry_key = Some(name);
                        }
                        Some(name) => {
                            let value = self.start(cx, value)?;
                            let set = cx.intrinsic(Intrinsic::MapPrototypeSet);
                            cx.call(set.value(), clone.value(), &[name, value])?;
                        }
                    }
                }
                Rest::Values(values) => {
                    let Some(value) = values.pop() else {
                        self.frames.pop();
                        continue;
                    };
                    let value = self.start(cx, value)?;
                    let add = cx.intrinsic(Intrinsic::SetPrototypeAdd);
                    cx.call(add.value(), clone.value(), &[value])?;
                }
                Rest::Hidden(name, value) => {
                    let (name, value) = (*name, *value);
                    self.frames.pop();
                    let value = self.start(cx, value)?;
                    cx.define_or_throw(clone, name, &PropertyDescriptor::data(value, attribute::METHOD))?;
                }
            }
        }
        Ok(())
    }
}

/// Own enumerable string keys, last first.
fn own_names(cx: &mut Context, source: Object) -> Result<Vec<PropertyKey>> {
    let mut names = Vec::new();
    for name in cx.enumerable_own_properties(source, EnumerableKind::Keys)? {
        names.push(cx.to_property_key(name)?);
    }
    names.reverse();
    Ok(names)
}

fn live_pairs(cx: &Context, source: Object) -> Vec<(Value, Value)> {
    let heap = &cx.heap;
    let Some(list) = source.internal(heap, 0).as_cell::<Values>() else { return Vec::new() };
    (0..list.length(heap)).step_by(2).map(|at| (list.get(heap, at), list.get(heap, at + 1))).filter(|(name, _)| !name.is_hole()).collect()
}

/// Serializable: all slots of blobs are immutable. <https://w3c.github.io/FileAPI/#blob-section>
fn clone_blob(cx: &mut Context, source: Object) -> Object {
    let clone = if class_of(cx, source) == Some(class::FILE) { new_instance::<File>(cx) } else { new_instance::<Blob>(cx) };
    for slot in 1..Kind::Platform.internal_slots() {
        clone.set_internal(&cx.heap, slot, source.internal(&cx.heap, slot));
    }
    clone
}

// 25.1.3.5 IsViewOutOfBounds, https://tc39.es/ecma262/#sec-isviewoutofbounds
fn is_out_of_bounds(cx: &Context, view: Object) -> bool {
    let heap = &cx.heap;
    let Some(buffer) = typed_array::buffer_of(heap, view.value()) else { return true };
    let available = f64::from(typed_array::view::buffer_byte_length(heap, buffer));
    let offset = view.internal(heap, 1).as_number().unwrap_or(0.0);
    let length = view.internal(heap, 2).as_number().unwrap_or(0.0);
    offset + length > available
}

fn clone_buffer(cx: &mut Context, source: Object) -> Result<Object> {
    if typed_array::view::is_detached(&cx.heap, source) {
        return Err(dom_exception::throw(cx, "DataCloneError", "An ArrayBuffer is detached and could not be cloned."));
    }
    let length = typed_array::view::buffer_byte_length(&cx.heap, source);
    cx.reserve(u64::from(length))?;
    let bytes = typed_array::bytes_of(cx, source.value()).unwrap_or_default();
    if typed_array::view::is_fixed_length(&cx.heap, source) {
        return Ok(typed_array::create_array_buffer(cx, &bytes));
    }
    let most = source.internal(&cx.heap, 2);
    let options = cx.new_plain_object();
    cx.create_data_property_or_throw(options, key::max_byte_length, most)?;
    let constructor = cx.intrinsic(Intrinsic::ArrayBuffer);
    let clone = cx.construct(constructor, &[Value::from(length), options.value()], constructor)?;
    typed_array::write_bytes(cx, clone.value(), 0, &bytes);
    Ok(clone)
}

/// The clone shows the stack of its source: an own `stack` that is a string, else the captured one.
fn copy_stack(cx: &mut Context, source: Object, clone: Object) -> Result<()> {
    let own = cx.get_own_property(source, key::stack)?.and_then(|property| property.value).filter(|stack| stack.is_string());
    let stack = own.unwrap_or_else(|| mayfly_engine::realm::error::stack(cx, source));
    mayfly_engine::realm::error::set_stack(cx, clone, stack);
    Ok(())
}
