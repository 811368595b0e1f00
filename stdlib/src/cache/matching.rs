//! Which entries a request matches, and how long they are good.

use super::store::{Entries, Entry, StoredRequest, StoredResponse};
use std::sync::Arc;

/// CacheQueryOptions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct QueryOptions {
    /// Ignore the query of URLs.
    pub ignore_search: bool,
    /// Methods other than GET match too.
    pub ignore_method: bool,
    /// Ignore `Vary`.
    pub ignore_vary: bool,
}

/// The values of a header joined. <https://fetch.spec.whatwg.org/#concept-header-list-get>
pub fn header(headers: &[(Vec<u8>, Vec<u8>)], name: &[u8]) -> Option<Vec<u8>> {
    let mut result: Option<Vec<u8>> = None;
    for (_, value) in headers.iter().filter(|(known, _)| known == name) {
        match &mut result {
            None => result = Some(value.clone()),
            Some(before) => {
                before.extend_from_slice(b", ");
                before.extend_from_slice(value);
            }
        }
    }
    result
}

/// The parts of a comma-separated header, trimmed, in lower case.
fn parts(value: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    value.split(|&byte| byte == b',').map(|part| part.trim_ascii().to_ascii_lowercase()).filter(|part| !part.is_empty())
}

/// Names in the `Vary` header.
fn vary(response: &StoredResponse) -> Vec<Vec<u8>> {
    header(&response.headers, b"vary").map_or_else(Vec::new, |value| parts(&value).collect())
}

/// Whether `Vary` says that no request matches.
pub fn varies_on_everything(response: &StoredResponse) -> bool {
    vary(response).iter().any(|name| name == b"*")
}

/// A URL without its fragment, and without its query where that is ignored.
fn comparable(url: &str, ignore_search: bool) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    if ignore_search { url.split('?').next().unwrap_or_default() } else { url }
}

// https://w3c.github.io/ServiceWorker/#request-matches-cached-item
fn matches(query: &StoredRequest, cached: &StoredRequest, response: Option<&StoredResponse>, options: QueryOptions) -> bool {
    if !options.ignore_method && query.method != "GET" {
        return false;
    }
    if comparable(&query.url, options.ignore_search) != comparable(&cached.url, options.ignore_search) {
        return false;
    }
    let Some(response) = response.filter(|_| !options.ignore_vary) else { return true };
    vary(response).iter().all(|name| name != b"*" && header(&query.headers, name) == header(&cached.headers, name))
}

// https://w3c.github.io/ServiceWorker/#query-cache
/// The entries that a request matches; all of them for no request.
pub fn query(entries: &Entries, query: Option<&StoredRequest>, options: QueryOptions) -> Entries {
    let matched = |entry: &&Arc<Entry>| query.is_none_or(|query| matches(query, &entry.request, Some(&entry.response), options));
    entries.iter().filter(matched).cloned().collect()
}

// https://w3c.github.io/ServiceWorker/#batch-cache-operations-algorithm, "delete" operations
/// Removes the entries that a request matches; whether there were any.
pub fn remove(entries: &mut Entries, query: &StoredRequest, options: QueryOptions) -> bool {
    let before = entries.len();
    entries.retain(|entry| !matches(query, &entry.request, Some(&entry.response), options));
    entries.len() < before
}

// The same algorithm, "put" operations.
/// Adds entries, each in the place of those that its request matches.
pub fn put(entries: &mut Entries, added: &[Arc<Entry>]) {
    for entry in added {
        remove(entries, &entry.request, QueryOptions::default());
        entries.push(entry.clone());
    }
}

/// Whether a later entry of one batch would take the place of an earlier one, or the other way round: InvalidStateError in the algorithm.
pub fn has_duplicates(batch: &[Arc<Entry>]) -> bool {
    let options = QueryOptions::default();
    batch.iter().enumerate().any(|(i, entry)| {
        batch[..i].iter().any(|earlier| {
            matches(&entry.request, &earlier.request, Some(&earlier.response), options)
                || matches(&earlier.request, &entry.request, Some(&entry.response), options)
        })
    })
}

/// How long a response may be given out of `caches.default`, in seconds; `None` without any statement.
/// <https://www.rfc-editor.org/rfc/rfc9111.html#section-4.2.1>
fn lifetime_seconds(response: &StoredResponse) -> Option<f64> {
    let control = header(&response.headers, b"cache-control").unwrap_or_default();
    let directive = |name: &str| {
        parts(&control).find_map(|part| {
            let text = String::from_utf8_lossy(&part).into_owned();
            let (key, value) = text.split_once('=')?;
            if key.trim_end() != name {
                return None;
            }
            // What is no number is stale at once, https://www.rfc-editor.org/rfc/rfc9111.html#section-4.2.1
            Some(value.trim().trim_matches('"').parse::<u32>().map_or(0.0, f64::from))
        })
    };
    directive("s-maxage").or_else(|| directive("max-age"))
}

