// Streams: orders of events, backpressure, errors in all directions, bytes, tees, pipes, transforms, iteration.
const log = (...values) => console.log(...values);
const tick = () => new Promise(resolve => setTimeout(resolve, 0));
const show = promise => promise.then(value => log('fulfilled', value), error => log('rejected', String(error)));

log('-- pull and backpressure');
{
  let n = 0;
  const rs = new ReadableStream({
    start(c) { log('start', c.desiredSize); },
    pull(c) { log('pull', n, c.desiredSize); c.enqueue(n++); if (n === 4) c.close(); },
    cancel(reason) { log('cancel', reason); },
  }, new CountQueuingStrategy({ highWaterMark: 2 }));
  await tick();
  const reader = rs.getReader();
  log(rs.locked, await reader.read(), await reader.read());
  reader.releaseLock();
  log(rs.locked);
  for await (const chunk of rs) log('chunk', chunk);
  log(await rs.getReader().read());
}

log('-- errors of sources');
{
  const rs = new ReadableStream({ pull() { throw new Error('from pull'); } });
  const reader = rs.getReader();
  await show(reader.read());
  await show(reader.closed);
  await show(rs.cancel());
  try { new ReadableStream({ start() { throw new RangeError('from start'); } }); } catch (e) { log(String(e)); }
  const sized = new ReadableStream({ start(c) { try { c.enqueue('x'); } catch (e) { log(String(e)); } } }, { size() { return -1; } });
  await show(sized.getReader().read());
  for (const args of [[{ type: 'other' }], [{ pull: 1 }], [{}, { highWaterMark: -1 }], [{ type: 'bytes' }, { size() {} }], [{ type: 'bytes', autoAllocateChunkSize: 0 }], [null]]) {
    try { new ReadableStream(...args); log('made'); } catch (e) { log(e.constructor.name); }
  }
}

log('-- released readers');
{
  let controller;
  const rs = new ReadableStream({ start(c) { controller = c; } });
  const reader = rs.getReader();
  const pending = reader.read();
  reader.releaseLock();
  await pending.catch(e => log(e.constructor.name));
  await reader.closed.catch(e => log(e.constructor.name));
  await reader.read().catch(e => log(e.constructor.name));
  controller.enqueue('later');
  log((await rs.getReader().read()).value);
}

log('-- iteration that ends early');
{
  const make = () => new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); }, cancel(r) { log('cancelled', r); } });
  for await (const x of make()) { log(x); break; }
  const kept = make();
  for await (const x of kept.values({ preventCancel: true })) { log(x); break; }
  log((await kept.getReader().read()).value);
  const it = make()[Symbol.asyncIterator]();
  log(await Promise.all([it.next(), it.next(), it.return('r'), it.next()]));
}

log('-- from iterables');
{
  async function* numbers() { try { yield 1; yield 2; } finally { log('generator closed'); } }
  for await (const x of ReadableStream.from(numbers())) { log(x); break; }
  const all = [];
  for await (const x of ReadableStream.from(['a', Promise.resolve('b')])) all.push(x);
  log(all);
  try { ReadableStream.from({}); } catch (e) { log(e.constructor.name); }
}

log('-- bytes');
{
  const rs = new ReadableStream({
    type: 'bytes',
    pull(c) {
      const request = c.byobRequest;
      if (!request) { log('no request'); c.enqueue(new Uint8Array([9, 8, 7])); return; }
      log('view', request.view.byteLength, request.view.byteOffset);
      request.view[0] = 1; request.view[1] = 2;
      request.respond(2);
      log(request.view);
    },
  });
  const reader = rs.getReader({ mode: 'byob' });
  const buffer = new ArrayBuffer(8);
  const { value, done } = await reader.read(new Uint8Array(buffer, 2, 4));
  log(value, done, buffer.byteLength, value.buffer.byteLength, value.byteOffset);
  const two = await reader.read(new Uint16Array(3));
  log(two.value, two.value.constructor.name);
  for (const bad of [new Uint8Array(0), new ArrayBuffer(4), 1]) await reader.read(bad).catch(e => log(e.constructor.name));
  reader.releaseLock();
  log(await rs.getReader().read());
  await rs.cancel().catch(e => log(e.constructor.name));
}
{
  const rs = new ReadableStream({ type: 'bytes', autoAllocateChunkSize: 3, pull(c) { c.byobRequest.view.fill(5); c.byobRequest.respond(3); } });
  log(await rs.getReader().read());
  const odd = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close(); } });
  const reader = odd.getReader({ mode: 'byob' });
  log((await reader.read(new Uint16Array(1))).value);
  await show(reader.read(new Uint16Array(1)));
  const ended = new ReadableStream({ type: 'bytes', start(c) { c.close(); } });
  log(await ended.getReader({ mode: 'byob' }).read(new Uint8Array(4)));
}

log('-- tee');
{
  const [a, b] = new ReadableStream({ start(c) { c.enqueue('x'); c.enqueue('y'); c.close(); } }).tee();
  const ra = a.getReader(), rb = b.getReader();
  log((await ra.read()).value, (await rb.read()).value, (await rb.read()).value, (await rb.read()).done, (await ra.read()).value);
  const [c, d] = new ReadableStream({ cancel(reason) { log('source', reason); } }).tee();
  const first = c.cancel('one');
  await tick();
  log(await Promise.all([first, d.cancel('two')]));
  const [e, f] = new ReadableStream({ type: 'bytes', start(c) { c.enqueue(new Uint8Array([1, 2])); c.close(); } }).tee();
  const x = (await e.getReader().read()).value, y = (await f.getReader({ mode: 'byob' }).read(new Uint8Array(2))).value;
  log(x, y, x.buffer === y.buffer);
}

