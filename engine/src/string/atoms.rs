//! Atoms and symbols: interned strings, well-known names at fixed offsets.
//!
//! Well-known atoms and symbols are the first cells of every heap, [`ATOM_STRIDE`] bytes each, so that their keys are constants in Rust.

use super::{ATOM, JsString, PropertyKey, Units, hash_units};
use crate::heap::{FIRST_CELL, Heap, Kind, Raw, Ref, Root, SymbolCell};
use crate::value::{Value, tag};

/// Bytes between well-known atoms: a flat string of up to 32 Latin-1 units.
pub const ATOM_STRIDE: u32 = 48;
/// Bytes between well-known symbols.
const SYMBOL_STRIDE: u32 = 24;
/// `aux` of an atom that spells an array index, which is the key in its place.
pub const MAY_BE_INDEX: u16 = 1;
/// `aux` of an atom that spells an array index too large for that: the atom is the key, but comes among the indices.
pub const LARGE_INDEX: u16 = 2;

macro_rules! well_known {
    ($($name:ident = $text:literal,)*) => {
        #[allow(non_camel_case_types, dead_code, clippy::upper_case_acronyms)]
        #[repr(u32)]
        enum Number { $($name,)* Count }

        /// Property keys of well-known names.
        #[allow(non_upper_case_globals, missing_docs)]
        pub mod key {
            use super::*;
            $(pub const $name: PropertyKey = PropertyKey::atom(JsString::from_offset(FIRST_CELL + ATOM_STRIDE * Number::$name as u32));)*
        }

        /// Well-known names as strings.
        #[allow(non_upper_case_globals, missing_docs)]
        pub mod name {
            use super::*;
            $(pub const $name: JsString = JsString::from_offset(FIRST_CELL + ATOM_STRIDE * Number::$name as u32);)*
        }

        /// The names in order, a line for each. One text, since a list of texts would be pages of pointers that the loader writes at each start.
        const TEXTS: &str = concat!($($text, "\n",)*);
    };
}

macro_rules! well_known_symbols {
    ($($name:ident = $text:literal,)*) => {
        #[allow(non_camel_case_types)]
        #[repr(u32)]
        enum SymbolNumber { $($name,)* }

        /// Property keys of well-known symbols.
        #[allow(non_upper_case_globals, missing_docs)]
        pub mod symbol {
            use super::*;
            $(pub const $name: PropertyKey =
                PropertyKey::from_bits(FIRST_CELL + ATOM_STRIDE * Number::Count as u32 + SYMBOL_STRIDE * SymbolNumber::$name as u32);)*
        }

        const SYMBOL_TEXTS: &[&str] = &[$($text,)*];
    };
}

/// The empty string.
pub const EMPTY: JsString = name::empty;

