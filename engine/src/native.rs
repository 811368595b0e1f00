//! Native functions: their signature, arguments, and the static tables that classes are made from.
//!
//! A native function object holds an index into one process-wide table ([`Natives`]), never a Rust pointer, so that images can hold it.
//! The compiler makes the table from [`ClassSpec`]s: the engine's own, then the embedder's. Its fingerprint goes into image headers.

pub mod packed;

use hashbrown::HashMap;
use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use crate::context::Context;
use crate::object::attribute;
use crate::realm::IntrinsicId;
use crate::string::PropertyKey;
use crate::value::Value;

use packed::{Class, NativeTable};

/// A JS exception is pending in the context (or the instance is being terminated); see [`Context::take_exception`].
#[derive(Debug, PartialEq, Eq)]
pub struct Thrown(pub(crate) ());

/// Result of anything that may throw.
pub type Result<T> = std::result::Result<T, Thrown>;

/// A native function.
pub type NativeFn = fn(&mut Context, Value, &Args<'_>) -> Result<Value>;

/// Which native function: what a function in Rust source is known by in [`Natives`]. It is the function's type, not its address: the
/// compiler may copy a short function to wherever it is named, and each copy has an address of its own.
///
/// Functions that make native function objects or reactions take `impl Into<NativeId>`, that is, the name of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NativeId(TypeId);

impl NativeId {
    /// The id of a function given by name. Function pointers, which all have one type, do not compile.
    pub const fn of<F>(_: F) -> NativeId
    where
        F: Fn(&mut Context, Value, &Args<'_>) -> Result<Value> + Copy + 'static,
    {
        const { assert!(size_of::<F>() == 0, "a native is given by name, not as a pointer") }
        NativeId(TypeId::of::<F>())
    }
}

impl<F> From<F> for NativeId
where
    F: Fn(&mut Context, Value, &Args<'_>) -> Result<Value> + Copy + 'static,
{
    fn from(function: F) -> NativeId {
        NativeId::of(function)
    }
}

/// A native function for a class table; [`native!`](crate::native!) makes it.
#[derive(Clone, Copy)]
pub struct Native {
    /// The function.
    pub function: NativeFn,
    /// What it is known by.
    pub id: NativeId,
}

/// A [`Native`] from the name of a function.
#[macro_export]
macro_rules! native {
    ($f:path) => {
        $crate::native::Native { function: $f, id: $crate::native::NativeId::of($f) }
    };
}

/// Arguments of a native call.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    first: *const Value,
    count: u32,
    /// `new.target`: undefined for calls.
    pub new_target: Value,
    /// The active function object.
    pub callee: Value,
    life: PhantomData<&'a Value>,
}

impl<'a> Args<'a> {
    /// Arguments held in a slice.
    pub fn new(values: &'a [Value], new_target: Value, callee: Value) -> Args<'a> {
        Args { first: values.as_ptr(), count: values.len() as u32, new_target, callee, life: PhantomData }
    }

    /// Number of arguments passed.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether none were passed.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Argument `index`; undefined when absent.
    #[inline(always)]
    pub fn at(&self, index: usize) -> Value {
        self.get(index).unwrap_or(Value::UNDEFINED)
    }

    /// Argument `index`, if it was passed.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.as_slice().get(index).copied()
    }

    /// All arguments.
    #[inline(always)]
    pub fn as_slice(&self) -> &'a [Value] {
        crate::interpreter::arguments_slice(self.first, self.count)
    }

    /// Arguments from `index` on.
    pub fn from(&self, index: usize) -> &'a [Value] {
        self.as_slice().get(index..).unwrap_or(&[])
    }

    /// Whether this is a [[Construct]].
    pub fn is_construct(&self) -> bool {
        !self.new_target.is_undefined()
    }
}

/// A key in a class table, with texts `T`.
#[derive(Clone, Copy, Debug)]
pub enum KeySpec<T = &'static str> {
    /// A property name.
    Name(T),
    /// A well-known symbol with its name for function names, such as `[Symbol.iterator]`.
    Symbol(PropertyKey, T),
}

