//! Bodies of requests, as they are received, and of replies, as they are sent.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};

/// Any error of a body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a request's body gives next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Incoming {
    /// More bytes; never none.
    Bytes(Bytes),
    /// The body has ended.
    End,
    /// It is longer than allowed.
    TooLong,
    /// The connection failed.
    Failed(String),
}

/// A request's body while it is received.
pub struct IncomingBody {
    /// Bytes that were read before anyone asked.
    ahead: Option<Bytes>,
    body: Option<Pin<Box<dyn Body<Data = Bytes, Error = BoxError>>>>,
    received: u64,
    limit: u64,
}

impl IncomingBody {
    /// A body of at most `limit` bytes, of which `ahead` are here already.
    pub fn new(body: Pin<Box<dyn Body<Data = Bytes, Error = BoxError>>>, ahead: Option<Bytes>, limit: u64) -> IncomingBody {
        let received = ahead.as_ref().map_or(0, |bytes| bytes.len() as u64);
        IncomingBody { ahead, body: Some(body), received, limit }
    }

    /// The next piece.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Incoming> {
        if self.received > self.limit {
            return Poll::Ready(self.end(Incoming::TooLong));
        }
        if let Some(bytes) = self.ahead.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Incoming::Bytes(bytes));
        }
        loop {
            let Some(body) = &mut self.body else { return Poll::Ready(Incoming::End) };
            let frame = match body.as_mut().poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(self.end(Incoming::End)),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(self.end(Incoming::Failed(error.to_string()))),
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            let Ok(bytes) = frame.into_data() else { continue };
            self.received += bytes.len() as u64;
            if self.received > self.limit {
                return Poll::Ready(self.end(Incoming::TooLong));
            }
            if !bytes.is_empty() {
                return Poll::Ready(Incoming::Bytes(bytes));
            }
        }
    }

    /// Gives the connection's body up: what is still to come is dropped.
    fn end(&mut self, last: Incoming) -> Incoming {
        self.body = None;
        self.ahead = None;
        self.received = 0;
        last
    }
}

/// Bytes of a reply that may wait for the connection.
const HIGH_WATER: usize = 64 << 10;
/// Small chunks that are there already are sent together, up to this many bytes: each piece costs the connection its own framing, and the
/// client a read. Nothing waits for more to come.
const GATHERED_BYTES: usize = 16 << 10;
/// Chunks up to this length are copied to be put together with others.
const SMALL_BYTES: usize = 4 << 10;

/// What a stream gives before it waits for the first time goes out with the head, in one piece of up to this many bytes: most streams are
/// over by then, and one write of a hundred KiB costs the system half of what ten of ten KiB do. More is not read ahead of the client.
pub(crate) const FIRST_BYTES: usize = 128 << 10;
/// Buffers for first pieces that a thread keeps when they are sent: new ones of this size would be new pages each time.
const MOST_ROOMS: usize = 4;

thread_local! {
    static ROOMS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of `FIRST_BYTES`, which goes back to its thread.
struct Room(Vec<u8>);

impl Room {
    fn take() -> Room {
        Room(ROOMS.with_borrow_mut(Vec::pop).unwrap_or_else(|| Vec::with_capacity(FIRST_BYTES)))
    }

    /// Its contents, to be sent. A few bytes do not keep all of it.
    fn freeze(self) -> Bytes {
        if self.0.len() <= GATHERED_BYTES { Bytes::copy_from_slice(&self.0) } else { Bytes::from_owner(self) }
    }
}

impl AsRef<[u8]> for Room {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.0);
        // A thread that ends keeps none.
        let _ = ROOMS.try_with(|rooms| {
            let mut rooms = rooms.borrow_mut();
            if rooms.len() < MOST_ROOMS {
                buffer.clear();
                rooms.push(buffer);
            }
        });
    }
}

