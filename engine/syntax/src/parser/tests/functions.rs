use super::*;

#[test]
fn arrows() {
    shows(
        script,
        &[
            ("a => b", "(arrow (params a) (=> b))"),
            ("() => {}", "(arrow (params))"),
            ("(a, b = 1, {c}, [d] = e, ...f) => g", "(arrow (params a (= b 1) ({} c) (= ([] d) e) (... f)) (=> g))"),
            ("(a,) => b", "(arrow (params a) (=> b))"),
            ("({a = 1}) => b", "(arrow (params ({} (= a 1))) (=> b))"),
            ("a => b => c", "(arrow (params a) (=> (arrow (params b) (=> c))))"),
            ("a => ({})", "(arrow (params a) (=> (paren (object))))"),
            ("async a => await b", "(async-arrow (params a) (=> (await b)))"),
            ("async (a, ...b) => c", "(async-arrow (params a (... b)) (=> c))"),
            ("async(a, ...b)", "(() async a (... b))"),
            ("async => a", "(arrow (params async) (=> a))"),
            ("async\n(a)", "(() async a)"),
            ("async\na", "async a"),
            ("async.b", "(. async b)"),
            ("a ? (b) : c => d", "(? a (paren b) (arrow (params c) (=> d)))"),
            ("a ? (b) => (c) : d", "(? a (arrow (params b) (=> (paren c))) d)"),
            ("yield => await", "(arrow (params yield) (=> await))"),
            ("(a = (b) => c) => d", "(arrow (params (= a (arrow (params b) (=> c)))) (=> d))"),
            ("async of => {}", "(async-arrow (params of))"),
        ],
    );
    rejects(
        script,
        &[
            ("()", "Unexpected token ')'"),
            ("(a,)", "Unexpected token ')'"),
            ("(...a)", "Unexpected token ')'"),
            ("a\n=> b", "Unexpected token '=>'"),
            ("(a)\n=> b", "Unexpected token '=>'"),
            ("async (a)\n=> b", "Unexpected token '=>'"),
            ("(a, a) => b", "Duplicate parameter name not allowed in this context"),
            ("((a)) => b", "Invalid destructuring assignment target"),
            ("([(a)]) => b", "Invalid destructuring assignment target"),
            ("(a.b) => c", "Invalid destructuring assignment target"),
            ("([a.b = 1]) => c", "Invalid destructuring assignment target"),
            ("(...a, b) => c", "Rest parameter must be last formal parameter"),
            ("(...a = 1) => c", "Rest parameter may not have a default initializer"),
            ("async (...a, b) => c", "Rest parameter must be last formal parameter"),
            ("async (...a,) => c", "Rest parameter must be last formal parameter"),
            ("async (a = await 1) => b", "missing ) after argument list"),
            ("async (await) => b", "Unexpected reserved word"),
            ("async (a = await) => b", "Unexpected reserved word"),
            ("async await => b", "Unexpected reserved word"),
            ("function* g() { (a = yield) => b }", "Yield expression not allowed in formal parameter"),
            ("async function f() { (a = await 1) => b }", "Illegal await-expression in formal parameters of async function"),
            ("(a = 1) => { 'use strict' }", "Illegal 'use strict' directive in function with non-simple parameter list"),
            ("eval => { 'use strict' }", "Unexpected eval or arguments in strict mode"),
            ("async a b", "Unexpected identifier 'b'"),
        ],
    );
}

