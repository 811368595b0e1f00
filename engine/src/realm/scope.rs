//! Environments as dynamic code sees them: names found at run time, object environments, import cells.
//!
//! An Environment's `scope` is a scope record (see `code::scope_bits`), or null for environments that only hold slots. One special form
//! has a marker record: *object environments* (`with`; slot 0 is the object). An environment with `VAR_SCOPE` has one slot more than its scope names: it
//! holds a null-prototype object with the variables that sloppy direct eval added, once there are any.

use super::code::scope_bits;
use crate::context::Context;
use crate::heap::{Environment, Heap, Ref, Values};
use crate::native::Result;
use crate::object::{Object, attribute};
use crate::string::{JsString, PropertyKey, atoms::symbol};
use crate::value::Value;

/// Kind numbers of marker scopes, beyond those of `ScopeKind`.
const WITH_SCOPE: i32 = 64;

/// Where a name was found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Binding {
    /// Slot of an environment, with its attribute bits.
    Slot(Ref<Environment>, u32, i32),
    /// Property of a with-object or of an eval variable object.
    Property(Object, bool),
    /// Global lexical binding.
    Lexical(Object),
    /// Property of the global object.
    Global(Object),
    /// Nowhere.
    Unresolvable,
}

/// Kind and flags of an environment; 0 for plain slots.
fn head(heap: &Heap, environment: Ref<Environment>) -> i32 {
    let scope = environment.scope(heap);
    if scope.is_null() { 0 } else { scope.get(heap, 0).as_int().unwrap_or(0) }
}

pub(crate) fn slot_of(heap: &Heap, environment: Ref<Environment>, name: JsString) -> Option<(u32, i32)> {
    let scope = environment.scope(heap);
    if scope.is_null() {
        return None;
    }
    let count = (scope.length(heap).saturating_sub(1)) / 2;
    (0..count).rev().find(|&i| scope.get(heap, 1 + i) == name.value()).map(|i| (i, scope.get(heap, 1 + count + i).as_int().unwrap_or(0)))
}

impl Context {
    /// A new object environment for `with`.
    pub(crate) fn new_with_environment(&mut self, parent: Ref<Environment>, object: Object) -> Ref<Environment> {
        let scope = self.heap.new_values_from(&[Value::int(WITH_SCOPE)]);
        self.heap.new_environment(parent, scope, 1, object.value())
    }

    /// ResolveBinding. https://tc39.es/ecma262/#sec-resolvebinding
    pub(crate) fn resolve_name(&mut self, from: Ref<Environment>, key: PropertyKey) -> Result<Binding> {
        let name = match key.as_atom(&self.heap) {
            Some(atom) => atom,
            None => return Ok(Binding::Unresolvable),
        };
        let mut environment = from;
        while environment.exists() {
            let kind = head(&self.heap, environment);
            if kind == WITH_SCOPE {
                let object = Object::from_offset(environment.get(&self.heap, 0).offset());
                // 9.1.1.2.1 HasBinding ( N ), https://tc39.es/ecma262/#sec-object-environment-records-hasbinding-n
                if self.has_property(object, key)? {
                    let unscopables = self.get(object, symbol::unscopables)?;
                    let blocked = match unscopables.as_object() {
                        Some(list) => {
                            let value = self.get(list, key)?;
                            self.to_boolean(value)
                        }
                        None => false,
                    };
                    if !blocked {
                        return Ok(Binding::Property(object, true));
                    }
                }
            } else if let Some((slot, bits)) = slot_of(&self.heap, environment, name) {
                return Ok(Binding::Slot(environment, slot, bits));
            } else if kind & scope_bits::VAR_SCOPE != 0
                && let Some(object) = environment.get(&self.heap, environment.count(&self.heap) - 1).as_object()
                && object.shape(&self.heap).lookup(&self.heap, key).is_some()
            {
                return Ok(Binding::Property(object, false));
            }
            environment = environment.parent(&self.heap);
        }
        let lexical = self.realm().lexical(&self.heap);
        if lexical.shape(&self.heap).lookup(&self.heap, key).is_some() {
            return Ok(Binding::Lexical(lexical));
        }
        let global = self.global();
        if self.has_property(global, key)? {
            return Ok(Binding::Global(global));
        }
        Ok(Binding::Unresolvable)
    }

