//! Nesting and length: no source may exhaust the native stack or take more than linear time.

use super::*;
use crate::ErrorKind;
use crate::ast::{Binary, Expr, ExprStmt, MAX_DEPTH, Stmt};
use std::time::{Duration, Instant};

/// What a thread gets by default in a debug build is 2 MiB; release builds must do with 1 MiB.
const STACK_BYTES: usize = if cfg!(debug_assertions) { 2 << 20 } else { 1 << 20 };

/// What opens, stands in the middle, closes.
const NESTS: &[(&str, &str, &str)] = &[
    ("(", "a", ")"),
    ("[", "", "]"),
    ("({a:", "1", "})"),
    ("({[", "1", "]:1})"),
    ("f(", "", ")"),
    ("a[", "a", "]"),
    ("!", "a", ""),
    ("- ", "a", ""),
    ("++", "a", ""),
    ("new ", "a", ""),
    ("new (", "a", ")"),
    ("{", "", "}"),
    ("if(a)", ";", ""),
    ("if(a);else{", ";", "}"),
    ("for(;;)", ";", ""),
    ("for(a of ", "b", ");"),
    ("while(1){", "", "}"),
    ("do ", ";", " while(a)"),
    ("with(a)", ";", ""),
    ("switch(a){case 1:", "", "}"),
    ("try{", "", "}catch{}"),
    ("try{}catch{", "", "}"),
    ("(function(){", "", "})"),
    ("function f(){", "", "}"),
    ("function f(a=", "1", "){}"),
    ("(function(a=", "1", "){})"),
    ("a=>", "a", ""),
    ("()=>{", "", "}"),
    ("(a=", "1", ")=>a"),
    ("([a=", "1", "])=>a"),
    ("async(a=", "1", ")=>a"),
    ("async a=>", "a", ""),
    ("(class extends ", "a", "{})"),
    ("(class{x=", "a", "})"),
    ("(class{[", "a", "]})"),
    ("class A{m(){", "", "}}"),
    ("class A{static{", "", "}}"),
    ("`${", "a", "}`"),
    ("a`${", "a", "}`"),
    ("a?", "b", ":c"),
    ("a?b:", "c", ""),
    ("a=", "a", ""),
    ("a**", "a", ""),
    ("a|(b&", "c", ")"),
    ("a??(b||(c&&(d|(e^(f&(g==(h<(i<<(j+(k*", "l", "))))))))))"),
    ("a||b&&c|d^e&f==g<h<<i+j*(k**", "l", ")"),
    ("", "a", ".a"),
    ("", "a", "[a]"),
    ("", "a", "()"),
    ("", "a", "?.a"),
    ("", "a", "`b`"),
    ("var [a=", "1", "]=1"),
    ("({m(){", "", "}})"),
    ("({get a(){return ", "1", "}})"),
    ("import(", "a", ")"),
    ("[{a:", "b", "}]"),
    ("({a:[", "b", "]})"),
    ("throw ", "a", ""),
    ("a,(", "b", ")"),
    ("delete ", "a", ""),
];

/// The whole source as one expression or pattern, wrapped.
const WRAPS: &[(&str, &str, &str, &str, &str)] = &[
    ("var ", "[", "a", "]", "=1"),
    ("var ", "{a:", "b", "}", "=1"),
    ("", "[", "a", "]", "=1"),
    ("(", "{a:", "b", "}", "=1)"),
    ("(", "[", "a", "]", ")=>1"),
    ("for(", "[", "a", "]", " of b);"),
    ("function*g(){", "yield ", "1", "", "}"),
    ("async function f(){", "await ", "1", "", "}"),
    ("try{}catch(", "[", "a", "]", "){}"),
    ("function f(", "[", "a", "]", "){}"),
];

fn on_small_stack(source: String) -> Result<(), crate::SyntaxError> {
    let parse = move || {
        let (arena, mut names) = (Bump::new(), Names::new());
        parse_script(&arena, &mut names, &source, &ParseOptions::default()).map(|_| ())
    };
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(parse).unwrap().join().unwrap()
}

#[test]
fn deep_nesting_is_an_error_not_an_overflow() {
    let nests = NESTS.iter().map(|&(open, middle, close)| ("", open, middle, close, ""));
    for (before, open, middle, close, after) in nests.chain(WRAPS.iter().copied()) {
        let count = 20_000;
        let source = format!("{before}{}{middle}{}{after}", open.repeat(count), close.repeat(count));
        // Some stop earlier for another reason, which is as good.
        assert!(on_small_stack(source).is_err(), "{before}{open}");
    }
}

