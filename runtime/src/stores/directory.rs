//! A key-value store in a directory: a file for each key, folders for the slashes in it.
//!
//! What file names cannot hold is written as `%` and two digits; an empty part of a key is `%` alone. Metadata and expiration lie in files
//! of their own below `.kv-metadata`. A key that is also the beginning of another one up to a slash cannot be kept: it would have to be
//! file and folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use mayfly_stdlib::kv::{KeyValueStore, Listed, Page, Stored};
use serde_json::Value;

/// Folder of metadata and expirations.
const METADATA: &str = ".kv-metadata";
/// End of the names of files that are being written.
const PART: &str = "%part";

/// A store in a directory.
pub struct DirectoryStore {
    directory: PathBuf,
    delay_ms: f64,
}

/// Part of a key as a file name.
fn encode_part(part: &str) -> String {
    match part {
        "" => return "%".to_string(),
        "." => return "%2E".to_string(),
        ".." => return "%2E%2E".to_string(),
        METADATA => return format!("%2E{}", &METADATA[1..]),
        _ => {}
    }
    let mut name = String::with_capacity(part.len());
    for character in part.chars() {
        if character == '%' || character == '\\' || character == ':' || character.is_control() {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                name.push_str(&format!("%{byte:02X}"));
            }
        } else {
            name.push(character);
        }
    }
    name
}

/// Part of a key from a file name; `None` for files that are none of a store's.
fn decode_part(name: &str) -> Option<String> {
    if name == "%" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

/// A key as a relative path. Nothing in it leads out of the directory.
fn path_of(key: &str) -> PathBuf {
    key.split('/').map(encode_part).collect()
}

fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Writes a file beside its place and moves it there, so that nobody reads half of it.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(PART);
    std::fs::write(&beside, bytes)?;
    std::fs::rename(&beside, path)
}

/// Removes a file; that there is none is no error.
fn remove(path: &Path) -> Result<(), String> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if is_absence(&error) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether an error says that there is no such file.
fn is_absence(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::InvalidFilename)
}

impl DirectoryStore {
    /// The store in an existing directory.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn open(directory: &Path, delay_ms: f64) -> std::io::Result<DirectoryStore> {
        std::fs::read_dir(directory)?;
        Ok(DirectoryStore { directory: directory.to_path_buf(), delay_ms })
    }

    fn metadata_path(&self, path: &Path) -> PathBuf {
        let mut file = self.directory.join(METADATA).join(path).into_os_string();
        file.push(".json");
        file.into()
    }

    /// Metadata and expiration of a key.
    fn attributes(&self, path: &Path) -> Result<(Option<String>, Option<u64>), String> {
        let text = match std::fs::read(self.metadata_path(path)) {
            Ok(text) => text,
            Err(error) if is_absence(&error) => return Ok((None, None)),
            Err(error) => return Err(error.to_string()),
        };
        let attributes: Value = serde_json::from_slice(&text).map_err(|error| format!("its metadata is damaged: {error}"))?;
        let metadata = attributes.get("metadata").map(Value::to_string);
        Ok((metadata, attributes.get("expiration").and_then(Value::as_u64)))
    }

    /// All keys below a folder.
    fn walk(&self, folder: &Path, prefix: &str, keys: &mut Vec<String>) -> Result<(), String> {
        for entry in std::fs::read_dir(folder).map_err(|error| error.to_string())? {
            let entry = entry.map_err(|error| error.to_string())?;
            let Some(name) = entry.file_name().to_str().map(str::to_string) else { continue };
            if name.ends_with(PART) || prefix.is_empty() && name == METADATA {
                continue;
            }
            let Some(part) = decode_part(&name) else { continue };
            let key = format!("{prefix}{part}");
            let kind = std::fs::metadata(entry.path()).map_err(|error| error.to_string())?;
            if kind.is_dir() {
                self.walk(&entry.path(), &format!("{key}/"), keys)?;
            } else {
                keys.push(key);
            }
        }
        Ok(())
    }
}

