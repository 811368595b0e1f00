//! Modules from files, and whether a file is a module or a script.
//!
//! A module's name is its path as the user wrote it, with the paths of imports resolved against it: short in stack traces, and the same
//! on every machine.

use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use bumpalo::Bump;
use mayfly_engine::host::ModuleSource;
use mayfly_engine::syntax::{Names, ParseOptions, parse_module, parse_script};
use mayfly_stdlib::platform::LogLevel;

use crate::source_map::MapTexts;

/// Loads modules by relative and absolute paths and `file:` URLs. There is no search in `node_modules`: workers are bundled.
#[derive(Clone, Debug, Default)]
pub struct FileLoader {
    /// Directory against which names are resolved; the current one when empty.
    pub root: PathBuf,
    /// Source maps of what was loaded.
    pub maps: Rc<MapTexts>,
}

/// `a/./b/../c` → `a/c`, without looking at the file system.
pub(crate) fn normalise(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(parts.components().next_back(), Some(Component::Normal(_))) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts
}

fn from_file_url(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("file://")?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |digit: u8| char::from(digit).to_digit(16);
        match (first, tail) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push((high * 16 + low) as u8);
                    rest = after;
                }
                _ => return None,
            },
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

impl FileLoader {
    /// Name of the module that `specifier` means in the module `referrer`.
    ///
    /// # Errors
    /// For bare specifiers and other URLs, with a message for the user.
    pub fn resolve(&self, specifier: &str, referrer: &str) -> Result<String, String> {
        let path = if specifier.starts_with("./") || specifier.starts_with("../") {
            Path::new(referrer).parent().unwrap_or(Path::new("")).join(specifier)
        } else if specifier.starts_with('/') {
            PathBuf::from(specifier)
        } else if specifier.starts_with("file:") {
            from_file_url(specifier).ok_or_else(|| format!("Invalid URL in import: '{specifier}'"))?
        } else if specifier.contains(':') {
            return Err(format!("Cannot import '{specifier}' into {referrer}: only files can be imported"));
        } else {
            return Err(format!(
                "Cannot find package '{specifier}' imported from {referrer}. Packages must be bundled first; files need './' in front"
            ));
        };
        Ok(normalise(&path).to_string_lossy().into_owned())
    }

    /// Remembers the source map of a file that was read. One that cannot be used costs only clarity, so it is a warning.
    pub fn note_source_map(&self, source: &str, name: &str) {
        if let Err(why) = self.maps.add(source, name, &self.root) {
            crate::platform::write_line(LogLevel::Warn, &format!("mayfly: warning: {why}"));
        }
    }

    /// Loads what `specifier` means in `referrer`.
    ///
    /// # Errors
    /// Where there is no such file, or its type is not known.
    pub fn load(&self, specifier: &str, referrer: &str, attributes: &[(String, String)]) -> Result<ModuleSource, String> {
        let name = self.resolve(specifier, referrer)?;
        let bytes = std::fs::read(self.root.join(&name))
            .map_err(|error| format!("Cannot find module '{name}' imported from {referrer}: {error}"))?;
        let kind = attributes.iter().find(|(key, _)| key == "type").map(|(_, value)| value.as_str());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| format!("Module '{name}' is not valid UTF-8"));
        match kind {
            None => {
                let text = text(bytes)?;
                self.note_source_map(&text, &name);
                Ok(ModuleSource::JavaScript { text, name })
            }
            Some("json") => Ok(ModuleSource::Json { text: text(bytes)?, name }),
            Some("text") => Ok(ModuleSource::Text { text: text(bytes)?, name }),
            Some("bytes") => Ok(ModuleSource::Bytes { bytes, name }),
            Some(kind) => Err(format!("Import attribute \"type\" with value \"{kind}\" is not supported")),
        }
    }
}

