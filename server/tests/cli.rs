//! The command line: run, eval, repl, build, dumps, exit codes; images that are damaged.

mod support;

use std::io::Write;
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};
use support::{Server, mayfly, temporary, text};

fn code(arguments: &[&str]) -> Option<i32> {
    mayfly(arguments).status.code()
}

#[test]
fn exit_codes() {
    assert_eq!(code(&["eval", "1"]), Some(0));
    assert_eq!(code(&["eval", "throw 1"]), Some(1));
    assert_eq!(code(&["eval", "Promise.reject(1); 2"]), Some(1));
    assert_eq!(code(&["eval", "setTimeout(() => { throw 1 })"]), Some(1));
    assert_eq!(code(&["eval", "("]), Some(1));
    assert_eq!(code(&["run", "/nonexistent.js"]), Some(1));
    assert_eq!(code(&["serve", "/nonexistent.js"]), Some(1));
    assert_eq!(code(&[]), Some(2));
    assert_eq!(code(&["frobnicate"]), Some(2));
    assert_eq!(code(&["run"]), Some(2));
    assert_eq!(code(&["--help"]), Some(0));
}

#[test]
fn help_teaches() {
    let help = text(&mayfly(&["--help"]).stdout);
    for wanted in ["serve", "build", "run", "eval", "repl", "--dump", "Examples:", "export default"] {
        assert!(help.contains(wanted), "no {wanted} in {help}");
    }
    let help = text(&mayfly(&["serve", "--help"]).stdout);
    for wanted in ["--cpu-ms", "--memory-mib", "--production", "--reuse", "curl"] {
        assert!(help.contains(wanted), "no {wanted} in {help}");
    }
}

#[test]
fn types_declare_the_scope_and_the_bindings() {
    let printed = mayfly(&["types"]);
    assert_eq!(printed.status.code(), Some(0), "{}", text(&printed.stderr));
    let declarations = text(&printed.stdout);
    for wanted in ["declare var Response: {", "declare function fetch(", "interface ExportedHandler<", "interface Env {}"] {
        assert!(declarations.contains(wanted), "no {wanted}");
    }
    let site = temporary("site/index.html", "x");
    let env = temporary(".env", "TOKEN=hunter2\nAPI_URL=other\n");
    let file = env.with_file_name("mayfly.d.ts");
    let (site, env, path) = (site.parent().unwrap().to_str().unwrap(), env.to_str().unwrap(), file.to_str().unwrap());
    let bindings = ["--env-file", env, "--var", "API_URL=x", "--kv", "STORE=data", "--site", site, "--location", "https://a.example/"];
    let written = mayfly(&[&["types", "-o", path][..], &bindings].concat());
    assert_eq!((written.status.code(), text(&written.stdout).as_str()), (Some(0), ""), "{}", text(&written.stderr));
    let of_modules = std::fs::read_to_string(&file).unwrap();
    let wanted = "interface Env {\n  TOKEN: string;\n  API_URL: string;\n  __STATIC_CONTENT_MANIFEST: string;\n  STORE: KVNamespace;\n  \
                  __STATIC_CONTENT: KVNamespace;\n}\n";
    assert!(of_modules.ends_with(wanted), "{}", &of_modules[of_modules.len() - 400..]);
    assert!(of_modules.contains("declare var location: WorkerLocation;") && !of_modules.contains("hunter2"));
    let of_scripts = text(&mayfly(&[&["types", "--script"][..], &bindings].concat()).stdout);
    assert!(
        of_scripts.contains("interface Env {}\ndeclare const TOKEN: string;\n") && of_scripts.contains("declare const STORE: KVNamespace;")
    );
    assert_eq!(code(&["types", "-o", "/nonexistent/directory/x.d.ts"]), Some(1));
    assert_eq!(code(&["types", "--site", "/nonexistent/directory"]), Some(1));
    assert_eq!(code(&["types", "extra"]), Some(2));
    assert!(text(&mayfly(&["types", "--help"]).stdout).contains("tsconfig.json"));
}

