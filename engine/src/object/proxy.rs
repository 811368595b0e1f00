//! Proxy objects: the essential internal methods with their invariants.
//! https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots
//!
//! Internal slots: 0 target, 1 handler (null when revoked). [[Call]] and [[Construct]] begin here too; the interpreter enters them
//! through [`Context::proxy_call`] and [`Context::proxy_construct`].

use super::{Object, PropertyDescriptor, attribute};
use crate::context::Context;
use crate::heap::{Kind, object_flag};
use crate::native::{Result, Thrown};
use crate::string::{PropertyKey, atoms::key};
use crate::value::Value;

/// A proxy's target, handler and trap, as every internal method needs them first.
struct Trap {
    target: Object,
    handler: Object,
    /// `None` when the handler has no such method.
    function: Option<Object>,
}

impl Trap {
    fn call(&self, cx: &mut Context, function: Object, arguments: &[Value]) -> Result<Value> {
        cx.call(function.value(), self.handler.value(), arguments)
    }
}

/// `null` or an object.
fn object_or_null(object: Option<Object>) -> Value {
    object.map_or(Value::NULL, Object::value)
}

impl Context {
    // 10.5.14 ValidateNonRevokedProxy ( proxy ), https://tc39.es/ecma262/#sec-validatenonrevokedproxy
    pub(crate) fn proxy_parts(&mut self, proxy: Object, operation: &str) -> Result<(Object, Object)> {
        let target = proxy.internal(&self.heap, 0).as_object();
        let handler = proxy.internal(&self.heap, 1).as_object();
        match (target, handler) {
            (Some(target), Some(handler)) => Ok((target, handler)),
            _ => Err(self.throw_type_error(&format!("Cannot perform '{operation}' on a proxy that has been revoked"))),
        }
    }

    fn trap(&mut self, proxy: Object, name: PropertyKey) -> Result<Trap> {
        // A chain of proxies, or of handlers that are proxies, takes native stack for each link.
        self.check_native_stack()?;
        let parts = proxy.internal(&self.heap, 0).as_object().zip(proxy.internal(&self.heap, 1).as_object());
        let (target, handler) = match parts {
            Some(parts) => parts,
            None => {
                let operation = name.to_text(&self.heap);
                self.proxy_parts(proxy, &operation)?
            }
        };
        self.spend_fuel(1)?;
        let function = self.get_method(handler.value(), name)?;
        Ok(Trap { target, handler, function })
    }

    /// OPTIMIZATION: whether an ordinary target has no own property of this name, or a configurable one: then no invariant is to be checked,
    /// and no descriptor made for that.
    fn lacks_fixed_property(&self, target: Object, name: PropertyKey) -> bool {
        target.is(&self.heap, Kind::Object)
            && !target.has_flag(&self.heap, object_flag::EXOTIC)
            && !name.is_index()
            && target.shape(&self.heap).lookup(&self.heap, name).is_none_or(|found| found.attributes & attribute::CONFIGURABLE != 0)
    }

    fn throw_trap_error(&mut self, operation: &str, problem: &str) -> Thrown {
        self.throw_type_error(&format!("'{operation}' on proxy: {problem}"))
    }

    // 10.5.1 [[GetPrototypeOf]] ( ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-getprototypeof
    pub(super) fn proxy_get_prototype_of(&mut self, proxy: Object) -> Result<Option<Object>> {
        let trap = self.trap(proxy, key::get_prototype_of)?;
        let Some(function) = trap.function else { return self.get_prototype_of(trap.target) };
        let result = trap.call(self, function, &[trap.target.value()])?;
        if !result.is_object() && !result.is_null() {
            return Err(self.throw_trap_error("getPrototypeOf", "trap returned neither object nor null"));
        }
        let prototype = result.as_object();
        if self.is_extensible(trap.target)? {
            return Ok(prototype);
        }
        if self.get_prototype_of(trap.target)? != prototype {
            return Err(
                self.throw_trap_error("getPrototypeOf", "proxy target is non-extensible but the trap did not return its actual prototype")
            );
        }
        Ok(prototype)
    }

