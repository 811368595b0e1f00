function f() {
  const out = [];
  for (let i = 0, g = () => i; i < 3; i++) out.push(() => i);
  for (const x of out) out.push(() => x);
  for (let i = 0; i < 2; ++i) out.push(() => i);
}
