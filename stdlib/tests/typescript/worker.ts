// A worker that uses the scope's types as people do. `check.sh` compiles it; what must not compile is marked.

interface Bindings {
  API_URL: string;
  STORE: KVNamespace;
}

interface Visit {
  count: number;
}

const patterns = new URLPattern({ pathname: "/posts/:id" });

export default {
  async fetch(request, env, ctx): Promise<Response> {
    const url = new URL(request.url);
    const match = patterns.exec(url);
    const id: string | undefined = match?.pathname.groups.id;
    for (const [name, value] of request.headers) console.log(name.toUpperCase(), value.length);
    for (const [name, value] of url.searchParams.entries().filter(([name]) => name !== "")) console.log(name, value);
    const form = await new Response("").formData();
    const file = form.get("file");
    if (file instanceof File) console.log(file.name, (await file.bytes()).byteLength);

    const visit = await env.STORE.get<Visit>("visit", "json");
    const raw: ArrayBuffer | null = await env.STORE.get("raw", { type: "arrayBuffer" });
    const text: string | null = await env.STORE.get("text");
    ctx.waitUntil(env.STORE.put("visit", JSON.stringify({ count: (visit?.count ?? 0) + 1 }), { expirationTtl: 60 }));
    for (const { name, metadata } of (await env.STORE.list<{ by: string }>({ prefix: "a" })).keys) console.log(name, metadata?.by);

    const upper = new TransformStream<string, string>({
      transform(chunk, controller) {
        controller.enqueue(chunk.toUpperCase());
      },
    });
    const answer = await fetch(env.API_URL, { method: "POST", body: raw ?? text, signal: AbortSignal.timeout(1000), duplex: "half" });
    if (!answer.body) return Response.json({ id }, { status: 502 });
    const body = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(upper).pipeThrough(new TextEncoderStream());
    return new Response(body, { headers: { "content-type": "text/plain" } });
  },
} satisfies ExportedHandler<Bindings>;

addEventListener("fetch", (event) => event.respondWith(handle(event.request)));
addEventListener("error", ({ message, lineno }) => console.error(message, lineno.toFixed()));
addEventListener("unhandledrejection", ({ reason, promise }) => void promise.catch(() => reason));
addEventListener("something", (event) => event.preventDefault());
self.onerror = (message, source, line) => console.log(message, source, line);
// @ts-expect-error: there is no such member of FetchEvent
addEventListener("fetch", (event) => event.nonsense);

async function handle(request: Request): Promise<Response> {
  const pair = new WebSocketPair();
  const [client, server] = Object.values(pair) as [WebSocket, WebSocket];
  server.accept();
  server.addEventListener("message", (event) => server.send(event.data));
  server.addEventListener("close", ({ code, reason, wasClean }) => console.log(code.toFixed(), reason, wasClean));
  server.onclose = (event) => console.log(event.code);
  if (request.headers.get("upgrade") === "websocket") return new Response(null, { status: 101, webSocket: client });

  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: crypto.getRandomValues(new Uint8Array(12)) }, key, new Uint8Array(4));
  const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const jwk: JsonWebKey = await crypto.subtle.exportKey("jwk", publicKey);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", sealed));
  // @ts-expect-error: keys of AES are no pairs
  key.publicKey;

  const event = new CustomEvent("done", { detail: { bytes: digest.length } });
  const length: number = event.detail.bytes;
  const stream = new ReadableStream<string>({
    start(controller) {
      controller.enqueue("text");
      // @ts-expect-error: chunks are strings
      controller.enqueue(1);
      controller.close();
    },
  });
  for await (const chunk of stream) console.log(chunk.length, length, jwk.kty);
  const bytes = new ReadableStream({
    type: "bytes",
    pull(controller) {
      controller.byobRequest?.respond(0);
      controller.close();
    },
  });
  const { value, done } = await bytes.getReader({ mode: "byob" }).read(new Uint8Array(8), { min: 8 });
  console.log(value?.byteLength, done);
  const id = setTimeout((a: number, b: string) => console.log(a, b), 10, 1, "x");
  clearTimeout(id);
  const clone: Map<string, Date> = structuredClone(new Map([["now", new Date()]]));
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = ({ data }) => console.log(data);
  port1.postMessage(clone, [port2]);
  // @ts-expect-error: it cannot be constructed
  new CryptoKey();
  // @ts-expect-error: read only
  request.method = "PUT";
  try {
    await scheduler.wait(5, { signal: request.signal });
  } catch (error) {
    if (error instanceof DOMException) console.log(error.name, error.code === DOMException.ABORT_ERR);
  }
  const cache = await caches.open("v1");
  await cache.put(request, new Response("", { status: 200 }));
  return (await caches.match(request, { ignoreSearch: true })) ?? Response.redirect(new URL("/", request.url), 303);
}
