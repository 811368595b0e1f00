//! How the binary is linked, for the sake of cold starts. Each part asks the machine first, and where the answer is no, the binary is linked
//! as usual.
//!
//! - The unwinder of libgcc goes into the binary instead of loading `libgcc_s.so` at each start, which is 0.15 ms of one.
//! - Relocations are packed (RELR): a bit for each pointer in place of 24 bytes. The loader reads some 350 KB less at each start. Such a
//!   binary asks for glibc 2.36 where it runs; with `MAYFLY_PACK_RELOCATIONS=0` it is linked for older ones.

use std::path::Path;
use std::process::Command;

/// What rustc asks the linker for, and what it gets instead.
const ASKED: &str = "libgcc_s.so";
const TAKEN: &str = "libgcc_eh.a";

/// What packs relocations.
const PACKED: &str = "-Wl,-z,pack-relative-relocs";

/// Set to 0 for binaries that are to run on systems with an older C library than this one's.
const WISH: &str = "MAYFLY_PACK_RELOCATIONS";

/// A program with relocations that ends well only if the loader has applied all of them.
const TRIAL: &str = "static WORDS: [&str; 4] = [\"a\", \"bc\", \"def\", \"ghij\"];
fn main() {
    let words = std::hint::black_box(&WORDS);
    std::process::exit(if words.concat() == \"abcdefghij\" { 0 } else { 1 });
}
";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CC");
    println!("cargo::rerun-if-env-changed={WISH}");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|it| it == value);
    let is_here =
        is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && std::env::var("HOST") == std::env::var("TARGET");
    let Ok(directory) = std::env::var("OUT_DIR") else { return };
    if !is_here {
        return;
    }
    take_static_unwinder(&directory);
    if !is(WISH, "0") && packed_relocations_work(&directory) {
        println!("cargo::rustc-link-arg-bins={PACKED}");
    }
}

/// Rustc names the shared library by itself. A text of this name in the first place that is searched is taken for a linker's script.
fn take_static_unwinder(directory: &str) {
    let Some(archive) = static_unwinder() else { return };
    match std::fs::write(Path::new(directory).join(ASKED), format!("INPUT({archive})\n")) {
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

/// Whether the linker can pack relocations and the loader of the C library can read them. Versions say little about that, so a program is
/// linked and run.
fn packed_relocations_work(directory: &str) -> bool {
    // Elsewhere nobody has tried.
    if !std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|name| name == "x86_64" || name == "aarch64") {
        return false;
    }
    let (source, program) = (Path::new(directory).join("trial.rs"), Path::new(directory).join("trial"));
    if std::fs::write(&source, TRIAL).is_err() {
        return false;
    }
    // Rustc with the flags that it will get for the binary: the linker must be the same.
    let (Ok(rustc), Ok(target)) = (std::env::var("RUSTC"), std::env::var("TARGET")) else { return false };
    let mut compiler = Command::new(rustc);
    compiler.args(["--edition=2024", "--crate-name=trial", "--target", &target, "-o"]).arg(&program).arg(&source);
    if let Ok(linker) = std::env::var("RUSTC_LINKER") {
        compiler.arg(format!("-Clinker={linker}"));
    }
    let flags = std::env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    compiler.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    // Linkers that do not know the option warn that they ignore it.
    compiler.arg(format!("-Clink-arg={PACKED}")).arg("-Clink-arg=-Wl,--fatal-warnings");
    let is_linked = compiler.output().is_ok_and(|output| output.status.success());
    is_linked && Command::new(&program).output().is_ok_and(|output| output.status.success())
}
