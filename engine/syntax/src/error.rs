//! Syntax errors and how they are shown.

use crate::ast::Span;

/// Which error object a failed parse becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// A `SyntaxError`.
    Syntax,
    /// The source nests deeper than [`crate::ast::MAX_DEPTH`] or is too long: a `RangeError`.
    TooComplex,
}

/// Why a source text is not a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// The message, without the name of the error.
    pub message: String,
    /// What it is about.
    pub span: Span,
    /// Which error object it becomes.
    pub kind: ErrorKind,
}

/// A place in a source for people: both numbers from 1, columns in UTF-16 code units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// The line and column of a byte offset.
pub fn position(source: &str, offset: u32) -> Position {
    let (line, line_start) = line_start(source, offset);
    let end = floor_boundary(source, offset as usize);
    let column = source[line_start..end].encode_utf16().count() as u32 + 1;
    Position { line, column }
}

fn floor_boundary(source: &str, offset: usize) -> usize {
    let mut offset = offset.min(source.len());
    while !source.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

fn line_start(source: &str, offset: u32) -> (u32, usize) {
    let end = floor_boundary(source, offset as usize);
    let (mut line, mut start) = (1, 0);
    for (index, c) in source[..end].char_indices() {
        let within_crlf = c == '\r' && source.as_bytes().get(index + 1) == Some(&b'\n');
        if is_line_end(c) && !within_crlf {
            line += 1;
            start = index + c.len_utf8();
        }
    }
    (line, start)
}

impl SyntaxError {
    /// A `SyntaxError` about `span`.
    pub fn new(message: impl Into<String>, span: Span) -> SyntaxError {
        SyntaxError { message: message.into(), span, kind: ErrorKind::Syntax }
    }

    /// Line and column of the start of the error.
    pub fn position(&self, source: &str) -> Position {
        position(source, self.span.start)
    }

    /// `file:line:column`, the line of code with carets under the culprit, and the message.
    pub fn render(&self, source: &str, file_name: &str) -> String {
        /// Longer lines (minified code) are shown only around the error.
        const WIDTH: usize = 120;
        let place = self.position(source);
        let (_, start) = line_start(source, self.span.start);
        let line: Vec<char> = source[start..].chars().take_while(|&c| !is_line_end(c)).collect();
        let at = source[start..floor_boundary(source, self.span.start as usize)].chars().count().min(line.len());
        let from = if line.len() <= WIDTH { 0 } else { at.saturating_sub(WIDTH / 2) };
        let shown: String = line.iter().skip(from).take(WIDTH).map(|&c| if c == '\t' { ' ' } else { c }).collect();
        let covered = self.span.text(source).chars().take_while(|&c| !is_line_end(c)).count();
        let carets = covered.clamp(1, shown.chars().count().saturating_sub(at - from).max(1));
        let name = match self.kind {
            ErrorKind::Syntax => "SyntaxError",
            ErrorKind::TooComplex => "RangeError",
        };
        format!(
            "{file_name}:{}:{}\n{shown}\n{}{}\n{name}: {}",
            place.line,
            place.column,
            " ".repeat(at - from),
            "^".repeat(carets),
            self.message
        )
    }
}

impl std::fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SyntaxError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_all_line_terminators() {
        let source = "a\r\nb\rc\u{2028}d\u{1F600}e";
        let at = |text: &str| position(source, source.find(text).unwrap() as u32);
        assert_eq!(at("a"), Position { line: 1, column: 1 });
        assert_eq!(at("b"), Position { line: 2, column: 1 });
        assert_eq!(at("c"), Position { line: 3, column: 1 });
        assert_eq!(at("e"), Position { line: 4, column: 4 });
        assert_eq!(position(source, 10_000).line, 4);
    }

    #[test]
    fn render_points_at_the_culprit() {
        let error = SyntaxError::new("Unexpected token ')'", Span::new(7, 8));
        assert_eq!(error.render("a;\n\tf(1)) ", "x.js"), "x.js:2:5\n f(1)) \n    ^\nSyntaxError: Unexpected token ')'");
        let end = SyntaxError::new("Unexpected end of input", Span::new(3, 3));
        assert_eq!(end.render("a +", "x.js"), "x.js:1:4\na +\n   ^\nSyntaxError: Unexpected end of input");
    }

    #[test]
    fn render_shows_part_of_long_lines() {
        let source = format!("{}!{}", "a".repeat(1000), "b".repeat(1000));
        let text = SyntaxError::new("no", Span::new(1000, 1001)).render(&source, "x");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1].len(), 120);
        assert_eq!(lines[1].find('!'), lines[2].find('^'));
    }
}
