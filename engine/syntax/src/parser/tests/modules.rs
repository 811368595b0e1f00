use super::*;

#[test]
fn imports() {
    shows(
        module,
        &[
            ("import 'a'", "(import (from \"a\"))"),
            ("import a from 'b'", "(import (default a) (from \"b\"))"),
            ("import * as a from 'b'", "(import (* a) (from \"b\"))"),
            (
                "import a, {b, c as d, 'e f' as g, default as h,} from 'i'",
                "(import (default a) (b b) (c d) (e f g) (default h) (from \"i\"))",
            ),
            (
                "import a, * as b from 'c' with {type: 'json', 'x': 'y',}",
                "(import (default a) (* b) (from \"c\" \"type\" \"json\" \"x\" \"y\"))",
            ),
            ("import defer * as a from 'b'", "(import (* a) (defer-from \"b\"))"),
            ("import source a from 'b'", "(import (default a) (source-from \"b\"))"),
            ("import source from 'b'", "(import (default source) (from \"b\"))"),
            ("import source from from 'b'", "(import (default from) (source-from \"b\"))"),
            ("import defer from 'b'", "(import (default defer) (from \"b\"))"),
            ("import {} from 'a'", "(import (from \"a\"))"),
            ("import('a'); import.meta.b", "(import() \"a\") (. import.meta b)"),
            ("import from from 'a'", "(import (default from) (from \"a\"))"),
        ],
    );
    rejects(
        module,
        &[
            ("import {a as 'b'} from 'c'", "Unexpected string"),
            ("import {'a'} from 'c'", "Unexpected token '}'"),
            ("import {if} from 'c'", "Unexpected token 'if'"),
            ("import {eval} from 'c'", "Unexpected eval or arguments in strict mode"),
            ("import {a as arguments} from 'c'", "Unexpected eval or arguments in strict mode"),
            ("import a, b from 'c'", "Unexpected identifier 'b'"),
            ("import {'\\ud800' as a} from 'b'", "Invalid module export name: contains unpaired surrogate character"),
            ("import 'a' with {b: 'c', 'b': 'd'}", "Import attributes has a duplicate key 'b'"),
            ("import 'a' with {b: 1}", "Unexpected number"),
            ("{ import 'a' }", "Unexpected token 'import'"),
            ("import defer {a} from 'b'", "Unexpected token '{'"),
            ("import defer a from 'b'", "Unexpected identifier 'a'"),
            ("import.metb", "Unexpected identifier 'metb'"),
            ("import.m\\u0065ta", "Unexpected identifier 'm\\u0065ta'"),
        ],
    );
}

#[test]
fn exports() {
    shows(
        module,
        &[
            ("export {a, b as c, d as 'e', f as default}", "(export a:a b:c d:e f:default)"),
            ("export {a, 'b' as 'c', default, if as g} from 'd'", "(export a:a b:c default:default if:g (from \"d\"))"),
            ("export * from 'a'", "(export-all (from \"a\"))"),
            ("export * as a from 'b'", "(export-all a (from \"b\"))"),
            ("export * as 'a b' from 'b'", "(export-all a b (from \"b\"))"),
            ("export default function () {}", "(export-default (declare (function (params))))"),
            ("export default async function* a() {}", "(export-default (declare (async-function* a (params))))"),
            ("export default class {}", "(export-default (declare (class)))"),
            ("export default a, b", "error: Unexpected token ','"),
            ("export default (function () {})", "(export-default (paren (function (params))))"),
            ("export default async () => a", "(export-default (async-arrow (params) (=> a)))"),
            ("export var a, [b] = c", "(export (var a (= ([] b) c)))"),
            (
                "export const a = 1; export function b() {} export class C {}",
                "(export (const (= a 1))) (export (declare (function b (params)))) (export (declare (class C)))",
            ),
            ("export async function a() {}", "(export (declare (async-function a (params))))"),
        ],
    );
    rejects(
        module,
        &[
            ("export {a, b as a}", "Duplicate export of 'a'"),
            ("export var a; export {b as a}", "Duplicate export of 'a'"),
            ("export default 1; export default 2", "Duplicate export of 'default'"),
            ("export default 1; export {a as default}", "Duplicate export of 'default'"),
            ("export * as a from 'b'; export {a}", "Duplicate export of 'a'"),
            ("export {'a'}", "Unexpected string"),
            ("export {if}", "Unexpected token 'if'"),
            ("export {let}", "Unexpected strict mode reserved word"),
            ("export a", "Unexpected identifier 'a'"),
            ("export using a = b", "Unexpected identifier 'using'"),
            ("export function () {}", "Unexpected token '('"),
            ("{ export {} }", "Unexpected token 'export'"),
            ("export {a} with {}", "Unexpected token 'with'"),
        ],
    );
}

#[test]
fn modules_are_strict_and_await_at_the_top() {
    shows(
        module,
        &[
            ("await a; for await (b of c) ;", "(await a) (for-await b c ;)"),
            ("using a = b; await using c = d", "(using (= a b)) (awaitusing (= c d))"),
            ("() => b", "(arrow (params) (=> b))"),
            ("a <!-- b", "(Lt a (Not (--_ b)))"),
        ],
    );
    rejects(
        module,
        &[
            ("with (a) b", "Strict mode code may not include a with statement"),
            ("var await", "Unexpected reserved word"),
            ("function f() { await a }", "Unexpected reserved word"),
            ("a\n--> b", "Unexpected token '>'"),
            ("new.target", "new.target expression is not allowed here"),
            ("return", "Illegal return statement"),
        ],
    );
    let awaits = |source: &str| {
        let (arena, mut names) = (Bump::new(), Names::new());
        parse_module(&arena, &mut names, source, &ParseOptions::default()).unwrap().has_top_level_await
    };
    assert!(awaits("await 1") && awaits("{ for await (a of b) ; }") && awaits("await using a = b") && awaits("class A { [await a]() {} }"));
    assert!(!awaits("async () => await 1; async function f() { await 2 }"));
}
