//! Class tables as a process holds them: packed by the compiler, without pointers but those to the functions.
//!
//! The loader writes each pointer of constant data at each start, whether anybody reads it or not, and copies the page that it is in. So
//! the tables that people write ([`ClassSpec`]) are read by the compiler only, and what it makes of them has numbers in place of pointers.
//! Functions cannot be numbers; they stand together, and are all that calls need.

use super::{Args, ClassSpec, ConstantSpec, KeySpec, Member, MemberKind, Native, NativeEntry, NativeFn, NativeId, Result};
use crate::builtins::CLASSES;
use crate::context::Context;
use crate::realm::IntrinsicId;
use crate::value::Value;

/// A text of the table: where it begins, and its length in bytes.
#[derive(Clone, Copy)]
pub struct TextRange {
    start: u32,
    length: u32,
}

/// A member whose texts are in the table.
type PackedMember = Member<TextRange, ()>;

/// A class whose texts and members are in the table.
#[derive(Clone, Copy)]
struct PackedClass {
    name: TextRange,
    constructor: Option<u16>,
    intrinsic: Option<IntrinsicId>,
    prototype: Option<IntrinsicId>,
    parent_prototype: Option<IntrinsicId>,
    parent_constructor: Option<IntrinsicId>,
    is_global: bool,
    first_member: u32,
    members: u32,
}

/// How much a table holds.
#[derive(Clone, Copy)]
pub struct Sizes {
    /// Number of natives.
    pub natives: usize,
    /// Number of members, with and without functions.
    pub members: usize,
    /// Number of classes.
    pub classes: usize,
    /// Bytes of text.
    pub text: usize,
}

/// What the compiler makes of class tables. [`native_table!`](crate::native_table!) takes it apart.
pub struct Packed<const NATIVES: usize, const MEMBERS: usize, const CLASSES: usize, const TEXT: usize> {
    /// By index.
    pub functions: [NativeFn; NATIVES],
    /// By index.
    pub ids: [NativeId; NATIVES],
    /// In order of definition, class after class.
    pub members: Members<MEMBERS>,
    /// In order.
    pub classes: Classes<CLASSES>,
    /// Every text, one after the other.
    pub text: [u8; TEXT],
}

/// Members of a table.
pub struct Members<const COUNT: usize>([PackedMember; COUNT]);

/// Classes of a table.
pub struct Classes<const COUNT: usize>([PackedClass; COUNT]);

/// Stands for a function that is in no table.
pub(super) fn unlisted(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Err(cx.throw_type_error("internal error: this function is in no table of natives"))
}

/// Class `index` of the engine's classes followed by the embedder's.
const fn class_at<'a>(embedder: &[&'a ClassSpec], index: usize) -> &'a ClassSpec {
    if index < CLASSES.len() { CLASSES[index] } else { embedder[index - CLASSES.len()] }
}

/// The natives of a member, at most two, in the order of their indices.
const fn natives_of(member: &Member) -> [Option<Native>; 2] {
    match member.kind {
        MemberKind::Method(_, native) | MemberKind::Hidden(_, native) => [Some(native), None],
        MemberKind::Accessor(get, set) => [get, set],
        MemberKind::Alias(_) | MemberKind::Constant(_) => [None, None],
    }
}

/// How much the table of the engine's classes and these holds.
pub const fn sizes(embedder: &[&ClassSpec]) -> Sizes {
    let classes = CLASSES.len() + embedder.len();
    let mut sizes = Sizes { natives: super::FIRST_LISTED as usize, members: 0, classes, text: 0 };
    let mut at = 0;
    while at < classes {
        let class = class_at(embedder, at);
        sizes.natives += class.constructor.is_some() as usize;
        sizes.members += class.members.len();
        sizes.text += class.name.len();
        let mut index = 0;
        while index < class.members.len() {
            let member = &class.members[index];
            let [first, second] = natives_of(member);
            sizes.natives += first.is_some() as usize + second.is_some() as usize;
            sizes.text += member.key.name().len();
            if let MemberKind::Alias(text) | MemberKind::Constant(ConstantSpec::Text(text)) = member.kind {
                sizes.text += text.len();
            }
            index += 1;
        }
        at += 1;
    }
    sizes
}

/// Hash of the natives' names and lengths in order, of the engine's classes and these.
pub const fn fingerprint(embedder: &[&ClassSpec]) -> u64 {
    let mut hash = sizes(embedder).natives as u64;
    let mut at = 0;
    while at < CLASSES.len() + embedder.len() {
        hash = super::mix(hash, class_at(embedder, at).natives_fingerprint());
        at += 1;
    }
    hash
}

