//! Collections in steps: a run that a host may suspend is suspended while its heap is collected, so that other instances of the core go on.

use mayfly_engine::host::NullHost;

use mayfly_engine::{Context, JobState, RunState, Value};

#[path = "support/stress.rs"]
mod stress;

/// Heaps of these tests are much larger than what a step visits.
const FEWEST_STEPS: u32 = 10;

/// Calls the global function `main` as a host that slices does, then runs the jobs likewise. Gives the result and the number of times that
/// a collection was left in the middle.
fn run_in_steps(cx: &mut Context, source: &str) -> (Value, u32) {
    cx.evaluate_script(source, "steps.js").expect("the script runs");
    let global = cx.global();
    let key = cx.key("main");
    let main = cx.get(global, key).expect("a function");
    let mut steps = 0;
    let mut state = cx.start(main, Value::UNDEFINED, &[]);
    let result = loop {
        match state {
            Ok(RunState::Done(value)) => break value,
            Ok(RunState::Suspended) => {
                steps += u32::from(cx.is_collecting());
                state = cx.resume();
            }
            Err(_) => panic!("stopped: {:?}", cx.termination()),
        }
    };
    loop {
        let mut job = cx.start_job();
        while job == Ok(JobState::Suspended) {
            steps += u32::from(cx.is_collecting());
            job = cx.resume_job();
        }
        if job.expect("the job runs") == JobState::Empty {
            return (result, steps);
        }
        while !cx.start_collection_between_jobs().expect("within the limits") {
            assert!(cx.is_collecting());
            steps += 1;
        }
    }
}

fn check(cx: &mut Context, expression: &str, expected: &str) {
    assert_eq!(stress::run(cx, expression), expected, "{expression}");
}

#[test]
fn a_run_is_suspended_in_its_collections() {
    let mut cx = stress::context_of_many(NullHost::default());
    let (result, steps) = run_in_steps(
        &mut cx,
        "var keep = [];
         function main() {
             for (let i = 0; i < 200_000; i++) { keep.push({ i, text: 'n' + i, next: keep[i - 1] }); if (stressed(i)) break; }
             let count = 0, sum = 0;
             for (let at = keep.at(-1); at; at = at.next) { count++; sum += at.text.length - String(at.i).length; }
             return count === keep.length && sum === count;
         }
         function stressed(i) { return typeof fewer === 'boolean' && i > 3_000; }"
            .replace("typeof fewer === 'boolean'", if stress::is_on() { "true" } else { "false" })
            .as_str(),
    );
    assert_eq!(result, Value::TRUE);
    assert!(steps >= FEWEST_STEPS, "{steps} steps");
}

/// Registers of a run that has ended still lie on the stack. The collection between jobs takes no notice of them, so that later ones must not
/// either: what they held is gone.
#[test]
fn registers_of_an_ended_run_are_no_roots() {
    let mut cx = stress::context_of_many(NullHost::default());
    // What is freed is overwritten.
    cx.heap.stress.set(true);
    // (The native is called where the stack is highest, and what is kept comes after what is not.)
    let source = "
        var kept;
        function main() { dropped(); return deep([], 20); }
        function dropped() { return [{}, {}].length; }
        function deep(list, n) {
            const pair = [list, { n }];
            if (n !== 0) return deep(pair, n - 1);
            kept = [{ n }, { n }];
            return kept.map((it) => it).length;
        }";
    let (result, _) = run_in_steps(&mut cx, source);
    assert_eq!(result, Value::int(2));
    while !cx.start_collection_between_jobs().expect("within the limits") {}
    assert!(cx.collect_garbage());
    assert!(cx.heap.verify().is_ok());
    check(&mut cx, "main()", "2");
}

#[test]
fn jobs_wait_for_the_collection_between_them() {
    let mut cx = stress::context_of_many(NullHost::default());
    let length = if stress::is_on() { 2_000 } else { 120_000 };
    let (_, steps) = run_in_steps(
        &mut cx,
        &format!(
            "var sum = 0;
             function main() {{
                 let chain = Promise.resolve(0);
                 for (let i = 0; i < {length}; i++) chain = chain.then(value => {{ sum += [value].length; return value + 1; }});
                 chain.then(value => {{ sum = value === {length} && sum === value; }});
             }}"
        ),
    );
    assert!(steps >= FEWEST_STEPS, "{steps} steps");
    check(&mut cx, "sum", "true");
}

