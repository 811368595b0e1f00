function f(a, b, c) { return [a && b || c, a || b && c, (a ?? b) || c, !(a && b), !!a, (a, b)]; }
