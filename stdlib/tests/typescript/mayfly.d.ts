// TypeScript declarations of the scope that workers run in, made by `mayfly types`.
// They stand for the libraries "dom" and "webworker". In tsconfig.json:
//   { "compilerOptions": { "lib": ["esnext"], "types": [], "strict": true }, "files": ["mayfly.d.ts", "worker.ts"] }

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

type AlgorithmIdentifier =
  | string
  | Algorithm
  | RsaHashedKeyGenParams
  | HashParams
  | RsaPssParams
  | RsaOaepParams
  | EcKeyParams
  | EcdhKeyDeriveParams
  | Ed448Params
  | AesCtrParams
  | AesKeyParams
  | AesCbcParams
  | AesGcmParams
  | HmacParams
  | HkdfParams
  | Pbkdf2Params;

type ClientType = "window" | "worker" | "sharedworker" | "all";

type CompressionFormat = "deflate" | "deflate-raw" | "gzip" | "brotli" | "zstd";

type CookieSameSite = "strict" | "lax" | "none";

type EndingType = "transparent" | "native";

type KeyFormat = "raw" | "spki" | "pkcs8" | "jwk";

type KeyType = "public" | "private" | "secret";

type KeyUsage = "encrypt" | "decrypt" | "sign" | "verify" | "deriveKey" | "deriveBits" | "wrapKey" | "unwrapKey";

type ReadableStreamReaderMode = "byob";

type TaskPriority = "user-blocking" | "user-visible" | "background";

type URLPatternComponent = "protocol" | "username" | "password" | "hostname" | "port" | "pathname" | "search" | "hash";

interface AesCbcParams extends Algorithm {
  iv: BufferSource;
}

interface AesCtrParams extends Algorithm {
  counter: BufferSource;
  length: number;
}

interface AesGcmParams extends Algorithm {
  additionalData?: BufferSource;
  iv: BufferSource;
  tagLength?: number;
}

interface AesKeyParams extends Algorithm {
  length: number;
}

interface Algorithm {
  name: string;
}

interface BlobPropertyBag {
  endings?: EndingType;
  type?: string;
}

interface CacheQueryOptions {
  ignoreMethod?: boolean;
  ignoreSearch?: boolean;
  ignoreVary?: boolean;
}

interface ClientQueryOptions {
  includeUncontrolled?: boolean;
  type?: ClientType;
}

interface CloseEventInit extends EventInit {
  code?: number;
  reason?: string;
  wasClean?: boolean;
}

interface CookieInit {
  domain?: string | null;
  expires?: number | null;
  name: string;
  partitioned?: boolean;
  path?: string | null;
  sameSite?: CookieSameSite;
  value: string;
}

interface CookieStoreDeleteOptions {
  domain?: string | null;
  name: string;
  partitioned?: boolean;
  path?: string | null;
}

interface CookieStoreGetOptions {
  name?: string;
  url?: string;
}

interface CustomEventInit<T = any> extends EventInit {
  detail?: T;
}

interface EcKeyParams extends Algorithm {
  namedCurve: string;
}

interface EcdhKeyDeriveParams extends Algorithm {
  public: CryptoKey;
}

interface Ed448Params extends Algorithm {
  context?: BufferSource;
}

interface ErrorEventInit extends EventInit {
  colno?: number;
  error?: any;
  filename?: string;
  lineno?: number;
  message?: string;
}

interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

interface EventSourceInit {
  withCredentials?: boolean;
}

interface ExtendableMessageEventInit extends EventInit {
  data?: any;
  lastEventId?: string;
  origin?: string;
  ports?: Iterable<MessagePort>;
  source?: ServiceWorker | MessagePort | null;
}

interface FetchEventInit extends EventInit {
  clientId?: string;
  request: Request;
}

interface FilePropertyBag extends BlobPropertyBag {
  lastModified?: number;
}

interface HashParams extends Algorithm {
  hash: HashAlgorithmIdentifier;
}

interface HkdfParams extends Algorithm {
  hash: HashAlgorithmIdentifier;
  info: BufferSource;
  salt: BufferSource;
}

interface HmacParams extends Algorithm {
  hash: HashAlgorithmIdentifier;
  length?: number;
}

interface JsonWebKey {
  alg?: string;
  crv?: string;
  d?: string;
  dp?: string;
  dq?: string;
  e?: string;
  ext?: boolean;
  k?: string;
  key_ops?: string[];
  kty?: string;
  n?: string;
  oth?: { d?: string; r?: string; t?: string }[];
  p?: string;
  q?: string;
  qi?: string;
  use?: string;
  x?: string;
  y?: string;
}

interface KVNamespaceListOptions {
  cursor?: string | null;
  limit?: number | null;
  prefix?: string | null;
}

interface KVNamespacePutOptions {
  expiration?: number;
  expirationTtl?: number;
  metadata?: any;
}

interface MessageEventInit<T = any> extends EventInit {
  data?: T;
  lastEventId?: string;
  origin?: string;
  ports?: Iterable<MessagePort>;
  source?: MessageEventSource | null;
}

interface MultiCacheQueryOptions extends CacheQueryOptions {
  cacheName?: string;
}

interface Pbkdf2Params extends Algorithm {
  hash: HashAlgorithmIdentifier;
  iterations: number;
  salt: BufferSource;
}

interface PerformanceMarkOptions {
  detail?: any;
  startTime?: number;
}

interface PerformanceMeasureOptions {
  detail?: any;
  duration?: number;
  end?: string | number;
  start?: string | number;
}

interface PerformanceObserverInit {
  buffered?: boolean;
  entryTypes?: Iterable<string>;
  type?: string;
}

interface ProgressEventInit extends EventInit {
  lengthComputable?: boolean;
  loaded?: number;
  total?: number;
}

interface PromiseRejectionEventInit extends EventInit {
  promise: Promise<any>;
  reason?: any;
}

interface QuotaExceededErrorOptions {
  quota?: number;
  requested?: number;
}

interface ReadableStreamBYOBReaderReadOptions {
  min?: number;
}

interface ReadableStreamGetReaderOptions {
  mode?: ReadableStreamReaderMode;
}

interface ReadableStreamIteratorOptions {
  preventCancel?: boolean;
}

interface RsaHashedKeyGenParams extends RsaKeyGenParams {
  hash: HashAlgorithmIdentifier;
}

interface RsaKeyGenParams extends Algorithm {
  modulusLength: number;
  publicExponent: Uint8Array;
}

interface RsaOaepParams extends Algorithm {
  label?: BufferSource;
}

interface RsaPssParams extends Algorithm {
  saltLength: number;
}

interface SchedulerPostTaskOptions {
  delay?: number;
  priority?: TaskPriority;
  signal?: AbortSignal;
}

interface SchedulerWaitOptions {
  signal?: AbortSignal;
}

interface StreamPipeOptions {
  preventAbort?: boolean;
  preventCancel?: boolean;
  preventClose?: boolean;
  signal?: AbortSignal;
}

interface StructuredSerializeOptions {
  transfer?: Iterable<Transferable>;
}

interface TextDecodeOptions {
  stream?: boolean;
}

interface TextDecoderOptions {
  fatal?: boolean;
  ignoreBOM?: boolean;
}

interface URLPatternOptions {
  ignoreCase?: boolean;
}

/** Aborts what listens to its signal. */
interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: any): void;
}
declare var AbortController: {
  prototype: AbortController;
  new(): AbortController;
};

interface AbortSignalEventMap {
  abort: Event;
}

