//! Function objects: closures, natives, classes, lazily made properties, dynamic functions.

use super::code::{Code, CodeField, code_flag};
use super::surrogates::{SourceTexts, restore};
use super::{Field, Intrinsic, Realm};
use crate::context::Context;
use crate::heap::{Heap, Kind, Ref, Shape, Values, object_flag};
use crate::native::{Args, Result};
use crate::object::{Object, attribute};
use crate::string::{JsString, PropertyKey, StringBuilder, atoms::key, atoms::name};
use crate::value::Value;

/// Internal slots of closures.
pub mod closure {
    /// Code record.
    pub const CODE: u32 = 0;
    /// Environment cell or undefined.
    pub const ENVIRONMENT: u32 = 1;
    /// [[HomeObject]]
    pub const HOME: u32 = 2;
    /// Class field initialiser.
    pub const FIELDS: u32 = 3;
    /// Shape of instances made with `new` (cell). It has the prototype that the function's `prototype` names now: whoever stores to an own
    /// property of a closure forgets it, and inline caches do not store to `prototype`.
    pub const INSTANCE_SHAPE: u32 = 4;
}

/// Inline slots of function objects: `length`, `name`, and room for `prototype`.
pub(crate) const INLINE_SLOTS: u32 = 3;
/// Bytes of a closure.
pub(crate) const CLOSURE_BYTES: u32 = 16 + 8 * (Kind::Closure.internal_slots() + INLINE_SLOTS);

/// Which dynamic function constructor. https://tc39.es/ecma262/#sec-createdynamicfunction
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DynamicKind {
    /// Function
    Normal,
    /// GeneratorFunction
    Generator,
    /// AsyncFunction
    Async,
    /// AsyncGeneratorFunction
    AsyncGenerator,
}

/// The shape of functions of this kind and prototype: length, name.
fn plain_shape(heap: &Heap, prototype: Object, kind: Kind) -> Ref<Shape> {
    let root = heap.root_shape(Some(prototype), kind, INLINE_SLOTS);
    root.transition(heap, key::length, attribute::CONFIG).transition(heap, key::name, attribute::CONFIG)
}

/// The same with a `prototype` that is made when it is asked for.
fn with_prototype(heap: &Heap, shape: Ref<Shape>) -> Ref<Shape> {
    shape.transition(heap, key::prototype, attribute::WRITABLE | attribute::LAZY)
}

fn set_field(heap: &Heap, realm: Realm, field: Field, shape: Ref<Shape>) {
    realm.0.set(heap, field as u32, Value::cell(shape));
}

/// Shapes of functions and constructors in a realm.
pub(super) fn init_shapes(heap: &Heap, realm: Realm) {
    let prototype = realm.intrinsic(heap, Intrinsic::FunctionPrototype);
    let function = plain_shape(heap, prototype, Kind::Closure);
    set_field(heap, realm, Field::FunctionShape, function);
    set_field(heap, realm, Field::ConstructorShape, with_prototype(heap, function));
    set_field(heap, realm, Field::NativeShape, plain_shape(heap, prototype, Kind::NativeFunction));
}

/// Shapes of async functions and generators, once their prototypes are there.
pub(super) fn init_generator_shapes(heap: &Heap, realm: Realm) {
    let plain = |prototype: Intrinsic| plain_shape(heap, realm.intrinsic(heap, prototype), Kind::Closure);
    set_field(heap, realm, Field::AsyncFunctionShape, plain(Intrinsic::AsyncFunctionPrototype));
    set_field(heap, realm, Field::GeneratorShape, with_prototype(heap, plain(Intrinsic::GeneratorFunctionPrototype)));
    set_field(heap, realm, Field::AsyncGeneratorShape, with_prototype(heap, plain(Intrinsic::AsyncGeneratorFunctionPrototype)));
}

fn function_shape(heap: &Heap, realm: Realm, flags: u32) -> Ref<Shape> {
    realm.field_shape(
        heap,
        match (flags & code_flag::ASYNC != 0, flags & code_flag::GENERATOR != 0) {
            (true, true) => Field::AsyncGeneratorShape,
            (true, false) => Field::AsyncFunctionShape,
            (false, true) => Field::GeneratorShape,
            _ if flags & code_flag::CONSTRUCTOR != 0 && flags & code_flag::CLASS == 0 => Field::ConstructorShape,
            _ => Field::FunctionShape,
        },
    )
}

