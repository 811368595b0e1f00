//! The lexer: one token at a time, on demand.
//!
//! [`Lexer`] is cheap to clone, which is how the parser looks ahead. `logos` recognises punctuators, words and white space; what is
//! beyond a regular expression or rare (numbers, escapes, Unicode) is scanned by hand. Whether `/` starts a regular expression and
//! `}` continues a template only the parser knows: it asks for [`Lexer::regexp`] and [`Lexer::template_part`], which scan again
//! from a given offset. The lexer knows nothing of strict mode.

mod cook;
mod ident;
mod number;
mod token;

pub use cook::{CookError, Cooked, cook};
pub use ident::decode_identifier;
pub use number::bigint_digits;
pub use token::{LexError, T, Token, Trivia};

use crate::ast::Span;
use logos::Logos;

/// A position in a source, from which tokens can be read.
#[derive(Clone)]
pub struct Lexer<'s> {
    source: &'s str,
    inner: logos::Lexer<'s, T>,
    html_comments: bool,
}

/// A regular expression literal as scanned.
pub struct RegExpParts<'s> {
    /// Between the slashes.
    pub pattern: &'s str,
    /// After them.
    pub flags: &'s str,
    /// Offset after the flags.
    pub end: u32,
}

/// A literal part of a template as scanned.
pub struct TemplatePart<'s> {
    /// The text as written.
    pub text: &'s str,
    /// Whether the template ends here, not at a `${`.
    pub tail: bool,
    /// Offset after the closing backtick or `${`.
    pub end: u32,
}

