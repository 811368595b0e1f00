function f(a, b) {
  let c, d;
  with (a) { c; var e = 1; { let g; g } }
  return d + e;
}
