function f(a, b, c) {
  if (a && b || !c) return 1;
  if (!(a < b) && a == null) return 2;
  if (a === undefined || 5 >= b) return 3;
  else if (a?.b.c(b)) return 4;
  return a < b ? a : b ?? c;
}
