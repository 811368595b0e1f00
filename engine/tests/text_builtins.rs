//! Strings, regular expressions, numbers, dates and JSON through JavaScript. Results were compared with those of V8.

use mayfly_engine::host::NullHost;
#[path = "support/stress.rs"]
mod stress;

/// Text of a script's result, or of the error it throws.
fn run(source: &str) -> String {
    // Where something is made a hundred thousand times, collections are fewer under stress.
    let is_long = source.contains("00000");
    let mut cx = if is_long { stress::context_of_many(NullHost::default()) } else { stress::context(NullHost::default()) };
    match cx.evaluate_script(source, "test.js") {
        Ok(value) => cx.to_text(value).expect("a value with a text"),
        Err(_) => {
            let error = cx.take_exception().expect("an exception, not a termination");
            cx.to_text(error).expect("an error with a text")
        }
    }
}

fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(run(source), *expected, "{source}");
    }
}

#[test]
fn strings() {
    check(&[
        ("'abc'.at(-1) + 'abc'.at(5) + 'abc'.charAt(9) + 'é'.charCodeAt(0)", "cundefined233"),
        ("'😀'.codePointAt(0) + ',' + '😀'.codePointAt(1) + ',' + [...'a😀\\ud800'].length", "128512,56832,3"),
        ("'abcdef'.slice(-3, -1) + 'abcdef'.substring(4, 1) + 'abcdef'.substr(-2, 1)", "debcde"),
        ("'abc'.padStart(7, '12') + '|' + 'abc'.padEnd(5) + '|' + 'é'.padEnd(4, '😀')", "1212abc|abc  |é😀\u{FFFD}"),
        ("'ab'.repeat(3) + ''.repeat(1e9)", "ababab"),
        ("'x'.repeat(2 ** 30)", "RangeError: Invalid string length"),
        ("'x'.repeat(-1)", "RangeError: Invalid count value: -1"),
        ("'İI'.toLowerCase().length + 'ΑΣ'.toLowerCase() + 'ßŉ'.toUpperCase() + 'ÿµ'.toUpperCase()", "3αςSSʼNŸΜ"),
        ("'\\u1E9B\\u0323'.normalize('NFKC') + 'a\\ud800\\u0301'.normalize().length + 'é'.normalize('NFD').length", "ṩ32"),
        ("'a'.normalize('x')", "RangeError: The normalization form should be one of NFC, NFD, NFKC, NFKD."),
        ("['b', 'a', 'B', 'A', 'é', 'e', 'f', '1', '-'].sort((x, y) => x.localeCompare(y)).join('')", "-1aAbBeéf"),
        ("'a,b,,c'.split(',').join('|') + 'abc'.split('').length + 'a,b,c'.split(',', 2) + ''.split('').length", "a|b||c3a,b0"),
        ("'aXbXc'.replace('X', '[$`$&$\\'$$$0$1]') + 'aXbX'.replaceAll('X', (m, i) => i)", "a[aXbXc$$0$1]bXca1b3"),
        ("'aaa'.replaceAll('', '-') + 'abc'.replaceAll('z', '-')", "-a-a-a-abc"),
        ("'abcabc'.lastIndexOf('c', 4) + ',' + 'abc'.lastIndexOf('') + ',' + 'abcabc'.indexOf('c', 3) + 'abc'.includes('')", "2,3,5true"),
        ("'abc'.includes(/b/)", "TypeError: First argument to String.prototype.includes must not be a regular expression"),
        ("'abc'.matchAll(/b/)", "TypeError: String.prototype.matchAll called with a non-global RegExp argument"),
        ("String.prototype.trim.call(null)", "TypeError: String.prototype.trim called on null or undefined"),
        ("'\\ufeff\\u2029 a\\t'.trim() + '|' + ' a '.trimStart() + '|'", "a|a |"),
        ("'a\\ud800b'.isWellFormed() + 'a\\ud800\\udc00'.toWellFormed().length + '\\udc00\\ud800'.toWellFormed()", "3\u{FFFD}\u{FFFD}"),
        ("String.raw`a\\n${1}` + String.fromCodePoint(0x1F600, 97) + String.fromCharCode(0x10041)", "a\\n1😀aA"),
        ("String.fromCodePoint(1.5)", "RangeError: Invalid code point 1.5"),
        ("'a\"b'.anchor('\"') + 'x'.sub()", "<a name=\"&quot;\">a\"b</a><sub>x</sub>"),
        ("String(Symbol('x')) + new String('ab').length + Object.keys(new String('ab'))", "Symbol(x)20,1"),
    ]);
}

