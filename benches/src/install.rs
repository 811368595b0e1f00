//! Brings the peers to this machine: packages from npm, libraries for a large worker, and the package in `peers/`, all into the cache
//! directory.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::engines::{NPM_PACKAGES, cache_directory, find_executable};

/// Installs what is not there. A peer that cannot be had is told and left out.
pub fn run() {
    let npm = cache_directory().join("npm");
    let missing: Vec<&str> = NPM_PACKAGES.iter().map(|package| package.0).filter(|name| find_executable(name).is_none()).collect();
    if missing.is_empty() {
        println!("npm packages are there: {}", NPM_PACKAGES.iter().map(|package| package.0).collect::<Vec<_>>().join(", "));
    } else if let Err(error) = std::fs::create_dir_all(&npm) {
        eprintln!("{}: {error}", npm.display());
    } else {
        let all = NPM_PACKAGES.iter().map(|package| package.0);
        told(Command::new("npm").args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&npm).args(all), "npm install");
    }
    println!("libraries from npm …");
    if let Err(error) = crate::servers::libraries::install() {
        eprintln!("{error}\nCold starts of a large worker are left out");
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join("Cargo.toml");
    let mut cargo = Command::new("cargo");
    cargo
        .args(["build", "--release", "--locked", "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(cache_directory().join("peers"));
    told(&mut cargo, "cargo build of QuickJS-ng and Boa");
}

fn told(command: &mut Command, what: &str) {
    println!("{what} …");
    match command.stdin(Stdio::null()).status() {
        Ok(status) if status.success() => {}
        Ok(status) => eprintln!("{what} failed ({status}): these peers are left out"),
        Err(error) => eprintln!("{what} cannot be run ({error}): these peers are left out"),
    }
}
