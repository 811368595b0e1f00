//! HTTP/1.1 as a client speaks it. <https://www.rfc-editor.org/rfc/rfc9112>
//!
//! Our own, because the libraries that there are refuse what the Fetch standard and browsers take: control characters in field values, heads
//! that end with the connection.
//!
//! | file | topic |
//! |---|---|
//! | `head` | heads of requests written, heads of responses read |
//! | `framing` | where a body ends |
//! | `exchange` | a request and its response on a connection |

mod exchange;
mod framing;
mod head;

pub(super) use exchange::{Failure, Received, Response, Sent, start};
pub(super) use head::Head;
