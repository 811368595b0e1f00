//! Linked code: what the compiler made, as cells in the cage.
//!
//! A code record is a Values cell; numbers are int values, so that a field's raw number is the low half of its slot. The fields that a
//! call needs come first, together.

use super::surrogates::restore;
use crate::bytecode::{CellConstant, CodeBlock, CodeFlags, Constant, Declarations, ExportEntry, ModuleRecord, ScopeInfo, StaticText};
use crate::context::Context;
use crate::heap::{Heap, Ref, Root, Values};
use crate::native::Result;
use crate::realm::Realm;
use crate::string::{JsString, PropertyKey};
use crate::value::Value;

/// Fields of a code record.
#[derive(Clone, Copy)]
#[repr(u32)]
#[allow(missing_docs)]
pub enum CodeField {
    /// Raw: instruction words.
    Words,
    /// Raw: inline caches, 16 bytes each.
    Feedback,
    Registers,
    Parameters,
    Flags,
    Realm,
    Constants,
    Cells,
    Keys,
    Length,
    Name,
    /// Record: name, text, line starts.
    Source,
    SourceStart,
    SourceEnd,
    /// Raw: start, end, target, register (u32 each).
    Handlers,
    /// Text (see [`Heap::read_text`]): pc, source offset (u32 each).
    Positions,
    /// Values: pc, name alternating.
    SlotNames,
    MappedSlots,
    /// Inline slots that instances made by this constructor get.
    InlineHint,
    Module,
    Count,
}

/// Bits of `CodeField::Flags`.
pub mod code_flag {
    /// Strict mode.
    pub const STRICT: u32 = 1;
    /// Arrow function.
    pub const ARROW: u32 = 2;
    /// Has [[Construct]].
    pub const CONSTRUCTOR: u32 = 4;
    /// Class constructor.
    pub const CLASS: u32 = 8;
    /// Derived class constructor.
    pub const DERIVED: u32 = 16;
    /// Generator.
    pub const GENERATOR: u32 = 32;
    /// Async.
    pub const ASYNC: u32 = 64;
    /// Method, getter, setter.
    pub const METHOD: u32 = 128;
    /// Keeps surplus arguments.
    pub const NEEDS_ARGUMENTS: u32 = 256;
    /// Script, eval, module.
    pub const TOP_LEVEL: u32 = 512;
    /// Class field initialiser or static block.
    pub const INITIALISER: u32 = 1024;
}

/// A code record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code(pub(crate) Ref<Values>);

impl Code {
    /// From a stored value.
    #[inline(always)]
    pub fn from_value(value: Value) -> Code {
        Code(Ref::from_offset(value.offset()))
    }

    /// As a value.
    pub fn value(self) -> Value {
        Value::cell(self.0)
    }

    /// A field's value.
    #[inline(always)]
    pub fn field(self, heap: &Heap, field: CodeField) -> Value {
        heap.load(self.0.slot(field as u32))
    }

    /// A field's raw number or cell offset.
    #[inline(always)]
    pub fn raw(self, heap: &Heap, field: CodeField) -> u32 {
        heap.load(self.0.slot(field as u32))
    }

    /// Its flags.
    #[inline(always)]
    pub fn flags(self, heap: &Heap) -> u32 {
        self.raw(heap, CodeField::Flags)
    }

    /// Whether all of these flags are set.
    #[inline(always)]
    pub fn has(self, heap: &Heap, flag: u32) -> bool {
        self.flags(heap) & flag == flag
    }

    /// Constant `index`.
    pub fn constant(self, heap: &Heap, index: u32) -> Value {
        Ref::<Values>::from_offset(self.raw(heap, CodeField::Constants)).get(heap, index)
    }

    /// Cell `index`.
    pub fn cell(self, heap: &Heap, index: u32) -> Value {
        Ref::<Values>::from_offset(self.raw(heap, CodeField::Cells)).get(heap, index)
    }

    /// Property key of inline cache `index`.
    #[inline(always)]
    pub fn key(self, heap: &Heap, index: u32) -> PropertyKey {
        key_of_value(Ref::<Values>::from_offset(self.raw(heap, CodeField::Keys)).get(heap, index))
    }

