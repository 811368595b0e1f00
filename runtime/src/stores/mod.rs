//! What outlives requests: the caches of a worker, and the key-value stores that it is bound to. All threads share them.

mod directory;
mod site;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use mayfly_stdlib::cache::{CacheStore, MemoryCaches};
use mayfly_stdlib::kv::KeyValueStore;

pub use directory::DirectoryStore;
pub use site::SiteStore;

/// Bytes that the caches of a worker may hold, unless an option says otherwise.
const CACHE_BYTES: usize = 64 << 20;

/// A KV namespace that a worker finds under a name.
#[derive(Clone, PartialEq, Debug)]
pub struct Namespace {
    /// Name of the binding: a property of `env`, or a global where the worker listens for events.
    pub name: String,
    /// Where its values lie.
    pub directory: PathBuf,
    /// The files of a site, read-only, under names with a hash of their contents.
    pub is_site: bool,
    /// How long each answer is held back, in milliseconds.
    pub delay_ms: f64,
}

/// Names that Cloudflare's Workers Sites gives the files of a site, and the list of them.
pub const SITE_NAMESPACE: &str = "__STATIC_CONTENT";
/// Variable with the list of a site's files, as JSON text.
pub const SITE_MANIFEST: &str = "__STATIC_CONTENT_MANIFEST";

impl Namespace {
    fn open(&self) -> Result<Arc<dyn KeyValueStore>, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", self.directory.display());
        Ok(if self.is_site {
            Arc::new(SiteStore::open(&self.directory, self.delay_ms).map_err(failed)?)
        } else {
            Arc::new(DirectoryStore::open(&self.directory, self.delay_ms).map_err(failed)?)
        })
    }
}

/// The list of a site's files: from their paths to the keys of their namespace, as JSON text.
///
/// # Errors
/// Where the directory cannot be read.
pub fn site_manifest(directory: &Path) -> Result<String, String> {
    let site = SiteStore::open(directory, 0.0).map_err(|error| format!("{}: {error}", directory.display()))?;
    Ok(site.manifest())
}

/// What outlives a worker's requests.
#[derive(Clone)]
pub struct Stores {
    /// Made when first asked for: few workers use any.
    caches: Arc<OnceLock<Arc<dyn CacheStore>>>,
    cache_bytes: usize,
    key_values: Arc<[(String, Arc<dyn KeyValueStore>)]>,
}

impl Default for Stores {
    fn default() -> Self {
        Stores { caches: Arc::default(), cache_bytes: CACHE_BYTES, key_values: Arc::new([]) }
    }
}

impl Stores {
    /// Empty caches of at most so many MiB together, and these namespaces.
    ///
    /// # Errors
    /// Where a directory cannot be read; the message names it.
    pub fn open(namespaces: &[Namespace], cache_mib: Option<u32>) -> Result<Stores, String> {
        let mut key_values = Vec::with_capacity(namespaces.len());
        for namespace in namespaces {
            key_values.push((namespace.name.clone(), namespace.open()?));
        }
        let cache_bytes = cache_mib.map_or(CACHE_BYTES, |mib| (mib as usize) << 20);
        Ok(Stores { caches: Arc::default(), cache_bytes, key_values: key_values.into() })
    }

    /// The caches.
    pub fn caches(&self) -> Arc<dyn CacheStore> {
        self.caches.get_or_init(|| Arc::new(MemoryCaches::new(self.cache_bytes))).clone()
    }

    /// Whether the caches have been asked for.
    pub fn has_caches(&self) -> bool {
        self.caches.get().is_some()
    }

    /// The store bound under this name, or why there is none.
    ///
    /// # Errors
    /// Where no store is bound.
    pub fn key_values(&self, name: &str) -> Result<Arc<dyn KeyValueStore>, String> {
        match self.key_values.iter().find(|(known, _)| known == name) {
            Some((_, store)) => Ok(store.clone()),
            None => Err(format!("The KV namespace {name} is not bound to a store: serve the worker with --kv {name}=DIRECTORY")),
        }
    }
}
