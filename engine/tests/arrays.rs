//! Arrays and binary data, as scripts see them: what the conformance suite does not look at (fast paths against the plain reading of the
//! specification, messages) and the Rust interface to bytes.

use mayfly_engine::builtins::typed_array;
use mayfly_engine::heap::HeapLimits;
use mayfly_engine::host::NullHost;
use mayfly_engine::{ContextOptions, Value};

#[path = "support/stress.rs"]
mod stress;
use stress::{Safepoints, run};

fn context() -> stress::TestContext {
    stress::context(NullHost::default())
}

fn check(source: &str, expected: &str) {
    assert_eq!(run(&mut context(), source), expected, "{source}");
}

#[test]
fn queues_keep_their_order_through_shift_and_push() {
    check(
        "const q = []; let out = 0, pushed = 0;
         for (let round = 0; round < 300; round++) {
             for (let i = 0; i < 7; i++) q.push(pushed++);
             for (let i = 0; i < 5; i++) if (q.shift() !== out++) throw Error('order');
         }
         while (q.length) if (q.shift() !== out++) throw Error('order');
         [out, pushed, q.length, q.shift(), 0 in q].join()",
        "2100,2100,0,,false",
    );
}

#[test]
fn shift_of_a_long_array_leaves_a_heap_that_can_be_walked_and_collected() {
    let mut cx = context();
    let made =
        run(&mut cx, "globalThis.a = Array.from({ length: 100 }, (_, i) => ({ i })); for (let i = 0; i < 60; i++) a.shift(); a.length");
    assert_eq!(made, "40");
    assert!(cx.collect_garbage());
    assert_eq!(run(&mut cx, "a.map(x => x.i).join() === Array.from({ length: 40 }, (_, i) => i + 60).join()"), "true");
    assert_eq!(run(&mut cx, "for (let i = 0; i < 500; i++) a.push({ i }); while (a.length > 1) a.shift(); a[0].i"), "499");
    assert!(cx.collect_garbage());
    assert_eq!(run(&mut cx, "a[0].i + ',' + a.length"), "499,1");
}

/// Every method that has a fast path for arrays gives the same on an array-like, for which there is none.
#[test]
fn fast_paths_agree_with_the_general_way() {
    let script = r#"
        const lists = [[], [1], [3, 1, 2], [1, , 3], [, ], [undefined, null, NaN, -0, 'x'], Array.from({ length: 40 }, (_, i) => i * 7 % 41)];
        const calls = [
            ['push', 5], ['push'], ['push', 1, 2, 3, 4, 5, 6, 7], ['pop'], ['shift'], ['unshift', 8], ['unshift', 8, 9, 10], ['unshift'],
            ['splice'], ['splice', 1], ['splice', 0, 2], ['splice', 1, 1, 'a', 'b', 'c'], ['splice', -2, 1, 'z'], ['splice', 2, 0, 1, 2, 3, 4],
            ['splice', 0, 99, 1], ['reverse'], ['fill', 7], ['fill', 7, 1, 3], ['fill', 7, -2], ['copyWithin', 0, 2], ['copyWithin', 2, 0],
            ['copyWithin', 1, 0, 1], ['slice'], ['slice', 1], ['slice', -2, -1], ['indexOf', 3], ['indexOf', NaN], ['indexOf', undefined],
            ['indexOf', 1, 1], ['includes', NaN], ['includes', undefined], ['includes', 0], ['includes', 'x'], ['lastIndexOf', 1],
            ['lastIndexOf', 3, -2], ['join'], ['join', '--'], ['sort'], ['sort', (a, b) => b - a], ['at', -1], ['with', 0, 'w'], ['toSpliced', 1, 1, 5],
            ['toReversed'], ['toSorted'], ['map', x => [x]], ['filter', x => x !== 1], ['flat'], ['flatMap', x => [x, x]], ['find', x => x > 1],
            ['findLastIndex', x => x > 1], ['reduce', (a, x) => a + String(x), ''], ['reduceRight', (a, x) => a + String(x), ''], ['every', x => x],
        ];
        const show = x => {
            if (Object.is(x, -0)) return '-0';
            if (typeof x !== 'object' || x === null) return typeof x + ':' + String(x);
            let text = '[' + x.length + ';';
            for (const key of Object.keys(x)) if (key !== 'length') text += key + '=' + show(x[key]) + ' ';
            return text + ']';
        };
        const attempt = (object, name, args) => {
            let result;
            try { result = Array.prototype[name].apply(object, args); } catch (error) { return error.constructor.name; }
            return (result === object ? 'same' : show(result)) + show(object);
        };
        const like = list => {
            const object = { length: list.length, constructor: Array };
            for (const key of Object.keys(list)) object[key] = list[key];
            return object;
        };
        const wrong = [];
        for (const list of lists) for (const [name, ...args] of calls) {
            const array = list.slice(), plain = like(list);
            const fast = attempt(array, name, args), slow = attempt(plain, name, args).replaceAll('constructor=function:' + Array + ' ', '');
            if (fast !== slow) wrong.push(name + '(' + args + ') of ' + show(list) + ': ' + fast + ' but ' + slow);
        }
        wrong.join('\n') || 'all agree'
    "#;
    check(script, "all agree");
}

