function f(a) { let b = 1; eval('var c = a'); c; { let d; eval(...a); } return () => b; }
function s(a) { 'use strict'; return eval(a); }
