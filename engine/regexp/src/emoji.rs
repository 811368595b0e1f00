//! Properties of strings (v flag). https://tc39.es/ecma262/#table-binary-unicode-properties-of-strings
//!
//! The ICU crates know properties of code points only. Basic emoji, keycaps and modifier sequences follow from those; flags, tags and
//! sequences with ZERO WIDTH JOINER follow the small grammars of UTS #51 (https://www.unicode.org/reports/tr51/, Emoji 17.0), written out here.

use crate::charset::CharSet;
use icu_properties::props::{Emoji, EmojiComponent, EmojiModifierBase, EmojiPresentation, RegionalIndicator};
use icu_properties::{CodePointSetData, CodePointSetDataBorrowed};

type Strings = Vec<Vec<u32>>;

const JOINER: u32 = 0x200D;
/// VARIATION SELECTOR-16: asks for the emoji form.
const EMOJI_FORM: u32 = 0xFE0F;
/// The five skin tones.
const TONES: [u32; 5] = [0x1F3FB, 0x1F3FC, 0x1F3FD, 0x1F3FE, 0x1F3FF];
const MAN: u32 = 0x1F468;
const WOMAN: u32 = 0x1F469;
const PERSON: u32 = 0x1F9D1;
const BOY: u32 = 0x1F466;
const GIRL: u32 = 0x1F467;
const CHILD: u32 = 0x1F9D2;
const HEART: u32 = 0x2764;
const KISS: u32 = 0x1F48B;

/// Regions with a flag: ISO 3166-1, and the exceptional AC, CP, CQ, DG, EA, EU, IC, TA, UN, XK.
const REGIONS: &str = "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
    CA CC CD CF CG CH CI CK CL CM CN CO CP CQ CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ \
    NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ \
    UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// The single characters and the longer strings of the property called `name`, where it exists.
pub(crate) fn property_of_strings(name: &str) -> Option<(CharSet, Strings)> {
    let strings = match name {
        "Basic_Emoji" => return Some(basic()),
        "Emoji_Keycap_Sequence" => keycaps(),
        "RGI_Emoji_Modifier_Sequence" => modifier_sequences(),
        "RGI_Emoji_Flag_Sequence" => flags(),
        "RGI_Emoji_Tag_Sequence" => tags(),
        "RGI_Emoji_ZWJ_Sequence" => joined(),
        "RGI_Emoji" => {
            let (singles, mut strings) = basic();
            [keycaps(), modifier_sequences(), flags(), tags(), joined()].into_iter().for_each(|more| strings.extend(more));
            return Some((singles, strings));
        }
        _ => return None,
    };
    Some((CharSet::new(), strings))
}

fn set_of(data: CodePointSetDataBorrowed<'static>) -> CharSet {
    CharSet::from_ranges(data.iter_ranges().map(|r| (*r.start(), *r.end())))
}

// UTS #51, ED-20 basic emoji set, https://www.unicode.org/reports/tr51/#def_basic_emoji_set
fn basic() -> (CharSet, Strings) {
    let presentation = set_of(CodePointSetData::new::<EmojiPresentation>());
    let singles = presentation.subtract(&set_of(CodePointSetData::new::<RegionalIndicator>()));
    let component = set_of(CodePointSetData::new::<EmojiComponent>());
    let text = set_of(CodePointSetData::new::<Emoji>()).subtract(&presentation).subtract(&component);
    (singles, text.iter().map(|c| vec![c, EMOJI_FORM]).collect())
}

// UTS #51, ED-14c emoji keycap sequence, https://www.unicode.org/reports/tr51/#def_emoji_keycap_sequence
fn keycaps() -> Strings {
    "#*0123456789".chars().map(|c| vec![c as u32, EMOJI_FORM, 0x20E3]).collect()
}

// UTS #51, ED-13 emoji modifier sequence, https://www.unicode.org/reports/tr51/#def_emoji_modifier_sequence
fn modifier_sequences() -> Strings {
    let bases = set_of(CodePointSetData::new::<EmojiModifierBase>());
    bases.iter().flat_map(|base| TONES.map(|tone| vec![base, tone])).collect()
}

// UTS #51, ED-14 emoji flag sequence, https://www.unicode.org/reports/tr51/#def_emoji_flag_sequence
fn flags() -> Strings {
    REGIONS.split_whitespace().map(|region| region.bytes().map(|letter| 0x1F1E6 + u32::from(letter - b'A')).collect()).collect()
}

