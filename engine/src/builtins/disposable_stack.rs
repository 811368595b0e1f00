//! DisposableStack and AsyncDisposableStack objects. <https://tc39.es/proposal-explicit-resource-management/#sec-disposablestack-objects>
//!
//! Internal slots: 0 whether it was disposed, 1 the list of resources.

use super::disposables::{self, DisposeStep};
use super::promise::{Reaction, new_pending, perform_then, promise_resolve, reject, resolve};
use super::receiver::{caught, incompatible, not_callable, require};
use crate::context::{Context, ErrorKind};
use crate::heap::Kind;
use crate::native::{Args, NativeId, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

natives! { pub static DISPOSABLE_STACK: "DisposableStack" / 0 => construct, DisposableStack, DisposableStackPrototype; {
    get "disposed" => disposed,
    method "dispose" / 0 => dispose,
    method "use" / 1 => use_,
    method "adopt" / 2 => adopt,
    method "defer" / 1 => defer,
    method "move" / 0 => move_,
    alias @@dispose => "dispose",
    tag "DisposableStack",
    hidden "" / 0 => call_with_value,
    hidden "" / 0 => disposables::call_sync_method,
}}

natives! { pub static ASYNC_DISPOSABLE_STACK: "AsyncDisposableStack" / 0 => construct_async, AsyncDisposableStack, AsyncDisposableStackPrototype; {
    get "disposed" => async_disposed,
    method "disposeAsync" / 0 => dispose_async,
    method "use" / 1 => async_use,
    method "adopt" / 2 => async_adopt,
    method "defer" / 1 => async_defer,
    method "move" / 0 => async_move,
    alias @@async_dispose => "disposeAsync",
    tag "AsyncDisposableStack",
    hidden "" / 1 => after_await,
    hidden "" / 1 => after_rejection,
}}

const DISPOSED: u32 = 0;
const LIST: u32 = 1;

fn init(cx: &mut Context, stack: Object) {
    let list = disposables::new_list(cx);
    stack.set_internal(&cx.heap, DISPOSED, Value::FALSE);
    stack.set_internal(&cx.heap, LIST, list);
}

fn is_disposed(cx: &Context, stack: Object) -> bool {
    stack.internal(&cx.heap, DISPOSED) == Value::TRUE
}

fn list_of(cx: &Context, stack: Object) -> Value {
    stack.internal(&cx.heap, LIST)
}

/// `this` as a stack of this kind that was not disposed yet.
fn require_pending(cx: &mut Context, this: Value, kind: Kind, method: &str) -> Result<Object> {
    let stack = require(cx, this, kind, method)?;
    if is_disposed(cx, stack) {
        return Err(cx.throw_reference_error("Cannot add values to a disposed stack!"));
    }
    Ok(stack)
}

// DisposableStack ( ), https://tc39.es/proposal-explicit-resource-management/#sec-disposablestack
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor DisposableStack requires 'new'"));
    }
    let stack = cx.create_from_constructor(args.new_target, Intrinsic::DisposableStackPrototype, Kind::DisposableStack)?;
    init(cx, stack);
    Ok(stack.value())
}

// get DisposableStack.prototype.disposed, https://tc39.es/proposal-explicit-resource-management/#sec-get-disposablestack.prototype.disposed
fn disposed(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let stack = require(cx, this, Kind::DisposableStack, "get DisposableStack.prototype.disposed")?;
    Ok(Value::bool(is_disposed(cx, stack)))
}

// DisposableStack.prototype.dispose ( ), https://tc39.es/proposal-explicit-resource-management/#sec-disposablestack.prototype.dispose
fn dispose(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let stack = require(cx, this, Kind::DisposableStack, "DisposableStack.prototype.dispose")?;
    if !is_disposed(cx, stack) {
        stack.set_internal(&cx.heap, DISPOSED, Value::TRUE);
        let list = list_of(cx, stack);
        disposables::dispose_all(cx, list)?;
    }
    Ok(Value::UNDEFINED)
}

// DisposableStack.prototype.use ( value ), https://tc39.es/proposal-explicit-resource-management/#sec-disposablestack.prototype.use
fn use_(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let stack = require_pending(cx, this, Kind::DisposableStack, "DisposableStack.prototype.use")?;
    let list = list_of(cx, stack);
    disposables::add(cx, list, args.at(0), false)?;
    Ok(args.at(0))
}

