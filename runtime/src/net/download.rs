//! Bodies of responses: received and decoded as fast as the worker reads them.

use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::client::ResponseBody;
use super::decode::{Decoded, Decoder};
use crate::body::Incoming;

/// A response's body.
pub(super) struct Download {
    body: Option<ResponseBody>,
    decoders: Vec<Decoder>,
    /// Who waits for the next piece: woken when the body is given up.
    waker: Option<Waker>,
}

impl Download {
    /// A body with these codings.
    pub(super) fn new(body: ResponseBody, decoders: Vec<Decoder>) -> Download {
        Download { body: Some(body), decoders, waker: None }
    }

    /// The next piece.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        if self.body.is_none() {
            return Poll::Ready(Incoming::End);
        }
        let last = self.decoders.len();
        match self.poll_stage(last, cx) {
            Poll::Pending => {
                self.waker = Some(cx.waker().clone());
                Poll::Pending
            }
            Poll::Ready(Incoming::Bytes(bytes)) => Poll::Ready(Incoming::Bytes(bytes)),
            Poll::Ready(other) => {
                self.body = None;
                Poll::Ready(other)
            }
        }
    }

    /// What the first `count` decoders give.
    fn poll_stage(&mut self, count: usize, cx: &mut Context<'_>) -> Poll<Incoming> {
        let Some(index) = count.checked_sub(1) else { return self.poll_raw(cx) };
        loop {
            let decoder = &mut self.decoders[index];
            match decoder.step() {
                Ok(Decoded::Bytes(bytes)) => return Poll::Ready(Incoming::Bytes(Bytes::from(bytes))),
                Ok(Decoded::Hungry) => {}
                Err(why) => return Poll::Ready(Incoming::Failed(why)),
            }
            match std::task::ready!(self.poll_stage(index, cx)) {
                Incoming::Bytes(bytes) => self.decoders[index].feed(bytes),
                Incoming::End if !self.decoders[index].may_end() => {
                    return Poll::Ready(Incoming::Failed("the encoded body ends too early".to_string()));
                }
                other => return Poll::Ready(other),
            }
        }
    }

    fn poll_raw(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        let Some(body) = &mut self.body else { return Poll::Ready(Incoming::End) };
        body.poll_piece(cx).map(|piece| match piece {
            Ok(Some(bytes)) => Incoming::Bytes(bytes),
            Ok(None) => Incoming::End,
            Err(why) => Incoming::Failed(why),
        })
    }

    /// Nobody will read on: the connection is given up.
    pub(super) fn cancel(&mut self) {
        self.body = None;
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
