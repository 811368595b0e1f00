//! CompileError, LinkError and RuntimeError: NativeErrors that are properties of the namespace object.
//! <https://webassembly.github.io/spec/js-api/#error-objects>

use crate::webidl::declaration::{Declaration, DeclarationKind};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::error;
use mayfly_engine::native::{ClassSpec, ConstantSpec, KeySpec, Member, MemberKind};

/// `name` or `message` of a prototype.
const fn text(key: &'static str, value: &'static str) -> Member {
    Member {
        is_static: false,
        key: KeySpec::Name(key),
        kind: MemberKind::Constant(ConstantSpec::Text(value)),
        attributes: attribute::METHOD,
    }
}

macro_rules! errors {
    ($($entry:ident, $name:literal, $class:expr, $construct:ident, $docs:literal;)*) => { $(
        #[doc = concat!("The class `WebAssembly.", $name, "`.")]
        pub(super) const $entry: ClassEntry = ClassEntry {
            spec: &ClassSpec {
                name: $name,
                constructor: Some((1, mayfly_engine::native!($construct))),
                intrinsic: Some(Intrinsic::embedder(2 * $class + 1)),
                prototype: Some(Intrinsic::embedder(2 * $class)),
                parent_prototype: Some(Intrinsic::ErrorPrototype.id()),
                parent_constructor: Some(Intrinsic::Error.id()),
                is_global: false,
                members: &[text("name", $name), text("message", "")],
            },
            declaration: Some(|| {
                let mut declaration = Declaration::new(DeclarationKind::Interface, $name, $docs);
                declaration.namespace = "WebAssembly";
                declaration.parent = "Error";
                declaration.constructor("").signature(concat!("(message?: string, options?: { cause?: any }): ", $name));
                declaration
            }),
        };

        // https://tc39.es/ecma262/#sec-nativeerror
        fn $construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
            error::create_with_options(cx, args, Intrinsic::embedder(2 * $class))
        }
    )* };
}

errors! {
    COMPILE_ERROR, "CompileError", class::WASM_COMPILE_ERROR, construct_compile_error, "Bytes cannot be compiled.";
    LINK_ERROR, "LinkError", class::WASM_LINK_ERROR, construct_link_error, "A module and its imports do not fit.";
    RUNTIME_ERROR, "RuntimeError", class::WASM_RUNTIME_ERROR, construct_runtime_error, "Code trapped.";
}
