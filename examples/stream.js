// A reply that is made while it is sent: one line now and one every 200 ms, five in all. Watch it with `curl -N`.
// A client that goes away cancels the stream.
const encoder = new TextEncoder();

function lines(count, intervalMs) {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent > 0) await new Promise((resolve) => setTimeout(resolve, intervalMs));
      controller.enqueue(encoder.encode(`line ${++sent}\n`));
      if (sent === count) controller.close();
    },
    cancel(reason) {
      console.log(`cancelled after ${sent} lines: ${reason}`);
    },
  });
}

export default {
  fetch(request, env, ctx) {
    // What is given to waitUntil goes on after the reply.
    ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 1500)).then(() => console.log('done')));
    return new Response(lines(5, 200), { headers: { 'content-type': 'text/plain; charset=utf-8' } });
  },
};
