//! Programs out of choices: they parse, mostly end, and print what they see through `print` and `show`, so that two engines can be compared.
//!
//! They use what ES2023 has and nothing that engines may differ in: no messages of errors, no stacks, no clocks.

use crate::choices::Choices;

/// Shows any value in a way that tells -0, holes, kinds of objects and property order apart.
pub const PRELUDE: &str = r#"
function show(v, d) {
  d = d || 0;
  // Texts that double at every step would take minutes to print.
  if (typeof v === 'string') return v.length > 1000 ? v.length + JSON.stringify(v.slice(0, 400)) + JSON.stringify(v.slice(-400)) : JSON.stringify(v);
  if (typeof v === 'number') return Object.is(v, -0) ? '-0' : String(v);
  if (typeof v === 'bigint') return BigInt.asIntN(4096, v) === v ? v + 'n' : 'big' + BigInt.asIntN(256, v) + 'n';
  if (typeof v === 'symbol') return 'sym(' + v.description + ')';
  if (typeof v === 'function') return 'fn:' + v.name + '/' + v.length;
  if (v === null || typeof v !== 'object') return String(v);
  if (d > 3) return '...';
  try {
    if (Array.isArray(v)) { var out = []; for (var i = 0; i < v.length && i < 30; i++) out.push(i in v ? show(v[i], d + 1) : '<hole>'); return '[' + out.join() + ']' + (v.length > 30 ? v.length : ''); }
    if (v instanceof Error) return 'E:' + v.name;
    if (v instanceof Map) return 'Map' + show([...v], d + 1);
    if (v instanceof Set) return 'Set' + show([...v], d + 1);
    if (v instanceof Promise) return 'Promise';
    if (v instanceof RegExp) return String(v) + v.lastIndex;
    if (ArrayBuffer.isView(v)) return v.constructor.name + show(Array.from(v), d + 1);
    return '{' + Reflect.ownKeys(v).slice(0, 20).map(function (k) { var p = Object.getOwnPropertyDescriptor(v, k); return (typeof k === 'symbol' ? show(k) : k) + (p.enumerable ? '' : '!') + ':' + ('value' in p ? show(p.value, d + 1) : 'acc'); }).join() + '}';
  } catch (e) { return 'threw:' + (e && e.name); }
}
var steps = 0;
// Powers are approximated (Number::exponentiate): engines may differ in the last digits, 27 ** 27 does.
function power(v) { return typeof v !== 'number' || v === 0 ? v : Number(v.toPrecision(12)); }
function tick() { if (++steps > 3000) throw new RangeError('steps'); return true; }
"#;

