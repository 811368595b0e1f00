use super::*;

#[test]
fn declarations() {
    shows(
        script,
        &[
            ("var a, b = 1, [c] = d, {e, f: g = 2, ...h} = i", "(var a (= b 1) (= ([] c) d) (= ({} e (: f (= g 2)) (... h)) i))"),
            ("let a; const b = 1", "(let a) (const (= b 1))"),
            ("let\na", "(let a)"),
            ("let = 1", "(= let 1)"),
            ("let.a; (let)[0]", "(. let a) ([] (paren let) 0)"),
            ("if (a) let\n{}", "(if a let) (block)"),
            ("var let = 1, yield, await, async, of, static", "(var (= let 1) yield await async of static)"),
            ("{ using a = b }", "(block (using (= a b)))"),
            ("using\na", "using a"),
            ("using[a]", "([] using a)"),
            (
                "async function f() { await using a = b; await using\nc }",
                "(declare (async-function f (params) (awaitusing (= a b)) (await using) c))",
            ),
        ],
    );
    rejects(
        script,
        &[
            ("const a", "Missing initializer in const declaration"),
            ("let [a]", "Missing initializer in destructuring declaration"),
            ("let let = 1", "let is disallowed as a lexically bound name"),
            ("const [let] = 1", "let is disallowed as a lexically bound name"),
            ("{ using a }", "Missing initializer in using declaration"),
            ("using a = b", "Using declaration is not allowed here"),
            ("switch (a) { case 1: using b = c }", "Using declaration is not allowed here"),
            ("{ using a, [b] = c }", "Missing initializer in using declaration"),
            ("{ using a = b, [c] = d }", "Unexpected token '['"),
            ("if (a) let b", "Lexical declaration cannot appear in a single-statement context"),
            ("if (a) let [b] = c", "Lexical declaration cannot appear in a single-statement context"),
            ("while (a) const b = 1", "Lexical declaration cannot appear in a single-statement context"),
            ("if (a) class B {}", "Unexpected token 'class'"),
            ("if (a) async function f() {}", "Async functions can only be declared at the top level or inside a block."),
            ("if (a) function* f() {}", "Generators can only be declared at the top level or inside a block."),
        ],
    );
    rejects(
        strict,
        &[
            ("var let", "Unexpected strict mode reserved word"),
            ("var eval", "Unexpected eval or arguments in strict mode"),
            ("var yield", "Unexpected strict mode reserved word"),
            ("if (a) function f() {}", "In strict mode code, functions can only be declared at top level or inside a block."),
            ("a: function f() {}", "In strict mode code, functions can only be declared at top level or inside a block."),
        ],
    );
}

#[test]
fn loops() {
    shows(
        script,
        &[
            ("for (;;) ;", "(for _ _ _ ;)"),
            ("for (var a = 0; a < 1; a++) { }", "(for (var (= a 0)) (Lt a 1) (_++ a) (block))"),
            ("for (a, b; ; ) ;", "(for (, a b) _ _ ;)"),
            ("for (var a in b) ;", "(for-in (var a) b ;)"),
            ("for (var a = 1 in b) ;", "(for-in (var (= a 1)) b ;)"),
            ("for (let [a, b] of c) ;", "(for-of (let ([] a b)) c ;)"),
            ("for (a.b in c) ;", "(for-in (. a b) c ;)"),
            ("for ([a, {b = 1}] of c) ;", "(for-of ([] a ({} (= b 1))) c ;)"),
            ("for ({a = 1} of b) ;", "(for-of ({} (= a 1)) b ;)"),
            ("for (let in a) ;", "(for-in let a ;)"),
            ("for (let = 1; ; ) ;", "(for (= let 1) _ _ ;)"),
            ("for (let of = 1; ; ) ;", "(for (let (= of 1)) _ _ ;)"),
            ("for (of of of) ;", "(for-of of of ;)"),
            ("for (async of => {}; ; ) ;", "(for (async-arrow (params of)) _ _ ;)"),
            ("for (var a = (b in c); ; ) ;", "(for (var (= a (paren (In b c)))) _ _ ;)"),
            ("for (var a = [b in c]; ; ) ;", "(for (var (= a (array (In b c)))) _ _ ;)"),
            ("for (let a = () => { b in c }; ; ) ;", "(for (let (= a (arrow (params) (In b c)))) _ _ ;)"),
            ("for (using a of b) ;", "(for-of (using a) b ;)"),
            ("for (using of b) ;", "(for-of using b ;)"),
            ("for (using of = a; ; ) ;", "(for (using (= of a)) _ _ ;)"),
            ("for (using in b) ;", "(for-in using b ;)"),
            ("while (a) b", "(while a b)"),
            ("do a; while (b) c", "(do a b) c"),
            ("async function f() { for await (async of a) ; }", "(declare (async-function f (params) (for-await async a ;)))"),
        ],
    );
    rejects(
        script,
        &[
            ("for (let a = 1 of b) ;", "for-of loop variable declaration may not have an initializer."),
            ("for (let a = 1 in b) ;", "for-in loop variable declaration may not have an initializer."),
            ("for (var [a] = 1 in b) ;", "for-in loop variable declaration may not have an initializer."),
            ("for (var a, b of c) ;", "Invalid left-hand side in for-of loop: Must have a single binding."),
            ("for (let of a) ;", "Unexpected identifier 'a'"),
            ("for (async of a) ;", "The left-hand side of a for-of loop may not be 'async'."),
            ("for (a of b, c) ;", "Unexpected token ','"),
            ("for (a + b of c) ;", "Invalid left-hand side in for-loop"),
            ("for (a = 1 of c) ;", "Invalid left-hand side in for-loop"),
            ("for ({a = 1}; ; ) ;", "Invalid shorthand property initializer"),
            ("for (const a; ; ) ;", "Missing initializer in const declaration"),
            ("for (let [a]; ; ) ;", "Missing initializer in destructuring declaration"),
            ("for (let a = b in c; ; ) ;", "for-in loop variable declaration may not have an initializer."),
            ("for await (a of b) ;", "Unexpected identifier 'await'"),
            ("for (var i = 0 of b) ;", "for-of loop variable declaration may not have an initializer."),
            (
                "for (;;) function f() {}",
                "In non-strict mode code, functions can only be declared at top level, inside a block, or as the body of an if statement.",
            ),
            (
                "while (a) b: function f() {}",
                "In non-strict mode code, functions can only be declared at top level, inside a block, or as the body of an if statement.",
            ),
        ],
    );
    rejects(strict, &[("for (var a = 1 in b) ;", "for-in loop variable declaration may not have an initializer.")]);
}

