//! Runs scripts (or modules, `.mjs`) without any worker scope: `print` is the only addition. For work on the engine itself.

use std::rc::Rc;

use mayfly_engine::host::NullHost;
use mayfly_engine::{Context, ContextOptions, Natives};

fn main() {
    let mut cx = Context::new(Box::new(NullHost::default()), Rc::new(Natives::of_engine()), ContextOptions::default()).expect("a cage");
    for path in std::env::args().skip(1) {
        let source = if path == "-e" { continue } else { std::fs::read_to_string(&path).unwrap_or(path.clone()) };
        let result = if path.ends_with(".mjs") {
            cx.evaluate_module(&source, &path).map(|evaluation| evaluation.promise.value())
        } else {
            cx.evaluate_script(&source, &path)
        };
        let result = result.and_then(|value| cx.run_jobs().map(|_| value));
        match result {
            Ok(value) => {
                let shown = cx.to_text(value).unwrap_or_else(|_| "?".to_string());
                println!("{shown}");
            }
            Err(_) => match cx.take_exception() {
                Some(error) => {
                    let stack = error.as_object().map(|object| mayfly_engine::realm::error::stack(&mut cx, object));
                    let shown = cx.to_text(stack.unwrap_or(error)).unwrap_or_else(|_| "?".to_string());
                    println!("Uncaught {shown}");
                    std::process::exit(1);
                }
                None => println!("terminated: {:?}", cx.termination()),
            },
        }
    }
}
