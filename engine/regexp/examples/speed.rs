//! Times typical regular expressions: `cargo run --release -p mayfly-regexp --example speed [filter]`.
//!
//! Each line gives nanoseconds for compiling, for finding all matches in a text, and per match.

use mayfly_regexp::{Flags, Input, Pattern, Scratch, compile, exec};
use std::time::Instant;

const WORDS: &str = "The quick brown fox jumps over the lazy dog. In 2024-05-17, Alice <alice@example.com> wrote 1,234 lines of code; \
    \"function foo(bar) { return bar + 42; }\" was the shortest. See https://example.org/path/to/page?id=17&q=abc#top for more. ";

/// Name, pattern, flags.
const CASES: &[(&str, &str, &str)] = &[
    ("literal", "shortest", "g"),
    ("literal ignoring case", "SHORTEST", "gi"),
    ("rare character", ";", "g"),
    ("alternation of literals", "fox|dog|Alice|page", "g"),
    ("keywords", r"\b(?:function|return|var|let|const|if|else|while|for)\b", "g"),
    ("word", r"\w+", "g"),
    ("number", r"\d+", "g"),
    ("white space", r"\s+", "g"),
    ("date with groups", r"(\d{4})-(\d{2})-(\d{2})", "g"),
    ("named date", r"(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})", "g"),
    ("mail", r"[\w.+-]+@[\w-]+\.[\w.-]+", "g"),
    ("url", r"https?:\/\/([^\/\s]+)(\/[^?#\s]*)?(\?[^#\s]*)?(#\S*)?", "g"),
    ("quoted string", r#""(?:[^"\\]|\\.)*""#, "g"),
    ("dot star", r"A.*code", "g"),
    ("lazy dot star", r"<(.*?)>", "g"),
    ("capitalised words", r"\b[A-Z][a-z]+\b", "g"),
    ("repeated group", r"(?:[a-z]+ )+dog", "g"),
    ("back-reference", r"(\w)\1", "g"),
    ("look-ahead", r"\w+(?=\.)", "g"),
    ("look-behind", r"(?<=\?)\w+", "g"),
    ("nested groups", r"((a|b|c)+(d|e)?)+f", "g"),
    ("token", r"([a-zA-Z_$][\w$]*)|(\d+(?:\.\d+)?)|([(){};,.+])|(\s+)", "gy"),
    ("unicode property", r"\p{Lu}\p{Ll}+", "gu"),
    ("thousands", r"\B(?=(\d{3})+(?!\d))", "g"),
    ("anchored", r"^The quick", ""),
    ("trim", r"^\s+|\s+$", "g"),
    ("escape html", r#"[&<>"']"#, "g"),
];

fn matches(code: &[u32], input: Input<'_>, captures: &mut [u32], scratch: &mut Scratch, all: bool) -> usize {
    let (mut at, mut count) = (0, 0);
    let mut fuel = i64::MAX;
    while matches!(exec(code, input, at, captures, scratch, &mut fuel), Ok(true)) {
        count += 1;
        at = if captures[1] == captures[0] { captures[1] as usize + 1 } else { captures[1] as usize };
        if !all {
            break;
        }
    }
    count
}

/// Nanoseconds of one call, the least of several rounds.
fn time(mut f: impl FnMut()) -> f64 {
    let mut calls = 1u32;
    loop {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        if start.elapsed().as_millis() >= 5 {
            break;
        }
        calls *= 2;
    }
    let round = |_| {
        let start = Instant::now();
        (0..calls).for_each(|_| f());
        start.elapsed().as_nanos() as f64 / f64::from(calls)
    };
    (0..5).map(round).fold(f64::MAX, f64::min)
}

fn main() {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let text = WORDS.repeat(20);
    let wide: Vec<u16> = text.encode_utf16().collect();
    let mut scratch = Scratch::new();
    println!("{:26} {:>9} {:>12} {:>12} {:>8} {:>9}", "ns", "compile", "latin-1", "utf-16", "matches", "per match");
    for (name, pattern, flags) in CASES.iter().filter(|c| c.0.contains(&filter)) {
        let (Ok(parsed), all) = (Flags::parse(flags), flags.contains('g')) else { continue };
        let compiled = match compile(Pattern::Latin1(pattern.as_bytes()), parsed) {
            Ok(compiled) => compiled,
            Err(error) => {
                println!("{name}: {error}");
                continue;
            }
        };
        if filter == *name {
            print!("{}", mayfly_regexp::dump(&compiled.code));
        }
        let mut captures = vec![0; 2 * compiled.capture_count as usize];
        let mut count = 0;
        let compiling = time(|| {
            std::hint::black_box(compile(Pattern::Latin1(pattern.as_bytes()), parsed).is_ok());
        });
        let narrow = time(|| count = matches(&compiled.code, Input::Latin1(text.as_bytes()), &mut captures, &mut scratch, all));
        let utf16 = time(|| count = matches(&compiled.code, Input::Utf16(&wide), &mut captures, &mut scratch, all));
        println!("{name:26} {compiling:9.0} {narrow:12.0} {utf16:12.0} {count:8} {:9.1}", narrow / count.max(1) as f64);
    }
}
