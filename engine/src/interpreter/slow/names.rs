//! Names resolved at run time: globals, dynamic scopes, errors of uninitialised bindings.

use super::super::calls::Flow;
use super::super::{frame_code, set_register};
use super::{a, b, constant_text, set_a, settle};
use crate::bytecode::Word;
use crate::context::{Context, ErrorKind};
use crate::heap::{Environment, Ref, Values};
use crate::native::Result;
use crate::object::{Object, PropertyDescriptor, attribute};
use crate::realm::scope::Binding;
use crate::string::{JsString, PropertyKey};
use crate::value::Value;

/// V8's words for `this` in a derived constructor before super().
pub(in crate::interpreter) const THIS_BEFORE_SUPER: &str =
    "Must call super constructor in derived class before accessing 'this' or returning from derived constructor";

fn key(cx: &Context, word: Word, regs: u32) -> PropertyKey {
    frame_code(&cx.heap, regs).key(&cx.heap, u32::from(word.c))
}

fn cache(cx: &Context, word: Word) -> u32 {
    cx.machine.feedback + 16 * u32::from(word.c)
}

fn environment(cx: &Context, word: Word, regs: u32) -> Ref<Environment> {
    b(cx, word, regs).as_cell().unwrap_or(Ref::NULL)
}

/// A checked slot holds the hole.
#[cold]
pub(in crate::interpreter) fn slot_is_hole(cx: &mut Context, _: Word, regs: u32) -> Result<()> {
    let code = frame_code(&cx.heap, regs);
    let pc = (cx.machine.pc - code.words(&cx.heap)) / 8;
    let name = code.slot_name(&cx.heap, pc).map_or_else(|| "binding".to_string(), |name| name.to_text(&cx.heap));
    if name == "this" {
        return Err(cx.throw_reference_error(THIS_BEFORE_SUPER));
    }
    Err(cx.uninitialised_error(&name))
}

/// `ThrowIfHole` when it is.
#[cold]
pub(in crate::interpreter) fn throw_hole(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    if word.x & 1 != 0 {
        return Err(cx.throw_reference_error(THIS_BEFORE_SUPER));
    }
    let name = constant_text(cx, word, regs);
    Err(cx.uninitialised_error(&name))
}

/// `ThrowError`
pub(in crate::interpreter) fn throw_error(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let kind = match word.a {
        1 => ErrorKind::ReferenceError,
        2 => ErrorKind::SyntaxError,
        3 => ErrorKind::RangeError,
        _ => ErrorKind::TypeError,
    };
    let message = constant_text(cx, word, regs);
    Err(cx.throw_error(kind, &message))
}

/// `ThrowConstAssign`
pub(in crate::interpreter) fn throw_const_assign(cx: &mut Context, _: Word, _: u32) -> Result<()> {
    Err(cx.throw_type_error("Assignment to constant variable."))
}

/// `GetImport`
pub(in crate::interpreter) fn get_import(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let mut scope = environment(cx, word, regs);
    for _ in 0..word.x {
        scope = scope.parent(&cx.heap);
    }
    let cell = scope.get(&cx.heap, u32::from(word.c));
    let value = cx.read_import(cell)?;
    set_a(cx, word, regs, value);
    Ok(())
}

/// Remembers where a global lives: shape, epoch, address of the slot, object.
fn cache_global(cx: &Context, word: Word, object: Object, property: crate::object::Property) {
    let shape = object.shape(&cx.heap);
    if shape.is_dictionary(&cx.heap) {
        return;
    }
    let at = cache(cx, word);
    cx.heap.store(at, shape.offset());
    cx.heap.store(at + 4, cx.heap.shape_epoch());
    cx.heap.store(at + 8, object.slot_address(&cx.heap, property.slot));
    cx.heap.store(at + 12, object.offset());
}

