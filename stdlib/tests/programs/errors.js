class MyErr extends Error {}
class FooError extends Error {}
const bare = e => { e.stack = e.stack.split('\n')[0]; return e; };
console.log(bare(new Error('x')), [bare(new TypeError('y'))], { e: bare(new MyErr('z')) });
console.log(bare(new FooError('q')), bare(Object.assign(new Error('props'), { code: 'E1', n: 1 })));
console.log(bare(new Error('with cause', { cause: bare(new Error('inner')) })));
console.log(bare(new Error('cause obj', { cause: { a: 1 } })));
console.log(bare(new AggregateError([bare(new Error('1')), 2], 'agg')));
const noStack = new Error('ns'); delete noStack.stack; console.log(noStack);
const named = new Error('m'); named.name = 'Custom'; console.log(bare(named).stack);
console.log(bare(new DOMException('dm', 'AbortError')));
console.log('%s', bare(new Error('fmt')));
const withNl = new Error('line1\nline2'); console.log(bare(withNl));
console.log({ nested: { e: bare(new RangeError('deep')) } });
