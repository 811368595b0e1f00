// Log lines, addresses and markup taken apart. Exercises: exec, match, replace and split with groups, classes, alternatives, look-ahead.

function log(size) {
  const lines = [];
  for (let i = 0; i < size; i++) {
    const path = ['/index.html', '/api/items/' + i, '/static/app.' + (i % 7) + '.js', '/search?q=term' + i + '&page=' + (i % 5)][i % 4];
    lines.push(
      `10.${i % 256}.0.${(i * 7) % 256} - user${i % 13} [${String((i % 28) + 1).padStart(2, '0')}/Nov/2026:10:${String(i % 60).padStart(2, '0')}:00 +0000] ` +
        `"${i % 5 === 0 ? 'POST' : 'GET'} ${path} HTTP/1.1" ${i % 17 === 0 ? 404 : 200} ${i * 31} "https://example.com/from/${i}" "Mozilla/5.0 (X11; Linux)"`,
    );
  }
  return lines;
}

const LINE = /^(\d{1,3}(?:\.\d{1,3}){3}) - (\S+) \[([^\]]+)\] "(GET|POST|PUT) ([^ "]+) HTTP\/1\.[01]" (\d{3}) (\d+) "([^"]*)" "([^"]*)"$/;
const PARAMETER = /[?&]([^=&]+)=([^&]*)/g;

function parse(lines) {
  let sum = 0;
  for (const line of lines) {
    const match = LINE.exec(line);
    if (match === null) continue;
    sum = (sum + match[1].length * 3 + match[2].length + Number(match[6]) + Number(match[7])) % 1000003;
    PARAMETER.lastIndex = 0;
    for (let found = PARAMETER.exec(match[5]); found !== null; found = PARAMETER.exec(match[5])) sum += found[1].length * found[2].length;
  }
  return sum;
}

function markup(size) {
  let text = '';
  for (let i = 0; i < size; i++) text += `<p class="c${i % 3}">Item <b>${i}</b> &amp; <a href='/i/${i}'>more&hellip;</a> price $${i}.${i % 10}0</p>\n`;
  return text;
}

function rewrite(text) {
  return text
    .replace(/<(\w+)([^>]*)>/g, (whole, name, rest) => `<${name.toUpperCase()}${rest}>`)
    .replace(/&(amp|lt|gt|quot);/g, (whole, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name])
    .replace(/\$(\d+)\.(\d\d)/g, '$2 cents and $1 dollars')
    .replace(/\b(?=[aeiou])\w+/gi, '[$&]')
    .replace(/\s+$/gm, '');
}

function tokens(text) {
  const token = /\s*(?:(\d+\.?\d*)|([A-Za-z_$][\w$]*)|('(?:[^'\\]|\\.)*')|(=>|===|[-+*\/%=<>!&|(){}\[\];,.:?]))/y;
  let numbers = 0, names = 0, others = 0;
  for (;;) {
    const match = token.exec(text);
    if (match === null) break;
    if (match[1] !== undefined) numbers++;
    else if (match[2] !== undefined) names++;
    else others++;
  }
  return numbers * 1000000 + names * 1000 + others;
}

function run(size) {
  const lines = log(size);
  let checksum = parse(lines);
  const text = rewrite(markup(size));
  checksum = (checksum * 31 + text.length) | 0;
  checksum = (checksum + text.split(/[\s,.<>]+/).length) | 0;
  checksum = (checksum + (text.match(/[A-Z]+\d*|\d{2,}/g) || []).length) | 0;
  checksum = (checksum + tokens("const add = (a, b) => { return a + b * 3.14; }; let s = 'it\\'s'; if (s === add) x[1] = {y: 2};".repeat(size))) | 0;
  return checksum;
}