/// InstantiateFunctionObject: a closure of `code` over `environment`.
pub fn new_closure(cx: &Context, code: Code, environment: Value) -> Object {
    let heap = &cx.heap;
    let flags = code.flags(heap);
    let shape = function_shape(heap, code.realm(heap), flags);
    let object_flags = object_flag::CALLABLE | if flags & code_flag::CONSTRUCTOR != 0 { object_flag::CONSTRUCTOR } else { 0 };
    let at = heap.allocate(CLOSURE_BYTES);
    init_closure(heap, at, shape, object_flags, code, environment);
    Object::from_offset(at)
}

/// Makes the new cell at `at`, of [`CLOSURE_BYTES`], a closure.
#[inline(always)]
pub(crate) fn init_closure(heap: &Heap, at: u32, shape: Ref<Shape>, flags: u8, code: Code, environment: Value) {
    let internals = at + 16;
    let slots = internals + 8 * Kind::Closure.internal_slots();
    heap.init_header(at, Kind::Closure, flags, INLINE_SLOTS as u16, shape.offset());
    heap.cage().store_new::<u64>(at + 8, 0);
    heap.cage().store_new(internals + 8 * closure::CODE, code.value());
    heap.cage().store_new(internals + 8 * closure::ENVIRONMENT, environment);
    heap.cage().store_new(internals + 8 * closure::HOME, Value::UNDEFINED);
    heap.cage().store_new(internals + 8 * closure::FIELDS, Value::UNDEFINED);
    heap.cage().store_new(internals + 8 * closure::INSTANCE_SHAPE, Value::UNDEFINED);
    heap.cage().store_new(slots, code.field(heap, CodeField::Length));
    heap.cage().store_new(slots + 8, code.field(heap, CodeField::Name));
    heap.cage().store_new(slots + 16, Value::UNDEFINED);
}

/// A native function object for table entry `index`, with its name and length (or the given ones).
pub fn new_native(cx: &Context, index: u32, given_name: Option<JsString>, prototype: Option<Object>) -> Object {
    let heap = &cx.heap;
    let realm = cx.realm();
    let shape = match prototype {
        None => realm.field_shape(heap, Field::NativeShape),
        Some(prototype) => plain_shape(heap, prototype, Kind::NativeFunction),
    };
    let function = heap.new_object(Kind::NativeFunction, shape, object_flag::CALLABLE);
    function.set_internal(heap, 0, Value::int(index as i32));
    function.set_internal(heap, 1, realm.value());
    let (length, text) = cx.natives().entry(index).map_or((0, ""), |entry| (entry.length, entry.name));
    let name = given_name.unwrap_or_else(|| if text.is_empty() { crate::string::atoms::name::empty } else { heap.intern_text(text) });
    function.set_slot_value(heap, 0, Value::int(i32::from(length)));
    function.set_slot_value(heap, 1, name.value());
    function
}

/// Makes a LAZY property real: the `prototype` of functions.
pub fn materialise_lazy(cx: &mut Context, object: Object, property_key: PropertyKey) {
    let Some(property) = object.shape(&cx.heap).lookup(&cx.heap, property_key) else { return };
    if property.attributes & attribute::LAZY == 0 {
        return;
    }
    let value = match object.kind(&cx.heap) {
        Kind::Closure => make_prototype(cx, object),
        _ => object.slot_value(&cx.heap, property.slot),
    };
    object.set_property_attributes(&cx.heap, property, property.attributes & !attribute::LAZY);
    if let Some(property) = object.shape(&cx.heap).lookup(&cx.heap, property_key) {
        object.set_slot_value(&cx.heap, property.slot, value);
    }
}

