//! Finding the suite, the files in scope, and their variants.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::meta;

/// The suite's directory.
pub fn locate(given: Option<&Path>) -> Result<PathBuf, String> {
    let marker = "resources/testharness.js";
    if let Some(path) = given {
        return if path.join(marker).exists() { Ok(path.to_path_buf()) } else { Err(format!("{} is no checkout of WPT", path.display())) };
    }
    let unpacked = PathBuf::from("target/suites/wpt");
    if unpacked.join(marker).exists() {
        return Ok(unpacked);
    }
    let packed = Path::new("../shared/corpora/wpt.tar.xz");
    if !packed.exists() {
        return Err("no suite: give --suite DIR with a checkout of https://github.com/web-platform-tests/wpt".to_string());
    }
    std::fs::create_dir_all(&unpacked).map_err(|error| error.to_string())?;
    let status = Command::new("tar").arg("xf").arg(packed).arg("-C").arg(&unpacked).status().map_err(|error| format!("tar: {error}"))?;
    if !status.success() {
        return Err("tar could not unpack the suite".to_string());
    }
    if unpacked.join(marker).exists() { Ok(unpacked) } else { Err(format!("{} has an unknown layout", packed.display())) }
}

/// The files that make sense in a server's worker.
pub struct Scope {
    /// Commit of the suite.
    pub commit: String,
    /// Directories with their files, in order.
    pub directories: Vec<(String, Vec<String>)>,
    /// Files that need the suite's servers.
    pub need_server: BTreeSet<String>,
}

impl Scope {
    /// Reads the scope file.
    pub fn load(path: &Path) -> Result<Scope, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error} (give --scope FILE)", path.display()))?;
        let json: serde_json::Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let directories = json["dirs"].as_object().ok_or_else(|| format!("{}: no \"dirs\"", path.display()))?;
        let files = |entry: &serde_json::Value, key: &str| -> Vec<String> {
            entry[key].as_array().into_iter().flatten().filter_map(|file| file.as_str().map(ToString::to_string)).collect()
        };
        Ok(Scope {
            need_server: directories.values().flat_map(|entry| files(entry, "needs_server")).collect(),
            commit: json["wpt_commit"].as_str().unwrap_or_default().to_string(),
            directories: directories.iter().map(|(name, entry)| (name.clone(), files(entry, "files"))).collect(),
        })
    }
}

/// One variant of one file.
#[derive(Clone, Debug)]
pub struct Run {
    /// Directory under which it is counted.
    pub directory: String,
    /// Path in the suite.
    pub file: String,
    /// `?…`, or nothing.
    pub variant: String,
}

impl Run {
    /// File and variant.
    pub fn name(&self) -> String {
        format!("{}{}", self.file, self.variant)
    }
}

/// Whether a run is about HTTP/2 alone: a WebSocket in a stream of it, or a server that knows nothing else. The baseline leaves those out.
fn needs_http2(name: &str) -> bool {
    name.contains(".h2.") || name.contains("wpt_flags=h2")
}

/// Every run in scope whose name contains the filter, without those about HTTP/2 alone. Files that take long come first, so that the threads end together.
pub fn runs(root: &Path, scope: &Scope, filter: Option<&str>) -> Vec<Run> {
    let mut runs = Vec::new();
    for (directory, files) in &scope.directories {
        for file in files {
            let source = std::fs::read(root.join(file)).unwrap_or_default();
            let meta = meta::parse(&String::from_utf8_lossy(&source));
            let variants = if meta.variants.is_empty() { vec![String::new()] } else { meta.variants };
            for variant in variants {
                runs.push((!meta.long, Run { directory: directory.clone(), file: file.clone(), variant }));
            }
        }
    }
    let wanted = |name: &str| filter.is_none_or(|filter| filter.split(',').any(|part| name.contains(part)));
    runs.retain(|(_, run)| wanted(&run.name()) && !needs_http2(&run.name()));
    runs.sort_by_key(|(short, _)| *short);
    runs.into_iter().map(|(_, run)| run).collect()
}
