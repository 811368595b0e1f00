//! Source maps: where code that a bundler made was in the files that people wrote.
//!
//! Maps are read where modules are loaded, kept as text in the worker's image, beside its heap, and decoded when the first error is
//! reported: a worker without errors pays nothing. The format: ECMA-426, <https://tc39.es/ecma426/>.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hashbrown::HashMap;
use mayfly_engine::heap::Values;
use mayfly_engine::string::Units;
use mayfly_engine::{Context, Value};
use serde_json::Value as Json;

use crate::loader::normalise;
use crate::roots;

/// Longest map that is read, in bytes.
const LONGEST_MAP: u64 = 64 << 20;

/// The map of one module, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapText {
    /// Name of the module.
    pub module: String,
    /// Directory against which the map's sources are resolved.
    pub directory: String,
    /// The map, JSON.
    pub json: String,
}

/// Maps of the modules that were loaded.
#[derive(Debug, Default)]
pub struct MapTexts(RefCell<Vec<MapText>>);

impl MapTexts {
    /// Looks for the map that a module names, in the file system below `root` or in the module itself. A map that is not there is
    /// everyday life: bundles are shipped without.
    ///
    /// # Errors
    /// Where there is one that cannot be read, with a message for the user.
    pub fn add(&self, source: &str, module: &str, root: &Path) -> Result<(), String> {
        let Some(url) = mapping_url(source) else { return Ok(()) };
        let fail = |why: &dyn std::fmt::Display| Err(format!("the source map of {module} was not read: {why}"));
        let own_directory = Path::new(module).parent().unwrap_or(Path::new(""));
        let (directory, json) = if let Some(data) = url.strip_prefix("data:") {
            match data_url_text(data) {
                Some(json) => (own_directory.to_path_buf(), json),
                None => return fail(&"its data: URL is not base64 or not UTF-8"),
            }
        } else if url.contains("://") {
            return Ok(());
        } else {
            let path = normalise(&own_directory.join(url));
            let full = root.join(&path);
            match std::fs::metadata(&full) {
                Ok(metadata) if metadata.len() > LONGEST_MAP => return fail(&format!("it is longer than {LONGEST_MAP} bytes")),
                _ => {}
            }
            match std::fs::read_to_string(&full) {
                Ok(json) => (path.parent().unwrap_or(Path::new("")).to_path_buf(), json),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return fail(&error),
            }
        };
        if let Err(why) = SourceMap::parse(&json, Path::new("")) {
            return fail(&why);
        }
        let directory = directory.to_string_lossy().into_owned();
        self.0.borrow_mut().push(MapText { module: module.to_string(), directory, json });
        Ok(())
    }

    /// Puts the maps into the image that the heap becomes: beside the heap, with the texts of code.
    pub fn keep(&self, cx: &mut Context) {
        let maps = self.0.borrow();
        if maps.is_empty() {
            return;
        }
        let texts = maps.iter().flat_map(|map| [&map.module, &map.directory, &map.json]);
        let values: Vec<Value> = texts.map(|text| cx.heap.new_text(text.as_bytes())).collect();
        let record = cx.heap.new_values_from(&values);
        cx.set_embedder_root(roots::SOURCE_MAPS, Value::cell(record));
    }

    /// The maps, decoded.
    pub fn decode(&self) -> HashMap<String, SourceMap> {
        decode_all(&self.0.borrow())
    }
}

fn decode_all(texts: &[MapText]) -> HashMap<String, SourceMap> {
    // All of them were decoded once, when they were found.
    let decoded = texts.iter().filter_map(|map| Some((map.module.clone(), SourceMap::parse(&map.json, Path::new(&map.directory)).ok()?)));
    decoded.collect()
}

/// The maps of a worker, decoded at first use.
#[derive(Default)]
pub struct WorkerMaps(OnceLock<HashMap<String, SourceMap>>);

impl WorkerMaps {
    /// The maps that the image of `cx` holds.
    pub fn of(&self, cx: &Context) -> &HashMap<String, SourceMap> {
        self.0.get_or_init(|| {
            let Some(record) = cx.embedder_root(roots::SOURCE_MAPS).as_cell::<Values>() else { return HashMap::new() };
            let read = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
            let text = |i: u32| cx.heap.read_text(record.get(&cx.heap, i), read).unwrap_or_default();
            let texts: Vec<MapText> = (0..record.length(&cx.heap) / 3)
                .map(|i| MapText { module: text(3 * i), directory: text(3 * i + 1), json: text(3 * i + 2) })
                .collect();
            decode_all(&texts)
        })
    }
}

