function f(list) {
  for (const [k, v] of list) {
    if (k) continue;
    if (v) return k;
    for (const x of v) { if (x) break; else continue; }
  }
}
