//! Objects as scripts see them: edges that conformance tests leave out, because they depend on how elements, shapes and proxies are kept.

use mayfly_engine::host::NullHost;
#[path = "support/stress.rs"]
mod stress;

const PRELUDE: &str = r##"
    function same(actual, expected, what) {
        if (!Object.is(actual, expected)) throw new Error((what || "value") + ": " + String(actual) + " is not " + String(expected));
    }
    function list(actual, expected, what) {
        same(Array.from(actual, String).join(), expected.map(String).join(), what);
    }
    function throws(kind, message, run) {
        try { run(); } catch (error) {
            same(error.constructor, kind, error.message);
            if (message !== undefined) same(error.message, message, "message");
            return;
        }
        throw new Error("nothing was thrown, expected " + kind.name);
    }
"##;

/// Runs a script whose assertions throw.
fn check(script: &str) {
    check_in(stress::context(NullHost::default()), script);
}

fn check_in(mut cx: stress::TestContext, script: &str) {
    let directive = if script.trim_start().starts_with("\"use strict\"") { "\"use strict\";" } else { "" };
    let result = cx.evaluate_script(&format!("{directive}{PRELUDE}\n{script}"), "test").map(|_| ());
    if result.is_err() {
        let text = match cx.take_exception() {
            Some(error) => match cx.to_text(error) {
                Ok(text) => text,
                Err(_) => "an exception that cannot be shown".to_string(),
            },
            None => format!("terminated: {:?}", cx.termination()),
        };
        panic!("{text}");
    }
}

#[test]
fn keys_come_in_order_whatever_the_form_of_the_elements() {
    check(
        r##"
        const symbol = Symbol("s");
        const object = { b: 1, 7: 1, [symbol]: 1, a: 1, 3: 1, 4000000: 1, 4294967294: 1, 4294967295: 1, 3000000000: 1 };
        list(Reflect.ownKeys(object), ["3", "7", "4000000", "3000000000", "4294967294", "b", "a", "4294967295", symbol]);
        delete object.b; object.b = 2; delete object[3]; object[3] = 1;
        list(Reflect.ownKeys(object), ["3", "7", "4000000", "3000000000", "4294967294", "a", "4294967295", "b", symbol]);
        list(Reflect.ownKeys(Object("hé")), ["0", "1", "length"]);
        list(Reflect.ownKeys(Object.assign(Object("ab"), { 5: 1, x: 1 })), ["0", "1", "5", "length", "x"]);
        list(Reflect.ownKeys([, 1]), ["1", "length"]);
        "##,
    );
}

#[test]
fn array_length_follows_every_index() {
    check(
        r##"
        const array = [];
        array[4294967294] = "last";
        same(array.length, 4294967295);
        array[4294967295] = "no index";
        same(array.length, 4294967295);
        array[2147483648] = 1; array[2147483647] = 2; array[10] = 3;
        array.length = 2147483648;
        list(Object.keys(array), ["10", "2147483647", "4294967295"]);
        array.length = 5;
        list(Object.keys(array), ["4294967295"]);
        throws(RangeError, "Invalid array length", () => { array.length = -1; });
        throws(RangeError, "Invalid array length", () => { array.length = 1.5; });
        array[0] = 0;
        Object.defineProperty(array, 2, { value: 2, configurable: false, writable: true, enumerable: true });
        array[4] = 4;
        same(Reflect.set(array, "length", 0), false);
        same(array.length, 3); same(0 in array, true); same(4 in array, false);
        Object.defineProperty(array, "length", { writable: false });
        throws(TypeError, undefined, () => { "use strict"; array[3] = 1; });
        throws(TypeError, undefined, () => array.push(1));
        array[1] = "within";
        same(array[1], "within");
        "##,
    );
}