    // 10.5.2 [[SetPrototypeOf]] ( V ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-setprototypeof-v
    pub(super) fn proxy_set_prototype_of(&mut self, proxy: Object, prototype: Option<Object>) -> Result<bool> {
        let trap = self.trap(proxy, key::set_prototype_of)?;
        let Some(function) = trap.function else { return self.set_prototype_of(trap.target, prototype) };
        let result = trap.call(self, function, &[trap.target.value(), object_or_null(prototype)])?;
        if !self.to_boolean(result) {
            return Ok(false);
        }
        if self.is_extensible(trap.target)? {
            return Ok(true);
        }
        if self.get_prototype_of(trap.target)? != prototype {
            return Err(self.throw_trap_error(
                "setPrototypeOf",
                "trap returned truish for setting a new prototype on the non-extensible proxy target",
            ));
        }
        Ok(true)
    }

    // 10.5.3 [[IsExtensible]] ( ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-isextensible
    pub(super) fn proxy_is_extensible(&mut self, proxy: Object) -> Result<bool> {
        let trap = self.trap(proxy, key::is_extensible)?;
        let Some(function) = trap.function else { return self.is_extensible(trap.target) };
        let result = trap.call(self, function, &[trap.target.value()])?;
        let result = self.to_boolean(result);
        let expected = self.is_extensible(trap.target)?;
        if result != expected {
            return Err(self.throw_trap_error(
                "isExtensible",
                &format!("trap result does not reflect extensibility of proxy target (which is '{expected}')"),
            ));
        }
        Ok(result)
    }

    // 10.5.4 [[PreventExtensions]] ( ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-preventextensions
    pub(super) fn proxy_prevent_extensions(&mut self, proxy: Object) -> Result<bool> {
        let trap = self.trap(proxy, key::prevent_extensions)?;
        let Some(function) = trap.function else { return self.prevent_extensions(trap.target) };
        let result = trap.call(self, function, &[trap.target.value()])?;
        let result = self.to_boolean(result);
        if result && self.is_extensible(trap.target)? {
            return Err(self.throw_trap_error("preventExtensions", "the proxy target is extensible"));
        }
        Ok(result)
    }

    // 10.5.5 [[GetOwnProperty]] ( P ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-getownproperty-p
    pub(super) fn proxy_get_own_property(&mut self, proxy: Object, name: PropertyKey) -> Result<Option<PropertyDescriptor>> {
        let trap = self.trap(proxy, key::get_own_property_descriptor)?;
        let Some(function) = trap.function else { return self.get_own_property(trap.target, name) };
        let name_value = name.to_value(&self.heap);
        let result = trap.call(self, function, &[trap.target.value(), name_value])?;
        let fail = |cx: &mut Context, problem: &str| {
            let text = name.to_text(&cx.heap);
            cx.throw_trap_error("getOwnPropertyDescriptor", &format!("trap {problem} for property '{text}'"))
        };
        if !result.is_object() && !result.is_undefined() {
            return Err(fail(self, "returned neither object nor undefined"));
        }
        let target_descriptor = self.get_own_property(trap.target, name)?;
        if result.is_undefined() {
            let Some(target_descriptor) = target_descriptor else { return Ok(None) };
            if target_descriptor.configurable == Some(false) {
                return Err(fail(self, "returned undefined, though it is non-configurable in the proxy target,"));
            }
            if !self.is_extensible(trap.target)? {
                return Err(fail(self, "returned undefined, though it exists in the non-extensible proxy target,"));
            }
            return Ok(None);
        }
        let extensible = self.is_extensible(trap.target)?;
        let descriptor = self.to_property_descriptor(result)?.completed();
        if !self.is_compatible_descriptor(extensible, &descriptor, target_descriptor.as_ref()) {
            return Err(fail(self, "returned descriptor that is incompatible with the existing property in the proxy target"));
        }
        if descriptor.configurable == Some(false) {
            let Some(target_descriptor) = target_descriptor.filter(|target| target.configurable == Some(false)) else {
                return Err(fail(self, "reported non-configurability, though it is configurable or absent in the proxy target,"));
            };
            if descriptor.writable == Some(false) && target_descriptor.writable == Some(true) {
                return Err(fail(self, "reported non-configurable and writable"));
            }
        }
        Ok(Some(descriptor))
    }

