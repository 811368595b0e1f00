// Env and ExportedHandler come from mayfly.d.ts, which `npm run types` writes.

interface Visits {
  count: number;
}

export default {
  async fetch(request, env, ctx) {
    const name = new URL(request.url).searchParams.get("name") ?? "world";
    const visits = await env.VISITS.get<Visits>(name, "json");
    const count = (visits?.count ?? 0) + 1;
    ctx.waitUntil(env.VISITS.put(name, JSON.stringify({ count })));
    return Response.json({ text: `${env.GREETING}, ${name}`, count });
  },
} satisfies ExportedHandler;
