//! ECMAScript source to AST and scopes.
//!
//! [`parse_script`], [`parse_module`] and [`parse_function_parts`] turn source text into a [`ast::Program`] whose nodes live in a
//! `bumpalo` arena. Names are interned once in a [`Names`] table and compared as integers from there on.
//!
//! Every early error that needs no knowledge of scopes is reported by the parser; redeclarations and undeclared exports are left
//! to the scope pass.
#![forbid(unsafe_code)]

pub mod ast;
pub mod dump;
pub mod error;
pub mod lexer;
pub mod names;
mod parser;
pub mod scope;

pub use error::{ErrorKind, SyntaxError};
pub use names::{Name, Names, known};
pub use parser::{
    FunctionParts, ParseOptions, RegExpCheck, dump_tokens, function_source, parse_function_parts, parse_module, parse_script,
};
