//! Performance. <https://w3c.github.io/hr-time/#sec-performance>

use crate::event_target::EventTarget;
use crate::platform::with_platform;
use crate::webidl::prelude::*;

/// Clock of the request.
#[interface(name = "Performance", class = class::PERFORMANCE, parent = EventTarget)]
impl Performance {
    // https://w3c.github.io/hr-time/#now-method
    #[method]
    fn now(cx: &mut Context, _this: Object) -> Result<f64> {
        with_platform(cx, |platform| platform.monotonic_ms())
    }

    // https://w3c.github.io/hr-time/#timeorigin-attribute
    #[getter]
    fn time_origin(cx: &mut Context, _this: Object) -> Result<f64> {
        with_platform(cx, |platform| Ok(platform.now_ms()? - platform.monotonic_ms()?))
    }

    // https://w3c.github.io/hr-time/#tojson-method
    #[method(name = "toJSON")]
    fn to_json(cx: &mut Context, this: Object) -> Result<Object> {
        let origin = Performance::time_origin(cx, this)?;
        let object = cx.new_plain_object();
        let key = cx.key("timeOrigin");
        cx.create_data_property_or_throw(object, key, Value::number(origin))?;
        Ok(object)
    }
}

/// `performance` of the global object.
#[namespace(global)]
impl PerformanceAttribute {
    #[getter(replaceable)]
    fn performance(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::PERFORMANCE))
    }
}

/// Makes the one instance.
pub fn install(cx: &mut Context) {
    let performance = new_instance::<Performance>(cx);
    cx.set_embedder_root(roots::PERFORMANCE, performance.value());
}
