// Decodes 1 MiB of UTF-8, some of it not ASCII.
const LINE = 'The quick brown fox jumps over the lazy dog; größer als ≈ 世界, and 🦊 again 0123456789.\n';
const SIZE = 1 << 20;
const BYTES = new TextEncoder().encode(LINE.repeat(Math.ceil(SIZE / LINE.length))).slice(0, SIZE);

export default {
  fetch() {
    const text = new TextDecoder().decode(BYTES);
    return new Response(`${text.length} ${text.charCodeAt(text.length >> 1)}`, { headers: { 'content-type': 'text/plain' } });
  },
};
