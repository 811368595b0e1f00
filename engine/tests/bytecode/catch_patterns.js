function f() { try { g(); } catch ({ message, code = 1 }) { return () => message + code; } try { g(); } catch (e) { var e = 1; } }
