() => this;
function f() { this; return () => () => [this, new.target] }
class A extends B {
  constructor() { const g = () => super(); g(); }
  m() { return () => super.m() }
  field = () => this;
  static { () => this }
}
({ m() { return () => super.x } });