#[test]
fn eval_prints_what_it_gives() {
    for (source, wanted) in [
        ("[1, 2, 3].map(x => x * x)", "[ 1, 4, 9 ]\n"),
        ("let x = 1", ""),
        ("console.log('hi')", "hi\n"),
        ("await 1; console.log('late')", "late\n"),
    ] {
        let output = mayfly(&["eval", source]);
        assert_eq!((text(&output.stdout).as_str(), output.status.code()), (wanted, Some(0)), "{source}: {}", text(&output.stderr));
    }
}

#[test]
fn run_takes_scripts_and_modules() {
    temporary(
        "lib/util.js",
        "import data from '../data.json' with { type: 'json' }; export const twice = x => 2 * x; export const seven = data.seven;",
    );
    temporary("data.json", "{\"seven\": 7}");
    let module = temporary(
        "main.js",
        "import { twice, seven } from './lib/util.js';\nconst { twice: again } = await import('./lib/util.js');\nawait new Promise(f => setTimeout(f, 5));\nconsole.log(twice(seven), again === twice, import.meta.url.endsWith('main.js'));",
    );
    let output = mayfly(&["run", module.to_str().unwrap()]);
    assert_eq!(text(&output.stdout), "14 true true\n", "{}", text(&output.stderr));
    let script = temporary(
        "script.js",
        "with ({ a: 1 }) { console.log(a, this === globalThis); } setTimeout(() => console.log('last'), 2); Promise.resolve().then(() => console.log('first'));",
    );
    let output = mayfly(&["run", script.to_str().unwrap()]);
    assert_eq!(text(&output.stdout), "1 true\nfirst\nlast\n", "{}", text(&output.stderr));
}

#[test]
fn uncaught_errors_show_the_code() {
    let script = temporary("fails.js", "function f() {\n  null.x;\n}\n\nf();\n");
    let output = mayfly(&["run", script.to_str().unwrap()]);
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    for wanted in ["TypeError", "fails.js:2:", "2 |   null.x;", "at f (", "fails.js:5:1"] {
        assert!(message.contains(wanted), "no {wanted:?} in:\n{message}");
    }
    let script = temporary("syntax.js", "let a = 1;\nlet b = = 2;\n");
    let output = mayfly(&["run", script.to_str().unwrap()]);
    let message = text(&output.stderr);
    assert!(message.contains("syntax.js:2:9") && message.contains("let b = = 2;"), "{message}");
    let module = temporary("missing.mjs", "import './nowhere.js';");
    let message = text(&mayfly(&["run", module.to_str().unwrap()]).stderr);
    assert!(message.contains("nowhere.js"), "{message}");
}

