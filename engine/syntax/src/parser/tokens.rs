//! The dump of tokens.

use crate::error::SyntaxError;
use crate::lexer::{Lexer, T};
use std::fmt::Write;

/// The tokens of a source, one line each: range, kind, text, and `newline` if a line terminator comes before.
///
/// There is no parser here to say where regular expressions start, so the token before a `/` decides; after a `)` or `}` it divides.
///
/// # Errors
/// A character sequence that is no token.
pub fn dump_tokens(source: &str, is_module: bool) -> Result<String, SyntaxError> {
    let mut lexer = Lexer::new(source, !is_module);
    let mut out = String::new();
    let mut previous = T::Semicolon;
    // For every open brace, whether it is the `${` of a template.
    let mut braces: Vec<bool> = Vec::new();
    loop {
        let token = lexer.next_token();
        let mut span = token.span;
        let mut kind = format!("{:?}", token.kind);
        let continues = token.kind == T::RBrace && braces.pop() == Some(true);
        match token.kind {
            T::Error => return Err(SyntaxError::new(token.error.message(), span)),
            T::Backtick | T::RBrace if continues || token.kind == T::Backtick => {
                let Some(part) = lexer.template_part(span.end) else {
                    return Err(SyntaxError::new("Unterminated template literal", span));
                };
                span.end = part.end;
                "Template".clone_into(&mut kind);
                if !part.tail {
                    braces.push(true);
                }
            }
            T::LBrace => braces.push(false),
            T::Slash | T::SlashAssign if !ends_operand(previous) => {
                let parts = lexer.regexp(span.start).map_err(|_| SyntaxError::new("Invalid regular expression: missing /", span))?;
                span.end = parts.end;
                "RegExp".clone_into(&mut kind);
            }
            _ => {}
        }
        let newline = if token.newline { " newline" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{span:?} {kind} {:?}{newline}", span.text(source));
        if token.kind == T::Eof {
            return Ok(out);
        }
        previous = if kind == "RegExp" || kind == "Template" { T::Number } else { token.kind };
    }
}

fn ends_operand(kind: T) -> bool {
    matches!(kind, T::Number | T::BigInt | T::String | T::PrivateName | T::RParen | T::RBracket | T::RBrace | T::PlusPlus | T::MinusMinus)
        || matches!(kind, T::This | T::Super | T::Null | T::True | T::False)
        || kind.is_identifier()
}
