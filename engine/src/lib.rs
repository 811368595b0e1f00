//! ECMAScript engine: caged heap, bytecode interpreter, built-ins, images.

pub mod bytecode;
pub mod compiler;