#[test]
fn weak_references_are_settled_over_many_steps() {
    let mut cx = stress::context_of_many(NullHost::default());
    let count = if stress::is_on() { 2_000 } else { 50_000 };
    let (_, steps) = run_in_steps(
        &mut cx,
        &format!(
            "var died = 0, keys = [], map = new WeakMap(), weak = [];
             var registry = new FinalizationRegistry(held => {{ died += held; }});
             function main() {{
                 for (let i = 0; i < {count}; i++) {{
                     const key = {{ i }};
                     map.set(key, {{ i, chained: {{}} }});
                     map.set(map.get(key).chained, i);
                     if (i % 2) {{ keys.push(key); }} else {{ registry.register(key, 1); }}
                     weak.push(new WeakRef(key));
                 }}
                 // The targets of WeakRefs live until the end of a job.
                 Promise.resolve().then(() => null);
             }}"
        ),
    );
    assert!(steps >= FEWEST_STEPS, "{steps} steps");
    cx.run_jobs().expect("jobs");
    assert!(cx.collect_garbage());
    cx.run_jobs().expect("jobs");
    check(&mut cx, "keys.every((key, i) => map.get(map.get(key).chained) === 2 * i + 1)", "true");
    check(&mut cx, "weak.every((ref, i) => i % 2 ? ref.deref() === keys[(i - 1) / 2] : ref.deref() === undefined)", "true");
    check(&mut cx, "died", &(count / 2).to_string());
}

#[test]
fn long_arrays_are_visited_in_pieces() {
    let mut cx = stress::context_of_many(NullHost::default());
    let length = if stress::is_on() { 20_000 } else { 600_000 };
    let (result, steps) = run_in_steps(
        &mut cx,
        &format!(
            "function main() {{
                 const long = new Array({length}).fill(0);
                 for (let i = 0; i < long.length; i += 100) long[i] = {{ i }};
                 for (let i = 0, waste; i < {length}; i++) waste = [i, waste && i];
                 for (let i = 0; i < long.length; i += 100) if (long[i].i !== i) return i;
                 return true;
             }}"
        ),
    );
    assert_eq!(result, Value::TRUE);
    assert!(steps >= 1, "{steps} steps");
}

#[test]
fn a_whole_collection_ends_the_one_that_was_left() {
    let mut cx = stress::context_of_many(NullHost::default());
    begin(&mut cx);
    assert!(cx.collect_garbage());
    assert!(!cx.is_collecting());
    check(&mut cx, "keep.length > 100 && keep.every((each, i) => each.i === i)", "true");
}

#[test]
fn a_reset_forgets_the_collection_that_was_left() {
    let natives = std::rc::Rc::new(mayfly_engine::Natives::of_engine());
    let mut base = Context::new(Box::new(NullHost::default()), natives.clone(), Default::default()).expect("a cage");
    let image = mayfly_engine::Image::from_bytes(&base.to_image_bytes().expect("an image"), &natives).expect("the image just made");
    let mut cx = Context::from_image(&image, Box::new(NullHost::default()), natives, Default::default()).expect("a cage");
    for _ in 0..2 {
        begin(&mut cx);
        cx.reset();
        assert!(!cx.is_collecting());
        assert_eq!(cx.verify_reset(), Ok(()));
    }
}

/// Leaves a run in the middle of a collection.
fn begin(cx: &mut Context) {
    let source = "var keep = []; function main() { for (let i = 0; ; i++) keep.push({ i, more: [i] }); }";
    cx.evaluate_script(source, "steps.js").expect("the script runs");
    let global = cx.global();
    let key = cx.key("main");
    let main = cx.get(global, key).expect("a function");
    let mut state = cx.start(main, Value::UNDEFINED, &[]);
    // The second step of a collection, so that it is under way.
    let mut left = 0;
    while left < 2 {
        assert_eq!(state, Ok(RunState::Suspended));
        left = if cx.is_collecting() { left + 1 } else { 0 };
        if left < 2 {
            state = cx.resume();
        }
    }
}