// 11.1.2.1 JavaScriptExtractSourceMapURL ( source ), https://tc39.es/ecma426/#sec-JavaScriptExtractSourceMapURL: without parsing, and only
// in comments after all code, which is where bundlers write it.
fn mapping_url(source: &str) -> Option<&str> {
    for line in source.lines().rev() {
        let line = line.trim();
        let Some(comment) = line.strip_prefix("//") else {
            if line.is_empty() {
                continue;
            }
            return None;
        };
        if let Some(url) = comment.strip_prefix("# sourceMappingURL=").or_else(|| comment.strip_prefix("@ sourceMappingURL=")) {
            return url.split_whitespace().next();
        }
    }
    None
}

/// Text of a `data:` URL without its scheme; base64 only, as bundlers write them.
fn data_url_text(data: &str) -> Option<String> {
    let (kind, body) = data.split_once(',')?;
    kind.ends_with(";base64").then_some(())?;
    String::from_utf8(mayfly_stdlib::base64::forgiving_decode(Units::Latin1(body.as_bytes()))?).ok()
}

/// Where a piece of generated code came from. Lines and columns from 0, columns in UTF-16 units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Segment {
    line: u32,
    column: u32,
    /// Source, line and column there; `None` for code that the bundler added.
    original: Option<(u32, u32, u32)>,
}

#[derive(Debug)]
struct Source {
    name: String,
    content: Option<String>,
}

/// A decoded map.
#[derive(Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
    /// Ordered by generated line and column.
    segments: Vec<Segment>,
}

/// A place in a file that people wrote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Name of the file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in UTF-16 units, from 1.
    pub column: u32,
    /// The line itself; empty when the map does not hold the file's text.
    pub source_line: String,
}

impl SourceMap {
    /// Decodes a map whose sources are relative to `directory`.
    ///
    /// # Errors
    /// Where it is no source map of version 3.
    pub fn parse(json: &str, directory: &Path) -> Result<SourceMap, String> {
        // A prefix against inclusion as a script may stand before the map: 4.4 ParseSourceMap, https://tc39.es/ecma426/#sec-ParseSourceMap
        let json = json.strip_prefix(")]}'").and_then(|rest| rest.split_once('\n')).map_or(json, |(_, rest)| rest);
        let json: Json = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let mut map = SourceMap::default();
        match json.get("sections").and_then(Json::as_array) {
            // 4.3 DecodeSourceMap of index maps, https://tc39.es/ecma426/#sec-DecodeIndexSourceMap
            Some(sections) => {
                for section in sections {
                    let offset = |name: &str| {
                        let offset = section.get("offset").and_then(|offset| offset.get(name)).and_then(Json::as_u64);
                        offset.and_then(|offset| u32::try_from(offset).ok()).ok_or("a section has no offset")
                    };
                    let Some(part) = section.get("map") else { return Err("a section has no map".to_string()) };
                    map.append(part, directory, offset("line")?, offset("column")?)?;
                }
            }
            None => map.append(&json, directory, 0, 0)?,
        }
        map.segments.sort_by_key(|segment| (segment.line, segment.column));
        Ok(map)
    }

    fn append(&mut self, json: &Json, directory: &Path, line: u32, column: u32) -> Result<(), String> {
        if json.get("version").and_then(Json::as_u64) != Some(3) {
            return Err("it has no version 3".to_string());
        }
        let list = |name: &str| json.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
        let root = json.get("sourceRoot").and_then(Json::as_str).unwrap_or("");
        let first_source = u32::try_from(self.sources.len()).map_err(|error| error.to_string())?;
        let contents = list("sourcesContent");
        for (i, source) in list("sources").iter().enumerate() {
            let name = source_name(root, source.as_str().unwrap_or(""), directory);
            self.sources.push(Source { name, content: contents.get(i).and_then(Json::as_str).map(str::to_string) });
        }
        let mappings = json.get("mappings").and_then(Json::as_str).ok_or("it has no mappings")?;
        self.decode(mappings, first_source, line, column)
    }