/// Whether a response may go into `caches.default`, which keeps what a shared cache may keep.
/// <https://www.rfc-editor.org/rfc/rfc9111.html#section-3>
pub fn is_storable(response: &StoredResponse) -> bool {
    let control = header(&response.headers, b"cache-control").unwrap_or_default();
    let forbids = parts(&control).any(|part| matches!(&*part, b"no-store" | b"private" | b"no-cache"));
    !forbids && header(&response.headers, b"set-cookie").is_none() && lifetime_seconds(response) != Some(0.0)
}

/// Whether an entry of `caches.default` is still good.
pub fn is_fresh(entry: &Entry, now_ms: f64) -> bool {
    lifetime_seconds(&entry.response).is_none_or(|seconds| now_ms < entry.stored_ms + seconds * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(url: &str, headers: &[(&str, &str)]) -> StoredRequest {
        let headers = headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect();
        StoredRequest { method: "GET".to_string(), url: url.to_string(), headers }
    }

    fn entry(url: &str, request_headers: &[(&str, &str)], response_headers: &[(&str, &str)]) -> Arc<Entry> {
        let StoredRequest { headers, .. } = request("", response_headers);
        let response = StoredResponse { status: 200, status_text: Vec::new(), headers, url: String::new(), flags: 0, body: None };
        Arc::new(Entry { request: request(url, request_headers), response, stored_ms: 1000.0 })
    }

    fn urls(entries: &Entries) -> Vec<&str> {
        entries.iter().map(|entry| entry.request.url.as_str()).collect()
    }

    #[test]
    fn urls_queries_methods() {
        let entries = vec![entry("http://a/x", &[], &[]), entry("http://a/x?1", &[], &[]), entry("http://a/y#f", &[], &[])];
        let plain = QueryOptions::default();
        assert_eq!(urls(&query(&entries, Some(&request("http://a/x#frag", &[])), plain)), ["http://a/x"]);
        let loose = QueryOptions { ignore_search: true, ..plain };
        assert_eq!(urls(&query(&entries, Some(&request("http://a/x?2", &[])), loose)), ["http://a/x", "http://a/x?1"]);
        assert_eq!(urls(&query(&entries, Some(&request("http://a/y", &[])), plain)), ["http://a/y#f"]);
        let post = StoredRequest { method: "POST".to_string(), ..request("http://a/x", &[]) };
        assert!(query(&entries, Some(&post), plain).is_empty());
        assert_eq!(query(&entries, Some(&post), QueryOptions { ignore_method: true, ..plain }).len(), 1);
        assert_eq!(query(&entries, None, plain).len(), 3);
    }

    #[test]
    fn vary_separates() {
        let mut entries = Vec::new();
        put(&mut entries, &[entry("u", &[("x", "1")], &[("vary", "X")])]);
        put(&mut entries, &[entry("u", &[("x", "2")], &[("vary", "X")])]);
        assert_eq!(entries.len(), 2);
        put(&mut entries, &[entry("u", &[("x", "2")], &[])]);
        assert_eq!(entries.len(), 2, "replaced the one it matched");
        assert_eq!(query(&entries, Some(&request("u", &[("x", "1")])), QueryOptions::default()).len(), 2);
        assert_eq!(query(&entries, Some(&request("u", &[])), QueryOptions::default()).len(), 1);
        let any = QueryOptions { ignore_vary: true, ..QueryOptions::default() };
        assert!(remove(&mut entries, &request("u", &[]), any) && entries.is_empty());
        assert!(varies_on_everything(&entry("u", &[], &[("vary", "a, *")]).response));
        assert!(has_duplicates(&[entry("u", &[], &[]), entry("u#1", &[], &[])]));
        assert!(!has_duplicates(&[entry("u", &[("x", "1")], &[("vary", "x")]), entry("u", &[("x", "2")], &[("vary", "x")])]));
    }

    #[test]
    fn freshness() {
        let with = |value: &str| entry("u", &[], &[("cache-control", value)]);
        assert!(is_fresh(&with("max-age=2"), 2999.0) && !is_fresh(&with("max-age=2"), 3000.0));
        assert!(is_fresh(&with("max-age=2, s-maxage=\"9\""), 9999.0));
        assert!(is_fresh(&entry("u", &[], &[]), 1e15));
        for refused in ["no-store", "Private", "max-age=0", "no-cache", "max-age=soon"] {
            assert!(!is_storable(&with(refused).response), "{refused}");
        }
        assert!(is_storable(&with("public, max-age=1").response));
        assert!(!is_storable(&entry("u", &[], &[("set-cookie", "a=b")]).response));
    }
}