#[test]
fn what_people_write_is_not_too_deep() {
    let depth = MAX_DEPTH as usize / 4;
    for (open, middle, close) in
        [("(", "a", ")"), ("[", "", "]"), ("f(", "", ")"), ("{", "", "}"), ("(function(){", "", "})"), ("", "a", ".b()")]
    {
        let source = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
        assert_eq!(on_small_stack(source), Ok(()), "{open}");
    }
    let error = on_small_stack(format!("{}a", "(".repeat(2 * MAX_DEPTH as usize))).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooComplex);
}

#[test]
fn long_chains_are_fine() {
    let count = 100_000;
    for (first, rest) in [("a", "+a"), ("a", "&&a"), ("a", "??a"), ("a", ",a"), ("a", ";a"), ("if(a);", "else if(a);"), ("[a", ",[a]")] {
        let close = if first == "[a" { "]" } else { "" };
        assert_eq!(on_small_stack(format!("{first}{}{close}", rest.repeat(count))), Ok(()), "{rest}");
    }
    // Members, products, updates and classes side by side do not add up to depth.
    for part in ["+a.b.c", "+a*b*c", "+a.b()++", "|a+(b.c)*d", ";class A extends a.b.c {}", ";a.b.c()", ";a.b = c.d ? e.f : g.h"] {
        assert_eq!(on_small_stack(format!("a{}", part.repeat(20_000))), Ok(()), "{part}");
    }
    assert_eq!(on_small_stack(format!("switch(a){{{}}}", "case a:".repeat(count))), Ok(()));
    let labels: String = (0..MAX_DEPTH - 1).map(|index| format!("a{index}:")).collect();
    assert_eq!(on_small_stack(format!("{labels};")), Ok(()));
    assert!(on_small_stack(format!("{labels}a: b: c: ;")).is_err());
}

#[test]
fn binary_chains_have_a_left_spine() {
    let source = format!("a{}", "+a".repeat(50_000));
    let (arena, mut names) = (Bump::new(), Names::new());
    let program = parse_script(&arena, &mut names, &source, &ParseOptions::default()).unwrap();
    let Stmt::Expr(ExprStmt { expr, .. }) = program.body[0] else { panic!() };
    let (mut left, mut length) = (*expr, 0);
    while let Expr::Binary(Binary { left: next, right: Expr::Ident(_), .. }) = left {
        left = *next;
        length += 1;
    }
    assert!(matches!(left, Expr::Ident(_)) && length == 50_000);
}

#[test]
fn a_subtree_pushed_down_by_a_chain_counts_as_deep() {
    // Neither the chain nor the nesting alone is too deep, the tree is.
    let half = MAX_DEPTH as usize * 6 / 10;
    let nested = format!("f({}a{})", "(".repeat(half), ")".repeat(half));
    assert_eq!(on_small_stack(nested.clone()), Ok(()));
    assert_eq!(on_small_stack(format!("f(){}", ".a".repeat(half))), Ok(()));
    assert!(on_small_stack(format!("{nested}{}", ".a".repeat(half))).is_err());
}

#[test]
fn no_prefix_and_no_deletion_panics() {
    let source =
        "#!x\nasync function* f({a = 1, ...b}, [c, , d] = `e${g}h`) { 'use strict'; for await (let i of /[/]/g) yield* await i?.j }
        class A extends B { #k = 0x1Fn; static { l: for (;;) break l } get [m]() { return super.n ??= '\\u{6f}é' } }
        <!-- p\n(async ({q}, ...r) => { switch (s) { case 1_0: default: } })(), new.t; label: if (u) function v() {} else do ; while (w)
        try { import('x') } catch { x\\u0061 } finally { var { y: [z] = 017 } = {} }";
    let parse = |text: &str| {
        let (arena, mut names) = (Bump::new(), Names::new());
        let results = [
            parse_script(&arena, &mut names, text, &ParseOptions::default()),
            parse_module(&arena, &mut names, text, &ParseOptions::default()),
        ];
        for error in results.into_iter().filter_map(Result::err) {
            assert!(error.render(text, "x").contains(&error.message));
        }
    };
    for (at, c) in source.char_indices() {
        parse(&source[..at]);
        parse(&source[at..]);
        parse(&format!("{}{}", &source[..at], &source[at + c.len_utf8()..]));
    }
}

#[test]
fn covers_take_linear_time() {
    let started = Instant::now();
    let depth = MAX_DEPTH as usize / 4;
    for (open, middle, close) in
        [("(", "a", ")"), ("(a=", "b", ")=>c"), ("(a,", "b", ")"), ("[", "a", "]=1"), ("async(a=", "b", ")=>c"), ("({a:", "b", "})")]
    {
        let source = format!("{}{middle}{}", open.repeat(depth), close.repeat(depth));
        // Accepted or not: what matters is that it ends soon.
        let _ = on_small_stack(source);
    }
    assert!(started.elapsed() < Duration::from_secs(5));
}
