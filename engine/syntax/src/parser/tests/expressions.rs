use super::*;

#[test]
fn operators_bind_as_specified() {
    shows(
        script,
        &[
            ("a + b * c - d", "(Sub (Add a (Mul b c)) d)"),
            ("a ** b ** c", "(Exp a (Exp b c))"),
            ("(-a) ** b", "(Exp (paren (Neg a)) b)"),
            (
                "a || b && c | d ^ e & f == g < h << i + j * k",
                "(Or a (And b (BitOr c (BitXor d (BitAnd e (Eq f (Lt g (Shl h (Add i (Mul j k))))))))))",
            ),
            ("a ?? b ?? c", "(Coalesce (Coalesce a b) c)"),
            ("(a || b) ?? c", "(Coalesce (paren (Or a b)) c)"),
            ("a ? b : c ? d : e", "(? a b (? c d e))"),
            ("a = b += c &&= d", "(= a (Add= b (And= c d)))"),
            ("typeof void !a", "(Typeof (Void (Not a)))"),
            ("- -a+ +b", "(Add (Neg (Neg a)) (Plus b))"),
            ("a++ + ++b", "(Add (_++ a) (++_ b))"),
            ("a\n++b", "a (++_ b)"),
            ("a, b, c", "(, a b c)"),
            ("a in b instanceof c", "(Instanceof (In a b) c)"),
            ("delete a.b", "(Delete (. a b))"),
        ],
    );
}

#[test]
fn members_calls_and_chains() {
    shows(
        script,
        &[
            ("a.b[c](d, ...e).if", "(. (() ([] (. a b) c) d (... e)) if)"),
            ("new a.b(c).d(e)", "(() (. (new (. a b) c) d) e)"),
            ("new new a(b)(c)", "(new (new a b) c)"),
            ("new a", "(new a)"),
            ("a?.b.c?.[d]?.(e)", "(chain (?.() (?.[] (. (?. a b) c) d) e))"),
            ("(a?.b).c", "(. (paren (chain (?. a b))) c)"),
            ("a?.5:1", "(? a 0.5 1)"),
            ("eval(1); (eval)(1); eval?.(1); x.eval(1)", "(eval() eval 1) (eval() (paren eval) 1) (chain (?.() eval 1)) (() (. x eval) 1)"),
            (
                "import('a'), import.defer('b'), import.source('c', {},)",
                "(, (import() \"a\") (import.defer() \"b\") (import.source() \"c\" (object)))",
            ),
            ("a`b${c}d``e`", "(tagged1 (tagged0 a (template \"b\" c \"d\")) (template \"e\"))"),
            ("new a`b`", "(new (tagged0 a (template \"b\")))"),
        ],
    );
    rejects(
        script,
        &[
            ("a?.`b`", "Invalid tagged template on optional chain"),
            ("a?.b`c`", "Invalid tagged template on optional chain"),
            ("new a?.b()", "Invalid optional chain from new expression"),
            ("a?.b = 1", "Invalid left-hand side in assignment"),
            ("new import('a')", "Cannot use new with import"),
            ("import(...a)", "Unexpected token '...'"),
            ("import()", "Unexpected token ')'"),
            ("f(a b)", "missing ) after argument list"),
            ("f(a", "Unexpected end of input"),
            ("import.meta", "Cannot use 'import.meta' outside a module"),
            ("super.a", "'super' keyword unexpected here"),
            ("new.target", "new.target expression is not allowed here"),
        ],
    );
}

