//! `types`: TypeScript declarations of the scope and of what a worker is bound to.

use std::io::Write;
use std::process::ExitCode;

use mayfly_runtime::BuildOptions;
use mayfly_runtime::typescript::{Bindings, declarations};

use crate::cli::Types;
use crate::commands::fail;

/// What the options bind a worker to.
fn bindings(arguments: &Types) -> Result<Bindings, String> {
    let mut options = BuildOptions { variables: arguments.variables.variables()?, ..BuildOptions::default() };
    arguments.bindings.apply(&mut options)?;
    let mut texts: Vec<String> = Vec::new();
    for (name, _) in options.variables {
        if !texts.contains(&name) {
            texts.push(name);
        }
    }
    Ok(Bindings {
        texts,
        namespaces: options.namespaces.into_iter().map(|namespace| namespace.name).collect(),
        are_global: arguments.script,
        has_location: options.location.is_some(),
    })
}

/// `mayfly types`
pub fn types(arguments: &Types) -> ExitCode {
    let text = match bindings(arguments) {
        Ok(bindings) => declarations(&bindings),
        Err(error) => return fail(format!("mayfly: {error}")),
    };
    let Some(path) = &arguments.output else {
        // A reader such as `head` may have seen enough.
        return match std::io::stdout().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => fail(format!("mayfly: standard output: {error}")),
        };
    };
    match std::fs::write(path, text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(format!("mayfly: {}: {error}", path.display())),
    }
}
