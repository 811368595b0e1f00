class A {
  #f = 1; #m() { return this.#f; } get #g() { return 1; } set #g(v) {}
  static #s = 2; static #sm() { return A.#s; }
  test(o) { return #f in o && o.#m() + o.#g++ + A.#sm() + (o?.#f); }
}
