//! The instruction set and the layout of code.
//!
//! Code is `header, instructions, pool`. The first word of an instruction has its opcode in the low 8 bits and small operands above.
//! Targets are word indices from the start of the code, pool operands likewise, so that code can be moved as a block.
//!
//! A *one* matches exactly one character. It has a kind and an operand word:
//!
//! | kind | operand | matches |
//! |---|---|---|
//! | `ANY` | – | every character |
//! | `DOT` | – | all but line terminators |
//! | `CHAR`, `NOT_CHAR` | character | this one, all but this one |
//! | `PAIR` | ASCII letter, lower case | the letter in either case |
//! | `SET` | pool index | 8 words of bits for 0–255, a word `ranges \| WIDE`, that many pairs of inclusive bounds from 256 on |

/// Where the header's words are.
pub(crate) mod header {
    pub(crate) const MAGIC: usize = 0;
    pub(crate) const FLAGS: usize = 1;
    pub(crate) const CAPTURES: usize = 2;
    pub(crate) const REGISTERS: usize = 3;
    pub(crate) const ENTRY: usize = 4;
    /// Least length of a match, in code units.
    pub(crate) const MIN_LENGTH: usize = 5;
    /// One of [`super::prefilter`].
    pub(crate) const PREFILTER: usize = 6;
    pub(crate) const PREFILTER_DATA: usize = 7;
    /// Where to go on after the literal prefilter has compared `SKIP_LENGTH` units already; 0 is nowhere.
    pub(crate) const SKIP_ENTRY: usize = 8;
    pub(crate) const SKIP_LENGTH: usize = 9;
    /// Start of the pool, for dumps.
    pub(crate) const POOL: usize = 10;
    pub(crate) const LENGTH: usize = 11;
}

/// First word of all code; the low byte is the version of the instruction set.
pub(crate) const MAGIC: u32 = 0x5245_4701;

/// How a scan finds the next place worth an attempt.
pub(crate) mod prefilter {
    pub(crate) const NONE: u32 = 0;
    /// Only the start of the input.
    pub(crate) const START: u32 = 1;
    /// Pool: length, index of the rarest unit, units.
    pub(crate) const LITERAL: u32 = 2;
    /// Pool: number of Latin-1 members if at most 3 (otherwise 0), those three, 8 words of bits, whether others match,
    /// whether a failure in a run of members rules out the rest of the run.
    pub(crate) const SET: u32 = 3;
    /// Starts of lines only.
    pub(crate) const LINE: u32 = 4;
}

/// Kinds of one-character matchers.
pub(crate) mod one {
    pub(crate) const ANY: u32 = 0;
    pub(crate) const DOT: u32 = 1;
    pub(crate) const CHAR: u32 = 2;
    pub(crate) const NOT_CHAR: u32 = 3;
    pub(crate) const PAIR: u32 = 4;
    pub(crate) const SET: u32 = 5;
    /// In the range count of a set: it has surrogates or characters beyond U+FFFF.
    pub(crate) const WIDE: u32 = 1 << 31;
}

macro_rules! opcodes {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $length:literal;)*) => {
        /// Opcodes.
        pub(crate) mod op {
            $($(#[$doc])* pub(crate) const $name: u32 = $value;)*
        }
        /// Name and length in words of the instruction whose first word is `word`; text and lists have more words behind.
        pub(crate) fn describe(word: u32) -> Option<(&'static str, usize)> {
            match word & 255 {
                $($value => Some((stringify!($name), $length)),)*
                _ => None,
            }
        }
    };
}

opcodes! {
    /// Success.
    MATCH = 0, 1;
    /// Backtrack.
    FAIL = 1, 1;
    /// `[op | unit << 8]`
    CHAR = 2, 1;
    /// `[op | length << 8, …]`: Latin-1 text, 4 units a word.
    TEXT8 = 3, 1;
    /// `[op | length << 8, …]`: text, 2 units a word.
    TEXT16 = 4, 1;
    /// `[op | length << 8, (mask, value)…]`: Latin-1 text after or-ing masks, 4 units a word.
    TEXT_MASKED = 5, 1;
    /// `[op, set]`: one character of a set, forward.
    SET = 6, 2;
    /// `[op | kind << 8, operand]`: one, forward.
    ONE = 7, 2;
    /// `[op | kind << 8, operand]`: one, backward.
    ONE_BACK = 8, 2;
    /// `[op | kind << 8 | back << 16, operand, min, max, follow]`: ones as many as possible, giving back one at a time to places where a
    /// member of `follow` comes next (0: everywhere).
    LOOP_GREEDY = 9, 5;
    /// As few as possible.
    LOOP_LAZY = 10, 5;
    /// As many as possible, giving nothing back.
    LOOP_POSSESSIVE = 11, 5;
    /// `[op, target]`
    JUMP = 12, 2;
    /// `[op, target]`: go on; on failure go to the target.
    SPLIT_NEXT = 13, 2;
    /// `[op, target]`: go to the target; on failure go on here.
    SPLIT_JUMP = 14, 2;
    /// `[op | codes for others << 8 | codes at the end << 10 | back << 12, target, table]`: as `SPLIT_NEXT`, by a table of two bits for each
    /// Latin-1 character that comes next: 1 the preferred way can match, 2 the other can.
    PEEK_NEXT = 15, 3;
    /// As `SPLIT_JUMP`.
    PEEK_JUMP = 16, 3;
    /// `[op | back << 8, table, number for others, number at the end, count, target…]`: goes to the target the table of bytes has for the next
    /// character.
    SWITCH = 17, 5;
    /// `[op | slot << 8]`: a capture's start (2n) or end (2n + 1).
    SAVE = 18, 1;
    /// `[op | group << 8, length]`: both ends of a capture of fixed length, forward.
    SAVE_BOTH = 19, 2;
    /// `[op | first << 8, end]`: groups that take no part yet.
    RESET = 20, 2;
    /// `[op | register << 8, value]`
    SET_REGISTER = 21, 2;
    /// `[op | register << 8]`: remember the position.
    SET_POSITION = 22, 1;
    /// `[op | register << 8]`: fail where the position is still the remembered one.
    CHECK_PROGRESS = 23, 1;
    /// `[op | register << 8, counter, min]`: the same, from iteration `min` on.
    CHECK_PROGRESS_FROM = 24, 3;
    /// `[op | greedy << 8, counter, min, max, exit]`
    COUNT_HEAD = 25, 5;
    /// `[op | counter << 8, head]`
    COUNT_NEXT = 26, 2;
    /// `[op | register << 8]`: positive look-around; two registers.
    LOOK = 27, 1;
    /// `[op | register << 8, captures inside]`
    LOOK_END = 28, 2;
    /// `[op | register << 8, target]`: negative look-around; goes to the target where the inside fails.
    LOOK_NOT = 29, 2;
    /// `[op | register << 8]`
    LOOK_NOT_END = 30, 1;
    /// `[op | back << 8 | ignore case << 9, count, group…]`
    BACK_REF = 31, 2;
    /// Start of the input.
    START = 32, 1;
    /// Start of a line.
    START_LINE = 33, 1;
    /// End of the input.
    END = 34, 1;
    /// End of a line.
    END_LINE = 35, 1;
    /// `[op | negative << 8 | also ſ and K << 9]`
    WORD_BOUNDARY = 36, 1;
}
