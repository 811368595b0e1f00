// The SHA-256 of the request's body, in hexadecimal.
export default {
  async fetch(request) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await request.arrayBuffer()));
    let text = '';
    for (const byte of digest) text += byte.toString(16).padStart(2, '0');
    return new Response(text, { headers: { 'content-type': 'text/plain' } });
  },
};
