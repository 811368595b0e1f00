var v = 1; let l = 2; const c = 3; function f() { return v + l + undeclared; }
l = v; c = 4; undeclared = l; typeof nothing; f(); this.x = 1; (() => this)();
