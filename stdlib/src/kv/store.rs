//! What a platform gives as a key-value store.

/// A value with what belongs to it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stored {
    /// The value.
    pub bytes: Vec<u8>,
    /// JSON text of the metadata.
    pub metadata: Option<String>,
    /// Seconds since 1970 after which the value is gone.
    pub expiration: Option<u64>,
}

/// A key in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// The key.
    pub name: String,
    /// JSON text of the metadata.
    pub metadata: Option<String>,
    /// Seconds since 1970 after which it is gone.
    pub expiration: Option<u64>,
}

/// Part of a list of keys.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    /// Keys in order.
    pub keys: Vec<Listed>,
    /// Whether there are no more.
    pub is_complete: bool,
}

/// A key-value store. Errors are messages for the user.
pub trait KeyValueStore: Send + Sync {
    /// The value of a key.
    fn get(&self, key: &str) -> Result<Option<Stored>, String>;

    /// Sets it.
    fn put(&self, key: &str, value: Stored) -> Result<(), String>;

    /// Removes it; unknown keys are no error.
    fn delete(&self, key: &str) -> Result<(), String>;

    /// Keys that begin with `prefix` and come after `after`, in order, at most `limit`.
    fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page, String>;

    /// How long each answer is held back, in milliseconds: to see what a distant store would do.
    fn delay_ms(&self) -> f64 {
        0.0
    }
}
