// Words counted, sets intersected, caches that forget. Exercises: Map and Set with keys of all sorts, insertion, deletion, iteration.

function random(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff);
}

class Cache {
  constructor(capacity) {
    this.capacity = capacity;
    this.entries = new Map();
    this.hits = 0;
  }
  get(key, make) {
    const { entries } = this;
    let value = entries.get(key);
    if (value !== undefined) {
      this.hits++;
      entries.delete(key);
    } else {
      value = make(key);
      if (entries.size >= this.capacity) entries.delete(entries.keys().next().value);
    }
    entries.set(key, value);
    return value;
  }
}

function run(size) {
  const next = random(42);
  const counts = new Map();
  for (let i = 0; i < size; i++) {
    const word = 'w' + (next() % 1000);
    counts.set(word, (counts.get(word) || 0) + 1);
  }
  let checksum = counts.size;
  for (const [word, count] of counts) checksum = (checksum * 3 + word.length * count) % 1000003;

  const small = new Set(), large = new Set();
  for (let i = 0; i < size; i++) {
    small.add(next() % 5000);
    large.add((next() % 5000) * 1.5);
  }
  let shared = 0;
  for (const value of small) if (large.has(value)) shared++;
  checksum += shared;

  const objects = [];
  const marks = new Map();
  for (let i = 0; i < 500; i++) {
    objects.push({ i });
    marks.set(objects[i], i);
  }
  for (let i = 0; i < size; i++) {
    const object = objects[next() % 500];
    marks.set(object, marks.get(object) + 1);
  }
  marks.forEach((count, object) => { checksum = (checksum + count * object.i) % 1000003; });

  const cache = new Cache(100);
  for (let i = 0; i < size; i++) checksum = (checksum + cache.get((next() % 64) + (i >> 7), (key) => key * key)) % 1000003;
  return checksum * 1000 + (cache.hits % 1000) + small.size + large.size;
}
