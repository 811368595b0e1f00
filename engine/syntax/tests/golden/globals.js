var a, b = 1, a;
let c;
const d = 2;
class E {}
function f() {} function g() {} function f() { 2 }
for (var h in {}) { var i; }
free(c, d);
