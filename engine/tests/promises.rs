//! Promises, jobs, async iteration and disposal: order of jobs, rejection tracking, optimised ways against general ones, collection
//! between jobs.

use mayfly_engine::host::{Host, ModuleSource, RejectionEvent};
use mayfly_engine::{Context, Object, Value};

#[path = "support/stress.rs"]
mod stress;

/// Keeps what the engine tells about rejections.
#[derive(Default)]
struct TestHost {
    events: Vec<RejectionEvent>,
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
    fn promise_rejection(&mut self, _: Object, event: RejectionEvent) {
        self.events.push(event);
    }
    fn as_any(&mut self) -> &mut dyn std::any::Any {
        self
    }
}

fn context() -> stress::TestContext {
    stress::context(TestHost::default())
}

fn text_of(cx: &mut Context, outcome: mayfly_engine::Result<Value>) -> String {
    match outcome {
        Ok(value) => cx.to_text(value).unwrap_or_else(|_| "unprintable".to_string()),
        Err(_) => match cx.take_exception() {
            Some(error) => cx.to_text(error).unwrap_or_else(|_| "unprintable".to_string()),
            None => format!("terminated: {:?}", cx.termination()),
        },
    }
}

/// Runs a script with an array `log`, then all jobs; what the log holds.
fn log_in(cx: &mut Context, source: &str) -> String {
    let outcome = cx.evaluate_script(&format!("var log = []; {{ {source} }}"), "test.js");
    if outcome.is_err() {
        return text_of(cx, outcome);
    }
    cx.run_jobs().expect("not stopped");
    let log = cx.evaluate_script("log.join()", "log.js");
    text_of(cx, log)
}

fn log(source: &str) -> String {
    log_in(&mut context(), source)
}

#[test]
fn jobs_run_in_the_order_of_the_specification() {
    let source = "
        (async () => { log.push(1); await null; log.push(4); await new Promise(r => r()); log.push(7); })();
        Promise.resolve().then(() => log.push(5)).then(() => log.push(8));
        new Promise(resolve => { log.push(2); resolve(Promise.resolve()); }).then(() => log.push(9));
        log.push(3);
        Promise.reject().then(0, () => log.push(6));";
    assert_eq!(log(source), "1,2,3,4,5,6,7,8,9");
}

#[test]
fn a_returned_promise_takes_three_jobs() {
    let source = "
        (async () => Promise.resolve())().then(() => log.push('returned'));
        Promise.resolve().then(() => log.push(1)).then(() => log.push(2)).then(() => log.push(3)).then(() => log.push(4));";
    assert_eq!(log(source), "1,2,returned,3,4");
}

/// The ways without function objects must take as many jobs, in the same order, as the general ones, which any modification brings about.
#[test]
fn optimised_ways_agree_with_general_ones() {
    let body = "
        const p = n => { let q = Promise.resolve(n); for (let i = 0; i < n; i++) q = q.then(x => x); return q; };
        for (const name of ['all', 'allSettled', 'any', 'race'])
            for (const list of [[], [p(2), p(1), 3], [Promise.reject('x'), p(1)], [Promise.reject(1), Promise.reject(2)]])
                Promise[name](list).then(v => log.push(name + JSON.stringify(v)), e => log.push(name + '!' + e + (e.errors ?? '')));
        Promise.allKeyed({ a: p(1), b: 2 }).then(v => log.push(JSON.stringify(v)));
        let tick = 0; (async () => { while (tick < 12) { await null; log.push(tick++); } })();
        new Promise(r => r(p(1))).then(() => log.push('thenable'));
        p(1).finally(() => p(1)).then(v => log.push('finally' + v));
        (async () => { try { await Promise.reject('caught'); } catch (e) { log.push(e); } })();";
    let plain = log(body);
    let general = log(&format!(
        "const then = Promise.prototype.then; Promise.prototype.then = function (a, b) {{ return then.call(this, a, b); }}; {body}"
    ));
    assert!(plain.contains("all[2,1,3]") && plain.contains("caught"), "{plain}");
    // A modified `then` is called from the same places; awaiting does not look at it.
    assert_eq!(plain, general);
    let species = log(&format!("Object.defineProperty(Promise, Symbol.species, {{ get() {{ return this; }} }}); {body}"));
    assert_eq!(plain, species);
}

#[test]
fn subclasses_get_their_own_promises() {
    let source = "
        class P extends Promise { constructor(f) { super(f); log.push('new'); } }
        const p = P.resolve(1); log.push(p instanceof P);
        const q = p.then(() => 1); log.push(q instanceof P, q.finally(() => 1) instanceof P, P.all([]) instanceof P);
        class Q extends Promise { static get [Symbol.species]() { return Promise; } }
        log.push(Q.resolve(1).then(() => 1) instanceof Q);";
    assert_eq!(log(source), "new,true,new,new,new,true,true,true,false,new,new,new");
}