/// The object that MakeConstructor or a generator function's creation puts under `prototype`.
fn make_prototype(cx: &mut Context, function: Object) -> Value {
    let code = Code::from_value(function.internal(&cx.heap, closure::CODE));
    let flags = code.flags(&cx.heap);
    let realm = code.realm(&cx.heap);
    let parent = match (flags & code_flag::GENERATOR != 0, flags & code_flag::ASYNC != 0) {
        (true, true) => Intrinsic::AsyncGeneratorPrototype,
        (true, false) => Intrinsic::GeneratorPrototype,
        _ => Intrinsic::ObjectPrototype,
    };
    let prototype = cx.heap.new_object_with_prototype(Kind::Object, Some(realm.intrinsic(&cx.heap, parent)));
    if flags & code_flag::GENERATOR == 0 {
        prototype.add_property(&cx.heap, key::constructor, function.value(), attribute::METHOD);
    }
    prototype.value()
}

/// An own property of this object is another value now: the shape of its instances may have changed, when it is a closure.
#[inline(always)]
pub(crate) fn forget_instance_shape(heap: &Heap, object: Object) {
    if object.is(heap, Kind::Closure) && object.internal(heap, closure::INSTANCE_SHAPE).is_cell() {
        object.set_internal(heap, closure::INSTANCE_SHAPE, Value::UNDEFINED);
    }
}

/// The shape of instances that `new function` makes, when `function` is a closure whose `prototype` is an ordinary data property holding an
/// object. Cached in the closure.
#[inline]
pub(crate) fn instance_shape(cx: &mut Context, function: Object) -> Option<Ref<Shape>> {
    let cached = function.internal(&cx.heap, closure::INSTANCE_SHAPE);
    let property = function.shape(&cx.heap).lookup(&cx.heap, key::prototype)?;
    if property.attributes & (attribute::LAZY | attribute::ACCESSOR) != 0 {
        if property.attributes & attribute::LAZY == 0 {
            return None;
        }
        materialise_lazy(cx, function, key::prototype);
        return instance_shape(cx, function);
    }
    let prototype = function.slot_value(&cx.heap, property.slot).as_object()?;
    let code = Code::from_value(function.internal(&cx.heap, closure::CODE));
    let inline = code.raw(&cx.heap, CodeField::InlineHint);
    if let Some(shape) = cached.as_cell::<Shape>()
        && cx.heap.word(shape.offset()) == prototype.offset()
        && shape.inline_capacity(&cx.heap) == inline
    {
        return Some(shape);
    }
    let shape = cx.heap.root_shape(Some(prototype), Kind::Object, inline);
    if shape.owner(&cx.heap) == 0 {
        shape.set_owner(&cx.heap, code.0.offset());
    }
    function.set_internal(&cx.heap, closure::INSTANCE_SHAPE, Value::cell(shape));
    Some(shape)
}

/// ClassDefinitionEvaluation's making of constructor and prototype. `parent` is the hole without `extends`.
/// https://tc39.es/ecma262/#sec-runtime-semantics-classdefinitionevaluation
pub(crate) fn new_class(cx: &mut Context, code: Code, environment: Value, parent: Value) -> Result<(Object, Object)> {
    let realm = code.realm(&cx.heap);
    let (prototype_parent, constructor_parent) = if parent.is_hole() {
        (Some(realm.intrinsic(&cx.heap, Intrinsic::ObjectPrototype)), realm.intrinsic(&cx.heap, Intrinsic::FunctionPrototype))
    } else if parent.is_null() {
        (None, realm.intrinsic(&cx.heap, Intrinsic::FunctionPrototype))
    } else {
        let constructor = match parent.as_object() {
            Some(object) if object.is_constructor(&cx.heap) => object,
            _ => {
                let shown = crate::realm::error::describe(cx, parent);
                return Err(cx.throw_type_error(&format!("Class extends value {shown} is not a constructor or null")));
            }
        };
        let prototype = cx.get(constructor, key::prototype)?;
        if prototype.is_null() {
            (None, constructor)
        } else if let Some(object) = prototype.as_object() {
            (Some(object), constructor)
        } else {
            let shown = crate::realm::error::describe(cx, prototype);
            return Err(cx.throw_type_error(&format!("Class extends value does not have valid prototype property {shown}")));
        }
    };
    let prototype = cx.heap.new_object_with_prototype(Kind::Object, prototype_parent);
    let heap = &cx.heap;
    let shape = plain_shape(heap, constructor_parent, Kind::Closure).transition(heap, key::prototype, attribute::NONE);
    let function = heap.new_object(Kind::Closure, shape, object_flag::CALLABLE | object_flag::CONSTRUCTOR);
    function.set_internal(heap, closure::CODE, code.value());
    function.set_internal(heap, closure::ENVIRONMENT, environment);
    function.set_internal(heap, closure::HOME, prototype.value());
    function.set_slot_value(heap, 0, code.field(heap, CodeField::Length));
    function.set_slot_value(heap, 1, code.field(heap, CodeField::Name));
    function.set_slot_value(heap, 2, prototype.value());
    prototype.add_property(heap, key::constructor, function.value(), attribute::METHOD);
    Ok((function, prototype))
}

