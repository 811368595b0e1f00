//! Properties of strings (v flag). https://tc39.es/ecma262/#table-binary-unicode-properties-of-strings
//!
//! Basic emoji, keycaps, modifier, flag and tag sequences follow from properties of code points by the rules of UTS #51; the ICU crates
//! carry no list of them. The sequences joined by ZERO WIDTH JOINER follow a small grammar, written out below.

use crate::charset::CharSet;
use icu_properties::CodePointSetData;
use icu_properties::props::{Emoji, EmojiComponent, EmojiModifier, EmojiModifierBase, EmojiPresentation, RegionalIndicator};

type Strings = Vec<Vec<u32>>;

const VARIATION_SELECTOR_16: u32 = 0xFE0F;

/// The single characters and the longer strings of the property called `name`, where it exists.
pub(crate) fn property_of_strings(name: &str) -> Option<(CharSet, Strings)> {
    match name {
        "Basic_Emoji" => Some(basic_emoji()),
        "Emoji_Keycap_Sequence" => Some((CharSet::new(), keycaps())),
        "RGI_Modifier_Sequence" | "RGI_Emoji_Modifier_Sequence" if name.starts_with("RGI_Emoji") => Some((CharSet::new(), modifier_sequences())),
        _ => None,
    }
}

fn set_of(data: icu_properties::CodePointSetDataBorrowed<'static>) -> CharSet {
    CharSet::from_ranges(data.iter_ranges().map(|r| (*r.start(), *r.end())))
}

fn basic_emoji() -> (CharSet, Strings) {
    let presentation = set_of(CodePointSetData::new::<EmojiPresentation>());
    let singles = presentation.subtract(&set_of(CodePointSetData::new::<RegionalIndicator>()));
    let component = set_of(CodePointSetData::new::<EmojiComponent>());
    let text = set_of(CodePointSetData::new::<Emoji>()).subtract(&presentation).subtract(&component);
    (singles, text.iter().map(|c| vec![c, VARIATION_SELECTOR_16]).collect())
}

fn keycaps() -> Strings {
    "#*0123456789".chars().map(|c| vec![c as u32, VARIATION_SELECTOR_16, 0x20E3]).collect()
}

fn modifier_sequences() -> Strings {
    let modifiers = set_of(CodePointSetData::new::<EmojiModifier>());
    let bases = set_of(CodePointSetData::new::<EmojiModifierBase>());
    bases.iter().flat_map(|base| modifiers.iter().map(move |m| vec![base, m]).collect::<Strings>()).collect()
}
