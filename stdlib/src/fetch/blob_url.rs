//! blob: URLs: they live as long as the request that made them. <https://w3c.github.io/FileAPI/#url>
//!
//! The store is a record (embedder root `BLOB_URLS`) of URLs and blobs in turn.

use crate::platform::with_platform;
use crate::streams::support::Slots;
use crate::webidl::prelude::*;

fn store(cx: &Context) -> Option<Ref<Values>> {
    cx.embedder_root(roots::BLOB_URLS).as_cell()
}

fn position(cx: &Context, store: Ref<Values>, url: &str) -> Option<u32> {
    (0..store.length(&cx.heap)).step_by(2).find(|&i| store.at(cx, i).as_string().is_some_and(|known| known.equals_text(url, &cx.heap)))
}

// https://w3c.github.io/FileAPI/#add-an-entry
/// A new URL for a blob.
pub(crate) fn create(cx: &mut Context, blob: Object) -> Result<String> {
    let mut random = [0; 16];
    with_platform(cx, |platform| platform.fill_random(&mut random))?;
    random[6] = random[6] & 0x0F | 0x40;
    random[8] = random[8] & 0x3F | 0x80;
    let mut url = String::from("blob:");
    url.push_str(&crate::url::base(cx).and_then(|base| crate::url::parse(&base, None)).map_or("null".to_string(), |base| base.origin()));
    url.push('/');
    for (i, byte) in random.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            url.push('-');
        }
        url.push_str(&format!("{byte:02x}"));
    }
    let store = store(cx).unwrap_or_else(|| cx.heap.new_values(4));
    let text = cx.new_string(&url);
    let store = store.push(&cx.heap, text).push(&cx.heap, blob.value());
    cx.set_embedder_root(roots::BLOB_URLS, Value::cell(store));
    Ok(url)
}

// https://w3c.github.io/FileAPI/#removeTheEntry
/// Forgets a URL; unknown ones are no error.
pub(crate) fn revoke(cx: &mut Context, url: &str) {
    let Some(list) = store(cx) else { return };
    let Some(at) = position(cx, list, url) else { return };
    let kept: Vec<Value> = (0..list.length(&cx.heap)).filter(|&i| i / 2 != at / 2).map(|i| list.at(cx, i)).collect();
    let list = cx.heap.new_values_from(&kept);
    cx.set_embedder_root(roots::BLOB_URLS, Value::cell(list));
}

// https://w3c.github.io/FileAPI/#blob-url-resolve
/// The blob of a URL without fragment.
pub(crate) fn resolve(cx: &Context, url: &str) -> Option<Object> {
    let store = store(cx)?;
    let at = position(cx, store, url)?;
    store.object(cx, at + 1)
}