#[test]
fn frozen_and_sealed_arrays_and_objects() {
    check(
        r##"
        "use strict";
        const array = Object.freeze([1, , 3]);
        throws(TypeError, "Cannot assign to read only property '0' of object '[object Array]'", () => { array[0] = 2; });
        throws(TypeError, "Cannot add property 1, object is not extensible", () => { array[1] = 2; });
        throws(TypeError, "Cannot delete property '0' of [object Array]", () => { delete array[0]; });
        throws(TypeError, undefined, () => array.push(4));
        throws(TypeError, undefined, () => { array.length = 0; });
        list(array, [1, undefined, 3]);
        same(Object.isFrozen(array), true);
        const sealed = Object.seal([1, 2]);
        sealed[0] = "changed"; same(sealed[0], "changed");
        throws(TypeError, undefined, () => { sealed.length = 0; });
        same(sealed.length, 2);
        const object = Object.freeze({ a: 1, get b() { return 2; }, set b(v) {}, 5: 5 });
        throws(TypeError, "Cannot assign to read only property 'a' of object '#<Object>'", () => { object.a = 2; });
        object.b = 3; same(object.b, 2); same(object[5], 5);
        same(Object.getOwnPropertyDescriptor(object, "b").configurable, false);
        const many = {};
        for (let i = 0; i < 300; i++) many["p" + i] = i;
        Object.freeze(many);
        same(Object.isFrozen(many), true);
        throws(TypeError, undefined, () => { many.p150 = 1; });
        function f() {} Object.freeze(f);
        throws(TypeError, undefined, () => { f.prototype = 1; });
        same(f.prototype.constructor, f);
        class Private { #x = 1; set(v) { this.#x = v; } get() { return this.#x; } }
        const instance = Object.freeze(new Private()); instance.set(7); same(instance.get(), 7);
        same(Object.isFrozen(Object.freeze(new Error("x"))), true);
        throws(TypeError, undefined, () => Object.freeze(new Uint8Array(1)));
        "##,
    );
}

#[test]
fn elements_of_prototypes_shine_through_holes() {
    check(
        r##"
        const holes = [0, , 2];
        same(holes[1], undefined);
        Array.prototype[1] = "inherited";
        same(holes[1], "inherited"); same([...holes][1], "inherited");
        let set;
        Object.defineProperty(Object.prototype, 7, { set(v) { set = v; }, configurable: true });
        const array = []; array[7] = "caught"; same(set, "caught"); same(array.length, 0);
        delete Array.prototype[1]; delete Object.prototype[7];
        same(holes[1], undefined);
        array[7] = 1; same(array.length, 8);
        "##,
    );
}

#[test]
fn sparse_elements_keep_attributes() {
    check(
        r##"
        const array = [];
        for (let i = 0; i < 200; i++) array[i * 100000] = i;
        same(array.length, 19900001); same(Object.keys(array).length, 200); same(array[100000 * 57], 57);
        for (let i = 0; i < 200; i += 2) delete array[i * 100000];
        same(Object.keys(array).length, 100); same(array[100000], 1); same(0 in array, false);
        let calls = 0;
        Object.defineProperty(array, 50, { get() { calls++; return "got"; }, enumerable: false, configurable: true });
        same(array[50], "got"); same(calls, 1); same(Object.keys(array).includes("50"), false);
        Object.defineProperty(array, 50, { value: "plain" });
        same(array[50], "plain");
        list(Object.values(Object.getOwnPropertyDescriptor(array, 50)), ["plain", false, false, true]);
        const reversed = [];
        for (let i = 3000; i >= 0; i--) reversed[i] = i;
        same(reversed.length, 3001); same(reversed[1500], 1500);
        "##,
    );
}

#[test]
fn objects_with_many_properties() {
    check(
        r##"
        const object = {};
        for (let i = 0; i < 5000; i++) object["key" + i] = i;
        for (let i = 0; i < 5000; i += 3) delete object["key" + i];
        let sum = 0;
        for (const key in object) sum += object[key];
        same(sum, 12497500 - 4165833);
        same(Object.keys(object).length, 3333);
        Object.defineProperty(object, "key1", { enumerable: false });
        same(Object.keys(object)[0], "key2");
        Object.setPrototypeOf(object, { inherited: true });
        same(object.inherited, true); same(object.key4999, 4999);
        for (let round = 0; round < 1000; round++) { object.stack = round; delete object.stack; }
        same(Object.keys(object).length, 3332);
        "##,
    );
}

#[test]
fn mapped_arguments() {
    check(
        r##"
        function f(a, b) {
            same(arguments[0], 1); a = 2; same(arguments[0], 2); arguments[0] = 3; same(a, 3);
            list(Object.keys(arguments), ["0", "1", "2"]);
            Object.defineProperty(arguments, 0, { writable: false }); a = 4; same(arguments[0], 3);
            delete arguments[1]; b = 9; same(arguments[1], undefined); same(1 in arguments, false);
            arguments[1] = 5; same(b, 9);
            Object.freeze(arguments); same(Object.isFrozen(arguments), true);
            return () => (a = 7, arguments[0]);
        }
        same(f(1, 2, 3)(), 3);
        function g(a) { Object.defineProperty(arguments, 0, { enumerable: false }); a = 8; same(arguments[0], 8); return Object.keys(arguments).length; }
        same(g(1), 0);
        function h(a) { Object.defineProperty(arguments, 0, { get: () => "accessor" }); a = 8; return arguments[0]; }
        same(h(1), "accessor");
        "##,
    );
}

#[test]
fn proxies_without_end_throw_instead_of_overflowing() {
    check_in(
        stress::context_of_many(NullHost::default()),
        r##"
        let proxy = {};
        for (let i = 0; i < 100000; i++) proxy = new Proxy(proxy, {});
        throws(RangeError, "Maximum call stack size exceeded", () => proxy.x);
        throws(RangeError, "Maximum call stack size exceeded", () => { proxy.x = 1; });
        throws(RangeError, "Maximum call stack size exceeded", () => "x" in proxy);
        throws(RangeError, "Maximum call stack size exceeded", () => Object.keys(proxy));
        let handler = {};
        for (let i = 0; i < 100000; i++) handler = new Proxy({}, handler);
        throws(RangeError, "Maximum call stack size exceeded", () => new Proxy({}, handler).x);
        const own = new Proxy({}, {}); 
        throws(TypeError, "Cyclic __proto__ value", () => { const a = {}; const b = Object.create(a); Object.setPrototypeOf(a, b); });
        let bound = function () {};
        for (let i = 0; i < 100000; i++) bound = bound.bind(null);
        same(bound(), undefined);
        throws(RangeError, "Maximum call stack size exceeded", () => ({}) instanceof bound);
        same(Array.isArray(proxy), false);
        "##,
    );
}

#[test]
fn messages_read_like_those_of_v8() {
    check(
        r##"
        "use strict";
        throws(TypeError, "Cannot read properties of undefined (reading 'x')", () => undefined.x);
        throws(TypeError, "Cannot set properties of null (setting 'x')", () => { null.x = 1; });
        throws(TypeError, "Cannot set property x of #<Object> which has only a getter", () => { ({ get x() { return 1; } }).x = 1; });
        throws(TypeError, "Cannot assign to read only property 'length' of object '[object Array]'", () => { Object.freeze([]).length = 1; });
        throws(TypeError, "Cannot redefine property: x", () => Object.defineProperty(Object.freeze({ x: 1 }), "x", { value: 2 }));
        throws(TypeError, "Cannot define property y, object is not extensible", () => Object.defineProperty(Object.freeze({}), "y", { value: 2 }));
        throws(TypeError, "Property description must be an object: 1", () => Object.defineProperty({}, "x", 1));
        throws(TypeError, "Cannot convert a Symbol value to a string", () => String.prototype.concat.call("", Symbol()));
        throws(TypeError, "Cannot convert a Symbol value to a number", () => +Symbol());
        throws(TypeError, "Cannot mix BigInt and other types, use explicit conversions", () => 1n + 1);
        throws(TypeError, "Cannot convert object to primitive value", () => `${Object.create(null)}`);
        throws(TypeError, "Cannot perform 'get' on a proxy that has been revoked", () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy.x; });
        throws(TypeError, "Symbol is not a constructor", () => new Symbol());
        throws(TypeError, "Constructor Proxy requires 'new'", () => Proxy({}, {}));
        throws(TypeError, "Object prototype may only be an Object or null: undefined", () => Object.create());
        throws(TypeError, "#<Object> is not extensible", () => Object.setPrototypeOf(Object.preventExtensions({}), {}));
        throws(TypeError, "Immutable prototype object 'Object.prototype' cannot have their prototype set", () => Object.setPrototypeOf(Object.prototype, {}));
        "##,
    );
}

