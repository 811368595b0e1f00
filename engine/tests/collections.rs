//! Maps, sets and weak collections, as scripts see them: order under change, iterators over tables that are rebuilt, keys of every kind,
//! and what the collector leaves.

use mayfly_engine::heap::HeapLimits;
use mayfly_engine::host::{Host, ModuleSource};
use mayfly_engine::{ContextOptions, Value};

#[path = "support/stress.rs"]
mod stress;
use stress::{Safepoints, run};

/// Keeps errors that jobs report.
#[derive(Default)]
struct TestHost {
    reported: Vec<Value>,
}

impl Host for TestHost {
    fn now_ms(&mut self) -> Result<f64, String> {
        Ok(0.0)
    }
    fn random_seed(&mut self) -> Result<[u64; 2], String> {
        Ok([1, 2])
    }
    fn load_module(&mut self, specifier: &str, _: &str, _: &[(String, String)]) -> Result<ModuleSource, String> {
        Err(specifier.to_string())
    }
    fn as_any(&mut self) -> &mut dyn std::any::Any {
        self
    }
    fn report_error(&mut self, error: Value) {
        self.reported.push(error);
    }
}

fn context() -> stress::TestContext {
    stress::context(TestHost::default())
}

/// The same for a program that builds much.
fn check_many(source: &str, expected: &str) {
    assert_eq!(run(&mut stress::context_of_many(TestHost::default()), source), expected, "{source}");
}

fn check(source: &str, expected: &str) {
    assert_eq!(run(&mut context(), source), expected, "{source}");
}

#[test]
fn a_map_behaves_as_a_list_of_pairs_under_random_operations() {
    // A linear congruential generator drives the map and an array of pairs through the same operations.
    check_many(
        "let seed = 12345; const random = n => (seed = (seed * 1103515245 + 12345) & 0x7fffffff, (seed >> 8) % n);
         const map = new Map(); let list = [];
         for (let step = 0; step < 30000; step++) {
             const key = 'k' + random(step % 3000 < 1500 ? 200 : 20);
             const at = list.findIndex(pair => pair[0] === key);
             switch (random(4)) {
                 case 0: case 1:
                     if (at < 0) list.push([key, step]); else list[at][1] = step;
                     map.set(key, step); break;
                 case 2:
                     if (map.delete(key) !== at >= 0) throw Error('delete ' + key);
                     if (at >= 0) list.splice(at, 1); break;
                 case 3:
                     if (map.get(key) !== list[at]?.[1] || map.has(key) !== at >= 0) throw Error('get ' + key);
             }
             if (step % 7000 === 6999) { map.clear(); list = []; }
             if (map.size !== list.length) throw Error('size');
             if (step % 500 === 0 && [...map].join('|') !== list.join('|')) throw Error('order at ' + step);
         }
         [...map].join('|') === list.join('|')",
        "true",
    );
}

#[test]
fn iterators_keep_their_place_while_tables_are_rebuilt() {
    // Each visited key is deleted and two new ones are added until 1000: the table is rebuilt many times below the iterator.
    check(
        "const set = new Set([0]); let next = 1, seen = [];
         for (const x of set) { seen.push(x); set.delete(x); if (next < 1000) { set.add(next++); set.add(next++); } }
         seen.join() === Array.from({ length: next }, (_, i) => i).join() && set.size",
        "0",
    );
    // Two iterators at different places; entries before, between and behind them go.
    check(
        "const map = new Map(Array.from({ length: 100 }, (_, i) => [i, i]));
         const a = map.keys(), b = map.values();
         for (let i = 0; i < 30; i++) a.next();
         for (let i = 0; i < 60; i++) b.next();
         for (let i = 0; i < 100; i++) if (i % 10 !== 9) map.delete(i);
         for (let i = 100; i < 1000; i++) map.set(i, i);
         for (let i = 100; i < 995; i++) map.delete(i);
         [[...a].join(), [...b].join()].join(';')",
        "39,49,59,69,79,89,99,995,996,997,998,999;69,79,89,99,995,996,997,998,999",
    );
    check(
        "const map = new Map([[1, 1], [2, 2], [3, 3]]); const it = map.keys(); it.next(); it.next(); map.clear(); map.set('x'); map.set('y');
         [...it].join()",
        "x,y",
    );
    // An exhausted iterator stays exhausted.
    check("const set = new Set([1]); const it = set.values(); [...it]; set.add(2); it.next().done", "true");
    check(
        "const set = new Set([1, 2, 3]); let out = ''; set.forEach(x => { out += x; set.delete(x); if (x < 4) set.add(x + 3); }); out",
        "123456",
    );
}

