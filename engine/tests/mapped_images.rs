//! Images that are mapped from their files, and copied later.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use mayfly_engine::host::NullHost;
use mayfly_engine::{Context, ContextOptions, Delta, Image, ImageError, Natives};

const CALL: &str = "words.push('x'); words[0] = 'changed'; Array.prototype.y = words.length; more() + rows.length";

fn natives() -> Rc<Natives> {
    Rc::new(Natives::of_engine())
}

/// A whole image with a large table, and the base that it is made from.
fn built(natives: &Rc<Natives>) -> (Vec<u8>, Arc<Image>) {
    let fresh = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default());
    let base = Image::from_bytes(&fresh.unwrap().to_image_bytes().unwrap(), natives).unwrap();
    let mut cx = instance(&base, natives);
    let rows = "['some text', 1.5],".repeat(5000);
    let source = format!("globalThis.words = ['a', 'b']; globalThis.rows = [{rows}]; globalThis.more = () => words.length;");
    assert!(cx.evaluate_script(&source, "a.js").is_ok());
    (cx.to_image_bytes().unwrap(), base)
}

fn instance(image: &Arc<Image>, natives: &Rc<Natives>) -> Context {
    Context::from_image(image, Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).unwrap()
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Opens the file at a path in one of the two forms.
type Open = fn(File, &Arc<Image>, &Natives) -> Result<Arc<Image>, ImageError>;

/// Both forms of files: a name, the bytes, and how they are opened.
fn forms(whole: &[u8], base: &Arc<Image>, natives: &Natives) -> [(&'static str, Vec<u8>, Open); 2] {
    [
        ("whole", whole.to_vec(), |file, _, natives| Image::from_file(file, natives)),
        ("delta", Image::delta(whole, base, natives).unwrap(), |file, base, natives| Delta::from_file(file, natives)?.over(base)),
    ]
}

#[test]
fn files_are_let_go() {
    let natives = natives();
    let (whole, base) = built(&natives);
    for (name, bytes, open) in forms(&whole, &base, &natives) {
        let path = file(name, &bytes);
        let image = open(File::open(&path).unwrap(), &base, &natives).unwrap();
        assert!(!image.is_settled(), "{name}");
        let mut before = instance(&image, &natives);
        let call = |cx: &mut Context| {
            assert_eq!(cx.evaluate_script(CALL, "b.js").unwrap().as_int(), Some(5003), "{name}");
            assert!(cx.reset() > 1);
            cx.heap.refresh().unwrap();
            assert_eq!(cx.verify_reset(), Ok(()), "{name}");
        };
        call(&mut before);
        image.settle().unwrap();
        assert!(image.is_settled() && !image.is_spoiled());
        before.heap.refresh().unwrap();
        // Whatever happens to the file now: reading past its end would end this process.
        OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
        for _ in 0..3 {
            call(&mut before);
        }
        let mut many: Vec<Context> = (0..10).map(|_| instance(&image, &natives)).collect();
        many.iter_mut().for_each(call);
        image.settle().unwrap();
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn files_that_change_are_noticed() {
    let natives = natives();
    let (whole, base) = built(&natives);
    for (name, bytes, open) in forms(&whole, &base, &natives) {
        let path = file(&format!("changed-{name}"), &bytes);
        let writer = OpenOptions::new().write(true).open(&path).unwrap();
        // Changed before it is opened, before it is copied, and cut before it is copied.
        for at in [0, 8, 40, 60, 100, bytes.len() / 2, bytes.len() - 1] {
            let image = open(File::open(&path).unwrap(), &base, &natives).unwrap();
            writer.write_all_at(&[bytes[at] ^ 1], at as u64).unwrap();
            assert!(open(File::open(&path).unwrap(), &base, &natives).is_err(), "{name}: byte {at}");
            let error = image.settle().unwrap_err().to_string();
            assert!(error.contains("written to") && image.is_spoiled(), "{name}: byte {at}: {error}");
            writer.write_all_at(&bytes[at..=at], at as u64).unwrap();
        }
        let image = open(File::open(&path).unwrap(), &base, &natives).unwrap();
        writer.set_len(5000).unwrap();
        let error = image.settle().unwrap_err().to_string();
        assert!(error.contains("cut") && image.is_spoiled(), "{name}: {error}");
        for length in [0, 8, 71, 4096, bytes.len() - 4096, bytes.len() - 1] {
            let path = file(&format!("cut-{name}"), &bytes[..length]);
            assert!(open(File::open(&path).unwrap(), &base, &natives).is_err(), "{name}: cut to {length}");
            std::fs::remove_file(&path).unwrap();
        }
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn copies_need_no_settling() {
    let natives = natives();
    let (whole, base) = built(&natives);
    let path = file("copied", &whole);
    let image = Image::open(&path, &natives).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(image.is_settled() && base.is_settled());
    image.settle().unwrap();
    // Over an image that is mapped, nothing is settled either until that is.
    let path = file("base", &whole);
    let mapped = Image::from_file(File::open(&path).unwrap(), &natives).unwrap();
    let mut cx = instance(&mapped, &natives);
    assert!(cx.evaluate_script("globalThis.extra = 1", "c.js").is_ok());
    let bytes = cx.to_image_bytes().unwrap();
    let image = Image::over(&mapped, &Image::delta(&bytes, &mapped, &natives).unwrap(), &natives).unwrap();
    assert!(!image.is_settled());
    image.settle().unwrap();
    assert!(image.is_settled() && mapped.is_settled());
    std::fs::remove_file(&path).unwrap();
}

/// An image with many texts beside its heap, the base that it is made from, and how many bytes the texts are.
fn built_with_texts(natives: &Rc<Natives>) -> (Vec<u8>, Arc<Image>, usize) {
    let options = ContextOptions { becomes_image: true, ..ContextOptions::default() };
    let fresh = Context::new(Box::new(NullHost::default()), natives.clone(), options);
    let base = Image::from_bytes(&fresh.unwrap().to_image_bytes().unwrap(), natives).unwrap();
    let mut cx = Context::from_image(&base, Box::new(NullHost::default()), natives.clone(), options).unwrap();
    let comment = "// about mayflies\n".repeat(8000);
    let source = format!("globalThis.rows = [{}];\n{comment}function fail() {{ null.x }}", "1.5,".repeat(10_000));
    assert!(cx.evaluate_script(&source, "a.js").is_ok());
    let bytes = cx.to_image_bytes().unwrap();
    let texts = u64::from_le_bytes(bytes[72..80].try_into().unwrap()) as usize;
    assert!(texts > source.len() && texts < bytes.len() / 2);
    (bytes, base, texts)
}

const ASK: &str = "try { fail() } catch (error) { `${fail} ${error.stack}` }";

fn asked(cx: &mut Context) -> String {
    let text = cx.evaluate_script(ASK, "b.js").unwrap().as_string().unwrap().to_text(&cx.heap);
    cx.reset();
    text
}

#[test]
fn texts_are_read_when_they_are_asked_for() {
    let natives = natives();
    let (whole, base, _) = built_with_texts(&natives);
    for settled in [false, true] {
        for (name, bytes, open) in forms(&whole, &base, &natives) {
            let path = file(&format!("texts-{name}-{settled}"), &bytes);
            let image = open(File::open(&path).unwrap(), &base, &natives).unwrap();
            let mut cx = instance(&image, &natives);
            if settled {
                image.settle().unwrap();
                assert!(image.is_settled());
            }
            // Even of a file that is gone.
            std::fs::remove_file(&path).unwrap();
            let text = asked(&mut cx);
            assert!(text.starts_with("function fail() { null.x }") && text.contains("a.js:8002:24"), "{name}: {text}");
            assert_eq!(cx.verify_reset(), Ok(()));
            // An image over it has them too.
            let again = Image::from_bytes(&cx.to_image_bytes().unwrap(), &natives).unwrap();
            assert_eq!(asked(&mut instance(&again, &natives)), text, "{name}");
        }
    }
}

#[test]
fn damaged_texts_are_never_shown() {
    let natives = natives();
    let (whole, base, texts) = built_with_texts(&natives);
    for (name, mut bytes, open) in forms(&whole, &base, &natives) {
        let start = bytes.len() - texts;
        for at in [start, start + texts / 2, bytes.len() - 1] {
            bytes[at] ^= 4;
            let path = file(&format!("damaged-{name}"), &bytes);
            let image = open(File::open(&path).unwrap(), &base, &natives).unwrap();
            let text = asked(&mut instance(&image, &natives));
            assert!(text.starts_with("function () { [native code] }") && !text.contains("8002"), "{name}, byte {at}: {text}");
            assert!(image.settle().unwrap_err().to_string().contains("texts") && image.is_spoiled(), "{name}, byte {at}");
            let refused = if name == "whole" {
                let _ = Image::open(&path, &natives).unwrap_err();
                Image::from_bytes(&bytes, &natives).unwrap_err()
            } else {
                Image::over(&base, &bytes, &natives).unwrap_err()
            };
            assert!(refused.to_string().contains("texts"), "{name}, byte {at}: {refused}");
            std::fs::remove_file(&path).unwrap();
            bytes[at] ^= 4;
        }
    }
}
