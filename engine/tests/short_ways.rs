//! Built-ins with a short way for what is as the language made it, against the same built-ins where something was changed: each script gives
//! what the specification's steps give, whether they can be skipped or not.

use mayfly_engine::host::NullHost;

#[path = "support/stress.rs"]
mod stress;
use stress::run;

fn check(source: &str, expected: &str) {
    assert_eq!(run(&mut stress::context(NullHost::default()), source), expected, "{source}");
}

#[test]
fn properties_are_copied_in_order_with_their_values_of_the_moment() {
    check(
        "const show = o => Reflect.ownKeys(o).map(k => String(k) + '=' + String(o[k])).join();
         const out = [];
         const plain = { a: 1, b: 2, c: 3 };
         const copy = { ...plain }; copy.a = 9; copy.d = 4; plain.e = 5;
         out.push(show(plain), show(copy), show({ ...plain, a: 7 }), show({ a: 0, z: 1, ...plain }));
         const many = {}; for (let i = 0; i < 9; i++) many['k' + i] = i;
         const manyCopy = { ...many }; manyCopy.k8 = 'x'; manyCopy.k9 = 9;
         out.push(show(many), show(manyCopy));
         out.push(show({ ...Object.freeze({ f: 1 }) }), Object.isFrozen({ ...Object.freeze({ f: 1 }) }));
         out.push(show({ ...{ [Symbol.for('s')]: 1, t: 2 } }), show({ ...[1, , 3] }), show({ ...'ab' }), show({ ...null, ...1 }));
         out.push(show({ ...{ get g() { return 'got'; }, h: 1 } }), Object.getOwnPropertyDescriptor({ ...{ get g() { return 1; } } }, 'g').writable);
         out.push(show({ get a() { return 'accessor'; }, ...plain }));
         out.push(show({ ...Object.defineProperty({ v: 1 }, 'hidden', { value: 2 }) }), show({ ...Object.create({ inherited: 1 }) }));
         out.push(show({ ...{ 4294967295: 'large', a: 1, 2: 'two' } }), show({ ...{ __proto__: null, n: 1 } }));
         class P { #x = 1; y = 2; read(o) { try { return o.#x; } catch (e) { return e.name; } } }
         out.push(show({ ...new P }), new P().read({ ...new P }));
         const { a, ...rest } = plain; out.push(show(rest));
         const target = { ...plain }; for (const k of ['a', 'b']) delete target[k]; out.push(show({ ...target }));
         const proto = { p: 1 }; Object.create(proto); const ofProto = { ...proto }; ofProto.q = 2; out.push(show(proto), show(ofProto));
         out.join(';')",
        "a=1,b=2,c=3,e=5;a=9,b=2,c=3,d=4;a=7,b=2,c=3,e=5;a=1,z=1,b=2,c=3,e=5;\
         k0=0,k1=1,k2=2,k3=3,k4=4,k5=5,k6=6,k7=7,k8=8;k0=0,k1=1,k2=2,k3=3,k4=4,k5=5,k6=6,k7=7,k8=x,k9=9;f=1;false;\
         t=2,Symbol(s)=1;0=1,2=3;0=a,1=b;;g=got,h=1;true;a=1,b=2,c=3,e=5;v=1;;2=two,4294967295=large,a=1;n=1;y=2;TypeError;\
         b=2,c=3,e=5;c=3,e=5;p=1;p=1,q=2",
    );
}

#[test]
fn assigning_runs_setters_and_sees_what_they_do() {
    check(
        "const show = o => Object.keys(o).map(k => k + '=' + o[k]).join();
         const out = [];
         out.push(show(Object.assign({}, { a: 1, b: 2 }, { b: 3, c: 4 })), show(Object.assign({ z: 0 }, null, 'xy', [7])));
         const source = { a: 1, b: 2, c: 3, d: 4 };
         const log = [];
         Object.assign({ set a(v) { log.push(v); delete source.c; source.b = 'late'; source.e = 'new'; } , set b(v) { log.push(v); }, set c(v) { log.push('c' + v); }, set d(v) { log.push(v); }, set e(v) { log.push('e'); } }, source);
         out.push(log.join('|'));
         const accessor = { a: 1, b: 2 };
         const seen = [];
         Object.assign({ set a(v) { Object.defineProperty(accessor, 'b', { get() { return 'get'; }, enumerable: true }); }, set b(v) { seen.push(v); } }, accessor);
         out.push(seen.join());
         try { Object.assign(Object.freeze({ a: 0 }), { a: 1 }); } catch (e) { out.push(e.name); }
         try { Object.assign(Object.preventExtensions({}), { a: 1 }); } catch (e) { out.push(e.name); }
         Object.defineProperty(Object.prototype, 'q', { set(v) { this.viaSetter = v; }, configurable: true });
         out.push(show(Object.assign({}, { q: 5, r: 6 })));
         delete Object.prototype.q;
         out.push(show(Object.assign({}, { q: 5, r: 6 })));
         const list = []; Object.assign(list, { length: 3, 1: 'one' }); out.push(list.length + list[1]);
         const same = { a: 1, b: 2 }; out.push(show(Object.assign(same, same)));
         out.push(show(Object.assign({}, { __proto__: { i: 1 }, o: 2 })), Object.getPrototypeOf(Object.assign({}, JSON.parse('{\"__proto__\": null}'))) === null);
         out.join(';')",
        "a=1,b=3,c=4;0=7,1=y,z=0;1|late|4;get;TypeError;TypeError;viaSetter=5,r=6;q=5,r=6;3one;a=1,b=2;o=2;true",
    );
}

#[test]
fn matches_are_iterated_as_the_regular_expression_says() {
    check(
        "const all = (text, r) => Array.from(text.matchAll(r), m => m.index + m[0] + (m.groups ? m.groups.n : '')).join('|');
         const out = [all('a1b22', /\\d+/g), all('aXbx', /x/gi), all('aaa', /(?:)/g), all('x1y2', /(?<n>\\d)/g), all('\u{1F600}a', /(?:)/gu), all('none', /z/g)];
         const sticky = /a/gy; sticky.lastIndex = 1; out.push(all('baab', sticky), sticky.lastIndex);
         const from = /a/g; from.lastIndex = 2; out.push(all('aaaa', from), from.lastIndex);
         const it = 'ab'.matchAll(/./g); out.push(it.next().value[0], it.next().value[0], it.next().done, it.next().done, Object.prototype.toString.call(it));
         try { 'a'.matchAll(/a/); } catch (e) { out.push(e.name); }
         let matchGets = 0;
         const original = Object.getOwnPropertyDescriptor(RegExp.prototype, Symbol.match);
         Object.defineProperty(RegExp.prototype, Symbol.match, { get() { matchGets++; return original.value; }, configurable: true });
         all('a', /a/g); out.push(matchGets > 1);
         Object.defineProperty(RegExp.prototype, Symbol.match, original);
         class R extends RegExp { exec(s) { const m = super.exec(s); if (m) m[0] = '<' + m[0] + '>'; return m; } }
         out.push(all('ab', new R('.', 'g')));
         const exec = RegExp.prototype.exec;
         RegExp.prototype.exec = function (s) { const m = exec.call(this, s); if (m) m[0] += '!'; return m; };
         out.push(all('ab', /./g));
         RegExp.prototype.exec = exec;
         const proto = Object.getPrototypeOf('a'.matchAll(/a/g)), next = proto.next;
         proto.next = function () { const r = next.call(this); if (!r.done) r.value[0] = 'patched'; return r; };
         out.push(all('ab', /./g));
         proto.next = next;
         out.push(all('ab', /./g));
         out.join(';')",
        "1\u{31}|3\u{32}2;1X|3x;0|1|2|3;1\u{31}1|3\u{32}2;0|2|3;;1a|2a;1;2a|3a;2;a;b;true;true;[object RegExp String Iterator];TypeError;true;0<a>|1<b>;0a!|1b!;\
         0patched|1patched;0a|1b",
    );
}

#[test]
fn strings_are_iterated_by_code_points_or_as_patched() {
    check(
        "const out = [];
         const list = text => { const all = []; for (const c of text) all.push(c); return all.join('|'); };
         out.push(list('aé\u{1F600}z'), list('\\uD800x\\uDC00').length, [...'ab'].join(), list(''));
         const it = 'xyz'[Symbol.iterator](); out.push(it.next().value, [...it].join(''), it.next().done);
         const proto = Object.getPrototypeOf(it), next = proto.next;
         proto.next = function () { const r = next.call(this); return { value: r.value && r.value + '!', done: r.done }; };
         out.push(list('ab'));
         proto.next = next;
         proto.return = () => { out.push('closed'); return {}; };
         for (const c of 'ab') break;
         delete proto.return;
         out.push(list('ab'));
         out.join(';')",
        "a|é|\u{1F600}|z;5;a,b;;x;yz;true;a!|b!;closed;a|b",
    );
}

#[test]
fn tags_of_values() {
    check(
        "const tag = v => Object.prototype.toString.call(v).slice(8, -1);
         const values = [undefined, null, 1, 'a', true, 1n, Symbol(), {}, [], () => 1, class {}, new Date, /a/, new Error, (function () { return arguments; })(), new Number(1), new Map, new Proxy([], {}), JSON, Math];
         const out = [values.map(tag).join()];
         class T { get [Symbol.toStringTag]() { return 'Tagged'; } }
         out.push(tag(new T), tag({ [Symbol.toStringTag]: 5 }), tag({ [Symbol.toStringTag]: 'own' }));
         Number.prototype[Symbol.toStringTag] = 'Num'; out.push(tag(1), tag(new Number(1)));
         delete Number.prototype[Symbol.toStringTag]; out.push(tag(1));
         Object.defineProperty(String.prototype, Symbol.toStringTag, { get() { 'use strict'; return typeof this; }, configurable: true });
         out.push(tag('a')); delete String.prototype[Symbol.toStringTag];
         Object.prototype[Symbol.toStringTag] = 'All'; out.push(tag('a'), tag(2), tag([]), tag(null));
         delete Object.prototype[Symbol.toStringTag]; out.push(tag('a'));
         out.join(';')",
        "Undefined,Null,Number,String,Boolean,BigInt,Symbol,Object,Array,Function,Function,Date,RegExp,Error,Arguments,Number,Map,Array,JSON,Math;\
         Tagged;Object;own;Num;Num;Number;object;All;All;All;Null;String",
    );
}

#[test]
fn numbers_are_found_in_both_forms() {
    check(
        "const half = [0.5, 1.5].map(x => x + 0.5);
         const list = [...half, -0, 'x', NaN, undefined, 9, 10, 11, 12, 13, 14, 15, 16, 2147483648, -1];
         [list.includes(1), list.indexOf(2), list.includes(0), list.indexOf(-0), list.includes(NaN), list.indexOf(NaN), list.includes(undefined), list.indexOf(16),
          list.indexOf(2147483648), list.indexOf(-1), list.includes(17), list.indexOf('x'), [0].includes(-0), [-0].indexOf(0), list.indexOf(9, 7), list.indexOf(16, -3), list.indexOf(16, -2)].join()",
        "true,1,true,2,true,-1,true,13,14,15,false,3,true,0,-1,13,-1",
    );
}

#[test]
fn promises_look_at_what_was_patched() {
    check(
        "const out = [];
         const plain = Promise.resolve(1);
         class P extends Promise {}
         out.push(plain.then(() => {}).constructor === Promise, P.resolve(1).then(() => {}) instanceof P);
         plain.constructor = { [Symbol.species]: P }; out.push(plain.then(() => {}) instanceof P); delete plain.constructor;
         out.push(plain.then(() => {}) instanceof P);
         Promise.prototype.constructor = { [Symbol.species]: P }; out.push(Promise.resolve(2).then(() => {}) instanceof P);
         Promise.prototype.constructor = Promise; out.push(Promise.resolve(2).then(() => {}) instanceof P);
         const species = Object.getOwnPropertyDescriptor(Promise, Symbol.species);
         Object.defineProperty(Promise, Symbol.species, { get: () => P, configurable: true }); out.push(Promise.resolve(2).then(() => {}) instanceof P);
         Object.defineProperty(Promise, Symbol.species, species); out.push(Promise.resolve(2).then(() => {}) instanceof P);
         const then = Promise.prototype.then; let calls = 0;
         Promise.prototype.then = function (...a) { calls++; return then.apply(this, a); };
         Promise.all([Promise.resolve(1), Promise.resolve(2)]); out.push(calls); (async () => { await Promise.resolve(3); })();
         Promise.prototype.then = then; Promise.all([Promise.resolve(1)]); out.push(calls);
         out.join()",
        "true,true,true,false,true,false,true,false,2,2",
    );
}

#[test]
fn proxies_keep_their_invariants() {
    check(
        "const out = [];
         const target = { a: 1, get g() { return 2; } };
         Object.defineProperty(target, 'fixed', { value: 'f' });
         Object.defineProperty(target, 'noGet', { set() {} });
         const p = new Proxy(target, { get: (t, k) => k === 'fixed' ? answer : 'got ' + String(k), set: () => true });
         let answer = 'f'; out.push(p.a, p.g, p.none, p.fixed, p[0]);
         answer = 'other'; try { p.fixed; } catch (e) { out.push(e.name); }
         try { p.noGet; } catch (e) { out.push(e.name); }
         p.a = 5; p.none = 6; out.push(target.a);
         try { 'use strict'; p.fixed = 'changed'; } catch (e) { out.push(e.name); }
         const { proxy, revoke } = Proxy.revocable({}, {}); proxy.x; revoke(); try { proxy.x; } catch (e) { out.push(e.message); }
         out.join(';')",
        "got a;got g;got none;f;got 0;TypeError;TypeError;1;TypeError;Cannot perform 'get' on a proxy that has been revoked",
    );
}

#[test]
fn templates_join_whatever_their_parts_are() {
    check(
        "const long = 'l'.repeat(300), wide = '\u{3b1}', rope = long + '!' + long, empty = '';
         const join = (...p) => `${p[0]}${p[1]}${p[2]}${p[3]}`;
         const out = [];
         for (const parts of [['a', 1, 'b', 2], [empty, empty, empty, empty], ['x', empty, empty, empty], [wide, 'a', wide, 3], ['a', long, 'b', 'c'], [rope, rope, 'z', null], ['é', 'ÿ', -5, undefined]]) {
             const joined = join(...parts);
             out.push(joined === parts.reduce((a, b) => a + String(b), '') && joined.length);
             const o = {}; o[joined] = 1; out.push(o[parts.map(String).join('')]);
         }
         out.join()",
        "4,1,0,1,1,1,4,1,303,1,1207,1,13,1",
    );
}
