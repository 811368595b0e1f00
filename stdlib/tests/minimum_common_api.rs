//! ECMA-429, the Minimum common web API, edition of 2025: every line of its index. WebAssembly's names are there, but nothing compiles.
//! <https://min-common-api.proposal.wintertc.org/#api-index>
//!
//! The index names interfaces; their members here are those of the standards it refers to, as exposed to workers.

use mayfly_engine::{Context, ContextOptions, Natives};
use mayfly_stdlib::fake::{FakePlatform, fake, run_until_idle};
use mayfly_stdlib::platform::WorkerHost;
use std::rc::Rc;

/// Interfaces with their members: those of the prototype, then after `|` those of the constructor.
const INTERFACES: &[(&str, &str)] = &[
    ("AbortController", "signal abort"),
    ("AbortSignal", "aborted reason throwIfAborted onabort | abort any timeout"),
    ("Blob", "size type slice stream text arrayBuffer bytes"),
    ("ByteLengthQueuingStrategy", "highWaterMark size"),
    ("CompressionStream", "readable writable"),
    ("CountQueuingStrategy", "highWaterMark size"),
    ("Crypto", "subtle getRandomValues randomUUID"),
    ("CryptoKey", "type extractable algorithm usages"),
    ("CustomEvent", "detail initCustomEvent"),
    ("DecompressionStream", "readable writable"),
    (
        "DOMException",
        "name message code INDEX_SIZE_ERR DOMSTRING_SIZE_ERR HIERARCHY_REQUEST_ERR WRONG_DOCUMENT_ERR INVALID_CHARACTER_ERR \
         NO_DATA_ALLOWED_ERR NO_MODIFICATION_ALLOWED_ERR NOT_FOUND_ERR NOT_SUPPORTED_ERR INUSE_ATTRIBUTE_ERR INVALID_STATE_ERR SYNTAX_ERR \
         INVALID_MODIFICATION_ERR NAMESPACE_ERR INVALID_ACCESS_ERR VALIDATION_ERR TYPE_MISMATCH_ERR SECURITY_ERR NETWORK_ERR ABORT_ERR \
         URL_MISMATCH_ERR QUOTA_EXCEEDED_ERR TIMEOUT_ERR INVALID_NODE_TYPE_ERR DATA_CLONE_ERR | INDEX_SIZE_ERR DOMSTRING_SIZE_ERR HIERARCHY_REQUEST_ERR WRONG_DOCUMENT_ERR \
         INVALID_CHARACTER_ERR NO_DATA_ALLOWED_ERR NO_MODIFICATION_ALLOWED_ERR NOT_FOUND_ERR NOT_SUPPORTED_ERR INUSE_ATTRIBUTE_ERR \
         INVALID_STATE_ERR SYNTAX_ERR INVALID_MODIFICATION_ERR NAMESPACE_ERR INVALID_ACCESS_ERR VALIDATION_ERR TYPE_MISMATCH_ERR \
         SECURITY_ERR NETWORK_ERR ABORT_ERR URL_MISMATCH_ERR QUOTA_EXCEEDED_ERR TIMEOUT_ERR INVALID_NODE_TYPE_ERR DATA_CLONE_ERR",
    ),
    ("ErrorEvent", "message filename lineno colno error"),
    (
        "Event",
        "type target srcElement currentTarget composedPath NONE CAPTURING_PHASE AT_TARGET BUBBLING_PHASE eventPhase stopPropagation \
         cancelBubble stopImmediatePropagation bubbles cancelable returnValue preventDefault defaultPrevented composed timeStamp initEvent \
         | NONE CAPTURING_PHASE AT_TARGET BUBBLING_PHASE",
    ),
    ("EventTarget", "addEventListener removeEventListener dispatchEvent"),
    ("File", "name lastModified"),
    ("FormData", "append delete get getAll has set entries keys values forEach @@iterator"),
    ("Headers", "append delete get getSetCookie has set entries keys values forEach @@iterator"),
    ("MessageChannel", "port1 port2"),
    ("MessageEvent", "data origin lastEventId source ports initMessageEvent"),
    ("MessagePort", "postMessage start close onmessage onmessageerror onclose"),
    ("Performance", "now timeOrigin toJSON"),
    ("PromiseRejectionEvent", "promise reason"),
    ("ReadableByteStreamController", "byobRequest desiredSize close enqueue error"),
    ("ReadableStream", "locked cancel getReader pipeThrough pipeTo tee values @@asyncIterator | from"),
    ("ReadableStreamBYOBReader", "closed cancel read releaseLock"),
    ("ReadableStreamBYOBRequest", "view respond respondWithNewView"),
    ("ReadableStreamDefaultController", "desiredSize close enqueue error"),
    ("ReadableStreamDefaultReader", "closed cancel read releaseLock"),
    (
        "Request",
        "method url headers destination referrer referrerPolicy mode credentials cache redirect integrity keepalive isReloadNavigation \
         isHistoryNavigation signal duplex clone body bodyUsed arrayBuffer blob bytes formData json text",
    ),
    (
        "Response",
        "type url redirected status ok statusText headers clone body bodyUsed arrayBuffer blob bytes formData json text \
         | error redirect json",
    ),
    ("SubtleCrypto", "encrypt decrypt sign verify digest generateKey deriveKey deriveBits importKey exportKey wrapKey unwrapKey"),
    ("TextDecoder", "encoding fatal ignoreBOM decode"),
    ("TextDecoderStream", "encoding fatal ignoreBOM readable writable"),
    ("TextEncoder", "encoding encode encodeInto"),
    ("TextEncoderStream", "encoding readable writable"),
    ("TransformStream", "readable writable"),
    ("TransformStreamDefaultController", "desiredSize enqueue error terminate"),
    (
        "URL",
        "href origin protocol username password host hostname port pathname search searchParams hash toJSON toString \
         | canParse parse createObjectURL revokeObjectURL",
    ),
    ("URLPattern", "test exec protocol username password hostname port pathname search hash hasRegExpGroups"),
    ("URLSearchParams", "size append delete get getAll has set sort entries keys values forEach toString @@iterator"),
    ("WritableStream", "locked abort close getWriter"),
    ("WritableStreamDefaultController", "signal error"),
    ("WritableStreamDefaultWriter", "closed desiredSize ready abort close releaseLock write"),
];

