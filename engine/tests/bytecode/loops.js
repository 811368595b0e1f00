function f(a, n) {
  outer: for (let i = 0; i < n; i++) {
    while (a[i]) { if (a[i] === n) continue outer; a[i]--; if (i > 7) break outer; }
    do { n -= 2; } while (n > i);
  }
  for (;;) { if (n++ > 5) break; }
  for (const k in a) g(k);
  for (var j in a) g(j);
}