impl<'s> Lexer<'s> {
    /// A lexer at the start of `source`; `html_comments` says whether `<!--` and `-->` are comments (scripts only).
    pub fn new(source: &'s str, html_comments: bool) -> Lexer<'s> {
        let mut lexer = Lexer { source, inner: T::lexer_with_extras(source, Trivia { newline: true, unclosed: false }), html_comments };
        // 12.5 Hashbang Comments, https://tc39.es/ecma262/#sec-hashbang
        if source.starts_with("#!") {
            lexer.inner.bump(token::line_length(source));
        }
        lexer
    }

    /// Continues at byte offset `at`, as if no line terminator came before.
    pub fn seek(&mut self, at: u32) {
        self.inner = T::lexer(self.source);
        self.inner.bump(at as usize);
    }

    /// Reads the next token. At the end it is [`T::Eof`] for ever.
    pub fn next_token(&mut self) -> Token {
        loop {
            let result = self.inner.next();
            let range = self.inner.span();
            let mut token = Token {
                kind: T::Eof,
                newline: self.inner.extras.newline,
                escaped: false,
                leading_zero: false,
                error: LexError::Invalid,
                span: Span::new(range.start as u32, range.end as u32),
                number: 0.0,
            };
            match result {
                Some(Ok(kind)) => {
                    token.kind = kind;
                    if kind.is_word() {
                        if matches!(self.byte(range.end), Some(b'\\' | 0x80..)) {
                            self.slow_word(&mut token, range.start);
                        }
                    } else if kind <= T::PrivateName {
                        self.finish_literal(&mut token);
                    } else if self.is_html_comment(&token) {
                        let rest = self.inner.remainder();
                        self.inner.bump(token::line_length(rest));
                        continue;
                    } else if kind == T::QuestionDot && matches!(self.byte(range.end), Some(b'0'..=b'9')) {
                        token.kind = T::Question;
                        token.span.end -= 1;
                        self.seek(token.span.end);
                    }
                }
                Some(Err(())) => self.slow_word(&mut token, range.start),
                None => {
                    let end = self.source.len() as u32;
                    token.span = Span::new(end, end);
                }
            }
            self.inner.extras.newline = false;
            return token;
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.source.as_bytes().get(at).copied()
    }

    // B.1.1 HTML-like Comments, https://tc39.es/ecma262/#sec-html-like-comments
    fn is_html_comment(&self, token: &Token) -> bool {
        match token.kind {
            T::Lt => self.html_comments && self.inner.remainder().starts_with("!--"),
            T::MinusMinus => self.html_comments && token.newline && self.byte(token.span.end as usize) == Some(b'>'),
            _ => false,
        }
    }

    fn finish_literal(&mut self, token: &mut Token) {
        let start = token.span.start as usize;
        match token.kind {
            T::Number => {
                let end = number::scan(self.source, start, token);
                self.finish(token, end);
            }
            T::String => self.scan_string(token),
            T::PrivateName => {
                let scan = ident::scan(self.source, start + 1);
                if scan.end == start + 1 || scan.invalid {
                    token.kind = T::Error;
                    token.error = if scan.invalid { LexError::UnicodeEscape } else { LexError::Invalid };
                }
                token.escaped = scan.escaped;
                self.finish(token, scan.end.max(start + 1));
            }
            T::UnclosedComment => token.kind = T::Error,
            _ => {}
        }
    }

    fn finish(&mut self, token: &mut Token, end: usize) {
        self.inner.bump(end - self.inner.span().end);
        token.span.end = end as u32;
    }

    fn scan_string(&mut self, token: &mut Token) {
        let bytes = self.source.as_bytes();
        let start = token.span.start as usize;
        let quote = bytes[start];
        let mut at = start + 1;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            if byte == quote {
                self.finish(token, at);
                return;
            }
            match byte {
                b'\\' => {
                    token.escaped = true;
                    // An escaped line terminator continues the string; of `\r\n` both belong to it.
                    at += match bytes.get(at) {
                        Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => 2,
                        Some(_) => 1,
                        None => 0,
                    };
                }
                b'\n' | b'\r' => break,
                _ => {}
            }
        }
        token.kind = T::Error;
    }

    /// An identifier with escapes or characters beyond ASCII, or no token at all.
    #[cold]
    fn slow_word(&mut self, token: &mut Token, start: usize) {
        let scan = ident::scan(self.source, start);
        if scan.invalid || scan.end == start {
            token.kind = T::Error;
            token.error = if scan.invalid { LexError::UnicodeEscape } else { LexError::Invalid };
            let width = self.source[start..].chars().next().map_or(0, char::len_utf8);
            token.span = Span::new(start as u32, scan.end.max(start + width) as u32);
        } else {
            if scan.end != token.span.end as usize || !token.kind.is_word() {
                token.kind = T::Ident;
            }
            token.span = Span::new(start as u32, scan.end as u32);
            token.escaped = scan.escaped;
            if scan.escaped {
                let text = decode_identifier(token.span.text(self.source));
                if is_reserved(&text) {
                    token.kind = T::EscapedKeyword;
                }
            }
        }
        let newline = self.inner.extras.newline;
        self.seek(token.span.end);
        self.inner.extras.newline = newline;
    }

    // 12.9.5 Regular Expression Literals, https://tc39.es/ecma262/#sec-literals-regular-expression-literals
    /// Scans a regular expression whose first slash is at `start`. Err carries the offset of where it went wrong.
    pub fn regexp(&mut self, start: u32) -> Result<RegExpParts<'s>, u32> {
        let mut in_class = false;
        let body_start = start as usize + 1;
        let mut chars = self.source[body_start..].char_indices();
        let body_end = loop {
            let Some((index, c)) = chars.next() else { return Err(self.source.len() as u32) };
            match c {
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => return Err((body_start + index) as u32),
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => break body_start + index,
                '\\' => match chars.next() {
                    Some((index, '\n' | '\r' | '\u{2028}' | '\u{2029}')) => return Err((body_start + index) as u32),
                    Some(_) => {}
                    None => return Err(self.source.len() as u32),
                },
                _ => {}
            }
        };
        let flags_start = body_end + 1;
        let flags_end = ident::scan_part(self.source, flags_start);
        self.seek(flags_end as u32);
        Ok(RegExpParts { pattern: &self.source[body_start..body_end], flags: &self.source[flags_start..flags_end], end: flags_end as u32 })
    }

    // 12.9.6 Template Literal Lexical Components, https://tc39.es/ecma262/#sec-template-literal-lexical-components
    /// Scans the literal part of a template that starts at `start`, after the backtick or brace. None if it does not end.
    pub fn template_part(&mut self, start: u32) -> Option<TemplatePart<'s>> {
        let bytes = self.source.as_bytes();
        let start = start as usize;
        let mut at = start;
        loop {
            at += memchr::memchr3(b'`', b'$', b'\\', bytes.get(at..)?)?;
            let tail = match bytes[at] {
                b'`' => true,
                b'$' if bytes.get(at + 1) == Some(&b'{') => false,
                b'$' => {
                    at += 1;
                    continue;
                }
                // Whatever follows a backslash is not a delimiter; a multi-byte character is skipped by its tail bytes.
                _ => {
                    at += 2;
                    continue;
                }
            };
            let end = at + if tail { 1 } else { 2 };
            self.seek(end as u32);
            return Some(TemplatePart { text: &self.source[start..at], tail, end: end as u32 });
        }
    }
}

/// Whether an identifier name is reserved in every context.
fn is_reserved(text: &str) -> bool {
    let mut lexer = T::lexer(text);
    matches!(lexer.next(), Some(Ok(kind)) if kind.is_word() && kind < T::Await) && lexer.remainder().is_empty()
}
