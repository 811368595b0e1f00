// A small JSON API without any library: routes by method and path, request bodies, errors as JSON.
//
//   curl http://127.0.0.1:8080/
//   curl http://127.0.0.1:8080/greet/Ada?loud
//   curl -d '{"numbers":[1,2,3]}' http://127.0.0.1:8080/sum
//   curl -X DELETE http://127.0.0.1:8080/sum

class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const routes = [];

function route(method, path, handler) {
  // '/greet/:name' becomes /^\/greet\/(?<name>[^/]+)$/.
  const pattern = new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
  routes.push({ method, pattern, handler });
}

route('GET', '/', () => ({ routes: routes.map(({ method, pattern }) => `${method} ${pattern.source}`) }));

route('GET', '/greet/:name', ({ url, params }) => {
  const greeting = `Hello, ${decodeURIComponent(params.name)}!`;
  return { greeting: url.searchParams.has('loud') ? greeting.toUpperCase() : greeting };
});

route('POST', '/sum', async ({ request }) => {
  let body;
  try {
    body = await request.json();
  } catch {
    throw new HttpError(400, 'The body is not JSON');
  }
  if (!Array.isArray(body?.numbers) || !body.numbers.every((number) => typeof number === 'number')) {
    throw new HttpError(422, '"numbers" must be an array of numbers');
  }
  return { sum: body.numbers.reduce((sum, number) => sum + number, 0) };
});

async function handle(request) {
  const url = new URL(request.url);
  const sameUrl = routes.filter(({ pattern }) => pattern.test(url.pathname));
  if (sameUrl.length === 0) throw new HttpError(404, `There is no ${url.pathname}`);
  const allow = sameUrl.map(({ method }) => method).join(', ');
  if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } });
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const found = sameUrl.find((route) => route.method === method);
  if (!found) throw new HttpError(405, `${request.method} is not one of ${allow}`);
  const params = found.pattern.exec(url.pathname).groups ?? {};
  return Response.json(await found.handler({ request, url, params }));
}

export default {
  async fetch(request) {
    try {
      return await handle(request);
    } catch (error) {
      // Anything unexpected goes on to the server's own error page.
      if (!(error instanceof HttpError)) throw error;
      return Response.json({ error: error.message }, { status: error.status });
    }
  },
};
