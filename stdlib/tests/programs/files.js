// FileReader, ProgressEvent, FileList; performance clocks; where reported values come from.
const log = console.log;
const show = f => { try { return f(); } catch (e) { return `${e.name}: ${e.message}`; } };
const names = ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend'];
const watched = () => {
  const reader = new FileReader();
  reader.events = [];
  for (const name of names) reader.addEventListener(name, e => reader.events.push(`${e.type} ${e.loaded}/${e.total} ${e instanceof ProgressEvent} ${e.isTrusted}`));
  return reader;
};
const ended = reader => new Promise(resolve => { reader.onloadend = resolve; });

for (const [method, blob, ...rest] of [
  ['readAsText', new Blob(['é€'])],
  ['readAsText', new Blob([new Uint8Array([0xE9, 0x41])]), 'latin1'],
  ['readAsText', new Blob([new Uint8Array([0xE9, 0x41])], { type: 'text/plain;charset=windows-1252' })],
  ['readAsText', new Blob([new Uint8Array([0xFF, 0xFE, 0x41, 0x00])]), 'utf-8'],
  ['readAsText', new Blob(['a']), 'no such encoding'],
  ['readAsBinaryString', new Blob([new Uint8Array([0, 0xFF])])],
  ['readAsDataURL', new Blob(['hi'], { type: 'Text/Plain' })],
  ['readAsDataURL', new Blob([])],
]) {
  const reader = watched();
  reader[method](blob, ...rest);
  log(reader.readyState, reader.result, reader.error);
  await ended(reader);
  log(method, JSON.stringify(reader.result), reader.readyState, reader.events.join(', '));
}
{
  const reader = watched();
  reader.readAsArrayBuffer(new File(['abc'], 'n'));
  log(show(() => reader.readAsText(new Blob())));
  await ended(reader);
  log(reader.result, FileReader.EMPTY, FileReader.LOADING, FileReader.prototype.DONE);
  reader.abort();
  log(reader.result, reader.readyState, reader.events.length);
}
{
  const reader = watched();
  reader.readAsText(new Blob(['abc']));
  reader.abort();
  log(reader.readyState, reader.result, reader.events.join(', '));
  await new Promise(resolve => setTimeout(resolve, 5));
  log(reader.events.length);
}
{
  // A read started by a listener takes the place of the one that ends.
  const reader = watched();
  reader.onload = () => { reader.onload = null; reader.readAsText(new Blob(['two'])); };
  reader.readAsText(new Blob(['one']));
  await ended(reader);
  log(reader.result, reader.events.map(e => e.split(' ')[0]).join());
}
log(show(() => new FileReader().readAsText('x')), show(() => new FileReader().readAsText()), show(() => FileReader()), show(() => new FileList()));
const progress = new ProgressEvent('p', { lengthComputable: true, loaded: 1.5, total: 3 });
log(progress.type, progress.lengthComputable, progress.loaded, progress.total, progress instanceof Event, new ProgressEvent('q').total, show(() => new ProgressEvent('r', { total: NaN })));

log(performance.timeOrigin === performance.timeOrigin, Number.isInteger(Math.round(performance.now() * 200 * 1e6) / 1e6));
addEventListener('error', e => { e.preventDefault(); log(e.message, e.filename, e.lineno, e.colno > 0); });
reportError(1);
reportError(undefined);
log(show(() => Object.setPrototypeOf(globalThis, {})), show(() => Object.setPrototypeOf(EventTarget.prototype, null)), Object.setPrototypeOf(globalThis, Object.getPrototypeOf(globalThis)) === globalThis);
log(show(() => new Request('http://a/', { mode: 'no-cors', method: 'PUT' })), show(() => new Request('http://a/', { method: 'POST', keepalive: true, body: new ReadableStream() })));
log(await new Request(new Request('http://a/', { method: 'POST', body: 'kept' }), { body: null }).text());
