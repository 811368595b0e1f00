//! A worker of about 1 MB: libraries from npm, bundled by esbuild. Made by `compare --install`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::engines::cache_directory;
use crate::process::output;

/// What the worker imports, and what bundles it.
const PACKAGES: [&str; 6] = ["hono", "zod", "lodash", "marked", "date-fns", "esbuild"];

fn directory() -> PathBuf {
    cache_directory().join("libraries")
}

fn file() -> PathBuf {
    directory().join("large.mjs")
}

/// The worker's source, when it has been installed.
pub fn bundle() -> Option<String> {
    std::fs::read_to_string(file()).ok()
}

/// Gets the libraries and bundles the worker.
///
/// # Errors
/// Where npm or esbuild fail.
pub fn install() -> Result<(), String> {
    let directory = directory();
    std::fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    if !PACKAGES.iter().all(|package| directory.join("node_modules").join(package).is_dir()) {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&directory).args(PACKAGES);
        output(&mut npm, Duration::from_secs(300))?;
    }
    let entry = directory.join("entry.mjs");
    super::peers::write(&entry, include_str!("../../servers/large.js"))?;
    let mut esbuild = Command::new(directory.join("node_modules/.bin/esbuild"));
    esbuild.arg(&entry).args(["--bundle", "--format=esm", "--platform=neutral", "--main-fields=module,main", "--legal-comments=none"]);
    esbuild.arg(format!("--outfile={}", file().display())).current_dir(&directory);
    output(&mut esbuild, Duration::from_secs(120))?;
    Ok(())
}
