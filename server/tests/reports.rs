//! Errors as the log shows them.

mod support;

use support::{Server, mayfly, temporary, text};

/// One mapping: everything is the first line of app.ts.
const MAP: &str = "//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjogMywgInNvdXJjZXMiOiBbImFwcC50cyJdLCAic291cmNlc0NvbnRlbnQiOiBbInR5cGUgV3JpdHRlbiA9IFwiaW4gVHlwZVNjcmlwdFwiOyJdLCAibmFtZXMiOiBbXSwgIm1hcHBpbmdzIjogIkFBQUEifQ==";

const WORKER: &str = "export default { async fetch({ url }) {
    const { pathname } = new URL(url);
    addEventListener('unhandledrejection', () => console.log('told'));
    if (pathname === '/thrown') throw new Error('at once');
    if (pathname === '/object') throw { code: 7, why: 'not an error' };
    if (pathname === '/several') await Promise.any([Promise.reject(new RangeError('first')), Promise.reject('second')]);
    if (pathname === '/named') throw Object.assign(new Error('with a code'), { code: 'E_CODE' });
    return new Response('ok');
} }";

#[test]
fn what_the_handler_rejects_with_is_told_once() {
    let server = Server::start(WORKER, &[]);
    let cases = [
        ("/thrown", "Error: at once", "Error: at once"),
        ("/object", "{ code: 7, why: 'not an error' }", "{ code: 7, why: 'not an error' }"),
        ("/several", "RangeError: first", "One of its errors: RangeError: first"),
        ("/named", "with { code: 'E_CODE' }", "with { code: 'E_CODE' }"),
    ];
    for (path, on_page, in_log) in cases {
        let reply = server.get(path);
        assert_eq!(reply.status, 500, "{path}");
        assert!(reply.text().contains(on_page), "{path}: {}", reply.text());
        server.wait_for_log(in_log);
    }
    assert_eq!(server.get("/").status, 200);
    let log = server.log();
    // The promise is the server's to look after: it was never unhandled.
    assert!(!log.contains("in promise") && !log.contains("told"), "{log}");
    assert_eq!(log.matches("Error: at once").count(), 1, "{log}");
}

#[test]
fn unhandled_rejections_show_the_code() {
    let source = "export default { fetch(request, env, context) {
    Promise.reject(new Error('nobody looks'));
    setTimeout(() => { throw Object.assign(new Error('late'), { code: 5 }) }, 1);
    context.waitUntil(new Promise(done => setTimeout(done, 20)));
    return new Response('ok');
} }";
    let server = Server::start(source, &[]);
    assert_eq!(server.get("/").text(), "ok");
    server.wait_for_log("Uncaught (in promise) Error: nobody looks");
    server.wait_for_log("2 |     Promise.reject(new Error('nobody looks'));");
    server.wait_for_log("with { code: 5 }");
    let mapped = Server::start(&format!("{}\n{MAP}", source.replace('\n', " ")), &[]);
    assert_eq!(mapped.get("/").text(), "ok");
    mapped.wait_for_log("app.ts:1:1");
    mapped.wait_for_log("type Written = \"in TypeScript\";");
}

#[test]
fn programs_show_the_code_too() {
    let source = "async function main() { throw new Error('rejected', { cause: { code: 4 } }) }\nmain();";
    for (source, wanted) in [
        (source.to_string(), vec!["Uncaught (in promise) Error: rejected\n --> ", "1 | async function main()", "Caused by: { code: 4 }"]),
        (format!("{source}\n{MAP}"), vec!["app.ts:1:1", "type Written"]),
        ("throw { code: 1 }".to_string(), vec!["Uncaught { code: 1 }"]),
        ("const Thing = () => {};\nnew Thing()".to_string(), vec!["TypeError: Thing is not a constructor"]),
    ] {
        let file = temporary("program.js", source);
        let output = mayfly(&["run", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        for wanted in wanted {
            assert!(text(&output.stderr).contains(wanted), "no {wanted} in {}", text(&output.stderr));
        }
    }
}
