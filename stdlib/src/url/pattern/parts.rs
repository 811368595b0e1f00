//! Part lists: parsed from pattern strings, turned into regular expressions and back into pattern strings.
//! <https://urlpattern.spec.whatwg.org/#parts>

use super::Invalid;
use super::tokenizer::{Policy, Token, TokenType, is_valid_name_code_point, tokenize};

/// <https://urlpattern.spec.whatwg.org/#part-type>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PartType {
    FixedText,
    Regexp,
    SegmentWildcard,
    FullWildcard,
}

/// <https://urlpattern.spec.whatwg.org/#part-modifier>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Modifier {
    None,
    Optional,
    ZeroOrMore,
    OneOrMore,
}

impl Modifier {
    // https://urlpattern.spec.whatwg.org/#convert-a-modifier-to-a-string
    fn text(self) -> &'static str {
        match self {
            Modifier::None => "",
            Modifier::Optional => "?",
            Modifier::ZeroOrMore => "*",
            Modifier::OneOrMore => "+",
        }
    }

    fn repeats(self) -> bool {
        matches!(self, Modifier::ZeroOrMore | Modifier::OneOrMore)
    }
}

/// <https://urlpattern.spec.whatwg.org/#part>
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Part {
    pub ty: PartType,
    pub value: String,
    pub modifier: Modifier,
    pub name: String,
    pub prefix: String,
    pub suffix: String,
}

/// <https://urlpattern.spec.whatwg.org/#options-header>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Options {
    pub delimiter: Option<char>,
    pub prefix: Option<char>,
    pub ignore_case: bool,
}

const FULL_WILDCARD: &str = ".*";

// https://urlpattern.spec.whatwg.org/#generate-a-segment-wildcard-regexp
fn segment_wildcard(options: Options) -> String {
    let delimiter = options.delimiter.map_or_else(String::new, |c| escape_regexp(c.encode_utf8(&mut [0; 4])));
    format!("[^{delimiter}]+?")
}

/// <https://urlpattern.spec.whatwg.org/#encoding-callback>
pub(super) type Encode = fn(&str) -> Result<String, Invalid>;

struct Parser {
    tokens: Vec<Token>,
    encode: Encode,
    segment_wildcard: String,
    parts: Vec<Part>,
    pending: String,
    index: usize,
    next_numeric_name: u32,
}

impl Parser {
    // https://urlpattern.spec.whatwg.org/#try-to-consume-a-token
    fn consume(&mut self, ty: TokenType) -> Option<Token> {
        let token = self.tokens.get(self.index).filter(|token| token.ty == ty)?.clone();
        self.index += 1;
        Some(token)
    }

    // https://urlpattern.spec.whatwg.org/#try-to-consume-a-modifier-token
    fn consume_modifier(&mut self) -> Modifier {
        let token = self.consume(TokenType::OtherModifier).or_else(|| self.consume(TokenType::Asterisk));
        match token.as_ref().map(|token| token.value.as_str()) {
            Some("?") => Modifier::Optional,
            Some("*") => Modifier::ZeroOrMore,
            Some(_) => Modifier::OneOrMore,
            None => Modifier::None,
        }
    }

    // https://urlpattern.spec.whatwg.org/#try-to-consume-a-regexp-or-wildcard-token
    fn consume_matcher(&mut self, name: Option<&Token>) -> Option<Token> {
        self.consume(TokenType::Regexp).or_else(|| if name.is_none() { self.consume(TokenType::Asterisk) } else { None })
    }

    // https://urlpattern.spec.whatwg.org/#consume-a-required-token
    fn require(&mut self, ty: TokenType) -> Result<(), Invalid> {
        self.consume(ty).map(|_| ()).ok_or(Invalid::new("the pattern is malformed"))
    }

    // https://urlpattern.spec.whatwg.org/#consume-text
    fn consume_text(&mut self) -> String {
        let mut text = String::new();
        while let Some(token) = self.consume(TokenType::Char).or_else(|| self.consume(TokenType::EscapedChar)) {
            text.push_str(&token.value);
        }
        text
    }

