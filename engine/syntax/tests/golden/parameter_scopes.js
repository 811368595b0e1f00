function simple(a, b) { var a; var c; function b() {} }
function defaults(a, b = () => a + x) { var a; var x = 1; a = 2; return () => a; }
function dup(a, a) { return a }
function pattern({ a }, [b]) { var a; return () => b }
(function own() { return () => own });
(function shadowed() { var shadowed; return shadowed });
