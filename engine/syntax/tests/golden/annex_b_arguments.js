function f() { { function arguments() {} } return arguments }
function g(a = 1) { { function a() {} function b() {} } }
