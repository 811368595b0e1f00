// Passes requests on to another server and changes what comes back, piece by piece: nothing is held in memory.
//   mayfly serve examples/proxy.js        curl 'http://127.0.0.1:8080/?https://example.com/'
const upper = () => {
  const decoder = new TextDecoder(), encoder = new TextEncoder();
  return new TransformStream({
    transform(chunk, controller) { controller.enqueue(encoder.encode(decoder.decode(chunk, { stream: true }).toUpperCase())); },
  });
};

export default {
  async fetch(request) {
    const target = new URL(request.url).search.slice(1);
    if (!URL.canParse(target)) return new Response('Usage: /?URL\n', { status: 400 });
    const { status, headers, body } = await fetch(target);
    return new Response(body?.pipeThrough(upper()), { status, headers: { 'content-type': headers.get('content-type') ?? '' } });
  },
};
