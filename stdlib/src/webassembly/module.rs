//! Module and Instance, of which there are none: see the notes of the folder. The classes are there for `instanceof`, for what a script
//! looks up before it compiles, and for the errors that say why it cannot.
//! <https://webassembly.github.io/spec/js-api/#modules>, <https://webassembly.github.io/spec/js-api/#instances>

use super::{CompileOptions, refuse};
use crate::webidl::prelude::*;

/// Compiled code.
#[interface(name = "Module", namespace = "WebAssembly", class = class::WASM_MODULE)]
impl WasmModule {
    // https://webassembly.github.io/spec/js-api/#dom-module-module
    #[constructor]
    fn new(cx: &mut Context, _this: Object, _bytes: AllowSharedBufferSource, _options: CompileOptions) -> Result<()> {
        Err(refuse(cx, "WebAssembly.Module()"))
    }

    // https://webassembly.github.io/spec/js-api/#dom-module-exports
    #[static_method(ts = "(moduleObject: Module): ModuleExportDescriptor[]")]
    fn exports(cx: &mut Context, _module_object: Instance<WasmModule>) -> Result<Value> {
        Err(refuse(cx, "WebAssembly.Module.exports()"))
    }

    // https://webassembly.github.io/spec/js-api/#dom-module-imports
    #[static_method(ts = "(moduleObject: Module): ModuleImportDescriptor[]")]
    fn imports(cx: &mut Context, _module_object: Instance<WasmModule>) -> Result<Value> {
        Err(refuse(cx, "WebAssembly.Module.imports()"))
    }

    // https://webassembly.github.io/spec/js-api/#dom-module-customsections
    #[static_method(ts = "(moduleObject: Module, sectionName: string): ArrayBuffer[]")]
    fn custom_sections(cx: &mut Context, _module_object: Instance<WasmModule>, _section_name: DOMString) -> Result<Value> {
        Err(refuse(cx, "WebAssembly.Module.customSections()"))
    }
}

/// Code with its imports.
#[interface(name = "Instance", namespace = "WebAssembly", class = class::WASM_INSTANCE)]
impl WasmInstance {
    // https://webassembly.github.io/spec/js-api/#dom-instance-instance
    #[constructor]
    fn new(
        cx: &mut Context,
        _this: Object,
        _module: Instance<WasmModule>,
        #[ts("Imports")] _import_object: Optional<Object>,
    ) -> Result<()> {
        Err(refuse(cx, "WebAssembly.Instance()"))
    }

    // https://webassembly.github.io/spec/js-api/#dom-instance-exports
    #[getter(ts = "Exports")]
    fn exports(cx: &mut Context, _this: Object) -> Result<Value> {
        Err(refuse(cx, "WebAssembly.Instance.exports"))
    }
}