#[test]
fn rejections_without_handlers_are_told_to_the_host_once() {
    let mut cx = context();
    log_in(&mut cx, "const p = Promise.reject(1); p.catch(() => 0); p.catch(() => 0); Promise.resolve().then(() => { throw 2; });");
    let host = cx.host().as_any().downcast_mut::<TestHost>().expect("the test's host");
    assert_eq!(host.events, [RejectionEvent::Reject, RejectionEvent::Handle, RejectionEvent::Reject]);
    // Inner promises that nobody can see are not reported.
    let mut cx = context();
    log_in(
        &mut cx,
        "Promise.all([Promise.resolve(Promise.resolve(1))]).then(() => 0); new Promise(r => r(Promise.reject(1))).catch(() => 0);",
    );
    let host = cx.host().as_any().downcast_mut::<TestHost>().expect("the test's host");
    assert_eq!(host.events, [RejectionEvent::Reject, RejectionEvent::Handle]);
}

#[test]
fn thenables_that_misbehave_settle_once() {
    let source = "
        Promise.resolve({ then(a, b) { a(1); b(2); a(3); throw 4; } }).then(v => log.push('ok' + v), e => log.push('no' + e));
        Promise.resolve({ get then() { throw 'getter'; } }).catch(e => log.push(e));
        const self = new Promise(r => setTimeoutLike = r); setTimeoutLike(self); self.catch(e => log.push(e.message));
        Promise.all({ [Symbol.iterator]() { return { next() { return { value: 1, done: false }; }, return() { log.push('closed'); return {}; } }; } })
            .catch(e => log.push('unreached'));".replace("{ value: 1, done: false }", "{ get value() { throw 'v'; }, done: false }");
    let logged = log(&format!("var setTimeoutLike; {source}"));
    assert_eq!(logged, "getter,Chaining cycle detected for promise #<Promise>,unreached,ok1");
}

#[test]
fn the_queue_of_jobs_survives_millions_of_jobs_and_collections() {
    // One chain that never lets the queue become empty, with garbage enough for several collections.
    let source = "
        let n = 0;
        const chain = async tag => { for (let i = 0; i < 40000; i++) { await { a: [i, tag], b: 'x' + i }; n++; } log.push(tag); };
        chain('a'); chain('b'); chain('c'); chain('d').then(() => log.push(n));";
    assert_eq!(log_in(&mut stress::context_of_many(TestHost::default()), source), "a,b,c,d,160000");
}

#[test]
fn everything_stays_alive_when_each_safepoint_collects() {
    let mut cx = context();
    cx.heap.stress.set(true);
    cx.set_quantum(1);
    let source = "
        async function* g(n) { for (let i = 0; i < n; i++) { await { i }; yield { i }; } return 'end'; }
        const sleep = n => n ? Promise.resolve().then(() => sleep(n - 1)) : { done: n };
        (async () => {
            const seen = []; for await (const { i } of g(3)) { seen.push(i); await sleep(2); }
            log.push(seen.join('-'));
            const all = await Promise.all([1, sleep(3), (async () => { await 0; return [7]; })()]);
            log.push(all[0] + all[1].done + all[2][0]);
            class P extends Promise {}
            log.push(await P.all([P.resolve({ v: 'p' })]).then(([o]) => o.v));
            log.push(await new Promise(r => r({ then(f) { sleep(1).then(() => f('thenable')); } })));
            await using stack = new AsyncDisposableStack(); stack.defer(async () => { await sleep(1); log.push('disposed'); });
            const map = new Map(); for (let i = 0; i < 20; i++) { await 0; map.set({ i }, 'v' + i); if (i > 5) map.delete(map.keys().next().value); }
            log.push([...map].map(([k, v]) => k.i + v).join('-'));
            log.push([...[1, 2, 3].values().map(x => ({ x })).filter(o => o.x !== 2).map(o => o.x)].join('-'));
        })().catch(e => log.push(e));";
    assert_eq!(log_in(&mut cx, source), "0-1-2,8,p,thenable,14v14-15v15-16v16-17v17-18v18-19v19,1-3,disposed");
}

#[test]
fn async_generators_answer_requests_in_order() {
    let source = "
        async function* g() { try { yield 1; yield 2; } finally { log.push('finally'); } }
        const it = g();
        for (const request of [it.next(), it.next(), it.return('r'), it.next(), it.throw('t')])
            request.then(r => log.push(r.value + ':' + r.done), e => log.push('!' + e));
        const unstarted = g(); unstarted.return(Promise.resolve('early')).then(r => log.push(r.value + ':' + r.done));
        g().next.call({}).catch(e => log.push(e.constructor.name));";
    let logged = log(source);
    for expected in ["1:false", "2:false", "finally", "r:true", "undefined:true", "!t", "early:true", "TypeError"] {
        assert!(logged.split(',').any(|entry| entry == expected), "{expected} in {logged}");
    }
    let position = |entry: &str| logged.find(entry).unwrap_or(usize::MAX);
    assert!(
        position("1:false") < position("2:false") && position("2:false") < position("r:true") && position("r:true") < position("!t"),
        "{logged}"
    );
}