    // 10.5.6 [[DefineOwnProperty]] ( P, Desc ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-defineownproperty-p-desc
    pub(super) fn proxy_define(&mut self, proxy: Object, name: PropertyKey, descriptor: &PropertyDescriptor) -> Result<bool> {
        let trap = self.trap(proxy, key::define_property)?;
        let Some(function) = trap.function else { return self.define_own_property(trap.target, name, descriptor) };
        let descriptor_object = self.from_property_descriptor(Some(descriptor));
        let name_value = name.to_value(&self.heap);
        let result = trap.call(self, function, &[trap.target.value(), name_value, descriptor_object])?;
        if !self.to_boolean(result) {
            return Ok(false);
        }
        let target_descriptor = self.get_own_property(trap.target, name)?;
        let extensible = self.is_extensible(trap.target)?;
        let setting_non_configurable = descriptor.configurable == Some(false);
        let problem = match &target_descriptor {
            None if !extensible => Some("adding property to the non-extensible proxy target"),
            None if setting_non_configurable => {
                Some("defining non-configurable property which is either non-existent or configurable in the proxy target")
            }
            None => None,
            Some(target) if !self.is_compatible_descriptor(extensible, descriptor, Some(target)) => {
                Some("adding property that is incompatible with the existing property in the proxy target")
            }
            Some(target) if setting_non_configurable && target.configurable == Some(true) => {
                Some("defining non-configurable property which is either non-existent or configurable in the proxy target")
            }
            Some(target)
                if target.is_data()
                    && target.configurable == Some(false)
                    && target.writable == Some(true)
                    && descriptor.writable == Some(false) =>
            {
                Some("defining non-configurable property which cannot be non-writable")
            }
            Some(_) => None,
        };
        match problem {
            Some(problem) => {
                let text = name.to_text(&self.heap);
                Err(self.throw_trap_error("defineProperty", &format!("trap returned truish for {problem} ('{text}')")))
            }
            None => Ok(true),
        }
    }

    // 10.5.7 [[HasProperty]] ( P ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-hasproperty-p
    pub(super) fn proxy_has(&mut self, proxy: Object, name: PropertyKey) -> Result<bool> {
        let trap = self.trap(proxy, key::has)?;
        let Some(function) = trap.function else { return self.has_property(trap.target, name) };
        let name_value = name.to_value(&self.heap);
        let result = trap.call(self, function, &[trap.target.value(), name_value])?;
        if self.to_boolean(result) {
            return Ok(true);
        }
        if let Some(target_descriptor) = self.get_own_property(trap.target, name)? {
            let text = name.to_text(&self.heap);
            if target_descriptor.configurable == Some(false) {
                let problem = format!("trap returned falsish for property '{text}' which exists in the proxy target as non-configurable");
                return Err(self.throw_trap_error("has", &problem));
            }
            if !self.is_extensible(trap.target)? {
                let problem = format!("trap returned falsish for property '{text}' but the proxy target is not extensible");
                return Err(self.throw_trap_error("has", &problem));
            }
        }
        Ok(false)
    }

    // 10.5.8 [[Get]] ( P, Receiver ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-get-p-receiver
    pub(super) fn proxy_get(&mut self, proxy: Object, name: PropertyKey, receiver: Value) -> Result<Value> {
        let trap = self.trap(proxy, key::get)?;
        let Some(function) = trap.function else { return self.get_with_receiver(trap.target, name, receiver) };
        let name_value = name.to_value(&self.heap);
        let value = trap.call(self, function, &[trap.target.value(), name_value, receiver])?;
        if self.lacks_fixed_property(trap.target, name) {
            return Ok(value);
        }
        let Some(target) = self.get_own_property(trap.target, name)? else { return Ok(value) };
        if target.configurable != Some(false) {
            return Ok(value);
        }
        if target.is_data() && target.writable == Some(false) && !self.same_value(value, target.value.unwrap_or(Value::UNDEFINED)) {
            let text = name.to_text(&self.heap);
            let problem = format!(
                "property '{text}' is a read-only and non-configurable data property on the proxy target but the proxy did not return its actual value"
            );
            return Err(self.throw_trap_error("get", &problem));
        }
        if target.is_accessor() && target.get.is_none_or(Value::is_undefined) && !value.is_undefined() {
            let text = name.to_text(&self.heap);
            let problem = format!(
                "property '{text}' is a non-configurable accessor property on the proxy target and does not have a getter function, but the trap did not return 'undefined'"
            );
            return Err(self.throw_trap_error("get", &problem));
        }
        Ok(value)
    }

