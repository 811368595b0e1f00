//! The worker global scope in Rust, against the engine and the [`platform::Platform`] trait: no sockets, no executor.
//!
//! [`classes`] lists the class tables for `Natives::new`; [`install`] finishes a new context's global object. All state that JS can
//! reach is in the cage; host resources are numbers.
#![forbid(unsafe_code)]

pub mod class;
pub mod dom_exception;
pub mod roots;
pub mod webidl;
