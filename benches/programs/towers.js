// The towers of Hanoi with discs as linked objects. Exercises: recursion, property loads and stores.

class Disc {
  constructor(size, below) {
    this.size = size;
    this.below = below;
  }
}

class Towers {
  constructor(count) {
    this.piles = [null, null, null];
    this.moves = 0;
    for (let size = count; size > 0; size--) this.push(new Disc(size, null), 0);
  }

  push(disc, pile) {
    const top = this.piles[pile];
    if (top !== null && disc.size >= top.size) throw new Error('a disc cannot lie on a smaller one');
    disc.below = top;
    this.piles[pile] = disc;
  }

  pop(pile) {
    const top = this.piles[pile];
    if (top === null) throw new Error('no disc is here');
    this.piles[pile] = top.below;
    top.below = null;
    return top;
  }

  move(count, from, to) {
    if (count === 1) {
      this.push(this.pop(from), to);
      this.moves++;
      return;
    }
    const other = 3 - from - to;
    this.move(count - 1, from, other);
    this.move(1, from, to);
    this.move(count - 1, other, to);
  }
}

function run(size) {
  const towers = new Towers(size);
  towers.move(size, 0, 1);
  return towers.moves * 100 + towers.piles[1].size;
}
