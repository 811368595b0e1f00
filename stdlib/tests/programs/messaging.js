const log = (...values) => console.log(...values);
const turn = (ms = 5) => new Promise(resolve => setTimeout(resolve, ms));

log('— channels');
{
    const { port1, port2 } = new MessageChannel();
    log(port1 instanceof MessagePort, port1 instanceof EventTarget, String(port1), MessagePort.prototype.postMessage.length);
    try { new MessagePort(); } catch (e) { log(e.message); }
    port2.addEventListener('message', e => log('listener', e.data));
    port1.postMessage('before start');
    await turn();
    log('nothing yet');
    port2.start();
    port1.postMessage('after start');
    queueMicrotask(() => log('microtask first'));
    await turn();
    port2.onmessage = function (e) {
        log('handler', this === port2, e.isTrusted, e.type, e.origin === '', e.lastEventId === '', e.source, e.ports.length, Object.isFrozen(e.ports));
    };
    const date = new Date(0);
    port1.postMessage({ date, map: new Map([[1, date]]) });
    await turn();
}

log('— arguments');
{
    const { port1, port2 } = new MessageChannel();
    const buffer = new ArrayBuffer(3);
    port2.onmessage = e => log('got', e.data, e.ports.length);
    port1.postMessage(buffer, [buffer]);
    log(buffer.byteLength, buffer.detached);
    port1.postMessage('options', { transfer: [] });
    port1.postMessage('nothing', undefined);
    port1.postMessage('null', null);
    for (const bad of [() => port1.postMessage(), () => port1.postMessage(1, 2), () => port1.postMessage(1, [2]),
        () => port1.postMessage(Symbol('s')), () => port1.postMessage(() => {}), () => port1.postMessage(1, [port1]),
        () => port1.postMessage(1, [buffer]), () => port1.postMessage(1, [{}]), () => { const b = new ArrayBuffer(1); port1.postMessage(b, [b, b]); },
        () => MessagePort.prototype.start.call({})]) {
        try { bad(); log('no error'); } catch (e) { log(e.name, e.message); }
    }
    await turn();
}

log('— transfer of ports');
{
    const a = new MessageChannel(), b = new MessageChannel();
    a.port1.postMessage(1);
    b.port1.postMessage('with port', [a.port2]);
    a.port1.postMessage(2);
    const { ports: [moved] } = await new Promise(resolve => b.port2.onmessage = resolve);
    log(moved !== a.port2, moved instanceof MessagePort);
    moved.onmessage = e => { log('moved got', e.data); e.data === 3 && moved.postMessage('back'); };
    a.port1.onmessage = e => log('origin got', e.data);
    a.port1.postMessage(3);
    await turn();
    try { b.port1.postMessage(0, [a.port2]); } catch (e) { log(e.name); }
    const clone = structuredClone({ port: a.port1, again: a.port1 }, { transfer: [a.port1] });
    log(clone.port === clone.again, clone.port instanceof MessagePort);
    clone.port.onmessage = e => log('clone got', e.data);
    moved.postMessage('to the clone');
    await turn();
    try { structuredClone(clone.port); } catch (e) { log(e.name); }
    const c = new MessageChannel();
    c.port2.onmessage = () => log('never');
    c.port1.postMessage('doomed', [c.port2]);
    await turn();
}

log('— closing');
{
    const { port1, port2 } = new MessageChannel();
    port2.onclose = e => log('closed', e.type, e instanceof MessageEvent);
    port2.onmessage = e => log('in flight', e.data);
    port1.postMessage(1);
    port1.close();
    port1.postMessage(2);
    port1.close();
    await turn();
    try { structuredClone(port1, { transfer: [port1] }); } catch (e) { log(e.name); }
}

