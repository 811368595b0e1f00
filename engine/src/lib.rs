//! ECMAScript engine: caged heap, bytecode interpreter, built-ins, images.
//!
//! Principal type: [`context::Context`], one instance's engine state. The engine knows nothing of the web, clocks, files, sockets or
//! threads; everything outside enters through [`host::Host`].
//!
//! `unsafe` is confined to `heap` and `interpreter`.

mod agents;
pub mod bigint;
pub mod builtins;
pub mod bytecode;
mod calendar;
pub mod clock;
pub mod compiler;
pub mod context;
mod conversions;
mod evaluate;
pub mod heap;
pub mod host;
pub mod image;
pub mod interpreter;
pub mod iteration;
mod job_slices;
mod jobs;
mod module;
pub mod native;
mod numeric;
pub mod object;
pub mod profile;
pub mod realm;
mod reports;
pub mod string;
pub mod value;

pub use agents::SharedBuffer;
pub use context::{Context, ContextOptions, ErrorKind, Termination};
pub use image::{Delta, Image, ImageError, ImageKind};
pub use interpreter::RunState;
pub use job_slices::JobState;
pub use mayfly_regexp as regexp;
pub use mayfly_syntax as syntax;
pub use module::ModuleEvaluation;
pub use native::{Args, Natives, Result, Thrown};
pub use object::Object;
pub use reports::Report;
pub use value::Value;
