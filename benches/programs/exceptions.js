// Errors thrown near and far, caught, rethrown, and cleaned up after. Exercises: try/catch/finally, unwinding, Error objects, subclasses.

class NotFound extends Error {
  constructor(what) {
    super('not found: ' + what);
    this.name = 'NotFound';
    this.what = what;
  }
}

function check(n) {
  if (n % 7 === 0) throw new NotFound(n);
  if (n % 11 === 0) throw n;
  if (n % 13 === 0) null.property;
  return n;
}

let cleaned = 0;

function guarded(n) {
  try {
    return check(n);
  } finally {
    cleaned++;
  }
}

function deep(n, depth) {
  if (depth === 0) return guarded(n);
  return deep(n, depth - 1) + 1;
}

function classify(n) {
  try {
    return deep(n, n % 20);
  } catch (error) {
    if (error instanceof NotFound) return -error.what;
    if (error instanceof TypeError) return 5;
    return error * 2;
  }
}

function loops(n) {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    try {
      if (i % 3 === 0) continue;
      if (i % 50 === 49) break;
      sum += i;
    } catch {
      sum = -1;
    } finally {
      sum += 1;
    }
  }
  return sum;
}

function run(size) {
  cleaned = 0;
  let checksum = 0;
  for (let i = 1; i <= size; i++) {
    checksum = (checksum + classify(i)) | 0;
    checksum = (checksum + loops(i % 64)) | 0;
  }
  return checksum + cleaned;
}