const CONSTANTS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "3.5",
    "-0",
    "NaN",
    "Infinity",
    "1e21",
    "0.1",
    "4294967295",
    "2147483648",
    "-2147483649",
    "9007199254740993",
    "1n",
    "-7n",
    "''",
    "'a'",
    "'abc'",
    "'10'",
    "'é😀'",
    "'length'",
    "true",
    "false",
    "null",
    "undefined",
    "[]",
    "[1, 2, 3]",
    "[3, , 'x']",
    "{}",
    "({ a: 1, b: 'two' })",
    "({ 2: 'x', 1: 'y', z: 0 })",
    "[[1, 2], [3]]",
    "new Map([[1, 'a'], ['b', 2]])",
    "new Set([1, 'a', NaN])",
    "new Uint8Array([1, 255, 300])",
    "new Float64Array(3)",
    "/a(b)?/g",
    "Symbol.iterator",
    "new Date(0)",
];
const BINARY: &[&str] = &[
    "+", "-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>", ">>>", "==", "!=", "===", "!==", "<", ">", "<=", ">=", "&&", "||", "??", ",",
];
const ASSIGN: &[&str] = &["=", "+=", "-=", "*=", "|=", "??=", "||=", "&&=", "=", "="];
const UNARY: &[&str] = &["-", "+", "!", "~", "typeof ", "void "];
const ARRAY_METHODS: &[&str] = &[
    "map(f)",
    "filter(f)",
    "reduce(f, 0)",
    "some(f)",
    "every(f)",
    "find(f)",
    "findLastIndex(f)",
    "flatMap(x => [x, x])",
    "slice(1)",
    "slice(-2, 5)",
    "splice(1, 1, 'n')",
    "concat([9], 8)",
    "reverse()",
    "toSorted()",
    "sort()",
    "sort((a, b) => (show(a) < show(b)) - (show(a) > show(b)))",
    "push(4, 5)",
    "pop()",
    "shift()",
    "unshift(0)",
    "join('-')",
    "indexOf(2)",
    "includes(NaN)",
    "flat()",
    "fill(7, 1)",
    "at(-1)",
    "copyWithin(0, 1)",
    "keys()",
    "entries().next().value",
    "with(0, 'w')",
    "toSpliced(0, 1)",
    "lastIndexOf(3)",
    "length = 2",
    "length",
];
const STRING_METHODS: &[&str] = &[
    "length",
    "charAt(1)",
    "slice(1, -1)",
    "split('')",
    "replace('a', 'b$&')",
    "replaceAll('b', '<$`>')",
    "toUpperCase()",
    "padStart(6, 'xy')",
    "trim()",
    "repeat(2)",
    "indexOf('c')",
    "substring(2, 0)",
    "codePointAt(1)",
    "normalize()",
    "at(-1)",
    "match(/[a-c]/g)",
    "search(/b/)",
    "startsWith('ab')",
    "localeCompare('abd') < 0",
    "concat(1, null)",
    "split(/(b)/)",
    "lastIndexOf('a')",
];
const OBJECT_CALLS: &[&str] = &[
    "Object.keys(",
    "Object.values(",
    "Object.entries(",
    "Object.freeze(",
    "Object.getOwnPropertyNames(",
    "JSON.stringify(",
    "Array.from(",
    "String(",
    "Number(",
    "Boolean(",
    "Math.max(1, ",
    "Math.trunc(",
    "parseInt(",
    "isNaN(",
    "Object.assign({}, ",
    "structuredShow(",
    "Array.isArray(",
    "Number.isInteger(",
    "Math.sign(",
    "Array.of(",
    "Object.fromEntries(",
    "new Set(",
    "BigInt.asIntN(8, ",
    "Reflect.ownKeys(",
];

struct Generator<'c, 'd> {
    choices: &'c mut Choices<'d>,
    text: String,
    variables: usize,
    functions: usize,
    classes: usize,
    indent: usize,
    in_loop: bool,
    in_function: bool,
    in_async: bool,
    in_generator: bool,
}

impl Generator<'_, '_> {
    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(&"  ".repeat(self.indent.min(10)));
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn variable(&mut self) -> String {
        let number = self.choices.below(self.variables.max(1));
        format!("v{number}")
    }

