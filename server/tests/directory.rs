//! Directories of workers: loaded at the first request, over one base image.

mod support;

use std::path::{Path, PathBuf};

use support::{Server, mayfly, temporary, text};

fn worker(name: &str) -> String {
    format!(
        "let count = 0; export default {{ fetch: (request) => new Response('{name} ' + ++count + ' ' + new URL(request.url).pathname) }}"
    )
}

/// A directory with these sources.
fn sources(directory: &str, sources: &[(&str, &str)]) -> PathBuf {
    let mut path = PathBuf::new();
    for (name, source) in sources {
        path = temporary(&format!("{directory}/{name}"), source);
    }
    path.parent().unwrap().to_path_buf()
}

fn build(from: &Path, to: &Path, flags: &[&str]) -> std::process::Output {
    mayfly(&[&["build", from.to_str().unwrap(), "-o", to.to_str().unwrap()], flags].concat())
}

#[test]
fn workers_are_loaded_when_they_are_asked_for() {
    let event = "addEventListener('fetch', (event) => event.respondWith(new Response('event')))";
    let directory = sources(
        "lazy",
        &[("a.js", &worker("a")), ("b.mjs", &worker("b")), ("event.js", event), ("bad.js", "throw new Error('at the top')")],
    );
    let front = temporary("front.js", worker("front"));
    let arguments = ["--workers", directory.to_str().unwrap(), "--verify-reset", "--worker", &format!("/routed/*={}", front.display())];
    let server = Server::launch(&arguments);
    for (path, wanted) in [
        ("/a", "a 1 /a"),
        ("/a/x/y?z", "a 1 /a/x/y"),
        ("/b/", "b 1 /b/"),
        ("/a/", "a 1 /a/"),
        ("/event", "event"),
        ("/routed/a", "front 1 /routed/a"),
    ] {
        assert_eq!(server.get(path).text(), wanted);
    }
    for path in ["/", "/c", "/a.js", "/base", "/..", "//a", "/%61", "/.hidden"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    let reply = server.get("/bad");
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("The worker bad cannot be loaded") && reply.text().contains("at the top"), "{}", reply.text());
    // What is put there later is found, and what was bad is tried again.
    std::fs::write(directory.join("c.js"), worker("c")).unwrap();
    assert_eq!(server.get("/c").text(), "c 1 /c");
    std::fs::write(directory.join("bad.js"), worker("good")).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert_eq!(server.get("/bad").text(), "good 1 /bad");
    // Nobody is told more than necessary.
    std::fs::write(directory.join("secret.js"), "throw new Error('secret')").unwrap();
    let server = Server::launch(&["--workers", directory.to_str().unwrap(), "--production", front.to_str().unwrap()]);
    assert_eq!(server.get("/secret").text(), "Internal Server Error\n");
    assert_eq!(server.get("/nobody").text(), "front 1 /nobody");
}