    /// Function name.
    pub fn name(self, heap: &Heap) -> JsString {
        self.field(heap, CodeField::Name).as_string().unwrap_or(crate::string::atoms::EMPTY)
    }

    /// Offset of the first instruction word.
    #[inline(always)]
    pub fn words(self, heap: &Heap) -> u32 {
        self.raw(heap, CodeField::Words).wrapping_add(8)
    }

    /// Byte offset in the source of the instruction at `pc` (a word index).
    pub fn position(self, heap: &Heap, pc: u32) -> u32 {
        let found = heap.read_text(self.field(heap, CodeField::Positions), |table| {
            let pairs = table.as_chunks::<8>().0;
            let after = pairs.partition_point(|pair| first_word(pair) <= pc);
            pairs[..after].last().map(|pair| first_word(&pair[4..]))
        });
        found.flatten().unwrap_or_else(|| self.raw(heap, CodeField::SourceStart))
    }

    /// Name of the binding that a checked slot access at `pc` is about.
    pub fn slot_name(self, heap: &Heap, pc: u32) -> Option<JsString> {
        let names = self.field(heap, CodeField::SlotNames).as_cell::<Values>()?;
        (0..names.length(heap) / 2)
            .find(|&i| names.get(heap, 2 * i).as_int() == Some(pc as i32))
            .and_then(|i| names.get(heap, 2 * i + 1).as_string())
    }

    /// Innermost exception handler that covers `pc`: (target, register).
    pub fn handler(self, heap: &Heap, pc: u32) -> Option<(u32, u32)> {
        let table = Ref::<crate::heap::Raw>::from_offset(self.raw(heap, CodeField::Handlers));
        let count = table.length(heap) / 16;
        (0..count)
            .find(|&i| table.word_at(heap, 4 * i) <= pc && pc < table.word_at(heap, 4 * i + 1))
            .map(|i| (table.word_at(heap, 4 * i + 2), table.word_at(heap, 4 * i + 3)))
    }

    /// Source record: name, text and line starts (see [`Heap::read_text`]), referrer, block of surrogates.
    pub fn source(self, heap: &Heap) -> Ref<Values> {
        Ref::from_offset(self.raw(heap, CodeField::Source))
    }

    /// Name of the source file.
    pub fn source_name(self, heap: &Heap) -> String {
        self.source(heap).get(heap, 0).as_string().map_or_else(String::new, |name| name.to_text(heap))
    }

    /// What modules that it imports are relative to: its source, or what made its source from a string.
    pub fn referrer(self, heap: &Heap) -> String {
        let made_by = self.source(heap).get(heap, 3).as_string();
        made_by.map_or_else(|| self.source_name(heap), |name| name.to_text(heap))
    }

    /// Its realm.
    pub fn realm(self, heap: &Heap) -> Realm {
        Realm::from_value(self.field(heap, CodeField::Realm))
    }
}

impl Code {
    /// The record at `cell`, if it is one: no other cell that scripts lead to refers to words and inline caches.
    pub(crate) fn at(heap: &Heap, cell: u32) -> Option<Code> {
        let record = Ref::<Values>::from_offset(cell);
        let is_raw = |field: CodeField, flags: u8| {
            let value: Value = heap.load(record.slot(field as u32));
            value.as_cell::<crate::heap::Raw>().is_some_and(|raw| heap.flags(raw.offset()) == flags)
        };
        let is_one = heap.kind(cell) == crate::heap::Kind::Values
            && record.capacity(heap) == CodeField::Count as u32
            && is_raw(CodeField::Words, 0)
            && is_raw(CodeField::Feedback, crate::heap::FEEDBACK);
        is_one.then_some(Code(record))
    }

    /// Inline slots that instances made by this constructor get.
    pub(crate) fn inline_hint(self, heap: &Heap) -> u32 {
        self.raw(heap, CodeField::InlineHint)
    }

    /// Sets them.
    pub(crate) fn set_inline_hint(self, heap: &Heap, slots: u32) {
        self.0.set(heap, CodeField::InlineHint as u32, Value::int(slots as i32));
    }

    /// Where they are written.
    pub(crate) fn inline_hint_address(self) -> u32 {
        self.0.slot(CodeField::InlineHint as u32)
    }
}

