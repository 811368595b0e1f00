//! Finding the suite and its files.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The suite's directory.
pub fn locate(given: Option<&Path>) -> Result<PathBuf, String> {
    if let Some(path) = given {
        return if path.join("harness/assert.js").exists() {
            Ok(path.to_path_buf())
        } else {
            Err(format!("{} is no checkout of test262", path.display()))
        };
    }
    let unpacked = PathBuf::from("target/suites/test262");
    if unpacked.join("harness/assert.js").exists() {
        return Ok(unpacked);
    }
    let packed = Path::new("../shared/corpora/test262.tar.xz");
    if !packed.exists() {
        return Err("no suite: give --suite DIR with a checkout of https://github.com/tc39/test262".to_string());
    }
    std::fs::create_dir_all(&unpacked).map_err(|error| error.to_string())?;
    let status = Command::new("tar").arg("xf").arg(packed).arg("-C").arg(&unpacked).status().map_err(|error| format!("tar: {error}"))?;
    if status.success() { Ok(unpacked) } else { Err("tar could not unpack the suite".to_string()) }
}

/// Commit of the packed suite: kept in a file beside the expectations.
pub fn commit() -> &'static str {
    include_str!("../SUITE_COMMIT").trim()
}

/// Test files relative to the suite, sorted.
pub fn files(root: &Path, filter: Option<&str>, sample: u64) -> Vec<String> {
    let mut files = Vec::new();
    walk(&root.join("test"), root, &mut files);
    files.retain(|file| filter.is_none_or(|filter| file.contains(filter)));
    files.retain(|file| sample <= 1 || hash(file).is_multiple_of(sample));
    files.sort();
    files
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn walk(directory: &Path, root: &Path, files: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            walk(&path, root, files);
        } else if let Some(name) = path.file_name().and_then(|name| name.to_str())
            && name.ends_with(".js")
            && !name.contains("_FIXTURE")
            && let Ok(relative) = path.strip_prefix(root)
        {
            files.push(relative.to_string_lossy().into_owned());
        }
    }
}
