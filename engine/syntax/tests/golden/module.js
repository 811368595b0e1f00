// module
import def, { a, b as c, "string name" as d } from "m" with { type: "json" };
import * as ns from "n";
import "side-effect";
import defer * as lazy from "l";
export { a, local as other, ns };
export { x as default2, "q" as r } from "o";
export * from "p";
export * as all from "q";
export let local = 1, { deep } = local;
export function f() { return local + hidden }
export class K { m() { return K } }
export default function () { return c }
const hidden = await def;
use(import.meta, d, this);
() => this;
