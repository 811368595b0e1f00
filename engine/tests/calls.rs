//! Calls as scripts see them where the interpreter has short ways: lists spread into calls, arguments kept beyond the parameters, callbacks of
//! natives, getters, `super`, sites that have met many shapes.

use mayfly_engine::ContextOptions;
use mayfly_engine::host::NullHost;

#[path = "support/stress.rs"]
mod stress;
use stress::{Safepoints, run};

fn check(source: &str, expected: &str) {
    assert_eq!(run(&mut stress::context(NullHost::default()), source), expected, "{source}");
}

#[test]
fn lists_are_spread_as_their_iterators_say() {
    check(
        "const f = (...x) => x.join('|');
         const own = [1, 2];
         own[Symbol.iterator] = function* () { yield 'own'; };
         class Sub extends Array { *[Symbol.iterator]() { yield 'sub'; } }
         const lists = [[], [1, 2], [1, , 3], own, new Sub(3), 'ab', new Set([4, 5])];
         let out = '';
         for (const list of lists) out += f(...list) + ';';
         Array.prototype[Symbol.iterator] = function* () { yield 'patched'; };
         const patched = [1, 2];
         class Made { constructor(...x) { this.x = x.join('|'); } }
         out + f(...patched) + ';' + new Made(...patched).x",
        ";1|2;1||3;own;sub;a|b;4|5;patched;patched",
    );
}

#[test]
fn a_list_that_is_spread_is_read_before_anything_runs() {
    check(
        "const list = [1, 2, 3];
         function f(a, b = list.push(9), c) { list.length = 0; return [a, b, c, arguments.length].join(); }
         const first = f(...list);
         list.push(1, undefined, 3);
         const second = f(...list);
         const kept = (...rest) => rest;
         const source = [1, 2], copy = kept(...source);
         copy.push(3);
         class Base { constructor(...x) { this.x = x; } }
         class Derived extends Base { constructor(...x) { super(...x); x.push('later'); } }
         [first, second, source.length, copy.length, new Derived(...source).x.join('|'), new Derived().x.length].join(';')",
        "1,2,3,3;1,4,3,3;2;3;1|2;0",
    );
}

#[test]
fn constructors_called_with_a_list_have_their_new_target() {
    check(
        "class A { constructor(...x) { this.x = x; this.t = new.target.name; } }
         class B extends A { constructor(...x) { const y = super(...x); } }
         const seen = [];
         const proxy = new Proxy(function F() {}, { get(t, k, r) { seen.push(k); list.length = 1; return Reflect.get(t, k, r); } });
         const list = ['p', 'q'];
         const made = Reflect.construct(A, list, proxy);
         const threw = (() => { try { return new (() => {})(...[1]); } catch (e) { return e.message; } })();
         const notClass = (() => { try { return A(...[1]); } catch (e) { return e.constructor.name; } })();
         [new A(...[1, 2]).t, new B(...[3]).t, new B(...[3, 4]).x.join('|'), made.x.join('|'), seen.join(), threw.includes('not a constructor'), notClass].join(';')",
        "A;B;3|4;p|q;prototype,name;true;TypeError",
    );
}

#[test]
fn arguments_beyond_the_parameters_are_kept() {
    check(
        "function rest(a, ...more) { return a + ':' + more.join('|'); }
         function all() { return Array.prototype.join.call(arguments, '|'); }
         function mapped(a, b) { arguments[0] = 'x'; b = 'y'; return [a, arguments[1], arguments.length].join('|'); }
         function deep(n, ...more) { return n === 0 ? more.length : deep(n - 1, ...more, n); }
         function nested(...a) { return (function (...b) { return a.length * 10 + b.length; })(...a, 1, 2); }
         const strict = (function () { 'use strict'; return function (...a) { return [this === undefined, a.length].join(); }; })();
         [rest(), rest(1), rest(1, 2), rest(1, 2, 3, 4), all(), all(1, 2, 3), mapped(1), mapped(1, 2), mapped(1, 2, 3), deep(20), nested(1, 2, 3), strict(1, 2),
          { f(...a) { return this.v + a.length; }, v: 5 }.f(1, 2)].join(';')",
        "undefined:;1:;1:2;1:2|3|4;;1|2|3;x||1;x|y|2;x|y|3;20;35;true,2;7",
    );
    // An exception out of such a frame, a generator made by one.
    check(
        "function thrower(...a) { throw a; }
         function* generator(...a) { yield a.length; yield a[1]; }
         let caught; try { thrower(1, 2, 3); } catch (e) { caught = e.length; }
         [caught, [...generator(7, 8)].join('|')].join(';')",
        "3;2|8",
    );
}

