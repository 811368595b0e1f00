function f(o, x) {
  with (o) { x = y; f(x); x += 1; typeof z; delete x; let q = x; q++; (() => x)(); this.m(); }
}
