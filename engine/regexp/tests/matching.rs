//! Corners of matching, by the sections of the specification.

mod common;
use common::{captures_at, check};

#[test]
fn repetition_and_captures() {
    // The examples of 22.2.2.3.1 RepeatMatcher and their relatives.
    check(&[
        ("a[a-z]{2,4}", "", "abcdefghi", r#""abcde""#),
        ("a[a-z]{2,4}?", "", "abcdefghi", r#""abc""#),
        ("(aa|aabaac|ba|b|c)*", "", "aabaac", r#""aaba" "ba""#),
        ("(z)((a+)?(b+)?(c))*", "", "zaacbbbcac", r#""zaacbbbcac" "z" "ac" "a" - "c""#),
        ("(a*)*", "", "b", r#""" -"#),
        ("(?:a*?)*?b", "", "aab", r#""aab""#),
        ("(?=(a+))", "", "baaabac", r#""" "aaa""#),
        ("(?=(a+))a*b\\1", "", "baaabac", r#""aba" "a""#),
        ("(.*?)a(?!(a+)b\\2c)\\2(.*)", "", "baaabaac", r#""baaabaac" "ba" - "abaac""#),
        ("(?:(a)|b)*", "", "ab", r#""ab" -"#),
        ("(?:(a)|(b)|(c))+", "", "abc", r#""abc" - - "c""#),
        ("(a){0}b", "", "ab", r#""b" -"#),
        ("(?:){3}x", "", "x", r#""x""#),
        ("(a|ab)(c|bcd)(d*)", "", "abcd", r#""abcd" "a" "bcd" """#),
        ("(?:ab){2,3}", "", "ababababab", r#""ababab""#),
        ("(?:a?){5}b", "", "aab", r#""aab""#),
        ("(a?)??b", "", "ab", r#""ab" "a""#),
        ("(?:){4294967295}", "", "", r#""""#),
        ("x{99999999999999999999}", "", "xx", "null"),
        ("(?:(x)?(y)?){2}", "", "xy", r#""xy" - -"#),
    ]);
}

#[test]
fn counted_loops_do_not_unroll() {
    check(&[
        ("^(?:(?:ab){100}){100}$", "", &"ab".repeat(10_000), &format!("{:?}", "ab".repeat(10_000))),
        ("^(?:(?:ab){100}){100}$", "", &"ab".repeat(9_999), "null"),
        ("^(?:abcdefgh){3,5}$", "", &"abcdefgh".repeat(6), "null"),
        (
            "^((?:abcdefgh){3,5}?)(.*)$",
            "s",
            &"abcdefgh".repeat(4),
            &format!("{0:?} {1:?} \"abcdefgh\"", "abcdefgh".repeat(4), "abcdefgh".repeat(3)),
        ),
    ]);
}

#[test]
fn assertions() {
    check(&[
        ("^b", "m", "a\nb", r#""b""#),
        ("^b", "", "a\nb", "null"),
        ("a$", "m", "a\nb", r#""a""#),
        ("^", "m", "\n", r#""""#),
        ("\\bfoo\\b", "", "a foo b", r#""foo""#),
        ("\\Boo\\b", "", "foo", r#""oo""#),
        ("$^", "", "", r#""""#),
        ("\\b", "", "", "null"),
        ("\\B", "", "", r#""""#),
    ]);
    // ſ and K are word characters under iu, and only there.
    check(&[
        ("\\b.", "iu", "\u{17F}", "\"\u{17F}\""),
        ("\\b.", "u", "\u{17F}", "null"),
        ("\\w", "iu", "\u{212A}", "\"\u{212A}\""),
        ("\\w", "i", "\u{212A}", "null"),
        ("[^\\W]", "iu", "\u{17F}", "\"\u{17F}\""),
        ("\\W", "iu", "sk\u{17F}\u{212A}", "null"),
        ("[\\W]", "iu", "sk", "null"),
    ]);
}

#[test]
fn look_behind_matches_backwards() {
    check(&[
        ("(?<=(\\d+)(\\d+))$", "", "1053", r#""" "1" "053""#),
        ("(?<=\\1(\\d+))$", "", "1010", r#""" "10""#),
        ("(?<=(\\d+)\\1)$", "", "1010", r#""" "1010""#),
        ("(?<=a|bc)d", "", "bcd", r#""d""#),
        ("(?<!abc)\\w\\w\\w", "", "abcdef", r#""abc""#),
        ("(?<!a(?=b))c", "", "bc", r#""c""#),
        ("(?<=^[a-c]{3})def$", "", "abcdef", r#""def""#),
        ("(?<=([abc]+)).\\1", "", "abcdbc", "null"),
        ("(?<=a(.{2})b)(\\1)", "i", "aXYbXy", r#""Xy" "XY" "Xy""#),
        ("(?<=(?:ab){2})c", "", "xababc", r#""c""#),
        ("(?<=(a|b)*)c", "", "abc", r#""c" "a""#),
        ("(?<=\u{1F600})x", "u", "\u{1F600}x", r#""x""#),
        ("(?<=^.)x", "u", "\u{1F600}x", r#""x""#),
        ("(?<=^.)x", "", "\u{1F600}x", "null"),
        ("(?<=a+?)b", "", "aab", r#""b""#),
        ("(?<=(a{1,2}?))b", "", "aab", r#""b" "a""#),
        ("(?<=(a{1,2}))b", "", "aab", r#""b" "aa""#),
    ]);
}

#[test]
fn look_ahead_captures_survive_but_are_undone() {
    check(&[
        ("(?:(?=(a))ab|ac)", "", "ac", r#""ac" -"#),
        ("(?!(a)b)a(.)", "", "ac", r#""ac" - "c""#),
        ("(?=(a*))\\1b|a", "", "aac", r#""a" -"#),
        ("(?:(?=(\\w))\\w)+", "", "xyz", r#""xyz" "z""#),
        ("((?=(b))b|a)*", "", "ba", r#""ba" "a" -"#),
        ("(?=(x))*x", "", "x", r#""x" -"#),
    ]);
}

#[test]
fn back_references() {
    check(&[
        ("(a)\\1", "", "aa", r#""aa" "a""#),
        ("\\1(a)", "", "aa", r#""a" "a""#),
        ("(a\\1)", "", "aa", r#""a" "a""#),
        ("(?:(a)|b)\\1c", "", "bc", r#""bc" -"#),
        ("(\\w)\\1", "i", "aA", r#""aA" "a""#),
        ("(\u{3C3})\\1", "i", "\u{3C3}\u{3C2}", "\"\u{3C3}\u{3C2}\" \"\u{3C3}\""),
        ("(\u{10400})\\1", "iu", "\u{10400}\u{10428}", "\"\u{10400}\u{10428}\" \"\u{10400}\""),
        ("(?<n>a)\\k<n>", "", "aa", r#""aa" "a""#),
        ("\\k<n>(?<n>a)", "", "aa", r#""a" "a""#),
        ("\\k<a>", "", "k<a>", r#""k<a>""#),
    ]);
    // Under u a lone lead does not match the first half of a pair.
    let units = [0xD83D, 0xD83D, 0xDE00];
    assert_eq!(captures_at("(\\ud83d)\\1", "u", &units, 0), "null");
    assert_ne!(captures_at("(\\ud83d)\\1", "", &units, 0), "null");
}

#[test]
fn duplicate_named_groups() {
    check(&[
        ("(?:(?<x>a)|(?<x>b))\\k<x>", "", "bb", r#""bb" - "b""#),
        ("(?:(?:(?<x>a)|(?<x>b))\\k<x>){2}", "", "aabb", r#""aabb" - "b""#),
        ("(?:(?<x>a)|(?<x>b)|c)\\k<x>", "", "c", r#""c" - -"#),
        ("^(?:(?<a>x)|(?<a>y)|z)\\k<a>$", "", "z", r#""z" - -"#),
    ]);
}

#[test]
fn modifiers() {
    check(&[
        ("(?i:a)b", "", "Ab", r#""Ab""#),
        ("(?i:a)b", "", "AB", "null"),
        ("(?-i:a)b", "i", "aB", r#""aB""#),
        ("(?-i:a)b", "i", "AB", "null"),
        ("(?s:.)", "", "\n", r#""\n""#),
        ("(?-s:.)", "s", "\n", "null"),
        ("(?m:^)a", "", "b\na", r#""a""#),
        ("(?m-i:^a)", "i", "b\nA", "null"),
        ("(?i:(?-i:a)b)c", "", "aBc", r#""aBc""#),
        ("(?i:[^a])", "", "A", "null"),
        ("(a)(?i:\\1)", "", "aA", r#""aA" "a""#),
        ("(?i-:a)", "", "A", r#""A""#),
    ]);
}

#[test]
fn unicode_mode_steps_by_code_points() {
    let pair = [0xD834, 0xDF06];
    assert_eq!(captures_at("\\udf06", "u", &pair, 0), "null");
    assert_eq!(captures_at("^[^x]$", "u", &pair, 0), "\"\u{1D306}\"");
    assert_eq!(captures_at("^[^x]$", "", &pair, 0), "null");
    // lastIndex between the halves counts as the one before (RegExpBuiltinExec, step 12).
    assert_eq!(captures_at(".", "uy", &pair, 1), "\"\u{1D306}\"");
    assert_eq!(captures_at("\\udf06", "uy", &pair, 1), "null");
    assert_ne!(captures_at("\\udf06", "y", &pair, 1), "null");
    assert_eq!(captures_at("\\ud834", "u", &[0xD834, 0xD834, 0xDF06], 1), "null");
    assert_eq!(
        captures_at("^.{2}$", "u", &[0xD834, 0xDF06, 0xDF06], 0),
        String::from_utf16_lossy(&[0xD834, 0xDF06, 0xDF06]).replace("\u{1D306}\u{FFFD}", "\"\u{1D306}\u{FFFD}\"")
    );
    check(&[
        ("^.{2,3}$", "u", "\u{1F600}\u{1F600}\u{1F600}", "\"\u{1F600}\u{1F600}\u{1F600}\""),
        ("^.{2,3}?$", "u", "\u{1F600}\u{1F600}\u{1F600}", "\"\u{1F600}\u{1F600}\u{1F600}\""),
        ("^\\S*\u{1F600}$", "u", "a\u{1F600}\u{1F600}", "\"a\u{1F600}\u{1F600}\""),
        ("[\u{1F600}-\u{1F610}]+", "u", "x\u{1F601}\u{1F602}y", "\"\u{1F601}\u{1F602}\""),
        ("\\u{1F600}", "u", "\u{1F600}", "\"\u{1F600}\""),
        ("\\ud83d\\ude00", "u", "\u{1F600}", "\"\u{1F600}\""),
        ("[\\ud83d\\ude00]", "u", "\u{1F600}", "\"\u{1F600}\""),
        ("\\u{61}", "", "u".repeat(61).as_str(), &format!("{:?}", "u".repeat(61))),
        ("\\p{Script=Greek}+", "u", "abc\u{3B1}\u{3B2}", "\"\u{3B1}\u{3B2}\""),
        ("\\p{space}", "u", "a b", "\" \""),
        ("\\P{Lu}", "iu", "A", "\"A\""),
        ("\\P{Lu}", "iv", "A", "null"),
        ("[^\\P{Lu}]", "iu", "a", "null"),
        ("[^\\P{Lu}]", "iv", "a", "\"a\""),
    ]);
}

#[test]
fn set_notation() {
    check(&[
        ("^[\\w--\\d]+$", "v", "abc", r#""abc""#),
        ("^[\\w--\\d]+$", "v", "ab1", "null"),
        ("^[\\p{L}&&\\p{ASCII}]+$", "v", "ab", r#""ab""#),
        ("[[a-z]&&[aeiou]]", "v", "x", "null"),
        ("[[a-z]&&[aeiou]]", "v", "xe", r#""e""#),
        ("[\\q{abc|a|}]", "v", "abd", r#""a""#),
        ("[\\q{abc|a|}]", "v", "abc", r#""abc""#),
        ("[\\q{abc|a|}]", "v", "x", r#""""#),
        ("^[\\q{ab|abc}]d", "v", "abcd", r#""abcd""#),
        ("^[\\q{ab|abc}]cd", "v", "abcd", r#""abcd""#),
        ("[\\q{ABC}]", "iv", "abc", r#""abc""#),
        ("[\\q{abc|d}--\\q{ABC}]", "iv", "abc", "null"),
        ("[[a-z]--[b-d]]", "v", "c", "null"),
        ("^\\p{RGI_Emoji_Flag_Sequence}$", "v", "\u{1F1F3}\u{1F1F4}", "\"\u{1F1F3}\u{1F1F4}\""),
        ("^\\p{RGI_Emoji_Flag_Sequence}$", "v", "\u{1F1F3}\u{1F1F3}", "null"),
        (
            "^\\p{RGI_Emoji}$",
            "v",
            "\u{1F468}\u{1F3FE}\u{200D}\u{2695}\u{FE0F}",
            &format!("{:?}", "\u{1F468}\u{1F3FE}\u{200D}\u{2695}\u{FE0F}"),
        ),
        ("^\\p{Emoji_Keycap_Sequence}$", "v", "1\u{FE0F}\u{20E3}", &format!("{:?}", "1\u{FE0F}\u{20E3}")),
        ("(?<=[\\q{ab|b}])c", "v", "abc", r#""c""#),
        ("[\\-\\&\\~]+", "v", "-&~", r#""-&~""#),
        ("[]", "v", "a", "null"),
        ("[^]", "v", "a", r#""a""#),
    ]);
}

#[test]
fn annex_b() {
    check(&[
        ("\\c", "", "\\c", r#""\\c""#),
        ("[\\c]", "", "\\", r#""\\""#),
        ("[\\c1]", "", "\u{11}", "\"\\u{11}\""),
        ("\\8", "", "8", r#""8""#),
        ("\\07", "", "\u{7}", "\"\\u{7}\""),
        ("\\400", "", " 0", r#"" 0""#),
        ("\\1", "", "\u{1}", "\"\\u{1}\""),
        ("(?=a)*b", "", "b", r#""b""#),
        ("(?=a){2}a", "", "a", r#""a""#),
        ("a{", "", "a{", r#""a{""#),
        ("a{1", "", "a{1", r#""a{1""#),
        ("a{,5}", "", "a{,5}", r#""a{,5}""#),
        ("]", "", "]", r#""]""#),
        ("}", "", "}", r#""}""#),
        ("[\\w-a]", "", "-", r#""-""#),
        ("\\u00", "", "u00", r#""u00""#),
        ("\\x1", "", "x1", r#""x1""#),
        ("\\k", "", "k", r#""k""#),
        ("\\a", "", "a", r#""a""#),
        ("\\p{L}", "", "p{L}", r#""p{L}""#),
    ]);
}

#[test]
fn scanning_finds_the_first_place() {
    check(&[
        ("\\s+x", "", "a \u{212A} x", r#"" x""#),
        ("\\w+@", "", "abc def@", r#""def@""#),
        ("(\\w+)\\1", "", "xaa", r#""aa" "a""#),
        ("abc", "", &("ab".repeat(50) + "abc"), r#""abc""#),
        ("needle", "i", &("need".repeat(50) + "NeeDLE"), r#""NeeDLE""#),
        ("^x", "m", "a\rb\nx", r#""x""#),
        ("x*", "", "yyx", r#""""#),
        ("x*$", "", "yyx", r#""x""#),
        ("(?:foo|bar|baz|qux)\\d", "", "foo bar qux7", r#""qux7""#),
        ("\u{416}a", "i", "xx\u{436}A", "\"\u{436}A\""),
    ]);
    let input: Vec<u16> = "aXbX".encode_utf16().collect();
    assert_eq!(captures_at("X", "", &input, 2), r#""X""#);
    assert_eq!(captures_at("X", "y", &input, 2), "null");
    assert_eq!(captures_at("^a", "", &input, 1), "null");
    assert_eq!(captures_at("$", "", &input, 4), r#""""#);
    assert_eq!(captures_at("", "", &input, 5), "null");
}
