//! Variables of workers: `--var NAME=TEXT` and files of such lines.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;
use mayfly_runtime::Variables;

/// What the worker finds in `env`.
#[derive(Args, Clone, Debug, Default)]
pub struct VariableArgs {
    /// A text that workers find as env.NAME, or as a global if they listen for events
    #[arg(long = "var", value_name = "NAME=TEXT", help_heading = "Variables")]
    vars: Vec<Variable>,
    /// File with a line NAME=TEXT for each variable; --var has the last word
    #[arg(long, value_name = "FILE", help_heading = "Variables")]
    env_file: Option<PathBuf>,
}

/// One `NAME=TEXT`.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Variable {
    name: String,
    text: String,
}

/// Names as shells have them.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl FromStr for Variable {
    type Err = String;

    fn from_str(text: &str) -> Result<Variable, String> {
        let (name, text) = text.split_once('=').ok_or("a variable is given as NAME=TEXT")?;
        if !is_name(name) {
            return Err(format!("{name:?} is no name for a variable: letters, digits and _ are allowed"));
        }
        Ok(Variable { name: name.to_string(), text: text.to_string() })
    }
}

impl VariableArgs {
    /// All variables, in the order in which they are set.
    ///
    /// # Errors
    /// Where the file cannot be read or has a line that is no variable; the message names it.
    pub fn variables(&self) -> Result<Variables, String> {
        let mut variables = match &self.env_file {
            Some(path) => read(path)?,
            None => Vec::new(),
        };
        variables.extend(self.vars.iter().cloned());
        Ok(variables.into_iter().map(|variable| (variable.name, variable.text)).collect())
    }
}

fn read(path: &Path) -> Result<Vec<Variable>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut variables = Vec::new();
    for (i, line) in text.lines().enumerate() {
        match parse_line(line) {
            Ok(variable) => variables.extend(variable),
            Err(why) => return Err(format!("{}:{}: {why}", path.display(), i + 1)),
        }
    }
    Ok(variables)
}

/// A line of a file of variables: blank, a comment, or `NAME=TEXT`, perhaps after `export`. Text may be quoted: within `"` the escapes
/// `\n`, `\r`, `\t`, `\"` and `\\` count, within `'` nothing does. Without quotes it ends at white space before a `#`.
fn parse_line(line: &str) -> Result<Option<Variable>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, text) = line.split_once('=').ok_or("this is no NAME=TEXT")?;
    let (name, text) = (name.trim(), text.trim());
    let text = if let Some(quoted) = text.strip_prefix('\'') {
        let (text, rest) = quoted.split_once('\'').ok_or("the closing ' is missing")?;
        only_comment(rest)?;
        text.to_string()
    } else if let Some(quoted) = text.strip_prefix('"') {
        let (text, rest) = unescape(quoted)?;
        only_comment(rest)?;
        text
    } else {
        let comment = text.char_indices().find(|&(at, c)| c == '#' && text[..at].ends_with(char::is_whitespace));
        text[..comment.map_or(text.len(), |(at, _)| at)].trim_end().to_string()
    };
    format!("{name}={text}").parse().map(Some)
}

fn only_comment(rest: &str) -> Result<(), String> {
    let rest = rest.trim();
    if rest.is_empty() || rest.starts_with('#') { Ok(()) } else { Err(format!("{rest:?} stands after the closing quote")) }
}

/// The text up to the closing `"`, and what follows it.
fn unescape(quoted: &str) -> Result<(String, &str), String> {
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((text, &quoted[at + 1..])),
            '\\' => match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 'r')) => text.push('\r'),
                Some((_, 't')) => text.push('\t'),
                Some((_, c @ ('"' | '\\'))) => text.push(c),
                Some((_, c)) => text.extend(['\\', c]),
                None => break,
            },
            c => text.push(c),
        }
    }
    Err("the closing \" is missing".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Result<Option<(String, String)>, String> {
        parse_line(text).map(|variable| variable.map(|variable| (variable.name, variable.text)))
    }

    #[test]
    fn lines() {
        for (text, wanted) in [
            ("A=b", "b"),
            ("  export A = b c ", "b c"),
            ("A=", ""),
            ("A=b=c", "b=c"),
            ("A=b#c # comment", "b#c"),
            ("A=# comment", "# comment"),
            (r#"A="b # \"c\"\n\d" # comment"#, "b # \"c\"\n\\d"),
            (r"A='b\n' # comment", r"b\n"),
        ] {
            assert_eq!(line(text), Ok(Some(("A".to_string(), wanted.to_string()))), "{text}");
        }
        for text in ["", "  ", "# A=b", " #"] {
            assert_eq!(line(text), Ok(None), "{text}");
        }
        for text in ["A", "=b", "A-B=c", "1A=b", "A='b", "A=\"b", "A=\"b\\", "A='b'c"] {
            assert!(line(text).is_err(), "{text}");
        }
    }
}
