// How much memory a world of its own costs where worlds are threads: starts so many web workers, each with the worker loaded and asked once,
// and says when they are ready. Arguments: file of the worker, count. For node, Deno and Bun.
import { Worker } from 'node:worker_threads';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const [file, count] = process.argv.slice(2);
const source = `
  import { parentPort } from 'node:worker_threads';
  const { default: worker } = await import(${JSON.stringify(pathToFileURL(file).href)});
  const reply = await worker.fetch(new Request('http://127.0.0.1/'));
  parentPort.on('message', () => {});
  parentPort.postMessage(await reply.text());
`;
const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
const workers = [];
for (let i = 0; i < Number(count); i++) {
  const worker = new Worker(url);
  workers.push(worker);
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
console.log('ready');
setInterval(() => workers.length, 1000);
