//! Optional, nullable, sequence, record, buffer-source, callback and interface types.

use super::convert::FromJs;
use super::interface::{Interface, instance};
use super::place::Place;
use mayfly_engine::builtins::typed_array;
use mayfly_engine::context::Context;
use mayfly_engine::heap::Kind;
use mayfly_engine::native::{Args, Result};
use mayfly_engine::object::Object;
use mayfly_engine::string::atoms::symbol;
use mayfly_engine::value::Value;
use std::marker::PhantomData;
use std::ops::Deref;

/// `T?`: undefined and null are `None`.
impl<T: FromJs> FromJs for Option<T> {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Option<T>> {
        if value.is_nullish() { Ok(None) } else { T::from_js(cx, value, place).map(Some) }
    }
}

/// `optional T`: an argument that was not passed, or passed as undefined, and a dictionary member that is absent, are `None`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Optional<T>(pub Option<T>);

impl<T> Default for Optional<T> {
    fn default() -> Self {
        Optional(None)
    }
}

impl<T> Deref for Optional<T> {
    type Target = Option<T>;
    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<T: FromJs> FromJs for Optional<T> {
    const REQUIRED: bool = false;

    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Optional<T>> {
        if value.is_undefined() { Ok(Optional(None)) } else { T::from_js(cx, value, place).map(|value| Optional(Some(value))) }
    }
}

/// `T...`: this and all further arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rest<T>(pub Vec<T>);

impl<T> Deref for Rest<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: FromJs> FromJs for Rest<T> {
    const REQUIRED: bool = false;

    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Rest<T>> {
        Ok(Rest(vec![T::from_js(cx, value, place)?]))
    }

    fn from_args(cx: &mut Context, args: &Args<'_>, index: usize, place: &Place<'_>) -> Result<Rest<T>> {
        let mut list = Vec::with_capacity(args.len().saturating_sub(index));
        for at in index..args.len() {
            list.push(T::from_args(cx, args, at, place)?);
        }
        Ok(Rest(list))
    }
}

/// `sequence<T>`. <https://webidl.spec.whatwg.org/#es-sequence>
impl<T: FromJs> FromJs for Vec<T> {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Vec<T>> {
        const DETAIL: &str = "The provided value cannot be converted to a sequence.";
        if !value.is_object() {
            return Err(place.type_error(cx, DETAIL));
        }
        // OPTIMIZATION: nobody can observe the built-in iteration of an array.
        if let Some(array) = cx.has_builtin_array_iteration(value) {
            let mut list = Vec::new();
            while (list.len() as u32) < array.array_length(&cx.heap) {
                cx.spend_fuel(1)?;
                let index = list.len() as u32;
                let element = match array.dense_element(&cx.heap, index) {
                    Some(element) => element,
                    None => cx.get(array, cx.heap.number_key(u64::from(index)))?,
                };
                list.push(T::from_js(cx, element, place)?);
            }
            return Ok(list);
        }
        let Some(method) = cx.get_method(value, symbol::iterator)? else {
            return Err(place.type_error(cx, "The object must have a callable @@iterator property."));
        };
        Self::from_iterable(cx, value, method, place)
    }
}

/// `sequence<T>` from an object whose iteration method the caller has read.
pub trait FromIterable: Sized {
    /// <https://webidl.spec.whatwg.org/#create-sequence-from-iterable>
    fn from_iterable(cx: &mut Context, value: Value, method: Object, place: &Place<'_>) -> Result<Self>;
}

impl<T: FromJs> FromIterable for Vec<T> {
    fn from_iterable(cx: &mut Context, value: Value, method: Object, place: &Place<'_>) -> Result<Vec<T>> {
        let mut record = cx.get_iterator_from_method(value, method)?;
        let mut list = Vec::new();
        // An element that does not convert does not close the iterator.
        while let Some(element) = cx.iterator_step_value(&mut record)? {
            list.push(T::from_js(cx, element, place)?);
        }
        Ok(list)
    }
}

/// `record<K, V>`: the object's own enumerable string properties in order. <https://webidl.spec.whatwg.org/#es-record>
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record<K, V>(pub Vec<(K, V)>);

impl<K: FromJs + PartialEq, V: FromJs> FromJs for Record<K, V> {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Record<K, V>> {
        let Some(object) = value.as_object() else { return Err(place.type_error(cx, "The provided value is not an object.")) };
        let mut list: Vec<(K, V)> = Vec::new();
        for name in cx.own_keys(object)? {
            let enumerable = cx.get_own_property(object, name)?.is_some_and(|property| property.enumerable == Some(true));
            if !enumerable {
                continue;
            }
            // A symbol as a key does not convert to a string: TypeError.
            let typed = K::from_js(cx, name.to_value(&cx.heap), place)?;
            let member = cx.get(object, name)?;
            let member = V::from_js(cx, member, place)?;
            match list.iter_mut().find(|(known, _)| *known == typed) {
                Some(entry) => entry.1 = member,
                None => list.push((typed, member)),
            }
        }
        Ok(Record(list))
    }
}

/// A callback function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Callback(pub Object);

impl Callback {
    /// Calls it.
    pub fn call(self, cx: &mut Context, this: Value, arguments: &[Value]) -> Result<Value> {
        cx.call(self.0.value(), this, arguments)
    }

