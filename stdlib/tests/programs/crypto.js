// Web Crypto as Node has it: known answers with fixed keys, signatures and ciphertexts made by another implementation, formats, errors.
const { subtle } = crypto, log = console.log;
const text = new TextEncoder(), bytes = (...list) => new Uint8Array(list);
const hex = buffer => Array.from(new Uint8Array(buffer), byte => byte.toString(16).padStart(2, '0')).join('');
const unhex = digits => Uint8Array.from(digits.match(/../g), pair => parseInt(pair, 16));
const sorted = jwk => JSON.stringify(Object.fromEntries(Object.entries(jwk).sort()));
const fails = promise => promise.then(value => 'no error: ' + value, error => error.constructor.name + ' ' + error.name);
const message = text.encode('message'), counting = length => Uint8Array.from({ length }, (_, index) => index);

// What other implementations made.
const keys = { "rsa": { "kty": "RSA", 
  "n": "2myIloQtN7M4uiB5XeB2igUIzI_KNTfZSQCfGLXaLqEVsYksxHQnklQysTAHmQNQrUloH_B2RaMmQ15yYCYisDnKzZuiZa32_JckYUgG6f6duB-l5Hon6hdc04aL_6yirq3DIUjvyH8aw7EMs7XTYrH6LbiXJOAUY91VnesDwcs", 
  "e": "AQAB", 
  "d": "CYuUrH86OqTqZbflleSpSX7O06G1BH5cUIRmb34C-uavPALyoeMxl4N2c6fVrSon7Gq40ix__qsSkP8foHQKL_ScsANu1bUIAcahhirJLtNYc6FFVNcvicPvcXZj9cjUVwYS4eydvzIQO8JFg9CBYpNOmctzhD3KEBa-CE9VwYE", 
  "p": "_u6f0E24-IUmTEiihq9bJTE7avLpC4BTDA4jrW1hMAbiKokPlbNWqv04hOsd42SiWK52yKscrVEfXgjigF-IjQ", 
  "q": "21bChVsCLFpYjzYhxEKtMXGVlG83z4PANWOoLQPJrcJtMNJh1ZbraOdkVX4Ai-O_7e2VJRQarHqEyGf9cIj5tw", 
  "dp": "JCEddSAOvunf65-_qObhO_wmN5oFfSPKoUK_u6xswam4E98o3kZ0WfdZMz0_FyMD_x16qCXYApgkoecQcrEXYQ", 
  "dq": "lgDbv3_iGJsg_bAzn5lKAQqBFaaKMK0WAm1JUp_IicDyE_WNWxl_nZrCD4XAsersE7frzBPXuiWAMd6MgS3sOQ", 
  "qi": "yQpWH4H12WHNkBgJ__vBS_jxk_sca6CzYfShoMBHdgKgUxz_RvIHWp5r4RRbd1dRC4Wm5GQGRa81C6W700nKig" }, 
  "pss": "523527ff0b3ead8ed6a8701cbd8c90f52cb6590f391ea8f00565b2f29526a6b279f1b20074cad5caca330385bee31d13e7b5fb010dbadf926a956abb45af85b271a8a49740fda9e747a811810a89d1fdec650cac161e9305c14fb37d7952bfa5f96be881892beb1fd8efe8db6ec38749f4bf445a001e3de99f1ee97a1b136db1", 
  "oaep": "22ee8d8ea29874dd457b46949fa1ea39f37adb6f0c3c09e62fd2f4bbfbde9094345bb79482944f2ee88cccb67db49a3ea1ab57bc88a3a579a204398c279938de108bef8e23b683c57263967f035b017d5c2031f84208ae0ecc3a64f4c83eb1d696c64b1843445c9381755dbc470d9f21be13d2d19ed1e22264bf6956f8b31181", 
  "ec": { "P-256": { "jwk": { "kty": "EC", "x": "2xJQo_eiLe1GhlrrpGAj8-VIAk8WfId0cHwmmwVEUso", 
  "y": "yEG9dd5cbwKg_duF5NuI27K05wgaL0a673cq3z7y_Ac", "crv": "P-256", "d": "QO6Zif0y7zOK5Zb7mzEWiKltP7JOwuAAovEqFHn1hqo" }, "sig": { 
  "SHA-1": "f94369eef4caf511d37137769839b80730be21df9105b42c276f59b31cf0494feb4292825b55fceccdb28c0a09467183d360a25db86f77ed7796f06518c3b3ab", 
  "SHA-256": "592e743aa689148fd5c12e72a7614c7d456dd76bc611fe39639283e561f1d8c45cce9efc08a4bcdd7541c6b06e0fef03c08f9b01cc93616f86fad911c034cf97", 
  "SHA-512": "a40a84748e38a6b6396b08bb9844258ec9e41dbd920ce093879206d0e4143688592e04b04f68c4f071a94b0ab3effe5603feb6e06b746ff2afe6d80288df21be" } }, 
  "P-384": { "jwk": { "kty": "EC", "x": "shuxFgt9cilB70KGe9NHqFmJjuwPRHikT_yL1NCKebg9KrryF_TXucxNncwUqsPE", 
  "y": "BJhfOvl7GkACvBBgkPw3CurIAq8faTUlzyfOcUHwp1Z8Pu2_NGNZsXmvuj9QkdeA", "crv": "P-384", 
  "d": "nnQXj2yZDkZEuEc8UhHNmQlIo08SRxQg2LHBVY1ku1EAc8CFWMGdtp_B3lNfIdjs" }, "sig": { 
  "SHA-1": "0da30d621b1c09c2b96c8c696f86b943c23414cc857a2b162db7f0b1bb9ff2bebee61b2829ecfd260d674fbd6ca3faa13722713e1ee002dd3e8bfe40d541b6a0903927aa8ff27733bbb9097815c42ee090a945d89e7ca87a482f83df37b8f473", 
  "SHA-256": "65d0d98d858734cbe8881d8ff32a36471d085536138be8d597a49b0d789a3348f5cd9485f1c9c250c1c21d38c36365b420442a9246827e45fdd33bdae67d59ff3abaed83005d26c0d9e5dc0f3e5ff3f8666e206c6ed5fb3c6a7fac3f644bb089", 
  "SHA-512": "3a07cdcc358d6a356e0ec056a6541f6242f97457233dd96cf9d3e5804959c09ad010330133fd9d632226a56094c21e7f0b78fe4afc90af04b8d02486530e3dde7df41d326ab4b7497daf3c7fc270746f4480dbc87dd8e714155efd55dbe81652" } }, 
  "P-521": { "jwk": { "kty": "EC", "x": "AaKrA2XGR22IwfdA4qbp8Dwp1NoHbXDqfyHjS91Mie9J4Zw2cH0ln-feQI1bPOyLQQ8A4yc9TY60Y10FmVfkrVCS", 
  "y": "AH6ddzFJO6-09OdcCeY7uWpnK6OOxAWQdkcljF5hQWKv21Qf0RvIM3IKlFyCcDsLZ7D6sryPJ9OYHsX1n1p__RGf", "crv": "P-521", 
  "d": "ATeHh_FhQmZvJx9kQZv5remT7r7PEpTGHfc23Px5UCmoAr5mQAV2Suil6F6w3mKP8CF4lg-IE1VdtIrWTjUS5P_J" }, "sig": { 
  "SHA-1": "01903f29f9cce3964f9fd847317eb388e46dbaa11af6d6bc48a7c3bba07a2272ec139909e8c02fd24bb93ab519b92484a8045b9b7906ed26593eec80b2629f62b9dd015105e2dbe77dd18e391588f317617af894726ac490536af1e078d51261b2bf38c800ea886ab72285c0979a5b89ed14c44c5dc48e5c34a81f88c90d6b06761dd28d", 
  "SHA-256": "00dbf24879af90f501618c7f1399aa0e0619e14f3e356d489e3749ebc716ca7b9837dfefabacf29f8c7043a14d53f875d4e6c6e1df5c287ef604719fdbb7aaa9e48c001a717c72c64bc69055e1947f1f33dd1afcda81618f5fee54f9590e95563bb745d2b43e2c8ef91b4a06d4fc0ed230baacb1c6b56ea2ce0858ff58602b1be59ec45a", 
  "SHA-512": "008b746c0a52dc15bc0d1b7998364100d3e96c41ea999258312ee833983707daef906df3dde51c44ae5431ac11a86d5e05879259cd6ec096dee106e7094710b4779d00ace470a7cca6484b46d73960d2ba9f245d65fa8a6ec5ee6646b6602012394d493ecb5403245768585e6a0895a25816acefd097593f5f117fa23404668494c1e20b" } } }, 
  "Ed25519": { "crv": "Ed25519", "d": "13HjqeHXoPvMhs18w2ZlNpmDXr-bUpLmBR4T5TMT9xk", 
  "x": "XanFU73p8T7wcwCByz0kKdWXnholxIQ3z-4VyziTEtQ", "kty": "OKP" }, "Ed448": { "crv": "Ed448", 
  "d": "FVemeCciMpINIazwa1oPGrDWSrn2Gb5vn5iAmfDjmmMKDk4wICCIoh3MVIC8ckqCnZeEXApkAVu7", 
  "x": "1baJ0ymHgq-UauOwn7x3yGmHRAy4kkrz6sxJwWH9OyyvWhzpInSvZrSMpVDrs9ronCLLx_U3uvcA", "kty": "OKP" }, "X25519": { "crv": "X25519", 
  "d": "EMkSiCtG_-Zi4hCDknkqxjMMWbHh4U7xKshvOxEeV2k", "x": "q9rJdW1VH3ktcfzSNgjk7fSI21-5viJNMAaFz-206V0", "kty": "OKP" }, "X448": { 
  "crv": "X448", "d": "8LSC5DxQPajilb3QXcobT8Loi_iE4eu_v5KdocFb5AmiP1s2nsxgkfoPsvwT-KqCfJitEXZIe7Y", 
  "x": "Z-WQIwP7BMkIvzra50boaXSf7H2F5rXCV27jYFmDK8lUrFntHFXq5CB7uxp0Bn0qBOncgTKQp98", "kty": "OKP" } };

