function f(o, k, v) {
  o.x += 1; o[k] -= v; o[k + 1] |= 2; o.n++; ++o[k]; let a = o.n--;
  o.y ||= v; o[k] ??= v; a &&= v; a **= 2; v = a += k;
  glob += 1; glob++; return a = v++;
}