    // 4.2 DecodeMappings ( mappings, names, sources ), https://tc39.es/ecma426/#sec-DecodeMappings
    fn decode(&mut self, mappings: &str, first_source: u32, first_line: u32, first_column: u32) -> Result<(), String> {
        let count = self.sources.len() as i64 - i64::from(first_source);
        let (mut source, mut original_line, mut original_column) = (0i64, 0i64, 0i64);
        for (line, groups) in mappings.split(';').enumerate() {
            let line = u32::try_from(line).map_err(|error| error.to_string())?.saturating_add(first_line);
            let mut column = if line == first_line { i64::from(first_column) } else { 0 };
            for group in groups.split(',').filter(|group| !group.is_empty()) {
                let mut digits = group.bytes();
                let Some(first) = vlq(&mut digits)? else { continue };
                column += first;
                let original = match (vlq(&mut digits)?, vlq(&mut digits)?, vlq(&mut digits)?) {
                    (Some(source_by), Some(line_by), Some(column_by)) => {
                        source += source_by;
                        original_line += line_by;
                        original_column += column_by;
                        match (u32::try_from(original_line), u32::try_from(original_column)) {
                            (Ok(line), Ok(column)) if (0..count).contains(&source) => Some((first_source + source as u32, line, column)),
                            _ => None,
                        }
                    }
                    (None, ..) => None,
                    _ => return Err("a mapping is cut short".to_string()),
                };
                let column = u32::try_from(column).map_err(|_| "a column is out of range")?;
                self.segments.push(Segment { line, column, original });
            }
        }
        Ok(())
    }

    /// Where the code at a line and column (both from 1) came from.
    pub fn find(&self, line: u32, column: u32) -> Option<Place> {
        let (line, column) = (line.checked_sub(1)?, column.checked_sub(1)?);
        let after = self.segments.partition_point(|segment| (segment.line, segment.column) <= (line, column));
        let segment = self.segments[..after].last().filter(|segment| segment.line == line)?;
        let (source, line, column) = segment.original?;
        let source = self.sources.get(source as usize)?;
        let source_line = source.content.as_deref().and_then(|text| text.split('\n').nth(line as usize));
        let source_line = source_line.unwrap_or("").trim_end_matches('\r').to_string();
        Some(Place { file: source.name.clone(), line: line.saturating_add(1), column: column.saturating_add(1), source_line })
    }
}

fn source_name(root: &str, source: &str, directory: &Path) -> String {
    let name = if root.is_empty() || root.ends_with('/') { format!("{root}{source}") } else { format!("{root}/{source}") };
    if name.contains("://") {
        return name;
    }
    let path: PathBuf = directory.join(name);
    normalise(&path).to_string_lossy().into_owned()
}

