//! Programs run here and by node: what they print must be the same.
//!
//! Node runs in a process of its own that reads programs and answers with what they printed, each in a fresh context.

use mayfly_engine::native;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::choices::Choices;
use crate::instance::{FuzzHost, with_instance};
use crate::program::{PRELUDE, program};

/// Reads lines with JSON strings of programs, writes lines with JSON arrays of what was printed. The context has jobs of its own, which run
/// before `runInContext` returns and count for its timeout.
const SERVER: &str = r#"
const vm = require('node:vm');
process.on('unhandledRejection', () => {});
const rl = require('node:readline').createInterface({ input: process.stdin });
(async () => {
  for await (const line of rl) {
    const printed = [];
    const context = vm.createContext({ print: (...values) => { if (printed.length < 2000) printed.push(values.map(String).join(' ').slice(0, 20000)); } }, { microtaskMode: 'afterEvaluate' });
    try { vm.runInContext(JSON.parse(line), context, { timeout: 2000 }); } catch (e) { printed.push('uncaught ' + (e && e.name)); if (e && e.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') printed.push('timeout'); }
    await new Promise(resolve => setImmediate(resolve));
    process.stdout.write(JSON.stringify(printed) + '\n');
  }
})();
"#;

/// A running node.
pub struct Node {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Node {
    /// Starts node, which must be on the path.
    pub fn start() -> std::io::Result<Node> {
        let mut child =
            Command::new("node").args(["-e", SERVER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let missing = || std::io::Error::other("no pipe to node");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        Ok(Node { child, input, output })
    }

    /// What a program prints there.
    pub fn run(&mut self, source: &str) -> std::io::Result<Vec<String>> {
        let line = serde_json::to_string(source).map_err(std::io::Error::other)?;
        self.input.write_all(line.as_bytes())?;
        self.input.write_all(b"\n")?;
        self.input.flush()?;
        let mut answer = String::new();
        if self.output.read_line(&mut answer)? == 0 {
            return Err(std::io::Error::other("node went away"));
        }
        serde_json::from_str(&answer).map_err(std::io::Error::other)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a program prints here; `None` when it was stopped.
///
/// # Panics
/// When the instance cannot be set up.
pub fn run_here(source: &str) -> Option<Vec<String>> {
    with_instance(|cx| {
        let setup = "var printedValues = 0; globalThis.print = ((print) => (...values) => { if (printedValues++ < 2000) print(values.map(String).join(' ').slice(0, 20000)); })(nativePrint);";
        let installed = cx.enter(|cx| {
            let native = cx.new_native(native_print);
            let key = cx.key("nativePrint");
            let global = cx.global();
            cx.create_data_property_or_throw(global, key, native.value())
        });
        assert!(installed.is_ok() && cx.evaluate_script(setup, "setup.js").is_ok(), "no print");
        let mut uncaught = None;
        if cx.evaluate_script(source, "program.js").is_err() {
            let error = cx.take_exception()?;
            let text = cx.enter(|cx| match error.as_object() {
                Some(object) => {
                    let key = cx.key("name");
                    let name = cx.get(object, key)?;
                    cx.to_text(name)
                }
                None => Ok("undefined".to_string()),
            });
            uncaught = Some(format!("uncaught {}", text.ok()?));
        }
        let mut printed = cx.host().as_any().downcast_mut::<FuzzHost>().map(|host| std::mem::take(&mut host.printed))?;
        printed.extend(uncaught);
        cx.run_jobs().ok()?;
        printed.extend(cx.host().as_any().downcast_mut::<FuzzHost>().map(|host| std::mem::take(&mut host.printed))?);
        Some(printed)
    })
}

fn native_print(
    cx: &mut mayfly_engine::Context,
    _: mayfly_engine::Value,
    args: &mayfly_engine::Args<'_>,
) -> mayfly_engine::Result<mayfly_engine::Value> {
    let text = cx.to_text(args.at(0))?;
    cx.host().print(&text);
    Ok(mayfly_engine::Value::UNDEFINED)
}

mayfly_engine::native_table! {
    /// The engine's natives and those that the instances of differential runs need.
    pub static NATIVES = &[&PRINT];
}

static PRINT: mayfly_engine::native::ClassSpec = mayfly_engine::native::ClassSpec {
    name: "%fuzz%",
    constructor: None,
    intrinsic: Some(mayfly_engine::realm::Intrinsic::embedder(0)),
    prototype: None,
    parent_prototype: None,
    parent_constructor: None,
    is_global: false,
    members: &[mayfly_engine::native::table::hidden("print", 1, native!(native_print))],
};

/// The program that these bytes choose.
pub fn source_of(data: &[u8]) -> String {
    let body = program(&mut Choices::new(data));
    // A directive must come first.
    match body.strip_prefix("'use strict';\n") {
        Some(rest) => format!("'use strict';\n{PRELUDE}{rest}"),
        None => format!("{PRELUDE}{body}"),
    }
}

/// One run: the difference, if there is one.
pub fn compare(node: &mut Node, data: &[u8]) -> std::io::Result<Option<String>> {
    let source = source_of(data);
    let theirs = node.run(&source)?;
    if theirs.last().is_some_and(|last| last == "timeout") || theirs.len() >= 2000 {
        return Ok(None);
    }
    // What uses up its CPU time or memory is not compared.
    let Some(ours) = run_here(&source) else { return Ok(None) };
    if ours == theirs {
        return Ok(None);
    }
    let at = ours.iter().zip(&theirs).position(|(a, b)| a != b).unwrap_or(ours.len().min(theirs.len()));
    Ok(Some(format!("line {at}: here {:?}, node {:?}\n{source}", ours.get(at), theirs.get(at))))
}

thread_local! {
    static NODE: std::cell::RefCell<Option<Node>> = const { std::cell::RefCell::new(None) };
}

/// One run, with a node that is kept for the next.
pub fn run(data: &[u8]) {
    let mut node = NODE.with(|node| node.borrow_mut().take()).unwrap_or_else(|| Node::start().expect("node on the path"));
    let outcome = compare(&mut node, data);
    NODE.with(|kept| *kept.borrow_mut() = Some(node));
    match outcome {
        Ok(None) => {}
        Ok(Some(difference)) => panic!("{difference}"),
        Err(error) => panic!("node: {error}"),
    }
}
