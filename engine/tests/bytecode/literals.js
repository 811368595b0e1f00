function f(k) {
  return { a: 1, 'b c': 2, 3: 4, [k]: 5, __proto__: null, __proto__() {}, get g() { return 1; }, set g(v) {}, async *m() {}, ...k,
    n: function () {}, c: class {}, [k + 1]: () => 1, [k]: class {}, 10n: /re/g, h: [1, , ...k, 2n, null, true, "s"] };
}