#[test]
fn keys_of_every_kind_are_told_apart_and_found_again() {
    check(
        "const o = {}, s = Symbol(), f = () => 1;
         const keys = [0, 1.5, NaN, '', '0', 'NaN', null, undefined, true, false, 1n, 2n ** 70n, -(2n ** 70n), o, s, f, 'é', '€', -1, 2 ** 31, 2 ** 53];
         const map = new Map(keys.map((key, i) => [key, i]));
         if (map.size !== keys.length) throw Error('size ' + map.size);
         keys.forEach((key, i) => { if (map.get(key) !== i) throw Error('lost ' + i); });
         [map.get(-0), map.get(0 / 0), map.get(2n ** 69n * 2n), map.get(3 / 2), Object.is([...new Set([-0])][0], 0), map.has({}), map.has(Symbol())].join()",
        "0,2,11,1,true,false,false",
    );
    // Ropes, slices and two-byte strings equal flat ones.
    check(
        "const long = 'abcdefghijklmnopqrstuvwxyz0123456789'; let rope = ''; for (const c of long) rope += c;
         const wide = ('€' + long).slice(1); const set = new Set([long]);
         [set.has(rope), set.has(wide), set.has(long.slice(0, 35)), new Set([long, rope, wide]).size].join()",
        "true,true,false,1",
    );
    check("new Map([[1, 'int']]).get(0.5 + 0.5)", "int");
}

#[test]
fn queues_and_caches_stay_fast() {
    // Deleting from the front must not make each new iterator walk over all holes: quadratic time would run for minutes.
    check_many(
        "const map = new Map(); for (let i = 0; i < 60000; i++) map.set(i, i);
         let sum = 0; while (map.size) { const key = map.keys().next().value; sum += key; map.delete(key); } sum",
        "1799970000",
    );
    check_many(
        "const cache = new Map(); for (let i = 0; i < 100000; i++) { cache.set('k' + i, i); if (cache.size > 1000) cache.delete(cache.keys().next().value); }
         [cache.size, cache.keys().next().value].join()",
        "1000,k99000",
    );
}

#[test]
fn a_map_that_outgrows_the_memory_limit_stops_the_instance() {
    let options = ContextOptions { limits: HeapLimits { memory_bytes: 8 << 20 }, ..ContextOptions::default() };
    let mut cx = stress::context_with(TestHost::default(), options, Safepoints::Usual);
    assert_eq!(run(&mut cx, "const map = new Map(); for (let i = 0; ; i++) try { map.set(i, i) } catch {}"), "terminated: Some(Memory)");
}

#[test]
fn loops_of_natives_let_the_collector_run_below_their_callbacks() {
    // Each makes far more garbage than the instance may hold.
    let options = ContextOptions { limits: HeapLimits { memory_bytes: 24 << 20 }, ..ContextOptions::default() };
    let mut cx = stress::context_with(TestHost::default(), options, Safepoints::Usual);
    let source = "let n = 0; const set = new Set(Array.from({ length: 300 }, (_, i) => i)), map = new Map([...set].map(i => [i, i]));
         const waste = () => { let a = []; for (let i = 0; i < 40; i++) a.push({ i, b: [i] }); n += a.length; return false; };
         for (let r = 0; r < 20; r++) {
             set.forEach(waste); map.forEach(waste);
             [1, 2, 3, 4, 5, 6, 7, 8, 9].values().forEach(() => set.forEach(waste)); set.values().some(waste); set.values().reduce((a, x) => waste() || [a.length, x], []);
         }
         n";
    assert_eq!(run(&mut cx, source), (40 * 300 * 20 * 13).to_string());
}

#[test]
fn for_each_survives_collections_and_rebuilds_at_every_step() {
    let mut cx = context();
    cx.heap.stress.set(true);
    cx.set_quantum(1);
    let source = "const set = new Set(['a']); let out = '', n = 0;
         set.forEach(x => { out += x.length; set.delete(x); if (n++ < 40) { set.add('x' + n); set.add('y' + n); if (n % 7 === 0) set.clear(), set.add('z' + n); } });
         const found = new Set([{ i: 1 }, { i: 2 }, { i: 3 }]).values().find(o => (n++, [o, {}], o.i === 3));
         out.length + ':' + found.i + ':' + [1, 2, 3].values().reduce((a, x) => ({ sum: (a.sum ?? a) + x })).sum";
    let plain = run(&mut context(), source);
    assert_eq!(run(&mut cx, source), plain);
    assert!(plain.ends_with(":3:6"), "{plain}");
}

#[test]
fn weak_collections_drop_dead_keys_and_keep_values_of_live_ones() {
    let mut cx = context();
    let source = "globalThis.kept = []; globalThis.map = new WeakMap(); globalThis.refs = [];
         (function () {
             for (let i = 0; i < 200; i++) {
                 const key = i % 3 ? {} : Symbol(), value = { key, i };
                 map.set(key, value);
                 if (i % 2) kept.push(key);
                 refs.push(new WeakRef(value));
             }
         })(); 0";
    assert_eq!(run(&mut cx, source), "0");
    // References stay for the job that made or read them.
    assert!(cx.collect_garbage());
    assert_eq!(run(&mut cx, "refs.filter(ref => ref.deref()).length"), "200");
    cx.run_jobs().expect("not stopped");
    run(&mut cx, "Promise.resolve().then(() => 0)");
    cx.run_jobs().expect("not stopped");
    assert!(cx.collect_garbage());
    // Values refer to their keys: only ephemerons let the unkept ones die.
    assert_eq!(
        run(&mut cx, "[refs.filter(ref => ref.deref()).length, kept.every((key, i) => map.get(key).i === 2 * i + 1)].join()"),
        "100,true"
    );
    // Holes of dead keys are used again.
    assert_eq!(run(&mut cx, "for (let i = 0; i < 1000; i++) map.set({}, i); kept.every(key => map.has(key))"), "true");
}

