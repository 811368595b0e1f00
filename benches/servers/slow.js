// Answers at once, or after five seconds.
export default {
  async fetch(request) {
    if (request.url.endsWith('/slow')) await new Promise((resolve) => setTimeout(resolve, 5000));
    return new Response('Hello, World!');
  },
};