    // 10.5.9 [[Set]] ( P, V, Receiver ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-set-p-v-receiver
    pub(super) fn proxy_set(&mut self, proxy: Object, name: PropertyKey, value: Value, receiver: Value) -> Result<bool> {
        let trap = self.trap(proxy, key::set)?;
        let Some(function) = trap.function else { return self.set_with_receiver(trap.target, name, value, receiver) };
        let name_value = name.to_value(&self.heap);
        let result = trap.call(self, function, &[trap.target.value(), name_value, value, receiver])?;
        if !self.to_boolean(result) {
            return Ok(false);
        }
        if self.lacks_fixed_property(trap.target, name) {
            return Ok(true);
        }
        let Some(target) = self.get_own_property(trap.target, name)? else { return Ok(true) };
        if target.configurable != Some(false) {
            return Ok(true);
        }
        let text = name.to_text(&self.heap);
        if target.is_data() && target.writable == Some(false) && !self.same_value(value, target.value.unwrap_or(Value::UNDEFINED)) {
            let problem = format!(
                "trap returned truish for property '{text}' which exists in the proxy target as a non-configurable and non-writable data property with a different value"
            );
            return Err(self.throw_trap_error("set", &problem));
        }
        if target.is_accessor() && target.set.is_none_or(Value::is_undefined) {
            let problem = format!(
                "trap returned truish for property '{text}' which exists in the proxy target as a non-configurable and non-writable accessor property without a setter"
            );
            return Err(self.throw_trap_error("set", &problem));
        }
        Ok(true)
    }

    // 10.5.10 [[Delete]] ( P ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-delete-p
    pub(super) fn proxy_delete(&mut self, proxy: Object, name: PropertyKey) -> Result<bool> {
        let trap = self.trap(proxy, key::delete_property)?;
        let Some(function) = trap.function else { return self.delete(trap.target, name) };
        let name_value = name.to_value(&self.heap);
        let result = trap.call(self, function, &[trap.target.value(), name_value])?;
        if !self.to_boolean(result) {
            return Ok(false);
        }
        let Some(target_descriptor) = self.get_own_property(trap.target, name)? else { return Ok(true) };
        let text = name.to_text(&self.heap);
        if target_descriptor.configurable == Some(false) {
            let problem = format!("trap returned truish for property '{text}' which is non-configurable in the proxy target");
            return Err(self.throw_trap_error("deleteProperty", &problem));
        }
        if !self.is_extensible(trap.target)? {
            let problem = format!("trap returned truish for property '{text}' but the proxy target is non-extensible");
            return Err(self.throw_trap_error("deleteProperty", &problem));
        }
        Ok(true)
    }

