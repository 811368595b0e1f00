//! Early errors and their messages.

mod common;
use common::error;
use mayfly_regexp::{Flags, Pattern, compile, validate};

#[test]
fn messages_are_complete() {
    let cases = [
        ("(", "", "Unterminated group"),
        (")", "", "Unmatched ')'"),
        ("*", "", "Nothing to repeat"),
        ("a**", "", "Nothing to repeat"),
        ("{1}", "", "Nothing to repeat"),
        ("^*", "", "Nothing to repeat"),
        ("(?<=a)*", "", "Nothing to repeat"),
        ("(?=a)*", "u", "Nothing to repeat"),
        ("a{2,1}", "", "numbers out of order in {} quantifier"),
        ("a{", "u", "Incomplete quantifier"),
        ("{", "u", "Lone quantifier brackets"),
        ("}", "u", "Lone quantifier brackets"),
        ("]", "u", "Lone quantifier brackets"),
        ("[", "", "Unterminated character class"),
        ("[b-a]", "", "Range out of order in character class"),
        ("[\\w-a]", "u", "Invalid character class"),
        ("\\", "", "\\ at end of pattern"),
        ("(?a)", "", "Invalid group"),
        ("(?", "", "Invalid group"),
        ("(?<", "", "Invalid capture group name"),
        ("(?<1>a)", "", "Invalid capture group name"),
        ("(?<a>)(?<a>)", "", "Duplicate capture group name"),
        ("(?:(?<a>)|b)(?<a>)", "", "Duplicate capture group name"),
        ("(?<a>(?<a>))", "", "Duplicate capture group name"),
        ("(?<a>)\\k<b>", "", "Invalid named capture referenced"),
        ("(?<a>)\\k", "", "Invalid named reference"),
        ("\\k<a>", "u", "Invalid named capture referenced"),
        ("\\1", "u", "Invalid escape"),
        ("\\01", "u", "Invalid decimal escape"),
        ("\\_", "u", "Invalid escape"),
        ("\\u{110000}", "u", "Invalid Unicode escape"),
        ("\\u1", "u", "Invalid Unicode escape"),
        ("\\p{Foo}", "u", "Invalid property name"),
        ("\\p{Basic_Emoji}", "u", "Invalid property name"),
        ("\\P{Basic_Emoji}", "v", "Invalid property name"),
        ("[\\p{Foo}]", "u", "Invalid property name in character class"),
        ("[^\\p{Basic_Emoji}]", "v", "Negated character class may contain strings"),
        ("[^\\q{ab}]", "v", "Negated character class may contain strings"),
        ("[a&&b--c]", "v", "Invalid set operation in character class"),
        ("[a&&&b]", "v", "Invalid set operation in character class"),
        ("[a-z&&b]", "v", "Invalid set operation in character class"),
        ("[(]", "v", "Invalid character in character class"),
        ("[!!]", "v", "Invalid set operation in character class"),
        ("(?-:a)", "", "Invalid flag group"),
        ("(?ii:a)", "", "Repeated flag in flag group"),
        ("(?i-i:a)", "", "Repeated flag in flag group"),
        ("(?i--m:a)", "", "Multiple dashes in flag group"),
        ("(?u:a)", "", "Invalid group"),
    ];
    for (pattern, flags, reason) in cases {
        assert_eq!(error(pattern, flags), format!("Invalid regular expression: /{pattern}/{flags}: {reason}"));
        assert!(validate(pattern, flags).is_err());
    }
}

#[test]
fn valid_corners() {
    for (pattern, flags) in [
        ("(?<a>)|(?<a>)", ""),
        ("(?:(?<a>)|(?<a>)|(?:(?<a>)|x))", ""),
        ("(?<\u{1D4D0}>a)\\k<\\u{1d4d0}>", ""),
        ("(?<\\ud835\\udcd0>a)", ""),
        ("(?<$_\u{200C}>a)", ""),
        ("[^\\q{a}]", "v"),
        ("[\\q{ab}&&a]", "v"),
        ("[^[\\q{ab}&&a]]", "v"),
        ("[&]", "v"),
        ("[a&b]", "v"),
        ("[\\^]", "v"),
        ("\\/\\-", ""),
        ("[\\-]", "u"),
        ("(?=a)*", ""),
        ("(?i:)", ""),
        ("\\p{Any}\\p{ASCII}\\P{Assigned}\\p{gc=L}\\p{scx=Grek}", "u"),
    ] {
        assert_eq!(validate(pattern, flags), Ok(()), "/{pattern}/{flags}");
    }
}

#[test]
fn flags() {
    assert_eq!(Flags::parse("dgimsy").map(|f| f.to_string()), Ok("dgimsy".into()));
    assert_eq!(Flags::parse("yvsmigd").map(|f| f.to_string()), Ok("dgimsvy".into()));
    for bad in ["gg", "uv", "x", "G", "g "] {
        let message = Flags::parse(bad).expect_err(bad).message;
        assert_eq!(message, format!("Invalid flags supplied to RegExp constructor '{bad}'"));
        assert_eq!(validate("a", bad).expect_err(bad).message, "Invalid regular expression flags");
    }
}

#[test]
fn offsets_point_into_the_pattern() {
    let offset = |pattern: &str| validate(pattern, "").expect_err(pattern).offset;
    assert_eq!(offset("ab)"), 2);
    assert_eq!(offset("ab*+"), 3);
    assert_eq!(offset("a[b-a]"), 2);
}

#[test]
fn limits_are_errors() {
    for open in ["(", "(?:", "(?=", "(?<!", "(?i:"] {
        let deep = open.repeat(100_000) + &")".repeat(100_000);
        assert!(error(&deep, "").ends_with("Regular expression too large"), "{open}");
        let fine = open.repeat(400) + "a" + &")".repeat(400);
        assert_eq!(validate(&fine, ""), Ok(()));
    }
    let classes = "[".repeat(100_000) + &"]".repeat(100_000);
    assert!(error(&classes, "v").ends_with("Regular expression too large"));
    assert!(error(&"()".repeat(70_000), "").ends_with("Too many captures"));
    let long = "ab[cd]".repeat(600_000);
    assert!(error(&long, "").ends_with("Regular expression too large"));
}

#[test]
fn the_deepest_patterns_compile_and_run_on_a_small_stack() {
    let bodies = ["(?:a|b(?:", "(a?", "(?:x|a(?:ab|abc|", "(?=a|(?:", "(?:(?:"];
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(move || {
            for body in bodies {
                let levels = 498 / body.matches('(').count();
                let closing = ")*".repeat(body.matches('(').count());
                let pattern = body.repeat(levels) + "a" + &closing.repeat(levels);
                let flags = Flags::default();
                let compiled = compile(Pattern::Latin1(pattern.as_bytes()), flags)
                    .unwrap_or_else(|e| panic!("{}", &e.message[e.message.len() - 40..]));
                assert!(compiled.code.len() < 1 << 20);
            }
        })
        .expect("thread")
        .join()
        .expect("no overflow");
}
