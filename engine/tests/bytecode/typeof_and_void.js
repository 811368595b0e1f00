function f(a) { if (typeof a === 'string' && typeof b != 'undefined') return void a(); return typeof typeof a; }
