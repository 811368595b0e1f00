// The sieve of Eratosthenes. Exercises: element stores and loads of plain arrays in tight loops.

function run(size) {
  let primes = 0;
  for (let round = 0; round < 4; round++) {
    const composite = new Array(size + 1).fill(false);
    for (let n = 2; n <= size; n++) {
      if (composite[n]) continue;
      primes++;
      for (let multiple = n + n; multiple <= size; multiple += n) composite[multiple] = true;
    }
  }
  return primes;
}
