// Lazy sequences taken apart. Exercises: generators, yield*, iterators written by hand, destructuring with defaults, spread.

function* range(from, to) {
  for (let i = from; i < to; i++) yield i;
}

function* map(items, f) {
  for (const item of items) yield f(item);
}

function* filter(items, keep) {
  for (const item of items) if (keep(item)) yield item;
}

function* take(items, count) {
  if (count === 0) return;
  for (const item of items) {
    yield item;
    if (--count === 0) return;
  }
}

function* walk(depth, label) {
  if (depth === 0) {
    yield label;
    return;
  }
  yield* walk(depth - 1, label * 2);
  yield* walk(depth - 1, label * 2 + 1);
}

class Pairs {
  constructor(count) {
    this.count = count;
  }
  [Symbol.iterator]() {
    let i = 0;
    const { count } = this;
    return { next: () => (i < count ? { value: [i, i++ * 2], done: false } : { value: undefined, done: true }) };
  }
}

function unpack({ id, size: { width = 3, height = 4 } = {}, tags: [first = 'none', ...rest] = [] }) {
  return id + width * height + first.length + rest.length;
}

function swap(n) {
  let a = 0, b = 1;
  for (let i = 0; i < n; i++) [a, b] = [b, (a + b) % 10007];
  return a;
}

function run(size) {
  let checksum = 0;
  for (const x of take(filter(map(range(0, 1e9), (x) => x * 3), (x) => x % 2 === 0), size)) checksum = (checksum + x) % 1000003;
  for (const [a, b] of new Pairs(size)) checksum = (checksum + a * b) % 1000003;
  for (const label of walk(9, 1)) checksum = (checksum * 3 + label) % 1000003;
  for (let i = 0; i < size; i++) {
    checksum += unpack({ id: i }) + unpack({ id: i, size: { width: i % 5 }, tags: ['x', 'yy', 'zzz'] });
  }
  checksum = (checksum + swap(size)) % 1000003;
  const numbers = [...range(0, size)];
  checksum += Math.max(...numbers.slice(0, 100)) + [...'text in pieces', ...numbers.slice(0, 10)].length;
  return checksum;
}
