//! WorkerNavigator. <https://html.spec.whatwg.org/multipage/workers.html#the-workernavigator-object>

use crate::platform::try_platform;
use crate::webidl::prelude::*;

/// What the runtime says about itself.
#[interface(name = "WorkerNavigator", class = class::NAVIGATOR)]
impl WorkerNavigator {
    // https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-useragent
    #[getter]
    fn user_agent(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("Mayfly")
    }

    // https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-language
    #[getter]
    fn language(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("en-US")
    }

    // https://html.spec.whatwg.org/multipage/workers.html#dom-navigator-hardwareconcurrency
    #[getter]
    fn hardware_concurrency(cx: &mut Context, _this: Object) -> Result<u32> {
        Ok(try_platform(cx).map_or(1, |platform| platform.hardware_concurrency()))
    }
}

/// `navigator` of the global object.
#[namespace(global)]
impl NavigatorAttribute {
    #[getter]
    fn navigator(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::NAVIGATOR))
    }
}

/// Makes the one instance.
pub fn install(cx: &mut Context) {
    let navigator = new_instance::<WorkerNavigator>(cx);
    cx.set_embedder_root(roots::NAVIGATOR, navigator.value());
}
