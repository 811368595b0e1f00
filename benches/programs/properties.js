// Objects that come by their properties in many ways. Exercises: literals, constructors, adding, deleting, computed names, enumeration, spread,
// getters, dictionaries.

function Point(x, y) {
  this.x = x;
  this.y = y;
}
Point.prototype.dot = function (other) { return this.x * other.x + this.y * other.y; };

class Shape {
  #area = 0;
  static made = 0;
  name = 'shape';
  constructor(area) {
    this.#area = area;
    Shape.made++;
  }
  get area() { return this.#area; }
  set area(value) { this.#area = value; }
}

function step(i) {
  const literal = { a: i, b: i + 1, c: 'text', d: null };
  const grown = {};
  grown.one = i;
  grown.two = literal;
  grown.three = i * 2;
  grown.four = grown.one + grown.three;
  const spread = { ...literal, e: grown.four, ['key' + (i % 8)]: i };
  const point = new Point(i, i + 2);
  const shape = new Shape(i);
  shape.area += point.dot(new Point(2, 3));
  if (i % 4 === 0) delete grown.two;
  let sum = shape.area + spread.e + spread['key' + (i % 8)];
  for (const key in spread) sum += key.length;
  for (const [key, value] of Object.entries(grown)) if (typeof value === 'number') sum += value + key.length;
  if ('two' in grown) sum += 7;
  const { a, b, ...rest } = literal;
  return sum + a - b + Object.keys(rest).length;
}

function dictionary(size) {
  const table = Object.create(null);
  for (let i = 0; i < size; i++) table['name' + ((i * 7919) % 2000)] = i;
  let sum = 0;
  for (let i = 0; i < size; i++) {
    const key = 'name' + (i % 3000);
    if (table[key] !== undefined) sum += table[key];
    if (i % 10 === 0) delete table[key];
  }
  return sum + Object.keys(table).length;
}

function run(size) {
  Shape.made = 0;
  let checksum = 0;
  for (let i = 0; i < size; i++) checksum = (checksum + step(i)) % 1000003;
  return checksum + Shape.made + dictionary(size);
}
