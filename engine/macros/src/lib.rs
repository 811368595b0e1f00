//! Procedural macros for Web IDL classes.
