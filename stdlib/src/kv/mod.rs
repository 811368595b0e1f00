//! Key-value stores that a worker is bound to. <https://developers.cloudflare.com/kv/api/>
//!
//! | file | contents |
//! |---|---|
//! | `store` | [`KeyValueStore`], what the platform gives |
//! | `namespace` | the class KVNamespace |
//!
//! A namespace object holds the name of its binding alone, so it may lie in an image; which store that is, the platform says.

mod namespace;
mod store;

use crate::webidl::ClassEntry;
use mayfly_engine::native;
use mayfly_engine::native::{ClassSpec, table};

pub use namespace::{KVNamespace, create};
pub use store::{KeyValueStore, Listed, Page, Stored};

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] = &[KVNamespace::ENTRY, ClassEntry::hidden(&REACTIONS)];

static REACTIONS: ClassSpec = crate::streams::hidden_natives(
    "key-value reactions",
    &[
        table::hidden("", 0, native!(namespace::answer)),
        table::hidden("", 1, native!(namespace::put_read)),
        table::hidden("", 1, native!(namespace::put_failed)),
    ],
);
