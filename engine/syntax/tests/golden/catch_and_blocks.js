try { } catch (e) { var e = 1; for (var e of []) { } () => e; }
try { } catch ({ message, code = message }) { let inner = code; (() => message) }
{ let a; { let a; { var b; } } const c = () => a }
label: { const d = 1; d; break label }
