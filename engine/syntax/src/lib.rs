//! ECMAScript source to AST and scopes.