/// Packs the engine's classes and these, for [`sizes`] of the same.
pub const fn pack<const NATIVES: usize, const MEMBERS: usize, const CLASSES: usize, const TEXT: usize>(
    embedder: &[&ClassSpec],
) -> Packed<NATIVES, MEMBERS, CLASSES, TEXT> {
    const NOWHERE: TextRange = TextRange { start: 0, length: 0 };
    let no_member = Member { is_static: false, key: KeySpec::Name(NOWHERE), kind: MemberKind::Alias(NOWHERE), attributes: 0 };
    let no_class = PackedClass {
        name: NOWHERE,
        constructor: None,
        intrinsic: None,
        prototype: None,
        parent_prototype: None,
        parent_constructor: None,
        is_global: false,
        first_member: 0,
        members: 0,
    };
    let mut packer = Packer {
        packed: Packed {
            functions: [unlisted; NATIVES],
            ids: [NativeId::of(unlisted); NATIVES],
            members: Members([no_member; MEMBERS]),
            classes: Classes([no_class; CLASSES]),
            text: [0; TEXT],
        },
        natives: super::FIRST_LISTED as usize,
        members: 0,
        text: 0,
    };
    let mut at = 0;
    while at < CLASSES {
        let class = class_at(embedder, at);
        packer.packed.classes.0[at] = PackedClass {
            name: packer.text(class.name),
            constructor: match class.constructor {
                Some((length, native)) => {
                    packer.native(Some(native));
                    Some(length)
                }
                None => None,
            },
            intrinsic: class.intrinsic,
            prototype: class.prototype,
            parent_prototype: class.parent_prototype,
            parent_constructor: class.parent_constructor,
            is_global: class.is_global,
            first_member: packer.members as u32,
            members: class.members.len() as u32,
        };
        let mut index = 0;
        while index < class.members.len() {
            packer.member(&class.members[index]);
            index += 1;
        }
        at += 1;
    }
    packer.packed
}

/// A table that is being packed, and how far it is filled.
struct Packer<const NATIVES: usize, const MEMBERS: usize, const CLASSES: usize, const TEXT: usize> {
    packed: Packed<NATIVES, MEMBERS, CLASSES, TEXT>,
    natives: usize,
    members: usize,
    text: usize,
}

impl<const NATIVES: usize, const MEMBERS: usize, const CLASSES: usize, const TEXT: usize> Packer<NATIVES, MEMBERS, CLASSES, TEXT> {
    const fn text(&mut self, text: &str) -> TextRange {
        let range = TextRange { start: self.text as u32, length: text.len() as u32 };
        let (_, free) = self.packed.text.split_at_mut(self.text);
        free.split_at_mut(text.len()).0.copy_from_slice(text.as_bytes());
        self.text += text.len();
        range
    }

    const fn native(&mut self, native: Option<Native>) {
        if let Some(native) = native {
            self.packed.functions[self.natives] = native.function;
            self.packed.ids[self.natives] = native.id;
            self.natives += 1;
        }
    }

    const fn member(&mut self, member: &Member) {
        const fn present(native: Option<Native>) -> Option<()> {
            if native.is_some() { Some(()) } else { None }
        }
        let [first, second] = natives_of(member);
        self.native(first);
        self.native(second);
        self.packed.members.0[self.members] = Member {
            is_static: member.is_static,
            key: match member.key {
                KeySpec::Name(name) => KeySpec::Name(self.text(name)),
                KeySpec::Symbol(symbol, name) => KeySpec::Symbol(symbol, self.text(name)),
            },
            kind: match member.kind {
                MemberKind::Method(length, _) => MemberKind::Method(length, ()),
                MemberKind::Hidden(length, _) => MemberKind::Hidden(length, ()),
                MemberKind::Accessor(get, set) => MemberKind::Accessor(present(get), present(set)),
                MemberKind::Alias(of) => MemberKind::Alias(self.text(of)),
                MemberKind::Constant(ConstantSpec::Number(number)) => MemberKind::Constant(ConstantSpec::Number(number)),
                MemberKind::Constant(ConstantSpec::Text(text)) => MemberKind::Constant(ConstantSpec::Text(self.text(text))),
            },
            attributes: member.attributes,
        };
        self.members += 1;
    }
}

/// The engine's classes followed by an embedder's, packed. [`native_table!`](crate::native_table!) makes it.
pub struct NativeTable {
    functions: &'static [NativeFn],
    ids: &'static [NativeId],
    members: &'static [PackedMember],
    classes: &'static [PackedClass],
    text: &'static [u8],
    fingerprint: u64,
}

/// A class of a table.
pub struct Class {
    /// See [`ClassSpec::name`].
    pub name: &'static str,
    /// `length` of the constructor.
    pub constructor: Option<u16>,
    /// See [`ClassSpec::intrinsic`].
    pub intrinsic: Option<IntrinsicId>,
    /// See [`ClassSpec::prototype`].
    pub prototype: Option<IntrinsicId>,
    /// See [`ClassSpec::parent_prototype`].
    pub parent_prototype: Option<IntrinsicId>,
    /// See [`ClassSpec::parent_constructor`].
    pub parent_constructor: Option<IntrinsicId>,
    /// See [`ClassSpec::is_global`].
    pub is_global: bool,
    /// Members in order of definition. Their functions follow each other in the table of natives.
    pub members: Vec<Member<&'static str, ()>>,
}

