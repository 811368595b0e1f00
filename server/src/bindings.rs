//! What workers are bound to, as the command line says it.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use mayfly_runtime::{BuildOptions, Namespace, SITE_MANIFEST, SITE_NAMESPACE, site_manifest};

/// Stores and location.
#[derive(Args, Clone, Debug, Default)]
pub struct BindingArgs {
    /// A KV namespace in a directory, that workers find as env.NAME, or as a global if they listen for events
    #[arg(long = "kv", value_name = "NAME=DIR", help_heading = "Bindings")]
    kv: Vec<KvDirectory>,
    /// A directory of static files, found as the KV namespace __STATIC_CONTENT with the list __STATIC_CONTENT_MANIFEST
    #[arg(long, value_name = "DIR", help_heading = "Bindings")]
    site: Option<PathBuf>,
    /// Hold each answer of a KV namespace back (to see what a distant one would do)
    #[arg(long, value_name = "MS", default_value_t = 0, help_heading = "Bindings")]
    kv_delay_ms: u32,
    /// URL of the worker's script: `self.location`, and the base of relative URLs
    #[arg(long, value_name = "URL", help_heading = "Bindings")]
    location: Option<String>,
}

/// `NAME=DIR`
#[derive(Clone, Debug)]
struct KvDirectory {
    name: String,
    directory: PathBuf,
}

impl FromStr for KvDirectory {
    type Err = String;

    fn from_str(text: &str) -> Result<KvDirectory, String> {
        let (name, directory) = text.split_once('=').ok_or("a KV namespace is given as NAME=DIRECTORY")?;
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name {
            return Err(format!("{name:?} is no name for a KV namespace: letters, digits and _ are allowed"));
        }
        Ok(KvDirectory { name: name.to_string(), directory: directory.into() })
    }
}

impl BindingArgs {
    /// Puts all of it into the options of a worker.
    ///
    /// # Errors
    /// Where the site's directory cannot be read; the message names it.
    pub fn apply(&self, build: &mut BuildOptions) -> Result<(), String> {
        let delay_ms = f64::from(self.kv_delay_ms);
        for KvDirectory { name, directory } in &self.kv {
            build.namespaces.push(Namespace { name: name.clone(), directory: directory.clone(), is_site: false, delay_ms });
        }
        if let Some(directory) = &self.site {
            let name = SITE_NAMESPACE.to_string();
            build.namespaces.push(Namespace { name, directory: directory.clone(), is_site: true, delay_ms });
            build.variables.push((SITE_MANIFEST.to_string(), site_manifest(directory)?));
        }
        build.location.clone_from(&self.location);
        Ok(())
    }
}
