function none(a) { return a }
function length(a) { return arguments.length }
function spread(a) { return f(...arguments) }
function escapes(a) { return f(arguments) }
function assigned(a) { a = 1; return arguments.length }
function inArrow(a) { return () => arguments[0] }
function strict(a) { "use strict"; return arguments }
function defaults(a = 1) { return arguments }
function parameter(arguments) { return arguments }
function variable() { var arguments; return arguments }
function lexical() { let arguments; return arguments }
function declared() { function arguments() {} return arguments }
function inDefault(a = arguments) { var arguments; return arguments }
