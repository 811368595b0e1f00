//! Caches in memory.

use super::store::{CacheStore, Entries, Full, StoredCache};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Caches in memory, limited in size all together.
pub struct MemoryCaches {
    named: Mutex<Vec<(Vec<u16>, Arc<MemoryCache>)>>,
    default: Arc<MemoryCache>,
    room: Arc<Room>,
}

/// What all caches share.
struct Room {
    limit_bytes: usize,
    used_bytes: AtomicUsize,
}

struct MemoryCache {
    entries: Mutex<Entries>,
    room: Arc<Room>,
    /// Drops its oldest entries when there is no room.
    evicts: bool,
}

/// A panic while the lock was held leaves entries that are whole: each change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn size(entries: &Entries) -> usize {
    entries.iter().map(|entry| entry.size()).sum()
}

impl Room {
    /// Exchanges `before` for `after` bytes, unless that is too much.
    fn exchange(&self, before: usize, after: usize) -> Result<(), Full> {
        let change = |used: usize| {
            let new = used.saturating_sub(before).saturating_add(after);
            (new <= self.limit_bytes || after <= before).then_some(new)
        };
        match self.used_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change) {
            Ok(_) => Ok(()),
            Err(used) => Err(Full { quota: self.limit_bytes, requested: used.saturating_sub(before).saturating_add(after) }),
        }
    }
}

impl MemoryCaches {
    /// No caches yet; they may hold so many bytes together.
    pub fn new(limit_bytes: usize) -> MemoryCaches {
        let room = Arc::new(Room { limit_bytes, used_bytes: AtomicUsize::new(0) });
        let default = Arc::new(MemoryCache { entries: Mutex::default(), room: room.clone(), evicts: true });
        MemoryCaches { named: Mutex::default(), default, room }
    }

    /// Bytes in all caches.
    pub fn used_bytes(&self) -> usize {
        self.room.used_bytes.load(Ordering::Relaxed)
    }
}

impl StoredCache for MemoryCache {
    fn entries(&self) -> Entries {
        lock(&self.entries).clone()
    }

    fn change(&self, change: &mut dyn FnMut(&mut Entries)) -> Result<(), Full> {
        let mut entries = lock(&self.entries);
        let mut changed = entries.clone();
        change(&mut changed);
        let before = size(&entries);
        loop {
            match self.room.exchange(before, size(&changed)) {
                Ok(()) => break,
                Err(_) if self.evicts && changed.len() > 1 => {
                    changed.remove(0);
                }
                Err(full) => return Err(full),
            }
        }
        *entries = changed;
        Ok(())
    }
}

impl Drop for MemoryCache {
    fn drop(&mut self) {
        let entries = std::mem::take(self.entries.get_mut().unwrap_or_else(PoisonError::into_inner));
        // Giving room back cannot fail.
        let _ = self.room.exchange(size(&entries), 0);
    }
}

impl CacheStore for MemoryCaches {
    fn find(&self, name: &[u16]) -> Option<Arc<dyn StoredCache>> {
        let named = lock(&self.named);
        let (_, cache) = named.iter().find(|(known, _)| known == name)?;
        Some(cache.clone())
    }

    fn open(&self, name: &[u16]) -> Arc<dyn StoredCache> {
        let mut named = lock(&self.named);
        if let Some((_, cache)) = named.iter().find(|(known, _)| known == name) {
            return cache.clone();
        }
        let cache = Arc::new(MemoryCache { entries: Mutex::default(), room: self.room.clone(), evicts: false });
        named.push((name.to_vec(), cache.clone()));
        cache
    }

    fn remove(&self, name: &[u16]) -> bool {
        let mut named = lock(&self.named);
        let before = named.len();
        named.retain(|(known, _)| known != name);
        named.len() < before
    }

    fn names(&self) -> Vec<Vec<u16>> {
        lock(&self.named).iter().map(|(name, _)| name.clone()).collect()
    }

    fn default_cache(&self) -> Arc<dyn StoredCache> {
        self.default.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::{Entry, StoredRequest, StoredResponse};
    use super::*;

    fn entry(url: &str, length: usize) -> Arc<Entry> {
        Arc::new(Entry {
            request: StoredRequest { method: "GET".to_string(), url: url.to_string(), headers: Vec::new() },
            response: StoredResponse {
                status: 200,
                status_text: Vec::new(),
                headers: Vec::new(),
                url: String::new(),
                flags: 0,
                body: Some(vec![0; length]),
            },
            stored_ms: 0.0,
        })
    }

    fn urls(cache: &dyn StoredCache) -> Vec<String> {
        cache.entries().iter().map(|entry| entry.request.url.clone()).collect()
    }

    #[test]
    fn names_in_order_and_doomed_caches() {
        let caches = MemoryCaches::new(10_000);
        let (a, b): (Vec<u16>, Vec<u16>) = ("a".encode_utf16().collect(), "b".encode_utf16().collect());
        let open = caches.open(&b);
        caches.open(&a);
        assert_eq!(caches.names(), [b.clone(), a]);
        open.change(&mut |entries| entries.push(entry("x", 100))).unwrap();
        assert_eq!(caches.find(&b).unwrap().entries().len(), 1);
        assert!(caches.remove(&b) && !caches.remove(&b));
        assert_eq!(open.entries().len(), 1, "lives on where it is open");
        assert!(caches.open(&b).entries().is_empty());
        assert!(caches.used_bytes() > 100);
        drop(open);
        assert_eq!(caches.used_bytes(), 0);
    }

    #[test]
    fn room_is_shared_and_the_default_cache_evicts() {
        let caches = MemoryCaches::new(10_000);
        let named = caches.open(&[1]);
        named.change(&mut |entries| entries.push(entry("big", 6000))).unwrap();
        let full = named.change(&mut |entries| entries.push(entry("more", 6000))).unwrap_err();
        assert!(full.quota == 10_000 && full.requested > 12_000);
        assert_eq!(urls(&*named), ["big"]);
        let default = caches.default_cache();
        for name in ["1", "2", "3"] {
            default.change(&mut |entries| entries.push(entry(name, 1000))).unwrap();
        }
        assert_eq!(urls(&*default), ["2", "3"], "the oldest makes room");
        assert!(default.change(&mut |entries| entries.push(entry("4", 9000))).is_err());
        assert_eq!(urls(&*default), ["2", "3"]);
        named.change(&mut |entries| entries.clear()).unwrap();
        assert!(default.change(&mut |entries| entries.push(entry("5", 7000))).is_ok());
    }
}