#[test]
fn callbacks_may_do_anything() {
    check(
        "const out = [];
         out.push([1, 2, 3].map(x => [x, x].map(y => y * x).reduce((a, b) => a + b)).join('|'));
         out.push([3, 1, 2].map(function (x) { return this.k + x; }, { k: 10 }).join('|'));
         out.push([1, 2].map(function () { 'use strict'; return this === undefined; }).join('|'));
         out.push([1, 2].map(function () { return this === globalThis; }).join('|'));
         out.push([1, 2].map((...a) => a.length).join('|'), [1, 2].map(function () { return arguments.length; }).join('|'));
         out.push([7, 8].map(Number.prototype.toFixed.call.bind(Number.prototype.toFixed)).join('|'));
         out.push([5].map((a, b, c, d) => d).join() === '', ['a'].map((a, b = 'no', c) => b + c.length).join());
         try { [1].map(class {}); } catch (e) { out.push(e.name); }
         try { [1, 2, 3].forEach(x => { if (x === 2) throw x; }); } catch (e) { out.push(e); }
         let deep = 0; (function again() { deep++; if (deep < 60) [0].forEach(again); })();
         out.push(deep);
         const grown = [1, 2, 3]; out.push(grown.map((x, i) => { if (i === 0) { grown.push(9); grown[2] = 7; } return x; }).join('|'));
         out.push([1, 2, 3, 4].filter(function* () {}).length, [1, 2].every(async () => false));
         out.push([1, 2, 3].reduce((a, x, i, all) => a + x * all.length + i, 0), [[1, 2], [3]].flatMap(x => x).join('|'));
         out.push([1, 2, 3].findLast(x => x < 3), Array.from({ length: 3 }, (_, i) => i * 2).join('|'));
         out.join(';')",
        "2|8|18;13|11|12;true|true;true|true;3|3;3|3;7|8.0;true;1;TypeError;2;60;1|2|7;4;true;21;1|2|3;2;0|2|4",
    );
}

#[test]
fn sites_with_many_shapes_store_and_load_as_any_other() {
    check(
        "const makers = [];
         for (let i = 0; i < 12; i++) makers.push(() => { const o = {}; o['k' + i] = i; return o; });
         const put = (o, v) => { o.value = v; };
         const take = o => o.value;
         const out = [];
         for (let round = 0; round < 3; round++) for (const make of makers) { const o = make(); put(o, round); put(o, take(o) + 1); out.push(take(o), Object.keys(o).length); }
         const frozen = makers.map(make => Object.freeze(make()));
         for (const o of frozen) put(o, 1);
         out.push(frozen.every(o => !('value' in o)));
         const inherited = makers.map(make => Object.setPrototypeOf(make(), { set value(v) { this.seen = v; }, get value() { return 'get' + this.seen; } }));
         for (const o of inherited) put(o, 4);
         out.push(inherited.map(o => take(o) + Object.keys(o).join('')).join('|'));
         const readOnly = Object.defineProperty({}, 'value', { value: 'ro' });
         for (const make of makers) { const o = Object.setPrototypeOf(make(), readOnly); put(o, 5); if (Object.hasOwn(o, 'value')) out.push('stored'); }
         for (const make of makers) { const o = make(); put(o, 6); delete o.value; if (take(o) !== undefined) out.push('there'); }
         Object.prototype.value = 'late';
         out.push(makers.every(make => take(make()) === 'late'));
         Object.defineProperty(Object.prototype, 'value', { __proto__: null, set(v) { out.push('set'); }, get() { return 'got'; }, configurable: true });
         for (const make of makers.slice(0, 2)) { const o = make(); put(o, 7); out.push(take(o)); }
         delete Object.prototype.value;
         for (const make of makers.slice(0, 2)) { const o = make(); put(o, 8); out.push(take(o)); }
         out.slice(72).join(';')",
        "true;get4k0seen|get4k1seen|get4k2seen|get4k3seen|get4k4seen|get4k5seen|get4k6seen|get4k7seen|get4k8seen|get4k9seen|get4k10seen|get4k11seen;true;set;got;set;got;8;8",
    );
    // Instances of many classes through one base constructor, whose fields end up in overflow slots as well.
    check(
        "class Base { constructor(v) { this.a = v; this.b = v + 1; this.c = v + 2; this.d = v + 3; this.e = v + 4; this.f = v + 5; } }
         const classes = Array.from({ length: 20 }, () => class extends Base { constructor(v) { super(v); this.g = v + 6; this.h = v + 7; this.i = v + 8; } });
         let sum = 0; for (let k = 0; k < 5; k++) for (const C of classes) { const o = new C(k); for (const key in o) sum += o[key]; }
         [sum, Object.keys(new classes[3](1)).join('')].join()",
        "5400,abcdefghi",
    );
}

