//! Limits while matching, and damaged code.

use mayfly_regexp::{Compiled, Flags, Input, MatchError, Pattern, Scratch, compile, exec};
use proptest::prelude::*;

fn compiled(pattern: &str, flags: &str) -> Compiled {
    compile(Pattern::Latin1(pattern.as_bytes()), Flags::parse(flags).expect("flags")).expect(pattern)
}

fn run(code: &[u32], input: &[u8], scratch: &mut Scratch, fuel: &mut i64) -> Result<bool, MatchError> {
    exec(code, Input::Latin1(input), 0, &mut [0; 64], scratch, fuel)
}

#[test]
fn catastrophic_patterns_run_out_of_fuel() {
    let input = [b'a'; 40];
    for pattern in ["^(a+)+$b", "^(?:a|a)*$b", "^(a|aa)+$b", "(?:a*)*b\\b", "^(?:a?){40}a{40}b", "(.*.*.*)*x\\1"] {
        let mut fuel = 100_000;
        let result = run(&compiled(pattern, "").code, &input, &mut Scratch::new(), &mut fuel);
        assert!(result == Err(MatchError::OutOfFuel) || (result == Ok(false) && fuel > 0), "{pattern}: {result:?}");
        assert!(fuel > -1_000, "{pattern}: overdrawn by {fuel}");
    }
    let mut fuel = 1_000_000;
    assert_eq!(run(&compiled("^(?:a|ab?)*$b", "").code, &input, &mut Scratch::new(), &mut fuel), Err(MatchError::OutOfFuel));
}

#[test]
fn scanning_costs_fuel_in_proportion() {
    let input = vec![b'a'; 1 << 20];
    let mut fuel = 1_000;
    assert_eq!(run(&compiled("b", "").code, &input, &mut Scratch::new(), &mut fuel), Err(MatchError::OutOfFuel));
    let mut fuel = 1_000;
    assert_eq!(run(&compiled("a*b", "").code, &input, &mut Scratch::new(), &mut fuel), Err(MatchError::OutOfFuel));
    let mut fuel = 1_000;
    assert_eq!(run(&compiled(".*?b", "").code, &input, &mut Scratch::new(), &mut fuel), Err(MatchError::OutOfFuel));
}

#[test]
fn the_backtrack_stack_has_a_limit() {
    let input = vec![b'a'; 1 << 20];
    let code = compiled("^(?:a|aab)*$", "").code;
    let mut fuel = i64::MAX;
    assert_eq!(run(&code, &input, &mut Scratch::with_limit(1 << 16), &mut fuel), Err(MatchError::OutOfMemory));
    // The same scratch space serves again.
    let mut scratch = Scratch::with_limit(1 << 16);
    assert_eq!(run(&code, &input, &mut scratch, &mut fuel), Err(MatchError::OutOfMemory));
    assert_eq!(run(&code, b"aab", &mut scratch, &mut fuel), Ok(true));
}

#[test]
fn wrong_arguments_are_refused() {
    let code = compiled("(a)(b)", "").code;
    let mut scratch = Scratch::new();
    assert_eq!(exec(&code, Input::Latin1(b"ab"), 0, &mut [0; 5], &mut scratch, &mut 100), Err(MatchError::BadCode));
    assert_eq!(exec(&[], Input::Latin1(b"ab"), 0, &mut [0; 6], &mut scratch, &mut 100), Err(MatchError::BadCode));
    assert_eq!(exec(&[7; 50], Input::Latin1(b"ab"), 0, &mut [0; 6], &mut scratch, &mut 100), Err(MatchError::BadCode));
    assert_eq!(exec(&code, Input::Latin1(b"ab"), usize::MAX, &mut [0; 6], &mut scratch, &mut 100), Ok(false));
    assert_eq!(exec(&code, Input::Latin1(b"ab"), 0, &mut [0; 6], &mut scratch, &mut 0), Err(MatchError::OutOfFuel));
}

const PATTERNS: &[(&str, &str)] = &[
    ("(a+|b*?)(?:c|d)\\1x", "i"),
    ("(?<=(a|bc){1,30})[^x]{2,5}?(?!\\d)", "u"),
    ("\\b(?:foo|bar|baz|qux|[0-9]+|.)*$", "m"),
    ("(?:(a)|(b)|(c)|(d)){2,90}?\\3", "s"),
    ("[a-z]+@[a-z]+\\.com", ""),
    ("(?=(\\w+))\\1:|^a.*?b", ""),
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000),
        ..ProptestConfig::default()
    })]

    #[test]
    fn damaged_code_never_panics(
        which in 0..PATTERNS.len(),
        damage in prop::collection::vec((0usize..400, prop_oneof![any::<u32>(), 0u32..500, (0u32..37, 0u32..70).prop_map(|(a, b)| a | b << 8)]), 1..6),
        input in prop::collection::vec(prop::sample::select(vec![97u16, 98, 99, 100, 120, 64, 46, 0xD83D, 0xDE00, 0x416]), 0..20),
        at in 0usize..24,
    ) {
        let (pattern, flags) = PATTERNS[which];
        let mut code = compiled(pattern, flags).code;
        for (place, value) in damage {
            let place = place % code.len();
            code[place] = value;
        }
        let mut scratch = Scratch::with_limit(1 << 16);
        let bytes: Vec<u8> = input.iter().map(|&u| u as u8).collect();
        let mut captures = [0; 64];
        // Any answer will do, as long as there is one.
        let _ = exec(&code, Input::Utf16(&input), at, &mut captures, &mut scratch, &mut 20_000);
        let _ = exec(&code, Input::Latin1(&bytes), at, &mut captures, &mut scratch, &mut 20_000);
        let _ = mayfly_regexp::dump(&code);
    }

    #[test]
    fn any_text_compiles_or_is_refused(
        pattern in prop::collection::vec(prop::sample::select("()[]{}*+?|^$\\.-,:=!<>&~019abckpuqdDwWsSbBxn\u{e9}\u{1F600}".chars().collect::<Vec<_>>()), 0..24),
        flags in prop::sample::select(vec!["", "u", "v", "i", "iu", "iv", "ms"]),
        input in prop::collection::vec(prop::sample::select(vec![97u16, 98, 99, 40, 45, 0xD83D, 0xDE00, 0xE9]), 0..12),
    ) {
        let units: Vec<u16> = pattern.into_iter().collect::<String>().encode_utf16().collect();
        if let Ok(compiled) = compile(Pattern::Utf16(&units), Flags::parse(flags).expect("flags")) {
            let mut captures = vec![0; 2 * compiled.capture_count as usize];
            let result = exec(&compiled.code, Input::Utf16(&input), 0, &mut captures, &mut Scratch::new(), &mut 100_000);
            prop_assert!(!matches!(result, Err(MatchError::BadCode)), "{result:?}");
        }
    }
}