well_known! {
    empty = "", length = "length", prototype = "prototype", constructor = "constructor", name = "name", message = "message",
    stack = "stack", stack_trace_limit = "stackTraceLimit", cause = "cause", errors = "errors", error = "error", suppressed = "suppressed", to_string = "toString",
    value_of = "valueOf", to_json = "toJSON", value = "value", done = "done", next = "next", return_ = "return", throw = "throw",
    get = "get", set = "set", has = "has", add = "add", delete = "delete", keys = "keys", size = "size", then = "then",
    resolve = "resolve", reject = "reject", promise = "promise", status = "status", reason = "reason", fulfilled = "fulfilled",
    rejected = "rejected", enumerable = "enumerable", configurable = "configurable", writable = "writable", undefined = "undefined",
    null = "null", true_ = "true", false_ = "false", object = "object", function = "function", number = "number", string = "string",
    boolean = "boolean", symbol_ = "symbol", bigint = "bigint", default = "default", arguments = "arguments", callee = "callee",
    caller = "caller", eval = "eval", this = "this", proto = "__proto__", index = "index", input = "input", groups = "groups",
    indices = "indices", last_index = "lastIndex", source = "source", flags = "flags", exec = "exec", global = "global",
    ignore_case = "ignoreCase", multiline = "multiline", dot_all = "dotAll", unicode = "unicode", unicode_sets = "unicodeSets",
    sticky = "sticky", has_indices = "hasIndices", raw = "raw", join = "join", concat = "concat", push = "push", to_locale_string = "toLocaleString",
    get_prototype_of = "getPrototypeOf", set_prototype_of = "setPrototypeOf", is_extensible = "isExtensible",
    prevent_extensions = "preventExtensions", get_own_property_descriptor = "getOwnPropertyDescriptor", define_property = "defineProperty",
    delete_property = "deleteProperty", own_keys = "ownKeys", apply = "apply", construct = "construct", proxy = "proxy", revoke = "revoke",
    buffer = "buffer", byte_length = "byteLength", byte_offset = "byteOffset", max_byte_length = "maxByteLength", infinity = "Infinity",
    minus_infinity = "-Infinity", nan = "NaN", zero = "0", object_object = "[object Object]",
    object_undefined = "[object Undefined]", object_null = "[object Null]", object_array = "[object Array]",
    object_arguments = "[object Arguments]", object_function = "[object Function]", object_error = "[object Error]",
    object_boolean = "[object Boolean]", object_number = "[object Number]", object_string = "[object String]",
    object_date = "[object Date]", object_regexp = "[object RegExp]", use_strict = "use strict", anonymous = "anonymous",
    bound_ = "bound ", get_ = "get ", set_ = "set ", column = "column", line = "line", global_this = "globalThis", iterator_ = "iterator",
    callback = "callback", values = "values", entries = "entries", item = "item", detail = "detail", type_ = "type", target = "target",
    handle_event = "handleEvent", once = "once", passive = "passive", capture = "capture", signal = "signal", url = "url", method = "method",
    headers = "headers", body = "body", fetch = "fetch", scheduled = "scheduled", wait_until = "waitUntil", read = "read", start = "start",
    pull = "pull", cancel = "cancel", write = "write", close = "close", abort = "abort", transform = "transform", flush = "flush",
    high_water_mark = "highWaterMark", with = "with", mode = "mode", defer = "defer", async_ = "async", meta = "meta", zip = "zip",
    code = "code", ok = "ok", not_equal = "not-equal", timed_out = "timed-out", dispose = "dispose", use_ = "use", adopt = "adopt", move_ = "move",
    get_method = "GET", head_method = "HEAD", post_method = "POST", put_method = "PUT", delete_method = "DELETE",
    content_type = "content-type", text_plain = "text/plain;charset=UTF-8", application_json = "application/json",
}

well_known_symbols! {
    async_iterator = "Symbol.asyncIterator", has_instance = "Symbol.hasInstance", is_concat_spreadable = "Symbol.isConcatSpreadable",
    iterator = "Symbol.iterator", match_ = "Symbol.match", match_all = "Symbol.matchAll", replace = "Symbol.replace", search = "Symbol.search",
    species = "Symbol.species", split = "Symbol.split", to_primitive = "Symbol.toPrimitive", to_string_tag = "Symbol.toStringTag",
    unscopables = "Symbol.unscopables", dispose = "Symbol.dispose", async_dispose = "Symbol.asyncDispose",
}

/// Names of the well-known symbols with their keys, for the Symbol constructor.
pub fn well_known_symbols() -> impl Iterator<Item = (&'static str, PropertyKey)> {
    let first = FIRST_CELL + ATOM_STRIDE * Number::Count as u32;
    SYMBOL_TEXTS
        .iter()
        .enumerate()
        .map(move |(i, text)| (&text["Symbol.".len()..], PropertyKey::from_bits(first + SYMBOL_STRIDE * i as u32)))
}

/// Offsets of the cells that live as long as the heap: well-known names and symbols, and the one-character strings.
pub(crate) fn fixed_cells(heap: &Heap) -> impl Iterator<Item = u32> {
    let first_symbol = FIRST_CELL + ATOM_STRIDE * Number::Count as u32;
    let names = (0..Number::Count as u32).map(|i| FIRST_CELL + ATOM_STRIDE * i);
    let symbols = (0..SYMBOL_TEXTS.len() as u32).map(move |i| first_symbol + SYMBOL_STRIDE * i);
    let singles = heap.root(Root::SingleCharacters).as_cell::<Raw>();
    let characters = singles.into_iter().flat_map(move |table| (0..256).map(move |i| table.word_at(heap, i)));
    names.chain(symbols).chain(characters)
}

/// Header flag of symbols that are private names.
const PRIVATE: u8 = 1;
/// Header flag of symbols made by `Symbol.for`.
const REGISTERED: u8 = 2;