/// Called when an instance made by `code` needed overflow slots: give the next ones more room.
pub(crate) fn note_instance_overflow(heap: &Heap, code: u32, inline: u32) {
    let code = Code(Ref::from_offset(code));
    let hint = code.inline_hint(heap);
    if inline >= hint && hint < 32 {
        code.set_inline_hint(heap, (inline * 2).clamp(8, 32));
    }
}

/// The first four bytes as a number.
fn first_word(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |word| u32::from_le_bytes(*word))
}

fn little_endian(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// The property key that a stored key value stands for.
#[inline(always)]
pub(crate) fn key_of_value(value: Value) -> PropertyKey {
    if value.is_int() { PropertyKey::index(value.as_int_unchecked() as u32) } else { PropertyKey::from_bits(value.offset()) }
}

fn key_value(key: PropertyKey) -> Value {
    match key.as_index() {
        Some(index) => Value::int(index as i32),
        None => JsString::from_offset(key.bits()).value(),
    }
}

impl Heap {
    /// The atom of a compiler text.
    pub fn static_atom(&self, text: &StaticText) -> JsString {
        match text {
            StaticText::Utf8(text) => match restore(text.encode_utf16(), self.surrogate_block.get()) {
                Some(units) => self.intern_units(crate::string::Units::Utf16(&units)),
                None => self.intern_text(text),
            },
            StaticText::Utf16(units) => match restore(units.iter().copied(), self.surrogate_block.get()) {
                Some(units) => self.intern_units(crate::string::Units::Utf16(&units)),
                None => self.intern_units(crate::string::Units::Utf16(units)),
            },
        }
    }

    fn static_key(&self, text: &StaticText) -> PropertyKey {
        let atom = self.static_atom(text);
        self.string_key(atom)
    }

    /// The source record of a text.
    pub fn new_source(&self, name: &str, text: &str) -> Ref<Values> {
        let starts = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at as u32 + 1);
        let lines = self.new_text(&little_endian(std::iter::once(0).chain(starts)));
        // Kept as UTF-8 bytes: positions are byte offsets.
        let text = self.new_text(text.as_bytes());
        self.new_values_from(&[self.new_string(name).value(), text, lines, Value::UNDEFINED, Value::ZERO])
    }

    /// Hands out the text of a source record, UTF-8.
    pub(crate) fn read_source<R>(&self, source: Ref<Values>, read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.read_text(source.get(self, 1), read)
    }

    /// The line of a source record in which the byte at `at` lies: its number, from 0, and where it begins.
    pub(crate) fn line_of_source(&self, source: Ref<Values>, at: u32) -> Option<(u32, u32)> {
        let line = self.read_text(source.get(self, 2), |starts| {
            let starts = starts.as_chunks::<4>().0;
            let number = starts.partition_point(|start| first_word(start) <= at).checked_sub(1)?;
            Some((number as u32, first_word(&starts[number])))
        });
        line.flatten()
    }

    /// The source record of a text that was made from strings by code of `referrer`, with the block that stands for lone surrogates.
    pub(crate) fn new_dynamic_source(&self, name: &str, text: &str, surrogate_block: u32, referrer: &str) -> Ref<Values> {
        // Code that is made from strings may be made again and again, and is garbage some time.
        let keeps_texts = self.keeps_texts.replace(false);
        let source = self.new_source(name, text);
        self.keeps_texts.set(keeps_texts);
        self.set_referrer(source, referrer);
        source.set(self, 4, Value::int(surrogate_block as i32));
        source
    }

    /// The block of [`Heap::new_dynamic_source`].
    pub(crate) fn surrogate_block_of(&self, source: Ref<Values>) -> u32 {
        source.get(self, 4).as_int().unwrap_or(0) as u32
    }

    /// Says what modules imported from code made from strings are relative to: the name of the script or module that made it.
    fn set_referrer(&self, source: Ref<Values>, referrer: &str) {
        source.set(self, 3, self.new_string(referrer).value());
    }
}

