//! Workers with libraries from npm, bundled by esbuild: one of about 1 MB, and a small application with Hono. Made by `compare --install`.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::engines::cache_directory;
use crate::process::output;

/// What the workers import, and what bundles them.
const PACKAGES: [&str; 6] = ["hono", "zod", "lodash", "marked", "date-fns", "esbuild"];

fn directory() -> PathBuf {
    cache_directory().join("libraries")
}

/// A bundled worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bundle {
    /// About 1 MB of libraries.
    Large,
    /// A small application with Hono.
    Hono,
    /// The same with `hono/quick`, whose router takes no time to make.
    HonoQuick,
}

impl Bundle {
    const ALL: [Bundle; 3] = [Bundle::Large, Bundle::Hono, Bundle::HonoQuick];

    /// Its name, and what is bundled.
    fn entry(self) -> (&'static str, String) {
        const HONO: &str = include_str!("../../servers/hono.js");
        match self {
            Bundle::Large => ("large", include_str!("../../servers/large.js").to_string()),
            Bundle::Hono => ("hono", HONO.to_string()),
            Bundle::HonoQuick => ("hono-quick", HONO.replace("from 'hono'", "from 'hono/quick'")),
        }
    }

    fn file(self) -> PathBuf {
        directory().join(format!("{}.mjs", self.entry().0))
    }

    /// The worker's source, when it has been installed.
    pub fn source(self) -> Option<String> {
        std::fs::read_to_string(self.file()).ok()
    }
}

/// Gets the libraries and bundles the workers.
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
    for bundle in Bundle::ALL {
        let (name, source) = bundle.entry();
        let entry = directory.join(format!("{name}.entry.mjs"));
        super::peers::write(&entry, &source)?;
        let mut esbuild = Command::new(directory.join("node_modules/.bin/esbuild"));
        esbuild.arg(&entry).args(["--bundle", "--format=esm", "--platform=neutral", "--main-fields=module,main", "--legal-comments=none"]);
        esbuild.arg(format!("--outfile={}", bundle.file().display())).current_dir(&directory);
        output(&mut esbuild, Duration::from_secs(120))?;
    }
    Ok(())
}
