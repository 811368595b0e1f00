//! Web IDL in Rust: classes, dictionaries and enumerations of the worker scope, declared next to their code.
//!
//! [`macro@interface`] turns an `impl` block into a class table of the engine (`ClassSpec`) plus one wrapper per member that checks the
//! receiver's brand, counts and converts arguments by Rust type, and converts the result. [`macro@namespace`] does the same for
//! namespace objects and for members of the global object. The expansions name `crate::webidl`, so they work in `mayfly-stdlib` only.
//! How to use them: README.md beside this crate's manifest.
#![forbid(unsafe_code)]

mod declaration;
mod dictionary;
mod enumeration;
mod interface;
mod member;
mod names;

use proc_macro::TokenStream;

/// A Web IDL interface as a class. <https://webidl.spec.whatwg.org/#idl-interfaces>
///
/// Options: `name = "…"`, `class = N` (a `u32` constant); optional: `large` (24 internal slots instead of 8), `error` (instances are
/// Error objects), `parent = Type`, `parent_prototype = Intrinsic` (of the engine), `not_global`, `prototype_only`, `global_object`,
/// `iterator_of = "member"`, `async_iterator_of = "member"`, `no_tag`; for TypeScript `generics = "<R = any>"`, `extends = "…"`,
/// `events = "open: Event, …"`.
#[proc_macro_attribute]
pub fn interface(options: TokenStream, item: TokenStream) -> TokenStream {
    expand(interface::expand_interface(options.into(), item.into()))
}

/// A Web IDL namespace object (`name = "…", class = N`), or with `global` members of the global object itself.
/// <https://webidl.spec.whatwg.org/#idl-namespaces>
#[proc_macro_attribute]
pub fn namespace(options: TokenStream, item: TokenStream) -> TokenStream {
    expand(interface::expand_namespace(options.into(), item.into()))
}

/// A Web IDL dictionary: implements `FromJs` for a struct. <https://webidl.spec.whatwg.org/#idl-dictionaries>
///
/// A member that is absent takes `Default::default()`, `#[idl(default = expression)]`, or throws with `#[idl(required)]`. Names are
/// camelCase unless `#[idl(name = "…")]`; `#[idl(parent)]` embeds the inherited dictionary. On the struct, `#[idl(name = "…")]` is the
/// dictionary's own name; `#[idl(ts = "…")]` is a member's type in TypeScript.
#[proc_macro_derive(Dictionary, attributes(idl))]
pub fn dictionary(item: TokenStream) -> TokenStream {
    expand(dictionary::expand(item.into()))
}

/// A Web IDL enumeration: implements `FromJs`, `IntoJs` and `as_str` for an enum whose variants are written in kebab-case in JS unless
/// `#[idl("…")]` says otherwise. <https://webidl.spec.whatwg.org/#idl-enums>
#[proc_macro_derive(Enumeration, attributes(idl))]
pub fn enumeration(item: TokenStream) -> TokenStream {
    expand(enumeration::expand(item.into()))
}

fn expand(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|error| error.to_compile_error()).into()
}