impl KeySpec {
    /// Name of a function under this key.
    const fn name(self) -> &'static str {
        match self {
            KeySpec::Name(name) | KeySpec::Symbol(_, name) => name,
        }
    }
}

/// A constant in a class table, with texts `T`.
#[derive(Clone, Copy, Debug)]
pub enum ConstantSpec<T = &'static str> {
    /// Number.
    Number(f64),
    /// String.
    Text(T),
}

/// What a class-table member is, with texts `T` and functions `F`.
#[derive(Clone, Copy)]
pub enum MemberKind<T = &'static str, F = Native> {
    /// Function of this length.
    Method(u16, F),
    /// Accessor with optional getter and setter.
    Accessor(Option<F>, Option<F>),
    /// Same function object as the member with this name on the same object.
    Alias(T),
    /// Constant value.
    Constant(ConstantSpec<T>),
    /// Native without a property: function objects are made from it at run time.
    Hidden(u16, F),
}

/// A member of a class, with texts `T` and functions `F`. In tables that people write these are what the defaults say; in [packed] ones
/// texts are elsewhere, and functions are known by their order.
#[derive(Clone, Copy)]
pub struct Member<T = &'static str, F = Native> {
    /// On the constructor rather than on the prototype.
    pub is_static: bool,
    /// Its key.
    pub key: KeySpec<T>,
    /// What it is.
    pub kind: MemberKind<T, F>,
    /// Property attributes.
    pub attributes: u8,
}

/// A class or namespace object as a table. Only the compiler reads it: [`native_table!`](crate::native_table!).
pub struct ClassSpec {
    /// Name of the constructor, also its property of the global object (unless `is_global` is false).
    pub name: &'static str,
    /// `length` and function of the constructor; `None` for namespace objects (all members are then static).
    pub constructor: Option<(u16, Native)>,
    /// Intrinsic under which the constructor or namespace object is kept.
    pub intrinsic: Option<IntrinsicId>,
    /// Intrinsic under which the prototype is kept. If that intrinsic exists already, its object is used.
    pub prototype: Option<IntrinsicId>,
    /// Prototype of the prototype object; %Object.prototype% when `None`.
    pub parent_prototype: Option<IntrinsicId>,
    /// Prototype of the constructor; %Function.prototype% when `None`.
    pub parent_constructor: Option<IntrinsicId>,
    /// Whether it becomes a property of the global object.
    pub is_global: bool,
    /// Members in order of definition.
    pub members: &'static [Member],
}

impl ClassSpec {
    /// Hash of its natives' names and lengths, in order.
    pub const fn natives_fingerprint(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325;
        if let Some((length, _)) = self.constructor {
            hash = fingerprint_with(hash, self.name, length);
        }
        let mut index = 0;
        while index < self.members.len() {
            let member = &self.members[index];
            let name = member.key.name();
            match member.kind {
                MemberKind::Method(length, _) | MemberKind::Hidden(length, _) => hash = fingerprint_with(hash, name, length),
                MemberKind::Accessor(get, set) => {
                    if get.is_some() {
                        hash = fingerprint_with(hash, name, 0);
                    }
                    if set.is_some() {
                        hash = fingerprint_with(hash, name, 1);
                    }
                }
                MemberKind::Alias(_) | MemberKind::Constant(_) => {}
            }
            index += 1;
        }
        hash
    }
}

/// Const constructors for class tables; `natives!` expands to these.
pub mod table {
    use super::*;

    /// A method.
    pub const fn method(is_static: bool, key: KeySpec, length: u16, function: Native) -> Member {
        Member { is_static, key, kind: MemberKind::Method(length, function), attributes: attribute::METHOD }
    }

    /// An accessor.
    pub const fn accessor(is_static: bool, key: KeySpec, get: Option<Native>, set: Option<Native>) -> Member {
        Member { is_static, key, kind: MemberKind::Accessor(get, set), attributes: attribute::CONFIG }
    }

