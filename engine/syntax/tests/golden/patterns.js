let { a, b: c, d = 1, [e]: f = 2, ...g } = o;
const [h, , i = h, ...[j]] = p;
var { k = l, l } = q;
({ a, b: c.d, e: [x[0]] = [] } = r);
[a, ...b] = c;
for (let [m, n = m] of s) m(n);
for (var { t } in u) t;
for (v.w of x);
