//! What the macros say about classes for `mayfly types`: names and types as people write them in TypeScript. Nothing of this is read while
//! JS runs, and nothing of it is in images.
//!
//! Declarations are made by functions and not constants: the loader writes each pointer of constant data at each start, and of several
//! thousand names a server needs none. For the same reason what adds to them is never inlined, and takes plain arguments: a compiler that
//! sees a whole value in the making may make a constant of it.

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
    pub declaration: Option<fn() -> Declaration>,
}

impl ClassEntry {
    /// A table that scripts do not see.
    pub const fn hidden(spec: &'static ClassSpec) -> ClassEntry {
        ClassEntry { spec, declaration: None }
    }
}

/// A type.
#[derive(Clone, Debug)]
pub enum Type {
    /// TypeScript, as it stands.
    Text(&'static str),
    /// `T?`
    Nullable(Box<Type>),
    /// `T...`
    Rest(Box<Type>),
    /// `sequence<T>`
    Sequence(Box<Type>),
    /// `record<K, V>`
    Record(Box<Type>, Box<Type>),
    /// A union, with its name if it is a typedef.
    Union(&'static str, Vec<Type>),
    /// A dictionary: its name and what it is.
    Dictionary(&'static str, fn() -> DeclaredDictionary),
    /// An enumeration.
    Enumeration(DeclaredEnumeration),
}

/// A Rust type that stands for a Web IDL type.
pub trait Typed {
    /// That type.
    fn declared() -> Type;
}

/// A dictionary.
#[derive(Debug)]
pub struct DeclaredDictionary {
    /// Its name.
    pub name: &'static str,
    /// Type parameters, as in `<T = any>`, or nothing.
    pub generics: &'static str,
    /// The dictionaries that it inherits from.
    pub parents: Vec<Type>,
    /// Its members.
    pub members: Vec<DeclaredArgument>,
}

impl DeclaredDictionary {
    /// A dictionary without members.
    #[inline(never)]
    pub fn new(name: &'static str, generics: &'static str) -> DeclaredDictionary {
        DeclaredDictionary { name, generics, parents: Vec::new(), members: Vec::new() }
    }

    /// Adds one that it inherits from.
    #[inline(never)]
    pub fn parent(&mut self, parent: fn() -> Type) {
        self.parents.push(parent());
    }

    /// Adds a member.
    #[inline(never)]
    pub fn member(&mut self, name: &'static str, is_optional: bool, ty: fn() -> Type) {
        self.members.push(DeclaredArgument { name, is_optional, ty: ty() });
    }
}

/// An enumeration.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredEnumeration {
    /// Its name.
    pub name: &'static str,
    /// Its values, a line for each.
    pub values: &'static str,
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
    pub events: Vec<(&'static str, &'static str)>,
    /// Dictionaries and enumerations that texts of members name.
    pub uses: Vec<Type>,
    /// Members, constructor included.
    pub members: Vec<DeclaredMember>,
}

impl Declaration {
    /// A declaration of which everything else is to be said.
    #[inline(never)]
    pub fn new(kind: DeclarationKind, name: &'static str, docs: &'static str) -> Declaration {
        Declaration {
            kind,
            name,
            namespace: "",
            docs,
            generics: "",
            parent: "",
            is_global: false,
            events: Vec::new(),
            uses: Vec::new(),
            members: Vec::new(),
        }
    }

    /// Adds a type of events and its class.
    #[inline(never)]
    pub fn event(&mut self, event: &'static str, class: &'static str) {
        self.events.push((event, class));
    }

    /// Adds a dictionary or enumeration that texts of members name.
    #[inline(never)]
    pub fn uses(&mut self, ty: fn() -> Type) {
        self.uses.push(ty());
    }

    /// Adds the constructor.
    #[inline(never)]
    pub fn constructor(&mut self, docs: &'static str) -> &mut DeclaredMember {
        self.member(DeclaredKind::Constructor, "", docs)
    }

    /// Adds a method that gives nothing, as long as nothing else is said.
    #[inline(never)]
    pub fn method(&mut self, name: &'static str, docs: &'static str) -> &mut DeclaredMember {
        self.member(DeclaredKind::Method, name, docs)
    }

    /// Adds an attribute.
    #[inline(never)]
    pub fn attribute(&mut self, name: &'static str, docs: &'static str, writable: bool) -> &mut DeclaredMember {
        self.member(DeclaredKind::Attribute { writable }, name, docs)
    }

    /// Adds a number.
    #[inline(never)]
    pub fn constant(&mut self, name: &'static str, value: f64) {
        self.member(DeclaredKind::Constant(value), name, "");
    }

    /// Adds another name of a method.
    #[inline(never)]
    pub fn alias(&mut self, name: &'static str, of: &'static str) {
        self.member(DeclaredKind::Alias(of), name, "");
    }

    fn member(&mut self, kind: DeclaredKind, name: &'static str, docs: &'static str) -> &mut DeclaredMember {
        self.members.push_mut(DeclaredMember {
            name,
            docs,
            is_static: false,
            kind,
            arguments: Vec::new(),
            result: Type::Text("void"),
            is_promise: false,
            signatures: Vec::new(),
        })
    }
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
    pub arguments: Vec<DeclaredArgument>,
    /// Type of the attribute or of what the method gives, without the promise around it.
    pub result: Type,
    /// Whether that comes in a promise.
    pub is_promise: bool,
    /// Whole signatures in TypeScript, one for each overload, which take the place of arguments and result.
    pub signatures: Vec<&'static str>,
}

impl DeclaredMember {
    /// It is the constructor's.
    #[inline(never)]
    pub fn on_constructor(&mut self) -> &mut DeclaredMember {
        self.is_static = true;
        self
    }

    /// Adds an argument.
    #[inline(never)]
    pub fn argument(&mut self, name: &'static str, is_optional: bool, ty: fn() -> Type) -> &mut DeclaredMember {
        self.arguments.push(DeclaredArgument { name, is_optional, ty: ty() });
        self
    }

    /// Says what it gives.
    #[inline(never)]
    pub fn gives(&mut self, ty: fn() -> Type) -> &mut DeclaredMember {
        self.result = ty();
        self
    }

    /// Says what it gives, in TypeScript.
    #[inline(never)]
    pub fn gives_text(&mut self, text: &'static str) -> &mut DeclaredMember {
        self.result = Type::Text(text);
        self
    }

    /// What it gives comes in a promise.
    #[inline(never)]
    pub fn in_promise(&mut self) -> &mut DeclaredMember {
        self.is_promise = true;
        self
    }

    /// Adds a whole signature.
    #[inline(never)]
    pub fn signature(&mut self, text: &'static str) -> &mut DeclaredMember {
        self.signatures.push(text);
        self
    }
}

macro_rules! texts {
    ($($type:ty => $text:literal;)*) => { $(
        impl Typed for $type {
            fn declared() -> Type {
                Type::Text($text)
            }
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
    fn declared() -> Type {
        Type::Text("number")
    }
}

impl<T> Typed for EnforceRange<T> {
    fn declared() -> Type {
        Type::Text("number")
    }
}

impl<T: Typed> Typed for Option<T> {
    fn declared() -> Type {
        Type::Nullable(Box::new(T::declared()))
    }
}

/// What is absent has no type of its own.
impl<T: Typed> Typed for Optional<T> {
    fn declared() -> Type {
        T::declared()
    }
}

impl<T: Typed> Typed for Rest<T> {
    fn declared() -> Type {
        Type::Rest(Box::new(T::declared()))
    }
}

impl<T: Typed> Typed for Vec<T> {
    fn declared() -> Type {
        Type::Sequence(Box::new(T::declared()))
    }
}

impl<K: Typed, V: Typed> Typed for Record<K, V> {
    fn declared() -> Type {
        Type::Record(Box::new(K::declared()), Box::new(V::declared()))
    }
}

impl<T: Interface> Typed for Instance<T> {
    fn declared() -> Type {
        Type::Text(T::NAME)
    }
}