#[test]
fn arrays_and_objects() {
    shows(
        script,
        &[
            ("[, a, , ...b, ]", "(array _ a _ (... b))"),
            (
                "({a, b: c, 'd': e, 1: f, 2n: g, [h]: i, ...j})",
                "(paren (object a (: b c) (: \"d\" e) (: 1 f) (: 2n g) (: (computed h) i) (... j)))",
            ),
            (
                "({get: 1, set, async, get a() {}, set b(c) {}})",
                "(paren (object (: get 1) set async (: a (get (params))) (: b (set (params c)))))",
            ),
            (
                "({get() {}, async() {}, async *a() {}, *b() {}, async c() {}})",
                "(paren (object (: get (method (params))) (: async (method (params))) (: a (async-method* (params))) (: b (method* (params))) (: c (async-method (params)))))",
            ),
            (
                "({__proto__: a, ['__proto__']: b, __proto__() {}, __proto__})",
                "(paren (object (proto a) (: (computed \"__proto__\") b) (: __proto__ (method (params))) __proto__))",
            ),
            ("({get if() {}, new: 1})", "(paren (object (: if (get (params))) (: new 1)))"),
        ],
    );
    rejects(
        script,
        &[
            ("({a = 1})", "Invalid shorthand property initializer"),
            ("({a = 1}).b", "Invalid shorthand property initializer"),
            ("f({a = 1})", "Invalid shorthand property initializer"),
            ("[{a = 1}].b = 1", "Invalid shorthand property initializer"),
            ("[{a = 1}.b] = 1", "Invalid shorthand property initializer"),
            ("[b = {a = 1}] = 1", "Invalid shorthand property initializer"),
            ("async({a = 1})", "Invalid shorthand property initializer"),
            ("class A extends {a = 1} {}", "Invalid shorthand property initializer"),
            ("({__proto__: 1, '__proto__': 2})", "Duplicate __proto__ fields are not allowed in object literals"),
            ("({if})", "Unexpected token '}'"),
            ("({get a(b) {}})", "Getter must not have any formal parameters."),
            ("({set a() {}})", "Setter must have exactly one formal parameter."),
            ("({set a(...b) {}})", "Setter function argument must not be a rest parameter"),
            ("({async get a() {}})", "Unexpected identifier 'a'"),
        ],
    );
    accepts(script, &["({__proto__: a, __proto__: b} = {})", "({__proto__: a, __proto__: b}) => 1", "({a = 1} = {})", "[{a = 1}] = []"]);
}

#[test]
fn assignments_and_patterns() {
    shows(
        script,
        &[
            ("[a, b.c, [d] = e, ...f] = g", "(= ([] a (. b c) (= ([] d) e) (... f)) g)"),
            ("({a, b: c = 1, [d]: e.f, ...g} = h)", "(paren (= ({} a (: b (= c 1)) (: (computed d) (. e f)) (... g)) h))"),
            ("({a = 1, b: {c = 2}} = d)", "(paren (= ({} (= a 1) (: b ({} (= c 2)))) d))"),
            ("(a) = 1", "(= (paren a) 1)"),
            ("(a.b) = 1", "(= (. a b) 1)"),
            ("[(a), (b.c)] = d", "(= ([] (paren a) (. b c)) d)"),
            ("[a = b = c] = d", "(= ([] (= a (= b c))) d)"),
            ("[...[a]] = b", "(= ([] (... ([] a))) b)"),
            ("({__proto__: a} = b)", "(paren (= ({} (: __proto__ a)) b))"),
            ("f() = 1", "(= (() f) 1)"),
        ],
    );
    rejects(
        script,
        &[
            ("1 = a", "Invalid left-hand side in assignment"),
            ("a + b = c", "Invalid left-hand side in assignment"),
            ("({a}) = 1", "Invalid left-hand side in assignment"),
            ("[({a})] = 1", "Invalid destructuring assignment target"),
            ("[a + b] = 1", "Invalid destructuring assignment target"),
            ("({a() {}} = 1)", "Invalid destructuring assignment target"),
            ("[...a, b] = 1", "Rest element must be last element"),
            ("[...a,] = 1", "Rest element must be last element"),
            ("({...a,} = 1)", "Rest element must be last element"),
            ("({...{a}} = 1)", "`...` must be followed by an assignable reference in assignment contexts"),
            ("[...a = 1] = 1", "Invalid destructuring assignment target"),
            ("[a] += 1", "Invalid left-hand side in assignment"),
            ("f() &&= 1", "Invalid left-hand side in assignment"),
            ("[f()] = 1", "Invalid destructuring assignment target"),
            ("++a++", "Invalid left-hand side expression in prefix operation"),
            ("this++", "Invalid left-hand side expression in postfix operation"),
            ("new.target = 1", "new.target expression is not allowed here"),
        ],
    );
    rejects(strict, &[("f() = 1", "Invalid left-hand side in assignment"), ("eval = 1", "Unexpected eval or arguments in strict mode")]);
    rejects(
        strict,
        &[("[arguments] = 1", "Unexpected eval or arguments in strict mode"), ("++eval", "Unexpected eval or arguments in strict mode")],
    );
}

