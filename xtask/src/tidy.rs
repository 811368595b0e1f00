//! Checks that neither rustfmt nor clippy makes.

use std::path::{Path, PathBuf};

/// Where `unsafe` may stand.
const UNSAFE_ROOMS: &[&str] = &["engine/src/heap/", "engine/src/interpreter/"];
/// Crates that must say what they are.
const CRATES: &[&str] = &[
    "engine",
    "engine/syntax",
    "engine/regexp",
    "engine/macros",
    "engine/fuzz",
    "stdlib",
    "runtime",
    "server",
    "test262",
    "wpt",
    "benches",
    "xtask",
];

/// Runs every check; the error lists what is wrong.
pub fn run() -> Result<String, String> {
    let mut wrong = Vec::new();
    for name in CRATES {
        if !Path::new(name).join("README.md").exists() {
            wrong.push(format!("{name} has no README.md"));
        }
    }
    for name in ["README.md", "ARCHITECTURE.md", "STYLE.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        if !Path::new(name).exists() {
            wrong.push(format!("there is no {name}"));
        }
    }
    let mut sources = Vec::new();
    for name in CRATES {
        for part in ["src", "tests", "benches", "examples"] {
            collect(&Path::new(name).join(part), &mut sources);
        }
    }
    for source in &sources {
        let text = std::fs::read_to_string(source).map_err(|error| format!("{}: {error}", source.display()))?;
        let name = source.to_string_lossy().replace('\\', "/");
        check_source(&name, &text, &mut wrong);
    }
    if wrong.is_empty() { Ok(format!("tidy: {} source files", sources.len())) } else { Err(wrong.join("\n")) }
}

fn collect(directory: &Path, sources: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
}

fn check_source(name: &str, text: &str, wrong: &mut Vec<String>) {
    if name.starts_with("xtask/") {
        return;
    }
    let may_be_unsafe = UNSAFE_ROOMS.iter().any(|room| name.starts_with(room));
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        if !may_be_unsafe && ["unsafe {", "unsafe fn", "unsafe impl"].iter().any(|word| code.contains(word)) {
            wrong.push(format!("{name}:{}: unsafe outside its rooms", number + 1));
        }
        if ["todo!(", "unimplemented!(", "#[ignore"].iter().any(|word| code.contains(word)) {
            wrong.push(format!("{name}:{}: unfinished", number + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check_source;

    #[test]
    fn finds_unsafe_and_unfinished_code() {
        let mut wrong = Vec::new();
        check_source("stdlib/src/a.rs", "fn f() { unsafe { g() } }\nfn h() { todo!() }\n// unsafe { in a comment }\n", &mut wrong);
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        let mut none = Vec::new();
        check_source("engine/src/heap/a.rs", "fn f() { unsafe { g() } }", &mut none);
        assert!(none.is_empty());
    }
}