// UTS #51, ED-14a emoji tag sequence, https://www.unicode.org/reports/tr51/#def_emoji_tag_sequence
fn tags() -> Strings {
    // England, Scotland, Wales.
    let tag = |subdivision: &str| {
        let letters = subdivision.bytes().map(|letter| 0xE0000 + u32::from(letter));
        std::iter::once(0x1F3F4).chain(letters).chain([0xE007F]).collect()
    };
    ["gbeng", "gbsct", "gbwls"].map(tag).to_vec()
}

/// A person without and with each skin tone.
fn toned(person: u32) -> Strings {
    std::iter::once(vec![person]).chain(TONES.map(|tone| vec![person, tone])).collect()
}

/// `elements` with joiners between them.
fn join(elements: &[&[u32]]) -> Vec<u32> {
    elements.join(&JOINER)
}

// UTS #51, ED-16 emoji zwj sequence, https://www.unicode.org/reports/tr51/#def_emoji_zwj_sequence
fn joined() -> Strings {
    let mut out = Strings::new();
    families(&mut out);
    couples(&mut out);
    roles(&mut out);
    gendered(&mut out);
    others(&mut out);
    out
}

fn families(out: &mut Strings) {
    let children: [&[u32]; 5] = [&[BOY], &[GIRL], &[GIRL, BOY], &[BOY, BOY], &[GIRL, GIRL]];
    let parents: [&[u32]; 5] = [&[MAN], &[WOMAN], &[MAN, WOMAN], &[WOMAN, WOMAN], &[MAN, MAN]];
    let neutral_children: [&[u32]; 2] = [&[CHILD], &[CHILD, CHILD]];
    let neutral_parents: [&[u32]; 2] = [&[PERSON], &[PERSON, PERSON]];
    let mut add = |parents: &[&[u32]], children: &[&[u32]]| {
        for (parents, children) in parents.iter().flat_map(|p| children.iter().map(move |c| (p, c))) {
            let members: Vec<[u32; 1]> = parents.iter().chain(*children).map(|&member| [member]).collect();
            out.push(join(&members.iter().map(|m| m.as_slice()).collect::<Vec<_>>()));
        }
    };
    add(&parents, &children);
    add(&neutral_parents, &neutral_children);
}

/// Two people around something. Where both have the same tone and a character for the couple exists, a modifier on that is used instead.
fn couples(out: &mut Strings) {
    #[derive(PartialEq)]
    enum Tones {
        All,
        Different,
    }
    let mut add = |left: u32, middle: &[u32], right: u32, tones: Tones| {
        for (i, a) in TONES.into_iter().enumerate() {
            for (j, b) in TONES.into_iter().enumerate() {
                if i != j || tones == Tones::All {
                    let (left, right): (&[u32], &[u32]) = (&[left, a], &[right, b]);
                    out.push(if middle.is_empty() { join(&[left, right]) } else { join(&[left, middle, right]) });
                }
            }
        }
    };
    let heart: &[u32] = &[HEART, EMOJI_FORM];
    let kiss: &[u32] = &[HEART, EMOJI_FORM, JOINER, KISS];
    for (left, right) in [(MAN, MAN), (WOMAN, MAN), (WOMAN, WOMAN)] {
        add(left, heart, right, Tones::All);
        add(left, kiss, right, Tones::All);
        // Holding hands.
        add(left, &[0x1F91D], right, Tones::Different);
    }
    add(PERSON, heart, PERSON, Tones::Different);
    add(PERSON, kiss, PERSON, Tones::Different);
    add(PERSON, &[0x1F91D], PERSON, Tones::All);
    for person in [MAN, WOMAN, PERSON] {
        // People with bunny ears, people wrestling.
        add(person, &[0x1F430], person, Tones::Different);
        add(person, &[0x1FAEF], person, Tones::Different);
    }
    // Handshake of two hands.
    add(0x1FAF1, &[], 0x1FAF2, Tones::Different);
    for (left, right) in [(MAN, MAN), (WOMAN, MAN), (WOMAN, WOMAN)] {
        out.push(join(&[&[left], heart, &[right]]));
        out.push(join(&[&[left], kiss, &[right]]));
    }
    out.push(join(&[&[PERSON], &[0x1F91D], &[PERSON]]));
}