impl Ref<SymbolCell> {
    /// The description.
    pub fn description(self, heap: &Heap) -> Option<JsString> {
        let offset: u32 = heap.load(self.offset() + 8);
        if offset == 0 { None } else { Some(JsString::from_offset(offset)) }
    }

    /// Whether it is a private name.
    pub fn is_private(self, heap: &Heap) -> bool {
        heap.flags(self.offset()) & PRIVATE != 0
    }

    /// Whether `Symbol.for` made it.
    pub fn is_registered(self, heap: &Heap) -> bool {
        heap.flags(self.offset()) & REGISTERED != 0
    }

    /// Notes that `Symbol.for` made it.
    pub fn set_registered(self, heap: &Heap) {
        heap.set_flags(self.offset(), heap.flags(self.offset()) | REGISTERED);
    }

    /// As a value.
    pub fn value(self) -> Value {
        Value::tagged(tag::SYMBOL, self.offset())
    }
}

impl Value {
    /// The symbol, if it is one.
    pub fn as_symbol(self) -> Option<Ref<SymbolCell>> {
        if self.is_symbol() { Some(Ref::from_offset(self.offset())) } else { None }
    }
}

/// Slots of the table of atoms to begin with.
const INITIAL_SLOTS: u32 = 2048;

impl Heap {
    /// A new symbol or private name.
    pub fn new_symbol(&self, description: Option<JsString>, private: bool) -> Ref<SymbolCell> {
        let at = self.allocate(SYMBOL_STRIDE);
        self.init_symbol(at, description, private);
        Ref::from_offset(at)
    }

    fn init_symbol(&self, at: u32, description: Option<JsString>, private: bool) {
        self.init_header(at, Kind::Symbol, if private { PRIVATE } else { 0 }, 0, 0);
        self.cage().store_new::<u64>(at + 8, u64::from(description.map_or(0, JsString::offset)));
        self.cage().store_new::<u64>(at + 16, 0);
    }

    /// Makes the first cells of an empty heap: well-known atoms and symbols, the atom table, one-character strings.
    pub(crate) fn init_atoms(&self, hash_key: u32) {
        self.set_root_raw(Root::HashKey, hash_key);
        for text in TEXTS.lines() {
            debug_assert!(text.len() <= 32 && text.is_ascii());
            let at = self.allocate(ATOM_STRIDE);
            self.init_header(at, Kind::FlatString, 0, 0, 0);
            self.cage().store_new::<u64>(at + 8, text.len() as u64);
            self.cage().write_bytes(at + 16, text.as_bytes());
            let used = 16 + (text.len() as u32).next_multiple_of(8);
            self.fill_free(at + used, at + ATOM_STRIDE);
        }
        for text in SYMBOL_TEXTS {
            let at = self.allocate(SYMBOL_STRIDE);
            self.init_symbol(at, None, false);
            let _ = text;
        }
        let table = self.new_raw(4 * INITIAL_SLOTS);
        self.set_root(Root::AtomTable, Value::cell(table));
        self.set_root_raw(Root::AtomCount, 0);
        for i in 0..Number::Count as u32 {
            self.intern(JsString::from_offset(FIRST_CELL + ATOM_STRIDE * i));
        }
        let singles = self.new_raw(4 * 256);
        for unit in 0..=255u8 {
            let string = self.new_flat(1, false);
            self.cage().write_bytes(string.offset() + 16, &[unit]);
            let atom = self.intern(string);
            singles.set_word_at(self, u32::from(unit), atom.offset());
        }
        self.set_root(Root::SingleCharacters, Value::cell(singles));
        for (i, text) in SYMBOL_TEXTS.iter().enumerate() {
            let at = FIRST_CELL + ATOM_STRIDE * Number::Count as u32 + SYMBOL_STRIDE * i as u32;
            let description = self.intern_text(text);
            self.store::<u32>(at + 8, description.offset());
        }
    }

    /// The atom with this string's contents.
    pub fn intern(&self, string: JsString) -> JsString {
        if string.is_atom(self) {
            return string;
        }
        let hash = string.hash(self);
        let found = self.probe(hash, |atom| atom.equals(string, self));
        match found {
            Ok(atom) => atom,
            Err(slot) => {
                // An atom is flat, narrow where possible, and its own cell (no slice keeps a large parent alive).
                let flat = if self.kind(string.offset()) == Kind::FlatString && !needs_narrowing(string.units(self)) {
                    string
                } else {
                    let units = string.units(self).to_vec();
                    let two_byte = units.iter().any(|&unit| unit > 255);
                    let flat = self.new_flat(units.len() as u32, two_byte);
                    flat.write_units(self, 0, Units::Utf16(&units));
                    flat
                };
                self.add_atom(flat, hash, slot)
            }
        }
    }

