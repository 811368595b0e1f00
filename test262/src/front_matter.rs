//! The YAML front matter of a test, as far as the suite uses it. See INTERPRETING.md of the suite.

/// What a test file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontMatter {
    /// Harness files, over and above assert.js and sta.js.
    pub includes: Vec<String>,
    /// Flags.
    pub flags: Vec<String>,
    /// Features.
    pub features: Vec<String>,
    /// Expected error: phase and constructor name.
    pub negative: Option<(String, String)>,
}

impl FrontMatter {
    /// Whether a flag is set.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|known| known == flag)
    }
}

/// Reads the front matter of a test's source.
pub fn parse(source: &str) -> FrontMatter {
    let mut matter = FrontMatter::default();
    let Some(start) = source.find("/*---") else { return matter };
    let Some(end) = source[start..].find("---*/") else { return matter };
    let text = source[start + 5..start + end].replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.lines().collect();
    let mut i = 0;
    while i < lines.len() {
        let line = lines[i];
        i += 1;
        let Some((key, rest)) = line.split_once(':') else { continue };
        if key.starts_with(' ') || key.starts_with('-') {
            continue;
        }
        let mut list = |into: &mut Vec<String>| {
            let rest = rest.trim();
            if let Some(inner) = rest.strip_prefix('[') {
                let mut inner = inner.to_string();
                while !inner.contains(']') && i < lines.len() {
                    inner.push_str(lines[i]);
                    i += 1;
                }
                into.extend(
                    inner.trim_end().trim_end_matches(']').split(',').map(|item| item.trim().to_string()).filter(|item| !item.is_empty()),
                );
            } else {
                while i < lines.len() && lines[i].trim_start().starts_with("- ") {
                    into.push(lines[i].trim_start()[2..].trim().to_string());
                    i += 1;
                }
            }
        };
        match key.trim() {
            "includes" => list(&mut matter.includes),
            "flags" => list(&mut matter.flags),
            "features" => list(&mut matter.features),
            "negative" => {
                let (mut phase, mut kind) = (String::new(), String::new());
                while i < lines.len() && lines[i].starts_with(' ') {
                    if let Some((key, value)) = lines[i].split_once(':') {
                        match key.trim() {
                            "phase" => phase = value.trim().to_string(),
                            "type" => kind = value.trim().to_string(),
                            _ => {}
                        }
                    }
                    i += 1;
                }
                matter.negative = Some((phase, kind));
            }
            _ => {}
        }
    }
    matter
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_lists_and_negative() {
        let matter = parse(
            "// c\n/*---\nincludes: [a.js, b.js]\nflags:\n  - onlyStrict\nnegative:\n  phase: parse\n  type: SyntaxError\nfeatures: []\n---*/\n",
        );
        assert_eq!(matter.includes, ["a.js", "b.js"]);
        assert!(matter.has("onlyStrict"));
        assert_eq!(matter.negative, Some(("parse".to_string(), "SyntaxError".to_string())));
        assert!(matter.features.is_empty());
    }

    #[test]
    fn a_file_without_front_matter_says_nothing() {
        assert_eq!(parse("1;"), super::FrontMatter::default());
    }
}
