//! FileReader and FileList. <https://w3c.github.io/FileAPI/#filereader-interface>
//!
//! Slots of a reader: 1 listeners (EventTarget), 2 state, 3 result, 4 error, 5 the read in progress: a record of blob, package, label of an
//! encoding and next step. A read that was aborted is no longer the reader's: its tasks find out and do nothing.

use super::blob::{self, Blob};
use crate::body::form::MimeType;
use crate::event_target::{self, EventTarget};
use crate::streams::support::Slots;
use crate::webidl::prelude::*;
use crate::{base64, dom_exception, progress_event, tasks};
use encoding_rs::{Encoding, UTF_8};
use mayfly_engine::builtins::typed_array;

const STATE: u32 = 2;
const RESULT: u32 = 3;
const ERROR: u32 = 4;
const READ: u32 = 5;

/// Values of the record of a read.
mod field {
    pub const BLOB: u32 = 0;
    pub const PACKAGE: u32 = 1;
    pub const LABEL: u32 = 2;
    pub const STEP: u32 = 3;
}

mod state {
    pub const EMPTY: i32 = 0;
    pub const LOADING: i32 = 1;
    pub const DONE: i32 = 2;
}

/// What a blob is turned into.
mod package {
    pub const ARRAY_BUFFER: i32 = 0;
    pub const BINARY_STRING: i32 = 1;
    pub const TEXT: i32 = 2;
    pub const DATA_URL: i32 = 3;
}

/// Tasks of a read, in order.
mod step {
    pub const START: i32 = 0;
    pub const PROGRESS: i32 = 1;
    pub const LOAD: i32 = 2;
    /// What the last task ends with in the standard: a task of its own, so that microtasks come between the two events.
    pub const END: i32 = 3;
}

/// Reads blobs with events.
#[interface(
    name = "FileReader",
    class = class::FILE_READER,
    parent = EventTarget,
    events = "loadstart: ProgressEvent, progress: ProgressEvent, load: ProgressEvent, abort: ProgressEvent, error: ProgressEvent, \
        loadend: ProgressEvent",
)]
impl FileReader {
    const EMPTY: u16 = 0;
    const LOADING: u16 = 1;
    const DONE: u16 = 2;

    // https://w3c.github.io/FileAPI/#filereaderConstrctr
    #[constructor]
    fn new(cx: &mut Context, this: Object) -> Result<()> {
        this.put(cx, STATE, state::EMPTY);
        this.put(cx, RESULT, Value::NULL);
        this.put(cx, ERROR, Value::NULL);
        Ok(())
    }

    // https://w3c.github.io/FileAPI/#readAsArrayBufferAsync
    #[method]
    fn read_as_array_buffer(cx: &mut Context, this: Object, blob: Instance<Blob>) -> Result<()> {
        read(cx, this, "readAsArrayBuffer", blob.object, package::ARRAY_BUFFER, Value::UNDEFINED)
    }

    // https://w3c.github.io/FileAPI/#readAsBinaryStringAsync
    #[method]
    fn read_as_binary_string(cx: &mut Context, this: Object, blob: Instance<Blob>) -> Result<()> {
        read(cx, this, "readAsBinaryString", blob.object, package::BINARY_STRING, Value::UNDEFINED)
    }

    // https://w3c.github.io/FileAPI/#readAsDataText
    #[method]
    fn read_as_text(cx: &mut Context, this: Object, blob: Instance<Blob>, encoding: Optional<DOMString>) -> Result<()> {
        let label = encoding.as_ref().map_or(Value::UNDEFINED, |label| label.0.value());
        read(cx, this, "readAsText", blob.object, package::TEXT, label)
    }

    // https://w3c.github.io/FileAPI/#readAsDataURL
    #[method(name = "readAsDataURL")]
    fn read_as_data_url(cx: &mut Context, this: Object, blob: Instance<Blob>) -> Result<()> {
        read(cx, this, "readAsDataURL", blob.object, package::DATA_URL, Value::UNDEFINED)
    }