/// `import.meta.url` of a module: its file's, or without a loader one that says nothing of the machine.
pub fn module_url(loader: Option<&FileLoader>, module_name: &str) -> String {
    let path = Path::new(module_name);
    let full = match loader {
        Some(loader) => std::path::absolute(loader.root.join(path)).unwrap_or_else(|_| path.to_path_buf()),
        None => Path::new("/").join(path),
    };
    let mut url = String::from("file://");
    for &byte in full.to_string_lossy().as_bytes() {
        match byte {
            b'%' | b'?' | b'#' | b' ' | b'"' | b'<' | b'>' | b'\\' | 0..=31 | 127.. => url.push_str(&format!("%{byte:02X}")),
            _ => url.push(char::from(byte)),
        }
    }
    url
}

/// What a source text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SourceKind {
    /// `.mjs` is a module, `.cjs` a script, anything else a script if it can be one: a script that has neither `import`, `export` nor
    /// top-level `await` means the same as a module but for strictness.
    #[default]
    Detect,
    /// A classic script.
    Script,
    /// A module.
    Module,
}

impl SourceKind {
    /// Script or module, for a source of this kind with this name.
    pub fn resolve(self, source: &str, name: &str) -> SourceKind {
        if self != SourceKind::Detect {
            return self;
        }
        match Path::new(name).extension().and_then(|extension| extension.to_str()) {
            Some("mjs" | "mts") => return SourceKind::Module,
            Some("cjs") => return SourceKind::Script,
            _ => {}
        }
        let (arena, mut names, options) = (Bump::new(), Names::new(), ParseOptions::default());
        let Err(as_script) = parse_script(&arena, &mut names, source, &options) else { return SourceKind::Script };
        let arena = Bump::new();
        match parse_module(&arena, &mut names, source, &options) {
            Ok(_) => SourceKind::Module,
            // Neither: the one that comes further has the better message.
            Err(as_module) if as_module.span.start > as_script.span.start => SourceKind::Module,
            Err(_) => SourceKind::Script,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolution() {
        let loader = FileLoader::default();
        let resolve = |specifier: &str, referrer: &str| loader.resolve(specifier, referrer);
        assert_eq!(resolve("./b.js", "a.js").unwrap(), "b.js");
        assert_eq!(resolve("../b.js", "x/y/a.js").unwrap(), "x/b.js");
        assert_eq!(resolve("../b.js", "a.js").unwrap(), "../b.js");
        assert_eq!(resolve("../../b.js", "../a.js").unwrap(), "../../../b.js");
        assert_eq!(resolve("/x/./y/../b.js", "a.js").unwrap(), "/x/b.js");
        assert_eq!(resolve("file:///x/a%20b.js", "a.js").unwrap(), "/x/a b.js");
        // The URL Standard leaves an incomplete escape as it is.
        assert_eq!(resolve("file:///x/a%2", "a.js").unwrap(), "/x/a%2");
        assert!(resolve("hono", "a.js").unwrap_err().contains("bundled"));
        assert!(resolve("node:fs", "a.js").unwrap_err().contains("only files"));
    }

    #[test]
    fn detection() {
        let kind = |source: &str, name: &str| SourceKind::Detect.resolve(source, name);
        assert_eq!(kind("var x = 08", "a.js"), SourceKind::Script);
        assert_eq!(kind("export default {}", "a.js"), SourceKind::Module);
        assert_eq!(kind("await 1; x.y", "a.js"), SourceKind::Module);
        assert_eq!(kind("import a from './a.js'", "a.js"), SourceKind::Module);
        assert_eq!(kind("import('./a.js')", "a.js"), SourceKind::Script);
        assert_eq!(kind("1", "a.mjs"), SourceKind::Module);
        assert_eq!(kind("export {}", "a.cjs"), SourceKind::Script);
        // Broken in the second line: the module's message is the one to show.
        assert_eq!(kind("export default 1;\nlet = )", "a.js"), SourceKind::Module);
    }

    #[test]
    fn urls_of_modules() {
        let url = |name: &str| module_url(None, name);
        assert_eq!(url("a b/c#.js"), "file:///a%20b/c%23.js");
        assert_eq!(url("é.js"), "file:///%C3%A9.js");
    }
}