#[test]
fn callbacks_may_do_anything_to_the_array() {
    check("const a = [1, 2, 3, 4]; const seen = []; a.forEach((x, i) => { seen.push(x); if (i === 0) a.length = 2; }); seen.join()", "1,2");
    check("const a = [1, 2, 3]; const seen = []; a.forEach(x => { seen.push(x); a.push(x); }); seen.join() + ';' + a.length", "1,2,3;6");
    check("const a = [1, 2, 3]; a.map((x, i) => { delete a[i + 1]; return x; }).join()", "1,,3");
    check("const a = [3, 2, 1]; a.sort((x, y) => { a.length = 0; a.foo = 1; return x - y; }).join()", "1,2,3");
    check("const a = [1, 2, 3]; a.find((x, i) => { a[i + 1] = 'n'; return i === 1; })", "n");
    check("const a = [5, 1, 4]; Object.freeze(a); try { a.sort(); 'no' } catch (e) { e.constructor.name + a }", "TypeError5,1,4");
    check("const a = [1, 2]; a.splice({ valueOf() { a.length = 0; return 0; } }, 1).length + ',' + a.length", "1,1");
    check("const a = [1, 2, 3]; a.includes(3, { valueOf() { a.length = 1; return 0; } })", "false");
    check("const a = [1, 2, 3]; a.fill(9, { valueOf() { a.length = 1; return 0; } }); a.join()", "9,9,9");
}

#[test]
fn indexed_prototypes_are_seen_through_holes() {
    check(
        "Array.prototype[1] = 'p'; const a = [0, , 2]; [a.indexOf('p'), a.includes('p'), a.join(), a.slice().hasOwnProperty(1), [].concat(a)[1]].join('|')",
        "1|true|0,p,2|true|p",
    );
    check(
        "Object.defineProperty(Array.prototype, 0, { set(v) { this.caught = v; } }); const a = []; a.push(7); [a.caught, a.length, 0 in a, a.hasOwnProperty(0)].join()",
        "7,1,true,false",
    );
    check("Array.prototype[3] = 'p'; const a = [1, 2, 3]; a.length = 4; a.pop()", "p");
}

#[test]
fn sorting_is_stable_and_survives_nonsense() {
    check(
        "const n = 1000, a = Array.from({ length: n }, (_, i) => ({ key: i * 7919 % 13, i })); a.sort((x, y) => x.key - y.key);
         a.every((x, i) => i === 0 || a[i - 1].key < x.key || (a[i - 1].key === x.key && a[i - 1].i < x.i))",
        "true",
    );
    check(
        "const a = Array.from({ length: 100 }, (_, i) => i); let s = 1; a.sort(() => (s = s * 16807 % 2147483647) % 3 - 1); a.reduce((x, y) => x + y)",
        "4950",
    );
    check(
        "[10, 9, 1, -1, undefined, 'b', , 'a', true].sort().length + '' + [10, 9, 1, -1, undefined, 'b', 'a', true].sort()",
        "9-1,1,10,9,a,b,true,",
    );
    check("try { [1, Symbol()].sort() } catch (e) { e.message }", "Cannot convert a Symbol value to a string");
    check("[Symbol.iterator].sort().length", "1");
    check(
        "new Float64Array([NaN, 1, -0, 0, -Infinity, NaN, Infinity]).sort().join() + Object.is(new Float64Array([0, -0]).sort()[0], -0)",
        "-Infinity,0,0,1,Infinity,NaN,NaNtrue",
    );
    check(
        "new BigInt64Array([3n, -1n, 2n]).sort().join() + ';' + new BigUint64Array([3n, -1n, 2n]).sort().join()",
        "-1,2,3;2,3,18446744073709551615",
    );
}

