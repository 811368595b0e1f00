//! A reply on its way to the server.

use std::cell::RefCell;
use std::fmt;

use http::Response;

use crate::body::ReplyBody;

/// Most boxes kept on a thread.
const MOST_SPARE: usize = 64;

thread_local! {
    #[allow(clippy::vec_box)] // the boxes are what is kept
    static SPARE: RefCell<Vec<Box<Option<Response<ReplyBody>>>>> = const { RefCell::new(Vec::new()) };
}

/// A reply that is there. In a box that is used again: replies are large and change hands half a dozen times, and copying one each time
/// costs more than what is done with it.
pub(crate) struct Ready(Box<Option<Response<ReplyBody>>>);

impl Ready {
    /// The reply.
    pub fn take(mut self) -> Response<ReplyBody> {
        let response = self.0.take().unwrap_or_else(|| Response::new(ReplyBody::Empty));
        SPARE.with_borrow_mut(|spare| {
            if spare.len() < MOST_SPARE {
                spare.push(self.0);
            }
        });
        response
    }

    /// Access to the reply where it is.
    pub fn get_mut(&mut self) -> &mut Response<ReplyBody> {
        self.0.get_or_insert_with(|| Response::new(ReplyBody::Empty))
    }
}

impl From<Response<ReplyBody>> for Ready {
    fn from(response: Response<ReplyBody>) -> Ready {
        let mut room = SPARE.with_borrow_mut(Vec::pop).unwrap_or_default();
        *room = Some(response);
        Ready(room)
    }
}

/// 200, and nothing else.
impl Default for Ready {
    fn default() -> Ready {
        Ready::from(Response::new(ReplyBody::Empty))
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ready").field(&self.0.as_ref().as_ref().map(Response::status)).finish()
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
