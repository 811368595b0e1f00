// The scenarios on node's own http server. Arguments: file of the worker, scenario, port.
import crypto from 'node:crypto';
import http from 'node:http';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const [file, scenario, port] = process.argv.slice(2);
const { default: worker } = await import(pathToFileURL(file));
const CHUNK = new Uint8Array(1024).fill(120);

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

// The worker itself, with as little around it as can be.
async function call(request, response) {
  const url = `http://${request.headers.host}${request.url}`;
  const json = async () => JSON.parse((await body(request)).toString());
  const answer = await worker.fetch({ method: request.method, url, json });
  const reply = Buffer.from(await answer.arrayBuffer());
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type'), 'content-length': reply.length });
  response.end(reply);
}

// What people write for node.
const native = {
  hello(request, response) {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 13 });
    response.end('Hello, World!');
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

http.createServer({ requestTimeout: 0 }, native[scenario] ?? call).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