/// `GetGlobal`
pub(in crate::interpreter) fn get_global(cx: &mut Context, word: Word, regs: u32) -> Result<Flow> {
    cx.machine.misses += 1;
    let key = key(cx, word, regs);
    let lexical = cx.realm().lexical(&cx.heap);
    let global = cx.global();
    for object in [lexical, global] {
        let shape = object.shape(&cx.heap);
        if let Some(property) = shape.lookup(&cx.heap, key) {
            if property.attributes & (attribute::ACCESSOR | attribute::LAZY) != 0 {
                break;
            }
            let value = object.slot_value(&cx.heap, property.slot);
            if value.is_hole() {
                let name = key.to_text(&cx.heap);
                return Err(cx.uninitialised_error(&name));
            }
            cache_global(cx, word, object, property);
            set_a(cx, word, regs, value);
            return Ok(Flow::Next);
        }
    }
    settle(cx, regs);
    let binding = cx.resolve_name(Ref::NULL, key)?;
    let value = cx.binding_value(binding, key, word.x & 1 != 0)?;
    set_a(cx, word, regs, value);
    Ok(Flow::Next)
}

/// `SetGlobal`
pub(in crate::interpreter) fn set_global(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    cx.machine.misses += 1;
    settle(cx, regs);
    let key = key(cx, word, regs);
    let value = a(cx, word, regs);
    for object in [cx.realm().lexical(&cx.heap), cx.global()] {
        if let Some(property) = object.shape(&cx.heap).lookup(&cx.heap, key) {
            let is_plain = property.attributes & (attribute::WRITABLE | attribute::ACCESSOR | attribute::LAZY) == attribute::WRITABLE;
            let is_hole = object.slot_value(&cx.heap, property.slot).is_hole();
            if !is_plain || is_hole || object.has_flag(&cx.heap, crate::heap::object_flag::EXOTIC) {
                break;
            }
            // OPTIMIZATION: nothing but the value of the property that was found changes, so it is not looked up again.
            cache_global(cx, word, object, property);
            object.set_slot_value(&cx.heap, property.slot, value);
            return Ok(());
        }
    }
    let binding = cx.resolve_name(Ref::NULL, key)?;
    cx.set_binding(binding, key, value, word.x & 1 != 0)
}

/// Resolves the instruction's name; with bit 1 of x it is a pseudo binding or private name, which only environments hold.
fn resolve(cx: &mut Context, word: Word, regs: u32, key: PropertyKey) -> Result<Binding> {
    if word.x & 2 == 0 {
        return cx.resolve_name(environment(cx, word, regs), key);
    }
    let Some(name) = key.as_atom(&cx.heap) else { return Ok(Binding::Unresolvable) };
    let mut scope = environment(cx, word, regs);
    while scope.exists() {
        if let Some((slot, bits)) = crate::realm::scope::slot_of(&cx.heap, scope, name) {
            return Ok(Binding::Slot(scope, slot, bits));
        }
        scope = scope.parent(&cx.heap);
    }
    Ok(Binding::Unresolvable)
}

/// `GetName`
pub(in crate::interpreter) fn get_name(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let key = key(cx, word, regs);
    let binding = resolve(cx, word, regs, key)?;
    let value = cx.binding_value(binding, key, word.x & 1 != 0)?;
    set_a(cx, word, regs, value);
    Ok(())
}

/// `GetNameForCall`
pub(in crate::interpreter) fn get_name_for_call(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let key = key(cx, word, regs);
    let binding = cx.resolve_name(environment(cx, word, regs), key)?;
    let value = cx.binding_value(binding, key, false)?;
    let this = match binding {
        Binding::Property(object, true) => object.value(),
        _ => Value::UNDEFINED,
    };
    set_a(cx, word, regs, value);
    set_register(&cx.heap, regs, u32::from(word.a) + 2, this);
    Ok(())
}

/// `ResolveName`
pub(in crate::interpreter) fn resolve_name(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let key = key(cx, word, regs);
    let binding = resolve(cx, word, regs, key)?;
    let base = cx.binding_base(binding);
    set_a(cx, word, regs, base);
    Ok(())
}

/// `GetResolved`
pub(in crate::interpreter) fn get_resolved(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let key = key(cx, word, regs);
    let base = b(cx, word, regs);
    let binding = cx.binding_at(base, key);
    let value = cx.binding_value(binding, key, false)?;
    set_a(cx, word, regs, value);
    Ok(())
}