#[test]
fn numbers() {
    check(&[
        ("(25).toExponential(0) + (1.45).toFixed(1) + (1e21).toFixed(2) + (0.000001).toPrecision(1)", "3e+11.41e+210.000001"),
        ("(255.5).toString(16) + (-255).toString(36) + (0.1).toString(3)", "ff.8-730.0022002200220022002200220022002201"),
        ("(1).toFixed(101)", "RangeError: toFixed() digits argument must be between 0 and 100"),
        (
            "(1234567.891).toLocaleString() + (-1e21).toLocaleString() + 12345n.toLocaleString()",
            "1,234,567.891-1,000,000,000,000,000,000,00012,345",
        ),
        ("Number('0x1f') + Number(' 12 ') + Number('') + Number('1_0') + Number(10n)", "NaN"),
        ("[Number('0b11'), Number('-0') === 0, +'1e1000', Number(12n), Number.parseInt === parseInt].join()", "3,true,Infinity,12,true"),
        ("parseInt('0x1fg') + parseInt('12', 3) + parseInt('') + ',' + parseFloat('.5e1x')", "NaN,5"),
        ("Object.is(Math.round(-0.2), -0) + ',' + Math.round(2.5) + Math.round(-2.5) + Math.round(0.49999999999999994)", "true,3-20"),
        ("Math.hypot(3, 4, 12) + Math.clz32(1) + Math.imul(0xffffffff, 5) + Math.f16round(1.337) + Math.fround(5.5)", "45.8369140625"),
        ("Math.sumPrecise([1e20, 0.1, -1e20]) + ',' + Object.is(Math.sumPrecise([]), -0)", "0.1,true"),
        ("Math.sumPrecise([1, '2'])", "TypeError: Math.sumPrecise requires every item to be a Number"),
        (
            "Object.is(Math.max(-0, 0), 0) + ',' + Math.max() + Math.min(NaN, 1) + (NaN ** 0) + Math.pow(1, Infinity)",
            "true,-InfinityNaN1NaN",
        ),
        ("var r = Math.random(); (r >= 0 && r < 1 && r !== Math.random()) + ''", "true"),
    ]);
}

#[test]
fn bigints() {
    check(&[
        ("2n ** 200n - 1n", "1606938044258990275541962092341162602522202993782792835301375"),
        (
            "[-7n / 2n, -7n % 2n, -7n >> 1n, 7n << 70n, ~5n, -5n & 3n, 5n | -8n, 5n ^ -1n].join()",
            "-3,-1,-4,8264141345021879123968,-6,3,-3,-6",
        ),
        ("[(2n ** 64n) & -1n, -(2n ** 64n) >> 3n, (2n ** 65n + 1n) ^ (2n ** 65n)].join()", "18446744073709551616,-2305843009213693952,1"),
        ("1n / 0n", "RangeError: Division by zero"),
        ("2n ** -1n", "RangeError: Exponent must be non-negative"),
        ("2n ** (2n ** 31n)", "RangeError: Maximum BigInt size exceeded"),
        ("1n << (2n ** 64n)", "RangeError: Maximum BigInt size exceeded"),
        ("[1n >> 2n ** 64n, -1n >> 2n ** 64n, (-1n) ** (2n ** 64n + 1n), 0n << 2n ** 70n].join()", "0,-1,-1,0"),
        ("BigInt(1.5)", "RangeError: The number 1.5 cannot be converted to a BigInt because it is not an integer"),
        ("new BigInt(1)", "TypeError: BigInt is not a constructor"),
        (
            "[BigInt.asIntN(8, 255n), BigInt.asUintN(8, -1n), BigInt.asIntN(64, 2n ** 63n), BigInt.asUintN(70, -1n), BigInt.asIntN(70, 2n ** 69n)].join()",
            "-1,255,-9223372036854775808,1180591620717411303423,-590295810358705651712",
        ),
        ("[1n < 1.5, 2n > 1, 1n == 1, 2n ** 64n == 2 ** 64, '10' > 9n, 0n == '', 1n < NaN].join()", "true,true,true,true,true,true,false"),
        (
            "(-255n).toString(16) + BigInt('0xff') + BigInt(' -12 ') + Number(2n ** 1024n) + Number(9007199254740993n)",
            "-ff255-12Infinity9007199254740992",
        ),
    ]);
}

