//! A reply on its way to the server.

use std::cell::RefCell;

use http::Response;

use crate::body::ReplyBody;

/// Most boxes kept on a thread.
const MOST_SPARE: usize = 64;

thread_local! {
    /// Boxes of replies as they begin: 200, and nothing else.
    #[allow(clippy::vec_box)] // the boxes are what is kept
    static SPARE: RefCell<Vec<Box<Response<ReplyBody>>>> = const { RefCell::new(Vec::new()) };
}

/// A reply that is there. In a box that is used again: replies are large and change hands half a dozen times, and copying one each time
/// costs more than what is done with it.
pub(crate) struct Ready(Box<Response<ReplyBody>>);

impl Ready {
    /// The reply.
    pub fn take(mut self) -> Response<ReplyBody> {
        let response = std::mem::replace(&mut *self.0, Response::new(ReplyBody::Empty));
        SPARE.with_borrow_mut(|spare| {
            if spare.len() < MOST_SPARE {
                spare.push(self.0);
            }
        });
        response
    }

    /// Access to the reply where it is.
    pub fn get_mut(&mut self) -> &mut Response<ReplyBody> {
        &mut self.0
    }
}

impl From<Response<ReplyBody>> for Ready {
    fn from(response: Response<ReplyBody>) -> Ready {
        let mut ready = Ready::default();
        *ready.0 = response;
        ready
    }
}

/// 200, and nothing else.
impl Default for Ready {
    fn default() -> Ready {
        Ready(SPARE.with_borrow_mut(Vec::pop).unwrap_or_else(|| Box::new(Response::new(ReplyBody::Empty))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::StatusCode;
    use http_body::Body;

    #[test]
    fn nothing_of_a_reply_is_left_for_the_next_one() {
        let mut first = Ready::default();
        *first.get_mut().status_mut() = StatusCode::NOT_FOUND;
        first.get_mut().headers_mut().insert("x", "y".parse().unwrap());
        *first.get_mut().body_mut() = ReplyBody::Full(Bytes::from_static(b"body"));
        let response = first.take();
        assert_eq!((response.status(), response.headers().len(), response.body().is_end_stream()), (StatusCode::NOT_FOUND, 1, false));
        let response = Ready::default().take();
        assert_eq!((response.status(), response.headers().len(), response.body().is_end_stream()), (StatusCode::OK, 0, true));
        // One that was never taken is gone with its box.
        drop(Ready::from(response));
        assert_eq!(SPARE.with_borrow(Vec::len), 0);
    }
}
