// The smallest worker: a module whose default export has a `fetch` method.
// Serve it with `mayfly serve examples/hello.js`.
export default {
  async fetch(request, env, ctx) {
    return new Response('Hello World', { headers: { 'Content-Type': 'text/plain' } });
  },
};
