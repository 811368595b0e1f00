const log = (...values) => console.log(...values);
const turn = (ms = 5) => new Promise(resolve => setTimeout(resolve, ms));

log(String(registration), String(registration.active), registration.active === serviceWorker, registration.installing, registration.waiting);
log(registration.scope, serviceWorker.scriptURL, serviceWorker.state, registration.updateViaCache, registration instanceof EventTarget);
log(await registration.update() === registration, await registration.unregister(), await registration.navigationPreload.getState());
log(await clients.matchAll(), await clients.matchAll({ type: 'window', includeUncontrolled: true }), await clients.get('x'), await clients.claim(), await skipWaiting());
for (const bad of [() => clients.openWindow('http://a/'), () => clients.openWindow('http://['), () => clients.matchAll({ type: 'page' }), () => clients.get(),
    async () => new Clients(), async () => new ServiceWorkerRegistration()]) {
    await bad().catch(e => log(e.name, e.message));
}

const { port1, port2 } = new MessageChannel();
addEventListener('message', event => {
    log(String(event), event instanceof ExtendableEvent, event.data, event.source === serviceWorker, event.ports.length, event.isTrusted);
    event.waitUntil(turn());
    event.ports[0].postMessage('reply');
});
port1.onmessage = event => log(event.data);
serviceWorker.postMessage({ a: 1 }, [port2]);
await turn();
const message = new ExtendableMessageEvent('message', { data: 1, source: port1, ports: [port1], origin: 'o' });
log(message.data, message.source === port1, message.ports[0] === port1, message.origin);

const event = new FetchEvent('fetch', { request: new Request('http://a/') });
log(await event.preloadResponse, event.preloadResponse === event.preloadResponse, event.replacesClientId === '');

log('— scheduler');
log(String(scheduler), scheduler instanceof Scheduler);
const order = [];
const done = [
    scheduler.postTask(() => order.push('background'), { priority: 'background' }),
    scheduler.postTask(() => order.push('visible')),
    scheduler.postTask(() => order.push('blocking'), { priority: 'user-blocking' }),
    scheduler.postTask(() => order.push('delayed'), { delay: 10, priority: 'user-blocking' }),
    scheduler.yield().then(() => order.push('yield')),
];
await Promise.all(done);
log(order.join(' '));
log(await scheduler.postTask(() => 'result'), await scheduler.postTask(async () => 'awaited'));
await scheduler.postTask(() => { throw new RangeError('thrown'); }).catch(e => log(e.name));
const before = performance.now();
await scheduler.wait(250);
log(performance.now() - before >= 250);
const controller = new AbortController();
const waits = [scheduler.wait(1000, { signal: controller.signal }), scheduler.postTask(() => log('never'), { signal: controller.signal })];
controller.abort();
for (const wait of waits) await wait.catch(e => log(e.name));
await scheduler.wait(1, { signal: AbortSignal.abort('gone') }).catch(e => log(e));
for (const bad of [() => scheduler.postTask(), () => scheduler.postTask(1), () => scheduler.postTask(() => {}, { priority: 'high' }), () => scheduler.wait(), () => scheduler.postTask(() => {}, { delay: -1 })]) {
    await bad().catch(e => log(e.name, e.message));
}

log('— navigator');
log(navigator.userAgent, navigator.language, navigator.languages, navigator.languages === navigator.languages, Object.isFrozen(navigator.languages), navigator.onLine, navigator.hardwareConcurrency);