#[test]
fn functions_and_generators() {
    shows(
        script,
        &[
            ("function f(a, b = 1, ...c) { return a }", "(declare (function f (params a (= b 1) (... c)) (return a)))"),
            ("(function g() {})", "(paren (function g (params)))"),
            (
                "function* g() { yield; yield a; yield* b; yield\nc }",
                "(declare (function* g (params) (yield) (yield a) (yield* b) (yield) c))",
            ),
            ("async function f() { await a; for await (b of c); }", "(declare (async-function f (params) (await a) (for-await b c ;)))"),
            ("async function* f() { yield await a }", "(declare (async-function* f (params) (yield (await a))))"),
            ("function f() { 'use strict'; 'b'; a }", "(declare (function f (params) (directive \"use strict\") (directive \"b\") a))"),
            ("async\nfunction f() {}", "async (declare (function f (params)))"),
            ("function* g() { function yield() {} }", "error: Unexpected identifier 'yield'"),
            ("function f() { await }", "(declare (function f (params) await))"),
        ],
    );
    rejects(
        script,
        &[
            ("function f(a, a) { 'use strict' }", "Duplicate parameter name not allowed in this context"),
            ("function f(a, [a]) {}", "Duplicate parameter name not allowed in this context"),
            ("({m(a, a) {}})", "Duplicate parameter name not allowed in this context"),
            ("function f(...a, b) {}", "Rest parameter must be last formal parameter"),
            ("function f(a b) {}", "missing ) after formal parameters"),
            ("function eval() { 'use strict' }", "Unexpected eval or arguments in strict mode"),
            ("function static() { 'use strict' }", "Unexpected strict mode reserved word"),
            ("function f(static) { 'use strict' }", "Unexpected strict mode reserved word"),
            ("function f() { '\\1'; 'use strict' }", "Octal escape sequences are not allowed in strict mode."),
            ("function f() { 'use strict'; 017 }", "Octal literals are not allowed in strict mode."),
            ("(function* yield() {})", "Unexpected identifier 'yield'"),
            ("(async function await() {})", "Unexpected reserved word"),
            ("function* g(a = yield) {}", "Yield expression not allowed in formal parameter"),
            ("async function f(a = await 1) {}", "Illegal await-expression in formal parameters of async function"),
            ("return", "Illegal return statement"),
            ("function* g() { void yield }", "Unexpected identifier 'yield'"),
            ("function (a) {}", "Unexpected token '('"),
        ],
    );
    accepts(script, &["function f(a, a) {}", "function* g(a, a) {}", "function f(a = function* () { yield }) {}", "function yield() {}"]);
    let many: String = (0..40).map(|i| format!("a{i},")).collect();
    assert_eq!(strict(&format!("function f({many} a7) {{}}")), "error: Duplicate parameter name not allowed in this context");
}

