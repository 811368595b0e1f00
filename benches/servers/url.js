// Parses 50 URLs and reads their parts.
const URLS = [
  'https://example.com/',
  'http://user:secret@www.example.org:8080/a/b/../c/./d?x=1&y=2#top',
  'https://münchen.example/straße?q=größe&lang=de',
  'https://api.example.net/v2/orders/4711/items?page=3&limit=50&sort=-created&fields=id,name,price',
  'http://192.168.0.1:3000/index.html?debug#/route/1',
  'https://[2001:db8::1]:8443/status',
  'file:///usr/share/doc/readme.txt',
  'https://cdn.example.com/assets/app.3f2a9c.min.js?v=20260101&integrity=sha256-AbCdEf%2F%3D',
  'data:text/plain;base64,SGVsbG8=',
  'https://search.example/find?q=a+b%20c&q=d&tag=%E2%9C%93',
];

export default {
  fetch() {
    let sum = 0;
    for (let round = 0; round < 5; round++) {
      for (const text of URLS) {
        const url = new URL(text);
        sum += url.href.length + url.hostname.length * 3 + url.pathname.length * 5 + url.searchParams.size;
      }
      sum += new URL('../up?round=' + round, URLS[1]).href.length;
    }
    return new Response(String(sum), { headers: { 'content-type': 'text/plain' } });
  },
};