    /// The same function under another key.
    pub const fn alias(is_static: bool, key: KeySpec, of: &'static str) -> Member {
        Member { is_static, key, kind: MemberKind::Alias(of), attributes: attribute::METHOD }
    }

    /// A constant that cannot be changed.
    pub const fn constant(is_static: bool, key: KeySpec, value: ConstantSpec) -> Member {
        Member { is_static, key, kind: MemberKind::Constant(value), attributes: attribute::NONE }
    }

    /// `Symbol.toStringTag`.
    pub const fn tag(is_static: bool, text: &'static str) -> Member {
        Member {
            is_static,
            key: KeySpec::Symbol(crate::string::atoms::symbol::to_string_tag, "[Symbol.toStringTag]"),
            kind: MemberKind::Constant(ConstantSpec::Text(text)),
            attributes: attribute::CONFIG,
        }
    }

    /// A native without a property.
    pub const fn hidden(name: &'static str, length: u16, function: Native) -> Member {
        Member { is_static: true, key: KeySpec::Name(name), kind: MemberKind::Hidden(length, function), attributes: 0 }
    }
}

/// Defines a class table.
///
/// ```ignore
/// natives! { pub static MAP: "Map" / 0 => construct, Map, MapPrototype; {
///     static method "groupBy" / 2 => group_by,
///     get    "size"        => size,            // `static get`, `accessor "x" => getter, setter`, `set "x" => setter`
///     method "get"     / 1 => get,
///     method @@iterator "[Symbol.iterator]" / 0 => entries,
///     alias  @@iterator    => "entries",       // `static alias`
///     constant "PI" => 3.14,                   // numbers, on the constructor or namespace: `static constant`
///     tag "Map",
///     hidden "name" / 1 => function,           // no property; see `Context::new_native`
/// }}
/// natives! { pub static MATH: namespace "Math", Math; { static method "abs" / 1 => abs, … } }
/// ```
/// After the intrinsics: `, parent ParentPrototype, ParentConstructor` and `, not_global` may follow, in this order.
#[macro_export]
macro_rules! natives {
    ($vis:vis static $id:ident : $name:literal / $len:literal => $f:path, $ctor:ident, $proto:ident; { $($body:tt)* }) => {
        $crate::natives!(@class [$vis $id $name $len $f, $ctor $proto] [None] [None] [true] $($body)*);
    };
    ($vis:vis static $id:ident : $name:literal / $len:literal => $f:path, $ctor:ident, $proto:ident, not_global; { $($body:tt)* }) => {
        $crate::natives!(@class [$vis $id $name $len $f, $ctor $proto] [None] [None] [false] $($body)*);
    };
    ($vis:vis static $id:ident : $name:literal / $len:literal => $f:path, $ctor:ident, $proto:ident,
        parent $pp:ident, $pc:ident; { $($body:tt)* }) => {
        $crate::natives!(@class [$vis $id $name $len $f, $ctor $proto] [$crate::natives!(@opt $pp)] [$crate::natives!(@opt $pc)] [true] $($body)*);
    };
    ($vis:vis static $id:ident : $name:literal / $len:literal => $f:path, $ctor:ident, $proto:ident,
        parent $pp:ident, $pc:ident, not_global; { $($body:tt)* }) => {
        $crate::natives!(@class [$vis $id $name $len $f, $ctor $proto] [$crate::natives!(@opt $pp)] [$crate::natives!(@opt $pc)] [false] $($body)*);
    };
    (@class [$vis:vis $id:ident $name:literal $len:literal $f:path, $ctor:ident $proto:ident] [$pp:expr] [$pc:expr] [$global:expr] $($body:tt)*) => {
        #[doc = concat!("Table of `", $name, "`.")]
        $vis static $id: $crate::native::ClassSpec = $crate::native::ClassSpec {
            name: $name,
            constructor: Some(($len, $crate::native!($f))),
            intrinsic: Some($crate::realm::Intrinsic::$ctor.id()),
            prototype: Some($crate::realm::Intrinsic::$proto.id()),
            parent_prototype: $pp,
            parent_constructor: $pc,
            is_global: $global,
            members: $crate::natives!(@members [] $($body)*),
        };
    };
    ($vis:vis static $id:ident : namespace $name:literal, $ns:ident; { $($body:tt)* }) => {
        $crate::natives!(@namespace [$vis $id $name $ns true] $($body)*);
    };
    ($vis:vis static $id:ident : namespace $name:literal, $ns:ident, not_global; { $($body:tt)* }) => {
        $crate::natives!(@namespace [$vis $id $name $ns false] $($body)*);
    };
    (@namespace [$vis:vis $id:ident $name:literal $ns:ident $global:literal] $($body:tt)*) => {
        #[doc = concat!("Table of `", $name, "`.")]
        $vis static $id: $crate::native::ClassSpec = $crate::native::ClassSpec {
            name: $name,
            constructor: None,
            intrinsic: Some($crate::realm::Intrinsic::$ns.id()),
            prototype: None,
            parent_prototype: None,
            parent_constructor: None,
            is_global: $global,
            members: $crate::natives!(@members [] $($body)*),
        };
    };
    // A prototype object without a constructor (iterator prototypes).
    ($vis:vis static $id:ident : prototype $name:literal, $proto:ident $(, parent $pp:ident)? ; { $($body:tt)* }) => {
        #[doc = concat!("Table of `", $name, "`.")]
        $vis static $id: $crate::native::ClassSpec = $crate::native::ClassSpec {
            name: $name,
            constructor: None,
            intrinsic: None,
            prototype: Some($crate::realm::Intrinsic::$proto.id()),
            parent_prototype: $crate::natives!(@opt $($pp)?),
            parent_constructor: None,
            is_global: false,
            members: $crate::natives!(@members [] $($body)*),
        };
    };
    (@opt) => { None };
    (@opt $p:ident) => { Some($crate::realm::Intrinsic::$p.id()) };
    (@key @ @ $sym:ident) => { $crate::native::KeySpec::Symbol($crate::string::atoms::symbol::$sym, concat!("[Symbol.", stringify!($sym), "]")) };
    (@key @ @ $sym:ident $text:literal) => { $crate::native::KeySpec::Symbol($crate::string::atoms::symbol::$sym, $text) };
    (@key $name:literal) => { $crate::native::KeySpec::Name($name) };
    (@members [$($out:expr,)*]) => { &[$($out,)*] };
    (@members [$($out:expr,)*] static method @@$sym:ident $($text:literal)? / $len:literal => $f:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::method(true, $crate::natives!(@key @@$sym $($text)?), $len, $crate::native!($f)),] $($rest)*) };
    (@members [$($out:expr,)*] static method $key:literal / $len:literal => $f:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::method(true, $crate::natives!(@key $key), $len, $crate::native!($f)),] $($rest)*) };
    (@members [$($out:expr,)*] method @@$sym:ident $($text:literal)? / $len:literal => $f:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::method(false, $crate::natives!(@key @@$sym $($text)?), $len, $crate::native!($f)),] $($rest)*) };
    (@members [$($out:expr,)*] method $key:literal / $len:literal => $f:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::method(false, $crate::natives!(@key $key), $len, $crate::native!($f)),] $($rest)*) };
    (@members [$($out:expr,)*] static get @@$sym:ident $($text:literal)? => $f:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::accessor(true, $crate::natives!(@key @@$sym $($text)?), Some($crate::native!($f)), None),] $($rest)*) };
    (@members [$($out:expr,)*] static get $key:literal => $f:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::accessor(true, $crate::natives!(@key $key), Some($crate::native!($f)), None),] $($rest)*) };
    (@members [$($out:expr,)*] get @@$sym:ident $($text:literal)? => $f:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::accessor(false, $crate::natives!(@key @@$sym $($text)?), Some($crate::native!($f)), None),] $($rest)*) };
    (@members [$($out:expr,)*] get $key:literal => $f:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::accessor(false, $crate::natives!(@key $key), Some($crate::native!($f)), None),] $($rest)*) };
    (@members [$($out:expr,)*] set $key:literal => $f:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::accessor(false, $crate::natives!(@key $key), None, Some($crate::native!($f))),] $($rest)*) };
    (@members [$($out:expr,)*] accessor @@$sym:ident $($text:literal)? => $g:path, $s:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::accessor(false, $crate::natives!(@key @@$sym $($text)?), Some($crate::native!($g)), Some($crate::native!($s))),] $($rest)*) };
    (@members [$($out:expr,)*] accessor $key:literal => $g:path, $s:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::accessor(false, $crate::natives!(@key $key), Some($crate::native!($g)), Some($crate::native!($s))),] $($rest)*) };
    (@members [$($out:expr,)*] static accessor $key:literal => $g:path, $s:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::accessor(true, $crate::natives!(@key $key), Some($crate::native!($g)), Some($crate::native!($s))),] $($rest)*) };
    (@members [$($out:expr,)*] static alias $key:literal => $of:literal, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::alias(true, $crate::natives!(@key $key), $of),] $($rest)*) };
    (@members [$($out:expr,)*] alias @@$sym:ident => $of:literal, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::alias(false, $crate::natives!(@key @@$sym), $of),] $($rest)*) };
    (@members [$($out:expr,)*] alias $key:literal => $of:literal, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::alias(false, $crate::natives!(@key $key), $of),] $($rest)*) };
    (@members [$($out:expr,)*] static constant $key:literal => $value:expr, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::constant(true, $crate::natives!(@key $key), $crate::native::ConstantSpec::Number($value)),] $($rest)*) };
    (@members [$($out:expr,)*] constant $key:literal => $value:expr, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::constant(false, $crate::natives!(@key $key), $crate::native::ConstantSpec::Number($value)),] $($rest)*) };
    (@members [$($out:expr,)*] static tag $text:literal, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::tag(true, $text),] $($rest)*) };
    (@members [$($out:expr,)*] tag $text:literal, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::tag(false, $text),] $($rest)*) };
    (@members [$($out:expr,)*] hidden $key:literal / $len:literal => $f:path, $($rest:tt)*) => {
        $crate::natives!(@members [$($out,)* $crate::native::table::hidden($key, $len, $crate::native!($f)),] $($rest)*) };
}

