//! Web IDL: how Rust types stand for Web IDL types, and what the macros of `mayfly-macros` expand to.
//!
//! [`Interface`] is a class, [`FromJs`] and [`IntoJs`] convert arguments and results, [`Place`] words messages.
//! The macros' own page: `engine/macros/README.md`. <https://webidl.spec.whatwg.org/>

mod containers;
mod convert;
pub mod declaration;
mod interface;
mod into_js;
mod place;

pub use containers::{AllowSharedBufferSource, BufferSource, Callback, FromIterable, Instance, Optional, Record, Rest};
pub use convert::{ByteString, Clamp, DOMString, EnforceRange, FromJs, Integer, USVString, Unrestricted};
pub use declaration::{ClassEntry, Type, Typed};
pub use interface::{ERROR_RECORD, Interface, Storage, class_of, create_instance, instance, is_instance, new_instance, receiver};
pub use into_js::IntoJs;
pub use mayfly_macros::{Dictionary, Enumeration, interface, mixin, namespace};
pub use place::{Place, PlaceKind};

/// What a file with classes needs: `use crate::webidl::prelude::*;`
pub mod prelude {
    pub use super::{
        AllowSharedBufferSource, BufferSource, ByteString, Callback, Clamp, ClassEntry, DOMString, Dictionary, EnforceRange, Enumeration,
        FromJs, Instance, Interface, IntoJs, Optional, Place, PlaceKind, Record, Rest, USVString, Unrestricted, instance, interface,
        is_instance, namespace, new_instance,
    };
    pub use crate::{class, roots};
    pub use mayfly_engine::context::Context;
    pub use mayfly_engine::heap::{Kind, Ref, Values};
    pub use mayfly_engine::native::{Args, Result, Thrown};
    pub use mayfly_engine::object::{Object, PropertyDescriptor, attribute};
    pub use mayfly_engine::realm::Intrinsic;
    pub use mayfly_engine::string::{JsString, PropertyKey};
    pub use mayfly_engine::value::Value;
}

/// Names that expansions of the macros use.
#[doc(hidden)]
pub mod expansion {
    pub use super::convert::{count_required, dictionary_object, invalid_enumeration_value, missing_member};
    pub use super::declaration::{ClassEntry, Declaration, DeclarationKind, DeclaredDictionary, DeclaredEnumeration, Type, Typed};
    pub use super::interface::{
        illegal_constructor, promise_from_outcome, replace_attribute, require_arguments, require_global, require_new,
    };
    pub use super::{FromJs, Interface, IntoJs, Place, PlaceKind, Storage, create_instance, receiver};
    pub use mayfly_engine::context::Context;
    pub use mayfly_engine::native::{Args, ClassSpec, ConstantSpec, KeySpec, Member, MemberKind, Result, table};
    pub use mayfly_engine::object::attribute;
    pub use mayfly_engine::realm::Intrinsic;
    pub use mayfly_engine::string::atoms::symbol;
    pub use mayfly_engine::value::Value;
}
