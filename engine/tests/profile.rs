//! Profiles: what is counted is exact, and whose it is.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use mayfly_engine::host::NullHost;
use mayfly_engine::profile::{self, Counts, Function, Profile};
use mayfly_engine::{Context, ContextOptions, Natives};

fn context() -> Context {
    assert!(profile::enable(), "a context was made before profiling was enabled");
    Context::new(Box::new(NullHost::default()), Rc::new(Natives::of_engine()), ContextOptions::default()).expect("a cage")
}

/// Evaluates a script with the profile on.
fn profiled(source: &str) -> Profile {
    let mut cx = context();
    assert!(cx.start_profile(Arc::new(AtomicU32::new(0))));
    cx.evaluate_script(source, "test.js").map_err(|_| cx.take_exception()).expect("it throws nothing");
    cx.take_profile().expect("a profile was started")
}

fn function<'a>(profile: &'a Profile, name: &str) -> &'a Function {
    profile.functions.iter().find(|function| function.name == name).unwrap_or_else(|| panic!("no {name} in {:?}", profile.functions))
}

fn opcode(profile: &Profile, name: &str) -> Counts {
    profile.opcodes.iter().find(|(opcode, _)| *opcode == name).map(|(_, counts)| *counts).unwrap_or_default()
}

#[test]
fn instructions_are_counted_by_opcode_and_function() {
    let once = profiled("function f(a) {\n  return a * a;\n}\nfunction g() {\n  for (let i = 0; i < 100; i++) f(i);\n}\ng();");
    assert_eq!(opcode(&once, "Mul").instructions, 100);
    assert_eq!(opcode(&once, "Call").instructions, 101);
    let f = function(&once, "f");
    // A multiplication and a return each time.
    assert_eq!((f.counts.instructions, f.line, f.file.as_str()), (200, 2, "test.js"));
    assert!(function(&once, "g").counts.instructions > 300);
    assert!(function(&once, "(program)").counts.instructions < 20);
    let of_functions: u64 = once.functions.iter().map(|function| function.counts.instructions).sum();
    assert_eq!(once.total().instructions, of_functions);
    // The same again is the same again.
    let again = profiled("function f(a) {\n  return a * a;\n}\nfunction g() {\n  for (let i = 0; i < 100; i++) f(i);\n}\ng();");
    assert_eq!(once.opcodes, again.opcodes);
}

#[test]
fn allocations_belong_to_those_who_make_them() {
    let profile = profiled(
        "function make() { return [{}, {}, {}]; } function idle() { return 1; } for (let i = 0; i < 1000; i++) { make(); idle(); }",
    );
    let make = function(&profile, "make").counts.bytes;
    assert!(make >= 1000 * 4 * 16, "{make}");
    assert_eq!(function(&profile, "idle").counts.bytes, 0);
    // What a native allocates is its caller's.
    let native = profiled("function repeat() { return 'ab'.repeat(1000); } for (let i = 0; i < 10; i++) repeat();");
    assert!(function(&native, "repeat").counts.bytes >= 10 * 2000, "{native:?}");
}

#[test]
fn caches_that_miss_are_counted() {
    let source = |makers: u32| {
        format!(
            "function read(o) {{ return o.x; }}
             const objects = [];
             for (let i = 0; i < 1000; i++) {{ const o = {{}}; o['p' + i % {makers}] = 1; o.x = i; objects.push(o); }}
             for (const o of objects) read(o);"
        )
    };
    let one = function(&profiled(&source(1)), "read").counts.misses;
    let many = function(&profiled(&source(50)), "read").counts.misses;
    assert!(one <= 2, "{one}");
    assert!(many > 500, "{many}");
}

/// Natives that call back enter the interpreter anew: what runs there is the callback's, and the rest of the native its caller's.
#[test]
fn callbacks_are_functions_of_their_own() {
    let profile = profiled(
        "function twice(x) { return x + x; } function map() { return [1, 2, 3, 4].map(twice); } for (let i = 0; i < 10; i++) map();",
    );
    assert_eq!(function(&profile, "twice").counts.instructions, 10 * 4 * 2);
    assert!(function(&profile, "map").counts.bytes > 0);
    let thrown =
        profiled("function boom() { throw 1; } function outer() { try { [1].forEach(boom); } catch { return 2; } } outer(); outer();");
    assert_eq!(opcode(&thrown, "Throw").instructions, 2);
    assert!(function(&thrown, "outer").counts.instructions > function(&thrown, "boom").counts.instructions);
}

#[test]
fn ticks_fall_on_stacks() {
    let mut cx = context();
    let ticks = Arc::new(AtomicU32::new(0));
    assert!(cx.start_profile(ticks.clone()));
    assert!(!cx.start_profile(ticks.clone()), "there is one already");
    let stop = Arc::new(AtomicU32::new(0));
    let thread = {
        let (ticks, stop) = (ticks.clone(), stop.clone());
        std::thread::spawn(move || {
            while stop.load(Ordering::Relaxed) == 0 {
                std::thread::sleep(std::time::Duration::from_micros(200));
                ticks.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    let source = "function leaf(n) { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; }
        function caller() { return [100000, 100000].map(leaf); }
        for (let i = 0; i < 10; i++) caller();";
    let outcome = cx.evaluate_script(source, "test.js");
    stop.store(1, Ordering::Relaxed);
    thread.join().expect("it does not panic");
    assert!(outcome.is_ok());
    let profile = cx.take_profile().expect("a profile was started");
    assert!(cx.take_profile().is_none());
    let total: u64 = profile.stacks.iter().map(|(_, ticks)| ticks).sum();
    assert!(total > 0);
    assert_eq!(total, profile.total().ticks);
    assert_eq!(total, profile.functions.iter().map(|function| function.counts.ticks).sum::<u64>());
    let names = |stack: &[u32]| stack.iter().map(|index| profile.functions[*index as usize].name.as_str()).collect::<Vec<_>>();
    let wanted = ["(program)", "caller", "leaf"];
    assert!(
        profile.stacks.iter().any(|(stack, _)| names(stack) == wanted),
        "{:?}",
        profile.stacks.iter().map(|(stack, _)| names(stack)).collect::<Vec<_>>()
    );
}

/// Nothing of it is visible to scripts, and images made afterwards are the same.
#[test]
fn instances_are_the_same_with_and_without() {
    let run = |profiles: bool| {
        let mut cx = context();
        if profiles {
            assert!(cx.start_profile(Arc::new(AtomicU32::new(1))));
        }
        assert!(
            cx.evaluate_script("class A { #x = 1; get x() { return this.#x; } } var a = [new A().x, ...'abc'].sort();", "a.js").is_ok()
        );
        assert_eq!(cx.take_profile().is_some(), profiles);
        cx.to_image_bytes().expect("an image")
    };
    assert!(run(true) == run(false));
}
