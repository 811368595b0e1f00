//! Blob and File. <https://w3c.github.io/FileAPI/>

use crate::body::{self, Body, new_bytes};
use crate::streams::support::{Slots, new_platform_object};
use crate::webidl::prelude::*;
use crate::webidl::{Type, Typed};
use mayfly_engine::builtins::{promise, typed_array};
use mayfly_engine::clock;
use mayfly_engine::heap::Raw;
use mayfly_engine::string::Units;

/// Raw cell, which several blobs may share.
const DATA: u32 = 1;
/// Where this blob's bytes begin in it.
const OFFSET: u32 = 2;
/// Number of bytes.
const LENGTH: u32 = 3;
/// MIME type.
const TYPE: u32 = 4;
/// File: name.
const NAME: u32 = 5;
/// File: milliseconds since 1970.
const LAST_MODIFIED: u32 = 6;

/// The bytes of a blob.
pub(crate) fn bytes(cx: &Context, blob: Object) -> Vec<u8> {
    let Some(raw) = blob.at(cx, DATA).as_cell::<Raw>() else { return Vec::new() };
    let (offset, length) = (blob.int(cx, OFFSET) as usize, blob.int(cx, LENGTH) as usize);
    raw.bytes(&cx.heap).get(offset..offset + length).unwrap_or_default().to_vec()
}

/// The number of bytes of a blob.
pub(crate) fn size(cx: &Context, blob: Object) -> u32 {
    blob.at(cx, LENGTH).as_number().unwrap_or(0.0) as u32
}

/// The MIME type of a blob.
pub(crate) fn content_type(cx: &Context, blob: Object) -> JsString {
    blob.at(cx, TYPE).as_string().unwrap_or(cx.heap.empty_string())
}

/// The name of a File; "blob" for a Blob.
pub(crate) fn file_name(cx: &Context, blob: Object) -> String {
    blob.at(cx, NAME).as_string().map_or_else(|| "blob".to_string(), |name| name.to_text(&cx.heap))
}

fn fill(cx: &Context, blob: Object, raw: Ref<Raw>, offset: u32, length: u32, ty: JsString) {
    blob.put(cx, DATA, Value::cell(raw));
    blob.put(cx, OFFSET, Value::from_usize(offset as usize));
    blob.put(cx, LENGTH, Value::from_usize(length as usize));
    blob.put(cx, TYPE, ty);
}

/// A Blob over a cell.
pub(crate) fn create(cx: &mut Context, raw: Ref<Raw>, ty: JsString) -> Object {
    let blob = new_platform_object(cx, class::BLOB, false);
    fill(cx, blob, raw, 0, raw.length(&cx.heap), ty);
    blob
}

/// A File over a cell, last modified now.
pub(crate) fn create_file(cx: &mut Context, raw: Ref<Raw>, ty: JsString, name: JsString) -> Result<Object> {
    let now = clock::now_ms(cx)?;
    let file = new_platform_object(cx, class::FILE, false);
    fill(cx, file, raw, 0, raw.length(&cx.heap), ty);
    file.put(cx, NAME, name);
    file.put(cx, LAST_MODIFIED, now.floor());
    Ok(file)
}

/// A File with the bytes and type of a blob, which is a File itself or not.
pub(crate) fn as_file(cx: &mut Context, blob: Object, name: Option<JsString>) -> Result<Object> {
    if name.is_none() && is_instance(cx, blob.value(), class::FILE) {
        return Ok(blob);
    }
    let file = new_platform_object(cx, class::FILE, false);
    for at in [DATA, OFFSET, LENGTH, TYPE, LAST_MODIFIED] {
        file.put(cx, at, blob.at(cx, at));
    }
    if file.at(cx, LAST_MODIFIED).is_undefined() {
        let now = clock::now_ms(cx)?;
        file.put(cx, LAST_MODIFIED, now.floor());
    }
    let name = name.unwrap_or_else(|| cx.heap.new_latin1(b"blob"));
    file.put(cx, NAME, name);
    Ok(file)
}

