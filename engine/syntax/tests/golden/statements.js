;
if (a) b; else if (c) { d; } else e;
while (a) break;
do { continue; } while (b);
outer: inner: for (;;) { continue outer; }
for (var i = 0, n = 9; i < n; i++) f(i);
for (i in o);
switch (a) { case 1: b; break; default: c; case 2: }
try { throw a } catch (e) { b } finally { c }
try { } catch { }
debugger;
with (o) { p; }
