function f(a, b) {
  return [a + b, a - 1, 2 * a, 1 + 2 * 3, a + 1 + 2, a % b, a ** b, -a, ~a, +a, !a, a >>> 0, a | 0, 1 - a, -0, 1.5];
}