#[test]
fn join_of_a_cycle_and_deep_flattening_end() {
    check("const a = [1, [2]]; a[1].push(a); a.push(a); a.join()", "1,2,,");
    check("const a = []; a.push(a); try { a.flat(Infinity) } catch (e) { e.constructor.name }", "RangeError");
    let deep = "let a = []; for (let i = 0; i < 100000; i++) a = [a]; a.flat(Infinity).length";
    assert_eq!(run(&mut stress::context_of_many(NullHost::default()), deep), "0");
    check("try { const a = [1]; a.push({ toString() { throw Error('t'); } }); a.join() } catch (e) {} const b = [1]; b.join()", "1");
}

/// Callbacks allocate far more than the memory limit, so they must be collected while natives wait for them.
#[test]
fn garbage_of_callbacks_is_collected() {
    for (source, expected) in [
        ("let n = 0; list.forEach(x => { n += waste(x).length; }); n", "2000000"),
        ("list.map(x => [waste(x)[3]]).map(x => x[0]).join() === list.map(x => x + 3).join()", "true"),
        ("list.filter(x => waste(x) && x % 2).length", "1000"),
        ("list.map(x => ({ x })).filter((o, i, a) => { a[i] = null; return waste(o.x); }).map(o => o.x).join() === list.join()", "true"),
        ("list.map(x => ({ x })).find((o, i, a) => { a[i] = null; waste(o.x); return i === 1999; }).x", "1999"),
        ("list.reduce((a, x) => ({ sum: a.sum + waste(x).length }), { sum: 0 }).sum", "2000000"),
        ("list.flatMap(x => [waste(x).length, [x]]).length", "4000"),
        (
            "Array.from(list, x => waste(x)[0]).join() === list.join() && Array.from({ length: 2000 }, (_, x) => ({ y: waste(x)[0] })).every((o, i) => o.y === i)",
            "true",
        ),
        (
            "const objects = list.map(x => ({ x: 2000 - x })); objects.sort((a, b) => { objects.length = 0; return waste(0) && a.x - b.x; }).every((o, i) => o.x === i + 1)",
            "true",
        ),
        ("new BigInt64Array(list.map(BigInt)).filter(x => waste(1) && x % 2n).join() === list.filter(x => x % 2).join()", "true"),
        ("new BigInt64Array(list.map(x => BigInt(-x))).sort((a, b) => { waste(1); return a < b ? -1 : 1; })[0]", "-1999"),
        ("let n = 0; [1, 2].forEach(() => list.forEach(x => { n += list.slice(0, 2).map(y => waste(y).length)[1]; })); n", "4000000"),
    ] {
        let options = ContextOptions { limits: HeapLimits { memory_bytes: 16 << 20 }, ..ContextOptions::default() };
        let mut cx = stress::context_with(NullHost::default(), options, Safepoints::Usual);
        let prelude = "const list = []; for (let i = 0; i < 2000; i++) list.push(i); const waste = x => { const a = []; for (let i = 0; i < 1000; i++) a.push(x + i); return a; };";
        assert_eq!(run(&mut cx, &format!("{prelude} {source}")), expected, "{source}");
    }
}

#[test]
fn messages_are_those_of_v8() {
    for (source, message) in [
        ("[].reduce((a, b) => a)", "Reduce of empty array with no initial value"),
        ("[1].map(undefined)", "undefined is not a function"),
        ("[1].forEach({})", "#<Object> is not a function"),
        ("new Array(-1)", "Invalid array length"),
        ("[].length = 1.5", "Invalid array length"),
        ("new Int32Array(new ArrayBuffer(8), 1)", "start offset of Int32Array should be a multiple of 4"),
        ("new Int32Array(new ArrayBuffer(7))", "byte length of Int32Array should be a multiple of 4"),
        ("new Int32Array(new ArrayBuffer(8), 12)", "Start offset 12 is outside the bounds of the buffer"),
        ("new Int8Array(-1)", "Invalid typed array length: -1"),
        ("new ArrayBuffer(2 ** 50)", "Array buffer allocation failed"),
        ("Uint8Array(1)", "Constructor Uint8Array requires 'new'"),
        ("new DataView(new ArrayBuffer(2)).getInt32(0)", "Offset is outside the bounds of the DataView"),
        ("[1].sort(3)", "The comparison function must be either a function or undefined [3]"),
        ("new Uint8Array([1n])", "Cannot convert a BigInt value to a number"),
        ("new Uint8Array(2).set([1, 2, 3])", "offset is out of bounds"),
        ("ArrayBuffer.prototype.slice.call({})", "Method ArrayBuffer.prototype.slice called on incompatible receiver #<Object>"),
    ] {
        check(&format!("try {{ {source}; 'nothing thrown' }} catch (e) {{ e.message }}"), message);
    }
}