/** Says whether, and why, something is to stop. */
interface AbortSignal extends EventTarget {
  readonly aborted: boolean;
  readonly reason: any;
  throwIfAborted(): void;
  onabort: ((this: AbortSignal, event: Event) => any) | null;
  addEventListener<K extends keyof AbortSignalEventMap>(type: K, callback: (this: AbortSignal, event: AbortSignalEventMap[K]) => any, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof AbortSignalEventMap>(type: K, callback: (this: AbortSignal, event: AbortSignalEventMap[K]) => any, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
declare var AbortSignal: (abstract new () => AbortSignal) & {
  prototype: AbortSignal;
  abort(reason?: any): AbortSignal;
  timeout(milliseconds: number): AbortSignal;
  any(signals: Iterable<AbortSignal>): AbortSignal;
};

/** `Blob`. */
interface Blob {
  readonly size: number;
  readonly type: string;
  slice(start?: number, end?: number, ty?: string): Blob;
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  text(): Promise<string>;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}
declare var Blob: {
  prototype: Blob;
  new(parts?: Iterable<BlobPart>, options?: BlobPropertyBag): Blob;
};

interface BroadcastChannelEventMap {
  message: MessageEvent;
  messageerror: MessageEvent;
}

/** A channel that all channels of its name hear. */
interface BroadcastChannel extends EventTarget {
  readonly name: string;
  postMessage(message: any): void;
  close(): void;
  onmessage: ((this: BroadcastChannel, event: MessageEvent) => any) | null;
  onmessageerror: ((this: BroadcastChannel, event: MessageEvent) => any) | null;
  addEventListener<K extends keyof BroadcastChannelEventMap>(type: K, callback: (this: BroadcastChannel, event: BroadcastChannelEventMap[K]) => any, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof BroadcastChannelEventMap>(type: K, callback: (this: BroadcastChannel, event: BroadcastChannelEventMap[K]) => any, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
declare var BroadcastChannel: {
  prototype: BroadcastChannel;
  new(name: string): BroadcastChannel;
};

/** `ByteLengthQueuingStrategy`. */
interface ByteLengthQueuingStrategy {
  readonly highWaterMark: number;
  readonly size: (chunk: ArrayBufferView) => number;
}
declare var ByteLengthQueuingStrategy: {
  prototype: ByteLengthQueuingStrategy;
  new(init: { highWaterMark: number }): ByteLengthQueuingStrategy;
};

/** Requests and their responses. */
interface Cache {
  match(request: RequestInfo, options?: CacheQueryOptions): Promise<Response | undefined>;
  matchAll(request?: RequestInfo, options?: CacheQueryOptions): Promise<Response[]>;
  add(request: RequestInfo): Promise<void>;
  addAll(requests: Iterable<RequestInfo>): Promise<void>;
  put(request: RequestInfo, response: Response): Promise<void>;
  delete(request: RequestInfo, options?: CacheQueryOptions): Promise<boolean>;
  keys(request?: RequestInfo, options?: CacheQueryOptions): Promise<Request[]>;
}
declare var Cache: (abstract new () => Cache) & {
  prototype: Cache;
};

/** Caches by name. */
interface CacheStorage {
  match(request: RequestInfo, options?: MultiCacheQueryOptions): Promise<Response | undefined>;
  has(cacheName: string): Promise<boolean>;
  open(cacheName: string): Promise<Cache>;
  delete(cacheName: string): Promise<boolean>;
  keys(): Promise<string[]>;
  /** The cache without a name, shared by all requests to the worker, which keeps what a shared HTTP cache may keep. https://developers.cloudflare.com/workers/runtime-apis/cache/#accessing-cache */
  readonly default: Cache;
}
declare var CacheStorage: (abstract new () => CacheStorage) & {
  prototype: CacheStorage;
};

/** The pages that a worker controls. */
interface Clients {
  get(id: string): Promise<undefined>;
  matchAll(options?: ClientQueryOptions): Promise<never[]>;
  openWindow(url: string): Promise<null>;
  claim(): Promise<void>;
}
declare var Clients: (abstract new () => Clients) & {
  prototype: Clients;
};

/** The end of a WebSocket. */
interface CloseEvent extends Event {
  readonly wasClean: boolean;
  readonly code: number;
  readonly reason: string;
}
declare var CloseEvent: {
  prototype: CloseEvent;
  new(eventType: string, init?: CloseEventInit): CloseEvent;
};

/** `CompressionStream`. */
interface CompressionStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<BufferSource>;
}
declare var CompressionStream: {
  prototype: CompressionStream;
  new(format: CompressionFormat): CompressionStream;
};

/** The cookies of a request. */
interface CookieStore extends EventTarget {
  get(nameOrOptions?: string | CookieStoreGetOptions): Promise<CookieListItem | null>;
  getAll(nameOrOptions?: string | CookieStoreGetOptions): Promise<CookieListItem[]>;
  set(name: string, value: string): Promise<void>;
  set(options: CookieInit): Promise<void>;
  delete(nameOrOptions: string | CookieStoreDeleteOptions): Promise<void>;
}
declare var CookieStore: (abstract new () => CookieStore) & {
  prototype: CookieStore;
};

/** `CountQueuingStrategy`. */
interface CountQueuingStrategy {
  readonly highWaterMark: number;
  readonly size: (chunk?: any) => number;
}
declare var CountQueuingStrategy: {
  prototype: CountQueuingStrategy;
  new(init: { highWaterMark: number }): CountQueuingStrategy;
};

/** Randomness, and the way to `subtle`. */
interface Crypto {
  readonly subtle: SubtleCrypto;
  readonly DigestStream: { prototype: DigestStream; new(algorithm: AlgorithmIdentifier): DigestStream };
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  randomUUID(): `${string}-${string}-${string}-${string}-${string}`;
}
declare var Crypto: (abstract new () => Crypto) & {
  prototype: Crypto;
};

/** A key. */
interface CryptoKey {
  readonly type: KeyType;
  readonly extractable: boolean;
  readonly algorithm: KeyAlgorithm;
  readonly usages: KeyUsage[];
}
declare var CryptoKey: (abstract new () => CryptoKey) & {
  prototype: CryptoKey;
};

/** An event with a value of the script's own. https://dom.spec.whatwg.org/#interface-customevent */
interface CustomEvent<T = any> extends Event {
  readonly detail: T;
  initCustomEvent(type: string, bubbles?: boolean, cancelable?: boolean, detail?: T): void;
}
declare var CustomEvent: {
  prototype: CustomEvent;
  new<T>(type: string, eventInitDict?: CustomEventInit<T>): CustomEvent<T>;
};

/** An error of the web platform, told apart by name. */
interface DOMException extends Error {
  readonly INDEX_SIZE_ERR: 1;
  readonly DOMSTRING_SIZE_ERR: 2;
  readonly HIERARCHY_REQUEST_ERR: 3;
  readonly WRONG_DOCUMENT_ERR: 4;
  readonly INVALID_CHARACTER_ERR: 5;
  readonly NO_DATA_ALLOWED_ERR: 6;
  readonly NO_MODIFICATION_ALLOWED_ERR: 7;
  readonly NOT_FOUND_ERR: 8;
  readonly NOT_SUPPORTED_ERR: 9;
  readonly INUSE_ATTRIBUTE_ERR: 10;
  readonly INVALID_STATE_ERR: 11;
  readonly SYNTAX_ERR: 12;
  readonly INVALID_MODIFICATION_ERR: 13;
  readonly NAMESPACE_ERR: 14;
  readonly INVALID_ACCESS_ERR: 15;
  readonly VALIDATION_ERR: 16;
  readonly TYPE_MISMATCH_ERR: 17;
  readonly SECURITY_ERR: 18;
  readonly NETWORK_ERR: 19;
  readonly ABORT_ERR: 20;
  readonly URL_MISMATCH_ERR: 21;
  readonly QUOTA_EXCEEDED_ERR: 22;
  readonly TIMEOUT_ERR: 23;
  readonly INVALID_NODE_TYPE_ERR: 24;
  readonly DATA_CLONE_ERR: 25;
  readonly name: string;
  readonly message: string;
  readonly code: number;
}
declare var DOMException: {
  prototype: DOMException;
  new(message?: string, name?: string): DOMException;
  readonly INDEX_SIZE_ERR: 1;
  readonly DOMSTRING_SIZE_ERR: 2;
  readonly HIERARCHY_REQUEST_ERR: 3;
  readonly WRONG_DOCUMENT_ERR: 4;
  readonly INVALID_CHARACTER_ERR: 5;
  readonly NO_DATA_ALLOWED_ERR: 6;
  readonly NO_MODIFICATION_ALLOWED_ERR: 7;
  readonly NOT_FOUND_ERR: 8;
  readonly NOT_SUPPORTED_ERR: 9;
  readonly INUSE_ATTRIBUTE_ERR: 10;
  readonly INVALID_STATE_ERR: 11;
  readonly SYNTAX_ERR: 12;
  readonly INVALID_MODIFICATION_ERR: 13;
  readonly NAMESPACE_ERR: 14;
  readonly INVALID_ACCESS_ERR: 15;
  readonly VALIDATION_ERR: 16;
  readonly TYPE_MISMATCH_ERR: 17;
  readonly SECURITY_ERR: 18;
  readonly NETWORK_ERR: 19;
  readonly ABORT_ERR: 20;
  readonly URL_MISMATCH_ERR: 21;
  readonly QUOTA_EXCEEDED_ERR: 22;
  readonly TIMEOUT_ERR: 23;
  readonly INVALID_NODE_TYPE_ERR: 24;
  readonly DATA_CLONE_ERR: 25;
};

/** `DecompressionStream`. */
interface DecompressionStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<BufferSource>;
}
declare var DecompressionStream: {
  prototype: DecompressionStream;
  new(format: CompressionFormat): DecompressionStream;
};

/** `crypto.DigestStream`. */
interface DigestStream extends WritableStream<BufferSource> {
  readonly digest: Promise<ArrayBuffer>;
  readonly bytesWritten: number | bigint;
}

/** An uncaught exception. https://html.spec.whatwg.org/multipage/webappapis.html#errorevent */
interface ErrorEvent extends Event {
  readonly message: string;
  readonly filename: string;
  readonly lineno: number;
  readonly colno: number;
  readonly error: any;
}
declare var ErrorEvent: {
  prototype: ErrorEvent;
  new(eventType: string, init?: ErrorEventInit): ErrorEvent;
};

/** Something that happened, on its way to listeners. */
interface Event {
  readonly NONE: 0;
  readonly CAPTURING_PHASE: 1;
  readonly AT_TARGET: 2;
  readonly BUBBLING_PHASE: 3;
  readonly type: string;
  readonly target: EventTarget | null;
  readonly srcElement: EventTarget | null;
  readonly currentTarget: EventTarget | null;
  composedPath(): EventTarget[];
  readonly eventPhase: number;
  stopPropagation(): void;
  cancelBubble: boolean;
  stopImmediatePropagation(): void;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  returnValue: boolean;
  preventDefault(): void;
  readonly defaultPrevented: boolean;
  readonly composed: boolean;
  readonly timeStamp: number;
  initEvent(eventType: string, bubbles?: boolean, cancelable?: boolean): void;
}
declare var Event: {
  prototype: Event;
  new(eventType: string, init?: EventInit): Event;
  readonly NONE: 0;
  readonly CAPTURING_PHASE: 1;
  readonly AT_TARGET: 2;
  readonly BUBBLING_PHASE: 3;
};

interface EventSourceEventMap {
  open: Event;
  message: MessageEvent<string>;
  error: Event;
}

/** Events that a server sends. */
interface EventSource extends EventTarget {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSED: 2;
  readonly url: string;
  readonly withCredentials: boolean;
  readonly readyState: 0 | 1 | 2;
  onopen: ((this: EventSource, event: Event) => any) | null;
  onmessage: ((this: EventSource, event: MessageEvent<string>) => any) | null;
  onerror: ((this: EventSource, event: Event) => any) | null;
  close(): void;
  addEventListener<K extends keyof EventSourceEventMap>(type: K, callback: (this: EventSource, event: EventSourceEventMap[K]) => any, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof EventSourceEventMap>(type: K, callback: (this: EventSource, event: EventSourceEventMap[K]) => any, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
declare var EventSource: {
  prototype: EventSource;
  new(url: string | URL, init?: EventSourceInit): EventSource;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSED: 2;
};

/** An object that events can be dispatched to. */
interface EventTarget {
  addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
  dispatchEvent(event: Event): boolean;
}
declare var EventTarget: {
  prototype: EventTarget;
  new(): EventTarget;
};

/** Third argument of a module worker's handlers. https://developers.cloudflare.com/workers/runtime-apis/context/ */
interface ExecutionContext {
  waitUntil(promise: Promise<any>): void;
  passThroughOnException(): void;
}

/** An event that may go on after its listeners. */
interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<any>): void;
}
declare var ExtendableEvent: {
  prototype: ExtendableEvent;
  new(eventType: string, init?: EventInit): ExtendableEvent;
};

/** A message to the worker. */
interface ExtendableMessageEvent extends ExtendableEvent {
  readonly data: any;
  readonly origin: string;
  readonly lastEventId: string;
  readonly source: ServiceWorker | MessagePort | null;
  readonly ports: readonly MessagePort[];
}
declare var ExtendableMessageEvent: {
  prototype: ExtendableMessageEvent;
  new(eventType: string, init?: ExtendableMessageEventInit): ExtendableMessageEvent;
};

/** A request that wants a response. https://w3c.github.io/ServiceWorker/#fetchevent-interface */
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  readonly clientId: string;
  /** There is no navigation preload: a promise of undefined, the same each time. */
  readonly preloadResponse: Promise<any>;
  readonly replacesClientId: string;
  readonly resultingClientId: string;
  readonly handled: Promise<undefined>;
  respondWith(response: Response | PromiseLike<Response>): void;
  /** Cloudflare's: when the handler fails, the request goes on to the origin. */
  passThroughOnException(): void;
}
declare var FetchEvent: {
  prototype: FetchEvent;
  new(eventType: string, init: FetchEventInit): FetchEvent;
};

/** `File`. */
interface File extends Blob {
  readonly name: string;
  readonly lastModified: number;
  readonly webkitRelativePath: string;
}
declare var File: {
  prototype: File;
  new(parts: Iterable<BlobPart>, name: string, options?: FilePropertyBag): File;
};

/** Files chosen by a user: a worker has none, but the class is part of its scope. https://w3c.github.io/FileAPI/#filelist-section */
interface FileList {
  item(index: number): File | null;
  readonly length: number;
}
declare var FileList: (abstract new () => FileList) & {
  prototype: FileList;
};

interface FileReaderEventMap {
  loadstart: ProgressEvent;
  progress: ProgressEvent;
  load: ProgressEvent;
  abort: ProgressEvent;
  error: ProgressEvent;
  loadend: ProgressEvent;
}

/** Reads blobs with events. */
interface FileReader extends EventTarget {
  readonly EMPTY: 0;
  readonly LOADING: 1;
  readonly DONE: 2;
  readAsArrayBuffer(blob: Blob): void;
  readAsBinaryString(blob: Blob): void;
  readAsText(blob: Blob, encoding?: string): void;
  readAsDataURL(blob: Blob): void;
  abort(): void;
  readonly readyState: 0 | 1 | 2;
  readonly result: string | ArrayBuffer | null;
  readonly error: DOMException | null;
  onloadstart: ((this: FileReader, event: ProgressEvent) => any) | null;
  onprogress: ((this: FileReader, event: ProgressEvent) => any) | null;
  onload: ((this: FileReader, event: ProgressEvent) => any) | null;
  onabort: ((this: FileReader, event: ProgressEvent) => any) | null;
  onerror: ((this: FileReader, event: ProgressEvent) => any) | null;
  onloadend: ((this: FileReader, event: ProgressEvent) => any) | null;
  addEventListener<K extends keyof FileReaderEventMap>(type: K, callback: (this: FileReader, event: FileReaderEventMap[K]) => any, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof FileReaderEventMap>(type: K, callback: (this: FileReader, event: FileReaderEventMap[K]) => any, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
declare var FileReader: {
  prototype: FileReader;
  new(): FileReader;
  readonly EMPTY: 0;
  readonly LOADING: 1;
  readonly DONE: 2;
};

/** `FixedLengthStream`. */
interface FixedLengthStream extends IdentityTransformStream {
}
declare var FixedLengthStream: {
  prototype: FixedLengthStream;
  new(length: number, strategy?: { highWaterMark?: number }): FixedLengthStream;
};

/** `FormData`. */
interface FormData {
  append(name: string, value: string): void;
  append(name: string, value: Blob, filename?: string): void;
  delete(name: string): void;
  get(name: string): FormDataEntryValue | null;
  getAll(name: string): FormDataEntryValue[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  set(name: string, value: Blob, filename?: string): void;
  forEach(callback: (value: FormDataEntryValue, key: string, parent: FormData) => void, thisArg?: any): void;
  entries(): IteratorObject<[string, FormDataEntryValue], undefined, unknown>;
  keys(): IteratorObject<string, undefined, unknown>;
  values(): IteratorObject<FormDataEntryValue, undefined, unknown>;
  [Symbol.iterator](): IteratorObject<[string, FormDataEntryValue], undefined, unknown>;
}
declare var FormData: {
  prototype: FormData;
  new(): FormData;
};

/** `Headers`. */
interface Headers {
  append(header: string, content: string): void;
  delete(header: string): void;
  get(header: string): string | null;
  getSetCookie(): Array<string>;
  has(header: string): boolean;
  set(header: string, content: string): void;
  forEach(callback: (value: string, key: string, parent: Headers) => void, thisArg?: any): void;
  entries(): IteratorObject<[string, string], undefined, unknown>;
  keys(): IteratorObject<string, undefined, unknown>;
  values(): IteratorObject<string, undefined, unknown>;
  [Symbol.iterator](): IteratorObject<[string, string], undefined, unknown>;
}
declare var Headers: {
  prototype: Headers;
  new(init?: HeadersInit): Headers;
};

/** `IdentityTransformStream`. */
interface IdentityTransformStream extends TransformStream<BufferSource, Uint8Array<ArrayBuffer>> {
}
declare var IdentityTransformStream: {
  prototype: IdentityTransformStream;
  new(strategy?: { highWaterMark?: number }): IdentityTransformStream;
};

/** A key-value store. */
interface KVNamespace {
  /** https://developers.cloudflare.com/kv/api/read-key-value-pairs/#get-method */
  get(key: string, type?: 'text' | { type?: 'text' }): Promise<string | null>;
  get<T = unknown>(key: string, type: KVNamespaceGetArgument<'json'>): Promise<T | null>;
  get(key: string, type: KVNamespaceGetArgument<'arrayBuffer'>): Promise<ArrayBuffer | null>;
  get(key: string, type: KVNamespaceGetArgument<'stream'>): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null>;
  /** https://developers.cloudflare.com/kv/api/read-key-value-pairs/#getwithmetadata-method */
  getWithMetadata<M = unknown>(key: string, type?: 'text' | { type?: 'text' }): Promise<KVNamespaceGetWithMetadataResult<string, M>>;
  getWithMetadata<T = unknown, M = unknown>(key: string, type: KVNamespaceGetArgument<'json'>): Promise<KVNamespaceGetWithMetadataResult<T, M>>;
  getWithMetadata<M = unknown>(key: string, type: KVNamespaceGetArgument<'arrayBuffer'>): Promise<KVNamespaceGetWithMetadataResult<ArrayBuffer, M>>;
  getWithMetadata<M = unknown>(key: string, type: KVNamespaceGetArgument<'stream'>): Promise<KVNamespaceGetWithMetadataResult<ReadableStream<Uint8Array<ArrayBuffer>>, M>>;
  /** https://developers.cloudflare.com/kv/api/write-key-value-pairs/#put-method */
  put(key: string, value: string | BufferSource | ReadableStream, options?: KVNamespacePutOptions): Promise<void>;
  /** https://developers.cloudflare.com/kv/api/delete-key-value-pairs/ */
  delete(key: string): Promise<void>;
  /** https://developers.cloudflare.com/kv/api/list-keys/ */
  list<M = unknown>(options?: KVNamespaceListOptions): Promise<KVNamespaceListResult<M>>;
}

/** Two ports that send to each other. */
interface MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}
declare var MessageChannel: {
  prototype: MessageChannel;
  new(): MessageChannel;
};

/** A message. */
interface MessageEvent<T = any> extends Event {
  readonly data: T;
  readonly origin: string;
  readonly lastEventId: string;
  readonly source: MessageEventSource | null;
  readonly ports: readonly MessagePort[];
  initMessageEvent(eventType: string, bubbles?: boolean, cancelable?: boolean, data?: T, origin?: string, lastEventId?: string, source?: MessageEventSource | null, ports?: Iterable<MessagePort>): void;
}
declare var MessageEvent: {
  prototype: MessageEvent;
  new<T>(type: string, eventInitDict?: MessageEventInit<T>): MessageEvent<T>;
};

interface MessagePortEventMap {
  message: MessageEvent;
  messageerror: MessageEvent;
  close: Event;
}

/** One end of a channel. */
interface MessagePort extends EventTarget {
  postMessage(message: any, transfer: Iterable<Transferable>): void;
  postMessage(message: any, options?: StructuredSerializeOptions): void;
  start(): void;
  close(): void;
  onmessage: ((this: MessagePort, event: MessageEvent) => any) | null;
  onmessageerror: ((this: MessagePort, event: MessageEvent) => any) | null;
  onclose: ((this: MessagePort, event: Event) => any) | null;
  addEventListener<K extends keyof MessagePortEventMap>(type: K, callback: (this: MessagePort, event: MessagePortEventMap[K]) => any, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof MessagePortEventMap>(type: K, callback: (this: MessagePort, event: MessagePortEventMap[K]) => any, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
declare var MessagePort: (abstract new () => MessagePort) & {
  prototype: MessagePort;
};

/** Navigation preload, which nothing here asks for. https://w3c.github.io/ServiceWorker/#navigation-preload-manager */
interface NavigationPreloadManager {
  enable(): Promise<void>;
  disable(): Promise<void>;
  setHeaderValue(value: string): Promise<void>;
  getState(): Promise<NavigationPreloadState>;
}
declare var NavigationPreloadManager: (abstract new () => NavigationPreloadManager) & {
  prototype: NavigationPreloadManager;
};

/** Clock of the request, and what was measured with it. */
interface Performance extends EventTarget {
  now(): number;
  readonly timeOrigin: number;
  toJSON(): any;
  getEntries(): PerformanceEntry[];
  getEntriesByType(entryType: string): PerformanceEntry[];
  getEntriesByName(name: string, entryType?: string): PerformanceEntry[];
  mark(name: string, options?: PerformanceMarkOptions): PerformanceMark;
  clearMarks(name?: string): void;
  measure(name: string, start?: string | PerformanceMeasureOptions, end?: string): PerformanceMeasure;
  clearMeasures(name?: string): void;
}
declare var Performance: (abstract new () => Performance) & {
  prototype: Performance;
};

/** Something measured. */
interface PerformanceEntry {
  readonly name: string;
  readonly entryType: string;
  readonly startTime: number;
  readonly duration: number;
  readonly id: number;
  readonly navigationId: number;
  toJSON(): any;
}
declare var PerformanceEntry: (abstract new () => PerformanceEntry) & {
  prototype: PerformanceEntry;
};

/** A point in time. */
interface PerformanceMark extends PerformanceEntry {
  readonly detail: any;
}
declare var PerformanceMark: {
  prototype: PerformanceMark;
  new(name: string, options?: PerformanceMarkOptions): PerformanceMark;
};

/** A stretch of time. */
interface PerformanceMeasure extends PerformanceEntry {
  readonly detail: any;
}
declare var PerformanceMeasure: (abstract new () => PerformanceMeasure) & {
  prototype: PerformanceMeasure;
};

/** Calls back with new entries. */
interface PerformanceObserver {
  observe(options?: PerformanceObserverInit): void;
  disconnect(): void;
  takeRecords(): PerformanceEntry[];
}
declare var PerformanceObserver: {
  prototype: PerformanceObserver;
  new(callback: PerformanceObserverCallback): PerformanceObserver;
  readonly supportedEntryTypes: readonly string[];
};

/** What an observer is called with. https://w3c.github.io/performance-timeline/#the-performanceobserverentrylist-interface */
interface PerformanceObserverEntryList {
  getEntries(): PerformanceEntry[];
  getEntriesByType(entryType: string): PerformanceEntry[];
  getEntriesByName(name: string, entryType?: string): PerformanceEntry[];
}
declare var PerformanceObserverEntryList: (abstract new () => PerformanceObserverEntryList) & {
  prototype: PerformanceObserverEntryList;
};

/** How far something is. */
interface ProgressEvent extends Event {
  readonly lengthComputable: boolean;
  readonly loaded: number;
  readonly total: number;
}
declare var ProgressEvent: {
  prototype: ProgressEvent;
  new(eventType: string, init?: ProgressEventInit): ProgressEvent;
};

/** A rejection without handler, or one that got its handler late. https://html.spec.whatwg.org/multipage/webappapis.html#promiserejectionevent */
interface PromiseRejectionEvent extends Event {
  readonly promise: Promise<any>;
  readonly reason: any;
}
declare var PromiseRejectionEvent: {
  prototype: PromiseRejectionEvent;
  new(eventType: string, init: PromiseRejectionEventInit): PromiseRejectionEvent;
};

/** Something exceeded a limit. https://webidl.spec.whatwg.org/#quotaexceedederror */
interface QuotaExceededError extends DOMException {
  readonly quota: number | null;
  readonly requested: number | null;
}
declare var QuotaExceededError: {
  prototype: QuotaExceededError;
  new(message?: string, options?: QuotaExceededErrorOptions): QuotaExceededError;
};

/** `ReadableByteStreamController`. */
interface ReadableByteStreamController {
  readonly byobRequest: ReadableStreamBYOBRequest | null;
  readonly desiredSize: number | null;
  close(): void;
  enqueue(chunk: ArrayBufferView): void;
  error(e?: any): void;
}
declare var ReadableByteStreamController: (abstract new () => ReadableByteStreamController) & {
  prototype: ReadableByteStreamController;
};

/** `ReadableStream`. */
interface ReadableStream<R = any> {
  readonly locked: boolean;
  cancel(reason?: any): Promise<void>;
  getReader(options: { mode: 'byob' }): ReadableStreamBYOBReader;
  getReader(): ReadableStreamDefaultReader<R>;
  getReader(options?: ReadableStreamGetReaderOptions): ReadableStreamReader<R>;
  pipeThrough<T>(transform: ReadableWritablePair<T, R>, options?: StreamPipeOptions): ReadableStream<T>;
  pipeTo(destination: WritableStream<R>, options?: StreamPipeOptions): Promise<void>;
  tee(): [ReadableStream<R>, ReadableStream<R>];
  values(options?: ReadableStreamIteratorOptions): AsyncIteratorObject<R, undefined, unknown>;
  [Symbol.asyncIterator](options?: ReadableStreamIteratorOptions): AsyncIteratorObject<R, undefined, unknown>;
}
declare var ReadableStream: {
  prototype: ReadableStream;
  new(underlyingSource: UnderlyingByteSource, strategy?: { highWaterMark?: number }): ReadableStream<Uint8Array<ArrayBuffer>>;
  new<R = any>(underlyingSource: UnderlyingDefaultSource<R>, strategy?: QueuingStrategy<R>): ReadableStream<R>;
  new<R = any>(underlyingSource?: UnderlyingSource<R>, strategy?: QueuingStrategy<R>): ReadableStream<R>;
  from<R>(asyncIterable: AsyncIterable<R> | Iterable<R | PromiseLike<R>>): ReadableStream<R>;
};

/** `ReadableStreamBYOBReader`. */
interface ReadableStreamBYOBReader {
  read<T extends ArrayBufferView>(view: T, options?: ReadableStreamBYOBReaderReadOptions): Promise<ReadableStreamReadResult<T>>;
  releaseLock(): void;
  readonly closed: Promise<void>;
  cancel(reason?: any): Promise<void>;
}
declare var ReadableStreamBYOBReader: {
  prototype: ReadableStreamBYOBReader;
  new(stream: ReadableStream): ReadableStreamBYOBReader;
};

/** `ReadableStreamBYOBRequest`. */
interface ReadableStreamBYOBRequest {
  readonly view: Uint8Array<ArrayBuffer> | null;
  respond(bytesWritten: number): void;
  respondWithNewView(view: ArrayBufferView): void;
}
declare var ReadableStreamBYOBRequest: (abstract new () => ReadableStreamBYOBRequest) & {
  prototype: ReadableStreamBYOBRequest;
};

/** `ReadableStreamDefaultController`. */
interface ReadableStreamDefaultController<R = any> {
  readonly desiredSize: number | null;
  close(): void;
  enqueue(chunk?: R): void;
  error(e?: any): void;
}
declare var ReadableStreamDefaultController: (abstract new () => ReadableStreamDefaultController) & {
  prototype: ReadableStreamDefaultController;
};

/** `ReadableStreamDefaultReader`. */
interface ReadableStreamDefaultReader<R = any> {
  read(): Promise<ReadableStreamReadResult<R>>;
  releaseLock(): void;
  readonly closed: Promise<void>;
  cancel(reason?: any): Promise<void>;
}
declare var ReadableStreamDefaultReader: {
  prototype: ReadableStreamDefaultReader;
  new<R = any>(stream: ReadableStream<R>): ReadableStreamDefaultReader<R>;
};

/** `Request`. */
interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly destination: string;
  readonly referrer: string;
  readonly referrerPolicy: ReferrerPolicy;
  readonly mode: RequestMode;
  readonly credentials: RequestCredentials;
  readonly cache: RequestCache;
  readonly redirect: RequestRedirect;
  readonly integrity: string;
  readonly keepalive: boolean;
  readonly isReloadNavigation: boolean;
  readonly isHistoryNavigation: boolean;
  readonly signal: AbortSignal;
  readonly duplex: 'half';
  clone(): Request;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  formData(): Promise<FormData>;
  json(): Promise<any>;
  text(): Promise<string>;
}
declare var Request: {
  prototype: Request;
  new(input: RequestInfo, init?: RequestInit): Request;
};

/** `Response`. */
interface Response {
  readonly type: ResponseType;
  readonly url: string;
  readonly redirected: boolean;
  readonly status: number;
  readonly ok: boolean;
  readonly statusText: string;
  readonly headers: Headers;
  /** Cloudflare's: the WebSocket of a response that switches protocols; null when there is none. */
  readonly webSocket: WebSocket | null;
  clone(): Response;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  formData(): Promise<FormData>;
  json(): Promise<any>;
  text(): Promise<string>;
}
declare var Response: {
  prototype: Response;
  new(body?: BodyInit | null, init?: ResponseInit): Response;
  error(): Response;
  redirect(url: string | URL, status?: number): Response;
  json(data: any, init?: ResponseInit): Response;
};

/** A time of a schedule has come. https://developers.cloudflare.com/workers/runtime-apis/handlers/scheduled/ */
interface ScheduledEvent extends ExtendableEvent {
  readonly scheduledTime: number;
  readonly cron: string;
  noRetry(): void;
}
declare var ScheduledEvent: (abstract new () => ScheduledEvent) & {
  prototype: ScheduledEvent;
};

/** Gives work its turn. */
interface Scheduler {
  postTask<T>(callback: () => T | PromiseLike<T>, options?: SchedulerPostTaskOptions): Promise<T>;
  yield(): Promise<void>;
  /** A promise that is fulfilled after a time, or rejected when the signal is aborted before. https://developers.cloudflare.com/workers/runtime-apis/web-standards/#scheduler */
  wait(delay: number, options?: SchedulerWaitOptions): Promise<void>;
}
declare var Scheduler: (abstract new () => Scheduler) & {
  prototype: Scheduler;
};

interface ServiceWorkerEventMap {
  statechange: Event;
  error: ErrorEvent;
}

/** A worker's script and state. */
interface ServiceWorker extends EventTarget {
  /** The worker's location; empty when it has none. */
  readonly scriptURL: string;
  readonly state: ServiceWorkerState;
  postMessage(message: any, transfer: Iterable<Transferable>): void;
  postMessage(message: any, options?: StructuredSerializeOptions): void;
  onstatechange: ((this: ServiceWorker, event: Event) => any) | null;
  onerror: ((this: ServiceWorker, event: ErrorEvent) => any) | null;
  addEventListener<K extends keyof ServiceWorkerEventMap>(type: K, callback: (this: ServiceWorker, event: ServiceWorkerEventMap[K]) => any, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof ServiceWorkerEventMap>(type: K, callback: (this: ServiceWorker, event: ServiceWorkerEventMap[K]) => any, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
declare var ServiceWorker: (abstract new () => ServiceWorker) & {
  prototype: ServiceWorker;
};

interface ServiceWorkerGlobalScopeEventMap {
  error: ErrorEvent;
  unhandledrejection: PromiseRejectionEvent;
  rejectionhandled: PromiseRejectionEvent;
  languagechange: Event;
  offline: Event;
  online: Event;
  fetch: FetchEvent;
  scheduled: ScheduledEvent;
  install: ExtendableEvent;
  activate: ExtendableEvent;
  message: ExtendableMessageEvent;
  messageerror: MessageEvent;
}

/** ServiceWorkerGlobalScope: what the global object is an instance of. */
interface ServiceWorkerGlobalScope extends WorkerGlobalScope {
  setTimeout<A extends any[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
  setTimeout(callback: string, delay?: number): number;
  setInterval<A extends any[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
  setInterval(callback: string, delay?: number): number;
  clearTimeout(number?: number): void;
  clearInterval(number?: number): void;
  self: ServiceWorkerGlobalScope & typeof globalThis;
  queueMicrotask(callback: () => void): void;
  reportError(error: any): void;
  atob(data: string): string;
  btoa(data: string): string;
  structuredClone<T = any>(value: T, options?: StructuredSerializeOptions): T;
  onerror: OnErrorEventHandler;
  onunhandledrejection: ((this: ServiceWorkerGlobalScope, event: PromiseRejectionEvent) => any) | null;
  onrejectionhandled: ((this: ServiceWorkerGlobalScope, event: PromiseRejectionEvent) => any) | null;
  onlanguagechange: ((this: ServiceWorkerGlobalScope, event: Event) => any) | null;
  onoffline: ((this: ServiceWorkerGlobalScope, event: Event) => any) | null;
  ononline: ((this: ServiceWorkerGlobalScope, event: Event) => any) | null;
  onfetch: ((this: ServiceWorkerGlobalScope, event: FetchEvent) => any) | null;
  onscheduled: ((this: ServiceWorkerGlobalScope, event: ScheduledEvent) => any) | null;
  oninstall: ((this: ServiceWorkerGlobalScope, event: ExtendableEvent) => any) | null;
  onactivate: ((this: ServiceWorkerGlobalScope, event: ExtendableEvent) => any) | null;
  onmessage: ((this: ServiceWorkerGlobalScope, event: ExtendableMessageEvent) => any) | null;
  onmessageerror: ((this: ServiceWorkerGlobalScope, event: MessageEvent) => any) | null;
  readonly crypto: Crypto;
  readonly navigator: WorkerNavigator;
  performance: Performance;
  fetch(input: RequestInfo, init?: RequestInit): Promise<Response>;
  readonly caches: CacheStorage;
  readonly registration: ServiceWorkerRegistration;
  readonly serviceWorker: ServiceWorker;
  readonly clients: Clients;
  skipWaiting(): Promise<void>;
  /** Runs scripts one after the other. They come from where modules come from: files beside the worker, while its top level is evaluated. */
  importScripts(...urls: Array<string>): void;
  scheduler: Scheduler;
  readonly cookieStore: CookieStore;
  addEventListener<K extends keyof ServiceWorkerGlobalScopeEventMap>(type: K, callback: (this: ServiceWorkerGlobalScope, event: ServiceWorkerGlobalScopeEventMap[K]) => any, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof ServiceWorkerGlobalScopeEventMap>(type: K, callback: (this: ServiceWorkerGlobalScope, event: ServiceWorkerGlobalScopeEventMap[K]) => any, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
declare var ServiceWorkerGlobalScope: (abstract new () => ServiceWorkerGlobalScope) & {
  prototype: ServiceWorkerGlobalScope;
};

interface ServiceWorkerRegistrationEventMap {
  updatefound: Event;
}

/** The worker as its host knows it. */
interface ServiceWorkerRegistration extends EventTarget {
  readonly installing: ServiceWorker | null;
  readonly waiting: ServiceWorker | null;
  readonly active: ServiceWorker | null;
  readonly navigationPreload: NavigationPreloadManager;
  /** The folder of the worker's location, as for a registration without a scope; empty when it has none. */
  readonly scope: string;
  readonly updateViaCache: 'imports' | 'all' | 'none';
  update(): Promise<ServiceWorkerRegistration>;
  /** A worker cannot end its own service. */
  unregister(): Promise<boolean>;
  onupdatefound: ((this: ServiceWorkerRegistration, event: Event) => any) | null;
  addEventListener<K extends keyof ServiceWorkerRegistrationEventMap>(type: K, callback: (this: ServiceWorkerRegistration, event: ServiceWorkerRegistrationEventMap[K]) => any, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof ServiceWorkerRegistrationEventMap>(type: K, callback: (this: ServiceWorkerRegistration, event: ServiceWorkerRegistrationEventMap[K]) => any, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
declare var ServiceWorkerRegistration: (abstract new () => ServiceWorkerRegistration) & {
  prototype: ServiceWorkerRegistration;
};

/** Cryptographic operations. */
interface SubtleCrypto {
  encrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  decrypt(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  sign(algorithm: AlgorithmIdentifier, key: CryptoKey, data: BufferSource): Promise<ArrayBuffer>;
  verify(algorithm: AlgorithmIdentifier, key: CryptoKey, signature: BufferSource, data: BufferSource): Promise<boolean>;
  digest(algorithm: AlgorithmIdentifier, data: BufferSource): Promise<ArrayBuffer>;
  generateKey(algorithm: KeyPairAlgorithmName | { name: KeyPairAlgorithmName } | RsaHashedKeyGenParams | EcKeyParams, extractable: boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKeyPair>;
  generateKey(algorithm: AesKeyParams | HmacParams, extractable: boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKey>;
  generateKey(algorithm: AlgorithmIdentifier, extractable: boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKey | CryptoKeyPair>;
  deriveKey(algorithm: AlgorithmIdentifier, baseKey: CryptoKey, derivedKeyType: AlgorithmIdentifier, extractable: boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKey>;
  deriveBits(algorithm: AlgorithmIdentifier, baseKey: CryptoKey, length?: number | null): Promise<ArrayBuffer>;
  importKey(format: 'jwk', keyData: JsonWebKey, algorithm: AlgorithmIdentifier, extractable: boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKey>;
  importKey(format: Exclude<KeyFormat, 'jwk'>, keyData: BufferSource, algorithm: AlgorithmIdentifier, extractable: boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKey>;
  importKey(format: KeyFormat, keyData: BufferSource | JsonWebKey, algorithm: AlgorithmIdentifier, extractable: boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKey>;
  exportKey(format: 'jwk', key: CryptoKey): Promise<JsonWebKey>;
  exportKey(format: Exclude<KeyFormat, 'jwk'>, key: CryptoKey): Promise<ArrayBuffer>;
  exportKey(format: KeyFormat, key: CryptoKey): Promise<ArrayBuffer | JsonWebKey>;
  wrapKey(format: KeyFormat, key: CryptoKey, wrappingKey: CryptoKey, wrapAlgorithm: AlgorithmIdentifier): Promise<ArrayBuffer>;
  unwrapKey(format: KeyFormat, wrappedKey: BufferSource, unwrappingKey: CryptoKey, unwrapAlgorithm: AlgorithmIdentifier, unwrappedKeyAlgorithm: AlgorithmIdentifier, extractable: boolean, keyUsages: Iterable<KeyUsage>): Promise<CryptoKey>;
  /** Compares in a time that depends only on the lengths, which have to be equal. */
  timingSafeEqual(a: BufferSource, b: BufferSource): boolean;
}
declare var SubtleCrypto: (abstract new () => SubtleCrypto) & {
  prototype: SubtleCrypto;
};

/** Bytes to strings. */
interface TextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(input?: AllowSharedBufferSource, options?: TextDecodeOptions): string;
}
declare var TextDecoder: {
  prototype: TextDecoder;
  new(label?: string, options?: TextDecoderOptions): TextDecoder;
};

/** `TextDecoderStream`. */
interface TextDecoderStream {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  readonly readable: ReadableStream<string>;
  readonly writable: WritableStream<BufferSource>;
}
declare var TextDecoderStream: {
  prototype: TextDecoderStream;
  new(label?: string, options?: TextDecoderOptions): TextDecoderStream;
};

/** Strings to UTF-8. */
interface TextEncoder {
  readonly encoding: string;
  encode(input?: string): Uint8Array<ArrayBuffer>;
  encodeInto(source: string, destination: Uint8Array): TextEncoderEncodeIntoResult;
}
declare var TextEncoder: {
  prototype: TextEncoder;
  new(): TextEncoder;
};

/** `TextEncoderStream`. */
interface TextEncoderStream {
  readonly encoding: string;
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<string>;
}
declare var TextEncoderStream: {
  prototype: TextEncoderStream;
  new(): TextEncoderStream;
};

/** `TransformStream`. */
interface TransformStream<I = any, O = any> {
  readonly readable: ReadableStream<O>;
  readonly writable: WritableStream<I>;
}
declare var TransformStream: {
  prototype: TransformStream;
  new<I = any, O = any>(transformer?: Transformer<I, O>, writableStrategy?: QueuingStrategy<I>, readableStrategy?: QueuingStrategy<O>): TransformStream<I, O>;
};

/** `TransformStreamDefaultController`. */
interface TransformStreamDefaultController<O = any> {
  readonly desiredSize: number | null;
  enqueue(chunk?: O): void;
  error(reason?: any): void;
  terminate(): void;
}
declare var TransformStreamDefaultController: (abstract new () => TransformStreamDefaultController) & {
  prototype: TransformStreamDefaultController;
};

/** `URL`. */
interface URL {
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  readonly searchParams: URLSearchParams;
  hash: string;
  toString(): string;
  toJSON(): string;
}
declare var URL: {
  prototype: URL;
  new(url: string | URL, base?: string | URL): URL;
  parse(url: string | URL, base?: string | URL): URL | null;
  createObjectURL(blob: Blob): string;
  revokeObjectURL(url: string): void;
  canParse(url: string | URL, base?: string | URL): boolean;
};

/** `URLPattern`. */
interface URLPattern {
  test(input?: URLPatternInput, baseUrl?: string): boolean;
  exec(input?: URLPatternInput, baseUrl?: string): URLPatternResult | null;
  /** The text of a component in which groups have these values. https://github.com/whatwg/urlpattern/issues/73 */
  generate(component: URLPatternComponent, groups: Record<string, string>): string;
  readonly protocol: string;
  readonly username: string;
  readonly password: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly hasRegExpGroups: boolean;
}
declare var URLPattern: {
  prototype: URLPattern;
  new(input: URLPatternInput, baseURL: string, options?: URLPatternOptions): URLPattern;
  new(input?: URLPatternInput, options?: URLPatternOptions): URLPattern;
  /** Which of two patterns is more restrictive in a component: -1, 0 or 1. https://github.com/whatwg/urlpattern/issues/61 */
  compareComponent(component: URLPatternComponent, left: URLPattern, right: URLPattern): -1 | 0 | 1;
};

/** `URLSearchParams`. */
interface URLSearchParams {
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): Array<string>;
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  forEach(callback: (value: string, key: string, parent: URLSearchParams) => void, thisArg?: any): void;
  entries(): IteratorObject<[string, string], undefined, unknown>;
  keys(): IteratorObject<string, undefined, unknown>;
  values(): IteratorObject<string, undefined, unknown>;
  toString(): string;
  [Symbol.iterator](): IteratorObject<[string, string], undefined, unknown>;
}
declare var URLSearchParams: {
  prototype: URLSearchParams;
  new(init?: Iterable<readonly [string, string]> | Record<string, string> | string | URLSearchParams): URLSearchParams;
};

/** What belongs to WebAssembly. No code runs: whatever compiles rejects with a CompileError. */
declare namespace WebAssembly {
  type ImportExportKind = "function" | "table" | "memory" | "global" | "tag";
  type ImportValue = number | bigint | Function | Memory | Table | Global | Tag;
  type Imports = Record<string, Record<string, ImportValue>>;
  type Exports = Record<string, any>;
  interface ModuleExportDescriptor {
    kind: ImportExportKind;
    name: string;
  }
  interface ModuleImportDescriptor {
    kind: ImportExportKind;
    module: string;
    name: string;
  }
  interface WebAssemblyInstantiatedSource {
    instance: Instance;
    module: Module;
  }
  type AddressType = "i32" | "i64";
  type TableKind = "externref" | "anyfunc";
  type ValueType = "i32" | "i64" | "f32" | "f64" | "v128" | "externref" | "anyfunc";
  interface ExceptionOptions {
    traceStack?: boolean;
  }
  interface GlobalDescriptor {
    mutable?: boolean;
    value: ValueType;
  }
  interface MemoryDescriptor {
    address?: AddressType;
    initial: number | bigint;
    maximum?: number | bigint;
    shared?: boolean;
  }
  interface TableDescriptor {
    address?: AddressType;
    element: TableKind;
    initial: number | bigint;
    maximum?: number | bigint;
  }
  interface TagType {
    parameters: Iterable<ValueType>;
  }
  interface WebAssemblyCompileOptions {
    builtins?: Iterable<string>;
    importedStringConstants?: string | null;
  }
  /** Bytes cannot be compiled. */
  interface CompileError extends Error {
  }
  var CompileError: {
    prototype: CompileError;
    new(message?: string, options?: { cause?: any }): CompileError;
  };
  /** An exception with its values. */
  interface Exception {
    getArg(exceptionTag: Tag, index: number): any;
    is(exceptionTag: Tag): boolean;
    readonly stack: string | undefined;
  }
  var Exception: {
    prototype: Exception;
    new(exceptionTag: Tag, payload: Iterable<any>, options?: ExceptionOptions): Exception;
  };
  /** A variable of a type. */
  interface Global {
    valueOf(): any;
    value: any;
  }
  var Global: {
    prototype: Global;
    new(descriptor: GlobalDescriptor, v?: any): Global;
  };
  /** Code with its imports. */
  interface Instance {
    readonly exports: Exports;
  }
  var Instance: {
    prototype: Instance;
    new(module: Module, importObject?: Imports): Instance;
  };
  /** A module and its imports do not fit. */
  interface LinkError extends Error {
  }
  var LinkError: {
    prototype: LinkError;
    new(message?: string, options?: { cause?: any }): LinkError;
  };
  /** A block of bytes that grows by pages of 64 KiB. */
  interface Memory {
    grow(delta: number | bigint): number | bigint;
    toFixedLengthBuffer(): ArrayBuffer | SharedArrayBuffer;
    toResizableBuffer(): ArrayBuffer | SharedArrayBuffer;
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
  }
  var Memory: {
    prototype: Memory;
    new(descriptor: MemoryDescriptor): Memory;
  };
  /** Compiled code. */
  interface Module {
  }
  var Module: {
    prototype: Module;
    new(bytes: AllowSharedBufferSource, options?: WebAssemblyCompileOptions): Module;
    exports(moduleObject: Module): ModuleExportDescriptor[];
    imports(moduleObject: Module): ModuleImportDescriptor[];
    customSections(moduleObject: Module, sectionName: string): ArrayBuffer[];
  };
  /** Code trapped. */
  interface RuntimeError extends Error {
  }
  var RuntimeError: {
    prototype: RuntimeError;
    new(message?: string, options?: { cause?: any }): RuntimeError;
  };
  /** A list of references. */
  interface Table {
    grow(delta: number | bigint, value?: any): number | bigint;
    get(index: number | bigint): any;
    set(index: number | bigint, value?: any): void;
    readonly length: number | bigint;
  }
  var Table: {
    prototype: Table;
    new(descriptor: TableDescriptor, value?: any): Table;
  };
  /** A kind of exceptions, by the types of what they carry. */
  interface Tag {
  }
  var Tag: {
    prototype: Tag;
    new(type: TagType): Tag;
  };
  /** Whether the bytes could be compiled: no. */
  function validate(bytes: AllowSharedBufferSource, options?: WebAssemblyCompileOptions): boolean;
  function compile(bytes: AllowSharedBufferSource, options?: WebAssemblyCompileOptions): Promise<Module>;
  function instantiate(bytes: AllowSharedBufferSource, importObject?: Imports, options?: WebAssemblyCompileOptions): Promise<WebAssemblyInstantiatedSource>;
  function instantiate(moduleObject: Module, importObject?: Imports): Promise<Instance>;
  function compileStreaming(source: Response | PromiseLike<Response>, options?: WebAssemblyCompileOptions): Promise<Module>;
  function instantiateStreaming(source: Response | PromiseLike<Response>, importObject?: Imports, options?: WebAssemblyCompileOptions): Promise<WebAssemblyInstantiatedSource>;
  const JSTag: Tag;
}

interface WebSocketEventMap {
  open: Event;
  message: MessageEvent<string | ArrayBuffer | Blob>;
  error: Event;
  close: CloseEvent;
}

/** A connection for messages in both directions. */
interface WebSocket extends EventTarget {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  readonly url: string;
  readonly readyState: 0 | 1 | 2 | 3;
  readonly bufferedAmount: number;
  readonly extensions: string;
  readonly protocol: string;
  binaryType: BinaryType;
  close(code?: number, reason?: string): void;
  send(data: string | BufferSource | Blob): void;
  /** Cloudflare's: has this end of a pair deliver its messages to its listeners. WebSockets made by the constructor need no such call. */
  accept(): void;
  onopen: ((this: WebSocket, event: Event) => any) | null;
  onmessage: ((this: WebSocket, event: MessageEvent<string | ArrayBuffer | Blob>) => any) | null;
  onerror: ((this: WebSocket, event: Event) => any) | null;
  onclose: ((this: WebSocket, event: CloseEvent) => any) | null;
  addEventListener<K extends keyof WebSocketEventMap>(type: K, callback: (this: WebSocket, event: WebSocketEventMap[K]) => any, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof WebSocketEventMap>(type: K, callback: (this: WebSocket, event: WebSocketEventMap[K]) => any, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
}
declare var WebSocket: {
  prototype: WebSocket;
  new(url: string | URL, protocols?: string | Iterable<string>): WebSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
};

/** Two WebSockets that are connected with each other, as properties `0` and `1`. */
interface WebSocketPair {
}
declare var WebSocketPair: {
  prototype: WebSocketPair;
  new(): WebSocketPair & { 0: WebSocket; 1: WebSocket };
};

/** WorkerGlobalScope */
interface WorkerGlobalScope extends EventTarget {
}
declare var WorkerGlobalScope: (abstract new () => WorkerGlobalScope) & {
  prototype: WorkerGlobalScope;
};

/** Where the worker's script is. */
interface WorkerLocation {
  /** Stringifier. */
  toString(): string;
  readonly href: string;
  readonly origin: string;
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}
declare var WorkerLocation: (abstract new () => WorkerLocation) & {
  prototype: WorkerLocation;
};

/** What the runtime says about itself. */
interface WorkerNavigator {
  readonly userAgent: string;
  readonly language: string;
  readonly languages: readonly string[];
  readonly onLine: boolean;
  readonly appCodeName: string;
  readonly appName: string;
  readonly appVersion: string;
  readonly platform: string;
  readonly product: string;
  readonly hardwareConcurrency: number;
}
declare var WorkerNavigator: (abstract new () => WorkerNavigator) & {
  prototype: WorkerNavigator;
};

/** `WritableStream`. */
interface WritableStream<W = any> {
  readonly locked: boolean;
  abort(reason?: any): Promise<void>;
  close(): Promise<void>;
  getWriter(): WritableStreamDefaultWriter<W>;
}
declare var WritableStream: {
  prototype: WritableStream;
  new<W = any>(underlyingSink?: UnderlyingSink<W>, strategy?: QueuingStrategy<W>): WritableStream<W>;
};

/** `WritableStreamDefaultController`. */
interface WritableStreamDefaultController {
  readonly signal: AbortSignal;
  error(e?: any): void;
}
declare var WritableStreamDefaultController: (abstract new () => WritableStreamDefaultController) & {
  prototype: WritableStreamDefaultController;
};

/** `WritableStreamDefaultWriter`. */
interface WritableStreamDefaultWriter<W = any> {
  readonly closed: Promise<void>;
  readonly desiredSize: number | null;
  readonly ready: Promise<void>;
  abort(reason?: any): Promise<void>;
  close(): Promise<void>;
  releaseLock(): void;
  write(chunk?: W): Promise<void>;
}
declare var WritableStreamDefaultWriter: {
  prototype: WritableStreamDefaultWriter;
  new<W = any>(stream: WritableStream<W>): WritableStreamDefaultWriter<W>;
};

/** The console of the worker. */
interface Console {
  log(...data: Array<any>): void;
  info(...data: Array<any>): void;
  debug(...data: Array<any>): void;
  warn(...data: Array<any>): void;
  error(...data: Array<any>): void;
  trace(...data: Array<any>): void;
  assert(condition?: boolean, ...data: Array<any>): void;
  dir(item?: any, options?: any): void;
  dirxml(...data: Array<any>): void;
  table(data?: any, columns?: Iterable<string>): void;
  group(...data: Array<any>): void;
  groupCollapsed(...data: Array<any>): void;
  groupEnd(): void;
  clear(): void;
  count(label?: string): void;
  countReset(label?: string): void;
  time(label?: string): void;
  timeLog(label?: string, ...data: Array<any>): void;
  timeEnd(label?: string): void;
}
declare var console: Console;

declare function setTimeout<A extends any[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
declare function setTimeout(callback: string, delay?: number): number;
declare function setInterval<A extends any[]>(callback: (...args: A) => void, delay?: number, ...args: A): number;
declare function setInterval(callback: string, delay?: number): number;
declare function clearTimeout(number?: number): void;
declare function clearInterval(number?: number): void;
declare var self: ServiceWorkerGlobalScope & typeof globalThis;
declare function queueMicrotask(callback: () => void): void;
declare function reportError(error: any): void;
declare function atob(data: string): string;
declare function btoa(data: string): string;
declare function structuredClone<T = any>(value: T, options?: StructuredSerializeOptions): T;
declare var onerror: OnErrorEventHandler;
declare var onunhandledrejection: ((this: ServiceWorkerGlobalScope, event: PromiseRejectionEvent) => any) | null;
declare var onrejectionhandled: ((this: ServiceWorkerGlobalScope, event: PromiseRejectionEvent) => any) | null;
declare var onlanguagechange: ((this: ServiceWorkerGlobalScope, event: Event) => any) | null;
declare var onoffline: ((this: ServiceWorkerGlobalScope, event: Event) => any) | null;
declare var ononline: ((this: ServiceWorkerGlobalScope, event: Event) => any) | null;
declare var onfetch: ((this: ServiceWorkerGlobalScope, event: FetchEvent) => any) | null;
declare var onscheduled: ((this: ServiceWorkerGlobalScope, event: ScheduledEvent) => any) | null;
declare var oninstall: ((this: ServiceWorkerGlobalScope, event: ExtendableEvent) => any) | null;
declare var onactivate: ((this: ServiceWorkerGlobalScope, event: ExtendableEvent) => any) | null;
declare var onmessage: ((this: ServiceWorkerGlobalScope, event: ExtendableMessageEvent) => any) | null;
declare var onmessageerror: ((this: ServiceWorkerGlobalScope, event: MessageEvent) => any) | null;
declare var crypto: Crypto;
declare var navigator: WorkerNavigator;
declare var performance: Performance;
declare function fetch(input: RequestInfo, init?: RequestInit): Promise<Response>;
declare var caches: CacheStorage;
declare var registration: ServiceWorkerRegistration;
declare var serviceWorker: ServiceWorker;
declare var clients: Clients;
declare function skipWaiting(): Promise<void>;
/** Runs scripts one after the other. They come from where modules come from: files beside the worker, while its top level is evaluated. */
declare function importScripts(...urls: Array<string>): void;
declare var scheduler: Scheduler;
declare var cookieStore: CookieStore;
declare function addEventListener<K extends keyof ServiceWorkerGlobalScopeEventMap>(type: K, callback: (this: ServiceWorkerGlobalScope, event: ServiceWorkerGlobalScopeEventMap[K]) => any, options?: boolean | AddEventListenerOptions): void;
declare function addEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
declare function removeEventListener<K extends keyof ServiceWorkerGlobalScopeEventMap>(type: K, callback: (this: ServiceWorkerGlobalScope, event: ServiceWorkerGlobalScopeEventMap[K]) => any, options?: boolean | EventListenerOptions): void;
declare function removeEventListener(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void;
declare function dispatchEvent(event: Event): boolean;

/** What the worker is bound to: the second argument of a module worker's handlers. */
interface Env {}
