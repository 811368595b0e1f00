//! The global lookup cache: what a (shape, key) pair means, for sites whose key or shape varies.
//!
//! One per thread, shared by its contexts. Entries are told apart by the *generation* of the context that made them, which changes whenever
//! cage offsets may come to mean something else: with a collection, with a reset. What is said only of cells of the image, before any
//! prototype has changed, holds in every instance of that image and after every reset: such entries stand under the image's own generation
//! ([`Pristine`]). Entries have the form of inline caches', with [`WRITABLE`] in the kind's byte where an own property may be stored to, and
//! [`ABSENT`] where one may be added that nothing on the chain has.

use super::inline_cache::{Entry, ic, is_epoch_bound};
use crate::heap::FIRST_CELL;
use std::cell::Cell;
use std::rc::Rc;

/// Number of entries, a power of two.
const ENTRIES: usize = 512;

/// Bit of an entry's kind: an own data property that is writable.
pub(super) const WRITABLE: u32 = 0x80;
/// Bit of the kind of an entry that adds a property: the chain does not have one either, so reading gives undefined.
pub(super) const ABSENT: u32 = 0x40;

/// A place of the cache. Every field is a cell of its own: a handler reads what it has use for, one after the other, and so keeps to the
/// registers that it need not save.
pub(super) struct Slot {
    generation: Cell<u64>,
    key: Cell<u32>,
    shape: Cell<u32>,
    data: Cell<u32>,
    extra: Cell<u32>,
    epoch: Cell<u32>,
}

impl Slot {
    fn empty() -> Slot {
        Slot {
            generation: Cell::new(0),
            key: Cell::new(0),
            shape: Cell::new(0),
            data: Cell::new(0),
            extra: Cell::new(0),
            epoch: Cell::new(0),
        }
    }

    #[inline(always)]
    pub(super) fn data(&self) -> u32 {
        self.data.get()
    }

    #[inline(always)]
    pub(super) fn extra(&self) -> u32 {
        self.extra.get()
    }

    #[inline(always)]
    pub(super) fn epoch(&self) -> u32 {
        self.epoch.get()
    }

    pub(super) fn entry(&self) -> Entry {
        Entry { shape: self.shape.get(), data: self.data.get(), extra: self.extra.get(), epoch: self.epoch.get() }
    }
}

/// What entries that outlive a reset are recognised by.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pristine {
    /// Generation of the image's entries; 0 in a context without an image.
    pub generation: u64,
    /// End of the image's cells.
    pub end: u32,
    /// Its shape epoch.
    pub epoch: u32,
}

impl Pristine {
    /// Whether an entry says only what is so in every instance of the image. (Numbers below the first cell stand for primitive types.)
    fn covers(&self, key: u32, entry: &Entry) -> bool {
        let is_in_image = |cell: u32| (FIRST_CELL..self.end).contains(&cell);
        let extra_is = match entry.data & 0xFF & !(WRITABLE | ABSENT) {
            ic::OWN | ic::OVERFLOW | ic::MISSING => true,
            _ => is_in_image(entry.extra),
        };
        is_in_image(entry.shape) && is_in_image(key) && extra_is && (!is_epoch_bound(entry.data & !WRITABLE) || entry.epoch == self.epoch)
    }
}

/// See the module.
pub(crate) struct LookupCache {
    slots: [Slot; ENTRIES],
    generations: Cell<u64>,
}

thread_local! {
    static CACHE: Rc<LookupCache> =
        Rc::new(LookupCache { slots: std::array::from_fn(|_| Slot::empty()), generations: Cell::new(0) });
}

impl LookupCache {
    /// This thread's.
    pub(crate) fn of_thread() -> Rc<LookupCache> {
        CACHE.with(Rc::clone)
    }

    /// A generation that no entry has.
    pub(crate) fn next_generation(&self) -> u64 {
        self.generations.set(self.generations.get() + 1);
        self.generations.get()
    }

    #[inline(always)]
    fn slot(&self, shape: u32, key: u32) -> &Slot {
        &self.slots[((shape >> 3) ^ (key >> 3) ^ (key >> 9)) as usize % ENTRIES]
    }

    /// The entry for objects of the shape at `shape` and the key with these bits, of a context with this generation and image.
    #[inline(always)]
    pub(super) fn find(&self, generation: u64, pristine: &Pristine, shape: u32, key: u32) -> Option<&Slot> {
        let slot = self.slot(shape, key);
        if slot.shape.get() != shape || slot.key.get() != key {
            return None;
        }
        let made_by = slot.generation.get();
        if made_by == generation || made_by == pristine.generation { Some(slot) } else { None }
    }

