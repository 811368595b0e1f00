// Binary trees grown, walked and dropped. Exercises: allocation, recursion, the collector.

class Tree {
  constructor(left, right) {
    this.left = left;
    this.right = right;
  }
  count() {
    return this.left === null ? 1 : 1 + this.left.count() + this.right.count();
  }
}

function grow(depth) {
  return depth === 0 ? new Tree(null, null) : new Tree(grow(depth - 1), grow(depth - 1));
}

function run(size) {
  const kept = grow(size);
  let checksum = 0;
  for (let depth = 2; depth <= size; depth += 2) {
    const rounds = 1 << (size - depth);
    for (let i = 0; i < rounds; i++) checksum += grow(depth).count();
  }
  return checksum + kept.count();
}
