//! Answers match requests line by line, for comparing with other engines.
//!
//! A request is `pattern flags lastIndex input`, pattern and input as UTF-16 code units in hexadecimal (4 digits each; `-` is empty); input of
//! Latin-1 characters alone is matched as Latin-1. The answer is the list of captures, `null`, or `error` and a message.

use mayfly_regexp::{Flags, Input, MatchError, Pattern, Scratch, compile, exec};
use std::io::{BufRead, Write};

fn units(hex: &str) -> Vec<u16> {
    hex.as_bytes().chunks(4).filter_map(|c| u16::from_str_radix(std::str::from_utf8(c).ok()?, 16).ok()).collect()
}

fn answer(line: &str, scratch: &mut Scratch) -> String {
    let mut parts = line.split(' ');
    let mut part = || parts.next().unwrap_or("");
    let pattern = units(part());
    let flags = match Flags::parse(part().trim_matches('-')) {
        Ok(flags) => flags,
        Err(e) => return format!("error {e}"),
    };
    let last_index = part().parse().unwrap_or(0);
    let input = units(part());
    let compiled = match compile(Pattern::Utf16(&pattern), flags) {
        Ok(compiled) => compiled,
        Err(e) => return format!("error {e}"),
    };
    let bytes: Option<Vec<u8>> = input.iter().map(|&u| u8::try_from(u).ok()).collect();
    let mut captures = vec![0; 2 * compiled.capture_count as usize];
    let mut run = |input: Input<'_>| {
        let mut fuel = 2_000_000;
        match exec(&compiled.code, input, last_index, &mut captures, scratch, &mut fuel) {
            Ok(true) => captures
                .chunks(2)
                .map(|c| if c[0] == u32::MAX { "u".into() } else { format!("{}-{}", c[0], c[1]) })
                .collect::<Vec<String>>()
                .join(","),
            Ok(false) => "null".to_string(),
            Err(MatchError::OutOfFuel) => "fuel".to_string(),
            Err(e) => format!("error {e}"),
        }
    };
    let wide = run(Input::Utf16(&input));
    match bytes.map(|bytes| run(Input::Latin1(&bytes))) {
        Some(narrow) if narrow != wide => format!("differ {narrow} {wide}"),
        _ => wide,
    }
}

fn main() -> std::io::Result<()> {
    let mut scratch = Scratch::new();
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for line in std::io::stdin().lock().lines() {
        writeln!(out, "{}", answer(&line?, &mut scratch))?;
    }
    out.flush()
}
