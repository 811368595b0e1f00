//! From Web IDL types to JS values. <https://webidl.spec.whatwg.org/#js-type-mapping>

use super::containers::{Callback, Instance};
use super::convert::{ByteString, DOMString, USVString};
use super::interface::Interface;
use mayfly_engine::context::Context;
use mayfly_engine::native::Result;
use mayfly_engine::object::Object;
use mayfly_engine::string::JsString;
use mayfly_engine::value::Value;

/// A type that converts to JS values.
pub trait IntoJs {
    /// Converts it.
    fn into_js(self, cx: &mut Context) -> Result<Value>;
}

macro_rules! plain {
    ($($type:ty, $value:ident => $result:expr;)*) => { $(
        impl IntoJs for $type {
            #[inline]
            fn into_js(self, _: &mut Context) -> Result<Value> {
                let $value = self;
                Ok($result)
            }
        }
    )* };
}

plain! {
    Value, value => value;
    Object, object => object.value();
    JsString, string => string.value();
    DOMString, string => string.value();
    Callback, callback => callback.value();
    bool, value => Value::bool(value);
    i8, number => Value::int(i32::from(number));
    u8, number => Value::int(i32::from(number));
    i16, number => Value::int(i32::from(number));
    u16, number => Value::int(i32::from(number));
    i32, number => Value::int(number);
    u32, number => Value::number(f64::from(number));
    i64, number => Value::number(number as f64);
    u64, number => Value::number(number as f64);
    usize, number => Value::from_usize(number);
    f64, number => Value::number(number);
}

impl IntoJs for () {
    fn into_js(self, _: &mut Context) -> Result<Value> {
        Ok(Value::UNDEFINED)
    }
}

impl IntoJs for &str {
    fn into_js(self, cx: &mut Context) -> Result<Value> {
        Ok(cx.new_string(self))
    }
}

impl IntoJs for String {
    fn into_js(self, cx: &mut Context) -> Result<Value> {
        Ok(cx.new_string(&self))
    }
}

impl IntoJs for USVString {
    fn into_js(self, cx: &mut Context) -> Result<Value> {
        Ok(cx.new_string(&self.0))
    }
}

impl IntoJs for ByteString {
    fn into_js(self, cx: &mut Context) -> Result<Value> {
        Ok(cx.heap.new_latin1(&self.0).value())
    }
}

impl<T: Interface> IntoJs for Instance<T> {
    fn into_js(self, _: &mut Context) -> Result<Value> {
        Ok(self.object.value())
    }
}

/// `T?`: null for `None`.
impl<T: IntoJs> IntoJs for Option<T> {
    fn into_js(self, cx: &mut Context) -> Result<Value> {
        match self {
            Some(value) => value.into_js(cx),
            None => Ok(Value::NULL),
        }
    }
}

/// `sequence<T>`
impl<T: IntoJs> IntoJs for Vec<T> {
    fn into_js(self, cx: &mut Context) -> Result<Value> {
        let mut values = Vec::with_capacity(self.len());
        for element in self {
            values.push(element.into_js(cx)?);
        }
        Ok(cx.new_array(&values).value())
    }
}
