//! What one request may use, and what it means when it wants more.

use http::StatusCode;

/// Limits of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Milliseconds of CPU time.
    pub cpu_ms: u64,
    /// Milliseconds from the request's first byte to the end of its reply and of everything it waits for.
    pub wall_ms: u64,
    /// MiB of heap beyond the image.
    pub memory_mib: u32,
    /// Bytes of a request's body.
    pub body_bytes: u64,
    /// Bytes of a request's target (the URL without scheme and host).
    pub url_bytes: usize,
    /// Bytes of all header names and values of a request.
    pub header_bytes: usize,
    /// Requests and sockets that a request may open itself, redirects included.
    pub subrequests: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cpu_ms: 1_000,
            wall_ms: 30_000,
            memory_mib: 128,
            body_bytes: 100 << 20,
            url_bytes: 16 << 10,
            header_bytes: 32 << 10,
            subrequests: 1_000,
        }
    }
}

/// A limit that a request ran into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// CPU time.
    Cpu,
    /// Time.
    Wall,
    /// Heap.
    Memory,
    /// The request's body.
    Body,
    /// The request's target.
    Url,
    /// The request's headers.
    Headers,
    /// The handler waits for something that cannot happen any more.
    NeverSettles,
}

impl Limit {
    /// Name in logs; the flag of the same name sets it.
    pub fn name(self) -> &'static str {
        match self {
            Limit::Cpu => "cpu-ms",
            Limit::Wall => "wall-ms",
            Limit::Memory => "memory-mib",
            Limit::Body => "body-bytes",
            Limit::Url => "url-bytes",
            Limit::Headers => "header-bytes",
            Limit::NeverSettles => "never-settles",
        }
    }

    /// Status of the reply.
    pub fn status(self) -> StatusCode {
        match self {
            Limit::Cpu | Limit::Memory => StatusCode::SERVICE_UNAVAILABLE,
            Limit::Wall | Limit::NeverSettles => StatusCode::GATEWAY_TIMEOUT,
            Limit::Body => StatusCode::PAYLOAD_TOO_LARGE,
            Limit::Url => StatusCode::URI_TOO_LONG,
            Limit::Headers => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        }
    }

    /// A sentence for the reply and the log.
    pub fn message(self, limits: &Limits) -> String {
        match self {
            Limit::Cpu => format!("The request used more than its {} ms of CPU time.", limits.cpu_ms),
            Limit::Wall => format!("The request took longer than its {} ms.", limits.wall_ms),
            Limit::Memory => format!("The request used more than its {} MiB of memory.", limits.memory_mib),
            Limit::Body => format!("The request's body is longer than {} bytes.", limits.body_bytes),
            Limit::Url => format!("The request's URL is longer than {} bytes.", limits.url_bytes),
            Limit::Headers => format!("The request's headers are longer than {} bytes.", limits.header_bytes),
            Limit::NeverSettles => {
                "The worker will never answer: its handler waits for a promise, but no timer, body or other operation is pending."
                    .to_string()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_number_that_was_set() {
        let limits = Limits { cpu_ms: 17, body_bytes: 23, ..Limits::default() };
        assert!(Limit::Cpu.message(&limits).contains("17 ms"));
        assert!(Limit::Body.message(&limits).contains("23 bytes"));
        assert_eq!(Limit::Body.status().as_u16(), 413);
        assert_eq!(Limit::Url.status().as_u16(), 414);
        assert_eq!(Limit::Headers.status().as_u16(), 431);
    }
}