// 4.1.3 DecodeBase64VLQ ( segment, position ), https://tc39.es/ecma426/#sec-DecodeBase64VLQ
fn vlq(digits: &mut std::str::Bytes<'_>) -> Result<Option<i64>, String> {
    let mut value = 0u64;
    let mut shift = 0;
    loop {
        let digit = match digits.next() {
            Some(letter @ b'A'..=b'Z') => letter - b'A',
            Some(letter @ b'a'..=b'z') => letter - b'a' + 26,
            Some(letter @ b'0'..=b'9') => letter - b'0' + 52,
            Some(b'+') => 62,
            Some(b'/') => 63,
            None if shift == 0 => return Ok(None),
            _ => return Err("its mappings are not base64 VLQ".to_string()),
        };
        value |= u64::from(digit & 31) << shift;
        shift += 5;
        if digit & 32 == 0 {
            break;
        }
        if shift > 30 {
            return Err("a number of its mappings is out of range".to_string());
        }
    }
    let magnitude = (value >> 1) as i64;
    Ok(Some(if value & 1 == 1 { -magnitude } else { magnitude }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(map: &SourceMap, line: u32, column: u32) -> Option<(String, u32, u32, String)> {
        map.find(line, column).map(|place| (place.file, place.line, place.column, place.source_line))
    }

    const MAP: &str = r#"{"version":3,"sourceRoot":"","sources":["../src/a.ts","webpack://b.ts"],"sourcesContent":["first\r\nsecond",null],
        "names":["x"],"mappings":"AAAA,IACI,E;;AADJ,KCAKA"}"#;

    #[test]
    fn positions() {
        let map = SourceMap::parse(MAP, Path::new("dist")).unwrap();
        // AAAA: (0, 0) → source 0 (0, 0). IACI: (0, 4) → (1, 4). E: (0, 6) is nobody's. AADJ: (2, 0) → (0, 0). KCAKA: (2, 5) → source 1 (0, 5).
        let a = |line, column, text: &str| Some(("src/a.ts".to_string(), line, column, text.to_string()));
        assert_eq!(place(&map, 1, 1), a(1, 1, "first"));
        assert_eq!(place(&map, 1, 4), a(1, 1, "first"));
        assert_eq!(place(&map, 1, 5), a(2, 5, "second"));
        assert_eq!(place(&map, 1, 7), None);
        assert_eq!(place(&map, 2, 1), None);
        assert_eq!(place(&map, 3, 2), a(1, 1, "first"));
        assert_eq!(place(&map, 3, 600), Some(("webpack://b.ts".to_string(), 1, 6, String::new())));
        assert_eq!(place(&map, 4, 1), None);
        assert_eq!(place(&map, 0, 0), None);
    }

    #[test]
    fn index_maps() {
        let part = |source: &str| format!(r#"{{"version":3,"sources":["{source}"],"mappings":"AAAA;AACA"}}"#);
        let json = format!(
            r#")]}}' no script
            {{"version":3,"sections":[{{"offset":{{"line":0,"column":0}},"map":{}}},{{"offset":{{"line":2,"column":3}},"map":{}}}]}}"#,
            part("a"),
            part("b")
        );
        let map = SourceMap::parse(&json, Path::new("")).unwrap();
        let file = |line, column| place(&map, line, column).map(|(file, line, column, _)| (file, line, column));
        assert_eq!(file(1, 1), Some(("a".to_string(), 1, 1)));
        assert_eq!(file(2, 9), Some(("a".to_string(), 2, 1)));
        assert_eq!(file(3, 3), None);
        assert_eq!(file(3, 4), Some(("b".to_string(), 1, 1)));
        assert_eq!(file(4, 1), Some(("b".to_string(), 2, 1)));
    }

    #[test]
    fn what_is_no_map() {
        for (json, wanted) in [
            ("", "EOF"),
            ("{}", "version"),
            (r#"{"version":2,"mappings":""}"#, "version"),
            (r#"{"version":3}"#, "no mappings"),
            (r#"{"version":3,"mappings":"A!"}"#, "VLQ"),
            (r#"{"version":3,"mappings":"Ag"}"#, "VLQ"),
            (r#"{"version":3,"mappings":"AA"}"#, "cut short"),
            (r#"{"version":3,"mappings":"D"}"#, "column"),
            (r#"{"version":3,"mappings":"gggggggggggggA"}"#, "out of range"),
            (r#"{"version":3,"sections":[{}]}"#, "no map"),
            (r#"{"version":3,"sections":[{"map":{}}]}"#, "no offset"),
        ] {
            let error = SourceMap::parse(json, Path::new("")).err().unwrap_or_else(|| panic!("{json} was accepted"));
            assert!(error.contains(wanted), "{json}: {error}");
        }
        // Sources that are not there are nobody's.
        let map = SourceMap::parse(r#"{"version":3,"sources":[],"mappings":"AAAA,CAAD"}"#, Path::new("")).unwrap();
        assert_eq!((place(&map, 1, 1), place(&map, 1, 2)), (None, None));
    }

    #[test]
    fn where_maps_are_named() {
        assert_eq!(mapping_url("code();\n//# sourceMappingURL=a.js.map\n\n// end\n"), Some("a.js.map"));
        assert_eq!(mapping_url("code();\n//@ sourceMappingURL=b.map x"), Some("b.map"));
        assert_eq!(mapping_url("//# sourceMappingURL=a.js.map\ncode();"), None);
        assert_eq!(mapping_url("const s = `\n//# sourceMappingURL=a.js.map\n`;"), None);
        assert_eq!(mapping_url(""), None);
    }

    #[test]
    fn maps_within_modules() {
        let texts = MapTexts::default();
        let json = r#"{"version":3,"sources":["a"],"mappings":"AAAA"}"#;
        let data = mayfly_stdlib::base64::encode(json.as_bytes());
        let source = format!("x\n//# sourceMappingURL=data:application/json;charset=utf-8;base64,{data}");
        texts.add(&source, "lib/x.js", Path::new("/nowhere")).unwrap();
        assert_eq!(*texts.0.borrow(), [MapText { module: "lib/x.js".into(), directory: "lib".into(), json: json.into() }]);
        assert_eq!(place(&texts.decode()["lib/x.js"], 1, 1).unwrap().0, "lib/a");
        assert!(texts.add("//# sourceMappingURL=data:,x", "y.js", Path::new("")).unwrap_err().contains("y.js"));
        texts.add("//# sourceMappingURL=missing.map", "y.js", Path::new("/nowhere")).unwrap();
        texts.add("//# sourceMappingURL=https://x.example/y.map", "y.js", Path::new("/nowhere")).unwrap();
        assert_eq!(texts.0.borrow().len(), 1);
    }
}