#[test]
fn jumps_and_labels() {
    shows(
        script,
        &[
            ("a: b: for (;;) { continue a; break b }", "(label a b (for _ _ _ (block (continue a) (break b))))"),
            ("a: { break a }", "(label a (block (break a)))"),
            ("switch (a) { case 1: break; default: b }", "(switch a (case 1 (break)) (case default b))"),
            ("a: function f() {}", "(label a (declare (function f (params))))"),
            ("yield: await: async: ;", "(label yield await async ;)"),
            ("for (;;) { break\na }", "(for _ _ _ (block (break) a))"),
            ("a: ; a: ;", "(label a ;) (label a ;)"),
            ("if (a) b; else if (c) d; else e", "(if a b c d (else e))"),
            (
                "if (a) function f() {} else function g() {}",
                "(if a (declare (function f (params))) (else (declare (function g (params)))))",
            ),
            ("try { a } catch { b } finally { c }", "(try (block a) (catch (block b)) (finally (block c)))"),
            ("try {} catch ({a, b: [c]}) {}", "(try (block) (catch ({} a (: b ([] c))) (block)))"),
            ("with (a) b", "(with a b)"),
            ("throw a", "(throw a)"),
            ("debugger", "debugger"),
        ],
    );
    rejects(
        script,
        &[
            ("break", "Illegal break statement"),
            ("continue", "Illegal continue statement: no surrounding iteration statement"),
            ("switch (a) { case 1: continue }", "Illegal continue statement: no surrounding iteration statement"),
            ("for (;;) { (() => { break })() }", "Illegal break statement"),
            ("a: for (;;) { () => { break a } }", "Undefined label 'a'"),
            ("for (;;) break a", "Undefined label 'a'"),
            ("a: { for (;;) continue a }", "Illegal continue statement: 'a' does not denote an iteration statement"),
            ("a: a: ;", "Label 'a' has already been declared"),
            ("a: { b: { a: ; } }", "Label 'a' has already been declared"),
            ("a: function* f() {}", "Generators can only be declared at the top level or inside a block."),
            ("a: let\n[b] = c", "Lexical declaration cannot appear in a single-statement context"),
            ("switch (a) { default: default: }", "More than one default clause in switch statement"),
            ("try {}", "Unexpected end of input"),
            ("try {} a", "Missing catch or finally after try"),
            ("throw\na", "Illegal newline after throw"),
            ("if (a", "Unexpected end of input"),
            ("{", "Unexpected end of input"),
            ("}", "Unexpected token '}'"),
            ("import a from 'b'", "Cannot use import statement outside a module"),
            ("export {}", "Unexpected token 'export'"),
            ("enum a {}", "Unexpected reserved word"),
            ("a b", "Unexpected identifier 'b'"),
            ("a 1", "Unexpected number"),
            ("a 'b'", "Unexpected string"),
        ],
    );
    rejects(strict, &[("with (a) b", "Strict mode code may not include a with statement")]);
    rejects(
        strict,
        &[
            ("delete a", "Delete of an unqualified identifier in strict mode."),
            ("delete ((a))", "Delete of an unqualified identifier in strict mode."),
        ],
    );
}

#[test]
fn semicolons_are_inserted_by_the_rules() {
    shows(
        script,
        &[
            ("a\nb", "a b"),
            ("{ a }", "(block a)"),
            ("a\n(b)", "(() a b)"),
            ("do ; while (a) b", "(do ; a) b"),
            ("var a\nvar b", "(var a) (var b)"),
            ("a /*\n*/ b", "a b"),
            ("(function () { return\na })", "(paren (function (params) (return) a))"),
            ("a\u{2028}b", "a b"),
        ],
    );
    rejects(
        script,
        &[
            ("for (a; b\n) ;", "Unexpected token ')'"),
            ("if (a) b else c", "Unexpected token 'else'"),
            ("a /* */ b", "Unexpected identifier 'b'"),
        ],
    );
}
