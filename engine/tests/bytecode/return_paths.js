function f(a) { if (a) { return 1; unreachable(); } else throw a; never(); }
function g(a) { while (true) { if (a) return; } }
function h() { for (;;) ; }