#[test]
fn weak_sets_and_chains_of_weak_maps() {
    let mut cx = context();
    let source = "globalThis.a = new WeakMap(), b = new WeakMap(), c = new WeakSet(); globalThis.root = {};
         (function () { const k2 = {}, k3 = {}; a.set(root, k2); b.set(k2, k3); c.add(k3); c.add({}); })(); 0";
    run(&mut cx, source);
    for _ in 0..3 {
        assert!(cx.collect_garbage());
    }
    assert_eq!(run(&mut cx, "c.has(b.get(a.get(root)))"), "true");
}

#[test]
fn finalization_callbacks_run_once_per_dead_target_as_jobs() {
    let mut cx = context();
    let source = "globalThis.log = []; globalThis.token = {}; globalThis.alive = {};
         globalThis.registry = new FinalizationRegistry(held => { log.push(held); if (held === 'first') registry.unregister(token); });
         (function () { registry.register({}, 'first'); registry.register({}, 'second', token); registry.register(alive, 'alive'); registry.register({}, 'third'); })(); 0";
    run(&mut cx, source);
    assert!(cx.collect_garbage());
    assert_eq!(run(&mut cx, "log.join()"), "");
    cx.run_jobs().expect("not stopped");
    assert_eq!(run(&mut cx, "log.join()"), "first,third");
    assert!(cx.collect_garbage());
    cx.run_jobs().expect("not stopped");
    assert_eq!(run(&mut cx, "log.join()"), "first,third");
}

#[test]
fn errors_of_finalization_callbacks_are_reported_and_lose_no_other() {
    let mut cx = context();
    run(
        &mut cx,
        "globalThis.log = []; globalThis.r = new FinalizationRegistry(held => { log.push(held); if (held % 2) throw held; });
         (function () { for (let i = 0; i < 6; i++) r.register({}, i); })(); 0",
    );
    assert!(cx.collect_garbage());
    cx.run_jobs().expect("not stopped");
    assert_eq!(run(&mut cx, "log.sort().join()"), "0,1,2,3,4,5");
    let host = cx.host().as_any().downcast_mut::<TestHost>().expect("the test's host");
    assert_eq!(host.reported.len(), 3);
}

#[test]
fn set_algebra_agrees_with_its_definition() {
    check(
        "const make = bits => new Set([0, 1, 2, 3, 4].filter(i => bits >> i & 1));
         const same = (set, test) => [...set].sort().join() === [0, 1, 2, 3, 4].filter(test).join();
         for (let x = 0; x < 32; x++) for (let y = 0; y < 32; y++) {
             const a = make(x), b = make(y);
             if (!same(a.union(b), i => a.has(i) || b.has(i))) throw 'union';
             if (!same(a.intersection(b), i => a.has(i) && b.has(i))) throw 'intersection';
             if (!same(a.difference(b), i => a.has(i) && !b.has(i))) throw 'difference';
             if (!same(a.symmetricDifference(b), i => a.has(i) !== b.has(i))) throw 'symmetricDifference';
             if (a.isSubsetOf(b) !== ((x & ~y) === 0)) throw 'isSubsetOf';
             if (a.isSupersetOf(b) !== ((y & ~x) === 0)) throw 'isSupersetOf';
             if (a.isDisjointFrom(b) !== ((x & y) === 0)) throw 'isDisjointFrom';
         }
         [...new Set([1, 2, 3]).union(new Map([[3, 0], [9, 0]]))].join()",
        "1,2,3,9",
    );
    // The receiver changes while the argument is asked.
    check(
        "const set = new Set(['a', 'b', 'c', 'd']);
         const other = { size: 9, has(x) { if (x === 'a') { set.delete('b'); set.add('e'); } return true; }, keys() {} };
         [...set.intersection(other)].join()",
        "a,c,d,e",
    );
}

#[test]
fn messages_are_those_of_v8() {
    check("Map()", "TypeError: Constructor Map requires 'new'");
    check("Map.prototype.get.call({}, 1)", "TypeError: Method Map.prototype.get called on incompatible receiver #<Object>");
    check("new Map([1])", "TypeError: Iterator value 1 is not an entry object");
    check("new Promise()", "TypeError: Promise resolver undefined is not a function");
    check("Promise(() => 1)", "TypeError: Promise constructor cannot be invoked without 'new'");
}