/// Functions of the global object.
const FUNCTIONS: &str = "atob btoa clearTimeout clearInterval fetch queueMicrotask reportError setTimeout setInterval structuredClone";

/// Other properties of the global object.
const PROPERTIES: &str = "globalThis console crypto navigator onerror onunhandledrejection onrejectionhandled performance self";

/// Members of objects of the global object.
const MEMBERS: &[(&str, &str)] = &[
    ("navigator", "userAgent"),
    (
        "console",
        "assert clear debug error info log table trace warn dir dirxml count countReset group groupCollapsed groupEnd time timeLog timeEnd",
    ),
    ("crypto", "subtle getRandomValues randomUUID"),
    ("performance", "now timeOrigin toJSON"),
    ("WebAssembly", "Global Instance Memory Module Table compile compileStreaming instantiate instantiateStreaming validate"),
];

/// What a program prints.
fn output(source: &str) -> String {
    let natives = Rc::new(Natives::new(&mayfly_stdlib::NATIVES));
    let platform = FakePlatform { epoch_ms: 1000.0, ..FakePlatform::default() };
    let mut cx = Context::new(Box::new(WorkerHost::new(Box::new(platform))), natives, ContextOptions::default()).expect("a context");
    let outcome = cx.enter(|cx| {
        mayfly_stdlib::install(cx)?;
        cx.evaluate_module(source, "test.js")?;
        run_until_idle(cx, 1000.0)
    });
    assert!(outcome.is_ok(), "the program was stopped");
    fake(&mut cx).expect("the platform").output()
}

fn split(members: &str) -> (Vec<&str>, Vec<&str>) {
    let (own, fixed) = members.split_once('|').unwrap_or((members, ""));
    (own.split_whitespace().collect(), fixed.split_whitespace().collect())
}

/// What the standard's index counts: 43 interfaces outside WebAssembly.
#[test]
fn the_table_is_whole() {
    assert_eq!(INTERFACES.len(), 43);
    assert!(INTERFACES.is_sorted_by_key(|(name, _)| name.to_ascii_lowercase()));
}

#[test]
fn every_interface_and_member() {
    let mut source = String::from(
        "const missing = [];
        const key = name => name.startsWith('@@') ? Symbol[name.slice(2)] : name;
        function check(name, own, fixed) {
            const property = Object.getOwnPropertyDescriptor(globalThis, name);
            if (typeof globalThis[name] !== 'function') return missing.push(name);
            if (property.enumerable || !property.writable || !property.configurable) missing.push(name + ' has other attributes');
            // Where a member is inherited, the standard has it on another interface.
            for (const member of own)
                if (!Object.hasOwn(globalThis[name].prototype, key(member))) missing.push(name + '.prototype.' + member);
            for (const member of fixed) if (!Object.hasOwn(globalThis[name], member)) missing.push(name + '.' + member);
        }\n",
    );
    for (name, members) in INTERFACES {
        let (own, fixed) = split(members);
        source += &format!("check({name:?}, {own:?}, {fixed:?});\n");
    }
    source += "console.log(missing.join('\\n'));";
    assert_eq!(output(&source), "\n");
}

