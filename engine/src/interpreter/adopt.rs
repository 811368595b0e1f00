//! Feedback of sample requests for images: what inline caches learned in one instance, told to another one of the same image, the
//! regular expressions that it compiled, and how large the instances of classes became.
//!
//! Nothing is copied from the instance that ran: every entry is made anew in the other one, from shapes that are found or made there by the
//! same steps (the prototype, then the keys in order). What an entry says of prototypes holds while the epoch is the image's; entries of
//! later epochs are left. So scripts can tell nothing, and [`Context::state_difference`] proves it: caches, shapes, names and the mark of
//! objects that are prototypes may differ, no other byte may. Caches are those of property accesses, that of compiled patterns, and what
//! constructors know of their instances' shapes and sizes.

use hashbrown::{HashMap, HashSet};

use super::inline_cache::{Entry, WAYS, ic, is_epoch_bound, update};
use crate::builtins::regexp_cache;
use crate::context::Context;
use crate::heap::{FEEDBACK, Heap, Kind, Raw, Ref, Root, Shape, object_flag};
use crate::object::{Object, attribute};
use crate::realm::code::Code;
use crate::realm::function::closure;
use crate::string::PropertyKey;
use crate::string::atoms::key;
use crate::value::Value;

/// Shapes that no cache names, at most: a sample that uses objects as tables makes one for each key.
const MOST_SHAPES: usize = 1024;

struct Adoption<'h> {
    from: &'h Heap,
    to: &'h Heap,
    /// Cells below are the same in both.
    end: u32,
    /// Epoch of the image.
    epoch: u32,
    /// The objects that hold global bindings.
    globals: [u32; 2],
    /// Shapes of `from` that are not the image's, and what they are in `to`.
    shapes: HashMap<u32, Option<u32>>,
}

