// A worker with itty-router. `curl http://127.0.0.1:8080/hello/Bob`
import { AutoRouter, error } from 'itty-router';

const router = AutoRouter();

router
  .get('/hello/:name', ({ name }) => `Hello, ${name}!`)
  .get('/json', () => ({ numbers: [1, 2] }))
  .get('/teapot', () => error(418, 'tea'))
  .post('/echo', async (request) => request.json());

export default router;
