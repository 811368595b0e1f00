// URL and URLSearchParams.
const log = (...values) => console.log(...values);
const failing = f => { try { return f(); } catch (e) { return e.constructor.name; } };
const u = new URL('https://user:p%40ss@EXAMPLE.com:8080/a/./b/../c%20d?x=1&y=%20#frag');
log(u.href, u.origin, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash);
log(String(u) === u.href, JSON.stringify({ u }), URL.canParse('a', 'b'), URL.canParse('/x', 'https://a'), URL.parse('nope'), URL.parse('/y', 'https://a').href);
for (const input of ['', 'nope', 'http://', 'http://a b', 'https://[::1', 'http://1.2.3.4.5', 'http://a:99999', '//x', 'http://%00']) log(input, failing(() => new URL(input)));
for (const [input, base] of [['../x', 'https://a/b/c/d'], ['?q', 'https://a/b'], ['#f', 'data:x'], ['//h/p', 'https://a'], ['file:///C|/x/..'], ['http:\\\\a\\b'], ['https://a//b//c//'],
  ['http://0x7f.1/'], ['http://[1:0:0:0:0:0:0:1]/'], ['https://bücher.example'], ['data:text  ?q'], ['blob:https://a/x'], ['HTTP://A:80/'], ['web+x:/.//p'], ['mailto:a@b']])
  { const url = new URL(input, base); log(input, url.href, url.origin); }
u.protocol = 'http'; u.port = '80'; u.host = 'other.org:9'; u.pathname = 'p q'; u.search = ''; u.hash = '#'; u.username = ''; u.password = '';
log(u.href);
u.protocol = 'file'; u.port = 'x'; u.hostname = ''; u.host = 'a b'; u.port = '65536';
log(u.href);
log(failing(() => { u.href = 'bad'; }), u.href);
u.search = '?a=1&a=2';
const p = u.searchParams;
log(p === u.searchParams, p.size, p.getAll('a'), p.get('b'));
p.append('b', 'c d&é'); p.delete('a', '1'); p.set('z', '');
log(u.href, p.has('a', '1'), p.has('a', '2'));
u.search = 'k=v';
log([...p].join(), String(p));
p.delete('k');
log(u.href);
const q = new URLSearchParams([['b', '2'], ['a', '1'], ['b', '1'], ['\u{1F600}', '\uD800']]);
q.sort();
log(q.toString(), [...q.keys()].join(), q.size);
const seen = [];
for (const [name] of q) { seen.push(name); if (seen.length === 1) q.append('end', ''); }
log(seen.join());
log(String(new URLSearchParams('?a=b+c&&=x&%zz=1&d')), String(new URLSearchParams({ a: 1, b: [2, 3] })), failing(() => new URLSearchParams([['x']])), String(new URLSearchParams(new Map([['m', 'n']]))));
q.forEach((value, name, all) => log(name, value, all === q));
log(failing(() => URL('https://a')), failing(() => URL.prototype.href), failing(() => new URL()), URL.length, URLSearchParams.prototype[Symbol.iterator] === URLSearchParams.prototype.entries);
const patterns = [new URLPattern({ pathname: '/books/:id(\\d+)?{.:ext}?' }), new URLPattern('https://*.example.com/:a/*\\?q=:q#frag'), new URLPattern('/x/:y', 'https://h'), new URLPattern({ hostname: 'A.b' }, { ignoreCase: true })];
for (const pattern of patterns) log(pattern.protocol, pattern.hostname, pattern.port, pattern.pathname, pattern.search, pattern.hash, pattern.hasRegExpGroups);
log(patterns[0].exec('https://h/books/12.txt').pathname.groups, patterns[0].test('https://h/books/x'), patterns[0].test('https://h/books'));
log(patterns[1].exec('https://www.example.com/a/b/c?q=1#frag'));
log(patterns[1].test('https://www.example.com/a/b/c?q=1'), patterns[2].exec({ pathname: '/x/z', baseURL: 'https://h' }).inputs, patterns[2].test('nonsense'), patterns[3].test('https://a.b'));
for (const args of [['/relative'], [{ pathname: '(' }], [{ pathname: ':a:a' }], ['https://h/(?:x)'], [{}, 'https://h'], [{ port: 'x' }], ['https://h', 'not a base']]) log(failing(() => new URLPattern(...args)));
