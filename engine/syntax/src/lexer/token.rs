//! Token kinds and what `logos` recognises by itself.

use crate::ast::Span;
use logos::{Lexer, Logos, Skip};

/// What lies between tokens, as far as the grammar cares.
#[derive(Clone, Copy, Default)]
pub struct Trivia {
    /// Whether a line terminator precedes the next token.
    pub newline: bool,
    /// Whether a comment is not closed.
    pub unclosed: bool,
}

fn newline<'s>(lexer: &mut Lexer<'s, T>) -> Skip {
    lexer.extras.newline = true;
    Skip
}

/// The length of `text` up to the next line terminator.
pub(super) fn line_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(found) = memchr::memchr3(b'\n', b'\r', 0xE2, &bytes[from..]) {
        let at = from + found;
        if bytes[at] != 0xE2 || matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xA8 | 0xA9])) {
            return at;
        }
        from = at + 1;
    }
    bytes.len()
}

fn line_comment<'s>(lexer: &mut Lexer<'s, T>) -> Skip {
    lexer.bump(line_length(lexer.remainder()));
    Skip
}

fn block_comment<'s>(lexer: &mut Lexer<'s, T>) -> logos::Filter<()> {
    let rest = lexer.remainder();
    match memchr::memmem::find(rest.as_bytes(), b"*/") {
        Some(length) => {
            if line_length(&rest[..length]) < length {
                lexer.extras.newline = true;
            }
            lexer.bump(length + 2);
            logos::Filter::Skip
        }
        None => {
            lexer.bump(rest.len());
            lexer.extras.unclosed = true;
            logos::Filter::Emit(())
        }
    }
}

/// The kind of a token. The words come last, so that one comparison tells them apart.
#[derive(Logos, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
#[logos(extras = Trivia)]
#[logos(skip r"[ \t\u{0B}\u{0C}\u{A0}\u{FEFF}\u{1680}\u{2000}-\u{200A}\u{202F}\u{205F}\u{3000}]+")]
#[allow(missing_docs)]
pub enum T {
    // Trivia that need a look.
    #[regex(r"[\n\r\u{2028}\u{2029}][ \t\n\r\u{0B}\u{0C}\u{A0}\u{FEFF}\u{2028}\u{2029}]*", newline)]
    Newline,
    #[token("//", line_comment)]
    LineComment,
    #[token("/*", block_comment)]
    UnclosedComment,

