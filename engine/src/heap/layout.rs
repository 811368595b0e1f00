//! Cell kinds and the layout that all cells share.
//!
//! Every cell is 8-byte aligned and begins with an 8-byte header: `kind:u8 flags:u8 aux:u16 word:u32`. The size of a cell follows from
//! its header (and, for some kinds, the word after it), so a heap range can be walked cell by cell. No cell holds a Rust pointer: what
//! may be stored is bounded by [`Field`].
//!
//! | layout | after the header | size |
//! |---|---|---|
//! | object kinds | `slots:u32 elements:u32`, then values only: internal slots (count by kind), inline slots (`aux`) | 16 + 8·(internal + aux) |
//! | Values | `length:u32 pad:u32`, then `word` values | 16 + 8·word |
//! | Environment | `scope:u32 count:u32`, then `count` values; `word` = parent | 16 + 8·count |
//! | Raw | `word` bytes | 8 + word |
//! | strings | see `crate::string` | |
//! | Shape, PropertyTable | see `crate::object::shape` | |

use std::marker::PhantomData;

/// What a cell is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Kind {
    /// Unused memory; `word` is its size in bytes.
    Free = 0,
    // Cells that are no objects.
    FlatString,
    Rope,
    Slice,
    Symbol,
    BigInt,
    Shape,
    PropertyTable,
    Values,
    Environment,
    Raw,
    // Objects. Everything from here on is one.
    Object,
    Array,
    Closure,
    NativeFunction,
    BoundFunction,
    Error,
    PrimitiveWrapper,
    Arguments,
    Date,
    RegExp,
    Map,
    Set,
    WeakMap,
    WeakSet,
    WeakRef,
    FinalizationRegistry,
    Promise,
    Proxy,
    ArrayBuffer,
    SharedArrayBuffer,
    TypedArray,
    DataView,
    ArrayIterator,
    MapIterator,
    SetIterator,
    StringIterator,
    RegExpStringIterator,
    IteratorHelper,
    WrapForValidIterator,
    AsyncFromSyncIterator,
    Generator,
    AsyncGenerator,
    ModuleNamespace,
    RawJson,
    ModuleSource,
    DisposableStack,
    AsyncDisposableStack,
    /// Temporal objects: internal slot 0 is the class, see `builtins::temporal`.
    Temporal,
    /// An object of the embedder (Web APIs): internal slot 0 is its class number.
    Platform,
    /// Embedder object with more state.
    PlatformLarge,
}

impl Kind {
    /// The last kind.
    pub const LAST: Kind = Kind::PlatformLarge;

    /// From the header byte.
    #[inline(always)]
    pub fn from_u8(byte: u8) -> Kind {
        if byte > Kind::LAST as u8 {
            return Kind::Free;
        }
        // SAFETY: `Kind` is `repr(u8)` with every number from 0 to LAST.
        unsafe { std::mem::transmute::<u8, Kind>(byte) }
    }

    /// Whether cells of this kind are objects.
    #[inline(always)]
    pub fn is_object(self) -> bool {
        self >= Kind::Object
    }

    /// Number of internal value slots of an object kind.
    pub const fn internal_slots(self) -> u32 {
        match self {
            Kind::Array | Kind::PrimitiveWrapper | Kind::Date | Kind::WeakRef => 1,
            Kind::Error => 3,
            Kind::Arguments => 2,
            Kind::Map | Kind::Set | Kind::WeakMap | Kind::WeakSet => 2,
            Kind::Closure => 5,
            Kind::NativeFunction => 6,
            Kind::BoundFunction => 3,
            Kind::RegExp => 6,
            Kind::FinalizationRegistry => 3,
            Kind::Promise => 5,
            Kind::Proxy => 2,
            Kind::ArrayBuffer | Kind::SharedArrayBuffer => 4,
            Kind::TypedArray => 4,
            Kind::DataView => 4,
            Kind::ArrayIterator | Kind::MapIterator | Kind::SetIterator => 3,
            Kind::StringIterator => 2,
            Kind::RegExpStringIterator => 4,
            Kind::IteratorHelper => 8,
            Kind::WrapForValidIterator | Kind::AsyncFromSyncIterator => 3,
            Kind::Generator => 6,
            Kind::AsyncGenerator => 8,
            Kind::ModuleNamespace => 3,
            Kind::RawJson | Kind::ModuleSource => 1,
            Kind::DisposableStack | Kind::AsyncDisposableStack => 3,
            Kind::Temporal => 4,
            Kind::Platform => 8,
            Kind::PlatformLarge => 24,
            _ => 0,
        }
    }
}