#[test]
fn getters_get_frames_of_their_own() {
    check(
        "class P { #x = 1; get x() { return this.#x++; } get self() { return this; } get bad() { throw new RangeError('bad'); } get args() { return arguments.length; } get [Symbol.toStringTag]() { return 'P'; } }
         class Q extends P { get x() { return super.x * 10; } }
         const p = new P, q = new Q, out = [];
         for (let i = 0; i < 4; i++) out.push(p.x, q.x, p.self === p, p.args);
         for (let i = 0; i < 2; i++) try { p.bad; } catch (e) { out.push(e.message); }
         const read = o => o.x;
         for (let i = 0; i < 3; i++) read(p);
         Object.defineProperty(P.prototype, 'x', { get: () => 'new', configurable: true });
         out.push(read(p));
         Object.defineProperty(P.prototype, 'x', { get: undefined, configurable: true });
         out.push(read(p));
         Object.defineProperty(P.prototype, 'x', { value: 'data', configurable: true });
         out.push(read(p));
         out.push(`${p}`);
         out.join()",
        "1,10,true,0,2,20,true,0,3,30,true,0,4,40,true,0,bad,bad,new,,data,[object P]",
    );
}

#[test]
fn super_reads_with_the_receiver() {
    check(
        "class A { get name() { return 'A:' + this.id; } m() { return 'm' + this.id; } static s() { return 'sA'; } }
         class B extends A { constructor(id) { super(); this.id = id; } get name() { return super.name + '!'; } m() { return super.m() + super['m'](); } none() { return super.none0; } static s() { return super.s() + 'B'; } }
         const o = { __proto__: { v: 1, get w() { return this.own; } }, own: 2, f() { return [super.v, super.w, super[0]].join('|'); } };
         const out = [];
         for (let i = 0; i < 3; i++) { const b = new B(i); out.push(b.name, b.m(), b.none(), B.s(), o.f()); }
         A.prototype.m = function () { return 'late' + this.id; };
         out.push(new B(5).m());
         Object.setPrototypeOf(B.prototype, { m() { return 'other'; } });
         out.push(new B(6).m());
         Object.setPrototypeOf(B.prototype, new Proxy({}, { get: (t, k, r) => () => 'proxy' + r.id }));
         out.push(new B(7).m());
         Object.setPrototypeOf(B.prototype, null);
         try { new B(8).m(); } catch (e) { out.push(e.name); }
         out.slice(10).join()",
        "A:2!,m2m2,,sAB,1|2|,late5late5,otherother,proxy7proxy7,TypeError",
    );
}

#[test]
fn the_end_of_the_stack_is_an_error_that_can_be_caught() {
    // With collections at every safepoint, so many frames would be marked as often.
    let mut cx = stress::context_with(NullHost::default(), ContextOptions::default(), Safepoints::Usual);
    let names = run(
        &mut cx,
        "let depth = 0;
         function rest(...a) { depth++; return rest(...a) + 1; }
         function all() { depth++; return all(1, 2, 3, arguments.length) + 1; }
         const mapped = () => { depth++; return [1].map(mapped); };
         const getter = { __proto__: { get deep() { depth++; return this.deep; } } };
         class Base { constructor(...x) { depth++; new Base(...x); } }
         const ends = [() => rest(1, 2), () => all(), mapped, () => getter.deep, () => new Base(1)];
         const seen = [];
         for (let round = 0; round < 2; round++) for (const end of ends) {
             depth = 0;
             try { end(); } catch (e) { seen.push(e.name + (depth > 100)); }
         }
         seen.join()",
    );
    assert_eq!(names, ["RangeErrortrue"; 10].join(","));
}