/// SetFunctionName. https://tc39.es/ecma262/#sec-setfunctionname
pub(crate) fn set_function_name(cx: &mut Context, function: Object, property_key: PropertyKey, prefix: &str) -> Result<()> {
    let mut builder = StringBuilder::new();
    if !prefix.is_empty() {
        builder.push_str(prefix);
        builder.push_str(" ");
    }
    if property_key.is_symbol(&cx.heap) {
        let symbol = Ref::<crate::heap::SymbolCell>::from_offset(property_key.bits());
        if let Some(description) = symbol.description(&cx.heap) {
            if symbol.is_private(&cx.heap) {
                builder.push_str("#");
                builder.push_string(&cx.heap, description);
            } else {
                builder.push_str("[");
                builder.push_string(&cx.heap, description);
                builder.push_str("]");
            }
        }
    } else if let Some(text) = property_key.to_value(&cx.heap).as_string() {
        builder.push_string(&cx.heap, text);
    }
    let text = builder.finish(&cx.heap);
    let text = cx.heap.intern(text);
    // A class with a static `name` member keeps that.
    if let Some(property) = function.shape(&cx.heap).lookup(&cx.heap, key::name)
        && property.attributes == attribute::CONFIG
    {
        function.set_slot_value(&cx.heap, property.slot, text.value());
        return Ok(());
    }
    cx.define_own_property(function, key::name, &crate::object::PropertyDescriptor::data(text.value(), attribute::CONFIG))?;
    Ok(())
}

/// Source text of a function, for Function.prototype.toString. https://tc39.es/ecma262/#sec-function.prototype.tostring
pub fn source_text(cx: &Context, function: Object) -> Option<JsString> {
    let heap = &cx.heap;
    match function.kind(heap) {
        Kind::Closure => {
            let code = Code::from_value(function.internal(heap, closure::CODE));
            let from = code.raw(heap, CodeField::SourceStart) as usize;
            let to = code.raw(heap, CodeField::SourceEnd) as usize;
            let read = |bytes: &[u8]| Some(String::from_utf8_lossy(bytes.get(from..to)?).into_owned());
            let text = heap.read_source(code.source(heap), read).flatten()?;
            match restore(text.encode_utf16(), heap.surrogate_block_of(code.source(heap))) {
                Some(units) => Some(heap.new_utf16(&units)),
                None => Some(heap.new_string(&text)),
            }
        }
        _ => {
            let text = function.shape(heap).lookup(heap, key::name).filter(|property| property.attributes & attribute::ACCESSOR == 0);
            let shown = text
                .and_then(|property| function.slot_value(heap, property.slot).as_string())
                .map_or_else(String::new, |text| text.to_text(heap));
            Some(heap.new_string(&format!("function {shown}() {{ [native code] }}")))
        }
    }
}

