//! Objects: shapes, slots, elements, and the essential internal methods.
//!
//! [`Object`] is a typed offset. Field access needs only the heap; everything observable by JS goes through the internal methods in
//! `operations`, which take the context.

mod descriptor;
pub mod elements;
mod exotic;
mod helpers;
mod operations;
pub(crate) mod own;
mod proxy;
pub mod shape;
pub mod typed_elements;

pub use descriptor::PropertyDescriptor;
pub use helpers::{EnumerableKind, IntegrityLevel};
pub use shape::{Property, attribute};

use crate::heap::{Heap, Kind, Ref, Shape, Values, object_flag};
use crate::value::{Value, tag};

/// An object in the cage. Layout: header (kind, flags, inline capacity, shape), slots, elements, internal slots, inline slots.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Object(u32);

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "object@{:#x}", self.0)
    }
}

impl Object {
    /// From a cage offset.
    #[inline(always)]
    pub const fn from_offset(offset: u32) -> Object {
        Object(offset)
    }

    /// Cage offset.
    #[inline(always)]
    pub const fn offset(self) -> u32 {
        self.0
    }

    /// As a value.
    #[inline(always)]
    pub fn value(self) -> Value {
        Value::tagged(tag::OBJECT, self.0)
    }

    /// The kind of object, which stands for the internal slots it has.
    #[inline(always)]
    pub fn kind(self, heap: &Heap) -> Kind {
        heap.kind(self.0)
    }

    /// Whether it is of this kind.
    #[inline(always)]
    pub fn is(self, heap: &Heap, kind: Kind) -> bool {
        heap.load::<u8>(self.0) == kind as u8
    }

    /// Header flags; see [`object_flag`].
    #[inline(always)]
    pub fn flags(self, heap: &Heap) -> u8 {
        heap.flags(self.0)
    }

    /// Whether all of these flags are set.
    #[inline(always)]
    pub fn has_flag(self, heap: &Heap, flag: u8) -> bool {
        heap.flags(self.0) & flag == flag
    }

    /// Sets flags.
    #[inline(always)]
    pub fn add_flags(self, heap: &Heap, flags: u8) {
        heap.set_flags(self.0, heap.flags(self.0) | flags);
    }

    /// Clears flags.
    #[inline(always)]
    pub fn remove_flags(self, heap: &Heap, flags: u8) {
        heap.set_flags(self.0, heap.flags(self.0) & !flags);
    }

    /// Its shape.
    #[inline(always)]
    pub fn shape(self, heap: &Heap) -> Ref<Shape> {
        Ref::from_offset(heap.word(self.0))
    }

    #[inline(always)]
    pub(crate) fn set_shape(self, heap: &Heap, shape: Ref<Shape>) {
        heap.store(self.0 + 4, shape);
    }

    #[inline(always)]
    pub(crate) fn slots(self, heap: &Heap) -> Ref<Values> {
        heap.load(self.0 + 8)
    }

    #[inline(always)]
    pub(crate) fn set_slots(self, heap: &Heap, slots: Ref<Values>) {
        heap.store(self.0 + 8, slots);
    }

    /// Internal slot `index` of its kind.
    #[inline(always)]
    pub fn internal(self, heap: &Heap, index: u32) -> Value {
        heap.load(self.0.wrapping_add(16).wrapping_add(index.wrapping_mul(8)))
    }

    /// Address of internal slot `index`.
    pub(crate) fn internal_address(self, index: u32) -> u32 {
        self.0.wrapping_add(16).wrapping_add(index.wrapping_mul(8))
    }

    /// Sets internal slot `index`.
    #[inline(always)]
    pub fn set_internal(self, heap: &Heap, index: u32, value: Value) {
        heap.store(self.0.wrapping_add(16).wrapping_add(index.wrapping_mul(8)), value);
    }

    /// Whether it has [[Call]].
    #[inline(always)]
    pub fn is_callable(self, heap: &Heap) -> bool {
        self.has_flag(heap, object_flag::CALLABLE)
    }

    /// Whether it has [[Construct]].
    #[inline(always)]
    pub fn is_constructor(self, heap: &Heap) -> bool {
        self.has_flag(heap, object_flag::CONSTRUCTOR)
    }
}

/// Inline slots of objects of which nothing else is known.
pub(crate) const USUAL_ROOM: u32 = 4;

impl Heap {
    /// A plain object of the shape at `shape` with `inline` slots, all undefined, when it fits into the range that allocation bumps through
    /// now; else 0.
    #[inline(always)]
    pub(crate) fn try_new_plain_object(&self, shape: u32, inline: u32) -> u32 {
        let at = self.try_bump(16 + 8 * inline);
        if at != 0 {
            self.init_header(at, Kind::Object, 0, inline as u16, shape);
            self.cage().store_new::<u64>(at + 8, 0);
            for i in 0..inline {
                self.cage().store_new(at + 16 + 8 * i, Value::UNDEFINED);
            }
        }
        at
    }

    /// A new object of `shape`: internal slots undefined, inline slots holes.
    #[inline]
    pub fn new_object(&self, kind: Kind, shape: Ref<Shape>, flags: u8) -> Object {
        let inline = shape.inline_capacity(self);
        let values = kind.internal_slots() + inline;
        let at = self.allocate(16 + 8 * values);
        self.init_header(at, kind, flags, inline as u16, shape.offset());
        self.cage().store_new::<u64>(at + 8, 0);
        self.cage().fill_new(at + 16, values, Value::UNDEFINED);
        Object(at)
    }

    /// A new object of `shape` with all its internal and inline slots.
    #[inline]
    pub(crate) fn new_object_of<const SLOTS: usize>(&self, kind: Kind, shape: Ref<Shape>, slots: [Value; SLOTS]) -> Object {
        let inline = shape.inline_capacity(self);
        debug_assert_eq!(kind.internal_slots() + inline, SLOTS as u32);
        let at = self.allocate(16 + 8 * SLOTS as u32);
        self.init_header(at, kind, 0, inline as u16, shape.offset());
        self.cage().store_new::<u64>(at + 8, 0);
        for (i, value) in (0..).zip(slots) {
            self.cage().store_new(at + 16 + 8 * i, value);
        }
        Object(at)
    }

    /// A new object of `kind` with this prototype and the usual room for properties.
    pub fn new_object_with_prototype(&self, kind: Kind, prototype: Option<Object>) -> Object {
        let inline = if kind == Kind::Object { USUAL_ROOM } else { 0 };
        let flags = match kind {
            Kind::TypedArray | Kind::ModuleNamespace | Kind::Proxy => object_flag::EXOTIC,
            _ => 0,
        };
        self.new_object(kind, self.root_shape(prototype, kind, inline), flags)
    }
}