/// Turns a code block into cells of `realm`.
pub fn link(cx: &mut Context, block: &CodeBlock, realm: Realm, source: Ref<Values>) -> Result<Code> {
    let surrogates = cx.heap.surrogate_block_of(source);
    let previous = cx.heap.surrogate_block.replace(surrogates);
    // Tables of positions are where the text is.
    let keeps_texts = cx.heap.keeps_texts.replace(source.get(&cx.heap, 1).is_int());
    let code = link_block(cx, block, realm, source);
    cx.heap.keeps_texts.set(keeps_texts);
    cx.heap.surrogate_block.set(previous);
    code
}

fn link_block(cx: &mut Context, block: &CodeBlock, realm: Realm, source: Ref<Values>) -> Result<Code> {
    let heap = &cx.heap;
    let words = heap.new_raw(8 * block.words.len() as u32);
    for (i, word) in block.words.iter().enumerate() {
        heap.store::<u64>(words.data() + 8 * i as u32, word.to_bits());
    }
    let feedback_bytes = 16 * block.ic_keys.len() as u32;
    let feedback = heap.allocate_feedback(8 + feedback_bytes);
    heap.init_header(feedback, crate::heap::Kind::Raw, crate::heap::FEEDBACK, 0, feedback_bytes);
    heap.cage().fill(feedback + 8, feedback_bytes, 0);
    let keys: Vec<Value> = block.ic_keys.iter().map(|text| key_value(heap.static_key(text))).collect();
    let keys = constant_values(heap, &keys);
    let mut handlers = Vec::new();
    for handler in &block.handlers {
        handlers.extend([handler.start, handler.end, handler.target, u32::from(handler.register)]);
    }
    let handlers = raw_words(heap, &handlers);
    let positions = heap.new_text(&little_endian(block.positions.iter().flat_map(|&(pc, at)| [pc, at])));
    let slot_names: Vec<Value> =
        block.slot_names.iter().flat_map(|(pc, name)| [Value::int(*pc as i32), heap.static_atom(name).value()]).collect();
    let slot_names = constant_values(heap, &slot_names);
    let mapped: Vec<Value> =
        block.mapped_slots.iter().map(|&slot| if slot == u16::MAX { Value::HOLE } else { Value::int(i32::from(slot)) }).collect();
    let mapped = constant_values(heap, &mapped);
    let name = block.name.as_ref().map_or(crate::string::atoms::EMPTY, |name| heap.static_atom(name));
    let record = heap.new_values(CodeField::Count as u32);
    record.set_length(heap, CodeField::Count as u32);
    let code = Code(record);
    let set = |field: CodeField, value: Value| record.set(heap, field as u32, value);
    set(CodeField::Words, Value::cell(words));
    set(CodeField::Feedback, Value::cell(Ref::<crate::heap::Raw>::from_offset(feedback)));
    set(CodeField::Registers, Value::int(i32::from(block.registers)));
    set(CodeField::Parameters, Value::int(i32::from(block.parameters)));
    set(CodeField::Flags, Value::int(flag_bits(block.flags) as i32));
    set(CodeField::Realm, realm.value());
    set(CodeField::Keys, Value::cell(keys));
    set(CodeField::Length, Value::int(i32::from(block.length)));
    set(CodeField::Name, name.value());
    set(CodeField::Source, Value::cell(source));
    set(CodeField::SourceStart, Value::int(block.source_start as i32));
    set(CodeField::SourceEnd, Value::int(block.source_end as i32));
    set(CodeField::Handlers, Value::cell(handlers));
    set(CodeField::Positions, positions);
    set(CodeField::SlotNames, Value::cell(slot_names));
    set(CodeField::MappedSlots, Value::cell(mapped));
    set(CodeField::InlineHint, Value::int(4));
    set(CodeField::Module, Value::UNDEFINED);
    let constants = constant_room(heap, block.constants.len());
    record.set(heap, CodeField::Constants as u32, Value::cell(constants));
    let cells = constant_room(heap, block.cells.len());
    record.set(heap, CodeField::Cells as u32, Value::cell(cells));
    for (i, constant) in block.constants.iter().enumerate() {
        let value = link_constant(cx, constant)?;
        constants.set(&cx.heap, i as u32, value);
    }
    for (i, cell) in block.cells.iter().enumerate() {
        let value = match cell {
            CellConstant::Code(block) => link_block(cx, block, realm, source)?.value(),
            CellConstant::Scope(scope) => Value::cell(link_scope(&cx.heap, scope)),
            CellConstant::Declarations(declarations) => Value::cell(link_declarations(&cx.heap, declarations)),
        };
        cells.set(&cx.heap, i as u32, value);
    }
    if let Some(module) = &block.module {
        let module = link_module(&cx.heap, module);
        record.set(&cx.heap, CodeField::Module as u32, Value::cell(module));
    }
    Ok(code)
}

