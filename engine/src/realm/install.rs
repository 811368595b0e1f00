//! Making realms: class tables become objects.

use super::{EMBEDDER_CLASSES, Field, Intrinsic, IntrinsicId, Realm};
use crate::context::Context;
use crate::heap::{Kind, Root, Values, object_flag};
use crate::native::packed::Class;
use crate::native::{ConstantSpec, KeySpec, Member, MemberKind};
use crate::object::{Object, attribute};
use crate::string::{JsString, PropertyKey, atoms::key};
use crate::value::Value;

/// Kind of the prototype objects that are no plain objects.
fn prototype_kind(id: IntrinsicId) -> Kind {
    if id == Intrinsic::ArrayPrototype.id() {
        Kind::Array
    } else if [Intrinsic::StringPrototype.id(), Intrinsic::NumberPrototype.id(), Intrinsic::BooleanPrototype.id()].contains(&id) {
        Kind::PrimitiveWrapper
    } else {
        Kind::Object
    }
}

impl Context {
    /// A new realm with every class of the natives table. https://tc39.es/ecma262/#sec-createrealm
    pub fn create_realm(&mut self) -> Realm {
        let record = self.heap.new_values(Field::Intrinsics as u32 + Intrinsic::Embedder0 as u32 + 2 * EMBEDDER_CLASSES);
        record.set_length(&self.heap, record.capacity(&self.heap));
        let realm = Realm(record);
        let realms = self.heap.root(Root::Realms).as_cell::<Values>().unwrap_or_else(|| self.heap.new_values(2));
        self.heap.set_root(Root::Realms, Value::cell(realms.push(&self.heap, realm.value())));
        let previous = std::mem::replace(&mut self.machine.realm, realm);
        self.build_realm(realm);
        if previous.0.exists() {
            self.machine.realm = previous;
        }
        realm
    }

    fn build_realm(&mut self, realm: Realm) {
        let heap = &self.heap;
        let object_prototype = heap.new_object(Kind::Object, heap.root_shape(None, Kind::Object, 12), 0);
        realm.set_intrinsic(heap, Intrinsic::ObjectPrototype, object_prototype);
        let function_prototype =
            heap.new_object(Kind::NativeFunction, heap.root_shape(Some(object_prototype), Kind::NativeFunction, 8), object_flag::CALLABLE);
        realm.set_intrinsic(heap, Intrinsic::FunctionPrototype, function_prototype);
        let index = self.natives.index_of(crate::builtins::support::function_prototype.into());
        function_prototype.set_internal(heap, 0, Value::int(index as i32));
        function_prototype.set_internal(heap, 1, realm.value());
        function_prototype.add_property(heap, key::length, Value::ZERO, attribute::CONFIG);
        function_prototype.add_property(heap, key::name, crate::string::atoms::EMPTY.value(), attribute::CONFIG);
        super::function::init_shapes(heap, realm);
        let global = heap.new_object(Kind::Object, heap.root_shape(Some(object_prototype), Kind::Object, 8), 0);
        realm.0.set(heap, Field::Global as u32, global.value());
        realm.0.set(heap, Field::GlobalThis as u32, global.value());
        let lexical = heap.new_object(Kind::Object, heap.root_shape(None, Kind::Object, 0), 0);
        realm.0.set(heap, Field::Lexical as u32, lexical.value());
        realm.set_intrinsic(heap, Intrinsic::GlobalFunctions, global);
        realm.0.set(heap, Field::ObjectShape as u32, Value::cell(heap.root_shape(Some(object_prototype), Kind::Object, 4)));
        realm.0.set(heap, Field::NullObjectShape as u32, Value::cell(heap.root_shape(None, Kind::Object, crate::object::USUAL_ROOM)));
        let result = heap.root_shape(Some(object_prototype), Kind::Object, 2).transition(heap, key::value, attribute::ALL).transition(
            heap,
            key::done,
            attribute::ALL,
        );
        realm.0.set(heap, Field::IteratorResultShape as u32, Value::cell(result));
        let classes = self.natives.classes();
        self.create_prototypes(realm, &classes);
        super::function::init_generator_shapes(&self.heap, realm);
        let regexp = crate::builtins::regexp_code::shape(&self.heap, realm.intrinsic(&self.heap, Intrinsic::RegExpPrototype));
        realm.0.set(&self.heap, Field::RegExpShape as u32, Value::cell(regexp));
        let array_prototype = realm.intrinsic(&self.heap, Intrinsic::ArrayPrototype);
        realm.0.set(&self.heap, Field::ArrayShape as u32, Value::cell(self.heap.root_shape(Some(array_prototype), Kind::Array, 0)));
        let mut index = crate::native::FIRST_LISTED;
        for class in &classes {
            self.install_class(realm, class, &mut index);
        }
        self.heap.cage(); // the class tables are in place; what remains refers to them
        global.add_property(&self.heap, key::global_this, global.value(), attribute::METHOD);
        crate::builtins::finish_realm(self, realm);
        self.prepare_arguments(realm);
        let function_prototype = realm.intrinsic(&self.heap, Intrinsic::FunctionPrototype);
        if let Some(property) = function_prototype.shape(&self.heap).lookup(&self.heap, crate::string::atoms::symbol::has_instance) {
            realm.0.set(&self.heap, Field::HasInstance as u32, function_prototype.slot_value(&self.heap, property.slot));
        }
    }