/// BlobPart: a buffer source, a Blob, or a string. <https://w3c.github.io/FileAPI/#typedefdef-blobpart>
struct BlobPart(Value);

impl Typed for BlobPart {
    fn declared() -> Type {
        Type::Text("BlobPart")
    }
}

impl FromJs for BlobPart {
    fn from_js(cx: &mut Context, value: Value, _: &Place<'_>) -> Result<BlobPart> {
        if BufferSource::is_one(cx, value) || is_instance(cx, value, class::BLOB) {
            return Ok(BlobPart(value));
        }
        Ok(BlobPart(cx.to_string(value)?.value()))
    }
}

// https://w3c.github.io/FileAPI/#process-blob-parts
fn process_parts(cx: &mut Context, parts: Option<&[BlobPart]>, native_line_ends: bool) -> Result<Ref<Raw>> {
    let mut all = Vec::new();
    for BlobPart(part) in parts.unwrap_or_default() {
        if BufferSource::is_one(cx, *part) {
            all.extend_from_slice(typed_array::bytes(&cx.heap, *part).unwrap_or_default());
        } else if let Some(blob) = instance::<Blob>(cx, *part) {
            all.extend(bytes(cx, blob));
        } else if let Some(text) = part.as_string() {
            let encoded = body::utf8(cx, text);
            if native_line_ends {
                let text = String::from_utf8_lossy(&encoded).replace("\r\n", "\n").replace('\r', "\n");
                all.extend_from_slice(text.as_bytes());
            } else {
                all.extend(encoded);
            }
        }
        cx.reserve(all.len() as u64)?;
    }
    new_bytes(cx, &all)
}

/// A type in lower case; empty when it holds anything outside U+0020 to U+007E.
fn normalize_type(cx: &Context, ty: JsString) -> JsString {
    let text = ty.to_text(&cx.heap);
    if text.bytes().all(|byte| (0x20..=0x7E).contains(&byte)) {
        cx.heap.new_string(&text.to_ascii_lowercase())
    } else {
        cx.heap.empty_string()
    }
}

/// EndingType
#[derive(Clone, Copy, PartialEq, Eq, Enumeration)]
enum EndingType {
    Transparent,
    Native,
}

/// BlobPropertyBag
#[derive(Dictionary)]
struct BlobPropertyBag {
    endings: Optional<EndingType>,
    #[idl(name = "type")]
    ty: DOMString,
}

/// FilePropertyBag
#[derive(Dictionary)]
struct FilePropertyBag {
    #[idl(parent)]
    base: BlobPropertyBag,
    last_modified: Optional<i64>,
}

fn construct(cx: &mut Context, this: Object, parts: Option<&[BlobPart]>, options: &BlobPropertyBag) -> Result<()> {
    let raw = process_parts(cx, parts, *options.endings == Some(EndingType::Native))?;
    let ty = normalize_type(cx, options.ty.0);
    fill(cx, this, raw, 0, raw.length(&cx.heap), ty);
    Ok(())
}

/// `Blob`.
#[interface(name = "Blob", class = class::BLOB)]
impl Blob {
    // https://w3c.github.io/FileAPI/#constructorBlob
    #[constructor]
    fn new(cx: &mut Context, this: Object, parts: Optional<Vec<BlobPart>>, options: BlobPropertyBag) -> Result<()> {
        construct(cx, this, parts.as_deref(), &options)
    }