#[test]
fn many_waiting_requests_take_linear_time_and_little_stack() {
    let source = "
        async function* g() { let i = 0; while (true) yield i++; }
        const it = g(); let last; for (let i = 0; i < 20000; i++) last = it.next(); last.then(r => log.push(r.value));";
    assert_eq!(log_in(&mut stress::context_of_many(TestHost::default()), source), "19999");
}

#[test]
fn disposal_combines_errors_from_the_last_to_the_first() {
    let source = "
        const stack = new DisposableStack(); stack.defer(() => { throw 1; }); stack.adopt(2, v => { throw v; }); stack.use({ [Symbol.dispose]() { log.push('use'); } });
        try { stack.dispose(); } catch (e) { log.push(e.constructor.name, e.error, e.suppressed); }
        log.push(stack.disposed); try { stack.defer(() => 0); } catch (e) { log.push(e.constructor.name); }
        const first = new DisposableStack(); first.defer(() => log.push('moved')); const second = first.move(); first.dispose(); second.dispose();
        const later = new AsyncDisposableStack(); later.use(null); later.use({ [Symbol.dispose]() { log.push('sync'); } });
        later.defer(() => Promise.reject('async')); later.disposeAsync().catch(e => log.push(e));";
    assert_eq!(log(source), "use,SuppressedError,1,2,true,ReferenceError,moved,sync,async");
}

#[test]
fn iterator_helpers_close_what_they_hold() {
    let source = "
        const it = n => ({ __proto__: Iterator.prototype, i: 0, next() { return { value: this.i++, done: this.i > 5 }; }, return() { log.push('close' + n); return {}; } });
        log.push([...it(1).take(2)].join('-'));
        for (const x of it(2).map(x => x * 2)) if (x > 2) break;
        const f = it(3).flatMap(x => it(4)); f.next(); f.return();
        try { it(5).map(() => { throw 'e'; }).next(); } catch (e) { log.push(e); }
        const z = Iterator.zip([it(6), it(7)]); z.next(); z.return();
        try { [...Iterator.zip([it(8), [1].values()], { mode: 'strict' })]; } catch (e) { log.push(e.constructor.name); }
        log.push([...Iterator.zip([[1, 2], [3]], { mode: 'longest', padding: ['p', 'q'] })].join('/'));
        log.push([...Iterator.concat([1], new Set([2]), 'x'.split(''))].join('-'));
        log.push([...[1, 2, 3, 4, 5].values().chunks(2)].join('/'), [...[1, 2, 3].values().windows(2)].join('/'));";
    assert_eq!(log(source), "close1,0-1,close2,close4,close3,close5,e,close7,close6,close8,TypeError,1,3/2,q,1-2-x,1,2/3,4/5,1,2/2,3");
}

#[test]
fn towers_of_helpers_overflow_as_errors() {
    // Under stress every collection marks all that was built: fewer storeys overflow too.
    let storeys = if stress::is_on() { 20_000 } else { 200_000 };
    let source = format!(
        "const storeys = {storeys}; let it = [1].values(); for (let i = 0; i < storeys; i++) it = it.map(x => x);
        try {{ it.next(); }} catch (e) {{ log.push(e.constructor.name); }}
        let back = [1].values(); for (let i = 0; i < storeys; i++) back = back.take(1);
        try {{ back.return(); }} catch (e) {{ log.push(e.constructor.name); }}
        let p = Promise.resolve(); for (let i = 0; i < storeys; i++) p = Promise.resolve({{ then: f => f(p) }});"
    );
    assert_eq!(log_in(&mut stress::context_of_many(TestHost::default()), &source), "RangeError,RangeError");
}

#[test]
fn endless_jobs_can_be_stopped() {
    struct Stopping(TestHost, u32);
    impl Host for Stopping {
        fn now_ms(&mut self) -> Result<f64, String> {
            Ok(0.0)
        }
        fn random_seed(&mut self) -> Result<[u64; 2], String> {
            Ok([1, 2])
        }
        fn load_module(&mut self, specifier: &str, _: &str, _: &[(String, String)]) -> Result<ModuleSource, String> {
            Err(specifier.to_string())
        }
        fn refuel(&mut self) -> mayfly_engine::host::Refuel {
            self.1 += 1;
            if self.1 > 50 { mayfly_engine::host::Refuel::Stop } else { mayfly_engine::host::Refuel::Continue(50_000) }
        }
        fn as_any(&mut self) -> &mut dyn std::any::Any {
            &mut self.0
        }
    }
    let mut cx = stress::context(Stopping(TestHost::default(), 0));
    let source = "const again = () => Promise.resolve().then(again); again();
        (async () => { for (;;) try { await 0; } catch {} finally { continue; } })(); 0";
    assert!(cx.evaluate_script(source, "test.js").is_ok());
    assert!(cx.run_jobs().is_err());
    assert_eq!(cx.termination(), Some(mayfly_engine::Termination::Cpu));
}
