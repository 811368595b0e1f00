//! Golden files: for each `golden/NAME.js`, the tree and the scopes it should give are in `golden/NAME.txt`.
//!
//! The first line of a source may be a comment that says `module`, `eval`, `eval strict` or `eval indirect`.
//! `MAYFLY_BLESS=1 cargo test -p mayfly-syntax --test golden` rewrites the expectations.

use std::fs;
use std::path::Path;

use bumpalo::Bump;
use mayfly_syntax::dump::{dump_ast, dump_scopes};
use mayfly_syntax::scope::{ScopeOptions, Surroundings, analyse};
use mayfly_syntax::{Names, ParseOptions, parse_module, parse_script};

fn dump(source: &str) -> String {
    let arena = Bump::new();
    let mut names = Names::new();
    let first = source.lines().next().and_then(|line| line.strip_prefix("// ")).unwrap_or("");
    let mut options = ParseOptions::default();
    let mut surroundings = Surroundings::Global;
    if first.starts_with("eval") {
        options.eval = true;
        options.strict = first == "eval strict";
        surroundings = if first == "eval indirect" { Surroundings::IndirectEval } else { Surroundings::DirectEval };
    }
    let parsed = if first == "module" {
        parse_module(&arena, &mut names, source, &options)
    } else {
        parse_script(&arena, &mut names, source, &options)
    };
    let program = match parsed {
        Ok(program) => program,
        Err(error) => return format!("{}\n", error.render(source, "golden.js")),
    };
    match analyse(&program, &names, ScopeOptions { surroundings }) {
        Ok(tree) => format!("{}\n{}", dump_ast(&program, &names), dump_scopes(&tree, &names)),
        Err(error) => format!("{}\n{}\n", dump_ast(&program, &names), error.render(source, "golden.js")),
    }
}

#[test]
fn golden_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let bless = std::env::var_os("MAYFLY_BLESS").is_some();
    let mut sources: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of golden files can be read")
        .map(|entry| entry.expect("its entries can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "js"))
        .collect();
    sources.sort();
    assert!(sources.len() >= 25, "golden sources are missing: {}", sources.len());
    let mut different = Vec::new();
    for path in sources {
        let source = fs::read_to_string(&path).expect("a golden source can be read");
        let actual = dump(&source);
        let expected_path = path.with_extension("txt");
        if bless {
            fs::write(&expected_path, actual).expect("an expectation can be written");
        } else if fs::read_to_string(&expected_path).ok().as_deref() != Some(actual.as_str()) {
            different.push(format!("== {} ==\n{actual}", path.display()));
        }
    }
    assert!(different.is_empty(), "differs from the golden files (MAYFLY_BLESS=1 rewrites them):\n{}", different.join("\n"));
}