/// `adopt` of both stacks: `callback` will be called with the value.
fn adopt_value(cx: &mut Context, stack: Object, args: &Args<'_>, is_async: bool) -> Result<Value> {
    let callback = args.at(1);
    if !cx.is_callable(callback) {
        return Err(not_callable(cx, callback));
    }
    let method = cx.new_native_with_slots(call_with_value, &[callback, args.at(0)]).value();
    let list = list_of(cx, stack);
    disposables::push(cx, list, Value::UNDEFINED, method, is_async);
    Ok(args.at(0))
}

fn call_with_value(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (callback, value) = (cx.native_slot(args.callee, 0), cx.native_slot(args.callee, 1));
    cx.call(callback, Value::UNDEFINED, &[value])
}

/// `defer` of both stacks.
fn defer_callback(cx: &mut Context, stack: Object, callback: Value, is_async: bool) -> Result<Value> {
    if !cx.is_callable(callback) {
        return Err(not_callable(cx, callback));
    }
    let list = list_of(cx, stack);
    disposables::push(cx, list, Value::UNDEFINED, callback, is_async);
    Ok(Value::UNDEFINED)
}

/// `move` of both stacks.
fn move_resources(cx: &mut Context, stack: Object, kind: Kind, prototype: Intrinsic) -> Value {
    let moved = cx.new_intrinsic_object(kind, prototype);
    let list = list_of(cx, stack);
    let taken = disposables::take(cx, list);
    moved.set_internal(&cx.heap, DISPOSED, Value::FALSE);
    moved.set_internal(&cx.heap, LIST, taken);
    stack.set_internal(&cx.heap, DISPOSED, Value::TRUE);
    moved.value()
}

// DisposableStack.prototype.adopt ( value, onDispose ),
// https://tc39.es/proposal-explicit-resource-management/#sec-disposablestack.prototype.adopt
fn adopt(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let stack = require_pending(cx, this, Kind::DisposableStack, "DisposableStack.prototype.adopt")?;
    adopt_value(cx, stack, args, false)
}

// DisposableStack.prototype.defer ( onDispose ),
// https://tc39.es/proposal-explicit-resource-management/#sec-disposablestack.prototype.defer
fn defer(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let stack = require_pending(cx, this, Kind::DisposableStack, "DisposableStack.prototype.defer")?;
    defer_callback(cx, stack, args.at(0), false)
}

// DisposableStack.prototype.move ( ), https://tc39.es/proposal-explicit-resource-management/#sec-disposablestack.prototype.move
fn move_(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let stack = require_pending(cx, this, Kind::DisposableStack, "DisposableStack.prototype.move")?;
    Ok(move_resources(cx, stack, Kind::DisposableStack, Intrinsic::DisposableStackPrototype))
}

// ── AsyncDisposableStack ──

// AsyncDisposableStack ( ), https://tc39.es/proposal-explicit-resource-management/#sec-asyncdisposablestack
fn construct_async(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor AsyncDisposableStack requires 'new'"));
    }
    let stack = cx.create_from_constructor(args.new_target, Intrinsic::AsyncDisposableStackPrototype, Kind::AsyncDisposableStack)?;
    init(cx, stack);
    Ok(stack.value())
}

// get AsyncDisposableStack.prototype.disposed,
// https://tc39.es/proposal-explicit-resource-management/#sec-get-asyncdisposablestack.prototype.disposed
fn async_disposed(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let stack = require(cx, this, Kind::AsyncDisposableStack, "get AsyncDisposableStack.prototype.disposed")?;
    Ok(Value::bool(is_disposed(cx, stack)))
}

// AsyncDisposableStack.prototype.use ( value ),
// https://tc39.es/proposal-explicit-resource-management/#sec-asyncdisposablestack.prototype.use
fn async_use(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let stack = require_pending(cx, this, Kind::AsyncDisposableStack, "AsyncDisposableStack.prototype.use")?;
    let list = list_of(cx, stack);
    disposables::add(cx, list, args.at(0), true)?;
    Ok(args.at(0))
}

