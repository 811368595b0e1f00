// Single operations, one function each: `f(n)` performs about n of them and gives something that depends on them. `benches operations` runs
// this in every engine and compares. Prints one line of JSON: for each name the least nanoseconds of an operation and, as text, what a few
// of them gave, which must be the same everywhere.
const cases = {
  classGetter(n) { class A { #x = 1; get x() { return this.#x; } } const o = new A; let s = 0; for (let i = 0; i < n; i++) s += o.x; return s; },
  superArgs(n) { class A { constructor(a, b) { this.a = a; this.b = b; } } class B extends A { constructor(...args) { super(...args); } } let o; for (let i = 0; i < n; i++) o = new B(i, 2); return o; },
  toStringTag(n) { let s = 0; for (let i = 0; i < n; i++) if (Object.prototype.toString.call(i) === '[object Number]') s++; return s; },
  iife(n) { let s = 0; for (let i = 0; i < n; i++) s += (() => i)(); return s; },
  tagged(n) { const t = (s, ...v) => v[0]; let s = 0; for (let i = 0; i < n; i++) s += t`a${i}b`; return s; },
  optCall(n) { const o = { f(a) { return a; } }; let s = 0; for (let i = 0; i < n; i++) s += o.f?.(i); return s; },
  whileDec(n) { let i = n, s = 0; while (i--) s += i; return s; },
  matrix(n) { const m = [[1,2,3],[4,5,6],[7,8,9]]; let s = 0; for (let i = 0; i < n; i++) s += m[i % 3][(i + 1) % 3]; return s; },
  strBuild(n) { const a = []; for (let i = 0; i < n; i++) a.push('x' + i); return a.join(''); },
  wordCount(n) { const t = 'the quick brown fox jumps over the lazy dog '.repeat(4); const c = {}; for (let i = 0; i < n / 36; i++) for (const w of t.split(' ')) c[w] = (c[w] || 0) + 1; return c; },
  privateGet(n) { class A { #x = 1; get(n) { let s = 0; for (let i = 0; i < n; i++) s += this.#x; return s; } } return new A().get(n); },
  privateSet(n) { class A { #x = 1; run(n) { for (let i = 0; i < n; i++) this.#x = i; return this.#x; } } return new A().run(n); },
  privateMethod(n) { class A { #m(a) { return a; } run(n) { let s = 0; for (let i = 0; i < n; i++) s += this.#m(i); return s; } } return new A().run(n); },
  privateNew(n) { class A { #x = 1; #y = 2; constructor(a) { this.#y = a; } } let o; for (let i = 0; i < n; i++) o = new A(i); return o; },
  publicFieldsNew(n) { class A { x = 1; y = 2; constructor(a) { this.y = a; } } let o; for (let i = 0; i < n; i++) o = new A(i); return o; },
  derivedNew(n) { class A { constructor(a) { this.a = a; } } class B extends A { constructor(a) { super(a); this.b = a; } } let o; for (let i = 0; i < n; i++) o = new B(i); return o; },
  superCall(n) { class A { m(a) { return a; } } class B extends A { m(a) { return super.m(a); } } const o = new B; let s = 0; for (let i = 0; i < n; i++) s += o.m(i); return s; },
  getter(n) { const o = { get x() { return 1; } }; let s = 0; for (let i = 0; i < n; i++) s += o.x; return s; },
  setter(n) { const o = { v: 0, set x(a) { this.v = a; } }; for (let i = 0; i < n; i++) o.x = i; return o.v; },
  closureCall(n) { let s = 0; const f = a => { s += a; }; for (let i = 0; i < n; i++) f(i); return s; },
  restCall(n) { const f = (...a) => a.length; let s = 0; for (let i = 0; i < n; i++) s += f(i, 1, 2); return s; },
  spreadCall(n) { const f = (a, b, c) => a + b + c; const x = [1, 2, 3]; let s = 0; for (let i = 0; i < n; i++) s += f(...x); return s; },
  defaultArgs(n) { const f = (a, b = 2) => a + b; let s = 0; for (let i = 0; i < n; i++) s += f(i); return s; },
  applyCall(n) { function f(a, b) { return a + b; } const x = [1, 2]; let s = 0; for (let i = 0; i < n; i++) s += f.apply(null, x); return s; },
  callCall(n) { function f(a, b) { return a + b; } let s = 0; for (let i = 0; i < n; i++) s += f.call(null, i, 1); return s; },
  bindCall(n) { function f(a, b) { return a + b; } const g = f.bind(null, 1); let s = 0; for (let i = 0; i < n; i++) s += g(i); return s; },
  argumentsUse(n) { function f() { return arguments[0] + arguments.length; } let s = 0; for (let i = 0; i < n; i++) s += f(i, 1); return s; },
  destructObj(n) { const o = { a: 1, b: 2, c: 3 }; let s = 0; for (let i = 0; i < n; i++) { const { a, b, c } = o; s += a + b + c; } return s; },
  destructArr(n) { const o = [1, 2, 3]; let s = 0; for (let i = 0; i < n; i++) { const [a, b, c] = o; s += a + b + c; } return s; },
  swapArr(n) { let a = 1, b = 2; for (let i = 0; i < n; i++) [a, b] = [b, a]; return a; },
  spreadObj(n) { const o = { a: 1, b: 2, c: 3 }; let r; for (let i = 0; i < n; i++) r = { ...o, d: i }; return r; },
  restObj(n) { const o = { a: 1, b: 2, c: 3 }; let r; for (let i = 0; i < n; i++) { const { a, ...x } = o; r = x; } return r; },
  spreadArr(n) { const o = [1, 2, 3, 4]; let r; for (let i = 0; i < n; i++) r = [...o, i]; return r; },
  objLiteral(n) { let r; for (let i = 0; i < n; i++) r = { a: i, b: 2, c: 'x' }; return r; },
  arrLiteral(n) { let r; for (let i = 0; i < n; i++) r = [i, 2, 3]; return r; },
  nullish(n) { const o = { a: { b: null } }; let s = 0; for (let i = 0; i < n; i++) s += o?.a?.b ?? 1; return s; },
  template(n) { let r; for (let i = 0; i < n; i++) r = `a${i & 255}b${i & 15}c`; return r; },
  concat(n) { let r = ''; for (let i = 0; i < n; i++) { r += 'ab'; if (r.length > 1000) r = ''; } return r; },
  charCodeAt(n) { const t = 'hello world, this is text'; let s = 0; for (let i = 0; i < n; i++) s += t.charCodeAt(i % 25); return s; },
  charIndex(n) { const t = 'hello world, this is text'; let s = 0; for (let i = 0; i < n; i++) if (t[i % 25] === 'l') s++; return s; },
  slice(n) { const t = 'hello world, this is text'; let r; for (let i = 0; i < n; i++) r = t.slice(i % 10, 15); return r; },
  indexOf(n) { const t = 'hello world, this is text'; let s = 0; for (let i = 0; i < n; i++) s += t.indexOf('text'); return s; },
  split(n) { const t = 'a=1&b=2&c=3'; let r; for (let i = 0; i < n; i++) r = t.split('&'); return r; },
  join(n) { const t = ['a', 'b', 'c', 'd']; let r; for (let i = 0; i < n; i++) r = t.join(','); return r; },
  replaceStr(n) { const t = 'hello world'; let r; for (let i = 0; i < n; i++) r = t.replace('world', 'there'); return r; },
  replaceRe(n) { const t = 'hello world'; let r; for (let i = 0; i < n; i++) r = t.replace(/o/g, '0'); return r; },
  replaceFn(n) { const t = 'hello world'; let r; for (let i = 0; i < n; i++) r = t.replace(/o/g, m => m + m); return r; },
  reTest(n) { const t = 'user@example.com'; const re = /^[\w.]+@[\w.]+\.\w+$/; let s = 0; for (let i = 0; i < n; i++) if (re.test(t)) s++; return s; },
  reExec(n) { const t = '2024-05-06'; const re = /(\d+)-(\d+)-(\d+)/; let r; for (let i = 0; i < n; i++) r = re.exec(t); return r; },
  reMatchAll(n) { const t = 'a1b2c3'; let s = 0; for (let i = 0; i < n; i++) for (const m of t.matchAll(/\d/g)) s += m.index; return s; },
  lower(n) { const t = 'Content-Type'; let r; for (let i = 0; i < n; i++) r = t.toLowerCase(); return r; },
  trim(n) { const t = '  value '; let r; for (let i = 0; i < n; i++) r = t.trim(); return r; },
  startsWith(n) { const t = '/api/users/1'; let s = 0; for (let i = 0; i < n; i++) if (t.startsWith('/api')) s++; return s; },
  padStart(n) { let r; for (let i = 0; i < n; i++) r = '42'.padStart(6, '0'); return r; },
  parseIntS(n) { let s = 0; for (let i = 0; i < n; i++) s += parseInt('1234', 10); return s; },
  numToString(n) { let r; for (let i = 0; i < n; i++) r = String(i); return r; },
  floatToString(n) { let r; for (let i = 0; i < n; i++) r = String(i + 0.5); return r; },
  toFixed(n) { let r; for (let i = 0; i < n; i++) r = (i + 0.567).toFixed(2); return r; },
  mathFloor(n) { let s = 0; for (let i = 0; i < n; i++) s += Math.floor(i / 3); return s; },
  mathMax(n) { let s = 0; for (let i = 0; i < n; i++) s = Math.max(s, i); return s; },
  floatMul(n) { let s = 1.5; for (let i = 0; i < n; i++) s = s * 1.0000001 + 0.1; return s; },
  intMod(n) { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; },
  bitops(n) { let s = 0; for (let i = 0; i < n; i++) s = (s ^ i) << 1 | s >>> 31; return s; },
  push(n) { let r = []; for (let i = 0; i < n; i++) { r.push(i); if (r.length > 1000) r = []; } return r; },
  pop(n) { let r = []; for (let i = 0; i < n; i++) { r.push(i); r.pop(); } return r; },
  shift(n) { let r = [1, 2, 3]; for (let i = 0; i < n; i++) { r.push(i); r.shift(); } return r; },
  forOfArr(n) { const a = Array.from({ length: 100 }, (_, i) => i); let s = 0; for (let i = 0; i < n / 100; i++) for (const x of a) s += x; return s; },
  forEach(n) { const a = Array.from({ length: 100 }, (_, i) => i); let s = 0; for (let i = 0; i < n / 100; i++) a.forEach(x => { s += x; }); return s; },
  map(n) { const a = Array.from({ length: 100 }, (_, i) => i); let r; for (let i = 0; i < n / 100; i++) r = a.map(x => x + 1); return r; },
  filter(n) { const a = Array.from({ length: 100 }, (_, i) => i); let r; for (let i = 0; i < n / 100; i++) r = a.filter(x => x & 1); return r; },
  reduce(n) { const a = Array.from({ length: 100 }, (_, i) => i); let r; for (let i = 0; i < n / 100; i++) r = a.reduce((p, x) => p + x, 0); return r; },
  find(n) { const a = Array.from({ length: 100 }, (_, i) => i); let r; for (let i = 0; i < n / 100; i++) r = a.find(x => x === 99); return r; },
  some(n) { const a = Array.from({ length: 100 }, (_, i) => i); let r; for (let i = 0; i < n / 100; i++) r = a.some(x => x === 99); return r; },
  includes(n) { const a = Array.from({ length: 100 }, (_, i) => i); let r; for (let i = 0; i < n / 100; i++) r = a.includes(99); return r; },
  arrSlice(n) { const a = [1, 2, 3, 4, 5, 6]; let r; for (let i = 0; i < n; i++) r = a.slice(1, 4); return r; },
  arrConcat(n) { const a = [1, 2, 3]; let r; for (let i = 0; i < n; i++) r = a.concat(a); return r; },
  splice(n) { const a = [1, 2, 3, 4]; for (let i = 0; i < n; i++) { a.splice(1, 1); a.splice(1, 0, i); } return a; },
  sortNum(n) { const b = Array.from({ length: 100 }, (_, i) => i * 7919 % 101); let r; for (let i = 0; i < n / 100; i++) r = b.slice().sort((x, y) => x - y); return r; },
  sortStr(n) { const b = Array.from({ length: 100 }, (_, i) => 'k' + i * 7919 % 101); let r; for (let i = 0; i < n / 100; i++) r = b.slice().sort(); return r; },
  flat(n) { const b = [[1, 2], [3, 4], [5]]; let r; for (let i = 0; i < n / 5; i++) r = b.flat(); return r; },
  flatMap(n) { const b = [1, 2, 3]; let r; for (let i = 0; i < n / 3; i++) r = b.flatMap(x => [x, x]); return r; },
  keys(n) { const o = { a: 1, b: 2, c: 3 }; let r; for (let i = 0; i < n; i++) r = Object.keys(o); return r; },
  entries(n) { const o = { a: 1, b: 2, c: 3 }; let s = 0; for (let i = 0; i < n; i++) for (const [k, v] of Object.entries(o)) s += v; return s; },
  fromEntries(n) { const o = [['a', 1], ['b', 2]]; let r; for (let i = 0; i < n; i++) r = Object.fromEntries(o); return r; },
  assign(n) { const o = { a: 1, b: 2, c: 3 }; let r; for (let i = 0; i < n; i++) r = Object.assign({}, o); return r; },
  forIn(n) { const o = { a: 1, b: 2, c: 3 }; let s = 0; for (let i = 0; i < n; i++) for (const k in o) s += o[k]; return s; },
  hasOwn(n) { const o = { a: 1, b: 2, c: 3 }; let s = 0; for (let i = 0; i < n; i++) if (Object.hasOwn(o, 'b')) s++; return s; },
  inOp(n) { const o = { a: 1, b: 2, c: 3 }; let s = 0; for (let i = 0; i < n; i++) if ('b' in o) s++; return s; },
  instanceOf(n) { class A {} const o = new A; let s = 0; for (let i = 0; i < n; i++) if (o instanceof A) s++; return s; },
  typeOf(n) { const v = [1, 'a', null, undefined]; let s = 0; for (let i = 0; i < n; i++) if (typeof v[i & 3] === 'string') s++; return s; },
  deleteProp(n) { let s = 0; for (let i = 0; i < n; i++) { const o = { a: 1, b: 2 }; delete o.a; s += o.b; } return s; },
  dynKeys(n) { const o = {}; for (let i = 0; i < n; i++) o['k' + (i & 63)] = i; return o; },
  mapGetSet(n) { const m = new Map; let s = 0; for (let i = 0; i < n; i++) { m.set(i & 63, i); s += m.get(i & 31); } return s; },
  mapStr(n) { const m = new Map([['a', 1], ['b', 2]]); let s = 0; for (let i = 0; i < n; i++) s += m.get('b'); return s; },
  mapIter(n) { const m = new Map(Array.from({ length: 100 }, (_, i) => [i, i])); let s = 0; for (let i = 0; i < n / 100; i++) for (const [k, v] of m) s += v; return s; },
  setAdd(n) { let m = new Set; for (let i = 0; i < n; i++) { m.add(i & 255); } return m.size; },
  weakMap(n) { const m = new WeakMap; const o = {}; m.set(o, 1); let s = 0; for (let i = 0; i < n; i++) s += m.get(o); return s; },
  generator(n) { function* g(n) { for (let i = 0; i < n; i++) yield i; } let s = 0; for (const x of g(n)) s += x; return s; },
  customIter(n) { const it = { [Symbol.iterator]() { let i = 0; return { next() { return i < n ? { value: i++, done: false } : { value: undefined, done: true }; } }; } }; let s = 0; for (const x of it) s += x; return s; },
  tryCatch(n) { let s = 0; for (let i = 0; i < n; i++) { try { s += i; } catch { s = 0; } } return s; },
  throwCatch(n) { let s = 0; for (let i = 0; i < n; i++) { try { throw i; } catch (e) { s += e; } } return s; },
  newError(n) { let r; for (let i = 0; i < n; i++) r = new Error('x'); return r; },
  switchStr(n) { const v = ['a', 'b', 'c', 'd']; let s = 0; for (let i = 0; i < n; i++) switch (v[i & 3]) { case 'a': s += 1; break; case 'b': s += 2; break; case 'c': s += 3; break; default: s += 4; } return s; },
  switchInt(n) { let s = 0; for (let i = 0; i < n; i++) switch (i & 7) { case 0: s += 1; break; case 1: s += 2; break; case 2: s += 3; break; case 5: s += 9; break; default: s += 4; } return s; },
  jsonParse(n) { const t = '{"a":1,"b":[1,2,3],"c":"x"}'; let r; for (let i = 0; i < n; i++) r = JSON.parse(t); return r; },
  jsonStringify(n) { const t = { a: 1, b: [1, 2, 3], c: 'x' }; let r; for (let i = 0; i < n; i++) r = JSON.stringify(t); return r; },
  typedGet(n) { const a = new Uint8Array(256); let s = 0; for (let i = 0; i < n; i++) s += a[i & 255]; return s; },
  typedSet(n) { const a = new Float64Array(256); for (let i = 0; i < n; i++) a[i & 255] = i; return a[0]; },
  typedNew(n) { let r; for (let i = 0; i < n; i++) r = new Uint8Array(16); return r; },
  dataView(n) { const a = new DataView(new ArrayBuffer(64)); let s = 0; for (let i = 0; i < n; i++) s += a.getUint32(i & 31); return s; },
  subarray(n) { const a = new Uint8Array(64); let r; for (let i = 0; i < n; i++) r = a.subarray(1, 9); return r; },
  bigint(n) { let s = 0n; for (let i = 0; i < n; i++) s = s * 3n + 1n & 0xffffffffffffn; return s; },
  dateNow(n) { let s = 0; for (let i = 0; i < n; i++) s = new Date(2024, 1, i % 28).getDate(); return s; },
  dateIso(n) { const d = new Date(1e12); let s; for (let i = 0; i < n; i++) s = d.toISOString(); return s; },
  symbolKey(n) { const k = Symbol(); const o = { [k]: 1 }; let s = 0; for (let i = 0; i < n; i++) s += o[k]; return s; },
  proxyGet(n) { const p = new Proxy({ a: 1 }, { get(t, k) { return t[k]; } }); let s = 0; for (let i = 0; i < n; i++) s += p.a; return s; },
  reflectGet(n) { const o = { a: 1 }; let s = 0; for (let i = 0; i < n; i++) s += Reflect.get(o, 'a'); return s; },
  protoChain(n) { class A { m() { return 1; } } class B extends A {} class C extends B {} const o = new C; let s = 0; for (let i = 0; i < n; i++) s += o.m(); return s; },
  polyProp(n) { const v = [{ a: 1 }, { b: 1, a: 2 }, { c: 1, a: 3 }, { d: 1, a: 4 }]; let s = 0; for (let i = 0; i < n; i++) s += v[i & 3].a; return s; },
  megaProp(n) { const v = []; for (let i = 0; i < 16; i++) v.push({ ['k' + i]: 1, a: i }); let s = 0; for (let i = 0; i < n; i++) s += v[i & 15].a; return s; },
  globalFn(n) { let s = 0; for (let i = 0; i < n; i++) s += isNaN(i) ? 1 : 0; return s; },
  arrayFrom(n) { let r; for (let i = 0; i < n; i++) r = Array.from({ length: 5 }, (_, i) => i); return r; },
  newArrayFill(n) { let r; for (let i = 0; i < n; i++) r = new Array(10).fill(0); return r; },
  isArray(n) { const a = []; let s = 0; for (let i = 0; i < n; i++) if (Array.isArray(a)) s++; return s; },
  encodeURI(n) { let r; for (let i = 0; i < n; i++) r = encodeURIComponent('hello world&x=1'); return r; },
  decodeURI(n) { let r; for (let i = 0; i < n; i++) r = decodeURIComponent('hello%20world%26x%3D1'); return r; },
  closureMake(n) { let r; for (let i = 0; i < n; i++) r = () => i; return r; },
  fib(n) { const f = n => n < 2 ? n : f(n - 1) + f(n - 2); let s = 0; for (let i = 0; i < n / 100; i++) s += f(9); return s; },
  objCreate(n) { const p = {}; let r; for (let i = 0; i < n; i++) r = Object.create(p); return r; },
  freeze(n) { let r; for (let i = 0; i < n; i++) r = Object.freeze({ a: 1, b: 2 }); return r; },
  defineProp(n) { let r; for (let i = 0; i < n; i++) r = Object.defineProperty({}, 'a', { value: 1, enumerable: true }); return r; },
  codePoint(n) { const t = 'hello wörld'; let s = 0; for (let i = 0; i < n; i++) for (const c of t) s += c.codePointAt(0); return s; },
  fromCharCode(n) { let r; for (let i = 0; i < n; i++) r = String.fromCharCode(65 + i % 26); return r; },
  strCmp(n) { const a = 'hello world', b = 'hello there'; let s = 0; for (let i = 0; i < n; i++) if (a < b) s++; return s; },
  strEq(n) { const a = ['hello world', 'hello'.concat(' world')]; let s = 0; for (let i = 0; i < n; i++) if (a[i & 1] === a[1]) s++; return s; },
  localeCompare(n) { let s = 0; for (let i = 0; i < n; i++) s += 'apple'.localeCompare('banana'); return s; },
  structured(n) { let r; for (let i = 0; i < n; i++) r = structuredClone({ a: 1, b: [1, 2] }); return r; },
};
const asyncCases = {
  async awaitValue(n) { let s = 0; for (let i = 0; i < n; i++) s += await i; return s; },
  async awaitAsync(n) { const f = async a => a; let s = 0; for (let i = 0; i < n; i++) s += await f(i); return s; },
  async promiseThen(n) { let s = 0; for (let i = 0; i < n; i++) await Promise.resolve(i).then(x => { s += x; }); return s; },
  async promiseAll(n) { let s = 0; for (let i = 0; i < n / 5; i++) s += (await Promise.all([1, 2, 3, 4, i])).length; return s; },
  async newPromise(n) { let s = 0; for (let i = 0; i < n; i++) s += await new Promise(r => r(1)); return s; },
  async forAwait(n) { async function* g(n) { for (let i = 0; i < n; i++) yield i; } let s = 0; for await (const x of g(n)) s += x; return s; },
};

const now = () => performance.now();
const text = value => typeof value === 'bigint' || typeof value === 'function' ? String(value) : value instanceof Error ? value.message : JSON.stringify(value) ?? 'undefined';
const wanted = name => name.includes(globalThis.FILTER ?? '');

// As many operations as take five milliseconds, then the least of a few such rounds.
async function time(f) {
  let n = 1000, spent;
  for (;;) {
    const start = now();
    await f(n);
    spent = now() - start;
    if (spent > 5 || n > 1e8) break;
    n *= 4;
  }
  let least = spent / n;
  for (let i = 0; i < 5; i++) {
    const start = now();
    await f(n);
    least = Math.min(least, (now() - start) / n);
  }
  return least * 1e6;
}

const measured = {};
for (const [name, f] of Object.entries({ ...cases, ...asyncCases })) {
  if (wanted(name)) measured[name] = [await time(f), text(await f(200))];
}
console.log(JSON.stringify(measured));