#[test]
fn typed_arrays_convert_and_clamp() {
    check(
        "[new Uint8Array([-1, 256.9, 1e20, NaN, '7']), new Int16Array([32768]), new Uint32Array([-1])].join('|')",
        "255,0,0,0,7|-32768|4294967295",
    );
    check("new Uint8ClampedArray([0.5, 1.5, 2.5, -3, 300, NaN]).join()", "0,2,2,0,255,0");
    check(
        "new Float32Array([0.1])[0] === Math.fround(0.1) && new Float16Array([65520, 65519, 5.96e-8, 0.1]).join()",
        "Infinity,65504,5.960464477539063e-8,0.0999755859375",
    );
    check(
        "const u = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]); new Uint16Array(u.buffer).set(u.subarray(0, 4)); u.join()",
        "1,0,2,0,3,0,4,0",
    );
    check("const f = new Float64Array(2); f[0] = NaN; f[1] = 1; new Float64Array(new Float32Array(f)).join()", "NaN,1");
    check(
        "const v = new DataView(new ArrayBuffer(16)); v.setBigInt64(0, -2n); v.setFloat16(8, 1.5); [v.getUint8(7), v.getBigUint64(0, true), v.getUint16(8), v.getFloat16(8, true)].join()",
        "254,18374686479671623679,15872,0.0000036954879760742188",
    );
}

#[test]
fn resizable_detached_and_immutable_buffers() {
    check(
        "const b = new ArrayBuffer(4, { maxByteLength: 8 }), u = new Uint8Array(b), f = new Uint8Array(b, 0, 4); u.fill(9); b.resize(8); const grown = u.join(); b.resize(2); [grown, u.length, f.length, f[0]].join('|')",
        "9,9,9,9,0,0,0,0|2|0|",
    );
    check(
        "const b = new ArrayBuffer(4, { maxByteLength: 8 }); new Uint8Array(b).fill(9); b.resize(1); b.resize(8); new Uint8Array(b).join()",
        "9,0,0,0,0,0,0,0",
    );
    check(
        "const b = new ArrayBuffer(4); new Uint8Array(b)[1] = 5; const c = b.transfer(), d = c.transfer(8); [b.detached, b.byteLength, c.detached, new Uint8Array(d)].join()",
        "true,0,true,0,5,0,0,0,0,0,0",
    );
    check(
        "const i = new Uint8Array([1, 2]).buffer.transferToImmutable(), u = new Uint8Array(i); u[0] = 9; let e = 0; try { u.fill(1) } catch { e++ } try { i.transfer() } catch { e++ } try { (() => { 'use strict'; u[0] = 1 })() } catch { e++ } [u, i.immutable, e].join('|')",
        "1,2|true|3",
    );
    check(
        "const b = new ArrayBuffer(8), u = new Uint8Array(b); u.map((x, i) => { if (i === 3) b.transfer(); return 1; }).join()",
        "1,1,1,1,1,1,1,1",
    );
}

#[test]
fn waiters_are_woken_in_order() {
    let mut cx = context();
    run(
        &mut cx,
        "globalThis.log = []; const a = new Int32Array(new SharedArrayBuffer(8));
         for (const n of [1, 2, 3]) Atomics.waitAsync(a, 0, 0).value.then(x => log.push(n + x));
         log.push(Atomics.waitAsync(a, 0, 1).value, Atomics.notify(a, 1), Atomics.notify(a, 0, 2), Atomics.notify(a, 0), Atomics.notify(a, 0));",
    );
    assert!(cx.run_jobs().is_ok());
    assert_eq!(run(&mut cx, "log.join()"), "not-equal,0,2,1,0,1ok,2ok,3ok");
}

