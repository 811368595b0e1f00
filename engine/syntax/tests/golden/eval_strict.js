// eval strict
var a; let b; function c() { return a } b;