impl Adoption<'_> {
    fn key(&self, bits: u32) -> Option<PropertyKey> {
        let key = PropertyKey::from_bits(bits);
        if bits & 1 != 0 || bits < self.end {
            return Some(key);
        }
        // A symbol that the request made means nothing here.
        let atom = key.as_atom(self.from).filter(|_| self.from.kind(bits) == Kind::FlatString)?;
        Some(PropertyKey::from_bits(self.to.intern_units(atom.units(self.from)).offset()))
    }

    /// The shape that `offset` is in the other instance: a shape, or the marker of a primitive type.
    fn shape(&mut self, offset: u32) -> Option<u32> {
        if offset < self.end {
            return Some(offset);
        }
        if let Some(known) = self.shapes.get(&offset) {
            return *known;
        }
        // Back to a shape that is known, then forward again: lines of descent may be long.
        let mut line = vec![offset];
        let mut known = None;
        while let Some(&last) = line.last() {
            let shape = Ref::<Shape>::from_offset(last);
            let parent: u32 = self.from.load(last + 20);
            if self.from.kind(last) != Kind::Shape || shape.is_dictionary(self.from) {
                break;
            }
            if parent == 0 {
                known = self.root_shape(shape);
                self.shapes.insert(last, known);
                line.pop();
                break;
            }
            if parent < self.end || self.shapes.contains_key(&parent) {
                known = self.shape(parent);
                break;
            }
            line.push(parent);
        }
        for &next in line.iter().rev() {
            known = known.and_then(|parent| {
                let key = self.key(self.from.load(next + 28))?;
                let attributes: u32 = self.from.load(next + 32);
                Some(Ref::<Shape>::from_offset(parent).transition(self.to, key, attributes as u8).offset())
            });
            self.shapes.insert(next, known);
        }
        known
    }

    /// The shape without properties for a prototype of the image.
    fn root_shape(&self, shape: Ref<Shape>) -> Option<u32> {
        let prototype = shape.prototype(self.from);
        if let Some(prototype) = prototype {
            let becomes_one = self.to.flags(prototype.offset()) & object_flag::PROTOTYPE == 0;
            if prototype.offset() >= self.end || becomes_one && prototype.may_have_indexed_properties(self.to) {
                return None;
            }
        }
        let kind = Kind::from_u8(self.from.load(shape.offset() + 44));
        let made = self.to.root_shape(prototype, kind, shape.inline_capacity(self.from));
        let owner = shape.owner(self.from);
        if owner != 0 && owner < self.end && made.owner(self.to) == 0 {
            made.set_owner(self.to, owner);
        }
        Some(made.offset())
    }

    fn entry(&mut self, entry: Entry) -> Option<Entry> {
        let kind = entry.data & 0xFF;
        if entry.shape == 0 || is_epoch_bound(entry.data) && entry.epoch != self.epoch {
            return None;
        }
        let extra = match kind {
            ic::OWN | ic::OVERFLOW | ic::MISSING => entry.extra,
            ic::PROTOTYPE | ic::GETTER if entry.extra < self.end => entry.extra,
            ic::ADD | ic::ADD_OVERFLOW => self.shape(entry.extra)?,
            _ => return None,
        };
        Some(Entry { shape: self.shape(entry.shape)?, extra, ..entry })
    }

    /// Whether this is what a use of a global name learned: the shape of an object that holds global bindings, the epoch, the address of a
    /// slot, the object. (An epoch that happened to be the object's offset would make an entry of properties look like one; it is left then,
    /// or holds in both instances as it is.)
    fn is_global(&self, entry: Entry) -> bool {
        self.globals.contains(&entry.epoch)
    }

    /// Tells the cache at `at` what it learned; how many entries that were.
    fn adopt(&mut self, at: u32) -> usize {
        let entry = Entry::load(self.from, at);
        if self.is_global(entry) {
            let is_in_both = entry.data == self.epoch && entry.shape < self.end && entry.extra < self.end;
            if is_in_both {
                entry.store(self.to, at);
            }
            return usize::from(is_in_both);
        }
        match entry.data & 0xFF {
            ic::MEGAMORPHIC => {
                Entry { shape: 0, data: ic::MEGAMORPHIC, extra: 0, epoch: 0 }.store(self.to, at);
                1
            }
            // Ways that the image has are a cell of their own.
            ic::POLYMORPHIC if entry.extra < self.end => 0,
            ic::POLYMORPHIC => {
                let ways = Ref::<Raw>::from_offset(entry.extra);
                (0..WAYS).filter(|way| self.adopt_entry(Entry::load(self.from, ways.data() + 16 * way), at)).count()
            }
            _ => usize::from(self.adopt_entry(entry, at)),
        }
    }

    fn adopt_entry(&mut self, entry: Entry, at: u32) -> bool {
        let made = self.entry(entry);
        if let Some(made) = made {
            update(self.to, at, made);
        }
        made.is_some()
    }
}

/// Tells a constructor the shape of its instances, where that has the prototype that the constructor has here.
fn adopt_instance_shape(adoption: &mut Adoption<'_>, constructor: Object) {
    let (from, to) = (adoption.from, adoption.to);
    let is_known = |heap: &Heap| constructor.internal(heap, closure::INSTANCE_SHAPE).is_cell();
    let Some(shape) = constructor.internal(from, closure::INSTANCE_SHAPE).as_cell::<Shape>().filter(|_| !is_known(to)) else { return };
    let prototype = constructor
        .shape(to)
        .lookup(to, key::prototype)
        .filter(|property| property.attributes & (attribute::LAZY | attribute::ACCESSOR) == 0);
    let prototype = prototype.and_then(|property| constructor.slot_value(to, property.slot).as_object());
    if let Some(made) = adoption.shape(shape.offset()).map(Ref::<Shape>::from_offset)
        && prototype.is_some()
        && made.prototype(to) == prototype
    {
        constructor.set_internal(to, closure::INSTANCE_SHAPE, Value::cell(made));
    }
}

/// Whether both heaps have the same bytes from `from` to `to`, but for the words at these addresses, in order.
fn is_same_but(one: &Heap, other: &Heap, from: u32, to: u32, skipped: &[u32]) -> bool {
    let is_same = |from: u32, to: u32| one.cage().slice(from, to - from) == other.cage().slice(from, to - from);
    let mut from = from;
    for &word in skipped {
        if !is_same(from, word) {
            return false;
        }
        from = word + 8;
    }
    is_same(from, to)
}

