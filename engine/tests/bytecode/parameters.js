function f(a, b = a + 1, { c, d: [e = 2] = [] }, ...rest) { var a; return a + b + c + e + rest.length; }
function g(a = () => b, b) { var b = 3; return a; }
function h(a, a) { return a + arguments.length; }
function i(a) { arguments[0] = 1; a = 2; return arguments; }
function j(a) { 'use strict'; return arguments[a]; }
const k = (a, b = a) => [a, b];
