// Pancake flips over all permutations. Exercises: element swaps of small arrays, integer arithmetic.

function run(size) {
  const permutation = [], first = [], count = [];
  for (let i = 0; i < size; i++) first.push(i);
  let most = 0, checksum = 0, sign = 1, r = size;
  for (;;) {
    for (; r > 1; r--) count[r - 1] = r;
    for (let i = 0; i < size; i++) permutation[i] = first[i];
    let flips = 0;
    for (let top = permutation[0]; top !== 0; top = permutation[0]) {
      for (let low = 0, high = top; low < high; low++, high--) {
        const held = permutation[low];
        permutation[low] = permutation[high];
        permutation[high] = held;
      }
      flips++;
    }
    if (flips > most) most = flips;
    checksum += sign * flips;
    sign = -sign;
    for (;;) {
      if (r === size) return checksum * 100 + most;
      const moved = first[0];
      for (let i = 0; i < r; i++) first[i] = first[i + 1];
      first[r] = moved;
      if (--count[r] > 0) break;
      r++;
    }
  }
}