#[test]
fn error_stacks() {
    check(
        r##"
        function thrower() { return new TypeError("oops"); }
        const error = thrower();
        same(error.stack.startsWith("TypeError: oops\n    at thrower ("), true, error.stack);
        error.message = "changed"; same(error.stack.startsWith("TypeError: oops\n"), true);
        throws(TypeError, undefined, () => { error.stack = 5; }); error.stack = "mine"; same(error.stack, "mine");
        function helper(target) { Error.captureStackTrace(target, helper); return target; }
        function caller() { return helper({ name: "Custom", message: "text" }); }
        same(caller().stack.startsWith("Custom: text\n    at caller ("), true, caller().stack);
        same(Object.keys(caller()).join(), "name,message");
        Error.stackTraceLimit = 1; same(thrower().stack.split("\n").length, 2);
        Error.stackTraceLimit = 0; same(thrower().stack, "TypeError: oops");
        Error.stackTraceLimit = 10;
        same(new Error("m", { cause: 0 }).cause, 0); same("cause" in new Error("m", {}), false);
        list(new AggregateError(new Set([1, 2]), "m").errors, [1, 2]);
        const suppressed = new SuppressedError(1, 2, "m"); list([suppressed.error, suppressed.suppressed, suppressed.message], [1, 2, "m"]);
        same(Error.isError(suppressed), true); same(Error.isError({ __proto__: Error.prototype }), false);
        same(String(Object.assign(Object.create(Error.prototype), { name: "", message: "only" })), "only");
        "##,
    );
}

