//! Comparison of anything.

use super::{b, c, set_a, settle};
use crate::bytecode::Word;
use crate::context::Context;
use crate::native::Result;
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

/// `InstanceOf`
pub(in crate::interpreter) fn instance_of(cx: &mut Context, word: Word, regs: u32) -> Result<()> {
    settle(cx, regs);
    let result = cx.instance_of(b(cx, word, regs), c(cx, word, regs))?;
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
