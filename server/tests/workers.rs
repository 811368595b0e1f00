//! What an operator gives a worker beside its code: variables, clocks, source maps.

mod support;

use support::{Server, mayfly, temporary, text};

#[test]
fn variables_are_in_env() {
    let source = "export default { fetch(r, env) { env.count = (env.count ?? 0) + 1; return Response.json([env, typeof globalThis.A]); } }";
    let worker = temporary("worker.js", source);
    let env_file = temporary(".env", "# secrets\nexport A=from-file\nB = \"two\\nlines\" # comment\n\nC='$x'\n");
    let flags = ["--env-file", env_file.to_str().unwrap(), "--var", "A=from=flag", "--var", "D="];
    let wanted = r#"[{"A":"from=flag","B":"two\nlines","C":"$x","D":"","count":1},"undefined"]"#;
    let server = Server::start_file(&worker, &[&flags[..], &["--verify-reset"]].concat());
    for _ in 0..3 {
        assert_eq!(server.get("/").text(), wanted);
    }
    // An image is given more when it is served.
    let image = worker.with_extension("image");
    let output = mayfly(&["build", worker.to_str().unwrap(), "-o", image.to_str().unwrap(), "--var", "A=built", "--var", "Z=z"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let server = Server::start_file(&image, &["--verify-reset"]);
    assert_eq!(server.get("/").text(), r#"[{"A":"built","Z":"z","count":1},"undefined"]"#);
    let server = Server::start_file(&image, &["--var", "A=served", "--var", "B=b", "--verify-reset"]);
    for _ in 0..3 {
        assert_eq!(server.get("/").text(), r#"[{"A":"served","Z":"z","B":"b","count":1},"undefined"]"#);
    }
}

#[test]
fn variables_are_globals_of_scripts() {
    let source = "const atTheTop = typeof A === 'string' ? A : 'none'; addEventListener('fetch', e => e.respondWith(new Response(atTheTop + ' ' + A)))";
    let worker = temporary("worker.js", source);
    assert_eq!(Server::start_file(&worker, &["--var", "A=a"]).get("/").text(), "a a");
    let image = worker.with_extension("image");
    assert!(mayfly(&["build", worker.to_str().unwrap(), "-o", image.to_str().unwrap()]).status.success());
    assert_eq!(Server::start_file(&image, &["--var", "A=later", "--verify-reset"]).get("/").text(), "none later");
    let module = "export {}; addEventListener('fetch', e => e.respondWith(new Response(A)))";
    assert_eq!(Server::start(module, &["--var", "A=a"]).get("/").text(), "a");
}

#[test]
fn variables_that_are_none() {
    let worker = temporary("worker.js", "export default { fetch() {} }");
    let path = worker.to_str().unwrap();
    for (flags, code, wanted) in [
        (vec!["--var", "A"], 2, "NAME=TEXT"),
        (vec!["--var", "a-b=c"], 2, "no name"),
        (vec!["--env-file", "/nonexistent"], 1, "/nonexistent"),
    ] {
        let output = mayfly(&[&["serve", path, "--port", "0"], &flags[..]].concat());
        assert_eq!(output.status.code(), Some(code), "{flags:?}");
        assert!(text(&output.stderr).contains(wanted), "{flags:?}: {}", text(&output.stderr));
    }
    let file = temporary("bad.env", "A=b\nnonsense\n");
    let output = mayfly(&["build", path, "-o", "/nonexistent/x", "--env-file", file.to_str().unwrap()]);
    assert!(text(&output.stderr).contains("bad.env:2:"), "{}", text(&output.stderr));
}

const CLOCKS: &str = "export default { async fetch() {
    const read = () => [Date.now(), performance.now()];
    const first = read();
    let sum = 0;
    for (let i = 0; i < 3e6; i++) sum += i;
    await null;
    const computed = read();
    await new Promise((f) => setTimeout(f, 15));
    const waited = read();
    return Response.json([first, computed, waited]);
} }";

/// The three readings of both clocks, in milliseconds.
fn clocks(flags: &[&str]) -> [[f64; 2]; 3] {
    let reply = Server::start(CLOCKS, &[flags, &["--cpu-ms", "60000", "--wall-ms", "60000"]].concat()).get("/").text();
    let numbers: Vec<f64> = reply.split(['[', ']', ',']).filter(|part| !part.is_empty()).map(|part| part.parse().unwrap()).collect();
    assert_eq!(numbers.len(), 6, "{reply}");
    [[numbers[0], numbers[1]], [numbers[2], numbers[3]], [numbers[4], numbers[5]]]
}

#[test]
fn frozen_clocks() {
    let [first, computed, waited] = clocks(&["--frozen-clock"]);
    assert_eq!(first, computed);
    assert!(waited[0] >= first[0] + 14.0 && waited[1] >= first[1] + 14.0, "{first:?} {waited:?}");
    assert!(first[0] > 1.6e12);
    let [first, computed, waited] = clocks(&[]);
    assert!(computed[1] > first[1] && waited[1] >= computed[1] + 14.0, "{first:?} {computed:?} {waited:?}");
}

/// A bundle of two lines, as a minifier makes it.
const BUNDLE: &str =
    "function f(){throw new Error(\"mapped\")}\nexport default{fetch(r){if(r.url.endsWith(\"fine\"))return new Response(\"fine\");f()}};\n";
/// Its map, with places from 0: (0, 13) was made from fail.ts (3, 8), (1, 78) from worker.ts (1, 2).
const MAP: &str = r#"{"version":3,"sources":["../src/fail.ts","../src/worker.ts"],"sourcesContent":["// one\n// two\nexport function fail(): never {\n        throw new Error('mapped');\n}\n","const handler = {\n  fetch() { fail(); }\n};\n"],"names":[],"mappings":"aAGQ;8ECFN"}"#;

#[test]
fn errors_are_shown_where_people_wrote_them() {
    let worker = temporary("dist/worker.js", format!("{BUNDLE}//# sourceMappingURL=worker.js.map\n"));
    let map = temporary("dist/worker.js.map", MAP);
    let image = worker.with_extension("image");
    assert!(mayfly(&["build", worker.to_str().unwrap(), "-o", image.to_str().unwrap()]).status.success());
    // The image needs neither source nor map.
    let check = |server: &Server| {
        let reply = server.connect().request("GET", "/", &[("Accept", "text/plain")], b"");
        assert_eq!(reply.status, 500);
        let report = reply.text();
        for wanted in ["Error: mapped", "src/fail.ts:4:9", "throw new Error('mapped');", "src/worker.ts:2:3"] {
            assert!(report.contains(wanted), "no {wanted:?} in:\n{report}");
        }
        assert!(!report.contains("dist/worker.js:"), "{report}");
        server.wait_for_log("src/fail.ts:4:9");
        assert_eq!(server.get("/fine").text(), "fine");
        assert!(server.get("/").text().contains("src/fail.ts:4:9"));
    };
    check(&Server::start_file(&worker, &["--verify-reset"]));
    std::fs::remove_file(map).unwrap();
    check(&Server::start_file(&image, &["--verify-reset"]));
    // Without the map, places are the bundle's.
    let report = Server::start_file(&worker, &[]).get("/").text();
    assert!(report.contains("worker.js:1:"), "{report}");
    let damaged = temporary("dist/worker.js.map", "{}");
    let server = Server::start_file(&worker, &[]);
    server.wait_for_log("warning: the source map of");
    assert!(server.get("/").text().contains("worker.js:1:"));
    drop(damaged);
}

#[test]
fn programs_and_top_levels_have_maps_too() {
    temporary("lib/worker.js.map", MAP);
    let module = temporary("lib/lib.js", format!("{BUNDLE}//# sourceMappingURL=worker.js.map\n"));
    let program = temporary("main.mjs", "import worker from './lib/lib.js';\nworker.fetch(new Request('http://x/'));\n");
    for command in ["run", "build"] {
        let image = program.with_extension("image");
        let mut arguments = vec![command, program.to_str().unwrap()];
        if command == "build" {
            arguments.extend(["-o", image.to_str().unwrap()]);
        }
        let output = mayfly(&arguments);
        assert_eq!(output.status.code(), Some(1));
        let message = text(&output.stderr);
        for wanted in ["src/fail.ts:4:9", "src/worker.ts:2:3", "main.mjs:2:8"] {
            assert!(message.contains(wanted), "{command}: no {wanted:?} in:\n{message}");
        }
    }
    drop(module);
}

#[test]
fn no_eval() {
    let source =
        "export default { fetch() { try { return new Response(String(eval('1 + 1'))); } catch (e) { return new Response(e.name); } } }";
    assert_eq!(Server::start(source, &["--no-eval"]).get("/").text(), "EvalError");
    assert_eq!(Server::start(source, &[]).get("/").text(), "2");
    let output =
        mayfly(&["run", "--no-eval", temporary("e.js", "try { new Function('1') } catch (e) { console.log(e.name) }").to_str().unwrap()]);
    assert_eq!(text(&output.stdout), "EvalError\n");
}