/// A Values cell that nobody changes. Those without values, which most are, are one.
fn constant_values(heap: &Heap, values: &[Value]) -> Ref<Values> {
    if values.is_empty() { constant_room(heap, 0) } else { heap.new_values_from(values) }
}

/// Room for values that are set once.
fn constant_room(heap: &Heap, count: usize) -> Ref<Values> {
    if count == 0 { Ref::from_offset(heap.root(Root::EmptyValues).offset()) } else { heap.new_values(count as u32) }
}

fn raw_words(heap: &Heap, words: &[u32]) -> Ref<crate::heap::Raw> {
    let raw = heap.new_raw(4 * words.len() as u32);
    for (i, word) in words.iter().enumerate() {
        raw.set_word_at(heap, i as u32, *word);
    }
    raw
}

fn flag_bits(flags: CodeFlags) -> u32 {
    [
        (flags.strict, code_flag::STRICT),
        (flags.arrow, code_flag::ARROW),
        (flags.constructor, code_flag::CONSTRUCTOR),
        (flags.class_constructor, code_flag::CLASS),
        (flags.derived, code_flag::DERIVED),
        (flags.generator, code_flag::GENERATOR),
        (flags.is_async, code_flag::ASYNC),
        (flags.method, code_flag::METHOD),
        (flags.needs_arguments, code_flag::NEEDS_ARGUMENTS),
        (flags.top_level, code_flag::TOP_LEVEL),
        (flags.class_initialiser, code_flag::INITIALISER),
    ]
    .iter()
    .filter(|(set, _)| *set)
    .fold(0, |bits, (_, bit)| bits | bit)
}

fn link_constant(cx: &mut Context, constant: &Constant) -> Result<Value> {
    let heap = &cx.heap;
    Ok(match constant {
        Constant::Number(number) => Value::number(*number),
        Constant::String(text) => heap.static_atom(text).value(),
        Constant::BigInt(digits) => match crate::bigint::from_units(heap, crate::string::Units::Latin1(digits.as_bytes())) {
            Some(number) => number.value(),
            None => return Err(cx.throw_syntax_error("Invalid BigInt literal")),
        },
        Constant::RegExp { pattern, flags } => {
            Value::cell(heap.new_values_from(&[heap.static_atom(pattern).value(), heap.intern_text(flags).value(), Value::UNDEFINED]))
        }
        Constant::Template { cooked, raw } => {
            let mut values = vec![Value::UNDEFINED];
            values.extend(cooked.iter().map(|text| text.as_ref().map_or(Value::UNDEFINED, |text| heap.static_atom(text).value())));
            values.extend(raw.iter().map(|text| heap.static_atom(text).value()));
            Value::cell(heap.new_values_from(&values))
        }
        Constant::JumpTable { low, offsets } => {
            let mut words = vec![*low as u32];
            words.extend(offsets.iter().map(|&offset| offset as u32));
            Value::cell(raw_words(heap, &words))
        }
    })
}

/// Scope record: index 0 = kind and flags (int), then for each slot its name, then for each slot its attribute bits.
pub(crate) mod scope_bits {
    /// Assignment throws.
    pub const CONST: i32 = 1;
    /// Assignment is ignored in sloppy code.
    pub const SILENT_CONST: i32 = 2;
    /// Starts as the hole.
    pub const TDZ: i32 = 4;
    /// let, const, class, catch.
    pub const LEXICAL: i32 = 8;
    /// Import cell.
    pub const IMPORT: i32 = 16;
    /// Simple catch parameter.
    pub const SIMPLE_CATCH: i32 = 32;
    /// In index 0: sloppy eval may add variables here.
    pub const VAR_SCOPE: i32 = 256;
    /// In index 0: some slot starts as undefined rather than the hole.
    pub const MIXED: i32 = 512;
}