    /// What arguments objects share.
    fn prepare_arguments(&mut self, realm: Realm) {
        let heap = &self.heap;
        let plain = heap
            .root_shape(Some(realm.intrinsic(heap, Intrinsic::ObjectPrototype)), Kind::Arguments, 4)
            .transition(heap, key::length, attribute::METHOD)
            .transition(heap, crate::string::atoms::symbol::iterator, attribute::METHOD);
        let thrower = realm.intrinsic(heap, Intrinsic::ThrowTypeError).value();
        let fields = [
            (Field::ArgumentsShape, Value::cell(plain.transition(heap, key::callee, attribute::METHOD))),
            (Field::StrictArgumentsShape, Value::cell(plain.transition(heap, key::callee, attribute::ACCESSOR))),
            (Field::ThrowerPair, Value::cell(heap.new_values_from(&[thrower, thrower]))),
        ];
        for (field, value) in fields {
            realm.0.set(heap, field as u32, value);
        }
    }

    /// Makes every prototype object, parents before children.
    fn create_prototypes(&mut self, realm: Realm, classes: &[Class]) {
        let mut waiting: Vec<&Class> = classes.iter().filter(|class| class.prototype.is_some()).collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|class| {
                let Some(id) = class.prototype else { return false };
                if realm.try_intrinsic(&self.heap, id).is_some() {
                    return false;
                }
                let parent_id = class.parent_prototype.unwrap_or(Intrinsic::ObjectPrototype.id());
                let Some(parent) = realm.try_intrinsic(&self.heap, parent_id) else { return true };
                let kind = prototype_kind(id);
                let own = class.members.iter().filter(|member| !member.is_static).count() as u32 + 1;
                let prototype = self.heap.new_object(kind, self.heap.root_shape(Some(parent), kind, own.min(64)), 0);
                if kind == Kind::Array {
                    prototype.set_internal(&self.heap, 0, Value::ZERO);
                }
                realm.set_intrinsic(&self.heap, id, prototype);
                false
            });
            debug_assert!(waiting.len() < before, "a class table names a parent that no table makes");
            if waiting.len() == before {
                return;
            }
        }
        let heap = &self.heap;
        realm.intrinsic(heap, Intrinsic::StringPrototype).set_internal(heap, 0, crate::string::atoms::EMPTY.value());
        realm.intrinsic(heap, Intrinsic::StringPrototype).add_flags(heap, object_flag::EXOTIC);
        realm.intrinsic(heap, Intrinsic::NumberPrototype).set_internal(heap, 0, Value::ZERO);
        realm.intrinsic(heap, Intrinsic::BooleanPrototype).set_internal(heap, 0, Value::FALSE);
    }

    fn install_class(&mut self, realm: Realm, class: &Class, index: &mut u32) {
        let prototype = class.prototype.and_then(|id| realm.try_intrinsic(&self.heap, id));
        let holder = if class.constructor.is_some() {
            let parent = class.parent_constructor.and_then(|id| realm.try_intrinsic(&self.heap, id));
            let constructor = super::function::new_native(self, *index, None, parent);
            *index += 1;
            constructor.add_flags(&self.heap, object_flag::CONSTRUCTOR);
            if let Some(prototype) = prototype {
                constructor.add_property(&self.heap, key::prototype, prototype.value(), attribute::NONE);
                prototype.add_property(&self.heap, key::constructor, constructor.value(), attribute::METHOD);
            }
            constructor
        } else {
            match class.intrinsic.and_then(|id| realm.try_intrinsic(&self.heap, id)) {
                Some(existing) => existing,
                None => {
                    let parent = realm.intrinsic(&self.heap, Intrinsic::ObjectPrototype);
                    self.heap.new_object(
                        Kind::Object,
                        self.heap.root_shape(Some(parent), Kind::Object, (class.members.len() as u32).min(64)),
                        0,
                    )
                }
            }
        };
        if let Some(id) = class.intrinsic {
            realm.set_intrinsic(&self.heap, id, holder);
        }
        for member in &class.members {
            let target = if member.is_static { holder } else { prototype.unwrap_or(holder) };
            self.install_member(target, member, index);
        }
        if class.is_global {
            let name = PropertyKey::atom(self.heap.intern_text(class.name));
            self.define_fresh(realm.global(&self.heap), name, holder.value(), attribute::METHOD);
        }
    }

    fn install_member(&mut self, target: Object, member: &Member<&'static str, ()>, index: &mut u32) {
        let (property_key, text) = match member.key {
            KeySpec::Name(text) => (self.heap.text_key(text), text),
            KeySpec::Symbol(symbol, text) => (symbol, text),
        };
        match member.kind {
            MemberKind::Hidden(..) => *index += 1,
            MemberKind::Method(..) => {
                let function = super::function::new_native(self, *index, None, None);
                *index += 1;
                self.define_fresh(target, property_key, function.value(), member.attributes);
            }
            MemberKind::Accessor(get, set) => {
                let mut make = |present: bool, prefix: &str, cx: &mut Context| {
                    if !present {
                        return Value::UNDEFINED;
                    }
                    let name: JsString = cx.heap.intern_text(&format!("{prefix} {text}"));
                    let function = super::function::new_native(cx, *index, Some(name), None);
                    *index += 1;
                    function.value()
                };
                let getter = make(get.is_some(), "get", self);
                let setter = make(set.is_some(), "set", self);
                let pair = self.heap.new_values_from(&[getter, setter]);
                self.define_fresh(target, property_key, Value::cell(pair), member.attributes | attribute::ACCESSOR);
            }
            MemberKind::Alias(of) => {
                let of = self.heap.text_key(of);
                if let Some(property) = target.shape(&self.heap).lookup(&self.heap, of) {
                    let value = target.slot_value(&self.heap, property.slot);
                    self.define_fresh(target, property_key, value, member.attributes);
                }
            }
            MemberKind::Constant(constant) => {
                let value = match constant {
                    ConstantSpec::Number(number) => Value::number(number),
                    ConstantSpec::Text(text) => self.heap.intern_text(text).value(),
                };
                self.define_fresh(target, property_key, value, member.attributes);
            }
        }
    }

    /// Adds a property, or replaces one of the same name (tables may refine each other).
    fn define_fresh(&mut self, target: Object, property_key: PropertyKey, value: Value, attributes: u8) {
        match target.shape(&self.heap).lookup(&self.heap, property_key) {
            Some(property) => {
                target.set_property_attributes(&self.heap, property, attributes);
                if let Some(property) = target.shape(&self.heap).lookup(&self.heap, property_key) {
                    target.set_slot_value(&self.heap, property.slot, value);
                }
            }
            None => target.add_property(&self.heap, property_key, value, attributes),
        }
    }
}
