//! A request and its response on a connection.
//!
//! Each is a task of its own, which writes and reads at the same time: servers may answer before they have the whole request. Where
//! everything was said, the connection goes back to the pool. The task ends when nobody waits for the response or reads its body any more.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot};

use super::framing::{Framing, Step};
use super::head::{Head, Length, MOST_HEAD, RequestHead, Search, parse};
use crate::net::client::RequestBody;
use crate::net::connect::Stream;
use crate::net::fields::Fields;
use crate::net::pool::{self, Key};

/// Bytes that are read at once at most: of a head, of a body.
const HEAD_READ: usize = 8 << 10;
const BODY_READ: usize = 64 << 10;
/// Bodies up to so many bytes are sent with their head.
const SMALL_BODY: usize = 16 << 10;
/// How long the rest of a request may take that was answered before it was sent.
const LINGER: Duration = Duration::from_secs(5);

/// A request for a connection.
pub(in crate::net) struct Sent {
    /// Method.
    pub method: String,
    /// Path and query; to a proxy the whole URL.
    pub target: String,
    /// Value of `Host`.
    pub host: String,
    /// The other fields.
    pub fields: Fields,
    /// Body.
    pub body: RequestBody,
}

/// A response, as soon as its head is there.
pub(in crate::net) struct Response {
    /// Head.
    pub head: Head,
    /// Body.
    pub body: Received,
}

/// The body of a response.
pub(in crate::net) enum Received {
    /// All of it: it came with its head.
    Whole(Bytes),
    /// Its pieces, and `None` after the last.
    Pieces(mpsc::Receiver<Result<Option<Bytes>, String>>),
}

/// Why there is no response.
pub(in crate::net) struct Failure {
    /// Message.
    pub why: String,
    /// Nothing that came was a response: on a connection that was used before, it may never have got the request.
    pub is_unanswered: bool,
}

type Outcome = Result<Response, Failure>;

/// Sends a request. The receiver gets nothing where the request's own body failed.
pub(in crate::net) fn start(stream: Stream, key: Key, request: Sent) -> oneshot::Receiver<Outcome> {
    let (respond, response) = oneshot::channel();
    tokio::spawn(run(stream, key, request, respond));
    response
}

/// What is said last, once the connection is back in the pool: who hears it may want the next one.
enum Last {
    Nothing,
    Response(oneshot::Sender<Outcome>, Outcome),
    End(mpsc::Sender<Result<Option<Bytes>, String>>),
}

impl Last {
    async fn say(&mut self) {
        // Nobody may want to hear it any more.
        match std::mem::replace(self, Last::Nothing) {
            Last::Nothing => {}
            Last::Response(respond, outcome) => drop(respond.send(outcome)),
            Last::End(pieces) => drop(pieces.send(Ok(None)).await),
        }
    }
}

/// The reading side has come to its end.
struct Finished {
    /// Another response may follow.
    is_reusable: bool,
    last: Last,
}

impl Finished {
    fn given_up() -> Finished {
        Finished { is_reusable: false, last: Last::Nothing }
    }

    fn failed(respond: oneshot::Sender<Outcome>, failure: Failure) -> Finished {
        Finished { is_reusable: false, last: Last::Response(respond, Err(failure)) }
    }
}

async fn run(stream: Stream, key: Key, request: Sent, respond: oneshot::Sender<Outcome>) {
    let is_encrypted = stream.is_encrypted();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut buffer = BytesMut::new();
    let has_no_body = request.method == "HEAD";
    let is_streamed = matches!(request.body, RequestBody::Stream { .. });
    let (mut finished, is_written) = {
        let mut writing = pin!(write(&mut writer, request));
        let mut reading = pin!(read(&mut reader, &mut buffer, has_no_body, is_encrypted, respond));
        let mut written = None;
        let mut finished = loop {
            tokio::select! {
                biased;
                outcome = &mut writing, if written.is_none() => match outcome {
                    Ok(()) => written = Some(true),
                    // What has come of a body that failed must not be taken for the whole.
                    Err(Unsent::Body) => return,
                    // The server may have answered before it closed the connection.
                    Err(Unsent::Connection) => written = Some(false),
                },
                finished = &mut reading => break finished,
            }
        };
        if written.is_none() && !matches!(finished.last, Last::Nothing) {
            finished.last.say().await;
            let outcome = if is_streamed { Ok(writing.await) } else { tokio::time::timeout(LINGER, writing).await };
            written = Some(matches!(outcome, Ok(Ok(()))));
        }
        (finished, written == Some(true))
    };
    // Bytes that are left belong to no response: who sends them cannot be understood.
    if finished.is_reusable && is_written && buffer.is_empty() {
        pool::put(key, reader.unsplit(writer));
    }
    finished.last.say().await;
}

/// Why a request was not sent.
enum Unsent {
    /// Its body failed.
    Body,
    /// The connection broke.
    Connection,
}

impl From<std::io::Error> for Unsent {
    fn from(_: std::io::Error) -> Unsent {
        Unsent::Connection
    }
}

