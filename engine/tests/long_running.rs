//! Programs that run for long and keep little: the heap stays within what is live, twice over, and a collection's step.

use mayfly_engine::ContextOptions;
use mayfly_engine::heap::HeapLimits;
use mayfly_engine::host::NullHost;

#[path = "support/stress.rs"]
mod stress;
use stress::Safepoints;

/// Below this a program with little that is live must stay: the first collection comes after 16 MiB, and as much may follow each.
const SMALL: u32 = 40 << 20;

/// Runs a program and its jobs under a memory limit; every allocation past it ends the run.
fn run_within(limit: u32, source: &str) {
    let options = ContextOptions { limits: HeapLimits { memory_bytes: limit }, ..ContextOptions::default() };
    let mut cx = stress::context_with(NullHost::default(), options, Safepoints::Usual);
    let outcome = cx.evaluate_script(source, "long.js").and_then(|_| cx.run_jobs().map(|_| ()));
    if outcome.is_err() {
        let stopped = cx.termination();
        let error = cx.take_exception().and_then(|error| cx.to_text(error).ok());
        panic!("stopped: {stopped:?}, exception: {error:?}, {} MiB in use", cx.heap.used_bytes() >> 20);
    }
    let done = cx.evaluate_script("done", "check.js").ok().and_then(|value| value.as_bool());
    assert_eq!(done, Some(true), "the program did not come to its end");
}

fn run(source: &str) {
    run_within(SMALL, &format!("var done = false;\n{source}"));
}

#[test]
fn closures() {
    run("let keep; for (let i = 0; i < 10_000_000; i++) keep = () => i + keep; done = true;");
}

