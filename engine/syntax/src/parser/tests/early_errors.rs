use super::*;
use crate::known;

fn eval(source: &str, change: impl FnOnce(&mut ParseOptions<'_>)) -> String {
    let mut options = ParseOptions { eval: true, ..ParseOptions::default() };
    change(&mut options);
    with_options(source, &options)
}

#[test]
fn eval_takes_over_its_surroundings() {
    assert_eq!(eval("new.target", |options| options.allow_new_target = true), "new.target");
    assert_eq!(eval("super.a", |options| options.allow_super_property = true), "(super. a)");
    assert_eq!(eval("super()", |options| options.allow_super_call = true), "(super())");
    assert_eq!(eval("super()", |options| options.allow_super_property = true), "error: 'super' keyword unexpected here");
    assert!(eval("arguments", |options| options.forbid_arguments = true).starts_with("error: 'arguments' is not allowed"));
    assert!(eval("() => arguments", |options| options.forbid_arguments = true).starts_with("error: 'arguments' is not allowed"));
    assert_eq!(eval("with (a) b", |options| options.strict = true), "error: Strict mode code may not include a with statement");
    assert_eq!(eval("function f() { super.a }", |options| options.allow_super_property = true), "error: 'super' keyword unexpected here");
}

#[test]
fn eval_sees_private_names() {
    let (arena, mut names) = (Bump::new(), Names::new());
    let visible = [names.intern("#a"), known::NAME];
    let options = ParseOptions { eval: true, private_names: &visible, ..ParseOptions::default() };
    assert!(parse_script(&arena, &mut names, "b.#a; class C { m() { this.#a } }", &options).is_ok());
    assert!(parse_script(&arena, &mut names, "b.#name", &options).is_err());
    assert!(parse_script(&arena, &mut names, "class C { m() { this.#c } }", &options).is_err());
}

#[test]
fn strictness_comes_from_directives_only() {
    rejects(
        script,
        &[
            ("'use strict'; with (a) b", "Strict mode code may not include a with statement"),
            ("'a'; \"use strict\"; with (a) b", "Strict mode code may not include a with statement"),
            ("'use strict'\nvar public", "Unexpected strict mode reserved word"),
            ("'\\07'; 'use strict'", "Octal escape sequences are not allowed in strict mode."),
        ],
    );
    accepts(
        script,
        &[
            "('use strict'); with (a) b",
            "'use\\u0020strict'; with (a) b",
            "'use strict' + 1; with (a) b",
            "'use strict', 1; with (a) b",
            "a; 'use strict'; with (a) b",
            "function f() { 'use strict' } with (a) b",
            "'use strict'.length; with (a) b",
        ],
    );
}

#[test]
fn errors_point_at_their_place() {
    let place = |source: &str| {
        let (arena, mut names) = (Bump::new(), Names::new());
        let error = parse_script(&arena, &mut names, source, &ParseOptions::default()).unwrap_err();
        (error.span.text(source).to_owned(), error.position(source).line)
    };
    assert_eq!(place("a;\nb c"), ("c".to_owned(), 2));
    assert_eq!(place("a +\n1 = 2"), ("a +\n1".to_owned(), 1));
    assert_eq!(place("(a, b, a) => 1"), ("a".to_owned(), 1));
    assert_eq!(place("'abc\\x1'"), ("\\x1".to_owned(), 1));
    assert_eq!(place("{\n\n"), (String::new(), 3));
}