/// One native in the process-wide table.
#[derive(Clone, Copy)]
pub struct NativeEntry {
    /// Name of the function object.
    pub name: &'static str,
    /// `length` of the function object.
    pub length: u16,
    /// The function.
    pub function: NativeFn,
    /// What it is known by.
    pub id: NativeId,
}

/// Index of the native that stands for functions in no table; the classes' natives follow.
const UNLISTED: u32 = 0;

/// Index of the first class's first native.
pub(crate) const FIRST_LISTED: u32 = UNLISTED + 1;

crate::native_table! {
    /// The engine's classes alone.
    static OF_ENGINE = &[];
}

/// Every native function of a process, by index. Copies share what is made at run time: threads need not make it anew.
#[derive(Clone)]
pub struct Natives {
    table: &'static NativeTable,
    /// What calls need, without a step by way of the table.
    functions: &'static [NativeFn],
    /// What the rest is looked up in. Made by the first who asks: a process can come to its first reply without.
    lists: Arc<OnceLock<Lists>>,
}

/// Everything known of natives.
struct Lists {
    entries: Box<[NativeEntry]>,
    by_id: HashMap<NativeId, u32>,
}

impl Natives {
    /// The natives of a table.
    pub fn new(table: &'static NativeTable) -> Natives {
        Natives { table, functions: table.functions(), lists: Arc::default() }
    }

