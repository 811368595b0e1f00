// Functions made by functions: counters, composition, memoisation, currying, continuations. Exercises: creation and calls of closures,
// captured variables, rest and spread.

function counter(start, step) {
  let value = start;
  return {
    next: () => (value += step),
    reset: () => { value = start; },
    peek: () => value,
  };
}

const compose = (...functions) => (x) => functions.reduce((value, f) => f(value), x);
const curry = (f) => (a) => (b) => (c) => f(a, b, c);

function memoise(f) {
  const known = new Map();
  return (n) => {
    if (known.has(n)) return known.get(n);
    const value = f(n);
    known.set(n, value);
    return value;
  };
}

function fibonacci(n, then) {
  if (n < 2) return then(n);
  return fibonacci(n - 1, (a) => fibonacci(n - 2, (b) => then(a + b)));
}

function accumulate(n) {
  const functions = [];
  for (let i = 0; i < n; i++) functions.push((x) => x * 3 + i);
  let value = 1;
  for (const f of functions) value = f(value) % 65537;
  return value;
}

function run(size) {
  let checksum = 0;
  const pipeline = compose((x) => x + 1, (x) => x * 2, (x) => x - 3, (x) => x ^ 0x55);
  const volume = curry((a, b, c) => a * b + c);
  const partitions = memoise((n) => (n < 2 ? 1 : partitions(n - 1) + (partitions(n >> 1) % 1009)));
  for (let i = 0; i < size; i++) {
    const c = counter(i, 3);
    for (let j = 0; j < 10; j++) c.next();
    checksum += c.peek();
    c.reset();
    checksum = (checksum + c.peek() + pipeline(i) + volume(i)(2)(3)) % 1000003;
  }
  checksum += partitions(300) % 1009;
  checksum += fibonacci(15, (x) => x);
  checksum += accumulate(size);
  return checksum;
}
