// All ways to place queens so that none attacks another. Exercises: recursion, arrays of booleans.

function run(size) {
  const columns = [], rising = [], falling = [], placed = [];
  for (let i = 0; i < size; i++) {
    columns.push(true);
    placed.push(-1);
  }
  for (let i = 0; i < 2 * size; i++) {
    rising.push(true);
    falling.push(true);
  }
  let solutions = 0, checksum = 0;

  function place(row) {
    if (row === size) {
      solutions++;
      for (let i = 0; i < size; i++) checksum = (checksum * 7 + placed[i]) % 1000003;
      return;
    }
    for (let column = 0; column < size; column++) {
      if (columns[column] && rising[row + column] && falling[row - column + size]) {
        columns[column] = rising[row + column] = falling[row - column + size] = false;
        placed[row] = column;
        place(row + 1);
        columns[column] = rising[row + column] = falling[row - column + size] = true;
      }
    }
  }

  place(0);
  return solutions * 1000003 + checksum;
}
