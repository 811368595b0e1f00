// The same as hello.js in the older form: a script that listens for `fetch` events.
addEventListener('fetch', (event) => {
  event.respondWith(new Response('Hello World', { headers: { 'Content-Type': 'text/plain' } }));
});
