// A small application with Hono: middleware, a parameter, JSON. Bundled by esbuild; see `compare --install`.
import { Hono } from 'hono';

const users = new Map(Array.from({ length: 100 }, (_, id) => [String(id), { id, name: `user ${id}`, tags: ['a', 'b'] }]));
const app = new Hono();

app.use('*', async (context, next) => {
  await next();
  context.header('x-served-by', 'hono');
});
app.get('/', (context) => context.text('Hello, World!'));
app.get('/users/:id{[0-9]+}', (context) => {
  const user = users.get(context.req.param('id'));
  return user ? context.json({ ...user, verbose: context.req.query('verbose') === '1' }) : context.notFound();
});
app.post('/users', async (context) => context.json(await context.req.json(), 201));

export default app;
