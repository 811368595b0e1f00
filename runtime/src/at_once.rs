//! The beginning of a streamed reply: what its stream gives without waiting for anything outside is read before the head is sent, and goes
//! out with it. Most streams are over by then, and their replies are sent like any other, without a task.

use http::header;

use crate::body::{ChunkWriter, ReplyBody, gathering_chunks};
use crate::instance::{Instance, Progress, Stopped};
use crate::limits::Limit;
use crate::ready::Ready;
use crate::report::ErrorReport;
use crate::roots;
use crate::scope::{self, HostRead};

/// What is left to do of a streamed reply.
pub(crate) enum Rest {
    /// Nothing: all of it is there.
    Nothing,
    /// The stream goes on.
    Stream(ChunkWriter),
    /// The stream failed: the connection is cut after what came before.
    Failed(ErrorReport),
    /// A limit was passed: likewise.
    Stopped(Limit),
}

// https://fetch.spec.whatwg.org/#incrementally-read-loop
/// Reads the stream in the root `READER` until it waits, its slice is over, or there is enough for a first write. `length` is what the
/// worker promised of the body.
pub(crate) fn read_ahead(instance: &mut Instance, mut ready: Ready, length: Option<u64>) -> (Ready, Rest) {
    let (writer, reader) = gathering_chunks(length);
    *instance.state.reply.borrow_mut() = Some(writer.sink());
    match read(instance, &writer) {
        // A length that the worker has put into the head is the connection's to check.
        Ok(Read::Ended) if !ready.get_mut().headers().contains_key(header::CONTENT_LENGTH) => {
            *ready.get_mut().body_mut() = writer.finish_at_once(reader);
            (ready, Rest::Nothing)
        }
        outcome => {
            writer.begin();
            let rest = match outcome {
                Ok(Read::Ended) => {
                    writer.finish();
                    Rest::Nothing
                }
                Ok(Read::Waits) => Rest::Stream(writer),
                Ok(Read::Failed(report)) => Rest::Failed(report),
                Err(Stopped(limit)) => Rest::Stopped(limit),
            };
            *ready.get_mut().body_mut() = ReplyBody::Stream(reader);
            (ready, rest)
        }
    }
}

enum Read {
    Ended,
    Waits,
    Failed(ErrorReport),
}

fn read(instance: &mut Instance, writer: &ChunkWriter) -> Result<Read, Stopped> {
    loop {
        if instance.advance()? == Progress::Yield {
            return Ok(Read::Waits);
        }
        let read = instance.cx.embedder_root(roots::CHUNK);
        match scope::host_read_state(&instance.cx, read) {
            HostRead::Idle if writer.is_full() => return Ok(Read::Waits),
            HostRead::Idle => {}
            HostRead::Pending => return Ok(Read::Waits),
            HostRead::Closed => return Ok(Read::Ended),
            HostRead::Failed(reason) => return Ok(Read::Failed(instance.report(reason))),
        }
        if let Err(report) = ask(instance)? {
            return Ok(Read::Failed(report));
        }
    }
}

/// Asks the stream in the root `READER` for the next chunk.
pub(crate) fn ask(instance: &mut Instance) -> Result<Result<(), ErrorReport>, Stopped> {
    instance.run(|cx| {
        let read = cx.embedder_root(roots::CHUNK);
        match cx.embedder_root(roots::READER).as_object() {
            Some(reader) => scope::host_read(cx, reader, read),
            None => Ok(()),
        }
    })
}
