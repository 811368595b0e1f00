//! JSON texts: JSON.parse accepts what another reader accepts, and what it read is written and read again to the same.

use crate::choices::Choices;
use crate::instance::with_instance;

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\"",
    "\"b\"",
    "\"0\"",
    "\"__proto__\"",
    "\"\\n\\u0041\"",
    "\"é😀\"",
    "\"\\ud83d\\ude00\"",
    "\"\"",
    "1",
    "-0",
    "0",
    "01",
    "1.5e3",
    "1E-2",
    "1.",
    ".5",
    "-",
    "1e400",
    "123456789012345678901234567890",
    "true",
    "false",
    "null",
    "nul",
    " ",
    "\n",
    "\t",
    "\u{a0}",
    "\"\t\"",
    "\"\\x\"",
    "'a'",
    "NaN",
    "//",
    "\u{feff}",
];

fn value(choices: &mut Choices<'_>, depth: usize, into: &mut String) {
    match choices.below(if depth == 0 { 4 } else { 7 }) {
        0 => into.push_str(choices.of(&["1", "-0", "0.5", "1e3", "-17", "123456789", "4294967296"])),
        1 => into.push_str(choices.of(&["true", "false", "null"])),
        2 => into.push_str(choices.of(&["\"a\"", "\"\"", "\"é\"", "\"\\u0000\"", "\"line\\n\"", "\"😀\""])),
        3 => into.push_str(choices.of(TOKENS)),
        4 | 5 => {
            into.push('[');
            for i in 0..choices.below(5) {
                into.push_str(if i > 0 { "," } else { "" });
                value(choices, depth - 1, into);
            }
            into.push(']');
        }
        _ => {
            into.push('{');
            for i in 0..choices.below(5) {
                into.push_str(if i > 0 { ", " } else { " " });
                into.push_str(choices.of(&["\"a\"", "\"b\"", "\"1\"", "\"long name\"", "\"__proto__\"", "\"a\""]));
                into.push(':');
                value(choices, depth - 1, into);
            }
            into.push('}');
        }
    }
}

fn text(choices: &mut Choices<'_>) -> String {
    if choices.once_in(6) {
        return String::from_utf8_lossy(choices.rest()).into_owned();
    }
    let mut text = String::new();
    value(choices, 6, &mut text);
    for _ in 0..choices.below(3) {
        text.push_str(choices.of(&["", "", " ", "\n"]));
    }
    if choices.once_in(4) {
        text.push_str(choices.of(TOKENS));
    }
    text
}

/// What the other reader says, where it means the same: it refuses numbers out of range and nesting beyond 128.
fn accepted_elsewhere(text: &str) -> Option<bool> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(_) => Some(true),
        Err(error) => {
            let message = error.to_string();
            let other = message.contains("out of range") || message.contains("recursion limit") || message.contains("surrogate");
            // Where a lone surrogate is followed by something else the message is about the escape.
            if other || text.contains("\\u") || text.contains("\\U") { None } else { Some(false) }
        }
    }
}

/// One run.
pub fn run(data: &[u8]) {
    let text = text(&mut Choices::new(data));
    let expected = accepted_elsewhere(&text);
    with_instance(|cx| {
        let outcome = cx.enter(|cx| {
            let text = cx.new_string(&text);
            let global = cx.global();
            let key = cx.key("text");
            cx.create_data_property_or_throw(global, key, text)
        });
        assert!(outcome.is_ok());
        let script = "(() => { let value; try { value = JSON.parse(text); } catch (e) { if (!(e instanceof SyntaxError)) throw e; return 'refused'; }
            const once = JSON.stringify(value), again = JSON.stringify(JSON.parse(once)), spaced = JSON.stringify(JSON.parse(JSON.stringify(value, null, 2)));
            const revived = JSON.stringify(JSON.parse(text, (key, value) => value));
            if (once !== again) throw new Error('once ' + once + ' again ' + again);
            if (once !== spaced) throw new Error('once ' + once + ' spaced ' + spaced);
            if (once !== revived) throw new Error('once ' + once + ' revived ' + revived);
            return 'read'; })()";
        let answer = match cx.evaluate_script(script, "json.js") {
            Ok(value) => cx.enter(|cx| cx.to_text(value)).unwrap_or_default(),
            Err(_) => match cx.take_exception() {
                Some(error) => panic!("{} on {text:?}", cx.enter(|cx| cx.to_text(error)).unwrap_or_default()),
                None => return,
            },
        };
        if let Some(expected) = expected {
            assert_eq!(answer == "read", expected, "{text:?}");
        }
    });
}