    /// Puts an entry in, in place of what is there.
    pub(super) fn put(&self, generation: u64, pristine: &Pristine, key: u32, entry: Entry) {
        let generation = if pristine.covers(key, &entry) { pristine.generation } else { generation };
        let slot = self.slot(entry.shape, key);
        slot.generation.set(generation);
        slot.key.set(key);
        slot.shape.set(entry.shape);
        slot.data.set(entry.data);
        slot.extra.set(entry.extra);
        slot.epoch.set(entry.epoch);
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use crate::context::{Context, ContextOptions};
    use crate::host::NullHost;
    use crate::{Image, Natives};

    const SOURCE: &str = "
        class Base { #secret = 1; #method() { return 7; } value = 2; read() { return this.#secret + this.#method(); } write(to) { this.#secret = to; } }
        const made = new Base();
        const table = Object.create({ inherited: 'far' }, { own: { value: 'near', writable: true, configurable: true, enumerable: true } });
        const keys = ['own', 'inherited', 'missing'];
        const look = () => keys.map((key) => String(table[key])).join() + ',' + made.read();";

    fn run(cx: &mut Context, source: &str) -> String {
        let value = cx.evaluate_script(source, "request.js").expect("it runs");
        value.as_string().expect("a string").to_text(&cx.heap)
    }

    fn image(source: &str) -> (std::sync::Arc<Image>, Rc<Natives>) {
        let natives = Rc::new(Natives::of_engine());
        let mut cx = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
        assert!(cx.evaluate_script(source, "worker.js").is_ok());
        (Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image"), natives)
    }

    fn instance(image: &std::sync::Arc<Image>, natives: &Rc<Natives>) -> Context {
        Context::from_image(image, Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage")
    }

    /// Whatever a request changes after or before it has looked, the next one sees the image.
    #[test]
    fn entries_of_the_image_outlive_resets_and_nothing_else_does() {
        let (image, natives) = image(SOURCE);
        let mut cx = instance(&image, &natives);
        let first = "near,far,undefined,8";
        let changes = [
            ("table.inherited = 'own now'", "near,own now,undefined,8"),
            ("Object.getPrototypeOf(table).inherited = 'other'", "near,other,undefined,8"),
            ("Object.getPrototypeOf(table).missing = 'found'", "near,far,found,8"),
            ("Object.prototype.missing = 'found'", "near,far,found,8"),
            ("delete Object.getPrototypeOf(table).inherited", "near,undefined,undefined,8"),
            ("Object.setPrototypeOf(table, { inherited: 'moved', missing: 'there' })", "near,moved,there,8"),
            ("Object.defineProperty(table, 'own', { get: () => 'got' })", "got,far,undefined,8"),
            ("delete table.own", "undefined,far,undefined,8"),
            ("made.write(10)", "near,far,undefined,17"),
        ];
        for (change, changed) in &changes {
            assert_eq!(run(&mut cx, "look() + ''"), first, "before {change}");
            assert_eq!(run(&mut cx, &format!("{change}; look()")), *changed, "{change}");
            assert_eq!(run(&mut cx, "look() + look()"), format!("{changed}{changed}"), "{change}, again");
            cx.reset();
            cx.verify_reset().expect("it is as it was");
            assert_eq!(run(&mut cx, "look() + ''"), first, "after {change}");
            cx.reset();
        }
        // Each after each other one, with nothing between: epochs that follow the image's come to mean different things.
        for (change, changed) in changes.iter().flat_map(|one| changes.iter().flat_map(move |other| [one, other])) {
            assert_eq!(run(&mut cx, &format!("{change}; look() === '{changed}' ? look() : 'at first ' + look()")), *changed, "{change}");
            cx.reset();
        }
    }

    /// Two images have the same offsets for different things.
    #[test]
    fn images_are_told_apart() {
        let (one, natives) = image(SOURCE);
        let (other, _) = image(&SOURCE.replace("inherited: 'far'", "inherited: 'FAR'").replace("#secret = 1", "#secret = 3"));
        let (third, _) = image(&SOURCE.replace("Object.create({ inherited: 'far' }", "Object.create({ missing: 'far' }"));
        let mut instances = [instance(&one, &natives), instance(&other, &natives), instance(&third, &natives)];
        for _ in 0..3 {
            for (cx, expected) in instances.iter_mut().zip(["near,far,undefined,8", "near,FAR,undefined,10", "near,undefined,far,8"]) {
                assert_eq!(run(cx, "look() + ''"), expected);
                cx.reset();
            }
        }
    }

    /// The entries are there: the second request looks nothing up that the first one found in the image.
    #[test]
    fn entries_are_found_again() {
        let (image, natives) = image(SOURCE);
        let mut cx = instance(&image, &natives);
        assert_eq!(run(&mut cx, "look() + ''"), "near,far,undefined,8");
        let known = |cx: &Context| cx.lookups.slots.iter().filter(|slot| slot.generation.get() == cx.pristine.generation).count();
        // own, inherited and missing of `table`; the private field and the private method of `made`.
        assert!(known(&cx) >= 5, "{}", known(&cx));
        let before = known(&cx);
        cx.reset();
        assert_eq!(known(&cx), before);
    }

    /// Properties that were added by computed keys are added the same way again, unless that means something else by now.
    #[test]
    fn additions_are_known_as_long_as_they_mean_the_same() {
        let source = "
            const fresh = () => ({ a: 1 });
            function put(object, key, value) {
                const before = object[key];
                object[key] = value;
                return [before, object[key], Object.keys(object)].join();
            }
            const often = () => { put(fresh(), 'b', 0); put(fresh(), 'b', 0); return put(fresh(), 'b', 2); };";
        let (image, natives) = image(source);
        let mut cx = instance(&image, &natives);
        let define = |descriptor: &str| format!("Object.defineProperty(Object.prototype, 'b', {descriptor}); often()");
        let changes = [
            (define("{ get() { return 'got'; }, set(value) { this.seen = value; }, configurable: true }"), "got,got,a,seen"),
            (define("{ value: 9, configurable: true }"), "9,9,a"),
            (define("{ value: 5, writable: true, configurable: true }"), "5,2,a,b"),
            ("put(Object.preventExtensions(fresh()), 'b', 2)".to_string(), ",,a"),
            (
                "const parent = fresh(), child = Object.create(parent); child.b; child.b + put(parent, 'b', 2) + child.b".to_string(),
                "undefined,2,a,b2",
            ),
            ("delete Object.prototype.b; often()".to_string(), ",2,a,b"),
        ];
        for (change, changed) in &changes {
            assert_eq!(run(&mut cx, "often()"), ",2,a,b", "before {change}");
            assert_eq!(run(&mut cx, change), *changed, "{change}");
            assert_eq!(run(&mut cx, "delete Object.prototype.b; often()"), ",2,a,b", "and back from {change}");
            cx.reset();
            cx.verify_reset().expect("it is as it was");
        }
        // Without a cache in between: reading is undefined by the entry that adds, and adding more than fits into the object's own slots.
        let many = "let text = ''; for (let round = 0; round < 3; round++) { const o = fresh();
            for (const key of 'bcdefghijklmnop') { text += o[key] === undefined; o[key] = key + round; text += o[key]; } text += Object.keys(o).length; }
            text";
        let expected: String = (0..3)
            .map(|round| format!("{}16", "bcdefghijklmnop".chars().map(|key| format!("true{key}{round}")).collect::<String>()))
            .collect();
        assert_eq!(run(&mut cx, many), expected);
    }

    /// Private names are put on whatever a base constructor returns.
    #[test]
    fn private_names_are_defined_once_and_not_on_what_is_closed() {
        let source = "
            class Base { constructor(object) { return object; } }
            class Stamp extends Base {
                #first = 1; #second = 2; #method() { return 3; }
                static sum(object) { return object.#first + object.#second + object.#method(); }
            }
            const stamp = (object) => { try { return Stamp.sum(new Stamp(object)); } catch (error) { return error.name + ': ' + error.message; } };
            const often = () => [stamp({}), stamp({}), stamp({ a: 1 }), stamp({ a: 1 }), stamp({ a: 1, b: 2, c: 3, d: 4, e: 5 })].join();";
        let (image, natives) = image(source);
        let mut cx = instance(&image, &natives);
        for _ in 0..2 {
            assert_eq!(run(&mut cx, "often()"), "6,6,6,6,6");
            let twice = "const object = {}; stamp(object) + stamp(object)";
            assert_eq!(run(&mut cx, twice), "6TypeError: Cannot initialize private elements twice on the same object");
            let closed = "stamp(Object.freeze({ a: 1 }))";
            assert_eq!(run(&mut cx, closed), "TypeError: Cannot define private member #method on a non-extensible object");
            assert_eq!(run(&mut cx, "const parent = {}; Object.create(parent); stamp(parent) + often()"), "66,6,6,6,6");
            assert_eq!(run(&mut cx, "stamp(new Proxy({}, {})) + '' + stamp(function () {}) + stamp([1, 2])"), "666");
            cx.reset();
            cx.verify_reset().expect("it is as it was");
        }
    }
}
