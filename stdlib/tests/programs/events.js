// Order, phases, options, handlers.
const log = (...args) => console.log(...args);
const target = new EventTarget();
const order = [];
target.addEventListener('x', () => order.push('bubble1'));
target.addEventListener('x', () => order.push('capture'), true);
target.addEventListener('x', { handleEvent(e) { order.push('object', this !== undefined, e.eventPhase); } });
const removed = () => order.push('removed');
target.addEventListener('x', removed);
target.removeEventListener('x', removed, true);
target.removeEventListener('x', removed);
target.addEventListener('x', () => { target.addEventListener('x', () => order.push('late')); }, { once: true });
log(target.dispatchEvent(new Event('x')), order.join());
order.length = 0; target.dispatchEvent(new Event('x')); log(order.join());
// The same listener twice is one; with another capture it is another.
const twice = new EventTarget(); let count = 0; const inc = () => count++;
twice.addEventListener('y', inc); twice.addEventListener('y', inc); twice.addEventListener('y', inc, { capture: true });
twice.dispatchEvent(new Event('y')); log(count);
// Stopping.
const stopper = new EventTarget(); const seen = [];
stopper.addEventListener('z', e => { seen.push(1); e.stopPropagation(); }, true);
stopper.addEventListener('z', () => seen.push(2), true);
stopper.addEventListener('z', () => seen.push(3));
const z = new Event('z'); stopper.dispatchEvent(z); log(seen.join(), z.cancelBubble);
stopper.dispatchEvent(z); log(seen.join());
// Cancelling: passive listeners cannot.
const c = new EventTarget();
c.addEventListener('a', e => { e.preventDefault(); log(e.defaultPrevented); }, { passive: true });
log(c.dispatchEvent(new Event('a', { cancelable: true })));
c.addEventListener('a', e => { e.returnValue = false; });
log(c.dispatchEvent(new Event('a', { cancelable: true })), c.dispatchEvent(new Event('a')));
// Errors of listeners are reported and do not stop the others.
addEventListener('error', e => { log('error event', e.message, e.error?.message, e instanceof ErrorEvent, e.isTrusted); e.preventDefault(); });
c.addEventListener('b', () => { throw new TypeError('in listener'); });
c.addEventListener('b', () => log('still runs'));
c.addEventListener('b', {}); c.addEventListener('b', { handleEvent: 5 });
c.dispatchEvent(new Event('b'));
reportError('plain');
// Illegal uses.
for (const f of [() => Event('x'), () => new Event(), () => EventTarget(), () => c.dispatchEvent({}), () => c.addEventListener('x'),
  () => c.addEventListener('x', 5), () => new AbortSignal(), () => EventTarget.prototype.dispatchEvent.call({}, new Event('q')),
  () => Object.getOwnPropertyDescriptor(Event.prototype, 'type').get.call({}), () => c.addEventListener('x', () => {}, { signal: {} }),
  () => new CustomEvent('x', 5), () => new PromiseRejectionEvent('x'), () => new PromiseRejectionEvent('x', {})]) {
  try { f(); log('no error'); } catch (e) { log(e.name, e.message); }
}
const again = new Event('again'); c.addEventListener('again', e => { try { c.dispatchEvent(e); } catch (x) { log(x.name, x.code, x instanceof DOMException); } });
c.dispatchEvent(again);
// A listener without callback is none.
c.addEventListener('n', null); c.addEventListener('n', undefined); log(c.dispatchEvent(new Event('n')));
// Attributes and shape.
const e = new CustomEvent('ev', { detail: { a: 1 }, bubbles: true });
log(e.type, e.detail, e.bubbles, e.composed, Object.keys(e), e.toString(), Event.length, CustomEvent.length, EventTarget.length);
log(Object.getOwnPropertyDescriptor(Event, 'AT_TARGET'), Object.getOwnPropertyDescriptor(Event.prototype, 'stopPropagation').enumerable);
log(Object.getOwnPropertyDescriptor(e, 'isTrusted').configurable, Object.prototype.toString.call(new AbortController()));
log(addEventListener === EventTarget.prototype.addEventListener, self === globalThis, globalThis instanceof EventTarget);
class Sub extends EventTarget { constructor() { super(); this.own = 1; } fire() { return this.dispatchEvent(new Event('sub')); } }
const sub = new Sub(); sub.addEventListener('sub', function (e) { log(this === sub, e.target === sub, e.srcElement === sub, e.composedPath().length); }); log(sub.fire());
const ie = new Event(''); ie.initEvent('renamed', true, true); log(ie.type, ie.bubbles, ie.cancelable);
// Handlers.
const ac = new AbortController(); ac.signal.onabort = () => log('onabort'); log(typeof ac.signal.onabort); ac.signal.onabort = null; log(ac.signal.onabort); ac.abort();
// Signals.
const s1 = new AbortController(), s2 = new AbortController(); const any = AbortSignal.any([s1.signal, s2.signal]);
any.addEventListener('abort', () => log('any', any.reason)); s2.abort('why'); log(any.aborted, s1.signal.aborted, AbortSignal.any([any]).reason, AbortSignal.any([]).aborted);
const listenerSignal = new AbortController(); let hits = 0; const t = new EventTarget(); t.addEventListener('h', () => hits++, { signal: listenerSignal.signal });
t.dispatchEvent(new Event('h')); listenerSignal.abort(); t.dispatchEvent(new Event('h')); log(hits);
try { AbortSignal.abort().throwIfAborted(); } catch (e) { log(e.name, e.code, e.message, e instanceof Error, Object.prototype.toString.call(e)); }
try { AbortSignal.timeout(-1); } catch (e) { log(e.name); } try { AbortSignal.timeout(NaN); } catch (e) { log(e.name); }
