// Types that have no table: typedefs of the standards, callbacks, and objects that are read and made member by member.

type BufferSource = ArrayBufferView | ArrayBuffer;
type AllowSharedBufferSource = ArrayBufferView | ArrayBufferLike;
type HashAlgorithmIdentifier = string | Algorithm;
type KeyPairAlgorithmName = "Ed25519" | "Ed448" | "X25519" | "X448";
type BinaryType = "arraybuffer" | "blob";
type BlobPart = BufferSource | Blob | string;
type BodyInit = ReadableStream | Blob | BufferSource | FormData | URLSearchParams | string;
type HeadersInit = Headers | Iterable<readonly [string, string]> | Record<string, string>;
type RequestInfo = Request | string | URL;
type FormDataEntryValue = File | string;
type MessageEventSource = MessagePort | ServiceWorker;
type Transferable = ArrayBuffer | MessagePort | ReadableStream | WritableStream | TransformStream;
type ServiceWorkerState = "parsed" | "installing" | "installed" | "activating" | "activated" | "redundant";

type RequestMode = "navigate" | "same-origin" | "no-cors" | "cors";
type RequestCredentials = "omit" | "same-origin" | "include";
type RequestCache = "default" | "no-store" | "reload" | "no-cache" | "force-cache" | "only-if-cached";
type RequestRedirect = "follow" | "error" | "manual";
type ResponseType = "basic" | "cors" | "default" | "error" | "opaque" | "opaqueredirect";
type ReferrerPolicy =
  | "" | "no-referrer" | "no-referrer-when-downgrade" | "same-origin" | "origin" | "strict-origin" | "origin-when-cross-origin"
  | "strict-origin-when-cross-origin" | "unsafe-url";

interface RequestInit {
  body?: BodyInit | null;
  cache?: RequestCache;
  credentials?: RequestCredentials;
  duplex?: "half";
  headers?: HeadersInit;
  integrity?: string;
  keepalive?: boolean;
  method?: string;
  mode?: RequestMode;
  priority?: "high" | "low" | "auto";
  redirect?: RequestRedirect;
  referrer?: string;
  referrerPolicy?: ReferrerPolicy;
  signal?: AbortSignal | null;
  window?: null;
}

interface ResponseInit {
  headers?: HeadersInit;
  status?: number;
  statusText?: string;
  /** With status 101: the end of a WebSocketPair that the client gets. */
  webSocket?: WebSocket | null;
}

interface EventListener {
  (event: Event): void;
}

interface EventListenerObject {
  handleEvent(object: Event): void;
}

type EventListenerOrEventListenerObject = EventListener | EventListenerObject;

interface EventListenerOptions {
  capture?: boolean;
}

interface AddEventListenerOptions extends EventListenerOptions {
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

type OnErrorEventHandler =
  ((message: Event | string, source?: string, lineno?: number, colno?: number, error?: any) => any) | null;

interface QueuingStrategy<T = any> {
  highWaterMark?: number;
  size?: (chunk: T) => number;
}

interface UnderlyingDefaultSource<R = any> {
  cancel?: (reason?: any) => void | PromiseLike<void>;
  pull?: (controller: ReadableStreamDefaultController<R>) => void | PromiseLike<void>;
  start?: (controller: ReadableStreamDefaultController<R>) => any;
  type?: undefined;
}

interface UnderlyingByteSource {
  autoAllocateChunkSize?: number;
  cancel?: (reason?: any) => void | PromiseLike<void>;
  pull?: (controller: ReadableByteStreamController) => void | PromiseLike<void>;
  start?: (controller: ReadableByteStreamController) => any;
  type: "bytes";
}

interface UnderlyingSource<R = any> {
  autoAllocateChunkSize?: number;
  cancel?: (reason?: any) => void | PromiseLike<void>;
  pull?: (controller: ReadableStreamController<R>) => void | PromiseLike<void>;
  start?: (controller: ReadableStreamController<R>) => any;
  type?: "bytes";
}

type ReadableStreamController<R> = ReadableStreamDefaultController<R> | ReadableByteStreamController;
type ReadableStreamReader<R> = ReadableStreamDefaultReader<R> | ReadableStreamBYOBReader;

type ReadableStreamReadResult<T> = { done: false; value: T } | { done: true; value: T | undefined };

interface ReadableWritablePair<R = any, W = any> {
  readable: ReadableStream<R>;
  writable: WritableStream<W>;
}

interface UnderlyingSink<W = any> {
  abort?: (reason?: any) => void | PromiseLike<void>;
  close?: () => void | PromiseLike<void>;
  start?: (controller: WritableStreamDefaultController) => any;
  type?: undefined;
  write?: (chunk: W, controller: WritableStreamDefaultController) => void | PromiseLike<void>;
}

interface Transformer<I = any, O = any> {
  cancel?: (reason?: any) => void | PromiseLike<void>;
  flush?: (controller: TransformStreamDefaultController<O>) => void | PromiseLike<void>;
  readableType?: undefined;
  start?: (controller: TransformStreamDefaultController<O>) => any;
  transform?: (chunk: I, controller: TransformStreamDefaultController<O>) => void | PromiseLike<void>;
  writableType?: undefined;
}

interface TextEncoderEncodeIntoResult {
  read: number;
  written: number;
}

interface URLPatternInit {
  baseURL?: string;
  hash?: string;
  hostname?: string;
  password?: string;
  pathname?: string;
  port?: string;
  protocol?: string;
  search?: string;
  username?: string;
}

type URLPatternInput = string | URLPatternInit;

interface URLPatternComponentResult {
  groups: Record<string, string | undefined>;
  input: string;
}

interface URLPatternResult {
  hash: URLPatternComponentResult;
  hostname: URLPatternComponentResult;
  inputs: [URLPatternInput] | [URLPatternInput, string];
  password: URLPatternComponentResult;
  pathname: URLPatternComponentResult;
  port: URLPatternComponentResult;
  protocol: URLPatternComponentResult;
  search: URLPatternComponentResult;
  username: URLPatternComponentResult;
}

interface KeyAlgorithm {
  name: string;
}

interface CryptoKeyPair {
  privateKey: CryptoKey;
  publicKey: CryptoKey;
}

interface CookieListItem {
  name: string;
  value: string;
}

interface NavigationPreloadState {
  enabled: boolean;
  headerValue: string;
}

interface PerformanceObserverCallback {
  (entries: PerformanceObserverEntryList, observer: PerformanceObserver, options: { droppedEntriesCount?: number }): void;
}

type KVNamespaceGetArgument<T> = T | { type: T };

interface KVNamespaceGetWithMetadataResult<T, M> {
  cacheStatus: null;
  metadata: M | null;
  value: T | null;
}

interface KVNamespaceListResult<M> {
  cacheStatus: null;
  /** Where the next page begins; absent on the last one. */
  cursor?: string;
  keys: { expiration?: number; metadata?: M; name: string }[];
  list_complete: boolean;
}

/** What a module worker exports as `default`: `export default { fetch(request, env, ctx) { … } } satisfies ExportedHandler<Env>`. */
interface ExportedHandler<E = Env> {
  /** Answers a request. */
  fetch?(request: Request, env: E, ctx: ExecutionContext): Response | PromiseLike<Response>;
  /** Runs when a time of the schedule has come that the server was given with `--cron`. */
  scheduled?(controller: ScheduledEvent, env: E, ctx: ExecutionContext): void | PromiseLike<void>;
}
