const log = (...values) => console.log(...values);
const tell = promise => Promise.resolve(promise).then(value => log('fulfilled', value), error => log(error.name, error.message));

log(String(KV), typeof KVNamespace, await KV.get('nothing'), await KV.getWithMetadata('nothing'));
await KV.put('a', 'text ü');
log(await KV.get('a'), await KV.get('a', 'text'), await KV.get('a', { type: 'arrayBuffer' }));
await KV.put('b', JSON.stringify({ n: [1] }), { metadata: { tag: 'x' } });
log(await KV.get('b', 'json'), await KV.getWithMetadata('b', { type: 'json' }));
await KV.put('c', new Uint8Array([1, 2, 3]).subarray(1));
log(new Uint8Array(await KV.get('c', 'arrayBuffer')));
await KV.put('d', new Response('streamed').body);
log(await new Response(await KV.get('d', 'stream')).text());
await KV.put('e', 'late', { expirationTtl: 60 });
log(await KV.list());
log((await KV.list({ prefix: 'b' })).keys.map(key => key.name));
let page = await KV.list({ limit: 2 });
log(page.keys.map(key => key.name), page.list_complete, page.cursor);
page = await KV.list({ limit: 10, cursor: page.cursor });
log(page.keys.map(key => key.name), page.list_complete, page.cursor);
log(await KV.delete('a'), await KV.delete('a'), await KV.get('a'));
for (const call of [() => KV.get(), () => KV.get(''), () => KV.get('..'), () => KV.get('x'.repeat(513)), () => KV.get('b', 'xml'), () => KV.put('a'),
    () => KV.put('a', Symbol()), () => KV.put('a', '1', { expiration: 1 }), () => KV.list({ limit: 0 }), () => KV.get('c', 'json'),
    () => KV.put('a', 'x', { metadata: 'x'.repeat(2000) }), () => KV.put('full', 'x'), () => OTHER.get('a'),
    () => KV.put('a', new ReadableStream({ pull(c) { c.error(new RangeError('broken')); } }))]) {
    await tell(call());
}
const before = performance.now();
log(await SLOW.get('k'), performance.now() - before);
