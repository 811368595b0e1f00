function f(a) { using x = a, y = g(); if (x) return y; h(); }
async function h(b) { for (const k of b) { await using z = k; using w = z; } }
