//! Instruction words and the `Op` enum.

use crate::for_each_op;
use crate::native::fingerprint_with;

/// What an operand field of an instruction means; see the kinds listed in [`super::ops`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperandKind {
    /// Unused; must be zero.
    None,
    /// Register written.
    W,
    /// Register read.
    R,
    /// Register read and written.
    M,
    /// First register of a group.
    Base,
    /// Signed 16-bit immediate.
    I16,
    /// Unsigned count.
    N,
    /// Environment slot.
    Slot,
    /// Inline-cache index.
    Ic,
    /// Cell-pool index.
    Cell,
    /// 16-bit jump offset.
    J16,
    /// 32-bit jump offset in `b|c`.
    J32,
    /// 32-bit immediate in `b|c`.
    I32,
    /// Constant-pool index in `b|c`.
    K,
}

macro_rules! kinds {
    (a: $a:ident, b: $b:ident, c: $c:ident) => {
        [OperandKind::$a, OperandKind::$b, OperandKind::$c]
    };
    (a: $a:ident, bc: $bc:ident) => {
        [OperandKind::$a, OperandKind::$bc, OperandKind::None]
    };
}

macro_rules! define_op {
    ($($name:ident ($($operand:ident : $kind:ident),*) $doc:literal;)*) => {
        /// An opcode.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum Op { $(#[doc = $doc] $name,)* }

        impl Op {
            /// Every opcode, in order.
            pub const ALL: &'static [Op] = &[$(Op::$name,)*];
            /// Operand kinds of `a`, `b`, `c`; 32-bit kinds stand in the second place.
            pub const KINDS: &'static [[OperandKind; 3]] = &[$(kinds!($($operand: $kind),*),)*];
            /// Mnemonics, a line for each. One text, since a list of texts would be a page of pointers that the loader writes at each start.
            const NAMES: &'static str = concat!($(stringify!($name), "\n",)*);
            /// Hash of the table: mnemonics, operand kinds and documentation in order.
            pub const FINGERPRINT: u64 = {
                let mut hash = 0;
                $(
                    hash = fingerprint_with(hash, stringify!($name), 0);
                    let kinds = kinds!($($operand: $kind),*); // five bits for each: there are fewer than 32
                    hash = fingerprint_with(hash, $doc, (kinds[0] as u16) << 10 | (kinds[1] as u16) << 5 | kinds[2] as u16);
                )*
                hash
            };
        }
    };
}
for_each_op!(define_op);

impl Op {
    /// The opcode with this number, if there is one.
    pub fn from_u8(number: u8) -> Option<Op> {
        Op::ALL.get(number as usize).copied()
    }

    /// Operand kinds of `a`, `b`, `c`.
    pub fn kinds(self) -> [OperandKind; 3] {
        Op::KINDS[self as usize]
    }

    /// The mnemonic. It is searched for: for messages and listings only.
    pub fn name(self) -> &'static str {
        Op::NAMES.lines().nth(self as usize).unwrap_or_default()
    }
}

/// One instruction: `op:u8 x:u8 a:u16 b:u16 c:u16`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Word {
    /// Opcode number.
    pub op: u8,
    /// Small immediate.
    pub x: u8,
    /// First operand.
    pub a: u16,
    /// Second operand.
    pub b: u16,
    /// Third operand.
    pub c: u16,
}

impl Word {
    /// An instruction with three operands.
    pub fn new(op: Op, x: u8, a: u16, b: u16, c: u16) -> Word {
        Word { op: op as u8, x, a, b, c }
    }

    /// An instruction with a 32-bit immediate in `b|c`.
    pub fn wide(op: Op, x: u8, a: u16, bc: i32) -> Word {
        Word { op: op as u8, x, a, b: bc as u32 as u16, c: (bc as u32 >> 16) as u16 }
    }

    /// The 32-bit immediate in `b|c`.
    pub fn bc(self) -> i32 {
        (u32::from(self.b) | u32::from(self.c) << 16) as i32
    }

    /// As the raw 64 bits that lie in code memory.
    pub fn to_bits(self) -> u64 {
        u64::from(self.op) | u64::from(self.x) << 8 | u64::from(self.a) << 16 | u64::from(self.b) << 32 | u64::from(self.c) << 48
    }

    /// From raw bits.
    pub fn from_bits(bits: u64) -> Word {
        Word { op: bits as u8, x: (bits >> 8) as u8, a: (bits >> 16) as u16, b: (bits >> 32) as u16, c: (bits >> 48) as u16 }
    }
}
