use super::*;
use crate::dump_tokens;

#[test]
fn numbers() {
    shows(
        script,
        &[
            ("0x1F + 0b101 + 0o17", "(Add (Add 31 5) 15)"),
            ("1_000.5_0e1_0", "10005000000000"),
            (".5 + 5. + 1e-2", "(Add (Add 0.5 5) 0.01)"),
            ("017 + 089 + 08.5", "(Add (Add 15 89) 8.5)"),
            ("1..a", "(. 1 a)"),
            ("9007199254740993", "9007199254740992"),
            ("0x20000000000001", "9007199254740992"),
            ("0x20000000000003", "9007199254740996"),
            ("1n + 0x1Fn + 0n + 1_0n + 0o17n", "(Add (Add (Add (Add 1n/10 1Fn/16) 0n/10) 10n/10) 17n/8)"),
            ("1e400", "inf"),
            ("1e-400", "0"),
        ],
    );
    let bits = "1".repeat(1030);
    assert_eq!(script(&format!("0b{bits}")), "inf");
    // 2^53 + 1 with a bit far below the rounding position rounds up, without it to even.
    assert_eq!(script(&format!("0x20000000000001{}1", "0".repeat(40))), script(&format!("0x20000000000002{}", "0".repeat(41))));
    assert_eq!(script(&format!("0x20000000000001{}", "0".repeat(41))), script(&format!("0x20000000000000{}", "0".repeat(41))));
    rejects(
        script,
        &[
            ("1_", "Numeric separators are not allowed at the end of numeric literals"),
            ("1__0", "Only one underscore is allowed as numeric separator"),
            ("0_1", "Numeric separator can not be used after leading 0"),
            ("01_1", "Numeric separator can not be used after leading 0"),
            ("1_.5", "Numeric separators are not allowed at the end of numeric literals"),
            ("0x_1", "Numeric separators are not allowed at the end of numeric literals"),
            ("1._5", "Numeric separators are not allowed at the end of numeric literals"),
            ("3in []", "Invalid or unexpected token"),
            ("3\\u0061", "Invalid or unexpected token"),
            ("0x", "Invalid or unexpected token"),
            ("0b2", "Invalid or unexpected token"),
            ("0b12", "Invalid or unexpected token"),
            ("1e", "Invalid or unexpected token"),
            ("01n", "Invalid or unexpected token"),
            ("1.5n", "Invalid or unexpected token"),
            ("1e3n", "Invalid or unexpected token"),
        ],
    );
    rejects(
        strict,
        &[
            ("017", "Octal literals are not allowed in strict mode."),
            ("089", "Decimals with leading zeros are not allowed in strict mode."),
        ],
    );
}

#[test]
fn strings() {
    shows(
        script,
        &[
            ("a = 'b\\n\\x41\\u0042\\u{43}\\\nd\\0\\q'", "(= a \"b\\nABCd\\0q\")"),
            ("a = '\\ud83d\\ude00'", "(= a \"\u{1F600}\")"),
            ("a = '\\ud83d'", "(= a [d83d])"),
            ("a = 'x\\ude00\\ud83d\u{1F600}'", "(= a [0078, de00, d83d, d83d, de00])"),
            ("a = '\\u{D83D}\\u{DE00}'", "(= a \"\u{1F600}\")"),
            ("a = '\\1\\12\\400\\8'", "(= a \"\\u{1}\\n 08\")"),
            ("a = '\u{2028}\\\u{2029}b\\\r\nc'", "(= a \"\\u{2028}bc\")"),
            ("a = '\\u{000000000041}'", "(= a \"A\")"),
        ],
    );
    rejects(
        script,
        &[
            ("'a", "Invalid or unexpected token"),
            ("'a\n'", "Invalid or unexpected token"),
            ("'a\\", "Invalid or unexpected token"),
            ("'\\x4'", "Invalid hexadecimal escape sequence"),
            ("'\\u004'", "Invalid Unicode escape sequence"),
            ("'\\u{110000}'", "Undefined Unicode code-point"),
            ("'\\u{}'", "Invalid Unicode escape sequence"),
        ],
    );
    rejects(
        strict,
        &[
            ("'\\1'", "Octal escape sequences are not allowed in strict mode."),
            ("'\\08'", "Octal escape sequences are not allowed in strict mode."),
            ("'\\8'", "\\8 and \\9 are not allowed in strict mode."),
        ],
    );
    accepts(strict, &["'\\0'"]);
}

