function plain(a, b = 1, ...rest) { return a }
async function asynchronous() { await a; for await (const x of y) x; }
function* generator() { const x = yield; yield* x; yield 1; }
async function* both() { yield await 1; }
(function named() { return named });
(a, b) => a + b;
async x => await x;
({ a }, [b] = []) => { "use strict2"; return a };
function strict() { "use strict"; return this }
