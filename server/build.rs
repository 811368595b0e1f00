//! Links the unwinder of libgcc into the binary instead of loading `libgcc_s.so` at each start, which is 0.15 ms of a cold start. Where
//! the C compiler has no static one, the binary is linked as usual.

use std::path::Path;
use std::process::Command;

/// What rustc asks the linker for, and what it gets instead.
const ASKED: &str = "libgcc_s.so";
const TAKEN: &str = "libgcc_eh.a";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CC");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|it| it == value);
    let is_here =
        is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && std::env::var("HOST") == std::env::var("TARGET");
    if !is_here {
        return;
    }
    // Rustc names the shared library by itself. A text of this name in the first place that is searched is taken for a linker's script.
    let (Ok(directory), Some(archive)) = (std::env::var("OUT_DIR"), static_unwinder()) else { return };
    match std::fs::write(Path::new(&directory).join(ASKED), format!("INPUT({archive})\n")) {
        Ok(()) => println!("cargo::rustc-link-search=native={directory}"),
        Err(error) => println!("cargo::warning={ASKED} could not be written: {error}"),
    }
}

/// Where the C compiler keeps the static unwinder, if it has one.
fn static_unwinder() -> Option<String> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_string());
    let asked = Command::new(compiler).arg(format!("-print-file-name={TAKEN}")).output().ok()?;
    let path = String::from_utf8(asked.stdout).ok()?;
    let path = path.trim();
    // A compiler that has none prints the name as it is. A path with spaces would have to be quoted for the linker.
    (asked.status.success() && Path::new(path).is_absolute() && Path::new(path).is_file() && !path.contains(char::is_whitespace))
        .then(|| path.to_string())
}
