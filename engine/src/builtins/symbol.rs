//! Symbol objects. https://tc39.es/ecma262/#sec-symbol-objects
//!
//! The global symbol registry is an object without prototype that only the engine sees: its keys are the registered strings, its values
//! their symbols.

use crate::context::Context;
use crate::heap::{Kind, Ref, Root, SymbolCell};
use crate::native::{Args, Result};
use crate::natives;
use crate::object::{Object, attribute};
use crate::realm::{Intrinsic, Realm};
use crate::string::StringBuilder;
use crate::string::atoms::{symbol, well_known_symbols};
use crate::value::Value;

natives! { pub static SYMBOL: "Symbol" / 0 => construct, Symbol, SymbolPrototype; {
    static method "for" / 1 => symbol_for,
    static method "keyFor" / 1 => key_for,
    method "toString" / 0 => to_string,
    method "valueOf" / 0 => value_of,
    get "description" => description,
    tag "Symbol",
    method @@to_primitive "[Symbol.toPrimitive]" / 1 => to_primitive,
}}

/// What the table cannot say: the well-known symbols, and the attributes of `Symbol.prototype[Symbol.toPrimitive]`.
pub fn finish(cx: &mut Context, realm: Realm) {
    let constructor = realm.intrinsic(&cx.heap, Intrinsic::Symbol);
    for (name, known) in well_known_symbols() {
        let name = cx.heap.text_key(name);
        constructor.add_property(&cx.heap, name, known.to_value(&cx.heap), attribute::NONE);
    }
    let prototype = realm.intrinsic(&cx.heap, Intrinsic::SymbolPrototype);
    super::function::set_attributes(cx, prototype, symbol::to_primitive, attribute::CONFIG);
}

// 20.4.1.1 Symbol ( [ description ] ), https://tc39.es/ecma262/#sec-symbol-description
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if args.is_construct() {
        return Err(cx.throw_type_error("Symbol is not a constructor"));
    }
    let description = match args.at(0) {
        Value::UNDEFINED => None,
        value => Some(cx.to_string(value)?),
    };
    Ok(cx.heap.new_symbol(description, false).value())
}

/// The registry; made when first needed.
fn registry(cx: &Context) -> Object {
    if let Some(registry) = cx.heap.root(Root::SymbolRegistry).as_object() {
        return registry;
    }
    let registry = cx.heap.new_object_with_prototype(Kind::Object, None);
    cx.heap.set_root(Root::SymbolRegistry, registry.value());
    registry
}

// 20.4.2.2 Symbol.for ( key ), https://tc39.es/ecma262/#sec-symbol.for
fn symbol_for(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let text = cx.to_string(args.at(0))?;
    let registry = registry(cx);
    let name = cx.heap.string_key(text);
    if let Some(found) = cx.find_own(registry, name)? {
        return Ok(found.value);
    }
    let symbol = cx.heap.new_symbol(Some(text), false);
    symbol.set_registered(&cx.heap);
    cx.add_own(registry, name, symbol.value(), attribute::ALL)?;
    Ok(symbol.value())
}

// 20.4.2.6 Symbol.keyFor ( sym ), https://tc39.es/ecma262/#sec-symbol.keyfor
fn key_for(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(symbol) = args.at(0).as_symbol() else {
        let shown = cx.display(args.at(0));
        return Err(cx.throw_type_error(&format!("{shown} is not a symbol")));
    };
    if !symbol.is_registered(&cx.heap) {
        return Ok(Value::UNDEFINED);
    }
    Ok(symbol.description(&cx.heap).map_or(Value::UNDEFINED, Value::from))
}

// 20.4.3.4.1 ThisSymbolValue ( value ), https://tc39.es/ecma262/#sec-thissymbolvalue
fn this_symbol_value(cx: &mut Context, this: Value, method: &str) -> Result<Ref<SymbolCell>> {
    if let Some(symbol) = this.as_symbol() {
        return Ok(symbol);
    }
    if let Some(wrapper) = this.as_object().filter(|object| object.is(&cx.heap, Kind::PrimitiveWrapper))
        && let Some(symbol) = wrapper.internal(&cx.heap, 0).as_symbol()
    {
        return Ok(symbol);
    }
    Err(cx.throw_type_error(&format!("Symbol.prototype{method} requires that 'this' be a Symbol")))
}

// 20.4.3.3 Symbol.prototype.toString ( ), https://tc39.es/ecma262/#sec-symbol.prototype.tostring
fn to_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let symbol = this_symbol_value(cx, this, ".toString")?;
    // SymbolDescriptiveString ( sym )
    let mut text = StringBuilder::new();
    text.push_str("Symbol(");
    if let Some(description) = symbol.description(&cx.heap) {
        text.push_string(&cx.heap, description);
    }
    text.push_str(")");
    Ok(text.finish(&cx.heap).value())
}

// 20.4.3.4 Symbol.prototype.valueOf ( ), https://tc39.es/ecma262/#sec-symbol.prototype.valueof
fn value_of(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this_symbol_value(cx, this, ".valueOf")?.value())
}

// 20.4.3.2 get Symbol.prototype.description, https://tc39.es/ecma262/#sec-symbol.prototype.description
fn description(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let symbol = this_symbol_value(cx, this, ".description")?;
    Ok(symbol.description(&cx.heap).map_or(Value::UNDEFINED, Value::from))
}

// 20.4.3.5 Symbol.prototype [ %Symbol.toPrimitive% ] ( hint ), https://tc39.es/ecma262/#sec-symbol.prototype-%symbol.toprimitive%
fn to_primitive(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this_symbol_value(cx, this, " [ @@toPrimitive ]")?.value())
}
