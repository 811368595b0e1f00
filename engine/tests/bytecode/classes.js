class Base { a = 1; 'b' = this; [k()] = 2; static s = Base; static { this.t = super.x; } constructor() { f(); } }
const Derived = class Inner extends Base {
  constructor(x) { if (x) super(); else { (() => super(x))(); } this.x = () => this; }
  static m() { return super.m(); }
  get [k()]() { return Inner; }
};
class Plain {}
class Default extends Base { f = () => this; }
