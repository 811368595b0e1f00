// Arrays through their methods. Exercises: callbacks from built-ins, sort with and without a comparison, growing and shrinking.

function random(seed) {
  let state = seed;
  return () => (state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff);
}

function run(size) {
  const next = random(7);
  const people = Array.from({ length: size }, (_, i) => ({ id: i, age: 18 + (next() % 60), name: 'n' + (next() % 10000) }));
  let checksum = people.filter((p) => p.age > 30).map((p) => p.age * 2).reduce((sum, age) => sum + age, 0);
  const byAge = [...people].sort((a, b) => a.age - b.age || a.id - b.id);
  checksum = (checksum * 31 + byAge[size >> 1].id) % 1000003;
  const names = people.map((p) => p.name).sort();
  checksum = (checksum * 31 + Number(names[size >> 2].slice(1))) % 1000003;
  checksum += people.findIndex((p) => p.age === 77) + people.findIndex((p) => p.age === 18);
  checksum += people.some((p) => p.age > 100) ? 1 : 2;
  checksum += people.every((p) => p.age >= 18) ? 3 : 4;
  const groups = people.reduce((all, p) => ((all[p.age % 10] ||= []).push(p.id), all), {});
  for (const key of Object.keys(groups)) checksum = (checksum + groups[key].length * Number(key) + groups[key].at(-1)) % 1000003;
  const nested = people.slice(0, size >> 1).flatMap((p) => [p.age, [p.id]]).flat();
  checksum = (checksum + nested.length + nested.indexOf(size >> 2) + nested.lastIndexOf(20)) % 1000003;

  const queue = [], stack = [];
  for (let i = 0; i < size; i++) {
    queue.push(i);
    stack.unshift(i % 10);
    if (stack.length > 20) stack.pop();
    if (i % 3 === 0) checksum = (checksum + queue.shift()) % 1000003;
  }
  for (let i = 0; i < 100; i++) checksum = (checksum + queue.splice(i, 2, i).length) % 1000003;
  const numbers = queue.map((x) => (x * 7919) % size).concat(stack).reverse();
  numbers.sort((a, b) => b - a);
  checksum += numbers.slice(0, 10).join('').length + numbers.includes(17) + queue.length;
  let sum = 0;
  numbers.forEach((x, i) => { sum = (sum + x * i) % 1000003; });
  return checksum + sum;
}