/// `SetResolved`
pub(in crate::interpreter) fn set_resolved(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let key = key(cx, word, regs);
    let base = b(cx, word, regs);
    let binding = cx.binding_at(base, key);
    let value = a(cx, word, regs);
    if word.x & 2 != 0 {
        // 9.1.1.3.1 BindThisValue ( V ), https://tc39.es/ecma262/#sec-bindthisvalue
        if let Binding::Slot(scope, slot, _) = binding {
            if !scope.get(&cx.heap, slot).is_hole() {
                return Err(cx.throw_reference_error("Super constructor may only be called once"));
            }
            scope.set(&cx.heap, slot, value);
        }
        return Ok(());
    }
    cx.set_binding(binding, key, value, word.x & 1 != 0)
}

/// `DeleteName`
pub(in crate::interpreter) fn delete_name(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let key = key(cx, word, regs);
    let deleted = cx.delete_name(environment(cx, word, regs), key)?;
    set_a(cx, word, regs, Value::bool(deleted));
    Ok(())
}

fn names_of(cx: &Context, list: Value) -> Vec<JsString> {
    let Some(list) = list.as_cell::<Values>() else { return Vec::new() };
    (0..list.length(&cx.heap)).filter_map(|i| list.get(&cx.heap, i).as_string()).collect()
}

fn declarations(cx: &Context, word: Word, regs: u32) -> Ref<Values> {
    let value = frame_code(&cx.heap, regs).cell(&cx.heap, u32::from(word.c));
    cx.record(value)
}

fn redeclared(cx: &mut Context, name: JsString) -> crate::native::Thrown {
    let name = name.to_text(&cx.heap);
    cx.throw_syntax_error(&format!("Identifier '{name}' has already been declared"))
}

// 16.1.7 GlobalDeclarationInstantiation ( script, env ), https://tc39.es/ecma262/#sec-globaldeclarationinstantiation
/// `GlobalInstantiate`. Functions are created and defined by the code that follows (steps 16 and 17).
pub(in crate::interpreter) fn global_instantiate(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let record = declarations(cx, word, regs);
    let lexical_list = cx.record(record.get(&cx.heap, 0));
    let vars = names_of(cx, record.get(&cx.heap, 1));
    let functions = names_of(cx, record.get(&cx.heap, 2));
    let annex_b = names_of(cx, record.get(&cx.heap, 3));
    let lexical = cx.realm().lexical(&cx.heap);
    let global = cx.global();
    let mut lexical_names = Vec::new();
    for i in 0..lexical_list.length(&cx.heap) / 2 {
        let (name, constant) = (lexical_list.get(&cx.heap, 2 * i).as_string(), lexical_list.get(&cx.heap, 2 * i + 1));
        if let Some(name) = name {
            lexical_names.push((name, constant == Value::TRUE));
        }
    }
    // Steps 3-4: conflicts.
    for &(name, _) in &lexical_names {
        let key = cx.heap.string_key(name);
        if lexical.shape(&cx.heap).lookup(&cx.heap, key).is_some() {
            return Err(redeclared(cx, name));
        }
        // HasRestrictedGlobalProperty: a non-configurable own property. (Step 3.a's [[VarNames]] check is this one for names made by scripts.)
        if let Some(existing) = cx.get_own_property(global, key)?
            && existing.configurable != Some(true)
        {
            return Err(redeclared(cx, name));
        }
    }
    for &name in vars.iter().chain(&functions) {
        let key = cx.heap.string_key(name);
        if lexical.shape(&cx.heap).lookup(&cx.heap, key).is_some() {
            return Err(redeclared(cx, name));
        }
    }
    for &name in &functions {
        if !can_declare_global_function(cx, global, name)? {
            let text = name.to_text(&cx.heap);
            return Err(cx.throw_type_error(&format!("Identifier '{text}' cannot be declared as a global function")));
        }
    }
    for &name in &vars {
        let key = cx.heap.string_key(name);
        if !cx.has_own_property(global, key)? && !cx.is_extensible(global)? {
            let text = name.to_text(&cx.heap);
            return Err(cx.throw_type_error(&format!("Cannot declare global variable '{text}'")));
        }
    }
    // Step 12: Annex B.3.2.2 candidates that nothing forbids become vars.
    let mut all_vars = vars;
    for name in annex_b {
        let key = cx.heap.string_key(name);
        let blocked = lexical.shape(&cx.heap).lookup(&cx.heap, key).is_some() || lexical_names.iter().any(|&(known, _)| known == name);
        if !blocked && (cx.has_own_property(global, key)? || cx.is_extensible(global)?) {
            all_vars.push(name);
        }
    }
    for (name, constant) in lexical_names {
        let key = cx.heap.string_key(name);
        lexical.add_property(&cx.heap, key, Value::HOLE, if constant { attribute::NONE } else { attribute::WRITABLE });
        // A cached global property of this name is shadowed now.
        cx.heap.advance_shape_epoch();
    }
    for name in all_vars {
        let key = cx.heap.string_key(name);
        create_global_var(cx, global, key, false)?;
    }
    Ok(())
}