#[test]
fn every_global_property() {
    let mut source = String::from("const missing = [];\n");
    for name in FUNCTIONS.split_whitespace() {
        source += &format!("if (typeof globalThis.{name} !== 'function') missing.push('{name}');\n");
    }
    for name in PROPERTIES.split_whitespace() {
        source += &format!("if (!('{name}' in globalThis) || globalThis.{name} === undefined) missing.push('{name}');\n");
    }
    for (object, members) in MEMBERS {
        for member in members.split_whitespace() {
            source += &format!("if ({object}.{member} === undefined) missing.push('{object}.{member}');\n");
        }
    }
    source += "console.log(missing.join('\\n'));";
    assert_eq!(output(&source), "\n");
}

/// Where scripts reach what they cannot construct, and how interfaces inherit from each other.
#[test]
fn instances() {
    let source = "
        const missing = [];
        const is = (value, name) => { if (!(value instanceof globalThis[name]) || Object.prototype.toString.call(value) !== `[object ${name}]`) missing.push(name); };
        for (const [name, parent] of Object.entries({
            AbortSignal: EventTarget, CustomEvent: Event, ErrorEvent: Event, MessageEvent: Event, PromiseRejectionEvent: Event, MessagePort: EventTarget,
            DOMException: Error, File: Blob, Performance: EventTarget,
        })) if (!(globalThis[name].prototype instanceof parent)) missing.push(name + ' extends ' + parent.name);
        is(crypto, 'Crypto'); is(crypto.subtle, 'SubtleCrypto'); is(performance, 'Performance');
        is(new AbortController().signal, 'AbortSignal');
        const { port1 } = new MessageChannel(); is(port1, 'MessagePort');
        new ReadableStream({ start(controller) { is(controller, 'ReadableStreamDefaultController'); } });
        const bytes = new ReadableStream({ type: 'bytes', pull(controller) {
            is(controller, 'ReadableByteStreamController'); is(controller.byobRequest, 'ReadableStreamBYOBRequest');
            controller.byobRequest.view[0] = 7; controller.byobRequest.respond(1);
        } });
        const reader = bytes.getReader({ mode: 'byob' }); is(reader, 'ReadableStreamBYOBReader');
        new WritableStream({ start(controller) { is(controller, 'WritableStreamDefaultController'); } });
        new TransformStream({ start(controller) { is(controller, 'TransformStreamDefaultController'); } });
        is(new WritableStream().getWriter(), 'WritableStreamDefaultWriter'); is(new ReadableStream().getReader(), 'ReadableStreamDefaultReader');
        is(await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, ['encrypt']), 'CryptoKey');
        if ((await reader.read(new Uint8Array(4))).value[0] !== 7) missing.push('byob read');
        const trusted = Object.getOwnPropertyDescriptor(new Event('x'), 'isTrusted');
        if (typeof trusted?.get !== 'function' || trusted.configurable || !trusted.enumerable) missing.push('isTrusted');
        for (const format of ['deflate', 'deflate-raw', 'gzip', 'brotli']) { new CompressionStream(format); new DecompressionStream(format); }
        console.log(missing.join('\\n'));
    ";
    assert_eq!(output(source), "\n");
}

/// The requirements in prose: the global object, its events, the user agent.
#[test]
fn the_global_scope() {
    let source = "
        console.log(globalThis instanceof EventTarget, self === globalThis, new Event('x').isTrusted);
        console.log(/^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/.test(navigator.userAgent));
        const seen = [];
        addEventListener('error', event => { seen.push(event.constructor.name, event.error.message); event.preventDefault(); });
        onunhandledrejection = event => { seen.push(event.constructor.name, event.type, event.reason); event.preventDefault(); };
        onrejectionhandled = event => { seen.push(event.type, event.promise === late); };
        reportError(new Error('reported'));
        setTimeout(() => { throw new Error('thrown'); });
        const late = Promise.reject('late');
        setTimeout(() => late.catch(() => {}), 5);
        setTimeout(() => console.log(seen.join(' ')), 10);
        onerror = (message, file, line, column, error) => { seen.push(typeof message, typeof line, error.message); return true; };
    ";
    let expected = "true true false\ntrue\nErrorEvent reported PromiseRejectionEvent unhandledrejection late ErrorEvent thrown string number \
                    thrown rejectionhandled true\n";
    assert_eq!(output(source), expected);
}
