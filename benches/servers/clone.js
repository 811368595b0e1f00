// Clones a list of 10,000 objects.
const OBJECTS = Array.from({ length: 10_000 }, (_, i) => ({ id: i, name: `item ${i}`, price: i / 4, open: i % 3 === 0 }));

export default {
  fetch() {
    const copy = structuredClone(OBJECTS);
    let sum = 0;
    for (const object of copy) sum += object.price;
    return new Response(`${copy.length} ${sum} ${copy[9_999].name}`, { headers: { 'content-type': 'text/plain' } });
  },
};
