//! RegExp.$1 and the other properties that tell of the last match.
//! https://github.com/tc39/proposal-regexp-legacy-features (stage 3), which writes down what Annex B leaves to engines.

use super::regexp_code::last_match;
use crate::context::Context;
use crate::native::{Args, Result, Thrown};
use crate::realm::Intrinsic;
use crate::value::Value;

/// SameValue(%RegExp%, this value), the first step of both abstract operations.
fn check_receiver(cx: &mut Context, this: Value) -> Result<()> {
    if this == cx.intrinsic(Intrinsic::RegExp).value() {
        return Ok(());
    }
    Err(cx.throw_type_error("RegExp static property accessed on an object that is not %RegExp%"))
}

#[cold]
fn invalidated(cx: &mut Context) -> Thrown {
    cx.throw_type_error("The last match was made by a regular expression of a subclass or of another realm")
}

// GetLegacyRegExpStaticProperty ( C, thisValue, internalSlotName ),
// https://github.com/tc39/proposal-regexp-legacy-features#getlegacyregexpstaticproperty-c-thisvalue-internalslotname-
fn part(cx: &mut Context, this: Value, number: u32, cut: impl Fn(u32, u32, u32) -> (u32, u32)) -> Result<Value> {
    check_receiver(cx, this)?;
    let Some((subject, start, end)) = last_match::range(cx, number) else { return Err(invalidated(cx)) };
    let (from, to) = cut(start, end, subject.length(&cx.heap));
    Ok(cx.heap.substring(subject, from, to).value())
}

/// get RegExp.$N
pub(super) fn paren<const N: u32>(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    part(cx, this, N, |start, end, _| (start, end))
}

/// get RegExp.lastMatch
pub(super) fn last_match_text(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    part(cx, this, 0, |start, end, _| (start, end))
}

/// get RegExp.lastParen
pub(super) fn last_paren(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    part(cx, this, last_match::LAST_PAREN, |start, end, _| (start, end))
}

/// get RegExp.leftContext
pub(super) fn left_context(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    part(cx, this, 0, |start, _, _| (0, start))
}

/// get RegExp.rightContext
pub(super) fn right_context(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    part(cx, this, 0, |_, end, length| (end, length))
}

/// get RegExp.input
pub(super) fn input(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    check_receiver(cx, this)?;
    match last_match::input(cx) {
        Some(input) => Ok(input.value()),
        None => Err(invalidated(cx)),
    }
}

// SetLegacyRegExpStaticProperty ( C, thisValue, internalSlotName, val ),
// https://github.com/tc39/proposal-regexp-legacy-features#setlegacyregexpstaticproperty-c-thisvalue-internalslotname-val-
/// set RegExp.input
pub(super) fn set_input(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    check_receiver(cx, this)?;
    let input = cx.to_string(args.at(0))?;
    last_match::set_input(cx, input);
    Ok(Value::UNDEFINED)
}