#[test]
fn dates() {
    check(&[
        ("new Date(0).toISOString() + new Date(2020, 0, 31, 25).getDate() + new Date(NaN)", "1970-01-01T00:00:00.000Z1Invalid Date"),
        ("new Date(NaN).toISOString()", "RangeError: Invalid time value"),
        (
            "[Date.UTC(99), Date.UTC(1e9), Date.parse('2020-02-30'), Date.parse('Jan 1 2000 GMT'), +new Date(8.64e15 + 1)].join()",
            "915148800000,NaN,1583020800000,946684800000,NaN",
        ),
        (
            "var d = new Date(Date.UTC(2020, 0, 31)); d.setUTCMonth(1); d.toUTCString() + d.setUTCFullYear(NaN) + d.setFullYear(2000) + d.toJSON()",
            "Mon, 02 Mar 2020 00:00:00 GMTNaN9466848000002000-01-01T00:00:00.000Z",
        ),
        ("new Date(0) + '' + (new Date(5) - 2) + typeof Date()", "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)3string"),
        (
            "new Date(0).toLocaleString() + '|' + JSON.stringify({ d: new Date(0) })",
            "1/1/1970, 12:00:00 AM|{\"d\":\"1970-01-01T00:00:00.000Z\"}",
        ),
        ("Date.prototype.getTime.call({})", "TypeError: this is not a Date object."),
    ]);
}