    fn name_error(&mut self, key: PropertyKey) -> crate::native::Thrown {
        let name = key.to_text(&self.heap);
        self.throw_reference_error(&format!("{name} is not defined"))
    }

    /// ReferenceError for a binding that is not yet initialised.
    pub(crate) fn uninitialised_error(&mut self, name: &str) -> crate::native::Thrown {
        self.throw_reference_error(&format!("Cannot access '{name}' before initialization"))
    }

    /// Value of a found binding.
    pub(crate) fn binding_value(&mut self, binding: Binding, key: PropertyKey, for_typeof: bool) -> Result<Value> {
        let value = match binding {
            Binding::Slot(environment, slot, bits) => {
                let value = environment.get(&self.heap, slot);
                if bits & scope_bits::IMPORT != 0 { self.read_import(value)? } else { value }
            }
            Binding::Property(object, is_with) => {
                if is_with && !self.has_property(object, key)? {
                    // 9.1.1.2.6 GetBindingValue: a property deleted meanwhile is an error in strict code only.
                    let code = crate::interpreter::frame_code(&self.heap, self.machine.regs);
                    let is_strict = code.has(&self.heap, crate::realm::code::code_flag::STRICT);
                    return if for_typeof || !is_strict { Ok(Value::UNDEFINED) } else { Err(self.name_error(key)) };
                }
                self.get(object, key)?
            }
            Binding::Lexical(object) => match object.shape(&self.heap).lookup(&self.heap, key) {
                Some(property) => object.slot_value(&self.heap, property.slot),
                None => Value::UNDEFINED,
            },
            Binding::Global(object) => self.get(object, key)?,
            Binding::Unresolvable => return if for_typeof { Ok(Value::UNDEFINED) } else { Err(self.name_error(key)) },
        };
        if value.is_hole() {
            let name = key.to_text(&self.heap);
            return Err(self.uninitialised_error(&name));
        }
        Ok(value)
    }

    /// Assigns to a found binding.
    pub(crate) fn set_binding(&mut self, binding: Binding, key: PropertyKey, value: Value, strict: bool) -> Result<()> {
        match binding {
            Binding::Slot(environment, slot, bits) => {
                if environment.get(&self.heap, slot).is_hole() {
                    let name = key.to_text(&self.heap);
                    return Err(self.uninitialised_error(&name));
                }
                if bits & scope_bits::SILENT_CONST != 0 {
                    return if strict { Err(self.throw_type_error("Assignment to constant variable.")) } else { Ok(()) };
                }
                if bits & (scope_bits::CONST | scope_bits::IMPORT) != 0 {
                    return Err(self.throw_type_error("Assignment to constant variable."));
                }
                environment.set(&self.heap, slot, value);
                Ok(())
            }
            Binding::Property(object, is_with) => {
                // 9.1.1.2.5 SetMutableBinding ( N, V, S ), https://tc39.es/ecma262/#sec-object-environment-records-setmutablebinding-n-v-s
                if is_with && !self.has_property(object, key)? && strict {
                    return Err(self.name_error(key));
                }
                self.set(object, key, value, strict)
            }
            Binding::Lexical(object) => self.set_global_lexical(object, key, value),
            Binding::Global(object) => {
                if strict && !self.has_property(object, key)? {
                    return Err(self.name_error(key));
                }
                self.set(object, key, value, strict)
            }
            Binding::Unresolvable => {
                if strict {
                    return Err(self.name_error(key));
                }
                let global = self.global();
                self.set(global, key, value, false)
            }
        }
    }

    /// Assigns to a global let or const.
    pub(crate) fn set_global_lexical(&mut self, object: Object, key: PropertyKey, value: Value) -> Result<()> {
        let Some(property) = object.shape(&self.heap).lookup(&self.heap, key) else { return Err(self.name_error(key)) };
        if object.slot_value(&self.heap, property.slot).is_hole() {
            let name = key.to_text(&self.heap);
            return Err(self.uninitialised_error(&name));
        }
        if property.attributes & attribute::WRITABLE == 0 {
            return Err(self.throw_type_error("Assignment to constant variable."));
        }
        object.set_slot_value(&self.heap, property.slot, value);
        Ok(())
    }

