function f(a) { { function g() {} } if (a) function h() {} return [g, h]; }
{ function top() {} }
