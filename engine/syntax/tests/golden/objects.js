x = { a: 1, b, "c": 2, 3: 4, 5n: 6, [key]: 7, __proto__: p, "__proto__"() {}, get g() { return 1 }, set g(v) {}, async m() {}, *n() {}, async *o() {}, ...rest };
y = { __proto__ };