    /// The natives of the engine, without an embedder's.
    pub fn of_engine() -> Natives {
        Natives::new(&OF_ENGINE)
    }

    fn lists(&self) -> &Lists {
        self.lists.get_or_init(|| {
            let entries = self.table.entries();
            let mut by_id = HashMap::with_capacity(entries.len());
            for (index, entry) in entries.iter().enumerate() {
                by_id.entry(entry.id).or_insert(index as u32);
            }
            Lists { entries: entries.into(), by_id }
        })
    }

    /// The classes, in order. Each call makes them anew: they are what realms are built from.
    pub fn classes(&self) -> Vec<Class> {
        self.table.classes()
    }

    /// The function of entry `index`.
    #[inline(always)]
    pub fn function(&self, index: u32) -> Option<NativeFn> {
        self.functions.get(index as usize).copied()
    }

    /// Entry `index`.
    pub fn entry(&self, index: u32) -> Option<&NativeEntry> {
        self.lists().entries.get(index as usize)
    }

    /// Index of a function that is in the table; of one that throws when called for a function that is in no table, which is a mistake in
    /// the program that named it.
    pub fn index_of(&self, id: NativeId) -> u32 {
        let index = self.lists().by_id.get(&id).copied();
        debug_assert!(index.is_some(), "a native that is in no table");
        index.unwrap_or(UNLISTED)
    }

