// eval indirect
var a; let b; function c() { return b } () => this;
