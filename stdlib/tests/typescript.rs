//! `mayfly types`: the declarations against the scope as it is, and against the committed file.
//!
//! The TypeScript compiler itself is not needed here; `tests/typescript/check.sh` runs it.

use mayfly_engine::{Context, ContextOptions, Natives};
use mayfly_stdlib::fake::{FakePlatform, fake, run_until_idle};
use mayfly_stdlib::platform::WorkerHost;
use mayfly_stdlib::typescript::{Bindings, declarations};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

fn text() -> String {
    declarations(&Bindings::default())
}

/// What a program prints, in the worker scope or in one of ECMAScript only (which has no console: what the program comes to is printed).
fn lines(source: &str, with_scope: bool) -> BTreeSet<String> {
    let text = if with_scope {
        let natives = Rc::new(Natives::new(&mayfly_stdlib::NATIVES));
        let platform = FakePlatform::default();
        let mut cx = Context::new(Box::new(WorkerHost::new(Box::new(platform))), natives, ContextOptions::default()).expect("a context");
        let outcome = cx.enter(|cx| {
            mayfly_stdlib::install(cx)?;
            cx.evaluate_script(&format!("console.log({source})"), "test.js")?;
            run_until_idle(cx, 1000.0)
        });
        assert!(outcome.is_ok(), "the program was stopped");
        fake(&mut cx).expect("the platform").output()
    } else {
        let natives = Rc::new(Natives::of_engine());
        let mut cx = Context::new(Box::new(WorkerHost::new(Box::new(FakePlatform::default()))), natives, ContextOptions::default())
            .expect("a context");
        let value = cx.enter(|cx| cx.evaluate_script(source, "test.js")).expect("a value");
        cx.to_text(value).expect("a text")
    };
    text.lines().map(str::to_string).filter(|line| !line.is_empty()).collect()
}

/// Names of the global object's own properties.
const OWN_NAMES: &str = "Object.getOwnPropertyNames(globalThis).join('\\n')";

/// Declared names of the global scope: those of `declare var`, `declare function` and `declare namespace`.
fn declared_globals(text: &str) -> BTreeSet<String> {
    let names = text.lines().filter_map(|line| {
        let rest = line.strip_prefix("declare ")?;
        let rest = ["var ", "function ", "namespace "].iter().find_map(|keyword| rest.strip_prefix(keyword))?;
        Some(rest.split(['(', '<', ':', ' ']).next().unwrap_or(rest).to_string())
    });
    names.collect()
}

/// The lines within a namespace, without their indentation.
fn namespace(text: &str, name: &str) -> String {
    let begins = format!("declare namespace {name} {{");
    let body = text.lines().skip_while(|line| *line != begins).skip(1).take_while(|line| *line != "}");
    body.map(|line| format!("{}\n", line.strip_prefix("  ").expect("indentation"))).collect()
}

/// Names of the members in the block that begins with a line, `None` where there is no such block.
fn members(text: &str, begins: impl Fn(&str) -> bool) -> Option<BTreeSet<String>> {
    let mut lines = text.lines().skip_while(|line| !begins(line));
    lines.next()?;
    let body = lines.take_while(|line| line.starts_with("  "));
    let names = body.filter(|line| !line.trim_start().starts_with("/**")).map(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("readonly ").unwrap_or(line);
        line.split(['(', '<', ':', '?']).next().unwrap_or(line).to_string()
    });
    Some(names.collect())
}

#[test]
fn the_committed_file_is_what_is_made() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/typescript/mayfly.d.ts");
    let committed = std::fs::read_to_string(path).expect("the file");
    let made = text();
    let difference = committed.lines().zip(made.lines()).enumerate().find(|(_, (old, new))| old != new);
    if let Some((at, (old, new))) = difference {
        panic!("line {}: committed {old:?}, made {new:?}. `cargo run -- types -o {path}` writes the file anew", at + 1);
    }
    assert_eq!(committed.len(), made.len(), "`cargo run -- types -o {path}` writes the file anew");
}

#[test]
fn brackets_are_balanced() {
    let text = text();
    for (number, block) in text.split("\n\n").enumerate() {
        let mut open = Vec::new();
        let mut quoted = None;
        for c in
            block.lines().filter(|line| !line.trim_start().starts_with("//") && !line.trim_start().starts_with("/**")).flat_map(str::chars)
        {
            match (quoted, c) {
                (Some(quote), c) if c == quote => quoted = None,
                (Some(_), _) => {}
                (None, '"' | '\'' | '`') => quoted = Some(c),
                (None, '(' | '[' | '{') => open.push(c),
                (None, ')' | ']' | '}') => {
                    let expected = match c {
                        ')' => '(',
                        ']' => '[',
                        _ => '{',
                    };
                    assert_eq!(open.pop(), Some(expected), "block {number}: {block}");
                }
                _ => {}
            }
        }
        assert!(open.is_empty() && quoted.is_none(), "block {number}: {block}");
    }
}

#[test]
fn every_global_property_is_declared_and_nothing_else() {
    let bare = lines(OWN_NAMES, false);
    let mut exposed: BTreeSet<String> = lines(OWN_NAMES, true).difference(&bare).cloned().collect();
    // What the global object inherits.
    exposed.extend(["addEventListener", "removeEventListener", "dispatchEvent"].map(str::to_string));
    let declared = declared_globals(&text());
    let undeclared: Vec<_> = exposed.difference(&declared).collect();
    let invented: Vec<_> = declared.difference(&exposed).collect();
    assert!(undeclared.is_empty(), "not declared: {undeclared:?}");
    assert!(invented.is_empty(), "declared, but not there: {invented:?}");
    assert!(declared.len() > 100, "only {} names", declared.len());
}

