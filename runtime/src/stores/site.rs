//! The files of a site as a key-value store. Keys are their paths with a hash of the contents before the extension, as Cloudflare's Workers
//! Sites has them: a key never means other contents, so that what is cached under it stays true.

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::path::{Path, PathBuf};

use mayfly_stdlib::kv::{KeyValueStore, Listed, Page, Stored};

/// A site.
pub struct SiteStore {
    /// Paths within the site, and their keys.
    manifest: BTreeMap<String, String>,
    /// Keys, and the files that they name.
    files: BTreeMap<String, PathBuf>,
    delay_ms: f64,
}

/// FNV-1a with 64 bits: the same in every build, and collisions would only matter between versions of one file.
/// <http://www.isthe.com/chongo/tech/comp/fnv/>
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

/// `static/styles.css` → `static/styles.0123456789.css`
fn hashed(path: &str, contents: &[u8]) -> String {
    let mut hasher = Fnv(0xCBF2_9CE4_8422_2325);
    hasher.write(contents);
    let hash = format!("{:010x}", hasher.finish() >> 24);
    let name_at = path.rfind('/').map_or(0, |slash| slash + 1);
    match path[name_at..].rfind('.').filter(|dot| *dot > 0) {
        Some(dot) => format!("{}.{hash}{}", &path[..name_at + dot], &path[name_at + dot..]),
        None => format!("{path}.{hash}"),
    }
}

impl SiteStore {
    /// Reads all files of a directory for their hashes. Names that begin with a dot, and those that are not UTF-8, are no part of a site.
    ///
    /// # Errors
    /// Where something cannot be read.
    pub fn open(directory: &Path, delay_ms: f64) -> std::io::Result<SiteStore> {
        let mut site = SiteStore { manifest: BTreeMap::new(), files: BTreeMap::new(), delay_ms };
        site.add(directory, "")?;
        Ok(site)
    }

    fn add(&mut self, folder: &Path, prefix: &str) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let file = entry.path();
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let path = format!("{prefix}{name}");
            if std::fs::metadata(&file)?.is_dir() {
                self.add(&file, &format!("{path}/"))?;
            } else {
                let key = hashed(&path, &std::fs::read(&file)?);
                self.files.insert(key.clone(), file);
                self.manifest.insert(path, key);
            }
        }
        Ok(())
    }

    /// From paths to keys, as JSON text.
    pub fn manifest(&self) -> String {
        let object = self.manifest.iter().map(|(path, key)| (path.clone(), key.as_str().into())).collect();
        serde_json::Value::Object(object).to_string()
    }
}

impl KeyValueStore for SiteStore {
    /// Keys with a hash, and plain paths.
    fn get(&self, key: &str) -> Result<Option<Stored>, String> {
        let Some(file) = self.files.get(self.manifest.get(key).map_or(key, String::as_str)) else { return Ok(None) };
        match std::fs::read(file) {
            Ok(bytes) => Ok(Some(Stored { bytes, ..Stored::default() })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn put(&self, _: &str, _: Stored) -> Result<(), String> {
        Err("the files of a site cannot be changed".to_string())
    }

    fn delete(&self, _: &str) -> Result<(), String> {
        Err("the files of a site cannot be changed".to_string())
    }

    fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page, String> {
        let mut matching = self.files.keys().filter(|key| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after));
        let keys: Vec<Listed> =
            matching.by_ref().take(limit).map(|name| Listed { name: name.clone(), metadata: None, expiration: None }).collect();
        Ok(Page { keys, is_complete: matching.next().is_none() })
    }

    fn delay_ms(&self) -> f64 {
        self.delay_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let hash = |path| hashed(path, b"");
        assert_eq!(hash("static/styles.css"), "static/styles.cbf29ce484.css");
        assert_eq!(hash("a.b/c"), "a.b/c.cbf29ce484");
        assert_eq!(hash("d/.e"), "d/.e.cbf29ce484");
        assert_ne!(hashed("a.js", b"1"), hashed("a.js", b"2"));
    }

    #[test]
    fn a_site() {
        let directory = std::env::temp_dir().join(format!("mayfly-site-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(directory.join("sub")).expect("a directory");
        for (name, text) in [("index.html", "hello"), ("sub/\"q\".txt", "quoted"), (".hidden", "no")] {
            std::fs::write(directory.join(name), text).expect("a file");
        }
        let site = SiteStore::open(&directory, 0.0).expect("a site");
        let key = hashed("index.html", b"hello");
        let quoted = hashed("sub/\"q\".txt", b"quoted").replace('"', "\\\"");
        assert_eq!(site.manifest(), format!(r#"{{"index.html":"{key}","sub/\"q\".txt":"{quoted}"}}"#));
        assert_eq!(site.get(&key).expect("read").map(|value| value.bytes), Some(b"hello".to_vec()));
        assert_eq!(site.get("index.html").expect("read").map(|value| value.bytes), Some(b"hello".to_vec()));
        assert_eq!(site.get("../index.html"), Ok(None));
        assert!(site.put("x", Stored::default()).is_err() && site.delete(&key).is_err());
        let page = site.list("", None, 1).expect("a list");
        assert_eq!((page.keys[0].name.as_str(), page.is_complete), (key.as_str(), false));
        assert!(site.list("sub/", None, 1).expect("a list").is_complete);
        std::fs::remove_dir_all(&directory).expect("removed");
    }
}
