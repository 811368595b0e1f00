function f(a) {
  for (;;) {
    try {
      if (a == 1) return a;
      if (a == 2) break;
      if (a == 3) continue;
      g();
    } catch (e) {
      h(e);
    } finally {
      a++;
    }
  }
}