    // https://w3c.github.io/FileAPI/#dfn-size
    #[getter(ts = "number")]
    fn size(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, LENGTH))
    }

    // https://w3c.github.io/FileAPI/#dfn-type
    #[getter(name = "type")]
    fn type_(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(content_type(cx, this))
    }

    // https://w3c.github.io/FileAPI/#dfn-slice
    #[method(ts = "Blob")]
    fn slice(
        cx: &mut Context,
        this: Object,
        start: Optional<Clamp<i64>>,
        end: Optional<Clamp<i64>>,
        ty: Optional<DOMString>,
    ) -> Result<Object> {
        let size = i64::from(this.int(cx, LENGTH));
        let relative = |position: i64| if position < 0 { (size + position).max(0) } else { position.min(size) };
        let start = start.map_or(0, |start| relative(start.0));
        let end = end.map_or(size, |end| relative(end.0));
        let length = (end - start).max(0);
        let ty = match *ty {
            Some(ty) => normalize_type(cx, ty.0),
            None => cx.heap.empty_string(),
        };
        let blob = new_platform_object(cx, class::BLOB, false);
        for at in [DATA, OFFSET] {
            blob.put(cx, at, this.at(cx, at));
        }
        blob.put(cx, OFFSET, Value::from_usize((i64::from(this.int(cx, OFFSET)) + start) as usize));
        blob.put(cx, LENGTH, Value::from_usize(length as usize));
        blob.put(cx, TYPE, ty);
        Ok(blob)
    }

    // https://w3c.github.io/FileAPI/#dom-blob-stream
    #[method(ts = "ReadableStream<Uint8Array<ArrayBuffer>>")]
    fn stream(cx: &mut Context, this: Object) -> Result<Object> {
        let bytes = bytes(cx, this);
        let raw = new_bytes(cx, &bytes)?;
        Ok(body::source::to_stream(cx, Body::Bytes(raw)))
    }

    // https://w3c.github.io/FileAPI/#dom-blob-text
    #[promise_method(ts = "string")]
    fn text(cx: &mut Context, this: Object) -> Result<Object> {
        let bytes = bytes(cx, this);
        let text = body::decode_utf8(cx, &bytes)?;
        Ok(promise::new_fulfilled(cx, text.value()))
    }

    // https://w3c.github.io/FileAPI/#dom-blob-arraybuffer
    #[promise_method(ts = "ArrayBuffer")]
    fn array_buffer(cx: &mut Context, this: Object) -> Result<Object> {
        let bytes = bytes(cx, this);
        cx.reserve(bytes.len() as u64)?;
        let buffer = typed_array::create_array_buffer(cx, &bytes);
        Ok(promise::new_fulfilled(cx, buffer.value()))
    }

    // https://w3c.github.io/FileAPI/#dom-blob-bytes
    #[promise_method(ts = "Uint8Array<ArrayBuffer>")]
    fn bytes(cx: &mut Context, this: Object) -> Result<Object> {
        let bytes = bytes(cx, this);
        cx.reserve(bytes.len() as u64)?;
        let array = typed_array::create_uint8_array(cx, &bytes);
        Ok(promise::new_fulfilled(cx, array.value()))
    }
}

/// `File`.
#[interface(name = "File", class = class::FILE, parent = Blob)]
impl File {
    // https://w3c.github.io/FileAPI/#file-constructor
    #[constructor]
    fn new(cx: &mut Context, this: Object, parts: Vec<BlobPart>, name: DOMString, options: FilePropertyBag) -> Result<()> {
        construct(cx, this, Some(&parts), &options.base)?;
        let name = if let Units::Latin1(_) = name.0.units(&cx.heap) {
            name.0
        } else {
            // USVString: lone surrogates become U+FFFD.
            let text = name.0.to_text(&cx.heap);
            cx.heap.new_string(&text)
        };
        this.put(cx, NAME, name);
        let modified = match *options.last_modified {
            Some(time) => time as f64,
            None => clock::now_ms(cx)?.floor(),
        };
        this.put(cx, LAST_MODIFIED, modified);
        Ok(())
    }

    // https://w3c.github.io/FileAPI/#dfn-name
    #[getter(ts = "string")]
    fn name(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, NAME))
    }

    // https://w3c.github.io/FileAPI/#dfn-lastModified
    #[getter(ts = "number")]
    fn last_modified(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, LAST_MODIFIED))
    }

    // https://wicg.github.io/entries-api/#dom-file-webkitrelativepath
    #[getter]
    fn webkit_relative_path(_cx: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("")
    }
}
