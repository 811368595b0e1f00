function f() {
  g();
  x;
  let x = 1;
  x = 2;
  const y = x;
  { y; y = 3; }
  function g() { return y; }
}
