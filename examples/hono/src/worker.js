// A worker with Hono. `curl http://127.0.0.1:8080/users/42?q=z`
import { Hono } from 'hono';
import { html } from 'hono/html';

const app = new Hono();

app.use('*', async (context, next) => {
  await next();
  context.header('x-served-by', 'hono');
});

app.get('/', (context) => context.html(html`<h1>Hono on Mayfly</h1><p>${'<escaped>'}</p>`));

app.get('/users/:id{[0-9]+}', (context) => context.json({ id: context.req.param('id'), query: context.req.query('q') }));

app.post('/echo', async (context) => context.json(await context.req.json()));

export default app;
