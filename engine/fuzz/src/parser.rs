//! Texts that are nearly JavaScript, for the parser, the scope analysis and the compiler.
//!
//! Nothing may panic (the compiler verifies its own code in builds with assertions), and what parses must parse again from the same text to
//! the same tree.

use mayfly_engine::compiler::{EvalContext, Options, compile_eval, compile_module, compile_script};

use crate::choices::Choices;
use crate::program;

const FRAGMENTS: &[&str] = &[
    "async ",
    "await ",
    "yield ",
    "yield* ",
    "function ",
    "function* ",
    "=> ",
    "class ",
    "extends ",
    "super.x",
    "super()",
    "new.target",
    "import ",
    "import.meta",
    "import(",
    "import defer * as n from 'm'",
    "export ",
    "export default ",
    "export * as s from 'm'",
    "from 'm'",
    "let ",
    "const ",
    "var ",
    "using x = y",
    "await using ",
    "static ",
    "get ",
    "set ",
    "#p",
    "#p in o",
    "accessor ",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "...",
    ",",
    ";",
    ":",
    "?",
    "?.",
    "??",
    "??=",
    "**",
    "**=",
    "=",
    "+=",
    "==",
    "===",
    "=>",
    "<!--",
    "-->",
    "//\n",
    "/*",
    "*/",
    "/a/g",
    "/[/]\\//u",
    "/(?<n>a)\\k<n>/v",
    "`",
    "${",
    "\\u{61}",
    "\\u0061",
    "'\\u{110000}'",
    "'\\08'",
    "0b1",
    "0o7",
    "017",
    "089",
    "1_000",
    "1n",
    "0.5e-3",
    ".5",
    "\"use strict\";",
    "arguments",
    "eval",
    "undefined",
    "of ",
    "in ",
    "instanceof ",
    "typeof ",
    "delete ",
    "void ",
    "for (",
    "for await (",
    "while (",
    "do ",
    "if (",
    "else ",
    "switch (x) {",
    "case 1:",
    "default:",
    "try {",
    "catch (e) {",
    "catch {",
    "finally {",
    "throw ",
    "return ",
    "break ",
    "continue ",
    "label: ",
    "debugger",
    "with (o) ",
    "x",
    "y",
    "a.b",
    "\u{2028}",
    "\n",
    "\u{feff}",
    "𐐀",
    "\\",
    "@d",
    "\0",
];

fn text(choices: &mut Choices<'_>) -> String {
    let mut text = match choices.below(4) {
        0 => return String::from_utf8_lossy(choices.rest()).into_owned(),
        1 => String::new(),
        _ => program::program(choices),
    };
    // Fragments put in anywhere, and stretches cut out.
    for _ in 0..choices.below(24) {
        let mut at = choices.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        if choices.once_in(4) {
            let mut end = (at + choices.below(20)).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            text.replace_range(at..end, "");
        } else {
            let fragment = choices.of(FRAGMENTS);
            if choices.once_in(2) { text.push_str(fragment) } else { text.insert_str(at, fragment) }
        }
    }
    text
}

/// One run.
pub fn run(data: &[u8]) {
    let mut choices = Choices::new(data);
    let strict = choices.once_in(3);
    let source = text(&mut choices);
    let options = Options::default();
    let script = compile_script(&source, "fuzz.js", &options);
    let module = compile_module(&source, "fuzz.mjs", &options);
    let context = EvalContext { direct: true, strict, in_function: true, in_method: true, ..EvalContext::default() };
    let eval = compile_eval(&source, &context, &options);
    for error in [script.as_ref().err(), module.as_ref().err(), eval.as_ref().err()].into_iter().flatten() {
        let rendered = error.render(&source, "fuzz");
        assert!(!error.message.is_empty() && !rendered.is_empty());
        assert!(error.span.start <= error.span.end && error.span.end as usize <= source.len(), "an error outside the text: {error:?}");
    }
    let again = compile_script(&source, "fuzz.js", &options);
    match (&script, &again) {
        (Ok(first), Ok(second)) => assert_eq!(mayfly_engine::bytecode::disassemble(first), mayfly_engine::bytecode::disassemble(second)),
        (Err(first), Err(second)) => assert_eq!(first.message, second.message),
        _ => panic!("compiling twice gave different answers"),
    }
}
