//! The Proxy constructor. https://tc39.es/ecma262/#sec-proxy-constructor
//!
//! What proxies do is in `crate::object::proxy`.

use crate::context::Context;
use crate::native;
use crate::native::{Args, ClassSpec, KeySpec, Result, table};
use crate::object::attribute;
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::value::Value;

/// Table of `Proxy`. The constructor has no `prototype`, so it is written out.
pub static PROXY: ClassSpec = ClassSpec {
    name: "Proxy",
    constructor: Some((2, native!(construct))),
    intrinsic: Some(Intrinsic::Proxy.id()),
    prototype: None,
    parent_prototype: None,
    parent_constructor: None,
    is_global: true,
    members: &[table::method(true, KeySpec::Name("revocable"), 2, native!(revocable)), table::hidden("", 0, native!(revoke))],
};

// 28.2.1.1 Proxy ( target, handler ), https://tc39.es/ecma262/#sec-proxy-target-handler
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor Proxy requires 'new'"));
    }
    Ok(cx.proxy_create(args.at(0), args.at(1))?.value())
}

// 28.2.2.1 Proxy.revocable ( target, handler ), https://tc39.es/ecma262/#sec-proxy.revocable
fn revocable(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let proxy = cx.proxy_create(args.at(0), args.at(1))?;
    let revoker = cx.new_native_with_slots(revoke, &[proxy.value()]);
    let result = cx.new_plain_object();
    result.add_property(&cx.heap, key::proxy, proxy.value(), attribute::ALL);
    result.add_property(&cx.heap, key::revoke, revoker.value(), attribute::ALL);
    Ok(result.value())
}

// 28.2.2.1.1 Proxy Revocation Functions, https://tc39.es/ecma262/#sec-proxy-revocation-functions
fn revoke(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(proxy) = cx.native_slot(args.callee, 0).as_object() else { return Ok(Value::UNDEFINED) };
    cx.set_native_slot(args.callee, 0, Value::NULL);
    proxy.set_internal(&cx.heap, 0, Value::NULL);
    proxy.set_internal(&cx.heap, 1, Value::NULL);
    Ok(Value::UNDEFINED)
}
