function f(a, o) {
  a(); o.m(1); o[a](a, 2); o.a.b.c(); (o.m)(); (0, o.m)(); new a; new o.C(1, ...a); a(...a, 1);
  a?.(); o?.m(); o.m?.(1); (o?.m)(); o?.[a]?.b.c?.(2); delete o?.x; delete o.x; delete o[a];
  return o.m(a(1), b(2));
}
