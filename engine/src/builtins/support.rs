//! Natives that belong to no class: %Function.prototype% itself, %ThrowTypeError%, and those that the interpreter makes function objects of.

use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::{Object, attribute};
use crate::realm::code::Code;
use crate::realm::function::closure;
use crate::string::atoms::key;
use crate::value::Value;

natives! { pub static SUPPORT: namespace "%support%", ThrowTypeError, not_global; {
    hidden "" / 0 => function_prototype,
    hidden "" / 0 => throw_type_error,
}}

// 20.2.3 Properties of the Function Prototype Object, https://tc39.es/ecma262/#sec-properties-of-the-function-prototype-object
/// %Function.prototype% accepts any arguments and returns undefined.
pub fn function_prototype(_: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::UNDEFINED)
}

// 10.2.4.1 %ThrowTypeError% ( ), https://tc39.es/ecma262/#sec-%throwtypeerror%
/// Thrown by `arguments.callee` and `Function.prototype.caller` in strict code.
///
/// Deviation: the specification lets sloppy functions have own properties `caller` and `arguments`, as web engines give them; both are
/// null while the function does not run, and `caller` also when that is none to be shown. Here they have none; reading them arrives here
/// with the function as `this`, and gives null. `f.caller` is answered before that, by [`legacy_caller`].
pub fn throw_type_error(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if args.is_empty() && this.as_object().is_some_and(|function| is_sloppy_function(cx, function)) {
        return Ok(Value::NULL);
    }
    Err(cx.throw_type_error(
        "'caller', 'callee', and 'arguments' properties may not be accessed on strict mode functions or the arguments objects for calls to them",
    ))
}

// 17.1 Forbidden Extensions, https://tc39.es/ecma262/#sec-forbidden-extensions: strict functions are never shown. That generators and async
// functions are not either is from https://github.com/claudepache/es-legacy-function-reflection/
/// Value of `function.caller` in sloppy functions: the function that called the innermost run of this one, null where there is none or it
/// may not be shown. Code of eval and scripts is passed over. `None` where `caller` means what it says: for other values, and when someone
/// has made a property of the name.
#[cold]
pub(crate) fn legacy_caller(cx: &Context, function: Value) -> Option<Value> {
    use crate::realm::Intrinsic;
    use crate::realm::code::code_flag::{ASYNC, CLASS, GENERATOR, STRICT, TOP_LEVEL};
    let object = function.as_object().filter(|object| is_sloppy_function(cx, *object))?;
    let prototype = cx.intrinsic(Intrinsic::FunctionPrototype);
    if object.shape(&cx.heap).lookup(&cx.heap, key::caller).is_some()
        || object.shape(&cx.heap).prototype(&cx.heap) != Some(prototype)
        || prototype.shape(&cx.heap).lookup(&cx.heap, key::caller)?.attributes & attribute::ACCESSOR == 0
    {
        return None;
    }
    let frames = cx.stack_frames(usize::MAX);
    let callers = frames.iter().map(|(running, _)| *running).skip_while(|running| *running != function).skip(1);
    let mut callers = callers.filter_map(|caller| Some((caller, Code::from_value(caller.as_object()?.internal(&cx.heap, closure::CODE)))));
    let shown = callers.find(|(_, code)| code.flags(&cx.heap) & TOP_LEVEL == 0);
    Some(match shown {
        Some((caller, code)) if code.flags(&cx.heap) & (ASYNC | CLASS | GENERATOR | STRICT) == 0 => caller,
        _ => Value::NULL,
    })
}

/// Whether it was made by a function declaration or expression in sloppy code, and is no generator or async function.
fn is_sloppy_function(cx: &Context, function: Object) -> bool {
    use crate::realm::code::code_flag::{ASYNC, CLASS, CONSTRUCTOR, GENERATOR, STRICT};
    if !function.is(&cx.heap, Kind::Closure) {
        return false;
    }
    let code = Code::from_value(function.internal(&cx.heap, closure::CODE));
    code.flags(&cx.heap) & (ASYNC | CLASS | CONSTRUCTOR | GENERATOR | STRICT) == CONSTRUCTOR
}

natives! { pub static EVAL_FUNCTION: namespace "%eval%", GlobalFunctions, not_global; {
    static method "eval" / 1 => eval,
}}

// 19.2.1 eval ( x ), https://tc39.es/ecma262/#sec-eval-x
/// Indirect eval; direct eval is an instruction of its own.
fn eval(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    match args.at(0).as_string() {
        Some(source) => cx.indirect_eval(source),
        None => Ok(args.at(0)),
    }
}

/// Keeps %eval% as an intrinsic.
pub fn finish(cx: &mut Context, realm: crate::realm::Realm) {
    let global = realm.global(&cx.heap);
    if let Some(property) = global.shape(&cx.heap).lookup(&cx.heap, crate::string::atoms::key::eval)
        && let Some(eval) = global.slot_value(&cx.heap, property.slot).as_object()
    {
        realm.set_intrinsic(&cx.heap, crate::realm::Intrinsic::Eval, eval);
    }
}