    /// As a value.
    pub fn value(self) -> Value {
        self.0.value()
    }
}

impl FromJs for Callback {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Callback> {
        match value.as_object() {
            Some(object) if object.is_callable(&cx.heap) => Ok(Callback(object)),
            _ => Err(place.wrong_type(cx, "Function")),
        }
    }
}

/// An instance of a platform class.
pub struct Instance<T: Interface> {
    /// The object.
    pub object: Object,
    class: PhantomData<fn() -> T>,
}

impl<T: Interface> Clone for Instance<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Interface> Copy for Instance<T> {}

impl<T: Interface> Deref for Instance<T> {
    type Target = Object;
    fn deref(&self) -> &Object {
        &self.object
    }
}

impl<T: Interface> FromJs for Instance<T> {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Instance<T>> {
        match instance::<T>(cx, value) {
            Some(object) => Ok(Instance { object, class: PhantomData }),
            None => Err(place.wrong_type(cx, T::NAME)),
        }
    }
}

/// `BufferSource`: an ArrayBuffer, or a view on one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BufferSource(pub Object);

impl BufferSource {
    /// Whether the value is one (views on SharedArrayBuffers too).
    pub fn is_one(cx: &Context, value: Value) -> bool {
        value.as_object().is_some_and(|object| matches!(object.kind(&cx.heap), Kind::ArrayBuffer | Kind::TypedArray | Kind::DataView))
    }

    /// A copy of the bytes; none when detached.
    pub fn bytes(self, cx: &Context) -> Vec<u8> {
        typed_array::bytes_of(cx, self.0.value()).unwrap_or_default()
    }

    /// As a value.
    pub fn value(self) -> Value {
        self.0.value()
    }
}

impl FromJs for BufferSource {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<BufferSource> {
        let Some(object) = value.as_object().filter(|_| BufferSource::is_one(cx, value)) else {
            return Err(place.wrong_type(cx, "(ArrayBuffer or ArrayBufferView)"));
        };
        let buffer = typed_array::buffer_of(&cx.heap, value);
        if buffer.is_some_and(|buffer| buffer.is(&cx.heap, Kind::SharedArrayBuffer)) {
            return Err(place.type_error(cx, "The provided ArrayBufferView value must not be shared."));
        }
        Ok(BufferSource(object))
    }
}

/// `AllowSharedBufferSource`: the same, and SharedArrayBuffers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AllowSharedBufferSource(pub Object);

impl AllowSharedBufferSource {
    /// A copy of the bytes; none when detached.
    pub fn bytes(self, cx: &Context) -> Vec<u8> {
        typed_array::bytes_of(cx, self.0.value()).unwrap_or_default()
    }
}

impl FromJs for AllowSharedBufferSource {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<AllowSharedBufferSource> {
        match value.as_object() {
            Some(object) if BufferSource::is_one(cx, value) || object.is(&cx.heap, Kind::SharedArrayBuffer) => {
                Ok(AllowSharedBufferSource(object))
            }
            _ => Err(place.wrong_type(cx, "(ArrayBuffer or ArrayBufferView)")),
        }
    }
}
