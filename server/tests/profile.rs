//! `mayfly profile`: the tables and the flame graph of programs and of workers.

use std::process::Command;

/// Runs `mayfly profile` in a directory of its own; exit code, standard output, and the flame graph if there is one.
fn profiled(name: &str, file: &str, source: &str, arguments: &[&str]) -> (Option<i32>, String, Option<String>) {
    let directory = std::env::temp_dir().join(format!("mayfly-profile-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    std::fs::write(directory.join(file), source).expect("the source can be written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mayfly"));
    command.arg("profile").arg(file).args(["-o", "out.svg"]).args(arguments).current_dir(&directory);
    let output = command.output().expect("the binary runs");
    let graph = std::fs::read_to_string(directory.join("out.svg")).ok();
    let _ = std::fs::remove_dir_all(&directory);
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text, graph)
}

#[test]
fn a_program() {
    // Long enough for samples to be taken on a machine that does other things too.
    let source = "function busy(n) { let s = 0; for (let i = 0; i < n; i++) s = (s + i) % 1000; return s; }
        function most() { return [3000000, 3000000].map(busy); }
        console.log(most());";
    let (code, text, graph) = profiled("program", "program.js", source, &["--interval-us", "200"]);
    assert_eq!(code, Some(0), "{text}");
    let row = text.lines().find(|line| line.contains("busy (program.js:1)")).unwrap_or_else(|| panic!("no row for busy in {text}"));
    let instructions: u64 = row.split_ascii_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
    assert!(instructions >= 4 * 6_000_000, "{row}");
    assert!(text.contains("Mod") && text.contains("samples"), "{text}");
    let graph = graph.expect("a flame graph");
    assert!(graph.starts_with("<svg") && graph.contains(">busy<") && graph.contains("most (program.js:2)"), "{graph}");
}

#[test]
fn a_program_that_throws_is_shown_all_the_same() {
    let (code, text, graph) = profiled("throws", "a.js", "function f() { throw new Error('no'); } f();", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("Uncaught Error: no") && text.contains("f (a.js:1)"), "{text}");
    assert!(graph.is_some());
}

#[test]
fn requests_to_a_worker() {
    let source = "function title(path) { return path.split('/').map((part) => part.toUpperCase()).join(' '); }
        export default { async fetch(request) { await null; return new Response(title(new URL(request.url).pathname)); } };";
    let (code, text, _) = profiled("worker", "w.js", source, &["--requests", "50", "--path", "/a/b"]);
    assert_eq!(code, Some(0), "{text}");
    let row = text.lines().find(|line| line.contains("fetch (w.js:2)")).unwrap_or_else(|| panic!("no row for fetch in {text}"));
    assert!(
        row.split_ascii_whitespace().nth(1).and_then(|number| number.parse().ok()).is_some_and(|number: u64| number.is_multiple_of(50)),
        "{row}"
    );
    assert!(text.contains("title (w.js:1)"), "{text}");
    let (code, text, _) = profiled("failing", "w.js", "export default { fetch() { throw new Error('x'); } };", &["--requests", "5"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("500"), "{text}");
}