    // https://w3c.github.io/FileAPI/#abort
    #[method]
    fn abort(cx: &mut Context, this: Object) -> Result<()> {
        // 1.
        this.put(cx, RESULT, Value::NULL);
        if this.int(cx, STATE) != state::LOADING {
            return Ok(());
        }
        // 2.-4.
        let size = read_size(cx, this);
        this.put(cx, STATE, state::DONE);
        this.put(cx, READ, Value::UNDEFINED);
        // 5.
        progress_event::fire(cx, this, "abort", 0.0, size)?;
        // 6.
        if this.int(cx, STATE) != state::LOADING {
            progress_event::fire(cx, this, "loadend", 0.0, size)?;
        }
        Ok(())
    }

    // https://w3c.github.io/FileAPI/#filereader-state
    #[getter(ts = "0 | 1 | 2")]
    fn ready_state(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, STATE))
    }

    // https://w3c.github.io/FileAPI/#dom-filereader-result
    #[getter(ts = "string | ArrayBuffer | null")]
    fn result(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, RESULT))
    }

    // https://w3c.github.io/FileAPI/#dom-filereader-error
    #[getter(ts = "DOMException | null")]
    fn error(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, ERROR))
    }

    #[getter(name = "onloadstart")]
    fn onloadstart(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "loadstart"))
    }

    #[setter(name = "onloadstart")]
    fn set_onloadstart(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "loadstart", value);
        Ok(())
    }

    #[getter(name = "onprogress")]
    fn onprogress(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "progress"))
    }

    #[setter(name = "onprogress")]
    fn set_onprogress(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "progress", value);
        Ok(())
    }

    #[getter(name = "onload")]
    fn onload(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "load"))
    }

    #[setter(name = "onload")]
    fn set_onload(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "load", value);
        Ok(())
    }

    #[getter(name = "onabort")]
    fn onabort(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "abort"))
    }

    #[setter(name = "onabort")]
    fn set_onabort(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "abort", value);
        Ok(())
    }

    #[getter(name = "onerror")]
    fn onerror(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "error"))
    }

    #[setter(name = "onerror")]
    fn set_onerror(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "error", value);
        Ok(())
    }

    #[getter(name = "onloadend")]
    fn onloadend(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "loadend"))
    }

    #[setter(name = "onloadend")]
    fn set_onloadend(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "loadend", value);
        Ok(())
    }

    /// A task of a read.
    #[hidden]
    fn run_task(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
        let (reader, read) = (cx.native_slot(args.callee, 0), cx.native_slot(args.callee, 1));
        if let (Some(reader), Some(record)) = (reader.as_object(), read.as_cell::<Values>())
            && reader.at(cx, READ) == read
        {
            run_step(cx, reader, record)?;
        }
        Ok(Value::UNDEFINED)
    }
}

/// Size of the blob that is read.
fn read_size(cx: &Context, reader: Object) -> f64 {
    let blob = reader.at(cx, READ).as_cell::<Values>().and_then(|read| read.object(cx, field::BLOB));
    blob.map_or(0.0, |blob| f64::from(blob::size(cx, blob)))
}

// https://w3c.github.io/FileAPI/#readOperation
fn read(cx: &mut Context, reader: Object, method: &'static str, blob: Object, package: i32, label: Value) -> Result<()> {
    // 1.
    if reader.int(cx, STATE) == state::LOADING {
        let message = Place::method("FileReader", method).message("The object is already busy reading Blobs.");
        return Err(dom_exception::throw(cx, "InvalidStateError", &message));
    }
    let record = cx.heap.new_values_from(&[blob.value(), Value::int(package), label, Value::int(step::START)]);
    queue(cx, reader, record)?;
    // 2.-4.
    reader.put(cx, STATE, state::LOADING);
    reader.put(cx, RESULT, Value::NULL);
    reader.put(cx, ERROR, Value::NULL);
    reader.put(cx, READ, Value::cell(record));
    Ok(())
}

fn queue(cx: &mut Context, reader: Object, record: Ref<Values>) -> Result<()> {
    tasks::queue(cx, FileReader::run_task, &[reader.value(), Value::cell(record)])
}