    /// The value that an import cell refers to.
    pub(crate) fn read_import(&mut self, cell: Value) -> Result<Value> {
        match cell.as_cell::<Values>() {
            Some(record) => self.read_binding(record),
            None => Ok(cell),
        }
    }

    /// Reads a (environment, slot, name) binding record of a module; ReferenceError when uninitialised.
    pub fn read_binding(&mut self, record: Ref<Values>) -> Result<Value> {
        let environment = record.get(&self.heap, 0);
        let slot = record.get(&self.heap, 1).as_int().unwrap_or(0) as u32;
        let Some(environment) = environment.as_cell::<Environment>() else { return Ok(environment) };
        let value = environment.get(&self.heap, slot);
        if value.is_hole() {
            let name = record.get(&self.heap, 2).as_string().map_or_else(String::new, |name| name.to_text(&self.heap));
            return Err(self.uninitialised_error(&name));
        }
        Ok(value)
    }

    /// Deletes a name. https://tc39.es/ecma262/#sec-delete-operator
    pub(crate) fn delete_name(&mut self, from: Ref<Environment>, key: PropertyKey) -> Result<bool> {
        match self.resolve_name(from, key)? {
            Binding::Slot(..) | Binding::Lexical(_) => Ok(false),
            Binding::Property(object, _) | Binding::Global(object) => self.delete(object, key),
            Binding::Unresolvable => Ok(true),
        }
    }

    /// Reference base as a register value: environment, object, or undefined.
    pub(crate) fn binding_base(&self, binding: Binding) -> Value {
        match binding {
            Binding::Slot(environment, ..) => Value::cell(environment),
            Binding::Property(object, _) | Binding::Lexical(object) | Binding::Global(object) => object.value(),
            Binding::Unresolvable => Value::UNDEFINED,
        }
    }

    /// The binding that a reference base stands for.
    pub(crate) fn binding_at(&mut self, base: Value, key: PropertyKey) -> Binding {
        if let Some(environment) = base.as_cell::<Environment>() {
            let slot = key.as_atom(&self.heap).and_then(|name| slot_of(&self.heap, environment, name));
            return slot.map_or(Binding::Unresolvable, |(slot, bits)| Binding::Slot(environment, slot, bits));
        }
        match base.as_object() {
            Some(object) if object == self.realm().lexical(&self.heap) => Binding::Lexical(object),
            Some(object) if object == self.global() => Binding::Global(object),
            Some(object) => {
                // Objects of eval's variables are plain and have no prototype; all others are those of `with`.
                let is_with = object.shape(&self.heap).prototype(&self.heap).is_some() || !object.is(&self.heap, crate::heap::Kind::Object);
                Binding::Property(object, is_with)
            }
            None => Binding::Unresolvable,
        }
    }

    /// The innermost environment that takes sloppy eval's variables, seen from `from`; `None` for the global scope. With the check that
    /// no lexical binding of these names lies between.
    pub(crate) fn eval_variable_object(
        &mut self,
        from: Ref<Environment>,
        names: &[JsString],
    ) -> Result<Option<(Ref<Environment>, Object)>> {
        let mut environment = from;
        while environment.exists() {
            let kind = head(&self.heap, environment);
            // The variable scope also holds the function's lexical names, which the specification keeps in a scope inside it.
            if kind != WITH_SCOPE {
                for &name in names {
                    if let Some((_, bits)) = slot_of(&self.heap, environment, name)
                        && bits & scope_bits::LEXICAL != 0
                        && bits & scope_bits::SIMPLE_CATCH == 0
                    {
                        let name = name.to_text(&self.heap);
                        return Err(self.throw_syntax_error(&format!("Identifier '{name}' has already been declared")));
                    }
                }
            }
            if kind != WITH_SCOPE && kind & scope_bits::VAR_SCOPE != 0 {
                let slot = environment.count(&self.heap) - 1;
                if let Some(object) = environment.get(&self.heap, slot).as_object() {
                    return Ok(Some((environment, object)));
                }
                let object = self.heap.new_object_with_prototype(crate::heap::Kind::Object, None);
                environment.set(&self.heap, slot, object.value());
                return Ok(Some((environment, object)));
            }
            environment = environment.parent(&self.heap);
        }
        Ok(None)
    }
}
