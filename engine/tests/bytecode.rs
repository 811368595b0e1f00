//! Golden tests of the compiler: every snippet in `tests/bytecode` compiles to the disassembly beside it.
//!
//! After a deliberate change, run with `BLESS=1` and read the differences.

use std::path::{Path, PathBuf};

use mayfly_engine::bytecode::{CodeBlock, disassemble, verify};
use mayfly_engine::compiler::{DynamicFunctionKind, EvalContext, Options, compile_eval, compile_function, compile_module, compile_script};

#[path = "support/flow.rs"]
mod flow;

fn compile(path: &Path, source: &str) -> CodeBlock {
    compile_with(path, source, &Options::default())
}

fn compile_with(path: &Path, source: &str, options: &Options<'_>) -> CodeBlock {
    let is_module = path.extension().is_some_and(|extension| extension == "mjs");
    let result = if is_module { compile_module(source, "test", options) } else { compile_script(source, "test", options) };
    match result {
        Ok(code) => code,
        Err(error) => panic!("{}: {}", path.display(), error.message),
    }
}

fn text_of(code: &CodeBlock) -> String {
    let mut text = disassemble(code);
    if let Some(module) = &code.module {
        text.push_str(&format!("requests {:?}\nimports {:?}\nexports {:?}\n", module.requests, module.imports, module.exports));
    }
    text
}

#[test]
fn snippets_compile_to_their_golden_code() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bytecode");
    let bless = std::env::var_os("BLESS").is_some();
    let mut sources: Vec<PathBuf> = std::fs::read_dir(&directory)
        .expect("golden directory")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "js" || extension == "mjs"))
        .collect();
    sources.sort();
    assert!(sources.len() >= 40, "golden snippets are missing");
    let mut differing = Vec::new();
    for path in sources {
        let source = std::fs::read_to_string(&path).expect("snippet");
        let code = compile(&path, &source);
        verify(&code).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut complaints = Vec::new();
        flow::check(&compile_with(&path, &source, &Options { explicit_undefined: true, ..Options::default() }), &mut complaints);
        assert!(complaints.is_empty(), "{}: {complaints:#?}", path.display());
        let actual = text_of(&code);
        let golden = path.with_extension("txt");
        if bless {
            std::fs::write(&golden, actual).expect("write golden file");
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != actual {
            differing.push(path.display().to_string());
        }
    }
    assert!(differing.is_empty(), "differ from their golden files (BLESS=1 to accept): {differing:#?}");
}

#[test]
fn positions_name_the_property_of_a_method_call() {
    let source = "object.method(1)";
    let code = compile(Path::new("positions.js"), source);
    let call = code.words.iter().position(|word| word.op == mayfly_engine::bytecode::Op::Call as u8).expect("a call") as u32;
    assert!(code.positions.contains(&(call, 7)), "{:?}", code.positions);
}

#[test]
fn long_chains_compile_without_recursion() {
    let terms = 50_000;
    let names = ["a"; 3];
    for (operator, wrap) in [("+", ""), ("&&", ""), ("||", "!"), ("??", "")] {
        let chain = vec![names[0]; terms].join(operator);
        let source = format!("function f(a) {{ if ({wrap}({chain})) return {chain}; {chain}; }}");
        compile(Path::new("chain.js"), &source);
    }
    let sum = vec!["1"; terms].join("+");
    let code = compile(Path::new("sum.js"), &sum);
    assert!(code.words.len() < 10, "a sum of literals is folded");
}