impl Context {
    /// Takes over how many slots the constructors of `warm` give their instances, before anything else is learned: see
    /// [`Context::adopt_feedback`], for which `warm` must have been restored from an image that has them. Whether there were any.
    pub fn adopt_sizes(&mut self, warm: &Context) -> bool {
        let end = warm.heap.image_end();
        let mut changed = false;
        for code in self.heap.cells().into_iter().filter(|&cell| cell < end).filter_map(|cell| Code::at(&self.heap, cell)) {
            let slots = code.inline_hint(&warm.heap);
            if code.inline_hint(&self.heap) < slots {
                code.set_inline_hint(&self.heap, slots);
                changed = true;
            }
        }
        changed
    }

    /// Takes over what the inline caches of `warm` learned while it ran. `warm` was restored from the image that this instance was last
    /// written as, and nothing has run here since. Returns how many entries were learned.
    ///
    /// They are kept until the next image is written, and in that image.
    pub fn adopt_feedback(&mut self, warm: &Context) -> usize {
        let epoch = self.heap.shape_epoch();
        let end = warm.heap.image_end();
        let caches: Vec<(u32, u32)> = self
            .heap
            .cells()
            .into_iter()
            .filter(|&cell| cell < end && self.heap.kind(cell) == Kind::Raw && self.heap.flags(cell) == FEEDBACK)
            .map(|cell| (Ref::<Raw>::from_offset(cell).data(), self.heap.word(cell) / 16))
            .collect();
        let globals = [self.realm().lexical(&self.heap).offset(), self.global().offset()];
        let mut adoption = Adoption { from: &warm.heap, to: &self.heap, end, epoch, globals, shapes: HashMap::new() };
        let mut adopted = 0;
        for (data, count) in caches {
            for at in (0..count).map(|i| data + 16 * i) {
                let (old, new) = (Entry::load(adoption.to, at), Entry::load(adoption.from, at));
                if old != new {
                    adopted += adoption.adopt(at);
                }
            }
        }
        // The first object of a class that no cache names, such as what a native makes, finds its shape too.
        for shape in warm.heap.root_shapes().filter(|shape| shape.offset() >= end) {
            let made = adoption.root_shape(shape);
            adoption.shapes.insert(shape.offset(), made);
        }
        // So do objects that get their properties without a cache, by computed and private names.
        let others = warm.heap.cells().into_iter().filter(|&cell| cell >= end && warm.heap.kind(cell) == Kind::Shape);
        for shape in others.filter(|&cell| !Ref::<Shape>::from_offset(cell).is_dictionary(&warm.heap)).take(MOST_SHAPES) {
            adoption.shape(shape);
        }
        for constructor in adoption.to.cells().into_iter().filter(|&cell| cell < end && adoption.to.kind(cell) == Kind::Closure) {
            adopt_instance_shape(&mut adoption, Object::from_offset(constructor));
        }
        // Caches and transitions hold shapes weakly.
        let shapes: Vec<Value> = adoption.shapes.values().flatten().map(|&shape| Value::cell(Ref::<Shape>::from_offset(shape))).collect();
        self.temporaries.extend(shapes);
        adopted + regexp_cache::adopt(self, warm)
    }

