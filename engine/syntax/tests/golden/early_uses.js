function f() {
  first; let first = 1; first;
  let self = self;
  let fine = 2; { fine; }
  switch (fine) { case 0: let inCase = 1; inCase; case 1: inCase; }
  class Before extends (() => Before) { [Before.x]() { return Before } static y = Before }
  typeof Later; class Later {}
  for (const item of item) item;
  for (let k = k0, k0 = 1; k0 < k;) k;
}
function g(a = b, b = a, { c, d = c } = {}) { return a + b + c + d }