#[test]
fn classes() {
    shows(
        script,
        &[
            (
                "class A extends B { constructor(a) { super(a) } m() { super.m() } }",
                "(declare (class A (extends B) (derived (params a) (super() a)) (member m (method (params) (() (super. m))))))",
            ),
            ("class A { constructor() {} }", "(declare (class A (constructor (params))))"),
            ("(class {})", "(paren (class))"),
            (
                "class A { a; b = 1; static c = this; #d = 2; static #e; [f] = 3; 'g'; 1 = 2 }",
                "(declare (class A (field a) (field b 1) (static-field c this) (field #d 2) (static-field #e) (field (computed f) 3) (field \"g\") (field 1 2)))",
            ),
            (
                "class A { get; set; static; async; get\na() {} static async *b() {} static get c() {} }",
                "(declare (class A (field get) (field set) (field static) (field async) (member a (get (params))) (static-member b (async-method* (params))) (static-member c (get (params)))))",
            ),
            (
                "class A { static() {} get() {} async() {} static static() {} static get() {} }",
                "(declare (class A (member static (method (params))) (member get (method (params))) (member async (method (params))) (static-member static (method (params))) (static-member get (method (params)))))",
            ),
            ("class A { static { this.a; } }", "(declare (class A (static (. this a))))"),
            (
                "class A { #a; m(o) { return #a in o && o.#a && o?.#a } }",
                "(declare (class A (field #a) (member m (method (params o) (return (And (And (private-in #a o) (. o #a)) (chain (?. o #a))))))))",
            ),
            (
                "class A { get\n*a() {} async\nb() {} }",
                "(declare (class A (field get) (member a (method* (params))) (field async) (member b (method (params)))))",
            ),
            ("class A { get #a() {} set #a(v) {} }", "(declare (class A (member #a (get (params))) (member #a (set (params v)))))"),
            ("class A { 'constructor'() {} }", "(declare (class A (constructor (params))))"),
            (
                "class A { ['constructor']() {} static constructor() {} }",
                "(declare (class A (member (computed \"constructor\") (method (params))) (static-member constructor (method (params)))))",
            ),
        ],
    );
    rejects(
        script,
        &[
            ("class A { constructor() {} constructor() {} }", "A class may only have one constructor"),
            ("class A { get constructor() {} }", "Class constructor may not be an accessor"),
            ("class A { *constructor() {} }", "Class constructor may not be a generator"),
            ("class A { async constructor() {} }", "Class constructor may not be an async method"),
            ("class A { constructor = 1 }", "Classes may not have a field named 'constructor'"),
            ("class A { static prototype() {} }", "Classes may not have a static property named 'prototype'"),
            ("class A { static prototype = 1 }", "Classes may not have a static property named 'prototype'"),
            ("class A { #constructor() {} }", "Classes may not have a private field named '#constructor'"),
            ("class A { #a; #a }", "Identifier '#a' has already been declared"),
            ("class A { get #a() {} static set #a(v) {} }", "Identifier '#a' has already been declared"),
            ("class A { m() { this.#b } }", "Private field '#b' must be declared in an enclosing class"),
            ("class A extends B.#a { #a }", "Private field '#a' must be declared in an enclosing class"),
            ("a.#b", "Private field '#b' must be declared in an enclosing class"),
            ("class A { #a; m() { delete this.#a } }", "Private fields can not be deleted"),
            ("class A { #a; m() { delete (this?.#a) } }", "Private fields can not be deleted"),
            ("class A { #a; m() { 1 + #a in this } }", "Unexpected identifier '#a'"),
            ("class A { #a; m() { #a } }", "Unexpected identifier '#a'"),
            ("class A { #a; m() { #a in #a in this } }", "Unexpected identifier '#a'"),
            ("class A { constructor() { super() } }", "'super' keyword unexpected here"),
            ("class A extends B { m() { super() } }", "'super' keyword unexpected here"),
            ("class A extends B { m() { super.#a } }", "Unexpected private field"),
            ("class A { a = arguments }", "'arguments' is not allowed in class field initializer or static initialization block"),
            ("class A { a = () => arguments }", "'arguments' is not allowed in class field initializer or static initialization block"),
            ("class A { static { arguments } }", "'arguments' is not allowed in class field initializer or static initialization block"),
            ("class A { static { await } }", "Unexpected reserved word"),
            ("class A { static { return } }", "Illegal return statement"),
            ("class A { static { class await {} } }", "Unexpected reserved word"),
            ("class A { a b }", "Unexpected identifier 'b'"),
            ("class A { async a = 1 }", "Unexpected token '='"),
            ("class A extends B, C {}", "Unexpected token ','"),
            ("class A extends () => {} {}", "Unexpected token ')'"),
            ("class let {}", "Unexpected strict mode reserved word"),
            ("class {}", "Unexpected token '{'"),
        ],
    );
    accepts(
        script,
        &[
            "class A { #a; m() { class B { n() { return this.#a } } } }",
            "class A extends B { constructor() { (() => super())() } }",
            "class A { a = function () { arguments } }",
            "class A { static { function f() { await } } }",
            "class A { static { (function await() {}) } }",
            "class A { ['a'] = 1; static async\nb() {} }".replace("async\n", "async ").as_str(),
            "({ m() { super.a; super['b'] } })",
        ],
    );
}

#[test]
fn dynamic_functions() {
    assert_eq!(dynamic(false, false, "a, b", "return a + b"), "(function (params a b) (return (Add a b)))");
    assert_eq!(dynamic(true, true, "", "yield await 1"), "(async-function* (params) (yield (await 1)))");
    assert_eq!(dynamic(false, false, "a //", "-->"), "(function (params a))");
    assert_eq!(dynamic(false, false, "", "return new.target"), "(function (params) (return new.target))");
    // Each part must be complete in itself.
    assert_eq!(dynamic(false, false, "/*", "*/){"), "error: Invalid or unexpected token");
    assert_eq!(dynamic(false, false, ") { }, function (", ""), "error: Unexpected token ')'");
    assert_eq!(dynamic(false, false, "a) { }, function (b", ""), "error: missing ) after formal parameters");
    assert_eq!(dynamic(false, false, "", "}, function() {"), "error: Unexpected token '}'");
    assert_eq!(dynamic(false, false, "a, a", "'use strict'"), "error: Duplicate parameter name not allowed in this context");
    assert_eq!(
        dynamic(false, false, "a = 1", "'use strict'"),
        "error: Illegal 'use strict' directive in function with non-simple parameter list"
    );
    assert_eq!(dynamic(false, false, "", "super.a"), "error: 'super' keyword unexpected here");
    assert_eq!(dynamic(false, true, "a = yield", ""), "error: Yield expression not allowed in formal parameter");
}
