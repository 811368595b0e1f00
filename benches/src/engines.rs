//! The engines that programs are compared in, and where they are found.

use std::path::{Path, PathBuf};
use std::process::Command;

/// An engine as a process that measures one program.
pub struct Engine {
    /// Name in tables.
    pub name: &'static str,
    /// The executable.
    pub executable: PathBuf,
    /// Arguments before those of the protocol.
    arguments: Vec<String>,
    environment: &'static [(&'static str, &'static str)],
    form: Form,
    /// Compiles to machine code: shown for information, in no mean.
    pub has_jit: bool,
}

/// How an engine is told what to run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `engine NAME --size N --calls N`: this binary.
    Own,
    /// `… harness.mjs FILE SIZE CALLS`.
    Harness,
    /// `peers ENGINE FILE SIZE CALLS`.
    Peers,
}

/// Name of Mayfly in tables.
pub const MAYFLY: &str = "mayfly";
/// Names used in ratios.
pub const QUICKJS: &str = "quickjs-ng";
/// See [`QUICKJS`].
pub const NODE_JITLESS: &str = "node --jitless";
/// See [`QUICKJS`].
pub const JSC_LLINT: &str = "bun, no JIT (JSC LLInt)";
/// See [`QUICKJS`].
pub const BOA: &str = "boa";

impl Engine {
    /// The command that measures a program. `file` holds its source, `harness` is the harness in JavaScript.
    pub fn command(&self, program: &str, file: &Path, harness: &Path, size: u32, calls: u32) -> Command {
        let mut command = Command::new(&self.executable);
        command.args(&self.arguments).envs(self.environment.iter().copied());
        let (size, calls) = (size.to_string(), calls.to_string());
        match self.form {
            Form::Own => command.args(["engine", program, "--size", &size, "--calls", &calls]),
            Form::Harness => command.arg(harness).arg(file).args([size, calls]),
            Form::Peers => command.arg(file).args([size, calls]),
        };
        command
    }
}

/// Where `--install` puts what it installs: `$MAYFLY_BENCHES_CACHE`, or a directory in the user's cache.
pub fn cache_directory() -> PathBuf {
    if let Some(directory) = std::env::var_os("MAYFLY_BENCHES_CACHE") {
        return PathBuf::from(directory);
    }
    let base =
        std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    base.unwrap_or_else(std::env::temp_dir).join("mayfly-benches")
}

/// Packages that `--install` takes from npm, and where each keeps its executable.
pub const NPM_PACKAGES: &[(&str, &str)] =
    &[("bun", "node_modules/bun/bin/bun.exe"), ("deno", "node_modules/deno/deno"), ("workerd", "node_modules/workerd/bin/workerd")];

/// An executable of this name: in the cache first, then on the path.
pub fn find_executable(name: &str) -> Option<PathBuf> {
    let installed = NPM_PACKAGES.iter().find(|package| package.0 == name).map(|package| cache_directory().join("npm").join(package.1));
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file())
    };
    installed.filter(|file| file.is_file()).or_else(on_path)
}

/// The binary of the package in `peers/`, when it has been built.
pub fn peers_binary() -> PathBuf {
    cache_directory().join("peers").join("release").join("peers")
}

/// Every engine found on this machine, Mayfly first.
///
/// # Errors
/// Where this binary cannot name itself.
pub fn find() -> std::io::Result<Vec<Engine>> {
    let engine = |name, executable, form| Engine { name, executable, arguments: Vec::new(), environment: &[], form, has_jit: false };
    let mut engines = vec![engine(MAYFLY, std::env::current_exe()?, Form::Own)];
    let peers = peers_binary();
    if peers.is_file() {
        for (name, argument) in [(QUICKJS, "quickjs"), (BOA, "boa")] {
            engines.push(Engine { arguments: vec![argument.to_string()], ..engine(name, peers.clone(), Form::Peers) });
        }
    }
    if let Some(node) = find_executable("node") {
        engines.push(Engine { arguments: vec!["--jitless".to_string()], ..engine(NODE_JITLESS, node.clone(), Form::Harness) });
        engines.push(Engine { has_jit: true, ..engine("node", node, Form::Harness) });
    }
    if let Some(bun) = find_executable("bun") {
        engines.push(Engine { environment: &[("BUN_JSC_useJIT", "0")], ..engine(JSC_LLINT, bun, Form::Harness) });
    }
    Ok(engines)
}
