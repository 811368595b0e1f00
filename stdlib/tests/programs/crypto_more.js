// Web Crypto beyond Node: what the specification says of reading parameters, SHA-3, contexts, DigestStream, timingSafeEqual, clones.
const { subtle } = crypto, log = console.log;
const text = new TextEncoder(), bytes = (...list) => new Uint8Array(list);
const hex = buffer => Array.from(new Uint8Array(buffer), byte => byte.toString(16).padStart(2, '0')).join('');
const fails = promise => promise.then(value => 'no error: ' + value, error => `${error.constructor.name} ${error.name}: ${error.message}`);
const message = text.encode('message'), counting = length => Uint8Array.from({ length }, (_, index) => index);

// SHA-3, alone and under other algorithms.
for (const hash of ['sha3-256', 'SHA3-384', { name: 'SHA3-512' }]) log(hex(await subtle.digest(hash, text.encode('abc'))));
const hmac = await subtle.importKey('raw', counting(300), { name: 'HMAC', hash: 'SHA3-256' }, true, ['sign', 'verify']);
log(hex(await subtle.sign('HMAC', hmac, message)), JSON.stringify(hmac.algorithm), Object.keys(await subtle.exportKey('jwk', hmac)).join());
log((await subtle.generateKey({ name: 'HMAC', hash: 'SHA3-512' }, true, ['sign'])).algorithm.length);
const pair = await subtle.generateKey({ name: 'RSA-PSS', modulusLength: 1024, publicExponent: bytes(3), hash: 'SHA3-384' }, true, ['sign', 'verify']);
log(pair.publicKey.algorithm.publicExponent, await subtle.verify({ name: 'RSA-PSS', saltLength: 9 }, pair.publicKey, await subtle.sign({ name: 'RSA-PSS', saltLength: 9 }, pair.privateKey, message), message));

// Members are read in the order of the dictionaries, once for the name and once for all; then buffers are copied.
const watch = (object, seen) => new Proxy(object, { get: (target, name) => (seen.push(name), target[name]) });
for (const [call, algorithm] of [
  [a => subtle.digest(a, message), { name: 'SHA-1' }],
  [a => subtle.generateKey(a, true, ['sign']), { name: 'rsa-pss', hash: 'SHA-256', publicExponent: bytes(1), modulusLength: 1 }],
  [a => subtle.importKey('raw', counting(3), a, true, ['sign']), { name: 'HMAC', length: 20, hash: 'SHA-1' }],
  [a => subtle.wrapKey('raw', hmac, hmac, a), { name: 'AES-CBC', iv: bytes() }],
]) {
  const seen = [];
  const outcome = await fails(call(watch(algorithm, seen)));
  log(seen.join(), outcome);
}
const key = await subtle.importKey('raw', counting(16), 'AES-CBC', true, ['encrypt']);
const iv = counting(16), data = counting(16);
const early = subtle.encrypt({ get name() { data[0] = 9; return 'AES-CBC'; }, iv }, key, data);
iv.fill(0); data.fill(0);
log(hex(await early) === hex(await subtle.encrypt({ name: 'AES-CBC', iv: counting(16) }, key, Uint8Array.of(9, ...counting(16).subarray(1)))));
log(await fails(subtle.encrypt({ get name() { throw new RangeError('mine'); } }, key, data)), await fails(subtle.digest(Symbol(), data)));

// Messages.
log(await fails(subtle.digest('MD5', data)), '|', await fails(subtle.importKey('none', data, 'HMAC', true, [])), '|', await fails(subtle.generateKey('HMAC', true, ['fly'])));
log(await fails(subtle.generateKey({ name: 'AES-CBC', length: -1 }, true, [])), '|', await fails(subtle.deriveBits({ name: 'ECDH', public: {} }, key, 8)), '|', await fails(subtle.importKey('jwk', 1, 'HMAC', true, [])));
log(await fails(subtle.generateKey({ name: 'AES-CBC', length: 100 }, true, ['sign'])), '|', await fails(subtle.importKey('jwk', bytes(1), 'AES-CBC', true, ['encrypt'])));