#[test]
fn iteration_of_arrays_sees_changes_and_closes() {
    check(
        r##"
        const entries = [["a", 1], ["b", 2]];
        const seen = Object.fromEntries({ [Symbol.iterator]() { return entries[Symbol.iterator](); } });
        list(Object.keys(seen), ["a", "b"]);
        // The list grows while it is read.
        const growing = [["x", 0]];
        growing[0] = { get 0() { if (growing.length < 3) growing.push(["y" + growing.length, 1]); return "x"; }, 1: 0 };
        list(Object.keys(Object.fromEntries(growing)), ["x", "y1"]);
        let closed = 0;
        const iterators = Object.getPrototypeOf([][Symbol.iterator]());
        iterators.return = function () { closed++; return {}; };
        throws(TypeError, "Iterator value 1 is not an entry object", () => Object.fromEntries([1]));
        same(closed, 1);
        delete iterators.return;
        throws(TypeError, undefined, () => Object.fromEntries([1]));
        same(closed, 1);
        // `return` appears in the middle.
        const late = [{ get 0() { iterators.return = function () { closed++; return {}; }; throw new RangeError("late"); } }];
        throws(RangeError, "late", () => Object.fromEntries(late));
        same(closed, 2);
        delete iterators.return;
        throws(TypeError, "undefined is not iterable", () => Object.fromEntries());
        "##,
    );
}

