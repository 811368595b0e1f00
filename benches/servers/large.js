// A worker that carries about 1 MB of libraries, each with something to do. Bundled by esbuild; see `compare --install`.
import * as dates from 'date-fns';
import { Hono } from 'hono';
import { logger } from 'hono/logger';
import { etag } from 'hono/etag';
import { html } from 'hono/html';
import lodash from 'lodash';
import { marked } from 'marked';
import * as zod from 'zod';

const app = new Hono();
const order = zod.z.object({ name: zod.z.string().min(1), quantity: zod.z.number().int().positive(), placed: zod.z.string() });

app.use('/pages/*', etag());
app.use('/logged/*', logger(() => {}));
app.get('/', (context) => context.text('Hello, World!'));
app.get('/pages/:name', (context) => context.html(html`<!doctype html>${marked.parse(`# ${context.req.param('name')}`)}`));
app.get('/days/:from', (context) => context.json(lodash.times(7, (i) => dates.formatISO(dates.addDays(dates.parseISO(context.req.param('from')), i)))));
app.post('/orders', async (context) => context.json(order.parse(await context.req.json()), 201));
// Whole namespaces: nothing may be shaken off.
app.get('/libraries', (context) => context.json({ dates: Object.keys(dates).length, lodash: Object.keys(lodash).length, zod: Object.keys(zod).length }));

export default app;
