const log = console.log;
const show = f => { try { return f(); } catch (e) { return `${e.name} ${e.code} ${e.message}`; } };
log(structuredClone(1), structuredClone('s'), structuredClone(null), structuredClone(undefined), structuredClone(5n), structuredClone(-0));
const o = { a: [1, , 3], d: new Date(5), r: /x/gi, m: new Map([[{ k: 1 }, new Set([1, 'a'])]]), n: new Number(5), s: Object('str'), b: Object(true), bi: Object(7n) };
o.self = o; o.m.set('o', o);
const c = structuredClone(o);
log(c !== o, c.self === c, c.m.get('o') === c, c.a, 1 in c.a, c.a.length, c.d.getTime(), c.r.source, c.r.flags, c.r.lastIndex, typeof c.n, c.n + 1, c.s + '', +c.b, c.bi + 1n);
const shared = { x: 1 }; const pair = structuredClone([shared, shared]); log(pair[0] === pair[1], pair[0] !== shared);
class Foo { constructor() { this.x = 1; } get y() { return 1; } method() {} }
const foo = structuredClone(new Foo()); log(foo, Object.getPrototypeOf(foo) === Object.prototype);
log(structuredClone({ get g() { return 5; } }), structuredClone(Object.create({ inherited: 1 })), structuredClone(Object.defineProperty({}, 'h', { value: 1 })), structuredClone({ [Symbol('s')]: 1 }));
log(structuredClone(Object.assign([1, 2], { extra: 1 })));
for (const e of [new Error('e'), new TypeError('t'), new RangeError('r', { cause: { a: 1 } }), Object.assign(new Error('named'), { name: 'Custom' }), new DOMException('d', 'AbortError')]) {
  const k = structuredClone(e); log(k.name, k.message, k.constructor.name, k instanceof Error, k.cause, k.stack === e.stack);
}
log(show(() => structuredClone(() => 1)), show(() => structuredClone(Symbol('q'))), show(() => structuredClone({ a: { b: function f() {} } })));
log(show(() => structuredClone(new WeakMap())), show(() => structuredClone(new Proxy({}, {}))), show(() => structuredClone(Promise.resolve())), show(() => structuredClone(new EventTarget())));
log(show(() => structuredClone()), show(() => structuredClone(1, 5)), show(() => structuredClone({ get a() { throw new Error('getter'); } })));
// Buffers.
const buf = new Uint8Array([1, 2, 3, 4]).buffer; const view = new Uint16Array(buf, 2, 1); const dv = new DataView(buf, 1, 2);
const bc = structuredClone({ buf, view, dv }); log(bc.view.buffer === bc.buf, bc.view.byteOffset, bc.view.length, bc.dv.byteLength, bc.dv.getUint8(0), buf.byteLength);
const moved = structuredClone({ buf, view }, { transfer: [buf] }); log(buf.byteLength, buf.detached, view.length, moved.buf.byteLength, moved.view[0], moved.view.buffer === moved.buf);
log(show(() => structuredClone(buf)), show(() => structuredClone(view)), show(() => structuredClone(1, { transfer: [buf] })), show(() => structuredClone(1, { transfer: [{}] })));
const dup = new ArrayBuffer(1); log(show(() => structuredClone(dup, { transfer: [dup, dup] })), dup.byteLength, show(() => structuredClone(() => {}, { transfer: [dup] })), dup.byteLength);
const rab = new ArrayBuffer(2, { maxByteLength: 8 }); const rc = structuredClone(new Uint8Array(rab)); rc.buffer.resize(5); log(rc.length, rc.buffer.maxByteLength, rab.byteLength);
// Depth costs no stack.
let deep = {}; let at = deep; for (let i = 0; i < 100000; i++) { at.n = {}; at = at.n; } let n = 0; for (let d = structuredClone(deep); d.n; d = d.n) n++; log(n);
