async function f(a = g()) { const x = await a; return x; }
const arrow = async x => await x;
async function* ag() { const r = yield 1; yield* ag(); return r; }
async function each(list) { for await (const x of list) { if (x) break; } }