// 9.1.1.4.16 CanDeclareGlobalFunction ( N ), https://tc39.es/ecma262/#sec-candeclareglobalfunction
fn can_declare_global_function(cx: &mut Context, global: Object, name: JsString) -> Result<bool> {
    let key = cx.heap.string_key(name);
    let Some(existing) = cx.get_own_property(global, key)? else { return cx.is_extensible(global) };
    Ok(existing.configurable == Some(true) || (existing.is_data() && existing.writable == Some(true) && existing.enumerable == Some(true)))
}

// 9.1.1.4.17 CreateGlobalVarBinding ( N, D ), https://tc39.es/ecma262/#sec-createglobalvarbinding
fn create_global_var(cx: &mut Context, global: Object, key: PropertyKey, deletable: bool) -> Result<()> {
    if !cx.has_own_property(global, key)? && cx.is_extensible(global)? {
        let attributes = attribute::WRITABLE | attribute::ENUMERABLE | if deletable { attribute::CONFIGURABLE } else { 0 };
        cx.define_or_throw(global, key, &PropertyDescriptor::data(Value::UNDEFINED, attributes))?;
    }
    Ok(())
}

// 9.1.1.4.18 CreateGlobalFunctionBinding ( N, V, D ), https://tc39.es/ecma262/#sec-createglobalfunctionbinding
fn create_global_function(cx: &mut Context, key: PropertyKey, value: Value, deletable: bool) -> Result<()> {
    let global = cx.global();
    let existing = cx.get_own_property(global, key)?;
    let descriptor = match existing {
        Some(existing) if existing.configurable != Some(true) => PropertyDescriptor { value: Some(value), ..PropertyDescriptor::default() },
        _ => {
            let attributes = attribute::WRITABLE | attribute::ENUMERABLE | if deletable { attribute::CONFIGURABLE } else { 0 };
            PropertyDescriptor::data(value, attributes)
        }
    };
    cx.define_or_throw(global, key, &descriptor)?;
    cx.set(global, key, value, true)
}

/// `DefineGlobalFunction`
pub(in crate::interpreter) fn define_global_function(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let name = frame_code(&cx.heap, regs).constant(&cx.heap, word.bc() as u32);
    let Some(name) = name.as_string() else { return Ok(()) };
    let key = cx.heap.string_key(name);
    create_global_function(cx, key, a(cx, word, regs), word.x & 1 != 0)
}