#[test]
fn deep_nesting_compiles_or_is_refused() {
    let depth = 5_000;
    let nestings = [
        ("(".repeat(depth), "1", ")".repeat(depth)),
        ("[".repeat(depth), "1", "]".repeat(depth)),
        ("f(".repeat(depth), "1", ")".repeat(depth)),
        ("function g(){".repeat(depth), "", "}".repeat(depth)),
        ("()=>".repeat(depth), "1", String::new()),
        ("{".repeat(depth), "1", "}".repeat(depth)),
        ("if(a){".repeat(depth), "1", "}".repeat(depth)),
        ("`${".repeat(depth), "1", "}`".repeat(depth)),
        ("class A extends (".repeat(depth), "B", "){}".repeat(depth)),
        ("a=".repeat(depth), "1", String::new()),
        ("a?".repeat(depth), "1", ":1".repeat(depth)),
        ("try{".repeat(depth), "1", "}finally{}".repeat(depth)),
        ("for(x of y)".repeat(depth), "1", String::new()),
        ("[a=".repeat(depth), "1", "]=b".repeat(depth)),
        ("x:{".repeat(depth), "1", "}".repeat(depth)),
        ("a+(".repeat(depth), "1", ")".repeat(depth)),
        ("({a:".repeat(depth), "1", "})".repeat(depth)),
        ("new ".repeat(depth), "a", String::new()),
        ("-".repeat(depth), "a", String::new()),
        ("a[".repeat(depth), "a", "]".repeat(depth)),
    ];
    for limit in [depth, 1_000, 600, 350, 200] {
        for (open, middle, close) in &nestings {
            let open_unit = open.len() / depth;
            let close_unit = close.len() / depth;
            let source = format!("{}{middle}{}", &open[..open_unit * limit], &close[..close_unit * limit]);
            // Whatever the answer, there must be one.
            let _ = compile_script(&source, "deep", &Options::default());
        }
    }
}

#[test]
fn huge_functions_are_refused_or_widened() {
    let body: String = (0..70_000).map(|index| format!("o.p{index};")).collect();
    let code = compile(Path::new("caches.js"), &format!("function f(o) {{ if (o < 1) {{ {body} }} return o; }}"));
    verify(&code).expect("valid code");
    let locals: String = (0..70_000).map(|index| format!("let v{index} = 0;")).collect();
    let error = compile_script(&format!("function f() {{ {locals} }}"), "locals", &Options::default()).expect_err("too many registers");
    assert_eq!(error.message, "Function too large");
}

#[test]
fn eval_code_finds_outer_names_at_run_time() {
    let direct = EvalContext { direct: true, in_function: true, ..EvalContext::default() };
    let text = disassemble(&compile_eval("var x = y; this.z = new.target", &direct, &Options::default()).expect("code"));
    assert!(text.contains("EvalInstantiate"), "{text}");
    assert!(text.contains("GetName              r") && text.contains("(y)"), "{text}");
    assert!(text.contains("GetName              x2") && text.contains("(new.target)"), "{text}");
    let indirect = disassemble(&compile_eval("var x = y; this", &EvalContext::default(), &Options::default()).expect("code"));
    assert!(indirect.contains("GetGlobal") && !indirect.contains("GetName"), "{indirect}");
    let private = ["#p".to_string()];
    let in_class = EvalContext { direct: true, private_names: &private, ..EvalContext::default() };
    assert!(compile_eval("o.#p", &in_class, &Options::default()).is_ok());
    assert!(compile_eval("o.#q", &in_class, &Options::default()).is_err());
    assert!(compile_eval("new.target", &EvalContext::default(), &Options::default()).is_err());
}

#[test]
fn dynamic_functions_are_their_own_code() {
    let (code, source) = compile_function("a, b", "return a + b", DynamicFunctionKind::Normal, &Options::default()).expect("code");
    assert_eq!((code.parameters, code.length), (2, 2));
    assert!(code.flags.constructor && !code.flags.top_level);
    assert_eq!(&source[code.source_start as usize..code.source_end as usize], "function anonymous(a, b\n) {\nreturn a + b\n}");
    let (generator, _) = compile_function("", "yield 1", DynamicFunctionKind::AsyncGenerator, &Options::default()).expect("code");
    assert!(generator.flags.generator && generator.flags.is_async && !generator.flags.constructor);
    assert!(compile_function("a) { }, function (", "", DynamicFunctionKind::Normal, &Options::default()).is_err());
}

/// The first two registers of a window link the frame to its caller: nothing may write them, an exception neither.
#[test]
fn handlers_outside_the_window_or_in_its_links_are_refused() {
    let good = compile(Path::new("handlers.js"), "try { f(); } catch (e) { g(e); }");
    assert!(verify(&good).is_ok() && !good.handlers.is_empty());
    for register in [0, 1, good.registers, u16::MAX] {
        let mut code = good.clone();
        code.handlers[0].register = register;
        assert!(verify(&code).is_err(), "register {register} of {}", good.registers);
    }
    for place in [good.words.len() as u32, u32::MAX] {
        let mut code = good.clone();
        code.handlers[0].target = place;
        assert!(verify(&code).is_err(), "target {place}");
    }
}
