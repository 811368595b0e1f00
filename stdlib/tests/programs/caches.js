const log = (...values) => console.log(...values);
const turn = (ms = 5) => new Promise(resolve => setTimeout(resolve, ms));
const tell = promise => Promise.resolve(promise).then(value => log('fulfilled', value), error => log(error.name, error.message));

log('— storage');
log(String(caches), caches instanceof CacheStorage, caches.default === caches.default, String(caches.default));
try { new Cache(); } catch (e) { log(e.message); }
log(await caches.has('a'), await caches.keys());
const cache = await caches.open('a');
log(cache instanceof Cache, cache !== await caches.open('a'), await caches.has('a'), await caches.keys());
await caches.open('\uD800');
log(await caches.has('\uFFFD'), await caches.has('\uD800'));
log(await caches.delete('\uD800'), await caches.delete('\uD800'));
await tell(caches.open());
await tell(CacheStorage.prototype.has.call({}, 'x'));

log('— put and match');
const url = 'https://example.com/a?q#f';
const response = new Response('hello', { status: 201, statusText: 'Made', headers: { 'X-A': '1', vary: 'Accept' } });
log(await cache.put(url, response), response.bodyUsed);
try { response.body.getReader(); } catch (e) { log(e.name); }
const found = await cache.match('https://example.com/a?q');
log(found !== response, found.status, found.statusText, found.type, found.url === '', [...found.headers], await found.text());
try { found.headers.set('a', 'b'); } catch (e) { log(e.name); }
log(await cache.match('https://example.com/a'), (await cache.match('https://example.com/a', { ignoreSearch: true })).status);
log(await cache.match(new Request(url, { method: 'HEAD' })), (await cache.match(new Request(url, { method: 'HEAD' }), { ignoreMethod: true })).status);
log(await cache.match(new Request(url, { headers: { accept: 'x' } })), (await cache.match(new Request(url, { headers: { accept: 'x' } }), { ignoreVary: true })).status);
log((await caches.match(url)).status, await caches.match(url, { cacheName: 'b' }), (await caches.match(url, { cacheName: 'a' })).status);
const [key] = await cache.keys();
log(key instanceof Request, key.url, key.method, Object.isFrozen(await cache.keys()));
await cache.put(url, new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([104, 105])); c.close(); } })));
log(await (await cache.match(url)).text(), (await cache.keys()).length);
await cache.put('https://example.com/null', new Response(null, { status: 204 }));
log((await cache.match('https://example.com/null')).body);
await cache.put('https://example.com/b', Response.error());
log((await cache.match('https://example.com/b')).type, (await cache.matchAll()).length, Object.isFrozen(await cache.matchAll()));
log(await cache.delete('https://example.com/b'), await cache.delete('https://example.com/b'));

log('— refusals');
const used = new Response('x');
await used.text();
for (const call of [() => cache.put(), () => cache.put('ftp://a/', new Response()), () => cache.put(new Request(url, { method: 'POST' }), new Response()),
    () => cache.put(url, new Response('', { status: 206 })), () => cache.put(url, new Response('', { headers: { vary: 'a, *' } })),
    () => cache.put(url, used), () => cache.put(url, {}), () => cache.put('relative', new Response()), () => cache.match('http://['),
    () => cache.add(new Request(url, { method: 'POST' })), () => cache.add(url),
    () => cache.put(url, new Response(new ReadableStream({ pull(c) { c.error(new RangeError('broken')); } }))),
    () => cache.put(url, new Response('x'.repeat(2 << 20))), () => Cache.prototype.keys.call({}), () => cache.addAll('x')]) {
    await tell(call());
}
log(await (await cache.match(url)).text(), (await cache.keys()).length);

log('— addAll');
const loaded = await caches.open('loaded');
await tell(loaded.addAll([]));
await tell(loaded.add('http://test/one'));
await tell(loaded.addAll(['http://test/one', new Request('http://test/two')]));
for (const request of await loaded.keys()) {
    const response = await loaded.match(request);
    log(request.url, response.status, response.type, response.url, await response.text());
}
await tell(loaded.addAll(['http://test/one', 'http://test/one#again']));
await tell(loaded.addAll(['http://test/two', 'http://test/missing']));
await tell(loaded.addAll(['http://test/partial']));
await tell(loaded.add('http://test/nowhere'));
log((await loaded.keys()).length);

log('— the default cache');
const shared = caches.default;
const put = (path, control) => shared.put('http://test' + path, new Response(path, { headers: control ? { 'cache-control': control } : {} }));
await put('/plain'); await put('/short', 'max-age=1'); await put('/long', 'max-age=1, s-maxage=100'); await put('/private', 'private'); await put('/none', 'no-store');
await shared.put('http://test/cookie', new Response('c', { headers: { 'set-cookie': 'a=b' } }));
const seen = async () => (await shared.keys()).map(request => new URL(request.url).pathname).join(' ');
log(await seen(), await (await shared.match('http://test/short')).text());
await turn(1500);
log(await seen(), await shared.match('http://test/short'));
await put('/large', null);
await shared.put('http://test/huge', new Response('x'.repeat(700_000)));
await shared.put('http://test/huger', new Response('x'.repeat(700_000)));
log(await seen());
await shared.put('http://test/hugest', new Response('x'.repeat(2 << 20)));
log(await seen(), await caches.keys());

log('— deleted but open');
await caches.delete('a');
log(await caches.has('a'), (await cache.keys()).length, await caches.match(url));
await (await caches.open('a')).keys().then(keys => log(keys.length));