#[test]
fn identifiers() {
    shows(
        script,
        &[
            ("\\u0061b + c\\u{64}", "(Add ab cd)"),
            ("é + 变量 + \u{20BB7}", "(Add (Add é 变量) \u{20BB7})"),
            ("a\u{200C}b\u{200D}", "a\u{200C}b\u{200D}"),
            ("a.\\u0069f", "(. a if)"),
            ("({\\u0069f: 1})", "(paren (object (: if 1)))"),
            ("l\\u0065t\na", "let a"),
            ("var l\\u0065t = 1", "(var (= let 1))"),
            ("return\u{A0}", "error: Illegal return statement"),
            ("typeof\u{A0}a", "(Typeof a)"),
            ("ifé", "ifé"),
            ("class A { #\\u0061; m() { this.#a } }", "(declare (class A (field #a) (member m (method (params) (. this #a)))))"),
        ],
    );
    rejects(
        script,
        &[
            ("\\u0069f (a) b", "Keyword must not contain escaped characters"),
            ("var \\u0069f", "Keyword must not contain escaped characters"),
            ("({\\u0069f})", "Keyword must not contain escaped characters"),
            ("\\u0030a", "Invalid Unicode escape sequence"),
            ("a\\u0020b", "Invalid Unicode escape sequence"),
            ("\\u{110000}", "Invalid Unicode escape sequence"),
            ("\\x61", "Invalid Unicode escape sequence"),
            ("\\ud83d\\ude00", "Invalid Unicode escape sequence"),
            ("\u{1F600}", "Invalid or unexpected token"),
            ("@", "Invalid or unexpected token"),
            ("# a", "Invalid or unexpected token"),
            ("\\u0061sync function f() {}", "Unexpected token 'function'"),
            ("({g\\u0065t a() {}})", "Unexpected identifier 'a'"),
            ("for (a o\\u0066 b) ;", "Unexpected identifier 'o\\u0066'"),
            ("function f() { n\\u0065w.target }", "Keyword must not contain escaped characters"),
            ("function f() { new.t\\u0061rget }", "Unexpected identifier 't\\u0061rget'"),
            ("class A { st\\u0061tic m() {} }", "Unexpected identifier 'm'"),
        ],
    );
    rejects(strict, &[("l\\u0065t", "Unexpected strict mode reserved word"), ("var yi\\u0065ld", "Unexpected strict mode reserved word")]);
}

#[test]
fn comments() {
    shows(
        script,
        &[
            ("#!/bin/x\na", "a"),
            ("a // b\nc /* d */ + e", "a (Add c e)"),
            ("a <!-- b\nc", "a c"),
            ("--> a\nb", "b"),
            ("/* a */ --> b\nc", "c"),
            ("a /*\n*/ --> b", "a"),
            ("a --> b", "(Gt (_-- a) b)"),
            ("a //\u{2028}b", "a b"),
            ("\u{FEFF}a\u{FEFF}", "a"),
            ("// é\u{2026}\na", "a"),
        ],
    );
    rejects(
        script,
        &[("/* a", "Invalid or unexpected token"), (" #!a", "Invalid or unexpected token"), ("a\n#!b", "Invalid or unexpected token")],
    );
}

#[test]
fn token_dump() {
    let dump = dump_tokens("a = `b${c}d` / 1;\n/e/g", false).unwrap();
    let lines: Vec<&str> = dump.lines().collect();
    assert_eq!(lines[0], "0..1 Ident \"a\" newline");
    assert_eq!(lines[2], "4..8 Template \"`b${\"");
    assert_eq!(lines[4], "9..12 Template \"}d`\"");
    assert_eq!(lines[5], "13..14 Slash \"/\"");
    assert_eq!(lines[8], "18..22 RegExp \"/e/g\" newline");
    assert_eq!(lines[9], "22..22 Eof \"\"");
    assert!(dump_tokens("'", false).is_err());
}
