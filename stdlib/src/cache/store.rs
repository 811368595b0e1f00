//! What a platform keeps of caches.

use std::sync::Arc;

/// The request of an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRequest {
    /// Method, always GET for entries.
    pub method: String,
    /// URL, with its fragment.
    pub url: String,
    /// Headers: names in lower case, values.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
}

/// The response of an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredResponse {
    /// Status; 0 for a network error.
    pub status: u16,
    /// Status text, as Latin-1 bytes.
    pub status_text: Vec<u8>,
    /// Headers: names in lower case, values.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// URL; empty for responses that scripts made.
    pub url: String,
    /// Bits of the response class: type and whether there were redirects.
    pub flags: i32,
    /// The body; `None` for a null body.
    pub body: Option<Vec<u8>>,
}

/// A request and the response that was stored for it.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The request.
    pub request: StoredRequest,
    /// Its response.
    pub response: StoredResponse,
    /// When it was stored: milliseconds since 1970.
    pub stored_ms: f64,
}

impl Entry {
    /// What the entry counts for, in bytes.
    pub fn size(&self) -> usize {
        let headers = |list: &[(Vec<u8>, Vec<u8>)]| list.iter().map(|(name, value)| name.len() + value.len() + 64).sum::<usize>();
        self.request.url.len()
            + headers(&self.request.headers)
            + self.response.url.len()
            + headers(&self.response.headers)
            + self.response.body.as_ref().map_or(0, Vec::len)
            + 256
    }
}

/// Entries in the order of a cache.
pub type Entries = Vec<Arc<Entry>>;

/// A change would have taken the caches beyond their size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Full {
    /// Bytes that all caches may hold together.
    pub quota: usize,
    /// Bytes that they would have held.
    pub requested: usize,
}

/// One cache.
pub trait StoredCache: Send + Sync {
    /// All entries, as they are now.
    fn entries(&self) -> Entries;

    /// Changes the entries at one stroke. When they would then be too large, everything stays as it was, unless this cache makes room by
    /// itself, dropping its oldest entries.
    fn change(&self, change: &mut dyn FnMut(&mut Entries)) -> Result<(), Full>;
}

/// The caches of a worker, shared by all its instances on all threads. Names are UTF-16.
pub trait CacheStore: Send + Sync {
    /// The cache of this name.
    fn find(&self, name: &[u16]) -> Option<Arc<dyn StoredCache>>;

    /// The same, made now if there was none.
    fn open(&self, name: &[u16]) -> Arc<dyn StoredCache>;

    /// Forgets a cache; whether there was one. It lives on where it is open.
    fn remove(&self, name: &[u16]) -> bool;

    /// All names in the order in which the caches were made.
    fn names(&self) -> Vec<Vec<u16>>;

    /// The cache that has no name: `caches.default`. It makes room by itself.
    fn default_cache(&self) -> Arc<dyn StoredCache>;
}
