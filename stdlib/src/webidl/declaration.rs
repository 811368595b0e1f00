//! What the macros say about classes for `mayfly types`: names and types as people write them in TypeScript. Nothing of this is read while
//! JS runs, and nothing of it is in images.

use super::containers::{AllowSharedBufferSource, BufferSource, Callback, Instance, Optional, Record, Rest};
use super::convert::{ByteString, Clamp, DOMString, EnforceRange, USVString, Unrestricted};
use super::interface::Interface;
use mayfly_engine::native::ClassSpec;
use mayfly_engine::object::Object;
use mayfly_engine::string::JsString;
use mayfly_engine::value::Value;

/// A class table and, where scripts can name the class, its declaration.
#[derive(Clone, Copy)]
pub struct ClassEntry {
    /// The table that the engine makes the class from.
    pub spec: &'static ClassSpec,
    /// None for tables of functions that scripts never see.
    pub declaration: Option<&'static Declaration>,
}

impl ClassEntry {
    /// A table that scripts do not see.
    pub const fn hidden(spec: &'static ClassSpec) -> ClassEntry {
        ClassEntry { spec, declaration: None }
    }
}

/// A type.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// TypeScript, as it stands.
    Text(&'static str),
    /// `T?`
    Nullable(&'static Type),
    /// `T...`
    Rest(&'static Type),
    /// `sequence<T>`
    Sequence(&'static Type),
    /// `record<K, V>`
    Record(&'static Type, &'static Type),
    /// A union, with its name if it is a typedef.
    Union(&'static str, &'static [Type]),
    /// A dictionary.
    Dictionary(&'static DeclaredDictionary),
    /// An enumeration.
    Enumeration(&'static DeclaredEnumeration),
}

/// A Rust type that stands for a Web IDL type.
pub trait Typed {
    /// That type.
    const TYPE: Type;
}

/// A dictionary.
#[derive(Debug)]
pub struct DeclaredDictionary {
    /// Its name.
    pub name: &'static str,
    /// Type parameters, as in `<T = any>`, or nothing.
    pub generics: &'static str,
    /// The dictionaries that it inherits from.
    pub parents: &'static [Type],
    /// Its members.
    pub members: &'static [DeclaredArgument],
}

/// An enumeration.
#[derive(Debug)]
pub struct DeclaredEnumeration {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub values: &'static [&'static str],
}

/// An argument of a function or a member of a dictionary.
#[derive(Debug)]
pub struct DeclaredArgument {
    /// Its name in JS.
    pub name: &'static str,
    /// Whether it may be left out.
    pub is_optional: bool,
    /// Its type.
    pub ty: Type,
}

/// What a declaration declares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeclarationKind {
    /// An interface.
    Interface,
    /// The prototype of a kind of iterators, which scripts cannot name.
    Iterator,
    /// A namespace object.
    Namespace,
    /// Members of the global object.
    Global,
}

/// A class or namespace.
#[derive(Debug)]
pub struct Declaration {
    /// What it is.
    pub kind: DeclarationKind,
    /// Its name in JS.
    pub name: &'static str,
    /// The namespace object whose property it is, or nothing.
    pub namespace: &'static str,
    /// A line about it.
    pub docs: &'static str,
    /// Type parameters, as in `<R = any>`, or nothing.
    pub generics: &'static str,
    /// What it inherits from, or nothing.
    pub parent: &'static str,
    /// Whether the global object has a property of its name.
    pub is_global: bool,
    /// Types of events and their classes.
    pub events: &'static [(&'static str, &'static str)],
    /// Dictionaries and enumerations that texts of members name.
    pub uses: &'static [Type],
    /// Members, constructor included.
    pub members: &'static [DeclaredMember],
}

/// What a member is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum DeclaredKind {
    /// The constructor.
    Constructor,
    /// A method.
    Method,
    /// An attribute.
    Attribute {
        /// Whether it has a setter.
        writable: bool,
    },
    /// A number, on the constructor and on the prototype.
    Constant(f64),
    /// Another name of a method.
    Alias(&'static str),
}

/// A member of a class or namespace.
#[derive(Debug)]
pub struct DeclaredMember {
    /// Its name, or a symbol in brackets.
    pub name: &'static str,
    /// A line about it, or nothing.
    pub docs: &'static str,
    /// Whether it is the constructor's.
    pub is_static: bool,
    /// What it is.
    pub kind: DeclaredKind,
    /// Arguments.
    pub arguments: &'static [DeclaredArgument],
    /// Type of the attribute or of what the method gives, without the promise around it.
    pub result: Type,
    /// Whether that comes in a promise.
    pub is_promise: bool,
    /// Whole signatures in TypeScript, one for each overload, which take the place of arguments and result.
    pub signatures: &'static [&'static str],
}

impl DeclaredMember {
    /// A method without arguments and name.
    pub const EMPTY: DeclaredMember = DeclaredMember {
        name: "",
        docs: "",
        is_static: false,
        kind: DeclaredKind::Method,
        arguments: &[],
        result: Type::Text("void"),
        is_promise: false,
        signatures: &[],
    };
}

macro_rules! texts {
    ($($type:ty => $text:literal;)*) => { $(
        impl Typed for $type {
            const TYPE: Type = Type::Text($text);
        }
    )* };
}

texts! {
    () => "void";
    Value => "any";
    Object => "object";
    bool => "boolean";
    i8 => "number";
    u8 => "number";
    i16 => "number";
    u16 => "number";
    i32 => "number";
    u32 => "number";
    i64 => "number";
    u64 => "number";
    usize => "number";
    f64 => "number";
    Unrestricted => "number";
    &str => "string";
    String => "string";
    JsString => "string";
    DOMString => "string";
    USVString => "string";
    ByteString => "string";
    Callback => "Function";
    BufferSource => "BufferSource";
    AllowSharedBufferSource => "AllowSharedBufferSource";
}

impl<T> Typed for Clamp<T> {
    const TYPE: Type = Type::Text("number");
}

impl<T> Typed for EnforceRange<T> {
    const TYPE: Type = Type::Text("number");
}

impl<T: Typed> Typed for Option<T> {
    const TYPE: Type = Type::Nullable(&T::TYPE);
}

/// What is absent has no type of its own.
impl<T: Typed> Typed for Optional<T> {
    const TYPE: Type = T::TYPE;
}

impl<T: Typed> Typed for Rest<T> {
    const TYPE: Type = Type::Rest(&T::TYPE);
}

impl<T: Typed> Typed for Vec<T> {
    const TYPE: Type = Type::Sequence(&T::TYPE);
}

impl<K: Typed, V: Typed> Typed for Record<K, V> {
    const TYPE: Type = Type::Record(&K::TYPE, &V::TYPE);
}

impl<T: Interface> Typed for Instance<T> {
    const TYPE: Type = Type::Text(T::NAME);
}