// Numbers that would not fit.
const { publicKey, privateKey } = pair;
log(await fails(subtle.sign({ name: 'RSA-PSS', saltLength: 2 ** 32 - 1 }, privateKey, message)), await subtle.verify({ name: 'RSA-PSS', saltLength: 2 ** 32 - 1 }, publicKey, counting(128), message), await subtle.verify({ name: 'RSA-PSS', saltLength: 9 }, publicKey, new Uint8Array(128).fill(255), message));
const password = await subtle.importKey('raw', message, 'PBKDF2', false, ['deriveBits']);
log(await fails(subtle.deriveBits({ name: 'PBKDF2', salt: data, iterations: 1, hash: 'SHA-1' }, password, 2 ** 32 - 8)), await fails(subtle.generateKey({ name: 'HMAC', hash: 'SHA-1', length: 2 ** 32 - 1 }, true, ['sign'])));
log(await fails(subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 2 ** 32 - 1, publicExponent: bytes(1, 0, 1) }, true, ['sign'])), await fails(subtle.encrypt({ name: 'AES-CBC', iv: bytes() }, key, data)));
for (const jwk of [{ kty: 'RSA', n: 'AQ', e: 'AQAB' }, { kty: 'RSA', n: '', e: '' }, { kty: 'RSA', n: 'AA', e: 'AA', d: 'AA' }, { kty: 'RSA', ...(await subtle.exportKey('jwk', privateKey)), p: 'AQ', alg: undefined }, { ...(await subtle.exportKey('jwk', privateKey)), qi: undefined }, { ...(await subtle.exportKey('jwk', privateKey)), dp: 'Aw' }]) {
  log(await fails(subtle.importKey('jwk', jwk, { name: 'RSA-PSS', hash: 'SHA3-384' }, true, jwk.d ? ['sign'] : ['verify'])));
}
const { p, q, dp, dq, qi, ...short } = await subtle.exportKey('jwk', (await subtle.generateKey({ name: 'RSA-PSS', modulusLength: 1024, publicExponent: bytes(1, 0, 1), hash: 'SHA-256' }, true, ['sign'])).privateKey);
const found = await subtle.exportKey('jwk', await subtle.importKey('jwk', short, { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['sign']));
log([p, q].sort().join() === [found.p, found.q].sort().join(), found.d === short.d);

// Ed448 signs in a context.
const ed448 = await subtle.generateKey('Ed448', false, ['sign', 'verify']), signature = await subtle.sign({ name: 'Ed448', context: counting(255) }, ed448.privateKey, message);
log(await subtle.verify({ name: 'Ed448', context: counting(255) }, ed448.publicKey, signature, message), await subtle.verify('Ed448', ed448.publicKey, signature, message), await fails(subtle.sign({ name: 'Ed448', context: counting(256) }, ed448.privateKey, message)));

// The results of a polluted prototype are nobody's keys.
Object.prototype.alg = 'HS1';
const wrapper = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt', 'wrapKey', 'unwrapKey']), gcm = { name: 'AES-GCM', iv: counting(12) };
const json = await subtle.encrypt(gcm, wrapper, text.encode('{"kty":"oct","k":"AAAA"}'));
log((await subtle.unwrapKey('jwk', json, wrapper, gcm, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])).algorithm.length, await fails(subtle.importKey('jwk', { kty: 'oct', k: 'AAAA' }, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])));
delete Object.prototype.alg;

// structuredClone, inside other things too.
const cloned = structuredClone({ list: [hmac, hmac], pair });
log(cloned.list[0] === cloned.list[1], cloned.list[0] !== hmac, cloned.list[0].algorithm !== hmac.algorithm, hex(await subtle.exportKey('raw', cloned.list[0])) === hex(counting(300)), cloned.pair.privateKey.usages.join());
log(key, Object.prototype.toString.call(key));

// timingSafeEqual
log(subtle.timingSafeEqual(bytes(1, 2), bytes(1, 2).buffer), subtle.timingSafeEqual(bytes(1, 2), bytes(1, 3)));
try { subtle.timingSafeEqual(bytes(1), bytes()); } catch (error) { log(error.name, error.message); }

// DigestStream
const { DigestStream } = crypto;
const stream = new DigestStream('SHA-256'), writer = stream.getWriter();
log(stream instanceof WritableStream, stream instanceof DigestStream, DigestStream.name, 'DigestStream' in globalThis, Object.prototype.toString.call(stream));
await writer.write('mess'); await writer.write(text.encode('age').buffer); await writer.close();
log(hex(await stream.digest) === hex(await subtle.digest('SHA-256', message)), stream.bytesWritten, (await stream.digest).constructor.name);
const piped = new DigestStream({ name: 'SHA-1' });
await new Response('message').body.pipeTo(piped);
log(hex(await piped.digest) === hex(await subtle.digest('SHA-1', message)));
const aborted = new DigestStream('SHA-512');
await aborted.abort(new Error('enough'));
log(await aborted.digest.catch(error => error.message));
const wrong = new DigestStream('SHA-512').getWriter();
log(await fails(wrong.write(1)), hex(await (async () => { const empty = new DigestStream('SHA-1'); await empty.close(); return empty.digest; })()));
try { new DigestStream('MD5'); } catch (error) { log(error.name, error.message); }
