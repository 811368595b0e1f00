class Outer {
  #a; static #b; #method() {} static #sm() {} get #acc() { return 1 } set #acc(v) {} #unused;
  m() { return class Inner extends this.#a.k { #a; [x.#b]; n() { return this.#a + this.#acc } } }
}
