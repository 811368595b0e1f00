function f(x) {
  switch (x) { case 0: let y = 1; case 1: y = 2; const z = () => y; function h() {} }
}
