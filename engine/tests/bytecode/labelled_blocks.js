function f(a) { x: { if (a) break x; y: for (const k of a) { for (const l of k) { if (l) continue y; if (k) break x; } } } return a; }