// AsyncDisposableStack.prototype.adopt ( value, onDisposeAsync ),
// https://tc39.es/proposal-explicit-resource-management/#sec-asyncdisposablestack.prototype.adopt
fn async_adopt(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let stack = require_pending(cx, this, Kind::AsyncDisposableStack, "AsyncDisposableStack.prototype.adopt")?;
    adopt_value(cx, stack, args, true)
}

// AsyncDisposableStack.prototype.defer ( onDisposeAsync ),
// https://tc39.es/proposal-explicit-resource-management/#sec-asyncdisposablestack.prototype.defer
fn async_defer(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let stack = require_pending(cx, this, Kind::AsyncDisposableStack, "AsyncDisposableStack.prototype.defer")?;
    defer_callback(cx, stack, args.at(0), true)
}

// AsyncDisposableStack.prototype.move ( ),
// https://tc39.es/proposal-explicit-resource-management/#sec-asyncdisposablestack.prototype.move
fn async_move(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let stack = require_pending(cx, this, Kind::AsyncDisposableStack, "AsyncDisposableStack.prototype.move")?;
    Ok(move_resources(cx, stack, Kind::AsyncDisposableStack, Intrinsic::AsyncDisposableStackPrototype))
}

// AsyncDisposableStack.prototype.disposeAsync ( ),
// https://tc39.es/proposal-explicit-resource-management/#sec-asyncdisposablestack.prototype.disposeAsync
fn dispose_async(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let promise = new_pending(cx);
    let stack = match this.as_object() {
        Some(stack) if stack.is(&cx.heap, Kind::AsyncDisposableStack) => stack,
        _ => {
            let thrown = incompatible(cx, "AsyncDisposableStack.prototype.disposeAsync", this);
            let error = caught(cx, thrown)?;
            reject(cx, promise, error);
            return Ok(promise.value());
        }
    };
    if is_disposed(cx, stack) {
        resolve(cx, promise, Value::UNDEFINED)?;
        return Ok(promise.value());
    }
    stack.set_internal(&cx.heap, DISPOSED, Value::TRUE);
    go_on(cx, list_of(cx, stack), None, promise)?;
    Ok(promise.value())
}

/// Disposes until something must be awaited; settles the promise at the end.
fn go_on(cx: &mut Context, list: Value, mut completion: Option<Value>, promise: Object) -> Result<()> {
    loop {
        cx.spend_fuel(1)?;
        match disposables::dispose_step(cx, list, &mut completion)? {
            DisposeStep::Empty => break,
            DisposeStep::Next => {}
            DisposeStep::Await(value) => match promise_resolve(cx, value) {
                Ok(awaited) => {
                    let record = [list, completion.unwrap_or(Value::HOLE), promise.value()];
                    let this = Value::cell(cx.heap.new_values_from(&record));
                    let react = |function: NativeId| Reaction::native(function, this);
                    perform_then(cx, awaited, react(NativeId::of(after_await)), react(NativeId::of(after_rejection)), None);
                    return Ok(());
                }
                Err(thrown) => {
                    let error = caught(cx, thrown)?;
                    disposables::combine_error(cx, error, &mut completion);
                }
            },
        }
    }
    match completion {
        Some(error) => {
            reject(cx, promise, error);
            Ok(())
        }
        None => resolve(cx, promise, Value::UNDEFINED),
    }
}

/// Goes on with the disposal whose record is the `this` value.
fn resume(cx: &mut Context, this: Value, error: Option<Value>) -> Result<Value> {
    let record = cx.record(this);
    let (list, kept, promise) = (record.get(&cx.heap, 0), record.get(&cx.heap, 1), record.get(&cx.heap, 2));
    let mut completion = if kept.is_hole() { None } else { Some(kept) };
    if let Some(error) = error {
        disposables::combine_error(cx, error, &mut completion);
    }
    match promise.as_object() {
        Some(promise) => go_on(cx, list, completion, promise).map(|()| Value::UNDEFINED),
        None => Err(cx.throw_error(ErrorKind::TypeError, "disposal without a promise")),
    }
}

fn after_await(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    resume(cx, this, None)
}

fn after_rejection(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    resume(cx, this, Some(args.at(0)))
}
