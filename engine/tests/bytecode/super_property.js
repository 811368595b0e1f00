const o = {
  m() { return super.m(1) + super[this.k] + (() => super.n)(); },
  set() { super.x = 1; super[k] += 2; super.y++; },
};
