//! Tokens of pattern strings. <https://urlpattern.spec.whatwg.org/#tokens>

use super::Invalid;
use icu_properties::CodePointSetData;
use icu_properties::props::{IdContinue, IdStart};

/// <https://urlpattern.spec.whatwg.org/#token-type>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TokenType {
    Open,
    Close,
    Regexp,
    Name,
    Char,
    EscapedChar,
    OtherModifier,
    Asterisk,
    End,
    InvalidChar,
}

/// <https://urlpattern.spec.whatwg.org/#token>
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub ty: TokenType,
    /// Index of its first code point.
    pub index: usize,
    pub value: String,
}

/// <https://urlpattern.spec.whatwg.org/#tokenize-policy>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Policy {
    Strict,
    Lenient,
}

// https://urlpattern.spec.whatwg.org/#is-a-valid-name-code-point
pub(super) fn is_valid_name_code_point(c: char, first: bool) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic() || matches!(c, '$' | '_') || (!first && c.is_ascii_digit());
    }
    if first {
        CodePointSetData::new::<IdStart>().contains(c)
    } else {
        CodePointSetData::new::<IdContinue>().contains(c) || matches!(c, '\u{200C}' | '\u{200D}')
    }
}

struct Tokenizer<'a> {
    input: &'a [char],
    policy: Policy,
    tokens: Vec<Token>,
    index: usize,
}

impl Tokenizer<'_> {
    // https://urlpattern.spec.whatwg.org/#add-a-token
    fn add(&mut self, ty: TokenType, next: usize, from: usize, to: usize) {
        let value = self.input.get(from..to).unwrap_or_default().iter().collect();
        self.tokens.push(Token { ty, index: self.index, value });
        self.index = next;
    }

    // https://urlpattern.spec.whatwg.org/#process-a-tokenizing-error
    fn error(&mut self, next: usize, from: usize) -> Result<(), Invalid> {
        if self.policy == Policy::Strict {
            return Err(Invalid::new("the pattern is malformed"));
        }
        self.add(TokenType::InvalidChar, next, from, next);
        Ok(())
    }

    /// A name after `:`.
    fn name(&mut self) -> Result<(), Invalid> {
        let start = self.index + 1;
        let mut position = start;
        while self.input.get(position).is_some_and(|&c| is_valid_name_code_point(c, position == start)) {
            position += 1;
        }
        if position <= start {
            return self.error(start, self.index);
        }
        self.add(TokenType::Name, position, start, position);
        Ok(())
    }

    /// A regular expression after `(`; `None` when it is malformed. The result is where it ends, behind the `)`.
    fn regexp_end(&self, start: usize) -> Option<usize> {
        let mut depth = 1;
        let mut position = start;
        while let Some(&c) = self.input.get(position) {
            if !c.is_ascii() || (position == start && c == '?') {
                return None;
            }
            match c {
                '\\' => {
                    if !self.input.get(position + 1)?.is_ascii() {
                        return None;
                    }
                    position += 1;
                }
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(position + 1);
                    }
                }
                '(' => {
                    depth += 1;
                    if *self.input.get(position + 1)? != '?' {
                        return None;
                    }
                }
                _ => {}
            }
            position += 1;
        }
        None
    }
}

// https://urlpattern.spec.whatwg.org/#tokenize
pub(super) fn tokenize(input: &[char], policy: Policy) -> Result<Vec<Token>, Invalid> {
    let mut tokenizer = Tokenizer { input, policy, tokens: Vec::new(), index: 0 };
    while let Some(&c) = input.get(tokenizer.index) {
        let at = tokenizer.index;
        match c {
            '*' => tokenizer.add(TokenType::Asterisk, at + 1, at, at + 1),
            '+' | '?' => tokenizer.add(TokenType::OtherModifier, at + 1, at, at + 1),
            '\\' if at + 1 == input.len() => tokenizer.error(at + 1, at)?,
            '\\' => tokenizer.add(TokenType::EscapedChar, at + 2, at + 1, at + 2),
            '{' => tokenizer.add(TokenType::Open, at + 1, at, at + 1),
            '}' => tokenizer.add(TokenType::Close, at + 1, at, at + 1),
            ':' => tokenizer.name()?,
            '(' => match tokenizer.regexp_end(at + 1) {
                // Empty ones are malformed too.
                Some(end) if end > at + 2 => tokenizer.add(TokenType::Regexp, end, at + 1, end - 1),
                _ => tokenizer.error(at + 1, at)?,
            },
            _ => tokenizer.add(TokenType::Char, at + 1, at, at + 1),
        }
    }
    let end = tokenizer.index;
    tokenizer.add(TokenType::End, end, end, end);
    Ok(tokenizer.tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(text: &str, policy: Policy) -> Option<Vec<(TokenType, String)>> {
        let input: Vec<char> = text.chars().collect();
        tokenize(&input, policy).ok().map(|tokens| tokens.into_iter().map(|token| (token.ty, token.value)).collect())
    }

    #[test]
    fn tokens() {
        let tokens = types("/:né(\\d(?:x))?\\{*}", Policy::Strict).expect("well-formed");
        let expected = [
            (TokenType::Char, "/"),
            (TokenType::Name, "né"),
            (TokenType::Regexp, "\\d(?:x)"),
            (TokenType::OtherModifier, "?"),
            (TokenType::EscapedChar, "{"),
            (TokenType::Asterisk, "*"),
            (TokenType::Close, "}"),
            (TokenType::End, ""),
        ];
        assert_eq!(tokens.iter().map(|(ty, value)| (*ty, value.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn malformed() {
        for text in ["\\", ":", ":1", "(", "()", "(?a)", "(é)", "((a))", "(a", "(\\", "(a("] {
            assert!(types(text, Policy::Strict).is_none(), "{text}");
            assert!(
                types(text, Policy::Lenient).is_some_and(|tokens| tokens.iter().any(|(ty, _)| *ty == TokenType::InvalidChar)),
                "{text}"
            );
        }
    }
}