#[test]
fn every_member_is_declared_and_nothing_else() {
    // `Class.name` for what the prototype has, `Class!name` for what the constructor has.
    let source = "Object.getOwnPropertyNames(globalThis).filter(name => /^[A-Z]/.test(name) && typeof globalThis[name] === 'function')
        .flatMap(name => [
            ...Reflect.ownKeys(globalThis[name].prototype ?? {}).map(key => [name, '.', key]),
            ...Reflect.ownKeys(globalThis[name]).map(key => [name, '!', key])])
        .filter(([, , key]) => !['constructor', 'length', 'name', 'prototype', Symbol.toStringTag].includes(key))
        .map(([name, mark, key]) => name + mark + (typeof key === 'symbol' ? `[${key.description}]` : key)).join('\\n')";
    // Globals of ECMAScript are TypeScript's own business. Their members end in what DOMException's do, so names are cut off at the mark.
    let bare = lines("Object.getOwnPropertyNames(globalThis).join('\\n')", false);
    let text = text();
    let mut live: BTreeMap<(String, char), BTreeSet<String>> = BTreeMap::new();
    for line in lines(source, true) {
        let at = line.find(['.', '!']).expect("a mark");
        let (class, member) = (line[..at].to_string(), line[at + 1..].to_string());
        // `name` and `length` were left out above because functions have them; these classes have them on their prototypes too.
        if !bare.contains(&class) {
            live.entry((class, line.as_bytes()[at] as char)).or_default().insert(member);
        }
    }
    assert!(live.len() > 80, "only {} classes", live.len());
    for ((class, mark), names) in &live {
        let mut declared = match mark {
            '.' => members(&text, |line| {
                line.strip_prefix("interface ")
                    .and_then(|rest| rest.strip_prefix(class.as_str()))
                    .is_some_and(|rest| rest.starts_with([' ', '<']))
            }),
            _ => members(&text, |line| line.starts_with(&format!("declare var {class}: "))),
        }
        .unwrap_or_else(|| panic!("{class} is not declared"));
        for skipped in ["prototype", "new", "length", "name"] {
            declared.remove(skipped);
        }
        // Interfaces with events declare again what they inherit from EventTarget; the scope's members are the global object's own.
        if class != "EventTarget" {
            declared.remove("addEventListener");
            declared.remove("removeEventListener");
        }
        if class == "ServiceWorkerGlobalScope" {
            continue;
        }
        assert_eq!(names, &declared, "{class}{mark}");
    }
}

#[test]
fn every_member_of_a_namespace_with_classes_is_declared_and_nothing_else() {
    // `Class.name` for what the prototype has, `Class!name` for what the constructor has, the name alone for the namespace's own.
    let source = "Reflect.ownKeys(WebAssembly).flatMap(name => [[name],
            ...Reflect.ownKeys(WebAssembly[name].prototype ?? {}).map(key => [name, '.', key]),
            ...(WebAssembly[name].prototype ? Reflect.ownKeys(WebAssembly[name]) : []).map(key => [name, '!', key])])
        .filter(([name, , key]) => ![name, key].includes(Symbol.toStringTag))
        // Errors have the prototype's properties of all errors.
        .filter(([name, , key]) => !['constructor', 'name', 'prototype'].includes(key) && !(/Error$/.test(name) && key))
        // Table has a `length` of its own.
        .filter(([, mark, key]) => mark !== '!' || key !== 'length')
        .map(parts => parts.join('')).join('\\n')";
    let text = namespace(&text(), "WebAssembly");
    let live = lines(source, true);
    let mut declared = BTreeSet::new();
    for line in text.lines() {
        if let Some(rest) = ["function ", "const ", "var "].iter().find_map(|keyword| line.strip_prefix(keyword)) {
            let name = rest.split(['(', '<', ':']).next().unwrap_or(rest);
            declared.insert(name.to_string());
            for (mark, begins) in [('.', format!("interface {name} ")), ('!', format!("var {name}: "))] {
                for member in members(&text, |line| line.starts_with(&begins)).unwrap_or_default() {
                    if !["prototype", "new"].contains(&member.as_str()) {
                        declared.insert(format!("{name}{mark}{member}"));
                    }
                }
            }
        }
    }
    assert_eq!(live, declared);
    assert!(live.len() > 30, "only {} names", live.len());
}

/// Texts name types; each of them must be declared here, be TypeScript's own, or be a type parameter.
#[test]
fn every_type_that_is_named_exists() {
    const KNOWN: &str = "Promise PromiseLike Record Iterable Array AsyncIterable AsyncIteratorObject IteratorObject ArrayBuffer \
        ArrayBufferLike ArrayBufferView SharedArrayBuffer Function Uint8Array Error Exclude Symbol T R W I O A K M E";
    let text = text();
    let declared: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("interface ").or_else(|| line.trim_start().strip_prefix("type ")))
        .map(|rest| rest.split([' ', '<']).next().unwrap_or(rest))
        .collect();
    let known: BTreeSet<&str> = KNOWN.split_whitespace().collect();
    let mut unknown = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("/")) {
        // Names after a colon, an angle bracket or the like; texts in quotes do not count.
        let line = line.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        let line = line.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
        let line = line.split_once(['(', ':', '<', '=']).map_or("", |(_, types)| types).to_string();
        for word in line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
            let is_type = word.starts_with(|c: char| c.is_ascii_uppercase()) && !known.contains(word) && !declared.contains(word);
            // A parameter or property may begin with a capital (`baseURL` does not); constants are numbers.
            if is_type {
                unknown.insert(word.to_string());
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");
}