    /// Number of natives.
    pub fn len(&self) -> usize {
        self.functions.len()
    }

    /// Whether the table is empty.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// Hash of names and lengths in order: an image made with another table is refused.
    pub fn fingerprint(&self) -> u64 {
        self.table.fingerprint()
    }
}

/// The fingerprint of a table with one more entry.
pub(crate) const fn fingerprint_with(fingerprint: u64, name: &str, length: u16) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = fingerprint;
    let mut start = 0;
    while start < bytes.len() {
        let mut word = 0;
        let mut at = 0;
        while at < 8 && start + at < bytes.len() {
            word |= (bytes[start + at] as u64) << (8 * at);
            at += 1;
        }
        hash = mix(hash, word);
        start += 8;
    }
    // The last word says how long the name is: one name never reads like the beginning of another.
    mix(hash, bytes.len() as u64 | (length as u64) << 32)
}

/// A bijection of the hash for a given word, and of the word for a given hash.
const fn mix(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(0x9FB2_1C65_1E98_DF25).rotate_left(31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(always)]
    fn one(_: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
        Ok(Value::UNDEFINED)
    }

    fn another(_: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
        Ok(Value::UNDEFINED)
    }

    const fn hidden_class(members: &'static [Member]) -> ClassSpec {
        ClassSpec {
            name: "test",
            constructor: None,
            intrinsic: None,
            prototype: None,
            parent_prototype: None,
            parent_constructor: None,
            is_global: false,
            members,
        }
    }

    /// Functions of the same text, which a compiler may merge into one or copy, are told apart and found.
    #[test]
    fn natives_are_known_by_more_than_their_address() {
        static CLASS: ClassSpec =
            hidden_class(&[table::hidden("one", 0, crate::native!(one)), table::hidden("another", 0, crate::native!(another))]);
        crate::native_table! { static TABLE = &[&CLASS]; }
        let natives = Natives::new(&TABLE);
        let name = |id| natives.entry(natives.index_of(id)).map(|entry| entry.name);
        assert_eq!(name(one.into()), Some("one"));
        assert_eq!(name(another.into()), Some("another"));
        assert_eq!(natives.index_of(another.into()) as usize, natives.len() - 1);
        // The engine's come first, in the same order.
        let of_engine = Natives::of_engine();
        assert_eq!(of_engine.len(), natives.len() - 2);
        for index in 0..of_engine.len() as u32 {
            let (one, other) = (of_engine.entry(index), natives.entry(index));
            assert_eq!(one.map(|entry| (entry.name, entry.length, entry.id)), other.map(|entry| (entry.name, entry.length, entry.id)));
        }
    }

    /// What the compiler packs comes out as it was written.
    #[test]
    fn members_are_unpacked_as_they_were() {
        const ONE: Native = crate::native!(one);
        const ANOTHER: Native = crate::native!(another);
        static CLASS: ClassSpec = ClassSpec {
            constructor: Some((3, ONE)),
            is_global: true,
            ..hidden_class(&[
                table::method(true, KeySpec::Name("m\u{e4}rz"), 2, ONE),
                table::accessor(false, KeySpec::Symbol(crate::string::atoms::symbol::iterator, "[x]"), None, Some(ANOTHER)),
                table::accessor(false, KeySpec::Name("pair"), Some(ANOTHER), Some(ONE)),
                table::alias(true, KeySpec::Name(""), "of"),
                table::constant(false, KeySpec::Name("E"), ConstantSpec::Number(2.5)),
                table::tag(false, "Tag"),
                table::hidden("hidden", 7, ANOTHER),
            ])
        };
        crate::native_table! { static TABLE = &[&CLASS]; }
        let natives = Natives::new(&TABLE);
        let classes = natives.classes();
        let class = classes.last().expect("the class");
        assert_eq!((class.name, class.constructor, class.is_global), ("test", Some(3), true));
        assert_eq!(class.members.len(), CLASS.members.len());
        for (unpacked, written) in class.members.iter().zip(CLASS.members) {
            assert_eq!((unpacked.is_static, unpacked.attributes), (written.is_static, written.attributes));
            assert_eq!(format!("{:?}", unpacked.key), format!("{:?}", written.key));
            match (unpacked.kind, written.kind) {
                (MemberKind::Method(a, ()), MemberKind::Method(b, _)) | (MemberKind::Hidden(a, ()), MemberKind::Hidden(b, _)) => {
                    assert_eq!(a, b)
                }
                (MemberKind::Accessor(get, set), MemberKind::Accessor(other_get, other_set)) => {
                    assert_eq!((get.is_some(), set.is_some()), (other_get.is_some(), other_set.is_some()))
                }
                (MemberKind::Alias(a), MemberKind::Alias(b)) => assert_eq!(a, b),
                (MemberKind::Constant(a), MemberKind::Constant(b)) => assert_eq!(format!("{a:?}"), format!("{b:?}")),
                _ => panic!("another kind at {:?}", written.key),
            }
        }
        let first = Natives::of_engine().len() as u32;
        let entries: Vec<_> = (first..natives.len() as u32).filter_map(|index| natives.entry(index)).collect();
        let shown: Vec<_> = entries.iter().map(|entry| (entry.name, entry.length, entry.id == ONE.id)).collect();
        assert_eq!(
            shown,
            [("test", 3, true), ("m\u{e4}rz", 2, true), ("[x]", 1, false), ("pair", 0, false), ("pair", 1, true), ("hidden", 7, false)]
        );
    }

    /// Images are refused where the order, a name, or a length is another: each makes another fingerprint.
    #[test]
    fn fingerprints_tell_tables_apart() {
        const ONE: Native = crate::native!(one);
        static CLASSES: [ClassSpec; 6] = [
            hidden_class(&[table::hidden("ab", 0, ONE), table::hidden("cdefghijk", 0, ONE)]),
            hidden_class(&[table::hidden("cdefghijk", 0, ONE), table::hidden("ab", 0, ONE)]),
            hidden_class(&[table::hidden("ab", 1, ONE), table::hidden("cdefghijk", 0, ONE)]),
            hidden_class(&[table::hidden("ab", 0, ONE), table::hidden("cdefghijl", 0, ONE)]),
            hidden_class(&[table::hidden("ab\0", 0, ONE), table::hidden("cdefghijk", 0, ONE)]),
            hidden_class(&[table::hidden("ab", 0, ONE)]),
        ];
        let fingerprints: Vec<u64> = CLASSES.iter().map(|class| packed::fingerprint(&[class])).collect();
        for (index, one) in fingerprints.iter().enumerate() {
            assert!(!fingerprints[..index].contains(one), "table {index}");
        }
        // Computed by the compiler or by the process, it is the same.
        crate::native_table! { static TABLE = &[&CLASSES[0]]; }
        assert_eq!(fingerprints[0], Natives::new(&TABLE).clone().fingerprint());
        assert_eq!(packed::fingerprint(&[]), Natives::of_engine().fingerprint());
    }
}
