//! Contexts for tests, under stress where `MAYFLY_TEST_FLAGS` asks for it: `--gc-stress` collects at every safepoint, poisons what is freed
//! and verifies the heap at the end; `--verify-reset` runs each test in an instance restored from an image and compares it with the image
//! after a reset at the end.

#![allow(dead_code)]

use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use mayfly_engine::host::{Host, NullHost};
use mayfly_engine::{Context, ContextOptions, Image, Natives};

fn is_asked_for(flag: &str) -> bool {
    std::env::var("MAYFLY_TEST_FLAGS").is_ok_and(|flags| flags.split_whitespace().any(|each| each == flag))
}

/// Whether collections happen at every safepoint. A program that makes 100,000 objects in a loop is too slow then.
pub fn is_on() -> bool {
    is_asked_for("--gc-stress")
}

/// A context that is checked when it goes.
pub struct TestContext {
    context: Context,
    is_restored: bool,
}

/// How close safepoints lie under stress.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Safepoints {
    /// At every loop edge and call.
    Close,
    /// Every thousand steps or so: for programs that build much, since every collection marks all of it.
    Apart,
    /// Where they usually are: for programs that run for long.
    Usual,
}

/// A new context with this host.
pub fn context(host: impl Host + 'static) -> TestContext {
    context_with(host, ContextOptions::default(), Safepoints::Close)
}

/// A new context for a program that builds much.
pub fn context_of_many(host: impl Host + 'static) -> TestContext {
    context_with(host, ContextOptions::default(), Safepoints::Apart)
}

/// A new context with options.
pub fn context_with(host: impl Host + 'static, options: ContextOptions, safepoints: Safepoints) -> TestContext {
    let natives = Rc::new(Natives::of_engine());
    let is_restored = is_asked_for("--verify-reset");
    let mut context = if is_restored {
        // The image is made under the usual limits: what a test limits is its own run.
        let mut base = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
        let image = Image::from_bytes(&base.to_image_bytes().expect("an image"), &natives).expect("the image just made");
        Context::from_image(&image, Box::new(host), natives, options).expect("a cage")
    } else {
        Context::new(Box::new(host), natives, options).expect("a cage")
    };
    if is_on() {
        context.heap.stress.set(true);
        match safepoints {
            Safepoints::Close => context.set_quantum(1),
            Safepoints::Apart => context.set_quantum(997),
            Safepoints::Usual => {}
        }
    }
    TestContext { context, is_restored }
}

impl Deref for TestContext {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

impl DerefMut for TestContext {
    fn deref_mut(&mut self) -> &mut Context {
        &mut self.context
    }
}

impl Drop for TestContext {
    fn drop(&mut self) {
        // A test that fails says why itself.
        if std::thread::panicking() {
            return;
        }
        if is_on() && self.context.termination().is_none() {
            self.context.collect_garbage();
            assert_eq!(self.context.heap.verify().map_err(|error| error.to_string()), Ok(()), "the heap at the end");
        }
        if self.is_restored {
            self.context.reset();
            assert_eq!(self.context.verify_reset(), Ok(()));
        }
    }
}

/// The completion value of a script as text, or its error.
pub fn run(cx: &mut Context, source: &str) -> String {
    match cx.evaluate_script(source, "test.js") {
        Ok(value) => cx.to_text(value).unwrap_or_else(|_| "unprintable".to_string()),
        Err(_) => match cx.take_exception() {
            Some(error) => cx.to_text(error).unwrap_or_else(|_| "unprintable".to_string()),
            None => format!("terminated: {:?}", cx.termination()),
        },
    }
}