fn link_scope(heap: &Heap, scope: &ScopeInfo) -> Ref<Values> {
    let mut head = scope.kind as i32;
    if scope.is_var_scope {
        head |= scope_bits::VAR_SCOPE;
    }
    if scope.bindings.iter().any(|binding| !binding.has_tdz) {
        head |= scope_bits::MIXED;
    }
    let mut values = vec![Value::int(head)];
    values.extend(scope.bindings.iter().map(|binding| heap.static_atom(&binding.name).value()));
    values.extend(scope.bindings.iter().map(|binding| {
        let mut bits = 0;
        for (set, bit) in [
            (binding.is_const, scope_bits::CONST),
            (binding.is_silent_const, scope_bits::SILENT_CONST),
            (binding.has_tdz, scope_bits::TDZ),
            (binding.is_lexical, scope_bits::LEXICAL),
            (binding.is_import, scope_bits::IMPORT),
            (binding.is_simple_catch, scope_bits::SIMPLE_CATCH),
        ] {
            if set {
                bits |= bit;
            }
        }
        Value::int(bits)
    }));
    heap.new_values_from(&values)
}

/// Declarations record: lexical names and const flags, vars, functions, Annex B functions, each a Values cell.
fn link_declarations(heap: &Heap, declarations: &Declarations) -> Ref<Values> {
    let names = |list: &[StaticText]| {
        let values: Vec<Value> = list.iter().map(|name| heap.static_atom(name).value()).collect();
        Value::cell(heap.new_values_from(&values))
    };
    let lexical: Vec<Value> =
        declarations.lexical.iter().flat_map(|(name, constant)| [heap.static_atom(name).value(), Value::bool(*constant)]).collect();
    let lexical = Value::cell(heap.new_values_from(&lexical));
    heap.new_values_from(&[lexical, names(&declarations.vars), names(&declarations.functions), names(&declarations.annex_b_functions)])
}

/// Module record: requests, imports, exports, scope, has top-level await. Entries are flat records; see `crate::module`.
fn link_module(heap: &Heap, module: &ModuleRecord) -> Ref<Values> {
    let requests: Vec<Value> = module
        .requests
        .iter()
        .map(|(specifier, attributes, phase)| {
            let mut values = vec![heap.static_atom(specifier).value(), Value::int(i32::from(*phase))];
            for (key, value) in attributes {
                values.push(heap.static_atom(key).value());
                values.push(heap.static_atom(value).value());
            }
            Value::cell(heap.new_values_from(&values))
        })
        .collect();
    let imports: Vec<Value> = module
        .imports
        .iter()
        .map(|import| {
            let name = import.name.as_ref().map_or(Value::UNDEFINED, |name| heap.static_atom(name).value());
            Value::cell(heap.new_values_from(&[Value::int(import.request as i32), name, Value::int(i32::from(import.slot))]))
        })
        .collect();
    let exports: Vec<Value> = module
        .exports
        .iter()
        .map(|export| {
            let record = match export {
                ExportEntry::Local { name, slot } => vec![Value::int(0), heap.static_atom(name).value(), Value::int(i32::from(*slot))],
                ExportEntry::Indirect { name, request, import } => vec![
                    Value::int(1),
                    heap.static_atom(name).value(),
                    Value::int(*request as i32),
                    import.as_ref().map_or(Value::UNDEFINED, |name| heap.static_atom(name).value()),
                ],
                ExportEntry::Star { request } => vec![Value::int(2), Value::UNDEFINED, Value::int(*request as i32)],
            };
            Value::cell(heap.new_values_from(&record))
        })
        .collect();
    let scope = module.scope.as_ref().map_or(Value::UNDEFINED, |scope| Value::cell(link_scope(heap, scope)));
    heap.new_values_from(&[
        Value::cell(heap.new_values_from(&requests)),
        Value::cell(heap.new_values_from(&imports)),
        Value::cell(heap.new_values_from(&exports)),
        scope,
        Value::bool(module.has_tla),
    ])
}
