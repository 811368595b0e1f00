//! Why an operation failed: an error that is not yet an object of the heap, so that it can come from another thread.

use crate::dom_exception;
use mayfly_engine::context::{Context, ErrorKind};
use mayfly_engine::value::Value;

/// The exceptions of the specification. <https://w3c.github.io/webcrypto/#SubtleCrypto-Exceptions>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Failure {
    /// NotSupportedError
    NotSupported(&'static str),
    /// SyntaxError (the DOMException)
    Syntax(&'static str),
    /// InvalidAccessError
    InvalidAccess(&'static str),
    /// DataError
    Data(&'static str),
    /// OperationError
    Operation(&'static str),
    /// TypeError
    Type(&'static str),
}

/// What operations return.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// As an error object.
    pub(crate) fn into_error(self, cx: &mut Context) -> Value {
        let (name, message) = match self {
            Failure::NotSupported(message) => ("NotSupportedError", message),
            Failure::Syntax(message) => ("SyntaxError", message),
            Failure::InvalidAccess(message) => ("InvalidAccessError", message),
            Failure::Data(message) => ("DataError", message),
            Failure::Operation(message) => ("OperationError", message),
            Failure::Type(message) => return cx.new_error(ErrorKind::TypeError, message).value(),
        };
        dom_exception::create(cx, name, message).value()
    }
}

/// Messages that several algorithms use.
pub(crate) mod message {
    pub(crate) const USAGES: &str = "Cannot create a key using the specified key usages.";
    pub(crate) const EMPTY_USAGES: &str = "Usages cannot be empty when creating a key.";
    pub(crate) const FORMAT: &str = "Unsupported export or import format for this algorithm.";
    pub(crate) const NOT_PRIVATE: &str = "The key must be a private key.";
    pub(crate) const NOT_PUBLIC: &str = "The key must be a public key.";
    pub(crate) const DAMAGED: &str = "The key's data could not be read.";
    pub(crate) const NO_JWK: &str = "The key data is not a JSON Web Key.";
}