    fn expression(&mut self, depth: usize) -> String {
        if depth == 0 || self.choices.is_empty() {
            return if self.choices.once_in(2) { self.variable() } else { self.choices.of(CONSTANTS).to_string() };
        }
        let d = depth - 1;
        match self.choices.below(26) {
            0..=2 => self.variable(),
            3 => self.choices.of(CONSTANTS).to_string(),
            4..=6 => {
                let (left, operator, right) = (self.operand(d), self.choices.of(BINARY), self.operand(d));
                if operator == "**" { format!("power({left} ** {right})") } else { format!("({left} {operator} {right})") }
            }
            7 => format!("({}{})", self.choices.of(UNARY), self.operand(d)),
            8 => format!("({} ? {} : {})", self.expression(d), self.expression(d), self.expression(d)),
            9 => format!("({}?.{})", self.operand(d), self.choices.of(&["a", "length", "b", "x", "[0]", "['a']"])),
            10 => format!("[{}].{}", self.list(d), self.array_method()),
            11 => format!("String({}).{}", self.expression(d), self.choices.of(STRING_METHODS)),
            12 => format!("`<${{{}}}|${{{}}}>`", self.shown(d), self.shown(d)),
            13 => format!("[{}, ...[{}]]", self.expression(d), self.list(d)),
            14 => format!("({{ a: {}, [{}]: {}, ...{} }})", self.expression(d), self.shown(d), self.expression(d), self.variable()),
            15 => format!("{}{})", self.choices.of(OBJECT_CALLS), self.expression(d)),
            16 if self.functions > 0 => format!("f{}({})", self.choices.below(self.functions), self.list(d)),
            17 if self.classes > 0 => format!("new C{}({})", self.choices.below(self.classes), self.list(d)),
            18 => format!("((p, q = {}) => {})({})", self.expression(d), self.expression(d), self.list(d)),
            19 => format!("(function () {{ return [arguments.length, this === undefined, ...arguments]; }})({})", self.list(d)),
            20 => format!("({} {} {})", self.variable(), self.choices.of(ASSIGN), self.expression(d)),
            21 => format!("{}{}", self.variable(), self.choices.of(&["++", "--"])),
            22 if self.in_generator => format!("(yield {})", self.expression(d)),
            23 if self.in_async => format!("(await {})", self.expression(d)),
            24 => format!("({} in Object({}))", self.shown(d), self.expression(d)),
            _ => format!("({} instanceof {})", self.operand(d), self.choices.of(&["Array", "Object", "Map", "Function", "Error"])),
        }
    }

    /// An operand that is no object literal or unary expression before `**`.
    fn operand(&mut self, depth: usize) -> String {
        format!("({})", self.expression(depth))
    }

    fn shown(&mut self, depth: usize) -> String {
        format!("show({})", self.expression(depth))
    }

    fn array_method(&mut self) -> String {
        let method = self.choices.of(ARRAY_METHODS);
        let function = if self.functions > 0 { format!("f{}", self.choices.below(self.functions)) } else { "(x => x)".to_string() };
        if method.contains("(f") { method.replacen('f', "\u{1}", 0).replace("(f", &format!("({function}")) } else { method.to_string() }
    }

    fn list(&mut self, depth: usize) -> String {
        let count = self.choices.below(4);
        (0..count).map(|_| self.expression(depth)).collect::<Vec<_>>().join(", ")
    }

    fn pattern(&mut self) -> String {
        let (a, b) = (self.variable(), self.variable());
        match self.choices.below(5) {
            0 => format!("[{a}, ...{b}]"),
            1 => format!("[{a} = {}, , {b}]", self.expression(1)),
            2 => format!("{{ a: {a}, ...{b} }}"),
            3 => format!("{{ length: {a} = 4, [{}]: {b} }}", self.shown(0)),
            _ => format!("[[{a}] = [1], {{ x: {b} }} = {{}}]"),
        }
    }

    fn block(&mut self, depth: usize) {
        self.indent += 1;
        for _ in 0..=self.choices.below(3) {
            self.statement(depth);
        }
        self.indent -= 1;
    }

    /// A statement with a body: `head {`, the body, `tail`.
    fn nested(&mut self, head: &str, depth: usize, tail: &str) {
        self.line(&format!("{head} {{"));
        self.block(depth);
        self.line(&format!("}}{tail}"));
    }

