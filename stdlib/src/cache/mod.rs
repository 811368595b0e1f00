//! Cache and CacheStorage. <https://w3c.github.io/ServiceWorker/#cache-objects>
//!
//! | file | contents |
//! |---|---|
//! | `store` | [`CacheStore`], what the platform keeps: plain data, shared by all instances of a worker |
//! | `memory` | [`MemoryCaches`], a store in memory |
//! | `matching` | which entries a request matches, and freshness, on plain data |
//! | `convert` | between entries and Request and Response objects |
//! | `cache`, `storage` | the classes |
//!
//! Entries outlive requests, so nothing of them lies in the cage. A Cache object holds the number of a resource of its request, which is
//! the cache itself: a deleted cache lives on for those who have it open.

#[allow(clippy::module_inception)] // the file of the class Cache
mod cache;
mod convert;
mod matching;
mod memory;
mod storage;
mod store;

use crate::webidl::ClassEntry;
use mayfly_engine::native;
use mayfly_engine::native::{ClassSpec, table};

pub use cache::Cache;
pub use memory::MemoryCaches;
pub use storage::{CacheStorage, install};
pub use store::{CacheStore, Entries, Entry, Full, StoredCache, StoredRequest, StoredResponse};

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] = &[Cache::ENTRY, CacheStorage::ENTRY, storage::CachesAttribute::ENTRY, ClassEntry::hidden(&REACTIONS)];

/// Reactions of the cache.
static REACTIONS: ClassSpec = crate::streams::hidden_natives(
    "cache reactions",
    &[
        table::hidden("", 1, native!(cache::put_read)),
        table::hidden("", 1, native!(cache::put_failed)),
        table::hidden("", 1, native!(cache::fetched)),
        table::hidden("", 1, native!(cache::fetched_body)),
        table::hidden("", 1, native!(cache::fetch_failed)),
    ],
);
