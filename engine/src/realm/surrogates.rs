//! Lone surrogates in source text. Parsers work on UTF-8, which cannot hold them, but text given to eval and Function may.
//!
//! Each is replaced by a private-use character from a block of 2048 that the text does not use otherwise. Such characters are no part of
//! any token but strings, templates, regular expressions and comments, as lone surrogates are; when code is linked, and when a function
//! shows its source, they become lone surrogates again. The source record says which block it was.

use crate::heap::Heap;
use crate::string::{JsString, Units};

/// First code points of the blocks to choose from, one after the other.
const FIRST_BLOCK: u32 = 0xF_0000;
const BLOCK: u32 = 0x800;
const BLOCKS: u32 = 62;
const FIRST_SURROGATE: u32 = 0xD800;

/// Source texts as UTF-8.
pub(crate) struct SourceTexts {
    /// In the order given.
    pub texts: Vec<String>,
    /// First of the 2048 code points that stand for surrogates; 0 when there are none.
    pub block: u32,
}

impl SourceTexts {
    /// Of strings that become parts of one source.
    pub fn new(heap: &Heap, strings: &[JsString]) -> SourceTexts {
        let has_lone = |string: &JsString| match string.units(heap) {
            Units::Latin1(_) => false,
            Units::Utf16(units) => char::decode_utf16(units.iter().copied()).any(|unit| unit.is_err()),
        };
        if !strings.iter().any(has_lone) {
            return SourceTexts { texts: strings.iter().map(|string| string.to_text(heap)).collect(), block: 0 };
        }
        let decoded = |string: &JsString| match string.units(heap) {
            Units::Latin1(units) => units.iter().map(|&unit| Ok(unit as char)).collect(),
            Units::Utf16(units) => {
                char::decode_utf16(units.iter().copied()).map(|unit| unit.map_err(|lone| lone.unpaired_surrogate())).collect()
            }
        };
        let all: Vec<Vec<Result<char, u16>>> = strings.iter().map(decoded).collect();
        // A text that uses every block gets replacement characters, as any text did that is no Unicode.
        let block = (0..BLOCKS).map(|i| FIRST_BLOCK + BLOCK * i).find(|&block| !uses(&all, block));
        let shown = |lone: u16| block.and_then(|block| char::from_u32(block + u32::from(lone) - FIRST_SURROGATE));
        let texts = all
            .iter()
            .map(|units| units.iter().map(|unit| unit.unwrap_or_else(|lone| shown(lone).unwrap_or(char::REPLACEMENT_CHARACTER))).collect())
            .collect();
        SourceTexts { texts, block: block.unwrap_or(0) }
    }
}

fn uses(texts: &[Vec<Result<char, u16>>], block: u32) -> bool {
    texts.iter().flatten().any(|unit| unit.is_ok_and(|c| stands_for(c, block).is_some()))
}

/// The surrogate that a character of a block stands for.
fn stands_for(c: char, block: u32) -> Option<u16> {
    let number = u32::from(c).checked_sub(block)?;
    (block != 0 && number < BLOCK).then(|| (FIRST_SURROGATE + number) as u16)
}

/// The units of a text with its surrogates put back; `None` when there are none.
pub(crate) fn restore(units: impl Iterator<Item = u16>, block: u32) -> Option<Vec<u16>> {
    if block == 0 {
        return None;
    }
    let mut restored = Vec::new();
    let mut any = false;
    for unit in char::decode_utf16(units) {
        match unit {
            Ok(c) => match stands_for(c, block) {
                Some(surrogate) => {
                    any = true;
                    restored.push(surrogate);
                }
                None => restored.extend_from_slice(c.encode_utf16(&mut [0; 2])),
            },
            Err(lone) => restored.push(lone.unpaired_surrogate()),
        }
    }
    any.then_some(restored)
}
