//! What the compiler hands to the engine: code as plain Rust data, with names as strings.

use std::rc::Rc;

use super::Word;

/// Text of a source name, string constant or message: UTF-8 where possible, UTF-16 where it holds lone surrogates.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum StaticText {
    /// Well-formed text.
    Utf8(Rc<str>),
    /// Text with lone surrogates.
    Utf16(Rc<[u16]>),
}

/// An entry of the constant pool.
#[derive(Clone, PartialEq, Debug)]
pub enum Constant {
    /// A number that `LoadInt` cannot hold.
    Number(f64),
    /// A string (interned as an atom when linked).
    String(StaticText),
    /// A BigInt: decimal digits, or `0x…`, `0o…`, `0b…`.
    BigInt(Rc<str>),
    /// A regular expression literal.
    RegExp {
        /// Pattern between the slashes.
        pattern: StaticText,
        /// Flags after the second slash.
        flags: Rc<str>,
    },
    /// A tagged template's strings; cooked is `None` where an escape is invalid.
    Template {
        /// Cooked strings.
        cooked: Vec<Option<StaticText>>,
        /// Raw strings.
        raw: Vec<StaticText>,
    },
    /// Jump table of `SwitchInt`: value `low + i` jumps by `offsets[i]` words from the next word; 0 falls through.
    JumpTable {
        /// First value of the table.
        low: i32,
        /// Offsets in words.
        offsets: Vec<i32>,
    },
}

/// An entry of the cell pool.
#[derive(Clone, Debug)]
pub enum CellConstant {
    /// Nested function.
    Code(Box<CodeBlock>),
    /// Description of an environment.
    Scope(Rc<ScopeInfo>),
    /// Global or eval declarations.
    Declarations(Box<Declarations>),
}

/// What an environment holds: names by slot (for dynamic lookup, error messages and debuggers).
#[derive(Clone, Debug, PartialEq)]
pub struct ScopeInfo {
    /// What made the scope.
    pub kind: ScopeKind,
    /// Names by slot.
    pub bindings: Vec<BindingInfo>,
    /// A function-level environment into which sloppy direct eval may add variables at run time.
    pub is_var_scope: bool,
}

/// One environment slot.
#[derive(Clone, Debug, PartialEq)]
pub struct BindingInfo {
    /// The source name; pseudo bindings are `this`, `new.target`, `%home`, `%function` and cannot be reached by source names.
    pub name: StaticText,
    /// Assignment throws (const, class name inside the class) or, for sloppy function-expression names, is ignored.
    pub is_const: bool,
    /// Assignment to a const binding is silently ignored in sloppy code (function expression's own name).
    pub is_silent_const: bool,
    /// Starts as the hole (let, const, class); others start as undefined.
    pub has_tdz: bool,
    /// Lexical (let/const/class/catch) rather than var/function/parameter: matters for eval redeclaration checks.
    pub is_lexical: bool,
    /// The slot holds an import cell.
    pub is_import: bool,
    /// A simple catch parameter (eval's `var` may shadow it).
    pub is_simple_catch: bool,
}

/// What made a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ScopeKind {
    /// Function parameters and/or body.
    Function,
    /// Block, loop, switch.
    Block,
    /// Catch clause.
    Catch,
    /// Class body (class name, private names).
    Class,
    /// Module.
    Module,
    /// Eval code's own lexical scope.
    Eval,
}

/// Script- or eval-level declarations to be instantiated at run time.
#[derive(Clone, Debug, Default)]
pub struct Declarations {
    /// let, const, class: name and whether constant.
    pub lexical: Vec<(StaticText, bool)>,
    /// var names, without those of functions.
    pub vars: Vec<StaticText>,
    /// Top-level function names, in order, last declaration of each.
    pub functions: Vec<StaticText>,
    /// Annex B.3.3 candidates: function names in blocks that become vars where nothing forbids it.
    pub annex_b_functions: Vec<StaticText>,
}

/// Exception-table entry: pcs in words, `start <= pc < end`. Inner entries come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handler {
    /// First covered word.
    pub start: u32,
    /// First word no longer covered.
    pub end: u32,
    /// Where to go on.
    pub target: u32,
    /// Register that receives the exception.
    pub register: u16,
}