    /// Where the state of this instance differs from that of `image`, an instance of its earlier image in which nothing has run: in any
    /// byte that is not feedback. `None` where it does not.
    pub fn state_difference(&self, image: &Context) -> Option<u32> {
        let (mine, other) = (&self.heap, &image.heap);
        let end = other.image_end();
        let tables = [Root::AtomTable, Root::RootShapes].map(|root| other.root(root).offset());
        let patterns = regexp_cache::traces(image);
        let counts = [Root::AtomTable, Root::AtomCount, Root::RootShapes, Root::RootShapeCount].map(|root| root as u32);
        if let Some(root) = (0..crate::heap::ROOT_COUNT).find(|root| {
            let at = crate::heap::ROOTS_START + 8 * root;
            !counts.contains(root) && mine.load::<u64>(at) != other.load::<u64>(at)
        }) {
            return Some(crate::heap::ROOTS_START + 8 * root);
        }
        let cells = |heap: &Heap| heap.cells().into_iter().filter(|&cell| heap.kind(cell) != Kind::Free).collect::<Vec<u32>>();
        let known: Vec<u32> = cells(other).into_iter().filter(|&cell| cell < end).collect();
        let live: HashSet<u32> = cells(mine).into_iter().collect();
        // What is garbage here, nothing refers to any more, since whatever lives is as it was but for feedback: patterns, with their texts and
        // names, that others took the place of.
        for &cell in known.iter().filter(|cell| live.contains(*cell)) {
            let kind = other.kind(cell);
            let is_feedback = match kind {
                Kind::Shape | Kind::PropertyTable => true,
                Kind::Raw => other.flags(cell) != 0 || tables.contains(&cell),
                Kind::Values => patterns.changed.contains(&cell),
                _ => false,
            };
            if is_feedback {
                continue;
            }
            let size = other.cell_size(cell);
            let header: u64 = mine.load(cell);
            // The mark that something has it for a prototype is second in the header.
            let mark = if kind.is_object() { u64::from(object_flag::PROTOTYPE) << 8 } else { 0 };
            let skipped = match kind {
                // %RegExp% leads to the compiled patterns.
                Kind::NativeFunction => patterns.slots.into_iter().filter(|slot| (cell..cell + size).contains(slot)).collect(),
                Kind::Closure => vec![Object::from_offset(cell).internal_address(closure::INSTANCE_SHAPE)],
                Kind::Values => Code::at(other, cell).map(Code::inline_hint_address).into_iter().collect(),
                _ => Vec::new(),
            };
            let rest_is_same = is_same_but(mine, other, cell + 8, cell + size, &skipped);
            if header & !mark != other.load::<u64>(cell) & !mark || !rest_is_same {
                return Some(cell);
            }
        }
        // What came after, also in holes, is nothing that a script can hold.
        let patterns = regexp_cache::traces(self);
        let known: HashSet<u32> = known.into_iter().collect();
        live.into_iter().filter(|cell| !known.contains(cell)).find(|&cell| {
            let is_invisible = match mine.kind(cell) {
                Kind::Shape | Kind::PropertyTable | Kind::FlatString => true,
                Kind::Raw => {
                    mine.flags(cell) != 0 || mine.root(Root::AtomTable).offset() == cell || mine.root(Root::RootShapes).offset() == cell
                }
                _ => false,
            };
            !is_invisible && !patterns.made.contains(&cell)
        })
    }

