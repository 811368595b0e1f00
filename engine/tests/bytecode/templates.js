function f(a, b) {
  return `x${a}${b}y${'z'}` + `` + `only` + tag`a${a}\u{41}${b}\unope` + o.tag`t`;
}