log('— broadcast');
{
    const [one, two, other] = ['x', 'x', 'y'].map(name => new BroadcastChannel(name));
    one.onmessage = e => log('one', e.data);
    two.onmessage = e => { log('two', e.data, e.target === two, e.origin === '', e.ports.length); };
    other.onmessage = () => log('never');
    let reads = 0;
    one.postMessage({ get n() { return ++reads; } });
    two.postMessage('from two');
    await turn();
    log(reads, one.name);
    two.postMessage('last');
    one.close();
    await turn();
    for (const bad of [() => one.postMessage(Symbol()), () => two.postMessage(Symbol('z')), () => BroadcastChannel('x'), () => new BroadcastChannel()]) {
        try { bad(); } catch (e) { log(e.name, e.message); }
    }
}

log('— MessageEvent');
{
    const { port1 } = new MessageChannel();
    const event = new MessageEvent('m', { data: 1, origin: 'o', lastEventId: 'i', source: port1, ports: [port1], bubbles: true });
    log(event.data, event.origin, event.lastEventId, event.source === port1, event.ports[0] === port1, event.ports === event.ports, event.bubbles);
    event.initMessageEvent('n', false, true, 'd');
    log(event.type, event.data, event.origin === '', event.source, event.ports.length, event.cancelable, event.bubbles);
    for (const init of [{ source: {} }, { source: 1 }, { ports: [1] }, { ports: 1 }]) {
        try { new MessageEvent('m', init); } catch (e) { log(e.name); }
    }
    log(new MessageEvent('m', { source: null, data: undefined }).data, MessageEvent.prototype.initMessageEvent.length);
}

log('— streams');
{
    const source = new ReadableStream({
        start(c) { c.enqueue('a'); c.enqueue({ n: 1 }); },
        pull(c) { c.close(); },
    });
    const moved = structuredClone(source, { transfer: [source] });
    log(moved instanceof ReadableStream, source.locked, moved.locked);
    for await (const chunk of moved) log('chunk', chunk);

    const failing = new ReadableStream({ pull(c) { c.error(new RangeError('broken')); } });
    const far = structuredClone(failing, { transfer: [failing] });
    await far.getReader().read().catch(e => log(e.name, e.message));

    let cancelled;
    const endless = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(reason) { cancelled = reason; } });
    const reader = structuredClone(endless, { transfer: [endless] }).getReader();
    log(await reader.read());
    await reader.cancel('enough');
    await turn();
    log(cancelled);

    const uncloneable = new ReadableStream({ start(c) { c.enqueue(() => {}); } });
    const broken = structuredClone(uncloneable, { transfer: [uncloneable] });
    await broken.getReader().read().catch(e => log(e.name));

    const written = [];
    const sink = new WritableStream({ write(chunk) { written.push(chunk); }, close() { written.push('closed'); } });
    const writer = structuredClone(sink, { transfer: [sink] }).getWriter();
    await writer.write(new Uint8Array([1, 2]));
    await writer.write('text');
    await writer.close();
    await turn();
    log(written);

    const transform = new TransformStream({ transform(chunk, c) { c.enqueue(chunk * 2); } });
    const { port1, port2 } = new MessageChannel();
    port1.postMessage({ transform }, [transform]);
    const pair = (await new Promise(resolve => port2.onmessage = resolve)).data.transform;
    log(pair instanceof TransformStream, transform.readable.locked, transform.writable.locked);
    const doubled = ReadableStream.from([1, 2, 3]).pipeThrough(pair);
    for await (const number of doubled) log(number);

    const locked = new ReadableStream();
    locked.getReader();
    try { structuredClone(locked, { transfer: [locked] }); } catch (e) { log(e.name); }
    try { structuredClone(new ReadableStream()); } catch (e) { log(e.name); }
}

log('— many');
{
    const { port1, port2 } = new MessageChannel();
    let sum = 0;
    const done = new Promise(resolve => port2.onmessage = e => { sum += e.data; if (e.data === 999) resolve(); });
    for (let i = 0; i < 1000; i++) port1.postMessage(i);
    await done;
    log(sum);
    clearTimeout(1); for (let i = 0; i < 3000; i++) clearTimeout(i);
    port1.postMessage(999);
    await turn();
    log(sum);
}