/// Header flags of objects.
pub mod object_flag {
    /// [[Extensible]] is false.
    pub const NON_EXTENSIBLE: u8 = 1;
    /// Used as a prototype: structural changes advance the shape epoch.
    pub const PROTOTYPE: u8 = 2;
    /// Has [[Call]].
    pub const CALLABLE: u8 = 4;
    /// Has [[Construct]].
    pub const CONSTRUCTOR: u8 = 8;
    /// Property access does not follow the ordinary rules (proxies, typed arrays, strings, mapped arguments, namespaces).
    pub const EXOTIC: u8 = 16;
    /// Elements are frozen or have attributes other than the default: `elements` is a dictionary.
    pub const SPARSE_ELEMENTS: u8 = 32;
    /// Array whose `length` is not writable.
    pub const LENGTH_READ_ONLY: u8 = 64;
    /// [[IsHTMLDDA]].
    pub const HTML_DDA: u8 = 128;
}

/// Marker types for [`Ref`].
pub trait Cell: 'static {}

macro_rules! cell_types {
    ($($(#[$doc:meta])* $name:ident;)*) => { $($(#[$doc])* pub struct $name; impl Cell for $name {})* };
}
cell_types! {
    /// Array of values with capacity and length: overflow slots, elements, records of internal data.
    Values;
    /// Heap scope.
    Environment;
    /// Bytes.
    Raw;
    /// Hidden class.
    Shape;
    /// Property table of shapes.
    PropertyTable;
    /// Symbol or private name.
    SymbolCell;
    /// BigInt.
    BigIntCell;
}

/// A typed 32-bit reference to a cell in the cage. 0 is null.
#[repr(transparent)]
pub struct Ref<T: Cell>(u32, PhantomData<fn() -> T>);

impl<T: Cell> Clone for Ref<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Cell> Copy for Ref<T> {}
impl<T: Cell> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T: Cell> Eq for Ref<T> {}
impl<T: Cell> std::fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "@{:#x}", self.0)
    }
}

impl<T: Cell> Ref<T> {
    /// The null reference.
    pub const NULL: Ref<T> = Ref(0, PhantomData);

    /// A reference to the cell at `offset`.
    #[inline(always)]
    pub const fn from_offset(offset: u32) -> Ref<T> {
        Ref(offset, PhantomData)
    }

    /// Byte offset in the cage.
    #[inline(always)]
    pub const fn offset(self) -> u32 {
        self.0
    }

    /// Whether it is null.
    #[inline(always)]
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }
}

/// What may be stored in the cage: plain data in which every bit pattern is valid, no Rust pointers.
///
/// # Safety
/// Implementors must be `Copy`, at most 8 bytes, without padding, and valid for every bit pattern.
pub unsafe trait Field: Copy + 'static {}
// SAFETY: plain integers and floats.
unsafe impl Field for u8 {}
// SAFETY: as above.
unsafe impl Field for u16 {}
// SAFETY: as above.
unsafe impl Field for u32 {}
// SAFETY: as above.
unsafe impl Field for u64 {}
// SAFETY: as above.
unsafe impl Field for i32 {}
// SAFETY: as above.
unsafe impl Field for f64 {}
// SAFETY: a transparent u64; an invalid boxed reference stays inside the cage.
unsafe impl Field for crate::value::Value {}
// SAFETY: a transparent u32.
unsafe impl<T: Cell> Field for Ref<T> {}
// SAFETY: a `repr(C)` struct of 8 bytes without padding.
unsafe impl Field for crate::bytecode::Word {}