#[test]
fn operators_that_do_not_mix() {
    rejects(
        script,
        &[
            ("a ?? b || c", "Unexpected token '||'"),
            ("a || b ?? c", "Unexpected token '??'"),
            ("a ?? b && c", "Unexpected token '&&'"),
            ("a && b ?? c", "Unexpected token '??'"),
            (
                "-a ** b",
                "Unary operator used immediately before exponentiation expression. Parenthesis must be used to disambiguate operator precedence",
            ),
            ("() => {} || a", "Unexpected token '||'"),
            ("() => {}()", "Unexpected token '('"),
            ("a || () => {}", "Unexpected token ')'"),
            ("a || (b) => {}", "Unexpected token '=>'"),
            ("() => {} ? 1 : 2", "Unexpected token '?'"),
        ],
    );
}

#[test]
fn templates() {
    shows(
        script,
        &[
            ("`a\\n${b}\r\nc`", "(template \"a\\n\" b \"\\nc\")"),
            ("`${`${a}`}`", "(template \"\" (template \"\" a \"\") \"\")"),
            ("`$ {} \\${ $${a}`", "(template \"$ {} ${ $\" a \"\")"),
            ("a`\\u{}`", "(tagged0 a (template raw:\"\\\\u{}\"))"),
            ("a`\\1`", "(tagged0 a (template raw:\"\\\\1\"))"),
            ("`${{a}.b}`", "(template \"\" (. (object a) b) \"\")"),
        ],
    );
    rejects(
        script,
        &[
            ("`a", "Unterminated template literal"),
            ("`${a", "Unexpected end of input"),
            ("`\\u{`", "Invalid Unicode escape sequence"),
            ("`\\x1`", "Invalid hexadecimal escape sequence"),
            ("`\\1`", "Octal escape sequences are not allowed in template strings"),
            ("`${a b}`", "Unexpected identifier 'b'"),
        ],
    );
}

#[test]
fn regular_expressions() {
    shows(
        script,
        &[
            ("/a/g", "/a/g"),
            ("a / b / c", "(Div (Div a b) c)"),
            ("/=[/\\]]/", "/=[/\\]]/"),
            ("a = /b/", "(= a /b/)"),
            ("if (a) /b/", "(if a /b/)"),
            ("a++ / b", "(Div (_++ a) b)"),
            ("`${/}/}`", "(template \"\" /}/ \"\")"),
            ("function f() {} /a/", "(declare (function f (params))) /a/"),
        ],
    );
    rejects(
        script,
        &[
            ("/a", "Invalid regular expression: missing /"),
            ("/a\n/", "Invalid regular expression: missing /"),
            ("/a/gg", "Invalid regular expression flags"),
            ("/a/uv", "Invalid regular expression flags"),
            ("/a/x", "Invalid regular expression flags"),
        ],
    );
    let check = |pattern: &str, flags: &str| if pattern == "(" { Err(format!("/(/{flags}: Unterminated group")) } else { Ok(()) };
    let options = ParseOptions { check_regexp: Some(&check), ..ParseOptions::default() };
    assert_eq!(with_options("/(/u", &options), "error: Invalid regular expression: /(/u: Unterminated group");
    assert_eq!(with_options("/a/u", &options), "/a/u");
}