impl NativeTable {
    /// A table of the parts of [`Packed`].
    pub const fn new<const MEMBERS: usize, const CLASSES: usize>(
        functions: &'static [NativeFn],
        ids: &'static [NativeId],
        members: &'static Members<MEMBERS>,
        classes: &'static Classes<CLASSES>,
        text: &'static [u8],
        fingerprint: u64,
    ) -> NativeTable {
        NativeTable { functions, ids, members: &members.0, classes: &classes.0, text, fingerprint }
    }

    /// Every native, by index.
    pub fn functions(&self) -> &'static [NativeFn] {
        self.functions
    }

    /// Hash of the natives' names and lengths in order.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    fn text(&self, range: TextRange) -> &'static str {
        let bytes = self.text.get(range.start as usize..).and_then(|rest| rest.get(..range.length as usize));
        bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn member(&self, member: &PackedMember) -> Member<&'static str, ()> {
        Member {
            is_static: member.is_static,
            key: match member.key {
                KeySpec::Name(name) => KeySpec::Name(self.text(name)),
                KeySpec::Symbol(symbol, name) => KeySpec::Symbol(symbol, self.text(name)),
            },
            kind: match member.kind {
                MemberKind::Method(length, ()) => MemberKind::Method(length, ()),
                MemberKind::Hidden(length, ()) => MemberKind::Hidden(length, ()),
                MemberKind::Accessor(get, set) => MemberKind::Accessor(get, set),
                MemberKind::Alias(of) => MemberKind::Alias(self.text(of)),
                MemberKind::Constant(ConstantSpec::Number(number)) => MemberKind::Constant(ConstantSpec::Number(number)),
                MemberKind::Constant(ConstantSpec::Text(text)) => MemberKind::Constant(ConstantSpec::Text(self.text(text))),
            },
            attributes: member.attributes,
        }
    }

    /// The classes, in order.
    pub fn classes(&self) -> Vec<Class> {
        let members_of = |class: &PackedClass| {
            let all = self.members.get(class.first_member as usize..).and_then(|rest| rest.get(..class.members as usize));
            all.unwrap_or_default().iter().map(|member| self.member(member)).collect()
        };
        let class = |class: &PackedClass| Class {
            name: self.text(class.name),
            constructor: class.constructor,
            intrinsic: class.intrinsic,
            prototype: class.prototype,
            parent_prototype: class.parent_prototype,
            parent_constructor: class.parent_constructor,
            is_global: class.is_global,
            members: members_of(class),
        };
        self.classes.iter().map(class).collect()
    }

    /// What is known of each native, by index.
    pub fn entries(&self) -> Vec<NativeEntry> {
        let mut named = vec![("", 0)];
        for class in self.classes() {
            named.extend(class.constructor.map(|length| (class.name, length)));
            for member in &class.members {
                let name = member.key.name();
                match member.kind {
                    MemberKind::Method(length, ()) | MemberKind::Hidden(length, ()) => named.push((name, length)),
                    MemberKind::Accessor(get, set) => {
                        named.extend(get.map(|()| (name, 0)));
                        named.extend(set.map(|()| (name, 1)));
                    }
                    MemberKind::Alias(_) | MemberKind::Constant(_) => {}
                }
            }
        }
        let natives = self.functions.iter().zip(self.ids);
        named.into_iter().zip(natives).map(|((name, length), (&function, &id))| NativeEntry { name, length, function, id }).collect()
    }
}

/// Packs the engine's classes and an embedder's into a static [`NativeTable`].
///
/// ```ignore
/// native_table! { pub static NATIVES = &[&CONSOLE, &TIMERS]; }
/// ```
#[macro_export]
macro_rules! native_table {
    ($(#[$attribute:meta])* $vis:vis static $id:ident = $classes:expr;) => {
        $(#[$attribute])*
        $vis static $id: $crate::native::packed::NativeTable = {
            const LISTED: &[&$crate::native::ClassSpec] = $classes;
            // A block of its own: the expression above must not see these names.
            {
                use $crate::native::packed;
                const SIZES: packed::Sizes = packed::sizes(LISTED);
                const PACKED: packed::Packed<{ SIZES.natives }, { SIZES.members }, { SIZES.classes }, { SIZES.text }> =
                    packed::pack(LISTED);
                // Each a static of its own: what stands beside a pointer would be among what the loader writes to.
                static FUNCTIONS: [$crate::native::NativeFn; SIZES.natives] = PACKED.functions;
                static IDS: [$crate::native::NativeId; SIZES.natives] = PACKED.ids;
                static MEMBERS: packed::Members<{ SIZES.members }> = PACKED.members;
                static CLASSES: packed::Classes<{ SIZES.classes }> = PACKED.classes;
                static TEXT: [u8; SIZES.text] = PACKED.text;
                packed::NativeTable::new(&FUNCTIONS, &IDS, &MEMBERS, &CLASSES, &TEXT, packed::fingerprint(LISTED))
            }
        };
    };
}