/// CreateDynamicFunction. https://tc39.es/ecma262/#sec-createdynamicfunction
pub fn create_dynamic(cx: &mut Context, kind: DynamicKind, args: &Args<'_>) -> Result<Value> {
    if !cx.eval_allowed() {
        return Err(cx.throw_error(crate::context::ErrorKind::EvalError, "Code generation from strings disallowed for this worker"));
    }
    use crate::compiler::DynamicFunctionKind as Compiled;
    let (compiled, default) = match kind {
        DynamicKind::Normal => (Compiled::Normal, Intrinsic::FunctionPrototype),
        DynamicKind::Generator => (Compiled::Generator, Intrinsic::GeneratorFunctionPrototype),
        DynamicKind::Async => (Compiled::Async, Intrinsic::AsyncFunctionPrototype),
        DynamicKind::AsyncGenerator => (Compiled::AsyncGenerator, Intrinsic::AsyncGeneratorFunctionPrototype),
    };
    let new_target = if args.new_target.is_undefined() { args.callee } else { args.new_target };
    let mut strings = Vec::with_capacity(args.len());
    for i in 0..args.len() {
        strings.push(cx.to_string(args.at(i))?);
    }
    let SourceTexts { mut texts, block: surrogates } = SourceTexts::new(&cx.heap, &strings);
    let body = texts.pop().unwrap_or_default();
    let parameters = texts.join(",");
    let (block, text) = match crate::compiler::compile_function(&parameters, &body, compiled, &crate::evaluate::compile_options()) {
        Ok(result) => result,
        Err(error) => return Err(crate::evaluate::syntax_error(cx, &error)),
    };
    let realm = cx.realm();
    let source = cx.heap.new_dynamic_source("anonymous", &text, surrogates, &cx.active_referrer());
    let code = super::code::link(cx, &block, realm, source)?;
    let prototype = cx.prototype_from_constructor(new_target, default)?;
    let function = new_closure(cx, code, Value::UNDEFINED);
    if function.shape(&cx.heap).prototype(&cx.heap) != Some(prototype) {
        // The shape's lazy `prototype` property survives the walk to the new prototype.
        function.replace_prototype(&cx.heap, Some(prototype));
    }
    Ok(function.value())
}

impl Context {
    /// GetFunctionRealm. https://tc39.es/ecma262/#sec-getfunctionrealm
    pub fn function_realm(&mut self, function: Object) -> Result<Realm> {
        match function.kind(&self.heap) {
            Kind::Closure => Ok(Code::from_value(function.internal(&self.heap, closure::CODE)).realm(&self.heap)),
            Kind::NativeFunction => Ok(Realm::from_value(function.internal(&self.heap, 1))),
            Kind::BoundFunction => match function.internal(&self.heap, 0).as_object() {
                Some(target) => self.function_realm(target),
                None => Ok(self.realm()),
            },
            Kind::Proxy => match function.internal(&self.heap, 0).as_object() {
                Some(target) if !function.internal(&self.heap, 1).is_null() => self.function_realm(target),
                _ => Err(self.throw_type_error("Cannot perform 'get' on a proxy that has been revoked")),
            },
            _ => Ok(self.realm()),
        }
    }

    /// The template object of a site. https://tc39.es/ecma262/#sec-gettemplateobject
    pub(crate) fn template_object(&mut self, site: Value) -> Result<Object> {
        let record: Ref<Values> = self.record(site);
        if let Some(known) = record.get(&self.heap, 0).as_object() {
            return Ok(known);
        }
        let count = (record.length(&self.heap) - 1) / 2;
        let cooked: Vec<Value> = (0..count).map(|i| record.get(&self.heap, 1 + i)).collect();
        let raw: Vec<Value> = (0..count).map(|i| record.get(&self.heap, 1 + count + i)).collect();
        let raw = self.new_array(&raw);
        self.set_integrity_level(raw, crate::object::IntegrityLevel::Frozen)?;
        let template = self.new_array(&cooked);
        template.add_property(&self.heap, key::raw, raw.value(), attribute::NONE);
        self.set_integrity_level(template, crate::object::IntegrityLevel::Frozen)?;
        record.set(&self.heap, 0, template.value());
        Ok(template)
    }
}

/// Names used by V8 for functions without one in stack traces.
pub(crate) fn display_name(heap: &Heap, function: Object) -> Option<String> {
    let property = function.shape(heap).lookup(heap, key::name)?;
    if property.attributes & (attribute::ACCESSOR | attribute::LAZY) != 0 {
        return None;
    }
    let text = function.slot_value(heap, property.slot).as_string()?;
    if text == name::empty || text.is_empty(heap) { None } else { Some(text.to_text(heap)) }
}
