a + b - c * d ** e; a && b || c; a ?? b; -a; +a; !a; ~a; typeof a; void 0; delete a.b; ++a; a--; a = b; a += 1; a &&= b; a ??= c;
a ? b : c; a < b; a in b; a instanceof b; a << 1 >> 2 >>> 3; (a); (a) = 1; a.b = 2; a[b] **= 3;