/// Facts about a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CodeFlags {
    /// Strict mode code.
    pub strict: bool,
    /// Arrow function: no own this, arguments, new.target.
    pub arrow: bool,
    /// Has [[Construct]] (plain functions, classes).
    pub constructor: bool,
    /// Class constructor: [[Call]] throws.
    pub class_constructor: bool,
    /// Derived class constructor: this starts as the hole.
    pub derived: bool,
    /// Generator function.
    pub generator: bool,
    /// Async function (with `generator`: async generator).
    pub is_async: bool,
    /// Method, getter or setter: no prototype property, no [[Construct]].
    pub method: bool,
    /// Uses CreateArguments, CreateMappedArguments or CreateRest: a call keeps surplus arguments.
    pub needs_arguments: bool,
    /// Script, eval or module top level rather than a function.
    pub top_level: bool,
    /// Class field initialiser or static block.
    pub class_initialiser: bool,
}

/// A module's static requests, imports and exports. https://tc39.es/ecma262/#sec-source-text-module-records
#[derive(Clone, Debug, Default)]
pub struct ModuleRecord {
    /// Specifier, attributes (sorted by key) and phase (0 evaluation, 1 defer, 2 source), each pair once, in source order.
    pub requests: Vec<(StaticText, Vec<(StaticText, StaticText)>, u8)>,
    /// Import bindings.
    pub imports: Vec<ImportEntry>,
    /// Exports.
    pub exports: Vec<ExportEntry>,
    /// Scope info of the module environment (slot order used by imports and local exports).
    pub scope: Option<Rc<ScopeInfo>>,
    /// Has top-level await.
    pub has_tla: bool,
}

/// One import binding.
#[derive(Clone, Debug)]
pub struct ImportEntry {
    /// Index into `requests`.
    pub request: u32,
    /// Imported name; `None` for a namespace import.
    pub name: Option<StaticText>,
    /// Slot of the module environment.
    pub slot: u16,
}

/// One export.
#[derive(Clone, Debug)]
pub enum ExportEntry {
    /// `export { local as name }`: slot of the module environment.
    Local {
        /// Exported name.
        name: StaticText,
        /// Slot.
        slot: u16,
    },
    /// `export { imported as name } from 'request'`, or an imported binding exported again.
    Indirect {
        /// Exported name.
        name: StaticText,
        /// Index into `requests`.
        request: u32,
        /// Imported name; `None` for `export * as name from`.
        import: Option<StaticText>,
    },
    /// `export * from 'request'`.
    Star {
        /// Index into `requests`.
        request: u32,
    },
}

/// Compiled code of one function, script, eval or module.
#[derive(Clone, Debug, Default)]
pub struct CodeBlock {
    /// Name for `name` property and stack traces.
    pub name: Option<StaticText>,
    /// Instructions.
    pub words: Vec<Word>,
    /// Constant pool (`K`).
    pub constants: Vec<Constant>,
    /// Cell pool (`Cell`).
    pub cells: Vec<CellConstant>,
    /// Property names of inline caches (`Ic`), one cache each.
    pub ic_keys: Vec<StaticText>,
    /// Exception table.
    pub handlers: Vec<Handler>,
    /// (first word, source byte offset), ascending: the position of each instruction that may throw or call.
    pub positions: Vec<(u32, u32)>,
    /// (first word, binding name) for GetSlotChecked / SetSlotChecked / GetImport: names for error messages, ascending.
    pub slot_names: Vec<(u32, StaticText)>,
    /// Registers in the window, header included.
    pub registers: u16,
    /// Parameters that arrive in registers from 5 on.
    pub parameters: u16,
    /// `length` of the function object.
    pub length: u16,
    /// Facts.
    pub flags: CodeFlags,
    /// Environment slot of each mapped parameter (CreateMappedArguments), `u16::MAX` where a later duplicate hides it.
    pub mapped_slots: Vec<u16>,
    /// Source text of the function (byte offsets), for toString.
    pub source_start: u32,
    /// End of the source text.
    pub source_end: u32,
    /// Module data of a module's top-level code.
    pub module: Option<Box<ModuleRecord>>,
}

impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match super::Op::from_u8(self.op) {
            Some(op) => write!(f, "{} x{} {} {} {}", op.name(), self.x, self.a, self.b, self.c),
            None => write!(f, "?{:#x}", self.to_bits()),
        }
    }
}
