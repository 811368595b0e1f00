const log = console.log;
const show = f => { try { return f(); } catch (e) { return `${e.name}: ${e.message}`; } };
const enc = new TextEncoder(); log(enc.encoding, enc.encode(), enc.encode('é€😀\uD800x'), enc.encode(undefined).length, enc.encode(null).length);
const into = new Uint8Array(5); log(enc.encodeInto('a€😀', into), into, enc.encodeInto('\uDC00', new Uint8Array(3)), enc.encodeInto('abc', new Uint8Array(0)), show(() => enc.encodeInto('a', new Uint16Array(1))));
const u8 = (...b) => new Uint8Array(b);
const d = new TextDecoder(); log(d.encoding, d.fatal, d.ignoreBOM, d.decode(), d.decode(u8(0xEF, 0xBB, 0xBF, 0x61)), d.decode(u8(0xE2, 0x82)).length, d.decode(u8(0xFF, 0xC3, 0xA9)));
log(new TextDecoder('utf-8', { ignoreBOM: true }).decode(u8(0xEF, 0xBB, 0xBF, 0x61)).length, show(() => new TextDecoder('utf-8', { fatal: true }).decode(u8(0xFF))), show(() => new TextDecoder('nope')), show(() => new TextDecoder('replacement')));
const s = new TextDecoder(); let out = ''; for (const b of enc.encode('a€😀z')) out += s.decode(u8(b), { stream: true }) + '|'; log(out + s.decode());
const bom = new TextDecoder(); log(bom.decode(u8(0xEF), { stream: true }) + bom.decode(u8(0xBB), { stream: true }) + bom.decode(u8(0xBF, 0x61), { stream: true }) + bom.decode(u8(0xEF, 0xBB, 0xBF)) .length);
const t = new TextDecoder(); t.decode(u8(0xE2), { stream: true }); log(t.decode().charCodeAt(0).toString(16), t.decode(u8(0x62)));
for (const [label, bytes] of [['utf-16', [0x3D, 0xD8, 0x00, 0xDE, 0x61, 0]], ['utf-16be', [0xD8, 0x3D, 0xDE, 0x00]], ['shift_jis', [0x82, 0xA0, 0x61]], ['euc-jp', [0xA4, 0xA2]], ['gb18030', [0x81, 0x30, 0x81, 0x30, 0xC4, 0xE3]],
  ['big5', [0xA4, 0x40]], ['iso-2022-jp', [0x1B, 0x24, 0x42, 0x24, 0x22, 0x24, 0x24, 0x1B, 0x28, 0x42, 0x61]], ['latin1', [0xE9, 0x80]], ['koi8-r', [0xC1]], ['x-user-defined', [0x80]], ['windows-1251', [0xCF]]]) {
  const whole = new TextDecoder(label); const parts = new TextDecoder(label); let joined = ''; for (const b of bytes) joined += parts.decode(u8(b), { stream: true }); joined += parts.decode();
  log(whole.encoding, whole.decode(u8(...bytes)), joined === whole.decode(u8(...bytes)));
}
log(new TextDecoder('UTF-8 ').encoding, new TextDecoder('ascii').encoding, new TextDecoder().decode(new DataView(u8(1, 97, 98).buffer, 1)), new TextDecoder().decode(u8(97).buffer), show(() => d.decode(5)), show(() => TextDecoder()));
const f = new TextDecoder('utf-8', { fatal: true }); log(show(() => f.decode(u8(0xE2), { stream: true })), show(() => f.decode(u8(0x82), { stream: true })), show(() => f.decode(u8(0xAC))), show(() => f.decode(u8(0xE2))), f.decode(u8(0x61)));