#[derive(Default)]
struct Queue {
    /// The head is not sent: what comes is put into `first`.
    gathers: bool,
    first: Option<Room>,
    chunks: VecDeque<Bytes>,
    /// Small chunks that came after those.
    tail: BytesMut,
    buffered: usize,
    /// How the writer ended: whether all was written.
    ended: Option<bool>,
    reader_gone: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Queue {
    fn push(&mut self, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        if bytes.len() <= SMALL_BYTES || self.gathers {
            return self.push_copy(&bytes);
        }
        self.buffered += bytes.len();
        self.close_tail();
        self.chunks.push_back(bytes);
        wake(&mut self.reader);
    }

    /// Small chunks are put together, large ones sent as they are. Before the head is sent all are, as far as there is room.
    fn push_copy(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.gathers {
            let room = self.first.get_or_insert_with(Room::take);
            if room.0.len() + bytes.len() <= FIRST_BYTES {
                room.0.extend_from_slice(bytes);
                self.buffered += bytes.len();
                return;
            }
            self.begin();
        }
        if bytes.len() > SMALL_BYTES {
            return self.push(Bytes::copy_from_slice(bytes));
        }
        if self.tail.len() + bytes.len() > GATHERED_BYTES {
            self.close_tail();
        }
        self.buffered += bytes.len();
        if !self.tail.is_empty() && self.tail.capacity() < GATHERED_BYTES {
            // The second of several: room for all of them, so that none is moved again. What is sent takes the buffer along, as a stream that
            // rests must not keep one.
            self.tail.reserve(GATHERED_BYTES - self.tail.len());
        }
        self.tail.extend_from_slice(bytes);
        wake(&mut self.reader);
    }

    /// The head is sent, and what was gathered after it.
    fn begin(&mut self) {
        self.gathers = false;
        if let Some(room) = self.first.take() {
            self.chunks.push_back(room.freeze());
        }
    }

    /// Bytes from which on the worker is held back.
    fn high_water(&self) -> usize {
        if self.gathers { FIRST_BYTES } else { HIGH_WATER }
    }

    fn close_tail(&mut self) {
        if !self.tail.is_empty() {
            let tail = std::mem::take(&mut self.tail);
            self.chunks.push_back(tail.freeze());
        }
    }

    /// What is sent next.
    fn next_piece(&mut self) -> Option<Bytes> {
        self.chunks.pop_front().or_else(|| (!self.tail.is_empty()).then(|| std::mem::take(&mut self.tail).freeze()))
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

fn set_waker(slot: &mut Option<Waker>, cx: &Context<'_>) {
    match slot {
        Some(waker) if waker.will_wake(cx.waker()) => {}
        _ => *slot = Some(cx.waker().clone()),
    }
}

/// The worker's end of a streamed reply. Dropping it without [`ChunkWriter::finish`] aborts the reply.
pub struct ChunkWriter(Rc<RefCell<Queue>>);

/// Takes pieces of a streamed reply; whether it is complete, only its [`ChunkWriter`] says.
pub struct ChunkSink(Rc<RefCell<Queue>>);

impl ChunkSink {
    /// Sends a piece; whether there is room for more, and somebody who reads it.
    pub fn push(&self, bytes: &[u8]) -> bool {
        let mut queue = self.0.borrow_mut();
        if queue.reader_gone {
            return false;
        }
        queue.push_copy(bytes);
        queue.buffered < queue.high_water()
    }
}

/// The connection's end of a streamed reply.
pub struct ChunkReader {
    queue: Rc<RefCell<Queue>>,
    length: Option<u64>,
    /// The end by abortion was put off once, so that what was written before it is sent.
    put_off: bool,
}

/// A reply's body that is written piece by piece. With `length`, that many bytes are promised.
pub fn chunks(length: Option<u64>) -> (ChunkWriter, ChunkReader) {
    let queue = Rc::new(RefCell::new(Queue::default()));
    (ChunkWriter(queue.clone()), ChunkReader { queue, length, put_off: false })
}

/// A reply's body of which the beginning is gathered, until [`ChunkWriter::begin`] or [`ChunkWriter::finish_at_once`], so that it goes out
/// with the head.
pub fn gathering_chunks(length: Option<u64>) -> (ChunkWriter, ChunkReader) {
    let (writer, reader) = chunks(length);
    writer.0.borrow_mut().gathers = true;
    (writer, reader)
}

impl ChunkWriter {
    /// Nothing more is gathered: what is there may be sent.
    pub fn begin(&self) {
        self.0.borrow_mut().begin();
    }

    /// All is written before anything was sent. The body, which tells its length unless another one was promised.
    pub fn finish_at_once(self, mut reader: ChunkReader) -> ReplyBody {
        let length = self.0.borrow().buffered as u64;
        if reader.length.is_some_and(|promised| promised != length) {
            self.begin();
            self.finish();
            return ReplyBody::Stream(reader);
        }
        let first = self.0.borrow_mut().first.take();
        match first {
            Some(room) => ReplyBody::Full(room.freeze()),
            None if length == 0 => ReplyBody::Empty,
            None => {
                self.begin();
                self.finish();
                reader.length = Some(length);
                ReplyBody::Stream(reader)
            }
        }
    }

    /// Sends a piece.
    pub fn push(&self, bytes: Bytes) {
        self.0.borrow_mut().push(bytes);
    }

    /// Another way to the same connection.
    pub fn sink(&self) -> ChunkSink {
        ChunkSink(self.0.clone())
    }

    /// Whether the connection should catch up first.
    pub fn is_full(&self) -> bool {
        let queue = self.0.borrow();
        queue.buffered >= queue.high_water()
    }

    /// Whether nobody reads any more.
    pub fn is_closed(&self) -> bool {
        self.0.borrow().reader_gone
    }

    /// Ready when there is room, or nobody reads any more.
    pub fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        let mut queue = self.0.borrow_mut();
        if queue.reader_gone || queue.buffered < HIGH_WATER / 2 {
            return Poll::Ready(());
        }
        set_waker(&mut queue.writer, cx);
        Poll::Pending
    }

    /// Ready when nobody reads any more.
    pub fn poll_closed(&self, cx: &Context<'_>) -> Poll<()> {
        let mut queue = self.0.borrow_mut();
        if queue.reader_gone {
            return Poll::Ready(());
        }
        set_waker(&mut queue.writer, cx);
        Poll::Pending
    }

    /// All is written.
    pub fn finish(self) {
        self.0.borrow_mut().ended = Some(true);
    }
}

impl Drop for ChunkWriter {
    fn drop(&mut self) {
        let mut queue = self.0.borrow_mut();
        queue.ended.get_or_insert(false);
        wake(&mut queue.reader);
    }
}

impl Drop for ChunkReader {
    fn drop(&mut self) {
        let mut queue = self.queue.borrow_mut();
        queue.reader_gone = true;
        queue.chunks.clear();
        queue.tail.clear();
        queue.buffered = 0;
        wake(&mut queue.writer);
    }
}

/// The reply's body broke off: the connection is closed, so that the client does not take the part for the whole.
#[derive(Debug)]
pub struct Aborted;

impl std::fmt::Display for Aborted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the worker ended before its reply was complete")
    }
}
impl std::error::Error for Aborted {}

