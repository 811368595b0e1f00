use super::*;
use crate::ast::*;

/// The function that is the first statement or its initialiser.
fn with_function(source: &str, check: impl FnOnce(&Function<'_>, &Program<'_>)) {
    let (arena, mut names) = (Bump::new(), Names::new());
    let program = parse_script(&arena, &mut names, source, &ParseOptions::default()).unwrap();
    match program.body[0] {
        Stmt::Function(function) => check(function, &program),
        Stmt::Expr(ExprStmt { expr: Expr::Function(function), .. }) => check(function, &program),
        other => panic!("{other:?}"),
    }
}

#[test]
fn functions_know_what_they_mention() {
    with_function("function f() { this; arguments; eval(''); new.target }", |f, program| {
        assert!(f.facts.uses_this && f.facts.uses_arguments && f.facts.has_direct_eval && f.facts.uses_new_target);
        assert_eq!(program.facts, CodeFacts::default());
    });
    with_function("function f() { function g() { this; arguments } }", |f, _| assert_eq!(f.facts, CodeFacts::default()));
    with_function("function f() { () => () => { this; arguments } }", |f, _| assert!(f.facts.uses_this && f.facts.uses_arguments));
    with_function("function f(a = this) { arguments }", |f, _| {
        assert!(f.params_facts.uses_this && !f.params_facts.uses_arguments && f.facts.uses_arguments);
    });
    with_function("function f() { a.arguments; ({arguments: 1}); arguments: ; }", |f, _| assert!(!f.params_facts.uses_arguments));
    with_function("async function f() { await 1 }", |f, _| assert!(f.facts.has_suspension));
    with_function("async function f() { async () => await 1 }", |f, _| assert!(!f.facts.has_suspension));
    with_function("function f() { class A { a = this; static { this } } }", |f, _| assert!(!f.facts.uses_this));
    with_function("function f() { class A { [this] } }", |f, _| assert!(f.facts.uses_this));
}

#[test]
fn arrow_parameters_report_to_both() {
    with_function("(a = this, b = eval('')) => 1", |f, program| {
        assert!(f.facts.uses_this && f.params_facts.uses_this && f.params_facts.has_direct_eval);
        assert!(program.facts.uses_this && program.facts.has_direct_eval);
    });
    with_function("async (a = this) => 1", |f, program| assert!(f.params_facts.uses_this && program.facts.uses_this));
    // What came before the parentheses is not the arrow's.
    let (arena, mut names) = (Bump::new(), Names::new());
    let program = parse_script(&arena, &mut names, "f(this, (a) => 1, this)", &ParseOptions::default()).unwrap();
    let Stmt::Expr(ExprStmt { expr: Expr::Call(call), .. }) = program.body[0] else { panic!() };
    let Argument::Expr(Expr::Function(function)) = call.args[1] else { panic!() };
    assert!(!function.facts.uses_this && program.facts.uses_this);
}

#[test]
fn functions_know_their_shape() {
    with_function("function f(a, b = 1, c) { 'use strict'.a }", |f, _| {
        assert_eq!(f.length, 1);
        assert!(!f.has_simple_params && !f.strict && !f.has_use_strict);
    });
    with_function("function f(a, b) { 'use strict' }", |f, _| {
        assert_eq!(f.length, 2);
        assert!(f.has_simple_params && f.strict && f.has_use_strict);
    });
    with_function("function f(a, ...b) {}", |f, _| assert!(f.length == 1 && !f.has_simple_params));
}

#[test]
fn source_text_is_what_to_string_gives() {
    let source = "class A { static async *m ( ) { } get x() {} constructor() {} }";
    let (arena, mut names) = (Bump::new(), Names::new());
    let program = parse_script(&arena, &mut names, source, &ParseOptions::default()).unwrap();
    let Stmt::Class(class) = program.body[0] else { panic!() };
    assert_eq!(class.span.text(source), source);
    let texts: Vec<&str> = class
        .elements
        .iter()
        .map(|element| match element {
            ClassElement::Method(method) => method.function.span.text(source),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, ["async *m ( ) { }", "get x() {}"]);
    assert_eq!(class.constructor.unwrap().span.text(source), "constructor() {}");
    with_function("async /* a */ ( x ) => x + 1 ;", |f, _| {
        assert_eq!(f.span.text("async /* a */ ( x ) => x + 1 ;"), "async /* a */ ( x ) => x + 1");
    });
}

#[test]
fn scope_numbers_are_unique_and_counted() {
    with_function(
        "function f(a) { for (let i of a) { try { switch (i) {} } catch (e) {} } class A { a = 1; static {} } }",
        |f, program| {
            let mut seen = vec![program.scope, f.name_scope, f.params_scope, f.body_scope];
            let FunctionBody::Block([Stmt::ForOf(each), Stmt::Class(class)]) = f.body else { panic!() };
            seen.extend([each.head_scope, each.scope, class.scope]);
            let Stmt::Block(Block { body: [Stmt::Try(attempt)], scope, .. }) = each.body else { panic!() };
            let handler = attempt.handler.unwrap();
            seen.extend([*scope, attempt.block.scope, handler.scope, handler.body.scope]);
            for element in class.elements {
                match element {
                    ClassElement::Field(field) => seen.push(field.scope),
                    ClassElement::StaticBlock(block) => seen.push(block.scope),
                    ClassElement::Method(_) => panic!(),
                }
            }
            let unique: std::collections::BTreeSet<_> = seen.iter().collect();
            assert_eq!(unique.len(), seen.len());
            assert!(seen.iter().all(|scope| scope.0 < program.scope_count));
        },
    );
}
