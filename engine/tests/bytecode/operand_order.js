function f(a) {
  let x = a + (a = 2);
  x = x + x++;
  x = [x, x];
  x = a || x;
  return g(a, a = 3, a) + x;
}
