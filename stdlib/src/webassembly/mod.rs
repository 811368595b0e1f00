//! WebAssembly. <https://webassembly.github.io/spec/js-api/>, <https://webassembly.github.io/spec/web-api/>
//!
//! Mayfly runs no WebAssembly: the host refuses every compilation, which is what HostEnsureCanCompileWasmBytes is for
//! (<https://w3c.github.io/webappsec-csp/#can-compile-wasm-bytes>), with a CompileError after arguments have been converted and, where a
//! response is the source, after it has been checked and read. So there are no modules, no instances and no exported functions, and
//! `validate` is false for all bytes, as it is true for what `compile` would compile. Everything that needs no code is there: memories,
//! tables, globals, tags and exceptions.
//!
//! What the specification calls the store is in the slots of these objects: each address has one object here.

mod descriptor;
mod errors;
mod exception;
mod global;
mod memory;
mod module;
mod streaming;
mod table;
mod value;

pub use exception::{Exception, Tag};
pub use global::Global;
pub use memory::Memory;
pub use module::{WasmInstance, WasmModule};
pub use table::Table;

use crate::webidl::prelude::*;
use mayfly_engine::realm::error;

/// Class tables.
pub(crate) const CLASSES: &[ClassEntry] = &[
    WebAssembly::ENTRY,
    errors::COMPILE_ERROR,
    errors::LINK_ERROR,
    errors::RUNTIME_ERROR,
    WasmModule::ENTRY,
    WasmInstance::ENTRY,
    Memory::ENTRY,
    Table::ENTRY,
    Global::ENTRY,
    Tag::ENTRY,
    Exception::ENTRY,
];

/// Constructors that are properties of the namespace object.
const CONSTRUCTORS: [(&str, u32); 10] = [
    ("Module", class::WASM_MODULE),
    ("Instance", class::WASM_INSTANCE),
    ("Memory", class::WASM_MEMORY),
    ("Table", class::WASM_TABLE),
    ("Global", class::WASM_GLOBAL),
    ("Tag", class::WASM_TAG),
    ("Exception", class::WASM_EXCEPTION),
    ("CompileError", class::WASM_COMPILE_ERROR),
    ("LinkError", class::WASM_LINK_ERROR),
    ("RuntimeError", class::WASM_RUNTIME_ERROR),
];

/// WebAssemblyCompileOptions. Nobody reads what it says, but reading it is seen by getters.
#[derive(Dictionary)]
#[idl(name = "WebAssemblyCompileOptions")]
#[allow(dead_code)]
struct CompileOptions {
    builtins: Optional<Vec<USVString>>,
    imported_string_constants: Optional<Option<USVString>>,
}

/// What belongs to WebAssembly. No code runs: whatever compiles rejects with a CompileError.
#[namespace(name = "WebAssembly", class = class::WEB_ASSEMBLY)]
impl WebAssembly {
    // https://webassembly.github.io/spec/js-api/#dom-webassembly-validate
    /// Whether the bytes could be compiled: no.
    #[method]
    fn validate(_cx: &mut Context, _bytes: AllowSharedBufferSource, _options: CompileOptions) -> Result<bool> {
        Ok(false)
    }

    // https://webassembly.github.io/spec/js-api/#dom-webassembly-compile
    #[promise_method(ts = "Module")]
    fn compile(cx: &mut Context, _bytes: AllowSharedBufferSource, _options: CompileOptions) -> Result<Value> {
        Err(refuse(cx, "WebAssembly.compile()"))
    }

    // https://webassembly.github.io/spec/js-api/#dom-webassembly-instantiate
    // Of the two overloads only the one for bytes can be called: the other wants a Module.
    #[promise_method(
        ts = "(bytes: AllowSharedBufferSource, importObject?: Imports, options?: WebAssemblyCompileOptions): \
              Promise<WebAssemblyInstantiatedSource>",
        ts = "(moduleObject: Module, importObject?: Imports): Promise<Instance>"
    )]
    fn instantiate(
        cx: &mut Context,
        _bytes: AllowSharedBufferSource,
        _import_object: Optional<Object>,
        _options: CompileOptions,
    ) -> Result<Value> {
        Err(refuse(cx, "WebAssembly.instantiate()"))
    }

    // https://webassembly.github.io/spec/web-api/#dom-webassembly-compilestreaming
    #[promise_method(ts = "Module")]
    fn compile_streaming(
        cx: &mut Context,
        #[ts("Response | PromiseLike<Response>")] source: Value,
        _options: CompileOptions,
    ) -> Result<Object> {
        streaming::compile(cx, source, "WebAssembly.compileStreaming()")
    }

    // https://webassembly.github.io/spec/web-api/#dom-webassembly-instantiatestreaming
    #[promise_method(ts = "WebAssemblyInstantiatedSource")]
    fn instantiate_streaming(
        cx: &mut Context,
        #[ts("Response | PromiseLike<Response>")] source: Value,
        #[ts("Imports")] _import_object: Optional<Object>,
        _options: CompileOptions,
    ) -> Result<Object> {
        streaming::compile(cx, source, "WebAssembly.instantiateStreaming()")
    }

    // https://webassembly.github.io/spec/js-api/#dom-webassembly-jstag
    #[getter(name = "JSTag", ts = "Tag")]
    fn js_tag(cx: &mut Context) -> Result<Object> {
        Ok(exception::js_tag(cx))
    }

    #[hidden]
    fn on_response(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
        streaming::on_response(cx, this, args.at(0)).map(Object::value)
    }

    #[hidden]
    fn on_body(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
        let place = cx.to_text(this)?;
        Err(refuse(cx, &place))
    }
}

/// The CompileError of everything that would compile, worded as V8's where its embedder allows no code.
#[cold]
fn refuse(cx: &mut Context, place: &str) -> Thrown {
    let prototype = cx.intrinsic(Intrinsic::embedder(2 * class::WASM_COMPILE_ERROR));
    let message = cx.heap.new_string(&format!("{place}: Wasm code generation disallowed by embedder"));
    let error = error::create(cx, prototype, Some(message));
    cx.throw(error.value())
}

/// Gives the namespace object its constructors.
pub fn install(cx: &mut Context) {
    let namespace = cx.intrinsic(Intrinsic::embedder(2 * class::WEB_ASSEMBLY + 1));
    for (name, class) in CONSTRUCTORS {
        let constructor = cx.intrinsic(Intrinsic::embedder(2 * class + 1));
        let name = cx.key(name);
        namespace.add_property(&cx.heap, name, constructor.value(), attribute::METHOD);
    }
}
