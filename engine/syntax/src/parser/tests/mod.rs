//! Tests by construct. Structure is compared as S-expressions (`show.rs`), errors by their message.

mod deep;
mod early_errors;
mod expressions;
mod facts;
mod functions;
mod lexical;
mod modules;
mod show;
mod statements;

use crate::{FunctionParts, Names, ParseOptions, function_source, parse_function_parts, parse_module, parse_script};
use bumpalo::Bump;

/// The S-expression of a script, or the message of its error.
fn script(source: &str) -> String {
    with_options(source, &ParseOptions::default())
}

fn with_options(source: &str, options: &ParseOptions<'_>) -> String {
    let (arena, mut names) = (Bump::new(), Names::new());
    match parse_script(&arena, &mut names, source, options) {
        Ok(program) => show::program(&program, &names),
        Err(error) => format!("error: {}", error.message),
    }
}

fn strict(source: &str) -> String {
    with_options(source, &ParseOptions { strict: true, ..ParseOptions::default() })
}

fn module(source: &str) -> String {
    let (arena, mut names) = (Bump::new(), Names::new());
    match parse_module(&arena, &mut names, source, &ParseOptions::default()) {
        Ok(program) => show::program(&program, &names),
        Err(error) => format!("error: {}", error.message),
    }
}

fn dynamic(is_async: bool, is_generator: bool, params: &str, body: &str) -> String {
    let parts = FunctionParts { is_async, is_generator, params, body };
    let source = function_source(&parts);
    let (arena, mut names) = (Bump::new(), Names::new());
    match parse_function_parts(&arena, &mut names, &parts, &source, &ParseOptions::default()) {
        Ok(program) => show::program(&program, &names),
        Err(error) => format!("error: {}", error.message),
    }
}

#[track_caller]
fn accepts(parse: fn(&str) -> String, sources: &[&str]) {
    for source in sources {
        let shown = parse(source);
        assert!(!shown.starts_with("error: "), "{source}: {shown}");
    }
}

#[track_caller]
fn rejects(parse: fn(&str) -> String, cases: &[(&str, &str)]) {
    for (source, message) in cases {
        assert_eq!(parse(source), format!("error: {message}"), "{source}");
    }
}

#[track_caller]
fn shows(parse: fn(&str) -> String, cases: &[(&str, &str)]) {
    for (source, shown) in cases {
        assert_eq!(parse(source), *shown, "{source}");
    }
}
