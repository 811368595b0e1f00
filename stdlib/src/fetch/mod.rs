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
use crate::webidl::Interface;
use mayfly_engine::native::{ClassSpec, table};

pub use blob::{Blob, File};
pub use form_data::FormData;
pub use headers::Headers;
pub use request::Request;
pub use response::Response;

/// The class tables of this folder.
pub const CLASSES: &[&ClassSpec] = &[
    Headers::SPEC,
    Request::SPEC,
    Response::SPEC,
    Blob::SPEC,
    File::SPEC,
    file_reader::FileList::SPEC,
    file_reader::FileReader::SPEC,
    FormData::SPEC,
    pair_iterator::HeadersIterator::SPEC,
    pair_iterator::URLSearchParamsIterator::SPEC,
    pair_iterator::FormDataIterator::SPEC,
    function::FetchFunction::SPEC,
    &REACTIONS,
];

/// Reactions and jobs of `fetch`.
static REACTIONS: ClassSpec = hidden_natives(
    "fetch reactions",
    &[
        table::hidden("", 1, function::fail_job),
        table::hidden("", 1, function::local_job),
        table::hidden("", 1, function::whole_body),
        table::hidden("", 1, function::whole_body_failed),
        table::hidden("", 1, upload::chunk_read),
        table::hidden("", 1, upload::read_failed),
        table::hidden("", 0, function::aborted),
    ],
);
