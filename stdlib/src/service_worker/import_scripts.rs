//! importScripts. <https://html.spec.whatwg.org/multipage/workers.html#importing-scripts-and-libraries>

use crate::dom_exception;
use crate::platform::with_platform;
use crate::webidl::prelude::*;
use mayfly_engine::ErrorKind;
use mayfly_engine::host::ModuleSource;
use mayfly_engine::realm::error as engine_error;

/// `importScripts` of the global object.
#[namespace(global)]
impl ImportScripts {
    // https://html.spec.whatwg.org/multipage/workers.html#dom-workerglobalscope-importscripts
    /// Runs scripts one after the other. They come from where modules come from: files beside the worker, while its top level is evaluated.
    #[method]
    fn import_scripts(cx: &mut Context, urls: Rest<USVString>) -> Result<()> {
        let importer = importing_script(cx);
        let mut sources = Vec::with_capacity(urls.len());
        for url in urls.iter() {
            sources.push(load(cx, url, &importer)?);
        }
        for (text, name) in sources {
            cx.evaluate_script(&text, &name)?;
        }
        Ok(())
    }
}

/// Name of the script that calls.
fn importing_script(cx: &mut Context) -> String {
    let here = cx.new_error(ErrorKind::Error, "");
    engine_error::frames(cx, here).into_iter().next().map_or_else(String::new, |frame| frame.file)
}

/// Text and name of a script. NetworkError when there is none.
fn load(cx: &mut Context, url: &str, importer: &str) -> Result<(String, String)> {
    // A URL relative to the importing script; what modules call a bare specifier is one too.
    let is_absolute = url.starts_with('/') || url.split('/').next().is_some_and(|first| first.contains(':'));
    let specifier = if is_absolute || url.starts_with("./") || url.starts_with("../") { url.to_string() } else { format!("./{url}") };
    let source = with_platform(cx, |platform| Ok(platform.load_module(&specifier, importer, &[])))?;
    let why = match source {
        Ok(ModuleSource::JavaScript { text, name }) => return Ok((text, name)),
        Ok(_) => format!("'{url}' is no script"),
        Err(why) => why,
    };
    let message = Place::method("WorkerGlobalScope", "importScripts").message(&format!("The script at '{url}' failed to load. {why}"));
    Err(dom_exception::throw(cx, "NetworkError", &message))
}