// Digests and authentication codes.
for (const hash of ['SHA-1', 'sha-256', 'SHA-384', { name: 'SHA-512' }]) log(hex(await subtle.digest(hash, message)));
for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) {
  const key = await subtle.importKey('raw', counting(200), { name: 'HMAC', hash }, true, ['verify', 'sign']);
  const mac = await subtle.sign('HMAC', key, message);
  log(key.type, key.extractable, JSON.stringify(key.algorithm), key.usages.join(), hex(mac), await subtle.verify('hmac', key, mac, message), await subtle.verify('hmac', key, mac, bytes()));
}
log(sorted(await subtle.exportKey('jwk', await subtle.importKey('raw', bytes(1, 2, 3), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']))));

// AES.
const modes = {
  'AES-CBC': { iv: counting(16) }, 'AES-CTR': { counter: new Uint8Array(16).fill(255), length: 8 },
  'AES-GCM': { iv: counting(12), additionalData: counting(20) },
};
for (const [name, parameters] of Object.entries(modes)) {
  for (const length of [16, 24, 32]) {
    const key = await subtle.importKey('raw', counting(length), name, true, ['encrypt', 'decrypt']);
    for (const size of [0, 1, 16, 50]) {
      const ciphertext = await subtle.encrypt({ name, ...parameters }, key, counting(size));
      const plaintext = await subtle.decrypt({ name, ...parameters }, key, ciphertext);
      log(name, 8 * length, hex(ciphertext), hex(plaintext) === hex(counting(size)));
    }
    log(sorted(await subtle.exportKey('jwk', key)));
  }
}
const gcm = await subtle.importKey('raw', counting(16), 'AES-GCM', false, ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']);
for (const length of [12, 16, 32]) log(hex(await subtle.encrypt({ name: 'AES-GCM', iv: counting(length), tagLength: 96 }, gcm, message)));
log(await fails(subtle.decrypt({ name: 'AES-GCM', iv: counting(12) }, gcm, counting(20))), await fails(subtle.decrypt({ name: 'AES-GCM', iv: counting(12) }, gcm, counting(3))));
log(await fails(subtle.encrypt({ name: 'AES-GCM', iv: counting(12), tagLength: 100 }, gcm, message)), await fails(subtle.exportKey('raw', gcm)));
const kw = await subtle.importKey('raw', counting(16), 'AES-KW', false, ['wrapKey', 'unwrapKey']);
const wrapped = await subtle.wrapKey('raw', await subtle.importKey('raw', counting(24), 'AES-CBC', true, ['encrypt']), kw, 'AES-KW');
log(hex(wrapped), hex(await subtle.exportKey('raw', await subtle.unwrapKey('raw', wrapped, kw, 'AES-KW', 'AES-CTR', true, ['decrypt']))));

// RSA.
const rsa = { kty: 'RSA', n: keys.rsa.n, e: keys.rsa.e };
const pkcs1 = await subtle.importKey('jwk', keys.rsa, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['sign']);
log(pkcs1.type, pkcs1.algorithm.name, pkcs1.algorithm.modulusLength, pkcs1.algorithm.publicExponent.join(), pkcs1.algorithm.hash.name, Object.keys(pkcs1.algorithm).sort().join());
log(hex(await subtle.sign('RSASSA-PKCS1-v1_5', pkcs1, message)));
for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) {
  for (const [name, parameters] of [['RSASSA-PKCS1-v1_5', {}], ['RSA-PSS', { saltLength: 0 }], ['RSA-PSS', { saltLength: 32 }]]) {
    const secret = await subtle.importKey('jwk', keys.rsa, { name, hash }, true, ['sign']), open = await subtle.importKey('jwk', rsa, { name, hash }, true, ['verify']);
    const signature = await subtle.sign({ name, ...parameters }, secret, message).catch(error => error.name);
    if (typeof signature === 'string') { log(name, hash, signature); continue; }
    log(name, hash, await subtle.verify({ name, ...parameters }, open, signature, message), await subtle.verify({ name, ...parameters }, open, signature, bytes()), sorted(await subtle.exportKey('jwk', open)).length);
  }
}
const pss = await subtle.importKey('jwk', rsa, { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify']);
log(await subtle.verify({ name: 'RSA-PSS', saltLength: 20 }, pss, unhex(keys.pss), message), await subtle.verify({ name: 'RSA-PSS', saltLength: 21 }, pss, unhex(keys.pss), message));
log(hex(await subtle.digest('SHA-1', await subtle.exportKey('spki', pss))), hex(await subtle.digest('SHA-1', await subtle.exportKey('pkcs8', pkcs1))));
const oaep = await subtle.importKey('jwk', keys.rsa, { name: 'RSA-OAEP', hash: 'SHA-1' }, true, ['decrypt', 'unwrapKey']);
log(new TextDecoder().decode(await subtle.decrypt({ name: 'RSA-OAEP', label: text.encode('label') }, oaep, unhex(keys.oaep))), await fails(subtle.decrypt('RSA-OAEP', oaep, unhex(keys.oaep))));
log(sorted(await subtle.exportKey('jwk', oaep)) === sorted({ ...keys.rsa, alg: 'RSA-OAEP', key_ops: ['decrypt', 'unwrapKey'], ext: true }));
const again = await subtle.importKey('pkcs8', await subtle.exportKey('pkcs8', oaep), { name: 'RSA-OAEP', hash: 'SHA-512' }, true, ['decrypt']);
log(sorted(await subtle.exportKey('jwk', again)) === sorted({ ...keys.rsa, alg: 'RSA-OAEP-512', key_ops: ['decrypt'], ext: true }));

// Curves.
for (const [namedCurve, { jwk, sig }] of Object.entries(keys.ec)) {
  const { d, ...open } = jwk, algorithm = { name: 'ECDSA', namedCurve };
  const secret = await subtle.importKey('jwk', jwk, algorithm, true, ['sign']), verifier = await subtle.importKey('jwk', open, algorithm, true, ['verify']);
  for (const [hash, signature] of Object.entries(sig)) {
    const own = await subtle.sign({ name: 'ECDSA', hash }, secret, message);
    log(namedCurve, hash, await subtle.verify({ name: 'ECDSA', hash }, verifier, unhex(signature), message), await subtle.verify({ name: 'ECDSA', hash }, verifier, own, message), await subtle.verify({ name: 'ECDSA', hash }, verifier, own, bytes()), own.byteLength);
  }
  for (const format of ['raw', 'spki']) {
    const data = await subtle.exportKey(format, verifier);
    log(hex(await subtle.digest('SHA-1', data)), sorted(await subtle.exportKey('jwk', await subtle.importKey(format, data, algorithm, true, []))));
  }
  const pkcs8 = await subtle.exportKey('pkcs8', secret);
  log(hex(await subtle.digest('SHA-1', pkcs8)), sorted(await subtle.exportKey('jwk', await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']))) === sorted({ ...jwk, key_ops: ['sign'], ext: true }));
  const ecdh = { name: 'ECDH', namedCurve };
  const own = await subtle.importKey('jwk', jwk, ecdh, true, ['deriveBits']), other = await subtle.importKey('jwk', open, ecdh, true, []);
  log(hex(await subtle.deriveBits({ name: 'ECDH', public: other }, own, 200)), await fails(subtle.deriveBits({ name: 'ECDH', public: own }, own, 200)));
}
for (const [name, context] of [['Ed25519'], ['Ed448']]) {
  const secret = await subtle.importKey('jwk', keys[name], name, true, ['sign']);
  const open = await subtle.importKey('jwk', { ...keys[name], d: undefined }, name, true, ['verify']);
  const signature = await subtle.sign(name, secret, message);
  log(name, hex(signature), await subtle.verify(name, open, signature, message), await subtle.verify(name, open, signature, bytes()));
  log(hex(await subtle.exportKey('spki', open)), hex(await subtle.exportKey('pkcs8', secret)));
}
for (const name of ['X25519', 'X448']) {
  const secret = await subtle.importKey('jwk', keys[name], name, true, ['deriveBits', 'deriveKey']);
  const open = await subtle.importKey('jwk', { ...keys[name], d: undefined }, name, true, []);
  log(name, hex(await subtle.deriveBits({ name, public: open }, secret, 128)), hex(await subtle.exportKey('raw', open)));
  const key = await subtle.deriveKey({ name, public: open }, secret, { name: 'AES-GCM', length: 192 }, true, ['encrypt']);
  log(hex(await subtle.exportKey('raw', key)), key.algorithm.length);
}

// Derivation.
const password = await subtle.importKey('raw', text.encode('password'), 'PBKDF2', false, ['deriveBits', 'deriveKey']), material = await subtle.importKey('raw', counting(22), 'HKDF', false, ['deriveBits', 'deriveKey']);
for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) {
  log(hex(await subtle.deriveBits({ name: 'PBKDF2', salt: counting(8), iterations: 1000, hash }, password, 320)));
  log(hex(await subtle.deriveBits({ name: 'HKDF', salt: counting(8), info: counting(4), hash }, material, 320)));
}
const derived = await subtle.deriveKey({ name: 'HKDF', salt: bytes(), info: bytes(), hash: 'SHA-256' }, material, { name: 'HMAC', hash: 'SHA-384' }, true, ['sign']);
log(JSON.stringify(derived.algorithm), hex(await subtle.exportKey('raw', derived)).length);

// Generated keys work.
for (const [algorithm, usages] of [
  [{ name: 'ECDSA', namedCurve: 'P-384' }, ['sign', 'verify']], ['Ed25519', ['sign', 'verify']], ['Ed448', ['sign', 'verify']],
  [{ name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: bytes(1, 0, 1), hash: 'SHA-256' }, ['sign', 'verify']],
]) {
  const { privateKey, publicKey } = await subtle.generateKey(algorithm, false, usages);
  const parameters = { name: algorithm.name ?? algorithm, hash: 'SHA-256' }, signature = await subtle.sign(parameters, privateKey, message);
  log(parameters.name, privateKey.extractable, publicKey.extractable, privateKey.usages.join(), publicKey.usages.join(), await subtle.verify(parameters, publicKey, signature, message));
}
for (const name of ['X25519', 'X448', 'ECDH']) {
  const make = () => subtle.generateKey({ name, namedCurve: 'P-521' }, true, ['deriveBits']), [one, two] = [await make(), await make()];
  const [a, b] = [await subtle.deriveBits({ name, public: two.publicKey }, one.privateKey, 256), await subtle.deriveBits({ name, public: one.publicKey }, two.privateKey, 256)];
  log(name, hex(a) === hex(b), one.publicKey.usages.length);
}
const hmac = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-512' }, true, ['sign', 'sign']);
log(hmac.algorithm.length, hmac.usages.join(), hmac.usages === hmac.usages, hmac.algorithm === hmac.algorithm);

// Keys wrapped as JSON.
const unwrapped = await subtle.unwrapKey('jwk', await subtle.wrapKey('jwk', hmac, gcm, { name: 'AES-GCM', iv: counting(12) }), gcm, { name: 'AES-GCM', iv: counting(12) }, { name: 'HMAC', hash: 'SHA-512' }, true, ['sign']);
log(sorted(await subtle.exportKey('jwk', unwrapped)) === sorted(await subtle.exportKey('jwk', hmac)));
const notKey = await subtle.encrypt({ name: 'AES-GCM', iv: counting(12) }, await subtle.importKey('raw', counting(16), 'AES-GCM', false, ['encrypt']), text.encode('{"k":1'));
log(await fails(subtle.unwrapKey('jwk', notKey, gcm, { name: 'AES-GCM', iv: counting(12) }, 'AES-CBC', true, ['encrypt'])));

// Errors, in the order of the specification.
log(await fails(subtle.generateKey({ name: 'AES-CBC', length: 100 }, true, ['sign'])), await fails(subtle.generateKey({ name: 'AES-CBC', length: 100 }, true, ['encrypt'])), await fails(subtle.generateKey({ name: 'AES-CBC', length: 128 }, true, [])));
log(await fails(subtle.generateKey('AES-CBC', true, ['encrypt'])), await fails(subtle.generateKey({}, true, ['encrypt'])), await fails(subtle.generateKey('nothing', true, ['what'])), await fails(subtle.generateKey('SHA-1', true, [])));
log(await fails(subtle.generateKey({ name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 2048, publicExponent: bytes(1, 0, 0) }, true, ['sign'])), await fails(subtle.generateKey({ name: 'ECDH', namedCurve: 'P-111' }, true, ['deriveBits'])));
log(await fails(subtle.importKey('raw', bytes(1), 'AES-CBC', true, ['encrypt'])), await fails(subtle.importKey('spki', bytes(1), 'AES-CBC', true, ['encrypt'])), await fails(subtle.importKey('jwk', bytes(1), 'AES-CBC', true, ['encrypt'])), await fails(subtle.importKey('raw', { kty: 'oct' }, 'AES-CBC', true, ['encrypt'])));
log(await fails(subtle.importKey('jwk', { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA', alg: 'A128GCM' }, 'AES-CBC', true, ['encrypt'])), await fails(subtle.importKey('jwk', { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA', ext: false }, 'AES-CBC', true, ['encrypt'])), await fails(subtle.importKey('jwk', { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA', use: 'sig' }, 'AES-CBC', true, ['encrypt'])));
log(await fails(subtle.importKey('jwk', { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA', key_ops: ['decrypt'] }, 'AES-CBC', true, ['encrypt'])), await fails(subtle.importKey('jwk', { kty: 'EC' }, 'AES-CBC', true, ['encrypt'])), await fails(subtle.importKey('raw', bytes(1), 'PBKDF2', true, ['deriveBits'])), await fails(subtle.importKey('pkcs8', bytes(48, 0), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])));
log(await fails(subtle.sign('HMAC', gcm, message)), await fails(subtle.encrypt({ name: 'AES-CBC', iv: counting(16) }, gcm, message)), await fails(subtle.sign('HMAC', {}, message)), await fails(subtle.sign('AES-GCM', hmac, message)), await fails(subtle.verify('HMAC', hmac, message, message)));
log(await fails(subtle.encrypt({ name: 'AES-GCM' }, gcm, message)), await fails(subtle.encrypt({ name: 'AES-GCM', iv: 1 }, gcm, message)), await fails(subtle.encrypt({ name: 'AES-GCM', iv: counting(12), tagLength: 1000 }, gcm, message)), await fails(subtle.encrypt()));
log(await fails(subtle.deriveBits({ name: 'PBKDF2', salt: bytes(), iterations: 0, hash: 'SHA-1' }, password, 8)), await fails(subtle.deriveBits({ name: 'PBKDF2', salt: bytes(), iterations: 1, hash: 'SHA-1' }, password, 7)), await fails(subtle.deriveBits({ name: 'PBKDF2', salt: bytes(), iterations: 1, hash: 'SHA-1' }, material, 8)), await fails(subtle.exportKey('raw', password)));
log(await fails(subtle.importKey('jwk', { ...keys.Ed25519, d: keys.X25519.d }, 'Ed25519', true, ['sign'])), await fails(subtle.importKey('jwk', { ...keys.ec['P-256'].jwk, x: keys.ec['P-256'].jwk.y }, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])), await fails(subtle.importKey('raw', counting(65), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])));
log(Object.prototype.toString.call(hmac), Object.prototype.toString.call(subtle), CryptoKey.length, await fails((async () => new CryptoKey)()), typeof subtle.wrapKey, subtle.wrapKey.length, subtle.unwrapKey.length, subtle.deriveBits.length);
const copy = structuredClone(hmac); log(copy !== hmac, copy.type, JSON.stringify(copy.algorithm), hex(await subtle.sign('HMAC', copy, message)) === hex(await subtle.sign('HMAC', hmac, message)));