    /// The atom of a text.
    pub fn intern_text(&self, text: &str) -> JsString {
        if !text.is_ascii() {
            let units: Vec<u16> = text.encode_utf16().collect();
            return self.intern_units(Units::Utf16(&units));
        }
        self.intern_units(Units::Latin1(text.as_bytes()))
    }

    /// The atom of these units.
    pub fn intern_units(&self, units: Units<'_>) -> JsString {
        let hash = hash_units(units, self.root_raw(Root::HashKey));
        let found = self.probe(hash, |atom| atom.length(self) as usize == units.len() && equal_units(atom.units(self), units));
        match found {
            Ok(atom) => atom,
            Err(slot) => {
                let two_byte = matches!(units, Units::Utf16(units) if units.iter().any(|&unit| unit > 255));
                let flat = self.new_flat(units.len() as u32, two_byte);
                flat.write_units(self, 0, units);
                self.add_atom(flat, hash, slot)
            }
        }
    }

    fn add_atom(&self, flat: JsString, hash: u32, slot: u32) -> JsString {
        let at = flat.offset();
        self.store::<u32>(at + 4, hash);
        self.set_flags(at, self.flags(at) | ATOM);
        if let Some(index) = super::key::parse_array_index(flat.units(self)) {
            self.store::<u16>(at + 2, if index <= PropertyKey::MAX_INDEX { MAY_BE_INDEX } else { LARGE_INDEX });
        }
        let table = Ref::<Raw>::from_offset(self.root_raw(Root::AtomTable));
        table.set_word_at(self, slot, at);
        let count = self.root_raw(Root::AtomCount) + 1;
        self.set_root_raw(Root::AtomCount, count);
        let slots = table.length(self) / 4;
        if count * 2 > slots {
            self.rehash_atoms(table);
        }
        flat
    }

    /// Finds an atom, or the slot where it goes.
    fn probe(&self, hash: u32, is_it: impl Fn(JsString) -> bool) -> Result<JsString, u32> {
        let table = Ref::<Raw>::from_offset(self.root_raw(Root::AtomTable));
        let mask = table.length(self) / 4 - 1;
        let mut slot = hash & mask;
        let mut free = None;
        loop {
            match table.word_at(self, slot) {
                0 => return Err(free.unwrap_or(slot)),
                1 => {
                    free.get_or_insert(slot);
                }
                atom => {
                    if self.word(atom) == hash && is_it(JsString::from_offset(atom)) {
                        return Ok(JsString::from_offset(atom));
                    }
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    /// A new table without the tombstones of atoms that died; larger when the live ones need it.
    fn rehash_atoms(&self, old: Ref<Raw>) {
        let live = (0..old.length(self) / 4).filter(|&i| old.word_at(self, i) > 1).count() as u32;
        let slots = (3 * live).next_power_of_two().max(INITIAL_SLOTS);
        let table = self.new_raw(4 * slots);
        let mut count = 0;
        for i in 0..old.length(self) / 4 {
            let atom = old.word_at(self, i);
            if atom > 1 {
                let mut slot = self.word(atom) & (slots - 1);
                while table.word_at(self, slot) != 0 {
                    slot = (slot + 1) & (slots - 1);
                }
                table.set_word_at(self, slot, atom);
                count += 1;
            }
        }
        self.set_root(Root::AtomTable, Value::cell(table));
        self.set_root_raw(Root::AtomCount, count);
    }
}

fn needs_narrowing(units: Units<'_>) -> bool {
    matches!(units, Units::Utf16(units) if units.iter().all(|&unit| unit < 256))
}

fn equal_units(a: Units<'_>, b: Units<'_>) -> bool {
    match (a, b) {
        (Units::Latin1(a), Units::Latin1(b)) => a == b,
        (Units::Utf16(a), Units::Utf16(b)) => a == b,
        (Units::Latin1(a), Units::Utf16(b)) | (Units::Utf16(b), Units::Latin1(a)) => a.iter().zip(b).all(|(&x, &y)| u16::from(x) == y),
    }
}
