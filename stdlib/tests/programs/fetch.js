// Headers, requests, responses, bodies, forms, blobs.
const log = (...values) => console.log(...values);
const failing = f => { try { return f(); } catch (e) { return e.constructor.name; } };
const failed = promise => promise.catch(e => e.constructor.name);

log('-- headers');
{
  const h = new Headers([['B', ' 2\t'], ['a', '1'], ['b', '3'], ['Set-Cookie', 'x=1'], ['set-cookie', 'y=2']]);
  h.append('C', '');
  log([...h].join('|'), h.get('B'), h.get('missing'), h.has('A'), h.getSetCookie());
  h.set('b', 'new'); h.delete('A');
  log([...h.keys()].join(), [...h.values()].join());
  h.forEach((value, name, all) => log(name, value, all === h));
  const seen = [];
  for (const [name] of h) { seen.push(name); if (name === 'b') h.append('bb', 'added'); if (name === 'bb') h.delete('c'); }
  log(seen.join());
  log(Object.prototype.toString.call(h.entries()), Headers.prototype[Symbol.iterator] === Headers.prototype.entries);
  for (const [name, value] of [['', 'x'], ['a b', 'x'], ['é', 'x'], ['a', '\0'], ['a', 'b\nc'], ['a', '€']]) log(failing(() => new Headers([[name, value]])));
  log(failing(() => new Headers([['only']])), failing(() => new Headers(null)), failing(() => new Headers(1)), failing(() => new Headers({ a: 'é' }).get('a')));
  log([...new Headers(new Map([['k', 'v']]))].join(), [...new Headers(h)].join('|'));
}

log('-- responses');
{
  const r = new Response('héllo', { status: 201, statusText: 'Made', headers: { 'X-A': 'b' } });
  log(r.status, r.ok, r.statusText, r.type, r.url, r.redirected, [...r.headers].join('|'), r.bodyUsed);
  const copy = r.clone();
  log(await r.text(), r.bodyUsed, await failed(r.text()), copy.bodyUsed, new Uint8Array(await copy.arrayBuffer()).length);
  log(failing(() => r.clone()), failing(() => new Response('x', { status: 204 })), failing(() => new Response('', { status: 199 })), failing(() => new Response('', { statusText: 'é\n' })));
  log(new Response(null, { status: 204 }).body, new Response().headers.get('content-type'));
  log(await Response.json({ a: [1] }, { headers: { 'content-type': 'x/y' } }).text(), Response.json(1).headers.get('content-type'), failing(() => Response.json(undefined)));
  const redirect = Response.redirect('https://example.com/a/../b?c#d', 308);
  log(redirect.status, redirect.headers.get('location'), failing(() => redirect.headers.set('a', 'b')), failing(() => Response.redirect('https://x', 200)), failing(() => Response.redirect('//')));
  log(Response.error().type, Response.error().status);
  log(await new Response(new Uint8Array([104, 105])).text(), await new Response(new URLSearchParams({ a: 'b c' })).text(), await new Response('{"a":1}').json(), await failed(new Response('{').json()));
  log((await new Response('\uFEFFbom').text()).length, await new Response(new Uint8Array([0xff])).text());
  const stream = new Response(new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('a')); c.enqueue(new TextEncoder().encode('b')); c.close(); } }));
  log(await stream.text(), await failed(new Response(new ReadableStream({ start(c) { c.enqueue('text'); } })).text()));
  const read = new Response('abc');
  const reader = read.body.getReader();
  log(read.bodyUsed, (await reader.read()).value.length, read.bodyUsed, await failed(read.text()));
  const blob = await new Response('x', { headers: { 'content-type': 'Text/HTML; Charset=A' } }).blob();
  log(blob.type, blob.size);
}

log('-- requests');
{
  const r = new Request('https://user.example/a b?c=d e#f', { method: 'post', body: 'x', headers: { a: 'b' } });
  log(r.method, r.url, [...r.headers].join('|'), r.redirect, r.signal.aborted, r.duplex);
  log(new Request('https://a/', { method: 'patch' }).method, failing(() => new Request('https://a/', { method: 'TRACE' })), failing(() => new Request('https://a/', { method: 'a b' })));
  log(failing(() => new Request('/relative')), failing(() => new Request('https://u:p@a/')), failing(() => new Request('https://a/', { body: 'x' })), failing(() => new Request('https://a/', { mode: 'navigate' })));
  const again = new Request(r, { headers: { c: 'd' } });
  log(r.bodyUsed, again.method, [...again.headers].join('|'), await again.text(), failing(() => new Request(r)));
  const controller = new AbortController();
  const withSignal = new Request('https://a/', { signal: controller.signal });
  const copy = withSignal.clone();
  controller.abort('why');
  log(withSignal.signal.aborted, copy.signal.reason, withSignal.signal === controller.signal);
  log(await failed(fetch('nonsense')), await failed(fetch('https://a/', { method: 'a b' })), await fetch(withSignal).catch(e => e));
  const data = await fetch('data:text/plain;charset=x;base64,aGVsbG8=');
  log(data.status, data.headers.get('content-type'), await data.text(), failing(() => data.headers.append('a', 'b')));
}

log('-- forms and blobs');
{
  const f = new FormData();
  f.append('a', '1'); f.append('a', 2); f.append('file', new Blob(['data'], { type: 'Text/Plain' }), 'name"\n.txt');
  log(f.get('a'), f.getAll('a'), f.has('b'), f.get('file').name, f.get('file').type, [...f.keys()].join());
  f.set('a', 'only'); f.delete('missing');
  const form = await new Response(f).formData();
  log([...form].map(([name, value]) => `${name}=${value.name ?? value}`).join('&'), await form.get('file').text());
  const urlencoded = await new Response('a=b+c&d=%C3%A9&a', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData();
  log([...urlencoded].join('|'), await failed(new Response('x').formData()), failing(() => f.append('a', 'b', 'c')));
  const b = new Blob(['hé', new Uint8Array([1, 2]), new Blob(['!'])], { type: 'A/B' });
  log(b.size, b.type, await b.slice(-3, -1).bytes(), (await b.slice(0, 3, 'x/y').text()), b.slice(5, 2).size, new Blob([], { type: 'é' }).type);
  log(await new Blob(['a\r\nb\n'], { endings: 'native' }).text(), failing(() => new Blob('text')), failing(() => new Blob([], { endings: 'x' })));
  const file = new File(['x'], 'n', { lastModified: 5 });
  log(file.name, file.lastModified, file instanceof Blob, Object.prototype.toString.call(file));
  let total = 0;
  for await (const chunk of b.stream()) total += chunk.length;
  log(total);
}
