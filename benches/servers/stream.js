// A body of 100 pieces of 1 KiB, each made when it is asked for.
const CHUNK = new Uint8Array(1024).fill(120);

export default {
  fetch() {
    let left = 100;
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(CHUNK.slice());
        if (--left === 0) controller.close();
      },
    });
    return new Response(body, { headers: { 'content-type': 'application/octet-stream' } });
  },
};
