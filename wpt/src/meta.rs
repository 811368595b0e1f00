//! `// META:` lines of a test. <https://web-platform-tests.org/writing-tests/testharness.html#specifying-test-metadata>

/// What a test file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Title.
    pub title: Option<String>,
    /// Scripts to run before the test, as written.
    pub scripts: Vec<String>,
    /// Variants: `?…`.
    pub variants: Vec<String>,
    /// Whether it takes long.
    pub long: bool,
}

/// Reads the lines at the top of a test's source.
pub fn parse(source: &str) -> Meta {
    let mut meta = Meta::default();
    for line in source.trim_start_matches('\u{feff}').lines() {
        let line = line.trim();
        let Some(comment) = line.strip_prefix("//") else {
            if line.is_empty() {
                continue;
            }
            break;
        };
        let Some((key, value)) = comment.trim_start().strip_prefix("META:").and_then(|rest| rest.split_once('=')) else { continue };
        let value = value.trim().to_string();
        match key.trim() {
            "title" => meta.title = Some(value),
            "script" => meta.scripts.push(value),
            "variant" => meta.variants.push(value),
            "timeout" => meta.long = value == "long",
            _ => {}
        }
    }
    meta
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_key() {
        let meta = parse(
            "// META: title=A = b\n\n//META: script=/x.js\n// words\n// META: script=y.js\n// META: variant=?a\n// META: variant=\n// META: timeout=long\ntest();\n// META: script=late.js",
        );
        assert_eq!(meta.title.as_deref(), Some("A = b"));
        assert_eq!(meta.scripts, ["/x.js", "y.js"]);
        assert_eq!(meta.variants, ["?a", ""]);
        assert!(meta.long);
    }

    #[test]
    fn nothing_said() {
        assert_eq!(parse("'use strict';\n// META: timeout=long"), Meta::default());
    }
}