fn roles(out: &mut Strings) {
    // Occupations and hair styles.
    const OBJECTS: [u32; 18] = [
        0x1F33E, 0x1F373, 0x1F37C, 0x1F393, 0x1F3A4, 0x1F3A8, 0x1F3EB, 0x1F3ED, 0x1F4BB, 0x1F4BC, 0x1F527, 0x1F52C, 0x1F680, 0x1F692,
        0x1F9B0, 0x1F9B1, 0x1F9B2, 0x1F9B3,
    ];
    // Health worker, judge, pilot.
    const TEXT_OBJECTS: [u32; 3] = [0x2695, 0x2696, 0x2708];
    // White cane and wheelchairs, which may face right.
    const AIDS: [u32; 3] = [0x1F9AF, 0x1F9BC, 0x1F9BD];
    // Mx Claus, ballet dancer.
    const NEUTRAL_OBJECTS: [u32; 2] = [0x1F384, 0x1FA70];
    for person in [MAN, WOMAN, PERSON] {
        for base in toned(person) {
            out.extend(OBJECTS.map(|object| join(&[&base, &[object]])));
            out.extend(TEXT_OBJECTS.map(|object| join(&[&base, &[object, EMOJI_FORM]])));
            out.extend(AIDS.map(|aid| join(&[&base, &[aid]])));
            out.extend(AIDS.map(|aid| join(&[&base, &[aid], &[0x27A1, EMOJI_FORM]])));
            if person == PERSON {
                out.extend(NEUTRAL_OBJECTS.map(|object| join(&[&base, &[object]])));
            }
        }
    }
}

/// People doing something, with a sign for their gender; three of them may face right.
fn gendered(out: &mut Strings) {
    const ACTIVITIES: &[(u32, u32)] = &[
        (0x1F3C3, 0x1F3C4),
        (0x1F3CA, 0x1F3CC),
        (0x1F46E, 0x1F471),
        (0x1F473, 0x1F473),
        (0x1F477, 0x1F477),
        (0x1F481, 0x1F482),
        (0x1F486, 0x1F487),
        (0x1F575, 0x1F575),
        (0x1F645, 0x1F647),
        (0x1F64B, 0x1F64B),
        (0x1F64D, 0x1F64E),
        (0x1F6A3, 0x1F6A3),
        (0x1F6B4, 0x1F6B6),
        (0x1F926, 0x1F926),
        (0x1F935, 0x1F935),
        (0x1F937, 0x1F939),
        (0x1F93C, 0x1F93E),
        (0x1F9B8, 0x1F9B9),
        (0x1F9CD, 0x1F9CF),
        (0x1F9D4, 0x1F9D4),
        (0x1F9D6, 0x1F9DF),
        (0x26F9, 0x26F9),
    ];
    const FACING_RIGHT: [u32; 3] = [0x1F3C3, 0x1F6B6, 0x1F9CE];
    // Genies and zombies have no skin tone.
    const TONELESS: [u32; 2] = [0x1F9DE, 0x1F9DF];
    let presentation = set_of(CodePointSetData::new::<EmojiPresentation>());
    let arrow: &[u32] = &[0x27A1, EMOJI_FORM];
    for person in CharSet::from_ranges(ACTIVITIES.iter().copied()).iter() {
        let mut bases = if TONELESS.contains(&person) { vec![vec![person]] } else { toned(person) };
        if !presentation.contains(person) {
            bases[0].push(EMOJI_FORM);
        }
        for base in bases {
            let right = FACING_RIGHT.contains(&person);
            for gender in [0x2640, 0x2642] {
                let gender: &[u32] = &[gender, EMOJI_FORM];
                out.push(join(&[&base, gender]));
                if right {
                    out.push(join(&[&base, gender, arrow]));
                }
            }
            if right {
                out.push(join(&[&base, arrow]));
            }
        }
    }
}

fn others(out: &mut Strings) {
    let pairs: [(&[u32], &[u32]); 18] = [
        (&[0x1F344], &[0x1F7EB]),
        (&[0x1F34B], &[0x1F7E9]),
        (&[0x1F3F3, EMOJI_FORM], &[0x1F308]),
        (&[0x1F3F3, EMOJI_FORM], &[0x26A7, EMOJI_FORM]),
        (&[0x1F3F4], &[0x2620, EMOJI_FORM]),
        (&[0x1F408], &[0x2B1B]),
        (&[0x1F415], &[0x1F9BA]),
        (&[0x1F426], &[0x1F525]),
        (&[0x1F426], &[0x2B1B]),
        (&[0x1F43B], &[0x2744, EMOJI_FORM]),
        (&[0x1F441, EMOJI_FORM], &[0x1F5E8, EMOJI_FORM]),
        (&[0x1F62E], &[0x1F4A8]),
        (&[0x1F635], &[0x1F4AB]),
        (&[0x1F636], &[0x1F32B, EMOJI_FORM]),
        (&[0x1F642], &[0x2194, EMOJI_FORM]),
        (&[0x1F642], &[0x2195, EMOJI_FORM]),
        (&[0x26D3, EMOJI_FORM], &[0x1F4A5]),
        (&[HEART, EMOJI_FORM], &[0x1F525]),
    ];
    out.extend(pairs.map(|(a, b)| join(&[a, b])));
    out.push(join(&[&[HEART, EMOJI_FORM], &[0x1FA79]]));
}