#[test]
fn json() {
    check(&[
        (
            "JSON.stringify(JSON.parse('{\"b\":[1,-0,1.5e3,\"\\\\u00e9\\\\n\"],\"1\":{},\"a\":[],\"__proto__\":null,\"b\":2}'))",
            "{\"1\":{},\"b\":2,\"a\":[],\"__proto__\":null}",
        ),
        (
            "JSON.stringify({ a: [undefined, () => 1, NaN, new Number(3), Object('s'), Object(1n) && 0], b: undefined, c: Symbol() })",
            "{\"a\":[null,null,null,3,\"s\",0]}",
        ),
        (
            "JSON.stringify({ a: 1, b: [2, { c: 3 }], d: {} , e: [] }, null, 2)",
            "{\n  \"a\": 1,\n  \"b\": [\n    2,\n    {\n      \"c\": 3\n    }\n  ],\n  \"d\": {},\n  \"e\": []\n}",
        ),
        ("JSON.stringify({ b: 1, a: 2, c: { a: 3, b: 4 } }, ['a', 'c', 'a'], '--')", "{\n--\"a\": 2,\n--\"c\": {\n----\"a\": 3\n--}\n}"),
        ("JSON.stringify({ a: 1, b: 'x' }, (k, v) => typeof v === 'number' ? v + 1 : v)", "{\"a\":2,\"b\":\"x\"}"),
        ("JSON.stringify('\\ud800\\u2028\\u0007\\\"')", "\"\\ud800\u{2028}\\u0007\\\"\""),
        ("JSON.stringify({ get a() { return 1 }, toJSON(k) { return [k, 1] } })", "[\"\",1]"),
        (
            "var a = {}; a.x = { y: a }; JSON.stringify(a)",
            "TypeError: Converting circular structure to JSON\n    --> starting at object with constructor 'Object'\n    |     property 'x' -> object with constructor 'Object'\n    --- property 'y' closes the circle",
        ),
        ("JSON.stringify(1n)", "TypeError: Do not know how to serialize a BigInt"),
        ("var o = { get a() { delete this.b; return 1 }, b: 2, c: 3 }; JSON.stringify(o)", "{\"a\":1,\"c\":3}"),
        ("var o = { a: { toJSON() { o.b = 5; delete o.c; return 0 } }, b: 2, c: 3 }; JSON.stringify(o)", "{\"a\":0,\"b\":5}"),
        ("var x = [{ a: 1 }, { a: 2 }]; Object.prototype.toJSON = function () { return 'p' }; JSON.stringify(x)", "\"p\""),
        ("JSON.stringify([{ a: { toJSON() { Object.prototype.toJSON = () => 7; return 1 } } }, { a: 1 }])", "[{\"a\":1},7]"),
        ("JSON.stringify({ a: JSON.rawJSON('1e1000') }) + JSON.isRawJSON(JSON.rawJSON('1'))", "{\"a\":1e1000}true"),
        ("JSON.rawJSON('{}')", "SyntaxError: Invalid value for JSON.rawJSON"),
        (
            "var log = []; JSON.parse('{\"a\":1.50,\"b\":[\"x\",true]}', function (k, v, c) { log.push(k + '=' + c.source); return v }); log.join()",
            "a=1.50,0=\"x\",1=true,b=undefined,=undefined",
        ),
        ("JSON.stringify(JSON.parse('[1,2,3]', (k, v) => k === '1' ? undefined : v))", "[1,null,3]"),
        ("JSON.parse('[1,]')", "SyntaxError: Unexpected token ']', \"[1,]\" is not valid JSON"),
        ("JSON.parse('{\"a\":1')", "SyntaxError: Expected ',' or '}' after property value in JSON at position 6 (line 1 column 7)"),
        ("JSON.parse('01')", "SyntaxError: Unexpected number in JSON at position 1 (line 1 column 2)"),
        ("JSON.parse('\"\\\\x\"')", "SyntaxError: Bad escaped character in JSON at position 2 (line 1 column 3)"),
        ("JSON.parse(undefined)", "SyntaxError: \"undefined\" is not valid JSON"),
        ("JSON.parse('[' .repeat(200000) + ']'.repeat(200000)).length", "1"),
        (
            "var deep = []; for (var i = 0; i < 200000; i++) deep = [deep]; JSON.stringify(deep)",
            "RangeError: Maximum call stack size exceeded",
        ),
        ("JSON.parse('['.repeat(100000) + ']'.repeat(100000), (k, v) => v)", "RangeError: Maximum call stack size exceeded"),
        (
            "JSON.stringify(JSON.parse('[' + Array.from({ length: 100 }, (_, i) => '{\"id\":' + i + ',\"n\":\"x\"}').join() + ']')).length",
            "1791",
        ),
        // Names are compared with those that came before at the same place: prefixes, escapes, other orders, both widths.
        (
            r#"
            let state = 7;
            const next = n => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % 65536 % n;
            const names = ['a', 'ab', 'abc', 'abcd', '', 'x\\ny', 'xy', '1', '\u0100', 'name', 'naming', 'ab\\"', '\u00e9', '\\u0061b'];
            let bad = 0;
            for (let round = 0; round < 300; round++) {
                const wide = names.slice(0, round % 3 === 0 ? 8 : names.length);
                const value = depth => {
                    if (depth > 2 || next(3) === 0) return [String(depth), depth];
                    if (next(3) === 0) return ['[]', []];
                    const texts = [], object = {};
                    for (let n = next(6); n > 0; n--) {
                        const name = wide[next(wide.length)], [text, inner] = value(depth + 1);
                        texts.push(`"${name}":${text}`);
                        Object.defineProperty(object, eval(`"${name}"`), { value: inner, writable: true, enumerable: true, configurable: true });
                    }
                    return [`{${texts.join(',')}}`, object];
                };
                const parts = Array.from({ length: 6 }, () => value(0));
                const text = `[${parts.map(part => part[0]).join(', ')}]`;
                if (JSON.stringify(JSON.parse(text)) !== JSON.stringify(parts.map(part => part[1]))) bad++;
            }
            bad + JSON.stringify(JSON.parse('[{"ab":1,"c":2},{"abc":3},{"ab":4,"c":5,"d":6},{"a":7}]'))
            "#,
            r#"0[{"ab":1,"c":2},{"abc":3},{"ab":4,"c":5,"d":6},{"a":7}]"#,
        ),
    ]);
}

