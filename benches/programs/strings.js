// Text is built, split, searched, padded and compared. Exercises: concatenation, slices, character access, template literals, joins.

const WORDS = 'the quick brown fox jumps over a lazy dog while seven wizards mix black quartz in the jar of my fine hotel'.split(' ');

function build(size) {
  let text = '';
  for (let i = 0; i < size; i++) {
    text += WORDS[(i * 7) % WORDS.length];
    text += i % 11 === 10 ? '.\n' : ' ';
  }
  return text;
}

function capitalise(text) {
  const words = text.split(' ');
  for (let i = 0; i < words.length; i++) words[i] = words[i].charAt(0).toUpperCase() + words[i].slice(1);
  return words.join(' ');
}

function reverse(text) {
  let reversed = '';
  for (let i = text.length - 1; i >= 0; i--) reversed += text[i];
  return reversed;
}

function count(text, part) {
  let n = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) n++;
  return n;
}

function caesar(text, shift) {
  const codes = [];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    codes.push(code >= 97 && code <= 122 ? String.fromCharCode(((code - 97 + shift) % 26) + 97) : text[i]);
  }
  return codes.join('');
}

function table(size) {
  const rows = [];
  for (let i = 0; i < size; i++) {
    rows.push(`${String(i).padStart(6)} | ${WORDS[i % WORDS.length].padEnd(10, '.')} | ${(i * 37) % 101} %`);
  }
  return rows.join('\n');
}

function hash(text) {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (Math.imul(h, 31) + text.charCodeAt(i)) | 0;
  return h;
}

function run(size) {
  const text = build(size);
  let checksum = hash(capitalise(text));
  checksum ^= hash(reverse(text));
  checksum ^= hash(caesar(text, 3));
  checksum ^= hash(table(size));
  checksum ^= count(text, 'wizards') * 1000 + count(text, 'ox ju');
  const lines = text.split('\n');
  lines.sort();
  checksum ^= hash(lines.join('|').trim().substring(5, 5000));
  for (let i = 1; i < lines.length; i++) if (lines[i - 1] === lines[i] || lines[i].startsWith('a ')) checksum = (checksum + i) | 0;
  return checksum;
}
