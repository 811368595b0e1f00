// Finds a handler by method and path, reads a JSON body, answers in JSON.
const routes = [];

function route(method, path, handler) {
  routes.push({ method, parts: path.split('/').slice(1), handler });
}

function match(method, path) {
  const parts = path.split('/').slice(1);
  for (const route of routes) {
    if (route.method !== method || route.parts.length !== parts.length) continue;
    const params = {};
    if (route.parts.every((part, i) => (part[0] === ':' ? ((params[part.slice(1)] = parts[i]), true) : part === parts[i]))) {
      return { handler: route.handler, params };
    }
  }
  return null;
}

route('GET', '/', () => Response.json({ routes: routes.length }));
route('GET', '/users/:id', async ({ params }) => Response.json({ id: params.id }));
route('DELETE', '/users/:id', async ({ params }) => Response.json({ gone: params.id }));
route('GET', '/users/:id/orders', async ({ params }) => Response.json({ id: params.id, orders: [] }));
route('POST', '/users/:id/orders', async ({ request, params, query }) => {
  const { items, note } = await request.json();
  let total = 0;
  for (const item of items) total += item.price * item.quantity;
  const accepted = items.filter((item) => item.quantity > 0).map((item) => item.name);
  return Response.json({ user: Number(params.id), currency: query.get('currency'), total, accepted, note: note.length }, { status: 201 });
});

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const found = match(request.method, url.pathname);
    if (found === null) return Response.json({ error: 'not found' }, { status: 404 });
    return found.handler({ request, params: found.params, query: url.searchParams });
  },
};