    // https://urlpattern.spec.whatwg.org/#maybe-add-a-part-from-the-pending-fixed-value
    fn add_pending(&mut self) -> Result<(), Invalid> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let value = (self.encode)(&std::mem::take(&mut self.pending))?;
        self.add_fixed(value, Modifier::None);
        Ok(())
    }

    fn add_fixed(&mut self, value: String, modifier: Modifier) {
        let empty = String::new;
        self.parts.push(Part { ty: PartType::FixedText, value, modifier, name: empty(), prefix: empty(), suffix: empty() });
    }

    // https://urlpattern.spec.whatwg.org/#add-a-part
    fn add_part(
        &mut self,
        prefix: &str,
        name: Option<&Token>,
        matcher: Option<&Token>,
        suffix: &str,
        modifier: Modifier,
    ) -> Result<(), Invalid> {
        // 3.
        if name.is_none() && matcher.is_none() && modifier == Modifier::None {
            self.pending.push_str(prefix);
            return Ok(());
        }
        // 4.-5.
        self.add_pending()?;
        if name.is_none() && matcher.is_none() {
            if !prefix.is_empty() {
                let value = (self.encode)(prefix)?;
                self.add_fixed(value, modifier);
            }
            return Ok(());
        }
        // 6.-12.
        let value = match matcher {
            None => self.segment_wildcard.clone(),
            Some(token) if token.ty == TokenType::Asterisk => FULL_WILDCARD.to_string(),
            Some(token) => token.value.clone(),
        };
        let (ty, value) = if value == self.segment_wildcard {
            (PartType::SegmentWildcard, String::new())
        } else if value == FULL_WILDCARD {
            (PartType::FullWildcard, String::new())
        } else {
            (PartType::Regexp, value)
        };
        // 13.-16.
        let name = match name {
            Some(token) => token.value.clone(),
            None => {
                self.next_numeric_name += 1;
                (self.next_numeric_name - 1).to_string()
            }
        };
        if self.parts.iter().any(|part| part.name == name) {
            return Err(Invalid::new(&format!("the group name '{name}' is used twice")));
        }
        // 17.-20.
        let (prefix, suffix) = ((self.encode)(prefix)?, (self.encode)(suffix)?);
        self.parts.push(Part { ty, value, modifier, name, prefix, suffix });
        Ok(())
    }
}

// https://urlpattern.spec.whatwg.org/#parse-a-pattern-string
pub(super) fn parse(input: &str, options: Options, encode: Encode) -> Result<Vec<Part>, Invalid> {
    let characters: Vec<char> = input.chars().collect();
    let mut parser = Parser {
        tokens: tokenize(&characters, Policy::Strict)?,
        encode,
        segment_wildcard: segment_wildcard(options),
        parts: Vec::new(),
        pending: String::new(),
        index: 0,
        next_numeric_name: 0,
    };
    while parser.index < parser.tokens.len() {
        let character = parser.consume(TokenType::Char);
        let name = parser.consume(TokenType::Name);
        let matcher = parser.consume_matcher(name.as_ref());
        if name.is_some() || matcher.is_some() {
            let mut prefix = character.map_or_else(String::new, |token| token.value);
            let is_prefix = options.prefix.is_some_and(|c| prefix.chars().eq([c]));
            if !prefix.is_empty() && !is_prefix {
                parser.pending.push_str(&prefix);
                prefix.clear();
            }
            parser.add_pending()?;
            let modifier = parser.consume_modifier();
            parser.add_part(&prefix, name.as_ref(), matcher.as_ref(), "", modifier)?;
            continue;
        }
        if let Some(fixed) = character.or_else(|| parser.consume(TokenType::EscapedChar)) {
            parser.pending.push_str(&fixed.value);
            continue;
        }
        if parser.consume(TokenType::Open).is_some() {
            let prefix = parser.consume_text();
            let name = parser.consume(TokenType::Name);
            let matcher = parser.consume_matcher(name.as_ref());
            let suffix = parser.consume_text();
            parser.require(TokenType::Close)?;
            let modifier = parser.consume_modifier();
            parser.add_part(&prefix, name.as_ref(), matcher.as_ref(), &suffix, modifier)?;
            continue;
        }
        parser.add_pending()?;
        parser.require(TokenType::End)?;
    }
    Ok(parser.parts)
}

// https://urlpattern.spec.whatwg.org/#escape-a-regexp-string
fn escape_regexp(text: &str) -> String {
    escape(text, ".+*?^${}()[]|/\\")
}

// https://urlpattern.spec.whatwg.org/#escape-a-pattern-string
pub(super) fn escape_pattern(text: &str) -> String {
    escape(text, "+*?:{}()\\")
}

