// WebAssembly without code: what compiles is refused, the rest is there.
const PAGE = 65536;
const log = console.log;
const outcome = f => {
  try {
    return f();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const names = object => Reflect.ownKeys(object).map(String).join(' ');

log(String(WebAssembly), names(WebAssembly));
for (const name of ['Module', 'Instance', 'Memory', 'Table', 'Global', 'Tag', 'Exception', 'CompileError']) {
  const constructor = WebAssembly[name];
  const { writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(WebAssembly, name);
  log(name, constructor.name, constructor.length, constructor.prototype[Symbol.toStringTag], writable, enumerable, configurable, name in globalThis);
}

// Refusals, after the arguments have been converted.
const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const options = { get builtins() { log('builtins'); return ['js-string']; }, get importedStringConstants() { log('constants'); return null; } };
log(WebAssembly.validate(bytes, options), WebAssembly.validate(new SharedArrayBuffer(8)), outcome(() => WebAssembly.validate('x')));
log(outcome(() => new WebAssembly.Module(bytes, options)));
log(outcome(() => WebAssembly.Module(bytes)));
log(outcome(() => new WebAssembly.Module([])));
log(outcome(() => new WebAssembly.Instance(Object.create(WebAssembly.Module.prototype))));
log(outcome(() => WebAssembly.Module.exports({})));
log(outcome(() => WebAssembly.Instance.prototype.exports));
const refused = async (what, promise) => {
  log(what, promise instanceof Promise, await promise.then(() => 'fulfilled', error => `${error.name}: ${error.message}`));
};
await refused('compile', WebAssembly.compile(bytes.buffer));
await refused('compile', WebAssembly.compile(bytes, 1));
await refused('instantiate', WebAssembly.instantiate(bytes, {}));
await refused('instantiate', WebAssembly.instantiate(bytes, null));
await refused('instantiate', WebAssembly.instantiate({}));
const wasm = type => new Response(bytes, { headers: type === undefined ? {} : { 'content-type': type } });
const read = wasm(' Application/WASM\t');
await refused('read', WebAssembly.compileStreaming(read));
log(read.bodyUsed);
await refused('read again', WebAssembly.compileStreaming(read));
await refused('promise', WebAssembly.instantiateStreaming(Promise.resolve(wasm('application/wasm')), {}));
await refused('parameter', WebAssembly.compileStreaming(wasm('application/wasm;')));
await refused('no type', WebAssembly.compileStreaming(wasm()));
await refused('status', WebAssembly.compileStreaming(new Response(bytes, { status: 404, headers: { 'content-type': 'application/wasm' } })));
await refused('other', WebAssembly.compileStreaming({}));
await refused('rejected', WebAssembly.compileStreaming(Promise.reject(new RangeError('mine'))));
const broken = new ReadableStream({ pull() { throw new EvalError('body'); } });
await refused('body', WebAssembly.compileStreaming(new Response(broken, { headers: { 'content-type': 'application/wasm' } })));

// Errors are NativeErrors.
const error = new WebAssembly.CompileError('x', { cause: 1 });
log(error instanceof Error, Error.isError(error), Object.getPrototypeOf(WebAssembly.LinkError) === Error, error.cause, String(error), names(error));
log(String(WebAssembly.RuntimeError('y')), names(WebAssembly.LinkError.prototype), new (class extends WebAssembly.LinkError {})() instanceof WebAssembly.LinkError);

// Memory.
const memory = new WebAssembly.Memory({ initial: 1, maximum: 3 });
const first = memory.buffer;
new Uint8Array(first)[PAGE - 1] = 7;
log(first.byteLength, first === memory.buffer, memory.grow(1), first.detached, memory.buffer.byteLength, new Uint8Array(memory.buffer)[PAGE - 1]);
log(memory.grow(0), memory.buffer.resizable, memory.toFixedLengthBuffer() === memory.buffer, outcome(() => memory.grow(2)));
const second = memory.buffer;
log(outcome(() => second.transfer()), second.detached);
log(outcome(() => structuredClone(second, { transfer: [second] })), structuredClone(second).transfer().byteLength, second.detached);
log(outcome(() => new ReadableStream({ type: 'bytes', start: controller => controller.enqueue(new Uint8Array(second)) })), second.detached);
const resizable = memory.toResizableBuffer();
const tracking = new Uint8Array(resizable);
log(second.detached, resizable === memory.buffer, resizable === memory.toResizableBuffer(), resizable.resizable, resizable.maxByteLength / PAGE);
for (const length of [PAGE, 2 * PAGE + 1, 4 * PAGE]) {
  log(outcome(() => resizable.resize(length)), resizable.byteLength / PAGE);
}
resizable.resize(2 * PAGE);
log(memory.grow(1), memory.buffer === resizable, tracking.length / PAGE, tracking[PAGE - 1], outcome(() => memory.grow(1)));
const fixed = memory.toFixedLengthBuffer();
log(resizable.detached, tracking.length, fixed === memory.buffer, fixed.resizable, fixed.byteLength / PAGE, new Uint8Array(fixed)[PAGE - 1]);
log(outcome(() => new WebAssembly.Memory({ initial: 0 }).toResizableBuffer()), Object.isExtensible(fixed));

// Shared memory: old buffers go on.
const shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
const old = shared.buffer;
new Uint8Array(old)[3] = 5;
log(old.constructor.name, Object.isFrozen(old), shared.grow(1), old.byteLength / PAGE, shared.buffer === old, new Uint8Array(shared.buffer)[3]);
const growable = shared.toResizableBuffer();
growable.grow(3 * PAGE);
log(growable.growable, growable.maxByteLength / PAGE, outcome(() => growable.grow(3 * PAGE + 1)), shared.buffer === growable, Object.isFrozen(growable));
const later = shared.toFixedLengthBuffer();
growable.grow(4 * PAGE);
log(later.byteLength / PAGE, outcome(() => shared.grow(1)), shared.grow(0), shared.buffer.byteLength / PAGE, shared.toResizableBuffer() === growable);
new Uint8Array(growable)[4 * PAGE - 1] = 9;
log(new Uint8Array(shared.toFixedLengthBuffer())[4 * PAGE - 1], Atomics.add(new Int32Array(old), 1, 2), Atomics.load(new Int32Array(growable), 1));
log(structuredClone(growable).byteLength / PAGE, outcome(() => new Blob([old]).size));

// Descriptors.
const order = [];
const watch = (name, value) => ({ get() { order.push(name); return { valueOf() { order.push(`${name} value`); return value; }, toString() { order.push(`${name} text`); return value; } }; }, enumerable: true });
new WebAssembly.Memory(Object.defineProperties({}, { maximum: watch('maximum', 2), initial: watch('initial', 1), address: watch('address', 'i32'), shared: watch('shared', 1) }));
new WebAssembly.Table(Object.defineProperties({}, { maximum: watch('maximum', 2n), initial: watch('initial', 1n), address: watch('address', 'i64'), element: watch('element', 'externref') }));
log(order.join(', '));
for (const descriptor of [undefined, null, 1, {}, { initial: -1 }, { initial: 2 ** 32 }, { initial: NaN }, { initial: 1n }, { initial: 65537 },
  { initial: 1, maximum: 65537 }, { initial: 2, maximum: 1 }, { initial: 65536 }, { initial: 1, shared: true }, { initial: 0, address: 'i16' },
  { initial: 0, address: 'i64' }, { initial: 2n ** 64n, address: 'i64' }, { initial: 2n ** 37n, address: 'i64' }, { initial: -1n, address: 'i64' }]) {
  log(outcome(() => new WebAssembly.Memory(descriptor)));
}
const wide = new WebAssembly.Memory({ initial: 1n, maximum: 2n, address: 'i64' });
log(wide.grow(1n), wide.buffer.byteLength / PAGE, outcome(() => wide.grow(1)), outcome(() => wide.grow(2n ** 64n - 1n)));

// Tables.
const table = new WebAssembly.Table({ element: 'externref', initial: 2, maximum: 5 }, log);
log(table.length, table.get(1) === log, table.grow(1), table.get(2), table.grow(1, -0), Object.is(table.get(3), -0), table.set(0), table.get(0));
log(outcome(() => table.get(4)), outcome(() => table.set(4, 1)), outcome(() => table.grow(2)), outcome(() => table.get(-1)), table.length);
const functions = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
log(functions.get(0), functions.set(0, null), outcome(() => functions.set(0, () => {})), outcome(() => functions.grow(1, 1)), functions.length);
log(outcome(() => new WebAssembly.Table({ element: 'i32', initial: 1 })), outcome(() => new WebAssembly.Table({ element: 'anyfunc', initial: 1e7 + 1 })));
const self = new WebAssembly.Table({ element: 'externref', initial: 0 });
log(self.grow({ valueOf() { self.grow(3, 'inner'); return 1; } }, 'outer'), self.length, self.get(2), self.get(3));
const long = new WebAssembly.Table({ element: 'externref', initial: 0n, address: 'i64' });
log(long.grow(2n, 'x'), long.length, long.get(1n), outcome(() => long.get(1)));

// Globals.
for (const [value, given] of [['i32', 2 ** 31], ['i32', '5.9'], ['f32', 0.1], ['f64', '0.1'], ['i64', -(2n ** 63n) - 1n], ['externref', log], ['anyfunc', null]]) {
  const global = new WebAssembly.Global({ value, mutable: true }, given);
  log(value, global.value === log ? 'log' : global.value, new WebAssembly.Global({ value }, undefined).valueOf());
}
const constant = new WebAssembly.Global({ value: 'i32' }, 1);
log(outcome(() => { constant.value = 2; }), constant.value, outcome(() => new WebAssembly.Global({ value: 'v128' })), outcome(() => new WebAssembly.Global({ value: 'i64' }, 1)));
log(outcome(() => new WebAssembly.Global({ value: 'i31' })), outcome(() => new WebAssembly.Global({ value: 'anyfunc' }, log)));

// Exceptions.
const tag = new WebAssembly.Tag({ parameters: ['i32', 'i64', 'externref'] });
const exception = new WebAssembly.Exception(tag, [1.5, true, tag], { traceStack: true });
log(exception.is(tag), exception.is(new WebAssembly.Tag({ parameters: [] })), exception.getArg(tag, 0), exception.getArg(tag, 1), exception.getArg(tag, 2) === tag);
log(typeof exception.stack, new WebAssembly.Exception(tag, [1, 1n, 1]).stack, exception instanceof Error, String(exception));
log(outcome(() => exception.getArg(tag, 3)), outcome(() => exception.getArg(WebAssembly.JSTag, 0)), outcome(() => exception.getArg(tag, -1)));
log(outcome(() => new WebAssembly.Exception(tag, [1])), outcome(() => new WebAssembly.Exception(tag, [1, 2, 3])), outcome(() => new WebAssembly.Exception(WebAssembly.JSTag, [1])));
log(WebAssembly.JSTag === WebAssembly.JSTag, WebAssembly.JSTag instanceof WebAssembly.Tag, outcome(() => new WebAssembly.Tag({ parameters: ['i16'] })), outcome(() => new WebAssembly.Tag({})));
log(outcome(() => new WebAssembly.Exception(new WebAssembly.Tag({ parameters: ['v128'] }), [1])), outcome(() => structuredClone(memory)));
