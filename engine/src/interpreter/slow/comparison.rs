//! Comparison of anything.

use super::{b, c, set_a, settle};
use crate::bytecode::Word;
use crate::context::Context;
use crate::heap::{Kind, Shape};
use crate::native::Result;
use crate::realm::function::closure;
use crate::string::atoms::symbol;
use crate::value::Value;

fn settle_top(cx: &mut Context) {
    let regs = cx.machine.regs;
    settle(cx, regs);
}

/// left < right
#[inline(never)]
pub(in crate::interpreter) fn less(cx: &mut Context, left: Value, right: Value) -> Result<bool> {
    settle_top(cx);
    Ok(cx.less_than(left, right, true)?.unwrap_or(false))
}

/// left > right
#[inline(never)]
pub(in crate::interpreter) fn greater(cx: &mut Context, left: Value, right: Value) -> Result<bool> {
    settle_top(cx);
    Ok(cx.less_than(right, left, false)?.unwrap_or(false))
}

/// left <= right
#[inline(never)]
pub(in crate::interpreter) fn less_equal(cx: &mut Context, left: Value, right: Value) -> Result<bool> {
    settle_top(cx);
    Ok(cx.less_than(right, left, false)? == Some(false))
}

/// left >= right
#[inline(never)]
pub(in crate::interpreter) fn greater_equal(cx: &mut Context, left: Value, right: Value) -> Result<bool> {
    settle_top(cx);
    Ok(cx.less_than(left, right, true)? == Some(false))
}

/// left === right
#[inline(never)]
pub(in crate::interpreter) fn strictly_equal(cx: &mut Context, left: Value, right: Value) -> Result<bool> {
    Ok(cx.strict_equals(left, right))
}

/// left == right
#[inline(never)]
pub(in crate::interpreter) fn loosely_equal(cx: &mut Context, left: Value, right: Value) -> Result<bool> {
    settle_top(cx);
    cx.loose_equals(left, right)
}

macro_rules! comparison {
    ($($name:ident = $function:ident, $negate:literal;)*) => {
        $(pub(in crate::interpreter) fn $name(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
            let result = $function(cx, b(cx, word, regs), c(cx, word, regs))?;
            set_a(cx, word, regs, Value::bool(result != $negate));
            Ok(())
        })*
    };
}
comparison! {
    lt = less, false;
    le = less_equal, false;
    gt = greater, false;
    ge = greater_equal, false;
    seq = strictly_equal, false;
    sne = strictly_equal, true;
    eq = loosely_equal, false;
    ne = loosely_equal, true;
}

/// OPTIMIZATION: `instanceof` a closure that has made instances and inherits the built-in @@hasInstance, for values without proxies on
/// their chain: nothing of it can be observed.
fn plain_instance_of(cx: &mut Context, value: Value, target: Value) -> Option<bool> {
    use crate::interpreter::inline_cache::{Lookup, lookup_globally};
    let function = target.as_object().filter(|function| function.is(&cx.heap, Kind::Closure))?;
    let shape = function.internal(&cx.heap, closure::INSTANCE_SHAPE).as_cell::<Shape>()?;
    let marker = function.shape(&cx.heap).offset();
    let known = super::property::known_globally(cx, target, marker, symbol::has_instance);
    let method = match known {
        Some(method) => method,
        None => match lookup_globally(cx, function, true, marker, symbol::has_instance) {
            Lookup::Data(method) => method,
            _ => return None,
        },
    };
    if method != cx.realm().has_instance(&cx.heap) {
        return None;
    }
    let prototype = shape.prototype(&cx.heap)?;
    let Some(mut object) = value.as_object() else { return Some(false) };
    loop {
        if object.is(&cx.heap, Kind::Proxy) {
            return None;
        }
        match object.shape(&cx.heap).prototype(&cx.heap) {
            None => return Some(false),
            Some(parent) if parent == prototype => return Some(true),
            Some(parent) => object = parent,
        }
    }
}

/// `InstanceOf`
pub(in crate::interpreter) fn instance_of(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let (value, target) = (b(cx, word, regs), c(cx, word, regs));
    let result = match plain_instance_of(cx, value, target) {
        Some(result) => result,
        None => {
            settle(cx, regs);
            cx.instance_of(value, target)?
        }
    };
    set_a(cx, word, regs, Value::bool(result));
    Ok(())
}

// 13.10.1 Relational operators: RelationalExpression in ShiftExpression, https://tc39.es/ecma262/#sec-relational-operators-runtime-semantics-evaluation
/// `In`
pub(in crate::interpreter) fn in_operator(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let Some(object) = c(cx, word, regs).as_object() else {
        let shown = crate::realm::error::describe(cx, b(cx, word, regs));
        let target = crate::realm::error::describe(cx, c(cx, word, regs));
        return Err(cx.throw_type_error(&format!("Cannot use 'in' operator to search for {shown} in {target}")));
    };
    let key = cx.to_property_key(b(cx, word, regs))?;
    let result = cx.has_property(object, key)?;
    set_a(cx, word, regs, Value::bool(result));
    Ok(())
}

/// `TypeOf`
pub(in crate::interpreter) fn type_of(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    let name = cx.type_of(b(cx, word, regs));
    set_a(cx, word, regs, name.value());
    Ok(())
}