#[test]
fn the_repl_keeps_its_scope() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mayfly"))
        .arg("repl")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"let a = 40\nfunction f(x) {\n  return x + a\n}\nf(2)\nthrow new Error('oops')\na\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "42\n40\n");
    assert!(text(&output.stderr).contains("oops"));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_repl_awaits_and_knows_the_last_result() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mayfly"))
        .arg("repl")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines =
        b"const five = await Promise.resolve(5)\n_ === undefined\nfive\n_ + 1\nawait Promise.reject(\nnew RangeError('no'))\n[1,\n.clear\n\
        await scheduler.wait(1), 7\n.help\n.exit\n8\n";
    child.stdin.take().unwrap().write_all(lines).unwrap();
    let output = child.wait_with_output().unwrap();
    let (printed, errors) = (text(&output.stdout), text(&output.stderr));
    let lines: Vec<&str> = printed.lines().collect();
    // `_` itself is unknown until there is a result.
    assert_eq!(lines[..3], ["5", "6", "7"], "{printed}{errors}");
    assert!(lines[3..].iter().any(|line| line.starts_with(".exit")) && !lines.contains(&"8"), "{printed}");
    assert!(errors.contains("_ is not defined") && errors.contains("RangeError: no"), "{errors}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn eval_awaits() {
    let output = mayfly(&["eval", "const a = await Promise.resolve([1]); a.length + 1"]);
    assert_eq!((text(&output.stdout).as_str(), output.status.code()), ("2\n", Some(0)), "{}", text(&output.stderr));
    let output = mayfly(&["eval", "await Promise.reject(new Error('no'))"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("Uncaught Error: no"), "{}", text(&output.stderr));
    let output = mayfly(&["eval", "await new Promise(() => {})"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("can never happen"), "{}", text(&output.stderr));
}

/// What `--dump` prints of a stage, whole. Trees and bytecode of more code are golden in the crates that make them.
#[test]
fn dumps_are_golden() {
    let script = temporary("golden.js", "var x = 1 + `y${z}`;");
    let dump = |what: &str, path: &std::path::Path| text(&mayfly(&[&format!("--dump={what}"), path.to_str().unwrap()]).stdout);
    assert_eq!(
        dump("tokens", &script),
        "0..3 Var \"var\" newline\n4..5 Ident \"x\"\n6..7 Assign \"=\"\n8..9 Number \"1\"\n10..11 Plus \"+\"\n\
         12..16 Template \"`y${\"\n16..17 Ident \"z\"\n17..19 Template \"}`\"\n19..20 Semicolon \";\"\n20..20 Eof \"\"\n"
    );
    assert_eq!(dump("ast", &script), "(program script (var (= x (binary 1 + (template \"y\" z \"\")))))\n");
    assert_eq!(
        dump("tokens,ast", &script),
        format!("{}{}", dump("tokens", &script), dump("ast", &script)),
        "stages come one after the other"
    );
    // Numbers are of this build of the engine.
    let worker = temporary("golden.mjs", "export default { fetch() {} }");
    let is_number = |word: &&str| word.bytes().any(|byte| byte.is_ascii_digit());
    let masked = |line: &str| line.split_whitespace().map(|word| if is_number(&word) { "#" } else { word }).collect::<Vec<_>>().join(" ");
    assert_eq!(
        // The kinds of cells below depend on the build more than numbers do.
        dump("image", &worker).lines().map_while(|line| (!line.is_empty()).then(|| masked(line))).collect::<Vec<_>>(),
        [
            "layout version #",
            "header # bytes",
            "natives # (fingerprint #",
            "opcodes fingerprint #",
            "heap # bytes, cells end at #",
            "realm at #",
            "checksum #",
            "texts # bytes, checksum #"
        ]
    );
}

#[test]
fn dumps() {
    let script = temporary("dump.js", "var x = 1 + y;");
    let path = script.to_str().unwrap();
    for (what, wanted) in [("tokens", "Var"), ("ast", "(binary"), ("bytecode", "registers")] {
        let output = mayfly(&[&format!("--dump={what}"), path]);
        assert!(text(&output.stdout).contains(wanted), "{what}: {}{}", text(&output.stdout), text(&output.stderr));
    }
    let worker = temporary("worker.js", "export default { fetch() {} }");
    let output = mayfly(&["--dump=image", worker.to_str().unwrap()]);
    assert!(text(&output.stdout).contains("checksum"), "{}", text(&output.stderr));
    // What the heap is made of, all of it.
    let shown = text(&output.stdout);
    let (_, kinds) = shown.split_once("bytes     cells   kind\n").expect("the kinds of cells");
    let numbers = |line: &str| -> Vec<u64> { line.split_whitespace().take(2).map(|number| number.parse().expect("a number")).collect() };
    let (bytes, closures) = kinds.lines().fold((0, 0), |(bytes, closures), line| {
        let line_numbers = numbers(line);
        (bytes + line_numbers[0], if line.ends_with(" Closure") { line_numbers[1] } else { closures })
    });
    let end = shown.split_once("cells end at 0x").expect("the end").1.lines().next().expect("a line");
    let end = u64::from_str_radix(end, 16).expect("a hexadecimal number");
    assert!(bytes <= end && bytes * 10 > end * 9 && closures > 0, "{bytes} of {end}: {kinds}");
    assert_eq!(code(&["--dump=ast", temporary("bad.js", "(").to_str().unwrap()]), Some(1));
}

#[test]
fn images_are_served_and_reproducible() {
    let worker = temporary(
        "app.js",
        "let count = 0; const table = Object.fromEntries([...'abc'].map((c, i) => [c, i])); export default { fetch: () => Response.json({ table, count: ++count }) }",
    );
    let image = worker.with_extension("image");
    let build = |key: &str| {
        let output = mayfly(&["build", worker.to_str().unwrap(), "-o", image.to_str().unwrap(), "--hash-key", key]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        std::fs::read(&image).unwrap()
    };
    let first = build("7");
    assert!(first == build("7"), "the same source and key gave other bytes");
    assert!(first != build("8"), "the key makes no difference");
    let server = Server::start_file(&image, &["--verify-reset"]);
    for _ in 0..2 {
        assert_eq!(server.get("/").text(), r#"{"table":{"a":0,"b":1,"c":2},"count":1}"#);
    }
    assert!(text(&mayfly(&["run", image.to_str().unwrap()]).stderr).contains("mayfly serve"));
}

#[test]
fn images_are_warmed_by_recorded_requests() {
    let worker = temporary(
        "warmed.js",
        "let count = 0; export default { fetch: async request => Response.json({ count: ++count, name: request.method === 'POST' ? (await request.json()).name : '' }) }",
    );
    let image = worker.with_extension("image");
    let (worker, output) = (worker.to_str().unwrap(), image.to_str().unwrap());
    let requests = temporary("warmed.http", "POST / HTTP/1.1\nHost: localhost\nContent-Length: 14\n\n{\"name\":\"Ida\"}\n");
    let build = |more: &[&str]| {
        let built = mayfly(&[&["build", worker, "-o", output, "--hash-key", "7"], more].concat());
        assert!(built.status.success(), "{}", text(&built.stderr));
        std::fs::read(&image).unwrap()
    };
    let plain = build(&[]);
    let warm = build(&["--warm-requests", requests.to_str().unwrap()]);
    assert!(warm != plain, "the requests made no difference");
    assert!(warm == build(&["--warm-requests", requests.to_str().unwrap()]), "the same requests gave other bytes");
    let server = Server::start_file(&image, &["--verify-reset"]);
    // No trace of the sample but its speed.
    assert_eq!(server.get("/").text(), r#"{"count":1,"name":""}"#);

    let wrong = temporary("wrong.http", "POST / HTTP/1.1\nHost: localhost\nContent-Length: 20\n\n{}\n");
    for (file, message) in [(wrong.to_str().unwrap(), "wrong.http: line 3: the body has 3 bytes of 20"), ("/none.http", "/none.http: ")] {
        let refused = mayfly(&["build", worker, "-o", output, "--warm-requests", file]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains(message), "{}", text(&refused.stderr));
    }
}

/// What a worker prepares at its first request is in a primed image, which answers as if that request had been before the others.
#[test]
fn images_are_primed_by_requests() {
    let worker = temporary(
        "primed.js",
        "let router, made = 0, asked = [];
        export default { async fetch(request) {
            const path = new URL(request.url).pathname;
            if (path === '/random') return new Response(crypto.randomUUID());
            router ??= (made++, new Map([['/', 'home'], ['/echo', 'echo']]));
            asked.push(path + await request.text());
            return Response.json({ page: router.get(path), made, asked }, { headers: { 'set-cookie': 'a=b' } });
        } }",
    );
    let image = worker.with_extension("image");
    let (worker, output) = (worker.to_str().unwrap(), image.to_str().unwrap());
    let recorded = temporary("primed.http", "POST /echo HTTP/1.1\nHost: localhost\nContent-Length: 3\n\nabc\n");
    let build = |more: &[&str]| {
        let built = mayfly(&[&["build", worker, "-o", output, "--hash-key", "7", "--prime", "http://localhost/"], more].concat());
        assert!(built.status.success(), "{}", text(&built.stderr));
        std::fs::read(&image).unwrap()
    };
    let recorded = ["--prime-requests", recorded.to_str().unwrap()];
    assert!(build(&recorded) == build(&recorded), "the same requests gave other bytes");
    let server = Server::start_file(&image, &["--verify-reset"]);
    for _ in 0..2 {
        assert_eq!(server.get("/echo").text(), r#"{"page":"echo","made":1,"asked":["/","/echoabc","/echo"]}"#);
    }

    for (url, message) in [("http://localhost/random", "Random values cannot be made"), ("nonsense", "nonsense")] {
        let refused = mayfly(&["build", worker, "-o", output, "--prime", url]);
        assert_eq!(refused.status.code(), Some(1));
        let told = text(&refused.stderr);
        assert!(told.contains(message) && told.contains(&format!("primed with this request: GET {url}")), "{told}");
    }
}

#[test]
fn workers_without_a_handler_are_refused() {
    for source in ["export default {}", "export const fetch = 1", "console.log('no worker')", "export default { fetch: 1 }"] {
        let path = temporary("nothing.js", source);
        let output = mayfly(&["serve", path.to_str().unwrap(), "--port", "0"]);
        assert_eq!(output.status.code(), Some(1), "{source}");
        assert!(text(&output.stderr).contains("no handler for requests"), "{source}: {}", text(&output.stderr));
    }
}

/// A small generator of numbers (xorshift): the same damage every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// How often the image is damaged, and how often it is cut short. In debug builds a checksum takes many times as long.
const DAMAGES: u64 = if cfg!(debug_assertions) { 500 } else { 10_000 };
const CUTS: u64 = DAMAGES / 10;

#[test]
fn damaged_images_are_refused() {
    let source = "const table = new Map([[1, 'a']]); export default { fetch: () => new Response(table.get(1)) }";
    let good = mayfly_runtime::build_image(source, "worker.js", &mayfly_runtime::BuildOptions::default()).unwrap();
    let load = |bytes: &[u8]| mayfly_runtime::Worker::from_image_bytes(bytes, "worker", mayfly_runtime::WorkerOptions::default());
    assert!(load(&good).is_ok());
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut bytes = good.clone();
    // Files are checked where they are mapped.
    let path = temporary("damages.image", &good);
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    let natives = mayfly_runtime::natives();
    let load_file = || mayfly_engine::Image::from_file(std::fs::File::open(&path).unwrap(), &natives);
    for _ in 0..DAMAGES {
        let at = (numbers.next() % good.len() as u64) as usize;
        let change = (numbers.next() % 255) as u8 + 1;
        bytes[at] ^= change;
        assert!(load(&bytes).is_err(), "byte {at} changed by {change:#x} went unnoticed");
        file.write_all_at(&bytes[at..=at], at as u64).unwrap();
        assert!(load_file().is_err(), "byte {at} of the file changed by {change:#x} went unnoticed");
        bytes[at] = good[at];
        file.write_all_at(&bytes[at..=at], at as u64).unwrap();
    }
    for _ in 0..CUTS {
        let length = (numbers.next() % good.len() as u64) as usize;
        assert!(load(&good[..length]).is_err(), "cut to {length} bytes it was accepted");
    }
    assert!(load_file().is_ok());
    for _ in 0..CUTS {
        let length = numbers.next() % good.len() as u64;
        file.set_len(length).unwrap();
        assert!(load_file().is_err(), "cut to {length} bytes the file was accepted");
        file.set_len(good.len() as u64).unwrap();
        assert!(length + 4096 > good.len() as u64 || load_file().is_err(), "with zeroes from {length} on the file was accepted");
        file.write_all_at(&good[length as usize..], length).unwrap();
    }
    assert!(load_file().is_ok());
    println!("{DAMAGES} damaged and {CUTS} cut images of {} bytes were refused", good.len());
    let mut longer = good.clone();
    longer.extend([0; 4096]);
    assert!(load(&longer).is_err());
    assert!(load(&good).is_ok());
    let foreign = mayfly_engine::Image::from_bytes(&good, &mayfly_engine::Natives::of_engine()).err().unwrap().to_string();
    assert!(foreign.contains("image of another build: its native functions"), "{foreign}");
    // The same through the command line.
    bytes[good.len() / 2] ^= 1;
    let path = temporary("damaged.image", &bytes);
    let output = mayfly(&["serve", path.to_str().unwrap(), "--port", "0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("damaged image"), "{}", text(&output.stderr));
    let path = temporary("cut.image", &good[..100]);
    assert!(text(&mayfly(&["serve", path.to_str().unwrap(), "--port", "0"]).stderr).contains("damaged image"));
}
