function outer(a, b) {
  let n = 0;
  function inc() { n += a; return () => n + b; }
  { let m = n; return [inc, () => m]; }
}
