//! Streams. <https://streams.spec.whatwg.org/>
//!
//! All state lies in internal slots of platform objects and in records of the cage; reactions to promises are natives with such a state.
//!
//! | file | contents |
//! |---|---|
//! | `readable`, `readers`, `async_iterator` | ReadableStream, its readers and iterator as classes |
//! | `readable_ops`, `requests` | operations of readable streams, read requests |
//! | `readable_controller`, `default_controller`, `byte_controller`, `byob` | controllers of readable streams: what both kinds share, and each |
//! | `source`, `from_iterable` | where chunks come from |
//! | `tee`, `byte_tee`, `pipe` | operations on whole streams |
//! | `writable`, `writable_ops`, `writable_controller` | writable streams |
//! | `transform`, `transform_ops`, `identity`, `text`, `compression`, `codec` | transform streams |
//! | `strategy` | queuing strategies |
//! | `cross_realm` | transferred streams |
//! | `support`, `buffers`, `signal` | slots, queues, promises, array buffers, abort signals |

mod async_iterator;
pub(crate) mod buffers;
mod byob;
pub(crate) mod byte_controller;
mod byte_tee;
mod codec;
mod compression;
pub(crate) mod cross_realm;
pub(crate) mod default_controller;
mod from_iterable;
mod host_read;
pub(crate) mod identity;
mod pipe;
pub(crate) mod readable;
pub(crate) mod readable_controller;
pub(crate) mod readable_ops;
mod readers;
pub(crate) mod requests;
pub(crate) mod signal;
pub(crate) mod source;
mod strategy;
pub(crate) mod support;
pub(crate) mod tee;
mod text;
mod transform;
mod transform_ops;
mod writable;
pub(crate) mod writable_controller;
pub(crate) mod writable_ops;

use crate::webidl::ClassEntry;
use mayfly_engine::context::Context;
use mayfly_engine::native;
use mayfly_engine::native::{ClassSpec, Native, Result, table};
use mayfly_engine::object::Object;

pub use host_read::{HostRead, host_read, host_read_state, new_host_read};
pub use readable::ReadableStream;
pub use transform::TransformStream;
pub use writable::WritableStream;

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] = &[
    ReadableStream::ENTRY,
    readers::ReadableStreamDefaultReader::ENTRY,
    readers::ReadableStreamBYOBReader::ENTRY,
    default_controller::ReadableStreamDefaultController::ENTRY,
    byob::ReadableByteStreamController::ENTRY,
    byob::ReadableStreamBYOBRequest::ENTRY,
    async_iterator::ReadableStreamAsyncIterator::ENTRY,
    WritableStream::ENTRY,
    writable::WritableStreamDefaultWriter::ENTRY,
    writable_controller::WritableStreamDefaultController::ENTRY,
    TransformStream::ENTRY,
    transform::TransformStreamDefaultController::ENTRY,
    identity::IdentityTransformStream::ENTRY,
    identity::FixedLengthStream::ENTRY,
    strategy::CountQueuingStrategy::ENTRY,
    strategy::ByteLengthQueuingStrategy::ENTRY,
    text::TextEncoderStream::ENTRY,
    text::TextDecoderStream::ENTRY,
    compression::CompressionStream::ENTRY,
    compression::DecompressionStream::ENTRY,
    ClassEntry::hidden(&REACTIONS),
];

/// A table of natives without properties.
pub(crate) const fn hidden_natives(name: &'static str, members: &'static [mayfly_engine::native::Member]) -> ClassSpec {
    ClassSpec {
        name,
        constructor: None,
        intrinsic: None,
        prototype: None,
        parent_prototype: None,
        parent_constructor: None,
        is_global: false,
        members,
    }
}

const fn reaction(native: Native) -> mayfly_engine::native::Member {
    table::hidden("", 1, native)
}

/// Reactions and jobs of the streams.
static REACTIONS: ClassSpec = hidden_natives(
    "stream reactions",
    &[
        reaction(native!(support::nothing)),
        reaction(native!(readable_ops::return_undefined)),
        reaction(native!(readable_controller::start_job)),
        reaction(native!(readable_controller::start_fulfilled)),
        reaction(native!(readable_controller::pull_job)),
        reaction(native!(readable_controller::pull_fulfilled)),
        reaction(native!(readable_controller::failed)),
        reaction(native!(async_iterator::next_after)),
        reaction(native!(async_iterator::return_after)),
        reaction(native!(async_iterator::returned)),
        reaction(native!(from_iterable::pulled)),
        reaction(native!(from_iterable::returned)),
        reaction(native!(tee::chunk_job)),
        reaction(native!(tee::reader_failed)),
        reaction(native!(byte_tee::chunk_job)),
        reaction(native!(byte_tee::into_chunk_job)),
        reaction(native!(byte_tee::reader_failed)),
        reaction(native!(pipe::on_ready)),
        reaction(native!(pipe::write_job)),
        reaction(native!(pipe::on_source_closed)),
        reaction(native!(pipe::on_source_errored)),
        reaction(native!(pipe::on_dest_errored)),
        reaction(native!(pipe::signal_aborted)),
        reaction(native!(pipe::on_written)),
        reaction(native!(pipe::action_job)),
        reaction(native!(pipe::on_one_done)),
        reaction(native!(pipe::on_action_done)),
        reaction(native!(pipe::on_action_failed)),
        reaction(native!(writable_ops::abort_done)),
        reaction(native!(writable_ops::abort_failed)),
        reaction(native!(writable_controller::start_job)),
        reaction(native!(writable_controller::start_fulfilled)),
        reaction(native!(writable_controller::start_rejected)),
        reaction(native!(writable_controller::close_fulfilled)),
        reaction(native!(writable_controller::close_rejected)),
        reaction(native!(writable_controller::write_fulfilled)),
        reaction(native!(writable_controller::write_rejected)),
        reaction(native!(transform_ops::transform_failed)),
        reaction(native!(transform_ops::write_unblocked)),
        reaction(native!(transform_ops::abort_done)),
        reaction(native!(transform_ops::readable_finish_failed)),
        reaction(native!(transform_ops::flush_done)),
        reaction(native!(transform_ops::cancel_done)),
        reaction(native!(transform_ops::cancel_failed)),
        reaction(native!(cross_realm::write_when_pulled)),
        table::hidden("size", 0, native!(strategy::count_size)),
        table::hidden("size", 1, native!(strategy::byte_length_size)),
    ],
);

/// Locks a stream with a default reader, for the host. TypeError when it is locked already.
pub fn acquire_reader(cx: &mut Context, stream: Object) -> Result<Object> {
    readable_ops::acquire_default_reader(cx, stream)
}

/// Asks a reader for the next chunk: a promise of `{ value, done }`.
pub fn read_chunk(cx: &mut Context, reader: Object) -> Result<Object> {
    readable::read(cx, reader)
}

/// Cancels what a reader reads, as when the client has gone. The result is the promise of the cancellation.
pub fn cancel_reader(cx: &mut Context, reader: Object, reason: mayfly_engine::value::Value) -> Result<Object> {
    readable_ops::reader_cancel(cx, reader, reason)
}