fn escape(text: &str, special: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        if special.contains(c) {
            result.push('\\');
        }
        result.push(c);
    }
    result
}

// https://urlpattern.spec.whatwg.org/#generate-a-regular-expression-and-name-list
pub(super) fn regular_expression(parts: &[Part], options: Options) -> (String, Vec<String>) {
    let mut result = "^".to_string();
    let mut names = Vec::new();
    for part in parts {
        let modifier = part.modifier.text();
        if part.ty == PartType::FixedText {
            let value = escape_regexp(&part.value);
            if part.modifier == Modifier::None {
                result.push_str(&value);
            } else {
                result.push_str(&format!("(?:{value}){modifier}"));
            }
            continue;
        }
        names.push(part.name.clone());
        let value = match part.ty {
            PartType::SegmentWildcard => segment_wildcard(options),
            PartType::FullWildcard => FULL_WILDCARD.to_string(),
            _ => part.value.clone(),
        };
        let (prefix, suffix) = (escape_regexp(&part.prefix), escape_regexp(&part.suffix));
        let piece = match (prefix.is_empty() && suffix.is_empty(), part.modifier.repeats()) {
            (true, false) => format!("({value}){modifier}"),
            (true, true) => format!("((?:{value}){modifier})"),
            (false, false) => format!("(?:{prefix}({value}){suffix}){modifier}"),
            (false, true) => {
                let end = if part.modifier == Modifier::ZeroOrMore { "?" } else { "" };
                format!("(?:{prefix}((?:{value})(?:{suffix}{prefix}(?:{value}))*){suffix}){end}")
            }
        };
        result.push_str(&piece);
    }
    result.push('$');
    (result, names)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn starts_with_name_code_point(text: &str) -> bool {
    text.chars().next().is_some_and(|c| is_valid_name_code_point(c, false))
}

// https://urlpattern.spec.whatwg.org/#generate-a-pattern-string
pub(super) fn pattern_string(parts: &[Part], options: Options) -> String {
    let mut result = String::new();
    for (index, part) in parts.iter().enumerate() {
        let previous = index.checked_sub(1).and_then(|index| parts.get(index));
        let next = parts.get(index + 1);
        let modifier = part.modifier.text();
        if part.ty == PartType::FixedText {
            let value = escape_pattern(&part.value);
            if part.modifier == Modifier::None {
                result.push_str(&value);
            } else {
                result.push_str(&format!("{{{value}}}{modifier}"));
            }
            continue;
        }
        let custom_name = !starts_with_digit(&part.name);
        let prefix_is_automatic = options.prefix.is_some_and(|c| part.prefix.chars().eq([c]));
        let mut grouping = !part.suffix.is_empty() || (!part.prefix.is_empty() && !prefix_is_automatic);
        if !grouping
            && custom_name
            && part.ty == PartType::SegmentWildcard
            && part.modifier == Modifier::None
            && let Some(next) = next.filter(|next| next.prefix.is_empty() && next.suffix.is_empty())
        {
            grouping =
                if next.ty == PartType::FixedText { starts_with_name_code_point(&next.value) } else { starts_with_digit(&next.name) };
        }
        if !grouping
            && part.prefix.is_empty()
            && let Some(previous) = previous
            && previous.ty == PartType::FixedText
            && options.prefix.is_some_and(|c| previous.value.ends_with(c))
        {
            grouping = true;
        }
        if grouping {
            result.push('{');
        }
        result.push_str(&escape_pattern(&part.prefix));
        if custom_name {
            result.push(':');
            result.push_str(&part.name);
        }
        match part.ty {
            PartType::Regexp => result.push_str(&format!("({})", part.value)),
            PartType::SegmentWildcard if !custom_name => result.push_str(&format!("({})", segment_wildcard(options))),
            PartType::FullWildcard => {
                let alone = previous.is_none_or(|previous| previous.ty == PartType::FixedText || previous.modifier != Modifier::None);
                if !custom_name && (alone || grouping || !part.prefix.is_empty()) {
                    result.push('*');
                } else {
                    result.push_str(&format!("({FULL_WILDCARD})"));
                }
            }
            _ => {}
        }
        if part.ty == PartType::SegmentWildcard && custom_name && starts_with_name_code_point(&part.suffix) {
            result.push('\\');
        }
        result.push_str(&escape_pattern(&part.suffix));
        if grouping {
            result.push('}');
        }
        result.push_str(modifier);
    }
    result
}
