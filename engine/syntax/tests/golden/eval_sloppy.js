// eval
var a; let b; function c() { return b + a } { function d() {} } () => [this, arguments];