// 19.2.1.3 EvalDeclarationInstantiation ( body, varEnv, lexEnv, privateEnv, strict ), https://tc39.es/ecma262/#sec-evaldeclarationinstantiation
/// `EvalInstantiate`
pub(in crate::interpreter) fn eval_instantiate(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let from: Ref<Environment> = a(cx, word, regs).as_cell().unwrap_or(Ref::NULL);
    let record = declarations(cx, word, regs);
    let vars = names_of(cx, record.get(&cx.heap, 1));
    let functions = names_of(cx, record.get(&cx.heap, 2));
    let annex_b = names_of(cx, record.get(&cx.heap, 3));
    let all: Vec<JsString> = vars.iter().chain(&functions).copied().collect();
    match cx.eval_variable_object(from, &all)? {
        Some((scope, object)) => {
            let mut wanted = vars;
            wanted.extend(functions);
            for name in annex_b {
                if cx.eval_variable_object(from, &[name]).is_ok() {
                    wanted.push(name);
                } else if cx.take_exception().is_none() {
                    return Err(crate::native::Thrown(()));
                }
            }
            for name in wanted {
                let key = cx.heap.string_key(name);
                let known =
                    crate::realm::scope::slot_of(&cx.heap, scope, name).is_some() || object.shape(&cx.heap).lookup(&cx.heap, key).is_some();
                if !known {
                    object.add_property(&cx.heap, key, Value::UNDEFINED, attribute::ALL);
                }
            }
        }
        None => {
            let lexical = cx.realm().lexical(&cx.heap);
            let global = cx.global();
            for &name in &all {
                let key = cx.heap.string_key(name);
                if lexical.shape(&cx.heap).lookup(&cx.heap, key).is_some() {
                    return Err(redeclared(cx, name));
                }
            }
            for &name in &functions {
                if !can_declare_global_function(cx, global, name)? {
                    let text = name.to_text(&cx.heap);
                    return Err(cx.throw_type_error(&format!("Identifier '{text}' cannot be declared as a global function")));
                }
            }
            for &name in &vars {
                let key = cx.heap.string_key(name);
                if !cx.has_own_property(global, key)? && !cx.is_extensible(global)? {
                    let text = name.to_text(&cx.heap);
                    return Err(cx.throw_type_error(&format!("Cannot declare global variable '{text}'")));
                }
            }
            for name in vars.into_iter().chain(annex_b) {
                let key = cx.heap.string_key(name);
                if lexical.shape(&cx.heap).lookup(&cx.heap, key).is_none() {
                    create_global_var(cx, global, key, true)?;
                }
            }
        }
    }
    Ok(())
}

/// `DefineEvalVar`
pub(in crate::interpreter) fn define_eval_var(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let key = key(cx, word, regs);
    let value = a(cx, word, regs);
    let from = environment(cx, word, regs);
    let name = key.as_atom(&cx.heap);
    let is_assignment = word.x & 1 != 0;
    if is_assignment && let Some(name) = name {
        // B.3.2.3: where a lexical binding forbade the var, there is nothing to assign to.
        if cx.eval_variable_object(from, &[name]).is_err() {
            return if cx.take_exception().is_some() { Ok(()) } else { Err(crate::native::Thrown(())) };
        }
    }
    match cx.eval_variable_object(from, &[])? {
        Some((scope, object)) => {
            if let Some((slot, _)) = name.and_then(|name| crate::realm::scope::slot_of(&cx.heap, scope, name)) {
                scope.set(&cx.heap, slot, value);
                return Ok(());
            }
            cx.set(object, key, value, false)
        }
        None if is_assignment => {
            // B.3.2.2 and B.3.2.3: nothing was declared where a lexical binding of the name forbade it.
            let lexical = cx.realm().lexical(&cx.heap);
            if lexical.shape(&cx.heap).lookup(&cx.heap, key).is_some() {
                return Ok(());
            }
            let global = cx.global();
            cx.set(global, key, value, false)
        }
        None => create_global_function(cx, key, value, true),
    }
}

/// `InitGlobalLexical`
pub(in crate::interpreter) fn init_global_lexical(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let name = frame_code(&cx.heap, regs).constant(&cx.heap, word.bc() as u32);
    let Some(name) = name.as_string() else { return Ok(()) };
    let key = cx.heap.string_key(name);
    let lexical = cx.realm().lexical(&cx.heap);
    if let Some(property) = lexical.shape(&cx.heap).lookup(&cx.heap, key) {
        lexical.set_slot_value(&cx.heap, property.slot, a(cx, word, regs));
    }
    Ok(())
}
