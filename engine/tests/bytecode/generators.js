function* g(a = 1) { const x = yield a; try { yield* h(x); } finally { yield 3; } return x; }