#[test]
fn uris() {
    check(&[
        ("encodeURI('a b;/?é😀#%') + encodeURIComponent('a/b')", "a%20b;/?%C3%A9%F0%9F%98%80#%25a%2Fb"),
        ("decodeURI('%3B%C3%A9%41') + decodeURIComponent('%3B')", "%3BéA;"),
        ("encodeURI('\\ud800')", "URIError: URI malformed"),
        ("decodeURI('%C3')", "URIError: URI malformed"),
        ("decodeURIComponent('%ED%A0%80')", "URIError: URI malformed"),
        ("escape('ü€a+') + unescape('%u20AC%FC%u20A%zz')", "%FC%u20ACa+€ü%u20A%zz"),
    ]);
}

#[test]
fn regexps() {
    check(&[
        ("/(?<y>\\d+)-(?<m>\\d+)/.exec('on 2020-12').groups.m + /(a)|(b)/d.exec('xb').indices[2]", "121,2"),
        ("var r = /a/g; r.lastIndex = 5; r.test('aaa') + ',' + r.lastIndex + ',' + r.test('aaa') + r.lastIndex", "false,0,true1"),
        ("var r = /\\udf06/u; r.lastIndex = 1; r.exec('\\ud834\\udf06') + ''", "null"),
        (
            "'2020-12'.replace(/(?<y>\\d+)-(?<m>\\d+)/, '$<m>/$<y>$<z>$3$1') + 'ab'.replace(/(?<x>a)|(?<x>b)/g, '[$<x>]')",
            "12/2020$32020[a][b]",
        ),
        ("/(/", "SyntaxError: Invalid regular expression: /(/: Unterminated group"),
        ("new RegExp('a', 'gg')", "SyntaxError: Invalid flags supplied to RegExp constructor 'gg'"),
        ("new RegExp('/\\n[/]').source + new RegExp('').source + /a/dgimsuy.flags + String(/x\\/y/)", "\\/\\n[/](?:)dgimsuy/x\\/y/"),
        (
            "/(b)(c)?/.exec('abd'); [RegExp.$1, RegExp.$2, RegExp.lastMatch, RegExp['$`'], RegExp[\"$'\"], RegExp.lastParen, RegExp.input].join('|')",
            "b||b|a|d||abd",
        ),
        (
            "class R extends RegExp {} new R('a').exec('a'); RegExp.$1",
            "TypeError: The last match was made by a regular expression of a subclass or of another realm",
        ),
        ("RegExp.escape('1a.b-c\\n') + new RegExp(RegExp.escape('a.b')).test('axb')", "\\x31a\\.b\\x2dc\\nfalse"),
        ("RegExp.prototype.test.call(1)", "TypeError: Method RegExp.prototype.test called on incompatible receiver 1"),
        ("RegExp.prototype.flags + RegExp.prototype.source + RegExp.prototype.global", "(?:)undefined"),
        (
            "var r = /a/g; Object.freeze(r); 'aa'.replace(r, 'b')",
            "TypeError: Cannot assign to read only property 'lastIndex' of object '[object RegExp]'",
        ),
        ("var r = /a/; r.compile('b', 'g'); r.test('b') + r.flags", "trueg"),
        ("var r = /a/y; 'aab'.replace(r, 'x') + r.lastIndex + 'baa'.search(/a/y) + 'a1b2'.split(/\\d/y)", "xab1-1a,b,"),
    ]);
}