#[test]
fn symbols_functions_and_conversions() {
    check(
        r##"
        same(Symbol.for("x"), Symbol.for("x")); same(Symbol.for("7"), Symbol.for("7")); same(Symbol.keyFor(Symbol.for("7")), "7");
        same(Symbol.keyFor(Symbol("x")), undefined); same(Symbol().description, undefined); same(Symbol("").toString(), "Symbol()");
        same((function () {}).bind().name, "bound "); same((function f(a, b, c) {}).bind(null, 1).length, 2);
        const odd = function () {}; Object.defineProperty(odd, "length", { value: -Infinity }); same(odd.bind().length, 0);
        Object.defineProperty(odd, "length", { value: Infinity }); same(odd.bind(null, 1).length, Infinity);
        same(String(odd.bind()), "function () { [native code] }");
        same((() => 1).hasOwnProperty("prototype"), false);
        same([10, 9, 1].toString(), "10,9,1"); same({} + "", "[object Object]"); same(-0 + "", "0"); same(1e21 + "", "1e+21"); same(0.1 + 0.2 + "", "0.30000000000000004");
        same(null == 0, false); same("1" == 1, true); same(1n == "1", true); same(1n < 1.5, true); same("b" > "a", true); same(NaN <= NaN, false);
        same({ [Symbol.toPrimitive]: hint => hint } + "", "default"); same(`${{ [Symbol.toPrimitive]: hint => hint }}`, "string");
        same([1, 2, 3].at({ valueOf: () => -1 }), 3);
        const grouped = Object.groupBy([1, 2, 3], n => n % 2 ? "odd" : "even");
        same(Object.getPrototypeOf(grouped), null); list(grouped.odd, [1, 3]); list(Object.keys(grouped), ["odd", "even"]);
        same(Reflect.construct(Object, [], Array) instanceof Array, true);
        same(Object.prototype.toString.call(function () {}.bind()), "[object Function]");
        same(Object.prototype.toString.call(new Proxy([], {})), "[object Array]");
        "##,
    );
}

#[test]
fn callers_are_shown_by_sloppy_functions_unless_strict() {
    check(
        r##"
        function caller() { return caller.caller; }
        function sloppy() { return caller(); }
        function strict() { "use strict"; return caller(); }
        const object = { method() { return caller(); } }, arrow = () => caller();
        same(sloppy(), sloppy); same(strict(), null); same(object.method(), object.method); same(arrow(), arrow);
        same(caller(), null, "script"); same([0].map(caller)[0], null, "native"); same(caller.caller, null, "not running");
        same((function* () { yield caller(); })().next().value, null, "generator");
        function evaluating() { return eval("eval('caller()')"); }
        same(evaluating(), evaluating);
        function recursive(n) { return n ? recursive(n - 1) : recursive.caller; }
        same(recursive(3), recursive); same(recursive(0), null);
        throws(TypeError, undefined, () => strict.caller);
        throws(TypeError, undefined, () => arrow.caller);
        throws(TypeError, undefined, () => object.method.caller);
        same(Object.hasOwn(caller, "caller"), false); same(sloppy.arguments, null);
        Object.defineProperty(caller, "caller", { value: 1 });
        same(sloppy(), 1);
        const bare = Object.setPrototypeOf(function () { return bare.caller; }, null);
        same(bare(), undefined);
        "##,
    );
}

/// Found by the fuzz target `differential`: shapes with names of indices from 2147483648 on were taken to be in order.
#[test]
fn large_indices_come_first_without_other_elements() {
    check(
        r##"
        for (const make of [() => ({ a: 1, "2147483649": 2, 4294967294: 3, b: 4, 4294967295: 5, "2147483648": 6 }),
            () => { const o = { a: 1 }; o["2147483649"] = 2; o[4294967294] = 3; o.b = 4; o[4294967295] = 5; o["2147" + "483648"] = 6; return o; }]) {
            const order = ["2147483648", "2147483649", "4294967294", "a", "b", "4294967295"], seen = [];
            for (const key in make()) seen.push(key);
            list(seen, order); list(Object.keys(make()), order); list(Object.keys({ ...make() }), order);
            list(Object.values(make()), [6, 2, 3, 1, 4, 5]); list(Object.entries(make()).map(pair => pair[0]), order);
            same(JSON.stringify(make()), '{"2147483648":6,"2147483649":2,"4294967294":3,"a":1,"b":4,"4294967295":5}');
            list(Object.keys(Object.assign({}, make())), order); list(Object.keys(structured(make())), order);
        }
        function structured(value) { return JSON.parse(JSON.stringify(value)); }
        const array = []; for (const key of ["x", "3000000000"]) array[key] = 1;
        same(array.length, 3000000001); list(Object.keys(array), ["3000000000", "x"]);
        for (let i = 0; i < 3; i++) { const other = []; other["3000000000"] = i; same(other.length, 3000000001); }
        "##,
    );
}