    fn statement(&mut self, depth: usize) {
        if depth == 0 || self.choices.is_empty() {
            let value = self.shown(1);
            return self.line(&format!("print({value});"));
        }
        let d = depth - 1;
        match self.choices.below(24) {
            0..=3 => {
                let value = self.shown(3);
                self.line(&format!("print({value});"));
            }
            4..=6 => {
                let (name, operator, value) = (self.variable(), self.choices.of(ASSIGN), self.expression(3));
                self.line(&format!("{name} {operator} {value};"));
            }
            7 => {
                let (pattern, value) = (self.pattern(), self.expression(2));
                self.line(&format!("try {{ ({pattern} = {value}); }} catch (e) {{ print(show(e)); }}"));
            }
            8 | 9 => {
                let test = self.expression(2);
                self.nested(&format!("if ({test})"), d, "");
                if self.choices.once_in(2) {
                    self.nested("else", d, "");
                }
            }
            10 | 11 => self.a_loop(d),
            12 => {
                self.line("try {");
                self.block(d);
                if self.choices.once_in(3) {
                    self.line("} finally {");
                } else {
                    self.line("} catch (e) { print('caught', show(e));");
                    self.block(d);
                    if self.choices.once_in(2) {
                        self.line("} finally {");
                        self.block(d);
                    }
                }
                self.line("}");
            }
            13 => {
                let subject = self.expression(1);
                self.line(&format!("switch ({subject}) {{"));
                for _ in 0..self.choices.below(4) {
                    let label = self.choices.of(CONSTANTS);
                    self.line(&format!("case {label}:"));
                    self.block(d);
                    if self.choices.once_in(2) {
                        self.line("break;");
                    }
                }
                self.line("default:");
                self.block(d);
                self.line("}");
            }
            14 if self.in_loop => {
                let word = self.choices.of(&["break;", "continue;"]);
                self.line(word);
            }
            15 if self.in_function => {
                let value = self.expression(2);
                self.line(&format!("return {value};"));
            }
            16 => {
                let value = self.expression(1);
                self.line(&format!("if (steps % 7 === 3) throw {value};"));
            }
            17 => {
                let name = self.variable();
                self.nested(&format!("{{ let {name} = {name}_outer();"), d, "");
                // A name in its dead zone, and closures over block scopes.
                self.text = self.text.replace(&format!("{name}_outer()"), "[1]");
            }
            18 | 19 => self.function(d),
            20 => self.class(d),
            21 => {
                let value = self.expression(2);
                let name = self.variable();
                self.line(&format!("Promise.resolve({value}).then(x => {{ print('then', show(x)); {name} = x; return x.y.z; }}).catch(e => print('rejected', show(e)));"));
            }
            22 => {
                let (a, b) = (self.variable(), self.expression(2));
                self.line(&format!("for (const k in Object({b})) {{ tick(); print('key', k); if (k > 'm') {a} = k; }}"));
            }
            _ => {
                let value = self.expression(2);
                self.line(&format!("{{ const p = new Proxy(Object({value}), {{ get(t, k, r) {{ print('get', show(k)); return Reflect.get(t, k, t); }}, has(t, k) {{ print('has', show(k)); return k in t; }} }}); print(show(p.a), 'a' in p); }}"));
            }
        }
    }

    fn a_loop(&mut self, depth: usize) {
        let outer = std::mem::replace(&mut self.in_loop, true);
        let name = self.variable();
        match self.choices.below(5) {
            0 => {
                let head = format!("for (let i = 0; i < {} && tick(); i++)", 1 + self.choices.below(6));
                self.nested(&head, depth, "");
            }
            1 => {
                let value = self.expression(2);
                self.nested(&format!("for (const x of [{value}, 2, 'three'])"), depth, "");
            }
            2 => self.nested(&format!("for (let i = 0, g = () => i; i < 3 && tick(); i++, {name} = g)"), depth, ""),
            3 => {
                let value = self.expression(1);
                self.nested(&format!("do {{ {name} = {value}; {{"), depth, "} while (tick() && steps % 5)");
            }
            _ => {
                let head = format!("while (tick() && steps % {} !== 0)", 2 + self.choices.below(4));
                self.nested(&head, depth, "");
            }
        }
        self.in_loop = outer;
    }

