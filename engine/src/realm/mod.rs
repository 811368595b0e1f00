//! Realms: intrinsics, the global object, and how class tables become objects.

pub mod code;
pub mod error;
pub mod function;
mod install;
pub mod scope;
pub(crate) mod surrogates;

use crate::heap::{Heap, Kind, Ref, Shape, Values};
use crate::object::Object;
use crate::value::Value;

macro_rules! intrinsics {
    ($($name:ident,)*) => {
        /// Well-known objects of a realm.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u32)]
        #[allow(missing_docs)]
        pub enum Intrinsic { $($name,)* Count }
    };
}

intrinsics! {
    ObjectPrototype, FunctionPrototype, Object, Function, ArrayPrototype, Array, StringPrototype, String, NumberPrototype, Number,
    BooleanPrototype, Boolean, SymbolPrototype, Symbol, BigIntPrototype, BigInt,
    ErrorPrototype, Error, EvalErrorPrototype, EvalError, RangeErrorPrototype, RangeError, ReferenceErrorPrototype, ReferenceError,
    SyntaxErrorPrototype, SyntaxError, TypeErrorPrototype, TypeError, UriErrorPrototype, UriError, AggregateErrorPrototype, AggregateError,
    SuppressedErrorPrototype, SuppressedError,
    IteratorPrototype, Iterator, AsyncIteratorPrototype, ArrayIteratorPrototype, MapIteratorPrototype, SetIteratorPrototype,
    StringIteratorPrototype, RegExpStringIteratorPrototype, IteratorHelperPrototype, WrapForValidIteratorPrototype,
    AsyncFromSyncIteratorPrototype,
    GeneratorFunctionPrototype, GeneratorFunction, GeneratorPrototype, AsyncGeneratorFunctionPrototype, AsyncGeneratorFunction,
    AsyncGeneratorPrototype, AsyncFunctionPrototype, AsyncFunction,
    PromisePrototype, Promise, MapPrototype, Map, SetPrototype, Set, WeakMapPrototype, WeakMap, WeakSetPrototype, WeakSet,
    WeakRefPrototype, WeakRef, FinalizationRegistryPrototype, FinalizationRegistry,
    RegExpPrototype, RegExp, DatePrototype, Date, Proxy, Reflect, Json, Math, Atomics,
    ArrayBufferPrototype, ArrayBuffer, SharedArrayBufferPrototype, SharedArrayBuffer, DataViewPrototype, DataView,
    TypedArrayPrototype, TypedArray, Int8ArrayPrototype, Int8Array, Uint8ArrayPrototype, Uint8Array, Uint8ClampedArrayPrototype,
    Uint8ClampedArray, Int16ArrayPrototype, Int16Array, Uint16ArrayPrototype, Uint16Array, Int32ArrayPrototype, Int32Array,
    Uint32ArrayPrototype, Uint32Array, BigInt64ArrayPrototype, BigInt64Array, BigUint64ArrayPrototype, BigUint64Array,
    Float16ArrayPrototype, Float16Array, Float32ArrayPrototype, Float32Array, Float64ArrayPrototype, Float64Array,
    Temporal, TemporalNow, TemporalDurationPrototype, TemporalDuration, TemporalInstantPrototype, TemporalInstant,
    TemporalPlainDatePrototype, TemporalPlainDate, TemporalPlainTimePrototype, TemporalPlainTime, TemporalPlainDateTimePrototype,
    TemporalPlainDateTime, TemporalPlainYearMonthPrototype, TemporalPlainYearMonth, TemporalPlainMonthDayPrototype, TemporalPlainMonthDay,
    TemporalZonedDateTimePrototype, TemporalZonedDateTime,
    DisposableStackPrototype, DisposableStack, AsyncDisposableStackPrototype, AsyncDisposableStack,
    AbstractModuleSourcePrototype, AbstractModuleSource,
    GlobalFunctions, ThrowTypeError, Eval, ArrayPrototypeValues, ArrayIteratorNext, ArrayToString, ArraySpecies, TypedArraySpecies, ObjectToString, PromiseThen, PromiseResolve,
    ParseInt, ParseFloat, RegExpExec, MapPrototypeSet, SetPrototypeAdd,
    // Class tables of the embedder: prototypes and constructors by number, see `Intrinsic::embedder`.
    Embedder0,
}

/// Number of an intrinsic: the engine's, or an embedder's prototype or constructor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IntrinsicId(pub u32);

impl Intrinsic {
    /// Its number.
    pub const fn id(self) -> IntrinsicId {
        IntrinsicId(self as u32)
    }

    /// Number of an embedder's object, `number` up to 2 × [`EMBEDDER_CLASSES`].
    pub const fn embedder(number: u32) -> IntrinsicId {
        IntrinsicId(Intrinsic::Embedder0 as u32 + number)
    }
}

impl From<Intrinsic> for IntrinsicId {
    fn from(which: Intrinsic) -> IntrinsicId {
        which.id()
    }
}

/// Most classes that an embedder may define.
pub const EMBEDDER_CLASSES: u32 = 120;

/// A realm in the cage: a record of values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Realm(pub(crate) Ref<Values>);

/// Values of a realm record before the intrinsics.
#[repr(u32)]
enum Field {
    Global,
    /// The object that holds global lexical bindings.
    Lexical,
    /// Cached shapes.
    ObjectShape,
    ArrayShape,
    FunctionShape,
    ConstructorShape,
    AsyncFunctionShape,
    GeneratorShape,
    AsyncGeneratorShape,
    NativeShape,
    HostDefined,
    IteratorResultShape,
    /// Arguments objects of sloppy functions with simple parameters; of others; the accessor pair that those have for `callee`.
    ArgumentsShape,
    StrictArgumentsShape,
    ThrowerPair,
    /// Regular expressions with %RegExp.prototype%.
    RegExpShape,
    /// Objects without a prototype.
    NullObjectShape,
    /// %Function.prototype%[%Symbol.hasInstance%], which never changes.
    HasInstance,
    GlobalThis,
    Intrinsics,
}

