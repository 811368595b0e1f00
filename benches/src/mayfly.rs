//! Programs in Mayfly's engine, without any worker scope.

use std::rc::Rc;

use mayfly_engine::heap::{HeapLimits, Kind};
use mayfly_engine::host::NullHost;
use mayfly_engine::{Context, ContextOptions, Natives, Value};

/// A program ready to be called.
pub struct Loaded {
    cx: Context,
    function: Value,
    size: u32,
}

impl Loaded {
    /// Evaluates a program's source.
    ///
    /// # Errors
    /// Where it throws or defines no function `run`.
    pub fn new(source: &str, name: &str, size: u32) -> Result<Loaded, String> {
        let options = ContextOptions { limits: HeapLimits { memory_bytes: 2 << 30 }, ..ContextOptions::default() };
        let mut cx =
            Context::new(Box::new(NullHost::default()), Rc::new(Natives::of_engine()), options).map_err(|error| error.to_string())?;
        let outcome = cx.evaluate_script(source, name).and_then(|_| {
            let (global, key) = (cx.global(), cx.key("run"));
            cx.get(global, key)
        });
        match outcome {
            Ok(function) if cx.is_callable(function) => Ok(Loaded { cx, function, size }),
            Ok(_) => Err(format!("{name} defines no function run")),
            Err(_) => Err(thrown(&mut cx)),
        }
    }

    /// Calls `run(size)`; what it gives as a string.
    ///
    /// # Errors
    /// What it throws.
    pub fn call(&mut self) -> Result<String, String> {
        let arguments = [Value::from(f64::from(self.size))];
        let outcome = self.cx.call_top(self.function, Value::UNDEFINED, &arguments).and_then(|value| self.cx.to_text(value));
        match outcome {
            Ok(text) => Ok(text),
            Err(_) => Err(thrown(&mut self.cx)),
        }
    }
}

fn thrown(cx: &mut Context) -> String {
    match cx.take_exception() {
        Some(error) => {
            let stack = error
                .as_object()
                .filter(|object| object.is(&cx.heap, Kind::Error))
                .map(|object| mayfly_engine::realm::error::stack(cx, object))
                .and_then(Value::as_string);
            stack.map_or_else(|| mayfly_engine::realm::error::describe(cx, error), |stack| stack.to_text(&cx.heap))
        }
        None => format!("stopped: {:?}", cx.termination()),
    }
}
