function f(o) {
  const { a, b: { c }, ['d' + a]: d = 1, ...rest } = o;
  let [x, , y = x, ...z] = rest;
  [x, y] = [y, x];
  ({ a: o.p, b: o[g()] = 2 } = z);
  for (const { length } of z) y = length;
  var { q, r = q } = d;
  return { x, y, z, q, r, c };
}
