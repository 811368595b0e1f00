//! The worker scope in images: every program gives the same output in an instance restored from an image, again after a reset, and under
//! the collector's stress mode.

#[path = "support/stress.rs"]
mod stress;
mod support;

use mayfly_engine::{Context, ContextOptions, Image, Natives};
use mayfly_stdlib::fake::{FakePlatform, fake, run_until_idle};
use mayfly_stdlib::platform::WorkerHost;
use mayfly_stdlib::report;
use std::path::Path;
use std::rc::Rc;

fn host(platform: FakePlatform) -> Box<WorkerHost> {
    Box::new(WorkerHost::new(Box::new(platform)))
}

fn at_request() -> FakePlatform {
    FakePlatform { epoch_ms: 1000.0, network: support::network(), ..FakePlatform::default() }
}

fn image(natives: &Rc<Natives>) -> Vec<u8> {
    let refuses = FakePlatform { refuses: Some("not at build time".to_string()), ..FakePlatform::default() };
    let mut cx = Context::new(host(refuses), natives.clone(), ContextOptions::default()).expect("a context");
    assert!(cx.enter(mayfly_stdlib::install).is_ok());
    cx.to_image_bytes().expect("an image")
}

fn run(cx: &mut Context, source: &str, name: &str) -> String {
    let outcome = cx.enter(|cx| {
        if cx.evaluate_module(source, name).is_err() {
            let exception = cx.take_exception().expect("an exception");
            report::report_exception(cx, exception)?;
        }
        run_until_idle(cx, 60_000.0)
    });
    assert!(outcome.is_ok(), "{name} was stopped: {:?}", cx.termination());
    fake(cx).expect("the platform").output()
}

fn program(name: &str) -> (String, String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let source = std::fs::read_to_string(folder.join(format!("{name}.js"))).expect("the program");
    let expected = std::fs::read_to_string(folder.join(format!("{name}.expected"))).expect("the expectation");
    (source, expected)
}

#[test]
fn restored_and_reset() {
    let natives = Rc::new(Natives::new(&mayfly_stdlib::NATIVES));
    let image = Image::from_bytes(&image(&natives), &natives).expect("the image is good");
    for name in [
        "events",
        "scope",
        "clone",
        "encoding",
        "inspect",
        "inspect_pairs",
        "streams",
        "fetch",
        "url",
        "timing",
        "messaging",
        "caches",
        "files",
        "crypto_more",
        "webassembly",
    ] {
        if name == "clone" && stress::is_on() {
            continue;
        }
        let (source, expected) = program(name);
        let cx = Context::from_image(&image, host(at_request()), natives.clone(), ContextOptions::default()).expect("an instance");
        let mut cx = stress::stressed(cx);
        for round in 0..3 {
            assert_eq!(run(&mut cx, &source, &format!("{name}.js")), expected, "{name}, round {round}");
            cx.reset();
            assert_eq!(cx.verify_reset(), Ok(()), "{name}, round {round}");
            *fake(&mut cx).expect("the platform") = at_request();
        }
    }
}

/// Memory made before the image was: its buffer, what is in it and that only the memory can detach it come back, also after a reset.
#[test]
fn memory_of_the_top_level() {
    let natives = Rc::new(Natives::new(&mayfly_stdlib::NATIVES));
    let mut cx = Context::new(host(at_request()), natives.clone(), ContextOptions::default()).expect("a context");
    let top = "globalThis.memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
        globalThis.shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
        globalThis.growable = shared.toResizableBuffer();
        globalThis.table = new WebAssembly.Table({ element: 'externref', initial: 1 }, { name: 'top' });
        globalThis.tag = WebAssembly.JSTag;
        for (const { buffer } of [memory, shared]) new Uint8Array(buffer)[1] = 42;";
    assert_eq!(cx.enter(mayfly_stdlib::install), Ok(()));
    assert_eq!(run(&mut cx, top, "top.js"), "");
    let image = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("the image is good");
    let request = "
        const before = memory.buffer;
        try { before.transfer(); } catch (error) { console.log(error.name, before.detached); }
        console.log(memory.grow(1), before.detached, memory.buffer.byteLength, new Uint8Array(memory.buffer)[1]);
        new Uint8Array(memory.buffer)[1]++;
        console.log(shared.grow(1), shared.buffer === growable, growable.byteLength, new Uint8Array(growable)[1]++, growable.maxByteLength);
        console.log(table.get(0).name, table.set(0, 1), table.length, tag === WebAssembly.JSTag);";
    let expected = "TypeError false\n1 true 131072 42\n1 true 131072 42 262144\ntop undefined 1 true\n";
    let mut cx = Context::from_image(&image, host(at_request()), natives.clone(), ContextOptions::default()).expect("an instance");
    for round in 0..3 {
        assert_eq!(run(&mut cx, request, "request.js"), expected, "round {round}");
        cx.reset();
        assert_eq!(cx.verify_reset(), Ok(()), "round {round}");
        *fake(&mut cx).expect("the platform") = at_request();
    }
}

/// The same bytes from the same source: nothing random or temporal gets into an image.
#[test]
fn images_are_reproducible() {
    let natives = Rc::new(Natives::new(&mayfly_stdlib::NATIVES));
    assert!(image(&natives) == image(&natives), "two images of the same scope differ");
}

#[test]
fn collected_at_every_safepoint() {
    let natives = Rc::new(Natives::new(&mayfly_stdlib::NATIVES));
    for name in
        ["crypto_more", "events", "scope", "encoding", "streams", "fetch", "url", "timing", "messaging", "caches", "files", "webassembly"]
    {
        let (source, expected) = program(name);
        let mut cx = Context::new(host(at_request()), natives.clone(), ContextOptions::default()).expect("a context");
        assert!(cx.enter(mayfly_stdlib::install).is_ok());
        cx.heap.stress.set(true);
        assert_eq!(run(&mut cx, &source, &format!("{name}.js")), expected, "{name}");
    }
}
