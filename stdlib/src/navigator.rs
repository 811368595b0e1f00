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

    // https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-languages
    #[getter(ts = "readonly string[]")]
    fn languages(cx: &mut Context, _this: Object) -> Result<Value> {
        Ok(cx.embedder_root(roots::LANGUAGES))
    }

    // https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-online
    #[getter(name = "onLine")]
    fn online(_: &mut Context, _this: Object) -> Result<bool> {
        Ok(true)
    }

    // https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-appcodename
    #[getter]
    fn app_code_name(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("Mozilla")
    }

    // https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-appname
    #[getter]
    fn app_name(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("Netscape")
    }

    // https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-appversion
    #[getter]
    fn app_version(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("5.0")
    }

    // https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-platform
    #[getter]
    fn platform(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("")
    }

    // https://html.spec.whatwg.org/multipage/system-state.html#dom-navigator-product
    #[getter]
    fn product(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("Gecko")
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
    #[getter(ts = "WorkerNavigator")]
    fn navigator(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::NAVIGATOR))
    }
}

/// Makes the one instance.
pub fn install(cx: &mut Context) -> Result<()> {
    let navigator = new_instance::<WorkerNavigator>(cx);
    cx.set_embedder_root(roots::NAVIGATOR, navigator.value());
    let language = cx.new_string("en-US");
    let languages = cx.new_array(&[language]);
    cx.set_integrity_level(languages, mayfly_engine::object::IntegrityLevel::Frozen)?;
    cx.set_embedder_root(roots::LANGUAGES, languages.value());
    Ok(())
}