impl Realm {
    /// An intrinsic. It must have been installed.
    #[inline(always)]
    pub fn intrinsic(self, heap: &Heap, which: impl Into<IntrinsicId>) -> Object {
        Object::from_offset(heap.load::<u32>(self.0.slot(Field::Intrinsics as u32 + which.into().0)))
    }

    /// The same, or `None` when not (yet) there.
    pub fn try_intrinsic(self, heap: &Heap, which: impl Into<IntrinsicId>) -> Option<Object> {
        self.0.get(heap, Field::Intrinsics as u32 + which.into().0).as_object()
    }

    /// Sets an intrinsic.
    pub fn set_intrinsic(self, heap: &Heap, which: impl Into<IntrinsicId>, object: Object) {
        self.0.set(heap, Field::Intrinsics as u32 + which.into().0, object.value());
    }

    /// The global object.
    pub fn global(self, heap: &Heap) -> Object {
        self.field_object(heap, Field::Global)
    }

    /// The object whose properties are the global lexical bindings (holes while uninitialised; read-only when constant).
    pub fn lexical(self, heap: &Heap) -> Object {
        self.field_object(heap, Field::Lexical)
    }

    /// Shape of arguments objects whose `callee` is a function.
    pub(crate) fn arguments_shape(self, heap: &Heap) -> Ref<Shape> {
        self.field_shape(heap, Field::ArgumentsShape)
    }

    /// Shape of arguments objects whose `callee` throws.
    pub(crate) fn strict_arguments_shape(self, heap: &Heap) -> Ref<Shape> {
        self.field_shape(heap, Field::StrictArgumentsShape)
    }

    /// The accessors of a `callee` that throws. The property is not configurable, so the pair never changes.
    pub(crate) fn thrower_pair(self, heap: &Heap) -> Value {
        self.0.get(heap, Field::ThrowerPair as u32)
    }

    /// The built-in method behind `instanceof`.
    pub(crate) fn has_instance(self, heap: &Heap) -> Value {
        self.0.get(heap, Field::HasInstance as u32)
    }

    fn field_object(self, heap: &Heap, field: Field) -> Object {
        Object::from_offset(self.0.get(heap, field as u32).offset())
    }

    /// Where the record holds these shapes: for handlers of the interpreter, which have the cage's base in a register.
    pub(crate) const OBJECT_SHAPE: u32 = 16 + 8 * Field::ObjectShape as u32;
    pub(crate) const ARRAY_SHAPE: u32 = 16 + 8 * Field::ArrayShape as u32;
    pub(crate) const FUNCTION_SHAPE: u32 = 16 + 8 * Field::FunctionShape as u32;
    pub(crate) const CONSTRUCTOR_SHAPE: u32 = 16 + 8 * Field::ConstructorShape as u32;

    #[inline(always)]
    fn field_shape(self, heap: &Heap, field: Field) -> Ref<Shape> {
        Ref::from_offset(heap.load::<u32>(self.0.slot(field as u32)))
    }

    /// Shape of `{}`.
    #[inline(always)]
    pub(crate) fn object_shape(self, heap: &Heap) -> Ref<Shape> {
        self.field_shape(heap, Field::ObjectShape)
    }

    /// Shape of `[]`.
    #[inline(always)]
    pub(crate) fn array_shape(self, heap: &Heap) -> Ref<Shape> {
        self.field_shape(heap, Field::ArrayShape)
    }

    /// Shape of objects without a prototype, with the usual room for properties.
    pub(crate) fn null_object_shape(self, heap: &Heap) -> Ref<Shape> {
        self.field_shape(heap, Field::NullObjectShape)
    }

    /// Shape of regular expressions with %RegExp.prototype%: lastIndex.
    pub(crate) fn regexp_shape(self, heap: &Heap) -> Ref<Shape> {
        self.field_shape(heap, Field::RegExpShape)
    }

    /// Shape of iterator results: value, done.
    #[inline(always)]
    pub(crate) fn iterator_result_shape(self, heap: &Heap) -> Ref<Shape> {
        self.field_shape(heap, Field::IteratorResultShape)
    }

    /// The embedder's value.
    pub fn host_defined(self, heap: &Heap) -> Value {
        self.0.get(heap, Field::HostDefined as u32)
    }

    /// Sets the embedder's value.
    pub fn set_host_defined(self, heap: &Heap, value: Value) {
        self.0.set(heap, Field::HostDefined as u32, value);
    }

    /// As a value for storing.
    pub(crate) fn value(self) -> Value {
        Value::cell(self.0)
    }

    /// From a stored value.
    pub(crate) fn from_value(value: Value) -> Realm {
        Realm(Ref::from_offset(value.offset()))
    }
}

impl crate::context::Context {
    /// CreateIterResultObject. https://tc39.es/ecma262/#sec-createiterresultobject
    #[inline]
    pub fn iterator_result(&self, value: Value, done: bool) -> Value {
        let shape = self.realm().iterator_result_shape(&self.heap);
        let object = self.heap.new_object(Kind::Object, shape, 0);
        object.set_slot_value(&self.heap, 0, value);
        object.set_slot_value(&self.heap, 1, Value::bool(done));
        object.value()
    }
}
