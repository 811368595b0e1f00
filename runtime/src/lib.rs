//! Images, instance pools, the event loop, request ownership, limits and modules of Mayfly.
//!
//! Principal types: [`Worker`], an evaluated top level with the options under which it is served; [`Dispatcher`], which answers the requests
//! of one thread, each in an instance of its own; [`Program`], a script or module run from the command line. [`build_image`] evaluates a
//! worker's top level.
//!
//! Nothing here knows sockets or HTTP connections: requests come in and replies go out as the types of the `http` and `http-body` crates.
#![forbid(unsafe_code)]

mod at_once;
mod blocking;
mod body;
mod dispatcher;
mod drive;
mod image;
mod instance;
mod limits;
mod loader;
mod natives;
mod net;
mod operations;
mod platform;
mod pool;
mod prime;
mod program;
mod random;
mod ready;
mod report;
mod roots;
mod sample;
mod scope;
mod source_map;
mod state;
mod stores;
mod system;
mod timers;
mod url;
mod warm;
mod worker;

pub use body::{Aborted, BoxError, ReplyBody};
pub use dispatcher::{Dispatcher, Respond, plain_reply};
pub use image::{
    BuildError, BuildOptions, Variables, base_image, build_base_image, build_delta, build_image, describe_image, with_bindings,
};
pub use instance::{Answer, Instance, Progress, RequestHead, Stopped};
pub use limits::{Limit, Limits};
pub use loader::{FileLoader, SourceKind};
pub use mayfly_stdlib::typescript;
pub use natives::natives;
pub use pool::Pool;
pub use program::{Ended, Program, ProgramOptions};
pub use report::ErrorReport;
pub use sample::{Sample, SampleError};
pub use scope::BodyInit;
pub use state::{before_long_runs, last_request};
pub use stores::{DirectoryStore, Namespace, SITE_MANIFEST, SITE_NAMESPACE, SiteStore, Stores, site_manifest};
pub use system::raise_file_limit;
pub use worker::{BASE_IMAGE, LoadError, Worker, WorkerOptions, is_image};
