function f(x) {
  switch (x) {
    case 1: return 'a';
    case 2: case 3: x++; break;
    case 5: x--;
    default: return 'd';
    case 1: return 'never';
  }
  switch (x) { case 'a': return 1; case g(): return 2; case 1000: return 3; }
  return x;
}