    /// The end of the source.
    Eof,
    /// Not a token; [`Token::error`] says why.
    Error,
    /// A numeric literal.
    #[regex(r"[0-9]|\.[0-9]")]
    Number,
    /// A BigInt literal.
    BigInt,
    #[token("\"")]
    #[token("'")]
    String,
    /// The start of a template.
    #[token("`")]
    Backtick,
    /// `#name`
    #[token("#")]
    PrivateName,

    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token("[")]
    LBracket,
    #[token("]")]
    RBracket,
    #[token(".")]
    Dot,
    #[token("...")]
    Ellipsis,
    #[token("?.")]
    QuestionDot,
    #[token(";")]
    Semicolon,
    #[token(",")]
    Comma,
    #[token("?")]
    Question,
    #[token(":")]
    Colon,
    #[token("=>")]
    Arrow,
    #[token("!")]
    Bang,
    #[token("~")]
    Tilde,
    #[token("++")]
    PlusPlus,
    #[token("--")]
    MinusMinus,

    // Assignment operators.
    #[token("=")]
    Assign,
    #[token("+=")]
    PlusAssign,
    #[token("-=")]
    MinusAssign,
    #[token("*=")]
    StarAssign,
    #[token("/=")]
    SlashAssign,
    #[token("%=")]
    PercentAssign,
    #[token("**=")]
    StarStarAssign,
    #[token("<<=")]
    ShlAssign,
    #[token(">>=")]
    ShrAssign,
    #[token(">>>=")]
    UShrAssign,
    #[token("&=")]
    AndAssign,
    #[token("|=")]
    OrAssign,
    #[token("^=")]
    XorAssign,
    #[token("&&=")]
    AndAndAssign,
    #[token("||=")]
    OrOrAssign,
    #[token("??=")]
    CoalesceAssign,

    // Binary operators.
    #[token("??")]
    Coalesce,
    #[token("||")]
    OrOr,
    #[token("&&")]
    AndAnd,
    #[token("|")]
    Or,
    #[token("^")]
    Xor,
    #[token("&")]
    And,
    #[token("==")]
    Eq,
    #[token("!=")]
    NotEq,
    #[token("===")]
    StrictEq,
    #[token("!==")]
    StrictNotEq,
    #[token("<")]
    Lt,
    #[token("<=")]
    LtEq,
    #[token(">")]
    Gt,
    #[token(">=")]
    GtEq,
    #[token("<<")]
    Shl,
    #[token(">>")]
    Shr,
    #[token(">>>")]
    UShr,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("**")]
    StarStar,

    // Reserved words. `In` and `Instanceof` are operators too.
    #[token("in")]
    In,
    #[token("instanceof")]
    Instanceof,
    #[token("break")]
    Break,
    #[token("case")]
    Case,
    #[token("catch")]
    Catch,
    #[token("class")]
    Class,
    #[token("const")]
    Const,
    #[token("continue")]
    Continue,
    #[token("debugger")]
    Debugger,
    #[token("default")]
    Default,
    #[token("delete")]
    Delete,
    #[token("do")]
    Do,
    #[token("else")]
    Else,
    #[token("enum")]
    Enum,
    #[token("export")]
    Export,
    #[token("extends")]
    Extends,
    #[token("false")]
    False,
    #[token("finally")]
    Finally,
    #[token("for")]
    For,
    #[token("function")]
    Function,
    #[token("if")]
    If,
    #[token("import")]
    Import,
    #[token("new")]
    New,
    #[token("null")]
    Null,
    #[token("return")]
    Return,
    #[token("super")]
    Super,
    #[token("switch")]
    Switch,
    #[token("this")]
    This,
    #[token("throw")]
    Throw,
    #[token("true")]
    True,
    #[token("try")]
    Try,
    #[token("typeof")]
    Typeof,
    #[token("var")]
    Var,
    #[token("void")]
    Void,
    #[token("while")]
    While,
    #[token("with")]
    With,
    /// A reserved word written with an escape: only a property name.
    EscapedKeyword,

    // Words that are identifiers somewhere.
    #[token("await")]
    Await,
    #[token("yield")]
    Yield,
    #[token("let")]
    Let,
    #[token("static")]
    Static,
    #[token("implements")]
    #[token("interface")]
    #[token("package")]
    #[token("private")]
    #[token("protected")]
    #[token("public")]
    StrictReserved,
    #[token("async")]
    Async,
    #[token("of")]
    Of,
    #[token("get")]
    Get,
    #[token("set")]
    Set,
    #[token("as")]
    As,
    #[token("from")]
    From,
    #[token("using")]
    Using,
    /// Any other identifier, or one of the above with an escape in it.
    #[regex(r"[a-zA-Z_$][a-zA-Z0-9_$]*")]
    Ident,
}

impl T {
    /// Whether it is an identifier name.
    pub fn is_word(self) -> bool {
        self >= T::In
    }

    /// Whether it is an identifier name that is not reserved everywhere.
    pub fn is_identifier(self) -> bool {
        self >= T::Await
    }

    /// Whether it is an assignment operator.
    pub fn is_assign(self) -> bool {
        (T::Assign..=T::CoalesceAssign).contains(&self)
    }
}

/// Why a character sequence is no token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum LexError {
    /// Anything without a message of its own.
    Invalid,
    /// A bad escape in an identifier.
    UnicodeEscape,
    /// `1_` or `1_.`
    SeparatorAtEnd,
    /// `1__0`
    SeparatorTwice,
    /// `0_1` and `01_1`
    SeparatorAfterZero,
    /// An identifier or digit right after a number.
    AfterNumber,
}

impl LexError {
    /// The message for people.
    pub fn message(self) -> &'static str {
        match self {
            LexError::Invalid | LexError::AfterNumber => "Invalid or unexpected token",
            LexError::UnicodeEscape => "Invalid Unicode escape sequence",
            LexError::SeparatorAtEnd => "Numeric separators are not allowed at the end of numeric literals",
            LexError::SeparatorTwice => "Only one underscore is allowed as numeric separator",
            LexError::SeparatorAfterZero => "Numeric separator can not be used after leading 0",
        }
    }
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Its kind.
    pub kind: T,
    /// Whether a line terminator stands before it.
    pub newline: bool,
    /// An identifier, private name or string with a backslash in it.
    pub escaped: bool,
    /// A number like `017` or `089`.
    pub leading_zero: bool,
    /// Of [`T::Error`].
    pub error: LexError,
    /// Where it is.
    pub span: Span,
    /// Of [`T::Number`].
    pub number: f64,
}
