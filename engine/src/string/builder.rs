//! Building strings piece by piece on the host side.

use super::{JsString, Units};
use crate::heap::Heap;

/// Collects units, Latin-1 as long as they fit.
#[derive(Clone, Debug)]
pub enum StringBuilder {
    /// All units so far fit in a byte.
    Latin1(Vec<u8>),
    /// Some do not.
    Utf16(Vec<u16>),
}

impl Default for StringBuilder {
    fn default() -> Self {
        StringBuilder::new()
    }
}

impl StringBuilder {
    /// Empty.
    pub fn new() -> StringBuilder {
        StringBuilder::Latin1(Vec::new())
    }

    /// Empty, with room for about as much as a text that will be changed in a few places.
    pub fn with_room_of(units: Units<'_>) -> StringBuilder {
        // Texts that are long grow as they must: most of one may be left out.
        let room = units.len().min(240) + 16;
        match units {
            Units::Latin1(_) => StringBuilder::Latin1(Vec::with_capacity(room)),
            Units::Utf16(_) => StringBuilder::Utf16(Vec::with_capacity(room)),
        }
    }

    /// Units so far.
    pub fn len(&self) -> usize {
        match self {
            StringBuilder::Latin1(units) => units.len(),
            StringBuilder::Utf16(units) => units.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn widen(&mut self) -> &mut Vec<u16> {
        if let StringBuilder::Latin1(units) = self {
            *self = StringBuilder::Utf16(units.iter().map(|&unit| u16::from(unit)).collect());
        }
        match self {
            StringBuilder::Utf16(units) => units,
            StringBuilder::Latin1(_) => unreachable!("widened above"),
        }
    }

    /// Appends a code unit.
    #[inline]
    pub fn push_unit(&mut self, unit: u16) {
        match self {
            StringBuilder::Latin1(units) if unit < 256 => units.push(unit as u8),
            _ => self.widen().push(unit),
        }
    }

    /// Appends a Latin-1 unit.
    #[inline]
    pub fn push_byte(&mut self, unit: u8) {
        match self {
            StringBuilder::Latin1(units) => units.push(unit),
            StringBuilder::Utf16(units) => units.push(u16::from(unit)),
        }
    }

    /// Appends a code point.
    pub fn push_code_point(&mut self, code_point: u32) {
        if code_point < 0x1_0000 {
            self.push_unit(code_point as u16);
        } else {
            let rest = code_point - 0x1_0000;
            self.push_unit(0xD800 + (rest >> 10) as u16);
            self.push_unit(0xDC00 + (rest & 0x3FF) as u16);
        }
    }

    /// Appends units.
    pub fn push_units(&mut self, units: Units<'_>) {
        match (&mut *self, units) {
            (StringBuilder::Latin1(to), Units::Latin1(from)) => to.extend_from_slice(from),
            (StringBuilder::Utf16(to), Units::Latin1(from)) => to.extend(from.iter().map(|&unit| u16::from(unit))),
            (StringBuilder::Utf16(to), Units::Utf16(from)) => to.extend_from_slice(from),
            (StringBuilder::Latin1(_), Units::Utf16(from)) => {
                for &unit in from {
                    self.push_unit(unit);
                }
            }
        }
    }

    /// Appends a string of the heap.
    pub fn push_string(&mut self, heap: &Heap, string: JsString) {
        self.push_units(string.units(heap));
    }

    /// Appends text.
    pub fn push_str(&mut self, text: &str) {
        if text.is_ascii() {
            self.push_units(Units::Latin1(text.as_bytes()));
        } else {
            for unit in text.encode_utf16() {
                self.push_unit(unit);
            }
        }
    }

    /// The units so far.
    pub fn units(&self) -> Units<'_> {
        match self {
            StringBuilder::Latin1(units) => Units::Latin1(units),
            StringBuilder::Utf16(units) => Units::Utf16(units),
        }
    }

    /// The string.
    pub fn finish(self, heap: &Heap) -> JsString {
        heap.new_units(self.units())
    }
}
