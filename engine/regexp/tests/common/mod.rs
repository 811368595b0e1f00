//! Helpers the test files share.
#![allow(dead_code)]

use mayfly_regexp::{Flags, Input, Pattern, Scratch, compile, exec};

/// The message of the error that compiling must give.
pub fn error(pattern: &str, flags: &str) -> String {
    let units: Vec<u16> = pattern.encode_utf16().collect();
    let flags = Flags::parse(flags).expect("flags");
    compile(Pattern::Utf16(&units), flags).expect_err(pattern).message
}

/// Captures of the first match, `-` for one that took no part; `null` where nothing matches. Tries UTF-16 and, where it fits, Latin-1.
pub fn captures_at(pattern: &str, flags: &str, input: &[u16], at: usize) -> String {
    let units: Vec<u16> = pattern.encode_utf16().collect();
    let compiled = compile(Pattern::Utf16(&units), Flags::parse(flags).expect("flags")).unwrap_or_else(|e| panic!("{e}"));
    let mut scratch = Scratch::new();
    let mut run = |wide: Input<'_>| {
        let mut captures = vec![0; 2 * compiled.capture_count as usize];
        let found = exec(&compiled.code, wide, at, &mut captures, &mut scratch, &mut 10_000_000).expect("no match error");
        let text = |c: &[u32]| match c {
            [u32::MAX, u32::MAX] => "-".to_string(),
            [from, to] => format!("{:?}", String::from_utf16_lossy(&input[*from as usize..*to as usize])),
            _ => unreachable!(),
        };
        if found { captures.chunks(2).map(text).collect::<Vec<_>>().join(" ") } else { "null".into() }
    };
    let wide = run(Input::Utf16(input));
    if let Ok(bytes) = input.iter().map(|&u| u8::try_from(u)).collect::<Result<Vec<u8>, _>>() {
        assert_eq!(run(Input::Latin1(&bytes)), wide, "/{pattern}/{flags}: latin-1 against utf-16");
    }
    wide
}

pub fn captures(pattern: &str, flags: &str, input: &str) -> String {
    captures_at(pattern, flags, &input.encode_utf16().collect::<Vec<_>>(), 0)
}

/// Asserts many cases of pattern, flags, input, captures.
pub fn check(cases: &[(&str, &str, &str, &str)]) {
    for (pattern, flags, input, expected) in cases {
        assert_eq!(captures(pattern, flags, input), *expected, "/{pattern}/{flags} on {input:?}");
    }
}