#[test]
fn array_from_async() {
    let mut cx = context();
    run(
        &mut cx,
        "globalThis.log = []; const show = x => log.push(String(x));
         Array.fromAsync([1, Promise.resolve(2), 3], async x => x * 2).then(show, show);
         Array.fromAsync({ length: 2, 0: 'a', 1: Promise.resolve('b') }).then(show, show);
         const closes = { [Symbol.asyncIterator]() { return { next: async () => ({ value: 1, done: false }), return() { log.push('closed'); return {}; } }; } };
         Array.fromAsync(closes, () => { throw 'mapper'; }).then(show, show);
         Array.fromAsync(null).then(show, e => show(e.constructor.name));",
    );
    assert!(cx.run_jobs().is_ok());
    assert_eq!(run(&mut cx, "log.sort().join('|')"), "2,4,6|TypeError|a,b|closed|mapper");
}

#[test]
fn bytes_for_rust() {
    let mut cx = context();
    let array = typed_array::create_uint8_array(&mut cx, &[1, 2, 3, 250]);
    let global = cx.global();
    let name = cx.key("bytes");
    assert!(cx.set(global, name, array.value(), true).is_ok());
    assert_eq!(run(&mut cx, "bytes instanceof Uint8Array && bytes.join()"), "1,2,3,250");
    assert_eq!(typed_array::bytes_of(&cx, array.value()), Some(vec![1, 2, 3, 250]));
    assert_eq!(typed_array::load_element(&cx.heap, array, 3), Some(Value::int(250)));
    assert_eq!(typed_array::load_element(&cx.heap, array, 4), None);
    assert!(typed_array::store_element(&cx.heap, array, 0, Value::number(257.0)));
    assert!(!typed_array::store_element(&cx.heap, array, 4, Value::int(1)));
    assert!(!typed_array::store_element(&cx.heap, array, 0, Value::NULL), "ToNumber is for the slow path");
    let view = cx.evaluate_script("new DataView(bytes.buffer, 1, 2)", "view.js").map(|value| (value, typed_array::bytes_of(&cx, value)));
    let Ok((view, seen)) = view else { panic!("no view") };
    assert_eq!(seen, Some(vec![2, 3]));
    assert!(typed_array::write_bytes(&mut cx, view, 1, &[77]));
    assert!(!typed_array::write_bytes(&mut cx, view, 1, &[1, 2]), "no room");
    assert_eq!(run(&mut cx, "bytes.join()"), "1,2,77,250");
    let Some(buffer) = typed_array::buffer_of(&cx.heap, array.value()) else { panic!("no buffer") };
    assert!(typed_array::detach(&mut cx, buffer));
    assert_eq!(typed_array::bytes_of(&cx, view), Some(Vec::new()));
    assert_eq!(run(&mut cx, "bytes.length + ',' + bytes[0] + ',' + bytes.buffer.detached"), "0,undefined,true");
    assert_eq!(typed_array::bytes_of(&cx, Value::int(3)), None);
}

#[test]
fn memory_limits_are_errors_or_ends_but_never_panics() {
    let small = || {
        let options = ContextOptions { limits: HeapLimits { memory_bytes: 8 << 20 }, ..ContextOptions::default() };
        stress::context_with(NullHost::default(), options, Safepoints::Usual)
    };
    assert_eq!(run(&mut small(), "try { new ArrayBuffer(64 << 20) } catch (e) { e.constructor.name }"), "RangeError");
    assert_eq!(run(&mut small(), "try { new ArrayBuffer(8, { maxByteLength: 64 << 20 }) } catch (e) { e.constructor.name }"), "RangeError");
    for source in [
        "const a = []; for (;;) a.push(a.length)",
        "new Array(2e7).fill(0)",
        "let a = [1]; for (;;) a = a.concat(a)",
        "let a = [1, 2, 3]; for (;;) a.splice(1, 0, ...a.slice(0, 1000))",
        "Array.from({ length: 2 ** 31 })",
        "Array.prototype.toSorted.call({ length: 2 ** 32 - 1 })",
        "Array.prototype.toSpliced.call({ length: 2 ** 32 - 1 }, 0, 1)",
        "Array.prototype.with.call({ length: 2 ** 32 - 1 }, 0, 1)",
        "Array.prototype.sort.call(new Proxy({ length: 2 ** 32 }, { has: () => true }))",
        "new Uint8Array(new Array(2 ** 32 - 1))",
        "new Array(2 ** 27).join('abcdefgh')",
        "let s = [1]; for (;;) s = s.flatMap(x => [x, x])",
    ] {
        assert_eq!(run(&mut small(), source), "terminated: Some(Memory)", "{source}");
    }
}
