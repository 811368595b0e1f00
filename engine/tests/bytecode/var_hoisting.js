function f(a) { if (a) { var b = 1; } for (var c = 0; c < 2; c++) var d; return [b, c, d]; function b2() {} var a; }
