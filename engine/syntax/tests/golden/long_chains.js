a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t + u + v + w + x + y + z + a1 + b1 + c1;
a && b && c || d || e;
if (a) 1; else if (b) 2; else if (c) 3; else if (d) 4;
x.a.b.c.d.e.f.g.h.i.j.k().l().m().n().o().p();
