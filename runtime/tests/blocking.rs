//! Work that takes too long for the thread of requests is done on others.

use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use mayfly_runtime::{BuildOptions, Dispatcher, ReplyBody, Worker, WorkerOptions, build_image};

const WORKER: &str = "
    const make = () => crypto.subtle.generateKey(
        { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' }, false, ['sign', 'verify']);
    export default { async fetch(request, env, context) {
        const { pathname } = new URL(request.url), data = new Uint8Array(10);
        if (pathname === '/quick') return new Response('quick');
        if (pathname === '/abandoned') { context.waitUntil(new Promise(done => setTimeout(done, 1))); make(); return new Response('gone'); }
        if (pathname === '/fails') {
            const key = await crypto.subtle.importKey('raw', data, 'PBKDF2', false, ['deriveBits']);
            const parameters = { name: 'PBKDF2', salt: data, iterations: 100000, hash: 'SHA-256' };
            return new Response(await crypto.subtle.deriveBits(parameters, key, 7).catch(error => error.name));
        }
        const order = [];
        setTimeout(() => order.push('timer'), 1);
        const pair = make().then(pair => (order.push('pair'), pair));
        const { privateKey, publicKey } = await pair;
        const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, data);
        const valid = await crypto.subtle.verify('RSASSA-PKCS1-v1_5', publicKey, signature, data);
        return new Response([signature.byteLength, valid, order.join()]);
    } }";

async fn get(dispatcher: &Rc<Dispatcher>, path: &str) -> String {
    let request = Request::builder().uri(path).header("host", "h").body(Full::new(Bytes::new())).unwrap();
    let response: Response<ReplyBody> = dispatcher.respond(request).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    format!("{status} {}", String::from_utf8_lossy(&body))
}

#[test]
fn other_requests_go_on_meanwhile() {
    let image = build_image(WORKER, "worker.js", &BuildOptions::default()).unwrap();
    // Key generation may take several seconds of CPU time on a busy machine, in a debug build.
    let mut options = WorkerOptions { verify_reset: true, ..WorkerOptions::default() };
    options.limits.cpu_ms = 120_000;
    options.limits.wall_ms = 240_000;
    let dispatcher = Dispatcher::new(Worker::from_image_bytes(&image, "worker.js", options).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let slow = tokio::task::spawn_local({
            let dispatcher = dispatcher.clone();
            async move { get(&dispatcher, "/slow").await }
        });
        tokio::task::yield_now().await;
        assert_eq!(get(&dispatcher, "/quick").await, "200 quick");
        assert!(!slow.is_finished());
        // The timer of the slow request itself came before its keys, too.
        assert_eq!(slow.await.unwrap(), "200 256,true,timer,pair");
        assert_eq!(get(&dispatcher, "/fails").await, "200 OperationError");
        // Work is dropped with its request: its instance serves others, and nothing is delivered to it.
        assert_eq!(get(&dispatcher, "/abandoned").await, "200 gone");
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(get(&dispatcher, "/quick").await, "200 quick");
    });
}
