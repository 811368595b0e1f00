class A extends (B, C) {
  constructor(a) { super(a); this.b = super.c; }
  field = this.x;
  static s = A;
  #p = 1;
  static #q() { return #p in this; }
  get #r() { return this.#p } set #r(v) { this.#p = v }
  [computed]() { return super[computed] }
  static { var v = A; let w = v; }
  async *m() {}
  "quoted" = () => this;
}
(class { static name = 1 });