impl KeyValueStore for DirectoryStore {
    fn get(&self, key: &str) -> Result<Option<Stored>, String> {
        let path = path_of(key);
        let bytes = match std::fs::read(self.directory.join(&path)) {
            Ok(bytes) => bytes,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let (metadata, expiration) = self.attributes(&path)?;
        if expiration.is_some_and(|at| at <= now_seconds()) {
            self.delete(key)?;
            return Ok(None);
        }
        Ok(Some(Stored { bytes, metadata, expiration }))
    }

    fn put(&self, key: &str, value: Stored) -> Result<(), String> {
        let path = path_of(key);
        let file = self.directory.join(&path);
        if file.is_dir() {
            return Err("other keys begin with this one and a slash, which a directory cannot hold".to_string());
        }
        let attributes = self.metadata_path(&path);
        if value.metadata.is_none() && value.expiration.is_none() {
            remove(&attributes)?;
        } else {
            let mut object = serde_json::Map::new();
            if let Some(metadata) = &value.metadata {
                object.insert("metadata".to_string(), serde_json::from_str(metadata).map_err(|error| error.to_string())?);
            }
            if let Some(expiration) = value.expiration {
                object.insert("expiration".to_string(), expiration.into());
            }
            write_whole(&attributes, Value::Object(object).to_string().as_bytes()).map_err(|error| error.to_string())?;
        }
        write_whole(&file, &value.bytes).map_err(|error| error.to_string())
    }

    fn delete(&self, key: &str) -> Result<(), String> {
        let path = path_of(key);
        let file = self.directory.join(&path);
        if file.is_dir() {
            return Ok(());
        }
        remove(&self.metadata_path(&path))?;
        remove(&file)
    }

    fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page, String> {
        let mut keys = Vec::new();
        self.walk(&self.directory, "", &mut keys)?;
        keys.retain(|key| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after));
        keys.sort_unstable();
        let mut page = Page { keys: Vec::new(), is_complete: true };
        for name in keys {
            let (metadata, expiration) = self.attributes(&path_of(&name))?;
            if expiration.is_some_and(|at| at <= now_seconds()) {
                continue;
            }
            if page.keys.len() == limit {
                page.is_complete = false;
                break;
            }
            page.keys.push(Listed { name, metadata, expiration });
        }
        Ok(page)
    }

    fn delay_ms(&self) -> f64 {
        self.delay_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(name: &str) -> DirectoryStore {
        let directory = std::env::temp_dir().join(format!("mayfly-kv-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).expect("a directory");
        DirectoryStore::open(&directory, 0.0).expect("a store")
    }

    fn plain(text: &str) -> Stored {
        Stored { bytes: text.as_bytes().to_vec(), ..Stored::default() }
    }

    fn names(page: &Page) -> Vec<&str> {
        page.keys.iter().map(|key| key.name.as_str()).collect()
    }

    #[test]
    fn keys_of_every_kind() {
        let store = store("keys");
        let keys = ["a", "b/c", "b//c", "/", "../up", "./x", "ü %41\\:\n", ".kv-metadata/x", "d.", "e%", "x/..", "x/./y"];
        for key in keys {
            store.put(key, plain(key)).expect(key);
        }
        for key in keys {
            assert_eq!(store.get(key).expect(key), Some(plain(key)), "{key}");
        }
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        let page = store.list("", None, 100).expect("a list");
        assert_eq!((names(&page), page.is_complete), (sorted.clone(), true));
        let page = store.list("", Some(sorted[2]), 3).expect("a list");
        assert_eq!((names(&page), page.is_complete), (sorted[3..6].to_vec(), false));
        assert_eq!(names(&store.list("b/", None, 9).expect("a list")), ["b//c", "b/c"]);
        for key in keys {
            store.delete(key).expect(key);
            store.delete(key).expect(key);
            assert_eq!(store.get(key), Ok(None));
        }
        assert!(store.put("b", plain("")).is_err(), "its folder is still there");
        assert_eq!(store.get("b"), Ok(None));
        assert!(store.get(&"x".repeat(400)).is_ok_and(|value| value.is_none()) && store.put(&"x".repeat(400), plain("")).is_err());
        std::fs::remove_dir_all(&store.directory).expect("removed");
    }

    #[test]
    fn metadata_and_expiration() {
        let store = store("metadata");
        let with = Stored { bytes: vec![0, 255], metadata: Some("{\"a\":[1]}".to_string()), expiration: Some(now_seconds() + 100) };
        store.put("k", with.clone()).expect("put");
        assert_eq!(store.get("k"), Ok(Some(with.clone())));
        let page = store.list("", None, 10).expect("a list");
        assert_eq!(page.keys, [Listed { name: "k".to_string(), metadata: with.metadata, expiration: with.expiration }]);
        store.put("k", plain("v")).expect("put");
        assert_eq!(store.get("k"), Ok(Some(plain("v"))), "nothing is left of the old attributes");
        store.put("k", Stored { expiration: Some(1), ..plain("v") }).expect("put");
        assert!(store.list("", None, 10).expect("a list").keys.is_empty());
        assert_eq!(store.get("k"), Ok(None));
        std::fs::remove_dir_all(&store.directory).expect("removed");
    }
}
