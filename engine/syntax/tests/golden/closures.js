function outer(param, unused) {
  let captured = 1, local = 2, counter = 0;
  const constant = param;
  for (let i = 0; i < 3; i++) { list.push(() => i); }
  for (let j = 0; j < 3; j++) { local += j; }
  function hoisted() { return captured + late }
  const safe = () => constant;
  counter++;
  let late = 3;
  return () => late + param;
}