    /// Whether the object is marked as a prototype (for tests).
    #[cfg(test)]
    pub(crate) fn is_marked_as_prototype(&self, object: crate::object::Object) -> bool {
        self.heap.flags(object.offset()) & object_flag::PROTOTYPE != 0
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::sync::Arc;

    use super::*;
    use crate::context::ContextOptions;
    use crate::host::NullHost;
    use crate::{Image, Natives};

    fn instance(image: &Arc<Image>, natives: &Rc<Natives>) -> Context {
        Context::from_image(image, Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage")
    }

    const SOURCE: &str = "
        let count = 0;
        const kept = new Map();
        class Point { constructor(x, y) { this.x = x; this.y = y; } get sum() { return this.x + this.y; } }
        const read = (object) => object.alpha;
        function handle(n) {
            count++;
            kept.set(n, { n });
            const points = [new Point(n, 1), new Point(n, 2)];
            const many = [{ alpha: 1 }, { alpha: 2, beta: 1 }, { beta: 1, alpha: 3 }, { ['key' + n]: 1, alpha: 4 }];
            const wide = [{ a: 1 }, { b: 1 }, { c: 1 }, { d: 1 }, { e: 1 }, { f: 1 }].map((object) => object.missing);
            class Local { m() { return 7; } }
            if (n > 100) Array.prototype.later = n;
            return [points.map((p) => p.sum).join(), many.map(read).join(), wide.length, new Local().m(), count, kept.size, [].later].join(' ');
        }";

    fn run(cx: &mut Context, source: &str) -> String {
        let value = cx.evaluate_script(source, "request.js").expect("it runs");
        value.as_string().expect("a string").to_text(&cx.heap)
    }

    #[test]
    fn feedback_without_state() {
        let natives = Rc::new(Natives::of_engine());
        let mut cx = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
        assert!(cx.evaluate_script(SOURCE, "worker.js").is_ok());
        let cold_bytes = cx.to_image_bytes().expect("an image");
        let cold = Image::from_bytes(&cold_bytes, &natives).expect("a good image");
        let mut warm = instance(&cold, &natives);
        let first = run(&mut warm, "handle(1)");
        // From here on the epoch is another: what is learned of prototypes is left.
        run(&mut warm, "handle(1000)");
        let adopted = cx.adopt_feedback(&warm);
        assert!(adopted > 20, "{adopted}");
        let bytes = cx.to_image_bytes().expect("an image");
        assert_eq!(cx.state_difference(&instance(&cold, &natives)), None);
        assert!(cx.heap.verify().is_ok());
        let image = Image::from_bytes(&bytes, &natives).expect("a good image");
        assert!(image.length() < cold.length() + (16 << 10), "{} after {}", image.length(), cold.length());
        for n in [1, 2, 1000] {
            let request = format!("handle({n})");
            assert_eq!(run(&mut instance(&image, &natives), &request), run(&mut instance(&cold, &natives), &request));
        }
        assert_eq!(run(&mut instance(&image, &natives), "handle(1)"), first);
        // The same sample gives the same bytes.
        let again = {
            let mut cx = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
            assert!(cx.evaluate_script(SOURCE, "worker.js").is_ok());
            assert!(cx.to_image_bytes().expect("an image") == cold_bytes);
            let mut warm = instance(&cold, &natives);
            run(&mut warm, "handle(1)");
            run(&mut warm, "handle(1000)");
            cx.adopt_feedback(&warm);
            cx.to_image_bytes().expect("an image")
        };
        assert!(again == bytes);
        // It pays: requests have less left to learn. Why they still learn some entries anew has not been looked into.
        let mut warm = instance(&image, &natives);
        run(&mut warm, "handle(1)");
        let learned = cx.adopt_feedback(&warm);
        assert!(learned * 2 < adopted, "{learned} entries after {adopted}");
    }

    /// Patterns that samples compile may take the place of those that the top level compiled, which nothing holds then.
    #[test]
    fn patterns_replaced_by_those_of_samples_are_no_state() {
        let natives = Rc::new(Natives::of_engine());
        let source = "
            function compile(name, from, to) { let found = 0; for (let i = from; i < to; i++) found += +new RegExp(name + i).test(name + i); return found; }
            const held = new RegExp('kept0');
            compile('kept', 0, 250);
            const handle = (n) => compile('asked', 0, n) + held.exec('kept0')[0];";
        let mut cx = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
        assert!(cx.evaluate_script(source, "worker.js").is_ok());
        let cold = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
        let mut warm = instance(&cold, &natives);
        assert_eq!(run(&mut warm, "handle(100)"), "100kept0");
        assert!(cx.adopt_feedback(&warm) > 50);
        let bytes = cx.to_image_bytes().expect("an image");
        let before = instance(&cold, &natives);
        assert_eq!(cx.state_difference(&before), None);
        let live = cx.heap.cells().into_iter().filter(|&cell| cx.heap.kind(cell) != Kind::Free).collect::<HashSet<u32>>();
        assert!(regexp_cache::traces(&before).made.iter().any(|cell| !live.contains(cell)), "nothing was forgotten");
        let image = Image::from_bytes(&bytes, &natives).expect("a good image");
        assert_eq!(run(&mut instance(&image, &natives), "handle(300)"), "300kept0");
    }

    /// What is learned may be written into holes that garbage has left, also where a hole ends up half used.
    #[test]
    fn images_with_holes_are_warmed() {
        let natives = Rc::new(Natives::of_engine());
        for garbage in (0..40).map(|step| 1000 + 137 * step) {
            let source = format!("{SOURCE} {{ let last; for (let i = 0; i < {garbage}; i++) last = {{ text: 'text ' + i, list: [i] }}; }}");
            let mut cx = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
            assert!(cx.evaluate_script(&source, "worker.js").is_ok());
            let cold = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
            let mut warm = instance(&cold, &natives);
            run(&mut warm, "handle(1)");
            assert!(cx.adopt_feedback(&warm) > 20);
            let last = cx.heap.cells().last().map(|&cell| cell + cx.heap.cell_size(cell));
            assert_eq!(last, Some(cx.heap.used_end()));
            assert!(cx.heap.verify().is_ok());
            assert_eq!(cx.state_difference(&instance(&cold, &natives)), None);
        }
    }

    /// Uses of global names, and the shapes of what natives make, are learned too: requests have nothing of it to make anew.
    #[test]
    fn globals_and_first_shapes_are_kept() {
        let natives = Rc::new(Natives::of_engine());
        let source = "
            class Kept extends Set {}
            var counted = 0;
            let lexical = 'lexical';
            function handle() { return lexical + String(counted) + Reflect.construct(Set, [], Kept).size + Object.create(Kept.prototype); }";
        let mut cx = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
        assert!(cx.evaluate_script(source, "worker.js").is_ok());
        let cold = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
        let mut warm = instance(&cold, &natives);
        let count = |cx: &Context| cx.heap.root_shapes().count();
        let before = count(&warm);
        let first = run(&mut warm, "handle()");
        assert!(count(&warm) > before, "nothing to learn");
        assert!(cx.adopt_feedback(&warm) >= 6);
        let image = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
        assert_eq!(cx.state_difference(&instance(&cold, &natives)), None);
        let mut warm = instance(&image, &natives);
        let before = count(&warm);
        assert_eq!(run(&mut warm, "handle()"), first);
        assert_eq!(count(&warm), before);
        assert_eq!(cx.adopt_feedback(&warm), 0, "something was left to learn");
        // Values are read where they are, not as they were.
        assert_eq!(run(&mut instance(&image, &natives), "counted = 7; handle()"), first.replacen('0', "7", 1));
    }

    /// What a request compiles is in the image: the next one finds it. Nothing else of its regular expressions is.
    #[test]
    fn compiled_patterns_are_kept() {
        let natives = Rc::new(Natives::of_engine());
        let source = "
            const early = /^early/;
            function handle(text) {
                const found = /(?<year>\\d{4})-(?<month>\\d\\d)/u.exec(text);
                return [found.groups.year, found.groups.month, found.index, text.replace(/[aeiou]/g, '_'), early.test(text)].join(' ');
            }";
        for source in [source.to_string(), source.replace("const early = /^early/;", "const early = { test() { return false; } };")] {
            let mut cx = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
            assert!(cx.evaluate_script(&source, "worker.js").is_ok());
            let cold = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
            let mut warm = instance(&cold, &natives);
            let first = run(&mut warm, "handle('on 2026-11-23')");
            assert_eq!(first, "2026 11 3 _n 2026-11-23 false");
            assert!(cx.adopt_feedback(&warm) > 2);
            let image = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
            assert_eq!(cx.state_difference(&instance(&cold, &natives)), None);
            let mut warm = instance(&image, &natives);
            assert_eq!(run(&mut warm, "RegExp.$1 + RegExp.input"), "");
            assert_eq!(run(&mut warm, "handle('on 2026-11-23')"), first);
            assert_eq!(regexp_cache::adopt(&cx, &warm), 0, "a pattern was compiled again");
            assert_eq!(
                run(&mut instance(&image, &natives), "/[aeiou]/i.exec('xyA')[0] + handle('in 1984-06')"),
                "A1984 06 3 _n 1984-06 false"
            );
            // The proof lets nothing else of them pass.
            for change in
                ["RegExp.prototype.more = 1", "RegExp.more = 1", "RegExp.prototype.exec = null", "/x/.exec('x')", "/[aeiou]/g.exec('a')"]
            {
                let mut cx = instance(&image, &natives);
                assert!(cx.evaluate_script(change, "change.js").is_ok());
                assert!(cx.state_difference(&instance(&image, &natives)).is_some(), "{change}");
            }
        }
    }

    /// Instances have room from the first one on for what they had room for after the samples, and constructors know their shape.
    #[test]
    fn sizes_of_instances_are_kept() {
        let natives = Rc::new(Natives::of_engine());
        let source = "
            class Wide { a = 1; b = 2; c = 3; d = 4; e = 5; f = 6; g = 7; #h = 8; i = 9; sum() { return this.a + this.g + this.#h + this.i; } }
            function Old(n) { this.n = n; }
            const first = Old.prototype;
            function handle() {
                const text = [new Wide(), new Wide(), new Wide()].map((wide) => wide.sum()).join() + (Object.getPrototypeOf(new Old(1)) === first);
                Old.prototype = { later: true };
                return text + (Object.getPrototypeOf(new Old(1)) === first);
            }";
        let mut cx = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
        assert!(cx.evaluate_script(source, "worker.js").is_ok());
        let cold = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
        let expected = "25,25,25truefalse";
        let mut warm = instance(&cold, &natives);
        assert_eq!(run(&mut warm, "handle()"), expected);
        let slow = |cx: &mut Context| {
            let before = cx.machine.misses;
            assert_eq!(run(cx, "handle()"), expected);
            cx.machine.misses - before
        };
        assert!(cx.adopt_sizes(&warm));
        let sized = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
        assert_eq!(cx.state_difference(&instance(&cold, &natives)), None);
        let mut warm = instance(&sized, &natives);
        let at_first = slow(&mut warm);
        assert!(!cx.adopt_sizes(&warm), "it was not the last size");
        cx.adopt_feedback(&warm);
        let image = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
        assert_eq!(cx.state_difference(&instance(&cold, &natives)), None);
        let mut warm = instance(&image, &natives);
        let learned = slow(&mut warm);
        assert!(learned + 9 <= at_first, "{learned} slow accesses of {at_first}");
        // What a constructor knows is of the prototype that it has in the image.
        assert_eq!(run(&mut instance(&image, &natives), "String(Object.getPrototypeOf(new Old(1)) === first)"), "true");
        for change in ["Wide.prototype.more = 1", "Old.prototype = {}", "first.more = 1", "Wide.more = 1"] {
            let mut cx = instance(&image, &natives);
            assert!(cx.evaluate_script(change, "change.js").is_ok());
            assert!(cx.state_difference(&instance(&image, &natives)).is_some(), "{change}");
        }
    }

    #[test]
    fn differences_of_state_are_seen() {
        let natives = Rc::new(Natives::of_engine());
        for change in ["count = 7", "kept.set(1, 2)", "Array.prototype.later = 1", "globalThis.more = 1", "Point.prototype.x = 1"] {
            let mut cx = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
            assert!(cx.evaluate_script(SOURCE, "worker.js").is_ok());
            let cold = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
            assert_eq!(cx.state_difference(&instance(&cold, &natives)), None);
            assert!(cx.evaluate_script(change, "change.js").is_ok());
            cx.to_image_bytes().expect("an image");
            assert!(cx.state_difference(&instance(&cold, &natives)).is_some(), "{change}");
        }
    }

    /// A shape for an object that was no prototype before makes it one here too, or changes to it would go unnoticed.
    #[test]
    fn prototypes_are_marked() {
        let natives = Rc::new(Natives::of_engine());
        let source = "const base = { m: 1 }; const make = () => { const o = Object.create(base); return String(o.m); };";
        let mut cx = Context::new(Box::new(NullHost::default()), natives.clone(), ContextOptions::default()).expect("a cage");
        assert!(cx.evaluate_script(source, "worker.js").is_ok());
        let cold = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
        let mut warm = instance(&cold, &natives);
        run(&mut warm, "make() + make()");
        cx.adopt_feedback(&warm);
        let image = Image::from_bytes(&cx.to_image_bytes().expect("an image"), &natives).expect("a good image");
        let mut cx = instance(&image, &natives);
        let base = cx.evaluate_script("base", "b.js").expect("it runs").as_object().expect("an object");
        assert!(cx.is_marked_as_prototype(base));
        assert_eq!(run(&mut cx, "make() + (base.m = 2, make()) + (delete base.m, make()) + (base.m = 3, make())"), "12undefined3");
    }
}
