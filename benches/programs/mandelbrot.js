// The Mandelbrot set, packed into bits. Exercises: floating-point arithmetic in local variables.

function run(size) {
  let sum = 0, bits = 0, held = 0, iterations = 0;
  for (let y = 0; y < size; y++) {
    const ci = (2 * y) / size - 1;
    for (let x = 0; x < size; x++) {
      const cr = (2 * x) / size - 1.5;
      let zr = 0, zi = 0, rr = 0, ii = 0, escaped = 0;
      for (let i = 0; i < 50; i++) {
        zi = 2 * zr * zi + ci;
        zr = rr - ii + cr;
        rr = zr * zr;
        ii = zi * zi;
        iterations++;
        if (rr + ii > 4) {
          escaped = 1;
          break;
        }
      }
      bits = (bits << 1) | escaped;
      if (++held === 8) {
        sum = (sum * 31 + bits) % 1000003;
        bits = held = 0;
      }
    }
  }
  return iterations * 1000003 + sum;
}