async fn write(writer: &mut WriteHalf<Stream>, request: Sent) -> Result<(), Unsent> {
    let Sent { method, target, host, fields, mut body } = request;
    let length = match &body {
        RequestBody::Empty => Length::Untold,
        RequestBody::Full(bytes) => Length::Known(bytes.len() as u64),
        RequestBody::Stream { length: Some(length), .. } => Length::Known(*length),
        RequestBody::Stream { length: None, .. } => Length::Chunked,
    };
    let mut head = RequestHead { method: &method, target: &target, host: &host, fields: &fields, length }.write();
    if let RequestBody::Full(bytes) = &body
        && bytes.len() <= SMALL_BODY
    {
        head.extend_from_slice(bytes);
        body = RequestBody::Empty;
    }
    writer.write_all(&head).await?;
    let mut left = if let Length::Known(length) = length { length } else { 0 };
    if matches!(body, RequestBody::Empty) {
        left = 0;
    }
    loop {
        // Whatever there is goes out before the next piece is waited for.
        writer.flush().await?;
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        let piece = match frame {
            None => break,
            Some(Err(_)) => return Err(Unsent::Body),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        if piece.is_empty() {
            continue;
        }
        if length == Length::Chunked {
            let size = format!("{:x}\r\n", piece.len());
            writer.write_all_buf(&mut Buf::chain(size.as_bytes(), piece).chain(&b"\r\n"[..])).await?;
        } else {
            left = left.checked_sub(piece.len() as u64).ok_or(Unsent::Body)?;
            writer.write_all_buf(&mut piece.clone()).await?;
        }
    }
    if left > 0 {
        return Err(Unsent::Body);
    }
    if length == Length::Chunked {
        writer.write_all(b"0\r\n\r\n").await?;
        writer.flush().await?;
    }
    Ok(())
}

async fn fill(reader: &mut ReadHalf<Stream>, buffer: &mut BytesMut, most: usize) -> Result<usize, String> {
    buffer.reserve(most);
    reader.read_buf(buffer).await.map_err(|error| error.to_string())
}

/// The head of the next response; `None` when nobody waits for it any more.
async fn read_head(
    reader: &mut ReadHalf<Stream>,
    buffer: &mut BytesMut,
    is_encrypted: bool,
    respond: &mut oneshot::Sender<Outcome>,
) -> Result<Option<Head>, Failure> {
    let failed = |why: String| Failure { why, is_unanswered: true };
    let mut search = Search::default();
    loop {
        if let Some(end) = search.end(buffer) {
            return parse(&buffer.split_to(end)).map(Some).map_err(failed);
        }
        if buffer.len() > MOST_HEAD {
            return Err(failed("the response's head is too long".to_string()));
        }
        let read = tokio::select! {
            biased;
            () = respond.closed() => return Ok(None),
            read = fill(reader, buffer, HEAD_READ) => read,
        };
        if read.map_err(|why| failed(format!("the connection broke before a response came: {why}")))? == 0 {
            // As browsers do: a head may end with its connection. Encrypted ones end only where the server says so, which is no rule that
            // they all keep, so there the end may have been made by somebody else.
            if !is_encrypted && search.has_whole_lines(buffer) {
                return parse(&buffer.split()).map(Some).map_err(failed);
            }
            return Err(failed("the connection was closed before a response came".to_string()));
        }
    }
}

async fn read(
    reader: &mut ReadHalf<Stream>,
    buffer: &mut BytesMut,
    has_no_body: bool,
    is_encrypted: bool,
    mut respond: oneshot::Sender<Outcome>,
) -> Finished {
    let head = loop {
        match read_head(reader, buffer, is_encrypted, &mut respond).await {
            // https://www.rfc-editor.org/rfc/rfc9110#name-informational-1xx: they come before the response, asked for or not. 101 is the last that
            // is said in HTTP.
            Ok(Some(head)) if matches!(head.status, 100 | 102..=199) => {}
            Ok(Some(head)) => break head,
            Ok(None) => return Finished::given_up(),
            Err(failure) => return Finished::failed(respond, failure),
        }
    };
    let final_failure = |why: String| Failure { why, is_unanswered: false };
    let mut framing = match Framing::of(&head, has_no_body) {
        Ok(framing) => framing,
        Err(why) => return Finished::failed(respond, final_failure(why)),
    };
    // Often the whole body has come with the head.
    let mut first = BytesMut::new();
    loop {
        match framing.step(buffer) {
            Ok(Step::Piece(piece)) => first.extend_from_slice(&piece),
            Ok(Step::Hungry) => break,
            Ok(Step::End) => {
                let response = Response { head, body: Received::Whole(first.freeze()) };
                return Finished { is_reusable: framing.keeps_connection, last: Last::Response(respond, Ok(response)) };
            }
            // The response is there, and its body is not.
            Err(why) => {
                let (sender, pieces) = mpsc::channel(2);
                let sent = respond.send(Ok(Response { head, body: Received::Pieces(pieces) })).is_ok();
                if sent && (first.is_empty() || sender.send(Ok(Some(first.freeze()))).await.is_ok()) {
                    let _ = sender.send(Err(why)).await;
                }
                return Finished::given_up();
            }
        }
    }
    let (sender, pieces) = mpsc::channel(1);
    if respond.send(Ok(Response { head, body: Received::Pieces(pieces) })).is_err() {
        return Finished::given_up();
    }
    if !first.is_empty() && sender.send(Ok(Some(first.freeze()))).await.is_err() {
        return Finished::given_up();
    }
    loop {
        let failure = match framing.step(buffer) {
            Ok(Step::Piece(piece)) => match sender.send(Ok(Some(piece))).await {
                Ok(()) => continue,
                Err(_) => return Finished::given_up(),
            },
            Ok(Step::End) => return Finished { is_reusable: framing.keeps_connection, last: Last::End(sender) },
            Ok(Step::Hungry) => {
                let read = tokio::select! {
                    biased;
                    () = sender.closed() => return Finished::given_up(),
                    read = fill(reader, buffer, BODY_READ) => read,
                };
                match read {
                    Ok(0) => match framing.end() {
                        Ok(()) => return Finished { is_reusable: false, last: Last::End(sender) },
                        Err(why) => why,
                    },
                    Ok(_) => continue,
                    Err(why) => why,
                }
            }
            Err(why) => why,
        };
        let _ = sender.send(Err(failure)).await;
        return Finished::given_up();
    }
}
