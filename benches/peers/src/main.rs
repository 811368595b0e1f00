//! `peers ENGINE FILE SIZE CALLS`: measures a program in QuickJS-ng or Boa under the protocol of `benches`.
#![forbid(unsafe_code)]

#[path = "../../src/protocol.rs"]
#[allow(dead_code)]
mod protocol;

use std::process::ExitCode;

use protocol::{Timing, measure};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [engine, file, size, calls] => run(engine, file, size, calls),
        _ => Err("usage: peers quickjs|boa FILE SIZE CALLS".to_string()),
    };
    match outcome {
        Ok(timing) => {
            println!("{}", timing.to_line());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("peers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(engine: &str, file: &str, size: &str, calls: &str) -> Result<Timing, String> {
    let source = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let size: u32 = size.parse().map_err(|_| format!("{size} is no size"))?;
    let calls: u32 = calls.parse().map_err(|_| format!("{calls} is no number of calls"))?;
    match engine {
        "quickjs" => quickjs(&source, size, calls),
        "boa" => boa(&source, size, calls),
        _ => Err(format!("{engine} is not one of quickjs, boa")),
    }
}

fn quickjs(source: &str, size: u32, calls: u32) -> Result<Timing, String> {
    use rquickjs::{CatchResultExt, Coerced, Context, Function, Runtime};
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    // Its default of 1 MiB or less ends deep recursion that the other engines allow.
    runtime.set_max_stack_size(6 << 20);
    let context = Context::full(&runtime).map_err(|error| error.to_string())?;
    context.with(|cx| {
        let mut options = rquickjs::context::EvalOptions::default();
        options.strict = false;
        cx.eval_with_options::<(), _>(source, options).catch(&cx).map_err(|error| error.to_string())?;
        let function: Function = cx.globals().get("run").map_err(|error| error.to_string())?;
        measure(calls, || {
            let text: Coerced<String> = function.call((size,)).catch(&cx).map_err(|error| error.to_string())?;
            Ok(text.0)
        })
    })
}

fn boa(source: &str, size: u32, calls: u32) -> Result<Timing, String> {
    use boa_engine::{Context, JsValue, Source, js_string};
    let mut cx = Context::default();
    cx.eval(Source::from_bytes(source)).map_err(|error| error.to_string())?;
    let function = cx.global_object().get(js_string!("run"), &mut cx).map_err(|error| error.to_string())?;
    let function = function.as_callable().ok_or("the program defines no function run")?;
    measure(calls, || {
        let value = function.call(&JsValue::undefined(), &[JsValue::from(size)], &mut cx).map_err(|error| error.to_string())?;
        Ok(value.to_string(&mut cx).map_err(|error| error.to_string())?.to_std_string_escaped())
    })
}
