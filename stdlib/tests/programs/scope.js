const log = console.log;
const show = f => { try { return f(); } catch (e) { return `${e.name}: ${e.message}`; } };
// Microtasks and timers.
const order = [];
setTimeout((a, b) => order.push('t0', a, b), 0, 'A', 'B'); setTimeout(() => order.push('t10'), 10); setTimeout(() => order.push('t5'), 5);
const cleared = setTimeout(() => order.push('never'), 1); clearTimeout(cleared); clearTimeout(); clearTimeout(99); clearTimeout({}); clearInterval('x');
queueMicrotask(() => order.push('micro')); Promise.resolve().then(() => order.push('then')); order.push('sync');
let ticks = 0; const interval = setInterval(() => { order.push('i' + ++ticks); if (ticks === 3) clearInterval(interval); }, 3);
setTimeout('globalThis.fromString = 1', 2);
await new Promise(resolve => setTimeout(resolve, 20));
log(order.join(), globalThis.fromString, typeof interval);
log(show(() => queueMicrotask(5)), show(() => queueMicrotask()), show(() => setTimeout()));
// A microtask that throws is reported, and the next ones run.
addEventListener('error', e => { log('reported', e.message); e.preventDefault(); });
queueMicrotask(() => { throw new Error('micro'); }); queueMicrotask(() => log('next'));
setTimeout(() => { throw new Error('timer'); }, 0); await new Promise(r => setTimeout(r, 1));
// Rejections.
addEventListener('unhandledrejection', e => { log('unhandled', e.reason, e.promise instanceof Promise, e.cancelable); e.preventDefault(); });
addEventListener('rejectionhandled', e => log('handled late', e.reason));
const late = Promise.reject('r1'); Promise.reject('caught').catch(() => {});
await new Promise(r => setTimeout(r, 1)); late.catch(() => {}); await new Promise(r => setTimeout(r, 1));
// base64
log(btoa('hello\xff'), atob('aGVsbG//').length, atob(' YQ = = '), show(() => btoa('\u0100')), show(() => atob('a')), show(() => atob()), atob(btoa('')) === '');
// crypto
log(show(() => crypto.getRandomValues(new Float32Array(1))), show(() => crypto.getRandomValues(new Uint8Array(65537))), show(() => crypto.getRandomValues({})));
const u = new Uint32Array(4); log(crypto.getRandomValues(u) === u, u.some(x => x), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()));
const hex = b => [...new Uint8Array(b)].map(x => x.toString(16).padStart(2, '0')).join('');
for (const a of ['SHA-1', 'sha-256', { name: 'SHA-384' }, 'SHA-512']) log(hex(await crypto.subtle.digest(a, new TextEncoder().encode('abc'))).slice(0, 16));
await crypto.subtle.digest('MD5', new Uint8Array()).catch(e => log(e.name, e.message)); await crypto.subtle.digest('SHA-1', 'text').catch(e => log(e.name, e.message));
await crypto.subtle.digest.call({}, 'SHA-1', new Uint8Array()).catch(e => log(e.name, e.message)); await crypto.subtle.digest('SHA-1').catch(e => log(e.name, e.message));
log(typeof performance.now(), performance.timeOrigin, navigator.userAgent, navigator.hardwareConcurrency > 0, performance instanceof EventTarget);
// The global object.
log(Object.prototype.toString.call(globalThis), typeof self.setTimeout, Object.keys(globalThis).includes('console'), Object.getOwnPropertyDescriptor(globalThis, 'atob').enumerable, Object.getOwnPropertyDescriptor(globalThis, 'Event').enumerable);
log(setTimeout.length, atob.length, structuredClone.length, addEventListener.length, queueMicrotask.name, Object.getOwnPropertyDescriptor(globalThis, 'self').get.name);
self.performance = 5; log(performance);
onerror = (message, file, line, column, error) => { log('onerror', message, error.message); return true; };
reportError(new RangeError('handled by onerror')); log(typeof onerror); onerror = null;
log(Object.prototype.toString.call(console), Object.keys(console).includes('log'), DOMException.length, DOMException.ABORT_ERR, new DOMException().code, new DOMException('m', 'SyntaxError').code, DOMException.prototype.INDEX_SIZE_ERR);
log(String(new DOMException('m', 'AbortError')), Object.getOwnPropertyNames(new DOMException('m')), show(() => DOMException.prototype.name), show(() => DOMException()));
log(Object.getPrototypeOf(DOMException.prototype) === Error.prototype, Error.isError(new DOMException()), new DOMException('m', 'N').stack.split('\n')[0]);
