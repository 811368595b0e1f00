{ function plain() {} }
{ function twice() { 1 } function twice() { 2 } }
{ async function notAsync() {} function* notGenerator() {} }
let blocked; { function blocked() {} }
if (x) function inIf() {} else function inElse() {}
switch (x) { case 1: function inSwitch() {} }
try { } catch (e) { { function e() {} } }
try { } catch ([p]) { { function p() {} } }
for (let i;;) { { function i() {} } }
function f(param) { { function param() {} } { function hoisted() {} } { { function nested() {} } function nested() {} } label: function labelled() {} }
function strict() { "use strict"; { function local() {} } }
