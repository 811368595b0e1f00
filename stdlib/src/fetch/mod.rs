//! Headers, Request, Response, fetch, Blob, File, FormData. <https://fetch.spec.whatwg.org/>
//!
//! [`host`] is the interface for the runtime: [`host::new_request`], [`host::response_parts`], bodies. What the host hands over is kept in
//! the form it came in until JS asks for it, so that a worker that looks at nothing pays for nothing.

pub mod blob;
pub(crate) mod blob_url;
mod data_url;
mod file_reader;
pub(crate) mod form_data;
pub(crate) mod function;
pub(crate) mod headers;
pub mod host;
mod integrity;
pub(crate) mod outgoing;
pub(crate) mod pair_iterator;
pub(crate) mod request;
pub(crate) mod response;
mod upload;

use crate::streams::hidden_natives;
use crate::webidl::ClassEntry;
use mayfly_engine::native;
use mayfly_engine::native::{ClassSpec, table};

pub use blob::{Blob, File};
pub use form_data::FormData;
pub use headers::Headers;
pub use request::Request;
pub use response::Response;

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] = &[
    Headers::ENTRY,
    Request::ENTRY,
    Response::ENTRY,
    Blob::ENTRY,
    File::ENTRY,
    file_reader::FileList::ENTRY,
    file_reader::FileReader::ENTRY,
    FormData::ENTRY,
    pair_iterator::HeadersIterator::ENTRY,
    pair_iterator::URLSearchParamsIterator::ENTRY,
    pair_iterator::FormDataIterator::ENTRY,
    function::FetchFunction::ENTRY,
    ClassEntry::hidden(&REACTIONS),
];

/// Reactions and jobs of `fetch`.
static REACTIONS: ClassSpec = hidden_natives(
    "fetch reactions",
    &[
        table::hidden("", 1, native!(function::fail_job)),
        table::hidden("", 1, native!(function::local_job)),
        table::hidden("", 1, native!(function::whole_body)),
        table::hidden("", 1, native!(function::whole_body_failed)),
        table::hidden("", 1, native!(upload::chunk_read)),
        table::hidden("", 1, native!(upload::read_failed)),
        table::hidden("", 0, native!(function::aborted)),
    ],
);
