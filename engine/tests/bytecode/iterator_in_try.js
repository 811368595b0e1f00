function f(list) {
  for (const x of list) {
    try { if (x) break; if (g(x)) return x; } catch { continue; }
  }
}