    // 10.5.11 [[OwnPropertyKeys]] ( ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-ownpropertykeys
    pub(super) fn proxy_own_keys(&mut self, proxy: Object) -> Result<Vec<PropertyKey>> {
        let trap = self.trap(proxy, key::own_keys)?;
        let Some(function) = trap.function else { return self.own_keys(trap.target) };
        let result = trap.call(self, function, &[trap.target.value()])?;
        // CreateListFromArrayLike ( trapResultArray, property-key )
        let Some(list) = result.as_object() else {
            return Err(self.throw_type_error("CreateListFromArrayLike called on non-object"));
        };
        let length = self.length_of_array_like(list)?;
        let mut keys: Vec<PropertyKey> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for i in 0..length {
            self.spend_fuel(1)?;
            let value = self.get(list, self.heap.number_key(i))?;
            if !value.is_string() && !value.is_symbol() {
                let shown = self.display(value);
                return Err(self.throw_type_error(&format!("{shown} is not a valid property name")));
            }
            let name = self.to_property_key(value)?;
            if !seen.insert(name) {
                let text = name.to_text(&self.heap);
                return Err(self.throw_trap_error("ownKeys", &format!("trap returned duplicate entries ('{text}')")));
            }
            keys.push(name);
        }
        let extensible = self.is_extensible(trap.target)?;
        let target_keys = self.own_keys(trap.target)?;
        let mut configurable = Vec::new();
        let mut non_configurable = Vec::new();
        for name in target_keys {
            match self.get_own_property(trap.target, name)? {
                Some(descriptor) if descriptor.configurable == Some(false) => non_configurable.push(name),
                _ => configurable.push(name),
            }
        }
        if extensible && non_configurable.is_empty() {
            return Ok(keys);
        }
        for name in non_configurable {
            if !seen.remove(&name) {
                let text = name.to_text(&self.heap);
                return Err(self.throw_trap_error("ownKeys", &format!("trap result did not include '{text}'")));
            }
        }
        if extensible {
            return Ok(keys);
        }
        for name in configurable {
            if !seen.remove(&name) {
                let text = name.to_text(&self.heap);
                return Err(self.throw_trap_error("ownKeys", &format!("trap result did not include '{text}'")));
            }
        }
        if !seen.is_empty() {
            return Err(self.throw_trap_error("ownKeys", "trap returned extra keys but proxy target is non-extensible"));
        }
        Ok(keys)
    }

    // 10.5.12 [[Call]] ( thisArgument, argumentsList ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-call-thisargument-argumentslist
    /// [[Call]] of a callable proxy.
    pub(crate) fn proxy_call(&mut self, proxy: Object, this: Value, arguments: &[Value]) -> Result<Value> {
        let trap = self.trap(proxy, key::apply)?;
        let Some(function) = trap.function else { return self.call(trap.target.value(), this, arguments) };
        let list = self.new_array(arguments);
        trap.call(self, function, &[trap.target.value(), this, list.value()])
    }

    // 10.5.13 [[Construct]] ( argumentsList, newTarget ), https://tc39.es/ecma262/#sec-proxy-object-internal-methods-and-internal-slots-construct-argumentslist-newtarget
    /// [[Construct]] of a proxy for a constructor.
    pub(crate) fn proxy_construct(&mut self, proxy: Object, arguments: &[Value], new_target: Object) -> Result<Object> {
        let trap = self.trap(proxy, key::construct)?;
        let Some(function) = trap.function else { return self.construct(trap.target, arguments, new_target) };
        let list = self.new_array(arguments);
        let result = trap.call(self, function, &[trap.target.value(), list.value(), new_target.value()])?;
        match result.as_object() {
            Some(object) => Ok(object),
            None => {
                let shown = self.display(result);
                Err(self.throw_type_error(&format!("proxy [[Construct]] must return an object, got {shown}")))
            }
        }
    }

    // 10.5.15 ProxyCreate ( target, handler ), https://tc39.es/ecma262/#sec-proxycreate
    /// A new proxy.
    pub fn proxy_create(&mut self, target: Value, handler: Value) -> Result<Object> {
        let (Some(target), Some(handler)) = (target.as_object(), handler.as_object()) else {
            return Err(self.throw_type_error("Cannot create proxy with a non-object as target or handler"));
        };
        let proxy = self.heap.new_object_with_prototype(Kind::Proxy, None);
        proxy.set_internal(&self.heap, 0, target.value());
        proxy.set_internal(&self.heap, 1, handler.value());
        use crate::heap::object_flag::{CALLABLE, CONSTRUCTOR};
        proxy.add_flags(&self.heap, target.flags(&self.heap) & (CALLABLE | CONSTRUCTOR));
        Ok(proxy)
    }
}