/// 10. of the read operation, one task after the other. The bytes are all there: they make one chunk.
fn run_step(cx: &mut Context, reader: Object, record: Ref<Values>) -> Result<()> {
    let size = read_size(cx, reader);
    let now = record.int(cx, field::STEP);
    let next = match now {
        // An empty blob has no chunk, so there is no progress to tell.
        step::START if size > 0.0 => step::PROGRESS,
        step::START | step::PROGRESS => step::LOAD,
        _ => step::END,
    };
    record.put(cx, field::STEP, next);
    match now {
        step::START | step::PROGRESS => {
            queue(cx, reader, record)?;
            let (name, loaded) = if now == step::START { ("loadstart", 0.0) } else { ("progress", size) };
            progress_event::fire(cx, reader, name, loaded, size)
        }
        step::LOAD => {
            let result = package_data(cx, record)?;
            queue(cx, reader, record)?;
            reader.put(cx, STATE, state::DONE);
            reader.put(cx, RESULT, result);
            progress_event::fire(cx, reader, "load", size, size)
        }
        // A listener that started another read has made this one stale.
        _ => {
            reader.put(cx, READ, Value::UNDEFINED);
            progress_event::fire(cx, reader, "loadend", size, size)
        }
    }
}

// https://w3c.github.io/FileAPI/#blob-package-data
fn package_data(cx: &mut Context, record: Ref<Values>) -> Result<Value> {
    let Some(blob) = record.object(cx, field::BLOB) else { return Ok(Value::NULL) };
    let bytes = blob::bytes(cx, blob);
    cx.reserve(2 * bytes.len() as u64)?;
    let mime_type = blob::content_type(cx, blob).to_text(&cx.heap);
    Ok(match record.int(cx, field::PACKAGE) {
        package::ARRAY_BUFFER => typed_array::create_array_buffer(cx, &bytes).value(),
        package::BINARY_STRING => cx.heap.new_latin1(&bytes).value(),
        package::TEXT => {
            let label = record.at(cx, field::LABEL).as_string().map(|label| label.to_text(&cx.heap));
            let (text, _, _) = encoding(label.as_deref(), &mime_type).decode(&bytes);
            cx.reserve(2 * text.len() as u64)?;
            cx.heap.new_string(&text).value()
        }
        _ => {
            let mime_type = if mime_type.is_empty() { "application/octet-stream" } else { &mime_type };
            let url = format!("data:{mime_type};base64,{}", base64::encode(&bytes));
            cx.reserve(url.len() as u64)?;
            cx.heap.new_string(&url).value()
        }
    })
}

/// The encoding that a label names, else the type's charset, else UTF-8. A byte order mark overrides it.
fn encoding(label: Option<&str>, mime_type: &str) -> &'static Encoding {
    let by_label = |label: &str| Encoding::for_label(label.as_bytes());
    label
        .and_then(by_label)
        .or_else(|| MimeType::parse(mime_type).and_then(|mime| mime.parameter("charset").and_then(by_label)))
        .unwrap_or(UTF_8)
}

/// Files chosen by a user: a worker has none, but the class is part of its scope. <https://w3c.github.io/FileAPI/#filelist-section>
#[interface(name = "FileList", class = class::FILE_LIST)]
impl FileList {
    // https://w3c.github.io/FileAPI/#dfn-item
    #[method(ts = "File | null")]
    fn item(_cx: &mut Context, _this: Object, _index: u32) -> Result<Option<Object>> {
        Ok(None)
    }

    // https://w3c.github.io/FileAPI/#dfn-length
    #[getter]
    fn length(_cx: &mut Context, _this: Object) -> Result<u32> {
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        assert_eq!(encoding(Some("utf-16be"), "text/plain;charset=latin1").name(), "UTF-16BE");
        assert_eq!(encoding(Some("nonsense"), "text/plain;charset=latin1").name(), "windows-1252");
        assert_eq!(encoding(None, "text/plain").name(), "UTF-8");
    }
}