log('-- writing');
{
  const ws = new WritableStream({
    start(c) { log('start', c.signal.aborted); },
    async write(chunk) { log('write', chunk); await tick(); },
    close() { log('close'); },
    abort(reason) { log('abort', reason); },
  }, { highWaterMark: 2 });
  const writer = ws.getWriter();
  log(writer.desiredSize);
  writer.write('a'); writer.write('b');
  log(writer.desiredSize);
  await writer.ready;
  log('ready', writer.desiredSize);
  writer.write('c');
  await writer.close();
  await writer.closed;
  await writer.write('d').catch(e => log(e.constructor.name));
  await writer.close().catch(e => log(e.constructor.name));
  const aborted = new WritableStream({ start(c) { c.signal.addEventListener('abort', () => log('signal', c.signal.reason)); }, abort(reason) { log('abort', reason); } });
  const other = aborted.getWriter();
  const write = other.write('lost').catch(e => log('write', e));
  await other.abort('enough');
  await write;
  await show(other.closed);
  const failing = new WritableStream({ write() { throw new Error('disk full'); } }).getWriter();
  await show(failing.write(1));
  await show(failing.ready);
  await show(failing.closed);
  try { failing.desiredSize; log(failing.desiredSize); } catch (e) { log(e.constructor.name); }
}

log('-- pipes');
{
  const source = () => new ReadableStream({ start(c) { for (const x of [1, 2, 3]) c.enqueue(x); c.close(); }, cancel(r) { log('source cancelled', String(r)); } });
  await source().pipeTo(new WritableStream({ write(x) { log('sink', x); }, close() { log('sink closed'); } }));
  await source().pipeTo(new WritableStream({ write(x) { log('sink', x); }, close() { log('never'); } }), { preventClose: true });
  await show(source().pipeTo(new WritableStream({ write() { throw new Error('sink failed'); } })));
  await show(new ReadableStream({ pull() { throw new Error('source failed'); } }).pipeTo(new WritableStream({ abort(r) { log('sink aborted', String(r)); } })));
  const controller = new AbortController();
  const piped = new ReadableStream({ cancel(r) { log('source cancelled', r); } }).pipeTo(new WritableStream({ abort(r) { log('sink aborted', r); } }), { signal: controller.signal });
  controller.abort('stop');
  await show(piped);
  const locked = source(); locked.getReader();
  await locked.pipeTo(new WritableStream()).catch(e => log(e.constructor.name));
  try { locked.pipeThrough(new TransformStream()); } catch (e) { log(e.constructor.name); }
}

log('-- transforms');
{
  const upper = new TransformStream({ start(c) { c.enqueue('>'); }, transform(x, c) { c.enqueue(x.toUpperCase()); }, flush(c) { c.enqueue('<'); } });
  const all = [];
  for await (const x of ReadableStream.from(['a', 'b']).pipeThrough(upper)) all.push(x);
  log(all.join(''));
  const failing = new TransformStream({ transform() { throw new Error('transform failed'); } });
  const writer = failing.writable.getWriter(), reader = failing.readable.getReader();
  await Promise.all([show(reader.read()), show(writer.write(1))]);
  const ending = new TransformStream({ transform(x, c) { c.enqueue(x); c.terminate(); } });
  const w = ending.writable.getWriter();
  w.closed.catch(e => log(e.constructor.name));
  w.write('only').catch(e => log(e.constructor.name));
  const r = ending.readable.getReader();
  log(await r.read(), await r.read());
  const cancelled = new TransformStream({ cancel(reason) { log('cancel', reason); } });
  await cancelled.readable.cancel('bored');
  await show(cancelled.writable.getWriter().write(1));
}

log('-- text');
{
  const bytes = new ReadableStream({ start(c) { for (const b of new TextEncoder().encode('\uFEFFhé€😀')) c.enqueue(new Uint8Array([b])); c.close(); } });
  let text = '';
  for await (const piece of bytes.pipeThrough(new TextDecoderStream())) text += `[${piece}]`;
  log(text);
  await show((async () => { for await (const _ of ReadableStream.from([new Uint8Array([0xff])]).pipeThrough(new TextDecoderStream('utf-8', { fatal: true }))); })());
  const encoded = [];
  for await (const piece of ReadableStream.from(['a\uD83D', '\uDE00b', '\uD800']).pipeThrough(new TextEncoderStream())) encoded.push(...piece);
  log(encoded.join(' '));
}

log('-- compression');
for (const format of ['gzip', 'deflate', 'deflate-raw']) {
  const packed = await new Response(new Blob(['hello '.repeat(500)]).stream().pipeThrough(new CompressionStream(format))).bytes();
  const cut = new Blob([packed.subarray(0, packed.length - 1)]).stream().pipeThrough(new DecompressionStream(format));
  const whole = new Blob([packed.subarray(0, 5), packed.subarray(5)]).stream().pipeThrough(new DecompressionStream(format));
  log(format, packed.length < 100, (await new Response(whole).text()) === 'hello '.repeat(500), await new Response(cut).text().catch(e => e.constructor.name));
}
try { new CompressionStream('zip'); } catch (e) { log(e.constructor.name); }
