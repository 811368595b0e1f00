//! Generator objects. <https://tc39.es/ecma262/#sec-generator-objects>
//!
//! Saved frames and their resumption are the interpreter's. The methods need nothing after the generator has run, so it may collect.

use super::receiver::require;
use crate::context::Context;
use crate::heap::Kind;
use crate::interpreter::ResumeMode;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static GENERATOR: prototype "Generator", GeneratorPrototype, parent IteratorPrototype; {
    method "next" / 1 => next,
    method "return" / 1 => return_,
    method "throw" / 1 => throw,
    tag "Generator",
}}

// 27.5.1.2 %GeneratorPrototype%.next ( value ), https://tc39.es/ecma262/#sec-generator.prototype.next
pub(crate) fn next(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let generator = require(cx, this, Kind::Generator, "[Generator].prototype.next")?;
    cx.resume_generator_collecting(generator, args.at(0), ResumeMode::Next)
}

// 27.5.1.3 %GeneratorPrototype%.return ( value ), https://tc39.es/ecma262/#sec-generator.prototype.return
fn return_(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let generator = require(cx, this, Kind::Generator, "[Generator].prototype.return")?;
    cx.resume_generator_collecting(generator, args.at(0), ResumeMode::Return)
}

// 27.5.1.4 %GeneratorPrototype%.throw ( exception ), https://tc39.es/ecma262/#sec-generator.prototype.throw
fn throw(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let generator = require(cx, this, Kind::Generator, "[Generator].prototype.throw")?;
    cx.resume_generator_collecting(generator, args.at(0), ResumeMode::Throw)
}
