// A document is made, written, read and changed again. Exercises: JSON.parse with and without a reviver, JSON.stringify.

function record(i) {
  return {
    id: i,
    name: 'User number ' + i,
    email: 'user' + i + '@example.com',
    active: i % 3 !== 0,
    score: i * 1.25 - 7,
    tags: ['alpha', 'be\nta', 'ga"mma', 'h\u00e9llo \u4e16\u754c'].slice(i % 4),
    address: { street: i + ' Main Street', city: 'Sometown', zip: String(10000 + i), location: { lat: i / 7, lon: -i / 3 } },
    parent: i === 0 ? null : i - 1,
  };
}

function hash(text) {
  let h = 17;
  for (let i = 0; i < text.length; i += 97) h = (h * 31 + text.charCodeAt(i)) | 0;
  return h;
}

function run(size) {
  const document = { version: 2, records: [] };
  for (let i = 0; i < size; i++) document.records.push(record(i));
  let checksum = 0;
  for (let round = 0; round < 6; round++) {
    const text = JSON.stringify(document);
    const copy = JSON.parse(text);
    for (const r of copy.records) r.score += round;
    const pretty = JSON.stringify(copy, null, 2);
    const again = JSON.parse(pretty);
    checksum = (checksum + text.length + pretty.length + hash(pretty) + again.records.length) | 0;
  }
  const revived = JSON.parse(JSON.stringify(document), (key, value) => (key === 'id' ? value * 2 : value));
  for (const r of revived.records) checksum = (checksum + r.id) | 0;
  return checksum;
}