    fn function(&mut self, depth: usize) {
        let outer = (self.in_loop, self.in_function, self.in_async, self.in_generator);
        let number = self.functions;
        let kind = self.choices.below(6);
        (self.in_loop, self.in_function, self.in_async, self.in_generator) = (false, true, kind >= 4, kind == 3 || kind == 5);
        let head = match kind {
            3 => format!("function* g{number}(x, y = x)"),
            4 => format!("async function g{number}(x, ...y)"),
            5 => format!("async function* g{number}(x)"),
            _ => format!("var f{number} = function f{number}(x, y = 2, ...z)"),
        };
        self.line(&format!("{head} {{ tick();"));
        self.block(depth);
        self.line(if kind < 3 { "};" } else { "}" });
        (self.in_loop, self.in_function, self.in_async, self.in_generator) = outer;
        match kind {
            3 => self.line(&format!("var f{number} = function (x) {{ const out = []; for (const v of g{number}(x)) {{ out.push(v); if (out.length > 5) break; }} return out; }};")),
            4 => self.line(&format!(
                "var f{number} = function (x) {{ g{number}(x, 1).then(v => print('async', show(v)), e => print('failed', show(e))); return 'started'; }};"
            )),
            5 => self.line(&format!(
                "var f{number} = function (x) {{ (async () => {{ let n = 0; for await (const v of g{number}(x)) {{ print('item', show(v)); if (++n > 4) break; }} }})().catch(e => print('stopped', show(e))); return 'iterating'; }};"
            )),
            _ => {}
        }
        self.functions += 1;
    }

    fn class(&mut self, depth: usize) {
        let number = self.classes;
        let base = if number > 0 && self.choices.once_in(2) { format!(" extends C{}", self.choices.below(number)) } else { String::new() };
        let call = if base.is_empty() { "" } else { "super(x); " };
        // Fields are no part of the async function around them; V8 takes `await` for reserved in static ones, which the grammar does not.
        let is_async = std::mem::take(&mut self.in_async);
        let (field, fixed) = (self.expression(1), self.expression(1));
        self.in_async = is_async;
        self.line(&format!("var C{number} = class C{number}{base} {{"));
        self.line(&format!("  #p = 1; f = {field}; static s = {fixed}; ['c' + 1] = 2;"));
        self.line(&format!("  constructor(x) {{ {call}this.x = x; this.#p += 1; tick(); }}"));
        self.line(
            "  get p() { return this.#p; } set p(v) { this.#p = v; } static of(o) { return #p in o; } toString() { return 'C' + this.#p; }",
        );
        let outer = (self.in_loop, self.in_function, self.in_async, self.in_generator);
        (self.in_loop, self.in_function, self.in_async, self.in_generator) = (false, true, false, false);
        self.line("  m(x) { tick();");
        self.indent += 1;
        self.block(depth);
        self.indent -= 1;
        (self.in_loop, self.in_function, self.in_async, self.in_generator) = outer;
        self.line("  }");
        self.line("};");
        self.line(&format!("try {{ const o = new C{number}(1); o.p++; print(show(o), o.p, `${{o}}`, show(o.m(2)), C{number}.of(o)); }} catch (e) {{ print(show(e)); }}"));
        self.classes += 1;
    }
}

/// A program without the prelude.
pub fn program(choices: &mut Choices<'_>) -> String {
    let variables = 3 + choices.below(4);
    let strict = choices.once_in(3);
    let mut generator = Generator {
        choices,
        text: String::new(),
        variables,
        functions: 0,
        classes: 0,
        indent: 0,
        in_loop: false,
        in_function: false,
        in_async: false,
        in_generator: false,
    };
    if strict {
        generator.put("'use strict';\n");
    }
    for i in 0..variables {
        let value = generator.expression(1);
        generator.line(&format!("var v{i} = {};", if value.contains('v') { "1".to_string() } else { value }));
    }
    for _ in 0..2 + generator.choices.below(8) {
        if generator.choices.is_empty() {
            break;
        }
        generator.line("try {");
        generator.statement(3);
        generator.line("} catch (e) { print('top', show(e)); }");
    }
    for i in 0..variables {
        generator.line(&format!("print(show(v{i}));"));
    }
    generator.text.replace("structuredShow(", "show(")
}