#[test]
fn objects_arrays_and_instances() {
    run("class P { #z = 3; constructor(x) { this.x = x; this.y = [x, x]; } }
         let keep; for (let i = 0; i < 3_500_000; i++) keep = { p: new P(i), q: i * 0.5 }; done = true;");
}

#[test]
fn async_function_with_a_long_loop_after_an_await() {
    run("(async () => { await 0; let keep; for (let i = 0; i < 10_000_000; i++) keep = { i, keep: null }; done = true; })();");
}

#[test]
fn awaits_in_a_loop() {
    run("async function one(i) { await null; return { i }; }
         (async () => { let sum = 0; for (let i = 0; i < 700_000; i++) sum += (await one(i)).i; done = true; })();");
}

#[test]
fn promise_chains() {
    run("let i = 0; const next = value => ++i < 2_000_000 ? Promise.resolve({ value: i }).then(next) : (done = true, value);
         function loop() { if (++i < 2_000_000) Promise.resolve({ i }).then(x => new Promise(r => r([x]))).then(loop); else done = true; } loop();");
}

#[test]
fn promise_combinators() {
    run("(async () => { for (let i = 0; i < 150_000; i++) { await Promise.all([1, Promise.resolve(i), { i }]); await Promise.race([i, new Promise(() => {})]); }
         done = true; })();");
}

#[test]
fn generators_that_yield_much() {
    run("function* g(n) { for (let i = 0; i < n; i++) yield { i }; }
         let sum = 0; for (const { i } of g(1_500_000)) sum += i; for (let i = 0; i < 300_000; i++) [...g(3)]; done = true;");
}

#[test]
fn generators_that_run_long_between_yields() {
    run("function* g() { for (;;) { let keep; for (let i = 0; i < 5_000_000; i++) keep = { i }; yield keep; } }
         const it = g(); it.next(); it.next(); for (const x of g()) break; done = true;");
}

#[test]
fn async_generators() {
    run("async function* g(n) { for (let i = 0; i < n; i++) { yield { i }; } }
         (async () => { let sum = 0; for await (const { i } of g(300_000)) sum += i; for (let i = 0; i < 30_000; i++) { for await (const x of g(2)) break; } done = true; })();");
}

#[test]
fn maps_that_grow_and_shrink() {
    run("const map = new Map(), set = new Set();
         for (let round = 0; round < 60; round++) {
           for (let i = 0; i < 25_000; i++) { map.set({ i }, i); set.add('key' + i + round); }
           for (const key of map.keys()) map.delete(key);
           set.clear();
         }
         for (let i = 0; i < 3_000_000; i++) { map.set(i, { i }); map.delete(i - 100); }
         done = map.size === 100;");
}

#[test]
fn strings_and_ropes() {
    run("let text = ''; let length = 0;
         for (let i = 0; i < 5_000_000; i++) { text += 'item ' + i; if (text.length > 2000) { length += text.indexOf('zz') + text.length; text = ''; } }
         for (let i = 0; i < 1_000_000; i++) { text = ('a' + i).padStart(20).slice(2).toUpperCase().split('A').join('b'); }
         done = true;");
}

#[test]
fn property_names_made_on_the_way() {
    run("for (let i = 0; i < 1_500_000; i++) { const o = {}; o['name' + i] = i; o[Symbol()] = 1; }
         const table = {}; for (let i = 0; i < 1_000_000; i++) { table['k' + i] = { i }; delete table['k' + (i - 50)]; }
         done = Object.keys(table).length === 50;");
}

#[test]
fn typed_arrays_and_buffers() {
    run("let sum = 0; for (let i = 0; i < 1_000_000; i++) { const a = new Uint8Array(64); a[3] = i; sum += a.subarray(2, 9)[1] + new DataView(a.buffer).getUint8(3); }
         for (let i = 0; i < 2000; i++) sum += new Float64Array(100_000).length; done = true;");
}

#[test]
fn weak_collections() {
    run("const map = new WeakMap(), set = new WeakSet(); let refs = [];
         for (let i = 0; i < 1_500_000; i++) { const key = { i }; map.set(key, { key }); set.add(key); if (i % 100 === 0) refs = [new WeakRef(key)]; }
         done = true;");
}

#[test]
fn finalization_registries() {
    run(
        "let count = 0; const registry = new FinalizationRegistry(() => count++);
         (async () => { for (let i = 0; i < 400_000; i++) { registry.register({ i }, i); if (i % 1000 === 0) await 0; } done = true; })();",
    );
}

#[test]
fn callbacks_of_natives_that_allocate_much() {
    run("const many = Array.from({ length: 2_000 }, (_, i) => i);
         for (let i = 0; i < 300; i++) { many.map(x => ({ x })).filter(o => o.x & 1).sort((a, b) => { const pair = { a, b }; return pair.b.x - pair.a.x; }).reduce((s, o) => ({ s: o.x }), 0); }
         [1].forEach(() => { let keep; for (let i = 0; i < 3_000_000; i++) keep = { i }; });
         new Map([[1, 2]]).forEach(() => { let keep; for (let i = 0; i < 3_000_000; i++) keep = { i }; });
         done = true;");
}

#[test]
fn json_and_regular_expressions() {
    run("let n = 0; for (let i = 0; i < 120_000; i++) { n += JSON.parse(JSON.stringify({ a: [i, { b: 'text' + i }], c: null })).a[0]; }
         for (let i = 0; i < 300_000; i++) { const m = /(?<w>\\w+)-(\\d+)/.exec('item-' + i); n += m.groups.w.length + 'a,b,c'.split(/,/).length; }
         done = true;");
}

#[test]
fn errors_with_stacks() {
    run("function f(i) { if (i % 7 === 0) throw new TypeError('no ' + i); return null.x; }
         let text = 0; for (let i = 0; i < 250_000; i++) { try { f(i); } catch (e) { if (i % 10 === 0) text += e.stack.length; } } done = text > 0;");
}

#[test]
fn code_made_from_strings() {
    run("let sum = 0; for (let i = 0; i < 30_000; i++) { sum += eval('(function () { const o = { a' + i + ': 1 }; return o.a' + i + '; })')(); sum += new Function('a', 'return a + ' + i)(1); }
         done = true;");
}

#[test]
fn destructuring_spread_and_arguments() {
    run("function f(a, ...rest) { return arguments.length + rest.length; } let n = 0;
         for (let i = 0; i < 1_200_000; i++) { const [a, ...b] = [i, 2, 3]; const { x, ...y } = { x: 1, z: i }; n += f(...b, a) + y.z; }
         done = true;");
}

#[test]
fn big_integers() {
    run(
        "let x = 1n; for (let i = 0; i < 1_500_000; i++) { x = (x * 6364136223846793005n + 1442695040888963407n) & 0xFFFFFFFFFFFFFFFFn; } done = true;",
    );
}

#[test]
fn a_heap_that_is_half_full_stays_within_twice_its_size() {
    // About 40 MiB live, and the rest garbage.
    run_within(
        110 << 20,
        "var done = false; const live = []; for (let i = 0; i < 500_000; i++) live.push({ i, next: null });
         for (let round = 0; round < 12; round++) for (let i = 0; i < 500_000; i++) live[i] = { i, next: null };
         done = live.length === 500_000;",
    );
}
