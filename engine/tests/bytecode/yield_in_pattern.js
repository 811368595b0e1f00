function* f(a) { let x; [x = yield 1, ...a[yield 2]] = a; ({ y: x = yield } = a); return x; }