/// The quick paths of the symbol methods against the steps of the specification: a regular expression with an own `exec` takes the latter.
#[test]
fn quick_paths_agree_with_the_steps() {
    let source = r#"
        const patterns = ['a', '', 'a*', '(a)|(b)', '(?<x>a)(?<y>b)?', '^', '$', '\\b', '(?=a)', '(?<=a)', '.', '[^]', '\\ud83d', 'b|', '(a?)(b?)', '(?<n>b)|(?<n>a)', '\\1(a)', 'z'];
        const flags = ['', 'g', 'y', 'gy', 'u', 'gu', 'gi', 'gv', 'gyu', 'd'];
        const subjects = ['', 'a', 'abab', 'xaabx', 'a😀b', '😀', 'b\nA', '\ud83da', 'éab\u0101a'];
        const starts = [0, 1, 3, 100];
        const operations = {
            replace: (r, s) => s.replace(r, '[$&$1$2$<x>$`$\'$$]'),
            callback: (r, s) => s.replace(r, (...all) => JSON.stringify(all)),
            match: (r, s) => JSON.stringify(s.match(r)),
            matchAll: (r, s) => r.global ? JSON.stringify([...s.matchAll(r)]) : '',
            search: (r, s) => s.search(r),
            split: (r, s) => JSON.stringify(s.split(r)) + JSON.stringify(s.split(r, 2)),
            test: (r, s) => r.test(s),
            flags: (r, s) => r.flags,
        };
        const problems = [];
        let count = 0;
        for (const pattern of patterns) for (const flag of flags) for (const subject of subjects) for (const start of starts) for (const name in operations) {
            const quick = new RegExp(pattern, flag), slow = new RegExp(pattern, flag);
            slow.exec = function (s) { return RegExp.prototype.exec.call(this, s) };
            // @@split makes a new object, so the species hands out slow ones too.
            slow.constructor = { [Symbol.species]: function (p, f) { const made = new RegExp(pattern, f); made.exec = slow.exec; return made } };
            quick.lastIndex = slow.lastIndex = start;
            const outcome = r => {
                let result;
                try { result = operations[name](r, subject) } catch (error) { result = String(error) }
                let last;
                try { last = RegExp.lastMatch + RegExp.$1 } catch (error) { last = 'invalid' }
                return result + ' lastIndex ' + r.lastIndex + (name === 'split' ? '' : ' last ' + last);
            };
            const a = outcome(quick), b = outcome(slow);
            count++;
            if (a !== b) problems.push([pattern, flag, JSON.stringify(subject), start, name, a, b].join(' # '));
        }
        problems.length ? problems.slice(0, 10).join('\n') : 'agree ' + count
    "#;
    assert_eq!(run(source), "agree 51840");
}

/// Digits against those that a division each gives, at every length and around the powers of ten.
#[test]
fn integers_in_decimal_have_the_digits_of_long_division() {
    let equal = run(
        "const slow = n => { let text = ''; let rest = Math.abs(n); do { text = '0123456789'[rest % 10] + text; rest = (rest - rest % 10) / 10; } while (rest > 0); return n < 0 ? '-' + text : text; };
         const numbers = [0, -0, 2147483647, -2147483648, -2147483647, 1234567890, 305419896];
         for (let n = 0; n < 1200; n++) numbers.push(n, -n);
         for (let power = 1000; power < 2147483648; power *= 10) for (const d of [-1, 0, 1, 99, 101]) numbers.push(power + d, -power - d);
         numbers.every(n => String(n) === slow(n) && `${n}` === slow(n))",
    );
    assert_eq!(equal, "true");
}