/// The body of a reply.
pub enum ReplyBody {
    /// None.
    Empty,
    /// All of it at once.
    Full(Bytes),
    /// Piece by piece.
    Stream(ChunkReader),
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        match &mut *self {
            ReplyBody::Empty => Poll::Ready(None),
            ReplyBody::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = ReplyBody::Empty;
                Poll::Ready(if bytes.is_empty() { None } else { Some(Ok(Frame::data(bytes))) })
            }
            ReplyBody::Stream(reader) => {
                let mut queue = reader.queue.borrow_mut();
                if let Some(bytes) = queue.next_piece() {
                    queue.buffered -= bytes.len();
                    if queue.buffered < HIGH_WATER / 2 {
                        wake(&mut queue.writer);
                    }
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                match queue.ended {
                    Some(true) => Poll::Ready(None),
                    Some(false) if reader.put_off => Poll::Ready(Some(Err(Aborted))),
                    Some(false) => {
                        reader.put_off = true;
                        cx.waker().wake_by_ref();
                        Poll::Pending
                    }
                    None => {
                        set_waker(&mut queue.reader, cx);
                        Poll::Pending
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            ReplyBody::Empty => true,
            ReplyBody::Full(bytes) => bytes.is_empty(),
            ReplyBody::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            ReplyBody::Empty => SizeHint::with_exact(0),
            ReplyBody::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            ReplyBody::Stream(reader) => reader.length.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(body: &mut ReplyBody) -> Poll<Option<Result<Bytes, ()>>> {
        let mut cx = Context::from_waker(Waker::noop());
        Pin::new(body)
            .poll_frame(&mut cx)
            .map(|frame| frame.map(|frame| frame.map_err(|_| ()).and_then(|frame| frame.into_data().map_err(|_| ()))))
    }

    #[test]
    fn chunks_arrive_in_order_and_end() {
        let (writer, reader) = chunks(None);
        let mut body = ReplyBody::Stream(reader);
        assert_eq!(poll(&mut body), Poll::Pending);
        writer.push(Bytes::from_static(b"a"));
        writer.push(Bytes::new());
        assert_eq!(poll(&mut body), Poll::Ready(Some(Ok(Bytes::from_static(b"a")))));
        writer.push(Bytes::from_static(b"b"));
        writer.finish();
        assert_eq!(poll(&mut body), Poll::Ready(Some(Ok(Bytes::from_static(b"b")))));
        assert_eq!(poll(&mut body), Poll::Ready(None));
    }

    #[test]
    fn small_chunks_are_sent_together() {
        let (writer, reader) = chunks(None);
        let mut body = ReplyBody::Stream(reader);
        let (small, large) = (SMALL_BYTES, SMALL_BYTES + 1);
        for length in [small, small, small, small - 1, 1, 1, large, 3, large, 2] {
            writer.push(Bytes::from(vec![length as u8; length]));
        }
        writer.sink().push(&[1; 2]);
        writer.sink().push(&vec![1; large]);
        writer.finish();
        assert_eq!(pieces(&mut body), [GATHERED_BYTES, 1, large, 3, large, 4, large]);
    }

    fn pieces(body: &mut ReplyBody) -> Vec<usize> {
        let lengths = std::iter::from_fn(|| match poll(body) {
            Poll::Ready(Some(Ok(bytes))) => Some(bytes.len()),
            _ => None,
        });
        lengths.collect()
    }

    #[test]
    fn what_comes_before_the_head_is_gathered() {
        let (writer, reader) = gathering_chunks(None);
        for length in [1, SMALL_BYTES + 1, 3 * GATHERED_BYTES] {
            writer.push(Bytes::from(vec![length as u8; length]));
            assert!(writer.sink().push(&vec![1; length]));
        }
        let length = 2 * (1 + SMALL_BYTES + 1 + 3 * GATHERED_BYTES);
        let mut body = writer.finish_at_once(reader);
        assert_eq!(body.size_hint().exact(), Some(length as u64));
        assert_eq!(pieces(&mut body), [length]);
        // The buffer serves again, and nothing of its contents is seen.
        for text in ["", "short"] {
            let (writer, reader) = gathering_chunks(None);
            writer.sink().push(text.as_bytes());
            let mut body = writer.finish_at_once(reader);
            assert_eq!(body.size_hint().exact(), Some(text.len() as u64));
            let expected = (!text.is_empty()).then(|| Ok(Bytes::from(text)));
            assert_eq!(poll(&mut body), Poll::Ready(expected));
            assert_eq!(poll(&mut body), Poll::Ready(None));
        }
    }

    #[test]
    fn no_more_than_a_buffer_is_gathered() {
        let (writer, reader) = gathering_chunks(None);
        let sink = writer.sink();
        assert!(sink.push(&vec![1; FIRST_BYTES - 1]));
        assert!(!writer.is_full());
        // One more chunk than there is room for.
        assert!(!sink.push(&[2; 2]));
        assert!(writer.is_full());
        let mut body = writer.finish_at_once(reader);
        assert_eq!(body.size_hint().exact(), Some(FIRST_BYTES as u64 + 1));
        assert_eq!(pieces(&mut body), [FIRST_BYTES - 1, 2]);
        // Then the connection takes over, with its own bound.
        let (writer, reader) = gathering_chunks(None);
        let sink = writer.sink();
        sink.push(&vec![1; HIGH_WATER]);
        assert!(!writer.is_full());
        writer.begin();
        assert!(writer.is_full());
        let mut body = ReplyBody::Stream(reader);
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
        assert_eq!(poll(&mut body), Poll::Pending);
        assert!(sink.push(&[3]));
        assert_eq!(poll(&mut body), Poll::Ready(Some(Ok(Bytes::from_static(&[3])))));
    }

    #[test]
    fn lengths_that_were_promised_are_not_corrected() {
        for (promised, is_right) in [(3, true), (4, false)] {
            let (writer, reader) = gathering_chunks(Some(promised));
            writer.sink().push(b"abc");
            let mut body = writer.finish_at_once(reader);
            assert_eq!(body.size_hint().exact(), Some(promised));
            assert_eq!(matches!(body, ReplyBody::Full(_)), is_right);
            assert_eq!(pieces(&mut body), [3]);
        }
    }

    #[test]
    fn a_dropped_writer_aborts() {
        let (writer, reader) = chunks(None);
        let mut body = ReplyBody::Stream(reader);
        writer.push(Bytes::from_static(b"a"));
        drop(writer);
        assert_eq!(poll(&mut body), Poll::Ready(Some(Ok(Bytes::from_static(b"a")))));
        assert_eq!(poll(&mut body), Poll::Pending);
        assert_eq!(poll(&mut body), Poll::Ready(Some(Err(()))));
    }

    #[test]
    fn a_full_queue_holds_the_writer_back() {
        let (writer, reader) = chunks(None);
        let cx = Context::from_waker(Waker::noop());
        writer.push(Bytes::from(vec![0; HIGH_WATER]));
        assert!(writer.is_full());
        assert_eq!(writer.poll_room(&cx), Poll::Pending);
        let mut body = ReplyBody::Stream(reader);
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
        assert_eq!(writer.poll_room(&cx), Poll::Ready(()));
        assert_eq!(writer.poll_closed(&cx), Poll::Pending);
        drop(body);
        assert!(writer.is_closed());
        assert_eq!(writer.poll_closed(&cx), Poll::Ready(()));
    }

    struct Pieces(Vec<&'static str>);

    impl Body for Pieces {
        type Data = Bytes;
        type Error = BoxError;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            Poll::Ready(if self.0.is_empty() { None } else { Some(Ok(Frame::data(Bytes::from(self.0.remove(0))))) })
        }
    }

    #[test]
    fn incoming_bodies_are_counted() {
        let mut cx = Context::from_waker(Waker::noop());
        let mut next = |body: &mut IncomingBody| match body.poll_next(&mut cx) {
            Poll::Ready(incoming) => incoming,
            Poll::Pending => panic!("pending"),
        };
        let mut body = IncomingBody::new(Box::pin(Pieces(vec!["bc", "", "d"])), Some(Bytes::from_static(b"a")), 4);
        assert_eq!(next(&mut body), Incoming::Bytes(Bytes::from_static(b"a")));
        assert_eq!(next(&mut body), Incoming::Bytes(Bytes::from_static(b"bc")));
        assert_eq!(next(&mut body), Incoming::Bytes(Bytes::from_static(b"d")));
        assert_eq!((next(&mut body), next(&mut body)), (Incoming::End, Incoming::End));
        let mut body = IncomingBody::new(Box::pin(Pieces(vec!["bc"])), Some(Bytes::from_static(b"a")), 2);
        assert_eq!(next(&mut body), Incoming::Bytes(Bytes::from_static(b"a")));
        assert_eq!(next(&mut body), Incoming::TooLong);
    }
}
