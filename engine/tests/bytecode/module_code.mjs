import def, { a as b, 'str-name' as c } from './m.js';
import * as ns from './m.js' with { type: 'json' };
import './side.js';
export let x = 1;
export const y = () => x++;
export function f() { return b(ns, def); }
export class K {}
export { x as z, b as reexported, ns };
export { q, default as r } from './o.js';
export * from './p.js';
export * as star from './p.js';
export default function () { return import('./q.js'); }
let local = import.meta.url;
local = c;
