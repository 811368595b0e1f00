// The scenarios on node's own http server. Arguments: scenario, port.
import crypto from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import router from './router.js';

const [scenario, port] = process.argv.slice(2);
const CHUNK = new Uint8Array(1024).fill(120);

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const handlers = {
  hello(request, response) {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 13 });
    response.end('Hello, World!');
  },
  async router(request, response) {
    const text = (await body(request)).toString();
    const answer = await router.fetch({ method: request.method, url: `http://${request.headers.host}${request.url}`, json: async () => JSON.parse(text) });
    const reply = Buffer.from(await answer.arrayBuffer());
    response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': reply.length });
    response.end(reply);
  },
  stream(request, response) {
    let left = 100;
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    new Readable({
      read() {
        this.push(left-- > 0 ? CHUNK.slice() : null);
      },
    }).pipe(response);
  },
  async sha256(request, response) {
    const text = crypto.createHash('sha256').update(await body(request)).digest('hex');
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': text.length });
    response.end(text);
  },
};

http.createServer(handlers[scenario]).listen(Number(port), '127.0.0.1');