#[test]
fn images_over_one_base() {
    let from = sources("from", &[("one.js", &worker("one")), ("two.js", &worker("two")), ("large.js", &large())]);
    let images = from.with_file_name("images");
    let output = build(&from, &images, &["--hash-key", "7"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let length = |name: &str| std::fs::metadata(images.join(name)).unwrap().len();
    assert!(length("one.image") * 8 < length("base.image"), "{} over {}", length("one.image"), length("base.image"));
    // Time for collections at every step, when the tests run so.
    let patience = ["--cpu-ms", "60000", "--wall-ms", "60000"];
    let server = Server::launch(&[&["--workers", images.to_str().unwrap(), "--verify-reset"], &patience[..]].concat());
    for _ in 0..3 {
        assert_eq!(server.get("/one").text(), "one 1 /one");
        assert_eq!(server.get("/two").text(), "two 1 /two");
        assert_eq!(server.get("/large").text(), "1000 1000");
    }
    assert_eq!(server.get("/base").status, 404);
    assert!(!server.log().contains("differs from its image"), "{}", server.log());
    // A delta is served by itself too, and with more in its env.
    assert_eq!(Server::start_file(&images.join("two.image"), &["--verify-reset"]).get("/x").text(), "two 1 /x");
    let server = Server::launch(&["--workers", images.to_str().unwrap(), "--var", "A=b", "--verify-reset"]);
    assert_eq!(server.get("/one").text(), "one 1 /one");
    // The same source over the same base gives the same bytes, alone or in company.
    let first = std::fs::read(images.join("one.image")).unwrap();
    let base = std::fs::read(images.join("base.image")).unwrap();
    std::fs::remove_file(images.join("one.image")).unwrap();
    assert!(build(&from.join("one.js"), &images, &[]).status.success());
    assert!(std::fs::read(images.join("one.image")).unwrap() == first);
    let other = from.with_file_name("others");
    assert!(build(&from, &other, &["--hash-key", "7"]).status.success());
    assert!(std::fs::read(other.join("one.image")).unwrap() == first && std::fs::read(other.join("base.image")).unwrap() == base);
    // Another base does not fit, and neither does none.
    assert!(build(&from, &other, &["--hash-key", "8"]).status.success());
    std::fs::copy(images.join("one.image"), other.join("one.image")).unwrap();
    let server = Server::launch(&["--workers", other.to_str().unwrap()]);
    let reply = server.get("/one");
    assert!(reply.status == 500 && reply.text().contains("another base"), "{}", reply.text());
    assert_eq!(server.get("/two").text(), "two 1 /two");
    std::fs::remove_file(other.join("base.image")).unwrap();
    let output = mayfly(&["serve", other.join("two.image").to_str().unwrap(), "--port", "0"]);
    assert!(!output.status.success() && text(&output.stderr).contains("base.image"), "{}", text(&output.stderr));
    // Damage is noticed where it matters.
    let mut damaged = first.clone();
    damaged[first.len() / 2] ^= 1;
    std::fs::write(images.join("one.image"), damaged).unwrap();
    let server = Server::launch(&["--workers", images.to_str().unwrap()]);
    assert!(server.get("/one").text().contains("damaged image"));
    assert_eq!(server.get("/two").text(), "two 1 /two");
}

/// A worker with much in its image, of which requests change much.
fn large() -> String {
    let row = "{ name: 'some text', list: [1, 2, 3] },\n";
    format!(
        "const rows = [{}]; export default {{ fetch() {{ let n = 0; for (const row of rows) {{ row.list.push(4); n += row.list.length === 4; }}
         return new Response(rows.length + ' ' + n); }} }}",
        row.repeat(1000)
    )
}

#[test]
fn what_cannot_be_built() {
    let from = sources("mixed", &[("base.js", &worker("base")), ("bad.js", "nonsense("), ("good.js", &worker("good"))]);
    let images = from.with_file_name("mixed-images");
    let output = build(&from, &images, &[]);
    assert_eq!(output.status.code(), Some(1));
    let message = text(&output.stderr);
    assert!(message.contains("base.image is what all workers") && message.contains("bad.js was not built"), "{message}");
    assert!(images.join("good.image").exists() && !images.join("bad.image").exists());
    assert!(std::fs::read(images.join("base.image")).unwrap().starts_with(b"MAYFLYIM"));
    assert_eq!(build(&from.join("nothing"), &images, &[]).status.code(), Some(1));
    for directory in ["/nonexistent", from.join("good.js").to_str().unwrap()] {
        let output = mayfly(&["serve", "--workers", directory, "--port", "0"]);
        assert_eq!(output.status.code(), Some(1), "{directory}");
    }
}

#[test]
fn caches_of_lazy_workers_are_filled_by_install() {
    let source = "addEventListener('install', (event) => event.waitUntil(caches.open('v1').then((c) => c.put('http://x/a', new Response('kept')))));
        addEventListener('fetch', (event) => event.respondWith(caches.match('http://x/a').then((found) => found ?? new Response('none'))));";
    let directory = sources("installed", &[("i.js", source)]);
    let server = Server::launch(&["--workers", directory.to_str().unwrap()]);
    for _ in 0..2 {
        assert_eq!(server.get("/i").text(), "kept");
    }
}
