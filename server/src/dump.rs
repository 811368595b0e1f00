//! `mayfly --dump=…`: what the engine makes of a file.

use std::path::Path;
use std::process::ExitCode;

use bumpalo::Bump;
use mayfly_engine::bytecode::disassemble;
use mayfly_engine::compiler::{Options, SyntaxError, compile_module, compile_script};
use mayfly_engine::syntax::dump::dump_ast;
use mayfly_engine::syntax::{Names, ParseOptions, dump_tokens, parse_module, parse_script};
use mayfly_runtime::{BuildOptions, SourceKind, build_image, describe_image, is_image, natives};

use crate::cli::Dump;
use crate::commands::{fail, read_source};

/// Writes the asked for dumps of `file` to standard output.
pub fn dump(file: &Path, what: &[Dump]) -> ExitCode {
    // What a pipe gives can be read only once, and is a source.
    if file.is_file()
        && let Ok(bytes) = std::fs::read(file)
        && is_image(&bytes)
    {
        if what.iter().any(|dump| *dump != Dump::Image) {
            return fail(format!("mayfly: {} is an image: only --dump=image fits", file.display()));
        }
        return match describe_image(&bytes, &natives()) {
            Ok(text) => {
                print!("{text}");
                ExitCode::SUCCESS
            }
            Err(error) => fail(format!("mayfly: {}: {error}", file.display())),
        };
    }
    let (source, name) = match read_source(file) {
        Ok(read) => read,
        Err(message) => return fail(message),
    };
    let kind = SourceKind::Detect.resolve(&source, &name);
    for one in what {
        match dump_one(&source, &name, kind, *one) {
            Ok(text) => print!("{text}"),
            Err(message) => return fail(message),
        }
    }
    ExitCode::SUCCESS
}

fn dump_one(source: &str, name: &str, kind: SourceKind, what: Dump) -> Result<String, String> {
    let is_module = kind == SourceKind::Module;
    let shown = |error: SyntaxError| error.render(source, name);
    match what {
        Dump::Tokens => dump_tokens(source, is_module).map_err(shown),
        Dump::Ast => {
            let (arena, mut names, options) = (Bump::new(), Names::new(), ParseOptions::default());
            let program = if is_module {
                parse_module(&arena, &mut names, source, &options)
            } else {
                parse_script(&arena, &mut names, source, &options)
            };
            Ok(dump_ast(&program.map_err(shown)?, &names))
        }
        Dump::Bytecode => {
            let options = Options::default();
            let block = if is_module { compile_module(source, name, &options) } else { compile_script(source, name, &options) };
            Ok(disassemble(&block.map_err(shown)?))
        }
        Dump::Image => {
            let options = BuildOptions { kind, ..BuildOptions::default() };
            let bytes = build_image(source, name, &options).map_err(|error| error.to_string())?;
            describe_image(&bytes, &natives()).map_err(|error| error.to_string())
        }
    }
}
